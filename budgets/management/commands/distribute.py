"""`manage.py distribute TOTAL BASIS.csv MODEL.toml`: a distribution for analysts and auditors, without a database."""

import csv
import io
import re
import tomllib
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from budgets.distribution import Distribution, DistributionError, Model, Space, distribute
from jugendhilfe.lib.errors import DomainError

COLUMNS = ("key", "offices", "reference_population", "factor", "previous")
SHARES = ("base", "head", "need")
OPTIONS = ("floor_percent", "cap_percent", "unit", "gains_only")


class Command(BaseCommand):
    help = "Verteilt TOTAL Euro nach MODEL.toml auf die Sozialräume in BASIS.csv und schreibt key,amount als CSV."
    requires_system_checks = []

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("total", metavar="TOTAL", help="Betrag in Euro mit Dezimalpunkt, z. B. 2030000.00")
        parser.add_argument("basis", metavar="BASIS.csv", help=",".join(COLUMNS))
        parser.add_argument("model", metavar="MODEL.toml", help=f"{', '.join(SHARES)}; optional {', '.join(OPTIONS)}")

    def handle(self, *args: Any, total: str, basis: str, model: str, **options: Any) -> None:
        try:
            distribution = distribute(
                read_number(total, "TOTAL"), read_basis(read_text(basis), basis), read_model(read_text(model), model)
            )
        except DomainError as error:
            raise CommandError(one_line(str(error)), returncode=2) from error
        self.stdout.write(as_csv(distribution), ending="")


def as_csv(distribution: Distribution) -> str:
    """`key,amount` in the order of the basis."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(("key", "amount"))
    writer.writerows((key, f"{amount:f}") for key, amount in distribution.amounts.items())
    return out.getvalue()


def read_basis(text: str, name: str) -> list[Space]:
    """The spaces of a CSV with exactly the columns of COLUMNS, in any order; an empty `previous` means none."""
    reader = csv.reader(io.StringIO(text, newline=""), strict=True)
    spaces: list[Space] = []
    header: list[str] | None = None
    try:
        for row in reader:
            cells = [cell.strip() for cell in row]
            if not any(cells):
                continue
            if header is None:
                header = _checked_header(cells, name)
                continue
            where = f"{name}, Zeile {reader.line_num}"
            if len(cells) != len(header):
                raise DistributionError(f"{where}: {len(cells)} Felder statt {len(header)}.")
            spaces.append(_read_space(dict(zip(header, cells, strict=True)), where))
    except csv.Error as error:
        raise DistributionError(f"{name}, Zeile {reader.line_num}: kein lesbares CSV ({error}).") from error
    if not spaces:
        raise DistributionError(f"{name} enthält keinen Sozialraum.")
    return spaces


def read_model(text: str, name: str) -> Model:
    """The model of a TOML file; numbers are read as Decimal, unknown names are refused."""
    try:
        table = tomllib.loads(text, parse_float=Decimal)
    except (ValueError, ArithmeticError, RecursionError) as error:
        raise DistributionError(f"{name} ist kein gültiges TOML ({error}).") from error
    if unknown := [key for key in table if key not in SHARES + OPTIONS]:
        raise DistributionError(f"{name}: unbekannte Angabe {', '.join(map(_quoted, unknown))}.")
    if missing := [key for key in SHARES if key not in table]:
        raise DistributionError(f"{name}: Es fehlt {', '.join(missing)}.")
    gains_only = table.pop("gains_only", False)
    if not isinstance(gains_only, bool):
        raise DistributionError(f"{name}: gains_only ist true oder false.")
    for key, value in table.items():
        # bool is an int in Python: `head = true` must not pass for 1.
        if isinstance(value, bool) or not isinstance(value, int | Decimal):
            raise DistributionError(f"{name}: {key} muss eine Zahl ohne Anführungszeichen sein.")
    return Model(**{key: Decimal(value) for key, value in table.items()}, gains_only=gains_only)


def read_text(path: str) -> str:
    """A UTF-8 file, with or without byte order mark."""
    try:
        return Path(path).read_bytes().decode("utf-8-sig")
    except FileNotFoundError as error:
        raise DistributionError(f"Die Datei {path} gibt es nicht.") from error
    except UnicodeDecodeError as error:
        raise DistributionError(f"Die Datei {path} ist nicht in UTF-8 gespeichert.") from error
    except (OSError, ValueError) as error:
        raise DistributionError(f"Die Datei {path} lässt sich nicht lesen.") from error


def read_number(text: str, where: str) -> Decimal:
    """Digits with an optional decimal point: Decimal alone would take NaN, 1e9, 1_000 and Arabic digits too."""
    if not re.fullmatch(r"-?[0-9]+(\.[0-9]+)?", text):
        raise DistributionError(f"{where}: {_quoted(text)} ist keine Zahl mit Dezimalpunkt und ohne Tausenderzeichen.")
    number = Decimal(text)
    if number < 0:
        raise DistributionError(f"{where}: {_quoted(text)} darf nicht negativ sein.")
    return number


def one_line(message: str) -> str:
    """The message without line breaks and control characters that a file may have brought in."""
    return "".join(char if char.isprintable() or char == "\N{NO-BREAK SPACE}" else " " for char in message)


def _checked_header(header: list[str], name: str) -> list[str]:
    if missing := [column for column in COLUMNS if column not in header]:
        raise DistributionError(f"{name}: Es fehlt die Spalte {', '.join(missing)}.")
    if len(header) != len(COLUMNS):
        raise DistributionError(f"{name}: Erlaubt sind genau die Spalten {','.join(COLUMNS)}, jede einmal.")
    return header


def _read_space(cells: dict[str, str], where: str) -> Space:
    if not cells["key"]:
        raise DistributionError(f"{where}: key ist leer.")
    offices = read_number(cells["offices"], f"{where}, offices")
    if offices % 1:
        raise DistributionError(f"{where}, offices: {_quoted(cells['offices'])} ist keine ganze Zahl.")
    return Space(
        key=cells["key"],
        offices=int(offices),
        reference_population=read_number(cells["reference_population"], f"{where}, reference_population"),
        factor=read_number(cells["factor"], f"{where}, factor"),
        previous=read_number(cells["previous"], f"{where}, previous") if cells["previous"] else None,
    )


def _quoted(text: str) -> str:
    return f"„{text if len(text) <= 40 else text[:40] + '…'}“"
