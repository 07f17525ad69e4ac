"""effective_j = v_j Cov_P(R_j, G) / Var_P(G): what a weight really does, and what else the reader should doubt.

Everything here describes a scheme, nothing decides about money.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from indicators.burden import BurdenError, BurdenResult, Cell, Counts, Number, Scheme, compute

type Floats = NDArray[np.float64]
type Flag = Literal["yellow", "red"]

YELLOW, RED = 0.7, 0.9
SMALL_COUNT = 30
YEARS_UNTIL_OLD = 3


@dataclass(frozen=True, slots=True)
class Weight:
    """Agreed and effective weight of an indicator, both as shares of 1; None where the index does not vary."""

    indicator: str
    agreed: float
    effective: float | None


@dataclass(frozen=True, slots=True)
class Correlation:
    """Two indicators that say nearly the same; red means "zählt doppelt"."""

    first: str
    second: str
    r: float
    flag: Flag


@dataclass(frozen=True, slots=True)
class LeftOut:
    """Factors without one indicator, in the order of the keys, or the reason why there are none."""

    indicator: str
    factors: tuple[Decimal, ...] | None
    refusal: str = ""


def weights(result: BurdenResult, scheme: Scheme) -> tuple[Weight, ...]:
    """Agreed against effective weights; the effective ones sum to 1 and may be negative.

    Geometric schemes are measured in logs. Where the levels differ, the contributions take the place of v_j R_j; with
    arithmetic levels alone that is the same thing.
    """
    people, index = result.reference_population, result.index
    levels = {scheme.aggregation, *(dimension.aggregation or "arithmetic" for dimension in scheme.dimensions)}
    if levels == {"geometric"}:
        parts, whole = result.weights * np.log(result.ratings), np.log(index)
    else:
        parts, whole = result.contributions, result.relative
    variance = _covariance(whole, whole, people)
    varies = np.ptp(index) > 0 and variance > 0
    return tuple(
        Weight(code, float(agreed), float(_covariance(part, whole, people) / variance) if varies else None)
        for code, agreed, part in zip(result.codes, result.weights, parts.T, strict=True)
    )


def correlation_matrix(columns: Floats, people: Floats) -> tuple[tuple[float | None, ...], ...]:
    """P-weighted Pearson correlations of the columns of an n×k table; None where a column does not vary."""
    share = people / people.sum()
    centred = columns - share @ columns
    covariance = (centred * share[:, None]).T @ centred
    varies = np.ptp(columns, axis=0) > 0
    sd = np.sqrt(np.where(varies, np.diag(covariance), 1.0))
    matrix = np.clip(covariance / np.outer(sd, sd), -1.0, 1.0)
    return tuple(
        tuple(float(r) if varies[i] and varies[j] else None for j, r in enumerate(row)) for i, row in enumerate(matrix)
    )


def correlations(result: BurdenResult) -> tuple[Correlation, ...]:
    """Pairs of ratings with |r| above 0.7 (yellow) or 0.9 (red), strongest first."""
    matrix = correlation_matrix(result.ratings, result.reference_population)
    found = [
        Correlation(result.codes[i], result.codes[j], r, "red" if abs(r) > RED else "yellow")
        for i, row in enumerate(matrix)
        for j, r in enumerate(row[:i])
        if r is not None and abs(r) > YELLOW
    ]
    return tuple(sorted(found, key=lambda pair: -abs(pair.r)))


def leave_one_out(
    result: BurdenResult, scheme: Scheme, *, counts: Mapping[str, Counts] | None = None
) -> tuple[LeftOut, ...]:
    """Factors without each indicator in turn; its weight goes pro rata to its dimension or, if empty, the others."""
    if len(scheme.indicators) < 2:
        return ()
    return tuple(_without(code, column, result, scheme, counts) for column, code in enumerate(result.codes))


def zero_variance(result: BurdenResult) -> tuple[str, ...]:
    """Indicators that contribute nothing: all spaces are rated alike."""
    return tuple(notice.indicator for notice in result.notices if notice.kind == "zero_variance")


def small_counts(keys: Sequence[str], numerators: Mapping[str, Sequence[Number | None]]) -> tuple[Cell, ...]:
    """The (key, indicator) cells whose rate rests on fewer than 30 cases."""
    return tuple(
        (key, code)
        for code, column in numerators.items()
        for key, count in zip(keys, column, strict=True)
        if count is not None and count < SMALL_COUNT
    )


def outdated(reference_dates: Mapping[str, date], today: date) -> tuple[str, ...]:
    """Indicators whose data are more than three years old."""
    # As tuples, because 29 February three years ago is no date.
    limit = (today.year - YEARS_UNTIL_OLD, today.month, today.day)
    return tuple(code for code, day in reference_dates.items() if (day.year, day.month, day.day) < limit)


def _without(
    code: str, column: int, result: BurdenResult, scheme: Scheme, counts: Mapping[str, Counts] | None
) -> LeftOut:
    kept = tuple(indicator for indicator in scheme.indicators if indicator.code != code)
    used = {indicator.dimension for indicator in kept}
    dimensions = tuple(dimension for dimension in scheme.dimensions if dimension.code in used)
    smaller = replace(scheme, indicators=kept, dimensions=dimensions)
    values = np.delete(result.values, column, axis=1)
    try:
        rest = compute(result.keys, result.reference_population, values, smaller, counts=counts)
    except BurdenError as refusal:
        return LeftOut(code, None, str(refusal))
    return LeftOut(code, rest.stored)


def _covariance(one: Floats, other: Floats, people: Floats) -> float:
    share = people / people.sum()
    return float((share * (one - (share * one).sum()) * (other - (share * other).sum())).sum())
