"""A transition as Excel (all tables) and CSV (spaces × years), with its fingerprint where it was put forward."""

import datetime as dt
from collections.abc import Sequence
from decimal import Decimal

from django.http import HttpResponse
from django.utils import timezone

from budgets.models import TransitionPlan
from budgets.transition_contracts import Bearing, ContractChange
from budgets.transition_reading import Reading, payments
from jugendhilfe import __version__
from jugendhilfe.lib import exports
from jugendhilfe.lib.exports import Column, Notes, Sheet, Value


def transition_file(
    reading: Reading,
    kind: str | None,
    *,
    plan: TransitionPlan | None = None,
    bearings: Sequence[Bearing] = (),
    changes: Sequence[ContractChange] = (),
) -> HttpResponse | None:
    """The download that `?format=xlsx` or `?format=csv` asks for; contracts and costs only for those who see them."""
    name = f"Übergang ab {reading.inputs.year}"
    match kind:
        case "xlsx":
            sheets = [*transition_sheets(reading), *_bearings(bearings), *_changes(changes)]
            return exports.xlsx_response(sheets, _notes(reading, plan), name)
        case "csv":
            return exports.csv_response(transition_sheets(reading)[0], name)
    return None


def transition_sheets(reading: Reading) -> list[Sheet]:
    """Spaces × years, the sums of every year, and who pays for whom."""
    return [_spaces(reading), _years(reading), *_payments(reading)]


def _spaces(reading: Reading) -> Sheet:
    columns = [
        Column("Jahr", "integer", places=0),
        Column("Schlüssel"),
        Column("Sozialraum"),
        Column("Region"),
        Column("Bisher", "euro"),
        Column("Quote", "euro"),
        Column("gibt ab", "euro"),
        Column("Ausgleich", "euro"),
        Column("aus dem Rest", "euro"),
        Column("Betrag", "euro"),
        Column("gegenüber dem Jahr davor", "euro"),
        Column("gegenüber bisher", "euro"),
    ]
    names = {space.key: space.name for space in reading.inputs.spaces}
    regions = {region.number: region.name for region in reading.inputs.regions}
    rows: list[list[Value]] = [
        [
            year.year,
            row.key,
            names[row.key],
            regions[row.region],
            row.old,
            row.quota,
            row.given,
            row.compensation,
            row.from_rest,
            row.amount,
            row.change,
            row.change_from_old,
        ]
        for year in reading.years
        for row in year.rows
    ]
    return Sheet("Übergang", columns, rows)


def _years(reading: Reading) -> Sheet:
    regions = reading.inputs.regions
    columns = [
        Column("Jahr", "integer"),
        Column("Betrag ohne die Erhöhung", "euro", width=20),
        Column("Erhöhung", "euro"),
        Column("Jahressumme", "euro"),
        Column("Ausgleich in %", "percent"),
        Column("Quoten", "euro"),
        Column("geben ab", "euro"),
        Column("Ausgleich", "euro"),
        Column("aus dem Rest", "euro"),
        Column("Sozialräume", "euro"),
        Column("frei geworden", "euro"),
        Column("Rest der Erhöhung", "euro"),
        *(Column(f"Regionales Budget 1, {region.name}", "euro", width=22) for region in regions),
        Column("Rücklage", "euro"),
    ]
    rows: list[list[Value]] = [
        [
            year.year,
            year.base,
            year.extra,
            year.total,
            Decimal(year.paid_percent.numerator) / year.paid_percent.denominator,
            year.quota,
            year.given,
            year.compensation,
            year.from_rest,
            year.amount,
            year.released,
            year.rest,
            *(line.regional_1 for line in year.regions),
            year.reserve,
        ]
        for year in reading.years
    ]
    return Sheet("Jahre", columns, rows)


def _payments(reading: Reading) -> list[Sheet]:
    columns = [Column("Jahr", "integer"), Column("Von"), Column("An"), Column("Betrag", "euro")]
    rows: list[list[Value]] = [[year.year, *one] for year, paid in payments(reading) for one in paid]
    return [Sheet("Wer zahlt für wen", columns, rows)] if rows else []


def _bearings(bearings: Sequence[Bearing]) -> list[Sheet]:
    columns = [
        Column("Jahr", "integer"),
        Column("Sozialraumbüro"),
        Column("Sozialraum"),
        Column("gebunden", "euro"),
        Column("anerkannte Fixkosten", "euro"),
        Column("es fehlen", "euro"),
    ]
    rows: list[list[Value]] = [
        [cover.year, one.office, one.space, cover.bound, cover.fixed, cover.gap]
        for one in bearings
        for cover in one.covers
    ]
    return [Sheet("Tragfähigkeit", columns, rows)] if rows else []


def _changes(changes: Sequence[ContractChange]) -> list[Sheet]:
    columns = [
        Column("ab", "date"),
        Column("Sozialraumbüro"),
        Column("Träger"),
        Column("vorher", "euro"),
        Column("dann", "euro"),
        Column("weniger", "euro"),
        Column("Kündigung spätestens am", "date"),
        Column("Stand"),
    ]
    rows: list[list[Value]] = [
        [
            one.cut.from_day,
            one.office,
            one.carrier,
            one.cut.before,
            one.cut.amount,
            one.cut.less,
            one.notice_by,
            one.status[1],
        ]
        for one in changes
    ]
    return [Sheet("Verträge", columns, rows)] if rows else []


def _notes(reading: Reading, plan: TransitionPlan | None) -> Notes:
    lines = list(reading.facts)
    day: dt.date = timezone.localdate()
    if plan is not None:
        day = timezone.localdate(plan.adopted_at or plan.proposed_at)
        lines += [
            ("Stand des Übergangs", plan.get_status_display()),
            ("Rechtsgrundlage", str(plan.basis) if plan.basis else "noch keine"),
            ("Prüfsumme der Eingaben (SHA-256)", plan.sha256),
        ]
    else:
        lines.append(("Hinweis", "Was-wäre-wenn-Rechnung, kein Beschluss."))
    if reading.inputs.is_example:
        lines.append(("Beispieldaten", "Ein Teil der Beträge ist ein Beispiel und steht in keinem Beschluss."))
    source = f"Übergang „{plan.name}“" if plan else "Übergang durchgerechnet"
    return Notes(source=source, date=day, version=__version__, lines=lines)
