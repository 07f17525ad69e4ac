"""What the burden is measured by: indicators, their values by data release, weighting schemes, stored factors.

Values become visible to all when their release is taken over; schemes when they are proposed. Stored factors are the
only ones money is computed from; PostgreSQL refuses to change them (frozen.sql), or values once decided on
(frozen_values.sql).
"""

from decimal import Decimal
from typing import ClassVar, Self

import pghistory
from django.core.validators import MaxValueValidator, MinValueValidator
from django.db import models
from django.db.models import F, Func, Q

from jugendhilfe.accounts.models import User
from jugendhilfe.audit.models import SourceFile
from regions.access import Visitor, scope
from regions.models import ReferencePopulation, SocialSpace


class Direction(models.TextChoices):
    MORE = "more", "mehr heißt mehr Belastung"
    LESS = "less", "weniger heißt mehr Belastung"


class IndicatorQuerySet(models.QuerySet["Indicator"]):
    def in_use(self) -> Self:
        return self.filter(is_archived=False)


@pghistory.track()
class Indicator(models.Model):
    """A Belastungsindikator. A rate stores numerator and denominator: value = rate_per × numerator / denominator."""

    code = models.SlugField("Kürzel", max_length=40, unique=True)
    name = models.CharField("Name", max_length=120, unique=True)
    short_name = models.CharField("Kurzname", max_length=40, help_text="Für Tabellenköpfe.")
    direction = models.CharField("Richtung", max_length=4, choices=Direction)
    unit = models.CharField(
        "Einheit", max_length=60, help_text="Zum Beispiel „je 1.000 Personen von 15 bis 64“ oder „€ je Kopf“."
    )
    decimals = models.PositiveSmallIntegerField("Nachkommastellen", default=1, validators=[MaxValueValidator(4)])
    rate_per = models.PositiveIntegerField(
        "Rate je", null=True, blank=True, help_text="1.000 oder 100; leer, wenn kein Zähler und Nenner bekannt ist."
    )
    numerator_name = models.CharField("Zähler", max_length=80, blank=True)
    denominator_name = models.CharField("Nenner", max_length=80, blank=True)
    description = models.TextField("Erläuterung", blank=True)
    is_archived = models.BooleanField("nicht mehr verwendet", default=False)

    objects: ClassVar[models.Manager["Indicator"]] = IndicatorQuerySet.as_manager()

    class Meta:
        verbose_name = "Belastungsindikator"
        verbose_name_plural = "Belastungsindikatoren"
        ordering = ("name",)
        constraints = (
            models.CheckConstraint(
                condition=Q(rate_per=None, numerator_name="", denominator_name="")
                | (Q(rate_per__gt=0) & ~Q(numerator_name="") & ~Q(denominator_name="")),
                name="indicator_rate_names_numerator_and_denominator",
                violation_error_message="Eine Rate braucht „je“, Zähler und Nenner; ein einfacher Wert nichts davon.",
            ),
        )

    def __str__(self) -> str:
        return self.name

    @property
    def is_rate(self) -> bool:
        return self.rate_per is not None


class ReleaseStatus(models.TextChoices):
    CHECKED = "checked", "geprüft, nicht übernommen"
    TAKEN_OVER = "taken_over", "übernommen"
    DISCARDED = "discarded", "verworfen"


class DataReleaseQuerySet(models.QuerySet["DataRelease"]):
    def visible_to(self, user: Visitor) -> Self:
        """Taken over: everybody. Before that: those who see the county's drafts."""
        if scope(user, "view_drafts").everything:
            return self
        return self.filter(status=ReleaseStatus.TAKEN_OVER)

    def taken_over(self) -> Self:
        return self.filter(status=ReleaseStatus.TAKEN_OVER)


