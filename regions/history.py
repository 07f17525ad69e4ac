"""What happened to a row: the entries of the log, each with the fields that changed by it."""

import datetime as dt
from decimal import Decimal
from itertools import pairwise
from typing import Any, NamedTuple

from django.db import models

from jugendhilfe.audit.models import Entry
from jugendhilfe.lib.formats import format_date, format_number


class Change(NamedTuple):
    what: str
    before: str
    now: str


class Deed(NamedTuple):
    """One line of a timeline."""

    at: dt.datetime
    actor: str
    text: str
    reason: str = ""
    changes: tuple[Change, ...] = ()


def history_of(obj: models.Model) -> list[Deed]:
    """The deeds on a row, newest first. Versions without an entry come from outside the services, and say so."""
    entries = list(Entry.objects.for_object(obj).with_actor().order_by("pk"))
    versions = list(obj.events.order_by("pgh_id")) if hasattr(obj, "events") else []
    recorded: set[int] = {entry.data["version"] for entry in entries if "version" in entry.data}
    changes = _changes(obj, versions)
    deeds = [
        Deed(
            entry.at,
            str(entry.actor or "Einrichtung"),
            entry.text,
            entry.reason,
            # A version belongs to the first entry that names it: saving without a change makes none.
            changes.pop(entry.data.get("version"), ()) + _listed(entry.data.get("changes", ())),
        )
        for entry in entries
    ]
    deeds += [
        Deed(version.pgh_created_at, "Einrichtung", "Geändert" if number else "Angelegt", "", changes[version.pgh_id])
        for number, version in enumerate(versions)
        if version.pgh_id not in recorded
    ]
    return sorted(deeds, key=lambda deed: deed.at, reverse=True)


def _listed(changes: Any) -> tuple[Change, ...]:
    return tuple(Change(what, _shown(before), _shown(now)) for what, before, now in changes)


def _changes(obj: models.Model, versions: list[Any]) -> dict[int | None, tuple[Change, ...]]:
    """By number of the version: what differs from the one before; nothing for the first."""
    names = _Names()
    found: dict[int | None, tuple[Change, ...]] = {version.pgh_id: () for version in versions[:1]}
    for before, now in pairwise(versions):
        found[now.pgh_id] = tuple(
            Change(_sentence(str(field.verbose_name)), names.of(field, before), names.of(field, now))
            for field in obj._meta.concrete_fields
            if getattr(before, field.attname) != getattr(now, field.attname)
        )
    return found


class _Names:
    """Values in words; rows that are pointed at are looked up once."""

    def __init__(self) -> None:
        self.known: dict[tuple[str, Any], str] = {}

    def of(self, field: Any, version: Any) -> str:
        value = getattr(version, field.attname)
        if value is not None and field.remote_field is not None:
            key = (field.remote_field.model._meta.label, value)
            if key not in self.known:
                self.known[key] = str(field.remote_field.model._base_manager.filter(pk=value).first() or value)
            return self.known[key]
        return _shown(dict(field.flatchoices).get(value, value))


def _shown(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, bool):
        return "ja" if value else "nein"
    if isinstance(value, dt.date):
        return format_date(value)
    if isinstance(value, Decimal):
        return format_number(value, max(0, -int(value.as_tuple().exponent)))
    return format_number(value) if isinstance(value, int) else str(value)


def _sentence(text: str) -> str:
    return text[:1].upper() + text[1:]
