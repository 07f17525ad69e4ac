"""Distributing the total: the formula, the bounds, the cents, and what they do to each other."""

from collections.abc import Callable
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from budgets.distribution import (
    KINDS,
    DistributionError,
    InfeasibleBounds,
    Loss,
    Model,
    Space,
    Spread,
    Transfer,
    apply_quota,
    build_model,
    distribute,
    fairness,
    who_pays_whom,
)
from jugendhilfe.lib.money import CENT, UNITS, from_cents
from tests.budgets.documented import tables_of

D = Decimal
type Shares = dict[str, Any]
type Money = dict[str, Decimal]

# Population 2022, factor to eight decimals, example amount of 2025, quota under M2: the demo of the ten social spaces.
DEMO_ROWS = (
    ("Amt Neuhaus", 5320, "1.35040354", "128000.00", "131723.96"),
    ("Bleckede", 9694, "1.28248163", "262000.00", "227952.18"),
    ("Dahlenburg", 6207, "1.34385619", "148000.00", "152941.07"),
    ("Ostheide", 10644, "0.91565731", "176000.00", "178701.17"),
    ("Scharnebeck", 15781, "0.98119573", "352000.00", "283909.38"),
    ("Bardowick", 18383, "0.84152501", "268000.00", "283643.60"),
    ("Adendorf", 10956, "0.98123330", "212000.00", "197112.37"),
    ("Gellersen", 14346, "0.88576680", "196000.00", "232991.35"),
    ("Ilmenau", 10897, "0.94179316", "164000.00", "188170.72"),
    ("Amelinghausen", 8487, "0.98227615", "124000.00", "152854.20"),
)
DEMO = tuple(Space(key, 1, population, D(factor), D(previous)) for key, population, factor, previous, _ in DEMO_ROWS)
DEMO_QUOTAS = {key: D(quota) for key, *_, quota in DEMO_ROWS}
DEMO_PREVIOUS = {key: D(previous) for key, _, _, previous, _ in DEMO_ROWS}
DEMO_TOTAL = D("2030000.00")
BY_HEAD = build_model("M1")
BY_NEED = build_model("M2")


def space(
    key: str, *, offices: int = 1, population: int = 1000, factor: str = "1", previous: str | None = None
) -> Space:
    return Space(key, offices, population, D(factor), None if previous is None else D(previous))


amounts = st.integers(1, 9_999_999_999).map(from_cents)
spaces = st.lists(
    st.builds(
        Space,
        key=st.text("0123456789", min_size=1, max_size=9),
        offices=st.integers(0, 3),
        reference_population=st.one_of(st.integers(0, 50_000), st.decimals(0, 50_000, places=1)),
        factor=st.decimals("0.1", "4", places=8),
        previous=st.one_of(st.none(), st.integers(0, 100_000_000).map(from_cents)),
    ),
    min_size=1,
    max_size=12,
    unique_by=lambda space: space.key,
).filter(lambda spaces: any(space.offices for space in spaces) and any(s.reference_population for s in spaces))
percent = st.decimals(0, 100, places=2)
cents = st.integers(0, 10_000_000).map(from_cents)
limits = st.fixed_dictionaries(
    {
        "floor_percent": st.none() | percent,
        "cap_percent": st.none() | percent,
        "floor_absolute": st.none() | cents,
        "cap_absolute": st.none() | cents,
        "unit": st.sampled_from(UNITS),
    }
)


@st.composite
def shares(draw: st.DrawFn) -> Shares:
    base, head = draw(st.integers(0, 100)), draw(st.integers(0, 100))
    assume(base + head <= 100)
    return {"base": D(base) / 100, "head": D(head) / 100, "need": D(100 - base - head) / 100}


# The worked example of the documentation.


def test_the_demo_distributes_its_total_by_burden_to_the_cent() -> None:
    assert distribute(DEMO_TOTAL, DEMO, BY_NEED).amounts == DEMO_QUOTAS
    assert sum(DEMO_QUOTAS.values()) == DEMO_TOTAL


