"""What carriers say to a transition: a draft, then submitted once."""

from django.db import transaction
from django.utils import timezone

from budgets.models import TransitionPlan, TransitionStatus
from committees.models import CarrierStatement, StatementStatus
from jugendhilfe.accounts.models import User
from jugendhilfe.audit.services import record
from jugendhilfe.lib.canonical import digest
from jugendhilfe.lib.errors import DomainError, NotAllowed
from regions.access import scope
from regions.models import Carrier


@transaction.atomic
def save_statement(*, plan: TransitionPlan, carrier: Carrier, text: str, actor: User) -> CarrierStatement:
    """Keep the draft of a carrier; nobody else reads it."""
    if carrier.pk not in scope(actor, "write_statements").carriers:
        raise NotAllowed("Stellungnahmen schreiben die Menschen dieses Trägers.")
    statement = _open(plan, carrier) or CarrierStatement(plan=plan, carrier=carrier)
    statement.text, statement.written_by = text, actor
    statement.full_clean()
    statement.save()
    record(actor=actor, action="statements.save", obj=statement, data={"plan": plan.pk})
    return statement


@transaction.atomic
def submit_statement(
    *, plan: TransitionPlan, carrier: Carrier, actor: User, seen: str | None = None
) -> CarrierStatement:
    """Hand the draft in: from now on the county reads it, and it stays as it is. `seen`: SHA-256 of the text read."""
    if carrier.pk not in scope(actor, "submit_statements").carriers:
        raise NotAllowed("Eine Stellungnahme gibt die Leitung des Trägers ab.")
    statement = _open(plan, carrier)
    if statement is None:
        raise DomainError("Es gibt noch keinen Entwurf. Bitte schreiben Sie zuerst die Stellungnahme.")
    if seen is not None and seen != digest(statement.text):
        raise DomainError("Der Entwurf wurde inzwischen geändert. Bitte lesen Sie ihn noch einmal.")
    statement.status, statement.submitted_at = StatementStatus.SUBMITTED, timezone.now()
    statement.save(update_fields=["status", "submitted_at", "changed_at"])
    record(actor=actor, action="statements.submit", obj=statement, data=particulars(statement))
    return statement


def particulars(statement: CarrierStatement) -> dict[str, object]:
    """What the log keeps of a submitted statement; `verify` holds it against the row."""
    return {"plan": statement.plan_id, "carrier": statement.carrier_id, "sha256": digest(statement.text)}


def may_be_written(plan: TransitionPlan) -> bool:
    """Carriers say something to a proposal that they were shown."""
    return plan.status == TransitionStatus.PROPOSED and plan.shown_to_carriers_at is not None


def _open(plan: TransitionPlan, carrier: Carrier) -> CarrierStatement | None:
    """The draft, if there is one; the plan is locked, so that two people of a carrier do not begin two."""
    plan = TransitionPlan.objects.select_for_update(no_key=True).get(pk=plan.pk)
    if not may_be_written(plan):
        raise DomainError("Zu diesem Übergang ist keine Stellungnahme möglich.")
    statement = CarrierStatement.objects.select_for_update(of=("self",)).filter(plan=plan, carrier=carrier).first()
    if statement is not None and not statement.is_draft:
        raise DomainError("Ihre Stellungnahme ist abgegeben und ändert sich nicht mehr.")
    return statement
