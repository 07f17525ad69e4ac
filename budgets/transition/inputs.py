"""Σ share_i = 1, Σ key_r = 1: who takes part in a transition, the switches and their words, and how it is refused."""

from dataclasses import dataclass
from decimal import Decimal
from typing import Literal

from budgets.quota import FrozenOffice
from jugendhilfe.lib.errors import DomainError

type Kind = Literal["compensation", "convergence", "at_once"]
type QuotaOn = Literal["without_increase", "with_increase"]
type Deficits = Literal["frozen", "indexed", "recomputed"]
type Rest = Literal["reserve", "regional_1", "all_spaces"]

KINDS: dict[str, str] = {
    "compensation": "Ausgleich und Abschmelzung",
    "convergence": "Angleichung in gleichen Schritten",
    "at_once": "sofort",
}


@dataclass(frozen=True, slots=True)
class Switch:
    """A question the resolution leaves open: its words, and every answer with its words; the first is the default."""

    label: str
    answers: dict[str, str]


SWITCHES = {
    "quota_on": Switch(
        "Quote auf",
        {"without_increase": "den Betrag ohne die Erhöhung", "with_increase": "den Betrag mit der Erhöhung"},
    ),
    "deficits": Switch(
        "Defizite",
        {"frozen": "eingefroren", "indexed": "mit dem Index gesteigert", "recomputed": "jedes Jahr neu berechnet"},
    ),
    "rest": Switch(
        "Rest der Erhöhung",
        {
            "reserve": "Rücklage, Entscheidung nötig",
            "regional_1": "regionales Budget 1",
            "all_spaces": "alle Sozialräume nach Quote",
        },
    ),
}


class TransitionError(DomainError):
    """The transition cannot be computed like this."""


class InsufficientFunds(TransitionError):
    """The compensation of a year needs `missing` euros more than there are."""

    def __init__(self, message: str, *, year: int, missing: Decimal) -> None:
        super().__init__(message)
        self.year = year
        self.missing = missing


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanRegion:
    """A region; `weight` is its part of what is freed, None in all regions means by the need of their spaces."""

    number: int
    name: str
    weight: Decimal | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanSpace:
    """A space: `share` weighs the quota, `previous` is the old amount in euros (None: none), `need` is P · F."""

    key: str
    name: str
    region: int
    share: Decimal
    previous: Decimal | None
    need: Decimal = Decimal(0)
    offices: tuple[FrozenOffice, ...] = ()
