"""What a table of statistics comes to: by space, by member municipality, and what is said about the doubtful."""

import csv
import dataclasses
import datetime as dt
import io
from decimal import Decimal
from pathlib import Path

import pytest

from indicators.imports import (
    LARGE_CHANGE_PERCENT,
    Checked,
    Columns,
    Level,
    Measure,
    Space,
    Value,
    changes_of,
    check_table,
    find_columns,
    large_changes,
    release_template,
    uses_of,
)
from indicators.imports.columns import KEY_HEADS, NAME_HEADS, WEIGHT_HEADS
from indicators.imports.rows import TOTAL_NAMES
from indicators.imports.values import COUNT_STEP, VALUE_STEP
from indicators.inputs import COVERAGE
from jugendhilfe.lib.spreadsheets import (
    MAX_BYTES,
    MAX_COLUMNS,
    MAX_ROWS,
    SECRET,
    parse_statistic,
    read_pasted,
    read_upload,
)
from jugendhilfe.lib.spreadsheets.columns import HEADER_ROWS
from jugendhilfe.lib.uploads import DRAFT_SECONDS
from tests import factories

UNEMPLOYMENT = Measure(
    code="unemployment",
    name="Arbeitslose je 1.000 Personen von 15 bis 64",
    short_name="Arbeitslose je 1.000",
    rate_per=1000,
    numerator_name="Arbeitslose",
    denominator_name="Personen von 15 bis 64",
)
INCOME = Measure(code="income_tax", name="Einkommensteuer je Kopf", short_name="Einkommensteuer")
EMPLOYMENT = Measure(
    code="employment", name="Beschäftigte je 100 Personen von 15 bis 64", short_name="Beschäftigte je 100"
)
MEASURES = (UNEMPLOYMENT, INCOME, EMPLOYMENT)

# As printed in the record for 2021: unemployed and people aged 15 to 64 of the ten spaces.
FACTS: dict[str, tuple[Decimal | int | None, Decimal | int | None]] = {
    "Amt Neuhaus": (165, 3062),
    "Bleckede": (304, 5940),
    "Dahlenburg": (207, 3832),
    "Ostheide": (212, 6878),
    "Scharnebeck": (369, 10234),
    "Bardowick": (328, 11850),
    "Adendorf": (248, 6624),
    "Gellersen": (245, 8898),
    "Ilmenau": (223, 6882),
    "Amelinghausen": (179, 5258),
}
SMALL = (
    Space(
        key="033555402",
        name="Bardowick",
        full_name="Samtgemeinde Bardowick",
        members={"03355004": "Bardowick", "03355023": "Mechtersen"},
    ),
    Space(key="033550001", name="Adendorf", full_name="Gemeinde Adendorf", members={"03355001": "Adendorf"}),
)


def spaces() -> list[Space]:
    """The ten spaces with their members, from the files of the demo."""
    members: dict[str, dict[str, str]] = {}
    for row in factories.read("mitgliedsgemeinden.csv"):
        members.setdefault(row["Sozialraum"], {})[row["Gemeindeschlüssel"]] = row["Gemeinde"]
    return [
        Space(
            key=row["Schlüssel"],
            name=row["Sozialraum"],
            full_name=f"{row['Art']} {row['Sozialraum']}",
            members=members[row["Sozialraum"]],
        )
        for row in factories.read("sozialraeume.csv")
    ]


def check(
    text: str,
    *,
    among: list[Space] | tuple[Space, ...] = SMALL,
    measures: tuple[Measure, ...] = MEASURES,
    level: Level = Level.AUTO,
    columns: dict[str, int] | None = None,
) -> Checked:
    table = read_pasted(text.replace(";", "\t"))
    found = Columns(1, columns) if columns else find_columns(table, uses_of(measures))
    return check_table(table, columns=found, measures=measures, spaces=among, level=level)


def messages(checked: Checked) -> str:
    return "\n".join(str(error) for error in checked.errors)


def converted(path: Path) -> str:
    """The table of the 43 member municipalities and the Hansestadt's with heads that we know."""
    with path.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    heads = ("Gemeindeschlüssel", "Gemeinde", "Arbeitslose", "Personen von 15 bis 64")
    names = ("ags", "name", "unemployed_2021", "pop15_64_2021")
    return "\n".join(["\t".join(heads), *("\t".join(row[name] for name in names) for row in rows)])


