"""Role assignments, the truth about access, and guardian's rows that are kept in step with them."""

import datetime as dt
from typing import Any, ClassVar, Self

from django.conf import settings
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import F, Func, Q
from guardian.models import UserObjectPermissionBase

from jugendhilfe.accounts.models import User
from regions.models.periods import PeriodQuerySet, must_end_after_it_began, period, same_key
from regions.roles import NEEDS_SECOND_PERSON, REACH, Reach, Role, object_permissions


class RoleAssignmentQuerySet(PeriodQuerySet["RoleAssignment"]):
    def effective_on(self, day: dt.date) -> Self:
        """In force that day: valid, not withdrawn, and confirmed where a second person is needed."""
        return self.valid_on(day).filter(
            Q(confirmed_by__isnull=False) | ~Q(role__in=NEEDS_SECOND_PERSON), withdrawn_at=None
        )

    def waiting(self) -> Self:
        """Granted, but still without the second person."""
        return self.filter(role__in=NEEDS_SECOND_PERSON, confirmed_by=None, withdrawn_at=None)


class RoleAssignment(models.Model):
    """The truth about access: who has which role, for what, from when to when, granted by whom and why."""

    user = models.ForeignKey(User, verbose_name="Person", on_delete=models.PROTECT, related_name="role_assignments")
    role = models.CharField("Rolle", max_length=20, choices=Role)
    region = models.ForeignKey("regions.Region", verbose_name="Region", null=True, blank=True, on_delete=models.PROTECT)
    carrier = models.ForeignKey(
        "regions.Carrier", verbose_name="Träger", null=True, blank=True, on_delete=models.PROTECT
    )
    space = models.ForeignKey(
        "regions.SocialSpace", verbose_name="Sozialraum", null=True, blank=True, on_delete=models.PROTECT
    )
    valid_from = models.DateField("gilt ab")
    valid_to = models.DateField("gilt bis", null=True, blank=True)
    reason = models.CharField("Begründung", max_length=300)
    granted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name="vergeben von",
    )
    granted_at = models.DateTimeField("vergeben am", auto_now_add=True)
    confirmed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name="bestätigt von",
    )
    confirmed_at = models.DateTimeField("bestätigt am", null=True, blank=True)
    withdrawn_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name="entzogen von",
    )
    withdrawn_at = models.DateTimeField("entzogen am", null=True, blank=True)

    objects: ClassVar[models.Manager["RoleAssignment"]] = RoleAssignmentQuerySet.as_manager()

    class Meta:
        verbose_name = "Rolle"
        verbose_name_plural = "Rollen"
        ordering = ("user__name", "role", "valid_from")
        constraints = (
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="role_ends_after_it_began",
                violation_error_message="Das Ende liegt vor dem Anfang.",
            ),
            *(
                models.CheckConstraint(
                    condition=~Q(role__in=sorted(role for role, its_reach in REACH.items() if its_reach == reach))
                    | Q(
                        region__isnull=reach != Reach.REGION,
                        carrier__isnull=reach != Reach.CARRIER,
                        space__isnull=reach != Reach.SPACE,
                    ),
                    name=f"role_of_{reach}_names_its_{reach}",
                    violation_error_message=f"Diese Rolle gilt für: {reach.label}. Bitte genau das angeben.",
                )
                for reach in Reach
            ),
            models.CheckConstraint(
                condition=Q(confirmed_by=None) | (~Q(confirmed_by=F("granted_by")) & ~Q(confirmed_by=F("user"))),
                name="role_confirmed_by_a_second_person",
                violation_error_message="Bestätigen muss eine andere Person als die, die vergibt oder bekommt.",
            ),
            ExclusionConstraint(
                name="role_once_at_a_time",
                expressions=[
                    (same_key("user_id"), RangeOperators.OVERLAPS),
                    (same_key(Func("role", function="hashtext")), RangeOperators.OVERLAPS),
                    (same_key("region_id"), RangeOperators.OVERLAPS),
                    (same_key("carrier_id"), RangeOperators.OVERLAPS),
                    (same_key("space_id"), RangeOperators.OVERLAPS),
                    (period(), RangeOperators.OVERLAPS),
                ],
                condition=Q(withdrawn_at=None),
                violation_error_message="Diese Person hat diese Rolle in diesem Zeitraum schon.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_role_display()} ({self.target})"

    def clean(self) -> None:
        must_end_after_it_began(self)

    @property
    def target(self) -> str:
        """What the role is given for, in words."""
        return str(self.region or self.carrier or self.space or "gesamter Landkreis")

    @property
    def audit_label(self) -> str:
        return f"{self.get_role_display()} ({self.region or self.space or self.carrier_id or 'gesamter Landkreis'})"

    @property
    def is_waiting(self) -> bool:
        return self.role in NEEDS_SECOND_PERSON and self.confirmed_by_id is None and self.withdrawn_at is None


class RegionUserPermission(UserObjectPermissionBase):
    """guardian's row for one user, one region, one permission; written by access.py alone."""

    allowed = object_permissions(Reach.REGION)
    content_object = models.ForeignKey("regions.Region", on_delete=models.CASCADE)

    class Meta(UserObjectPermissionBase.Meta):
        abstract = False

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.permission.codename not in self.allowed:
            raise ValueError(f"{self.permission.codename} is no permission on a region")
        super().save(*args, **kwargs)


class CarrierUserPermission(UserObjectPermissionBase):
    """guardian's row for one user, one carrier, one permission; written by access.py alone."""

    allowed = object_permissions(Reach.CARRIER)
    content_object = models.ForeignKey("regions.Carrier", on_delete=models.CASCADE)

    class Meta(UserObjectPermissionBase.Meta):
        abstract = False

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.permission.codename not in self.allowed:
            raise ValueError(f"{self.permission.codename} is no permission on a carrier")
        super().save(*args, **kwargs)
