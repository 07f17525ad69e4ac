"""fingerprint = sha256(frozen figures), computed again for every issued paper; so are those of words and PDF.

Statements of carriers are held against the log."""

import io
from collections.abc import Iterator

import pikepdf

from committees.models import CarrierStatement, IssuedPaper, StatementStatus
from committees.reports import Figures
from committees.services.papers import particulars
from committees.services.statements import particulars as statement_particulars
from jugendhilfe.audit.verify import entries_of
from jugendhilfe.lib.canonical import digest, from_json

PARTICULARS = {"number": "Nummer", "sha256": "Zahlen", "words_sha256": "Text", "pdf_sha256": "PDF"}


def verify_papers() -> Iterator[str]:
    """One German sentence for every issued paper that is not what it was issued as."""
    log = entries_of("papers.issue")
    for issue in IssuedPaper.objects.select_related("paper", "paper__distribution").order_by("pk").iterator(100):
        where = f"{issue.paper} (Nr. {issue.paper_id})"
        entry, now = log.get(str(issue.paper_id)), particulars(issue)
        if entry is None:
            yield f"{where}: Im Protokoll steht nicht, dass er herausgegeben wurde."
        elif other := [PARTICULARS[name] for name, value in entry.data.items() if now.get(name) != value]:
            yield f"{where}: Im Protokoll steht anderes: {', '.join(other)}."
        if digest(issue.figures) != issue.sha256:
            yield f"{where}: Die Zahlen passen nicht zu ihrer Prüfsumme."
        try:
            figures = from_json(Figures, issue.figures)
            with pikepdf.open(io.BytesIO(bytes(issue.pdf))) as pdf:
                attached = sorted(pdf.attachments)
        except (pikepdf.PdfError, ValueError, TypeError, KeyError) as error:
            yield f"{where}: Zahlen oder PDF lassen sich nicht lesen ({type(error).__name__})."
            continue
        if not attached:
            yield f"{where}: Im PDF fehlt der Rechenweg."
        adopted = issue.paper.distribution
        if adopted is not None and figures.inputs_sha256 != adopted.sha256:
            yield f"{where}: Der Bericht beruht auf anderen Eingaben als die festgelegte Verteilung."


def verify_statements() -> Iterator[str]:
    """One German sentence for every submitted statement that is not what its carrier handed in."""
    log = entries_of("statements.submit")
    statements = CarrierStatement.objects.filter(status=StatementStatus.SUBMITTED).order_by("pk")
    for statement in statements.iterator(chunk_size=100):
        where = f"Stellungnahme Nr. {statement.pk}"
        entry = log.get(str(statement.pk))
        if entry is None:
            yield f"{where}: Im Protokoll steht nicht, dass sie abgegeben wurde."
        elif entry.data != statement_particulars(statement):
            yield f"{where}: Im Protokoll steht ein anderer Text."
