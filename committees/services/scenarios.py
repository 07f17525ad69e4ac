"""Saving what-ifs with a name and a reason, sharing them with a group, and what a session agrees on."""

from django.db import transaction
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from budgets.what_if import WhatIf
from committees.gates import must_lead
from committees.models import Committee, Membership, SavedScenario
from committees.outcomes import fingerprint_of, is_one_model
from jugendhilfe.accounts.models import User
from jugendhilfe.audit.services import record
from jugendhilfe.lib.errors import DomainError, NotAllowed
from regions.access import scope


def bodies_to_share_with(user: User) -> QuerySet[Committee]:
    """Bodies that negotiate today: those the user sits in, and all for the office that supports them."""
    today = timezone.localdate()
    bodies = Committee.objects.filter(negotiates=True).valid_on(today)
    if scope(user, "edit_schemes").everything:
        return bodies
    return bodies.filter(Exists(Membership.objects.filter(committee=OuterRef("pk"), person=user).valid_on(today)))


def may_save(user: User) -> bool:
    """Who opens a what-if saves it: those who simulate, and the members of a body that negotiates."""
    return bool(scope(user, "simulate")) or bodies_to_share_with(user).exists()


@transaction.atomic
def save_scenario(
    *,
    what_if: WhatIf,
    name: str,
    reason: str,
    actor: User,
    committee: Committee | None = None,
    proposed_by: Membership | None = None,
) -> SavedScenario:
    """Keep a what-if as it is, for oneself or shared with a body."""
    if not may_save(actor):
        raise NotAllowed("Szenarien speichert, wer Verteilungen durchrechnet.")
    if what_if.comparison is None:
        raise DomainError("Diese Annahmen lassen sich nicht rechnen. Bitte gehen Sie zurück zum Vergleich.")
    _must_share(actor, committee)
    if proposed_by is not None and proposed_by.committee_id != (committee.pk if committee else None):
        raise DomainError("Vorgeschlagen hat das ein Mitglied des Gremiums, mit dem das Szenario geteilt ist.")
    scenario = SavedScenario(
        name=name,
        reason=reason,
        owner=actor,
        committee=committee,
        proposed_by=proposed_by,
        year=what_if.year,
        scheme=what_if.scheme,
        query=what_if.scenario.query,
        fingerprint=fingerprint_of(what_if.comparison),
    )
    scenario.full_clean()
    scenario.save()
    data = {"year": what_if.year.year, "scheme": what_if.scheme.pk, "sha256": scenario.fingerprint}
    record(actor=actor, action="scenarios.save", obj=scenario, data=data | _shared(scenario))
    return scenario


@transaction.atomic
def change_scenario(
    *, scenario: SavedScenario, name: str, reason: str, committee: Committee | None, actor: User
) -> SavedScenario:
    """Another name or reason, shared with another body or with none; the assumptions stay."""
    stored = _locked_own(scenario, actor)
    if committee != stored.committee:
        _must_share(actor, committee)
        if stored.is_agreed:
            raise DomainError("Dieses Szenario ist in der Sitzung vereinbart und bleibt mit der Gruppe geteilt.")
        if stored.rated_models.exists():
            raise DomainError("Dieses Szenario wird in der Gruppe bewertet und bleibt mit ihr geteilt.")
        stored.proposed_by = None
    stored.name, stored.reason, stored.committee = name, reason, committee
    stored.full_clean()
    stored.save(update_fields=["name", "reason", "committee", "proposed_by"])
    record(actor=actor, action="scenarios.change", obj=stored, data=_shared(stored))
    return stored


@transaction.atomic
def archive_scenario(*, scenario: SavedScenario, actor: User) -> SavedScenario:
    """Put one's own scenario aside; it can be brought back."""
    scenario = _locked_own(scenario, actor)
    if scenario.archived_at is not None:
        raise DomainError("Dieses Szenario ist schon abgelegt.")
    if scenario.is_agreed:
        raise DomainError("Dieses Szenario ist in der Sitzung vereinbart. Bitte nehmen Sie zuerst das zurück.")
    scenario.archived_at = timezone.now()
    scenario.save(update_fields=["archived_at"])
    record(actor=actor, action="scenarios.archive", obj=scenario)
    return scenario


