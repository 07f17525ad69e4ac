"""Fiscal years: who sees and changes them, totals, status, deductions, the table of amounts, legal bases."""

import datetime as dt
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from budgets.models import Deduction, FiscalYear, SpaceAmount, YearStatus
from budgets.reading import product_lines, region_totals
from budgets.services import years
from jugendhilfe.audit.models import Entry
from jugendhilfe.lib.errors import DomainError, NotAllowed
from tests import factories
from tests.conftest import Cast, County


def text_of(response: Any) -> str:
    return response.content.decode()


def deduct(year: FiscalYear, amount: str = "30000", name: str = "Rücklage") -> Deduction:
    return Deduction.objects.create(year=year, name=name, amount=Decimal(amount), reason="Rest der Erhöhung")


def entries(action: str) -> list[Entry]:
    return list(Entry.objects.filter(action=action))


def post(client: Client, url: str, **data: object) -> Any:
    return client.post(url, data, follow=True)


@pytest.fixture
def year(county: County) -> FiscalYear:
    return factories.make_year(2025)


@pytest.fixture
def distributed(county: County) -> FiscalYear:
    """2026 with an adopted distribution of its whole amount."""
    year = factories.make_year(2026)
    scheme = factories.make_scheme(factories.make_indicators(county.spaces), factories.make_population(county.spaces))
    amounts = {space: Decimal(203_000) for space in county.spaces.values()}
    previous = {space: Decimal(200_000) for space in county.spaces.values()}
    factories.make_distribution(year, scheme, amounts, previous=previous)
    return year


# --- who sees what ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("person", ["finance", "carrier_lead", "municipality", "case_steering", "nobody"])
def test_everybody_signed_in_sees_years_that_are_no_draft(
    client: Client, cast: Cast, year: FiscalYear, person: str
) -> None:
    client.force_login(getattr(cast, person))
    assert "2.030.000,00\u00a0€" in text_of(client.get("/budgets/"))
    assert client.get("/budgets/2025/").status_code == 200


def test_a_draft_year_is_hidden_from_all_but_the_county(client: Client, cast: Cast) -> None:
    factories.make_year(2027, status=YearStatus.DRAFT)
    for person, code in (("planning", 200), ("audit", 200), ("coordination", 404), ("carrier_lead", 404)):
        client.force_login(getattr(cast, person))
        assert client.get("/budgets/2027/").status_code == code
        assert ("/budgets/2027/" in text_of(client.get("/budgets/"))) == (code == 200)


def test_nobody_sees_years_without_signing_in(client: Client, year: FiscalYear) -> None:
    for url in ("/budgets/", "/budgets/2025/", "/budgets/rechtsgrundlagen/"):
        assert client.get(url).status_code == 302


def pages_to_edit(year: FiscalYear) -> list[str]:
    deduction = deduct(year)
    return [
        "/budgets/neu/",
        "/budgets/2025/aendern/",
        "/budgets/2025/status/",
        "/budgets/2025/abzuege/neu/",
        f"/budgets/2025/abzuege/{deduction.pk}/",
        f"/budgets/2025/abzuege/{deduction.pk}/entfernen/",
        "/budgets/2025/betraege/",
        "/budgets/2025/betraege/vorlage/",
        "/budgets/2025/betraege/einlesen/",
    ]


def test_only_finance_opens_the_pages_that_change_something(client: Client, cast: Cast, year: FiscalYear) -> None:
    pages = pages_to_edit(year)
    client.force_login(cast.finance)
    assert [client.get(url).status_code for url in pages] == [200] * len(pages)
    for person in ("planning", "head", "coordination", "carrier_lead", "audit", "system", "nobody"):
        client.force_login(getattr(cast, person))
        before = Entry.objects.count()
        assert [client.get(url).status_code for url in pages] == [403] * len(pages)
        assert {client.post(url, {"year": "2030"}).status_code for url in pages if "vorlage" not in url} == {403}
        assert Entry.objects.count() == before
    assert FiscalYear.objects.count() == 1
    assert "Gesamtbeträge ändern" not in text_of(client.get("/budgets/2025/"))


