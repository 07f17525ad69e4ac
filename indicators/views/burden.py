"""The page "Belastung", the way to the factor of one space, and what to doubt about a scheme."""

from typing import Any

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import path
from django.views.decorators.http import require_safe

from indicators.explanation import explain, reasons_in_words
from indicators.exports import burden_file
from indicators.inputs import Calculated, Place
from indicators.reading import Selection, diagnose, factor_chart, outdated_members, select, weight_lines
from indicators.tables import BurdenTable, ContributionTable
from indicators.uncertainty import stored_bands
from jugendhilfe.accounts.http import SignedInRequest
from jugendhilfe.lib.charts import contribution_bars
from regions.access import scope

TITLE = "Belastungsindikatoren"


@require_safe
def burden(request: SignedInRequest) -> HttpResponse:
    selection = select(request.user, request.GET.dict())
    context = {"title": TITLE, "may_edit": scope(request.user, "edit_schemes").everything}
    if selection is None:
        return render(request, "indicators/burden_empty.html", context)
    context |= {"selection": selection, "outcome": selection.outcome, "form": selection.filter}
    if calculated := selection.outcome.calculated:
        found = _tables(request, selection, calculated)
        kind, shown = request.GET.get("format"), found["shown"]
        if file := burden_file(calculated, found["table"].sheet, kind=kind, title=str(selection.scheme), shown=shown):
            return file
        context |= found
    return render(request, "indicators/burden_page.html", context)


def _tables(request: SignedInRequest, selection: Selection, calculated: Calculated) -> dict[str, Any]:
    def shown(place: Place) -> bool:
        return selection.filter.shows(place, calculated.factors[place.key])

    whole = settings.COUNTY.whole_area
    bands = stored_bands(selection.scheme, calculated) if selection.is_usual else {}
    return {
        "shown": shown,
        "table": BurdenTable(calculated, shown=shown, query=selection.query, whole=whole, request=request),
        "contributions": ContributionTable(calculated, shown=shown, request=request),
        "number_shown": sum(map(shown, calculated.inputs.places)),
        "chart": factor_chart(calculated, shown, bands),
        "has_bands": bool(bands),
        "weights": weight_lines(calculated.inputs),
        "outdated": outdated_members(calculated.inputs),
    }


@require_safe
def burden_steps(request: SignedInRequest, key: str) -> HttpResponse:
    selection, calculated = _calculated_or_404(request)
    place = next((place for place in calculated.inputs.places if place.key == key), None)
    if place is None:
        raise Http404
    row = calculated.result.keys.index(key)
    parts = zip(calculated.members, calculated.result.contributions[row], strict=True)
    bars = [(member.short_name, float(part)) for member, part in parts]
    if calculated.result.limits.any():
        bars.append(("Begrenzung", float(calculated.result.limits[row])))
    context = {
        "title": f"So wird gerechnet: {place.full_name}",
        "selection": selection,
        "place": place,
        "factor": calculated.factors[key],
        "chapters": explain(calculated, key, whole=settings.COUNTY.whole_area),
        "summary": reasons_in_words(calculated, key),
        "chart": contribution_bars(
            id="beitraege", title=f"Was den Faktor von {place.name} bewegt", rows=bars, total="Faktor − 1"
        ),
    }
    return render(request, "indicators/burden_steps.html", context)


@require_safe
def burden_diagnosis(request: SignedInRequest) -> HttpResponse:
    selection, calculated = _calculated_or_404(request)
    context = {
        "title": "Diagnose der Gewichtung",
        "selection": selection,
        "members": calculated.members,
        "diagnosis": diagnose(calculated),
    }
    return render(request, "indicators/burden_diagnosis.html", context)


def _calculated_or_404(request: SignedInRequest) -> tuple[Selection, Calculated]:
    selection = select(request.user, request.GET.dict())
    if selection is None or selection.outcome.calculated is None:
        raise Http404
    return selection, selection.outcome.calculated


burden_urls = [
    path("", burden, name="burden"),
    path("rechenweg/<str:key>/", burden_steps, name="burden_steps"),
    path("diagnose/", burden_diagnosis, name="burden_diagnosis"),
]
