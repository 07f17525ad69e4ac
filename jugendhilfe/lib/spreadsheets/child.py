"""Parses one untrusted table in a process of its own: file on standard input, JSON on standard output.

Started by `reader.py` as a plain script, so it may import the standard library and openpyxl, nothing of this project.
Answer: {"encoding", "sheet", "sheets", "decimal_point", "rows"} or {"error": German sentence}. A cell is null (empty),
a text or [kind, text, is formula]; rows and cells keep their place: their number in the file is the index plus one.
"""

import csv
import datetime as dt
import io
import json
import re
import resource
import sys
from decimal import Context
from itertools import islice
from typing import IO, Any
from xml.parsers import expat

type Cell = str | list[str | bool] | None
type Limits = dict[str, Any]
type Answer = dict[str, Any]

SAVE_AGAIN = (
    "Bitte öffnen Sie die Tabelle in Excel oder LibreOffice, speichern Sie sie neu als .xlsx und laden Sie sie hoch."
)
SPLIT = "Bitte teilen Sie die Tabelle auf oder löschen Sie, was nicht dazugehört."
DAMAGED = f"Die Datei ist beschädigt. {SAVE_AGAIN}"


class Refused(Exception):
    """The table cannot be taken; the message is a German sentence that says what to do."""


def main() -> None:
    limits: Limits = json.loads(sys.argv[1])
    for kind, limit in (
        (resource.RLIMIT_AS, limits["memory"]),
        (resource.RLIMIT_CPU, limits["seconds"]),
        (resource.RLIMIT_FSIZE, limits["answer"]),
        (resource.RLIMIT_CORE, 0),
    ):
        resource.setrlimit(kind, (limit, limit))
    read = read_workbook if limits["workbook"] else read_text
    try:
        answer = read(sys.stdin.buffer, limits)
        if not answer["rows"]:
            raise Refused("Die Tabelle ist leer. Bitte prüfen Sie, ob Datei und Blatt die richtigen sind.")
    except Refused as refusal:
        answer = {"error": str(refusal)}
    except MemoryError:
        answer = {"error": f"Die Datei ist zu groß, um sie sicher zu lesen. {SPLIT}", "cause": "MemoryError"}
    except Exception as error:  # noqa: BLE001 a parser may fail in any way on a crafted file
        # The name only: the message may repeat the file.
        answer = {"error": DAMAGED, "cause": type(error).__name__}
    json.dump(answer, sys.stdout, ensure_ascii=False, separators=(",", ":"))


class Grid:
    """Collects cells in the order of the file and refuses what is too much."""

    def __init__(self, limits: Limits) -> None:
        self.limits = limits
        self.rows: list[list[Cell]] = []
        self.row = 0
        self.visited = 0
        self.characters = 0

    def start_row(self, row: int) -> None:
        if row <= self.row:
            raise Refused(DAMAGED)
        self.row = row
        self.visited += 1
        if self.visited > self.limits["visited_rows"]:
            raise Refused(self.too_many("rows", "Zeilen, leere mitgezählt"))

    def add(self, column: int, cell: Cell) -> None:
        if cell is None:
            return
        if self.row > self.limits["rows"]:
            raise Refused(self.too_many("rows", "Zeilen"))
        if column > self.limits["columns"]:
            raise Refused(self.too_many("columns", "Spalten"))
        self.count(len(cell if isinstance(cell, str) else str(cell[1])))
        if len(self.rows) < self.row:
            self.rows += [[] for _ in range(self.row - len(self.rows))]
        line = self.rows[self.row - 1]
        if column <= len(line):
            raise Refused(DAMAGED)
        line += [None] * (column - 1 - len(line))
        line.append(cell)

    def count(self, length: int) -> None:
        if length > self.limits["cell"]:
            raise Refused(self.too_long())
        self.characters += length
        if self.characters > self.limits["characters"]:
            raise Refused(f"Die Tabelle enthält zu viel Text. {SPLIT}")

    def too_long(self) -> str:
        return f"Zeile {self.row} enthält eine Zelle mit mehr als {grouped(self.limits['cell'])} Zeichen. Bitte kürzen."

    def too_many(self, limit: str, what: str) -> str:
        return f"Die Tabelle hat mehr als {grouped(self.limits[limit])} {what}. {SPLIT}"


def grouped(count: int) -> str:
    return f"{count:,}".replace(",", ".")


