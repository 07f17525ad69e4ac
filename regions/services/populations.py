"""Keeping reference populations and their counts; what a calculation rests on stays as it is."""

from collections.abc import Mapping

from django.db import models, transaction

from jugendhilfe.accounts.models import User
from jugendhilfe.audit.services import record
from jugendhilfe.lib.errors import DomainError
from regions.models import ReferencePopulation, ReferencePopulationCount, SocialSpace
from regions.services.master_data import keep, must_edit

IN_USE = "Mit dieser Bezugsgröße wird gerechnet. Sie bleibt, wie sie ist; bitte legen Sie eine neue an."


@transaction.atomic
def keep_population(*, population: ReferencePopulation, actor: User | None, reason: str = "") -> ReferencePopulation:
    """Enter a new reference population or the changes of one that nothing rests on yet."""
    must_edit(actor)
    if population.pk is not None:
        _must_be_free(population)
    return keep(population, "populations", actor=actor, reason=reason)


@transaction.atomic
def keep_counts(
    *,
    population: ReferencePopulation,
    counts: Mapping[str, int],
    actor: User | None,
    reason: str = "",
    sha256: str = "",
) -> list[tuple[str, int | None, int]]:
    """Set the counts by the key of the space; returns what changed: space, before, now. `sha256` names their file."""
    must_edit(actor)
    population = ReferencePopulation.objects.select_for_update().get(pk=population.pk)
    _must_be_free(population)
    before = {count.space.key: count for count in population.counts.select_related("space")}
    spaces = SocialSpace.objects.in_bulk(counts, field_name="key")
    changes: list[tuple[str, int | None, int]] = []
    for key, number in counts.items():
        row = before.get(key) or ReferencePopulationCount(population=population, space=spaces[key])
        if row.count != number:
            changes.append((str(row.space), row.count, number))
            row.count = number
            row.full_clean()
            row.save()
    if changes:
        data = {"changes": changes, **({"sha256": sha256} if sha256 else {})}
        record(actor=actor, action="populations.counts", obj=population, reason=reason, data=data)
    return changes


@transaction.atomic
def delete_population(*, population: ReferencePopulation, actor: User, reason: str) -> None:
    """Drop one that nothing rests on; the log keeps what it was."""
    must_edit(actor)
    population = ReferencePopulation.objects.select_for_update().get(pk=population.pk)
    counts = {count.space.key: count.count for count in population.counts.select_related("space")}
    record(
        actor=actor,
        action="populations.delete",
        obj=population,
        reason=reason,
        data={"source": population.source, "counts": counts},
    )
    try:
        population.delete()
    except models.ProtectedError as error:
        raise DomainError(IN_USE) from error


def is_in_use(population: ReferencePopulation) -> bool:
    """Whether a protected row points here. Who that is stands above this app: the references themselves say it."""
    return any(
        relation.related_model._base_manager.filter(**{relation.field.name: population}).exists()
        # Hidden ones too: most of those above point here without a way back.
        for relation in population._meta.get_fields(include_hidden=True)
        if isinstance(relation, models.ManyToOneRel) and relation.on_delete is models.PROTECT
    )


def _must_be_free(population: ReferencePopulation) -> None:
    if is_in_use(population):
        raise DomainError(IN_USE)
