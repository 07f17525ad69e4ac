"""Who gets how much of a year's money: proposed models and adopted distributions.

A distribution points at the immutable LegalBasis that carries it. Adopted rows never change (frozen.sql): a mistake is
replaced by a new distribution with a reason.
"""

import datetime as dt
from decimal import Decimal
from typing import ClassVar, Self

from django.db import models
from django.db.models import Exists, Func, OuterRef, Prefetch, Q, Subquery
from django.db.models.functions import Coalesce

from budgets.distribution import Model
from budgets.models.amounts import euros
from budgets.models.bases import LegalBasis
from budgets.models.years import FiscalYear
from indicators.models import BurdenCalculation, WeightingScheme
from jugendhilfe.accounts.models import User
from regions.access import Visitor, scope
from regions.models import Office, SocialSpace


class ProposalStatus(models.TextChoices):
    PROPOSED = "proposed", "vorgeschlagen"
    ADOPTED = "adopted", "festgelegt"
    WITHDRAWN = "withdrawn", "zurückgezogen"


class DistributionModelQuerySet(models.QuerySet["DistributionModel"]):
    def visible_to(self, user: Visitor) -> Self:
        """Proposals: those who see the county's drafts, and who made them. Adopted: everybody."""
        if scope(user, "view_drafts").everything:
            return self
        own = Q(proposed_by=user) if isinstance(user, User) else Q(pk=None)
        return self.filter(Q(status=ProposalStatus.ADOPTED) | own)


class DistributionModel(models.Model):
    """A proposed Verteilungsmodell: how the total of a year is to be split, by which scheme. Shares are parts of 1."""

    year = models.ForeignKey(FiscalYear, on_delete=models.PROTECT, related_name="models", verbose_name="Haushaltsjahr")
    name = models.CharField("Bezeichnung", max_length=120)
    code = models.CharField("Modell", max_length=2)
    scheme = models.ForeignKey(
        WeightingScheme, on_delete=models.PROTECT, related_name="+", verbose_name="Gewichtungsschema"
    )
    base = models.DecimalField("Sockel", max_digits=7, decimal_places=6, default=Decimal(0))
    head = models.DecimalField("nach Köpfen", max_digits=7, decimal_places=6, default=Decimal(0))
    need = models.DecimalField("nach Belastung", max_digits=7, decimal_places=6, default=Decimal(0))
    floor_percent = models.DecimalField("größter Verlust in %", max_digits=6, decimal_places=3, null=True, blank=True)
    cap_percent = models.DecimalField("größter Gewinn in %", max_digits=7, decimal_places=3, null=True, blank=True)
    gains_only = models.BooleanField("nur Gewinne kürzen", default=False)
    unit = models.DecimalField("Rundung auf", max_digits=5, decimal_places=2, default=Decimal("0.01"))
    status = models.CharField("Stand", max_length=10, choices=ProposalStatus, default=ProposalStatus.PROPOSED)
    reason = models.TextField("Begründung")
    proposed_by = models.ForeignKey(
        User, null=True, on_delete=models.PROTECT, related_name="+", verbose_name="vorgeschlagen von"
    )
    proposed_at = models.DateTimeField("vorgeschlagen am", auto_now_add=True)

    objects: ClassVar[models.Manager["DistributionModel"]] = DistributionModelQuerySet.as_manager()

    class Meta:
        verbose_name = "Verteilungsmodell"
        verbose_name_plural = "Verteilungsmodelle"
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.name

    @property
    def arithmetic(self) -> Model:
        """The model as it is computed."""
        return Model(
            base=self.base,
            head=self.head,
            need=self.need,
            before=Decimal(self.code == "M0"),
            floor_percent=self.floor_percent,
            cap_percent=self.cap_percent,
            unit=self.unit,
            gains_only=self.gains_only,
        )


class AdoptedDistributionQuerySet(models.QuerySet["AdoptedDistribution"]):
    def current(self) -> Self:
        """Those that no other distribution has replaced."""
        return self.filter(replaced_by=None)

    def due_for_review(self, day: dt.date) -> Self:
        """The newest quota, if it is to be reviewed by `day`; annotates `due`: until when."""
        distributions = AdoptedDistribution.objects
        newer = distributions.current().filter(quota_of=None, year__year__gt=OuterRef("year__year"))
        last = distributions.filter(pk=OuterRef("pk")).order_by("-reviews__held_on", "-reviews__pk")
        due = Coalesce(Subquery(last.values("reviews__next_review_on")[:1]), "review_on")
        return self.current().filter(~Exists(newer), quota_of=None).annotate(due=due).filter(due__lte=day)

    def for_year(self, year: int) -> Self:
        return self.filter(year__year=year)

    def with_rows(self) -> Self:
        return self.select_related("year", "basis", "model", "calculation__scheme").prefetch_related(
            Prefetch("rows", DistributionRow.objects.select_related("space__region")), "office_rows"
        )


