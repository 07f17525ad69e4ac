"""The one door for access: who may do what, where. The only importer of guardian.

The truth is RoleAssignment. For regions and carriers guardian's rows are kept in step with it, and a permission counts
only where both agree: the assignment says from when to when, guardian says on which row.
"""

import datetime as dt
from dataclasses import dataclass, field
from functools import cache
from typing import NamedTuple

from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.expressions import ArraySubquery
from django.db import models, transaction
from django.db.models import OuterRef
from django.utils import timezone
from guardian.shortcuts import assign_perm, remove_perm

from jugendhilfe.accounts.models import User
from jugendhilfe.audit.services import record
from jugendhilfe.lib.errors import DomainError, FourEyesRequired, NotAllowed
from regions.models.assignments import CarrierUserPermission, RegionUserPermission, RoleAssignment
from regions.roles import REACH, ROLE_PERMISSIONS, Reach, Role

type Visitor = User | AnonymousUser


@dataclass(frozen=True, slots=True)
class Scope:
    """Where a permission holds: everywhere, or on these rows (primary keys). Falsy: nowhere."""

    everything: bool = False
    regions: frozenset[int] = field(default_factory=frozenset)
    carriers: frozenset[int] = field(default_factory=frozenset)
    spaces: frozenset[int] = field(default_factory=frozenset)

    def __bool__(self) -> bool:
        return self.everything or bool(self.regions or self.carriers or self.spaces)


NOWHERE = Scope()


class _Held(NamedTuple):
    """An assignment in force today, with the permissions that guardian has for the user on its row."""

    role: str
    region: int | None
    carrier: int | None
    space: int | None
    region_permissions: list[str]
    carrier_permissions: list[str]


def scope(user: Visitor, permission: str) -> Scope:
    """Where `user` has `permission` today. One query for all permissions of a user object."""
    found = [held for held in _held(user) if permission in ROLE_PERMISSIONS[held.role]]
    if any(REACH[held.role] == Reach.COUNTY for held in found):
        return Scope(everything=True)
    return Scope(
        regions=frozenset(held.region for held in found if held.region and permission in held.region_permissions),
        carriers=frozenset(held.carrier for held in found if held.carrier and permission in held.carrier_permissions),
        spaces=frozenset(held.space for held in found if held.space),
    )


def roles_of(user: User) -> list[RoleAssignment]:
    """The assignments in force today."""
    today = RoleAssignment.objects.filter(user=user).effective_on(timezone.localdate())
    return list(today.select_related("region", "carrier", "space")) if user.is_active else []


def _held(user: Visitor) -> list[_Held]:
    """Asked once per user object. Every page asks: no rows of other tables, no order, no model objects."""
    if not isinstance(user, User) or not user.is_active:
        return []
    known: list[_Held] | None = vars(user).get("_held_today")
    if known is None:
        rows = (
            RoleAssignment.objects.filter(user=user)
            .effective_on(timezone.localdate())
            .order_by()
            .values_list(
                "role",
                "region",
                "carrier",
                "space",
                _stored(RegionUserPermission, "region"),
                _stored(CarrierUserPermission, "carrier"),
            )
        )
        known = [_Held(*row) for row in rows]
        vars(user)["_held_today"] = known
    return known


@cache
def _stored(model: type[models.Model], row: str) -> ArraySubquery:
    stored = model._default_manager.filter(user=OuterRef("user"), content_object=OuterRef(row))
    return ArraySubquery(stored.values("permission__codename"))


@transaction.atomic
def grant(
    *,
    user: User,
    role: Role,
    actor: User | None,
    reason: str,
    target: models.Model | None = None,
    valid_from: dt.date | None = None,
    valid_to: dt.date | None = None,
) -> RoleAssignment:
    """Give a role. Roles with money, cases or audit rest until a second person confirms; `actor` None is the set-up."""
    if actor is not None and not scope(actor, "edit_users").everything:
        raise NotAllowed("Rollen vergibt die Systemverwaltung.")
    if actor is not None and actor == user:
        raise FourEyesRequired("Niemand gibt sich selbst eine Rolle. Bitte eine andere Person darum bitten.")
    _lock_roles_of(user.pk)
    reach = REACH[role]
    assignment = RoleAssignment(
        user=user,
        role=role,
        valid_from=valid_from or timezone.localdate(),
        valid_to=valid_to,
        reason=reason,
        granted_by=actor,
        **({str(reach): target} if reach != Reach.COUNTY else {}),
    )
    assignment.full_clean()
    assignment.save()
    _keep_in_step(assignment)
    record(
        actor=actor,
        action="roles.grant",
        obj=assignment,
        reason=reason,
        region=str(assignment.region.number) if assignment.region else "",
        data={"user": user.pk, "role": role, "from": assignment.valid_from, "to": assignment.valid_to},
    )
    return assignment


