"""The assumptions of a what-if: the same names as in its address (scenario.py)."""

from collections.abc import Iterable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from django import forms
from django.forms.boundfield import BoundField

from budgets.distribution import KINDS, DistributionError
from budgets.models import FiscalYear
from budgets.scenario import COLUMNS, MEANT_FOR, WEIGHT, Choice, Scenario, german
from indicators.inputs import Member
from indicators.models import WeightingScheme
from jugendhilfe.lib.fields import GermanDecimalField as NumberField
from jugendhilfe.lib.fields import MoneyField, PercentField
from jugendhilfe.lib.formats import format_euro
from jugendhilfe.lib.forms import RangeInput
from jugendhilfe.lib.money import CENT, UNITS

LARGEST_WEIGHT = Decimal("999.9999")
MODELS = (("", "– keines –"), *((kind.code, f"{kind.code} · {kind.name}") for kind in KINDS.values()))
# The selects stand outside the <form>, whose fields answer while they are changed: a new year asks for a new page.
OUTSIDE = {"form": "annahmen"}


class ComparisonForm(forms.Form):
    """Bound to the completed parameters of an address; `scenario` is what they say once they are valid."""

    use_required_attribute = False

    jahr = forms.TypedChoiceField(label="Haushaltsjahr", coerce=int, required=False, widget=forms.Select(OUTSIDE))
    schema = forms.TypedChoiceField(label="Gewichtungsschema", coerce=int, required=False, widget=forms.Select(OUTSIDE))
    betrag = MoneyField(label="Zu verteilender Betrag in €", min_value=Decimal("0.01"))
    index = PercentField(
        label="Steigerung gegenüber bisher in %",
        required=False,
        min_value=-100,
        max_value=1000,
        decimal_places=3,
        help_text="Schlägt nur einen Betrag vor.",
    )

    def __init__(
        self,
        parameters: Mapping[str, str],
        *,
        years: Iterable[FiscalYear],
        schemes: Iterable[WeightingScheme],
        members: Sequence[Member],
        start: Scenario,
    ) -> None:
        super().__init__(parameters, auto_id="%s")
        self.members = members
        self.start = start
        self._choices("jahr", [(year.year, f"{year.year} ({year.get_status_display()})") for year in years])
        self._choices("schema", [(scheme.pk, f"{scheme} ({scheme.get_status_display()})") for scheme in schemes])
        for member in members:
            self.fields[WEIGHT + member.code] = _weight_field(member, members)
        for number in COLUMNS:
            self.fields |= _column_fields(number)
        self.scenario: Scenario | None = None

    @property
    def meant_for_field(self) -> tuple[str, str]:
        return MEANT_FOR, self.start.meant_for

    @property
    def weights(self) -> list[BoundField]:
        return [self[WEIGHT + member.code] for member in self.members]

    @property
    def columns(self) -> list[tuple[int, list[tuple[str, BoundField]]]]:
        """Every column's fields, each with the name it has in all columns."""
        return [(n, [(name, self[f"{name}{n}"]) for name in _column_names()]) for n in COLUMNS]

    @property
    def columns_have_errors(self) -> bool:
        return any(f"{name}{n}" in self.errors for name in _column_names() for n in COLUMNS)

    @property
    def says_something(self) -> bool:
        """There are errors or echoes that the next answer has to take away again."""
        return bool(self.errors) or any(getattr(field, "echo", None) for field in self.fields.values())

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        choices = {n: choice for n in COLUMNS if (choice := self._choice(n, cleaned))}
        weights = {member.code: cleaned.get(WEIGHT + member.code) for member in self.members}
        if weights and not any(weights.values()) and not any(WEIGHT + code in self.errors for code in weights):
            self.add_error(WEIGHT + self.members[0].code, "Mindestens ein Gewicht muss größer als 0 sein.")
        if not choices and not self.errors:
            self.add_error("m1", "Bitte wählen Sie für mindestens eine Spalte ein Modell.")
        if not self.errors:
            self.scenario = Scenario(
                year=cleaned["jahr"] or self.start.year,
                scheme=cleaned["schema"] or self.start.scheme,
                amount=cleaned["betrag"],
                weights={code: weight or Decimal(0) for code, weight in weights.items()},
                choices=choices,
                index=cleaned["index"],
            )
        return cleaned

    def _choice(self, number: int, cleaned: dict[str, Any]) -> Choice | None:
        code = cleaned.get(f"m{number}")
        if not code or any(f"{name}{number}" in self.errors for name in _column_names()):
            return None
        free = KINDS[code].free
        base = cleaned[f"sockel{number}"] or Decimal(0)
        head = cleaned[f"koepfe{number}"] or Decimal(0)
        if "head" in free and base + head > 100:
            self.add_error(f"koepfe{number}", "Sockel und Köpfe ergeben zusammen mehr als 100\u00a0%.")
            return None
        choice = Choice(
            code=code,
            base_percent=base,
            head_percent=head,
            floor_percent=cleaned[f"verlust{number}"],
            cap_percent=cleaned[f"gewinn{number}"],
            unit=cleaned[f"rundung{number}"],
            gains_only=cleaned[f"nurgewinne{number}"],
        )
        try:
            choice.model()
        except DistributionError as error:
            self.add_error(f"m{number}", str(error))
            return None
        return choice

    def _choices(self, name: str, choices: list[tuple[int, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices


def _weight_field(member: Member, members: Sequence[Member]) -> NumberField:
    """A slider as long as the largest weight asks for, because a scheme may weigh in points, per cent or ones."""
    largest = max(other.weight for other in members)
    high, step = next(
        (high, step)
        for high, step in ((1, Decimal("0.01")), (10, Decimal("0.1")), (100, 1), (1000, 1))
        if largest <= high
    )
    return NumberField(
        label=member.short_name,
        required=False,
        min_value=0,
        max_value=LARGEST_WEIGHT,
        decimal_places=4,
        widget=RangeInput(low=0, high=high, step=step),
    )


def _column_names() -> tuple[str, ...]:
    return ("m", "sockel", "koepfe", "verlust", "gewinn", "nurgewinne", "rundung")


def _column_fields(number: int) -> dict[str, forms.Field]:
    share = {"required": False, "min_value": 0, "max_value": 100, "decimal_places": 4}
    return {
        f"m{number}": forms.ChoiceField(label="Modell", required=False, choices=MODELS),
        f"sockel{number}": PercentField(label="Sockel in %", widget=RangeInput(low=0, high=100), **share),
        f"koepfe{number}": PercentField(label="Nach Köpfen in %", widget=RangeInput(low=0, high=100), **share),
        f"verlust{number}": PercentField(
            label="Größter Verlust in %", required=False, min_value=0, max_value=100, decimal_places=3
        ),
        f"gewinn{number}": PercentField(
            label="Größter Gewinn in %", required=False, min_value=0, max_value=1000, decimal_places=3
        ),
        f"nurgewinne{number}": forms.BooleanField(
            label="Nur Gewinne kürzen", required=False, widget=forms.CheckboxInput({"value": "1"})
        ),
        f"rundung{number}": forms.TypedChoiceField(
            label="Rundung auf",
            required=False,
            empty_value=CENT,  # type: ignore[arg-type]
            coerce=lambda text: next(unit for unit in UNITS if german(unit) == text),
            choices=[(german(unit), format_euro(unit, 2 if unit < 1 else 0)) for unit in UNITS],
        ),
    }
