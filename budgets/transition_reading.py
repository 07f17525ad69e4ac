"""A transition as people read it: spaces × years by region, what the open questions move, who pays for whom."""

from dataclasses import dataclass
from decimal import Decimal

from budgets.comparison import Paid
from budgets.distribution import FROM_INCREASE, INTO_CUT, who_pays_whom
from budgets.transition import (
    KINDS,
    SWITCHES,
    Alternative,
    PlanYear,
    Transition,
    TransitionInputs,
    compare_switches,
)
from jugendhilfe.lib.charts import SmallMultiples, small_multiples
from jugendhilfe.lib.formats import format_euro, format_euro_change, format_percent

NOTHING = Decimal("0.00")
RESERVE = "Rücklage"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cell:
    """A space, a region or all together in a year; the parts are None where a sum has no use for them."""

    amount: Decimal
    change: Decimal | None = None
    change_from_old: Decimal | None = None
    quota: Decimal | None = None
    given: Decimal = NOTHING
    compensation: Decimal = NOTHING
    from_rest: Decimal = NOTHING

    @property
    def is_quota(self) -> bool:
        """Nothing was added to the quota or taken from it."""
        return self.quota is None or self.quota == self.amount

    @property
    def differs_from_old(self) -> bool:
        return bool(self.change_from_old) and self.change_from_old != self.change


@dataclass(frozen=True, slots=True)
class Line:
    name: str
    old: Decimal | None
    cells: tuple[Cell, ...]


@dataclass(frozen=True, slots=True)
class Group:
    """A region: its spaces, their sum, and what goes into its regional budget 1 in each year."""

    name: str
    sum: Line
    spaces: tuple[Line, ...]
    regional_1: Line


@dataclass(frozen=True, slots=True)
class Reading:
    """The table of a transition with its sums; the cells of every line stand in the order of the years."""

    transition: Transition
    groups: tuple[Group, ...]
    spaces: Line
    regional_1: Line
    reserve: Line
    total: Line

    @property
    def years(self) -> tuple[PlanYear, ...]:
        return self.transition.years

    @property
    def inputs(self) -> TransitionInputs:
        return self.transition.inputs

    @property
    def heads(self) -> list[tuple[int, str]]:
        """Every year, with how much of the deficits it still compensates where that is what happens."""
        return [(year.year, paid_words(year) if self.inputs.kind == "compensation" else "") for year in self.years]

    @property
    def key_words(self) -> str:
        return key_words(self.inputs)

    @property
    def last_year(self) -> int:
        return self.years[-1].year

    @property
    def sentence(self) -> str:
        """That every year comes to its total."""
        totals = [year.total for year in self.years]
        if len({*totals}) == 1:
            return f"Jedes Jahr ergibt genau {format_euro(totals[0])}."
        parts = ", ".join(f"{year.year} {format_euro(year.total)}" for year in self.years)
        return f"Jedes Jahr geht auf den Cent auf: {parts}."

    @property
    def deficits(self) -> list[tuple[str, Decimal]]:
        """Who falls short in the first year, by how much."""
        names = {space.key: space.name for space in self.inputs.spaces}
        return [(names[key], amount) for key, amount in self.transition.deficits.items()]

    @property
    def summary(self) -> str:
        """Who falls short, and how the way to the quota is laid."""
        inputs = self.inputs
        if inputs.kind == "convergence":
            return "Jedes Jahr kommt der Anteil jedes Sozialraums der Quote um denselben Schritt näher."
        if inputs.kind == "at_once":
            return "Die Quote gilt vom ersten Jahr an."
        if not self.deficits:
            return "Nach der Quote bekommt kein Sozialraum weniger als bisher."
        short = ", ".join(f"{name} ({format_euro(amount)})" for name, amount in self.deficits)
        return (
            f"Nach der Quote bekommen weniger als bisher: {short}. {inputs.year} wird das voll ausgeglichen; bis "
            f"{inputs.year + inputs.last_step} sinkt der Ausgleich auf {format_percent(0, 0)}. Was frei wird, fließt "
            "in das regionale Budget 1."
        )

    @property
    def rest_sentence(self) -> str:
        """What of the increase is left over, and where it goes."""
        rests = [year.rest for year in self.years]
        if not any(rests):
            return ""
        where = SWITCHES["rest"].answers[self.inputs.rest]
        if len({*rests}) == 1:
            return f"Von der Erhöhung bleiben jedes Jahr {format_euro(rests[0])} übrig. Wohin: {where}."
        parts = ", ".join(f"{year.year} {format_euro(year.rest)}" for year in self.years)
        return f"Von der Erhöhung bleiben übrig: {parts}. Wohin: {where}."

    @property
    def chart(self) -> SmallMultiples:
        return small_multiples(
            id="verlauf",
            title="Beträge je Sozialraum über die Jahre",
            years=[str(year.year) for year in self.years],
            rows=[
                (line.name, line.old, [cell.amount for cell in line.cells]) for g in self.groups for line in g.spaces
            ],
        )

    @property
    def facts(self) -> list[tuple[str, str]]:
        """What was assumed."""
        inputs = self.inputs
        index = (
            "keiner"
            if not any(inputs.index)
            else ", ".join(
                f"{inputs.year + step} {format_percent(percent, 2)}" for step, percent in enumerate(inputs.index, 1)
            )
        )
        steps = [("Schritte", str(inputs.steps))] if inputs.kind != "at_once" else []
        return [
            ("Art", KINDS[inputs.kind]),
            *steps,
            ("Quote aus", inputs.source),
            ("Betrag ohne die Erhöhung", format_euro(inputs.base)),
            ("Erhöhung", format_euro(inputs.extra)),
            ("Index", index),
            ("Schlüssel für das regionale Budget 1", key_words(inputs)),
            *((SWITCHES[name].label, SWITCHES[name].answers[getattr(inputs, name)]) for name in open_switches(inputs)),
        ]


