"""need · B · P_i c_ij / ΣP: what every indicator moves between the spaces, in euros; each column sums to 0.00 €.

A row begins with what the space would get if all had the same burden, and ends with its amount: the indicators, the
limits of the factors, floor and cap, and what rounding leaves stand in between. Every column is rounded to cents by
signed largest remainder.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import NamedTuple

from budgets.distribution import Distribution
from indicators.inputs import Calculated
from jugendhilfe.lib.formats import format_euro, format_euro_change
from jugendhilfe.lib.money import over_one, round_exactly, round_parts

ZERO = Decimal("0.00")
ROUNDING = "Rundung"
PRECISION = 10**15


class Mover(NamedTuple):
    """A column with what it moves of one space."""

    euros: Decimal
    head: str


class Row(NamedTuple):
    """One space: what it would get at equal burden, what moves that, what it gets, and why."""

    name: str
    start: Decimal
    parts: Sequence[Decimal]
    amount: Decimal
    sentence: str


@dataclass(frozen=True, slots=True)
class Contributions:
    """Euros by key: `start` and `amount` sum to the total, every column of `columns` (head, euros) to 0.00."""

    start: Mapping[str, Decimal]
    columns: Sequence[tuple[str, Mapping[str, Decimal]]]
    amount: Mapping[str, Decimal]
    previous: Mapping[str, Decimal | None]

    @property
    def heads(self) -> list[str]:
        return [head for head, _ in self.columns]

    @property
    def total(self) -> Decimal:
        return sum(self.amount.values(), ZERO)

    @property
    def sums(self) -> list[Decimal]:
        """0.00 for every column."""
        return [sum(euros.values(), ZERO) for _, euros in self.columns]

    def row(self, key: str) -> list[Decimal]:
        return [euros[key] for _, euros in self.columns]

    def rows(self, names: Iterable[tuple[str, str]]) -> list[Row]:
        """What pages show of spaces given by key and name."""
        return [
            Row(name, self.start[key], self.row(key), self.amount[key], self.sentence(key, name)) for key, name in names
        ]

    def movers(self, key: str) -> tuple[Mover | None, Mover | None]:
        """What lowers the amount of a space most, and what raises it most; rounding is neither."""
        moved = sorted(Mover(euros[key], head) for head, euros in self.columns if head != ROUNDING and euros[key])
        return (
            moved[0] if moved and moved[0].euros < 0 else None,
            moved[-1] if moved and moved[-1].euros > 0 else None,
        )

    def sentence(self, key: str, name: str) -> str:
        """Why the space with this name gets what it gets, for somebody who knows no formula."""
        lowering, raising = self.movers(key)
        amount, start, previous = self.amount[key], self.start[key], self.previous[key]
        gets = f"{name} bekommt {format_euro(amount)}"
        if previous is not None:
            gets += f", {_against(amount, previous)} ({format_euro(previous)})"
        if not lowering and not raising:
            return f"{gets}. Kein Indikator hebt oder senkt den Betrag."
        equal = f"Hätten alle Sozialräume die gleiche Belastung, wären es {format_euro(start)}"
        if previous is not None:
            equal += f", {_against(start, previous)}"
        said = []
        if raising:
            said.append(f"hebt den Betrag: {raising.head} ({format_euro_change(raising.euros)})")
        if lowering:
            pronoun = "ihn" if said else "den Betrag"
            said.append(f"senkt {pronoun}: {lowering.head} ({format_euro_change(lowering.euros)})")
        return f"{gets}. {equal}. Am meisten {', am meisten '.join(said)}."


def explained(distribution: Distribution, calculated: Calculated) -> Contributions:
    """What the indicators of a calculation move in a distribution by its factors."""
    result = calculated.result
    return contributions(
        distribution,
        dict(zip(result.keys, result.contributions.tolist(), strict=True)),
        dict(zip(result.keys, result.limits.tolist(), strict=True)),
        [member.short_name for member in calculated.members],
    )


def contributions(
    distribution: Distribution,
    shares: Mapping[str, Sequence[float]],
    limits: Mapping[str, float],
    heads: Sequence[str],
) -> Contributions:
    """Euros from contributions to the factor: `shares` by key in the order of `heads`, `limits` by key."""
    allocations = {allocation.space.key: allocation for allocation in distribution.allocations}
    people = {key: Fraction(allocation.space.reference_population) for key, allocation in allocations.items()}
    burdened = {key: people[key] * Fraction(allocation.space.factor) for key, allocation in allocations.items()}
    all_people, all_burdened = sum(people.values(), Fraction(0)), sum(burdened.values(), Fraction(0))
    pot = Fraction(distribution.total) * Fraction(distribution.model.need)
    heads_of, _ = over_one(people)
    all_heads = sum(heads_of.values())

    def moved(parts: Mapping[str, float]) -> dict[str, Decimal]:
        # Contributions are floats: what they miss to sum to nothing is taken off by heads, far below a cent.
        sized = {key: heads_of[key] * round(part * PRECISION) for key, part in parts.items()}
        excess = sum(sized.values())
        return round_parts(
            {key: 100 * pot.numerator * (size * all_heads - excess * heads_of[key]) for key, size in sized.items()},
            pot.denominator * all_heads**2 * PRECISION,
        ).amounts

    start = round_exactly(
        {
            key: allocation.target - pot * burdened[key] / all_burdened + pot * people[key] / all_people
            for key, allocation in allocations.items()
        }
    ).amounts
    columns = [(head, moved({key: shares[key][place] for key in allocations})) for place, head in enumerate(heads)]
    if any(limits.values()):
        columns.append(("Begrenzung", moved({key: limits[key] for key in allocations})))
    if any(allocation.held_by for allocation in allocations.values()):
        held = {key: allocation.exact - allocation.target for key, allocation in allocations.items()}
        columns.append(("Unter-/Obergrenze", round_exactly(held).amounts))
    amount = distribution.amounts
    rest = {key: amount[key] - start[key] - sum((euros[key] for _, euros in columns), ZERO) for key in allocations}
    previous = {key: allocation.space.previous for key, allocation in allocations.items()}
    return Contributions(start, [*columns, (ROUNDING, rest)], amount, previous)


def _against(amount: Decimal, previous: Decimal) -> str:
    if amount == previous:
        return "so viel wie bisher"
    return f"das sind {format_euro(abs(amount - previous))} {'mehr' if amount > previous else 'weniger'} als bisher"
