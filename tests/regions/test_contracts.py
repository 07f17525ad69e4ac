"""Contracts: their next end and last day for notice, who sees them, and what they may not be."""

import datetime as dt

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from jugendhilfe.accounts.models import User
from jugendhilfe.audit.models import Entry
from jugendhilfe.lib.errors import DomainError
from regions.history import history_of
from regions.models import Office, OfficeContract
from regions.models.carriers import months_before
from regions.services.carriers import add_supplement, end_contract, keep_contract
from tests.conftest import Cast, County


def day(text: str) -> dt.date:
    """31.12.2026"""
    return dt.datetime.strptime(text, "%d.%m.%Y").date()  # noqa: DTZ007


def get(client: Client, name: str, *args: object, **query: str) -> str:
    response = client.get(reverse(f"regions:{name}", args=args), query)
    assert response.status_code == 200, response.status_code
    return response.content.decode()


def contract(months: int, to: str, *, start: str = "01.01.2020", end: str = "") -> OfficeContract:
    """Not stored: the days follow from these four facts alone."""
    return OfficeContract(notice_months=months, notice_to=to, valid_from=day(start), valid_to=day(end) if end else None)


# Days


@pytest.mark.parametrize(
    ("end", "months", "last_day"),
    [
        ("31.12.2026", 6, "30.06.2026"),
        ("31.12.2026", 3, "30.09.2026"),
        ("30.06.2026", 6, "31.12.2025"),
        ("31.03.2026", 1, "28.02.2026"),
        ("31.03.2024", 1, "29.02.2024"),
        ("29.02.2024", 12, "28.02.2023"),
        ("28.02.2025", 12, "29.02.2024"),
        ("30.04.2026", 1, "31.03.2026"),
        ("30.03.2026", 1, "28.02.2026"),
        ("15.05.2026", 3, "15.02.2026"),
        ("31.12.2026", 0, "31.12.2026"),
        ("31.12.2026", 24, "31.12.2024"),
    ],
)
def test_months_before_keeps_the_end_of_a_month(end: str, months: int, last_day: str) -> None:
    assert months_before(day(end), months) == day(last_day)


@pytest.mark.parametrize(
    ("today", "months", "to", "end", "notice_by"),
    [
        # Sechs Monate zum Jahresende: am 30.06. geht es noch für dieses Jahr, am 01.07. erst für das nächste.
        ("30.06.2026", 6, "year", "31.12.2026", "30.06.2026"),
        ("01.07.2026", 6, "year", "31.12.2027", "30.06.2027"),
        # Drei Monate zum Ende eines Halbjahres.
        ("31.03.2026", 3, "half_year", "30.06.2026", "31.03.2026"),
        ("01.04.2026", 3, "half_year", "31.12.2026", "30.09.2026"),
        # Sechs Wochen gibt es nicht, ein Monat zum Quartalsende schon.
        ("28.02.2026", 1, "quarter", "31.03.2026", "28.02.2026"),
        ("01.03.2026", 1, "quarter", "30.06.2026", "31.05.2026"),
        # Am Schalttag einen Monat zum Monatsende: rechtzeitig zum 31.03.
        ("29.02.2024", 1, "month", "31.03.2024", "29.02.2024"),
        ("29.02.2024", 0, "month", "29.02.2024", "29.02.2024"),
        # Achtzehn Monate zum Jahresende: das übernächste Jahr.
        ("15.11.2026", 18, "year", "31.12.2028", "30.06.2027"),
    ],
)
def test_the_next_end_is_the_first_one_still_in_time(
    today: str, months: int, to: str, end: str, notice_by: str
) -> None:
    found = contract(months, to).ending(day(today))
    assert found is not None
    assert (found.day, found.notice_by) == (day(end), day(notice_by))


def test_a_fixed_end_that_comes_first_needs_no_notice() -> None:
    assert contract(6, "year", end="30.09.2026").ending(day("15.03.2026")) == (day("30.09.2026"), None)
    assert contract(6, "year", end="31.12.2027").ending(day("15.03.2026")) == (day("31.12.2026"), day("30.06.2026"))


