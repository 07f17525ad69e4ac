"""What carries a decision about money."""

from django.db import models

from jugendhilfe.accounts.models import User
from jugendhilfe.lib.canonical import digest


class BasisKind(models.TextChoices):
    RESOLUTION = "resolution", "Beschluss"
    ACT = "act", "Verwaltungsakt"


class LegalBasis(models.Model):
    """What carries a decision about money: a resolution or a named administrative act. Never changed."""

    append_only = True

    kind = models.CharField("Art", max_length=12, choices=BasisKind)
    number = models.CharField(
        "Nummer", max_length=40, help_text="Wie im Ratsinformationssystem, zum Beispiel 2025/124."
    )
    date = models.DateField("Datum")
    body = models.CharField("Gremium oder Stelle", max_length=120)
    wording = models.TextField("Wortlaut")
    created_by = models.ForeignKey(
        User, null=True, on_delete=models.PROTECT, related_name="+", verbose_name="erfasst von"
    )
    created_at = models.DateTimeField("erfasst am", auto_now_add=True)

    class Meta:
        verbose_name = "Rechtsgrundlage"
        verbose_name_plural = "Rechtsgrundlagen"
        ordering = ("-date", "-pk")

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.number} vom {self.date:%d.%m.%Y}, {self.body}"

    @property
    def sha256(self) -> str:
        """The fingerprint of what it says."""
        return digest(f"{self.kind}\n{self.number}\n{self.date.isoformat()}\n{self.body}\n{self.wording}")
