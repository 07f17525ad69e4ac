"""The budget of one region in one year: its spaces and offices, and for those who see its drafts what is proposed."""

from decimal import Decimal
from typing import Any

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from budgets.models import AdoptedDistribution, FiscalYear, spaces_with_drafts
from budgets.reading import RegionTotal, proposals_for, region_totals
from budgets.views.years import ShareTable, notes
from jugendhilfe.accounts.http import SignedInRequest
from jugendhilfe.lib import charts, exports, tables
from jugendhilfe.lib.formats import format_euro
from regions.gates import get_region_or_404

MOST_SERIES = 5


class OfficeTable(tables.Table):
    caption = "Budget je Sozialraumbüro"
    paginated = False
    office_name = tables.Column(verbose_name="Sozialraumbüro", footer="Summe")
    carrier_name = tables.Column(verbose_name="Träger")
    space_name = tables.Column(verbose_name="Sozialraum")
    amount = tables.EuroColumn(
        verbose_name="Betrag", footer=lambda table: format_euro(sum(row.amount for row in table.data.data))
    )


@require_safe
def region_budget(request: SignedInRequest, number: int, year: int) -> HttpResponse:
    region = get_region_or_404(request.user, number)
    of_year = get_object_or_404(FiscalYear.objects.visible_in_region(request.user, region), year=year)
    distribution = AdoptedDistribution.objects.current().for_year(year).with_rows().first()
    total = next((one for one in region_totals(distribution) if one.number == number), None) if distribution else None
    context: dict[str, Any] = {"region": region, "year": of_year, "distribution": distribution, "total": total}
    if total:
        spaces = ShareTable(total.spaces, request=request, caption="Budget je Sozialraum", exclude=("region_number",))
        offices = OfficeTable(total.offices, request=request, prefix="bueros-")
        if file := _download(request, spaces, offices, f"{region} {year}"):
            return file
        context |= {"table": spaces, "offices": offices, "chart": _chart(total, year)}
    drafts = list(spaces_with_drafts(request.user, region))
    context |= {"drafts": drafts, "proposals": proposals_for(drafts, of_year) if drafts else []}
    return render(request, "budgets/region_budget_detail.html", context)


def _download(request: SignedInRequest, spaces: tables.Table, offices: tables.Table, name: str) -> HttpResponse | None:
    if request.GET.get("format") == "xlsx":
        return exports.xlsx_response([spaces.sheet, offices.sheet], notes(name), f"Budget {name}")
    return spaces.download(name=f"Budget {name}", notes=notes(name))


def _chart(total: RegionTotal, year: int) -> charts.StackedBars | None:
    """Last year and this year, one segment per space; with many spaces the table says it better."""
    if total.previous is None or len(total.spaces) > MOST_SERIES:
        return None
    return charts.stacked_bars(
        id="region",
        title=f"{total.name}: bisher und {year}",
        series=[row.space_name for row in total.spaces],
        rows=[
            ("bisher", [row.previous or Decimal(0) for row in total.spaces]),
            (str(year), [row.amount for row in total.spaces]),
        ],
        row_head="Jahr",
        adds_up=False,
    )