def test_a_contract_that_has_ended_has_no_next_end() -> None:
    ended = contract(6, "year", end="29.02.2024")
    assert ended.ending(day("29.02.2024")) == (day("29.02.2024"), None)
    assert ended.ending(day("01.03.2024")) is None


def test_a_contract_that_is_to_come_does_not_end_before_it_begins() -> None:
    coming = contract(3, "year", start="01.01.2028")
    assert coming.ending(day("15.03.2026")) == (day("31.12.2028"), day("30.09.2028"))


def test_the_page_says_until_when_notice_can_be_given(client: Client, cast: Cast, county: County) -> None:
    client.force_login(cast.finance)
    html = get(client, "contract_detail", county.contract_a.pk)
    ending = county.contract_a.ending(dt.date.today())  # noqa: DTZ011
    assert ending is not None
    assert ending.notice_by is not None
    assert "Kündigung spätestens am" in html
    assert f"{ending.notice_by:%d.%m.%Y}" in html


# Who sees them


@pytest.fixture
def readers(cast: Cast) -> list[tuple[User, int, int]]:
    """Person, code for contract A, code for contract B."""
    return [
        (cast.planning, 200, 200),
        (cast.finance, 200, 200),
        (cast.head, 200, 200),
        (cast.audit, 200, 200),
        (cast.coordination, 200, 404),
        (cast.coordination_2, 404, 200),
        (cast.carrier_lead, 200, 404),
        (cast.carrier_staff, 200, 404),
        (cast.carrier_lead_b, 404, 200),
        (cast.board_reader, 404, 404),
        (cast.municipality, 404, 404),
        (cast.case_steering, 404, 404),
        (cast.system, 404, 404),
        (cast.nobody, 404, 404),
    ]


def test_a_contract_is_seen_by_the_county_its_carrier_and_its_region(
    client: Client, county: County, readers: list[tuple[User, int, int]]
) -> None:
    contracts = (county.contract_a, county.contract_b)
    urls = [reverse("regions:contract_detail", args=[contract.pk]) for contract in contracts]
    for person, *codes in readers:
        client.force_login(person)
        assert [client.get(url).status_code for url in urls] == codes, person
        listed = client.get(reverse("regions:contract_list"))
        if codes == [404, 404]:
            assert listed.status_code == 403
            continue
        html = listed.content.decode()
        assert [url in html for url in urls] == [code == 200 for code in codes], person


def test_a_foreign_contract_looks_like_one_that_does_not_exist(client: Client, cast: Cast, county: County) -> None:
    client.force_login(cast.carrier_lead)
    foreign = client.get(reverse("regions:contract_detail", args=[county.contract_b.pk]))
    missing = client.get(reverse("regions:contract_detail", args=[county.contract_b.pk + 1000]))
    assert foreign.status_code == missing.status_code == 404
    assert foreign.content == missing.content


def test_contracts_are_kept_by_planning_and_head_alone(client: Client, cast: Cast, county: County) -> None:
    urls = [
        reverse("regions:contract_new"),
        *(
            reverse(f"regions:{name}", args=[county.contract_a.pk])
            for name in ("contract_edit", "contract_end", "supplement_add")
        ),
    ]
    for person in (cast.finance, cast.audit, cast.carrier_lead, cast.coordination, cast.nobody):
        client.force_login(person)
        assert {client.get(url).status_code for url in urls} == {403}
        assert {client.post(url, {}).status_code for url in urls} == {403}
    client.force_login(cast.head)
    assert {client.get(url).status_code for url in urls} == {200}
    assert not Entry.objects.exists()


def test_a_download_of_contracts_is_recorded(client: Client, cast: Cast) -> None:
    client.force_login(cast.coordination)
    rows = get(client, "contract_list", format="csv").splitlines()
    assert len(rows) == 2
    entry = Entry.objects.get(action="contracts.export")
    assert (entry.actor, entry.data) == (cast.coordination, {"rows": 1})


