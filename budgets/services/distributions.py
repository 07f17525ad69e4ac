"""Proposing, withdrawing and adopting a distribution; applying an adopted quota to another year's total.

Whoever adopts locks the year it is for and the year before: what a distribution rests on cannot change meanwhile, and
of two people who adopt at once the second finds the distribution of the first.
"""

import datetime as dt
from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Prefetch

from budgets.basis import Previous, places_of, previous_of
from budgets.distribution import Model
from budgets.models import (
    AdoptedDistribution,
    Deduction,
    DistributionModel,
    DistributionRow,
    FiscalYear,
    LegalBasis,
    OfficeRow,
    Product,
    ProposalStatus,
    YearStatus,
)
from budgets.quota import FrozenDeduction, FrozenModel, FrozenOffice, FrozenSpace, QuotaInputs
from indicators.calculation import latest_calculation
from indicators.inputs import Inputs
from indicators.models import SchemeStatus, WeightingScheme
from jugendhilfe.accounts.models import User
from jugendhilfe.audit.services import record
from jugendhilfe.lib.canonical import digest, to_json
from jugendhilfe.lib.errors import DomainError, FourEyesRequired, NotAllowed
from jugendhilfe.lib.formats import format_euro
from regions.access import scope
from regions.models import CarrierKind, Office, OfficeContract, SocialSpace

YEARS_TO_REVIEW = 5


type Objection = Callable[[LegalBasis], str]
# What the apps above know against a legal basis, as a sentence or "": they enter it when they start.
objections: list[Objection] = []


@transaction.atomic
def propose_model(
    *, year: FiscalYear, scheme: WeightingScheme, name: str, model: Model, reason: str, actor: User
) -> DistributionModel:
    """Put a model forward for the county."""
    if not scope(actor, "propose_models").everything:
        raise NotAllowed("Verteilungsmodelle schlagen Jugendhilfeplanung und Fachcontrolling vor.")
    return put_forward(year=year, scheme=scheme, name=name, model=model, reason=reason, actor=actor)


@transaction.atomic
def put_forward(
    *, year: FiscalYear, scheme: WeightingScheme, name: str, model: Model, reason: str, actor: User
) -> DistributionModel:
    """Write a proposal; whoever calls has checked the right. The scheme may be a draft: adopted it must be by then."""
    proposed = DistributionModel(
        year=year,
        scheme=scheme,
        name=name,
        code=model.kind.code,
        base=model.base,
        head=model.head,
        need=model.need,
        floor_percent=model.floor_percent,
        cap_percent=model.cap_percent,
        unit=model.unit,
        gains_only=model.gains_only,
        reason=reason,
        proposed_by=actor,
    )
    proposed.full_clean()
    proposed.save()
    record(
        actor=actor,
        action="models.propose",
        obj=proposed,
        reason=reason,
        data={"year": year.year, "scheme": scheme.pk, "code": proposed.code},
    )
    return proposed


@transaction.atomic
def withdraw_model(*, model: DistributionModel, reason: str, actor: User) -> DistributionModel:
    """Take one's own proposal back."""
    model = _locked_model(model)
    if model.proposed_by_id != actor.pk:
        raise NotAllowed("Einen Vorschlag zieht zurück, wer ihn gemacht hat.")
    _must_be_open(model)
    model.status = ProposalStatus.WITHDRAWN
    model.save(update_fields=["status"])
    record(actor=actor, action="models.withdraw", obj=model, reason=reason)
    return model


