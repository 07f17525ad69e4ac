"""From a proposal to an adopted distribution: four eyes, what is frozen, what is refused, later years, verify."""

import datetime as dt
import io
import json
import threading
from decimal import Decimal
from typing import Any

import openpyxl
import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, IntegrityError, close_old_connections, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from budgets.distribution import InfeasibleBounds, Model
from budgets.models import (
    AdoptedDistribution,
    Deduction,
    DistributionModel,
    DistributionRow,
    FiscalYear,
    LegalBasis,
)
from budgets.quota import QuotaInputs
from budgets.services.distributions import adopt_model, apply_adopted_quota, propose_model, withdraw_model
from budgets.verify import verify_distributions
from indicators.services import schemes
from jugendhilfe.accounts.models import User
from jugendhilfe.audit.models import Entry
from jugendhilfe.lib.canonical import digest, from_json, to_json
from jugendhilfe.lib.errors import DomainError, FourEyesRequired, NotAllowed
from regions.models import Carrier, CarrierKind, Office, OfficeContract
from tests import factories
from tests.budgets.conftest import QUOTA, Story
from tests.conftest import Cast, County

REVIEW = dt.date(2030, 12, 31)
BY_NEED = Model(need=Decimal(1))
NEW_BASIS = {
    "basis": "",
    "kind": "resolution",
    "number": "2025/124",
    "date": "2025-11-20",
    "body": "Jugendhilfeausschuss",
    "wording": "Die Verteilungsquote gilt ab dem 01.01.2026.",
    "review_on": "2030-12-31",
}


def propose(story: Story, actor: User, model: Model = BY_NEED, **options: Any) -> DistributionModel:
    arguments = {"year": story.year_2026, "scheme": story.scheme, "name": "Nach Belastung", "reason": "Mittel folgen"}
    return propose_model(**{**arguments, "model": model, "actor": actor, **options})


def adopt(model: DistributionModel, actor: User, **options: Any) -> AdoptedDistribution:
    basis = LegalBasis.objects.first() or factories.make_basis()
    return adopt_model(**{"model": model, "basis": basis, "review_on": REVIEW, "actor": actor, **options})


def amounts_of(adopted: AdoptedDistribution) -> dict[str, Decimal]:
    return dict(adopted.rows.values_list("space_name", "amount"))


