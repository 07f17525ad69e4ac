"""What every indicator moves in euros: nothing in sum, all of it per space, for any scheme, model and bound."""

import datetime as dt
from decimal import Decimal
from typing import Any

import pytest
from django.test import Client
from hypothesis import assume, given
from hypothesis import strategies as st

from budgets.contributions import Contributions, contributions
from budgets.distribution import Distribution, DistributionError, Model, Space, build_model, distribute
from budgets.models import DistributionModel
from budgets.services.distributions import adopt_model, propose_model
from indicators.burden import compute
from indicators.models import IndicatorValue
from jugendhilfe.lib.money import CENT, from_cents
from tests import factories
from tests.budgets.conftest import Story
from tests.budgets.test_distribution import DEMO, DEMO_TOTAL, amounts, limits, shares
from tests.conftest import Cast
from tests.indicators.test_burden import calculations

D = Decimal
BOUNDS = "Unter-/Obergrenze"


@given(
    calculation=calculations(limits=True),
    total=amounts,
    parts=shares(),
    bounds=limits,
    gains_only=st.booleans(),
    data=st.data(),
)
def test_every_column_sums_to_nothing_and_every_row_to_its_amount(
    calculation: Any, total: Decimal, parts: Any, bounds: Any, gains_only: bool, data: st.DataObject
) -> None:
    keys, people, values, scheme = calculation
    result = compute(keys, people, values, scheme)
    previous = data.draw(st.lists(st.none() | st.integers(0, 10**9), min_size=len(keys), max_size=len(keys)))
    spaces = [
        Space(key, 1, int(heads), factor, None if before is None else from_cents(before))
        for key, heads, factor, before in zip(
            result.keys, result.reference_population, result.stored, previous, strict=True
        )
    ]
    model = Model(**parts, **bounds, gains_only=gains_only)
    try:
        distribution = distribute(total, spaces, model)
    except DistributionError:
        assume(False)
    found = contributions(
        distribution,
        dict(zip(result.keys, result.contributions.tolist(), strict=True)),
        dict(zip(result.keys, result.limits.tolist(), strict=True)),
        result.codes,
    )
    assert sum(found.start.values()) == total
    for head, euros in found.columns:
        assert sum(euros.values()) == 0, head
    for key in result.keys:
        assert found.start[key] + sum(found.row(key)) == distribution.amounts[key]
        assert sum(found.row(key)) == distribution.amounts[key] - found.start[key]
        # What is called rounding is rounding: cents of every column, and the unit.
        assert abs(dict(found.columns)["Rundung"][key]) <= model.unit + len(found.columns) * CENT + total / 10**7
    limited = any(result.limits.tolist())
    held = any(allocation.held_by for allocation in distribution.allocations)
    assert found.heads == [*result.codes, *["Begrenzung"] * limited, *[BOUNDS] * held, "Rundung"]


def in_the_demo(model: Model, **moved: list[float]) -> tuple[Contributions, Distribution]:
    """The demo with contributions of the whole need; without any given, one indicator explains all."""
    distribution = distribute(DEMO_TOTAL, DEMO, model)
    columns = moved or {"Belastung": [float(space.factor) - 1 for space in DEMO]}
    parts = {space.key: [column[row] for column in columns.values()] for row, space in enumerate(DEMO)}
    return contributions(distribution, parts, {space.key: 0.0 for space in DEMO}, list(columns)), distribution


def sentence(found: Contributions, name: str) -> str:
    return found.sentence(name, name).replace("\u00a0", " ")


def test_a_losing_space_reads_by_how_much_and_what_moves_it() -> None:
    found, _ = in_the_demo(build_model("M2"))
    assert sentence(found, "Bleckede") == (
        "Bleckede bekommt 227.952,18 €, das sind 34.047,82 € weniger als bisher (262.000,00 €). "
        "Hätten alle Sozialräume die gleiche Belastung, wären es 177.743,03 €, "
        "das sind 84.256,97 € weniger als bisher. Am meisten hebt den Betrag: Belastung (+50.209,14 €)."
    )
    assert "Am meisten senkt den Betrag: Belastung (−" in sentence(found, "Bardowick")
    assert "hebt" not in sentence(found, "Bardowick")


