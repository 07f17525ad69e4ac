"""Comparing models: the demo's figures, the address as the scenario, wrong input, live answers, weights, downloads."""

import csv
import io
import re
from decimal import Decimal
from typing import Any
from urllib.parse import parse_qs, parse_qsl, urlsplit

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from budgets.comparison import Comparison
from budgets.models import Deduction
from budgets.scenario import Choice, Scenario, completed
from budgets.what_if import read_what_if
from indicators.models import IndicatorValue, SchemeIndicator, WeightingScheme
from tests import factories
from tests.budgets.conftest import QUOTAS, Story
from tests.conftest import Cast, County

URL = "/verteilung/"
LIVE = {"HX-Request": "true"}


@pytest.fixture
def planning(client: Client, cast: Cast) -> Client:
    client.force_login(cast.planning)
    return client


def text_of(response: Any) -> str:
    return response.content.decode().replace("\u00a0", " ")


def comparison_of(client: Client, **parameters: str) -> Comparison:
    response = client.get(URL, parameters)
    assert response.status_code == 200, response.context["form"].errors
    found: Comparison = response.context["comparison"]
    return found


def amounts_of(comparison: Comparison, number: int) -> dict[str, Decimal]:
    column = next(column for column in comparison.columns if column.number == number)
    assert column.distribution, column.error
    return {place.name: column.distribution.amounts[place.key] for place in comparison.places}


# --- who may ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("person", "code"),
    [
        ("planning", 200),
        ("finance", 200),
        ("head", 200),
        ("audit", 200),
        ("coordination", 403),
        ("board_reader", 403),
        ("carrier_lead", 403),
        ("municipality", 403),
        ("case_steering", 403),
        ("system", 403),
        ("nobody", 403),
    ],
)
def test_the_comparison_is_for_those_who_simulate(
    client: Client, cast: Cast, story: Story, person: str, code: int
) -> None:
    client.force_login(getattr(cast, person))
    assert client.get(URL).status_code == code


def test_without_sign_in_nobody_simulates(client: Client, story: Story) -> None:
    assert client.get(URL).status_code == 302


def test_an_empty_county_is_told_what_is_missing(client: Client, cast: Cast) -> None:
    client.force_login(cast.planning)
    assert "noch kein Haushaltsjahr" in text_of(client.get(URL))
    factories.make_year(2026)
    assert "noch kein Gewichtungsschema" in text_of(client.get(URL))


# --- figures ------------------------------------------------------------------------------------------------------


def test_the_quotas_of_the_demo_stand_on_the_page_to_the_cent(planning: Client, story: Story) -> None:
    response = planning.get(URL)
    page = text_of(response)
    found = amounts_of(response.context["comparison"], 2)
    for name, (previous, quota) in QUOTAS.items():
        assert found[name] == Decimal(quota)
        for amount in (previous, quota):
            assert f"{Decimal(amount):,.2f} €".translate(str.maketrans(",.", ".,")) in page
    assert "Alle Modelle verteilen genau 2.030.000,00 €. Rundungsrest 0,00 €." in page
    assert "117.026,07 €" in page
    assert "Summe (Kreis ohne Hansestadt)" in page
    assert "−68.090,62 € (−19,3 %)" in page


def test_the_table_has_a_sum_per_region(planning: Client, story: Story) -> None:
    groups = {group.sum.name: group.sum for group in comparison_of(planning).groups}
    assert groups["Region 1"].cells[1].amount == Decimal("691318.38")
    assert groups["Region 1"].previous == Decimal("714000.00")
    assert sum(group.cells[1].amount or 0 for group in groups.values()) == Decimal("2030000.00")


@pytest.mark.parametrize("amount", ["0,01", "0,10", "99.999.999,99", "9.999.999.999,99", "1"])
def test_any_amount_is_distributed_to_the_cent(planning: Client, story: Story, amount: str) -> None:
    found = comparison_of(planning, betrag=amount)
    for column in found.columns[:3]:
        assert column.distribution
        assert sum(column.distribution.amounts.values()) == found.total


def test_the_amount_to_start_with_is_the_total_minus_the_deductions(planning: Client, story: Story) -> None:
    Deduction.objects.create(year=story.year_2026, name="Reserve", amount=Decimal("30000"), reason="Rest")
    assert comparison_of(planning).total == Decimal("2000000.00")


