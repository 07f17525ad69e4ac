"""Papers: who writes and reads them, what issuing freezes, how an edition continues another."""

import datetime as dt
import hashlib
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from budgets.models import AdoptedDistribution, DistributionModel
from committees.models import IssuedPaper, Paper, PaperStatus, Situation
from committees.services.papers import continue_paper, discard_paper, issue_paper, write_paper
from jugendhilfe.audit.models import Entry
from jugendhilfe.lib.errors import DomainError, NotAllowed
from tests.conftest import Cast

LIST = "/berichte/"
INSERT_CONSULTATION = """
    INSERT INTO committees_consultation (paper_id, date, body, status) SELECT id, date, '', '' FROM committees_paper
"""


def entered(distribution: AdoptedDistribution, **changes: str) -> dict[str, str]:
    """A filled form with one consultation and one section."""
    return {
        "basis": f"verteilung-{distribution.pk}",
        "subject": "Verteilung 2026",
        "number": "2026/007",
        "date": "2026-01-15",
        "department": "Jugendhilfe und Sport",
        "responsible": "Jugendhilfeplanung",
        "publicity": "public",
        "products": "363-200",
        "proposal": "1. Die Quote gilt.",
        "rejection": "",
        "beratung-TOTAL_FORMS": "2",
        "beratung-INITIAL_FORMS": "0",
        "beratung-0-date": "28.01.2026",
        "beratung-0-body": "Jugendhilfeausschuss",
        "beratung-0-status": "Ö",
        "beratung-1-status": "Ö",
        "sachlage-TOTAL_FORMS": "1",
        "sachlage-INITIAL_FORMS": "0",
        "sachlage-0-date": "15.01.2026",
        "sachlage-0-text": "Die Indikatoren sind vereinbart.",
        **changes,
    }


def commit() -> None:
    """Ask now what the database would ask at COMMIT."""
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


# Writing


def test_planning_writes_a_draft_with_its_parts(client: Client, cast: Cast, distribution: AdoptedDistribution) -> None:
    client.force_login(cast.planning)

    answer = client.post("/berichte/neu/", entered(distribution))

    paper = Paper.objects.get()
    assert answer["Location"] == paper.get_absolute_url()
    assert (paper.status, paper.year.year, paper.created_by) == (PaperStatus.DRAFT, 2026, cast.planning)
    assert [(step.date, step.body) for step in paper.consultations.all()] == [
        (dt.date(2026, 1, 28), "Jugendhilfeausschuss")
    ]
    assert [section.text for section in paper.situations.all()] == ["Die Indikatoren sind vereinbart."]
    assert Entry.objects.for_object(paper).get().action == "papers.draft"


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("number", "12/2026", "zum Beispiel 2024/012"),
        ("basis", "verteilung-999999", "gültige Auswahl"),
        ("subject", "", "#id_subject"),
        ("products", "", "#id_products_0"),
        ("sachlage-0-text", "", "#id_sachlage-0-text"),
        ("beratung-0-date", "morgen", "Datum: Bitte ein Datum eingeben"),
    ],
)
def test_a_wrong_entry_is_named_in_german_and_nothing_is_saved(
    client: Client, cast: Cast, distribution: AdoptedDistribution, field: str, value: str, message: str
) -> None:
    client.force_login(cast.planning)

    answer = client.post("/berichte/neu/", entered(distribution, **{field: value}))

    assert answer.status_code == 200
    assert message in answer.text
    assert not Paper.objects.exists()


def test_a_number_belongs_to_one_paper(
    client: Client, cast: Cast, draft: Paper, distribution: AdoptedDistribution
) -> None:
    client.force_login(cast.planning)

    answer = client.post("/berichte/neu/", entered(distribution, number=draft.number))

    assert "hat schon ein anderer Bericht" in answer.text
    assert Paper.objects.count() == 1


