"""Periods: valid from one day to another, both included, and their rule against overlap."""

import datetime as dt
from typing import Any, Self

from django.core.exceptions import ValidationError
from django.db import models
from django.db.models import Func, Q, Value
from django.db.models.functions import Coalesce


def same_key(expression: str | models.expressions.Combinable) -> Func:
    """A key as a range of one number: without contrib extensions, GiST compares ranges but not plain numbers."""
    key = Coalesce(expression, Value(0), output_field=models.BigIntegerField())
    return Func(key, key, Value("[]"), function="int8range")


def period() -> Func:
    """valid_from to valid_to, both days included; open where no end is set."""
    return Func("valid_from", "valid_to", Value("[]"), function="daterange")


def must_end_after_it_began(row: Any) -> None:
    """For `clean` of a model with `period()` in a rule: PostgreSQL stops at a period that runs backwards."""
    if row.valid_from and row.valid_to and row.valid_to < row.valid_from:
        raise ValidationError({"valid_to": "Das Ende liegt vor dem Anfang."})


class PeriodQuerySet[M: models.Model](models.QuerySet[M]):
    def valid_on(self, day: dt.date) -> Self:
        return self.filter(Q(valid_to__gte=day) | Q(valid_to=None), valid_from__lte=day)

    def valid_in(self, year: int) -> Self:
        """Valid on at least one day of the year."""
        first, last = dt.date(year, 1, 1), dt.date(year, 12, 31)
        return self.filter(Q(valid_to__gte=first) | Q(valid_to=None), valid_from__lte=last)
