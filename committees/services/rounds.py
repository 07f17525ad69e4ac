"""Rounds of points: open, change, give points, propose an indicator, answer, close, take over.

Whoever writes to a round locks it first, so that nobody hands in while it is being closed. The log says who handed in,
never what.
"""

import datetime as dt
from collections.abc import Mapping
from decimal import Decimal

from django.db import transaction
from django.utils import timezone

from committees.gates import membership_of, must_lead, voting_member
from committees.models import (
    Averaging,
    Committee,
    IndicatorProposal,
    Membership,
    Points,
    PointSheet,
    ProposalAnswer,
    RoundIndicator,
    RoundStatus,
    SheetStatus,
    WeightRound,
)
from committees.points import FEWEST, format_points, given, group_weights
from indicators.models import Indicator, SchemeStatus, WeightingScheme
from indicators.services.schemes import WeightEntry, reweigh_scheme
from jugendhilfe.accounts.models import User
from jugendhilfe.audit.services import record
from jugendhilfe.lib.errors import DomainError, NotAllowed

ALL_POINTS = Decimal(100)
START_FROM = (SchemeStatus.ADOPTED, SchemeStatus.PROPOSED, SchemeStatus.DRAFT)


@transaction.atomic
def open_round(*, round: WeightRound, actor: User) -> WeightRound:
    """Start a round about the indicators of its scheme."""
    must_lead(actor, round.committee)
    # Against a body that is closed at this moment.
    there = Committee.objects.valid_on(timezone.localdate()).filter(pk=round.committee_id, negotiates=True)
    if not there.select_for_update(no_key=True):
        raise DomainError(f"{round.committee} verhandelt keine Gewichte.")
    if round.scheme.status not in START_FROM:
        raise DomainError(f"{round.scheme} ist abgelöst. Bitte gehen Sie von der festgelegten Fassung aus.")
    members = list(round.scheme.members.all())
    if not members:
        raise DomainError(f"{round.scheme} hat noch keinen Indikator, für den Punkte vergeben werden könnten.")
    round.opened_by = actor
    round.full_clean()
    round.save()
    RoundIndicator.objects.bulk_create(
        RoundIndicator(round=round, indicator_id=member.indicator_id) for member in members
    )
    record(actor=actor, action="weight_rounds.open", obj=round, data=_rules(round))
    return round


@transaction.atomic
def change_round(
    *,
    round: WeightRound,
    title: str,
    closes_on: dt.date | None,
    averaging: Averaging,
    shows_points: bool,
    actor: User,
) -> WeightRound:
    """Other words, another day; other rules only before the first sheet is handed in."""
    must_lead(actor, round.committee)
    round = _locked_open(round)
    if (averaging, shows_points) != (round.averaging, round.shows_points) and has_submitted(round):
        raise DomainError("Es sind schon Punkte abgegeben: Rechenweg und Sichtbarkeit bleiben, wie sie sind.")
    round.title, round.closes_on, round.averaging, round.shows_points = title, closes_on, averaging, shows_points
    round.full_clean()
    round.save()
    record(actor=actor, action="weight_rounds.change", obj=round, data=_rules(round))
    return round


@transaction.atomic
def save_points(
    *, round: WeightRound, points: Mapping[int, Decimal], comment: str, actor: User, hand_in: bool = False
) -> PointSheet:
    """Keep the member's points by key of the RoundIndicator: as a draft, or handed in with exactly 100.

    A draft is the member's own paper and leaves no entry in the log.
    """
    round = _locked_open(round)
    member = _voter(actor, round)
    sheet = own_sheet(round, actor) or PointSheet(round=round)
    sheet.member = member
    if sheet.status == SheetStatus.SUBMITTED and not hand_in:
        raise DomainError(
            "Ihr Punktzettel ist schon abgegeben. Ziehen Sie ihn zurück, um wieder einen Entwurf zu haben."
        )
    given_points = {one.pk: points.get(one.pk, Decimal(0)) for one in round.indicators.all()}
    if hand_in and (rest := ALL_POINTS - sum(given_points.values())):
        raise DomainError(rest_in_words(rest))
    sheet.comment = comment
    if hand_in:
        sheet.status, sheet.submitted_at = SheetStatus.SUBMITTED, timezone.now()
    sheet.full_clean()
    sheet.save()
    sheet.points.all().delete()
    rows = [Points(sheet=sheet, indicator_id=key, points=value) for key, value in given_points.items()]
    for row in rows:
        row.clean_fields(exclude=["sheet", "indicator"])
    Points.objects.bulk_create(rows)
    if hand_in:
        record(actor=actor, action="point_sheets.submit", obj=sheet)
    return sheet


