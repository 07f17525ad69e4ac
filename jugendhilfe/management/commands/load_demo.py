"""The demo: the public record of Landkreis Lüneburg, and examples where the record is silent, up to the first report.

Every step goes through the services that the pages use, so the log tells how it came about. What is not in the record
is marked as an example.
"""

import csv
import datetime as dt
import hashlib
from collections.abc import Iterator
from decimal import Decimal
from typing import Any, TypedDict

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import models, transaction
from django.utils import timezone

from budgets.distribution import build_model
from budgets.imports import read_amounts
from budgets.models import (
    AdoptedDistribution,
    BasisKind,
    BlockMapping,
    Deduction,
    FiscalYear,
    LegalBasis,
    Product,
    YearStatus,
)
from budgets.services import distributions, splits, years
from budgets.services.transitions import propose_transition, show_to_carriers
from budgets.split import BLOCKS
from budgets.transition_assumptions import source_of, to_start_with
from budgets.what_if import Reader
from committees.models import (
    Committee,
    CommitteeKind,
    Consultation,
    Function,
    IndicatorProposal,
    Majority,
    Membership,
    Paper,
    SavedScenario,
    Side,
    Situation,
    Tie,
    TieKind,
    WeightRound,
)
from committees.services import acceptance, rounds, scenarios
from committees.services.acceptance import Candidate, Score
from committees.services.groups import appoint, keep_committee, keep_tie
from committees.services.papers import issue_paper, write_paper
from indicators.models import Direction, Indicator, Transform, WeightingScheme
from indicators.services.indicators import save_indicator
from indicators.services.releases import import_release
from indicators.services.schemes import MemberEntry, adopt_scheme, draft_scheme, propose_scheme
from indicators.services.sensitivity import run_sensitivity
from jugendhilfe import demo
from jugendhilfe.accounts.models import User
from jugendhilfe.lib.numbers import parse_money
from jugendhilfe.lib.spreadsheets import Table
from jugendhilfe.lib.uploads import Draft
from regions.access import confirm, grant
from regions.imports import take_over_counts, take_over_members, take_over_spaces
from regions.models import (
    Carrier,
    CarrierKind,
    LegalGround,
    NoticeTo,
    Office,
    OfficeContract,
    PopulationKind,
    ReferencePopulation,
    Region,
    SocialSpace,
)
from regions.roles import NEEDS_SECOND_PERSON, REACH, Reach, Role
from regions.services.carriers import keep_carrier, keep_contract
from regions.services.people import invite
from regions.services.places import keep_office
from regions.services.populations import keep_counts, keep_population

