"""The fixed cast: three regions with their ten social spaces, one person per role.

Region 1, Träger A and the space Dahlenburg are "own"; region 2 and Träger B are "foreign".
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import hypothesis
import pytest
from django.contrib.auth.models import Permission
from django.db import connection
from django.test import TransactionTestCase
from django.utils.text import slugify

from jugendhilfe.accounts.models import User
from regions.models import (
    Carrier,
    CarrierUserPermission,
    Office,
    OfficeContract,
    Region,
    RegionUserPermission,
    RoleAssignment,
    SocialSpace,
)
from regions.roles import NEEDS_SECOND_PERSON, REACH, ROLE_PERMISSIONS, Role
from tests import factories
from tests.skips import pytest_sessionfinish, pytest_terminal_summary

__all__ = ["pytest_sessionfinish", "pytest_terminal_summary"]

# A slow moment of the machine is no counterexample.
hypothesis.settings.register_profile("no deadline", deadline=None)
hypothesis.settings.load_profile("no deadline")


@dataclass(frozen=True)
class County:
    """Where the cast works."""

    regions: dict[int, Region]
    spaces: dict[str, SocialSpace]
    offices: dict[str, Office]
    carrier_a: Carrier
    carrier_b: Carrier
    contract_a: OfficeContract
    contract_b: OfficeContract


@dataclass(frozen=True)
class Cast:
    """One person per role; `coordination_2` and `board_reader_2` belong to the foreign region."""

    planning: User
    finance: User
    head: User
    coordination: User
    coordination_2: User
    board_reader: User
    board_reader_2: User
    carrier_lead: User
    carrier_staff: User
    carrier_lead_b: User
    municipality: User
    case_steering: User
    audit: User
    system: User
    system_2: User
    nobody: User


@pytest.fixture(scope="session", autouse=True)
def _emptied_past_the_triggers() -> Iterator[None]:
    """After tests that commit: rows that never change leave too, what migrations wrote stays."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda self: _empty_tables())
        yield


def _empty_tables() -> None:
    written_by_migrations = {"audit_chainhead", "auth_permission", "django_content_type"}
    tables = sorted(set(connection.introspection.django_table_names(only_existing=True)) - written_by_migrations)
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("TRUNCATE " + ", ".join(map(connection.ops.quote_name, tables)))
        cursor.execute("UPDATE audit_chainhead SET number = 0, hash = '\\x00'")
        cursor.execute("SET session_replication_role = origin")


@pytest.fixture
def shared_data() -> Path:
    """Real tables that stand beside the project, for tests only."""
    folder = Path(__file__).resolve().parent.parent.parent / "shared" / "data"
    if not folder.is_dir():
        pytest.skip("real tables are not beside the project")
    return folder


@pytest.fixture
def county(db: None) -> County:
    spaces = factories.make_spaces()
    offices = factories.make_offices(spaces)
    carrier_a = Carrier.objects.create(name="Träger A", is_example=True)
    carrier_b = Carrier.objects.create(name="Träger B", is_example=True)
    contract_a, contract_b = (
        OfficeContract.objects.create(
            office=offices[name], carrier=carrier, legal_ground="77", valid_from=dt.date(2020, 1, 1), is_example=True
        )
        for name, carrier in (("Bleckede", carrier_a), ("Scharnebeck", carrier_b))
    )
    return County(
        regions={region.number: region for region in Region.objects.all()},
        spaces=spaces,
        offices=offices,
        carrier_a=carrier_a,
        carrier_b=carrier_b,
        contract_a=contract_a,
        contract_b=contract_b,
    )


@pytest.fixture
def cast(county: County) -> Cast:
    """Written in bulk, because nearly every test wants it; tests/regions/test_access.py shows the services."""
    region_1, region_2 = county.regions[1], county.regions[2]
    roles: dict[str, tuple[str, Role | None, Region | Carrier | SocialSpace | None]] = {
        "planning": ("Jugendhilfeplanung", Role.PLANNING, None),
        "finance": ("Fachcontrolling", Role.FINANCE, None),
        "head": ("Fachdienstleitung", Role.HEAD, None),
        "coordination": ("Regionalkoordination 1", Role.COORDINATION, region_1),
        "coordination_2": ("Regionalkoordination 2", Role.COORDINATION, region_2),
        "board_reader": ("Gremium 1", Role.BOARD_READER, region_1),
        "board_reader_2": ("Gremium 2", Role.BOARD_READER, region_2),
        "carrier_lead": ("Leitung Träger A", Role.CARRIER_LEAD, county.carrier_a),
        "carrier_staff": ("Mitarbeit Träger A", Role.CARRIER_STAFF, county.carrier_a),
        "carrier_lead_b": ("Leitung Träger B", Role.CARRIER_LEAD, county.carrier_b),
        "municipality": ("Samtgemeinde", Role.MUNICIPALITY, county.spaces["Dahlenburg"]),
        "case_steering": ("Fallsteuerung", Role.CASE_STEERING, None),
        "audit": ("Rechnungsprüfung", Role.AUDIT, None),
        "system": ("Systemverwaltung", Role.SYSTEM, None),
        "system_2": ("Systemverwaltung 2", Role.SYSTEM, None),
        "nobody": ("Ohne Rolle", None, None),
    }
    people = {key: User(name=name, email=f"{slugify(key)}@example.org") for key, (name, _, _) in roles.items()}
    for person in people.values():
        person.set_unusable_password()
    User.objects.bulk_create(people.values())
    RoleAssignment.objects.bulk_create(
        RoleAssignment(
            user=people[key],
            role=role,
            valid_from=dt.date(2020, 1, 1),
            reason="Besetzung der Tests",
            confirmed_by=people["system_2"] if role in NEEDS_SECOND_PERSON else None,
            **({str(REACH[role]): target} if target else {}),
        )
        for key, (_, role, target) in roles.items()
        if role
    )
    permissions = {
        (row.content_type.model, row.codename): row for row in Permission.objects.select_related("content_type")
    }
    held = [
        (people[key], target, codename)
        for key, (_, role, target) in roles.items()
        if role
        for codename in sorted(ROLE_PERMISSIONS[role])
    ]
    RegionUserPermission.objects.bulk_create(
        RegionUserPermission(user=user, content_object=target, permission=permissions["region", codename])
        for user, target, codename in held
        if isinstance(target, Region)
    )
    CarrierUserPermission.objects.bulk_create(
        CarrierUserPermission(user=user, content_object=target, permission=permissions["carrier", codename])
        for user, target, codename in held
        if isinstance(target, Carrier)
    )
    return Cast(**people)
