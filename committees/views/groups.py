"""Gremien: the list, the home of a body, and keeping bodies."""

from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db.models import Exists, Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from budgets.models import AdoptedDistribution
from budgets.split_reading import splittable_by_group
from budgets.views.splits import split_answer
from committees.forms.groups import CommitteeFilter, CommitteeForm
from committees.gates import get_committee_or_404, get_negotiating_or_404
from committees.models import AcceptanceRound, Committee, Membership, SavedScenario, Tie, WeightRound
from committees.services.groups import close_committee, keep_committee
from committees.tables.groups import CommitteeTable, MemberTable
from committees.tasks import tasks_of
from jugendhilfe.accounts.http import SignedInRequest
from jugendhilfe.accounts.models import User
from regions.access import scope
from regions.forms.reasons import LastDayForm
from regions.gates import require_everywhere
from regions.history import history_of
from regions.views.master_data import attempt, notes

LISTING = ("Gremien", "committees:committee_list")


@require_safe
def committee_list(request: SignedInRequest) -> HttpResponse:
    committees = Committee.objects.visible_to(request.user).with_function_of(request.user).select_related("region")
    form = CommitteeFilter(request.GET)
    table = CommitteeTable(form.apply(committees), request=request)
    if file := table.download(name="gremien", notes=notes("Gremien des Jugendamtes")):
        return file
    context = {"table": table, "filter": form, "may_edit": may_edit(request.user)}
    return render(request, "committees/committee_list.html", context)


@require_safe
def committee_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    inside = Committee.objects.worked_in_by(request.user)
    bodies = Committee.objects.visible_to(request.user).annotate(is_open=Exists(inside.filter(pk=pk)))
    committee = get_object_or_404(bodies.select_related("region"), pk=pk)
    context: dict[str, Any] = {"committee": committee, "may_edit": may_edit(request.user)}
    if committee.is_open:  # type: ignore[attr-defined]
        context |= _work(request, committee)
        if file := context["table"].download(name="mitglieder", notes=notes(f"Mitglieder: {committee}")):
            return file  # type: ignore[no-any-return]
    return render(request, "committees/committee_detail.html", context)


def _work(request: SignedInRequest, committee: Committee) -> dict[str, Any]:
    """What members and the county see of a body. `weight_rounds`, `scenarios`, `acceptance_rounds`: see the parts
    of the page that show them.
    """
    user, today = request.user, timezone.localdate()
    members = list(members_for(user).filter(committee=committee))
    own = next((member for member in members if member.person_id == user.pk and member.is_valid_on(today)), None)
    past = [member for member in members if member.valid_to and member.valid_to < today]
    tasks = [task for task in tasks_of(user, today) if task.committee == committee.pk] if own else []
    return {
        "membership": own,
        "may_vote": bool(own and own.may_vote and own.deputy_for_id is None),
        "leads": bool(own and own.leads) or scope(user, "edit_schemes").everything,
        "tasks": [(task, *task.badge(today)) for task in tasks],
        "table": MemberTable([member for member in members if member not in past], request=request),
        "past": MemberTable(past, caption="Frühere Mitglieder", prefix="frueher-") if past else None,
        "weight_rounds": WeightRound.objects.visible_to(user).filter(committee=committee),
        "scenarios": SavedScenario.objects.visible_to(user).filter(committee=committee).in_use(),
        "acceptance_rounds": AcceptanceRound.objects.visible_to(user).filter(committee=committee),
        "may_see_history": may_see_history(user),
    }


def members_for(user: User) -> Any:
    """Memberships this user may see, with person, deputy and the ties of today."""
    ties = Tie.objects.visible_to(user).with_names(user).valid_on(timezone.localdate())
    return (
        Membership.objects.visible_to(user)
        .select_related("person", "committee", "deputy_for__person")
        .prefetch_related(Prefetch("person__ties", queryset=ties, to_attr="ties_today"))
    )


