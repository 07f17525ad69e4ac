"""How much resistance models meet: who rates and sees what when, what the means say, and how a model is handed over."""

import datetime as dt
import io
import re
from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import openpyxl
import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from hypothesis import given
from hypothesis import strategies as st

from budgets.models import DistributionModel, FiscalYear, LegalBasis
from budgets.scenario import Choice, Scenario
from budgets.services.distributions import adopt_model, withdraw_model
from committees.acceptance import OTHERS, Vote, tally
from committees.models import (
    AcceptanceRound,
    Committee,
    Membership,
    RatedModel,
    Rating,
    RoundStatus,
    SavedScenario,
    Side,
    Tie,
    TieKind,
)
from committees.outcomes import fingerprint_of, parameters_of
from committees.results import everything, own_spaces, results_of
from committees.services.acceptance import (
    Candidate,
    Score,
    close_acceptance_round,
    hand_over,
    open_acceptance_round,
    rate,
)
from committees.tasks import tasks_of
from indicators.models import WeightingScheme
from indicators.services.schemes import copy_scheme
from jugendhilfe.accounts.models import User
from jugendhilfe.audit.models import Entry
from jugendhilfe.lib.errors import DomainError, NotAllowed
from tests import factories
from tests.committees.conftest import Group
from tests.conftest import Cast, County

SIDES = [str(label) for label in Side.labels]
TODAY = dt.date(2025, 1, 1)
WEIGHTS = {"unemployment": Decimal(50), "income_tax": Decimal(25), "employment": Decimal(25)}


def text_of(response: Any) -> str:
    return re.sub(r"\s+", " ", response.content.decode().replace("\u00a0", " "))


# --- the arithmetic -----------------------------------------------------------------------------------------------


def votes(model: int, **scores: tuple[int, ...]) -> list[Vote]:
    """Scores by side: county=(1, 2)."""
    return [Vote(model, str(Side(side).label), score) for side, given in scores.items() for score in given]


def test_the_lowest_mean_leads() -> None:
    found = tally([1, 2], [*votes(1, county=(0, 4), municipality=(2, 2)), *votes(2, county=(9, 1))], sides=SIDES)
    assert [one.mean for one in found.models] == [Fraction(2), Fraction(5)]
    assert found.leading == (1,)
    assert found.models[0].scores == (1, 0, 2, 0, 1, 0, 0, 0, 0, 0, 0)


def test_a_tie_names_both_and_is_exact() -> None:
    found = tally(
        [1, 2, 3], [*votes(1, county=(1, 0, 0)), *votes(2, county=(0, 1, 0)), *votes(3, county=(1, 0))], sides=SIDES
    )
    assert found.leading == (1, 2)


def test_who_nobody_rated_does_not_lead() -> None:
    found = tally([1, 2], votes(2, county=(10, 10)), sides=SIDES)
    assert (found.models[0].mean, found.leading) == (None, (2,))


def test_sides_with_one_rating_stand_together() -> None:
    given = votes(1, county=(2, 4), municipality=(0, 1), free_carrier=(10,), political=(6,))
    found = tally([1], given, sides=SIDES)
    assert found.sides == ("Landkreis", "Gemeinden", OTHERS)
    assert found.models[0].sides == {"Landkreis": Fraction(3), "Gemeinden": Fraction(1, 2), OTHERS: Fraction(8)}


def test_a_single_other_takes_a_side_along() -> None:
    found = tally([1], votes(1, county=(2, 4, 6), municipality=(0, 1), free_carrier=(10,)), sides=SIDES)
    assert found.sides == ("Landkreis", OTHERS)


def test_one_member_per_side_shows_no_side() -> None:
    found = tally([1], votes(1, county=(2,), municipality=(0,), free_carrier=(10,)), sides=SIDES)
    assert (found.sides, found.models[0].sides, found.models[0].mean) == ((), {}, Fraction(4))


def test_a_side_that_rated_one_model_alone_stands_with_the_others_for_all() -> None:
    given = [*votes(1, county=(2, 4), municipality=(1, 1)), *votes(2, county=(2,), municipality=(3, 3), political=(5,))]
    assert tally([1, 2], given, sides=SIDES).sides == ("Gemeinden", OTHERS)


def test_reasons_are_ordered_by_score_and_name_no_single_side() -> None:
    given = [
        *votes(1, county=(1, 1)),
        Vote(1, "Landkreis", 3, "b"),
        Vote(1, "freie Träger", 9, "Träger"),
        Vote(1, "Politik", 9, "Politik"),
    ]
    one = tally([1], given, sides=SIDES).models[0]
    assert [(vote.score, vote.side, vote.reason) for vote in one.reasons] == [
        (9, OTHERS, "Politik"),
        (9, OTHERS, "Träger"),
        (3, "Landkreis", "b"),
    ]
    assert [len(part) for part in (one.minority, one.other_reasons)] == [2, 1]


