"""The one way into the log: `record` is the last statement of every service, in its transaction."""

import hashlib
import secrets
from collections.abc import Mapping
from typing import Any

from django.db import models

from jugendhilfe.accounts.models import User
from jugendhilfe.audit.models import Entry, SourceFile


def record(
    *,
    actor: User | None,
    action: str,
    obj: models.Model | None = None,
    reason: str = "",
    region: str = "",
    data: Mapping[str, Any] | None = None,
) -> Entry:
    """Write one entry. `data` holds plain values without names of natural persons; amounts as text."""
    salt = secrets.token_hex(16)
    return Entry.objects.create(
        actor=actor,
        action=action,
        object_type=obj._meta.label_lower if obj is not None else "",
        object_id=str(obj.pk) if obj is not None else "",
        object_label=audit_label(obj)[:200] if obj is not None else "",
        region=region,
        data=dict(data or {}),
        reason=reason,
        reason_salt=salt,
        reason_hash=reason_digest(salt, reason),
    )


def audit_label(obj: models.Model) -> str:
    """How an object is named in the log: its `audit_label` where its own name is a person's."""
    return str(getattr(obj, "audit_label", obj))


def reason_digest(salt: str, reason: str) -> str:
    """What the chain knows of a reason: sha256 of salt and text, in hex."""
    return hashlib.sha256(f"{salt}{reason}".encode()).hexdigest()


def keep_file(*, name: str, content: bytes, actor: User | None) -> SourceFile:
    """Keep the bytes as they came; the same bytes again give the row that is there."""
    file, _ = SourceFile.objects.get_or_create(
        sha256=hashlib.sha256(content).hexdigest(),
        defaults={"name": name[-200:], "size": len(content), "content": content, "uploaded_by": actor},
    )
    return file
