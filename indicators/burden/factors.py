"""F_i = clip(λ G_i / Ḡ, F_min, F_max) with Σ P F = Σ P: from the values to the factors and their explanation."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_EVEN, Decimal
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

from indicators.burden.levels import explain, leaf_weights, tree, value
from indicators.burden.ratings import Counts, Notice, county_value, rate, weighted_mean
from indicators.burden.refusals import BurdenError, MissingValues, Spaces, ValuesRefused, listed
from indicators.burden.scheme import Number, Scheme, check_scheme
from jugendhilfe.lib.bounds import scale_between

type Floats = NDArray[np.float64]

FACTOR_STEP = Decimal("0.00000001")


@dataclass(frozen=True, eq=False, slots=True)
class BurdenResult:
    """The way from value to factor; read-only arrays in the order of the keys given.

    With n spaces and k indicators, values, ratings and contributions are n×k. `weights` are products of the levels,
    summing to 1; `relative` is G / Ḡ, `factor` the same after the limits, `limits` their difference ("Begrenzung").
    Contributions and limits of a space sum to factor − 1, every column weighted by P to 0. `references` are the R̄ that
    contributions are measured against. `stored` is the factor for money.
    """

    keys: tuple[str, ...]
    codes: tuple[str, ...]
    reference_population: Floats
    values: Floats
    ratings: Floats
    weights: Floats
    county_values: Floats
    county_sds: Floats | None
    index: Floats
    index_mean: float
    relative: Floats
    factor: Floats
    stored: tuple[Decimal, ...]
    contributions: Floats
    references: Floats
    limits: Floats
    notices: tuple[Notice, ...]


def compute(
    keys: Sequence[str],
    reference_population: Sequence[Number] | Floats,
    values: Sequence[Sequence[Number | None]] | Floats,
    scheme: Scheme,
    *,
    counts: Mapping[str, Counts] | None = None,
    names: Mapping[str, str] | None = None,
) -> BurdenResult:
    """Burden factors; values is n×k in the order of the scheme's indicators, None or NaN is a gap. Raises BurdenError.

    The value of all spaces is the frozen one, else Σ/Σ of the indicator's counts, else the mean weighted by P; names
    are the words for keys in refusals.
    """
    check_scheme(scheme)
    # Sums run in the order of the keys, so that the order of the rows cannot change a single bit.
    order = np.array(sorted(range(len(keys)), key=keys.__getitem__), dtype=np.intp)
    back = np.argsort(order)
    spaces = Spaces(tuple(keys[i] for i in order), names or {})
    people = _population(reference_population, spaces, order)
    table = _table(values, spaces, order, scheme)

    # Numbers too large for a float are refused below, in one sentence instead of a warning each.
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        rated = [
            rate(indicator, column, people, scheme, county_value(indicator, counts or {}, order), spaces)
            for indicator, column in zip(scheme.indicators, table, strict=True)
        ]
        ratings = np.array([rating.values for rating in rated])
        _refuse_cells(ratings < 0, spaces, scheme, "Eine Bewertung darf nicht negativ sein", ValuesRefused)
        levels = tree(scheme)
        index = value(levels, ratings, spaces)
        if (index <= 0).any():
            raise ValuesRefused(f"Der Index muss größer als 0 sein: {spaces.listed(index <= 0, index)}.")
        index_mean = weighted_mean(index, people)
        relative = index / index_mean
        explained = explain(levels, index, index_mean, ratings, people, spaces)
    if not (np.isfinite(relative).all() and np.isfinite(explained.contributions).all()):
        raise ValuesRefused("Die Werte liegen zu weit auseinander, um damit zu rechnen.")
    factor = _limited(relative, people, scheme)

    sds = [rating.sd for rating in rated if rating.sd is not None]
    weights = leaf_weights(levels)
    return BurdenResult(
        keys=tuple(keys),
        codes=tuple(indicator.code for indicator in scheme.indicators),
        reference_population=_readonly(people[back]),
        values=_readonly(table.T[back]),
        ratings=_readonly(ratings.T[back]),
        weights=_readonly(np.array([weights[column] for column in range(len(rated))])),
        county_values=_readonly(np.array([rating.county_value for rating in rated])),
        county_sds=_readonly(np.array(sds)) if sds else None,
        index=_readonly(index[back]),
        index_mean=index_mean,
        relative=_readonly(relative[back]),
        factor=_readonly(factor[back]),
        stored=tuple(Decimal(f).quantize(FACTOR_STEP, ROUND_HALF_EVEN) for f in factor[back].tolist()),
        contributions=_readonly(explained.contributions.T[back]),
        references=_readonly(explained.references),
        limits=_readonly((factor - relative)[back]),
        notices=tuple(notice for rating in rated for notice in rating.notices),
    )


def _population(given: Sequence[Number] | Floats, spaces: Spaces, order: NDArray[np.intp]) -> Floats:
    if not spaces.keys:
        raise ValuesRefused("Es gibt keinen Sozialraum, für den zu rechnen wäre.")
    twins = sorted({one for one, other in zip(spaces.keys, spaces.keys[1:], strict=False) if one == other})
    if twins:
        raise ValuesRefused(f"Mehrfach genannt: {listed(twins)}.")
    people = np.array(given, dtype=np.float64)
    if people.shape != order.shape:
        raise ValuesRefused(f"Für {order.size} Sozialräume sind {people.size} Bezugsgrößen angegeben.")
    people = people[order]
    wrong = ~((people > 0) & np.isfinite(people))
    if wrong.any():
        raise ValuesRefused(f"Die Bezugsgröße muss eine Zahl größer als 0 sein: {spaces.listed(wrong)}.")
    return people


def _table(
    given: Sequence[Sequence[Number | None]] | Floats, spaces: Spaces, order: NDArray[np.intp], scheme: Scheme
) -> Floats:
    """The values as one contiguous row per indicator, sorted by key."""
    table = np.array(given, dtype=np.float64)
    expected = (order.size, len(scheme.indicators))
    if table.shape != expected:
        raise ValuesRefused(f"Erwartet werden {expected[0]} × {expected[1]} Werte, gegeben sind {table.size}.")
    table = np.ascontiguousarray(table[order].T)
    gaps = np.isnan(table)
    opening = "Es fehlt ein Wert" if gaps.sum() == 1 else f"Es fehlen {gaps.sum()} Werte"
    _refuse_cells(gaps, spaces, scheme, opening, MissingValues)
    _refuse_cells(np.isinf(table), spaces, scheme, "Ein Wert ist keine endliche Zahl", ValuesRefused)
    return table


def _refuse_cells(
    wrong: NDArray[np.bool_], spaces: Spaces, scheme: Scheme, opening: str, error: type[BurdenError]
) -> None:
    """Refuse with every cell of the mask (one row per indicator)."""
    if not wrong.any():
        return
    places = [(spaces.keys[space], scheme.indicators[row]) for space, row in np.argwhere(wrong.T)]
    words = [f"{spaces.names.get(key, key)} / {indicator.label}" for key, indicator in places]
    raise error(f"{opening}: {listed(words)}.", [(key, indicator.code) for key, indicator in places])


def _limited(relative: Floats, people: Floats, scheme: Scheme) -> Floats:
    if scheme.factor_min is None and scheme.factor_max is None:
        return relative
    low = Fraction(scheme.factor_min or 0)
    high = None if scheme.factor_max is None else Fraction(scheme.factor_max)
    heads = [Fraction(p) for p in people.tolist()]
    amounts = scale_between(
        [head * Fraction(factor) for head, factor in zip(heads, relative.tolist(), strict=True)],
        [head * low for head in heads],
        [None if high is None else head * high for head in heads],
        sum(heads, Fraction(0)),
    )
    return np.array([float(amount / head) for amount, head in zip(amounts, heads, strict=True)])


def _readonly(array: Floats) -> Floats:
    array = np.ascontiguousarray(array)
    array.flags.writeable = False
    return array
