"""Weighting schemes: the list, one version, drafting it, and the steps of its life."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from indicators.forms.schemes import AdoptForm, AsOfForm, ReasonForm, SchemeEditor
from indicators.models import WeightingScheme
from indicators.reading import changes_since, facts_of, gaps_of, outcome_of, weight_lines
from indicators.services import schemes
from indicators.tables import SchemeTable
from indicators.workflow import open_to
from jugendhilfe import __version__
from jugendhilfe.accounts.http import SignedInRequest
from jugendhilfe.audit.models import Entry
from jugendhilfe.lib.errors import DomainError
from jugendhilfe.lib.exports import Notes
from regions.access import scope
from regions.gates import require_everywhere

GET_AND_POST = ("GET", "POST")
CONFIRM = "components/confirm.html"


@require_safe
def scheme_list(request: SignedInRequest) -> HttpResponse:
    table = SchemeTable(WeightingScheme.objects.visible_to(request.user).with_number_of_indicators(), request=request)
    notes = Notes(source="Gewichtungsschemata", date=timezone.localdate(), version=__version__)
    if file := table.download(name="Gewichtungsschemata", notes=notes):
        return file
    context = {
        "title": "Gewichtungsschemata",
        "table": table,
        "may_edit": scope(request.user, "edit_schemes").everything,
    }
    return render(request, "indicators/scheme_list.html", context)


@require_safe
def scheme_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    scheme = scheme_or_404(request, pk)
    outcome = outcome_of(scheme)
    former = WeightingScheme.objects.visible_to(request.user).filter(pk=scheme.copied_from_id or 0).first()
    changes = changes_since(former, outcome.calculated)
    sees_drafts = scope(request.user, "view_drafts").everything
    context = {
        "title": str(scheme),
        "scheme": scheme,
        "outcome": outcome,
        "weights": weight_lines(outcome.inputs) if outcome.calculated and outcome.inputs else [],
        "gaps": gaps_of(outcome.inputs),
        "calculations": scheme.calculations.all(),
        "former": former,
        "changes": changes,
        "changes_anything": any(change.difference for change in changes),
        "facts": facts_of(scheme),
        "steps": [
            {"name": step.name, "label": step.label, "url": reverse(f"indicators:scheme_{step.name}", args=[pk])}
            for step in open_to(request.user, scheme)
        ],
        "may_edit": scope(request.user, "edit_schemes").everything,
        "sees_rounds": scope(request.user, "view_committees").everything,
        "history": Entry.objects.for_object(scheme).with_actor() if sees_drafts else None,
    }
    return render(request, "indicators/scheme_detail.html", context)


@require_http_methods(GET_AND_POST)
def scheme_create(request: SignedInRequest) -> HttpResponse:
    require_everywhere(request.user, "edit_schemes")
    editor = SchemeEditor(request.POST or None, scheme=None)

    def save() -> WeightingScheme:
        return schemes.draft_scheme(**editor.entries(), actor=request.user)

    return _edited(request, editor, save, title="Neues Gewichtungsschema", cancel_url=reverse("indicators:scheme_list"))


@require_http_methods(GET_AND_POST)
def scheme_change(request: SignedInRequest, pk: int) -> HttpResponse:
    require_everywhere(request.user, "edit_schemes")
    scheme = scheme_or_404(request, pk)
    editor = SchemeEditor(request.POST or None, scheme=scheme)

    def save() -> WeightingScheme:
        return schemes.edit_scheme(scheme=scheme, **editor.entries(), actor=request.user)

    return _edited(request, editor, save, title=f"{scheme} bearbeiten", cancel_url=address_of(scheme))


def _edited(
    request: SignedInRequest, editor: SchemeEditor, save: Callable[[], WeightingScheme], **page: str
) -> HttpResponse:
    if request.method == "POST" and editor.is_valid():
        try:
            scheme = save()
        except DomainError as error:
            editor.settings.add_error(None, str(error))
        else:
            messages.success(request, f"„{scheme}“ ist als Entwurf gespeichert.")
            return redirect(address_of(scheme))
    context = {**page, "editor": editor, "form": editor}
    return render(request, "indicators/scheme_form.html", context, status=422 if editor.errors else 200)


@require_http_methods(GET_AND_POST)
def scheme_copy(request: SignedInRequest, pk: int) -> HttpResponse:
    require_everywhere(request.user, "edit_schemes")
    scheme = scheme_or_404(request, pk)
    if request.method == "POST":
        copy = schemes.copy_scheme(scheme=scheme, actor=request.user)
        messages.success(request, f"„{copy}“ ist als Entwurf angelegt.")
        return redirect("indicators:scheme_change", copy.pk)
    context = {
        "title": f"{scheme}: neue Fassung anlegen",
        "question": "Möchten Sie eine neue Fassung als Entwurf anlegen?",
        "consequences": [
            "Gewichte, Verfahren, festgehaltene Kreiswerte und der Umgang mit fehlenden Werten werden übernommen.",
            f"„{scheme}“ bleibt, wie es ist.",
        ],
        "button": "Neue Fassung anlegen",
        "cancel_url": address_of(scheme),
        "parents": parents_of(scheme),
    }
    return render(request, CONFIRM, context)


@require_http_methods(GET_AND_POST)
def scheme_propose(request: SignedInRequest, pk: int) -> HttpResponse:
    require_everywhere(request.user, "edit_schemes")
    scheme = scheme_or_404(request, pk)
    return _step(
        request,
        scheme,
        lambda: schemes.propose_scheme(scheme=scheme, actor=request.user),
        done=f"„{scheme}“ ist zur Festlegung vorgeschlagen.",
        title=f"{scheme} vorschlagen",
        question="Möchten Sie dieses Gewichtungsschema zur Festlegung vorschlagen?",
        consequences=[
            "Bis es zurückgegeben wird, lässt es sich nicht mehr bearbeiten.",
            "Festlegen muss es eine andere Person.",
        ],
        button="Vorschlagen",
    )


@require_http_methods(GET_AND_POST)
def scheme_return(request: SignedInRequest, pk: int) -> HttpResponse:
    require_everywhere(request.user, "adopt_schemes")
    scheme = scheme_or_404(request, pk)
    form = ReasonForm(request.POST or None)
    return _step(
        request,
        scheme,
        lambda: schemes.return_scheme(scheme=scheme, reason=form.cleaned_data["reason"], actor=request.user),
        form=form,
        done=f"„{scheme}“ ist zurückgegeben und wieder ein Entwurf.",
        title=f"{scheme} zurückgeben",
        question="Möchten Sie diesen Vorschlag zur Überarbeitung zurückgeben?",
        button="Zurückgeben",
    )


@require_http_methods(GET_AND_POST)
def scheme_adopt(request: SignedInRequest, pk: int) -> HttpResponse:
    require_everywhere(request.user, "adopt_schemes")
    scheme = scheme_or_404(request, pk)
    form = AdoptForm(request.POST or None)
    return _step(
        request,
        scheme,
        lambda: schemes.adopt_scheme(scheme=scheme, legal_basis=form.cleaned_data["legal_basis"], actor=request.user),
        form=form,
        done=f"„{scheme}“ ist festgelegt; die Belastungsfaktoren sind gespeichert.",
        title=f"{scheme} festlegen",
        question="Möchten Sie dieses Gewichtungsschema festlegen?",
        warning="Ein festgelegtes Gewichtungsschema lässt sich nicht mehr ändern, nur durch eine neue Fassung ablösen.",
        consequences=[
            "Die Belastungsfaktoren werden mit den heutigen Daten berechnet und gespeichert.",
            "Die bisher festgelegte Fassung wird abgelöst.",
            "Alle angemeldeten Personen können Gewichte und Faktoren sehen.",
        ],
        button="Festlegen",
    )


@require_http_methods(GET_AND_POST)
def scheme_recalculate(request: SignedInRequest, pk: int) -> HttpResponse:
    require_everywhere(request.user, "edit_schemes")
    scheme = scheme_or_404(request, pk)
    form = AsOfForm(request.POST or None, initial={"as_of": timezone.localdate()})
    return _step(
        request,
        scheme,
        lambda: schemes.calculate_again(scheme=scheme, as_of=form.cleaned_data["as_of"], actor=request.user),
        form=form,
        done="Die Belastungsfaktoren sind neu berechnet und gespeichert.",
        title=f"{scheme} neu berechnen",
        question="Möchten Sie die Belastungsfaktoren mit neueren Daten berechnen?",
        consequences=[
            "Gewichte und Verfahren bleiben gleich.",
            "Die neuen Faktoren gelten für künftige Berechnungen; festgelegte Verteilungen ändern sich nicht.",
        ],
        button="Neu berechnen",
    )


@require_http_methods(GET_AND_POST)
def scheme_discard(request: SignedInRequest, pk: int) -> HttpResponse:
    require_everywhere(request.user, "edit_schemes")
    scheme = scheme_or_404(request, pk)
    form = ReasonForm(request.POST or None)
    return _step(
        request,
        scheme,
        lambda: schemes.discard_scheme(scheme=scheme, reason=form.cleaned_data["reason"], actor=request.user),
        form=form,
        done=f"Der Entwurf „{scheme}“ ist verworfen.",
        title=f"{scheme} verwerfen",
        question="Möchten Sie diesen Entwurf verwerfen?",
        warning="Ein verworfener Entwurf lässt sich nicht wiederherstellen.",
        button="Verwerfen",
        next_url=reverse("indicators:scheme_list"),
    )


def _step(
    request: SignedInRequest,
    scheme: WeightingScheme,
    take: Callable[[], object],
    *,
    done: str,
    form: Any = None,
    next_url: str = "",
    **page: Any,
) -> HttpResponse:
    """Ask once more, then take the step; a refusal is said on the same page."""
    if request.method == "POST" and (form is None or form.is_valid()):
        take()
        messages.success(request, done)
        return redirect(next_url or address_of(scheme))
    context = {**page, "form": form, "cancel_url": address_of(scheme), "parents": parents_of(scheme)}
    return render(request, CONFIRM, context, status=422 if form is not None and form.errors else 200)


def scheme_or_404(request: SignedInRequest, pk: int) -> WeightingScheme:
    return get_object_or_404(
        WeightingScheme.objects.visible_to(request.user).select_related("population", "proposed_by", "adopted_by"),
        pk=pk,
    )


def address_of(scheme: WeightingScheme) -> str:
    return reverse("indicators:scheme_detail", args=[scheme.pk])


def parents_of(scheme: WeightingScheme) -> list[tuple[str, str]]:
    """What stands above a page about one step of a scheme."""
    return [
        ("Belastung", reverse("indicators:burden")),
        ("Gewichtungsschemata", reverse("indicators:scheme_list")),
        (str(scheme), address_of(scheme)),
    ]


scheme_urls = [
    path("schemata/", scheme_list, name="scheme_list"),
    path("schemata/neu/", scheme_create, name="scheme_create"),
    path("schemata/<int:pk>/", scheme_detail, name="scheme_detail"),
    path("schemata/<int:pk>/bearbeiten/", scheme_change, name="scheme_change"),
    path("schemata/<int:pk>/neue-fassung/", scheme_copy, name="scheme_copy"),
    path("schemata/<int:pk>/vorschlagen/", scheme_propose, name="scheme_propose"),
    path("schemata/<int:pk>/zurueckgeben/", scheme_return, name="scheme_return"),
    path("schemata/<int:pk>/festlegen/", scheme_adopt, name="scheme_adopt"),
    path("schemata/<int:pk>/neu-berechnen/", scheme_recalculate, name="scheme_recalculate"),
    path("schemata/<int:pk>/verwerfen/", scheme_discard, name="scheme_discard"),
]
