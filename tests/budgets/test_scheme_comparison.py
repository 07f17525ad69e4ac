"""Two versions of a scheme: what is different, who decided, factors and euros, and that every column sums to 0.00."""

import csv
import io
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from budgets.scheme_comparison import SchemeComparison
from indicators.models import Indicator, IndicatorValue, WeightingScheme
from indicators.services.schemes import adopt_scheme, copy_scheme, propose_scheme
from regions.models import SocialSpace
from tests import factories
from tests.budgets.conftest import QUOTA, Story
from tests.conftest import Cast, County

URL = "/verteilung/fassungen/"
TOTAL = Decimal("2030000.00")


@pytest.fixture
def planning(client: Client, cast: Cast) -> Client:
    client.force_login(cast.planning)
    return client


@pytest.fixture
def draft(cast: Cast, story: Story) -> WeightingScheme:
    """60, 20 and 20 instead of 50, 25 and 25."""
    weights = {"unemployment": Decimal(60), "income_tax": Decimal(20), "employment": Decimal(20)}
    return copy_scheme(scheme=story.scheme, weights=weights, actor=cast.planning)


def text_of(response: Any) -> str:
    return response.content.decode().replace("\u00a0", " ")


def changes_of(old: WeightingScheme, new: WeightingScheme) -> dict[str, tuple[str, str]]:
    return {
        one.what: (one.before.replace("\u00a0", " "), one.now.replace("\u00a0", " "))
        for one in SchemeComparison(old, new, TOTAL).changes
    }


def assert_adds_up(found: SchemeComparison) -> None:
    assert found.rows
    assert set(found.sums) <= {Decimal(0)}
    for row in found.rows:
        assert row.change == sum(row.parts)
    assert sum(row.change or 0 for row in found.rows) == 0
    assert sum(row.amount or 0 for row in found.rows) == sum(row.before or 0 for row in found.rows) == TOTAL


def test_other_weights_are_named_and_move_money_that_adds_up(story: Story, draft: WeightingScheme) -> None:
    found = SchemeComparison(story.scheme, draft, TOTAL)
    assert changes_of(story.scheme, draft) == {
        "Arbeitslose je 1.000: Gewicht": ("50,00 %", "60,00 %"),
        "Einkommensteuer je Kopf: Gewicht": ("25,00 %", "20,00 %"),
        "Beschäftigte je 100: Gewicht": ("25,00 %", "20,00 %"),
    }
    assert_adds_up(found)
    assert {row.place.name: row.before for row in found.rows} == QUOTA
    assert found.heads[:3] == ["Arbeitslose je 1.000", "Einkommensteuer je Kopf", "Beschäftigte je 100"]
    assert found.moved > 0


def test_the_same_version_twice_differs_in_nothing(planning: Client, story: Story) -> None:
    found = SchemeComparison(story.scheme, story.scheme, TOTAL)
    assert found.changes == []
    assert not any(row.change for row in found.rows)
    page = text_of(planning.get(URL, {"alt": story.scheme.pk, "neu": story.scheme.pk}))
    assert "Verfahren, Gewichte, Bezugsgröße und Daten sind gleich." in page
    assert "Alle Sozialräume bekommen gleich viel wie zuvor." in page


def test_another_method_population_and_limit_are_named_and_add_up(
    story: Story, draft: WeightingScheme, county: County
) -> None:
    other = factories.make_population_15_to_64(county.spaces)
    WeightingScheme.objects.filter(pk=draft.pk).update(
        method="standardised", factor_max=Decimal("1.1"), population=other, aggregation="geometric"
    )
    draft.refresh_from_db()
    changes = changes_of(story.scheme, draft)
    assert changes["Verfahren"] == ("Verhältnis zum Kreiswert", "Standardisiert")
    assert changes["Spreizung"] == ("–", "0,1500")
    assert changes["größter Faktor"] == ("–", "1,1000")
    assert changes["Zusammenfassung oberster Stufe"] == ("arithmetisch", "geometrisch")
    assert "Bezugsgröße" in changes
    found = SchemeComparison(story.scheme, draft, TOTAL)
    assert_adds_up(found)
    assert found.heads[0] == "Bezugsgröße"
    assert "Begrenzung" in found.heads


