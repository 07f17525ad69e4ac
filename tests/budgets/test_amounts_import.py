"""Amounts from a table: what is read, what is refused by cell, what is saved only at the take-over."""

import hashlib
import io
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from budgets.imports import AmountsRead, amounts_template, read_amounts
from budgets.models import FiscalYear, SpaceAmount
from jugendhilfe.audit.models import Entry, SourceFile
from jugendhilfe.lib.spreadsheets import read_pasted, read_upload
from tests import factories
from tests.conftest import Cast, County

UPLOAD = "/budgets/2025/betraege/einlesen/"
HEAD = "Schlüssel;Sozialraum;Betrag"
ROWS = (factories.INPUTS / "beispiel_betraege_2025.csv").read_text(encoding="utf-8").strip().splitlines()[1:]


@pytest.fixture
def year(county: County) -> FiscalYear:
    return factories.make_year(2025)


def table_of(*rows: str, head: str = HEAD, encoding: str = "utf-8") -> bytes:
    return "\r\n".join([head, *rows]).encode(encoding)


def read(year: FiscalYear, content: bytes) -> AmountsRead:
    return read_amounts(read_upload(io.BytesIO(content), "betraege.csv"), year)


def errors_of(year: FiscalYear, content: bytes) -> list[str]:
    return [str(error) for error in read(year, content).check.errors]


def changed(place: int, row: str) -> tuple[str, ...]:
    return (*ROWS[:place], row, *ROWS[place + 1 :])


def text_of(response: Any) -> str:
    return response.content.decode()


def hand_in(client: Client, content: bytes, name: str = "betraege.csv") -> Any:
    return client.post(UPLOAD, {"file": SimpleUploadedFile(name, content)})


# --- what is read -------------------------------------------------------------------------------------------------


def test_the_example_table_is_read_whole(year: FiscalYear) -> None:
    found = read(year, table_of(*ROWS))
    assert found.check.errors == []
    assert (len(found.lines), found.total) == (10, Decimal(2_030_000))


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp1252"])
def test_umlauts_survive_every_usual_encoding(year: FiscalYear, encoding: str) -> None:
    factories.make_space("Übermünde", key="033559999")
    found = read(year, table_of(*ROWS, "033559999;Übermünde;0,01", encoding=encoding))
    assert found.check.errors == []
    assert found.total == Decimal("2030000.01")


def test_a_lost_leading_zero_is_put_back(year: FiscalYear) -> None:
    assert not errors_of(year, table_of(*changed(0, "33550049;Amt Neuhaus;128.000,00")))


def test_names_alone_and_keys_alone_are_enough(year: FiscalYear) -> None:
    names = [";".join(row.split(";")[1:]) for row in ROWS]
    keys = [";".join(row.split(";")[::2]) for row in ROWS]
    assert read(year, table_of(*names, head="Sozialraum;Betrag")).total == Decimal(2_030_000)
    assert read(year, table_of(*keys, head="Schlüssel;Betrag")).total == Decimal(2_030_000)
    full = changed(1, "033550009;Stadt Bleckede;262.000,00")
    assert not errors_of(year, table_of(*full))


def test_the_printed_sum_is_checked_and_left_out(year: FiscalYear) -> None:
    assert not errors_of(year, table_of(*ROWS, ";Summe;2.030.000,00"))
    assert errors_of(year, table_of(*ROWS, "Summe;;2.030.000,32")) == [
        (
            "Zeile 12, Spalte C „Betrag“: Die Summe in der Tabelle ist 2.030.000,32\u00a0€, "
            "die Beträge ergeben 2.030.000,00\u00a0€ (Unterschied \u22120,32\u00a0€)."
        )
    ]


def test_pasted_cells_with_a_title_above_are_read(year: FiscalYear) -> None:
    text = "Beträge 2025\n\n" + "\n".join(row.replace(";", "\t") for row in (HEAD, *ROWS))
    assert read_amounts(read_pasted(text), year).total == Decimal(2_030_000)


def test_cents_and_the_largest_amount_are_kept_exactly(year: FiscalYear) -> None:
    content = table_of("033550049;;0,01", "033550009;;99.999.999,99", *ROWS[2:])
    amounts = {line.space.name: line.amount for line in read(year, content).lines}
    assert (amounts["Amt Neuhaus"], amounts["Bleckede"]) == (Decimal("0.01"), Decimal("99999999.99"))


