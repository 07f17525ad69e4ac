"""Cents: the parts add up to the whole, and nobody is further than one unit from the exact share."""

from decimal import Decimal
from fractions import Fraction
from math import ceil, floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jugendhilfe.lib.money import CENT, UNITS, from_cents, round_exactly, split_exactly, to_cents

type Weights = dict[str, Decimal | Fraction | int]

totals = st.integers(1, 9_999_999_999).map(from_cents)
positive_weights = st.one_of(
    st.integers(1, 10**6),
    st.decimals("0.00000001", "1000000", places=8, allow_nan=False),
    st.fractions(Fraction(1, 10**6), 10**6, max_denominator=10**6),
)
keys = st.text("0123456789abc", min_size=1, max_size=9)
weights = st.dictionaries(keys, st.one_of(st.just(0), positive_weights), min_size=1, max_size=20).filter(
    lambda weights: any(weights.values())
)
units = st.sampled_from(UNITS)


def test_ten_euros_over_three_equal_shares_give_the_odd_cent_to_the_smallest_key() -> None:
    assert split_exactly(Decimal(10), {"c": 1, "a": 1, "b": 1}) == {
        "a": Decimal("3.34"),
        "b": Decimal("3.33"),
        "c": Decimal("3.33"),
    }


def test_keys_are_compared_as_text() -> None:
    assert split_exactly(CENT, {"9": 1, "10": 1}) == {"9": Decimal(0), "10": CENT}


def test_of_equal_remainders_the_larger_weight_gets_the_cent() -> None:
    # 0.02 € over 1 : 3 is 0.5 and 1.5 cents, both with a remainder of half a cent.
    assert split_exactly(Decimal("0.02"), {"a": 1, "b": 3}) == {"a": Decimal(0), "b": Decimal("0.02")}


def test_the_largest_remainder_comes_before_the_larger_weight() -> None:
    # 0.10 € over 1 : 1 : 5 is 1.43, 1.43 and 7.14 cents.
    assert split_exactly(Decimal("0.10"), {"a": 1, "b": 1, "c": 5}) == {
        "a": Decimal("0.02"),
        "b": Decimal("0.01"),
        "c": Decimal("0.07"),
    }


def test_amounts_have_two_places() -> None:
    assert [str(amount) for amount in split_exactly(Decimal(3), {"a": 1, "b": 2, "c": 0}).values()] == [
        "1.00",
        "2.00",
        "0.00",
    ]


def test_the_rest_below_the_unit_goes_to_the_next_largest_remainder_and_is_named() -> None:
    # 1,234.56 € over 2 : 3 : 5 is 246.91, 370.37 and 617.28: one ten is missing and goes to c, 4.56 € are left.
    rounding = round_exactly(
        {"a": Fraction("246.912"), "b": Fraction("370.368"), "c": Fraction("617.280")}, unit=Decimal(10)
    )
    assert rounding.amounts == {"a": Decimal("244.56"), "b": Decimal("370.00"), "c": Decimal("620.00")}
    assert (rounding.rest, rounding.rest_to) == (Decimal("4.56"), "a")


def test_an_amount_smaller_than_the_unit_is_all_rest() -> None:
    rounding = round_exactly({"a": Fraction(3), "b": Fraction(4)}, unit=Decimal(100))
    assert rounding.amounts == {"a": Decimal(0), "b": Decimal(7)}
    assert (rounding.rest, rounding.rest_to) == (Decimal(7), "b")


def test_without_a_rest_nobody_is_named() -> None:
    rounding = round_exactly({"a": Fraction(250), "b": Fraction(50)}, unit=Decimal(100))
    assert (rounding.rest, rounding.rest_to) == (Decimal(0), None)


def test_a_signed_column_is_rounded_to_exactly_zero() -> None:
    amounts = round_exactly({"a": Fraction(1, 3), "b": Fraction(1, 3), "c": Fraction(-2, 3)}).amounts
    assert amounts == {"a": Decimal("0.33"), "b": Decimal("0.33"), "c": Decimal("-0.66")}


def test_the_unit_gives_way_to_a_floor() -> None:
    # Hundreds alone would be 1000, 1000 and 2000, but a may not fall below 1,004.30: c gives the difference.
    exact = {"a": Fraction(1010), "b": Fraction(1030), "c": Fraction(1960)}
    rounding = round_exactly(exact, unit=Decimal(100), low={"a": Decimal("1004.30")})
    assert rounding.amounts == {"a": Decimal("1004.30"), "b": Decimal(1000), "c": Decimal("1995.70")}
    assert (rounding.rest, rounding.rest_to) == (Decimal("95.70"), "c")


def test_the_unit_gives_way_to_a_cap() -> None:
    # Hundreds alone would be 1000, 1000 and 2000, but c may not rise above 1,995.70: b gets the difference.
    exact = {"a": Fraction(1010), "b": Fraction(1030), "c": Fraction(1960)}
    rounding = round_exactly(exact, unit=Decimal(100), high={"c": Decimal("1995.70")})
    assert rounding.amounts == {"a": Decimal(1000), "b": Decimal("1004.30"), "c": Decimal("1995.70")}
    assert (rounding.rest, rounding.rest_to) == (Decimal("4.30"), "b")


