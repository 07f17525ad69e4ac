"""A table is handed in on one page, checked on the next and saved only when it is taken over there.

Between the two pages its bytes lie in the cache: shared by all processes and hosts, forgotten by itself, and found only
by the person who handed them in. A wrong file, perhaps with names in it, leaves no trace that way; an append-only
table would keep it for ever. At the take-over the bytes are read and checked once more, so what is saved is never
what a browser sent back.
"""

import hashlib
import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import IO, Any, NamedTuple

from django import forms
from django.core.cache import cache
from django.core.exceptions import RequestDataTooBig, ValidationError
from django.core.files.uploadhandler import FileUploadHandler
from django.http import QueryDict
from django.utils.datastructures import MultiValueDict

from jugendhilfe.lib.spreadsheets import (
    MAX_BYTES,
    CellError,
    Row,
    SpreadsheetError,
    Table,
    cell_name,
    read_pasted,
    read_upload,
)

DRAFT_SECONDS = 2 * 60 * 60
LARGEST_REQUEST = 2 * MAX_BYTES
"""In bytes. A file a little too large is told so by its form."""
FIRST_ROWS = 3


class LimitedUpload(FileUploadHandler):
    """Turns a request away before Django stores its files: it does so for everybody, also without a sign-in."""

    def handle_raw_input(
        self,
        input_data: IO[bytes],
        META: dict[str, str],  # noqa: N803 Django's name
        content_length: int,
        boundary: str,
        encoding: str | None = None,
    ) -> tuple[QueryDict, MultiValueDict[str, Any]] | None:
        if content_length > LARGEST_REQUEST:
            raise RequestDataTooBig("The request is larger than any table that is taken.")
        return None

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes:
        return raw_data

    def file_complete(self, file_size: int) -> None:
        return None


@dataclass(frozen=True, slots=True)
class Draft:
    """What was handed in and waits to be taken over; `key` is the SHA-256 of its bytes."""

    key: str
    name: str
    content: bytes
    pasted: bool = False

    def read(self, sheet: str | None = None) -> Table:
        """The table in it; SpreadsheetError where the file cannot be taken."""
        if self.pasted:
            return read_pasted(self.content.decode())
        return read_upload(io.BytesIO(self.content), self.name, sheet=sheet)


def keep_draft(draft: Draft, *, owner: int, purpose: str) -> None:
    """Keep it for `owner` (key of a user); `purpose` names the page it is meant for, such as "amounts/2026"."""
    cache.set(_place(draft.key, owner, purpose), (draft.name, draft.content, draft.pasted), DRAFT_SECONDS)


def find_draft(key: str, *, owner: int, purpose: str) -> Draft | None:
    """The draft of this person; None where it was taken over, has run out or is somebody else's."""
    found: tuple[str, bytes, bool] | None = cache.get(_place(key, owner, purpose))
    return Draft(key, *found) if found else None


def drop_draft(draft: Draft, *, owner: int, purpose: str) -> None:
    cache.delete(_place(draft.key, owner, purpose))


def _place(key: str, owner: int, purpose: str) -> str:
    return hashlib.sha256(f"upload {owner} {purpose} {key}".encode()).hexdigest()


class UploadForm(forms.Form):
    """A file or cells copied from Excel; after `is_valid()` what came is in `draft`, and it is a readable table."""

    file = forms.FileField(
        label="Datei",
        required=False,
        help_text=f"Excel (.xlsx) oder CSV, höchstens {MAX_BYTES >> 20} MB.",
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.tsv,.txt"}),
    )
    pasted = forms.CharField(
        label="Oder aus Excel eingefügt",
        required=False,
        strip=False,
        help_text="In Excel mit der Kopfzeile markieren, kopieren und hier einfügen.",
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    draft: Draft

    def clean(self) -> dict[str, Any]:
        data = super().clean() or {}
        file, text = data.get("file"), data.get("pasted", "")
        if self.errors:
            return data
        if bool(file) == bool(text.strip()):
            raise ValidationError(
                "Bitte nehmen Sie nur eines von beiden: Datei oder eingefügte Tabelle."
                if file
                else "Bitte wählen Sie eine Datei oder fügen Sie eine Tabelle ein."
            )
        try:
            self.draft = _read_file(file) if file else _read_text(text)
        except SpreadsheetError as error:
            self.add_error("file" if file else "pasted", str(error))
        return data


def _read_file(file: Any) -> Draft:
    name = str(file.name)[-200:]
    table = read_upload(file, name)
    file.seek(0)
    return Draft(table.sha256, name, file.read())


def _read_text(text: str) -> Draft:
    table = read_pasted(text)
    return Draft(table.sha256, table.name, text.encode("utf-8", errors="replace"), pasted=True)


class ShownCell(NamedTuple):
    name: str
    text: str
    wrong: bool


class ShownRow(NamedTuple):
    number: int
    cells: list[ShownCell]


class Reading(NamedTuple):
    """How a number that could be read in two ways was understood."""

    cell: str
    title: str
    echo: str


@dataclass(frozen=True, slots=True)
class Check:
    """What the check page says about a file: `rows` as read, `errors` by cell."""

    table: Table
    rows: Sequence[Row] = ()
    errors: Sequence[CellError] = ()

    @property
    def readings(self) -> list[Reading]:
        return [
            Reading(cell_name(row.number, row.header.places[key]), row.header.titles[key], echo)
            for row in self.rows
            for key, echo in row.echoes.items()
        ]

    @property
    def shown_rows(self) -> list[ShownRow]:
        """The first rows of the file and those with errors, as they stood there."""
        wrong = {error.cell for error in self.errors}
        first = range(1, min(FIRST_ROWS, len(self.table.rows)) + 1)
        numbers = sorted({*first, *(error.row for error in self.errors if error.row)})
        width = max((len(self.table.rows[number - 1]) for number in numbers), default=0)
        return [
            ShownRow(
                number,
                [
                    ShownCell(name := cell_name(number, place), self.table.cell(number, place).text, name in wrong)
                    for place in range(1, width + 1)
                ],
            )
            for number in numbers
        ]

    @property
    def facts(self) -> list[tuple[str, str]]:
        """Where the table came from, for the head of the page."""
        facts = [("Quelle", self.table.name), ("Gelesen als", self.table.encoding)]
        if self.table.sheet:
            facts.append(("Blatt", self.table.sheet))
        return [*facts, ("Prüfsumme (SHA-256)", f"{self.table.sha256[:16]}…")]

    @property
    def other_sheets(self) -> list[str]:
        return [name for name in self.table.sheets if name != self.table.sheet]
