"""Keeping regions, social spaces, their member municipalities and offices."""

import datetime as dt
from collections.abc import Mapping

from django.db import transaction
from django.db.models import Q

from jugendhilfe.accounts.models import User
from jugendhilfe.audit.services import record
from jugendhilfe.lib.errors import DomainError
from jugendhilfe.lib.formats import format_date
from regions.models import MemberMunicipality, Office, Region, SocialSpace
from regions.services.master_data import keep, must_edit


@transaction.atomic
def keep_region(*, region: Region, actor: User | None, reason: str = "") -> Region:
    """Enter a new region or the changes of one."""
    must_edit(actor)
    return keep(region, "regions", actor=actor, reason=reason, region=str(region.number))


@transaction.atomic
def keep_space(*, space: SocialSpace, actor: User | None, reason: str = "") -> SocialSpace:
    """Enter a new social space or the changes of one."""
    must_edit(actor)
    return keep(space, "spaces", actor=actor, reason=reason, region=str(space.region.number))


@transaction.atomic
def keep_members(
    *, space: SocialSpace, members: Mapping[str, str], actor: User | None, reason: str = ""
) -> list[tuple[str, str, str]]:
    """Make `members` (key to name) the member municipalities of the space; returns what changed: key, before, now."""
    must_edit(actor)
    space = SocialSpace.objects.select_for_update(of=("self",)).select_related("region").get(pk=space.pk)
    elsewhere = MemberMunicipality.objects.filter(key__in=members).exclude(space=space).select_related("space")
    if found := [f"{member.key} {member.name} gehört zu {member.space}" for member in elsewhere]:
        raise DomainError(f"{'; '.join(found)}. Bitte dort zuerst entfernen.")
    before = {member.key: member for member in space.members.all()}
    changes = [
        (key, before[key].name if key in before else "", members.get(key, ""))
        for key in sorted(before.keys() | members.keys())
        if key not in before or key not in members or before[key].name != members[key]
    ]
    if not changes:
        return []
    space.members.exclude(key__in=members).delete()
    for key, _, name in changes:
        if name:
            member = before.get(key) or MemberMunicipality(space=space, key=key)
            member.name = name
            member.full_clean()
            member.save()
    record(
        actor=actor,
        action="spaces.members",
        obj=space,
        reason=reason,
        region=str(space.region.number),
        data={"changes": changes},
    )
    return changes


@transaction.atomic
def keep_office(*, office: Office, actor: User | None, reason: str = "") -> Office:
    """Enter a new office or the changes of one."""
    must_edit(actor)
    return keep(office, "offices", actor=actor, reason=reason, region=str(office.space.region.number))


@transaction.atomic
def close_office(*, office: Office, last_day: dt.date, actor: User | None, reason: str) -> Office:
    """Let an office end; it stays on record with its contracts."""
    must_edit(actor)
    # Against a contract that is entered for this office at the same moment.
    office = Office.objects.select_for_update(of=("self",)).select_related("space__region").get(pk=office.pk)
    running = office.contracts.filter(Q(valid_to=None) | Q(valid_to__gt=last_day)).first()
    if running is not None:
        raise DomainError(
            f"Der Vertrag „{running}“ gilt über den {format_date(last_day)} hinaus. Bitte zuerst den Vertrag beenden."
        )
    office.valid_to = last_day
    region = str(office.space.region.number)
    return keep(office, "offices", actor=actor, action="close", reason=reason, region=region)
