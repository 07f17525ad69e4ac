"""Bodies, what they negotiate, and the papers that come before them."""

from committees.models.acceptance import AcceptanceRound, RatedModel, Rating
from committees.models.groups import (
    LEADING,
    Committee,
    CommitteeKind,
    Function,
    Majority,
    Membership,
    Side,
    Tie,
    TieKind,
)
from committees.models.papers import (
    Consultation,
    ConsultationStatus,
    IssuedPaper,
    Paper,
    PaperKind,
    PaperStatus,
    Publicity,
    Situation,
)
from committees.models.rounds import (
    Averaging,
    IndicatorProposal,
    Points,
    PointSheet,
    ProposalAnswer,
    RoundIndicator,
    RoundStatus,
    SheetStatus,
    WeightRound,
)
from committees.models.scenarios import SavedScenario
from committees.models.statements import CarrierStatement, StatementStatus

__all__ = [
    "LEADING",
    "AcceptanceRound",
    "Averaging",
    "CarrierStatement",
    "Committee",
    "CommitteeKind",
    "Consultation",
    "ConsultationStatus",
    "Function",
    "IndicatorProposal",
    "IssuedPaper",
    "Majority",
    "Membership",
    "Paper",
    "PaperKind",
    "PaperStatus",
    "PointSheet",
    "Points",
    "ProposalAnswer",
    "Publicity",
    "RatedModel",
    "Rating",
    "RoundIndicator",
    "RoundStatus",
    "SavedScenario",
    "SheetStatus",
    "Side",
    "Situation",
    "StatementStatus",
    "Tie",
    "TieKind",
    "WeightRound",
]
