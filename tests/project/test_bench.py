"""The bench can be started, and its table says what was measured; how long anything takes is no matter of tests."""

import importlib
import pkgutil

import pytest

from tests import bench
from tests.bench.__main__ import measured
from tests.bench.measure import Gap, NotMeasured, Row, Skipped, duration, line, medians, summary
from tests.bench.pages import Page, Stage, growing

FAST = Row("one-query page", "4.2 ms", 4.5, 5, "JSON view")
SLOW = Row("overview", "61 ms", 9.25, 8, "one-query page")


def test_every_part_can_be_imported() -> None:
    names = {module.name for module in pkgutil.iter_modules(bench.__path__)} - {"settings"}

    for name in names:
        importlib.import_module(f"tests.bench.{name}")

    assert {"chain", "factors", "pages", "papers", "uploads"} <= names


def test_a_row_says_what_was_measured_and_whether_it_keeps_its_bar() -> None:
    assert str(FAST).split() == "one-query page 4.2 ms 4.50 × ≤ 5 × JSON view ok".split()
    assert str(SLOW).split()[-6:] == "≤ 8 × one-query page over".split()
    assert str(Row("verification", "60,000 / s", 1.2, 1, "50,000 / s", at_least=True)).endswith("ok")
    assert str(Row("verification", "40,000 / s", 0.8, 1, "50,000 / s", at_least=True)).endswith("over")


def test_the_columns_stand_below_each_other() -> None:
    rows = (str(FAST), str(SLOW), str(Gap("what-if", "no page", failed=True)), line("what", "measured", "ratio", "bar"))

    assert len({row.rindex(end) for row, end in zip(rows, ("≤", "≤", "no page", "bar"), strict=True)}) == 1


def test_the_last_line_counts() -> None:
    assert summary([FAST, SLOW]) == "2 rows measured, 1 over the bar, 0 skipped."
    assert summary([FAST, Gap("factors", "no file", failed=False), Gap("list", "no page", failed=True)]) == (
        "1 rows measured, 0 over the bar, 1 skipped, 1 not measured."
    )


@pytest.mark.parametrize(
    ("error", "failed"), [(Skipped("no file"), False), (NotMeasured("404"), True), (ValueError("x"), True)]
)
def test_a_row_that_cannot_be_measured_says_why_and_leaves_the_rows_before_it(error: Exception, failed: bool) -> None:
    def rows():  # type: ignore[no-untyped-def]
        yield FAST
        raise error

    first, gap = measured("pages", rows)

    assert first is FAST
    assert isinstance(gap, Gap)
    assert gap.failed is failed
    assert str(error) in str(gap)


def test_all_tasks_take_turns() -> None:
    calls: list[str] = []

    times = medians({"one": lambda: calls.append("one"), "two": lambda: calls.append("two")}, rounds=2)

    assert calls == ["one", "two"] * 3
    assert set(times) == {"one", "two"}


def test_durations_are_written_in_the_unit_people_would_choose() -> None:
    assert [duration(seconds) for seconds in (0.0042, 0.5, 1.234)] == ["4.2 ms", "500 ms", "1.23 s"]


def test_growth_is_told_in_multiples_of_the_time_before_and_more_queries_stand_out() -> None:
    page = Page("overview", "/", "Region 3", grows=True)
    stages = [
        Stage(1, queries={"overview": 8}, seconds={"overview": 0.010}),
        Stage(10, queries={"overview": 9}, seconds={"overview": 0.015}),
    ]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("tests.bench.pages.PAGES", (page,))

        times, queries = growing(stages)

    assert (times.what, times.ratio, times.keeps) == ("overview: 1 → 10 counties", 1.5, True)
    assert (queries.measured, queries.keeps) == ("8 → 9", False)
