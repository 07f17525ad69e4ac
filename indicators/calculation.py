"""From stored rows to factors and back: what a scheme and the state of the data at a day come to.

Four queries whatever the number of spaces and indicators; an adopted scheme rests on the inputs kept with it: one.
"""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from decimal import Decimal
from functools import lru_cache
from typing import Any, cast

from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import Exists, OuterRef, QuerySet, Subquery
from django.utils import timezone

from indicators.burden import Aggregation, BurdenError, Direction, Method, Transform, ValuesRefused
from indicators.burden.refusals import listed
from indicators.inputs import Calculated, Cell, Group, Inputs, Member, Place, Release
from indicators.models import (
    BurdenCalculation,
    CountyValues,
    DataRelease,
    GapChoice,
    GapDecision,
    IndicatorValue,
    SchemeStatus,
    WeightingScheme,
)
from jugendhilfe.audit.models import Entry
from jugendhilfe.lib.canonical import digest
from regions.models import ReferencePopulation, ReferencePopulationCount, SocialSpace

DECIDED = (SchemeStatus.ADOPTED, SchemeStatus.SUPERSEDED)


def calculate(
    scheme: WeightingScheme,
    *,
    as_of: dt.date | None = None,
    weights: Mapping[str, Decimal] | None = None,
    population: ReferencePopulation | None = None,
) -> Calculated:
    """Factors of a scheme; `as_of` None: as kept at adoption, for drafts today. Raises BurdenError."""
    return inputs_of(scheme, as_of=as_of, population=population).calculate(weights)


def inputs_of(
    scheme: WeightingScheme, *, as_of: dt.date | None = None, population: ReferencePopulation | None = None
) -> Inputs:
    """The kept inputs of an adopted scheme, unless another day or Bezugsgröße is asked for; else those of the day."""
    if as_of is None and scheme.status in DECIDED:
        kept = latest_calculation(scheme)
        if kept is not None and population in {None, kept.population}:
            return _kept(kept.inputs)
        as_of = kept.as_of if kept else None
    return gather(scheme, as_of=as_of or timezone.localdate(), population=population or scheme.population)


@lru_cache(maxsize=8)
def _kept(text: str) -> Inputs:
    """What a text says never changes, and a what-if asks for it at every move of a slider."""
    return Inputs.from_json(text)


def latest_calculation(scheme: WeightingScheme) -> BurdenCalculation | None:
    """The factors in force for this scheme."""
    return scheme.calculations.select_related("population").order_by("-pk").first()


def gather(scheme: WeightingScheme, *, as_of: dt.date, population: ReferencePopulation) -> Inputs:
    """For each indicator the newest release taken over up to `as_of`; raises ValuesRefused where people are unknown."""
    rows = list(
        scheme.members.select_related("indicator", "dimension")
        .annotate(
            dropped=Subquery(
                GapDecision.objects.filter(
                    scheme=scheme, indicator=OuterRef("indicator"), choice=GapChoice.DROP
                ).values("reason")
            ),
            newest=ArraySubquery(_newest(as_of)),
        )
        .order_by("pk")
    )
    tables = _tables(rows)
    spaces = _spaces(population)
    columns = [_column(row, tables.get(row.indicator_id, []), spaces) for row in rows]
    gaps = any(
        cell.value is None
        for row, (_, cells) in zip(rows, columns, strict=True)
        if row.dropped is None
        for cell in cells
    )
    if gaps:
        columns = _decided(scheme, rows, columns, tables, spaces)
    return Inputs(
        name=scheme.name,
        version=scheme.version,
        method=cast(Method, scheme.method),
        spread=scheme.spread,
        aggregation=cast(Aggregation, scheme.aggregation),
        factor_min=scheme.factor_min,
        factor_max=scheme.factor_max,
        is_frozen=scheme.county_values == CountyValues.FROZEN,
        population=population.label,
        population_date=population.date,
        population_source=population.source,
        population_is_example=population.is_example,
        as_of=as_of,
        groups=tuple(_groups(rows)),
        members=tuple(member for member, _ in columns),
        places=tuple(
            Place(
                key=space.key,
                name=space.name,
                full_name=space.full_name,
                region=space.region.number,
                region_name=space.region.name,
                people=space.people,
                cells=tuple(cells[number] for _, cells in columns),
            )
            for number, space in enumerate(spaces)
        ),
    )


def recompute(text: str) -> dict[str, Decimal]:
    """The factors by official key, from kept inputs alone."""
    return Inputs.from_json(text).calculate().factors


def verify_calculations() -> Iterator[str]:
    """One German sentence for every kept calculation that its inputs do not give again."""
    entries = Entry.objects.filter(action__in=("schemes.adopt", "schemes.calculate"))
    logged = {data["calculation"]: data["sha256"] for data in entries.values_list("data", flat=True)}
    for calculation in (
        BurdenCalculation.objects.select_related("scheme").prefetch_related("factors__space").order_by("pk")
    ):
        where = f"Berechnung {calculation.pk} ({calculation})"
        if logged.get(calculation.pk) != calculation.sha256:
            yield f"{where}: Im Protokoll steht eine andere Prüfsumme der Eingaben, oder keine."
        if digest(calculation.inputs) != calculation.sha256:
            yield f"{where}: Die Eingaben passen nicht zu ihrer Prüfsumme."
        try:
            calculated = Inputs.from_json(calculation.inputs).calculate()
        except (BurdenError, ValueError, TypeError, KeyError) as error:
            yield f"{where}: Die Eingaben lassen sich nicht nachrechnen ({error})."
            continue
        rows = calculation.factors.all()
        for what, kept, computed in (
            ("Faktor", {row.space.key: row.factor for row in rows}, calculated.factors),
            ("Index", {row.space.key: row.index for row in rows}, calculated.indexes),
        ):
            for key in sorted(kept.keys() | computed.keys()):
                old, new = kept.get(key), computed.get(key)
                if old != new:
                    yield f"{where}: Sozialraum {key} hat den {what} {old}, nachgerechnet {new}."


