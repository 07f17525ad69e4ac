"""The burden factor: published numbers, what never changes it, how it explains itself, and what it refuses."""

import csv
import math
from collections.abc import Callable, Iterable
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from indicators.burden import (
    Aggregation,
    BurdenError,
    BurdenResult,
    Counts,
    Dimension,
    Indicator,
    MissingValues,
    Number,
    Scheme,
    SchemeRefused,
    ValuesRefused,
    check_scheme,
    compute,
)
from jugendhilfe.lib.errors import DomainError
from tests.indicators.worked_example import AGED_15_64, COUNTS, KEYS, NAMES, POPULATION, SCHEME, VALUES

WORKED_FACTORS = {
    "Adendorf": "0.9844191",
    "Bleckede": "1.2860771",
    "Amt Neuhaus": "1.3540433",
    "Amelinghausen": "0.9853337",
    "Bardowick": "0.8443857",
    "Dahlenburg": "1.3475735",
    "Gellersen": "0.8886386",
    "Ilmenau": "0.9448195",
    "Ostheide": "0.9186171",
    "Scharnebeck": "0.9843142",
}
DEMO_FACTORS = {
    "Amt Neuhaus": "1.35040354",
    "Bleckede": "1.28248163",
    "Dahlenburg": "1.34385619",
    "Ostheide": "0.91565731",
    "Scharnebeck": "0.98119573",
    "Bardowick": "0.84152501",
    "Adendorf": "0.98123330",
    "Gellersen": "0.88576680",
    "Ilmenau": "0.94179316",
    "Amelinghausen": "0.98227615",
}
HDI = Scheme(
    method="goalposts",
    aggregation="geometric",
    dimensions=(
        Dimension(code="health", weight=1),
        Dimension(code="education", weight=1, aggregation="arithmetic"),
        Dimension(code="income", weight=1),
    ),
    indicators=(
        Indicator(code="le_2022", weight=1, dimension="health", low=20, high=85),
        Indicator(code="eys_2022", weight=1, dimension="education", low=0, high=18),
        Indicator(code="mys_2022", weight=1, dimension="education", low=0, high=15),
        Indicator(code="gnipc_2022", weight=1, dimension="income", transform="log", low=100, high=75_000),
    ),
)


def by_name(result: BurdenResult, column: Iterable[Any]) -> dict[str, Any]:
    return {NAMES[key]: entry for key, entry in zip(result.keys, column, strict=True)}


def plain(*weights: float, **scheme: Any) -> Scheme:
    """A scheme of indicators a, b, c … with these weights, all "more"."""
    indicators = tuple(Indicator(code=chr(ord("a") + i), weight=w, low=0, high=100) for i, w in enumerate(weights))
    return Scheme(**{"indicators": indicators, **scheme})