class DataRelease(models.Model):
    """A Datenstand: one import of values, from one file, for one reference date."""

    name = models.CharField("Bezeichnung", max_length=120)
    reference_date = models.DateField("Stichtag")
    source = models.CharField("Quelle", max_length=300)
    status = models.CharField("Stand", max_length=12, choices=ReleaseStatus, default=ReleaseStatus.CHECKED)
    file = models.ForeignKey(SourceFile, null=True, on_delete=models.PROTECT, related_name="+", verbose_name="Datei")
    is_example = models.BooleanField("Beispieldaten", default=False)
    created_by = models.ForeignKey(
        User, null=True, on_delete=models.PROTECT, related_name="+", verbose_name="eingelesen von"
    )
    created_at = models.DateTimeField("eingelesen am", auto_now_add=True)
    taken_over_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name="übernommen von"
    )
    taken_over_at = models.DateTimeField("übernommen am", null=True, blank=True)

    objects: ClassVar[models.Manager["DataRelease"]] = DataReleaseQuerySet.as_manager()

    class Meta:
        verbose_name = "Datenstand"
        verbose_name_plural = "Datenstände"
        ordering = ("-reference_date", "-pk")
        # Every calculation asks for the newest one or two.
        indexes = (
            models.Index(
                F("reference_date").desc(),
                F("id").desc(),
                condition=Q(status=ReleaseStatus.TAKEN_OVER),
                name="release_newest_first",
            ),
        )

    def __str__(self) -> str:
        return f"{self.name}, Stichtag {self.reference_date:%d.%m.%Y}"


class IndicatorValue(models.Model):
    """The value of one indicator in one social space; None where it is missing or kept secret."""

    release = models.ForeignKey(DataRelease, on_delete=models.CASCADE, related_name="values")
    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="values")
    space = models.ForeignKey(SocialSpace, on_delete=models.PROTECT, related_name="+")
    value = models.DecimalField("Wert", max_digits=20, decimal_places=8, null=True)
    numerator = models.DecimalField("Zähler", max_digits=20, decimal_places=4, null=True)
    denominator = models.DecimalField("Nenner", max_digits=20, decimal_places=4, null=True)
    is_secret = models.BooleanField("geheim gehalten", default=False)

    class Meta:
        verbose_name = "Wert"
        verbose_name_plural = "Werte"
        ordering = ("space__key",)
        constraints = (
            models.UniqueConstraint(fields=("release", "indicator", "space"), name="value_once_per_release"),
            models.CheckConstraint(condition=Q(is_secret=False) | Q(value=None), name="value_secret_is_empty"),
            models.CheckConstraint(
                condition=Q(denominator=None) | Q(denominator__gt=0), name="value_denominator_positive"
            ),
        )

    def __str__(self) -> str:
        return f"{self.indicator} {self.space}"


class Method(models.TextChoices):
    RATIO = "ratio", "Verhältnis zum Kreiswert"
    STANDARDISED = "standardised", "Standardisiert"
    GOALPOSTS = "goalposts", "Feste Eckwerte"


class Aggregation(models.TextChoices):
    ARITHMETIC = "arithmetic", "arithmetisch"
    GEOMETRIC = "geometric", "geometrisch"


class Transform(models.TextChoices):
    NONE = "none", "unverändert"
    LOG = "log", "logarithmiert"


class CountyValues(models.TextChoices):
    YEARLY = "yearly", "jedes Jahr neu"
    FROZEN = "frozen", "festgehalten"


class SchemeStatus(models.TextChoices):
    DRAFT = "draft", "Entwurf"
    PROPOSED = "proposed", "vorgeschlagen"
    ADOPTED = "adopted", "festgelegt"
    SUPERSEDED = "superseded", "abgelöst"


class WeightingSchemeQuerySet(models.QuerySet["WeightingScheme"]):
    def visible_to(self, user: Visitor) -> Self:
        """Adopted and superseded: everybody. Drafts and proposals: those who see the county's drafts."""
        if scope(user, "view_drafts").everything:
            return self
        return self.filter(status__in=(SchemeStatus.ADOPTED, SchemeStatus.SUPERSEDED))

    def with_number_of_indicators(self) -> Self:
        return self.annotate(number_of_indicators=models.Count("members"))


