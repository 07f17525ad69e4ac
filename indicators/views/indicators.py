"""Belastungsindikatoren: the list, one indicator with its values over time, and keeping them."""

from typing import Any

from django.contrib import messages
from django.db.models import Count, Max, Q
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from indicators.forms.indicators import IndicatorForm
from indicators.models import DataRelease, Indicator, IndicatorValue
from indicators.services.indicators import archive_indicator, save_indicator
from jugendhilfe import __version__
from jugendhilfe.accounts.http import SignedInRequest
from jugendhilfe.lib import exports, tables
from jugendhilfe.lib.formats import format_number
from regions.access import scope
from regions.forms.people import StepForm
from regions.gates import require_everywhere
from regions.history import history_of

GET_AND_POST = ("GET", "POST")
SHOWN_RELEASES = 6


class IndicatorTable(tables.Table):
    caption = "Belastungsindikatoren"
    name = tables.LinkColumn(
        verbose_name="Indikator", url=lambda indicator: reverse("indicators:indicator_detail", args=[indicator.pk])
    )
    unit = tables.Column(verbose_name="Einheit")
    direction = tables.Column(verbose_name="Richtung")
    latest = tables.DateColumn(verbose_name="Neuester Stichtag")
    releases = tables.NumberColumn(verbose_name="Datenstände")
    is_archived = tables.Column(verbose_name="Verwendung")

    class Meta:
        order_by = "name"

    def render_is_archived(self, value: bool) -> str:
        return "nicht mehr verwendet" if value else "in Verwendung"

    def value_is_archived(self, value: bool) -> str:
        return self.render_is_archived(value)


class HistoryTable(tables.Table):
    """Rows are spaces, columns the newest releases, oldest first."""

    paginated = False
    space = tables.Column(verbose_name="Sozialraum")

    class Meta:
        orderable = False


@require_safe
def indicator_list(request: SignedInRequest) -> HttpResponse:
    taken_over = Q(values__release__in=DataRelease.objects.taken_over())
    indicators = Indicator.objects.annotate(
        latest=Max("values__release__reference_date", filter=taken_over),
        releases=Count("values__release", filter=taken_over, distinct=True),
    )
    table = IndicatorTable(indicators, request=request)
    notes = exports.Notes("Belastungsindikatoren", timezone.localdate(), __version__)
    context = {"title": "Indikatoren", "table": table, "may_import": may_import(request)}
    return table.download(name="Belastungsindikatoren", notes=notes) or render(
        request, "indicators/indicator_list.html", context
    )


@require_safe
def indicator_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    indicator = get_object_or_404(Indicator, pk=pk)
    table = history_table(indicator, request)
    notes = exports.Notes(f"{indicator.name}, {indicator.unit}", timezone.localdate(), __version__)
    context = {
        "title": indicator.name,
        "indicator": indicator,
        "facts": facts_of(indicator),
        "table": table,
        "may_import": may_import(request),
        "timeline": history_of(indicator),
    }
    return table.download(name=indicator.short_name, notes=notes) or render(
        request, "indicators/indicator_detail.html", context
    )


@require_http_methods(GET_AND_POST)
def indicator_new(request: SignedInRequest) -> HttpResponse:
    require_everywhere(request.user, "import_indicators")
    return _form_page(request, Indicator(), "Indikator anlegen", reverse("indicators:indicator_list"))


@require_http_methods(GET_AND_POST)
def indicator_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    require_everywhere(request.user, "import_indicators")
    indicator = get_object_or_404(Indicator, pk=pk)
    return _form_page(request, indicator, f"„{indicator.short_name}“ ändern", address_of(indicator))


