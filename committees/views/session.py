"""Sitzungsmodus: one model for the projector, snapshots of proposals, and what the session agreed on."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from django.contrib import messages
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_POST, require_safe

from budgets.comparison import Column
from budgets.reading import sum_of_known
from budgets.views.comparison import comparison_answer
from budgets.what_if import Reader, WhatIf
from committees.forms.scenarios import SnapshotForm
from committees.gates import get_negotiating_or_404, require_leading
from committees.models import Committee, SavedScenario
from committees.outcomes import (
    Distance,
    Outcome,
    change_against,
    distance,
    is_one_model,
    one_model,
    outcomes_of,
    parameters_of,
    reader_for,
)
from committees.services import scenarios as services
from jugendhilfe.accounts.http import SignedInRequest
from jugendhilfe.lib.errors import DomainError
from regions.views.master_data import attempt

PAGE = "committees/session_detail.html"


class Snapshot(NamedTuple):
    """A scenario of today with its first model, and how far that is from what was agreed on."""

    scenario: SavedScenario
    column: Column | None
    distance: Distance | None
    may_be_agreed: bool
    is_last_agreed: bool


@require_safe
def session(request: SignedInRequest, pk: int) -> HttpResponse:
    committee = get_negotiating_or_404(request.user, pk)
    require_leading(request.user, committee)
    return _answer(request, committee, request.GET.dict())


@require_POST
def snapshot(request: SignedInRequest, pk: int) -> HttpResponse:
    committee = get_negotiating_or_404(request.user, pk)
    require_leading(request.user, committee)
    given = parameters_of(request.POST.get("stand", ""))
    what_if = reader_for(request.user).read(one_model(given)) if given else None
    if what_if is None:
        raise DomainError("Es fehlt der Stand, der festgehalten werden soll. Bitte laden Sie die Seite neu.")
    form = SnapshotForm(request.POST, committee=committee)
    if form.is_valid():
        arguments = {"committee": committee, "what_if": what_if, "actor": request.user, **form.cleaned_data}
        if kept := attempt(form, lambda: services.keep_snapshot(**arguments)):
            messages.success(request, f"„{kept}“ ist festgehalten.")
            return redirect(f"{_here(committee)}?{kept.query}")
    return _answer(request, committee, given, form)


@require_POST
def session_agree(request: SignedInRequest, pk: int, scenario: int) -> HttpResponse:
    committee, found = _shared_or_404(request, pk, scenario)
    services.agree(scenario=found, actor=request.user)
    messages.success(request, f"„{found}“ ist vereinbart.")
    return redirect(f"{_here(committee)}?{found.query}")


@require_POST
def session_withdraw(request: SignedInRequest, pk: int, scenario: int) -> HttpResponse:
    committee, found = _shared_or_404(request, pk, scenario)
    services.withdraw_agreement(scenario=found, actor=request.user)
    messages.success(request, f"„{found}“ ist nicht mehr vereinbart.")
    return redirect(f"{_here(committee)}?{found.query}")


def _shared_or_404(request: SignedInRequest, pk: int, scenario: int) -> tuple[Committee, SavedScenario]:
    committee = get_negotiating_or_404(request.user, pk)
    require_leading(request.user, committee)
    return committee, get_object_or_404(SavedScenario.objects.filter(committee=committee), pk=scenario)


def _here(committee: Committee) -> str:
    return reverse("committees:session", args=[committee.pk])


def _answer(
    request: SignedInRequest, committee: Committee, given: Mapping[str, str], form: SnapshotForm | None = None
) -> HttpResponse:
    """The page, or its live answer, with one model; a bare address starts with what was agreed on last."""
    reader = reader_for(request.user)
    agreed = SavedScenario.objects.agreed_in(committee)
    start = given or (parameters_of(agreed.query) if agreed else {})
    what_if = reader.read(one_model(start))

    def context_of(request: HttpRequest, what_if: WhatIf) -> dict[str, Any]:
        (outcome,) = outcomes_of([agreed], reader) if agreed else (None,)
        # The list is asked for by the whole page alone, not by its answers while somebody moves a slider.
        return _projected(what_if, outcome) | {
            "title": f"Sitzungsmodus: {committee}",
            "committee": committee,
            "agreed": agreed,
            "snapshots": lambda: _snapshots(committee, outcome, reader),
            "snapshot_form": lambda: form or _snapshot_form(committee),
        }

    return comparison_answer(request, what_if, here=_here(committee), template=PAGE, context_of=context_of)


def _projected(what_if: WhatIf, agreed: Outcome | None) -> dict[str, Any]:
    """Per region its sum and its spaces: row, cell and the change against what was agreed on."""
    found, against = what_if.comparison, agreed.column() if agreed else None
    if found is None:
        return {"groups": []}
    keys = iter(place.key for place in found.places)
    groups = [
        (group.sum, [(row, row.cells[0], change_against(against, next(keys), row.cells[0])) for row in group.rows])
        for group in found.groups
    ]
    return {
        "column": found.columns[0],
        "groups": [(total, sum_of_known(change for *_, change in rows), rows) for total, rows in groups],
        "against": against,
        "from_agreed": distance(found.columns[0], against) if against else None,
        "shows_agreed": bool(agreed and agreed.what_if and agreed.what_if.scenario == what_if.scenario),
    }


def _of_today(committee: Committee) -> QuerySet[SavedScenario]:
    today = timezone.localdate()
    return SavedScenario.objects.in_use().filter(committee=committee, created_at__date=today)


def _snapshots(committee: Committee, agreed: Outcome | None, reader: Reader) -> list[Snapshot]:
    """What was shared with the body today, the newest first."""
    against = agreed.column() if agreed else None
    related = _of_today(committee).select_related("proposed_by__person", "owner")
    return [
        Snapshot(
            outcome.scenario,
            column := outcome.column(),
            distance(column, against) if column and against else None,
            may_be_agreed=is_one_model(outcome.scenario.query),
            is_last_agreed=bool(agreed and agreed.scenario == outcome.scenario),
        )
        for outcome in outcomes_of(related, reader)
    ]


def _snapshot_form(committee: Committee) -> SnapshotForm:
    return SnapshotForm(committee=committee, initial={"name": f"Vorschlag {_of_today(committee).count() + 1}"})
