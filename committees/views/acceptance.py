"""Rounds of ratings: what they show while open and once closed, rating, opening, closing, handing over."""

import copy
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.contrib import messages
from django.db.models import Count, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from budgets.comparison import figures, listed
from budgets.comparison_exports import comparison_file
from budgets.models import DistributionModel
from committees.acceptance import HIGHEST, MINORITY, Tally, Vote, tally, two_places
from committees.forms.acceptance import WORDS, HandOverForm, OpenRoundForm, RatingForm
from committees.gates import get_committee_or_404, leads, require_leading, require_voting_member, voting_member
from committees.models import (
    AcceptanceRound,
    Committee,
    Majority,
    Membership,
    RatedModel,
    Rating,
    SavedScenario,
    Side,
)
from committees.outcomes import outcomes_of
from committees.points import FEWEST
from committees.results import ModelResult, everything, own_spaces, results_of
from committees.services import acceptance as services
from committees.tables.acceptance import acceptance_file, reason_table, result_table
from committees.views.groups import parents
from jugendhilfe.accounts.http import SignedInRequest
from jugendhilfe.accounts.models import User
from jugendhilfe.lib.charts import CountBars, count_bars
from jugendhilfe.lib.formats import format_euro, format_number
from regions.access import scope
from regions.views.master_data import attempt, notes

GET_AND_POST = ["GET", "HEAD", "POST"]
STAYS_A_PROPOSAL = (
    "Es entsteht ein Vorschlag. Er bleibt einer, bis der Jugendhilfeausschuss beschlossen hat und das Haushaltsjahr "
    "wirksam ist."
)
SECTION = "#bewertungsrunden"


class Participation(NamedTuple):
    """How many of the voting members have rated every model, and how many only some."""

    voters: int
    done: int
    begun: int

    @property
    def words(self) -> str:
        some = f", {self.begun} teilweise" if self.begun else ""
        return f"{self.done} von {self.voters} haben bewertet{some}."

    @property
    def warning(self) -> str:
        """What speaks against closing now."""
        if self.done + self.begun < FEWEST:
            return f"Bei weniger als {FEWEST} Mitgliedern verrät das Ergebnis, wie einzelne bewertet haben."
        return "Noch haben nicht alle bewertet." if self.done < self.voters else ""


@require_http_methods(GET_AND_POST)
def acceptance_round_create(request: SignedInRequest, pk: int) -> HttpResponse:
    committee = get_committee_or_404(request.user, pk)
    require_leading(request.user, committee, "propose_models")
    shared = SavedScenario.objects.filter(committee=committee).in_use().select_related("scheme", "year")
    outcomes = [outcome for outcome in outcomes_of(shared, everything()) if outcome.comparison]
    asked = request.GET.get("szenario", "")
    form = OpenRoundForm(
        request.POST or None, outcomes=outcomes, chosen=[int(asked)] if asked.isascii() and asked.isdigit() else ()
    )
    if request.method == "POST" and form.is_valid():
        title, closes_on, candidates = form.cleaned_data["title"], form.cleaned_data["closes_on"], form.candidates
        opened = attempt(
            form,
            lambda: services.open_acceptance_round(
                committee=committee, title=title, closes_on=closes_on, candidates=candidates, actor=request.user
            ),
        )
        if opened is not None:
            messages.success(request, f"Die Runde „{opened}“ ist eröffnet. Die Mitglieder können jetzt bewerten.")
            return redirect(opened)
    context = {
        "title": "Bewertungsrunde eröffnen",
        "committee": committee,
        "form": form,
        "parents": parents(committee),
        "cancel_url": committee.get_absolute_url() + SECTION,
    }
    return render(request, "committees/acceptance_form.html", context)


