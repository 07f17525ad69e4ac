"""Scenarios side by side as Excel and CSV."""

from django.http import HttpResponse
from django.utils import timezone

from budgets.comparison import Cell
from committees.outcomes import SideBySide
from jugendhilfe import __version__
from jugendhilfe.lib import exports


def side_by_side_file(table: SideBySide, kind: str | None) -> HttpResponse | None:
    """The download that an address asks for by `format`."""
    if kind not in {"xlsx", "csv"}:
        return None
    columns = [exports.Column("Sozialraum"), exports.Column("Region")]
    for one in table.chosen:
        name = one.outcome.scenario.name
        columns += [
            exports.Column(f"{name}: bisher", "euro", width=20),
            exports.Column(f"{name}: {one.column.short_title}", "euro", width=20),
            exports.Column(f"{name}: Veränderung", "euro", width=20),
            exports.Column(f"{name}: Veränderung in %", "percent", width=20),
        ]
    rows = [
        [row.name, group.sum.name, *(value for cell in row.cells for value in _values(cell))]
        for group in table.groups
        for row in group.rows
    ]
    total = ["Summe", "", *(value for cell in table.sum.cells for value in _values(cell))]
    sheet = exports.Sheet("Szenarien", columns, rows, total)
    if kind == "csv":
        return exports.csv_response(sheet, "Szenarien")
    lines = [(one.outcome.scenario.name, f"{one.outcome.scenario.year}, {one.column.title}") for one in table.chosen]
    notes = exports.Notes("Gespeicherte Szenarien, heute gerechnet", timezone.localdate(), __version__, lines)
    return exports.xlsx_response([sheet], notes, "Szenarien")


def _values(cell: Cell) -> tuple[exports.Value, ...]:
    return cell.previous, cell.amount, cell.change, cell.percent
