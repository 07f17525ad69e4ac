"""How sure a factor is: draws that agree with the factor itself, bands, ranks, groups, shifted weights, stored runs."""

import datetime as dt
import itertools
import math
import random
from collections.abc import Iterable
from dataclasses import asdict, replace
from decimal import Decimal
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from hypothesis.extra.numpy import arrays

from indicators.burden import BurdenError, Dimension, Indicator, Scheme, ValuesRefused, compute
from indicators.inputs import COUNTY, ESTIMATE, Calculated, Cell, Group, Inputs, Member, Place, Release
from indicators.sensitivity import (
    Draws,
    Sensitivity,
    Uncertainty,
    analyse,
    bands,
    draw_cases,
    draw_counts,
    draw_weights,
    fingerprint,
    groups,
    indistinguishable,
    probability_above,
    probability_above_one,
    quantiles,
    ranks,
    shifted_scheme,
    tornado,
    uncertainty,
)
from indicators.sensitivity.shifts import leaf_points
from tests.indicators.test_burden import calculations
from tests.indicators.worked_example import NAMES, SPACES

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "sensitivity.md"
DAY = dt.date(2021, 12, 31)
RELEASE = Release(name="2021", reference_date=DAY, source="amtliche Statistik", is_example=False)


def member(code: str, weight: Any, **more: Any) -> Member:
    plain: dict[str, Any] = {
        "name": code,
        "short_name": code,
        "unit": "",
        "decimals": 1,
        "direction": "more",
        "rate_per": None,
        "numerator_name": "",
        "denominator_name": "",
        "dimension": None,
        "transform": "none",
        "low": None,
        "high": None,
        "frozen_value": None,
        "frozen_sd": None,
        "reason": "",
        "dropped": "",
        "release": RELEASE,
        "previous": None,
    }
    return Member(code=code, weight=Decimal(str(weight)), **{**plain, **more})


def place(key: str, people: int, cells: Iterable[Cell]) -> Place:
    return Place(key=key, name=key, full_name=key, region=1, region_name="", people=people, cells=tuple(cells))


def make_inputs(members: Iterable[Member], places: Iterable[Place], **more: Any) -> Inputs:
    plain: dict[str, Any] = {
        "method": "ratio",
        "spread": Decimal("0.15"),
        "aggregation": "arithmetic",
        "factor_min": None,
        "factor_max": None,
        "is_frozen": False,
        "groups": (),
    }
    return Inputs(
        name="Gewichte",
        version=1,
        population="Bevölkerung",
        population_date=DAY,
        population_source="amtliche Statistik",
        population_is_example=False,
        as_of=DAY,
        members=tuple(members),
        places=tuple(places),
        **{**plain, **more},
    )


def rate(numerator: float | str, denominator: float) -> Cell:
    """A value known by its cases; the rate follows from them."""
    return Cell(value=Decimal(1), numerator=Decimal(str(numerator)), denominator=Decimal(str(denominator)))


DEMO = make_inputs(
    [
        member("unemployment", 50, rate_per=1000),
        member("income_tax", 25, direction="less"),
        member("employed", 25, direction="less"),
    ],
    [
        place(
            space.key,
            space.population_2022,
            [
                rate(space.unemployed_2021, space.aged_15_64_2021),
                Cell(value=space.income_tax_2021),
                Cell(value=space.employed_2015),
            ],
        )
        for space in SPACES
    ],
)


def fewer_cases(inputs: Inputs, divisor: int) -> Inputs:
    """The same rates from smaller numbers."""

    def smaller(cell: Cell) -> Cell:
        if cell.numerator is None or cell.denominator is None:
            return cell
        return replace(cell, numerator=cell.numerator / divisor, denominator=cell.denominator / divisor)

    places = tuple(replace(one, cells=tuple(map(smaller, one.cells))) for one in inputs.places)
    return replace(inputs, places=places)