@transaction.atomic
def confirm(*, assignment: RoleAssignment, actor: User) -> RoleAssignment:
    """The second person's yes to a role with money, cases or audit."""
    assignment = RoleAssignment.objects.select_for_update().get(pk=assignment.pk)
    if not scope(actor, "confirm_roles").everything:
        raise NotAllowed("Rollen bestätigen Systemverwaltung und Fachdienstleitung.")
    if not assignment.is_waiting:
        raise DomainError("Diese Rolle wartet nicht auf eine Bestätigung.")
    if actor.pk in {assignment.granted_by_id, assignment.user_id}:
        raise FourEyesRequired("Bestätigen muss eine andere Person als die, die die Rolle vergibt oder bekommt.")
    assignment.confirmed_by, assignment.confirmed_at = actor, timezone.now()
    assignment.save(update_fields=["confirmed_by", "confirmed_at"])
    record(actor=actor, action="roles.confirm", obj=assignment, data={"user": assignment.user_id})
    return assignment


@transaction.atomic
def withdraw(*, assignment: RoleAssignment, actor: User, reason: str) -> RoleAssignment:
    """End a role at once; the row stays as the record of what was."""
    _lock_roles_of(assignment.user_id)
    assignment = RoleAssignment.objects.select_for_update().get(pk=assignment.pk)
    if not scope(actor, "edit_users").everything:
        raise NotAllowed("Rollen entzieht die Systemverwaltung.")
    if assignment.withdrawn_at is not None:
        raise DomainError("Diese Rolle ist schon entzogen.")
    assignment.withdrawn_by, assignment.withdrawn_at = actor, timezone.now()
    assignment.save(update_fields=["withdrawn_by", "withdrawn_at"])
    if assignment.role == Role.SYSTEM:
        must_leave_an_administrator()
    _keep_in_step(assignment)
    record(actor=actor, action="roles.withdraw", obj=assignment, reason=reason, data={"user": assignment.user_id})
    return assignment


def must_leave_an_administrator() -> None:
    """After a role or an account was ended: of two administrators who turn on each other, the second is refused."""
    roles = RoleAssignment.objects.filter(role=Role.SYSTEM)
    list(roles.order_by("pk").select_for_update(no_key=True))
    if not roles.filter(user__is_active=True).effective_on(timezone.localdate()).exists():
        raise DomainError("Das ist die letzte Systemverwaltung. Bitte zuerst eine weitere Person einsetzen.")


def _lock_roles_of(user: int) -> None:
    """One change at a time: the rules about overlap and guardian's rows look at all roles of a person."""
    User.objects.select_for_update(no_key=True).get(pk=user)


def _keep_in_step(assignment: RoleAssignment) -> None:
    """Make guardian's rows for this user and row equal to the assignments that are not withdrawn, one row at a time."""
    vars(assignment.user).pop("_held_today", None)
    row = assignment.region or assignment.carrier
    if row is None:
        return
    model = RegionUserPermission if assignment.region else CarrierUserPermission
    held = RoleAssignment.objects.filter(
        user=assignment.user, region=assignment.region, carrier=assignment.carrier, withdrawn_at=None
    )
    wanted = frozenset().union(*(ROLE_PERMISSIONS[role] for role in held.values_list("role", flat=True)))
    stored = frozenset(
        model.objects.filter(user=assignment.user, content_object=row).values_list("permission__codename", flat=True)
    )
    for codename in sorted(wanted - stored):
        assign_perm(f"regions.{codename}", assignment.user, row)
    for codename in sorted(stored - wanted):
        remove_perm(f"regions.{codename}", assignment.user, row)
