"""Rounds of points: who gives, who sees what, what comes of it. Single points stay with the member."""

import datetime as dt
import io
import threading
from collections.abc import Callable
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.db import DatabaseError, connection, connections, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from committees.models import (
    Averaging,
    IndicatorProposal,
    Membership,
    Points,
    PointSheet,
    ProposalAnswer,
    RoundIndicator,
    SheetStatus,
    Side,
    WeightRound,
)
from committees.rounds import RoundReading
from committees.services.rounds import (
    change_round,
    close_round,
    decline_indicator,
    open_round,
    propose_indicator,
    save_points,
    take_over_weights,
    take_up_indicator,
    withdraw_points,
)
from indicators.calculation import calculate
from indicators.models import Indicator, SchemeDimension, SchemeIndicator, SchemeStatus, WeightingScheme
from indicators.services.schemes import adopt_scheme, discard_scheme, propose_scheme
from jugendhilfe.accounts.models import User
from jugendhilfe.audit.models import Entry
from jugendhilfe.lib.errors import DomainError, NotAllowed
from tests import factories
from tests.committees.conftest import Group
from tests.conftest import Cast, County

# unemployment, income tax, employment: what each seat gives in most tests; odd, so that they are found on a page
GIVEN = {
    "chair": ("61.25", "20.5", "18.25"),
    "county": ("40", "30", "30"),
    "municipality": ("52.75", "23.5", "23.75"),
    "carrier": ("33", "33", "34"),
}
WAITING = "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
ODD = ("61,25", "61.25", "52,75", "52.75", "23,75", "18,25", "20,5", "23,5")
CODES = ("unemployment", "income_tax", "employment")


@pytest.fixture
def round(group: Group, scheme: WeightingScheme) -> WeightRound:
    return open_round(
        round=WeightRound(committee=group.committee, scheme=scheme, title="Gewichte 2027"), actor=group.chair.person
    )


def points_of(round: WeightRound, values: tuple[str, ...]) -> dict[int, Decimal]:
    keys = {one.indicator.code: one.pk for one in round.indicators.select_related("indicator")}
    return {keys[code]: Decimal(value) for code, value in zip(CODES, values, strict=True)}


def give(round: WeightRound, seat: Membership, values: tuple[str, ...], comment: str = "") -> PointSheet:
    return save_points(round=round, points=points_of(round, values), comment=comment, hand_in=True, actor=seat.person)


@pytest.fixture
def closed(round: WeightRound, group: Group) -> WeightRound:
    for seat, values in GIVEN.items():
        give(round, getattr(group, seat), values, comment=f"Anmerkung {values[0][0]}")
    # A draft does not count.
    drafted = points_of(round, ("99.5", "0", "0"))
    save_points(round=round, points=drafted, comment="Anmerkung im Entwurf", actor=group.freelancer.person)
    return close_round(round=round, actor=group.chair.person)


def posted(values: tuple[str, ...], round: WeightRound, **more: str) -> dict[str, str]:
    return {f"punkte-{key}": str(value).replace(".", ",") for key, value in points_of(round, values).items()} | more


def page(client: Client, user: User, url: str) -> str:
    client.force_login(user)
    response = client.get(url)
    assert response.status_code == 200, response.status_code
    return response.content.decode()


# Opening


def test_a_round_takes_the_indicators_of_its_scheme(round: WeightRound, scheme: WeightingScheme) -> None:
    assert [one.indicator.code for one in round.indicators.select_related("indicator")] == list(CODES)
    entry = Entry.objects.for_object(round).get()
    assert (entry.action, entry.data["averaging"]) == ("weight_rounds.open", "mean")


def test_chair_and_planning_open_a_round_and_nobody_else(
    client: Client, group: Group, scheme: WeightingScheme, cast: Cast
) -> None:
    url = f"/gremien/{group.committee.pk}/runden/neu/"
    for user, code in (
        (group.chair.person, 200),
        (cast.planning, 200),
        (group.young.person, 403),
        (group.adviser.person, 403),
        (cast.audit, 403),
        (cast.carrier_lead_b, 404),
    ):
        client.force_login(user)
        assert client.get(url).status_code == code
    with pytest.raises(NotAllowed, match="Vorsitz"):
        open_round(round=WeightRound(committee=group.committee, scheme=scheme, title="X"), actor=group.young.person)


def test_the_adopted_scheme_is_the_first_choice(
    client: Client, group: Group, scheme: WeightingScheme, county: County
) -> None:
    draft = WeightingScheme.objects.create(name="Aaa", population=scheme.population)
    SchemeIndicator.objects.create(scheme=draft, indicator=Indicator.objects.first(), weight=1)  # type: ignore[misc]
    client.force_login(group.chair.person)
    url = f"/gremien/{group.committee.pk}/runden/neu/"
    choices = client.get(url).context["form"].fields["scheme"].choices
    assert [label for _, label in choices] == [f"{scheme} (festgelegt)", f"{draft} (Entwurf)"]
    fields = {"title": "Gewichte 2027", "scheme": scheme.pk, "averaging": "median", "closes_on": "2020-01-01"}
    assert "Dieser Tag ist schon vorbei." in client.post(url, fields).content.decode()
    day = timezone.localdate() + dt.timedelta(days=10)
    response = client.post(url, fields | {"closes_on": day.isoformat()})
    round = WeightRound.objects.get()
    assert response.headers["Location"] == f"/gremien/runden/{round.pk}/"
    assert (round.averaging, round.closes_on, round.shows_points) == ("median", day, False)