def test_editing_replaces_the_parts(
    client: Client, cast: Cast, draft: Paper, distribution: AdoptedDistribution
) -> None:
    client.force_login(cast.planning)

    client.post(f"/berichte/{draft.pk}/bearbeiten/", entered(distribution, **{"sachlage-0-text": "Neuer Stand."}))

    assert [section.text for section in draft.situations.all()] == ["Neuer Stand."]
    assert draft.consultations.count() == 1


def test_the_form_shows_what_is_stored(client: Client, cast: Cast, draft: Paper) -> None:
    client.force_login(cast.planning)

    text = client.get(f"/berichte/{draft.pk}/bearbeiten/").text

    assert "Die Indikatoren sind vereinbart." in text
    assert 'value="2026-01-28"' in text
    assert f'value="verteilung-{draft.distribution_id}" selected' in text


@pytest.mark.parametrize(
    "name", ["finance", "coordination", "board_reader", "carrier_lead", "audit", "system", "nobody"]
)
def test_others_neither_write_nor_issue(client: Client, cast: Cast, draft: Paper, name: str) -> None:
    client.force_login(getattr(cast, name))

    for page in ("neu/", f"{draft.pk}/bearbeiten/", f"{draft.pk}/herausgeben/", f"{draft.pk}/verwerfen/"):
        assert client.post(LIST + page).status_code == 403, page
    draft.refresh_from_db()
    assert draft.is_draft


def test_the_services_ask_for_the_permission_themselves(cast: Cast, draft: Paper) -> None:
    for act in (issue_paper, discard_paper):
        with pytest.raises(NotAllowed):
            act(paper=draft, actor=cast.finance)
    with pytest.raises(NotAllowed):
        write_paper(paper=draft, consultations=(), situations=(), actor=cast.finance)


# Reading


def test_drafts_are_for_those_who_see_the_countys_drafts(client: Client, cast: Cast, draft: Paper) -> None:
    codes = {}
    for name in ("planning", "finance", "head", "audit", "coordination", "board_reader", "carrier_lead", "municipality",
                 "case_steering", "system", "nobody"):  # fmt: skip
        client.force_login(getattr(cast, name))
        codes[name] = {client.get(f"/berichte/{draft.pk}/{page}").status_code for page in ("", "pdf/", "excel/")}
    client.logout()
    codes["visitor"] = {client.get(f"/berichte/{draft.pk}/{page}").status_code for page in ("", "pdf/", "excel/")}

    assert {name for name, found in codes.items() if found == {200}} == {"planning", "finance", "head", "audit"}
    assert all(found == {404} for name, found in codes.items() if name not in {"planning", "finance", "head", "audit"})


def test_an_issued_public_report_is_for_everybody(client: Client, cast: Cast, draft: Paper) -> None:
    issue = issue_paper(paper=draft, actor=cast.head)

    assert "Kurzfassung" in client.get(f"/berichte/{draft.pk}/").text
    pdf = client.get(f"/berichte/{draft.pk}/pdf/")
    assert pdf.content == bytes(issue.pdf)
    assert pdf["Content-Disposition"] == 'attachment; filename="bericht-2026-001.pdf"'
    assert client.get(f"/berichte/{draft.pk}/excel/").content.startswith(b"PK")
    assert draft.subject in client.get(LIST).text


@pytest.mark.parametrize(
    ("name", "code"),
    [("", 404), ("nobody", 404), ("carrier_lead", 404), ("board_reader", 200), ("municipality", 200), ("finance", 200)],
)
def test_a_report_that_is_not_public_is_for_administration_and_committees(
    client: Client, cast: Cast, distribution: AdoptedDistribution, write: Callable[..., Paper], name: str, code: int
) -> None:
    paper = write(distribution=distribution, publicity="not_public")
    issue_paper(paper=paper, actor=cast.head)
    if name:
        client.force_login(getattr(cast, name))

    assert client.get(f"/berichte/{paper.pk}/").status_code == code
    assert (paper.subject in client.get(LIST).text) is (code == 200)


