"""Bodies: who sees what of them, who seats whom, what waits for a member, and what binds people."""

import datetime as dt
from decimal import Decimal
from html import unescape

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from budgets.models import AdoptedDistribution
from budgets.services.splits import save_costs
from committees.models import (
    AcceptanceRound,
    Committee,
    CommitteeKind,
    Membership,
    PointSheet,
    RatedModel,
    Rating,
    SavedScenario,
    SheetStatus,
    Side,
    Tie,
    TieKind,
    WeightRound,
)
from committees.services.groups import appoint, close_committee, end_membership, end_tie, keep_committee, keep_tie
from committees.tasks import tasks_of
from indicators.models import WeightingScheme
from jugendhilfe.accounts.models import User
from jugendhilfe.audit.models import Entry
from jugendhilfe.lib.errors import DomainError, FourEyesRequired, NotAllowed
from jugendhilfe.views.steps import next_steps
from regions.models import Carrier, CarrierKind
from tests import factories
from tests.committees.conftest import Group
from tests.conftest import Cast, County

DAY = dt.date(2026, 6, 15)


def get(client: Client, name: str, *args: object, **query: str) -> str:
    response = client.get(reverse(f"committees:{name}", args=args), query)
    assert response.status_code == 200, response.status_code
    return unescape(response.content.decode())


def seat(group: Group, person: User, **fields: object) -> Membership:
    """Not stored."""
    return Membership(
        **{
            "committee": group.committee,
            "person": person,
            "side": Side.OTHER,
            "appointment": "Schreiben",
            "valid_from": dt.date(2025, 1, 1),
            **fields,
        }
    )


# Who sees what


def test_everybody_signed_in_sees_that_a_body_exists_and_what_they_are_in_it(client: Client, group: Group) -> None:
    client.force_login(group.chair.person)
    assert "Vorsitz" in get(client, "committee_list").split("<tbody")[1]
    client.force_login(factories.make_user("Fremd"))
    row = get(client, "committee_list").split("<tbody")[1]
    assert "Unterarbeitsgruppe Finanzen" in row
    assert "Vorsitz" not in row


def test_outsiders_read_what_a_body_is_but_not_who_sits_there(client: Client, cast: Cast, group: Group) -> None:
    client.force_login(cast.coordination)
    html = get(client, "committee_detail", group.committee.pk)
    assert "zwei Drittel" in html
    assert "Freiberufliche Fachkraft" not in html
    assert client.get(reverse("committees:membership_detail", args=[group.young.pk])).status_code == 404
    assert b"Freiberufliche" not in client.get(group.committee.get_absolute_url(), {"format": "csv"}).content


def test_members_and_the_county_see_who_sits_there_side_by_side(client: Client, cast: Cast, group: Group) -> None:
    for user in (group.young.person, cast.audit):
        client.force_login(user)
        table = get(client, "committee_detail", group.committee.pk).split("Mitglieder nach Seiten")[1]
        assert table.index("Landkreis") < table.index("freie Träger") < table.index("Politik")


def test_a_membership_that_has_ended_opens_nothing(client: Client, cast: Cast, group: Group) -> None:
    yesterday = timezone.localdate() - dt.timedelta(days=1)
    end_membership(membership=group.young, last_day=yesterday, actor=cast.planning, reason="Ausgeschieden")
    client.force_login(group.young.person)
    assert "Mitglieder nach Seiten" not in get(client, "committee_detail", group.committee.pk)
    client.force_login(cast.planning)
    assert "Frühere Mitglieder" in get(client, "committee_detail", group.committee.pk)


def test_the_list_is_filtered_by_kind_and_exported_with_the_filter(client: Client, cast: Cast, group: Group) -> None:
    Committee.objects.create(name="JHA", kind=CommitteeKind.STATUTORY, valid_from=DAY)
    client.force_login(cast.nobody)
    assert "JHA" not in get(client, "committee_list", art="working_group").split("<tbody")[1]
    lines = client.get("/gremien/", {"art": "statutory", "format": "csv"}).content.decode("utf-8-sig").splitlines()
    assert lines == ["Name;Art;Region;Ihre Funktion;geführt seit;geführt bis", "JHA;gesetzliches Gremium;;;15.06.2026;"]


