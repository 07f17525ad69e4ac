"""Writing, issuing and continuing papers."""

import hashlib
import json
from collections.abc import Iterable

from django.db import transaction

from budgets.models import FiscalYear
from committees.models import Consultation, IssuedPaper, Paper, PaperStatus, Situation
from committees.reports import figures_of, render_report
from jugendhilfe.accounts.models import User
from jugendhilfe.audit.services import record
from jugendhilfe.lib.canonical import digest, to_json
from jugendhilfe.lib.errors import DomainError, NotAllowed
from regions.access import scope


@transaction.atomic
def write_paper(
    *, paper: Paper, consultations: Iterable[Consultation], situations: Iterable[Situation], actor: User
) -> Paper:
    """Save a draft with its parts as they are now; sections of earlier editions stay as they are."""
    _must_edit(actor)
    is_new = paper.pk is None
    if is_new:
        paper.created_by = actor
    else:
        _locked_draft(paper)
    paper.year = _year(paper)
    if paper.transition is not None and paper.transition.year_id != paper.year.pk:
        raise DomainError("Der Übergang gehört zu einem anderen Haushaltsjahr als der Bericht.")
    paper.full_clean()
    paper.save()
    for parts, kept in (
        (consultations, paper.consultations.all()),
        (situations, paper.situations.filter(is_earlier=False)),
    ):
        kept.delete()
        for part in parts:
            part.pk, part.paper = None, paper
            part.full_clean()
            part.save(force_insert=True)
    record(actor=actor, action="papers.draft" if is_new else "papers.edit", obj=paper)
    return paper


@transaction.atomic
def discard_paper(*, paper: Paper, actor: User) -> None:
    """Throw a draft away."""
    _must_edit(actor)
    paper = _locked_draft(paper)
    key = paper.pk
    paper.delete()
    paper.pk = key
    record(actor=actor, action="papers.discard", obj=paper)


@transaction.atomic
def issue_paper(*, paper: Paper, actor: User) -> IssuedPaper:
    """Freeze the figures of a draft, with their fingerprint and the PDF made from them."""
    _must_edit(actor)
    paper = _locked_draft(paper)
    if not paper.number:
        raise DomainError("Zum Herausgeben braucht der Bericht die Nummer aus dem Ratsinformationssystem.")
    if not paper.situations.exists():
        raise DomainError("Zum Herausgeben braucht der Bericht mindestens einen Abschnitt „Sachlage vom …“.")
    figures = figures_of(paper)
    text = to_json(figures)
    fingerprint = digest(text)
    pdf = render_report(paper, figures, fingerprint=fingerprint)
    paper.status = PaperStatus.ISSUED
    paper.save(update_fields=["status"])
    issue = IssuedPaper.objects.create(paper=paper, figures=text, sha256=fingerprint, pdf=pdf, issued_by=actor)
    record(actor=actor, action="papers.issue", obj=paper, data=particulars(issue))
    return issue


def particulars(issue: IssuedPaper) -> dict[str, str]:
    """What the log keeps of an issued paper: its number and the fingerprints of figures, words and PDF."""
    return {
        "number": issue.paper.number,
        "sha256": issue.sha256,
        "words_sha256": digest(_words(issue.paper)),
        "pdf_sha256": hashlib.sha256(bytes(issue.pdf)).hexdigest(),
    }


def _words(paper: Paper) -> str:
    """All that a paper says besides its figures, as JSON."""
    head = ("kind", "number", "edition", "date", "department", "responsible", "subject", "publicity", "products")
    return json.dumps(
        [
            [str(getattr(paper, name)) for name in (*head, "proposal", "rejection")],
            [[step.status, str(step.date), step.body] for step in paper.consultations.all()],
            [[str(section.date), section.text] for section in paper.situations.all()],
        ]
    )


@transaction.atomic
def continue_paper(*, paper: Paper, actor: User) -> Paper:
    """The next edition of an issued paper as a draft: same number, its Sachlage so far stays, a new one is added."""
    _must_edit(actor)
    paper = Paper.objects.select_for_update(of=("self",), no_key=True).get(pk=paper.pk)
    if paper.is_draft:
        raise DomainError("Fortgeschrieben wird ein herausgegebener Bericht.")
    if Paper.objects.filter(continues=paper).exists():
        raise DomainError("Dieser Bericht wird schon fortgeschrieben.")
    parts: list[Consultation | Situation] = [*paper.consultations.all(), *paper.situations.all()]
    following = Paper.objects.get(pk=paper.pk)
    following.pk, following.status, following.created_by = None, PaperStatus.DRAFT, actor
    following.edition, following.continues = paper.edition + 1, paper
    following._state.adding = True
    following.save(force_insert=True)
    for part in parts:
        if isinstance(part, Situation):
            part.is_earlier = True
        part.pk, part.paper = None, following
        part.save(force_insert=True)
    record(actor=actor, action="papers.continue", obj=following, data={"edition": following.edition})
    return following


def _must_edit(actor: User) -> None:
    if not scope(actor, "edit_reports").everything:
        raise NotAllowed("Berichte schreiben Jugendhilfeplanung und Fachdienstleitung.")


def _locked_draft(paper: Paper) -> Paper:
    """Against two people who issue, change or discard one draft at the same moment."""
    locked = Paper.objects.with_basis().select_for_update(of=("self",), no_key=True).get(pk=paper.pk)
    if not locked.is_draft:
        raise DomainError(
            "Dieser Bericht ist herausgegeben und ändert sich nicht mehr. Er kann fortgeschrieben werden."
        )
    return locked


def _year(paper: Paper) -> FiscalYear:
    basis = paper.model or paper.distribution
    if basis is None:
        raise DomainError("Ein Bericht zeigt einen Vorschlag oder eine festgelegte Verteilung. Bitte wählen Sie aus.")
    return basis.year
