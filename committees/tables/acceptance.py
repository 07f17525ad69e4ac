"""The result of a round of ratings as tables: means by side, how often each score was given, the reasons."""

from collections.abc import Iterable
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.urls import reverse

from committees.acceptance import HIGHEST, Resistance, Tally, two_places
from committees.models import AcceptanceRound, RatedModel
from jugendhilfe.lib import exports, tables


class ResultTable(tables.Table):
    """Expects pairs of model and resistance as dicts, see `result_table`."""

    caption = "Mittlerer Widerstand je Modell"
    paginated = False
    model = tables.LinkColumn(
        verbose_name="Modell", url=lambda row: reverse("committees:rated_model_detail", args=[row["key"]])
    )
    count = tables.NumberColumn(verbose_name="Bewertungen")
    mean = tables.NumberColumn(verbose_name="Mittel", places=2)


class ReasonTable(tables.Table):
    caption = "Begründungen"
    paginated = False
    model = tables.Column(verbose_name="Modell")
    score = tables.NumberColumn(verbose_name="Widerstand")
    side = tables.Column(verbose_name="Seite")
    reason = tables.Column(verbose_name="Begründung")


def result_table(
    models: Iterable[RatedModel], found: Tally, *, request: HttpRequest | None = None, with_scores: bool = False
) -> ResultTable:
    """Means of the whole and by side; `with_scores` adds how often each score was given."""
    names = {model.pk: model.name for model in models}
    scores = range(HIGHEST + 1) if with_scores else ()
    columns = [
        *((f"side{n}", tables.NumberColumn(verbose_name=side, places=2)) for n, side in enumerate(found.sides)),
        *((f"score{n}", tables.NumberColumn(verbose_name=f"Anzahl {n}")) for n in scores),
    ]
    # What nobody rated stands last.
    ranked = sorted(found.models, key=lambda one: (one.mean is None, one.mean or 0))
    rows = [_row(names[one.model], one, found.sides) for one in ranked]
    return ResultTable(rows, request=request, extra_columns=columns)


def _row(name: str, one: Resistance, sides: Iterable[str]) -> dict[str, Any]:
    return {
        "key": one.model,
        "model": name,
        "count": one.count,
        "mean": two_places(one.mean),
        **{f"side{n}": two_places(one.sides[side]) for n, side in enumerate(sides)},
        **{f"score{n}": count for n, count in enumerate(one.scores)},
    }


def reason_table(models: Iterable[RatedModel], found: Tally) -> ReasonTable:
    """All reasons, those of a minority first; without sides where none stands by itself."""
    names = {model.pk: model.name for model in models}
    votes = sorted(
        (vote for one in found.models for vote in one.reasons), key=lambda vote: (-vote.score, vote.model, vote.reason)
    )
    return ReasonTable(
        [{"model": names[vote.model], "score": vote.score, "side": vote.side, "reason": vote.reason} for vote in votes],
        exclude=() if found.sides else ("side",),
    )


def acceptance_file(
    request: HttpRequest, round: AcceptanceRound, models: list[RatedModel], found: Tally, notes: exports.Notes
) -> HttpResponse | None:
    """The file that ?format= asks for: a workbook with both tables, or one of them as CSV; else None."""
    sheets = {
        "ergebnis": result_table(models, found, with_scores=True).sheet,
        "begruendungen": reason_table(models, found).sheet,
    }
    name = f"bewertung-{round.pk}"
    match request.GET.get("format"):
        case "xlsx":
            return exports.xlsx_response(list(sheets.values()), notes, name)
        case "csv":
            asked = request.GET.get("tabelle", "")
            return exports.csv_response(
                sheets.get(asked, sheets["ergebnis"]), f"{name}-{asked}" if asked in sheets else name
            )
    return None