@require_safe
def acceptance_round_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    round = _round_or_404(request.user, pk)
    models = _models_of(round)
    found = None if round.is_open else _tally(models)
    if found and (file := acceptance_file(request, round, models, found, notes(f"Bewertungsrunde „{round}“"))):
        return file
    member = voting_member(request.user, round.committee)
    # One's own alone: nobody else's are read while a round is open.
    own = services.own_ratings(models, request.user) if member else {}
    context = {
        "title": round.title,
        "round": round,
        "parents": parents(round.committee),
        "models": models,
        "participation": participation(round, len(models)),
        "may_rate": round.is_open and member is not None,
        "own": [(model, own[model.pk]) for model in models if model.pk in own],
        "may_close": round.is_open and leads(request.user, round.committee),
        **(_result(request, models, found) if found else {}),
    }
    return render(request, "committees/acceptance_detail.html", context)


@require_http_methods(GET_AND_POST)
def acceptance_round_rate(request: SignedInRequest, pk: int) -> HttpResponse:
    round = _round_or_404(request.user, pk)
    require_voting_member(request.user, round.committee)
    if not round.is_open and request.method != "POST":
        messages.info(request, "Diese Runde ist geschlossen. Hier steht, was sie ergeben hat.")
        return redirect(round)
    models = _models_of(round)
    own = services.own_ratings(models, request.user)
    forms = [RatingForm(request.POST or None, model=model, rating=own.get(model.pk)) for model in models]
    # Every form is asked, so that all errors stand on the page at once.
    if request.method == "POST" and not [form for form in forms if not form.is_valid()]:
        scores = {form.model.pk: given for form in forms if (given := form.given)}
        if scores:
            services.rate(round=round, scores=scores, actor=request.user)
            return _thanks(request, round, rated=len(own.keys() | scores.keys()), models=len(models))
        messages.info(request, "Es gab nichts zu speichern: Sie haben nichts geändert.")
        return redirect("committees:acceptance_round_rate", pk=round.pk)
    results, keys = results_of(models), own_spaces(request.user)
    wrong = [form for form in forms if form.errors]
    context = {
        "title": f"Bewerten: {round}",
        "round": round,
        "parents": parents(round.committee, (round.title, round.get_absolute_url())),
        "blocks": [
            (form, results[form.model.pk], results[form.model.pk].of(keys), form.model.pk in own) for form in forms
        ],
        "has_spaces": bool(keys),
        "rated": len(own),
        "wrong": wrong,
        "form": next(iter(wrong), None),
    }
    return render(request, "committees/acceptance_rate.html", context)


def _thanks(request: SignedInRequest, round: AcceptanceRound, *, rated: int, models: int) -> HttpResponse:
    if rated < models:
        messages.success(request, f"Ihre Bewertung ist gespeichert. Sie haben {rated} von {models} Modellen bewertet.")
        return redirect("committees:acceptance_round_rate", pk=round.pk)
    messages.success(
        request,
        "Ihre Bewertung ist gespeichert. Sie haben alle Modelle bewertet und können es bis zum Schließen ändern.",
    )
    return redirect(round)


@require_http_methods(GET_AND_POST)
def acceptance_round_close(request: SignedInRequest, pk: int) -> HttpResponse:
    round = _round_or_404(request.user, pk)
    require_leading(request.user, round.committee)
    if request.method == "POST":
        services.close_acceptance_round(round=round, actor=request.user)
        messages.success(request, "Die Bewertungsrunde ist geschlossen. Das Gremium sieht jetzt das Ergebnis.")
        return redirect(round)
    part = participation(round, round.models.count())
    context = {
        "title": "Bewertungsrunde schließen",
        "question": f"Die Runde „{round}“ jetzt schließen?",
        "facts": [("Beteiligung", part.words)],
        "warning": part.warning,
        "consequences": [
            "Bewertungen lassen sich danach nicht mehr abgeben und nicht mehr ändern.",
            "Das Gremium und die Kreisverwaltung sehen das Ergebnis und die Begründungen, ohne Namen.",
            "Ein bewertetes Modell kann dann zur Abstimmung vorgelegt werden.",
        ],
        "button": "Runde schließen",
        "parents": parents(round.committee, (round.title, round.get_absolute_url())),
        "cancel_url": round.get_absolute_url(),
    }
    return render(request, "components/confirm.html", context)


