"""The seed of an analysis of uncertainty."""

from django import forms

from jugendhilfe.lib.fields import GermanIntegerField

LARGEST_SEED = 2**63 - 1


class SeedForm(forms.Form):
    startwert = GermanIntegerField(
        label="Startwert des Zufalls",
        min_value=0,
        max_value=LARGEST_SEED,
        initial=1,
        help_text="Eine beliebige Zahl. Derselbe Startwert gibt jedes Mal dasselbe Ergebnis.",
    )
