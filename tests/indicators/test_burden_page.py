"""The pages about burden: what they show, to whom, and that every figure can be followed to its source."""

import csv
import io
from decimal import Decimal

import openpyxl
import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from indicators.calculation import calculate
from indicators.explanation import explain
from indicators.models import (
    Aggregation,
    BurdenCalculation,
    GapChoice,
    IndicatorValue,
    Method,
    SchemeDimension,
    SchemeStatus,
    Transform,
    WeightingScheme,
)
from indicators.services.schemes import adopt_scheme, copy_scheme, propose_scheme
from jugendhilfe.audit.models import Entry
from regions.models import ReferencePopulation
from tests import factories
from tests.conftest import Cast, County
from tests.indicators.test_calculation import DEMO_FACTORS, WORKED_EXAMPLE, lose, more_indicators, more_spaces
from tests.indicators.test_schemes import BASIS

PAGE = "/belastung/"


@pytest.fixture
def draft(county: County) -> WeightingScheme:
    indicators = factories.make_indicators(county.spaces)
    return factories.make_scheme(indicators, factories.make_population(county.spaces))


@pytest.fixture
def scheme(draft: WeightingScheme, cast: Cast) -> WeightingScheme:
    """Adopted."""
    propose_scheme(scheme=draft, actor=cast.planning)
    adopt_scheme(scheme=draft, legal_basis=BASIS, actor=cast.head)
    draft.refresh_from_db()
    return draft


@pytest.fixture
def aged_15_to_64(county: County) -> ReferencePopulation:
    return factories.make_population_15_to_64(county.spaces)


@pytest.fixture
def visitor(client: Client, cast: Cast) -> Client:
    """A carrier, who sees what is adopted."""
    client.force_login(cast.carrier_lead)
    return client


@pytest.fixture
def planner(client: Client, cast: Cast) -> Client:
    client.force_login(cast.planning)
    return client


def text_of(client: Client, url: str, **params: str | int) -> str:
    response = client.get(url, params)
    assert response.status_code == 200
    return response.content.decode()


def rows_of(client: Client, **params: str | int) -> list[dict[str, str]]:
    response = client.get(PAGE, {"format": "csv", **params})
    return list(csv.DictReader(io.StringIO(response.content.decode("utf-8-sig")), delimiter=";"))


def test_the_page_gives_the_demo_factors_to_eight_decimals(scheme: WeightingScheme, visitor: Client) -> None:
    factors = {row["Sozialraum"]: row["Belastungsfaktor"] for row in rows_of(visitor)}
    assert factors == {name: factor.replace(".", ",") for name, factor in DEMO_FACTORS.items()}


def test_the_page_prints_values_county_row_and_sources(scheme: WeightingScheme, visitor: Client) -> None:
    page = text_of(visitor, PAGE)
    for words in ("53,9", "295,14", "56,4", "35,7", "497,61", "55,7", "110.715", "Kreis ohne Hansestadt"):
        assert words in page
    assert "Beschäftigte je 100 (2015)" in page
    assert "INKAR 2024, BBSR Bonn, Stichtag 31.12.2015" in page
    assert "Älter als drei Jahre: " in page
    assert "10 von 10 Sozialräumen, sortiert nach Belastungsfaktor (absteigend)" in page


@pytest.mark.parametrize(("name", "factor"), WORKED_EXAMPLE.items())
def test_the_steps_give_the_worked_example_to_seven_decimals(
    scheme: WeightingScheme, aged_15_to_64: ReferencePopulation, visitor: Client, county: County, name: str, factor: str
) -> None:
    page = text_of(visitor, f"{PAGE}rechenweg/{county.spaces[name].key}/", bezugsgroesse=aged_15_to_64.pk)
    (shown,) = [line.rsplit(" = ", 1)[1] for line in page.split("<p") if "F = G ÷ Ḡ" in line]
    assert f"{Decimal(shown.split('<')[0].replace(',', '.')):.7f}" == factor


def test_the_workbook_gives_the_worked_example_to_seven_decimals(
    scheme: WeightingScheme, aged_15_to_64: ReferencePopulation, visitor: Client
) -> None:
    response = visitor.get(PAGE, {"format": "xlsx", "bezugsgroesse": str(aged_15_to_64.pk)})
    book = openpyxl.load_workbook(io.BytesIO(response.content))
    assert book.sheetnames == ["Indikatoren und Belastungsfakto", "Faktoren", "Rechenweg", "Hinweise"]
    head, *rows = book["Faktoren"].iter_rows(values_only=True)
    place = head.index("Faktor F")
    assert {row[1]: f"{row[place]:.7f}" for row in rows} == WORKED_EXAMPLE
    head, *rows = book["Rechenweg"].iter_rows(values_only=True)
    assert len(rows) == 30
    first = dict(zip(head, rows[0], strict=True))
    assert (first["Zähler"], first["Nenner"], first["Datenstand"]) == (248, 6624, "Indikatoren 2021")
    assert first["w × R"] == pytest.approx(first["Gewicht w"] * first["Bewertung R"])


