"""Every page: no finding of axe in light, dark and at 320 px, no overflow, nothing on the console, no dead link.

The pages are found by following links from the home page, as each role; what is not reached that way is listed here.
"""

import html
import json
import re
from collections import Counter
from collections.abc import Iterator, Sequence
from typing import Any, Literal
from urllib.parse import urljoin, urlsplit

import pytest
from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, resolve
from playwright.sync_api import Browser, ConsoleMessage, Page

from jugendhilfe.demo import PEOPLE
from tests.browser.conftest import AXE, Demo, sign_in

# In the order in which they are asked: visitors, then the role that sees most of a page.
CRAWLERS = (None, "planung", "leitung", "finanzen", "system", "pruefung", "traeger-a")

# Addresses that are no page to look at, with the reason.
NO_PAGES = {
    "healthz": "plain text for machines",
    "readyz": "JSON for machines",
    "mfa_download_recovery_codes": "a file",
    "regions:source_file": "a file",
    "regions:person_renew": "answers to POST alone",
    "indicators:gap_restore": "answers to POST alone",
    "committees:paper_continue": "answers to POST alone",
    "committees:weight_round_withdraw": "answers to POST alone",
    "committees:scenario_archive": "answers to POST alone",
    "committees:scenario_bring_back": "answers to POST alone",
    "committees:session_snapshot": "answers to POST alone",
    "committees:session_agree": "answers to POST alone",
    "committees:session_withdraw": "answers to POST alone",
    "indicators:release_template": "a file",
    "example_file": "a file",
}
# Pages that no link leads to in the state of the demo; they have tests of their own where they are reached.
UNREACHED = {
    "account_set_password": "only for accounts of an identity provider",
    "account_reauthenticate": "only when the sign-in is long ago",
    "account_confirm_login_code": "only with a code on its way",
    "account_reset_password_from_key": "only with a link from an e-mail",
    "account_reset_password_from_key_done": "only after a new password",
    "account_reset_password_done": "only after asking for a link",
    "mfa_authenticate": "only with a second factor",
    "mfa_reauthenticate": "only with a second factor",
    "mfa_deactivate_totp": "only with a second factor",
    "mfa_view_recovery_codes": "only with a second factor",
    "mfa_generate_recovery_codes": "only with a second factor",
}
SKIPPED = re.compile("(format|sort|page)=")
LINK = re.compile(r'<a\b[^>]*\bhref="([^"#]+)[#"]')
START = (
    "/",
    "/anmelden/",
    "/anmelden/code/",
    "/passwort/vergessen/",
    "/konto/gesperrt/",
)
# What a link offers only after something was changed on the page.
MORE = {"planung": ("/verteilung/gewichte/?jahr=2026&g-unemployment=70",)}


def url_names(resolver: URLResolver | None = None, namespace: str = "") -> Iterator[str]:
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLPattern) and entry.name:
            yield f"{namespace}{entry.name}"
        elif isinstance(entry, URLResolver):
            yield from url_names(entry, f"{namespace}{entry.namespace}:" if entry.namespace else namespace)


def name_of(address: str) -> str | None:
    try:
        return resolve(urlsplit(address).path).view_name
    except Resolver404:
        return None


def crawl(page: Page, start: Sequence[str], known: set[str], elsewhere: set[str]) -> Iterator[tuple[str, str]]:
    """Name and address of each page not yet known, one address for each name; asserts that no link is dead.

    Up to four addresses of a name are read for their links: an adopted scheme leads elsewhere than a draft. Names that
    answer with a file to save or with another page are added to `elsewhere`.
    """
    queue, seen, opened = list(start), set[str](), Counter[str]()
    while queue:
        address = queue.pop(0)
        name = name_of(address)
        assert name is not None, f"a link leads nowhere: {address}"
        if address in seen or opened[name] == 4 or name in NO_PAGES or SKIPPED.search(address):
            continue
        seen.add(address)
        opened[name] += 1
        answer = page.request.get(address)
        assert answer.status < 400, f"{answer.status} on {address}"
        shown = name_of(answer.url)
        if not answer.headers["content-type"].startswith("text/html"):
            elsewhere.add(name)
            continue
        if shown != name:
            elsewhere.add(name)
        links = (urljoin(urlsplit(answer.url).path, html.unescape(link)) for link in LINK.findall(answer.text()))
        queue += [link for link in links if link.startswith("/") and not link.startswith("/static/")]
        if shown and shown not in known:
            known.add(shown)
            yield shown, answer.url