def test_the_services_refuse_everybody_else_too(cast: Cast, year: FiscalYear) -> None:
    deduction = deduct(year)
    attempts: list[Callable[[], object]] = [
        lambda: years.open_year(year=2030, copy_of=None, actor=cast.planning),
        lambda: years.change_status(year=year, status="blocked", reason="–", actor=cast.head),
        lambda: years.change_totals(
            year=year, total_family=Decimal(1), total_help=Decimal(1), note="", reason="–", actor=cast.system
        ),
        lambda: years.add_deduction(deduction=Deduction(year=year, amount=1, name="a"), actor=cast.planning),
        lambda: years.change_deduction(deduction=deduction, actor=cast.planning),
        lambda: years.remove_deduction(deduction=deduction, reason="–", actor=cast.planning),
        lambda: years.save_amounts(year=year, amounts={1: Decimal(1)}, actor=cast.coordination),
    ]
    for attempt in attempts:
        with pytest.raises(NotAllowed):
            attempt()


# --- years and totals ---------------------------------------------------------------------------------------------


def test_a_new_year_copies_totals_and_deductions_but_no_amounts(
    client: Client, cast: Cast, county: County, year: FiscalYear
) -> None:
    deduct(year)
    factories.make_amounts(year, county.spaces)
    client.force_login(cast.finance)
    assert 'value="2026"' in text_of(client.get("/budgets/neu/"))
    response = post(client, "/budgets/neu/", year="2026", copy_of=year.pk)
    assert "Das Haushaltsjahr 2026 ist als Entwurf angelegt." in text_of(response)
    opened = FiscalYear.objects.get(year=2026)
    assert (opened.status, opened.total_family) == (YearStatus.DRAFT, Decimal(2_030_000))
    assert [(row.name, row.amount) for row in opened.deductions.all()] == [("Rücklage", Decimal(30_000))]
    assert not opened.amounts.exists()
    assert year.deductions.count() == 1
    assert entries("years.open")[0].data["copy_of"] == 2025


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("2025", "Das Haushaltsjahr 2025 gibt es schon."),
        ("1999", "mindestens 2000"),
        ("2101", "höchstens 2100"),
        ("2026,5", "keine ganze Zahl"),
        ("zweitausend", "nicht als Zahl lesbar"),
        ("", "Bitte ausfüllen."),
    ],
)
def test_a_year_that_cannot_be_is_refused_in_german(
    client: Client, cast: Cast, year: FiscalYear, typed: str, sentence: str
) -> None:
    client.force_login(cast.finance)
    response = post(client, "/budgets/neu/", year=typed, copy_of="")
    assert sentence in text_of(response)
    assert FiscalYear.objects.count() == 1


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("0,01", "0.01"),
        ("99.999.999,99", "99999999.99"),
        ("2.233.000", "2233000"),
        ("2 233 000,50 €", "2233000.50"),
        ("999.999.999,99", "999999999.99"),
        ("0", "0"),
    ],
)
def test_totals_are_typed_as_germans_write_them(
    client: Client, cast: Cast, year: FiscalYear, typed: str, stored: str
) -> None:
    client.force_login(cast.finance)
    post(client, "/budgets/2025/aendern/", total_family=typed, total_help="1,00", note="Plan", reason="Nachtrag")
    year.refresh_from_db()
    assert year.total_family == Decimal(stored)
    assert entries("years.change_totals")[0].data["after"]["total_family"] == f"{Decimal(stored):.2f}"


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("-5,00", "mindestens 0,00\u00a0€"),
        ("\u22125", "mindestens 0,00\u00a0€"),
        ("1.000.000.000,00", "höchstens 999.999.999,99\u00a0€"),
        ("9" * 40, "zu viele Stellen"),
        ("1,234", "mehr als zwei Nachkommastellen"),
        ("NaN", "nicht als Zahl lesbar"),
        ("1_000", "nicht als Zahl lesbar"),
        ("1.23.4", "nicht als Zahl lesbar"),
    ],
)
def test_totals_that_make_no_sense_are_refused_and_nothing_is_saved(
    client: Client, cast: Cast, year: FiscalYear, typed: str, sentence: str
) -> None:
    client.force_login(cast.finance)
    response = post(client, "/budgets/2025/aendern/", total_family=typed, total_help="1", note="", reason="Nachtrag")
    assert sentence in text_of(response)
    year.refresh_from_db()
    assert year.total_family == Decimal(2_030_000)
    assert not entries("years.change_totals")