def test_the_table_of_the_documentation_is_what_the_code_computes() -> None:
    def shown(amount: Decimal | None) -> str:
        return f"{amount:,.2f}".replace("-", "−")

    assert tables_of("docs/distribution.md")["space"] == [
        [
            a.space.key,
            f"{a.space.reference_population:,}",
            f"{a.space.factor}",
            shown(a.space.previous),
            shown(a.amount),
            shown(a.change),
        ]
        for a in distribute(DEMO_TOTAL, DEMO, BY_NEED).allocations
    ]


def test_in_the_demo_exactly_three_spaces_fall_short_by_117026_07_euros() -> None:
    allocations = distribute(DEMO_TOTAL, DEMO, BY_NEED).allocations
    deficits = {a.space.key: -a.change for a in allocations if a.change is not None and a.change < 0}
    assert deficits == {"Bleckede": D("34047.82"), "Scharnebeck": D("68090.62"), "Adendorf": D("14887.63")}
    assert sum(deficits.values()) == D("117026.07")


def test_on_the_total_with_the_increase_adendorf_does_not_fall_short() -> None:
    allocations = distribute(D("2233000.00"), DEMO, BY_NEED).allocations
    losers = {a.space.key for a in allocations if a.change is not None and a.change < 0}
    assert losers == {"Bleckede", "Scharnebeck"}


def test_a_floor_of_five_percent_is_paid_by_all_who_are_free() -> None:
    distribution = distribute(DEMO_TOTAL, DEMO, build_model("M2", floor_percent=D(5)))
    held = {a.space.key: a.amount for a in distribution.allocations if a.held_by == "floor"}
    assert held == {"Bleckede": D("248900.00"), "Scharnebeck": D("334400.00"), "Adendorf": D("201400.00")}
    assert round(float(distribution.scale), 8) == 0.94267632
    assert distribution.amounts["Gellersen"] == D("219635.43")


def test_a_cap_of_ten_percent_on_top_holds_two_of_the_winners() -> None:
    distribution = distribute(DEMO_TOTAL, DEMO, build_model("M2", floor_percent=D(5), cap_percent=D(10)))
    held = {a.space.key: a.amount for a in distribution.allocations if a.held_by == "cap"}
    assert held == {"Gellersen": D("215600.00"), "Amelinghausen": D("136400.00")}
    assert sum(distribution.amounts.values()) == DEMO_TOTAL


def test_hundreds_with_a_floor_name_the_rest_and_who_has_it() -> None:
    distribution = distribute(DEMO_TOTAL, DEMO, build_model("M2", floor_percent=D("5.5"), unit=D(100)))
    # Three spaces stand on floors that are no hundreds, so 30 € are left over after the hundreds of the others.
    assert (distribution.rest, distribution.rest_to) == (D(30), "Gellersen")
    assert distribution.amounts["Gellersen"] == D(220330)
    assert distribution.amounts["Scharnebeck"] == D("352000.00") * D("0.945")


# The models.


def test_the_table_of_models_has_the_names_of_the_office() -> None:
    assert {code: kind.name for code, kind in KINDS.items()} == {
        "M0": "Bisher",
        "M1": "Nach Köpfen",
        "M2": "Nach Belastung",
        "M3": "Sockel und Belastung",
        "M4": "Mischmodell",
    }


@pytest.mark.parametrize("code", KINDS)
def test_a_model_knows_its_row_of_the_table(code: str) -> None:
    assert build_model(code, base=D("0.2"), head=D("0.3")).kind is KINDS[code]


def test_as_before_keeps_last_years_proportions() -> None:
    assert distribute(DEMO_TOTAL, DEMO, build_model("M0")).amounts == DEMO_PREVIOUS
    raised = distribute(DEMO_TOTAL * 2, DEMO, build_model("M0")).amounts
    assert raised == {key: previous * 2 for key, previous in DEMO_PREVIOUS.items()}


def test_by_head_reads_only_the_reference_population() -> None:
    distribution = distribute(D(400), [space("a", population=1000, factor="3"), space("b", population=3000)], BY_HEAD)
    assert distribution.amounts == {"a": D(100), "b": D(300)}


