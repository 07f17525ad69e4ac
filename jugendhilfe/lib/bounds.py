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


def clip(value: Fraction, low: Fraction, high: Fraction | None) -> Fraction:
    """The value moved into its bounds."""
    return max(value, low) if high is None else min(max(value, low), high)