def test_a_superseded_scheme_a_scheme_without_indicators_and_another_body_are_refused(
    group: Group, scheme: WeightingScheme
) -> None:
    empty = WeightingScheme.objects.create(name="Leer", population=scheme.population)
    old = WeightingScheme(
        name="Alt", population=scheme.population, status=SchemeStatus.SUPERSEDED, adopted_at=timezone.now()
    )
    old.legal_basis = "Beschluss"
    old.save()
    for wrong, sentence in ((empty, "noch keinen Indikator"), (old, "ist abgelöst")):
        with pytest.raises(DomainError, match=sentence):
            open_round(round=WeightRound(committee=group.committee, scheme=wrong, title="X"), actor=group.chair.person)
    type(group.committee).objects.filter(pk=group.committee.pk).update(negotiates=False)
    with pytest.raises(DomainError, match="verhandelt keine Gewichte"):
        open_round(round=WeightRound(committee=group.committee, scheme=scheme, title="X"), actor=group.chair.person)


def test_the_rules_stay_once_points_are_handed_in(client: Client, round: WeightRound, group: Group) -> None:
    change: dict[str, Any] = {"title": "Gewichte", "closes_on": None, "actor": group.chair.person}
    change_round(round=round, averaging=Averaging.MEDIAN, shows_points=True, **change)
    change_round(round=round, averaging=Averaging.MEAN, shows_points=False, **change)
    give(round, group.young, ("40", "30", "30"))
    with pytest.raises(DomainError, match="schon Punkte abgegeben"):
        change_round(round=round, averaging=Averaging.MEAN, shows_points=True, **change)
    client.force_login(group.chair.person)
    url = f"/gremien/runden/{round.pk}/bearbeiten/"
    response = client.post(url, {"title": "Anderer Titel", "averaging": "median", "shows_points": "on"})
    assert response.status_code == 302
    round.refresh_from_db()
    assert (round.title, round.averaging, round.shows_points) == ("Anderer Titel", "mean", False)


# Giving points


def test_a_draft_survives_and_only_100_points_are_handed_in(client: Client, round: WeightRound, group: Group) -> None:
    client.force_login(group.young.person)
    url = f"/gremien/runden/{round.pk}/punkte/"
    response = client.post(
        url, posted(("40", "28", "20"), round, tun="speichern", comment="Noch nicht sicher"), follow=True
    )
    assert "Noch 12 Punkte zu vergeben." in response.content.decode()
    sheet = PointSheet.objects.get()
    assert (sheet.status, sheet.comment) == (SheetStatus.DRAFT, "Noch nicht sicher")
    assert 'value="28"' in client.get(url).content.decode()
    response = client.post(url, posted(("40", "28", "20"), round, tun="abgeben"))
    assert response.status_code == 422
    assert "Noch 12 Punkte zu vergeben. Abgeben lassen sich genau 100 Punkte." in response.content.decode()
    response = client.post(url, posted(("40", "40", "20.5"), round, tun="abgeben"))
    assert "0,5 Punkte zu viel vergeben." in response.content.decode()
    assert client.post(url, posted(("40", "40", "20"), round, tun="abgeben")).status_code == 302
    sheet.refresh_from_db()
    assert sheet.status == SheetStatus.SUBMITTED


@pytest.mark.parametrize(
    ("typed", "sentence"), [("viel", "nicht als Zahl lesbar"), ("-5", "mindestens"), ("101", "höchstens")]
)
def test_wrong_points_are_named_in_german_and_nothing_is_saved(
    client: Client, round: WeightRound, group: Group, typed: str, sentence: str
) -> None:
    client.force_login(group.young.person)
    fields = posted(("0", "0", "0"), round, tun="speichern")
    fields[next(iter(fields))] = typed
    response = client.post(f"/gremien/runden/{round.pk}/punkte/", fields)
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert not PointSheet.objects.exists()


def test_typing_saves_the_draft_and_answers_with_what_is_left(client: Client, round: WeightRound, group: Group) -> None:
    client.force_login(group.young.person)
    url = f"/gremien/runden/{round.pk}/punkte/"
    answer = client.post(url, posted(("40", "28.5", "20"), round), headers={"HX-Request": "true"})
    assert "<form" not in answer.content.decode()
    assert 'data-announce="Noch 11,5 Punkte zu vergeben."' in answer.content.decode()
    assert "Entwurf gespeichert um" in answer.content.decode()
    assert Points.objects.count() == 3
    fields = posted(("40", "28.5", "20"), round)
    wrong = client.post(url, fields | dict.fromkeys(fields, "viel"), headers={"HX-Request": "true"})
    assert wrong.status_code == 422
    assert "Noch nicht gespeichert." in wrong.content.decode()


