"""What every page needs: the county's names and the navigation of this user."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.contrib.auth.models import AnonymousUser
from django.http import HttpRequest
from django.urls import reverse

from jugendhilfe import demo
from jugendhilfe.middleware import IDLE_ACCURACY
from regions.access import scope


@dataclass(frozen=True, slots=True)
class NavigationItem:
    title: str
    url: str
    current: bool


EVERYBODY, SIGNED_IN = "", "signed in"

# title, URL name, who can open it (a permission, or one of the two above), the beginnings of its addresses
NAVIGATION = (
    ("Übersicht", "home", EVERYBODY, ("/",)),
    ("Belastung", "indicators:burden", SIGNED_IN, ("/belastung/",)),
    ("Verteilung", "budgets:comparison", "simulate", ("/verteilung/",)),
    ("Budgets", "budgets:year_list", SIGNED_IN, ("/budgets/",)),
    (
        "Regionen",
        "regions:region_list",
        EVERYBODY,
        (
            "/regionen/",
            "/sozialraeume/",
            "/mitgliedsgemeinden/",
            "/bueros/",
            "/traeger/",
            "/vertraege/",
            "/bezugsgroessen/",
        ),
    ),
    ("Gremien", "committees:committee_list", SIGNED_IN, ("/gremien/",)),
    ("Berichte", "committees:paper_list", EVERYBODY, ("/berichte/",)),
    ("Benutzer", "regions:person_list", "view_users", ("/benutzer/",)),
    ("Protokoll", "regions:audit_list", "view_audit", ("/protokoll/",)),
)


def site(request: HttpRequest) -> dict[str, Any]:
    context = {
        "county": settings.COUNTY,
        "demo": settings.DEMO,
        "navigation": navigation(request),
        # For so long the session lasts at least, counted from any request.
        "session_seconds": settings.SESSION_COOKIE_AGE - IDLE_ACCURACY,
    }
    if settings.DEMO:
        context |= {"demo_people": demo.PEOPLE, "demo_password": demo.PASSWORD}
    return context


def navigation(request: HttpRequest) -> list[NavigationItem]:
    """The items this user can open; the item with the longest fitting address is the current one."""
    # A request turned away at the door, for its host or its size, has nobody yet; its error page has navigation.
    user = getattr(request, "user", AnonymousUser())
    items = [
        (title, reverse(name), prefixes)
        for title, name, opens, prefixes in NAVIGATION
        if opens == EVERYBODY or (user.is_authenticated if opens == SIGNED_IN else scope(user, opens))
    ]
    fitting = [prefix for _, _, prefixes in items for prefix in prefixes if request.path.startswith(prefix)]
    current = max(fitting, key=len, default="")
    return [
        NavigationItem(title, url, current in prefixes and (current != "/" or request.path == "/"))
        for title, url, prefixes in items
    ]
