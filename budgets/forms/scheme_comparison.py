"""Which two versions of a scheme are compared, and on which year's amount."""

from collections.abc import Iterable
from typing import Any

from django import forms

from budgets.models import FiscalYear
from indicators.models import WeightingScheme


class VersionsForm(forms.Form):
    use_required_attribute = False

    alt = forms.TypedChoiceField(label="Von", coerce=int, required=False)
    neu = forms.TypedChoiceField(label="Zu", coerce=int, required=False)
    jahr = forms.TypedChoiceField(label="Betrag des Haushaltsjahrs", coerce=int, required=False)

    def __init__(self, data: Any, *, schemes: Iterable[WeightingScheme], years: Iterable[FiscalYear]) -> None:
        super().__init__(data)
        choices = [(scheme.pk, f"{scheme} ({scheme.get_status_display()})") for scheme in schemes]
        for name in ("alt", "neu"):
            self._choices(name, choices)
        self._choices("jahr", [(year.year, str(year.year)) for year in years])

    def _choices(self, name: str, choices: list[tuple[int, str]]) -> None:
        field = self.fields[name]
        assert isinstance(field, forms.ChoiceField)
        field.choices = choices
