"""The figures of a report as plain values that JSON can keep; later nothing but sums is computed from them."""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction

from django.conf import settings
from django.utils import timezone

from budgets.basis import Previous, previous_of
from budgets.comparison import short_title, title
from budgets.distribution import (
    FROM_INCREASE,
    INTO_CUT,
    Allocation,
    Distribution,
    DistributionError,
    Space,
    build_model,
    distribute,
    fairness,
    who_pays_whom,
)
from budgets.models import AdoptedDistribution, DistributionModel, FiscalYear, TransitionPlan
from budgets.quota import FrozenDeduction, FrozenModel, QuotaInputs
from budgets.services.distributions import quota_inputs, spaces_of
from budgets.transition import TransitionInputs
from committees.models import CarrierStatement, Paper, StatementStatus
from indicators.burden import BurdenError
from indicators.calculation import calculate
from indicators.inputs import Calculated, Inputs
from jugendhilfe.audit.models import ChainHead
from jugendhilfe.lib.canonical import added_later, digest, from_json, to_json
from jugendhilfe.lib.errors import DomainError
from regions.models import CarrierKind, SocialSpace

NOTHING = Decimal("0.00")
FREELANCER = "freiberuflich tätige Person"
"""How a paper names those whose names are not public."""
ALTERNATIVES = (("M0", 0), ("M1", 0), ("M2", 0), ("M3", 20))
"""Models to compare with, each with its base in per cent; the report's own model takes the place of its equal."""


@dataclass(frozen=True, slots=True, kw_only=True)
class IndicatorFigures:
    """An indicator: `share` is the agreed weight in per cent, `county_value` the value of all spaces together."""

    code: str
    name: str
    unit: str
    decimals: int
    direction: str
    share: Decimal
    reason: str
    county_value: Decimal
    numerator_name: str
    denominator_name: str
    source: str
    reference_date: dt.date


@dataclass(frozen=True, slots=True, kw_only=True)
class CellFigures:
    """A value, its rating (1 = as all spaces together), what it adds to the factor; `note`: how a gap was filled."""

    value: Decimal
    numerator: Decimal | None
    denominator: Decimal | None
    rating: Decimal
    contribution: Decimal
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SpaceFigures:
    """A social space; `cells` in the order of the indicators, `limits` is what the limits add to the factor."""

    key: str
    name: str
    region: int
    region_name: str
    column: Decimal | None
    row: Decimal | None
    people: int
    factor: Decimal
    limits: Decimal
    cells: tuple[CellFigures, ...]
    previous: Decimal | None
    amount: Decimal

    @property
    def change(self) -> Decimal | None:
        return None if self.previous is None else self.amount - self.previous

    @property
    def percent(self) -> Decimal | None:
        return self.change / self.previous * 100 if self.previous and self.change is not None else None


@dataclass(frozen=True, slots=True, kw_only=True)
class OutsideFigures:
    """An area of the county without a share: a tile of the map."""

    name: str
    column: Decimal
    row: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeFigures:
    name: str
    carrier: str
    space: str
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelFigures:
    """A model over the same total: amounts in the order of the spaces and fairness figures; None has no meaning."""

    code: str
    title: str
    is_chosen: bool
    amounts: tuple[Decimal, ...]
    moved: Decimal
    losers: int
    largest_loss: Decimal | None
    largest_loss_of: str
    per_head_low: Decimal | None
    per_head_high: Decimal | None
    per_burdened_head_low: Decimal | None
    per_burdened_head_high: Decimal | None
    gini: Decimal | None
    correlation: Decimal | None


@dataclass(frozen=True, slots=True, kw_only=True)
class TransferFigures:
    payer: str
    receiver: str
    amount: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class BasisFigures:
    """The legal basis of an adopted distribution."""

    name: str
    wording: str


@dataclass(frozen=True, slots=True, kw_only=True)
class StatementFigures:
    """What a carrier handed in about the transition."""

    carrier: str
    text: str
    date: dt.date


