"""fingerprint = sha256(frozen figures), computed again for every issued paper; so are those of words and PDF.

Statements of carriers are held against the log, and so is who gave points and rated: what they gave it does not hold.
"""

import io
from collections.abc import Iterator

import pikepdf

from committees.models import (
    AcceptanceRound,
    CarrierStatement,
    IssuedPaper,
    PointSheet,
    Rating,
    RoundStatus,
    SheetStatus,
    StatementStatus,
    WeightRound,
)
from committees.reports import Figures
from committees.services.papers import particulars
from committees.services.statements import particulars as statement_particulars
from jugendhilfe.audit.models import Entry
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


def verify_weight_rounds() -> Iterator[str]:
    """One German sentence for every closed round of points whose sheets or result the log does not know."""
    closings, takings = entries_of("weight_rounds.close"), entries_of("weight_rounds.take_over")
    seats = entries_of("memberships.enter")
    handed_in = set(Entry.objects.filter(action="point_sheets.submit").values_list("object_id", "actor"))
    for round in WeightRound.objects.filter(status=RoundStatus.CLOSED).order_by("pk").iterator(chunk_size=100):
        where = f"Gewichtungsrunde Nr. {round.pk}"
        closing, taking = closings.get(str(round.pk)), takings.get(str(round.pk))
        sheets = PointSheet.objects.filter(round=round, status=SheetStatus.SUBMITTED).select_related("member")
        if closing is None or closing.data["sheets"]["submitted"] != len(sheets):
            yield f"{where}: Das Protokoll kennt das Schließen nicht oder nennt eine andere Zahl von Punktzetteln."
        if round.result_id != (taking.data["scheme"] if taking else None):
            yield f"{where}: Übernommen sind die Gewichte nach dem Protokoll in keine oder eine andere Fassung."
        for sheet in sheets:
            if (str(sheet.pk), sheet.member.person_id) not in handed_in or str(sheet.member_id) not in seats:
                yield f"{where}: Im Protokoll steht nicht, dass ein Mitglied Punktzettel {sheet.pk} abgegeben hat."


def verify_acceptance_rounds() -> Iterator[str]:
    """One German sentence for every closed round of ratings whose ratings or proposals the log does not know."""
    closings, seats = entries_of("acceptance.close"), entries_of("memberships.enter")
    logged = Entry.objects.filter(action="acceptance.rate").values_list("actor", "data")
    rated = {(actor, model) for actor, data in logged for model in data["models"]}
    handed_over = Entry.objects.filter(action="acceptance.hand_over").values_list("data", flat=True)
    proposals = {data["model"]: data["proposal"] for data in handed_over}
    for round in AcceptanceRound.objects.filter(status=RoundStatus.CLOSED).order_by("pk").iterator(chunk_size=100):
        where = f"Bewertungsrunde Nr. {round.pk}"
        closing = closings.get(str(round.pk))
        ratings = Rating.objects.filter(model__round=round).select_related("member")
        if closing is None or closing.data["ratings"] != len(ratings):
            yield f"{where}: Das Protokoll kennt das Schließen nicht oder nennt eine andere Zahl von Bewertungen."
        for rating in ratings:
            if (rating.member.person_id, rating.model_id) not in rated or str(rating.member_id) not in seats:
                yield f"{where}: Im Protokoll steht nicht, dass ein Mitglied Bewertung {rating.pk} abgegeben hat."
        for model in round.models.order_by("pk"):
            if model.proposal_id != proposals.get(model.pk):
                yield f"{where}: Modell {model.pk} ist nach dem Protokoll nicht oder anders vorgelegt."
