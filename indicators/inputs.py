"""Factors = compute(inputs): everything a calculation is made of, as plain values that JSON can keep.

Whether they come from stored rows or from the JSON kept with an adopted scheme, the way from here on is the same.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from functools import cached_property

import numpy as np

from indicators.burden import (
    Aggregation,
    BurdenResult,
    Counts,
    Dimension,
    Direction,
    Indicator,
    Method,
    Number,
    Scheme,
    Transform,
    ValuesRefused,
    check_scheme,
    compute,
)
from indicators.burden.levels import leaf_weights, tree
from indicators.burden.ratings import weighted_mean
from jugendhilfe.lib.canonical import from_json, to_json

COVERAGE = Decimal("0.65")
COUNTY, ESTIMATE = "county", "estimate"
FROZEN_STEP = Decimal("0.00000001")


@dataclass(frozen=True, slots=True, kw_only=True)
class Release:
    """Where the values of an indicator come from."""

    name: str
    reference_date: dt.date
    source: str
    is_example: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """One value. `origin` is "" for a reported value, else how the gap was decided, with `reason` and `way`."""

    value: Decimal | None = None
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    is_secret: bool = False
    origin: str = ""
    reason: str = ""
    way: str = ""

    @property
    def has_counts(self) -> bool:
        return self.numerator is not None and self.denominator is not None

    @property
    def is_gap(self) -> bool:
        """Nobody has decided about it yet, or there is nothing to take."""
        return self.value is None and self.origin != COUNTY


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """An indicator in the scheme; `dropped` is the reason to leave it out for all, `previous` the release before."""

    code: str
    name: str
    short_name: str
    unit: str
    decimals: int
    direction: Direction
    rate_per: int | None
    numerator_name: str
    denominator_name: str
    weight: Decimal
    dimension: str | None
    transform: Transform
    low: Decimal | None
    high: Decimal | None
    frozen_value: Decimal | None
    frozen_sd: Decimal | None
    reason: str
    dropped: str
    release: Release | None
    previous: Release | None

    def value(self, cell: Cell) -> Number | None:
        """A rate from its counts, so that no rounded figure comes between; else the value as reported."""
        if self.rate_per is not None and cell.numerator is not None and cell.denominator is not None:
            return self.rate_per * float(cell.numerator) / float(cell.denominator)
        return cell.value


@dataclass(frozen=True, slots=True, kw_only=True)
class Group:
    """A dimension of the scheme."""

    code: str
    name: str
    weight: Decimal
    aggregation: Aggregation


@dataclass(frozen=True, slots=True, kw_only=True)
class Place:
    """A social space, its people of the Bezugsgröße and its cells in the order of the members."""

    key: str
    name: str
    full_name: str
    region: int
    region_name: str
    people: int
    cells: tuple[Cell, ...]


@dataclass(frozen=True, kw_only=True)
class Inputs:
    """All that a calculation rests on."""

    format: int = 1
    name: str
    version: int
    method: Method
    spread: Decimal
    aggregation: Aggregation
    factor_min: Decimal | None
    factor_max: Decimal | None
    is_frozen: bool
    population: str
    population_date: dt.date
    population_source: str
    population_is_example: bool
    as_of: dt.date
    groups: tuple[Group, ...]
    members: tuple[Member, ...]
    places: tuple[Place, ...]

    @property
    def is_example(self) -> bool:
        releases = [member.release for member in self.members if member.release]
        return self.population_is_example or any(release.is_example for release in releases)

    @property
    def gaps(self) -> list[tuple[Place, Member, Cell]]:
        """Every cell without a reported value, decided or not."""
        return [
            (place, member, cell)
            for place in self.places
            for member, cell in zip(self.members, place.cells, strict=True)
            if cell.origin or cell.value is None
        ]

    @property
    def sources(self) -> list[tuple[str, str]]:
        """What to print where the figures are shown: whose figures, and from where."""
        lines = [
            (member.name, f"{member.release.source}, Stichtag {member.release.reference_date:%d.%m.%Y}")
            for member in self.members
            if member.release
        ]
        return [*lines, (self.population, f"{self.population_source}, Stichtag {self.population_date:%d.%m.%Y}")]

    def to_json(self) -> str:
        """Canonical: the same inputs give the same bytes."""
        return to_json(self)

    @classmethod
    def from_json(cls, text: str) -> "Inputs":
        """The inputs that `to_json` wrote."""
        return from_json(cls, text)

    def calculate(self, weights: Mapping[str, Decimal] | None = None) -> "Calculated":
        """The factors; `weights` by code replace those of the scheme for a what-if. Raises BurdenError."""
        used = [column for column, member in enumerate(self.members) if not member.dropped]
        self._check_coverage(used)
        heads = [place.people for place in self.places]
        table: list[list[Number | None]] = [[] for _ in self.places]
        counts, indicators = {}, []
        for column in used:
            member, cells = self.members[column], [place.cells[column] for place in self.places]
            known = _counts(member, cells)
            complete = known is not None and len(known.numerators) == len(cells)
            if known is not None and complete:
                counts[member.code] = known
            together = None if complete else _together(member, cells, heads, known)
            for row, cell in zip(table, cells, strict=True):
                row.append(together if cell.origin == COUNTY else member.value(cell))
            frozen = self._frozen(member.frozen_value)
            # Σ/Σ of those that have counts; without any, the arithmetic takes the weighted mean itself.
            partial = together if known is not None else None
            indicators.append(
                _indicator(
                    member,
                    weights,
                    county_value=partial if frozen is None else frozen,
                    county_sd=self._frozen(member.frozen_sd),
                )
            )
        scheme = self._scheme(indicators)
        keys = [place.key for place in self.places]
        names = {place.key: place.name for place in self.places}
        result = compute(keys, heads, table, scheme, counts=counts, names=names)
        return Calculated(inputs=self, columns=tuple(used), scheme=scheme, counts=counts, result=result)

    def shares(self, weights: Mapping[str, Decimal] | None = None) -> dict[str, float]:
        """The agreed weight of every member by code, before any is left out; they sum to 1."""
        return self._shares(self.members, weights)

    def shares_used(self) -> dict[str, float]:
        """The weights that count: what is left out for all gives its own to the rest of its dimension."""
        return self._shares([member for member in self.members if not member.dropped])

    def _shares(self, members: Sequence[Member], weights: Mapping[str, Decimal] | None = None) -> dict[str, float]:
        scheme = self._scheme([_indicator(member, weights) for member in members])
        check_scheme(scheme)
        whole = leaf_weights(tree(scheme))
        return {member.code: whole[column] for column, member in enumerate(members)}

    def with_frozen(self, calculated: "Calculated") -> "Inputs":
        """The same inputs with the county values of this calculation held fast where none is yet."""
        result = calculated.result
        sds = result.county_sds if result.county_sds is not None else [None] * len(result.codes)
        figures = dict(zip(result.codes, zip(result.county_values, sds, strict=True), strict=True))
        members = []
        for member in self.members:
            if member.frozen_value is None and member.code in figures:
                value, sd = figures[member.code]
                member = replace(
                    member, frozen_value=_rounded(value), frozen_sd=member.frozen_sd if sd is None else _rounded(sd)
                )
            members.append(member)
        return replace(self, members=tuple(members))

    def _frozen(self, figure: Decimal | None) -> Decimal | None:
        return figure if self.is_frozen else None

    def _scheme(self, indicators: Sequence[Indicator]) -> Scheme:
        # A dimension whose indicators were all left out goes with them; its weight goes pro rata to the others.
        used = {indicator.dimension for indicator in indicators}
        return Scheme(
            indicators=tuple(indicators),
            dimensions=tuple(
                Dimension(code=group.code, weight=group.weight, aggregation=group.aggregation, name=group.name)
                for group in self.groups
                if group.code in used
            ),
            method=self.method,
            spread=self.spread,
            aggregation=self.aggregation,
            factor_min=self.factor_min,
            factor_max=self.factor_max,
        )

    def _check_coverage(self, used: Sequence[int]) -> None:
        for column in used:
            member = self.members[column]
            if member.release is None:
                raise ValuesRefused(
                    f"{member.name}: Bis zum {self.as_of:%d.%m.%Y} gibt es keinen übernommenen Datenstand.",
                    [(place.key, member.code) for place in self.places],
                )
            empty = [p.key for p in self.places if p.cells[column].origin or p.cells[column].value is None]
            if len(self.places) - len(empty) < COVERAGE * len(self.places):
                raise ValuesRefused(
                    f"{member.name}: Nur {len(self.places) - len(empty)} von {len(self.places)} Sozialräumen haben "
                    "einen Wert; nötig sind 65 %. Der Indikator kann nur für alle weggelassen werden.",
                    [(key, member.code) for key in empty],
                )


@dataclass(frozen=True, kw_only=True)
class Calculated:
    """Inputs and what follows from them; the indicators left out for all have no column."""

    inputs: Inputs
    columns: tuple[int, ...]
    scheme: Scheme
    counts: Mapping[str, Counts]
    result: BurdenResult

    @cached_property
    def members(self) -> tuple[Member, ...]:
        """The indicators in the order of the result's columns."""
        return tuple(self.inputs.members[column] for column in self.columns)

    @cached_property
    def factors(self) -> dict[str, Decimal]:
        """The factors for money by official key, eight decimals."""
        return dict(zip(self.result.keys, self.result.stored, strict=True))

    @property
    def indexes(self) -> dict[str, Decimal]:
        """G by official key, ten decimals."""
        return {
            key: round(Decimal(index), 10)
            for key, index in zip(self.result.keys, self.result.index.tolist(), strict=True)
        }

    def cell(self, row: int, column: int) -> Cell:
        """The cell behind row and column of the result."""
        return self.inputs.places[row].cells[self.columns[column]]


