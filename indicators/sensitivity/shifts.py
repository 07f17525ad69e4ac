"""w'_j = w_j ± 5 of 100 points, w'_l = w_l (100 − w'_j) / (100 − w_j): what one weight more or less would change."""

from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from indicators.burden import BurdenError, Dimension, Indicator, Scheme, compute
from indicators.inputs import Calculated

HUNDRED = Fraction(100)
POINT_STEP = Decimal("0.000001")


@dataclass(frozen=True, slots=True, kw_only=True)
class Shift:
    """One weight moved; `changes` per space in the order of the keys: stored factor + change = factor then.

    Both weights in points of 100 for a single indicator, across all levels. `cut` where they ended at 0 or 100, before
    the full step. No changes: the method refuses, with `refusal` as the reason.
    """

    code: str
    points: Decimal
    shifted: Decimal
    cut: bool
    changes: tuple[Decimal, ...] | None
    refusal: str = ""


def tornado(calculated: Calculated, points: int = 5) -> tuple[Shift, ...]:
    """Every weight down and up by these points, in the order of the codes; none if only one indicator counts."""
    result, scheme = calculated.result, calculated.scheme
    whole = leaf_points(scheme)
    if max(whole.values()) == HUNDRED:
        return ()
    found = []
    for code in sorted(whole):
        for step in (-points, points):
            then, refusal = None, ""
            try:
                shifted = compute(
                    result.keys,
                    result.reference_population,
                    result.values,
                    shifted_scheme(scheme, code, step),
                    counts=calculated.counts,
                    names={place.key: place.name for place in calculated.inputs.places},
                )
                then = tuple(new - old for new, old in zip(shifted.stored, result.stored, strict=True))
            except BurdenError as error:
                refusal = str(error)
            target = _target(whole[code], step)
            found.append(
                Shift(
                    code=code,
                    points=_decimal(whole[code]).quantize(POINT_STEP),
                    shifted=_decimal(target).quantize(POINT_STEP),
                    cut=abs(target - whole[code]) < points,
                    changes=then,
                    refusal=refusal,
                )
            )
    return tuple(found)


def shifted_scheme(scheme: Scheme, code: str, points: int) -> Scheme:
    """The scheme with one indicator's weight moved by points of 100, the others giving or taking pro rata.

    With two levels the weights of the dimensions follow: each is the sum of what is inside. ValueError if no other
    indicator counts.
    """
    whole = leaf_points(scheme)
    if whole[code] == HUNDRED:
        raise ValueError("no other weight could take or give")
    target = _target(whole[code], points)
    rest = (HUNDRED - target) / (HUNDRED - whole[code])
    moved = {one: target if one == code else weight * rest for one, weight in whole.items()}
    sums = {
        dimension.code: sum((moved[one.code] for one in scheme.inside(dimension.code)), Fraction(0))
        for dimension in scheme.dimensions
    }
    return replace(
        scheme,
        # Inside a dimension that no longer counts, the weights stay what they were: they cannot all be 0.
        indicators=tuple(
            one if sums.get(one.dimension or "", 1) == 0 else replace(one, weight=_decimal(moved[one.code]))
            for one in scheme.indicators
        ),
        dimensions=tuple(replace(one, weight=_decimal(sums[one.code])) for one in scheme.dimensions),
    )


def leaf_points(scheme: Scheme) -> dict[str, Fraction]:
    """The weight of every indicator across all levels, in points of 100."""

    def parts(members: tuple[Dimension | Indicator, ...], of: Fraction) -> dict[str, Fraction]:
        total = sum((Fraction(member.weight) for member in members), Fraction(0))
        return {member.code: of * Fraction(member.weight) / total for member in members}

    alone = scheme.inside(None)
    top = parts((*scheme.dimensions, *alone), HUNDRED)
    found: dict[str, Fraction] = {}
    for dimension in scheme.dimensions:
        found |= parts(scheme.inside(dimension.code), top[dimension.code])
    return found | {indicator.code: top[indicator.code] for indicator in alone}


def _target(points: Fraction, step: int) -> Fraction:
    return min(max(points + step, Fraction(0)), HUNDRED)


def _decimal(number: Fraction) -> Decimal:
    return Decimal(number.numerator) / Decimal(number.denominator)
