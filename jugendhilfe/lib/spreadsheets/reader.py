"""Untrusted file or pasted text → Table. This process only weighs the file, `child.py` parses it within limits."""

import hashlib
import json
import logging
import subprocess
import sys
from decimal import Decimal
from pathlib import Path
from tempfile import TemporaryFile
from typing import IO, Any, Protocol

from jugendhilfe.lib.spreadsheets.package import check_package
from jugendhilfe.lib.spreadsheets.table import EMPTY, Cell, SpreadsheetError, Table

MAX_BYTES = 10 << 20
MAX_ROWS = 5_000
MAX_COLUMNS = 60
LIMITS = {
    "rows": MAX_ROWS,
    "columns": MAX_COLUMNS,
    "cell": 2_000,  # characters
    "characters": 5_000_000,
    "visited_rows": 4 * MAX_ROWS,  # empty rows below the table are common
    "memory": 512 << 20,
    "seconds": 5,
    "answer": 32 << 20,
}
WALL_SECONDS = 10
CHILD = Path(__file__).with_name("child.py")

SAVE_AS_WORKBOOK = "Bitte öffnen Sie die Tabelle in Excel oder LibreOffice und speichern Sie sie als .xlsx."
TOO_HARD = f"Die Datei ließ sich nicht sicher lesen, weil sie zu groß oder zu verschachtelt ist. {SAVE_AS_WORKBOOK}"

log = logging.getLogger(__name__)


class Upload(Protocol):
    """What is needed of an uploaded file (Django's UploadedFile has it)."""

    def read(self, size: int = ..., /) -> bytes: ...

    def seek(self, offset: int, /) -> int: ...


def read_upload(upload: Upload, name: str, *, sheet: str | None = None) -> Table:
    """Reads an .xlsx or .csv file; `sheet` names a sheet of the workbook (default: the first visible one)."""
    upload.seek(0)  # it may have been read before, to be kept
    with TemporaryFile() as file:
        digest = hashlib.sha256()
        for chunk in iter(lambda: upload.read(1 << 16), b""):
            digest.update(chunk)
            if file.write(chunk) and file.tell() > MAX_BYTES:
                raise SpreadsheetError(
                    f"Die Datei ist größer als {MAX_BYTES >> 20} MB. "
                    "Bitte laden Sie nur die Tabelle hoch, ohne Bilder und weitere Blätter."
                )
        size = file.tell()
        workbook = _is_workbook(file, name)
        answer = _ask_child(file, workbook=workbook, pasted=False, sheet=sheet)
    return _table(answer, name=name, size=size, sha256=digest.hexdigest())


def read_pasted(text: str) -> Table:
    """Reads cells copied from Excel: lines, columns divided by tabs."""
    data = text.encode("utf-8", errors="replace")
    if len(data) > MAX_BYTES:
        raise SpreadsheetError("Der eingefügte Text ist zu lang. Bitte laden Sie die Tabelle als Datei hoch.")
    with TemporaryFile() as file:
        file.write(data)
        answer = _ask_child(file, workbook=False, pasted=True, sheet=None)
    return _table(answer, name="Zwischenablage", size=len(data), sha256=hashlib.sha256(data).hexdigest())


def _is_workbook(file: IO[bytes], name: str) -> bool:
    file.seek(0)
    head = file.read(4096)
    if head.startswith(b"PK\x03\x04"):
        check_package(file)
        return True
    if head.startswith(b"\xd0\xcf\x11\xe0"):
        raise SpreadsheetError(
            "Die Datei ist eine alte Excel-Datei (.xls) oder mit einem Kennwort geschützt. "
            "Bitte speichern Sie sie in Excel ohne Kennwort als „Excel-Arbeitsmappe (.xlsx)“."
        )
    if head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith((b"<", b"%PDF", b"{\\rtf")):
        raise SpreadsheetError(
            f"„{name}“ ist keine Tabelle, sondern eine Webseite oder ein Dokument. "
            "Bitte öffnen Sie die Tabelle in Excel und speichern Sie sie als .xlsx."
        )
    if not name.lower().endswith((".csv", ".tsv", ".txt")):
        raise SpreadsheetError(f"„{name}“ ist keine Excel-Datei (.xlsx) und keine CSV-Datei. {SAVE_AS_WORKBOOK}")
    return False


def _ask_child(file: IO[bytes], *, workbook: bool, pasted: bool, sheet: str | None) -> dict[str, Any]:
    file.seek(0)
    with TemporaryFile() as answer_file:
        try:
            child = subprocess.run(  # noqa: S603 our own script; the file is its standard input
                [
                    sys.executable,
                    "-I",
                    str(CHILD),
                    json.dumps({**LIMITS, "workbook": workbook, "pasted": pasted, "sheet": sheet}),
                ],
                stdin=file,
                stdout=answer_file,
                stderr=subprocess.DEVNULL,
                # Nothing of the environment: it holds the keys of the application.
                env={"LC_ALL": "C.UTF-8"},
                timeout=WALL_SECONDS,
                check=False,
            )
        except subprocess.TimeoutExpired:
            log.warning("spreadsheet refused: no answer within %s s", WALL_SECONDS)
            raise SpreadsheetError(TOO_HARD) from None
        if child.returncode:
            log.warning("spreadsheet refused: reader ended with %s", child.returncode)
            raise SpreadsheetError(TOO_HARD)
        answer_file.seek(0)
        answer: dict[str, Any] = json.load(answer_file)
    if "error" in answer:
        if "cause" in answer:
            log.warning("spreadsheet refused: %s", answer["cause"])
        raise SpreadsheetError(answer["error"])
    return answer


def _table(answer: dict[str, Any], *, name: str, size: int, sha256: str) -> Table:
    return Table(
        rows=tuple(tuple(_cell(cell) for cell in row) for row in answer["rows"]),
        name=name,
        size=size,
        sha256=sha256,
        encoding=answer["encoding"],
        sheet=answer["sheet"],
        sheets=tuple(answer["sheets"]),
        decimal_point=answer["decimal_point"],
    )


def _cell(cell: str | list[Any] | None) -> Cell:
    if cell is None:
        return EMPTY
    if isinstance(cell, str):
        return Cell(cell, "text")
    kind, text, formula = cell
    if kind == "percent":
        text = f"{Decimal(text).scaleb(2).normalize():f}\u00a0%"
    if kind in ("number", "percent"):
        text = text.replace(".", ",")
    return Cell(text, kind, formula)
