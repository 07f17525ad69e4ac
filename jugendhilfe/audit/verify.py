"""hash_n = sha256(hash_(n-1) || entry_n), recomputed from the rows and not by the database's own function."""

import hashlib
from collections.abc import Iterator

from django.db import connection

from jugendhilfe.audit.models import Entry, SourceFile

ENTRY_ROWS = """
    SELECT link.number, link.previous_hash, link.hash, entry.reason, entry.reason_salt, entry.reason_hash,
           entry.id::text, floor(extract(epoch FROM entry.at) * 1000000)::bigint::text, entry.actor_id::text,
           entry.action::text, entry.object_type::text, entry.object_id::text, entry.object_label::text,
           entry.region::text, entry.data::text
    FROM audit_chainlink AS link JOIN audit_entry AS entry ON entry.id = link.entry_id ORDER BY link.number
"""


def netstring(fields: tuple[str | None, ...]) -> bytes:
    """Each field with its length in bytes, so that no two rows of fields read alike; "-" for NULL."""
    return ",".join("-" if field is None else f"{len(field.encode())}:{field}" for field in fields).encode()


def verify_audit_chain() -> Iterator[str]:
    """Recompute the audit chain; yields one German sentence for every difference, nothing where all is well."""
    expected_number, previous = 0, b"\x00"
    with connection.cursor() as cursor:
        cursor.execute(ENTRY_ROWS)
        for number, previous_hash, stored, reason, salt, reason_hash, *fields in cursor:
            expected_number += 1
            if number != expected_number:
                yield f"Protokoll: Glied {expected_number} fehlt, es folgt {number}."
                expected_number = number
            if reason and hashlib.sha256(f"{salt}{reason}".encode()).hexdigest() != reason_hash:
                yield f"Protokoll: Die Begründung von Eintrag {fields[0]} wurde verändert."
            computed = hashlib.sha256(bytes(previous_hash) + netstring((*fields, reason_hash))).digest()
            if bytes(previous_hash) != previous or bytes(stored) != computed:
                yield f"Protokoll: Eintrag {fields[0]} (Glied {number}) passt nicht zu seiner Prüfsumme."
            previous = bytes(stored)
        cursor.execute("SELECT number, hash FROM audit_chainhead")
        heads = cursor.fetchall()
        if [(number, bytes(head)) for number, head in heads] != [(expected_number, previous)]:
            yield "Protokoll: Der Kopf der Kette passt nicht zum letzten Glied."
        cursor.execute(
            "SELECT id FROM audit_entry WHERE id NOT IN (SELECT entry_id FROM audit_chainlink) ORDER BY id LIMIT 20"
        )
        for (entry_id,) in cursor.fetchall():
            yield f"Protokoll: Eintrag {entry_id} steht nicht in der Kette."


def verify_source_files() -> Iterator[str]:
    """Every kept file has the bytes that its fingerprint was taken of."""
    for file in SourceFile.objects.order_by("pk").iterator(chunk_size=1):
        if hashlib.sha256(bytes(file.content)).hexdigest() != file.sha256:
            yield f"Quelldatei {file.name} (Nr. {file.pk}): Der Inhalt passt nicht zu seiner Prüfsumme."


def entries_of(*actions: str) -> dict[str, Entry]:
    """What the log says of each object, by its key, from the first entry with one of these actions."""
    return {entry.object_id: entry for entry in Entry.objects.filter(action__in=actions).order_by("-pk")}