def test_totals_of_a_year_that_is_no_draft_change_with_a_reason_only(
    client: Client, cast: Cast, year: FiscalYear
) -> None:
    client.force_login(cast.finance)
    post(client, "/budgets/2025/aendern/", total_family="1", total_help="0", note="", reason="")
    year.refresh_from_db()
    assert year.total_family == Decimal(2_030_000)
    with pytest.raises(DomainError, match="kein Entwurf mehr"):
        years.change_totals(
            year=year, total_family=Decimal(1), total_help=Decimal(0), note="", reason="", actor=cast.finance
        )


def test_totals_below_the_deductions_say_by_how_much(client: Client, cast: Cast, year: FiscalYear) -> None:
    deduct(year, "30000")
    client.force_login(cast.finance)
    response = post(client, "/budgets/2025/aendern/", total_family="29.999,99", total_help="0", note="", reason="–")
    assert "um 0,01\u00a0€ höher als sein Gesamtbudget" in text_of(response)
    year.refresh_from_db()
    assert year.total_family == Decimal(2_030_000)
    assert [entry.data["rule"] for entry in entries("refused")] == ["DomainError"]


# --- status -------------------------------------------------------------------------------------------------------


def test_every_status_offers_the_next_ones_alone(client: Client, cast: Cast, year: FiscalYear) -> None:
    client.force_login(cast.finance)
    for status, following in years.STATUS_CHANGES.items():
        FiscalYear.objects.filter(pk=year.pk).update(status=status)
        page = text_of(client.get("/budgets/2025/status/"))
        assert {one.value for one in YearStatus if f'value="{one.value}"' in page} == {one.value for one in following}


def test_a_status_changes_with_its_reason_and_is_recorded(client: Client, cast: Cast, year: FiscalYear) -> None:
    client.force_login(cast.finance)
    response = post(client, "/budgets/2025/status/", status="blocked", reason="Sperre der Kämmerei")
    assert "Der Haushaltsstatus ist jetzt „Sperre“." in text_of(response)
    entry = entries("years.change_status")[0]
    assert (entry.reason, entry.data) == ("Sperre der Kämmerei", {"before": "in_force", "after": "blocked"})
    assert FiscalYear.objects.get(year=2025).status == YearStatus.BLOCKED


def test_a_status_without_reason_or_out_of_turn_stays(client: Client, cast: Cast, year: FiscalYear) -> None:
    client.force_login(cast.finance)
    post(client, "/budgets/2025/status/", status="blocked", reason="")
    post(client, "/budgets/2025/status/", status="draft", reason="–")
    assert FiscalYear.objects.get(year=2025).status == YearStatus.IN_FORCE
    with pytest.raises(DomainError, match="wird nicht „Entwurf“"):
        years.change_status(year=year, status="draft", reason="–", actor=cast.finance)


def test_a_year_with_a_distribution_never_becomes_a_draft_again(cast: Cast, distributed: FiscalYear) -> None:
    FiscalYear.objects.filter(pk=distributed.pk).update(status=YearStatus.ADOPTED)
    with pytest.raises(DomainError, match="nicht wieder Entwurf"):
        years.change_status(year=distributed, status="draft", reason="–", actor=cast.finance)


# --- deductions ---------------------------------------------------------------------------------------------------


def test_a_deduction_lowers_what_is_distributed_and_names_its_reason(
    client: Client, cast: Cast, year: FiscalYear
) -> None:
    client.force_login(cast.finance)
    page = text_of(
        post(
            client,
            "/budgets/2025/abzuege/neu/",
            product="363-200",
            name="Rücklage für Übergänge",
            amount="30.000,01",
            reason="Noch nicht entschieden",
        )
    )
    assert "Rücklage für Übergänge" in page
    assert "Noch nicht entschieden" in page
    assert "1.999.999,99\u00a0€" in page
    assert product_lines(year)[0].left == Decimal("1999999.99")
    assert entries("deductions.add")[0].data["amount"] == "30000.01"