@transaction.atomic
def bring_back_scenario(*, scenario: SavedScenario, actor: User) -> SavedScenario:
    """Take one's own scenario out of the archive."""
    scenario = _locked_own(scenario, actor)
    if scenario.archived_at is None:
        raise DomainError("Dieses Szenario ist nicht abgelegt.")
    scenario.archived_at = None
    scenario.save(update_fields=["archived_at"])
    record(actor=actor, action="scenarios.bring_back", obj=scenario)
    return scenario


@transaction.atomic
def keep_snapshot(
    *, committee: Committee, what_if: WhatIf, name: str, proposed_by: Membership | None, actor: User
) -> SavedScenario:
    """The state of a session as a shared scenario, with whose proposal it is; None: the group's."""
    must_lead(actor, committee)
    return save_scenario(
        what_if=what_if,
        name=name,
        reason=f"In der Sitzung am {timezone.localdate():%d.%m.%Y} festgehalten.",
        committee=committee,
        proposed_by=proposed_by,
        actor=actor,
    )


@transaction.atomic
def agree(*, scenario: SavedScenario, actor: User) -> SavedScenario:
    """Mark a shared scenario as what the session agreed on; whatever was agreed on later counts no more."""
    scenario = _locked_shared(scenario, actor)
    if scenario.archived_at is not None:
        raise DomainError("Dieses Szenario ist abgelegt. Bitte holen Sie es zuerst zurück.")
    if not is_one_model(scenario.query):
        raise DomainError(
            "Vereinbart wird ein einzelnes Modell. Bitte zeigen Sie es im Sitzungsmodus und halten Sie es dort fest."
        )
    later = SavedScenario.objects.filter(committee=scenario.committee, is_agreed=True, pk__gt=scenario.pk)
    if scenario.is_agreed and not later.exists():
        raise DomainError("Das ist schon der vereinbarte Stand.")
    later.update(is_agreed=False)
    scenario.is_agreed = True
    scenario.save(update_fields=["is_agreed"])
    record(actor=actor, action="scenarios.agree", obj=scenario, data=_shared(scenario))
    return scenario


@transaction.atomic
def withdraw_agreement(*, scenario: SavedScenario, actor: User) -> SavedScenario:
    """The scenario is agreed on no more; what was agreed on before counts again."""
    scenario = _locked_shared(scenario, actor)
    if not scenario.is_agreed:
        raise DomainError("Dieses Szenario ist nicht vereinbart.")
    scenario.is_agreed = False
    scenario.save(update_fields=["is_agreed"])
    record(actor=actor, action="scenarios.withdraw_agreement", obj=scenario, data=_shared(scenario))
    return scenario


def _must_share(actor: User, committee: Committee | None) -> None:
    if committee is not None and not bodies_to_share_with(actor).filter(pk=committee.pk).exists():
        raise NotAllowed("Teilen können Sie mit Gremien, die verhandeln und denen Sie heute angehören.")


def _locked_own(scenario: SavedScenario, actor: User) -> SavedScenario:
    locked = SavedScenario.objects.select_for_update(of=("self",), no_key=True).get(pk=scenario.pk)
    if locked.owner_id != actor.pk:
        raise NotAllowed("Ein Szenario ändert, wer es angelegt hat.")
    return locked


def _locked_shared(scenario: SavedScenario, actor: User) -> SavedScenario:
    """One agreement at a time: the body is locked first, for all its scenarios take part."""
    if scenario.committee_id is None:
        raise DomainError("Vereinbart wird ein Szenario, das mit dem Gremium geteilt ist.")
    committee = Committee.objects.select_for_update(no_key=True).get(pk=scenario.committee_id)
    must_lead(actor, committee)
    shared = SavedScenario.objects.filter(committee=committee)
    locked = shared.select_for_update(of=("self",), no_key=True).filter(pk=scenario.pk).first()
    if locked is None:
        raise DomainError("Dieses Szenario ist nicht mehr mit dem Gremium geteilt.")
    return locked


def _shared(scenario: SavedScenario) -> dict[str, int | None]:
    return {"committee": scenario.committee_id}
