"""Rounds of points: the page of a round, the points of a member, proposals, closing, taking over."""

from decimal import Decimal
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from committees.forms.rounds import AnswerForm, PointsForm, ProposalForm, RoundForm, not_yet_in, points_name
from committees.gates import (
    get_committee_or_404,
    membership_of,
    require_leading,
    require_voting_member,
)
from committees.models import (
    Committee,
    IndicatorProposal,
    PointSheet,
    ProposalAnswer,
    WeightRound,
)
from committees.points import FEWEST, even_points, format_points
from committees.rounds import RoundReading, as_decimal
from committees.services import rounds as services
from committees.tables.rounds import SPREAD, PointsTable, ResultTable, SidesTable
from indicators.models import WeightingScheme
from jugendhilfe.accounts.http import SignedInRequest
from jugendhilfe.audit.models import Entry
from jugendhilfe.lib.charts import SpreadChart, SpreadRow, spread_chart
from jugendhilfe.lib.formats import format_date
from jugendhilfe.lib.tables import Table
from regions.views.master_data import attempt, notes

GET_AND_POST = ["GET", "HEAD", "POST"]
FORM_PAGE, CONFIRM = "components/form_page.html", "components/confirm.html"
POINTS_PAGE = "committees/weight_round_points.html"
FILL_IN = {"gleich", "schema"}


@require_safe
def weight_round_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    round = _round_or_404(request, pk)
    reading = RoundReading(round, request.user)
    tables = _tables(request, reading)
    asked = tables.get(request.GET.get("tabelle", ""), tables.get("gewichte"))
    if asked and (file := asked.download(name=f"{round.title} {asked.caption}", notes=notes(_source(round)))):
        return file
    readable = WeightingScheme.objects.visible_to(request.user).filter(pk__in=(round.scheme_id, round.result_id or 0))
    context = {
        "title": round.title,
        "round": round,
        "proposals": reading.proposals,
        "reading": reading,
        "tables": [
            (table, table.url(tabelle=name, format="xlsx"), table.url(tabelle=name, format="csv"))
            for name, table in tables.items()
        ],
        "chart": _chart(reading),
        "readable": set(readable.values_list("pk", flat=True)),
        "history": Entry.objects.for_object(round).with_actor() if reading.leads else None,
        "parents": _parents(round.committee),
    }
    return render(request, "committees/weight_round_detail.html", context)


@require_http_methods(GET_AND_POST)
def weight_round_create(request: SignedInRequest, pk: int) -> HttpResponse:
    committee = get_committee_or_404(request.user, pk)
    require_leading(request.user, committee)
    form = RoundForm(request.POST or None, instance=WeightRound(committee=committee))
    if form.is_valid():
        round = attempt(form, lambda: services.open_round(round=form.save(commit=False), actor=request.user))
        if round is not None:
            messages.success(request, f"Die Runde „{round}“ ist eröffnet.")
            return redirect(round)
    return render(
        request,
        FORM_PAGE,
        {
            "title": "Gewichtungsrunde eröffnen",
            "intro": "Jedes stimmberechtigte Mitglied verteilt 100 Punkte auf die Indikatoren. Daraus entsteht das "
            "Gewicht der Gruppe.",
            "form": form,
            "button": "Runde eröffnen",
            "parents": _parents(committee),
            "cancel_url": committee.get_absolute_url(),
        },
    )


@require_http_methods(GET_AND_POST)
def weight_round_change(request: SignedInRequest, pk: int) -> HttpResponse:
    round = _round_or_404(request, pk)
    require_leading(request.user, round.committee)
    if not round.is_open:
        return _closed(request, round)
    title = round.title
    form = RoundForm(request.POST or None, instance=round, has_submitted=services.has_submitted(round))
    if form.is_valid():
        data = {name: form.cleaned_data[name] for name in ("title", "closes_on", "averaging", "shows_points")}
        if attempt(form, lambda: services.change_round(round=round, actor=request.user, **data)):
            messages.success(request, "Die Runde ist geändert.")
            return redirect(round)
    context = {"title": f"{title} bearbeiten", "form": form, **_below(round, title)}
    return render(request, FORM_PAGE, context)


