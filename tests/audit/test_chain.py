import pytest
from django.db import DatabaseError, connection, transaction

from jugendhilfe.audit.models import ChainHead, Entry
from jugendhilfe.audit.services import keep_file, record
from jugendhilfe.audit.verify import verify_audit_chain, verify_source_files

pytestmark = pytest.mark.django_db


def linked(count: int = 3) -> list[Entry]:
    entries = [
        record(actor=None, action="test.deed", reason=f"Grund {number} – Größe", data={"n": number})
        for number in range(count)
    ]
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
    return entries


def tamper(statement: str) -> None:
    """What somebody with all rights could do: switch the triggers off and write."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement)
        cursor.execute("SET LOCAL session_replication_role = origin")


def test_an_untouched_chain_has_no_finding() -> None:
    linked()
    assert list(verify_audit_chain()) == []
    assert ChainHead.objects.get().number == 3


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE audit_entry SET action = 'other'",
        "UPDATE audit_entry SET reason = 'anders'",
        "UPDATE audit_entry SET data = '{}'",
        "DELETE FROM audit_entry",
        "TRUNCATE audit_entry CASCADE",
        "UPDATE audit_chainlink SET number = number + 10",
        "DELETE FROM audit_chainlink",
        "TRUNCATE audit_chainlink",
        "DELETE FROM audit_chainhead",
        "TRUNCATE audit_chainhead",
    ],
)
def test_the_database_refuses_to_change_what_was_written(statement: str) -> None:
    linked()
    with pytest.raises(DatabaseError, match="is refused"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.parametrize(
    ("statement", "finding"),
    [
        ("UPDATE audit_entry SET action = 'other' WHERE data = '{\"n\": 1}'", "passt nicht zu seiner Prüfsumme"),
        ("UPDATE audit_entry SET reason = 'anders' WHERE data = '{\"n\": 1}'", "Begründung"),
        ("UPDATE audit_entry SET at = at + interval '1 microsecond' WHERE data = '{\"n\": 0}'", "Prüfsumme"),
        ("DELETE FROM audit_chainlink WHERE number = 2", "Glied 2 fehlt"),
        ("DELETE FROM audit_chainlink WHERE number = 3", "Kopf der Kette"),
        ("UPDATE audit_chainhead SET number = 99", "Kopf der Kette"),
    ],
)
def test_what_was_changed_behind_the_triggers_is_found(statement: str, finding: str) -> None:
    linked()
    tamper(statement)
    assert any(finding in sentence for sentence in verify_audit_chain())


def test_a_file_whose_bytes_were_changed_is_named() -> None:
    keep_file(name="einwohner.csv", content=b"Adendorf;10956", actor=None)
    assert list(verify_source_files()) == []
    tamper("UPDATE audit_sourcefile SET content = 'Adendorf;20956'::bytea")
    (finding,) = verify_source_files()
    assert finding.startswith("Quelldatei einwohner.csv")


def test_erasing_the_text_of_a_reason_leaves_the_chain_whole() -> None:
    entry = linked()[1]
    with connection.cursor() as cursor:
        cursor.execute("UPDATE audit_entry SET reason = '' WHERE id = %s", [entry.pk])
    assert list(verify_audit_chain()) == []
