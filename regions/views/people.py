"""Benutzer und Rollen: who has an account and may do what; and everybody's own account page."""

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.db.models import Prefetch
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import path, reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from jugendhilfe.accounts.http import SignedInRequest
from jugendhilfe.accounts.models import User
from jugendhilfe.audit.models import Entry
from jugendhilfe.lib import tables
from regions.access import confirm, grant, roles_of, scope, withdraw
from regions.forms.people import GrantForm, InviteForm, PeopleFilter, ReasonForm, StepForm
from regions.gates import require_everywhere
from regions.models import RoleAssignment
from regions.roles import PERMISSIONS, REACH, ROLE_PERMISSIONS, Role
from regions.services import people


class PeopleTable(tables.Table):
    caption = "Personen mit Konto"
    name = tables.LinkColumn(
        verbose_name="Anzeigename", url=lambda user: reverse("regions:person_detail", args=[user.pk])
    )
    organisation = tables.Column(verbose_name="Stelle oder Einrichtung")
    email = tables.Column(verbose_name="E-Mail-Adresse")
    roles = tables.Column(verbose_name="Rollen heute", accessor="pk", orderable=False)
    is_active = tables.Column(verbose_name="Konto")

    class Meta:
        order_by = "name"

    def render_roles(self, record: User) -> str:
        return ", ".join(str(assignment) for assignment in record.roles_today) or "–"  # type: ignore[attr-defined]

    def render_is_active(self, record: User) -> str:
        if not record.is_active:
            return "gesperrt"
        return "offen" if record.has_usable_password() else "Einladung offen"


@require_safe
def person_list(request: SignedInRequest) -> HttpResponse:
    require_everywhere(request.user, "view_users")
    form = PeopleFilter(request.GET or None)
    today = RoleAssignment.objects.effective_on(timezone.localdate()).select_related("region", "carrier", "space")
    everybody = User.objects.prefetch_related(Prefetch("role_assignments", queryset=today, to_attr="roles_today"))
    context = {
        "filter": form,
        "table": PeopleTable(form.apply(everybody), request=request),
        "waiting": RoleAssignment.objects.waiting().select_related("user", "region", "carrier", "space", "granted_by"),
        "may_edit": scope(request.user, "edit_users").everything,
        "may_confirm": scope(request.user, "confirm_roles").everything,
    }
    return render(request, "regions/person_list.html", context)


@require_safe
def person_detail(request: SignedInRequest, pk: int) -> HttpResponse:
    require_everywhere(request.user, "view_users")
    person = get_object_or_404(User, pk=pk)
    assignments = person.role_assignments.select_related(
        "region", "carrier", "space", "granted_by", "confirmed_by", "withdrawn_by"
    )
    entries = Entry.objects.filter(
        object_type="regions.roleassignment", object_id__in=[str(assignment.pk) for assignment in assignments]
    ) | Entry.objects.for_object(person)
    context = {
        "person": person,
        "assignments": assignments,
        "today": timezone.localdate(),
        "timeline": entries.with_actor(),
        "may_edit": scope(request.user, "edit_users").everything,
        "may_confirm": scope(request.user, "confirm_roles").everything,
    }
    return render(request, "regions/person_detail.html", context)


@require_http_methods(["GET", "POST"])
def person_invite(request: SignedInRequest) -> HttpResponse:
    require_everywhere(request.user, "edit_users")
    form = InviteForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _invited(request, people.invite(**form.cleaned_data, actor=request.user))
    context = {
        "title": "Person einladen",
        "intro": "Die Person bekommt einen Link und legt ihr Passwort selbst fest. Rollen vergeben Sie danach.",
        "form": form,
        "button": "Einladen",
        "parents": [("Benutzer und Rollen", reverse("regions:person_list"))],
        "cancel_url": reverse("regions:person_list"),
    }
    return render(request, "components/form_page.html", context)


@require_POST
def person_renew(request: SignedInRequest, pk: int) -> HttpResponse:
    require_everywhere(request.user, "edit_users")
    person = get_object_or_404(User, pk=pk)
    return _invited(request, people.renew_invitation(user=person, actor=request.user))


def _invited(request: SignedInRequest, person: User) -> HttpResponse:
    """The one-time link is shown once, for those who hand it over in person, and sent by e-mail."""
    link = request.build_absolute_uri(people.invitation_path(person))
    people.send_invitation(user=person, link=link)
    return render(request, "regions/person_invited.html", {"person": person, "link": link})


@require_http_methods(["GET", "POST"])
def person_close(request: SignedInRequest, pk: int) -> HttpResponse:
    require_everywhere(request.user, "edit_users")
    person = get_object_or_404(User, pk=pk)
    offered = "close" if person.is_active else "reopen"
    form = StepForm(request.POST or None, initial={"step": offered})
    if request.method == "POST" and form.is_valid():
        closes = (form.cleaned_data["step"] or offered) == "close"
        change = people.close_account if closes else people.reopen_account
        change(user=person, actor=request.user, reason=form.cleaned_data["reason"])
        messages.success(request, f"Das Konto ist jetzt {'gesperrt' if closes else 'offen'}.")
        return redirect("regions:person_detail", pk=pk)
    verb = "sperren" if person.is_active else "wieder öffnen"
    context = {
        "title": f"Konto {verb}",
        "question": f"Möchten Sie das Konto „{person.name}“ {verb}?",
        "consequences": [
            "Die Anmeldung ist sofort nicht mehr möglich.",
            "Was die Person getan hat, bleibt im Protokoll.",
        ]
        if person.is_active
        else ["Die Rollen, die noch gelten, wirken wieder."],
        "form": form,
        "button": f"Konto {verb}",
        "parents": parents_of(person),
        "cancel_url": reverse("regions:person_detail", args=[pk]),
    }
    return render(request, "components/confirm.html", context)


