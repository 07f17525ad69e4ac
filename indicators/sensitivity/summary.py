"""5, 50 and 95 % of a space's N factors and ranks; P(F > 1); P(F_a > F_b), between 5 and 95 % "nicht unterscheidbar".

Arrays hold one row per space, one column per draw.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indicators.sensitivity.draws import CHUNK, Floats, chunks

type Ranks = NDArray[np.int32]

QUANTILES = (0.05, 0.5, 0.95)
SURE = 0.95


@dataclass(frozen=True, eq=False, slots=True)
class Bands:
    """n×3 each: the 5, 50 and 95 % quantiles of the factors and of the ranks."""

    factors: Floats
    ranks: Floats


def bands(factors: Floats) -> Bands:
    """Where the factors and the ranks of the draws lie."""
    return Bands(quantiles(factors), quantiles(ranks(factors)))


def quantiles(rows: Floats | Ranks, at: Sequence[float] = QUANTILES) -> Floats:
    """Quantiles of every row, linear between the two nearest: what numpy.quantile gives, in less time."""
    spaces, draws = rows.shape
    if not draws:
        raise ValueError("no draws, no quantiles")
    places = [(low := int(share * (draws - 1)), min(low + 1, draws - 1), share * (draws - 1) - low) for share in at]
    found = np.empty((spaces, len(places)))
    step = max(1, CHUNK // draws)
    for start in range(0, spaces, step):
        # Sorted whole: with the processor's wide instructions that is faster than picking out six places.
        ordered = np.sort(rows[start : start + step], axis=1)
        for column, (low, high, part) in enumerate(places):
            below, above = ordered[:, low].astype(np.float64), ordered[:, high].astype(np.float64)
            step_up = above - below
            nearest = below + step_up * part if part < 0.5 else above - step_up * (1 - part)
            found[start : start + step, column] = nearest
    return found


def ranks(factors: Floats) -> Ranks:
    """Rank of every space in every draw, 1 for the highest factor; of equal ones the row above comes first."""
    spaces, draws = factors.shape
    found = np.empty((spaces, draws), dtype=np.int32)
    positions = np.arange(1, spaces + 1, dtype=np.int32)
    for part in chunks(spaces, draws):
        columns = -np.ascontiguousarray(factors[:, part].T)
        order = np.argsort(columns, axis=1)
        ordered = np.take_along_axis(columns, order, axis=1)
        # A stable sort costs five times as much, and only equal factors need it.
        tied = (ordered[:, 1:] == ordered[:, :-1]).any(axis=1)
        order[tied] = np.argsort(columns[tied], axis=1, kind="stable")
        some = np.empty(columns.shape, dtype=np.int32)
        np.put_along_axis(some, order, positions[None], axis=1)
        found[:, part] = some.T
    return found


def probability_above_one(factors: Floats) -> Floats:
    """P(F > 1) per space: more burden than the average of all."""
    return np.asarray((factors > 1).mean(axis=1))


def probability_above(factors: Floats) -> Floats:
    """P(F_a > F_b) in row a and column b; equal factors count half for each, so that the two directions sum to 1."""
    above = np.array([(row > factors).mean(axis=1) for row in factors])
    return np.asarray((1 + above - above.T) / 2)


def indistinguishable(above: Floats) -> NDArray[np.bool_]:
    """The pairs whose order is not sure, from the matrix of `probability_above`."""
    return (above >= 1 - SURE) & (above <= SURE)


def groups(above: Floats, ranking: Sequence[int]) -> tuple[tuple[int, ...], ...]:
    """Longest runs of neighbours in the ranking (rows, highest first) that are indistinguishable two by two.

    Runs may overlap; none lies within another, and none is of one space.
    """
    unsure = indistinguishable(above)[np.ix_(ranking, ranking)]
    found, reached = [], 0
    for start in range(len(ranking)):
        end = max(start + 1, reached)
        while end < len(ranking) and unsure[start:end, end].all():
            end += 1
        if end > reached and end - start > 1:
            found.append(tuple(ranking[start:end]))
        reached = max(reached, end)
    return tuple(found)