def read(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


# --- Numbers to check against ----------------------------------------------------------------------------------------


def test_the_worked_example_comes_out_to_seven_decimals() -> None:
    result = compute(KEYS, AGED_15_64, VALUES, SCHEME, counts=COUNTS)
    assert {name: f"{factor:.7f}" for name, factor in by_name(result, result.factor).items()} == WORKED_FACTORS


def test_the_factors_of_the_demo_come_out_to_eight_decimals() -> None:
    result = compute(KEYS, POPULATION, VALUES, SCHEME, counts=COUNTS)
    assert by_name(result, result.stored) == {name: Decimal(factor) for name, factor in DEMO_FACTORS.items()}


def test_the_explanation_of_dahlenburg() -> None:
    result = compute(KEYS, AGED_15_64, VALUES, SCHEME, counts=COUNTS)
    assert [f"{part:+.4f}" for part in by_name(result, result.contributions)["Dahlenburg"]] == [
        "+0.2565",
        "+0.0645",
        "+0.0266",
    ]
    assert [f"{value:.4f}" for value in result.county_values] == ["35.7050", "499.0160", "55.7669"]


def test_the_human_development_index_2022_comes_out_for_all_countries(shared_data: Path) -> None:
    countries = read(shared_data / "hdi_2022.csv")
    values: list[list[Number | None]] = [[Decimal(row[one.code]) for one in HDI.indicators] for row in countries]
    result = compute([row["iso3"] for row in countries], [1] * len(countries), values, HDI)
    ours = {key: f"{index:.3f}" for key, index in zip(result.keys, result.index, strict=True)}
    assert ours == {row["iso3"]: f"{Decimal(row['hdi_2022']):.3f}" for row in countries}
    assert len(ours) == 193
    (le, eys, mys, income) = (
        [notice.keys for notice in result.notices if notice.indicator == indicator.code] for indicator in HDI.indicators
    )
    assert (le, mys) == ([], [])
    assert "AUS" in eys[0]
    assert "QAT" in income[0]


# --- All German municipalities ---------------------------------------------------------------------------------------

NATIONAL = Scheme(
    method="standardised",
    indicators=(
        Indicator(code="unemployed_per_1000_15_64_2021", weight=40, direction="more"),
        Indicator(code="income_tax_eur_per_head_2021", weight=30, direction="less"),
        Indicator(code="overindebted_pct_2021_kreis", weight=30, direction="more"),
    ),
)


def municipalities(path: Path, scheme: Scheme) -> tuple[list[str], list[Number], list[list[Number | None]]]:
    rows = read(path)
    return (
        [row["ags"] for row in rows],
        [float(row["population_2022"]) for row in rows],
        [[float(row[one.code]) if row[one.code] else None for one in scheme.indicators] for row in rows],
    )


def test_all_german_municipalities_get_a_factor(shared_data: Path) -> None:
    keys, population, values = municipalities(shared_data / "de_gemeinden_indicators_2021.csv", NATIONAL)
    result = compute(keys, population, values, NATIONAL)
    assert len(result.stored) == 10_786
    assert min(result.stored) > 0
    assert_anchored(result)
    assert_explained(result)


def test_the_two_gaps_of_the_national_table_are_named(shared_data: Path) -> None:
    scheme = plain(1, indicators=(Indicator(code="unemployed_per_1000_15_64_2020", weight=1),))
    keys, population, values = municipalities(shared_data / "de_gemeinden_indicators_2021.csv", scheme)
    with pytest.raises(MissingValues, match=r"Es fehlen 2 Werte: 07132502 / .*, 16065089 / ") as refusal:
        compute(keys, population, values, scheme)
    assert [key for key, _ in refusal.value.cells] == ["07132502", "16065089"]


def test_a_county_value_copied_to_every_municipality_contributes_nothing(shared_data: Path) -> None:
    scheme = Scheme(
        indicators=(
            Indicator(code="unemployed_per_1000_15_64_2021", weight=50),
            Indicator(code="overindebted_pct_2021_kreis", weight=50, name="Überschuldete"),
        )
    )
    keys, population, values = municipalities(shared_data / "lueneburg_gemeinden_indicators_2021.csv", scheme)
    result = compute(keys, population, values, scheme)
    assert [(notice.kind, notice.text) for notice in result.notices] == [
        ("zero_variance", "Überschuldete: trägt nichts bei, alle Sozialräume werden gleich bewertet.")
    ]
    assert set(result.contributions[:, 1]) == {0}
    with pytest.raises(ValuesRefused, match="Überschuldete: Alle Sozialräume haben denselben Wert"):
        compute(keys, population, values, replace(scheme, method="standardised"))


# --- What always holds -----------------------------------------------------------------------------------------------


@st.composite
def calculations(draw: st.DrawFn, /, **fixed: Any) -> tuple[list[str], list[int], list[list[float]], Scheme]:
    """Spaces, values and a scheme of any method and nesting, with values far enough from every refusal."""
    n, k = draw(st.integers(1, 7)), draw(st.integers(1, 5))
    keys = draw(st.lists(st.text("0123456789aZä", min_size=1, max_size=4), min_size=n, max_size=n, unique=True))
    people = draw(st.lists(st.integers(1, 100), min_size=n, max_size=n))
    number = st.floats(10, 19).map(lambda x: round(x, 3))
    values = draw(st.lists(st.lists(number, min_size=k, max_size=k), min_size=n, max_size=n))
    weight = st.one_of(st.integers(1, 100), st.decimals("0.01", 5, places=2))
    method = draw(st.sampled_from(fixed.get("methods", ("ratio", "standardised", "goalposts"))))
    levels: tuple[Aggregation, ...] = ("arithmetic", "geometric")
    aggregation = st.sampled_from(levels)
    names = draw(st.sampled_from(((), ("X",), ("X", "Y"))))
    homes = draw(st.lists(st.sampled_from((*names, None)), min_size=k, max_size=k))
    logged = fixed.get("logs", True) and method != "ratio"
    scheme = Scheme(
        method=method,
        spread=Decimal("0.03"),
        aggregation=draw(aggregation),
        factor_min=draw(st.sampled_from((None, Decimal("0.9"), Decimal("0.995")))) if fixed.get("limits") else None,
        factor_max=draw(st.sampled_from((None, Decimal("1.1"), Decimal("1.004")))) if fixed.get("limits") else None,
        dimensions=tuple(
            Dimension(code=name, weight=draw(weight), aggregation=draw(aggregation)) for name in names if name in homes
        ),
        indicators=tuple(
            Indicator(
                code=f"i{j}",
                weight=draw(weight),
                direction=draw(st.sampled_from(("more", "less"))),
                dimension=homes[j],
                transform=draw(st.sampled_from(("none", "log"))) if logged else "none",
                low=5,
                high=20,
            )
            for j in range(k)
        ),
    )
    if method == "standardised":
        assume(all(len(set(column)) > 1 for column in zip(*values, strict=True)))
    return keys, people, values, scheme


def assert_anchored(result: BurdenResult) -> None:
    total = math.fsum(result.reference_population)
    assert math.fsum(result.reference_population * result.factor) == pytest.approx(total, rel=1e-12)


def assert_explained(result: BurdenResult) -> None:
    people = result.reference_population
    np.testing.assert_allclose(result.contributions.sum(axis=1), result.index / result.index_mean - 1, atol=1e-12)
    np.testing.assert_allclose(result.contributions.sum(axis=1) + result.limits, result.factor - 1, atol=1e-12)
    np.testing.assert_allclose(people @ result.contributions / people.sum(), 0, atol=1e-12)
    assert people @ result.limits / people.sum() == pytest.approx(0, abs=1e-12)


def assert_same(one: BurdenResult, other: BurdenResult, *, rel: float = 1e-12) -> None:
    np.testing.assert_allclose(one.factor, other.factor, rtol=rel)
    np.testing.assert_allclose(one.contributions.sum(axis=1), other.contributions.sum(axis=1), atol=rel)


@given(calculations(limits=True))
def test_factors_are_anchored_and_explained_for_every_method_nesting_and_limit(calculation: Any) -> None:
    keys, people, values, scheme = calculation
    result = compute(keys, people, values, scheme)
    assert_anchored(result)
    assert_explained(result)
    assert result.weights.sum() == pytest.approx(1)
    if scheme.factor_min is not None:
        assert result.factor.min() >= float(scheme.factor_min)
    if scheme.factor_max is not None:
        assert result.factor.max() <= float(scheme.factor_max)


@given(calculations(limits=True), st.randoms(use_true_random=False))
def test_any_order_of_the_rows_gives_the_same_bytes(calculation: Any, shuffler: Any) -> None:
    keys, people, values, scheme = calculation
    order = list(range(len(keys)))
    shuffler.shuffle(order)
    one = compute(keys, people, values, scheme)
    other = compute([keys[i] for i in order], [people[i] for i in order], [values[i] for i in order], scheme)
    for attribute in ("ratings", "index", "factor", "contributions", "limits"):
        assert getattr(one, attribute)[order].tobytes() == getattr(other, attribute).tobytes()
    assert [one.stored[i] for i in order] == list(other.stored)
    assert (one.index_mean, one.references.tobytes()) == (other.index_mean, other.references.tobytes())


@given(calculations(methods=("ratio", "standardised"), logs=False))
def test_the_unit_of_an_indicator_does_not_matter(calculation: Any) -> None:
    keys, people, values, scheme = calculation
    thousandth = [[row[0] / 1000, *row[1:]] for row in values]
    assert_same(compute(keys, people, values, scheme), compute(keys, people, thousandth, scheme))


@given(calculations(), st.data())
def test_an_indicator_split_into_two_halves_counts_as_one(calculation: Any, data: st.DataObject) -> None:
    keys, people, values, scheme = calculation
    j = data.draw(st.integers(0, len(scheme.indicators) - 1))
    half = replace(scheme.indicators[j], weight=Decimal(scheme.indicators[j].weight) / 2)
    halves = replace(
        scheme, indicators=(*scheme.indicators[:j], half, *scheme.indicators[j + 1 :], replace(half, code="half"))
    )
    one = compute(keys, people, values, scheme)
    other = compute(keys, people, [[*row, row[j]] for row in values], halves)
    assert_same(one, other)
    np.testing.assert_allclose(one.contributions[:, j], other.contributions[:, j] * 2, atol=1e-12)


@given(calculations())
def test_merging_two_equal_spaces_changes_no_other(calculation: Any) -> None:
    keys, people, values, scheme = calculation
    merged = compute(keys, people, values, scheme)
    split = compute([*keys, "twin"], [people[0] / 2, *people[1:], people[0] / 2], [*values, values[0]], scheme)
    np.testing.assert_allclose(merged.factor, split.factor[:-1], rtol=1e-12)
    np.testing.assert_allclose(merged.contributions, split.contributions[:-1], atol=1e-12)


def test_with_one_arithmetic_level_a_contribution_is_weight_times_distance_from_the_mean() -> None:
    result = compute(KEYS, POPULATION, VALUES, SCHEME, counts=COUNTS)
    people = np.array(POPULATION) / sum(POPULATION)
    distance = result.ratings - people @ result.ratings
    np.testing.assert_allclose(
        result.contributions, np.array([0.5, 0.25, 0.25]) * distance / result.index_mean, atol=1e-15
    )


def test_below_a_geometric_level_contributions_follow_the_logarithmic_mean() -> None:
    """G = √(X c) with X = (a + 3 b) / 4, walked down by hand, space by space."""
    ratings = [(0.2, 0.6, 0.9), (0.5, 0.3, 0.4), (0.8, 0.7, 0.35)]
    people = [1, 2, 4]
    scheme = Scheme(
        method="goalposts",
        aggregation="geometric",
        dimensions=(Dimension(code="X", weight=1),),
        indicators=(
            Indicator(code="a", weight=1, dimension="X", low=0, high=1),
            Indicator(code="b", weight=3, dimension="X", low=0, high=1),
            Indicator(code="c", weight=1, low=0, high=1),
        ),
    )

    def log_mean(a: float, b: float) -> float:
        return (a - b) / (math.log(a) - math.log(b))

    def mean(numbers: list[float], weights: list[float]) -> float:
        return sum(x * w for x, w in zip(numbers, weights, strict=True)) / sum(weights)

    below = [(a + 3 * b) / 4 for a, b, _ in ratings]
    index = [math.sqrt(x * c) for x, (_, _, c) in zip(below, ratings, strict=True)]
    top = mean(index, [float(p) for p in people])
    shared = [log_mean(g, top) / top for g in index]
    weighted = [p * s for p, s in zip(people, shared, strict=True)]
    reference_x = math.exp(mean([math.log(x) for x in below], weighted))
    reference_c = math.exp(mean([math.log(c) for _, _, c in ratings], weighted))
    down = [s / 2 / log_mean(x, reference_x) for s, x in zip(shared, below, strict=True)]
    carried = [p * k for p, k in zip(people, down, strict=True)]
    reference_a, reference_b = (mean([row[j] for row in ratings], carried) for j in (0, 1))
    expected = [
        (k / 4 * (a - reference_a), 3 * k / 4 * (b - reference_b), s / 2 * math.log(c / reference_c))
        for k, s, (a, b, c) in zip(down, shared, ratings, strict=True)
    ]
    result = compute(["1", "2", "3"], people, np.array(ratings), scheme)
    np.testing.assert_allclose(result.contributions, expected, atol=1e-14)
    np.testing.assert_allclose(result.references, [reference_a, reference_b, reference_c], rtol=1e-14)


# --- Choices of a scheme ---------------------------------------------------------------------------------------------


def test_less_is_mirrored_not_inverted() -> None:
    indicator = Indicator(code="a", weight=1, direction="less")
    result = compute(["1", "2"], [1, 1], [[5], [15]], Scheme(indicators=(indicator,)))
    assert result.ratings.tolist() == [[1.5], [0.5]]


def test_one_standard_deviation_moves_the_rating_by_the_spread() -> None:
    result = compute(["1", "2"], [3, 1], [[10], [14]], plain(1, method="standardised", spread=Decimal("0.2")))
    assert result.county_sds is not None
    assert result.county_sds.tolist() == pytest.approx([math.sqrt(3)])
    assert result.ratings[:, 0].tolist() == pytest.approx([1 - 0.2 / math.sqrt(3), 1 + 0.2 * 3 / math.sqrt(3)])


def test_the_sums_of_cases_stand_for_all_spaces_instead_of_the_weighted_mean() -> None:
    counts = {"a": Counts([1, 3], [100, 100], per=1000)}
    assert compute(["1", "2"], [9, 1], [[10], [30]], plain(1), counts=counts).county_values.tolist() == [20]
    assert compute(["1", "2"], [9, 1], [[10], [30]], plain(1)).county_values.tolist() == [12]


def test_a_frozen_county_value_keeps_the_index_comparable_but_the_factors_anchored() -> None:
    frozen = Scheme(indicators=(Indicator(code="a", weight=1, county_value=Decimal(10)),))
    before, after = (compute(["1", "2"], [1, 1], values, frozen) for values in ([[8], [12]], [[12], [18]]))
    assert (before.index_mean, after.index_mean) == pytest.approx((1, 1.5))
    assert after.factor == pytest.approx(before.factor)


def test_a_frozen_spread_is_used_even_if_the_values_no_longer_vary() -> None:
    indicator = Indicator(code="a", weight=1, county_value=10, county_sd=2)
    result = compute(["1", "2"], [1, 1], [[12], [12]], Scheme(method="standardised", indicators=(indicator,)))
    assert result.ratings.tolist() == [[1.15], [1.15]]


def test_the_county_value_of_a_logged_indicator_is_in_the_unit_of_its_values() -> None:
    def logged(**more: Any) -> Scheme:
        return Scheme(method="standardised", indicators=(Indicator(code="a", weight=1, transform="log", **more),))

    yearly = compute(["1", "2"], [1, 1], [[100], [400]], logged())
    assert yearly.county_values.tolist() == pytest.approx([200])
    assert yearly.ratings[:, 0].tolist() == pytest.approx([0.85, 1.15])
    assert_same(yearly, compute(["1", "2"], [1, 1], [[100], [400]], logged(county_value=200)))
    assert_same(yearly, compute(["1", "2"], [1, 1], [[100], [400]], logged(), counts={"a": Counts([1, 1], [1, 1])}))


def test_values_outside_the_goalposts_are_clipped_and_said() -> None:
    scheme = Scheme(method="goalposts", indicators=(Indicator(code="a", weight=1, low=10, high=20, name="Armut"),))
    result = compute(["1", "2", "3"], [1, 1, 1], [[15], [25], [20]], scheme, names={"2": "Bleckede"})
    assert result.ratings[:, 0].tolist() == [0.5, 1, 1]
    assert [(notice.kind, notice.keys, notice.text) for notice in result.notices] == [
        ("clipped", ("2",), "Armut: außerhalb der Eckwerte, auf den Eckwert gesetzt: Bleckede.")
    ]


def test_equal_values_have_no_spread_whatever_their_rounding() -> None:
    keys, people, values = ["1", "2", "3"], [3, 7, 11], [[7.3], [7.3], [7.3]]
    assert compute(keys, people, values, plain(1)).stored == (Decimal(1), Decimal(1), Decimal(1))
    with pytest.raises(ValuesRefused, match="Alle Sozialräume haben denselben Wert"):
        compute(keys, people, values, plain(1, method="standardised"))


def test_limits_clip_the_factors_and_show_what_they_moved() -> None:
    scheme = replace(SCHEME, factor_min=Decimal("0.9"), factor_max=Decimal("1.2"))
    result = compute(KEYS, POPULATION, VALUES, scheme, counts=COUNTS)
    assert (min(result.stored), max(result.stored)) == (Decimal("0.9"), Decimal("1.2"))
    assert [name for name, f in by_name(result, result.stored).items() if f == Decimal("1.2")] == [
        "Bleckede",
        "Amt Neuhaus",
        "Dahlenburg",
    ]
    assert by_name(result, result.limits)["Dahlenburg"] == pytest.approx(1.2 - 1.34385619)
    free = [i for i, f in enumerate(result.stored) if Decimal("0.9") < f < Decimal("1.2")]
    np.testing.assert_allclose(np.ptp(result.factor[free] / result.relative[free]), 0, atol=1e-12)
    assert_anchored(result)


def test_an_indicator_without_weight_changes_nothing() -> None:
    keys, values = ["1", "2"], [[1.0, 5.0], [2.0, 9.0]]
    result = compute(keys, [1, 1], values, plain(1, 0, aggregation="geometric"))
    assert_same(result, compute(keys, [1, 1], [[1.0], [2.0]], plain(1, aggregation="geometric")))
    assert result.contributions[:, 1].tolist() == [0, 0]


def test_weights_count_relative_to_their_level() -> None:
    scheme = Scheme(
        dimensions=(Dimension(code="X", weight=3), Dimension(code="Y", weight=1)),
        indicators=(
            Indicator(code="a", weight=1, dimension="X"),
            Indicator(code="b", weight=4, dimension="X"),
            Indicator(code="c", weight=70, dimension="Y"),
        ),
    )
    result = compute(["1", "2"], [1, 1], [[1, 2, 3], [3, 2, 1]], scheme)
    assert result.weights.tolist() == pytest.approx([0.15, 0.6, 0.25])
    one_level = compute(["1", "2"], [1, 1], [[1, 2, 3], [3, 2, 1]], plain(0.15, 0.6, 0.25))
    assert_same(result, one_level)


def test_the_factor_for_money_has_eight_decimals_rounded_half_even() -> None:
    result = compute(["1", "2"], [1, 1], [[1], [2]], plain(1))
    assert result.stored == (Decimal("0.66666667"), Decimal("1.33333333"))
    half = 2.0**-9  # 0.001953125 has nine decimals and is exact in a float
    result = compute(["1", "2"], [1, 1], [[1 - half], [1 + half]], plain(1))
    assert result.stored == (Decimal("0.99804688"), Decimal("1.00195312"))


def test_a_result_cannot_be_changed_afterwards() -> None:
    result = compute(["1", "2"], [1, 1], [[1], [2]], plain(1))
    with pytest.raises(ValueError, match="read-only"):
        result.factor[0] = 2


# --- Refusals --------------------------------------------------------------------------------------------------------


def test_missing_values_block_the_calculation_with_a_list() -> None:
    with pytest.raises(MissingValues) as refusal:
        compute(["2", "1"], [1, 1], [[None, 1], [float("nan"), None]], plain(1, 1), names={"2": "Bleckede"})
    assert str(refusal.value) == "Es fehlen 3 Werte: 1 / a, 1 / b, Bleckede / a."
    assert refusal.value.cells == (("1", "a"), ("1", "b"), ("2", "a"))
    assert isinstance(refusal.value, DomainError)


def test_a_long_list_of_gaps_is_cut_in_the_sentence_but_not_in_the_cells() -> None:
    keys = [f"{i:02d}" for i in range(20)]
    with pytest.raises(MissingValues, match="11 / a und 8 weitere") as refusal:
        compute(keys, [1] * 20, [[None]] * 20, plain(1))
    assert len(refusal.value.cells) == 20


def one(**fields: Any) -> Callable[..., Scheme]:
    return lambda **scheme: Scheme(indicators=(Indicator(code="a", **{"weight": 1, **fields}),), **scheme)


@pytest.mark.parametrize(
    ("scheme", "sentence"),
    [
        (Scheme(indicators=()), "keinen Indikator"),
        (plain(1, -1), "b: Ein Gewicht darf nicht negativ sein"),
        (plain(float("nan")), "a: Ein Gewicht darf nicht negativ sein"),
        (plain(0, 0), "Gewichtungsschema: Die Gewichte ergeben zusammen 0"),
        (Scheme(indicators=(Indicator(code="a", weight=1), Indicator(code="a", weight=2))), "Indikator mehrfach.*: a"),
        (
            one(dimension="X")(dimensions=(Dimension(code="X", weight=1), Dimension(code="X", weight=1))),
            "Dimension mehrfach genannt: X",
        ),
        (one(dimension="X")(), "a: Die Dimension X gibt es im Schema nicht"),
        (one()(dimensions=(Dimension(code="X", weight=1),)), "Die Dimension X hat keinen Indikator"),
        (one(dimension="X", weight=0)(dimensions=(Dimension(code="X", weight=1),)), "Dimension X: Die Gewichte"),
        (one(dimension="X")(dimensions=(Dimension(code="X", weight=0),)), "Gewichtungsschema: Die Gewichte"),
        (one(transform="log")(), "a: Das Verhältnis zum Kreiswert geht nicht mit Logarithmus"),
        (one(low=1)(method="goalposts"), "a: Es fehlt ein Eckwert"),
        (one(low=1, high=1)(method="goalposts"), r"Eckwert \(1\) muss kleiner sein als der obere \(1\)"),
        (one(low=2, high=1)(method="goalposts"), "muss kleiner sein"),
        (one(low=0, high=1, transform="log")(method="goalposts"), "unteren Eckwert größer als 0"),
        (one(county_value=0, transform="log")(method="standardised"), "Kreiswert größer als 0"),
        (one(county_value=float("inf"))(), "endliche Zahlen"),
        (one(county_sd=0)(method="standardised"), "Streuung muss größer als 0"),
        (one()(method="standardised", spread=0), "Spreizung muss größer als 0"),
        (one()(factor_min=Decimal("1.01")), "kleinste Faktor"),
        (one()(factor_min=-1), "kleinste Faktor"),
        (one()(factor_max=Decimal("0.99")), "größte Faktor"),
    ],
)
def test_a_scheme_that_is_no_calculation_is_refused(scheme: Scheme, sentence: str) -> None:
    with pytest.raises(SchemeRefused, match=sentence):
        check_scheme(scheme)
    with pytest.raises(SchemeRefused, match=sentence):
        compute(["1", "2"], [1, 1], [[1.0] * len(scheme.indicators)] * 2, scheme)


@pytest.mark.parametrize(
    ("scheme", "values", "sentence", "cells"),
    [
        (plain(1), [[0], [0]], "a: Der Wert aller Sozialräume zusammen ist 0", ()),
        (plain(1), [[-3], [1]], "a: Der Wert aller Sozialräume zusammen ist −1", ()),
        (plain(1), [[-1], [5]], "Eine Bewertung darf nicht negativ sein: 1 / a", (("1", "a"),)),
        (one(direction="less", county_value=4)(), [[1], [9]], "nicht negativ sein: 2 / a", ()),
        (plain(1, method="standardised"), [[0.1], [0.1]], "a: Alle Sozialräume haben denselben Wert", ()),
        (one(transform="log")(method="standardised"), [[0], [1]], r"Logarithmus verlangt .*: 1 \(0\)", (("1", "a"),)),
        (plain(1, 1, aggregation="geometric"), [[0, 1], [1, 1]], "geometrische Mittel .* bei 1", ()),
        (
            one(dimension="X")(dimensions=(Dimension(code="X", weight=1, aggregation="geometric"),)),
            [[1], [0]],
            "X: Das geometrische Mittel .* bei 2",
            (),
        ),
        (plain(1, method="goalposts"), [[0], [5]], r"Der Index muss größer als 0 sein: 1 \(0\)", ()),
        (plain(1, method="goalposts"), [[-1], [-2]], "Der Index muss größer als 0 sein: 1 .*, 2", ()),
        (plain(1), [[float("inf")], [1]], "keine endliche Zahl: 1 / a", ()),
        (plain(1), [[1e308], [1.2e308]], "a: Die Werte sind zu groß", ()),
        (plain(1, method="standardised"), [[1e200], [-1e200]], "a: Die Werte sind zu groß", ()),
        (plain(1), [[1], [2], [3]], "Erwartet werden 2 × 1 Werte", ()),
    ],
)
def test_values_the_method_has_no_answer_for_are_refused_by_name(
    scheme: Scheme, values: list[list[float]], sentence: str, cells: tuple[tuple[str, str], ...]
) -> None:
    with pytest.raises(ValuesRefused, match=sentence) as refusal:
        compute(["1", "2"], [1, 1], values, scheme)
    if cells:
        assert refusal.value.cells == cells


@pytest.mark.parametrize(
    ("keys", "people", "sentence"),
    [
        ([], [], "keinen Sozialraum"),
        (["1", "1"], [1, 1], "Mehrfach genannt: 1"),
        (["1", "2"], [1, 0], "Die Bezugsgröße .*: 2"),
        (["1", "2"], [-1, 1], "Die Bezugsgröße .*: 1"),
        (["1", "2"], [1, float("nan")], "Die Bezugsgröße .*: 2"),
        (["1", "2"], [1], "2 Sozialräume sind 1 Bezugsgrößen"),
    ],
)
def test_a_reference_population_that_is_none_is_refused(keys: list[str], people: list[float], sentence: str) -> None:
    with pytest.raises(ValuesRefused, match=sentence):
        compute(keys, people, [[1.0]] * len(keys), plain(1))


@pytest.mark.parametrize(
    ("counts", "sentence"),
    [
        (Counts([1], [1, 1]), "für jeden Sozialraum"),
        (Counts([1, float("nan")], [1, 1]), "für jeden Sozialraum"),
        (Counts([1, 1], [0, 0]), "Nenner ergeben zusammen 0"),
    ],
)
def test_cases_that_do_not_cover_all_spaces_are_refused(counts: Counts, sentence: str) -> None:
    with pytest.raises(BurdenError, match=sentence):
        compute(["1", "2"], [1, 1], [[1], [2]], plain(1), counts={"a": counts})
