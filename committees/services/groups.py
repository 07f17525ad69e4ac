"""Keeping bodies, who sits in them, and what binds these people to carriers and municipalities."""

import datetime as dt

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from committees.models import Committee, Membership, PointSheet, Rating, RoundStatus, Tie
from jugendhilfe.accounts.models import User
from jugendhilfe.lib.errors import DomainError, FourEyesRequired, NotAllowed
from jugendhilfe.lib.formats import format_date
from regions.access import scope
from regions.services.master_data import keep


@transaction.atomic
def keep_committee(*, committee: Committee, actor: User | None, reason: str = "") -> Committee:
    """Enter a new body or the changes of one."""
    _must_edit(actor)
    region = str(committee.region.number) if committee.region else ""
    return keep(committee, "committees", actor=actor, reason=reason, region=region)


@transaction.atomic
def close_committee(*, committee: Committee, last_day: dt.date, actor: User, reason: str) -> Committee:
    """Let a body end on a day, and its memberships with it; not while a round is open."""
    _must_edit(actor)
    committee = Committee.objects.select_for_update(of=("self",)).get(pk=committee.pk)
    if committee.valid_to is not None and committee.valid_to <= last_day:
        raise DomainError(f"Dieses Gremium endet schon am {format_date(committee.valid_to)}.")
    for rounds in (committee.weight_rounds, committee.acceptance_rounds):
        if name := rounds.filter(status=RoundStatus.OPEN).values_list("title", flat=True).first():
            raise DomainError(f"Die Runde „{name}“ läuft noch. Bitte zuerst schließen.")
    # Those to come would end before they began: they must be put right by hand.
    if committee.memberships.filter(valid_from__gt=last_day).exists():
        raise DomainError(f"Nach dem {format_date(last_day)} beginnt noch eine Mitgliedschaft. Bitte zuerst ändern.")
    for membership in _lasting_beyond(committee.memberships.all(), last_day):
        _end(membership, last_day, actor, reason)
    committee.valid_to = last_day
    region = str(committee.region.number) if committee.region else ""
    return keep(committee, "committees", actor=actor, action="close", reason=reason, region=region)


@transaction.atomic
def appoint(*, membership: Membership, actor: User | None, reason: str = "") -> Membership:
    """Enter a seat or its changes; nobody enters their own. A deputy stands in for a member of the same body."""
    _must_edit(actor)
    _must_be_another(actor, membership.person)
    # Against two people who seat one person, or two chairs, at the same moment.
    committee = Committee.objects.select_for_update(no_key=True).get(pk=membership.committee_id)
    _must_lie_within(committee, membership)
    _must_stand_in_rightly(membership)
    _must_keep_its_side(membership)
    if membership.pk is None:
        membership.entered_by = actor
    return keep(membership, "memberships", actor=actor, reason=reason)


@transaction.atomic
def end_membership(*, membership: Membership, last_day: dt.date, actor: User, reason: str) -> Membership:
    """Let a membership end on a day; the row stays as the record of what was."""
    _must_edit(actor)
    _must_be_another(actor, membership.person)
    membership = Membership.objects.select_for_update(of=("self",)).get(pk=membership.pk)
    if membership.valid_to is not None and membership.valid_to <= last_day:
        raise DomainError(f"Diese Mitgliedschaft endet schon am {format_date(membership.valid_to)}.")
    _end(membership, last_day, actor, reason)
    for deputy in _lasting_beyond(membership.deputies.all(), last_day):
        _end(deputy, last_day, actor, reason)
    return membership


@transaction.atomic
def keep_tie(*, tie: Tie, actor: User | None, reason: str = "") -> Tie:
    """Enter what binds a member to a carrier or a space: the member itself, or the office that keeps the bodies."""
    if actor is not None and actor != tie.person:
        _must_edit(actor)
    return keep(tie, "ties", actor=actor, reason=reason)


@transaction.atomic
def end_tie(*, tie: Tie, actor: User, last_day: dt.date | None = None) -> Tie:
    """Let a tie end, today if no day is named."""
    if actor != tie.person:
        _must_edit(actor)
    tie = Tie.objects.select_for_update(of=("self",)).get(pk=tie.pk)
    last_day = last_day or timezone.localdate()
    if tie.valid_to is not None and tie.valid_to <= last_day:
        raise DomainError(f"Diese Bindung endet schon am {format_date(tie.valid_to)}.")
    tie.valid_to = last_day
    return keep(tie, "ties", actor=actor, action="end")


def _end(membership: Membership, last_day: dt.date, actor: User, reason: str) -> None:
    membership.valid_to = last_day
    keep(membership, "memberships", actor=actor, action="end", reason=reason)


def _lasting_beyond(memberships: QuerySet[Membership], last_day: dt.date) -> QuerySet[Membership]:
    return memberships.filter(Q(valid_to=None) | Q(valid_to__gt=last_day)).order_by("pk")


def _must_lie_within(committee: Committee, membership: Membership) -> None:
    first, last = committee.valid_from, committee.valid_to
    if membership.valid_from < first:
        raise DomainError(
            f"Das Gremium wird erst seit dem {format_date(first)} geführt. Vorher gibt es keine Mitglieder."
        )
    if last is not None and (membership.valid_to is None or membership.valid_to > last):
        raise DomainError(f"Das Gremium endet am {format_date(last)}. Bis dahin muss auch die Mitgliedschaft enden.")


def _must_stand_in_rightly(membership: Membership) -> None:
    member = membership.deputy_for
    if member is None:
        return
    if member.committee_id != membership.committee_id:
        raise DomainError("Eine Vertretung gehört demselben Gremium an wie das Mitglied, das sie vertritt.")
    if member.deputy_for_id is not None:
        raise DomainError("Vertreten wird ein Mitglied, nicht eine andere Vertretung.")
    if not membership._state.adding and membership.deputies.exists():
        raise DomainError("Dieses Mitglied hat selbst eine Vertretung und kann deshalb niemanden vertreten.")


def _must_keep_its_side(membership: Membership) -> None:
    """A mean by side before and after would tell what the one gave who changed it."""
    if membership._state.adding or not Membership.objects.filter(pk=membership.pk).exclude(side=membership.side):
        return
    given = PointSheet.objects.filter(member=membership), Rating.objects.filter(member=membership)
    if any(one.exists() for one in given):
        raise DomainError(
            "Dieses Mitglied hat für seine Seite schon Punkte vergeben oder bewertet. Bitte beenden Sie die "
            "Mitgliedschaft und berufen Sie die Person für die andere Seite neu."
        )


def _must_edit(actor: User | None) -> None:
    """None is the set-up."""
    if actor is not None and not scope(actor, "edit_committees").everything:
        raise NotAllowed("Gremien pflegen Jugendhilfeplanung und Fachdienstleitung.")


def _must_be_another(actor: User | None, person: User) -> None:
    if actor == person:
        raise FourEyesRequired("Die eigene Mitgliedschaft trägt eine andere Person ein.")
