"""What was not tested here, told at the end of every run; on CI nothing may be missing."""

import os
from collections import Counter

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    reasons = Counter(
        str(report.longrepr[2] if isinstance(report.longrepr, tuple) else report.longrepr).removeprefix("Skipped: ")
        for report in terminalreporter.stats.get("skipped", [])
    )
    if not reasons:
        return
    terminalreporter.section(f"{reasons.total()} tests skipped")
    for reason, number in reasons.most_common():
        terminalreporter.line(f"{number:5} × {reason}")
    if _on_ci():
        terminalreporter.line("CI allows no skipped test.", red=True)


def pytest_sessionfinish(session: pytest.Session) -> None:
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if _on_ci() and reporter and reporter.stats.get("skipped") and session.exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def _on_ci() -> bool:
    return os.environ.get("CI") == "true"
