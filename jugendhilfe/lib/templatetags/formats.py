"""`{% load formats %}`: numbers and dates in German; a missing value is shown as an en dash."""

from collections.abc import Iterable
from typing import Any

from django import template

from jugendhilfe.lib import formats

register = template.Library()

MISSING = "–"


def _missing(value: object) -> bool:
    return value is None or value == ""


@register.filter(is_safe=True)
def euro(value: Any, places: int = 2) -> str:
    """1.480.000,00 €"""
    return MISSING if _missing(value) else formats.format_euro(value, places)


@register.filter(is_safe=True)
def euro_change(value: Any, places: int = 2) -> str:
    """+12.000,00 €"""
    return MISSING if _missing(value) else formats.format_euro_change(value, places)


@register.filter
def euro_changes(values: Iterable[Any]) -> list[str]:
    """Every value as `euro_change`, for a row of many: `{{ changes|euro_changes|cells:"app-num" }}`."""
    return [euro_change(value) for value in values]


@register.filter(is_safe=True)
def number(value: Any, places: int = 0) -> str:
    """`{{ inhabitants|number }}`, `{{ rate|number:1 }}`"""
    return MISSING if _missing(value) else formats.format_number(value, places)


@register.filter(is_safe=True)
def signed(value: Any, places: int = 0) -> str:
    """`{{ difference|signed:2 }}`: +0,12 or −0,12"""
    return MISSING if _missing(value) else formats.format_number(value, places, sign=True)


@register.filter(is_safe=True)
def factor(value: Any) -> str:
    """1,29"""
    return MISSING if _missing(value) else formats.format_factor(value)


@register.filter(is_safe=True)
def percent(value: Any, places: int = 1) -> str:
    """12,8 %: the value is a number of percent"""
    return MISSING if _missing(value) else formats.format_percent(value, places)


@register.filter(is_safe=True)
def percent_change(value: Any, places: int = 1) -> str:
    """+12,8 %"""
    return MISSING if _missing(value) else formats.format_percent_change(value, places)


@register.filter(is_safe=True, expects_localtime=True)
def german_date(value: Any) -> str:
    """19.06.2024; a point in time is shown as its day in the county"""
    return MISSING if _missing(value) else formats.format_date(value)