@require_http_methods(GET_AND_POST)
def weight_round_points(request: SignedInRequest, pk: int) -> HttpResponse:
    round = _round_or_404(request, pk)
    require_voting_member(request.user, round.committee)
    if not round.is_open:
        return _closed(request, round)
    reading = RoundReading(round, request.user)
    deed = request.POST.get("tun", "")
    if deed in FILL_IN:
        return _filled_in(request, reading, deed)
    form = _points_form(reading, request.POST or None, hand_in=deed == "abgeben")
    if request.method != "POST":
        return render(request, POINTS_PAGE, _points_context(reading, form))
    if request.headers.get("HX-Request") == "true":
        return _saved_by_itself(request, reading, form)
    if not form.is_valid() or not attempt(form, lambda: _save(request, round, form, hand_in=form.hand_in)):
        return render(request, POINTS_PAGE, _points_context(reading, form), status=422)
    if form.replaces_another_save:
        messages.warning(request, REPLACED)
    if form.hand_in:
        messages.success(request, "Ihre Punkte sind abgegeben. Bis zum Schließen können Sie sie ändern.")
        return redirect(round)
    messages.success(request, f"Der Entwurf ist gespeichert. {form.rest_in_words}")
    return redirect("committees:weight_round_points", round.pk)


def _saved_by_itself(request: SignedInRequest, reading: RoundReading, form: PointsForm) -> HttpResponse:
    """What is left of the points, while somebody types. Drafts are saved; what is handed in changes on purpose only."""
    saved = None
    if form.is_valid() and not reading.has_handed_in:
        saved = attempt(form, lambda: _save(request, reading.round, form))
    context = _points_context(reading, form, saved=saved)
    if saved is None:
        context["saved_at"] = form.data.get("stand", "")
    context["replaced"] = REPLACED if saved and form.replaces_another_save else ""
    return render(request, f"{POINTS_PAGE}#stand", context, status=422 if form.errors else 200)


REPLACED = (
    "Inzwischen war etwas anderes gespeichert worden, zum Beispiel in einem zweiten Fenster. Es gilt jetzt, was Sie "
    "hier zuletzt gespeichert haben."
)


def _save(request: SignedInRequest, round: WeightRound, form: PointsForm, *, hand_in: bool = False) -> PointSheet:
    comment = form.cleaned_data["comment"]
    return services.save_points(round=round, points=form.points, comment=comment, hand_in=hand_in, actor=request.user)


def _points_form(reading: RoundReading, data: Any, *, hand_in: bool = False) -> PointsForm:
    return PointsForm(
        data,
        round=reading.round,
        indicators=reading.indicators,
        sheet=reading.own_sheet,
        points=reading.own_points,
        present=reading.present,
        hand_in=hand_in,
    )


def _points_context(reading: RoundReading, form: PointsForm, *, saved: PointSheet | None = None) -> dict[str, Any]:
    sheet = saved or reading.own_sheet
    round = reading.round
    return {
        "title": f"Punkte vergeben: {round.title}",
        "round": round,
        "reading": reading,
        "form": form,
        "sheet": sheet,
        "saved_at": sheet.changed_at.isoformat() if sheet else "",
        "has_unsaved": form.is_bound and saved is None,
        "parents": _parents(round.committee, round),
        "today": format_date(timezone.localdate()),
    }


def _filled_in(request: SignedInRequest, reading: RoundReading, deed: str) -> HttpResponse:
    """The form with a start filled in; nothing is saved by it."""
    codes = {str(one.pk): one for one in reading.indicators}
    weights = even_points(list(codes))
    if deed == "schema":
        present = {key: reading.present.get(one.indicator_id, 0) for key, one in codes.items()}
        weights = {key: Decimal(str(round(float(share), 2))) for key, share in present.items()}
    data = request.POST.copy()
    for key, share in weights.items():
        data[points_name(int(key))] = format_points(share)
    form = _points_form(reading, data)
    form.is_valid()
    return render(request, POINTS_PAGE, _points_context(reading, form) | {"is_filled_in": True})


@require_POST
def weight_round_withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    round = _round_or_404(request, pk)
    require_voting_member(request.user, round.committee)
    services.withdraw_points(round=round, actor=request.user)
    messages.success(
        request, "Ihr Punktzettel ist zurückgezogen und wieder ein Entwurf. Er zählt erst, wenn Sie ihn abgeben."
    )
    return redirect("committees:weight_round_points", round.pk)