def test_base_counts_offices_and_the_rest_follows_burden() -> None:
    # Of 1,000 €, 200 go by offices 2 : 0, 800 by burden-weighted heads 1000 : 3000.
    rows = [space("a", offices=2, population=500, factor="2"), space("b", offices=0, population=3000)]
    assert distribute(D(1000), rows, build_model("M3", base=D("0.2"))).amounts == {"a": D(400), "b": D(600)}


def test_the_mixed_model_adds_its_three_parts() -> None:
    # 200 by offices 1 : 1, 300 by heads 1 : 3, 500 by burden-weighted heads 2 : 3.
    rows = [space("a", population=1000, factor="2"), space("b", population=3000)]
    model = build_model("M4", base=D("0.2"), head=D("0.3"))
    assert distribute(D(1000), rows, model).amounts == {"a": D(375), "b": D(625)}


# Bounds.


def test_a_space_without_an_amount_last_year_has_no_bounds() -> None:
    rows = [space("new"), space("old", previous="100")]
    distribution = distribute(D(1000), rows, build_model("M1", cap_percent=D(10)))
    assert distribution.amounts == {"new": D(890), "old": D(110)}


def test_zero_euros_last_year_are_an_amount() -> None:
    rows = [space("a", previous="0"), space("b")]
    assert distribute(D(100), rows, build_model("M1", cap_percent=D(10))).amounts == {"a": D(0), "b": D(100)}


def test_bounds_are_rounded_inward_to_cents() -> None:
    # 5 % of 0.33 € is 1.65 cents: floor 31.35 and cap 34.65 cents.
    model = build_model("M1", floor_percent=D(5), cap_percent=D(5))
    assert model.bounds(D("0.33")) == (D("0.32"), D("0.34"))


def test_of_a_percentage_and_an_amount_the_narrower_holds() -> None:
    model = build_model("M1", floor_percent=D(10), floor_absolute=D(50), cap_percent=D(10), cap_absolute=D(500))
    assert model.bounds(D(1000)) == (D(950), D(1100))


def test_a_floor_in_euros_never_falls_below_zero() -> None:
    assert build_model("M1", floor_absolute=D(500)).bounds(D(100)) == (D(0), None)


def test_floors_beyond_the_total_say_what_is_missing() -> None:
    with pytest.raises(InfeasibleBounds) as refused:
        distribute(D("2000000.00"), DEMO, build_model("M2", floor_percent=D(1)))
    assert str(refused.value) == (
        "Die Untergrenzen verlangen zusammen 2.009.700,00\u00a0€, zu verteilen sind 2.000.000,00\u00a0€. "
        "Es fehlen 9.700,00\u00a0€."
    )
    assert (refused.value.missing, refused.value.side) == (D("9700.00"), "floor")


def test_caps_below_the_total_say_what_is_left_over() -> None:
    with pytest.raises(InfeasibleBounds) as refused:
        distribute(D("2233000.00"), DEMO, build_model("M2", cap_percent=D(5)))
    assert str(refused.value) == (
        "Die Obergrenzen lassen zusammen höchstens 2.131.500,00\u00a0€ zu, zu verteilen sind 2.233.000,00\u00a0€. "
        "Es bleiben 101.500,00\u00a0€ übrig."
    )
    assert (refused.value.missing, refused.value.side) == (D("101500.00"), "cap")


@given(total=amounts, spaces=spaces, shares=shares(), limits=limits)
def test_cents_add_up_and_bounds_hold_or_exactly_so_much_is_missing(
    total: Decimal, spaces: list[Space], shares: Shares, limits: dict[str, Any]
) -> None:
    model = Model(**shares, **limits)
    try:
        distribution = distribute(total, spaces, model)
    except InfeasibleBounds as error:
        step = CENT if error.side == "cap" else -CENT
        fitting = total - error.missing if error.side == "cap" else total + error.missing
        assume(fitting > 0)
        assert sum(distribute(fitting, spaces, model).amounts.values()) == fitting
        with pytest.raises(InfeasibleBounds):
            distribute(fitting + step, spaces, model)
        return
    assert sum(distribution.amounts.values()) == total
    for allocation in distribution.allocations:
        assert allocation.low is None or allocation.low <= allocation.amount
        assert allocation.high is None or allocation.amount <= allocation.high
        assert abs(Fraction(allocation.amount) - allocation.exact) < Fraction(model.unit)
        if allocation.held_by:
            assert allocation.amount == (allocation.low if allocation.held_by == "floor" else allocation.high)
        elif allocation.space.key != distribution.rest_to and allocation.amount % model.unit:
            assert allocation.amount in (allocation.low, allocation.high)


