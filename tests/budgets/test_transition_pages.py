"""The way to a quota in the browser: what the page shows, who puts it forward, shows and adopts it, verify."""

import datetime as dt
import io
from collections.abc import Iterator
from decimal import Decimal
from html import unescape
from typing import Any

import openpyxl
import pytest
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from budgets.distribution import build_model
from budgets.models import (
    AdoptedDistribution,
    Deduction,
    DistributionModel,
    FiscalYear,
    LegalBasis,
    OfficeCosts,
    TransitionPlan,
    YearStatus,
)
from budgets.services.transitions import (
    adopt_transition,
    propose_transition,
    show_to_carriers,
    withdraw_transition,
)
from budgets.transition import TransitionInputs
from budgets.transition_assumptions import source_of, to_start_with
from budgets.verify import verify_transitions
from jugendhilfe.accounts.models import User
from jugendhilfe.audit.models import Entry
from jugendhilfe.lib.canonical import digest, from_json
from jugendhilfe.lib.errors import DomainError, FourEyesRequired, NotAllowed
from regions.models import OfficeContract
from tests import factories
from tests.budgets.conftest import Story
from tests.budgets.test_adoption import adopt, propose
from tests.conftest import Cast, County

PAGE = "/verteilung/uebergang/"
INCREASE = Decimal("203000.00")


def text_of(response: Any) -> str:
    return unescape(response.content.decode()).replace("\u00a0", " ")


def put_forward(basis: AdoptedDistribution | DistributionModel, actor: User, **other: Any) -> TransitionPlan:
    source = source_of(basis)
    inputs = to_start_with(source).inputs(source)
    arguments = {"name": "Abschmelzung bis 2030", "reason": "Beschluss 2025/124", **other}
    return propose_transition(source=source, inputs=inputs, actor=actor, **arguments)


@pytest.fixture
def proposal(cast: Cast, story: Story) -> DistributionModel:
    FiscalYear.objects.filter(year=2026).update(total_family=Decimal("2233000.00"))
    Deduction.objects.create(year=story.year_2026, name="Ausgleich", amount=INCREASE, reason="2025/124 b")
    story.year_2026.refresh_from_db()
    return propose(story, cast.planning)


@pytest.fixture
def distribution(cast: Cast, proposal: DistributionModel) -> AdoptedDistribution:
    return adopt(proposal, cast.head)


@pytest.fixture
def plan(cast: Cast, distribution: AdoptedDistribution) -> TransitionPlan:
    return put_forward(distribution, cast.planning)


@pytest.fixture
def planning(client: Client, cast: Cast) -> Client:
    client.force_login(cast.planning)
    return client


# The page


def test_the_page_starts_with_the_increase_that_the_year_keeps_back(
    planning: Client, distribution: AdoptedDistribution
) -> None:
    page = text_of(planning.get(PAGE))
    assert "Jedes Jahr ergibt genau 2.233.000,00 €." in page
    assert 'name="betrag" value="2.030.000,00"' in page
    assert 'name="erhoehung" value="203.000,00"' in page
    for words in ("253.488,04 €", "Ausgleich +25.535,86 €", "−8.511,96 € zum Vorjahr", "9.963,34 €", "85.973,93 €"):
        assert words in page


def test_without_a_deduction_the_increase_is_what_the_year_has_more_than_the_last(
    planning: Client, story: Story, cast: Cast
) -> None:
    FiscalYear.objects.filter(year=2026).update(total_family=Decimal("2100000.00"))
    story.year_2026.refresh_from_db()
    propose(story, cast.planning)
    page = text_of(planning.get(PAGE))
    assert 'name="betrag" value="2.030.000,00"' in page
    assert 'name="erhoehung" value="70.000,00"' in page
    assert "Es fehlen 47.026,07 €." in page