def test_the_steps_lead_down_to_numerator_and_denominator(
    scheme: WeightingScheme, visitor: Client, county: County
) -> None:
    page = text_of(visitor, f"{PAGE}rechenweg/{county.spaces['Dahlenburg'].key}/")
    for words in (
        "In Dahlenburg kommen 207 Arbeitslose auf 3.832 Personen von 15 bis 64.",
        "x = 1.000 × 207 ÷ 3.832 = 54,0187891441",
        "m = 1.000 × 2.480 ÷ 69.458 = 35,7050303781",
        "R = x ÷ m = 54,0187891441 ÷ 35,7050303781 = 1,5129181679",
        "Weniger heißt hier mehr Belastung, deshalb wird gespiegelt.",
        "G = 0,5 × 1,5129181679 + 0,25 × 1,2559371326 + 0,25 × 1,1059877924 = 1,3469403152",
        "F = 1,34385619",
        "Quelle: INKAR 2024, BBSR Bonn; Indikatoren 2021, Stichtag 31.12.2021",
        "Am meisten bewegt den Faktor: Arbeitslose je 1.000 (+0,25)",
    ):
        assert words in page


@pytest.mark.parametrize("key", ["033550022", "x"])
def test_an_unknown_space_has_no_steps(scheme: WeightingScheme, visitor: Client, key: str) -> None:
    assert visitor.get(f"{PAGE}rechenweg/{key}/").status_code == 404


def test_every_method_and_level_can_be_explained(draft: WeightingScheme) -> None:
    money = SchemeDimension.objects.create(
        scheme=draft, code="geld", name="Geld und Arbeit", weight=50, aggregation=Aggregation.GEOMETRIC
    )
    draft.members.exclude(indicator__code="unemployment").update(dimension=money)
    draft.members.update(low=Decimal("10"), high=Decimal("600"))
    said = {}
    for method in Method:
        draft.method, draft.factor_max = method, Decimal("1.2")
        draft.members.filter(indicator__code="income_tax").update(
            transform=Transform.NONE if method == Method.RATIO else Transform.LOG
        )
        chapters = explain(calculate(draft), "033555403", whole="Kreis")
        said[method] = " ".join(f"{step.sentence} {step.formula}" for chapter in chapters for step in chapter.steps)
    assert "(1,2559371326 hoch 0,5) × (1,1059877924 hoch 0,5)" in said[Method.RATIO]
    assert "R = 1 − s × (x − m) ÷ sd = 1 − 0,15 × (ln 370,25 − ln " in said[Method.STANDARDISED]
    assert "R = (ln 600 − ln 370,25) ÷ (ln 600 − ln 10)" in said[Method.GOALPOSTS]
    assert "nach oben auf 1,2" in said[Method.RATIO]


def test_filters_choose_rows_and_leave_the_county_row(scheme: WeightingScheme, visitor: Client) -> None:
    assert [row["Sozialraum"] for row in rows_of(visitor, region=3)] == ["Amelinghausen", "Ilmenau", "Gellersen"]
    assert [row["Sozialraum"] for row in rows_of(visitor, faktor="1,3")] == ["Amt Neuhaus", "Dahlenburg"]
    assert [row["Sozialraum"] for row in rows_of(visitor, q="dahl")] == ["Dahlenburg"]
    page = text_of(visitor, PAGE, q="dahl")
    assert "1 von 10 Sozialräumen" in page
    assert "110.715" in page
    assert "Kein Sozialraum passt zum Filter." in text_of(visitor, PAGE, q="Hamburg")


def test_a_factor_that_is_no_number_is_said_at_its_field(scheme: WeightingScheme, visitor: Client) -> None:
    page = text_of(visitor, PAGE, faktor="1.o5")
    assert "„1.o5“ ist nicht als Zahl lesbar." in page
    assert "<title>Fehler: Belastungsindikatoren" in page
    assert "10 von 10 Sozialräumen" in page


