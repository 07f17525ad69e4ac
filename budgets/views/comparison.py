"""Comparing distributions: the page, its answers while somebody moves a slider, its downloads."""

from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from budgets.comparison import figures
from budgets.comparison_exports import comparison_file
from budgets.models import FiscalYear
from budgets.scenario import MEANT_FOR
from budgets.what_if import WhatIf, read_what_if
from jugendhilfe.lib.charts import slope_chart
from regions.access import scope
from regions.gates import require

TITLE = "Verteilungsmodelle vergleichen"
PAGE = "budgets/comparison_detail.html"


@require_safe
def comparison(request: HttpRequest) -> HttpResponse:
    require(request.user, "simulate")
    what_if = read_what_if(request.user, request.GET.dict())
    if what_if is None:
        has_year = FiscalYear.objects.visible_to(request.user).exists()
        return render(request, "budgets/comparison_empty.html", {"title": TITLE, "has_year": has_year})
    live = request.headers.get("HX-Request") == "true" and "HX-History-Restore-Request" not in request.headers
    if request.GET.get(MEANT_FOR, what_if.start.meant_for) != what_if.start.meant_for:
        return _page_of(what_if, live=live)
    if what_if.comparison and (file := comparison_file(what_if, request.GET.get("format"), request.GET.get("tabelle"))):
        return file
    context = _context(request, what_if)
    if live:
        return _answer(request, what_if, context)
    return render(request, PAGE, context, status=422 if what_if.form.errors else 200)


def _page_of(what_if: WhatIf, *, live: bool) -> HttpResponse:
    """Another year or scheme has other fields: a new page with the amount and the weights that belong to it."""
    url = f"{reverse('budgets:comparison')}?{what_if.scenario.query}"
    return HttpResponse(headers={"HX-Redirect": url}) if live else HttpResponseRedirect(url)


def _answer(request: HttpRequest, what_if: WhatIf, context: dict[str, Any]) -> HttpResponse:
    """Only what changes: the result, or the fields with their errors beside the last good result."""
    if what_if.form.errors:
        answer = render(request, f"{PAGE}#fields", context, status=422)
        answer.headers["HX-Retarget"], answer.headers["HX-Reswap"] = "#annahmen-felder", "innerMorph"
        return answer
    # Errors and echoes that stand on the page are taken away again, or replaced by new ones.
    context["with_fields"] = what_if.form.says_something or "hinweise" in request.GET
    answer = render(request, f"{PAGE}#answer", context)
    url = f"{reverse('budgets:comparison')}?{what_if.scenario.query}"
    # "Back" undoes one change: what changed nothing leaves no step.
    if not request.headers.get("HX-Current-URL", "").endswith(url):
        answer.headers["HX-Push-Url"] = url
    return answer


def _context(request: HttpRequest, what_if: WhatIf) -> dict[str, Any]:
    found = what_if.comparison
    return {
        "title": TITLE,
        "form": what_if.form,
        "what_if": what_if,
        "comparison": found,
        "query": what_if.scenario.query,
        "figures": figures(found) if found else [],
        "charts": _charts(what_if),
        "moved": _moved(what_if),
        "may_propose": bool(scope(request.user, "propose_models")),
        "may_save_weights": bool(scope(request.user, "edit_schemes")),
    }


def _moved(what_if: WhatIf) -> list[tuple[Any, Any, list[Any]]]:
    """Column, contributions, and per space its name, start, what moves it, amount and the sentence."""
    places = what_if.comparison.places if what_if.comparison else []
    return [
        (
            column,
            moved,
            [
                (
                    place.name,
                    moved.start[place.key],
                    moved.row(place.key),
                    moved.amount[place.key],
                    moved.sentence(place.key),
                )
                for place in places
            ],
        )
        # One column is enough to read, and the answer has to come at once; the Excel file has them all.
        for column, moved in what_if.moved_by_indicators(what_if.columns_by_need[:1])
    ]


def _charts(what_if: WhatIf) -> list[Any]:
    found = what_if.comparison
    if found is None or any(place.space.previous is None for place in found.places):
        return []
    rows: list[Any] = [row for group in found.groups for row in group.rows]
    return [
        slope_chart(
            id=f"verlauf-{column.number}",
            title=f"Bisher und {column.title}",
            before="Bisher",
            after=f"Modell {column.short_title}",
            rows=[(row.name, row.previous, row.cells[place].amount) for row in rows],
        )
        for place, column in enumerate(found.columns)
        if column.distribution
    ]
