"""How sure a what-if is: exact amounts by other assumptions, bands in euros, the second request, its downloads."""

import csv
import io
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from budgets import uncertainty
from budgets.method_comparison import by_methods, in_euros, with_shifted_weights, without_each
from budgets.uncertainty import EuroUncertainty, uncertainty_of
from budgets.what_if import WhatIf, read_what_if
from indicators.models import Direction, Indicator, IndicatorValue, SchemeIndicator, WeightingScheme
from tests import factories
from tests.budgets.conftest import QUOTA, Story
from tests.conftest import Cast

URL = "/verteilung/unsicherheit/"
LIVE = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def fewer_draws(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(uncertainty, "DRAWS", 400)


@pytest.fixture
def planning(client: Client, cast: Cast) -> Client:
    client.force_login(cast.planning)
    return client


def what_if(cast: Cast, **given: str) -> WhatIf:
    found = read_what_if(cast.planning, given)
    assert found is not None
    return found


def found_for(cast: Cast, number: str = "", **given: str) -> EuroUncertainty:
    found = uncertainty_of(what_if(cast, **given), number)
    assert found is not None
    return found


def text_of(response: Any) -> str:
    return response.content.decode().replace("\u00a0", " ")


# --- who may ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("person", "code"), [("planning", 200), ("finance", 200), ("audit", 200), ("coordination", 403), ("nobody", 403)]
)
def test_it_is_for_those_who_simulate(client: Client, cast: Cast, story: Story, person: str, code: int) -> None:
    client.force_login(getattr(cast, person))
    assert client.get(URL).status_code == code


def test_an_empty_county_is_told_what_is_missing(planning: Client) -> None:
    assert "noch kein Haushaltsjahr" in text_of(planning.get(URL))


# --- exact --------------------------------------------------------------------------------------------------------


def test_every_other_assumption_distributes_the_same_total_to_the_cent(cast: Cast, story: Story) -> None:
    for number in ("2", "3", "4"):
        found = found_for(cast, number)
        assert found.detail.number == int(number)
        for table in found.tables:
            for place, outcome in enumerate(table.outcomes):
                assert outcome.amounts is not None, outcome.refusal
                assert sum(outcome.amounts.values()) == Decimal("2030000.00")
                assert sum(outcome.changes.values()) == 0
                for _, amount, cells in table.rows:
                    then, change = cells[place] or (None, None)
                    assert then is not None
                    assert change is not None
                    assert amount + change == then


def test_the_methods_are_told_by_their_names_and_the_own_one_changes_nothing(cast: Cast, story: Story) -> None:
    methods = found_for(cast).methods
    assert methods.heads == ("Verhältnis zum Kreiswert (vereinbart)", "Standardisiert")
    own, standardised = methods.outcomes
    assert not any(own.changes.values())
    assert any(standardised.changes.values())
    amounts = {place.name: amount for place, amount, _ in methods.rows}
    assert amounts == QUOTA


def test_goalposts_are_compared_only_where_the_scheme_has_them(cast: Cast, story: Story) -> None:
    indicators = {row.indicator.code: row.indicator for row in story.scheme.members.select_related("indicator")}
    scheme = factories.make_scheme(indicators, story.scheme.population, name="Mit Eckwerten")
    for code, low, high in (("unemployment", 0, 100), ("income_tax", 100, 900), ("employment", 20, 90)):
        SchemeIndicator.objects.filter(scheme=scheme, indicator__code=code).update(low=low, high=high)
    heads = found_for(cast, schema=str(scheme.pk)).methods.heads
    assert heads[-1] == "Feste Eckwerte"


def test_a_method_that_refuses_says_why_and_leaves_the_others_alone(planning: Client, cast: Cast, story: Story) -> None:
    indicators = {row.indicator.code: row.indicator for row in story.scheme.members.select_related("indicator")}
    scheme = factories.make_scheme(indicators, story.scheme.population, name="Logarithmisch")
    WeightingScheme.objects.filter(pk=scheme.pk).update(method="standardised")
    SchemeIndicator.objects.filter(scheme=scheme, indicator__code="income_tax").update(transform="log")
    methods = found_for(cast, schema=str(scheme.pk)).methods
    (head, refusal), *others = methods.refusals
    assert (head, others) == ("Verhältnis zum Kreiswert", [])
    assert "Logarithmus" in refusal
    assert refusal in text_of(planning.get(URL, {"schema": scheme.pk}))


def test_without_an_indicator_the_factors_are_those_of_the_diagnosis(cast: Cast, story: Story) -> None:
    found = found_for(cast)
    assert found.without.heads == (
        "ohne Arbeitslose je 1.000",
        "ohne Einkommensteuer je Kopf",
        "ohne Beschäftigte je 100",
    )
    # Without unemployment the two others weigh the same, and differ little between the spaces.
    first = found.without.outcomes[0].amounts
    assert first is not None
    amounts = {place.name: first[place.key] for place in found.comparison.places}
    assert amounts["Bleckede"] < QUOTA["Bleckede"]


