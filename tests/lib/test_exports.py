"""Tables that leave the house: CSV, Excel, templates."""

import datetime as dt
import io
import zipfile
from collections.abc import Callable
from decimal import Decimal

import openpyxl
import pytest

from jugendhilfe.lib.exports import (
    Column,
    Notes,
    Sheet,
    TemplateColumn,
    csv_response,
    to_csv,
    to_template,
    to_xlsx,
    xlsx_response,
)
from jugendhilfe.lib.spreadsheets import read_upload

NOTES = Notes("INKAR 2024, BBSR Bonn", dt.date(2026, 1, 31), "0.1.0", [("Filter", "Region 1")])
QUOTAS = Sheet(
    "Verteilung 2026/27",
    [
        Column("Sozialraum"),
        Column("Betrag", "euro"),
        Column("Faktor", "factor"),
        Column("Anteil in %", "percent"),
        Column("Einwohner", "integer"),
        Column("Stand", "date"),
    ],
    [
        ["Bleckede", Decimal("1480000.01"), Decimal("1.28607710"), Decimal("12.8"), 9694, dt.date(2025, 12, 31)],
        ["Süd; „neu“", Decimal("-5.00"), None, Decimal(0), 0, None],
    ],
    total=["Summe", Decimal("1479995.01"), None, None, 9694, None],
)


def opened(data: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(data))


def test_csv_is_what_a_german_excel_opens() -> None:
    data = to_csv(QUOTAS)
    assert data.startswith(b"\xef\xbb\xbf")
    assert data.decode("utf-8-sig").split("\r\n") == [
        "Sozialraum;Betrag;Faktor;Anteil in %;Einwohner;Stand",
        "Bleckede;1480000,01;1,28607710;12,8;9694;31.12.2025",
        '"Süd; „neu“";-5,00;;0;0;',
        "",
    ]