@transaction.atomic
def adopt_model(
    *,
    model: DistributionModel,
    basis: LegalBasis,
    review_on: dt.date,
    actor: User,
    without_office: str = "",
    reason: str = "",
) -> AdoptedDistribution:
    """Freeze what a model gives: amounts, inputs, fingerprint. A new `basis` is saved with it.

    `without_office` says why amounts of spaces without an office stay there; `reason` why a distribution is replaced.
    """
    year = _locked_years(model.year.year)
    model = _locked_model(model)
    _must_adopt(actor, model)
    _must_be_open(model)
    _must_be_in_force(year)
    must_carry(basis)
    if model.scheme.status != SchemeStatus.ADOPTED:
        raise DomainError(
            f"{model.scheme} ist noch nicht festgelegt. Erst das Gewichtungsschema, dann die Verteilung nach ihm."
        )
    calculation = latest_calculation(model.scheme)
    if calculation is None:
        raise DomainError(f"Für {model.scheme} sind keine Belastungsfaktoren festgehalten.")
    replaced = _replaced(year, reason)
    kept = Inputs.from_json(calculation.inputs)
    factors = dict(calculation.factors.values_list("space__key", "factor"))
    previous = previous_of(year.year)
    spaces = spaces_of(kept, factors, year.year, previous)
    _check_offices(spaces, without_office)
    inputs = quota_inputs(
        year,
        model,
        spaces,
        calculation=calculation.sha256,
        previous_source=previous.source,
        without_office=without_office,
    )
    adopted = _freeze(
        AdoptedDistribution(
            year=year,
            model=model,
            calculation=calculation,
            basis=keep_basis(basis, actor),
            replaces=replaced,
            reason=reason if replaced else "",
            review_on=review_on,
            is_example=year.is_example or calculation.is_example or previous.is_example,
            adopted_by=actor,
        ),
        inputs,
    )
    model.status = ProposalStatus.ADOPTED
    model.save(update_fields=["status"])
    _record(adopted, "distributions.adopt", actor)
    return adopted


@transaction.atomic
def apply_adopted_quota(
    *, quota: AdoptedDistribution, year: FiscalYear, actor: User, without_office: str = "", reason: str = ""
) -> AdoptedDistribution:
    """The same shares on a later year's total, by the same legal basis: new cents."""
    year = _locked_years(year.year)
    _must_adopt(actor, quota.model)
    if year.year <= quota.year.year:
        raise DomainError("Eine Quote wird auf spätere Jahre angewendet.")
    if year.status == YearStatus.DRAFT:
        raise DomainError(f"Das Haushaltsjahr {year.year} ist noch ein Entwurf. Erst wird es beschlossen.")
    if AdoptedDistribution.objects.filter(replaces=quota).exists():
        raise DomainError("Diese Verteilung ist ersetzt. Bitte wenden Sie die Quote an, die gilt.")
    due = quota.due_on
    if due and dt.date(year.year, 1, 1) > due:
        raise DomainError(
            f"Die Quote war bis zum {due:%d.%m.%Y} zu überprüfen. Bitte tragen Sie die Überprüfung ein, oder legen Sie "
            f"für {year.year} eine neue fest."
        )
    replaced = _replaced(year, reason)
    previous, offices = previous_of(year.year), offices_of(year.year)
    rows = {row.space.key: row for row in quota.rows.select_related("space__region")}
    _must_be_the_same_spaces(rows)
    spaces = tuple(
        FrozenSpace(
            key=key,
            name=row.space.name,
            region=row.space.region.number,
            region_name=row.space.region.name,
            reference_population=row.reference_population,
            factor=row.factor,
            previous=previous.amounts.get(key),
            offices=offices.get(key, ()),
            share=row.share,
        )
        for key, row in sorted(rows.items(), key=lambda item: (item[1].space.region.number, item[1].space.name))
    )
    _check_offices(spaces, without_office)
    inputs = quota_inputs(
        year,
        quota.model,
        spaces,
        calculation=quota.calculation.sha256,
        previous_source=previous.source,
        without_office=without_office,
        quota_of=quota.sha256,
    )
    adopted = _freeze(
        AdoptedDistribution(
            year=year,
            model=quota.model,
            calculation=quota.calculation,
            basis=quota.basis,
            quota_of=quota,
            replaces=replaced,
            reason=reason if replaced else "",
            review_on=due,
            is_example=year.is_example or quota.is_example or previous.is_example,
            adopted_by=actor,
        ),
        inputs,
    )
    _record(adopted, "distributions.apply", actor)
    return adopted


def spaces_of(inputs: Inputs, factors: Mapping[str, Decimal], year: int, previous: Previous) -> tuple[FrozenSpace, ...]:
    """The spaces of a calculation with their offices of that year and last year's amounts."""
    offices = offices_of(year)
    return tuple(
        FrozenSpace(
            key=place.key,
            name=place.name,
            region=place.region,
            region_name=place.region_name,
            reference_population=int(place.space.reference_population),
            factor=place.space.factor,
            previous=place.space.previous,
            offices=offices.get(place.key, ()),
        )
        for place in places_of(inputs, factors, year, previous)
    )


