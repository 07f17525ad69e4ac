"""difference = amount by today's figures − amount adopted, both of the adopted total: the differences sum to 0.00 €.

The same weights, model, offices and former amounts as then; only the values of the indicators and the counts of the
Bezugsgröße are those of today.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import NamedTuple

from budgets.distribution import DistributionError, Space, distribute
from budgets.quota import QuotaInputs
from indicators.burden import Number
from indicators.inputs import Inputs, Release
from jugendhilfe.lib.formats import format_date


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewedSpace:
    """One space: what was adopted, and what the figures of today would give of the same total."""

    key: str
    name: str
    region_name: str
    people_then: int
    people_now: int
    factor_then: Decimal
    factor_now: Decimal
    amount_then: Decimal
    amount_now: Decimal

    @property
    def difference(self) -> Decimal:
        return self.amount_now - self.amount_then


@dataclass(frozen=True, slots=True, kw_only=True)
class ReviewInputs:
    """What a held review rests on: `quota` and `calculation` by fingerprint, the figures of its day, what they gave."""

    format: int = 1
    quota: str
    calculation: str
    now: Inputs
    rows: tuple[ReviewedSpace, ...]


class Newer(NamedTuple):
    """Figures that have come since: of what, from which state then, from which today."""

    name: str
    then: str
    now: str


class Value(NamedTuple):
    """What an indicator says of a space, then and today; None where there is no value."""

    then: Number | None
    now: Number | None


class Indicator(NamedTuple):
    """An indicator with its values by official key."""

    name: str
    unit: str
    decimals: int
    values: dict[str, Value]


def review_quota(quota: QuotaInputs, now: Inputs) -> tuple[ReviewedSpace, ...]:
    """What the figures of today give; DistributionError where the spaces are others or the model does not work out."""
    calculated = now.calculate()
    people = {place.key: place.people for place in now.places}
    if {space.key for space in quota.spaces} != people.keys():
        raise DistributionError("Die Sozialräume sind heute andere als bei der Festlegung. Es braucht eine neue Quote.")
    spaces = [
        Space(space.key, len(space.offices), people[space.key], calculated.factors[space.key], space.previous)
        for space in quota.spaces
    ]
    then, _ = quota.results()
    found = distribute(quota.total, spaces, quota.model.model).amounts
    return tuple(
        ReviewedSpace(
            key=space.key,
            name=space.name,
            region_name=space.region_name,
            people_then=space.reference_population,
            people_now=people[space.key],
            factor_then=space.factor,
            factor_now=calculated.factors[space.key],
            amount_then=then[space.key],
            amount_now=found[space.key],
        )
        for space in quota.spaces
    )


def newer_figures(then: Inputs, now: Inputs) -> list[Newer]:
    """The indicators and the Bezugsgröße for which other figures are there today."""
    found = []
    before = {member.code: member for member in then.members}
    for member in now.members:
        old, new = before[member.code].release, member.release
        if old != new:
            found.append(Newer(member.name, _state(old), _state(new)))
    if (then.population_date, then.population_source, _people(then)) != (
        now.population_date,
        now.population_source,
        _people(now),
    ):
        states = (f"Stichtag {format_date(one.population_date)}" for one in (then, now))
        found.append(Newer(now.population, *states))
    return found


def values_of(then: Inputs, now: Inputs) -> list[Indicator]:
    """Every indicator that counts, with its values then and today."""
    columns = {member.code: column for column, member in enumerate(then.members)}
    before = {place.key: place for place in then.places}
    return [
        Indicator(
            member.short_name,
            member.unit,
            member.decimals,
            {
                place.key: Value(
                    then.members[columns[member.code]].value(before[place.key].cells[columns[member.code]])
                    if place.key in before
                    else None,
                    member.value(place.cells[column]),
                )
                for place in now.places
            },
        )
        for column, member in enumerate(now.members)
        if not member.dropped
    ]


def moved(rows: Sequence[ReviewedSpace]) -> Decimal:
    """What would change hands."""
    return sum((row.difference for row in rows if row.difference > 0), Decimal(0))


def losers(rows: Sequence[ReviewedSpace]) -> int:
    return sum(row.difference < 0 for row in rows)


def _people(inputs: Inputs) -> dict[str, int]:
    return {place.key: place.people for place in inputs.places}


def _state(release: Release | None) -> str:
    return f"{release.name}, Stichtag {format_date(release.reference_date)}" if release else "kein Datenstand"
