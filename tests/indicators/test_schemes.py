"""The life of a weighting scheme: who may take which step, and what stays once it is adopted."""

from collections.abc import Callable
from decimal import Decimal

import pytest
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from indicators.calculation import calculate, verify_calculations
from indicators.models import (
    BurdenCalculation,
    BurdenFactor,
    CountyValues,
    GapChoice,
    GapDecision,
    Indicator,
    IndicatorValue,
    SchemeDimension,
    SchemeIndicator,
    SchemeStatus,
    WeightingScheme,
)
from indicators.services.schemes import (
    adopt_scheme,
    calculate_again,
    copy_scheme,
    decide_gap,
    discard_scheme,
    edit_scheme,
    propose_scheme,
    return_scheme,
)
from indicators.workflow import TRANSITIONS, open_to
from jugendhilfe.audit.models import Entry
from jugendhilfe.lib.errors import DomainError, FourEyesRequired, NotAllowed
from tests import factories
from tests.conftest import Cast, County

BASIS = "Beschluss 2025/124 des Jugendhilfeausschusses vom 13.08.2025"


@pytest.fixture
def scheme(county: County) -> WeightingScheme:
    indicators = factories.make_indicators(county.spaces)
    return factories.make_scheme(indicators, factories.make_population(county.spaces))


@pytest.fixture
def proposed(scheme: WeightingScheme, cast: Cast) -> WeightingScheme:
    return propose_scheme(scheme=scheme, actor=cast.planning)


@pytest.fixture
def adopted(proposed: WeightingScheme, cast: Cast) -> WeightingScheme:
    adopt_scheme(scheme=proposed, legal_basis=BASIS, actor=cast.head)
    proposed.refresh_from_db()
    return proposed


def test_planning_proposes_and_the_head_adopts(scheme: WeightingScheme, cast: Cast) -> None:
    propose_scheme(scheme=scheme, actor=cast.planning)
    calculation = adopt_scheme(scheme=scheme, legal_basis=BASIS, actor=cast.head)
    scheme.refresh_from_db()
    assert (scheme.status, scheme.proposed_by, scheme.adopted_by) == (SchemeStatus.ADOPTED, cast.planning, cast.head)
    assert scheme.legal_basis == BASIS
    assert calculation.factors.count() == 10
    assert calculation.factors.get(space__name="Dahlenburg").factor == Decimal("1.34385619")
    assert [entry.action for entry in Entry.objects.for_object(scheme)] == ["schemes.adopt", "schemes.propose"]


def test_who_proposed_does_not_adopt(proposed: WeightingScheme, cast: Cast) -> None:
    WeightingScheme.objects.filter(pk=proposed.pk).update(proposed_by=cast.head)
    with pytest.raises(FourEyesRequired, match="legt es nicht selbst fest"):
        adopt_scheme(scheme=proposed, legal_basis=BASIS, actor=cast.head)


def test_only_the_head_adopts(proposed: WeightingScheme, cast: Cast) -> None:
    for person in (cast.planning, cast.finance, cast.audit, cast.carrier_lead, cast.nobody):
        with pytest.raises(NotAllowed, match="Festlegen"):
            adopt_scheme(scheme=proposed, legal_basis=BASIS, actor=person)
    assert not BurdenCalculation.objects.exists()


def test_only_planning_proposes_and_copies(scheme: WeightingScheme, cast: Cast) -> None:
    for person in (cast.head, cast.finance, cast.board_reader, cast.carrier_lead):
        with pytest.raises(NotAllowed):
            propose_scheme(scheme=scheme, actor=person)
        with pytest.raises(NotAllowed):
            copy_scheme(scheme=scheme, actor=person)


def test_adopting_needs_its_basis(proposed: WeightingScheme, cast: Cast) -> None:
    with pytest.raises(DomainError, match="braucht ihre Grundlage"):
        adopt_scheme(scheme=proposed, legal_basis="  ", actor=cast.head)


def test_a_returned_proposal_is_a_draft_again_with_the_reason_on_file(proposed: WeightingScheme, cast: Cast) -> None:
    returned = return_scheme(scheme=proposed, reason="Gewichte bitte begründen", actor=cast.head)
    assert (returned.status, returned.proposed_by) == (SchemeStatus.DRAFT, None)
    assert Entry.objects.get(action="schemes.return").reason == "Gewichte bitte begründen"


def test_no_step_skips_the_proposal(scheme: WeightingScheme, cast: Cast) -> None:
    with pytest.raises(DomainError, match="geht nur im Stand „vorgeschlagen“"):
        adopt_scheme(scheme=scheme, legal_basis=BASIS, actor=cast.head)
    with pytest.raises(DomainError, match="geht nur im Stand „vorgeschlagen“"):
        return_scheme(scheme=scheme, reason="Nein", actor=cast.head)


