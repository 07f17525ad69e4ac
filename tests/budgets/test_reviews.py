"""The five-year review of a quota: figures of today against the adopted ones, entering it, reminders, verifying."""

import datetime as dt
import io
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from budgets.distribution import Model, build_model
from budgets.models import AdoptedDistribution, DistributionModel, QuotaReview
from budgets.services.distributions import adopt_model, apply_adopted_quota, propose_model
from budgets.services.reviews import hold_review, latest_day, present, urgency
from budgets.verify import verify_reviews
from indicators.models import Indicator, IndicatorValue
from jugendhilfe.audit.models import Entry
from jugendhilfe.lib.errors import DomainError, NotAllowed
from jugendhilfe.views.steps import next_steps
from regions.models import ReferencePopulation, ReferencePopulationCount
from tests import factories
from tests.budgets.conftest import QUOTA, Story
from tests.conftest import Cast, County

REVIEW = dt.date(2030, 12, 31)
DOCUMENTED = {
    "Bleckede": ("0.94687258", "153145.24", "-74806.94"),
    "Adendorf": ("1.01495810", "371055.69", "173943.32"),
    "Amt Neuhaus": ("1.39558579", "123873.14", "-7850.82"),
}


def text_of(response: Any) -> str:
    return response.content.decode().replace("\u00a0", " ")


def adopted_by(story: Story, cast: Cast, model: Model) -> AdoptedDistribution:
    proposal = propose_model(
        year=story.year_2026, scheme=story.scheme, name="Quote", model=model, reason="x", actor=cast.planning
    )
    return adopt_model(model=proposal, basis=factories.make_basis(), review_on=REVIEW, actor=cast.head)


@pytest.fixture
def adopted(story: Story, cast: Cast) -> AdoptedDistribution:
    return adopted_by(story, cast, build_model("M2"))


@pytest.fixture
def newer(county: County, adopted: AdoptedDistribution) -> None:
    """Figures of 2025: in Bleckede half as many unemployed, in Adendorf twice the people."""
    unemployment = Indicator.objects.get(code="unemployment")
    before = {
        row.space_id: row
        for row in IndicatorValue.objects.filter(indicator=unemployment, release__reference_date=dt.date(2021, 12, 31))
    }
    half = county.spaces["Bleckede"].pk
    factories.make_release(
        2025,
        [
            IndicatorValue(
                indicator=unemployment,
                space_id=space,
                value=(row.value or 0) / (2 if space == half else 1),
                numerator=(row.numerator or 0) / (2 if space == half else 1),
                denominator=row.denominator,
            )
            for space, row in before.items()
        ],
    )
    population = ReferencePopulation.objects.create(date=dt.date(2025, 12, 31), source="Probe")
    ReferencePopulationCount.objects.bulk_create(
        ReferencePopulationCount(
            population=population,
            space=row.space,
            count=row.count * (2 if row.space == county.spaces["Adendorf"] else 1),
        )
        for row in ReferencePopulationCount.objects.filter(population=adopted.calculation.population).select_related(
            "space"
        )
    )


def held(adopted: AdoptedDistribution, cast: Cast, **changes: Any) -> QuotaReview:
    today = timezone.localdate()
    arguments = {
        "held_on": today,
        "outcome": "keep",
        "reason": "Die Zahlen sind ähnlich.",
        "next_review_on": latest_day(today),
    }
    return hold_review(distribution=adopted, actor=cast.head, **{**arguments, **changes})


