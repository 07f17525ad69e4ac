"""The form by which a held review is entered."""

import datetime as dt
from typing import Any

from django import forms
from django.utils import timezone

from budgets.models import ReviewOutcome
from budgets.services.reviews import latest_day
from jugendhilfe.lib.forms import DateField


class ReviewForm(forms.Form):
    held_on = DateField(label="Überprüft am")
    outcome = forms.ChoiceField(label="Ergebnis", choices=ReviewOutcome, widget=forms.RadioSelect)
    reason = forms.CharField(label="Begründung", widget=forms.Textarea({"rows": 4}), max_length=4000)
    next_review_on = DateField(label="Nächste Überprüfung bis", help_text="Spätestens fünf Jahre nach dieser.")

    def __init__(self, data: Any = None) -> None:
        today: dt.date = timezone.localdate()
        super().__init__(data, initial={"held_on": today, "next_review_on": latest_day(today)})