def test_buttons_follow_the_transition_table(scheme: WeightingScheme, cast: Cast) -> None:
    def names(person: str) -> list[str]:
        return [step.name for step in open_to(getattr(cast, person), scheme)]

    assert (names("planning"), names("head"), names("carrier_lead")) == (["propose"], [], [])
    scheme.status = SchemeStatus.PROPOSED
    assert (names("planning"), names("head")) == ([], ["return", "adopt"])
    scheme.status = SchemeStatus.ADOPTED
    assert (names("planning"), names("head")) == ([], [])


def test_every_status_is_reached_and_none_leads_back_from_adopted() -> None:
    assert {step.target for step in TRANSITIONS} == set(SchemeStatus.values)
    assert {step.target for step in TRANSITIONS if step.source == SchemeStatus.ADOPTED} == {SchemeStatus.SUPERSEDED}


def test_a_draft_with_an_undecided_gap_is_not_proposed(scheme: WeightingScheme, cast: Cast) -> None:
    lose("income_tax", "Dahlenburg")
    with pytest.raises(DomainError, match="Es fehlt ein Wert: Dahlenburg / Einkommensteuer je Kopf"):
        propose_scheme(scheme=scheme, actor=cast.planning)
    scheme.refresh_from_db()
    assert scheme.status == SchemeStatus.DRAFT


def test_an_indicator_alike_everywhere_is_refused_at_adoption(proposed: WeightingScheme, cast: Cast) -> None:
    with factories.as_if_always_so():
        IndicatorValue.objects.filter(indicator__code="employment").update(value=55)
    with pytest.raises(DomainError, match="Beschäftigte je 100: trägt nichts bei"):
        adopt_scheme(scheme=proposed, legal_basis=BASIS, actor=cast.head)


def test_a_new_version_supersedes_the_one_before(adopted: WeightingScheme, cast: Cast) -> None:
    copy = copy_scheme(scheme=adopted, actor=cast.planning)
    assert (copy.version, copy.status, copy.copied_from) == (2, SchemeStatus.DRAFT, adopted)
    assert list(copy.members.values_list("indicator__code", "weight", "reason")) == list(
        adopted.members.values_list("indicator__code", "weight", "reason")
    )
    propose_scheme(scheme=copy, actor=cast.planning)
    adopt_scheme(scheme=copy, legal_basis=BASIS, actor=cast.head)
    adopted.refresh_from_db()
    assert adopted.status == SchemeStatus.SUPERSEDED


@pytest.mark.parametrize(
    "change",
    [
        lambda scheme: WeightingScheme.objects.filter(pk=scheme.pk).update(spread=Decimal("0.2")),
        lambda scheme: WeightingScheme.objects.filter(pk=scheme.pk).update(status=SchemeStatus.DRAFT),
        lambda scheme: WeightingScheme.objects.filter(pk=scheme.pk)._raw_delete("default"),
        lambda scheme: scheme.members.update(weight=1),
        lambda scheme: scheme.members.all()._raw_delete("default"),
        lambda scheme: SchemeIndicator.objects.create(
            scheme=scheme, weight=1, indicator=Indicator.objects.create(code="x", name="X", short_name="X", unit="€")
        ),
        lambda scheme: SchemeDimension.objects.create(scheme=scheme, code="x", name="X", weight=1),
        lambda scheme: GapDecision.objects.create(
            scheme=scheme, indicator=Indicator.objects.get(code="income_tax"), choice=GapChoice.DROP, reason="x"
        ),
        lambda scheme: BurdenFactor.objects.update(factor=1),
        lambda scheme: BurdenFactor.objects.all()._raw_delete("default"),
        lambda scheme: BurdenCalculation.objects.update(inputs="{}"),
        lambda scheme: connection.cursor().execute("TRUNCATE indicators_weightingscheme CASCADE"),
        lambda scheme: connection.cursor().execute("TRUNCATE indicators_burdenfactor"),
    ],
    ids=[
        "spread",
        "back to draft",
        "delete",
        "weights",
        "delete members",
        "add a member",
        "add a dimension",
        "decide a gap",
        "change a factor",
        "delete factors",
        "change inputs",
        "truncate schemes",
        "truncate factors",
    ],
)
def test_the_database_refuses_to_change_an_adopted_scheme(
    adopted: WeightingScheme, change: Callable[[WeightingScheme], object]
) -> None:
    with pytest.raises(DatabaseError), transaction.atomic():
        change(adopted)
    adopted.refresh_from_db()
    assert calculate(adopted).factors["033555403"] == Decimal("1.34385619")


