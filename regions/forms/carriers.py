"""Forms about carriers and contracts."""

from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils import timezone

from jugendhilfe.lib.fields import GermanIntegerField, PercentField
from jugendhilfe.lib.forms import DateField
from regions.forms.people import ReasonForm
from regions.forms.reasons import ReasonedForm
from regions.models import Carrier, CarrierKind, OfficeContract, Region


class CarrierForm(ReasonedForm[Carrier]):
    class Meta:
        model = Carrier
        fields = ("name", "kind", "street", "town", "phone", "email", "is_example")
        help_texts = {
            "kind": "Namen freiberuflich Tätiger sehen nur die Kreisverwaltung und sie selbst.",
        }


class ContractForm(ReasonedForm[OfficeContract]):
    with_reason = (
        "carrier",
        "legal_ground",
        "amount_rule",
        "price_clause_staff",
        "price_clause_material",
        "notice_months",
        "notice_to",
        "share_percent",
        "valid_from",
        "valid_to",
    )
    notice_months = GermanIntegerField(label="Kündigungsfrist in Monaten", min_value=0, max_value=60, initial=6)
    share_percent = PercentField(
        label="Anteil am Sozialraum in %",
        required=False,
        min_value=0,
        max_value=100,
        max_digits=5,
        decimal_places=2,
        help_text="Nur bei mehreren Büros in einem Sozialraum; leer heißt: zu gleichen Teilen.",
    )
    fieldsets = (
        ("Wer und wo", ("office", "carrier", "legal_ground")),
        ("Laufzeit", ("valid_from", "valid_to", "notice_months", "notice_to")),
        ("Geld", ("amount_rule", "price_clause_staff", "price_clause_material", "share_percent")),
    )

    class Meta:
        model = OfficeContract
        fields = (
            "office",
            "carrier",
            "legal_ground",
            "valid_from",
            "valid_to",
            "notice_months",
            "notice_to",
            "amount_rule",
            "price_clause_staff",
            "price_clause_material",
            "share_percent",
            "is_example",
        )
        field_classes = {"valid_from": DateField, "valid_to": DateField}
        widgets = {"amount_rule": forms.Textarea(attrs={"rows": 3})}
        help_texts = {
            "valid_to": "Leer, wenn der Vertrag unbefristet ist.",
            "amount_rule": "Wie der Betrag entsteht, zum Beispiel „Anteil am Gesamtbudget nach Verteilungsquote“.",
        }

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.pk is not None:
            # Another office is another contract. Disabled, not left out: the rule against overlap needs it.
            self.fields["office"].disabled = True


class SupplementForm(ReasonForm):
    field_order = ("subject", "valid_from", "reason")
    subject = forms.CharField(
        label="Inhalt", help_text="Was der Nachtrag ändert.", widget=forms.Textarea(attrs={"rows": 4})
    )
    valid_from = DateField(label="gilt ab")


class CarrierFilter(forms.Form):
    suche = forms.CharField(label="Name oder Ort", required=False)
    art = forms.ChoiceField(label="Art", choices=[("", "Alle Arten"), *CarrierKind.choices], required=False)

    def apply(self, carriers: QuerySet[Carrier]) -> QuerySet[Carrier]:
        if not self.is_valid():
            return carriers
        if text := self.cleaned_data["suche"]:
            carriers = carriers.filter(Q(name__icontains=text) | Q(town__icontains=text))
        if kind := self.cleaned_data["art"]:
            carriers = carriers.filter(kind=kind)
        return carriers


class ContractFilter(forms.Form):
    suche = forms.CharField(label="Sozialraumbüro oder Träger", required=False)
    region = forms.ModelChoiceField(
        label="Region",
        queryset=Region.objects.all(),
        to_field_name="number",
        required=False,
        empty_label="Alle Regionen",
    )
    beendete = forms.BooleanField(label="auch beendete Verträge", required=False)

    def apply(self, contracts: QuerySet[OfficeContract]) -> QuerySet[OfficeContract]:
        """Expects `with_carrier_name`: a hidden name is not found either."""
        if not self.is_valid():
            return contracts
        if text := self.cleaned_data["suche"]:
            contracts = contracts.filter(Q(office__name__icontains=text) | Q(carrier_name__icontains=text))
        if region := self.cleaned_data["region"]:
            contracts = contracts.filter(office__space__region=region)
        if not self.cleaned_data["beendete"]:
            contracts = contracts.filter(Q(valid_to=None) | Q(valid_to__gte=timezone.localdate()))
        return contracts