def test_five_points_more_are_what_the_page_gives_with_those_weights(cast: Cast, story: Story) -> None:
    found = found_for(cast)
    assert found.shifts.heads == (
        "Arbeitslose je 1.000: 45 statt 50",
        "Arbeitslose je 1.000: 55 statt 50",
        "Einkommensteuer je Kopf: 20 statt 25",
        "Einkommensteuer je Kopf: 30 statt 25",
        "Beschäftigte je 100: 20 statt 25",
        "Beschäftigte je 100: 30 statt 25",
    )
    moved = what_if(cast, **{"g-unemployment": "55", "g-income_tax": "22,5", "g-employment": "22,5"})
    assert moved.comparison is not None
    column = moved.comparison.done[1].distribution
    assert column is not None
    assert found.shifts.outcomes[1].amounts == column.amounts


def test_a_sole_indicator_leaves_the_methods_alone_to_compare(planning: Client, cast: Cast, story: Story) -> None:
    given = {"g-unemployment": "1", "g-income_tax": "0", "g-employment": "0"}
    found = found_for(cast, **given)
    assert found.shifts.heads == ()
    assert "verfahren" in [table.id for table in found.tables]
    assert planning.get(URL, given).status_code == 200


def test_bounds_that_no_longer_fit_are_said(cast: Cast, story: Story) -> None:
    found = found_for(cast, m1="M2", verlust1="0", nurgewinne1="1", m2="", m3="", m4="")
    outcomes = in_euros(
        by_methods(found.calculated),
        total=found.detail.total - 1_000_000,
        spaces=[place.space for place in found.comparison.places],
        model=found.detail.model,
        amounts={place.key: Decimal(0) for place in found.comparison.places},
    )
    assert all(outcome.amounts is None and "Es fehlen" in outcome.refusal for outcome in outcomes)


def test_variants_start_from_the_weights_of_the_what_if(cast: Cast, story: Story) -> None:
    found = found_for(cast, **{"g-unemployment": "60", "g-income_tax": "20", "g-employment": "20"})
    assert "Arbeitslose je 1.000: 65 statt 60" in found.shifts.heads
    (own,) = [variant for variant in by_methods(found.calculated) if variant.is_own]
    assert own.factors == found.calculated.factors
    assert len(without_each(found.calculated)) == 3
    assert len(with_shifted_weights(found.calculated)) == 6


# --- bands --------------------------------------------------------------------------------------------------------


def test_every_band_holds_its_amount_and_stays_within_the_bounds(cast: Cast, story: Story) -> None:
    found = found_for(cast)
    assert [column.number for column in found.columns] == [2, 3, 4]
    for row in found.rows:
        for cell in row.cells:
            for band in (cell.weights, cell.counts):
                assert band is not None
                assert band.low <= band.median <= band.high
        free, _, _ = row.cells
        assert free.weights is not None
        assert free.counts is not None
        assert free.weights.low <= free.amount <= free.weights.high
        assert free.counts.low <= free.amount <= free.counts.high
        before = row.place.space.previous
        bounded = row.cells[2].weights
        assert before is not None
        assert bounded is not None
        assert before * Decimal("0.95") <= bounded.low <= bounded.high <= before * Decimal("1.05")


def test_the_same_what_if_gives_the_same_bands_and_other_weights_the_same_cases(cast: Cast, story: Story) -> None:
    uncertainty._cases.cache_clear()
    one = found_for(cast).rows
    assert uncertainty._cases.cache_info().misses == 1
    assert found_for(cast).rows == one
    other = found_for(cast, **{"g-unemployment": "60"}).rows
    assert other != one
    info = uncertainty._cases.cache_info()
    assert (info.misses, info.hits) == (1, 2)


def test_the_three_burdened_spaces_are_surely_above_one(cast: Cast, story: Story) -> None:
    rows = found_for(cast).rows
    assert {row.place.name for row in rows if row.above_by_counts == 100} == {"Amt Neuhaus", "Bleckede", "Dahlenburg"}
    assert {row.place.name for row in rows if row.above_by_weights == 100} == {"Amt Neuhaus", "Bleckede", "Dahlenburg"}


def test_without_case_numbers_there_is_one_cause_less(planning: Client, cast: Cast, story: Story) -> None:
    indicators = {row.indicator.code: row.indicator for row in story.scheme.members.select_related("indicator")}
    scheme = factories.make_scheme(indicators, story.scheme.population, name="Ohne Fallzahlen")
    scheme.members.filter(indicator__code="unemployment").delete()
    found = found_for(cast, schema=str(scheme.pk))
    assert found.bands[0].counts is None
    assert found.rows[0].above_by_counts is None
    assert len(found.fixed) == 2
    assert planning.get(URL, {"schema": scheme.pk}).status_code == 200