@require_http_methods(GET_AND_POST)
def indicator_propose(request: SignedInRequest, pk: int) -> HttpResponse:
    round = _round_or_404(request, pk)
    if membership_of(request.user, round.committee) is None:
        raise PermissionDenied
    if not round.is_open:
        return _closed(request, round)
    proposal = IndicatorProposal(round=round)
    form = ProposalForm(request.POST or None, instance=proposal, indicators=not_yet_in(round))
    if form.is_valid():
        proposal = form.save(commit=False)
        if attempt(form, lambda: services.propose_indicator(proposal=proposal, actor=request.user)) is not None:
            messages.success(request, f"„{proposal}“ ist vorgeschlagen. Alle im Gremium lesen den Vorschlag.")
            return redirect(round)
    context = {
        "title": "Indikator vorschlagen",
        "intro": "Alle im Gremium lesen Ihren Vorschlag. Der Vorsitz nimmt ihn auf oder lehnt ihn ab, immer mit einer "
        "Begründung.",
        "form": form,
        "button": "Vorschlagen",
        **_below(round),
    }
    return render(request, FORM_PAGE, context)


@require_http_methods(GET_AND_POST)
def indicator_answer(request: SignedInRequest, pk: int) -> HttpResponse:
    proposals = IndicatorProposal.objects.filter(round__in=WeightRound.objects.visible_to(request.user))
    proposal = get_object_or_404(proposals.select_related("round__committee", "indicator", "member__person"), pk=pk)
    require_leading(request.user, proposal.round.committee)
    if proposal.answer != ProposalAnswer.OPEN:
        messages.info(request, f"Dieser Vorschlag ist schon beantwortet: {proposal.get_answer_display()}.")
        return redirect(proposal.round)
    form = AnswerForm(
        request.POST or None, initial={"indicator": proposal.indicator}, indicators=not_yet_in(proposal.round)
    )
    if form.is_valid() and attempt(form, lambda: _answer(request, proposal, form.cleaned_data)) is not None:
        messages.success(request, "Die Antwort ist gespeichert.")
        return redirect(proposal.round)
    context = {
        "title": f"Vorschlag beantworten: {proposal}",
        "question": "Soll dieser Indikator in die Runde aufgenommen werden?",
        "facts": [
            ("Vorschlag", proposal.name),
            ("vorgeschlagen von", proposal.member.person.name),
            ("Begründung", proposal.reason),
            ("Quelle", proposal.source or "keine Angabe"),
        ],
        "consequences": [
            "Aufgenommen: Alle vergeben auch dafür Punkte. Abgegebene Punktzettel bleiben gültig, mit 0 Punkten dafür.",
            "Abgelehnt: Der Vorschlag und Ihre Begründung bleiben lesbar.",
        ],
        "form": form,
        "button": "Antwort speichern",
        **_below(proposal.round),
    }
    return render(request, CONFIRM, context)


def _answer(request: SignedInRequest, proposal: IndicatorProposal, data: dict[str, Any]) -> IndicatorProposal:
    if data["answer"] == ProposalAnswer.TAKEN_UP:
        return services.take_up_indicator(
            proposal=proposal, indicator=data["indicator"], reason=data["reason"], actor=request.user
        )
    return services.decline_indicator(proposal=proposal, reason=data["reason"], actor=request.user)


@require_http_methods(GET_AND_POST)
def weight_round_close(request: SignedInRequest, pk: int) -> HttpResponse:
    round = _round_or_404(request, pk)
    require_leading(request.user, round.committee)
    if not round.is_open:
        return _closed(request, round)
    if request.method == "POST":
        services.close_round(round=round, actor=request.user)
        messages.success(request, f"Die Runde „{round}“ ist geschlossen.")
        return redirect(round)
    return render(request, CONFIRM, _closing(RoundReading(round, request.user)))


def _closing(reading: RoundReading) -> dict[str, Any]:
    round = reading.round
    missing = [one for one in reading.participants if one.state != "abgegeben"]
    facts = [("Abgegeben", f"{reading.submitted} von {reading.voters}")]
    if reading.drafts:
        facts.append(("Entwürfe, die nicht zählen", str(reading.drafts)))
    if missing:
        facts.append(("Noch nicht abgegeben", "; ".join(f"{one.name} ({one.state})" for one in missing)))
    return {
        "title": f"{round.title} schließen",
        "question": "Möchten Sie diese Runde schließen?",
        "facts": facts,
        "warning": _before_closing(reading),
        "consequences": [
            "Punkte, Anmerkungen und Vorschläge ändern sich danach nicht mehr.",
            "Das Gewicht der Gruppe wird sichtbar.",
            "Wieder öffnen lässt sich eine Runde nicht; eine neue kann jederzeit beginnen.",
        ],
        "button": "Runde schließen",
        **_below(round),
    }


