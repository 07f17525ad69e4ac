"""`verify_papers` finds what somebody with all rights has changed in an issued report."""

import pytest
from django.db import connection

from committees.models import IssuedPaper, Paper
from committees.services.papers import issue_paper
from committees.verify import verify_papers
from jugendhilfe.lib.canonical import digest
from tests.conftest import Cast


@pytest.fixture
def issue(draft: Paper, cast: Cast) -> IssuedPaper:
    return issue_paper(paper=draft, actor=cast.head)


def tamper(statement: str, *parameters: str | bytes) -> None:
    """As the owner of the tables could: with the trigger switched off."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute("SET session_replication_role = replica")
        cursor.execute(statement, parameters)
        cursor.execute("SET session_replication_role = origin")


def test_an_untouched_report_is_in_order(issue: IssuedPaper) -> None:
    assert list(verify_papers()) == []


def test_changed_figures_are_found(issue: IssuedPaper) -> None:
    changed = issue.figures.replace("227952.18", "327952.18")
    tamper("UPDATE committees_issuedpaper SET figures = %s", changed)

    assert [line for line in verify_papers() if "Prüfsumme" in line]


def test_a_new_fingerprint_does_not_hide_other_inputs(issue: IssuedPaper) -> None:
    assert issue.paper.distribution is not None
    changed = issue.figures.replace(issue.paper.distribution.sha256, "0" * 64)
    tamper("UPDATE committees_issuedpaper SET figures = %s, sha256 = %s", changed, digest(changed))

    assert [line for line in verify_papers() if "anderen Eingaben" in line]
    assert [line for line in verify_papers() if "Im Protokoll steht anderes: Zahlen." in line]


@pytest.mark.parametrize(
    ("statement", "finding"),
    [
        ("UPDATE committees_paper SET subject = subject || '!'", "Text"),
        ("UPDATE committees_paper SET publicity = 'not_public'", "Text"),
        ("UPDATE committees_situation SET text = text || '!'", "Text"),
        ("UPDATE committees_consultation SET date = date + 1", "Text"),
        ("UPDATE committees_issuedpaper SET pdf = pdf || ' '::bytea", "PDF"),
    ],
)
def test_changed_words_and_another_pdf_are_found(issue: IssuedPaper, statement: str, finding: str) -> None:
    tamper(statement)
    (line,) = verify_papers()
    assert line.endswith(f"Im Protokoll steht anderes: {finding}.")


def test_a_report_that_nobody_issued_is_found(issue: IssuedPaper) -> None:
    tamper("DELETE FROM audit_entry WHERE action = 'papers.issue'")
    (line,) = verify_papers()
    assert "Im Protokoll steht nicht" in line


def test_a_broken_pdf_is_found(issue: IssuedPaper) -> None:
    tamper("UPDATE committees_issuedpaper SET pdf = %s", b"nothing")

    assert [line for line in verify_papers() if "lassen sich nicht lesen" in line]
