"""Regions, social spaces and offices: who sees them, who keeps them, what a change leaves behind."""

import datetime as dt
from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from jugendhilfe.audit.models import Entry
from jugendhilfe.lib.errors import DomainError, NotAllowed
from regions.history import history_of
from regions.models import MemberMunicipality, Office, Region, SocialSpace
from regions.services.places import close_office, keep_members, keep_space
from tests import factories
from tests.conftest import Cast, County

BLECKEDE, DAHLENBURG = "033550009", "033555403"


def get(client: Client, name: str, *args: object, **query: str) -> str:
    response = client.get(reverse(f"regions:{name}", args=args), query)
    assert response.status_code == 200, response.status_code
    return response.content.decode()


# What everybody sees


def test_the_map_names_every_space_its_region_and_the_area_outside(client: Client, county: County) -> None:
    html = get(client, "region_list")
    for name in county.spaces:
        assert f">{name}</text>" in html or all(f">{part}</text>" in html for part in name.split())
    assert html.count(">Region 1</text>") == 5  # four tiles and the legend
    assert ">Hansestadt</text>" in html
    assert f'href="/sozialraeume/{BLECKEDE}/"' in html


def test_without_tiles_there_is_a_list_and_no_map(client: Client, county: County) -> None:
    SocialSpace.objects.update(hex_column=None, hex_row=None)
    html = get(client, "region_list")
    assert "<svg" not in html
    assert "Sozialräume finden" in html


def test_a_space_is_found_by_a_municipality_that_belongs_to_it(client: Client, county: County) -> None:
    MemberMunicipality.objects.create(space=county.spaces["Dahlenburg"], key="03355012", name="Dahlem")
    rows = get(client, "region_list", suche="dahlem", format="csv").splitlines()
    assert [row.split(";")[0] for row in rows[1:]] == ["Dahlenburg"]
    assert "Kein Sozialraum passt" in get(client, "region_list", suche="Atlantis")


def test_a_space_shows_its_counts_with_date_and_source(client: Client, county: County) -> None:
    factories.make_population(county.spaces)
    html = get(client, "space_detail", DAHLENBURG)
    assert "6.207" in html
    assert "31.12.2022" in html
    assert "BKG, VG250-EW 2022" in html
    assert "156,51 km²" in html


def test_an_office_shows_its_carrier_but_not_the_name_of_a_freelancer(client: Client, county: County) -> None:
    county.carrier_a.kind = "freelancer"
    county.carrier_a.save()
    own, other = county.offices["Bleckede"], county.offices["Scharnebeck"]
    for html in (
        get(client, "office_detail", own.pk),
        get(client, "office_list"),
        get(client, "office_list", format="csv"),
        get(client, "space_detail", BLECKEDE),
        get(client, "region_detail", 1),
    ):
        assert "Träger A" not in html
    assert "Träger B" in get(client, "office_detail", other.pk)


def test_offices_are_found_by_language_and_closed_ones_only_on_request(client: Client, county: County) -> None:
    Office.objects.filter(space__name="Bleckede").update(languages="Deutsch, Arabisch")
    Office.objects.filter(space__name="Adendorf").update(languages="Arabisch", valid_to=dt.date(2021, 1, 1))
    html = get(client, "office_list", suche="arabisch")
    assert "Sozialraumbüro Bleckede" in html
    assert "Adendorf" not in html
    assert "Sozialraumbüro Adendorf" in get(client, "office_list", suche="arabisch", geschlossene="on")


def test_a_list_downloads_as_excel_with_its_filter(client: Client, county: County) -> None:
    response = client.get(reverse("regions:office_list"), {"region": "2", "format": "xlsx"})
    assert response["Content-Disposition"] == 'attachment; filename="sozialraumbueros.xlsx"'
    rows = get(client, "office_list", region="2", format="csv").splitlines()
    assert len(rows) == 4


def test_an_empty_county_says_what_to_do_next(client: Client, cast: Cast) -> None:
    assert "Region anlegen" not in get(client, "region_list")
    client.force_login(cast.planning)
    assert "Region anlegen" in get(client, "region_list")


