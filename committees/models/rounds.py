"""Weights by the group: each member distributes 100 points over the indicators, the mean or median weighs.

What a member gave while the round was open is the member's; once it is closed nothing changes (frozen_rounds.sql).
"""

from decimal import Decimal
from typing import ClassVar, Self

from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse

from committees.models.groups import Committee, Membership
from indicators.models import Indicator, WeightingScheme
from jugendhilfe.accounts.models import User
from regions.access import Visitor


class RoundStatus(models.TextChoices):
    OPEN = "open", "offen"
    CLOSED = "closed", "geschlossen"


class Averaging(models.TextChoices):
    MEAN = "mean", "Mittelwert"
    MEDIAN = "median", "Median"


class WeightRoundQuerySet(models.QuerySet["WeightRound"]):
    def visible_to(self, user: Visitor) -> Self:
        return self.filter(committee__in=Committee.objects.worked_in_by(user))


class WeightRound(models.Model):
    """A round of points in a group, starting from a scheme; `result` is the version its weights went into."""

    committee = models.ForeignKey(
        Committee, on_delete=models.PROTECT, related_name="weight_rounds", verbose_name="Gremium"
    )
    scheme = models.ForeignKey(
        WeightingScheme, on_delete=models.PROTECT, related_name="+", verbose_name="ausgehend von"
    )
    title = models.CharField("Bezeichnung", max_length=120)
    averaging = models.CharField("Gewicht der Gruppe", max_length=6, choices=Averaging, default=Averaging.MEAN)
    shows_points = models.BooleanField(
        "Die Gruppe sieht die Punkte der einzelnen Mitglieder",
        default=False,
        help_text="Nur, wenn die Gruppe es so will. Nach der ersten Abgabe lässt es sich nicht mehr einschalten.",
    )
    closes_on = models.DateField("Abgabe bis", null=True, blank=True)
    status = models.CharField("Stand", max_length=6, choices=RoundStatus, default=RoundStatus.OPEN)
    opened_by = models.ForeignKey(
        User, null=True, editable=False, on_delete=models.PROTECT, related_name="+", verbose_name="eröffnet von"
    )
    opened_at = models.DateTimeField("eröffnet am", auto_now_add=True)
    closed_at = models.DateTimeField("geschlossen am", null=True, blank=True)
    result = models.OneToOneField(
        WeightingScheme,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="weight_round",
        verbose_name="übernommen in",
    )

    objects: ClassVar[models.Manager["WeightRound"]] = WeightRoundQuerySet.as_manager()

    class Meta:
        verbose_name = "Gewichtungsrunde"
        verbose_name_plural = "Gewichtungsrunden"
        ordering = ("-pk",)
        constraints = (
            models.CheckConstraint(
                condition=Q(status=RoundStatus.OPEN, closed_at=None, result=None)
                | Q(status=RoundStatus.CLOSED, closed_at__isnull=False),
                name="weight_round_closed_at_a_time",
            ),
        )

    def __str__(self) -> str:
        return self.title

    def get_absolute_url(self) -> str:
        return reverse("committees:weight_round_detail", args=[self.pk])

    @property
    def is_open(self) -> bool:
        return self.status == RoundStatus.OPEN


class ProposalAnswer(models.TextChoices):
    OPEN = "open", "offen"
    TAKEN_UP = "taken_up", "aufgenommen"
    DECLINED = "declined", "abgelehnt"


