"""The home page: what waits for whom, the figures that exist, the check list of an empty county, the public start."""

import datetime as dt
import io
import json
from collections.abc import Callable
from decimal import Decimal

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from budgets.distribution import build_model
from budgets.models import AdoptedDistribution, DistributionModel, FiscalYear
from budgets.services.distributions import adopt_model, propose_model
from committees.models import Paper
from committees.services.papers import issue_paper
from indicators.models import DataRelease, IndicatorValue, WeightingScheme
from indicators.services.schemes import adopt_scheme, copy_scheme, propose_scheme
from jugendhilfe.accounts.models import User
from jugendhilfe.views.steps import next_steps
from regions.access import grant
from regions.models import NoticeTo, Office, RoleAssignment
from regions.roles import Role
from tests import factories
from tests.committees.conftest import distribution, draft, proposal, scheme, write, year
from tests.conftest import Cast, County

__all__ = ["distribution", "draft", "proposal", "scheme", "write", "year"]

NBSP = "\u00a0"
EVERYBODY = (
    "planning", "finance", "head", "coordination", "board_reader", "carrier_lead", "carrier_staff", "municipality",
    "case_steering", "audit", "system", "nobody",
)  # fmt: skip


# For everybody


@pytest.mark.parametrize("name", EVERYBODY)
def test_every_role_gets_a_home_page_with_the_budgets(
    client: Client, cast: Cast, distribution: AdoptedDistribution, name: str
) -> None:
    client.force_login(getattr(cast, name))

    text = client.get("/").text

    assert "Übersicht Haushaltsjahr 2026" in text
    assert f"691.318,38{NBSP}€" in text
    assert "Ihre nächsten Schritte" in text
    assert "Beispieldaten" in text


@pytest.mark.parametrize("name", [*EVERYBODY, "system_2"])
def test_every_role_gets_a_home_page_in_an_empty_county(client: Client, cast: Cast, name: str) -> None:
    client.force_login(getattr(cast, name))

    assert "So richten Sie Ihren Landkreis ein" in client.get("/").text


@pytest.mark.parametrize("name", EVERYBODY)
def test_every_link_of_the_steps_opens(
    client: Client, cast: Cast, county: County, distribution: AdoptedDistribution, year: FiscalYear, name: str
) -> None:
    open_matters(cast, county, distribution)
    user = getattr(cast, name)
    client.force_login(user)

    for step in next_steps(user, year, client.get("/").context["overview"].distribution, dt.date(2026, 11, 22)):
        assert client.get(step.url).status_code == 200, step.title


def open_matters(cast: Cast, county: County, distribution: AdoptedDistribution) -> None:
    """A proposal, a checked Datenstand, a waiting role and a contract that can be ended soon."""
    propose_model(
        year=distribution.year,
        scheme=distribution.calculation.scheme,
        name="Sockel",
        model=build_model("M3", base=Decimal("0.2")),
        reason="Fixkosten",
        actor=cast.finance,
    )
    factories.make_release(2022, [], status="checked")
    grant(user=cast.nobody, role=Role.AUDIT, actor=cast.system, reason="Neue Prüferin")
    county.contract_a.notice_months, county.contract_a.notice_to = 1, NoticeTo.QUARTER
    county.contract_a.save()


def test_steps_follow_what_a_person_may_do(cast: Cast, county: County, distribution: AdoptedDistribution) -> None:
    open_matters(cast, county, distribution)
    distribution.has_paper = False  # type: ignore[attr-defined]
    titles = {
        name: " ".join(
            step.title
            for step in next_steps(getattr(cast, name), distribution.year, distribution, dt.date(2026, 11, 22))
        )
        for name in (*EVERYBODY, "system_2")
    }

    for words, names in {
        "Vorschlag „Sockel“ prüfen und festlegen": {"head"},
        "Ihr Vorschlag „Sockel“ wartet": {"finance"},
        "Datenstand „Indikatoren 2022“ übernehmen": {"planning"},
        # Who gave the role does not confirm it.
        "Rolle von Ohne Rolle bestätigen": {"head", "system_2"},
        "Vertrag Sozialraumbüro Bleckede: Kündigung zum 31.12.2026 noch bis 30.11.2026 möglich": {
            "planning", "finance", "head", "audit", "coordination", "carrier_lead", "carrier_staff",
        },
        "Bericht über die Verteilung 2026 schreiben": {"planning", "head"},
        "Verteilung 2026 ansehen": {"coordination", "board_reader", "carrier_lead", "carrier_staff", "municipality"},
        "Protokoll prüfen": {"audit"},
    }.items():  # fmt: skip
        assert {name for name, found in titles.items() if words in found} == names, words
    assert titles["nobody"] == titles["case_steering"] == titles["system"] == ""


