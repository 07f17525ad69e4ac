"""JSON of dataclasses in one form: keys sorted, decimals and dates as text, no spaces; same values, same bytes.

A field that came later, by `added_later`, is written only where it says something: older texts keep their bytes.
"""

import datetime as dt
import hashlib
import json
from dataclasses import field, fields, is_dataclass
from decimal import Decimal
from functools import cache
from types import NoneType, UnionType
from typing import Any, get_args, get_origin, get_type_hints

_LATER = {"added_later": True}


def added_later[T](default: T) -> T:
    """A field of a record that is stored already; left out at its default."""
    made: T = field(default=default, metadata=_LATER)
    return made


def to_json(record: Any) -> str:
    """A dataclass, with dataclasses, tuples, texts, numbers and dates inside, as canonical JSON."""
    return json.dumps(record, sort_keys=True, ensure_ascii=False, separators=(",", ":"), default=_plain)


def from_json[T](kind: type[T], text: str) -> T:
    """The dataclass that `to_json` wrote; ValueError, TypeError or KeyError where the text is none."""
    record: T = _revive(kind, json.loads(text))
    return record


def digest(text: str) -> str:
    """The fingerprint of a text: SHA-256 in hex."""
    return hashlib.sha256(text.encode()).hexdigest()


def _plain(value: object) -> str | dict[str, object]:
    if is_dataclass(value):
        own = [(one, getattr(value, one.name)) for one in fields(value)]
        return {one.name: part for one, part in own if not (one.metadata == _LATER and part == one.default)}
    if isinstance(value, Decimal):
        return f"{value:f}"
    if isinstance(value, dt.date):
        return value.isoformat()
    raise TypeError(f"{type(value).__name__} has no canonical form")


def _revive(kind: Any, value: Any) -> Any:
    """A JSON value as the type that its field declares."""
    if get_origin(kind) is UnionType:
        if value is None:
            return None
        kind = next(option for option in get_args(kind) if option is not NoneType)
    if get_origin(kind) is tuple:
        return tuple(_revive(get_args(kind)[0], item) for item in value)
    if kind is Decimal:
        return Decimal(value)
    if kind is dt.date:
        return dt.date.fromisoformat(value)
    if isinstance(kind, type) and is_dataclass(kind):
        hints = _hints(kind)
        return kind(**{name: _revive(hints[name], item) for name, item in value.items()})
    return value


@cache
def _hints(kind: Any) -> dict[str, Any]:
    return get_type_hints(kind)