def test_a_floor_that_does_not_fit_says_by_how_much_and_leaves_the_others_alone(planning: Client, story: Story) -> None:
    response = planning.get(URL, {"betrag": "1.900.000,00"})
    found: Comparison = response.context["comparison"]
    assert [bool(column.distribution) for column in found.columns] == [True, True, True, False]
    page = text_of(response)
    assert "Es fehlen 28.500,00 €." in page
    assert "M1, M2 und M3 verteilen genau 1.900.000,00 €. Rundungsrest 0,00 €. M2 ± 5 % geht nicht auf." in page


def test_a_coarser_unit_names_who_has_the_rest(planning: Client, story: Story) -> None:
    page = text_of(
        planning.get(URL, {"betrag": "2.030.030,00", "m1": "M2", "rundung1": "100", "m2": "", "m3": "", "m4": ""})
    )
    assert "Rundungsrest 30,00 € an " in page
    assert "gerundet auf 100 €" in page


def test_the_mixed_model_reads_its_shares_from_the_address(planning: Client, story: Story) -> None:
    found = comparison_of(planning, m1="M4", sockel1="10", koepfe1="25,5", m2="M0")
    assert found.columns[0].title == "M4 · Sockel 10 %, Köpfe 25,5 %, Belastung 64,5 %".replace(" %", "\u00a0%")
    assert amounts_of(found, 2) == {name: Decimal(previous) for name, (previous, _) in QUOTAS.items()}


def test_a_column_may_let_the_gains_alone_pay_for_a_floor(planning: Client, story: Story) -> None:
    found = comparison_of(planning, m1="M2", verlust1="5", nurgewinne1="1", m2="M2", verlust2="5")
    assert found.columns[0].title == "M2 −5 % (nur Gewinne) · Nach Belastung, Verlust höchstens 5 %".replace(
        " %", "\u00a0%"
    )
    assert amounts_of(found, 1)["Gellersen"] == Decimal("209054.72")
    assert amounts_of(found, 2)["Gellersen"] == Decimal("219635.43")


def test_the_box_of_a_column_is_ticked_as_the_address_says(planning: Client, story: Story) -> None:
    page = text_of(planning.get(URL, {"m1": "M2", "verlust1": "5", "nurgewinne1": "1"}))
    boxes = {number: re.search(rf'<input[^>]*name="nurgewinne{number}"[^>]*>', page) for number in (1, 2)}
    assert boxes[1]
    assert boxes[2]
    assert ("checked" in boxes[1][0], "checked" in boxes[2][0]) == (True, False)


def test_an_index_only_proposes_an_amount(planning: Client, story: Story) -> None:
    response = planning.get(URL, {"index": "1,5"})
    assert response.context["comparison"].total == Decimal("2030000.00")
    assert "2.060.450,00 €" in text_of(response)


def test_without_amounts_of_last_year_there_are_no_changes_and_no_bounds(planning: Client, story: Story) -> None:
    response = planning.get(URL, {"jahr": "2025"})
    found: Comparison = response.context["comparison"]
    assert all(cell.change is None for group in found.groups for row in group.rows for cell in row.cells)
    assert all(column.distribution for column in found.columns)
    assert "sind keine Beträge erfasst" in text_of(response)


def test_who_pays_for_whom_adds_up_to_what_is_moved(planning: Client, story: Story) -> None:
    response = planning.get(URL)
    for column in response.context["comparison"].columns:
        assert sum(paid.amount for paid in column.paid) == column.fairness.moved
    assert "Wer zahlt für wen: M2 · Nach Belastung" in text_of(response)
    assert "Niemand gibt etwas ab" not in text_of(response)


