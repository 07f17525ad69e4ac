"""Amounts for many draws at once: the same as the exact distribution for every one of them, whatever the bounds."""

from decimal import Decimal
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from budgets.bands import euro_bands, euros
from budgets.distribution import InfeasibleBounds, Model, Space, build_model, distribute
from jugendhilfe.lib.money import CENT, UNITS
from tests.budgets.test_distribution import DEMO, DEMO_TOTAL, amounts, limits, shares
from tests.budgets.test_distribution import spaces as many_spaces

D = Decimal
WITHIN = 0.01
DEMO_FACTORS = np.array([[float(space.factor)] for space in DEMO])


def with_factors(spaces: list[Space], factors: list[Decimal]) -> list[Space]:
    return [
        Space(space.key, space.offices, space.reference_population, factor, space.previous)
        for space, factor in zip(spaces, factors, strict=True)
    ]


@given(
    spaces=many_spaces,
    total=amounts,
    parts=shares(),
    bounds=limits,
    gains_only=st.booleans(),
    data=st.data(),
)
def test_every_draw_gives_what_the_exact_distribution_gives(
    spaces: list[Space], total: Decimal, parts: Any, bounds: Any, gains_only: bool, data: st.DataObject
) -> None:
    model = Model(**parts, **{**bounds, "unit": CENT}, gains_only=gains_only)
    factor = st.decimals("0.1", "4", places=8)
    draws = data.draw(st.lists(st.lists(factor, min_size=len(spaces), max_size=len(spaces)), min_size=1, max_size=3))
    drawn = euros(total, spaces, model, np.array([[float(one) for one in draw] for draw in draws]).T)
    for column, draw in enumerate(draws):
        try:
            exact = distribute(total, with_factors(spaces, draw), model).allocations
        except InfeasibleBounds as refusal:
            # Missing by less than a cent it may still fit.
            assert refusal.missing <= CENT or np.isnan(drawn[:, column]).all()
            continue
        found = drawn[:, column]
        assert np.isfinite(found).all()
        assert found == pytest.approx([float(one.exact) for one in exact], abs=WITHIN / 2, rel=1e-12)
        assert [float(one.amount) for one in exact] == pytest.approx(found, abs=WITHIN + 1e-6, rel=1e-12)


@pytest.mark.parametrize(
    "model",
    [
        build_model("M2"),
        build_model("M3", base=D("0.2")),
        build_model("M2", floor_percent=D(5), cap_percent=D(5)),
        build_model("M2", floor_percent=D(5), gains_only=True),
        build_model("M4", base=D("0.1"), head=D("0.3"), cap_percent=D(10)),
        build_model("M2", floor_absolute=D(20000), cap_absolute=D(10000), gains_only=True),
    ],
)
def test_the_demo_comes_out_to_the_cent(model: Model) -> None:
    exact = distribute(DEMO_TOTAL, DEMO, model).amounts
    drawn = euros(DEMO_TOTAL, DEMO, model, np.tile(DEMO_FACTORS, 5))
    for column in drawn.T:
        assert column == pytest.approx([float(exact[space.key]) for space in DEMO], abs=WITHIN)
    assert drawn.sum(axis=0) == pytest.approx(float(DEMO_TOTAL), abs=1e-6)


def test_a_floor_that_no_gains_can_pay_for_refuses_the_draw() -> None:
    spaces = [Space("1", 1, 1000, D(1), D("600.00")), Space("2", 1, 1000, D(1), D("400.00"))]
    model = build_model("M2", floor_percent=D(0), gains_only=True)
    factors = np.array([[1.0, 1.2], [1.0, 0.8]])
    # 1,000 € at equal factors: 100 € too little for the first, 100 € of gains; never more than that.
    assert np.isfinite(euros(D("1000.00"), spaces, model, factors)).all()
    less = euros(D("990.00"), spaces, model, factors)
    assert np.isnan(less).all(axis=0).tolist() == [True, True]
    bands = euro_bands(D("990.00"), spaces, model, factors)
    assert (bands.by_key, bands.refused) == ({}, 2)


def test_a_floor_above_the_total_refuses_all_draws() -> None:
    bands = euro_bands(D("1000000.00"), DEMO, build_model("M2", floor_percent=D(5)), np.tile(DEMO_FACTORS, 3))
    assert (bands.by_key, bands.refused) == ({}, 3)


def test_without_need_nothing_varies() -> None:
    factors = DEMO_FACTORS * np.linspace(0.5, 1.5, 40)[None] ** np.arange(10)[:, None]
    bands = euro_bands(DEMO_TOTAL, DEMO, build_model("M1"), factors).by_key
    exact = distribute(DEMO_TOTAL, DEMO, build_model("M1")).amounts
    for key, band in bands.items():
        assert band.low == band.median == band.high
        assert abs(band.low - exact[key]) <= CENT


def test_a_band_holds_nine_tenths_of_the_draws() -> None:
    spaces = [Space("1", 1, 1, D(1)), Space("2", 1, 1, D(1))]
    share = np.linspace(0.4, 0.6, 101)
    band = euro_bands(D(1000), spaces, build_model("M2"), np.array([share, 1 - share])).by_key["1"]
    assert (band.low, band.median, band.high) == (D("410.00"), D("500.00"), D("590.00"))


def test_bounds_narrow_the_bands() -> None:
    rng = np.random.default_rng(1)
    factors = DEMO_FACTORS * rng.uniform(0.9, 1.1, (10, 500))
    free = euro_bands(DEMO_TOTAL, DEMO, build_model("M2"), factors).by_key
    held = euro_bands(DEMO_TOTAL, DEMO, build_model("M2", floor_percent=D(5), cap_percent=D(5)), factors).by_key
    for space in DEMO:
        assert held[space.key].high - held[space.key].low < free[space.key].high - free[space.key].low


def test_the_rounding_unit_does_not_make_steps_in_a_band() -> None:
    rng = np.random.default_rng(1)
    factors = DEMO_FACTORS * rng.uniform(0.9, 1.1, (10, 500))
    assert euro_bands(DEMO_TOTAL, DEMO, build_model("M2", unit=UNITS[-1]), factors) == euro_bands(
        DEMO_TOTAL, DEMO, build_model("M2"), factors
    )
