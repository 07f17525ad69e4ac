"""T_id = B · (base n_i/Σn + head P_i/ΣP + need P_i F_id/ΣP F_d + before V_i/ΣV); x_id = clip(λ_d T_id, low_i, high_i).

What `distribute` does exactly for one factor per space, here in floats for N draws of the factors at once: one row per
space, one column per draw. Amounts are those before rounding; money that anybody gets is never taken from here.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from budgets.distribution import Model, Space
from indicators.sensitivity import quantiles
from jugendhilfe.lib.money import from_cents

type Floats = NDArray[np.float64]

TOLERANCE = 1e-6


@dataclass(frozen=True, slots=True)
class Band:
    """5, 50 and 95 % of an amount, in cents."""

    low: Decimal
    median: Decimal
    high: Decimal


@dataclass(frozen=True, slots=True)
class EuroBands:
    """A band by key; `refused` draws could not hold the bounds. If that is all of them, there are no bands."""

    by_key: dict[str, Band]
    refused: int = 0


def euro_bands(total: Decimal, spaces: Sequence[Space], model: Model, factors: Floats) -> EuroBands:
    """Where the amounts lie under drawn factors, n×N in the order of the spaces."""
    drawn = euros(total, spaces, model, factors)
    accepted = np.isfinite(drawn).all(axis=0)
    refused = int(drawn.shape[1] - accepted.sum())
    if refused == drawn.shape[1]:
        return EuroBands({}, refused)
    found = quantiles(drawn if not refused else np.ascontiguousarray(drawn[:, accepted]))
    return EuroBands(
        {
            space.key: Band(*(from_cents(round(100 * value)) for value in row))
            for space, row in zip(spaces, found.tolist(), strict=True)
        },
        refused,
    )


def euros(total: Decimal, spaces: Sequence[Space], model: Model, factors: Floats) -> Floats:
    """The amounts n×N before rounding; NaN in a draw whose gains cannot pay for the floors."""
    targets = _targets(float(total), spaces, model, factors)
    bounds = [model.bounds(space.previous) for space in spaces]
    low = np.array([[float(low or 0)] for low, _ in bounds])
    high = np.array([[np.inf if high is None else float(high)] for _, high in bounds])
    if model.gains_only:
        before = np.array([[np.nan if space.previous is None else float(space.previous)] for space in spaces])
        return _gains_scaled(targets, before, low, high)
    return scale_columns(targets, low, high, np.full(targets.shape[1], float(total)))


def _targets(total: float, spaces: Sequence[Space], model: Model, factors: Floats) -> Floats:
    offices = _column(space.offices for space in spaces)
    people = _column(space.reference_population for space in spaces)
    previous = _column(space.previous or 0 for space in spaces)
    fixed: Floats = np.zeros((len(spaces), 1))
    for share, parts in ((model.base, offices), (model.head, people), (model.before, previous)):
        if share:
            fixed = fixed + total * float(share) * parts / parts.sum()
    if not model.need:
        return np.broadcast_to(fixed, factors.shape)
    burdened = people * factors
    return np.asarray(fixed + total * float(model.need) * burdened / burdened.sum(axis=0))


def _gains_scaled(targets: Floats, before: Floats, low: Floats, high: Floats) -> Floats:
    """The floors are paid by those alone who gain; `before` is NaN where there was nothing."""
    known = ~np.isnan(before)
    gains = np.where(known, np.maximum(targets - np.where(known, before, 0.0), 0.0), 0.0)
    limits = np.where(known & np.isfinite(high), np.maximum(high - np.where(known, before, 0.0), 0.0), np.inf)
    gained = gains.sum(axis=0)
    left = gained - np.maximum(low - targets, 0.0).sum(axis=0)
    most = np.minimum(gained, np.where(gains > 0, limits, 0.0).sum(axis=0))
    scale = np.divide(left, most, out=np.ones_like(left), where=most > 0)
    cut = scale_columns(gains, np.zeros_like(low), limits, most)
    amounts = np.where(gains > 0, before + scale * cut, np.maximum(targets, low))
    return np.asarray(np.where((left < -TOLERANCE) | (left > most + TOLERANCE), np.nan, amounts))


def _column(values: Iterable[Decimal | int]) -> Floats:
    return np.array([[float(value)] for value in values])


def scale_columns(targets: Floats, low: Floats, high: Floats, totals: Floats) -> Floats:
    """clip(λ_d T_id, low_i, high_i) with the λ_d ≥ 0 for which every column sums to its total; NaN where there is none.

    `low` and `high` are n×1, infinity is no bound. `jugendhilfe.lib.bounds` does the same exactly for one column.
    """
    scaled = np.array(targets)
    # Most columns already keep their bounds and their sum.
    beyond = ((targets < low) | (targets > high)).any(axis=0)
    beyond |= np.abs(targets.sum(axis=0) - totals) > 1e-13 * np.abs(totals)
    if beyond.any():
        part = targets[:, beyond]
        scales, feasible = _scales(part, low, high, totals[beyond])
        scaled[:, beyond] = np.where(feasible, np.clip(scales * part, low, high), np.nan)
    return scaled


def _scales(targets: Floats, low: Floats, high: Floats, totals: Floats) -> tuple[Floats, NDArray[np.bool_]]:
    """λ per column, and whether the bounds leave room for it."""
    # A space starts to rise at low / T and stops at high / T: up to a corner the sum is constant + slope · λ.
    positive = targets > 0
    with np.errstate(divide="ignore", invalid="ignore"):
        rises = np.where(positive, low / targets, np.inf)
        stops = np.where(positive, high / targets, np.inf)
    corners = np.concatenate([rises, stops]).T
    slopes = np.concatenate([targets, -targets]).T
    constants = np.broadcast_to(np.concatenate([-low, np.where(np.isinf(high), 0.0, high)]), (2 * len(low), 1)).T
    order = np.argsort(corners, axis=1)
    corner = np.take_along_axis(corners, order, axis=1)
    reachable = np.isfinite(corner)
    slope = np.cumsum(np.where(reachable, np.take_along_axis(slopes, order, axis=1), 0.0), axis=1)
    changes = np.take_along_axis(np.broadcast_to(constants, corners.shape), order, axis=1)
    constant = float(low.sum()) + np.cumsum(np.where(reachable, changes, 0.0), axis=1)
    # The last corner at which the sum does not yet reach the total: λ lies on the line that starts there.
    at_corner = constant + slope * np.where(reachable, corner, 0.0)
    wanted = totals[:, None]
    before = reachable & (at_corner <= wanted)
    place = np.maximum(before.sum(axis=1) - 1, 0)[:, None]
    on_slope = np.take_along_axis(slope, place, axis=1)[:, 0]
    on_constant = np.take_along_axis(constant, place, axis=1)[:, 0]
    start = np.where(before.any(axis=1), np.take_along_axis(corner, place, axis=1)[:, 0], 0.0)
    rest = totals - on_constant
    flat = on_slope <= 1e-12 * np.abs(totals)
    scales = np.where(flat, start, np.divide(rest, on_slope, out=np.zeros_like(rest), where=~flat))
    reached = np.clip(scales * targets, low, high).sum(axis=0)
    return scales, np.abs(reached - totals) <= TOLERANCE + 1e-12 * np.abs(totals)
