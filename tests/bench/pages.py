"""Pages through the server of production: against the one-query page, and while the tables grow.

A time is what a reader waits for at the server's door, from opening a connection to the last byte of the answer: that
is how the bars are meant. Server and connection cost every request the same, most of the JSON view and little of a
page; within this process alone the one-query page takes some twenty times the JSON view. That view is asked for without
a session, which would be looked up, with its person, even where nobody asks for it. Queries are counted here.
"""

from collections.abc import Callable, Iterator, Mapping
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from decimal import Decimal
from itertools import pairwise

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.test import Client
from django.test.utils import CaptureQueriesContext

from budgets.what_if import read_what_if
from indicators.models import SchemeStatus, WeightingScheme
from jugendhilfe.accounts.models import User
from tests.bench.county import YEAR, Growth, copy_of_database, make_county
from tests.bench.measure import Gap, NotMeasured, Row, duration, medians
from tests.bench.server import Answer, serve

type Get = Callable[[str, Mapping[str, str]], Answer]

ROUNDS = 25
COUNTIES = (1, 10, 100)
ONE = "one-query page"
GROWS = 1.5


@dataclass(frozen=True)
class Page:
    """An address, the bars of its page, and a text that only the finished page has."""

    what: str
    path: str
    shows: str
    times: float | None = None
    queries: int | None = None
    htmx: bool = False
    grows: bool = False


JSON_VIEW = Page("JSON view without database", "/bench/json/", "ready")
ONE_QUERY = Page(ONE, "/bench/one/", "3 Regionen")
PAGES = (
    Page("overview", "/", "Region 3", times=8, queries=12, grows=True),
    Page("what-if, page", "/verteilung/", "modell-4", times=8, grows=True),
    Page("what-if, answer to a slider", "/verteilung/?{adopted}", "modell-4", times=8, htmx=True),
    Page("what-if of a draft, answer", "/verteilung/?{draft}", "modell-4", times=8, htmx=True, grows=True),
    Page("bands of a what-if", "/verteilung/unsicherheit/?{adopted}", "Spannen in Euro", times=60, htmx=True),
    Page("bands of a draft", "/verteilung/unsicherheit/?{draft}", "Spannen in Euro", times=60, htmx=True),
    Page("burden", "/belastung/", "Dahlenburg", grows=True),
    Page("list of years", "/budgets/", f"{YEAR}", queries=8, grows=True),
    Page("one year", f"/budgets/{YEAR}/", "Dahlenburg", grows=True),
    Page("list of legal bases", "/budgets/rechtsgrundlagen/", "Kreistag", queries=8, grows=True),
    Page("list of data releases", "/belastung/datenstaende/", "Stichtag", queries=8, grows=True),
    Page("list of people", "/benutzer/", "Gremium", grows=True),
    Page("list of people, 25 rows", "/benutzer/?per_page=25", "1 bis 25 von", times=12, queries=8),
    Page("list of people, 100 rows", "/benutzer/?per_page=100", "1 bis 100 von", times=30, queries=8),
    Page("audit log", "/protokoll/", "Belastung, Fassung", grows=True),
    Page("audit log, 25 rows", "/protokoll/?per_page=25", "1 bis 25 von", times=12, queries=8),
    Page("audit log, 100 rows", "/protokoll/?per_page=100", "1 bis 100 von", times=30, queries=8),
)


@dataclass
class Stage:
    """The pages with so many counties' worth of rows: how to fetch them, what they ask and how long they take."""

    counties: int
    fetchers: dict[str, Callable[[], object]] = field(default_factory=dict)
    queries: dict[str, int] = field(default_factory=dict)
    seconds: dict[str, float] = field(default_factory=dict)

    def relative(self, page: Page) -> float:
        """Multiples of the one-query page."""
        return self.seconds[page.what] / self.seconds[ONE]