def _indicator(
    member: Member,
    weights: Mapping[str, Decimal] | None,
    *,
    county_value: Number | None = None,
    county_sd: Number | None = None,
) -> Indicator:
    return Indicator(
        code=member.code,
        weight=(weights or {}).get(member.code, member.weight),
        direction=member.direction,
        dimension=member.dimension,
        transform=member.transform,
        low=member.low,
        high=member.high,
        county_value=county_value,
        county_sd=county_sd,
        name=member.short_name,
    )


def _counts(member: Member, cells: Sequence[Cell]) -> Counts | None:
    """Numerators and denominators of every cell but the estimates and county values, which have none."""
    counted = [cell for cell in cells if cell.origin not in {COUNTY, ESTIMATE}]
    numerators = [cell.numerator for cell in counted if cell.numerator is not None]
    denominators = [cell.denominator for cell in counted if cell.denominator is not None]
    # A logged indicator is measured against the mean of its logs, which no sums of cases can give.
    if member.rate_per is None or member.transform == "log" or not counted:
        return None
    if not len(numerators) == len(denominators) == len(counted):
        return None
    return Counts(numerators, denominators, per=member.rate_per)


def _together(member: Member, cells: Sequence[Cell], heads: Sequence[int], counts: Counts | None) -> float | None:
    """The value of all spaces from those that have one: Σ/Σ or the (geometric, if logged) weighted mean."""
    if counts is not None:
        return float(counts.per) * float(sum(counts.numerators)) / float(sum(counts.denominators))
    pairs = [
        (value, head) for cell, head in zip(cells, heads, strict=True) if (value := member.value(cell)) is not None
    ]
    if not pairs:
        return None
    values, shares = (np.array(part, dtype=np.float64) for part in zip(*pairs, strict=True))
    if member.transform == "log":
        return float(np.exp(weighted_mean(np.log(values), shares))) if (values > 0).all() else None
    return weighted_mean(values, shares)


def _rounded(value: float) -> Decimal:
    return Decimal(value).quantize(FROZEN_STEP)