@given(
    st.lists(
        st.tuples(st.integers(1, 3), st.sampled_from(SIDES[:5]), st.integers(0, 10)), unique_by=lambda t: t, max_size=40
    )
)
def test_no_mean_is_that_of_one_member(given: list[tuple[int, str, int]]) -> None:
    found = tally([1, 2, 3], [Vote(*one) for one in given], sides=SIDES)
    for one in found.models:
        counted = {
            side: sum(
                1
                for model, name, _ in given
                if model == one.model and (name if name in found.sides else OTHERS) == side
            )
            for side in found.sides
        }
        assert 1 not in counted.values()
        if found.sides:
            assert sum(counted.values()) == one.count
            sums = sum((mean * counted[side] for side, mean in one.sides.items() if mean is not None), Fraction(0))
            assert one.mean is None or sums == one.mean * one.count


# --- a round ------------------------------------------------------------------------------------------------------


@pytest.fixture
def share(group: Group, cast: Cast, scheme: WeightingScheme, year: FiscalYear) -> Callable[..., SavedScenario]:
    """Saves a scenario for the group: models by column, other weights where given."""

    def share(name: str = "Szenario", **changes: Any) -> SavedScenario:
        scenario = Scenario(
            year=year.year, scheme=scheme.pk, amount=Decimal(2_030_000), weights=WEIGHTS, choices={1: Choice("M2")}
        )
        query = replace(scenario, **changes).query
        what_if = everything().read(parameters_of(query))
        assert what_if
        assert what_if.comparison, (what_if.form.errors, what_if.problem)
        return SavedScenario.objects.create(
            name=name,
            reason="Zum Bewerten",
            owner=cast.planning,
            committee=group.committee,
            year=year,
            scheme=scheme,
            query=query,
            fingerprint=fingerprint_of(what_if.comparison),
        )

    return share


@pytest.fixture
def round(group: Group, share: Callable[..., SavedScenario]) -> AcceptanceRound:
    """By need, by heads, and by need within bounds."""
    scenario = share(choices={1: Choice("M2"), 2: Choice("M1"), 3: Choice("M2", floor_percent=Decimal(5))})
    return open_acceptance_round(
        committee=group.committee,
        title="Erste Bewertung",
        closes_on=None,
        candidates=[
            Candidate(scenario, 1, "Belastung"),
            Candidate(scenario, 2, "Köpfe"),
            Candidate(scenario, 3, "Sanft"),
        ],
        actor=group.chair.person,
    )


def model_of(round: AcceptanceRound, name: str) -> RatedModel:
    return round.models.get(name=name)


def gives(round: AcceptanceRound, member: Membership, **scores: int) -> None:
    rate(
        round=round,
        scores={model_of(round, name).pk: Score(n, f"Grund {n}" if n else "") for name, n in scores.items()},
        actor=member.person,
    )


def closed(round: AcceptanceRound, group: Group) -> AcceptanceRound:
    return close_acceptance_round(round=round, actor=group.chair.person)


@pytest.fixture
def done(round: AcceptanceRound, group: Group) -> AcceptanceRound:
    """All six voting members have rated; the chair has closed."""
    for seat, scores in (
        (group.chair, (2, 5, 1)),
        (group.county, (0, 6, 3)),
        (group.municipality, (3, 4, 0)),
        (group.carrier, (9, 0, 4)),
        (group.freelancer, (0, 0, 0)),
        (group.young, (1, 8, 2)),
    ):
        gives(round, seat, **dict(zip(("Belastung", "Köpfe", "Sanft"), scores, strict=True)))
    return closed(round, group)