def test_an_empty_county_offers_the_import_to_those_who_may(client: Client, db: None) -> None:
    html = get(client, "region_list")
    assert "Noch keine Regionen" in html
    assert "einlesen" not in html


@pytest.mark.parametrize(
    ("name", "args"), [("region_list", ()), ("office_list", ()), ("region_detail", (1,)), ("space_detail", (BLECKEDE,))]
)
def test_public_pages_ask_as_many_questions_for_one_row_as_for_many(
    client: Client, cast: Cast, county: County, name: str, args: tuple[object, ...]
) -> None:
    client.force_login(cast.planning)
    factories.make_population(county.spaces)
    get(client, name, *args)  # the session is stored once
    with CaptureQueriesContext(connection) as few:
        get(client, name, *args)
    for number in range(20):
        space = SocialSpace.objects.create(
            key=f"9999999{number:02}", name=f"Raum {number}", kind="stadt", region=county.regions[1]
        )
        for place in (space, county.spaces["Bleckede"]):
            Office.objects.create(space=place, name=f"Büro {place} {number}", valid_from=dt.date(2020, 1, 1))
    with CaptureQueriesContext(connection) as many:
        get(client, name, *args)
    assert len(few) == len(many) <= 8


# Keeping them


@pytest.mark.parametrize("name", ["region_new", "space_new", "office_new", "space_upload", "member_upload"])
def test_master_data_is_kept_by_planning_and_head_alone(client: Client, cast: Cast, name: str) -> None:
    url = reverse(f"regions:{name}")
    assert client.get(url).status_code == 302
    for person in (cast.planning, cast.head):
        client.force_login(person)
        assert client.get(url).status_code == 200
    for person in (cast.finance, cast.coordination, cast.audit, cast.carrier_lead, cast.municipality, cast.nobody):
        client.force_login(person)
        assert client.get(url).status_code == 403
        assert client.post(url, {"name": "X"}).status_code == 403


def test_a_service_refuses_whoever_may_not(cast: Cast, county: County) -> None:
    with pytest.raises(NotAllowed):
        keep_space(space=county.spaces["Bleckede"], actor=cast.finance)
    with pytest.raises(NotAllowed):
        keep_members(space=county.spaces["Bleckede"], members={}, actor=cast.coordination)


def test_a_new_region_is_on_the_list_and_in_the_log(client: Client, cast: Cast) -> None:
    client.force_login(cast.planning)
    response = client.post(reverse("regions:region_new"), {"number": "4", "name": "Region Süd"}, follow=True)
    assert "„Region Süd“ ist angelegt." in response.content.decode()
    entry = Entry.objects.get(action="regions.enter")
    assert (entry.actor, entry.region, entry.object_label) == (cast.planning, "4", "Region Süd")


def test_a_region_number_is_given_once(client: Client, cast: Cast) -> None:
    client.force_login(cast.planning)
    html = client.post(reverse("regions:region_new"), {"number": "1", "name": "Neu"}).content.decode()
    assert "existiert bereits" in html
    assert Region.objects.count() == 3


def space_fields(space: SocialSpace, **changes: str) -> dict[str, str]:
    return {
        "name": space.name,
        "kind": space.kind,
        "key": space.key,
        "region": str(space.region_id),
        "area_km2": "",
        "hex_column": "",
        "hex_row": "",
        **changes,
    }


def test_another_region_needs_a_reason_because_money_follows(client: Client, cast: Cast, county: County) -> None:
    client.force_login(cast.planning)
    space, url = county.spaces["Bleckede"], reverse("regions:space_edit", args=[BLECKEDE])
    changed = space_fields(space, region=str(county.regions[2].pk))
    html = client.post(url, changed).content.decode()
    assert "Bitte begründen Sie die Änderung bei „Region“" in html
    space.refresh_from_db()
    assert space.region == county.regions[1]
    client.post(url, {**changed, "reason": "Neuzuschnitt"})
    space.refresh_from_db()
    assert space.region == county.regions[2]
    assert Entry.objects.get(action="spaces.change").reason == "Neuzuschnitt"


