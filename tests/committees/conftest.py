"""The story of 2025/124 up to the adopted distribution, and papers about it."""

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

import pytest

from budgets.distribution import build_model
from budgets.models import (
    AdoptedDistribution,
    BasisKind,
    Deduction,
    DistributionModel,
    FiscalYear,
    LegalBasis,
    SpaceAmount,
    YearStatus,
)
from budgets.services.distributions import adopt_model, propose_model
from committees.models import (
    Committee,
    CommitteeKind,
    Consultation,
    Function,
    Majority,
    Membership,
    Paper,
    Side,
    Situation,
)
from committees.services.papers import write_paper
from indicators.models import WeightingScheme
from indicators.services.schemes import adopt_scheme, propose_scheme
from jugendhilfe.accounts.models import User
from tests import factories
from tests.conftest import Cast, County


@pytest.fixture
def scheme(county: County, cast: Cast) -> WeightingScheme:
    """The scheme of the demo, adopted."""
    indicators = factories.make_indicators(county.spaces)
    scheme = factories.make_scheme(indicators, factories.make_population(county.spaces))
    propose_scheme(scheme=scheme, actor=cast.planning)
    adopt_scheme(scheme=scheme, legal_basis="Niederschrift vom 28.01.2025", actor=cast.head)
    scheme.refresh_from_db()
    return scheme


@pytest.fixture
def year(county: County) -> FiscalYear:
    """2026 with 2,030,000.00 to distribute; what the spaces had in 2025."""
    before = FiscalYear.objects.create(
        year=2025, status=YearStatus.IN_FORCE, total_family=Decimal(2_030_000), is_example=True
    )
    SpaceAmount.objects.bulk_create(
        SpaceAmount(
            year=before,
            space=county.spaces[row["Sozialraum"]],
            amount=factories.decimal(row["Betrag"]),
            is_example=True,
        )
        for row in factories.read("beispiel_betraege_2025.csv")
    )
    year = FiscalYear.objects.create(
        year=2026, status=YearStatus.IN_FORCE, total_family=Decimal(2_233_000), is_example=True
    )
    Deduction.objects.create(
        year=year, name="Ausgleich nach 2025/124 c", amount=Decimal(203_000), reason="Beschluss 2025/124 b und c"
    )
    return year


@pytest.fixture
def proposal(scheme: WeightingScheme, year: FiscalYear, cast: Cast) -> DistributionModel:
    return propose_model(
        year=year,
        scheme=scheme,
        name="Quote nach Belastung",
        model=build_model("M2"),
        reason="Die Quote folgt der Belastung und der Bevölkerung.",
        actor=cast.planning,
    )


@pytest.fixture
def distribution(proposal: DistributionModel, cast: Cast) -> AdoptedDistribution:
    return adopt_model(
        model=proposal,
        basis=LegalBasis(
            kind=BasisKind.RESOLUTION,
            number="2025/124",
            date=dt.date(2025, 8, 13),
            body="Jugendhilfeausschuss",
            wording="a) Die neue Quote gilt ab dem 01.01.2026.",
        ),
        review_on=dt.date(2030, 12, 31),
        actor=cast.head,
    )


@pytest.fixture
def write(cast: Cast) -> Callable[..., Paper]:
    """Writes a draft about a proposal (model=…) or a distribution (distribution=…)."""

    def write(**fields: object) -> Paper:
        paper = Paper(
            **{
                "number": "2026/001",
                "date": dt.date(2026, 1, 15),
                "department": "Jugendhilfe und Sport",
                "responsible": "Jugendhilfeplanung",
                "subject": "Weiterentwicklung der sozialräumlichen Jugendhilfe",
                "products": ["363-200"],
                "proposal": "Der Jugendhilfeausschuss beschließt:\n\n1. Die Quote gilt.",
                **fields,
            }
        )
        return write_paper(
            paper=paper,
            consultations=[Consultation(date=dt.date(2026, 1, 28))],
            situations=[Situation(date=dt.date(2026, 1, 15), text="Die Indikatoren sind vereinbart.")],
            actor=cast.planning,
        )

    return write


@pytest.fixture
def draft(distribution: AdoptedDistribution, write: Callable[..., Paper]) -> Paper:
    return write(distribution=distribution)


@dataclass(frozen=True)
class Group:
    """The working group on money: who sits in it, by their seats. Chair, freelancer and young have no role besides."""

    committee: Committee
    chair: Membership
    county: Membership
    municipality: Membership
    carrier: Membership
    freelancer: Membership
    young: Membership
    adviser: Membership


@pytest.fixture
def group(cast: Cast) -> Group:
    committee = Committee.objects.create(
        name="Unterarbeitsgruppe Finanzen",
        kind=CommitteeKind.WORKING_GROUP,
        majority=Majority.TWO_THIRDS,
        negotiates=True,
        valid_from=dt.date(2024, 9, 17),
    )

    def seat(person: User, side: Side, function: Function = Function.MEMBER) -> Membership:
        return Membership.objects.create(
            committee=committee,
            person=person,
            side=side,
            function=function,
            may_vote=function != Function.ADVISER,
            appointment="Schreiben vom 17.09.2024",
            valid_from=dt.date(2024, 9, 17),
        )

    return Group(
        committee,
        chair=seat(factories.make_user("Vorsitz"), Side.POLITICAL, Function.CHAIR),
        county=seat(cast.finance, Side.COUNTY),
        municipality=seat(cast.municipality, Side.MUNICIPALITY),
        carrier=seat(cast.carrier_lead, Side.FREE_CARRIER),
        freelancer=seat(factories.make_user("Freiberufliche Fachkraft"), Side.FREELANCER),
        young=seat(factories.make_user("Junge Menschen"), Side.YOUNG_PEOPLE),
        adviser=seat(factories.make_user("Beratung"), Side.OTHER, Function.ADVISER),
    )
