"""amounts = distribute(inputs), computed again for every adopted distribution, transition and review from its inputs.

Inputs and rows changed together would agree again: so what the log keeps of the distribution is held against it too.
"""

from collections.abc import Iterator, Mapping
from decimal import Decimal

from budgets.models import AdoptedDistribution, BlockMapping, QuotaReview, TransitionPlan, TransitionStatus
from budgets.quota import QuotaInputs
from budgets.review import ReviewInputs, review_quota
from budgets.services import reviews, transitions
from budgets.services.distributions import particulars
from budgets.split import BLOCKS
from budgets.transition import TransitionInputs
from jugendhilfe.audit.models import Entry
from jugendhilfe.audit.services import reason_digest
from jugendhilfe.audit.verify import entries_of
from jugendhilfe.lib.canonical import digest, from_json
from jugendhilfe.lib.errors import DomainError
from jugendhilfe.lib.formats import format_euro

PARTICULARS = {
    "total": "Betrag",
    "sha256": "Eingaben",
    "calculation": "Belastungsfaktoren",
    "model": "Verteilungsmodell",
    "basis": "Rechtsgrundlage",
    "basis_sha256": "Text der Rechtsgrundlage",
    "replaces": "ersetzte Verteilung",
    "quota_of": "angewendete Quote",
    "review_on": "Überprüfung bis",
    "adopted_at": "festgelegt am",
    "is_example": "Beispieldaten",
}


def verify_distributions() -> Iterator[str]:
    """One German sentence for every difference between what is kept and what the inputs give."""
    distributions = (
        AdoptedDistribution.objects.select_related("year", "calculation", "quota_of", "model", "basis")
        .prefetch_related("rows__space", "office_rows")
        .order_by("pk")
    )
    log = entries_of("distributions.adopt", "distributions.apply")
    for adopted in distributions.iterator(chunk_size=100):
        where = f"Verteilung {adopted.year.year} (Nr. {adopted.pk})"
        for difference in (*_unlike_the_log(adopted, log.get(str(adopted.pk))), *_differences(adopted)):
            yield f"{where}: {difference}"


def _unlike_the_log(adopted: AdoptedDistribution, entry: Entry | None) -> Iterator[str]:
    if entry is None:
        yield "Im Protokoll steht nicht, dass sie festgelegt wurde."
        return
    now = particulars(adopted)
    if other := [PARTICULARS[name] for name, value in entry.data.items() if now.get(name) != value]:
        yield f"Im Protokoll steht anderes: {', '.join(other)}."
    if adopted.adopted_by_id != entry.actor_id:
        yield "Nach dem Protokoll hat sie jemand anderes festgelegt."
    if reason_digest(entry.reason_salt, adopted.reason) != entry.reason_hash:
        yield "Die Begründung ist eine andere als die im Protokoll."


def _differences(adopted: AdoptedDistribution) -> Iterator[str]:
    if digest(adopted.inputs) != adopted.sha256:
        yield "Die Eingaben passen nicht zu ihrer Prüfsumme."
    try:
        inputs = from_json(QuotaInputs, adopted.inputs)
        amounts, shares = inputs.results()
        offices = inputs.office_amounts(amounts)
    except (DomainError, ArithmeticError, AttributeError, KeyError, TypeError, ValueError) as error:
        yield f"Die Eingaben lassen sich nicht nachrechnen ({type(error).__name__}: {error})."
        return
    yield from _head(adopted, inputs)
    kept = {row.space.key: row for row in adopted.rows.all()}
    yield from _compared("Sozialraum", "den Betrag", {key: row.amount for key, row in kept.items()}, amounts)
    yield from _compared("Sozialraum", "den Anteil", {key: row.share for key, row in kept.items()}, shares)
    for space in inputs.spaces:
        row = kept.get(space.key)
        if row is None:
            continue
        frozen = (space.name, space.region, space.reference_population, space.factor, space.previous)
        if frozen != (row.space_name, row.region_number, row.reference_population, row.factor, row.previous):
            yield f"Sozialraum {space.key}: Name, Region, Bezugsgröße, Faktor oder bisheriger Betrag weichen ab."
    parts = {row.office_id: row for row in adopted.office_rows.all()}
    yield from _compared("Büro", "den Betrag", {key: part.amount for key, part in parts.items()}, offices)
    for office in (office for space in inputs.spaces for office in space.offices):
        part = parts.get(office.id)
        if part is not None and (office.name, office.carrier) != (part.office_name, part.carrier_name):
            yield f"Büro {office.id}: Name oder Träger weichen ab."
    keys = {row.space_id: key for key, row in kept.items()}
    of_office = {office.id: space.key for space in inputs.spaces for office in space.offices}
    for part in parts.values():
        if keys.get(part.space_id) != of_office.get(part.office_id):
            yield f"Büro {part.office_id}: Der Sozialraum weicht ab."


def _head(adopted: AdoptedDistribution, inputs: QuotaInputs) -> Iterator[str]:
    if inputs.total != adopted.total:
        yield f"Verteilt sind {format_euro(adopted.total)}, nach den Eingaben {format_euro(inputs.total)}."
    deducted = sum((deduction.amount for deduction in inputs.deductions), Decimal(0))
    if inputs.gross - deducted != inputs.total:
        yield "Gesamtbetrag und Abzüge ergeben nicht den verteilten Betrag."
    if inputs.year != adopted.year.year:
        yield f"Die Eingaben sind für {inputs.year}."
    if inputs.calculation != adopted.calculation.sha256:
        yield "Die Belastungsfaktoren sind andere als die genannten."
    if inputs.quota_of != (adopted.quota_of.sha256 if adopted.quota_of else ""):
        yield "Die Quote ist eine andere als die genannte."


