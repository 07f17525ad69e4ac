"""The workbook to fill in: heads that the import knows, a row for every space or member municipality."""

import datetime as dt
from collections.abc import Iterable

from indicators.imports.columns import Measure
from indicators.imports.rows import Level, Space
from jugendhilfe.lib.exports import TemplateColumn, to_template

MARKS = "Zahl mit Komma; leer = fehlt, * = geheim gehalten, - = null"


def release_template(measures: Iterable[Measure], spaces: Iterable[Space], *, level: Level, date: dt.date) -> bytes:
    """An .xlsx for these indicators with keys and names filled in."""
    label = "Gemeinde" if level == Level.MEMBER else "Sozialraum"
    columns = {
        "Schlüssel": TemplateColumn("Schlüssel", "amtlicher Schlüssel", "033550009", width=14),
        label: TemplateColumn(label, "Name, zur Kontrolle des Schlüssels", "Bleckede", required=False, width=24),
    }
    measures = list(measures)
    for measure in measures:
        heads = (measure.numerator_name, measure.denominator_name) if measure.rate_per else (measure.short_name,)
        for head in heads:
            columns[head] = TemplateColumn(head, MARKS, "1.234", required=False, kind="number", width=18)
    if level == Level.MEMBER and any(not measure.rate_per for measure in measures):
        weight = "Einwohnerzahl der Gemeinde; gewichtet, was sich nicht zusammenzählen lässt"
        columns["Gewicht"] = TemplateColumn("Gewicht", weight, "7.095", required=False, kind="integer", width=14)
    rows = [
        (key, name, *[None] * (len(columns) - 2))
        for space in spaces
        for key, name in (space.members.items() if level == Level.MEMBER else [(space.key, space.name)])
    ]
    return to_template("Datenstand", list(columns.values()), date=date, rows=rows)
