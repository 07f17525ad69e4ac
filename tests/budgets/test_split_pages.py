"""Splitting the total in the browser: three rules side by side, who sees whose figures, costs and mapping."""

import io
from decimal import Decimal
from html import unescape

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from budgets.models import AdoptedDistribution, BlockMapping, FiscalYear, OfficeCosts
from budgets.services.splits import add_mapping, save_costs
from budgets.verify import verify_mappings
from jugendhilfe.accounts.models import User
from jugendhilfe.audit.models import Entry
from jugendhilfe.lib.errors import DomainError, NotAllowed
from regions.models import Office
from tests import factories
from tests.budgets.conftest import QUOTA
from tests.conftest import Cast, County

NBSP = "\u00a0"
D = Decimal
COSTS = {"operating": D(100_000), "material": D(20_000), "network": D(30_000), "projects": D(50_000), "fixed": None}


@pytest.fixture
def distribution(county: County, cast: Cast) -> AdoptedDistribution:
    """The quota of the story for 2026, one office for each space."""
    scheme = factories.make_scheme(factories.make_indicators(county.spaces), factories.make_population(county.spaces))
    year = factories.make_year(2026)
    return factories.make_distribution(year, scheme, {county.spaces[name]: amount for name, amount in QUOTA.items()})


@pytest.fixture
def costs(distribution: AdoptedDistribution, county: County, cast: Cast) -> None:
    """75 % of every office's costs are bound by the usual mapping, in Bleckede all."""
    offices = {office.pk: COSTS for office in county.offices.values()}
    offices[county.offices["Bleckede"].pk] = {**COSTS, "projects": D(0)}
    save_costs(year=distribution.year, costs=offices, source="Aufstellung der Träger", actor=cast.finance)


def page(client: Client, user: User, address: str = "/budgets/2026/aufteilung/", **query: str) -> str:
    client.force_login(user)
    response = client.get(address, query)
    assert response.status_code == 200, response.status_code
    return unescape(response.content.decode())


def row(html: str, name: str) -> list[str]:
    """The cells of a line, without their notes."""
    line = next(part for part in html.split("<tr") if name in part)
    cells = [cell.split("</td>")[0].split("<span")[0] for cell in line.split('app-num">')[1:]]
    return [cell.replace(NBSP, " ") for cell in cells]


# Three rules


def test_three_rules_stand_side_by_side_in_euros(client: Client, cast: Cast, costs: None) -> None:
    html = page(client, cast.finance, anteil="80", **{"a-033555407": "50"})
    assert row(html, "Sozialraumbüro Scharnebeck") == [
        "283.909,38 €",
        *("227.127,50 €", "56.781,88 €"),
        *("141.954,69 €", "141.954,69 €"),
        *("212.932,04 €", "70.977,34 €"),
    ]
    assert row(html, "Sozialraumbüro Bleckede") == [
        "227.952,18 €",
        *("182.361,74 €", "45.590,44 €"),
        *("182.361,74 €", "45.590,44 €"),
        *("227.952,18 €", "0,00 €"),
    ]
    assert row(html, "Summe (")[0] == "2.030.000,00 €"
    assert row(html, ">Region 1<")[:3] == ["691.318,38 €", "553.054,71 €", "138.263,67 €"]
    # 141,954.69 − 227,127.50
    assert f"−85.172,81{NBSP}€" in html


def test_the_address_is_the_state_and_what_it_does_not_know_is_dropped(client: Client, cast: Cast, costs: None) -> None:
    html = page(client, cast.finance, anteil="62,5", kosten="1999", zuordnung="77", unbekannt="1")
    assert 'value="62,5"' in html
    assert "?anteil=62%2C5&kosten=1999" in html
    assert row(html, "Sozialraumbüro Scharnebeck")[1] == "177.443,36 €"
    assert row(html, "Sozialraumbüro Scharnebeck")[5] == "212.932,04 €"


def test_a_share_above_a_hundred_is_refused_in_german(client: Client, cast: Cast, costs: None) -> None:
    client.force_login(cast.finance)
    for query in ({"anteil": "120"}, {"a-033555407": "120"}, {"anteil": "viel"}):
        response = client.get("/budgets/2026/aufteilung/", query)
        assert response.status_code == 422
        assert "Es gibt 1 Fehler" in response.text
    assert f"Bitte geben Sie höchstens 100{NBSP}% ein." in unescape(
        client.get("/budgets/2026/aufteilung/", {"a-033555407": "120"}).text
    )