def test_a_deduction_of_the_other_product_leaves_what_is_distributed(year: FiscalYear) -> None:
    FiscalYear.objects.update(total_help=Decimal(500))
    Deduction.objects.create(year=year, product="363-300", name="x", amount=Decimal(100), reason="–")
    family, other = product_lines(FiscalYear.objects.get())
    assert (family.left, other.left) == (Decimal(2_030_000), Decimal(400))


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"amount": "0"}, "mindestens 0,01\u00a0€"),
        ({"amount": "-1"}, "mindestens 0,01\u00a0€"),
        ({"amount": "2.030.000,01"}, "um 0,01\u00a0€ höher"),
        ({"amount": "abc"}, "nicht als Zahl lesbar"),
        ({"name": "Rücklage"}, "Diesen Abzug gibt es schon."),
        ({"reason": ""}, "Bitte ausfüllen."),
    ],
)
def test_a_wrong_deduction_is_refused(
    client: Client, cast: Cast, year: FiscalYear, fields: dict[str, str], sentence: str
) -> None:
    deduct(year, "1")
    client.force_login(cast.finance)
    whole = {"product": "363-200", "name": "Neu", "amount": "5", "reason": "–", **fields}
    if fields.get("amount", "").startswith("2.0"):
        Deduction.objects.all().delete()
    before = Deduction.objects.count()
    assert sentence in text_of(post(client, "/budgets/2025/abzuege/neu/", **whole))
    assert Deduction.objects.count() == before
    assert not entries("deductions.add")


def test_a_deduction_is_changed_and_removed_with_its_trace(client: Client, cast: Cast, year: FiscalYear) -> None:
    url = f"/budgets/2025/abzuege/{deduct(year).pk}/"
    client.force_login(cast.finance)
    post(client, url, product="363-200", name="Rücklage", amount="40.000", reason="Mehr nötig")
    changed = entries("deductions.change")[0].data
    assert (changed["before"]["amount"], changed["after"]["amount"]) == ("30000.00", "40000.00")
    assert "Soll der Abzug „Rücklage“ entfernt werden?" in text_of(client.get(f"{url}entfernen/"))
    post(client, f"{url}entfernen/", reason="")
    assert Deduction.objects.count() == 1
    post(client, f"{url}entfernen/", reason="Doppelt erfasst")
    assert not Deduction.objects.exists()
    removed = entries("deductions.remove")[0]
    assert (removed.reason, removed.data["amount"]) == ("Doppelt erfasst", "40000.00")


def test_a_deduction_of_another_year_is_not_found(client: Client, cast: Cast, year: FiscalYear) -> None:
    factories.make_year(2024)
    client.force_login(cast.finance)
    assert client.get(f"/budgets/2024/abzuege/{deduct(year).pk}/").status_code == 404


def test_what_a_distribution_rests_on_stays(
    client: Client, cast: Cast, county: County, distributed: FiscalYear
) -> None:
    deduction = deduct(distributed)
    client.force_login(cast.finance)
    url = f"/budgets/2026/abzuege/{deduction.pk}/"
    sentence = "Für 2026 ist schon eine Verteilung festgelegt."
    assert sentence in text_of(
        post(client, "/budgets/2026/abzuege/neu/", product="363-200", name="n", amount="1", reason="–")
    )
    assert sentence in text_of(post(client, url, product="363-200", name="n", amount="1", reason="–"))
    assert sentence in text_of(post(client, f"{url}entfernen/", reason="–"))
    space = county.spaces["Bleckede"]
    assert sentence in text_of(post(client, "/budgets/2026/betraege/", **{f"amount-{space.pk}": "1"}))
    assert [(row.name, row.amount) for row in Deduction.objects.all()] == [("Rücklage", Decimal(30_000))]
    assert not SpaceAmount.objects.exists()


# --- amounts typed into the table ---------------------------------------------------------------------------------