class IndicatorProposal(models.Model):
    """An indicator that a member would like to see in the scheme, and what the group made of it."""

    round = models.ForeignKey(WeightRound, on_delete=models.PROTECT, related_name="proposals")
    member = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+", verbose_name="Mitglied")
    indicator = models.ForeignKey(
        Indicator, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name="Indikator"
    )
    name = models.CharField("Was soll gemessen werden?", max_length=120)
    reason = models.TextField("Begründung")
    source = models.CharField("Woher kommen die Zahlen?", max_length=300, blank=True)
    answer = models.CharField("Antwort", max_length=8, choices=ProposalAnswer, default=ProposalAnswer.OPEN)
    answer_reason = models.TextField("Begründung der Antwort", blank=True)
    answered_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name="beantwortet von"
    )
    proposed_at = models.DateTimeField("vorgeschlagen am", auto_now_add=True)

    class Meta:
        verbose_name = "Vorschlag eines Indikators"
        verbose_name_plural = "Vorschläge von Indikatoren"
        ordering = ("pk",)
        constraints = (
            models.CheckConstraint(
                condition=Q(answer=ProposalAnswer.OPEN) | (Q(answered_by__isnull=False) & ~Q(answer_reason="")),
                name="indicator_proposal_answered_with_a_reason",
                violation_error_message="Bitte begründen Sie die Antwort.",
            ),
            models.CheckConstraint(
                condition=~Q(answer=ProposalAnswer.TAKEN_UP) | Q(indicator__isnull=False),
                name="indicator_proposal_taken_up_has_values",
                violation_error_message="Aufgenommen werden kann nur ein Indikator, der angelegt ist.",
            ),
        )

    def __str__(self) -> str:
        return self.name


class RoundIndicator(models.Model):
    """An indicator that points are given for: of the scheme, or taken up from a proposal."""

    round = models.ForeignKey(WeightRound, on_delete=models.PROTECT, related_name="indicators")
    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="+", verbose_name="Indikator")
    proposal = models.OneToOneField(
        IndicatorProposal, null=True, blank=True, on_delete=models.PROTECT, related_name="round_indicator"
    )

    class Meta:
        verbose_name = "Indikator einer Gewichtungsrunde"
        verbose_name_plural = "Indikatoren einer Gewichtungsrunde"
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("round", "indicator"), name="round_indicator_once"),)

    def __str__(self) -> str:
        return str(self.indicator)


class SheetStatus(models.TextChoices):
    DRAFT = "draft", "Entwurf"
    SUBMITTED = "submitted", "abgegeben"


class PointSheet(models.Model):
    """The 100 points of one member; as long as the round is open the member may change it."""

    round = models.ForeignKey(WeightRound, on_delete=models.PROTECT, related_name="sheets")
    member = models.ForeignKey(Membership, on_delete=models.PROTECT, related_name="+", verbose_name="Mitglied")
    status = models.CharField("Stand", max_length=9, choices=SheetStatus, default=SheetStatus.DRAFT)
    comment = models.TextField("Anmerkung", blank=True)
    changed_at = models.DateTimeField("geändert am", auto_now=True)
    submitted_at = models.DateTimeField("abgegeben am", null=True, blank=True)

    class Meta:
        verbose_name = "Punktzettel"
        verbose_name_plural = "Punktzettel"
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("round", "member"), name="point_sheet_once_per_member"),
            models.CheckConstraint(
                condition=Q(status=SheetStatus.DRAFT, submitted_at=None)
                | Q(status=SheetStatus.SUBMITTED, submitted_at__isnull=False),
                name="point_sheet_submitted_at_a_time",
            ),
        )

    def __str__(self) -> str:
        return f"Punktzettel {self.pk}"


class Points(models.Model):
    """The points a member gives one indicator."""

    sheet = models.ForeignKey(PointSheet, on_delete=models.CASCADE, related_name="points")
    indicator = models.ForeignKey(RoundIndicator, on_delete=models.PROTECT, related_name="+")
    points = models.DecimalField(
        "Punkte",
        max_digits=5,
        decimal_places=2,
        validators=[MinValueValidator(Decimal(0)), MaxValueValidator(Decimal(100))],
    )

    class Meta:
        verbose_name = "Punkte"
        verbose_name_plural = "Punkte"
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(fields=("sheet", "indicator"), name="points_once_per_indicator"),
            models.CheckConstraint(condition=Q(points__gte=0, points__lte=100), name="points_from_0_to_100"),
        )

    def __str__(self) -> str:
        return f"{self.points}"
