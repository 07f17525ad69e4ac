"""The demo tells the story of 2025/124 to the cent; `setup` opens the first account of a county."""

from collections.abc import Iterator
from decimal import Decimal
from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.db import transaction

from budgets.models import AdoptedDistribution, DistributionModel, FiscalYear, ProposalStatus
from budgets.quota import QuotaInputs
from committees.models import Paper, PaperStatus
from indicators.calculation import verify_calculations
from indicators.models import WeightingScheme
from jugendhilfe.accounts.models import User
from jugendhilfe.audit.models import Entry
from jugendhilfe.demo import PASSWORD, PEOPLE
from jugendhilfe.lib.canonical import from_json
from regions.access import roles_of
from regions.models import Carrier, Office, OfficeContract, ReferencePopulation
from regions.roles import Role
from tests.indicators.test_calculation import DEMO_FACTORS

# previous, quota
AMOUNTS = {
    "Amt Neuhaus": ("128000.00", "131723.96"),
    "Bleckede": ("262000.00", "227952.18"),
    "Dahlenburg": ("148000.00", "152941.07"),
    "Ostheide": ("176000.00", "178701.17"),
    "Scharnebeck": ("352000.00", "283909.38"),
    "Bardowick": ("268000.00", "283643.60"),
    "Adendorf": ("212000.00", "197112.37"),
    "Gellersen": ("196000.00", "232991.35"),
    "Ilmenau": ("164000.00", "188170.72"),
    "Amelinghausen": ("124000.00", "152854.20"),
}


def run(command: str, /, **options: Any) -> str:
    out = StringIO()
    call_command(command, stdout=out, **options)
    return out.getvalue()


@pytest.fixture(scope="module")
def loaded(django_db_setup: None, django_db_blocker: Any) -> Iterator[None]:
    """The demo, loaded once for this module and rolled back after it."""
    with django_db_blocker.unblock(), transaction.atomic():
        run("load_demo")
        yield
        transaction.set_rollback(True)


@pytest.fixture
def demo(loaded: None, django_db_blocker: Any) -> Iterator[None]:
    """What a test changes is taken back."""
    with django_db_blocker.unblock(), transaction.atomic():
        yield
        transaction.set_rollback(True)


def test_the_demo_comes_to_the_agreed_cents(demo: None) -> None:
    adopted = AdoptedDistribution.objects.with_rows().get()
    rows = {row.space_name: row for row in adopted.rows.all()}
    assert {name: (row.previous, row.amount) for name, row in rows.items()} == {
        name: (Decimal(previous), Decimal(quota)) for name, (previous, quota) in AMOUNTS.items()
    }
    assert {name: row.factor for name, row in rows.items()} == {name: Decimal(f) for name, f in DEMO_FACTORS.items()}
    assert adopted.total == Decimal("2030000.00")
    assert -sum(min(row.change or 0, 0) for row in rows.values()) == Decimal("117026.07")
    assert sum(row.amount for row in adopted.office_rows.all()) == adopted.total
    assert from_json(QuotaInputs, adopted.inputs).gross == Decimal("2233000.00")
    assert str(adopted.basis).startswith("Beschluss 2025/124 vom 13.08.2025")
    assert list(verify_calculations()) == []


def test_the_demo_marks_what_is_not_in_the_record(demo: None) -> None:
    assert all(FiscalYear.objects.values_list("is_example", flat=True))
    assert AdoptedDistribution.objects.get().is_example
    assert all(OfficeContract.objects.values_list("is_example", flat=True))
    assert all(Office.objects.values_list("is_example", flat=True))
    examples = dict(Carrier.objects.values_list("name", "is_example"))
    assert {name for name, is_example in examples.items() if not is_example} == {
        "Internationaler Bund",
        "PädIn e.V.",
        "VSE",
        "AWO mit DRK",
    }
    assert not any(ReferencePopulation.objects.values_list("is_example", flat=True))


def test_the_demo_has_a_person_in_force_for_every_role(demo: None) -> None:
    held = {user.email: {row.role for row in roles_of(user)} for user in User.objects.all()}
    assert held == {person.email: {role for role, _ in person.roles} for person in PEOPLE}
    assert set().union(*held.values()) == set(Role)


def test_the_demo_password_opens_the_demo(demo: None) -> None:
    assert all(user.check_password(PASSWORD) for user in User.objects.all())


def test_the_demo_leaves_something_open_and_something_issued(demo: None) -> None:
    assert DistributionModel.objects.get(status=ProposalStatus.PROPOSED).code == "M3"
    assert Paper.objects.get().status == PaperStatus.ISSUED
    assert WeightingScheme.objects.get().status == "adopted"


def test_every_step_of_the_demo_stands_in_the_log(demo: None) -> None:
    actions = set(Entry.objects.values_list("action", flat=True))
    assert {
        "roles.grant",
        "roles.confirm",
        "spaces.import",
        "releases.take_over",
        "schemes.adopt",
        "amounts.save",
        "distributions.adopt",
        "papers.issue",
    } <= actions


def test_a_second_run_says_that_the_demo_is_there(demo: None) -> None:
    entries = Entry.objects.count()

    assert "schon geladen" in run("load_demo")
    assert Entry.objects.count() == entries