def test_the_page_of_a_body_asks_the_same_of_many_members_and_of_one(client: Client, cast: Cast, group: Group) -> None:
    client.force_login(group.chair.person)

    def queries() -> int:
        with CaptureQueriesContext(connection) as found:
            get(client, "committee_detail", group.committee.pk)
        return len(found)

    # The first answer writes the session.
    queries()
    few = queries()
    for number in range(20):
        person = factories.make_user(f"Mitglied {number}")
        member = seat(group, person, deputy_for=group.young if number % 2 else None)
        member.save()
        Tie.objects.create(person=person, kind=TieKind.BOARD, carrier=Carrier.objects.first(), valid_from=DAY)
    assert queries() == few <= 10


# Keeping bodies


def body(**fields: str) -> dict[str, str]:
    return {
        "name": "Projektgruppe",
        "kind": "working_group",
        "majority": "simple",
        "valid_from": "01.02.2026",
        "purpose": "Begleitet.",
        **fields,
    }


def test_planning_enters_a_body(client: Client, cast: Cast) -> None:
    client.force_login(cast.planning)
    committee_url = client.post("/gremien/neu/", body()).headers["Location"]
    assert committee_url == Committee.objects.get(name="Projektgruppe").get_absolute_url()
    assert Entry.objects.filter(action="committees.enter").exists()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"kind": "statutory", "majority": "two_thirds"}, "beschließt mit einfacher Mehrheit (§ 66 NKomVG)"),
        ({"kind": "regional"}, "Ein Regionalgremium, und nur ein solches, gehört zu einer Region."),
        ({"valid_from": "gestern"}, "Bitte ein Datum eingeben, zum Beispiel 31.12.2026."),
        ({"name": ""}, "Bitte ausfüllen."),
    ],
)
def test_what_a_body_may_not_be_is_said_in_german(
    client: Client, cast: Cast, fields: dict[str, str], sentence: str
) -> None:
    client.force_login(cast.planning)
    assert sentence in unescape(client.post("/gremien/neu/", body(**fields)).content.decode())
    assert not Committee.objects.exists()


def test_another_majority_needs_a_reason_and_stands_in_the_history(client: Client, cast: Cast, group: Group) -> None:
    client.force_login(cast.head)
    url = reverse("committees:committee_edit", args=[group.committee.pk])
    fields = body(name=group.committee.name, valid_from="17.09.2024", negotiates="on")
    refused = unescape(client.post(url, fields).content.decode())
    assert "Davon hängt ab, wie das Gremium arbeitet: Bitte begründen Sie die Änderung bei „Mehrheit“." in refused
    client.post(url, {**fields, "reason": "Neuer Beschluss"})
    history = get(client, "committee_history", group.committee.pk)
    assert "Mehrheit: bisher zwei Drittel, jetzt einfache Mehrheit" in history
    assert "Neuer Beschluss" in history


def test_a_body_ends_with_its_memberships(client: Client, cast: Cast, group: Group) -> None:
    client.force_login(cast.planning)
    url = reverse("committees:committee_close", args=[group.committee.pk])
    assert client.post(url, {"last_day": "2030-12-31", "reason": "Auftrag erfüllt"}).status_code == 302
    assert set(Membership.objects.values_list("valid_to", flat=True)) == {dt.date(2030, 12, 31)}
    assert not Entry.objects.filter(action="memberships.end", object_label__contains="Vorsitz (").exists()


def test_a_body_does_not_end_in_the_middle_of_a_round(cast: Cast, group: Group, scheme: WeightingScheme) -> None:
    WeightRound.objects.create(committee=group.committee, scheme=scheme, title="Erste Runde")
    with pytest.raises(DomainError, match="Die Runde „Erste Runde“ läuft noch"):
        close_committee(committee=group.committee, last_day=DAY, actor=cast.planning, reason="Ende")