@st.composite
def all_inputs(draw: st.DrawFn, /, cases: int = 50, per: int = 1, **fixed: Any) -> Inputs:
    """Inputs of any method, nesting and limit: rates from about 15 × cases / per, plain values, gaps, frozen values."""
    keys, people, values, scheme = draw(calculations(limits=True, **fixed))
    columns = list(zip(*values, strict=True))
    # Codes and dimensions in no order of their own.
    codes = draw(st.permutations([one.code for one in scheme.indicators]))
    dimensions = draw(st.permutations(scheme.dimensions))
    kinds = [draw(st.sampled_from(("rate", "rate", "plain", "mixed"))) for _ in columns]
    gaps = [
        draw(st.sampled_from((None, COUNTY, ESTIMATE))) if len(keys) > 2 and fixed.get("gaps", True) else None
        for _ in columns
    ]

    def cell(row: int, column: int) -> Cell:
        value, kind, gap = values[row][column], kinds[column], gaps[column] if row == 1 else None
        if gap == COUNTY:
            return Cell(origin=COUNTY)
        if gap == ESTIMATE or kind == "plain" or (kind == "mixed" and row == 0):
            return Cell(value=Decimal(str(value)), origin=gap or "")
        return rate(round(value * cases / per), cases)

    is_frozen = draw(st.booleans())
    return make_inputs(
        [
            member(
                code,
                one.weight,
                direction=one.direction,
                dimension=one.dimension,
                transform=one.transform,
                low=Decimal(5),
                high=Decimal(20),
                rate_per=None if kind == "plain" else per,
                frozen_value=Decimal(15) if draw(st.booleans()) else None,
                frozen_sd=Decimal(2) if draw(st.booleans()) else None,
            )
            for code, one, kind in zip(codes, scheme.indicators, kinds, strict=True)
        ],
        [place(key, people[row], [cell(row, j) for j in range(len(columns))]) for row, key in enumerate(keys)],
        method=scheme.method,
        spread=scheme.spread,
        aggregation=scheme.aggregation,
        factor_min=scheme.factor_min,
        factor_max=scheme.factor_max,
        is_frozen=is_frozen,
        groups=tuple(
            Group(code=one.code, name="", weight=Decimal(one.weight), aggregation=one.aggregation or "arithmetic")
            for one in dimensions
        ),
    )


def calculated(inputs: Inputs) -> Calculated:
    try:
        return inputs.calculate()
    except BurdenError:
        # Gaps that take the value of all spaces may leave an indicator without variance.
        assume(False)
        raise


def by_name(run: Uncertainty) -> dict[str, Any]:
    return {NAMES[space.key]: space for space in run.spaces}


# --- Draws -----------------------------------------------------------------------------------------------------------


@given(all_inputs(), st.sampled_from(("uniform", "dirichlet")))
def test_every_draw_of_weights_shares_out_what_is_there_within_the_limits(inputs: Inputs, way: Any) -> None:
    one = calculated(inputs)
    assert_anchored(one, draw_weights(one, draws=40, seed=1, way=way))


@given(all_inputs(cases=2))
def test_every_draw_of_cases_shares_out_what_is_there_within_the_limits(inputs: Inputs) -> None:
    one = calculated(inputs)
    drawn = draw_counts(one, draw_cases(one, draws=40, seed=1))
    assert_anchored(one, drawn.factors)
    assert drawn.factors.shape[1] + drawn.refused == 40


def assert_anchored(one: Calculated, factors: Any) -> None:
    people = one.result.reference_population
    for column in factors.T:
        assert math.fsum(people * column) == pytest.approx(math.fsum(people), rel=1e-12)
    assert (factors >= float(one.scheme.factor_min or 0)).all()
    if one.scheme.factor_max is not None:
        assert (factors <= float(one.scheme.factor_max)).all()


