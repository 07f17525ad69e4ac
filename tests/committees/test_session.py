"""The session mode: one model for all to see, snapshots with whose proposal they are, what was agreed on."""

import datetime as dt
from decimal import Decimal
from html import unescape
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from budgets.models import Deduction, FiscalYear, SpaceAmount
from budgets.what_if import Reader
from committees.models import Committee, Membership, SavedScenario
from committees.services import scenarios as services
from indicators.models import WeightingScheme
from jugendhilfe.accounts.models import User
from jugendhilfe.audit.models import Entry
from jugendhilfe.lib.errors import DomainError, NotAllowed
from tests import factories
from tests.committees.conftest import Group
from tests.conftest import Cast

LIVE = {"HX-Request": "true"}


@pytest.fixture(autouse=True)
def ground(scheme: WeightingScheme, year: FiscalYear) -> None:
    """Every test has 2026 and the adopted scheme."""


@pytest.fixture
def chair(client: Client, group: Group) -> Client:
    client.force_login(group.chair.person)
    return client


def here(group: Group) -> str:
    return reverse("committees:session", args=[group.committee.pk])


def keep(client: Client, group: Group, query: str, name: str, proposed_by: Membership | None = None) -> SavedScenario:
    """Posts the form of the page and gives what it saved."""
    data = {"stand": query, "name": name, "proposed_by": proposed_by.pk if proposed_by else ""}
    answer = client.post(reverse("committees:session_snapshot", args=[group.committee.pk]), data)
    assert answer.status_code == 302, answer.context
    return SavedScenario.objects.latest("pk")


def agree(client: Client, group: Group, scenario: SavedScenario, name: str = "session_agree") -> Any:
    return client.post(reverse(f"committees:{name}", args=[group.committee.pk, scenario.pk]))


def text_of(response: Any) -> str:
    assert response.status_code == 200, response.status_code
    return unescape(response.content.decode()).replace("\u00a0", " ")


def change_of(response: Any, name: str) -> Decimal | None:
    """What a space gets more or less than agreed."""
    rows = [row for _, _, rows in response.context["groups"] for row in rows]
    found: Decimal | None = next(change for row, _, change in rows if row.name == name)
    return found


# --- who leads ----------------------------------------------------------------------------------------------------


def test_the_session_is_led_by_chair_deputy_and_planning(client: Client, cast: Cast, group: Group) -> None:
    Membership.objects.filter(pk=group.freelancer.pk).update(function="deputy_chair")
    for user, code in (
        (group.chair.person, 200),
        (group.freelancer.person, 200),
        (cast.planning, 200),
        (group.young.person, 403),
        (cast.finance, 403),
        (cast.audit, 403),
        (cast.nobody, 404),
    ):
        client.force_login(user)
        assert client.get(here(group)).status_code == code
        data = {"stand": "m1=M2", "name": "A"}
        posted = client.post(reverse("committees:session_snapshot", args=[group.committee.pk]), data)
        assert posted.status_code == (302 if code == 200 else code)


def test_a_body_that_does_not_negotiate_has_no_session(chair: Client, group: Group) -> None:
    Committee.objects.update(negotiates=False)
    assert chair.get(here(group)).status_code == 404


def test_services_refuse_members_too(group: Group) -> None:
    what_if = Reader(FiscalYear.objects.all(), WeightingScheme.objects.all()).read({"m1": "M2", "m2": ""})
    assert what_if is not None
    with pytest.raises(NotAllowed):
        services.keep_snapshot(
            committee=group.committee, what_if=what_if, name="A", proposed_by=None, actor=group.young.person
        )
    shared = services.save_scenario(
        what_if=what_if, name="A", reason="B", committee=group.committee, actor=group.young.person
    )
    with pytest.raises(NotAllowed):
        services.agree(scenario=shared, actor=group.young.person)
    with pytest.raises(DomainError, match="einzelnes Modell"):
        services.agree(scenario=shared, actor=group.chair.person)


# --- the page -----------------------------------------------------------------------------------------------------


def test_it_shows_one_model_without_account_and_navigation(chair: Client, group: Group) -> None:
    page = text_of(chair.get(here(group)))
    assert "Abmelden" not in page
    assert "Hauptnavigation" not in page
    assert "M2 · Nach Belastung" in page
    assert 'name="m2"' not in page
    assert "−34.048 €" in page
    assert "Noch ist kein Stand vereinbart." in page
    assert "Sitzung verlassen" in page


