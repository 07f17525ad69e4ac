"""Two people edit the same thing: the second is told before anything is lost. No script is involved."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from html import unescape
from html.parser import HTMLParser

import pytest
from django.test import Client

from budgets.models import Deduction
from committees.models import Committee, Membership, Paper
from regions.models import Office
from tests import factories
from tests.conftest import Cast, County


class FilledForm(HTMLParser):
    """What a browser would send of the page's last form, unchanged."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.fields: dict[str, str] = {}
        self._name = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        kind, name = given.get("type"), given.get("name", "")
        if tag == "form":
            self.fields = {}
        elif tag == "select":
            self._name = name
        elif tag == "option" and ("selected" in given or self._name not in self.fields):
            self.fields[self._name] = given.get("value", "")
        elif tag == "textarea":
            self._name, self.fields[name] = name, ""
        elif tag == "input" and name and (kind not in {"checkbox", "radio"} or "checked" in given):
            self.fields[name] = given.get("value", "on" if kind == "checkbox" else "")

    def handle_data(self, data: str) -> None:
        if self._name in self.fields and self.lasttag == "textarea":
            self.fields[self._name] += data.removeprefix("\n")

    def handle_endtag(self, tag: str) -> None:
        if tag in {"select", "textarea"}:
            self._name = ""


def page(client: Client, url: str) -> dict[str, str]:
    response = client.get(url)
    assert response.status_code == 200
    return FilledForm(response.content.decode()).fields


def sent(client: Client, url: str, fields: Mapping[str, str]) -> str:
    """The page of the form again; empty once it was saved."""
    response = client.post(url, fields)
    assert response.status_code in {200, 302, 422}
    return "" if response.status_code == 302 else response.content.decode()


type Address = Callable[[County], str]


def office(county: County) -> str:
    return f"/bueros/{county.offices['Dahlenburg'].pk}/bearbeiten/"


def contract(county: County) -> str:
    return f"/vertraege/{county.contract_a.pk}/bearbeiten/"


def population(county: County) -> str:
    return f"/bezugsgroessen/{factories.make_population(county.spaces).pk}/bearbeiten/"


def counts(county: County) -> str:
    return f"/bezugsgroessen/{factories.make_population(county.spaces).pk}/zahlen/"


def indicator(county: County) -> str:
    return f"/belastung/indikatoren/{factories.make_indicators(county.spaces)['income_tax'].pk}/aendern/"


def scheme(county: County) -> str:
    indicators = factories.make_indicators(county.spaces)
    draft = factories.make_scheme(indicators, factories.make_population(county.spaces))
    return f"/belastung/schemata/{draft.pk}/bearbeiten/"


def totals(county: County) -> str:
    return f"/budgets/{factories.make_year(2026).year}/aendern/"


def deduction(county: County) -> str:
    row = Deduction.objects.create(year=factories.make_year(2026), name="Rücklage", amount=1000, reason="Vorsorge")
    return f"/budgets/2026/abzuege/{row.pk}/"


def amounts(county: County) -> str:
    factories.make_amounts(factories.make_year(2025), county.spaces)
    return "/budgets/2025/betraege/"


def body(county: County) -> str:
    row = Committee.objects.create(name="Arbeitsgruppe", kind="working_group", valid_from="2026-01-01")
    return f"/gremien/{row.pk}/bearbeiten/"


def seat(county: County) -> str:
    body(county)
    row = Membership.objects.create(
        committee=Committee.objects.get(),
        person=factories.make_user("Mitglied"),
        side="other",
        appointment="Schreiben",
        valid_from="2026-01-01",
    )
    return f"/gremien/mitglieder/{row.pk}/bearbeiten/"


# the page, a field with what each of the two types into it, and what the second is told
PAGES = (
    pytest.param(office, "phone", "05851 1", "05851 2", "Telefon (jetzt: „05851 1“)", id="office"),
    pytest.param(contract, "notice_to", "month", "quarter", "Kündigung möglich (jetzt: zum Monatsende)", id="contract"),
    pytest.param(
        lambda county: "/sozialraeume/033555403/bearbeiten/",
        "area_km2",
        "99,5",
        "98,5",
        "Fläche in km² (jetzt: „99,5“)",
        id="space",
    ),
    pytest.param(
        lambda county: "/sozialraeume/033555403/mitgliedsgemeinden/",
        "members",
        "03355012 Dahlem",
        "03355013 Boitze",
        "Mitgliedsgemeinden (jetzt: „03355012 Dahlem“)",
        id="member municipalities",
    ),
    pytest.param(population, "source", "LSN", "Zensus", "Quelle (jetzt: „LSN“)", id="population"),
    pytest.param(counts, "033555403", "6000", "7000", "Dahlenburg (jetzt: „6000“)", id="counts"),
    pytest.param(indicator, "unit", "Euro", "EUR", "Einheit (jetzt: „Euro“)", id="indicator"),
    pytest.param(scheme, "note", "Eins", "Zwei", "Erläuterung (jetzt: „Eins“)", id="scheme"),
    pytest.param(
        scheme,
        "indikator-income_tax-weight",
        "30",
        "40",
        "Einkommensteuer je Kopf: Gewicht (Punkte) (jetzt: „30“)",
        id="weight in a scheme",
    ),
    pytest.param(
        totals,
        "total_help",
        "1.000,00",
        "2.000,00",
        "Ambulante Hilfen (363-300) (jetzt: „1.000,00“)",
        id="totals",
    ),
    pytest.param(deduction, "amount", "2.000,00", "3.000,00", "Betrag (jetzt: „2.000,00“)", id="deduction"),
    pytest.param(body, "purpose", "Eins", "Zwei", "Aufgabe (jetzt: „Eins“)", id="body"),
    pytest.param(seat, "appointment", "Brief", "Beschluss", "Berufung (jetzt: „Brief“)", id="seat"),
    pytest.param(amounts, "", "1.000,00", "2.000,00", "Dahlenburg (jetzt: „1.000,00“)", id="amounts"),
)