@given(all_inputs())
def test_a_draw_of_weights_is_the_factor_of_a_scheme_with_these_weights(inputs: Inputs) -> None:
    """Levels in the order top, then dimensions by code; in each the members by code, dimensions first."""
    one = calculated(inputs)
    scheme, result, rng = one.scheme, one.result, np.random.Generator(np.random.PCG64(7))
    dimensions = in_order(scheme.dimensions)
    moves: dict[Any, Any] = {}
    inside = [in_order(scheme.inside(dimension.code)) for dimension in dimensions]
    for members in ([*dimensions, *in_order(scheme.inside(None))], *inside):
        moves |= zip(members, rng.uniform(0.75, 1.25, (len(members), 3)).tolist(), strict=True)
    drawn = draw_weights(one, draws=3, seed=7)

    def moved(some: Any, draw: int) -> Any:
        return tuple(replace(member, weight=float(member.weight) * moves[member][draw]) for member in some)

    for draw in range(3):
        other = replace(scheme, indicators=moved(scheme.indicators, draw), dimensions=moved(scheme.dimensions, draw))
        expected = compute(result.keys, result.reference_population, result.values, other, counts=one.counts)
        np.testing.assert_allclose(drawn[:, draw], expected.factor, rtol=1e-12)


def in_order(members: Iterable[Any]) -> list[Any]:
    return sorted(members, key=lambda member: member.code)


@given(all_inputs(cases=1, per=5) | all_inputs(cases=2) | all_inputs(cases=50))
def test_a_draw_of_cases_is_the_factor_of_these_cases_or_refused_like_it(inputs: Inputs) -> None:
    one = calculated(inputs)
    cases = draw_cases(one, draws=12, seed=3)
    drawn = draw_counts(one, cases)
    expected, refused = [], 0
    for draw in range(12):
        try:
            expected.append(with_cases(inputs, cases, draw).calculate().result.factor)
        except BurdenError:
            refused += 1
    assert drawn.refused == refused
    if expected:
        np.testing.assert_allclose(drawn.factors, np.array(expected).T, rtol=1e-11)


def with_cases(inputs: Inputs, cases: Any, draw: int) -> Inputs:
    """The inputs as if these had been the cases."""

    def counted(key: str, code: str, cell: Cell) -> Cell:
        if code not in cases.drawn or cell.numerator is None:
            return cell
        return replace(cell, numerator=Decimal(int(cases.drawn[code][cases.keys.index(key), draw])))

    return replace(
        inputs,
        places=tuple(
            replace(
                one,
                cells=tuple(
                    counted(one.key, member.code, cell) for member, cell in zip(inputs.members, one.cells, strict=True)
                ),
            )
            for one in inputs.places
        ),
    )


@given(all_inputs())
def test_without_spread_every_draw_is_the_factor_itself(inputs: Inputs) -> None:
    one = calculated(inputs)
    drawn = draw_weights(one, draws=5, seed=1, spread=0)
    np.testing.assert_allclose(drawn, np.repeat(one.result.factor[:, None], 5, axis=1), rtol=1e-12)


def test_spaces_that_all_lie_at_their_limits_stay_there() -> None:
    """Half of the people below, half above: every λ in between serves, none beyond."""
    table = [(20, "0.2"), (19, "6.1"), (1, "5.5")]
    places = [place(value, people, [Cell(value=Decimal(value))]) for people, value in table]
    limits = {"factor_min": Decimal("0.9"), "factor_max": Decimal("1.1")}
    drawn = draw_weights(make_inputs([member("a", 1)], places, **limits).calculate(), draws=1, seed=1)
    np.testing.assert_allclose(drawn[:, 0], [0.9, 1.1, 1.1], rtol=1e-12)


@pytest.mark.parametrize("limit", [None, Decimal("1.1")])
def test_draws_in_many_parts_are_those_in_one(limit: Decimal | None, monkeypatch: pytest.MonkeyPatch) -> None:
    one = replace(DEMO, factor_max=limit).calculate()
    whole = draw_weights(one, draws=1_000, seed=1)
    found = bands(whole)
    for module in ("draws", "summary"):
        monkeypatch.setattr(f"indicators.sensitivity.{module}.CHUNK", 170)
    assert draw_weights(one, draws=1_000, seed=1).tobytes() == whole.tobytes()
    assert bands(whole).ranks.tobytes() == found.ranks.tobytes()
    assert bands(whole).factors.tobytes() == found.factors.tobytes()


