"""The way from the old amounts to a quota over several years, as it was put forward and adopted."""

from typing import ClassVar, Self

from django.db import models
from django.db.models import F, Q
from django.urls import reverse

from budgets.models.bases import LegalBasis
from budgets.models.distributions import AdoptedDistribution, DistributionModel
from budgets.models.years import FiscalYear
from jugendhilfe.accounts.models import User
from regions.access import Visitor, scope
from regions.models import Carrier


class TransitionKind(models.TextChoices):
    COMPENSATION = "compensation", "Ausgleich und Abschmelzung"
    CONVERGENCE = "convergence", "Angleichung in gleichen Schritten"
    AT_ONCE = "at_once", "sofort"


class TransitionStatus(models.TextChoices):
    PROPOSED = "proposed", "vorgeschlagen"
    ADOPTED = "adopted", "festgelegt"
    WITHDRAWN = "withdrawn", "zurückgezogen"


class TransitionPlanQuerySet(models.QuerySet["TransitionPlan"]):
    def visible_to(self, user: Visitor) -> Self:
        """Adopted: everybody. Proposals: those who see the county's drafts."""
        if scope(user, "view_drafts").everything:
            return self
        return self.filter(status=TransitionStatus.ADOPTED)

    def still_meant(self) -> Self:
        """Without those taken back."""
        return self.exclude(status=TransitionStatus.WITHDRAWN)

    def explained_to(self, user: Visitor, carrier: Carrier) -> Self:
        """Plans whose meaning for this carrier the user may read: the county all, the carrier those shown to it."""
        reach = scope(user, "view_contracts")
        if reach.everything:
            return self
        if carrier.pk in reach.carriers:
            return self.filter(Q(status=TransitionStatus.ADOPTED) | Q(shown_to_carriers_at__isnull=False))
        return self.none()


class TransitionPlan(models.Model):
    """A transition over several years; `inputs` recompute it to the cent and never change (frozen_transitions.sql).

    It rests on an adopted distribution or on a proposed model, never on both.
    """

    year = models.ForeignKey(
        FiscalYear, on_delete=models.PROTECT, related_name="transitions", verbose_name="erstes Haushaltsjahr"
    )
    model = models.ForeignKey(
        DistributionModel,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="transitions",
        verbose_name="vorgeschlagenes Verteilungsmodell",
    )
    distribution = models.ForeignKey(
        AdoptedDistribution,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="transitions",
        verbose_name="festgelegte Verteilung",
    )
    name = models.CharField("Bezeichnung", max_length=120)
    kind = models.CharField("Art des Übergangs", max_length=12, choices=TransitionKind)
    reason = models.TextField("Begründung")
    inputs = models.TextField("Eingaben als kanonisches JSON", editable=False)
    sha256 = models.CharField("Prüfsumme", max_length=64, editable=False)
    is_example = models.BooleanField("enthält Beispieldaten", default=False)
    status = models.CharField("Stand", max_length=10, choices=TransitionStatus, default=TransitionStatus.PROPOSED)
    proposed_by = models.ForeignKey(
        User, null=True, on_delete=models.PROTECT, related_name="+", verbose_name="vorgeschlagen von"
    )
    proposed_at = models.DateTimeField("vorgeschlagen am", auto_now_add=True)
    shown_to_carriers_at = models.DateTimeField("den Trägern gezeigt am", null=True, blank=True)
    basis = models.ForeignKey(
        LegalBasis,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="transitions",
        verbose_name="Rechtsgrundlage",
    )
    adopted_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name="festgelegt von"
    )
    adopted_at = models.DateTimeField("festgelegt am", null=True, blank=True)

    objects: ClassVar[models.Manager["TransitionPlan"]] = TransitionPlanQuerySet.as_manager()

    class Meta:
        verbose_name = "Übergang"
        verbose_name_plural = "Übergänge"
        ordering = ("-year__year", "-pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(model__isnull=True) ^ Q(distribution__isnull=True),
                name="transition_rests_on_a_proposal_or_a_distribution",
            ),
            models.CheckConstraint(
                condition=Q(status=TransitionStatus.ADOPTED, basis__isnull=False, adopted_at__isnull=False)
                | (~Q(status=TransitionStatus.ADOPTED) & Q(basis=None, adopted_by=None, adopted_at=None)),
                name="transition_adopted_with_its_basis",
                violation_error_message="Eine Festlegung braucht ihre Rechtsgrundlage.",
            ),
            models.CheckConstraint(
                condition=Q(adopted_by=None) | ~Q(adopted_by=F("proposed_by")),
                name="transition_adopted_by_a_second_person",
                violation_error_message="Wer vorschlägt, legt nicht selbst fest.",
            ),
            models.UniqueConstraint(
                fields=("year",),
                condition=Q(status=TransitionStatus.ADOPTED),
                name="transition_adopted_once_per_year",
                violation_error_message="Für dieses Haushaltsjahr ist schon ein Übergang festgelegt.",
            ),
        )

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("budgets:transition_detail", args=[self.pk])