@pytest.mark.parametrize("year", [2019, 2020, 2021])
def test_the_files_of_the_demo_can_be_read(year: int) -> None:
    path = factories.INPUTS / f"indikatoren_{year}.csv"
    table = read_upload(io.BytesIO(path.read_bytes()), path.name)
    columns = find_columns(table, uses_of(MEASURES))
    checked = check_table(table, columns=columns, measures=MEASURES, spaces=spaces())
    assert messages(checked) == ""
    assert checked.warnings == []
    assert set(checked.values) == {"unemployment", "income_tax"}
    assert all(value.value is not None for column in checked.values.values() for value in column.values())


def test_a_head_that_is_only_similar_is_marked_for_a_look() -> None:
    table = read_pasted("Schlüssel\tArbeitslose\tPersonen 15 bis 64\tBemerkung")
    columns = find_columns(table, uses_of(MEASURES))
    assert columns.places == {"key": 1, "unemployment.numerator": 2, "unemployment.denominator": 3}
    assert columns.similar == {"unemployment.denominator"}
    assert columns.unused(table) == ["Bemerkung"]


def test_the_numerator_is_not_taken_for_the_rate_that_has_its_name() -> None:
    table = read_pasted("Schlüssel\tArbeitslose\tPersonen von 15 bis 64")
    columns = find_columns(table, uses_of([dataclasses.replace(UNEMPLOYMENT, code="arbeitslose")]))
    assert columns.places == {"key": 1, "arbeitslose.numerator": 2, "arbeitslose.denominator": 3}


def test_a_title_above_the_head_is_skipped() -> None:
    checked = check("Arbeitsmarkt 2021\n\nName;Einkommensteuer\nAdendorf;571,87\nBardowick;566,66", level=Level.SPACE)
    assert checked.values["income_tax"]["033550001"].value == Decimal("571.87")


def test_two_columns_with_the_same_meaning_are_an_error_until_one_is_chosen() -> None:
    text = "Schlüssel;Einkommensteuer;income_tax\n033550001;1;2\n033555402;3;4"
    assert "mehrere Spalten in Frage (B, C)" in messages(check(text))
    chosen = check(text, columns={"key": 1, "income_tax.value": 3})
    assert chosen.values["income_tax"]["033550001"].value == 2


def test_the_table_of_all_municipalities_gives_the_sums_of_the_record(shared_data: Path) -> None:
    checked = check(converted(shared_data / "lueneburg_gemeinden_indicators_2021.csv"), among=spaces())
    assert messages(checked) == ""
    assert checked.level == Level.MEMBER
    by_name = {space.name: checked.values["unemployment"][space.key] for space in spaces()}
    assert {name: (value.numerator, value.denominator) for name, value in by_name.items()} == FACTS
    assert by_name["Bardowick"].value == round(Decimal(328_000) / 11_850, 8)


def test_what_is_not_ours_is_named_and_left_out(shared_data: Path) -> None:
    checked = check(converted(shared_data / "lueneburg_gemeinden_indicators_2021.csv"), among=spaces())
    (note,) = checked.notes
    assert note.startswith("Nicht im Gebiet der Sozialräume, bleibt weg: ")
    assert "03355022" in note
    assert "Lüneburg" in note


RATE = "Schlüssel;Gemeinde;Arbeitslose;Personen von 15 bis 64\n"


def test_a_right_total_is_confirmed() -> None:
    checked = check(
        RATE + "03355004;Bardowick;157;4733\n03355023;Mechtersen;3;267\n03355001;Adendorf;248;6624\n;Summe;408;11624"
    )
    assert checked.warnings == []
    assert checked.notes == ["Zeile 5 „Summe“ stimmt: Arbeitslose, Personen von 15 bis 64."]


def test_a_total_that_includes_what_is_not_ours_is_right_too() -> None:
    checked = check(
        RATE + "033555402;Bardowick;160;5000\n033550001;Adendorf;248;6624\n"
        "033550022;Lüneburg, Hansestadt;2000;50000\n03355;Landkreis;2408;61624"
    )
    assert checked.warnings == []


def test_a_wrong_total_is_reported_with_both_numbers() -> None:
    checked = check(RATE + "033555402;Bardowick;160;5000\n033550001;Adendorf;248;6624\n;Insgesamt;409;11624")
    assert checked.warnings == [
        "Zeile 4 „Insgesamt“, Spalte „Arbeitslose“ (C4): Dort steht 409, die Zeilen ergeben 408 (Unterschied +1)."
    ]


def test_a_total_beside_secret_values_cannot_be_checked() -> None:
    checked = check(RATE + "033555402;Bardowick;*;5000\n033550001;Adendorf;248;6624\n;Summe;409;11624")
    assert any("nicht prüfbar" in note for note in checked.notes)
    assert not checked.warnings or "Summe" not in checked.warnings[0]