@pytest.mark.parametrize("given", [{}, {"betrag": "0,07"}, {"m1": "M4", "verlust1": "3", "rundung1": "100"}])
def test_what_the_indicators_move_adds_up_in_every_row_and_to_nothing_in_every_column(
    planning: Client, story: Story, given: dict[str, str]
) -> None:
    response = planning.get(URL, given)
    assert response.context["moved"]
    for column, moved, rows in response.context["moved"]:
        for _, start, parts, amount, _ in rows:
            assert start + sum(parts) == amount
        for parts in zip(*(parts for _, _, parts, _, _ in rows), strict=True):
            assert sum(parts) == 0
        assert moved.heads[:3] == ["Arbeitslose je 1.000", "Einkommensteuer je Kopf", "Beschäftigte je 100"]
        assert ("Unter-/Obergrenze" in moved.heads) is any(a.held_by for a in column.distribution.allocations)


def test_the_contributions_of_the_demo_name_what_moves_a_space_most(planning: Client, story: Story) -> None:
    _, _, rows = planning.get(URL).context["moved"][0]
    start, _, amount, sentence = next(row[1:] for row in rows if row[0] == "Amt Neuhaus")
    assert amount == Decimal("131723.96")
    assert start == Decimal("97544.15")
    assert sentence.replace("\u00a0", " ").startswith(
        "Amt Neuhaus bekommt 131.723,96 €, das sind 3.723,96 € mehr als bisher (128.000,00 €). "
        "Hätten alle Sozialräume die gleiche Belastung, wären es 97.544,15 €, "
        "das sind 30.455,85 € weniger als bisher. Am meisten hebt den Betrag: Arbeitslose je 1.000 (+"
    )


def test_limits_of_the_factors_stand_in_a_column_of_their_own(planning: Client, story: Story) -> None:
    indicators = {row.indicator.code: row.indicator for row in story.scheme.members.select_related("indicator")}
    limited = factories.make_scheme(indicators, story.scheme.population, name="Begrenzt")
    WeightingScheme.objects.filter(pk=limited.pk).update(factor_max=Decimal("1.2"))
    _, moved, rows = planning.get(URL, {"schema": limited.pk}).context["moved"][0]
    assert "Begrenzung" in moved.heads
    for _, start, parts, amount, _ in rows:
        assert start + sum(parts) == amount


def test_a_scheme_with_an_undecided_gap_says_which(planning: Client, cast: Cast, story: Story) -> None:
    draft = factories.make_scheme(
        {row.indicator.code: row.indicator for row in story.scheme.members.select_related("indicator")},
        story.scheme.population,
        name="Mit Lücke",
    )
    with factories.as_if_always_so():
        IndicatorValue.objects.filter(indicator__code="income_tax", space__name="Bleckede").update(value=None)
    response = planning.get(URL, {"schema": draft.pk})
    assert "lassen sich nicht berechnen" in text_of(response)
    assert "Bleckede" in text_of(response)


# --- the address is the scenario ----------------------------------------------------------------------------------


def test_the_link_to_this_state_gives_the_same_figures(planning: Client, story: Story) -> None:
    first = planning.get(URL, {"betrag": "1.234.567,89", "g-unemployment": "70", "m3": "M4", "koepfe3": "12,5"})
    query = first.context["query"]
    again = planning.get(f"{URL}?{query}")
    assert again.context["query"] == query
    assert again.context["comparison"] == first.context["comparison"]


percent = st.decimals(min_value=0, max_value=50, places=3, allow_nan=False)
choices = st.dictionaries(
    st.sampled_from([1, 2, 3, 4]),
    st.builds(
        Choice,
        code=st.sampled_from(["M0", "M1", "M2", "M3", "M4"]),
        base_percent=percent,
        head_percent=percent,
        floor_percent=st.none() | percent,
        cap_percent=st.none() | percent,
        unit=st.sampled_from([Decimal("0.01"), Decimal(1), Decimal(10), Decimal(100)]),
        gains_only=st.booleans(),
    ),
)


@given(
    choices=choices, amount=st.decimals(min_value="0.01", max_value="99999999.99", places=2), index=st.none() | percent
)
def test_every_scenario_reads_back_from_its_address(
    choices: dict[int, Choice], amount: Decimal, index: Decimal | None
) -> None:
    start = Scenario(2026, 1, Decimal(1), {"unemployment": Decimal(50)})
    scenario = Scenario(2026, 1, amount, {"unemployment": Decimal("12.5")}, choices=choices, index=index)
    given = dict(parse_qsl(scenario.query, keep_blank_values=True))
    assert completed(given, start) == scenario.parameters()