def _compared[K](noun: str, what: str, kept: Mapping[K, Decimal], computed: Mapping[K, Decimal]) -> Iterator[str]:
    for key in sorted(kept.keys() | computed.keys(), key=str):
        if kept.get(key) != computed.get(key):
            yield f"{noun} {key} hat {what} {_shown(kept.get(key))}, nachgerechnet {_shown(computed.get(key))}."


def _shown(value: Decimal | None) -> str:
    return "–" if value is None else f"{value:f}".replace(".", ",")


def verify_transitions() -> Iterator[str]:
    """One German sentence for every transition that cannot be computed again as it was put forward and adopted."""
    plans = TransitionPlan.objects.select_related("year", "distribution", "basis").order_by("pk")
    proposed, adopted = entries_of("transitions.propose"), entries_of("transitions.adopt")
    shown, withdrawn = entries_of("transitions.show"), entries_of("transitions.withdraw")
    for plan in plans.iterator(chunk_size=100):
        where = f"Übergang ab {plan.year.year} (Nr. {plan.pk})"
        entries = proposed.get(str(plan.pk)), adopted.get(str(plan.pk))
        for difference in (*_plan_unlike_the_log(plan, *entries), *_plan_differences(plan)):
            yield f"{where}: {difference}"
        if (plan.shown_to_carriers_at is not None) != (str(plan.pk) in shown):
            yield f"{where}: Ob die Träger ihn sehen, steht anders im Protokoll."
        if (plan.status == TransitionStatus.WITHDRAWN) != (str(plan.pk) in withdrawn):
            yield f"{where}: Ob er zurückgezogen ist, steht anders im Protokoll."


def _plan_unlike_the_log(plan: TransitionPlan, proposed: Entry | None, adopted: Entry | None) -> Iterator[str]:
    if proposed is None:
        yield "Im Protokoll steht nicht, dass er vorgeschlagen wurde."
    elif proposed.data.get("sha256") != plan.sha256:
        yield "Vorgeschlagen waren nach dem Protokoll andere Eingaben."
    is_adopted = plan.status == TransitionStatus.ADOPTED
    if is_adopted != (adopted is not None):
        yield "Der Stand ist ein anderer als im Protokoll."
    elif adopted is not None:
        now = transitions.particulars(plan)
        if other := [PARTICULARS[name] for name, value in adopted.data.items() if now.get(name) != value]:
            yield f"Im Protokoll steht anderes: {', '.join(other)}."
        if plan.adopted_by_id != adopted.actor_id:
            yield "Nach dem Protokoll hat ihn jemand anderes festgelegt."


def _plan_differences(plan: TransitionPlan) -> Iterator[str]:
    if digest(plan.inputs) != plan.sha256:
        yield "Die Eingaben passen nicht zu ihrer Prüfsumme."
    try:
        inputs = from_json(TransitionInputs, plan.inputs)
        inputs.results()
    except (DomainError, ArithmeticError, AttributeError, KeyError, TypeError, ValueError) as error:
        yield f"Die Eingaben lassen sich nicht nachrechnen ({type(error).__name__}: {error})."
        return
    if (inputs.year, inputs.kind) != (plan.year.year, plan.kind):
        yield "Jahr oder Art sind andere als in den Eingaben."
    if plan.distribution is not None and inputs.quota != plan.distribution.sha256:
        yield "Die Quote ist eine andere als die der genannten Verteilung."


def verify_mappings() -> Iterator[str]:
    """One German sentence for every version of the mapping of cost blocks that is not what was entered."""
    log = entries_of("mappings.add")
    for mapping in BlockMapping.objects.order_by("pk"):
        entry = log.get(str(mapping.pk))
        logged = {name: Decimal(value) for name, value in entry.data.items()} if entry else {}
        if logged != {name: getattr(mapping, name) for name in ("version", *BLOCKS)}:
            yield f"{mapping}: Im Protokoll steht anderes, oder nichts."


def verify_reviews() -> Iterator[str]:
    """One German sentence for every held review of a quota that is not what was entered."""
    held = QuotaReview.objects.select_related("distribution__calculation").order_by("pk")
    log = entries_of("quotas.review")
    for review in held.iterator(chunk_size=100):
        where = f"Überprüfung der Quote {review.distribution_id} (Nr. {review.pk})"
        for difference in (*_review_unlike_the_log(review, log.get(str(review.pk))), *_review_differences(review)):
            yield f"{where}: {difference}"


def _review_unlike_the_log(review: QuotaReview, entry: Entry | None) -> Iterator[str]:
    if entry is None:
        yield "Im Protokoll steht nicht, dass sie eingetragen wurde."
        return
    now = reviews.particulars(review)
    if any(now.get(name) != value for name, value in entry.data.items()) or review.created_by_id != entry.actor_id:
        yield "Im Protokoll steht anderes."
    if reason_digest(entry.reason_salt, review.reason) != entry.reason_hash:
        yield "Die Begründung ist eine andere als die im Protokoll."


def _review_differences(review: QuotaReview) -> Iterator[str]:
    if digest(review.inputs) != review.sha256:
        yield "Die Eingaben passen nicht zu ihrer Prüfsumme."
    try:
        kept = from_json(ReviewInputs, review.inputs)
        rows = review_quota(from_json(QuotaInputs, review.distribution.inputs), kept.now)
    except (DomainError, ArithmeticError, AttributeError, KeyError, TypeError, ValueError) as error:
        yield f"Die Eingaben lassen sich nicht nachrechnen ({type(error).__name__}: {error})."
        return
    if rows != kept.rows:
        yield "Faktoren oder Beträge sind nachgerechnet andere."
    if (kept.quota, kept.calculation) != (review.distribution.sha256, review.distribution.calculation.sha256):
        yield "Die Quote ist eine andere als die genannte."
