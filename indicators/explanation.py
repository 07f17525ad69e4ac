"""value → R → G = Σ w R → F = G / Ḡ, in sentences and formulas that can be recomputed by hand for one social space."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from indicators.burden import Counts
from indicators.burden.levels import Branch, Leaf, tree, value
from indicators.burden.refusals import Spaces
from indicators.inputs import COUNTY, ESTIMATE, Calculated, Cell, Member
from jugendhilfe.lib.formats import Number, format_date, format_factor, format_number, format_percent

PLACES = 10
RELIABLE_DIGITS = 14


@dataclass(frozen=True, slots=True)
class Step:
    """One step: what happens, in words, and the formula with its figures."""

    sentence: str
    formula: str = ""


@dataclass(frozen=True, slots=True)
class Chapter:
    """The steps of one indicator, or of a level; `source` names where the value comes from."""

    title: str
    steps: tuple[Step, ...]
    source: str = ""


def exact(number: Number) -> str:
    """With up to ten decimals as far as a float knows them, without zeros at the end."""
    value = float(number)
    known = RELIABLE_DIGITS - len(str(int(abs(value))))
    text = format_number(value, max(0, min(PLACES, known)))
    return text.rstrip("0").rstrip(",") if "," in text else text


def explain(calculated: Calculated, key: str, *, whole: str) -> list[Chapter]:
    """Every step from the value to the factor of one space; `whole` is the word for all spaces together."""
    return list(_Walk(calculated, key, whole).chapters())


def reasons_in_words(calculated: Calculated, key: str) -> str:
    """One sentence: what moves the factor of this space most."""
    result = calculated.result
    parts = result.contributions[result.keys.index(key)]
    order = sorted(range(len(parts)), key=lambda column: -abs(parts[column]))
    said = [
        f"{calculated.members[column].short_name} ({format_number(float(parts[column]), 2, sign=True)})"
        for column in order[:2]
        if abs(parts[column]) >= 0.005
    ]
    return f"Am meisten bewegt den Faktor: {', dann '.join(said)}." if said else "Alle Indikatoren liegen beim Mittel."


class _Walk:
    def __init__(self, calculated: Calculated, key: str, whole: str) -> None:
        self.calculated, self.result, self.inputs = calculated, calculated.result, calculated.inputs
        self.row = self.result.keys.index(key)
        self.name, self.whole = self.inputs.places[self.row].name, whole
        self.levels = tree(calculated.scheme)

    def chapters(self) -> Iterator[Chapter]:
        for column, member in enumerate(self.calculated.members):
            yield Chapter(
                member.name,
                (self.measured(column, member), self.compared(column, member), self.rated(column, member)),
                self.source(member, self.calculated.cell(self.row, column)),
            )
        for child in self.levels.children:
            if isinstance(child, Branch):
                yield Chapter(f"Dimension {child.label}", (self.gathered(child),))
        yield Chapter("Index und Belastungsfaktor", tuple(self.concluded()))

    def measured(self, column: int, member: Member) -> Step:
        cell, figure = self.calculated.cell(self.row, column), exact(self.result.values[self.row, column])
        if cell.origin == COUNTY:
            return Step(f"Der Wert fehlt. Eingesetzt ist der Wert aller Sozialräume. {_why(cell)}", figure)
        if cell.origin == ESTIMATE:
            way = f"Eingesetzt ist eine Schätzung ({cell.way}). {_why(cell)}"
            return Step(f"Der Wert fehlt. {way}", figure)
        told = f"Der Wert fehlt. Eingesetzt ist der des Vorjahres. {_why(cell)} " if cell.origin else ""
        if member.rate_per is None or cell.numerator is None or cell.denominator is None:
            return Step(f"{told}Der Wert in {self.name} ist {figure} ({member.unit}).")
        return Step(
            f"{told}In {self.name} kommen {exact(cell.numerator)} {member.numerator_name} "
            f"auf {exact(cell.denominator)} {member.denominator_name}.",
            f"x = {exact(member.rate_per)} × {exact(cell.numerator)} ÷ {exact(cell.denominator)} = {figure}",
        )

    def compared(self, column: int, member: Member) -> Step:
        mean = exact(self.result.county_values[column])
        if self.inputs.method == "goalposts":
            return Step(f"Gemessen wird an festen Eckwerten: von {_post(member.low)} bis {_post(member.high)}.")
        if self.inputs.is_frozen and member.frozen_value is not None:
            return Step("Verglichen wird mit dem festgehaltenen Kreiswert.", f"m = {mean}")
        counts = self.calculated.counts.get(member.code)
        if counts is not None and member.transform == "none":
            return self.summed(member, counts, mean)
        if member.transform == "log":
            return Step(
                f"Verglichen wird mit dem Mittel der Logarithmen; als Wert geschrieben ist das {mean}.",
                f"ln m = {exact(np.log(self.result.county_values[column]))}",
            )
        heads = self.result.reference_population
        total = float((heads * self.result.values[:, column]).sum())
        return Step(
            f"{self.whole}: das Mittel der Sozialräume, gewichtet nach der Bezugsgröße P ({self.inputs.population}).",
            f"m = Σ (P × x) ÷ Σ P = {exact(total)} ÷ {exact(heads.sum())} = {mean}",
        )

    def summed(self, member: Member, counts: Counts, mean: str) -> Step:
        above, below = exact(sum(counts.numerators)), exact(sum(counts.denominators))
        return Step(
            f"{self.whole}: Alle Sozialräume zusammen haben {above} {member.numerator_name} "
            f"und {below} {member.denominator_name}.",
            f"m = {exact(counts.per)} × {above} ÷ {below} = {mean}",
        )

    def rated(self, column: int, member: Member) -> Step:
        rating = float(self.result.ratings[self.row, column])
        mean = self.result.county_values[column]
        x, m = self.result.values[self.row, column], mean
        ends = (float(member.low or 0), float(member.high or 0))
        written_x, written_m = exact(x), exact(m)
        if member.transform == "log":
            written_x, written_m = f"ln {written_x}", f"ln {written_m}"
        mirrored = member.direction == "less"
        why = " Weniger heißt hier mehr Belastung, deshalb wird gespiegelt." if mirrored else ""
        match self.inputs.method:
            case "ratio":
                share = f"{written_x} ÷ {written_m}"
                formula = f"R = 2 − x ÷ m = 2 − {share}" if mirrored else f"R = x ÷ m = {share}"
            case "standardised":
                sds = self.result.county_sds
                sd = exact(sds[column]) if sds is not None else ""
                sign, s = "−" if mirrored else "+", exact(self.inputs.spread)
                formula = f"R = 1 {sign} s × (x − m) ÷ sd = 1 {sign} {s} × ({written_x} − {written_m}) ÷ {sd}"
            case _:
                low, high = (f"ln {exact(end)}" if member.transform == "log" else exact(end) for end in ends)
                above = f"{high} − {written_x}" if mirrored else f"{written_x} − {low}"
                formula = f"R = ({above}) ÷ ({high} − {low})"
                clipped = any(
                    self.result.keys[self.row] in n.keys
                    for n in self.result.notices
                    if n.kind == "clipped" and n.indicator == member.code
                )
                why += " Der Wert liegt außerhalb der Eckwerte und ist auf den Eckwert gesetzt." if clipped else ""
        return Step(f"Das ergibt die Bewertung {format_factor(rating)}.{why}", f"{formula} = {exact(rating)}")

    def gathered(self, branch: Branch) -> Step:
        """How a level comes from what is below it."""
        parts = [(child, float(self.value_of(child))) for child in branch.children]
        result = exact(self.value_of(branch))
        if branch.aggregation == "arithmetic":
            formula = " + ".join(f"{exact(child.weight)} × {exact(part)}" for child, part in parts)
            return Step(f"Jede Bewertung zählt mit ihrem Gewicht: {self.weights(branch)}.", f"{formula} = {result}")
        formula = " × ".join(f"({exact(part)} hoch {exact(child.weight)})" for child, part in parts)
        return Step(
            f"Geometrisches Mittel, jede Bewertung mit ihrem Gewicht: {self.weights(branch)}.", f"{formula} = {result}"
        )

    def concluded(self) -> Iterator[Step]:
        step, result, row = self.gathered(self.levels), self.result, self.row
        yield Step(f"Der Index G von {self.name}. {step.sentence}", f"G = {step.formula}")
        heads = result.reference_population
        total, people = float((heads * result.index).sum()), float(heads.sum())
        yield Step(
            f"Der mittlere Index aller Sozialräume; jeder zählt nach seiner Bezugsgröße P ({self.inputs.population}).",
            f"Ḡ = Σ (P × G) ÷ Σ P = {exact(total)} ÷ {exact(people)} = {exact(result.index_mean)}",
        )
        yield Step(
            "Der Belastungsfaktor setzt den Index ins Verhältnis dazu: 1,00 ist der Durchschnitt.",
            f"F = G ÷ Ḡ = {exact(result.index[row])} ÷ {exact(result.index_mean)} = {exact(result.relative[row])}",
        )
        if self.inputs.factor_min is not None or self.inputs.factor_max is not None:
            yield Step(
                f"Der Faktor ist begrenzt{_limits(self.inputs.factor_min, self.inputs.factor_max)}; "
                "was das ändert, wird auf alle verteilt.",
                f"F = {exact(result.relative[row])} {_signed(result.limits[row])} = {exact(result.factor[row])}",
            )
        yield Step(
            "Auf acht Nachkommastellen gerundet wird er gespeichert; nur mit dieser Zahl wird Geld gerechnet.",
            f"F = {format_number(result.stored[row], 8)}",
        )

    def weights(self, branch: Branch) -> str:
        return ", ".join(f"{self.label(child)} {format_percent(100 * child.weight, 2)}" for child in branch.children)

    def label(self, node: Leaf | Branch) -> str:
        return node.label if isinstance(node, Branch) else self.calculated.members[node.column].short_name

    def value_of(self, node: Leaf | Branch) -> float:
        return float(value(node, self.result.ratings.T, Spaces(self.result.keys, {}))[self.row])

    def source(self, member: Member, cell: Cell) -> str:
        release = member.previous if cell.origin == "last_year" else member.release
        if release is None or cell.origin in {COUNTY, ESTIMATE}:
            return ""
        example = " (Beispieldaten)" if release.is_example else ""
        return f"{release.source}; {release.name}, Stichtag {format_date(release.reference_date)}{example}"


def _why(cell: Cell) -> str:
    return f"Begründung: {cell.reason.rstrip(' .')}."


def _post(end: Number | None) -> str:
    return exact(end or 0)


def _signed(value: float) -> str:
    return f"{'−' if value < 0 else '+'} {exact(abs(value))}"


def _limits(low: Number | None, high: Number | None) -> str:
    said: Sequence[str] = [
        f" {word} {exact(end)}" for word, end in (("nach unten auf", low), ("nach oben auf", high)) if end is not None
    ]
    return ",".join(said)
