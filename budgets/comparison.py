"""The same amount by several models side by side: amounts, changes, sums, who pays for whom."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import groupby
from typing import NamedTuple

from budgets.basis import Place
from budgets.distribution import (
    FROM_INCREASE,
    INTO_CUT,
    Distribution,
    DistributionError,
    Fairness,
    Loss,
    Model,
    Transfer,
    distribute,
    fairness,
    who_pays_whom,
)
from jugendhilfe.lib.formats import format_euro, format_number, format_percent
from jugendhilfe.lib.money import CENT

NOTHING = Decimal("0.00")


class Paid(NamedTuple):
    """What one space gives up and another gains, by their names."""

    payer: str
    receiver: str
    amount: Decimal


@dataclass(frozen=True, slots=True)
class Column:
    """One model's result, or the sentence that says why there is none."""

    number: int
    model: Model
    total: Decimal
    distribution: Distribution | None = None
    error: str = ""
    fairness: Fairness | None = None
    paid: tuple[Paid, ...] = ()

    @property
    def short_title(self) -> str:
        return short_title(self.model)

    @property
    def title(self) -> str:
        return title(self.model)

    @property
    def id(self) -> str:
        return f"modell-{self.number}"


@dataclass(frozen=True, slots=True)
class Cell:
    """What one space, region or the county gets in one column, against last year; None where there is none."""

    amount: Decimal | None = None
    previous: Decimal | None = None
    held_by: str | None = None

    @property
    def change(self) -> Decimal | None:
        return None if self.amount is None or self.previous is None else self.amount - self.previous

    @property
    def percent(self) -> Decimal | None:
        return self.change / self.previous * 100 if self.previous and self.change is not None else None


@dataclass(frozen=True, slots=True)
class Row:
    name: str
    previous: Decimal | None
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """A region with its spaces and their sum."""

    number: int
    sum: Row
    rows: tuple[Row, ...]


@dataclass(frozen=True)
class Comparison:
    """All columns over the same places and the same total."""

    total: Decimal
    places: Sequence[Place]
    columns: tuple[Column, ...]

    @cached_property
    def done(self) -> tuple[Column, ...]:
        """The columns that distribute the total."""
        return tuple(column for column in self.columns if column.distribution)

    @cached_property
    def groups(self) -> list[Group]:
        grouped = groupby(self.places, key=lambda place: (place.region, place.region_name))
        return [self._group(number, name, list(places)) for (number, name), places in grouped]

    @cached_property
    def sum(self) -> Row:
        return self._sum("", self.places)

    @property
    def rests(self) -> list[tuple[Column, str, Decimal]]:
        """What a unit coarser than a cent leaves over: column, who has it, how much."""
        names = {place.key: place.name for place in self.places}
        return [
            (column, names[column.distribution.rest_to], column.distribution.rest)
            for column in self.columns
            if column.distribution and column.distribution.rest and column.distribution.rest_to
        ]

    @property
    def sentence(self) -> str:
        """One sentence on what was distributed, and what was left by rounding."""
        done, all_done = self.done, len(self.done) == len(self.columns)
        if not done:
            return "Kein Modell lässt sich mit diesen Annahmen rechnen."
        names = "Alle Modelle verteilen" if all_done else f"{listed(column.short_title for column in done)} verteilt"
        if not all_done and len(done) > 1:
            names = f"{listed(column.short_title for column in done)} verteilen"
        if len(self.columns) == 1:
            names = f"{done[0].short_title} verteilt"
        rests = ", ".join(f"{format_euro(rest)} an {name} ({column.short_title})" for column, name, rest in self.rests)
        sentence = f"{names} genau {format_euro(self.total)}. Rundungsrest {rests or format_euro(0)}."
        failed = [column.short_title for column in self.columns if column.error]
        return f"{sentence} {listed(failed)} geht nicht auf." if failed else sentence

    def name_of(self, key: str | None) -> str:
        return next((place.name for place in self.places if place.key == key), "")

    def _group(self, number: int, name: str, places: Sequence[Place]) -> Group:
        return Group(number, self._sum(name, places), tuple(self._row(place) for place in places))

    def _row(self, place: Place) -> Row:
        previous = place.space.previous
        return Row(place.name, previous, tuple(_cell(column, place.key, previous) for column in self.columns))

    def _sum(self, name: str, places: Sequence[Place]) -> Row:
        known = [place.space.previous for place in places if place.space.previous is not None]
        previous = sum(known, NOTHING) if len(known) == len(places) else None
        amounts = [column.distribution.amounts if column.distribution else None for column in self.columns]
        sums = [None if found is None else sum((found[p.key] for p in places), NOTHING) for found in amounts]
        return Row(name, previous, tuple(Cell(amount, previous) for amount in sums))


def compare(total: Decimal, places: Sequence[Place], models: Mapping[int, Model]) -> Comparison:
    """Distribute the total by every model; one that does not work out says why and leaves the others alone."""
    return Comparison(total, places, tuple(_column(n, model, total, places) for n, model in sorted(models.items())))


def _column(number: int, model: Model, total: Decimal, places: Sequence[Place]) -> Column:
    try:
        distribution = distribute(total, [place.space for place in places], model)
    except DistributionError as error:
        return Column(number, model, total, error=str(error))
    previous = {place.key: place.space.previous for place in places}
    return Column(
        number,
        model,
        total,
        distribution=distribution,
        fairness=fairness(distribution),
        # Without any amount of last year everybody would just be paid by the increase.
        paid=_paid(places, who_pays_whom(previous, distribution.amounts)) if any(previous.values()) else (),
    )


