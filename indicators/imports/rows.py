"""Which row stands for what: a social space, a member municipality, a printed total, or something that is not ours."""

import difflib
import re
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import NamedTuple

from indicators.imports.columns import Columns
from jugendhilfe.lib.spreadsheets import CellError, Table, parse_text
from jugendhilfe.lib.spreadsheets.columns import normalised

SIMILAR_NAME = 0.8
TOTAL_NAMES = ("Summe", "Insgesamt", "Gesamt", "Zusammen", "Landkreis", "Kreis", "Total")
LABELS = {"key", "name"}


class Level(StrEnum):
    """What a row stands for where its name alone would fit both, such as "Bardowick"."""

    AUTO = "auto"
    SPACE = "space"
    MEMBER = "member"


@dataclass(frozen=True, slots=True, kw_only=True)
class Space:
    """A social space with the keys and names of its member municipalities."""

    key: str
    name: str
    full_name: str
    members: Mapping[str, str] = field(default_factory=dict)


class Unit(NamedTuple):
    """A space as a whole, or one member municipality of it."""

    space: str
    member: str = ""


class Area:
    """The social spaces and their members, found by key or name."""

    def __init__(self, spaces: Iterable[Space]) -> None:
        self.spaces = {space.key: space for space in sorted(spaces, key=lambda space: space.key)}
        self.units: dict[str, Unit] = {}
        self.space_names: dict[str, Unit] = {}
        self.member_names: dict[str, Unit] = {}
        for space in self.spaces.values():
            kind = space.full_name.removesuffix(space.name).strip()
            self._add(space.key, Unit(space.key), self.space_names, space.name, (kind,))
            for key, name in space.members.items():
                self._add(key, Unit(space.key, key), self.member_names, name, ("Gemeinde", "Flecken", "Stadt"))
        self.county = next((key[:5] for key in self.spaces), "")

    def _add(self, key: str, unit: Unit, names: dict[str, Unit], name: str, kinds: Iterable[str]) -> None:
        self.units[key] = unit
        for written in (name, *(form for kind in kinds for form in (f"{kind} {name}", f"{name}, {kind}"))):
            names[normalised(written)] = unit

    def by_key(self, digits: str) -> Unit | None:
        """By the key of a space (9), a municipality (8) or in full (12 digits); Excel eats the leading zero."""
        if len(digits) > 10:
            full = digits.zfill(12)
            return self.units.get(full[:5] + full[9:])
        return self.units.get(digits) or self.units.get(digits.zfill(9)) or self.units.get(digits.zfill(8))

    def by_name(self, name: str, level: Level) -> Unit | None:
        form, names = normalised(name), (self.space_names, self.member_names)
        first, second = reversed(names) if level == Level.MEMBER else names
        return first.get(form) or second.get(form)

    def similar(self, name: str, level: Level) -> Unit | None:
        names = self.member_names if level == Level.MEMBER else self.space_names
        close = difflib.get_close_matches(normalised(name), names, n=1, cutoff=SIMILAR_NAME)
        return names[close[0]] if close else None

    def is_near(self, key: str) -> bool:
        """Whether a key, with or without its leading zero, lies in this county."""
        return self.county in (key.zfill(12 if len(key) > 10 else 8)[:5], key.zfill(9)[:5])

    def level_of(self, labels: Iterable[tuple[str, str]]) -> Level:
        """Members if more rows can only be members than can only be spaces; `labels` are keys and names."""
        members = spaces = 0
        for key, name in labels:
            form = normalised(name)
            unit = self.by_key(key)
            if not key and (form in self.space_names) != (form in self.member_names):
                unit = self.space_names.get(form) or self.member_names[form]
            if unit:
                members, spaces = members + bool(unit.member), spaces + (not unit.member)
        return Level.MEMBER if members > spaces else Level.SPACE

    def name(self, unit: Unit) -> str:
        space = self.spaces[unit.space]
        return space.members[unit.member] if unit.member else space.name


@dataclass(slots=True)
class SortedRows:
    """By number in the file: what a row stands for, totals, rows of other areas, and names nobody knows."""

    units: dict[int, Unit] = field(default_factory=dict)
    totals: dict[int, str] = field(default_factory=dict)
    foreign: dict[int, str] = field(default_factory=dict)
    unknown: dict[int, str] = field(default_factory=dict)
    errors: list[CellError] = field(default_factory=list)


def labels_of(table: Table, columns: Columns) -> Iterator[tuple[int, str, str]]:
    """Number, key and name of each row that says something in a column to be read; so notes below a table drop out."""
    read = [place for use, place in columns.places.items() if use not in LABELS]
    for number in range(columns.row + 1, len(table.rows) + 1):
        if not any(table.cell(number, place).text for place in read):
            continue
        key, name = (
            parse_text(table.cell(number, columns.places[use]).text) if use in columns.places else ""
            for use in ("key", "name")
        )
        digits = re.sub(r"\s", "", key)
        yield (number, digits, name) if digits.isdecimal() else (number, "", name or key)


def sort_rows(table: Table, columns: Columns, area: Area, level: Level) -> SortedRows:
    """What each row below the head stands for; what is doubtful is an error with the likely meaning."""
    found = SortedRows()
    seen: dict[Unit, int] = {}
    rows = [
        (number, key, name, area.by_key(key) if key else area.by_name(name, level))
        for number, key, name in labels_of(table, columns)
    ]
    present = {unit for *_, unit in rows}
    for number, key, name, unit in rows:
        if unit is None and _is_total(key, name, area):
            found.totals[number] = name or key
        elif unit is None and not (problem := _problem(key, name, area, level, present)):
            (found.foreign if key else found.unknown)[number] = f"{name} ({key})" if name and key else name or key
        else:
            problem = problem if unit is None else _conflict(unit, key, name, area, level, seen)
            if unit is None or problem:
                place = columns.places.get("key" if key else "name") or columns.places.get("key", 1)
                found.errors.append(CellError(problem, number, place, table.cell(columns.row, place).text))
            else:
                seen[unit], found.units[number] = number, unit
    return found


def _is_total(key: str, name: str, area: Area) -> bool:
    if key:
        return len(key) <= 5 and key.zfill(5) == area.county
    return normalised(name).startswith(tuple(normalised(head) for head in TOTAL_NAMES))


def _problem(key: str, name: str, area: Area, level: Level, present: Collection[Unit | None]) -> str:
    """Why a row that is not known cannot simply be left out: it is most likely one of ours."""
    if not key and not name:
        return "Hier fehlt der Schlüssel oder der Name."
    if key and not area.is_near(key):
        return ""
    similar = area.similar(name, level)
    # Lüneburg is not a misspelt Lüdersburg where Lüdersburg has a row of its own.
    meant = area.by_name(name, level) or (similar if similar not in present else None)
    if meant is None:
        return ""
    if key:
        return f"Der Schlüssel {key} ist nicht bekannt. Meinten Sie {meant.member or meant.space} ({area.name(meant)})?"
    return f"„{name}“ ist nicht bekannt. Meinten Sie „{area.name(meant)}“?"


def _conflict(unit: Unit, key: str, name: str, area: Area, level: Level, seen: Mapping[Unit, int]) -> str:
    named = area.by_name(name, level) if key and name else None
    if named and named.space != unit.space:
        return f"Schlüssel und Name passen nicht zusammen: {key} ist {area.name(unit)}, nicht „{name}“."
    if unit in seen:
        return f"„{area.name(unit)}“ steht schon in Zeile {seen[unit]}. Bitte löschen Sie eine der beiden Zeilen."
    return ""
