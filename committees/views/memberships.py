"""A seat in a body: its page, appointing, changing and ending it, and the ties of the person who sits there."""

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from committees.forms.groups import LastDayOnlyForm, MembershipForm, TieForm
from committees.models import Committee, Membership, Tie
from committees.services.groups import appoint, end_membership, end_tie, keep_tie
from committees.views.groups import may_edit, may_see_history, members_for, parents, require_history
from jugendhilfe.accounts.http import SignedInRequest
from jugendhilfe.accounts.models import User
from regions.forms.reasons import LastDayForm
from regions.gates import require_everywhere
from regions.history import history_of
from regions.views.master_data import attempt


@require_safe
def membership_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    member = get_object_or_404(members_for(request.user), pk=pk)
    today = timezone.localdate()
    ties = Tie.objects.visible_to(request.user).with_names(request.user).filter(person=member.person_id)
    context = {
        "member": member,
        "committee": member.committee,
        "deputies": member.deputies.valid_on(today).select_related("person"),
        "ties": [(tie, tie.is_valid_on(today)) for tie in ties.order_by("-valid_from", "pk")],
        "is_own": member.person_id == request.user.pk,
        "has_ended": member.valid_to is not None and member.valid_to < today,
        "may_edit": may_edit(request.user),
        "may_see_history": may_see_history(request.user),
        "may_tie": may_tie(request.user, member),
    }
    return render(request, "committees/membership_detail.html", context)


@require_http_methods(["GET", "POST"])
def membership_new(request: SignedInRequest, pk: int) -> HttpResponse:
    require_everywhere(request.user, "edit_committees")
    committee = get_object_or_404(Committee, pk=pk)
    member = Membership(committee=committee, valid_from=max(timezone.localdate(), committee.valid_from))
    form = MembershipForm(request.POST or None, instance=member, actor=request.user)
    page = {
        "title": f"Mitglied berufen: {committee}",
        "intro": "Was ein Mitglied darf, folgt aus diesem Eintrag. Sich selbst trägt niemand ein.",
        "button": "Mitglied berufen",
        "parents": parents(committee),
        "cancel_url": committee.get_absolute_url(),
    }
    return _form_page(
        request,
        form,
        page,
        lambda: appoint(membership=form.save(commit=False), actor=request.user),
        "Die Mitgliedschaft ist eingetragen.",
    )


@require_http_methods(["GET", "POST"])
def membership_edit(request: SignedInRequest, pk: int) -> HttpResponse:
    require_everywhere(request.user, "edit_committees")
    member = _membership(request.user, pk)
    form = MembershipForm(request.POST or None, instance=member, actor=request.user)
    return _form_page(
        request,
        form,
        {"title": f"Mitgliedschaft ändern: {member.person.name}", "button": "Speichern", **_below(member)},
        lambda: appoint(membership=form.save(commit=False), actor=request.user, reason=form.given_reason),
        "Die Mitgliedschaft ist gespeichert.",
    )


@require_http_methods(["GET", "POST"])
def membership_end(request: SignedInRequest, pk: int) -> HttpResponse:
    require_everywhere(request.user, "edit_committees")
    member = _membership(request.user, pk)
    form = LastDayForm(request.POST or None, initial={"last_day": timezone.localdate()})
    page = {
        "title": f"Mitgliedschaft beenden: {member.person.name}",
        "question": f"Bis zu welchem Tag gehört „{member.person.name}“ dem Gremium an?",
        "facts": [("Gremium", member.committee), ("Funktion", member.get_function_display())],
        "consequences": [
            "Danach öffnet die Person die Seiten des Gremiums nicht mehr.",
            "Vertretungen dieses Mitglieds enden am selben Tag.",
            "Was die Person abgegeben hat, bleibt erhalten.",
        ],
        "button": "Mitgliedschaft beenden",
        **_below(member),
    }
    return _form_page(
        request,
        form,
        page,
        lambda: end_membership(membership=member, actor=request.user, **form.cleaned_data),
        "Das Ende der Mitgliedschaft ist eingetragen.",
        template="components/confirm.html",
    )


