"""One table description → CSV and Excel, the same bytes for the same table; and templates for uploads."""

import csv
import datetime as dt
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, Literal

import xlsxwriter
from django.http import HttpResponse
from django.utils.http import content_disposition_header

from jugendhilfe.lib.formats import format_date, format_number

type Kind = Literal["text", "integer", "number", "factor", "euro", "percent", "date"]
type Value = str | Decimal | float | dt.date | None

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
# Signs that make a spreadsheet run a text as a formula, some only after its import has cut the white space.
_FORMULA_STARTS = tuple("=+-@\t\r\n＝＋－＠")
# In the file format numbers are written the English way; Excel shows them the reader's way.
_NUMBER_FORMATS: dict[Kind, str] = {
    "text": "@",
    "integer": "#,##0",
    "number": "#,##0.00",
    "factor": "0.00",
    "euro": '#,##0.00\\ "€"',
    "percent": "0.0\\ %",
    "date": "dd.mm.yyyy",
}
_HEAD = {"bold": True, "text_wrap": True, "valign": "top", "bottom": 1, "bg_color": "#E6EBF2"}
_ROWS_IN_TEMPLATE = 5_000


@dataclass(frozen=True, slots=True)
class Column:
    """A column: head, kind of its values (percent: 12.8 is 12,8 %), width in characters, decimals if not the usual."""

    header: str
    kind: Kind = "text"
    width: float | None = None
    places: int | None = None


@dataclass(frozen=True, slots=True)
class Sheet:
    """A table; `total` is one more row, below the data in Excel, left out of CSV where it would be counted twice."""

    title: str
    columns: Sequence[Column]
    rows: Sequence[Sequence[Value]]
    total: Sequence[Value] | None = None


@dataclass(frozen=True, slots=True)
class Notes:
    """What the sheet "Hinweise" says: source and date of the figures, version of what made them, more lines."""

    source: str
    date: dt.date
    version: str
    lines: Sequence[tuple[str, str]] = ()


@dataclass(frozen=True, slots=True)
class TemplateColumn:
    """A column to be filled in: head, what is meant, a sample value, the permitted values if they are few."""

    header: str
    meaning: str
    sample: str = ""
    required: bool = True
    choices: Sequence[str] = ()
    kind: Kind = "text"
    width: float | None = None


def to_csv(sheet: Sheet) -> bytes:
    """UTF-8 with BOM, semicolon, decimal comma; texts that a spreadsheet would run as a formula get an apostrophe."""
    target = io.StringIO(newline="")
    writer = csv.writer(target, delimiter=";", lineterminator="\r\n")
    writer.writerow([_harmless(column.header) for column in sheet.columns])
    for row in sheet.rows:
        writer.writerow([_csv_value(value) for _, value in zip(sheet.columns, row, strict=True)])
    return b"\xef\xbb\xbf" + target.getvalue().encode()


def to_xlsx(sheets: Sheet | Sequence[Sheet], notes: Notes) -> bytes:
    """Real numbers with formats, fixed head, filter; the last sheet is "Hinweise"."""
    book = _Book(notes.date)
    for sheet in [sheets] if isinstance(sheets, Sheet) else sheets:
        book.add_table(sheet)
    lines = (("Quelle", notes.source), ("Stand", format_date(notes.date)), ("Version", notes.version), *notes.lines)
    book.add_lines("Hinweise", ("Angabe", "Inhalt"), lines)
    return book.bytes()


def to_template(
    title: str,
    columns: Sequence[TemplateColumn],
    *,
    date: dt.date,
    rows: Sequence[Sequence[Value]] = (),
    lines: Iterable[tuple[str, str]] = (),
) -> bytes:
    """A workbook to fill in and upload: protected head, dropdowns, `rows` filled in already.

    The sample stands on the sheet "Hinweise": a sample row among the data would be uploaded as data.
    """
    book = _Book(date)
    book.add_template(title, columns, rows)
    explained = [
        (
            column.header,
            f"{column.meaning} ({'Pflichtangabe' if column.required else 'freiwillig'})",
            column.sample,
        )
        for column in columns
    ]
    book.add_lines("Hinweise", ("Spalte", "Bedeutung", "Beispiel"), [*explained, *lines])
    book.add_lists(columns)
    return book.bytes()


def csv_response(sheet: Sheet, name: str) -> HttpResponse:
    """The table as a download `name`.csv."""
    return download(to_csv(sheet), f"{name}.csv", "text/csv; charset=utf-8")


def xlsx_response(sheets: Sheet | Sequence[Sheet], notes: Notes, name: str) -> HttpResponse:
    """The tables as a download `name`.xlsx."""
    return download(to_xlsx(sheets, notes), f"{name}.xlsx", XLSX_TYPE)


def download(content: bytes, filename: str, content_type: str) -> HttpResponse:
    """A file to be saved, never shown: umlauts in the name as RFC 5987 wants them, no guessing of its type."""
    safe_name = re.sub(r"[^\w .()+,-]", "-", filename)
    return HttpResponse(
        content,
        content_type=content_type,
        headers={
            "Content-Disposition": content_disposition_header(as_attachment=True, filename=safe_name) or "attachment",
            "X-Content-Type-Options": "nosniff",
        },
    )


def _harmless(text: str) -> str:
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def _csv_value(value: Value) -> str:
    if value is None:
        return ""
    if isinstance(value, str):
        return _harmless(value)
    if isinstance(value, dt.date):
        return format_date(value)
    return f"{_decimal(value):f}".replace(".", ",")


def _decimal(value: Decimal | float) -> Decimal:
    exact = value if isinstance(value, Decimal) else Decimal(str(value))
    if not exact.is_finite():
        raise ValueError(f"{value} is no number for a table")
    return exact or abs(exact)