def _before_closing(reading: RoundReading) -> str:
    """What stands in the way of closing a round, or speaks against it."""
    if waiting := [str(one) for one, _ in reading.proposals if one.answer == ProposalAnswer.OPEN]:
        return f"Vorher braucht dieser Vorschlag eine Antwort: {'; '.join(waiting)}."
    if not reading.submitted:
        return "Noch niemand hat Punkte abgegeben. So lässt sich die Runde nicht schließen."
    if reading.submitted < FEWEST:
        return (
            f"Bei weniger als {FEWEST} Punktzetteln verraten die Gewichte, was einzelne gegeben haben. Angezeigt "
            "werden dann nur die Gewichte."
        )
    return ""


@require_http_methods(GET_AND_POST)
def weight_round_take_over(request: SignedInRequest, pk: int) -> HttpResponse:
    round = _round_or_404(request, pk)
    require_leading(request.user, round.committee)
    if round.is_open or round.result is not None:
        messages.info(
            request,
            f"Die Gewichte sind schon übernommen: {round.result}."
            if round.result
            else "Bitte schließen Sie zuerst die Runde.",
        )
        return redirect(round)
    if request.method == "POST":
        scheme = services.take_over_weights(round=round, actor=request.user)
        messages.success(
            request, f"Die Gewichte stehen im Entwurf „{scheme}“. Vorschlagen kann ihn die Jugendhilfeplanung."
        )
        return redirect(round)
    reading = RoundReading(round, request.user)
    context = {
        "title": f"{round.title}: Gewichte übernehmen",
        "question": f"Soll aus „{round.scheme}“ eine neue Fassung mit den Gewichten der Gruppe werden?",
        "facts": [(line.indicator.indicator.name, _weight(line.weight)) for line in reading.lines],
        "warning": "" if reading.weights else services.NO_WEIGHTS,
        "consequences": [
            f"Es entsteht ein Entwurf. „{round.scheme}“ bleibt, wie es ist.",
            "Neu Aufgenommenes steht mit im Entwurf; fehlende Werte oder Eckwerte ergänzt die Jugendhilfeplanung.",
            "Die Jugendhilfeplanung schlägt den Entwurf vor, die Fachdienstleitung legt ihn fest.",
        ],
        "button": "Als neue Fassung übernehmen",
        **_below(round),
    }
    return render(request, CONFIRM, context)


def _tables(request: SignedInRequest, reading: RoundReading) -> dict[str, Table]:
    """What of a closed round this reader sees, by the name it has in the address."""
    tables: dict[str, Table] = {}
    if reading.lines:
        tables["gewichte"] = ResultTable(reading, request=request, prefix="g-")
    if reading.sides:
        tables["seiten"] = SidesTable(reading, request=request, prefix="s-")
    if reading.single_points:
        tables["punkte"] = PointsTable(reading, request=request, prefix="p-")
    return tables


def _chart(reading: RoundReading) -> SpreadChart | None:
    rows = [
        SpreadRow(
            line.indicator.indicator.name, line.weight, *(as_decimal(getattr(line.spread, one)) for one in SPREAD)
        )
        for line in reading.lines
        if line.spread and line.weight is not None
    ]
    value = f"Gewicht der Gruppe ({reading.round.get_averaging_display()})"
    title = "Wie weit die Punkte auseinanderliegen"
    return spread_chart(id="spanne", title=title, rows=rows, row_head="Indikator", value=value) if rows else None


def _weight(weight: Decimal | None) -> str:
    return "kein Gewicht" if weight is None else f"{format_points(weight)} von 100"


def _round_or_404(request: SignedInRequest, pk: int) -> WeightRound:
    rounds = WeightRound.objects.visible_to(request.user).select_related("committee", "scheme", "result")
    return get_object_or_404(rounds, pk=pk)


def _closed(request: SignedInRequest, round: WeightRound) -> HttpResponse:
    messages.info(request, "Diese Runde ist geschlossen. Punkte und Vorschläge ändern sich nicht mehr.")
    return redirect(round)


def _parents(committee: Committee, round: WeightRound | None = None) -> list[tuple[str, str]]:
    own = [(round.title, round.get_absolute_url())] if round else []
    return [("Gremien", reverse("committees:committee_list")), (str(committee), committee.get_absolute_url()), *own]


def _below(round: WeightRound, title: str = "") -> dict[str, Any]:
    parents = [*_parents(round.committee), (title or round.title, round.get_absolute_url())]
    return {"parents": parents, "cancel_url": round.get_absolute_url()}


def _source(round: WeightRound) -> str:
    day = f"geschlossen am {timezone.localdate(round.closed_at):%d.%m.%Y}" if round.closed_at else "noch offen"
    return f"{round.committee}, Gewichtungsrunde „{round.title}“, {day}"
