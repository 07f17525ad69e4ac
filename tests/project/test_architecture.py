"""What import-linter and ruff cannot see."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from django.apps import apps
from django.db import connection
from django.db.migrations.loader import MigrationLoader

from jugendhilfe.audit.actions import ACTIONS
from regions.roles import PERMISSIONS, REACH, ROLE_PERMISSIONS, Role

ROOT = Path(__file__).resolve().parent.parent.parent
OWN_PACKAGES = ("jugendhilfe", "regions", "indicators", "budgets", "committees")
# Each app may depend on those before it.
ORDER = ("accounts", "audit", "regions", "indicators", "budgets", "committees")


def own_sources() -> Iterator[tuple[Path, ast.Module]]:
    for package in OWN_PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            if "migrations" not in path.parts:
                yield path, ast.parse(path.read_text(encoding="utf-8"))


def test_migrations_depend_one_way() -> None:
    """String foreign keys escape the import contract, but not the graph of the migrations."""
    loader = MigrationLoader(None, ignore_no_migrations=True)
    wrong = [
        (key, parent.key)
        for key, node in loader.graph.node_map.items()
        for parent in node.parents
        if key[0] in ORDER and parent.key[0] in ORDER and ORDER.index(parent.key[0]) > ORDER.index(key[0])
    ]
    assert wrong == []


def test_nobody_asks_django_for_permissions() -> None:
    """has_perm and is_superuser would answer yes to everything: access has one door, regions.access."""
    uses = [
        f"{path.relative_to(ROOT)}:{node.lineno} {node.attr}"
        for path, tree in own_sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Attribute) and node.attr in {"has_perm", "has_perms", "is_superuser", "is_staff"}
    ]
    assert uses == []


def test_every_recorded_action_has_words() -> None:
    recorded = {
        keyword.value.value
        for _, tree in own_sources()
        for node in ast.walk(tree)
        if isinstance(node, ast.Call)
        and (getattr(node.func, "id", "") == "record" or getattr(node.func, "attr", "") == "record")
        for keyword in node.keywords
        if keyword.arg == "action" and isinstance(keyword.value, ast.Constant)
    }
    assert recorded
    assert recorded - set(ACTIONS) == set()


def test_every_permission_is_held_by_a_role_and_asked_for_in_code() -> None:
    assert set(PERMISSIONS) == frozenset().union(*ROLE_PERMISSIONS.values())
    sources = "\n".join(path.read_text(encoding="utf-8") for path, _ in own_sources() if path.name != "roles.py")
    assert [name for name in PERMISSIONS if f'"{name}"' not in sources] == []


def test_the_documented_matrix_is_the_matrix() -> None:
    """docs/permissions.md holds the table of roles and permissions, row for row."""
    text = (ROOT / "docs" / "permissions.md").read_text(encoding="utf-8")
    first, second = text.split("## Permissions")
    rows = dict(re.findall(r"^\| `(\w+)` \|[^|]*\| (.*?) \|$", second, re.MULTILINE))
    held = {name: [role for role in Role if name in ROLE_PERMISSIONS[role]] for name in PERMISSIONS}
    assert rows == {name: ", ".join(f"`{role}`" for role in roles) for name, roles in held.items()}
    reaches = dict(re.findall(r"^\| `(\w+)` \| [^|]+ \| `(\w+)` \|", first, re.MULTILINE))
    assert reaches == {str(role): str(REACH[role]) for role in Role}


def test_every_trigger_of_ours_is_documented(db: None) -> None:
    """Plain SQL triggers are named in docs/architecture.md, with their purpose in the SQL file."""
    text = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    tables = tuple(model._meta.db_table for model in apps.get_models(include_auto_created=True))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT tgname FROM pg_trigger JOIN pg_class ON pg_class.oid = tgrelid"
            " WHERE NOT tgisinternal AND tgname NOT LIKE 'pgtrigger_%%' AND relname = ANY(%s)",
            [list(tables)],
        )
        triggers = sorted(name for (name,) in cursor.fetchall())
    assert triggers
    assert [name for name in triggers if f"`{name}`" not in text] == []


def test_every_setting_is_documented() -> None:
    source = (ROOT / "jugendhilfe" / "settings.py").read_text(encoding="utf-8")
    read = set(re.findall(r'env(?:_flag|_list)?\(\s*"(\w+)"', source))
    text = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8").split("## Roles")[0]
    assert read == set(re.findall(r"`((?:DJANGO|SRB|DATABASE)_\w+)`", text))