def test_what_is_handed_in_changes_on_purpose_only(client: Client, round: WeightRound, group: Group) -> None:
    give(round, group.young, ("40", "30", "30"))
    client.force_login(group.young.person)
    url = f"/gremien/runden/{round.pk}/punkte/"
    answer = client.post(url, posted(("50", "30", "30"), round), headers={"HX-Request": "true"})
    assert "Geändert, noch nicht abgegeben" in answer.content.decode()
    with pytest.raises(DomainError, match="schon abgegeben"):
        save_points(round=round, points={}, comment="", actor=group.young.person)
    assert set(Points.objects.values_list("points", flat=True)) == {Decimal(40), Decimal(30)}
    assert client.post(url, posted(("50", "20", "30"), round, tun="abgeben")).status_code == 302
    assert set(Points.objects.values_list("points", flat=True)) == {Decimal(50), Decimal(20), Decimal(30)}
    assert client.post(f"{url}zurueckziehen/").status_code == 302
    sheet = PointSheet.objects.get()
    assert (sheet.status, sheet.submitted_at, sheet.points.count()) == (SheetStatus.DRAFT, None, 3)
    with pytest.raises(DomainError, match="noch keine Punkte"):
        withdraw_points(round=round, actor=group.young.person)


def test_a_start_is_filled_in_but_not_saved(client: Client, round: WeightRound, group: Group) -> None:
    client.force_login(group.young.person)
    url = f"/gremien/runden/{round.pk}/punkte/"
    equal = client.post(url, posted(("1", "1", "1"), round, tun="gleich", comment="bleibt stehen"))
    assert [field.value() for field in equal.context["form"].point_fields] == ["33,34", "33,33", "33,33"]
    assert "bleibt stehen" in equal.content.decode()
    assert "Eingesetzt, noch nicht gespeichert" in equal.content.decode()
    as_scheme = client.post(url, {"tun": "schema"})
    assert [field.value() for field in as_scheme.context["form"].point_fields] == ["50", "25", "25"]
    assert not PointSheet.objects.exists()


def test_a_second_window_is_told_that_it_replaces_another_save(
    client: Client, round: WeightRound, group: Group
) -> None:
    client.force_login(group.young.person)
    url = f"/gremien/runden/{round.pk}/punkte/"
    drawn_before = client.get(url).context["saved_at"]
    save_points(round=round, points=points_of(round, ("1", "2", "3")), comment="", actor=group.young.person)
    again = posted(("40", "30", "20"), round, tun="speichern", stand=drawn_before)
    assert "in einem zweiten Fenster" in client.post(url, again, follow=True).content.decode()
    fresh = client.get(url).context["saved_at"]
    again = posted(("40", "30", "25"), round, tun="speichern", stand=fresh)
    assert "in einem zweiten Fenster" not in client.post(url, again, follow=True).content.decode()


def test_who_read_that_points_stay_hidden_is_told_before_they_do_not(
    client: Client, round: WeightRound, group: Group
) -> None:
    client.force_login(group.young.person)
    url = f"/gremien/runden/{round.pk}/punkte/"
    rule = client.get(url).context["form"].rule
    change_round(
        round=round,
        title=round.title,
        closes_on=None,
        averaging=Averaging.MEAN,
        shows_points=True,
        actor=group.chair.person,
    )
    response = client.post(url, posted(("40", "30", "30"), round, tun="abgeben", regel=rule))
    assert "wer die Punkte sieht" in response.content.decode()
    assert not PointSheet.objects.exists()
    new_rule = response.context["form"].rule
    assert client.post(url, posted(("40", "30", "30"), round, tun="abgeben", regel=new_rule)).status_code == 302


def test_only_members_with_a_vote_give_points(client: Client, round: WeightRound, group: Group, cast: Cast) -> None:
    deputy = Membership.objects.create(
        committee=group.committee,
        person=factories.make_user("Vertretung"),
        side=Side.YOUNG_PEOPLE,
        deputy_for=group.young,
        appointment="Schreiben",
        valid_from=dt.date(2024, 9, 17),
    )
    url = f"/gremien/runden/{round.pk}/punkte/"
    for user, code in (
        (group.young.person, 200),
        (group.chair.person, 200),
        (deputy.person, 403),
        (group.adviser.person, 403),
        (cast.planning, 403),
        (cast.audit, 403),
        (cast.carrier_lead_b, 404),
        (cast.nobody, 404),
    ):
        client.force_login(user)
        assert client.get(url).status_code == code
    with pytest.raises(NotAllowed, match="stimmberechtigten"):
        save_points(round=round, points={}, comment="", actor=deputy.person)
    # A seat that ended yesterday.
    Membership.objects.filter(pk=group.young.pk).update(valid_to=timezone.localdate() - dt.timedelta(days=1))
    with pytest.raises(NotAllowed):
        save_points(round=round, points={}, comment="", actor=group.young.person)


