"""The figures of docs/explanation-in-euros.md are those of the demo."""

from decimal import Decimal

import pytest

from budgets.uncertainty import EuroUncertainty, uncertainty_of
from budgets.what_if import read_what_if
from indicators.models import WeightingScheme
from tests.budgets.conftest import Story
from tests.budgets.documented import tables_of
from tests.conftest import Cast

TABLES = tables_of("docs/explanation-in-euros.md")


@pytest.fixture
def found(cast: Cast, story: Story) -> EuroUncertainty:
    assert WeightingScheme.objects.get() == story.scheme
    what_if = read_what_if(cast.planning, {})
    assert what_if is not None
    found = uncertainty_of(what_if)
    assert found is not None
    return found


def euros(text: str) -> Decimal:
    return Decimal(text.replace(",", "").replace("−", "-"))


def test_the_table_of_contributions_is_what_the_page_shows(cast: Cast, story: Story) -> None:
    what_if = read_what_if(cast.planning, {})
    assert what_if is not None
    assert what_if.comparison is not None
    ((_, moved),) = what_if.moved_by_indicators(what_if.columns_by_need[:1])
    keys = {place.name: place.key for place in what_if.comparison.places}
    rows = TABLES["space"]
    assert {name for name, *_ in rows} == set(keys)
    for name, *figures in rows:
        key = keys[name]
        assert [euros(figure) for figure in figures] == [moved.start[key], *moved.row(key), moved.amount[key]]
    sentence = moved.sentence(keys["Scharnebeck"], "Scharnebeck").replace("\u00a0", " ")
    assert "68.090,62 € weniger als bisher" in sentence
    assert "das sind 62.649,60 € weniger als bisher" in sentence
    assert sum(moved.row(keys["Scharnebeck"])) == Decimal("-5441.02")


def test_the_table_of_bands_is_what_the_page_draws(found: EuroUncertainty) -> None:
    rows = {row.place.name: row for row in found.rows}
    for name, amount, *figures in TABLES["space in bands"]:
        row = rows[name]
        cell = row.cells[0]
        assert cell.amount == euros(amount)
        assert row.above_by_counts is not None
        assert figures == [
            *(f"{band.low:,.0f}–{band.high:,.0f}" for band in (cell.weights, cell.counts) if band),
            f"{row.above_by_weights:.0f} %",
            f"{row.above_by_counts:.0f} %",
        ]


def test_the_table_of_variants_is_what_the_page_computes(found: EuroUncertainty) -> None:
    keys = {place.name: place.key for place in found.comparison.places}
    outcomes = [found.methods.outcomes[1], *found.without.outcomes, found.shifts.outcomes[1]]
    rows = TABLES["variant"]
    assert len(rows) == len(outcomes)
    for (_, *figures), outcome in zip(rows, outcomes, strict=True):
        shown = [outcome.changes[keys[name]] for name in ("Amt Neuhaus", "Bleckede", "Dahlenburg")]
        assert [euros(figure) for figure in figures] == [*shown, outcome.moved]
