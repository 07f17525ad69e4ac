"""Scenarios: who simulates, saves, shares and reads; what they come to later; four of them side by side."""

import datetime as dt
import io
from decimal import Decimal
from html import unescape
from typing import Any
from urllib.parse import urlencode

import openpyxl
import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from budgets.models import DistributionModel, FiscalYear, SpaceAmount, YearStatus
from budgets.what_if import Reader, WhatIf
from committees.models import Committee, CommitteeKind, Membership, SavedScenario
from committees.outcomes import Chosen, beside, one_model, outcomes_of, reader_for
from committees.services import scenarios as services
from indicators.models import WeightingScheme
from jugendhilfe.accounts.models import User
from jugendhilfe.audit.models import Entry
from jugendhilfe.lib.errors import DomainError, NotAllowed
from tests import factories
from tests.committees.conftest import Group
from tests.conftest import Cast, County


def everything() -> Reader:
    return Reader(FiscalYear.objects.all(), WeightingScheme.objects.all())


def what_if_of(**given: str) -> WhatIf:
    found = everything().read({"jahr": "2026", **given})
    assert found is not None
    assert found.comparison is not None
    return found


def save(owner: User, committee: Committee | None = None, name: str = "Probe", **given: str) -> SavedScenario:
    return services.save_scenario(
        what_if=what_if_of(**given), name=name, reason="Zum Vergleichen.", committee=committee, actor=owner
    )


def url(name: str, *args: object, **query: object) -> str:
    return f"{reverse(f'committees:{name}', args=args)}?{urlencode(query, doseq=True)}"


def as_(client: Client, user: User) -> Client:
    client.force_login(user)
    return client


def text_of(response: Any) -> str:
    assert response.status_code == 200, response.status_code
    return unescape(response.content.decode()).replace("\u00a0", " ")


@pytest.fixture(autouse=True)
def ground(scheme: WeightingScheme, year: FiscalYear) -> None:
    """Every test has 2026 and the adopted scheme."""


# --- the group's what-if ------------------------------------------------------------------------------------------


def test_members_of_a_body_that_negotiates_simulate_with_drafts_there(client: Client, group: Group) -> None:
    factories.make_year(2027, total="2500000.00", status=YearStatus.DRAFT)
    page = as_(client, group.young.person).get(url("comparison", group.committee.pk, jahr=2027))
    assert "Alle Modelle verteilen genau 2.500.000,00 €." in text_of(page)
    assert "2027 (Entwurf)" in text_of(page)
    assert client.get("/verteilung/").status_code == 403


def test_the_groups_page_answers_live_with_its_own_address(client: Client, group: Group) -> None:
    here = reverse("committees:comparison", args=[group.committee.pk])
    answer = as_(client, group.adviser.person).get(here, {"betrag": "2000000"}, headers={"HX-Request": "true"})
    assert answer["HX-Push-Url"].startswith(f"{here}?jahr=2026")
    elsewhere = client.get(here, {"jahr": "2026", "fuer": "2025-1"})
    assert elsewhere["Location"].startswith(f"{here}?")
    assert "/verteilung/?" not in client.get(here).content.decode().replace(here, "")


def test_the_groups_page_offers_what_permissions_say(client: Client, cast: Cast, group: Group) -> None:
    here = url("comparison", group.committee.pk, **{"g-unemployment": 90})
    member = text_of(as_(client, group.young.person).get(here))
    assert "Szenario speichern" in member
    assert "als neue Fassung speichern" not in member
    assert "Sitzungsmodus" not in member
    planning = text_of(as_(client, cast.planning).get(here))
    assert "als neue Fassung speichern" in planning
    assert "Sitzungsmodus" in planning
    assert "M2 vorschlagen" in text_of(as_(client, cast.finance).get(url("comparison", group.committee.pk)))


def test_members_see_how_sure_the_amounts_of_their_what_if_are(client: Client, group: Group) -> None:
    as_(client, group.young.person)
    page = client.get(url("comparison", group.committee.pk, betrag="1.000.000,00"))
    asked = page.context["bands"]["url"]
    assert asked.startswith(reverse("committees:bands", args=[group.committee.pk]))
    assert "betrag=1.000.000%2C00" in asked
    shown = text_of(client.get(asked))
    assert "Wie sicher sind diese Beträge?" in shown
    assert f"{reverse('committees:comparison', args=[group.committee.pk])}?{page.context['query']}" in shown


