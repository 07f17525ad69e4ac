"""The budget of a region: adopted amounts for its people, drafts only of its own spaces."""

from decimal import Decimal
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from budgets.models import AdoptedDistribution, DistributionModel, FiscalYear, YearStatus
from budgets.reading import proposals_for
from indicators.models import IndicatorValue, WeightingScheme
from jugendhilfe.lib.formats import format_euro
from tests import factories
from tests.conftest import Cast, County

# What "Nach Belastung" gives of 2,030,000.00 with the scheme of the record: the worked example of the documentation.
QUOTA_1 = {"Amt Neuhaus": "131.723,96", "Bleckede": "227.952,18", "Dahlenburg": "152.941,07", "Ostheide": "178.701,17"}
QUOTA_2 = {"Scharnebeck": "283.909,38", "Bardowick": "283.643,60", "Adendorf": "197.112,37"}
QUOTA_3 = {"Gellersen": "232.991,35", "Ilmenau": "188.170,72", "Amelinghausen": "152.854,20"}
URL_1, URL_2 = "/regionen/1/budgets/2026/", "/regionen/2/budgets/2026/"


@pytest.fixture
def scheme(county: County) -> WeightingScheme:
    return factories.make_scheme(factories.make_indicators(county.spaces), factories.make_population(county.spaces))


@pytest.fixture
def year(county: County) -> FiscalYear:
    factories.make_amounts(factories.make_year(2025), county.spaces)
    return factories.make_year(2026)


@pytest.fixture
def proposal(year: FiscalYear, scheme: WeightingScheme) -> DistributionModel:
    return DistributionModel.objects.create(
        year=year, name="Quote nach Belastung", code="M2", need=1, scheme=scheme, reason="Vorschlag"
    )


@pytest.fixture
def adopted(year: FiscalYear, scheme: WeightingScheme, county: County) -> AdoptedDistribution:
    """Every space has an amount that stands nowhere else."""
    amounts = {space: Decimal(100_000 + 1_111 * n) for n, space in enumerate(county.spaces.values(), start=1)}
    return factories.make_distribution(year, scheme, amounts, previous=dict.fromkeys(amounts, Decimal(100_000)))


def text_of(response: Any) -> str:
    return response.content.decode()


def test_only_people_of_a_region_open_its_budget(client: Client, cast: Cast, adopted: AdoptedDistribution) -> None:
    codes = {
        "planning": (200, 200),
        "finance": (200, 200),
        "audit": (200, 200),
        "coordination": (200, 404),
        "coordination_2": (404, 200),
        "board_reader": (200, 404),
        "municipality": (200, 404),
        "carrier_lead": (200, 404),
        "carrier_lead_b": (404, 200),
        "case_steering": (404, 404),
        "system": (404, 404),
        "nobody": (404, 404),
    }
    for person, expected in codes.items():
        client.force_login(getattr(cast, person))
        assert (client.get(URL_1).status_code, client.get(URL_2).status_code) == expected, person


def test_a_foreign_region_is_answered_like_one_that_is_not_there(
    client: Client, cast: Cast, adopted: AdoptedDistribution
) -> None:
    client.force_login(cast.coordination)
    foreign, missing = client.get(URL_2), client.get("/regionen/9/budgets/2026/")
    assert (foreign.status_code, missing.status_code) == (404, 404)
    assert foreign.content == missing.content


def test_spaces_and_offices_stand_with_their_amounts(
    client: Client, cast: Cast, county: County, adopted: AdoptedDistribution
) -> None:
    for number, person in ((2, cast.carrier_lead_b), (1, cast.carrier_lead)):
        client.force_login(person)
        page = text_of(client.get(f"/regionen/{number}/budgets/2026/"))
        for row in adopted.rows.all():
            assert (format_euro(row.amount) in page) == (row.region_number == number), row
            assert (f"Sozialraumbüro {row.space_name}" in page) == (row.region_number == number)
    assert "411.110,00\u00a0€" in page
    assert "+11.110,00\u00a0€" in page
    assert "Beschluss 2025/124 vom 29.02.2024" in page