@require_http_methods(GET_AND_POST)
def indicator_archive(request: SignedInRequest, pk: int) -> HttpResponse:
    require_everywhere(request.user, "import_indicators")
    indicator = get_object_or_404(Indicator, pk=pk)
    archived = not indicator.is_archived
    form = StepForm(request.POST or None, initial={"step": "archive" if archived else "restore"})
    if form.is_valid():
        if step := form.cleaned_data["step"]:
            archived = step == "archive"
        archive_indicator(
            indicator=indicator, archived=archived, reason=form.cleaned_data["reason"], actor=request.user
        )
        messages.success(request, "Der Indikator ist beiseitegelegt." if archived else "Der Indikator ist wieder da.")
        return redirect(address_of(indicator))
    consequences = (
        ["Neue Tabellen werden nicht mehr auf ihn geprüft.", "Werte und Gewichtungsschemata behalten ihn."]
        if archived
        else ["Neue Tabellen werden wieder auf ihn geprüft."]
    )
    context = {
        "title": f"„{indicator.short_name}“ {'beiseitelegen' if archived else 'wieder verwenden'}",
        "question": "Soll der Indikator nicht mehr verwendet werden?" if archived else "Soll er wieder gelten?",
        "consequences": consequences,
        "form": form,
        "button": "Beiseitelegen" if archived else "Wieder verwenden",
        "cancel_url": address_of(indicator),
        "parents": [
            ("Belastung", reverse("indicators:burden")),
            ("Belastungsindikatoren", reverse("indicators:indicator_list")),
            (indicator.name, address_of(indicator)),
        ],
    }
    return render(request, "components/confirm.html", context)


def _form_page(request: SignedInRequest, indicator: Indicator, title: str, cancel_url: str) -> HttpResponse:
    form = IndicatorForm(request.POST or None, instance=indicator)
    if form.is_valid():
        saved = save_indicator(indicator=form.save(commit=False), actor=request.user)
        messages.success(request, "Der Indikator ist gespeichert.")
        return redirect(address_of(saved))
    context = {"title": title, "form": form, "cancel_url": cancel_url}
    return render(request, "indicators/indicator_form.html", context)


def may_import(request: SignedInRequest) -> bool:
    return scope(request.user, "import_indicators").everything


def address_of(indicator: Indicator) -> str:
    return reverse("indicators:indicator_detail", args=[indicator.pk])


def facts_of(indicator: Indicator) -> list[tuple[str, str]]:
    facts = [
        ("Kürzel", indicator.code),
        ("Richtung", indicator.get_direction_display()),
        ("Einheit", indicator.unit),
    ]
    if indicator.rate_per:
        rate = f"{indicator.numerator_name} je {format_number(indicator.rate_per)} {indicator.denominator_name}"
        facts.append(("Rechnung", rate))
    return facts


def history_table(indicator: Indicator, request: SignedInRequest) -> HistoryTable:
    """Values of the newest releases taken over, per space."""
    values = (
        IndicatorValue.objects.filter(indicator=indicator, release__in=DataRelease.objects.taken_over())
        .select_related("release", "space__region")
        .order_by("-release__reference_date", "-release_id")
    )
    found: dict[tuple[int, str, int], dict[str, Any]] = {}
    releases: dict[int, DataRelease] = {}
    for value in values:
        if value.release_id not in releases and len(releases) == SHOWN_RELEASES:
            break
        releases[value.release_id] = value.release
        place = (value.space.region.number, value.space.name, value.space_id)
        cells = found.setdefault(place, {"space": value.space.name})
        cells[f"r{value.release_id}"] = value.value
    columns = [
        (f"r{pk}", tables.NumberColumn(verbose_name=f"{release.reference_date:%d.%m.%Y}", places=indicator.decimals))
        for pk, release in reversed(releases.items())
    ]
    return HistoryTable(
        [found[place] for place in sorted(found)],
        request=request,
        extra_columns=columns,
        caption=f"{indicator.short_name} nach Stichtag",
    )


indicator_urls = [
    path("indikatoren/", indicator_list, name="indicator_list"),
    path("indikatoren/neu/", indicator_new, name="indicator_new"),
    path("indikatoren/<int:pk>/", indicator_detail, name="indicator_detail"),
    path("indikatoren/<int:pk>/aendern/", indicator_edit, name="indicator_edit"),
    path("indikatoren/<int:pk>/verwendung/", indicator_archive, name="indicator_archive"),
]