def test_the_log_knows_who_handed_in_and_nothing_of_the_points(round: WeightRound, group: Group) -> None:
    sheet = give(round, group.young, ("61.25", "20.5", "18.25"), comment="geheim")
    withdraw_points(round=round, actor=group.young.person)
    entries = list(Entry.objects.for_object(sheet))
    assert [entry.action for entry in entries] == ["point_sheets.withdraw", "point_sheets.submit"]
    assert all((entry.data, entry.reason) == ({}, "") for entry in entries)
    assert not any("61" in str(entry.data) or "geheim" in entry.reason for entry in Entry.objects.all())


# Proposals


@pytest.fixture
def gisd(db: None) -> Indicator:
    return Indicator.objects.create(code="gisd", name="GISD", short_name="GISD", direction="more", unit="0 bis 1")


def propose(round: WeightRound, seat: Membership, indicator: Indicator | None = None) -> IndicatorProposal:
    return propose_indicator(
        proposal=IndicatorProposal(
            round=round,
            indicator=indicator,
            name=indicator.name if indicator else "Kinder in Armut",
            source="" if indicator else "Statistik",
            reason="Zeigt Armut von Kindern.",
        ),
        actor=seat.person,
    )


def test_a_member_proposes_and_everyone_in_the_group_reads_the_answer(
    client: Client, round: WeightRound, group: Group, cast: Cast
) -> None:
    client.force_login(group.adviser.person)
    url = f"/gremien/runden/{round.pk}/vorschlagen/"
    response = client.post(url, {"reason": "Zeigt Armut von Kindern."})
    assert "oder schreiben Sie hier" in response.content.decode()
    response = client.post(url, {"reason": "Zeigt Armut.", "name": "Kinder in Armut"})
    assert "woher die Zahlen" in response.content.decode()
    fields = {"reason": "Zeigt Armut von Kindern.", "name": "Kinder in Armut", "source": "Statistik"}
    assert client.post(url, fields).status_code == 302
    proposal = IndicatorProposal.objects.get()
    answer_url = f"/gremien/vorschlaege/{proposal.pk}/"
    client.force_login(group.young.person)
    assert client.get(answer_url).status_code == 403
    client.force_login(group.chair.person)
    assert "begründen" not in client.get(answer_url).content.decode()
    response = client.post(answer_url, {"answer": "declined", "reason": ""})
    assert response.status_code == 200
    assert proposal.round.proposals.get().answer == ProposalAnswer.OPEN
    response = client.post(answer_url, {"answer": "taken_up", "reason": "Gut."})
    assert "nur ein Indikator, der angelegt ist" in response.content.decode()
    assert client.post(answer_url, {"answer": "declined", "reason": "Gibt es nur für Kreise."}).status_code == 302
    for user in (group.young.person, group.adviser.person, cast.planning):
        text = page(client, user, f"/gremien/runden/{round.pk}/")
        assert "Zeigt Armut von Kindern." in text
        assert "Gibt es nur für Kreise." in text
    with pytest.raises(DomainError, match="schon beantwortet"):
        decline_indicator(proposal=proposal, reason="Noch einmal.", actor=group.chair.person)


def test_what_is_taken_up_is_told_and_sheets_handed_in_stay_valid(
    client: Client, round: WeightRound, group: Group, gisd: Indicator
) -> None:
    give(round, group.young, ("40", "30", "30"))
    proposal = propose(round, group.carrier, gisd)
    take_up_indicator(proposal=proposal, indicator=gisd, reason="Ist angelegt.", actor=group.chair.person)
    for url in (f"/gremien/runden/{round.pk}/", f"/gremien/runden/{round.pk}/punkte/"):
        text = page(client, group.young.person, url)
        assert "Neu aufgenommen: GISD" in text
        assert "Ihr abgegebener Punktzettel bleibt gültig, mit 0 Punkten dafür." in text
    assert PointSheet.objects.get().status == SheetStatus.SUBMITTED
    closed = close_round(round=round, actor=group.chair.person)
    assert RoundReading(closed, group.young.person).weights == {
        "unemployment": Decimal(40),
        "income_tax": Decimal(30),
        "employment": Decimal(30),
        "gisd": Decimal(0),
    }


def test_the_same_indicator_is_not_taken_twice(round: WeightRound, group: Group, gisd: Indicator) -> None:
    first = propose(round, group.carrier, gisd)
    with pytest.raises(DomainError, match="wartet auf eine Antwort"):
        propose(round, group.young, gisd)
    take_up_indicator(proposal=first, indicator=gisd, reason="Ja.", actor=group.chair.person)
    with pytest.raises(DomainError, match="schon Punkte vergeben"):
        propose(round, group.young, gisd)
    idea = propose(round, group.young)
    with pytest.raises(DomainError, match="schon Punkte vergeben"):
        take_up_indicator(proposal=idea, indicator=gisd, reason="Ja.", actor=group.chair.person)
    with pytest.raises(DomainError, match="begründen"):
        decline_indicator(proposal=idea, reason=" ", actor=group.chair.person)


