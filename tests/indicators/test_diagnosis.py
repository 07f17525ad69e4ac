"""Diagnosis: what the weights really do, which indicators count twice, what should be doubted."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np
import pytest

from indicators import diagnosis
from indicators.burden import Aggregation, Dimension, Indicator, Scheme, compute
from tests.indicators.worked_example import AGED_15_64, COUNTS, KEYS, NAMES, POPULATION, SCHEME, UNEMPLOYED, VALUES

FOUR = Scheme(
    dimensions=(Dimension(code="X", weight=1), Dimension(code="Y", weight=1)),
    indicators=(
        Indicator(code="a", weight=60, dimension="X"),
        Indicator(code="b", weight=20, dimension="X"),
        Indicator(code="c", weight=20, dimension="X"),
        Indicator(code="d", weight=5, dimension="Y"),
    ),
)
FOUR_VALUES = [[10, 11, 14, 12], [13, 18, 12, 10], [16, 12, 11, 17]]


def test_agreed_50_25_25_becomes_75_21_3_under_ratio() -> None:
    result = compute(KEYS, AGED_15_64, VALUES, SCHEME, counts=COUNTS)
    weights = diagnosis.weights(result, SCHEME)
    assert [round(100 * weight.agreed) for weight in weights] == [50, 25, 25]
    assert [int(100 * (weight.effective or 0)) for weight in weights] == [75, 21, 3]


def test_standardising_brings_effective_weights_close_to_the_agreed_ones() -> None:
    scheme = replace(SCHEME, method="standardised")
    weights = diagnosis.weights(compute(KEYS, AGED_15_64, VALUES, scheme), scheme)
    assert [round(100 * (weight.effective or 0)) for weight in weights] == [53, 26, 20]


@pytest.mark.parametrize("top", ["arithmetic", "geometric"])
@pytest.mark.parametrize("inner", ["arithmetic", "geometric"])
def test_effective_weights_sum_to_one_for_every_nesting(top: Aggregation, inner: Aggregation) -> None:
    dimensions = tuple(replace(dimension, aggregation=inner) for dimension in FOUR.dimensions)
    scheme = replace(FOUR, aggregation=top, dimensions=dimensions)
    weights = diagnosis.weights(compute(["1", "2", "3"], [1, 2, 3], FOUR_VALUES, scheme), scheme)
    assert sum(weight.effective or 0 for weight in weights) == pytest.approx(1)


def test_effective_weights_of_a_geometric_scheme_are_measured_in_logs() -> None:
    scheme = replace(SCHEME, aggregation="geometric")
    result = compute(KEYS, POPULATION, VALUES, scheme)
    people = np.array(POPULATION)
    covariance = np.cov(np.column_stack([np.log(result.ratings), np.log(result.index)]).T, aweights=people, ddof=0)
    expected = np.array([0.5, 0.25, 0.25]) * covariance[3, :3] / covariance[3, 3]
    assert [weight.effective for weight in diagnosis.weights(result, scheme)] == pytest.approx(expected)


def test_an_effective_weight_may_be_negative() -> None:
    scheme = Scheme(indicators=(Indicator(code="a", weight=9), Indicator(code="b", weight=1)))
    weights = diagnosis.weights(compute(["1", "2"], [1, 1], [[1, 3], [3, 1]], scheme), scheme)
    assert [weight.effective for weight in weights] == pytest.approx([9 / 8, -1 / 8])


def test_an_index_that_does_not_vary_has_no_effective_weights() -> None:
    scheme = Scheme(indicators=(Indicator(code="a", weight=1),))
    (weight,) = diagnosis.weights(compute(["1", "2"], [1, 1], [[0.1], [0.1]], scheme), scheme)
    assert weight.effective is None


def test_correlations_are_weighted_by_the_reference_population() -> None:
    result = compute(KEYS, POPULATION, VALUES, SCHEME)
    matrix = diagnosis.correlation_matrix(result.ratings, result.reference_population)
    covariance = np.cov(result.ratings.T, aweights=np.array(POPULATION), ddof=0)
    sd = np.sqrt(np.diag(covariance))
    np.testing.assert_allclose(np.array(matrix, dtype=float), covariance / np.outer(sd, sd), atol=1e-12)


def test_pairs_above_0_7_are_yellow_and_above_0_9_red() -> None:
    result = compute(KEYS, AGED_15_64, VALUES, SCHEME, counts=COUNTS)
    (pair,) = diagnosis.correlations(result)
    assert (pair.first, pair.second, pair.flag) == ("income_tax", "unemployment", "yellow")
    assert round(pair.r, 2) == 0.86
    twice = Scheme(indicators=(Indicator(code="a", weight=1), Indicator(code="b", weight=1, direction="less")))
    (pair,) = diagnosis.correlations(compute(["1", "2", "3"], [1, 1, 1], [[1, 2], [2, 4], [3, 6]], twice))
    assert (round(pair.r, 12), pair.flag) == (-1, "red")


def test_a_column_that_does_not_vary_has_no_correlation() -> None:
    matrix = diagnosis.correlation_matrix(np.array([[0.1, 1.0], [0.1, 2.0], [0.1, 4.0]]), np.array([1.0, 1.0, 1.0]))
    assert matrix == ((None, None), (None, 1.0))


def test_leaving_one_out_gives_its_weight_pro_rata_to_its_dimension() -> None:
    result = compute(["1", "2", "3"], [1, 2, 3], FOUR_VALUES, FOUR)
    left_out = {one.indicator: one.factors for one in diagnosis.leave_one_out(result, FOUR)}
    without_a = replace(FOUR, indicators=FOUR.indicators[1:])
    assert left_out["a"] == compute(["1", "2", "3"], [1, 2, 3], [row[1:] for row in FOUR_VALUES], without_a).stored
    without_d = replace(FOUR, indicators=FOUR.indicators[:3], dimensions=FOUR.dimensions[:1])
    assert left_out["d"] == compute(["1", "2", "3"], [1, 2, 3], [row[:3] for row in FOUR_VALUES], without_d).stored


def test_without_the_employed_dahlenburg_would_rise() -> None:
    result = compute(KEYS, POPULATION, VALUES, SCHEME, counts=COUNTS)
    left_out = diagnosis.leave_one_out(result, SCHEME, counts=COUNTS)
    assert [one.indicator for one in left_out] == ["unemployment", "income_tax", "employed"]
    assert left_out[2].factors is not None
    factors = {NAMES[key]: factor for key, factor in zip(result.keys, left_out[2].factors, strict=True)}
    assert factors["Dahlenburg"] == Decimal("1.42290377")


def test_what_cannot_be_left_out_says_why() -> None:
    scheme = Scheme(indicators=(Indicator(code="a", weight=1), Indicator(code="b", weight=0)))
    result = compute(["1", "2"], [1, 1], [[1, 2], [2, 1]], scheme)
    first, second = diagnosis.leave_one_out(result, scheme)
    assert (first.factors, first.refusal) == (None, "Gewichtungsschema: Die Gewichte ergeben zusammen 0.")
    assert second.factors == result.stored
    alone = Scheme(indicators=scheme.indicators[:1])
    assert diagnosis.leave_one_out(compute(["1"], [1], [[1]], alone), alone) == ()


def test_an_indicator_without_variance_is_named() -> None:
    scheme = Scheme(indicators=(Indicator(code="a", weight=1), Indicator(code="b", weight=1)))
    assert diagnosis.zero_variance(compute(["1", "2"], [1, 1], [[1, 7], [2, 7]], scheme)) == ("b",)


def test_rates_on_fewer_than_30_cases_are_named() -> None:
    assert diagnosis.small_counts(KEYS, {"unemployment": UNEMPLOYED}) == ()
    assert diagnosis.small_counts(["1", "2", "3"], {"a": [29, 30, None]}) == (("1", "a"),)


def test_data_older_than_three_years_are_named() -> None:
    dates = {"new": date(2022, 12, 31), "edge": date(2021, 12, 31), "old": date(2015, 12, 31)}
    assert diagnosis.outdated(dates, date(2024, 12, 31)) == ("old",)
    assert diagnosis.outdated(dates, date(2025, 1, 1)) == ("edge", "old")
    assert diagnosis.outdated({"leap": date(2021, 2, 28)}, date(2024, 2, 29)) == ("leap",)
