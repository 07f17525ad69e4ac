"""What pages show of years and adopted distributions: sums per product and per region."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby

from budgets.basis import Place, places_of, previous_of
from budgets.distribution import distribute
from budgets.models import (
    AdoptedDistribution,
    Deduction,
    DistributionModel,
    DistributionRow,
    FiscalYear,
    Product,
    ProposalStatus,
    SpaceAmount,
)
from indicators.calculation import calculate
from jugendhilfe.lib.errors import DomainError
from regions.models import SocialSpace


@dataclass(frozen=True, slots=True)
class ProductLine:
    """A product of a year: its total, what is taken out, and what is left (of 363-200: what is distributed)."""

    product: Product
    total: Decimal
    deductions: Sequence[Deduction]

    @property
    def deducted(self) -> Decimal:
        return sum((deduction.amount for deduction in self.deductions), Decimal(0))

    @property
    def left(self) -> Decimal:
        return self.total - self.deducted


def product_lines(year: FiscalYear) -> list[ProductLine]:
    """The products of a year, 363-200 first; prefetch `deductions` for more than one year."""
    deductions = list(year.deductions.all())
    totals = ((Product.FAMILY, year.total_family), (Product.HELP, year.total_help))
    return [
        ProductLine(product, total, [deduction for deduction in deductions if deduction.product == product])
        for product, total in totals
    ]


@dataclass(frozen=True, slots=True)
class OfficeShare:
    """What an office gets, with the name its space had that day."""

    office_name: str
    carrier_name: str
    space_name: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class RegionTotal:
    """What a region gets by an adopted distribution, with its spaces and offices; `previous` None: nothing known."""

    number: int
    name: str
    amount: Decimal
    previous: Decimal | None
    spaces: Sequence[DistributionRow]
    offices: Sequence[OfficeShare]

    @property
    def change(self) -> Decimal | None:
        return None if self.previous is None else self.amount - self.previous


def region_totals(distribution: AdoptedDistribution) -> list[RegionTotal]:
    """The regions of a distribution by number; one read with `with_rows()` needs no further query."""
    offices = list(distribution.office_rows.all())
    totals = []
    for number, group in groupby(distribution.rows.all(), key=lambda row: row.region_number):
        spaces = list(group)
        names = {row.space_id: row.space_name for row in spaces}
        totals.append(
            RegionTotal(
                number=number,
                name=_region_name(number, spaces),
                amount=sum((row.amount for row in spaces), Decimal(0)),
                previous=sum_of_known(row.previous for row in spaces),
                spaces=spaces,
                offices=[
                    OfficeShare(row.office_name, row.carrier_name, names[row.space_id], row.amount)
                    for row in offices
                    if row.space_id in names
                ],
            )
        )
    return totals


def _region_name(number: int, spaces: Sequence[DistributionRow]) -> str:
    # A space may have moved to another region since: then only the number of that day is certain.
    names = [row.space.region.name for row in spaces if row.space.region.number == number]
    return names[0] if names else f"Region {number}"


def sum_of_known(amounts: Iterable[Decimal | None]) -> Decimal | None:
    """The sum of those that are known; None where none is."""
    known = [amount for amount in amounts if amount is not None]
    return sum(known, Decimal(0)) if known else None


def sums_by_region(amounts: Iterable[SpaceAmount]) -> list[tuple[str, Decimal]]:
    """Region and the sum of its amounts, for the amounts of a year in their order (by region)."""
    return [
        (region.name, sum((row.amount for row in group), Decimal(0)))
        for region, group in groupby(amounts, key=lambda row: row.space.region)
    ]


@dataclass(frozen=True, slots=True)
class ProposalOfRegion:
    """What a proposed model would give some spaces of one region: name, amount, and change against last year."""

    proposal: DistributionModel
    spaces: Sequence[tuple[str, Decimal, Decimal | None]] = ()
    is_computable: bool = True

    @property
    def total(self) -> Decimal:
        return sum((amount for _, amount, _ in self.spaces), Decimal(0))


def proposals_for(spaces: Iterable[SocialSpace], year: FiscalYear) -> list[ProposalOfRegion]:
    """The open proposals of a year, cut down to these spaces; computed anew, one calculation for each scheme."""
    proposals = list(year.models.filter(status=ProposalStatus.PROPOSED).select_related("scheme__population"))
    total = product_lines(year)[0].left
    keys = {space.key for space in spaces}
    previous = previous_of(year.year)
    known: dict[int, list[Place]] = {}
    found = []
    for proposal in proposals:
        try:
            if proposal.scheme_id not in known:
                calculated = calculate(proposal.scheme)
                known[proposal.scheme_id] = places_of(calculated.inputs, calculated.factors, year.year, previous)
            places = known[proposal.scheme_id]
            amounts = distribute(total, [place.space for place in places], proposal.arithmetic).amounts
        except DomainError:
            # The reason may name spaces of other regions, so it is not for this page.
            found.append(ProposalOfRegion(proposal, is_computable=False))
            continue
        own = [place for place in places if place.key in keys]
        found.append(ProposalOfRegion(proposal, [_line(place, amounts[place.key]) for place in own]))
    return found


def _line(place: Place, amount: Decimal) -> tuple[str, Decimal, Decimal | None]:
    previous = place.space.previous
    return place.name, amount, None if previous is None else amount - previous