def weights_drawn(*weights: int, **more: Any) -> Any:
    """The weights themselves: where space j is rated 1 by indicator j and 0 by all others, its factor is n v_j."""
    codes = [f"i{number}" for number in range(len(weights))]
    inputs = make_inputs(
        [member(code, weight, low=Decimal(0), high=Decimal(1)) for code, weight in zip(codes, weights, strict=True)],
        [place(code, 1, [Cell(value=Decimal(code == other)) for other in codes]) for code in codes],
        method="goalposts",
    )
    return draw_weights(inputs.calculate(), seed=5, **more) / len(weights)


def test_uniform_weights_stay_within_their_spread_before_they_are_divided_by_their_sum() -> None:
    first, second = weights_drawn(60, 40, draws=20_000)
    assert (first / second).min() == pytest.approx(1.5 * 0.75 / 1.25, rel=0.02)
    assert (first / second).max() == pytest.approx(1.5 * 1.25 / 0.75, rel=0.02)
    np.testing.assert_allclose(first + second, 1, rtol=1e-12)


def test_dirichlet_weights_lie_around_those_agreed_the_closer_the_larger_kappa() -> None:
    agreed = np.array([0.5, 0.3, 0.2])
    for kappa in (20, 100):
        drawn = weights_drawn(50, 30, 20, draws=20_000, way="dirichlet", kappa=kappa)
        np.testing.assert_allclose(drawn.mean(axis=1), agreed, atol=0.003)
        np.testing.assert_allclose(drawn.var(axis=1), agreed * (1 - agreed) / (kappa + 1), rtol=0.05)


@pytest.mark.parametrize("way", ["uniform", "dirichlet"])
def test_an_indicator_that_does_not_count_counts_in_no_draw(way: Any) -> None:
    first, second = member("a", 100, rate_per=1), member("b", 0)
    inputs = make_inputs([first, second], [place("1", 1, [rate(2, 1), Cell(value=Decimal(9))]), *DEMO_TWO])
    alone = replace(inputs, members=(first,), places=tuple(replace(p, cells=p.cells[:1]) for p in inputs.places))
    drawn = draw_weights(inputs.calculate(), draws=9, seed=1, way=way)
    np.testing.assert_allclose(drawn, np.repeat(alone.calculate().result.factor[:, None], 9, axis=1))


DEMO_TWO = (place("2", 1, [rate(1, 1), Cell(value=Decimal(1))]),)


def test_very_small_dirichlet_weights_are_no_reason_for_nan() -> None:
    drawn = weights_drawn(1, 1, draws=2_000, way="dirichlet", kappa=1e-4)
    assert np.isfinite(drawn).all()
    assert (drawn > 0).all()


@pytest.mark.parametrize("wrong", [{"draws": 0}, {"spread": 1.0}, {"spread": -0.1}, {"kappa": 0}])
def test_settings_that_make_no_draw_are_refused(wrong: Any) -> None:
    with pytest.raises(ValueError, match="draws ≥ 1, 0 ≤ spread < 1"):
        draw_weights(DEMO.calculate(), **{"draws": 1, "seed": 1, **wrong})


def test_cases_scatter_like_poisson_and_leave_the_rest_alone() -> None:
    one = DEMO.calculate()
    cases = draw_cases(one, draws=20_000, seed=1)
    assert list(cases.drawn) == ["unemployment"]
    numerators = np.array([space.unemployed_2021 for space in SPACES])
    np.testing.assert_allclose(cases.drawn["unemployment"].mean(axis=1), numerators, rtol=0.005)
    np.testing.assert_allclose(cases.drawn["unemployment"].var(axis=1), numerators, rtol=0.05)
    assert draw_counts(one, cases).fixed == ("income_tax", "employed")


def test_what_is_not_drawn_is_named() -> None:
    members = [member("a", 1, rate_per=1), member("b", 1, rate_per=1), member("balance", 1, rate_per=1)]
    places = [place(str(row), 1, [rate(9, 3), rate(9, 3), rate(9, 3)]) for row in range(4)]
    places[0] = place("0", 1, [Cell(origin=COUNTY), Cell(value=Decimal(2), origin=ESTIMATE), rate(-1, 3)])
    one = make_inputs(members, places, method="goalposts")
    with_posts = [replace(m, low=Decimal(-9), high=Decimal(9)) for m in one.members]
    drawn_from = replace(one, members=tuple(with_posts)).calculate()
    drawn = draw_counts(drawn_from, draw_cases(drawn_from, draws=5, seed=1))
    assert drawn.fixed == ("balance",)
    assert drawn.fixed_cells == (("0", "b"),)