def test_only_planning_and_head_keep_bodies(cast: Cast, group: Group) -> None:
    for person in (cast.finance, cast.audit, group.chair.person):
        with pytest.raises(NotAllowed):
            keep_committee(committee=group.committee, actor=person)
        with pytest.raises(NotAllowed):
            appoint(membership=seat(group, cast.nobody), actor=person)


# Seats


def appointment(person: User, **fields: object) -> dict[str, object]:
    return {
        "person": person.pk,
        "side": "other",
        "function": "member",
        "may_vote": "on",
        "appointment": "Schreiben vom 01.02.2026",
        "valid_from": "2026-02-01",
        **fields,
    }


def test_a_member_is_chosen_by_name_among_those_with_an_open_account(client: Client, cast: Cast, group: Group) -> None:
    User.objects.filter(pk=cast.case_steering.pk).update(is_active=False)
    client.force_login(cast.planning)
    url = reverse("committees:membership_new", args=[group.committee.pk])
    choices = unescape(client.get(url).content.decode()).split('name="person"')[1].split("</select>")[0]
    assert "Ohne Rolle" in choices
    assert "Fallsteuerung" not in choices
    # Nobody seats themselves.
    assert "Jugendhilfeplanung" not in choices
    assert client.post(url, appointment(cast.nobody)).headers["Location"] == group.committee.get_absolute_url()
    assert Membership.objects.get(person=cast.nobody).entered_by == cast.planning


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"function": "chair"}, "Das Gremium hat in diesem Zeitraum schon einen Vorsitz."),
        ({"function": "adviser"}, "Beratende Mitglieder stimmen nicht ab."),
        ({"valid_from": "2020-01-01"}, "Das Gremium wird erst seit dem 17.09.2024 geführt."),
        ({"valid_to": "2026-01-01"}, "Das Ende liegt vor dem Anfang."),
        ({"appointment": ""}, "Bitte ausfüllen."),
    ],
)
def test_a_seat_that_cannot_be_is_refused_in_german(
    client: Client, cast: Cast, group: Group, fields: dict[str, str], sentence: str
) -> None:
    client.force_login(cast.planning)
    url = reverse("committees:membership_new", args=[group.committee.pk])
    assert sentence in unescape(client.post(url, appointment(cast.nobody, **fields)).content.decode())
    assert not Membership.objects.filter(person=cast.nobody).exists()


def test_nobody_sits_twice_in_a_body(client: Client, cast: Cast, group: Group) -> None:
    client.force_login(cast.planning)
    url = reverse("committees:membership_new", args=[group.committee.pk])
    answer = unescape(client.post(url, appointment(group.young.person)).content.decode())
    assert "Diese Person ist in diesem Zeitraum schon Mitglied dieses Gremiums." in answer


def test_nobody_enters_or_ends_their_own_seat(cast: Cast, group: Group) -> None:
    with pytest.raises(FourEyesRequired):
        appoint(membership=seat(group, cast.planning), actor=cast.planning)
    appoint(membership=seat(group, cast.planning), actor=cast.head)
    own = Membership.objects.get(person=cast.planning)
    with pytest.raises(FourEyesRequired):
        end_membership(membership=own, last_day=DAY, actor=cast.planning, reason="Wechsel")


def test_who_has_given_points_or_rated_keeps_the_side(
    cast: Cast, group: Group, weight_round: WeightRound, acceptance_round: AcceptanceRound
) -> None:
    PointSheet.objects.create(round=weight_round, member=group.young)
    Rating.objects.create(model=acceptance_round.models.all()[0], member=group.freelancer, score=0)
    for member in (group.young, group.freelancer):
        member.side = Side.COUNTY
        with pytest.raises(DomainError, match="schon Punkte vergeben oder bewertet"):
            appoint(membership=member, actor=cast.planning, reason="Versehen")
    group.municipality.side = Side.OTHER
    appoint(membership=group.municipality, actor=cast.planning, reason="Versehen")
    group.young.refresh_from_db()
    group.young.appointment = "Beschluss"
    appoint(membership=group.young, actor=cast.planning)