def test_compensation_beyond_the_increase_stands_at_its_field_with_the_missing_amount(
    planning: Client, distribution: AdoptedDistribution
) -> None:
    response = planning.get(PAGE, {"erhoehung": "100.000,00"})
    assert response.status_code == 422
    (error,) = response.context["form"].errors["erhoehung"]
    assert error.replace("\u00a0", " ") == (
        "Der Ausgleich braucht 2026 zusammen 117.026,07 €, aus der Erhöhung stehen 100.000,00 € bereit. "
        "Es fehlen 17.026,07 €."
    )


def test_every_open_question_says_what_its_answers_move(planning: Client, distribution: AdoptedDistribution) -> None:
    page = text_of(planning.get(PAGE, {"index1": "2", "index2": "2", "index3": "2", "index4": "2"}))
    assert "Was der Beschluss offen lässt" in page
    assert "zu wenig hätten Bleckede, Scharnebeck" in page
    assert "regionales Budget 1 +447." in page
    with_it = text_of(planning.get(PAGE, {"quote": "with_increase"}))
    assert "Scharnebeck (39.699,68 €)" in with_it
    assert "gibt ab −967,79 €" in with_it


def test_the_address_holds_every_assumption(planning: Client, distribution: AdoptedDistribution) -> None:
    given = {
        "art": "convergence",
        "schritte": "3",
        "index1": "2,5",
        "schluessel": "own",
        "anteil1": "50",
        "anteil2": "30",
        "anteil3": "20",
        "rest": "regional_1",
        "gebunden": "80",
    }
    what_if = planning.get(PAGE, given).context["what_if"]
    assert what_if.inputs.kind == "convergence"
    assert what_if.inputs.index == (Decimal("2.5"), Decimal(0), Decimal(0))
    assert [region.weight for region in what_if.inputs.regions] == [Decimal(50), Decimal(30), Decimal(20)]
    again = planning.get(f"{PAGE}?{what_if.assumptions.query}").context["what_if"]
    assert again.inputs == what_if.inputs
    assert again.bound == 80


@pytest.mark.parametrize(
    ("given", "field", "sentence"),
    [
        ({"betrag": "viel"}, "betrag", "Zahl"),
        ({"schritte": "11"}, "schritte", "höchstens 10"),
        ({"schritte": "0"}, "schritte", "mindestens 1"),
        ({"index1": "-99"}, "index1", "mindestens −50"),
        ({"schluessel": "own", "anteil1": "90"}, "anteil1", "statt 100"),
        ({"art": "bald"}, "art", "bald"),
    ],
)
def test_what_cannot_be_meant_stands_at_its_field(
    planning: Client, distribution: AdoptedDistribution, given: dict[str, str], field: str, sentence: str
) -> None:
    response = planning.get(PAGE, given)
    assert response.status_code == 422
    assert sentence in " ".join(response.context["form"].errors[field])


def test_another_quota_starts_with_its_own_amounts(
    planning: Client, distribution: AdoptedDistribution, story: Story, cast: Cast
) -> None:
    other = propose(story, cast.finance, name="Zweiter")
    response = planning.get(
        PAGE,
        {"von": f"vorschlag-{other.pk}", "fuer": f"verteilung-{distribution.pk}", "betrag": "5,00", "schritte": "2"},
    )
    assert response.status_code == 302
    page = text_of(planning.get(response["Location"]))
    assert 'value="2.030.000,00"' in page
    assert "Vorschlag „Zweiter“" in page


def test_a_change_while_typing_answers_the_result_alone(planning: Client, distribution: AdoptedDistribution) -> None:
    response = planning.get(PAGE, {"schritte": "2"}, headers={"HX-Request": "true"})
    page = text_of(response)
    assert "<html" not in page
    assert "Neu berechnet. Jedes Jahr ergibt genau 2.233.000,00 €." in page
    assert "Index 2028 in %" in page
    assert "Index 2029 in %" not in page
    assert response["HX-Push-Url"].startswith(PAGE)
    wrong = planning.get(PAGE, {"erhoehung": "1,00"}, headers={"HX-Request": "true"})
    assert (wrong.status_code, wrong["HX-Retarget"]) == (422, "#annahmen-felder")


