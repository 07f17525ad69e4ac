"""Carriers and contracts: for those who are signed in, contracts for those they concern."""

import datetime as dt
from typing import Any

from django.contrib import messages
from django.db.models import Count, Q, QuerySet
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from jugendhilfe.accounts.http import SignedInRequest
from jugendhilfe.accounts.models import User
from jugendhilfe.audit.services import record
from jugendhilfe.lib import tables
from regions.forms.carriers import CarrierFilter, CarrierForm, ContractFilter, ContractForm, SupplementForm
from regions.forms.reasons import LastDayForm
from regions.gates import require, require_everywhere
from regions.models import Carrier, OfficeContract
from regions.services.carriers import add_supplement, end_contract, keep_carrier, keep_contract
from regions.views.master_data import (
    ExampleColumn,
    attempt,
    edit_page,
    history,
    may_edit,
    may_see_history,
    notes,
    parents,
    tabs,
)

HIDDEN_NAME = "freiberuflich tätige Person"


class CarrierTable(tables.Table):
    caption = "Träger"
    name = tables.LinkColumn(
        verbose_name="Name", url=lambda carrier: reverse("regions:carrier_detail", args=[carrier.pk])
    )
    kind = tables.Column(verbose_name="Art")
    town = tables.Column(verbose_name="Ort")
    phone = tables.Column(verbose_name="Telefon")
    email = tables.Column(verbose_name="E-Mail-Adresse")
    office_count = tables.NumberColumn(verbose_name="Büros heute")
    is_example = ExampleColumn()

    class Meta:
        empty_text = "Kein Träger passt zur Suche."


class ContractTable(tables.Table):
    caption = "Verträge der Sozialraumbüros"
    office = tables.LinkColumn(
        verbose_name="Sozialraumbüro",
        accessor="office__name",
        url=lambda contract: reverse("regions:contract_detail", args=[contract.pk]),
    )
    region = tables.Column(verbose_name="Region", accessor="office__space__region__name")
    carrier = tables.Column(verbose_name="Träger", accessor="carrier_name", default=HIDDEN_NAME)
    legal_ground = tables.Column(verbose_name="Rechtsgrundlage")
    valid_from = tables.DateColumn(verbose_name="gilt ab")
    valid_to = tables.DateColumn(verbose_name="gilt bis", default="unbefristet")
    end = tables.DateColumn(verbose_name="nächstes mögliches Ende", accessor="next_ending__day", default="beendet")
    notice_by = tables.DateColumn(verbose_name="Kündigung spätestens am", accessor="next_ending__notice_by")
    is_example = ExampleColumn()

    class Meta:
        empty_text = "Kein Vertrag passt zur Suche."


def contracts_for(user: User) -> QuerySet[OfficeContract]:
    visible = OfficeContract.objects.visible_to(user).with_carrier_name(user)
    return visible.select_related("office__space__region")


def with_endings(contracts: QuerySet[OfficeContract], today: dt.date) -> list[OfficeContract]:
    """As a list: the next end is computed, and the table is sorted by it."""
    found = list(contracts)
    for contract in found:
        vars(contract)["next_ending"] = contract.ending(today)
    return found


@require_safe
def carrier_list(request: SignedInRequest) -> HttpResponse:
    today = timezone.localdate()
    running = Q(contracts__valid_from__lte=today) & (Q(contracts__valid_to=None) | Q(contracts__valid_to__gte=today))
    carriers = Carrier.objects.visible_to(request.user).annotate(office_count=Count("contracts", filter=running))
    form = CarrierFilter(request.GET)
    table = CarrierTable(form.apply(carriers), request=request)
    if file := table.download(name="traeger", notes=notes("Stammdaten des Jugendamtes")):
        return file
    context = {
        "tabs": tabs(request.user, "regions:carrier_list"),
        "form": form,
        "table": table,
        "may_edit": may_edit(request.user),
    }
    return render(request, "regions/carrier_list.html", context)


@require_safe
def carrier_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    carrier = get_object_or_404(Carrier.objects.visible_to(request.user), pk=pk)
    context = {
        "carrier": carrier,
        "contracts": contracts_for(request.user).filter(carrier=carrier),
        "may_edit": may_edit(request.user),
        "may_see_history": may_see_history(request.user),
    }
    return render(request, "regions/carrier_detail.html", context)


@require_safe
def contract_list(request: SignedInRequest) -> HttpResponse:
    require(request.user, "view_contracts")
    form = ContractFilter(request.GET)
    contracts = with_endings(form.apply(contracts_for(request.user)), timezone.localdate())
    table = ContractTable(contracts, request=request)
    if file := table.download(name="vertraege", notes=notes("Verträge des Jugendamtes")):
        record(actor=request.user, action="contracts.export", data={"rows": len(contracts)})
        return file
    context = {
        "tabs": tabs(request.user, "regions:contract_list"),
        "form": form,
        "table": table,
        "may_edit": may_edit(request.user),
    }
    return render(request, "regions/contract_list.html", context)