def prove() -> None:
    """What PostgreSQL does at COMMIT."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


# --- the arithmetic -----------------------------------------------------------------------------------------------


def test_newer_figures_move_euros_that_sum_to_nothing(adopted: AdoptedDistribution, newer: None) -> None:
    found = present(adopted, timezone.localdate())
    by_name = {row.name: row for row in found.rows}
    assert {row.name: row.amount_then for row in found.rows} == QUOTA
    assert sum(row.amount_now for row in found.rows) == Decimal("2030000.00")
    assert sum(row.difference for row in found.rows) == 0
    # The worked numbers of docs/distribution.md.
    assert {
        name: (row.factor_now, row.amount_now, row.difference) for name, row in by_name.items() if name in DOCUMENTED
    } == {name: tuple(map(Decimal, numbers)) for name, numbers in DOCUMENTED.items()}
    assert by_name["Bleckede"].factor_then == Decimal("1.28248163")
    assert by_name["Adendorf"].people_now == 2 * by_name["Adendorf"].people_then
    assert [(one.name, one.then, one.now) for one in found.newer] == [
        (
            "Arbeitslose je 1.000 Personen von 15 bis 64",
            "Indikatoren 2021, Stichtag 31.12.2021",
            "Indikatoren 2025, Stichtag 31.12.2025",
        ),
        (adopted.calculation.population.label, "Stichtag 31.12.2022", "Stichtag 31.12.2025"),
    ]


def test_the_same_figures_give_the_same_amounts(adopted: AdoptedDistribution) -> None:
    found = present(adopted, timezone.localdate())
    assert found.newer == []
    assert {row.name: row.amount_now for row in found.rows} == QUOTA


def test_bounds_count_from_the_amounts_of_then(story: Story, cast: Cast, county: County) -> None:
    adopted = adopted_by(story, cast, build_model("M2", floor_percent=Decimal(5)))
    unemployment = Indicator.objects.get(code="unemployment")
    factories.make_release(
        2025,
        [
            IndicatorValue(
                indicator=unemployment, space=space, value=Decimal(1), numerator=Decimal(1), denominator=Decimal(1000)
            )
            for space in county.spaces.values()
        ],
    )
    for row in present(adopted, timezone.localdate()).rows:
        previous = adopted.rows.get(space_name=row.name).previous
        assert previous is not None
        assert row.amount_now >= previous * Decimal("0.95")


def test_a_count_that_covers_not_all_spaces_is_left_alone(adopted: AdoptedDistribution, county: County) -> None:
    population = ReferencePopulation.objects.create(date=dt.date(2025, 12, 31), source="Halb")
    ReferencePopulationCount.objects.create(population=population, space=county.spaces["Adendorf"], count=1)
    assert present(adopted, timezone.localdate()).newer == []


def test_other_spaces_than_then_ask_for_a_new_quota(client: Client, adopted: AdoptedDistribution, cast: Cast) -> None:
    space = factories.make_space("Neuland")
    ReferencePopulationCount.objects.create(population=adopted.calculation.population, space=space, count=100)
    with pytest.raises(DomainError):
        present(adopted, timezone.localdate())
    page = text_of(client.get(f"/verteilung/festgelegt/{adopted.pk}/ueberpruefung/"))
    assert "Mit den Zahlen von heute lässt sich die Quote nicht nachrechnen." in page
    with pytest.raises(DomainError):
        held(adopted, cast)


# --- the page -----------------------------------------------------------------------------------------------------


def test_everybody_reads_what_newer_figures_would_mean(
    client: Client, adopted: AdoptedDistribution, newer: None
) -> None:
    url = f"/verteilung/festgelegt/{adopted.pk}/ueberpruefung/"
    page = text_of(client.get(url))
    for words in ("Indikatoren 2025, Stichtag 31.12.2025", "227.952,18 €", "Verschoben würden", "bis zum 31.12.2030"):
        assert words in page
    assert "Sozialräume bekämen weniger als festgelegt." in page
    assert page.split("<tfoot")[1].split("</tfoot>")[0].count("2.030.000,00 €") == 2
    assert "Überprüfung eintragen" not in page
    book = openpyxl.load_workbook(io.BytesIO(client.get(url, {"format": "xlsx"}).content))
    assert book.sheetnames == ["Festgelegt und mit den Zahlen v", "Werte der Indikatoren", "Hinweise"]
    assert "Bleckede" in client.get(url, {"format": "csv"}).content.decode("utf-8-sig")
    values = client.get(url, {"format": "csv", "tabelle": "werte"}).content.decode("utf-8-sig").splitlines()
    assert values[0].startswith("Sozialraum;Arbeitslose je 1.000 festgelegt;Arbeitslose je 1.000 heute;")


def test_without_newer_figures_the_page_says_so(client: Client, adopted: AdoptedDistribution) -> None:
    page = text_of(client.get(f"/verteilung/festgelegt/{adopted.pk}/ueberpruefung/"))
    assert "Seit der Festlegung gibt es keine neueren Zahlen." in page
    assert "<tfoot" not in page


def test_an_applied_quota_leads_to_the_review_of_the_quota(
    client: Client, adopted: AdoptedDistribution, cast: Cast
) -> None:
    applied = apply_adopted_quota(quota=adopted, year=factories.make_year(2027), actor=cast.head)
    again = apply_adopted_quota(quota=applied, year=factories.make_year(2028), actor=cast.head)
    answer = client.get(f"/verteilung/festgelegt/{again.pk}/ueberpruefung/")
    assert answer["Location"] == f"/verteilung/festgelegt/{adopted.pk}/ueberpruefung/"
    with pytest.raises(DomainError, match="nicht ihre Anwendung"):
        held(applied, cast)


def test_the_page_asks_few_questions(client: Client, adopted: AdoptedDistribution, newer: None) -> None:
    url = f"/verteilung/festgelegt/{adopted.pk}/ueberpruefung/"
    client.get(url)
    with CaptureQueriesContext(connection) as asked:
        client.get(url)
    assert len(asked) <= 12


# --- entering -----------------------------------------------------------------------------------------------------


def test_the_head_enters_a_review_and_its_figures_are_frozen(
    client: Client, adopted: AdoptedDistribution, newer: None, cast: Cast
) -> None:
    client.force_login(cast.head)
    page = f"/verteilung/festgelegt/{adopted.pk}/ueberpruefung/"
    assert "Überprüfung eintragen" in text_of(client.get(page))
    assert "Verschoben würden" in text_of(client.get(f"{page}eintragen/"))
    data = {"held_on": "2026-11-01", "outcome": "change", "reason": "Bleckede", "next_review_on": "2027-06-30"}
    assert client.post(f"{page}eintragen/", data)["Location"] == page
    review = QuotaReview.objects.get()
    assert (review.outcome, review.next_review_on, review.created_by) == ("change", dt.date(2027, 6, 30), cast.head)
    assert Entry.objects.get(action="quotas.review").data["sha256"] == review.sha256
    client.logout()
    said = text_of(client.get(page))
    for words in (
        "Überprüfung vom 01.11.2026",
        "Eine neue Quote wird vorbereitet",
        "bis zum 30.06.2027",
        review.sha256,
    ):
        assert words in said
    assert client.get(f"/verteilung/ueberpruefungen/{review.pk}.json").content.decode() == review.inputs
    # What stands there is what was said that day, whatever the figures are tomorrow.
    assert adopted.due_on == dt.date(2027, 6, 30)


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"held_on": dt.date(2100, 1, 1), "next_review_on": dt.date(2101, 1, 1)}, "wenn sie stattgefunden hat"),
        ({"held_on": dt.date(2026, 1, 1), "next_review_on": dt.date(2026, 1, 1)}, "bis zum 01.01.2031"),
        ({"held_on": dt.date(2026, 1, 1), "next_review_on": dt.date(2031, 1, 2)}, "bis zum 01.01.2031"),
    ],
)
def test_the_next_review_is_within_five_years(
    adopted: AdoptedDistribution, cast: Cast, changes: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(DomainError, match=sentence):
        held(adopted, cast, **changes)


def test_five_years_after_a_leap_day() -> None:
    assert latest_day(dt.date(2028, 2, 29)) == dt.date(2033, 2, 28)


def test_a_refusal_stands_on_the_form(client: Client, adopted: AdoptedDistribution, cast: Cast) -> None:
    client.force_login(cast.head)
    data = {"held_on": "2026-01-01", "outcome": "keep", "reason": "x", "next_review_on": "2040-01-01"}
    page = text_of(client.post(f"/verteilung/festgelegt/{adopted.pk}/ueberpruefung/eintragen/", data))
    assert "spätestens fünf Jahre danach: bis zum 01.01.2031" in page
    assert not QuotaReview.objects.exists()


@pytest.mark.parametrize("person", ["planning", "finance", "audit"])
def test_only_the_head_enters_a_review(client: Client, cast: Cast, adopted: AdoptedDistribution, person: str) -> None:
    client.force_login(getattr(cast, person))
    assert client.get(f"/verteilung/festgelegt/{adopted.pk}/ueberpruefung/eintragen/").status_code == 403
    with pytest.raises(NotAllowed):
        hold_review(
            distribution=adopted,
            held_on=timezone.localdate(),
            outcome="keep",
            reason="x",
            next_review_on=dt.date(2027, 1, 1),
            actor=getattr(cast, person),
        )


def test_a_replaced_quota_is_not_reviewed(adopted: AdoptedDistribution, story: Story, cast: Cast) -> None:
    proposal = propose_model(
        year=story.year_2026, scheme=story.scheme, name="Neu", model=build_model("M1"), reason="x", actor=cast.planning
    )
    adopt_model(model=proposal, basis=adopted.basis, review_on=REVIEW, reason="Neu", actor=cast.head)
    with pytest.raises(DomainError, match="ist ersetzt"):
        held(adopted, cast)


def test_a_kept_quota_goes_on_for_the_years_until_its_next_review(adopted: AdoptedDistribution, cast: Cast) -> None:
    year = factories.make_year(2031)
    with pytest.raises(DomainError, match=r"war bis zum 31\.12\.2030"):
        apply_adopted_quota(quota=adopted, year=year, actor=cast.head)
    held(adopted, cast, held_on=dt.date(2026, 6, 1), next_review_on=dt.date(2031, 6, 1))
    assert apply_adopted_quota(quota=adopted, year=year, actor=cast.head).review_on == dt.date(2031, 6, 1)


# --- reminders ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("today", "kind"),
    [
        (dt.date(2029, 12, 30), ""),
        (dt.date(2029, 12, 31), "info"),
        (dt.date(2030, 9, 29), "info"),
        (dt.date(2030, 9, 30), "warning"),
        (dt.date(2030, 12, 31), "warning"),
        (dt.date(2031, 1, 1), "danger"),
    ],
)
def test_planning_and_head_are_reminded_from_a_year_before(
    adopted: AdoptedDistribution, cast: Cast, today: dt.date, kind: str
) -> None:
    assert urgency(REVIEW, today) == kind
    for person, is_told in ((cast.planning, True), (cast.head, True), (cast.finance, False), (cast.audit, False)):
        steps = [step for step in next_steps(person, None, None, today) if "überprüfen" in step.title]
        assert [step.kind for step in steps] == ([kind] if kind and is_told else [])
        assert all(step.title == "Quote bis zum 31.12.2030 überprüfen" for step in steps)


def test_a_newer_quota_or_a_held_review_takes_the_reminder_away(
    adopted: AdoptedDistribution, story: Story, cast: Cast
) -> None:
    def told(day: dt.date) -> list[str]:
        return [step.url for step in next_steps(cast.head, None, None, day) if "überprüfen" in step.title]

    held(adopted, cast, held_on=dt.date(2026, 6, 1), next_review_on=dt.date(2028, 6, 1))
    assert told(dt.date(2027, 1, 1)) == []
    assert told(dt.date(2028, 1, 1)) == [f"/verteilung/festgelegt/{adopted.pk}/ueberpruefung/"]
    year = factories.make_year(2027)
    model = DistributionModel.objects.create(
        year=year, name="Neu", code="M2", need=1, scheme=story.scheme, reason="x", proposed_by=cast.planning
    )
    newest = adopt_model(model=model, basis=adopted.basis, review_on=dt.date(2031, 12, 31), actor=cast.head)
    assert told(dt.date(2028, 1, 1)) == []
    assert told(dt.date(2031, 6, 1)) == [f"/verteilung/festgelegt/{newest.pk}/ueberpruefung/"]


@pytest.mark.parametrize(
    ("days", "words"),
    [
        (800, None),
        (300, "in den nächsten zwölf Monaten zu überprüfen"),
        (30, "ist bald zu überprüfen"),
        (-1, "ist überfällig"),
    ],
)
def test_the_distribution_says_when_it_is_to_be_reviewed(
    client: Client, adopted: AdoptedDistribution, cast: Cast, days: int, words: str | None
) -> None:
    day = timezone.localdate() + dt.timedelta(days=days)
    with factories.as_if_always_so():
        AdoptedDistribution.objects.filter(pk=adopted.pk).update(review_on=day)
    page = text_of(client.get(f"/verteilung/festgelegt/{adopted.pk}/"))
    assert f"bis zum {day:%d.%m.%Y}" in page
    assert ("Zur Überprüfung" in page) is (words is not None)
    assert words is None or words in page


# --- what stands, stands ------------------------------------------------------------------------------------------


def test_verify_finds_nothing_where_nothing_was_touched(
    adopted: AdoptedDistribution, newer: None, cast: Cast, capsys: pytest.CaptureFixture[str]
) -> None:
    held(adopted, cast)
    prove()
    assert list(verify_reviews()) == []
    call_command("verify")
    assert "Überprüfungen von Quoten: 1." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("statement", "finding"),
    [
        ("UPDATE budgets_quotareview SET outcome = 'change'", "Im Protokoll steht anderes."),
        ("UPDATE budgets_quotareview SET reason = 'x'", "Die Begründung ist eine andere"),
        ("UPDATE budgets_quotareview SET inputs = '{}'", "passen nicht zu ihrer Prüfsumme"),
        ("UPDATE budgets_quotareview SET inputs = '[1]'", "lassen sich nicht nachrechnen"),
        (
            'UPDATE budgets_quotareview SET inputs = replace(inputs, \'"amount_now":"\', \'"amount_now":"1\')',
            "sind nachgerechnet andere",
        ),
        ("UPDATE budgets_adopteddistribution SET sha256 = 'x'", "Die Quote ist eine andere"),
        ("DELETE FROM audit_entry WHERE action = 'quotas.review'", "Im Protokoll steht nicht"),
    ],
)
def test_verify_names_what_was_tampered_with(
    adopted: AdoptedDistribution, newer: None, cast: Cast, statement: str, finding: str
) -> None:
    held(adopted, cast)
    prove()
    with factories.as_if_always_so(), connection.cursor() as cursor:
        cursor.execute(statement)
    assert any(finding in found for found in verify_reviews())


def test_a_held_review_never_changes(adopted: AdoptedDistribution, cast: Cast) -> None:
    held(adopted, cast)
    with pytest.raises(DatabaseError, match="is refused"), transaction.atomic():
        QuotaReview.objects.update(reason="Anders")
