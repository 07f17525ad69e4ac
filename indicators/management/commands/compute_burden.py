"""compute_burden VALUES.csv SCHEME.toml: burden factors as CSV, for analysts and auditors, without a database."""

import csv
import io
import re
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from indicators.burden import BurdenResult, Dimension, Indicator, Scheme, compute
from jugendhilfe.lib.errors import DomainError

# Decimal alone also reads "1_000", "NaN", "Infinity" and digits of other scripts: a slip must not become a number.
NUMBER = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?([eE][+-]?[0-9]{1,2})?")
CHOICES = {
    "method": ("ratio", "standardised", "goalposts"),
    "aggregation": ("arithmetic", "geometric"),
    "direction": ("more", "less"),
    "transform": ("none", "log"),
}
TEXTS = ("code", "dimension")
SCHEME_KEYS = ("method", "spread", "aggregation", "factor_min", "factor_max")
DIMENSION_KEYS = ("code", "weight", "aggregation")
INDICATOR_KEYS = (
    *("code", "weight", "direction", "dimension", "transform"),
    *("low", "high", "county_value", "county_sd"),
)


@dataclass(frozen=True, slots=True)
class Table:
    """The part of VALUES.csv that the scheme uses."""

    keys: list[str]
    reference_population: list[Decimal]
    values: list[list[Decimal | None]]


class Command(BaseCommand):
    help = "Belastungsfaktoren aus VALUES.csv und SCHEME.toml; CSV auf der Standardausgabe (docs/burden-factor.md)."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("values", metavar="VALUES.csv", type=Path)
        parser.add_argument("scheme", metavar="SCHEME.toml", type=Path)

    def handle(self, *args: object, values: Path, scheme: Path, **options: object) -> None:
        try:
            rules = read_scheme(_text(scheme))
            table = read_values(_text(values), rules)
            result = compute(table.keys, table.reference_population, table.values, rules)
        except DomainError as refusal:
            line = "".join(letter if letter.isprintable() else "\ufffd" for letter in str(refusal))
            raise CommandError(line, returncode=2) from refusal
        self.stdout.write(as_csv(result), ending="")


def read_scheme(text: str) -> Scheme:
    """A scheme from TOML; every key is known or refused by name."""
    try:
        content = tomllib.loads(text, parse_float=_number)
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise DomainError(f"SCHEME: keine gültige TOML-Datei ({error}).") from error
    top = {key: value for key, value in content.items() if key not in ("dimension", "indicator")}
    return Scheme(
        **_fields("SCHEME", top, SCHEME_KEYS),
        dimensions=tuple(
            Dimension(**_fields(where, entry, DIMENSION_KEYS, required=("code", "weight")))
            for where, entry in _entries(content, "dimension")
        ),
        indicators=tuple(
            Indicator(**_fields(where, entry, INDICATOR_KEYS, required=("code", "weight", "direction")))
            for where, entry in _entries(content, "indicator")
        ),
    )


def read_values(text: str, scheme: Scheme) -> Table:
    """The columns a scheme needs; columns it does not name are left aside, an empty cell is a gap."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    try:
        rows = [(reader.line_num, row) for row in reader if row]
    except csv.Error as error:
        raise DomainError(f"VALUES, Zeile {reader.line_num}: keine gültige CSV-Datei ({error}).") from error
    header = rows[0][1] if rows else []
    codes = [indicator.code for indicator in scheme.indicators]
    if header[:2] != ["key", "reference_population"]:
        raise DomainError("VALUES: Die Kopfzeile muss mit key,reference_population beginnen.")
    if twins := sorted({name for name in header if header.count(name) > 1}):
        raise DomainError(f"VALUES: Spalte mehrfach vorhanden: {', '.join(twins)}.")
    if absent := [code for code in codes if code not in header[2:]]:
        raise DomainError(f"VALUES: Es fehlt die Spalte {', '.join(absent)}.")
    places = [header.index(code) for code in codes]
    table = Table([], [], [])
    for line, row in rows[1:]:
        if len(row) != len(header):
            raise DomainError(f"VALUES, Zeile {line}: {len(row)} statt {len(header)} Felder.")
        key = row[0]
        if not key.strip():
            raise DomainError(f"VALUES, Zeile {line}: Der Schlüssel (key) fehlt.")
        population = _cell(row[1], f"{key} / reference_population")
        if population is None:
            raise DomainError(f"VALUES: {key} / reference_population fehlt.")
        table.keys.append(key)
        table.reference_population.append(population)
        table.values.append([_cell(row[place], f"{key} / {header[place]}") for place in places])
    return table


def as_csv(result: BurdenResult) -> str:
    """key, index, factor and contributions with 10, 8 and 10 decimals, in the order of the input."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["key", "index", "factor", *(f"contribution_{code}" for code in result.codes)])
    for key, index, factor, contributions in zip(
        result.keys, result.index, result.stored, result.contributions, strict=True
    ):
        # z: a contribution that rounds to nothing has no sign.
        writer.writerow([key, f"{index:z.10f}", f"{factor:f}", *(f"{part:z.10f}" for part in contributions)])
    return out.getvalue()


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise DomainError(f"Die Datei {path} ist nicht in UTF-8 gespeichert.") from error
    except (OSError, ValueError) as error:
        raise DomainError(f"Die Datei {path} lässt sich nicht lesen.") from error


def _number(text: str) -> Decimal:
    if not NUMBER.fullmatch(text):
        raise DomainError(f"„{text}“ ist keine Zahl (erwartet zum Beispiel 0.15).")
    return Decimal(text)


def _cell(text: str, where: str) -> Decimal | None:
    if not text.strip():
        return None
    try:
        return _number(text.strip())
    except DomainError as refusal:
        raise DomainError(f"VALUES: {where}: {refusal}") from None


def _entries(content: Mapping[str, Any], name: str) -> list[tuple[str, Mapping[str, Any]]]:
    entries = content.get(name, [])
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise DomainError(f"SCHEME: {name} wird als [[{name}]] geschrieben.")
    return [(f"SCHEME: [[{name}]] {entry.get('code', number)}", entry) for number, entry in enumerate(entries, start=1)]


def _fields(where: str, entry: Mapping[str, Any], known: tuple[str, ...], required: tuple[str, ...] = ()) -> Any:
    """The checked fields of one table, as keyword arguments for its dataclass."""
    if unknown := [key for key in entry if key not in known]:
        raise DomainError(f"{where}: unbekannt: {', '.join(unknown)} (bekannt: {', '.join(known)}).")
    if absent := [key for key in required if key not in entry]:
        raise DomainError(f"{where}: es fehlt {', '.join(absent)}.")
    return {key: _field(where, key, value) for key, value in entry.items()}


def _field(where: str, key: str, value: object) -> str | Decimal:
    if key in CHOICES:
        expected = "eines von " + ", ".join(CHOICES[key])
        if isinstance(value, str) and value in CHOICES[key]:
            return value
    elif key in TEXTS:
        expected = "ein Text"
        if isinstance(value, str) and value.strip():
            return value
    else:
        expected = "eine Zahl"
        # bool is an int in Python: `weight = true` must not pass for 1.
        if isinstance(value, int | Decimal) and not isinstance(value, bool):
            return Decimal(value)
    raise DomainError(f"{where}: {key} = {value} geht nicht, erwartet wird {expected}.")
