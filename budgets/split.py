"""bound = total · p / 100, regional budget 1 = total − bound; by cost blocks p = Σ block · share / Σ block.

The bound budget is rounded half to even to cents and regional budget 1 is what remains, so nothing is lost. p is one
percentage for all, one per space, or comes from the office's own costs: a mapping says which part of each block is
bound. It is applied to an office, or to a space that has none.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction

from budgets.quota import FrozenOffice, split_by_contracts
from jugendhilfe.lib.errors import DomainError
from jugendhilfe.lib.money import from_cents

NOTHING = Decimal("0.00")
BLOCKS = {
    "operating": "Betriebskosten",
    "material": "Sachkosten",
    "network": "Netzwerktätigkeit",
    "projects": "Angebote und Projekte",
}
# What the county negotiates; this is where it starts.
USUAL_MAPPING: Mapping[str, Decimal] = {
    "operating": Decimal(100),
    "material": Decimal(100),
    "network": Decimal(100),
    "projects": Decimal(0),
}


class SplitError(DomainError):
    """The total cannot be split like this."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Portion:
    """What an office gets; `office` is None where the space has none and the amount stays with it ("ohne Büro")."""

    space: str
    space_name: str
    region: int
    office: int | None
    office_name: str
    carrier: str
    total: Decimal


def portions(
    space: str, space_name: str, region: int, total: Decimal, offices: Sequence[FrozenOffice]
) -> tuple[Portion, ...]:
    """The total of a space by office, by the shares of the contracts or in equal parts."""
    if not offices:
        return (_portion(space, space_name, region, total, None),)
    parts = split_by_contracts(total, offices)
    return tuple(_portion(space, space_name, region, parts[office.id], office) for office in offices)


def _portion(space: str, space_name: str, region: int, total: Decimal, office: FrozenOffice | None) -> Portion:
    return Portion(
        space=space,
        space_name=space_name,
        region=region,
        office=office.id if office else None,
        office_name=office.name if office else "",
        carrier=office.carrier if office else "",
        total=total,
    )


@dataclass(frozen=True, slots=True)
class OnePercentage:
    """The same percentage of every total is bound."""

    percent: Decimal

    def share(self, portion: Portion) -> Fraction:
        return _share(self.percent, "Der gebundene Anteil")


@dataclass(frozen=True, slots=True)
class BySpace:
    """A percentage for every space, by its key."""

    percents: Mapping[str, Decimal]

    def share(self, portion: Portion) -> Fraction:
        if portion.space not in self.percents:
            raise SplitError(f"{portion.space_name}: Es fehlt der gebundene Anteil.")
        return _share(self.percents[portion.space], f"{portion.space_name}: Der gebundene Anteil")


@dataclass(frozen=True, slots=True)
class ByBlocks:
    """The mapping says per block how much is bound; `costs` are euros by office and block."""

    costs: Mapping[int, Mapping[str, Decimal]]
    mapping: Mapping[str, Decimal] = field(default_factory=lambda: USUAL_MAPPING)

    def share(self, portion: Portion) -> Fraction:
        costs = self.costs.get(portion.office, {}) if portion.office is not None else {}
        name = portion.office_name or f"{portion.space_name} (ohne Büro)"
        if unknown := sorted(block for block in costs if block not in self.mapping):
            raise SplitError(f"{name}: Die Zuordnung kennt diese Kostenblöcke nicht: {', '.join(unknown)}.")
        if any(amount < 0 for amount in costs.values()):
            raise SplitError(f"{name}: Ein Kostenblock ist negativ.")
        whole = sum((Fraction(amount) for amount in costs.values()), Fraction(0))
        if not whole:
            raise SplitError(f"{name}: Für dieses Büro sind keine Kosten nach Blöcken erfasst.")
        bound = (
            Fraction(amount) * _share(self.mapping[block], BLOCKS.get(block, block)) for block, amount in costs.items()
        )
        return sum(bound, Fraction(0)) / whole


type Rule = OnePercentage | BySpace | ByBlocks


@dataclass(frozen=True, slots=True)
class Line:
    """One portion, split; `percent` is the exact share that is bound."""

    portion: Portion
    percent: Fraction
    bound: Decimal
    regional_1: Decimal


@dataclass(frozen=True, slots=True)
class Sums:
    """A region or all together."""

    bound: Decimal
    regional_1: Decimal

    @property
    def total(self) -> Decimal:
        return self.bound + self.regional_1


@dataclass(frozen=True, slots=True)
class Split:
    """All portions, split by one rule."""

    lines: tuple[Line, ...]

    @property
    def regions(self) -> dict[int, Sums]:
        """Sums by number of the region."""
        numbers = sorted({line.portion.region for line in self.lines})
        return {number: _sums(line for line in self.lines if line.portion.region == number) for number in numbers}

    @property
    def carriers(self) -> dict[str, Sums]:
        """Sums by name of the carrier; those of freelancers and of spaces without an office stand under ""."""
        names = sorted({line.portion.carrier for line in self.lines})
        return {name: _sums(line for line in self.lines if line.portion.carrier == name) for name in names}

    @property
    def sum(self) -> Sums:
        return _sums(self.lines)


def bound_part(total: Decimal, share: Fraction) -> Decimal:
    """The bound budget of a total: its share (of 1), rounded half to even to cents."""
    return from_cents(round(Fraction(total) * share * 100))


def split(portions: Iterable[Portion], rule: Rule) -> Split:
    """Every portion into bound budget and its contribution to regional budget 1; SplitError says what is missing."""
    lines = []
    for portion in portions:
        share = rule.share(portion)
        bound = bound_part(portion.total, share)
        lines.append(Line(portion, 100 * share, bound, portion.total - bound))
    return Split(tuple(lines))


@dataclass(frozen=True, slots=True)
class Variant:
    """One rule on all portions, or the sentence that says why it does not work out."""

    name: str
    rule: Rule
    split: Split | None
    error: str = ""


@dataclass(frozen=True, slots=True)
class Comparison:
    """The variants side by side; `rows` has one line per portion and variant, None where a variant does not work."""

    portions: tuple[Portion, ...]
    variants: tuple[Variant, ...]

    @property
    def rows(self) -> list[tuple[Portion, list[Line | None]]]:
        return [
            (portion, [variant.split.lines[place] if variant.split else None for variant in self.variants])
            for place, portion in enumerate(self.portions)
        ]

    @property
    def sums(self) -> list[Sums | None]:
        return [variant.split.sum if variant.split else None for variant in self.variants]


def compare(portions: Iterable[Portion], rules: Mapping[str, Rule]) -> Comparison:
    """Split by every rule; one that does not work out says why and leaves the others alone."""
    portions = tuple(portions)
    return Comparison(portions, tuple(_variant(name, rule, portions) for name, rule in rules.items()))


def _variant(name: str, rule: Rule, portions: tuple[Portion, ...]) -> Variant:
    try:
        return Variant(name, rule, split(portions, rule))
    except SplitError as error:
        return Variant(name, rule, None, str(error))


def _share(percent: Decimal, label: str) -> Fraction:
    if not percent.is_finite() or not 0 <= percent <= 100:
        raise SplitError(f"{label} liegt nicht zwischen 0\u00a0% und 100\u00a0%.")
    return Fraction(percent) / 100


def _sums(lines: Iterable[Line]) -> Sums:
    lines = tuple(lines)
    return Sums(sum((line.bound for line in lines), NOTHING), sum((line.regional_1 for line in lines), NOTHING))