def test_ended_contracts_are_listed_on_request(client: Client, cast: Cast, county: County) -> None:
    county.contract_b.valid_to = day("29.02.2024")
    county.contract_b.save()
    client.force_login(cast.finance)
    assert "Scharnebeck" not in get(client, "contract_list")
    assert "beendet" in get(client, "contract_list", beendete="on", suche="träger b")


def test_the_list_asks_as_many_questions_for_one_row_as_for_many(client: Client, cast: Cast, county: County) -> None:
    client.force_login(cast.planning)
    get(client, "contract_list")  # the session is stored once
    with CaptureQueriesContext(connection) as few:
        get(client, "contract_list")
    for number in range(20):
        office = Office.objects.create(
            space=county.spaces["Adendorf"], name=f"Büro {number}", valid_from=day("01.01.2020")
        )
        OfficeContract.objects.create(
            office=office, carrier=county.carrier_a, legal_ground="77", valid_from=day("01.01.2020")
        )
    with CaptureQueriesContext(connection) as many:
        get(client, "contract_list", sort="-notice_by")
    assert len(few) == len(many) <= 8


# What they may not be


def fields(county: County, **changes: object) -> dict[str, object]:
    return {
        "office": county.offices["Adendorf"].pk,
        "carrier": county.carrier_a.pk,
        "legal_ground": "77",
        "valid_from": "29.02.2024",
        "valid_to": "",
        "notice_months": "6",
        "notice_to": "year",
        "is_example": "on",
        **changes,
    }


def test_a_contract_begins_on_a_leap_day(client: Client, cast: Cast, county: County) -> None:
    client.force_login(cast.planning)
    client.post(reverse("regions:contract_new"), fields(county, share_percent="33,5"))
    stored = OfficeContract.objects.get(office=county.offices["Adendorf"])
    assert (stored.valid_from, str(stored.share_percent)) == (day("29.02.2024"), "33.50")
    assert "29.02.2024" in get(client, "contract_detail", stored.pk)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"valid_to": "28.02.2024"}, "Das Ende liegt vor dem Anfang."),
        ({"valid_from": "29.02.2023"}, "Datum"),
        ({"notice_months": "1.23.4"}, "Tausenderpunkt"),
        ({"notice_months": "61"}, "höchstens 60"),
        ({"share_percent": "100,01"}, "höchstens 100"),
        ({"carrier": ""}, "Bitte ausfüllen."),
    ],
)
def test_wrong_facts_are_explained_and_nothing_is_saved(
    client: Client, cast: Cast, county: County, changes: dict[str, object], sentence: str
) -> None:
    client.force_login(cast.planning)
    html = client.post(reverse("regions:contract_new"), fields(county, **changes)).content.decode()
    assert sentence in html
    assert OfficeContract.objects.count() == 2
    assert not Entry.objects.exists()


@pytest.mark.parametrize(
    ("valid_from", "valid_to", "overlaps"),
    [
        ("01.01.2025", "", True),
        ("01.01.2019", "31.12.2019", False),
        ("01.01.2019", "01.01.2020", True),
        ("29.02.2024", "29.02.2024", True),
    ],
)
def test_an_office_has_one_contract_at_a_time(
    client: Client, cast: Cast, county: County, valid_from: str, valid_to: str, overlaps: bool
) -> None:
    client.force_login(cast.planning)
    bleckede = county.offices["Bleckede"].pk
    answer = fields(county, office=bleckede, valid_from=valid_from, valid_to=valid_to)
    html = client.post(reverse("regions:contract_new"), answer, follow=True).content.decode()
    sentence = "Für dieses Sozialraumbüro gilt in diesem Zeitraum schon ein anderer Vertrag."
    assert (sentence in html) == overlaps
    assert OfficeContract.objects.filter(office=bleckede).count() == (1 if overlaps else 2)


def test_the_service_refuses_an_overlap_that_came_in_between(cast: Cast, county: County) -> None:
    late = OfficeContract(
        office=county.offices["Bleckede"],
        carrier=county.carrier_b,
        legal_ground="77",
        valid_from=day("01.01.2026"),
    )
    with pytest.raises(DomainError, match="gilt in diesem Zeitraum schon ein anderer Vertrag"):
        keep_contract(contract=late, actor=cast.planning)


