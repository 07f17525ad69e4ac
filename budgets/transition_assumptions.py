"""?von=verteilung-1&art=compensation&betrag=…&erhoehung=…&schritte=4&index1=0…: the address is the transition.

The quota comes from an adopted distribution or an open proposal of the first year, the old amounts are last year's.
What an address leaves out is taken from the assumptions to start with.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from decimal import Decimal
from typing import Any, Literal
from urllib.parse import urlencode

from budgets.basis import previous_of
from budgets.models import AdoptedDistribution, DistributionModel, FiscalYear, ProposalStatus
from budgets.quota import FrozenSpace, QuotaInputs
from budgets.scenario import MEANT_FOR, german
from budgets.services.distributions import quota_inputs, spaces_of
from budgets.transition import SWITCHES, PlanRegion, PlanSpace, TransitionInputs
from budgets.transition.inputs import Deficits, Kind, QuotaOn, Rest
from indicators.calculation import calculate
from jugendhilfe.lib.canonical import digest, from_json, to_json
from jugendhilfe.lib.formats import format_number
from regions.access import Visitor

type Key = Literal["need", "heads", "equal", "own"]

KEYS: dict[Key, str] = {
    "need": "nach Bedarf (Bezugsgröße mal Belastungsfaktor)",
    "heads": "nach Bezugsgröße",
    "equal": "zu gleichen Teilen",
    "own": "nach eigenen Anteilen",
}
MOST_STEPS = 10
USUAL_STEPS = 4
INDEX, WEIGHT = "index", "anteil"
SWITCH_FIELDS = {"quota_on": "quote", "deficits": "defizite", "rest": "rest"}
"""The open switches by the name their fields have in the address."""


@dataclass(frozen=True)
class Source:
    """What a quota comes from, with its inputs: kept for a distribution, those of today for a proposal."""

    basis: AdoptedDistribution | DistributionModel
    quota: QuotaInputs
    sha256: str
    is_example: bool

    @property
    def key(self) -> str:
        return key_of(self.basis)

    @property
    def words(self) -> str:
        return words_of(self.basis)

    @property
    def regions(self) -> dict[int, str]:
        """Names of the regions by number."""
        return {space.region: space.region_name for space in sorted(self.quota.spaces, key=lambda one: one.region)}


def key_of(basis: AdoptedDistribution | DistributionModel) -> str:
    return f"verteilung-{basis.pk}" if isinstance(basis, AdoptedDistribution) else f"vorschlag-{basis.pk}"


def words_of(basis: AdoptedDistribution | DistributionModel) -> str:
    if isinstance(basis, AdoptedDistribution):
        return f"festgelegte Verteilung {basis.year.year} ({basis.basis})"
    return f"Vorschlag „{basis.name}“ ({basis.year.year})"


def bases_for(user: Visitor) -> dict[str, AdoptedDistribution | DistributionModel]:
    """What a quota can come from, by its key: distributions that are in force, then open proposals."""
    years = FiscalYear.objects.visible_to(user)
    adopted = AdoptedDistribution.objects.current().filter(year__in=years).select_related("year", "basis")
    proposed = DistributionModel.objects.visible_to(user).filter(year__in=years, status=ProposalStatus.PROPOSED)
    found = [*adopted.order_by("-year__year"), *proposed.select_related("year", "scheme").order_by("-year__year", "pk")]
    return {key_of(one): one for one in found}


def source_of(basis: AdoptedDistribution | DistributionModel) -> Source:
    """The quota of a basis; DomainError where a proposal cannot be computed yet."""
    if isinstance(basis, AdoptedDistribution):
        return Source(basis, from_json(QuotaInputs, basis.inputs), basis.sha256, basis.is_example)
    year, previous = basis.year, previous_of(basis.year.year)
    calculated = calculate(basis.scheme)
    spaces = spaces_of(calculated.inputs, calculated.factors, year.year, previous)
    quota = quota_inputs(year, basis, spaces, calculation="", previous_source=previous.source)
    is_example = year.is_example or previous.is_example or calculated.inputs.is_example
    return Source(basis, quota, digest(to_json(quota)), is_example)


@dataclass(frozen=True, slots=True, kw_only=True)
class Assumptions:
    """What is assumed, in the words of the form; `weights` are own percentages by region, `bound` is in per cent."""

    source: str
    base: Decimal
    extra: Decimal
    kind: Kind = "compensation"
    steps: int = USUAL_STEPS
    index: tuple[Decimal, ...] = (Decimal(0),) * USUAL_STEPS
    key: Key = "need"
    weights: Mapping[int, Decimal] = field(default_factory=dict)
    quota_on: QuotaOn = "without_increase"
    deficits: Deficits = "frozen"
    rest: Rest = "reserve"
    bound: Decimal = Decimal(100)

    def parameters(self) -> dict[str, str]:
        """The assumptions as the fields of their form, in its order."""
        return {
            "von": self.source,
            "art": self.kind,
            "betrag": format_number(self.base, 2),
            "erhoehung": format_number(self.extra, 2),
            "schritte": str(self.steps),
            **{f"{INDEX}{step}": german(percent) for step, percent in enumerate(self.index, start=1)},
            "schluessel": self.key,
            **{f"{WEIGHT}{number}": german(weight) for number, weight in self.weights.items()},
            **{name: getattr(self, switch) for switch, name in SWITCH_FIELDS.items()},
            "gebunden": german(self.bound),
        }

    @property
    def query(self) -> str:
        return urlencode(self.parameters())

    def inputs(self, source: Source) -> TransitionInputs:
        """All that the transition rests on."""
        _, shares = source.quota.results()
        people = {
            number: sum(s.reference_population for s in source.quota.spaces if s.region == number)
            for number in source.regions
        }
        weights: dict[Key, Mapping[int, Decimal | None]] = {
            "need": dict.fromkeys(people),
            "heads": {number: Decimal(count) for number, count in people.items()},
            "equal": dict.fromkeys(people, Decimal(1)),
            "own": self.weights,
        }
        return TransitionInputs(
            year=source.quota.year,
            kind=self.kind,
            base=self.base,
            extra=self.extra,
            index=self.index,
            steps=self.steps,
            quota_on=self.quota_on,
            deficits=self.deficits,
            rest=self.rest,
            regions=tuple(
                PlanRegion(number=number, name=name, weight=weights[self.key].get(number))
                for number, name in source.regions.items()
            ),
            spaces=tuple(_plan_space(space, shares[space.key]) for space in source.quota.spaces),
            unit=source.quota.model.unit,
            quota=source.sha256,
            source=source.words,
            is_example=source.is_example,
        )


def _plan_space(space: FrozenSpace, share: Decimal) -> PlanSpace:
    return PlanSpace(
        key=space.key,
        name=space.name,
        region=space.region,
        share=share,
        previous=space.previous,
        need=space.reference_population * space.factor,
        offices=space.offices,
    )


def to_start_with(source: Source) -> Assumptions:
    """The amounts of its year: what is kept back is the increase, else what it has more than the year before."""
    kept_back = source.quota.gross - source.quota.total
    base, extra = source.quota.total, kept_back
    before = sum((space.previous or Decimal(0) for space in source.quota.spaces), Decimal(0))
    if not kept_back and 0 < before < base:
        base, extra = before, base - before
    regions = list(source.regions)
    third = (Decimal(100) / len(regions)).quantize(Decimal("0.01")) if regions else Decimal(0)
    weights = dict.fromkeys(regions, third)
    if regions:
        weights[regions[-1]] = 100 - third * (len(regions) - 1)
    return Assumptions(source=source.key, base=base, extra=extra, weights=weights)


def completed(given: Mapping[str, str], start: Assumptions) -> dict[str, str]:
    """The parameters of an address, completed by those to start with; there is an index for every step."""
    parameters = start.parameters()
    steps = steps_in(given)
    indexes = {f"{INDEX}{step}": "0" for step in range(1, steps + 1)}
    parameters = {name: text for name, text in parameters.items() if not name.startswith(INDEX)} | indexes
    meant_for_this = given.get(MEANT_FOR, start.source) == start.source
    stays = ("betrag", "erhoehung", WEIGHT)
    return {
        name: given[name] if name in given and (meant_for_this or not name.startswith(stays)) else text
        for name, text in parameters.items()
    }


def steps_in(given: Mapping[str, str]) -> int:
    """How many later years an address asks for; the usual number where it says none or an impossible one."""
    text = given.get("schritte", "").strip()
    return int(text) if text.isascii() and text.isdigit() and 1 <= int(text[:4]) <= MOST_STEPS else USUAL_STEPS


def switch_choices(switch: str) -> Iterable[tuple[str, str]]:
    return SWITCHES[switch].answers.items()


def query_of(assumptions: Assumptions, **changes: Any) -> str:
    """The address of the same assumptions but for these fields."""
    return urlencode({**assumptions.parameters(), **changes})