def test_the_template_comes_back_as_it_was_filled_in(year: FiscalYear, county: County) -> None:
    book = openpyxl.load_workbook(io.BytesIO(amounts_template(year)))
    sheet = book.worksheets[0]
    assert [cell.value for cell in sheet[1]] == ["Schlüssel", "Sozialraum", "Betrag"]
    assert sheet["A2"].value == "033550049"
    for number in range(2, 12):
        sheet.cell(number, 3, 1234.56)
    filled = io.BytesIO()
    book.save(filled)
    found = read_amounts(read_upload(io.BytesIO(filled.getvalue()), "vorlage.xlsx"), year)
    assert found.check.errors == []
    assert found.total == Decimal("12345.60")


# --- what is refused, by cell -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("row", "sentence"),
    [
        (
            "033550009;Blekede;1,00",
            "Zeile 3, Spalte B „Sozialraum“: „Blekede“ ist hier nicht bekannt. Meinten Sie „Bleckede“?",
        ),
        ("033550008;Bleckede;1,00", "Spalte A „Schlüssel“: Den Schlüssel 033550008 hat kein Sozialraum. Meinten Sie"),
        ("Bleckede;;1,00", "„Bleckede“ ist kein amtlicher Schlüssel. Er hat neun Ziffern."),
        ("033550009;Ilmenau;1,00", "Der Schlüssel dieser Zeile gehört zu Bleckede, der Name zu Ilmenau."),
        (";;1,00", "Zeile 3: Hier fehlen Schlüssel und Sozialraum."),
        ("033550009;Bleckede;", "Spalte C „Betrag“: Hier fehlt ein Wert."),
        ("033550009;Bleckede;\u22125,00", "Ein Betrag ist hier nicht negativ. Meinten Sie 5,00\u00a0€?"),
        ("033550009;Bleckede;9999999999", "Der Betrag ist höher als 999.999.999,99\u00a0€."),
        ("033550009;Bleckede;1,234", "mehr als zwei Nachkommastellen"),
        ("033550009;Bleckede;1.23.4", "nicht als Zahl lesbar"),
        ("033550009;Bleckede;12O,00", "Steht dort der Buchstabe O statt einer Null?"),
        ("033550009;Bleckede;NaN", "nicht als Zahl lesbar"),
        ("033550049;Amt Neuhaus;1,00", "Amt Neuhaus steht schon in Zeile 2."),
    ],
)
def test_a_wrong_row_is_named_by_its_cell(year: FiscalYear, row: str, sentence: str) -> None:
    found = errors_of(year, table_of(*changed(1, row)))
    assert len(found) == 1
    assert sentence in found[0]


def test_a_missing_space_is_named_with_what_to_do(year: FiscalYear) -> None:
    assert errors_of(year, table_of(*ROWS[1:])) == [
        "Amt Neuhaus fehlt (Schlüssel 033550049). Hatte der Sozialraum nichts, tragen Sie bitte 0,00 ein."
    ]


def test_a_missing_column_and_an_empty_table_are_named(year: FiscalYear) -> None:
    assert "Die Spalte „Betrag“ fehlt. Meinten Sie „Beitrag“?" in errors_of(
        year, table_of(*ROWS, head="Schlüssel;Sozialraum;Beitrag")
    )
    assert errors_of(year, table_of()) == ["Unter der Kopfzeile stehen keine Daten."]


# --- the two pages ------------------------------------------------------------------------------------------------


def test_nothing_is_saved_before_the_take_over(client: Client, cast: Cast, county: County, year: FiscalYear) -> None:
    SpaceAmount.objects.create(year=year, space=county.spaces["Bleckede"], amount=Decimal(260_000))
    client.force_login(cast.finance)
    content = table_of(*ROWS, encoding="cp1252")
    response = hand_in(client, content, "Beträge für Müller.csv")
    before = Entry.objects.count()
    page = text_of(client.get(response.url))
    assert "+2.000,00\u00a0€" in page  # Bleckede, against what is saved
    assert "2.030.000,00\u00a0€" in page
    assert "Die Summe ist genau der Betrag" in page
    assert "Windows-1252" in page or "CP1252" in page.upper()
    assert (SpaceAmount.objects.count(), SourceFile.objects.count(), Entry.objects.count()) == (1, 0, before)

    page = text_of(client.post(response.url, follow=True))
    assert "10 Beträge sind übernommen." in page
    assert SpaceAmount.objects.get(space=county.spaces["Bleckede"]).amount == Decimal(262_000)
    file = SourceFile.objects.get()
    assert (bytes(file.content), file.sha256) == (content, hashlib.sha256(content).hexdigest())
    assert {row.file for row in SpaceAmount.objects.select_related("file")} == {file}
    entry = Entry.objects.get(action="amounts.save")
    assert entry.data["file"] == file.sha256
    assert entry.data["before"] == {str(county.spaces["Bleckede"].pk): "260000.00"}


