"""Where am I: the marked item of the navigation and the way back up."""

import datetime as dt
import re
from html import unescape

import pytest
from django.contrib.auth.models import AnonymousUser
from django.contrib.sessions.models import Session
from django.test import Client, RequestFactory
from django.utils import timezone

from jugendhilfe.context import navigation
from jugendhilfe.settings import SESSION_COOKIE_AGE
from tests import factories
from tests.conftest import Cast, County


@pytest.mark.parametrize(
    ("path", "title"),
    [
        ("/", "Übersicht"),
        ("/regionen/1/", "Regionen"),
        ("/sozialraeume/033555403/", "Regionen"),
        ("/mitgliedsgemeinden/einlesen/", "Regionen"),
        ("/bueros/", "Regionen"),
        ("/traeger/neu/", "Regionen"),
        ("/vertraege/", "Regionen"),
        ("/bezugsgroessen/", "Regionen"),
        ("/belastung/schemata/", "Belastung"),
        ("/gremien/mitglieder/1/", "Gremien"),
        ("/hilfe/", None),
    ],
)
def test_the_item_a_page_belongs_to_is_marked(cast: Cast, path: str, title: str | None) -> None:
    request = RequestFactory().get(path)
    request.user = cast.planning
    assert [item.title for item in navigation(request) if item.current] == ([title] if title else [])


def test_nobody_is_shown_what_they_cannot_open(cast: Cast) -> None:
    request = RequestFactory().get("/")
    shown = {}
    for user in (AnonymousUser(), cast.nobody, cast.audit):
        request.user = user
        shown[user] = [item.title for item in navigation(request)]
    assert list(shown.values()) == [
        ["Übersicht", "Regionen", "Berichte"],
        ["Übersicht", "Belastung", "Budgets", "Regionen", "Gremien", "Berichte"],
        [
            "Übersicht",
            "Belastung",
            "Verteilung",
            "Budgets",
            "Regionen",
            "Gremien",
            "Berichte",
            "Benutzer",
            "Protokoll",
        ],
    ]


def crumbs(client: Client, url: str) -> list[str]:
    html = client.get(url).content.decode()
    trail = html.split('<ol class="app-crumb">')[1].split("</ol>")[0]
    return [unescape(text) for text in re.findall(r"<li[^>]*>(?:<a[^>]*>)?([^<]*)", trail)]


def test_pages_of_one_form_show_the_way_back(client: Client, cast: Cast, county: County) -> None:
    client.force_login(cast.planning)
    office = county.offices["Dahlenburg"].pk
    name = "Sozialraumbüro Dahlenburg"
    above = ["Übersicht", "Regionen", "Sozialraumbüros"]
    assert crumbs(client, "/bueros/neu/") == [*above, "Sozialraumbüro anlegen"]
    assert crumbs(client, f"/bueros/{office}/bearbeiten/") == [*above, name, f"{name} bearbeiten"]
    assert crumbs(client, f"/bueros/{office}/schliessen/") == [*above, name, f"{name} schließen"]
    assert crumbs(client, "/regionen/1/bearbeiten/") == ["Übersicht", "Regionen", "Region 1", "Region 1 bearbeiten"]
    draft = factories.make_scheme(factories.make_indicators(county.spaces), factories.make_population(county.spaces))
    assert crumbs(client, f"/belastung/schemata/{draft.pk}/verwerfen/") == [
        "Übersicht",
        "Belastung",
        "Gewichtungsschemata",
        "Belastung, Fassung 1",
        "Belastung, Fassung 1 verwerfen",
    ]


def test_a_session_lasts_at_least_as_long_as_the_page_says(
    client: Client, cast: Cast, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Writing it at most every five minutes must not end it before the warning."""
    client.force_login(cast.planning)
    now = timezone.now()
    for minutes in (0, 4, 8):
        moment = now + dt.timedelta(minutes=minutes)
        monkeypatch.setattr("time.time", moment.timestamp)
        monkeypatch.setattr("django.utils.timezone.now", lambda moment=moment: moment)
        html = client.get("/").content.decode()
        promised = int(re.findall(r'data-session-seconds="(\d+)"', html)[0])
        left = Session.objects.get().expire_date - moment
        assert promised <= left.total_seconds() <= SESSION_COOKIE_AGE
        assert promised > SESSION_COOKIE_AGE - 600


def test_staying_signed_in_asks_a_page_that_needs_a_session(client: Client, cast: Cast) -> None:
    client.force_login(cast.planning)
    (url,) = re.findall(r'data-stay="([^"]+)"', client.get("/regionen/").content.decode())
    assert client.get(url).status_code == 200
    client.logout()
    assert client.get(url).status_code == 302