def test_a_contract_does_not_outlive_its_office(client: Client, cast: Cast, county: County) -> None:
    Office.objects.filter(name="Sozialraumbüro Adendorf").update(valid_to=day("31.12.2026"))
    client.force_login(cast.planning)
    html = client.post(reverse("regions:contract_new"), fields(county)).content.decode()
    assert "schließt am 31.12.2026. Bis dahin muss auch der Vertrag enden." in html
    assert OfficeContract.objects.count() == 2


def test_other_terms_need_a_reason_and_leave_the_old_ones_in_the_history(
    client: Client, cast: Cast, county: County
) -> None:
    client.force_login(cast.planning)
    url = reverse("regions:contract_edit", args=[county.contract_a.pk])
    changed = fields(county, valid_from="01.01.2020", carrier=county.carrier_b.pk, notice_months="12")
    assert "Davon hängt Geld ab" in client.post(url, changed).content.decode()
    client.post(url, {**changed, "reason": "Trägerwechsel"})
    county.contract_a.refresh_from_db()
    # The office of a contract stays, whatever a browser sends.
    assert county.contract_a.office == county.offices["Bleckede"]
    newest = history_of(county.contract_a)[0]
    assert newest.reason == "Trägerwechsel"
    assert newest.changes == (("Träger", "Träger A", "Träger B"), ("Kündigungsfrist in Monaten", "6", "12"))


def test_a_contract_ends_with_a_reason_and_frees_its_office(client: Client, cast: Cast, county: County) -> None:
    client.force_login(cast.planning)
    url = reverse("regions:contract_end", args=[county.contract_a.pk])
    early = client.post(url, {"last_day": "31.12.2019", "reason": "Irrtum"}).content.decode()
    assert "Das Ende liegt vor dem Anfang." in early
    client.post(url, {"last_day": "29.02.2028", "reason": "Kündigung des Trägers"})
    county.contract_a.refresh_from_db()
    assert county.contract_a.valid_to == day("29.02.2028")
    assert Entry.objects.get(action="contracts.end").reason == "Kündigung des Trägers"
    following = fields(county, office=county.offices["Bleckede"].pk, valid_from="01.03.2028")
    client.post(reverse("regions:contract_new"), following)
    assert OfficeContract.objects.filter(office=county.offices["Bleckede"]).count() == 2


def test_an_ended_contract_is_not_prolonged_by_ending_it(cast: Cast, county: County) -> None:
    end_contract(contract=county.contract_a, last_day=day("31.12.2026"), actor=cast.planning, reason="Kündigung")
    with pytest.raises(DomainError, match=r"endet schon am 31\.12\.2026"):
        end_contract(contract=county.contract_a, last_day=day("31.12.2027"), actor=cast.planning, reason="Irrtum")


def test_supplements_are_numbered_in_order(client: Client, cast: Cast, county: County) -> None:
    client.force_login(cast.planning)
    url = reverse("regions:supplement_add", args=[county.contract_a.pk])
    for subject in ("Zweite Fachkraft", "Neue Preisklausel"):
        client.post(url, {"subject": subject, "valid_from": "01.01.2026", "reason": "Vereinbarung"})
    html = get(client, "contract_detail", county.contract_a.pk).split("Nachträge zum Vertrag")[1]
    assert html.index("1. Nachtrag") < html.index("Zweite Fachkraft") < html.index("2. Nachtrag")
    assert [deed.text for deed in history_of(county.contract_a)][:2] == ["Nachtrag zum Vertrag eingetragen"] * 2


def test_a_supplement_holds_while_its_contract_does(cast: Cast, county: County) -> None:
    with pytest.raises(DomainError, match="solange der Vertrag gilt"):
        add_supplement(contract=county.contract_a, subject="Zu früh", valid_from=day("31.12.2019"), actor=cast.planning)
