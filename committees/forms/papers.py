"""Forms for papers and their parts."""

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Q
from django.forms import BaseFormSet, formset_factory

from budgets.models import (
    AdoptedDistribution,
    DistributionModel,
    FiscalYear,
    Product,
    ProposalStatus,
    TransitionPlan,
    TransitionStatus,
)
from committees.models import Consultation, ConsultationStatus, Paper, PaperStatus, Situation
from jugendhilfe.lib.forms import DateField, SeenForm


class TransitionField(forms.ModelChoiceField[TransitionPlan]):
    def label_from_instance(self, obj: TransitionPlan) -> str:
        return f"{obj.name}, ab {obj.year.year} ({obj.get_status_display()})"


class PaperForm(SeenForm, forms.ModelForm[Paper]):
    """The head of a paper and its words; `basis` is what it shows: a distribution or a proposal."""

    basis = forms.ChoiceField(label="Was zeigt der Bericht?")
    transition = TransitionField(
        TransitionPlan.objects.none(),
        label="Übergang",
        required=False,
        empty_label="keiner",
        help_text="Die Tabelle des Übergangs und die Stellungnahmen der Träger werden mitgedruckt.",
    )
    date = DateField(label="Datum")
    products = forms.MultipleChoiceField(
        label="Produkt/e", choices=Product.choices, widget=forms.CheckboxSelectMultiple
    )
    fieldsets = (
        ("Inhalt", ("basis", "transition", "subject")),
        ("Angaben zur Vorlage", ("number", "date", "department", "responsible", "publicity", "products")),
        ("Text", ("proposal", "rejection")),
    )

    class Meta:
        model = Paper
        fields = (
            "transition",
            "subject",
            "number",
            "date",
            "department",
            "responsible",
            "publicity",
            "products",
            "proposal",
            "rejection",
        )
        widgets = {
            "subject": forms.Textarea(attrs={"rows": 2}),
            "proposal": forms.Textarea(attrs={"rows": 10}),
            "rejection": forms.Textarea(attrs={"rows": 2}),
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.bases: dict[str, AdoptedDistribution | DistributionModel] = {
            **{
                f"verteilung-{one.pk}": one
                for one in AdoptedDistribution.objects.current().select_related("year", "basis")
            },
            **{
                f"vorschlag-{one.pk}": one
                for one in DistributionModel.objects.filter(status=ProposalStatus.PROPOSED).select_related("year")
            },
        }
        for own in (self.instance.distribution, self.instance.model):
            if own is not None:
                self.bases.setdefault(_basis_key(own), own)
                self.initial.setdefault("basis", _basis_key(own))
        decided = [
            (key, f"{one}, {one.basis}") for key, one in self.bases.items() if isinstance(one, AdoptedDistribution)
        ]
        proposed = [
            (key, f"{one}, {one.year}") for key, one in self.bases.items() if isinstance(one, DistributionModel)
        ]
        groups = (("festgelegte Verteilungen", decided), ("Vorschläge", proposed))
        self.fields["basis"].choices = [  # type: ignore[attr-defined]
            ("", "Bitte wählen"),
            *((name, found) for name, found in groups if found),
        ]
        offered = TransitionPlan.objects.exclude(status=TransitionStatus.WITHDRAWN).filter(year__in=self._years())
        self.fields["transition"].queryset = TransitionPlan.objects.filter(  # type: ignore[attr-defined]
            Q(pk__in=offered) | Q(pk=self.instance.transition_id)
        ).select_related("year")
        if self.instance.edition > 1:
            # The number goes through all editions of a paper.
            del self.fields["number"]

    def clean_number(self) -> str:
        number: str = self.cleaned_data["number"]
        if number and Paper.objects.filter(number=number, edition=1).exclude(pk=self.instance.pk).exists():
            raise ValidationError(f"Die Nummer {number} hat schon ein anderer Bericht.")
        return number

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        basis = self.bases.get(data.get("basis", ""))
        self.instance.distribution = basis if isinstance(basis, AdoptedDistribution) else None
        self.instance.model = basis if isinstance(basis, DistributionModel) else None
        if basis is not None:
            self.instance.year = basis.year
        plan = data.get("transition")
        if plan is not None and basis is not None and plan.year_id != basis.year_id:
            self.add_error(
                "transition", f"Dieser Übergang beginnt {plan.year.year}, der Bericht ist für {basis.year.year}."
            )
        return data

    def _years(self) -> set[int]:
        return {one.year_id for one in self.bases.values()}


def _basis_key(basis: AdoptedDistribution | DistributionModel) -> str:
    return f"verteilung-{basis.pk}" if isinstance(basis, AdoptedDistribution) else f"vorschlag-{basis.pk}"


class ConsultationForm(forms.Form):
    date = DateField(label="Datum")
    body = forms.CharField(label="Gremium", max_length=120)
    # The selected option of an empty row must not count as an entry.
    status = forms.ChoiceField(label="Status", choices=ConsultationStatus.choices, initial=ConsultationStatus.PUBLIC)


class SituationForm(forms.Form):
    date = DateField(label="Sachlage vom")
    text = forms.CharField(
        label="Text",
        widget=forms.Textarea(attrs={"rows": 8}),
        help_text="Absätze durch eine leere Zeile trennen. Zeilen mit „1.“, „a)“ oder „-“ am Anfang werden zur Liste.",
    )


class PartsFormSet(BaseFormSet[Any]):
    """Rows of a paper, each with a box to remove it."""

    deletion_widget = forms.CheckboxInput

    def add_fields(self, form: Any, index: int | None) -> None:
        super().add_fields(form, index)
        form.fields["DELETE"].label = "entfernen"


def filled(forms: BaseFormSet[Any]) -> list[dict[str, Any]]:
    """What the filled rows hold; empty ones and those marked for removal are left out."""
    rows = [form.cleaned_data for form in forms if form.cleaned_data and not form.cleaned_data.get("DELETE")]
    return [{name: value for name, value in row.items() if name != "DELETE"} for row in rows]


MOST_PARTS = 50
ConsultationFormSet = formset_factory(
    ConsultationForm, formset=PartsFormSet, extra=2, can_delete=True, max_num=MOST_PARTS, absolute_max=MOST_PARTS
)
SituationFormSet = formset_factory(
    SituationForm, formset=PartsFormSet, extra=1, can_delete=True, max_num=MOST_PARTS, absolute_max=MOST_PARTS
)


class PaperForms:
    """The paper and its parts as one form: valid together or not at all."""

    def __init__(self, data: Any, paper: Paper, initial: dict[str, Any] | None = None) -> None:
        consultations, situations = [], []
        if paper.pk:
            consultations = [*paper.consultations.values("date", "body", "status")]
            situations = [*paper.situations.filter(is_earlier=False).values("date", "text")]
        self.paper = PaperForm(data, instance=paper, initial=initial)
        self.paper.seen_beside = {"Beratungsfolge": str(consultations), "Sachlage": str(situations)}
        # What is sent replaces what is stored: nothing of it is read beside the data.
        consultations, situations = ([], []) if data is not None else (consultations, situations)
        self.consultations = ConsultationFormSet(data, initial=consultations, prefix="beratung")
        self.situations = SituationFormSet(data, initial=situations, prefix="sachlage")

    @property
    def parts_with_errors(self) -> list[forms.BaseForm]:
        return [form for form in (*self.consultations, *self.situations) if form.errors]

    def is_valid(self) -> bool:
        return all([self.paper.is_valid(), self.consultations.is_valid(), self.situations.is_valid()])

    def parts(self) -> dict[str, list[Any]]:
        """The parts as unsaved rows, by the names `write_paper` takes."""
        return {
            "consultations": [Consultation(**row) for row in filled(self.consultations)],
            "situations": [Situation(**row) for row in filled(self.situations)],
        }


class PaperFilter(forms.Form):
    """?jahr= and ?stand= of the list."""

    jahr = forms.ModelChoiceField(
        FiscalYear.objects.none(), label="Haushaltsjahr", required=False, to_field_name="year", empty_label="alle"
    )
    stand = forms.ChoiceField(label="Stand", required=False, choices=[("", "alle"), *PaperStatus.choices])

    def __init__(self, *args: Any, years: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["jahr"].queryset = years  # type: ignore[attr-defined]

    def apply(self, papers: Any) -> Any:
        """What the filter leaves; an unreadable filter leaves everything."""
        if self.is_valid():
            if year := self.cleaned_data["jahr"]:
                papers = papers.filter(year=year)
            if status := self.cleaned_data["stand"]:
                papers = papers.filter(status=status)
        return papers