@given(total=amounts, spaces=spaces, shares=shares(), unit=st.sampled_from(UNITS))
def test_without_bounds_each_amount_is_less_than_one_unit_from_the_formula(
    total: Decimal, spaces: list[Space], shares: Shares, unit: Decimal
) -> None:
    distribution = distribute(total, spaces, Model(**shares, unit=unit))
    offices = Fraction(sum(s.offices for s in spaces))
    heads = sum(Fraction(s.reference_population) for s in spaces)
    burdened = sum(Fraction(s.reference_population) * Fraction(s.factor) for s in spaces)
    base, head, need = (Fraction(shares[name]) for name in ("base", "head", "need"))
    for s in spaces:
        population = Fraction(s.reference_population)
        share = (
            base * s.offices / offices + head * population / heads + need * population * Fraction(s.factor) / burdened
        )
        assert abs(Fraction(distribution.amounts[s.key]) - Fraction(total) * share) < unit
    assert distribution.scale == 1


@given(total=amounts, spaces=spaces, shares=shares(), limits=limits, data=st.data())
def test_the_order_of_the_rows_changes_nothing(
    total: Decimal, spaces: list[Space], shares: Shares, limits: dict[str, Any], data: st.DataObject
) -> None:
    model = Model(**shares, **limits)
    try:
        expected = distribute(total, spaces, model)
    except InfeasibleBounds:
        assume(False)
    shuffled = distribute(total, data.draw(st.permutations(spaces)), model)
    assert shuffled.amounts == expected.amounts
    assert (shuffled.rest, shuffled.rest_to) == (expected.rest, expected.rest_to)


def test_the_result_keeps_the_order_of_the_spaces() -> None:
    assert list(distribute(DEMO_TOTAL, DEMO[::-1], BY_NEED).amounts) == [s.key for s in DEMO[::-1]]


def test_merging_two_spaces_of_equal_burden_changes_no_other() -> None:
    rows = [space("a", population=100, factor="1.5"), space("b", population=300, factor="1.5"), space("c")]
    merged = [space("ab", population=400, factor="1.5"), space("c")]
    assert distribute(D(1600), rows, BY_NEED).amounts["c"] == distribute(D(1600), merged, BY_NEED).amounts["c"] == 1000


# Only gains are scaled.


def gains_only(**bounds: Any) -> Model:
    return build_model("M2", gains_only=True, **bounds)


def test_a_floor_paid_by_the_gains_alone_makes_no_new_losers() -> None:
    distribution = distribute(DEMO_TOTAL, DEMO, gains_only(floor_percent=D(5)))
    # 74,700.00 € of floors less 117,026.07 € of losses: of 117,026.07 € gains 41,300.00 € remain.
    assert round(float(distribution.scale), 8) == 0.35291280
    assert distribution.amounts["Gellersen"] == D("209054.72")
    losers = {a.space.key: a.change for a in distribution.allocations if a.change is not None and a.change < 0}
    assert losers == {"Bleckede": D("-13100.00"), "Scharnebeck": D("-17600.00"), "Adendorf": D("-10600.00")}


def test_between_the_floor_and_last_years_amount_nothing_changes() -> None:
    rows = [space("a", previous="160"), space("b", previous="110"), space("c", previous="50")]
    distribution = distribute(D(300), rows, build_model("M1", floor_percent=D(20), gains_only=True))
    # Targets 100 each: a is held at 128, b keeps its 100, c pays the 28 out of a gain of 50.
    assert distribution.amounts == {"a": D(128), "b": D(100), "c": D(72)}