def test_costs_of_the_year_before_can_be_used_and_are_the_usual_ones_where_there_are_no_others(
    client: Client, cast: Cast, county: County, distribution: AdoptedDistribution
) -> None:
    before = factories.make_year(2025)
    offices = {office.pk: {**COSTS, "projects": D(150_000)} for office in county.offices.values()}
    save_costs(year=before, costs=offices, source="Aufstellung", actor=cast.finance)
    assert row(page(client, cast.finance), "Sozialraumbüro Scharnebeck")[5] == "141.954,69 €"
    after = {office.pk: {**COSTS, "projects": D(0)} for office in county.offices.values()}
    save_costs(year=factories.make_year(2027), costs=after, source="Plan", actor=cast.finance)
    assert row(page(client, cast.finance), "Sozialraumbüro Scharnebeck")[5] == "141.954,69 €"
    offices = {office.pk: COSTS for office in county.offices.values()}
    save_costs(year=distribution.year, costs=offices, source="Aufstellung", actor=cast.finance)
    assert row(page(client, cast.finance), "Sozialraumbüro Scharnebeck")[5] == "212.932,04 €"
    assert row(page(client, cast.finance, kosten="2025"), "Sozialraumbüro Scharnebeck")[5] == "141.954,69 €"


def test_a_version_of_the_mapping_is_chosen_the_newest_unless_told(client: Client, cast: Cast, costs: None) -> None:
    add_mapping(mapping=BlockMapping(reason="Ausgangspunkt"), actor=cast.planning)
    add_mapping(mapping=BlockMapping(network=D(0), reason="Netzwerk in die Region"), actor=cast.finance)
    assert row(page(client, cast.finance), "Sozialraumbüro Scharnebeck")[5] == "170.345,63 €"
    assert row(page(client, cast.finance, zuordnung="1"), "Sozialraumbüro Scharnebeck")[5] == "212.932,04 €"


def test_one_office_without_costs_is_named_and_the_other_rules_stand(
    client: Client, cast: Cast, county: County, costs: None
) -> None:
    year = FiscalYear.objects.get()
    nothing: dict[str, Decimal | None] = dict.fromkeys(COSTS)
    save_costs(year=year, costs={county.offices["Ilmenau"].pk: nothing}, source="Zurückgezogen", actor=cast.finance)
    html = page(client, cast.finance)
    assert "Sozialraumbüro Ilmenau: Für dieses Büro sind keine Kosten nach Blöcken erfasst." in html
    assert row(html, "Sozialraumbüro Scharnebeck")[5:] == ["–", "–"]


def test_a_space_without_an_office_keeps_its_amount(
    client: Client, cast: Cast, county: County, distribution: AdoptedDistribution
) -> None:
    with factories.as_if_always_so():
        distribution.office_rows.filter(office=county.offices["Adendorf"]).delete()
    html = page(client, cast.finance)
    assert row(html, "Adendorf (ohne Büro)")[:2] == ["197.112,37 €", "157.689,90 €"]
    assert row(html, "Summe (")[0] == "2.030.000,00 €"


def test_the_file_holds_what_the_page_shows_and_says_what_was_assumed(client: Client, cast: Cast, costs: None) -> None:
    client.force_login(cast.finance)
    query = {"anteil": "75", "format": "xlsx"}
    book = openpyxl.load_workbook(io.BytesIO(client.get("/budgets/2026/aufteilung/", query).content))
    rows = list(book["Aufteilung"].values)
    assert rows[0][:6] == (
        "Region",
        "Sozialraum",
        "Sozialraumbüro",
        "Träger",
        "Betrag",
        "Ein Anteil für alle: gebunden",
    )
    assert rows[-1][4] == 2_030_000
    assert ("Gebundener Anteil für alle in %", "75") in list(book["Hinweise"].values)
    csv = client.get("/budgets/2026/aufteilung/", {**query, "format": "csv"}).content.decode("utf-8-sig")
    assert "Region 2;Scharnebeck;Sozialraumbüro Scharnebeck;;283909,38;212932,04;75" in csv


# Who sees whose figures


def test_a_carrier_sees_its_own_office_alone(client: Client, cast: Cast, county: County, costs: None) -> None:
    html = page(client, cast.carrier_lead)
    assert row(html, "Sozialraumbüro Bleckede")[5] == "227.952,18 €"
    assert "Scharnebeck" not in html
    assert row(html, ">Summe<")[0] == "227.952,18 €"
    table = page(client, cast.carrier_lead, "/budgets/2026/aufteilung/kosten/").split("<tbody")[1]
    assert "Bleckede" in table
    assert "Scharnebeck" not in table


def test_a_region_sees_its_offices_but_no_costs(client: Client, cast: Cast, county: County, costs: None) -> None:
    html = page(client, cast.coordination)
    assert "Nach Kostenblöcken</th>" not in html
    assert "Sozialraumbüro Dahlenburg" in html
    assert "Scharnebeck" not in html
    assert "100.000,00" not in page(client, cast.coordination, "/budgets/2026/aufteilung/kosten/")