def test_the_list_asks_the_same_number_of_queries_for_1_and_20_papers(
    client: Client, cast: Cast, draft: Paper, write: Callable[..., Paper]
) -> None:
    client.force_login(cast.planning)
    client.get(LIST)
    with CaptureQueriesContext(connection) as of_one:
        client.get(LIST)
    for number in range(100, 119):
        write(distribution=draft.distribution, number=f"2026/{number}")
    with CaptureQueriesContext(connection) as of_twenty:
        client.get(LIST)

    assert len(of_one) == len(of_twenty) <= 8


def test_a_proposal_that_cannot_be_computed_says_why_instead_of_failing(
    client: Client, cast: Cast, proposal: DistributionModel, write: Callable[..., Paper]
) -> None:
    paper = write(model=proposal)
    proposal.year.total_family = proposal.year.total_family * 0
    proposal.year.deductions.all().delete()
    proposal.year.save()
    client.force_login(cast.planning)

    answer = client.get(f"/berichte/{paper.pk}/")

    assert answer.status_code == 200
    assert "lässt sich noch nicht berechnen" in answer.text


# Issuing


def test_issuing_freezes_figures_and_pdf(client: Client, cast: Cast, draft: Paper) -> None:
    client.force_login(cast.head)

    client.post(f"/berichte/{draft.pk}/herausgeben/")

    issue = IssuedPaper.objects.get(paper=draft)
    draft.refresh_from_db()
    assert draft.status == PaperStatus.ISSUED
    assert issue.issued_by == cast.head
    assert bytes(issue.pdf).startswith(b"%PDF")
    entry = Entry.objects.for_object(draft).get(action="papers.issue")
    assert (entry.data["number"], entry.data["sha256"]) == ("2026/001", issue.sha256)
    assert entry.data["pdf_sha256"] == hashlib.sha256(bytes(issue.pdf)).hexdigest()


def test_the_figures_behind_the_fingerprint_can_be_had(client: Client, cast: Cast, draft: Paper) -> None:
    url = f"/berichte/{draft.pk}/zahlen.json"
    client.force_login(cast.head)
    assert client.get(url).status_code == 404
    issue = issue_paper(paper=draft, actor=cast.head)
    client.logout()
    assert url in client.get(f"/berichte/{draft.pk}/").text
    assert hashlib.sha256(client.get(url).content).hexdigest() == issue.sha256


def test_a_report_without_number_or_sachlage_is_not_issued(
    cast: Cast, distribution: AdoptedDistribution, write: Callable[..., Paper]
) -> None:
    without_number = write(distribution=distribution, number="")
    without_text = write(distribution=distribution)
    without_text.situations.all().delete()

    with pytest.raises(DomainError, match="Nummer"):
        issue_paper(paper=without_number, actor=cast.head)
    with pytest.raises(DomainError, match="Sachlage"):
        issue_paper(paper=without_text, actor=cast.head)
    assert not IssuedPaper.objects.exists()


