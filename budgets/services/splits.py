"""Keeping what the split of the total rests on: the costs of the offices and the mapping of their blocks."""

from collections.abc import Mapping
from decimal import Decimal

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction

from budgets.models import BlockMapping, FiscalYear, OfficeCosts
from budgets.split import BLOCKS
from jugendhilfe.accounts.models import User
from jugendhilfe.audit.services import record
from jugendhilfe.lib.errors import DomainError, NotAllowed
from regions.access import scope

FIELDS = (*BLOCKS, "fixed")


@transaction.atomic
def save_costs(*, year: FiscalYear, costs: Mapping[int, Mapping[str, Decimal | None]], source: str, actor: User) -> int:
    """The costs of offices (primary keys) by block, with "fixed"; a line without any amount takes them away.

    Only what differs is written, with `source`. Returns for how many offices that was the case.
    """
    if not scope(actor, "edit_budgets").everything:
        raise NotAllowed("Kosten der Sozialraumbüros erfasst das Fachcontrolling.")
    # Against two people who enter the costs of one office at the same moment.
    year = FiscalYear.objects.select_for_update(no_key=True).get(pk=year.pk)
    held = {row.office_id: row for row in year.office_costs.all()}
    before, after = {}, {}
    for office, amounts in sorted(costs.items()):
        row, wanted = held.get(office), _wanted(amounts)
        if wanted == (_stored(row) if row else None):
            continue
        if row:
            before[str(office)] = _as_text(_stored(row))
        if wanted is None:
            assert row is not None
            row.delete()
            continue
        row = row or OfficeCosts(year=year, office_id=office)
        for name, amount in wanted.items():
            setattr(row, name, amount)
        row.source, row.is_example = source, year.is_example
        _must_hold(row)
        row.save()
        after[str(office)] = _as_text(wanted)
    if not before and not after:
        return 0
    record(actor=actor, action="costs.save", obj=year, reason=source, data={"before": before, "after": after})
    return len({*before, *after})


@transaction.atomic
def add_mapping(*, mapping: BlockMapping, actor: User) -> BlockMapping:
    """The next version of the mapping; those before it stay as they are."""
    if not scope(actor, "propose_models").everything:
        raise NotAllowed("Eine Zuordnung der Kostenblöcke legen Jugendhilfeplanung und Fachcontrolling an.")
    latest = BlockMapping.objects.first()
    if latest is not None and all(getattr(latest, block) == getattr(mapping, block) for block in BLOCKS):
        raise DomainError(f"So lautet schon die {latest}. Bitte ändern Sie mindestens einen Anteil.")
    mapping.version = latest.version + 1 if latest else 1
    mapping.created_by = actor
    mapping.clean_fields()
    try:
        with transaction.atomic():
            mapping.save(force_insert=True)
    except IntegrityError:
        raise DomainError("Inzwischen ist eine andere Fassung entstanden. Bitte prüfen Sie sie zuerst.") from None
    data = {"version": mapping.version, **{block: str(getattr(mapping, block)) for block in BLOCKS}}
    record(actor=actor, action="mappings.add", obj=mapping, reason=mapping.reason, data=data)
    return mapping


type _Costs = dict[str, Decimal | None]


def _wanted(amounts: Mapping[str, Decimal | None]) -> _Costs | None:
    """Blocks left open beside others are 0; fixed costs left open stay unknown."""
    given = {name: amounts.get(name) for name in FIELDS}
    if all(amount is None for amount in given.values()):
        return None
    return {name: amount if name == "fixed" else amount or Decimal(0) for name, amount in given.items()}


def _stored(row: OfficeCosts) -> _Costs:
    return {name: getattr(row, name) for name in FIELDS}


def _as_text(costs: _Costs | None) -> dict[str, str]:
    return {name: str(amount) for name, amount in (costs or {}).items() if amount is not None}


def _must_hold(row: OfficeCosts) -> None:
    try:
        row.full_clean()
    except ValidationError as error:
        raise DomainError(" ".join(error.messages)) from error