def test_a_carrier_without_an_office_in_that_year_is_told_so(
    client: Client, cast: Cast, county: County, distribution: AdoptedDistribution
) -> None:
    county.contract_a.valid_to = county.contract_a.valid_from.replace(month=12, day=31)
    county.contract_a.save()
    assert "Kein eigenes Sozialraumbüro" in page(client, cast.carrier_lead)


def test_who_sees_no_contracts_splits_nothing(client: Client, cast: Cast, distribution: AdoptedDistribution) -> None:
    for user in (cast.municipality, cast.board_reader, cast.nobody):
        client.force_login(user)
        for address in ("/budgets/2026/aufteilung/", "/budgets/2026/aufteilung/kosten/"):
            assert client.get(address).status_code == 403


def test_a_year_without_a_distribution_says_what_comes_first(client: Client, cast: Cast) -> None:
    factories.make_year(2025)
    assert "Legen Sie dafür zuerst eine Verteilung" in page(client, cast.finance, "/budgets/2025/aufteilung/")
    assert "Für dieses Haushaltsjahr ist noch keine" in page(client, cast.carrier_lead, "/budgets/2025/aufteilung/")


def test_without_costs_the_page_leads_to_them(client: Client, cast: Cast, distribution: AdoptedDistribution) -> None:
    address = reverse("budgets:split_costs_change", args=[2026])
    assert address in page(client, cast.finance)
    html = page(client, cast.planning)
    assert address not in html
    assert "Das Fachcontrolling erfasst sie." in html


def test_the_page_asks_the_same_for_one_office_and_for_ten(client: Client, cast: Cast, costs: None) -> None:
    counts = []
    for user in (cast.finance, cast.finance, cast.audit):
        client.force_login(user)
        with CaptureQueriesContext(connection) as queries:
            client.get("/budgets/2026/aufteilung/")
        counts.append(len(queries))
    assert counts[1] <= 12
    OfficeCosts.objects.exclude(office__name__contains="Bleckede").delete()
    with CaptureQueriesContext(connection) as queries:
        client.get("/budgets/2026/aufteilung/")
    assert len(queries) == counts[1]


# Costs


def form_of(county: County, **changed: str) -> dict[str, str]:
    return {f"{name}-{county.offices['Bleckede'].pk}": value for name, value in changed.items()}


def test_finance_enters_the_costs_of_all_offices_at_once(client: Client, cast: Cast, county: County) -> None:
    factories.make_year(2026)
    client.force_login(cast.finance)
    sent = {
        "source": "Aufstellung vom 15.01.2026",
        **form_of(county, operating="152.000,00", material="23600", fixed="161600,00"),
        f"projects-{county.offices['Ilmenau'].pk}": "41.000",
    }
    assert client.post("/budgets/2026/aufteilung/kosten/aendern/", sent).status_code == 302
    found = {costs.office.space.name: costs for costs in OfficeCosts.objects.select_related("office__space")}
    assert set(found) == {"Bleckede", "Ilmenau"}
    bleckede = found["Bleckede"]
    assert (bleckede.operating, bleckede.material, bleckede.network, bleckede.fixed) == (152000, 23600, 0, 161600)
    assert found["Ilmenau"].fixed is None
    entry = Entry.objects.get(action="costs.save")
    assert entry.reason == "Aufstellung vom 15.01.2026"
    assert entry.data["after"][str(county.offices["Bleckede"].pk)]["operating"] == "152000.00"
    html = page(client, cast.finance, "/budgets/2026/aufteilung/kosten/")
    assert "verstanden als 41.000,00" in html
    assert f"175.600,00{NBSP}€" not in html


def test_only_what_differs_is_written_and_named_with_its_source(cast: Cast, county: County, costs: None) -> None:
    year = FiscalYear.objects.get()
    offices = dict(OfficeCosts.objects.values_list("office__space__name", "office"))
    same: dict[int, dict[str, Decimal | None]] = {offices["Ilmenau"]: {**COSTS}}
    assert save_costs(year=year, costs=same, source="Noch einmal", actor=cast.finance) == 0
    other = {**same, offices["Adendorf"]: {**COSTS, "projects": D(1)}}
    assert save_costs(year=year, costs=other, source="Berichtigung", actor=cast.finance) == 1
    assert OfficeCosts.objects.get(office=offices["Ilmenau"]).source == "Aufstellung der Träger"
    assert OfficeCosts.objects.get(office=offices["Adendorf"]).source == "Berichtigung"


@pytest.mark.parametrize(
    ("value", "sentence"),
    [
        ("-5", f"Bitte geben Sie mindestens 0,00{NBSP}€ ein."),
        ("zwölf", "ist nicht als Zahl lesbar"),
        ("1,234", "hat mehr als zwei Nachkommastellen. Meinten Sie"),
    ],
)
def test_costs_that_are_no_amount_are_refused_by_field(
    client: Client, cast: Cast, county: County, value: str, sentence: str
) -> None:
    factories.make_year(2026)
    client.force_login(cast.finance)
    sent = {"source": "Aufstellung", **form_of(county, material=value)}
    answer = unescape(client.post("/budgets/2026/aufteilung/kosten/aendern/", sent).text)
    assert "Bleckede: Sachkosten" in answer
    assert sentence in answer
    assert not OfficeCosts.objects.exists()