@pytest.mark.parametrize("start", ["=1+1", "+49 171", "-5", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1"])
def test_a_text_never_becomes_a_formula(start: str) -> None:
    sheet = Sheet("x", [Column(start), Column("Zahl", "number")], [[start, Decimal("-5")]])
    cells = read_upload(io.BytesIO(to_csv(sheet)), "x.csv").rows
    assert [cells[0][0].text[0], cells[1][0].text[0], cells[1][1].text] == ["'", "'", "-5"]
    page = opened(to_xlsx(sheet, NOTES)).worksheets[0]
    assert page["A2"].data_type == "s"
    assert page["B2"].value == -5


def test_excel_holds_real_numbers_with_formats() -> None:
    page = opened(to_xlsx(QUOTAS, NOTES)).worksheets[0]
    *values, day = (cell.value for cell in page[2])
    assert values == ["Bleckede", 1480000.01, 1.2860771, 0.128, 9694]
    assert f"{day:%Y-%m-%d}" == "2025-12-31"
    assert [cell.number_format for cell in page[2]][1:] == ['#,##0.00\\ "€"', "0.00", "0.0\\ %", "#,##0", "dd.mm.yyyy"]
    assert page.title == "Verteilung 2026-27"
    assert page.freeze_panes == "A2"
    assert page.auto_filter.ref == "A1:F3"
    assert page["A4"].value == "Summe"
    assert page["A4"].font.bold
    assert page.column_dimensions["A"].width > 10


def test_decimals_can_be_chosen() -> None:
    sheet = Sheet("x", [Column("Wert", "number", places=4), Column("Betrag", "euro", places=0)], [[1.5, Decimal(2)]])
    page = opened(to_xlsx(sheet, NOTES)).worksheets[0]
    assert [cell.number_format for cell in page[2]] == ["#,##0.0000", '#,##0\\ "€"']


def test_the_last_sheet_says_where_the_figures_come_from() -> None:
    page = opened(to_xlsx([QUOTAS, Sheet("Zwei", [Column("a")], [])], NOTES))["Hinweise"]
    assert [[cell.value for cell in row] for row in page.iter_rows(min_row=2)] == [
        ["Quelle", "INKAR 2024, BBSR Bonn"],
        ["Stand", "31.01.2026"],
        ["Version", "0.1.0"],
        ["Filter", "Region 1"],
    ]


def test_the_same_table_gives_the_same_bytes_at_any_time() -> None:
    columns = [TemplateColumn("Sozialraum", "Name", choices=["Bleckede"])]
    writers: list[Callable[[], bytes]] = [
        lambda: to_csv(QUOTAS),
        lambda: to_xlsx(QUOTAS, NOTES),
        lambda: to_template("x", columns, date=NOTES.date),
    ]
    for write in writers:
        assert write() == write()
    for workbook in (to_xlsx(QUOTAS, NOTES), to_template("x", columns, date=NOTES.date)):
        properties = opened(workbook).properties
        assert {f"{properties.created:%Y-%m-%d}", f"{properties.modified:%Y-%m-%d}"} == {"2026-01-31"}
        assert {part.date_time[0] for part in zipfile.ZipFile(io.BytesIO(workbook)).infolist()} == {1980}


def test_what_was_exported_reads_back_exactly() -> None:
    table = read_upload(io.BytesIO(to_xlsx(QUOTAS, NOTES)), "x.xlsx")
    assert [cell.text for cell in table.rows[1]] == [
        "Bleckede",
        "1480000,01",
        "1,2860771",
        "12,8\u00a0%",
        "9694",
        "31.12.2025",
    ]
    assert table.rows[2][1].number == Decimal(-5)


def test_a_row_of_the_wrong_length_and_an_endless_number_are_refused() -> None:
    for row in (["a", "b"], [float("nan")]):
        sheet = Sheet("x", [Column("a", "number")], [row])
        with pytest.raises(ValueError, match=r"argument|number"):
            to_csv(sheet)
        with pytest.raises((ValueError, IndexError)):
            to_xlsx(sheet, NOTES)


def test_a_download_keeps_its_umlauts_and_is_never_guessed() -> None:
    for response, ending in (
        (csv_response(QUOTAS, "Verteilung für 2026/27"), "csv"),
        (xlsx_response(QUOTAS, NOTES, 'Verteilung für 2026/27"\r\nX: y'), "xlsx"),
    ):
        disposition = response["Content-Disposition"]
        assert disposition.startswith("attachment; filename*=utf-8''Verteilung%20f%C3%BCr%202026-27")
        assert disposition.endswith(f".{ending}")
        assert "\n" not in disposition
        assert response["X-Content-Type-Options"] == "nosniff"
    assert csv_response(QUOTAS, "x")["Content-Type"] == "text/csv; charset=utf-8"


def test_a_template_can_be_filled_in_but_its_head_cannot_be_changed() -> None:
    names = [f"Sozialraum {number}" for number in range(60)]
    columns = [
        TemplateColumn("Sozialraum", "Name des Sozialraums", sample="Bleckede", choices=names),
        TemplateColumn("Betrag", "Betrag des Vorjahres", sample="1.234,56", required=False, kind="euro"),
    ]
    data = to_template("Vorjahr", columns, date=dt.date(2026, 1, 1), rows=[["Sozialraum 1", Decimal("5.50")]])
    book = opened(data)
    page = book["Vorjahr"]
    assert page.protection.sheet
    assert page["A1"].protection.locked
    assert not page["A2"].protection.locked
    assert not page.column_dimensions["A"].protection.locked
    rule = page.data_validations.dataValidation[0]
    assert (str(rule.sqref), rule.formula1) == ("A2:A5000", "Listen!$A$2:$A$61")
    assert book["Listen"].sheet_state == "hidden"
    assert book["Listen"]["A61"].value == "Sozialraum 59"
    assert [cell.value for cell in book["Hinweise"][3]] == ["Betrag", "Betrag des Vorjahres (freiwillig)", "1.234,56"]
    table = read_upload(io.BytesIO(data), "vorjahr.xlsx")
    assert [[cell.text for cell in row] for row in table.rows] == [["Sozialraum", "Betrag"], ["Sozialraum 1", "5,5"]]
