"""The money of a year and who gets how much of it."""

from budgets.models.amounts import MAX_AMOUNT
from budgets.models.bases import BasisKind, LegalBasis
from budgets.models.distributions import (
    AdoptedDistribution,
    DistributionModel,
    DistributionRow,
    OfficeRow,
    ProposalStatus,
)
from budgets.models.reviews import QuotaReview, ReviewOutcome
from budgets.models.splits import BLOCKS, BlockMapping, OfficeCosts
from budgets.models.transitions import TransitionKind, TransitionPlan, TransitionStatus
from budgets.models.years import IN_FORCE, Deduction, FiscalYear, Product, SpaceAmount, YearStatus, spaces_with_drafts

__all__ = [
    "BLOCKS",
    "IN_FORCE",
    "MAX_AMOUNT",
    "AdoptedDistribution",
    "BasisKind",
    "BlockMapping",
    "Deduction",
    "DistributionModel",
    "DistributionRow",
    "FiscalYear",
    "LegalBasis",
    "OfficeCosts",
    "OfficeRow",
    "Product",
    "ProposalStatus",
    "QuotaReview",
    "ReviewOutcome",
    "SpaceAmount",
    "TransitionKind",
    "TransitionPlan",
    "TransitionStatus",
    "YearStatus",
    "spaces_with_drafts",
]
