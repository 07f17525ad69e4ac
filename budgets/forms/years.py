"""Forms about fiscal years, their deductions and the amounts of the social spaces."""

from collections.abc import Iterable, Mapping
from decimal import Decimal
from itertools import groupby
from typing import Any

from django import forms
from django.forms.boundfield import BoundField

from budgets.models import MAX_AMOUNT, Deduction, FiscalYear, Product, YearStatus
from budgets.services.years import STATUS_CHANGES
from jugendhilfe.lib.fields import GermanIntegerField, MoneyField
from jugendhilfe.lib.formats import format_euro
from jugendhilfe.lib.forms import SeenForm
from regions.models import SocialSpace

FIRST_YEAR, LAST_YEAR = 2000, 2100


def money(label: str, *, lowest: Decimal = Decimal(0), **options: Any) -> MoneyField:
    """An amount from `lowest` up to MAX_AMOUNT."""
    return MoneyField(label=label, min_value=lowest, max_value=MAX_AMOUNT, max_digits=None, **options)


class YearForm(forms.Form):
    year = GermanIntegerField(label="Haushaltsjahr", min_value=FIRST_YEAR, max_value=LAST_YEAR)
    copy_of = forms.ModelChoiceField(
        label="Gesamtbeträge und Abzüge übernehmen aus",
        queryset=FiscalYear.objects.none(),
        required=False,
        empty_label="keinem Jahr, leer beginnen",
    )

    def __init__(self, *args: Any, years: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        copy_of = self.fields["copy_of"]
        assert isinstance(copy_of, forms.ModelChoiceField)
        copy_of.queryset = years
        if latest := years.first():
            self.initial = {"year": latest.year + 1, "copy_of": latest, **self.initial}


class TotalsForm(SeenForm, forms.Form):
    """The totals of a year; once it is no draft any more a change is explained."""

    total_family = money(
        "Sozialräumliches Gesamtbudget (363-200)", help_text="Davon gehen die Abzüge ab; der Rest wird verteilt."
    )
    total_help = money("Ambulante Hilfen (363-300)", help_text="Zur Information; wird nicht nach Quote verteilt.")
    note = forms.CharField(label="Erläuterung und Quelle", required=False, widget=forms.Textarea(attrs={"rows": 3}))
    reason = forms.CharField(label="Begründung der Änderung", max_length=300)

    def __init__(self, *args: Any, year: FiscalYear, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.initial = {"total_family": year.total_family, "total_help": year.total_help, "note": year.note}
        self.fields["reason"].required = year.status != YearStatus.DRAFT


class StatusForm(forms.Form):
    status = forms.ChoiceField(label="Neuer Haushaltsstatus", widget=forms.RadioSelect)
    reason = forms.CharField(
        label="Begründung", max_length=300, help_text="Zum Beispiel der Beschluss des Kreistages mit Datum."
    )

    def __init__(self, *args: Any, year: FiscalYear, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        status = self.fields["status"]
        assert isinstance(status, forms.ChoiceField)
        status.choices = [(following.value, following.label) for following in STATUS_CHANGES[year.status]]


class DeductionForm(SeenForm, forms.ModelForm):  # type: ignore[type-arg]
    amount = money("Betrag", lowest=Decimal("0.01"))

    class Meta:
        model = Deduction
        fields = ("product", "name", "amount", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["product"].help_text = f"Nur Abzüge von {Product.FAMILY} mindern den verteilten Betrag."

    def _get_validation_exclusions(self) -> set[str]:
        # The year is no field of the form, but the name must be unique in it.
        return super()._get_validation_exclusions() - {"year"}  # type: ignore[misc,no-any-return]


class ReasonForm(forms.Form):
    reason = forms.CharField(label="Begründung", max_length=300)


class AmountsForm(SeenForm, forms.Form):
    """One amount per social space; an empty field means that the space had none."""

    def __init__(self, *args: Any, spaces: Iterable[SocialSpace], held: Mapping[int, Decimal], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.spaces = {f"amount-{space.pk}": space for space in spaces}
        for name, space in self.spaces.items():
            self.fields[name] = money(str(space), required=False, initial=held.get(space.pk))

    def regions(self) -> list[tuple[str, list[BoundField]]]:
        """The fields by region, in the order of the spaces."""
        return [
            (region.name, [self[name] for name in names])
            for region, names in groupby(self.spaces, key=lambda name: self.spaces[name].region)
        ]

    @property
    def amounts(self) -> dict[int, Decimal | None]:
        """By primary key of the space."""
        return {space.pk: self.cleaned_data[name] for name, space in self.spaces.items()}

    @property
    def readings(self) -> list[str]:
        """How amounts that could be read in two ways were understood."""
        return [
            f"{space}: verstanden als {format_euro(self.cleaned_data[name])}"
            for name, space in self.spaces.items()
            if getattr(self.fields[name], "echo", None)
        ]
