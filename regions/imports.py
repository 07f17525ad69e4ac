"""Reading social spaces, member municipalities and counts from tables.

`check_…` says what a table holds and what is wrong in it, `take_over_…` saves it; the set-up of a county and of the
demo call the same functions with actor None.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db import transaction

from jugendhilfe.accounts.models import User
from jugendhilfe.audit.services import keep_file, record
from jugendhilfe.lib.errors import DomainError
from jugendhilfe.lib.exports import TemplateColumn
from jugendhilfe.lib.formats import format_number
from jugendhilfe.lib.numbers import ParsedNumber, parse_decimal, parse_integer
from jugendhilfe.lib.spreadsheets import CellError, Column, Row, Table, one_of, parse_text, read_rows
from jugendhilfe.lib.spreadsheets.columns import normalised
from jugendhilfe.lib.uploads import Check
from regions.models import MemberMunicipality, ReferencePopulation, Region, SocialSpace, SpaceKind
from regions.services.master_data import must_edit
from regions.services.places import keep_members, keep_region, keep_space
from regions.services.populations import keep_counts

NEW, CHANGED, SAME = "neu", "geändert", "unverändert"


class Planned(NamedTuple):
    """What would become of one line: `state` is NEW, CHANGED or SAME, `changes` says what differs."""

    key: str
    name: str
    place: str
    state: str
    changes: str = ""


@dataclass(frozen=True, slots=True)
class PlannedCheck(Check):
    """A checked table with what taking it over would do."""

    planned: Sequence[Planned] = ()

    @property
    def needs_reason(self) -> bool:
        """What is there already changes only with a reason."""
        return any(line.state == CHANGED for line in self.planned)

    @property
    def changes_something(self) -> bool:
        return any(line.state != SAME for line in self.planned)


# Social spaces


def _digits(count: int, what: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if re.fullmatch(rf"[0-9]{{{count}}}", text):
            return text
        if re.fullmatch(rf"[0-9]{{{count - 1}}}", text):
            raise ValueError(f"Die führende Null fehlt. Meinten Sie 0{text}?")
        raise ValueError(f"{what} hat {count} Ziffern.")

    return parse


def _name(text: str) -> str:
    name = parse_text(text)
    if len(name) > 80:
        raise ValueError("Der Name hat mehr als 80 Zeichen.")
    return name


def _number_of_region(text: str) -> int:
    number = parse_integer(text.removeprefix("Region").strip()).value
    if not 1 <= number <= 999:
        raise ValueError("Bitte eine Nummer von 1 bis 999 angeben.")
    return number


def _decimal(places: int, low: int, high: int) -> Callable[[str], ParsedNumber]:
    def parse(text: str) -> ParsedNumber:
        number = parse_decimal(text)
        if not low <= number.value <= high:
            raise ValueError(f"Bitte eine Zahl von {format_number(low)} bis {format_number(high)} angeben.")
        if number.value != round(number.value, places):
            raise ValueError(f"Bitte höchstens {places} Nachkommastelle{'n' * (places > 1)} angeben.")
        return number

    return parse


SPACE_COLUMNS = (
    Column("region", "Region", _number_of_region, synonyms=("Nummer der Region",)),
    Column("key", "Schlüssel", _digits(9, "Der amtliche Schlüssel"), synonyms=("amtlicher Schlüssel", "ARS", "AGS")),
    Column("name", "Sozialraum", _name, synonyms=("Name",)),
    Column("kind", "Art", one_of({kind.label: kind for kind in SpaceKind})),
    Column("area_km2", "Fläche in km²", _decimal(2, 0, 99_999), required=False, blank=True, synonyms=("Fläche",)),
    Column("hex_column", "Kachel Spalte", _decimal(1, -99, 99), required=False, blank=True),
    Column("hex_row", "Kachel Zeile", _decimal(1, -99, 99), required=False, blank=True),
)
SPACE_TEMPLATE = (
    TemplateColumn("Region", "Nummer der Region; fehlt sie noch, wird sie angelegt", "1", kind="integer"),
    TemplateColumn("Schlüssel", "amtlicher Schlüssel, neun Ziffern mit führender Null", "033550009"),
    TemplateColumn("Sozialraum", "Name ohne die Art", "Bleckede"),
    TemplateColumn("Art", "Art der Gebietskörperschaft", "Stadt", choices=[kind.label for kind in SpaceKind]),
    TemplateColumn("Fläche in km²", "Fläche", "140,65", required=False, kind="number"),
    TemplateColumn("Kachel Spalte", "Spalte auf der Kachelkarte, 0 ist links", "4", required=False, kind="number"),
    TemplateColumn("Kachel Zeile", "Zeile auf der Kachelkarte, 0 ist oben", "0", required=False, kind="number"),
)


def check_spaces(table: Table) -> PlannedCheck:
    """Every line as a social space: what is new, what differs from what is there."""
    rows, errors = read_rows(table, SPACE_COLUMNS)
    known = {space.key: space for space in SocialSpace.objects.select_related("region")}
    errors += [*_doubles(rows, "key"), *_doubles(rows, "name")]
    holders = {space.name: space for space in known.values()}
    renamed = {row["key"]: row["name"] for row in rows}
    for row in rows:
        if (row["hex_column"] is None) != (row["hex_row"] is None):
            errors.append(row.error("hex_column", "Bitte Spalte und Zeile angeben oder beide leer lassen."))
        holder = holders.get(row["name"])
        if holder and holder.key != row["key"] and renamed.get(holder.key, holder.name) == holder.name:
            errors.append(row.error("name", f"„{holder.name}“ gibt es schon mit dem Schlüssel {holder.key}."))
    regions = set(Region.objects.values_list("number", flat=True))
    planned = [_planned_space(row, known.get(row["key"]), regions) for row in rows]
    return PlannedCheck(table, rows, _sorted(errors), planned=planned)


def _planned_space(row: Row, space: SocialSpace | None, regions: set[int]) -> Planned:
    place = f"Region {row['region']}{'' if row['region'] in regions else ' (wird angelegt)'}"
    if space is None:
        return Planned(row["key"], row["name"], place, NEW)
    differs = [row.header.titles[key] for key in _changed_fields(row, space)]
    return Planned(row["key"], row["name"], place, CHANGED if differs else SAME, ", ".join(differs))


def _changed_fields(row: Row, space: SocialSpace) -> Iterator[str]:
    if space.region.number != row["region"]:
        yield "region"
    for key in ("name", "kind", "area_km2", "hex_column", "hex_row"):
        # A column that is not in the table says nothing about what is there.
        if key in row.header.places and getattr(space, key) != row[key]:
            yield key


@transaction.atomic
def take_over_spaces(*, table: Table, content: bytes, actor: User | None, reason: str = "") -> PlannedCheck:
    """Save the spaces of a table and the regions that are missing; `content` is kept as the source."""
    must_edit(actor)
    check = _ready(check_spaces(table), reason, actor)
    regions = {region.number: region for region in Region.objects.all()}
    known = {space.key: space for space in SocialSpace.objects.select_related("region")}
    for row in check.rows:
        if row["region"] not in regions:
            region = Region(number=row["region"], name=f"Region {row['region']}")
            regions[row["region"]] = keep_region(region=region, actor=actor)
        space = known.get(row["key"])
        if space is not None and not list(_changed_fields(row, space)):
            continue
        space = space or SocialSpace(key=row["key"])
        space.region = regions[row["region"]]
        for key in ("name", "kind", "area_km2", "hex_column", "hex_row"):
            if key in row.header.places:
                setattr(space, key, row[key])
        keep_space(space=space, actor=actor, reason=reason)
    _record("spaces.import", check, content, actor, reason)
    return check


# Member municipalities


MEMBER_COLUMNS = (
    Column("key", "Gemeindeschlüssel", _digits(8, "Der Gemeindeschlüssel"), synonyms=("AGS", "Schlüssel")),
    Column("name", "Gemeinde", _name, synonyms=("Mitgliedsgemeinde", "Name")),
    Column("space", "Sozialraum", parse_text, synonyms=("Samtgemeinde", "Schlüssel des Sozialraums")),
)
MEMBER_TEMPLATE = (
    TemplateColumn("Gemeindeschlüssel", "acht Ziffern mit führender Null", "03355013"),
    TemplateColumn("Gemeinde", "Name der Mitgliedsgemeinde", "Dahlenburg"),
    TemplateColumn("Sozialraum", "Name oder Schlüssel des Sozialraums, zu dem sie gehört", "Dahlenburg"),
)


def check_members(table: Table) -> PlannedCheck:
    """Every line as a member municipality of a space that exists."""
    rows, errors = read_rows(table, MEMBER_COLUMNS)
    space_of = _space_by_name_or_key()
    known = {member.key: member for member in MemberMunicipality.objects.select_related("space")}
    errors += _doubles(rows, "key")
    planned = []
    for row in rows:
        try:
            space = space_of(row["space"])
        except ValueError as error:
            errors.append(row.error("space", str(error)))
            continue
        planned.append(_planned_member(row, space, known.get(row["key"])))
    return PlannedCheck(table, rows, _sorted(errors), planned=planned)


def _planned_member(row: Row, space: SocialSpace, member: MemberMunicipality | None) -> Planned:
    if member is None:
        return Planned(row["key"], row["name"], space.name, NEW)
    differs = [
        *([f"bisher {member.name}"] if member.name != row["name"] else []),
        *([f"bisher bei {member.space}"] if member.space_id != space.pk else []),
    ]
    return Planned(row["key"], row["name"], space.name, CHANGED if differs else SAME, ", ".join(differs))


@transaction.atomic
def take_over_members(*, table: Table, content: bytes, actor: User | None, reason: str = "") -> PlannedCheck:
    """Add or move the municipalities of a table; those it does not name stay where they are."""
    must_edit(actor)
    check = _ready(check_members(table), reason, actor)
    listed = {line.key: line for line in check.planned if line.state != SAME}
    spaces = list(SocialSpace.objects.order_by("pk").select_for_update().prefetch_related("members"))
    there = {space.pk: {member.key: member.name for member in space.members.all()} for space in spaces}
    # First what leaves, then what comes: a key belongs to one space at a time.
    for space in spaces:
        staying = {
            key: name for key, name in there[space.pk].items() if key not in listed or listed[key].place == space.name
        }
        keep_members(space=space, members=staying, actor=actor, reason=reason)
        there[space.pk] = staying
    for space in spaces:
        coming = {line.key: line.name for line in listed.values() if line.place == space.name}
        keep_members(space=space, members=there[space.pk] | coming, actor=actor, reason=reason)
    _record("members.import", check, content, actor, reason)
    return check


# Counts of a reference population


COUNT_COLUMNS = (
    Column("key", "Schlüssel", parse_text, synonyms=("amtlicher Schlüssel", "ARS", "AGS")),
    Column("name", "Sozialraum", parse_text, required=False, blank=True, synonyms=("Name", "Gemeinde")),
    Column("count", "Anzahl", parse_integer, synonyms=("Einwohner", "Bevölkerung", "Personen")),
)
COUNT_TEMPLATE = (
    TemplateColumn("Schlüssel", "amtlicher Schlüssel des Sozialraums", "033550009"),
    TemplateColumn("Sozialraum", "Name, nur zur Kontrolle", "Bleckede", required=False),
    TemplateColumn("Anzahl", "Personen am Stichtag, ganze Zahl", "9694", kind="integer"),
)


def check_counts(table: Table, population: ReferencePopulation) -> PlannedCheck:
    """One count for every social space, each once."""
    rows, errors = read_rows(table, COUNT_COLUMNS)
    spaces = {space.key: space for space in SocialSpace.objects.select_related("region")}
    by_key = one_of({**{key.lstrip("0"): key for key in spaces}, **{key: key for key in spaces}})
    before = {count.space_id: count.count for count in population.counts.all()}
    planned: list[Planned] = []
    for row in rows:
        try:
            space = spaces[by_key(row["key"])]
        except ValueError as error:
            errors.append(row.error("key", str(error)))
            continue
        if row["name"] and normalised(row["name"]) not in {normalised(space.name), normalised(space.full_name)}:
            errors.append(row.error("name", f"Zum Schlüssel {space.key} gehört „{space.name}“."))
        if any(line.key == space.key for line in planned):
            errors.append(row.error("key", f"„{space.name}“ kommt doppelt vor."))
        if not 1 <= row["count"] <= 99_999_999:
            errors.append(row.error("count", "Die Anzahl muss größer als null sein."))
        planned.append(_planned_count(space, row["count"], before.get(space.pk)))
    missing = [space.name for key, space in spaces.items() if key not in {line.key for line in planned}]
    if missing and not errors:
        errors.append(CellError(f"Es fehlt eine Anzahl für: {', '.join(missing)}."))
    return PlannedCheck(table, rows, _sorted(errors), planned=planned)


def _planned_count(space: SocialSpace, count: int, before: int | None) -> Planned:
    state = NEW if before is None else SAME if before == count else CHANGED
    was = f"bisher {format_number(before)}" if before is not None and state == CHANGED else ""
    return Planned(space.key, space.name, format_number(count), state, was)


@transaction.atomic
def take_over_counts(
    *, population: ReferencePopulation, table: Table, content: bytes, actor: User | None, reason: str = ""
) -> PlannedCheck:
    """Save the counts of a table under its reference population."""
    must_edit(actor)
    check = _ready(check_counts(table, population), reason, actor)
    file = keep_file(name=table.name, content=content, actor=actor)
    counts = {line.key: row["count"] for line, row in zip(check.planned, check.rows, strict=True)}
    keep_counts(population=population, counts=counts, actor=actor, reason=reason, sha256=file.sha256)
    return check


# What the three share


def _space_by_name_or_key() -> Callable[[str], SocialSpace]:
    spaces = list(SocialSpace.objects.all())
    return one_of(
        {name: space for space in spaces for name in (space.key.lstrip("0"), space.key, space.full_name, space.name)}
    )


def _doubles(rows: Sequence[Row], key: str) -> list[CellError]:
    times = Counter(row[key] for row in rows)
    return [row.error(key, f"„{row[key]}“ kommt doppelt vor.") for row in rows if times[row[key]] > 1]


def _sorted(errors: list[CellError]) -> list[CellError]:
    return sorted(errors, key=lambda error: (error.row or 0, error.column or 0))


def _ready(check: PlannedCheck, reason: str, actor: User | None) -> PlannedCheck:
    """The table is read anew at the take-over: what was right on the page before may no longer be."""
    if check.errors:
        raise DomainError(f"Die Tabelle kann nicht übernommen werden: {check.errors[0]}")
    if check.needs_reason and not reason and actor is not None:
        raise DomainError("Die Tabelle ändert, was schon da ist. Bitte geben Sie eine Begründung an.")
    return check


def _record(action: str, check: PlannedCheck, content: bytes, actor: User | None, reason: str) -> None:
    file = keep_file(name=check.table.name, content=content, actor=actor)
    states: Any = Counter(line.state for line in check.planned)
    data = {"sha256": file.sha256, "new": states[NEW], "changed": states[CHANGED]}
    record(actor=actor, action=action, obj=file, reason=reason, data=data)
