"""Protokoll: who did what, when and why; and the files that figures came from."""

import json

from django import forms
from django.db import models
from django.db.models import Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import path
from django.utils import timezone
from django.views.decorators.http import require_safe

from jugendhilfe import __version__
from jugendhilfe.accounts.http import SignedInRequest
from jugendhilfe.audit.actions import ACTIONS
from jugendhilfe.audit.models import ChainHead, Entry, SourceFile
from jugendhilfe.audit.services import record
from jugendhilfe.lib import exports, tables
from jugendhilfe.lib.formats import format_number
from jugendhilfe.lib.forms import DateField
from regions.gates import require_everywhere


class EntryFilter(forms.Form):
    vorgang = forms.ChoiceField(label="Vorgang", choices=[("", "Alle Vorgänge"), *ACTIONS.items()], required=False)
    suche = forms.CharField(label="Gegenstand oder Begründung", required=False)
    von = DateField(label="von", required=False)
    bis = DateField(label="bis", required=False)

    def apply(self, entries: models.QuerySet[Entry]) -> models.QuerySet[Entry]:
        """Narrow the entries to what was asked; a wrong date leaves them as they are and says so at the field."""
        if not self.is_valid():
            return entries
        data = self.cleaned_data
        if data["vorgang"]:
            entries = entries.filter(action=data["vorgang"])
        if data["suche"]:
            entries = entries.filter(Q(object_label__icontains=data["suche"]) | Q(reason__icontains=data["suche"]))
        if data["von"]:
            entries = entries.filter(at__date__gte=data["von"])
        if data["bis"]:
            entries = entries.filter(at__date__lte=data["bis"])
        return entries


class EntryTable(tables.Table):
    caption = "Einträge im Protokoll"
    at = tables.Column(verbose_name="Zeitpunkt", order_by="pk")
    actor = tables.Column(verbose_name="Wer", order_by="actor__name", default="Einrichtung")
    text = tables.Column(verbose_name="Vorgang", order_by="action")
    object_label = tables.Column(verbose_name="Gegenstand")
    region = tables.Column(verbose_name="Region")
    reason = tables.Column(verbose_name="Begründung", orderable=False)

    class Meta:
        order_by = "-at"

    def render_at(self, record: Entry) -> str:
        return f"{timezone.localtime(record.at):%d.%m.%Y %H:%M:%S}"


COLUMNS = [
    exports.Column(header)
    for header in (
        "Nummer",
        "Zeitpunkt",
        "Konto",
        "Vorgang",
        "Art",
        "Schlüssel",
        "Gegenstand",
        "Region",
        "Begründung",
        "Angaben",
        "Kettenglied",
    )
]
MOST_ROWS = 50_000


@require_safe
def entry_list(request: SignedInRequest) -> HttpResponse:
    require_everywhere(request.user, "view_audit")
    form = EntryFilter(request.GET or None)
    entries = form.apply(Entry.objects.with_actor())
    if kind := request.GET.get("format"):
        return _download(request, entries, kind)
    context = {"filter": form, "table": EntryTable(entries, request=request), "head": ChainHead.objects.first()}
    return render(request, "regions/audit_list.html", context)


def _download(request: SignedInRequest, entries: models.QuerySet[Entry], kind: str) -> HttpResponse:
    record(actor=request.user, action="audit.export")
    rows = [
        (
            str(entry.pk),
            f"{timezone.localtime(entry.at):%d.%m.%Y %H:%M:%S}",
            str(entry.actor_id or ""),
            entry.text,
            entry.object_type,
            entry.object_id,
            entry.object_label,
            entry.region,
            entry.reason,
            json.dumps(entry.data, ensure_ascii=False, sort_keys=True) if entry.data else "",
            bytes(entry.link.hash).hex() if hasattr(entry, "link") else "",
        )
        for entry in entries.select_related("link")[:MOST_ROWS]
    ]
    sheet = exports.Sheet("Protokoll", COLUMNS, rows)
    if kind == "csv":
        return exports.csv_response(sheet, "Protokoll")
    lines = [("Umfang", f"höchstens die neuesten {format_number(MOST_ROWS)} Einträge")]
    notes = exports.Notes("Protokoll der Anwendung", timezone.localdate(), __version__, lines)
    return exports.xlsx_response(sheet, notes, "Protokoll")


@require_safe
def source_file(request: SignedInRequest, sha256: str) -> HttpResponse:
    """The bytes as they were handed in: always a download, never shown."""
    require_everywhere(request.user, "view_drafts")
    file = get_object_or_404(SourceFile, sha256=sha256)
    record(actor=request.user, action="files.download", obj=file)
    return exports.download(bytes(file.content), file.name, "application/octet-stream")


audit_urls = [
    path("protokoll/", entry_list, name="audit_list"),
    path("quelldateien/<slug:sha256>/", source_file, name="source_file"),
]
