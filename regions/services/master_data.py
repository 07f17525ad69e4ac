"""What every change of master data has in common: may the actor, does it hold, save, record."""

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.db import models

from jugendhilfe.accounts.models import User
from jugendhilfe.audit.services import record
from jugendhilfe.lib.errors import DomainError, NotAllowed
from regions.access import scope


def must_edit(actor: User | None) -> None:
    """None is the set-up."""
    if actor is not None and not scope(actor, "edit_master_data").everything:
        raise NotAllowed("Stammdaten pflegen Jugendhilfeplanung und Fachdienstleitung.")


def keep[M: models.Model](
    obj: M,
    noun: str,
    *,
    actor: User | None,
    action: str = "",
    reason: str = "",
    region: str = "",
    data: Mapping[str, Any] | None = None,
) -> M:
    """Check, save and record a row; the entry remembers the version of the row that it brought about.

    Forms have checked it already: what is refused here came in between.
    """
    action = action or ("enter" if obj.pk is None else "change")
    try:
        obj.full_clean()
    except ValidationError as error:
        raise DomainError(" ".join(error.messages)) from error
    obj.save()
    record(
        actor=actor,
        action=f"{noun}.{action}",
        obj=obj,
        reason=reason,
        region=region,
        data={**(data or {}), **({"version": obj.events.latest("pgh_id").pk} if hasattr(obj, "events") else {})},
    )
    return obj
