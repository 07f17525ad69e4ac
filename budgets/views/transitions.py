"""The way to a quota over several years: computing it, putting it forward, showing it to the carriers, adopting it."""

from decimal import Decimal
from typing import Any

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from budgets.forms.distributions import LegalBasisForm
from budgets.forms.transitions import BoundForm, ProposeTransitionForm
from budgets.forms.years import ReasonForm
from budgets.models import TransitionPlan, TransitionStatus
from budgets.scenario import MEANT_FOR
from budgets.services import transitions
from budgets.transition import TransitionInputs
from budgets.transition_assumptions import SWITCH_FIELDS
from budgets.transition_contracts import bearings, contract_changes, contracts_seen_by
from budgets.transition_exports import transition_file
from budgets.transition_reading import (
    Reading,
    payments,
    questions,
    read,
)
from budgets.transition_what_if import TransitionWhatIf, read_transition
from budgets.views.distributions import carried_out
from jugendhilfe import __version__
from jugendhilfe.accounts.http import SignedInRequest
from jugendhilfe.accounts.models import User
from jugendhilfe.audit.actions import ACTIONS
from jugendhilfe.audit.models import Entry
from jugendhilfe.lib import exports, tables
from jugendhilfe.lib.canonical import from_json
from jugendhilfe.lib.errors import DomainError
from jugendhilfe.lib.formats import format_euro
from regions.access import Visitor, scope
from regions.gates import require, require_everywhere

GET_AND_POST = ["GET", "HEAD", "POST"]
TITLE = "Übergang zur Quote"
PAGE = "budgets/transition_what_if.html"
PLANS = "Übergänge"


class TransitionTable(tables.Table):
    caption = "Vorgeschlagene und festgelegte Übergänge"
    name = tables.LinkColumn(
        verbose_name="Bezeichnung", url=lambda plan: reverse("budgets:transition_detail", args=[plan.pk])
    )
    year = tables.Column(verbose_name="erstes Jahr", accessor="year__year")
    kind = tables.Column(verbose_name="Art")
    status = tables.BadgeColumn(verbose_name="Stand")
    proposed_at = tables.DateColumn(verbose_name="vorgeschlagen am")
    shown_to_carriers_at = tables.DateColumn(verbose_name="den Trägern gezeigt am", default="–")
    adopted_at = tables.DateColumn(verbose_name="festgelegt am", default="–")

    class Meta:
        order_by = "-proposed_at"
        empty_text = "Noch kein Übergang. Vorschläge entstehen auf der Seite „Übergang zur Quote“."


@require_safe
def transition(request: HttpRequest) -> HttpResponse:
    require(request.user, "simulate")
    what_if = read_transition(request.user, request.GET.dict())
    if what_if is None or what_if.form is None or what_if.assumptions is None:
        problem = what_if.problem if what_if else ""
        return render(request, "budgets/transition_empty.html", {"title": TITLE, "problem": problem})
    live = request.headers.get("HX-Request") == "true" and "HX-History-Restore-Request" not in request.headers
    if request.GET.get(MEANT_FOR, what_if.form.start.source) != what_if.form.start.source:
        url = f"{reverse('budgets:transition')}?{what_if.assumptions.query}"
        return HttpResponse(headers={"HX-Redirect": url}) if live else HttpResponseRedirect(url)
    context = _context(request, what_if)
    if what_if.reading and (file := _file(request, what_if.reading, context)):
        return file
    if live:
        return _answer(request, what_if, context)
    return render(request, PAGE, context, status=422 if what_if.form.errors else 200)


def _context(request: HttpRequest, what_if: TransitionWhatIf) -> dict[str, Any]:
    assert what_if.assumptions is not None
    return {
        "title": TITLE,
        "form": what_if.form,
        "what_if": what_if,
        "query": what_if.assumptions.query,
        "may_propose": scope(request.user, "propose_models").everything,
        **(_shown(request.user, what_if.reading, what_if.bound) if what_if.reading else {}),
        "questions": [(SWITCH_FIELDS[one.switch], one) for one in questions(what_if.reading.transition)]
        if what_if.reading
        else [],
    }


def _shown(user: Visitor, reading: Reading, bound: Decimal) -> dict[str, Any]:
    """What a page shows of a transition; contracts and costs only to those who see all of them."""
    sees_contracts = scope(user, "view_contracts").everything
    seen, today = contracts_seen_by(user), timezone.localdate()
    changes = contract_changes(reading.transition, seen, today) if sees_contracts else []
    borne = bearings(reading.transition, user, bound)
    return {
        "reading": reading,
        "payments": payments(reading),
        "bound": bound,
        "sees_contracts": sees_contracts,
        "bearings": borne,
        "unknown_costs": sum(one.fixed is None for one in borne),
        "uncovered": sum(cover.status == "gap" for one in borne for cover in one.covers),
        "changes": changes,
        "overdue": sum(change.is_overdue for change in changes),
    }