class _Book:
    """An XlsxWriter workbook whose bytes depend on its contents alone."""

    def __init__(self, date: dt.date) -> None:
        self.file = io.BytesIO()
        self.book = xlsxwriter.Workbook(self.file, {"in_memory": True})
        self.book.set_properties({"created": dt.datetime.combine(date, dt.time())})
        self.formats: dict[tuple[str, ...], Any] = {}

    def bytes(self) -> bytes:
        self.book.close()
        return self.file.getvalue()

    def style(self, **properties: Any) -> Any:
        key = tuple(f"{name}={value}" for name, value in sorted(properties.items()))
        if key not in self.formats:
            self.formats[key] = self.book.add_format(properties)
        return self.formats[key]

    def add_sheet(self, title: str) -> Any:
        # Excel forbids these signs and more than 31.
        page = self.book.add_worksheet(re.sub(r"[\[\]:*?/\\']", "-", title)[:31])
        page.set_landscape()
        page.set_paper(9)
        page.fit_to_pages(1, 0)
        page.repeat_rows(0)
        page.freeze_panes(1, 0)
        return page

    def add_table(self, sheet: Sheet) -> None:
        page = self.add_sheet(sheet.title)
        for place, column in enumerate(sheet.columns):
            page.write_string(0, place, column.header, self.style(**_HEAD, align=_align(column)))
            page.set_column(place, place, column.width or _width(column, [row[place] for row in sheet.rows]))
        for number, row in enumerate(sheet.rows, start=1):
            self.write_row(page, number, sheet.columns, row)
        page.autofilter(0, 0, max(1, len(sheet.rows)), len(sheet.columns) - 1)
        if sheet.total is not None:
            self.write_row(page, len(sheet.rows) + 1, sheet.columns, sheet.total, bold=True, top=1)

    def write_row(self, page: Any, number: int, columns: Sequence[Column], row: Sequence[Value], **look: Any) -> None:
        for place, (column, value) in enumerate(zip(columns, row, strict=True)):
            self.write(page, number, place, column, value, look)

    def write(self, page: Any, row: int, place: int, column: Column, value: Value, look: dict[str, Any]) -> None:
        if value is None:
            page.write_blank(row, place, None, self.style(**look))
        elif isinstance(value, str):
            page.write_string(row, place, value, self.style(align=_align(column), **look))
        elif isinstance(value, dt.date):
            page.write_datetime(row, place, value, self.style(num_format=_NUMBER_FORMATS["date"], **look))
        else:
            exact = _decimal(value)
            stored = exact / 100 if column.kind == "percent" else exact
            page.write_number(row, place, float(stored), self.style(num_format=_number_format(column), **look))

    def add_lines(self, title: str, heads: Sequence[str], lines: Iterable[Sequence[str]]) -> None:
        page = self.add_sheet(title)
        page.set_column(0, 0, 30)
        page.set_column(1, len(heads) - 1, 70)
        for place, head in enumerate(heads):
            page.write_string(0, place, head, self.style(**_HEAD))
        for number, line in enumerate(lines, start=1):
            for place, text in enumerate(line):
                page.write_string(number, place, text, self.style(text_wrap=True, valign="top", bold=place == 0))

    def add_template(self, title: str, columns: Sequence[TemplateColumn], rows: Sequence[Sequence[Value]]) -> None:
        page = self.add_sheet(title)
        page.protect(
            "",
            {"format_columns": True, "format_rows": True, "insert_rows": True, "delete_rows": True, "sort": True},
        )
        plain = [Column(column.header, column.kind, column.width) for column in columns]
        for place, column in enumerate(columns):
            page.write_string(0, place, column.header, self.style(**_HEAD, align=_align(column)))
            look = self.style(locked=False, num_format=_number_format(plain[place]))
            page.set_column(place, place, column.width or _width(plain[place], [column.sample, *column.choices]), look)
            if column.choices:
                letter = xlsxwriter.utility.xl_col_to_name(place)
                page.data_validation(
                    1,
                    place,
                    _ROWS_IN_TEMPLATE - 1,
                    place,
                    {
                        "validate": "list",
                        "source": f"=Listen!${letter}$2:${letter}${len(column.choices) + 1}",
                        "error_title": "Bitte aus der Liste wählen",
                        "error_message": f"„{column.header}“ kennt diesen Wert nicht.",
                    },
                )
        for number, row in enumerate(rows, start=1):
            self.write_row(page, number, plain, row, locked=False)

    def add_lists(self, columns: Sequence[TemplateColumn]) -> None:
        # On a sheet of their own: a list inside the cell's rule may hold 255 signs only.
        if any(column.choices for column in columns):
            page = self.add_sheet("Listen")
            page.hide()
            for place, column in enumerate(columns):
                for number, choice in enumerate((column.header, *column.choices)):
                    page.write_string(number, place, choice)


def _align(column: Column | TemplateColumn) -> str:
    return "left" if column.kind in ("text", "date") else "right"


def _number_format(column: Column) -> str:
    pattern = _NUMBER_FORMATS[column.kind]
    if column.places is None:
        return pattern
    places = "." + "0" * column.places if column.places else ""
    return re.sub(r"0(?:\.0+)?(?!#)", "0" + places, pattern, count=1)


def _width(column: Column, values: Iterable[Value]) -> float:
    shown = [
        value if isinstance(value, str) else format_number(value, 2) + "  €"
        for value in values
        if value is not None and not isinstance(value, dt.date)
    ]
    longest = max((len(line) for text in [column.header, *shown] for line in text.split("\n")), default=0)
    return min(60, max(10, longest + 2))
