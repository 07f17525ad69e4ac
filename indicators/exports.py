"""The calculation as a workbook: the page, every step of every cell, and the factors with all their digits."""

from collections.abc import Callable, Iterator
from decimal import Decimal

from django.http import HttpResponse

from indicators.explanation import PLACES
from indicators.inputs import Calculated, Place
from indicators.models import GapChoice
from jugendhilfe import __version__
from jugendhilfe.lib.exports import Column, Notes, Sheet, Value, csv_response, xlsx_response
from jugendhilfe.lib.formats import format_percent

FILE_NAME = "Belastung"


def burden_file(
    calculated: Calculated, page: Sheet, *, kind: str | None, title: str, shown: Callable[[Place], bool]
) -> HttpResponse | None:
    """The download that `?format=` asks for, with the rows and order of the page."""
    match kind:
        case "csv":
            return csv_response(page, FILE_NAME)
        case "xlsx":
            sheets = [page, factor_sheet(calculated, shown), step_sheet(calculated, shown)]
            return xlsx_response(sheets, _notes(calculated, title), FILE_NAME)
    return None


def factor_sheet(calculated: Calculated, shown: Callable[[Place], bool]) -> Sheet:
    """From the index to the factor, with all digits."""
    result = calculated.result
    columns = (
        Column("Schlüssel"),
        Column("Sozialraum"),
        Column("Bezugsgröße P", "integer"),
        Column("Index G", "number", places=PLACES),
        Column("mittlerer Index Ḡ", "number", places=PLACES),
        Column("G ÷ Ḡ", "number", places=PLACES),
        Column("Begrenzung", "number", places=PLACES),
        Column("Faktor F", "number", places=PLACES),
        Column("Faktor gespeichert", "number", places=8),
    )
    rows: list[list[Value]] = [
        [
            place.key,
            place.name,
            place.people,
            float(result.index[row]),
            float(result.index_mean),
            float(result.relative[row]),
            float(result.limits[row]),
            float(result.factor[row]),
            result.stored[row],
        ]
        for row, place in enumerate(calculated.inputs.places)
        if shown(place)
    ]
    return Sheet("Faktoren", columns, rows)


def step_sheet(calculated: Calculated, shown: Callable[[Place], bool]) -> Sheet:
    """One row per space and indicator, from numerator and denominator to the contribution."""
    columns = (
        Column("Schlüssel"),
        Column("Sozialraum"),
        Column("Indikator"),
        Column("Zähler", "number", places=0),
        Column("Nenner", "number", places=0),
        Column("Wert x", "number", places=PLACES),
        Column("Wert aller Sozialräume m", "number", places=PLACES),
        Column("Bewertung R", "number", places=PLACES),
        Column("Gewicht w", "number", places=PLACES),
        Column("w × R", "number", places=PLACES),
        Column("Beitrag", "number", places=PLACES),
        Column("Umgang mit fehlendem Wert"),
        Column("Datenstand"),
        Column("Stichtag", "date"),
        Column("Quelle"),
    )
    return Sheet("Rechenweg", columns, list(_steps(calculated, shown)))


def _steps(calculated: Calculated, shown: Callable[[Place], bool]) -> Iterator[list[Value]]:
    result = calculated.result
    for row, place in enumerate(calculated.inputs.places):
        if not shown(place):
            continue
        for column, member in enumerate(calculated.members):
            cell = calculated.cell(row, column)
            release = member.previous if cell.origin == GapChoice.LAST_YEAR else member.release
            rating, weight = float(result.ratings[row, column]), float(result.weights[column])
            gap = f"{GapChoice(cell.origin).label}: {cell.reason} {cell.way}".strip() if cell.origin else ""
            yield [
                place.key,
                place.name,
                member.name,
                cell.numerator,
                cell.denominator,
                float(result.values[row, column]),
                float(result.county_values[column]),
                rating,
                weight,
                weight * rating,
                float(result.contributions[row, column]),
                gap,
                release.name if release else "",
                release.reference_date if release else None,
                release.source if release else "",
            ]


def _notes(calculated: Calculated, title: str) -> Notes:
    inputs = calculated.inputs
    agreed = inputs.shares()
    weights = ", ".join(
        f"{member.name} {format_percent(Decimal(100 * agreed[member.code]), 2)}" for member in inputs.members
    )
    lines = [
        ("Gewichtungsschema", title),
        ("Gewichte", weights),
        ("Bezugsgröße", f"{inputs.population}, Stichtag {inputs.population_date:%d.%m.%Y}"),
        *((f"Quelle: {name}", source) for name, source in inputs.sources),
    ]
    if inputs.is_example:
        lines.append(("Beispieldaten", "Ein Teil der Zahlen ist ein Beispiel und keine amtliche Angabe."))
    return Notes(source="Belastungsfaktoren der Sozialräume", date=inputs.as_of, version=__version__, lines=lines)
