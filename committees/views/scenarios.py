"""Scenarios: a group's what-if; saved ones as a list, a page each, and side by side."""

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from budgets.comparison import listed
from budgets.views.comparison import comparison_answer, result_context
from budgets.views.uncertainty import bands_answer, hook
from budgets.what_if import WhatIf
from committees.forms.scenarios import ScenarioFilter, ScenarioForm
from committees.gates import get_negotiating_or_404, leads
from committees.models import Committee, SavedScenario
from committees.outcomes import Chosen, Outcome, beside, outcomes_of, reader_for
from committees.scenario_exports import side_by_side_file
from committees.services import scenarios as services
from committees.tables.scenarios import ScenarioTable, state_of
from committees.views.groups import parents
from jugendhilfe.accounts.http import SignedInRequest
from jugendhilfe.accounts.models import User
from jugendhilfe.lib.errors import DomainError
from regions.access import scope
from regions.views.master_data import attempt, notes

LISTING = "Szenarien"
MOST_SIDE_BY_SIDE = 4


@require_safe
def group_comparison(request: SignedInRequest, pk: int) -> HttpResponse:
    """The what-if of a body that negotiates, with years and schemes in draft too."""
    committee = get_negotiating_or_404(request.user, pk)
    what_if = reader_for(request.user).read(request.GET.dict())
    here = reverse("committees:comparison", args=[committee.pk])

    def context_of(request: HttpRequest, what_if: WhatIf) -> dict[str, Any]:
        own = {
            "title": f"Verteilungsmodelle vergleichen: {committee}",
            "committee": committee,
            "leads": leads(request.user, committee),
            "parents": parents(committee),
            "bands": hook(what_if, reverse("committees:bands", args=[committee.pk])),
        }
        return result_context(request, what_if) | own

    return comparison_answer(request, what_if, here=here, context_of=context_of)


@require_safe
def group_bands(request: SignedInRequest, pk: int) -> HttpResponse:
    """How sure the amounts of the body's what-if are."""
    committee = get_negotiating_or_404(request.user, pk)
    what_if = reader_for(request.user).read(request.GET.dict())
    return bands_answer(
        request,
        what_if,
        here=reverse("committees:bands", args=[committee.pk]),
        back=reverse("committees:comparison", args=[committee.pk]),
        parents=parents(committee),
        title=f"Wie sicher sind diese Beträge? {committee}",
    )


@require_safe
def scenario_list(request: SignedInRequest) -> HttpResponse:
    form = ScenarioFilter(request.GET, user=request.user)
    table = ScenarioTable(
        form.apply(_visible(request.user)),
        request=request,
        exclude=("choose",) if "format" in request.GET else (),
    )
    if file := table.download(name="szenarien", notes=notes("Gespeicherte Szenarien")):
        return file
    context = {
        "title": LISTING,
        "parents": parents(),
        "table": table,
        "filter": form,
        "new_url": _what_if_page(request.user),
        "most": MOST_SIDE_BY_SIDE,
    }
    return render(request, "committees/scenario_list.html", context)


@require_http_methods(["GET", "POST"])
def scenario_create(request: SignedInRequest) -> HttpResponse:
    if not services.may_save(request.user):
        raise PermissionDenied
    what_if = what_if_to_keep(request.user, request.GET.dict())
    bodies = services.bodies_to_share_with(request.user)
    body = bodies.filter(pk=_number(request.GET.get("gremium")) or 0).first()
    form = ScenarioForm(request.POST or None, bodies=bodies, initial={"committee": body})
    if request.method == "POST" and form.is_valid():
        arguments = {name: form.cleaned_data[name] for name in ("name", "reason", "committee")}
        saved = attempt(form, lambda: services.save_scenario(what_if=what_if, actor=request.user, **arguments))
        if saved is not None:
            messages.success(request, f"Das Szenario „{saved}“ ist gespeichert.")
            return redirect(saved)
    comparison = what_if.comparison
    assert comparison is not None
    context = {
        "title": "Szenario speichern",
        "form": form,
        "facts": [
            ("Haushaltsjahr", what_if.year.year),
            ("Gewichtungsschema", f"{what_if.scheme} ({what_if.scheme.get_status_display()})"),
            ("Modelle", listed(column.short_title for column in comparison.columns)),
        ],
        "sentence": comparison.sentence,
        "weights": what_if.other_weights,
        "parents": list_parents(),
        "cancel_url": f"{_what_if_page(request.user, body)}?{what_if.scenario.query}",
        "button": "Szenario speichern",
    }
    return render(request, "committees/scenario_form.html", context)


@require_safe
def scenario_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    scenario = get_object_or_404(_visible(request.user), pk=pk)
    (outcome,) = outcomes_of([scenario], reader_for(request.user))
    page = _what_if_page(request.user, scenario.committee)
    context = {
        "title": scenario.name,
        "scenario": scenario,
        "state": state_of(scenario),
        "outcome": outcome,
        "what_if": outcome.what_if,
        "comparison": outcome.comparison,
        "restore_url": f"{page}?{scenario.query}" if page else "",
        "is_own": scenario.owner_id == request.user.pk,
        "may_propose": _may_propose(request.user, outcome),
        "session_url": _session_url(request.user, scenario),
        "agreed": SavedScenario.objects.agreed_in(scenario.committee) if scenario.committee else None,
        "parents": list_parents(),
    }
    return render(request, "committees/scenario_detail.html", context)