def test_the_chair_opens_a_round_with_columns_of_shared_scenarios(
    client: Client, group: Group, share: Callable[..., SavedScenario]
) -> None:
    one = share("Eins", choices={1: Choice("M2"), 2: Choice("M1")})
    two = share("Zwei", choices={3: Choice("M2")})
    client.force_login(group.chair.person)
    url = f"/gremien/{group.committee.pk}/bewertung/neu/"
    page = text_of(client.get(f"{url}?szenario={two.pk}"))
    # The same title in two scenarios is told apart, a single one is not.
    assert 'value="M2 · Nach Belastung – Eins"' in page
    assert 'value="M1 · Nach Köpfen"' in page
    assert page.count(" checked") == 1
    data = {
        "title": "Runde",
        f"nehmen-{one.pk}-1": "on",
        f"name-{one.pk}-1": "A",
        f"nehmen-{two.pk}-3": "on",
        f"name-{two.pk}-3": "B",
        f"name-{one.pk}-2": "C",
    }
    answer = client.post(url, data)
    round = AcceptanceRound.objects.get()
    assert answer["Location"] == f"/gremien/bewertung/{round.pk}/"
    assert list(round.models.values_list("scenario", "column", "name")) == [(two.pk, 3, "B"), (one.pk, 1, "A")]
    assert Entry.objects.get(action="acceptance.open").data["models"] == [[two.pk, 3], [one.pk, 1]]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"take": 1}, "Bitte wählen Sie 2 bis 8 Modelle aus. Ausgewählt sind 1."),
        ({"take": 2, "names": ("A", "a")}, "Zwei Modelle heißen gleich."),
        ({"take": 2, "names": ("A", "")}, "Bitte geben Sie diesem Modell einen Namen."),
    ],
)
def test_a_round_has_two_to_eight_models_with_names_of_their_own(
    client: Client, group: Group, share: Callable[..., SavedScenario], changes: dict[str, Any], sentence: str
) -> None:
    scenario = share(choices={1: Choice("M2"), 2: Choice("M1")})
    names = changes.get("names", ("A", "B"))
    data = {f"name-{scenario.pk}-{n + 1}": name for n, name in enumerate(names)}
    data |= {f"nehmen-{scenario.pk}-{n + 1}": "on" for n in range(changes["take"])}
    client.force_login(group.chair.person)
    page = text_of(client.post(f"/gremien/{group.committee.pk}/bewertung/neu/", {"title": "Runde", **data}))
    assert sentence in page
    assert not AcceptanceRound.objects.exists()


def test_only_scenarios_of_the_body_are_put_to_it(
    group: Group, share: Callable[..., SavedScenario], cast: Cast
) -> None:
    shared, private = share("Geteilt"), share("Privat")
    SavedScenario.objects.filter(pk=private.pk).update(committee=None)
    private.refresh_from_db()
    candidates = [Candidate(shared, 1, "A"), Candidate(private, 1, "B")]
    arguments = {"committee": group.committee, "title": "Runde", "closes_on": None}
    with pytest.raises(DomainError, match="„Privat“ ist nicht mit diesem Gremium geteilt"):
        open_acceptance_round(**arguments, candidates=candidates, actor=cast.planning)  # type: ignore[arg-type]
    missing = [Candidate(shared, 1, "A"), Candidate(shared, 4, "B")]
    with pytest.raises(DomainError, match="„B“ lässt sich nicht bewerten"):
        open_acceptance_round(**arguments, candidates=missing, actor=cast.planning)  # type: ignore[arg-type]


def test_a_body_that_has_ended_rates_nothing_more(
    group: Group, share: Callable[..., SavedScenario], cast: Cast
) -> None:
    scenario = share(choices={1: Choice("M2"), 2: Choice("M1")})
    Committee.objects.filter(pk=group.committee.pk).update(valid_to=TODAY)
    with pytest.raises(DomainError, match="verhandelt keine Verteilung"):
        open_acceptance_round(
            committee=group.committee,
            title="Zu spät",
            closes_on=None,
            candidates=[Candidate(scenario, 1, "A"), Candidate(scenario, 2, "B")],
            actor=cast.planning,
        )


def test_a_body_without_shared_scenarios_is_told_what_to_do(client: Client, group: Group) -> None:
    client.force_login(group.chair.person)
    assert "Noch ist kein Szenario mit dem Gremium geteilt." in text_of(
        client.get(f"/gremien/{group.committee.pk}/bewertung/neu/")
    )


@pytest.mark.parametrize(("seat", "code"), [("chair", 200), ("county", 200), ("young", 403), ("adviser", 403)])
def test_chair_planning_and_controlling_open_rounds(client: Client, group: Group, seat: str, code: int) -> None:
    client.force_login(getattr(group, seat).person)
    assert client.get(f"/gremien/{group.committee.pk}/bewertung/neu/").status_code == code


# --- rating -------------------------------------------------------------------------------------------------------


def filled(round: AcceptanceRound, **scores: Any) -> dict[str, Any]:
    data: dict[str, Any] = {}
    for name, (score, reason) in scores.items():
        key = model_of(round, name).pk
        data |= {f"m{key}-score": score, f"m{key}-reason": reason}
    return data


def test_a_member_rates_one_by_one_and_changes_it(client: Client, group: Group, round: AcceptanceRound) -> None:
    client.force_login(group.young.person)
    url = f"/gremien/bewertung/{round.pk}/bewerten/"
    assert text_of(client.get(url)).count('type="radio"') == 33
    page = text_of(client.post(url, filled(round, Belastung=(4, "Zu wenig für uns")), follow=True))
    assert "Ihre Bewertung ist gespeichert. Sie haben 1 von 3 Modellen bewertet." in page
    data = filled(round, Belastung=("0", ""), Köpfe=("10", "Nein"), Sanft=("1", "Na ja"))
    page = text_of(client.post(url, data, follow=True))
    assert "Sie haben alle Modelle bewertet und können" in page
    assert "10 von 10: Nein" in page
    assert list(Rating.objects.order_by("model").values_list("score", "reason")) == [
        (0, ""),
        (10, "Nein"),
        (1, "Na ja"),
    ]


