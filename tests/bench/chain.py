"""The audit chain recomputed from its rows; the best run counts, the bar being no ratio to another."""

from collections.abc import Iterator
from time import perf_counter

from jugendhilfe.audit.models import Entry
from jugendhilfe.audit.verify import verify_audit_chain
from tests.bench.county import count_entries
from tests.bench.measure import NotMeasured, Row

ENTRIES = 20_000
PER_SECOND = 50_000
ROUNDS = 7


def rows() -> Iterator[Row]:
    count_entries(ENTRIES)
    entries, rates = Entry.objects.count(), []
    for _ in range(ROUNDS):
        started = perf_counter()
        if findings := list(verify_audit_chain()):
            raise NotMeasured(findings[0])
        rates.append(entries / (perf_counter() - started))
    rate = max(rates)
    what = f"verification of the audit chain, {entries:,} entries"
    yield Row(what, f"best {rate:,.0f} / s", rate / PER_SECOND, 1, f"{PER_SECOND:,} / s", at_least=True)