class AdoptedDistribution(models.Model):
    """A Verteilungsquote: what every space gets in a year. Public; never changed; `inputs` recomputes it to the cent.

    `quota_of` names the distribution whose shares were applied to this year's total; `replaces` the one it takes over.
    """

    append_only = True

    year = models.ForeignKey(
        FiscalYear, on_delete=models.PROTECT, related_name="distributions", verbose_name="Haushaltsjahr"
    )
    model = models.ForeignKey(
        DistributionModel, on_delete=models.PROTECT, related_name="distributions", verbose_name="Verteilungsmodell"
    )
    calculation = models.ForeignKey(
        BurdenCalculation, on_delete=models.PROTECT, related_name="+", verbose_name="Belastungsfaktoren"
    )
    basis = models.ForeignKey(
        LegalBasis, on_delete=models.PROTECT, related_name="distributions", verbose_name="Rechtsgrundlage"
    )
    quota_of = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="applications", verbose_name="Quote aus"
    )
    replaces = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="replaced_by", verbose_name="ersetzt"
    )
    reason = models.TextField("Begründung", blank=True)
    total = euros("verteilter Betrag")
    inputs = models.TextField("Eingaben als kanonisches JSON", editable=False)
    sha256 = models.CharField("Prüfsumme", max_length=64, editable=False)
    review_on = models.DateField("Überprüfung bis", null=True, blank=True)
    is_example = models.BooleanField("enthält Beispieldaten", default=False)
    adopted_by = models.ForeignKey(
        User, null=True, on_delete=models.PROTECT, related_name="+", verbose_name="festgelegt von"
    )
    adopted_at = models.DateTimeField("festgelegt am", auto_now_add=True)
    # Rows are written in the same transaction or never: frozen.sql compares.
    transaction = models.BigIntegerField(
        editable=False, db_default=Func(function="txid_current", output_field=models.BigIntegerField())
    )

    objects: ClassVar[models.Manager["AdoptedDistribution"]] = AdoptedDistributionQuerySet.as_manager()

    class Meta:
        verbose_name = "festgelegte Verteilung"
        verbose_name_plural = "festgelegte Verteilungen"
        ordering = ("-year__year", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=("year",),
                condition=Q(replaces=None),
                name="distribution_first_of_its_year_once",
                violation_error_message="Für dieses Haushaltsjahr ist schon eine Verteilung festgelegt. "
                "Sie kann nur ersetzt werden.",
            ),
            models.CheckConstraint(
                condition=Q(replaces=None) | ~Q(reason=""),
                name="distribution_replaced_with_a_reason",
                violation_error_message="Wer eine Verteilung ersetzt, nennt den Grund.",
            ),
        )

    def __str__(self) -> str:
        return f"Verteilung {self.year.year}"

    @property
    def quota(self) -> "AdoptedDistribution":
        """The distribution whose shares these are: itself, or the one that was applied."""
        found = self
        while found.quota_of is not None:
            found = found.quota_of
        return found

    @property
    def due_on(self) -> dt.date | None:
        """Until when its quota is to be reviewed: as the last review said, else as it was adopted."""
        quota = self.quota
        last = quota.reviews.order_by("-held_on", "-pk").first()
        return last.next_review_on if last else quota.review_on


class DistributionRow(models.Model):
    """What one space gets, with the names and the region of that day; `share` of the total serves later years."""

    append_only = True

    distribution = models.ForeignKey(AdoptedDistribution, on_delete=models.PROTECT, related_name="rows")
    space = models.ForeignKey(SocialSpace, on_delete=models.PROTECT, related_name="+")
    space_name = models.CharField("Sozialraum", max_length=80)
    region_number = models.PositiveSmallIntegerField("Region")
    reference_population = models.PositiveIntegerField("Bezugsgröße")
    factor = models.DecimalField("Belastungsfaktor", max_digits=12, decimal_places=8)
    previous = euros("bisher", null=True)
    share = models.DecimalField("Anteil", max_digits=20, decimal_places=18)
    amount = euros("Betrag")

    class Meta:
        verbose_name = "Zuweisung eines Sozialraums"
        verbose_name_plural = "Zuweisungen der Sozialräume"
        ordering = ("region_number", "space_name")
        constraints = (
            models.UniqueConstraint(fields=("distribution", "space"), name="distribution_row_once"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="distribution_row_not_negative"),
        )

    def __str__(self) -> str:
        return f"{self.space_name}: {self.amount}"

    @property
    def change(self) -> Decimal | None:
        """Against the year before; None where the space had no amount."""
        return None if self.previous is None else self.amount - self.previous

    @property
    def percent(self) -> Decimal:
        """The share of the total in per cent."""
        return self.share * 100


class OfficeRow(models.Model):
    """What one office gets of its space's amount, by the shares of the contracts; equal parts where none is agreed."""

    append_only = True

    distribution = models.ForeignKey(AdoptedDistribution, on_delete=models.PROTECT, related_name="office_rows")
    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="+")
    office_name = models.CharField("Sozialraumbüro", max_length=120)
    carrier_name = models.CharField("Träger", max_length=160, blank=True)
    space = models.ForeignKey(SocialSpace, on_delete=models.PROTECT, related_name="+")
    amount = euros("Betrag")

    class Meta:
        verbose_name = "Zuweisung eines Sozialraumbüros"
        verbose_name_plural = "Zuweisungen der Sozialraumbüros"
        ordering = ("office_name",)
        constraints = (
            models.UniqueConstraint(fields=("distribution", "office"), name="office_row_once"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="office_row_not_negative"),
        )

    def __str__(self) -> str:
        return f"{self.office_name}: {self.amount}"