def test_who_has_no_seat_proposes_nothing(client: Client, round: WeightRound, cast: Cast) -> None:
    client.force_login(cast.planning)
    assert client.get(f"/gremien/runden/{round.pk}/vorschlagen/").status_code == 403


# Closing


def test_a_round_needs_a_sheet_and_answers_before_it_closes(round: WeightRound, group: Group) -> None:
    save_points(round=round, points=points_of(round, ("40", "30", "30")), comment="", actor=group.young.person)
    with pytest.raises(DomainError, match="Noch niemand hat Punkte abgegeben"):
        close_round(round=round, actor=group.chair.person)
    give(round, group.county, ("40", "30", "30"))
    proposal = propose(round, group.young)
    with pytest.raises(DomainError, match="wartet noch auf eine Antwort"):
        close_round(round=round, actor=group.chair.person)
    decline_indicator(proposal=proposal, reason="Keine Zahlen.", actor=group.chair.person)
    with pytest.raises(NotAllowed):
        close_round(round=round, actor=group.young.person)
    closed = close_round(round=round, actor=group.chair.person)
    assert Entry.objects.for_object(closed)[0].data == {"sheets": {"draft": 1, "submitted": 1}}


def test_closing_names_the_drafts_that_will_not_count(
    client: Client, round: WeightRound, group: Group, cast: Cast
) -> None:
    save_points(round=round, points=points_of(round, ("40", "30", "30")), comment="", actor=group.young.person)
    give(round, group.county, ("40", "30", "30"))
    text = page(client, group.chair.person, f"/gremien/runden/{round.pk}/schliessen/")
    assert "Junge Menschen (Entwurf)" in text
    assert "Samtgemeinde (noch nicht)" in text
    assert "Bei weniger als 3 Punktzetteln" in text
    # Planning has no seat: it reads numbers, no names.
    text = page(client, cast.planning, f"/gremien/runden/{round.pk}/schliessen/")
    assert "Junge Menschen" not in text
    assert "1 von 6" in text
    assert client.post(f"/gremien/runden/{round.pk}/schliessen/").status_code == 302
    round.refresh_from_db()
    assert not round.is_open


def test_after_the_closing_nothing_changes(client: Client, closed: WeightRound, group: Group, gisd: Indicator) -> None:
    deeds: tuple[Callable[[], object], ...] = (
        lambda: give(closed, group.young, ("40", "30", "30")),
        lambda: withdraw_points(round=closed, actor=group.chair.person),
        lambda: propose(closed, group.young, gisd),
        lambda: close_round(round=closed, actor=group.chair.person),
    )
    for deed in deeds:
        with pytest.raises(DomainError, match="inzwischen geschlossen"):
            deed()
    client.force_login(group.chair.person)
    url = f"/gremien/runden/{closed.pk}/"
    for place in ("punkte/", "vorschlagen/", "schliessen/", "bearbeiten/"):
        response = client.post(f"{url}{place}", {"tun": "abgeben"}, follow=True)
        assert response.redirect_chain == [(url, 302)]
        assert "Diese Runde ist geschlossen." in response.content.decode()
    response = client.post(f"{url}punkte/zurueckziehen/", headers={"referer": f"http://testserver{url}"}, follow=True)
    assert "inzwischen geschlossen" in response.content.decode()
    # Whoever gets past the services still meets the triggers.
    for statement in (
        lambda: Points.objects.update(points=0),
        lambda: PointSheet.objects.update(comment="x"),
        lambda: RoundIndicator.objects.all().delete(),
        lambda: WeightRound.objects.update(title="x"),
    ):
        with pytest.raises(DatabaseError), transaction.atomic():
            statement()


def told_meanwhile(first: Callable[[], object], second: Callable[[], object]) -> list[str]:
    """What the second of two is told who waits for a row that the first holds."""
    locked, told = threading.Event(), []

    def wait_and_do() -> None:
        locked.wait(20)
        try:
            second()
        except DomainError as error:
            told.append(str(error))
        finally:
            connections.close_all()

    other = threading.Thread(target=wait_and_do)
    other.start()
    with transaction.atomic():
        first()
        locked.set()
        with connection.cursor() as cursor:
            for _ in range(2000):
                cursor.execute(WAITING)
                if cursor.fetchone()[0]:
                    break
                cursor.execute("SELECT pg_sleep(0.01)")
                cursor.execute("SELECT pg_stat_clear_snapshot()")
    other.join(20)
    return told


@pytest.mark.django_db(transaction=True)
def test_who_hands_in_while_the_round_is_closed_is_told_in_german(round: WeightRound, group: Group) -> None:
    """The member waits for the closing on its way and is refused, without an error of the database."""
    give(round, group.county, ("40", "30", "30"))
    told = told_meanwhile(
        lambda: close_round(round=round, actor=group.chair.person),
        lambda: give(round, group.young, ("40", "30", "30")),
    )
    assert told == ["Diese Runde ist inzwischen geschlossen. Punkte und Vorschläge ändern sich nicht mehr."]
    assert PointSheet.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_who_take_over_at_once_the_second_is_told(closed: WeightRound, group: Group, cast: Cast) -> None:
    told = told_meanwhile(
        lambda: take_over_weights(round=closed, actor=group.chair.person),
        lambda: take_over_weights(round=closed, actor=cast.planning),
    )
    closed.refresh_from_db()
    assert told == [f"Die Gewichte sind schon übernommen: {closed.result}."]


