"""Opening fiscal years and keeping what they hold: totals, status, deductions, the amounts of the social spaces.

Each service locks the row of its year first, as the adoption of a distribution does: what a distribution rests on
cannot change while it is being adopted, nor afterwards.
"""

from collections.abc import Mapping
from decimal import Decimal

from django.db import IntegrityError, transaction
from django.db.models import Sum

from budgets.models import Deduction, FiscalYear, Product, SpaceAmount, YearStatus
from jugendhilfe.accounts.models import User
from jugendhilfe.audit.services import keep_file, record
from jugendhilfe.lib.errors import DomainError, NotAllowed
from jugendhilfe.lib.formats import format_euro
from jugendhilfe.lib.uploads import Draft
from regions.access import scope

# From which status a year goes where. Back to draft only puts a slip right: a distribution may not stand by then.
STATUS_CHANGES: Mapping[str, tuple[YearStatus, ...]] = {
    YearStatus.DRAFT: (YearStatus.ADOPTED, YearStatus.PROVISIONAL),
    YearStatus.PROVISIONAL: (YearStatus.ADOPTED, YearStatus.IN_FORCE, YearStatus.DRAFT),
    YearStatus.ADOPTED: (YearStatus.IN_FORCE, YearStatus.PROVISIONAL, YearStatus.DRAFT),
    YearStatus.IN_FORCE: (YearStatus.BLOCKED, YearStatus.SUPPLEMENTARY),
    YearStatus.BLOCKED: (YearStatus.IN_FORCE, YearStatus.SUPPLEMENTARY),
    YearStatus.SUPPLEMENTARY: (YearStatus.IN_FORCE, YearStatus.BLOCKED),
}


@transaction.atomic
def open_year(*, year: int, copy_of: FiscalYear | None, actor: User, is_example: bool = False) -> FiscalYear:
    """A new year in draft, with the totals and deductions of another one where wanted."""
    _must_edit(actor)
    try:
        with transaction.atomic():
            opened = FiscalYear.objects.create(year=year, is_example=is_example)
    except IntegrityError:
        raise DomainError(f"Das Haushaltsjahr {year} gibt es schon.") from None
    if copy_of is not None:
        opened.total_family, opened.total_help = copy_of.total_family, copy_of.total_help
        opened.is_example = copy_of.is_example
        opened.save(update_fields=["total_family", "total_help", "is_example"])
        for deduction in copy_of.deductions.all():
            deduction.pk, deduction.year = None, opened
            deduction.save(force_insert=True)
    record(
        actor=actor,
        action="years.open",
        obj=opened,
        data={"copy_of": copy_of.year if copy_of else None, **_totals(opened)},
    )
    return opened


@transaction.atomic
def change_totals(
    *, year: FiscalYear, total_family: Decimal, total_help: Decimal, note: str, reason: str, actor: User
) -> FiscalYear:
    """New totals per product; an adopted distribution keeps its amounts, the page shows the difference."""
    _must_edit(actor)
    year = _locked(year)
    if year.status != YearStatus.DRAFT and not reason:
        raise DomainError("Dieses Haushaltsjahr ist kein Entwurf mehr. Bitte begründen Sie die Änderung.")
    before = _totals(year)
    year.total_family, year.total_help, year.note = total_family, total_help, note
    _must_cover_deductions(year)
    year.save(update_fields=["total_family", "total_help", "note"])
    record(
        actor=actor,
        action="years.change_totals",
        obj=year,
        reason=reason,
        data={"before": before, "after": _totals(year)},
    )
    return year


@transaction.atomic
def change_status(*, year: FiscalYear, status: str, reason: str, actor: User) -> FiscalYear:
    """The next status of the year, by STATUS_CHANGES."""
    _must_edit(actor)
    year = _locked(year)
    if status not in STATUS_CHANGES[year.status]:
        raise DomainError(
            f"Aus „{year.get_status_display()}“ wird nicht „{YearStatus(status).label}“. Bitte laden Sie die Seite neu."
        )
    if status == YearStatus.DRAFT:
        _must_not_be_distributed(year, "Es kann nicht wieder Entwurf werden.")
    before, year.status = year.status, status
    year.save(update_fields=["status"])
    record(actor=actor, action="years.change_status", obj=year, reason=reason, data={"before": before, "after": status})
    return year