# Excel: openpyxl reads workbook, styles and dates. Strings and cells are streamed here: exact digits instead of floats,
# formula and stored result in one pass, only rows that exist (openpyxl invents the million before a far corner).


def read_workbook(file: IO[bytes], limits: Limits) -> Answer:
    # openpyxl would load these for pictures and speed; here they cost memory and widen what an attacker can reach.
    for unneeded in ("numpy", "lxml", "PIL"):
        sys.modules[unneeded] = None  # type: ignore[assignment]
    import warnings

    from openpyxl.reader.excel import ExcelReader
    from openpyxl.worksheet._read_only import ReadOnlyWorksheet
    from openpyxl.xml.constants import SHARED_STRINGS

    warnings.simplefilter("ignore")
    # Otherwise every sheet is searched for its dimensions, to its end if need be, only for us to distrust them.
    ReadOnlyWorksheet._get_size = lambda self: None

    class Reader(ExcelReader):  # type: ignore[misc]
        def read_strings(self) -> None:
            part = self.package.find(SHARED_STRINGS)
            if part is not None:
                with self.archive.open(part.PartName.removeprefix("/")) as stream:
                    self.shared_strings = StringReader(stream).strings

    reader = Reader(file, read_only=True, data_only=True, keep_links=False)
    reader.read()
    book = reader.wb
    sheets = [sheet for sheet in book.worksheets if sheet.sheet_state == "visible"]
    sheet = next((sheet for sheet in sheets if limits["sheet"] in (None, sheet.title)), None)
    if sheet is None:
        raise Refused(f"Die Datei enthält das gewünschte Tabellenblatt nicht. {SAVE_AGAIN}")
    grid = Grid(limits)
    with reader.archive.open(sheet._worksheet_path) as stream:
        uncached = SheetReader(stream, grid, reader.shared_strings, Styles(book)).uncached
    if uncached:
        more = f" und {len(uncached) - 3} weiteren Zellen" if len(uncached) > 3 else ""
        raise Refused(
            f"Für die Formel in {', '.join(uncached[:3])}{more} ist kein Ergebnis gespeichert. {SAVE_AGAIN} "
            "Oder ersetzen Sie die Formeln durch ihre Werte."
        )
    titles = [sheet.title for sheet in sheets]
    return {"encoding": "Excel", "sheet": sheet.title, "sheets": titles, "decimal_point": False, "rows": grid.rows}


class Styles:
    """Which cell styles make a number a date or a percentage."""

    def __init__(self, book: Any) -> None:
        from openpyxl.styles.numbers import BUILTIN_FORMATS
        from openpyxl.utils import get_column_letter
        from openpyxl.utils.datetime import from_excel

        self.letters = get_column_letter
        self.convert, self.epoch = from_excel, book.epoch
        self.dates, self.durations = book._date_formats, book._timedelta_formats
        formats = BUILTIN_FORMATS | dict(enumerate(book._number_formats, 164))
        self.percents = {
            index for index, style in enumerate(book._cell_styles) if "%" in formats.get(style.numFmtId, "")
        }

    def date(self, raw: str, style: int) -> str:
        moment = self.convert(float(raw), self.epoch, timedelta=style in self.durations)
        if isinstance(moment, dt.datetime):
            return f"{moment:%d.%m.%Y}" if moment.time() == dt.time() else f"{moment:%d.%m.%Y %H:%M}"
        return f"{moment:%d.%m.%Y}" if isinstance(moment, dt.date) else str(moment)


NAMESPACES = (
    "http://schemas.openxmlformats.org/spreadsheetml/2006/main",
    "http://purl.oclc.org/ooxml/spreadsheetml/main",
)
TAGS = {f"{namespace} {tag}": tag for namespace in NAMESPACES for tag in ("row", "c", "v", "f", "t", "si", "rPh")}


