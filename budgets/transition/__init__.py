"""amount_i(t) = quota_i(t) + d_i · (n − t)/n with d_i = max(0, old_i − quota_i(0)); every year sums to its total.

t counts the years from the first one (0), n are the steps of the melt-down. What a year no longer needs to compensate
is freed and goes into regional budget 1, split over the regions by a key. Two other ways lead to a quota: convergence,
share_i(t) = (1 − t/n) · old share + t/n · target share, where the first year is t = 1; and at once. Money is exact
until the cents. `docs/transition.md` explains each step and each switch.
"""

from budgets.transition.effects import (
    Alternative,
    Cover,
    Cut,
    Totals,
    compare_switches,
    cuts,
    sustainability,
    totals,
)
from budgets.transition.inputs import (
    KINDS,
    SWITCHES,
    InsufficientFunds,
    PlanRegion,
    PlanSpace,
    Switch,
    TransitionError,
)
from budgets.transition.plan import Transition, TransitionInputs
from budgets.transition.years import PlanYear, RegionLine, Row

__all__ = [
    "KINDS",
    "SWITCHES",
    "Alternative",
    "Cover",
    "Cut",
    "InsufficientFunds",
    "PlanRegion",
    "PlanSpace",
    "PlanYear",
    "RegionLine",
    "Row",
    "Switch",
    "Totals",
    "Transition",
    "TransitionError",
    "TransitionInputs",
    "compare_switches",
    "cuts",
    "sustainability",
    "totals",
]
