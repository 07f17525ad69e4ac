"""Weights of a group: the average of the points, put on 100; what may be shown of few."""

from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given as any_of
from hypothesis import strategies as st

from committees.points import (
    FEWEST,
    OTHERS,
    Spread,
    even_points,
    format_points,
    given,
    group_weights,
    merged_sides,
    present_weights,
    spread,
)

KEYS = ("employment", "gisd", "income_tax", "unemployment")
# The worked example of docs/committee-workflow.md: five members, four indicators.
EXAMPLE = [
    dict(zip(KEYS, map(Decimal, row), strict=True))
    for row in ((20, 0, 20, 60), (30, 10, 20, 40), (25, 0, 25, 50), (10, 40, 10, 40), (30, 0, 40, 30))
]


@st.composite
def groups(draw: st.DrawFn) -> list[dict[str, Decimal]]:
    """Sheets of 100 points in hundredths over the four indicators."""
    sheets = []
    for _ in range(draw(st.integers(1, 12))):
        cuts = sorted(draw(st.lists(st.integers(0, 10_000), min_size=3, max_size=3)))
        parts = [high - low for low, high in zip([0, *cuts], [*cuts, 10_000], strict=True)]
        sheets.append({key: Decimal(part) / 100 for key, part in zip(KEYS, parts, strict=True)})
    return sheets


def test_the_worked_example_of_the_documentation() -> None:
    assert group_weights(EXAMPLE, KEYS, "mean") == {
        "employment": Decimal("23.0000"),
        "gisd": Decimal("10.0000"),
        "income_tax": Decimal("23.0000"),
        "unemployment": Decimal("44.0000"),
    }
    # Medians 25, 0, 20, 40 sum to 85: each is divided by 85 and multiplied by 100.
    assert group_weights(EXAMPLE, KEYS, "median") == {
        "employment": Decimal("29.4118"),
        "gisd": Decimal("0.0000"),
        "income_tax": Decimal("23.5294"),
        "unemployment": Decimal("47.0588"),
    }
    assert spread(given(EXAMPLE, "unemployment")) == Spread(*map(Fraction, (30, 40, 40, 50, 60)))
    assert spread(given(EXAMPLE, "gisd")) == Spread(*map(Fraction, (0, 0, 0, 10, 40)))


@any_of(groups(), st.sampled_from(("mean", "median")))
def test_weights_sum_to_exactly_100(sheets: list[dict[str, Decimal]], averaging: str) -> None:
    weights = group_weights(sheets, KEYS, averaging)
    assert weights is None or sum(weights.values()) == 100
    assert weights is not None or averaging == "median"


@any_of(groups(), st.sampled_from(("mean", "median")), st.randoms(use_true_random=False))
def test_neither_the_order_of_members_nor_of_indicators_changes_anything(
    sheets: list[dict[str, Decimal]], averaging: str, random: object
) -> None:
    shuffled, keys = sheets[:], list(KEYS)
    random.shuffle(shuffled)  # type: ignore[attr-defined]
    random.shuffle(keys)  # type: ignore[attr-defined]
    assert group_weights(shuffled, keys, averaging) == group_weights(sheets, KEYS, averaging)


@any_of(groups())
def test_the_mean_lies_between_the_fewest_and_the_most_points(sheets: list[dict[str, Decimal]]) -> None:
    weights = group_weights(sheets, KEYS, "mean") or {}
    for key, weight in weights.items():
        found = spread(given(sheets, key))
        assert found.low <= found.lower <= found.middle <= found.upper <= found.high
        assert found.low - Fraction(1, 10_000) < weight < found.high + Fraction(1, 10_000)


def test_who_gave_nothing_gave_0_points_and_counts() -> None:
    sheets = [{"a": Decimal(100)}, {"a": Decimal(50), "b": Decimal(50)}]
    assert group_weights(sheets, ("a", "b"), "mean") == {"a": Decimal(75), "b": Decimal(25)}


def test_medians_that_are_all_0_give_no_weight() -> None:
    sheets = [{"a": Decimal(100)}, {"b": Decimal(100)}, {"c": Decimal(100)}]
    assert group_weights(sheets, ("a", "b", "c"), "median") is None


def test_quartiles_are_interpolated_linearly() -> None:
    found = spread([Fraction(n) for n in (40, 10, 20, 30)])
    assert found == Spread(Fraction(10), Fraction(35, 2), Fraction(25), Fraction(65, 2), Fraction(40))


def test_weights_of_two_levels_are_multiplied_along_the_way() -> None:
    shares = present_weights(
        {"work": Decimal(3), "money": Decimal(1)},
        {
            "a": (Decimal(1), "work"),
            "b": (Decimal(2), "work"),
            "c": (Decimal(7), "money"),
            "d": (Decimal(4), None),
        },
    )
    assert shares == {"a": Fraction(100, 8), "b": Fraction(100, 4), "c": Fraction(100, 8), "d": 50}
    assert sum(shares.values()) == 100


def test_a_level_without_any_weight_has_none() -> None:
    assert present_weights({"work": Decimal(1)}, {"a": (Decimal(0), "work")}) == {"a": 0}


def test_equal_points_sum_to_100() -> None:
    assert even_points(("a", "b", "c")) == {"a": Decimal("33.34"), "b": Decimal("33.33"), "c": Decimal("33.33")}


@pytest.mark.parametrize(
    ("points", "text"),
    [(Fraction(25), "25"), (Fraction(100, 3), "33,33"), (Decimal("12.50"), "12,5"), (Decimal("0"), "0")],
)
def test_points_are_written_without_needless_decimals(points: Fraction | Decimal, text: str) -> None:
    assert format_points(points) == text


def test_small_sides_stand_together() -> None:
    assert merged_sides({"county": 4, "free_carrier": 3, "political": 2, "other": 1}) == {
        "county": "county",
        "free_carrier": "free_carrier",
        "political": OTHERS,
        "other": OTHERS,
    }


def test_of_one_that_is_left_over_the_mean_could_be_worked_out_so_another_side_joins() -> None:
    assert merged_sides({"county": 4, "free_carrier": 3, "political": 1}) == {
        "county": "county",
        "free_carrier": OTHERS,
        "political": OTHERS,
    }


@pytest.mark.parametrize("sides", [{}, {"county": 5}, {"county": 3, "political": 1}, {"county": 2, "political": 2}])
def test_one_group_alone_is_not_shown_by_side(sides: dict[str, int]) -> None:
    assert merged_sides(sides) == {}


@any_of(st.dictionaries(st.sampled_from(("a", "b", "c", "d", "e", "f", "g")), st.integers(0, 6)))
def test_no_group_of_sides_has_fewer_than_three_sheets(sides: dict[str, int]) -> None:
    groups = merged_sides(sides)
    for group in set(groups.values()):
        assert sum(sides[side] for side, found in groups.items() if found == group) >= FEWEST