FOLDER = settings.BASE_DIR / "fixtures" / "lueneburg"
REASON = "Vorführung"
BKG = "© BKG (2022), dl-de/by-2-0 (VG250-EW)"
INKAR = "INKAR 2024, BBSR Bonn"
GISD = (
    "German Index of Socioeconomic Deprivation (GISD), Robert Koch-Institut, Michalski et al. (2025), "
    "doi 10.5281/zenodo.14781119, CC BY 4.0, bearbeitet"
)
EXAMPLE_TOTAL = Decimal("2030000.00")
INCREASE = Decimal("203000.00")
# Carrier of each office; those of the record by name, the others are examples.
CARRIERS = {
    "Amt Neuhaus": "Internationaler Bund",
    "Scharnebeck": "PädIn e.V.",
    "Ostheide": "VSE",
    "Dahlenburg": "AWO mit DRK",
    "Bleckede": "Träger A",
    "Bardowick": "Träger B",
    "Adendorf": "Träger C",
    "Gellersen": "Träger D",
    "Ilmenau": "Träger E",
    "Amelinghausen": "Träger F",
}
INDICATORS: tuple[dict[str, Any], ...] = (
    {
        "code": "unemployment",
        "name": "Arbeitslose je 1.000 Personen von 15 bis 64",
        "short_name": "Arbeitslose je 1.000",
        "direction": Direction.MORE,
        "unit": "je 1.000 Personen von 15 bis 64",
        "rate_per": 1000,
        "numerator_name": "Arbeitslose",
        "denominator_name": "Personen von 15 bis 64",
    },
    {
        "code": "income_tax",
        "name": "Einkommensteuer je Kopf",
        "short_name": "Einkommensteuer je Kopf",
        "direction": Direction.LESS,
        "unit": "€ je Kopf",
        "decimals": 2,
    },
    {
        "code": "employment",
        "name": "Beschäftigte je 100 Personen von 15 bis 64",
        "short_name": "Beschäftigte je 100",
        "direction": Direction.LESS,
        "unit": "je 100 Personen von 15 bis 64",
    },
    {
        "code": "gisd",
        "name": "GISD (Index der Benachteiligung)",
        "short_name": "GISD",
        "direction": Direction.MORE,
        "unit": "Wert von 0 bis 1",
        "decimals": 4,
        "description": "Zum Vergleich, nicht im Belastungsfaktor: Sechs von neun Bestandteilen sind Werte des Kreises.",
    },
)
# name, reference date, source, file
RELEASES = (
    ("Beschäftigte 2015", dt.date(2015, 12, 31), INKAR, "beschaeftigte_2015.csv"),
    ("Arbeitslose und Einkommensteuer 2019", dt.date(2019, 12, 31), INKAR, "indikatoren_2019.csv"),
    ("Arbeitslose und Einkommensteuer 2020", dt.date(2020, 12, 31), INKAR, "indikatoren_2020.csv"),
    ("Arbeitslose und Einkommensteuer 2021", dt.date(2021, 12, 31), INKAR, "indikatoren_2021.csv"),
    ("GISD 2021", dt.date(2021, 12, 31), GISD, "gisd_2021.csv"),
)
# code, weight, reason
WEIGHTS = (
    ("unemployment", 50, "Arbeitslosigkeit trifft Familien am unmittelbarsten (Beispiel einer Begründung)."),
    ("income_tax", 25, "Zeigt, wie viel Einkommen im Sozialraum da ist (Beispiel einer Begründung)."),
    ("employment", 25, "Zeigt, wie viele von eigener Arbeit leben (Beispiel einer Begründung)."),
)
# account, side, function: one example member per side
MEMBERS = (
    ("vorsitz", Side.POLITICAL, Function.CHAIR),
    ("finanzen", Side.COUNTY, Function.MEMBER),
    ("gemeinde", Side.MUNICIPALITY, Function.MEMBER),
    ("traeger-a", Side.FREE_CARRIER, Function.MEMBER),
    ("freie", Side.FREELANCER, Function.MEMBER),
    ("jugend", Side.YOUNG_PEOPLE, Function.MEMBER),
    ("verband", Side.OTHER, Function.MEMBER),
)
# Field of the costs and its head in the file.
COSTS = {**BLOCKS, "fixed": "Anerkannte Fixkosten"}
WORDING = """\
Sinngemäß:

a) Die neue Verteilungsquote gilt ab dem 01.01.2026. Sie wird mindestens alle fünf Jahre anhand der dann aktuellen \
Indikatoren überprüft.
b) Das Gesamtbudget steigt dauerhaft um 203.000,00 € im Jahr (rund 10 %); dazu kommt die Anpassung an Preise und Tarife.
c) Bleckede, Scharnebeck und Adendorf bekommen nach der Quote weniger. Das wird 2026 aus b) voll ausgeglichen und ab \
2027 über vier Jahre abgeschmolzen. Was frei wird, fließt in das regionale Budget 1 und wird nach einem Schlüssel auf \
die drei Regionen verteilt.
d) Die genaue Aufteilung des Gesamtbudgets legt die Unterarbeitsgruppe Finanzen mit Zweidrittelmehrheit fest."""


