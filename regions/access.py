"""The one door for access: who may do what, where. The only importer of guardian.

The truth is RoleAssignment. For regions and carriers guardian's rows are kept in step with it, and a permission counts
only where both agree: the assignment says from when to when, guardian says on which row.
"""

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

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


def scope(user: Visitor, permission: str) -> Scope:
    """Where `user` has `permission` today. One query for all permissions of a user object."""
    found = [row for row in _assignments(user) if permission in ROLE_PERMISSIONS[row.role]]
    if any(REACH[row.role] == Reach.COUNTY for row in found):
        return Scope(everything=True)
    return Scope(
        regions=frozenset(row.region_id for row in found if row.region_id and permission in row.region_permissions),
        carriers=frozenset(row.carrier_id for row in found if row.carrier_id and permission in row.carrier_permissions),
        spaces=frozenset(row.space_id for row in found if row.space_id),
    )


def roles_of(user: Visitor) -> list[RoleAssignment]:
    """The assignments in force today."""
    return list(_assignments(user))


def _assignments(user: Visitor) -> list[Any]:
    if not isinstance(user, User) or not user.is_active:
        return []
    known: list[Any] | None = vars(user).get("_assignments_today")
    if known is None:
        known = list(
            RoleAssignment.objects.filter(user=user)
            .effective_on(timezone.localdate())
            .select_related("region", "carrier", "space")
            .annotate(
                region_permissions=_stored(RegionUserPermission, user, "region"),
                carrier_permissions=_stored(CarrierUserPermission, user, "carrier"),
            )
        )
        vars(user)["_assignments_today"] = known
    return known


def _stored(model: type[models.Model], user: User, row: str) -> ArraySubquery:
    return ArraySubquery(
        model._default_manager.filter(user=user, content_object=OuterRef(row)).values("permission__codename")
    )


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
    assignment = RoleAssignment.objects.select_for_update().get(pk=assignment.pk)
    if not scope(actor, "edit_users").everything:
        raise NotAllowed("Rollen entzieht die Systemverwaltung.")
    if assignment.withdrawn_at is not None:
        raise DomainError("Diese Rolle ist schon entzogen.")
    if actor.pk == assignment.user_id and assignment.role == Role.SYSTEM and _is_last_administrator(assignment):
        raise DomainError("Das ist die letzte Systemverwaltung. Bitte zuerst eine weitere Person einsetzen.")
    assignment.withdrawn_by, assignment.withdrawn_at = actor, timezone.now()
    assignment.save(update_fields=["withdrawn_by", "withdrawn_at"])
    _keep_in_step(assignment)
    record(actor=actor, action="roles.withdraw", obj=assignment, reason=reason, data={"user": assignment.user_id})
    return assignment


def _is_last_administrator(assignment: RoleAssignment) -> bool:
    others = RoleAssignment.objects.filter(role=Role.SYSTEM, user__is_active=True).exclude(pk=assignment.pk)
    return not others.effective_on(timezone.localdate()).exists()


def _keep_in_step(assignment: RoleAssignment) -> None:
    """Make guardian's rows for this user and row equal to the assignments that are not withdrawn, one row at a time."""
    vars(assignment.user).pop("_assignments_today", None)
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
