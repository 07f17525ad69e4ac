"""The way to a quota: the resolution of 2025 line by line, the open switches, and what holds for every transition."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from itertools import pairwise
from operator import attrgetter
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from budgets.distribution import DistributionError, distribute
from budgets.quota import FrozenOffice
from budgets.transition import (
    KINDS,
    SWITCHES,
    Cut,
    InsufficientFunds,
    PlanRegion,
    PlanSpace,
    PlanYear,
    Row,
    TransitionError,
    TransitionInputs,
    compare_switches,
    cuts,
    sustainability,
    totals,
)
from jugendhilfe.lib.canonical import digest, from_json, to_json
from jugendhilfe.lib.money import UNITS, from_cents
from tests.budgets.documented import tables_of
from tests.budgets.test_distribution import BY_NEED, DEMO, DEMO_PREVIOUS, DEMO_QUOTAS, DEMO_TOTAL

D = Decimal
NAMES = {1: "Region 1", 2: "Region 2", 3: "Region 3"}
REGION_OF = {
    **dict.fromkeys(("Amt Neuhaus", "Bleckede", "Dahlenburg", "Ostheide"), 1),
    **dict.fromkeys(("Scharnebeck", "Bardowick", "Adendorf"), 2),
    **dict.fromkeys(("Gellersen", "Ilmenau", "Amelinghausen"), 3),
}
SHORT = ("Bleckede", "Scharnebeck", "Adendorf")
REGIONS = tuple(PlanRegion(number=number, name=name) for number, name in NAMES.items())
SHARES = distribute(DEMO_TOTAL, DEMO, BY_NEED).shares
SPACES = tuple(
    PlanSpace(
        key=space.key,
        name=space.key,
        region=REGION_OF[space.key],
        share=D(round(SHARES[space.key] * 10**18)).scaleb(-18),
        previous=space.previous,
        need=space.reference_population * space.factor,
        offices=(FrozenOffice(id=number, name=f"Büro {space.key}", carrier=f"Träger {number}"),),
    )
    for number, space in enumerate(DEMO, start=1)
)
NO_INDEX, TWO_PERCENT = (D(0),) * 4, (D(2),) * 4


def plan(**other: Any) -> TransitionInputs:
    """Resolution 2025/124 with the amounts of the demo, which are examples."""
    resolution = TransitionInputs(
        year=2026,
        kind="compensation",
        base=DEMO_TOTAL,
        extra=D("203000.00"),
        index=NO_INDEX,
        regions=REGIONS,
        spaces=SPACES,
        is_example=True,
    )
    return replace(resolution, **other)


# --- Resolution 2025/124, line by line (amounts are examples) ---------------------------------------------------------


def test_a_die_quote_gilt_ab_2026_und_laesst_drei_sozialraeume_zurueck() -> None:
    transition = plan().results()
    assert {row.key: row.quota for row in transition.years[0].rows} == DEMO_QUOTAS
    assert transition.deficits == {
        "Bleckede": D("34047.82"),
        "Scharnebeck": D("68090.62"),
        "Adendorf": D("14887.63"),
    }
    assert sum(transition.deficits.values()) == D("117026.07")


def test_b_die_gesamtsumme_steigt_dauerhaft_um_203000_euro() -> None:
    assert [year.total for year in plan().results().years] == [D("2233000.00")] * 5
    assert [year.extra for year in plan(index=TWO_PERCENT).results().years] == [
        D("203000.00"),
        D("207060.00"),
        D("211201.20"),
        D("215425.22"),
        D("219733.73"),
    ]


def test_c_2026_gleicht_die_erhoehung_die_defizite_voll_aus() -> None:
    first = plan().results().years[0]
    assert {row.key: row.amount for row in first.rows if row.key in SHORT} == {key: DEMO_PREVIOUS[key] for key in SHORT}
    assert (first.compensation, first.released, first.rest) == (D("117026.07"), D("0.00"), D("85973.93"))


def test_c_ab_2027_schmilzt_der_ausgleich_auf_75_50_25_und_0_prozent() -> None:
    years = plan().results().years
    assert [year.paid_percent for year in years] == [100, 75, 50, 25, 0]
    assert {key: [str(year.by_key[key].compensation) for year in years] for key in SHORT} == {
        "Bleckede": ["34047.82", "25535.86", "17023.91", "8511.96", "0.00"],
        "Scharnebeck": ["68090.62", "51067.96", "34045.31", "17022.66", "0.00"],
        "Adendorf": ["14887.63", "11165.72", "7443.82", "3721.91", "0.00"],
    }
    assert [year.compensation for year in years] == [
        D("117026.07"),
        D("87769.54"),
        D("58513.04"),
        D("29256.53"),
        D("0.00"),
    ]


def test_c_frei_werdende_mittel_gehen_in_das_regionale_budget_1_der_drei_regionen() -> None:
    years = plan().results().years
    assert [(year.released, [line.released for line in year.regions]) for year in years] == [
        (D("0.00"), [D("0.00"), D("0.00"), D("0.00")]),
        (D("29256.53"), [D("9963.34"), D("11020.42"), D("8272.77")]),
        (D("58513.03"), [D("19926.67"), D("22040.83"), D("16545.53")]),
        (D("87769.54"), [D("29890.00"), D("33061.24"), D("24818.30")]),
        (D("117026.07"), [D("39853.34"), D("44081.66"), D("33091.07")]),
    ]


def test_d_jedes_jahr_geht_auf_den_cent_auf() -> None:
    for year in plan().results().years:
        assert DEMO_TOTAL + year.compensation + year.released + D("85973.93") == D("2233000.00")
        assert sum(row.amount for row in year.rows) + sum(line.regional_1 for line in year.regions) + year.reserve == (
            D("2233000.00")
        )


def test_2030_steht_jeder_sozialraum_auf_seiner_quote() -> None:
    last = plan().results().years[-1]
    assert {row.key: row.amount for row in last.rows} == DEMO_QUOTAS
    assert last.by_key["Scharnebeck"].change == D("-17022.66")
    assert last.by_key["Scharnebeck"].change_from_old == D("-68090.62")


# --- The three open switches --------------------------------------------------------------------------------------


def test_on_the_total_with_the_increase_adendorf_is_not_short_and_the_gains_pay() -> None:
    transition = plan(quota_on="with_increase").results()
    assert transition.deficits == {"Bleckede": D("11252.61"), "Scharnebeck": D("39699.68")}
    first, *_, last = transition.years
    assert (first.quota, first.given, first.compensation, first.rest) == (
        D("2233000.00"),
        D("50952.29"),
        D("50952.29"),
        D("0.00"),
    )
    assert all(row.amount >= (row.old or 0) for row in first.rows)
    assert first.by_key["Adendorf"].given == D("967.79")
    assert last.released == D("50952.29")


def test_frozen_indexed_and_recomputed_deficits_part_when_there_is_an_index() -> None:
    paid = {
        alternative.value: [year.compensation for year in alternative.transition.years]
        for alternative in compare_switches(plan(index=TWO_PERCENT), "deficits")
        if alternative.transition
    }
    assert plan(index=TWO_PERCENT).results().years[-1].released == D("126672.78")
    assert paid == {
        "frozen": [D("117026.07"), D("87769.54"), D("58513.04"), D("29256.53"), D("0.00")],
        "indexed": [D("117026.07"), D("89524.94"), D("60876.97"), D("31047.25"), D("0.00")],
        "recomputed": [D("117026.07"), D("77134.94"), D("44191.76"), D("18407.80"), D("0.00")],
    }


def test_the_deficits_switch_only_shifts_between_the_short_spaces_and_regional_budget_1() -> None:
    for alternative in compare_switches(plan(index=TWO_PERCENT), "deficits"):
        assert alternative.change
        moved = sum(alternative.change.spaces.values())
        assert moved == -sum(alternative.change.regional_1.values())
        assert {key for key, euros in alternative.change.spaces.items() if euros} <= {*SHORT}
        assert alternative.change.reserve == 0


def test_the_rest_of_the_increase_is_named_until_somebody_decides_on_it() -> None:
    by_rest = {alternative.value: alternative.totals for alternative in compare_switches(plan(), "rest")}
    whole = 5 * D("85973.93")
    assert by_rest["reserve"] is not None
    assert by_rest["reserve"].reserve == whole
    for value in ("regional_1", "all_spaces"):
        assert (found := by_rest[value]) is not None
        assert found.reserve == 0
    assert by_rest["regional_1"]
    assert sum(by_rest["regional_1"].regional_1.values()) == whole + sum(by_rest["reserve"].regional_1.values())
    assert by_rest["all_spaces"]
    assert sum(by_rest["all_spaces"].spaces.values()) == whole + sum(by_rest["reserve"].spaces.values())


@pytest.mark.parametrize("switch", SWITCHES)
def test_every_answer_of_a_switch_is_compared_with_the_one_chosen(switch: str) -> None:
    alternatives = compare_switches(plan(index=TWO_PERCENT), switch)
    assert [alternative.value for alternative in alternatives] == [*SWITCHES[switch].answers]
    assert [alternative.is_chosen for alternative in alternatives] == [True, False, False][: len(alternatives)]
    for alternative in alternatives:
        assert alternative.change
        change = alternative.change
        assert sum(change.regions.values()) == sum(change.spaces.values())
        assert sum(change.spaces.values()) + sum(change.regional_1.values()) + change.reserve == 0


def test_an_answer_that_cannot_be_says_why_and_leaves_the_others_alone() -> None:
    on_base, with_it = compare_switches(plan(extra=D("100000.00")), "quota_on")
    assert "Es fehlen 17.026,07\u00a0€" in on_base.error
    assert with_it.transition
    assert with_it.change is None


# --- The documentation --------------------------------------------------------------------------------------------


def shown(amount: Decimal) -> str:
    return f"{amount:,.2f}".replace("-", "−")


def line(name: str, amounts: Iterable[Decimal]) -> list[str]:
    return [name, *map(shown, amounts)]


def amounts_of(inputs: TransitionInputs, read: Callable[[Row], Decimal]) -> list[list[str]]:
    found = inputs.results()
    return [line(key, map(read, found.rows_of(key))) for key in SHORT]


def sums_of(years: Sequence[PlanYear], *names: tuple[str, Callable[[PlanYear], Decimal]]) -> list[list[str]]:
    return [line(name, map(read, years)) for name, read in names]


def switched(**other: Any) -> list[Decimal]:
    """All years together against the usual answers: short spaces, all spaces, regional budget 1, reserve."""
    change = totals(plan(**other).results()).minus(totals(plan().results()))
    spaces, regional_1 = change.spaces, change.regional_1
    return [*(spaces[key] for key in SHORT), sum(spaces.values(), D(0)), sum(regional_1.values(), D(0)), change.reserve]


def test_every_table_of_the_documentation_is_what_the_code_computes() -> None:
    found = tables_of("docs/transition.md")
    usual, with_it = plan().results().years, plan(quota_on="with_increase").results().years
    first = usual[0]
    paid, released, total = (attrgetter(name) for name in ("compensation", "released", "total"))
    expected = {
        "space": [
            line(row.key, (row.old or D(0), row.quota, plan().results().deficits.get(row.key, D(0))))
            for row in first.rows
        ],
        "compensation": [
            ["per cent of the deficit", *(str(year.paid_percent) for year in usual)],
            *amounts_of(plan(), attrgetter("compensation")),
        ],
        "released into regional budget 1": [
            line(name, (year.regions[place].released for year in usual)) for place, name in enumerate(NAMES.values())
        ],
        "all together": sums_of(
            usual,
            ("quota", attrgetter("quota")),
            ("compensation", paid),
            ("released", released),
            ("rest, to be decided", attrgetter("reserve")),
            ("total", total),
        ),
        "amount": amounts_of(plan(), attrgetter("amount")),
        "quota on the total with the increase": sums_of(
            with_it,
            ("quota", attrgetter("quota")),
            ("given by those who gain", lambda year: -year.given),
            ("compensation", paid),
            ("released", released),
            ("total", total),
        ),
        "compensation with 2 % a year": [
            line(name, map(paid, plan(index=TWO_PERCENT, deficits=name).results().years))
            for name in SWITCHES["deficits"].answers
        ],
        "all years together against the usual answers, no index": [
            line("quota with the increase", switched(quota_on="with_increase")),
            line("rest to regional budget 1", switched(rest="regional_1")),
            line("rest to all spaces", switched(rest="all_spaces")),
        ],
        "convergence over four years": amounts_of(plan(kind="convergence"), attrgetter("amount")),
    }
    assert {name: found[name] for name in expected} == expected
    assert {*found} - {*expected} == {"kind", "rule"}


# --- Compensation -------------------------------------------------------------------------------------------------


def test_a_compensation_beyond_the_extra_funds_is_refused_with_the_missing_amount() -> None:
    with pytest.raises(InsufficientFunds) as refused:
        plan(extra=D("100000.00")).results()
    assert str(refused.value) == (
        "Der Ausgleich braucht 2026 zusammen 117.026,07\u00a0€, aus der Erhöhung stehen 100.000,00\u00a0€ bereit. "
        "Es fehlen 17.026,07\u00a0€."
    )
    assert (refused.value.year, refused.value.missing) == (2026, D("17026.07"))


def test_the_extra_funds_may_suffice_to_the_cent_and_one_cent_less_is_refused() -> None:
    assert plan(extra=D("117026.07")).results().years[0].rest == 0
    with pytest.raises(InsufficientFunds, match="Es fehlen 0,01"):
        plan(extra=D("117026.06")).results()


def test_gains_that_cannot_pay_the_compensation_are_refused_with_the_missing_amount() -> None:
    with pytest.raises(InsufficientFunds, match="aus den Gewinnen der anderen stehen") as refused:
        plan(base=D("1800000.00"), quota_on="with_increase").results()
    assert refused.value.missing == D("27000.00")


def test_deficits_that_grow_again_when_the_totals_fall_are_refused_in_that_year() -> None:
    with pytest.raises(InsufficientFunds) as refused:
        plan(index=(D(-20),) * 4, deficits="recomputed").results()
    assert refused.value.year == 2027


def test_a_space_without_an_old_amount_never_falls_short_and_gives_nothing() -> None:
    spaces = (replace(SPACES[0], previous=None), *SPACES[1:])
    first = plan(spaces=spaces, quota_on="with_increase").results().years[0]
    row = first.by_key["Amt Neuhaus"]
    assert row.given == row.compensation == 0
    assert row.change is None
    assert first.amount == first.total


# --- Convergence and at once --------------------------------------------------------------------------------------


def test_convergence_goes_a_quarter_of_the_way_every_year() -> None:
    years = plan(kind="convergence").results().years
    assert [year.by_key["Scharnebeck"].quota for year in years] == [
        D("334977.35"),
        D("317954.69"),
        D("300932.04"),
        D("283909.38"),
        D("283909.38"),
    ]
    assert years[3].by_key["Bleckede"].quota == DEMO_QUOTAS["Bleckede"]


def test_at_once_everybody_has_the_quota_in_the_first_year() -> None:
    for year in plan(kind="at_once").results().years:
        assert {row.key: row.amount for row in year.rows} == DEMO_QUOTAS


def test_convergence_without_old_amounts_is_refused() -> None:
    spaces = tuple(replace(space, previous=None) for space in SPACES)
    with pytest.raises(TransitionError, match="fehlen die bisherigen Beträge"):
        plan(kind="convergence", spaces=spaces).results()


# --- What holds always --------------------------------------------------------------------------------------------

percent = st.decimals(-50, 50, places=2)


@st.composite
def plans(draw: st.DrawFn, /, **fixed: Any) -> TransitionInputs:
    numbers = draw(st.lists(st.integers(1, 99), min_size=1, max_size=3, unique=True))
    euros = st.integers(0, 100_000_000).map(from_cents)
    spaces = draw(
        st.lists(
            st.builds(
                PlanSpace,
                key=st.text("0123456789", min_size=1, max_size=9),
                name=st.just("Ort"),
                region=st.sampled_from(numbers),
                share=st.decimals(0, 1, places=18),
                previous=st.none() | euros,
                need=st.decimals("0.1", 50_000, places=8),
            ),
            min_size=1,
            max_size=8,
            unique_by=lambda space: space.key,
        ).filter(lambda spaces: any(space.share for space in spaces))
    )
    steps = draw(st.integers(1, 6))
    weights = draw(st.none() | st.lists(st.decimals(1, 100, places=2), min_size=len(numbers), max_size=len(numbers)))
    old = sum((space.previous or D(0) for space in spaces), D(0))
    given = {
        "year": 2026,
        "kind": draw(st.sampled_from([*KINDS])),
        # Near the old amounts compensation is possible often enough.
        "base": draw(st.sampled_from([old, old + 1]) | euros),
        "extra": draw(euros | st.just(old)),
        "index": tuple(draw(st.lists(percent, min_size=steps, max_size=steps + 2))),
        "steps": steps,
        **{name: draw(st.sampled_from([*switch.answers])) for name, switch in SWITCHES.items()},
        "regions": tuple(
            PlanRegion(number=n, name=f"Region {n}", weight=weights[place] if weights else None)
            for place, n in enumerate(numbers)
        ),
        "spaces": tuple(spaces),
        "unit": draw(st.sampled_from(UNITS)),
    }
    found = TransitionInputs(**{**given, **fixed})
    assume(found.base + found.extra > 0)
    assume(found.kind != "convergence" or old)
    return found


@given(inputs=plans())
def test_the_rows_of_every_year_add_up_to_its_total_or_exactly_so_much_is_missing(inputs: TransitionInputs) -> None:
    try:
        transition = inputs.results()
    except InsufficientFunds as refused:
        assert refused.missing > 0
        return
    for year in transition.years:
        assert sum(row.amount for row in year.rows) + year.regional_1 + year.reserve == year.total
        assert sum(line.total for line in year.regions) + year.reserve == year.total
        assert sum(line.released for line in year.regions) == year.released >= 0
        assert year.rest >= 0
        for row in year.rows:
            assert row.amount == row.quota - row.given + row.compensation + row.from_rest >= 0
        for row, before in zip(
            year.rows, transition.years[year.step - 1].rows if year.step else year.rows, strict=True
        ):
            assert row.before == (before.amount if year.step else row.old)


@given(inputs=plans(kind="compensation", rest="reserve"))
def test_in_the_first_year_nobody_who_had_an_amount_falls_below_it(inputs: TransitionInputs) -> None:
    try:
        transition = inputs.results()
    except InsufficientFunds:
        return
    for row in transition.years[0].rows:
        if row.old is not None:
            assert row.amount >= row.old or inputs.quota_on == "without_increase"
            assert row.compensation == 0 or row.amount == row.old
    assert transition.years[inputs.steps].compensation == 0


@given(inputs=plans(kind="compensation", quota_on="without_increase", unit=D("0.01")))
def test_compensation_is_refused_exactly_when_the_extra_funds_do_not_suffice(inputs: TransitionInputs) -> None:
    inputs = replace(inputs, index=(D(0),) * inputs.steps)
    assume(inputs.base)
    quota = replace(inputs, kind="at_once").results().years[0]
    deficits = sum((max(D(0), row.old - row.quota) for row in quota.rows if row.old is not None), D(0))
    if deficits > inputs.extra:
        with pytest.raises(InsufficientFunds) as refused:
            inputs.results()
        assert refused.value.missing == deficits - inputs.extra
    else:
        assert inputs.results().years[0].compensation == deficits


@given(inputs=plans(kind="convergence"))
def test_convergence_has_no_jumps_and_ends_at_the_target(inputs: TransitionInputs) -> None:
    transition = inputs.results()
    old = sum((space.previous or D(0) for space in inputs.spaces), D(0))
    whole = sum(Fraction(space.share) for space in inputs.spaces)
    for space in inputs.spaces:
        path = [Fraction(space.previous or 0) / Fraction(old), *(row.share for row in transition.rows_of(space.key))]
        steps = {after - before for before, after in pairwise(path[: inputs.steps + 1])}
        assert len(steps) == 1
        assert {*path[inputs.steps :]} == {Fraction(space.share) / whole}


@given(inputs=plans())
def test_a_stored_plan_reads_back_and_comes_to_the_same_cents(inputs: TransitionInputs) -> None:
    text = to_json(inputs)
    again = from_json(TransitionInputs, text)
    assert again == inputs
    assert digest(to_json(again)) == digest(text)
    try:
        expected = inputs.results()
    except InsufficientFunds as refused:
        with pytest.raises(InsufficientFunds, match=str(refused)):
            again.results()
        return
    assert again.results() == expected


@given(inputs=plans(), seed=st.randoms(use_true_random=False))
def test_another_order_of_the_rows_changes_no_cent(inputs: TransitionInputs, seed: Any) -> None:
    spaces, regions = list(inputs.spaces), list(inputs.regions)
    seed.shuffle(spaces)
    seed.shuffle(regions)
    try:
        expected = totals(inputs.results())
    except InsufficientFunds:
        return
    assert totals(replace(inputs, spaces=tuple(spaces), regions=tuple(regions)).results()) == expected


# --- Whom a year brings less, and who can bear it ----------------------------------------------------------------


def test_the_offices_of_the_short_spaces_get_less_in_every_year_from_2027() -> None:
    found = cuts(plan().results())
    assert {(cut.year, cut.space) for cut in found} == {(year, key) for year in range(2027, 2031) for key in SHORT}
    assert found[0] == Cut(2027, "Bleckede", 2, D("262000.00"), D("253488.04"))
    assert (found[0].less, f"{found[0].from_day}") == (D("8511.96"), "2027-01-01")


def test_two_offices_share_the_cut_by_their_contracts() -> None:
    offices = (
        FrozenOffice(id=1, name="Nord", share_percent=D(75)),
        FrozenOffice(id=2, name="Süd", share_percent=D(25)),
    )
    spaces = tuple(replace(space, offices=offices if space.key == "Bleckede" else ()) for space in SPACES)
    found = [cut for cut in cuts(plan(spaces=spaces).results()) if cut.year == 2027]
    assert [(cut.space, cut.office, cut.amount) for cut in found] == [
        ("Bleckede", 1, D("190116.03")),
        ("Bleckede", 2, D("63372.01")),
        ("Scharnebeck", None, D("334977.34")),
        ("Adendorf", None, D("208278.09")),
    ]


def test_fixed_costs_beyond_the_bound_budget_are_a_gap_in_that_year() -> None:
    covers = sustainability(plan().results(), {2: D("200000.00")}, bound={2: Fraction(4, 5)})
    bleckede = [cover for cover in covers if cover.space == "Bleckede"]
    assert [(cover.bound, cover.gap, cover.status) for cover in bleckede] == [
        (D("209600.00"), D("0.00"), "covered"),
        (D("202790.43"), D("0.00"), "covered"),
        (D("195980.87"), D("4019.13"), "gap"),
        (D("189171.31"), D("10828.69"), "gap"),
        (D("182361.74"), D("17638.26"), "gap"),
    ]
    others = {(cover.fixed, cover.gap, cover.status) for cover in covers if cover.space != "Bleckede"}
    assert others == {(None, None, None)}


def test_fixed_costs_grow_by_the_index_only_if_so_chosen() -> None:
    transition = plan(index=TWO_PERCENT).results()
    for indexed, last in ((False, "100000.00"), (True, "108243.22")):
        covers = sustainability(transition, {2: D("100000.00")}, indexed=indexed)
        assert [cover.fixed for cover in covers if cover.office == 2][-1] == D(last)


# --- Refusals -----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("build", "sentence"),
    [
        (lambda: plan(base=D("-1")), "Der Betrag ohne die Erhöhung darf nicht negativ sein"),
        (lambda: plan(extra=D("0.001")), "Die Erhöhung hat Bruchteile von Cent"),
        (lambda: plan(base=D(0), extra=D(0)), "nichts zu verteilen"),
        (lambda: plan(kind="sooner"), "Diese Art des Übergangs gibt es nicht"),
        (lambda: plan(rest="party"), "Diese Art des Übergangs gibt es nicht"),
        (lambda: plan(unit=D(5)), "Gerundet wird auf"),
        (lambda: plan(steps=0), "mindestens einen Schritt"),
        (lambda: plan(index=(D(0),)), "Der Übergang endet 2030: Bitte nennen Sie den Index für jedes Jahr bis dahin"),
        (lambda: plan(index=(D(-101),) * 4), "Der Index plus 100 darf nicht negativ sein"),
        (lambda: plan(spaces=SPACES + SPACES[:1]), "mehrfach angegeben"),
        (lambda: plan(regions=REGIONS[:2]), "Ohne Region: Gellersen, Ilmenau, Amelinghausen"),
        (lambda: plan(spaces=(replace(SPACES[0], share=D(0)),)), "keine brauchbaren Anteile"),
        (lambda: plan(spaces=(replace(SPACES[0], previous=D("0.005")),)), "Amt Neuhaus: Der bisherige Betrag"),
        (
            lambda: plan(regions=(replace(REGIONS[0], weight=D(1)), *REGIONS[1:])),
            "Der Schlüssel nennt nicht für alle Regionen einen Anteil",
        ),
        (
            lambda: plan(regions=tuple(replace(region, weight=D(0)) for region in REGIONS)),
            "Der Schlüssel für das regionale Budget 1",
        ),
    ],
)
def test_what_cannot_be_meant_is_refused_in_a_german_sentence(
    build: Callable[[], TransitionInputs], sentence: str
) -> None:
    with pytest.raises((TransitionError, DistributionError), match=sentence):
        build().results()
