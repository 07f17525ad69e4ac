"""Keeping carriers and the contracts of the offices."""

import datetime as dt

from django.db import transaction
from django.db.models import Max

from jugendhilfe.accounts.models import User
from jugendhilfe.audit.services import record
from jugendhilfe.lib.errors import DomainError
from jugendhilfe.lib.formats import format_date
from regions.models import Carrier, ContractSupplement, Office, OfficeContract
from regions.services.master_data import keep, must_edit


@transaction.atomic
def keep_carrier(*, carrier: Carrier, actor: User | None, reason: str = "") -> Carrier:
    """Enter a new carrier or the changes of one."""
    must_edit(actor)
    return keep(carrier, "carriers", actor=actor, reason=reason)


@transaction.atomic
def keep_contract(*, contract: OfficeContract, actor: User | None, reason: str = "") -> OfficeContract:
    """Enter a new contract or the changes of one."""
    must_edit(actor)
    office = _locked(contract.office_id)
    if office.valid_to is not None and (contract.valid_to is None or contract.valid_to > office.valid_to):
        raise DomainError(
            f"„{office}“ schließt am {format_date(office.valid_to)}. Bis dahin muss auch der Vertrag enden."
        )
    return keep(contract, "contracts", actor=actor, reason=reason, region=str(office.space.region.number))


@transaction.atomic
def end_contract(*, contract: OfficeContract, last_day: dt.date, actor: User | None, reason: str) -> OfficeContract:
    """Let a contract end on a day, whether by notice or by agreement."""
    must_edit(actor)
    office = _locked(contract.office_id)
    contract = OfficeContract.objects.get(pk=contract.pk)
    if contract.valid_to is not None and contract.valid_to <= last_day:
        raise DomainError(f"Dieser Vertrag endet schon am {format_date(contract.valid_to)}.")
    contract.valid_to = last_day
    region = str(office.space.region.number)
    return keep(contract, "contracts", actor=actor, action="end", reason=reason, region=region)


@transaction.atomic
def add_supplement(
    *, contract: OfficeContract, subject: str, valid_from: dt.date, actor: User | None, reason: str = ""
) -> ContractSupplement:
    """Add the next numbered supplement; one that was agreed stays as it is, a mistake is put right by another one."""
    must_edit(actor)
    # Against two supplements taking the same number.
    contract = OfficeContract.objects.select_for_update(of=("self",)).get(pk=contract.pk)
    if valid_from < contract.valid_from or (contract.valid_to is not None and valid_from > contract.valid_to):
        raise DomainError("Der Nachtrag muss gelten, solange der Vertrag gilt.")
    last: int = contract.supplements.aggregate(last=Max("number"))["last"] or 0
    supplement = ContractSupplement(contract=contract, number=last + 1, subject=subject, valid_from=valid_from)
    supplement.full_clean()
    supplement.save()
    record(
        actor=actor,
        action="contracts.supplement",
        obj=contract,
        reason=reason,
        region=str(contract.office.space.region.number),
        data={"number": supplement.number},
    )
    return supplement


def _locked(office: int) -> Office:
    """Against two contracts entered for one office at the same moment, and against its closing."""
    return Office.objects.select_for_update(of=("self",)).select_related("space__region").get(pk=office)