def test_a_proposal_waits_for_its_scheme_before_it_waits_for_the_head(
    cast: Cast, county: County, distribution: AdoptedDistribution
) -> None:
    open_matters(cast, county, distribution)
    draft = copy_scheme(scheme=distribution.calculation.scheme, actor=cast.planning)
    propose_scheme(scheme=draft, actor=cast.planning)
    adopt_scheme(scheme=draft, legal_basis="Beschluss", actor=cast.head)

    def titles(user: User) -> list[str]:
        return [step.title for step in next_steps(user, None, None, dt.date(2026, 11, 22))]

    assert not any("Sockel" in title for title in titles(cast.head))
    assert "Ihr Vorschlag „Sockel“ braucht ein festgelegtes Gewichtungsschema" in titles(cast.finance)


def test_the_most_urgent_step_stands_above_everything(
    client: Client, cast: Cast, county: County, distribution: AdoptedDistribution
) -> None:
    open_matters(cast, county, distribution)
    client.force_login(cast.head)

    page = client.get("/")

    urgent = page.context["urgent"]
    assert urgent.order == min(step.order for step in page.context["steps"] if step.is_urgent)
    assert page.text.index(urgent.title) < page.text.index("Gesamtbudget")


def test_carriers_see_their_steps_before_the_figures(
    client: Client, cast: Cast, distribution: AdoptedDistribution
) -> None:
    for user, first in ((cast.carrier_lead, True), (cast.board_reader, True), (cast.planning, False)):
        client.force_login(user)
        text = client.get("/").text
        assert (text.index("Ihre nächsten Schritte") < text.index("app-kpis")) is first


def test_a_foreign_contract_is_nobodys_step(cast: Cast, county: County, distribution: AdoptedDistribution) -> None:
    open_matters(cast, county, distribution)
    distribution.has_paper = True  # type: ignore[attr-defined]

    found = next_steps(cast.carrier_lead_b, distribution.year, distribution, dt.date(2026, 11, 22))

    assert not [step for step in found if "Bleckede" in step.title]


# Figures


def test_the_figures_are_those_of_the_distribution(
    client: Client, cast: Cast, distribution: AdoptedDistribution
) -> None:
    client.force_login(cast.planning)

    figures = {name: (value, note) for name, value, note in client.get("/").context["overview"].kpis}

    assert figures == {
        "Gesamtbudget": (f"2.233.000,00{NBSP}€", "wirksam, Produkt 363-200"),
        "Davon verteilt": (f"2.030.000,00{NBSP}€", f"90,9{NBSP}% des Gesamtbudgets"),
        "Sozialräume und Büros": ("10 und 10", "in 3 Regionen"),
        "Größte Veränderung": (f"−68.090,62{NBSP}€", "Scharnebeck, gegenüber 2025"),
    }


def test_region_cards_link_only_where_the_page_opens(
    client: Client, cast: Cast, distribution: AdoptedDistribution
) -> None:
    links = {}
    for name in ("planning", "coordination", "carrier_lead", "municipality", "nobody"):
        client.force_login(getattr(cast, name))
        links[name] = [card["url"] for card in client.get("/").context["overview"].cards]
        for url in filter(None, links[name]):
            assert client.get(str(url)).status_code == 200

    every = [f"/regionen/{number}/budgets/2026/" for number in (1, 2, 3)]
    assert links == {
        "planning": every,
        "coordination": [every[0], "", ""],
        "carrier_lead": [every[0], "", ""],
        "municipality": [every[0], "", ""],
        "nobody": ["", "", ""],
    }


def test_a_year_without_a_distribution_shows_no_invented_figures(
    client: Client, cast: Cast, distribution: AdoptedDistribution
) -> None:
    client.force_login(cast.planning)

    text = client.get("/", {"jahr": "2025"}).text

    assert "Übersicht Haushaltsjahr 2025" in text
    assert "Noch keine Verteilung" in text
    assert "691.318,38" not in text


def test_an_unknown_year_shows_the_newest_that_is_distributed(
    client: Client, cast: Cast, distribution: AdoptedDistribution
) -> None:
    FiscalYear.objects.create(year=2027)
    client.force_login(cast.planning)

    for wanted in ("", "1999", "x"):
        assert client.get("/", {"jahr": wanted}).context["year"].year == 2026
    assert client.get("/", {"jahr": "2027"}).context["year"].year == 2027


def test_a_year_in_draft_is_for_those_who_see_drafts(
    client: Client, cast: Cast, distribution: AdoptedDistribution
) -> None:
    FiscalYear.objects.create(year=2027)
    client.force_login(cast.board_reader)

    assert client.get("/", {"jahr": "2027"}).context["year"].year == 2026