class Command(BaseCommand):
    help = "Lädt die Vorführung: Landkreis Lüneburg mit Beispieldaten, eine Person je Rolle."

    def handle(self, *args: Any, **options: Any) -> None:
        if settings.DATABASE_URL and not settings.DEMO:
            raise CommandError("Das Passwort der Vorführung kennt jeder. Bitte nur mit SRB_DEMO=1 laden.")
        if not User.objects.filter(email=demo.PEOPLE[0].email).exists():
            if User.objects.exists() or SocialSpace.objects.exists():
                raise CommandError(
                    "Hier ist schon ein Landkreis eingerichtet. Die Vorführung braucht eine leere Datenbank."
                )
            load()
        elif Paper.objects.exists():
            self._say(options, "Die Vorführung ist schon geladen.")
            return
        # In a transaction of its own: the report names the last entry of the log that is committed.
        write_report()
        self._say(options, "Die Vorführung ist geladen.")

    def _say(self, options: dict[str, Any], sentence: str) -> None:
        if options["verbosity"] >= 1:
            self.stdout.write(sentence)


@transaction.atomic
def load() -> None:
    """Everything up to the adopted distribution."""
    people = open_accounts()
    planning, finance, head = people["planung"], people["finanzen"], people["leitung"]
    load_places(planning)
    grant_local_roles(people)
    population = load_populations(planning)
    for fields in INDICATORS:
        save_indicator(indicator=Indicator(**fields), actor=planning)
    for name, day, source, file in RELEASES:
        import_release(
            name=name,
            reference_date=day,
            source=source,
            filename=file,
            content=(FOLDER / file).read_bytes(),
            actor=planning,
            confirmed=True,
        )
    scheme = load_scheme(population, planning, head)
    run_sensitivity(scheme=scheme, seed=1, actor=planning)
    year = load_years(finance)
    load_costs(planning, finance)
    load_transition(adopt_quota(year, scheme, planning, head), planning)
    distributions.propose_model(
        year=year,
        scheme=scheme,
        name="Sockel 20 %, Belastung 80 %",
        model=build_model("M3", base=Decimal("0.2")),
        reason="Jedes Sozialraumbüro soll seine festen Kosten decken können.",
        actor=finance,
    )
    load_groups(people)
    load_rounds(people, scheme)
    load_scenarios(people)
    load_ratings(people)


def open_accounts() -> dict[str, User]:
    """The people by account; roles for the whole county are in force at once."""
    people: dict[str, User] = {}
    system, second = (person for person in demo.PEOPLE if (Role.SYSTEM, "") in person.roles)
    for person in (system, second, *(one for one in demo.PEOPLE if one not in (system, second))):
        actor = people.get(system.account)
        user = invite(email=person.email, name=person.name, organisation=settings.COUNTY.name, actor=actor)
        user.set_password(demo.PASSWORD)
        user.save(update_fields=["password"])
        people[person.account] = user
        for role, _ in person.roles:
            if REACH[role] == Reach.COUNTY:
                _grant(user, role, None, people)
    return people


def grant_local_roles(people: dict[str, User]) -> None:
    """The roles for a region, a carrier or a space."""
    finders: dict[str, Any] = {
        Reach.REGION: lambda name: Region.objects.get(number=int(name)),
        Reach.CARRIER: lambda name: Carrier.objects.get(name=name),
        Reach.SPACE: lambda name: SocialSpace.objects.get(name=name),
    }
    for person in demo.PEOPLE:
        for role, target in person.roles:
            if REACH[role] != Reach.COUNTY:
                _grant(people[person.account], role, finders[REACH[role]](target), people)


def _grant(user: User, role: Role, target: models.Model | None, people: dict[str, User]) -> None:
    actor = people["system"] if user != people["system"] else None
    assignment = grant(user=user, role=role, actor=actor, reason=REASON, target=target)
    if role in NEEDS_SECOND_PERSON:
        confirm(assignment=assignment, actor=people["system2"])