def test_the_excel_file_has_every_year_and_adds_up(planning: Client, distribution: AdoptedDistribution) -> None:
    book = openpyxl.load_workbook(io.BytesIO(planning.get(PAGE, {"format": "xlsx"}).content))
    assert book.sheetnames == ["Übergang", "Jahre", "Wer zahlt für wen", "Tragfähigkeit", "Verträge", "Hinweise"]
    rows = list(book["Übergang"].iter_rows(min_row=2, values_only=True))
    assert len(rows) == 50
    assert round(sum(float(str(row[9])) for row in rows if row[0] == 2027), 2) == 2117769.54
    csv = planning.get(PAGE, {"format": "csv"}).content.decode("utf-8-sig")
    assert "Bleckede;Region 1;262000,00;227952,18;0,00;25535,86;0,00;253488,04;-8511,96;-8511,96" in csv


@pytest.mark.parametrize("answers", [{}, {"quote": "with_increase"}, {"rest": "all_spaces"}, {"rest": "regional_1"}])
def test_in_the_excel_file_the_parts_of_a_year_add_up(
    planning: Client, distribution: AdoptedDistribution, answers: dict[str, str]
) -> None:
    book = openpyxl.load_workbook(io.BytesIO(planning.get(PAGE, {"format": "xlsx", **answers}).content))
    head, *rows = book["Jahre"].iter_rows(values_only=True)
    assert len(rows) == 5
    for row in rows:
        year = {str(name): round(100 * float(str(value))) for name, value in zip(head, row, strict=True)}
        spaces = year["Quoten"] - year["geben ab"] + year["Ausgleich"] + year["aus dem Rest"]
        assert spaces == year["Sozialräume"]
        regional_1 = sum(cents for name, cents in year.items() if name.startswith("Regionales Budget 1"))
        assert year["Sozialräume"] + regional_1 + year["Rücklage"] == year["Jahressumme"]


def test_the_payments_of_a_year_sum_to_what_changes(planning: Client, distribution: AdoptedDistribution) -> None:
    payments = planning.get(PAGE).context["payments"]
    year, paid = payments[-1]
    assert year.year == 2030
    assert sum(one.amount for one in paid if one.payer == "Scharnebeck") == Decimal("68090.62")
    assert sum(one.amount for one in paid if one.receiver.startswith("Regionales Budget 1")) == Decimal("117026.07")
    assert sum(one.amount for one in paid if one.payer == "aus der Erhöhung") == INCREASE


def test_without_a_quota_the_page_leads_to_the_comparison(planning: Client, story: Story) -> None:
    page = text_of(planning.get(PAGE))
    assert "Es gibt noch keine Quote" in page
    assert reverse("budgets:comparison") in page


def test_the_queries_of_the_page_do_not_grow_with_the_spaces(
    planning: Client, distribution: AdoptedDistribution
) -> None:
    planning.get(PAGE)
    with CaptureQueriesContext(connection) as queries:
        planning.get(PAGE)
    assert len(queries) <= 8, [query["sql"][:120] for query in queries]


# Contracts and costs


def test_contracts_with_less_are_named_with_the_last_date_for_notice(
    planning: Client, distribution: AdoptedDistribution, county: County
) -> None:
    changes = planning.get(PAGE).context["changes"]
    first = next(change for change in changes if change.space == "Bleckede")
    assert (first.cut.year, first.carrier, first.notice_by) == (2027, "Träger A", dt.date(2026, 6, 30))
    assert {change.space for change in changes} == {"Bleckede", "Scharnebeck", "Adendorf"}
    assert {change.status[1] for change in changes if change.space == "Adendorf"} == {"kein Vertrag bekannt"}


def test_a_date_for_notice_that_has_passed_is_said(planning: Client, distribution: AdoptedDistribution) -> None:
    changes = planning.get(PAGE).context["changes"]
    for change in changes:
        if change.contract:
            assert change.status[1] == ("Frist überschritten" if change.notice_by < change.today else "Frist läuft")


