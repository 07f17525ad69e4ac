"""What the pages of this app show: the calculation an address asks for, its weights, and what to doubt about it."""

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from urllib.parse import urlencode

from django.http import Http404
from django.utils import timezone

from indicators import diagnosis
from indicators.burden import BurdenError
from indicators.calculation import inputs_of
from indicators.forms.burden import BurdenFilter, SelectionForm
from indicators.inputs import Calculated, Cell, Inputs, Member, Place
from indicators.models import GapChoice, Method, SchemeStatus, WeightingScheme
from jugendhilfe.lib.charts import FactorRow, Lollipop, lollipop
from jugendhilfe.lib.formats import format_date, format_number
from regions.access import Visitor
from regions.models import ReferencePopulation

PARAMETERS = ("schema", "bezugsgroesse", "stand")


@dataclass(frozen=True, kw_only=True)
class Selection:
    """Which calculation an address asks for; `query` carries that from page to page."""

    params: Mapping[str, str]
    schemes: list[WeightingScheme]
    populations: list[ReferencePopulation]
    scheme: WeightingScheme
    form: SelectionForm

    @property
    def population(self) -> ReferencePopulation | None:
        chosen = self.form.cleaned_data.get("bezugsgroesse")
        return next((population for population in self.populations if population.pk == chosen), None)

    @property
    def as_of(self) -> dt.date | None:
        day: dt.date | None = self.form.cleaned_data.get("stand")
        return day

    @property
    def is_usual(self) -> bool:
        """The scheme as it is, for no other day and no other Bezugsgröße."""
        return self.as_of is None and self.population is None

    @cached_property
    def query(self) -> str:
        kept = {name: self.params[name] for name in PARAMETERS if self.params.get(name)}
        return f"?{urlencode(kept)}" if kept else ""

    @cached_property
    def outcome(self) -> "Outcome":
        return outcome_of(self.scheme, as_of=self.as_of, population=self.population)

    @cached_property
    def filter(self) -> BurdenFilter:
        places = self.outcome.inputs.places if self.outcome.inputs else ()
        form = BurdenFilter(self.params, places=places, schemes=self.schemes, populations=self.populations)
        form.is_valid()
        return form


@dataclass(frozen=True, kw_only=True)
class Outcome:
    """What a calculation came to; one of `calculated` and `refusal` is there."""

    inputs: Inputs | None
    calculated: Calculated | None = None
    refusal: BurdenError | None = None


def outcome_of(
    scheme: WeightingScheme, *, as_of: dt.date | None = None, population: ReferencePopulation | None = None
) -> Outcome:
    """The calculation, or the sentence why there is none; the day and Bezugsgröße are the scheme's own by default."""
    inputs = None
    try:
        inputs = inputs_of(scheme, as_of=as_of, population=population)
        return Outcome(inputs=inputs, calculated=inputs.calculate())
    except BurdenError as refusal:
        return Outcome(inputs=inputs, refusal=refusal)


def select(user: Visitor, params: Mapping[str, str]) -> Selection | None:
    """The calculation asked for, or that of the newest adopted scheme; None where there is no scheme to see."""
    schemes = list(WeightingScheme.objects.visible_to(user).select_related("population"))
    if not schemes:
        return None
    populations = list(ReferencePopulation.objects.all())
    scheme = _chosen(schemes, params.get("schema", ""))
    form = SelectionForm({**params, "schema": str(scheme.pk)}, schemes=schemes, populations=populations)
    form.is_valid()
    return Selection(
        params={**params, "schema": str(scheme.pk)} if params.get("schema") else params,
        schemes=schemes,
        populations=populations,
        scheme=scheme,
        form=form,
    )


def _chosen(schemes: list[WeightingScheme], asked: str) -> WeightingScheme:
    if asked:
        found = next((scheme for scheme in schemes if str(scheme.pk) == asked), None)
        if found is None:
            raise Http404
        return found
    adopted = [scheme for scheme in schemes if scheme.status == SchemeStatus.ADOPTED and scheme.adopted_at]
    return max(adopted, key=lambda scheme: (scheme.adopted_at, scheme.pk), default=max(schemes, key=lambda s: s.pk))


@dataclass(frozen=True, kw_only=True)
class WeightLine:
    """The weight of an indicator: agreed share and, after leaving others out, the one used; both in percent."""

    member: Member
    group: str
    agreed: Decimal
    used: Decimal | None


def weight_lines(inputs: Inputs) -> list[WeightLine]:
    """Every indicator of a scheme with its share of the whole."""
    agreed, used = inputs.shares(), inputs.shares_used()
    groups = {group.code: group.name for group in inputs.groups}
    return [
        WeightLine(
            member=member,
            group=groups.get(member.dimension or "", ""),
            agreed=_percent(agreed[member.code]),
            used=_percent(used[member.code]) if member.code in used else None,
        )
        for member in inputs.members
    ]


def factor_chart(
    calculated: Calculated, shown: Callable[[Place], bool], bands: Mapping[str, tuple[Decimal, Decimal]]
) -> Lollipop:
    """The factors of the spaces shown, with their bands where there are any."""
    rows = [
        FactorRow(place.name, calculated.factors[place.key], *bands.get(place.key, (None, None)))
        for place in calculated.inputs.places
        if shown(place)
    ]
    return lollipop(id="belastungsfaktor", title="Belastungsfaktor je Sozialraum", rows=rows)