def test_draws_that_the_method_refuses_are_counted_and_leave() -> None:
    """Mirrored, a rate above twice that of all spaces would be rated below 0."""
    members = [member("a", 1, rate_per=1, direction="less"), member("b", 1)]
    small = [place(key, 100, [rate(n, 100), Cell(value=Decimal(1))]) for key, n in (("1", 5), ("2", 3), ("3", 4))]
    one = make_inputs(members, small).calculate()
    drawn = draw_counts(one, draw_cases(one, draws=1_000, seed=1))
    assert 0 < drawn.refused < 500
    assert np.isfinite(drawn.factors).all()
    assert drawn.factors.shape == (3, 1_000 - drawn.refused)


def test_where_every_draw_is_refused_there_are_no_bands() -> None:
    members = [member("a", 1, rate_per=1, transform="log"), member("b", 1)]
    places = [place(key, 1, [rate("0.0001", n), Cell(value=Decimal(n))]) for key, n in (("1", 1), ("2", 2))]
    run = analyse(make_inputs(members, places, method="standardised"), seed=1, draws=20)
    assert run.counts == Uncertainty(spaces=(), above=(), groups=(), refused=20, fixed=("b",))
    with pytest.raises(ValueError, match="no draws"):
        quantiles(np.empty((2, 0)))


def test_without_any_numerator_there_is_no_uncertainty_of_cases() -> None:
    members = DEMO.members[1:]
    places = tuple(replace(one, cells=one.cells[1:]) for one in DEMO.places)
    assert analyse(replace(DEMO, members=members, places=places), seed=1, draws=10).counts is None


def test_bands_widen_when_counts_shrink() -> None:
    """A quarter of the cases, twice the band."""
    widths = []
    for divisor in (1, 4, 16):
        one = fewer_cases(DEMO, divisor).calculate()
        assert one.result.stored == DEMO.calculate().result.stored
        found = bands(draw_counts(one, draw_cases(one, draws=4_000, seed=1)).factors)
        widths.append(found.factors[:, 2] - found.factors[:, 0])
    np.testing.assert_allclose(widths[1] / widths[0], 2, rtol=0.1)
    np.testing.assert_allclose(widths[2] / widths[1], 2, rtol=0.1)


@given(st.lists(st.tuples(st.integers(100, 5_000), st.integers(1, 9)), min_size=2, max_size=6))
def test_every_band_widens_when_counts_shrink(spaces: list[tuple[int, int]]) -> None:
    places = [place(str(row), cases, [rate(cases, people)]) for row, (cases, people) in enumerate(spaces)]
    many = make_inputs([member("a", 1, rate_per=1)], places)
    widths = []
    for inputs in (many, fewer_cases(many, 4)):
        one = inputs.calculate()
        widths.append(np.ptp(quantiles(draw_counts(one, draw_cases(one, draws=1_000, seed=1)).factors), axis=1))
    assert (widths[1] > 1.5 * widths[0]).all()


def test_drawn_cases_may_be_kept_while_weights_method_and_people_change() -> None:
    key = fingerprint(DEMO.calculate(), draws=10, seed=1)
    moved = DEMO.calculate({"unemployment": Decimal(90)})
    people = tuple(replace(one, people=one.people + 7) for one in reversed(DEMO.places))
    assert fingerprint(moved, draws=10, seed=1) == key
    assert fingerprint(replace(DEMO, method="standardised", places=people).calculate(), draws=10, seed=1) == key
    assert fingerprint(fewer_cases(DEMO, 2).calculate(), draws=10, seed=1) != key
    assert fingerprint(DEMO.calculate(), draws=10, seed=2) != key
    cases = draw_cases(DEMO.calculate(), draws=10, seed=1)
    fresh = draw_counts(moved, draw_cases(moved, draws=10, seed=1)).factors
    assert draw_counts(moved, cases).factors.tobytes() == fresh.tobytes()


