"""Tables from outside: what honest files give, and what hostile ones do not."""

import io
import shutil
import subprocess
import tracemalloc
import zipfile
from collections.abc import Callable, Iterable
from decimal import Decimal
from pathlib import Path

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from jugendhilfe.lib.numbers import Parsed, parse_integer, parse_money
from jugendhilfe.lib.spreadsheets import (
    SECRET,
    Column,
    SpreadsheetError,
    Table,
    cell_name,
    one_of,
    parse_statistic,
    parse_text,
    read_pasted,
    read_rows,
    read_upload,
    reader,
)

MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
RELATIONS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
PACKAGE = "http://schemas.openxmlformats.org/package/2006"
SHEET_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml"
STRINGS = f'<sst xmlns="{MAIN}"><si><t>x</t></si></sst>'
ONE_CELL = '<row r="1"><c r="A1"><v>1</v></c></row>'


def workbook(
    rows: str | Iterable[bytes] = ONE_CELL,
    *,
    strings: str | bytes = STRINGS,
    parts: Iterable[tuple[str, str | bytes]] = (),
    compression: int = zipfile.ZIP_DEFLATED,
    book_type: str = "sheet.main",
) -> bytes:
    """The smallest .xlsx, with a free hand for everything in it."""
    target = io.BytesIO()
    overrides = "".join(
        f'<Override PartName="/xl/{name}.xml" ContentType="{SHEET_TYPE}.{kind}+xml"/>'
        for name, kind in (
            ("workbook", book_type),
            ("worksheets/sheet1", "worksheet"),
            ("sharedStrings", "sharedStrings"),
        )
    )
    with zipfile.ZipFile(target, "w", compression) as package:
        package.writestr(
            "[Content_Types].xml",
            f'<Types xmlns="{PACKAGE}/content-types"><Default Extension="rels" '
            f'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>{overrides}</Types>',
        )
        package.writestr("_rels/.rels", relationships("officeDocument", "xl/workbook.xml"))
        package.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{MAIN}" xmlns:r="{RELATIONS}"><sheets>'
            '<sheet name="Kosten" sheetId="1" r:id="rId1"/></sheets></workbook>',
        )
        package.writestr("xl/_rels/workbook.xml.rels", relationships("worksheet", "worksheets/sheet1.xml"))
        package.writestr("xl/sharedStrings.xml", strings)
        with package.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as sheet:
            sheet.write(f'<worksheet xmlns="{MAIN}"><sheetData>'.encode())
            for chunk in [rows.encode()] if isinstance(rows, str) else rows:
                sheet.write(chunk)
            sheet.write(b"</sheetData></worksheet>")
        for name, content in parts:
            package.writestr(name, content)
    return target.getvalue()


def relationships(kind: str, target: str) -> str:
    return (
        f'<Relationships xmlns="{PACKAGE}/relationships">'
        f'<Relationship Id="rId1" Type="{RELATIONS}/{kind}" Target="{target}"/></Relationships>'
    )


def saved(*rows: list[object], title: str = "Tabelle1") -> bytes:
    """A workbook as openpyxl writes it."""
    book = openpyxl.Workbook()
    sheet = book.active
    sheet.title = title
    for row in rows:
        sheet.append(row)
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


def read(data: bytes, name: str = "tabelle.xlsx") -> Table:
    return read_upload(io.BytesIO(data), name)


def texts(table: Table) -> list[list[str]]:
    return [[cell.text for cell in row] for row in table.rows]


def refusal(data: bytes, name: str = "tabelle.xlsx") -> str:
    with pytest.raises(SpreadsheetError) as error:
        read(data, name)
    return str(error.value)


# Honest files


def test_a_workbook_gives_its_cells_at_their_places() -> None:
    table = read(saved(["Sozialraum", "Betrag"], [], ["Bleckede", 1234.5], [None, -3]))
    assert texts(table) == [["Sozialraum", "Betrag"], [], ["Bleckede", "1234,5"], ["", "-3"]]
    assert table.cell(3, 2).number == Decimal("1234.5")
    assert table.cell(99, 99).text == ""
    assert (table.encoding, table.sheet, table.sheets) == ("Excel", "Tabelle1", ("Tabelle1",))
    assert len(table.sha256) == 64


