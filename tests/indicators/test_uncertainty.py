"""How sure the factors are, in the browser: who computes, what is kept, what the page says, that it all verifies."""

import csv
import io
from decimal import Decimal

import openpyxl
import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext

from indicators.calculation import calculate, inputs_of
from indicators.inputs import Inputs
from indicators.models import IndicatorValue, SensitivityRun, WeightingScheme
from indicators.runs import run_of, verify_runs
from indicators.sensitivity import Sensitivity, analyse
from indicators.services.schemes import adopt_scheme, copy_scheme, discard_scheme, propose_scheme
from indicators.services.sensitivity import run_sensitivity
from indicators.uncertainty import stored_bands, stored_run
from jugendhilfe.audit.models import Entry
from jugendhilfe.lib.canonical import digest
from jugendhilfe.lib.errors import DomainError, NotAllowed
from tests import factories
from tests.conftest import Cast, County
from tests.indicators.test_schemes import BASIS

PAGE = "/belastung/unsicherheit/"
DRAWS = 500


@pytest.fixture
def scheme(county: County, cast: Cast) -> WeightingScheme:
    """Adopted."""
    indicators = factories.make_indicators(county.spaces)
    scheme = factories.make_scheme(indicators, factories.make_population(county.spaces))
    propose_scheme(scheme=scheme, actor=cast.planning)
    adopt_scheme(scheme=scheme, legal_basis=BASIS, actor=cast.head)
    scheme.refresh_from_db()
    return scheme


@pytest.fixture
def run(scheme: WeightingScheme, cast: Cast) -> SensitivityRun:
    return run_sensitivity(scheme=scheme, seed=1, actor=cast.planning, draws=DRAWS)


@pytest.fixture
def planner(client: Client, cast: Cast) -> Client:
    client.force_login(cast.planning)
    return client


@pytest.fixture
def visitor(client: Client, cast: Cast) -> Client:
    client.force_login(cast.carrier_lead)
    return client


def text_of(client: Client, url: str = PAGE, **params: str | int) -> str:
    response = client.get(url, params)
    assert response.status_code == 200
    return response.content.decode().replace("\u00a0", " ")


# --- computing and keeping ----------------------------------------------------------------------------------------


def test_planning_computes_once_and_everybody_sees_it(scheme: WeightingScheme, planner: Client, cast: Cast) -> None:
    assert "ist noch nichts gerechnet" in text_of(planner)
    answer = planner.post(PAGE, {"startwert": "7"}, follow=True)
    assert "Die Spannen sind berechnet und gespeichert." in answer.content.decode()
    run = SensitivityRun.objects.get()
    assert (run.seed, run.draws, run.scheme, run.created_by) == (7, 10_000, scheme, cast.planning)
    entry = Entry.objects.get(action="schemes.analyse")
    assert entry.data["sha256"] == run.sha256 == digest(run.result)
    planner.force_login(cast.carrier_lead)
    page = text_of(planner)
    assert run.sha256 in page
    assert "Jetzt rechnen" not in page


def test_others_do_not_compute(scheme: WeightingScheme, visitor: Client, cast: Cast) -> None:
    assert "Die Jugendhilfeplanung kann die Spannen" in text_of(visitor)
    assert visitor.post(PAGE, {"startwert": "1"}).status_code == 403
    with pytest.raises(NotAllowed):
        run_sensitivity(scheme=scheme, seed=1, actor=cast.finance)
    assert not SensitivityRun.objects.exists()


@pytest.mark.parametrize("seed", ["", "-1", "1,5", "abc", str(2**63)])
def test_a_seed_that_is_none_is_refused_in_german(scheme: WeightingScheme, planner: Client, seed: str) -> None:
    answer = planner.post(PAGE, {"startwert": seed})
    assert answer.status_code == 422
    assert "Es gibt 1 Fehler" in answer.content.decode()
    assert not SensitivityRun.objects.exists()


def test_the_largest_seed_is_kept_as_it_is(scheme: WeightingScheme, cast: Cast) -> None:
    run = run_sensitivity(scheme=scheme, seed=2**63 - 1, actor=cast.planning, draws=10)
    run.refresh_from_db()
    assert run.seed == 2**63 - 1
    assert list(verify_runs()) == []