@pytest.mark.parametrize(
    "query",
    [
        "jahr=1999",
        "jahr=x&schema=y",
        "jahr=²&schema=٣",
        "schema=99999999999999999999999999",
        "betrag=",
        "betrag=-1",
        "betrag=NaN",
        "betrag=1e9",
        "betrag=99999999999999999999",
        "betrag=%00",
        "betrag=1.23.4",
        "m1=M9",
        "m1=&m2=&m3=&m4=",
        "sockel3=101",
        "m4=M4&sockel4=60&koepfe4=60",
        "verlust4=-5",
        "verlust4=101",
        "gewinn4=1001",
        "rundung1=7",
        "rundung1=",
        "g-unemployment=-1",
        "g-unemployment=0&g-income_tax=0&g-employment=0",
        "g-unemployment=&g-income_tax=&g-employment=",
        "g-unemployment=1000000",
        "g-unknown=5",
        "index=-101",
        "fuer=",
        "fuer=2026-",
        "format=exe",
        "format=csv&tabelle=../etc",
        "betrag=%F0%9F%92%B6&m2[]=1&m2=M2&m2=M3",
        "a" * 5000,
    ],
)
@pytest.mark.parametrize("headers", [{}, LIVE], ids=["page", "live"])
def test_a_strange_address_never_crashes(planning: Client, story: Story, query: str, headers: dict[str, str]) -> None:
    response = planning.get(f"{URL}?{query}", headers=headers)
    assert response.status_code in {200, 302, 422}
    if response.status_code == 422:
        assert "Fehler" in text_of(response) or "data-announce" in text_of(response)


def test_another_year_brings_its_own_amount_and_keeps_the_models(planning: Client, story: Story) -> None:
    factories.make_year(2027, total="2500000.00")
    given = {"jahr": "2027", "fuer": f"2026-{story.scheme.pk}", "betrag": "1,00", "m1": "M0"}
    answer = planning.get(URL, given)
    target = parse_qs(urlsplit(answer["Location"]).query)
    assert (target["betrag"], target["m1"], target["jahr"]) == (["2.500.000,00"], ["M0"], ["2027"])
    live = planning.get(URL, given, headers=LIVE)
    assert live["HX-Redirect"] == answer["Location"]


# --- live answers -------------------------------------------------------------------------------------------------


def test_a_live_answer_is_the_result_alone_with_its_address_and_a_sentence(planning: Client, story: Story) -> None:
    answer = planning.get(URL, {"betrag": "2000000"}, headers=LIVE)
    assert "<html" not in text_of(answer)
    assert 'data-announce="Neu berechnet. Alle Modelle verteilen genau 2.000.000,00 €.' in text_of(answer)
    assert "hx-swap-oob" not in text_of(answer)
    assert "betrag=2.000.000%2C00" in answer["HX-Push-Url"]
    again = planning.get(answer["HX-Push-Url"], headers={**LIVE, "HX-Current-URL": answer["HX-Push-Url"]})
    assert "HX-Push-Url" not in again


def test_wrong_input_answers_422_with_the_fields_and_leaves_the_result(planning: Client, story: Story) -> None:
    answer = planning.get(URL, {"betrag": "2.0x"}, headers=LIVE)
    assert answer.status_code == 422
    assert (answer["HX-Retarget"], answer["HX-Reswap"]) == ("#annahmen-felder", "innerMorph")
    assert "ist nicht als Zahl lesbar" in text_of(answer)
    assert "Zuweisung je Sozialraum" not in text_of(answer)


def test_after_an_error_the_next_answer_takes_it_away(planning: Client, story: Story) -> None:
    answer = planning.get(URL, {"betrag": "2.000,00", "hinweise": "1"}, headers=LIVE)
    assert 'id="annahmen-felder" hx-swap-oob="innerMorph"' in text_of(answer)


def test_going_back_brings_the_whole_page(planning: Client, story: Story) -> None:
    answer = planning.get(URL, headers={**LIVE, "HX-History-Restore-Request": "true"})
    assert "<html" in text_of(answer)


def test_without_javascript_the_page_shows_the_errors_on_top(planning: Client, story: Story) -> None:
    response = planning.get(URL, {"betrag": "1,2,3"})
    assert response.status_code == 422
    assert "Es gibt 1 Fehler" in text_of(response)