def test_cases_of_other_spaces_or_indicators_are_refused() -> None:
    cases = draw_cases(DEMO.calculate(), draws=10, seed=1)
    with pytest.raises(ValueError, match="other spaces or indicators"):
        draw_counts(replace(DEMO, places=DEMO.places[1:]).calculate(), cases)


# --- Bands, ranks, groups --------------------------------------------------------------------------------------------

numbers = arrays(np.float64, st.tuples(st.integers(1, 3), st.integers(1, 50)), elements=st.floats(-9, 9))
tables = arrays(np.float64, st.tuples(st.integers(1, 5), st.integers(1, 40)), elements=st.integers(0, 6).map(float))


@given(numbers)
def test_quantiles_are_those_of_numpy_to_the_last_bit(table: Any) -> None:
    assert quantiles(table).tobytes() == np.ascontiguousarray(np.quantile(table, [0.05, 0.5, 0.95], axis=1).T).tobytes()


@given(tables)
def test_rank_1_is_the_highest_factor_and_of_equal_ones_the_first_row(table: Any) -> None:
    found = ranks(table)
    for column, ranked in zip(table.T, found.T, strict=True):
        order = sorted(range(len(column)), key=lambda row: (-column[row], row))
        assert [int(ranked[row]) for row in order] == list(range(1, len(column) + 1))


@given(tables)
def test_of_two_spaces_one_is_above_the_other_and_equal_ones_are_so_by_half(table: Any) -> None:
    above = probability_above(table)
    np.testing.assert_allclose(above + above.T, 1)
    for a, b in itertools.product(range(len(table)), repeat=2):
        expected = np.mean(table[a] > table[b]) + np.mean(table[a] == table[b]) / 2
        assert above[a, b] == pytest.approx(expected)


@given(arrays(np.float64, (6, 6), elements=st.sampled_from((0.0, 0.04, 0.06, 0.5))), st.permutations(range(6)))
def test_groups_are_the_longest_runs_of_neighbours_unsure_two_by_two(table: Any, ranking: Any) -> None:
    above = np.triu(table, 1) + np.tril(1 - table.T, -1) + np.eye(6) / 2
    unsure = indistinguishable(above)
    runs = [
        ranking[start:end]
        for start, end in itertools.combinations(range(7), 2)
        if end - start > 1 and all(unsure[a, b] for a, b in itertools.combinations(ranking[start:end], 2))
    ]
    longest = [tuple(run) for run in runs if not any(set(run) < set(other) for other in runs)]
    assert list(groups(above, ranking)) == sorted(longest, key=lambda run: ranking.index(run[0]))


def test_two_spaces_with_equal_values_are_indistinguishable_and_none_is_above_the_average() -> None:
    """Not even by the last digit of a float: their order would be made of rounding."""
    twins = tuple(replace(one, cells=DEMO.places[0].cells) for one in DEMO.places)
    one = replace(DEMO, places=twins).calculate()
    drawn = draw_weights(one, draws=500, seed=1)
    assert set(drawn.ravel()) == {1.0}
    assert set(probability_above_one(drawn)) == {0.0}
    found = uncertainty(one, Draws(drawn))
    assert found.groups == (tuple(sorted(NAMES)),)
    pair = replace(DEMO, places=(*DEMO.places, replace(DEMO.places[3], key="twin"))).calculate()
    drawn = draw_weights(pair, draws=500, seed=1)
    assert drawn[3].tobytes() == drawn[10].tobytes()
    assert probability_above(drawn)[3, 10] == 0.5


