import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.http import Http404
from django.utils import timezone

from jugendhilfe.audit.models import Entry
from jugendhilfe.lib.errors import DomainError, FourEyesRequired, NotAllowed
from regions.access import confirm, grant, scope, withdraw
from regions.gates import get_region_or_404, require, require_everywhere
from regions.models import OfficeContract, Region, RegionUserPermission, RoleAssignment
from regions.roles import PERMISSIONS, REACH, ROLE_PERMISSIONS, Role
from tests.conftest import Cast, County
from tests.factories import make_user


def fresh(user: object) -> object:
    """The same person in a new request."""
    return type(user).objects.get(pk=user.pk)  # type: ignore[attr-defined]


def test_every_role_has_a_reach_and_known_permissions() -> None:
    assert set(REACH) == set(ROLE_PERMISSIONS) == set(Role)
    assert set(PERMISSIONS) == frozenset().union(*ROLE_PERMISSIONS.values())


def test_a_region_role_reaches_its_own_region_only(cast: Cast, county: County) -> None:
    assert scope(cast.coordination, "view_drafts").regions == {county.regions[1].pk}
    assert list(Region.objects.visible_to(cast.coordination)) == [county.regions[1]]


def test_a_carrier_and_a_municipality_open_the_region_they_belong_to(cast: Cast, county: County) -> None:
    assert list(Region.objects.visible_to(cast.carrier_lead)) == [county.regions[1]]
    assert list(Region.objects.visible_to(cast.municipality)) == [county.regions[1]]


def test_a_foreign_region_is_not_found_and_a_foreign_task_is_forbidden(cast: Cast) -> None:
    with pytest.raises(Http404):
        get_region_or_404(cast.coordination, 2)
    assert get_region_or_404(cast.coordination, 1).number == 1
    with pytest.raises(PermissionDenied):
        get_region_or_404(cast.coordination, 1, "edit_master_data")


def test_nobody_reaches_anything_without_a_role(cast: Cast) -> None:
    assert not any(scope(cast.nobody, permission) for permission in PERMISSIONS)
    with pytest.raises(PermissionDenied):
        require(cast.nobody, "view_drafts")


def test_a_region_role_is_not_a_county_role(cast: Cast) -> None:
    require(cast.coordination, "view_drafts")
    with pytest.raises(PermissionDenied):
        require_everywhere(cast.coordination, "view_drafts")


def test_an_inactive_account_reaches_nothing(cast: Cast) -> None:
    cast.planning.is_active = False
    assert not scope(cast.planning, "view_drafts")


def test_contracts_are_seen_by_their_carrier_and_region_alone(cast: Cast, county: County) -> None:
    assert list(OfficeContract.objects.visible_to(cast.carrier_lead)) == [county.contract_a]
    assert list(OfficeContract.objects.visible_to(cast.coordination_2)) == [county.contract_b]
    assert not OfficeContract.objects.visible_to(cast.board_reader).exists()


def test_a_role_counts_only_in_its_period(cast: Cast, county: County) -> None:
    user, today = make_user("Befristet"), timezone.localdate()
    grant(
        user=user, role=Role.COORDINATION, target=county.regions[3], actor=cast.system, reason="Vertretung",
        valid_from=today + dt.timedelta(days=1),
    )  # fmt: skip
    assert not scope(user, "view_region")
    RoleAssignment.objects.filter(user=user).update(valid_from=today, valid_to=today)
    assert scope(fresh(user), "view_region").regions == {county.regions[3].pk}  # type: ignore[arg-type]


def test_withdrawing_takes_the_row_permissions_too_but_not_those_of_another_role(cast: Cast, county: County) -> None:
    user = make_user("Zwei Rollen")
    first, second = (
        grant(user=user, role=role, target=county.regions[1], actor=cast.system, reason="Test")
        for role in (Role.COORDINATION, Role.BOARD_READER)
    )
    withdraw(assignment=first, actor=cast.system, reason="beendet")
    held = RegionUserPermission.objects.filter(user=user).values_list("permission__codename", flat=True)
    assert set(held) == ROLE_PERMISSIONS[Role.BOARD_READER]
    withdraw(assignment=second, actor=cast.system, reason="beendet")
    assert not RegionUserPermission.objects.filter(user=user).exists()
    assert not scope(fresh(user), "view_region")  # type: ignore[arg-type]


