"""The review of an adopted quota: then-current figures against the adopted ones, and entering what came of it."""

from collections.abc import Callable
from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from budgets.forms.reviews import ReviewForm
from budgets.models import AdoptedDistribution, QuotaReview
from budgets.review import Indicator, ReviewedSpace, ReviewInputs, losers, moved, values_of
from budgets.services import reviews
from budgets.services.reviews import Present
from budgets.views.distributions import carried_out
from indicators.inputs import Inputs
from jugendhilfe import __version__
from jugendhilfe.accounts.http import SignedInRequest
from jugendhilfe.lib import exports, tables
from jugendhilfe.lib.canonical import from_json
from jugendhilfe.lib.charts import SlopeChart, slope_chart
from jugendhilfe.lib.errors import DomainError
from jugendhilfe.lib.formats import format_euro, format_euro_change, format_number
from regions.access import scope
from regions.gates import require_everywhere

GET_AND_POST = ["GET", "HEAD", "POST"]
TITLE = "Überprüfung der Quote"


def _total(name: str, write: Callable[[Any], str]) -> Callable[[Any], str]:
    """The footer of a column: its sum."""
    return lambda table: write(sum(row[name] for row in table.data.data))


class ReviewTable(tables.Table):
    """What every space gets by the adopted figures and by those of today."""

    caption = "Festgelegt und mit den Zahlen von heute"
    paginated = False
    name = tables.Column(verbose_name="Sozialraum", footer="Summe")
    people_then = tables.NumberColumn(
        verbose_name="Bezugsgröße festgelegt", footer=_total("people_then", format_number)
    )
    people_now = tables.NumberColumn(verbose_name="Bezugsgröße heute", footer=_total("people_now", format_number))
    factor_then = tables.FactorColumn(verbose_name="Faktor festgelegt")
    factor_now = tables.FactorColumn(verbose_name="Faktor heute")
    share_then = tables.PercentColumn(verbose_name="Anteil festgelegt", places=2)
    share_now = tables.PercentColumn(verbose_name="Anteil heute", places=2)
    amount_then = tables.EuroColumn(verbose_name="Betrag festgelegt", footer=_total("amount_then", format_euro))
    amount_now = tables.EuroColumn(verbose_name="Betrag heute", footer=_total("amount_now", format_euro))
    difference = tables.EuroChangeColumn(verbose_name="Unterschied", footer=_total("difference", format_euro_change))

    class Meta:
        orderable = False

    def group_of(self, record: dict[str, Any]) -> str:
        return str(record["region_name"])


class ValueTable(tables.Table):
    """The values of the indicators then and today; its columns come with the data."""

    caption = "Werte der Indikatoren"
    paginated = False
    name = tables.Column(verbose_name="Sozialraum")


@require_safe
@login_not_required
def quota_review(request: HttpRequest, pk: int) -> HttpResponse:
    adopted = _adopted(pk)
    if adopted.quota_of is not None:
        return redirect("budgets:quota_review", pk=adopted.quota.pk)
    held = list(adopted.reviews.select_related("created_by"))
    found, problem = _present(adopted)
    if found and (file := _file(request, adopted, found)):
        return file
    context = {
        "title": f"{TITLE} {adopted.year.year}",
        "adopted": adopted,
        "due": adopted.due_on,
        "held": [(review, _summary(from_json(ReviewInputs, review.inputs).rows)) for review in held],
        "problem": problem,
        "found": found,
        "is_example": adopted.is_example or bool(found and found.now.is_example),
        "may_hold": scope(request.user, "adopt_models").everything and not _is_replaced(adopted),
        **(_comparison(request, found) if found and found.newer else {}),
    }
    return render(request, "budgets/quota_review.html", context)


@require_http_methods(GET_AND_POST)
def quota_review_hold(request: SignedInRequest, pk: int) -> HttpResponse:
    require_everywhere(request.user, "adopt_models")
    adopted = _adopted(pk)
    found, problem = _present(adopted)
    form = ReviewForm(request.POST or None)
    if form.is_valid():
        arguments = {"distribution": adopted, **form.cleaned_data}
        if carried_out(request, form, reviews.hold_review, **arguments):
            messages.success(request, "Die Überprüfung ist eingetragen.")
            return redirect("budgets:quota_review", pk=adopted.pk)
    page = reverse("budgets:quota_review", args=[adopted.pk])
    context = {
        "title": "Überprüfung eintragen",
        "question": f"Was hat die Überprüfung der Quote {adopted.year.year} ergeben?",
        "facts": [("Mit den Zahlen von heute", _summary(found.rows) if found else problem)],
        "consequences": [
            "Die Zahlen dieses Tages werden mit einer Prüfsumme festgeschrieben.",
            "Die Quote ändert sich dadurch nicht. Eine neue braucht einen Vorschlag und einen Beschluss.",
        ],
        "form": form,
        "button": "Überprüfung eintragen",
        "cancel_url": page,
        "parents": [
            ("Vorschläge und Festlegungen", reverse("budgets:model_list")),
            (f"Festgelegte Verteilung {adopted.year.year}", reverse("budgets:distribution_detail", args=[adopted.pk])),
            (f"{TITLE} {adopted.year.year}", page),
        ],
    }
    return render(request, "components/confirm.html", context)


