"""The money of a year: its totals, what is not distributed, and what the spaces had before."""

from decimal import Decimal
from typing import ClassVar, Self

import pghistory
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q, Sum
from django.db.models.functions import Coalesce

from budgets.models.amounts import euros
from jugendhilfe.audit.models import SourceFile
from regions.access import Visitor, scope
from regions.models import Region, SocialSpace


class YearStatus(models.TextChoices):
    DRAFT = "draft", "Entwurf"
    ADOPTED = "adopted", "beschlossen"
    IN_FORCE = "in_force", "wirksam"
    PROVISIONAL = "provisional", "vorläufige Haushaltsführung (§ 116)"
    BLOCKED = "blocked", "Sperre"
    SUPPLEMENTARY = "supplementary", "Nachtrag"


IN_FORCE = (YearStatus.IN_FORCE, YearStatus.BLOCKED, YearStatus.SUPPLEMENTARY)


class Product(models.TextChoices):
    FAMILY = "363-200", "363-200 Förderung der Erziehung in der Familie"
    HELP = "363-300", "363-300 Hilfe zur Erziehung"


def spaces_with_drafts(user: Visitor, region: Region) -> models.QuerySet[SocialSpace]:
    """The spaces of a region for which the user sees what is not decided yet."""
    reach = scope(user, "view_drafts")
    if reach.everything or region.pk in reach.regions:
        return region.spaces.all()
    return region.spaces.filter(pk__in=reach.spaces)


class FiscalYearQuerySet(models.QuerySet["FiscalYear"]):
    def visible_to(self, user: Visitor) -> Self:
        """A year in draft is seen by those who see the county's drafts."""
        if scope(user, "view_drafts").everything:
            return self
        return self.exclude(status=YearStatus.DRAFT)

    def visible_in_region(self, user: Visitor, region: Region) -> Self:
        """Years with figures on the region's page: an adopted distribution is public even in a draft year."""
        if spaces_with_drafts(user, region).exists():
            return self
        return self.filter(~Q(status=YearStatus.DRAFT) | Q(distributions__isnull=False)).distinct()

    def with_deducted(self) -> Self:
        """Annotates `deducted`: the sum of the deductions from product 363-200."""
        return self.annotate(
            deducted=Coalesce(Sum("deductions__amount", filter=Q(deductions__product=Product.FAMILY)), Decimal(0))
        )


@pghistory.track()
class FiscalYear(models.Model):
    """A Haushaltsjahr: its status and its totals per product."""

    year = models.PositiveSmallIntegerField(
        "Haushaltsjahr", unique=True, validators=[MinValueValidator(2000), MaxValueValidator(2100)]
    )
    status = models.CharField("Haushaltsstatus", max_length=14, choices=YearStatus, default=YearStatus.DRAFT)
    total_family = euros(
        "sozialräumliches Gesamtbudget (363-200)", default=Decimal(0), validators=[MinValueValidator(0)]
    )
    total_help = euros("ambulante Hilfen (363-300)", default=Decimal(0), validators=[MinValueValidator(0)])
    note = models.TextField("Erläuterung und Quelle", blank=True)
    is_example = models.BooleanField("Beispieldaten", default=False)

    objects: ClassVar[models.Manager["FiscalYear"]] = FiscalYearQuerySet.as_manager()

    class Meta:
        verbose_name = "Haushaltsjahr"
        verbose_name_plural = "Haushaltsjahre"
        ordering = ("-year",)
        constraints = (
            models.CheckConstraint(
                condition=Q(total_family__gte=0, total_help__gte=0),
                name="year_totals_not_negative",
                violation_error_message="Beträge eines Haushaltsjahres sind nicht negativ.",
            ),
        )

    def __str__(self) -> str:
        return f"Haushaltsjahr {self.year}"

    @property
    def is_in_force(self) -> bool:
        """Wirksam, also under a block or with a supplement: from then on its money is distributed."""
        return self.status in IN_FORCE


@pghistory.track()
class Deduction(models.Model):
    """A named part of the total that is not distributed, with its reason."""

    year = models.ForeignKey(
        FiscalYear, on_delete=models.PROTECT, related_name="deductions", verbose_name="Haushaltsjahr"
    )
    product = models.CharField("Produkt", max_length=7, choices=Product, default=Product.FAMILY)
    name = models.CharField("Bezeichnung", max_length=120)
    amount = euros("Betrag", validators=[MinValueValidator(Decimal("0.01"))])
    reason = models.CharField("Begründung", max_length=300)
    is_example = models.BooleanField("Beispieldaten", default=False)

    class Meta:
        verbose_name = "Abzug"
        verbose_name_plural = "Abzüge"
        ordering = ("pk",)
        constraints = (
            models.UniqueConstraint(
                fields=("year", "product", "name"),
                name="deduction_once",
                violation_error_message="Diesen Abzug gibt es schon.",
            ),
            models.CheckConstraint(condition=Q(amount__gt=0), name="deduction_positive"),
        )

    def __str__(self) -> str:
        return self.name


@pghistory.track()
class SpaceAmount(models.Model):
    """What a social space had in a year before the distribution was adopted here: next year's "bisher"."""

    year = models.ForeignKey(FiscalYear, on_delete=models.PROTECT, related_name="amounts", verbose_name="Haushaltsjahr")
    space = models.ForeignKey(SocialSpace, on_delete=models.PROTECT, related_name="+", verbose_name="Sozialraum")
    amount = euros("Betrag", validators=[MinValueValidator(0)])
    file = models.ForeignKey(
        SourceFile, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name="Datei"
    )
    is_example = models.BooleanField("Beispieldaten", default=False)

    class Meta:
        verbose_name = "Betrag eines Sozialraums"
        verbose_name_plural = "Beträge der Sozialräume"
        ordering = ("space__region__number", "space__name")
        constraints = (
            models.UniqueConstraint(fields=("year", "space"), name="space_amount_once_per_year"),
            models.CheckConstraint(condition=Q(amount__gte=0), name="space_amount_not_negative"),
        )

    def __str__(self) -> str:
        return f"{self.space} {self.year.year}"
