"""What a transition means for a carrier, as a letter in PDF and as a workbook: same plan and contracts, same bytes."""

import datetime as dt
from typing import Any

from django.conf import settings
from django.template.loader import render_to_string
from django.utils import timezone

from committees.carrier_transition import Meaning
from jugendhilfe import __version__
from jugendhilfe.lib.exports import XLSX_TYPE, Column, Notes, Sheet, Value, to_xlsx
from jugendhilfe.lib.pdf import Attachment, render

WORKBOOK = "betraege.xlsx"


def letter_date(meaning: Meaning) -> dt.date:
    """The day on which the carriers were shown the plan; of a plan they do not see yet the day it was put forward."""
    plan = meaning.plan
    return timezone.localdate(plan.shown_to_carriers_at or plan.adopted_at or plan.proposed_at)


def render_letter(meaning: Meaning) -> bytes:
    """The PDF; a plan that the carriers do not see yet is a draft and says so."""
    day = letter_date(meaning)
    return render(
        render_to_string("papers/letter.html", context(meaning)),
        title=f"{meaning.carrier}: {meaning.plan.name}",
        attachments=[Attachment(WORKBOOK, letter_workbook(meaning), XLSX_TYPE, "Beträge Jahr für Jahr")],
        created=dt.datetime.combine(day, dt.time(), dt.UTC),
    )


def context(meaning: Meaning) -> dict[str, Any]:
    """What templates/papers/letter.html reads."""
    plan = meaning.plan
    return {
        "county": settings.COUNTY,
        "meaning": meaning,
        "carrier": meaning.carrier,
        "plan": plan,
        "date": letter_date(meaning),
        "is_draft": plan.shown_to_carriers_at is None and plan.adopted_at is None,
        "example_data": "Ein Teil der Beträge ist ein Beispiel und keine Zahl des Landkreises."
        if plan.is_example
        else "",
    }


def letter_workbook(meaning: Meaning) -> bytes:
    """The amounts of the carrier's own offices, year by year."""
    columns = [
        Column("Sozialraumbüro"),
        Column("Jahr", "integer"),
        Column("Betrag", "euro"),
        Column("davon Ausgleich", "euro"),
        Column("gegenüber dem Jahr davor", "euro", width=22),
        Column("gegenüber bisher", "euro", width=22),
    ]
    rows: list[list[Value]] = [
        [office.name, one.year, one.amount, one.compensation, one.change, one.change_from_old]
        for office in meaning.offices
        for one in office.years
        if one is not None
    ]
    plan = meaning.plan
    lines = [
        (meaning.question, meaning.answer),
        ("Stand", meaning.status),
        ("Prüfsumme der Eingaben (SHA-256)", plan.sha256),
        *([("Beispieldaten", "Ein Teil der Beträge ist ein Beispiel.")] if plan.is_example else []),
    ]
    notes = Notes(f"Übergang „{plan.name}“ für {meaning.carrier}", letter_date(meaning), __version__, lines)
    return to_xlsx([Sheet("Ihre Beträge", columns, rows)], notes)
