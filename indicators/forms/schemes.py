"""Drafting a weighting scheme on one page: settings, up to six dimensions, one line per indicator in use.

An indicator belongs to the scheme once it has a weight; so no line has to be added or removed, with or without
JavaScript.
"""

from collections.abc import Iterable, Mapping
from typing import Any

from django import forms
from django.forms.boundfield import BoundField

from indicators.models import (
    Aggregation,
    CountyValues,
    Direction,
    GapChoice,
    Indicator,
    Method,
    SchemeDimension,
    SchemeIndicator,
    Transform,
    WeightingScheme,
)
from indicators.services.schemes import DimensionEntry, MemberEntry
from jugendhilfe.lib.fields import GermanDecimalField
from jugendhilfe.lib.forms import DateField, SeenForm

SLOTS = tuple(str(number) for number in range(1, 7))


class SettingsForm(SeenForm, forms.ModelForm[WeightingScheme]):
    """What holds for the scheme as a whole."""

    spread = GermanDecimalField(
        label="Spreizung",
        help_text="Nur beim Verfahren „Standardisiert“: So viel macht eine Standardabweichung aus, zum Beispiel 0,15.",
        initial=WeightingScheme._meta.get_field("spread").get_default,
        max_digits=5,
        decimal_places=4,
        min_value=0,
    )
    factor_min = GermanDecimalField(
        label="kleinster Faktor",
        help_text="Zwischen 0 und 1; leer heißt ohne Grenze.",
        max_digits=5,
        decimal_places=4,
        min_value=0,
        max_value=1,
        required=False,
    )
    factor_max = GermanDecimalField(
        label="größter Faktor",
        help_text="Mindestens 1; leer heißt ohne Grenze.",
        max_digits=5,
        decimal_places=4,
        min_value=1,
        required=False,
    )

    class Meta:
        model = WeightingScheme
        fields = (
            "name",
            "population",
            "method",
            "spread",
            "aggregation",
            "county_values",
            "factor_min",
            "factor_max",
            "note",
        )
        widgets = {
            "method": forms.RadioSelect,
            "aggregation": forms.RadioSelect,
            "county_values": forms.RadioSelect,
            "note": forms.Textarea(attrs={"rows": 3}),
        }
        help_texts = {
            "name": "Fassungen mit demselben Namen lösen einander ab.",
            "method": "Verhältnis: Wert geteilt durch den Wert aller Sozialräume. Standardisiert: Abstand vom Mittel "
            "in Standardabweichungen. Feste Eckwerte: Lage zwischen einem unteren und einem oberen Wert.",
            "aggregation": "So werden die Bewertungen oberster Stufe zusammengefasst. Arithmetisch: Hohe und niedrige "
            "gleichen einander voll aus. Geometrisch: Sie gleichen einander nur zum Teil aus.",
            "county_values": "Festgehalten: Verglichen wird immer mit den Kreiswerten des Tages der Festlegung; so "
            "bleibt der Index über die Jahre vergleichbar.",
        }

    fieldsets = (
        ("Grunddaten", ("name", "population", "note")),
        ("Verfahren", ("method", "spread", "aggregation", "county_values")),
        ("Begrenzung der Faktoren", ("factor_min", "factor_max")),
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices: Mapping[str, Any] = {
            "method": Method.choices,
            "aggregation": Aggregation.choices,
            "county_values": CountyValues.choices,
        }
        for name, values in choices.items():
            self.fields[name].choices = values  # type: ignore[attr-defined]
        # The version is counted per name, so the name is the identity of all versions.
        self.fields["name"].disabled = self.instance.pk is not None


class DimensionForm(SeenForm, forms.Form):
    """One of the dimensions; an empty name means it is not used."""

    name = forms.CharField(label="Name", max_length=80, required=False)
    weight = GermanDecimalField(label="Gewicht (Punkte)", max_digits=7, decimal_places=4, min_value=0, required=False)
    aggregation = forms.ChoiceField(label="Zusammenfassung", choices=Aggregation.choices, required=False)

    def __init__(self, data: Any, *, slot: str, initial: Mapping[str, Any]) -> None:
        super().__init__(data, prefix=f"dimension-{slot}", initial=dict(initial))
        self.slot = slot
        self.seen_name = f"Dimension {slot}"

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if data.get("name") and data.get("weight") is None and "weight" not in self.errors:
            self.add_error("weight", "Bitte geben Sie das Gewicht der Dimension an.")
        return data

    @property
    def entry(self) -> DimensionEntry | None:
        data = self.cleaned_data
        if not data["name"]:
            return None
        return DimensionEntry(
            slot=self.slot,
            name=data["name"],
            weight=data["weight"],
            aggregation=data["aggregation"] or Aggregation.ARITHMETIC,
        )


class MemberForm(SeenForm, forms.Form):
    """One indicator; without a weight it is not part of the scheme."""

    weight = GermanDecimalField(
        label="Gewicht (Punkte)",
        max_digits=7,
        decimal_places=4,
        min_value=0,
        required=False,
    )
    slot = forms.ChoiceField(label="Dimension", required=False)
    transform = forms.ChoiceField(label="Umformung", choices=Transform.choices, required=False)
    low = GermanDecimalField(label="unterer Eckwert", max_digits=16, decimal_places=4, required=False)
    high = GermanDecimalField(label="oberer Eckwert", max_digits=16, decimal_places=4, required=False)
    reason = forms.CharField(label="Begründung des Gewichts", widget=forms.Textarea(attrs={"rows": 2}), required=False)

    def __init__(
        self, data: Any, *, indicator: Indicator, slots: Mapping[str, str], initial: Mapping[str, Any]
    ) -> None:
        super().__init__(data, prefix=f"indikator-{indicator.code}", initial=dict(initial))
        self.indicator = indicator
        self.seen_name = indicator.name
        self.fields["slot"].choices = [("", "ohne Dimension"), *slots.items()]  # type: ignore[attr-defined]

    @property
    def has_details(self) -> bool:
        """Whether the rarely used fields hold something, or an error."""
        rare = ("low", "high", "transform")
        unusual = [self[name].value() for name in rare if self[name].value() not in {None, "", Transform.NONE}]
        return bool(unusual or any(self[name].errors for name in rare))

    @property
    def direction(self) -> str:
        return Direction(self.indicator.direction).label

    @property
    def entry(self) -> MemberEntry | None:
        data = self.cleaned_data
        if data["weight"] is None:
            return None
        return MemberEntry(
            indicator=self.indicator,
            weight=data["weight"],
            slot=data["slot"],
            transform=data["transform"] or Transform.NONE,
            low=data["low"],
            high=data["high"],
            reason=data["reason"],
        )


class SchemeEditor:
    """The forms of the page taken together; `scheme` None starts a new one."""

    def __init__(self, data: Any, *, scheme: WeightingScheme | None) -> None:
        dimensions = list(scheme.dimensions.all()) if scheme else []
        members = (
            {member.indicator_id: member for member in scheme.members.select_related("indicator")} if scheme else {}
        )
        slot_of = {dimension.pk: slot for slot, dimension in zip(SLOTS, dimensions, strict=False)}
        names = {slot: f"Dimension {slot}" for slot in SLOTS} | {
            slot_of[dimension.pk]: f"{slot_of[dimension.pk]}: {dimension.name}" for dimension in dimensions
        }
        self.settings = SettingsForm(data, instance=scheme)
        self.dimensions = [
            DimensionForm(
                data, slot=slot, initial=_of_dimension(dimensions[number] if number < len(dimensions) else None)
            )
            for number, slot in enumerate(SLOTS)
        ]
        self.members = [
            MemberForm(data, indicator=indicator, slots=names, initial=_of_member(members.get(indicator.pk), slot_of))
            for indicator in _offered(members.values())
        ]

    @property
    def settings_groups(self) -> list[tuple[str, list[BoundField]]]:
        return [(legend, [self.settings[name] for name in names]) for legend, names in SettingsForm.fieldsets]

    @property
    def has_dimensions(self) -> bool:
        """Whether the second level is in use, or has been filled in."""
        return any(form["name"].value() or (form.is_bound and form.errors) for form in self.dimensions)

    @property
    def forms(self) -> list[forms.BaseForm]:
        return [self.settings, *self.dimensions, *self.members]

    def is_valid(self) -> bool:
        valid = [form.is_valid() for form in self.forms]
        if all(valid):
            self._check_together()
        return not any(form.errors for form in self.forms)

    def entries(self) -> dict[str, Any]:
        """What the service takes."""
        fields = SettingsForm.Meta.fields
        return {
            "settings": {name: self.settings.cleaned_data[name] for name in fields},
            "dimensions": [entry for entry in (form.entry for form in self.dimensions) if entry],
            "members": [entry for entry in (form.entry for form in self.members) if entry],
        }

    def _check_together(self) -> None:
        members = [(form, form.entry) for form in self.members]
        dimensions = [(form, form.entry) for form in self.dimensions]
        used = {chosen.slot for _, chosen in members if chosen}
        named = {entry.slot for _, entry in dimensions if entry}
        for dimension, entry in dimensions:
            if entry and entry.slot not in used:
                dimension.add_error("name", "Dieser Dimension ist kein Indikator zugeordnet.")
        for member, chosen in members:
            if chosen and chosen.slot and chosen.slot not in named:
                member.add_error("slot", "Diese Dimension hat noch keinen Namen.")
        if not any(chosen and chosen.weight for _, chosen in members):
            self.settings.add_error(None, "Bitte geben Sie mindestens einem Indikator ein Gewicht.")

    @property
    def errors(self) -> bool:
        """For the title of the page."""
        return any(form.is_bound and form.errors for form in self.forms)


class ReasonForm(forms.Form):
    reason = forms.CharField(label="Begründung", max_length=300, widget=forms.Textarea(attrs={"rows": 3}))


class AdoptForm(forms.Form):
    legal_basis = forms.CharField(
        label="Grundlage der Festlegung",
        help_text="Zum Beispiel: Beschluss 2025/124 des Jugendhilfeausschusses vom 13.08.2025.",
        max_length=300,
    )


class AsOfForm(forms.Form):
    as_of = DateField(
        label="Daten bis", help_text="Es zählt der jeweils neueste übernommene Datenstand bis zu diesem Tag."
    )


class GapForm(forms.Form):
    """What is done about one missing value."""

    choice = forms.ChoiceField(label="Umgang", choices=GapChoice.choices, widget=forms.RadioSelect)
    estimate = GermanDecimalField(
        label="geschätzter Wert", help_text="Nur bei einer Schätzung.", max_digits=20, decimal_places=8, required=False
    )
    method = forms.CharField(
        label="Weg der Schätzung",
        help_text="In Worten: wie und von wem geschätzt wurde.",
        max_length=300,
        required=False,
    )
    reason = forms.CharField(label="Begründung", max_length=300, widget=forms.Textarea(attrs={"rows": 3}))

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        if data.get("choice") == GapChoice.ESTIMATE:
            if data.get("estimate") is None and "estimate" not in self.errors:
                self.add_error("estimate", "Bitte geben Sie den geschätzten Wert an.")
            if not data.get("method"):
                self.add_error("method", "Bitte schreiben Sie, wie und von wem geschätzt wurde.")
        return data


def _offered(members: Iterable[SchemeIndicator]) -> list[Indicator]:
    """Indicators in use, and those the scheme has already."""
    used = {member.indicator.pk: member.indicator for member in members}
    current = {indicator.pk: indicator for indicator in Indicator.objects.filter(is_archived=False)}
    return sorted((used | current).values(), key=lambda indicator: indicator.name)


def _of_dimension(dimension: SchemeDimension | None) -> dict[str, Any]:
    if dimension is None:
        return {}
    return {"name": dimension.name, "weight": dimension.weight, "aggregation": dimension.aggregation}


def _of_member(member: SchemeIndicator | None, slots: Mapping[int, str]) -> dict[str, Any]:
    if member is None:
        return {}
    return {
        "weight": member.weight,
        "slot": slots.get(member.dimension_id or 0, ""),
        "transform": member.transform,
        "low": member.low,
        "high": member.high,
        "reason": member.reason,
    }