@require_safe
def contract_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    contract = get_object_or_404(contracts_for(request.user), pk=pk)
    context = {
        "contract": contract,
        "ending": contract.ending(timezone.localdate()),
        "supplements": contract.supplements.all(),
        "may_edit": may_edit(request.user),
        "may_see_history": may_see_history(request.user),
    }
    return render(request, "regions/contract_detail.html", context)


# Keeping them


@require_http_methods(["GET", "POST"])
def carrier_edit(request: SignedInRequest, pk: int | None = None) -> HttpResponse:
    require_everywhere(request.user, "edit_master_data")
    carrier = get_object_or_404(Carrier, pk=pk) if pk is not None else Carrier()
    return edit_page(
        request,
        CarrierForm(request.POST or None, instance=carrier),
        keep=lambda row, reason: keep_carrier(carrier=row, actor=request.user, reason=reason),
        new="Träger anlegen",
        page=lambda row: reverse("regions:carrier_detail", args=[row.pk]),
        listing="regions:carrier_list",
    )


@require_http_methods(["GET", "POST"])
def contract_edit(request: SignedInRequest, pk: int | None = None) -> HttpResponse:
    require_everywhere(request.user, "edit_master_data")
    contract = get_object_or_404(OfficeContract, pk=pk) if pk is not None else OfficeContract()
    initial = {} if pk else {"office": request.GET.get("buero")}
    return edit_page(
        request,
        ContractForm(request.POST or None, instance=contract, initial=initial),
        keep=lambda row, reason: keep_contract(contract=row, actor=request.user, reason=reason),
        new="Vertrag anlegen",
        page=lambda row: reverse("regions:contract_detail", args=[row.pk]),
        listing="regions:contract_list",
    )


@require_http_methods(["GET", "POST"])
def contract_end(request: SignedInRequest, pk: int) -> HttpResponse:
    require_everywhere(request.user, "edit_master_data")
    contract = get_object_or_404(OfficeContract.objects.select_related("office"), pk=pk)
    ending = contract.ending(timezone.localdate())
    form = LastDayForm(request.POST or None, initial={"last_day": ending.day if ending else None})
    url = reverse("regions:contract_detail", args=[pk])
    if request.method == "POST" and form.is_valid():
        done = attempt(form, lambda: end_contract(contract=contract, actor=request.user, **form.cleaned_data))
        if done is not None:
            messages.success(request, f"Der Vertrag endet am {form.cleaned_data['last_day']:%d.%m.%Y}.")
            return redirect(url)
    context: dict[str, Any] = {
        "title": f"Vertrag beenden: {contract}",
        "question": "Zu welchem Tag endet der Vertrag?",
        "facts": [("Kündigungsfrist", f"{contract.notice_months} Monate {contract.get_notice_to_display()}")],
        "consequences": [
            "Hier wird nur das Ende festgehalten. Kündigung oder Vereinbarung schreiben Sie wie bisher.",
            "Für die Zeit danach kann ein neuer Vertrag eingetragen werden.",
        ],
        "form": form,
        "button": "Vertrag beenden",
        "cancel_url": url,
        "parents": parents("regions:contract_list", contract, url),
    }
    return render(request, "components/confirm.html", context)


@require_http_methods(["GET", "POST"])
def supplement_add(request: SignedInRequest, pk: int) -> HttpResponse:
    require_everywhere(request.user, "edit_master_data")
    contract = get_object_or_404(OfficeContract.objects.select_related("office"), pk=pk)
    form = SupplementForm(request.POST or None)
    url = reverse("regions:contract_detail", args=[pk])
    if request.method == "POST" and form.is_valid():
        done = attempt(form, lambda: add_supplement(contract=contract, actor=request.user, **form.cleaned_data))
        if done is not None:
            messages.success(request, f"Der {done} ist eingetragen.")
            return redirect(url)
    context = {
        "title": f"Nachtrag eintragen: {contract}",
        "intro": "Ein eingetragener Nachtrag bleibt, wie er ist. Ein Irrtum wird durch einen weiteren berichtigt.",
        "form": form,
        "button": "Nachtrag eintragen",
        "cancel_url": url,
        "parents": parents("regions:contract_list", contract, url),
    }
    return render(request, "components/form_page.html", context)


carrier_urls = [
    path("traeger/", carrier_list, name="carrier_list"),
    path("traeger/neu/", carrier_edit, name="carrier_new"),
    path("traeger/<int:pk>/", carrier_detail, name="carrier_detail"),
    path("traeger/<int:pk>/bearbeiten/", carrier_edit, name="carrier_edit"),
    path("traeger/<int:pk>/verlauf/", history, {"model": Carrier, "noun": "carrier"}, name="carrier_history"),
    path("vertraege/", contract_list, name="contract_list"),
    path("vertraege/neu/", contract_edit, name="contract_new"),
    path("vertraege/<int:pk>/", contract_detail, name="contract_detail"),
    path("vertraege/<int:pk>/bearbeiten/", contract_edit, name="contract_edit"),
    path("vertraege/<int:pk>/beenden/", contract_end, name="contract_end"),
    path("vertraege/<int:pk>/nachtrag/", supplement_add, name="supplement_add"),
    path(
        "vertraege/<int:pk>/verlauf/", history, {"model": OfficeContract, "noun": "contract"}, name="contract_history"
    ),
]
