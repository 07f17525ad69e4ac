"""A table of amounts from outside → one amount per social space, with every doubt named by cell.

A space is found by its official key, by its name, or by both, which then must agree. Excel drops the leading zero of a
key; it is put back. A row "Summe" is checked against the amounts and left out.
"""

import datetime as dt
import difflib
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal

from budgets.models import MAX_AMOUNT, FiscalYear, SpaceAmount
from jugendhilfe.lib.exports import TemplateColumn, to_template
from jugendhilfe.lib.formats import format_euro, format_euro_change
from jugendhilfe.lib.numbers import ParsedNumber, parse_money
from jugendhilfe.lib.spreadsheets import CellError, Column, Row, Table, one_of, parse_text, read_rows
from jugendhilfe.lib.uploads import Check
from regions.models import SocialSpace

KEY_DIGITS = 9
SUM_NAMES = ("Summe", "Gesamt", "Gesamtsumme", "Insgesamt", "Zusammen", "Kreis ohne Hansestadt")


class SumRow:
    """Stands where a row holds the printed sum instead of a space."""

    def __str__(self) -> str:
        return "Summe"


SUM = SumRow()


@dataclass(frozen=True, slots=True)
class AmountLine:
    """One line of the preview: what the space had by now and what it would have."""

    space: SocialSpace
    previous: Decimal | None
    amount: Decimal

    @property
    def change(self) -> Decimal | None:
        return None if self.previous is None else self.amount - self.previous


@dataclass(frozen=True, slots=True)
class AmountsRead:
    """What a table holds; `lines` are complete only where the check found no error."""

    check: Check
    lines: Sequence[AmountLine] = field(default_factory=tuple)

    @property
    def amounts(self) -> dict[int, Decimal]:
        return {line.space.pk: line.amount for line in self.lines}

    @property
    def total(self) -> Decimal:
        return sum((line.amount for line in self.lines), Decimal(0))

    @property
    def previous_total(self) -> Decimal:
        return sum((line.previous or Decimal(0) for line in self.lines), Decimal(0))


def read_amounts(table: Table, year: FiscalYear) -> AmountsRead:
    """Check a table against all social spaces; each must have exactly one amount."""
    spaces = list(SocialSpace.objects.select_related("region"))
    rows, errors = read_rows(table, _columns(spaces))
    found: dict[SocialSpace, Row] = {}
    printed: list[Row] = []
    for row in rows:
        space = _space_of(row, errors)
        if space is SUM:
            printed.append(row)
        elif isinstance(space, SocialSpace) and space in found:
            errors.append(row.error(_named_by(row), f"{space} steht schon in Zeile {found[space].number}."))
        elif isinstance(space, SocialSpace):
            found[space] = row
    if not errors:
        errors += [
            CellError(f"{space} fehlt (Schlüssel {space.key}). Hatte der Sozialraum nichts, tragen Sie bitte 0,00 ein.")
            for space in spaces
            if space not in found
        ]
        errors += _check_sums(printed, found)
    held = dict(SpaceAmount.objects.filter(year=year).values_list("space", "amount"))
    lines = [AmountLine(space, held.get(space.pk), found[space]["amount"]) for space in spaces if space in found]
    return AmountsRead(Check(table, rows, errors), lines)


def amounts_template(year: FiscalYear) -> bytes:
    """The workbook to fill in, with all social spaces and the amounts of the year as far as there are any."""
    held = dict(SpaceAmount.objects.filter(year=year).values_list("space", "amount"))
    columns = (
        TemplateColumn("Schlüssel", "amtlicher Schlüssel mit neun Ziffern", "033550009", width=14),
        TemplateColumn("Sozialraum", "Name, zur Kontrolle des Schlüssels", "Bleckede", required=False, width=24),
        TemplateColumn(
            "Betrag", f"Betrag {year.year} in Euro, höchstens zwei Nachkommastellen", "262.000,00", kind="euro"
        ),
    )
    rows = [(space.key, space.name, held.get(space.pk)) for space in SocialSpace.objects.all()]
    return to_template(f"Beträge {year.year}", columns, date=dt.date(year.year, 1, 1), rows=rows)


def _columns(spaces: Iterable[SocialSpace]) -> tuple[Column, ...]:
    spaces = list(spaces)
    names: dict[str, SocialSpace | SumRow] = dict.fromkeys(SUM_NAMES, SUM)
    names |= {space.full_name: space for space in spaces} | {space.name: space for space in spaces}
    return (
        Column(
            "key",
            "Schlüssel",
            _key_parser({space.key: space for space in spaces}),
            required=False,
            blank=True,
            synonyms=("amtlicher Schlüssel", "Regionalschlüssel", "ARS", "AGS", "Key"),
        ),
        Column("space", "Sozialraum", one_of(names), required=False, blank=True, synonyms=("Name", "Gemeinde")),
        Column("amount", "Betrag", parse_amount, synonyms=("Betrag in Euro", "Betrag in €", "Euro", "Budget")),
    )


def _key_parser(spaces: Mapping[str, SocialSpace]) -> Callable[[str], SocialSpace | SumRow]:
    by_sum_name = one_of(dict.fromkeys(SUM_NAMES, SUM))

    def parse(text: str) -> SocialSpace | SumRow:
        key = parse_text(text).replace(" ", "")
        if key.isascii() and key.isdigit():
            key = key.zfill(KEY_DIGITS)
            if key in spaces:
                return spaces[key]
            close = difflib.get_close_matches(key, spaces, n=1, cutoff=0.8)
            hint = f" Meinten Sie {close[0]} ({spaces[close[0]]})?" if close else ""
            raise ValueError(f"Den Schlüssel {key[:20]} hat kein Sozialraum.{hint}")
        try:
            return by_sum_name(text)
        except ValueError:
            raise ValueError(f"„{text[:40]}“ ist kein amtlicher Schlüssel. Er hat neun Ziffern.") from None

    return parse


def parse_amount(text: str) -> ParsedNumber:
    """An amount a space can have: not negative, within what the database holds."""
    parsed = parse_money(text)
    if parsed.value < 0:
        raise ValueError(f"Ein Betrag ist hier nicht negativ. Meinten Sie {format_euro(-parsed.value)}?")
    if parsed.value > MAX_AMOUNT:
        raise ValueError(f"Der Betrag ist höher als {format_euro(MAX_AMOUNT)}. Bitte prüfen Sie das Komma.")
    return parsed


def _space_of(row: Row, errors: list[CellError]) -> SocialSpace | SumRow | None:
    by_key, by_name = row["key"], row["space"]
    found: SocialSpace | SumRow | None = by_key or by_name
    if found is None:
        errors.append(CellError("Hier fehlen Schlüssel und Sozialraum.", row.number))
    elif by_key and by_name and by_key is not by_name:
        errors.append(row.error("space", f"Der Schlüssel dieser Zeile gehört zu {by_key}, der Name zu {by_name}."))
        return None
    return found


def _named_by(row: Row) -> str:
    return "space" if row["space"] else "key"


def _check_sums(printed: Sequence[Row], found: Mapping[SocialSpace, Row]) -> list[CellError]:
    total = sum((row["amount"] for row in found.values()), Decimal(0))
    return [
        row.error(
            "amount",
            f"Die Summe in der Tabelle ist {format_euro(row['amount'])}, die Beträge ergeben {format_euro(total)} "
            f"(Unterschied {format_euro_change(total - row['amount'])}).",
        )
        for row in printed
        if row["amount"] != total
    ]
