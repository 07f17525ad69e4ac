"""Whom a transition binds: contracts that must name a smaller amount in time, and offices that must bear it."""

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from django.db.models import QuerySet

from budgets.models import OfficeCosts
from budgets.transition import Cover, Cut, Transition, cuts, sustainability
from regions.access import Visitor, scope
from regions.models import OfficeContract


@dataclass(frozen=True, slots=True, kw_only=True)
class ContractChange:
    """A contract that must name a smaller amount from the first day of a year on."""

    cut: Cut
    space: str
    office: str
    contract: OfficeContract | None
    carrier: str
    today: dt.date

    @property
    def ends_on(self) -> dt.date:
        """The last day on which the larger amount holds."""
        return self.cut.from_day - dt.timedelta(days=1)

    @property
    def ends_itself(self) -> bool:
        """The contract is over by then without a notice."""
        valid_to = self.contract.valid_to if self.contract else None
        return valid_to is not None and valid_to <= self.ends_on

    @property
    def notice_by(self) -> dt.date | None:
        """The last date for notice; the end of a year is an end of every half year, quarter and month as well."""
        return None if self.contract is None or self.ends_itself else self.contract.last_notice_date(self.ends_on)

    @property
    def is_overdue(self) -> bool:
        return self.notice_by is not None and self.notice_by < self.today

    @property
    def status(self) -> tuple[str, str]:
        """Kind and words of the badge."""
        if self.contract is None:
            return "neutral", "kein Vertrag bekannt"
        if self.ends_itself:
            return "neutral", "Vertrag endet ohnehin"
        if self.is_overdue:
            return "danger", "Frist überschritten"
        return "info", "Frist läuft"


def contract_changes(
    transition: Transition, contracts: Iterable[OfficeContract], today: dt.date
) -> list[ContractChange]:
    """Every office and year with less than the year before, with the last date for notice before that year begins.

    `contracts` are those the reader may see, with their `carrier_name`.
    """
    found, offices = [], {office.id: office for space in transition.inputs.spaces for office in space.offices}
    names = {space.key: space.name for space in transition.inputs.spaces}
    by_office: dict[int, list[OfficeContract]] = {}
    for one in contracts:
        by_office.setdefault(one.office_id, []).append(one)
    for cut in cuts(transition):
        if cut.office is None:
            continue
        contract = contract_of(by_office.get(cut.office, []), cut.year - 1)
        found.append(
            ContractChange(
                cut=cut,
                space=names[cut.space],
                office=offices[cut.office].name,
                contract=contract,
                carrier=getattr(contract, "carrier_name", None) or offices[cut.office].carrier,
                today=today,
            )
        )
    return found


def contract_of(contracts: Iterable[OfficeContract], year: int) -> OfficeContract | None:
    """The latest of these contracts of an office that has begun by the end of the year."""
    begun = [contract for contract in contracts if contract.valid_from <= dt.date(year, 12, 31)]
    return max(begun, key=lambda contract: contract.valid_from, default=None)


@dataclass(frozen=True, slots=True)
class Bearing:
    """An office: what its fixed costs are and what is bound for them in every year."""

    office: str
    space: str
    fixed: Decimal | None
    covers: tuple[Cover, ...]


def bearings(transition: Transition, user: Visitor, bound_percent: Decimal) -> list[Bearing]:
    """Tragfähigkeit of every office, for those who see all contracts; fixed costs are those of the first year."""
    if not scope(user, "view_contracts").everything:
        return []
    offices = {office.id: office.name for space in transition.inputs.spaces for office in space.offices}
    names = {space.key: space.name for space in transition.inputs.spaces}
    known = OfficeCosts.objects.visible_to(user).filter(year__year=transition.inputs.year, fixed__isnull=False)
    fixed = {office: amount for office, amount in known.values_list("office", "fixed") if amount is not None}
    bound = dict.fromkeys(offices, Fraction(bound_percent) / 100)
    found: dict[int, list[Cover]] = {}
    for cover in sustainability(transition, fixed, bound=bound):
        found.setdefault(cover.office, []).append(cover)
    return [
        Bearing(offices[office], names[covers[0].space], fixed.get(office), tuple(covers))
        for office, covers in found.items()
    ]


def contracts_seen_by(user: Visitor) -> QuerySet[OfficeContract]:
    """Contracts with the name of their carrier, as far as the user sees them."""
    return OfficeContract.objects.visible_to(user).with_carrier_name(user)
