"""Holding the review that an adopted quota is due, against the figures of the day."""

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Count, Q
from django.utils import timezone

from budgets.models import AdoptedDistribution, FiscalYear, QuotaReview
from budgets.quota import QuotaInputs
from budgets.review import Newer, ReviewedSpace, ReviewInputs, newer_figures, review_quota
from budgets.services.distributions import YEARS_TO_REVIEW
from indicators.calculation import gather
from indicators.inputs import Inputs
from jugendhilfe.accounts.models import User
from jugendhilfe.audit.services import record
from jugendhilfe.lib.canonical import digest, from_json, to_json
from jugendhilfe.lib.errors import DomainError, NotAllowed
from jugendhilfe.lib.formats import format_date
from regions.access import scope
from regions.models import ReferencePopulation, SocialSpace

AHEAD = dt.timedelta(days=365)
URGENT = dt.timedelta(days=92)


@dataclass(frozen=True)
class Present:
    """A quota against the figures of a day: those of then, those of the day, what is newer, and every space."""

    then: Inputs
    now: Inputs
    newer: list[Newer]
    rows: tuple[ReviewedSpace, ...]


def present(distribution: AdoptedDistribution, day: dt.date) -> Present:
    """What the figures of a day say of a quota. Raises DomainError where they cannot be computed."""
    kept = distribution.calculation
    then = Inputs.from_json(kept.inputs)
    now = gather(kept.scheme, as_of=max(day, kept.as_of), population=_newest(kept.population))
    rows = review_quota(from_json(QuotaInputs, distribution.inputs), now)
    return Present(then, now, newer_figures(then, now), rows)


@transaction.atomic
def hold_review(
    *,
    distribution: AdoptedDistribution,
    held_on: dt.date,
    outcome: str,
    reason: str,
    next_review_on: dt.date,
    actor: User,
) -> QuotaReview:
    """Enter a held review; the figures of its day are frozen with it."""
    if not scope(actor, "adopt_models").everything:
        raise NotAllowed("Die Überprüfung einer Quote trägt die Fachdienstleitung ein.")
    # Who adopts locks the year too: a quota is not replaced while its review is entered.
    FiscalYear.objects.select_for_update(no_key=True).get(pk=distribution.year_id)
    if distribution.quota_of_id is not None:
        raise DomainError("Überprüft wird die Quote selbst, nicht ihre Anwendung auf ein anderes Jahr.")
    if AdoptedDistribution.objects.filter(replaces=distribution).exists():
        raise DomainError("Diese Verteilung ist ersetzt. Zu überprüfen ist die Quote, die gilt.")
    _check_days(held_on, next_review_on)
    found = present(distribution, held_on)
    inputs = to_json(
        ReviewInputs(
            quota=distribution.sha256, calculation=distribution.calculation.sha256, now=found.now, rows=found.rows
        )
    )
    held = QuotaReview(
        distribution=distribution,
        held_on=held_on,
        outcome=outcome,
        reason=reason,
        next_review_on=next_review_on,
        inputs=inputs,
        sha256=digest(inputs),
        created_by=actor,
    )
    held.full_clean()
    held.save(force_insert=True)
    record(actor=actor, action="quotas.review", obj=held, reason=reason, data=particulars(held))
    return held


def particulars(held: QuotaReview) -> dict[str, Any]:
    """What the log keeps of a review, besides who, when and why; `verify` holds it against the row."""
    return {
        "distribution": held.distribution_id,
        "held_on": held.held_on.isoformat(),
        "outcome": held.outcome,
        "next_review_on": held.next_review_on.isoformat(),
        "sha256": held.sha256,
    }


def latest_day(held_on: dt.date) -> dt.date:
    """Five years on; from 29 February to the 28th."""
    year = held_on.year + YEARS_TO_REVIEW
    return held_on.replace(year=year, day=28 if (held_on.month, held_on.day) == (2, 29) else held_on.day)


def urgency(due: dt.date, today: dt.date) -> str:
    """How near a review is, as the kind of a badge; "" while it is more than a year away."""
    if due < today:
        return "danger"
    if due - URGENT <= today:
        return "warning"
    return "info" if due - AHEAD <= today else ""


def _check_days(held_on: dt.date, next_review_on: dt.date) -> None:
    if held_on > timezone.localdate():
        raise DomainError("Eingetragen wird eine Überprüfung, wenn sie stattgefunden hat.")
    if not held_on < next_review_on <= latest_day(held_on):
        raise DomainError(
            f"Die nächste Überprüfung liegt nach dieser und spätestens fünf Jahre danach: bis zum "
            f"{format_date(latest_day(held_on))}."
        )


def _newest(population: ReferencePopulation) -> ReferencePopulation:
    """The newest counts of the same Bezugsgröße that cover every space."""
    same = ReferencePopulation.objects.filter(
        kind=population.kind, age_from=population.age_from, age_to=population.age_to, date__gte=population.date
    )
    covered = same.annotate(n=Count("counts")).filter(Q(n=SocialSpace.objects.count()) | Q(pk=population.pk))
    return covered.order_by("-date", "-pk").first() or population
