"""Plain functions that make what a test needs, from the same input files the demo uses."""

import csv
import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from decimal import Decimal
from pathlib import Path

from django.db import connection
from django.utils.text import slugify

from budgets.models import (
    AdoptedDistribution,
    BasisKind,
    DistributionModel,
    DistributionRow,
    FiscalYear,
    LegalBasis,
    OfficeRow,
    ProposalStatus,
    SpaceAmount,
    YearStatus,
)
from indicators.models import (
    BurdenCalculation,
    DataRelease,
    Direction,
    Indicator,
    IndicatorValue,
    ReleaseStatus,
    SchemeIndicator,
    WeightingScheme,
)
from jugendhilfe.accounts.models import User
from regions.models import (
    Office,
    PopulationKind,
    ReferencePopulation,
    ReferencePopulationCount,
    Region,
    SocialSpace,
    SpaceKind,
)

INKAR = "INKAR 2024, BBSR Bonn"
INPUTS = Path(__file__).resolve().parent.parent / "fixtures" / "lueneburg"


def read(name: str) -> list[dict[str, str]]:
    """The rows of an input file by its German heads."""
    with (INPUTS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def decimal(text: str) -> Decimal:
    return Decimal(text.replace(".", "").replace(",", "."))


def make_user(name: str, *, email: str = "", password: str | None = None) -> User:
    return User.objects.create_user(email or f"{slugify(name)}@example.org", password, name=name)


def make_spaces() -> dict[str, SocialSpace]:
    """The three regions and ten social spaces of the record, by name."""
    regions = {
        number: Region.objects.get_or_create(number=int(number), defaults={"name": f"Region {number}"})[0]
        for number in ("1", "2", "3")
    }
    return {
        row["Sozialraum"]: SocialSpace.objects.create(
            key=row["Schlüssel"],
            name=row["Sozialraum"],
            kind=SpaceKind(row["Art"].lower()),
            region=regions[row["Region"]],
            area_km2=decimal(row["Fläche in km²"]),
            hex_column=decimal(row["Kachel Spalte"]),
            hex_row=decimal(row["Kachel Zeile"]),
        )
        for row in read("sozialraeume.csv")
    }


def make_space(name: str, *, key: str = "999999999") -> SocialSpace:
    """One more space, in region 1."""
    return SocialSpace.objects.create(
        key=key, name=name, kind=SpaceKind.MUNICIPALITY, region=Region.objects.get(number=1)
    )


def make_offices(spaces: dict[str, SocialSpace]) -> dict[str, Office]:
    """One office per space, by the space's name."""
    return {
        name: Office.objects.create(
            space=space, name=f"Sozialraumbüro {name}", valid_from=dt.date(2020, 1, 1), is_example=True
        )
        for name, space in spaces.items()
    }


def make_population(spaces: dict[str, SocialSpace]) -> ReferencePopulation:
    """The population of 2022."""
    population = ReferencePopulation.objects.create(date=dt.date(2022, 12, 31), source="BKG, VG250-EW 2022")
    for row in read("einwohner_2022.csv"):
        ReferencePopulationCount.objects.create(
            population=population, space=spaces[row["Sozialraum"]], count=int(row["Anzahl"])
        )
    return population


def make_population_15_to_64(spaces: dict[str, SocialSpace]) -> ReferencePopulation:
    """The people from 15 to 64 of 2021, the Bezugsgröße of the worked example."""
    population = ReferencePopulation.objects.create(
        kind=PopulationKind.AGE_BAND, age_from=15, age_to=65, date=dt.date(2021, 12, 31), source=INKAR
    )
    for row in read("indikatoren_2021.csv"):
        ReferencePopulationCount.objects.create(
            population=population, space=spaces[row["Sozialraum"]], count=int(row["Personen 15 bis 64"])
        )
    return population


def make_indicators(spaces: dict[str, SocialSpace]) -> dict[str, Indicator]:
    """The three indicators of the record by code, with their values of 2015 and 2019 to 2021."""
    indicators = {
        indicator.code: indicator
        for indicator in (
            Indicator.objects.create(
                code="unemployment",
                name="Arbeitslose je 1.000 Personen von 15 bis 64",
                short_name="Arbeitslose je 1.000",
                direction=Direction.MORE,
                unit="je 1.000 Personen von 15 bis 64",
                rate_per=1000,
                numerator_name="Arbeitslose",
                denominator_name="Personen von 15 bis 64",
            ),
            Indicator.objects.create(
                code="income_tax",
                name="Einkommensteuer je Kopf",
                short_name="Einkommensteuer je Kopf",
                direction=Direction.LESS,
                unit="€ je Kopf",
                decimals=2,
            ),
            Indicator.objects.create(
                code="employment",
                name="Beschäftigte je 100 Personen von 15 bis 64",
                short_name="Beschäftigte je 100",
                direction=Direction.LESS,
                unit="je 100 Personen von 15 bis 64",
            ),
        )
    }
    make_release(
        2015,
        [
            IndicatorValue(
                indicator=indicators["employment"],
                space=spaces[row["Sozialraum"]],
                value=decimal(row["Beschäftigte je 100"]),
            )
            for row in read("beschaeftigte_2015.csv")
        ],
    )
    for year in (2019, 2020, 2021):
        values = []
        for row in read(f"indikatoren_{year}.csv"):
            space = spaces[row["Sozialraum"]]
            cases, people = decimal(row["Arbeitslose"]), decimal(row["Personen 15 bis 64"])
            values += [
                IndicatorValue(
                    indicator=indicators["unemployment"],
                    space=space,
                    value=round(1000 * cases / people, 8),
                    numerator=cases,
                    denominator=people,
                ),
                IndicatorValue(
                    indicator=indicators["income_tax"], space=space, value=decimal(row["Einkommensteuer je Kopf"])
                ),
            ]
        make_release(year, values)
    return indicators


def make_release(year: int, values: list[IndicatorValue], *, status: str = ReleaseStatus.TAKEN_OVER) -> DataRelease:
    """A Datenstand of 31 December with these values."""
    release = DataRelease.objects.create(name=f"Indikatoren {year}", reference_date=dt.date(year, 12, 31), source=INKAR)
    for value in values:
        value.release = release
    IndicatorValue.objects.bulk_create(values)
    release.status = status
    release.save()
    return release


@contextmanager
def as_if_always_so() -> Iterator[None]:
    """Past the triggers that keep what was decided: for a story in which the data came otherwise from the start."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        yield
        cursor.execute("SET LOCAL session_replication_role = origin")


def make_scheme(
    indicators: dict[str, Indicator], population: ReferencePopulation, *, name: str = "Belastung"
) -> WeightingScheme:
    """The scheme of the record as a draft: 50, 25 and 25 points, ratio to the value of all spaces."""
    scheme = WeightingScheme.objects.create(name=name, population=population)
    SchemeIndicator.objects.bulk_create(
        SchemeIndicator(scheme=scheme, indicator=indicators[code], weight=weight, reason="Vorschlag der Arbeitsgruppe")
        for code, weight in (("unemployment", 50), ("income_tax", 25), ("employment", 25))
    )
    return scheme


def make_year(year: int, *, total: str = "2030000.00", status: str = YearStatus.IN_FORCE) -> FiscalYear:
    return FiscalYear.objects.create(year=year, status=status, total_family=Decimal(total))


def make_amounts(year: FiscalYear, spaces: dict[str, SocialSpace]) -> None:
    """The example amounts of 2025; they sum to 2,030,000.00."""
    SpaceAmount.objects.bulk_create(
        SpaceAmount(year=year, space=spaces[row["Sozialraum"]], amount=decimal(row["Betrag"]), is_example=True)
        for row in read("beispiel_betraege_2025.csv")
    )


def make_basis(number: str = "2025/124") -> LegalBasis:
    return LegalBasis.objects.create(
        kind=BasisKind.RESOLUTION,
        number=number,
        date=dt.date(2024, 2, 29),
        body="Jugendhilfeausschuss",
        wording="Die Verteilungsquote gilt ab dem 01.01.2026.",
    )


def make_distribution(
    year: FiscalYear,
    scheme: WeightingScheme,
    amounts: dict[SocialSpace, Decimal],
    *,
    previous: dict[SocialSpace, Decimal] | None = None,
    basis: LegalBasis | None = None,
    replaces: AdoptedDistribution | None = None,
) -> AdoptedDistribution:
    """An adopted distribution with these amounts, each for the one office of its space; not computed from anything."""
    total = sum(amounts.values(), Decimal(0))
    distribution = AdoptedDistribution.objects.create(
        year=year,
        model=DistributionModel.objects.create(
            year=year,
            name="Nach Belastung",
            code="M2",
            need=1,
            scheme=scheme,
            status=ProposalStatus.ADOPTED,
            reason="–",
        ),
        calculation=BurdenCalculation.objects.create(
            scheme=scheme, population=scheme.population, as_of=dt.date(year.year, 1, 1), inputs="{}", sha256="0" * 64
        ),
        basis=basis or make_basis(),
        replaces=replaces,
        reason="Berichtigung" if replaces else "",
        total=total,
        inputs="{}",
        sha256="0" * 64,
    )
    for space, amount in amounts.items():
        DistributionRow.objects.create(
            distribution=distribution,
            space=space,
            space_name=space.name,
            region_number=space.region.number,
            reference_population=1,
            factor=1,
            previous=(previous or {}).get(space),
            share=amount / total,
            amount=amount,
        )
        for office in space.offices.all():
            OfficeRow.objects.create(
                distribution=distribution, office=office, office_name=office.name, space=space, amount=amount
            )
    return distribution
