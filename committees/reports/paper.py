"""A report as PDF: the paper's words, the figures, charts drawn from them, the calculation attached."""

import datetime as dt
from collections.abc import Iterable, Sequence
from decimal import Decimal
from itertools import batched, groupby
from typing import Any

from django.template.loader import render_to_string

from budgets.transition import KINDS
from budgets.transition_reading import Reading, read
from committees.models import Paper
from committees.reports.figures import Figures, IndicatorFigures, TransitionFigures
from committees.reports.workbook import workbook
from jugendhilfe.lib import charts
from jugendhilfe.lib.charts import Chart
from jugendhilfe.lib.exports import XLSX_TYPE
from jugendhilfe.lib.formats import format_euro, format_euro_change, format_number
from jugendhilfe.lib.pdf import Attachment, render

YEARS_OF_COST = 4
YEARS_PER_TABLE = 5
INDICATORS_PER_TABLE = 4
"""What fits beside the names on a page."""
WORKBOOK = "rechenweg.xlsx"
MISSING = "–"


def render_report(paper: Paper, figures: Figures, *, fingerprint: str = "") -> bytes:
    """The PDF; without a fingerprint it is a draft and says so. Same paper and figures, same bytes."""
    name = f"{paper.get_kind_display()} {paper.number or 'ohne Nummer'}"
    sheet = workbook(figures, name=name, date=paper.date, fingerprint=fingerprint)
    return render(
        render_to_string("papers/report.html", context(paper, figures, fingerprint)),
        title=f"{name}: {paper.subject}",
        attachments=[Attachment(WORKBOOK, sheet, XLSX_TYPE, "Rechenweg und Datenstand")],
        created=dt.datetime.combine(paper.date, dt.time(), dt.UTC),
    )


def context(paper: Paper, figures: Figures, fingerprint: str) -> dict[str, Any]:
    """What templates/papers/report.html reads."""
    return {
        "county": {"name": figures.county, "head": figures.head},
        "paper": {
            "kind": paper.get_kind_display() + ("" if fingerprint else " (ENTWURF)"),
            "number": paper.number or "noch ohne Nummer",
            "department": paper.department,
            "responsible": paper.responsible,
            "date": paper.date,
            "publicity": paper.get_publicity_display(),
            "subject": paper.subject,
            "products": paper.product_names,
            "consultations": list(paper.consultations.all()),
            "attachments": ["1 – Rechenweg und Datenstand (Excel, in dieser Datei enthalten)"],
            "fingerprint": fingerprint,
            "is_draft": not fingerprint,
        },
        "proposal": paper.proposal,
        "situations": list(paper.situations.all()),
        "example_data": example_sentence(figures),
        "figures": figures,
        "summary": summary(paper, figures),
        "contributions": list(contribution_tables(figures)),
        "values": [
            (indicator, [(space.name, space.cells[number]) for space in figures.spaces])
            for number, indicator in enumerate(figures.indicators)
        ],
        "giving": giving(figures),
        "by_model": [
            (space.name, [model.amounts[number] for model in figures.models])
            for number, space in enumerate(figures.spaces)
        ],
        "fairness": fairness_rows(figures),
        "charts": drawn(figures),
        "reading": (reading := reading_of(figures)),
        "transition_tables": list(transition_tables(reading)) if reading else [],
    }


def reading_of(figures: Figures) -> Reading | None:
    """The transition of the paper, computed again from its frozen inputs."""
    return read(figures.transition.inputs.results()) if figures.transition else None


def transition_tables(reading: Reading) -> Iterable[tuple[list[str], list[tuple[str, list[Decimal | None]]]]]:
    """The table of a transition in pieces of a few years, each with its heads, its rows and at last their sum."""
    heads = [f"{year} ({paid} Ausgleich)" if paid else str(year) for year, paid in reading.heads]
    lines = []
    for group in reading.groups:
        lines += [(line.name, line) for line in group.spaces]
        lines.append((f"{group.regional_1.name}, {group.name}", group.regional_1))
    lines += [(reading.reserve.name, reading.reserve), ("Summe", reading.total)]
    for places in batched(range(len(heads)), YEARS_PER_TABLE):
        rows = [
            (name, [*([line.old] if 0 in places else []), *(line.cells[place].amount for place in places)])
            for name, line in lines
        ]
        yield [*(["Bisher"] if 0 in places else []), *(heads[place] for place in places)], rows


