"""The first line of a view about a body: 404 where its working pages are not mine, 403 where the task is not."""

from django.core.exceptions import PermissionDenied
from django.shortcuts import get_object_or_404
from django.utils import timezone

from committees.models import Committee, Membership
from jugendhilfe.accounts.models import User
from jugendhilfe.lib.errors import NotAllowed
from regions.access import Visitor, scope


def membership_of(user: Visitor, committee: Committee) -> Membership | None:
    """The membership of today; what a member may do follows from it."""
    if not isinstance(user, User) or not user.is_active:
        return None
    return Membership.objects.filter(committee=committee, person=user).valid_on(timezone.localdate()).first()


def get_committee_or_404(user: Visitor, pk: int) -> Committee:
    """The body, if the user opens its working pages: as a member of today, or for the county."""
    return get_object_or_404(Committee.objects.worked_in_by(user), pk=pk)


def get_negotiating_or_404(user: Visitor, pk: int) -> Committee:
    """The body, if it negotiates weights and distributions today and the user opens its working pages."""
    bodies = Committee.objects.worked_in_by(user).filter(negotiates=True).valid_on(timezone.localdate())
    return get_object_or_404(bodies, pk=pk)


def voting_member(user: Visitor, committee: Committee) -> Membership | None:
    """The membership by which the user gives points and rates; deputies and advisers have none."""
    found = membership_of(user, committee)
    return found if found and found.may_vote and found.deputy_for_id is None else None


def require_voting_member(user: Visitor, committee: Committee) -> Membership:
    """403 for those without a vote in this body."""
    if found := voting_member(user, committee):
        return found
    raise PermissionDenied


def leads(user: Visitor, committee: Committee, permission: str = "edit_schemes") -> bool:
    """Chair and deputy chair lead the work of a body; the county's office with `permission` supports them."""
    found = membership_of(user, committee)
    return bool(found and found.leads) or scope(user, permission).everything


def require_leading(user: Visitor, committee: Committee, permission: str = "edit_schemes") -> None:
    if not leads(user, committee, permission):
        raise PermissionDenied


def must_lead(user: User, committee: Committee, permission: str = "edit_schemes") -> None:
    """The same for services."""
    if not leads(user, committee, permission):
        raise NotAllowed("Das tut der Vorsitz des Gremiums oder die Jugendhilfeplanung.")
