"""Offene Daten: adopted distributions and indicator values that were taken over, as CSV and JSON."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from budgets.models import AdoptedDistribution
from indicators.models import DataRelease, IndicatorValue, ReleaseStatus
from jugendhilfe.lib.exports import Column, Sheet, Value, csv_response

DISTRIBUTION_COLUMNS = (
    Column("Haushaltsjahr"),
    Column("Region"),
    Column("Schlüssel"),
    Column("Sozialraum"),
    Column("Bezugsgröße", "integer"),
    Column("Belastungsfaktor", "factor", places=8),
    Column("Vorjahr", "euro"),
    Column("Betrag", "euro"),
    Column("Rechtsgrundlage"),
    Column("Beispieldaten"),
)
VALUE_COLUMNS = (
    Column("Datenstand"),
    Column("Stichtag", "date"),
    Column("Kürzel"),
    Column("Indikator"),
    Column("Einheit"),
    Column("Schlüssel"),
    Column("Sozialraum"),
    Column("Wert", "number", places=8),
    Column("Zähler", "number"),
    Column("Nenner", "number"),
    Column("geheim gehalten"),
    Column("Quelle"),
    Column("Beispieldaten"),
)


@require_safe
@login_not_required
def open_data(request: HttpRequest) -> HttpResponse:
    context = {
        "title": "Offene Daten",
        "distributions": AdoptedDistribution.objects.current().select_related("year", "basis"),
        "releases": DataRelease.objects.taken_over(),
        "distribution_columns": [column.header for column in DISTRIBUTION_COLUMNS],
        "value_columns": [column.header for column in VALUE_COLUMNS],
    }
    return render(request, "open_data.html", context)


@require_safe
@login_not_required
def distribution_file(request: HttpRequest, year: int, kind: str) -> HttpResponse:
    """The distribution in force for a year, one row per space."""
    found = get_object_or_404(AdoptedDistribution.objects.current().for_year(year).with_rows())
    rows: list[list[Value]] = [
        [
            str(year),
            str(row.region_number),
            row.space.key,
            row.space_name,
            row.reference_population,
            row.factor,
            row.previous,
            row.amount,
            str(found.basis),
            _yes(found.is_example),
        ]
        for row in found.rows.all()
    ]
    source = f"{settings.COUNTY.name}, {found.basis}"
    return _answer(kind, f"verteilung-{year}", Sheet(f"Verteilung {year}", DISTRIBUTION_COLUMNS, rows), [source])


@require_safe
@login_not_required
def values_file(request: HttpRequest, kind: str) -> HttpResponse:
    """Every value that was taken over, one row each; what is kept secret has no value."""
    values = (
        IndicatorValue.objects.filter(release__status=ReleaseStatus.TAKEN_OVER)
        .select_related("release", "indicator", "space")
        .order_by("release__reference_date", "release_id", "indicator__code", "space__key")
    )
    rows: list[list[Value]] = [
        [
            value.release.name,
            value.release.reference_date,
            value.indicator.code,
            value.indicator.name,
            value.indicator.unit,
            value.space.key,
            value.space.name,
            value.value,
            value.numerator,
            value.denominator,
            _yes(value.is_secret),
            value.release.source,
            _yes(value.release.is_example),
        ]
        for value in values
    ]
    sources = sorted({str(row[11]) for row in rows})
    return _answer(kind, "indikatorwerte", Sheet("Indikatorwerte", VALUE_COLUMNS, rows), sources)


def _answer(kind: str, name: str, sheet: Sheet, sources: Iterable[str]) -> HttpResponse:
    if kind == "csv":
        return csv_response(sheet, name)
    if kind != "json":
        raise Http404
    heads = [column.header for column in sheet.columns]
    content = {
        "titel": sheet.title,
        "quellen": list(sources),
        "lizenz": settings.COUNTY.data_licence,
        "zeilen": [dict(zip(heads, map(_plain, row), strict=True)) for row in sheet.rows],
    }
    return JsonResponse(content, json_dumps_params={"ensure_ascii": False})


def _yes(value: bool) -> str:
    return "ja" if value else "nein"


def _plain(value: Any) -> Any:
    """Numbers as text, so that no reader turns cents into floats."""
    if value is None or isinstance(value, str | int):
        return value
    return value.isoformat() if hasattr(value, "isoformat") else f"{value:f}"
