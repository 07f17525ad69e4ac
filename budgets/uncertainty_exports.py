"""The uncertainty of a what-if as Excel (all tables) and CSV (one of them)."""

from decimal import Decimal

from django.http import HttpResponse
from django.utils import timezone

from budgets.bands import Band
from budgets.uncertainty import EuroUncertainty, Table
from budgets.what_if import WhatIf
from jugendhilfe import __version__
from jugendhilfe.lib import exports
from jugendhilfe.lib.exports import Column, Notes, Sheet, Value
from jugendhilfe.lib.formats import format_euro, format_number, format_percent


def uncertainty_file(
    what_if: WhatIf, found: EuroUncertainty, kind: str | None, table: str | None
) -> HttpResponse | None:
    """The download that an address asks for by `format` and, for CSV, `tabelle`."""
    if kind not in {"xlsx", "csv"}:
        return None
    sheets = {"spannen": _bands(found), **{one.id: _exact(one) for one in found.tables}}
    name = f"Unsicherheit der Verteilung {what_if.year.year}"
    if kind == "xlsx":
        return exports.xlsx_response(list(sheets.values()), _notes(what_if, found), name)
    return exports.csv_response(sheets.get(table or "", sheets["spannen"]), name)


def _bands(found: EuroUncertainty) -> Sheet:
    columns = [
        Column("Schlüssel"),
        Column("Sozialraum"),
        Column("Belastungsfaktor", "factor", places=8),
        Column("Faktor über 1 nach Gewichten", "percent", width=20),
        Column("Faktor über 1 nach Fallzahlen", "percent", width=20),
    ]
    for one in found.columns:
        columns += [
            Column(one.title, "euro", width=20),
            *(
                Column(f"{one.short_title}: {cause} {end}", "euro", width=20)
                for cause in ("Gewichte", "Fallzahlen")
                for end in ("von", "bis")
            ),
        ]
    rows: list[list[Value]] = []
    for row in found.rows:
        line: list[Value] = [
            row.place.key,
            row.place.name,
            row.place.space.factor,
            row.above_by_weights,
            row.above_by_counts,
        ]
        for cell in row.cells:
            line += [cell.amount, *_ends(cell.weights), *_ends(cell.counts)]
        rows.append(line)
    return Sheet("Spannen", columns, rows)


def _ends(band: Band | None) -> tuple[Decimal | None, Decimal | None]:
    return (band.low, band.high) if band else (None, None)


def _exact(table: Table) -> Sheet:
    columns = [Column("Sozialraum"), Column("Betrag", "euro")]
    for head in table.heads:
        columns += [Column(head, "euro", width=20), Column(f"{head}: Veränderung", "euro", width=20)]
    rows: list[list[Value]] = [
        [place.name, amount, *(value for pair in cells for value in (pair or (None, None)))]
        for place, amount, cells in table.rows
    ]
    return Sheet(table.caption, columns, rows)


def _notes(what_if: WhatIf, found: EuroUncertainty) -> Notes:
    lines = [
        ("Haushaltsjahr", str(what_if.year.year)),
        ("Verteilter Betrag", format_euro(what_if.scenario.amount)),
        ("Gewichtungsschema", str(what_if.scheme)),
        ("Ziehungen", format_number(found.draws)),
        ("Startwert des Zufalls", str(found.seed)),
        ("Spannen", "5 bis 95 % der Ziehungen, vor der Rundung"),
        ("Ohne bekannte Fallzahlen, deshalb fest", ", ".join(found.fixed) or "keiner"),
        ("Genaue Tabellen", found.detail.title),
    ]
    if what_if.inputs:
        shares = what_if.inputs.shares(what_if.scenario.weights)
        names = {member.code: member.name for member in what_if.inputs.members}
        weights = ", ".join(f"{names[code]} {format_percent(100 * share, 2)}" for code, share in shares.items())
        lines.append(("Gewichte", weights))
    if what_if.is_example:
        lines.append(("Beispieldaten", "Ein Teil der Beträge ist ein Beispiel und steht in keinem Beschluss."))
    return Notes(source="Unsicherheit der Verteilung", date=timezone.localdate(), version=__version__, lines=lines)
