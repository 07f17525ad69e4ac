"""Reference populations: public to see, kept while nothing rests on them."""

from decimal import Decimal

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from jugendhilfe.audit.models import Entry, SourceFile
from jugendhilfe.lib.errors import DomainError
from regions.history import history_of
from regions.models import ReferencePopulation, ReferencePopulationCount
from regions.services.populations import delete_population, keep_counts, keep_population
from regions.views.populations import counts_with_share
from tests import factories
from tests.conftest import Cast, County

TOTAL = 110_715


def get(client: Client, name: str, *args: object, **query: str) -> str:
    response = client.get(reverse(f"regions:{name}", args=args), query)
    assert response.status_code == 200, response.status_code
    return response.content.decode()


@pytest.fixture
def population(county: County) -> ReferencePopulation:
    return factories.make_population(county.spaces)


@pytest.fixture
def used(county: County, population: ReferencePopulation) -> ReferencePopulation:
    """A draft of a scheme rests on it."""
    factories.make_scheme(factories.make_indicators(county.spaces), population)
    return population


def test_counts_are_shown_with_share_and_sum(client: Client, population: ReferencePopulation) -> None:
    html = get(client, "population_detail", population.pk)
    assert "110.715" in html
    assert "Kreis ohne Hansestadt" in html
    assert "16,60\u00a0%" in html  # Bardowick: 18.383 von 110.715
    shares = [count.share for count in counts_with_share(population, TOTAL)]  # type: ignore[attr-defined]
    assert round(sum(shares, Decimal(0)), 4) == 100


def test_lists_and_counts_download(client: Client, population: ReferencePopulation) -> None:
    rows = get(client, "population_detail", population.pk, format="csv", sort="-count").splitlines()
    assert rows[1].startswith("Bardowick;033555402;Region 2;18383;16,6")
    assert len(rows) == 11
    assert "110715" in get(client, "population_list", format="csv")
    answer = client.get(reverse("regions:population_detail", args=[population.pk]), {"format": "xlsx"})
    assert answer.content.startswith(b"PK")


def test_populations_are_kept_by_planning_and_head_alone(
    client: Client, cast: Cast, population: ReferencePopulation
) -> None:
    names = ("edit", "counts", "delete", "upload", "template")
    urls = [reverse(f"regions:population_{name}", args=[population.pk]) for name in names]
    urls.append(reverse("regions:population_new"))
    for person in (cast.finance, cast.audit, cast.coordination, cast.nobody):
        client.force_login(person)
        assert {client.get(url).status_code for url in urls} == {403}
    client.force_login(cast.planning)
    assert {client.get(url).status_code for url in urls} == {200}


@pytest.mark.parametrize(
    ("kind", "age_from", "age_to", "sentence"),
    [
        ("young", "", "", "„von“ und „bis unter“ angeben"),
        ("inhabitants", "0", "21", "keines von beiden"),
        ("age_band", "21", "6", "„von“ und „bis unter“ angeben"),
        ("age_band", "6", "121", "höchstens 120"),
    ],
)
def test_an_age_band_has_to_fit_its_kind(
    client: Client, cast: Cast, kind: str, age_from: str, age_to: str, sentence: str
) -> None:
    client.force_login(cast.planning)
    answer = {"kind": kind, "age_from": age_from, "age_to": age_to, "date": "31.12.2025", "source": "LSN"}
    assert sentence in client.post(reverse("regions:population_new"), answer).content.decode()
    assert not ReferencePopulation.objects.exists()


def test_a_population_is_entered_and_its_counts_typed_in(client: Client, cast: Cast, county: County) -> None:
    client.force_login(cast.planning)
    answer = {"kind": "young", "age_from": "6", "age_to": "21", "date": "29.02.2024", "source": "Meldewesen"}
    html = client.post(reverse("regions:population_new"), answer, follow=True).content.decode()
    assert "junge Menschen 6 bis unter 21" in html
    assert "Noch keine Zahlen" in html
    population = ReferencePopulation.objects.get()
    url = reverse("regions:population_counts", args=[population.pk])
    numbers = {space.key: "1.000" for space in county.spaces.values()}
    assert "Bitte ausfüllen." in client.post(url, {**numbers, "033550009": "", "reason": "Erste"}).content.decode()
    client.post(url, {**numbers, "reason": "Erste Erfassung"})
    client.post(url, {**numbers, "033550009": "1001", "reason": "Nachmeldung"})
    assert sum(count.count for count in population.counts.all()) == 10_001
    assert history_of(population)[0].changes == (("Bleckede", "1.000", "1.001"),)


def test_what_a_calculation_rests_on_stays(client: Client, cast: Cast, used: ReferencePopulation) -> None:
    client.force_login(cast.planning)
    html = get(client, "population_detail", used.pk)
    assert "Mit dieser Bezugsgröße wird gerechnet." in html
    assert "Zahlen einlesen" not in html
    with pytest.raises(DomainError, match="Sie bleibt, wie sie ist"):
        keep_counts(population=used, counts={"033550009": 1}, actor=cast.planning, reason="Versuch")
    used.source = "anders"
    with pytest.raises(DomainError, match="Sie bleibt, wie sie ist"):
        keep_population(population=used, actor=cast.planning, reason="Versuch")
    with pytest.raises(DomainError, match="Sie bleibt, wie sie ist"):
        delete_population(population=used, actor=cast.planning, reason="Versuch")
    assert used.counts.get(space__key="033550009").count == 9694
    assert not Entry.objects.exists()


