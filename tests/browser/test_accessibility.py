"""Every page: no finding of axe in light, dark and at 320 px, no overflow, nothing on the console, no dead link.

The pages are found by following links from the home page, as each role; what is not reached that way is listed here.
"""

import json
from collections.abc import Iterator
from typing import Any, Literal
from urllib.parse import urlsplit

import pytest
from django.urls import Resolver404, URLPattern, URLResolver, get_resolver, resolve
from playwright.sync_api import Browser, ConsoleMessage, Page

from jugendhilfe.demo import PEOPLE
from tests.browser.conftest import AXE, Demo, sign_in

# In the order in which they are asked: the role that sees most of a page comes first.
CRAWLERS = ("planung", "leitung", "finanzen", "system", "pruefung", "traeger-a")

# Addresses that are no page to look at, with the reason.
NO_PAGES = {
    "healthz": "plain text for machines",
    "readyz": "JSON for machines",
    "mfa_download_recovery_codes": "a file",
    "regions:source_file": "a file",
    "regions:person_renew": "answers to POST alone",
}
# Pages that no link leads to in the state of the demo; they have tests of their own where they are reached.
UNREACHED = {
    "account_inactive": "only after a closed account tried to sign in",
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
START = ("/", "/anmelden/", "/anmelden/code/", "/passwort/vergessen/")


def url_names(resolver: URLResolver | None = None, namespace: str = "") -> Iterator[str]:
    for entry in (resolver or get_resolver()).url_patterns:
        if isinstance(entry, URLPattern) and entry.name:
            yield f"{namespace}{entry.name}"
        elif isinstance(entry, URLResolver):
            yield from url_names(entry, f"{namespace}{entry.namespace}:" if entry.namespace else namespace)


def name_of(path: str) -> str | None:
    try:
        return resolve(path).view_name
    except Resolver404:
        return None


def links(page: Page) -> list[str]:
    found: list[str] = page.eval_on_selector_all("a[href]", "nodes => nodes.map(node => node.href)")
    return found


def crawl(page: Page, base_url: str, known: set[str]) -> Iterator[tuple[str, str]]:
    """Name and address of each page not yet known, one address for each name; asserts that no link is dead."""
    queue, seen = list(START), set()
    while queue:
        address = queue.pop(0)
        path = urlsplit(address).path
        name = name_of(path)
        assert name is not None, f"a link leads nowhere: {address}"
        if name in seen or name in NO_PAGES or "format=" in address:
            continue
        seen.add(name)
        answer = page.goto(address)
        assert answer is not None
        assert answer.status < 400, f"{answer.status} on {address}"
        if not answer.headers.get("content-type", "").startswith("text/html"):
            continue
        queue += [link for link in links(page) if link.startswith(base_url) and "/abmelden/" not in link]
        if name not in known:
            yield name, address


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
    axe, problems, checked, titles = AXE.read_text(encoding="utf-8"), [], set[str](), dict[str, str]()
    for account in CRAWLERS:
        context = browser.new_context(base_url=demo.base_url, locale="de-DE")
        page = context.new_page()
        console: list[str] = []
        page.on("console", lambda message: console.append(message.text) if is_bad(message) else None)  # noqa: B023
        page.on("pageerror", lambda error: console.append(str(error)))  # noqa: B023
        sign_in(page, account)
        for name, address in crawl(page, demo.base_url, checked):
            checked.add(name)
            page.evaluate(axe)
            problems += [f"{name} {address} ({account}) {finding}" for finding in findings(page)]
            problems += [f"{name} {address}: console: {text}" for text in console]
            console.clear()
            title = page.title()
            problems += [f"{name}: same title as {titles[title]}: {title}"] if title in titles else []
            titles[title] = name
        context.close()
    assert problems == []
    assert set(url_names()) - checked - set(NO_PAGES) - set(UNREACHED) == set()


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