def prove() -> None:
    """What PostgreSQL does at COMMIT."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")


def text_of(response: Any) -> str:
    return response.content.decode().replace("\u00a0", " ")


@pytest.fixture
def proposal(cast: Cast, story: Story) -> DistributionModel:
    return propose(story, cast.planning)


@pytest.fixture
def adopted(cast: Cast, proposal: DistributionModel) -> AdoptedDistribution:
    adopted = adopt(proposal, cast.head)
    prove()
    return adopted


# --- proposing ----------------------------------------------------------------------------------------------------


def test_a_column_of_the_comparison_becomes_a_proposal(client: Client, cast: Cast, story: Story) -> None:
    client.force_login(cast.finance)
    url = "/verteilung/vorschlagen/?spalte=4"
    page = text_of(client.get(url))
    assert "M2 ± 5 % · Nach Belastung, Unter- und Obergrenze 5 %" in page
    client.post(url, {"name": "Mit Grenzen", "reason": "Sanfter Übergang"})
    model = DistributionModel.objects.get()
    assert model.arithmetic == Model(need=Decimal(1), floor_percent=Decimal(5), cap_percent=Decimal(5))
    assert (model.proposed_by, model.year, model.scheme) == (cast.finance, story.year_2026, story.scheme)
    assert Entry.objects.filter(action="models.propose").count() == 1


def test_a_proposal_needs_name_and_reason(client: Client, cast: Cast, story: Story) -> None:
    client.force_login(cast.planning)
    response = client.post("/verteilung/vorschlagen/?spalte=2", {"name": "", "reason": ""})
    assert "Es gibt 2 Fehler" in text_of(response)
    assert not DistributionModel.objects.exists()


@pytest.mark.parametrize("query", ["", "spalte=9", "spalte=2&g-unemployment=90", "spalte=2&betrag=x"])
def test_only_a_column_with_saved_weights_is_proposed(client: Client, cast: Cast, story: Story, query: str) -> None:
    client.force_login(cast.planning)
    assert client.post(f"/verteilung/vorschlagen/?{query}", {"name": "x", "reason": "y"}).status_code == 409
    assert not DistributionModel.objects.exists()


@pytest.mark.parametrize("person", ["head", "audit", "coordination", "nobody"])
def test_others_do_not_propose(client: Client, cast: Cast, story: Story, person: str) -> None:
    client.force_login(getattr(cast, person))
    assert client.get("/verteilung/vorschlagen/?spalte=2").status_code == 403
    with pytest.raises(NotAllowed):
        propose(story, getattr(cast, person))


def test_a_proposal_is_withdrawn_by_the_one_who_made_it(
    client: Client, cast: Cast, proposal: DistributionModel
) -> None:
    with pytest.raises(NotAllowed):
        withdraw_model(model=proposal, reason="Nein", actor=cast.finance)
    client.force_login(cast.planning)
    client.post(f"/verteilung/modelle/{proposal.pk}/zurueckziehen/", {"reason": "Neue Zahlen"})
    proposal.refresh_from_db()
    assert proposal.status == "withdrawn"
    with pytest.raises(DomainError, match="schon zurückgezogen"):
        adopt(proposal, cast.head)


def test_the_page_of_a_proposal_shows_what_it_gives_and_its_history(
    client: Client, cast: Cast, proposal: DistributionModel
) -> None:
    client.force_login(cast.head)
    page = text_of(client.get(f"/verteilung/modelle/{proposal.pk}/"))
    assert "227.952,18 €" in page
    assert "Verteilungsmodell vorgeschlagen" in page
    assert "/festlegen/" in page


@pytest.mark.parametrize(("person", "code"), [("audit", 200), ("coordination", 404), ("nobody", 404)])
def test_proposals_are_seen_by_those_who_see_the_countys_drafts(
    client: Client, cast: Cast, proposal: DistributionModel, person: str, code: int
) -> None:
    client.force_login(getattr(cast, person))
    assert client.get(f"/verteilung/modelle/{proposal.pk}/").status_code == code
    assert (proposal.name in text_of(client.get("/verteilung/modelle/"))) is (code == 200)


# --- adopting -----------------------------------------------------------------------------------------------------


def test_adoption_freezes_the_quotas_of_the_demo_to_the_cent(
    client: Client, cast: Cast, story: Story, proposal: DistributionModel
) -> None:
    client.force_login(cast.head)
    answer = client.post(f"/verteilung/modelle/{proposal.pk}/festlegen/", NEW_BASIS)
    adopted = AdoptedDistribution.objects.get()
    assert answer["Location"] == f"/verteilung/festgelegt/{adopted.pk}/"
    assert amounts_of(adopted) == QUOTA
    assert adopted.total == Decimal("2030000.00")
    assert str(adopted.basis) == "Beschluss 2025/124 vom 20.11.2025, Jugendhilfeausschuss"
    assert (adopted.basis.created_by, adopted.adopted_by, adopted.review_on) == (cast.head, cast.head, REVIEW)
    assert adopted.is_example
    assert DistributionRow.objects.get(space_name="Amt Neuhaus").factor == Decimal("1.35040354")
    assert [entry.data["sha256"] for entry in Entry.objects.filter(action="distributions.adopt")] == [adopted.sha256]


def test_the_inputs_alone_give_every_amount_again(adopted: AdoptedDistribution) -> None:
    inputs = from_json(QuotaInputs, adopted.inputs)
    assert to_json(inputs) == adopted.inputs
    assert digest(adopted.inputs) == adopted.sha256
    amounts, shares = inputs.results()
    assert {space.name: amounts[space.key] for space in inputs.spaces} == QUOTA
    assert abs(sum(shares.values(), Decimal(0)) - 1) < Decimal("1e-16")
    assert adopted.calculation.sha256 == inputs.calculation


def test_deductions_and_their_reasons_are_part_of_the_inputs(cast: Cast, story: Story) -> None:
    Deduction.objects.create(year=story.year_2026, name="Reserve", amount=Decimal("30000"), reason="Rest")
    adopted = adopt(propose(story, cast.planning), cast.head)
    assert adopted.total == Decimal("2000000.00")
    assert json.loads(adopted.inputs)["deductions"] == [{"amount": "30000.00", "name": "Reserve", "reason": "Rest"}]


def test_an_office_gets_its_space_and_names_its_carrier_but_no_freelancer(
    county: County, cast: Cast, story: Story
) -> None:
    freelancer = Carrier.objects.create(name="Eine Person", kind=CarrierKind.FREELANCER)
    OfficeContract.objects.create(
        office=county.offices["Adendorf"], carrier=freelancer, legal_ground="77", valid_from=dt.date(2020, 1, 1)
    )
    adopted = adopt(propose(story, cast.planning), cast.head)
    rows = {row.office_name: row for row in adopted.office_rows.all()}
    assert (rows["Sozialraumbüro Bleckede"].carrier_name, rows["Sozialraumbüro Bleckede"].amount) == (
        "Träger A",
        QUOTA["Bleckede"],
    )
    assert rows["Sozialraumbüro Adendorf"].carrier_name == ""
    assert "Eine Person" not in adopted.inputs
    assert sum(row.amount for row in rows.values()) == adopted.total


def second_office(county: County, *percents: Decimal | None) -> None:
    office = Office.objects.create(space=county.spaces["Bleckede"], name="Zweites Büro", valid_from=dt.date(2026, 3, 1))
    OfficeContract.objects.create(
        office=office,
        carrier=county.carrier_b,
        legal_ground="77",
        valid_from=dt.date(2026, 3, 1),
        share_percent=percents[1],
    )
    OfficeContract.objects.filter(office=county.offices["Bleckede"]).update(share_percent=percents[0])


@pytest.mark.parametrize(
    ("percents", "parts"),
    [
        ((None, None), ("113976.09", "113976.09")),
        ((Decimal("66.67"), Decimal("33.33")), ("151975.72", "75976.46")),
    ],
)
def test_two_offices_share_by_contract_or_in_equal_parts(
    county: County,
    cast: Cast,
    story: Story,
    percents: tuple[Decimal | None, Decimal | None],
    parts: tuple[str, str],
) -> None:
    second_office(county, *percents)
    adopted = adopt(propose(story, cast.planning), cast.head)
    found = adopted.office_rows.filter(space=county.spaces["Bleckede"]).order_by("office")
    assert [row.amount for row in found] == [Decimal(part) for part in parts]


@pytest.mark.parametrize(
    ("percents", "sentence"),
    [
        ((Decimal(60), None), "Nur ein Teil der Büros hat einen Anteil"),
        ((Decimal(60), Decimal(30)), "ergeben nicht 100"),
    ],
)
def test_half_agreed_shares_of_offices_are_refused(
    county: County, cast: Cast, story: Story, percents: tuple[Decimal, Decimal | None], sentence: str
) -> None:
    second_office(county, *percents)
    with pytest.raises(DomainError, match=sentence):
        adopt(propose(story, cast.planning), cast.head)


def test_a_space_without_an_office_needs_an_explicit_decision(
    client: Client, county: County, cast: Cast, proposal: DistributionModel
) -> None:
    Office.objects.filter(pk=county.offices["Ostheide"].pk).update(valid_to=dt.date(2025, 12, 31))
    client.force_login(cast.head)
    url = f"/verteilung/modelle/{proposal.pk}/festlegen/"
    refused = text_of(client.post(url, NEW_BASIS))
    assert "Der Betrag bleibt ohne Büro: Ostheide" in refused
    assert "Bitte bestätigen Sie das" in refused
    with pytest.raises(DomainError, match="Ohne Sozialraumbüro in diesem Jahr: Ostheide"):
        adopt(proposal, cast.head)
    client.post(url, {**NEW_BASIS, "stays": "on", "without_office": "Das Büro öffnet 2027."})
    adopted = AdoptedDistribution.objects.get()
    assert from_json(QuotaInputs, adopted.inputs).without_office == "Das Büro öffnet 2027."
    assert adopted.office_rows.count() == 9
    assert amounts_of(adopted) == QUOTA


def test_who_proposes_does_not_adopt(cast: Cast, story: Story, proposal: DistributionModel) -> None:
    with factories.as_if_always_so():
        DistributionModel.objects.filter(pk=proposal.pk).update(proposed_by=cast.head)
    with pytest.raises(FourEyesRequired):
        adopt(proposal, cast.head)
    assert not AdoptedDistribution.objects.exists()


@pytest.mark.parametrize("person", ["planning", "finance", "audit"])
def test_only_the_head_adopts(client: Client, cast: Cast, proposal: DistributionModel, person: str) -> None:
    client.force_login(getattr(cast, person))
    assert client.post(f"/verteilung/modelle/{proposal.pk}/festlegen/", NEW_BASIS).status_code == 403
    with pytest.raises(NotAllowed):
        adopt(proposal, getattr(cast, person))


def test_a_scheme_that_is_not_adopted_carries_no_money(client: Client, cast: Cast, story: Story) -> None:
    indicators = {row.indicator.code: row.indicator for row in story.scheme.members.select_related("indicator")}
    draft = factories.make_scheme(indicators, story.scheme.population, name="Entwurf")
    model = propose(story, cast.planning, scheme=draft)
    with pytest.raises(DomainError, match="ist noch nicht festgelegt"):
        adopt(model, cast.head)
    client.force_login(cast.head)
    page = text_of(client.get(f"/verteilung/modelle/{model.pk}/"))
    assert "Erst das Gewichtungsschema" in page
    assert f'href="/belastung/schemata/{draft.pk}/"' in page


def test_a_proposal_by_a_superseded_scheme_says_that_it_is_too_late(
    client: Client, cast: Cast, story: Story, proposal: DistributionModel
) -> None:
    newer = schemes.copy_scheme(scheme=story.scheme, actor=cast.planning)
    schemes.propose_scheme(scheme=newer, actor=cast.planning)
    schemes.adopt_scheme(scheme=newer, legal_basis="Beschluss", actor=cast.head)
    client.force_login(cast.head)
    assert "Festgelegt werden kann er nicht mehr." in text_of(client.get(f"/verteilung/modelle/{proposal.pk}/"))


def test_a_year_without_money_is_refused(cast: Cast, story: Story, proposal: DistributionModel) -> None:
    FiscalYear.objects.filter(year=2026).update(total_family=0)
    with pytest.raises(DomainError, match="gibt es nichts zu verteilen"):
        adopt(proposal, cast.head)


@pytest.mark.parametrize("status", ["draft", "adopted", "provisional"])
def test_a_proposal_stays_one_until_its_year_is_in_force(
    client: Client, cast: Cast, proposal: DistributionModel, status: str
) -> None:
    FiscalYear.objects.filter(year=2026).update(status=status)
    with pytest.raises(DomainError, match="Die Verteilung bleibt ein Vorschlag"):
        adopt(proposal, cast.head)
    client.force_login(cast.head)
    url = f"/verteilung/modelle/{proposal.pk}/"
    page = text_of(client.get(url))
    assert "das Haushaltsjahr wirksam ist" in page
    assert "/festlegen/" not in page
    assert "bis der Jugendhilfeausschuss beschlossen hat" in text_of(client.post(f"{url}festlegen/", NEW_BASIS))
    assert not LegalBasis.objects.filter(created_by=cast.head).exists()


@pytest.mark.parametrize("status", ["in_force", "blocked", "supplementary"])
def test_a_block_or_a_supplement_takes_nothing_from_a_years_force(
    cast: Cast, proposal: DistributionModel, status: str
) -> None:
    FiscalYear.objects.filter(year=2026).update(status=status)
    assert adopt(proposal, cast.head).pk


def test_bounds_that_do_not_fit_are_refused_with_the_missing_amount(client: Client, cast: Cast, story: Story) -> None:
    model = propose(story, cast.planning, Model(need=Decimal(1), floor_percent=Decimal(5)))
    FiscalYear.objects.filter(year=2026).update(total_family=Decimal("1900000.00"))
    with pytest.raises(InfeasibleBounds):
        adopt(model, cast.head)
    client.force_login(cast.head)
    page = text_of(client.post(f"/verteilung/modelle/{model.pk}/festlegen/", NEW_BASIS))
    assert "Es fehlen 28.500,00 €" in page
    assert not LegalBasis.objects.filter(created_by=cast.head).exists()
    assert Entry.objects.filter(action="refused").count() == 1


def test_a_floor_paid_by_the_gains_is_adopted_as_it_was_proposed(cast: Cast, story: Story) -> None:
    model = propose(story, cast.planning, Model(need=Decimal(1), floor_percent=Decimal(5), gains_only=True))
    adopted = adopt(model, cast.head)
    assert adopted.rows.get(space__name="Gellersen").amount == Decimal("209054.72")
    assert from_json(QuotaInputs, adopted.inputs).model.gains_only
    assert [*verify_distributions()] == []


def test_a_distribution_from_before_that_choice_keeps_its_bytes(cast: Cast, proposal: DistributionModel) -> None:
    adopted = adopt(proposal, cast.head)
    assert "gains_only" not in adopted.inputs
    assert digest(to_json(from_json(QuotaInputs, adopted.inputs))) == adopted.sha256


def test_a_new_legal_basis_is_complete(client: Client, cast: Cast, proposal: DistributionModel) -> None:
    client.force_login(cast.head)
    page = text_of(
        client.post(f"/verteilung/modelle/{proposal.pk}/festlegen/", {"basis": "", "review_on": "2020-01-01"})
    )
    assert "Für eine neue Rechtsgrundlage bitte ausfüllen." in page
    assert "Die Überprüfung liegt vor dem Haushaltsjahr 2026." in page
    assert not AdoptedDistribution.objects.exists()


def test_a_double_click_adopts_once(client: Client, cast: Cast, proposal: DistributionModel) -> None:
    client.force_login(cast.head)
    url = f"/verteilung/modelle/{proposal.pk}/festlegen/"
    first, second = client.post(url, NEW_BASIS), client.post(url, NEW_BASIS)
    assert first["Location"] == second["Location"]
    assert AdoptedDistribution.objects.count() == LegalBasis.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_of_two_who_adopt_at_once_the_second_gets_a_sentence(cast: Cast, story: Story) -> None:
    models = [propose(story, cast.planning), propose(story, cast.finance, Model(head=Decimal(1)))]
    basis = factories.make_basis()
    start = threading.Barrier(2)
    outcomes: list[Any] = []

    def run(model: DistributionModel) -> None:
        start.wait()
        try:
            outcomes.append(adopt(model, User.objects.get(pk=cast.head.pk), basis=basis))
        except DomainError as error:
            outcomes.append(str(error))
        finally:
            close_old_connections()
            connection.close()

    threads = [threading.Thread(target=run, args=(model,)) for model in models]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert AdoptedDistribution.objects.count() == 1
    assert [outcome for outcome in outcomes if isinstance(outcome, str)] == [
        "Für 2026 ist schon eine Verteilung festgelegt. Wer sie ersetzt, nennt den Grund."
    ]


# --- what stands, stands ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "statement",
    [
        f"{verb} {table}{rest}"
        for table in (
            "budgets_adopteddistribution",
            "budgets_distributionrow",
            "budgets_officerow",
            "budgets_legalbasis",
        )
        for verb, rest in (("UPDATE", " SET id = id"), ("DELETE FROM", ""), ("TRUNCATE", " CASCADE"))
    ],
)
def test_the_database_refuses_to_change_what_was_adopted(adopted: AdoptedDistribution, statement: str) -> None:
    with pytest.raises(DatabaseError, match="is refused"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def copy_of(adopted: AdoptedDistribution, **changes: Any) -> AdoptedDistribution:
    names = ("year", "model", "calculation", "basis", "inputs", "sha256", "total")
    return AdoptedDistribution.objects.create(**{**{name: getattr(adopted, name) for name in names}, **changes})


def test_rows_must_add_up_to_the_total(adopted: AdoptedDistribution) -> None:
    def write_without_rows() -> None:
        copy_of(adopted, replaces=adopted, reason="Probe")
        prove()

    with pytest.raises(IntegrityError, match="rows give 0, the total is"), transaction.atomic():
        write_without_rows()


@pytest.mark.django_db(transaction=True)
def test_no_row_is_added_to_a_distribution_that_stands(cast: Cast, story: Story, county: County) -> None:
    adopted = adopt(propose(story, cast.planning), cast.head)
    row = adopted.rows.first()
    assert row
    row.pk, row.space = None, factories.make_space("Neu")
    with pytest.raises(DatabaseError, match="the distribution stands already"):
        row.save(force_insert=True)


def test_a_second_first_distribution_of_a_year_is_refused_by_the_database(adopted: AdoptedDistribution) -> None:
    with pytest.raises(IntegrityError, match="distribution_first_of_its_year_once"), transaction.atomic():
        copy_of(adopted)


# --- replacing and later years ------------------------------------------------------------------------------------


def test_a_distribution_is_replaced_only_with_a_reason(
    client: Client, cast: Cast, story: Story, adopted: AdoptedDistribution
) -> None:
    model = propose(story, cast.finance, Model(head=Decimal(1)))
    client.force_login(cast.head)
    url = f"/verteilung/modelle/{model.pk}/festlegen/"
    assert "Sie wird ersetzt" in text_of(client.get(url))
    data = {"basis": adopted.basis_id, "review_on": "2030-12-31"}
    page = text_of(client.post(url, {"kind": "resolution"}))
    assert "Bitte nennen Sie den Grund." in page
    assert page.index('"#id_number"') < page.index('"#id_review_on"') < page.index('"#id_reason"')
    client.post(url, {**data, "reason": "Beschluss aufgehoben"})
    new = AdoptedDistribution.objects.current().get()
    assert (new.replaces, new.reason, new.basis) == (adopted, "Beschluss aufgehoben", adopted.basis)
    page = text_of(client.get(f"/verteilung/festgelegt/{adopted.pk}/"))
    assert "Diese Verteilung ist ersetzt und gilt nicht mehr." in page
    assert list(verify_distributions()) == []


def test_the_quota_gives_new_cents_of_another_years_total(
    client: Client, cast: Cast, adopted: AdoptedDistribution
) -> None:
    year = factories.make_year(2027, total="2233000.01")
    client.force_login(cast.head)
    url = f"/verteilung/festgelegt/{adopted.pk}/anwenden/"
    assert "2027" in text_of(client.get(url))
    assert "Anwenden auf 2027: 2.233.000,01 €" in text_of(client.get(f"{url}?jahr=2027"))
    client.post(f"{url}?jahr=2027")
    applied = AdoptedDistribution.objects.get(year=year)
    assert (applied.quota_of, applied.basis, applied.review_on) == (adopted, adopted.basis, adopted.review_on)
    amounts = amounts_of(applied)
    assert sum(amounts.values()) == Decimal("2233000.01")
    for name, quota in QUOTA.items():
        assert abs(amounts[name] - quota * Decimal("2233000.01") / Decimal("2030000.00")) < Decimal("0.02")
    assert {row.space_name: row.share for row in applied.rows.all()} == {
        row.space_name: row.share for row in adopted.rows.all()
    }
    assert {row.space_name: row.previous for row in applied.rows.all()} == QUOTA
    assert list(verify_distributions()) == []
    page = text_of(client.get(f"/verteilung/festgelegt/{applied.pk}/"))
    assert "Anteil der festgelegten Quote" in page


def test_the_quota_on_the_same_total_gives_the_same_cents(cast: Cast, adopted: AdoptedDistribution) -> None:
    applied = apply_adopted_quota(quota=adopted, year=factories.make_year(2027), actor=cast.head)
    assert amounts_of(applied) == QUOTA


def test_a_quota_applied_twice_in_the_same_way_replaces_nothing(cast: Cast, adopted: AdoptedDistribution) -> None:
    year = factories.make_year(2027)
    apply_adopted_quota(quota=adopted, year=year, actor=cast.head)
    with pytest.raises(DomainError, match="gilt schon genau diese Verteilung"):
        apply_adopted_quota(quota=adopted, year=year, reason="Noch einmal gedrückt", actor=cast.head)


def test_a_quota_of_a_quota_goes_on(cast: Cast, adopted: AdoptedDistribution) -> None:
    applied = apply_adopted_quota(quota=adopted, year=factories.make_year(2027, total="0.07"), actor=cast.head)
    again = apply_adopted_quota(quota=applied, year=factories.make_year(2028), actor=cast.head)
    assert amounts_of(again) == QUOTA


@pytest.mark.parametrize(
    ("number", "sentence"), [(2025, "auf spätere Jahre"), (2026, "auf spätere Jahre"), (2031, "war bis zum 31.12.2030")]
)
def test_a_quota_holds_for_later_years_until_its_review(
    cast: Cast, story: Story, adopted: AdoptedDistribution, number: int, sentence: str
) -> None:
    year = FiscalYear.objects.filter(year=number).first() or factories.make_year(number)
    with pytest.raises(DomainError, match=sentence):
        apply_adopted_quota(quota=adopted, year=year, actor=cast.head)


def test_a_quota_does_not_know_a_new_space(cast: Cast, adopted: AdoptedDistribution) -> None:
    factories.make_space("Neuland")
    with pytest.raises(DomainError, match="kennt diese Sozialräume nicht: Neuland"):
        apply_adopted_quota(quota=adopted, year=factories.make_year(2027), actor=cast.head)


def test_a_quota_waits_for_a_year_that_is_no_draft(client: Client, cast: Cast, adopted: AdoptedDistribution) -> None:
    year = factories.make_year(2027, status="draft")
    with pytest.raises(DomainError, match="ist noch ein Entwurf"):
        apply_adopted_quota(quota=adopted, year=year, actor=cast.head)
    client.force_login(cast.head)
    assert "2027" not in text_of(client.get(f"/verteilung/festgelegt/{adopted.pk}/anwenden/")).split("<main")[1]
    FiscalYear.objects.filter(year=2027).update(status="adopted")
    assert apply_adopted_quota(quota=adopted, year=year, actor=cast.head).pk


def test_only_the_head_applies_a_quota(client: Client, cast: Cast, adopted: AdoptedDistribution) -> None:
    client.force_login(cast.planning)
    assert client.get(f"/verteilung/festgelegt/{adopted.pk}/anwenden/").status_code == 403
    with pytest.raises(NotAllowed):
        apply_adopted_quota(quota=adopted, year=factories.make_year(2027), actor=cast.finance)


# --- the public page ----------------------------------------------------------------------------------------------


def test_everybody_reads_an_adopted_distribution(client: Client, adopted: AdoptedDistribution) -> None:
    url = f"/verteilung/festgelegt/{adopted.pk}/"
    page = text_of(client.get(url))
    for words in ("227.952,18 €", adopted.sha256, "2025/124", "Träger A", "So kam der Betrag zustande"):
        assert words in page
    assert "100,00 % von 2.030.000,00 €, davon 9.694 Personen × Faktor 1,28248163" in page
    assert page.split("<tfoot")[1].split("</tfoot>")[0].count("2.030.000,00 €") == 2
    assert "110.715" in page
    assert "/anwenden/" not in page
    book = openpyxl.load_workbook(io.BytesIO(client.get(url, {"format": "xlsx"}).content))
    assert book.sheetnames == ["Verteilung 2026", "Sozialraumbüros", "Hinweise"]
    assert "227952,18" in client.get(url, {"format": "csv"}).content.decode("utf-8-sig")
    assert client.get(f"{url}eingaben.json").content.decode() == adopted.inputs
    assert digest(client.get(f"{url}faktoren.json").content.decode()) == adopted.calculation.sha256
    assert adopted.calculation.sha256 in page


def test_the_public_page_asks_few_questions(client: Client, adopted: AdoptedDistribution) -> None:
    url = f"/verteilung/festgelegt/{adopted.pk}/"
    client.get(url)
    with CaptureQueriesContext(connection) as asked:
        client.get(url)
    assert len(asked) <= 8


def test_a_list_shows_what_is_adopted_to_everybody_signed_in(
    client: Client, cast: Cast, adopted: AdoptedDistribution
) -> None:
    client.force_login(cast.nobody)
    page = text_of(client.get("/verteilung/modelle/"))
    assert "2.030.000,00 €" in page
    assert "gilt" in page
    rows = client.get("/verteilung/modelle/?tabelle=festgelegt&format=csv").content.decode("utf-8-sig")
    assert "2030000,00" in rows
    assert client.get("/verteilung/modelle/?tabelle=vorgeschlagen&format=xlsx").status_code == 200
    assert 'href="?f-sort=' in client.get("/verteilung/modelle/").content.decode()


def test_last_years_amounts_come_from_the_adopted_distribution(
    client: Client, cast: Cast, adopted: AdoptedDistribution
) -> None:
    factories.make_year(2027)
    client.force_login(cast.planning)
    response = client.get("/verteilung/", {"jahr": "2027"})
    places = response.context["comparison"].places
    assert {place.name: place.space.previous for place in places} == QUOTA
    assert "festgelegte Verteilung 2026" in text_of(response)


# --- verify -------------------------------------------------------------------------------------------------------


def tamper(statement: str) -> None:
    """What somebody with all rights could do: switch the triggers off and write."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(statement)
        cursor.execute("SET LOCAL session_replication_role = origin")


