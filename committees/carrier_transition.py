"""Was heißt das für uns? A transition as one carrier reads it: amounts of its own offices alone, why, what comes next.

An office belongs to the carrier in the years in which the latest contract that has begun is the carrier's: what others
had before or get after it is not shown. Of a space with several offices no amount of the space is shown either.
"""

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property
from itertools import groupby

from budgets.contributions import Contributions, explained
from budgets.models import TransitionPlan, TransitionStatus
from budgets.quota import FrozenOffice, FrozenSpace, QuotaInputs, split_by_contracts
from budgets.transition import PlanSpace, Transition, TransitionInputs
from budgets.transition_assumptions import source_of
from budgets.transition_contracts import ContractChange, contract_changes, contract_of
from indicators.calculation import calculate
from indicators.inputs import Calculated, Inputs
from jugendhilfe.lib.canonical import from_json
from jugendhilfe.lib.charts import SmallMultiples, small_multiples
from jugendhilfe.lib.errors import DomainError
from jugendhilfe.lib.formats import (
    format_date,
    format_euro,
    format_euro_change,
    format_factor,
    format_number,
    format_percent,
)
from regions.models import Carrier, OfficeContract

NOTHING = Decimal("0.00")


@dataclass(frozen=True, slots=True, kw_only=True)
class OfficeYear:
    """What an office of the carrier gets in a year, with its parts: quota − `given` + `compensation` + `from_rest`."""

    year: int
    amount: Decimal
    compensation: Decimal
    given: Decimal
    from_rest: Decimal
    before: Decimal | None
    old: Decimal | None

    @property
    def change(self) -> Decimal | None:
        return None if self.before is None else self.amount - self.before

    @property
    def change_from_old(self) -> Decimal | None:
        return None if self.old is None else self.amount - self.old


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnOffice:
    """An office with its years, None where the carrier does not run it; `ends`: its contract ends before them."""

    id: int
    name: str
    space: PlanSpace
    old: Decimal | None
    years: tuple[OfficeYear | None, ...]
    quota: Decimal
    ends: dt.date | None = None

    @property
    def has_whole_space(self) -> bool:
        return len(self.space.offices) == 1


