"""From a file to a Datenstand through the pages: who may, what is refused, and what is visible when."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from indicators.models import DataRelease, Direction, Indicator, IndicatorValue, ReleaseStatus
from indicators.services.indicators import save_indicator
from indicators.services.releases import discard_release, import_release, take_over_release
from jugendhilfe.audit.models import Entry, SourceFile
from jugendhilfe.lib.errors import DomainError, NotAllowed
from regions.models import MemberMunicipality
from tests import factories
from tests.conftest import Cast, County

DAY = dt.date(2023, 12, 31)
ABOUT = {
    "name": "Indikatoren 2023",
    "reference_date": "2023-12-31",
    "source": "Bundesagentur für Arbeit",
    "level": "auto",
}
FILE = (factories.INPUTS / "indikatoren_2021.csv").read_bytes()


@pytest.fixture
def indicators(county: County) -> dict[str, Indicator]:
    return factories.make_indicators(county.spaces)


@pytest.fixture
def planning(client: Client, cast: Cast) -> Client:
    client.force_login(cast.planning)
    return client


def hand_in(client: Client, content: bytes = FILE, name: str = "indikatoren.csv", **about: str) -> Any:
    """The first page; answers with the check page where the table can be read."""
    data: dict[str, Any] = {**ABOUT, **about, "file": SimpleUploadedFile(name, content)}
    return client.post(reverse("indicators:release_upload"), data, follow=True)


def table_of(changes: dict[str, str] | None = None) -> bytes:
    """The file of 2021 with some cells changed."""
    text = FILE.decode()
    for old, new in (changes or {}).items():
        assert old in text
        text = text.replace(old, new)
    return text.encode()


def address(response: Any) -> str:
    request = response.request
    return f"{request['PATH_INFO']}?{request['QUERY_STRING']}"


def text(response: Any) -> str:
    return str(response.content.decode())


def nothing_saved() -> bool:
    return not DataRelease.objects.filter(name=ABOUT["name"]).exists() and not SourceFile.objects.exists()


def imported(content: bytes = FILE, *, day: dt.date = DAY, **options: Any) -> DataRelease:
    return import_release(
        name=ABOUT["name"],
        reference_date=day,
        source=ABOUT["source"],
        filename="indikatoren.csv",
        content=content,
        actor=None,
        **options,
    )


def test_a_table_goes_from_file_to_datenstand_in_three_steps(
    planning: Client, cast: Cast, indicators: dict[str, Indicator]
) -> None:
    check = hand_in(planning)
    assert "10 von 10 Sozialräumen mit Wert" in text(check)
    assert "53,9" in text(check)  # 165 of 3,062 in Amt Neuhaus
    assert nothing_saved()

    take_over = planning.post(address(check), {"confirmed": "on"}, follow=True)
    release = DataRelease.objects.get(name=ABOUT["name"])
    assert release.status == ReleaseStatus.CHECKED
    assert take_over.redirect_chain[-1][0] == reverse("indicators:release_take_over", args=[release.pk])

    receipt = planning.post(take_over.redirect_chain[-1][0], follow=True)
    release.refresh_from_db()
    assert (release.status, release.taken_over_by) == (ReleaseStatus.TAKEN_OVER, cast.planning)
    assert release.file is not None
    assert bytes(release.file.content) == FILE
    assert release.file.sha256[:32] in text(receipt)
    value = IndicatorValue.objects.get(release=release, indicator=indicators["unemployment"], space__name="Bardowick")
    assert [value.numerator, value.denominator, value.value] == [328, 11850, round(Decimal(328_000) / 11_850, 8)]
    assert [entry.action for entry in Entry.objects.for_object(release)] == ["releases.take_over", "releases.check"]


def test_until_it_is_taken_over_only_the_administration_sees_it(
    client: Client, planning: Client, cast: Cast, indicators: dict[str, Indicator]
) -> None:
    planning.post(address(hand_in(planning)), {})
    release = DataRelease.objects.get(name=ABOUT["name"])
    page = reverse("indicators:release_detail", args=[release.pk])
    for person, code in ((cast.finance, 200), (cast.audit, 200), (cast.board_reader, 404), (cast.nobody, 404)):
        client.force_login(person)
        assert client.get(page).status_code == code
        assert (release.name in text(client.get(reverse("indicators:release_list")))) == (code == 200)
    take_over_release(release=release, actor=cast.planning)
    client.force_login(cast.board_reader)
    assert client.get(page).status_code == 200


def test_a_second_person_may_take_over_and_comes_only_once(
    client: Client, planning: Client, cast: Cast, indicators: dict[str, Indicator]
) -> None:
    planning.post(address(hand_in(planning)), {})
    release = DataRelease.objects.get(name=ABOUT["name"])
    take_over_release(release=release, actor=cast.planning)
    with pytest.raises(DomainError, match="schon übernommen"):
        take_over_release(release=release, actor=cast.planning)
    answer = planning.get(reverse("indicators:release_take_over", args=[release.pk]), follow=True)
    assert "Dieser Datenstand ist schon übernommen." in text(answer)
    with pytest.raises(DomainError, match="schon übernommen"):
        discard_release(release=release, reason="Versehen", actor=cast.planning)


def test_the_table_of_one_person_is_not_found_by_another(
    client: Client, planning: Client, cast: Cast, indicators: dict[str, Indicator]
) -> None:
    place = address(hand_in(planning))
    colleague = factories.make_user("Jugendhilfeplanung 2")
    cast.planning.role_assignments.update(user=colleague)
    client.force_login(colleague)
    answer = client.get(place, follow=True)
    assert "liegt nicht mehr vor" in text(answer)
    assert answer.redirect_chain[-1][0] == reverse("indicators:release_upload")


def test_pages_that_change_something_are_for_planning_alone(
    client: Client, cast: Cast, indicators: dict[str, Indicator]
) -> None:
    release = DataRelease.objects.latest("pk")
    pages = [
        reverse("indicators:release_upload"),
        reverse("indicators:release_check", args=["abc"]),
        reverse("indicators:release_take_over", args=[release.pk]),
        reverse("indicators:release_discard", args=[release.pk]),
        reverse("indicators:release_template"),
        reverse("indicators:indicator_new"),
        reverse("indicators:indicator_edit", args=[indicators["employment"].pk]),
        reverse("indicators:indicator_archive", args=[indicators["employment"].pk]),
    ]
    for person in (cast.head, cast.finance, cast.coordination, cast.carrier_lead, cast.system, cast.nobody):
        client.force_login(person)
        assert {client.get(page).status_code for page in pages} == {403}
        assert {client.post(page).status_code for page in pages} <= {403, 405}
    with pytest.raises(NotAllowed):
        take_over_release(release=release, actor=cast.head)


def test_who_may_not_write_finds_no_button(client: Client, cast: Cast, indicators: dict[str, Indicator]) -> None:
    client.force_login(cast.board_reader)
    for name in ("release_list", "indicator_list"):
        page = text(client.get(reverse(f"indicators:{name}")))
        assert reverse("indicators:release_upload") not in page
        assert reverse("indicators:indicator_new") not in page


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("werte.pdf", b"%PDF-1.7", "keine Tabelle"),
        ("werte.xls", b"\xd0\xcf\x11\xe0" + b"\0" * 600, "alte Excel-Datei"),
        ("werte.docx", b"irgendwas", "keine Excel-Datei"),
        ("werte.csv", b"", "leer"),
    ],
)
def test_other_files_are_refused_in_german(
    planning: Client, indicators: dict[str, Indicator], name: str, content: bytes, message: str
) -> None:
    answer = hand_in(planning, content, name)
    assert message in text(answer)
    assert not answer.redirect_chain
    assert nothing_saved()


def test_neither_file_nor_paste_is_an_error(planning: Client, indicators: dict[str, Indicator]) -> None:
    answer = planning.post(reverse("indicators:release_upload"), ABOUT)
    assert "Bitte wählen Sie eine Datei" in text(answer)


def test_cells_pasted_from_excel_do_as_well(planning: Client, indicators: dict[str, Indicator]) -> None:
    pasted = FILE.decode().replace(";", "\t")
    check = planning.post(reverse("indicators:release_upload"), {**ABOUT, "pasted": pasted}, follow=True)
    assert "10 von 10 Sozialräumen mit Wert" in text(check)


def test_a_file_from_an_old_windows_program_is_read(planning: Client, indicators: dict[str, Indicator]) -> None:
    check = hand_in(planning, FILE.decode().encode("cp1252"))
    assert "Windows-1252" in text(check)
    assert "10 von 10 Sozialräumen mit Wert" in text(check)


def test_errors_are_named_by_cell_and_nothing_can_be_saved(planning: Client, indicators: dict[str, Indicator]) -> None:
    wrong = table_of({"033550009;Bleckede": "033550008;Bleckede", "165;3062": "165;viele"})
    check = hand_in(planning, wrong)
    assert "Meinten Sie 033550009 (Bleckede)?" in text(check)
    assert 'href="#zelle-D2"' in text(check)
    assert 'id="zelle-D2"' in text(check)
    answer = planning.post(address(check), {"confirmed": "on"})
    assert "Es wurde nichts gespeichert." in text(answer)
    assert nothing_saved()


def test_a_large_jump_wants_a_yes(planning: Client, indicators: dict[str, Indicator]) -> None:
    check = hand_in(planning, table_of({"165;3062": "365;3062"}))
    assert "Arbeitslose je 1.000“ in Amt Neuhaus: +121,2\u00a0% gegenüber dem vorigen Datenstand." in text(check)
    refused = planning.post(address(check), {})
    assert "Bitte bestätigen Sie, dass Sie die Hinweise geprüft haben." in text(refused)
    assert nothing_saved()
    planning.post(address(check), {"confirmed": "on", "note": "Werk geschlossen"})
    entry = Entry.objects.get(action="releases.check")
    assert entry.reason == "Werk geschlossen"
    assert len(entry.data["confirmed"]) == 1


def test_secret_and_missing_cells_are_kept_as_such(planning: Client, indicators: dict[str, Indicator]) -> None:
    check = hand_in(planning, table_of({"165;3062": "*;3062", "304;5940": ";5940"}))
    assert "8 von 10 Sozialräumen mit Wert" in text(check)
    planning.post(address(check), {})
    values = IndicatorValue.objects.filter(
        release__name=ABOUT["name"], indicator=indicators["unemployment"], value=None
    )
    assert {(value.space.name, value.is_secret) for value in values} == {("Amt Neuhaus", True), ("Bleckede", False)}


def test_columns_can_be_chosen_by_hand(planning: Client, indicators: dict[str, Indicator]) -> None:
    renamed = table_of({"Einkommensteuer je Kopf": "Steuer", "Arbeitslose;": "Anzahl A;"})
    check = hand_in(planning, renamed)
    assert "Keine Spalte passt zu einem Belastungsindikator" in text(check)
    chosen = {"columns_of": "-", "use-key": "1", "use-income_tax.value": "5"}
    again = planning.get(address(check) + "&" + "&".join(f"{name}={value}" for name, value in chosen.items()))
    assert "Einkommensteuer je Kopf: 10 von 10" in text(again)
    assert "Nicht gelesene Spalten: „Sozialraum“, „Anzahl A“, „Personen 15 bis 64“." in text(again)


def test_the_same_file_is_not_taken_twice(planning: Client, indicators: dict[str, Indicator]) -> None:
    imported()
    answer = planning.post(address(hand_in(planning)), {})
    assert "Diese Datei ist schon eingelesen" in text(answer)
    assert DataRelease.objects.filter(name=ABOUT["name"]).count() == 1


def test_a_checked_datenstand_can_be_discarded_with_a_reason(
    planning: Client, indicators: dict[str, Indicator]
) -> None:
    planning.post(address(hand_in(planning)), {})
    release = DataRelease.objects.get(name=ABOUT["name"])
    page = reverse("indicators:release_discard", args=[release.pk])
    assert "Bitte ausfüllen." in text(planning.post(page, {"reason": ""}))
    planning.post(page, {"reason": "Falscher Stichtag"})
    release.refresh_from_db()
    assert release.status == ReleaseStatus.DISCARDED
    assert Entry.objects.for_object(release)[0].reason == "Falscher Stichtag"


def test_the_set_up_imports_by_the_same_rules(indicators: dict[str, Indicator]) -> None:
    release = imported(is_example=True)
    assert (release.status, release.is_example, release.values.count()) == (ReleaseStatus.TAKEN_OVER, True, 20)
    with pytest.raises(DomainError, match="Zeile 2, Spalte D"):
        imported(table_of({"165;3062": "165;viele"}))
    with pytest.raises(DomainError, match="Auffälligkeiten"):
        imported(table_of({"165;3062": "365;3062"}))
    assert imported(table_of({"165;3062": "365;3062"}), confirmed=True).status == ReleaseStatus.TAKEN_OVER


@pytest.mark.parametrize("year", [2019, 2020, 2021])
def test_the_set_up_takes_every_file_of_the_demo(county: County, year: int) -> None:
    factories.make_indicators(county.spaces)
    content = (factories.INPUTS / f"indikatoren_{year}.csv").read_bytes()
    release = imported(content, day=dt.date(year, 12, 31))
    stored = DataRelease.objects.get(name=f"Indikatoren {year}")
    fields = ("indicator", "space", "value", "numerator", "denominator")
    assert set(release.values.values_list(*fields)) == set(stored.values.values_list(*fields))


def test_members_are_added_up_to_their_space(county: County, indicators: dict[str, Indicator]) -> None:
    for row in factories.read("mitgliedsgemeinden.csv"):
        space = county.spaces[row["Sozialraum"]]
        MemberMunicipality.objects.create(space=space, key=row["Gemeindeschlüssel"], name=row["Gemeinde"])
    keys = MemberMunicipality.objects.filter(space__name="Bardowick").values_list("key", flat=True)
    rows = "".join(f"{key};10;100\n" for key in keys)
    content = f"Schlüssel;Arbeitslose;Personen von 15 bis 64\n{rows}".encode()
    release = imported(content, confirmed=True)
    value = release.values.get(space__name="Bardowick")
    assert [value.numerator, value.value] == [10 * len(keys), 100]


def test_files_hold_every_value(planning: Client, indicators: dict[str, Indicator]) -> None:
    page = reverse("indicators:release_detail", args=[imported().pk])
    lines = planning.get(page, {"format": "csv"}).content.decode("utf-8-sig").splitlines()
    assert lines[0] == "Indikator;Kürzel;Schlüssel;Sozialraum;Zähler;Nenner;Wert;Einheit;Bemerkung"
    assert len(lines) == 21
    bardowick = next(line for line in lines if "033555402;Bardowick;328;11850" in line)
    assert ";27,67932489;" in bardowick
    assert planning.get(page, {"format": "xlsx"})["Content-Type"].endswith("sheet")
    lists = (reverse("indicators:release_list"), reverse("indicators:indicator_list"))
    assert all(planning.get(page, {"format": "csv"})["Content-Disposition"].startswith("attachment") for page in lists)


def test_the_file_comes_back_byte_for_byte(planning: Client, indicators: dict[str, Indicator]) -> None:
    release = imported()
    assert release.file is not None
    answer = planning.get(reverse("regions:source_file", args=[release.file.sha256]))
    assert answer.content == FILE
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Disposition"].startswith("attachment")


def test_the_list_can_be_filtered(planning: Client, indicators: dict[str, Indicator]) -> None:
    page = text(planning.get(reverse("indicators:release_list"), {"indicator": str(indicators["employment"].pk)}))
    assert "Indikatoren 2015" in page
    assert "Indikatoren 2021" not in page


def test_a_template_has_the_heads_and_rows(planning: Client, indicators: dict[str, Indicator]) -> None:
    page = reverse("indicators:release_template")
    answer = planning.get(page, {"indicators": ["unemployment"], "level": "space"})
    assert answer["Content-Disposition"].startswith("attachment")
    check = hand_in(planning, answer.content, "vorlage.xlsx")
    assert "In den Spalten für Werte steht nichts." in text(check)
    assert "mindestens einen Indikator" in text(planning.get(page, follow=True))


# Indicators

NEW = {
    "name": "Kinder in Bedarfsgemeinschaften je 100",
    "short_name": "Kinder mit SGB II",
    "code": "child_poverty",
    "direction": Direction.MORE,
    "unit": "je 100 Kinder unter 15",
    "decimals": "1",
    "rate_per": "100",
    "numerator_name": "Kinder in Bedarfsgemeinschaften",
    "denominator_name": "Kinder unter 15",
}


def test_an_indicator_is_entered_changed_and_put_aside(planning: Client, county: County) -> None:
    planning.post(reverse("indicators:indicator_new"), NEW)
    indicator = Indicator.objects.get(code="child_poverty")
    edit = reverse("indicators:indicator_edit", args=[indicator.pk])
    planning.post(edit, {**NEW, "short_name": "Kinderarmut"})
    archive = reverse("indicators:indicator_archive", args=[indicator.pk])
    planning.post(archive, {"reason": "Zahlen nicht zu bekommen"})
    indicator.refresh_from_db()
    assert (indicator.short_name, indicator.is_archived) == ("Kinderarmut", True)
    page = text(planning.get(reverse("indicators:indicator_detail", args=[indicator.pk])))
    assert "bisher Kinder mit SGB II, jetzt Kinderarmut" in page
    assert "Zahlen nicht zu bekommen" in page


def test_a_rate_needs_its_parts(planning: Client, county: County) -> None:
    answer = planning.post(reverse("indicators:indicator_new"), {**NEW, "numerator_name": ""})
    assert "Eine Rate braucht „je“, Zähler und Nenner" in text(answer)
    assert not Indicator.objects.exists()


def test_what_values_rest_on_stays(planning: Client, indicators: dict[str, Indicator], cast: Cast) -> None:
    indicator = indicators["unemployment"]
    edit = reverse("indicators:indicator_edit", args=[indicator.pk])
    assert "Steht fest, weil es schon Werte" in text(planning.get(edit))
    indicator.rate_per = 100
    with pytest.raises(DomainError, match="„Rate je“ steht fest"):
        save_indicator(indicator=indicator, actor=cast.planning)


def test_an_indicator_put_aside_is_not_looked_for(planning: Client, indicators: dict[str, Indicator]) -> None:
    Indicator.objects.filter(code="income_tax").update(is_archived=True)
    assert "Einkommensteuer je Kopf:" not in text(hand_in(planning))


def test_an_indicator_shows_its_values_by_date(planning: Client, indicators: dict[str, Indicator]) -> None:
    page = text(planning.get(reverse("indicators:indicator_detail", args=[indicators["unemployment"].pk])))
    for shown in ("31.12.2019", "31.12.2021", "27,7", "Arbeitslose je 1.000 Personen von 15 bis 64"):
        assert shown in page


def test_pages_ask_as_much_for_one_row_as_for_many(planning: Client, indicators: dict[str, Indicator]) -> None:
    one = imported("Schlüssel;Einkommensteuer je Kopf\n033550009;400".encode(), confirmed=True)
    many = imported()
    counts = []
    for release in (one, many):
        page = reverse("indicators:release_detail", args=[release.pk])
        planning.get(page)  # what the process remembers from the first look is not counted
        with CaptureQueriesContext(connection) as queries:
            planning.get(page)
        counts.append(len(queries))
    assert counts[0] == counts[1]
    assert counts[0] <= 9
    check = address(hand_in(planning))
    for page in (
        reverse("indicators:release_list"),
        reverse("indicators:indicator_list"),
        reverse("indicators:indicator_detail", args=[indicators["unemployment"].pk]),
        check,
    ):
        with CaptureQueriesContext(connection) as queries:
            planning.get(page)
        assert len(queries) <= 9, (page, [query["sql"][:90] for query in queries])