@pytest.mark.parametrize(
    ("score", "reason", "sentence"),
    [
        ("3", " ", "Begründung zu „Köpfe“: Bitte begründen Sie Ihren Widerstand."),
        ("", "Warum", "gegen „Köpfe“? Bitte wählen Sie eine Zahl von 0 bis 10."),
        ("11", "Warum", "Bitte eine gültige Auswahl treffen. 11 ist keine gültige Auswahl."),
    ],
)
def test_nothing_is_kept_where_a_reason_or_score_is_missing(
    client: Client, group: Group, round: AcceptanceRound, score: str, reason: str, sentence: str
) -> None:
    client.force_login(group.young.person)
    data = filled(round, Belastung=("0", ""), Köpfe=(score, reason))
    answer = client.post(f"/gremien/bewertung/{round.pk}/bewerten/", data)
    page = text_of(answer)
    assert "Es gibt 1 Fehler" in page
    assert sentence in page
    assert "<title>Fehler:" in page
    assert not Rating.objects.exists()


def test_a_page_sent_unchanged_keeps_nothing(client: Client, group: Group, round: AcceptanceRound) -> None:
    gives(round, group.young, Belastung=4)
    client.force_login(group.young.person)
    url = f"/gremien/bewertung/{round.pk}/bewerten/"
    before = Rating.objects.get().changed_at
    assert "Es gab nichts zu speichern" in text_of(
        client.post(url, filled(round, Belastung=("4", "Grund 4")), follow=True)
    )
    assert Rating.objects.get().changed_at == before


def test_a_second_window_is_told_what_the_first_has_saved(client: Client, group: Group, round: AcceptanceRound) -> None:
    client.force_login(group.young.person)
    url = f"/gremien/bewertung/{round.pk}/bewerten/"
    key = model_of(round, "Belastung").pk
    found = re.search(rf'name="m{key}-seen"[^>]*value="([^"]*)"', client.get(url).content.decode())
    assert found
    gives(round, group.young, Belastung=4)
    page = text_of(client.post(url, {**filled(round, Belastung=("0", "")), f"m{key}-seen": found[1]}))
    assert "Inzwischen geändert: Wie groß ist Ihr Widerstand gegen „Belastung“? (jetzt: 4)" in page
    assert Rating.objects.get().score == 4


def test_only_members_with_a_vote_rate(client: Client, group: Group, round: AcceptanceRound, cast: Cast) -> None:
    for person, code in ((group.adviser.person, 403), (cast.planning, 403), (cast.nobody, 404)):
        client.force_login(person)
        assert client.get(f"/gremien/bewertung/{round.pk}/bewerten/").status_code == code
        with pytest.raises(NotAllowed):
            rate(round=round, scores={model_of(round, "Köpfe").pk: Score(0)}, actor=person)


def test_a_deputy_does_not_rate(group: Group, round: AcceptanceRound) -> None:
    deputy = Membership.objects.create(
        committee=group.committee,
        person=factories.make_user("Vertretung"),
        side=Side.YOUNG_PEOPLE,
        deputy_for=group.young,
        appointment="Schreiben",
        valid_from=TODAY,
    )
    with pytest.raises(NotAllowed):
        gives(round, deputy, Köpfe=0)


def test_nothing_is_rated_once_the_round_is_closed(client: Client, group: Group, done: AcceptanceRound) -> None:
    with pytest.raises(DomainError, match="ist geschlossen"):
        gives(done, group.young, Köpfe=0)
    client.force_login(group.young.person)
    answer = client.get(f"/gremien/bewertung/{done.pk}/bewerten/")
    assert answer["Location"] == f"/gremien/bewertung/{done.pk}/"


def test_a_member_reads_first_what_the_own_space_gets_and_why(
    client: Client, group: Group, round: AcceptanceRound
) -> None:
    client.force_login(group.carrier.person)
    page = text_of(client.get(f"/gremien/bewertung/{round.pk}/bewerten/"))
    # Träger A runs the office in Bleckede.
    assert 'Bleckede: <span class="app-nowrap">227.952,18 €</span>' in page
    assert "(−34.047,82 €)" in page
    assert page.count("Warum bekommt Bleckede weniger?") == 3
    assert "Bei gleicher Belastung aller Sozialräume" in page
    # By heads no indicator moves anything: its lines are left out.
    heads = page.split('id="modell-')[2]
    assert "Nach diesem Modell" in heads
    assert "<dt>Arbeitslose je 1.000</dt>" not in heads


