"""How sure a what-if is: asked for after the what-if itself, as part of its page or as a page of its own."""

from collections.abc import Sequence
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_safe

from budgets.models import FiscalYear
from budgets.uncertainty import EuroUncertainty, uncertainty_of
from budgets.uncertainty_exports import uncertainty_file
from budgets.what_if import WhatIf, read_what_if
from jugendhilfe.lib.canonical import digest
from regions.gates import require

TITLE = "Wie sicher sind diese Beträge?"


@require_safe
def bands(request: HttpRequest) -> HttpResponse:
    require(request.user, "simulate")
    what_if = read_what_if(request.user, request.GET.dict())
    back = reverse("budgets:comparison")
    return bands_answer(request, what_if, here=reverse("budgets:bands"), back=back)


def bands_answer(
    request: HttpRequest,
    what_if: WhatIf | None,
    *,
    here: str,
    back: str,
    parents: Sequence[tuple[str, str]] = (),
    title: str = TITLE,
) -> HttpResponse:
    """The bands of a what-if at the address `here`: a page, a part of the page `back`, or a download."""
    if what_if is None:
        return render(
            request, "budgets/comparison_empty.html", {"title": TITLE, "has_year": FiscalYear.objects.exists()}
        )
    found = uncertainty_of(what_if, request.GET.get("spalte", ""))
    if found and (file := uncertainty_file(what_if, found, request.GET.get("format"), request.GET.get("tabelle"))):
        return file
    query = what_if.scenario.query
    context = {
        "title": title,
        "what_if": what_if,
        "found": found,
        "here": f"{here}?{query}",
        "back": f"{back}?{query}",
        "parents": parents,
        "choices": _choices(found, f"{here}?{query}"),
    }
    if request.headers.get("HX-Request") == "true" and "HX-History-Restore-Request" not in request.headers:
        return render(request, "budgets/bands_found.html", context)
    return render(request, "budgets/bands.html", context, status=422 if what_if.form.errors else 200)


def hook(what_if: WhatIf, here: str) -> dict[str, Any]:
    """Where the page of a what-if asks for its bands; another what-if is another element, so that it asks again."""
    query = what_if.scenario.query
    return {"id": f"unsicherheit-{digest(query)[:12]}", "url": f"{here}?{query}"}


def _choices(found: EuroUncertainty | None, address: str) -> list[tuple[str, str, bool]]:
    if found is None:
        return []
    return [
        (column.title, f"{address}&spalte={column.number}#genau", column == found.detail) for column in found.columns
    ]