@require_safe
@login_not_required
def quota_review_inputs(request: HttpRequest, pk: int) -> HttpResponse:
    """The bytes that the fingerprint of a held review is made of."""
    held = get_object_or_404(QuotaReview, pk=pk)
    return exports.download(held.inputs.encode(), f"Überprüfung {held.sha256[:8]}.json", "application/json")


def _adopted(pk: int) -> AdoptedDistribution:
    distributions = AdoptedDistribution.objects.select_related(
        "year", "basis", "quota_of", "calculation__scheme", "calculation__population"
    )
    return get_object_or_404(distributions, pk=pk)


def _present(adopted: AdoptedDistribution) -> tuple[Present | None, str]:
    try:
        return reviews.present(adopted, timezone.localdate()), ""
    except DomainError as error:
        return None, str(error)


def _is_replaced(adopted: AdoptedDistribution) -> bool:
    return AdoptedDistribution.objects.filter(replaces=adopted).exists()


def _summary(rows: tuple[ReviewedSpace, ...]) -> str:
    """One sentence on what the figures of a day would change."""
    if not moved(rows):
        return "Kein Betrag wäre ein anderer."
    fewer = losers(rows)
    spaces = "1 Sozialraum bekäme" if fewer == 1 else f"{fewer} Sozialräume bekämen"
    return f"Verschoben würden {format_euro(moved(rows))}. {spaces} weniger als festgelegt."


def _comparison(request: HttpRequest, found: Present) -> dict[str, Any]:
    """What the page shows where newer figures are there."""
    return {
        "summary": _summary(found.rows),
        "table": _table(found.rows, request),
        "values": _value_table(found.then, found.now),
        "chart": _chart(found.rows),
    }


def _table(rows: tuple[ReviewedSpace, ...], request: HttpRequest | None = None) -> ReviewTable:
    total_then = sum((row.amount_then for row in rows), Decimal(0))
    total_now = sum((row.amount_now for row in rows), Decimal(0))
    names = (
        "name",
        "region_name",
        "people_then",
        "people_now",
        "factor_then",
        "factor_now",
        "amount_then",
        "amount_now",
    )
    return ReviewTable(
        [
            {name: getattr(row, name) for name in names}
            | {
                "share_then": 100 * row.amount_then / total_then,
                "share_now": 100 * row.amount_now / total_now,
                "difference": row.difference,
            }
            for row in rows
        ],
        request=request,
    )


def _value_table(then: Inputs, now: Inputs) -> ValueTable:
    found = values_of(then, now)
    columns = [column for place, one in enumerate(found) for column in _columns(place, one)]
    return ValueTable(
        [
            {"name": place.name}
            | {f"then{n}": one.values[place.key].then for n, one in enumerate(found)}
            | {f"now{n}": one.values[place.key].now for n, one in enumerate(found)}
            for place in sorted(now.places, key=lambda place: (place.region, place.name))
        ],
        extra_columns=columns,
        orderable=False,
    )


def _columns(place: int, one: Indicator) -> list[tuple[str, tables.Column]]:
    """Two columns of an indicator, with as many decimals as it has."""
    return [
        (f"then{place}", tables.NumberColumn(verbose_name=f"{one.name} festgelegt", places=one.decimals)),
        (f"now{place}", tables.NumberColumn(verbose_name=f"{one.name} heute", places=one.decimals)),
    ]


def _chart(rows: tuple[ReviewedSpace, ...]) -> SlopeChart:
    return slope_chart(
        id="ueberpruefung",
        title="Festgelegt und mit den Zahlen von heute",
        before="Festgelegt",
        after="Heute",
        rows=[(row.name, row.amount_then, row.amount_now) for row in rows],
    )


def _file(request: HttpRequest, adopted: AdoptedDistribution, found: Present) -> HttpResponse | None:
    """Both tables as a workbook, or one of them as CSV, where ?format= asks for it; else None."""
    sheets = {"betraege": _table(found.rows).sheet, "werte": _value_table(found.then, found.now).sheet}
    name = f"Überprüfung der Quote {adopted.year.year}"
    match request.GET.get("format"):
        case "xlsx":
            notes = exports.Notes(
                source=f"Festgelegte Verteilung {adopted.year.year} und die Datenstände vom Abruf",
                date=timezone.localdate(),
                version=__version__,
                lines=[(one.name, f"festgelegt: {one.then}; heute: {one.now}") for one in found.newer],
            )
            return exports.xlsx_response(list(sheets.values()), notes, name)
        case "csv":
            asked = request.GET.get("tabelle", "")
            return exports.csv_response(sheets.get(asked, sheets["betraege"]), f"{name} {asked}".strip())
    return None
