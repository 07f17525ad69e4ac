"""How sure the euros of a what-if are: bands of every column by need, and exactly what other assumptions would give.

The draws of case numbers rest on the data alone and are kept: a slider that moves weights needs no new ones.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from functools import cached_property, lru_cache

import numpy as np

from budgets.bands import Band, EuroBands, Floats, euro_bands
from budgets.basis import Place
from budgets.comparison import Column, Comparison
from budgets.method_comparison import Outcome, Variant, by_methods, in_euros, with_shifted_weights, without_each
from budgets.what_if import WhatIf
from indicators.inputs import Calculated
from indicators.models import Method
from indicators.sensitivity import (
    Cases,
    Draws,
    Shift,
    draw_cases,
    draw_counts,
    draw_weights,
    fingerprint,
    probability_above_one,
)

SEED, DRAWS = 1, 10_000
KEPT_RELEASES = 8


@dataclass(frozen=True, slots=True)
class ColumnBands:
    """One model's bands; `counts` is None where no case numbers are known."""

    column: Column
    weights: EuroBands
    counts: EuroBands | None


@dataclass(frozen=True, slots=True)
class BandCell:
    """What a space gets in one column, and from where to where that may reach."""

    amount: Decimal
    weights: Band | None
    counts: Band | None


@dataclass(frozen=True, slots=True)
class BandRow:
    """One space; probabilities are per cent."""

    place: Place
    above_by_weights: Decimal
    above_by_counts: Decimal | None
    cells: tuple[BandCell, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """Exact amounts by other assumptions: heads, and per space the present amount and each outcome's."""

    id: str
    caption: str
    heads: tuple[str, ...]
    outcomes: tuple[Outcome, ...]
    rows: tuple[tuple[Place, Decimal, tuple[tuple[Decimal, Decimal] | None, ...]], ...]

    @property
    def refusals(self) -> list[tuple[str, str]]:
        pairs = zip(self.heads, self.outcomes, strict=True)
        return [(head, outcome.refusal) for head, outcome in pairs if outcome.refusal]

    @property
    def moved(self) -> list[Decimal | None]:
        return [outcome.moved if outcome.amounts is not None else None for outcome in self.outcomes]


@dataclass(frozen=True)
class EuroUncertainty:
    """`detail` is the column that the exact tables are about."""

    comparison: Comparison
    calculated: Calculated
    columns: tuple[Column, ...]
    detail: Column

    @property
    def draws(self) -> int:
        return DRAWS

    @property
    def seed(self) -> int:
        return SEED

    @cached_property
    def bands(self) -> tuple[ColumnBands, ...]:
        return tuple(
            ColumnBands(
                column,
                self._bands(column, self._by_weights),
                None if self._by_counts is None else self._bands(column, self._by_counts.factors),
            )
            for column in self.columns
        )

    @cached_property
    def rows(self) -> list[BandRow]:
        by_weights = probability_above_one(self._by_weights)[self._order].tolist()
        counts = self._by_counts
        by_counts = probability_above_one(counts.factors)[self._order].tolist() if counts is not None else None
        return [
            BandRow(
                place,
                _percent(by_weights[row]),
                _percent(by_counts[row]) if by_counts is not None else None,
                tuple(
                    BandCell(
                        _amounts(found.column)[place.key],
                        found.weights.by_key.get(place.key),
                        found.counts.by_key.get(place.key) if found.counts else None,
                    )
                    for found in self.bands
                ),
            )
            for row, place in enumerate(self.comparison.places)
        ]

    @property
    def refused(self) -> list[tuple[str, str, int]]:
        """Column, cause and number of the draws whose gains could not hold the floors."""
        found = []
        for one in self.bands:
            for cause, bands in (("Gewichte", one.weights), ("Fallzahlen", one.counts)):
                if bands is not None and bands.refused:
                    found.append((one.column.short_title, cause, bands.refused))
        return found

    @property
    def fixed(self) -> list[str]:
        """The indicators without case numbers, which the draws leave as they are."""
        codes = self.calculated.result.codes if self._drawn is None else self._drawn.fixed
        return [self._names[code] for code in codes]

    @property
    def fixed_cells(self) -> list[str]:
        """The estimates among case numbers, which have none to draw."""
        names = {place.key: place.name for place in self.comparison.places}
        return [f"{names[key]}: {self._names[code]}" for key, code in (self._drawn.fixed_cells if self._drawn else ())]

    @property
    def without_factor(self) -> int:
        """Draws of case numbers that the method refuses."""
        return self._drawn.refused if self._drawn else 0

    @cached_property
    def shifts(self) -> Table:
        """The tornado: every weight five points down and up."""
        order = list(self._names)
        found = sorted(
            with_shifted_weights(self.calculated), key=lambda pair: (order.index(pair[0].code), pair[0].shifted)
        )
        heads = [f"{self._names[shift.code]}: {_points(shift)}" for shift, _ in found]
        return self._table("gewichte-verschoben", "Ein Gewicht fünf Punkte anders", heads, [v for _, v in found])

    @cached_property
    def methods(self) -> Table:
        variants = by_methods(self.calculated)
        heads = [f"{Method(v.code).label}{' (vereinbart)' if v.is_own else ''}" for v in variants]
        return self._table("verfahren", "Dieselben Werte nach anderen Verfahren", heads, variants)

    @cached_property
    def without(self) -> Table:
        variants = without_each(self.calculated)
        heads = [f"ohne {self._names[variant.code]}" for variant in variants]
        return self._table("ohne-indikator", "Ohne je einen Indikator", heads, variants)

    @property
    def tables(self) -> tuple[Table, ...]:
        return tuple(table for table in (self.shifts, self.methods, self.without) if table.heads)

    @cached_property
    def _names(self) -> dict[str, str]:
        return {member.code: member.short_name for member in self.calculated.members}

    @cached_property
    def _order(self) -> list[int]:
        keys = self.calculated.result.keys
        return [keys.index(place.key) for place in self.comparison.places]

    @cached_property
    def _by_weights(self) -> Floats:
        return draw_weights(self.calculated, draws=DRAWS, seed=SEED)

    @cached_property
    def _drawn(self) -> Draws | None:
        key = fingerprint(self.calculated, draws=DRAWS, seed=SEED)
        cases = _cases(_Data(key, self.calculated))
        return draw_counts(self.calculated, cases) if cases.drawn else None

    @property
    def _by_counts(self) -> Draws | None:
        """None where no draw of case numbers is left to tell of."""
        return self._drawn if self._drawn is not None and self._drawn.factors.shape[1] else None

    def _bands(self, column: Column, factors: Floats) -> EuroBands:
        spaces = [place.space for place in self.comparison.places]
        return euro_bands(column.total, spaces, column.model, np.ascontiguousarray(factors[self._order]))

    def _table(self, id: str, caption: str, heads: Sequence[str], variants: Iterable[Variant]) -> Table:
        amounts = _amounts(self.detail)
        places = self.comparison.places
        outcomes = in_euros(
            variants,
            total=self.detail.total,
            spaces=[place.space for place in places],
            model=self.detail.model,
            amounts=amounts,
        )
        return Table(
            id,
            caption,
            tuple(heads),
            outcomes,
            tuple(
                (
                    place,
                    amounts[place.key],
                    tuple(
                        None if one.amounts is None else (one.amounts[place.key], one.changes[place.key])
                        for one in outcomes
                    ),
                )
                for place in places
            ),
        )


def uncertainty_of(what_if: WhatIf, number: str = "") -> EuroUncertainty | None:
    """How sure a what-if is, in detail for the column with this number or else the first; None without need."""
    columns = tuple(what_if.columns_by_need)
    if what_if.comparison is None or what_if.calculated is None or not columns:
        return None
    detail = next((column for column in columns if str(column.number) == number), columns[0])
    return EuroUncertainty(what_if.comparison, what_if.calculated, columns, detail)


@dataclass(frozen=True, slots=True)
class _Data:
    """What draws are kept under: the same case numbers, seed and number of draws have the same key."""

    key: str
    calculated: Calculated = field(compare=False)


@lru_cache(maxsize=KEPT_RELEASES)
def _cases(data: _Data) -> Cases:
    return draw_cases(data.calculated, draws=DRAWS, seed=SEED)


def _amounts(column: Column) -> Mapping[str, Decimal]:
    assert column.distribution is not None
    return column.distribution.amounts


def _percent(share: float) -> Decimal:
    return round(100 * Decimal(share), 1)


def _points(shift: Shift) -> str:
    shifted, points = (f"{number:.2f}".rstrip("0").rstrip(".") for number in (shift.shifted, shift.points))
    return f"{shifted} statt {points}".replace(".", ",")
