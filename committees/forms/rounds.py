"""Forms of a round of points: opening it, the 100 points of a member, proposals and answers."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from fractions import Fraction
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.forms.boundfield import BoundField
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from committees.models import IndicatorProposal, PointSheet, ProposalAnswer, RoundIndicator, WeightRound
from committees.points import format_points
from committees.services.rounds import ALL_POINTS, START_FROM, rest_in_words
from indicators.models import Indicator, SchemeStatus, WeightingScheme
from jugendhilfe.lib.fields import GermanDecimalField
from jugendhilfe.lib.forms import DateField, RangeInput, SeenForm


class SchemeField(forms.ModelChoiceField[WeightingScheme]):
    """Versions with their state; the adopted one stands first."""

    def label_from_instance(self, obj: Any) -> str:
        return f"{obj} ({obj.get_status_display()})"


class RoundForm(SeenForm, forms.ModelForm[WeightRound]):
    """A new round or its changes; the rules are fixed once a sheet is handed in, the scheme from the start."""

    scheme = SchemeField(
        queryset=WeightingScheme.objects.none(),
        label="Ausgehend von",
        empty_label=None,
        help_text="Aus seinen Indikatoren besteht die Runde; weitere können Mitglieder vorschlagen.",
    )
    field_order = ("title", "scheme", "averaging", "shows_points", "closes_on")

    class Meta:
        model = WeightRound
        fields = ("title", "scheme", "averaging", "shows_points", "closes_on")
        field_classes = {"closes_on": DateField}
        help_texts = {
            "title": "Zum Beispiel „Gewichte 2027“.",
            "averaging": "Mittelwert: Alle Punkte gehen gleich ein. Median: Es zählt der mittlere Punktwert; einzelne "
            "sehr hohe oder sehr niedrige Punkte verschieben ihn kaum.",
            "closes_on": "Freiwillig. Die Runde endet nicht von selbst: Der Vorsitz schließt sie.",
        }

    def __init__(self, *args: Any, has_submitted: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is not None:
            del self.fields["scheme"]
            for name in ("averaging", "shows_points") if has_submitted else ():
                self.fields[name].disabled = True
                self.fields[name].help_text = "Bleibt, weil schon Punkte abgegeben sind."
            return
        schemes = WeightingScheme.objects.filter(status__in=START_FROM, members__isnull=False).distinct()
        found = sorted(schemes, key=lambda one: (START_FROM.index(SchemeStatus(one.status)), one.name, -one.version))
        self.fields["scheme"].queryset = schemes
        field = self.fields["scheme"]
        field.choices = [(one.pk, field.label_from_instance(one)) for one in found]

    def clean_closes_on(self) -> Any:
        day = self.cleaned_data["closes_on"]
        if day is not None and day < timezone.localdate() and "closes_on" in self.changed_data:
            raise forms.ValidationError("Dieser Tag ist schon vorbei.")
        return day


class PointsForm(forms.Form):
    """100 points over the indicators of a round. What is left empty counts as 0.

    `stand` is when the sheet was saved that the page was drawn from, `regel` the rules it was drawn with.
    """

    comment = forms.CharField(
        label="Anmerkung",
        required=False,
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
    )
    stand = forms.CharField(required=False, widget=forms.HiddenInput)
    regel = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        data: Any,
        *,
        round: WeightRound,
        indicators: Sequence[RoundIndicator],
        sheet: PointSheet | None,
        points: Mapping[int, Decimal],
        present: Mapping[int, Fraction],
        hand_in: bool = False,
    ) -> None:
        super().__init__(data)
        self.indicators, self.sheet, self.hand_in = indicators, sheet, hand_in
        self.rule = f"{round.averaging} {round.shows_points}"
        for one in indicators:
            self.fields[points_name(one.pk)] = GermanDecimalField(
                label=one.indicator.name,
                help_text=meaning(one, present),
                required=False,
                min_value=0,
                max_value=100,
                decimal_places=2,
                max_digits=5,
                widget=RangeInput(low=0, high=100, step=1, unit="Punkte"),
                initial=points.get(one.pk, Decimal(0)),
            )
        self.fields["comment"].initial = sheet.comment if sheet else ""
        self.fields["comment"].help_text = (
            "Freiwillig. Nach dem Schließen lesen sie das Gremium mit Ihrem Namen und der Landkreis ohne."
            if round.shows_points
            else "Freiwillig. Nach dem Schließen lesen sie das Gremium und der Landkreis, ohne Ihren Namen."
        )

    @property
    def point_fields(self) -> list[BoundField]:
        return [self[points_name(one.pk)] for one in self.indicators]

    @property
    def points(self) -> dict[int, Decimal]:
        """What can be read of the points, by key of the RoundIndicator."""
        names = {one.pk: points_name(one.pk) for one in self.indicators}
        if not self.is_bound:
            return {key: self.fields[name].initial for key, name in names.items()}
        return {key: self.cleaned_data.get(name) or Decimal(0) for key, name in names.items()}

    @property
    def rest(self) -> Decimal:
        return ALL_POINTS - sum(self.points.values(), Decimal(0))

    @property
    def rest_in_words(self) -> str:
        return rest_in_words(self.rest)

    @property
    def replaces_another_save(self) -> bool:
        """Something else was saved since the page was drawn, in another window perhaps."""
        if self.sheet is None or not self.changed_data:
            return False
        seen = parse_datetime(self.cleaned_data.get("stand") or "1970-01-01T00:00:00+00:00")
        changes = [name for name in self.changed_data if name not in {"stand", "regel"}]
        return bool(changes) and seen is not None and self.sheet.changed_at > seen

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if self.hand_in and not self.errors:
            if data.get("regel", self.rule) not in {"", self.rule}:
                self.add_error(
                    None,
                    "Der Vorsitz hat inzwischen geändert, wie gerechnet wird oder wer die Punkte sieht. Bitte lesen "
                    "Sie es oben nach und geben Sie dann noch einmal ab.",
                )
            elif self.rest:
                self.add_error(None, f"{self.rest_in_words} Abgeben lassen sich genau 100 Punkte.")
        return data


def points_name(key: int) -> str:
    return f"punkte-{key}"


def meaning(one: RoundIndicator, present: Mapping[int, Fraction]) -> str:
    """What an indicator measures, which way, and what it weighs so far."""
    indicator = one.indicator
    weight = present.get(one.indicator_id)
    weighs = "neu in dieser Runde" if weight is None else f"bisher {format_points(weight)} von 100"
    parts = (indicator.description, f"Einheit: {indicator.unit}; {indicator.get_direction_display()}; {weighs}.")
    return " ".join(part for part in parts if part)


class ProposalForm(forms.ModelForm[IndicatorProposal]):
    """An indicator of the county that the round lacks, or an idea."""

    class Meta:
        model = IndicatorProposal
        fields = ("indicator", "name", "source", "reason")
        widgets = {"reason": forms.Textarea(attrs={"rows": 4})}
        help_texts = {
            "indicator": "Ein Indikator, der schon angelegt ist, oder keiner davon.",
            "name": "Für eine neue Idee, zum Beispiel „Kinder in Haushalten mit Bürgergeld je 100 Kinder“.",
            "source": "Für eine neue Idee: eine amtliche Statistik, ein Bericht, eine eigene Zählung.",
            "reason": "Was zeigt er, das die anderen nicht zeigen?",
        }

    def __init__(self, *args: Any, indicators: QuerySet[Indicator], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choice = self.fields["indicator"]
        choice.queryset, choice.empty_label = indicators, "keiner davon: eine neue Idee"  # type: ignore[attr-defined]
        self.fields["name"].required = False

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        indicator = data.get("indicator")
        if indicator is not None:
            data["name"] = indicator.name
        elif not data.get("name") and "name" not in self.errors:
            self.add_error(
                "name", "Bitte wählen Sie oben einen Indikator oder schreiben Sie hier, was gemessen werden soll."
            )
        elif not data.get("source") and "source" not in self.errors:
            self.add_error("source", "Bitte sagen Sie, woher die Zahlen für eine neue Idee kommen können.")
        return data


class AnswerForm(forms.Form):
    """Taken up or declined, always with a reason."""

    answer = forms.ChoiceField(
        label="Antwort",
        choices=[(ProposalAnswer.TAKEN_UP, "aufnehmen"), (ProposalAnswer.DECLINED, "ablehnen")],
        widget=forms.RadioSelect,
    )
    indicator = forms.ModelChoiceField(
        Indicator.objects.none(),
        label="Angelegter Indikator",
        required=False,
        empty_label="Bitte wählen",
        help_text="Nur zum Aufnehmen. Fehlt er noch, legt ihn die Jugendhilfeplanung zuerst unter „Indikatoren“ an.",
    )
    reason = forms.CharField(
        label="Begründung",
        max_length=1000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="Alle im Gremium lesen sie.",
    )

    def __init__(self, *args: Any, indicators: QuerySet[Indicator], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["indicator"].queryset = indicators  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        data: dict[str, Any] = super().clean() or self.cleaned_data
        if (
            data.get("answer") == ProposalAnswer.TAKEN_UP
            and not data.get("indicator")
            and "indicator" not in self.errors
        ):
            self.add_error(
                "indicator", "Aufgenommen werden kann nur ein Indikator, der angelegt ist. Bitte wählen Sie ihn."
            )
        return data


def not_yet_in(round: WeightRound) -> QuerySet[Indicator]:
    """Indicators in use that no points are given for."""
    return Indicator.objects.in_use().exclude(pk__in=round.indicators.values("indicator"))