def test_only_where_a_body_negotiates_today_its_members_simulate(client: Client, cast: Cast, group: Group) -> None:
    here = url("comparison", group.committee.pk)
    assert as_(client, cast.nobody).get(here).status_code == 404
    Committee.objects.update(negotiates=False)
    assert as_(client, group.young.person).get(here).status_code == 404
    Committee.objects.update(negotiates=True, valid_to=dt.date(2025, 1, 1))
    assert client.get(here).status_code == 404
    Committee.objects.update(valid_to=None)
    Membership.objects.filter(pk=group.young.pk).update(valid_to=dt.date(2025, 1, 1))
    assert client.get(here).status_code == 404


# --- saving -------------------------------------------------------------------------------------------------------


def test_a_member_saves_the_present_what_if_and_gets_it_back(client: Client, group: Group) -> None:
    as_(client, group.young.person)
    form = url("scenario_create", betrag="1.999.999,99", m1="M3", sockel1="25", gremium=group.committee.pk)
    assert f'<option value="{group.committee.pk}" selected>' in text_of(client.get(form))
    answer = client.post(form, {"name": "Mit Sockel", "reason": "Feste Kosten.", "committee": ""})
    scenario = SavedScenario.objects.get()
    assert answer["Location"] == scenario.get_absolute_url()
    assert (scenario.owner, scenario.committee, scenario.year.year) == (group.young.person, None, 2026)
    page = text_of(client.get(scenario.get_absolute_url()))
    assert "Alle Modelle verteilen genau 1.999.999,99 €." in page
    restored = url("comparison", group.committee.pk).rstrip("?") + f"?{scenario.query}"
    assert restored in page
    again = client.get(restored)
    assert again.context["query"] == scenario.query
    entry = Entry.objects.get(action="scenarios.save")
    assert (entry.object_label, entry.data["sha256"]) == ("Szenario (nicht geteilt)", scenario.fingerprint)


def test_what_is_wrong_is_said_and_nothing_is_saved(client: Client, cast: Cast, group: Group) -> None:
    as_(client, cast.finance)
    page = client.post(url("scenario_create"), {"name": "", "reason": ""})
    assert set(page.context["form"].errors) == {"name", "reason"}
    assert "Fehler: Szenario speichern" in text_of(page)
    refused = client.post(url("scenario_create", betrag="nichts"), {"name": "A", "reason": "B"})
    assert refused.status_code == 409
    assert not SavedScenario.objects.exists()


def test_who_does_not_simulate_saves_nothing(client: Client, cast: Cast, group: Group) -> None:
    assert as_(client, cast.board_reader).get(url("scenario_create")).status_code == 403
    with pytest.raises(NotAllowed):
        save(cast.board_reader)


def test_sharing_is_for_bodies_that_negotiate_and_that_one_sits_in(cast: Cast, group: Group) -> None:
    with pytest.raises(NotAllowed):
        save(cast.head, group.committee)
    other = Committee.objects.create(
        name="Andere Gruppe", kind=CommitteeKind.WORKING_GROUP, valid_from=dt.date(2024, 1, 1)
    )
    for person in (group.young.person, cast.planning):
        with pytest.raises(NotAllowed):
            save(person, other)
    assert save(cast.planning, group.committee).committee == group.committee


# --- who reads ----------------------------------------------------------------------------------------------------


def test_a_shared_scenario_is_read_by_the_members_and_the_county(client: Client, cast: Cast, group: Group) -> None:
    factories.make_year(2027, total="2500000.00", status=YearStatus.DRAFT)
    scenario = save(group.young.person, group.committee, jahr="2027", betrag="2.500.000,00")
    for reader in (group.adviser.person, cast.municipality, cast.planning, cast.audit):
        assert "2.500.000,00 €" in text_of(as_(client, reader).get(scenario.get_absolute_url()))
        assert client.get(url("scenario_edit", scenario.pk)).status_code == 403
        assert client.post(url("scenario_archive", scenario.pk)).status_code == 403
    for stranger in (cast.nobody, cast.coordination, cast.system):
        assert as_(client, stranger).get(scenario.get_absolute_url()).status_code == 404


