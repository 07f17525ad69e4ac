"""Keeping bodies, who sits in them, and what binds these people to carriers and municipalities."""

import datetime as dt

from django.db import transaction
from django.utils import timezone

from committees.models import Committee, Membership, Tie
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
def appoint(*, membership: Membership, actor: User | None, reason: str = "") -> Membership:
    """Enter a seat or its changes; nobody enters their own. A deputy stands in for a member of the same body."""
    _must_edit(actor)
    _must_be_another(actor, membership.person)
    # Against two people who seat one person, or two chairs, at the same moment.
    Committee.objects.select_for_update(no_key=True).get(pk=membership.committee_id)
    if membership.deputy_for and membership.deputy_for.committee_id != membership.committee_id:
        raise DomainError("Eine Vertretung gehört demselben Gremium an wie das Mitglied, das sie vertritt.")
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
    membership.valid_to = last_day
    return keep(membership, "memberships", actor=actor, action="end", reason=reason)


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
    tie.valid_to = last_day or timezone.localdate()
    return keep(tie, "ties", actor=actor, action="end")


def _must_edit(actor: User | None) -> None:
    """None is the set-up."""
    if actor is not None and not scope(actor, "edit_committees").everything:
        raise NotAllowed("Gremien pflegen Jugendhilfeplanung und Fachdienstleitung.")


def _must_be_another(actor: User | None, person: User) -> None:
    if actor == person:
        raise FourEyesRequired("Die eigene Mitgliedschaft trägt eine andere Person ein.")
