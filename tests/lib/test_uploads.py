"""Handing in a table: what is kept between the pages, for whom, and what the check page shows of it."""

from django.core.files.uploadedfile import SimpleUploadedFile, UploadedFile
from django.utils.datastructures import MultiValueDict

from jugendhilfe.lib.numbers import parse_money
from jugendhilfe.lib.spreadsheets import Column, read_rows
from jugendhilfe.lib.uploads import Check, Draft, UploadForm, drop_draft, find_draft, keep_draft

CSV = "Sozialraum;Betrag\r\nHüttenbusch;1.234\r\nBrücken;12,5x\r\n"
COLUMNS = (Column("space", "Sozialraum", str), Column("amount", "Betrag", parse_money))


def form(content: bytes | None = None, *, name: str = "beträge.csv", pasted: str = "") -> UploadForm:
    files: MultiValueDict[str, UploadedFile] = MultiValueDict()
    if content is not None:
        files["file"] = SimpleUploadedFile(name, content)
    return UploadForm({"pasted": pasted}, files)


def draft_of(content: bytes) -> Draft:
    handed_in = form(content)
    assert handed_in.is_valid(), handed_in.errors
    return handed_in.draft


def test_a_file_and_pasted_cells_become_a_draft_that_reads_back() -> None:
    assert draft_of(CSV.encode()).read().cell(2, 1).text == "Hüttenbusch"
    pasted = form(pasted="Sozialraum\tBetrag\nBrücken\t12,50")
    assert pasted.is_valid()
    assert pasted.draft.read().cell(2, 2).text == "12,50"


def test_leading_empty_cells_of_pasted_text_keep_their_place() -> None:
    pasted = form(pasted="\tBetrag\nBrücken\t12,50")
    assert pasted.is_valid()
    assert pasted.draft.read().cell(1, 2).text == "Betrag"


def test_nothing_and_both_at_once_are_refused_in_german() -> None:
    assert form().errors["__all__"] == ["Bitte wählen Sie eine Datei oder fügen Sie eine Tabelle ein."]
    both = form(CSV.encode(), pasted="a\tb")
    assert both.errors["__all__"] == ["Bitte nehmen Sie nur eines von beiden: Datei oder eingefügte Tabelle."]


def test_a_file_that_is_no_table_is_an_error_of_its_field() -> None:
    assert "keine Tabelle" in form(b"%PDF-1.7 ...").errors["file"][0]
    assert "alte Excel-Datei" in form(b"\xd0\xcf\x11\xe0 ...", name="alt.xls").errors["file"][0]


def test_cp1252_is_read_and_named() -> None:
    table = draft_of(CSV.encode("cp1252")).read()
    assert table.cell(2, 1).text == "Hüttenbusch"
    assert ("Gelesen als", table.encoding) in Check(table).facts
    assert "1252" in table.encoding


def test_a_draft_is_found_by_its_owner_for_its_purpose_alone() -> None:
    draft = draft_of(CSV.encode())
    keep_draft(draft, owner=1, purpose="amounts/2026")
    assert find_draft(draft.key, owner=1, purpose="amounts/2026") == draft
    assert find_draft(draft.key, owner=2, purpose="amounts/2026") is None
    assert find_draft(draft.key, owner=1, purpose="amounts/2027") is None
    drop_draft(draft, owner=1, purpose="amounts/2026")
    assert find_draft(draft.key, owner=1, purpose="amounts/2026") is None


def test_the_check_names_readings_and_shows_the_rows_with_errors() -> None:
    table = draft_of(CSV.encode()).read()
    rows, errors = read_rows(table, COLUMNS)
    check = Check(table, rows, errors)
    assert [(reading.cell, reading.echo) for reading in check.readings] == [
        ("B2", "verstanden als 1.234,00\u00a0€"),
    ]
    assert [cell.name for row in check.shown_rows for cell in row.cells if cell.wrong] == ["B3"]
    assert [row.number for row in check.shown_rows] == [1, 2, 3]