def test_a_private_scenario_is_read_by_its_owner_alone(client: Client, cast: Cast, group: Group) -> None:
    scenario = save(group.young.person, name="Nur für mich")
    for other in (group.chair.person, cast.planning, cast.finance, cast.head, cast.audit):
        as_(client, other)
        assert client.get(scenario.get_absolute_url()).status_code == 404
        assert client.get(url("scenario_edit", scenario.pk)).status_code == 404
        assert client.post(url("scenario_archive", scenario.pk)).status_code == 404
        assert "Nur für mich" not in text_of(client.get(url("scenario_list", stand="alle")))
        assert "Noch kein Szenario ausgewählt" in text_of(client.get(url("scenario_compare", szenario=scenario.pk)))


def test_who_left_the_group_keeps_the_scenario_but_sees_no_draft(client: Client, group: Group) -> None:
    factories.make_year(2027, total="2500000.00", status=YearStatus.DRAFT)
    scenario = save(group.young.person, jahr="2027", betrag="2.500.000,00")
    Membership.objects.filter(pk=group.young.pk).update(valid_to=dt.date(2025, 1, 1))
    page = text_of(as_(client, group.young.person).get(scenario.get_absolute_url()))
    assert "im Entwurf und für Sie nicht sichtbar" in page
    assert "Wiederherstellen" not in page


# --- the list -----------------------------------------------------------------------------------------------------


def test_the_list_filters_and_exports(client: Client, cast: Cast, group: Group) -> None:
    mine = save(cast.finance, name="Meines")
    save(group.young.person, group.committee, name="Geteiltes")
    services.archive_scenario(scenario=save(cast.finance, name="Abgelegtes"), actor=cast.finance)
    as_(client, cast.finance)

    def shown(**query: object) -> list[str]:
        table = client.get(url("scenario_list", **query)).context["table"]
        return sorted(row.record.name for row in table.rows)

    assert shown() == ["Geteiltes", "Meines"]
    assert shown(wessen="meine") == ["Meines"]
    assert shown(wessen="andere") == ["Geteiltes"]
    assert shown(gremium=group.committee.pk) == ["Geteiltes"]
    assert shown(stand="abgelegt") == ["Abgelegtes"]
    assert shown(stand="alle", jahr="2026") == ["Abgelegtes", "Geteiltes", "Meines"]
    assert shown(stand="x", jahr="y", gremium="z", wessen="²") == ["Geteiltes", "Meines"]
    assert f'value="{mine.pk}" form="vergleichen"' in text_of(client.get(url("scenario_list")))
    csv = client.get(url("scenario_list", format="csv", wessen="meine")).content.decode("utf-8-sig").splitlines()
    assert csv[0].startswith("Name;angelegt von;geteilt mit;Jahr")
    assert [line.split(";")[0] for line in csv[1:]] == ["Meines"]


@pytest.mark.parametrize("name", ["scenario_list", "scenario_compare"])
def test_a_page_asks_the_same_number_of_questions_for_any_number_of_scenarios(
    client: Client, cast: Cast, group: Group, name: str
) -> None:
    def asked(number: int) -> int:
        while SavedScenario.objects.count() < number:
            save(cast.finance, group.committee, betrag=f"{SavedScenario.objects.count() + 1}.000,00")
        query = {"szenario": list(SavedScenario.objects.values_list("pk", flat=True))}
        with CaptureQueriesContext(connection) as queries:
            text_of(client.get(url(name, **query)))
        return len(queries)

    as_(client, cast.finance)
    client.get(url(name))
    few = asked(1)
    assert asked(4) == few <= 15
    assert asked(12) == few


# --- what it comes to later ---------------------------------------------------------------------------------------


