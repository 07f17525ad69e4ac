"""What became of the review that every adopted quota is due."""

from django.db import models

from budgets.models.distributions import AdoptedDistribution
from jugendhilfe.accounts.models import User


class ReviewOutcome(models.TextChoices):
    KEEP = "keep", "Die Quote bleibt"
    CHANGE = "change", "Eine neue Quote wird vorbereitet"


class QuotaReview(models.Model):
    """A held review of an adopted quota: what the then-current indicators gave, and what follows. Never changed."""

    append_only = True

    distribution = models.ForeignKey(
        AdoptedDistribution, on_delete=models.PROTECT, related_name="reviews", verbose_name="festgelegte Verteilung"
    )
    held_on = models.DateField("überprüft am")
    outcome = models.CharField("Ergebnis", max_length=6, choices=ReviewOutcome)
    reason = models.TextField("Begründung")
    next_review_on = models.DateField("nächste Überprüfung bis")
    inputs = models.TextField("Eingaben als kanonisches JSON", editable=False)
    sha256 = models.CharField("Prüfsumme", max_length=64, editable=False)
    created_by = models.ForeignKey(
        User, null=True, editable=False, on_delete=models.PROTECT, related_name="+", verbose_name="eingetragen von"
    )
    created_at = models.DateTimeField("eingetragen am", auto_now_add=True)

    class Meta:
        verbose_name = "Überprüfung einer Quote"
        verbose_name_plural = "Überprüfungen von Quoten"
        ordering = ("-held_on", "-pk")
        constraints = (
            models.CheckConstraint(
                condition=models.Q(next_review_on__gt=models.F("held_on")),
                name="review_next_is_later",
                violation_error_message="Die nächste Überprüfung liegt nach dieser.",
            ),
        )

    def __str__(self) -> str:
        return f"Überprüfung vom {self.held_on:%d.%m.%Y}"