@pghistory.track()
class WeightingScheme(models.Model):
    """A Gewichtungsschema in one version (Fassung): draft → proposed → adopted → superseded; adopted, it stays."""

    name = models.CharField("Name", max_length=120)
    version = models.PositiveSmallIntegerField("Fassung", default=1)
    status = models.CharField("Stand", max_length=12, choices=SchemeStatus, default=SchemeStatus.DRAFT)
    copied_from = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="copies")
    population = models.ForeignKey(
        ReferencePopulation, on_delete=models.PROTECT, related_name="+", verbose_name="Bezugsgröße"
    )
    method = models.CharField("Verfahren", max_length=12, choices=Method, default=Method.RATIO)
    spread = models.DecimalField(
        "Spreizung",
        max_digits=5,
        decimal_places=4,
        default=Decimal("0.15"),
        validators=[MinValueValidator(Decimal("0.0001"))],
    )
    aggregation = models.CharField(
        "Zusammenfassung", max_length=12, choices=Aggregation, default=Aggregation.ARITHMETIC
    )
    factor_min = models.DecimalField("kleinster Faktor", max_digits=5, decimal_places=4, null=True, blank=True)
    factor_max = models.DecimalField("größter Faktor", max_digits=5, decimal_places=4, null=True, blank=True)
    county_values = models.CharField("Kreiswerte", max_length=8, choices=CountyValues, default=CountyValues.YEARLY)
    note = models.TextField("Erläuterung", blank=True)
    created_by = models.ForeignKey(
        User, null=True, on_delete=models.PROTECT, related_name="+", verbose_name="angelegt von"
    )
    created_at = models.DateTimeField("angelegt am", auto_now_add=True)
    proposed_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name="vorgeschlagen von"
    )
    proposed_at = models.DateTimeField("vorgeschlagen am", null=True, blank=True)
    adopted_by = models.ForeignKey(
        User, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name="festgelegt von"
    )
    adopted_at = models.DateTimeField("festgelegt am", null=True, blank=True)
    legal_basis = models.CharField("Grundlage der Festlegung", max_length=300, blank=True)

    objects: ClassVar[models.Manager["WeightingScheme"]] = WeightingSchemeQuerySet.as_manager()

    class Meta:
        verbose_name = "Gewichtungsschema"
        verbose_name_plural = "Gewichtungsschemata"
        ordering = ("name", "-version")
        constraints = (
            models.UniqueConstraint(fields=("name", "version"), name="scheme_version_once"),
            models.UniqueConstraint(
                fields=("name",), condition=Q(status=SchemeStatus.ADOPTED), name="scheme_one_adopted_version"
            ),
            models.CheckConstraint(
                condition=~Q(status__in=(SchemeStatus.ADOPTED, SchemeStatus.SUPERSEDED))
                | (Q(adopted_at__isnull=False) & ~Q(legal_basis="")),
                name="scheme_adopted_with_its_basis",
                violation_error_message="Eine Festlegung braucht ihre Grundlage.",
            ),
            models.CheckConstraint(
                condition=Q(adopted_by=None) | ~Q(adopted_by=F("proposed_by")),
                name="scheme_adopted_by_a_second_person",
                violation_error_message="Wer vorschlägt, legt nicht selbst fest.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.name}, Fassung {self.version}"

    @property
    def is_draft(self) -> bool:
        return self.status == SchemeStatus.DRAFT

    @property
    def is_adopted(self) -> bool:
        """In force: neither proposed nor superseded."""
        return self.status == SchemeStatus.ADOPTED


class SchemeDimension(models.Model):
    """A group of indicators with a weight of its own."""

    scheme = models.ForeignKey(WeightingScheme, on_delete=models.CASCADE, related_name="dimensions")
    code = models.SlugField("Kürzel", max_length=40)
    name = models.CharField("Name", max_length=80)
    weight = models.DecimalField("Gewicht", max_digits=7, decimal_places=4, validators=[MinValueValidator(0)])
    aggregation = models.CharField(
        "Zusammenfassung", max_length=12, choices=Aggregation, default=Aggregation.ARITHMETIC
    )

    class Meta:
        verbose_name = "Dimension"
        verbose_name_plural = "Dimensionen"
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("scheme", "code"), name="dimension_once_per_scheme"),)

    def __str__(self) -> str:
        return self.name


