"""Regions, social spaces and their member municipalities. All of it is public."""

from typing import ClassVar, Self

import pghistory
from django.contrib.auth.models import AnonymousUser
from django.core.validators import MinValueValidator, RegexValidator
from django.db import models
from django.db.models import Q

from jugendhilfe.accounts.models import User
from regions.access import scope
from regions.roles import Reach, object_permissions


class RegionQuerySet(models.QuerySet["Region"]):
    def visible_to(self, user: User | AnonymousUser) -> Self:
        """The regions whose working pages a user may open: their own, or those their carrier or space belongs to."""
        reach = scope(user, "view_region")
        if reach.everything:
            return self
        return self.filter(
            Q(pk__in=reach.regions)
            | Q(pk__in=SocialSpace.objects.filter(pk__in=reach.spaces).values("region"))
            | Q(pk__in=SocialSpace.objects.filter(offices__contracts__carrier__in=reach.carriers).values("region"))
        )

    def with_spaces(self) -> Self:
        return self.prefetch_related("spaces")


@pghistory.track()
class Region(models.Model):
    """One of the groups of social spaces; the tenant for permissions."""

    number = models.PositiveSmallIntegerField("Nummer", unique=True, validators=[MinValueValidator(1)])
    name = models.CharField("Name", max_length=80, unique=True)

    objects: ClassVar[models.Manager["Region"]] = RegionQuerySet.as_manager()

    class Meta:
        verbose_name = "Region"
        verbose_name_plural = "Regionen"
        ordering = ("number",)
        default_permissions = ()
        permissions = tuple((name, name) for name in sorted(object_permissions(Reach.REGION)))

    def __str__(self) -> str:
        return self.name


class SpaceKind(models.TextChoices):
    MUNICIPALITY = "gemeinde", "Gemeinde"
    TOWN = "stadt", "Stadt"
    JOINT = "samtgemeinde", "Samtgemeinde"


@pghistory.track()
class SocialSpace(models.Model):
    """A Gemeinde, Stadt or Samtgemeinde with its official key (nine digits of the Regionalschlüssel)."""

    key = models.CharField(
        "amtlicher Schlüssel",
        max_length=9,
        unique=True,
        validators=[RegexValidator(r"^\d{9}$", "Der amtliche Schlüssel hat neun Ziffern, zum Beispiel 033550009.")],
    )
    name = models.CharField("Name", max_length=80, unique=True)
    kind = models.CharField("Art", max_length=20, choices=SpaceKind)
    region = models.ForeignKey(Region, verbose_name="Region", on_delete=models.PROTECT, related_name="spaces")
    area_km2 = models.DecimalField(
        "Fläche in km²", max_digits=8, decimal_places=2, null=True, blank=True, validators=[MinValueValidator(0)]
    )
    hex_column = models.DecimalField(
        "Spalte auf der Kachelkarte", max_digits=4, decimal_places=1, null=True, blank=True
    )
    hex_row = models.DecimalField("Zeile auf der Kachelkarte", max_digits=4, decimal_places=1, null=True, blank=True)

    class Meta:
        verbose_name = "Sozialraum"
        verbose_name_plural = "Sozialräume"
        ordering = ("region__number", "name")
        constraints = (
            models.CheckConstraint(
                condition=Q(hex_column=None, hex_row=None) | Q(hex_column__isnull=False, hex_row__isnull=False),
                name="space_tile_has_column_and_row",
                violation_error_message="Für die Kachelkarte bitte Spalte und Zeile angeben oder beide leer lassen.",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def full_name(self) -> str:
        """With its kind, as in "Samtgemeinde Dahlenburg"."""
        return f"{self.get_kind_display()} {self.name}"


@pghistory.track()
class MemberMunicipality(models.Model):
    """A municipality that is part of a social space; tables per municipality are added up by its key."""

    space = models.ForeignKey(SocialSpace, verbose_name="Sozialraum", on_delete=models.PROTECT, related_name="members")
    key = models.CharField(
        "Gemeindeschlüssel",
        max_length=8,
        unique=True,
        validators=[RegexValidator(r"^\d{8}$", "Der Gemeindeschlüssel hat acht Ziffern, zum Beispiel 03355009.")],
    )
    name = models.CharField("Name", max_length=80)

    class Meta:
        verbose_name = "Mitgliedsgemeinde"
        verbose_name_plural = "Mitgliedsgemeinden"
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name