def test_an_issued_report_is_not_issued_edited_or_discarded_again(cast: Cast, draft: Paper) -> None:
    issue_paper(paper=draft, actor=cast.head)

    with pytest.raises(DomainError, match="ändert sich nicht mehr"):
        issue_paper(paper=draft, actor=cast.planning)
    with pytest.raises(DomainError, match="ändert sich nicht mehr"):
        discard_paper(paper=draft, actor=cast.planning)
    with pytest.raises(DomainError, match="ändert sich nicht mehr"):
        write_paper(paper=draft, consultations=(), situations=(), actor=cast.planning)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE committees_paper SET subject = 'anders'",
        "UPDATE committees_paper SET status = 'draft'",
        "DELETE FROM committees_paper",
        "TRUNCATE committees_paper CASCADE",
        "UPDATE committees_consultation SET body = 'anders'",
        "DELETE FROM committees_situation",
        "UPDATE committees_situation SET text = 'anders'",
        INSERT_CONSULTATION,
        "TRUNCATE committees_situation",
        "UPDATE committees_issuedpaper SET figures = '{}'",
        "DELETE FROM committees_issuedpaper",
        "TRUNCATE committees_issuedpaper",
    ],
)
def test_the_database_keeps_an_issued_report_as_it_is(cast: Cast, draft: Paper, statement: str) -> None:
    issue_paper(paper=draft, actor=cast.head)
    # What waits for COMMIT would refuse a TRUNCATE for reasons of its own.
    commit()

    with pytest.raises(DatabaseError, match="is refused"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(statement)


def test_no_report_is_issued_without_its_figures(draft: Paper) -> None:
    def issue() -> None:
        Paper.objects.filter(pk=draft.pk).update(status=PaperStatus.ISSUED)
        commit()

    with pytest.raises(IntegrityError, match="frozen figures"), transaction.atomic():
        issue()


def test_a_draft_has_no_frozen_figures(draft: Paper) -> None:
    def freeze() -> None:
        IssuedPaper.objects.create(paper=draft, figures="{}", sha256="0" * 64, pdf=b"")
        commit()

    with pytest.raises(IntegrityError, match="frozen figures"), transaction.atomic():
        freeze()


# Continuing


def test_an_edition_keeps_the_sachlage_so_far_and_adds_to_it(
    client: Client, cast: Cast, draft: Paper, distribution: AdoptedDistribution
) -> None:
    issue_paper(paper=draft, actor=cast.head)
    following = continue_paper(paper=draft, actor=cast.planning)
    client.force_login(cast.planning)

    changed = entered(distribution, **{"sachlage-0-date": "2026-06-01", "sachlage-0-text": "Neuer Stand."})
    client.post(f"/berichte/{following.pk}/bearbeiten/", changed)
    following.refresh_from_db()
    issue_paper(paper=following, actor=cast.head)

    assert (following.number, following.edition) == (draft.number, 2)
    sections = [(section.text, section.is_earlier) for section in following.situations.all()]
    assert sections == [("Die Indikatoren sind vereinbart.", True), ("Neuer Stand.", False)]
    assert Situation.objects.filter(paper=draft).count() == 1
    assert list(Paper.objects.latest_editions()) == [following]


def test_only_an_issued_report_goes_on_and_only_once(cast: Cast, draft: Paper) -> None:
    with pytest.raises(DomainError, match="herausgegebener Bericht"):
        continue_paper(paper=draft, actor=cast.planning)
    issue_paper(paper=draft, actor=cast.head)
    continue_paper(paper=draft, actor=cast.planning)

    with pytest.raises(DomainError, match="schon fortgeschrieben"):
        continue_paper(paper=draft, actor=cast.planning)


def test_a_discarded_draft_leaves_its_trace(client: Client, cast: Cast, draft: Paper) -> None:
    client.force_login(cast.planning)

    client.post(f"/berichte/{draft.pk}/verwerfen/")

    assert not Paper.objects.exists()
    assert Entry.objects.filter(action="papers.discard", object_id=str(draft.pk)).exists()


def test_the_list_is_filtered_and_exported_alike(
    client: Client, cast: Cast, draft: Paper, write: Callable[..., Paper]
) -> None:
    other = write(distribution=draft.distribution, number="2026/002", subject="Zweiter Bericht")
    issue_paper(paper=other, actor=cast.head)
    client.force_login(cast.planning)

    csv = client.get(LIST, {"stand": "issued", "format": "csv"}).content.decode("utf-8-sig")

    assert "Zweiter Bericht" in csv
    assert draft.subject not in csv
    assert reverse("committees:paper_detail", args=[draft.pk]) not in client.get(LIST, {"stand": "issued"}).text


def test_text_of_a_paper_is_never_markup(
    client: Client, cast: Cast, distribution: AdoptedDistribution, write: Callable[..., Paper]
) -> None:
    paper: Any = write(distribution=distribution, proposal="1. <script>alert(1)</script>", subject="<b>fett</b>")
    client.force_login(cast.planning)

    text = client.get(f"/berichte/{paper.pk}/").text

    assert "<script>alert" not in text
    assert "<b>fett" not in text