def test_a_column_of_a_comparison_can_be_shown(chair: Client, group: Group) -> None:
    response = chair.get(here(group), {"m1": "M1", "m3": "M3", "sockel3": "20", "spalte": "3"})
    assert response.context["column"].title.startswith("M3 · Sockel")


def test_moving_a_weight_answers_live_with_the_new_state(chair: Client, group: Group) -> None:
    answer = chair.get(here(group), {"g-unemployment": "80", "m1": "M2"}, headers=LIVE)
    page = text_of(answer)
    assert "<html" not in page
    assert 'data-announce="Neu berechnet. M2 verteilt genau 2.030.000,00 €.' in page
    query = parse_qs(urlsplit(answer["HX-Push-Url"]).query, keep_blank_values=True)
    assert (query["g-unemployment"], query["m2"]) == (["80"], [""])
    assert 'form="festhalten"' in page
    wrong = chair.get(here(group), {"betrag": "x", "m1": "M2"}, headers=LIVE)
    assert wrong.status_code == 422
    assert "ist nicht als Zahl lesbar" in wrong.content.decode()


def test_a_bound_that_does_not_fit_says_by_how_much(chair: Client, group: Group) -> None:
    page = text_of(chair.get(here(group), {"m1": "M2", "verlust1": "5", "betrag": "1.900.000,00"}))
    assert "Es fehlen 28.500,00 €." in page


def test_without_a_year_the_pages_say_so(chair: Client, group: Group) -> None:
    for model in (Deduction, SpaceAmount, FiscalYear):
        model.objects.all().delete()
    for page in (here(group), reverse("committees:comparison", args=[group.committee.pk])):
        assert "Es gibt noch kein Haushaltsjahr" in text_of(chair.get(page))
    refused = chair.post(reverse("committees:session_snapshot", args=[group.committee.pk]), {"stand": "m1=M2"})
    assert refused.status_code == 409


# --- snapshots ----------------------------------------------------------------------------------------------------


def test_a_snapshot_keeps_the_state_and_whose_proposal_it_is(chair: Client, group: Group) -> None:
    shown = chair.get(here(group), {"g-unemployment": "80", "m1": "M2"})
    assert shown.context["snapshot_form"]().initial["name"] == "Vorschlag 1"
    scenario = keep(chair, group, shown.context["query"], "Vorschlag 1", group.freelancer)
    assert (scenario.owner, scenario.committee, scenario.proposed_by) == (
        group.chair.person,
        group.committee,
        group.freelancer,
    )
    assert scenario.query == shown.context["query"]
    again = chair.get(here(group), {"m1": "M2"})
    page = text_of(again)
    assert "Freiberufliche Fachkraft (Freiberufliche)" in page
    assert again.context["snapshot_form"]().initial["name"] == "Vorschlag 2"
    assert Entry.objects.get(action="scenarios.save").data["committee"] == group.committee.pk


def test_what_is_wrong_with_a_snapshot_is_said(chair: Client, group: Group, cast: Cast) -> None:
    address = reverse("committees:session_snapshot", args=[group.committee.pk])
    foreign = Membership.objects.create(
        committee=Committee.objects.create(name="Andere", kind="working_group", valid_from=dt.date(2024, 1, 1)),
        person=cast.nobody,
        side="other",
        appointment="Schreiben",
        valid_from=dt.date(2024, 1, 1),
    )
    page = text_of(chair.post(address, {"stand": "m1=M3&sockel1=33", "name": "", "proposed_by": foreign.pk}))
    assert 'id="festhalten-name"' in page
    assert page.count('aria-invalid="true"') == 2
    assert "Sockel 33 %" in page
    assert chair.post(address, {"stand": "", "name": "A"}).status_code == 409
    assert chair.post(address, {"stand": "betrag=x", "name": "A"}).status_code == 422
    assert not SavedScenario.objects.exists()


def test_only_what_was_saved_today_is_listed(chair: Client, group: Group) -> None:
    today = keep(chair, group, "m1=M2", "Heutiges")
    services.save_scenario(
        what_if=Reader(FiscalYear.objects.all(), WeightingScheme.objects.all()).read({}),  # type: ignore[arg-type]
        name="Privates",
        reason="Für mich.",
        actor=group.chair.person,
    )
    page = text_of(chair.get(here(group)))
    assert "Heutiges" in page
    assert "Privates" not in page
    with factories.as_if_always_so():
        SavedScenario.objects.filter(pk=today.pk).update(created_at=timezone.now() - dt.timedelta(days=1))
    assert chair.get(here(group)).context["snapshots"]() == []


