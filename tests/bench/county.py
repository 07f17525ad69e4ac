"""The county that pages are measured with, and more of what fills its tables over the years."""

import datetime as dt
from decimal import Decimal

import psycopg
from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connection, connections, transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg.conninfo import make_conninfo
from psycopg.sql import SQL, Identifier

from budgets.distribution import build_model
from budgets.models import (
    AdoptedDistribution,
    BasisKind,
    DistributionModel,
    DistributionRow,
    FiscalYear,
    LegalBasis,
    ProposalStatus,
    SpaceAmount,
    YearStatus,
)
from budgets.services.distributions import adopt_model, propose_model
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
from indicators.services.schemes import adopt_scheme, copy_scheme, propose_scheme
from jugendhilfe import embedded_postgres
from jugendhilfe.accounts.models import User
from jugendhilfe.audit.services import reason_digest
from regions.access import confirm, grant
from regions.models import Region, RoleAssignment, SocialSpace
from regions.roles import NEEDS_SECOND_PERSON, Role
from tests import factories

YEAR = 2026
BASIS = "Beschluss 2025/124 des Jugendhilfeausschusses vom 13.08.2025"
INDICATORS = 15
# What one county has of each after some years; 1, 10 and 100 times as much is measured.
PEOPLE = 10
RELEASES = 10
FORMER_YEARS = range(2010, 2020)
ENTRIES = 200
SALT, REASON = "0" * 32, "Nach Beratung geändert"


def make_county() -> User:
    """Ten spaces, 15 indicators, an adopted scheme, a draft of it, an adopted distribution; returns who sees it all."""
    people = {role: factories.make_user(str(role.label)) for role in (Role.SYSTEM, Role.PLANNING, Role.HEAD)}
    for role, user in people.items():
        assignment = grant(user=user, role=role, actor=None, reason="Einrichtung")
        if role in NEEDS_SECOND_PERSON:
            confirm(assignment=assignment, actor=people[Role.SYSTEM])
    planning, head = people[Role.PLANNING], people[Role.HEAD]
    spaces = factories.make_spaces()
    factories.make_offices(spaces)
    scheme = _scheme(spaces)
    propose_scheme(scheme=scheme, actor=planning)
    adopt_scheme(scheme=scheme, legal_basis=BASIS, actor=head)
    copy_scheme(scheme=scheme, actor=planning)
    _distribution(scheme, spaces, planning, head)
    return head


def _scheme(spaces: dict[str, SocialSpace]) -> WeightingScheme:
    indicators = factories.make_indicators(spaces)
    scheme = factories.make_scheme(indicators, factories.make_population(spaces))
    more = Indicator.objects.bulk_create(
        Indicator(
            code=f"rate_{number}",
            name=f"Fälle der Art {number} je 1.000 Personen",
            short_name=f"Fälle {number} je 1.000",
            direction=Direction.MORE,
            unit="je 1.000 Personen",
            rate_per=1000,
            numerator_name=f"Fälle {number}",
            denominator_name="Personen",
        )
        for number in range(len(indicators) + 1, INDICATORS + 1)
    )
    values = []
    for row, space in enumerate(spaces.values()):
        for column, indicator in enumerate(more):
            cases, people = Decimal(20 + (7 * column + 13 * row) % 60), Decimal(1000 + 500 * row)
            value = round(1000 * cases / people, 8)
            values.append(
                IndicatorValue(indicator=indicator, space=space, value=value, numerator=cases, denominator=people)
            )
    factories.make_release(2021, values)
    SchemeIndicator.objects.bulk_create(
        SchemeIndicator(scheme=scheme, indicator=indicator, weight=10, reason="Vorschlag") for indicator in more
    )
    return scheme


def _distribution(scheme: WeightingScheme, spaces: dict[str, SocialSpace], planning: User, head: User) -> None:
    before = FiscalYear.objects.create(year=YEAR - 1, status=YearStatus.IN_FORCE, total_family=Decimal(2_000_000))
    year = FiscalYear.objects.create(year=YEAR, status=YearStatus.IN_FORCE, total_family=Decimal(2_030_000))
    SpaceAmount.objects.bulk_create(
        SpaceAmount(year=before, space=space, amount=Decimal(200_000)) for space in spaces.values()
    )
    model = propose_model(
        year=year, scheme=scheme, name="Nach Belastung", model=build_model("M2"), reason="Vorschlag", actor=planning
    )
    adopt_model(model=model, basis=_basis(0), review_on=dt.date(YEAR + 5, 12, 31), actor=head)


def _basis(number: int) -> LegalBasis:
    return LegalBasis(
        kind=BasisKind.RESOLUTION,
        number=f"{YEAR}/{number}",
        date=dt.date(YEAR, 1, 28),
        body="Kreistag",
        wording="Das Gesamtbudget wird nach dem Belastungsfaktor verteilt.",
    )