# Who sees what


def everything_of(client: Client, user: User, round: WeightRound) -> str:
    """All a user can fetch of a round: page, tables as CSV and Excel, and the pages of its steps."""
    client.force_login(user)
    url = f"/gremien/runden/{round.pk}/"
    places = ("", "punkte/", "schliessen/", "uebernehmen/", "bearbeiten/")
    found = [client.get(f"{url}{place}", follow=True).content.decode() for place in places]
    for table in ("gewichte", "seiten", "punkte", ""):
        found.append(client.get(url, {"tabelle": table, "format": "csv"}).content.decode(errors="replace"))
        response = client.get(url, {"tabelle": table, "format": "xlsx"})
        if "spreadsheet" in response.headers["Content-Type"]:
            book = openpyxl.load_workbook(io.BytesIO(response.content))
            found.append(str([[cell.value for cell in row] for sheet in book for row in sheet]))
    return "\n".join(found)


def test_while_a_round_is_open_nobody_sees_the_points_of_another(
    client: Client, round: WeightRound, group: Group, cast: Cast
) -> None:
    give(round, group.chair, GIVEN["chair"], comment="Nur für mich")
    save_points(
        round=round, points=points_of(round, GIVEN["municipality"]), comment="", actor=group.municipality.person
    )
    for user in (group.young.person, group.adviser.person, cast.planning, cast.head, cast.audit, cast.carrier_lead_b):
        text = everything_of(client, user, round)
        assert [odd for odd in (*ODD, "Nur für mich") if odd in text] == []
    own = everything_of(client, group.chair.person, round)
    assert "61,25" in own
    assert "52,75" not in own


def test_a_member_reads_who_handed_in_and_the_county_only_how_many(
    client: Client, round: WeightRound, group: Group, cast: Cast
) -> None:
    give(round, group.young, ("40", "30", "30"))
    text = page(client, group.chair.person, f"/gremien/runden/{round.pk}/")
    assert "Stand der Punktzettel" in text
    assert "Junge Menschen" in text
    for user in (cast.planning, cast.audit):
        text = page(client, user, f"/gremien/runden/{round.pk}/")
        assert "1 von 6" in text
        assert "Stand der Punktzettel" not in text
        assert "Freiberufliche Fachkraft" not in text


def test_a_closed_round_shows_weights_and_own_points_but_none_of_another(
    client: Client, closed: WeightRound, group: Group, cast: Cast
) -> None:
    # Fewest and most of all are part of the spread; whose they are is not.
    in_spread = {"61,25", "61.25"}
    text = everything_of(client, group.chair.person, closed)
    assert "Ihre Punkte" in text
    assert "18,25" in text
    for user in (group.young.person, cast.planning, cast.audit):
        text = everything_of(client, user, closed)
        assert "Ihre Punkte" not in text
        assert "Punkte der einzelnen Mitglieder" not in text
        # Mean of 61.25, 40, 52.75 and 33.
        assert "46,75" in text
        assert [odd for odd in ("52,75", "52.75", "23,75", "23.75") if odd in text and odd not in in_spread] == []
    for user in (cast.carrier_lead_b, cast.nobody, cast.coordination, cast.system):
        client.force_login(user)
        assert client.get(f"/gremien/runden/{closed.pk}/").status_code == 404
    client.logout()
    assert client.get(f"/gremien/runden/{closed.pk}/").status_code == 302


def test_the_group_sees_single_points_if_it_wanted_so_and_the_county_still_does_not(
    client: Client, group: Group, scheme: WeightingScheme, cast: Cast
) -> None:
    round = open_round(
        round=WeightRound(committee=group.committee, scheme=scheme, title="Offen gezeigt", shows_points=True),
        actor=group.chair.person,
    )
    for seat, values in GIVEN.items():
        give(round, getattr(group, seat), values, comment="Ja")
    assert "52,75" not in everything_of(client, group.young.person, round)
    close_round(round=round, actor=group.chair.person)
    for user in (group.young.person, group.adviser.person):
        text = everything_of(client, user, round)
        assert "Punkte der einzelnen Mitglieder" in text
        assert "52,75" in text
        assert "Samtgemeinde:" in text
    for user in (cast.planning, cast.audit, cast.head):
        text = everything_of(client, user, round)
        assert "Punkte der einzelnen Mitglieder" not in text
        assert "52,75" not in text
        assert "Samtgemeinde:" not in text


def test_comments_stand_in_the_order_of_the_alphabet_without_names(closed: WeightRound, group: Group) -> None:
    comments = RoundReading(closed, group.young.person).comments
    assert [comment.text for comment in comments] == ["Anmerkung 3", "Anmerkung 4", "Anmerkung 5", "Anmerkung 6"]
    assert {comment.name for comment in comments} == {""}


