"""Numbers and dates on the screen."""

import datetime as dt
from decimal import Decimal

import pytest
from django.template import Context, Template

from jugendhilfe.lib.formats import (
    format_date,
    format_euro,
    format_euro_change,
    format_factor,
    format_number,
    format_percent,
    format_percent_change,
)


def test_amounts_have_points_comma_and_a_sign_that_never_breaks_off() -> None:
    assert format_euro(Decimal("1480000")) == "1.480.000,00\u00a0€"
    assert format_euro(Decimal("-1234.5")) == "\u22121.234,50\u00a0€"
    assert format_euro(12, places=0) == "12\u00a0€"


def test_a_change_carries_its_sign_and_zero_none() -> None:
    assert format_euro_change(Decimal("12000")) == "+12.000,00\u00a0€"
    assert format_euro_change(Decimal("-12000")) == "\u221212.000,00\u00a0€"
    assert format_euro_change(Decimal(0)) == "0,00\u00a0€"
    assert format_percent_change(Decimal("0.04")) == "0,0\u00a0%"
    assert format_percent_change(Decimal("4.25")) == "+4,3\u00a0%"


@pytest.mark.parametrize("almost_nothing", ["-0", "-0.00", "-0.004", "-1E-30"])
def test_nothing_is_never_minus_nothing(almost_nothing: str) -> None:
    assert format_number(Decimal(almost_nothing), 2) == "0,00"
    assert format_euro(Decimal(almost_nothing)) == "0,00\u00a0€"


def test_halves_are_rounded_away_from_zero_as_taught_at_school() -> None:
    assert format_number(Decimal("0.125"), 2) == "0,13"
    assert format_number(Decimal("-0.125"), 2) == "\u22120,13"
    assert format_number(1.005, 2) == "1,01"


def test_factor_percent_and_date() -> None:
    assert format_factor(Decimal("0.98441910")) == "0,98"
    assert format_percent(Decimal("12.8")) == "12,8\u00a0%"
    assert format_percent(100, places=0) == "100\u00a0%"
    assert format_date(dt.date(2024, 6, 19)) == "19.06.2024"


def test_long_numbers_lose_no_digit() -> None:
    assert format_number(Decimal("12345678901234567890123456789.5"), 1) == "12.345.678.901.234.567.890.123.456.789,5"


def test_money_is_never_a_float_and_a_number_never_infinite() -> None:
    with pytest.raises(TypeError):
        format_euro(0.1)  # type: ignore[arg-type]
    with pytest.raises(ValueError, match="nan"):
        format_number(float("nan"))


def test_templates_show_the_same_and_a_dash_for_what_is_missing() -> None:
    shown = Template(
        "{% load formats %}{{ a|euro }}|{{ a|euro:0 }}|{{ a|euro_change }}|{{ a|number }}|{{ a|number:1 }}|"
        "{{ a|factor }}|{{ a|percent }}|{{ a|percent_change:0 }}|{{ day|german_date }}|"
        "{{ none|euro }}|{{ unknown|german_date }}"
    ).render(Context({"a": Decimal("1234.5"), "day": dt.date(2024, 6, 19), "none": None}))
    assert shown.replace("\u00a0", " ").split("|") == [
        "1.234,50 €",
        "1.235 €",
        "+1.234,50 €",
        "1.235",
        "1.234,5",
        "1.234,50",
        "1.234,5 %",
        "+1.235 %",
        "19.06.2024",
        "–",
        "–",
    ]


def test_a_point_in_time_is_shown_as_its_day_in_the_county() -> None:
    late = dt.datetime(2026, 1, 31, 23, 30, tzinfo=dt.UTC)
    assert Template("{% load formats %}{{ t|german_date }}").render(Context({"t": late})) == "01.02.2026"


def test_a_row_of_changes_is_written_cell_by_cell_and_escaped() -> None:
    row = Template('{% load components %}{{ changes|euro_changes|cells:"app-num" }}{{ texts|cells:"app-num" }}').render(
        Context({"changes": [Decimal(12), None], "texts": ["<b>"]})
    )

    assert row == ('<td class="app-num">+12,00\u00a0€</td><td class="app-num">–</td><td class="app-num">&lt;b&gt;</td>')