def test_one_that_nothing_rests_on_can_be_deleted_and_stays_in_the_log(
    client: Client, cast: Cast, population: ReferencePopulation
) -> None:
    client.force_login(cast.planning)
    url = reverse("regions:population_delete", args=[population.pk])
    assert "Möchten Sie" in get(client, "population_delete", population.pk)
    client.post(url, {"reason": "doppelt angelegt"})
    assert not ReferencePopulationCount.objects.exists()
    entry = Entry.objects.get(action="populations.delete")
    assert entry.reason == "doppelt angelegt"
    assert entry.data["counts"]["033550009"] == 9694


# Counts from a table


def hand_in(client: Client, population: ReferencePopulation, content: str) -> tuple[str, str]:
    """The address and the text of the check page."""
    file = SimpleUploadedFile("einwohner.csv", content.encode())
    url = reverse("regions:population_upload", args=[population.pk])
    response = client.post(url, {"file": file, "pasted": ""}, follow=True)
    return response.request["PATH_INFO"], response.content.decode()


def fixture() -> str:
    return (factories.INPUTS / "einwohner_2022.csv").read_text(encoding="utf-8")


def test_a_table_of_counts_is_checked_shown_and_then_taken_over(client: Client, cast: Cast, county: County) -> None:
    population = ReferencePopulation.objects.create(date="2022-12-31", source="BKG")
    client.force_login(cast.planning)
    url, html = hand_in(client, population, fixture())
    assert "18.383" in html
    assert not population.counts.exists()
    client.post(url)
    assert sum(count.count for count in population.counts.all()) == TOTAL
    entry = Entry.objects.get(action="populations.counts")
    assert SourceFile.objects.get().sha256 == entry.data["sha256"]


def test_pasted_cells_and_keys_without_their_zero_are_understood(client: Client, cast: Cast, county: County) -> None:
    population = ReferencePopulation.objects.create(date="2022-12-31", source="BKG")
    client.force_login(cast.planning)
    pasted = fixture().replace(";", "\t").replace("\n033", "\n33")
    url = reverse("regions:population_upload", args=[population.pk])
    response = client.post(url, {"pasted": pasted}, follow=True)
    client.post(response.request["PATH_INFO"])
    assert population.counts.count() == 10


def test_other_counts_than_before_need_a_reason(client: Client, cast: Cast, population: ReferencePopulation) -> None:
    client.force_login(cast.planning)
    url, html = hand_in(client, population, fixture().replace(";9694", ";9700"))
    assert "bisher 9.694" in html
    client.post(url, {"reason": ""})
    assert population.counts.get(space__key="033550009").count == 9694
    client.post(url, {"reason": "Berichtigung des Landesamtes"})
    assert population.counts.get(space__key="033550009").count == 9700
    assert history_of(population)[0].changes == (("Bleckede", "9.694", "9.700"),)


@pytest.mark.parametrize(
    ("old", "new", "sentence"),
    [
        ("033550009;Bleckede;9694\n", "", "Es fehlt eine Anzahl für: Bleckede."),
        ("033550009;Bleckede", "033550010;Bleckede", "„033550010“ ist hier nicht bekannt."),
        ("033550009;Bleckede", "033550009;Dahlenburg", "Zum Schlüssel 033550009 gehört „Bleckede“."),
        ("9694", "9694,5", "C3"),
        ("9694", "0", "größer als null"),
        ("9694", "", "Hier fehlt ein Wert."),
        ("Anzahl", "Zahl der Leute", "Die Spalte „Anzahl“ fehlt."),
        ("033550009;Bleckede", "033550049;Amt Neuhaus", "„Amt Neuhaus“ kommt doppelt vor."),
    ],
)
def test_errors_of_a_table_are_named_and_nothing_can_be_taken_over(
    client: Client, cast: Cast, county: County, old: str, new: str, sentence: str
) -> None:
    population = ReferencePopulation.objects.create(date="2022-12-31", source="BKG")
    client.force_login(cast.planning)
    url, html = hand_in(client, population, fixture().replace(old, new))
    assert sentence in html
    client.post(url)
    assert not population.counts.exists()


def test_a_file_that_is_no_table_is_refused_at_once(
    client: Client, cast: Cast, population: ReferencePopulation
) -> None:
    client.force_login(cast.planning)
    _, html = hand_in(client, population, "%PDF-1.7 Bericht")
    assert "Tabelle auswählen" in html
    assert "keine Tabelle" in html


def test_the_template_names_every_space(client: Client, cast: Cast, population: ReferencePopulation) -> None:
    client.force_login(cast.planning)
    workbook = client.get(reverse("regions:population_template", args=[population.pk])).content
    url = reverse("regions:population_upload", args=[population.pk])
    response = client.post(url, {"file": SimpleUploadedFile("vorlage.xlsx", workbook)}, follow=True)
    assert "Alles in dieser Tabelle steht schon so im System." in response.content.decode()


@pytest.mark.parametrize("name", ["population_list", "population_detail"])
def test_pages_ask_as_many_questions_for_one_row_as_for_many(
    client: Client, cast: Cast, county: County, name: str
) -> None:
    population = ReferencePopulation.objects.create(date="2022-12-31", source="BKG")
    args = [population.pk] if name == "population_detail" else []
    first, *others = county.spaces.values()
    ReferencePopulationCount.objects.create(population=population, space=first, count=1)
    client.force_login(cast.finance)
    get(client, name, *args)  # the session is stored once
    with CaptureQueriesContext(connection) as few:
        get(client, name, *args)
    for space in others:
        ReferencePopulationCount.objects.create(population=population, space=space, count=1)
    ReferencePopulation.objects.bulk_create(
        ReferencePopulation(date=f"20{year}-12-31", source="BKG") for year in range(23, 43)
    )
    with CaptureQueriesContext(connection) as many:
        get(client, name, *args)
    assert len(few) == len(many) <= 8
