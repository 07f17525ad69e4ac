"""Columns that hold euros."""

from decimal import Decimal

from django.db import models

MAX_AMOUNT = Decimal("999999999.99")
"""The highest amount anybody may enter: more is a slip of the comma."""


def euros(verbose_name: str, **options: object) -> models.DecimalField:  # type: ignore[type-arg]
    return models.DecimalField(verbose_name, max_digits=14, decimal_places=2, **options)  # type: ignore[arg-type]