def test_the_same_seed_on_the_same_inputs_is_kept_once(
    run: SensitivityRun, scheme: WeightingScheme, cast: Cast
) -> None:
    assert run_sensitivity(scheme=scheme, seed=1, actor=cast.planning, draws=DRAWS) == run
    other = run_sensitivity(scheme=scheme, seed=2, actor=cast.planning, draws=DRAWS)
    assert other != run
    assert other.result != run.result
    assert run_of(scheme, inputs_of(scheme)) == other


def test_the_result_is_what_inputs_seed_and_draws_give(run: SensitivityRun) -> None:
    assert analyse(Inputs.from_json(run.inputs), seed=1, draws=DRAWS).to_json() == run.result
    assert Sensitivity.from_json(run.result).to_json() == run.result


def test_a_draft_asked_for_on_another_day_has_the_same_inputs(scheme: WeightingScheme, cast: Cast) -> None:
    draft = copy_scheme(scheme=scheme, actor=cast.planning)
    run = run_sensitivity(scheme=draft, seed=1, actor=cast.planning, draws=DRAWS)
    later = inputs_of(draft, as_of=run.as_of.replace(year=run.as_of.year + 1))
    assert run_of(draft, later) == run


def test_new_values_or_weights_leave_the_stored_run_behind(scheme: WeightingScheme, cast: Cast) -> None:
    draft = copy_scheme(scheme=scheme, actor=cast.planning)
    run_sensitivity(scheme=draft, seed=1, actor=cast.planning, draws=DRAWS)
    draft.members.filter(indicator__code="unemployment").update(weight=60)
    assert run_of(draft, inputs_of(draft)) is None
    draft.members.filter(indicator__code="unemployment").update(weight=50)
    assert run_of(draft, inputs_of(draft)) is not None
    with factories.as_if_always_so():
        IndicatorValue.objects.filter(indicator__code="income_tax", space__name="Bleckede").update(value=400)
    assert run_of(draft, inputs_of(draft)) is None


def test_a_draft_with_a_stored_run_is_not_discarded(scheme: WeightingScheme, cast: Cast) -> None:
    draft = copy_scheme(scheme=scheme, actor=cast.planning)
    run_sensitivity(scheme=draft, seed=1, actor=cast.planning, draws=10)
    with pytest.raises(DomainError, match="bleibt"), transaction.atomic():
        discard_scheme(scheme=draft, actor=cast.planning, reason="doch nicht")
    assert WeightingScheme.objects.filter(pk=draft.pk).exists()


@pytest.mark.parametrize(
    "statement", ["UPDATE indicators_sensitivityrun SET seed = 2", "DELETE FROM indicators_sensitivityrun"]
)
def test_the_database_refuses_to_change_a_run(run: SensitivityRun, statement: str) -> None:
    with pytest.raises(DatabaseError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


# --- verifying ----------------------------------------------------------------------------------------------------


def test_verify_recomputes_every_run(run: SensitivityRun) -> None:
    assert list(verify_runs()) == []
    with connection.cursor() as cursor:  # what PostgreSQL does at COMMIT
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET CONSTRAINTS ALL DEFERRED")
    out = io.StringIO()
    call_command("verify", stdout=out)
    assert "Unsicherheitsrechnungen: 1." in out.getvalue()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ("result = replace(result, '\"seed\":1', '\"seed\":2')", "passt nicht zu seiner Prüfsumme"),
        ("inputs = replace(inputs, '50.0000', '51.0000')", "passen nicht zu ihrer Prüfsumme"),
        ("result = replace(result, '0.9', '0.8')", "kommt ein anderes Ergebnis heraus"),
        ("seed = 3", "Im Protokoll stehen andere Angaben"),
        ("draws = 3", "Startwert oder Zahl der Ziehungen"),
        ("result = '{}'", "lässt sich nicht nachrechnen"),
    ],
)
def test_verify_names_what_was_tampered_with(run: SensitivityRun, change: str, words: str) -> None:
    with factories.as_if_always_so(), connection.cursor() as cursor:
        cursor.execute(f"UPDATE indicators_sensitivityrun SET {change}")
    assert any(words in sentence for sentence in verify_runs())