def test_an_adopted_scheme_is_not_edited_but_copied(adopted: WeightingScheme, cast: Cast) -> None:
    with pytest.raises(DomainError, match=r"bleibt, wie es ist\. Legen Sie eine neue Fassung an"):
        edit_scheme(scheme=adopted, settings={"note": "anders"}, dimensions=[], members=[], actor=cast.planning)
    with pytest.raises(DomainError, match="bleibt, wie es ist"):
        discard_scheme(scheme=adopted, actor=cast.planning, reason="weg")


def test_an_adopted_scheme_keeps_its_factors_when_newer_data_come(
    adopted: WeightingScheme, cast: Cast, county: County
) -> None:
    newer_income_tax(county)
    assert calculate(adopted).factors["033555403"] == Decimal("1.34385619")
    calculation = calculate_again(scheme=adopted, as_of=timezone.localdate(), actor=cast.planning)
    assert calculation.factors.get(space__key="033555403").factor != Decimal("1.34385619")
    assert calculate(adopted).factors["033555403"] == calculation.factors.get(space__key="033555403").factor
    assert BurdenCalculation.objects.count() == 2


def test_calculating_again_needs_other_data(adopted: WeightingScheme, cast: Cast) -> None:
    with pytest.raises(DomainError, match="keine anderen Daten"):
        calculate_again(scheme=adopted, as_of=timezone.localdate(), actor=cast.planning)


def test_county_values_are_held_fast_at_adoption_and_stay(scheme: WeightingScheme, cast: Cast, county: County) -> None:
    WeightingScheme.objects.filter(pk=scheme.pk).update(county_values=CountyValues.FROZEN)
    propose_scheme(scheme=scheme, actor=cast.planning)
    adopt_scheme(scheme=scheme, legal_basis=BASIS, actor=cast.head)
    held = {member.indicator.code: member.frozen_value for member in scheme.members.select_related("indicator")}
    assert held["unemployment"] == Decimal("35.70503038")
    newer_income_tax(county)
    scheme.refresh_from_db()
    calculate_again(scheme=scheme, as_of=timezone.localdate(), actor=cast.planning)
    calculated = calculate(scheme)
    assert calculated.result.county_values[1] == pytest.approx(float(held["income_tax"] or 0))
    assert calculated.result.index_mean != pytest.approx(1.0, abs=1e-6)
    copy = copy_scheme(scheme=scheme, actor=cast.planning)
    assert {member.indicator.code: member.frozen_value for member in copy.members.select_related("indicator")} == held


def test_leaving_an_indicator_out_replaces_decisions_on_single_cells(
    scheme: WeightingScheme, cast: Cast, county: County
) -> None:
    lose("income_tax", "Dahlenburg")
    income_tax, space = Indicator.objects.get(code="income_tax"), county.spaces["Dahlenburg"]
    decide_gap(
        scheme=scheme,
        indicator=income_tax,
        space=space,
        choice=GapChoice.COUNTY,
        reason="nicht geliefert",
        actor=cast.planning,
    )
    assert calculate(scheme).factors
    decide_gap(
        scheme=scheme, indicator=income_tax, space=space, choice=GapChoice.DROP, reason="fehlt", actor=cast.planning
    )
    assert [(d.choice, d.space) for d in scheme.decisions.all()] == [(GapChoice.DROP, None)]
    assert calculate(scheme).result.codes == ("unemployment", "employment")


def test_verification_finds_nothing_in_order_and_names_what_differs(adopted: WeightingScheme) -> None:
    assert list(verify_calculations()) == []
    BurdenFactor.objects.create(
        calculation=BurdenCalculation.objects.get(),
        space=factories.make_space("Beispielort"),
        factor=Decimal(1),
        index=Decimal(1),
    )
    factor, index = verify_calculations()
    assert "Sozialraum 999999999 hat den Faktor 1.00000000, nachgerechnet None" in factor
    assert "Sozialraum 999999999 hat den Index 1.0000000000, nachgerechnet None" in index


def lose(code: str, space: str) -> None:
    values = IndicatorValue.objects.filter(indicator__code=code, space__name=space, release__reference_date__year=2021)
    with factories.as_if_always_so():
        values.update(value=None, numerator=None, denominator=None)


def newer_income_tax(county: County) -> None:
    factories.make_release(
        2023,
        [
            IndicatorValue(
                indicator=Indicator.objects.get(code="income_tax"), space=space, value=Decimal(300 + 20 * number)
            )
            for number, space in enumerate(county.spaces.values())
        ],
    )
