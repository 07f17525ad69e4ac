"""The life of a scheme: draft → proposed → adopted → superseded. Buttons, services, docs and tests read this."""

from dataclasses import dataclass

from indicators.models import SchemeStatus, WeightingScheme
from jugendhilfe.accounts.models import User
from jugendhilfe.lib.errors import DomainError, NotAllowed
from regions.access import Visitor, scope


@dataclass(frozen=True, slots=True)
class Transition:
    """A step of a workflow: who has the permission may take it; `label` is the word on the button."""

    name: str
    source: str
    target: str
    permission: str
    label: str


TRANSITIONS = (
    Transition("propose", SchemeStatus.DRAFT, SchemeStatus.PROPOSED, "edit_schemes", "Vorschlagen"),
    Transition("return", SchemeStatus.PROPOSED, SchemeStatus.DRAFT, "adopt_schemes", "Zurückgeben"),
    Transition("adopt", SchemeStatus.PROPOSED, SchemeStatus.ADOPTED, "adopt_schemes", "Festlegen"),
    Transition("supersede", SchemeStatus.ADOPTED, SchemeStatus.SUPERSEDED, "adopt_schemes", "Ablösen"),
)
# Taken by the service that adopts the next version, never by a button.
AUTOMATIC = frozenset({"supersede"})


def open_to(user: Visitor, scheme: WeightingScheme) -> list[Transition]:
    """The steps whose buttons this person sees."""
    return [
        step
        for step in TRANSITIONS
        if step.source == scheme.status and step.name not in AUTOMATIC and scope(user, step.permission).everything
    ]


def move(scheme: WeightingScheme, name: str, actor: User) -> None:
    """Take a step on a locked scheme; the only place where a status changes. Does not save."""
    step = next(step for step in TRANSITIONS if step.name == name)
    if not scope(actor, step.permission).everything:
        raise NotAllowed(f"„{step.label}“ gehört nicht zu Ihren Aufgaben.")
    if scheme.status != step.source:
        raise DomainError(
            f"„{step.label}“ geht nur im Stand „{SchemeStatus(step.source).label}“; "
            f"{scheme} ist im Stand „{scheme.get_status_display()}“."
        )
    scheme.status = step.target