def test_rows_are_sorted_by_address(scheme: WeightingScheme, visitor: Client) -> None:
    assert [row["Sozialraum"] for row in rows_of(visitor, sort="value_1")][:2] == ["Amt Neuhaus", "Dahlenburg"]
    assert "sortiert nach Sozialraum (aufsteigend)" in text_of(visitor, PAGE, sort="name")


def test_an_earlier_day_shows_earlier_data(scheme: WeightingScheme, visitor: Client) -> None:
    assert "Arbeitslose je 1.000 (2020)" in text_of(visitor, PAGE, stand="2021-06-30")
    assert "Arbeitslose je 1.000 (2021)" in text_of(visitor, PAGE)


def test_an_adopted_scheme_shows_what_was_kept(scheme: WeightingScheme, visitor: Client) -> None:
    with factories.as_if_always_so():
        IndicatorValue.objects.filter(indicator__code="income_tax").update(value=400)
    factors = {row["Sozialraum"]: row["Belastungsfaktor"] for row in rows_of(visitor)}
    assert factors["Dahlenburg"] == "1,34385619"


def test_without_any_scheme_the_page_says_what_comes_first(cast: Cast, client: Client) -> None:
    client.force_login(cast.carrier_lead)
    page = text_of(client, PAGE)
    assert "Es gibt noch keine Belastungsfaktoren" in page
    assert f'href="{PAGE}indikatoren/"' in page
    client.force_login(cast.planning)
    assert "Gewichtungsschema anlegen" in text_of(client, PAGE)


def test_drafts_are_seen_by_those_who_see_the_countys_drafts_alone(
    scheme: WeightingScheme, cast: Cast, client: Client
) -> None:
    copy = copy_scheme(scheme=scheme, actor=cast.planning)
    pages = (f"{PAGE}?schema={copy.pk}", f"{PAGE}schemata/{copy.pk}/", f"{PAGE}schemata/{copy.pk}/fehlende-werte/")
    for person, code in ((cast.carrier_lead, 404), (cast.board_reader, 404), (cast.planning, 200), (cast.audit, 200)):
        client.force_login(person)
        assert [client.get(page).status_code for page in pages] == [code] * 3
    client.force_login(cast.carrier_lead)
    assert "Fassung 2" not in text_of(client, f"{PAGE}schemata/")
    assert client.get(f"{PAGE}schemata/{scheme.pk}/").status_code == 200


def test_nobody_looks_without_signing_in(scheme: WeightingScheme, client: Client) -> None:
    assert client.get(PAGE).status_code == 302


def test_the_diagnosis_tells_what_the_weights_do(scheme: WeightingScheme, visitor: Client) -> None:
    page = text_of(visitor, f"{PAGE}diagnose/")
    left_out = page[page.index("und ohne je einen") :]
    assert left_out.index("Ostheide") < left_out.index("Adendorf") < left_out.index("Amelinghausen")
    for words in ("75,4", "21,4", "3,1", "Korrelation 0,86", "Stand 31.12.2015, älter als drei Jahre"):
        assert words in page