def test_downloads_hold_the_region_alone(client: Client, cast: Cast, adopted: AdoptedDistribution) -> None:
    client.force_login(cast.coordination)
    lines = client.get(f"{URL_1}?format=csv").content.decode("utf-8-sig").splitlines()
    assert len(lines) == 5
    assert lines[1].startswith("Amt Neuhaus;")
    assert client.get(f"{URL_1}?format=xlsx").content[:2] == b"PK"
    assert client.get(f"{URL_2}?format=csv").status_code == 404


def test_proposals_show_the_own_spaces_and_no_other(client: Client, cast: Cast, proposal: DistributionModel) -> None:
    for person, own, foreign in (
        ("coordination", QUOTA_1, {**QUOTA_2, **QUOTA_3}),
        ("board_reader", QUOTA_1, {**QUOTA_2, **QUOTA_3}),
        ("planning", QUOTA_1, {**QUOTA_2, **QUOTA_3}),
        ("coordination_2", QUOTA_2, {**QUOTA_1, **QUOTA_3}),
    ):
        client.force_login(getattr(cast, person))
        page = text_of(client.get(URL_2 if own is QUOTA_2 else URL_1))
        assert "Quote nach Belastung" in page
        assert all(amount in page for amount in own.values()), person
        assert not any(amount in page or name in page for name, amount in foreign.items()), person


def test_a_municipality_sees_the_draft_of_its_own_space_alone(
    client: Client, cast: Cast, proposal: DistributionModel
) -> None:
    client.force_login(cast.municipality)
    page = text_of(client.get(URL_1))
    assert QUOTA_1["Dahlenburg"] in page
    assert QUOTA_1["Bleckede"] not in page


def test_carriers_see_no_proposals(client: Client, cast: Cast, proposal: DistributionModel) -> None:
    client.force_login(cast.carrier_lead)
    page = text_of(client.get(URL_1))
    assert "Quote nach Belastung" not in page
    assert QUOTA_1["Bleckede"] not in page


def test_a_draft_year_opens_for_those_who_see_drafts_or_once_adopted(
    client: Client, cast: Cast, county: County, scheme: WeightingScheme, year: FiscalYear
) -> None:
    FiscalYear.objects.filter(pk=year.pk).update(status=YearStatus.DRAFT)
    client.force_login(cast.carrier_lead)
    assert client.get(URL_1).status_code == 404
    client.force_login(cast.board_reader)
    assert "noch keine Verteilung festgelegt" in text_of(client.get(URL_1))
    factories.make_distribution(year, scheme, {county.spaces["Bleckede"]: Decimal("0.01")})
    client.force_login(cast.carrier_lead)
    assert "0,01\u00a0€" in text_of(client.get(URL_1))


def test_a_proposal_that_cannot_be_computed_says_so_without_foreign_names(
    client: Client, cast: Cast, proposal: DistributionModel, county: County
) -> None:
    with factories.as_if_always_so():
        IndicatorValue.objects.filter(space=county.spaces["Scharnebeck"]).delete()
    client.force_login(cast.coordination)
    page = text_of(client.get(URL_1))
    assert "lässt sich mit dem jetzigen Stand der Daten nicht rechnen" in page
    assert "Scharnebeck" not in page


def test_two_proposals_of_one_scheme_cost_no_second_calculation(county: County, proposal: DistributionModel) -> None:
    spaces = [county.spaces["Bleckede"]]
    with CaptureQueriesContext(connection) as one:
        proposals_for(spaces, proposal.year)
    DistributionModel.objects.create(
        year=proposal.year, name="Köpfe", code="M1", head=1, scheme=proposal.scheme, reason="Vorschlag"
    )
    with CaptureQueriesContext(connection) as two:
        heads, burden = proposals_for(spaces, proposal.year)
    assert len(two) == len(one)
    assert [name for name, _, _ in heads.spaces] == ["Bleckede"]
    assert (burden.total, burden.spaces[0][2]) == (Decimal("227952.18"), Decimal("-34047.82"))


def test_a_region_without_figures_of_that_year_is_not_found(client: Client, cast: Cast) -> None:
    client.force_login(cast.planning)
    assert client.get(URL_1).status_code == 404
