"""The story of the demo: the amounts of 2025, the adopted scheme of the worked example, 2,030,000.00 € for 2026."""

from dataclasses import dataclass
from decimal import Decimal

import pytest

from budgets.models import FiscalYear
from indicators.models import WeightingScheme
from indicators.services import schemes
from tests import factories
from tests.conftest import Cast, County

# The example amounts of 2025 and what M2 gives of 2,030,000.00 €.
QUOTAS = {
    "Amt Neuhaus": ("128000.00", "131723.96"),
    "Bleckede": ("262000.00", "227952.18"),
    "Dahlenburg": ("148000.00", "152941.07"),
    "Ostheide": ("176000.00", "178701.17"),
    "Scharnebeck": ("352000.00", "283909.38"),
    "Bardowick": ("268000.00", "283643.60"),
    "Adendorf": ("212000.00", "197112.37"),
    "Gellersen": ("196000.00", "232991.35"),
    "Ilmenau": ("164000.00", "188170.72"),
    "Amelinghausen": ("124000.00", "152854.20"),
}
QUOTA = {name: Decimal(quota) for name, (_, quota) in QUOTAS.items()}


@dataclass(frozen=True)
class Story:
    year_2025: FiscalYear
    year_2026: FiscalYear
    scheme: WeightingScheme


@pytest.fixture
def story(county: County, cast: Cast) -> Story:
    scheme = factories.make_scheme(factories.make_indicators(county.spaces), factories.make_population(county.spaces))
    schemes.propose_scheme(scheme=scheme, actor=cast.planning)
    schemes.adopt_scheme(scheme=scheme, legal_basis="Beschluss der Arbeitsgruppe", actor=cast.head)
    scheme.refresh_from_db()
    year_2025, year_2026 = factories.make_year(2025), factories.make_year(2026)
    factories.make_amounts(year_2025, county.spaces)
    return Story(year_2025, year_2026, scheme)
