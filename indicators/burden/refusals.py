"""No factor without a reason, no refusal without the cells: the errors of the burden factor and the words they use."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal

import numpy as np
from numpy.typing import NDArray

from jugendhilfe.lib.errors import DomainError

type Cell = tuple[str, str]

NAMED = 12


class BurdenError(DomainError):
    """The factors cannot be computed; the sentence says why, `cells` are the (key, indicator code) pairs concerned."""

    def __init__(self, message: str, cells: Iterable[Cell] = ()) -> None:
        super().__init__(message)
        self.cells = tuple(cells)


class SchemeRefused(BurdenError):
    """The scheme is no calculation, whatever the values."""


class MissingValues(BurdenError):
    """There are gaps nobody has decided about yet."""


class ValuesRefused(BurdenError):
    """The scheme has no answer for these values."""


@dataclass(frozen=True, slots=True)
class Spaces:
    """The keys of the spaces, sorted, and the words for them."""

    keys: tuple[str, ...]
    names: Mapping[str, str]

    def listed(self, wrong: NDArray[np.bool_], values: NDArray[np.float64] | None = None) -> str:
        """The spaces where a mask is true, with their value if given."""
        places = np.flatnonzero(wrong)
        names = [self.names.get(self.keys[i], self.keys[i]) for i in places]
        if values is not None:
            names = [f"{name} ({german(float(values[i]))})" for name, i in zip(names, places, strict=True)]
        return listed(names)

    def cells(self, wrong: NDArray[np.bool_], code: str) -> list[Cell]:
        """The cells of one indicator where a mask is true."""
        return [(self.keys[i], code) for i in np.flatnonzero(wrong)]


def listed(words: Sequence[str]) -> str:
    """The first words and how many more there are."""
    rest = len(words) - NAMED
    return ", ".join(words[:NAMED]) + (f" und {rest} weitere" if rest > 0 else "")


def german(number: Decimal | float) -> str:
    """A number for an error sentence: short, with comma and true minus."""
    return f"{float(number):g}".replace("-", "−").replace(".", ",")