def test_numbers_arrive_as_exact_decimals_without_the_dirt_of_floats() -> None:
    values = ["0.1", "0.30000000000000004", "1.5E3", "1480000.01", "-1E-3", "123456789012345", "1.10"]
    row = "".join(f'<c r="{cell_name(1, i)}"><v>{value}</v></c>' for i, value in enumerate(values, start=1))
    shown = ["0,1", "0,3", "1500", "1480000,01", "-0,001", "123456789012345", "1,1"]
    assert texts(read(workbook(f'<row r="1">{row}</row>'))) == [shown]


def test_what_is_no_number_stays_text_and_an_excel_error_is_named() -> None:
    row = '<c><v>NaN</v></c><c><v>INF</v></c><c><v>1e400</v></c><c t="e"><v>#REF!</v></c><c t="b"><v>1</v></c>'
    cells = read(workbook(f"<row>{row}</row>")).rows[0]
    assert [(cell.text, cell.kind) for cell in cells] == [
        ("NaN", "text"),
        ("INF", "text"),
        ("1e400", "text"),
        ("#REF!", "error"),
        ("WAHR", "boolean"),
    ]
    assert all(cell.number is None for cell in cells)


def test_percent_and_date_cells_read_as_they_look() -> None:
    book = openpyxl.Workbook()
    sheet = book.active
    sheet["A1"], sheet["B1"], sheet["C1"] = 0.128, 45462, 1
    sheet["A1"].number_format, sheet["B1"].number_format, sheet["C1"].number_format = "0.0%", "dd.mm.yyyy", "0%"
    target = io.BytesIO()
    book.save(target)
    cells = read(target.getvalue()).rows[0]
    assert [cell.text for cell in cells] == ["12,8\u00a0%", "19.06.2024", "100\u00a0%"]
    assert cells[0].number == Decimal("12.8")


def test_an_impossible_day_is_an_error_of_its_cell() -> None:
    book = openpyxl.Workbook()
    book.active["A1"], book.active["A1"].number_format = -99999999, "dd.mm.yyyy"
    target = io.BytesIO()
    book.save(target)
    assert read(target.getvalue()).cell(1, 1).kind == "error"


def test_a_file_that_was_read_before_is_read_from_its_start() -> None:
    upload = SimpleUploadedFile("tabelle.xlsx", saved(["Betrag"]))
    upload.read()
    assert texts(read_upload(upload, "tabelle.xlsx")) == [["Betrag"]]


def test_rich_text_inline_text_and_line_breaks_are_text() -> None:
    strings = f'<sst xmlns="{MAIN}"><si><r><t>Jugend</t></r><r><t>haus</t></r><rPh><t>x</t></rPh></si></sst>'
    rows = '<row><c t="s"><v>0</v></c><c t="inlineStr"><is><t>Zeile_x000A_zwei_x0000__xD800_</t></is></c></row>'
    assert texts(read(workbook(rows, strings=strings))) == [["Jugendhaus", "Zeile\nzwei"]]


def test_a_hidden_first_sheet_is_passed_over_and_a_sheet_can_be_named() -> None:
    book = openpyxl.Workbook()
    book.active.sheet_state = "hidden"
    for title in ("Kosten", "Hinweise"):
        book.create_sheet(title)["A1"] = title
    target = io.BytesIO()
    book.save(target)
    assert texts(read(target.getvalue())) == [["Kosten"]]
    assert read(target.getvalue()).sheets == ("Kosten", "Hinweise")
    assert texts(read_upload(io.BytesIO(target.getvalue()), "x.xlsx", sheet="Hinweise")) == [["Hinweise"]]


def test_a_formula_with_its_result_is_marked_and_one_without_is_refused_by_name() -> None:
    rows = '<row r="7"><c r="B7"><f>1+1</f><v>2</v></c><c r="C7" t="str"><f>""</f><v></v></c></row>'
    table = read(workbook(rows))
    assert table.cell(7, 2).formula
    assert table.formulas() == ["B7"]
    told = refusal(saved(["Betrag"], ["=1+1"], ["=A2"]))
    assert "A2, A3" in told
    assert "speichern Sie sie neu" in told


