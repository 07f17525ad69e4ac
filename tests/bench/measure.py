"""Times of runs that take turns, and the rows they are printed as."""

import gc
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from statistics import median

WIDTHS = (68, 17, 9)


class NotMeasured(Exception):
    """The row has no figure; the message says why."""


class Skipped(NotMeasured):
    """Something that only some machines have is not here: no fault of the product."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line: `ratio` is a multiple of `of`, which `limit` bounds from above (`at_least`: from below)."""

    what: str
    measured: str
    ratio: float
    limit: float
    of: str
    at_least: bool = False

    @property
    def keeps(self) -> bool:
        return self.ratio >= self.limit if self.at_least else self.ratio <= self.limit

    def __str__(self) -> str:
        bar = f"{'≥' if self.at_least else '≤'} {self.limit:g} × {self.of}"
        return line(self.what, self.measured, f"{self.ratio:.2f} ×", f"{bar:<28} {'ok' if self.keeps else 'over'}")


@dataclass(frozen=True, slots=True)
class Gap:
    """A line without a figure; `failed` unless the machine lacks what it needs."""

    what: str
    reason: str
    failed: bool

    def __str__(self) -> str:
        return line(self.what, "not measured" if self.failed else "skipped", "", self.reason)


def line(what: str, measured: str, ratio: str, rest: str) -> str:
    """The columns of the table, figures to the right."""
    return f"{what:<{WIDTHS[0]}} {measured:>{WIDTHS[1]}} {ratio:>{WIDTHS[2]}}  {rest}".rstrip()


def medians[K](tasks: Mapping[K, Callable[[], object]], *, rounds: int) -> dict[K, float]:
    """Seconds of each task. They take turns, so that a busy moment of the machine hits all alike."""
    for task in tasks.values():
        task()
    gc.collect()
    gc.freeze()  # what earlier rows left in memory is no cost of these
    times: dict[K, list[float]] = {name: [] for name in tasks}
    for _ in range(rounds):
        for name, task in tasks.items():
            started = time.perf_counter()
            task()
            times[name].append(time.perf_counter() - started)
    return {name: median(found) for name, found in times.items()}


def duration(seconds: float) -> str:
    """Three digits in the unit people would choose: 4.27 ms, 1.53 s."""
    return f"{seconds:.2f} s" if seconds >= 1 else f"{1000 * seconds:.3g} ms"


def summary(rows: list[Row | Gap]) -> str:
    """The last line: how much was measured, how much is over its bar."""
    measured = [row for row in rows if isinstance(row, Row)]
    over = sum(not row.keeps for row in measured)
    gaps = [row for row in rows if isinstance(row, Gap)]
    failed = sum(row.failed for row in gaps)
    parts = [f"{len(measured)} rows measured", f"{over} over the bar", f"{len(gaps) - failed} skipped"]
    return ", ".join([*parts, f"{failed} not measured"] if failed else parts) + "."