def test_caps_cut_the_gains_first_and_the_others_gain_what_they_cut() -> None:
    rows = [space(key, previous=previous) for key, previous in (("a", "120"), ("b", "50"), ("c", "80"), ("d", "120"))]
    distribution = distribute(D(400), rows, build_model("M1", cap_absolute=D(40), floor_percent=D(10), gains_only=True))
    # Gains of 50 and 20: b is cut to 40, c has 30 instead. The floors take 16 of the 70.
    assert distribution.scale == Fraction(54, 70)
    assert distribution.amounts == {"a": D(108), "b": D("80.86"), "c": D("103.14"), "d": D(108)}


def test_a_space_without_an_amount_last_year_neither_pays_for_a_floor_nor_gains() -> None:
    rows = [space("new"), space("a", previous="150"), space("b", previous="50")]
    distribution = distribute(D(300), rows, build_model("M1", floor_percent=D(20), gains_only=True))
    assert distribution.amounts == {"new": D(100), "a": D(120), "b": D(80)}


def test_floors_beyond_the_gains_say_what_is_missing() -> None:
    with pytest.raises(InfeasibleBounds) as refused:
        distribute(D("1950000.00"), DEMO, gains_only(floor_percent=D(5)))
    assert str(refused.value) == (
        "Die Gewinne gegenüber dem bisherigen Betrag reichen nicht, um die Untergrenzen zu halten. "
        "Es fehlen 31.805,47\u00a0€."
    )
    assert (refused.value.missing, refused.value.side) == (D("31805.47"), "floor")


def test_caps_that_leave_no_room_for_the_gains_say_what_is_left_over() -> None:
    rows = [space("a", previous="50"), space("b", previous="150")]
    with pytest.raises(InfeasibleBounds, match="Es bleiben 40,00\u00a0€ übrig") as refused:
        distribute(D(200), rows, build_model("M1", cap_absolute=D(10), gains_only=True))
    assert (refused.value.missing, refused.value.side) == (D(40), "cap")


def test_caps_without_room_for_all_gains_are_fine_where_the_floors_need_what_is_over() -> None:
    rows = [space("a", previous="50"), space("b", previous="150")]
    model = build_model("M1", cap_absolute=D(10), floor_absolute=D(10), gains_only=True)
    assert distribute(D(200), rows, model).amounts == {"a": D(60), "b": D(140)}


@given(total=amounts, spaces=spaces, shares=shares(), limits=limits)
def test_scaling_gains_only_keeps_floors_caps_and_everybody_between(
    total: Decimal, spaces: list[Space], shares: Shares, limits: dict[str, Any]
) -> None:
    model = Model(**shares, **limits, gains_only=True)
    try:
        distribution = distribute(total, spaces, model)
    except InfeasibleBounds as refused:
        assert refused.missing > 0
        return
    assert 0 <= distribution.scale <= 1
    assert sum(distribution.amounts.values()) == total
    assert sum(a.exact for a in distribution.allocations) == total
    for allocation in distribution.allocations:
        previous, target, value = allocation.space.previous, allocation.target, allocation.exact
        assert allocation.low is None or allocation.low <= allocation.amount
        assert allocation.high is None or allocation.amount <= allocation.high
        if previous is None or (allocation.low or 0) <= target <= previous:
            assert value == target
        elif target < previous:
            assert value == allocation.low
        else:
            assert value >= previous
            # Without caps everybody who gains keeps the same part of it.
            if model.cap_percent is model.cap_absolute is None:
                assert value - Fraction(previous) == distribution.scale * (target - Fraction(previous))


@given(total=amounts, spaces=spaces, shares=shares(), unit=st.sampled_from(UNITS), floor=percent)
def test_scaling_gains_only_is_the_plain_model_where_nobody_is_below_the_floor(
    total: Decimal, spaces: list[Space], shares: Shares, unit: Decimal, floor: Decimal
) -> None:
    plain = distribute(total, spaces, Model(**shares, unit=unit))
    bounded = Model(**shares, unit=unit, floor_percent=floor, gains_only=True)
    lows = [bounded.bounds(a.space.previous)[0] or 0 for a in plain.allocations]
    assume(all(a.target >= low for a, low in zip(plain.allocations, lows, strict=True)))
    distribution = distribute(total, spaces, bounded)
    assert distribution.scale == 1
    assert distribution.shares == plain.shares


