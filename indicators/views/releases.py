"""Datenstände: what there is, and the way of a table into one: hand in, check, take over."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from indicators.forms.releases import (
    ConfirmForm,
    IntakeForm,
    ReleaseFilter,
    ReleaseUploadForm,
    TemplateForm,
    unused_sentence,
)
from indicators.imports import Level, find_columns, release_template, uses_of
from indicators.models import DataRelease, Indicator, IndicatorValue, ReleaseStatus
from indicators.services.releases import (
    Examined,
    check_release,
    discard_release,
    examine,
    measure_of,
    space_of,
    take_over_release,
)
from indicators.views.release_values import (
    ValueTable,
    coverage_sentence,
    examined_rows,
    stored_rows,
    values_file,
)
from jugendhilfe import __version__
from jugendhilfe.accounts.http import SignedInRequest
from jugendhilfe.lib import exports, tables
from jugendhilfe.lib.errors import DomainError
from jugendhilfe.lib.spreadsheets import SpreadsheetError
from jugendhilfe.lib.uploads import Draft, drop_draft, find_draft, keep_draft
from regions.access import scope
from regions.forms.people import ReasonForm
from regions.gates import require_everywhere
from regions.history import history_of
from regions.models import SocialSpace

GET_AND_POST = ("GET", "POST")
PURPOSE = "releases"


class ReleaseTable(tables.Table):
    caption = "Datenstände"
    name = tables.LinkColumn(
        verbose_name="Bezeichnung", url=lambda release: reverse("indicators:release_detail", args=[release.pk])
    )
    reference_date = tables.DateColumn(verbose_name="Stichtag")
    source = tables.Column(verbose_name="Quelle")
    indicators = tables.NumberColumn(verbose_name="Indikatoren")
    present = tables.NumberColumn(verbose_name="Werte")
    status = tables.BadgeColumn(verbose_name="Stand")

    class Meta:
        order_by = "-reference_date"
        empty_text = "Es gibt keinen Datenstand, der zu dieser Auswahl passt."


@require_safe
def release_list(request: SignedInRequest) -> HttpResponse:
    releases = DataRelease.objects.visible_to(request.user)
    sees_drafts = scope(request.user, "view_drafts").everything
    form = ReleaseFilter(request.GET, sees_drafts=sees_drafts)
    table = ReleaseTable(with_counts(form.apply(releases)), request=request)
    notes = exports.Notes("Datenstände der Belastungsindikatoren", timezone.localdate(), __version__)
    context = {
        "title": "Datenstände",
        "table": table,
        "filter": form,
        "may_import": may_import(request),
        "is_empty": not releases.exists(),
    }
    return table.download(name="Datenstände", notes=notes) or render(request, "indicators/release_list.html", context)


@require_safe
def release_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    release = visible_release(request, pk)
    rows = stored_rows(release)
    if kind := request.GET.get("format"):
        return values_file(release, rows, kind)
    context = {
        "title": release.name,
        "release": release,
        "table": ValueTable(rows),
        "facts": facts_of(release),
        "sees_file": scope(request.user, "view_drafts").everything,
        "is_checked": release.status == ReleaseStatus.CHECKED,
        "may_import": may_import(request),
        "timeline": history_of(release),
    }
    return render(request, "indicators/release_detail.html", context)


@require_http_methods(GET_AND_POST)
def release_upload(request: SignedInRequest) -> HttpResponse:
    require_everywhere(request.user, "import_indicators")
    form = ReleaseUploadForm(request.POST, request.FILES) if request.method == "POST" else ReleaseUploadForm()
    if form.is_valid():
        keep_draft(form.draft, owner=request.user.pk, purpose=PURPOSE)
        return redirect(f"{reverse('indicators:release_check', args=[form.draft.key])}?{form.address()}")
    context = {
        "title": "Datenstand einlesen",
        "form": form,
        "template_form": TemplateForm(),
    }
    return render(request, "indicators/release_upload.html", context)


@require_http_methods(GET_AND_POST)
def release_check(request: SignedInRequest, key: str) -> HttpResponse:
    require_everywhere(request.user, "import_indicators")
    draft = find_draft(key, owner=request.user.pk, purpose=PURPOSE)
    if draft is None:
        messages.error(request, "Diese Tabelle liegt nicht mehr vor. Bitte lesen Sie sie noch einmal ein.")
        return redirect("indicators:release_upload")
    intake_form, examined = read_draft(request, draft)
    form = ConfirmForm(
        request.POST if request.method == "POST" else None, wanted=bool(examined and examined.wants_confirmation)
    )
    if examined and not examined.checked.errors and form.is_valid():
        try:
            release = check_release(
                draft=draft,
                intake=intake_form.intake(),
                actor=request.user,
                confirmed=True,
                note=form.cleaned_data["note"],
            )
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            drop_draft(draft, owner=request.user.pk, purpose=PURPOSE)
            return redirect("indicators:release_take_over", release.pk)
    return render(request, "indicators/release_check.html", check_context(intake_form, examined, form))


@require_http_methods(GET_AND_POST)
def release_take_over(request: SignedInRequest, pk: int) -> HttpResponse:
    require_everywhere(request.user, "import_indicators")
    release = visible_release(request, pk)
    if release.status != ReleaseStatus.CHECKED:
        return already_decided(request, release)
    if request.method == "POST":
        take_over_release(release=release, actor=request.user)
        messages.success(request, "Der Datenstand ist übernommen. Der Beleg steht unter den Werten.")
        return redirect("indicators:release_detail", release.pk)
    rows = stored_rows(release)
    context = {
        "title": f"„{release.name}“ übernehmen",
        "question": "Der Datenstand ist geprüft und als Entwurf gespeichert. Soll er für alle gelten?",
        "facts": [*facts_of(release), ("Werte", coverage_sentence(rows))],
        "consequences": [
            "Alle mit einem Konto sehen die Werte.",
            "Neue Berechnungen nehmen sie, sobald ihr Stichtag der neueste ist; Festgelegtes ändert sich nicht.",
            "Der Datenstand lässt sich danach nicht mehr ändern oder verwerfen.",
        ],
        "button": "Übernehmen",
        "cancel_url": reverse("indicators:release_detail", args=[release.pk]),
        "release": release,
    }
    return render(request, "indicators/release_take_over.html", context)


@require_http_methods(GET_AND_POST)
def release_discard(request: SignedInRequest, pk: int) -> HttpResponse:
    require_everywhere(request.user, "import_indicators")
    release = visible_release(request, pk)
    if release.status != ReleaseStatus.CHECKED:
        return already_decided(request, release)
    form = ReasonForm(request.POST or None)
    if form.is_valid():
        discard_release(release=release, reason=form.cleaned_data["reason"], actor=request.user)
        messages.success(request, "Der Datenstand ist verworfen.")
        return redirect("indicators:release_list")
    context = {
        "title": f"„{release.name}“ verwerfen",
        "question": "Soll dieser geprüfte Datenstand nicht übernommen werden?",
        "consequences": ["Er wird nicht mehr angeboten. Datei und Werte bleiben als Nachweis erhalten."],
        "form": form,
        "button": "Verwerfen",
        "cancel_url": reverse("indicators:release_detail", args=[release.pk]),
        "parents": [
            ("Belastung", reverse("indicators:burden")),
            ("Datenstände", reverse("indicators:release_list")),
            (release.name, reverse("indicators:release_detail", args=[release.pk])),
        ],
    }
    return render(request, "components/confirm.html", context)


@require_safe
def release_template_file(request: SignedInRequest) -> HttpResponse:
    require_everywhere(request.user, "import_indicators")
    form = TemplateForm(request.GET)
    if not form.is_valid():
        messages.error(request, " ".join(str(error) for errors in form.errors.values() for error in errors))
        return redirect("indicators:release_upload")
    content = release_template(
        [measure_of(indicator) for indicator in form.cleaned_data["indicators"]],
        [space_of(space) for space in SocialSpace.objects.prefetch_related("members")],
        level=Level(form.cleaned_data["level"]),
        date=timezone.localdate(),
    )
    return exports.download(content, "Vorlage Datenstand.xlsx", exports.XLSX_TYPE)


def may_import(request: SignedInRequest) -> bool:
    return scope(request.user, "import_indicators").everything


def already_decided(request: SignedInRequest, release: DataRelease) -> HttpResponse:
    messages.warning(request, f"Dieser Datenstand ist schon {release.get_status_display()}.")
    return redirect("indicators:release_detail", release.pk)


def visible_release(request: SignedInRequest, pk: int) -> DataRelease:
    """Not visible: 404. The file comes without its bytes, which may be ten megabytes."""
    releases = DataRelease.objects.visible_to(request.user).select_related("file", "created_by", "taken_over_by")
    return get_object_or_404(releases.defer("file__content"), pk=pk)


def with_counts(releases: Any) -> Any:
    """How many indicators and values a release has."""
    # Counted for the releases shown alone: a join would go through the values of all releases for every page.
    values = IndicatorValue.objects.filter(release=OuterRef("pk")).order_by().values("release")
    return releases.annotate(
        indicators=Coalesce(Subquery(values.annotate(n=Count("indicator", distinct=True)).values("n")), 0),
        present=Coalesce(Subquery(values.annotate(n=Count("value")).values("n")), 0),
    )


def read_draft(request: SignedInRequest, draft: Draft) -> tuple[IntakeForm, Examined | None]:
    """The answers of the address and what the table comes to with them; None while an answer is missing or wrong."""
    uses = uses_of([measure_of(indicator) for indicator in Indicator.objects.in_use()])
    try:
        table = draft.read(request.GET.get("sheet") or None)
    except SpreadsheetError as error:
        table = draft.read()
        messages.error(request, str(error))
    form = IntakeForm(request.GET, table, uses, find_columns(table, uses))
    return form, examine(table, form.intake()) if form.is_valid() else None


def check_context(intake_form: IntakeForm, examined: Examined | None, form: ConfirmForm) -> dict[str, Any]:
    """The check page: what was understood, what is wrong, what is unusual, and the values."""
    context: dict[str, Any] = {"title": "Datenstand prüfen", "intake_form": intake_form, "form": form}
    if examined is not None:
        intake = intake_form.intake()
        _, *read_as = examined.check.facts
        context |= {
            "check": examined.check,
            "facts": [
                ("Bezeichnung", intake.name),
                ("Stichtag", f"{intake.reference_date:%d.%m.%Y}"),
                ("Quelle", intake.source),
                ("Datei", examined.table.name),
                *read_as,
            ],
            "warnings": examined.warnings,
            "notes": examined.checked.notes,
            "unused": unused_sentence(examined.columns.unused(examined.table)),
            "level": examined.checked.level,
            "table": ValueTable(examined_rows(examined)),
        }
    return context


def facts_of(release: DataRelease) -> list[tuple[str, str]]:
    return [("Stichtag", f"{release.reference_date:%d.%m.%Y}"), ("Quelle", release.source)]


release_urls = [
    path("datenstaende/", release_list, name="release_list"),
    path("datenstaende/neu/", release_upload, name="release_upload"),
    path("datenstaende/neu/<slug:key>/", release_check, name="release_check"),
    path("datenstaende/vorlage/", release_template_file, name="release_template"),
    path("datenstaende/<int:pk>/", release_detail, name="release_detail"),
    path("datenstaende/<int:pk>/uebernehmen/", release_take_over, name="release_take_over"),
    path("datenstaende/<int:pk>/verwerfen/", release_discard, name="release_discard"),
]
