"""A transition as a carrier reads it, the letter about it, and what the carrier says to it."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from budgets.models import TransitionPlan
from budgets.views.distributions import carried_out
from committees.carrier_transition import Meaning, meaning_for, meanings_of
from committees.forms.statements import StatementForm, SubmitForm
from committees.models import CarrierStatement, Consultation, Paper
from committees.reports.letter import letter_workbook, render_letter
from committees.services import statements
from committees.tables.statements import carrier_table
from jugendhilfe import __version__
from jugendhilfe.accounts.http import SignedInRequest
from jugendhilfe.accounts.models import User
from jugendhilfe.lib.canonical import digest
from jugendhilfe.lib.exports import XLSX_TYPE, Notes, download
from regions.access import scope
from regions.gates import require_everywhere
from regions.models import Carrier

GET_AND_POST = ["GET", "HEAD", "POST"]
TITLE = "Was heißt das für uns?"


@require_safe
def carrier_transition(request: SignedInRequest, pk: int, plan: int) -> HttpResponse:
    carrier, found = _explained_or_404(request, pk, plan)
    meaning = meaning_for(carrier, found, today=timezone.localdate())
    if request.GET.get("format") == "xlsx":
        return download(letter_workbook(meaning), f"{_file_name(meaning)}.xlsx", XLSX_TYPE)
    context = {
        "title": TITLE,
        "carrier": carrier,
        "plan": found,
        "meaning": meaning,
        "statement": CarrierStatement.objects.visible_to(request.user).filter(plan=found, carrier=carrier).first(),
        "consultations": _consultations(request.user, found),
        "is_county": scope(request.user, "view_contracts").everything,
        **_tasks(request.user, carrier, found),
    }
    return render(request, "committees/carrier_transition.html", context)


@require_safe
def carrier_letter(request: SignedInRequest, pk: int, plan: int) -> HttpResponse:
    carrier, found = _explained_or_404(request, pk, plan)
    meaning = meaning_for(carrier, found, today=timezone.localdate())
    return download(render_letter(meaning), f"{_file_name(meaning)}.pdf", "application/pdf")


@require_http_methods(GET_AND_POST)
def statement_write(request: SignedInRequest, pk: int, plan: int) -> HttpResponse:
    carrier, found = _explained_or_404(request, pk, plan)
    _must(request.user, "write_statements", carrier)
    statement = CarrierStatement.objects.filter(plan=found, carrier=carrier).first()
    own = reverse("committees:carrier_transition", args=[carrier.pk, found.pk])
    if not statements.may_be_written(found) or (statement and not statement.is_draft):
        messages.info(request, "Zu diesem Übergang ist keine Stellungnahme mehr zu schreiben.")
        return redirect(own)
    form = StatementForm(request.POST or None, instance=statement or CarrierStatement())
    if form.is_valid():
        arguments = {"plan": found, "carrier": carrier, "text": form.cleaned_data["text"]}
        if carried_out(request, form, statements.save_statement, **arguments):
            messages.success(request, "Der Entwurf ist gespeichert. Abgegeben ist er noch nicht.")
            return redirect(own)
    context = {
        "title": "Stellungnahme schreiben",
        "form": form,
        "button": "Entwurf speichern",
        "cancel_url": own,
        "intro": "Bis die Leitung sie abgibt, lesen nur Sie und Ihr Haus den Entwurf. Danach liest ihn die Verwaltung, "
        "und er wird mit der Vorlage gedruckt.",
        "parents": [(TITLE, own)],
    }
    return render(request, "components/form_page.html", context)


@require_http_methods(GET_AND_POST)
def statement_submit(request: SignedInRequest, pk: int, plan: int) -> HttpResponse:
    carrier, found = _explained_or_404(request, pk, plan)
    _must(request.user, "submit_statements", carrier)
    own = reverse("committees:carrier_transition", args=[carrier.pk, found.pk])
    statement = CarrierStatement.objects.filter(plan=found, carrier=carrier).first()
    if statement is None or not statement.is_draft or not statements.may_be_written(found):
        messages.info(request, "Es gibt keinen Entwurf, der abzugeben wäre.")
        return redirect(own)
    if request.method == "POST":
        seen = request.POST.get("seen", "")
        statements.submit_statement(plan=found, carrier=carrier, actor=request.user, seen=seen)
        messages.success(request, "Die Stellungnahme ist abgegeben.")
        return redirect(own)
    context = {
        "form": SubmitForm(initial={"seen": digest(statement.text)}),
        "title": "Stellungnahme abgeben",
        "question": f"Diese Stellungnahme zu „{found.name}“ jetzt abgeben?",
        "facts": [("Stellungnahme", statement.text)],
        "consequences": [
            "Die Verwaltung kann sie lesen.",
            "Sie wird mit der Vorlage gedruckt und ist dann öffentlich, wenn die Vorlage es ist.",
            "Sie lässt sich nicht mehr ändern und nicht zurücknehmen.",
        ],
        "button": "Stellungnahme abgeben",
        "cancel_url": own,
        "parents": [(TITLE, own)],
    }
    return render(request, "components/confirm.html", context)


@require_safe
def transition_carriers(request: SignedInRequest, pk: int) -> HttpResponse:
    require_everywhere(request.user, "view_contracts")
    plan = get_object_or_404(TransitionPlan.objects.visible_to(request.user).select_related("year", "basis"), pk=pk)
    submitted = list(CarrierStatement.objects.visible_to(request.user).filter(plan=plan).select_related("carrier"))
    table = carrier_table(meanings_of(plan), {one.carrier_id for one in submitted}, request=request)
    notes = Notes(f"Übergang „{plan.name}“", timezone.localdate(), __version__)
    if file := table.download(name=f"Übergang ab {plan.year.year} Träger", notes=notes):
        return file
    context = {"title": "Träger und Stellungnahmen", "plan": plan, "table": table, "statements": submitted}
    return render(request, "committees/transition_carriers.html", context)


def _explained_or_404(request: SignedInRequest, pk: int, plan: int) -> tuple[Carrier, TransitionPlan]:
    """The carrier and the plan, if this user may read what the plan means for it."""
    carrier = get_object_or_404(Carrier.objects.visible_to(request.user), pk=pk)
    plans = TransitionPlan.objects.explained_to(request.user, carrier)
    related = ("year", "basis", "distribution__calculation", "model__scheme__population", "model__year")
    return carrier, get_object_or_404(plans.select_related(*related), pk=plan)


def _must(user: User, permission: str, carrier: Carrier) -> None:
    """What a carrier says is written by the carrier alone."""
    if carrier.pk not in scope(user, permission).carriers:
        raise PermissionDenied


def _tasks(user: User, carrier: Carrier, plan: TransitionPlan) -> dict[str, Any]:
    is_open = statements.may_be_written(plan)
    return {
        "may_write": is_open and carrier.pk in scope(user, "write_statements").carriers,
        "may_submit": is_open and carrier.pk in scope(user, "submit_statements").carriers,
    }


def _consultations(user: User, plan: TransitionPlan) -> list[Consultation]:
    """When bodies consult on it, as far as this user sees the papers."""
    papers = Paper.objects.visible_to(user).filter(transition=plan)
    return list(Consultation.objects.filter(paper__in=papers, date__gte=timezone.localdate()))


def _file_name(meaning: Meaning) -> str:
    return f"Übergang ab {meaning.transition.inputs.year} {meaning.carrier}"