@require_safe
def membership_history(request: SignedInRequest, pk: int) -> HttpResponse:
    require_history(request.user)
    member = _membership(request.user, pk)
    context = {"title": f"Verlauf: {member}", "items": history_of(member), "parents": _below(member)["parents"]}
    return render(request, "committees/group_history.html", context)


# Ties: the members' own, and the office that keeps the bodies


@require_http_methods(["GET", "POST"])
def tie_new(request: SignedInRequest, pk: int) -> HttpResponse:
    member = _member_to_tie(request.user, pk)
    tie = Tie(person=member.person, valid_from=timezone.localdate())
    form = TieForm(request.POST or None, instance=tie, reader=request.user)
    page = {
        "title": f"Bindung eintragen: {member.person.name}",
        "intro": "Für welchen Träger oder welche Gemeinde arbeiten oder sprechen Sie? Die anderen Mitglieder sehen es. "
        "Es schließt niemanden von selbst aus, sondern macht offen, wer wovon betroffen ist.",
        "button": "Bindung eintragen",
        **_below(member),
    }
    return _form_page(
        request,
        form,
        page,
        lambda: keep_tie(tie=form.save(commit=False), actor=request.user),
        "Die Bindung ist eingetragen.",
    )


@require_http_methods(["GET", "POST"])
def tie_edit(request: SignedInRequest, pk: int, tie: int) -> HttpResponse:
    require_everywhere(request.user, "edit_committees")
    member = _membership(request.user, pk)
    row = get_object_or_404(Tie, pk=tie, person=member.person_id)
    form = TieForm(request.POST or None, instance=row, reader=request.user)
    return _form_page(
        request,
        form,
        {"title": f"Bindung ändern: {member.person.name}", "button": "Speichern", **_below(member)},
        lambda: keep_tie(tie=form.save(commit=False), actor=request.user, reason=form.given_reason),
        "Die Bindung ist gespeichert.",
    )


@require_http_methods(["GET", "POST"])
def tie_end(request: SignedInRequest, pk: int, tie: int) -> HttpResponse:
    member = _member_to_tie(request.user, pk)
    row = get_object_or_404(Tie.objects.with_names(request.user), pk=tie, person=member.person_id)
    form = LastDayOnlyForm(request.POST or None, initial={"last_day": timezone.localdate()})
    page = {
        "title": f"Bindung beenden: {member.person.name}",
        "question": f"Bis zu welchem Tag gilt „{row.in_words}“?",
        "consequences": ["Die Bindung bleibt mit ihrem Zeitraum sichtbar."],
        "button": "Bindung beenden",
        **_below(member),
    }
    return _form_page(
        request,
        form,
        page,
        lambda: end_tie(tie=row, actor=request.user, **form.cleaned_data),
        "Das Ende der Bindung ist eingetragen.",
        template="components/confirm.html",
    )


def may_tie(user: User, member: Membership) -> bool:
    return member.person_id == user.pk or may_edit(user)


def _membership(user: User, pk: int) -> Membership:
    visible = Membership.objects.visible_to(user).select_related("person", "committee", "deputy_for")
    return get_object_or_404(visible, pk=pk)


def _member_to_tie(user: User, pk: int) -> Membership:
    """404 where the seat is not seen, 403 where it is another's."""
    member = _membership(user, pk)
    if not may_tie(user, member):
        raise PermissionDenied
    return member


def _below(member: Membership) -> dict[str, Any]:
    """Crumbs and the way back of a page below that of a member."""
    url = reverse("committees:membership_detail", args=[member.pk])
    return {"parents": parents(member.committee, (member.person.name, url)), "cancel_url": url}


def _form_page(
    request: SignedInRequest,
    form: Form | Any,
    page: dict[str, Any],
    deed: Callable[[], Membership | Tie],
    done: str,
    *,
    template: str = "components/form_page.html",
) -> HttpResponse:
    """A page of one form about a seat or a tie; what a service refuses is shown above it."""
    if request.method == "POST" and form.is_valid() and attempt(form, deed) is not None:
        messages.success(request, done)
        return redirect(page["cancel_url"])
    return render(request, template, {"form": form, **page})
