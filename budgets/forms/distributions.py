"""Forms for proposing and adopting distributions, and for keeping weights."""

import datetime as dt
from typing import Any

from django import forms

from budgets.models import BasisKind, DistributionModel, FiscalYear, LegalBasis
from budgets.services.distributions import YEARS_TO_REVIEW
from jugendhilfe.lib.forms import DateField

TEXT = {"rows": 3}
BASIS_FIELDS = ("kind", "number", "date", "body", "wording")


class ProposeForm(forms.ModelForm[DistributionModel]):
    class Meta:
        model = DistributionModel
        fields = ("name", "reason")
        widgets = {"reason": forms.Textarea(TEXT)}


class OfficesAndReplacementForm(forms.Form):
    """What every adoption asks for where it applies: spaces without an office, a distribution that stands already."""

    stays = forms.BooleanField(required=False)
    without_office = forms.CharField(
        label="Begründung, warum der Betrag ohne Büro bleibt", widget=forms.Textarea(TEXT), required=False
    )
    reason = forms.CharField(label="Grund der Ersetzung", widget=forms.Textarea(TEXT), required=False)

    def __init__(self, *args: Any, lacking: list[str], replaces: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["stays"].label = f"Der Betrag bleibt ohne Büro: {', '.join(lacking)}"
        if not lacking:
            del self.fields["stays"], self.fields["without_office"]
        if not replaces:
            del self.fields["reason"]

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if "stays" in self.fields and not cleaned.get("stays"):
            self.add_error("stays", "Bitte bestätigen Sie das, oder legen Sie zuerst das Büro an.")
        for name in ("without_office", "reason"):
            if name in self.fields and not cleaned.get(name):
                self.add_error(name, "Bitte nennen Sie den Grund.")
        return cleaned

    @property
    def decisions(self) -> dict[str, str]:
        """The two reasons as the services take them."""
        return {name: self.cleaned_data.get(name) or "" for name in ("without_office", "reason")}


class LegalBasisForm(forms.Form):
    """A legal basis that is entered already, or a new one."""

    basis = forms.ModelChoiceField(
        label="Rechtsgrundlage",
        queryset=LegalBasis.objects.all(),
        required=False,
        empty_label="neu erfassen",
        help_text="Eine schon erfasste, oder „neu erfassen“ und die folgenden Angaben.",
    )
    kind = forms.ChoiceField(label="Art", choices=BasisKind, required=False)
    number = forms.CharField(
        label="Nummer", max_length=40, required=False, help_text="Wie im Ratsinformationssystem, zum Beispiel 2025/124."
    )
    date = DateField(label="Datum", required=False)
    body = forms.CharField(label="Gremium oder Stelle", max_length=120, required=False)
    wording = forms.CharField(label="Wortlaut", widget=forms.Textarea({"rows": 5}), required=False)
    fieldsets: tuple[tuple[str, tuple[str, ...]], ...] = (("Rechtsgrundlage", ("basis", *BASIS_FIELDS)),)

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        if not cleaned.get("basis") and "basis" not in self.errors:
            for name in BASIS_FIELDS:
                if not cleaned.get(name) and name not in self.errors:
                    self.add_error(name, "Für eine neue Rechtsgrundlage bitte ausfüllen.")
        return cleaned

    @property
    def legal_basis(self) -> LegalBasis:
        """The chosen one, or a new one that is not saved yet."""
        data = self.cleaned_data
        return data["basis"] or LegalBasis(**{name: data[name] for name in BASIS_FIELDS})


class AdoptForm(LegalBasisForm, OfficesAndReplacementForm):
    review_on = DateField(label="Überprüfung bis", help_text="Üblich sind fünf Jahre.")
    # Errors are listed in the order of the page.
    field_order = ("basis", *BASIS_FIELDS, "review_on", "reason", "stays", "without_office")
    fieldsets = (
        *LegalBasisForm.fieldsets,
        ("Geltung", ("review_on", "reason")),
        ("Sozialräume ohne Büro", ("stays", "without_office")),
    )

    def __init__(self, *args: Any, year: int, lacking: list[str], replaces: bool, **kwargs: Any) -> None:
        initial = {"review_on": dt.date(year + YEARS_TO_REVIEW - 1, 12, 31)}
        super().__init__(*args, lacking=lacking, replaces=replaces, initial=initial, **kwargs)
        self.year = year
        if not lacking:
            self.fieldsets = self.fieldsets[:2]

    def clean_review_on(self) -> dt.date:
        review_on: dt.date = self.cleaned_data["review_on"]
        if review_on < dt.date(self.year, 1, 1):
            raise forms.ValidationError(f"Die Überprüfung liegt vor dem Haushaltsjahr {self.year}.")
        return review_on


class TargetYearForm(forms.Form):
    """Which later year a quota is applied to: its own step, because what else is asked depends on it."""

    jahr = forms.ModelChoiceField(
        label="Haushaltsjahr", queryset=FiscalYear.objects.none(), to_field_name="year", empty_label=None
    )

    def __init__(self, *args: Any, years: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["jahr"]
        assert isinstance(field, forms.ModelChoiceField)
        field.queryset = years