def test_of_two_who_enter_costs_the_second_is_told(client: Client, cast: Cast, county: County, costs: None) -> None:
    client.force_login(cast.finance)
    address = "/budgets/2026/aufteilung/kosten/aendern/"
    seen = client.get(address).context["form"]["seen"].value()
    OfficeCosts.objects.filter(office=county.offices["Bleckede"]).update(material=D(21_000))
    answer = unescape(client.post(address, {"seen": seen, "source": "x", **form_of(county, material="22.000,00")}).text)
    assert "Inzwischen geändert: Bleckede: Sachkosten (jetzt: „21.000,00“)." in answer


def test_only_finance_enters_costs(client: Client, cast: Cast, county: County) -> None:
    year = factories.make_year(2026)
    for user in (cast.planning, cast.head, cast.carrier_lead):
        client.force_login(user)
        assert client.post("/budgets/2026/aufteilung/kosten/aendern/", {}).status_code == 403
        with pytest.raises(NotAllowed):
            save_costs(year=year, costs={}, source="x", actor=user)


# The mapping


def mapping(**changed: str) -> dict[str, str]:
    return {
        "operating": "100",
        "material": "100",
        "network": "50",
        "projects": "0",
        "reason": "Vereinbart in der Arbeitsgruppe",
        **changed,
    }


def test_a_new_version_of_the_mapping_follows_the_one_before(client: Client, cast: Cast) -> None:
    client.force_login(cast.planning)
    address = reverse("budgets:split_mapping_new")
    assert client.post(address, mapping()).status_code == 302
    assert 'value="50"' in client.get(address).text
    assert client.post(address, mapping(network="0,5")).status_code == 302
    assert list(BlockMapping.objects.values_list("version", "network", "created_by")) == [
        (2, D("0.500"), cast.planning.pk),
        (1, D("50.000"), cast.planning.pk),
    ]
    assert Entry.objects.filter(action="mappings.add").count() == 2
    assert "Vereinbart in der Arbeitsgruppe" in page(client, cast.nobody, "/budgets/aufteilung/zuordnungen/")


def test_verify_finds_a_version_that_nobody_entered(cast: Cast) -> None:
    add_mapping(mapping=BlockMapping(operating=D(99), reason="Ausgangspunkt"), actor=cast.planning)
    assert list(verify_mappings()) == []
    BlockMapping.objects.create(version=2, operating=D(1), reason="Untergeschoben")
    assert list(verify_mappings()) == ["Zuordnung, Fassung 2: Im Protokoll steht anderes, oder nichts."]


def test_a_version_that_changes_nothing_or_has_no_reason_is_refused(client: Client, cast: Cast) -> None:
    add_mapping(mapping=BlockMapping(reason="Ausgangspunkt"), actor=cast.planning)
    client.force_login(cast.planning)
    address = reverse("budgets:split_mapping_new")
    assert "So lautet schon die Zuordnung, Fassung 1." in unescape(client.post(address, mapping(network="100")).text)
    assert "Bitte ausfüllen." in client.post(address, mapping(reason="")).text
    assert f"höchstens 100{NBSP}%" in unescape(client.post(address, mapping(network="101")).text)
    assert BlockMapping.objects.count() == 1


def test_who_proposes_no_models_adds_no_version(cast: Cast) -> None:
    for user in (cast.head, cast.carrier_lead):
        with pytest.raises(NotAllowed):
            add_mapping(mapping=BlockMapping(reason="x"), actor=user)


def test_two_who_take_the_same_number_do_not_both_get_it(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    add_mapping(mapping=BlockMapping(reason="Ausgangspunkt"), actor=cast.planning)
    # What the second of two saw before the first was done.
    monkeypatch.setattr(type(BlockMapping.objects.all()), "first", lambda self: None)
    with pytest.raises(DomainError, match="Inzwischen ist eine andere Fassung entstanden"):
        add_mapping(mapping=BlockMapping(network=D(0), reason="Zweite"), actor=cast.finance)


def test_offices_of_another_year_have_no_line(client: Client, cast: Cast, county: County) -> None:
    factories.make_year(2026)
    Office.objects.filter(space__name="Ilmenau").update(valid_from="2027-01-01")
    client.force_login(cast.finance)
    html = client.get("/budgets/2026/aufteilung/kosten/aendern/").text
    assert "Bleckede: Betriebskosten" in html
    assert "Ilmenau: Betriebskosten" not in html