def test_the_row_of_a_joint_municipality_is_the_total_of_its_members() -> None:
    text = RATE + "033555402;Samtgemeinde Bardowick;161;5000\n03355004;Bardowick;157;4733\n03355023;Mechtersen;3;267\n"
    checked = check(text + "03355001;Adendorf;248;6624")
    assert checked.values["unemployment"]["033555402"].numerator == 160
    assert "Dort steht 161, die Zeilen ergeben 160" in checked.warnings[0]


@pytest.mark.parametrize("mark", ["*", ".", "x", "/"])
def test_a_secret_part_keeps_the_whole_space_secret(mark: str) -> None:
    checked = check(RATE + f"03355004;Bardowick;157;4733\n03355023;Mechtersen;{mark};267\n03355001;Adendorf;248;6624")
    value = checked.values["unemployment"]["033555402"]
    assert value == Value(None, None, Decimal(5000), is_secret=True)


def test_a_dash_is_zero_and_an_empty_cell_is_missing() -> None:
    checked = check(RATE + "033555402;Bardowick;-;5000\n033550001;Adendorf;;6624")
    assert checked.values["unemployment"]["033555402"].value == 0
    missing = checked.values["unemployment"]["033550001"]
    assert (missing.value, missing.is_secret) == (None, False)
    assert "nur für 1 von 2 Sozialräumen" in checked.warnings[0]


def test_a_space_without_all_its_members_gets_no_value() -> None:
    checked = check(RATE + "03355004;Bardowick;157;4733\n03355001;Adendorf;248;6624", level=Level.MEMBER)
    assert checked.values["unemployment"]["033555402"].value is None
    assert "Zu Samtgemeinde Bardowick fehlen Gemeinden: Mechtersen." in checked.warnings[0]


def test_the_same_space_twice_is_an_error() -> None:
    checked = check(RATE + "033555402;Bardowick;160;5000\n033555402;Bardowick;161;5000")
    assert "Zeile 3, Spalte A „Schlüssel“: „Bardowick“ steht schon in Zeile 2." in messages(checked)
    assert checked.values == {}


def test_a_mistyped_key_and_name_get_a_suggestion() -> None:
    assert "Meinten Sie 033555402 (Bardowick)?" in messages(check(RATE + "033555420;Bardowick;160;5000"))
    assert "Meinten Sie „Bardowick“?" in messages(check("Name;Einkommensteuer\nBardowik;1\nAdendorf;2"))


def test_key_and_name_must_agree() -> None:
    checked = check(RATE + "033555402;Adendorf;160;5000")
    assert "Schlüssel und Name passen nicht zusammen: 033555402 ist Bardowick" in messages(checked)


@pytest.mark.parametrize("key", ["33550001", "3355001", "033550001001", "33550001001"])
def test_other_spellings_of_a_key_are_understood(key: str) -> None:
    checked = check(f"Schlüssel;Einkommensteuer\n{key};571,87\n033555402;566,66")
    assert checked.values["income_tax"]["033550001"].value == Decimal("571.87")


def test_a_name_that_nobody_knows_is_left_out_with_a_warning() -> None:
    checked = check("Name;Einkommensteuer\nBardowick;1\nAdendorf;2\nUelzen;3", level=Level.SPACE)
    assert checked.warnings == ["Diese Zeilen gehören zu keinem Sozialraum und bleiben weg: Uelzen."]


def test_names_alone_are_read_by_the_level() -> None:
    text = "Gemeinde;Arbeitslose;Personen von 15 bis 64\nBardowick;157;4733\nMechtersen;3;267\nAdendorf;248;6624"
    assert check(text).values["unemployment"]["033555402"].numerator == 160


def test_notes_below_the_table_are_no_rows() -> None:
    checked = check("Name;Einkommensteuer\nBardowick;1\nAdendorf;2\n\nQuelle: Statistik", level=Level.SPACE)
    assert (messages(checked), checked.warnings) == ("", [])


def test_plain_values_of_municipalities_are_not_added_up() -> None:
    text = "Schlüssel;Einkommensteuer\n03355004;500\n03355023;600\n03355001;571,87"
    assert "Solche Werte lassen sich nicht zusammenzählen" in messages(check(text))


def test_with_a_weight_they_become_a_weighted_mean() -> None:
    text = "Schlüssel;Einkommensteuer;Einwohner\n03355004;500;3000\n03355023;600;1000\n03355001;571,87;10956"
    column = check(text).values["income_tax"]
    assert column["033555402"].value == 525
    assert column["033550001"].value == Decimal("571.87")


