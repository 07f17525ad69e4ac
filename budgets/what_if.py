"""From an address to a comparison: which year and scheme it means, its assumptions, and what they come to."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from decimal import Decimal
from functools import cache, cached_property
from typing import Any

from budgets.basis import Previous, offices_per_space, places_of, previous_of
from budgets.comparison import Column, Comparison, compare
from budgets.contributions import Contributions, explained
from budgets.forms.comparison import ComparisonForm
from budgets.models import FiscalYear
from budgets.models.years import FiscalYearQuerySet
from budgets.scenario import Scenario, completed
from indicators.calculation import inputs_of
from indicators.inputs import Calculated, Inputs
from indicators.models import SchemeStatus, WeightingScheme, WeightingSchemeQuerySet
from jugendhilfe.lib.errors import DomainError
from jugendhilfe.lib.money import CENT
from regions.access import Visitor


@dataclass
class WhatIf:
    """`comparison` is None where an assumption is wrong (then the form says which) or `problem` says why."""

    year: FiscalYear
    scheme: WeightingScheme
    start: Scenario
    form: ComparisonForm
    previous: Previous
    inputs: Inputs | None = None
    calculated: Calculated | None = None
    comparison: Comparison | None = None
    problem: str = ""
    scenario: Scenario = field(init=False)

    def __post_init__(self) -> None:
        self.scenario = self.form.scenario or self.start

    @property
    def other_weights(self) -> list[tuple[str, float, float]]:
        """Name, weight and the scheme's own weight in per cent, where any differs; else nothing."""
        if self.inputs is None or self.form.scenario is None:
            return []
        own, used = self.inputs.shares(), self.inputs.shares(self.scenario.weights)
        if all(abs(own[code] - share) < 1e-12 for code, share in used.items()):
            return []
        names = {member.code: member.short_name for member in self.inputs.members}
        return [(names[code], 100 * share, 100 * own[code]) for code, share in used.items()]

    @property
    def columns_by_need(self) -> list[Column]:
        return [column for column in self.comparison.done if column.model.need] if self.comparison else []

    def moved_by_indicators(self, columns: Sequence[Column]) -> list[tuple[Column, Contributions]]:
        """What every indicator moves in euros, for columns that distribute by need."""
        if self.calculated is None:
            return []
        calculated = self.calculated
        return [(column, explained(column.distribution, calculated)) for column in columns if column.distribution]

    @property
    def is_example(self) -> bool:
        from_inputs = self.inputs is not None and self.inputs.is_example
        return self.year.is_example or self.previous.is_example or from_inputs

    @property
    def proposed_amount(self) -> Decimal | None:
        """The amounts so far, raised by the index: a proposal for the amount, never more."""
        if self.scenario.index is None or not self.previous.amounts:
            return None
        raised = sum(self.previous.amounts.values(), Decimal(0)) * (100 + self.scenario.index) / 100
        return raised.quantize(CENT)

    def query_with_scheme(self, scheme: int) -> str:
        return replace(self.scenario, scheme=scheme).query

    @property
    def query_with_proposed_amount(self) -> str:
        amount = self.proposed_amount
        return replace(self.scenario, amount=self.scenario.amount if amount is None else amount).query


class Reader:
    """Reads what-ifs over some years and schemes; whatever several of them rest on is asked for once."""

    def __init__(self, years: FiscalYearQuerySet, schemes: WeightingSchemeQuerySet) -> None:
        self._years = years
        self._schemes = schemes
        self._previous = cache(previous_of)
        self._inputs = cache(inputs_of)
        self._offices = cache(offices_per_space)

    def read(self, given: Mapping[str, str]) -> WhatIf | None:
        """The what-if of an address; None where there is no year or no scheme to start with."""
        if not self.years or not self.schemes:
            return None
        year = next((year for year in self.years if str(year.year) == given.get("jahr")), _usual(self.years))
        scheme = next((one for one in self.schemes if str(one.pk) == given.get("schema")), self.schemes[0])
        previous = self._previous(year.year)
        inputs, problem = None, ""
        try:
            inputs = self._inputs(scheme)
        except DomainError as error:
            problem = str(error)
        members = [member for member in inputs.members if not member.dropped] if inputs else []
        start = Scenario(
            year=year.year,
            scheme=scheme.pk,
            amount=max(year.total_family - year.deducted, Decimal(0)) or sum(previous.amounts.values(), Decimal(0)),
            weights={member.code: member.weight for member in members},
        )
        form = ComparisonForm(
            completed(given, start), years=self.years, schemes=self.schemes, members=members, start=start
        )
        form.is_valid()
        what_if = WhatIf(year, scheme, start, form, previous, inputs=inputs, problem=problem)
        if form.scenario and inputs:
            self._compare(what_if, inputs)
        return what_if

    @cached_property
    def years(self) -> list[Any]:
        return list(self._years.with_deducted().order_by("-year"))

    @cached_property
    def schemes(self) -> list[WeightingScheme]:
        return sorted(self._schemes.select_related("population"), key=_rank)

    def _compare(self, what_if: WhatIf, inputs: Inputs) -> None:
        scenario, year = what_if.scenario, what_if.year.year
        try:
            what_if.calculated = inputs.calculate(scenario.weights)
            factors = what_if.calculated.factors
            places = places_of(inputs, factors, year, what_if.previous, offices=self._offices(year))
            models = {number: choice.model() for number, choice in scenario.choices.items()}
            what_if.comparison = compare(scenario.amount, places, models)
        except DomainError as error:
            what_if.problem = str(error)


def read_what_if(user: Visitor, given: Mapping[str, str]) -> WhatIf | None:
    """The what-if of an address with the years and schemes a user sees."""
    return Reader(FiscalYear.objects.visible_to(user), WeightingScheme.objects.visible_to(user)).read(given)


def _usual(years: list[Any]) -> Any:
    """The newest year there is money for, else the newest."""
    return next((year for year in years if year.total_family), years[0])


def _rank(scheme: WeightingScheme) -> tuple[int, str, int]:
    order = (SchemeStatus.ADOPTED, SchemeStatus.PROPOSED, SchemeStatus.DRAFT, SchemeStatus.SUPERSEDED)
    return order.index(SchemeStatus(scheme.status)), scheme.name, -scheme.version