def findings(page: Page) -> list[str]:
    """axe in light, in dark and at 320 px, and whether the page is wider than the screen."""
    found = []
    modes: tuple[tuple[Literal["light", "dark"], int], ...] = (("light", 1366), ("dark", 1366), ("light", 320))
    for scheme, width in modes:
        page.emulate_media(color_scheme=scheme)
        page.set_viewport_size({"width": width, "height": 900})
        result: list[Any] = page.evaluate(
            "axe.run().then(result => result.violations.map(found => [found.id, found.nodes[0].html.slice(0, 300)]))"
        )
        found += [f"{scheme} {width}: {json.dumps(violation, ensure_ascii=False)}" for violation in result]
        if page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth"):
            found.append(f"{width}: wider than the screen")
    page.emulate_media(color_scheme="light")
    page.set_viewport_size({"width": 1366, "height": 900})
    return found


def test_every_page_is_accessible(browser: Browser, demo: Demo) -> None:
    axe, problems = AXE.read_text(encoding="utf-8"), []
    checked, elsewhere, titles = set[str](), set[str](), dict[str, str]()
    for account in CRAWLERS:
        context = browser.new_context(base_url=demo.base_url, locale="de-DE")
        page = context.new_page()
        console: list[str] = []
        page.on("console", lambda message: console.append(message.text) if is_bad(message) else None)  # noqa: B023
        page.on("pageerror", lambda error: console.append(str(error)))  # noqa: B023
        if account:
            sign_in(page, account)
        for name, address in crawl(page, (*START, *MORE.get(account or "", ())), checked, elsewhere):
            page.goto(address)
            page.evaluate(axe)
            problems += [f"{name} {address} ({account}) {finding}" for finding in findings(page)]
            problems += [f"{name} {address}: console: {text}" for text in console]
            console.clear()
            title = page.title()
            problems += [f"{name}: same title as {titles[title]}: {title}"] if title in titles else []
            titles[title] = name
        context.close()
    assert "\n".join(problems) == ""
    assert " ".join(set(url_names()) - checked - elsewhere - set(NO_PAGES) - set(UNREACHED) - set(PREVIEWS)) == ""


@pytest.mark.parametrize("account", [person.account for person in PEOPLE])
def test_every_roles_overview_is_accessible(page: Page, account: str) -> None:
    sign_in(page, account)
    page.evaluate(AXE.read_text(encoding="utf-8"))
    assert findings(page) == []


def test_the_public_start_page_is_accessible(page: Page) -> None:
    page.goto("/")
    page.evaluate(AXE.read_text(encoding="utf-8"))
    assert findings(page) == []


def is_bad(message: ConsoleMessage) -> bool:
    return message.type in {"error", "warning"}


# The second page of each upload: who opens which first page, and a table with a mistake in it.
PREVIEWS = {
    "regions:space_upload_check": ("planung", "/sozialraeume/einlesen/", "Region\tSchlüssel\tSozialraum\n1\t1\tX"),
    "regions:member_upload_check": (
        "planung",
        "/mitgliedsgemeinden/einlesen/",
        "Schlüssel\tGemeinde\tSozialraum\n1\tX\tY",
    ),
    "regions:population_upload_check": ("planung", "/bezugsgroessen/1/einlesen/", "Schlüssel\tAnzahl\n033550009\tx"),
    "indicators:release_check": ("planung", "/belastung/datenstaende/neu/", "Schlüssel\tArbeitslose\n033550009\t3O"),
    "budgets:amounts_check": ("finanzen", "/budgets/2027/betraege/einlesen/", "Schlüssel\tBetrag\n033550009\t1,x"),
}


@pytest.mark.parametrize("name", PREVIEWS)
def test_the_preview_of_an_upload_is_accessible(page: Page, name: str) -> None:
    account, address, table = PREVIEWS[name]
    sign_in(page, account)
    page.goto(address)
    page.locator("textarea").first.fill(table)
    for field in page.locator("input[type=text][required]:visible, input[type=date][required]:visible").all():
        field.fill("2021-12-31" if field.get_attribute("type") == "date" else "Probe")
    page.get_by_role("button", name="Tabelle prüfen").click()
    page.wait_for_load_state()
    assert name_of(page.url) == name
    page.evaluate(AXE.read_text(encoding="utf-8"))
    assert findings(page) == []