@require_safe
def rated_model_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    model = _model_or_404(request.user, pk)
    result = results_of([model])[model.pk]
    if file := _model_file(request, result):
        return file
    moved = result.contributions if result.by_need else None
    round = model.round
    context = {
        "title": model.name,
        "model": model,
        "round": round,
        "parents": parents(round.committee, (round.title, round.get_absolute_url())),
        "result": result,
        "own": result.of(own_spaces(request.user)),
        "comparison": result.comparison,
        "figures": figures(result.comparison) if result.comparison else [],
        "moved": moved,
        "rows": moved.rows((place.key, place.name) for place in result.places) if moved else [],
        "may_rate": round.is_open and voting_member(request.user, round.committee) is not None,
    }
    return render(request, "committees/acceptance_model.html", context)


@require_http_methods(GET_AND_POST)
def rated_model_hand_over(request: SignedInRequest, pk: int) -> HttpResponse:
    model = _model_or_404(request.user, pk)
    require_leading(request.user, model.round.committee, "propose_models")
    round, result = model.round, results_of([model])[model.pk]
    scheme, obstacle = services.scheme_to_propose(model, result)
    form = HandOverForm(request.POST or None)
    if request.method == "POST" and not obstacle and form.is_valid():
        reason = form.cleaned_data["reason"]
        if attempt(form, lambda: services.hand_over(model=model, reason=reason, actor=request.user)):
            messages.success(request, f"„{model}“ ist zur Abstimmung vorgelegt.")
            return redirect(round)
    context = {
        "title": "Zur Abstimmung vorlegen",
        "model": model,
        "obstacle": obstacle,
        "way_out": _way_out(request.user, model, result) if obstacle else None,
        "form": form,
        "button": "Zur Abstimmung vorlegen",
        "parents": parents(round.committee, (round.title, round.get_absolute_url())),
        "cancel_url": round.get_absolute_url(),
    }
    if obstacle:
        return render(request, "committees/acceptance_hand_over.html", context, status=409 if request.POST else 200)
    return render(request, "committees/acceptance_hand_over.html", context | _what_follows(model, result, str(scheme)))


def _what_follows(model: RatedModel, result: ModelResult, scheme: str) -> dict[str, Any]:
    """What the chair reads before a model is handed over."""
    round, what_if = model.round, result.what_if
    assert what_if is not None
    (resistance,) = _tally([model]).models
    other_amount = what_if.scenario.amount != what_if.start.amount
    return {
        "question": f"Soll „{model}“ zur Abstimmung vorgelegt werden?",
        "facts": [
            ("Modell", result.title),
            ("Haushaltsjahr", f"{what_if.year.year} ({what_if.year.get_status_display()})"),
            ("Zu verteilen", format_euro(what_if.start.amount)),
            ("Gewichtungsschema", scheme),
            ("Widerstand im Gremium", _mean_in_words(resistance.mean, resistance.count)),
        ],
        "warnings": [
            *(
                ["Bewertet wurde ein anderer Betrag. Der Vorschlag gilt für den Betrag des Haushaltsjahres."]
                * other_amount
            ),
            *(["Seit dem Speichern haben sich Daten geändert: Die Beträge sind andere."] * result.outcome.has_changed),
        ],
        "consequences": [
            f"{round.committee} stimmt darüber ab. {_majority(round.committee)}",
            STAYS_A_PROPOSAL,
            "Vorgelegt wird ein Modell einmal. Wer es vorgelegt hat, kann den Vorschlag zurückziehen.",
        ],
    }


def _majority(committee: Committee) -> str:
    if committee.majority == Majority.TWO_THIRDS:
        return "Nötig sind zwei Drittel."
    return "Nötig ist die einfache Mehrheit: mehr Ja als Nein."


def _mean_in_words(mean: Any, count: int) -> str:
    value = two_places(mean)
    return "nicht bewertet" if value is None else f"{format_number(value, 2)} von {HIGHEST} ({count} Bewertungen)"