def test_a_deputy_stands_in_for_a_member_of_the_same_body(cast: Cast, group: Group) -> None:
    other = Committee.objects.create(name="Andere", kind=CommitteeKind.WORKING_GROUP, valid_from=DAY)
    foreign = Membership.objects.create(
        committee=other, person=cast.nobody, side=Side.OTHER, appointment="Schreiben", valid_from=DAY
    )
    with pytest.raises(DomainError, match="demselben Gremium"):
        appoint(membership=seat(group, cast.system, deputy_for=foreign), actor=cast.planning)
    deputy = appoint(membership=seat(group, cast.system, deputy_for=group.young), actor=cast.planning)
    with pytest.raises(DomainError, match="nicht eine andere Vertretung"):
        appoint(membership=seat(group, cast.system_2, deputy_for=deputy), actor=cast.planning)
    group.young.deputy_for = group.county
    with pytest.raises(DomainError, match="hat selbst eine Vertretung"):
        appoint(membership=group.young, actor=cast.planning)


def test_deputies_are_named_on_both_sides_and_end_with_their_member(client: Client, cast: Cast, group: Group) -> None:
    deputy = appoint(membership=seat(group, cast.nobody, deputy_for=group.young), actor=cast.planning)
    client.force_login(cast.planning)
    table = get(client, "committee_detail", group.committee.pk)
    assert "vertritt Junge Menschen" in table
    assert "durch Ohne Rolle" in table
    url = reverse("committees:membership_end", args=[group.young.pk])
    client.post(url, {"last_day": "2030-12-31", "reason": "Ausgeschieden"})
    deputy.refresh_from_db()
    assert deputy.valid_to == dt.date(2030, 12, 31)
    again = unescape(client.post(url, {"last_day": "2031-12-31", "reason": "Noch einmal"}).content.decode())
    assert "Diese Mitgliedschaft endet schon am 31.12.2030." in again


def test_the_log_of_a_seat_holds_no_name_but_its_history_shows_what_changed(
    client: Client, cast: Cast, group: Group
) -> None:
    client.force_login(cast.planning)
    url = reverse("committees:membership_edit", args=[group.young.pk])
    fields = appointment(group.young.person, valid_from="2024-09-17", appointment=group.young.appointment)
    assert client.post(url, {**fields, "reason": "Falsch erfasst"}).status_code == 302
    assert "Seite: bisher junge Menschen (§ 4a SGB VIII), jetzt andere" in get(
        client, "membership_history", group.young.pk
    )
    entry = Entry.objects.get(action="memberships.change")
    assert "Junge Menschen" not in f"{entry.object_label} {entry.data}"


# Ties


def test_a_member_enters_and_ends_an_own_tie(client: Client, county: County, group: Group) -> None:
    client.force_login(group.young.person)
    url = reverse("committees:tie_new", args=[group.young.pk])
    client.post(url, {"kind": "board", "carrier": county.carrier_b.pk, "valid_from": "2026-01-01"})
    tie = Tie.objects.get()
    assert "im Vorstand oder in der Leitung von Träger B" in get(client, "committee_detail", group.committee.pk)
    client.post(reverse("committees:tie_end", args=[group.young.pk, tie.pk]), {"last_day": "2026-02-01"})
    tie.refresh_from_db()
    assert tie.valid_to == dt.date(2026, 2, 1)
    assert "Meine Bindungen" in get(client, "membership_detail", group.young.pk)


@pytest.mark.parametrize("both", [True, False])
def test_a_tie_goes_to_a_carrier_or_to_a_space(client: Client, county: County, group: Group, both: bool) -> None:
    client.force_login(group.young.person)
    targets = {"carrier": county.carrier_b.pk, "space": county.spaces["Dahlenburg"].pk} if both else {}
    answer = client.post(
        reverse("committees:tie_new", args=[group.young.pk]), {"kind": "board", "valid_from": "2026-01-01", **targets}
    )
    assert "Bitte genau eines angeben." in unescape(answer.content.decode())
    assert not Tie.objects.exists()


