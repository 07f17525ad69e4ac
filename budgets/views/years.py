"""Fiscal years: list, totals, status, deductions, the amounts of the social spaces, and the legal bases."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.db.models import Exists, OuterRef
from django.forms import BaseForm
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.views.decorators.http import require_http_methods, require_safe

from budgets.forms.years import DeductionForm, ReasonForm, StatusForm, TotalsForm, YearForm
from budgets.models import AdoptedDistribution, Deduction, FiscalYear, SpaceAmount, YearStatus
from budgets.reading import RegionTotal, product_lines, region_totals, sums_by_region
from budgets.services import years
from jugendhilfe.accounts.http import SignedInRequest
from jugendhilfe.audit.services import record
from jugendhilfe.lib import charts, exports, tables
from jugendhilfe.lib.errors import DomainError
from jugendhilfe.lib.formats import format_euro, format_euro_change
from regions.access import Scope, scope
from regions.gates import require_everywhere

GET_AND_POST = ["GET", "HEAD", "POST"]


class YearTable(tables.Table):
    caption = "Haushaltsjahre und ihre Beträge"
    year = tables.LinkColumn(verbose_name="Jahr", url=lambda year: reverse("budgets:year_detail", args=[year.year]))
    status = tables.BadgeColumn(verbose_name="Haushaltsstatus")
    total_family = tables.EuroColumn(verbose_name="Gesamtbudget 363-200")
    deducted = tables.EuroColumn(verbose_name="davon Abzüge")
    left = tables.EuroColumn(verbose_name="zu verteilen", accessor="pk", orderable=False)
    total_help = tables.EuroColumn(verbose_name="Hilfen 363-300")
    distributed = tables.Column(verbose_name="Verteilung")

    class Meta:
        order_by = "-year"
        empty_text = "Noch kein Haushaltsjahr."

    def render_left(self, record: Any) -> str:
        return format_euro(self.value_left(record))

    def value_left(self, record: Any) -> Decimal:
        return Decimal(record.total_family - record.deducted)

    def render_distributed(self, value: bool) -> str:
        return "festgelegt" if value else "offen"


class AmountTable(tables.Table):
    paginated = False
    space = tables.Column(verbose_name="Sozialraum", accessor="space__name", footer="Summe")
    region = tables.Column(verbose_name="Region", accessor="space__region__name")
    amount = tables.EuroColumn(verbose_name="Betrag", footer=lambda table: format_euro(sum_of(table, "amount")))
    file = tables.Column(verbose_name="Quelle", accessor="file__name", default="von Hand eingetragen")

    def render_file(self, value: str, record: SpaceAmount) -> str:
        if not (record.file and self.request and scope(self.request.user, "view_drafts").everything):
            return value
        url = reverse("regions:source_file", args=[record.file.sha256])
        return format_html('<a class="kern-link kern-link--no-visited-state" href="{}">{}</a>', url, value)

    def value_file(self, value: str) -> str:
        return value


class ShareTable(tables.Table):
    """What each space gets by an adopted distribution."""

    paginated = False
    space_name = tables.Column(verbose_name="Sozialraum", footer="Summe")
    region_number = tables.Column(verbose_name="Region")
    previous = tables.EuroColumn(verbose_name="bisher", footer=lambda table: format_euro(sum_of(table, "previous")))
    amount = tables.EuroColumn(verbose_name="Betrag", footer=lambda table: format_euro(sum_of(table, "amount")))
    change = tables.EuroChangeColumn(
        verbose_name="Änderung", footer=lambda table: format_euro_change(sum_of(table, "change"))
    )


def sum_of(table: tables.Table, name: str) -> Decimal:
    return sum((getattr(row, name) or Decimal(0) for row in table.data.data), Decimal(0))


@require_safe
def year_list(request: SignedInRequest) -> HttpResponse:
    adopted = AdoptedDistribution.objects.filter(year=OuterRef("pk"))
    known = FiscalYear.objects.visible_to(request.user).with_deducted()
    table = YearTable(known.annotate(distributed=Exists(adopted)), request=request)
    if file := table.download(name="Haushaltsjahre", notes=notes("alle Haushaltsjahre")):
        return file
    context = {"table": table, "may_edit": may_edit(request)}
    return render(request, "budgets/year_list.html", context)


def notes(version: str) -> exports.Notes:
    return exports.Notes(source="Haushaltsjahre des Sozialraumbudgets", date=timezone.localdate(), version=version)


def may_edit(request: SignedInRequest) -> bool:
    return scope(request.user, "edit_budgets").everything


@require_safe
def year_detail(request: SignedInRequest, number: int) -> HttpResponse:
    year = get_object_or_404(FiscalYear.objects.visible_to(request.user), year=number)
    lines = product_lines(year)
    distribution = AdoptedDistribution.objects.current().for_year(number).with_rows().first()
    money = _adopted(request, distribution) if distribution else _so_far(request, year, lines[0].left)
    table: tables.Table = money["table"]
    if file := table.download(name=f"Budgets {number}", notes=notes(f"{year}, {year.get_status_display()}")):
        return file
    may = {"may_edit": may_edit(request), "may_deduct": may_edit(request) and distribution is None}
    may["may_split"] = bool(scope(request.user, "view_contracts"))
    context = {"year": year, "lines": lines, "distributed": lines[0], **may, **money}
    return render(request, "budgets/year_detail.html", context)


def _adopted(request: SignedInRequest, distribution: AdoptedDistribution) -> dict[str, Any]:
    totals = region_totals(distribution)
    reach = scope(request.user, "view_region")
    return {
        "distribution": distribution,
        "regions": [(total, reach.everything or _is_own(reach, total)) for total in totals],
        "chart": charts.stacked_bars(
            id="regionen",
            title=f"Budget je Region {distribution.year.year}",
            series=["Budget"],
            rows=[(total.name, [total.amount]) for total in totals],
        ),
        "table": ShareTable(list(distribution.rows.all()), request=request, caption="Budget je Sozialraum"),
    }


def _is_own(reach: Scope, total: RegionTotal) -> bool:
    return any(row.space.region_id in reach.regions or row.space_id in reach.spaces for row in total.spaces)


def _so_far(request: SignedInRequest, year: FiscalYear, target: Decimal) -> dict[str, Any]:
    amounts = list(year.amounts.select_related("space__region", "file").defer("file__content"))
    total = sum((amount.amount for amount in amounts), Decimal(0))
    return {
        "amounts": amounts,
        "sums": [
            *((name, format_euro(amount)) for name, amount in sums_by_region(amounts)),
            ("Summe", format_euro(total)),
        ],
        "difference": total - target,
        "difference_text": f"{format_euro(total)} gegen {format_euro(target)}: {format_euro_change(total - target)}.",
        "table": AmountTable(amounts, request=request, caption=f"Beträge der Sozialräume {year.year}"),
    }


@require_http_methods(GET_AND_POST)
def year_create(request: SignedInRequest) -> HttpResponse:
    require_everywhere(request.user, "edit_budgets")
    form = YearForm(request.POST or None, years=FiscalYear.objects.visible_to(request.user))
    if form.is_valid() and carried_out(request, form, years.open_year, **form.cleaned_data):
        return saved(
            request,
            form.cleaned_data["year"],
            f"Das Haushaltsjahr {form.cleaned_data['year']} ist als Entwurf angelegt.",
        )
    context = {"title": "Haushaltsjahr anlegen", "form": form, "button": "Haushaltsjahr anlegen"}
    return _form_page(request, context, reverse("budgets:year_list"))


@require_http_methods(GET_AND_POST)
def year_change(request: SignedInRequest, number: int) -> HttpResponse:
    year = year_to_edit(request, number)
    form = TotalsForm(request.POST or None, year=year)
    if form.is_valid() and carried_out(request, form, years.change_totals, year=year, **form.cleaned_data):
        return saved(request, number, "Die Gesamtbeträge sind gespeichert.")
    return _form_page(request, {"title": f"Gesamtbeträge {number} ändern", "form": form}, address_of(number), year)


@require_http_methods(GET_AND_POST)
def year_status(request: SignedInRequest, number: int) -> HttpResponse:
    year = year_to_edit(request, number)
    form = StatusForm(request.POST or None, year=year)
    if form.is_valid() and carried_out(request, form, years.change_status, year=year, **form.cleaned_data):
        status = YearStatus(form.cleaned_data["status"])
        return saved(request, number, f"Der Haushaltsstatus ist jetzt „{status.label}“.")
    context = {
        "title": f"Haushaltsstatus {number} ändern",
        "form": form,
        "intro": f"Bisher: {year.get_status_display()}. Einen Entwurf sehen nur die, die Entwürfe sehen dürfen.",
        "button": "Status ändern",
    }
    return _form_page(request, context, address_of(number), year)


@require_http_methods(GET_AND_POST)
def deduction_create(request: SignedInRequest, number: int) -> HttpResponse:
    year = year_to_edit(request, number)
    form = DeductionForm(request.POST or None, instance=Deduction(year=year))
    if form.is_valid() and carried_out(request, form, years.add_deduction, deduction=form.instance):
        return saved(request, number, f"Der Abzug „{form.instance}“ ist eingetragen.")
    return _form_page(request, {"title": f"Abzug {number} eintragen", "form": form}, address_of(number), year)


@require_http_methods(GET_AND_POST)
def deduction_change(request: SignedInRequest, number: int, pk: int) -> HttpResponse:
    year = year_to_edit(request, number)
    form = DeductionForm(request.POST or None, instance=get_object_or_404(year.deductions, pk=pk))
    if form.is_valid() and carried_out(request, form, years.change_deduction, deduction=form.instance):
        return saved(request, number, f"Der Abzug „{form.instance}“ ist gespeichert.")
    return _form_page(request, {"title": f"Abzug {number} ändern", "form": form}, address_of(number), year)


@require_http_methods(GET_AND_POST)
def deduction_remove(request: SignedInRequest, number: int, pk: int) -> HttpResponse:
    year = year_to_edit(request, number)
    deduction = get_object_or_404(year.deductions, pk=pk)
    form = ReasonForm(request.POST or None)
    if form.is_valid():
        years.remove_deduction(deduction=deduction, reason=form.cleaned_data["reason"], actor=request.user)
        return saved(request, number, f"Der Abzug „{deduction}“ ist entfernt.")
    context = {
        "title": f"Abzug „{deduction}“ entfernen",
        "question": f"Soll der Abzug „{deduction}“ entfernt werden?",
        "facts": [("Betrag", format_euro(deduction.amount)), ("Produkt", deduction.get_product_display())],
        "consequences": ["Der verteilte Betrag steigt um diesen Betrag.", "Das Protokoll hält Abzug und Grund fest."],
        "form": form,
        "button": "Abzug entfernen",
        "cancel_url": address_of(number),
    }
    return render(request, "budgets/deduction_remove.html", context | {"year": year})


def year_to_edit(request: SignedInRequest, number: int) -> FiscalYear:
    require_everywhere(request.user, "edit_budgets")
    return get_object_or_404(FiscalYear.objects.visible_to(request.user), year=number)


def carried_out(request: SignedInRequest, form: BaseForm, service: Callable[..., object], **arguments: Any) -> bool:
    """Whether the service did it; a refusal becomes an error of the form, and is recorded as the middleware does."""
    try:
        service(**arguments, actor=request.user)
    except DomainError as error:
        data = {"rule": type(error).__name__, "path": request.path[:200], "method": "POST"}
        record(actor=request.user, action="refused", data=data)
        form.add_error(None, str(error))
    return form.is_valid()


def address_of(number: int) -> str:
    return reverse("budgets:year_detail", args=[number])


def saved(request: SignedInRequest, number: int, sentence: str) -> HttpResponse:
    messages.success(request, sentence)
    return redirect(address_of(number))


def _form_page(
    request: SignedInRequest, context: dict[str, Any], back: str, year: FiscalYear | None = None
) -> HttpResponse:
    return render(request, "budgets/year_form.html", {**context, "cancel_url": back, "year": year})