def test_the_file_behind_an_amount_is_open_to_those_who_see_drafts(
    client: Client, cast: Cast, year: FiscalYear
) -> None:
    client.force_login(cast.finance)
    client.post(hand_in(client, table_of(*ROWS)).url)
    link = f"/quelldateien/{SourceFile.objects.get().sha256}/"
    for person, code in (("audit", 200), ("coordination", 403)):
        client.force_login(getattr(cast, person))
        page = text_of(client.get("/budgets/2025/"))
        assert "betraege.csv" in page
        assert (link in page) == (code == 200)
        assert client.get(link).status_code == code


def test_a_table_is_taken_over_once(client: Client, cast: Cast, year: FiscalYear) -> None:
    client.force_login(cast.finance)
    url = hand_in(client, table_of(*ROWS)).url
    client.post(url)
    page = text_of(client.post(url, follow=True))
    assert "Diese Tabelle liegt nicht mehr vor." in page
    assert Entry.objects.filter(action="amounts.save").count() == 1


def test_a_table_with_errors_shows_them_and_is_never_taken_over(client: Client, cast: Cast, year: FiscalYear) -> None:
    client.force_login(cast.finance)
    url = hand_in(client, table_of(*changed(1, "033550009;Blekede;1.234"))).url
    for page in (text_of(client.get(url)), text_of(client.post(url))):
        assert "Meinten Sie „Bleckede“?" in page
        assert 'href="#zelle-B3"' in page
        assert 'id="zelle-B3"' in page
        assert "Beträge übernehmen" not in page
    assert not SpaceAmount.objects.exists()
    assert not SourceFile.objects.exists()


def test_numbers_that_could_be_read_in_two_ways_are_echoed(client: Client, cast: Cast, year: FiscalYear) -> None:
    client.force_login(cast.finance)
    page = text_of(client.get(hand_in(client, table_of(*changed(1, "033550009;Bleckede;262.000"))).url))
    assert "C3 „Betrag“: verstanden als 262.000,00\u00a0€" in page


def test_cells_of_a_table_are_shown_as_text(client: Client, cast: Cast, year: FiscalYear) -> None:
    client.force_login(cast.finance)
    page = text_of(client.get(hand_in(client, table_of(*changed(1, "033550009;<script>alert(1)</script>;1"))).url))
    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_another_sheet_of_the_workbook_can_be_taken(client: Client, cast: Cast, year: FiscalYear) -> None:
    book = openpyxl.Workbook()
    assert book.active is not None
    book.active.append(["Deckblatt"])
    sheet = book.create_sheet("Beträge")
    for row in (HEAD, *ROWS):
        sheet.append(row.split(";"))
    file = io.BytesIO()
    book.save(file)
    client.force_login(cast.finance)
    url = hand_in(client, file.getvalue(), "mappe.xlsx").url
    assert "?blatt=Betr%C3%A4ge" in text_of(client.get(url))
    page = text_of(client.get(f"{url}?blatt=Beträge"))
    assert 'name="blatt" value="Beträge"' in page
    assert "10 Beträge sind übernommen." in text_of(client.post(url, {"blatt": "Beträge"}, follow=True))
    assert client.get(f"{UPLOAD}{'0' * 64}/").status_code == 302


def test_a_sheet_that_is_not_there_is_a_sentence(client: Client, cast: Cast, year: FiscalYear) -> None:
    client.force_login(cast.finance)
    url = hand_in(client, table_of(*ROWS)).url
    assert client.get(f"{url}?blatt=Fehlt").status_code == 200  # a CSV file has no sheets


@pytest.mark.parametrize(
    ("content", "name", "sentence"),
    [
        (b"", "leer.csv", "leer"),
        (b"\xd0\xcf\x11\xe0 alt", "alt.xls", "alte Excel-Datei"),
        (b"<html><body>", "seite.xlsx", "keine Tabelle"),
        (b"PK\x03\x04 kaputt", "kaputt.xlsx", "Datei"),
    ],
)
def test_files_that_are_no_table_are_refused_on_the_first_page(
    client: Client, cast: Cast, year: FiscalYear, content: bytes, name: str, sentence: str
) -> None:
    client.force_login(cast.finance)
    response = hand_in(client, content, name)
    assert response.status_code == 200
    assert sentence in text_of(response)
    assert "Fehler: Beträge 2025 einlesen" in text_of(response)


def test_a_table_belongs_to_who_handed_it_in(client: Client, cast: Cast, year: FiscalYear) -> None:
    client.force_login(cast.finance)
    url = hand_in(client, table_of(*ROWS)).url
    for person, code in (("planning", 403), ("coordination", 403), ("nobody", 403)):
        client.force_login(getattr(cast, person))
        assert client.get(url).status_code == code
        assert client.post(url).status_code == code
    assert not SpaceAmount.objects.exists()