def test_nobody_enters_or_ends_the_tie_of_another(cast: Cast, county: County, group: Group) -> None:
    tie = keep_tie(
        tie=Tie(person=group.young.person, kind="board", carrier=county.carrier_a, valid_from=DAY), actor=cast.head
    )
    for person in (group.chair.person, cast.finance):
        with pytest.raises(NotAllowed):
            keep_tie(tie=tie, actor=person)
        with pytest.raises(NotAllowed):
            end_tie(tie=tie, actor=person)


def test_a_tie_of_somebody_else_is_not_reached_through_ones_own_seat(
    client: Client, county: County, group: Group
) -> None:
    foreign = Tie.objects.create(
        person=group.carrier.person, kind="board", carrier=county.carrier_a, valid_from=dt.date(2025, 1, 1)
    )
    client.force_login(group.young.person)
    url = reverse("committees:tie_end", args=[group.young.pk, foreign.pk])
    assert client.post(url, {"last_day": "2026-02-01"}).status_code == 404
    foreign.refresh_from_db()
    assert foreign.valid_to is None


def test_the_name_of_a_freelancer_is_not_told_by_a_tie(client: Client, cast: Cast, group: Group) -> None:
    carrier = Carrier.objects.create(name="Geheim", kind=CarrierKind.FREELANCER)
    Tie.objects.create(person=group.freelancer.person, kind="represents", carrier=carrier, valid_from=DAY)
    for user, told in ((group.young.person, False), (cast.planning, True)):
        client.force_login(user)
        html = get(client, "membership_detail", group.freelancer.pk)
        assert ("Geheim" in html) is told
        assert ("vertritt einer freiberuflich tätigen Person" in html) is not told


# Splitting the total


def test_the_group_that_negotiates_sees_the_split_of_all_offices_but_no_costs(
    client: Client, cast: Cast, county: County, group: Group, distribution: AdoptedDistribution
) -> None:
    costs = {"operating": Decimal(75_000), "projects": Decimal(25_000)}
    save_costs(
        year=distribution.year,
        costs={office.pk: costs for office in county.offices.values()},
        source="Aufstellung",
        actor=cast.finance,
    )
    for member in (group.young, group.carrier):
        client.force_login(member.person)
        html = get(client, "committee_split", group.committee.pk)
        assert "Sozialraumbüro Scharnebeck" in html
        # 75 % of 283,909.38
        assert "212.932,04" in html
        assert "75.000,00" not in html
    group.committee.negotiates = False
    group.committee.save()
    assert client.get(reverse("committees:committee_split", args=[group.committee.pk])).status_code == 404


# What waits for a member


@pytest.fixture
def weight_round(group: Group, scheme: WeightingScheme) -> WeightRound:
    return WeightRound.objects.create(
        committee=group.committee, scheme=scheme, title="Erste Runde", closes_on=dt.date(2026, 6, 20)
    )


@pytest.fixture
def acceptance_round(group: Group, scheme: WeightingScheme) -> AcceptanceRound:
    year = factories.make_year(2026)
    scenario = SavedScenario.objects.create(
        name="A", reason="Probe", owner=group.chair.person, committee=group.committee, year=year, scheme=scheme
    )
    found = AcceptanceRound.objects.create(committee=group.committee, title="Modelle", closes_on=dt.date(2026, 6, 18))
    for column in (1, 2):
        RatedModel.objects.create(round=found, scenario=scenario, column=column, name=f"Modell {column}")
    return found


def titles(user: User, day: dt.date = DAY) -> list[str]:
    return [task.title for task in tasks_of(user, day)]


