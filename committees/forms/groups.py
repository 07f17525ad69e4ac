"""Forms about bodies, seats and ties."""

from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone

from committees.models import Committee, CommitteeKind, Membership, Tie
from jugendhilfe.accounts.models import User
from jugendhilfe.lib.forms import DateField
from regions.forms.reasons import ReasonedForm
from regions.models import Carrier


class CommitteeForm(ReasonedForm[Committee]):
    with_reason = ("kind", "region", "majority", "negotiates", "valid_from", "valid_to")
    rests_on_it = "Davon hängt ab, wie das Gremium arbeitet"
    fieldsets = (
        ("Gremium", ("name", "kind", "region", "purpose", "valid_from", "valid_to", "is_example")),
        ("Regeln", ("legal_basis", "majority", "negotiates")),
    )

    class Meta:
        model = Committee
        fields = (
            "name",
            "kind",
            "region",
            "purpose",
            "legal_basis",
            "majority",
            "negotiates",
            "valid_from",
            "valid_to",
            "is_example",
        )
        field_classes = {"valid_from": DateField, "valid_to": DateField}
        widgets = {"purpose": forms.Textarea(attrs={"rows": 3})}
        help_texts = {
            "region": "Nur für ein Regionalgremium.",
            "legal_basis": "Worauf das Gremium beruht, zum Beispiel ein Beschluss mit Nummer.",
            "majority": "Zwei Drittel gibt es nur in Arbeitsgruppen und Regionalgremien (§ 66 NKomVG).",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # Closing has a page of its own; here a wrong day can be put right.
        if self.instance.valid_to is None:
            del self.fields["valid_to"]


class PersonField(forms.ModelChoiceField[User]):
    """People by name; where they work tells two of the same name apart."""

    def label_from_instance(self, obj: User) -> str:
        return f"{obj.name}, {obj.organisation}" if obj.organisation else obj.name


class MembershipForm(ReasonedForm[Membership]):
    """A seat in the body of the instance; `actor` cannot choose themselves."""

    with_reason = ("side", "function", "may_vote", "deputy_for", "valid_from", "valid_to")
    rests_on_it = "Davon hängt ab, wer mitentscheidet"
    person = PersonField(
        label="Person",
        queryset=User.objects.none(),
        empty_label="Bitte wählen",
        help_text="Wer hier fehlt, braucht zuerst ein Konto; das legt die Systemverwaltung an.",
    )
    fieldsets = (
        ("Wer und für wen", ("person", "side", "function", "may_vote", "deputy_for")),
        ("Grundlage und Dauer", ("appointment", "valid_from", "valid_to")),
    )

    class Meta:
        model = Membership
        fields = ("person", "side", "function", "may_vote", "deputy_for", "appointment", "valid_from", "valid_to")
        field_classes = {"valid_from": DateField, "valid_to": DateField}
        help_texts = {
            "may_vote": "Beratende Mitglieder stimmen nicht ab.",
            "deputy_for": "Nur für eine Vertretung: Sie liest mit, vergibt aber keine Punkte und bewertet nicht.",
            "valid_to": "Leer, solange kein Ende feststeht.",
        }

    def __init__(self, *args: Any, actor: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        seat, today = self.instance, timezone.localdate()
        if seat.pk is not None:
            # Another person is another membership. Disabled, not left out: the rule against overlap needs it.
            self.fields["person"].disabled = True
            people = User.objects.filter(pk=seat.person_id)
        else:
            people = User.objects.filter(is_active=True).exclude(pk=actor.pk)
        self.fields["person"].queryset = people  # type: ignore[attr-defined]
        others = Membership.objects.filter(committee=seat.committee, deputy_for=None).exclude(pk=seat.pk)
        still_there = Q(valid_to=None) | Q(valid_to__gte=today) | Q(pk=seat.deputy_for_id)
        deputy_for = self.fields["deputy_for"]
        deputy_for.queryset = others.filter(still_there).select_related("person")  # type: ignore[attr-defined]
        deputy_for.empty_label = "niemanden"  # type: ignore[attr-defined]


class TieForm(ReasonedForm[Tie]):
    """What binds the person of the instance; carriers as far as `reader` reads their names."""

    with_reason = ("kind", "carrier", "space", "valid_from", "valid_to")
    rests_on_it = "Bindungen gehören zur Geschichte eines Mitglieds"

    class Meta:
        model = Tie
        fields = ("kind", "carrier", "space", "valid_from", "valid_to")
        field_classes = {"valid_from": DateField, "valid_to": DateField}
        help_texts = {
            "carrier": "Entweder ein Träger …",
            "space": "… oder eine Gemeinde, Stadt oder Samtgemeinde.",
            "valid_to": "Leer, solange die Bindung besteht.",
        }

    def __init__(self, *args: Any, reader: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["carrier"].queryset = Carrier.objects.visible_to(reader)  # type: ignore[attr-defined]


class LastDayOnlyForm(forms.Form):
    last_day = DateField(label="letzter Tag")


class CommitteeFilter(forms.Form):
    """?art= and ?beendete= of the list."""

    art = forms.ChoiceField(label="Art", choices=[("", "Alle Arten"), *CommitteeKind.choices], required=False)
    beendete = forms.BooleanField(label="auch beendete Gremien", required=False)

    def apply(self, committees: QuerySet[Committee]) -> QuerySet[Committee]:
        """What the filter leaves; an unreadable filter leaves all that are there today."""
        data = self.cleaned_data if self.is_valid() else {}
        if kind := data.get("art"):
            committees = committees.filter(kind=kind)
        if not data.get("beendete"):
            committees = committees.filter(Q(valid_to=None) | Q(valid_to__gte=timezone.localdate()))
        return committees