def read(transition: Transition) -> Reading:
    """The table of a transition."""
    inputs, years = transition.inputs, transition.years
    groups = []
    for number, region in enumerate(inputs.regions):
        own = [space for space in inputs.spaces if space.region == region.number]
        spaces = tuple(_space_line(transition, space.key, space.name, space.previous) for space in own)
        lines = [year.regions[number] for year in years]
        groups.append(
            Group(
                region.name,
                _sum_line(region.name, _sum([space.previous for space in own]), [line.amount for line in lines]),
                spaces,
                _plain_line("Regionales Budget 1", [line.regional_1 for line in lines]),
            )
        )
    old = _sum([space.previous for space in inputs.spaces])
    return Reading(
        transition,
        tuple(groups),
        _sum_line("Alle Sozialräume", old, [year.amount for year in years]),
        _plain_line("Regionales Budget 1", [year.regional_1 for year in years]),
        _plain_line(RESERVE, [year.reserve for year in years]),
        _sum_line("Jahressumme", old, [year.total for year in years]),
    )


def _space_line(transition: Transition, key: str, name: str, old: Decimal | None) -> Line:
    return Line(
        name,
        old,
        tuple(
            Cell(
                amount=row.amount,
                change=row.change,
                change_from_old=row.change_from_old,
                quota=row.quota,
                given=row.given,
                compensation=row.compensation,
                from_rest=row.from_rest,
            )
            for row in transition.rows_of(key)
        ),
    )


def _sum_line(name: str, old: Decimal | None, amounts: list[Decimal]) -> Line:
    before = [old, *amounts[:-1]]
    return Line(
        name,
        old,
        tuple(
            Cell(
                amount=amount,
                change=None if previous is None else amount - previous,
                change_from_old=None if old is None else amount - old,
            )
            for amount, previous in zip(amounts, before, strict=True)
        ),
    )


def _plain_line(name: str, amounts: list[Decimal]) -> Line:
    return Line(name, None, tuple(Cell(amount=amount) for amount in amounts))


