"""Named what-ifs of people, shared with a group or not, and the snapshots of a session."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import Q
from django.urls import reverse

from budgets.models import FiscalYear
from committees.models.groups import Committee, Membership
from indicators.models import WeightingScheme
from jugendhilfe.accounts.models import User
from regions.access import Visitor


class SavedScenarioQuerySet(models.QuerySet["SavedScenario"]):
    def visible_to(self, user: Visitor) -> Self:
        """One's own, and those shared with a body whose working pages the user opens."""
        return self.filter(Q(owner=user.pk) | Q(committee__in=Committee.objects.worked_in_by(user)))

    def in_use(self) -> Self:
        return self.filter(archived_at=None)

    def agreed_in(self, committee: Committee) -> "SavedScenario | None":
        """What the sessions of a body agreed on last."""
        return self.in_use().filter(committee=committee, is_agreed=True).order_by("-pk").first()


class SavedScenario(models.Model):
    """A what-if with a name and a reason; `query` is its address and never changes (frozen_rounds.sql).

    `fingerprint` is that of the amounts it gave when it was saved: other data since then are noticed.
    """

    name = models.CharField("Name", max_length=120)
    reason = models.TextField("Begründung", help_text="Was soll dieses Szenario zeigen oder erreichen?")
    owner = models.ForeignKey(
        User, editable=False, on_delete=models.PROTECT, related_name="scenarios", verbose_name="angelegt von"
    )
    committee = models.ForeignKey(
        Committee,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="scenarios",
        verbose_name="geteilt mit",
    )
    year = models.ForeignKey(
        FiscalYear, editable=False, on_delete=models.PROTECT, related_name="+", verbose_name="Haushaltsjahr"
    )
    scheme = models.ForeignKey(
        WeightingScheme, editable=False, on_delete=models.PROTECT, related_name="+", verbose_name="Gewichtungsschema"
    )
    query = models.TextField("Adresse", editable=False)
    fingerprint = models.CharField("Prüfsumme der Beträge", max_length=64, editable=False)
    proposed_by = models.ForeignKey(
        Membership,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name="vorgeschlagen von",
        help_text="In der Sitzung: wessen Vorschlag das ist.",
    )
    is_agreed = models.BooleanField("in der Sitzung vereinbart", default=False)
    created_at = models.DateTimeField("gespeichert am", auto_now_add=True)
    archived_at = models.DateTimeField("abgelegt am", null=True, blank=True, editable=False)

    objects: ClassVar[models.Manager["SavedScenario"]] = SavedScenarioQuerySet.as_manager()

    class Meta:
        verbose_name = "Szenario"
        verbose_name_plural = "Szenarien"
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(
                condition=Q(is_agreed=False) | Q(committee__isnull=False), name="scenario_agreed_in_a_body"
            ),
        )

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("committees:scenario_detail", args=[self.pk])

    @property
    def audit_label(self) -> str:
        """The log is read by others: a scenario that is not shared has no name there."""
        return self.name if self.committee_id else "Szenario (nicht geteilt)"