def test_a_stored_permission_without_assignment_opens_nothing(cast: Cast, county: County) -> None:
    RoleAssignment.objects.filter(user=cast.coordination).update(withdrawn_at=timezone.now())
    assert RegionUserPermission.objects.filter(user=cast.coordination).exists()
    assert not scope(fresh(cast.coordination), "view_region")  # type: ignore[arg-type]


def test_an_assignment_without_stored_permission_opens_nothing(cast: Cast) -> None:
    RegionUserPermission.objects.filter(user=cast.coordination).delete()
    assert not scope(fresh(cast.coordination), "view_region")  # type: ignore[arg-type]


def test_a_role_with_money_rests_until_a_second_person_confirms(cast: Cast) -> None:
    user = make_user("Neue Finanzen")
    assignment = grant(user=user, role=Role.FINANCE, actor=cast.system, reason="Nachfolge")
    assert not scope(user, "edit_budgets")
    with pytest.raises(FourEyesRequired):
        confirm(assignment=assignment, actor=cast.system)
    confirm(assignment=assignment, actor=cast.system_2)
    assert scope(fresh(user), "edit_budgets").everything  # type: ignore[arg-type]


def test_the_database_itself_refuses_a_confirmation_by_the_same_person(cast: Cast) -> None:
    assignment = grant(user=make_user("Neue Prüfung"), role=Role.AUDIT, actor=cast.system, reason="Nachfolge")
    with pytest.raises(IntegrityError, match="role_confirmed_by_a_second_person"), transaction.atomic():
        RoleAssignment.objects.filter(pk=assignment.pk).update(confirmed_by=cast.system)


def test_only_the_system_administration_grants_and_never_to_itself(cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        grant(user=cast.nobody, role=Role.PLANNING, actor=cast.head, reason="Test")
    with pytest.raises(FourEyesRequired):
        grant(user=cast.system, role=Role.PLANNING, actor=cast.system, reason="Test")


def test_a_role_names_what_it_is_for(cast: Cast, county: County) -> None:
    with pytest.raises(ValidationError, match="eine Region"):
        grant(user=cast.nobody, role=Role.COORDINATION, actor=cast.system, reason="Test")


def test_the_same_role_does_not_overlap_itself(cast: Cast, county: County) -> None:
    with pytest.raises(ValidationError, match="diese Rolle in diesem Zeitraum schon"):
        grant(
            user=cast.coordination, role=Role.COORDINATION, target=county.regions[1], actor=cast.system, reason="Test"
        )
    grant(user=cast.coordination, role=Role.COORDINATION, target=county.regions[2], actor=cast.system, reason="Test")


def test_the_last_system_administration_stays(cast: Cast) -> None:
    first, second = RoleAssignment.objects.filter(role=Role.SYSTEM).order_by("pk")
    withdraw(assignment=second, actor=cast.system, reason="beendet")
    with pytest.raises(DomainError, match="letzte Systemverwaltung"):
        withdraw(assignment=first, actor=cast.system, reason="beendet")


def test_granting_and_withdrawing_leave_entries_without_names(cast: Cast) -> None:
    assignment = grant(user=make_user("Vorname Nachname"), role=Role.HEAD, actor=cast.system, reason="Test")
    confirm(assignment=assignment, actor=cast.system_2)
    withdraw(assignment=assignment, actor=cast.system, reason="Ende")
    assert list(Entry.objects.order_by("pk").values_list("action", flat=True)) == [
        "roles.grant",
        "roles.confirm",
        "roles.withdraw",
    ]
    assert "Nachname" not in str(list(Entry.objects.values_list("object_label", "data")))


def test_a_scope_costs_one_query_for_all_permissions(cast: Cast, django_assert_num_queries: object) -> None:
    user = fresh(cast.coordination)
    with django_assert_num_queries(1):  # type: ignore[operator]
        for permission in PERMISSIONS:
            scope(user, permission)  # type: ignore[arg-type]


def test_a_role_that_would_end_before_it_begins_is_refused(cast: Cast) -> None:
    first = dt.date(2026, 3, 1)
    with pytest.raises(ValidationError, match="Das Ende liegt vor dem Anfang"):
        grant(
            user=cast.nobody,
            role=Role.PLANNING,
            actor=cast.system,
            reason="Test",
            valid_from=first,
            valid_to=dt.date(2026, 2, 28),
        )