def test_draws_whose_gains_cannot_hold_the_floors_are_counted_and_said(
    planning: Client, cast: Cast, story: Story
) -> None:
    given = {"m1": "M2", "verlust1": "9", "nurgewinne1": "1", "m2": "", "m3": "", "m4": "", "betrag": "1.950.000,00"}
    ((_, first, refused), *_) = found_for(cast, **given).refused
    assert first == "Gewichte"
    assert 0 < refused < 400
    assert f"In {refused} von 400 Ziehungen reichen die Gewinne nicht" in text_of(planning.get(URL, given))


def test_draws_of_cases_that_the_method_refuses_are_counted_and_said(
    planning: Client, cast: Cast, story: Story
) -> None:
    """One case per thousand people: a draw soon has more than twice the average, which "less is more" cannot rate."""
    indicators = {row.indicator.code: row.indicator for row in story.scheme.members.select_related("indicator")}
    Indicator.objects.filter(code="unemployment").update(direction=Direction.LESS)
    with factories.as_if_always_so():
        for value in IndicatorValue.objects.filter(indicator__code="unemployment"):
            value.numerator = round((value.denominator or 0) / 1000)
            value.save()
    scheme = factories.make_scheme(indicators, story.scheme.population, name="Seltene Fälle")
    refused = found_for(cast, schema=str(scheme.pk)).without_factor
    assert 0 < refused < 400
    page = text_of(planning.get(URL, {"schema": scheme.pk}))
    assert f"In {refused} von 400 Ziehungen ließ sich kein Faktor berechnen" in page


# --- the page -----------------------------------------------------------------------------------------------------


def test_the_what_if_asks_for_its_bands_in_a_second_request(planning: Client, story: Story) -> None:
    response = planning.get("/verteilung/", {"betrag": "1.000.000,00"})
    address = response.context["bands"]["url"]
    assert f'hx-get="{address.replace("&", "&amp;")}"' in response.content.decode()
    part = planning.get(address, headers=LIVE)
    assert "<html" not in text_of(part)
    assert "Spannen in Euro je Sozialraum" in text_of(part)
    page = planning.get(address)
    assert "<html" in text_of(page)
    assert "<title>Wie sicher sind diese Beträge?" in text_of(page)
    assert page.context["found"].comparison.total == Decimal("1000000.00")


def test_another_what_if_is_another_element(planning: Client, story: Story) -> None:
    one, other = (planning.get("/verteilung/", {"betrag": amount}).context["bands"]["id"] for amount in ("1", "2"))
    assert one != other


def test_the_page_names_what_stays_fixed_and_offers_the_other_models(planning: Client, story: Story) -> None:
    page = text_of(planning.get(URL))
    assert "deshalb fest: Einkommensteuer je Kopf, Beschäftigte je 100." in page
    assert "Andere Gewichte, andere Verfahren: M2 · Nach Belastung" in page
    assert "spalte=3#genau" in page
    assert "Andere Gewichte, andere Verfahren: M3" in text_of(planning.get(URL, {"spalte": "3"}))
    assert "Andere Gewichte, andere Verfahren: M2 · Nach Belastung" in text_of(planning.get(URL, {"spalte": "x"}))


def test_without_need_there_is_nothing_to_doubt(planning: Client, story: Story) -> None:
    given = {"m1": "M1", "m2": "", "m3": "", "m4": ""}
    assert "Kein Modell dieses Vergleichs verteilt nach Belastung" in text_of(planning.get(URL, given))
    assert 'id="unsicherheit' not in text_of(planning.get("/verteilung/", given))


@pytest.mark.parametrize("headers", [{}, LIVE], ids=["page", "live"])
@pytest.mark.parametrize("query", ["betrag=x", "schema=99", "jahr=1999", "g-unemployment=-1", "format=exe", "spalte=²"])
def test_a_strange_address_never_crashes(planning: Client, story: Story, query: str, headers: dict[str, str]) -> None:
    response = planning.get(f"{URL}?{query}", headers=headers)
    assert response.status_code in {200, 422}
    if "betrag=x" in query:
        assert "lassen sich nicht lesen" in text_of(response)


def test_the_downloads_hold_the_tables(planning: Client, story: Story) -> None:
    book = openpyxl.load_workbook(io.BytesIO(planning.get(URL, {"format": "xlsx"}).content))
    assert book.sheetnames == [
        "Spannen",
        "Ein Gewicht fünf Punkte anders",
        "Dieselben Werte nach anderen Ve",
        "Ohne je einen Indikator",
        "Hinweise",
    ]
    csv_of = planning.get(URL, {"format": "csv", "tabelle": "verfahren"}).content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(csv_of), delimiter=";"))
    assert {row["Sozialraum"] for row in rows} == set(QUOTA)
    assert all(row["Verhältnis zum Kreiswert (vereinbart): Veränderung"] == "0,00" for row in rows)


def test_it_asks_no_more_questions_than_the_what_if_itself(planning: Client, story: Story) -> None:
    planning.get(URL)
    with CaptureQueriesContext(connection) as captured:
        planning.get(URL)
    assert len(captured) <= 12
