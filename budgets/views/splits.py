"""Aufteilung: what is bound and what goes into regional budget 1, by three rules side by side; costs and mapping."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from budgets.forms.splits import CostsForm, MappingForm, SplitForm, shares_in_words
from budgets.models import AdoptedDistribution, BlockMapping, FiscalYear, OfficeCosts
from budgets.services.splits import add_mapping, save_costs
from budgets.split import BLOCKS, Comparison, compare
from budgets.split_reading import SplitRow, Splittable, by_carrier, groups, splittable, whole
from budgets.views.years import GET_AND_POST, carried_out, year_to_edit
from jugendhilfe import __version__
from jugendhilfe.accounts.http import SignedInRequest
from jugendhilfe.lib import exports, tables
from jugendhilfe.lib.formats import format_euro
from regions.access import scope
from regions.gates import require, require_everywhere
from regions.models import Office


@require_safe
def split_comparison(request: SignedInRequest, number: int) -> HttpResponse:
    require(request.user, "view_contracts")
    year = get_object_or_404(FiscalYear.objects.visible_to(request.user), year=number)
    distribution = AdoptedDistribution.objects.current().for_year(number).with_rows().first()
    basis = splittable(distribution, request.user) if distribution else None
    return split_answer(request, year, basis, {"may_edit": scope(request.user, "edit_budgets").everything})


def split_answer(
    request: SignedInRequest, year: FiscalYear | None, basis: Splittable | None, context: dict[str, Any]
) -> HttpResponse:
    """The comparison of a year's split, or its download; with `parents` in `context` the page stands below these."""
    context = {
        "title": f"Gesamtbudget {year.year} aufteilen" if year else "Gesamtbudget aufteilen",
        "year": year,
        "basis": basis,
        **context,
    }
    if basis is None or not basis.portions:
        may_simulate = bool(scope(request.user, "simulate"))
        return render(request, "budgets/split_empty.html", {"may_simulate": may_simulate, **context})
    form = SplitForm(request.GET.dict(), basis=basis)
    if not form.is_valid():
        return render(request, "budgets/split_comparison.html", {"form": form, **context}, status=422)
    found = compare(basis.portions, form.rules)
    if file := _file(request, form, found):
        return file
    context |= {
        "form": form,
        "comparison": found,
        "groups": groups(found, basis.regions),
        "carriers": by_carrier(found) if len({p.carrier for p in basis.portions}) < len(basis.portions) else (),
        "whole": whole(found, f"Summe ({settings.COUNTY.whole_area})" if basis.is_whole else "Summe"),
        "mapping": shares_in_words(form.mapping),
        "query": request.GET.urlencode(),
    }
    return render(request, "budgets/split_comparison.html", context)


def _file(request: SignedInRequest, form: SplitForm, found: Comparison) -> HttpResponse | None:
    name = f"Aufteilung {form.basis.distribution.year.year}"
    match request.GET.get("format"):
        case "xlsx":
            source = f"Vergleich der Aufteilung, {form.basis.distribution}"
            lines = [*form.assumptions, *((one.name, one.error) for one in found.variants if one.error)]
            notes = exports.Notes(source, timezone.localdate(), __version__, lines)
            return exports.xlsx_response(_sheet(form.basis, found), notes, name)
        case "csv":
            return exports.csv_response(_sheet(form.basis, found), name)
    return None


def _sheet(basis: Splittable, found: Comparison) -> exports.Sheet:
    columns = [
        *(exports.Column(head) for head in ("Region", "Sozialraum", "Sozialraumbüro", "Träger")),
        exports.Column("Betrag", "euro"),
    ]
    for variant in found.variants:
        columns += [
            exports.Column(f"{variant.name}: gebunden", "euro"),
            exports.Column(f"{variant.name}: gebunden in %", "percent"),
            exports.Column(f"{variant.name}: regionales Budget 1", "euro"),
        ]
    rows = [
        [basis.regions.get(p.region, ""), p.space_name, p.office_name or "ohne Büro", p.carrier, p.total, *_values(row)]
        for (p, _), row in zip(found.rows, _flat(basis, found), strict=True)
    ]
    last = whole(found, "Summe")
    return exports.Sheet("Aufteilung", columns, rows, ["Summe", "", "", "", last.total, *_values(last)])


def _flat(basis: Splittable, found: Comparison) -> list[SplitRow]:
    return [row for group in groups(found, basis.regions) for row in group.rows]


def _values(row: SplitRow) -> list[exports.Value]:
    cells = ((cell.bound, cell.percent, cell.regional_1) if cell else (None, None, None) for cell in row.cells)
    return [value for cell in cells for value in cell]


# Costs of the offices