def test_a_printed_rate_must_be_the_quotient() -> None:
    text = "Schlüssel;Arbeitslose;Personen von 15 bis 64;unemployment\n033555402;328;11850;{}\n033550001;248;6624;37,44"
    assert check(text.format("27,68")).warnings == []
    assert "ist als 28,68 angegeben, aus Zähler und Nenner ergibt sich 27,68" in check(text.format("28,68")).warnings[0]


@pytest.mark.parametrize(
    ("cells", "message"),
    [
        ("12;0", "ergibt für Bardowick null"),
        ("-12;100", "nicht kleiner als null"),
        ("zwölf;100", "nicht als Zahl lesbar"),
        ("1e3;100", "ohne E"),
        ("9999999999999;100", "zu groß"),
    ],
)
def test_wrong_cells_are_named(cells: str, message: str) -> None:
    checked = check(RATE + f"033555402;Bardowick;{cells}\n033550001;Adendorf;248;6624")
    assert message in messages(checked)
    assert "Zeile 2, Spalte" in messages(checked)
    assert checked.values == {}


def test_wrong_cells_of_other_areas_do_not_matter() -> None:
    checked = check(RATE + "033555402;Bardowick;1;5\n033550001;Adendorf;2;6\n09162000;München;k. A.;?")
    assert messages(checked) == ""


def test_a_numerator_needs_its_denominator() -> None:
    assert "fehlt die Spalte mit dem Nenner „Personen von 15 bis 64“" in messages(
        check("Schlüssel;Arbeitslose\n033555402;160")
    )


def test_a_table_about_something_else_is_refused() -> None:
    assert messages(check("a;b\n1;2")).splitlines() == [
        "Die Tabelle hat keine Spalte mit dem Schlüssel oder dem Namen der Sozialräume.",
        "Keine Spalte passt zu einem Belastungsindikator. Bitte ordnen Sie die Spalten zu.",
    ]


def test_how_an_ambiguous_number_was_understood_is_kept() -> None:
    checked = check("Schlüssel;Einkommensteuer\n033555402;1.234\n033550001;571,87")
    assert [row.echoes for row in checked.rows if row.echoes] == [{"income_tax.value": "verstanden als 1.234,00"}]


def test_a_change_of_more_than_half_is_unusual() -> None:
    values = check("Schlüssel;Einkommensteuer\n033555402;149,9\n033550001;40").values
    changes = changes_of(values, {"income_tax": {"033555402": Decimal(100), "033550001": Decimal(100)}})
    names = {space.key: space.name for space in SMALL}
    assert large_changes(changes["income_tax"], "Einkommensteuer", names) == [
        "„Einkommensteuer“ in Adendorf: −60,0\u00a0% gegenüber dem vorigen Datenstand."
    ]


@pytest.mark.parametrize("level", [Level.SPACE, Level.MEMBER])
def test_an_empty_template_is_understood_when_it_comes_back(level: Level) -> None:
    content = release_template(MEASURES, SMALL, level=level, date=dt.date(2026, 1, 1))
    table = read_upload(io.BytesIO(content), "Vorlage.xlsx")
    columns = find_columns(table, uses_of(MEASURES))
    expected = {"key", "name", "unemployment.numerator", "unemployment.denominator", "income_tax.value"}
    assert set(columns.places) >= expected
    assert [row[0].text for row in table.rows[1:]] == [
        key for space in SMALL for key in (space.members if level == Level.MEMBER else [space.key])
    ]


def test_the_documentation_names_what_the_code_does() -> None:
    page = (Path(__file__).parents[2] / "docs" / "data-import.md").read_text(encoding="utf-8")
    for heads in (KEY_HEADS, NAME_HEADS, WEIGHT_HEADS):
        assert f"| {', '.join(heads)} |" in page
    assert ", ".join(f'"{name}"' for name in TOTAL_NAMES) in " ".join(page.split())
    limits = f"{MAX_BYTES >> 20} MB, {MAX_ROWS:,} rows, {MAX_COLUMNS} columns"
    kept = f"{-int(VALUE_STEP.as_tuple().exponent)} decimals, counts with {-int(COUNT_STEP.as_tuple().exponent)}"
    for sentence in (
        limits,
        kept,
        f"the first {HEADER_ROWS} that",
        f"more than {LARGE_CHANGE_PERCENT} %",
        f"fewer than {COVERAGE * 100:.0f} %",
    ):
        assert sentence in page, sentence
    assert DRAFT_SECONDS == 2 * 60 * 60
    marks = ("*", ".", "x", "/")
    assert " ".join(f"`{mark}`" for mark in marks) in page
    assert {parse_statistic(mark) for mark in marks} == {SECRET}