@transaction.atomic
def add_deduction(*, deduction: Deduction, actor: User) -> Deduction:
    """Take a named amount out of what is distributed."""
    _must_edit(actor)
    deduction.year = _locked(deduction.year)
    _must_not_be_distributed(deduction.year, "Ihre Abzüge stehen fest.")
    deduction.is_example = deduction.year.is_example
    deduction.save(force_insert=True)
    _must_cover_deductions(deduction.year)
    record(actor=actor, action="deductions.add", obj=deduction, reason=deduction.reason, data=_deducted(deduction))
    return deduction


@transaction.atomic
def change_deduction(*, deduction: Deduction, actor: User) -> Deduction:
    """Save the new name, amount or reason of a deduction."""
    _must_edit(actor)
    year = _locked(deduction.year)
    _must_not_be_distributed(year, "Ihre Abzüge stehen fest.")
    before = Deduction.objects.get(pk=deduction.pk, year=year)
    deduction.save(force_update=True)
    _must_cover_deductions(year)
    record(
        actor=actor,
        action="deductions.change",
        obj=deduction,
        reason=deduction.reason,
        data={"before": _deducted(before), "after": _deducted(deduction)},
    )
    return deduction


@transaction.atomic
def remove_deduction(*, deduction: Deduction, reason: str, actor: User) -> None:
    """No distribution rests on it yet; what it was stays in the log."""
    _must_edit(actor)
    year = _locked(deduction.year)
    _must_not_be_distributed(year, "Ihre Abzüge stehen fest.")
    deduction = Deduction.objects.get(pk=deduction.pk, year=year)
    data, key = _deducted(deduction), deduction.pk
    deduction.delete()
    deduction.pk = key
    record(actor=actor, action="deductions.remove", obj=deduction, reason=reason, data=data)


@transaction.atomic
def save_amounts(
    *, year: FiscalYear, amounts: Mapping[int, Decimal | None], actor: User, draft: Draft | None = None
) -> int:
    """What the spaces (primary keys) had in this year; None takes an amount away. Returns how many have changed.

    `draft` is the file the amounts come from: its bytes are kept, and every changed amount points at them.
    """
    _must_edit(actor)
    year = _locked(year)
    _must_not_be_distributed(year, "Ihre Beträge kommen aus dieser Verteilung.")
    held = {amount.space_id: amount for amount in year.amounts.all()}
    changed = {
        space: amount
        for space, amount in sorted(amounts.items())
        if amount != (held[space].amount if space in held else None)
    }
    if not changed:
        return 0
    before = {str(space): str(held[space].amount) for space in changed if space in held}
    file = keep_file(name=draft.name, content=draft.content, actor=actor) if draft else None
    for space, amount in changed.items():
        row = held.get(space) or SpaceAmount(year=year, space_id=space)
        if amount is None:
            row.delete()
            continue
        row.amount, row.file, row.is_example = amount, file, year.is_example
        row.save()
    after = {str(space): str(amount) for space, amount in changed.items() if amount is not None}
    data = {"file": file.sha256 if file else "", "before": before, "after": after}
    record(actor=actor, action="amounts.save", obj=year, data=data)
    return len(changed)


def _must_edit(actor: User) -> None:
    if not scope(actor, "edit_budgets").everything:
        raise NotAllowed("Haushaltsjahre pflegt das Fachcontrolling.")


def _locked(year: FiscalYear) -> FiscalYear:
    return FiscalYear.objects.select_for_update(no_key=True).get(pk=year.pk)


def _must_not_be_distributed(year: FiscalYear, consequence: str) -> None:
    if year.distributions.exists():
        raise DomainError(f"Für {year.year} ist schon eine Verteilung festgelegt. {consequence}")


def _must_cover_deductions(year: FiscalYear) -> None:
    totals = {Product.FAMILY: year.total_family, Product.HELP: year.total_help}
    deducted = dict(year.deductions.order_by().values_list("product").annotate(Sum("amount")))
    for product, total in totals.items():
        if (missing := deducted.get(product, Decimal(0)) - total) > 0:
            raise DomainError(
                f"Die Abzüge vom Produkt {product} sind um {format_euro(missing)} höher als sein Gesamtbudget."
            )


def _totals(year: FiscalYear) -> dict[str, str]:
    return {"total_family": str(year.total_family), "total_help": str(year.total_help)}


def _deducted(deduction: Deduction) -> dict[str, str]:
    return {"product": deduction.product, "name": deduction.name, "amount": str(deduction.amount)}