@pytest.mark.parametrize("seats", [("chair",), ("chair", "municipality")])
def test_of_fewer_than_three_sheets_only_the_weights_are_shown(
    client: Client, round: WeightRound, group: Group, cast: Cast, seats: tuple[str, ...]
) -> None:
    for seat in seats:
        give(round, getattr(group, seat), GIVEN[seat], comment="Verräterisch")
    closed = close_round(round=round, actor=group.chair.person)
    text = everything_of(client, cast.planning, closed)
    assert "Nur die Gewichte werden gezeigt" in text
    for hidden in ("Verräterisch", "größter Wert", "zum Vergleich", "spanne"):
        assert hidden not in text
    assert len(RoundReading(closed, cast.planning).lines) == 3


def test_sides_are_shown_only_where_nobody_can_be_worked_out(round: WeightRound, group: Group, cast: Cast) -> None:
    for n in range(3):
        seat = Membership.objects.create(
            committee=group.committee,
            person=factories.make_user(f"Träger {n}"),
            side=Side.FREE_CARRIER,
            appointment="Schreiben",
            valid_from=dt.date(2024, 9, 17),
        )
        give(round, seat, ("30", "30", "40"))
    for seat_name, values in GIVEN.items():
        give(round, getattr(group, seat_name), values)
    closed = close_round(round=round, actor=group.chair.person)
    sides = RoundReading(closed, cast.planning).sides
    assert [(line.name, line.sheets) for line in sides] == [("freie Träger", 4), ("übrige", 3)]
    # 30, 30, 30 and 33.
    assert sides[0].points["unemployment"] == Decimal("30.75")


def test_a_closed_round_asks_the_same_number_of_questions_for_many_members(
    client: Client, closed: WeightRound, group: Group, scheme: WeightingScheme
) -> None:
    client.force_login(group.young.person)
    client.get(f"/gremien/runden/{closed.pk}/")
    with CaptureQueriesContext(
        connection,
    ) as few:
        client.get(f"/gremien/runden/{closed.pk}/")
    many = open_round(
        round=WeightRound(committee=group.committee, scheme=scheme, title="Viele"), actor=group.chair.person
    )
    for n in range(20):
        seat = Membership.objects.create(
            committee=group.committee,
            person=factories.make_user(f"Mitglied {n}"),
            side=Side.OTHER,
            appointment="Schreiben",
            valid_from=dt.date(2024, 9, 17),
        )
        give(many, seat, ("30", "30", "40"))
    close_round(round=many, actor=group.chair.person)
    with CaptureQueriesContext(connection) as more:
        client.get(f"/gremien/runden/{many.pk}/")
    assert len(more) == len(few), [query["sql"][:90] for query in few]
    assert len(few) <= 15


# Taking over


def test_the_weights_go_into_a_new_draft_with_their_reasons(
    client: Client, closed: WeightRound, group: Group, scheme: WeightingScheme, cast: Cast
) -> None:
    client.force_login(group.chair.person)
    url = f"/gremien/runden/{closed.pk}/uebernehmen/"
    assert "46,75 von 100" in client.get(url).content.decode()
    assert client.post(url).status_code == 302
    closed.refresh_from_db()
    draft = closed.result
    assert draft is not None
    assert (draft.status, draft.copied_from, draft.version) == (SchemeStatus.DRAFT, scheme, scheme.version + 1)
    weights = {member.indicator.code: member.weight for member in draft.members.select_related("indicator")}
    assert weights == {
        "unemployment": Decimal("46.7500"),
        "income_tax": Decimal("26.7500"),
        "employment": Decimal("26.5000"),
    }
    reason = draft.members.get(indicator__code="unemployment").reason
    assert (
        reason
        == "Unterarbeitsgruppe Finanzen, „Gewichte 2027“: Mittelwert von 4 Mitgliedern, Spanne 33 bis 61,25 Punkte."
    )
    with pytest.raises(DomainError, match="schon übernommen"):
        take_over_weights(round=closed, actor=group.chair.person)
    # From here the way is the usual one.
    propose_scheme(scheme=draft, actor=cast.planning)
    adopt_scheme(scheme=draft, legal_basis="Beschluss der Unterarbeitsgruppe", actor=cast.head)
    text = page(client, cast.planning, f"/belastung/schemata/{draft.pk}/")
    assert f'href="/gremien/runden/{closed.pk}/"' in text
    assert f'href="/belastung/schemata/{draft.pk}/"' in page(
        client, group.young.person, f"/gremien/runden/{closed.pk}/"
    )
    assert f"/gremien/runden/{closed.pk}/" not in page(client, cast.carrier_lead_b, f"/belastung/schemata/{draft.pk}/")


