"""What the social spaces had in a year: as a table to type into, and as an upload with a check before it is saved."""

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.views.decorators.http import require_http_methods, require_safe

from budgets.forms.years import AmountsForm
from budgets.imports import amounts_template, read_amounts
from budgets.models import FiscalYear
from budgets.reading import product_lines
from budgets.services import years
from budgets.views.years import GET_AND_POST, address_of, carried_out, saved, year_to_edit
from jugendhilfe.accounts.http import SignedInRequest
from jugendhilfe.lib import exports
from jugendhilfe.lib.uploads import UploadForm, drop_draft, find_draft, keep_draft
from regions.models import SocialSpace


@require_http_methods(GET_AND_POST)
def amounts_change(request: SignedInRequest, number: int) -> HttpResponse:
    year = year_to_edit(request, number)
    held = dict(year.amounts.values_list("space", "amount"))
    form = AmountsForm(request.POST or None, spaces=SocialSpace.objects.select_related("region"), held=held)
    if form.is_valid() and carried_out(request, form, years.save_amounts, year=year, amounts=form.amounts):
        for reading in form.readings:
            messages.warning(request, f"Bitte prüfen: {reading}.")
        return saved(request, number, "Die Beträge sind gespeichert.")
    context = {"title": f"Beträge {number} ändern", "year": year, "form": form, "cancel_url": address_of(number)}
    return render(request, "budgets/amount_form.html", context)


@require_safe
def amounts_file(request: SignedInRequest, number: int) -> HttpResponse:
    year = year_to_edit(request, number)
    return exports.download(amounts_template(year), f"Vorlage Beträge {number}.xlsx", exports.XLSX_TYPE)


@require_http_methods(GET_AND_POST)
def amounts_upload(request: SignedInRequest, number: int) -> HttpResponse:
    year = year_to_edit(request, number)
    form = UploadForm(request.POST, request.FILES) if request.method == "POST" else UploadForm()
    if form.is_valid():
        keep_draft(form.draft, owner=request.user.pk, purpose=_purpose(year))
        return redirect("budgets:amounts_check", number, form.draft.key)
    context = {
        "title": f"Beträge {number} einlesen",
        "year": year,
        "form": form,
        "columns": [
            ("Schlüssel", "amtlicher Schlüssel mit neun Ziffern; oder stattdessen nur der Name"),
            ("Sozialraum", "Name des Sozialraums"),
            ("Betrag", "in Euro, zum Beispiel 262.000,00"),
        ],
        "template_url": reverse("budgets:amounts_template", args=[number]),
        "cancel_url": address_of(number),
    }
    return render(request, "budgets/amount_upload.html", context)


@require_http_methods(GET_AND_POST)
def amounts_check(request: SignedInRequest, number: int, key: str) -> HttpResponse:
    year = year_to_edit(request, number)
    draft = find_draft(key, owner=request.user.pk, purpose=_purpose(year))
    if draft is None:
        messages.warning(request, "Diese Tabelle liegt nicht mehr vor. Bitte lesen Sie sie noch einmal ein.")
        return redirect("budgets:amounts_upload", number)
    read = read_amounts(draft.read(request.POST.get("blatt") or request.GET.get("blatt")), year)
    if request.method == "POST" and not read.check.errors:
        changed = years.save_amounts(year=year, amounts=read.amounts, draft=draft, actor=request.user)
        drop_draft(draft, owner=request.user.pk, purpose=_purpose(year))
        return saved(request, number, _changed(changed))
    context = {
        "title": f"Beträge {number} prüfen",
        "year": year,
        "check": read.check,
        "read": read,
        "difference": read.total - product_lines(year)[0].left,
        "again_url": reverse("budgets:amounts_upload", args=[number]),
        "button": "Beträge übernehmen",
    }
    return render(request, "budgets/amount_check.html", context)


def _changed(count: int) -> str:
    if not count:
        return "Die Tabelle enthält nur Beträge, die schon gespeichert sind."
    return "1 Betrag ist übernommen." if count == 1 else f"{count} Beträge sind übernommen."


def _purpose(year: FiscalYear) -> str:
    return f"amounts/{year.year}"