type _Space = Any  # SocialSpace with the annotation `people`
type _Row = Any  # SchemeIndicator with the annotations `dropped` and `newest`
type _Table = tuple[Release, dict[int, Cell]]
type _Column = tuple[Member, list[Cell]]


def _spaces(population: ReferencePopulation) -> list[_Space]:
    counts = ReferencePopulationCount.objects.filter(population=population, space=OuterRef("pk")).values("count")
    spaces: list[_Space] = list(
        SocialSpace.objects.select_related("region").annotate(people=Subquery(counts)).order_by("key")
    )
    without = [space.name for space in spaces if space.people is None]
    if without:
        raise ValuesRefused(f"Die Bezugsgröße „{population}“ hat keine Anzahl für {listed(without)}.")
    return spaces


def _newest(as_of: dt.date) -> QuerySet[DataRelease, Any]:
    """The newest release of an indicator and the one of the date before: of two for the same day the later import."""
    has_values = Exists(
        IndicatorValue.objects.filter(release=OuterRef("pk"), indicator=OuterRef(OuterRef("indicator")))
    )
    releases = DataRelease.objects.taken_over().filter(has_values, reference_date__lte=as_of)
    return releases.order_by("-reference_date", "-pk").distinct("reference_date").values("pk")[:2]


def _tables(rows: Sequence[_Row]) -> dict[int, list[_Table]]:
    """By indicator its newest releases with their values."""
    values = IndicatorValue.objects.filter(
        indicator__in=[row.indicator_id for row in rows], release__in={key for row in rows for key in row.newest}
    ).values_list(
        "indicator",
        "release",
        "release__name",
        "release__reference_date",
        "release__source",
        "release__is_example",
        "space",
        "value",
        "numerator",
        "denominator",
        "is_secret",
    )
    releases: dict[int, Release] = {}
    cells: dict[tuple[int, int], dict[int, Cell]] = defaultdict(dict)
    for indicator, key, name, date, source, example, space, value, numerator, denominator, secret in values.order_by():
        if key not in releases:
            releases[key] = Release(name=name, reference_date=date, source=source, is_example=example)
        cells[indicator, key][space] = Cell(value=value, numerator=numerator, denominator=denominator, is_secret=secret)
    return {row.indicator_id: [(releases[key], cells[row.indicator_id, key]) for key in row.newest] for row in rows}


def _column(row: Any, tables: list[_Table], spaces: list[_Space]) -> _Column:
    indicator = row.indicator
    newest = tables[0][1] if tables else {}
    member = Member(
        code=indicator.code,
        name=indicator.name,
        short_name=indicator.short_name,
        unit=indicator.unit,
        decimals=indicator.decimals,
        direction=cast(Direction, indicator.direction),
        rate_per=indicator.rate_per,
        numerator_name=indicator.numerator_name,
        denominator_name=indicator.denominator_name,
        weight=row.weight,
        dimension=row.dimension.code if row.dimension else None,
        transform=cast(Transform, row.transform),
        low=row.low,
        high=row.high,
        frozen_value=row.frozen_value,
        frozen_sd=row.frozen_sd,
        reason=row.reason,
        dropped=row.dropped or "",
        release=tables[0][0] if tables else None,
        previous=tables[1][0] if len(tables) > 1 else None,
    )
    return member, [newest.get(space.pk, Cell()) for space in spaces]


def _decided(
    scheme: WeightingScheme,
    rows: list[Any],
    columns: list[_Column],
    tables: dict[int, list[_Table]],
    spaces: list[_Space],
) -> list[_Column]:
    """The same columns with every gap filled as it was decided."""
    decisions = {(decision.indicator_id, decision.space_id): decision for decision in scheme.decisions.all()}
    filled = []
    for row, (member, cells) in zip(rows, columns, strict=True):
        before = tables[row.indicator_id][1][1] if member.previous else {}
        filled.append(
            (
                member,
                [
                    _filled(cell, decisions.get((row.indicator_id, space.pk)), before.get(space.pk, Cell()))
                    for cell, space in zip(cells, spaces, strict=True)
                ],
            )
        )
    return filled


def _filled(cell: Cell, decision: GapDecision | None, before: Cell) -> Cell:
    if cell.value is not None or decision is None:
        return cell
    decided = Cell(origin=decision.choice, reason=decision.reason, way=decision.method, is_secret=cell.is_secret)
    match decision.choice:
        case GapChoice.LAST_YEAR:
            return replace(decided, value=before.value, numerator=before.numerator, denominator=before.denominator)
        case GapChoice.ESTIMATE:
            return replace(decided, value=decision.estimate)
        case _:
            return decided


def _groups(rows: list[Any]) -> Iterator[Group]:
    dimensions = {row.dimension_id: row.dimension for row in rows if row.dimension}
    for _, dimension in sorted(dimensions.items()):
        yield Group(
            code=dimension.code,
            name=dimension.name,
            weight=dimension.weight,
            aggregation=cast(Aggregation, dimension.aggregation),
        )
