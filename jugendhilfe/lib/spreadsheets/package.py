"""Weighs an .xlsx before anything parses it: what it contains, and how much really comes out of it."""

import re
import zipfile
import zlib
from typing import IO

from jugendhilfe.lib.spreadsheets.table import SpreadsheetError

MAX_PARTS = 200
MAX_PART_BYTES = 48 << 20
MAX_UNPACKED_BYTES = 64 << 20
# 5,000 × 60 different texts have 1.2 million elements; a small file can hold many more and keep a parser busy.
MAX_ELEMENTS = 1_500_000
CHUNK = 1 << 16

COPY = "Bitte kopieren Sie nur die Tabelle in eine neue Datei, speichern Sie sie als .xlsx und laden Sie diese hoch."
DAMAGED = (
    "Die Datei ist beschädigt. Bitte öffnen Sie sie in Excel, speichern Sie sie neu als .xlsx und laden Sie sie hoch."
)
TOO_BIG = f"Die Datei ist entpackt zu groß. {COPY}"
UNUSUAL = f"Die Datei enthält Angaben, die Excel nie schreibt. {COPY}"
DANGEROUS = f"Die Datei enthält Makros oder eingebettete Objekte. {COPY}"
NOT_EXCEL = "Die Datei ist keine Excel-Arbeitsmappe. Bitte speichern Sie die Tabelle als „Excel-Arbeitsmappe (.xlsx)“."

_DANGEROUS_NAME = re.compile(
    r"vbaproject|/activex|/embeddings/|/macrosheets/|/dialogsheets/|\.bin\.rels$", re.IGNORECASE
)
_OTHER_ENCODING = re.compile(rb"^[^>]{0,200}encoding\s*=\s*[\"'](?!utf-8[\"'])", re.IGNORECASE)


def check_package(file: IO[bytes]) -> None:
    """Refuses with SpreadsheetError what openpyxl should never see; reads at most MAX_UNPACKED_BYTES."""
    # Before zipfile looks: it would build an object for each of a hundred thousand parts.
    if _count(file, b"PK\x01\x02") > MAX_PARTS:
        raise SpreadsheetError(TOO_BIG)
    try:
        with zipfile.ZipFile(file) as package:
            _check_names([part.filename for part in package.infolist()])
            _check_parts(package)
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, ValueError, NotImplementedError, RuntimeError):
        raise SpreadsheetError(DAMAGED) from None


def _count(file: IO[bytes], mark: bytes) -> int:
    file.seek(0)
    count, tail = 0, b""
    while chunk := file.read(CHUNK):
        window = tail + chunk
        count += window.count(mark)
        tail = window[-(len(mark) - 1) :]
    return count


def _check_names(names: list[str]) -> None:
    if any(_DANGEROUS_NAME.search(name) for name in names):
        raise SpreadsheetError(DANGEROUS)
    if len({name.casefold() for name in names}) != len(names):
        raise SpreadsheetError(UNUSUAL)
    if any(name.startswith("/") or "\\" in name or ":" in name or ".." in name.split("/") for name in names):
        raise SpreadsheetError(UNUSUAL)
    if "[Content_Types].xml" not in names or "xl/workbook.xml" not in names:
        raise SpreadsheetError(NOT_EXCEL)


def _check_parts(package: zipfile.ZipFile) -> None:
    unpacked = elements = 0
    for part in package.infolist():
        # LZMA and the like would reserve the memory that the file asks for.
        if part.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED) or part.flag_bits & 1:
            raise SpreadsheetError(UNUSUAL)
        is_xml = part.filename.endswith((".xml", ".rels", ".vml"))
        size, tail = 0, b""
        with package.open(part) as stream:
            while chunk := stream.read(CHUNK):  # counted as it comes out: the sizes in the header may lie
                if not size and is_xml and _OTHER_ENCODING.search(chunk):
                    raise SpreadsheetError(UNUSUAL)
                size += len(chunk)
                unpacked += len(chunk)
                if size > MAX_PART_BYTES or unpacked > MAX_UNPACKED_BYTES:
                    raise SpreadsheetError(TOO_BIG)
                window = tail + chunk
                # Excel never writes either; a NUL in XML means UTF-16, which would hide a DOCTYPE.
                if b"<!DOCTYPE" in window or b"<!ENTITY" in window or (is_xml and b"\0" in chunk):
                    raise SpreadsheetError(UNUSUAL)
                if part.filename == "[Content_Types].xml" and b"macroEnabled" in window:
                    raise SpreadsheetError(DANGEROUS)
                tail = window[-16:]
                elements += chunk.count(b"<") - chunk.count(b"</")
                if elements > MAX_ELEMENTS:
                    raise SpreadsheetError(TOO_BIG)
