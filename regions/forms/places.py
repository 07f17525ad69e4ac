"""Forms about regions, social spaces, member municipalities and offices."""

import re
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils import timezone

from jugendhilfe.lib.fields import GermanDecimalField, GermanIntegerField
from jugendhilfe.lib.forms import DateField, SeenForm
from regions.forms.reasons import ReasonedForm
from regions.models import MemberMunicipality, Office, Region, SocialSpace


class RegionForm(ReasonedForm[Region]):
    with_reason = ("number",)
    number = GermanIntegerField(label="Nummer", min_value=1, max_value=999)

    class Meta:
        model = Region
        fields = ("number", "name")
        help_texts = {"name": "Zum Beispiel „Region 1“."}


class SpaceForm(ReasonedForm[SocialSpace]):
    with_reason = ("key", "region")
    area_km2 = GermanDecimalField(
        label="Fläche in km²", required=False, min_value=0, max_digits=8, decimal_places=2, help_text="Freiwillig."
    )
    hex_column = GermanDecimalField(
        label="Spalte auf der Kachelkarte",
        required=False,
        min_value=-99,
        max_value=99,
        max_digits=4,
        decimal_places=1,
        help_text="0 steht links; in jeder zweiten Zeile um 0,5 versetzt, zum Beispiel 2,5.",
    )
    hex_row = GermanDecimalField(
        label="Zeile auf der Kachelkarte",
        required=False,
        min_value=-99,
        max_value=99,
        max_digits=4,
        decimal_places=1,
        help_text="0 steht oben. Ohne Spalte und Zeile fehlt der Sozialraum auf der Karte.",
    )
    fieldsets = (
        ("Grunddaten", ("name", "kind", "key", "region", "area_km2")),
        ("Lage auf der Kachelkarte", ("hex_column", "hex_row")),
    )

    class Meta:
        model = SocialSpace
        fields = ("name", "kind", "key", "region", "area_km2", "hex_column", "hex_row")
        help_texts = {
            "name": "Ohne die Art, zum Beispiel „Dahlenburg“.",
            "key": "Neun Ziffern des amtlichen Regionalschlüssels.",
        }


class MembersForm(SeenForm, forms.Form):
    """All member municipalities of one space, a line for each."""

    members = forms.CharField(
        label="Mitgliedsgemeinden",
        required=False,
        help_text="Eine Zeile je Gemeinde: achtstelliger Gemeindeschlüssel, dann der Name. Was hier nicht steht, "
        "gehört nicht mehr zum Sozialraum.",
        widget=forms.Textarea(attrs={"rows": 10}),
    )
    reason = forms.CharField(label="Begründung", max_length=300)

    def clean_members(self) -> dict[str, str]:
        """Key to name."""
        found: dict[str, str] = {}
        errors = []
        for number, line in enumerate(self.cleaned_data["members"].splitlines(), start=1):
            if not line.strip():
                continue
            match = re.fullmatch(r"\s*([0-9]{8})[\s;,]+(\S.*?)\s*", line)
            if match is None:
                errors.append(
                    f"Zeile {number}: Bitte achtstelligen Schlüssel und Namen angeben, zum Beispiel 03355009 Bleckede."
                )
            elif match[1] in found:
                errors.append(f"Zeile {number}: Der Schlüssel {match[1]} kommt doppelt vor.")
            elif len(match[2]) > 80:
                errors.append(f"Zeile {number}: Der Name hat mehr als 80 Zeichen.")
            else:
                found[match[1]] = match[2]
        if errors:
            raise ValidationError(errors)
        return found


class OfficeForm(ReasonedForm[Office]):
    with_reason = ("space", "valid_from", "valid_to")
    fieldsets = (
        ("Büro", ("name", "space", "valid_from", "valid_to", "is_example")),
        ("Anschrift und Erreichbarkeit", ("street", "town", "phone", "email", "opening_hours", "languages")),
    )

    class Meta:
        model = Office
        fields = (
            "name",
            "space",
            "valid_from",
            "valid_to",
            "is_example",
            "street",
            "town",
            "phone",
            "email",
            "opening_hours",
            "languages",
        )
        field_classes = {"valid_from": DateField, "valid_to": DateField}
        widgets = {"opening_hours": forms.Textarea(attrs={"rows": 4})}
        help_texts = {
            "name": "Zum Beispiel „Sozialraumbüro Dahlenburg“.",
            "opening_hours": "Eine Zeile je Tag, zum Beispiel „Montag 9 bis 12 Uhr“.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Closing has a page of its own; here a wrong day can be put right.
        if self.instance.valid_to is None:
            del self.fields["valid_to"]


class SpaceFilter(forms.Form):
    """Spaces by their own name or key, or by those of a member municipality."""

    suche = forms.CharField(label="Sozialraum, Gemeinde oder Schlüssel", required=False)

    def apply(self, spaces: QuerySet[SocialSpace]) -> QuerySet[SocialSpace]:
        if not self.is_valid() or not (text := self.cleaned_data["suche"]):
            return spaces
        members = MemberMunicipality.objects.filter(space=OuterRef("pk")).filter(
            Q(name__icontains=text) | Q(key__startswith=text)
        )
        return spaces.filter(Q(name__icontains=text) | Q(key__startswith=text) | Exists(members))


class OfficeFilter(forms.Form):
    """Offices by what people look for: place, language, name."""

    suche = forms.CharField(label="Ort, Gemeinde oder Sprache", required=False)
    region = forms.ModelChoiceField(
        label="Region",
        queryset=Region.objects.all(),
        to_field_name="number",
        required=False,
        empty_label="Alle Regionen",
    )
    geschlossene = forms.BooleanField(label="auch geschlossene Büros", required=False)

    def apply(self, offices: QuerySet[Office]) -> QuerySet[Office]:
        if not self.is_valid():
            return offices
        data = self.cleaned_data
        if not data["geschlossene"]:
            offices = offices.filter(Q(valid_to=None) | Q(valid_to__gte=timezone.localdate()))
        if data["region"]:
            offices = offices.filter(space__region=data["region"])
        if text := data["suche"]:
            members = MemberMunicipality.objects.filter(space=OuterRef("space"), name__icontains=text)
            offices = offices.filter(
                Q(name__icontains=text)
                | Q(town__icontains=text)
                | Q(street__icontains=text)
                | Q(languages__icontains=text)
                | Q(space__name__icontains=text)
                | Exists(members)
            )
        return offices
