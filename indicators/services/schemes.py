"""Weighting schemes: draft, copy, edit, propose, return, adopt, calculate again; and what is done about gaps."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from django.db import transaction
from django.db.models import Max, ProtectedError
from django.utils import timezone
from django.utils.text import slugify

from indicators.calculation import gather, latest_calculation
from indicators.inputs import Calculated, Inputs
from indicators.models import (
    BurdenCalculation,
    BurdenFactor,
    GapChoice,
    GapDecision,
    Indicator,
    SchemeDimension,
    SchemeIndicator,
    SchemeStatus,
    WeightingScheme,
)
from indicators.workflow import move
from jugendhilfe.accounts.models import User
from jugendhilfe.audit.services import record
from jugendhilfe.lib.canonical import digest
from jugendhilfe.lib.errors import DomainError, FourEyesRequired, NotAllowed
from regions.access import scope
from regions.models import SocialSpace


@dataclass(frozen=True, slots=True, kw_only=True)
class DimensionEntry:
    """A dimension as entered; `slot` is what members point at."""

    slot: str
    name: str
    weight: Decimal
    aggregation: str


@dataclass(frozen=True, slots=True, kw_only=True)
class MemberEntry:
    """An indicator as entered; low and high are goalposts."""

    indicator: Indicator
    weight: Decimal
    slot: str
    transform: str
    low: Decimal | None
    high: Decimal | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class WeightEntry:
    """A new weight of an indicator, measured against all others of the scheme, and the reason for it."""

    indicator: Indicator
    weight: Decimal
    reason: str


@transaction.atomic
def draft_scheme(
    *,
    settings: Mapping[str, Any],
    dimensions: Sequence[DimensionEntry],
    members: Sequence[MemberEntry],
    actor: User,
) -> WeightingScheme:
    """Start a scheme; `settings` are the fields of WeightingScheme that an editor sets."""
    _require(actor, "edit_schemes")
    version = _next_version(settings["name"])
    scheme = WeightingScheme(**settings, version=version, created_by=actor)
    scheme.full_clean(exclude=["created_by"])
    scheme.save()
    _replace_parts(scheme, dimensions, members)
    record(actor=actor, action="schemes.draft", obj=scheme)
    return scheme


@transaction.atomic
def edit_scheme(
    *,
    scheme: WeightingScheme,
    settings: Mapping[str, Any],
    dimensions: Sequence[DimensionEntry],
    members: Sequence[MemberEntry],
    actor: User,
) -> WeightingScheme:
    """Replace settings, dimensions and weights of a draft; county values held fast stay with their indicators."""
    _require(actor, "edit_schemes")
    scheme = _locked(scheme)
    _require_draft(scheme)
    for field, value in settings.items():
        setattr(scheme, field, value)
    scheme.full_clean(exclude=["created_by"])
    scheme.save()
    _replace_parts(scheme, dimensions, members)
    record(
        actor=actor,
        action="schemes.edit",
        obj=scheme,
        data={"weights": {member.indicator.code: str(member.weight) for member in members}},
    )
    return scheme


@transaction.atomic
def copy_scheme(
    *, scheme: WeightingScheme, actor: User, weights: Mapping[str, Decimal] | None = None
) -> WeightingScheme:
    """A new version of a scheme, as a draft, with weights, county values held fast and decisions on gaps.

    `weights` by code of the indicator replace those of the scheme.
    """
    _require(actor, "edit_schemes")
    copy, dimensions = _next_draft(scheme, actor)
    for member in scheme.members.select_related("indicator"):
        weight = (weights or {}).get(member.indicator.code, member.weight)
        _copy_member(member, copy, dimensions.get(member.dimension_id), weight, member.reason)
    _copy_decisions(scheme.decisions.all(), copy)
    record(actor=actor, action="schemes.copy", obj=copy, data={"from": scheme.pk})
    return copy


@transaction.atomic
def reweigh_scheme(*, scheme: WeightingScheme, entries: Sequence[WeightEntry], actor: User) -> WeightingScheme:
    """A new version as a draft, of exactly these indicators; the caller has checked that the actor may.

    A dimension gets the sum of its indicators as its weight. What is new stands beside the dimensions.
    """
    copy, dimensions = _next_draft(scheme, actor)
    before = {member.indicator_id: member for member in scheme.members.all()}
    kept = [(before[entry.indicator.pk], entry) for entry in entries if entry.indicator.pk in before]
    for key, dimension in dimensions.items():
        inside = [(member, entry) for member, entry in kept if member.dimension_id == key]
        dimension.weight = sum((entry.weight for _, entry in inside), Decimal(0))
        dimension.save(update_fields=["weight"])
        for member, entry in inside:
            # A level without any weight cannot be computed, not even where it counts for nothing itself.
            _copy_member(member, copy, dimension, entry.weight if dimension.weight else member.weight, entry.reason)
        if not inside:
            dimension.delete()
    for member, entry in kept:
        if member.dimension_id is None:
            _copy_member(member, copy, None, entry.weight, entry.reason)
    for entry in entries:
        if entry.indicator.pk not in before:
            member = SchemeIndicator(indicator=entry.indicator)
            _copy_member(member, copy, None, entry.weight, entry.reason)
    _copy_decisions(scheme.decisions.filter(indicator__in=[entry.indicator for entry in entries]), copy)
    record(actor=actor, action="schemes.copy", obj=copy, data={"from": scheme.pk})
    return copy


@transaction.atomic
def discard_scheme(*, scheme: WeightingScheme, actor: User, reason: str) -> None:
    """Delete a draft that was never proposed."""
    _require(actor, "edit_schemes")
    scheme = _locked(scheme)
    _require_draft(scheme)
    record(actor=actor, action="schemes.discard", obj=scheme, reason=reason)
    try:
        scheme.delete()
    except ProtectedError as error:
        raise DomainError(
            f"Auf {scheme} beruht noch etwas anderes, zum Beispiel eine Gewichtungsrunde oder eine gespeicherte "
            "Rechnung. Der Entwurf bleibt deshalb erhalten."
        ) from error


@transaction.atomic
def propose_scheme(*, scheme: WeightingScheme, actor: User) -> WeightingScheme:
    """Hand a draft over for adoption; it must be complete, so its factors are computed first."""
    scheme = _locked(scheme)
    move(scheme, "propose", actor)
    _calculated(scheme, timezone.localdate())
    scheme.proposed_by, scheme.proposed_at = actor, timezone.now()
    scheme.save()
    record(actor=actor, action="schemes.propose", obj=scheme)
    return scheme


@transaction.atomic
def return_scheme(*, scheme: WeightingScheme, reason: str, actor: User) -> WeightingScheme:
    """Give a proposal back for more work."""
    scheme = _locked(scheme)
    move(scheme, "return", actor)
    scheme.proposed_by = scheme.proposed_at = None
    scheme.save()
    record(actor=actor, action="schemes.return", obj=scheme, reason=reason)
    return scheme


@transaction.atomic
def adopt_scheme(*, scheme: WeightingScheme, legal_basis: str, actor: User) -> BurdenCalculation:
    """Freeze a proposal with its factors; the version adopted so far is superseded. Never by the one who proposed."""
    # Both versions are locked, in order of their keys: two proposals of one name may be adopted at the same moment.
    versions = {one.pk: one for one in _locked_versions(scheme)}
    scheme, former = versions[scheme.pk], [one for one in versions.values() if one.status == SchemeStatus.ADOPTED]
    move(scheme, "adopt", actor)
    if actor.pk == scheme.proposed_by_id:
        raise FourEyesRequired("Wer ein Gewichtungsschema vorschlägt, legt es nicht selbst fest.")
    if not legal_basis.strip():
        raise DomainError("Eine Festlegung braucht ihre Grundlage, zum Beispiel den Beschluss mit Datum.")
    for one in former:
        move(one, "supersede", actor)
        one.save(update_fields=["status"])
        record(actor=actor, action="schemes.supersede", obj=one, data={"by": scheme.pk})
    as_of = timezone.localdate()
    calculated = _calculated(scheme, as_of)
    if calculated.inputs.is_frozen:
        calculated = _hold_county_values(scheme, calculated)
    _refuse_idle(calculated)
    scheme.adopted_by, scheme.adopted_at, scheme.legal_basis = actor, timezone.now(), legal_basis.strip()
    scheme.save()
    calculation = _keep(scheme, calculated, actor)
    record(
        actor=actor,
        action="schemes.adopt",
        obj=scheme,
        reason=scheme.legal_basis,
        data={"calculation": calculation.pk, "sha256": calculation.sha256},
    )
    return calculation


@transaction.atomic
def calculate_again(*, scheme: WeightingScheme, as_of: dt.date, actor: User) -> BurdenCalculation:
    """New factors of an adopted scheme from newer data; those kept before stay as they are."""
    _require(actor, "edit_schemes")
    scheme = _locked(scheme)
    if scheme.status != SchemeStatus.ADOPTED:
        raise DomainError("Neu berechnet wird nur ein festgelegtes Gewichtungsschema.")
    if as_of > timezone.localdate():
        raise DomainError("Der Tag, bis zu dem die Daten gelten, liegt in der Zukunft.")
    calculated = _calculated(scheme, as_of)
    kept = latest_calculation(scheme)
    if kept is not None and as_of < kept.as_of:
        raise DomainError(f"Der Tag liegt vor dem Datenstand der letzten Berechnung ({kept.as_of:%d.%m.%Y}).")
    if kept is not None and _same_data(Inputs.from_json(kept.inputs), calculated.inputs):
        raise DomainError(f"Es gibt keine anderen Daten als in der Berechnung mit Datenstand {kept.as_of:%d.%m.%Y}.")
    calculation = _keep(scheme, calculated, actor)
    record(
        actor=actor,
        action="schemes.calculate",
        obj=scheme,
        data={"calculation": calculation.pk, "as_of": as_of, "sha256": calculation.sha256},
    )
    return calculation


@transaction.atomic
def decide_gap(
    *,
    scheme: WeightingScheme,
    indicator: Indicator,
    space: SocialSpace,
    choice: GapChoice,
    reason: str,
    actor: User,
    estimate: Decimal | None = None,
    method: str = "",
) -> GapDecision:
    """Say what is done about one missing value; leaving an indicator out holds for all spaces."""
    _require(actor, "edit_schemes")
    scheme = _locked(scheme)
    _require_draft(scheme)
    is_estimate = choice == GapChoice.ESTIMATE
    for_all = choice == GapChoice.DROP
    if for_all:
        scheme.decisions.filter(indicator=indicator).delete()
    else:
        scheme.decisions.filter(indicator=indicator, choice=GapChoice.DROP).delete()
    decision, _ = GapDecision.objects.update_or_create(
        scheme=scheme,
        indicator=indicator,
        space=None if for_all else space,
        defaults={
            "choice": choice,
            "estimate": estimate if is_estimate else None,
            "method": method if is_estimate else "",
            "reason": reason,
            "decided_by": actor,
        },
    )
    decision.full_clean()
    record(
        actor=actor,
        action="schemes.decide_gap",
        obj=scheme,
        reason=reason,
        data={"indicator": indicator.code, "space": space.key, "choice": choice, "estimate": estimate},
    )
    return decision


@transaction.atomic
def restore_indicator(*, scheme: WeightingScheme, indicator: Indicator, actor: User) -> None:
    """Take an indicator that was left out for all into the calculation again."""
    _require(actor, "edit_schemes")
    scheme = _locked(scheme)
    _require_draft(scheme)
    scheme.decisions.filter(indicator=indicator, choice=GapChoice.DROP).delete()
    record(actor=actor, action="schemes.restore_indicator", obj=scheme, data={"indicator": indicator.code})


def _require(actor: User, permission: str) -> None:
    if not scope(actor, permission).everything:
        raise NotAllowed("Gewichtungsschemata entwirft die Jugendhilfeplanung.")


def _require_draft(scheme: WeightingScheme) -> None:
    if scheme.status != SchemeStatus.DRAFT:
        raise DomainError(
            f"{scheme} ist {scheme.get_status_display()} und bleibt, wie es ist. Legen Sie eine neue Fassung an."
        )


def _locked(scheme: WeightingScheme) -> WeightingScheme:
    return WeightingScheme.objects.select_for_update(of=("self",)).select_related("population").get(pk=scheme.pk)


def _locked_versions(scheme: WeightingScheme) -> list[WeightingScheme]:
    versions = WeightingScheme.objects.filter(name=scheme.name).order_by("pk")
    return list(versions.select_for_update(of=("self",)).select_related("population"))


def _next_version(name: str) -> int:
    latest: int | None = WeightingScheme.objects.filter(name=name).aggregate(latest=Max("version"))["latest"]
    return (latest or 0) + 1


def _next_draft(scheme: WeightingScheme, actor: User) -> tuple[WeightingScheme, dict[int | None, SchemeDimension]]:
    """A version with the settings and dimensions of another, still without indicators; dimensions by the former key."""
    settings = {
        name: getattr(scheme, name)
        for name in (
            "name",
            "population",
            "method",
            "spread",
            "aggregation",
            "factor_min",
            "factor_max",
            "county_values",
            "note",
        )
    }
    copy = WeightingScheme.objects.create(
        **settings, version=_next_version(scheme.name), copied_from=scheme, created_by=actor
    )
    dimensions: dict[int | None, SchemeDimension] = {}
    for dimension in scheme.dimensions.all():
        dimensions[dimension.pk] = SchemeDimension.objects.create(
            scheme=copy,
            code=dimension.code,
            name=dimension.name,
            weight=dimension.weight,
            aggregation=dimension.aggregation,
        )
    return copy, dimensions


def _copy_member(
    member: SchemeIndicator, copy: WeightingScheme, dimension: SchemeDimension | None, weight: Decimal, reason: str
) -> None:
    member.pk, member._state.adding = None, True
    member.scheme, member.dimension, member.weight, member.reason = copy, dimension, weight, reason
    member.full_clean(exclude=["scheme", "dimension"])
    member.save()


def _copy_decisions(decisions: Iterable[GapDecision], copy: WeightingScheme) -> None:
    for decision in decisions:
        decision.pk, decision._state.adding = None, True
        decision.scheme = copy
        decision.save()


def _replace_parts(
    scheme: WeightingScheme, dimensions: Sequence[DimensionEntry], members: Sequence[MemberEntry]
) -> None:
    held = {member.indicator_id: member for member in scheme.members.all()} if scheme.county_values == "frozen" else {}
    scheme.members.all().delete()
    scheme.dimensions.all().delete()
    by_slot = {
        entry.slot: SchemeDimension.objects.create(
            scheme=scheme,
            code=slugify(f"{number}-{entry.name}")[:40],
            name=entry.name,
            weight=entry.weight,
            aggregation=entry.aggregation,
        )
        for number, entry in enumerate(dimensions, start=1)
    }
    for entry in members:
        before = held.get(entry.indicator.pk)
        member = SchemeIndicator(
            scheme=scheme,
            indicator=entry.indicator,
            dimension=by_slot.get(entry.slot),
            weight=entry.weight,
            transform=entry.transform,
            low=entry.low,
            high=entry.high,
            frozen_value=before.frozen_value if before else None,
            frozen_sd=before.frozen_sd if before else None,
            reason=entry.reason,
        )
        member.full_clean()
        member.save()
    empty = [dimension.name for dimension in by_slot.values() if not dimension.members.exists()]
    if empty:
        raise DomainError(f"Die Dimension {empty[0]} hat keinen Indikator.")


def _calculated(scheme: WeightingScheme, as_of: dt.date) -> Calculated:
    return gather(scheme, as_of=as_of, population=scheme.population).calculate()


def _hold_county_values(scheme: WeightingScheme, calculated: Calculated) -> Calculated:
    inputs = calculated.inputs.with_frozen(calculated)
    for member in inputs.members:
        scheme.members.filter(indicator__code=member.code).update(
            frozen_value=member.frozen_value, frozen_sd=member.frozen_sd
        )
    return inputs.calculate()


def _refuse_idle(calculated: Calculated) -> None:
    idle = [notice.text for notice in calculated.result.notices if notice.kind == "zero_variance"]
    if idle:
        raise DomainError(" ".join(idle))


def _same_data(one: Inputs, other: Inputs) -> bool:
    return (one.members, one.places) == (other.members, other.places)


def _keep(scheme: WeightingScheme, calculated: Calculated, actor: User) -> BurdenCalculation:
    text = calculated.inputs.to_json()
    calculation = BurdenCalculation.objects.create(
        scheme=scheme,
        population=scheme.population,
        as_of=calculated.inputs.as_of,
        inputs=text,
        sha256=digest(text),
        is_example=calculated.inputs.is_example,
        created_by=actor,
    )
    spaces = {space.key: space for space in SocialSpace.objects.filter(key__in=calculated.factors)}
    BurdenFactor.objects.bulk_create(
        BurdenFactor(
            calculation=calculation,
            space=spaces[key],
            factor=calculated.factors[key],
            index=calculated.indexes[key],
        )
        for key in calculated.factors
    )
    return calculation
