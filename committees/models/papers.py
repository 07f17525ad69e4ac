"""Papers for the committees: reports on method, factors, distribution and budgets.

A paper is written as a draft and issued once; from then on PostgreSQL refuses to change it (frozen.sql). It goes on as
a new edition under the same number: dated sections of the Sachlage stack, old ones stay as they are.
"""

from typing import ClassVar, Self

import pghistory
from django.contrib.postgres.fields import ArrayField
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse

from budgets.models import AdoptedDistribution, DistributionModel, FiscalYear, Product, TransitionPlan
from jugendhilfe.accounts.models import User
from regions.access import Visitor, scope


class PaperKind(models.TextChoices):
    REPORT = "report", "Bericht"


class PaperStatus(models.TextChoices):
    DRAFT = "draft", "Entwurf"
    ISSUED = "issued", "herausgegeben"


class Publicity(models.TextChoices):
    PUBLIC = "public", "öffentlich"
    NOT_PUBLIC = "not_public", "nichtöffentlich"


class PaperQuerySet(models.QuerySet["Paper"]):
    def visible_to(self, user: Visitor) -> Self:
        """Issued and public: everybody. Issued and not public: those who see drafts of a region or a space as well.

        Drafts show every region at once: only those who see the county's.
        """
        reach = scope(user, "view_drafts")
        if reach.everything:
            return self
        issued = self.filter(status=PaperStatus.ISSUED)
        return issued if reach else issued.filter(publicity=Publicity.PUBLIC)

    def issued(self) -> Self:
        return self.filter(status=PaperStatus.ISSUED)

    def latest_editions(self) -> Self:
        """Without those that an issued edition continues."""
        return self.exclude(continued_by__status=PaperStatus.ISSUED)

    def with_basis(self) -> Self:
        return self.select_related("year", "model", "distribution__model", "transition", "issue").defer(
            "issue__figures", "issue__pdf"
        )


