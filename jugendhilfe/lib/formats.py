"""Numbers and dates as German offices write them: 1.480.000,00 €, −12,8 %, 19.06.2024.

A no-break space stands before the unit, the minus is the true one (U+2212), and what rounds to zero carries no sign.
"""

import datetime as dt
from decimal import ROUND_HALF_UP, Context, Decimal

NO_BREAK_SPACE = "\u00a0"
MINUS = "\u2212"

# Half up, as readers check it by hand; nothing shown is ever computed with.
_SHOWN = Context(prec=60, rounding=ROUND_HALF_UP)
_GERMAN = str.maketrans(",.", ".,")

type Number = Decimal | int | float


def format_number(value: Number, places: int = 0, *, sign: bool = False) -> str:
    """The number with grouping points and a fixed number of decimals; `sign` puts a plus before gains."""
    exact = value if isinstance(value, Decimal) else Decimal(str(value))
    if not exact.is_finite():
        raise ValueError(f"{value} cannot be shown as a number")
    rounded = _SHOWN.quantize(exact.copy_abs(), Decimal(1).scaleb(-places))
    text = f"{rounded:,f}".translate(_GERMAN)
    if not rounded:
        return text
    if exact < 0:
        return MINUS + text
    return "+" + text if sign else text


def format_euro(value: Decimal | int, places: int = 2) -> str:
    """1.480.000,00 €"""
    return f"{format_number(_money(value), places)}{NO_BREAK_SPACE}€"


def format_euro_change(value: Decimal | int, places: int = 2) -> str:
    """+12.000,00 € or −12.000,00 €; zero has no sign"""
    return f"{format_number(_money(value), places, sign=True)}{NO_BREAK_SPACE}€"


def format_factor(value: Number) -> str:
    """1,29: a burden factor with two decimals"""
    return format_number(value, places=2)


def format_percent(value: Number, places: int = 1) -> str:
    """12,8 %: the value is a number of percent (12.8), not a fraction"""
    return f"{format_number(value, places)}{NO_BREAK_SPACE}%"


def format_percent_change(value: Number, places: int = 1) -> str:
    """+12,8 % or −12,8 %; the value is a number of percent"""
    return f"{format_number(value, places, sign=True)}{NO_BREAK_SPACE}%"


def format_date(value: dt.date) -> str:
    """19.06.2024"""
    return f"{value:%d.%m.%Y}"


def _money(value: Decimal | int) -> Decimal:
    if isinstance(value, float):
        raise TypeError("money is Decimal or int, never float")
    return Decimal(value)