@given(total=amounts, spaces=spaces, shares=shares(), floor=percent)
def test_scaling_gains_only_is_refused_exactly_when_the_gains_do_not_suffice(
    total: Decimal, spaces: list[Space], shares: Shares, floor: Decimal
) -> None:
    model = Model(**shares, floor_percent=floor, gains_only=True)
    plain = distribute(total, spaces, Model(**shares))
    gains, lacking = Fraction(0), Fraction(0)
    for allocation in plain.allocations:
        if (previous := allocation.space.previous) is not None:
            gains += max(Fraction(0), allocation.target - Fraction(previous))
            lacking += max(Fraction(0), Fraction(model.bounds(previous)[0] or 0) - allocation.target)
    if lacking > gains:
        with pytest.raises(InfeasibleBounds) as refused:
            distribute(total, spaces, model)
        assert 0 <= Fraction(refused.value.missing) - (lacking - gains) < Fraction(CENT)
    else:
        assert distribute(total, spaces, model).scale == (1 - lacking / gains if gains else 1)


# What is refused.


@pytest.mark.parametrize(
    ("shares", "sum_text"),
    [
        ({"base": D("0.2"), "need": D("0.7")}, "0,9"),
        ({"head": D("0.5"), "need": D("0.50000001")}, "1,00000001"),
        ({}, "0"),
        ({"base": D(10), "need": D(90)}, "100"),
    ],
)
def test_shares_that_do_not_sum_to_one_are_refused(shares: Shares, sum_text: str) -> None:
    with pytest.raises(DistributionError, match=f"ergeben zusammen {sum_text} statt 1"):
        Model(**shares)


@pytest.mark.parametrize(
    ("build", "sentence"),
    [
        (lambda: Model(base=D("-0.1"), need=D("1.1")), "Der Anteil für den Sockel darf nicht negativ sein"),
        (lambda: build_model("M3", base=D("1.1")), "Der Anteil nach Belastung darf nicht negativ sein"),
        (lambda: Model(need=D("NaN")), "Der Anteil nach Belastung ist keine Zahl"),
        (lambda: build_model("M2", floor_percent=D("100.01")), "nicht mehr als 100\u00a0%"),
        (lambda: build_model("M2", cap_percent=D(-1)), "Der größte Gewinn in Prozent darf nicht negativ sein"),
        (lambda: build_model("M2", unit=D(50)), "Gerundet wird auf 0,01\u00a0€, 1\u00a0€, 10\u00a0€ oder 100\u00a0€"),
        (lambda: Space("a", D("0.5"), 1, D(1)), "a: Die Zahl der Büros muss eine ganze Zahl sein"),  # type: ignore[arg-type]
        (lambda: space("a", population=-1), "a: Die Bezugsgröße darf nicht negativ sein"),
        (lambda: space("a", factor="Infinity"), "a: Der Belastungsfaktor ist keine Zahl"),
        (lambda: space("a", factor="1e-999999"), "a: Der Belastungsfaktor hat zu viele Stellen"),
        (lambda: space("a", previous="0.005"), "a: Der Betrag des Vorjahres hat Bruchteile von Cent"),
        (lambda: distribute(D("0.001"), DEMO, BY_NEED), "Der zu verteilende Betrag hat Bruchteile von Cent"),
        (lambda: distribute(D(0), DEMO, BY_NEED), "muss größer als 0,00\u00a0€ sein"),
        (lambda: distribute(D(1), [], BY_NEED), "Es gibt keinen Sozialraum"),
        (lambda: distribute(D(1), [space("a"), space("b"), space("a")], BY_NEED), "Mehrfach angegeben: a"),
        (
            lambda: distribute(D(1), [space("a", offices=0)], build_model("M3", base=D(1))),
            "Kein Sozialraum hat ein Büro",
        ),
        (lambda: distribute(D(1), [space("a", population=0)], BY_HEAD), "Die Bezugsgröße ist überall 0"),
        (lambda: distribute(D(1), [space("a", factor="0")], BY_NEED), "Bezugsgröße mal Belastungsfaktor ist überall 0"),
        (lambda: distribute(D(1), [space("a")], build_model("M0")), "Kein Sozialraum hat einen Betrag des Vorjahres"),
    ],
)
def test_what_cannot_be_meant_is_refused_in_a_german_sentence(build: Callable[[], object], sentence: str) -> None:
    with pytest.raises(DistributionError, match=sentence):
        build()