def test_the_overview_as_excel_has_its_three_tables(
    client: Client, cast: Cast, distribution: AdoptedDistribution
) -> None:
    client.force_login(cast.board_reader)

    book = openpyxl.load_workbook(io.BytesIO(client.get("/", {"format": "xlsx"}).content))

    assert book.sheetnames == ["Regionen", "Budgets der Sozialräume", "Budgets der Sozialraumbüros", "Hinweise"]
    rows = list(book["Regionen"].iter_rows(min_row=2, values_only=True))
    assert rows[0] == ("Region 1", pytest.approx(714_000), pytest.approx(691_318.38))


@pytest.mark.parametrize("name", ["planning", "head", "system", "coordination", "carrier_lead"])
def test_the_overview_needs_at_most_12_queries(
    client: Client, cast: Cast, county: County, distribution: AdoptedDistribution, name: str
) -> None:
    open_matters(cast, county, distribution)
    client.force_login(getattr(cast, name))
    client.get("/")

    with CaptureQueriesContext(connection) as queries:
        client.get("/")

    assert len(queries) <= 12, [query["sql"][:90] for query in queries]


def test_the_number_of_queries_does_not_follow_the_number_of_offices(
    client: Client, cast: Cast, county: County, proposal: DistributionModel, distribution: AdoptedDistribution
) -> None:
    client.force_login(cast.planning)
    client.get("/")
    with CaptureQueriesContext(connection) as few:
        client.get("/")
    for number in range(30):
        Office.objects.create(
            space=county.spaces["Bleckede"], name=f"Büro {number}", valid_from=dt.date(2020, 1, 1), is_example=True
        )
    again = propose_model(
        year=distribution.year,
        scheme=distribution.calculation.scheme,
        name="Mit vielen Büros",
        model=build_model("M2"),
        reason="Probe",
        actor=cast.planning,
    )
    adopt_model(
        model=again, basis=distribution.basis, review_on=dt.date(2030, 1, 1), actor=cast.head, reason="Mehr Büros"
    )
    with CaptureQueriesContext(connection) as many:
        client.get("/")

    assert len(many) == len(few)


# An empty county


def test_the_check_list_leads_from_people_to_amounts(client: Client, cast: Cast) -> None:
    client.force_login(cast.planning)

    found = client.get("/").context["setup"]

    assert [step.title for step in found] == [
        "Personen einladen",
        "Regionen",
        "Sozialräume",
        "Mitgliedsgemeinden",
        "Sozialraumbüros und Verträge",
        "Bezugsgröße",
        "Belastungsindikatoren",
        "Werte der Indikatoren",
        "Gewichtungsschema",
        "Haushaltsjahr",
        "Bisherige Beträge",
    ]
    assert [step.title for step in found if step.state == "offen"] == [
        "Bezugsgröße",
        "Belastungsindikatoren",
        "Werte der Indikatoren",
        "Gewichtungsschema",
        "Haushaltsjahr",
        "Bisherige Beträge",
    ]


def test_people_are_invited_once_their_roles_work(client: Client, cast: Cast) -> None:
    RoleAssignment.objects.filter(user=cast.finance).update(confirmed_by=None, confirmed_at=None)
    client.force_login(cast.system)

    page = client.get("/")

    assert page.context["setup"][0].state == "offen"
    assert "zweite Systemverwaltung" in page.text


def test_an_open_check_list_is_not_contradicted_by_nothing_to_do(client: Client, cast: Cast) -> None:
    client.force_login(cast.system)

    assert "nichts zu tun" not in client.get("/").text


@pytest.mark.parametrize("name", ["planning", "finance", "head", "system", "board_reader"])
def test_the_check_list_links_only_what_opens(client: Client, cast: Cast, year: FiscalYear, name: str) -> None:
    client.force_login(getattr(cast, name))

    for step in client.get("/").context["setup"]:
        for url in filter(None, (step.url, step.template_url, step.example_url)):
            assert client.get(url).status_code == 200, url


def test_the_check_list_goes_once_a_distribution_stands(
    client: Client, cast: Cast, distribution: AdoptedDistribution
) -> None:
    client.force_login(cast.planning)

    assert "So richten Sie Ihren Landkreis ein" not in client.get("/").text


def test_only_the_named_examples_are_handed_out(client: Client, cast: Cast) -> None:
    client.force_login(cast.planning)

    assert client.get("/beispiele/sozialraeume.csv").status_code == 200
    for name in ("QUELLEN.md", "..%2Flueneburg.toml", "gisd_2021.csv"):
        assert client.get(f"/beispiele/{name}").status_code == 404


# Without an account


