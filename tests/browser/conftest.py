"""One demo for all browser tests: what a newcomer starts with `make demo`, as its own process on its own database."""

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import pytest
from playwright.sync_api import Browser, BrowserContext, Page, sync_playwright

from jugendhilfe.demo import PASSWORD

ROOT = Path(__file__).resolve().parent.parent.parent
AXE = ROOT / "node_modules" / "axe-core" / "axe.min.js"
CHROMIUM_ARGUMENTS = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Browser tests run in one worker: they share the server."""
    for item in items:
        if "tests/browser/" in str(item.path):
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.xdist_group("browser"))


@dataclass(frozen=True)
class Demo:
    """The running demo; `manage` runs a command on its database."""

    base_url: str
    environment: dict[str, str]

    def manage(self, *arguments: str) -> str:
        return run(self.environment, *arguments)


def run(environment: dict[str, str], *arguments: str) -> str:
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    return done.stdout


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def wait_for_line(stream: IO[str], words: str) -> None:
    """Read until the server says it is there; its output ends when it dies."""
    seen = []
    for line in stream:
        seen.append(line)
        if words in line:
            return
    raise AssertionError("the demo did not start: " + "".join(seen)[-4000:])


@pytest.fixture(scope="session")
def chromium() -> str:
    path = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if path is None:
        pytest.skip("no Chromium is installed")
    return path


@pytest.fixture(scope="session")
def demo(chromium: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Demo]:
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith(("DJANGO_", "DATABASE_", "SRB_"))},
        "DJANGO_DEBUG": "1",
        "SRB_DEMO": "1",
        "SRB_DATA_DIR": str(tmp_path_factory.mktemp("demo")),
        "PYTHONUNBUFFERED": "1",
    }
    run(environment, "migrate", "--verbosity", "0")
    run(environment, "load_demo")
    run(environment, "shell", "-c", "from tests.unfinished import unfinished_work; unfinished_work()")
    port = free_port()
    server = subprocess.Popen(
        [sys.executable, "manage.py", "runserver", "--noreload", f"127.0.0.1:{port}"],
        cwd=ROOT,
        env=environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    assert server.stdout is not None
    wait_for_line(server.stdout, "development server at")
    log = subprocess.Popen([sys.executable, "-c", "import sys; [None for _ in sys.stdin]"], stdin=server.stdout)
    try:
        yield Demo(f"http://127.0.0.1:{port}", environment)
    finally:
        server.terminate()
        server.wait(timeout=30)
        log.wait(timeout=30)


@pytest.fixture(scope="session")
def browser(chromium: str) -> Iterator[Browser]:
    # Playwright keeps an event loop in this thread to the end; Django would refuse all database access of later tests.
    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "true"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=list(CHROMIUM_ARGUMENTS))
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Browser, demo: Demo) -> Iterator[BrowserContext]:
    context = browser.new_context(base_url=demo.base_url, locale="de-DE", timezone_id="Europe/Berlin")
    yield context
    context.close()


@pytest.fixture
def page(context: BrowserContext) -> Page:
    return context.new_page()


def sign_in(page: Page, account: str) -> None:
    """Sign in as a demo person, as a person does it."""
    page.goto("/anmelden/")
    page.get_by_label("E-Mail-Adresse").fill(f"{account}@example.org")
    page.get_by_label("Passwort", exact=False).first.fill(PASSWORD)
    page.get_by_role("button", name="Anmelden").click()
    page.wait_for_url("**/")
