"""Carriers, their offices and the contracts between them and the county."""

import calendar
import datetime as dt
from typing import ClassVar, NamedTuple, Self

import pghistory
from django.contrib.auth.models import AnonymousUser
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, OuterRef, Q, Subquery

from jugendhilfe.accounts.models import User
from regions.access import scope
from regions.models.periods import PeriodQuerySet, must_end_after_it_began, period, same_key
from regions.models.places import SocialSpace
from regions.roles import Reach, object_permissions


class CarrierKind(models.TextChoices):
    FREE = "free", "freier Träger"
    PUBLIC = "public", "öffentlicher Träger"
    ASSOCIATION = "association", "Verbund"
    FREELANCER = "freelancer", "freiberuflich tätig"


class CarrierQuerySet(models.QuerySet["Carrier"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """Names of carriers are public but for freelancers, whose names only the county and they themselves see."""
        reach = scope(user, "view_contracts")
        return self if reach.everything else self.filter(~Q(kind=CarrierKind.FREELANCER) | Q(pk__in=reach.carriers))


@pghistory.track()
class Carrier(models.Model):
    """A free or public carrier, an association or a freelancer."""

    name = models.CharField("Name", max_length=160, unique=True)
    kind = models.CharField("Art", max_length=20, choices=CarrierKind, default=CarrierKind.FREE)
    street = models.CharField("Straße und Hausnummer", max_length=120, blank=True)
    town = models.CharField("Postleitzahl und Ort", max_length=120, blank=True)
    phone = models.CharField("Telefon", max_length=40, blank=True)
    email = models.EmailField("E-Mail-Adresse", blank=True)
    is_example = models.BooleanField("Beispieldaten", default=False)

    objects: ClassVar[models.Manager["Carrier"]] = CarrierQuerySet.as_manager()

    class Meta:
        verbose_name = "Träger"
        verbose_name_plural = "Träger"
        ordering = ("name",)
        default_permissions = ()
        permissions = tuple((name, name) for name in sorted(object_permissions(Reach.CARRIER)))

    def __str__(self) -> str:
        return self.name

    @property
    def audit_label(self) -> str:
        """A freelancer is a natural person: the log holds the key alone."""
        return f"Träger {self.pk}" if self.kind == CarrierKind.FREELANCER else self.name


@pghistory.track()
class Office(models.Model):
    """A counselling office (Sozialraumbüro) in a social space."""

    space = models.ForeignKey(SocialSpace, verbose_name="Sozialraum", on_delete=models.PROTECT, related_name="offices")
    name = models.CharField("Name", max_length=120, unique=True)
    street = models.CharField("Straße und Hausnummer", max_length=120, blank=True)
    town = models.CharField("Postleitzahl und Ort", max_length=120, blank=True)
    phone = models.CharField("Telefon", max_length=40, blank=True)
    email = models.EmailField("E-Mail-Adresse", blank=True)
    opening_hours = models.TextField("Öffnungszeiten", blank=True)
    languages = models.CharField("Sprachen", max_length=200, blank=True, help_text="Durch Komma getrennt.")
    valid_from = models.DateField("besteht seit")
    valid_to = models.DateField("besteht bis", null=True, blank=True)
    is_example = models.BooleanField("Beispieldaten", default=False)

    objects: ClassVar[models.Manager["Office"]] = PeriodQuerySet["Office"].as_manager()

    class Meta:
        verbose_name = "Sozialraumbüro"
        verbose_name_plural = "Sozialraumbüros"
        ordering = ("space__region__number", "name")
        constraints = (
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="office_ends_after_it_began",
                violation_error_message="Das Ende liegt vor dem Anfang.",
            ),
        )

    def __str__(self) -> str:
        return self.name


class LegalGround(models.TextChoices):
    SGB_16_18 = "16-18", "§§ 16–18 SGB VIII"
    SGB_36A = "36a", "§ 36a Abs. 2 SGB VIII"
    SGB_77 = "77", "§ 77 SGB VIII"


class NoticeTo(models.TextChoices):
    YEAR = "year", "zum Jahresende"
    HALF_YEAR = "half_year", "zum Ende eines Halbjahres"
    QUARTER = "quarter", "zum Ende eines Quartals"
    MONTH = "month", "zum Monatsende"


MONTHS_BETWEEN_ENDS = {NoticeTo.YEAR: 12, NoticeTo.HALF_YEAR: 6, NoticeTo.QUARTER: 3, NoticeTo.MONTH: 1}


class OfficeContractQuerySet(PeriodQuerySet["OfficeContract"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        reach = scope(user, "view_contracts")
        if reach.everything:
            return self
        return self.filter(Q(carrier__in=reach.carriers) | Q(office__space__region__in=reach.regions))

    def with_carrier_name(self, user: User | AnonymousUser) -> Self:
        """`carrier_name`, or None where it is a freelancer's and not for this user."""
        visible = Carrier.objects.visible_to(user).filter(pk=OuterRef("carrier"))
        return self.annotate(carrier_name=Subquery(visible.values("name")))


class Ending(NamedTuple):
    """How a contract can end next: by a notice until `notice_by`, or by itself where that is None."""

    day: dt.date
    notice_by: dt.date | None


@pghistory.track()
class OfficeContract(models.Model):
    """The contract under which a carrier runs an office; one at a time for each office."""

    office = models.ForeignKey(
        Office, verbose_name="Sozialraumbüro", on_delete=models.PROTECT, related_name="contracts"
    )
    carrier = models.ForeignKey(Carrier, verbose_name="Träger", on_delete=models.PROTECT, related_name="contracts")
    legal_ground = models.CharField("Rechtsgrundlage", max_length=10, choices=LegalGround)
    amount_rule = models.TextField("Regel für den Betrag", blank=True)
    price_clause_staff = models.CharField("Preisklausel Personal", max_length=200, blank=True)
    price_clause_material = models.CharField("Preisklausel Sachkosten", max_length=200, blank=True)
    notice_months = models.PositiveSmallIntegerField("Kündigungsfrist in Monaten", default=6)
    notice_to = models.CharField("Kündigung möglich", max_length=10, choices=NoticeTo, default=NoticeTo.YEAR)
    share_percent = models.DecimalField(
        "Anteil am Sozialraum in %",
        max_digits=5,
        decimal_places=2,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text="Nur bei mehreren Büros in einem Sozialraum; leer heißt: zu gleichen Teilen.",
    )
    valid_from = models.DateField("gilt ab")
    valid_to = models.DateField("gilt bis", null=True, blank=True)
    is_example = models.BooleanField("Beispieldaten", default=False)

    objects: ClassVar[models.Manager["OfficeContract"]] = OfficeContractQuerySet.as_manager()

    class Meta:
        verbose_name = "Vertrag"
        verbose_name_plural = "Verträge"
        ordering = ("office__name", "-valid_from")
        constraints = (
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="contract_ends_after_it_began",
                violation_error_message="Das Ende liegt vor dem Anfang.",
            ),
            models.CheckConstraint(
                condition=Q(share_percent=None) | Q(share_percent__range=(0, 100)),
                name="contract_share_between_0_and_100",
                violation_error_message="Der Anteil liegt zwischen 0 und 100 %.",
            ),
            ExclusionConstraint(
                name="contract_one_at_a_time",
                expressions=[(same_key("office_id"), RangeOperators.OVERLAPS), (period(), RangeOperators.OVERLAPS)],
                violation_error_message="Für dieses Sozialraumbüro gilt in diesem Zeitraum schon ein anderer Vertrag.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.office} ab {self.valid_from:%d.%m.%Y}"

    def clean(self) -> None:
        must_end_after_it_began(self)

    def last_notice_date(self, end: dt.date) -> dt.date:
        """The last day on which notice can be given for the contract to end on `end` or before."""
        return months_before(end, self.notice_months)

    def next_end(self, today: dt.date) -> dt.date:
        """The first day on which the contract can end by a notice given today; its fixed end where that comes first."""
        step = MONTHS_BETWEEN_ENDS[NoticeTo(self.notice_to)]
        month = today.year * 12 + today.month - 1
        month += step - 1 - month % step
        while self.last_notice_date(end_of_month(month)) < today:
            month += step
        end = end_of_month(month)
        return min(end, self.valid_to) if self.valid_to else end

    def ending(self, today: dt.date) -> Ending | None:
        """The next end seen from today; None once the contract has ended."""
        if self.valid_to is not None and self.valid_to < today:
            return None
        # Before its first day a contract cannot end.
        end = self.next_end(max(today, self.valid_from))
        return Ending(end, None if end == self.valid_to else self.last_notice_date(end))


@pghistory.track()
class ContractSupplement(models.Model):
    """A numbered addition to a contract; the contract's versions are these rows in order."""

    contract = models.ForeignKey(OfficeContract, on_delete=models.PROTECT, related_name="supplements")
    number = models.PositiveSmallIntegerField("Nummer")
    subject = models.TextField("Inhalt")
    valid_from = models.DateField("gilt ab")

    class Meta:
        verbose_name = "Nachtrag"
        verbose_name_plural = "Nachträge"
        ordering = ("number",)
        constraints = (models.UniqueConstraint(fields=("contract", "number"), name="supplement_number_once"),)

    def __str__(self) -> str:
        return f"{self.number}. Nachtrag"


def end_of_month(month: int) -> dt.date:
    """The last day of a month counted as year * 12 + (month - 1)."""
    year, index = divmod(month, 12)
    return dt.date(year, index + 1, calendar.monthrange(year, index + 1)[1])


def months_before(day: dt.date, months: int) -> dt.date:
    """The day `months` earlier; the end of a month stays the end of a month."""
    month = day.year * 12 + day.month - 1 - months
    last = end_of_month(month)
    is_end = day.day == calendar.monthrange(day.year, day.month)[1]
    return last if is_end else last.replace(day=min(day.day, last.day))