def test_queries_do_not_grow_with_rows(scheme: WeightingScheme, cast: Cast, visitor: Client) -> None:
    def queries(url: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert visitor.get(url).status_code == 200
        return len(captured)

    visitor.get(PAGE)
    kept, live = PAGE, f"{PAGE}?stand=2026-01-01"
    steps, diagnosis = f"{PAGE}rechenweg/033555403/?stand=2026-01-01", f"{PAGE}diagnose/?stand=2026-01-01"
    few = [queries(url) for url in (kept, live, steps, diagnosis)]
    more_spaces(scheme.population)
    assert [queries(url) for url in (kept, live, steps, diagnosis)] == few
    assert max(few) <= 8


def test_queries_of_a_scheme_do_not_grow_with_indicators(draft: WeightingScheme, planner: Client) -> None:
    def queries(url: str) -> int:
        with CaptureQueriesContext(connection) as captured:
            assert planner.get(url).status_code == 200
        return len(captured)

    detail, form = f"{PAGE}schemata/{draft.pk}/", f"{PAGE}schemata/{draft.pk}/bearbeiten/"
    planner.get(detail)
    few = [queries(detail), queries(form)]
    more_indicators(draft)
    assert [queries(detail), queries(form)] == few


def test_a_gap_is_named_decided_and_then_counts(draft: WeightingScheme, planner: Client, county: County) -> None:
    lose(draft, "income_tax", "Dahlenburg")
    page = text_of(planner, PAGE)
    assert "Es fehlt ein Wert: Dahlenburg / Einkommensteuer je Kopf." in page
    gaps = f"{PAGE}schemata/{draft.pk}/fehlende-werte/"
    assert gaps in page
    address = f"{gaps}income_tax/{county.spaces['Dahlenburg'].key}/"
    assert address in text_of(planner, gaps)
    wrong = planner.post(address, {"choice": "estimate", "reason": "nicht geliefert"})
    assert wrong.status_code == 422
    assert "Bitte geben Sie den geschätzten Wert an." in wrong.content.decode()
    assert not draft.decisions.exists()
    right = {"choice": "estimate", "estimate": "380,5", "method": "Mittel der Nachbarn", "reason": "nicht geliefert"}
    assert planner.post(address, right).status_code == 302
    decision = draft.decisions.get()
    assert (decision.choice, decision.estimate) == (GapChoice.ESTIMATE, Decimal("380.5"))
    page = text_of(planner, f"{PAGE}rechenweg/033555403/")
    assert "Der Wert fehlt. Eingesetzt ist eine Schätzung (Mittel der Nachbarn). Begründung: nicht geliefert." in page
    assert ">Ändern<" in text_of(planner, gaps)


def test_an_indicator_left_out_shows_old_and_new_weights_and_comes_back(
    draft: WeightingScheme, planner: Client, county: County
) -> None:
    lose(draft, "income_tax", "Dahlenburg")
    gaps = f"{PAGE}schemata/{draft.pk}/fehlende-werte/"
    planner.post(f"{gaps}income_tax/033555403/", {"choice": "drop", "reason": "nicht geliefert"})
    page = text_of(planner, f"{PAGE}schemata/{draft.pk}/")
    assert "für alle weggelassen" in page
    assert "wirksam 66,67" in page
    planner.post(f"{gaps}income_tax/aufnehmen/")
    assert not draft.decisions.exists()


def form_data(**changes: str) -> dict[str, str]:
    return {
        "name": "Neues Schema",
        "population": str(ReferencePopulation.objects.get().pk),
        "method": "ratio",
        "spread": "0,15",
        "aggregation": "arithmetic",
        "county_values": "yearly",
        "indikator-unemployment-weight": "60",
        "indikator-unemployment-reason": "wichtigster Hinweis",
        "indikator-income_tax-weight": "40",
        **changes,
    }


def test_a_scheme_is_drafted_on_one_page(draft: WeightingScheme, planner: Client) -> None:
    response = planner.post(f"{PAGE}schemata/neu/", form_data())
    scheme = WeightingScheme.objects.get(name="Neues Schema")
    assert response.headers["Location"] == f"{PAGE}schemata/{scheme.pk}/"
    assert [(m.indicator.code, m.weight, m.reason) for m in scheme.members.select_related("indicator")] == [
        ("unemployment", Decimal(60), "wichtigster Hinweis"),
        ("income_tax", Decimal(40), ""),
    ]
    assert "60,00" in text_of(planner, f"{PAGE}schemata/{scheme.pk}/")


def test_dimensions_and_indicators_are_named_in_one_go(draft: WeightingScheme, planner: Client) -> None:
    planner.post(
        f"{PAGE}schemata/{draft.pk}/bearbeiten/",
        form_data(
            **{
                "dimension-1-name": "Geld",
                "dimension-1-weight": "30",
                "dimension-1-aggregation": "geometric",
                "indikator-income_tax-slot": "1",
            }
        ),
    )
    dimension = draft.dimensions.get()
    assert (dimension.name, dimension.weight, dimension.aggregation) == ("Geld", Decimal(30), "geometric")
    assert draft.members.get(indicator__code="income_tax").dimension == dimension
    draft.refresh_from_db()
    assert draft.name == "Belastung"


def test_a_new_scheme_is_saved_without_a_word_about_the_spread(draft: WeightingScheme, planner: Client) -> None:
    assert 'name="spread" value="0,15"' in text_of(planner, f"{PAGE}schemata/neu/")


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"indikator-unemployment-weight": "fünfzig"}, "ist nicht als Zahl lesbar"),
        ({"indikator-unemployment-weight": "", "indikator-income_tax-weight": "0"}, "mindestens einem Indikator"),
        ({"indikator-income_tax-slot": "2"}, "Diese Dimension hat noch keinen Namen."),
        ({"dimension-1-name": "Leer", "dimension-1-weight": "1"}, "Dieser Dimension ist kein Indikator zugeordnet."),
        ({"dimension-1-name": "Geld"}, "Bitte geben Sie das Gewicht der Dimension an."),
        ({"name": ""}, "Bitte ausfüllen."),
        ({"factor_max": "0,5"}, "Bitte geben Sie mindestens 1 ein."),
    ],
)
def test_a_wrong_draft_is_refused_in_german_and_not_saved(
    draft: WeightingScheme, planner: Client, changes: dict[str, str], sentence: str
) -> None:
    response = planner.post(f"{PAGE}schemata/neu/", form_data(**changes))
    assert response.status_code == 422
    assert sentence in response.content.decode()
    assert WeightingScheme.objects.count() == 1