class PartReader:
    """Streams one XML part; keeps no tree, so depth and number of elements cost no memory."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.text: list[str] = []
        self.length = 0
        self.capturing = False
        parser = expat.ParserCreate(namespace_separator=" ")
        parser.buffer_text = True
        parser.StartElementHandler = self.start
        parser.EndElementHandler = self.end
        parser.CharacterDataHandler = self.characters
        parser.StartDoctypeDeclHandler = self.doctype
        parser.ParseFile(stream)

    def start(self, name: str, attributes: dict[str, str]) -> None: ...

    def end(self, name: str) -> None: ...

    def characters(self, data: str) -> None:
        if self.capturing:
            self.text.append(data)
            self.length += len(data)
            if self.length > 100_000:
                raise Refused(f"Eine Zelle enthält zu viel Text. {SPLIT}")

    def doctype(self, *_: object) -> None:
        raise Refused(DAMAGED)

    def take(self) -> str:
        """What was captured; line breaks and the like are written as _x000D_."""
        text = "".join(self.text)
        self.text.clear()
        self.length = 0
        return re.sub("_x([0-9A-Fa-f]{4})_", unescaped, text) if "_x" in text else text


def unescaped(code: re.Match[str]) -> str:
    sign = chr(int(code[1], 16))
    return sign if sign.isprintable() or sign in "\t\r\n" else ""  # no NUL, no half of a surrogate pair


class StringReader(PartReader):
    """The shared strings of a workbook, without reading aids (rPh)."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.strings: list[str] = []
        self.in_aid = False
        super().__init__(stream)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        tag = TAGS.get(name)
        if tag == "t":
            self.capturing = not self.in_aid
        elif tag == "rPh":
            self.in_aid = True

    def end(self, name: str) -> None:
        tag = TAGS.get(name)
        if tag == "t":
            self.capturing = False
        elif tag == "rPh":
            self.in_aid = False
        elif tag == "si":
            self.strings.append(self.take())


class SheetReader(PartReader):
    """The cells of a sheet into a grid; `uncached` names formulas that nobody has calculated yet."""

    def __init__(self, stream: IO[bytes], grid: Grid, strings: list[str], styles: Styles) -> None:
        self.grid, self.strings, self.styles = grid, strings, styles
        self.uncached: list[str] = []
        self.column = 0
        self.kind, self.style, self.formula = "n", 0, False
        self.columns: dict[str, int] = {}
        super().__init__(stream)

    def start(self, name: str, attributes: dict[str, str]) -> None:
        tag = TAGS.get(name)
        if tag == "c":
            place = attributes.get("r")
            self.column = self.column_of(place.rstrip("0123456789")) if place else self.column + 1
            self.kind, self.style, self.formula = attributes.get("t", "n"), int(attributes.get("s", 0)), False
        elif tag in ("v", "t"):
            self.capturing = True
        elif tag == "f":
            self.formula = True
        elif tag == "row":
            self.grid.start_row(int(attributes.get("r", self.grid.row + 1)))
            self.column = 0

    def end(self, name: str) -> None:
        tag = TAGS.get(name)
        if tag == "c":
            self.grid.add(self.column, self.cell(self.take()))
        elif tag in ("v", "t"):
            self.capturing = False

    def column_of(self, letters: str) -> int:
        if letters not in self.columns:
            if not re.fullmatch("[A-Z]{1,3}", letters):
                raise Refused(DAMAGED)
            self.columns[letters] = sum(
                (ord(letter) - 64) * 26**place for place, letter in enumerate(reversed(letters))
            )
        return self.columns[letters]

    def cell(self, raw: str) -> Cell:
        # An empty result is one for a text formula; for any other it means that nobody has calculated yet.
        if self.formula and not raw and self.kind != "str":
            self.uncached.append(f"{self.styles.letters(self.column)}{self.grid.row}")
        if not raw:
            return None
        kind, text = "text", raw
        if self.kind == "n":
            kind, text = self.number(raw)
        elif self.kind == "s":
            text = self.strings[int(raw)]
        elif self.kind == "b":
            kind, text = "boolean", "WAHR" if raw == "1" else "FALSCH"
        elif self.kind == "e":
            kind = "error"
        elif self.kind == "d":
            kind, text = "date", f"{dt.datetime.fromisoformat(raw):%d.%m.%Y}"
        text = text.strip()
        if not text:
            return None
        return text if kind == "text" and not self.formula else [kind, text, self.formula]

    def number(self, raw: str) -> tuple[str, str]:
        if self.style in self.styles.dates:
            try:
                return "date", self.styles.date(raw, self.style)
            except (ValueError, OverflowError):
                return "error", "#####"  # what Excel shows for a day before 1900
        text = plain_number(raw)
        if text is None:
            return "text", raw
        return ("percent" if self.style in self.styles.percents else "number"), text