class CostTable(tables.Table):
    paginated = False
    office = tables.Column(verbose_name="Sozialraumbüro", accessor="office__name", footer="Summe")
    space = tables.Column(verbose_name="Sozialraum", accessor="office__space__name")
    operating, material, network, projects, fixed = (
        tables.EuroColumn(verbose_name=label, footer=lambda table, bound_column: _sum(table, bound_column.name))
        for label in (*BLOCKS.values(), "davon anerkannte Fixkosten")
    )
    source = tables.Column(verbose_name="Quelle")


def _sum(table: tables.Table, name: str) -> str:
    return format_euro(sum(getattr(row, name) or 0 for row in table.data.data))


@require_safe
def split_costs(request: SignedInRequest, number: int) -> HttpResponse:
    require(request.user, "view_contracts")
    year = get_object_or_404(FiscalYear.objects.visible_to(request.user), year=number)
    costs = OfficeCosts.objects.visible_to(request.user).filter(year=year).select_related("office__space")
    table = CostTable(list(costs), request=request, caption=f"Kosten der Sozialraumbüros {number} nach Blöcken")
    notes = exports.Notes(f"Kosten der Sozialraumbüros {number}", timezone.localdate(), __version__)
    if file := table.download(name=f"Kosten {number}", notes=notes):
        return file
    context = {
        "title": f"Kosten der Sozialraumbüros {number}",
        "year": year,
        "table": table,
        "is_example": any(row.is_example for row in table.data.data),
        "may_edit": scope(request.user, "edit_budgets").everything,
    }
    return render(request, "budgets/split_costs.html", context)


@require_http_methods(GET_AND_POST)
def split_costs_change(request: SignedInRequest, number: int) -> HttpResponse:
    year = year_to_edit(request, number)
    held = {row.office_id: row for row in year.office_costs.all()}
    offices = Office.objects.valid_in(number).select_related("space__region")
    form = CostsForm(request.POST or None, offices=offices, held=held)
    back = reverse("budgets:split_costs", args=[number])
    if form.is_valid() and carried_out(
        request, form, save_costs, year=year, costs=form.costs, source=form.cleaned_data["source"]
    ):
        for reading in form.readings:
            messages.warning(request, f"Bitte prüfen: {reading}.")
        messages.success(request, "Die Kosten sind gespeichert.")
        return redirect(back)
    context = {"title": f"Kosten {number} erfassen", "year": year, "form": form, "cancel_url": back}
    return render(request, "budgets/split_costs_form.html", context)


# Versions of the mapping


class MappingTable(tables.Table):
    caption = "Fassungen der Zuordnung"
    version = tables.Column(verbose_name="Fassung")
    operating, material, network, projects = (
        tables.PercentColumn(verbose_name=f"{label}: gebunden") for label in BLOCKS.values()
    )
    reason = tables.Column(verbose_name="Begründung")
    created_at = tables.DateColumn(verbose_name="angelegt am")
    created_by = tables.Column(verbose_name="angelegt von", accessor="created_by__name", default="Einrichtung")

    class Meta:
        order_by = "-version"


@require_safe
def split_mapping_list(request: SignedInRequest) -> HttpResponse:
    table = MappingTable(BlockMapping.objects.select_related("created_by"), request=request)
    notes = exports.Notes("Zuordnungen der Kostenblöcke", timezone.localdate(), __version__)
    if file := table.download(name="Zuordnungen", notes=notes):
        return file
    context = {
        "title": "Zuordnung der Kostenblöcke",
        "table": table,
        "may_add": scope(request.user, "propose_models").everything,
    }
    return render(request, "budgets/split_mapping_list.html", context)


@require_http_methods(GET_AND_POST)
def split_mapping_new(request: SignedInRequest) -> HttpResponse:
    require_everywhere(request.user, "propose_models")
    latest = BlockMapping.objects.first()
    start = {block: getattr(latest, block) for block in BLOCKS} if latest else {}
    form = MappingForm(request.POST or None, instance=BlockMapping(**start))
    back = reverse("budgets:split_mapping_list")
    if form.is_valid() and carried_out(request, form, add_mapping, mapping=form.save(commit=False)):
        messages.success(request, f"Die {form.instance} ist angelegt.")
        return redirect(back)
    context = {
        "title": "Neue Fassung der Zuordnung",
        "intro": "Eine Fassung bleibt, wie sie ist. Ändert sich etwas, folgt die nächste.",
        "form": form,
        "button": "Fassung anlegen",
        "parents": [("Budgets", reverse("budgets:year_list")), ("Zuordnung der Kostenblöcke", back)],
        "cancel_url": back,
    }
    return render(request, "components/form_page.html", context)
