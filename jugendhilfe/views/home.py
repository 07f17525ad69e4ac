"""The home page: "Übersicht" for those who are signed in, a start page in plain language for everybody else."""

from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from budgets.models import AdoptedDistribution
from budgets.reading import region_totals
from committees.models import Paper
from jugendhilfe.accounts.http import SignedInRequest
from jugendhilfe.accounts.models import User
from jugendhilfe.lib.exports import XLSX_TYPE, download
from jugendhilfe.views.checklist import EXAMPLES, setup_steps
from jugendhilfe.views.overview import (
    Overview,
    SpaceTable,
    chosen_year,
    distribution_of,
    factor_map,
    linked_regions,
    year_tabs,
    years_to_show,
)
from jugendhilfe.views.steps import next_steps
from regions.access import scope

LATEST_PAPERS = 5


@require_safe
@login_not_required
def home(request: HttpRequest) -> HttpResponse:
    return _overview(request, request.user) if isinstance(request.user, User) else _start_page(request)


def _overview(request: HttpRequest, user: User) -> HttpResponse:
    years = years_to_show(user)
    year = chosen_year(years, request.GET.get("jahr"))
    distribution = distribution_of(year) if year and year.is_distributed else None  # type: ignore[attr-defined]
    steps = next_steps(user, year, distribution, timezone.localdate())
    context: dict[str, Any] = {
        "years": year_tabs(years, year),
        "year": year,
        "steps": steps,
        "urgent": next((step for step in steps if step.is_urgent), None),
        "setup": [] if distribution else setup_steps(user),
        "steps_first": not scope(user, "view_region").everything or any(step.is_for_member for step in steps),
        "may_report": scope(user, "edit_reports").everything,
    }
    if year is not None:
        totals = region_totals(distribution) if distribution else []
        overview = Overview(year, distribution, linked_regions(user, totals) if totals else frozenset())
        if request.GET.get("format") == "xlsx":
            return download(overview.workbook(), f"Übersicht {year.year}.xlsx", XLSX_TYPE)
        context["overview"] = overview
    return render(request, "home.html", context)


def _start_page(request: HttpRequest) -> HttpResponse:
    distribution = AdoptedDistribution.objects.current().with_rows().first()
    totals = region_totals(distribution) if distribution else []
    rows = [row for region in totals for row in region.spaces]
    context = {
        "distribution": distribution,
        "regions": totals,
        "map": factor_map(rows),
        "table": SpaceTable(rows),
        "members": distribution.calculation.scheme.members.select_related("indicator") if distribution else (),
        "papers": Paper.objects.visible_to(request.user).latest_editions()[:LATEST_PAPERS],
    }
    return render(request, "home_public.html", context)


@require_safe
def example_file(request: SignedInRequest, name: str) -> FileResponse:
    """An input file of the demo, to see what a table looks like. Nothing of it is secret."""
    if name not in EXAMPLES:
        raise Http404
    folder = settings.BASE_DIR / "fixtures" / "lueneburg"
    return FileResponse((folder / name).open("rb"), as_attachment=True, filename=f"Beispiel-{name}")