def test_the_lines_of_a_space_add_up_to_its_amount(group: Group, round: AcceptanceRound, county: County) -> None:
    for model in round.models.all():
        for space in results_of([model])[model.pk].of([space.key for space in county.spaces.values()]):
            *steps, amount, before, change = [
                Decimal(
                    text.replace("\u00a0€", "")
                    .replace(".", "")
                    .replace(",", ".")
                    .replace("\u2212", "-")
                    .replace("+", "")
                )
                for _, text in space.lines
            ]
            assert sum(steps) == amount == space.amount
            assert amount - before == change


def test_own_spaces_come_from_ties_and_roles_of_today(group: Group, county: County, cast: Cast) -> None:
    keys = {name: space.key for name, space in county.spaces.items()}
    assert own_spaces(cast.carrier_lead) == [keys["Bleckede"]]
    assert own_spaces(cast.municipality) == [keys["Dahlenburg"]]
    assert own_spaces(group.young.person) == []
    Tie.objects.create(person=group.young.person, kind=TieKind.ADVISORY, carrier=county.carrier_b, valid_from=TODAY)
    Tie.objects.create(
        person=group.young.person,
        kind=TieKind.REPRESENTS,
        space=county.spaces["Adendorf"],
        valid_from=TODAY,
        valid_to=TODAY,
    )
    assert own_spaces(group.young.person) == [keys["Scharnebeck"]]


def test_the_page_of_a_model_shows_all_spaces_and_the_indicators_in_euros(
    client: Client, group: Group, round: AcceptanceRound
) -> None:
    client.force_login(group.municipality.person)
    url = f"/gremien/bewertung/modelle/{model_of(round, 'Belastung').pk}/"
    page = text_of(client.get(url))
    assert "Warum bekommt Dahlenburg diesen Betrag?" in page
    assert "Was die Indikatoren in Euro bewegen" in page
    assert "131.723,96 €" in page
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"{url}?format=xlsx").content))
    assert [cell.value for cell in book.worksheets[0][1]][7:9] == ["M2 · Nach Belastung", "M2: Veränderung"]
    heads = text_of(client.get(f"/gremien/bewertung/modelle/{model_of(round, 'Köpfe').pk}/"))
    assert "Kein Indikator bewegt einen Betrag." in heads


# --- what is seen when ---------------------------------------------------------------------------------------------


def test_while_open_everybody_sees_only_how_many_have_rated(
    client: Client, group: Group, round: AcceptanceRound, cast: Cast
) -> None:
    gives(round, group.carrier, Belastung=7, Köpfe=6, Sanft=5)
    gives(round, group.young, Belastung=3)
    for person in (group.chair.person, group.young.person, cast.planning, cast.head):
        client.force_login(person)
        page = text_of(client.get(f"/gremien/bewertung/{round.pk}/"))
        assert "1 von 6 haben bewertet, 1 teilweise." in page
        assert "Grund 7" not in page
        assert ("Grund 3" in page) is (person == group.young.person)
        assert "Zur Abstimmung vorlegen" not in page
        assert client.get(f"/gremien/bewertung/{round.pk}/?format=csv")["Content-Type"].startswith("text/html")
    entries = Entry.objects.filter(action="acceptance.rate")
    assert [entry.data for entry in entries if set(entry.data) != {"models"}] == []
    assert not entries.exclude(reason="").exists()


def test_the_result_stands_by_mean_with_the_reasons_of_the_minority_first(
    client: Client, group: Group, done: AcceptanceRound
) -> None:
    client.force_login(group.young.person)
    page = text_of(client.get(f"/gremien/bewertung/{done.pk}/"))
    assert "Am wenigsten Widerstand: „Sanft“ (Mittel 1,67 von 10)." in page
    # The worked numbers of docs/committee-workflow.md.
    rows = client.get(f"/gremien/bewertung/{done.pk}/?format=csv").content.decode("utf-8-sig").splitlines()
    assert [row.split(";")[:3] for row in rows[1:]] == [
        ["Sanft", "6", "1,67"],
        ["Belastung", "6", "2,50"],
        ["Köpfe", "6", "3,83"],
    ]
    assert "6 von 6 haben bewertet." in page
    need = page.split('id="modell-')[1]
    assert need.index("<strong>9</strong>: Grund 9") < need.index("Weitere Begründungen") < need.index("Grund 3")
    assert "Die Seiten stehen nicht einzeln da" in page
    assert "freie Träger" not in page
    assert group.carrier.person.name not in page


def test_sides_with_two_raters_are_shown(client: Client, group: Group, round: AcceptanceRound) -> None:
    Membership.objects.filter(pk__in=(group.freelancer.pk, group.young.pk)).update(side=Side.FREE_CARRIER)
    for seat, score in (
        (group.carrier, 6),
        (group.freelancer, 8),
        (group.young, 7),
        (group.chair, 0),
        (group.county, 2),
    ):
        gives(round, seat, Belastung=score)
    closed(round, group)
    client.force_login(group.young.person)
    page = text_of(client.get(f"/gremien/bewertung/{round.pk}/"))
    assert ">freie Träger<" in page
    assert "<strong>8</strong>, freie Träger: Grund 8" in page
    rows = client.get(f"/gremien/bewertung/{round.pk}/?format=csv").content.decode("utf-8-sig").splitlines()
    assert rows[0].startswith("Modell;Bewertungen;Mittel;freie Träger;übrige;Anzahl 0;")
    assert rows[1].startswith("Belastung;5;4,60;7,00;1,00;1;0;1;")