def test_an_amount_on_its_bound_stays_there_to_the_cent() -> None:
    rounding = round_exactly(
        {"a": Fraction("104.50"), "b": Fraction("251.25"), "c": Fraction("144.25")},
        unit=Decimal(10),
        low={"a": Decimal("104.50")},
        high={"b": Decimal("251.25")},
    )
    assert rounding.amounts == {"a": Decimal("104.50"), "b": Decimal("251.25"), "c": Decimal("144.25")}


@pytest.mark.parametrize("weights", [{}, {"a": 0, "b": Decimal("0.00")}])
def test_an_amount_without_any_weight_is_refused(weights: Weights) -> None:
    with pytest.raises(ValueError, match="weights sum to 0"):
        split_exactly(CENT, weights)


def test_nothing_over_weights_of_zero_is_nothing() -> None:
    assert split_exactly(Decimal(0), {"a": 0, "b": 0}) == {"a": Decimal(0), "b": Decimal(0)}


def test_fractions_of_a_cent_negative_numbers_and_other_units_are_refused() -> None:
    with pytest.raises(ValueError, match="whole cents"):
        split_exactly(Decimal("0.005"), {"a": 1})
    with pytest.raises(ValueError, match="negative"):
        split_exactly(Decimal("-0.01"), {"a": 1})
    with pytest.raises(ValueError, match="negative"):
        split_exactly(Decimal(1), {"a": 1, "b": -1})
    with pytest.raises(ValueError, match="the unit is one of"):
        split_exactly(Decimal(1), {"a": 1}, unit=Decimal(5))
    with pytest.raises(ValueError, match="do not sum to whole cents"):
        round_exactly({"a": Fraction(1, 3)})
    with pytest.raises(ValueError, match="outside its bounds"):
        round_exactly({"a": Fraction(1)}, low={"a": Decimal(2)})


@given(total=totals, weights=weights, unit=units)
def test_the_parts_of_any_amount_add_up_to_the_cent(total: Decimal, weights: Weights, unit: Decimal) -> None:
    assert sum(split_exactly(total, weights, unit=unit).values()) == total


@given(total=totals, weights=weights, unit=units)
def test_each_part_is_less_than_one_unit_from_its_exact_value(total: Decimal, weights: Weights, unit: Decimal) -> None:
    parts = split_exactly(total, weights, unit=unit)
    weight_sum = sum(Fraction(weight) for weight in weights.values())
    for key, weight in weights.items():
        assert abs(Fraction(parts[key]) - Fraction(total) * Fraction(weight) / weight_sum) < Fraction(unit)


@given(total=totals, weights=weights, unit=units)
def test_only_the_named_part_is_not_a_multiple_of_the_unit(total: Decimal, weights: Weights, unit: Decimal) -> None:
    weight_sum = sum(Fraction(weight) for weight in weights.values())
    exact = {key: Fraction(total) * Fraction(weight) / weight_sum for key, weight in weights.items()}
    rounding = round_exactly(exact, unit=unit)
    assert rounding.rest == total % unit
    for key, amount in rounding.amounts.items():
        assert amount % unit == (rounding.rest if key == rounding.rest_to else 0)


@given(total=totals, weights=weights, unit=units, data=st.data())
def test_bounds_as_near_as_a_cent_hold_for_every_unit(
    total: Decimal, weights: Weights, unit: Decimal, data: st.DataObject
) -> None:
    weight_sum = sum(Fraction(weight) for weight in weights.values())
    exact = {key: Fraction(total) * Fraction(weight) / weight_sum for key, weight in weights.items()}
    room = st.one_of(st.none(), st.integers(0, 3), st.integers(0, 10_000))
    low, high = {}, {}
    for key, value in exact.items():
        if (below := data.draw(room)) is not None:
            low[key] = from_cents(floor(value * 100) - below)
        if (above := data.draw(room)) is not None:
            high[key] = from_cents(ceil(value * 100) + above)
    rounding = round_exactly(exact, unit=unit, low=low, high=high)
    assert sum(rounding.amounts.values()) == total
    for key, amount in rounding.amounts.items():
        assert low.get(key, amount) <= amount <= high.get(key, amount)
        assert abs(Fraction(amount) - exact[key]) < Fraction(unit)


@given(total=totals, weights=weights)
def test_a_weight_of_zero_gets_nothing(total: Decimal, weights: Weights) -> None:
    parts = split_exactly(total, weights)
    assert all(parts[key] == 0 for key, weight in weights.items() if not weight)


@given(total=totals, weights=weights, unit=units, data=st.data())
def test_the_order_of_the_rows_changes_nothing(
    total: Decimal, weights: Weights, unit: Decimal, data: st.DataObject
) -> None:
    shuffled = dict(data.draw(st.permutations(list(weights.items()))))
    assert split_exactly(total, shuffled, unit=unit) == split_exactly(total, weights, unit=unit)


@given(total=totals, weights=weights, factor=st.integers(2, 1000))
def test_only_the_proportions_of_the_weights_count(total: Decimal, weights: Weights, factor: int) -> None:
    larger = {key: Fraction(weight) * factor for key, weight in weights.items()}
    assert split_exactly(total, larger) == split_exactly(total, weights)


@given(st.integers())
def test_cents_and_euros_are_the_same_amount(cents: int) -> None:
    assert to_cents(from_cents(cents)) == cents