@dataclass(frozen=True)
class Meaning:
    """A transition for one carrier; `quota` and `moved` are missing where they cannot be told any more."""

    carrier: Carrier
    plan: TransitionPlan
    transition: Transition
    offices: tuple[OwnOffice, ...]
    changes: tuple[ContractChange, ...]
    quota: QuotaInputs | None
    moved: Contributions | None

    @cached_property
    def years(self) -> list[int]:
        return [year.year for year in self.transition.years]

    @cached_property
    def sums(self) -> list[OfficeYear]:
        """All offices of the carrier together, for the years in which it runs any."""
        found = []
        for place, year in enumerate(self.years):
            own = [one for office in self.offices if (one := office.years[place]) is not None]
            if own:
                found.append(
                    OfficeYear(
                        year=year,
                        amount=sum((one.amount for one in own), NOTHING),
                        compensation=sum((one.compensation for one in own), NOTHING),
                        given=sum((one.given for one in own), NOTHING),
                        from_rest=sum((one.from_rest for one in own), NOTHING),
                        before=_sum([one.before for one in own]),
                        old=_sum([one.old for one in own]),
                    )
                )
        return found

    @property
    def sums_by_year(self) -> list[OfficeYear | None]:
        """The sums in the order of all years, None where the carrier runs no office."""
        found = {one.year: one for one in self.sums}
        return [found.get(year) for year in self.years]

    @property
    def rows(self) -> list[tuple[int, list[OfficeYear | None], OfficeYear | None]]:
        """By year: what every office gets, and all together."""
        return [
            (year, [office.years[place] for office in self.offices], self.sums_by_year[place])
            for place, year in enumerate(self.years)
        ]

    @cached_property
    def less(self) -> list[int]:
        """Years with less than the year before."""
        return [one.year for one in self.sums if one.change is not None and one.change < 0]

    @property
    def question(self) -> str:
        if self.less:
            first = self.less[0]
            return f"Warum bekommen wir {'ab ' if first < self.years[-1] else ''}{first} weniger?"
        return "Bekommen wir weniger?"

    @property
    def question_to_you(self) -> str:
        """The same in a letter, where "wir" is the county."""
        return self.question.replace(" wir ", " Sie ")

    @property
    def answer(self) -> str:
        """The short answer in euros: the first year, the years with less, the end."""
        if not self.sums:
            return "Der Übergang betrifft kein Büro, das Sie in diesen Jahren führen."
        first, last = self.sums[0], self.sums[-1]
        ending = [(office.name, office.ends) for office in self.offices if office.ends]
        if self.less:
            said = [self._because()]
        elif ending:
            said = ["Nein, in keinem der Jahre, für die hier Beträge stehen."]
        else:
            said = ["Nein, in keinem Jahr weniger als im Jahr davor."]
        said += [f"Ihr Vertrag für {name} endet am {format_date(day)}." for name, day in ending]
        said.append(f"{first.year} bekommen Sie {format_euro(first.amount)}{_against(first)}.")
        if later := [year for year in self.less if year != first.year]:
            said.append(f"Weniger als im Jahr davor ist es {_spoken(later)}.")
        if last.year != first.year:
            said.append(f"{last.year} sind es {format_euro(last.amount)}{_against(last)}.")
        return " ".join(said)

    def _because(self) -> str:
        match self.transition.inputs.kind:
            case "compensation" if any(one.compensation for one in self.sums):
                return (
                    "Weil Sie nach der neuen Verteilungsquote weniger bekommen als bisher und der Ausgleich dafür "
                    "Jahr für Jahr sinkt."
                )
            case "convergence":
                return "Weil Ihr Anteil nach der neuen Verteilungsquote kleiner ist und sich Jahr für Jahr angleicht."
            case _:
                return "Weil Sie nach der neuen Verteilungsquote weniger bekommen als davor."

    @property
    def reasons(self) -> list[str]:
        """Why, in a few sentences: the quota of each office, what goes into it, and how the way there is laid."""
        if not self.sums:
            return []
        of_offices = [sentence for office in self.offices for sentence in self._reasons_of(office)]
        return [*of_offices, " ".join(filter(None, (self._way(), self._besides_the_quota())))]

    def _reasons_of(self, office: OwnOffice) -> list[str]:
        inputs = self.transition.inputs
        whole = self.transition.years[0].quota
        if inputs.kind == "convergence":
            said = [f"{office.name}: Die Quote ist {inputs.year + inputs.last_step} erreicht."]
        else:
            share = format_percent(100 * office.quota / whole, 2)
            said = [
                f"{office.name}: Nach der Quote sind es {inputs.year} {format_euro(office.quota)}, {share} der Summe."
            ]
            before = _sum([space.previous for space in inputs.spaces])
            if office.old is not None and before:
                share = format_percent(100 * office.old / before, 2)
                said.append(f"Bisher waren es {format_euro(office.old)}, {share} der damaligen Summe.")
        if space := self._frozen(office.space.key):
            said.append(
                f"In die Quote gehen ein: die Bezugsgröße des Sozialraums {space.name} mit "
                f"{format_number(space.reference_population)} Personen und sein Belastungsfaktor "
                f"{format_factor(space.factor)}; 1,00 ist der Durchschnitt aller Sozialräume."
            )
        if self.moved is not None:
            said.append(moves(self.moved, office.space.key, in_euros=office.has_whole_space))
        return [" ".join(filter(None, said))]

    def _frozen(self, key: str) -> FrozenSpace | None:
        spaces = self.quota.spaces if self.quota else ()
        return next((space for space in spaces if space.key == key), None)

    def _way(self) -> str:
        inputs = self.transition.inputs
        last = inputs.year + inputs.last_step
        if inputs.kind == "at_once":
            return f"Die Quote gilt vom 01.01.{inputs.year} an, ohne Übergang."
        if inputs.kind == "convergence":
            return f"Ihr Anteil nähert sich der Quote bis {last} jedes Jahr um denselben Schritt."
        if not any(one.compensation for one in self.sums):
            return "Einen Ausgleich brauchen Sie nicht: Ihre Quote ist nicht kleiner als Ihr bisheriger Betrag."
        return (
            f"Was Ihnen nach der Quote fehlt, wird {inputs.year} voll ausgeglichen. Danach sinkt der Ausgleich in "
            f"{inputs.steps} Schritten und endet {last}. Was frei wird, fließt in das regionale Budget 1 und steht "
            "dort den Regionen zur Verfügung."
        )

    def _besides_the_quota(self) -> str:
        """What the carrier gives for others, and what it gets of the rest of the increase."""
        said = []
        if given := [one for one in self.sums if one.given]:
            said.append(
                "Von Ihrer Quote geht ein Teil in den Ausgleich für andere: "
                f"{_amounts_by_year([(one.year, one.given) for one in given])}."
            )
        if rest := [one for one in self.sums if one.from_rest]:
            said.append(
                "Zu Ihrer Quote kommt ein Teil vom Rest der Erhöhung: "
                f"{_amounts_by_year([(one.year, one.from_rest) for one in rest])}."
            )
        return " ".join(said)

    @property
    def status(self) -> str:
        """Whether something is decided."""
        match self.plan.status:
            case TransitionStatus.ADOPTED:
                return f"Der Übergang ist festgelegt: {self.plan.basis}."
            case TransitionStatus.WITHDRAWN:
                return "Dieser Vorschlag ist zurückgezogen. Er gilt nicht."
        return "Das ist ein Vorschlag. Entschieden ist noch nichts."

    @property
    def dates(self) -> list[tuple[str, bool]]:
        """What must happen with the contracts, one sentence per office, and whether the day for it has passed."""
        said = [(_date_sentence(change), change.is_overdue) for change in self.first_changes]
        return said + [(_ending(office, office.ends), False) for office in self.offices if office.ends]

    @property
    def first_changes(self) -> list[ContractChange]:
        """The first year with less of each office."""
        found: dict[str, ContractChange] = {}
        for change in self.changes:
            found.setdefault(change.office, change)
        return list(found.values())

    @property
    def chart(self) -> SmallMultiples | None:
        """Offices that the carrier runs in all years."""
        rows = [
            (office.name, office.old, [one.amount for one in office.years if one is not None])
            for office in self.offices
            if None not in office.years
        ]
        if not rows:
            return None
        return small_multiples(
            id="verlauf",
            title="Ihre Beträge über die Jahre",
            years=[str(year) for year in self.years],
            rows=rows,
            row_head="Sozialraumbüro",
        )