def test_a_closed_round_is_exported_with_its_reasons(client: Client, group: Group, done: AcceptanceRound) -> None:
    client.force_login(group.young.person)
    url = f"/gremien/bewertung/{done.pk}/"
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"{url}?format=xlsx").content))
    assert book.sheetnames == ["Mittlerer Widerstand je Modell", "Begründungen", "Hinweise"]
    reasons = client.get(f"{url}?format=csv&tabelle=begruendungen").content.decode("utf-8-sig").splitlines()
    assert reasons[:3] == ["Modell;Widerstand;Begründung", "Belastung;9;Grund 9", "Köpfe;8;Grund 8"]


def test_a_member_who_left_still_counts_with_what_was_given(
    client: Client, group: Group, round: AcceptanceRound
) -> None:
    gives(round, group.young, Belastung=1, Köpfe=0, Sanft=0)
    Membership.objects.filter(pk=group.young.pk).update(valid_to=TODAY)
    closed(round, group)
    client.force_login(group.chair.person)
    assert "1 von 6 haben bewertet." in text_of(client.get(f"/gremien/bewertung/{round.pk}/"))


def test_who_takes_another_seat_still_rates_once(client: Client, group: Group, round: AcceptanceRound) -> None:
    gives(round, group.young, Belastung=9, Köpfe=0, Sanft=0)
    Membership.objects.filter(pk=group.young.pk).update(valid_to=TODAY)
    seat = Membership.objects.create(
        committee=group.committee,
        person=group.young.person,
        side=Side.OTHER,
        appointment="Schreiben",
        valid_from=TODAY + dt.timedelta(days=1),
    )
    client.force_login(seat.person)
    assert "9 von 10: Grund 9" in text_of(client.get(f"/gremien/bewertung/{round.pk}/"))
    assert "1 von 6 haben bewertet." in text_of(client.get(f"/gremien/bewertung/{round.pk}/"))
    assert not tasks_of(seat.person, dt.date(2026, 6, 15))
    gives(round, seat, Belastung=8)
    assert Rating.objects.get(model__name="Belastung").member == seat
    assert "1 von 6 haben bewertet." in text_of(client.get(f"/gremien/bewertung/{round.pk}/"))


def test_a_round_without_a_rating_says_so(client: Client, group: Group, round: AcceptanceRound) -> None:
    closed(round, group)
    client.force_login(group.chair.person)
    assert "Niemand hat bewertet." in text_of(client.get(f"/gremien/bewertung/{round.pk}/"))


@pytest.mark.parametrize(("person", "code"), [("head", 200), ("audit", 200), ("carrier_lead_b", 404), ("nobody", 404)])
def test_others_do_not_find_the_round(
    client: Client, cast: Cast, done: AcceptanceRound, person: str, code: int
) -> None:
    client.force_login(getattr(cast, person))
    assert client.get(f"/gremien/bewertung/{done.pk}/").status_code == code
    assert client.get(f"/gremien/bewertung/modelle/{model_of(done, 'Köpfe').pk}/").status_code == code


def test_before_few_ratings_are_shown_it_is_said_what_they_tell(
    client: Client, group: Group, round: AcceptanceRound
) -> None:
    for seat in (group.young, group.county):
        gives(round, seat, Köpfe=0)
    client.force_login(group.chair.person)
    assert "Bewerten weniger als drei Mitglieder" in text_of(client.get(f"/gremien/bewertung/{round.pk}/bewerten/"))
    url = f"/gremien/bewertung/{round.pk}/schliessen/"
    assert "Bei weniger als 3 Mitgliedern verrät das Ergebnis" in text_of(client.get(url))
    gives(round, group.carrier, Köpfe=0)
    assert "verrät" not in text_of(client.get(url))


def test_the_chair_closes_and_the_database_keeps_it(
    client: Client, group: Group, round: AcceptanceRound, cast: Cast
) -> None:
    gives(round, group.young, Köpfe=2)
    url = f"/gremien/bewertung/{round.pk}/schliessen/"
    for person, code in ((group.young.person, 403), (cast.finance, 403)):
        client.force_login(person)
        assert client.post(url).status_code == code
    client.force_login(group.chair.person)
    assert "0 von 6 haben bewertet, 1 teilweise." in text_of(client.get(url))
    client.post(url)
    round.refresh_from_db()
    assert (round.status, round.closed_at is not None) == (RoundStatus.CLOSED, True)
    assert Entry.objects.get(action="acceptance.close").data == {"ratings": 1}
    with pytest.raises(DomainError, match="schon geschlossen"):
        closed(round, group)
    with pytest.raises(DatabaseError, match="is refused"), transaction.atomic():
        Rating.objects.update(score=0)