def test_amounts_are_saved_by_space_and_compared_with_the_total(
    client: Client, cast: Cast, county: County, year: FiscalYear
) -> None:
    client.force_login(cast.finance)
    typed = {f"amount-{space.pk}": "203.000,00" for space in county.spaces.values()}
    page = text_of(post(client, "/budgets/2025/betraege/", **typed))
    assert "genau der Betrag" in page
    assert "812.000,00\u00a0€" in page  # region 1: four spaces
    typed[f"amount-{county.spaces['Bleckede'].pk}"] = "202.999,99"
    page = text_of(post(client, "/budgets/2025/betraege/", **typed))
    assert "2.029.999,99\u00a0€ gegen 2.030.000,00\u00a0€: \u22120,01\u00a0€" in page
    second = Entry.objects.filter(action="amounts.save").first()
    assert second is not None
    key = str(county.spaces["Bleckede"].pk)
    assert (second.data["before"], second.data["after"]) == ({key: "203000.00"}, {key: "202999.99"})


def test_amounts_that_stay_the_same_leave_no_trace(cast: Cast, county: County, year: FiscalYear) -> None:
    factories.make_amounts(year, county.spaces)
    held = dict(year.amounts.values_list("space", "amount"))
    assert years.save_amounts(year=year, amounts=held, actor=cast.finance) == 0
    assert not entries("amounts.save")


def test_an_empty_field_takes_the_amount_away(client: Client, cast: Cast, county: County, year: FiscalYear) -> None:
    factories.make_amounts(year, county.spaces)
    client.force_login(cast.finance)
    assert 'value="262.000,00"' in text_of(client.get("/budgets/2025/betraege/"))
    held = {f"amount-{row.space_id}": f"{row.amount}".replace(".", ",") for row in SpaceAmount.objects.all()}
    post(client, "/budgets/2025/betraege/", **{**held, f"amount-{county.spaces['Bleckede'].pk}": ""})
    assert SpaceAmount.objects.count() == 9


def test_ambiguous_amounts_are_echoed_and_wrong_ones_save_nothing(
    client: Client, cast: Cast, county: County, year: FiscalYear
) -> None:
    client.force_login(cast.finance)
    bleckede, ilmenau = (f"amount-{county.spaces[name].pk}" for name in ("Bleckede", "Ilmenau"))
    page = text_of(post(client, "/budgets/2025/betraege/", **{bleckede: "1.234", ilmenau: "12,5x"}))
    assert "nicht als Zahl lesbar" in page
    assert not SpaceAmount.objects.exists()
    page = text_of(post(client, "/budgets/2025/betraege/", **{bleckede: "1.234"}))
    assert "Bleckede: verstanden als 1.234,00\u00a0€" in page
    assert SpaceAmount.objects.get().amount == Decimal(1234)


# --- the adopted distribution on the page of its year --------------------------------------------------------------


def test_region_totals_add_up_spaces_and_offices(county: County, distributed: FiscalYear) -> None:
    distribution = distributed.distributions.with_rows().get()
    with CaptureQueriesContext(connection) as queries:
        totals = region_totals(distribution)
    assert len(queries) == 0
    assert [(total.number, total.name, total.amount, total.previous, total.change) for total in totals] == [
        (1, "Region 1", Decimal(812_000), Decimal(800_000), Decimal(12_000)),
        (2, "Region 2", Decimal(609_000), Decimal(600_000), Decimal(9_000)),
        (3, "Region 3", Decimal(609_000), Decimal(600_000), Decimal(9_000)),
    ]
    assert [row.space_name for row in totals[0].spaces] == ["Amt Neuhaus", "Bleckede", "Dahlenburg", "Ostheide"]
    assert sum(office.amount for total in totals for office in total.offices) == distribution.total


def test_a_space_without_an_amount_last_year_is_no_loss(county: County) -> None:
    year = factories.make_year(2026)
    population = factories.make_population(county.spaces)
    plain = factories.make_scheme(factories.make_indicators(county.spaces), population)
    space = county.spaces["Bleckede"]
    distribution = factories.make_distribution(year, plain, {space: Decimal("0.01")})
    total = region_totals(distribution)[0]
    assert (total.amount, total.previous, total.change) == (Decimal("0.01"), None, None)


def test_the_year_shows_its_distribution_with_regions_and_basis(
    client: Client, cast: Cast, distributed: FiscalYear
) -> None:
    client.force_login(cast.coordination)
    page = text_of(client.get("/budgets/2026/"))
    assert "812.000,00\u00a0€" in page
    assert "+12.000,00\u00a0€" in page
    assert "Beschluss 2025/124 vom 29.02.2024, Jugendhilfeausschuss" in page
    assert "/regionen/1/budgets/2026/" in page
    assert "/regionen/2/budgets/2026/" not in page
    assert "Abzug eintragen" not in page