type Contracts = Mapping[int, Sequence[OfficeContract]]


def meaning_for(carrier: Carrier, plan: TransitionPlan, *, today: dt.date) -> Meaning:
    """What the plan means for this carrier; read the plan with `model`, `distribution` and `basis`."""
    inputs = from_json(TransitionInputs, plan.inputs)
    transition = inputs.results()
    contracts = _contracts(transition)
    offices = own_offices(transition, carrier, contracts)
    own = [contract for office in offices for contract in contracts[office.id]]
    changes = tuple(
        change
        for change in contract_changes(transition, own, today)
        if change.contract is not None and _runs(carrier, [change.contract], change.cut.year - 1)
    )
    return Meaning(carrier, plan, transition, offices, changes, *_why(plan, inputs))


def meanings_of(plan: TransitionPlan) -> list[Meaning]:
    """What the plan means for every carrier that runs an office in its years, by name; without the reasons."""
    transition = from_json(TransitionInputs, plan.inputs).results()
    contracts = _contracts(transition)
    carriers = {contract.carrier for rows in contracts.values() for contract in rows}
    return [
        Meaning(carrier, plan, transition, offices, (), None, None)
        for carrier in sorted(carriers, key=lambda carrier: carrier.name)
        if (offices := own_offices(transition, carrier, contracts))
    ]


def own_offices(transition: Transition, carrier: Carrier, contracts: Contracts) -> tuple[OwnOffice, ...]:
    """The offices that the carrier runs in at least one of the years."""
    return tuple(
        own
        for space in transition.inputs.spaces
        for office in space.offices
        if (own := _own_office(transition, space, office, carrier, contracts.get(office.id, ())))
    )


def _contracts(transition: Transition) -> dict[int, list[OfficeContract]]:
    keys = [office.id for space in transition.inputs.spaces for office in space.offices]
    found: dict[int, list[OfficeContract]] = {}
    for contract in OfficeContract.objects.filter(office__in=keys).select_related("carrier"):
        found.setdefault(contract.office_id, []).append(contract)
    return found


def _own_office(
    transition: Transition,
    space: PlanSpace,
    office: FrozenOffice,
    carrier: Carrier,
    contracts: Sequence[OfficeContract],
) -> OwnOffice | None:
    first = transition.inputs.year
    rows = transition.rows_of(space.key)
    runs = [_runs(carrier, contracts, first + place) for place in range(len(rows))]
    if not any(runs):
        return None

    def part(amount: Decimal) -> Decimal:
        return split_by_contracts(amount, space.offices)[office.id]

    old = part(space.previous) if space.previous is not None and _runs(carrier, contracts, first - 1) else None
    years: list[OfficeYear | None] = []
    before = old
    for place, (row, is_own) in enumerate(zip(rows, runs, strict=True)):
        amount = part(row.amount)
        own = OfficeYear(
            year=first + place,
            amount=amount,
            compensation=amount - part(row.amount - row.compensation),
            given=part(row.amount + row.given) - amount,
            from_rest=amount - part(row.amount - row.from_rest),
            before=before,
            old=old,
        )
        years.append(own if is_own else None)
        before = amount if is_own else None
    ends = max((one.valid_to for one in contracts if one.carrier_id == carrier.pk and one.valid_to), default=None)
    return OwnOffice(
        id=office.id,
        name=office.name,
        space=space,
        old=old,
        years=tuple(years),
        quota=part(rows[0].quota),
        ends=None if runs[-1] else ends,
    )