def load_places(actor: User) -> None:
    """Regions, spaces and municipalities of the record; offices and contracts as examples."""
    take_over_spaces(**_upload("sozialraeume.csv"), actor=actor)
    take_over_members(**_upload("mitgliedsgemeinden.csv"), actor=actor)
    for space in SocialSpace.objects.select_related("region"):
        name = CARRIERS[space.name]
        kind = CarrierKind.ASSOCIATION if " mit " in name else CarrierKind.FREE
        carrier = keep_carrier(
            carrier=Carrier(name=name, kind=kind, is_example=name.startswith("Träger ")), actor=actor
        )
        office = keep_office(
            office=Office(
                space=space, name=f"Sozialraumbüro {space.name}", valid_from=dt.date(2020, 1, 1), is_example=True
            ),
            actor=actor,
        )
        # One contract that can be ended every quarter, so that a last date for notice is always near.
        notice = (3, NoticeTo.QUARTER) if space.name == "Bleckede" else (6, NoticeTo.YEAR)
        keep_contract(
            contract=OfficeContract(
                office=office,
                carrier=carrier,
                legal_ground=LegalGround.SGB_77,
                amount_rule="Der Betrag folgt der festgelegten Verteilung des Haushaltsjahres.",
                notice_months=notice[0],
                notice_to=notice[1],
                valid_from=dt.date(2020, 1, 1),
                is_example=True,
            ),
            actor=actor,
        )


def load_populations(actor: User) -> ReferencePopulation:
    """The population of 2022, which the demo counts by, and the people from 15 to 64 of the worked example."""
    inhabitants = keep_population(population=ReferencePopulation(date=dt.date(2022, 12, 31), source=BKG), actor=actor)
    take_over_counts(population=inhabitants, **_upload("einwohner_2022.csv"), actor=actor)
    working_age = keep_population(
        population=ReferencePopulation(
            kind=PopulationKind.AGE_BAND, age_from=15, age_to=65, date=dt.date(2021, 12, 31), source=INKAR
        ),
        actor=actor,
    )
    counts = {row["Schlüssel"]: int(row["Personen 15 bis 64"]) for row in _rows("indikatoren_2021.csv")}
    keep_counts(population=working_age, counts=counts, actor=actor)
    return inhabitants


def load_scheme(population: ReferencePopulation, planning: User, head: User) -> WeightingScheme:
    """Weights 50, 25 and 25 as in the worked example, proposed by one person and adopted by another."""
    indicators = {indicator.code: indicator for indicator in Indicator.objects.all()}
    scheme = draft_scheme(
        settings={
            "name": "Belastung 2025",
            "population": population,
            "note": "Die vereinbarten Gewichte stehen nicht in den öffentlichen Unterlagen; diese sind ein Beispiel.",
        },
        dimensions=(),
        members=[
            MemberEntry(
                indicator=indicators[code],
                weight=Decimal(weight),
                slot="",
                transform=Transform.NONE,
                low=None,
                high=None,
                reason=reason,
            )
            for code, weight, reason in WEIGHTS
        ],
        actor=planning,
    )
    propose_scheme(scheme=scheme, actor=planning)
    basis = "Unterarbeitsgruppe Finanzen/Verträge, JHA-Niederschrift vom 28.01.2025"
    adopt_scheme(scheme=scheme, legal_basis=basis, actor=head)
    scheme.refresh_from_db()
    return scheme


def load_years(actor: User) -> FiscalYear:
    """2025 with example amounts, 2026 with the increase of 2025/124 and what is kept back for compensation."""
    before = years.open_year(year=2025, copy_of=None, actor=actor, is_example=True)
    before = years.change_totals(
        year=before,
        total_family=EXAMPLE_TOTAL,
        total_help=Decimal(0),
        note="Beispieldaten: Die Beträge des Landkreises sind nicht öffentlich.",
        reason=REASON,
        actor=actor,
    )
    draft = _draft("beispiel_betraege_2025.csv")
    amounts = read_amounts(draft.read(), before)
    years.save_amounts(year=before, amounts=amounts.amounts, actor=actor, draft=draft)
    year = years.open_year(year=2026, copy_of=None, actor=actor, is_example=True)
    year = years.change_totals(
        year=year,
        total_family=EXAMPLE_TOTAL + INCREASE,
        total_help=Decimal(0),
        note="2.030.000,00 € sind ein Beispiel; die Erhöhung um 203.000,00 € hat der Beschluss 2025/124 festgelegt.",
        reason=REASON,
        actor=actor,
    )
    years.add_deduction(
        deduction=Deduction(
            year=year,
            product=Product.FAMILY,
            name="Ausgleich nach 2025/124 c",
            amount=INCREASE,
            reason="Gleicht 2026 die Verluste von Bleckede, Scharnebeck und Adendorf aus (Beschluss 2025/124 b und c).",
        ),
        actor=actor,
    )
    for one in (before, year):
        for status in (YearStatus.ADOPTED, YearStatus.IN_FORCE):
            year = years.change_status(year=one, status=status, reason=REASON, actor=actor)
    return year


