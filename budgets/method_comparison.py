"""Euros = distribute(F') for the factors F' of another method, without one indicator or with a shifted weight.

Everything here is exact: each variant is a full calculation with stored factors, distributed to the cent.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal

from budgets.distribution import DistributionError, Model, Space, distribute
from indicators import diagnosis
from indicators.burden import BurdenError, Method, compute
from indicators.inputs import Calculated
from indicators.sensitivity import Shift, tornado

METHODS: tuple[Method, ...] = ("ratio", "standardised", "goalposts")


@dataclass(frozen=True, slots=True)
class Variant:
    """Factors by key under another assumption; None where the method refuses, with the reason.

    `code` is that of the method or the indicator; `is_own` means the scheme as it is.
    """

    code: str
    factors: Mapping[str, Decimal] | None
    refusal: str = ""
    is_own: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a variant comes to: euros by key and their change; None where it is refused."""

    variant: Variant
    amounts: Mapping[str, Decimal] | None
    changes: Mapping[str, Decimal]
    refusal: str = ""

    @property
    def moved(self) -> Decimal:
        """What this assumption alone would move between the spaces."""
        return sum((change for change in self.changes.values() if change > 0), Decimal("0.00"))


def by_methods(calculated: Calculated) -> tuple[Variant, ...]:
    """The same values and weights by every method; goalposts only where the scheme has them for all indicators."""
    scheme = calculated.scheme
    has_posts = all(one.low is not None and one.high is not None for one in scheme.indicators)
    return tuple(
        _by_method(calculated, method)
        for method in METHODS
        if method != "goalposts" or has_posts or scheme.method == "goalposts"
    )


def without_each(calculated: Calculated) -> tuple[Variant, ...]:
    """The factors without every indicator in turn; its weight goes pro rata to its dimension."""
    keys = calculated.result.keys
    return tuple(
        Variant(
            one.indicator,
            None if one.factors is None else dict(zip(keys, one.factors, strict=True)),
            one.refusal,
        )
        for one in diagnosis.leave_one_out(calculated.result, calculated.scheme, counts=calculated.counts)
    )


def with_shifted_weights(calculated: Calculated, points: int = 5) -> tuple[tuple[Shift, Variant], ...]:
    """Every weight down and up by these points, the others giving or taking pro rata."""
    return tuple(
        (
            shift,
            Variant(
                shift.code,
                None
                if shift.changes is None
                else {
                    key: factor + change
                    for key, factor, change in zip(
                        calculated.result.keys, calculated.result.stored, shift.changes, strict=True
                    )
                },
                shift.refusal,
            ),
        )
        for shift in tornado(calculated, points)
    )


def in_euros(
    variants: Iterable[Variant],
    *,
    total: Decimal,
    spaces: Sequence[Space],
    model: Model,
    amounts: Mapping[str, Decimal],
) -> tuple[Outcome, ...]:
    """Every variant distributed by the model; changes are against these amounts and sum to 0.00."""
    return tuple(_outcome(variant, total, spaces, model, amounts) for variant in variants)


def _by_method(calculated: Calculated, method: Method) -> Variant:
    result, scheme = calculated.result, calculated.scheme
    if method == scheme.method:
        return Variant(method, calculated.factors, is_own=True)
    try:
        other = compute(
            result.keys,
            result.reference_population,
            result.values,
            replace(scheme, method=method),
            counts=calculated.counts,
            names={place.key: place.name for place in calculated.inputs.places},
        )
    except BurdenError as refusal:
        return Variant(method, None, str(refusal))
    return Variant(method, dict(zip(other.keys, other.stored, strict=True)))


def _outcome(
    variant: Variant, total: Decimal, spaces: Sequence[Space], model: Model, amounts: Mapping[str, Decimal]
) -> Outcome:
    if variant.factors is None:
        return Outcome(variant, None, {}, variant.refusal)
    factors = variant.factors
    try:
        then = distribute(total, [replace(space, factor=factors[space.key]) for space in spaces], model).amounts
    except DistributionError as refusal:
        return Outcome(variant, None, {}, str(refusal))
    changes = {key: then[key] - amount for key, amount in amounts.items()}
    return Outcome(variant, then, changes)
