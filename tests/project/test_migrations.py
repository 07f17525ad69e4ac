"""Every migration of the product goes back and comes again as it was."""

from django.apps import apps
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

APPS = ("audit", "regions", "indicators", "budgets", "committees")


def made_by_sql() -> list[tuple[str, str]]:
    """Tables, triggers and functions of the schema; pgtrigger leaves its own functions behind."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 'table', relname::text FROM pg_class WHERE relkind = 'r' AND relnamespace = 'public'::regnamespace"
            " UNION SELECT 'trigger', pg_get_triggerdef(oid) FROM pg_trigger WHERE NOT tgisinternal"
            " UNION SELECT 'function', pg_get_functiondef(oid) FROM pg_proc"
            " WHERE pronamespace = 'public'::regnamespace AND prokind = 'f' AND proname NOT LIKE 'pgtrigger%%'"
            " ORDER BY 1, 2"
        )
        return cursor.fetchall()


def test_every_migration_goes_back_and_comes_again_as_it_was(db: None) -> None:
    before = made_by_sql()
    MigrationExecutor(connection).migrate([(app, None) for app in APPS])
    tables = {model._meta.db_table for app in APPS for model in apps.get_app_config(app).get_models()}
    left = [definition for _, definition in made_by_sql()]
    assert [text for text in left if any(table in text for table in tables) or "refuse" in text] == []
    executor = MigrationExecutor(connection)
    executor.migrate(executor.loader.graph.leaf_nodes())
    assert made_by_sql() == before