def load_costs(planning: User, finance: User) -> None:
    """Example costs of the offices of 2025 and 2026 by block, and the mapping that the negotiation starts from."""
    offices = {key: office for office, key in Office.objects.values_list("pk", "space__key")}
    costs: dict[str, dict[int, dict[str, Decimal | None]]] = {}
    for row in _rows("beispiel_kosten.csv"):
        amounts = {name: parse_money(row[label]).value for name, label in COSTS.items()}
        costs.setdefault(row["Jahr"], {})[offices[row["Schlüssel"]]] = {**amounts}
    for year, found in costs.items():
        splits.save_costs(
            year=FiscalYear.objects.get(year=int(year)), costs=found, source="Beispiel der Vorführung", actor=finance
        )
    splits.add_mapping(
        mapping=BlockMapping(reason="Ausgangspunkt der Verhandlung (Beispiel der Vorführung)."), actor=planning
    )


def adopt_quota(year: FiscalYear, scheme: WeightingScheme, planning: User, head: User) -> AdoptedDistribution:
    """M2 on the total without the increase, by resolution 2025/124."""
    proposal = distributions.propose_model(
        year=year,
        scheme=scheme,
        name="Quote nach Belastung",
        model=build_model("M2"),
        reason="Die Quote folgt dem durchschnittlichen Belastungsfaktor und der Bevölkerung.",
        actor=planning,
    )
    return distributions.adopt_model(
        model=proposal,
        basis=LegalBasis(
            kind=BasisKind.RESOLUTION,
            number="2025/124",
            date=dt.date(2025, 8, 13),
            body="Gremien des Landkreises",
            wording=WORDING,
        ),
        review_on=dt.date(2030, 12, 31),
        actor=head,
    )


def load_transition(quota: AdoptedDistribution, actor: User) -> None:
    """The melt-down of 2025/124, as far as the resolution says; shown to the carriers, not adopted yet."""
    source = source_of(quota)
    plan = propose_transition(
        source=source,
        inputs=to_start_with(source).inputs(source),
        name="Abschmelzung nach 2025/124 (Beispiel)",
        reason="Beschluss 2025/124 c: voller Ausgleich 2026, dann vier Jahre Abschmelzung. Was der Beschluss offen "
        "lässt, ist hier angenommen.",
        actor=actor,
    )
    show_to_carriers(plan=plan, actor=actor)


@transaction.atomic
def write_report() -> None:
    """A report about the adopted distribution, written by one person and issued by another."""
    planning, head = (User.objects.get(email=f"{account}@example.org") for account in ("planung", "leitung"))
    paper = write_paper(
        paper=Paper(
            number="2026/900",
            date=dt.date(2026, 1, 15),
            department=settings.COUNTY.office,
            responsible="Jugendhilfeplanung",
            subject="Weiterentwicklung der sozialräumlichen Jugendhilfe: Belastung und Verteilung 2026 (Beispiel)",
            products=[Product.FAMILY],
            proposal="Der Jugendhilfeausschuss nimmt den Bericht zur Kenntnis.",
            distribution=AdoptedDistribution.objects.get(),
        ),
        consultations=[Consultation(date=dt.date(2026, 1, 28))],
        situations=[
            Situation(
                date=dt.date(2026, 1, 15),
                text="Dies ist ein Beispiel der Vorführung, keine Vorlage des Landkreises.\n\n"
                "Die Belastungsindikatoren sind abschließend beraten (Niederschrift des Jugendhilfeausschusses vom "
                "28.01.2025). Mit dem Beschluss 2025/124 gilt ab dem 01.01.2026 eine neue Verteilungsquote je "
                "Sozialraum. Dieser Bericht legt offen, wie sie zustande kommt und was sie bedeutet:\n\n"
                "- für die zehn Sozialräume,\n- für die drei Regionen,\n- für die Sozialraumbüros.",
            )
        ],
        actor=planning,
    )
    issue_paper(paper=paper, actor=head)