def _runs(carrier: Carrier, contracts: Sequence[OfficeContract], year: int) -> bool:
    """The latest of the contracts of an office that has begun by the year's end is the carrier's, and still holds."""
    contract = contract_of(contracts, year)
    if contract is None or contract.carrier_id != carrier.pk:
        return False
    return contract.valid_to is None or contract.valid_to >= dt.date(year, 1, 1)


def _why(plan: TransitionPlan, inputs: TransitionInputs) -> tuple[QuotaInputs | None, Contributions | None]:
    """The quota with its people and factors, and what the indicators move; nothing where they are others by now."""
    adopted = plan.distribution or (plan.model.distributions.order_by("pk").first() if plan.model else None)
    calculated: Calculated
    try:
        if adopted is not None:
            quota = from_json(QuotaInputs, adopted.inputs)
            calculated = Inputs.from_json(adopted.calculation.inputs).calculate()
        elif plan.model is not None:
            quota, calculated = source_of(plan.model).quota, calculate(plan.model.scheme)
        else:
            return None, None
    except DomainError:
        return None, None
    needs = {space.key: space.need for space in inputs.spaces}
    if needs != {space.key: space.reference_population * space.factor for space in quota.spaces}:
        return None, None
    return quota, None if quota.quota_of else explained(quota.distribution(), calculated)


def moves(contributions: Contributions, key: str, *, in_euros: bool) -> str:
    """Which indicator raises and which lowers the amount of a space most."""
    lowering, raising = contributions.movers(key)
    said = []
    for mover, verb in ((raising, "hebt den Betrag"), (lowering, "senkt ihn" if raising else "senkt den Betrag")):
        if mover:
            euros = f" ({format_euro_change(mover.euros)})" if in_euros else ""
            said.append(f"am meisten {verb} „{mover.head}“{euros}")
    if not said:
        return ""
    words = ", ".join(said)
    return f"{words[0].upper()}{words[1:]}, verglichen mit durchschnittlicher Belastung."


def _date_sentence(change: ContractChange) -> str:
    """The same words before the day and after it: a letter does not change while it lies on a desk."""
    start, amount = format_date(change.cut.from_day), format_euro(change.cut.amount)
    sentence = f"{change.office}: Ab dem {start} sinkt der Betrag auf {amount}."
    if change.notice_by is None:
        return sentence
    end, day = format_date(change.ends_on), format_date(change.notice_by)
    return (
        f"{sentence} Bis dahin muss der Vertrag geändert sein. Letzter Tag für eine Kündigung zum {end} ist der {day}."
    )


def _ending(office: OwnOffice, day: dt.date) -> str:
    last = max(one.year for one in office.years if one is not None)
    return f"{office.name}: Ihr Vertrag endet am {format_date(day)}. Beträge stehen hier bis {last}."


def _against(one: OfficeYear) -> str:
    difference = one.change_from_old
    if difference is None or one.old is None:
        return ""
    if not difference:
        return ", genauso viel wie bisher"
    percent = f" ({format_percent(100 * abs(difference) / one.old)})" if one.old else ""
    return f", {format_euro(abs(difference))}{percent} {'weniger' if difference < 0 else 'mehr'} als bisher"


def _spoken(years: Sequence[int]) -> str:
    """2027; 2027 und 2029; jedes Jahr von 2027 bis 2030."""
    if len(years) > 2 and years[-1] - years[0] == len(years) - 1:
        return f"jedes Jahr von {years[0]} bis {years[-1]}"
    *most, last = map(str, years)
    return f"{', '.join(most)} und {last}" if most else last


def _amounts_by_year(amounts: Sequence[tuple[int, Decimal]]) -> str:
    """jedes Jahr von 2026 bis 2030 1,00 €; 2026 1,00 €, 2027 2,00 €"""
    groups = [(amount, [year for year, _ in group]) for amount, group in groupby(amounts, key=lambda pair: pair[1])]
    return ", ".join(f"{_spoken(years)} {format_euro(amount)}" for amount, years in groups)


def _sum(amounts: Sequence[Decimal | None]) -> Decimal | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known, NOTHING) if len(known) == len(amounts) else None
