"""A comparison as Excel (all tables) and CSV (one of them): the same what-if as the page."""

from collections.abc import Iterable
from decimal import Decimal

from django.http import HttpResponse
from django.utils import timezone

from budgets.comparison import Cell, Comparison, figures
from budgets.what_if import WhatIf
from jugendhilfe import __version__
from jugendhilfe.lib import exports
from jugendhilfe.lib.exports import Notes, Sheet, Value
from jugendhilfe.lib.formats import format_euro, format_number


def comparison_file(what_if: WhatIf, kind: str | None, table: str | None) -> HttpResponse | None:
    """The download that an address asks for by `format` and, for CSV, `tabelle`."""
    if kind not in {"xlsx", "csv"} or what_if.comparison is None:
        return None
    sheets = comparison_sheets(what_if, what_if.comparison)
    name = f"Verteilung {what_if.year.year}"
    if kind == "xlsx":
        return exports.xlsx_response(list(sheets.values()), _notes(what_if), name)
    slug = table if table in sheets else "verteilung"
    return exports.csv_response(sheets[slug], name if slug == "verteilung" else f"{name} {slug}")


def comparison_sheets(what_if: WhatIf, comparison: Comparison) -> dict[str, Sheet]:
    """The tables of the page by the name they have in its address."""
    return {
        "verteilung": _amounts(comparison),
        "kennzahlen": _figures(comparison),
        "umverteilung": _transfers(comparison),
        "beitraege": _contributions(what_if, comparison),
    }


def _amounts(comparison: Comparison) -> Sheet:
    columns = [
        exports.Column("Schlüssel"),
        exports.Column("Sozialraum"),
        exports.Column("Region"),
        exports.Column("Bezugsgröße", "integer"),
        exports.Column("Belastungsfaktor", "factor", places=8),
        exports.Column("Büros", "integer"),
        exports.Column("Bisher", "euro"),
    ]
    for column in comparison.columns:
        columns += [
            exports.Column(column.title, "euro", width=20),
            exports.Column(f"{column.short_title}: Veränderung", "euro", width=20),
            exports.Column(f"{column.short_title}: Veränderung in %", "percent", width=20),
        ]
    places = {place.name: place for place in comparison.places}
    rows: list[list[Value]] = []
    for group in comparison.groups:
        for row in group.rows:
            space = places[row.name].space
            head = [space.key, row.name, group.sum.name, space.reference_population, space.factor, space.offices]
            rows.append([*head, row.previous, *_values(row.cells)])
    total = comparison.sum
    return Sheet(
        "Verteilung", columns, rows, ["", "Summe", "", None, None, None, total.previous, *_values(total.cells)]
    )


def _values(cells: Iterable[Cell]) -> list[Value]:
    return [value for cell in cells for value in (cell.amount, cell.change, cell.percent)]


def _figures(comparison: Comparison) -> Sheet:
    found = figures(comparison)
    columns = [exports.Column("Modell"), exports.Column("Hinweis")]
    for figure in found:
        kind = figure.kind if figure.kind in {"euro", "percent", "integer"} else "number"
        columns.append(exports.Column(figure.name, kind, width=20, places=4 if kind == "number" else None))  # type: ignore[arg-type]
    rows: list[list[Value]] = [
        [column.title, column.error, *(figure.values[place] for figure in found)]
        for place, column in enumerate(comparison.columns)
    ]
    return Sheet("Kennzahlen", columns, rows)


def _transfers(comparison: Comparison) -> Sheet:
    columns = [exports.Column("Modell"), exports.Column("Von"), exports.Column("An"), exports.Column("Betrag", "euro")]
    rows: list[list[Value]] = [[column.title, *paid] for column in comparison.done for paid in column.paid]
    return Sheet("Wer zahlt für wen", columns, rows)


def _contributions(what_if: WhatIf, comparison: Comparison) -> Sheet:
    columns = [
        exports.Column("Modell"),
        exports.Column("Sozialraum"),
        exports.Column("Bestandteil"),
        exports.Column("Betrag", "euro"),
    ]
    rows: list[list[Value]] = []
    for column, moved in what_if.moved_by_indicators(what_if.columns_by_need):
        for place in comparison.places:
            rows.append([column.title, place.name, "bei gleicher Belastung", moved.start[place.key]])
            rows += [[column.title, place.name, head, euros[place.key]] for head, euros in moved.columns]
    return Sheet("Beiträge in Euro", columns, rows)


def _notes(what_if: WhatIf) -> Notes:
    lines = [
        ("Haushaltsjahr", str(what_if.year.year)),
        ("Verteilter Betrag", format_euro(what_if.scenario.amount)),
        ("Gewichtungsschema", str(what_if.scheme)),
        ("Bisherige Beträge", what_if.previous.source or "keine"),
    ]
    if what_if.inputs:
        shares = what_if.inputs.shares(what_if.scenario.weights)
        names = {member.code: member.name for member in what_if.inputs.members}
        own = "" if what_if.other_weights else " wie im Schema"
        weights = ", ".join(
            f"{names[code]} {format_number(Decimal(100 * share), 2)} %" for code, share in shares.items()
        )
        lines.append((f"Gewichte{own}", weights))
        lines += [(f"Quelle: {name}", source) for name, source in what_if.inputs.sources]
    if what_if.comparison:
        lines += [(column.short_title, column.error or column.title) for column in what_if.comparison.columns]
    if what_if.is_example:
        lines.append(("Beispieldaten", "Ein Teil der Beträge ist ein Beispiel und steht in keinem Beschluss."))
    lines.append(("Hinweis", "Was-wäre-wenn-Rechnung, kein Beschluss."))
    return Notes(source="Vergleich der Verteilungsmodelle", date=timezone.localdate(), version=__version__, lines=lines)