def test_verify_finds_nothing_where_nothing_was_touched(
    adopted: AdoptedDistribution, capsys: pytest.CaptureFixture[str]
) -> None:
    call_command("verify")
    said = capsys.readouterr().out
    assert "Festgelegte Verteilungen: 1." in said
    assert "Kopf der Kette" in said
    assert "Alles unverändert" in said


@pytest.mark.parametrize(
    ("statement", "finding"),
    [
        (
            "UPDATE budgets_distributionrow SET amount = amount + 1 WHERE space_name = 'Bleckede'",
            "Sozialraum 033550009 hat den Betrag 227953,18, nachgerechnet 227952,18.",
        ),
        ("UPDATE budgets_distributionrow SET share = 0.1 WHERE space_name = 'Bleckede'", "hat den Anteil"),
        ("UPDATE budgets_distributionrow SET space_name = 'x' WHERE space_name = 'Bleckede'", "Name, Region"),
        ("DELETE FROM budgets_distributionrow WHERE space_name = 'Bleckede'", "hat den Betrag –"),
        ("UPDATE budgets_officerow SET amount = 0 WHERE office_name LIKE '%Bleckede'", "Büro"),
        ("UPDATE budgets_officerow SET carrier_name = 'y' WHERE office_name LIKE '%Bleckede'", "Name oder Träger"),
        ("UPDATE budgets_adopteddistribution SET total = total + 1", "Verteilt sind 2.030.001,00"),
        (
            "UPDATE budgets_adopteddistribution SET inputs = replace(inputs, '262000.00', '262001.00')",
            "passen nicht zu ihrer Prüfsumme",
        ),
        ("UPDATE budgets_adopteddistribution SET inputs = '{}'", "lassen sich nicht nachrechnen"),
        ("UPDATE budgets_adopteddistribution SET inputs = '[1]'", "lassen sich nicht nachrechnen"),
        ("UPDATE budgets_adopteddistribution SET inputs = 'x'", "lassen sich nicht nachrechnen"),
        (
            "UPDATE budgets_officerow SET space_id = (SELECT max(space_id) FROM budgets_officerow)",
            "Der Sozialraum weicht ab",
        ),
        ("UPDATE budgets_adopteddistribution SET review_on = '2040-12-31'", "steht anderes: Überprüfung bis."),
        (
            "UPDATE budgets_adopteddistribution SET adopted_at = adopted_at - interval '1 day'",
            "anderes: festgelegt am.",
        ),
        (
            "UPDATE budgets_adopteddistribution SET adopted_by_id = proposed_by_id FROM budgets_distributionmodel",
            "jemand anderes",
        ),
        ("UPDATE budgets_adopteddistribution SET reason = 'x'", "Die Begründung ist eine andere"),
        ("UPDATE budgets_legalbasis SET wording = wording || 'nicht'", "anderes: Text der Rechtsgrundlage."),
        ("DELETE FROM audit_entry WHERE action = 'distributions.adopt'", "Im Protokoll steht nicht"),
        ("UPDATE indicators_burdencalculation SET sha256 = 'x'", "Belastungsfaktoren sind andere"),
        ("UPDATE indicators_burdencalculation SET sha256 = 'x'", "Im Protokoll steht eine andere Prüfsumme"),
        ("UPDATE indicators_burdenfactor SET index = 1", "hat den Index 1"),
        ("UPDATE indicators_burdenfactor SET factor = 1", "hat den Faktor 1"),
    ],
)
def test_verify_names_what_was_tampered_with(
    adopted: AdoptedDistribution, capsys: pytest.CaptureFixture[str], statement: str, finding: str
) -> None:
    tamper(statement)
    with pytest.raises(CommandError) as error:
        call_command("verify")
    assert error.value.returncode == 1
    assert finding in capsys.readouterr().out.replace("\u00a0", " ")


