"""Missing values of a scheme: which there are, and what is done about each."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from indicators.forms.schemes import GapForm
from indicators.models import GapChoice, Indicator
from indicators.reading import gaps_of, outcome_of
from indicators.services import schemes
from indicators.views.schemes import parents_of, scheme_or_404
from jugendhilfe.accounts.http import SignedInRequest
from jugendhilfe.lib.errors import DomainError
from regions.access import scope
from regions.gates import require_everywhere
from regions.models import SocialSpace


@require_safe
def gap_list(request: SignedInRequest, pk: int) -> HttpResponse:
    scheme = scheme_or_404(request, pk)
    outcome = outcome_of(scheme)
    context = {
        "title": f"{scheme}: fehlende Werte",
        "scheme": scheme,
        "outcome": outcome,
        "gaps": gaps_of(outcome.inputs),
        "dropped": [member for member in outcome.inputs.members if member.dropped] if outcome.inputs else [],
        "may_decide": scheme.is_draft and scope(request.user, "edit_schemes").everything,
    }
    return render(request, "indicators/scheme_gaps.html", context)


@require_http_methods(("GET", "POST"))
def gap_decide(request: SignedInRequest, pk: int, code: str, key: str) -> HttpResponse:
    require_everywhere(request.user, "edit_schemes")
    scheme = scheme_or_404(request, pk)
    gaps = gaps_of(outcome_of(scheme).inputs)
    gap = next((gap for gap in gaps if (gap.member.code, gap.place.key) == (code, key)), None)
    if gap is None:
        raise Http404
    form = GapForm(request.POST or None, initial={"choice": gap.cell.origin, "reason": gap.reason})
    if form.is_valid():
        choice = GapChoice(form.cleaned_data.pop("choice"))
        indicator, space = get_object_or_404(Indicator, code=code), get_object_or_404(SocialSpace, key=key)
        try:
            schemes.decide_gap(
                scheme=scheme, indicator=indicator, space=space, choice=choice, actor=request.user, **form.cleaned_data
            )
        except DomainError as error:
            form.add_error(None, str(error))
        else:
            messages.success(request, f"Der Umgang mit dem fehlenden Wert für {space.name} ist gespeichert.")
            return redirect("indicators:gap_list", scheme.pk)
    context = {
        "title": f"Fehlender Wert: {gap.member.short_name} in {gap.place.name}",
        "form": form,
        "intro": gap.sentence,
        "button": "Speichern",
        "cancel_url": reverse("indicators:gap_list", args=[scheme.pk]),
        "parents": [*parents_of(scheme), ("Fehlende Werte", reverse("indicators:gap_list", args=[scheme.pk]))],
    }
    return render(request, "components/form_page.html", context, status=422 if form.errors else 200)


@require_POST
def gap_restore(request: SignedInRequest, pk: int, code: str) -> HttpResponse:
    require_everywhere(request.user, "edit_schemes")
    scheme = scheme_or_404(request, pk)
    indicator = get_object_or_404(Indicator, code=code)
    schemes.restore_indicator(scheme=scheme, indicator=indicator, actor=request.user)
    messages.success(request, f"„{indicator}“ zählt wieder mit.")
    return redirect("indicators:gap_list", scheme.pk)


gap_urls = [
    path("schemata/<int:pk>/fehlende-werte/", gap_list, name="gap_list"),
    path("schemata/<int:pk>/fehlende-werte/<slug:code>/aufnehmen/", gap_restore, name="gap_restore"),
    path("schemata/<int:pk>/fehlende-werte/<slug:code>/<str:key>/", gap_decide, name="gap_decide"),
]
