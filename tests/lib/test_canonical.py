"""Records as canonical JSON: the same values have the same bytes, also those of records that have grown since."""

import datetime as dt
from dataclasses import dataclass
from decimal import Decimal

from jugendhilfe.lib.canonical import added_later, digest, from_json, to_json


@dataclass(frozen=True, slots=True, kw_only=True)
class Part:
    name: str
    amount: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    parts: tuple[Part, ...]
    day: dt.date
    rounded: bool = added_later(False)
    note: str = added_later("")


OLD = '{"day":"2026-01-01","parts":[{"amount":"1.50","name":"Ä"},{"amount":null,"name":"b"}]}'
PARTS = (Part(name="Ä", amount=Decimal("1.50")), Part(name="b", amount=None))


def test_a_record_is_written_with_sorted_keys_and_reads_back() -> None:
    record = Record(parts=PARTS, day=dt.date(2026, 1, 1))
    assert to_json(record) == OLD
    assert from_json(Record, OLD) == record


def test_a_text_from_before_a_field_came_keeps_its_bytes_and_its_fingerprint() -> None:
    assert digest(to_json(from_json(Record, OLD))) == digest(OLD)


def test_a_field_that_came_later_is_written_where_it_says_something() -> None:
    record = Record(parts=PARTS, day=dt.date(2026, 1, 1), rounded=True, note="x")
    assert to_json(record) == OLD[:-1].replace('"parts"', '"note":"x","parts"') + ',"rounded":true}'
    assert from_json(Record, to_json(record)) == record
