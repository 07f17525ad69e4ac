"""x'_i = per · Poisson(c_i) / d_i: case numbers as they might have come out as well, and m, R, G, F for each."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indicators.burden import Cell as CellKey
from indicators.burden import Indicator
from indicators.burden.ratings import scale, scored
from indicators.burden.scheme import shares
from indicators.inputs import COUNTY, ESTIMATE, Calculated, Cell, Member
from indicators.sensitivity.draws import Draws, Floats, factors, levels, weighted_means
from jugendhilfe.lib.canonical import digest, to_json


@dataclass(frozen=True, eq=False, slots=True)
class Cases:
    """Drawn numerators by code, n×N in the order of the sorted keys; 0 where a space has no numerator."""

    keys: tuple[str, ...]
    drawn: Mapping[str, NDArray[np.integer]]
    draws: int


@dataclass(frozen=True, slots=True)
class _Numerators:
    """All that the draws of case numbers depend on, by sorted keys and codes; 0 where there is none."""

    keys: tuple[str, ...]
    codes: tuple[str, ...]
    numerators: tuple[tuple[float, ...], ...]
    draws: int
    seed: int


def fingerprint(calculated: Calculated, *, draws: int, seed: int) -> str:
    """Under this key the result of `draw_cases` may be kept: weights, method and Bezugsgröße do not change it."""
    return digest(to_json(_numerators(calculated, draws, seed)))


def draw_cases(calculated: Calculated, *, draws: int, seed: int) -> Cases:
    """Poisson draws around every numerator that a rate rests on; indicators without any are left out."""
    if draws < 1:
        raise ValueError("draws ≥ 1 is required")
    known = _numerators(calculated, draws, seed)
    rng = np.random.Generator(np.random.PCG64(seed))
    drawn = {}
    for code, numerators in zip(known.codes, known.numerators, strict=True):
        column = rng.poisson(np.array(numerators)[:, None], (len(known.keys), draws))
        # Mostly two bytes instead of eight: these are what is kept.
        drawn[code] = column.astype(np.min_scalar_type(int(column.max())))
    return Cases(known.keys, drawn, draws)


def draw_counts(calculated: Calculated, cases: Cases) -> Draws:
    """Factors under drawn case numbers, in the order of the result's keys; the weights are those agreed."""
    result, scheme = calculated.result, calculated.scheme
    order = _order(calculated)
    people = result.reference_population[order]
    if cases.keys != tuple(result.keys[i] for i in order) or set(cases.drawn) != set(_counted(calculated)):
        raise ValueError("the cases were drawn for other spaces or indicators")
    columns = {indicator.code: column for column, indicator in enumerate(scheme.indicators)}

    def ratings(code: str) -> Floats:
        column = columns[code]
        if code not in cases.drawn:
            return np.asarray(result.ratings[order, column][:, None])
        return _ratings(calculated, column, order, people, cases.drawn[code])

    agreed = {level: np.array(shares(members))[:, None] for level, members in levels(scheme).items()}
    with np.errstate(over="ignore", invalid="ignore", divide="ignore"):
        drawn = np.broadcast_to(factors(scheme, people, ratings, agreed), (order.size, cases.draws))
    accepted = np.isfinite(drawn).all(axis=0)
    unsorted = np.empty((order.size, int(accepted.sum())))
    unsorted[order] = drawn[:, accepted]
    return Draws(
        unsorted,
        refused=cases.draws - unsorted.shape[1],
        fixed=tuple(code for code in result.codes if code not in cases.drawn),
        fixed_cells=tuple(_fixed_cells(calculated, order)),
    )