def test_a_contract_that_ends_anyway_needs_no_notice(
    planning: Client, distribution: AdoptedDistribution, county: County
) -> None:
    OfficeContract.objects.filter(pk=county.contract_a.pk).update(valid_to=dt.date(2027, 12, 31))
    of_bleckede = [c for c in planning.get(PAGE).context["changes"] if c.space == "Bleckede"]
    assert [change.status[1] for change in of_bleckede[1:]] == ["Vertrag endet ohnehin"] * 3
    assert of_bleckede[0].notice_by is not None


def test_a_budget_that_does_not_cover_the_fixed_costs_is_said_in_words(
    planning: Client, distribution: AdoptedDistribution, county: County
) -> None:
    assert "Von keinem Büro sind anerkannte Fixkosten" in text_of(planning.get(PAGE))
    OfficeCosts.objects.create(
        year=distribution.year, office=county.offices["Bleckede"], fixed=Decimal("200000.00"), source="Antrag"
    )
    page = text_of(planning.get(PAGE, {"gebunden": "80"}))
    assert "In 3 Fällen deckt das gebundene Budget die anerkannten Fixkosten nicht." in page
    assert "deckt nicht: es fehlen 17.638,26 €" in page
    assert "Von 9 Büros sind keine bekannt." in page


# Proposing, showing, adopting


def test_what_is_proposed_is_kept_and_computed_again_to_the_cent(
    planning: Client, distribution: AdoptedDistribution
) -> None:
    response = planning.post(
        f"{PAGE}vorschlagen/?schritte=2", {"name": "Zwei Schritte", "reason": "Schneller am Ziel"}, follow=True
    )
    plan = TransitionPlan.objects.get()
    assert "Der Übergang ist vorgeschlagen." in text_of(response)
    inputs = from_json(TransitionInputs, plan.inputs)
    assert (inputs.steps, inputs.quota, plan.sha256) == (2, distribution.sha256, digest(plan.inputs))
    assert inputs.results().years[1].compensation == Decimal("58513.04")
    assert list(verify_transitions()) == []


def test_what_cannot_be_computed_is_not_proposed(planning: Client, distribution: AdoptedDistribution) -> None:
    assert planning.get(f"{PAGE}vorschlagen/?erhoehung=1,00").status_code == 409
    assert not TransitionPlan.objects.exists()