def offices_of(year: int) -> dict[str, tuple[FrozenOffice, ...]]:
    """The offices of a year by the key of their space; freelancers' names stay out."""
    contracts = OfficeContract.objects.valid_in(year).select_related("carrier").order_by("-valid_from")
    offices = (
        Office.objects.valid_in(year)
        .select_related("space")
        .prefetch_related(Prefetch("contracts", contracts, to_attr="contracts_of_year"))
        .order_by("pk")
    )
    found: dict[str, list[FrozenOffice]] = {}
    for office in offices:
        # Where the carrier changes within the year, the later contract says who runs the office from now on.
        contract = next(iter(office.contracts_of_year), None)
        carrier = contract.carrier if contract and contract.carrier.kind != CarrierKind.FREELANCER else None
        found.setdefault(office.space.key, []).append(
            FrozenOffice(
                id=office.pk,
                name=office.name,
                carrier=carrier.name if carrier else "",
                share_percent=contract.share_percent if contract else None,
            )
        )
    return {key: tuple(rows) for key, rows in found.items()}


def quota_inputs(
    year: FiscalYear,
    model: DistributionModel,
    spaces: tuple[FrozenSpace, ...],
    *,
    calculation: str,
    previous_source: str,
    without_office: str = "",
    quota_of: str = "",
) -> QuotaInputs:
    """What a distribution of the year by this model rests on; `calculation` and `quota_of` are fingerprints."""
    deductions = year.deductions.filter(product=Product.FAMILY).order_by("pk")
    total = year.total_family - sum((deduction.amount for deduction in deductions), Decimal(0))
    if total <= 0:
        raise DomainError(f"Für {year.year} gibt es nichts zu verteilen: Der Betrag ist {format_euro(total)}.")
    return QuotaInputs(
        year=year.year,
        gross=year.total_family,
        deductions=tuple(_frozen_deduction(deduction) for deduction in deductions),
        total=total,
        model=FrozenModel(
            name=model.name,
            code=model.code,
            base=model.base,
            head=model.head,
            need=model.need,
            floor_percent=model.floor_percent,
            cap_percent=model.cap_percent,
            unit=model.unit,
            gains_only=model.gains_only,
        ),
        scheme=str(model.scheme),
        calculation=calculation,
        previous_source=previous_source,
        without_office=without_office if any(not space.offices for space in spaces) else "",
        quota_of=quota_of,
        spaces=spaces,
    )


def _check_offices(spaces: Iterable[FrozenSpace], without_office: str) -> None:
    lacking = [space.name for space in spaces if not space.offices]
    if lacking and not without_office.strip():
        raise DomainError(
            f"Ohne Sozialraumbüro in diesem Jahr: {', '.join(lacking)}. Bitte legen Sie das Büro an oder bestätigen "
            "Sie mit Begründung, dass der Betrag ohne Büro bleibt."
        )
    for space in spaces:
        agreed = [office.share_percent for office in space.offices if office.share_percent is not None]
        if len(space.offices) < 2 or not agreed:
            continue
        if len(agreed) < len(space.offices):
            raise DomainError(f"{space.name}: Nur ein Teil der Büros hat einen Anteil im Vertrag.")
        if sum(agreed) != 100:
            raise DomainError(f"{space.name}: Die Anteile der Büros ergeben nicht 100\u00a0%.")


def _freeze(adopted: AdoptedDistribution, inputs: QuotaInputs) -> AdoptedDistribution:
    """Write a distribution and its rows: all in one transaction, or the database refuses them."""
    amounts, shares = inputs.results()
    adopted.total, adopted.inputs = inputs.total, to_json(inputs)
    adopted.sha256 = digest(adopted.inputs)
    former = adopted.replaces
    if former is not None and (former.basis, former.sha256) == (adopted.basis, adopted.sha256):
        raise DomainError(f"Für {adopted.year.year} gilt schon genau diese Verteilung.")
    adopted.save(force_insert=True)
    keys = dict(SocialSpace.objects.values_list("key", "pk"))
    DistributionRow.objects.bulk_create(
        DistributionRow(
            distribution=adopted,
            space_id=keys[space.key],
            space_name=space.name,
            region_number=space.region,
            reference_population=space.reference_population,
            factor=space.factor,
            previous=space.previous,
            share=shares[space.key],
            amount=amounts[space.key],
        )
        for space in inputs.spaces
    )
    parts = inputs.office_amounts(amounts)
    OfficeRow.objects.bulk_create(
        OfficeRow(
            distribution=adopted,
            office_id=office.id,
            office_name=office.name,
            carrier_name=office.carrier,
            space_id=keys[space.key],
            amount=parts[office.id],
        )
        for space in inputs.spaces
        for office in space.offices
    )
    return adopted


