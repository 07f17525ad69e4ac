"""What the split of the total into bound budget and regional budget 1 rests on: costs of offices, versioned mapping."""

from decimal import Decimal
from typing import ClassVar, Self

import pghistory
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import Q

from budgets.models.amounts import euros
from budgets.models.years import FiscalYear
from jugendhilfe.accounts.models import User
from regions.access import Visitor, scope
from regions.models import Office


def share_percent(verbose_name: str, *, default: int) -> models.DecimalField:  # type: ignore[type-arg]
    return models.DecimalField(
        verbose_name,
        max_digits=6,
        decimal_places=3,
        default=Decimal(default),
        validators=[MinValueValidator(0), MaxValueValidator(100)],
        help_text="Anteil in %, der zum gebundenen Budget gehört.",
    )


BLOCKS = ("operating", "material", "network", "projects")


class BlockMapping(models.Model):
    """A version of the agreed mapping: which part of a cost block is bound. Never changed; a new version follows."""

    append_only = True

    version = models.PositiveSmallIntegerField("Fassung", unique=True, editable=False)
    operating = share_percent("Betriebskosten", default=100)
    material = share_percent("Sachkosten", default=100)
    network = share_percent("Netzwerktätigkeit", default=100)
    projects = share_percent("Angebote und Projekte", default=0)
    reason = models.TextField("Begründung")
    created_by = models.ForeignKey(
        User, null=True, editable=False, on_delete=models.PROTECT, related_name="+", verbose_name="angelegt von"
    )
    created_at = models.DateTimeField("angelegt am", auto_now_add=True)

    class Meta:
        verbose_name = "Zuordnung der Kostenblöcke"
        verbose_name_plural = "Zuordnungen der Kostenblöcke"
        ordering = ("-version",)
        constraints = (
            models.CheckConstraint(
                condition=Q(**{f"{block}__gte": 0 for block in BLOCKS}, **{f"{block}__lte": 100 for block in BLOCKS}),
                name="mapping_shares_are_percentages",
            ),
        )

    def __str__(self) -> str:
        return f"Zuordnung, Fassung {self.version}"


class OfficeCostsQuerySet(models.QuerySet["OfficeCosts"]):
    def visible_to(self, user: Visitor) -> Self:
        """The county all; a carrier those of the offices it runs or ran by a contract."""
        reach = scope(user, "view_contracts")
        if reach.everything:
            return self
        return self.filter(office__contracts__carrier__in=reach.carriers).distinct()


@pghistory.track()
class OfficeCosts(models.Model):
    """The costs of an office in a year by block, as the carrier named them, and the fixed costs that are recognised."""

    year = models.ForeignKey(
        FiscalYear, on_delete=models.PROTECT, related_name="office_costs", verbose_name="Haushaltsjahr"
    )
    office = models.ForeignKey(Office, on_delete=models.PROTECT, related_name="+", verbose_name="Sozialraumbüro")
    operating = euros("Betriebskosten", default=Decimal(0), validators=[MinValueValidator(0)])
    material = euros("Sachkosten", default=Decimal(0), validators=[MinValueValidator(0)])
    network = euros("Netzwerktätigkeit", default=Decimal(0), validators=[MinValueValidator(0)])
    projects = euros("Angebote und Projekte", default=Decimal(0), validators=[MinValueValidator(0)])
    fixed = euros("anerkannte Fixkosten", null=True, blank=True, validators=[MinValueValidator(0)])
    source = models.CharField("Quelle", max_length=300)
    is_example = models.BooleanField("Beispieldaten", default=False)

    objects: ClassVar[models.Manager["OfficeCosts"]] = OfficeCostsQuerySet.as_manager()

    class Meta:
        verbose_name = "Kosten eines Sozialraumbüros"
        verbose_name_plural = "Kosten der Sozialraumbüros"
        ordering = ("office__space__region__number", "office__name")
        constraints = (
            models.UniqueConstraint(
                fields=("year", "office"),
                name="office_costs_once_per_year",
                violation_error_message="Für dieses Büro sind die Kosten dieses Jahres schon erfasst.",
            ),
            models.CheckConstraint(
                condition=Q(**{f"{block}__gte": 0 for block in BLOCKS}) & (Q(fixed=None) | Q(fixed__gte=0)),
                name="office_costs_not_negative",
            ),
        )

    def __str__(self) -> str:
        return f"{self.office} {self.year.year}"