def test_inputs_and_rows_changed_together_are_found_by_what_the_log_keeps(adopted: AdoptedDistribution) -> None:
    inputs = adopted.inputs.replace('"previous":"262000.00"', '"previous":"162000.00"')
    tamper(f"UPDATE budgets_adopteddistribution SET inputs = '{inputs}', sha256 = '{digest(inputs)}'")
    tamper("UPDATE budgets_distributionrow SET previous = 162000 WHERE space_name = 'Bleckede'")
    (finding,) = verify_distributions()
    assert finding == f"Verteilung 2026 (Nr. {adopted.pk}): Im Protokoll steht anderes: Eingaben."


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE budgets_distributionmodel SET need = 0, head = 1",
        "UPDATE budgets_distributionmodel SET status = 'proposed'",
        "DELETE FROM budgets_distributionmodel",
        "TRUNCATE budgets_distributionmodel CASCADE",
    ],
)
def test_the_database_keeps_a_model_as_it_was_adopted(adopted: AdoptedDistribution, statement: str) -> None:
    with pytest.raises(DatabaseError, match="is refused"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_an_open_proposal_is_decided_on_but_not_rewritten(proposal: DistributionModel) -> None:
    models = DistributionModel.objects.filter(pk=proposal.pk)
    with pytest.raises(DatabaseError, match="is refused"), transaction.atomic():
        models.update(name="Anders")
    with pytest.raises(DatabaseError, match="is refused"), transaction.atomic():
        models.delete()
    assert models.update(status="withdrawn") == 1