def test_the_uncertainty_of_the_ten_spaces_is_the_one_documented() -> None:
    run = analyse(DEMO, seed=1)
    assert run.counts is not None
    assert (run.counts.fixed, run.counts.refused) == (("income_tax", "employed"), 0)
    weights, counts = by_name(run.weights), by_name(run.counts)
    factors = {NAMES[key]: factor for key, factor in zip(run.keys, run.factors, strict=True)}
    computed = [
        f"| {name} | {factors[name]:.2f} | {weights[name].factor_low:.2f}–{weights[name].factor_high:.2f} "
        f"| {counts[name].factor_low:.2f}–{counts[name].factor_high:.2f} "
        f"| {counts[name].rank_low:.0f}–{counts[name].rank_high:.0f} | {100 * counts[name].above_one:.0f} % |"
        for name in sorted(factors, key=factors.__getitem__, reverse=True)
    ]
    printed = [line for line in DOCUMENT.read_text(encoding="utf-8").splitlines() if line.startswith("| ")]
    assert printed[1:] == computed
    assert [[NAMES[key] for key in group] for group in run.counts.groups] == [
        ["Amt Neuhaus", "Dahlenburg", "Bleckede"],
        ["Amelinghausen", "Adendorf", "Scharnebeck", "Ilmenau", "Ostheide"],
        ["Ilmenau", "Ostheide", "Gellersen"],
        ["Gellersen", "Bardowick"],
    ]


# --- One weight moved ------------------------------------------------------------------------------------------------


@given(calculations(), st.integers(-100, 100))
def test_a_shift_moves_one_weight_and_the_others_pro_rata(calculation: Any, points: int) -> None:
    scheme: Scheme = calculation[3]
    assume(len(scheme.indicators) > 1)
    before = leaf_points(scheme)
    assert sum(before.values()) == 100
    for code in before:
        after = leaf_points(shifted_scheme(scheme, code, points))
        target = min(max(before[code] + points, Fraction(0)), Fraction(100))
        assert float(after[code]) == pytest.approx(float(target), abs=1e-20)
        for other in before.keys() - {code}:
            rest = float(before[other] * (100 - target) / (100 - before[code]))
            assert float(after[other]) == pytest.approx(rest, abs=1e-20)


def test_five_points_of_unemployment_in_the_ten_spaces() -> None:
    one = DEMO.calculate()
    shifts = tornado(one)
    assert [(shift.code, int(shift.points), int(shift.shifted)) for shift in shifts] == [
        ("employed", 25, 20),
        ("employed", 25, 30),
        ("income_tax", 25, 20),
        ("income_tax", 25, 30),
        ("unemployment", 50, 45),
        ("unemployment", 50, 55),
    ]
    up = shifts[-1]
    assert up.changes is not None
    moved = DEMO.calculate({"unemployment": Decimal(55), "income_tax": Decimal("22.5"), "employed": Decimal("22.5")})
    assert moved.result.stored == tuple(
        factor + change for factor, change in zip(one.result.stored, up.changes, strict=True)
    )
    changes = {NAMES[key]: f"{change:+.4f}" for key, change in zip(one.result.keys, up.changes, strict=True)}
    assert changes["Dahlenburg"] == "+0.0162"
    assert changes["Gellersen"] == "-0.0118"
    assert not any(shift.cut for shift in shifts)


@given(all_inputs())
def test_what_one_space_gains_by_a_shift_others_lose(inputs: Inputs) -> None:
    one = calculated(inputs)
    people = one.result.reference_population
    for shift in tornado(one):
        if shift.changes is not None:
            assert people @ np.array([float(change) for change in shift.changes]) / people.sum() == pytest.approx(
                0, abs=2e-8
            )


def test_a_weight_below_five_points_goes_to_0_and_says_so() -> None:
    members = (replace(DEMO.members[0], weight=Decimal(97)), replace(DEMO.members[1], weight=Decimal(3)))
    two = replace(DEMO, members=members, places=tuple(replace(p, cells=p.cells[:2]) for p in DEMO.places))
    found = {(s.code, s.shifted > s.points): (int(s.points), int(s.shifted), s.cut) for s in tornado(two.calculate())}
    assert found == {
        ("income_tax", False): (3, 0, True),
        ("income_tax", True): (3, 8, False),
        ("unemployment", False): (97, 92, False),
        ("unemployment", True): (97, 100, True),
    }


def test_the_sole_indicator_that_counts_has_no_tornado() -> None:
    assert tornado(DEMO.calculate({"income_tax": Decimal(0), "employed": Decimal(0)})) == ()
    with pytest.raises(ValueError, match="no other weight"):
        shifted_scheme(Scheme(indicators=(Indicator(code="a", weight=1),)), "a", 5)


