"""Where the work happens and who does it: regions, social spaces, offices, carriers, contracts, roles."""

from regions.models.assignments import CarrierUserPermission, RegionUserPermission, RoleAssignment
from regions.models.carriers import (
    Carrier,
    CarrierKind,
    ContractSupplement,
    LegalGround,
    NoticeTo,
    Office,
    OfficeContract,
)
from regions.models.places import MemberMunicipality, Region, SocialSpace, SpaceKind
from regions.models.populations import PopulationKind, ReferencePopulation, ReferencePopulationCount

__all__ = [
    "Carrier",
    "CarrierKind",
    "CarrierUserPermission",
    "ContractSupplement",
    "LegalGround",
    "MemberMunicipality",
    "NoticeTo",
    "Office",
    "OfficeContract",
    "PopulationKind",
    "ReferencePopulation",
    "ReferencePopulationCount",
    "Region",
    "RegionUserPermission",
    "RoleAssignment",
    "SocialSpace",
    "SpaceKind",
]