def test_another_tile_needs_no_reason_and_reads_german_numbers(client: Client, cast: Cast, county: County) -> None:
    client.force_login(cast.planning)
    space, url = county.spaces["Bleckede"], reverse("regions:space_edit", args=[BLECKEDE])
    html = client.post(url, space_fields(space, hex_column="2,5")).content.decode()
    assert "bitte Spalte und Zeile angeben" in html
    client.post(url, space_fields(space, hex_column="2,5", hex_row="3", area_km2="1.234,50"))
    space.refresh_from_db()
    assert (space.hex_column, space.hex_row, space.area_km2) == (Decimal("2.5"), Decimal(3), Decimal("1234.50"))


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("key", "33550009", "Der amtliche Schlüssel hat neun Ziffern"),
        ("hex_column", "1.23.4", "Tausenderpunkt"),
        ("area_km2", "-1", "mindestens 0"),
        ("name", "", "Bitte ausfüllen."),
    ],
)
def test_wrong_input_is_explained_in_german_and_nothing_is_saved(
    client: Client, cast: Cast, county: County, field: str, value: str, sentence: str
) -> None:
    client.force_login(cast.planning)
    before = SocialSpace.objects.values().get(key=BLECKEDE)
    url = reverse("regions:space_edit", args=[BLECKEDE])
    response = client.post(url, {**space_fields(county.spaces["Bleckede"]), field: value, "reason": "Test"})
    assert sentence in response.content.decode()
    assert SocialSpace.objects.values().get(key=BLECKEDE) == before
    assert not Entry.objects.exists()


def test_the_history_says_what_changed_from_what_to_what_by_whom(client: Client, cast: Cast, county: County) -> None:
    space = county.spaces["Bleckede"]
    space.region, space.area_km2 = county.regions[2], Decimal("140.70")
    keep_space(space=space, actor=cast.planning, reason="Neuzuschnitt")
    keep_space(space=space, actor=cast.head, reason="ohne Änderung")
    newest, change, *_ = history_of(space)
    assert newest.changes == ()
    assert (change.actor, change.text, change.reason) == ("Jugendhilfeplanung", "Sozialraum geändert", "Neuzuschnitt")
    assert change.changes == (("Region", "Region 1", "Region 2"), ("Fläche in km²", "140,65", "140,70"))
    client.force_login(cast.audit)
    assert "Region: bisher Region 1, jetzt Region 2" in get(client, "space_history", BLECKEDE)
    client.force_login(cast.coordination)
    assert client.get(reverse("regions:space_history", args=[BLECKEDE])).status_code == 403


def test_member_municipalities_are_kept_line_by_line(client: Client, cast: Cast, county: County) -> None:
    client.force_login(cast.planning)
    url = reverse("regions:space_members", args=[DAHLENBURG])
    wrong = client.post(url, {"members": "3355012 Dahlem\n03355013 Dahlenburg\n03355013 Boitze", "reason": "x"})
    html = wrong.content.decode()
    assert "Zeile 1: Bitte achtstelligen Schlüssel und Namen angeben" in html
    assert "Zeile 3: Der Schlüssel 03355013 kommt doppelt vor." in html
    assert not MemberMunicipality.objects.exists()
    client.post(url, {"members": "03355012 Dahlem\n03355013; Dahlenburg\n", "reason": "Erste Erfassung"})
    client.post(url, {"members": "03355012 Dahlem bei Dahlenburg", "reason": "Zusammenschluss"})
    assert list(MemberMunicipality.objects.values_list("key", "name")) == [("03355012", "Dahlem bei Dahlenburg")]
    newest = history_of(county.spaces["Dahlenburg"])[0]
    assert newest.changes == (
        ("03355012", "Dahlem", "Dahlem bei Dahlenburg"),
        ("03355013", "Dahlenburg", ""),
    )


def test_a_municipality_belongs_to_one_space_at_a_time(cast: Cast, county: County) -> None:
    keep_members(space=county.spaces["Dahlenburg"], members={"03355012": "Dahlem"}, actor=cast.planning)
    with pytest.raises(DomainError, match="03355012 Dahlem gehört zu Dahlenburg"):
        keep_members(space=county.spaces["Bleckede"], members={"03355012": "Dahlem"}, actor=cast.planning)


