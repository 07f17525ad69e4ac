"""fingerprint = sha256(frozen figures), computed again for every issued paper, and looked for in its PDF."""

import io
from collections.abc import Iterator

import pikepdf

from committees.models import IssuedPaper
from committees.reports import Figures
from jugendhilfe.lib.canonical import digest, from_json


def verify_papers() -> Iterator[str]:
    """One German sentence for every issued paper that is not what it was issued as."""
    for issue in IssuedPaper.objects.select_related("paper", "paper__distribution").order_by("pk").iterator(100):
        where = f"{issue.paper} (Nr. {issue.paper_id})"
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
