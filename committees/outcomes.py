"""What saved scenarios come to: each is computed once, and what several rest on is asked for once."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from urllib.parse import parse_qsl

from budgets.comparison import Cell, Column, Comparison, Group, Row
from budgets.models import FiscalYear
from budgets.scenario import COLUMNS, TO_START_WITH, column_parameters
from budgets.what_if import Reader, WhatIf
from committees.models import Committee, SavedScenario
from indicators.models import WeightingScheme
from jugendhilfe.lib.canonical import digest, to_json
from regions.access import Visitor, scope

UNSEEN = "Das Haushaltsjahr oder das Gewichtungsschema dieses Szenarios ist im Entwurf und für Sie nicht sichtbar."
# The names of the fields that every column has, without its number.
FIELDS = tuple(name.removesuffix("1") for name in column_parameters(1, None))


def reader_for(user: Visitor) -> Reader:
    """All years and schemes for those who simulate and for members of a body that negotiates; else what is public."""
    years, schemes = FiscalYear.objects.all(), WeightingScheme.objects.all()
    if scope(user, "simulate") or Committee.objects.worked_in_by(user).filter(negotiates=True).exists():
        return Reader(years, schemes)
    return Reader(years.visible_to(user), schemes.visible_to(user))


def parameters_of(query: str) -> dict[str, str]:
    """An address behind its question mark as the parameters it holds."""
    return dict(parse_qsl(query, keep_blank_values=True))


@dataclass(frozen=True)
class Outcome:
    """What a scenario comes to today; `problem` says why it comes to nothing."""

    scenario: SavedScenario
    what_if: WhatIf | None
    problem: str = ""

    @property
    def comparison(self) -> Comparison | None:
        return self.what_if.comparison if self.what_if else None

    @cached_property
    def has_changed(self) -> bool:
        """Other data since it was saved give other amounts."""
        return self.comparison is not None and fingerprint_of(self.comparison) != self.scenario.fingerprint

    def column(self, number: int | None = None) -> Column | None:
        """The column of this number, else the first."""
        columns = self.comparison.columns if self.comparison else ()
        return next((column for column in columns if column.number == number), next(iter(columns), None))


def outcomes_of(scenarios: Iterable[SavedScenario], reader: Reader) -> list[Outcome]:
    """What every scenario comes to, in their order."""
    return [_outcome(scenario, reader) for scenario in scenarios]


def _outcome(scenario: SavedScenario, reader: Reader) -> Outcome:
    what_if = reader.read(parameters_of(scenario.query))
    # A reader that does not see them would start with another year or scheme.
    if what_if is None or (what_if.year.pk, what_if.scheme.pk) != (scenario.year_id, scenario.scheme_id):
        return Outcome(scenario, None, UNSEEN)
    if what_if.comparison is None:
        return Outcome(scenario, what_if, what_if.problem or "Die Annahmen passen nicht mehr zum Gewichtungsschema.")
    return Outcome(scenario, what_if)


def fingerprint_of(comparison: Comparison) -> str:
    """SHA-256 over the amounts of all columns by official key."""
    amounts = {
        str(column.number): dict(column.distribution.amounts) if column.distribution else None
        for column in comparison.columns
    }
    return digest(to_json(amounts))


def is_one_model(query: str) -> bool:
    given = parameters_of(query)
    return sum(bool(given.get(f"m{n}")) for n in COLUMNS) == 1


def one_model(given: Mapping[str, str]) -> dict[str, str]:
    """The parameters of an address with one model: column `spalte`, else its first, as the only one."""
    models = {str(n): given[f"m{n}"] for n in COLUMNS if given.get(f"m{n}")}
    asked = given.get("spalte", "")
    number = asked if asked in models else min(models, default="")
    columns = {f"{field}{n}" for field in FIELDS for n in COLUMNS}
    rest = {name: value for name, value in given.items() if name not in columns and name != "spalte"}
    if number:
        own = {f"{field}1": given[f"{field}{number}"] for field in FIELDS if f"{field}{number}" in given}
    elif any(f"m{n}" in given for n in COLUMNS):
        own = {"m1": ""}
    else:
        own = column_parameters(1, TO_START_WITH[2])
    return rest | own | {f"m{n}": "" for n in COLUMNS[1:]}


@dataclass(frozen=True, slots=True)
class Chosen:
    """One column of one scenario, as it stands beside others."""

    outcome: Outcome
    column: Column

    @property
    def comparison(self) -> Comparison:
        found = self.outcome.comparison
        assert found is not None, "a column is one of a comparison"
        return found

    @property
    def place(self) -> int:
        return self.comparison.columns.index(self.column)


@dataclass(frozen=True)
class SideBySide:
    """Columns of several scenarios over the same spaces; `previous` of a row is that of the first."""

    chosen: Sequence[Chosen]

    @cached_property
    def groups(self) -> list[Group]:
        found = [one.comparison.groups for one in self.chosen]
        return [
            Group(
                same[0].number,
                self._row([group.sum for group in same]),
                tuple(self._row(rows) for rows in zip(*(group.rows for group in same), strict=True)),
            )
            for same in zip(*found, strict=True)
        ]

    @cached_property
    def sum(self) -> Row:
        return self._row([one.comparison.sum for one in self.chosen])

    @property
    def same_start(self) -> bool:
        """All scenarios have the same amounts so far."""
        first, *others = (_start(one) for one in self.chosen)
        return all(other == first for other in others)

    def _row(self, rows: Sequence[Row]) -> Row:
        cells = tuple(row.cells[one.place] for one, row in zip(self.chosen, rows, strict=True))
        return Row(rows[0].name, rows[0].previous, cells)


def beside(chosen: Sequence[Chosen]) -> SideBySide | None:
    """The columns side by side; None where their spaces differ."""
    spaces = {tuple(place.key for place in one.comparison.places) for one in chosen}
    return SideBySide(chosen) if len(spaces) == 1 else None


def _start(chosen: Chosen) -> dict[str, Decimal | None]:
    return {place.key: place.space.previous for place in chosen.comparison.places}


@dataclass(frozen=True, slots=True)
class Distance:
    """From one distribution to another: what is moved between the spaces, and how many get less."""

    moved: Decimal
    losers: int
    total: Decimal


def distance(column: Column, other: Column) -> Distance | None:
    """From `other` to `column`; `moved` counts what spaces get less, `total` the change of the amount."""
    if column.distribution is None or other.distribution is None:
        return None
    changes = [
        amount - other.distribution.amounts.get(key, Decimal(0)) for key, amount in column.distribution.amounts.items()
    ]
    losses = [change for change in changes if change < 0]
    return Distance(-sum(losses, Decimal(0)), len(losses), sum(changes, Decimal(0)))


def change_against(other: Column | None, key: str, cell: Cell) -> Decimal | None:
    """What a space gets more or less than in another column."""
    before = other.distribution.amounts.get(key) if other and other.distribution else None
    return None if before is None or cell.amount is None else cell.amount - before
