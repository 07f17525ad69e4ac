"""The German handbook keeps up with roles, addresses inside it and the words of the navigation."""

import html
import re
from pathlib import Path

from jugendhilfe.context import NAVIGATION
from regions.roles import Role

FOLDER = Path(__file__).resolve().parent.parent.parent / "docs" / "handbuch"
PAGES = {page.name: page.read_text(encoding="utf-8") for page in FOLDER.glob("*.md")}
# Roles that share a page, or that have nothing to do yet.
PAGE_OF = {
    Role.PLANNING: "jugendhilfeplanung.md",
    Role.FINANCE: "fachcontrolling.md",
    Role.HEAD: "fachdienstleitung.md",
    Role.COORDINATION: "regionalkoordination.md",
    Role.BOARD_READER: "gremium.md",
    Role.CARRIER_LEAD: "traeger.md",
    Role.CARRIER_STAFF: "traeger.md",
    Role.MUNICIPALITY: "gemeinde.md",
    Role.AUDIT: "rechnungspruefung.md",
    Role.SYSTEM: "systemverwaltung.md",
}


def test_every_role_has_its_page_and_the_index_names_them_all() -> None:
    assert set(Role) - set(PAGE_OF) == {Role.CASE_STEERING}
    linked = set(re.findall(r"\]\((\w+\.md)\)", PAGES["README.md"]))
    assert linked == set(PAGES) - {"README.md"} == {*PAGE_OF.values(), "oeffentlichkeit.md"}


def test_links_of_the_handbook_lead_somewhere() -> None:
    broken = [
        (name, target)
        for name, text in PAGES.items()
        for target in re.findall(r"\]\(([^)#]+)", text)
        if not (FOLDER / target).resolve().is_file()
    ]
    assert broken == []


def test_ways_through_the_navigation_begin_at_one_of_its_items() -> None:
    items = {title for title, *_ in NAVIGATION}
    ways = [way for text in PAGES.values() for way in re.findall(r"\*\*(\w+) →", text)]
    assert ways
    assert [way for way in ways if way.strip() not in items] == []


def test_what_the_handbook_quotes_stands_on_a_page() -> None:
    root = FOLDER.parent.parent
    rooms = ("templates", "jugendhilfe", "committees", "budgets", "indicators", "regions")
    sources = [path for room in rooms for path in (root / room).rglob("*") if path.suffix in {".html", ".py"}]
    pages = "".join(html.unescape(path.read_text(encoding="utf-8")) for path in sources)
    quoted = {word for text in PAGES.values() for word in re.findall("„([^“]+)“", " ".join(text.split()))}
    steps = {
        step.strip()
        for text in PAGES.values()
        for way in re.findall(r"\*\*(\w[^*]* → [^*]+)\*\*", " ".join(text.split()))
        for step in way.split("→")
        if not step.strip().startswith("Ihr")
    }
    assert steps
    assert sorted(word for word in quoted | steps if word not in pages) == []
