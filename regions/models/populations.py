"""Reference populations (Bezugsgrößen): whose number counts in factor and money."""

from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Q

from regions.models.places import SocialSpace


class PopulationKind(models.TextChoices):
    INHABITANTS = "inhabitants", "Einwohnerinnen und Einwohner"
    YOUNG = "young", "junge Menschen"
    AGE_BAND = "age_band", "Altersgruppe"


class ReferencePopulation(models.Model):
    """A Bezugsgröße: one count of people per social space, at one date, from one source."""

    kind = models.CharField("Art", max_length=20, choices=PopulationKind, default=PopulationKind.INHABITANTS)
    age_from = models.PositiveSmallIntegerField("Alter von", null=True, blank=True)
    age_to = models.PositiveSmallIntegerField("Alter bis unter", null=True, blank=True)
    date = models.DateField("Stichtag")
    source = models.CharField("Quelle", max_length=300)
    is_example = models.BooleanField("Beispieldaten", default=False)

    class Meta:
        verbose_name = "Bezugsgröße"
        verbose_name_plural = "Bezugsgrößen"
        ordering = ("-date", "kind", "age_from")
        constraints = (
            models.CheckConstraint(
                condition=Q(kind=PopulationKind.INHABITANTS, age_from=None, age_to=None)
                # A comparison with nothing is no refusal to the database, so both ages are asked for by name.
                | (
                    ~Q(kind=PopulationKind.INHABITANTS)
                    & Q(age_from__isnull=False, age_to__isnull=False, age_from__lt=F("age_to"))
                ),
                name="population_age_band_fits_kind",
                violation_error_message="Bitte für junge Menschen und Altersgruppen „von“ und „bis unter“ angeben, "
                "für alle Einwohnerinnen und Einwohner keines von beiden.",
            ),
            models.UniqueConstraint(
                fields=("kind", "age_from", "age_to", "date", "source"),
                name="population_once",
                nulls_distinct=False,
                violation_error_message="Diese Bezugsgröße gibt es für diesen Stichtag und diese Quelle schon.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.label}, Stichtag {self.date:%d.%m.%Y}"

    @property
    def label(self) -> str:
        """What is counted, without the date: "Einwohnerinnen und Einwohner" or "junge Menschen 6 bis unter 21"."""
        if self.kind == PopulationKind.INHABITANTS:
            return self.get_kind_display()
        return f"{self.get_kind_display()} {self.age_from} bis unter {self.age_to}"


class ReferencePopulationCount(models.Model):
    """How many people of a Bezugsgröße live in one social space."""

    population = models.ForeignKey(ReferencePopulation, on_delete=models.CASCADE, related_name="counts")
    space = models.ForeignKey(SocialSpace, verbose_name="Sozialraum", on_delete=models.PROTECT, related_name="+")
    count = models.PositiveIntegerField("Anzahl", validators=[MinValueValidator(1)])

    class Meta:
        verbose_name = "Anzahl je Sozialraum"
        verbose_name_plural = "Anzahlen je Sozialraum"
        ordering = ("space__key",)
        constraints = (
            models.UniqueConstraint(fields=("population", "space"), name="population_count_once"),
            models.CheckConstraint(
                condition=Q(count__gt=0),
                name="population_count_positive",
                violation_error_message="Die Anzahl muss größer als null sein.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.space}: {self.count}"
