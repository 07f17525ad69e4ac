"""Proposals and adopted distributions: put forward, withdraw, adopt, apply to another year, show."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any, NamedTuple

from django import forms
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.db.models import F, Q
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from budgets.basis import offices_per_space, places_of, previous_of
from budgets.comparison import Comparison, compare, title
from budgets.contributions import Contributions, explained
from budgets.distribution import Model
from budgets.distribution_exports import distribution_file
from budgets.explanation import explain, moved_by_indicators
from budgets.forms.distributions import AdoptForm, OfficesAndReplacementForm, ProposeForm, TargetYearForm
from budgets.forms.years import ReasonForm
from budgets.models import (
    AdoptedDistribution,
    DistributionModel,
    FiscalYear,
    ProposalStatus,
    TransitionPlan,
    YearStatus,
)
from budgets.quota import QuotaInputs
from budgets.reading import region_totals, sum_of_known
from budgets.services import distributions
from budgets.services.reviews import urgency
from budgets.what_if import WhatIf, read_what_if
from indicators.calculation import calculate
from indicators.models import SchemeStatus, WeightingScheme
from indicators.services.schemes import copy_scheme
from jugendhilfe import __version__
from jugendhilfe.accounts.http import SignedInRequest
from jugendhilfe.accounts.models import User
from jugendhilfe.audit.actions import ACTIONS
from jugendhilfe.audit.models import Entry
from jugendhilfe.audit.services import record
from jugendhilfe.lib import exports, tables
from jugendhilfe.lib.canonical import from_json
from jugendhilfe.lib.errors import DomainError
from jugendhilfe.lib.formats import format_euro
from regions.access import scope
from regions.gates import require_everywhere

GET_AND_POST = ["GET", "HEAD", "POST"]
MODELS = "Vorschläge und Festlegungen"


class ModelTable(tables.Table):
    caption = "Verteilungsmodelle"
    name = tables.LinkColumn(
        verbose_name="Bezeichnung", url=lambda model: reverse("budgets:model_detail", args=[model.pk])
    )
    year = tables.Column(verbose_name="Jahr", accessor="year__year")
    code = tables.Column(verbose_name="Modell")
    scheme = tables.Column(verbose_name="Gewichtungsschema", orderable=False)
    status = tables.BadgeColumn(verbose_name="Stand")
    proposed_at = tables.DateColumn(verbose_name="vorgeschlagen am")

    class Meta:
        order_by = "-proposed_at"
        empty_text = "Noch kein Vorschlag. Vorschläge entstehen auf der Seite „Verteilungsmodelle vergleichen“."


class AdoptedTable(tables.Table):
    caption = "Festgelegte Verteilungen"
    year = tables.LinkColumn(
        verbose_name="Jahr",
        accessor="year__year",
        url=lambda adopted: reverse("budgets:distribution_detail", args=[adopted.pk]),
    )
    model = tables.Column(verbose_name="Verteilungsmodell", accessor="model__name")
    total = tables.EuroColumn(verbose_name="verteilter Betrag")
    basis = tables.Column(verbose_name="Rechtsgrundlage", orderable=False)
    replaced = tables.Column(verbose_name="Stand", accessor="replaced_by_id", empty_values=(), orderable=False)

    class Meta:
        empty_text = "Noch keine festgelegte Verteilung."

    def render_replaced(self, value: int | None) -> str:
        return "ersetzt" if value else "gilt"


@require_safe
def model_list(request: SignedInRequest) -> HttpResponse:
    models = DistributionModel.objects.visible_to(request.user).select_related("year", "scheme")
    adopted = AdoptedDistribution.objects.select_related("year", "model", "basis").annotate(
        replaced_by_id=F("replaced_by__pk")
    )
    found: dict[str, tables.Table] = {
        "vorgeschlagen": ModelTable(models, request=request, prefix="m-"),
        "festgelegt": AdoptedTable(adopted.order_by("-year__year", "-pk"), request=request, prefix="f-"),
    }
    asked = found.get(request.GET.get("tabelle", ""), found["festgelegt"])
    if file := asked.download(name=asked.caption, notes=_notes(asked.caption)):
        return file
    context = {
        "title": MODELS,
        "tables": [
            (table, table.url(tabelle=name, format="xlsx"), table.url(tabelle=name, format="csv"))
            for name, table in reversed(found.items())
        ],
        "may_simulate": bool(scope(request.user, "simulate")),
    }
    return render(request, "budgets/model_list.html", context)


@require_http_methods(GET_AND_POST)
def propose_model(request: SignedInRequest) -> HttpResponse:
    require_everywhere(request.user, "propose_models")
    what_if = _what_if_to_keep(request)
    number = request.GET.get("spalte", "")
    model = next((c.model() for n, c in what_if.scenario.choices.items() if str(n) == number), None)
    if model is None or what_if.other_weights:
        raise DomainError("Vorgeschlagen wird eine Spalte des Vergleichs, gerechnet mit gespeicherten Gewichten.")
    form = ProposeForm(request.POST or None, initial={"name": f"{title(model)} ({what_if.year.year})"[:120]})
    if form.is_valid():
        arguments = {"year": what_if.year, "scheme": what_if.scheme, "model": model, **form.cleaned_data}
        if proposed := carried_out(request, form, distributions.propose_model, **arguments):
            messages.success(request, "Das Verteilungsmodell ist vorgeschlagen.")
            return redirect("budgets:model_detail", pk=proposed.pk)
    return render(request, "budgets/model_form.html", _proposal(what_if, model, form))


def _proposal(what_if: WhatIf, model: Model, form: ProposeForm) -> dict[str, Any]:
    return {
        "title": "Verteilungsmodell vorschlagen",
        "form": form,
        "facts": [
            ("Modell", title(model)),
            ("Haushaltsjahr", what_if.year.year),
            ("Zu verteilen", format_euro(what_if.start.amount)),
            ("Gewichtungsschema", f"{what_if.scheme} ({what_if.scheme.get_status_display()})"),
        ],
        "other_amount": what_if.scenario.amount if what_if.scenario.amount != what_if.start.amount else None,
        "cancel_url": f"{reverse('budgets:comparison')}?{what_if.scenario.query}",
    }


@require_http_methods(GET_AND_POST)
def save_weights(request: SignedInRequest) -> HttpResponse:
    require_everywhere(request.user, "edit_schemes")
    what_if = _what_if_to_keep(request)
    back = f"{reverse('budgets:comparison')}?{what_if.scenario.query}"
    if not what_if.other_weights:
        return redirect(back)
    if request.method == "POST":
        copy = copy_scheme(scheme=what_if.scheme, weights=what_if.scenario.weights, actor=request.user)
        messages.success(request, f"Die Gewichte sind als Entwurf gespeichert: {copy}.")
        return redirect(f"{reverse('budgets:comparison')}?{what_if.query_with_scheme(copy.pk)}")
    context = {
        "title": "Gewichte als neue Fassung speichern",
        "question": f"Soll aus {what_if.scheme} eine neue Fassung mit diesen Gewichten werden?",
        "facts": [(name, f"{used:.1f}\u00a0%".replace(".", ",")) for name, used, _ in what_if.other_weights],
        "consequences": ["Es entsteht ein Entwurf.", f"{what_if.scheme} bleibt, wie es ist."],
        "button": "Als Entwurf speichern",
        "cancel_url": back,
        "parents": [("Verteilung", back)],
    }
    return render(request, "components/confirm.html", context)


@require_safe
def model_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    model = _model_or_404(request, pk)
    comparison, moved, problem = _result(model)
    is_open = model.status == ProposalStatus.PROPOSED
    others = model.proposed_by_id != request.user.pk
    schemes = WeightingScheme.objects.visible_to(request.user)
    context = {
        "title": model.name,
        "model": model,
        "words": title(model.arithmetic),
        "comparison": comparison,
        "moved": moved,
        "rows": moved.rows((place.key, place.name) for place in comparison.places) if moved and comparison else [],
        "problem": problem,
        "distributions": model.distributions.select_related("year").order_by("pk"),
        "timeline": _timeline(model),
        "may_simulate": bool(scope(request.user, "simulate")),
        "is_open": is_open,
        "may_withdraw": is_open and not others,
        "may_adopt": is_open and others and scope(request.user, "adopt_models").everything,
        "may_read_bodies": scope(request.user, "view_committees").everything or not others,
        "scheme_is_seen": schemes.filter(pk=model.scheme_id).exists(),
        "scheme_is_adopted": model.scheme.status == SchemeStatus.ADOPTED,
        "scheme_is_superseded": model.scheme.status == SchemeStatus.SUPERSEDED,
    }
    return render(request, "budgets/model_detail.html", context)


@require_http_methods(GET_AND_POST)
def model_withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    model = _model_or_404(request, pk)
    # The chair of a body hands models over and has no role in the county: one's own one may always take back.
    if model.proposed_by_id != request.user.pk:
        require_everywhere(request.user, "propose_models")
    form = ReasonForm(request.POST or None)
    if form.is_valid():
        arguments = {"model": model, "reason": form.cleaned_data["reason"]}
        if carried_out(request, form, distributions.withdraw_model, **arguments):
            messages.success(request, "Der Vorschlag ist zurückgezogen.")
            return redirect("budgets:model_detail", pk=model.pk)
    context = {
        "title": "Vorschlag zurückziehen",
        "question": f"Soll der Vorschlag „{model.name}“ zurückgezogen werden?",
        "consequences": ["Er bleibt mit seiner Begründung sichtbar.", "Festgelegt werden kann er nicht mehr."],
        "form": form,
        "button": "Vorschlag zurückziehen",
        "cancel_url": reverse("budgets:model_detail", args=[model.pk]),
        "parents": [
            ("Verteilung", reverse("budgets:comparison")),
            ("Vorschläge und Festlegungen", reverse("budgets:model_list")),
            (model.name, reverse("budgets:model_detail", args=[model.pk])),
        ],
    }
    return render(request, "components/confirm.html", context)


@require_http_methods(GET_AND_POST)
def model_adopt(request: SignedInRequest, pk: int) -> HttpResponse:
    model = _model_or_404(request, pk)
    require_everywhere(request.user, "adopt_models")
    if model.status == ProposalStatus.ADOPTED and (done := model.distributions.order_by("pk").first()):
        messages.info(request, "Dieses Modell ist schon festgelegt.")
        return redirect("budgets:distribution_detail", pk=done.pk)
    current = _current_of(model.year)
    form = AdoptForm(
        request.POST or None,
        year=model.year.year,
        lacking=_without_office(model.year.year),
        replaces=current is not None,
    )
    if form.is_valid():
        arguments = {"model": model, "basis": form.legal_basis, "review_on": form.cleaned_data["review_on"]}
        if adopted := carried_out(request, form, distributions.adopt_model, **arguments, **form.decisions):
            messages.success(request, f"Die Verteilung {adopted.year.year} ist festgelegt.")
            return redirect("budgets:distribution_detail", pk=adopted.pk)
    return render(request, "budgets/model_adopt.html", _adoption(model, current, form))


def _adoption(model: DistributionModel, current: AdoptedDistribution | None, form: AdoptForm) -> dict[str, Any]:
    return {
        "title": "Verteilung festlegen",
        "model": model,
        "current": current,
        "form": form,
        "facts": [
            ("Vorschlag", model.name),
            ("Modell", title(model.arithmetic)),
            ("Haushaltsjahr", f"{model.year.year} ({model.year.get_status_display()})"),
            ("Zu verteilen", format_euro(_distributable(model.year))),
            ("Gewichtungsschema", f"{model.scheme} ({model.scheme.get_status_display()})"),
        ],
    }


@require_safe
@login_not_required
def distribution_detail(request: HttpRequest, pk: int) -> HttpResponse:
    adopted = get_object_or_404(AdoptedDistribution.objects.with_rows(), pk=pk)
    inputs = from_json(QuotaInputs, adopted.inputs)
    if file := distribution_file(adopted, inputs, request.GET.get("format")):
        return file
    lines, moved = explain(inputs), moved_by_indicators(inputs, adopted.calculation.inputs)
    previous = sum_of_known(row.previous for row in adopted.rows.all())
    due = adopted.due_on
    context = {
        "title": f"Festgelegte Verteilung {adopted.year.year}",
        "adopted": adopted,
        "inputs": inputs,
        "words": title(inputs.model.model),
        "regions": region_totals(adopted),
        "people": sum(row.reference_population for row in adopted.rows.all()),
        "previous": previous,
        "change": None if previous is None else adopted.total - previous,
        "explained": [(space, lines[space.key]) for space in inputs.spaces],
        "moved": moved,
        "rows": moved.rows((space.key, space.name) for space in inputs.spaces) if moved else [],
        "replaced_by": AdoptedDistribution.objects.filter(replaces=adopted).first(),
        "due": due,
        "urgency": urgency(due, timezone.localdate()) if due else "",
        "may_apply": isinstance(request.user, User) and scope(request.user, "adopt_models").everything,
        "may_simulate": bool(scope(request.user, "simulate")),
        "transitions": TransitionPlan.objects.visible_to(request.user).filter(distribution=adopted).still_meant(),
    }
    return render(request, "budgets/distribution_detail.html", context)


@require_safe
@login_not_required
def distribution_inputs(request: HttpRequest, pk: int) -> HttpResponse:
    """The bytes that the fingerprint is made of."""
    adopted = get_object_or_404(AdoptedDistribution.objects.select_related("year"), pk=pk)
    name = f"Verteilung {adopted.year.year} Eingaben {adopted.sha256[:8]}.json"
    return exports.download(adopted.inputs.encode(), name, "application/json")


@require_safe
@login_not_required
def distribution_factors(request: HttpRequest, pk: int) -> HttpResponse:
    """The bytes that the fingerprint of the burden factors is made of."""
    kept = get_object_or_404(AdoptedDistribution.objects.select_related("calculation"), pk=pk).calculation
    name = f"Belastungsfaktoren Eingaben {kept.sha256[:8]}.json"
    return exports.download(kept.inputs.encode(), name, "application/json")


@require_http_methods(GET_AND_POST)
def apply_quota(request: SignedInRequest, pk: int) -> HttpResponse:
    require_everywhere(request.user, "adopt_models")
    quota = get_object_or_404(AdoptedDistribution.objects.with_rows(), pk=pk)
    years = FiscalYear.objects.filter(year__gt=quota.year.year).exclude(status=YearStatus.DRAFT)
    which = TargetYearForm(request.GET if "jahr" in request.GET else None, years=years)
    context = {"title": f"Quote {quota.year.year} anwenden", "quota": quota, "which": which}
    if not which.is_valid():
        return render(request, "budgets/distribution_apply.html", context)
    year = which.cleaned_data["jahr"]
    current, lacking = _current_of(year), _without_office(year.year)
    form = OfficesAndReplacementForm(request.POST or None, lacking=lacking, replaces=current is not None)
    # Where nothing more is asked the form has no field, and an empty one is not bound.
    form.is_bound = request.method == "POST"
    if form.is_valid():
        arguments = {"quota": quota, "year": year, **form.decisions}
        if adopted := carried_out(request, form, distributions.apply_adopted_quota, **arguments):
            messages.success(request, f"Die Quote ist auf {year.year} angewendet.")
            return redirect("budgets:distribution_detail", pk=adopted.pk)
    context |= {"form": form, "year": year, "current": current, "total": _distributable(year)}
    return render(request, "budgets/distribution_apply.html", context)


def carried_out[T](
    request: SignedInRequest, form: forms.BaseForm, service: Callable[..., T], **arguments: Any
) -> T | None:
    """What the service gave; a refusal becomes an error of the form, and is recorded as the middleware does."""
    try:
        return service(**arguments, actor=request.user)
    except DomainError as error:
        data = {"rule": type(error).__name__, "path": request.path[:200], "method": "POST"}
        record(actor=request.user, action="refused", data=data)
        form.add_error(None, str(error))
        return None


def _notes(source: str) -> exports.Notes:
    return exports.Notes(source=source, date=timezone.localdate(), version=__version__)


def _what_if_to_keep(request: SignedInRequest) -> WhatIf:
    what_if = read_what_if(request.user, request.GET.dict())
    if what_if is None or what_if.comparison is None:
        raise DomainError("Diese Annahmen lassen sich nicht rechnen. Bitte gehen Sie zurück zum Vergleich.")
    return what_if


def _model_or_404(request: SignedInRequest, pk: int) -> DistributionModel:
    models = DistributionModel.objects.visible_to(request.user)
    return get_object_or_404(models.select_related("year", "scheme__population", "proposed_by"), pk=pk)


def _result(model: DistributionModel) -> tuple[Comparison | None, Contributions | None, str]:
    """What the model gives today and what moves it, or the sentence that says why it gives nothing."""
    try:
        calculated = calculate(model.scheme)
        places = places_of(calculated.inputs, calculated.factors, model.year.year, previous_of(model.year.year))
        comparison = compare(_distributable(model.year), places, {1: model.arithmetic})
    except DomainError as error:
        return None, None, str(error)
    by_need = [column.distribution for column in comparison.done if column.distribution and column.model.need]
    return comparison, explained(by_need[0], calculated) if by_need else None, ""


def _distributable(year: FiscalYear) -> Decimal:
    found: Any = FiscalYear.objects.with_deducted().get(pk=year.pk)
    return Decimal(found.total_family - found.deducted)


class Event(NamedTuple):
    at: dt.datetime
    actor: str
    text: str
    reason: str


def _timeline(model: DistributionModel) -> list[Event]:
    about = Q(object_type="budgets.distributionmodel", object_id=str(model.pk))
    adopted = [str(pk) for pk in model.distributions.values_list("pk", flat=True)]
    about |= Q(object_type="budgets.adopteddistribution", object_id__in=adopted)
    return [
        Event(entry.at, str(entry.actor or "Einrichtung"), ACTIONS.get(entry.action, entry.action), entry.reason)
        for entry in Entry.objects.filter(about).with_actor().order_by("pk")
    ]


def _current_of(year: FiscalYear) -> AdoptedDistribution | None:
    return AdoptedDistribution.objects.current().filter(year=year).first()


def _without_office(year: int) -> list[str]:
    return sorted(name for name, offices in offices_per_space(year).values() if not offices)
