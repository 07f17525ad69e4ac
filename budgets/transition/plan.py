"""Σ_i (quota_i − given_i + compensation_i + rest_i) + released + rest of regional budget 1 + reserve = base + extra.

With g(t) the product of (1 + index) up to year t, base and extra funds of a year are those of the first year times
g(t), rounded once, half to even. The pool for the compensation is the deficits of the first year times g(t): what a
year does not pay out of it is released.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from budgets.distribution import apply_quota, check_amount, check_number
from budgets.transition.inputs import (
    KINDS,
    SWITCHES,
    Deficits,
    InsufficientFunds,
    Kind,
    PlanRegion,
    PlanSpace,
    QuotaOn,
    Rest,
    TransitionError,
)
from budgets.transition.years import NOTHING, PlanYear, RegionLine, Row, total_of
from jugendhilfe.lib.formats import format_euro
from jugendhilfe.lib.money import CENT, UNITS, from_cents, split_exactly

type Euros = dict[str, Decimal]


@dataclass(frozen=True, slots=True, kw_only=True)
class TransitionInputs:
    """All that a transition rests on; `jugendhilfe.lib.canonical` stores it, `results` computes it again.

    `base` and `extra` are those of the first year, `index` is one percentage for each later year that is shown, `quota`
    the fingerprint of the distribution the shares come from and `source` its name in words.
    """

    format: int = 1
    year: int
    kind: Kind
    base: Decimal
    extra: Decimal
    index: tuple[Decimal, ...]
    steps: int = 4
    quota_on: QuotaOn = "without_increase"
    deficits: Deficits = "frozen"
    rest: Rest = "reserve"
    regions: tuple[PlanRegion, ...]
    spaces: tuple[PlanSpace, ...]
    unit: Decimal = CENT
    quota: str = ""
    source: str = ""
    is_example: bool = False

    def results(self) -> "Transition":
        """The whole way, year by year; TransitionError where it is not computable, with the missing amount."""
        _check(self)
        start = _start(self)
        years: list[PlanYear] = []
        before: Mapping[str, Decimal | None] = {space.key: space.previous for space in self.spaces}
        for step in range(len(self.index) + 1):
            years.append(_year(self, start, step, before))
            before = {row.key: row.amount for row in years[-1].rows}
        return Transition(self, start.deficits, tuple(years))

    def growth(self, step: int) -> Fraction:
        """What an amount of the first year has grown to so many years later."""
        grown = Fraction(1)
        for percent in self.index[:step]:
            grown *= 1 + Fraction(percent) / 100
        return grown

    @property
    def last_step(self) -> int:
        """How many years after the first the quota is reached."""
        return {"compensation": self.steps, "convergence": self.steps - 1}.get(self.kind, 0)

    @property
    def key(self) -> dict[int, Decimal]:
        """Weight of each region in what is freed: as agreed, else the need of its spaces."""
        return {
            region.number: sum((s.need for s in self.spaces if s.region == region.number), Decimal(0))
            if region.weight is None
            else region.weight
            for region in self.regions
        }


@dataclass(frozen=True)
class Transition:
    """The way to the quota: `deficits` are those of the first year, of the spaces that fall short."""

    inputs: TransitionInputs
    deficits: Euros
    years: tuple[PlanYear, ...]

    def rows_of(self, key: str) -> tuple[Row, ...]:
        """One space over all years."""
        return tuple(year.by_key[key] for year in self.years)


@dataclass(frozen=True, slots=True)
class _Start:
    """What the first year settles: exact shares, deficits of those who fall short, gains of the others."""

    target: dict[str, Fraction]
    old: dict[str, Fraction]
    deficits: Euros
    gains: Euros


def _start(inputs: TransitionInputs) -> _Start:
    whole = sum((Fraction(space.share) for space in inputs.spaces), Fraction(0))
    target = {space.key: Fraction(space.share) / whole for space in inputs.spaces}
    if inputs.kind == "convergence":
        before = sum((Fraction(space.previous or 0) for space in inputs.spaces), Fraction(0))
        if not before:
            raise TransitionError("Für die Angleichung fehlen die bisherigen Beträge.")
        return _Start(target, {s.key: Fraction(s.previous or 0) / before for s in inputs.spaces}, {}, {})
    if inputs.kind == "at_once":
        return _Start(target, {}, {}, {})
    quota = _quota(inputs, target, 0)
    changes = {s.key: quota[s.key] - s.previous for s in inputs.spaces if s.previous is not None}
    return _Start(
        target,
        {},
        {key: -change for key, change in changes.items() if change < 0},
        {key: change for key, change in changes.items() if change > 0},
    )


def _year(inputs: TransitionInputs, start: _Start, step: int, before: Mapping[str, Decimal | None]) -> PlanYear:
    base, extra = _funds(inputs, step)
    shares = _shares(inputs, start, step)
    quota = _quota(inputs, shares, step)
    given: Euros = {}
    compensation: Euros = {}
    released, rest = NOTHING, extra if inputs.quota_on == "without_increase" else NOTHING
    if inputs.kind == "compensation":
        compensation = _compensation(inputs, start, step, quota)
        pool = _pool(inputs, start, step, total_of(compensation.values()))
        released = pool - total_of(compensation.values())
        if inputs.quota_on == "without_increase":
            rest -= pool
        else:
            given = split_exactly(pool, start.gains)

    nothing = dict.fromkeys(shares, NOTHING)
    to_spaces = split_exactly(rest, start.target) if inputs.rest == "all_spaces" else nothing
    rows = tuple(
        Row(
            key=space.key,
            region=space.region,
            share=shares[space.key],
            quota=quota[space.key],
            given=given.get(space.key, NOTHING),
            compensation=compensation.get(space.key, NOTHING),
            from_rest=to_spaces[space.key],
            amount=quota[space.key]
            - given.get(space.key, NOTHING)
            + compensation.get(space.key, NOTHING)
            + to_spaces[space.key],
            before=before[space.key],
            old=space.previous,
        )
        for space in inputs.spaces
    )
    year = PlanYear(
        year=inputs.year + step,
        step=step,
        base=base,
        extra=extra,
        paid_percent=100 * _fade(inputs, step),
        rows=rows,
        regions=_regions(inputs, rows, released, rest if inputs.rest == "regional_1" else NOTHING),
        released=released,
        rest=rest,
        rest_to=inputs.rest,
        reserve=rest if inputs.rest == "reserve" else NOTHING,
    )
    if year.amount + year.regional_1 + year.reserve != year.total or any(row.amount < 0 for row in rows):
        raise TransitionError(f"{year.year} geht nicht auf: {format_euro(year.total)} lassen sich so nicht verteilen.")
    return year


def _funds(inputs: TransitionInputs, step: int) -> tuple[Decimal, Decimal]:
    grown = inputs.growth(step)
    return _cents(Fraction(inputs.base) * grown), _cents(Fraction(inputs.extra) * grown)


def _shares(inputs: TransitionInputs, start: _Start, step: int) -> dict[str, Fraction]:
    if inputs.kind != "convergence":
        return start.target
    part = min(Fraction(step + 1, inputs.steps), Fraction(1))
    return {key: (1 - part) * start.old[key] + part * target for key, target in start.target.items()}


def _quota(inputs: TransitionInputs, shares: Mapping[str, Fraction], step: int) -> Euros:
    base, extra = _funds(inputs, step)
    return apply_quota(shares, base if inputs.quota_on == "without_increase" else base + extra, unit=inputs.unit)


def _fade(inputs: TransitionInputs, step: int) -> Fraction:
    return Fraction(max(0, inputs.steps - step), inputs.steps) if inputs.kind == "compensation" else Fraction(0)


def _compensation(inputs: TransitionInputs, start: _Start, step: int, quota: Euros) -> Euros:
    match inputs.deficits:
        case "recomputed":
            deficits = {
                s.key: Fraction(max(NOTHING, s.previous - quota[s.key]))
                for s in inputs.spaces
                if s.previous is not None
            }
        case "indexed":
            deficits = {key: Fraction(deficit) * inputs.growth(step) for key, deficit in start.deficits.items()}
        case _:
            deficits = {key: Fraction(deficit) for key, deficit in start.deficits.items()}
    return {key: _cents(deficit * _fade(inputs, step)) for key, deficit in deficits.items()}


def _pool(inputs: TransitionInputs, start: _Start, step: int, paid: Decimal) -> Decimal:
    """What a year holds ready for the compensation: as much as it grew to, more only where more is paid."""
    grown = inputs.growth(step)
    pool = max(_cents(Fraction(total_of(start.deficits.values())) * grown), paid)
    _, available = _funds(inputs, step)
    words = "aus der Erhöhung"
    if inputs.quota_on == "with_increase":
        # The quota has spent the increase already: it is the gains that pay.
        gains = _cents(Fraction(total_of(start.gains.values())) * grown)
        if gains < available:
            available, words = gains, "aus den Gewinnen der anderen"
    if pool > available:
        raise InsufficientFunds(
            f"Der Ausgleich braucht {inputs.year + step} zusammen {format_euro(pool)}, {words} stehen "
            f"{format_euro(available)} bereit. Es fehlen {format_euro(pool - available)}.",
            year=inputs.year + step,
            missing=pool - available,
        )
    return pool


def _regions(
    inputs: TransitionInputs, rows: tuple[Row, ...], released: Decimal, rest: Decimal
) -> tuple[RegionLine, ...]:
    key = {f"{number:09d}": weight for number, weight in inputs.key.items()}
    if (released or rest) and not any(key.values()):
        raise TransitionError("Der Schlüssel für das regionale Budget 1 enthält keine brauchbaren Anteile.")
    of_released, of_rest = split_exactly(released, key), split_exactly(rest, key)
    return tuple(
        RegionLine(
            number=region.number,
            name=region.name,
            amount=total_of(row.amount for row in rows if row.region == region.number),
            released=of_released[f"{region.number:09d}"],
            from_rest=of_rest[f"{region.number:09d}"],
        )
        for region in inputs.regions
    )


def _check(inputs: TransitionInputs) -> None:
    check_amount(inputs.base, "Der Betrag ohne die Erhöhung")
    check_amount(inputs.extra, "Die Erhöhung")
    if inputs.base + inputs.extra <= 0:
        raise TransitionError("Es gibt nichts zu verteilen.")
    if inputs.kind not in KINDS or any(getattr(inputs, name) not in SWITCHES[name].answers for name in SWITCHES):
        raise TransitionError("Diese Art des Übergangs gibt es nicht.")
    if inputs.unit not in UNITS:
        raise TransitionError("Gerundet wird auf 0,01\u00a0€, 1\u00a0€, 10\u00a0€ oder 100\u00a0€.")
    if inputs.steps < 1:
        raise TransitionError("Der Übergang braucht mindestens einen Schritt.")
    if len(inputs.index) < inputs.last_step:
        last = inputs.year + inputs.last_step
        raise TransitionError(f"Der Übergang endet {last}: Bitte nennen Sie den Index für jedes Jahr bis dahin.")
    for percent in inputs.index:
        check_number(percent + 100, "Der Index plus 100")
    keys, regions = [space.key for space in inputs.spaces], [region.number for region in inputs.regions]
    if len({*keys}) < len(keys) or len({*regions}) < len(regions):
        raise TransitionError("Ein Sozialraum oder eine Region ist mehrfach angegeben.")
    if lost := [space.name for space in inputs.spaces if space.region not in regions]:
        raise TransitionError(f"Ohne Region: {', '.join(lost)}.")
    for space in inputs.spaces:
        check_number(space.share, f"{space.name}: Der Anteil der Quote")
        check_number(space.need, f"{space.name}: Der Bedarf")
        if space.previous is not None:
            check_amount(space.previous, f"{space.name}: Der bisherige Betrag")
    if not any(space.share for space in inputs.spaces):
        raise TransitionError("Die Verteilungsquote enthält keine brauchbaren Anteile.")
    weights = [region.weight for region in inputs.regions]
    for region in inputs.regions:
        check_number(region.weight or Decimal(0), f"{region.name}: Der Anteil am Schlüssel")
    if None in weights and any(weight is not None for weight in weights):
        raise TransitionError("Der Schlüssel nennt nicht für alle Regionen einen Anteil.")


def _cents(exact: Fraction) -> Decimal:
    return from_cents(round(exact * 100))