@transaction.atomic
def withdraw_points(*, round: WeightRound, actor: User) -> PointSheet:
    """Make a sheet that was handed in a draft again; the points on it stay."""
    round = _locked_open(round)
    _voter(actor, round)
    sheet = own_sheet(round, actor)
    if sheet is None or sheet.status != SheetStatus.SUBMITTED:
        raise DomainError("Sie haben noch keine Punkte abgegeben.")
    sheet.status, sheet.submitted_at = SheetStatus.DRAFT, None
    sheet.save()
    record(actor=actor, action="point_sheets.withdraw", obj=sheet)
    return sheet


@transaction.atomic
def propose_indicator(*, proposal: IndicatorProposal, actor: User) -> IndicatorProposal:
    """Ask the group for another indicator; every member may, deputies and advisers too."""
    round = _locked_open(proposal.round)
    member = membership_of(actor, round.committee)
    if member is None:
        raise NotAllowed("Indikatoren schlagen die Mitglieder des Gremiums vor.")
    if proposal.indicator is not None:
        _must_be_new(round, proposal.indicator)
        if round.proposals.filter(indicator=proposal.indicator, answer=ProposalAnswer.OPEN).exists():
            raise DomainError(f"„{proposal.indicator}“ ist schon vorgeschlagen und wartet auf eine Antwort.")
    proposal.member = member
    proposal.full_clean()
    proposal.save()
    record(actor=actor, action="indicator_proposals.enter", obj=proposal, reason=proposal.reason)
    return proposal


@transaction.atomic
def take_up_indicator(
    *, proposal: IndicatorProposal, indicator: Indicator, reason: str, actor: User
) -> IndicatorProposal:
    """Let members give points for a proposed indicator too; sheets handed in stay valid with 0 points for it."""
    must_lead(actor, proposal.round.committee)
    round, proposal = _locked_proposal(proposal)
    _must_be_new(round, indicator)
    proposal.indicator = indicator
    _answer(proposal, ProposalAnswer.TAKEN_UP, reason, actor)
    RoundIndicator.objects.create(round=round, indicator=indicator, proposal=proposal)
    record(
        actor=actor,
        action="indicator_proposals.take_up",
        obj=proposal,
        reason=reason,
        data={"indicator": indicator.code},
    )
    return proposal


@transaction.atomic
def decline_indicator(*, proposal: IndicatorProposal, reason: str, actor: User) -> IndicatorProposal:
    """Say no to a proposed indicator."""
    must_lead(actor, proposal.round.committee)
    _, proposal = _locked_proposal(proposal)
    _answer(proposal, ProposalAnswer.DECLINED, reason, actor)
    record(actor=actor, action="indicator_proposals.decline", obj=proposal, reason=reason)
    return proposal


@transaction.atomic
def close_round(*, round: WeightRound, actor: User) -> WeightRound:
    """End a round for good: what is handed in counts, drafts do not. Every proposal must have its answer."""
    must_lead(actor, round.committee)
    round = _locked_open(round)
    if not has_submitted(round):
        raise DomainError("Noch niemand hat Punkte abgegeben. Ohne einen Punktzettel gibt es kein Gewicht der Gruppe.")
    if waiting := round.proposals.filter(answer=ProposalAnswer.OPEN).first():
        raise DomainError(f"Der Vorschlag „{waiting}“ wartet noch auf eine Antwort. Bitte beantworten Sie ihn zuerst.")
    round.status, round.closed_at = RoundStatus.CLOSED, timezone.now()
    round.save()
    numbers = {status: round.sheets.filter(status=status).count() for status in SheetStatus.values}
    record(actor=actor, action="weight_rounds.close", obj=round, data={"sheets": numbers})
    return round


@transaction.atomic
def take_over_weights(*, round: WeightRound, actor: User) -> WeightingScheme:
    """Write the weights of the group into a new version of the scheme, as a draft; once."""
    must_lead(actor, round.committee)
    round = _locked(round)
    if round.is_open:
        raise DomainError("Übernommen werden die Gewichte einer geschlossenen Runde.")
    if round.result is not None:
        raise DomainError(f"Die Gewichte sind schon übernommen: {round.result}.")
    indicators = list(round.indicators.select_related("indicator", "proposal"))
    sheets = sheets_handed_in(round)
    weights = group_weights(sheets, [one.indicator.code for one in indicators], round.averaging)
    if weights is None:
        raise DomainError(NO_WEIGHTS)
    entries = [
        WeightEntry(indicator=one.indicator, weight=weights[one.indicator.code], reason=_reason(round, one, sheets))
        for one in indicators
    ]
    scheme = reweigh_scheme(scheme=round.scheme, entries=entries, actor=actor)
    round.result = scheme
    round.save(update_fields=["result"])
    record(actor=actor, action="weight_rounds.take_over", obj=round, data={"scheme": scheme.pk})
    return scheme


