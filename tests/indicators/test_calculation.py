"""From stored values to factors: the demo to eight decimals, gaps, states of the data, and the way back from JSON."""

import datetime as dt
import json
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from indicators.burden import MissingValues, ValuesRefused
from indicators.calculation import calculate, gather, inputs_of, recompute
from indicators.inputs import Calculated, Inputs
from indicators.models import (
    Direction,
    GapChoice,
    GapDecision,
    Indicator,
    IndicatorValue,
    ReleaseStatus,
    SchemeDimension,
    SchemeIndicator,
    WeightingScheme,
)
from regions.models import ReferencePopulation, ReferencePopulationCount, Region, SocialSpace, SpaceKind
from tests import factories
from tests.conftest import County

# The factors of the demo, as agreed: weights 50/25/25, ratio, population of 2022.
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
# The worked example: the same scheme with the people aged 15 to 64 as Bezugsgröße.
WORKED_EXAMPLE = {
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
TODAY = dt.date(2026, 1, 1)


@pytest.fixture
def scheme(county: County) -> WeightingScheme:
    indicators = factories.make_indicators(county.spaces)
    return factories.make_scheme(indicators, factories.make_population(county.spaces))


def by_name(calculated: Calculated) -> dict[str, Decimal]:
    return {place.name: calculated.factors[place.key] for place in calculated.inputs.places}


def lose(scheme: WeightingScheme, code: str, *spaces: str, year: int = 2021) -> None:
    """The value comes from the office as a gap."""
    values = IndicatorValue.objects.filter(
        indicator__code=code, space__name__in=spaces, release__reference_date__year=year
    )
    with factories.as_if_always_so():
        values.update(value=None, numerator=None, denominator=None)


def decide(scheme: WeightingScheme, code: str, space: SocialSpace | None, choice: GapChoice, **more: object) -> None:
    GapDecision.objects.create(
        scheme=scheme,
        indicator=Indicator.objects.get(code=code),
        space=space,
        choice=choice,
        reason="nicht geliefert",
        **more,
    )


def test_the_demo_has_its_factors_to_eight_decimals(scheme: WeightingScheme) -> None:
    assert by_name(calculate(scheme)) == {name: Decimal(factor) for name, factor in DEMO_FACTORS.items()}


def test_the_worked_example_follows_from_another_reference_population(scheme: WeightingScheme, county: County) -> None:
    aged_15_to_64 = factories.make_population_15_to_64(county.spaces)
    calculated = calculate(scheme, population=aged_15_to_64)
    exact = zip(calculated.inputs.places, calculated.result.factor, strict=True)
    assert {place.name: f"{factor:.7f}" for place, factor in exact} == WORKED_EXAMPLE


def test_the_newest_release_up_to_the_day_counts(scheme: WeightingScheme) -> None:
    inputs = gather(scheme, as_of=dt.date(2021, 6, 30), population=scheme.population)
    dates = {member.code: member.release.reference_date.year for member in inputs.members if member.release}
    assert dates == {"unemployment": 2020, "income_tax": 2020, "employment": 2015}
    assert [cell.numerator for cell in inputs.places[0].cells] == [236, None, None]


def test_a_release_not_taken_over_counts_for_nothing(scheme: WeightingScheme, county: County) -> None:
    before = calculate(scheme, as_of=TODAY).factors
    factories.make_release(
        2022,
        [
            IndicatorValue(
                indicator=Indicator.objects.get(code="income_tax"), space=space, value=Decimal(number + 1) * 100
            )
            for number, space in enumerate(county.spaces.values())
        ],
        status=ReleaseStatus.CHECKED,
    )
    assert calculate(scheme, as_of=TODAY).factors == before


def test_of_two_releases_for_one_day_the_later_import_counts(scheme: WeightingScheme, county: County) -> None:
    values = list(IndicatorValue.objects.filter(indicator__code="income_tax", release__reference_date__year=2021))
    doubled = [
        IndicatorValue(indicator=value.indicator, space=value.space, value=(value.value or 0) * 2) for value in values
    ]
    factories.make_release(2021, doubled)
    member_values = [place.cells[1].value for place in inputs_of(scheme).places]
    assert member_values == [2 * (value.value or 0) for value in values]


def test_an_indicator_without_any_release_is_named(scheme: WeightingScheme) -> None:
    scheme.members.exclude(indicator__code="income_tax").delete()
    with pytest.raises(ValuesRefused, match=r"Einkommensteuer je Kopf: Bis zum 31\.12\.2018 gibt es keinen"):
        calculate(scheme, as_of=dt.date(2018, 12, 31))


def test_an_undecided_gap_blocks_and_names_the_cell(scheme: WeightingScheme) -> None:
    lose(scheme, "income_tax", "Dahlenburg", "Bleckede")
    with pytest.raises(
        MissingValues, match="Es fehlen 2 Werte: Bleckede / Einkommensteuer je Kopf, Dahlenburg"
    ) as refusal:
        calculate(scheme)
    assert refusal.value.cells == (("033550009", "income_tax"), ("033555403", "income_tax"))


def test_a_gap_takes_last_years_value_with_its_counts(scheme: WeightingScheme, county: County) -> None:
    lose(scheme, "unemployment", "Dahlenburg")
    decide(scheme, "unemployment", county.spaces["Dahlenburg"], GapChoice.LAST_YEAR)
    calculated = calculate(scheme)
    row = calculated.result.keys.index("033555403")
    assert calculated.result.values[row, 0] == pytest.approx(1000 * 200 / 3861)
    assert calculated.result.county_values[0] == pytest.approx(1000 * (2480 - 207 + 200) / (69458 - 3832 + 3861))


def test_last_years_value_that_is_missing_too_still_blocks(scheme: WeightingScheme, county: County) -> None:
    lose(scheme, "income_tax", "Dahlenburg")
    lose(scheme, "income_tax", "Dahlenburg", year=2020)
    decide(scheme, "income_tax", county.spaces["Dahlenburg"], GapChoice.LAST_YEAR)
    with pytest.raises(MissingValues, match="Dahlenburg"):
        calculate(scheme)


def test_a_gap_filled_with_the_county_value_is_rated_as_average(scheme: WeightingScheme, county: County) -> None:
    lose(scheme, "unemployment", "Dahlenburg")
    decide(scheme, "unemployment", county.spaces["Dahlenburg"], GapChoice.COUNTY)
    calculated = calculate(scheme)
    row = calculated.result.keys.index("033555403")
    assert calculated.result.ratings[row, 0] == pytest.approx(1.0, abs=1e-15)
    assert calculated.result.county_values[0] == pytest.approx(1000 * (2480 - 207) / (69458 - 3832))


def test_an_estimate_counts_as_it_stands_and_leaves_the_county_value_to_the_counts(
    scheme: WeightingScheme, county: County
) -> None:
    lose(scheme, "unemployment", "Dahlenburg")
    decide(
        scheme,
        "unemployment",
        county.spaces["Dahlenburg"],
        GapChoice.ESTIMATE,
        estimate=Decimal(60),
        method="Mittel der Nachbarn",
    )
    calculated = calculate(scheme)
    row = calculated.result.keys.index("033555403")
    assert calculated.result.values[row, 0] == 60
    assert calculated.result.county_values[0] == pytest.approx(1000 * (2480 - 207) / (69458 - 3832))
    assert calculated.cell(row, 0).way == "Mittel der Nachbarn"


def test_an_indicator_left_out_gives_its_weight_to_its_dimension(scheme: WeightingScheme, county: County) -> None:
    money = SchemeDimension.objects.create(scheme=scheme, code="geld", name="Geld und Arbeit", weight=50)
    scheme.members.exclude(indicator__code="unemployment").update(dimension=money)
    lose(scheme, "income_tax", "Dahlenburg")
    decide(scheme, "income_tax", None, GapChoice.DROP)
    calculated = calculate(scheme)
    assert calculated.inputs.shares() == {"unemployment": 0.5, "income_tax": 0.25, "employment": 0.25}
    assert dict(zip(calculated.result.codes, calculated.result.weights, strict=True)) == {
        "unemployment": 0.5,
        "employment": 0.5,
    }


def test_an_indicator_known_for_less_than_65_percent_blocks_even_if_decided(
    scheme: WeightingScheme, county: County
) -> None:
    gone = ("Dahlenburg", "Bleckede", "Ostheide", "Adendorf")
    lose(scheme, "income_tax", *gone)
    for name in gone:
        decide(scheme, "income_tax", county.spaces[name], GapChoice.COUNTY)
    with pytest.raises(ValuesRefused, match="Nur 6 von 10 Sozialräumen haben einen Wert; nötig sind 65 %"):
        calculate(scheme)


def test_a_space_without_people_of_the_reference_population_is_named(scheme: WeightingScheme, county: County) -> None:
    ReferencePopulationCount.objects.filter(space__name="Ilmenau").delete()
    with pytest.raises(ValuesRefused, match="hat keine Anzahl für Ilmenau"):
        calculate(scheme)


def test_a_what_if_replaces_weights_and_nothing_else(scheme: WeightingScheme) -> None:
    calculated = calculate(
        scheme, weights={"unemployment": Decimal(1), "income_tax": Decimal(0), "employment": Decimal(0)}
    )
    row = calculated.result.keys.index("033555403")
    assert calculated.result.index[row] == pytest.approx(calculated.result.ratings[row, 0])
    assert [member.weight for member in calculated.inputs.members] == [50, 25, 25]


def test_kept_inputs_give_the_same_factors_from_any_order_of_keys(scheme: WeightingScheme) -> None:
    calculated = calculate(scheme)
    text = calculated.inputs.to_json()
    assert recompute(text) == calculated.factors
    assert Inputs.from_json(text) == calculated.inputs
    assert Inputs.from_json(text).to_json() == text
    assert recompute(json.dumps(dict(reversed(json.loads(text).items())))) == calculated.factors


def test_queries_do_not_grow_with_spaces_and_indicators(scheme: WeightingScheme, county: County) -> None:
    with CaptureQueriesContext(
        connection,
    ) as few:
        calculate(scheme, as_of=TODAY)
    more_spaces(scheme.population)
    more_indicators(scheme)
    with CaptureQueriesContext(connection) as many:
        calculated = calculate(scheme, as_of=TODAY)
    assert len(calculated.factors) == 43
    assert len(calculated.result.codes) == 9
    assert len(many) == len(few) == 3


def more_spaces(population: ReferencePopulation) -> None:
    """33 more, with values like those of Dahlenburg."""
    region = Region.objects.get(number=1)
    like = SocialSpace.objects.get(name="Dahlenburg")
    for number in range(33):
        space = SocialSpace.objects.create(
            key=f"9{number:08}", name=f"Beispielort {number}", kind=SpaceKind.MUNICIPALITY, region=region
        )
        ReferencePopulationCount.objects.create(population=population, space=space, count=1000 + number)
        with factories.as_if_always_so():
            IndicatorValue.objects.bulk_create(
                IndicatorValue(
                    release_id=value.release_id,
                    indicator_id=value.indicator_id,
                    space=space,
                    value=value.value,
                    numerator=value.numerator,
                    denominator=value.denominator,
                )
                for value in IndicatorValue.objects.filter(space=like)
            )


def more_indicators(scheme: WeightingScheme) -> None:
    """Six more with a weight of ten."""
    for number in range(6):
        indicator = Indicator.objects.create(
            code=f"example-{number}",
            name=f"Beispiel {number}",
            short_name=f"Beispiel {number}",
            direction=Direction.MORE,
            unit="€ je Kopf",
        )
        SchemeIndicator.objects.create(scheme=scheme, indicator=indicator, weight=10)
        factories.make_release(
            2021,
            [
                IndicatorValue(indicator=indicator, space=space, value=10 + number + space.pk % 7)
                for space in SocialSpace.objects.all()
            ],
        )
