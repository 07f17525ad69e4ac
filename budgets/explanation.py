"""So kam der Betrag zustande: the formula of an adopted distribution with the numbers of one space put in."""

from decimal import Decimal
from fractions import Fraction

from budgets.contributions import Contributions, explained
from budgets.distribution import Allocation, Distribution
from budgets.quota import QuotaInputs
from indicators.inputs import Inputs
from jugendhilfe.lib.formats import format_euro, format_number, format_percent

type Line = tuple[str, str]


def explain(inputs: QuotaInputs) -> dict[str, list[Line]]:
    """Steps in words by official key; the last one is the amount."""
    if inputs.quota_of:
        return _by_quota(inputs)
    distribution = inputs.distribution()
    return {
        allocation.space.key: [
            *_parts(distribution, allocation),
            *_bounds(distribution, allocation),
            ("Gerundet, Summe genau der verteilte Betrag", format_euro(allocation.amount)),
        ]
        for allocation in distribution.allocations
    }


def moved_by_indicators(inputs: QuotaInputs, calculation: str) -> Contributions | None:
    """What every indicator moves in euros, from the kept inputs of the factors; None where need plays no part."""
    if inputs.quota_of or not inputs.model.need:
        return None
    return explained(inputs.distribution(), Inputs.from_json(calculation).calculate())


def _parts(distribution: Distribution, allocation: Allocation) -> list[Line]:
    model, space = distribution.model, allocation.space
    spaces = [one.space for one in distribution.allocations]
    burdened = {one.key: Fraction(one.reference_population) * Fraction(one.factor) for one in spaces}
    people = sum(one.reference_population for one in spaces)
    whole = sum(burdened.values(), Fraction(0))
    before = sum((one.previous or Decimal(0) for one in spaces), Decimal(0))
    weighted = f"{_count(space.reference_population)} Personen × Faktor {format_number(space.factor, 8)}"
    lines = []
    for name, share, own, all_of_it, words in (
        (
            "Sockel",
            model.base,
            Fraction(space.offices),
            sum(Fraction(one.offices) for one in spaces),
            f"{space.offices} von {sum(one.offices for one in spaces)} Büros",
        ),
        (
            "Nach Köpfen",
            model.head,
            Fraction(space.reference_population),
            Fraction(people),
            f"{_count(space.reference_population)} von {_count(people)} Personen",
        ),
        (
            "Nach Belastung",
            model.need,
            burdened[space.key],
            whole,
            f"{weighted} = {_four(burdened[space.key])} von {_four(whole)}",
        ),
        (
            "Nach bisherigem Betrag",
            model.before,
            Fraction(space.previous or 0),
            Fraction(before),
            f"{format_euro(space.previous or Decimal(0))} von {format_euro(before)}",
        ),
    ):
        if share:
            part = Fraction(distribution.total) * Fraction(share) * own / all_of_it
            pot = f"{format_percent(share * 100, 2)} von {format_euro(distribution.total)}"
            lines.append((name, f"{pot}, davon {words}: {_four(part)}\u00a0€"))
    return lines


def _bounds(distribution: Distribution, allocation: Allocation) -> list[Line]:
    low = f"mindestens {format_euro(allocation.low)}" if allocation.low is not None else ""
    high = f"höchstens {format_euro(allocation.high)}" if allocation.high is not None else ""
    own = " und ".join(filter(None, (low, high)))
    lines = [("Grenzen gegenüber bisher", own)] if own else []
    scale = _four(distribution.scale, 8)
    if distribution.model.gains_only and own:
        first = "Gewinne bis zur Obergrenze, was darüber liegt, an die anderen Gewinne, dann " if high else ""
        lines.append(("Ausgleich der Grenzen", f"{first}alle Gewinne gegenüber bisher × {scale}"))
    elif not distribution.model.gains_only and distribution.scale != 1:
        # Also for a space without bounds of its own: it is scaled for those of the others.
        then = ", dann an die Grenze" if own else ""
        lines.append(("Ausgleich der Grenzen", f"alle Beträge × {scale}{then}"))
    return [*lines, ("Genauer Wert", f"{_four(allocation.exact)}\u00a0€")] if lines else []


def _by_quota(inputs: QuotaInputs) -> dict[str, list[Line]]:
    amounts, shares = inputs.results()
    whole = sum(shares.values(), Decimal(0))
    return {
        key: [
            ("Anteil der festgelegten Quote", f"{format_percent(share * 100, 8)} von {format_euro(inputs.total)}"),
            ("Genauer Wert", f"{_four(Fraction(inputs.total) * Fraction(share) / Fraction(whole))}\u00a0€"),
            ("Gerundet, Summe genau der verteilte Betrag", format_euro(amounts[key])),
        ]
        for key, share in shares.items()
    }


def _count(people: Decimal | int) -> str:
    return format_number(people)


def _four(value: Fraction, places: int = 4) -> str:
    return format_number(Decimal(round(value * 10**places)).scaleb(-places), places)