@pytest.mark.parametrize("page", ["bewerten/", ""])
def test_more_models_and_ratings_ask_no_more_questions(
    client: Client, group: Group, share: Callable[..., SavedScenario], page: str
) -> None:
    asked = []
    for number in (2, 8):
        scenarios = [share(f"{number}-{n}", choices={1: Choice("M2"), 2: Choice("M1")}) for n in range(number // 2)]
        round = open_acceptance_round(
            committee=group.committee,
            title=f"Runde {number}",
            closes_on=None,
            candidates=[Candidate(one, n, f"{one} {n}") for one in scenarios for n in (1, 2)],
            actor=group.chair.person,
        )
        for seat in (group.carrier, group.young, group.county)[: number // 2]:
            rate(
                round=round,
                scores={model.pk: Score(5, "Grund") for model in round.models.all()},
                actor=seat.person,
            )
        if not page:
            closed(round, group)
        client.force_login(group.carrier.person)
        client.get(f"/gremien/bewertung/{round.pk}/{page}")
        with CaptureQueriesContext(connection) as queries:
            assert client.get(f"/gremien/bewertung/{round.pk}/{page}").status_code == 200
        asked.append(len(queries))
    assert asked[0] == asked[1]


# --- handing over --------------------------------------------------------------------------------------------------


def test_the_chair_hands_a_model_over_as_a_proposal(
    client: Client, group: Group, done: AcceptanceRound, cast: Cast, scheme: WeightingScheme
) -> None:
    model = model_of(done, "Sanft")
    url = f"/gremien/bewertung/modelle/{model.pk}/vorlegen/"
    client.force_login(group.chair.person)
    page = text_of(client.get(url))
    assert "Unterarbeitsgruppe Finanzen stimmt darüber ab. Nötig sind zwei Drittel." in page
    assert "bis der Jugendhilfeausschuss beschlossen hat und das Haushaltsjahr wirksam ist." in page
    assert "1,67 von 10 (6 Bewertungen)" in page
    assert "Es gibt 1 Fehler" in text_of(client.post(url, {"reason": ""}))
    client.post(url, {"reason": "Am wenigsten Widerstand"})
    model.refresh_from_db()
    proposal = model.proposal
    assert proposal
    assert (proposal.name, proposal.code, proposal.scheme) == ("Sanft", "M2", scheme)
    assert (proposal.floor_percent, proposal.proposed_by) == (Decimal(5), group.chair.person)
    assert proposal.reason == "Am wenigsten Widerstand"
    assert Entry.objects.filter(action="models.propose", object_id=str(proposal.pk)).count() == 1
    assert Entry.objects.get(action="acceptance.hand_over").data == {"proposal": proposal.pk, "model": model.pk}
    # Who handed it over sees it and may take it back; the others of the group see that it was.
    assert client.get(f"/verteilung/modelle/{proposal.pk}/").status_code == 200
    assert client.get(f"/verteilung/modelle/{proposal.pk}/zurueckziehen/").status_code == 200
    client.force_login(group.young.person)
    page = text_of(client.get(f"/gremien/bewertung/{done.pk}/"))
    assert "Zur Abstimmung vorgelegt am" in page
    assert f"/verteilung/modelle/{proposal.pk}/" not in page
    assert client.get(f"/verteilung/modelle/{proposal.pk}/").status_code == 404
    client.force_login(cast.planning)
    page = text_of(client.get(f"/verteilung/modelle/{proposal.pk}/"))
    assert f'href="/gremien/bewertung/{done.pk}/"' in page
    assert "Unterarbeitsgruppe Finanzen, Widerstand im Mittel 1,67 von 10" in page


def test_a_simple_majority_is_said_where_it_is_enough(client: Client, group: Group, done: AcceptanceRound) -> None:
    Committee.objects.update(majority="simple")
    client.force_login(group.chair.person)
    page = text_of(client.get(f"/gremien/bewertung/modelle/{model_of(done, 'Sanft').pk}/vorlegen/"))
    assert "Nötig ist die einfache Mehrheit: mehr Ja als Nein." in page


def test_a_model_is_handed_over_once_and_after_the_closing(
    client: Client, group: Group, round: AcceptanceRound
) -> None:
    model = model_of(round, "Sanft")
    url = f"/gremien/bewertung/modelle/{model.pk}/vorlegen/"
    with pytest.raises(DomainError, match="ist noch offen"):
        hand_over(model=model, reason="x", actor=group.chair.person)
    client.force_login(group.chair.person)
    assert "ist noch offen" in text_of(client.get(url))
    closed(round, group)
    proposal = hand_over(model=model, reason="x", actor=group.chair.person)
    withdraw_model(model=proposal, reason="y", actor=group.chair.person)
    with pytest.raises(DomainError, match="schon vorgelegt"):
        hand_over(model=model, reason="x", actor=group.chair.person)
    assert client.post(url, {"reason": "x"}).status_code == 409
    assert DistributionModel.objects.count() == 1


@pytest.mark.parametrize(
    ("who", "code"), [("chair", 200), ("planning", 200), ("finance", 200), ("young", 403), ("head", 403)]
)
def test_the_chair_planning_and_controlling_hand_over(
    client: Client, group: Group, done: AcceptanceRound, cast: Cast, who: str, code: int
) -> None:
    person: User = getattr(group, who).person if hasattr(group, who) else getattr(cast, who)
    model = model_of(done, "Sanft")
    client.force_login(person)
    assert client.get(f"/gremien/bewertung/modelle/{model.pk}/vorlegen/").status_code == code
    if code == 403:
        with pytest.raises(NotAllowed):
            hand_over(model=model, reason="x", actor=person)


def test_other_weights_are_saved_as_a_version_before_a_model_is_handed_over(
    client: Client, group: Group, share: Callable[..., SavedScenario], scheme: WeightingScheme, cast: Cast
) -> None:
    weights = WEIGHTS | {"unemployment": Decimal(100)}
    scenario = share("Andere Gewichte", weights=weights, choices={1: Choice("M2"), 2: Choice("M3")})
    round = open_acceptance_round(
        committee=group.committee,
        title="Runde",
        closes_on=None,
        candidates=[Candidate(scenario, 1, "Sanft"), Candidate(scenario, 2, "B")],
        actor=group.chair.person,
    )
    closed(round, group)
    model = model_of(round, "Sanft")
    url = f"/gremien/bewertung/modelle/{model.pk}/vorlegen/"
    with pytest.raises(DomainError, match="als neue Fassung"):
        hand_over(model=model, reason="x", actor=group.chair.person)
    client.force_login(cast.planning)
    page = text_of(client.get(url))
    assert "rechnet mit anderen Gewichten als Belastung" in page
    assert "/verteilung/gewichte/?jahr=2026" in page
    client.force_login(group.chair.person)
    assert f'href="/gremien/szenarien/{scenario.pk}/"' in text_of(client.get(url))
    copy_scheme(scheme=scheme, weights=WEIGHTS, actor=cast.planning)
    assert "als neue Fassung" in text_of(client.get(url))
    saved = copy_scheme(scheme=scheme, weights=weights, actor=cast.planning)
    assert hand_over(model=model, reason="x", actor=group.chair.person).scheme == saved


def test_a_superseded_scheme_carries_no_proposal(group: Group, done: AcceptanceRound, scheme: WeightingScheme) -> None:
    with factories.as_if_always_so():
        WeightingScheme.objects.filter(pk=scheme.pk).update(status="superseded")
    with pytest.raises(DomainError, match="ist abgelöst"):
        hand_over(model=model_of(done, "Sanft"), reason="x", actor=group.chair.person)


def test_other_data_since_the_scenario_was_saved_are_said(
    client: Client, group: Group, done: AcceptanceRound, year: FiscalYear
) -> None:
    FiscalYear.objects.filter(pk=year.pk).update(total_family=Decimal(2_333_000))
    with factories.as_if_always_so():
        SavedScenario.objects.update(fingerprint="0" * 64)
    client.force_login(group.chair.person)
    page = text_of(client.get(f"/gremien/bewertung/modelle/{model_of(done, 'Sanft').pk}/vorlegen/"))
    assert "Der Vorschlag gilt für den Betrag des Haushaltsjahres." in page
    assert "Seit dem Speichern haben sich Daten geändert" in page


@pytest.mark.parametrize("body", ["Unterarbeitsgruppe Finanzen", " unterarbeitsgruppe  finanzen "])
def test_a_working_group_carries_no_decision_about_money(
    group: Group, done: AcceptanceRound, cast: Cast, body: str
) -> None:
    proposal = hand_over(model=model_of(done, "Belastung"), reason="x", actor=group.chair.person)
    basis = LegalBasis(
        kind="resolution", number="1", date=dt.date(2026, 1, 1), body=body, wording="Die Gruppe hat zugestimmt."
    )
    with pytest.raises(DomainError, match="ist eine Arbeitsgruppe"):
        adopt_model(model=proposal, basis=basis, review_on=dt.date(2030, 12, 31), actor=cast.head)
    basis.body = "Jugendhilfeausschuss"
    assert adopt_model(model=proposal, basis=basis, review_on=dt.date(2030, 12, 31), actor=cast.head).pk
