"""What the pages of master data share: tabs, the page of one form, the history of a row."""

from collections.abc import Callable
from typing import Any, NamedTuple

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.db import models
from django.forms import Form, ModelForm
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_safe

from jugendhilfe import __version__
from jugendhilfe.accounts.http import SignedInRequest
from jugendhilfe.lib import tables
from jugendhilfe.lib.errors import DomainError
from jugendhilfe.lib.exports import Notes
from jugendhilfe.lib.templatetags.components import badge
from regions.access import Visitor, scope
from regions.forms.reasons import ReasonedForm
from regions.history import history_of

EXAMPLE = "Beispieldaten"


class Tab(NamedTuple):
    title: str
    url: str
    current: bool


# title, URL name, who may open it: "" for everybody, "*" for those who are signed in, else a permission
LISTS = (
    ("Regionen und Sozialräume", "regions:region_list", ""),
    ("Sozialraumbüros", "regions:office_list", ""),
    ("Bezugsgrößen", "regions:population_list", ""),
    ("Träger", "regions:carrier_list", "*"),
    ("Verträge", "regions:contract_list", "view_contracts"),
)


def tabs(user: Visitor, current: str) -> list[Tab]:
    """The lists of master data this user can open."""
    return [
        Tab(title, reverse(name), name == current)
        for title, name, need in LISTS
        if not need or (user.is_authenticated if need == "*" else scope(user, need))
    ]


class ExampleColumn(tables.Column):
    """Says which rows are examples."""

    displays_choice = False

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(verbose_name="Hinweis", **kwargs)

    def render(self, value: bool) -> str:
        return badge("info", EXAMPLE) if value else ""

    def value(self, value: bool) -> str:
        return EXAMPLE if value else ""


def parents(listing: str, row: models.Model | None = None, url: str = "") -> list[tuple[str, str]]:
    """What stands above a page: regions, the list, and the row that is seen at `url`."""
    titles = {name: title for title, name, _ in LISTS if name != "regions:region_list"}
    return [
        ("Regionen", reverse("regions:region_list")),
        *([(titles[listing], reverse(listing))] if listing in titles else []),
        *([(str(row), url)] if row is not None else []),
    ]


def may_edit(user: Visitor) -> bool:
    return scope(user, "edit_master_data").everything


def may_see_history(user: Visitor) -> bool:
    """The history names who did what: for those who keep the data and those who audit."""
    return may_edit(user) or scope(user, "view_audit").everything


def notes(source: str) -> Notes:
    """Where the rows of a download come from."""
    return Notes(source, timezone.localdate(), __version__)


def edit_page[M: models.Model](
    request: SignedInRequest,
    form: ReasonedForm[M],
    *,
    keep: Callable[[M, str], M],
    new: str,
    page: Callable[[M], str],
    listing: str,
) -> HttpResponse:
    """A page of one form for a new or an existing row; `keep` saves row and reason, `page` is where the row is seen."""
    is_new, title = form.instance.pk is None, f"{form.instance} bearbeiten" if form.instance.pk else new
    back = reverse(listing) if is_new else page(form.instance)
    above = parents(listing) if is_new else parents(listing, form.instance, back)
    if request.method == "POST" and form.is_valid() and (row := _kept(form, keep)) is not None:
        messages.success(request, f"„{row}“ ist {'angelegt' if is_new else 'gespeichert'}.")
        return redirect(page(row))
    context = {
        "title": title,
        "form": form,
        "button": "Anlegen" if is_new else "Speichern",
        "cancel_url": back,
        "parents": above,
    }
    return render(request, "components/form_page.html", context)


def _kept[M: models.Model](form: ReasonedForm[M], keep: Callable[[M, str], M]) -> M | None:
    return attempt(form, lambda: keep(form.save(commit=False), form.given_reason))


def attempt[T](form: Form | ModelForm[Any], deed: Callable[[], T]) -> T | None:
    """Do it; a refusal is shown above the form, where what was typed is still there."""
    try:
        return deed()
    except DomainError as error:
        form.add_error(None, str(error))
        return None


# The history of a row


@require_safe
def history(request: SignedInRequest, model: type[models.Model], noun: str, **lookup: str | int) -> HttpResponse:
    """Which field changed from what to what, by whom and why."""
    if not may_see_history(request.user):
        raise PermissionDenied
    row = get_object_or_404(model, **lookup)
    context = {
        "title": f"Verlauf: {row}",
        "items": history_of(row),
        "back": row,
        "back_url": reverse(f"regions:{noun}_detail", kwargs=lookup),
    }
    return render(request, "regions/history.html", context)