@pytest.mark.parametrize(
    ("data", "encoding"),
    [
        ("Träger;Betrag\nJugendhäuser Süd;1.234,56 €\n".encode(), "UTF-8"),
        ("Träger;Betrag\nJugendhäuser Süd;1.234,56 €\n".encode("utf-8-sig"), "UTF-8"),
        ("Träger;Betrag\r\nJugendhäuser Süd;1.234,56 €\r\n".encode("cp1252"), "Windows-1252"),
        ("Träger\tBetrag\nJugendhäuser Süd\t1.234,56 €\n".encode(), "UTF-8"),
        ('Träger,Betrag\nJugendhäuser Süd,"1.234,56 €"\n'.encode(), "UTF-8"),
    ],
)
def test_csv_is_read_whatever_excel_made_of_it(data: bytes, encoding: str) -> None:
    table = read(data, "tabelle.csv")
    assert texts(table) == [["Träger", "Betrag"], ["Jugendhäuser Süd", "1.234,56 €"]]
    assert table.encoding == encoding
    assert not table.decimal_point


def test_a_comma_file_with_decimal_points_is_recognised_by_proof_only() -> None:
    table = read(b"key,rate,count\n033550001,28.9725,10.956\n", "rates.csv")
    assert table.decimal_point
    assert texts(table)[1] == ["033550001", "28,9725", "10,956"]
    assert not read(b"key,count\nA,10.956\n", "counts.csv").decimal_point
    assert not read(b'key,rate,count\nA,28.97,"1.234,5"\n', "mixed.csv").decimal_point


def test_real_tables_are_read(shared_data: Path) -> None:
    with (shared_data / "lueneburg_gemeinden_indicators_2021.csv").open("rb") as file:
        table = read_upload(file, "lueneburg.csv")
    assert table.decimal_point
    assert table.rows[1][0].text == "03355001"
    assert table.rows[1][12].number == Decimal("28.9725")


def test_a_line_break_inside_quotes_is_one_row() -> None:
    assert texts(read(b'a;b\n"x\ny";1\n', "x.csv")) == [["a", "b"], ["x\ny", "1"]]


def test_cells_pasted_from_excel_are_read() -> None:
    table = read_pasted("Sozialraum\tBetrag\r\nBleckede\t12,5\r\n")
    assert texts(table) == [["Sozialraum", "Betrag"], ["Bleckede", "12,5"]]
    assert texts(read_pasted("12,5\n13,5")) == [["12,5"], ["13,5"]]


def test_what_libreoffice_writes_is_read(tmp_path: Path) -> None:
    office = shutil.which("soffice")
    if office is None:
        pytest.skip("LibreOffice is not installed")
    # comma, double quote, UTF-8, from line 1, English numbers, … formulas evaluated
    csv_options = "CSV:44,34,76,1,,1033,false,true,false,false,false,0,true"
    source = tmp_path / "t.csv"
    source.write_text('Sozialraum,Betrag,Summe\nBleckede,1480000.01,=B2*2\n"Süd, 2",-0.1,\n')
    profile = f"-env:UserInstallation={(tmp_path / 'profile').as_uri()}"
    subprocess.run(
        [
            office,
            profile,
            "--headless",
            "--convert-to",
            "xlsx",
            f"--infilter={csv_options}",
            "--outdir",
            tmp_path,
            source,
        ],
        check=True,
        capture_output=True,
        timeout=60,
    )
    table = read((tmp_path / "t.xlsx").read_bytes())
    assert texts(table) == [
        ["Sozialraum", "Betrag", "Summe"],
        ["Bleckede", "1480000,01", "2960000,02"],
        ["Süd, 2", "-0,1"],
    ]
    assert table.formulas() == ["C2"]