def load_groups(people: dict[str, User]) -> None:
    """The bodies of the record, without persons; the working group on money with one example member per side."""
    planning = people["planung"]
    for row in _rows("gremien.csv"):
        keep_committee(
            committee=Committee(
                name=row["Name"],
                kind=_choice(CommitteeKind, row["Art"]),
                purpose=row["Aufgabe"],
                legal_basis=row["Grundlage"],
                majority=_choice(Majority, row["Mehrheit"]),
                negotiates=row["Verhandelt"] == "ja",
                valid_from=dt.datetime.strptime(row["Geführt seit"], "%d.%m.%Y").date(),  # noqa: DTZ007  a day
            ),
            actor=planning,
        )
    group = Committee.objects.get(negotiates=True)
    for account, side, function in MEMBERS:
        appoint(
            membership=Membership(
                committee=group,
                person=people[account],
                side=side,
                function=function,
                may_vote=function != Function.ADVISER,
                appointment="Beispiel der Vorführung",
                valid_from=group.valid_from,
            ),
            actor=planning,
        )
    for account, kind, target in (
        ("traeger-a", TieKind.BOARD, {"carrier": Carrier.objects.get(name="Träger A")}),
        ("gemeinde", TieKind.REPRESENTS, {"space": SocialSpace.objects.get(name="Dahlenburg")}),
    ):
        keep_tie(tie=Tie(person=people[account], kind=kind, valid_from=group.valid_from, **target), actor=planning)


# The order of WEIGHTS; of the trial round and of the open one.
TRIAL_POINTS = {
    "vorsitz": (45, 30, 25),
    "finanzen": (60, 20, 20),
    "gemeinde": (40, 40, 20),
    "traeger-a": (55, 15, 30),
    "freie": (50, 20, 30),
    "jugend": (70, 10, 20),
    "verband": (50, 25, 25),
}
OPEN_POINTS = {
    "finanzen": (55, 25, 20),
    "gemeinde": (40, 40, 20),
    "freie": (50, 20, 30),
    "verband": (45, 30, 25),
}


def load_rounds(people: dict[str, User], scheme: WeightingScheme) -> None:
    """A closed round to look at, and an open one in which three have yet to hand in; all points are examples."""
    chair = people["vorsitz"]
    group = Committee.objects.get(negotiates=True)
    trial = rounds.open_round(
        round=WeightRound(committee=group, scheme=scheme, title="Probelauf der Gewichte (Beispiel)"), actor=chair
    )
    for account, points in TRIAL_POINTS.items():
        comment = "Beispiel einer Anmerkung: Steuern sagen wenig über Familien." if account == "jugend" else ""
        _give(trial, people[account], points, comment=comment)
    rounds.close_round(round=trial, actor=chair)
    open_one = rounds.open_round(
        round=WeightRound(
            committee=group,
            scheme=scheme,
            title="Gewichte für die Überprüfung (Beispiel)",
            closes_on=timezone.localdate() + dt.timedelta(days=14),
        ),
        actor=chair,
    )
    for account, points in OPEN_POINTS.items():
        _give(open_one, people[account], points)
    _give(open_one, people["traeger-a"], (50, 20, 0), hand_in=False)
    gisd = rounds.propose_indicator(
        proposal=IndicatorProposal(
            round=open_one,
            indicator=Indicator.objects.get(code="gisd"),
            name="GISD (Index der Benachteiligung)",
            reason="Beispiel: Er fasst Bildung, Arbeit und Einkommen in einer Zahl zusammen.",
        ),
        actor=people["jugend"],
    )
    rounds.decline_indicator(
        proposal=gisd,
        reason="Beispiel: Sechs von neun Bestandteilen sind Werte des Kreises und unterscheiden die Sozialräume nicht.",
        actor=chair,
    )
    rounds.propose_indicator(
        proposal=IndicatorProposal(
            round=open_one,
            name="Kinder in Bedarfsgemeinschaften je 100 Kinder",
            source="Statistik der Bundesagentur für Arbeit",
            reason="Beispiel: Er zeigt, wie viele Kinder von Grundsicherung leben.",
        ),
        actor=people["traeger-a"],
    )