# Excel itself keeps 15 digits; what a float shows beyond them (0.30000000000000004) nobody has typed.
EXCEL_DIGITS = Context(prec=15)
NUMBER = re.compile(r"-?[0-9]{1,400}(?:\.[0-9]{1,400})?(?:[eE][+-]?[0-9]{1,4})?")


def plain_number(raw: str) -> str | None:
    """1.5E3 → 1500; None for what is no number or beyond 30 places."""
    if not NUMBER.fullmatch(raw):
        return None
    if len(raw) > 15 or "E" in raw or "e" in raw:
        value = EXCEL_DIGITS.create_decimal(raw)
        if not -30 < value.adjusted() < 30:
            return None
        raw = f"{value:f}"
    return raw.rstrip("0").rstrip(".") if "." in raw else raw


# CSV and pasted text


def read_text(file: IO[bytes], limits: Limits) -> Answer:
    text, encoding = decode(file.read())
    delimiter = "\t" if limits["pasted"] else find_delimiter(text)
    grid = Grid(limits)
    csv.field_size_limit(limits["cell"])
    reader = csv.reader(lines(text, grid), delimiter=delimiter)
    try:
        for row, cells in enumerate(reader, start=1):
            grid.start_row(row)
            for column, cell in enumerate(cells, start=1):
                grid.add(column, cell.strip() or None)
    except csv.Error:
        grid.row += 1
        raise Refused(f"{grid.too_long()} Vielleicht fehlt ein schließendes Anführungszeichen.") from None
    decimal_point = delimiter == "," and uses_decimal_point(grid.rows)
    if decimal_point:
        for line in grid.rows:
            for index, entry in enumerate(line):
                if isinstance(entry, str) and is_point_number(entry):
                    line[index] = ["number", entry, False]
    return {"encoding": encoding, "sheet": None, "sheets": [], "decimal_point": decimal_point, "rows": grid.rows}


def decode(data: bytes) -> tuple[str, str]:
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise Refused(
            "Die Datei ist in UTF-16 gespeichert. Bitte speichern Sie sie in Excel als „CSV UTF-8“ oder als .xlsx."
        )
    if b"\0" in data:
        raise Refused(
            "Die Datei ist keine Textdatei: Sie enthält Nullzeichen. Bitte speichern Sie die Tabelle neu als .xlsx."
        )
    for codec, name in (("utf-8-sig", "UTF-8"), ("cp1252", "Windows-1252")):
        try:
            return data.decode(codec), name
        except UnicodeDecodeError:
            continue
    raise Refused(
        "Die Zeichen der Datei sind nicht lesbar. Bitte speichern Sie die Tabelle als „CSV UTF-8“ oder als .xlsx."
    )


def lines(text: str, grid: Grid) -> io.StringIO:
    """The text as csv wants it; a line no permitted row can fill is refused before csv makes a million cells of it."""
    longest = grid.limits["columns"] * grid.limits["cell"]
    if any(len(line) > longest for line in re.split("[\r\n]+", text)):
        raise Refused(f"Eine Zeile der Datei ist länger als {grouped(longest)} Zeichen. {SPLIT}")
    return io.StringIO(text, newline="")


def find_delimiter(text: str) -> str:
    """The sign that cuts most of the first lines into the same number of columns; German files use the semicolon."""
    head = list(islice(io.StringIO(text[:20_000], newline=""), 50))

    def regular_rows(delimiter: str) -> int:
        widths = [len(row) for row in csv.reader(head, delimiter=delimiter) if row]
        return max((widths.count(width) for width in set(widths) if width > 1), default=0)

    return max(";\t,", key=regular_rows)


def is_point_number(cell: str) -> bool:
    # A leading zero makes it a key (033550001), not a number.
    return re.fullmatch(r"-?(?:0|[1-9][0-9]*)(?:\.[0-9]+)?", cell) is not None


def uses_decimal_point(rows: list[list[Cell]]) -> bool:
    """True with proof only: a number that can have no other reading, and none written the German way."""
    cells = [cell for row in rows for cell in row if isinstance(cell, str)]
    if any(re.fullmatch(r"-?[0-9.]*,[0-9]+", cell) for cell in cells):
        return False
    return any(re.fullmatch(r"-?(?:0\.[0-9]+|[0-9]+\.(?:[0-9]{1,2}|[0-9]{4,}))", cell) for cell in cells)


if __name__ == "__main__":
    main()
