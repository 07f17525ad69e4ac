"""Bound budget and regional budget 1: three rules, to the cent, side by side."""

from collections.abc import Callable
from dataclasses import replace
from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from budgets.quota import FrozenOffice
from budgets.split import (
    BLOCKS,
    ByBlocks,
    BySpace,
    OnePercentage,
    Portion,
    Rule,
    Split,
    SplitError,
    Sums,
    bound_part,
    compare,
    portions,
    split,
)
from jugendhilfe.lib.money import from_cents
from tests.budgets.documented import tables_of

D = Decimal
NORTH = FrozenOffice(id=1, name="Büro Nord", carrier="Träger A", share_percent=D("66.667"))
SOUTH = FrozenOffice(id=2, name="Büro Süd", carrier="Träger B", share_percent=D("33.333"))
EAST = FrozenOffice(id=3, name="Büro Ost", carrier="Träger A")
AMOUNTS = (
    *portions("k1", "Bleckede", 1, D("227952.18"), (NORTH, SOUTH)),
    *portions("k2", "Scharnebeck", 2, D("283909.38"), (EAST,)),
    *portions("k3", "Adendorf", 2, D("197112.37"), ()),
)
COSTS = {
    1: {"operating": D("80000.00"), "material": D("12000.00"), "network": D("8000.00"), "projects": D("20000.00")},
    2: {"operating": D("50000.00"), "projects": D("50000.00")},
    3: {"operating": D("1.00"), "material": D("1.00"), "projects": D("1.00")},
}


def parts(found: Split) -> list[tuple[str, str]]:
    return [(str(line.bound), str(line.regional_1)) for line in found.lines]


def test_a_space_is_split_over_its_offices_by_their_contracts() -> None:
    assert [(p.office_name, p.carrier, str(p.total)) for p in AMOUNTS] == [
        ("Büro Nord", "Träger A", "151968.88"),
        ("Büro Süd", "Träger B", "75983.30"),
        ("Büro Ost", "Träger A", "283909.38"),
        ("", "", "197112.37"),
    ]


@pytest.mark.parametrize("offices", [(NORTH,), (NORTH, SOUTH)])
def test_where_no_contract_has_a_part_all_offices_have_the_same(offices: tuple[FrozenOffice, ...]) -> None:
    none = tuple(replace(office, share_percent=D(0)) for office in offices)
    assert [p.total for p in portions("k", "Ort", 1, D("10.00"), none)] == [D("10.00") / len(none)] * len(none)


def test_one_percentage_binds_the_same_part_of_everybody() -> None:
    found = split(AMOUNTS, OnePercentage(D(80)))
    assert parts(found) == [
        ("121575.10", "30393.78"),
        ("60786.64", "15196.66"),
        ("227127.50", "56781.88"),
        ("157689.90", "39422.47"),
    ]
    assert found.regions == {
        1: Sums(D("182361.74"), D("45590.44")),
        2: Sums(D("384817.40"), D("96204.35")),
    }
    assert found.carriers["Träger A"] == Sums(D("348702.60"), D("87175.66"))
    assert found.sum.total == sum(p.total for p in AMOUNTS)


def test_every_space_may_have_a_percentage_of_its_own() -> None:
    found = split(AMOUNTS, BySpace({"k1": D(100), "k2": D("33.333"), "k3": D(0)}))
    assert [line.bound for line in found.lines] == [D("151968.88"), D("75983.30"), D("94635.51"), D("0.00")]


def test_the_mapping_of_blocks_reads_each_offices_own_costs() -> None:
    # 100,000 of 120,000; 50,000 of 100,000; two thirds.
    found = split(AMOUNTS[:3], ByBlocks(COSTS))
    assert [line.percent for line in found.lines] == [Fraction(250, 3), 50, Fraction(200, 3)]
    assert parts(found) == [("126640.73", "25328.15"), ("37991.65", "37991.65"), ("189272.92", "94636.46")]


def test_the_documentation_shows_both_rules_for_the_first_office() -> None:
    rules: list[Rule] = [OnePercentage(D(80)), ByBlocks(COSTS)]
    amounts = [f"{amount:,.2f}" for rule in rules for amount in first_line(rule)]
    assert [cell for row in tables_of("docs/transition.md")["rule"] for cell in row[1:]] == amounts


def first_line(rule: Rule) -> tuple[Decimal, Decimal]:
    line = split(AMOUNTS[:1], rule).lines[0]
    return line.bound, line.regional_1


def test_another_mapping_moves_money_into_regional_budget_1() -> None:
    mapping = {"operating": D(100), "material": D(100), "network": D(50), "projects": D(10)}
    assert split(AMOUNTS[:1], ByBlocks(COSTS, mapping)).lines[0].percent == Fraction(98000, 1200)