NO_WEIGHTS = (
    "Der Median ist bei allen Indikatoren 0: Daraus entsteht kein Gewicht. Bitte eröffnen Sie eine neue Runde mit dem "
    "Mittelwert."
)


def sheets_handed_in(round: WeightRound) -> list[dict[str, Decimal]]:
    """The points that count, by code of the indicator, without names."""
    sheets: dict[int, dict[str, Decimal]] = {
        key: {} for key in round.sheets.filter(status=SheetStatus.SUBMITTED).values_list("pk", flat=True)
    }
    rows = Points.objects.filter(sheet__in=sheets).values_list("sheet_id", "indicator__indicator__code", "points")
    for sheet, code, points in rows:
        sheets[sheet][code] = points
    return list(sheets.values())


def own_sheet(round: WeightRound, person: User) -> PointSheet | None:
    """One per person, also where a seat has ended and the person has another one."""
    return round.sheets.filter(member__person=person).first()


def has_submitted(round: WeightRound) -> bool:
    return round.sheets.filter(status=SheetStatus.SUBMITTED).exists()


def rest_in_words(rest: Decimal) -> str:
    """What is left of the 100 points, or was given too much."""
    if not rest:
        return "Alle 100 Punkte sind vergeben."
    number = format_points(abs(rest))
    unit = "Punkt" if abs(rest) == 1 else "Punkte"
    return f"Noch {number} {unit} zu vergeben." if rest > 0 else f"{number} {unit} zu viel vergeben."


def _reason(round: WeightRound, one: RoundIndicator, sheets: list[dict[str, Decimal]]) -> str:
    points = given(sheets, one.indicator.code)
    members = "1 Mitglied" if len(sheets) == 1 else f"{len(sheets)} Mitgliedern"
    parts = [f"{round.committee}, „{round.title}“: {round.get_averaging_display()} von {members}"]
    if len(sheets) >= FEWEST:
        parts.append(f"Spanne {format_points(min(points))} bis {format_points(max(points))} Punkte")
    reason = ", ".join(parts) + "."
    return f"{reason} Neu aufgenommen: {one.proposal.answer_reason}" if one.proposal else reason


def _rules(round: WeightRound) -> dict[str, object]:
    return {"scheme": round.scheme_id, "averaging": round.averaging, "shows_points": round.shows_points}


def _locked(round: WeightRound) -> WeightRound:
    # Without "result": a join is as old as the question, not as the row that was waited for.
    rounds = WeightRound.objects.select_for_update(of=("self",)).select_related("committee", "scheme")
    return rounds.get(pk=round.pk)


def _locked_open(round: WeightRound) -> WeightRound:
    round = _locked(round)
    if not round.is_open:
        raise DomainError("Diese Runde ist inzwischen geschlossen. Punkte und Vorschläge ändern sich nicht mehr.")
    return round


def _locked_proposal(proposal: IndicatorProposal) -> tuple[WeightRound, IndicatorProposal]:
    round = _locked_open(proposal.round)
    proposal = IndicatorProposal.objects.select_for_update(of=("self",)).get(pk=proposal.pk)
    if proposal.answer != ProposalAnswer.OPEN:
        raise DomainError(f"Dieser Vorschlag ist schon beantwortet: {proposal.get_answer_display()}.")
    return round, proposal


def _answer(proposal: IndicatorProposal, answer: ProposalAnswer, reason: str, actor: User) -> None:
    if not reason.strip():
        raise DomainError("Bitte begründen Sie die Antwort.")
    proposal.answer, proposal.answer_reason, proposal.answered_by = answer, reason.strip(), actor
    proposal.full_clean()
    proposal.save()


def _must_be_new(round: WeightRound, indicator: Indicator) -> None:
    if round.indicators.filter(indicator=indicator).exists():
        raise DomainError(f"Für „{indicator}“ werden in dieser Runde schon Punkte vergeben.")


def _voter(actor: User, round: WeightRound) -> Membership:
    if member := voting_member(actor, round.committee):
        return member
    raise NotAllowed("Punkte vergeben die stimmberechtigten Mitglieder des Gremiums.")
