"""rate = rate_per · Σ numerators / Σ denominators, plain value = Σ weight · value / Σ weight: a table → checked values.

The table may give one row per social space or one per member municipality; what belongs to a space is added up by its
official key. Nothing is guessed: a part that is missing or kept secret makes the sum missing or secret, a total printed
in the table is compared with its rows, and what is not used is named. `docs/data-import.md` lists what is understood.
"""

from indicators.imports.columns import Columns, Measure, Use, find_columns, uses_of
from indicators.imports.rows import Level, Space
from indicators.imports.template import release_template
from indicators.imports.values import (
    LARGE_CHANGE_PERCENT,
    Change,
    Checked,
    Value,
    changes_of,
    check_table,
    large_changes,
)

__all__ = [
    "LARGE_CHANGE_PERCENT",
    "Change",
    "Checked",
    "Columns",
    "Level",
    "Measure",
    "Space",
    "Use",
    "Value",
    "changes_of",
    "check_table",
    "find_columns",
    "large_changes",
    "release_template",
    "uses_of",
]