def example_sentence(figures: Figures) -> str:
    """Which figures are examples; empty when all are real."""
    if not figures.examples:
        return ""
    return (
        f"{_upper(_listed(figures.examples))} sind Beispiele und keine Zahlen des Landkreises. Was daraus folgt, auch."
    )


def summary(paper: Paper, figures: Figures) -> list[tuple[str, str]]:
    """The Kurzfassung: question and answer."""
    return [
        ("Was wird entschieden?", _decision(figures)),
        ("Was kostet es?", _cost(figures)),
        ("Wer bekommt weniger?", _losers(figures)),
        *([("Wie ist der Übergang?", _way(figures.transition))] if figures.transition else []),
        ("Welche Alternativen gibt es?", _alternatives(figures)),
        ("Was geschieht bei Ablehnung?", paper.rejection or _rejection(figures)),
    ]


def _decision(figures: Figures) -> str:
    total, spaces, regions = format_euro(figures.total), len(figures.spaces), len(figures.regions)
    if figures.basis:
        return (
            f"Die Verteilung von {total} für {figures.year} auf {spaces} Sozialräume in {regions} Regionen ist schon "
            f"festgelegt: {figures.basis.name}. Der Bericht stellt sie dar."
        )
    return (
        f"Wie {total} für {figures.year} auf {spaces} Sozialräume in {regions} Regionen verteilt werden. Vorgeschlagen "
        f"ist das Modell {figures.chosen.title}."
    )


def _cost(figures: Figures) -> str:
    parts = [f"{format_euro(figures.total)} im Jahr {figures.year}"]
    if figures.change:
        parts.append(f"{format_euro_change(figures.change)} gegenüber {figures.year - 1}")
    elif figures.change is not None:
        parts.append(f"genauso viel wie {figures.year - 1}")
    years = f"{figures.year} bis {figures.year + YEARS_OF_COST - 1}"
    all_years = format_euro(figures.total * YEARS_OF_COST)
    words = [f"{', '.join(parts)}. Bleibt der Betrag gleich, sind es {years} zusammen {all_years}."]
    words += [
        f"Nicht verteilt werden {format_euro(deduction.amount)} ({deduction.name})." for deduction in figures.deductions
    ]
    return " ".join(words)


def _losers(figures: Figures) -> str:
    if figures.previous is None:
        return f"Das lässt sich nicht sagen, weil die Beträge {figures.year - 1} nicht vollständig bekannt sind."
    if not figures.losers:
        return "Kein Sozialraum."
    return ", ".join(f"{space.name} {format_euro_change(space.change or 0)}" for space in figures.losers) + "."


def _way(transition: TransitionFigures) -> str:
    reading = read(transition.inputs.results())
    decided = "Festgelegt" if transition.status == "festgelegt" else "Vorgeschlagen"
    return f"{decided}: {KINDS[transition.inputs.kind]} bis {reading.last_year}. {reading.summary} {reading.sentence}"


def _alternatives(figures: Figures) -> str:
    sentences = []
    for model in figures.alternatives:
        consequence = ""
        if figures.previous is not None:
            fewer = {0: "niemand bekommt", 1: "1 Sozialraum bekommt"}.get(
                model.losers, f"{model.losers} Sozialräume bekommen"
            )
            consequence = f" ({fewer} weniger)"
        sentences.append(f"{model.title}{consequence}")
    return "; ".join(sentences) + "."


def _rejection(figures: Figures) -> str:
    if figures.basis:
        return "Die festgelegte Verteilung gilt weiter, bis eine andere sie ersetzt."
    return f"Dann ist für {figures.year} keine Verteilung festgelegt; die Verwaltung legt einen neuen Vorschlag vor."