@dataclass(frozen=True, slots=True, kw_only=True)
class TransitionFigures:
    """The transition that a paper shows: its inputs recompute every year, `sha256` is their fingerprint."""

    name: str
    status: str
    reason: str
    sha256: str
    inputs: TransitionInputs
    statements: tuple[StatementFigures, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Figures:
    """All that a report prints besides its own words. `chain_head` is the audit log's at that moment."""

    format: int = 1
    county: str
    head: str
    whole_area: str
    year: int
    gross: Decimal
    deductions: tuple[FrozenDeduction, ...]
    total: Decimal
    previous_source: str
    model: FrozenModel
    model_reason: str
    scheme: str
    scheme_basis: str
    method: str
    aggregation: str
    spread: Decimal
    factor_min: Decimal | None
    factor_max: Decimal | None
    population: str
    population_date: dt.date
    population_source: str
    data_as_of: dt.date
    indicators: tuple[IndicatorFigures, ...]
    spaces: tuple[SpaceFigures, ...]
    offices: tuple[OfficeFigures, ...]
    without_office: str
    outside: tuple[OutsideFigures, ...]
    models: tuple[ModelFigures, ...]
    transfers: tuple[TransferFigures, ...]
    basis: BasisFigures | None
    inputs_sha256: str
    examples: tuple[str, ...]
    chain_number: int
    chain_head: str
    transition: TransitionFigures | None = added_later(None)  # noqa: RUF009  a field

    @property
    def previous(self) -> Decimal | None:
        """What all spaces had the year before; None unless every one of them is known."""
        return _sum(space.previous for space in self.spaces)

    @property
    def change(self) -> Decimal | None:
        return None if self.previous is None else self.total - self.previous

    @property
    def chosen(self) -> ModelFigures:
        return next(model for model in self.models if model.is_chosen)

    @property
    def alternatives(self) -> list[ModelFigures]:
        return [model for model in self.models if not model.is_chosen]

    @property
    def losers(self) -> list[SpaceFigures]:
        """Who gets less than the year before, the largest loss first."""
        return sorted((space for space in self.spaces if (space.change or 0) < 0), key=lambda space: space.change or 0)

    @property
    def regions(self) -> list["RegionFigures"]:
        numbers = dict.fromkeys((space.region, space.region_name) for space in self.spaces)
        return [
            RegionFigures(name, tuple(space for space in self.spaces if space.region == number))
            for number, name in numbers
        ]


@dataclass(frozen=True, slots=True)
class RegionFigures:
    """The sum of a region's spaces."""

    name: str
    spaces: tuple[SpaceFigures, ...]

    @property
    def amount(self) -> Decimal:
        return sum((space.amount for space in self.spaces), NOTHING)

    @property
    def previous(self) -> Decimal | None:
        return _sum(space.previous for space in self.spaces)

    @property
    def change(self) -> Decimal | None:
        return None if self.previous is None else self.amount - self.previous


def figures_of(paper: Paper) -> Figures:
    """The figures as they are now; DomainError where the proposal cannot be computed yet."""
    if paper.distribution is not None:
        figures = _of_distribution(paper.distribution)
    else:
        assert paper.model is not None  # the database holds one of the two
        figures = _of_proposal(paper.model)
    return figures if paper.transition is None else replace(figures, transition=_transition(paper.transition))


def _transition(plan: TransitionPlan) -> TransitionFigures:
    submitted = CarrierStatement.objects.filter(plan=plan, status=StatementStatus.SUBMITTED).select_related("carrier")
    return TransitionFigures(
        name=plan.name,
        status=plan.get_status_display(),
        reason=plan.reason,
        sha256=plan.sha256,
        inputs=from_json(TransitionInputs, plan.inputs),
        statements=tuple(
            StatementFigures(
                carrier=FREELANCER if one.carrier.kind == CarrierKind.FREELANCER else one.carrier.name,
                text=one.text,
                date=timezone.localdate(one.submitted_at),
            )
            for one in submitted
        ),
    )


def _of_distribution(distribution: AdoptedDistribution) -> Figures:
    quota = from_json(QuotaInputs, distribution.inputs)
    calculated = Inputs.from_json(distribution.calculation.inputs).calculate()
    amounts, shares = quota.results()
    basis = distribution.basis
    return _figures(
        quota,
        calculated,
        Result(amounts, {key: Fraction(share) * Fraction(quota.total) for key, share in shares.items()}),
        scheme_basis=distribution.calculation.scheme.legal_basis,
        model_reason=distribution.model.reason,
        basis=BasisFigures(name=str(basis), wording=basis.wording),
        inputs_sha256=distribution.sha256,
        examples=_examples(distribution.year, previous_of(distribution.year.year)) if distribution.is_example else (),
    )


def _of_proposal(model: DistributionModel) -> Figures:
    year = model.year
    try:
        calculated = calculate(model.scheme)
    except BurdenError as error:
        raise DomainError(f"Die Belastungsfaktoren lassen sich nicht berechnen: {error}") from error
    previous = previous_of(year.year)
    spaces = spaces_of(calculated.inputs, calculated.factors, year.year, previous)
    quota = quota_inputs(year, model, spaces, calculation="", previous_source=previous.source)
    distribution = quota.distribution()
    return _figures(
        quota,
        calculated,
        Result(distribution.amounts, {a.space.key: a.exact for a in distribution.allocations}),
        scheme_basis=model.scheme.legal_basis,
        model_reason=model.reason,
        basis=None,
        inputs_sha256=digest(to_json(quota)),
        examples=_examples(year, previous),
    )


@dataclass(frozen=True, slots=True)
class Result:
    """What the spaces get by key: in cents, and exactly, before any rounding."""

    amounts: Mapping[str, Decimal]
    exact: Mapping[str, Fraction]


def _figures(
    quota: QuotaInputs,
    calculated: Calculated,
    result: Result,
    *,
    scheme_basis: str,
    model_reason: str,
    basis: BasisFigures | None,
    inputs_sha256: str,
    examples: Sequence[str],
) -> Figures:
    inputs, head = calculated.inputs, ChainHead.objects.get()
    tiles = {key: (column, row) for key, column, row in SocialSpace.objects.values_list("key", "hex_column", "hex_row")}
    cells = _cells(calculated)
    # The order of the year's regions, not the one of the day the factors were computed.
    spaces = tuple(
        SpaceFigures(
            key=space.key,
            name=space.name,
            region=space.region,
            region_name=space.region_name,
            column=tiles.get(space.key, (None, None))[0],
            row=tiles.get(space.key, (None, None))[1],
            people=space.reference_population,
            factor=space.factor,
            limits=_eight(calculated.result.limits[calculated.result.keys.index(space.key)]),
            cells=cells[space.key],
            previous=space.previous,
            amount=result.amounts[space.key],
        )
        for space in quota.spaces
    )
    parts = quota.office_amounts(result.amounts)
    county = settings.COUNTY
    return Figures(
        county=county.name,
        head=county.head,
        whole_area=county.whole_area,
        year=quota.year,
        gross=quota.gross,
        deductions=quota.deductions,
        total=quota.total,
        previous_source=quota.previous_source,
        model=quota.model,
        model_reason=model_reason,
        scheme=quota.scheme,
        scheme_basis=scheme_basis,
        method=inputs.method,
        aggregation=inputs.aggregation,
        spread=inputs.spread,
        factor_min=inputs.factor_min,
        factor_max=inputs.factor_max,
        population=inputs.population,
        population_date=inputs.population_date,
        population_source=inputs.population_source,
        data_as_of=inputs.as_of,
        indicators=_indicators(calculated),
        spaces=spaces,
        offices=tuple(
            OfficeFigures(name=office.name, carrier=office.carrier, space=space.name, amount=parts[office.id])
            for space in quota.spaces
            for office in space.offices
        ),
        without_office=quota.without_office,
        outside=tuple(
            OutsideFigures(name=name, column=Decimal(str(column)), row=Decimal(str(row)))
            for name, column, row in county.outside
        ),
        models=tuple(_models(quota, result)),
        transfers=tuple(_transfers(quota, result.amounts)),
        basis=basis,
        inputs_sha256=inputs_sha256,
        examples=(*examples, *(("Indikatorwerte oder die Bezugsgröße",) if inputs.is_example else ())),
        chain_number=head.number,
        chain_head=head.fingerprint,
    )


def _examples(year: FiscalYear, previous: Previous) -> tuple[str, ...]:
    marked = ((year.is_example, f"das Gesamtbudget {year.year}"), (previous.is_example, "die bisherigen Beträge"))
    return tuple(words for is_example, words in marked if is_example)


def _indicators(calculated: Calculated) -> tuple[IndicatorFigures, ...]:
    shares = calculated.result.weights
    return tuple(
        IndicatorFigures(
            code=member.code,
            name=member.name,
            unit=member.unit,
            decimals=member.decimals,
            direction=member.direction,
            share=_eight(shares[number] * 100),
            reason=member.reason,
            county_value=_eight(calculated.result.county_values[number]),
            numerator_name=member.numerator_name,
            denominator_name=member.denominator_name,
            source=member.release.source if member.release else "",
            reference_date=member.release.reference_date if member.release else calculated.inputs.as_of,
        )
        for number, member in enumerate(calculated.members)
    )


GAP_WORDS = {
    "last_year": "Wert des Vorjahres",
    "county": "Wert aller Sozialräume",
    "estimate": "Schätzung",
}


def _cells(calculated: Calculated) -> dict[str, tuple[CellFigures, ...]]:
    result, found = calculated.result, {}
    for row, key in enumerate(result.keys):
        cells = [calculated.cell(row, column) for column in range(len(result.codes))]
        found[key] = tuple(
            CellFigures(
                value=_eight(result.values[row, column]),
                numerator=cell.numerator,
                denominator=cell.denominator,
                rating=_eight(result.ratings[row, column]),
                contribution=_eight(result.contributions[row, column]),
                note=GAP_WORDS.get(cell.origin, cell.origin),
            )
            for column, cell in enumerate(cells)
        )
    return found


def _models(quota: QuotaInputs, result: Result) -> Iterable[ModelFigures]:
    chosen = quota.model.model
    spaces = [
        Space(space.key, len(space.offices), space.reference_population, space.factor, space.previous)
        for space in quota.spaces
    ]
    allocations = tuple(
        Allocation(space, result.exact[space.key], result.exact[space.key], result.amounts[space.key], None, None, None)
        for space in spaces
    )
    own = Distribution(quota.total, chosen, allocations, Fraction(1), NOTHING, None)
    yield _model(quota, own, is_chosen=True)
    for code, base_percent in ALTERNATIVES:
        model = build_model(code, base=Decimal(base_percent) / 100)
        if model == chosen:
            continue
        try:
            yield _model(quota, distribute(quota.total, spaces, model), is_chosen=False)
        except DistributionError:
            # No amounts of last year, or no office anywhere: there is no such alternative.
            continue


def _model(quota: QuotaInputs, distribution: Distribution, *, is_chosen: bool) -> ModelFigures:
    figures, model = fairness(distribution), distribution.model
    names = {space.key: space.name for space in quota.spaces}
    heads, burdened, loss = figures.per_head, figures.per_burdened_head, figures.largest_loss
    return ModelFigures(
        code=short_title(model),
        title=title(model),
        is_chosen=is_chosen,
        amounts=tuple(distribution.amounts[space.key] for space in quota.spaces),
        moved=figures.moved,
        losers=figures.losers,
        largest_loss=loss.amount if loss else None,
        largest_loss_of=names[loss.key] if loss else "",
        per_head_low=heads.low if heads else None,
        per_head_high=heads.high if heads else None,
        per_burdened_head_low=burdened.low if burdened else None,
        per_burdened_head_high=burdened.high if burdened else None,
        gini=figures.gini,
        correlation=figures.correlation,
    )


def _transfers(quota: QuotaInputs, amounts: Mapping[str, Decimal]) -> Iterable[TransferFigures]:
    previous = {space.key: space.previous for space in quota.spaces}
    if not any(previous.values()):
        return  # everybody would just be paid by the increase
    names = {space.key: space.name for space in quota.spaces}
    for transfer in who_pays_whom(previous, amounts):
        yield TransferFigures(
            payer=names[transfer.payer] if transfer.payer else FROM_INCREASE,
            receiver=names[transfer.receiver] if transfer.receiver else INTO_CUT,
            amount=transfer.amount,
        )


def _sum(amounts: Iterable[Decimal | None]) -> Decimal | None:
    known = list(amounts)
    return None if None in known else sum((amount for amount in known if amount is not None), NOTHING)


def _eight(value: float) -> Decimal:
    rounded = Decimal(float(value)).quantize(Decimal("0.00000001"))
    return rounded or abs(rounded)