def may_edit(user: User) -> bool:
    return scope(user, "edit_committees").everything


def may_see_history(user: User) -> bool:
    """The history names who did what: for those who keep the bodies and those who audit."""
    return may_edit(user) or scope(user, "view_audit").everything


def parents(committee: Committee | None = None, *more: tuple[str, str]) -> list[tuple[str, str]]:
    """What stands above a page: the list, the body, and more below it."""
    own = [(str(committee), committee.get_absolute_url())] if committee else []
    return [(LISTING[0], reverse(LISTING[1])), *own, *more]


@require_safe
def committee_split(request: SignedInRequest, pk: int) -> HttpResponse:
    """The split of the newest adopted distribution, with all offices: the body negotiates it."""
    committee = get_negotiating_or_404(request.user, pk)
    distribution = AdoptedDistribution.objects.current().with_rows().first()
    basis = splittable_by_group(distribution) if distribution else None
    context = {"title": f"Aufteilung: {committee}", "parents": parents(committee)}
    return split_answer(request, distribution.year if distribution else None, basis, context)


@require_http_methods(["GET", "POST"])
def committee_edit(request: SignedInRequest, pk: int | None = None) -> HttpResponse:
    require_everywhere(request.user, "edit_committees")
    committee = get_object_or_404(Committee, pk=pk) if pk is not None else Committee(valid_from=timezone.localdate())
    form = CommitteeForm(request.POST or None, instance=committee)
    if request.method == "POST" and form.is_valid():
        kept = attempt(
            form,
            lambda: keep_committee(committee=form.save(commit=False), actor=request.user, reason=form.given_reason),
        )
        if kept is not None:
            messages.success(request, f"„{kept}“ ist {'gespeichert' if pk else 'angelegt'}.")
            return redirect(kept)
    stored = Committee.objects.get(pk=pk) if pk else None
    context = {
        "title": f"{stored} bearbeiten" if stored else "Gremium anlegen",
        "form": form,
        "button": "Speichern" if pk else "Anlegen",
        "parents": parents(stored),
        "cancel_url": stored.get_absolute_url() if stored else reverse(LISTING[1]),
    }
    return render(request, "components/form_page.html", context)


@require_http_methods(["GET", "POST"])
def committee_close(request: SignedInRequest, pk: int) -> HttpResponse:
    require_everywhere(request.user, "edit_committees")
    committee = get_object_or_404(Committee, pk=pk)
    form = LastDayForm(request.POST or None, initial={"last_day": timezone.localdate()})
    if request.method == "POST" and form.is_valid():
        done = attempt(form, lambda: close_committee(committee=committee, actor=request.user, **form.cleaned_data))
        if done is not None:
            messages.success(request, f"„{done}“ endet am {form.cleaned_data['last_day']:%d.%m.%Y}.")
            return redirect(done)
    context = {
        "title": f"{committee} beenden",
        "question": "Bis zu welchem Tag besteht das Gremium?",
        "consequences": [
            "Alle Mitgliedschaften enden an diesem Tag; danach öffnen die Mitglieder die Seiten nicht mehr.",
            "Was das Gremium beraten hat, bleibt erhalten und für die Kreisverwaltung sichtbar.",
        ],
        "form": form,
        "button": "Gremium beenden",
        "parents": parents(committee),
        "cancel_url": committee.get_absolute_url(),
    }
    return render(request, "components/confirm.html", context)


@require_safe
def committee_history(request: SignedInRequest, pk: int) -> HttpResponse:
    require_history(request.user)
    committee = get_committee_or_404(request.user, pk)
    context = {"title": f"Verlauf: {committee}", "items": history_of(committee), "parents": parents(committee)}
    return render(request, "committees/group_history.html", context)


def require_history(user: User) -> None:
    """403 for those who do not read who did what."""
    if not may_see_history(user):
        raise PermissionDenied
