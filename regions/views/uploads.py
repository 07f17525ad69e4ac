"""A table in two steps: hand in, then look and take over. Nothing is saved before the second step is confirmed."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone

from jugendhilfe.accounts.http import SignedInRequest
from jugendhilfe.lib.exports import XLSX_TYPE, TemplateColumn, Value, download, to_template
from jugendhilfe.lib.spreadsheets import Table
from jugendhilfe.lib.uploads import UploadForm, drop_draft, find_draft, keep_draft
from regions.forms.people import ReasonForm
from regions.imports import PlannedCheck


@dataclass(frozen=True, slots=True, kw_only=True)
class Upload:
    """One kind of table: its pages, its columns, how it is checked and taken over."""

    title: str
    intro: str
    columns: Sequence[TemplateColumn]
    heads: tuple[str, str, str]
    """Heads of the preview: key, name, where it belongs."""
    check: Callable[[Table], PlannedCheck]
    take_over: Callable[..., PlannedCheck]
    start_url: str
    check_url: Callable[[str], str]
    template_url: str
    done_url: str


def choose_table(request: SignedInRequest, upload: Upload) -> HttpResponse:
    """First step: a file or pasted cells."""
    form = UploadForm(request.POST or None, request.FILES or None)
    if request.method == "POST" and form.is_valid():
        keep_draft(form.draft, owner=request.user.pk, purpose=upload.start_url)
        return redirect(upload.check_url(form.draft.key))
    context = {
        "title": upload.title,
        "intro": upload.intro,
        "form": form,
        "columns": [(column.header, _meaning(column)) for column in upload.columns],
        "template_url": upload.template_url,
        "cancel_url": upload.done_url,
    }
    return render(request, "components/upload/start.html", context)


def check_table(request: SignedInRequest, upload: Upload, key: str) -> HttpResponse:
    """Second step: what was read, what it would change; taking it over reads it once more."""
    draft = find_draft(key, owner=request.user.pk, purpose=upload.start_url)
    if draft is None:
        messages.warning(request, "Diese Tabelle ist schon übernommen oder liegt nicht mehr bereit.")
        return redirect(upload.start_url)
    table = draft.read((request.POST if request.method == "POST" else request.GET).get("blatt") or None)
    check = upload.check(table)
    form = ReasonForm(request.POST or None) if check.needs_reason and not check.errors else None
    if request.method == "POST" and not check.errors and (form is None or form.is_valid()):
        reason = form.cleaned_data["reason"] if form else ""
        upload.take_over(table=table, content=draft.content, actor=request.user, reason=reason)
        drop_draft(draft, owner=request.user.pk, purpose=upload.start_url)
        messages.success(request, f"Die Tabelle „{table.name}“ ist übernommen.")
        return redirect(upload.done_url)
    context: dict[str, Any] = {
        "title": f"{upload.title}: prüfen",
        "check": check,
        "form": form,
        "heads": upload.heads,
        "again_url": upload.start_url,
    }
    return render(request, "regions/upload_check.html", context)


def template(upload: Upload, name: str, rows: Sequence[Sequence[Value]] = ()) -> HttpResponse:
    """The workbook to fill in."""
    content = to_template(upload.title, upload.columns, date=timezone.localdate(), rows=rows)
    return download(content, f"{name}.xlsx", XLSX_TYPE)


def _meaning(column: TemplateColumn) -> str:
    return column.meaning if column.required else f"{column.meaning} (freiwillig)"