def _file(
    request: HttpRequest, reading: Reading, context: dict[str, Any], plan: TransitionPlan | None = None
) -> HttpResponse | None:
    return transition_file(
        reading, request.GET.get("format"), plan=plan, bearings=context["bearings"], changes=context["changes"]
    )


def _answer(request: HttpRequest, what_if: TransitionWhatIf, context: dict[str, Any]) -> HttpResponse:
    """Only what changes: the result, or the fields with their errors beside the last good result."""
    assert what_if.form is not None
    assert what_if.assumptions is not None
    if what_if.form.errors:
        answer = render(request, f"{PAGE}#fields", context, status=422)
        answer.headers["HX-Retarget"], answer.headers["HX-Reswap"] = "#annahmen-felder", "innerMorph"
        return answer
    answer = render(request, f"{PAGE}#answer", context)
    url = f"{reverse('budgets:transition')}?{what_if.assumptions.query}"
    # "Back" undoes one change: what changed nothing leaves no step.
    if not request.headers.get("HX-Current-URL", "").endswith(url):
        answer.headers["HX-Push-Url"] = url
    return answer


@require_http_methods(GET_AND_POST)
def transition_propose(request: SignedInRequest) -> HttpResponse:
    require_everywhere(request.user, "propose_models")
    what_if = read_transition(request.user, request.GET.dict())
    if what_if is None or what_if.reading is None or what_if.source is None or what_if.inputs is None:
        raise DomainError("Diese Annahmen lassen sich nicht rechnen. Bitte gehen Sie zurück zum Übergang.")
    source, inputs = what_if.source, what_if.inputs
    form = ProposeTransitionForm(request.POST or None, initial={"name": f"Übergang ab {inputs.year}"})
    if form.is_valid():
        arguments = {"source": source, "inputs": inputs, **form.cleaned_data}
        if plan := carried_out(request, form, transitions.propose_transition, **arguments):
            messages.success(request, "Der Übergang ist vorgeschlagen.")
            return redirect(plan)
    return render(request, "budgets/transition_form.html", _proposal(what_if, what_if.reading, form))


def _proposal(what_if: TransitionWhatIf, reading: Reading, form: ProposeTransitionForm) -> dict[str, Any]:
    assert what_if.assumptions is not None
    return {
        "title": "Übergang vorschlagen",
        "form": form,
        "sentence": reading.sentence,
        "facts": reading.facts,
        "cancel_url": f"{reverse('budgets:transition')}?{what_if.assumptions.query}",
    }


@require_safe
def transition_list(request: SignedInRequest) -> HttpResponse:
    plans = TransitionPlan.objects.visible_to(request.user).select_related("year")
    table = TransitionTable(plans, request=request)
    notes = exports.Notes(source=table.caption, date=timezone.localdate(), version=__version__)
    if file := table.download(name=PLANS, notes=notes):
        return file
    may_simulate = bool(scope(request.user, "simulate"))
    context = {"title": PLANS, "table": table, "may_simulate": may_simulate}
    return render(request, "budgets/transition_list.html", context)


@require_safe
@login_not_required
def transition_detail(request: HttpRequest, pk: int) -> HttpResponse:
    plan = _plan_or_404(request, pk)
    reading = read(from_json(TransitionInputs, plan.inputs).results())
    form = BoundForm(request.GET if "gebunden" in request.GET else None, auto_id="%s")
    given = form.cleaned_data["gebunden"] if form.is_valid() else None
    bound = Decimal(100) if given is None else given
    context = _shown(request.user, reading, bound)
    if file := _file(request, reading, context, plan):
        return file
    context |= {
        "title": plan.name,
        "plan": plan,
        "bound_form": form if context["sees_contracts"] else None,
        "timeline": _timeline(plan) if isinstance(request.user, User) and context["sees_contracts"] else [],
        **_tasks(request.user, plan),
    }
    return render(request, "budgets/transition_detail.html", context)


def _tasks(user: Visitor, plan: TransitionPlan) -> dict[str, Any]:
    """What this user may do with a proposal."""
    is_open = plan.status == TransitionStatus.PROPOSED
    own = isinstance(user, User) and plan.proposed_by_id == user.pk
    may_adopt = is_open and not own and scope(user, "adopt_models").everything
    return {
        "may_withdraw": is_open and own,
        "may_show": is_open and plan.shown_to_carriers_at is None and scope(user, "propose_models").everything,
        "may_adopt": may_adopt,
        "obstacle": transitions.obstacle(plan, plan.year) if may_adopt else "",
        "may_report": scope(user, "edit_reports").everything,
    }


