"""F_i = G_i / Ḡ, where G_i is the weighted mean of the ratings R_ij and Ḡ = Σ P_i G_i / Σ P_i; so Σ P_i F_i = Σ P_i.

i is a space, j an indicator, P the reference population. Floats live in here only; the factor leaves them once, as a
Decimal of eight places, and money is computed from that Decimal alone. `docs/burden-factor.md` explains every step.
"""

from indicators.burden.factors import BurdenResult, compute
from indicators.burden.ratings import Counts, Notice
from indicators.burden.refusals import BurdenError, Cell, MissingValues, SchemeRefused, ValuesRefused
from indicators.burden.scheme import (
    Aggregation,
    Dimension,
    Direction,
    Indicator,
    Method,
    Number,
    Scheme,
    Transform,
    check_scheme,
)

__all__ = [
    "Aggregation",
    "BurdenError",
    "BurdenResult",
    "Cell",
    "Counts",
    "Dimension",
    "Direction",
    "Indicator",
    "Method",
    "MissingValues",
    "Notice",
    "Number",
    "Scheme",
    "SchemeRefused",
    "Transform",
    "ValuesRefused",
    "check_scheme",
    "compute",
]