def test_only_planning_and_finance_propose(distribution: AdoptedDistribution, cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        put_forward(distribution, cast.head)
    assert put_forward(distribution, cast.finance).proposed_by == cast.finance


def test_a_quota_that_changed_meanwhile_is_refused(proposal: DistributionModel, story: Story, cast: Cast) -> None:
    source = source_of(proposal)
    inputs = to_start_with(source).inputs(source)
    Deduction.objects.all().delete()
    with pytest.raises(DomainError, match="inzwischen geändert"):
        propose_transition(source=source_of(proposal), inputs=inputs, name="Alt", reason="Alt", actor=cast.planning)


def test_who_proposes_withdraws_and_nobody_else(plan: TransitionPlan, cast: Cast) -> None:
    with pytest.raises(NotAllowed):
        withdraw_transition(plan=plan, reason="Weg", actor=cast.finance)
    assert withdraw_transition(plan=plan, reason="Neu rechnen", actor=cast.planning).status == "withdrawn"
    with pytest.raises(DomainError, match="schon zurückgezogen"):
        show_to_carriers(plan=plan, actor=cast.planning)


def test_carriers_are_shown_a_plan_once(planning: Client, plan: TransitionPlan) -> None:
    show = f"{PAGE}{plan.pk}/zeigen/"
    assert "Das lässt sich nicht zurücknehmen." in text_of(planning.get(show))
    plan.refresh_from_db()
    assert plan.shown_to_carriers_at is None
    planning.post(show)
    plan.refresh_from_db()
    assert plan.shown_to_carriers_at is not None
    assert "Die Träger sehen diesen Übergang schon." in text_of(planning.post(show))


def test_a_second_person_adopts_with_a_legal_basis(client: Client, plan: TransitionPlan, cast: Cast) -> None:
    client.force_login(cast.head)
    adopting = f"{PAGE}{plan.pk}/festlegen/"
    assert "Für eine neue Rechtsgrundlage bitte ausfüllen." in text_of(client.post(adopting, {"basis": ""}))
    basis = LegalBasis.objects.get()
    client.post(adopting, {"basis": str(basis.pk)})
    plan.refresh_from_db()
    assert (plan.status, plan.basis, plan.adopted_by) == ("adopted", basis, cast.head)
    client.logout()
    page = text_of(client.get(f"{PAGE}{plan.pk}/"))
    assert "Beschluss 2025/124" in page
    assert "Verträge, die sich ändern müssen" not in page
    assert "Tragfähigkeit" not in page
    assert list(verify_transitions()) == []


def test_nobody_adopts_the_own_proposal(distribution: AdoptedDistribution, cast: Cast) -> None:
    plan = put_forward(distribution, cast.planning)
    with factories.as_if_always_so():
        TransitionPlan.objects.filter(pk=plan.pk).update(proposed_by=cast.head)
    plan.refresh_from_db()
    with pytest.raises(FourEyesRequired):
        adopt_transition(plan=plan, basis=LegalBasis.objects.get(), actor=cast.head)


def test_a_transition_stays_a_proposal_until_the_year_is_in_force(
    client: Client, plan: TransitionPlan, cast: Cast
) -> None:
    FiscalYear.objects.filter(year=2026).update(status=YearStatus.ADOPTED)
    with pytest.raises(DomainError, match="bleibt ein Vorschlag, bis das Haushaltsjahr 2026 wirksam ist"):
        adopt_transition(plan=plan, basis=LegalBasis.objects.get(), actor=cast.head)
    client.force_login(cast.head)
    page = text_of(client.get(f"{PAGE}{plan.pk}/"))
    assert "bis das Haushaltsjahr 2026 wirksam ist" in page
    assert "festlegen/" not in page


def test_first_the_distribution_then_the_transition(proposal: DistributionModel, cast: Cast) -> None:
    plan = put_forward(proposal, cast.planning)
    basis = factories.make_basis()
    with pytest.raises(DomainError, match="Erst die Verteilung, dann der Übergang"):
        adopt_transition(plan=plan, basis=basis, actor=cast.head)
    adopt(proposal, cast.head)
    assert adopt_transition(plan=plan, basis=basis, actor=cast.head).status == "adopted"


def test_a_transition_to_another_quota_than_the_adopted_one_is_refused(
    proposal: DistributionModel, story: Story, cast: Cast
) -> None:
    plan = put_forward(proposal, cast.planning)
    other = propose(story, cast.finance, build_model("M1"))
    adopt(other, cast.head)
    with factories.as_if_always_so():
        DistributionModel.objects.filter(pk=proposal.pk).update(status="withdrawn")
    plan.refresh_from_db()
    with pytest.raises(DomainError, match="eine andere als die des Übergangs"):
        adopt_transition(plan=plan, basis=LegalBasis.objects.get(), actor=cast.head)


def test_a_year_has_one_transition(distribution: AdoptedDistribution, cast: Cast) -> None:
    first, second = (put_forward(distribution, actor) for actor in (cast.planning, cast.finance))
    basis = LegalBasis.objects.get()
    adopt_transition(plan=first, basis=basis, actor=cast.head)
    with pytest.raises(DomainError, match="Für 2026 ist schon ein Übergang festgelegt"):
        adopt_transition(plan=second, basis=basis, actor=cast.head)


def test_a_proposal_is_for_the_county_and_adopted_for_everybody(
    client: Client, plan: TransitionPlan, cast: Cast
) -> None:
    for person in (None, cast.carrier_lead, cast.coordination, cast.nobody):
        if person:
            client.force_login(person)
        for url in (f"{PAGE}{plan.pk}/", f"{PAGE}{plan.pk}/eingaben.json", f"{PAGE}{plan.pk}/?format=xlsx"):
            assert client.get(url).status_code == 404, (person, url)
    adopt_transition(plan=plan, basis=LegalBasis.objects.get(), actor=cast.head)
    client.logout()
    assert client.get(f"{PAGE}{plan.pk}/").status_code == 200
    assert client.get(f"{PAGE}{plan.pk}/eingaben.json").content == plan.inputs.encode()
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"{PAGE}{plan.pk}/?format=xlsx").content))
    assert not {"Verträge", "Tragfähigkeit"} & {*book.sheetnames}


