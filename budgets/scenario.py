"""?jahr=2026&schema=3&betrag=2.030.000,00&g-arbeitslose=50&m1=M3&sockel1=20…: the address is the scenario.

Everything a what-if assumes stands in the address, so that a link shows the same figures to everybody. What an address
leaves out is taken from the scenario to start with; what it says too much is dropped.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from urllib.parse import urlencode

from budgets.distribution import Model, build_model
from jugendhilfe.lib.formats import format_number
from jugendhilfe.lib.money import CENT

COLUMNS = (1, 2, 3, 4)
WEIGHT = "g-"
# For which year and scheme the amount and the weights were entered: for others they would mean nothing.
MEANT_FOR = "fuer"


@dataclass(frozen=True, slots=True)
class Choice:
    """The model of one column, in the percentages people enter."""

    code: str
    base_percent: Decimal = Decimal(20)
    head_percent: Decimal = Decimal(30)
    floor_percent: Decimal | None = None
    cap_percent: Decimal | None = None
    unit: Decimal = CENT
    gains_only: bool = False

    def model(self) -> Model:
        """The model as it is computed; DistributionError where the shares or bounds make none."""
        return build_model(
            self.code,
            base=self.base_percent / 100,
            head=self.head_percent / 100,
            floor_percent=self.floor_percent,
            cap_percent=self.cap_percent,
            unit=self.unit,
            gains_only=self.gains_only,
        )


TO_START_WITH: Mapping[int, Choice] = {
    1: Choice("M1"),
    2: Choice("M2"),
    3: Choice("M3"),
    4: Choice("M2", floor_percent=Decimal(5), cap_percent=Decimal(5)),
}


@dataclass(frozen=True, slots=True)
class Scenario:
    """What is assumed: weights by code of indicator, models by the number of their column."""

    year: int
    scheme: int
    amount: Decimal
    weights: Mapping[str, Decimal]
    choices: Mapping[int, Choice] = field(default_factory=lambda: TO_START_WITH)
    index: Decimal | None = None

    @property
    def meant_for(self) -> str:
        return f"{self.year}-{self.scheme}"

    def parameters(self) -> dict[str, str]:
        """The scenario as the fields of its form, in their order."""
        parameters = {
            "jahr": str(self.year),
            "schema": str(self.scheme),
            "betrag": format_number(self.amount, 2),
            "index": german(self.index),
            **{WEIGHT + code: german(weight) for code, weight in self.weights.items()},
        }
        for number in COLUMNS:
            parameters |= column_parameters(number, self.choices.get(number))
        return parameters

    @property
    def query(self) -> str:
        """The address behind the question mark."""
        return urlencode(self.parameters())


def column_parameters(number: int, choice: Choice | None) -> dict[str, str]:
    """The fields of one column; an empty model leaves the column out."""
    filled = choice or Choice("")
    return {
        f"m{number}": filled.code,
        f"sockel{number}": german(filled.base_percent),
        f"koepfe{number}": german(filled.head_percent),
        f"verlust{number}": german(filled.floor_percent),
        f"gewinn{number}": german(filled.cap_percent),
        f"rundung{number}": german(filled.unit),
        f"nurgewinne{number}": "1" if filled.gains_only else "",
    }


def completed(given: Mapping[str, str], start: Scenario) -> dict[str, str]:
    """The parameters of an address, completed by those of a scenario to start with.

    A column whose model the address names keeps nothing of the bounds and the rounding it would start with.
    """
    parameters = start.parameters()
    for number in COLUMNS:
        if f"m{number}" in given:
            parameters |= column_parameters(number, None)
    meant_for_this = given.get(MEANT_FOR, start.meant_for) == start.meant_for
    stays = ("betrag", WEIGHT)
    return {
        name: given[name] if name in given and (meant_for_this or not name.startswith(stays)) else value
        for name, value in parameters.items()
    }


def german(number: Decimal | None) -> str:
    """The shortest way to write a number so that it reads back as itself; None is empty."""
    if number is None:
        return ""
    exact = number.normalize()
    return format_number(exact, max(0, -int(exact.as_tuple().exponent))).replace(".", "")