def test_the_page_asks_the_same_number_of_questions_for_any_number_of_snapshots(chair: Client, group: Group) -> None:
    def asked(headers: dict[str, str]) -> int:
        with CaptureQueriesContext(connection) as queries:
            text_of(chair.get(here(group), {"m1": "M2"}, headers=headers))
        return len(queries)

    agree(chair, group, keep(chair, group, "m1=M2", "Vorschlag 1"))
    asked({})
    one = asked({})
    for number in range(2, 9):
        keep(chair, group, f"m1=M2&verlust1={number}", f"Vorschlag {number}")
    assert asked({}) == one <= 18
    assert asked(LIVE) < one


# --- agreeing -----------------------------------------------------------------------------------------------------


def test_the_change_against_what_was_agreed_is_shown(chair: Client, group: Group) -> None:
    agreed = keep(chair, group, "m1=M2", "Vorschlag 1")
    answer = agree(chair, group, agreed)
    assert answer["Location"] == f"{here(group)}?{agreed.query}"
    assert "Das ist der vereinbarte Stand: „Vorschlag 1“." in text_of(chair.get(answer["Location"]))
    other = chair.get(here(group), {"m1": "M1"})
    assert change_of(other, "Bleckede") == Decimal("177743.03") - Decimal("227952.18")
    assert f'href="{here(group)}?{agreed.query}"' in text_of(other)
    assert sum(change for *_, rows in other.context["groups"] for *_, change in rows) == 0
    assert other.context["from_agreed"].moved == sum(
        -change for *_, rows in other.context["groups"] for *_, change in rows if change < 0
    )


def test_a_bare_address_starts_with_what_was_agreed_last(chair: Client, group: Group) -> None:
    agree(chair, group, keep(chair, group, "m1=M3&sockel1=35", "Vorschlag 1"))
    response = chair.get(here(group))
    assert response.context["column"].title.startswith("M3 · Sockel 35")
    assert response.context["shows_agreed"]


def test_the_newest_agreement_counts_and_can_be_taken_back(chair: Client, group: Group) -> None:
    first = keep(chair, group, "m1=M1", "Vorschlag 1")
    second = keep(chair, group, "m1=M2", "Vorschlag 2")
    agree(chair, group, first)
    agree(chair, group, second)
    assert SavedScenario.objects.agreed_in(group.committee) == second
    agree(chair, group, second, "session_withdraw")
    assert SavedScenario.objects.agreed_in(group.committee) == first
    assert agree(chair, group, second, "session_withdraw").status_code == 409
    actions = list(
        Entry.objects.filter(action__startswith="scenarios.").order_by("pk").values_list("action", flat=True)
    )
    assert actions[2:] == ["scenarios.agree", "scenarios.agree", "scenarios.withdraw_agreement"]


def test_agreeing_on_an_earlier_state_again_puts_the_later_one_aside(chair: Client, group: Group) -> None:
    first = keep(chair, group, "m1=M1", "Vorschlag 1")
    second = keep(chair, group, "m1=M2", "Vorschlag 2")
    agree(chair, group, second)
    agree(chair, group, first)
    second.refresh_from_db()
    assert not second.is_agreed
    assert SavedScenario.objects.agreed_in(group.committee) == first
    with pytest.raises(DomainError, match="schon der vereinbarte Stand"):
        services.agree(scenario=first, actor=group.chair.person)


def test_what_was_agreed_on_stays_shared_and_in_use(chair: Client, group: Group) -> None:
    agreed = keep(chair, group, "m1=M2", "Vorschlag 1")
    agree(chair, group, agreed)
    owner: User = group.chair.person
    with pytest.raises(DomainError, match="vereinbart"):
        services.archive_scenario(scenario=agreed, actor=owner)
    with pytest.raises(DomainError, match="bleibt mit der Gruppe geteilt"):
        services.change_scenario(scenario=agreed, name="A", reason="B", committee=None, actor=owner)
    renamed = services.change_scenario(
        scenario=agreed, name="Ergebnis", reason="B", committee=group.committee, actor=owner
    )
    assert (renamed.name, renamed.is_agreed) == ("Ergebnis", True)


def test_scenarios_of_other_bodies_and_private_ones_are_not_agreed_on(chair: Client, group: Group) -> None:
    private = services.save_scenario(
        what_if=Reader(FiscalYear.objects.all(), WeightingScheme.objects.all()).read({}),  # type: ignore[arg-type]
        name="Privates",
        reason="Für mich.",
        actor=group.chair.person,
    )
    assert agree(chair, group, private).status_code == 404
    with pytest.raises(DomainError, match="geteilt"):
        services.agree(scenario=private, actor=group.chair.person)
