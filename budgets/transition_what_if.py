"""From an address to a transition: which quota it means, what it assumes, and what that comes to year by year."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from budgets.forms.transitions import TransitionForm
from budgets.transition import InsufficientFunds, TransitionInputs
from budgets.transition_assumptions import (
    Assumptions,
    Source,
    bases_for,
    completed,
    source_of,
    to_start_with,
    words_of,
)
from budgets.transition_reading import Reading, read
from jugendhilfe.lib.errors import DomainError
from regions.access import Visitor


@dataclass
class TransitionWhatIf:
    """`reading` is None where an assumption is wrong (then the form says which) or `problem` says why."""

    source: Source | None
    form: TransitionForm | None
    inputs: TransitionInputs | None = None
    reading: Reading | None = None
    problem: str = ""

    @property
    def assumptions(self) -> Assumptions | None:
        return (self.form.assumptions or self.form.start) if self.form else None

    @property
    def bound(self) -> Decimal:
        return self.assumptions.bound if self.assumptions else Decimal(100)


def read_transition(user: Visitor, given: Mapping[str, str]) -> TransitionWhatIf | None:
    """The transition of an address; None where there is no quota to start with."""
    bases = bases_for(user)
    if not bases:
        return None
    of_year = (key for key, one in bases.items() if str(one.year.year) == given.get("jahr"))
    key = given["von"] if given.get("von") in bases else next(of_year, next(iter(bases)))
    try:
        source = source_of(bases[key])
        start = to_start_with(source)
    except DomainError as error:
        return TransitionWhatIf(None, None, problem=str(error))
    form = TransitionForm(
        completed(given, start),
        sources=[(name, words_of(one)) for name, one in bases.items()],
        first_year=source.quota.year,
        regions=source.regions,
        start=start,
    )
    what_if = TransitionWhatIf(source, form)
    if form.is_valid() and form.assumptions:
        what_if.inputs = form.assumptions.inputs(source)
        try:
            what_if.reading = read(what_if.inputs.results())
        except InsufficientFunds as error:
            form.add_error("erhoehung", str(error))
        except DomainError as error:
            form.add_error(None, str(error))
    return what_if
