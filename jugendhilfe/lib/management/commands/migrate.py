"""Migrations run as the owner; the application's role gets rights on rows, and on guarded tables fewer.

A model with `append_only = True` lets the application insert and read, as do the histories that pghistory keeps; one
with `trigger_only = True` only read, because a trigger with the owner's rights writes it.
"""

from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.core.management.base import CommandParser
from django.core.management.commands import migrate
from django.db import connections, transaction
from psycopg import sql


class Command(migrate.Command):
    help = "Migrates the database as its owner and gives the application's role its rights."

    def add_arguments(self, parser: CommandParser) -> None:
        super().add_arguments(parser)
        parser.set_defaults(database="owner")

    def handle(self, *args: Any, **options: Any) -> None:
        super().handle(*args, **options)
        if options["plan"] or options["check_unapplied"]:
            return
        call_command("createcachetable", database=options["database"], verbosity=0)
        role = settings.DATABASES["default"]["USER"]
        if role == connections[options["database"]].settings_dict["USER"]:
            # One account for both: there is nobody to take rights from, the triggers alone protect the tables.
            return
        grant_rights(role, using=options["database"])
        if options["verbosity"] >= 1:
            self.stdout.write(f"Granted the rights of role {role}.")


def grant_rights(role: str, *, using: str) -> None:
    """Let the role read and write all rows, but never change or remove those of append-only models."""
    account = sql.Identifier(role)
    database = sql.Identifier(connections[using].settings_dict["NAME"])
    statements = [
        # A temporary table hides the one of the same name, also from the triggers that protect others.
        sql.SQL("REVOKE TEMPORARY ON DATABASE {} FROM PUBLIC, {}").format(database, account),
        sql.SQL("GRANT USAGE ON SCHEMA public TO {}").format(account),
        sql.SQL("GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {}").format(account),
        sql.SQL("GRANT USAGE, SELECT ON ALL SEQUENCES IN SCHEMA public TO {}").format(account),
    ]
    existing = set(connections[using].introspection.table_names())
    for table, rights in sorted(_withheld_rights().items()):
        if table in existing:
            revoke = sql.SQL("REVOKE {} ON {} FROM {}")
            statements.append(revoke.format(sql.SQL(rights), sql.Identifier(table), account))
    # One transaction: nobody sees the rights on an append-only table between giving and taking.
    with transaction.atomic(using=using), connections[using].cursor() as cursor:
        for statement in statements:
            cursor.execute(statement.as_string())


def _withheld_rights() -> dict[str, str]:
    withheld = {"append_only": "UPDATE, DELETE, TRUNCATE", "trigger_only": "INSERT, UPDATE, DELETE, TRUNCATE"}
    return {
        model._meta.db_table: rights
        for mark, rights in withheld.items()
        for model in apps.get_models()
        if getattr(model, mark, False) or (mark == "append_only" and hasattr(model, "pgh_tracked_model"))
    }