def test_an_indicator_that_came_or_went_has_its_column(story: Story, draft: WeightingScheme) -> None:
    draft.members.filter(indicator__code="employment").delete()
    for old, new in ((story.scheme, draft), (draft, story.scheme)):
        found = SchemeComparison(old, new, TOTAL)
        assert "Beschäftigte je 100" in found.heads
        assert_adds_up(found)
    assert changes_of(story.scheme, draft)["Beschäftigte je 100: Gewicht"] == ("25,00 %", "–")
    assert "Beschäftigte je 100: Datenstand" in changes_of(story.scheme, draft)


def test_newer_data_are_named_with_their_county_value(story: Story, draft: WeightingScheme, county: County) -> None:
    factories.make_release(
        2023,
        [
            IndicatorValue(indicator=Indicator.objects.get(code="income_tax"), space=space, value=300 + 20 * number)
            for number, space in enumerate(county.spaces.values())
        ],
    )
    changes = changes_of(story.scheme, draft)
    before, now = changes["Einkommensteuer je Kopf: Datenstand"]
    assert (before, now) == ("Indikatoren 2021, Stichtag 31.12.2021", "Indikatoren 2023, Stichtag 31.12.2023")
    assert "Einkommensteuer je Kopf: Kreiswert" in changes


def test_dimensions_are_named(story: Story, draft: WeightingScheme) -> None:
    dimension = draft.dimensions.create(code="arbeit", name="Arbeit", weight=40, aggregation="geometric")
    draft.members.filter(indicator__code="unemployment").update(dimension=dimension)
    changes = changes_of(story.scheme, draft)
    assert changes["Dimension Arbeit"] == ("–", "40,00 Punkte, geometrisch")
    assert changes["Arbeitslose je 1.000: Dimension"] == ("–", "Arbeit")
    assert_adds_up(SchemeComparison(story.scheme, draft, TOTAL))


def test_who_proposed_and_decided_stands_beside_it(cast: Cast, story: Story, draft: WeightingScheme) -> None:
    propose_scheme(scheme=draft, actor=cast.planning)
    adopt_scheme(scheme=draft, legal_basis="Beschluss 2026/7", actor=cast.head)
    draft.refresh_from_db()
    story.scheme.refresh_from_db()
    found = {one.what: (one.before, one.now) for one in SchemeComparison(story.scheme, draft, TOTAL).decisions}
    assert found["Stand"] == ("abgelöst", "festgelegt")
    assert found["Grundlage der Festlegung"] == ("Beschluss der Arbeitsgruppe", "Beschluss 2026/7")
    assert found["vorgeschlagen"][1].endswith("Jugendhilfeplanung")
    assert found["festgelegt"][1].endswith("Fachdienstleitung")


def test_a_version_without_factors_says_why_and_what_changed_stands_all_the_same(
    planning: Client, story: Story, draft: WeightingScheme
) -> None:
    with factories.as_if_always_so():
        IndicatorValue.objects.filter(indicator__code="income_tax", space__name="Bleckede").update(value=None)
    response = planning.get(URL, {"alt": story.scheme.pk, "neu": draft.pk})
    assert "Bleckede" in text_of(response)
    assert "60,00 %" in text_of(response)
    assert response.context["found"].rows == []
    assert planning.get(URL, {"alt": str(story.scheme.pk), "neu": str(draft.pk), "format": "csv"}).status_code == 200


def test_versions_with_other_spaces_are_not_set_against_each_other(
    planning: Client, story: Story, draft: WeightingScheme, county: County
) -> None:
    space = factories.make_space("Beispielort")
    story.scheme.population.counts.create(space=space, count=1000)
    for value in IndicatorValue.objects.filter(space__name="Bleckede"):
        with factories.as_if_always_so():
            value.pk, value.space = None, SocialSpace.objects.get(pk=space.pk)
            value.save(force_insert=True)
    page = text_of(planning.get(URL, {"alt": story.scheme.pk, "neu": draft.pk}))
    assert "Die Fassungen kennen verschiedene Sozialräume: Beispielort." in page