def _give(
    round: WeightRound, person: User, points: tuple[int, ...], *, comment: str = "", hand_in: bool = True
) -> None:
    codes = dict(zip((code for code, _, _ in WEIGHTS), map(Decimal, points), strict=True))
    keys = round.indicators.values_list("pk", "indicator__code")
    rounds.save_points(
        round=round, points={key: codes[code] for key, code in keys}, comment=comment, hand_in=hand_in, actor=person
    )


def load_scenarios(people: dict[str, User]) -> None:
    """Two examples that the working group talks about; one of them was agreed on in a session."""
    group = Committee.objects.get(negotiates=True)
    read = Reader(FiscalYear.objects.all(), WeightingScheme.objects.all()).read
    by_need = read({"jahr": "2026", "m1": "M2", "verlust1": "10", "m2": "", "m3": "", "m4": ""})
    with_base = read({"jahr": "2026", "m1": "M3", "sockel1": "20", "m2": "M3", "sockel2": "30", "m3": "", "m4": ""})
    if by_need is None or with_base is None:
        raise CommandError("Ohne Haushaltsjahr und Gewichtungsschema gibt es kein Szenario.")
    scenarios.save_scenario(
        what_if=with_base,
        name="Sockel für feste Kosten",
        reason="Beispiel der Vorführung: Jedes Büro soll Miete und Leitung aus dem Sockel zahlen können.",
        committee=group,
        actor=people["traeger-a"],
    )
    agreed = scenarios.keep_snapshot(
        committee=group,
        what_if=by_need,
        name="Nach Belastung, Verlust höchstens 10 %",
        proposed_by=Membership.objects.get(committee=group, person=people["freie"]),
        actor=people["vorsitz"],
    )
    scenarios.agree(scenario=agreed, actor=people["vorsitz"])


def load_ratings(people: dict[str, User]) -> None:
    """An open round over the examples: two members have rated, one has begun, the others are still to be asked."""
    group = Committee.objects.get(negotiates=True)
    by_name = {scenario.name: scenario for scenario in SavedScenario.objects.filter(committee=group)}
    with_base, by_need = by_name["Sockel für feste Kosten"], by_name["Nach Belastung, Verlust höchstens 10 %"]
    round = acceptance.open_acceptance_round(
        committee=group,
        title="Erste Bewertung der Modelle (Beispiel)",
        closes_on=None,
        candidates=[
            Candidate(by_need, 1, "Nach Belastung, Verlust höchstens 10 %"),
            Candidate(with_base, 1, "Sockel 20 %"),
            Candidate(with_base, 2, "Sockel 30 %"),
        ],
        actor=people["vorsitz"],
    )
    models = [model.pk for model in round.models.order_by("pk")]
    for account, scores in (
        ("finanzen", (Score(1, "Der Aufwand für die Umstellung ist überschaubar."), Score(4, "Zu wenig nach Bedarf."))),
        ("freie", (Score(0), Score(3, "Kleine Büros gewinnen zu viel."), Score(7, "Der Bedarf zählt kaum noch."))),
        ("verband", (Score(2, "Tragbar, wenn die Verluste begrenzt bleiben."), Score(0), Score(5, "Zu starr."))),
    ):
        acceptance.rate(round=round, scores=dict(zip(models, scores, strict=False)), actor=people[account])


def _choice[C: models.TextChoices](choices: type[C], label: str) -> C:
    return next(choice for choice in choices if choice.label == label)


def _draft(name: str) -> Draft:
    content = (FOLDER / name).read_bytes()
    return Draft(hashlib.sha256(content).hexdigest(), name, content)


class Upload(TypedDict):
    """A file as the pages hand it to an import."""

    table: Table
    content: bytes


def _upload(name: str) -> Upload:
    draft = _draft(name)
    return {"table": draft.read(), "content": draft.content}


def _rows(name: str) -> Iterator[dict[str, str]]:
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        yield from csv.DictReader(file, delimiter=";")
