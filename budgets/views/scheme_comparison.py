"""Two versions of a scheme side by side: what changed, who decided, what it moves."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from budgets.forms.scheme_comparison import VersionsForm
from budgets.models import FiscalYear
from budgets.scheme_comparison import SchemeComparison
from indicators.models import WeightingScheme
from jugendhilfe import __version__
from jugendhilfe.accounts.http import SignedInRequest
from jugendhilfe.lib import exports
from jugendhilfe.lib.exports import Column, Sheet, Value
from jugendhilfe.lib.formats import format_euro

TITLE = "Fassungen vergleichen"


@require_safe
def scheme_comparison(request: SignedInRequest) -> HttpResponse:
    visible = WeightingScheme.objects.visible_to(request.user)
    schemes = list(visible.select_related("population", "created_by", "proposed_by", "adopted_by"))
    years: list[Any] = list(FiscalYear.objects.visible_to(request.user).with_deducted().order_by("-year"))
    old, new = _versions(schemes, request.GET)
    context: dict[str, Any] = {"title": TITLE}
    if old is None or new is None:
        return render(request, "budgets/scheme_comparison_empty.html", context)
    year = _year(years, request.GET.get("jahr", ""))
    total = max(year.total_family - year.deducted, Decimal(0)) if year else None
    found = SchemeComparison(old, new, total)
    if file := _download(found, request.GET.get("format"), year):
        return file
    chosen = {"alt": old.pk, "neu": new.pk, "jahr": year.year if year else ""}
    context |= {"found": found, "year": year, "form": VersionsForm(chosen, schemes=schemes, years=years)}
    context["query"] = f"alt={old.pk}&neu={new.pk}&jahr={chosen['jahr']}"
    return render(request, "budgets/scheme_comparison.html", context)


def _versions(
    schemes: Sequence[WeightingScheme], given: Mapping[str, str]
) -> tuple[WeightingScheme | None, WeightingScheme | None]:
    """The two asked for; by default the newest and what it was copied from. 404 for one that the user does not see."""
    by_key = {str(scheme.pk): scheme for scheme in schemes}
    if any(given.get(name) and given[name] not in by_key for name in ("alt", "neu")):
        raise Http404
    newest = sorted(schemes, key=lambda scheme: -scheme.pk)
    asked = by_key.get(given.get("alt", ""))
    new = by_key.get(given.get("neu", "")) or next((one for one in newest if one != asked), None)
    if new is None:
        return None, None
    former = by_key.get(str(new.copied_from_id))
    return asked or former or next((one for one in newest if one != new), None), new


def _year(years: Sequence[Any], asked: str) -> Any:
    """The year asked for, or the newest with money."""
    wanted = next((year for year in years if str(year.year) == asked), None)
    return wanted or next((year for year in years if year.total_family), None)


def _download(found: SchemeComparison, kind: str | None, year: Any) -> HttpResponse | None:
    if kind not in {"xlsx", "csv"} or not found.rows:
        return None
    amounts, changes = _amounts(found), _changes(found)
    name = "Fassungen im Vergleich"
    if kind == "csv":
        return exports.csv_response(amounts, name)
    lines = [("Von", str(found.old)), ("Zu", str(found.new)), ("Verteilt", "nach Belastung (M2)")]
    if found.total is not None:
        lines.append((f"Betrag {year.year}", format_euro(found.total)))
    if found.is_example:
        lines.append(("Beispieldaten", "Ein Teil der Zahlen ist ein Beispiel und keine amtliche Angabe."))
    notes = exports.Notes(
        source="Vergleich zweier Fassungen", date=timezone.localdate(), version=__version__, lines=lines
    )
    return exports.xlsx_response([amounts, changes], notes, name)


def _amounts(found: SchemeComparison) -> Sheet:
    columns = [
        Column("Schlüssel"),
        Column("Sozialraum"),
        Column("Faktor alt", "factor", places=8),
        Column("Faktor neu", "factor", places=8),
        Column("Betrag alt", "euro"),
        Column("Betrag neu", "euro"),
        Column("Veränderung", "euro"),
        *(Column(head, "euro", width=20) for head in found.heads),
    ]
    rows: list[list[Value]] = [
        [
            row.place.key,
            row.place.name,
            row.factor_before,
            row.factor,
            row.before,
            row.amount,
            row.change,
            *row.parts,
        ]
        for row in found.rows
    ]
    total: list[Value] = ["", "Summe", None, None, found.total, found.total, *([Decimal(0)] if found.total else [None])]
    return Sheet("Faktoren und Beträge", columns, rows, [*total, *found.sums])


def _changes(found: SchemeComparison) -> Sheet:
    columns = [Column("Angabe"), Column(str(found.old), width=30), Column(str(found.new), width=30)]
    return Sheet(
        "Was sich unterscheidet",
        columns,
        [[one.what, one.before, one.now] for one in (*found.changes, *found.decisions)],
    )