def test_only_what_a_user_sees_can_be_compared(
    client: Client, cast: Cast, story: Story, draft: WeightingScheme
) -> None:
    client.force_login(cast.nobody)
    assert client.get(URL, {"alt": story.scheme.pk, "neu": draft.pk}).status_code == 404
    page = text_of(client.get(URL, {"neu": story.scheme.pk}))
    assert "Es gibt keine zwei Fassungen" in page
    client.force_login(cast.audit)
    assert client.get(URL, {"alt": story.scheme.pk, "neu": draft.pk}).status_code == 200
    client.logout()
    assert client.get(URL).status_code == 302


def test_the_newest_version_is_compared_with_what_it_was_copied_from(
    planning: Client, story: Story, draft: WeightingScheme
) -> None:
    found = planning.get(URL).context["found"]
    assert (found.old, found.new, found.total) == (story.scheme, draft, TOTAL)
    again = planning.get(URL, {"neu": story.scheme.pk}).context["found"]
    assert (again.old, again.new) == (draft, story.scheme)


@pytest.mark.parametrize("query", ["alt=x", "neu=999999", "alt=²"])
def test_an_unknown_version_is_not_found(planning: Client, draft: WeightingScheme, query: str) -> None:
    assert planning.get(f"{URL}?{query}").status_code == 404


def test_an_unknown_year_is_the_newest_with_money(planning: Client, draft: WeightingScheme) -> None:
    assert planning.get(URL, {"jahr": "1999"}).context["year"].year == 2026
    factories.make_year(2027, total="3000000.00")
    assert planning.get(URL, {"jahr": "2026"}).context["found"].total == TOTAL
    assert planning.get(URL).context["found"].total == Decimal("3000000.00")


def test_without_a_year_the_factors_stand_alone(planning: Client, county: County, cast: Cast) -> None:
    scheme = factories.make_scheme(factories.make_indicators(county.spaces), factories.make_population(county.spaces))
    copy_scheme(scheme=scheme, actor=cast.planning)
    response = planning.get(URL)
    assert "nur die Faktoren" in text_of(response)
    assert len(response.context["found"].rows) == 10
    assert planning.get(URL, {"format": "xlsx"}).status_code == 200


def test_a_scheme_page_leads_to_the_comparison(planning: Client, story: Story, draft: WeightingScheme) -> None:
    page = text_of(planning.get(f"/belastung/schemata/{draft.pk}/"))
    assert f"{URL}?alt={story.scheme.pk}&amp;neu={draft.pk}" in page


def test_the_downloads_hold_factors_euros_and_differences(
    planning: Client, story: Story, draft: WeightingScheme
) -> None:
    given: dict[str, Any] = {"alt": story.scheme.pk, "neu": draft.pk}
    content = planning.get(URL, {**given, "format": "csv"}).content.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(content), delimiter=";"))
    for row in rows:
        assert Decimal(row["Betrag alt"].replace(",", ".")) == QUOTA[row["Sozialraum"]]
    book = openpyxl.load_workbook(io.BytesIO(planning.get(URL, {**given, "format": "xlsx"}).content))
    assert book.sheetnames == ["Faktoren und Beträge", "Was sich unterscheidet", "Hinweise"]


def test_the_page_asks_the_same_number_of_questions_for_any_number_of_versions(
    planning: Client, story: Story, draft: WeightingScheme, cast: Cast
) -> None:
    given: dict[str, Any] = {"alt": story.scheme.pk, "neu": draft.pk}
    planning.get(URL, given)
    with CaptureQueriesContext(connection) as few:
        planning.get(URL, given)
    for _ in range(10):
        copy_scheme(scheme=story.scheme, actor=cast.planning)
    with CaptureQueriesContext(connection) as many:
        planning.get(URL, given)
    assert len(many) == len(few) <= 12
