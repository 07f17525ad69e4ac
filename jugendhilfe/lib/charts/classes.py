"""class = 1 + number of bounds reached; bounds are fixed (factor) or a fifth of the values each (quantiles)."""

from collections.abc import Sequence
from decimal import Decimal

from jugendhilfe.lib.charts.chart import as_printed, decimal
from jugendhilfe.lib.formats import Number

FACTOR_BOUNDS = (Decimal("0.90"), Decimal("1.00"), Decimal("1.10"), Decimal("1.20"))
FACTOR_CLASS_NAMES = ("unter 0,90", "0,90 bis 0,99", "1,00 bis 1,09", "1,10 bis 1,19", "ab 1,20")


def factor_class(factor: Number) -> int:
    """Class 1 to 5 of a burden factor or any value relative to 1.00: by rating, with the same bounds in every year.

    The printed value decides: what reads 0,90 is in the class "0,90 bis 0,99", also when it is 0.8960.
    """
    printed = as_printed(factor)
    return 1 + sum(printed >= bound for bound in FACTOR_BOUNDS)


def quantile_classes(values: Sequence[Number | None], *, more_is_burden: bool = True) -> list[int | None]:
    """Class 1 to 5 of each value by its rank among the values: a fifth of them in each class, 5 is the most burden.

    Equal values share a class (the one of their middle rank), so a column of equal values is class 3 throughout; a
    missing value has none.
    """
    sign = 1 if more_is_burden else -1
    burdens = [None if value is None else sign * decimal(value) for value in values]
    known = [burden for burden in burdens if burden is not None]

    def class_of(burden: Decimal) -> int:
        milder = sum(other < burden for other in known)
        equal = sum(other == burden for other in known)
        # 5 * (milder + equal / 2) / count, in whole numbers.
        return 1 + 5 * (2 * milder + equal) // (2 * len(known))

    return [None if burden is None else class_of(burden) for burden in burdens]
