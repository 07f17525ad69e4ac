"""The rights that migrate leaves to the application, tried on connections of the application's own."""

from collections.abc import Callable, Iterator
from typing import LiteralString

import psycopg
import pytest
from django.apps import apps
from django.db import connection, models
from pytest_django import DjangoDbBlocker

from jugendhilfe.audit.models import ChainLink, Entry
from jugendhilfe.lib.management.commands.migrate import grant_rights

pytestmark = pytest.mark.django_db

type Attempt = Callable[[LiteralString], object]


@pytest.fixture(scope="module")
def attempt(django_db_setup: None, django_db_blocker: DjangoDbBlocker) -> Iterator[Attempt]:
    """Run one statement as the role app; rights, not rows, are committed, and taken back."""
    with django_db_blocker.unblock():
        grant_rights("app", using="default")
        grant_rights("app", using="default")  # a second migration changes nothing
        parameters = connection.get_connection_params()
        place = {name: parameters[name] for name in ("host", "port", "dbname") if name in parameters}
        with psycopg.connect(**place, user="app", autocommit=True) as own:
            yield lambda statement: own.execute(statement).fetchone()
        with connection.cursor() as cursor:
            cursor.execute("REVOKE ALL ON ALL TABLES IN SCHEMA public FROM app")
            cursor.execute("REVOKE ALL ON ALL SEQUENCES IN SCHEMA public FROM app")
        connection.close()


def expected_rights(model: type[models.Model]) -> list[str]:
    if getattr(model, "trigger_only", False):
        return ["SELECT"]
    if getattr(model, "append_only", False) or hasattr(model, "pgh_tracked_model"):
        return ["SELECT", "INSERT"]
    return ["SELECT", "INSERT", "UPDATE", "DELETE"]


def test_rights_follow_the_mark_on_the_model(attempt: Attempt) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tablename, array(SELECT r FROM unnest(%s::text[]) r WHERE has_table_privilege(%s, tablename, r))"
            " FROM pg_tables WHERE schemaname = 'public'",
            [["SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE"], "app"],
        )
        actual = dict(cursor.fetchall())
    tables = {model._meta.db_table: model for model in apps.get_models(include_auto_created=True)}
    assert len(actual.keys() & tables) > 10
    for table in sorted(actual.keys() & tables):
        assert (table, actual[table]) == (table, expected_rights(tables[table]))


def test_the_records_are_marked() -> None:
    assert Entry.append_only
    assert ChainLink.trigger_only


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET action = 'other'",
        "DELETE FROM audit_entry",
        "TRUNCATE audit_entry CASCADE",
        "INSERT INTO audit_chainlink DEFAULT VALUES",
        "ALTER TABLE audit_entry DISABLE TRIGGER ALL",
        "SET session_replication_role = replica",
        "CREATE TABLE public.own (n int)",
        # A trigger that looks into this table would find the application's own instead.
        "CREATE TEMPORARY TABLE indicators_datarelease (id bigint, status text)",
        "DELETE FROM regions_officeevent",
    ],
)
def test_the_application_may_not_touch_the_record(attempt: Attempt, statement: LiteralString) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        attempt(statement)


def test_the_application_may_read_the_record_and_number_new_rows(attempt: Attempt) -> None:
    assert attempt("SELECT count(*) FROM audit_entry") == (0,)
    assert attempt("SELECT has_sequence_privilege(pg_get_serial_sequence('audit_entry', 'id'), 'USAGE')") == (True,)