def test_only_those_who_lead_take_over_and_only_after_the_closing(
    client: Client, round: WeightRound, group: Group, cast: Cast
) -> None:
    give(round, group.young, ("40", "30", "30"))
    with pytest.raises(DomainError, match="geschlossenen Runde"):
        take_over_weights(round=round, actor=group.chair.person)
    close_round(round=round, actor=group.chair.person)
    for user in (group.young.person, cast.head, cast.audit):
        with pytest.raises(NotAllowed):
            take_over_weights(round=round, actor=user)
        client.force_login(user)
        assert client.post(f"/gremien/runden/{round.pk}/uebernehmen/").status_code == 403
    scheme = take_over_weights(round=round, actor=cast.planning)
    # One sheet: a spread would be the points of one person.
    assert scheme.members.first().reason.endswith("Mittelwert von 1 Mitglied.")  # type: ignore[union-attr]


def test_medians_of_0_are_not_taken_over(client: Client, group: Group, scheme: WeightingScheme) -> None:
    round = open_round(
        round=WeightRound(committee=group.committee, scheme=scheme, title="Uneins", averaging=Averaging.MEDIAN),
        actor=group.chair.person,
    )
    for seat, values in (
        (group.chair, ("100", "0", "0")),
        (group.county, ("0", "100", "0")),
        (group.young, ("0", "0", "100")),
    ):
        give(round, seat, values)
    close_round(round=round, actor=group.chair.person)
    with pytest.raises(DomainError, match="neue Runde mit dem Mittelwert"):
        take_over_weights(round=round, actor=group.chair.person)
    assert "Aus dem Median entsteht kein Gewicht" in page(client, group.chair.person, f"/gremien/runden/{round.pk}/")


def test_new_indicators_and_both_levels_get_the_weights_of_the_group(
    round: WeightRound, group: Group, scheme: WeightingScheme, gisd: Indicator, county: County
) -> None:
    """A dimension gets the points of its indicators together, what is new stands beside the dimensions."""
    two_levels = WeightingScheme.objects.create(name="Zwei Stufen", population=scheme.population)
    work = SchemeDimension.objects.create(scheme=two_levels, code="work", name="Arbeit", weight=60)
    money = SchemeDimension.objects.create(scheme=two_levels, code="money", name="Geld", weight=40)
    indicators = {one.code: one for one in Indicator.objects.all()}
    for code, dimension, weight in (("unemployment", work, 2), ("employment", work, 1), ("income_tax", money, 5)):
        SchemeIndicator.objects.create(
            scheme=two_levels, indicator=indicators[code], dimension=dimension, weight=weight
        )
    round = open_round(
        round=WeightRound(committee=group.committee, scheme=two_levels, title="Zwei Stufen"),
        actor=group.chair.person,
    )
    assert {int(share) for share in RoundReading(round, group.young.person).present.values()} == {40, 20}
    proposal = propose(round, group.carrier, gisd)
    take_up_indicator(proposal=proposal, indicator=gisd, reason="Gehört dazu.", actor=group.chair.person)
    keys = {one.indicator.code: one.pk for one in round.indicators.select_related("indicator")}
    save_points(
        round=round,
        points={keys["unemployment"]: Decimal(45), keys["employment"]: Decimal(30), keys["gisd"]: Decimal(25)},
        comment="",
        hand_in=True,
        actor=group.young.person,
    )
    close_round(round=round, actor=group.chair.person)
    draft = take_over_weights(round=round, actor=group.chair.person)
    assert dict(draft.dimensions.values_list("code", "weight")) == {"work": 75, "money": 0}
    assert {
        member.indicator.code: (int(member.weight), member.dimension.code if member.dimension else None)
        for member in draft.members.select_related("indicator", "dimension")
    } == {
        "unemployment": (45, "work"),
        "employment": (30, "work"),
        # The only one of a dimension that weighs nothing keeps its weight within it.
        "income_tax": (5, "money"),
        "gisd": (25, None),
    }
    assert draft.members.get(indicator=gisd).reason.endswith("Neu aufgenommen: Gehört dazu.")
    shares = calculate_shares(draft)
    assert shares == pytest.approx({"unemployment": 0.45, "employment": 0.30, "income_tax": 0.0, "gisd": 0.25})


def calculate_shares(scheme: WeightingScheme) -> dict[str, float]:
    from indicators.calculation import inputs_of

    return inputs_of(scheme, as_of=timezone.localdate(), population=scheme.population).shares()


def test_a_draft_that_a_round_rests_on_is_not_discarded(
    client: Client, group: Group, closed: WeightRound, cast: Cast
) -> None:
    draft = take_over_weights(round=closed, actor=group.chair.person)
    with pytest.raises(DomainError, match="beruht noch etwas anderes"):
        discard_scheme(scheme=draft, reason="Weg damit", actor=cast.planning)
    assert WeightingScheme.objects.filter(pk=draft.pk).exists()
    client.force_login(cast.planning)
    response = client.post(f"/belastung/schemata/{draft.pk}/verwerfen/", {"reason": "Weg"}, follow=True)
    assert "beruht noch etwas anderes" in response.content.decode()


def test_factors_follow_from_the_weights_of_the_group(closed: WeightRound, group: Group) -> None:
    draft = take_over_weights(round=closed, actor=group.chair.person)
    assert sum(calculate_shares(draft).values()) == pytest.approx(1)
    assert len(calculate(draft).factors) == 10