def test_the_page_asks_the_same_number_of_questions_for_any_number_of_spaces(
    planning: Client, county: County, story: Story
) -> None:
    planning.get(URL)
    with CaptureQueriesContext(
        connection,
    ) as ten:
        planning.get(URL)
    assert len(ten) <= 12
    with CaptureQueriesContext(connection) as live:
        planning.get(URL, headers=LIVE)
    assert len(live) <= len(ten)


# --- weights ------------------------------------------------------------------------------------------------------


def test_other_weights_are_said_and_can_become_a_new_draft(planning: Client, story: Story) -> None:
    given = {"g-unemployment": "60", "g-income_tax": "20", "g-employment": "20"}
    response = planning.get(URL, given)
    assert "Gewichte weichen von „Belastung, Fassung 1“ ab" in text_of(response)
    assert "Arbeitslose je 1.000 60,0 % (im Schema 50,0 %)" in text_of(response)
    assert "M2 vorschlagen" not in text_of(response)
    saved = planning.post(f"{URL}gewichte/?{response.context['query']}")
    copy = WeightingScheme.objects.get(version=2)
    assert copy.status == "draft"
    assert dict(copy.members.values_list("indicator__code", "weight")) == {
        "unemployment": 60,
        "income_tax": 20,
        "employment": 20,
    }
    page = planning.get(saved["Location"])
    assert page.context["what_if"].scheme == copy
    assert not page.context["what_if"].other_weights


def test_the_same_proportions_are_the_same_weights(planning: Client, story: Story) -> None:
    response = planning.get(URL, {"g-unemployment": "100", "g-income_tax": "50", "g-employment": "50"})
    assert "weichen" not in text_of(response)
    assert amounts_of(response.context["comparison"], 2)["Bleckede"] == Decimal("227952.18")


def test_only_planning_saves_weights(client: Client, cast: Cast, story: Story) -> None:
    client.force_login(cast.finance)
    query = "g-unemployment=90"
    assert "als neue Fassung speichern" not in text_of(client.get(f"{URL}?{query}"))
    assert client.post(f"{URL}gewichte/?{query}").status_code == 403
    assert SchemeIndicator.objects.count() == 3


# --- downloads ----------------------------------------------------------------------------------------------------


def test_excel_holds_every_table_of_the_same_scenario(planning: Client, story: Story) -> None:
    response = planning.get(URL, {"betrag": "1.000.000,00", "format": "xlsx"})
    book = openpyxl.load_workbook(io.BytesIO(response.content))
    assert book.sheetnames == ["Verteilung", "Kennzahlen", "Wer zahlt für wen", "Beiträge in Euro", "Hinweise"]
    sheet = book["Verteilung"]
    head = [cell.value for cell in sheet[1]]
    column = head.index("M2 · Nach Belastung") + 1
    amounts = [sheet.cell(row, column).value for row in range(2, 12)]
    assert sum(Decimal(str(amount)) for amount in amounts) == Decimal("1000000.00")
    notes = {row[0].value: row[1].value for row in book["Hinweise"].iter_rows()}
    assert notes["Verteilter Betrag"] == "1.000.000,00\u00a0€"
    assert "50,00 %" in notes["Gewichte wie im Schema"]


def test_csv_holds_one_table(planning: Client, story: Story) -> None:
    rows = list(
        csv.DictReader(io.StringIO(planning.get(URL, {"format": "csv"}).content.decode("utf-8-sig")), delimiter=";")
    )
    found = {row["Sozialraum"]: row["M2 · Nach Belastung"] for row in rows}
    assert found == {name: quota.replace(".", ",") for name, (_, quota) in QUOTAS.items()}
    paid = planning.get(URL, {"format": "csv", "tabelle": "umverteilung"}).content.decode("utf-8-sig")
    assert paid.startswith("Modell;Von;An;Betrag")


def test_a_what_if_writes_nothing(cast: Cast, story: Story) -> None:
    with CaptureQueriesContext(connection) as asked:
        assert read_what_if(cast.planning, {"betrag": "1,00"})
    assert all(query["sql"].startswith("SELECT") for query in asked)