class SchemeIndicator(models.Model):
    """An indicator in a scheme, with its weight and the reason for it; low and high in the unit of the value."""

    scheme = models.ForeignKey(WeightingScheme, on_delete=models.CASCADE, related_name="members")
    indicator = models.ForeignKey(
        Indicator, on_delete=models.PROTECT, related_name="memberships", verbose_name="Indikator"
    )
    dimension = models.ForeignKey(
        SchemeDimension,
        null=True,
        blank=True,
        on_delete=models.CASCADE,
        related_name="members",
        verbose_name="Dimension",
    )
    weight = models.DecimalField("Gewicht", max_digits=7, decimal_places=4, validators=[MinValueValidator(0)])
    transform = models.CharField("Umformung", max_length=4, choices=Transform, default=Transform.NONE)
    low = models.DecimalField("unterer Eckwert", max_digits=16, decimal_places=4, null=True, blank=True)
    high = models.DecimalField("oberer Eckwert", max_digits=16, decimal_places=4, null=True, blank=True)
    frozen_value = models.DecimalField(
        "festgehaltener Kreiswert", max_digits=20, decimal_places=8, null=True, blank=True
    )
    frozen_sd = models.DecimalField("festgehaltene Streuung", max_digits=20, decimal_places=8, null=True, blank=True)
    reason = models.TextField("Begründung des Gewichts", blank=True)

    class Meta:
        verbose_name = "Indikator im Schema"
        verbose_name_plural = "Indikatoren im Schema"
        ordering = ("pk",)
        constraints = (models.UniqueConstraint(fields=("scheme", "indicator"), name="indicator_once_per_scheme"),)

    def __str__(self) -> str:
        return str(self.indicator)


class GapChoice(models.TextChoices):
    LAST_YEAR = "last_year", "Wert des Vorjahres"
    COUNTY = "county", "Wert aller Sozialräume zusammen"
    ESTIMATE = "estimate", "Schätzung"
    DROP = "drop", "Indikator für alle weglassen"


