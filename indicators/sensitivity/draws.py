"""F = clip(λ G / Ḡ, F_min, F_max) in every draw at once: one row per space, one column per draw.

A draw that the method refuses is NaN on the way and leaves at the end. Sums run over sorted keys and codes and use no
matrix product: spaces with equal values come out equal to the last bit, on any number of cores.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indicators.burden import Aggregation, Dimension, Indicator, Scheme

type Floats = NDArray[np.float64]
type Member = Dimension | Indicator
type Levels = Mapping[str | None, Floats]

CHUNK = 1 << 19


@dataclass(frozen=True, eq=False, slots=True)
class Draws:
    """Factors n×N in the order of the keys, draws that the method refuses left out and counted in `refused`.

    `fixed` are the indicators without a numerator, `fixed_cells` the (key, code) of estimates in the others: they stay
    as they are.
    """

    factors: Floats
    refused: int = 0
    fixed: tuple[str, ...] = ()
    fixed_cells: tuple[tuple[str, str], ...] = ()


def levels(scheme: Scheme) -> dict[str | None, tuple[Member, ...]]:
    """The members of every level in the order of their codes; None is the top: dimensions, then indicators."""

    def by_code(members: Iterable[Member]) -> list[Member]:
        return sorted(members, key=lambda member: member.code)

    inside: dict[str | None, tuple[Member, ...]] = {
        dimension.code: tuple(by_code(scheme.inside(dimension.code))) for dimension in by_code(scheme.dimensions)
    }
    return {None: (*by_code(scheme.dimensions), *by_code(scheme.inside(None))), **inside}


def factors(scheme: Scheme, people: Floats, ratings: Callable[[str], Floats], weights: Levels) -> Floats:
    """F per space and draw from the ratings of an indicator by code (n×N or n×1) and m×N or m×1 weights per level."""
    index = _index(scheme, ratings, weights)
    # Not "below": a NaN is refused too.
    index[:, ~(index > 0).all(axis=0)] = np.nan
    index /= weighted_means(index, people)
    return _limited(index, people, scheme)


def chunks(spaces: int, draws: int) -> Iterable[slice]:
    """The draws in parts that stay in the processor's cache."""
    step = max(16, CHUNK // spaces)
    return (slice(start, min(start + step, draws)) for start in range(0, draws, step))


def weighted_means(columns: Floats, people: Floats) -> Floats:
    """Σ P x / Σ P of every column; that of equal values is the value itself, as for one draw."""
    # Unlike a matrix product, einsum adds up every column in the same way.
    means = np.einsum("i,ij->j", people / people.sum(), columns)
    return np.asarray(np.where((columns == columns[0]).all(axis=0), columns[0], means))


def _index(scheme: Scheme, ratings: Callable[[str], Floats], weights: Levels) -> Floats:
    structure = levels(scheme)

    def part(member: Member) -> Floats:
        if isinstance(member, Indicator):
            return ratings(member.code)
        inside = (ratings(indicator.code) for indicator in structure[member.code])
        return _mean(member.aggregation or "arithmetic", inside, weights[member.code])

    return _mean(scheme.aggregation, map(part, structure[None]), weights[None])


def _mean(aggregation: Aggregation, parts: Iterable[Floats], weights: Floats) -> Floats:
    """Σ v x or Π x^v; NaN where a geometric mean meets x ≤ 0, even with a weight of 0."""
    total: Floats = np.zeros((1, 1))
    term: Floats | None = None
    for part, weight in zip(parts, weights, strict=True):
        if aggregation == "geometric":
            part = np.log(np.where(part > 0, part, np.nan))
        # One array for all products: fetching new memory would cost more than the arithmetic.
        fits = term is not None and term.shape == np.broadcast_shapes(part.shape, weight.shape)
        term = np.multiply(part, weight, out=term if fits else None)
        total = np.add(total, term, out=total if total.shape == term.shape else None)
    return np.exp(total) if aggregation == "geometric" else total


def _limited(relative: Floats, people: Floats, scheme: Scheme) -> Floats:
    """Σ P clip(λ F, low, high) = Σ P, one λ per draw; `jugendhilfe.lib.bounds` does the same exactly for one."""
    if scheme.factor_min is None and scheme.factor_max is None:
        return relative
    low = float(scheme.factor_min or 0)
    high = np.inf if scheme.factor_max is None else float(scheme.factor_max)
    beyond = ((relative < low) | (relative > high)).any(axis=0)
    relative[:, beyond] = np.clip(_scales(relative[:, beyond], people, low, high) * relative[:, beyond], low, high)
    return relative


def _scales(relative: Floats, people: Floats, low: float, high: float) -> Floats:
    """λ of every draw, found where the sum, linear between the corners, reaches its total."""
    heads = (people / people.sum())[:, None]
    # A space starts to rise at λ = low / F and stops at high / F; up to a corner the sum is constant + slope · λ.
    corners, slopes, constants = [low / relative], [heads * relative], [np.broadcast_to(-heads * low, relative.shape)]
    if np.isfinite(high):
        corners.append(high / relative)
        slopes.append(-heads * relative)
        constants.append(np.broadcast_to(heads * high, relative.shape))
    corner = np.concatenate(corners)
    order = np.argsort(corner, axis=0, kind="stable")
    corner, slope, constant = (
        np.take_along_axis(values, order, axis=0)
        for values in (corner, np.concatenate(slopes), np.concatenate(constants))
    )
    # Beside each corner what holds before it, and after the last once more.
    start = np.zeros((1, corner.shape[1]))
    before, corner = np.concatenate([start, corner]), np.concatenate([corner, np.full_like(start, np.inf)])
    slope = np.concatenate([start, slope.cumsum(axis=0)])
    constant = low + np.concatenate([start, constant.cumsum(axis=0)])
    reached = constant[:-1] + slope[:-1] * corner[:-1] >= 1
    place = np.where(reached.any(axis=0), reached.argmax(axis=0), len(reached))[None]
    before, corner, slope, constant = (
        np.take_along_axis(values, place, axis=0) for values in (before, corner, slope, constant)
    )
    # Where no space moves, rounding leaves a slope that is not quite 0 and leads anywhere.
    scale = np.divide(1 - constant, slope, out=before.copy(), where=slope > 0)
    return np.asarray(np.clip(scale, before, corner))