def test_the_whole_life_of_a_scheme_through_its_pages(draft: WeightingScheme, cast: Cast, client: Client) -> None:
    address = f"{PAGE}schemata/{draft.pk}/"
    client.force_login(cast.planning)
    assert f"{address}vorschlagen/" in text_of(client, address)
    client.post(f"{address}vorschlagen/")
    client.force_login(cast.head)
    page = text_of(client, address)
    assert f"{address}festlegen/" in page
    assert f"{address}zurueckgeben/" in page
    without = client.post(f"{address}festlegen/", {"legal_basis": ""})
    assert without.status_code == 422
    client.post(f"{address}festlegen/", {"legal_basis": BASIS})
    draft.refresh_from_db()
    assert (draft.status, draft.legal_basis) == (SchemeStatus.ADOPTED, BASIS)
    assert f"{address}festlegen/" not in text_of(client, address)
    client.force_login(cast.planning)
    response = client.post(f"{address}neue-fassung/")
    copy = WeightingScheme.objects.get(version=2)
    assert response.headers["Location"] == f"{PAGE}schemata/{copy.pk}/bearbeiten/"
    assert "Die Belastungsfaktoren beider Fassungen sind gleich." in text_of(client, f"{PAGE}schemata/{copy.pk}/")
    client.post(f"{PAGE}schemata/{copy.pk}/verwerfen/", {"reason": "doppelt"})
    assert not WeightingScheme.objects.filter(version=2).exists()


def test_a_refused_step_is_said_and_leaves_its_trace(draft: WeightingScheme, cast: Cast, client: Client) -> None:
    propose_scheme(scheme=draft, actor=cast.planning)
    WeightingScheme.objects.filter(pk=draft.pk).update(proposed_by=cast.head)
    client.force_login(cast.head)
    response = client.post(f"{PAGE}schemata/{draft.pk}/festlegen/", {"legal_basis": BASIS}, follow=True)
    assert "legt es nicht selbst fest" in response.content.decode()
    assert Entry.objects.first().data["rule"] == "FourEyesRequired"  # type: ignore[union-attr]
    assert not BurdenCalculation.objects.exists()


def test_newer_data_are_taken_by_calculating_again(scheme: WeightingScheme, planner: Client, county: County) -> None:
    address, today = f"{PAGE}schemata/{scheme.pk}/neu-berechnen/", timezone.localdate().isoformat()
    assert "keine anderen Daten" in planner.post(address, {"as_of": today}, follow=True).content.decode()
    income_tax = scheme.members.get(indicator__code="income_tax").indicator
    factories.make_release(
        2023,
        [
            IndicatorValue(indicator=income_tax, space=space, value=Decimal(300 + 20 * number))
            for number, space in enumerate(county.spaces.values())
        ],
    )
    before = planner.post(address, {"as_of": "2024-06-30"}, follow=True)
    assert "liegt vor dem Datenstand der letzten Berechnung" in before.content.decode()
    planner.post(address, {"as_of": today})
    assert scheme.calculations.count() == 2
    assert "Einkommensteuer je Kopf (2023)" in text_of(planner, PAGE)


@pytest.mark.parametrize(
    "step", ["bearbeiten", "neue-fassung", "vorschlagen", "zurueckgeben", "festlegen", "neu-berechnen", "verwerfen"]
)
def test_steps_are_refused_to_everybody_else_and_write_nothing(
    scheme: WeightingScheme, cast: Cast, client: Client, step: str
) -> None:
    before = Entry.objects.count()
    for person in (cast.carrier_lead, cast.board_reader, cast.finance, cast.audit, cast.system, cast.nobody):
        client.force_login(person)
        assert client.get(f"{PAGE}schemata/{scheme.pk}/{step}/").status_code == 403
        assert client.post(f"{PAGE}schemata/{scheme.pk}/{step}/", {"reason": "x"}).status_code == 403
    assert Entry.objects.count() == before
    assert WeightingScheme.objects.count() == 1
