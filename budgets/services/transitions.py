"""Proposing, showing, withdrawing and adopting a transition; its inputs never change once it is proposed."""

from typing import Any

from django.db import transaction
from django.utils import timezone

from budgets.models import (
    AdoptedDistribution,
    DistributionModel,
    FiscalYear,
    LegalBasis,
    ProposalStatus,
    TransitionPlan,
    TransitionStatus,
)
from budgets.services.distributions import keep_basis, must_carry
from budgets.transition import TransitionInputs
from budgets.transition_assumptions import Source
from jugendhilfe.accounts.models import User
from jugendhilfe.audit.services import record
from jugendhilfe.lib.canonical import digest, from_json, to_json
from jugendhilfe.lib.errors import DomainError, FourEyesRequired, NotAllowed
from regions.access import scope


@transaction.atomic
def propose_transition(
    *, source: Source, inputs: TransitionInputs, name: str, reason: str, actor: User
) -> TransitionPlan:
    """Put a transition forward: what it rests on is kept, so that it can be computed again to the cent."""
    if not scope(actor, "propose_models").everything:
        raise NotAllowed("Übergänge schlagen Jugendhilfeplanung und Fachcontrolling vor.")
    if (inputs.quota, inputs.year) != (source.sha256, source.quota.year):
        raise DomainError("Die Quote hat sich inzwischen geändert. Bitte rechnen Sie den Übergang neu.")
    inputs.results()
    text, basis = to_json(inputs), source.basis
    plan = TransitionPlan(
        year=basis.year,
        model=basis if isinstance(basis, DistributionModel) else None,
        distribution=basis if isinstance(basis, AdoptedDistribution) else None,
        name=name,
        kind=inputs.kind,
        reason=reason,
        inputs=text,
        sha256=digest(text),
        is_example=inputs.is_example,
        proposed_by=actor,
    )
    plan.full_clean()
    plan.save()
    record(
        actor=actor,
        action="transitions.propose",
        obj=plan,
        reason=reason,
        data={
            "year": basis.year.year,
            "sha256": plan.sha256,
            "model": plan.model_id,
            "distribution": plan.distribution_id,
        },
    )
    return plan


@transaction.atomic
def withdraw_transition(*, plan: TransitionPlan, reason: str, actor: User) -> TransitionPlan:
    """Take one's own proposal back."""
    plan = _locked(plan)
    if plan.proposed_by_id != actor.pk:
        raise NotAllowed("Einen Vorschlag zieht zurück, wer ihn gemacht hat.")
    _must_be_open(plan)
    plan.status = TransitionStatus.WITHDRAWN
    plan.save(update_fields=["status"])
    record(actor=actor, action="transitions.withdraw", obj=plan, reason=reason)
    return plan


@transaction.atomic
def show_to_carriers(*, plan: TransitionPlan, actor: User) -> TransitionPlan:
    """From now on every carrier reads what the proposal means for it, and can write a statement."""
    if not scope(actor, "propose_models").everything:
        raise NotAllowed("Den Trägern zeigen Jugendhilfeplanung und Fachcontrolling einen Übergang.")
    plan = _locked(plan)
    _must_be_open(plan)
    if plan.shown_to_carriers_at is not None:
        raise DomainError("Die Träger sehen diesen Übergang schon.")
    plan.shown_to_carriers_at = timezone.now()
    plan.save(update_fields=["shown_to_carriers_at"])
    record(actor=actor, action="transitions.show", obj=plan)
    return plan


@transaction.atomic
def adopt_transition(*, plan: TransitionPlan, basis: LegalBasis, actor: User) -> TransitionPlan:
    """Make a proposal the transition of its year, by a second person. A new `basis` is saved with it."""
    year = FiscalYear.objects.select_for_update(no_key=True).get(pk=plan.year_id)
    plan = _locked(plan)
    if not scope(actor, "adopt_models").everything:
        raise NotAllowed("Übergänge legt die Fachdienstleitung fest.")
    if actor.pk == plan.proposed_by_id:
        raise FourEyesRequired("Wer einen Übergang vorschlägt, legt ihn nicht selbst fest.")
    _must_be_open(plan)
    if problem := obstacle(plan, year):
        raise DomainError(problem)
    must_carry(basis)
    plan.basis = keep_basis(basis, actor)
    plan.status, plan.adopted_by, plan.adopted_at = TransitionStatus.ADOPTED, actor, timezone.now()
    plan.save(update_fields=["basis", "status", "adopted_by", "adopted_at"])
    record(actor=actor, action="transitions.adopt", obj=plan, data=particulars(plan))
    return plan


def obstacle(plan: TransitionPlan, year: FiscalYear) -> str:
    """Why a proposal cannot be adopted yet, as a German sentence; empty where it can."""
    if not year.is_in_force:
        return (
            f"Der Übergang bleibt ein Vorschlag, bis das Haushaltsjahr {year.year} wirksam ist. "
            f"Es ist „{year.get_status_display()}“."
        )
    if TransitionPlan.objects.filter(year=year, status=TransitionStatus.ADOPTED).exists():
        return f"Für {year.year} ist schon ein Übergang festgelegt."
    current = AdoptedDistribution.objects.current().filter(year=year).first()
    if plan.model is not None and plan.model.status == ProposalStatus.PROPOSED:
        return f"Erst die Verteilung, dann der Übergang: „{plan.model.name}“ ist noch nicht festgelegt."
    if current is None:
        return f"Für {year.year} ist keine Verteilung festgelegt."
    if not _same_quota(plan, current):
        return (
            f"Die Verteilung, die {year.year} gilt, ist eine andere als die des Übergangs. "
            "Bitte schlagen Sie den Übergang mit ihr neu vor."
        )
    return ""


def _same_quota(plan: TransitionPlan, current: AdoptedDistribution) -> bool:
    """A plan that rested on a proposal has its shares and old amounts, not its fingerprint."""
    if plan.distribution_id is not None:
        return plan.distribution_id == current.pk
    inputs = from_json(TransitionInputs, plan.inputs)
    kept = {
        key: (share, previous) for key, share, previous in current.rows.values_list("space__key", "share", "previous")
    }
    return kept == {space.key: (space.share, space.previous) for space in inputs.spaces}


def particulars(plan: TransitionPlan) -> dict[str, Any]:
    """What the log keeps of an adopted transition, besides who and when; `verify` holds it against the row."""
    assert plan.basis is not None  # the database asks for it
    assert plan.adopted_at is not None
    return {
        "sha256": plan.sha256,
        "basis": plan.basis_id,
        "basis_sha256": plan.basis.sha256,
        "adopted_at": plan.adopted_at.isoformat(),
        "is_example": plan.is_example,
    }


def _must_be_open(plan: TransitionPlan) -> None:
    if plan.status != TransitionStatus.PROPOSED:
        raise DomainError(f"Dieser Übergang ist schon {plan.get_status_display()}.")


def _locked(plan: TransitionPlan) -> TransitionPlan:
    plans = TransitionPlan.objects.select_related("model", "distribution", "year")
    return plans.select_for_update(of=("self",), no_key=True).get(pk=plan.pk)
