"""From an adopted distribution and the costs of offices to the variants of its split, as far as somebody sees them."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import groupby
from typing import Any, NamedTuple

from budgets.models import AdoptedDistribution, BlockMapping, OfficeCosts
from budgets.reading import region_totals
from budgets.split import BLOCKS, USUAL_MAPPING, Comparison, Line, Portion, Sums
from regions.access import Visitor, scope
from regions.models import OfficeContract, Region


@dataclass(frozen=True)
class Splittable:
    """What is there to be split: portions, costs by year and office, versions of the mapping, names of regions.

    `costs` is None for those who see no costs; years without any are left out.
    """

    distribution: AdoptedDistribution
    portions: tuple[Portion, ...]
    costs: Mapping[int, Mapping[int, Mapping[str, Decimal]]] | None
    mappings: Sequence[BlockMapping]
    regions: Mapping[int, str]
    is_example: bool

    @property
    def total(self) -> Decimal:
        return sum((portion.total for portion in self.portions), Decimal(0))

    @property
    def is_whole(self) -> bool:
        """Everything that is distributed, not only the offices of one carrier or region."""
        return len(self.portions) == len(portions_of(self.distribution))

    @property
    def cost_years(self) -> list[int]:
        """The newest first."""
        return sorted(self.costs or {}, reverse=True)

    @property
    def usual_cost_year(self) -> int | None:
        """The year itself or the last one before it; costs of later years where there are no others."""
        years, year = self.cost_years, self.distribution.year.year
        return next((one for one in years if one <= year), years[-1] if years else None)

    def mapping(self, version: int | None) -> Mapping[str, Decimal]:
        """A version by its number; where there is none yet, what the negotiation starts from."""
        found = next((one for one in self.mappings if one.version == version), None)
        return {block: getattr(found, block) for block in BLOCKS} if found else USUAL_MAPPING


def splittable(distribution: AdoptedDistribution, user: Visitor) -> Splittable:
    """As far as the user sees contracts: the county all, carriers and regions their own offices. Read `with_rows()`."""
    reach = scope(user, "view_contracts")
    portions = portions_of(distribution)
    if not reach.everything:
        contracts = OfficeContract.objects.filter(carrier__in=reach.carriers).valid_in(distribution.year.year)
        own = set(contracts.values_list("office", flat=True))
        regions = set(Region.objects.filter(pk__in=reach.regions).values_list("number", flat=True))
        portions = tuple(one for one in portions if one.office in own or one.region in regions)
    costs = OfficeCosts.objects.visible_to(user) if reach.everything or reach.carriers else None
    return _with(distribution, portions, costs)


def splittable_by_group(distribution: AdoptedDistribution) -> Splittable:
    """All of it, for a body that negotiates the split. Read `with_rows()`."""
    return _with(distribution, portions_of(distribution), OfficeCosts.objects.all())


def _with(distribution: AdoptedDistribution, portions: tuple[Portion, ...], costs: Any) -> Splittable:
    rows = list(costs.filter(office__in=[p.office for p in portions if p.office])) if costs is not None else []
    years = dict(costs.values_list("year", "year__year")) if rows else {}
    by_year: dict[int, dict[int, dict[str, Decimal]]] = {}
    for row in rows:
        by_year.setdefault(years[row.year_id], {})[row.office_id] = blocks_of(row)
    return Splittable(
        distribution=distribution,
        portions=portions,
        costs=by_year if costs is not None else None,
        mappings=list(BlockMapping.objects.all()),
        regions={region.number: region.name for region in region_totals(distribution)},
        is_example=distribution.is_example or any(row.is_example for row in rows),
    )


def blocks_of(costs: OfficeCosts) -> dict[str, Decimal]:
    """The euros of an office by block."""
    return {block: getattr(costs, block) for block in BLOCKS}


def portions_of(distribution: AdoptedDistribution) -> tuple[Portion, ...]:
    """What the offices get, by region and space; a space without an office keeps its amount."""
    offices: dict[int, list[Any]] = {}
    for office in distribution.office_rows.all():
        offices.setdefault(office.space_id, []).append(office)
    return tuple(
        Portion(
            space=row.space.key,
            space_name=row.space_name,
            region=row.region_number,
            office=office.office_id if office else None,
            office_name=office.office_name if office else "",
            carrier=office.carrier_name if office else "",
            total=office.amount if office else row.amount,
        )
        for row in distribution.rows.all()
        for office in offices.get(row.space_id) or [None]
    )


class Cell(NamedTuple):
    """One variant of a line: euros, the bound share in per cent, and the bound euros more than in the first variant."""

    bound: Decimal
    regional_1: Decimal
    percent: Decimal | None
    more: Decimal | None


class SplitRow(NamedTuple):
    """An office or a sum; a cell is None where its variant does not work out."""

    name: str
    note: str
    total: Decimal
    cells: list[Cell | None]


class SplitGroup(NamedTuple):
    sum: SplitRow
    rows: list[SplitRow]


def groups(comparison: Comparison, regions: Mapping[int, str]) -> list[SplitGroup]:
    """The offices by region, each region with its sum."""
    found = []
    for number, pairs in groupby(comparison.rows, key=lambda pair: pair[0].region):
        rows = list(pairs)
        found.append(
            SplitGroup(
                _sum(regions.get(number, f"Region {number}"), rows),
                [SplitRow(_name(p), _note(p), p.total, _cells(lines)) for p, lines in rows],
            )
        )
    return found


def by_carrier(comparison: Comparison) -> list[SplitRow]:
    """Sums by carrier, by name; last those whose carrier has no public name or who have no office."""
    carriers = sorted({portion.carrier for portion in comparison.portions}, key=lambda name: (not name, name))
    return [
        _sum(carrier or "ohne Angabe", [pair for pair in comparison.rows if pair[0].carrier == carrier])
        for carrier in carriers
    ]


def whole(comparison: Comparison, name: str) -> SplitRow:
    return _sum(name, comparison.rows)


def _name(portion: Portion) -> str:
    return portion.office_name or f"{portion.space_name} (ohne Büro)"


def _note(portion: Portion) -> str:
    return portion.carrier


def _sum(name: str, rows: Iterable[tuple[Portion, list[Line | None]]]) -> SplitRow:
    rows = list(rows)
    columns = zip(*(lines for _, lines in rows), strict=True)
    sums = [_sums(column) for column in columns]
    return SplitRow(name, "", sum((portion.total for portion, _ in rows), Decimal(0)), _cells(sums))


def _sums(lines: Iterable[Line | None]) -> Sums | None:
    known = [line for line in lines if line is not None]
    if not known:
        return None
    return Sums(sum((line.bound for line in known), Decimal(0)), sum((line.regional_1 for line in known), Decimal(0)))


def _cells(parts: Sequence[Line | Sums | None]) -> list[Cell | None]:
    first = parts[0] if parts else None
    return [
        Cell(
            part.bound,
            part.regional_1,
            _percent(part.bound, part.bound + part.regional_1),
            part.bound - first.bound if first is not None and place else None,
        )
        if part is not None
        else None
        for place, part in enumerate(parts)
    ]


def _percent(bound: Decimal, total: Decimal) -> Decimal | None:
    return 100 * bound / total if total else None
