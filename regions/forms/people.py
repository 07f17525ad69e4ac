"""Forms about people and their roles."""

from typing import Any

from django import forms
from django.db import models
from django.db.models import Q
from django.utils import timezone

from jugendhilfe.accounts.models import User
from jugendhilfe.lib.forms import DateField
from regions.models import Carrier, Region, RoleAssignment, SocialSpace
from regions.roles import REACH, Reach, Role


class InviteForm(forms.ModelForm[User]):
    class Meta:
        model = User
        fields = ("email", "name", "organisation")
        help_texts = {
            "name": "So erscheint die Person für andere, zum Beispiel „Jugendhilfeplanung“.",
        }

    def clean_email(self) -> str:
        email: str = self.cleaned_data["email"].strip().lower()
        if User.objects.filter(email=email).exists():
            raise forms.ValidationError("Diese E-Mail-Adresse hat schon ein Konto.")
        return email


class GrantForm(forms.Form):
    """One role for one person; what it is for depends on the role."""

    role = forms.ChoiceField(label="Rolle", choices=Role.choices)
    region = forms.ModelChoiceField(
        label="Region", queryset=Region.objects.all(), required=False, help_text="Nur für Rollen einer Region."
    )
    carrier = forms.ModelChoiceField(
        label="Träger", queryset=Carrier.objects.all(), required=False, help_text="Nur für Rollen eines Trägers."
    )
    space = forms.ModelChoiceField(
        label="Sozialraum", queryset=SocialSpace.objects.all(), required=False, help_text="Nur für Gemeinden."
    )
    valid_from = DateField(label="gilt ab", initial=timezone.localdate)
    valid_to = DateField(label="gilt bis", required=False)
    reason = forms.CharField(label="Begründung", max_length=300)

    def clean(self) -> dict[str, Any]:
        """The role says which of region, carrier and space belongs to it."""
        data = super().clean() or {}
        if "role" not in data:
            return data
        reach = REACH[data["role"]]
        for kind in (Reach.REGION, Reach.CARRIER, Reach.SPACE):
            if kind == reach and not data.get(kind):
                self.add_error(kind, f"Für die Rolle „{Role(data['role']).label}“ bitte auswählen.")
            if kind != reach and data.get(kind):
                self.add_error(kind, f"Gehört nicht zur Rolle „{Role(data['role']).label}“; bitte leer lassen.")
        data["target"] = data.get(reach) if reach != Reach.COUNTY else None
        return data


class ReasonForm(forms.Form):
    reason = forms.CharField(label="Begründung", max_length=300)


class StepForm(ReasonForm):
    """For a button that does or undoes. Goes out with what was offered: pressed twice it does not undo what it did."""

    step = forms.CharField(widget=forms.HiddenInput, required=False)


class PeopleFilter(forms.Form):
    """Filter of the list of people; everything optional."""

    suche = forms.CharField(label="Name, E-Mail oder Stelle", required=False)
    rolle = forms.ChoiceField(label="Rolle", choices=[("", "Alle Rollen"), *Role.choices], required=False)

    def apply(self, people: models.QuerySet[User]) -> models.QuerySet[User]:
        if not self.is_valid():
            return people
        if text := self.cleaned_data["suche"]:
            people = people.filter(Q(name__icontains=text) | Q(email__icontains=text) | Q(organisation__icontains=text))
        if role := self.cleaned_data["rolle"]:
            today = timezone.localdate()
            holders = RoleAssignment.objects.filter(role=role).effective_on(today).values("user")
            people = people.filter(pk__in=holders)
        return people