def _way_out(user: User, model: RatedModel, result: ModelResult) -> tuple[str, str]:
    """Where to go when a model cannot be handed over."""
    weights = result.what_if is not None and bool(result.what_if.other_weights)
    if weights and not model.proposal_id and scope(user, "edit_schemes").everything:
        return f"{reverse('budgets:save_weights')}?{model.scenario.query}", "Gewichte als neue Fassung speichern"
    return model.scenario.get_absolute_url(), "Zum Szenario"


def participation(round: AcceptanceRound, models: int) -> Participation:
    """Of those who may vote (today, or on the day the round was closed) and those who rated; people, not seats."""
    day = timezone.localdate(round.closed_at) if round.closed_at else timezone.localdate()
    given = Rating.objects.filter(model__round=round, member__person=OuterRef("person")).order_by()
    counted = given.values("member__person").annotate(n=Count("pk")).values("n")
    voting = Membership.objects.voting().valid_on(day)
    seats = (
        Membership.objects.filter(committee=round.committee)
        .annotate(given=Coalesce(Subquery(counted), 0))
        .filter(Q(given__gt=0) | Q(pk__in=voting.values("pk")))
    )
    rated = list(dict(seats.values_list("person", "given")).values())
    return Participation(
        voters=len(rated),
        done=sum(number == models for number in rated),
        begun=sum(0 < number < models for number in rated),
    )


def _tally(models: Sequence[RatedModel]) -> Tally:
    ratings = Rating.objects.filter(model__in=models).select_related("member")
    votes = [Vote(one.model_id, one.member.get_side_display(), one.score, one.reason) for one in ratings]
    return tally([model.pk for model in models], votes, sides=[str(label) for label in Side.labels])


def _result(request: SignedInRequest, models: list[RatedModel], found: Tally) -> dict[str, Any]:
    """What a closed round shows."""
    names = {model.pk: model.name for model in models}
    seen = set(
        DistributionModel.objects.visible_to(request.user).filter(rated_model__in=models).values_list("pk", flat=True)
    )
    return {
        "tally": found,
        "table": result_table(models, found, request=request),
        "leading": listed(f"„{names[key]}“" for key in found.leading) if found.leading else "",
        "is_tie": len(found.leading) > 1,
        "lowest": next((two_places(one.mean) for one in found.models if one.model in found.leading), None),
        "parts": [
            (model, one, _chart(model, one.scores, found), model.proposal_id in seen)
            for model, one in zip(models, found.models, strict=True)
        ],
        "minority": MINORITY,
        "reasons": bool(reason_table(models, found).rows),
        "may_hand_over": leads(request.user, models[0].round.committee, "propose_models"),
    }


def _chart(model: RatedModel, scores: tuple[int, ...], found: Tally) -> CountBars:
    return count_bars(
        id=f"bewertungen-{model.pk}",
        title=f"Bewertungen von „{model}“",
        counts=scores,
        ends=(WORDS[0], WORDS[HIGHEST]),
        heads=("Widerstand", "Mitglieder"),
        most=max(max(one.scores) for one in found.models),
    )


def _model_file(request: SignedInRequest, result: ModelResult) -> HttpResponse | None:
    """The comparison's download, with this model alone."""
    if result.what_if is None or result.comparison is None:
        return None
    alone = copy.copy(result.what_if)
    alone.comparison = result.comparison
    return comparison_file(alone, request.GET.get("format"), request.GET.get("tabelle"))


def _round_or_404(user: User, pk: int) -> AcceptanceRound:
    return get_object_or_404(AcceptanceRound.objects.visible_to(user).select_related("committee"), pk=pk)


def _model_or_404(user: User, pk: int) -> RatedModel:
    models = RatedModel.objects.filter(round__in=AcceptanceRound.objects.visible_to(user))
    return get_object_or_404(
        models.select_related("round__committee", "scenario__year", "scenario__scheme", "proposal"), pk=pk
    )


def _models_of(round: AcceptanceRound) -> list[RatedModel]:
    models = list(round.models.select_related("scenario__year", "scenario__scheme", "proposal"))
    for model in models:
        model.round = round
    return models
