"""Forms about splitting the total: the assumptions of a comparison, the costs of the offices, a new mapping."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from itertools import groupby
from typing import Any

from django import forms
from django.forms.boundfield import BoundField

from budgets.forms.years import money
from budgets.models import BlockMapping, OfficeCosts
from budgets.split import BLOCKS, ByBlocks, BySpace, OnePercentage, Rule
from budgets.split_reading import Splittable
from jugendhilfe.lib.fields import PercentField
from jugendhilfe.lib.formats import format_euro
from jugendhilfe.lib.forms import RangeInput, SeenForm
from regions.models import Office

SPACE = "a-"
TO_START_WITH = "80"
ONE, EACH = "Ein Anteil für alle", "Ein Anteil je Sozialraum"


def percent(label: str, **options: Any) -> PercentField:
    return PercentField(label=label, min_value=0, max_value=100, decimal_places=3, **options)


class SplitForm(forms.Form):
    """?anteil=80&a-033550009=75&zuordnung=1&kosten=2026: what an address leaves out is completed, what is unknown in
    it dropped.
    """

    use_required_attribute = False

    anteil = percent(
        "Gebundener Anteil für alle in %",
        widget=RangeInput(low=0, high=100, unit="%"),
        help_text="So viel von jedem Betrag ist gebundenes Budget, der Rest geht in das regionale Budget 1.",
    )
    zuordnung = forms.TypedChoiceField(label="Zuordnung der Kostenblöcke", coerce=int, required=False)
    kosten = forms.TypedChoiceField(label="Kosten der Büros aus", coerce=int, required=False)

    def __init__(self, given: Mapping[str, str], *, basis: Splittable) -> None:
        self.basis = basis
        self.spaces = {portion.space: portion.space_name for portion in basis.portions}
        choices: dict[str, list[tuple[str, str]]] = {
            "zuordnung": [
                (str(mapping.version), f"Fassung {mapping.version}: {shares_in_words(basis.mapping(mapping.version))}")
                for mapping in basis.mappings
            ],
            "kosten": [(str(year), str(year)) for year in basis.cost_years],
        }
        starts = {"zuordnung": choices["zuordnung"][0][0] if basis.mappings else "", "kosten": basis.usual_cost_year}
        data = {"anteil": TO_START_WITH, **given}
        for name, start in starts.items():
            if data.get(name) not in dict(choices[name]):
                data[name] = str(start or "")
        super().__init__(data, auto_id="%s")
        for name, options in choices.items():
            if options:
                self.fields[name].choices = options  # type: ignore[attr-defined]
            else:
                del self.fields[name]
        for key, name in self.spaces.items():
            self.fields[SPACE + key] = percent(f"{name}, in %", required=False)

    @property
    def per_space(self) -> list[BoundField]:
        return [self[SPACE + key] for key in self.spaces]

    @property
    def per_space_has_errors(self) -> bool:
        return any(field.errors for field in self.per_space)

    @property
    def rules(self) -> dict[str, Rule]:
        """By the name of the variant; only for a valid form."""
        data, basis = self.cleaned_data, self.basis
        each = {key: data[SPACE + key] if data[SPACE + key] is not None else data["anteil"] for key in self.spaces}
        rules: dict[str, Rule] = {ONE: OnePercentage(data["anteil"]), EACH: BySpace(each)}
        if basis.costs is not None:
            year = data.get("kosten")
            rules["Nach Kostenblöcken"] = ByBlocks(basis.costs.get(year, {}) if year else {}, self.mapping)
        return rules

    @property
    def mapping(self) -> Mapping[str, Decimal]:
        """The version that is chosen; only for a valid form."""
        return self.basis.mapping(self.cleaned_data.get("zuordnung") or None)

    @property
    def assumptions(self) -> list[tuple[str, str]]:
        """What was assumed, in words, for downloads."""
        fields = (field for field in self if field.data not in (None, ""))
        return [(str(field.label), _in_words(field)) for field in fields]


def _in_words(field: BoundField) -> str:
    if isinstance(field.field, forms.ChoiceField):
        return str(dict(field.field.choices)[field.data])  # type: ignore[arg-type]
    return str(field.data)


def shares_in_words(mapping: Mapping[str, Decimal]) -> str:
    """Betriebskosten 100 %, Sachkosten 100 %, …"""
    shares = ((label, mapping[block].normalize()) for block, label in BLOCKS.items())
    return ", ".join(f"{label} {share:f}\u00a0%".replace(".", ",") for label, share in shares)


class MappingForm(forms.ModelForm[BlockMapping]):
    """A new version, starting from the one before it."""

    operating, material, network, projects = (percent(f"{label}: gebunden in %") for label in BLOCKS.values())

    class Meta:
        model = BlockMapping
        fields = (*BLOCKS, "reason")
        widgets = {"reason": forms.Textarea(attrs={"rows": 4})}
        help_texts = {"reason": "Wer hat das wann so vereinbart, und warum?"}


LABELS = {**BLOCKS, "fixed": "anerkannte Fixkosten"}
FIELDS = tuple(LABELS)


class CostsForm(SeenForm, forms.Form):
    """The costs of all offices in a year; a line without any amount means that none are known."""

    source = forms.CharField(
        label="Quelle der Änderung",
        max_length=300,
        help_text="Woher die geänderten Zahlen kommen, zum Beispiel „Kostenaufstellung des Trägers vom 15.01.2026“.",
    )

    def __init__(self, *args: Any, offices: Iterable[Office], held: Mapping[int, OfficeCosts], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offices = list(offices)
        for office in self.offices:
            costs = held.get(office.pk)
            for name in FIELDS:
                label = f"{office.space.name}: {LABELS[name]}"
                initial = getattr(costs, name) if costs else None
                self.fields[self._key(office, name)] = money(label, required=False, initial=initial)

    heads = tuple(LABELS.values())

    @staticmethod
    def _key(office: Office, name: str) -> str:
        return f"{name}-{office.pk}"

    def regions(self) -> list[tuple[str, list[tuple[Office, list[BoundField]]]]]:
        """The fields by region and office."""
        return [
            (region.name, [(office, [self[self._key(office, name)] for name in FIELDS]) for office in offices])
            for region, offices in groupby(self.offices, key=lambda office: office.space.region)
        ]

    @property
    def costs(self) -> dict[int, dict[str, Decimal | None]]:
        """By office and field; for an office without any amount all are None."""
        return {
            office.pk: {name: self.cleaned_data[self._key(office, name)] for name in FIELDS} for office in self.offices
        }

    @property
    def readings(self) -> list[str]:
        """How amounts that could be read in two ways were understood."""
        return [
            f"{field.label}: verstanden als {format_euro(self.cleaned_data[name])}"
            for name, field in self.fields.items()
            if getattr(field, "echo", None)
        ]