@require_safe
@login_not_required
def transition_inputs(request: HttpRequest, pk: int) -> HttpResponse:
    """The bytes that the fingerprint is made of."""
    plan = _plan_or_404(request, pk)
    name = f"Übergang ab {plan.year.year} Eingaben {plan.sha256[:8]}.json"
    return exports.download(plan.inputs.encode(), name, "application/json")


@require_http_methods(GET_AND_POST)
def transition_withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    plan = _plan_or_404(request, pk)
    require_everywhere(request.user, "propose_models")
    form = ReasonForm(request.POST or None)
    if form.is_valid():
        arguments = {"plan": plan, "reason": form.cleaned_data["reason"]}
        if carried_out(request, form, transitions.withdraw_transition, **arguments):
            messages.success(request, "Der Übergang ist zurückgezogen.")
            return redirect(plan)
    return _confirm(
        request,
        plan,
        form,
        title="Übergang zurückziehen",
        question=f"Soll der Übergang „{plan.name}“ zurückgezogen werden?",
        consequences=["Er bleibt mit seiner Begründung sichtbar.", "Festgelegt werden kann er nicht mehr."],
    )


@require_http_methods(GET_AND_POST)
def transition_show(request: SignedInRequest, pk: int) -> HttpResponse:
    plan = _plan_or_404(request, pk)
    require_everywhere(request.user, "propose_models")
    form = forms.Form(request.POST if request.method == "POST" else None)
    if form.is_valid() and carried_out(request, form, transitions.show_to_carriers, plan=plan) is not None:
        messages.success(request, "Die Träger sehen jetzt, was der Übergang für sie heißt.")
        return redirect(plan)
    return _confirm(
        request,
        plan,
        form,
        title="Den Trägern zeigen",
        question=f"Sollen die Träger jetzt lesen, was „{plan.name}“ für sie heißt?",
        consequences=[
            "Jeder Träger sieht die Beträge seiner Büros, Jahr für Jahr, und keine anderen.",
            "Jeder Träger kann eine Stellungnahme schreiben und abgeben.",
            "Das lässt sich nicht zurücknehmen.",
        ],
    )


@require_http_methods(GET_AND_POST)
def transition_adopt(request: SignedInRequest, pk: int) -> HttpResponse:
    plan = _plan_or_404(request, pk)
    require_everywhere(request.user, "adopt_models")
    if plan.status == TransitionStatus.ADOPTED:
        messages.info(request, "Dieser Übergang ist schon festgelegt.")
        return redirect(plan)
    form = LegalBasisForm(request.POST or None)
    if form.is_valid():
        arguments = {"plan": plan, "basis": form.legal_basis}
        if carried_out(request, form, transitions.adopt_transition, **arguments):
            messages.success(request, f"Der Übergang ab {plan.year.year} ist festgelegt.")
            return redirect(plan)
    context = {
        "title": "Übergang festlegen",
        "plan": plan,
        "form": form,
        "obstacle": transitions.obstacle(plan, plan.year),
        "facts": _facts(plan),
    }
    return render(request, "budgets/transition_adopt.html", context)


def _facts(plan: TransitionPlan) -> list[tuple[str, str]]:
    reading = read(from_json(TransitionInputs, plan.inputs).results())
    first = reading.years[0]
    return [
        ("Übergang", plan.name),
        ("Haushaltsjahr", f"{plan.year.year} ({plan.year.get_status_display()})"),
        ("Jahressumme im ersten Jahr", format_euro(first.total)),
        *reading.facts,
    ]


def _confirm(
    request: SignedInRequest, plan: TransitionPlan, form: forms.BaseForm, *, title: str, **context: Any
) -> HttpResponse:
    own = reverse("budgets:transition_detail", args=[plan.pk])
    context |= {
        "title": title,
        "form": form,
        "button": title,
        "cancel_url": own,
        "parents": [(PLANS, reverse("budgets:transition_list")), (plan.name, own)],
    }
    return render(request, "components/confirm.html", context)


def _plan_or_404(request: HttpRequest, pk: int) -> TransitionPlan:
    plans = TransitionPlan.objects.visible_to(request.user)
    return get_object_or_404(
        plans.select_related("year", "model", "distribution__basis", "distribution__year", "basis", "proposed_by"),
        pk=pk,
    )


def _timeline(plan: TransitionPlan) -> list[dict[str, Any]]:
    about = Q(object_type="budgets.transitionplan", object_id=str(plan.pk))
    return [
        {
            "at": entry.at,
            "actor": str(entry.actor or "Einrichtung"),
            "text": ACTIONS.get(entry.action, entry.action),
            "reason": entry.reason,
        }
        for entry in Entry.objects.filter(about).with_actor().order_by("pk")
    ]
