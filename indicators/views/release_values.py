"""The values of a Datenstand, stored or just read, as page and as file."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.http import HttpResponse

from indicators.imports import Change, Value, changes_of
from indicators.models import DataRelease, Indicator, IndicatorValue
from indicators.services.releases import Examined, previous_values
from jugendhilfe import __version__
from jugendhilfe.lib import exports, tables
from jugendhilfe.lib.formats import format_number, format_percent_change
from regions.models import SocialSpace


@dataclass(frozen=True, slots=True)
class ValueRow:
    """One value as a table shows it, with what it was before."""

    indicator: Indicator
    space: SocialSpace
    content: Value
    change: Change | None = None

    @property
    def value(self) -> str:
        if self.content.value is None:
            return "geheim" if self.content.is_secret else "fehlt"
        return format_number(self.content.value, self.indicator.decimals)

    @property
    def numerator(self) -> str:
        return _count(self.content.numerator)

    @property
    def denominator(self) -> str:
        return _count(self.content.denominator)

    @property
    def previous(self) -> str:
        return format_number(self.change.previous, self.indicator.decimals) if self.change else ""

    @property
    def percent(self) -> str:
        if self.change is None or self.change.percent is None:
            return ""
        return format_percent_change(self.change.percent) + (" auffällig" if self.change.is_large else "")


class ValueTable(tables.Table):
    caption = "Werte je Sozialraum"
    paginated = False
    space = tables.Column(verbose_name="Sozialraum", accessor="space__name")
    value = tables.Column(verbose_name="Wert", attrs={"cell": {"class": "app-num"}})
    numerator = tables.Column(verbose_name="Zähler", attrs={"cell": {"class": "app-num"}})
    denominator = tables.Column(verbose_name="Nenner", attrs={"cell": {"class": "app-num"}})
    previous = tables.Column(verbose_name="bisher", attrs={"cell": {"class": "app-num"}})
    percent = tables.Column(verbose_name="Änderung", attrs={"cell": {"class": "app-num"}})

    class Meta:
        orderable = False

    def __init__(self, data: list[ValueRow], **kwargs: Any) -> None:
        present: dict[str, list[bool]] = {}
        for row in data:
            present.setdefault(row.indicator.code, []).append(row.content.value is not None)
        self.coverage = {code: f"{sum(found)} von {len(found)}" for code, found in present.items()}
        super().__init__(data, **kwargs)

    def group_of(self, record: ValueRow) -> str:
        return f"{record.indicator.name}: {self.coverage[record.indicator.code]} Sozialräumen mit Wert"

    def cell_class_percent(self, value: str, record: ValueRow) -> str:
        return "app-strong" if record.change and record.change.is_large else ""


def examined_rows(examined: Examined) -> list[ValueRow]:
    spaces = {space.key: space for space in examined.spaces}
    return sorted_rows(
        ValueRow(indicator, spaces[key], value, examined.changes.get(indicator.code, {}).get(key))
        for indicator in examined.indicators
        for key, value in examined.checked.values.get(indicator.code, {}).items()
    )


def stored_rows(release: DataRelease) -> list[ValueRow]:
    values = list(release.values.select_related("indicator", "space__region"))
    contents: dict[str, dict[str, Value]] = {}
    for row in values:
        contents.setdefault(row.indicator.code, {})[row.space.key] = content_of(row)
    changes = changes_of(contents, previous_values(release.reference_date, before=release))
    return sorted_rows(
        ValueRow(row.indicator, row.space, content_of(row), changes[row.indicator.code].get(row.space.key))
        for row in values
    )


def content_of(row: IndicatorValue) -> Value:
    return Value(row.value, row.numerator, row.denominator, row.is_secret)


def sorted_rows(rows: Iterable[ValueRow]) -> list[ValueRow]:
    return sorted(rows, key=lambda row: (row.indicator.name, row.space.region.number, row.space.name))


def coverage_sentence(rows: list[ValueRow]) -> str:
    """How many values there are, kept secret and missing, in words."""
    present = sum(row.content.value is not None for row in rows)
    secret = sum(row.content.is_secret for row in rows)
    missing = len(rows) - present - secret
    names = sorted({row.indicator.short_name for row in rows})
    return f"{present} Werte, {secret} geheim gehalten, {missing} fehlen ({', '.join(names)})"


def values_file(release: DataRelease, rows: list[ValueRow], kind: str) -> HttpResponse:
    """All values, one per line, with every digit there is."""
    heads: Mapping[str, exports.Kind] = {
        "Indikator": "text",
        "Kürzel": "text",
        "Schlüssel": "text",
        "Sozialraum": "text",
        "Zähler": "number",
        "Nenner": "number",
        "Wert": "number",
        "Einheit": "text",
        "Bemerkung": "text",
    }
    places = {"Zähler": 0, "Nenner": 0, "Wert": 4}
    sheet = exports.Sheet(
        "Werte",
        [exports.Column(head, kind_, places=places.get(head)) for head, kind_ in heads.items()],
        [
            (
                row.indicator.name,
                row.indicator.code,
                row.space.key,
                row.space.name,
                _plain(row.content.numerator),
                _plain(row.content.denominator),
                _plain(row.content.value),
                row.indicator.unit,
                "" if row.content.value is not None else row.value,
            )
            for row in rows
        ],
    )
    name = f"Datenstand {release.reference_date:%Y-%m-%d} {release.name}"
    if kind == "csv":
        return exports.csv_response(sheet, name)
    example = [("Hinweis", "Beispieldaten")] if release.is_example else []
    return exports.xlsx_response(
        sheet, exports.Notes(release.source, release.reference_date, __version__, example), name
    )


def _plain(value: Decimal | None) -> Decimal | None:
    return value.normalize() if value is not None else None


def _count(value: Decimal | None) -> str:
    if value is None:
        return ""
    return format_number(value, max(0, -int(value.normalize().as_tuple().exponent)))