@pytest.mark.parametrize(("address", "field", "first", "second", "told"), PAGES)
def test_the_second_of_two_is_told_and_may_save_deliberately(
    cast: Cast, county: County, address: Address, field: str, first: str, second: str, told: str
) -> None:
    url, field = address(county), field or f"amount-{county.spaces['Dahlenburg'].pk}"
    one, other = Client(), Client()
    one.force_login(cast.finance if url.startswith("/budgets/") else cast.planning)
    other.force_login(cast.finance if url.startswith("/budgets/") else cast.head)
    if "schemata" in url or "indikatoren" in url:
        other.force_login(cast.planning)
    seen_by_one, seen_by_other = page(one, url), page(other, url)
    why = {"reason": "Bestand geprüft"} if "reason" in seen_by_one and not seen_by_one["reason"] else {}
    assert sent(one, url, {**seen_by_one, field: first, **why}) == ""
    refused = sent(other, url, {**seen_by_other, field: second, **why})
    assert f"Inzwischen geändert: {told}." in unescape(refused)
    typed = FilledForm(refused).fields
    assert typed[field] == second
    assert page(one, url)[field] == first
    assert sent(other, url, typed) == ""
    assert page(one, url)[field] == second


def test_of_two_who_write_a_report_the_second_is_told(cast: Cast, county: County) -> None:
    indicators = factories.make_indicators(county.spaces)
    scheme = factories.make_scheme(indicators, factories.make_population(county.spaces))
    distribution = factories.make_distribution(
        factories.make_year(2026), scheme, {county.spaces["Dahlenburg"]: Decimal(1000)}
    )
    one, other = Client(), Client()
    for client in (one, other):
        client.force_login(cast.planning)
    written = {**page(one, "/berichte/neu/"), "basis": f"verteilung-{distribution.pk}", "products": "363-200"}
    assert sent(one, "/berichte/neu/", {**written, "sachlage-0-date": "2026-01-15", "sachlage-0-text": "Eins"}) == ""
    url = f"/berichte/{Paper.objects.get().pk}/bearbeiten/"
    seen_by_one, seen_by_other = page(one, url), page(other, url)
    assert sent(one, url, {**seen_by_one, "subject": "Quote 2026", "sachlage-0-text": "Zwei"}) == ""
    refused = sent(other, url, {**seen_by_other, "sachlage-0-text": "Drei"})
    assert "Inzwischen geändert: Beratungsgegenstand (jetzt: „Quote 2026“), Sachlage." in unescape(refused)
    typed = FilledForm(refused).fields
    assert typed["sachlage-0-text"] == "Drei"
    assert sent(other, url, typed) == ""
    assert page(one, url)["sachlage-0-text"] == "Drei"


def test_one_person_alone_saves_twice_in_a_row(cast: Cast, county: County, client: Client) -> None:
    client.force_login(cast.planning)
    for phone in ("05851 1", "05851 2"):
        assert sent(client, office(county), {**page(client, office(county)), "phone": phone}) == ""


def test_a_change_elsewhere_is_told_along_with_ones_own_mistakes(cast: Cast, county: County, client: Client) -> None:
    """Otherwise the page drawn for the mistake would carry the other's change as if it had been seen."""
    client.force_login(cast.planning)
    seen = page(client, office(county))
    Office.objects.filter(name="Sozialraumbüro Dahlenburg").update(phone="05851 1")
    refused = unescape(sent(client, office(county), {**seen, "email": "keine Adresse"}))
    assert "Inzwischen geändert: Telefon" in refused
    assert "E-Mail-Adresse: " in refused


def test_a_change_that_hides_nothing_is_no_matter(cast: Cast, county: County, client: Client) -> None:
    """Another office is another form."""
    client.force_login(cast.planning)
    seen = page(client, office(county))
    Office.objects.exclude(name="Sozialraumbüro Dahlenburg").update(phone="05851 1")
    assert sent(client, office(county), {**seen, "phone": "05851 2"}) == ""