def test_the_list_shows_proposals_only_to_the_county(client: Client, plan: TransitionPlan, cast: Cast) -> None:
    client.force_login(cast.planning)
    assert plan.name in text_of(client.get(f"{PAGE}liste/"))
    client.force_login(cast.carrier_lead)
    page = text_of(client.get(f"{PAGE}liste/"))
    assert plan.name not in page
    assert "Noch kein Übergang." in page


# Verify


def changed(plan: TransitionPlan, **values: Any) -> None:
    with factories.as_if_always_so():
        TransitionPlan.objects.filter(pk=plan.pk).update(**values)


def tampered(plan: TransitionPlan) -> Iterator[tuple[dict[str, Any], str]]:
    other = plan.inputs.replace('"extra":"203000.00"', '"extra":"1.00"')
    yield {"inputs": other}, "passen nicht zu ihrer Prüfsumme"
    yield {"inputs": other, "sha256": digest(other)}, "nicht nachrechnen"
    other = plan.inputs.replace('"extra":"203000.00"', '"extra":"203000.01"')
    yield {"inputs": other, "sha256": digest(other)}, "nach dem Protokoll andere Eingaben"
    yield {"kind": "at_once"}, "Jahr oder Art"


def test_verify_finds_what_was_changed_past_the_triggers(plan: TransitionPlan) -> None:
    assert list(verify_transitions()) == []
    kept = {"inputs": plan.inputs, "sha256": plan.sha256, "kind": plan.kind}
    for values, sentence in tampered(plan):
        changed(plan, **{**kept, **values})
        assert sentence in " ".join(verify_transitions())


def test_verify_finds_an_adoption_that_is_not_in_the_log(plan: TransitionPlan, cast: Cast) -> None:
    basis = LegalBasis.objects.get()
    adopt_transition(plan=plan, basis=basis, actor=cast.head)
    changed(plan, status="proposed", basis=None, adopted_by=None, adopted_at=None)
    assert "Der Stand ist ein anderer als im Protokoll." in " ".join(verify_transitions())


def test_verify_finds_a_plan_shown_or_withdrawn_by_nobody(plan: TransitionPlan) -> None:
    changed(plan, shown_to_carriers_at=timezone.now(), status="withdrawn")
    assert [line.partition(": ")[2] for line in verify_transitions()] == [
        "Ob die Träger ihn sehen, steht anders im Protokoll.",
        "Ob er zurückgezogen ist, steht anders im Protokoll.",
    ]


def test_the_database_refuses_another_way_once_it_is_proposed(plan: TransitionPlan) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        TransitionPlan.objects.filter(pk=plan.pk).update(inputs="{}")


def test_every_step_is_in_the_log(plan: TransitionPlan, cast: Cast) -> None:
    show_to_carriers(plan=plan, actor=cast.finance)
    adopt_transition(plan=plan, basis=LegalBasis.objects.get(), actor=cast.head)
    actions = list(
        Entry.objects.filter(object_type="budgets.transitionplan").values_list("action", flat=True).order_by("pk")
    )
    assert actions == ["transitions.propose", "transitions.show", "transitions.adopt"]