def test_a_changed_total_says_that_the_distribution_differs(
    client: Client, cast: Cast, distributed: FiscalYear
) -> None:
    client.force_login(cast.planning)
    sentence = "weicht vom jetzigen Haushaltsansatz ab"
    assert sentence not in text_of(client.get("/budgets/2026/"))
    years.change_totals(
        year=distributed,
        total_family=Decimal(2_000_000),
        total_help=Decimal(0),
        note="",
        reason="Nachtrag",
        actor=cast.finance,
    )
    assert sentence in text_of(client.get("/budgets/2026/"))


def test_lists_count_every_deduction_once(client: Client, cast: Cast, distributed: FiscalYear) -> None:
    deduct(distributed, "100")
    deduct(distributed, "200", "Zweite")
    first = distributed.distributions.get()
    amounts = {row.space: row.amount for row in first.rows.select_related("space__region")}
    factories.make_distribution(distributed, first.calculation.scheme, amounts, replaces=first)
    client.force_login(cast.planning)
    page = text_of(client.get("/budgets/"))
    assert "300,00\u00a0€" in page
    assert "2.029.700,00\u00a0€" in page
    assert "festgelegt" in page


def test_every_list_downloads_the_rows_it_shows(client: Client, cast: Cast, county: County, year: FiscalYear) -> None:
    factories.make_amounts(year, county.spaces)
    client.force_login(cast.coordination)
    text = client.get("/budgets/?format=csv").content.decode("utf-8-sig")
    assert text.splitlines()[1].startswith("2025;wirksam;2030000,00;0")
    amounts = client.get("/budgets/2025/?format=csv&sort=-amount").content.decode("utf-8-sig").splitlines()
    assert amounts[1].startswith("Scharnebeck;Region 2;352000,00")
    assert client.get("/budgets/2025/?format=xlsx").content[:2] == b"PK"


def test_years_cost_the_same_queries_however_many_there_are(client: Client, cast: Cast, county: County) -> None:
    factories.make_amounts(factories.make_year(2000), county.spaces)
    client.force_login(cast.finance)
    client.get("/budgets/")  # the first page of a session stores it

    def count(url: str) -> int:
        with CaptureQueriesContext(connection) as queries:
            assert client.get(url).status_code == 200
        return len(queries)

    few = [count("/budgets/"), count("/budgets/2000/")]
    for number in range(2001, 2021):
        deduct(factories.make_year(number))
    for number in range(20):
        deduct(FiscalYear.objects.get(year=2000), "1", f"Abzug {number}")
    assert [count("/budgets/"), count("/budgets/2000/")] == few
    assert max(few) <= 8


def test_the_page_of_a_distributed_year_takes_eight_queries(
    client: Client, cast: Cast, distributed: FiscalYear
) -> None:
    for person in (cast.finance, cast.coordination, cast.carrier_lead):
        client.force_login(person)
        client.get("/budgets/")  # the first page of a session stores it
        with CaptureQueriesContext(connection) as queries:
            client.get("/budgets/2026/")
        assert len(queries) <= 8


def test_a_year_beyond_all_calendars_is_not_found(client: Client, cast: Cast) -> None:
    client.force_login(cast.finance)
    assert client.get("/budgets/99999999999999/").status_code == 404


# --- legal bases --------------------------------------------------------------------------------------------------


def test_legal_bases_show_their_day_and_what_rests_on_them(client: Client, cast: Cast, distributed: FiscalYear) -> None:
    client.force_login(cast.nobody)
    basis = distributed.distributions.get().basis
    assert basis.date == dt.date(2024, 2, 29)
    page = text_of(client.get("/budgets/rechtsgrundlagen/"))
    assert "29.02.2024" in page
    page = text_of(client.get(f"/budgets/rechtsgrundlagen/{basis.pk}/"))
    assert "Die Verteilungsquote gilt ab dem 01.01.2026." in page
    assert "Verteilung 2026" in page
    assert "2.030.000,00\u00a0€" in page
    assert client.get("/budgets/rechtsgrundlagen/0/").status_code == 404
