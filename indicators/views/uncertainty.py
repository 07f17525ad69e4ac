"""How sure the burden factors are: the stored analysis, computing a new one, its download."""

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods

from indicators.forms.uncertainty import SeedForm
from indicators.reading import Selection, select
from indicators.services.sensitivity import DRAWS, run_sensitivity
from indicators.uncertainty import ShiftTable, Shown, UncertaintyTable, stored_run
from jugendhilfe import __version__
from jugendhilfe.accounts.http import SignedInRequest
from jugendhilfe.lib import exports
from jugendhilfe.lib.formats import format_number
from regions.access import scope
from regions.gates import require_everywhere

GET_AND_POST = ("GET", "POST")
TITLE = "Wie sicher sind die Belastungsfaktoren?"


@require_http_methods(GET_AND_POST)
def uncertainty(request: SignedInRequest) -> HttpResponse:
    selection = select(request.user, request.GET.dict())
    if selection is None or selection.outcome.calculated is None:
        raise Http404
    form = SeedForm(request.POST or None)
    if request.method == "POST":
        require_everywhere(request.user, "edit_schemes")
        if form.is_valid():
            return _run(request, selection, form.cleaned_data["startwert"])
    shown = stored_run(selection.scheme, selection.outcome.calculated)
    found = _tables(request, shown) if shown else {}
    if shown and (file := _download(request, shown, found)):
        return file
    context = {
        "title": TITLE,
        "selection": selection,
        "shown": shown,
        "draws": DRAWS,
        "form": form,
        "may_run": scope(request.user, "edit_schemes").everything,
        **found,
    }
    return render(request, "indicators/uncertainty.html", context, status=422 if form.errors else 200)


def _run(request: SignedInRequest, selection: Selection, seed: int) -> HttpResponse:
    run_sensitivity(
        scheme=selection.scheme,
        seed=seed,
        actor=request.user,
        as_of=selection.as_of,
        population=selection.population,
    )
    messages.success(request, "Die Spannen sind berechnet und gespeichert.")
    return redirect(reverse("indicators:uncertainty") + selection.query)


def _tables(request: SignedInRequest, shown: Shown) -> dict[str, Any]:
    return {"table": UncertaintyTable(shown, request=request), "shifts": ShiftTable(shown, request=request)}


def _download(request: SignedInRequest, shown: Shown, found: dict[str, Any]) -> HttpResponse | None:
    match request.GET.get("format"):
        case "xlsx":
            sheets = [found["table"].sheet, found["shifts"].sheet]
            return exports.xlsx_response(sheets, _notes(shown), "Unsicherheit")
        case "csv":
            return exports.csv_response(found["table"].sheet, "Unsicherheit")
    return None


def _notes(shown: Shown) -> exports.Notes:
    run, inputs = shown.run, shown.calculated.inputs
    lines = [
        ("Gewichtungsschema", f"{inputs.name}, Fassung {inputs.version}"),
        ("Ziehungen", format_number(run.draws)),
        ("Startwert des Zufalls", str(run.seed)),
        ("Spannen", "5 bis 95 % der Ziehungen"),
        ("Ohne Zähler, deshalb fest", ", ".join(shown.fixed) or "keiner"),
        ("Prüfsumme der Eingaben (SHA-256)", run.inputs_sha256),
        ("Prüfsumme des Ergebnisses (SHA-256)", run.sha256),
    ]
    if inputs.is_example:
        lines.append(("Beispieldaten", "Ein Teil der Zahlen ist ein Beispiel und keine amtliche Angabe."))
    return exports.Notes(source="Unsicherheit der Belastungsfaktoren", date=run.as_of, version=__version__, lines=lines)


uncertainty_urls = [path("unsicherheit/", uncertainty, name="uncertainty")]