class GapDecision(models.Model):
    """What is done about one missing value, and why. An undecided gap blocks the calculation."""

    scheme = models.ForeignKey(WeightingScheme, on_delete=models.CASCADE, related_name="decisions")
    indicator = models.ForeignKey(Indicator, on_delete=models.PROTECT, related_name="+", verbose_name="Indikator")
    space = models.ForeignKey(
        SocialSpace, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name="Sozialraum"
    )
    choice = models.CharField("Umgang", max_length=10, choices=GapChoice)
    estimate = models.DecimalField("geschätzter Wert", max_digits=20, decimal_places=8, null=True, blank=True)
    method = models.CharField("Weg der Schätzung", max_length=300, blank=True)
    reason = models.CharField("Begründung", max_length=300)
    decided_by = models.ForeignKey(
        User, null=True, on_delete=models.PROTECT, related_name="+", verbose_name="entschieden von"
    )
    decided_at = models.DateTimeField("entschieden am", auto_now_add=True)

    class Meta:
        verbose_name = "Umgang mit einem fehlenden Wert"
        verbose_name_plural = "Umgang mit fehlenden Werten"
        ordering = ("indicator__name", "space__name")
        constraints = (
            models.UniqueConstraint(
                fields=("scheme", "indicator", "space"), name="gap_decided_once", nulls_distinct=False
            ),
            models.CheckConstraint(
                condition=Q(choice=GapChoice.DROP, space=None) | (~Q(choice=GapChoice.DROP) & Q(space__isnull=False)),
                name="gap_drop_is_for_all",
            ),
            models.CheckConstraint(
                condition=~Q(choice=GapChoice.ESTIMATE) | (Q(estimate__isnull=False) & ~Q(method="")),
                name="gap_estimate_says_how",
                violation_error_message="Eine Schätzung braucht einen Wert und den Weg dorthin in Worten.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.indicator}: {self.get_choice_display()}"


class BurdenCalculationQuerySet(models.QuerySet["BurdenCalculation"]):
    def with_factors(self) -> Self:
        return self.select_related("scheme", "population").prefetch_related("factors__space__region")


class BurdenCalculation(models.Model):
    """Stored factors of an adopted scheme for one state of the data. Never changed; `inputs` recomputes it exactly."""

    append_only = True

    scheme = models.ForeignKey(WeightingScheme, on_delete=models.PROTECT, related_name="calculations")
    population = models.ForeignKey(
        ReferencePopulation, on_delete=models.PROTECT, related_name="+", verbose_name="Bezugsgröße"
    )
    as_of = models.DateField("Datenstand bis")
    inputs = models.TextField("Eingaben als kanonisches JSON", editable=False)
    sha256 = models.CharField("Prüfsumme", max_length=64, editable=False)
    is_example = models.BooleanField("enthält Beispieldaten", default=False)
    created_by = models.ForeignKey(
        User, null=True, on_delete=models.PROTECT, related_name="+", verbose_name="berechnet von"
    )
    created_at = models.DateTimeField("berechnet am", auto_now_add=True)
    # Factors are written in the same transaction or never: frozen_values.sql compares.
    transaction = models.BigIntegerField(
        editable=False, db_default=Func(function="txid_current", output_field=models.BigIntegerField())
    )

    objects: ClassVar[models.Manager["BurdenCalculation"]] = BurdenCalculationQuerySet.as_manager()

    class Meta:
        verbose_name = "Berechnung der Belastungsfaktoren"
        verbose_name_plural = "Berechnungen der Belastungsfaktoren"
        ordering = ("-as_of", "-pk")

    def __str__(self) -> str:
        return f"{self.scheme}, Datenstand {self.as_of:%d.%m.%Y}"


class BurdenFactor(models.Model):
    """The stored factor of one space: the only one that money is computed from."""

    append_only = True

    calculation = models.ForeignKey(BurdenCalculation, on_delete=models.PROTECT, related_name="factors")
    space = models.ForeignKey(SocialSpace, on_delete=models.PROTECT, related_name="+")
    factor = models.DecimalField("Belastungsfaktor", max_digits=12, decimal_places=8)
    index = models.DecimalField("Index", max_digits=20, decimal_places=10)

    class Meta:
        verbose_name = "Belastungsfaktor"
        verbose_name_plural = "Belastungsfaktoren"
        ordering = ("space__key",)
        constraints = (models.UniqueConstraint(fields=("calculation", "space"), name="factor_once_per_calculation"),)

    def __str__(self) -> str:
        return f"{self.space}: {self.factor}"


class SensitivityRunQuerySet(models.QuerySet["SensitivityRun"]):
    def visible_to(self, user: Visitor) -> Self:
        return self.filter(scheme__in=WeightingScheme.objects.visible_to(user))


class SensitivityRun(models.Model):
    """A stored analysis of how sure the factors are. Never changed; inputs, seed and draws give `result` again."""

    append_only = True

    scheme = models.ForeignKey(WeightingScheme, on_delete=models.PROTECT, related_name="sensitivity_runs")
    as_of = models.DateField("Datenstand bis")
    inputs = models.TextField("Eingaben als kanonisches JSON", editable=False)
    inputs_sha256 = models.CharField("Prüfsumme der Eingaben", max_length=64, editable=False)
    seed = models.PositiveBigIntegerField("Startwert des Zufalls")
    draws = models.PositiveIntegerField("Ziehungen")
    result = models.TextField("Ergebnis als kanonisches JSON", editable=False)
    sha256 = models.CharField("Prüfsumme des Ergebnisses", max_length=64, editable=False)
    created_by = models.ForeignKey(
        User, null=True, on_delete=models.PROTECT, related_name="+", verbose_name="berechnet von"
    )
    created_at = models.DateTimeField("berechnet am", auto_now_add=True)

    objects: ClassVar[models.Manager["SensitivityRun"]] = SensitivityRunQuerySet.as_manager()

    class Meta:
        verbose_name = "Unsicherheitsrechnung"
        verbose_name_plural = "Unsicherheitsrechnungen"
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"Unsicherheit von {self.scheme}"
