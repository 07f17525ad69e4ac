"""Rounds of ratings: opening, rating, closing, and handing a model over as a proposal."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

from budgets.models import DistributionModel, LegalBasis
from budgets.services.distributions import put_forward
from committees.gates import must_lead, voting_member
from committees.models import (
    AcceptanceRound,
    Committee,
    CommitteeKind,
    RatedModel,
    Rating,
    RoundStatus,
    SavedScenario,
)
from committees.outcomes import outcomes_of
from committees.results import ModelResult, amounts_by, everything, results_of
from indicators.models import SchemeStatus, WeightingScheme
from jugendhilfe.accounts.models import User
from jugendhilfe.audit.services import record
from jugendhilfe.lib.errors import DomainError, NotAllowed

FEWEST, MOST = 2, 8


class Candidate(NamedTuple):
    """A column of a shared scenario under the name that the members read."""

    scenario: SavedScenario
    column: int
    name: str


class Score(NamedTuple):
    """How much resistance, from 0 to 10, and why; 0 needs no reason."""

    score: int
    reason: str = ""


@transaction.atomic
def open_acceptance_round(
    *, committee: Committee, title: str, closes_on: dt.date | None, candidates: Sequence[Candidate], actor: User
) -> AcceptanceRound:
    """Put models to the members of a body."""
    must_lead(actor, committee, "propose_models")
    # Against a body that is closed at this moment.
    there = Committee.objects.valid_on(timezone.localdate()).filter(pk=committee.pk, negotiates=True)
    if not there.select_for_update(no_key=True):
        raise DomainError("Dieses Gremium verhandelt keine Verteilung. Bewertet wird in der Arbeitsgruppe.")
    _check(committee, candidates)
    opened = AcceptanceRound(committee=committee, title=title, closes_on=closes_on, opened_by=actor)
    opened.full_clean()
    opened.save()
    for candidate in candidates:
        model = RatedModel(round=opened, scenario=candidate.scenario, column=candidate.column, name=candidate.name)
        model.full_clean()
        model.save()
    data = {"committee": committee.pk, "models": [[c.scenario.pk, c.column] for c in candidates]}
    record(actor=actor, action="acceptance.open", obj=opened, data=data)
    return opened


@transaction.atomic
def rate(*, round: AcceptanceRound, scores: Mapping[int, Score], actor: User) -> AcceptanceRound:
    """Keep what a member gives to models (primary keys) of the round; the log holds that they rated, not how."""
    round = _locked(round)
    member = voting_member(actor, round.committee)
    if member is None:
        raise NotAllowed("Bewerten können die stimmberechtigten Mitglieder des Gremiums.")
    if not round.is_open:
        raise DomainError("Diese Bewertungsrunde ist geschlossen. Bewertungen lassen sich nicht mehr ändern.")
    models = {model.pk: model for model in round.models.all()}
    kept = own_ratings(models.values(), actor)
    for key, score in scores.items():
        rating = kept.get(key) or Rating(model=models[key])
        rating.member, rating.score, rating.reason = member, score.score, score.reason.strip()
        rating.full_clean()
        rating.save()
    record(actor=actor, action="acceptance.rate", obj=round, data={"models": sorted(scores)})
    return round


def own_ratings(models: Iterable[RatedModel], person: User) -> dict[int, Rating]:
    """By model one per person, also where a seat has ended and the person has another one."""
    return {rating.model_id: rating for rating in Rating.objects.filter(model__in=models, member__person=person)}


@transaction.atomic
def close_acceptance_round(*, round: AcceptanceRound, actor: User) -> AcceptanceRound:
    """End the rating; from now on the body reads the result, and nothing in it changes."""
    round = _locked(round)
    must_lead(actor, round.committee)
    if not round.is_open:
        raise DomainError("Diese Bewertungsrunde ist schon geschlossen.")
    round.status, round.closed_at = RoundStatus.CLOSED, timezone.now()
    round.save(update_fields=["status", "closed_at"])
    ratings = Rating.objects.filter(model__round=round).count()
    record(actor=actor, action="acceptance.close", obj=round, data={"ratings": ratings})
    return round


@transaction.atomic
def hand_over(*, model: RatedModel, reason: str, actor: User) -> DistributionModel:
    """Put a rated model forward to be voted on: a proposal by the same way as every other, once."""
    model = (
        RatedModel.objects.select_for_update(of=("self",), no_key=True)
        .select_related("round__committee", "scenario__year", "scenario__scheme")
        .get(pk=model.pk)
    )
    must_lead(actor, model.round.committee, "propose_models")
    result = results_of([model])[model.pk]
    scheme, obstacle = scheme_to_propose(model, result)
    if obstacle or scheme is None or result.column is None:
        raise DomainError(obstacle)
    model.proposal = put_forward(
        year=model.scenario.year,
        scheme=scheme,
        name=model.name,
        model=result.column.model,
        reason=reason,
        actor=actor,
    )
    model.save(update_fields=["proposal"])
    data = {"proposal": model.proposal.pk, "model": model.pk}
    record(actor=actor, action="acceptance.hand_over", obj=model.round, reason=reason, data=data)
    return model.proposal


def scheme_to_propose(model: RatedModel, result: ModelResult) -> tuple[WeightingScheme | None, str]:
    """By which version a rated model is handed over, or the sentence that says why not and what to do.

    Weights of the scenario's own go with the version in which they were saved: it has to give the same amounts.
    """
    if model.round.is_open:
        return None, "Diese Bewertungsrunde ist noch offen. Bitte schließen Sie sie zuerst."
    if model.proposal_id is not None:
        return None, "Dieses Modell ist schon vorgelegt."
    if result.problem or result.what_if is None:
        return None, f"Das Modell lässt sich nicht rechnen: {result.problem}"
    scheme = model.scenario.scheme
    if result.what_if.other_weights:
        saved = _saved_version(model, result)
        return saved, "" if saved else (
            f"Dieses Modell rechnet mit anderen Gewichten als {scheme}. Vorgelegt werden kann es, sobald die "
            "Jugendhilfeplanung diese Gewichte als neue Fassung des Schemas gespeichert hat."
        )
    if scheme.status == SchemeStatus.SUPERSEDED:
        return None, (
            f"{scheme} ist abgelöst. Bitte speichern Sie das Szenario mit der neuen Fassung und lassen Sie es bewerten."
        )
    return scheme, ""


def decides_nothing(basis: LegalBasis) -> str:
    """The objection to a legal basis in the name of a working group; "" for every other."""
    body = " ".join(basis.body.split())
    groups = Committee.objects.filter(kind=CommitteeKind.WORKING_GROUP, name__iexact=body)
    if not groups.exists():
        return ""
    return (
        f"{body} ist eine Arbeitsgruppe: Was sie vereinbart, bleibt ein Vorschlag, bis der Jugendhilfeausschuss "
        "beschlossen hat. Bitte nennen Sie als Rechtsgrundlage dessen Beschluss."
    )


def _saved_version(model: RatedModel, result: ModelResult) -> WeightingScheme | None:
    """The newest version with the weights of the scenario."""
    copies = WeightingScheme.objects.filter(copied_from=model.scenario.scheme)
    for scheme in copies.exclude(status=SchemeStatus.SUPERSEDED).select_related("population").order_by("-pk"):
        if amounts_by(model, scheme) == result.amounts:
            return scheme
    return None


def _check(committee: Committee, candidates: Sequence[Candidate]) -> None:
    if not FEWEST <= len(candidates) <= MOST:
        raise DomainError(f"Zur Bewertung stehen {FEWEST} bis {MOST} Modelle. Ausgewählt sind {len(candidates)}.")
    if len({candidate.name.casefold().strip() for candidate in candidates}) < len(candidates):
        raise DomainError("Zwei Modelle heißen gleich. Bitte geben Sie jedem einen eigenen Namen.")
    scenarios = {candidate.scenario.pk: candidate.scenario for candidate in candidates}
    found = {outcome.scenario.pk: outcome for outcome in outcomes_of(scenarios.values(), everything())}
    for scenario, number, name in candidates:
        if scenario.committee_id != committee.pk or scenario.archived_at is not None:
            raise DomainError(f"Das Szenario „{scenario}“ ist nicht mit diesem Gremium geteilt.")
        if problem := ModelResult(found[scenario.pk], number).problem:
            raise DomainError(f"„{name}“ lässt sich nicht bewerten: {problem}")


def _locked(round: AcceptanceRound) -> AcceptanceRound:
    rounds = AcceptanceRound.objects.select_for_update(of=("self",), no_key=True).select_related("committee")
    return rounds.get(pk=round.pk)
