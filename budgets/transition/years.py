"""amount = quota − given + compensation + from rest: a year of a transition by space and by region."""

from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from functools import cached_property

from budgets.transition.inputs import Rest

NOTHING = Decimal("0.00")


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A space in a year. `given` is what it gives of its gain to the compensation of others, `share` its exact part."""

    key: str
    region: int
    share: Fraction
    quota: Decimal
    given: Decimal
    compensation: Decimal
    from_rest: Decimal
    amount: Decimal
    before: Decimal | None
    old: Decimal | None

    @property
    def change(self) -> Decimal | None:
        """Against the year before; None where there was nothing to compare with."""
        return None if self.before is None else self.amount - self.before

    @property
    def change_from_old(self) -> Decimal | None:
        """Against the amount before the transition."""
        return None if self.old is None else self.amount - self.old


@dataclass(frozen=True, slots=True, kw_only=True)
class RegionLine:
    """A region in a year: its spaces, and what goes into its regional budget 1: released, and from the rest."""

    number: int
    name: str
    amount: Decimal
    released: Decimal
    from_rest: Decimal

    @property
    def regional_1(self) -> Decimal:
        return self.released + self.from_rest

    @property
    def total(self) -> Decimal:
        return self.amount + self.regional_1


@dataclass(frozen=True, kw_only=True)
class PlanYear:
    """One year: `total` = `base` + `extra`. `paid_percent` is the part of the deficits that is still compensated."""

    year: int
    step: int
    base: Decimal
    extra: Decimal
    paid_percent: Fraction
    rows: tuple[Row, ...]
    regions: tuple[RegionLine, ...]
    released: Decimal
    rest: Decimal
    rest_to: Rest
    reserve: Decimal

    @property
    def total(self) -> Decimal:
        return self.base + self.extra

    @cached_property
    def quota(self) -> Decimal:
        return total_of(row.quota for row in self.rows)

    @cached_property
    def given(self) -> Decimal:
        return total_of(row.given for row in self.rows)

    @cached_property
    def compensation(self) -> Decimal:
        return total_of(row.compensation for row in self.rows)

    @cached_property
    def from_rest(self) -> Decimal:
        """What of the rest goes to the spaces."""
        return total_of(row.from_rest for row in self.rows)

    @cached_property
    def amount(self) -> Decimal:
        """All spaces together."""
        return total_of(row.amount for row in self.rows)

    @cached_property
    def regional_1(self) -> Decimal:
        """All that goes into regional budget 1: released, and the rest where it goes there."""
        return total_of(line.regional_1 for line in self.regions)

    @cached_property
    def by_key(self) -> dict[str, Row]:
        return {row.key: row for row in self.rows}


def total_of(amounts: Iterable[Decimal]) -> Decimal:
    """Their sum, 0.00 of none."""
    return sum(amounts, NOTHING)