def rows() -> Iterator[Row | Gap]:
    head = make_county()
    client, growth, databases = client_of(head), Growth(), {}
    addresses = {status.value: slider_query(head, status) for status in (SchemeStatus.ADOPTED, SchemeStatus.DRAFT)}
    for counties in COUNTIES:
        growth.up_to(counties)
        databases[counties] = copy_of_database(f"counties_{counties}")
    stages, gaps = list[Stage](), list[Gap]()
    with ExitStack() as servers:
        for counties, database in databases.items():
            last = counties == COUNTIES[-1]
            pages = [replace(page, path=page.path.format(**addresses)) for page in PAGES if page.grows or last]
            session = client.cookies[settings.SESSION_COOKIE_NAME].value
            server = servers.enter_context(serve(database.settings_dict["NAME"], session))
            stages.append(Stage(counties))
            gaps += look(stages[-1], through(client), server.get, pages, database)
        stages[-1].fetchers |= {
            JSON_VIEW.what: fetcher(server.get_unknown, JSON_VIEW),
            ONE: fetcher(server.get, ONE_QUERY),
        }
        measure(stages)
    yield from gaps
    yield from against_one(stages[-1])
    yield from growing(stages)


def look(stage: Stage, here: Get, get: Get, pages: list[Page], database: BaseDatabaseWrapper) -> Iterator[Gap]:
    """Fetch every page once in this process, counting its queries; gives those that are not there."""
    connections[DEFAULT_DB_ALIAS] = database
    for page in pages:
        try:
            with CaptureQueriesContext(database) as captured:
                fetcher(here, page)()
        except NotMeasured as error:
            yield Gap(page.what, str(error), failed=True)
        else:
            stage.fetchers[page.what], stage.queries[page.what] = fetcher(get, page), len(captured)


def measure(stages: list[Stage]) -> None:
    """All pages of all stages in turn, so that a busy moment of the machine is none of a stage."""
    fetchers = {(stage.counties, what): fetch for stage in stages for what, fetch in stage.fetchers.items()}
    seconds = medians(fetchers, rounds=ROUNDS)
    for stage in stages:
        stage.seconds = {what: seconds[stage.counties, what] for what in stage.fetchers}


def slider_query(user: User, status: SchemeStatus) -> str:
    """What the page sends when somebody moves a weight: the whole scenario, with that weight."""
    scheme = WeightingScheme.objects.filter(status=status).latest("pk")
    what_if = read_what_if(user, {"schema": str(scheme.pk)})
    assert what_if is not None
    first, *_ = what_if.start.weights
    return replace(what_if.start, weights={**what_if.start.weights, first: Decimal(40)}).query


def client_of(user: User) -> Client:
    client = Client(raise_request_exception=False)
    client.force_login(user)
    client.get("/bench/one/", secure=True)  # the first page of a session writes that it was seen
    return client


def through(client: Client) -> Get:
    """Fetches in this process."""

    def get(path: str, headers: Mapping[str, str]) -> Answer:
        response = client.get(path, secure=True, headers=headers)
        return response.status_code, response.content

    return get


def fetcher(get: Get, page: Page) -> Callable[[], None]:
    """A function that fetches the page and makes sure it is that page."""
    headers: Mapping[str, str] = {"HX-Request": "true"} if page.htmx else {}
    wanted = page.shows.encode()

    def fetch() -> None:
        status, content = get(page.path, headers)
        if status != 200:
            raise NotMeasured(f"{page.path} answers {status}")
        if wanted not in content:
            raise NotMeasured(f"{page.path} does not show “{page.shows}”")

    return fetch


def against_one(stage: Stage) -> Iterator[Row]:
    """The pages that have a bar of their own, with all the rows behind them."""
    base = stage.seconds[ONE] / stage.seconds[JSON_VIEW.what]
    yield Row(ONE, duration(stage.seconds[ONE]), base, 5, JSON_VIEW.what)
    for page in PAGES:
        if page.what not in stage.seconds:
            continue
        if page.times:
            yield Row(page.what, duration(stage.seconds[page.what]), stage.relative(page), page.times, ONE)
        if page.queries:
            number = stage.queries[page.what]
            yield Row(f"{page.what}: queries", str(number), number / page.queries, 1, f"{page.queries} queries")


def growing(stages: list[Stage]) -> Iterator[Row]:
    """The same page with ten times as many rows in the tables behind it."""
    for before, after in pairwise(stages):
        for page in PAGES:
            if not page.grows or page.what not in before.seconds or page.what not in after.seconds:
                continue
            what = f"{page.what}: {before.counties} → {after.counties} counties"
            ratio = after.seconds[page.what] / before.seconds[page.what]
            yield Row(what, duration(after.seconds[page.what]), ratio, GROWS, "before")
            one, other = before.queries[page.what], after.queries[page.what]
            if one != other:
                yield Row(f"{what}, queries", f"{one} → {other}", other / one, 1, "before")
