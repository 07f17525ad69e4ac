"""What the page "Belastung" shows: which scheme, Bezugsgröße and day, and which of its rows."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms

from indicators.inputs import Place
from indicators.models import WeightingScheme
from jugendhilfe.lib.fields import GermanDecimalField
from jugendhilfe.lib.forms import DateField
from regions.models import ReferencePopulation


class SelectionForm(forms.Form):
    """Scheme, Bezugsgröße and day of a calculation; its parameters go from page to page."""

    schema = forms.TypedChoiceField(label="Gewichtungsschema", coerce=int, empty_value=None, required=False)
    bezugsgroesse = forms.TypedChoiceField(label="Bezugsgröße", coerce=int, empty_value=None, required=False)
    stand = DateField(label="Daten bis", required=False)

    def __init__(
        self,
        data: Any,
        *,
        schemes: Sequence[WeightingScheme],
        populations: Iterable[ReferencePopulation],
    ) -> None:
        super().__init__(data)
        self.fields["schema"].choices = [(scheme.pk, f"{scheme} ({scheme.get_status_display()})") for scheme in schemes]  # type: ignore[attr-defined]
        self.fields["bezugsgroesse"].choices = [  # type: ignore[attr-defined]
            ("", "wie im Schema"),
            *((population.pk, str(population)) for population in populations),
        ]


class BurdenFilter(SelectionForm):
    """The same and which rows of the table are shown."""

    q = forms.CharField(label="Sozialraum suchen", max_length=80, required=False)
    region = forms.TypedChoiceField(label="Region", coerce=int, empty_value=None, required=False)
    faktor = GermanDecimalField(label="Faktor mindestens", help_text="zum Beispiel 1,05", min_value=0, required=False)
    field_order = ("q", "region", "faktor", "schema", "bezugsgroesse", "stand")

    def __init__(self, data: Any, *, places: Iterable[Place], **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        regions = sorted({(place.region, place.region_name) for place in places})
        self.fields["region"].choices = [("", "Alle Regionen"), *regions]  # type: ignore[attr-defined]

    def shows(self, place: Place, factor: Any) -> bool:
        """Whether a space passes; what could not be read filters nothing."""
        wanted = self.cleaned_data if hasattr(self, "cleaned_data") else {}
        searched, region, least = wanted.get("q", ""), wanted.get("region"), wanted.get("faktor")
        return (
            searched.casefold() in place.full_name.casefold()
            and (region is None or region == place.region)
            and (least is None or factor >= least)
        )
