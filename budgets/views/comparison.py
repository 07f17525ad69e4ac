"""Comparing distributions: the page, its answers while somebody moves a slider, its downloads."""

from collections.abc import Callable
from typing import Any

from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from budgets.comparison import figures
from budgets.comparison_exports import comparison_file
from budgets.models import FiscalYear
from budgets.scenario import MEANT_FOR
from budgets.views.uncertainty import hook
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
    return comparison_answer(request, what_if, here=reverse("budgets:comparison"))


def result_context(request: HttpRequest, what_if: WhatIf) -> dict[str, Any]:
    """What the page shows besides the amounts, and what the user may do with them."""
    return {
        "figures": figures(what_if.comparison) if what_if.comparison else [],
        "charts": _charts(what_if),
        "moved": _moved(what_if),
        "bands": hook(what_if, reverse("budgets:bands")) if scope(request.user, "simulate") else None,
        "may_propose": bool(scope(request.user, "propose_models")),
        "may_save_weights": bool(scope(request.user, "edit_schemes")),
    }


def comparison_answer(
    request: HttpRequest,
    what_if: WhatIf | None,
    *,
    here: str,
    template: str = PAGE,
    context_of: Callable[[HttpRequest, WhatIf], dict[str, Any]] = result_context,
) -> HttpResponse:
    """The page of a what-if at the address `here`, its live answer or its download.

    `template` has the partials "fields" and "answer"; `context_of` gives what it shows besides the amounts.
    """
    if what_if is None:
        has_year = FiscalYear.objects.exists()
        return render(request, "budgets/comparison_empty.html", {"title": TITLE, "has_year": has_year})
    live = request.headers.get("HX-Request") == "true" and "HX-History-Restore-Request" not in request.headers
    if request.GET.get(MEANT_FOR, what_if.start.meant_for) != what_if.start.meant_for:
        return _page_of(what_if, here, live=live)
    if what_if.comparison and (file := comparison_file(what_if, request.GET.get("format"), request.GET.get("tabelle"))):
        return file
    context = {
        "title": TITLE,
        "here": here,
        "form": what_if.form,
        "what_if": what_if,
        "comparison": what_if.comparison,
        "query": what_if.scenario.query,
        **context_of(request, what_if),
    }
    if live:
        return _live(request, what_if, template, context)
    return render(request, template, context, status=422 if what_if.form.errors else 200)


def _page_of(what_if: WhatIf, here: str, *, live: bool) -> HttpResponse:
    """Another year or scheme has other fields: a new page with the amount and the weights that belong to it."""
    url = f"{here}?{what_if.scenario.query}"
    return HttpResponse(headers={"HX-Redirect": url}) if live else HttpResponseRedirect(url)


def _live(request: HttpRequest, what_if: WhatIf, template: str, context: dict[str, Any]) -> HttpResponse:
    """Only what changes: the result, or the fields with their errors beside the last good result."""
    if what_if.form.errors:
        answer = render(request, f"{template}#fields", context, status=422)
        answer.headers["HX-Retarget"], answer.headers["HX-Reswap"] = "#annahmen-felder", "innerMorph"
        return answer
    # Errors and echoes that stand on the page are taken away again, or replaced by new ones.
    context["with_fields"] = what_if.form.says_something or "hinweise" in request.GET
    answer = render(request, f"{template}#answer", context)
    url = f"{context['here']}?{what_if.scenario.query}"
    # "Back" undoes one change: what changed nothing leaves no step.
    if not request.headers.get("HX-Current-URL", "").endswith(url):
        answer.headers["HX-Push-Url"] = url
    return answer


def _moved(what_if: WhatIf) -> list[tuple[Any, Any, list[Any]]]:
    """Column, contributions, and what to show of every space."""
    places = what_if.comparison.places if what_if.comparison else []
    return [
        (column, moved, moved.rows((place.key, place.name) for place in places))
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
