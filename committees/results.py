"""What the models put to a body give today, computed from the addresses of their scenarios; whose space is whose."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from django.db.models import Q
from django.utils import timezone

from budgets.basis import Place
from budgets.comparison import Column, Comparison
from budgets.contributions import Contributions
from budgets.models import FiscalYear
from budgets.scenario import WEIGHT
from budgets.what_if import Reader, WhatIf
from committees.models import RatedModel, Tie
from committees.outcomes import Outcome, outcomes_of, parameters_of
from indicators.models import WeightingScheme
from jugendhilfe.accounts.models import User
from jugendhilfe.lib.formats import format_euro, format_euro_change
from regions.models import OfficeContract, RoleAssignment, SocialSpace


@dataclass(frozen=True, slots=True)
class SpaceResult:
    """What a model gives one space, why in a sentence, and the way there line by line."""

    name: str
    amount: Decimal
    previous: Decimal | None
    sentence: str
    lines: list[tuple[str, str]]

    @property
    def change(self) -> Decimal | None:
        return None if self.previous is None else self.amount - self.previous

    @property
    def question(self) -> str:
        loses = self.change is not None and self.change < 0
        return f"Warum bekommt {self.name} {'weniger' if loses else 'diesen Betrag'}?"


@dataclass(frozen=True)
class ModelResult:
    """One column of a scenario; `problem` says why there is none."""

    outcome: Outcome
    number: int

    @property
    def what_if(self) -> WhatIf | None:
        return self.outcome.what_if

    @property
    def column(self) -> Column | None:
        columns = self.outcome.comparison.columns if self.outcome.comparison else ()
        return next((column for column in columns if column.number == self.number), None)

    @property
    def title(self) -> str:
        return self.column.title if self.column else ""

    @property
    def problem(self) -> str:
        if self.column is None:
            return self.outcome.problem or "Diese Spalte gibt es im Szenario nicht."
        return self.column.error

    @property
    def amounts(self) -> Mapping[str, Decimal]:
        return self.column.distribution.amounts if self.column and self.column.distribution else {}

    @property
    def places(self) -> Sequence[Place]:
        return self.outcome.comparison.places if self.outcome.comparison else ()

    @cached_property
    def comparison(self) -> Comparison | None:
        """This column by itself."""
        found = self.outcome.comparison
        return Comparison(found.total, found.places, (self.column,)) if found and self.column else None

    @cached_property
    def contributions(self) -> Contributions | None:
        """What moves the amounts; None where the column does not work out."""
        found = self.what_if.moved_by_indicators([self.column]) if self.what_if and self.column else []
        return next((moved for _, moved in found), None)

    @property
    def by_need(self) -> bool:
        return bool(self.column and self.column.model.need)

    def of(self, keys: Iterable[str]) -> list[SpaceResult]:
        """What these spaces (official keys) get, in the order of the places."""
        wanted, moved = set(keys), self.contributions
        return [self._space(place, moved) for place in self.places if moved and place.key in wanted]

    def _space(self, place: Place, moved: Contributions) -> SpaceResult:
        start, amount, previous = moved.start[place.key], moved.amount[place.key], place.space.previous
        # Without a share by need no indicator moves anything: their lines would say nothing but zero.
        steps = [(head, euros[place.key]) for head, euros in moved.columns if self.by_need or any(euros.values())]
        lines = [
            ("Bei gleicher Belastung aller Sozialräume" if self.by_need else "Nach diesem Modell", format_euro(start)),
            *((head, format_euro_change(euros)) for head, euros in steps),
            ("Betrag", format_euro(amount)),
        ]
        if previous is not None:
            lines += [("Bisher", format_euro(previous)), ("Veränderung", format_euro_change(amount - previous))]
        return SpaceResult(place.name, amount, previous, moved.sentence(place.key, place.name), lines)


def results_of(models: Iterable[RatedModel]) -> dict[int, ModelResult]:
    """What rated models give today, by primary key; expects them with their scenario."""
    models = list(models)
    scenarios = {model.scenario_id: model.scenario for model in models}
    outcomes = {found.scenario.pk: found for found in outcomes_of(scenarios.values(), everything())}
    return {model.pk: ModelResult(outcomes[model.scenario_id], model.column) for model in models}


def amounts_by(model: RatedModel, scheme: WeightingScheme) -> Mapping[str, Decimal]:
    """What a rated model would give by the weights of another version of its scheme."""
    given = {
        name: text for name, text in parameters_of(model.scenario.query).items() if not name.startswith(WEIGHT)
    } | {"schema": str(scheme.pk)}
    return ModelResult(Outcome(model.scenario, everything().read(given)), model.column).amounts


def everything() -> Reader:
    """All years and schemes: what a body was shown, its members read whatever state it is in."""
    return Reader(FiscalYear.objects.all(), WeightingScheme.objects.all())


def own_spaces(user: User) -> list[str]:
    """Official keys of the spaces that are the user's: by a tie or role of today, directly or by a carrier's office."""
    today = timezone.localdate()
    ties = Tie.objects.filter(person=user).valid_on(today)
    roles = RoleAssignment.objects.filter(user=user).effective_on(today)
    carriers = Q(carrier__in=ties.values("carrier")) | Q(carrier__in=roles.values("carrier"))
    contracts = OfficeContract.objects.filter(carriers).valid_on(today)
    spaces = SocialSpace.objects.filter(
        Q(pk__in=ties.values("space")) | Q(pk__in=roles.values("space")) | Q(pk__in=contracts.values("office__space"))
    )
    return list(spaces.order_by("key").values_list("key", flat=True))