# The quota.


def test_an_adopted_quota_splits_another_years_total_by_the_same_shares() -> None:
    shares = distribute(DEMO_TOTAL, DEMO, BY_NEED).shares
    assert sum(shares.values()) == 1
    assert apply_quota(shares, DEMO_TOTAL) == DEMO_QUOTAS
    assert apply_quota(shares, D("2233000.00")) == distribute(D("2233000.00"), DEMO, BY_NEED).amounts


def test_a_quota_keeps_what_the_bounds_made_of_it() -> None:
    distribution = distribute(DEMO_TOTAL, DEMO, build_model("M2", floor_percent=D(5), cap_percent=D(10)))
    assert apply_quota(distribution.shares, DEMO_TOTAL) == distribution.amounts
    assert apply_quota(distribution.shares, DEMO_TOTAL * 2)["Adendorf"] == 2 * D("201400.00")


@given(total=amounts, spaces=spaces, shares=shares(), unit=st.sampled_from(UNITS))
def test_a_quota_of_any_year_adds_up_to_the_cent(
    total: Decimal, spaces: list[Space], shares: Shares, unit: Decimal
) -> None:
    quota = distribute(D(1000), spaces, Model(**shares)).shares
    assert sum(apply_quota(quota, total, unit=unit).values()) == total


def test_a_quota_without_shares_is_refused() -> None:
    with pytest.raises(DistributionError, match="keine brauchbaren Anteile"):
        apply_quota({"a": D(0)}, D(1))


# Fairness.


def test_the_fairness_figures_of_the_demo_by_burden() -> None:
    figures = fairness(distribute(DEMO_TOTAL, DEMO, BY_NEED))
    assert figures.per_head == Spread(D("15.43"), D("24.76"), D("1.6047"))
    assert figures.per_burdened_head == Spread(D("18.34"), D("18.34"), D("1.0000"))
    assert (figures.gini, figures.correlation) == (D(0), D(1))
    assert (figures.moved, figures.losers) == (D("117026.07"), 3)
    assert figures.largest_loss == Loss("Scharnebeck", D("68090.62"), D("19.3439"))


def test_the_fairness_figures_of_the_demo_as_before() -> None:
    figures = fairness(distribute(DEMO_TOTAL, DEMO, build_model("M0")))
    assert figures.per_head == Spread(D("13.66"), D("27.03"), D("1.9782"))
    assert (figures.gini, figures.correlation) == (D("0.0768"), D("0.8431"))
    assert (figures.moved, figures.losers, figures.largest_loss) == (D(0), 0, None)


def test_odd_cents_do_not_make_euros_per_head_correlate_with_burden() -> None:
    assert fairness(distribute(DEMO_TOTAL, DEMO, BY_HEAD)).correlation is None


def test_the_gini_of_two_equal_spaces_of_which_one_gets_all_is_one_half() -> None:
    rows = [space("a", offices=1), space("b", offices=0)]
    figures = fairness(distribute(D(100), rows, build_model("M3", base=D(1))))
    assert figures.gini == D("0.5")
    assert figures.per_head == Spread(D("0.00"), D("0.10"), None)


def test_splitting_a_space_into_equal_parts_changes_no_inequality() -> None:
    whole = [space("a", population=400, factor="1.5"), space("b", population=600, factor="0.8")]
    parts = [space("a1", population=100, factor="1.5"), space("a2", population=300, factor="1.5"), whole[1]]
    before, after = (fairness(distribute(D(9000), rows, BY_HEAD)) for rows in (whole, parts))
    # 600 burden-weighted heads at 6.00 €, 480 at 11.25 €: 600 · 480 · 5.25 / (1080 · 9000).
    assert before.gini == after.gini == D("0.1556")