@require_http_methods(["GET", "POST"])
def scenario_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    scenario = _own(request.user, pk)
    title, page = f"Szenario bearbeiten: {scenario}", scenario.get_absolute_url()
    form = ScenarioForm(request.POST or None, instance=scenario, bodies=services.bodies_to_share_with(request.user))
    if request.method == "POST" and form.is_valid():
        arguments = {name: form.cleaned_data[name] for name in ("name", "reason", "committee")}
        changed = attempt(form, lambda: services.change_scenario(scenario=scenario, actor=request.user, **arguments))
        if changed is not None:
            messages.success(request, "Das Szenario ist gespeichert.")
            return redirect(changed)
    context = {
        "title": title,
        "form": form,
        "intro": "Die Annahmen bleiben, wie sie gespeichert sind.",
        "button": "Speichern",
        "cancel_url": page,
        "parents": [*list_parents(), (scenario.name, page)],
    }
    return render(request, "components/form_page.html", context)


@require_POST
def scenario_archive(request: SignedInRequest, pk: int) -> HttpResponse:
    scenario = services.archive_scenario(scenario=_own(request.user, pk), actor=request.user)
    messages.success(request, "Das Szenario ist abgelegt.")
    return redirect(scenario)


@require_POST
def scenario_bring_back(request: SignedInRequest, pk: int) -> HttpResponse:
    scenario = services.bring_back_scenario(scenario=_own(request.user, pk), actor=request.user)
    messages.success(request, "Das Szenario ist wieder in Verwendung.")
    return redirect(scenario)


@require_safe
def scenario_compare(request: SignedInRequest) -> HttpResponse:
    asked = list(dict.fromkeys(number for text in request.GET.getlist("szenario") if (number := _number(text))))
    found = {scenario.pk: scenario for scenario in _visible(request.user).filter(pk__in=asked[:MOST_SIDE_BY_SIDE])}
    outcomes = outcomes_of([found[key] for key in asked if key in found], reader_for(request.user))
    chosen = [
        Chosen(outcome, column)
        for outcome in outcomes
        if (column := outcome.column(_number(request.GET.get(f"spalte-{outcome.scenario.pk}"))))
    ]
    table = beside(chosen) if chosen else None
    if table and (file := side_by_side_file(table, request.GET.get("format"))):
        return file
    query = urlencode(
        [
            *(("szenario", str(one.scenario.pk)) for one in outcomes),
            *((f"spalte-{one.outcome.scenario.pk}", str(one.column.number)) for one in chosen),
        ]
    )
    context = {
        "title": "Szenarien nebeneinander",
        "outcomes": [(outcome, next((c.column for c in chosen if c.outcome is outcome), None)) for outcome in outcomes],
        "chosen": chosen,
        "table": table,
        "query": query,
        "left_out": len(asked) > MOST_SIDE_BY_SIDE,
        "most": MOST_SIDE_BY_SIDE,
        "parents": list_parents(),
    }
    return render(request, "committees/scenario_compare.html", context)


def what_if_to_keep(user: User, given: dict[str, str]) -> WhatIf:
    """The what-if of an address, computed; a refusal where it cannot be."""
    what_if = reader_for(user).read(given)
    if what_if is None or what_if.comparison is None:
        raise DomainError("Diese Annahmen lassen sich nicht rechnen. Bitte gehen Sie zurück zum Vergleich.")
    return what_if


def list_parents() -> list[tuple[str, str]]:
    return parents(None, (LISTING, reverse("committees:scenario_list")))


def _visible(user: User) -> QuerySet[SavedScenario]:
    related = ("owner", "committee", "year", "scheme", "proposed_by__person")
    return SavedScenario.objects.visible_to(user).select_related(*related)


def _own(user: User, pk: int) -> SavedScenario:
    """One's own; 403 for what others share."""
    scenario = get_object_or_404(_visible(user), pk=pk)
    if scenario.owner_id != user.pk:
        raise PermissionDenied
    return scenario


def _what_if_page(user: User, committee: Committee | None = None) -> str:
    """Where this user opens a what-if: the body's page for its members, else the county's; "" for nobody else."""
    today = timezone.localdate()
    bodies = Committee.objects.worked_in_by(user).filter(negotiates=True).valid_on(today)
    body = bodies.filter(pk=committee.pk).first() if committee else None
    if body is None and scope(user, "simulate"):
        return reverse("budgets:comparison")
    body = body or bodies.first()
    return reverse("committees:comparison", args=[body.pk]) if body else ""


def _session_url(user: User, scenario: SavedScenario) -> str:
    """Where a shared scenario is shown in the session, for those who lead it."""
    body = scenario.committee
    if body is None or not body.negotiates or not leads(user, body):
        return ""
    return f"{reverse('committees:session', args=[body.pk])}?{scenario.query}"


def _may_propose(user: User, outcome: Outcome) -> bool:
    """A proposal needs weights that are those of a scheme."""
    what_if = outcome.what_if
    return bool(what_if and not what_if.other_weights) and scope(user, "propose_models").everything


def _number(text: object) -> int | None:
    """A key from an address, None where it is none."""
    digits = str(text or "")
    return int(digits) if digits.isascii() and digits.isdigit() and len(digits) < 10 else None
