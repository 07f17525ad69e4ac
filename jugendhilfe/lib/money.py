"""amount_i = ⌊x_i⌋ to the unit, then the missing units by largest x_i − ⌊x_i⌋: Σ amount_i = Σ x_i to the cent.

Ties go to the larger |x_i|, then to the smaller key as text, so the order of the rows changes nothing. With a unit
coarser than a cent the last piece handed out may be smaller than the unit: it is the rest, and `Rounding` says how much
it is and who has it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import lcm

CENT = Decimal("0.01")
UNITS = (CENT, Decimal(1), Decimal(10), Decimal(100))


@dataclass(frozen=True, slots=True)
class Rounding:
    """Amounts in whole cents; `rest` is the piece below the unit and `rest_to` the key that has it, or None."""

    amounts: dict[str, Decimal]
    rest: Decimal
    rest_to: str | None


def split_exactly(
    total: Decimal, weights: Mapping[str, Decimal | Fraction | int], *, unit: Decimal = CENT
) -> dict[str, Decimal]:
    """Split an amount of whole cents in proportion to the weights; ValueError where there is nobody to give it to."""
    if to_cents(total) < 0 or any(weight < 0 for weight in weights.values()):
        raise ValueError("neither the total nor a weight may be negative")
    cents, (whole, _) = to_cents(total), over_one(weights)
    weight_sum = sum(whole.values())
    if not weight_sum:
        if total:
            raise ValueError(f"{total} cannot be split: the weights sum to 0")
        return dict.fromkeys(weights, from_cents(0))
    return round_parts({key: cents * weight for key, weight in whole.items()}, weight_sum, unit=unit).amounts


def round_exactly(
    exact: Mapping[str, Fraction],
    *,
    unit: Decimal = CENT,
    low: Mapping[str, Decimal] | None = None,
    high: Mapping[str, Decimal] | None = None,
) -> Rounding:
    """Round exact euros, of either sign, that sum to whole cents; `low` and `high` hold bounds in whole cents by key.

    An amount on one of its bounds stays there to the cent, any other lies less than one unit from its exact value.
    """
    whole, of = over_one(exact)
    return round_parts({key: 100 * euros for key, euros in whole.items()}, of, unit=unit, low=low, high=high)


def round_parts(
    parts: Mapping[str, int],
    of: int,
    *,
    unit: Decimal = CENT,
    low: Mapping[str, Decimal] | None = None,
    high: Mapping[str, Decimal] | None = None,
) -> Rounding:
    """`round_exactly` for cents that are written as whole parts over one denominator."""
    if unit not in UNITS:
        raise ValueError(f"the unit is one of {', '.join(map(str, UNITS))}, not {unit}")
    size = to_cents(unit)
    lows = {key: to_cents(bound) for key, bound in (low or {}).items()}
    highs = {key: to_cents(bound) for key, bound in (high or {}).items()}
    total, fraction = divmod(sum(parts.values()), of)
    if fraction:
        raise ValueError("the exact values do not sum to whole cents")

    cents: dict[str, int] = {}
    ceilings: dict[str, int] = {}
    for key, part in parts.items():
        below = part // (of * size) * size
        floor, cap = lows.get(key, below), highs.get(key, below + size)
        if not floor * of <= part <= cap * of:
            raise ValueError(f"{key}: the exact value lies outside its bounds")
        on_bound = part in (floor * of, cap * of)
        cents[key] = part // of if on_bound else max(below, floor)
        ceilings[key] = cents[key] if on_bound else min(below + size, cap)

    missing = total - sum(cents.values())
    rest, rest_to = 0, None
    for key in sorted(parts, key=lambda key: (cents[key] * of - parts[key], -abs(parts[key]), key)):
        if not missing:
            break
        piece = min(ceilings[key] - cents[key], missing)
        if cents[key] + piece < ceilings[key]:
            rest, rest_to = piece, key
        cents[key] += piece
        missing -= piece
    return Rounding({key: from_cents(amount) for key, amount in cents.items()}, from_cents(rest), rest_to)


def over_one(values: Mapping[str, Decimal | Fraction | int]) -> tuple[dict[str, int], int]:
    """Numbers as whole parts over their least common denominator: sums and comparisons of whole numbers are quick."""
    ratios = {key: value.as_integer_ratio() for key, value in values.items()}
    of = lcm(*(below for _, below in ratios.values()))
    return {key: above * (of // below) for key, (above, below) in ratios.items()}, of


def to_cents(amount: Decimal) -> int:
    """Whole cents of an amount in euros; ValueError where it has fractions of a cent."""
    numerator, denominator = amount.as_integer_ratio()
    cents, rest = divmod(numerator * 100, denominator)
    if rest:
        raise ValueError(f"{amount} is not an amount in whole cents")
    return cents


def from_cents(cents: int) -> Decimal:
    """Euros with two places."""
    # Written out, because arithmetic on Decimals would round beyond 28 digits.
    return Decimal(f"{cents}e-2")