def test_half_a_cent_goes_to_the_even_cent() -> None:
    assert [bound_part(D(total), Fraction(1, 2)) for total in ("0.01", "0.03", "0.05")] == [
        D("0.00"),
        D("0.02"),
        D("0.02"),
    ]


def test_the_variants_stand_side_by_side_and_one_that_fails_leaves_the_others_alone() -> None:
    rules: dict[str, Rule] = {"80 %": OnePercentage(D(80)), "Kostenblöcke": ByBlocks(COSTS)}
    found = compare(AMOUNTS, rules)
    assert found.variants[1].error == "Adendorf (ohne Büro): Für dieses Büro sind keine Kosten nach Blöcken erfasst."
    assert found.sums[1] is None
    assert found.sums[0] == Sums(D("567179.14"), D("141794.79"))
    assert [[line.bound if line else None for line in lines] for _, lines in found.rows][2] == [D("227127.50"), None]


@pytest.mark.parametrize(
    ("rule", "sentence"),
    [
        (lambda: OnePercentage(D("100.01")), "Der gebundene Anteil liegt nicht zwischen 0\u00a0% und 100\u00a0%"),
        (lambda: OnePercentage(D("NaN")), "Der gebundene Anteil liegt nicht"),
        (lambda: BySpace({"k2": D(50)}), "Bleckede: Es fehlt der gebundene Anteil"),
        (lambda: BySpace({"k1": D(-1)}), "Bleckede: Der gebundene Anteil liegt nicht"),
        (lambda: ByBlocks({}), "Büro Nord: Für dieses Büro sind keine Kosten nach Blöcken erfasst"),
        (lambda: ByBlocks({1: {"operating": D(0)}}), "Büro Nord: Für dieses Büro sind keine Kosten"),
        (lambda: ByBlocks({1: {"operating": D(2), "material": D(-1)}}), "Büro Nord: Ein Kostenblock ist negativ"),
        (lambda: ByBlocks({1: {"party": D(1)}}), "Büro Nord: Die Zuordnung kennt diese Kostenblöcke nicht: party"),
        (lambda: ByBlocks(COSTS, {**dict.fromkeys(BLOCKS, D(0)), "projects": D(101)}), "Angebote und Projekte liegt"),
    ],
)
def test_a_rule_that_does_not_work_out_says_why(rule: Callable[[], Rule], sentence: str) -> None:
    with pytest.raises(SplitError, match=sentence):
        split(AMOUNTS[:1], rule())


euros = st.integers(0, 1_000_000_000).map(from_cents)
percent = st.decimals(0, 100, places=3)


@st.composite
def cases(draw: st.DrawFn) -> tuple[list[Portion], list[Rule]]:
    totals = draw(st.lists(euros, min_size=1, max_size=6))
    found = [
        Portion(
            space=f"k{number // 2}",
            space_name="Ort",
            region=draw(st.integers(1, 3)),
            office=number,
            office_name=f"Büro {number}",
            carrier=draw(st.sampled_from(["Träger A", "Träger B"])),
            total=total,
        )
        for number, total in enumerate(totals)
    ]
    costs: Any = st.fixed_dictionaries(dict.fromkeys(BLOCKS, euros)).filter(lambda blocks: any(blocks.values()))
    rules: list[Rule] = [
        OnePercentage(draw(percent)),
        BySpace({portion.space: draw(percent) for portion in found}),
        ByBlocks(
            {number: draw(costs) for number in range(len(found))},
            draw(st.fixed_dictionaries(dict.fromkeys(BLOCKS, percent))),
        ),
    ]
    return found, rules


@given(case=cases())
def test_bound_and_regional_budget_1_add_up_to_the_total_of_offices_regions_and_carriers(
    case: tuple[list[Portion], list[Rule]],
) -> None:
    found, rules = case
    for rule in rules:
        done = split(found, rule)
        whole = sum(portion.total for portion in found)
        assert done.sum.total == whole
        assert sum(sums.total for sums in done.regions.values()) == whole
        assert sum(sums.total for sums in done.carriers.values()) == whole
        for number, sums in done.regions.items():
            assert sums.total == sum(p.total for p in found if p.region == number)
        for line in done.lines:
            assert line.bound + line.regional_1 == line.portion.total
            assert 0 <= line.bound <= line.portion.total
            assert abs(100 * Fraction(line.bound) - line.percent * Fraction(line.portion.total)) <= Fraction(1, 2)


@given(case=cases(), one=percent)
def test_the_same_percentage_by_any_rule_is_the_same_split(
    case: tuple[list[Portion], list[Rule]], one: Decimal
) -> None:
    found, (_, _, blocks) = case
    assert isinstance(blocks, ByBlocks)
    expected = split(found, OnePercentage(one))
    assert split(found, BySpace({portion.space: one for portion in found})) == expected
    assert split(found, ByBlocks(blocks.costs, dict.fromkeys(BLOCKS, one))) == expected
