"""weight_j = 100 · a_j / Σ a_k, with a_j = mean or median of the points that the members gave indicator j.

A member who gave an indicator nothing gave it 0 points and counts. Fractions throughout; weights are handed out once,
in steps of 0.0001, and sum to exactly 100.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from jugendhilfe.lib.formats import format_number
from jugendhilfe.lib.money import split_exactly

type Sheet = Mapping[str, Decimal]
"""The points of one member by indicator."""

FEWEST = 3
"""Of fewer sheets nothing but the weights is shown: of two, each could work out the other."""
OTHERS = "others"
# Steps of the last digit, as split_exactly hands out hundredths.
_STEPS = 100


@dataclass(frozen=True, slots=True)
class Spread:
    """The points given to one indicator, from the fewest to the most; quartiles are interpolated linearly."""

    low: Fraction
    lower: Fraction
    middle: Fraction
    upper: Fraction
    high: Fraction


def mean(points: Sequence[Fraction]) -> Fraction:
    return sum(points, Fraction(0)) / len(points)


def median(points: Sequence[Fraction]) -> Fraction:
    return quantile(points, Fraction(1, 2))


AVERAGES: Mapping[str, Callable[[Sequence[Fraction]], Fraction]] = {"mean": mean, "median": median}


def quantile(points: Sequence[Fraction], share: Fraction) -> Fraction:
    """The value below which `share` of the points lie: linear between neighbours."""
    ordered = sorted(points)
    place = share * (len(ordered) - 1)
    below = int(place)
    above = min(below + 1, len(ordered) - 1)
    return ordered[below] + (place - below) * (ordered[above] - ordered[below])


def spread(points: Sequence[Fraction]) -> Spread:
    return Spread(*(quantile(points, Fraction(quarter, 4)) for quarter in range(5)))


def given(sheets: Sequence[Sheet], key: str) -> list[Fraction]:
    """What each member gave this indicator."""
    return [Fraction(sheet.get(key, 0)) for sheet in sheets]


def group_weights(sheets: Sequence[Sheet], keys: Sequence[str], averaging: str) -> dict[str, Decimal] | None:
    """Weights of four decimals that sum to 100; None where every average is 0, as medians can be."""
    averages = {key: AVERAGES[averaging](given(sheets, key)) for key in keys}
    if not any(averages.values()):
        return None
    return {key: part / _STEPS for key, part in split_exactly(Decimal(100 * _STEPS), averages).items()}


def present_weights(
    dimensions: Mapping[str, Decimal], members: Mapping[str, tuple[Decimal, str | None]]
) -> dict[str, Fraction]:
    """Weights of a scheme out of 100 over all levels; `members` hold the weight and the dimension, None beside them.

    Where a level has no weight at all, its indicators have 0.
    """
    inside = dict.fromkeys((None, *dimensions), Fraction(0))
    for weight, dimension in members.values():
        inside[dimension] += Fraction(weight)
    top = inside[None] + sum(map(Fraction, dimensions.values()), Fraction(0))
    shares = {key: _share(Fraction(weight), top) for key, weight in dimensions.items()}

    def whole(weight: Decimal, dimension: str | None) -> Fraction:
        if dimension is None:
            return _share(Fraction(weight), top)
        return shares[dimension] * _share(Fraction(weight), inside[dimension])

    return {key: 100 * whole(weight, dimension) for key, (weight, dimension) in members.items()}


def even_points(keys: Sequence[str]) -> dict[str, Decimal]:
    """100 points in equal parts, to two decimals."""
    return split_exactly(Decimal(100), dict.fromkeys(keys, 1))


def format_points(points: Fraction | Decimal) -> str:
    """At most two decimals, none without need: 25, 33,33."""
    exact = round(Fraction(points), 2)
    hundredths = int(exact * 100)
    return format_number(Decimal(hundredths) / 100, 0 if hundredths % 100 == 0 else 1 if hundredths % 10 == 0 else 2)


def merged_sides(sheets_by_side: Mapping[str, int]) -> dict[str, str]:
    """By side the group its mean is shown in, so that no group has fewer than FEWEST sheets; empty: not at all.

    Small sides go together into OTHERS. If these are still too few, the smallest of the rest joins them: a mean that
    was only left out could be worked out from the others.
    """
    counts = {side: count for side, count in sheets_by_side.items() if count}
    own = sorted((side for side, count in counts.items() if count >= FEWEST), key=lambda side: (counts[side], side))
    together = [side for side in counts if side not in own]
    while own and 0 < sum(counts[side] for side in together) < FEWEST:
        together.append(own.pop(0))
    groups = {side: OTHERS if side in together else side for side in counts}
    return groups if len(set(groups.values())) > 1 else {}


def _share(part: Fraction, whole: Fraction) -> Fraction:
    return part / whole if whole else Fraction(0)
