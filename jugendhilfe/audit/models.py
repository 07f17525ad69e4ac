"""Who did what, when and why: an append-only log whose rows PostgreSQL links into one hash chain at COMMIT.

A row holds no names of natural persons: the actor is a key, the reason is hashed with a salt kept beside it, so that
erasing the text leaves the chain whole. The rules live in chain.sql.
"""

from typing import ClassVar, Self

from django.conf import settings
from django.core.serializers.json import DjangoJSONEncoder
from django.db import models

from jugendhilfe.audit.actions import ACTIONS


class EntryQuerySet(models.QuerySet["Entry"]):
    def for_object(self, obj: models.Model) -> Self:
        """The history of one object, newest first."""
        return self.filter(object_type=obj._meta.label_lower, object_id=str(obj.pk))

    def with_actor(self) -> Self:
        return self.select_related("actor")


class Entry(models.Model):
    """One deed: `action` is a dotted verb such as "roles.grant"; `region` a region's number as text."""

    append_only = True

    at = models.DateTimeField("Zeitpunkt", auto_now_add=True)
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="handelnd", null=True, on_delete=models.PROTECT, related_name="+"
    )
    action = models.CharField("Vorgang", max_length=80)
    object_type = models.CharField("Art", max_length=80, blank=True)
    object_id = models.CharField("Schlüssel", max_length=40, blank=True)
    object_label = models.CharField("Gegenstand", max_length=200, blank=True)
    region = models.CharField("Region", max_length=20, blank=True)
    data = models.JSONField("Angaben", default=dict, encoder=DjangoJSONEncoder)
    reason = models.TextField("Begründung", blank=True)
    reason_salt = models.CharField(max_length=32, editable=False)
    reason_hash = models.CharField(max_length=64, editable=False)

    objects: ClassVar[models.Manager["Entry"]] = EntryQuerySet.as_manager()

    class Meta:
        verbose_name = "Protokolleintrag"
        verbose_name_plural = "Protokoll"
        ordering = ("-pk",)
        indexes = (
            models.Index(fields=("object_type", "object_id"), name="audit_by_object"),
            models.Index(fields=("action",), name="audit_by_action"),
        )

    def __str__(self) -> str:
        return f"{self.action} {self.object_label}".strip()

    @property
    def text(self) -> str:
        """What happened, in words: what a timeline shows."""
        return ACTIONS.get(self.action, self.action)


class ChainLink(models.Model):
    """The place of one entry in the chain: hash = sha256(previous hash, entry). Written by the trigger alone."""

    trigger_only = True

    entry = models.OneToOneField(Entry, on_delete=models.PROTECT, related_name="link")
    number = models.BigIntegerField(unique=True)
    previous_hash = models.BinaryField()
    hash = models.BinaryField()

    def __str__(self) -> str:
        return f"Glied {self.number}"


class ChainHead(models.Model):
    """The last link: one row, taken at COMMIT, after everything else of the transaction."""

    trigger_only = True

    number = models.BigIntegerField(default=0)
    hash = models.BinaryField(default=b"\x00")

    class Meta:
        constraints = (models.CheckConstraint(condition=models.Q(pk=1), name="audit_one_head"),)

    def __str__(self) -> str:
        return f"Kopf {self.number}"

    @property
    def fingerprint(self) -> str:
        """The hash in hex, as reports print it."""
        return bytes(self.hash).hex()


class SourceFile(models.Model):
    """The bytes somebody handed in, once per content: what a figure came from can always be opened again."""

    append_only = True

    sha256 = models.CharField("Prüfsumme", max_length=64, unique=True, editable=False)
    name = models.CharField("Dateiname", max_length=200)
    size = models.PositiveIntegerField("Größe in Byte")
    content = models.BinaryField()
    uploaded_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, verbose_name="eingelesen von", null=True, on_delete=models.PROTECT, related_name="+"
    )
    uploaded_at = models.DateTimeField("eingelesen am", auto_now_add=True)

    class Meta:
        verbose_name = "Quelldatei"
        verbose_name_plural = "Quelldateien"
        ordering = ("-pk",)

    def __str__(self) -> str:
        return self.name