@pghistory.track()
class Paper(models.Model):
    """A Bericht: head, proposal and Sachlage in words; figures follow from a proposal or an adopted distribution."""

    kind = models.CharField("Vorlagenart", max_length=10, choices=PaperKind, default=PaperKind.REPORT)
    number = models.CharField(
        "Vorlagennummer",
        max_length=9,
        blank=True,
        validators=[
            RegexValidator(
                r"^20\d{2}/\d{3,4}$",
                "Bitte die Nummer so angeben, wie das Ratsinformationssystem sie vergibt, zum Beispiel 2024/012.",
            )
        ],
        help_text="Vergibt das Ratsinformationssystem, zum Beispiel 2024/012. Im Entwurf kann sie noch fehlen.",
    )
    edition = models.PositiveSmallIntegerField("Fortschreibung", default=1, editable=False)
    continues = models.OneToOneField(
        "self", null=True, editable=False, on_delete=models.PROTECT, related_name="continued_by"
    )
    status = models.CharField("Stand", max_length=10, choices=PaperStatus, default=PaperStatus.DRAFT, editable=False)
    date = models.DateField("Datum")
    department = models.CharField("Fachdienst", max_length=120)
    responsible = models.CharField(
        "Verantwortlich", max_length=120, help_text="Die Stelle, nicht die Person, zum Beispiel „Jugendhilfeplanung“."
    )
    subject = models.CharField("Beratungsgegenstand", max_length=300)
    publicity = models.CharField("Öffentlichkeitsstatus", max_length=10, choices=Publicity, default=Publicity.PUBLIC)
    products = ArrayField(models.CharField(max_length=7, choices=Product), verbose_name="Produkt/e")
    proposal = models.TextField(
        "Beschlussvorschlag",
        blank=True,
        help_text="Absätze durch eine leere Zeile trennen. Zeilen mit „1.“, „a)“ oder „-“ am Anfang werden zur Liste.",
    )
    rejection = models.TextField(
        "Was geschieht bei Ablehnung?", blank=True, help_text="Ein Satz für die Kurzfassung auf der ersten Seite."
    )
    year = models.ForeignKey(
        FiscalYear, on_delete=models.PROTECT, related_name="papers", verbose_name="Haushaltsjahr", editable=False
    )
    model = models.ForeignKey(
        DistributionModel,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="papers",
        verbose_name="vorgeschlagenes Verteilungsmodell",
    )
    distribution = models.ForeignKey(
        AdoptedDistribution,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="papers",
        verbose_name="festgelegte Verteilung",
    )
    transition = models.ForeignKey(
        TransitionPlan,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="papers",
        verbose_name="Übergang",
        help_text="Die Tabelle des Übergangs und die Stellungnahmen der Träger werden mitgedruckt.",
    )
    created_by = models.ForeignKey(
        User, null=True, editable=False, on_delete=models.PROTECT, related_name="+", verbose_name="angelegt von"
    )
    created_at = models.DateTimeField("angelegt am", auto_now_add=True)

    objects: ClassVar[models.Manager["Paper"]] = PaperQuerySet.as_manager()

    class Meta:
        verbose_name = "Bericht"
        verbose_name_plural = "Berichte"
        ordering = ("-date", "-pk")
        constraints = (
            models.UniqueConstraint(
                fields=("number", "edition"),
                condition=~Q(number=""),
                name="paper_number_once_per_edition",
                violation_error_message="Diese Vorlagennummer gibt es schon.",
            ),
            models.CheckConstraint(
                condition=Q(model__isnull=True) ^ Q(distribution__isnull=True),
                name="paper_rests_on_a_proposal_or_a_distribution",
                violation_error_message="Ein Bericht zeigt entweder einen Vorschlag oder eine festgelegte Verteilung.",
            ),
            models.CheckConstraint(
                condition=Q(status=PaperStatus.DRAFT) | ~Q(number=""),
                name="paper_issued_with_its_number",
                violation_error_message="Zum Herausgeben braucht der Bericht seine Vorlagennummer.",
            ),
            models.CheckConstraint(
                condition=Q(edition=1, continues=None) | Q(edition__gt=1, continues__isnull=False),
                name="paper_edition_continues_another",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number or 'ohne Nummer'}"

    def get_absolute_url(self) -> str:
        return reverse("committees:paper_detail", args=[self.pk])

    @property
    def is_draft(self) -> bool:
        return self.status == PaperStatus.DRAFT

    @property
    def product_names(self) -> list[str]:
        return [Product(product).label for product in self.products]


class ConsultationStatus(models.TextChoices):
    PUBLIC = "Ö", "Ö (öffentlich)"
    NOT_PUBLIC = "NÖ", "NÖ (nichtöffentlich)"


class Consultation(models.Model):
    """A step of the Beratungsfolge."""

    paper = models.ForeignKey(Paper, on_delete=models.CASCADE, related_name="consultations")
    status = models.CharField("Status", max_length=2, choices=ConsultationStatus, default=ConsultationStatus.PUBLIC)
    date = models.DateField("Datum")
    body = models.CharField("Gremium", max_length=120, default="Jugendhilfeausschuss")

    class Meta:
        verbose_name = "Beratung"
        verbose_name_plural = "Beratungsfolge"
        ordering = ("date", "pk")

    def __str__(self) -> str:
        return f"{self.body} am {self.date:%d.%m.%Y}"


class Situation(models.Model):
    """A dated section of the Sachlage; `is_earlier`: it came with an earlier edition and stays as it is."""

    paper = models.ForeignKey(Paper, on_delete=models.CASCADE, related_name="situations")
    date = models.DateField("Sachlage vom")
    text = models.TextField("Text")
    is_earlier = models.BooleanField(default=False, editable=False)

    class Meta:
        verbose_name = "Sachlage"
        verbose_name_plural = "Sachlage"
        ordering = ("date", "pk")

    def __str__(self) -> str:
        return f"Sachlage vom {self.date:%d.%m.%Y}"


class IssuedPaper(models.Model):
    """What a paper was issued with: its figures as canonical JSON, their fingerprint and the PDF. Never changed."""

    append_only = True

    paper = models.OneToOneField(Paper, on_delete=models.PROTECT, related_name="issue", verbose_name="Bericht")
    figures = models.TextField("Zahlen als kanonisches JSON", editable=False)
    sha256 = models.CharField("Prüfsumme", max_length=64, editable=False)
    pdf = models.BinaryField("PDF", editable=False)
    issued_by = models.ForeignKey(
        User, null=True, on_delete=models.PROTECT, related_name="+", verbose_name="herausgegeben von"
    )
    issued_at = models.DateTimeField("herausgegeben am", auto_now_add=True)

    class Meta:
        verbose_name = "herausgegebener Bericht"
        verbose_name_plural = "herausgegebene Berichte"
        ordering = ("-pk",)

    def __str__(self) -> str:
        return str(self.paper)