def _ratings(
    calculated: Calculated, column: int, order: NDArray[np.intp], people: Floats, drawn: NDArray[np.integer]
) -> Floats:
    """R of one indicator per draw, NaN where it is refused."""
    indicator, member = calculated.scheme.indicators[column], calculated.members[column]
    cells = [calculated.cell(int(row), column) for row in order]
    counted = np.array([_is_counted(member, cell) for cell in cells])
    county = np.array([cell.origin == COUNTY for cell in cells])
    below = np.array(
        [float(cell.denominator or 0) if known else 1.0 for cell, known in zip(cells, counted, strict=True)]
    )
    values = float(member.rate_per or 0) * drawn / below[:, None]
    values[~counted] = calculated.result.values[order[~counted], column][:, None]
    measured = _measured(indicator, values)
    if _has_sums(member, cells):
        together = float(member.rate_per or 0) * drawn[counted].sum(axis=0, dtype=np.float64) / below[counted].sum()
        together = _measured(indicator, together)
        measured[county] = together
        mean = weighted_means(measured, people) if calculated.scheme.method == "standardised" else together
    else:
        measured[county] = weighted_means(measured[~county], people[~county])
        together = mean = weighted_means(measured, people)
    frozen = member.frozen_value if calculated.inputs.is_frozen else None
    anchor = together if frozen is None else scale(indicator)(np.full(1, float(frozen)))
    sd = None
    if calculated.scheme.method == "standardised":
        yearly = np.sqrt(weighted_means((measured - mean) ** 2, people))
        sd = yearly if indicator.county_sd is None else np.full(1, float(indicator.county_sd))
    # An m or sd of 0 leaves no finite rating, an m below 0 some rating below 0.
    rating = scored(indicator, calculated.scheme, measured, anchor, sd)
    return np.where(rating >= 0, rating, np.nan)


def _measured(indicator: Indicator, values: Floats) -> Floats:
    return np.log(np.where(values > 0, values, np.nan)) if indicator.transform == "log" else values


def _is_counted(member: Member, cell: Cell) -> bool:
    """A rate from cases that were counted, not estimated or taken from all spaces together."""
    return member.rate_per is not None and cell.origin not in {COUNTY, ESTIMATE} and cell.has_counts


def _has_sums(member: Member, cells: list[Cell]) -> bool:
    """Whether the value of all spaces is Σ/Σ; as for the factor itself, only if every reported value has counts."""
    reported = [cell for cell in cells if cell.origin not in {COUNTY, ESTIMATE}]
    return member.transform != "log" and all(_is_counted(member, cell) for cell in reported)


def _counted(calculated: Calculated) -> dict[str, int]:
    """Column by code of the indicators that can be drawn, sorted; a negative numerator is no number of cases."""
    found = {}
    for column, member in enumerate(calculated.members):
        cells = [calculated.cell(row, column) for row in range(len(calculated.result.keys))]
        numerators = [cell.numerator for cell in cells if _is_counted(member, cell)]
        if numerators and all(numerator is not None and numerator >= 0 for numerator in numerators):
            found[member.code] = column
    return dict(sorted(found.items()))


def _numerators(calculated: Calculated, draws: int, seed: int) -> _Numerators:
    order, counted = _order(calculated), _counted(calculated)
    return _Numerators(
        keys=tuple(calculated.result.keys[row] for row in order),
        codes=tuple(counted),
        numerators=tuple(
            tuple(
                float(cell.numerator or 0) if _is_counted(calculated.members[column], cell) else 0.0
                for cell in (calculated.cell(int(row), column) for row in order)
            )
            for column in counted.values()
        ),
        draws=draws,
        seed=seed,
    )


def _fixed_cells(calculated: Calculated, order: NDArray[np.intp]) -> list[CellKey]:
    """The cells of drawn indicators that stay; those with the value of all spaces move with it."""
    return [
        (calculated.result.keys[row], code)
        for code, column in _counted(calculated).items()
        for row in order
        if not _is_counted(calculated.members[column], cell := calculated.cell(int(row), column))
        and cell.origin != COUNTY
    ]


def _order(calculated: Calculated) -> NDArray[np.intp]:
    keys = calculated.result.keys
    return np.array(sorted(range(len(keys)), key=keys.__getitem__), dtype=np.intp)
