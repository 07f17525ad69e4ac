"""amounts = distribute(inputs): all that an adopted distribution rests on, as canonical JSON that recomputes it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from budgets.distribution import Distribution, DistributionError, Model, Space, apply_quota, distribute
from jugendhilfe.lib.canonical import added_later
from jugendhilfe.lib.money import split_exactly

SHARE_PLACES = 18


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenOffice:
    """An office of that year; `carrier` is empty for freelancers, `share_percent` None means equal parts."""

    id: int
    name: str
    carrier: str = ""
    share_percent: Decimal | None = None


def split_by_contracts(amount: Decimal, offices: Sequence[FrozenOffice]) -> dict[int, Decimal]:
    """The amount of a space by office: by the shares of the contracts where all have one, else in equal parts.

    Shares that are all 0 agree on nothing.
    """
    if not offices:
        return {}
    agreed = [office.share_percent for office in offices]
    equal = None in agreed or not any(agreed)
    weights = {f"{office.id:020d}": Decimal(1) if equal else office.share_percent or Decimal(0) for office in offices}
    return {int(key): part for key, part in split_exactly(amount, weights).items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenSpace:
    """A social space of that day; `share` is given where an adopted quota was applied to another year's total."""

    key: str
    name: str
    region: int
    region_name: str
    reference_population: int
    factor: Decimal
    previous: Decimal | None
    offices: tuple[FrozenOffice, ...]
    share: Decimal | None = None

    def split(self, amount: Decimal) -> dict[int, Decimal]:
        """The amount by office."""
        return split_by_contracts(amount, self.offices)


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenModel:
    """A Verteilungsmodell as it was adopted; shares are parts of 1."""

    name: str
    code: str
    base: Decimal
    head: Decimal
    need: Decimal
    floor_percent: Decimal | None
    cap_percent: Decimal | None
    unit: Decimal
    gains_only: bool = added_later(False)

    @property
    def model(self) -> Model:
        return Model(
            base=self.base,
            head=self.head,
            need=self.need,
            before=Decimal(self.code == "M0"),
            floor_percent=self.floor_percent,
            cap_percent=self.cap_percent,
            unit=self.unit,
            gains_only=self.gains_only,
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class FrozenDeduction:
    name: str
    amount: Decimal
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QuotaInputs:
    """`gross` minus the deductions is `total`; `calculation` and `quota_of` name where figures come from, by hash."""

    format: int = 1
    year: int
    gross: Decimal
    deductions: tuple[FrozenDeduction, ...]
    total: Decimal
    model: FrozenModel
    scheme: str
    calculation: str
    previous_source: str
    without_office: str = ""
    quota_of: str = ""
    spaces: tuple[FrozenSpace, ...]

    def distribution(self) -> Distribution:
        """How the model distributes the total; not for an applied quota, which only knows its shares."""
        if self.quota_of:
            raise DistributionError("Diese Verteilung wendet eine festgelegte Quote an.")
        return distribute(
            self.total,
            [
                Space(space.key, len(space.offices), space.reference_population, space.factor, space.previous)
                for space in self.spaces
            ],
            self.model.model,
        )

    def results(self) -> tuple[dict[str, Decimal], dict[str, Decimal]]:
        """Amounts and shares of the total (18 decimals) by official key."""
        if self.quota_of:
            shares = {space.key: space.share or Decimal(0) for space in self.spaces}
            return apply_quota(shares, self.total, unit=self.model.unit), shares
        distribution = self.distribution()
        return distribution.amounts, {key: _share(exact) for key, exact in distribution.shares.items()}

    def office_amounts(self, amounts: Mapping[str, Decimal]) -> dict[int, Decimal]:
        """Amounts by the primary key of the office."""
        return {office: part for space in self.spaces for office, part in space.split(amounts[space.key]).items()}


def _share(exact: Fraction) -> Decimal:
    return Decimal(round(exact * 10**SHARE_PLACES)).scaleb(-SHARE_PLACES)
