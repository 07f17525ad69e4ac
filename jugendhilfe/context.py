"""What every page needs: the county's names and the navigation of this user."""

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.urls import reverse

from jugendhilfe import demo
from regions.access import scope


@dataclass(frozen=True, slots=True)
class NavigationItem:
    title: str
    url: str
    current: bool


# title, URL name, the permission that opens it ("" for everybody), the beginning of its addresses
NAVIGATION = (
    ("Übersicht", "home", "", "/"),
    ("Belastung", "indicators:burden", "", "/belastung/"),
    ("Verteilung", "budgets:comparison", "simulate", "/verteilung/"),
    ("Budgets", "budgets:year_list", "", "/budgets/"),
    ("Regionen", "regions:region_list", "", "/regionen/"),
    ("Berichte", "committees:paper_list", "", "/berichte/"),
    ("Benutzer", "regions:person_list", "view_users", "/benutzer/"),
    ("Protokoll", "regions:audit_list", "view_audit", "/protokoll/"),
)


def site(request: HttpRequest) -> dict[str, Any]:
    context = {"county": settings.COUNTY, "demo": settings.DEMO, "navigation": navigation(request)}
    if settings.DEMO:
        context |= {"demo_people": demo.PEOPLE, "demo_password": demo.PASSWORD}
    return context


def navigation(request: HttpRequest) -> list[NavigationItem]:
    """The items this user can open; the item with the longest fitting address is the current one."""
    items = [
        (title, reverse(name), prefix)
        for title, name, permission, prefix in NAVIGATION
        if not permission or scope(request.user, permission)
    ]
    fitting = [prefix for _, _, prefix in items if request.path.startswith(prefix)]
    current = max(fitting, key=len, default="")
    return [
        NavigationItem(title, url, prefix == current and (prefix != "/" or request.path == "/"))
        for title, url, prefix in items
    ]