def contribution_tables(
    figures: Figures,
) -> Iterable[tuple[Sequence[IndicatorFigures], list[tuple[str, Any, list[str]]]]]:
    """What each indicator adds to the factor: tables of a few columns, each with its heads and rows."""
    for columns in batched(enumerate(figures.indicators), INDICATORS_PER_TABLE):
        rows = [
            (
                space.name,
                space.factor,
                [format_number(space.cells[number].contribution, 4, sign=True) for number, _ in columns],
            )
            for space in figures.spaces
        ]
        yield [indicator for _, indicator in columns], rows


def giving(figures: Figures) -> list[tuple[str, Any, str]]:
    """Who gives up how much, and to whom it goes."""
    found = []
    for payer, group in groupby(figures.transfers, key=lambda transfer: transfer.payer):
        transfers = list(group)
        receivers = ", ".join(f"{transfer.receiver} {format_euro(transfer.amount)}" for transfer in transfers)
        found.append((_upper(payer), sum(transfer.amount for transfer in transfers), receivers))
    return found


def fairness_rows(figures: Figures) -> list[tuple[str, list[str]]]:
    """The fairness figures of every model in words and numbers, as the PDF prints them."""
    models = figures.models
    rows = [
        ("Euro je Kopf, kleinster Wert", [_euro(model.per_head_low) for model in models]),
        ("Euro je Kopf, größter Wert", [_euro(model.per_head_high) for model in models]),
        (
            "Euro je belastungsgewichtetem Kopf, kleinster Wert",
            [_euro(model.per_burdened_head_low) for model in models],
        ),
        ("Euro je belastungsgewichtetem Kopf, größter Wert", [_euro(model.per_burdened_head_high) for model in models]),
        ("Gini-Wert", [_number(model.gini) for model in models]),
        ("Zusammenhang von Euro je Kopf und Belastung", [_number(model.correlation) for model in models]),
    ]
    if figures.previous is not None:
        rows += [
            ("Sozialräume, die weniger bekommen", [str(model.losers) for model in models]),
            ("Betrag, der den Sozialraum wechselt", [_euro(model.moved) for model in models]),
            ("größter Verlust", [_euro(model.largest_loss) for model in models]),
            ("größter Verlust bei", [model.largest_loss_of or MISSING for model in models]),
        ]
    return rows


def drawn(figures: Figures) -> dict[str, Chart]:
    """The charts of the report by name."""
    found: dict[str, Chart] = {
        "factors": charts.lollipop(
            id="factors",
            title="Belastungsfaktor je Sozialraum",
            rows=[charts.FactorRow(space.name, space.factor) for space in figures.spaces],
            average=f"{figures.whole_area} 1,00",
        ),
        "regions": charts.stacked_bars(
            id="regions",
            title=f"Budget {figures.year} je Region",
            series=[f"Budget {figures.year}"],
            rows=[(region.name, [region.amount]) for region in figures.regions],
        ),
    }
    if reading := reading_of(figures):
        found["transition"] = reading.chart
    if figures.previous is not None:
        found["changes"] = charts.slope_chart(
            id="changes",
            title=f"Beträge {figures.year - 1} und {figures.year} je Sozialraum",
            before=str(figures.year - 1),
            after=str(figures.year),
            rows=[(space.name, space.previous, space.amount) for space in figures.spaces if space.previous is not None],
        )
    places = [
        charts.Place(space.name, space.column, space.row, factor=space.factor, note=space.region_name)
        for space in figures.spaces
        if space.column is not None and space.row is not None
    ]
    if places:
        places += [charts.Place(area.name, area.column, area.row) for area in figures.outside]
        found["map"] = charts.hex_map(id="map", title="Belastungsfaktoren auf der Kachelkarte", places=places)
    return found


def _euro(amount: Decimal | None) -> str:
    return MISSING if amount is None else format_euro(amount)


def _number(value: Decimal | None) -> str:
    return MISSING if value is None else format_number(value, 3)


def _listed(words: Sequence[str]) -> str:
    *most, last = words
    return f"{', '.join(most)} und {last}" if most else last


def _upper(words: str) -> str:
    return words[:1].upper() + words[1:]