def test_the_largest_loss_in_euros_and_in_percent_may_be_two_spaces() -> None:
    rows = [space("a", population=10, previous="50"), space("b", previous="500"), space("c", previous="1200")]
    figures = fairness(distribute(D(2010), rows, BY_HEAD))
    assert figures.largest_loss == Loss("c", D(200), D("16.6667"))
    assert figures.largest_loss_percent == Loss("a", D(40), D(80))


def test_a_space_without_heads_has_no_euros_per_head() -> None:
    rows = [space("a"), space("b", population=0)]
    figures = fairness(distribute(D(100), rows, build_model("M3", base=D("0.5"))))
    assert figures.per_head == Spread(D("0.08"), D("0.08"), D(1))


# Who pays for whom.


def test_each_loss_is_spread_over_the_gains_in_proportion() -> None:
    transfers = who_pays_whom({"a": D(100), "b": D(70), "c": D(30)}, {"a": D(40), "b": D(90), "c": D(70)})
    assert transfers == [Transfer("a", "c", D(40)), Transfer("a", "b", D(20))]


def test_the_increase_of_the_total_is_a_payer_of_its_own() -> None:
    transfers = who_pays_whom({"a": D(100), "b": D(50)}, {"a": D(80), "b": D(150)})
    assert transfers == [Transfer("a", "b", D(20)), Transfer(None, "b", D(80))]


def test_the_cut_of_the_total_is_a_receiver_of_its_own() -> None:
    transfers = who_pays_whom({"a": D(100), "b": D(50)}, {"a": D(20), "b": D(70)})
    assert transfers == [Transfer("a", "b", D(20)), Transfer("a", None, D(60))]


def test_a_space_without_an_amount_last_year_gains_all_it_gets() -> None:
    assert who_pays_whom({"a": D(100), "new": None}, {"a": D(40), "new": D(60)}) == [Transfer("a", "new", D(60))]


def test_in_the_demo_scharnebeck_pays_the_largest_part_for_gellersen() -> None:
    transfers = who_pays_whom(DEMO_PREVIOUS, DEMO_QUOTAS)
    assert len(transfers) == 3 * 7
    assert transfers[0] == Transfer("Scharnebeck", "Gellersen", D("21523.10"))


money_by_space = st.dictionaries(
    st.text("abc", min_size=1, max_size=3), st.integers(0, 10_000_000).map(from_cents), min_size=1, max_size=10
)


@given(previous=money_by_space, amounts=money_by_space)
def test_transfers_sum_to_every_loss_and_every_gain_to_the_cent(previous: Money, amounts: Money) -> None:
    transfers = who_pays_whom(previous, amounts)
    for key in {*previous, *amounts}:
        change = amounts.get(key, D(0)) - previous.get(key, D(0))
        assert sum(t.amount for t in transfers if t.payer == key) == max(-change, 0)
        assert sum(t.amount for t in transfers if t.receiver == key) == max(change, 0)
    difference = sum(amounts.values()) - sum(previous.values())
    assert sum(t.amount for t in transfers if t.payer is None) == max(difference, 0)
    assert sum(t.amount for t in transfers if t.receiver is None) == max(-difference, 0)
    assert all(t.amount > 0 for t in transfers)


@given(previous=money_by_space, amounts=money_by_space)
def test_each_transfer_is_within_cents_of_its_proportion(previous: Money, amounts: Money) -> None:
    transfers = who_pays_whom(previous, amounts)
    moved = sum((Fraction(t.amount) for t in transfers), Fraction(0))
    paid: dict[str | None, Fraction] = {}
    got: dict[str | None, Fraction] = {}
    for t in transfers:
        paid[t.payer] = paid.get(t.payer, 0) + Fraction(t.amount)
        got[t.receiver] = got.get(t.receiver, 0) + Fraction(t.amount)
    for t in transfers:
        assert abs(Fraction(t.amount) - paid[t.payer] * got[t.receiver] / moved) <= Fraction(10, 100)
