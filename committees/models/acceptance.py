"""How much resistance the models meet in a group: ratings from 0 (trage mit) to 10 (widerspreche), with reasons."""

from decimal import Decimal
from typing import ClassVar, Self

from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Avg, Q
from django.urls import reverse

from budgets.models import DistributionModel
from committees.models.groups import Committee, Membership
from committees.models.rounds import RoundStatus
from committees.models.scenarios import SavedScenario
from jugendhilfe.accounts.models import User
from regions.access import Visitor

HIGHEST = 10


class AcceptanceRoundQuerySet(models.QuerySet["AcceptanceRound"]):
    def visible_to(self, user: Visitor) -> Self:
        return self.filter(committee__in=Committee.objects.worked_in_by(user))


class AcceptanceRound(models.Model):
    """A round in which every voting member rates every model."""

    committee = models.ForeignKey(
        Committee, on_delete=models.PROTECT, related_name="acceptance_rounds", verbose_name="Gremium"
    )
    title = models.CharField("Bezeichnung", max_length=120)
    closes_on = models.DateField("Abgabe bis", null=True, blank=True)
    status = models.CharField("Stand", max_length=6, choices=RoundStatus, default=RoundStatus.OPEN)
    opened_by = models.ForeignKey(
        User, null=True, editable=False, on_delete=models.PROTECT, related_name="+", verbose_name="eröffnet von"
    )
    opened_at = models.DateTimeField("eröffnet am", auto_now_add=True)
    closed_at = models.DateTimeField("geschlossen am", null=True, blank=True)

    objects: ClassVar[models.Manager["AcceptanceRound"]] = AcceptanceRoundQuerySet.as_manager()

    class Meta:
        verbose_name = "Bewertungsrunde"
        verbose_name_plural = "Bewertungsrunden"
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(
                condition=Q(status=RoundStatus.OPEN, closed_at=None)
                | Q(status=RoundStatus.CLOSED, closed_at__isnull=False),
                name="acceptance_round_closed_at_a_time",
            ),
        )

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("committees:acceptance_round_detail", args=[self.pk])

    @property
    def is_open(self) -> bool:
        return self.status == RoundStatus.OPEN


class RatedModel(models.Model):
    """One column of a shared scenario, put to the members; `proposal` is what it was handed over as."""

    round = models.ForeignKey(AcceptanceRound, on_delete=models.PROTECT, related_name="models")
    scenario = models.ForeignKey(
        SavedScenario, on_delete=models.PROTECT, related_name="rated_models", verbose_name="Szenario"
    )
    column = models.PositiveSmallIntegerField("Spalte")
    name = models.CharField("Bezeichnung", max_length=120)
    proposal = models.OneToOneField(
        DistributionModel,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="rated_model",
        verbose_name="vorgelegt als",
    )

    class Meta:
        verbose_name = "bewertetes Modell"
        verbose_name_plural = "bewertete Modelle"
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("round", "scenario", "column"), name="rated_model_once_per_round"),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def resistance(self) -> Decimal | None:
        """The mean of all ratings; None where nobody has rated. Not for rounds that are open."""
        mean: Decimal | None = self.ratings.aggregate(mean=Avg("score", output_field=models.DecimalField()))["mean"]
        return mean


class Rating(models.Model):
    """The resistance of one member to one model, changed until the round is closed."""

    model = models.ForeignKey(RatedModel, on_delete=models.PROTECT, related_name="ratings")
    member = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+", verbose_name="Mitglied")
    score = models.PositiveSmallIntegerField("Widerstand", validators=[MaxValueValidator(HIGHEST)])
    reason = models.TextField("Begründung", blank=True)
    changed_at = models.DateTimeField("geändert am", auto_now=True)

    class Meta:
        verbose_name = "Bewertung"
        verbose_name_plural = "Bewertungen"
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("model", "member"), name="rating_once_per_member"),
            models.CheckConstraint(condition=Q(score__lte=HIGHEST), name="rating_from_0_to_10"),
            models.CheckConstraint(
                condition=Q(score=0) | ~Q(reason=""),
                name="rating_resistance_has_a_reason",
                violation_error_message="Bitte begründen Sie Ihren Widerstand.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.score}"