def facts_of(scheme: WeightingScheme) -> list[tuple[str, str]]:
    """How a scheme computes, in words."""
    facts = [("Bezugsgröße", str(scheme.population)), ("Verfahren", scheme.get_method_display())]
    if scheme.method == Method.STANDARDISED:
        facts.append(("Spreizung", format_number(scheme.spread, 4)))
    facts += [
        ("Zusammenfassung oberster Stufe", scheme.get_aggregation_display()),
        ("Kreiswerte", scheme.get_county_values_display()),
    ]
    if scheme.factor_min is not None:
        facts.append(("kleinster Faktor", format_number(scheme.factor_min, 4)))
    if scheme.factor_max is not None:
        facts.append(("größter Faktor", format_number(scheme.factor_max, 4)))
    if scheme.legal_basis and scheme.adopted_at:
        facts.append(("festgelegt am", format_date(timezone.localtime(scheme.adopted_at))))
        facts.append(("Grundlage der Festlegung", scheme.legal_basis))
    return facts


@dataclass(frozen=True, kw_only=True)
class FactorChange:
    """A factor before and after."""

    place: Place
    before: Decimal
    now: Decimal

    @property
    def difference(self) -> Decimal:
        return self.now - self.before


def changes_since(former: WeightingScheme | None, calculated: Calculated | None) -> list[FactorChange]:
    """What another version of a scheme changes, for the spaces that both have; empty where one has no factors."""
    before = outcome_of(former).calculated if former and calculated else None
    if before is None or calculated is None:
        return []
    return [
        FactorChange(place=place, before=before.factors[place.key], now=calculated.factors[place.key])
        for place in sorted(calculated.inputs.places, key=_by_region)
        if place.key in before.factors
    ]


def _by_region(place: Place) -> tuple[int, str]:
    return place.region, place.name


@dataclass(frozen=True, kw_only=True)
class Gap:
    """A missing value and what is done about it."""

    place: Place
    member: Member
    cell: Cell

    @property
    def is_open(self) -> bool:
        return not self.member.dropped and self.cell.is_gap

    @property
    def decision(self) -> str:
        if self.member.dropped:
            return GapChoice.DROP.label
        return GapChoice(self.cell.origin).label if self.cell.origin else ""

    @property
    def reason(self) -> str:
        return self.member.dropped or self.cell.reason

    @property
    def sentence(self) -> str:
        why = "ist geheim gehalten" if self.cell.is_secret else "fehlt"
        release = f" im Datenstand „{self.member.release.name}“" if self.member.release else ""
        return f"{self.member.name}: Der Wert für {self.place.name} {why}{release}."


def gaps_of(inputs: Inputs | None) -> list[Gap]:
    """Every missing value, the undecided ones first."""
    found = [Gap(place=place, member=member, cell=cell) for place, member, cell in inputs.gaps] if inputs else []
    return sorted(found, key=lambda gap: (not gap.is_open, gap.member.name, gap.place.name))


@dataclass(frozen=True, kw_only=True)
class LeftOutLine:
    """The factors of a space with all indicators and without each in turn; None where there is no answer."""

    place: Place
    factor: Decimal
    without: tuple[tuple[Decimal, Decimal] | None, ...]


@dataclass(frozen=True, kw_only=True)
class Diagnosis:
    """What to doubt about a calculation, in the names that people know."""

    weights: list[tuple[Member, Decimal, Decimal | None]]
    correlations: list[tuple[Member, Member, Decimal, diagnosis.Flag]]
    left_out: list[LeftOutLine]
    refusals: list[tuple[Member, str]]
    notices: list[str]
    small_counts: list[tuple[Place, Member, Decimal]]
    outdated: list[Member]

    @property
    def is_clean(self) -> bool:
        return not (self.notices or self.correlations or self.small_counts or self.outdated)


def diagnose(calculated: Calculated) -> Diagnosis:
    """All of it beside one calculation."""
    result, scheme = calculated.result, calculated.scheme
    members = {member.code: member for member in calculated.members}
    places = {place.key: place for place in calculated.inputs.places}
    left_out = diagnosis.leave_one_out(result, scheme, counts=calculated.counts)
    numerators = {
        member.code: [calculated.cell(row, column).numerator for row in range(len(places))]
        for column, member in enumerate(calculated.members)
    }
    small = diagnosis.small_counts(result.keys, numerators)
    return Diagnosis(
        weights=[
            (members[one.indicator], _percent(one.agreed), None if one.effective is None else _percent(one.effective))
            for one in diagnosis.weights(result, scheme)
        ],
        correlations=[
            (members[pair.first], members[pair.second], round(Decimal(pair.r), 2), pair.flag)
            for pair in diagnosis.correlations(result)
        ],
        left_out=[
            LeftOutLine(
                place=place,
                factor=result.stored[row],
                without=tuple(
                    None if one.factors is None else (one.factors[row], one.factors[row] - result.stored[row])
                    for one in left_out
                ),
            )
            for row, place in sorted(enumerate(calculated.inputs.places), key=lambda item: _by_region(item[1]))
        ],
        refusals=[(members[one.indicator], one.refusal) for one in left_out if one.factors is None],
        notices=[notice.text for notice in result.notices],
        small_counts=[
            (places[key], members[code], numerators[code][result.keys.index(key)] or Decimal(0)) for key, code in small
        ],
        outdated=outdated_members(calculated.inputs),
    )


def outdated_members(inputs: Inputs) -> list[Member]:
    """The indicators whose data are older than three years, which every page says where it shows them."""
    members = {member.code: member for member in inputs.members}
    dates = {code: member.release.reference_date for code, member in members.items() if member.release}
    return [members[code] for code in diagnosis.outdated(dates, timezone.localdate())]


def _percent(share: float) -> Decimal:
    return round(100 * Decimal(share), 4)
