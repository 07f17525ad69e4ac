"""Forms about reference populations."""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.db.models import Q, QuerySet

from jugendhilfe.lib.fields import GermanIntegerField
from jugendhilfe.lib.forms import DateField, SeenForm
from regions.forms.reasons import ReasonedForm
from regions.models import PopulationKind, ReferencePopulation, SocialSpace


class PopulationForm(ReasonedForm[ReferencePopulation]):
    with_reason = ("kind", "age_from", "age_to", "date")
    age_from = GermanIntegerField(
        label="Alter von", required=False, min_value=0, max_value=120, help_text="Nicht für alle Einwohner."
    )
    age_to = GermanIntegerField(
        label="Alter bis unter", required=False, min_value=1, max_value=120, help_text="21 heißt: bis 20 Jahre."
    )

    class Meta:
        model = ReferencePopulation
        fields = ("kind", "age_from", "age_to", "date", "source", "is_example")
        field_classes = {"date": DateField}
        help_texts = {
            "source": "So, wie sie unter jeder Zahl stehen soll, zum Beispiel „LSN-Online, Tabelle A100001G“.",
        }


class CountsForm(SeenForm, forms.Form):
    """One number for each social space, typed in."""

    def __init__(self, spaces: Sequence[SocialSpace], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for space in spaces:
            self.fields[space.key] = GermanIntegerField(label=space.name, min_value=1, max_value=99_999_999)
        self.fields["reason"] = forms.CharField(label="Begründung", max_length=300)

    @property
    def counts(self) -> dict[str, int]:
        """By the key of the space."""
        return {key: number for key, number in self.cleaned_data.items() if key != "reason"}


class PopulationFilter(forms.Form):
    suche = forms.CharField(label="Quelle", required=False)
    art = forms.ChoiceField(label="Art", choices=[("", "Alle Arten"), *PopulationKind.choices], required=False)

    def apply(self, populations: QuerySet[ReferencePopulation]) -> QuerySet[ReferencePopulation]:
        if not self.is_valid():
            return populations
        if text := self.cleaned_data["suche"]:
            populations = populations.filter(Q(source__icontains=text))
        if kind := self.cleaned_data["art"]:
            populations = populations.filter(kind=kind)
        return populations