def _record(adopted: AdoptedDistribution, action: str, actor: User) -> None:
    record(
        actor=actor,
        action=action,
        obj=adopted,
        reason=adopted.reason,
        data=particulars(adopted),
    )


def particulars(adopted: AdoptedDistribution) -> dict[str, Any]:
    """What the log keeps of a distribution, besides who, when and why; `verify` holds it against the row."""
    return {
        "total": str(adopted.total),
        "sha256": adopted.sha256,
        "calculation": adopted.calculation_id,
        "model": adopted.model_id,
        "basis": adopted.basis_id,
        "basis_sha256": adopted.basis.sha256,
        "replaces": adopted.replaces_id,
        "quota_of": adopted.quota_of_id,
        "review_on": adopted.review_on.isoformat() if adopted.review_on else None,
        "adopted_at": adopted.adopted_at.isoformat(),
        "is_example": adopted.is_example,
    }


def _must_adopt(actor: User, model: DistributionModel) -> None:
    if not scope(actor, "adopt_models").everything:
        raise NotAllowed("Verteilungen legt die Fachdienstleitung fest.")
    if actor.pk == model.proposed_by_id:
        raise FourEyesRequired("Wer ein Verteilungsmodell vorschlägt, legt es nicht selbst fest.")


def _must_be_open(model: DistributionModel) -> None:
    if model.status != ProposalStatus.PROPOSED:
        raise DomainError(f"Dieser Vorschlag ist schon {model.get_status_display()}.")


def _must_be_in_force(year: FiscalYear) -> None:
    if not year.is_in_force:
        raise DomainError(
            "Die Verteilung bleibt ein Vorschlag, bis der Jugendhilfeausschuss beschlossen hat und das Haushaltsjahr "
            f"wirksam ist. Das Haushaltsjahr {year.year} ist „{year.get_status_display()}“."
        )


def must_carry(basis: LegalBasis) -> None:
    """Refuse a legal basis that an app above knows better about."""
    for objection in objections:
        if sentence := objection(basis):
            raise DomainError(sentence)


def _must_be_the_same_spaces(rows: Mapping[str, DistributionRow]) -> None:
    today = dict(SocialSpace.objects.values_list("key", "name"))
    if new := sorted(name for key, name in today.items() if key not in rows):
        raise DomainError(f"Die Quote kennt diese Sozialräume nicht: {', '.join(new)}. Es braucht eine neue.")


def _replaced(year: FiscalYear, reason: str) -> AdoptedDistribution | None:
    current = AdoptedDistribution.objects.current().filter(year=year).first()
    if current is not None and not reason.strip():
        raise DomainError(f"Für {year.year} ist schon eine Verteilung festgelegt. Wer sie ersetzt, nennt den Grund.")
    return current


def keep_basis(basis: LegalBasis, actor: User) -> LegalBasis:
    """The legal basis of a decision; a new one is saved."""
    if basis.pk is None:
        basis.created_by = actor
        basis.full_clean()
        basis.save()
        record(actor=actor, action="legal_bases.enter", obj=basis)
    return basis


def _locked_years(year: int) -> FiscalYear:
    """The year before first: always in this order, so that nobody waits for each other."""
    years = FiscalYear.objects.filter(year__in=(year - 1, year)).order_by("year").select_for_update(no_key=True)
    return next(one for one in years if one.year == year)


def _locked_model(model: DistributionModel) -> DistributionModel:
    models = DistributionModel.objects.select_related("scheme", "year").select_for_update(of=("self",), no_key=True)
    return models.get(pk=model.pk)


def _frozen_deduction(deduction: Deduction) -> FrozenDeduction:
    return FrozenDeduction(name=deduction.name, amount=deduction.amount, reason=deduction.reason)
