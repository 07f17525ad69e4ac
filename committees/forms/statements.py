"""The form for what a carrier says to a transition."""

from django import forms

from committees.models import CarrierStatement
from jugendhilfe.lib.forms import SeenForm


class StatementForm(SeenForm, forms.ModelForm[CarrierStatement]):
    class Meta:
        model = CarrierStatement
        fields = ("text",)
        widgets = {"text": forms.Textarea({"rows": 14})}
        help_texts = {
            "text": "Absätze durch eine leere Zeile trennen. Bitte keine Angaben über einzelne Kinder oder Familien."
        }


class SubmitForm(forms.Form):
    """`seen` is the fingerprint of the text that stands above the button."""

    seen = forms.CharField(widget=forms.HiddenInput)