def test_a_floor_is_named_where_it_lifts_most() -> None:
    found, _ = in_the_demo(build_model("M2", floor_percent=D(5)))
    assert sentence(found, "Scharnebeck").endswith(
        "Am meisten hebt den Betrag: Unter-/Obergrenze (+50.490,62 €), am meisten senkt ihn: Belastung (−5.441,02 €)."
    )


def test_rounding_is_never_what_moves_most() -> None:
    found, _ = in_the_demo(build_model("M1", unit=D(100)))
    assert sentence(found, "Amt Neuhaus") == (
        "Amt Neuhaus bekommt 97.500,00 €, das sind 30.500,00 € weniger als bisher (128.000,00 €). "
        "Kein Indikator hebt oder senkt den Betrag."
    )


@pytest.mark.parametrize(
    ("previous", "words"),
    [(None, "A bekommt 500,00 €."), (D("500.00"), "A bekommt 500,00 €, so viel wie bisher (500,00 €).")],
)
def test_the_sentence_says_nothing_of_a_former_amount_that_is_not_there(previous: Decimal | None, words: str) -> None:
    spaces = [Space("A", 1, 1, D(1), previous), Space("B", 1, 1, D(1), previous)]
    found = contributions(
        distribute(D("1000.00"), spaces, build_model("M2")), {"A": [0.0], "B": [0.0]}, {"A": 0.0, "B": 0.0}, ["x"]
    )
    assert sentence(found, "A").startswith(words)


# --- on the pages -------------------------------------------------------------------------------------------------

BLECKEDE = "Bleckede bekommt 227.952,18 €, das sind 34.047,82 € weniger als bisher (262.000,00 €)."


@pytest.fixture
def proposal(cast: Cast, story: Story) -> DistributionModel:
    return propose_model(
        year=story.year_2026,
        scheme=story.scheme,
        name="Nach Belastung",
        model=build_model("M2"),
        reason="Mittel folgen der Belastung",
        actor=cast.planning,
    )


def page_of(client: Client, url: str) -> str:
    response = client.get(url)
    assert response.status_code == 200
    return response.content.decode().replace("\u00a0", " ")


def test_the_what_if_and_a_proposal_say_why(client: Client, cast: Cast, proposal: DistributionModel) -> None:
    client.force_login(cast.planning)
    for url in ("/verteilung/", f"/verteilung/modelle/{proposal.pk}/"):
        page = page_of(client, url)
        assert BLECKEDE in page
        assert "Beiträge in Euro: M2 · Nach Belastung" in page


def test_an_adopted_distribution_says_why_to_everybody_from_what_was_kept(
    client: Client, cast: Cast, proposal: DistributionModel
) -> None:
    adopted = adopt_model(
        model=proposal, basis=factories.make_basis(), review_on=dt.date(2030, 12, 31), actor=cast.head
    )
    url = f"/verteilung/festgelegt/{adopted.pk}/"
    before = page_of(client, url)
    assert BLECKEDE in before
    with factories.as_if_always_so():
        IndicatorValue.objects.filter(indicator__code="income_tax").update(value=1)
    assert page_of(client, url) == before


def test_where_burden_plays_no_part_no_indicator_is_named(client: Client, cast: Cast, story: Story) -> None:
    client.force_login(cast.planning)
    model = propose_model(
        year=story.year_2026,
        scheme=story.scheme,
        name="Nach Köpfen",
        model=build_model("M1"),
        reason="einfach",
        actor=cast.planning,
    )
    page = page_of(client, f"/verteilung/modelle/{model.pk}/")
    assert "Beiträge in Euro" not in page