def test_an_office_closes_once_its_contract_has_ended(client: Client, cast: Cast, county: County) -> None:
    client.force_login(cast.planning)
    office, url = county.offices["Bleckede"], reverse("regions:office_close", args=[county.offices["Bleckede"].pk])
    answer = {"last_day": "2026-12-31", "reason": "Umzug"}
    assert "Bitte zuerst den Vertrag beenden" in client.post(url, answer).content.decode()
    county.contract_a.valid_to = dt.date(2026, 12, 31)
    county.contract_a.save()
    client.post(url, answer)
    office.refresh_from_db()
    assert office.valid_to == dt.date(2026, 12, 31)
    assert Entry.objects.get(action="offices.close").reason == "Umzug"


def test_an_office_does_not_close_before_it_opened(cast: Cast, county: County) -> None:
    office = county.offices["Adendorf"]
    with pytest.raises(DomainError, match="Das Ende liegt vor dem Anfang"):
        close_office(office=office, last_day=dt.date(2019, 12, 31), actor=cast.planning, reason="Versehen")


def test_a_new_office_belongs_to_the_space_it_was_started_from(client: Client, cast: Cast, county: County) -> None:
    client.force_login(cast.planning)
    space = county.spaces["Adendorf"]
    html = get(client, "office_new", sozialraum=str(space.pk))
    assert f'<option value="{space.pk}" selected>' in html
    client.post(
        reverse("regions:office_new"),
        {"name": "Außenstelle", "space": space.pk, "valid_from": "29.02.2024", "languages": "Deutsch"},
    )
    assert Office.objects.get(name="Außenstelle").valid_from == dt.date(2024, 2, 29)


# Reading them from tables


def table(*lines: str) -> SimpleUploadedFile:
    return SimpleUploadedFile("sozialraeume.csv", "\r\n".join(lines).encode())


HEAD = "Region;Schlüssel;Sozialraum;Art;Fläche in km²;Kachel Spalte;Kachel Zeile"


def hand_in(client: Client, name: str, file: SimpleUploadedFile) -> tuple[str, str]:
    """The address and the text of the check page."""
    response = client.post(reverse(f"regions:{name}"), {"file": file, "pasted": ""}, follow=True)
    return response.request["PATH_INFO"], response.content.decode()


def test_a_county_starts_with_one_table_of_spaces_and_one_of_municipalities(client: Client, cast: Cast) -> None:
    client.force_login(cast.planning)
    url, html = hand_in(
        client,
        "space_upload",
        table(HEAD, "4;033560001;Neustadt;Stadt;12,50;0;3", "4;033560002;Altdorf;Gemeinde;;;"),
    )
    assert "Region 4 (wird angelegt)" in html
    assert not Region.objects.filter(number=4).exists()
    client.post(url)
    space = SocialSpace.objects.get(key="033560001")
    assert (space.region.name, space.area_km2, space.get_kind_display()) == ("Region 4", Decimal("12.50"), "Stadt")
    assert Entry.objects.filter(action="spaces.import", data__new=2).exists()
    url, html = hand_in(
        client, "member_upload", table("Gemeindeschlüssel;Gemeinde;Sozialraum", "03356001;Neustadt;Stadt Neustadt")
    )
    client.post(url)
    assert MemberMunicipality.objects.get().space == space
    assert "liegt nicht mehr bereit" in client.post(url, follow=True).content.decode()


def test_the_fixtures_of_the_demo_change_nothing_where_they_are_loaded(client: Client, cast: Cast) -> None:
    client.force_login(cast.planning)
    file = SimpleUploadedFile("sozialraeume.csv", (factories.INPUTS / "sozialraeume.csv").read_bytes())
    _, html = hand_in(client, "space_upload", file)
    assert "Alles in dieser Tabelle steht schon so im System." in html


