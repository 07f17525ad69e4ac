"""The assumptions of a transition: the same names as in its address (transition_assumptions.py), and the plans."""

from collections.abc import Mapping
from dataclasses import replace
from decimal import Decimal
from typing import Any

from django import forms
from django.forms.boundfield import BoundField

from budgets.forms.distributions import TEXT
from budgets.models import TransitionPlan
from budgets.models.amounts import MAX_AMOUNT
from budgets.scenario import MEANT_FOR
from budgets.transition import KINDS, SWITCHES
from budgets.transition_assumptions import (
    INDEX,
    KEYS,
    MOST_STEPS,
    SWITCH_FIELDS,
    WEIGHT,
    Assumptions,
    steps_in,
    switch_choices,
)
from jugendhilfe.lib.fields import GermanIntegerField, MoneyField, PercentField
from jugendhilfe.lib.formats import format_percent

# The select stands outside the <form>, whose fields answer while they are changed: another quota has other amounts.
OUTSIDE = {"form": "annahmen"}


class TransitionForm(forms.Form):
    """Bound to the completed parameters of an address; `assumptions` is what they say once they are valid."""

    use_required_attribute = False

    von = forms.ChoiceField(label="Quote aus", required=False, widget=forms.Select(OUTSIDE))
    art = forms.ChoiceField(label="Art des Übergangs", required=False, choices=tuple(KINDS.items()))
    betrag = MoneyField(label="Betrag ohne die Erhöhung in €", min_value=0, max_value=MAX_AMOUNT)
    erhoehung = MoneyField(
        label="Erhöhung in €", min_value=0, max_value=MAX_AMOUNT, help_text="Daraus wird der Ausgleich bezahlt."
    )
    schritte = GermanIntegerField(
        label="Zahl der Schritte (Jahre)",
        min_value=1,
        max_value=MOST_STEPS,
        help_text="In so vielen Jahren ist die Quote erreicht.",
    )
    schluessel = forms.ChoiceField(
        label="Schlüssel für das regionale Budget 1",
        required=False,
        choices=tuple(KEYS.items()),
        help_text="So verteilt sich auf die Regionen, was frei wird.",
    )
    gebunden = PercentField(
        label="Gebundener Anteil in %",
        required=False,
        min_value=0,
        max_value=100,
        decimal_places=3,
        help_text="So viel eines Budgets steht für feste Kosten bereit (für die Tragfähigkeit).",
    )

    def __init__(
        self,
        parameters: Mapping[str, str],
        *,
        sources: list[tuple[str, str]],
        first_year: int,
        regions: Mapping[int, str],
        start: Assumptions,
    ) -> None:
        super().__init__(parameters, auto_id="%s")
        self.start = start
        self.regions = regions
        self.years = [first_year + step for step in range(1, steps_in(parameters) + 1)]
        source = self.fields["von"]
        assert isinstance(source, forms.ChoiceField)
        source.choices = sources
        for step, year in enumerate(self.years, start=1):
            self.fields[f"{INDEX}{step}"] = PercentField(
                label=f"Index {year} in %", required=False, min_value=-50, max_value=100, decimal_places=3
            )
        for number, name in regions.items():
            self.fields[f"{WEIGHT}{number}"] = PercentField(
                label=f"{name} in %", required=False, min_value=0, max_value=100, decimal_places=4
            )
        for switch, name in SWITCH_FIELDS.items():
            self.fields[name] = forms.ChoiceField(
                label=SWITCHES[switch].label, required=False, choices=tuple(switch_choices(switch))
            )
        self.assumptions: Assumptions | None = None

    @property
    def meant_for_field(self) -> tuple[str, str]:
        return MEANT_FOR, self.start.source

    @property
    def indexes(self) -> list[BoundField]:
        return [self[f"{INDEX}{step}"] for step in range(1, len(self.years) + 1)]

    @property
    def weights(self) -> list[BoundField]:
        return [self[f"{WEIGHT}{number}"] for number in self.regions]

    @property
    def switches(self) -> list[tuple[str, str]]:
        """The open questions as they were answered, for a page that cannot ask them."""
        return [(name, str(self[name].value())) for name in SWITCH_FIELDS.values()]

    @property
    def own_key(self) -> bool:
        return bool(self["schluessel"].value() == "own")

    @property
    def says_something(self) -> bool:
        """There are errors or echoes that the next answer has to take away again."""
        return bool(self.errors) or any(getattr(field, "echo", None) for field in self.fields.values())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        weights = {number: cleaned.get(f"{WEIGHT}{number}") or Decimal(0) for number in self.regions}
        whole = sum(weights.values(), Decimal(0))
        if not self.errors and cleaned["schluessel"] == "own" and whole != 100:
            self.add_error(
                f"{WEIGHT}{next(iter(self.regions))}",
                f"Die Anteile der Regionen ergeben {format_percent(whole, 2)} statt {format_percent(100, 0)}.",
            )
        if self.errors:
            return cleaned
        # What is left empty stays as it was to start with.
        chosen = {switch: cleaned[name] for switch, name in SWITCH_FIELDS.items()}
        chosen |= {"kind": cleaned["art"], "key": cleaned["schluessel"], "bound": cleaned["gebunden"]}
        self.assumptions = replace(
            self.start,
            base=cleaned["betrag"],
            extra=cleaned["erhoehung"],
            steps=cleaned["schritte"],
            index=tuple(cleaned[f"{INDEX}{step}"] or Decimal(0) for step in range(1, len(self.years) + 1)),
            weights=weights,
            **{name: value for name, value in chosen.items() if value not in ("", None)},
        )
        return cleaned


class ProposeTransitionForm(forms.ModelForm[TransitionPlan]):
    class Meta:
        model = TransitionPlan
        fields = ("name", "reason")
        widgets = {"reason": forms.Textarea(TEXT)}


class BoundForm(forms.Form):
    """?gebunden= of a plan's page: how much of a budget stands ready for fixed costs."""

    gebunden = PercentField(
        label="Gebundener Anteil in %",
        required=False,
        min_value=0,
        max_value=100,
        decimal_places=3,
        initial=Decimal(100),
    )