def test_the_start_page_shows_budgets_with_their_legal_basis_to_everybody(
    client: Client, cast: Cast, distribution: AdoptedDistribution, draft: Paper
) -> None:
    text = client.get("/").text

    assert "Sozialräumliche Jugendhilfe im" in text
    assert "Beschluss 2025/124 vom 13.08.2025" in text
    assert f"227.952,18{NBSP}€" in text
    assert "1,28" in text
    assert "Arbeitslose je 1.000 Personen von 15 bis 64, Gewicht 50" in text
    assert draft.subject not in text


def test_every_column_of_money_has_its_sum(client: Client, cast: Cast, distribution: AdoptedDistribution) -> None:
    last_line = client.get("/").text.split("<tfoot")[1]

    assert last_line.count(f"2.030.000,00{NBSP}€") == 2
    assert f">0,00{NBSP}€" in last_line


def test_the_start_page_links_reports_that_are_issued(client: Client, cast: Cast, draft: Paper) -> None:
    issue_paper(paper=draft, actor=cast.head)

    assert draft.get_absolute_url() in client.get("/").text


def test_the_start_page_shows_nothing_that_is_only_proposed(client: Client, proposal: DistributionModel) -> None:
    text = client.get("/").text

    assert "Noch keine Verteilung" in text
    assert proposal.name not in text


@pytest.mark.django_db
def test_the_start_page_stands_in_an_empty_database(client: Client) -> None:
    assert client.get("/").status_code == 200
    assert client.get("/offene-daten/").status_code == 200


def test_the_start_page_needs_few_queries(client: Client, distribution: AdoptedDistribution) -> None:
    with CaptureQueriesContext(connection) as queries:
        client.get("/")

    assert len(queries) <= 8


# Open data


def test_the_distribution_is_open_data_to_the_cent(client: Client, distribution: AdoptedDistribution) -> None:
    content = json.loads(client.get("/offene-daten/verteilung-2026.json").content)
    csv = client.get("/offene-daten/verteilung-2026.csv").content.decode("utf-8-sig")

    rows = {row["Sozialraum"]: row for row in content["zeilen"]}
    assert (rows["Bleckede"]["Betrag"], rows["Bleckede"]["Belastungsfaktor"]) == ("227952.18", "1.28248163")
    assert sum(Decimal(row["Betrag"]) for row in rows.values()) == Decimal("2030000.00")
    assert "Beschluss 2025/124" in content["quellen"][0]
    assert ";Bleckede;9694;1,28248163;262000,00;227952,18;" in csv
    assert csv.splitlines()[1].endswith(";ja")


def test_indicator_values_are_open_data_with_their_source(client: Client, scheme: WeightingScheme) -> None:
    content = json.loads(client.get("/offene-daten/indikatorwerte.json").content)

    newest = [row for row in content["zeilen"] if row["Kürzel"] == "unemployment" and row["Stichtag"] == "2021-12-31"]
    bleckede = next(row for row in newest if row["Sozialraum"] == "Bleckede")
    assert (bleckede["Zähler"], bleckede["Nenner"]) == ("304.0000", "5940.0000")
    assert bleckede["Quelle"] == factories.INKAR
    assert content["quellen"] == [factories.INKAR]


def test_values_that_are_not_taken_over_or_kept_secret_are_not_open(
    client: Client, county: County, scheme: WeightingScheme
) -> None:
    value = IndicatorValue.objects.filter(indicator__code="income_tax").first()
    assert value is not None
    factories.make_release(
        2023,
        [IndicatorValue(indicator=value.indicator, space=value.space, value=Decimal("4711.47"))],
        status="checked",
    )
    factories.make_release(
        2022, [IndicatorValue(indicator=value.indicator, space=value.space, value=None, is_secret=True)]
    )

    text = client.get("/offene-daten/indikatorwerte.csv").content.decode("utf-8-sig")

    assert "4711,47" not in text
    assert ";;;ja;" in text
    assert "Indikatoren 2023" not in client.get("/offene-daten/").text
    assert DataRelease.objects.count() == 6


@pytest.mark.parametrize("address", ["verteilung-2025.csv", "verteilung-2026.xml", "indikatorwerte.xml"])
def test_there_is_no_other_open_data(client: Client, distribution: AdoptedDistribution, address: str) -> None:
    assert client.get(f"/offene-daten/{address}").status_code == 404


def test_a_replaced_distribution_is_no_longer_the_one_shown(
    client: Client, cast: Cast, distribution: AdoptedDistribution, write: Callable[..., Paper]
) -> None:
    again = propose_model(
        year=distribution.year,
        scheme=distribution.calculation.scheme,
        name="Nach Köpfen",
        model=build_model("M1"),
        reason="Probe",
        actor=cast.planning,
    )
    adopt_model(
        model=again, basis=distribution.basis, review_on=dt.date(2030, 1, 1), actor=cast.head, reason="Neu beschlossen"
    )

    assert "227.952,18" not in client.get("/").text
    assert "177.743,03" in client.get("/").text
