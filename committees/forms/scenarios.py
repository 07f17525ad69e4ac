"""Saving and changing scenarios, choosing them from the list, and the snapshot of a session."""

from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone

from committees.models import Committee, Membership, SavedScenario
from jugendhilfe.accounts.models import User
from jugendhilfe.lib.forms import SeenForm


class ScenarioForm(SeenForm, forms.ModelForm[SavedScenario]):
    class Meta:
        model = SavedScenario
        fields = ("name", "reason", "committee")
        widgets = {"reason": forms.Textarea(attrs={"rows": 3})}

    def __init__(self, *args: Any, bodies: QuerySet[Committee], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        shared = self.fields["committee"]
        assert isinstance(shared, forms.ModelChoiceField)
        shared.empty_label = "niemandem, nur ich sehe es"
        shared.help_text = "Die Mitglieder des Gremiums und die Kreisverwaltung lesen ein geteiltes Szenario."
        # A body one has left since stays the choice that it is.
        own = Q(pk=self.instance.committee_id) if self.instance.committee_id else Q()
        shared.queryset = Committee.objects.filter(Q(pk__in=bodies.values("pk")) | own)


class ScenarioFilter(forms.Form):
    """?wessen=, ?gremium=, ?jahr= and ?stand= of the list."""

    wessen = forms.ChoiceField(
        label="Von wem", required=False, choices=[("", "alle"), ("meine", "meine"), ("andere", "von anderen geteilte")]
    )
    gremium = forms.ModelChoiceField(
        Committee.objects.none(), label="Geteilt mit", required=False, empty_label="alle und keinem"
    )
    jahr = forms.TypedChoiceField(label="Haushaltsjahr", required=False, coerce=int, empty_value=None)
    stand = forms.ChoiceField(
        label="Stand",
        required=False,
        choices=[("", "in Verwendung"), ("vereinbart", "vereinbart"), ("abgelegt", "abgelegt"), ("alle", "alle")],
    )

    def __init__(self, data: Any, *, user: User) -> None:
        super().__init__(data)
        self.user = user
        visible = SavedScenario.objects.visible_to(user)
        shared = self.fields["gremium"]
        assert isinstance(shared, forms.ModelChoiceField)
        shared.queryset = Committee.objects.filter(pk__in=visible.values("committee"))
        years = visible.order_by("-year__year").values_list("year__year", flat=True).distinct()
        self.fields["jahr"].choices = [("", "alle"), *((year, str(year)) for year in years)]  # type: ignore[attr-defined]

    def apply(self, scenarios: Any) -> Any:
        """What the filter leaves; a part of it that is unreadable leaves everything."""
        self.is_valid()
        match self.cleaned_data.get("wessen"):
            case "meine":
                scenarios = scenarios.filter(owner=self.user)
            case "andere":
                scenarios = scenarios.exclude(owner=self.user)
        if committee := self.cleaned_data.get("gremium"):
            scenarios = scenarios.filter(committee=committee)
        if year := self.cleaned_data.get("jahr"):
            scenarios = scenarios.filter(year__year=year)
        match self.cleaned_data.get("stand"):
            case "alle":
                return scenarios
            case "abgelegt":
                return scenarios.exclude(archived_at=None)
            case "vereinbart":
                return scenarios.in_use().filter(is_agreed=True)
        return scenarios.in_use()


class SnapshotForm(forms.Form):
    """The state of a session: `stand` is its address, and comes from the part of the page that is exchanged."""

    name = forms.CharField(label="Name", max_length=120)
    proposed_by = forms.ModelChoiceField(
        Membership.objects.none(), label="Vorschlag von", required=False, empty_label="ohne Angabe"
    )

    def __init__(self, *args: Any, committee: Committee, **kwargs: Any) -> None:
        kwargs["auto_id"] = "festhalten-%s"
        super().__init__(*args, **kwargs)
        members = self.fields["proposed_by"]
        assert isinstance(members, forms.ModelChoiceField)
        members.queryset = (
            Membership.objects.filter(committee=committee).valid_on(timezone.localdate()).select_related("person")
        )
