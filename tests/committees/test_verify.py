"""`verify` finds what somebody with all rights has changed in an issued report or in a closed round."""

import datetime as dt
from decimal import Decimal

import pytest
from django.db import connection

from budgets.models import FiscalYear
from committees.models import AcceptanceRound, IssuedPaper, Membership, Paper, RatedModel, SavedScenario, WeightRound
from committees.services.acceptance import Score, close_acceptance_round, rate
from committees.services.groups import appoint
from committees.services.papers import issue_paper
from committees.services.rounds import close_round, open_round, save_points, take_over_weights
from committees.verify import verify_acceptance_rounds, verify_papers, verify_weight_rounds
from indicators.models import WeightingScheme
from jugendhilfe.lib.canonical import digest
from tests import factories
from tests.committees.conftest import Group
from tests.conftest import Cast


@pytest.fixture
def issue(draft: Paper, cast: Cast) -> IssuedPaper:
    return issue_paper(paper=draft, actor=cast.head)


def tamper(statement: str, *parameters: str | bytes) -> None:
    """As the owner of the tables could: with the trigger switched off."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(statement, parameters)
        cursor.execute("SET session_replication_role = origin")


def test_an_untouched_report_is_in_order(issue: IssuedPaper) -> None:
    assert list(verify_papers()) == []


def test_changed_figures_are_found(issue: IssuedPaper) -> None:
    changed = issue.figures.replace("227952.18", "327952.18")
    tamper("UPDATE committees_issuedpaper SET figures = %s", changed)

    assert [line for line in verify_papers() if "Prüfsumme" in line]


def test_a_new_fingerprint_does_not_hide_other_inputs(issue: IssuedPaper) -> None:
    assert issue.paper.distribution is not None
    changed = issue.figures.replace(issue.paper.distribution.sha256, "0" * 64)
    tamper("UPDATE committees_issuedpaper SET figures = %s, sha256 = %s", changed, digest(changed))

    assert [line for line in verify_papers() if "anderen Eingaben" in line]
    assert [line for line in verify_papers() if "Im Protokoll steht anderes: Zahlen." in line]


@pytest.mark.parametrize(
    ("statement", "finding"),
    [
        ("UPDATE committees_paper SET subject = subject || '!'", "Text"),
        ("UPDATE committees_paper SET publicity = 'not_public'", "Text"),
        ("UPDATE committees_situation SET text = text || '!'", "Text"),
        ("UPDATE committees_consultation SET date = date + 1", "Text"),
        ("UPDATE committees_issuedpaper SET pdf = pdf || ' '::bytea", "PDF"),
    ],
)
def test_changed_words_and_another_pdf_are_found(issue: IssuedPaper, statement: str, finding: str) -> None:
    tamper(statement)
    (line,) = verify_papers()
    assert line.endswith(f"Im Protokoll steht anderes: {finding}.")


def test_a_report_that_nobody_issued_is_found(issue: IssuedPaper) -> None:
    tamper("DELETE FROM audit_entry WHERE action = 'papers.issue'")
    (line,) = verify_papers()
    assert "Im Protokoll steht nicht" in line


def test_a_broken_pdf_is_found(issue: IssuedPaper) -> None:
    tamper("UPDATE committees_issuedpaper SET pdf = %s", b"nothing")

    assert [line for line in verify_papers() if "lassen sich nicht lesen" in line]


@pytest.fixture
def seat(group: Group, cast: Cast) -> Membership:
    """Entered as the office enters it."""
    member = Membership(
        committee=group.committee,
        person=factories.make_user("Neues Mitglied"),
        side="other",
        appointment="Schreiben",
        valid_from=dt.date(2025, 1, 1),
    )
    return appoint(membership=member, actor=cast.planning)


@pytest.fixture
def weights(group: Group, seat: Membership, scheme: WeightingScheme) -> WeightRound:
    """Closed with one sheet, and taken over."""
    round = open_round(
        round=WeightRound(committee=group.committee, scheme=scheme, title="2027"), actor=group.chair.person
    )
    points = {next(iter(round.indicators.all())).pk: Decimal(100)}
    save_points(round=round, points=points, comment="", hand_in=True, actor=seat.person)
    round = close_round(round=round, actor=group.chair.person)
    take_over_weights(round=round, actor=group.chair.person)
    return round


@pytest.fixture
def ratings(group: Group, seat: Membership, scheme: WeightingScheme, year: FiscalYear) -> AcceptanceRound:
    """Closed with one rating."""
    scenario = SavedScenario.objects.create(
        name="A", reason="Probe", owner=seat.person, committee=group.committee, year=year, scheme=scheme
    )
    round = AcceptanceRound.objects.create(committee=group.committee, title="Modelle")
    model = RatedModel.objects.create(round=round, scenario=scenario, column=1, name="Modell")
    rate(round=round, scores={model.pk: Score(0)}, actor=seat.person)
    return close_acceptance_round(round=round, actor=group.chair.person)


@pytest.mark.parametrize(
    ("statement", "finding"),
    [
        ("SELECT 1", ""),
        ("UPDATE committees_weightround SET result_id = NULL", "keine oder eine andere Fassung"),
        ("UPDATE committees_pointsheet SET status = 'draft', submitted_at = NULL", "andere Zahl von Punktzetteln"),
        ("UPDATE committees_pointsheet SET member_id = member_id - 1", "nicht, dass ein Mitglied"),
        ("DELETE FROM audit_entry WHERE action = 'weight_rounds.close'", "kennt das Schließen nicht"),
        ("DELETE FROM audit_entry WHERE action = 'memberships.enter'", "nicht, dass ein Mitglied"),
    ],
)
def test_points_that_the_log_does_not_know_are_found(weights: WeightRound, statement: str, finding: str) -> None:
    tamper(statement)
    assert [finding in line for line in verify_weight_rounds()] == [True] * bool(finding)


@pytest.mark.parametrize(
    ("statement", "finding"),
    [
        ("SELECT 1", ""),
        ("DELETE FROM committees_rating", "andere Zahl von Bewertungen"),
        ("UPDATE committees_rating SET member_id = member_id - 1", "nicht, dass ein Mitglied"),
        ("UPDATE committees_ratedmodel SET proposal_id = 1", "nicht oder anders vorgelegt"),
        ("DELETE FROM audit_entry WHERE action = 'acceptance.close'", "kennt das Schließen nicht"),
    ],
)
def test_ratings_that_the_log_does_not_know_are_found(ratings: AcceptanceRound, statement: str, finding: str) -> None:
    tamper(statement)
    assert [finding in line for line in verify_acceptance_rounds()] == [True] * bool(finding)