class Growth:
    """Fills the tables that grow with the years up to so many counties' worth, the rows that stand staying."""

    def __init__(self) -> None:
        self.counties = 0
        self.first_release = DataRelease.objects.latest("pk")
        self.calculation = BurdenCalculation.objects.latest("pk")
        self.model = DistributionModel.objects.latest("pk")
        self.spaces = list(SocialSpace.objects.select_related("region"))
        self.years = FiscalYear.objects.bulk_create(
            FiscalYear(year=year, status=YearStatus.IN_FORCE, total_family=Decimal(2_000_000)) for year in FORMER_YEARS
        )
        self.latest: dict[int, AdoptedDistribution] = {}

    def up_to(self, counties: int) -> None:
        self._people(PEOPLE * counties - User.objects.count())
        self._releases(RELEASES * counties - DataRelease.objects.count())
        for _ in range(self.counties, counties):
            self._distributions()
        count_entries(ENTRIES * counties)
        self.counties = counties
        settle()

    def _people(self, number: int) -> None:
        region, start = Region.objects.get(number=1), User.objects.count()
        people = [
            User(name=f"Gremium {start + i:05}", email=f"gremium{start + i}@example.org", password="!")
            for i in range(number)
        ]
        User.objects.bulk_create(people)
        RoleAssignment.objects.bulk_create(
            RoleAssignment(
                user=user, role=Role.BOARD_READER, region=region, valid_from=dt.date(2020, 1, 1), reason="Entsendung"
            )
            for user in people
        )

    def _releases(self, number: int) -> None:
        """Older ones, so that the newest values stay those of the county; all 15 indicators in ten spaces."""
        start = DataRelease.objects.count()
        releases = DataRelease.objects.bulk_create(
            DataRelease(
                name=f"Stand {start + i}",
                reference_date=dt.date(2014, 12, 31) - dt.timedelta(days=start + i),
                source=factories.INKAR,
            )
            for i in range(number)
        )
        if not releases:
            return
        with connection.cursor() as cursor:
            cursor.execute(
                "INSERT INTO indicators_indicatorvalue (release_id, indicator_id, space_id, value, is_secret) "
                "SELECT release.id, indicator.id, space.id, 25, false FROM indicators_datarelease AS release "
                "CROSS JOIN indicators_indicator AS indicator CROSS JOIN regions_socialspace AS space "
                "WHERE release.id = ANY(%s)",
                [[release.pk for release in releases]],
            )
        DataRelease.objects.filter(status=ReleaseStatus.CHECKED).update(status=ReleaseStatus.TAKEN_OVER)

    @transaction.atomic
    def _distributions(self) -> None:
        """One for each former year, which replaces the one before it."""
        bases = LegalBasis.objects.bulk_create(_basis(year.year) for year in self.years)
        models = DistributionModel.objects.bulk_create(
            DistributionModel(
                year=year,
                name="Nach Belastung",
                code="M2",
                scheme=self.model.scheme,
                need=Decimal(1),
                status=ProposalStatus.ADOPTED,
                reason="Vorschlag",
            )
            for year in self.years
        )
        found = AdoptedDistribution.objects.bulk_create(
            AdoptedDistribution(
                year=year,
                model=model,
                calculation=self.calculation,
                basis=basis,
                replaces=self.latest.get(year.year),
                reason="Neue Zahlen" if year.year in self.latest else "",
                total=year.total_family,
                inputs="{}",
                sha256="0" * 64,
            )
            for year, model, basis in zip(self.years, models, bases, strict=True)
        )
        DistributionRow.objects.bulk_create(
            DistributionRow(
                distribution=distribution,
                space=space,
                space_name=space.name,
                region_number=space.region.number,
                reference_population=1000,
                factor=Decimal(1),
                share=Decimal("0.1"),
                amount=distribution.total / len(self.spaces),
            )
            for distribution in found
            for space in self.spaces
        )
        self.latest = {distribution.year.year: distribution for distribution in found}


def count_entries(wanted: int) -> None:
    """Fill the audit log up to this number; the trigger links every entry, a thousand in a transaction."""
    with connection.cursor() as cursor:
        while True:
            cursor.execute("SELECT count(*) FROM audit_entry")
            missing = wanted - cursor.fetchone()[0]
            if missing <= 0:
                return
            cursor.execute(
                "INSERT INTO audit_entry (at, actor_id, action, object_type, object_id, object_label, region, data, "
                "reason, reason_salt, reason_hash) "
                "SELECT now(), (SELECT min(id) FROM accounts_user), 'schemes.edit', 'indicators.weightingscheme', "
                "number::text, 'Belastung, Fassung ' || number, '', '{\"weight\": \"50\"}', %(reason)s, "
                "%(salt)s, %(hash)s FROM generate_series(1, %(number)s) AS number",
                {"salt": SALT, "hash": reason_digest(SALT, REASON), "reason": REASON, "number": min(missing, 1000)},
            )


def copy_of_database(name: str) -> BaseDatabaseWrapper:
    """A copy of all that is stored now, under this name on the same server, with a connection of its own."""
    connections.close_all()  # a database in use cannot be copied
    server = embedded_postgres.ensure(settings.DATA_DIR / "postgres")
    statement = SQL("CREATE DATABASE {} TEMPLATE {}").format(Identifier(name), Identifier(embedded_postgres.DATABASE))
    address = make_conninfo(host=server.host, port=server.port, user=embedded_postgres.SUPERUSER, dbname="postgres")
    with psycopg.connect(address, autocommit=True) as superuser:
        superuser.execute(statement)
    copy = connections.create_connection(DEFAULT_DB_ALIAS)
    copy.settings_dict = {**copy.settings_dict, "NAME": name}
    return copy


def settle() -> None:
    """What autovacuum would do some time, done now: the next figures must not depend on when."""
    with connections["owner"].cursor() as cursor:
        cursor.execute("VACUUM ANALYZE")