def test_other_data_since_then_are_noticed(client: Client, cast: Cast, group: Group) -> None:
    scenario = save(cast.finance, m1="M2", verlust1="5")
    as_(client, cast.finance)
    notice = "Die Beträge sind heute andere als beim Speichern."
    assert notice not in text_of(client.get(scenario.get_absolute_url()))
    SpaceAmount.objects.filter(space__name="Bleckede").update(amount=Decimal("250000.00"))
    page = text_of(client.get(scenario.get_absolute_url()))
    assert notice in page
    assert "237.500,00 €" in page


def test_a_scenario_stays_as_it_was_saved(cast: Cast, group: Group) -> None:
    scenario = save(cast.finance)
    for change in ({"query": "m1=M1"}, {"fingerprint": "0"}, {"owner": cast.head}):
        with pytest.raises(DatabaseError), transaction.atomic():
            SavedScenario.objects.filter(pk=scenario.pk).update(**change)
    with pytest.raises(DatabaseError), transaction.atomic():
        scenario.delete()


def test_a_model_of_a_scenario_becomes_a_proposal(client: Client, cast: Cast, group: Group) -> None:
    scenario = save(group.young.person, group.committee, m1="M2", verlust1="10", m2="M1")
    page = text_of(as_(client, cast.finance).get(scenario.get_absolute_url()))
    target = f"{reverse('budgets:propose_model')}?{scenario.query}&spalte=1"
    assert target in page
    client.post(target, {"name": "Vorschlag der Gruppe", "reason": "So verhandelt."})
    proposed = DistributionModel.objects.get()
    assert (proposed.code, proposed.floor_percent) == ("M2", Decimal(10))
    assert "vorschlagen" not in text_of(as_(client, group.young.person).get(scenario.get_absolute_url()))


# --- changing -----------------------------------------------------------------------------------------------------


def test_the_owner_renames_shares_and_takes_back(client: Client, group: Group) -> None:
    scenario = save(group.young.person)
    as_(client, group.young.person)
    edit = url("scenario_edit", scenario.pk)
    client.post(edit, {"name": "Neuer Name", "reason": "Neu", "committee": group.committee.pk})
    scenario.refresh_from_db()
    assert (scenario.name, scenario.committee) == ("Neuer Name", group.committee)
    assert Entry.objects.get(action="scenarios.change").object_label == "Neuer Name"
    client.post(edit, {"name": "Neuer Name", "reason": "Neu", "committee": ""})
    scenario.refresh_from_db()
    assert scenario.committee is None


def test_a_change_of_somebody_else_since_is_said(client: Client, group: Group) -> None:
    scenario = save(group.young.person)
    as_(client, group.young.person)
    seen = client.get(url("scenario_edit", scenario.pk)).context["form"]["seen"].value()
    SavedScenario.objects.filter(pk=scenario.pk).update(name="Woanders geändert")
    page = client.post(url("scenario_edit", scenario.pk), {"name": "A", "reason": "B", "seen": seen})
    assert "Inzwischen geändert: Name (jetzt: „Woanders geändert“)" in text_of(page)


def test_archived_and_brought_back(client: Client, group: Group) -> None:
    scenario = save(group.young.person)
    as_(client, group.young.person)
    page = text_of(client.post(url("scenario_archive", scenario.pk), follow=True))
    assert "Das Szenario ist abgelegt." in page
    assert "Zurückholen" in page
    with pytest.raises(DomainError, match="schon abgelegt"):
        services.archive_scenario(scenario=scenario, actor=group.young.person)
    page = text_of(client.post(url("scenario_bring_back", scenario.pk), follow=True))
    assert "wieder in Verwendung" in page
    with pytest.raises(DomainError, match="nicht abgelegt"):
        services.bring_back_scenario(scenario=scenario, actor=group.young.person)
    assert client.get(url("scenario_archive", scenario.pk)).status_code == 405


# --- side by side -------------------------------------------------------------------------------------------------