def _sum(amounts: list[Decimal | None]) -> Decimal | None:
    known = [amount for amount in amounts if amount is not None]
    return sum(known, NOTHING) if len(known) == len(amounts) else None


def key_words(inputs: TransitionInputs) -> str:
    """The key in words: by need, or each region with its part."""
    weights = [region.weight for region in inputs.regions if region.weight is not None]
    if not weights:
        return "nach Bedarf (Bezugsgröße mal Belastungsfaktor)"
    whole = sum(weights, Decimal(0)) or Decimal(1)
    parts = [(region.name, 100 * (region.weight or Decimal(0)) / whole) for region in inputs.regions]
    return ", ".join(f"{name} {format_percent(part, 2)}" for name, part in parts)


def open_switches(inputs: TransitionInputs) -> tuple[str, ...]:
    """The questions that make a difference for this kind of transition."""
    return tuple(SWITCHES) if inputs.kind == "compensation" else ("quota_on", "rest")


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer to an open question, with what it changes over all years in words."""

    value: str
    label: str
    is_chosen: bool
    effect: str


@dataclass(frozen=True, slots=True)
class Question:
    switch: str
    label: str
    answers: tuple[Answer, ...]


def questions(transition: Transition) -> list[Question]:
    """The open questions with every answer and its effect against the one chosen."""
    return [
        Question(
            switch,
            SWITCHES[switch].label,
            tuple(
                Answer(one.value, one.label, one.is_chosen, effect(one, transition))
                for one in compare_switches(transition.inputs, switch)
            ),
        )
        for switch in open_switches(transition.inputs)
    ]


def effect(alternative: Alternative, chosen: Transition) -> str:
    """What an answer changes over all years, in euros; empty for the one chosen."""
    if alternative.error:
        return alternative.error
    if alternative.is_chosen or alternative.change is None or alternative.transition is None:
        return ""
    change = alternative.change
    sums = (
        ("Sozialräume", sum(change.spaces.values(), NOTHING)),
        ("regionales Budget 1", sum(change.regional_1.values(), NOTHING)),
        (RESERVE, change.reserve),
    )
    words = [f"{name} {format_euro_change(amount)}" for name, amount in sums if amount]
    moved = sum((abs(amount) for amount in change.spaces.values()), NOTHING)
    if not words and moved:
        words.append(f"verschiebt {format_euro(moved / 2)} zwischen den Sozialräumen")
    short = alternative.transition.deficits
    if short.keys() != chosen.deficits.keys():
        names = [space.name for space in chosen.inputs.spaces if space.key in short]
        words.append(f"zu wenig hätten {', '.join(names)}" if names else "niemand hätte zu wenig")
    return ", ".join(words) or "ändert nichts"


def payments(reading: Reading) -> list[tuple[PlanYear, list[Paid]]]:
    """Who pays for whom in every year, against the old amounts: nothing where no old amount is known."""
    inputs = reading.inputs
    if not any(space.previous for space in inputs.spaces):
        return []
    names: dict[str | None, str] = {space.key: space.name for space in inputs.spaces}
    names |= {f"region-{region.number}": f"Regionales Budget 1, {region.name}" for region in inputs.regions}
    names["reserve"] = RESERVE
    previous: dict[str, Decimal | None] = {space.key: space.previous for space in inputs.spaces}
    found = []
    for year in reading.years:
        amounts = {row.key: row.amount for row in year.rows}
        amounts |= {f"region-{line.number}": line.regional_1 for line in year.regions}
        amounts["reserve"] = year.reserve
        transfers = who_pays_whom(previous, amounts)
        paid = [
            Paid(
                names.get(transfer.payer, FROM_INCREASE),
                names.get(transfer.receiver, INTO_CUT),
                transfer.amount,
            )
            for transfer in transfers
        ]
        found.append((year, paid))
    return found


def paid_words(year: PlanYear) -> str:
    """How much of the deficits a year still compensates."""
    percent = Decimal(year.paid_percent.numerator) / year.paid_percent.denominator
    return format_percent(percent, 0 if percent == percent.to_integral_value() else 1)