def test_a_dimension_that_falls_to_0_leaves_the_weights_inside_as_they_were() -> None:
    scheme = Scheme(
        dimensions=(Dimension(code="X", weight=3),),
        indicators=(Indicator(code="a", weight=1, dimension="X"), Indicator(code="b", weight=97)),
    )
    moved = shifted_scheme(scheme, "a", -5)
    assert [one.weight for one in moved.dimensions] == [0]
    assert [one.weight for one in moved.indicators] == [1, 100]


def test_a_shift_that_the_method_refuses_says_why() -> None:
    """A space that one indicator alone rates above 0 has no index without it."""
    members = [member("a", 96, low=Decimal(0), high=Decimal(1)), member("b", 4, low=Decimal(0), high=Decimal(1))]
    places = [
        place("1", 1, [Cell(value=Decimal(0)), Cell(value=Decimal(1))]),
        place("2", 1, [Cell(value=Decimal(1))] * 2),
    ]
    down = tornado(make_inputs(members, places, method="goalposts").calculate())[2]
    assert (down.code, int(down.shifted), down.changes) == ("b", 0, None)
    assert down.refusal == "Der Index muss größer als 0 sein: 1 (0)."


# --- Stored runs -----------------------------------------------------------------------------------------------------


@given(all_inputs(cases=5), st.sampled_from(("uniform", "dirichlet")), st.randoms(use_true_random=False))
def test_the_same_seed_gives_the_same_bytes_in_any_order_of_the_rows(
    inputs: Inputs, way: Any, shuffler: random.Random
) -> None:
    calculated(inputs)
    text = analyse(inputs, seed=4, draws=30, way=way).to_json()
    places = list(inputs.places)
    shuffler.shuffle(places)
    assert analyse(replace(inputs, places=tuple(places)), seed=4, draws=30, way=way).to_json() == text


@given(all_inputs(cases=5, gaps=False), st.randoms(use_true_random=False))
def test_another_order_of_the_rows_gives_every_space_the_same_draws(inputs: Inputs, shuffler: random.Random) -> None:
    places = list(inputs.places)
    shuffler.shuffle(places)
    one, other = calculated(inputs), calculated(replace(inputs, places=tuple(places)))
    back = [other.result.keys.index(key) for key in one.result.keys]
    assert draw_weights(one, draws=9, seed=1).tobytes() == draw_weights(other, draws=9, seed=1)[back].tobytes()
    cases = draw_cases(one, draws=9, seed=1)
    assert draw_counts(one, cases).factors.tobytes() == draw_counts(other, cases).factors[back].tobytes()


def test_another_seed_gives_other_bands() -> None:
    one, other = (analyse(DEMO, seed=seed, draws=50) for seed in (1, 2))
    assert one.weights != other.weights
    assert one.counts != other.counts


@pytest.mark.parametrize("way", ["uniform", "dirichlet"])
def test_a_stored_run_can_be_read_and_repeated(way: Any) -> None:
    run = analyse(DEMO, seed=3, draws=200, way=way, spread=0, kappa=50)
    stored = Sensitivity.from_json(run.to_json())
    assert stored == run
    assert analyse(Inputs.from_json(DEMO.to_json()), **asdict(stored.settings)).to_json() == run.to_json()


def test_a_run_with_kept_cases_and_other_weights_is_that_of_a_scheme_with_these_weights() -> None:
    moved = tuple(replace(one, weight=Decimal(weight)) for one, weight in zip(DEMO.members, (20, 40, 40), strict=True))
    weights = {one.code: one.weight for one in moved}
    cases = draw_cases(DEMO.calculate(), draws=50, seed=1)
    run = analyse(DEMO, seed=1, draws=50, weights=weights, cases=cases)
    assert run == analyse(replace(DEMO, members=moved), seed=1, draws=50)


def test_what_has_no_factors_has_no_uncertainty() -> None:
    places = (replace(DEMO.places[0], people=0), *DEMO.places[1:])
    with pytest.raises(ValuesRefused, match="Bezugsgröße"):
        analyse(replace(DEMO, places=places), seed=1)
