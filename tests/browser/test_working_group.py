"""A working group without a mouse: a member gives points, rates and reads why; the chair goes on from there."""

import re
from typing import Literal

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.browser.conftest import Demo, sign_in

ROUND, RATING = "Runde ohne Maus", "Bewertung ohne Maus"
ROUNDS = f"""
from committees.models import Averaging, Committee, SavedScenario, WeightRound
from committees.services.acceptance import Candidate, open_acceptance_round
from committees.services.rounds import open_round
from indicators.models import SchemeStatus, WeightingScheme
from jugendhilfe.accounts.models import User

chair = User.objects.get(email="vorsitz@example.org")
group = Committee.objects.get(negotiates=True)
scheme = WeightingScheme.objects.get(status=SchemeStatus.ADOPTED)
open_round(
    round=WeightRound(committee=group, scheme=scheme, title="{ROUND}", averaging=Averaging.MEAN), actor=chair
)
by_need = SavedScenario.objects.get(name="Nach Belastung, Verlust höchstens 10 %")
with_base = SavedScenario.objects.get(name="Sockel für feste Kosten")
open_acceptance_round(
    committee=group,
    title="{RATING}",
    closes_on=None,
    candidates=[Candidate(by_need, 1, "Nach Bedarf ohne Maus"), Candidate(with_base, 1, "Mit Sockel ohne Maus")],
    actor=chair,
)
"""
POINTS_OF_THE_CHAIR = f"""
from decimal import Decimal

from committees.models import AcceptanceRound, WeightRound
from committees.services.acceptance import Score, rate
from committees.services.rounds import save_points
from jugendhilfe.accounts.models import User

chair = User.objects.get(email="vorsitz@example.org")
round = WeightRound.objects.get(title="{ROUND}")
points = dict(zip(round.indicators.values_list("pk", flat=True), map(Decimal, (40, 40, 20)), strict=True))
save_points(round=round, points=points, comment="", actor=chair, hand_in=True)
round = AcceptanceRound.objects.get(title="{RATING}")
rate(round=round, scores={{model.pk: Score(0) for model in round.models.all()}}, actor=chair)
"""
STEPS = 200


@pytest.fixture(scope="module")
def rounds(demo: Demo) -> None:
    """Rounds of their own, so that those of the demo stay open for the other tests."""
    demo.manage("shell", "--verbosity", "0", "-c", ROUNDS)


def reach(page: Page, target: Locator) -> None:
    """Press Tab until the target has the focus, as somebody without a mouse does."""
    expect(target).to_be_visible()
    for _ in range(STEPS):
        if target.evaluate("element => element === document.activeElement"):
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"not reached by the Tab key: {target}")


def press(page: Page, role: Literal["link", "button"], words: str) -> None:
    """Go to the first link or button of the page with these words, and press Enter."""
    reach(page, page.get_by_role(role, name=words).first)
    page.keyboard.press("Enter")


def write(page: Page, field: Locator, text: str) -> None:
    reach(page, field)
    page.keyboard.press("Control+A")
    page.keyboard.type(text)


def to_the_group(page: Page) -> None:
    press(page, "link", "Gremien")
    press(page, "link", "Unterarbeitsgruppe Finanzen/Verträge")


def test_a_member_gives_points_rates_and_reads_why_its_space_loses(rounds: None, page: Page) -> None:
    sign_in(page, "traeger-a")
    press(page, "link", f"Punkte vergeben: {ROUND}")
    fields = page.locator('input[name^="punkte-"]')
    expect(fields).to_have_count(3)
    for field, points in zip(fields.all(), ("60", "30", "9"), strict=True):
        write(page, field, points)
    expect(page.locator("#stand")).to_contain_text("Noch 1 Punkt zu vergeben.")
    press(page, "button", "Abgeben")
    expect(page.locator("main")).to_contain_text("100")
    write(page, fields.nth(2), "10")
    press(page, "button", "Abgeben")
    expect(page.get_by_text("abgegeben", exact=False).first).to_be_visible()

    press(page, "link", "Unterarbeitsgruppe Finanzen/Verträge")
    press(page, "link", f"Modelle bewerten: {RATING}")
    expect(page.locator("main")).to_contain_text("Bleckede")
    groups = page.get_by_role("radiogroup").or_(page.locator("fieldset:has(input[type=radio])"))
    for place, reason in ((0, "Bleckede verliert, obwohl der Bedarf hoch ist."), (1, "Tragbar.")):
        radios = groups.nth(place).locator("input[type=radio]")
        reach(page, radios.first)
        page.keyboard.press("Space")
        for _ in range(7):
            page.keyboard.press("ArrowRight")
        expect(radios.nth(7)).to_be_checked()
        write(page, page.locator("textarea").nth(place), reason)
    press(page, "button", "Alle Bewertungen speichern")
    expect(page.locator("main")).to_contain_text("gespeichert")

    press(page, "link", "Was alle Sozialräume bekommen")
    less = re.compile(r"Bleckede bekommt [\d.,]+\s€, das sind [\d.,]+\s€ weniger als bisher")
    expect(page.locator("main")).to_contain_text(less)
    expect(page.locator("main")).to_contain_text("Arbeitslose je 1.000")


def test_the_chair_closes_takes_over_and_hands_over(rounds: None, demo: Demo, page: Page) -> None:
    demo.manage("shell", "--verbosity", "0", "-c", POINTS_OF_THE_CHAIR)
    sign_in(page, "vorsitz")
    to_the_group(page)
    press(page, "link", ROUND)
    press(page, "link", "Runde schließen")
    press(page, "button", "Runde schließen")
    press(page, "link", "In eine neue Fassung übernehmen")
    press(page, "button", "Als neue Fassung übernehmen")
    expect(page.locator("main")).to_contain_text(re.compile(r"Belastung 2025, Fassung \d"))

    press(page, "link", "Unterarbeitsgruppe Finanzen/Verträge")
    press(page, "link", RATING)
    press(page, "link", "Runde schließen")
    press(page, "button", "Runde schließen")
    expect(page.get_by_role("heading", name="Widerstand im Gremium")).to_be_visible()
    press(page, "link", "Zur Abstimmung vorlegen")
    expect(page.locator("main")).to_contain_text("zwei Drittel")
    write(page, page.get_by_label(re.compile("Begründung")), "Der geringste Widerstand in der Gruppe.")
    press(page, "button", "Zur Abstimmung vorlegen")
    expect(page.locator("main")).to_contain_text("vorgeschlagen")
