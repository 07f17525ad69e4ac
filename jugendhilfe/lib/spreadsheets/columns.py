"""Table → values by declared columns; every error names its cell as a person would look for it."""

import difflib
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from typing import Any, Final

from jugendhilfe.lib.numbers import Parsed, ParsedNumber, parse_decimal, parse_percent
from jugendhilfe.lib.spreadsheets.table import Table, cell_name, column_letter

# Titles above the head ("Kosten 2026", source, date) are common; a head below the twentieth row is not.
HEADER_ROWS = 20
MAX_ERRORS = 200


@dataclass(frozen=True)
class Column:
    """A column to be read.

    key: name of the value in Row; title: the head in file and messages; synonyms: other heads that mean the same;
    parse: text of the cell → value, ValueError with a German sentence where it does not fit (a Parsed is unwrapped);
    required: the column must be there; blank: its cells may be empty (value None).
    """

    key: str
    title: str
    parse: Callable[[str], Any]
    required: bool = True
    blank: bool = False
    synonyms: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class CellError:
    """What is wrong where; without a column the error is of the row, without a row of the table."""

    message: str
    row: int | None = None
    column: int | None = None
    title: str = ""

    @property
    def cell(self) -> str:
        """C7, to link to; empty for an error of a row or of the table."""
        return cell_name(self.row, self.column) if self.row and self.column else ""

    def __str__(self) -> str:
        if self.row is None:
            return self.message
        if self.column is None:
            return f"Zeile {self.row}: {self.message}"
        return f"Zeile {self.row}, Spalte {column_letter(self.column)} „{self.title}“: {self.message}"


@dataclass(frozen=True, slots=True)
class Header:
    """Where the columns stand: row of the head, place of each key, and heads that nobody asked for."""

    row: int
    places: Mapping[str, int]
    titles: Mapping[str, str]
    ignored: tuple[str, ...] = ()

    def error(self, row: int, key: str, message: str) -> CellError:
        """An error of one cell, found by a check of the caller (an unknown key, a sum that does not fit)."""
        return CellError(message, row, self.places.get(key), self.titles.get(key, ""))


@dataclass(frozen=True, slots=True)
class Row:
    """Values of one row by key; `number` as in the file, `echoes` say how ambiguous input was understood."""

    number: int
    values: Mapping[str, Any]
    header: Header = field(repr=False)
    echoes: Mapping[str, str] = field(default_factory=dict)

    def __getitem__(self, key: str) -> Any:
        return self.values.get(key)

    def error(self, key: str, message: str) -> CellError:
        """An error of this row's cell under `key`."""
        return self.header.error(self.number, key, message)


def read_rows(
    table: Table, columns: Sequence[Column], header: Header | None = None
) -> tuple[list[Row], list[CellError]]:
    """All rows below the head, those with an error left out; `header` overrides the search (a mapping made by hand)."""
    errors: list[CellError] = []
    if header is None:
        header, errors = find_header(table, columns)
        if header is None:
            return [], errors
    rows: list[Row] = []
    for number in range(header.row + 1, len(table.rows) + 1):
        if not any(table.cell(number, place).text for place in header.places.values()):
            continue
        row, found = _read_row(table, number, columns, header)
        if not found:
            rows.append(row)
        errors += found
        if len(errors) > MAX_ERRORS:
            return rows, [*errors[:MAX_ERRORS], CellError("Die Prüfung endet hier: Es gibt zu viele Fehler.")]
    if not rows and not errors:
        errors.append(CellError("Unter der Kopfzeile stehen keine Daten."))
    return rows, errors