def _paid(places: Sequence[Place], transfers: Iterable[Transfer]) -> tuple[Paid, ...]:
    names = {place.key: place.name for place in places}
    return tuple(
        Paid(names.get(payer or "", FROM_INCREASE), names.get(receiver or "", INTO_CUT), amount)
        for payer, receiver, amount in ((t.payer, t.receiver, t.amount) for t in transfers)
    )


def _cell(column: Column, key: str, previous: Decimal | None) -> Cell:
    if column.distribution is None:
        return Cell(previous=previous)
    found = next(a for a in column.distribution.allocations if a.space.key == key)
    return Cell(found.amount, previous, found.held_by)


def short_title(model: Model) -> str:
    """M2 ± 5 %"""
    floor, cap = model.floor_percent, model.cap_percent
    if floor is None and cap is None:
        return model.kind.code
    gains_only = " (nur Gewinne)" if model.gains_only else ""
    if floor == cap:
        return f"{model.kind.code}\u00a0±\u00a0{_percent(floor)}{gains_only}"
    parts = [f"\u2212{_percent(floor)}" if floor is not None else "", f"+{_percent(cap)}" if cap is not None else ""]
    return f"{model.kind.code} {' / '.join(filter(None, parts))}{gains_only}"


def title(model: Model) -> str:
    """M3 · Sockel 20 %, Belastung 80 %"""
    kind = model.kind
    parts = [kind.name]
    if kind.free:
        shares = (("Sockel", model.base), ("Köpfe", model.head), ("Belastung", model.need))
        parts = [f"{name} {_percent(share * 100)}" for name, share in shares if share]
    floor, cap = model.floor_percent, model.cap_percent
    if floor is not None and floor == cap:
        parts.append(f"Unter- und Obergrenze {_percent(floor)}")
    else:
        if floor is not None:
            parts.append(f"Verlust höchstens {_percent(floor)}")
        if cap is not None:
            parts.append(f"Gewinn höchstens {_percent(cap)}")
    if model.unit != CENT:
        parts.append(f"gerundet auf {format_euro(model.unit, 0)}")
    return f"{short_title(model)} · {', '.join(parts)}"


def listed(words: Iterable[str]) -> str:
    """M1, M2 und M3"""
    *most, last = words
    return f"{', '.join(most)} und {last}" if most else last


def _percent(value: Decimal | None) -> str:
    exact = (value or Decimal(0)).normalize()
    return format_percent(exact, max(0, -int(exact.as_tuple().exponent)))


@dataclass(frozen=True, slots=True)
class Figure:
    """One figure of all columns; `kind` is euro, percent, number (four decimals) or integer; None has no meaning."""

    name: str
    kind: str
    values: tuple[Decimal | int | None, ...]
    notes: tuple[str, ...] = ()

    @property
    def texts(self) -> list[tuple[str, str]]:
        """Every value in German, with the note that belongs to it."""
        notes = self.notes or ("",) * len(self.values)
        return [(_german(value, self.kind), note) for value, note in zip(self.values, notes, strict=True)]


def figures(comparison: Comparison) -> list[Figure]:
    """The fairness figures, one line each over all columns."""
    found = [column.fairness for column in comparison.columns]

    def line(name: str, kind: str, read: Callable[[Fairness], Decimal | int | None]) -> Figure:
        return Figure(name, kind, tuple(read(one) if one else None for one in found))

    def largest(name: str, kind: str, read: Callable[[Fairness], Loss | None], part: str) -> Figure:
        losses = [read(one) if one else None for one in found]
        return Figure(
            name,
            kind,
            tuple(getattr(loss, part) if loss else None for loss in losses),
            tuple(comparison.name_of(loss.key) if loss else "" for loss in losses),
        )

    lines = [
        line("umverteilt gegenüber bisher", "euro", lambda one: one.moved),
        line("Sozialräume, die weniger bekommen", "integer", lambda one: one.losers),
        largest("größter Verlust", "euro", lambda one: one.largest_loss, "amount"),
        largest(
            "größter Verlust in % des bisherigen Betrags", "percent", lambda one: one.largest_loss_percent, "percent"
        ),
    ]
    for name, spread in (
        ("€ je Kopf", "per_head"),
        ("€ je Kopf, mit der Belastung gewichtet", "per_burdened_head"),
    ):
        for words, kind, part in (
            ("kleinster Wert", "euro", "low"),
            ("größter Wert", "euro", "high"),
            ("größter durch kleinsten", "number", "ratio"),
        ):
            lines.append(line(f"{name}: {words}", kind, _part_of(spread, part)))
    return [
        *lines,
        line("Gini-Koeffizient der gewichteten € je Kopf (0 = gleich)", "number", lambda one: one.gini),
        line("Zusammenhang von € je Kopf und Belastungsfaktor (−1 bis 1)", "number", lambda one: one.correlation),
    ]


def _part_of(spread: str, part: str) -> Callable[[Fairness], Decimal | None]:
    return lambda one: getattr(getattr(one, spread), part, None)


def _german(value: Decimal | int | None, kind: str) -> str:
    if value is None:
        return "–"
    match kind:
        case "euro":
            return format_euro(value)
        case "percent":
            return format_percent(value)
    return format_number(value, 0 if kind == "integer" else 4)
