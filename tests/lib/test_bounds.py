"""Scaling between bounds: one factor for all who are free, the sum exact, and what is missing said exactly."""

from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jugendhilfe.lib.bounds import Infeasible, scale_between, scale_factor

F = Fraction
type Row = tuple[Fraction, Fraction, Fraction | None]

values = st.fractions(0, 1000, max_denominator=1000)
rows = st.lists(
    st.tuples(st.one_of(st.just(F(0)), values), values, st.one_of(st.none(), values)).map(
        lambda row: (row[0], row[1], None if row[2] is None else row[1] + row[2])
    ),
    min_size=1,
    max_size=12,
)
totals = st.fractions(0, 20_000, max_denominator=1000)


def columns(rows: list[Row]) -> tuple[list[Fraction], list[Fraction], list[Fraction | None]]:
    targets, low, high = zip(*rows, strict=True)
    return list(targets), list(low), list(high)


def test_without_bounds_the_targets_keep_their_proportions() -> None:
    assert scale_between([F(1), F(3)], [F(0), F(0)], [None, None], F(10)) == [F(5, 2), F(15, 2)]


def test_what_a_floor_costs_is_paid_by_the_others_in_proportion() -> None:
    # 100 over 10 : 30 : 60 with at least 19 for the first leaves 81 for 30 : 60.
    assert scale_between([F(10), F(30), F(60)], [F(19), F(0), F(0)], [None] * 3, F(100)) == [F(19), F(27), F(54)]


def test_what_a_cap_frees_goes_to_the_others_in_proportion() -> None:
    assert scale_between([F(10), F(30), F(60)], [F(0)] * 3, [None, None, F(40)], F(100)) == [F(15), F(45), F(40)]


def test_a_floor_can_push_others_onto_theirs() -> None:
    # The first floor alone would leave 24 for the second, less than its own floor of 28.
    assert scale_between([F(10), F(30), F(60)], [F(28), F(28), F(0)], [None] * 3, F(100)) == [F(28), F(28), F(44)]


def test_a_target_of_zero_gets_its_floor_and_no_more() -> None:
    assert scale_between([F(0), F(1)], [F(3), F(0)], [F(9), None], F(10)) == [F(3), F(7)]


def test_floors_that_ask_too_much_say_by_how_much() -> None:
    with pytest.raises(Infeasible) as refused:
        scale_between([F(1), F(1)], [F(6), F(5)], [None, None], F(10))
    assert (refused.value.missing, refused.value.side) == (F(1), "floor")


def test_caps_that_leave_something_over_say_how_much() -> None:
    with pytest.raises(Infeasible) as refused:
        scale_between([F(1), F(0)], [F(0), F(2)], [F(3), F(100)], F(10))
    assert (refused.value.missing, refused.value.side) == (F(5), "cap")


def test_floors_or_caps_that_fit_exactly_are_feasible() -> None:
    assert scale_between([F(1), F(1)], [F(6), F(4)], [None, None], F(10)) == [F(6), F(4)]
    assert scale_between([F(1), F(1)], [F(0), F(0)], [F(6), F(4)], F(10)) == [F(6), F(4)]
    assert scale_between([F(1), F(1)], [F(6), F(4)], [F(6), F(4)], F(10)) == [F(6), F(4)]


def test_bounds_the_wrong_way_round_are_a_mistake_of_the_caller() -> None:
    with pytest.raises(ValueError, match="low ≤ high"):
        scale_between([F(1)], [F(2)], [F(1)], F(2))


@given(rows=rows, total=totals)
def test_one_factor_an_exact_sum_and_every_bound_or_exactly_what_is_missing(rows: list[Row], total: Fraction) -> None:
    targets, low, high = columns(rows)
    refused = None
    try:
        scaled = scale_between(targets, low, high, total)
    except Infeasible as error:
        refused = error
    if refused:
        change = refused.missing if refused.side == "floor" else -refused.missing
        assert refused.missing > 0
        assert sum(scale_between(targets, low, high, total + change)) == total + change
        # One thousandth less is not enough: the amount does not merely suffice, it is exact.
        with pytest.raises(Infeasible):
            scale_between(targets, low, high, total + change * F(999, 1000))
        return
    assert sum(scaled) == total
    scale = scale_factor(targets, low, high, total)
    for value, target, lo, hi in zip(scaled, targets, low, high, strict=True):
        assert lo <= value
        assert hi is None or value <= hi
        assert value in (scale * target, lo, hi)