def test_one_column_of_each_stands_beside_the_others(client: Client, cast: Cast, group: Group) -> None:
    first = save(cast.finance, name="Nach Belastung", m1="M2", m2="", m3="", m4="")
    second = save(cast.finance, name="Mehrere", m1="M1", m2="M3", sockel2="20")
    as_(client, cast.finance)
    response = client.get(url("scenario_compare", szenario=[second.pk, first.pk]))
    table = response.context["table"]
    assert [one.outcome.scenario.name for one in table.chosen] == ["Mehrere", "Nach Belastung"]
    rows = {row.name: [cell.amount for cell in row.cells] for group in table.groups for row in group.rows}
    assert rows["Bleckede"] == [Decimal("177743.03"), Decimal("227952.18")]
    assert table.sum.cells[0].amount == table.sum.cells[1].amount == Decimal("2030000.00")
    text_of(response)
    other = client.get(f"{url('scenario_compare', szenario=[second.pk, first.pk])}&spalte-{second.pk}=2")
    assert other.context["chosen"][0].column.short_title == "M3"
    file = client.get(f"{reverse('committees:scenario_compare')}?{other.context['query']}&format=xlsx")
    book = openpyxl.load_workbook(io.BytesIO(file.content))
    head = [cell.value for cell in book["Szenarien"][1]]
    assert "Mehrere: M3" in head
    assert "Nach Belastung: Veränderung" in head


def test_at_most_four_are_compared(client: Client, cast: Cast, group: Group) -> None:
    keys = [save(cast.finance, m1="M2", m2="", m3="", m4="").pk for _ in range(5)]
    response = as_(client, cast.finance).get(url("scenario_compare", szenario=[*keys, keys[0], "x", "9" * 30]))
    assert [one.outcome.scenario.pk for one in response.context["chosen"]] == keys[:4]
    assert "höchstens vier Szenarien" in text_of(response)


def test_different_starting_points_are_said(cast: Cast, client: Client, group: Group) -> None:
    factories.make_year(2027, total="2500000.00")
    first, second = (
        save(cast.finance, m1="M2", m2="", m3="", m4=""),
        save(cast.finance, jahr="2027", betrag="2.500.000,00", m1="M2", m2="", m3="", m4=""),
    )
    page = text_of(as_(client, cast.finance).get(url("scenario_compare", szenario=[first.pk, second.pk])))
    assert "gehen von verschiedenen bisherigen Beträgen aus" in page


def test_a_scenario_is_computed_once(cast: Cast, group: Group) -> None:
    saved = [save(cast.finance, betrag=f"{number}.000,00") for number in (1, 2, 3, 4)]
    outcomes = outcomes_of(saved, reader_for(cast.finance))
    table = beside([Chosen(outcome, outcome.comparison.columns[1]) for outcome in outcomes if outcome.comparison])
    assert table is not None
    assert [cell.amount for cell in table.sum.cells] == [Decimal(number * 1000) for number in (1, 2, 3, 4)]
    assert all(one.comparison is one.outcome.comparison for one in table.chosen)


# --- one model ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("given", "model", "base"),
    [
        ({}, "M2", "20"),
        ({"m1": "M1", "m2": "M3", "sockel2": "7"}, "M1", None),
        ({"m1": "M1", "m2": "M3", "sockel2": "7", "spalte": "2"}, "M3", "7"),
        ({"m1": "", "m3": "M4", "sockel3": "9"}, "M4", "9"),
        ({"m1": "M1", "spalte": "4"}, "M1", None),
        ({"m1": "", "m2": ""}, "", None),
    ],
)
def test_an_address_is_cut_down_to_one_model(given: dict[str, str], model: str, base: str | None) -> None:
    found = one_model({"betrag": "1,00", **given})
    assert (found["m1"], found.get("sockel1"), found["betrag"]) == (model, base, "1,00")
    assert [found[f"m{n}"] for n in (2, 3, 4)] == ["", "", ""]
    assert not {"spalte", "sockel2", "sockel3"} & found.keys()


def test_the_page_of_a_group_leads_to_its_scenarios(client: Client, county: County, group: Group) -> None:
    save(group.young.person, group.committee, name="Geteiltes")
    page = text_of(as_(client, group.chair.person).get(group.committee.get_absolute_url()))
    assert "Geteiltes" in page
    assert url("session", group.committee.pk).rstrip("?") in page