def test_a_large_honest_table_fits_into_little_memory(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(reader.LIMITS, "memory", 200 << 20)
    row = "".join(f"<c><v>{column}.25</v></c>" for column in range(20))
    table = read(workbook(f"<row>{row}</row>" * 5000))
    assert len(table.rows) == 5000
    assert table.rows[-1][-1].number == Decimal("19.25")


# Hostile files


def plain_zip() -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as package:
        package.writestr("readme.txt", "x")
    return target.getvalue()


def repeated(piece: bytes, times: int) -> Iterable[bytes]:
    return (piece for _ in range(times))


LAUGHS = "".join(f'<!ENTITY l{i} "{f"&l{i - 1};" * 10}">' for i in range(1, 10))
HOSTILE: dict[tuple[str, str], Callable[[], bytes]] = {
    ("zip bomb", "entpackt zu groß"): lambda: workbook(repeated(b" " * (1 << 20), 100)),
    ("string bomb", "zu viel Text"): lambda: workbook(
        [b'<row><c t="inlineStr"><is><t>', *repeated(b"a" * (1 << 20), 40), b"</t></is></c></row>"]
    ),
    ("billion laughs", "die Excel nie schreibt"): lambda: workbook(
        strings=f'<!DOCTYPE s [<!ENTITY l0 "lol">{LAUGHS}]><sst xmlns="{MAIN}"><si><t>&l9;</t></si></sst>'
    ),
    ("external entity", "die Excel nie schreibt"): lambda: workbook(
        strings=f'<!DOCTYPE s [<!ENTITY x SYSTEM "file:///etc/passwd">]><sst xmlns="{MAIN}"><si><t>&x;</t></si></sst>'
    ),
    ("doctype behind a long comment", "die Excel nie schreibt"): lambda: workbook(
        strings=f"<!--{'x' * 70_000}--><!DOCTYPE s []><sst xmlns='{MAIN}'/>"
    ),
    ("doctype in UTF-16", "die Excel nie schreibt"): lambda: workbook(
        strings=f"<!DOCTYPE s []><sst xmlns='{MAIN}'/>".encode("utf-16")
    ),
    ("doctype in another alphabet", "die Excel nie schreibt"): lambda: workbook(
        strings=b'<?xml version="1.0" encoding="cp037"?>\x4c\x5a'
    ),
    ("million rows", "mehr als 5.000 Zeilen"): lambda: workbook(
        "".join(f'<row r="{r}"><c r="A{r}"><v>1</v></c></row>' for r in range(1, 400_000))
    ),
    ("million empty rows", "leere mitgezählt"): lambda: workbook("<row/>" * 1_000_000),
    ("far row", "mehr als 5.000 Zeilen"): lambda: workbook(
        f'{ONE_CELL}<row r="1048576"><c r="A1048576"><v>1</v></c></row>'
    ),
    ("far column", "mehr als 60 Spalten"): lambda: workbook('<row r="1"><c r="XFD1"><v>1</v></c></row>'),
    ("no such column", "beschädigt"): lambda: workbook('<row r="1"><c r="ABCDEF1"><v>1</v></c></row>'),
    ("negative row", "beschädigt"): lambda: workbook('<row r="-5"><c><v>1</v></c></row>'),
    ("rows out of order", "beschädigt"): lambda: workbook(
        '<row r="2"><c><v>1</v></c></row><row r="1"><c><v>1</v></c></row>'
    ),
    ("a cell twice", "beschädigt"): lambda: workbook('<row r="1"><c r="A1"><v>1</v></c><c r="A1"><v>2</v></c></row>'),
    ("deep nesting", "leer"): lambda: workbook("<x>" * 1_400_000 + "</x>" * 1_400_000),
    ("too many elements", "entpackt zu groß"): lambda: workbook("<x/>" * 1_600_000),
    ("one text in every cell", "zu viel Text"): lambda: workbook(
        "<row>" + '<c t="s"><v>0</v></c>' * 60 + "</row>" + ("<row>" + '<c t="s"><v>0</v></c>' * 60 + "</row>") * 100,
        strings=f'<sst xmlns="{MAIN}"><si><t>{"x" * 1999}</t></si></sst>',
    ),
    ("string that does not exist", "beschädigt"): lambda: workbook('<row><c t="s"><v>99</v></c></row>'),
    ("long cell", "mehr als 2.000 Zeichen"): lambda: workbook(
        f'<row><c t="inlineStr"><is><t>{"x" * 2001}</t></is></c></row>'
    ),
    ("macros", "Makros"): lambda: workbook(parts=[("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0")]),
    ("macro type", "Makros"): lambda: workbook(book_type="sheet.macroEnabled.main"),
    ("embedded object", "eingebettete Objekte"): lambda: workbook(parts=[("xl/embeddings/oleObject1.bin", b"x")]),
    ("traversal", "die Excel nie schreibt"): lambda: workbook(parts=[("../../../../pwned", "x")]),
    ("absolute name", "die Excel nie schreibt"): lambda: workbook(parts=[("/etc/passwd", "x")]),
    ("same name twice", "die Excel nie schreibt"): lambda: workbook(parts=[("XL/sharedstrings.xml", STRINGS)]),
    ("many parts", "entpackt zu groß"): lambda: workbook(parts=[(f"xl/media/{number}", "") for number in range(300)]),
    ("LZMA", "die Excel nie schreibt"): lambda: workbook(compression=zipfile.ZIP_LZMA),
    ("truncated", "beschädigt"): lambda: workbook()[:700],
    ("broken XML", "beschädigt"): lambda: workbook("<row><c><v>1</v></row>"),
    ("wrong checksum", "beschädigt"): lambda: workbook(compression=zipfile.ZIP_STORED).replace(
        b"<v>1</v>", b"<v>9</v>"
    ),
    ("xls renamed", "alte Excel-Datei (.xls)"): lambda: bytes.fromhex("d0cf11e0a1b11ae1") + bytes(4096),
    ("html renamed", "Webseite"): lambda: b"<html><table><tr><td>1</td></tr></table><script>alert(1)</script></html>",
    ("zip that is no workbook", "keine Excel-Arbeitsmappe"): plain_zip,
    ("nothing", "keine Excel-Datei"): lambda: b"",
    ("eleven megabytes", "größer als 10 MB"): lambda: b"PK\x03\x04" + bytes(11 << 20),
}
HOSTILE_TEXT: dict[tuple[str, str], Callable[[], bytes]] = {
    ("long line", "länger als 120.000 Zeichen"): lambda: b"a;b\n" + b"x" * 9_000_000,
    ("unclosed quote", "Anführungszeichen"): lambda: b'a;b\n"' + b"x;y\n" * 10_000,
    ("a million cells in a line", "länger als 120.000 Zeichen"): lambda: b"a;" * 4_000_000,
    ("a million lines", "leere mitgezählt"): lambda: b"\n" * 4_000_000,
    ("too many rows", "mehr als 5.000 Zeilen"): lambda: b"a;b\n" * 5_001,
    ("too many columns", "mehr als 60 Spalten"): lambda: b";".join([b"a"] * 61),
    ("NUL", "Nullzeichen"): lambda: b"Betrag;x\n100\x00;1\n",
    ("UTF-16", "UTF-16"): lambda: "Betrag\t1\n".encode("utf-16"),
    ("no known alphabet", "nicht lesbar"): lambda: b"Betrag;\x81\x8d\n",
    ("html", "Webseite"): lambda: b"\xef\xbb\xbf  <!DOCTYPE html><table></table>",
    ("picture", "keine Textdatei"): lambda: b"GIF89a\0",
    ("pdf", "Dokument"): lambda: b"%PDF-1.7",
    ("empty", "leer"): lambda: b" ; ;\n",
}


@pytest.mark.parametrize(
    ("kind", "name", "reason"),
    [*(("xlsx", *known) for known in HOSTILE), *(("csv", *known) for known in HOSTILE_TEXT)],
)
def test_a_hostile_file_is_refused_with_the_reason_and_costs_the_server_nothing(
    kind: str, name: str, reason: str
) -> None:
    file = io.BytesIO((HOSTILE if kind == "xlsx" else HOSTILE_TEXT)[name, reason]())
    tracemalloc.start()
    try:
        with pytest.raises(SpreadsheetError) as error:
            read_upload(file, f"tabelle.{kind}")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 20 << 20
    assert reason in str(error.value)
    assert "itte" in str(error.value), "it says what to do"
    assert len(str(error.value)) < 300


def test_only_excel_and_csv_files_are_tried() -> None:
    assert "keine Excel-Datei" in refusal(b"GIF89a", "bild.gif")


def test_a_reader_that_needs_too_much_memory_is_stopped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(reader.LIMITS, "memory", 24 << 20)
    refusal(workbook("<row><c><v>1</v></c></row>" * 5000))


def test_a_reader_that_hangs_or_dies_is_stopped(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    child = tmp_path / "child.py"
    monkeypatch.setattr(reader, "CHILD", child)
    monkeypatch.setattr(reader, "WALL_SECONDS", 0.5)
    for script in ("import time; time.sleep(60)", "import os; os.abort()"):
        child.write_text(script)
        assert "nicht sicher lesen" in refusal(workbook())


def test_the_reader_sees_no_secret_of_the_application(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    child = tmp_path / "child.py"
    child.write_text("import json, os; print(json.dumps({'error': ' '.join(os.environ)}))")
    monkeypatch.setattr(reader, "CHILD", child)
    monkeypatch.setenv("DJANGO_SECRET_KEY", "x")
    assert "DJANGO_SECRET_KEY" not in refusal(workbook())


# Columns

COLUMNS = (
    Column("space", "Sozialraum", one_of({"Gellersen": 1, "Bleckede": 2}), synonyms=("Samtgemeinde",)),
    Column("amount", "Betrag", parse_money, synonyms=("Betrag in Euro",)),
    Column("note", "Bemerkung", parse_text, required=False, blank=True),
)


def messages(text: str) -> list[str]:
    return [str(error) for error in read_rows(read_pasted(text), COLUMNS)[1]]


def test_columns_are_found_by_head_whatever_their_order_case_and_spelling() -> None:
    text = "Kosten 2026\n\nBETRAG (in Euro)\tNr.\tSamt-gemeinde\n1.234\t1\tgellersen\n\t\t\n5,00 €\t2\tBleckede\n"
    rows, errors = read_rows(read_pasted(text), COLUMNS)
    assert not errors
    assert [(row.number, row["space"], row["amount"], row["note"]) for row in rows] == [
        (4, 1, Decimal("1234.00"), None),
        (6, 2, Decimal("5.00"), None),
    ]
    assert rows[0].echoes == {"amount": "verstanden als 1.234,00\u00a0€"}
    assert rows[0].header.ignored == ("Nr.",)


def test_an_error_names_its_cell_and_suggests() -> None:
    text = "Sozialraum\tBetrag\nGelersen\t5\nBleckede\t1O0\nBleckede\t\nGellersen\t7"
    assert messages(text) == [
        "Zeile 2, Spalte A „Sozialraum“: „Gelersen“ ist hier nicht bekannt. Meinten Sie „Gellersen“?",
        "Zeile 3, Spalte B „Betrag“: „1O0“ ist nicht als Zahl lesbar. Steht dort der Buchstabe O statt einer Null?",
        "Zeile 4, Spalte B „Betrag“: Hier fehlt ein Wert.",
    ]
    rows, errors = read_rows(read_pasted(text), COLUMNS)
    assert [row.number for row in rows] == [5]
    assert [error.cell for error in errors] == ["A2", "B3", "B4"]
    assert str(rows[0].error("amount", "Zu viel.")) == "Zeile 5, Spalte B „Betrag“: Zu viel."


def test_a_missing_or_double_column_is_named() -> None:
    assert messages("Sozialraum\tBetrg\nBleckede\t5") == ["Die Spalte „Betrag“ fehlt. Meinten Sie „Betrg“?"]
    assert messages("Sozialraum\tBetrag\tBetrag\nBleckede\t5\t6") == [
        "Zeile 1, Spalte C „Betrag“: Diese Spalte kommt doppelt vor. Bitte löschen Sie eine."
    ]
    assert messages("Sozialraum\tBetrag\n") == ["Unter der Kopfzeile stehen keine Daten."]


def test_an_excel_error_in_a_cell_is_named() -> None:
    rows = (
        '<row><c t="inlineStr"><is><t>Zahl</t></is></c></row><row><c t="e"><v>#DIV/0!</v></c></row>'
        "<row><c><v>1.5</v></c></row>"
    )
    _, errors = read_rows(read(workbook(rows)), [Column("count", "Zahl", parse_integer)])
    assert "Excel-Fehler #DIV/0!" in str(errors[0])
    assert "„1,5“ ist keine ganze Zahl" in str(errors[1])


def test_two_hundred_errors_are_enough() -> None:
    assert len(messages("Sozialraum\tBetrag\n" + "x\ty\n" * 1000)) == 201


@pytest.mark.parametrize(
    ("mark", "value"),
    [
        *((mark, SECRET) for mark in "*.xX/"),
        ("-", Decimal(0)),
        ("–", Decimal(0)),
        ("", None),
        ("1.234,5", Decimal("1234.5")),
        ("-5", Decimal(-5)),
        ("12,8\u00a0%", Decimal("12.8")),
        ("482,32 €", Decimal("482.32")),
    ],
)
def test_marks_of_official_statistics_are_understood(mark: str, value: object) -> None:
    found = parse_statistic(mark)
    assert (found.value if isinstance(found, Parsed) else found) == value


def test_a_mark_nobody_declared_is_no_value() -> None:
    with pytest.raises(ValueError, match="nicht als Zahl lesbar"):
        parse_statistic("k. A.")
