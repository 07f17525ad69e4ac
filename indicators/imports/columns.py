"""Which column is used for what: by its head, by a similar head, or by a choice of the person."""

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from jugendhilfe.lib.numbers import Parsed
from jugendhilfe.lib.spreadsheets import CellError, Column, Table, column_letter, parse_statistic, parse_text
from jugendhilfe.lib.spreadsheets.columns import HEADER_ROWS, normalised

# "Personen 15 bis 64" is meant for "Personen von 15 bis 64"; "Arbeitslose" is not for "Arbeitslose je 1.000".
SIMILAR_HEAD = 0.85
LARGEST = Decimal(10) ** 12

KEY_HEADS = (
    "Schlüssel",
    "amtlicher Schlüssel",
    "Gemeindeschlüssel",
    "Regionalschlüssel",
    "Schlüsselnummer",
    "AGS",
    "ARS",
)
NAME_HEADS = ("Sozialraum", "Mitgliedsgemeinde", "Gemeinde", "Samtgemeinde", "Stadt/Gemeinde", "Name", "Gebiet")
WEIGHT_HEADS = ("Gewicht", "Einwohner", "Einwohnerinnen und Einwohner", "Bevölkerung")


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """An indicator as far as a table is concerned; `rate_per` None: plain values."""

    code: str
    name: str
    short_name: str
    rate_per: int | None = None
    numerator_name: str = ""
    denominator_name: str = ""


@dataclass(frozen=True, slots=True)
class Use:
    """What a column can be used for: `name` is "key", "name", "weight" or "<code>.<part>"; each of `heads` means it."""

    name: str
    label: str
    heads: tuple[str, ...]
    measure: Measure | None = None
    part: Literal["label", "weight", "value", "numerator", "denominator"] = "label"

    @property
    def column(self) -> Column:
        """How its cells are read; all may be empty, because a gap is decided later and not refused here."""
        if self.part == "label":
            return Column(self.name, self.label, parse_text, blank=True)
        return Column(self.name, self.label, _number_at_least(None if self.part == "value" else 0), blank=True)


@dataclass(frozen=True, slots=True)
class Columns:
    """Row of the head and column by use; `similar` are the uses found by a similar head, which a person looks at."""

    row: int
    places: Mapping[str, int]
    similar: frozenset[str] = frozenset()
    errors: tuple[CellError, ...] = ()

    def titles(self, table: Table) -> dict[str, str]:
        """The heads in the file by use."""
        return {use: table.cell(self.row, place).text for use, place in self.places.items()}

    def unused(self, table: Table) -> list[str]:
        """Heads of columns that nothing is read from."""
        used = set(self.places.values())
        line = table.rows[self.row - 1] if table.rows else ()
        return [cell.text for place, cell in enumerate(line, start=1) if cell.text and place not in used]


def uses_of(measures: Iterable[Measure]) -> list[Use]:
    """Everything a column can be used for."""
    uses = [
        Use("key", "Amtlicher Schlüssel", KEY_HEADS),
        Use("name", "Name des Sozialraums oder der Gemeinde", NAME_HEADS),
        Use("weight", "Gewicht für Werte, die man nicht zusammenzählen kann", WEIGHT_HEADS, part="weight"),
    ]
    for measure in measures:
        names = (measure.name, measure.short_name, measure.code)
        if measure.rate_per:
            for part, word, head in (
                ("numerator", "Zähler", measure.numerator_name),
                ("denominator", "Nenner", measure.denominator_name),
            ):
                heads = (head, *(f"{name} {word}" for name in names))
                uses.append(Use(f"{measure.code}.{part}", f"{word}: {head}", heads, measure, part))  # type: ignore[arg-type]
        uses.append(Use(f"{measure.code}.value", f"Wert: {measure.short_name}", names, measure, "value"))
    return uses


def find_columns(table: Table, uses: Sequence[Use]) -> Columns:
    """The head among the first rows and the columns it names; a head that fits twice is an error."""
    meant = {use.name: {normalised(head) for head in use.heads} for use in uses}
    known = frozenset().union(*meant.values())

    def heads(row: int) -> dict[int, str]:
        found = {place: normalised(cell.text) for place, cell in enumerate(table.rows[row - 1], start=1)}
        return {place: text for place, text in found.items() if text}

    row = max(
        range(1, min(len(table.rows), HEADER_ROWS) + 1),
        key=lambda row: len(known.intersection(heads(row).values())),
        default=1,
    )
    titles = heads(row) if table.rows else {}
    places: dict[str, int] = {}
    errors = []
    for use in uses:
        # What a rate is made of is not the rate, even where an indicator's code is the name of its numerator.
        counted = places.get(f"{use.measure.code}.numerator") if use.measure and use.part == "value" else None
        fitting = [place for place, text in titles.items() if text in meant[use.name] and place != counted]
        if len(fitting) > 1 and use.part != "label":
            letters = ", ".join(column_letter(place) for place in fitting)
            errors.append(
                CellError(f"Für „{use.label}“ kommen mehrere Spalten in Frage ({letters}). Bitte wählen Sie eine.")
            )
        elif fitting:
            places[use.name] = fitting[0]
    similar = dict(_similar(titles, uses, meant, places))
    return Columns(row, {**places, **similar}, frozenset(similar), tuple(errors))


def missing_columns(uses: Iterable[Use]) -> Iterator[CellError]:
    """What a table must have and has not; `uses` are those with a column."""
    found = {use.name: use for use in uses}
    if "key" not in found and "name" not in found:
        yield CellError("Die Tabelle hat keine Spalte mit dem Schlüssel oder dem Namen der Sozialräume.")
    if not any(use.part in ("value", "numerator") for use in found.values()):
        yield CellError("Keine Spalte passt zu einem Belastungsindikator. Bitte ordnen Sie die Spalten zu.")
    for use in found.values():
        if use.measure and use.part == "numerator" and f"{use.measure.code}.denominator" not in found:
            denominator = use.measure.denominator_name
            yield CellError(f"Zu „{use.measure.numerator_name}“ fehlt die Spalte mit dem Nenner „{denominator}“.")


def _similar(
    titles: Mapping[int, str], uses: Iterable[Use], meant: Mapping[str, set[str]], places: Mapping[str, int]
) -> Iterator[tuple[str, int]]:
    free = {text: place for place, text in titles.items() if place not in places.values()}
    for use in uses:
        if use.part in ("label", "weight") or use.name in places:
            continue
        close = {
            free[match]
            for head in meant[use.name]
            for match in difflib.get_close_matches(head, free, n=2, cutoff=SIMILAR_HEAD)
        }
        if len(close) == 1:
            yield use.name, close.pop()


def _number_at_least(least: int | None) -> Callable[[str], object]:
    def parse(text: str) -> object:
        found = parse_statistic(text)
        if isinstance(found, Parsed):
            if least is not None and found.value < least:
                raise ValueError("Eine Anzahl kann nicht kleiner als null sein.")
            if abs(found.value) >= LARGEST:
                raise ValueError("Diese Zahl ist zu groß. Bitte prüfen Sie sie.")
        return found

    return parse
