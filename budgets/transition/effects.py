"""change_i(t) = amount_i(t) − amount_i(t − 1): whom a year brings less, what a switch moves, who can bear it.

The amount of a space is split over its offices by the shares of their contracts, in every year the same.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from typing import Literal

from budgets.quota import split_by_contracts
from budgets.split import bound_part
from budgets.transition.inputs import SWITCHES, PlanSpace
from budgets.transition.plan import Transition, TransitionInputs
from budgets.transition.years import PlanYear
from jugendhilfe.lib.errors import DomainError
from jugendhilfe.lib.money import from_cents

NOTHING = Decimal("0.00")


@dataclass(frozen=True, slots=True)
class Cut:
    """A year brings an office less than the year before; `office` is None where the space has none."""

    year: int
    space: str
    office: int | None
    before: Decimal
    amount: Decimal

    @property
    def less(self) -> Decimal:
        return self.before - self.amount

    @property
    def from_day(self) -> dt.date:
        """The day from which the contract must name the smaller amount."""
        return dt.date(self.year, 1, 1)


def cuts(transition: Transition) -> tuple[Cut, ...]:
    """Every office and year with less than the year before, by year and space; the first against the old amounts."""
    found = []
    for year in transition.years:
        for space in transition.inputs.spaces:
            row = year.by_key[space.key]
            if row.before is None:
                continue
            before, now = by_office(space, row.before), by_office(space, row.amount)
            found += [
                Cut(year.year, space.key, office, before[office], amount)
                for office, amount in now.items()
                if amount < before[office]
            ]
    return tuple(found)


def by_office(space: PlanSpace, amount: Decimal) -> dict[int | None, Decimal]:
    """The amount of a space by office; all of it under None where it has none."""
    if not space.offices:
        return {None: amount}
    return dict(split_by_contracts(amount, space.offices).items())


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over all years: amounts by space and by region, regional budget 1 by region, and the reserve."""

    spaces: dict[str, Decimal]
    regions: dict[int, Decimal]
    regional_1: dict[int, Decimal]
    reserve: Decimal

    def minus(self, other: "Totals") -> "Totals":
        """What is different here, in euros."""
        return Totals(
            {key: amount - other.spaces[key] for key, amount in self.spaces.items()},
            {number: amount - other.regions[number] for number, amount in self.regions.items()},
            {number: amount - other.regional_1[number] for number, amount in self.regional_1.items()},
            self.reserve - other.reserve,
        )


def totals(transition: Transition) -> Totals:
    """What every space and region gets over all years that are shown."""
    years, inputs = transition.years, transition.inputs
    lines = [line for year in years for line in year.regions]
    return Totals(
        {space.key: sum((year.by_key[space.key].amount for year in years), NOTHING) for space in inputs.spaces},
        {r.number: sum((line.amount for line in lines if line.number == r.number), NOTHING) for r in inputs.regions},
        {
            r.number: sum((line.regional_1 for line in lines if line.number == r.number), NOTHING)
            for r in inputs.regions
        },
        sum((year.reserve for year in years), NOTHING),
    )


@dataclass(frozen=True, slots=True)
class Alternative:
    """One answer to an open question: what it comes to and what that changes; None and `error` where it cannot be."""

    value: str
    label: str
    is_chosen: bool
    transition: Transition | None = None
    totals: Totals | None = None
    change: Totals | None = None
    error: str = ""


def compare_switches(inputs: TransitionInputs, switch: str) -> tuple[Alternative, ...]:
    """Every answer to the question `switch` (a name of SWITCHES), all else as chosen, against the answer chosen."""
    chosen: str = getattr(inputs, switch)
    try:
        start = totals(inputs.results())
    except DomainError:
        start = None
    found = []
    for value, label in SWITCHES[switch].answers.items():
        try:
            transition = replace(inputs, **{switch: value}).results()  # type: ignore[arg-type]
        except DomainError as error:
            found.append(Alternative(value, label, value == chosen, error=str(error)))
            continue
        sums = totals(transition)
        found.append(Alternative(value, label, value == chosen, transition, sums, sums.minus(start) if start else None))
    return tuple(found)


@dataclass(frozen=True, slots=True)
class Cover:
    """The bound budget of an office in a year against its recognised fixed costs; None where none are known."""

    year: int
    space: str
    office: int
    bound: Decimal
    fixed: Decimal | None

    @property
    def gap(self) -> Decimal | None:
        """Euros that are missing; 0.00 where the budget covers the costs."""
        return None if self.fixed is None else max(NOTHING, self.fixed - self.bound)

    @property
    def status(self) -> Literal["covered", "gap"] | None:
        if self.gap is None:
            return None
        return "gap" if self.gap else "covered"


def sustainability(
    transition: Transition,
    fixed_costs: Mapping[int, Decimal],
    *,
    bound: Mapping[int, Fraction] | None = None,
    indexed: bool = False,
) -> tuple[Cover, ...]:
    """Tragfähigkeit per office and year, by year and space.

    `fixed_costs` are euros of the first year by office, which grow by the index if `indexed`; `bound` is the part of 1
    that is bound by office, all where none is given.
    """
    return tuple(
        Cover(
            year=year.year,
            space=space.key,
            office=office,
            bound=bound_part(amount, (bound or {}).get(office, Fraction(1))),
            fixed=_grown(fixed_costs.get(office), transition.inputs, year, indexed=indexed),
        )
        for year in transition.years
        for space in transition.inputs.spaces
        for office, amount in split_by_contracts(year.by_key[space.key].amount, space.offices).items()
    )


def _grown(costs: Decimal | None, inputs: TransitionInputs, year: PlanYear, *, indexed: bool) -> Decimal | None:
    if costs is None or not indexed:
        return costs
    return from_cents(round(Fraction(costs) * inputs.growth(year.step) * 100))
