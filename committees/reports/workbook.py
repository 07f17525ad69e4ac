"""The calculation of a report as a workbook: every figure with all its decimals; same figures, same bytes."""

import datetime as dt

from budgets.transition_exports import transition_sheets
from budgets.transition_reading import read
from committees.reports.figures import Figures
from jugendhilfe.lib.exports import Column, Notes, Sheet, Value, to_xlsx
from jugendhilfe.lib.formats import format_date


def workbook(figures: Figures, *, name: str, date: dt.date, fingerprint: str = "") -> bytes:
    """The sheets of the annex; `date` is the paper's."""
    return to_xlsx(
        [
            _distribution(figures),
            _models(figures),
            _factors(figures),
            _values(figures),
            *_offices(figures),
            *_transition(figures),
        ],
        _notes(figures, name, date, fingerprint),
    )


def _distribution(figures: Figures) -> Sheet:
    previous = f"Vorjahr {figures.year - 1}"
    columns = [
        Column("Region"),
        Column("Sozialraum"),
        Column("Schlüssel"),
        Column("Bezugsgröße", "integer"),
        Column("Belastungsfaktor", "factor", places=8),
        Column(previous, "euro"),
        Column(f"Betrag {figures.year}", "euro"),
        Column("Veränderung", "euro"),
        Column("Veränderung in %", "percent", places=2),
    ]
    rows: list[list[Value]] = [
        [
            space.region_name,
            space.name,
            space.key,
            space.people,
            space.factor,
            space.previous,
            space.amount,
            space.change,
            space.percent,
        ]
        for space in figures.spaces
    ]
    people = sum(space.people for space in figures.spaces)
    total: list[Value] = [
        figures.whole_area, "", "", people, None, figures.previous, figures.total, figures.change, None,
    ]  # fmt: skip
    return Sheet("Verteilung", columns, rows, total)


def _models(figures: Figures) -> Sheet:
    columns = [Column("Sozialraum"), *(Column(model.code, "euro") for model in figures.models)]
    rows: list[list[Value]] = [
        [space.name, *(model.amounts[number] for model in figures.models)]
        for number, space in enumerate(figures.spaces)
    ]
    return Sheet("Modelle", columns, rows, [figures.whole_area, *(sum(model.amounts) for model in figures.models)])


def _factors(figures: Figures) -> Sheet:
    has_limits = any(space.limits for space in figures.spaces)
    columns = [
        Column("Sozialraum"),
        Column("Belastungsfaktor", "factor", places=8),
        *(Column(f"Beitrag {indicator.name}", "factor", places=8) for indicator in figures.indicators),
        *([Column("Beitrag Begrenzung", "factor", places=8)] if has_limits else []),
    ]
    rows: list[list[Value]] = [
        [
            space.name,
            space.factor,
            *(cell.contribution for cell in space.cells),
            *([space.limits] if has_limits else []),
        ]
        for space in figures.spaces
    ]
    return Sheet("Belastungsfaktoren", columns, rows)


def _values(figures: Figures) -> Sheet:
    columns = [
        Column("Indikator"),
        Column("Sozialraum"),
        Column("Wert", "number", places=8),
        Column("Zähler", "number"),
        Column("Nenner", "number"),
        Column("Wert aller Sozialräume", "number", places=8),
        Column("Bewertung", "factor", places=8),
        Column("Gewicht in %", "percent", places=4),
        Column("Quelle"),
        Column("Stichtag", "date"),
        Column("Anmerkung"),
    ]
    rows: list[list[Value]] = [
        [
            indicator.name,
            space.name,
            space.cells[number].value,
            space.cells[number].numerator,
            space.cells[number].denominator,
            indicator.county_value,
            space.cells[number].rating,
            indicator.share,
            indicator.source,
            indicator.reference_date,
            space.cells[number].note,
        ]
        for number, indicator in enumerate(figures.indicators)
        for space in figures.spaces
    ]
    return Sheet("Indikatorwerte", columns, rows)


def _offices(figures: Figures) -> list[Sheet]:
    sheets = []
    if figures.offices:
        columns = [Column("Sozialraumbüro"), Column("Sozialraum"), Column("Träger"), Column("Betrag", "euro")]
        rows: list[list[Value]] = [[one.name, one.space, one.carrier, one.amount] for one in figures.offices]
        sheets.append(Sheet("Sozialraumbüros", columns, rows))
    if figures.transfers:
        columns = [Column("gibt ab"), Column("bekommt"), Column("Betrag", "euro")]
        rows = [[one.payer, one.receiver, one.amount] for one in figures.transfers]
        sheets.append(Sheet("Wer gibt, wer bekommt", columns, rows))
    return sheets


def _transition(figures: Figures) -> list[Sheet]:
    return transition_sheets(read(figures.transition.inputs.results())) if figures.transition else []


def _notes(figures: Figures, name: str, date: dt.date, fingerprint: str) -> Notes:
    sources = dict.fromkeys(
        f"{indicator.name}: {indicator.source}, Stichtag {format_date(indicator.reference_date)}"
        for indicator in figures.indicators
    )
    lines = [
        ("Modell", figures.chosen.title),
        ("Gewichtungsschema", figures.scheme),
        ("Bezugsgröße", f"{figures.population}, {figures.population_source}, {format_date(figures.population_date)}"),
        ("Vorjahr", figures.previous_source or "keine Beträge bekannt"),
        ("Rechtsgrundlage", figures.basis.name if figures.basis else "Vorschlag, noch nicht festgelegt"),
        ("Prüfsumme der Eingaben", figures.inputs_sha256),
        *([("Prüfsumme des Übergangs", figures.transition.sha256)] if figures.transition else []),
        *([("Prüfsumme der Zahlen", fingerprint)] if fingerprint else []),
        *([("Beispieldaten", ", ".join(figures.examples))] if figures.examples else []),
    ]
    return Notes("\n".join(sources), date, name, lines)
