"""Analyses of how sure the burden factors are: computed once, stored, never changed."""

import datetime as dt

from django.db import transaction

from indicators.calculation import inputs_of
from indicators.models import SensitivityRun, WeightingScheme
from indicators.runs import run_of
from indicators.sensitivity import analyse
from jugendhilfe.accounts.models import User
from jugendhilfe.audit.services import record
from jugendhilfe.lib.canonical import digest
from jugendhilfe.lib.errors import NotAllowed
from regions.access import scope
from regions.models import ReferencePopulation

DRAWS = 10_000


@transaction.atomic
def run_sensitivity(
    *,
    scheme: WeightingScheme,
    seed: int,
    actor: User,
    as_of: dt.date | None = None,
    population: ReferencePopulation | None = None,
    draws: int = DRAWS,
) -> SensitivityRun:
    """Analyse the factors of a scheme and keep the result; one that is kept already is given back.

    Day and Bezugsgröße are the scheme's own by default, as for `inputs_of`; raises BurdenError without factors.
    """
    if not scope(actor, "edit_schemes").everything:
        raise NotAllowed("Unsicherheiten berechnet die Jugendhilfeplanung.")
    scheme = WeightingScheme.objects.select_for_update(of=("self",)).select_related("population").get(pk=scheme.pk)
    inputs = inputs_of(scheme, as_of=as_of, population=population)
    if (kept := run_of(scheme, inputs, seed=seed, draws=draws)) is not None:
        return kept
    text, result = inputs.to_json(), analyse(inputs, seed=seed, draws=draws).to_json()
    run = SensitivityRun.objects.create(
        scheme=scheme,
        as_of=inputs.as_of,
        inputs=text,
        inputs_sha256=digest(text),
        seed=seed,
        draws=draws,
        result=result,
        sha256=digest(result),
        created_by=actor,
    )
    record(
        actor=actor,
        action="schemes.analyse",
        obj=scheme,
        data={"run": run.pk, "seed": seed, "draws": draws, "inputs": run.inputs_sha256, "sha256": run.sha256},
    )
    return run