def test_a_table_that_changes_what_is_there_asks_why(client: Client, cast: Cast, county: County) -> None:
    client.force_login(cast.planning)
    url, html = hand_in(client, "space_upload", table(HEAD, f"2;{BLECKEDE};Bleckede;Stadt;140,65;4;0"))
    assert "geändert" in html
    assert "Bitte ausfüllen." in client.post(url, {"reason": ""}).content.decode()
    county.spaces["Bleckede"].refresh_from_db()
    assert county.spaces["Bleckede"].region == county.regions[1]
    client.post(url, {"reason": "Neuzuschnitt"})
    county.spaces["Bleckede"].refresh_from_db()
    assert county.spaces["Bleckede"].region == county.regions[2]
    assert history_of(county.spaces["Bleckede"])[0].reason == "Neuzuschnitt"


@pytest.mark.parametrize(
    ("line", "sentence"),
    [
        (
            "1;33560001;Neustadt;Stadt;;;",
            "Zeile 2, Spalte B „Schlüssel“: Die führende Null fehlt. Meinten Sie 033560001?",
        ),
        (
            "1;033560001;Neustadt;Statd;;;",
            "Zeile 2, Spalte D „Art“: „Statd“ ist hier nicht bekannt. Meinten Sie „Stadt“?",
        ),
        ("1;033560001;Bleckede;Stadt;;;", "„Bleckede“ gibt es schon mit dem Schlüssel 033550009."),
        ("1;033560001;Neustadt;Stadt;12,345;;", "höchstens 2 Nachkommastellen"),
        ("1;033560001;Neustadt;Stadt;;1;", "Bitte Spalte und Zeile angeben"),
        ("0;033560001;Neustadt;Stadt;;;", "eine Nummer von 1 bis 999"),
        (";;;;;;", "Unter der Kopfzeile stehen keine Daten."),
    ],
)
def test_errors_name_their_cell_and_nothing_can_be_taken_over(
    client: Client, cast: Cast, line: str, sentence: str
) -> None:
    client.force_login(cast.planning)
    url, html = hand_in(client, "space_upload", table(HEAD, line))
    assert sentence in html
    assert "Übernehmen" not in html
    client.post(url)
    assert SocialSpace.objects.count() == 10


def test_a_key_that_comes_twice_is_an_error_of_both_lines(client: Client, cast: Cast) -> None:
    client.force_login(cast.planning)
    line = "1;033560001;{};Stadt;;;"
    _, html = hand_in(client, "space_upload", table(HEAD, line.format("Neustadt"), line.format("Altstadt")))
    assert html.count("„033560001“ kommt doppelt vor.") == 2


def test_a_draft_is_for_the_person_who_handed_it_in(client: Client, cast: Cast) -> None:
    client.force_login(cast.planning)
    url, _ = hand_in(client, "space_upload", table(HEAD, "4;033560001;Neustadt;Stadt;;;"))
    client.force_login(cast.head)
    client.post(url)
    assert not SocialSpace.objects.filter(key="033560001").exists()


def test_a_municipality_moves_by_a_table_with_a_reason(client: Client, cast: Cast, county: County) -> None:
    keep_members(
        space=county.spaces["Dahlenburg"], members={"03355012": "Dahlem", "03355010": "Boitze"}, actor=cast.planning
    )
    client.force_login(cast.planning)
    head = "Gemeindeschlüssel;Gemeinde;Sozialraum"
    url, html = hand_in(client, "member_upload", table(head, "03355012;Dahlem;033550009"))
    assert "bisher bei Dahlenburg" in html
    client.post(url, {"reason": "Gebietsreform"})
    assert [m.name for m in county.spaces["Bleckede"].members.all()] == ["Dahlem"]
    assert [m.name for m in county.spaces["Dahlenburg"].members.all()] == ["Boitze"]
    assert history_of(county.spaces["Dahlenburg"])[0].reason == "Gebietsreform"


def test_templates_hold_what_is_there_already(client: Client, cast: Cast) -> None:
    client.force_login(cast.planning)
    for name in ("space_template", "member_template"):
        response = client.get(reverse(f"regions:{name}"))
        assert response.content.startswith(b"PK")
    file = SimpleUploadedFile("vorlage.xlsx", client.get(reverse("regions:space_template")).content)
    _, html = hand_in(client, "space_upload", file)
    assert "Alles in dieser Tabelle steht schon so im System." in html
