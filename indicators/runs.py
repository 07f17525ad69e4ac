"""Stored analyses of uncertainty: the one that belongs to some inputs, and whether all still come out the same."""

from collections.abc import Iterator
from dataclasses import asdict, replace
from typing import Any

from indicators.burden import BurdenError
from indicators.inputs import Inputs
from indicators.models import SensitivityRun, WeightingScheme
from indicators.sensitivity import Sensitivity, analyse
from jugendhilfe.audit.models import Entry
from jugendhilfe.lib.canonical import digest


def run_of(scheme: WeightingScheme, inputs: Inputs, **conditions: Any) -> SensitivityRun | None:
    """The newest stored run of these very inputs; the day they were asked for says nothing about them."""
    kept = scheme.sensitivity_runs.filter(**conditions).order_by("-pk").values_list("pk", "as_of", "inputs_sha256")
    fingerprints: dict[Any, str] = {}
    for pk, as_of, sha256 in kept:
        if as_of not in fingerprints:
            fingerprints[as_of] = digest(replace(inputs, as_of=as_of).to_json())
        if fingerprints[as_of] == sha256:
            return SensitivityRun.objects.select_related("created_by").defer("inputs").get(pk=pk)
    return None


def verify_runs() -> Iterator[str]:
    """One German sentence for every stored analysis that its inputs and its seed do not give again, bit for bit."""
    entries = Entry.objects.filter(action="schemes.analyse").values_list("data", flat=True)
    logged = {data["run"]: (data["seed"], data["draws"], data["inputs"], data["sha256"]) for data in entries}
    for run in SensitivityRun.objects.select_related("scheme").order_by("pk").iterator(chunk_size=10):
        for difference in _differences(run, logged.get(run.pk)):
            yield f"Unsicherheitsrechnung {run.pk} ({run.scheme}): {difference}"


def _differences(run: SensitivityRun, logged: tuple[Any, ...] | None) -> Iterator[str]:
    if logged != (run.seed, run.draws, run.inputs_sha256, run.sha256):
        yield "Im Protokoll stehen andere Angaben, oder keine."
    if digest(run.inputs) != run.inputs_sha256:
        yield "Die Eingaben passen nicht zu ihrer Prüfsumme."
    if digest(run.result) != run.sha256:
        yield "Das Ergebnis passt nicht zu seiner Prüfsumme."
    try:
        settings = Sensitivity.from_json(run.result).settings
        again = analyse(Inputs.from_json(run.inputs), **asdict(settings))
    except (BurdenError, ValueError, TypeError, KeyError) as error:
        yield f"Sie lässt sich nicht nachrechnen ({error})."
        return
    if (settings.seed, settings.draws) != (run.seed, run.draws):
        yield "Startwert oder Zahl der Ziehungen sind andere als im Ergebnis."
    if again.to_json() != run.result:
        yield "Nachgerechnet kommt ein anderes Ergebnis heraus."