# --- the page -----------------------------------------------------------------------------------------------------


def test_the_page_shows_bands_probabilities_groups_and_what_stays_fixed(run: SensitivityRun, visitor: Client) -> None:
    page = text_of(visitor)
    assert "Wenn die Gewichte etwas anders wären" in page
    assert "Wenn die Fallzahlen zufällig schwanken" in page
    assert "Ohne Zähler bekannt und deshalb fest: Einkommensteuer je Kopf, Beschäftigte je 100." in page
    assert "Nicht unterscheidbar:" in page
    assert "Gewichte: Faktor über 1" in page
    assert "Arbeitslose je 1.000: 45 statt 50" in page
    for word in ("500", run.inputs_sha256, run.sha256):
        assert word in page


def test_the_bands_hold_their_factors(run: SensitivityRun, scheme: WeightingScheme) -> None:
    calculated = calculate(scheme)
    for key, (low, high) in stored_bands(scheme, calculated).items():
        assert low <= calculated.factors[key] <= high


def test_the_three_burdened_spaces_are_surely_above_one_and_not_told_apart(
    run: SensitivityRun, scheme: WeightingScheme
) -> None:
    shown = stored_run(scheme, calculate(scheme))
    assert shown is not None
    above = {shown.names[space.key]: space.above_one for space in shown.causes["counts"].spaces}
    assert {name for name, share in above.items() if share == 1} == {"Amt Neuhaus", "Bleckede", "Dahlenburg"}
    assert "Amt Neuhaus, Dahlenburg und Bleckede" in shown.groups("counts")


def test_the_downloads_hold_the_bands(run: SensitivityRun, visitor: Client) -> None:
    rows = list(
        csv.DictReader(io.StringIO(visitor.get(PAGE, {"format": "csv"}).content.decode("utf-8-sig")), delimiter=";")
    )
    assert len(rows) == 10
    for row in rows:
        low, factor, high = (
            Decimal(row[head].replace(",", ".")) for head in ("Gewichte: von", "Belastungsfaktor", "Gewichte: bis")
        )
        assert low <= factor <= high
    book = openpyxl.load_workbook(io.BytesIO(visitor.get(PAGE, {"format": "xlsx"}).content))
    assert len(book.sheetnames) == 3
    assert any("Startwert" in str(row[0]) for row in book["Hinweise"].iter_rows(values_only=True))


def test_the_burden_page_shows_the_stored_bands_and_links_to_them(
    scheme: WeightingScheme, cast: Cast, visitor: Client
) -> None:
    assert "Spanne schließt 1,00 ein" not in text_of(visitor, "/belastung/")
    run_sensitivity(scheme=scheme, seed=1, actor=cast.planning, draws=DRAWS)
    page = text_of(visitor, "/belastung/")
    assert "Spanne schließt 1,00 ein" in page
    assert f'href="{PAGE}"' in page
    # Another day is another calculation: what was stored says nothing about it.
    assert "Spanne schließt 1,00 ein" not in text_of(visitor, "/belastung/", stand="31.12.2020")


def test_a_draft_is_analysed_by_those_who_see_it(scheme: WeightingScheme, cast: Cast, visitor: Client) -> None:
    draft = copy_scheme(scheme=scheme, actor=cast.planning)
    visitor.force_login(cast.nobody)
    assert visitor.get(PAGE, {"schema": draft.pk}).status_code == 404
    visitor.force_login(cast.planning)
    visitor.post(f"{PAGE}?schema={draft.pk}", {"startwert": "1"})
    assert SensitivityRun.objects.get().scheme == draft


def test_without_a_scheme_there_is_no_page(planner: Client) -> None:
    assert planner.get(PAGE).status_code == 404


def test_the_page_asks_few_questions(run: SensitivityRun, scheme: WeightingScheme, cast: Cast, planner: Client) -> None:
    planner.get(PAGE)
    with CaptureQueriesContext(connection) as one:
        planner.get(PAGE)
    assert len(one) <= 9
    for seed in range(2, 12):
        run_sensitivity(scheme=scheme, seed=seed, actor=cast.planning, draws=10)
    with CaptureQueriesContext(connection) as many:
        planner.get(PAGE)
    assert len(many) == len(one)
