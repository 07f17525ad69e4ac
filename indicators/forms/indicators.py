"""Forms about indicators."""

from typing import Any

from django import forms

from indicators.models import Indicator
from indicators.services.indicators import fixed_fields
from jugendhilfe.lib.forms import SeenForm


class IndicatorForm(SeenForm, forms.ModelForm[Indicator]):
    """One indicator; what values or adopted schemes rest on can no longer be changed."""

    fieldsets = (
        ("Grunddaten", ("name", "short_name", "code", "description")),
        ("Messung", ("direction", "unit", "decimals")),
        ("Nur für Raten", ("rate_per", "numerator_name", "denominator_name")),
    )

    class Meta:
        model = Indicator
        fields = (
            "name",
            "short_name",
            "code",
            "description",
            "direction",
            "unit",
            "decimals",
            "rate_per",
            "numerator_name",
            "denominator_name",
        )
        widgets = {"description": forms.Textarea(attrs={"rows": 4})}
        help_texts = {
            "code": "Kleine Buchstaben, Ziffern und Striche; steht in Dateien und ändert sich nie.",
            "numerator_name": "Zum Beispiel „Arbeitslose“; so wird die Spalte in Dateien erkannt.",
            "denominator_name": "Zum Beispiel „Personen von 15 bis 64“.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for name in fixed_fields(self.instance):
            self.fields[name].disabled = True
            self.fields[name].help_text = "Steht fest, weil es schon Werte oder festgelegte Fassungen gibt."