def find_header(table: Table, columns: Sequence[Column]) -> tuple[Header | None, list[CellError]]:
    """The row among the first ones that matches most columns; errors name missing and double columns."""
    wanted = {normalised(name): column for column in columns for name in (column.title, *column.synonyms)}

    def matches(row: int) -> list[tuple[int, str, Column | None]]:
        heads = [(place, cell.text) for place, cell in enumerate(table.rows[row - 1], start=1) if cell.text]
        return [(place, text, wanted.get(normalised(text))) for place, text in heads]

    def hits(row: int) -> int:
        return len({column.key for _, _, column in matches(row) if column})

    best = max(range(1, min(len(table.rows), HEADER_ROWS) + 1), key=hits, default=1)
    places: dict[str, int] = {}
    ignored: list[str] = []
    errors: list[CellError] = []
    for place, text, column in matches(best) if table.rows else []:
        if column is None:
            ignored.append(text)
        elif column.key in places:
            errors.append(CellError("Diese Spalte kommt doppelt vor. Bitte löschen Sie eine.", best, place, text))
        else:
            places[column.key] = place
    errors += [
        CellError(f"Die Spalte „{column.title}“ fehlt.{_similar(column.title, ignored)}")
        for column in columns
        if column.required and column.key not in places
    ]
    if errors:
        return None, errors
    return Header(best, places, {column.key: column.title for column in columns}, tuple(ignored)), []


def _read_row(table: Table, number: int, columns: Sequence[Column], header: Header) -> tuple[Row, list[CellError]]:
    values: dict[str, Any] = {}
    echoes: dict[str, str] = {}
    errors: list[CellError] = []
    for column in columns:
        if column.key not in header.places:
            values[column.key] = None
            continue
        cell = table.cell(number, header.places[column.key])
        try:
            if cell.kind == "error":
                raise ValueError(f"Hier steht der Excel-Fehler {cell.text}. Bitte berichtigen Sie die Formel.")
            if not cell.text and column.blank:
                values[column.key] = None
                continue
            if not cell.text:
                raise ValueError("Hier fehlt ein Wert.")
            value = column.parse(cell.text)
        except ValueError as error:
            errors.append(header.error(number, column.key, str(error)))
            continue
        if isinstance(value, Parsed):
            if value.echo:
                echoes[column.key] = value.echo
            value = value.value
        values[column.key] = value
    return Row(number, values, header, echoes), errors


def normalised(text: str) -> str:
    """What of a head counts: letters and digits, umlauts spelled out, no case: "Träger (Name)" → "traegername"."""
    spelled = text.casefold().replace("ä", "ae").replace("ö", "oe").replace("ü", "ue")
    return re.sub(r"[^a-z0-9€%§]", "", spelled)


def _similar(text: str, candidates: Iterable[str]) -> str:
    by_form = {normalised(candidate): candidate for candidate in candidates}
    close = difflib.get_close_matches(normalised(text), by_form, n=1, cutoff=0.6)
    return f" Meinten Sie „{by_form[close[0]]}“?" if close else ""


# Parsers for cells


def parse_text(text: str) -> str:
    """The text itself, spaces and line breaks made single spaces."""
    return " ".join(text.split())


def one_of[T](options: Mapping[str, T]) -> Callable[[str], T]:
    """A parser for names: case, umlauts and signs do not matter; an unknown name gets the nearest as a suggestion."""
    by_form = {normalised(name): value for name, value in options.items()}

    def parse(text: str) -> T:
        try:
            return by_form[normalised(text)]
        except KeyError:
            raise ValueError(f"„{text[:40]}“ ist hier nicht bekannt.{_similar(text, options)}") from None

    return parse


class Secret(Enum):
    """A value that the statistical office keeps secret."""

    KEPT = "geheim gehalten"


SECRET: Final = Secret.KEPT


def parse_statistic(text: str) -> ParsedNumber | Secret | None:
    """A cell of official statistics: "*", ".", "x", "/" are kept secret, "-" is zero, empty is missing."""
    mark = text.strip()
    if not mark:
        return None
    if mark in ("*", ".", "x", "X", "/"):
        return SECRET
    if mark in ("-", "–", "−"):
        return Parsed(Decimal(0))
    return (parse_percent if "%" in mark else parse_decimal)(mark)