@require_http_methods(["GET", "POST"])
def role_grant(request: SignedInRequest, pk: int) -> HttpResponse:
    require_everywhere(request.user, "edit_users")
    person = get_object_or_404(User, pk=pk)
    form = GrantForm(request.POST or None)
    if request.method == "POST" and form.is_valid() and _granted(request, person, form):
        return redirect("regions:person_detail", pk=pk)
    context = {
        "title": f"Rolle vergeben: {person.name}",
        "intro": "Rollen mit Geld, Fällen oder Prüfung wirken erst, wenn eine zweite Person sie bestätigt hat.",
        "form": form,
        "button": "Rolle vergeben",
        "parents": parents_of(person),
        "cancel_url": reverse("regions:person_detail", args=[pk]),
    }
    return render(request, "components/form_page.html", context)


def _granted(request: SignedInRequest, person: User, form: GrantForm) -> bool:
    data = form.cleaned_data
    try:
        assignment = grant(
            user=person,
            role=Role(data["role"]),
            target=data["target"],
            actor=request.user,
            reason=data["reason"],
            valid_from=data["valid_from"],
            valid_to=data["valid_to"],
        )
    except ValidationError as error:
        form.add_error(None, error.messages)
        return False
    waits = " Sie wirkt, sobald eine zweite Person sie bestätigt." if assignment.is_waiting else ""
    messages.success(request, f"Die Rolle „{assignment}“ ist vergeben.{waits}")
    return True


@require_http_methods(["GET", "POST"])
def role_confirm(request: SignedInRequest, pk: int) -> HttpResponse:
    require_everywhere(request.user, "confirm_roles")
    assignment = get_object_or_404(RoleAssignment.objects.select_related("user", "granted_by"), pk=pk)
    if request.method == "POST":
        confirm(assignment=assignment, actor=request.user)
        messages.success(request, f"Die Rolle „{assignment}“ ist bestätigt und wirkt jetzt.")
        return redirect("regions:person_list")
    context = {
        "title": "Rolle bestätigen",
        "question": f"Soll „{assignment.user.name}“ die Rolle „{assignment}“ bekommen?",
        "facts": [
            ("Vergeben von", assignment.granted_by or "Einrichtung"),
            ("Begründung", assignment.reason),
            ("Gilt ab", f"{assignment.valid_from:%d.%m.%Y}"),
        ],
        "consequences": [PERMISSIONS[name] for name in sorted(ROLE_PERMISSIONS[assignment.role])],
        "button": "Rolle bestätigen",
        "parents": parents_of(assignment.user),
        "cancel_url": reverse("regions:person_list"),
    }
    return render(request, "components/confirm.html", context)


@require_http_methods(["GET", "POST"])
def role_withdraw(request: SignedInRequest, pk: int) -> HttpResponse:
    require_everywhere(request.user, "edit_users")
    assignment = get_object_or_404(RoleAssignment.objects.select_related("user"), pk=pk)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        withdraw(assignment=assignment, actor=request.user, reason=form.cleaned_data["reason"])
        messages.success(request, f"Die Rolle „{assignment}“ ist entzogen.")
        return redirect("regions:person_detail", pk=assignment.user_id)
    context = {
        "title": "Rolle entziehen",
        "question": f"Möchten Sie „{assignment.user.name}“ die Rolle „{assignment}“ entziehen?",
        "consequences": ["Die Rolle wirkt sofort nicht mehr. Sie bleibt als vergangene Rolle sichtbar."],
        "form": form,
        "button": "Rolle entziehen",
        "parents": parents_of(assignment.user),
        "cancel_url": reverse("regions:person_detail", args=[assignment.user_id]),
    }
    return render(request, "components/confirm.html", context)


@require_safe
def role_matrix(request: SignedInRequest) -> HttpResponse:
    """Which role may do what: the matrix the code itself reads."""
    require_everywhere(request.user, "view_users")
    rows = [(words, [(role, name in ROLE_PERMISSIONS[role]) for role in Role]) for name, words in PERMISSIONS.items()]
    roles = [(role.label, REACH[role].label) for role in Role]
    return render(request, "regions/person_matrix.html", {"roles": roles, "rows": rows})


@require_safe
def account(request: SignedInRequest) -> HttpResponse:
    """Everybody's own account: who am I here, what may I do."""
    return render(request, "regions/person_account.html", {"assignments": roles_of(request.user)})


def parents_of(person: User) -> list[tuple[str, str]]:
    """What stands above a page about a person's account or roles."""
    return [
        ("Benutzer und Rollen", reverse("regions:person_list")),
        (person.name, reverse("regions:person_detail", args=[person.pk])),
    ]


people_urls = [
    path("benutzer/", person_list, name="person_list"),
    path("benutzer/einladen/", person_invite, name="person_invite"),
    path("benutzer/rollen/", role_matrix, name="role_matrix"),
    path("benutzer/rollen/<int:pk>/bestaetigen/", role_confirm, name="role_confirm"),
    path("benutzer/rollen/<int:pk>/entziehen/", role_withdraw, name="role_withdraw"),
    path("benutzer/<int:pk>/", person_detail, name="person_detail"),
    path("benutzer/<int:pk>/link/", person_renew, name="person_renew"),
    path("benutzer/<int:pk>/sperren/", person_close, name="person_close"),
    path("benutzer/<int:pk>/rolle/", role_grant, name="role_grant"),
]
