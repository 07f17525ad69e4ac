"""What carriers say to a transition; printed with the paper."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q

from budgets.models import TransitionPlan
from jugendhilfe.accounts.models import User
from regions.access import Visitor, scope
from regions.models import Carrier


class StatementStatus(models.TextChoices):
    DRAFT = "draft", "Entwurf"
    SUBMITTED = "submitted", "abgegeben"


class CarrierStatementQuerySet(models.QuerySet["CarrierStatement"]):
    def visible_to(self, user: Visitor) -> Self:
        """A carrier its own; the county what was submitted."""
        reach = scope(user, "view_contracts")
        if reach.everything:
            return self.filter(status=StatementStatus.SUBMITTED)
        return self.filter(carrier__in=reach.carriers)


class CarrierStatement(models.Model):
    """The Stellungnahme of a carrier to a transition; submitted, it stays (frozen_rounds.sql)."""

    plan = models.ForeignKey(
        TransitionPlan, on_delete=models.PROTECT, related_name="statements", verbose_name="Übergang"
    )
    carrier = models.ForeignKey(Carrier, on_delete=models.PROTECT, related_name="statements", verbose_name="Träger")
    text = models.TextField("Stellungnahme")
    status = models.CharField("Stand", max_length=9, choices=StatementStatus, default=StatementStatus.DRAFT)
    written_by = models.ForeignKey(
        User, null=True, editable=False, on_delete=models.PROTECT, related_name="+", verbose_name="verfasst von"
    )
    changed_at = models.DateTimeField("geändert am", auto_now=True)
    submitted_at = models.DateTimeField("abgegeben am", null=True, blank=True)

    objects: ClassVar[models.Manager["CarrierStatement"]] = CarrierStatementQuerySet.as_manager()

    class Meta:
        verbose_name = "Stellungnahme"
        verbose_name_plural = "Stellungnahmen"
        ordering = ("carrier__name", "pk")
        constraints = (
            models.UniqueConstraint(fields=("plan", "carrier"), name="statement_once_per_carrier"),
            models.CheckConstraint(
                condition=Q(status=StatementStatus.DRAFT, submitted_at=None)
                | Q(status=StatementStatus.SUBMITTED, submitted_at__isnull=False),
                name="statement_submitted_at_a_time",
            ),
        )

    def __str__(self) -> str:
        return f"Stellungnahme von {self.carrier}"

    @property
    def audit_label(self) -> str:
        """Without the name of a freelancer: the log holds none."""
        return f"Stellungnahme von {self.carrier.audit_label}"

    @property
    def is_draft(self) -> bool:
        return self.status == StatementStatus.DRAFT
