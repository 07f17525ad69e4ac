"""From one version of a scheme to another: what is different, who decided, and what that moves in factors and euros.

Both distribute the same amount by burden alone (M2), so that nothing but the versions makes the difference. What a
space gains or loses is the difference of its contributions, hence every column sums to 0.00 €.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from django.utils import timezone

from budgets.contributions import ROUNDING, Contributions, contributions
from budgets.distribution import Space, build_model, distribute
from indicators.inputs import Calculated, Inputs, Member, Place
from indicators.models import Transform, WeightingScheme
from indicators.reading import Outcome, facts_of, outcome_of
from jugendhilfe.lib.formats import format_date, format_number, format_percent

LIMITS = "Begrenzung"
POPULATION = "Bezugsgröße"
ZERO = Decimal("0.00")
# What a decision says is told apart from how the scheme computes.
DECISIONS = {"festgelegt am", "Grundlage der Festlegung"}


@dataclass(frozen=True, slots=True)
class Change:
    """One thing that is different; "–" where a version does not have it."""

    what: str
    before: str
    now: str


@dataclass(frozen=True, slots=True)
class Row:
    """One space: its factors, its euros where there is an amount, and what makes the difference."""

    place: Place
    factor_before: Decimal
    factor: Decimal
    before: Decimal | None = None
    amount: Decimal | None = None
    parts: tuple[Decimal, ...] = ()

    @property
    def factor_change(self) -> Decimal:
        return self.factor - self.factor_before

    @property
    def change(self) -> Decimal | None:
        return None if self.amount is None or self.before is None else self.amount - self.before


@dataclass(frozen=True)
class SchemeComparison:
    """`total` is distributed by both; None where there is no year."""

    old: WeightingScheme
    new: WeightingScheme
    total: Decimal | None

    @cached_property
    def outcomes(self) -> tuple[Outcome, Outcome]:
        return outcome_of(self.old), outcome_of(self.new)

    @property
    def problems(self) -> list[tuple[WeightingScheme, str]]:
        """Why a version has no factors, or why the two cannot be set against each other."""
        pairs = zip((self.old, self.new), self.outcomes, strict=True)
        found = [(scheme, str(outcome.refusal)) for scheme, outcome in pairs if outcome.refusal]
        if not found and (other := self._other_spaces):
            found.append((self.new, f"Die Fassungen kennen verschiedene Sozialräume: {', '.join(other)}."))
        return found

    @cached_property
    def changes(self) -> list[Change]:
        before, now = (dict(self._facts(version)) for version in (0, 1))
        return [
            Change(what, before.get(what, "–"), now.get(what, "–"))
            for what in {**before, **now}
            if before.get(what) != now.get(what)
        ]

    @property
    def decisions(self) -> list[Change]:
        """Who proposed and decided, when, and on what basis."""
        before, now = (_decision(scheme) for scheme in (self.old, self.new))
        return [Change(what, value, now[what]) for what, value in before.items()]

    @cached_property
    def heads(self) -> list[str]:
        """What moves euros, as the columns of `parts`."""
        return [self._names.get(head, head) for head in self._columns]

    @cached_property
    def rows(self) -> list[Row]:
        if self.problems:
            return []
        old, new = self._calculated
        places = sorted(new.inputs.places, key=lambda place: (place.region, place.name))
        if self._moved is None:
            return [Row(place, old.factors[place.key], new.factors[place.key]) for place in places]
        before, now = self._moved
        return [
            Row(
                place,
                old.factors[place.key],
                new.factors[place.key],
                before.amount[place.key],
                now.amount[place.key],
                tuple(parts[place.key] for parts in self._columns.values()),
            )
            for place in places
        ]

    @property
    def sums(self) -> list[Decimal]:
        """0.00 for every column."""
        return [sum(parts.values(), ZERO) for parts in self._columns.values()]

    @property
    def moved(self) -> Decimal:
        """What the new version moves between the spaces."""
        return sum((row.change for row in self.rows if row.change and row.change > 0), ZERO)

    @property
    def is_example(self) -> bool:
        return any(outcome.inputs.is_example for outcome in self.outcomes if outcome.inputs)

    @cached_property
    def _calculated(self) -> tuple[Calculated, Calculated]:
        old, new = (outcome.calculated for outcome in self.outcomes)
        assert old is not None
        assert new is not None
        return old, new

    @cached_property
    def _other_spaces(self) -> list[str]:
        names = [{place.key: place.name for place in one.inputs.places} for one in self._calculated]
        return sorted((names[0] | names[1])[key] for key in names[0].keys() ^ names[1].keys())

    @cached_property
    def _names(self) -> dict[str, str]:
        return {member.code: member.short_name for one in self._calculated for member in one.members}

    @cached_property
    def _moved(self) -> tuple[Contributions, Contributions] | None:
        if not self.total:
            return None
        old, new = self._calculated
        return _by_need(self.total, old), _by_need(self.total, new)

    @cached_property
    def _columns(self) -> Mapping[str, Mapping[str, Decimal]]:
        """Per column (code of the indicator, or what else it is) the euros by key."""
        if self.problems or self._moved is None:
            return {}
        before, now = self._moved
        parts = [{POPULATION: one.start, **dict(one.columns)} for one in (before, now)]
        indicators = [code for code in {**parts[1], **parts[0]} if code not in {POPULATION, LIMITS, ROUNDING}]
        columns = {}
        for head in (POPULATION, *indicators, LIMITS, ROUNDING):
            nothing: Mapping[str, Decimal] = dict.fromkeys(now.amount, ZERO)
            was, is_now = (one.get(head, nothing) for one in parts)
            found = {key: is_now[key] - was[key] for key in now.amount}
            if head in indicators or any(found.values()):
                columns[head] = found
        return columns

    def _facts(self, version: int) -> Iterator[tuple[str, str]]:
        scheme, outcome = (self.old, self.new)[version], self.outcomes[version]
        yield from (fact for fact in facts_of(scheme) if fact[0] not in DECISIONS)
        if outcome.inputs is not None:
            yield from _facts_of_inputs(outcome.inputs)
        if outcome.calculated is not None:
            result = outcome.calculated.result
            for member, value in zip(outcome.calculated.members, result.county_values.tolist(), strict=True):
                yield f"{member.short_name}: Kreiswert", format_number(value, max(member.decimals, 2))


def _by_need(total: Decimal, calculated: Calculated) -> Contributions:
    result = calculated.result
    spaces = [Space(place.key, 0, place.people, calculated.factors[place.key]) for place in calculated.inputs.places]
    return contributions(
        distribute(total, spaces, build_model("M2")),
        dict(zip(result.keys, result.contributions.tolist(), strict=True)),
        dict(zip(result.keys, result.limits.tolist(), strict=True)),
        [member.code for member in calculated.members],
    )


def _facts_of_inputs(inputs: Inputs) -> Iterator[tuple[str, str]]:
    for group in inputs.groups:
        way = "geometrisch" if group.aggregation == "geometric" else "arithmetisch"
        yield f"Dimension {group.name}", f"{format_number(group.weight, 2)} Punkte, {way}"
    shares = inputs.shares() if inputs.members else {}
    names = {group.code: group.name for group in inputs.groups}
    for member in inputs.members:
        yield f"{member.short_name}: Gewicht", format_percent(100 * shares[member.code], 2)
        yield from ((f"{member.short_name}: {what}", value) for what, value in _facts_of(member, names))


def _facts_of(member: Member, names: Mapping[str, str]) -> Iterator[tuple[str, str]]:
    if member.release:
        yield "Datenstand", f"{member.release.name}, Stichtag {format_date(member.release.reference_date)}"
    if member.dimension:
        yield "Dimension", names[member.dimension]
    if member.transform == "log":
        yield "Umformung", Transform.LOG.label
    if member.low is not None and member.high is not None:
        yield "Eckwerte", f"{format_number(member.low, 2)} bis {format_number(member.high, 2)}"
    if member.dropped:
        yield "weggelassen", member.dropped


def _decision(scheme: WeightingScheme) -> dict[str, str]:
    steps = (
        ("angelegt", scheme.created_at, scheme.created_by),
        ("vorgeschlagen", scheme.proposed_at, scheme.proposed_by),
        ("festgelegt", scheme.adopted_at, scheme.adopted_by),
    )
    return {
        "Stand": scheme.get_status_display(),
        **{
            what: f"{format_date(timezone.localtime(at))}{f', {who}' if who else ''}" if at else "–"
            for what, at, who in steps
        },
        "Grundlage der Festlegung": scheme.legal_basis or "–",
    }