def test_who_has_a_vote_is_asked_until_the_points_are_handed_in(group: Group, weight_round: WeightRound) -> None:
    assert titles(group.young.person) == ["Punkte vergeben: Erste Runde"]
    sheet = PointSheet.objects.create(round=weight_round, member=group.young)
    assert titles(group.young.person) == ["Punkte vergeben: Erste Runde"]
    PointSheet.objects.filter(pk=sheet.pk).update(status=SheetStatus.SUBMITTED, submitted_at=timezone.now())
    assert titles(group.young.person) == []
    assert titles(group.freelancer.person) == ["Punkte vergeben: Erste Runde"]


def test_a_member_is_asked_until_every_model_is_rated(group: Group, acceptance_round: AcceptanceRound) -> None:
    one, other = acceptance_round.models.all()
    Rating.objects.create(model=one, member=group.young, score=0)
    assert titles(group.young.person) == ["Modelle bewerten: Modelle"]
    Rating.objects.create(model=other, member=group.young, score=3, reason="Zu plötzlich")
    assert titles(group.young.person) == []


def test_advisers_deputies_and_outsiders_are_asked_nothing(
    cast: Cast, group: Group, weight_round: WeightRound, acceptance_round: AcceptanceRound
) -> None:
    appoint(membership=seat(group, cast.nobody, deputy_for=group.young), actor=cast.planning)
    for user in (group.adviser.person, cast.nobody, cast.planning):
        assert titles(user) == []


def test_the_chair_closes_what_is_past_its_date_and_what_is_due_first_stands_first(
    group: Group, weight_round: WeightRound, acceptance_round: AcceptanceRound
) -> None:
    assert titles(group.chair.person) == ["Modelle bewerten: Modelle", "Punkte vergeben: Erste Runde"]
    assert titles(group.chair.person, dt.date(2026, 6, 19)) == [
        "Modelle bewerten: Modelle",
        "Bewertungsrunde schließen: Modelle",
        "Punkte vergeben: Erste Runde",
    ]
    assert "schließen" not in " ".join(titles(group.young.person, dt.date(2026, 7, 1)))


def test_a_closed_round_waits_for_nobody(group: Group, weight_round: WeightRound) -> None:
    WeightRound.objects.filter(pk=weight_round.pk).update(status="closed", closed_at=timezone.now())
    assert titles(group.chair.person, dt.date(2026, 7, 1)) == []


def test_the_overview_names_what_a_member_has_to_do_before_everything_else(
    group: Group, weight_round: WeightRound, acceptance_round: AcceptanceRound
) -> None:
    steps = next_steps(group.county.person, factories.make_year(2027), None, DAY)
    assert [(step.title, step.text) for step in steps[:2]] == [
        ("Modelle bewerten: Modelle (Unterarbeitsgruppe Finanzen)", "bis 18.06.2026"),
        ("Punkte vergeben: Erste Runde (Unterarbeitsgruppe Finanzen)", "bis 20.06.2026"),
    ]
    assert steps[0].is_urgent
    assert not steps[-1].is_for_member


def test_the_steps_cost_one_query_more_whatever_a_member_has_to_do(
    cast: Cast, group: Group, scheme: WeightingScheme
) -> None:
    def queries(user: User) -> int:
        with CaptureQueriesContext(connection) as found:
            next_steps(user, None, None, DAY)
        return len(found)

    # Their roles, the tasks.
    assert queries(User.objects.get(pk=group.young.person_id)) == 2
    for number in range(20):
        WeightRound.objects.create(committee=group.committee, scheme=scheme, title=f"Runde {number}")
    assert queries(User.objects.get(pk=group.young.person_id)) == 2


def test_the_home_of_a_body_says_first_what_waits(client: Client, group: Group, weight_round: WeightRound) -> None:
    client.force_login(group.young.person)
    html = get(client, "committee_detail", group.committee.pk)
    assert html.index("Punkte vergeben: Erste Runde") < html.index("Mitglieder nach Seiten")
    client.force_login(group.adviser.person)
    html = get(client, "committee_detail", group.committee.pk)
    assert "Gerade wartet nichts auf Sie." in html
    assert "ohne Stimmrecht" in html
