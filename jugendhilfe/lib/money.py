"""amount_i = ⌊x_i⌋ to the unit, then the missing units by largest x_i − ⌊x_i⌋: Σ amount_i = Σ x_i to the cent.

Ties go to the larger |x_i|, then to the smaller key as text, so the order of the rows changes nothing. With a unit
coarser than a cent the last piece handed out may be smaller than the unit: it is the rest, and `Rounding` says how much
it is and who has it.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

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
    exact_total = Fraction(total)
    exact_weights = {key: Fraction(weight) for key, weight in weights.items()}
    weight_sum = sum(exact_weights.values(), Fraction(0))
    if not weight_sum:
        if total:
            raise ValueError(f"{total} cannot be split: the weights sum to 0")
        return dict.fromkeys(weights, from_cents(0))
    return round_exactly(
        {key: exact_total * weight / weight_sum for key, weight in exact_weights.items()}, unit=unit
    ).amounts


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
    if unit not in UNITS:
        raise ValueError(f"the unit is one of {', '.join(map(str, UNITS))}, not {unit}")
    size = to_cents(unit)
    lows = {key: to_cents(bound) for key, bound in (low or {}).items()}
    highs = {key: to_cents(bound) for key, bound in (high or {}).items()}
    values = {key: value * 100 for key, value in exact.items()}
    total = sum(values.values(), Fraction(0))
    if total.denominator != 1:
        raise ValueError("the exact values do not sum to whole cents")

    cents: dict[str, int] = {}
    ceilings: dict[str, int] = {}
    for key, value in values.items():
        below = value // size * size
        floor, cap = lows.get(key, below), highs.get(key, below + size)
        if not floor <= value <= cap:
            raise ValueError(f"{key}: the exact value lies outside its bounds")
        on_bound = value in (floor, cap)
        cents[key] = int(value) if on_bound else max(below, floor)
        ceilings[key] = cents[key] if on_bound else min(below + size, cap)

    missing = int(total) - sum(cents.values())
    rest, rest_to = 0, None
    for key in sorted(values, key=lambda key: (cents[key] - values[key], -abs(values[key]), key)):
        if not missing:
            break
        piece = min(ceilings[key] - cents[key], missing)
        if cents[key] + piece < ceilings[key]:
            rest, rest_to = piece, key
        cents[key] += piece
        missing -= piece
    return Rounding({key: from_cents(amount) for key, amount in cents.items()}, from_cents(rest), rest_to)


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
