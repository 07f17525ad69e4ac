"""x_i = min(max(λ T_i, low_i), high_i) with the one λ ≥ 0 for which Σ x_i = total.

The sum is piecewise linear and never falls in λ. Its corners are the λ at which a value leaves its lower bound or meets
its upper one, so sorting them and walking up to the total finds λ exactly, in O(n log n).
"""

from collections.abc import Sequence
from fractions import Fraction
from typing import Literal


class Infeasible(Exception):
    """The lower bounds ask for more than the total, or the upper ones allow less: `missing` is by how much."""

    def __init__(self, missing: Fraction, side: Literal["floor", "cap"]) -> None:
        super().__init__(f"{side}: {missing}")
        self.missing = missing
        self.side = side


def scale_between(
    targets: Sequence[Fraction], low: Sequence[Fraction], high: Sequence[Fraction | None], total: Fraction
) -> list[Fraction]:
    """The scaled and bounded targets, summing exactly to the total; 0 ≤ low ≤ high, high None = no bound."""
    scale = scale_factor(targets, low, high, total)
    return [clip(scale * target, lo, hi) for target, lo, hi in zip(targets, low, high, strict=True)]


def scale_factor(
    targets: Sequence[Fraction], low: Sequence[Fraction], high: Sequence[Fraction | None], total: Fraction
) -> Fraction:
    """The λ of `scale_between`; the smallest where a whole interval serves."""
    # Up to a corner the sum is constant + slope · λ; each corner is (λ, change of slope, change of the constant).
    slope, constant = Fraction(0), Fraction(0)
    corners: list[tuple[Fraction, Fraction, Fraction]] = []
    for target, lo, hi in zip(targets, low, high, strict=True):
        if target < 0 or lo < 0 or (hi is not None and hi < lo):
            raise ValueError("targets and bounds must satisfy 0 ≤ target and 0 ≤ low ≤ high")
        constant += lo
        if target:
            corners.append((lo / target, target, -lo))
            if hi is not None:
                corners.append((hi / target, -target, hi))
    if constant > total:
        raise Infeasible(constant - total, "floor")
    if constant == total:
        return Fraction(0)
    # By λ alone: where corners coincide, slope and constant change together and their order does not matter.
    corners.sort(key=lambda corner: corner[0])
    for scale, slope_change, constant_change in corners:
        if slope and constant + slope * scale >= total:
            break
        slope += slope_change
        constant += constant_change
    if not slope:
        raise Infeasible(total - constant, "cap")
    return (total - constant) / slope


def scale_gains(
    targets: Sequence[Fraction],
    before: Sequence[Fraction | None],
    low: Sequence[Fraction],
    high: Sequence[Fraction | None],
) -> tuple[Fraction, list[Fraction]]:
    """k and the values `x_i = before_i + k gain_i` of all who gain, which pay for those below their lower bound.

    Σ x_i = Σ T_i; a value between its lower bound and `before` stays T_i, and so does one without a `before`. Upper
    bounds cut the gains T_i − before_i first, and what they cut joins the gains of the others; then 0 ≤ k ≤ 1.
    """
    gains = [
        Fraction(0) if own is None else max(target - own, Fraction(0))
        for target, own in zip(targets, before, strict=True)
    ]
    limits = [
        None if hi is None or own is None else max(hi - own, Fraction(0)) for hi, own in zip(high, before, strict=True)
    ]
    gained = sum(gains, Fraction(0))
    left = gained - sum((max(lo - target, Fraction(0)) for target, lo in zip(targets, low, strict=True)), Fraction(0))
    if left < 0:
        raise Infeasible(-left, "floor")
    # Where the upper bounds leave no room for all gains, what is over pays for the lower bounds before anybody else.
    room = [limit for gain, limit in zip(gains, limits, strict=True) if gain]
    most = gained if None in room else min(gained, sum((limit for limit in room if limit is not None), Fraction(0)))
    if most < left:
        raise Infeasible(left - most, "cap")
    scale = left / most if most else Fraction(1)
    cut = scale_between(gains, [Fraction(0)] * len(gains), limits, most)
    return scale, [
        own + scale * part if own is not None and gain else max(target, lo)
        for target, own, lo, gain, part in zip(targets, before, low, gains, cut, strict=True)
    ]


def clip(value: Fraction, low: Fraction, high: Fraction | None) -> Fraction:
    """The value moved into its bounds."""
    return max(value, low) if high is None else min(max(value, low), high)
