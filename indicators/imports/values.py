"""value = rate_per · Σ numerators / Σ denominators, or Σ weight · value / Σ weight, over the members of each space."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from typing import NamedTuple

import pandas as pd

from indicators.burden.refusals import listed
from indicators.imports.columns import LARGEST, Columns, Measure, Use, missing_columns, uses_of
from indicators.imports.rows import Area, Level, SortedRows, Space, labels_of, sort_rows
from indicators.inputs import COVERAGE
from jugendhilfe.lib.formats import format_number, format_percent_change
from jugendhilfe.lib.spreadsheets import SECRET, CellError, Header, Row, Secret, Table, cell_name, read_rows

# As the database keeps them; what Excel's binary numbers hold beyond that is noise.
VALUE_STEP = Decimal("0.00000001")
COUNT_STEP = Decimal("0.0001")
LARGE_CHANGE_PERCENT = 50

type Content = Decimal | Secret | None


class Value(NamedTuple):
    """The value of one indicator in one social space; None where it is missing or kept secret."""

    value: Decimal | None = None
    numerator: Decimal | None = None
    denominator: Decimal | None = None
    is_secret: bool = False


class Change(NamedTuple):
    """What a value was before; `percent` None where there is nothing to divide by."""

    previous: Decimal
    percent: Decimal | None

    @property
    def is_large(self) -> bool:
        return self.percent is not None and abs(self.percent) > LARGE_CHANGE_PERCENT


@dataclass(frozen=True, slots=True)
class Checked:
    """What a table comes to, by indicator code and space key.

    With errors there are no values; warnings need a person's yes; notes only tell.
    """

    level: Level
    rows: Sequence[Row] = ()
    errors: Sequence[CellError] = ()
    warnings: Sequence[str] = ()
    notes: Sequence[str] = ()
    values: Mapping[str, Mapping[str, Value]] = field(default_factory=dict)


def check_table(
    table: Table, *, columns: Columns, measures: Sequence[Measure], spaces: Iterable[Space], level: Level = Level.AUTO
) -> Checked:
    """The values in a table, or what is wrong with it."""
    area = Area(spaces)
    uses = [use for use in uses_of(measures) if use.name in columns.places]
    labels = [(key, name) for _, key, name in labels_of(table, columns)]
    if level == Level.AUTO:
        level = area.level_of(labels)
    errors = [*columns.errors, *missing_columns(uses)]
    if not errors and not labels:
        errors = [CellError("In den Spalten für Werte steht nichts.")]
    if errors:
        return Checked(level, errors=errors)
    found = sort_rows(table, columns, area, level)
    header = Header(columns.row, columns.places, columns.titles(table))
    rows, wrong = read_rows(table, [use.column for use in uses], header)
    ours = {*found.units, *found.totals}
    errors = [*found.errors, *(error for error in wrong if error.row is None or error.row in ours)]
    if not found.units and not errors:
        errors.append(CellError("Keine Zeile gehört zu einem Sozialraum. Bitte prüfen Sie Schlüssel und Namen."))
    if errors:
        return Checked(level, errors=sorted(errors, key=lambda error: (error.row or 0, error.column or 0)))
    return _Sums(area, uses, found, {row.number: row for row in rows}).checked(level, measures)


def changes_of(
    values: Mapping[str, Mapping[str, Value]], previous: Mapping[str, Mapping[str, Decimal]]
) -> dict[str, dict[str, Change]]:
    """Each value beside the one before, by indicator code and space key."""
    return {
        code: {
            key: Change(before, (value.value - before) / abs(before) * 100 if before else None)
            for key, value in column.items()
            if value.value is not None and (before := previous.get(code, {}).get(key)) is not None
        }
        for code, column in values.items()
    }


class _Sums:
    """The rows of one table, added up by space."""

    def __init__(self, area: Area, uses: Sequence[Use], found: SortedRows, rows: Mapping[int, Row]) -> None:
        self.area, self.found, self.rows = area, found, rows
        self.uses = {use.name: use for use in uses}
        self.errors: list[CellError] = []
        self.warnings: list[str] = []
        self.notes: list[str] = []
        parts: dict[str, list[int]] = defaultdict(list)
        wholes: dict[str, int] = {}
        for number, unit in found.units.items():
            if unit.member:
                parts[unit.space].append(number)
            else:
                wholes[unit.space] = number
        self.parts = parts
        # Where both stand in the file, the row of the whole is a total of its members and only checked.
        self.subtotals = {key: number for key, number in wholes.items() if key in parts}
        self.counted = {**{key: [number] for key, number in wholes.items()}, **parts}
        self.sums = self._added()

    def checked(self, level: Level, measures: Sequence[Measure]) -> Checked:
        incomplete = set(self._incomplete())
        values = {
            measure.code: {
                key: Value() if key in incomplete or key not in self.counted else self._value(measure, key)
                for key in self.area.spaces
            }
            for measure in measures
            if {f"{measure.code}.numerator", f"{measure.code}.value"} & self.uses.keys()
        }
        names = {measure.code: measure.short_name for measure in measures}
        for code, column in values.items():
            self._judge_coverage(names[code], column)
        self._check_totals()
        self._check_printed_rates()
        self._name_left_out()
        rows = [row for number, row in self.rows.items() if number in {**self.found.units, **self.found.totals}]
        if self.errors:
            return Checked(level, rows, self.errors)
        return Checked(level, rows, (), self.warnings, self.notes, values)

    def _added(self) -> dict[str, dict[str, Content]]:
        """By space and use what can be added up, with weight · value as "<code>.weighted"; objects keep every digit."""
        keys = pd.Series(
            {number: key for key, numbers in self.counted.items() for number in numbers}, dtype=object, name="space"
        )
        columns = {
            name: [self._cell(number, name) for number in keys.index]
            for name, use in self.uses.items()
            if use.part in ("numerator", "denominator", "weight")
        }
        if "weight" in self.uses:
            columns |= {
                f"{use.measure.code}.weighted": [
                    _product(self._cell(number, "weight"), self._cell(number, name)) for number in keys.index
                ]
                for name, use in self.uses.items()
                if use.part == "value" and use.measure
            }
        frame = pd.DataFrame(columns, index=keys.index, dtype=object)
        return {str(key): {use: _total(part[use]) for use in columns} for key, part in frame.groupby(keys)}

    def _cell(self, number: int, use: str) -> Content:
        content: Content = self.rows[number][use]
        return content

    def _sum(self, key: str, use: str) -> Content:
        return self.sums[key][use]

    def _value(self, measure: Measure, key: str) -> Value:
        if f"{measure.code}.numerator" in self.uses:
            numerator, denominator = (self._sum(key, f"{measure.code}.{part}") for part in ("numerator", "denominator"))
            return self._quotient(measure, key, numerator, denominator, measure.rate_per or 1, keeps_counts=True)
        numbers = self.counted[key]
        if len(numbers) == 1:
            content = self._cell(numbers[0], f"{measure.code}.value")
            return Value(is_secret=content is SECRET) if not isinstance(content, Decimal) else Value(_rounded(content))
        if "weight" not in self.uses:
            self._cannot_be_added(measure)
            return Value()
        weighted, weight = self._sum(key, f"{measure.code}.weighted"), self._sum(key, "weight")
        return self._quotient(measure, key, weighted, weight, 1, keeps_counts=False)

    def _quotient(
        self, measure: Measure, key: str, numerator: Content, denominator: Content, per: int, *, keeps_counts: bool
    ) -> Value:
        counts = (_count(numerator), _count(denominator) or None) if keeps_counts else (None, None)
        if numerator is SECRET or denominator is SECRET:
            return Value(None, *counts, is_secret=True)
        if not isinstance(numerator, Decimal) or not isinstance(denominator, Decimal):
            return Value(None, *counts)
        if not denominator:
            name = self.area.spaces[key].name
            number = self.counted[key][0]
            use = f"{measure.code}.denominator" if keeps_counts else "weight"
            message = f"„{self.uses[use].label}“ ergibt für {name} null; dadurch lässt sich nicht teilen."
            self.errors.append(self.rows[number].error(use, message))
            return Value()
        value = per * numerator / denominator
        if abs(value) >= LARGEST:
            sentence = f"„{measure.short_name}“ wird für {self.area.spaces[key].name} zu groß."
            self.errors.append(CellError(f"{sentence} Bitte prüfen Sie den Nenner."))
            return Value()
        return Value(_rounded(value), *counts)

    def _cannot_be_added(self, measure: Measure) -> None:
        error = CellError(
            f"„{measure.short_name}“ steht je Gemeinde in der Tabelle. Solche Werte lassen sich nicht zusammenzählen. "
            "Bitte ordnen Sie Zähler und Nenner zu, oder die Einwohnerzahl der Gemeinden als Gewicht, "
            "oder geben Sie den Wert je Sozialraum an."
        )
        if error not in self.errors:
            self.errors.append(error)

    def _incomplete(self) -> Iterator[str]:
        """Spaces some of whose members are not in the table: their sum would be too small and nobody would see it."""
        for key, numbers in self.parts.items():
            there = {self.found.units[number].member for number in numbers}
            missing = [name for member, name in self.area.spaces[key].members.items() if member not in there]
            if missing:
                self.warnings.append(
                    f"Zu {self.area.spaces[key].full_name} fehlen Gemeinden: {listed(missing)}. "
                    "Der Sozialraum bleibt deshalb ohne Wert."
                )
                yield key

    def _judge_coverage(self, name: str, column: Mapping[str, Value]) -> None:
        present = sum(value.value is not None for value in column.values())
        if not present and not any(value.is_secret for value in column.values()) and not self.errors:
            self.errors.append(CellError(f"Zu „{name}“ steht in der Tabelle kein Wert."))
        elif present < COVERAGE * len(column):
            self.warnings.append(
                f"„{name}“ hat nur für {present} von {len(column)} Sozialräumen einen Wert. "
                f"Gerechnet wird erst ab {COVERAGE * 100:.0f} %."
            )

    # What is printed in the table twice

    def _check_totals(self) -> None:
        names = {
            **{number: (name, list(self.counted)) for number, name in self.found.totals.items()},
            **{number: (self.area.spaces[key].full_name, [key]) for key, number in self.subtotals.items()},
        }
        for number, (name, keys) in names.items():
            fitting = [use.name for use in self._summable if self._fits(number, name, use.name, keys)]
            if fitting:
                titles = self.rows[number].header.titles
                self.notes.append(f"Zeile {number} „{name}“ stimmt: {listed([titles[use] for use in fitting])}.")

    def _fits(self, number: int, name: str, use: str, keys: Iterable[str]) -> bool:
        """Whether a printed total is the sum of its rows, of the spaces alone or with what else is in the table."""
        row, header = self.rows[number], self.rows[number].header
        printed, ours = row[use], _total(self._sum(key, use) for key in keys)
        where = f"Zeile {number} „{name}“, Spalte „{header.titles[use]}“ ({cell_name(number, header.places[use])})"
        if not isinstance(printed, Decimal):
            return False
        if not isinstance(ours, Decimal):
            self.notes.append(f"{where}: nicht prüfbar, weil Werte fehlen oder geheim gehalten werden.")
            return False
        others = _total(
            self.rows[other][use] if other in self.rows else None
            for other in (*self.found.foreign, *self.found.unknown)
        )
        if printed == ours or (isinstance(others, Decimal) and printed == ours + others):
            return True
        self.warnings.append(
            f"{where}: Dort steht {shown(printed)}, die Zeilen ergeben {shown(ours)} "
            f"(Unterschied {format_number(printed - ours, places_of(printed - ours), sign=True)})."
        )
        return False

    @property
    def _summable(self) -> list[Use]:
        return [use for use in self.uses.values() if use.part in ("numerator", "denominator", "weight")]

    def _check_printed_rates(self) -> None:
        """A rate printed beside its numerator and denominator must be their quotient, as far as its digits go."""
        for use in self.uses.values():
            measure = use.measure
            if use.part != "value" or measure is None or f"{measure.code}.numerator" not in self.uses:
                continue
            for number, unit in self.found.units.items():
                numerator, denominator, printed = (
                    self.rows[number][f"{measure.code}.{part}"] for part in ("numerator", "denominator", "value")
                )
                if not (isinstance(numerator, Decimal) and isinstance(printed, Decimal) and denominator):
                    continue
                if not isinstance(denominator, Decimal):
                    continue
                rate = (measure.rate_per or 1) * numerator / denominator
                if abs(rate - printed) > Decimal(1).scaleb(-places_of(printed)):
                    self.warnings.append(
                        f"Zeile {number} „{self.area.name(unit)}“: „{measure.short_name}“ ist als {shown(printed)} "
                        f"angegeben, aus Zähler und Nenner ergibt sich {format_number(rate, places_of(printed))}. "
                        "Übernommen wird, was sich ergibt."
                    )

    def _name_left_out(self) -> None:
        if self.found.unknown:
            names = listed(list(self.found.unknown.values()))
            self.warnings.append(f"Diese Zeilen gehören zu keinem Sozialraum und bleiben weg: {names}.")
        if self.found.foreign:
            names = listed(list(self.found.foreign.values()))
            self.notes.append(f"Nicht im Gebiet der Sozialräume, bleibt weg: {names}.")


def _product(weight: Content, value: Content) -> Content:
    if weight is None or value is None:
        return None
    if isinstance(weight, Secret) or isinstance(value, Secret):
        return SECRET
    return weight * value


def _total(contents: Iterable[Content]) -> Content:
    """The sum; missing where a part is missing, secret where a part is kept secret."""
    parts = list(contents)
    known = [part for part in parts if isinstance(part, Decimal)]
    if len(known) < len(parts):
        return None if None in parts else SECRET
    return sum(known, Decimal(0))


def _count(content: Content) -> Decimal | None:
    return content.quantize(COUNT_STEP) if isinstance(content, Decimal) else None


def _rounded(value: Decimal) -> Decimal:
    return value.quantize(VALUE_STEP)


def places_of(value: Decimal) -> int:
    """How many decimals a number has, noise at the end left out."""
    return max(0, -int(value.normalize().as_tuple().exponent))


def shown(value: Decimal) -> str:
    return format_number(value, places_of(value))


def large_changes(changes: Mapping[str, Change], name: str, names: Mapping[str, str]) -> list[str]:
    """A warning for each value of one indicator that moved a lot; `names` are those of the spaces by key."""
    return [
        f"„{name}“ in {names[key]}: {format_percent_change(change.percent)} gegenüber dem vorigen Datenstand."
        for key, change in changes.items()
        if change.is_large and change.percent is not None
    ]
