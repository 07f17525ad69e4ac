"""T_i = B · (base · n_i/Σn + head · P_i/ΣP + need · P_i F_i/ΣP F); amount_i = clip(λ T_i, low_i, high_i), Σ = B.

B is the total, n_i the offices, P_i the reference population, F_i the stored burden factor of a space. The model M0
("Bisher") splits B in last year's proportions instead, T_i = B · V_i/ΣV: a fourth share called `before`. Everything is
exact until the cents, which `money.round_exactly` hands out.

Floor and cap stand against last year's amount, in per cent of it or in euros; where both are given both hold, and a
space without an amount last year has no bounds. They are rounded inward to cents. The rounding unit gives way to a
bound: a space held at its floor or cap gets that bound to the cent, the others are rounded to the unit, but no farther
than their bounds.

With `gains_only` a floor is paid by those alone who gain: a space below its floor gets the floor, one between floor and
last year's amount V_i keeps T_i, all others get V_i + k (T_i − V_i) with k = 1 − Σ(low − T)⁺ / Σ(T − V)⁺. Caps cut the
gains T_i − V_i first, and what they cut joins the gains of the others. A space without an amount last year neither
gains nor loses and gets T_i.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, fields
from decimal import Decimal
from fractions import Fraction
from math import ceil, floor
from typing import Literal

from jugendhilfe.lib.bounds import Infeasible, clip, scale_factor, scale_gains
from jugendhilfe.lib.errors import DomainError
from jugendhilfe.lib.formats import format_euro
from jugendhilfe.lib.money import CENT, UNITS, from_cents, over_one, round_exactly, split_exactly, to_cents

type Held = Literal["floor", "cap"] | None

FROM_INCREASE = "aus der Erhöhung"
INTO_CUT = "in die Kürzung"


class DistributionError(DomainError):
    """The amount cannot be distributed like this."""


class InfeasibleBounds(DistributionError):
    """Floors or caps do not fit the amount; `missing` euros more (floor) or less (cap) would make them fit."""

    def __init__(self, message: str, *, missing: Decimal, side: Literal["floor", "cap"]) -> None:
        super().__init__(message)
        self.missing = missing
        self.side = side


@dataclass(frozen=True, slots=True)
class Space:
    """What the formula reads of a social space; `previous` is last year's amount, None where there was none."""

    key: str
    offices: int
    reference_population: Decimal | int
    factor: Decimal
    previous: Decimal | None = None

    def __post_init__(self) -> None:
        check_number(self.offices, f"{self.key}: Die Zahl der Büros")
        if Decimal(self.offices) % 1:
            raise DistributionError(f"{self.key}: Die Zahl der Büros muss eine ganze Zahl sein.")
        check_number(self.reference_population, f"{self.key}: Die Bezugsgröße")
        check_number(self.factor, f"{self.key}: Der Belastungsfaktor")
        if self.previous is not None:
            check_amount(self.previous, f"{self.key}: Der Betrag des Vorjahres")


@dataclass(frozen=True, slots=True)
class Kind:
    """A row of the table of models: `free` are the shares a user may choose, the rest is need."""

    code: str
    name: str
    free: tuple[str, ...] = ()


KINDS = {
    kind.code: kind
    for kind in (
        Kind("M0", "Bisher"),
        Kind("M1", "Nach Köpfen"),
        Kind("M2", "Nach Belastung"),
        Kind("M3", "Sockel und Belastung", ("base",)),
        Kind("M4", "Mischmodell", ("base", "head")),
    )
}


@dataclass(frozen=True, slots=True)
class Model:
    """Shares that sum to 1, largest loss (floor) and largest gain (cap) against last year, and the rounding unit."""

    base: Decimal = Decimal(0)
    head: Decimal = Decimal(0)
    need: Decimal = Decimal(0)
    before: Decimal = Decimal(0)
    floor_percent: Decimal | None = None
    cap_percent: Decimal | None = None
    floor_absolute: Decimal | None = None
    cap_absolute: Decimal | None = None
    unit: Decimal = CENT
    gains_only: bool = False

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if value is not None and field.name in _LABELS:
                check_number(value, _LABELS[field.name])
        share_sum = sum(map(Fraction, (self.base, self.head, self.need, self.before)), Fraction(0))
        if share_sum != 1:
            raise DistributionError(f"Die Anteile des Modells ergeben zusammen {_german(share_sum)} statt 1.")
        if self.floor_percent is not None and self.floor_percent > 100:
            raise DistributionError("Der größte Verlust kann nicht mehr als 100\u00a0% betragen.")
        if self.unit not in UNITS:
            raise DistributionError("Gerundet wird auf 0,01\u00a0€, 1\u00a0€, 10\u00a0€ oder 100\u00a0€.")

    @property
    def kind(self) -> Kind:
        """The row of the table of models these shares belong to."""
        if self.before:
            return KINDS["M0"]
        if self.head == 1:
            return KINDS["M1"]
        if self.need == 1:
            return KINDS["M2"]
        return KINDS["M4"] if self.head else KINDS["M3"]

    def bounds(self, previous: Decimal | None) -> tuple[Decimal | None, Decimal | None]:
        """Lowest and highest amount after this one last year, rounded inward to cents; None = no bound."""
        if previous is None:
            return None, None
        losses, gains = [], []
        if self.floor_percent is not None:
            losses.append(Fraction(previous) * Fraction(self.floor_percent) / 100)
        if self.floor_absolute is not None:
            losses.append(Fraction(self.floor_absolute))
        if self.cap_percent is not None:
            gains.append(Fraction(previous) * Fraction(self.cap_percent) / 100)
        if self.cap_absolute is not None:
            gains.append(Fraction(self.cap_absolute))
        low = from_cents(max(0, ceil((Fraction(previous) - min(losses)) * 100))) if losses else None
        high = from_cents(floor((Fraction(previous) + min(gains)) * 100)) if gains else None
        return low, high


def build_model(
    code: str,
    *,
    base: Decimal = Decimal(0),
    head: Decimal = Decimal(0),
    floor_percent: Decimal | None = None,
    cap_percent: Decimal | None = None,
    floor_absolute: Decimal | None = None,
    cap_absolute: Decimal | None = None,
    unit: Decimal = CENT,
    gains_only: bool = False,
) -> Model:
    """One of M0 to M4; M3 reads `base`, M4 `base` and `head`, and need is what they leave."""
    free = KINDS[code].free
    base = base if "base" in free else Decimal(0)
    head = head if "head" in free else Decimal(code == "M1")
    before = Decimal(code == "M0")
    return Model(
        base=base,
        head=head,
        need=1 - base - head - before,
        before=before,
        floor_percent=floor_percent,
        cap_percent=cap_percent,
        floor_absolute=floor_absolute,
        cap_absolute=cap_absolute,
        unit=unit,
        gains_only=gains_only,
    )


@dataclass(frozen=True, slots=True)
class Allocation:
    """What one space gets: target T_i, exact value after the bounds, amount in cents, and the bound that holds it."""

    space: Space
    target: Fraction
    exact: Fraction
    amount: Decimal
    low: Decimal | None
    high: Decimal | None
    held_by: Held

    @property
    def change(self) -> Decimal | None:
        """Amount minus last year's; None where there was none."""
        return None if self.space.previous is None else self.amount - self.space.previous


@dataclass(frozen=True, slots=True)
class Distribution:
    """The distributed total, in the order of the spaces; `rest` is the piece below the unit.

    `scale` is λ, or k where only gains are scaled.
    """

    total: Decimal
    model: Model
    allocations: tuple[Allocation, ...]
    scale: Fraction
    rest: Decimal
    rest_to: str | None

    @property
    def amounts(self) -> dict[str, Decimal]:
        """Euros by key."""
        return {allocation.space.key: allocation.amount for allocation in self.allocations}

    @property
    def shares(self) -> dict[str, Fraction]:
        """The quota: exact shares of the total by key, before any rounding."""
        return {allocation.space.key: allocation.exact / Fraction(self.total) for allocation in self.allocations}


def distribute(total: Decimal, spaces: Iterable[Space], model: Model) -> Distribution:
    """Distribute the total over the spaces; DistributionError, with the missing amount where bounds do not fit."""
    spaces = tuple(spaces)
    check_amount(total, "Der zu verteilende Betrag")
    if not total:
        raise DistributionError("Der zu verteilende Betrag muss größer als 0,00\u00a0€ sein.")
    if not spaces:
        raise DistributionError("Es gibt keinen Sozialraum, auf den verteilt werden kann.")
    keys = [space.key for space in spaces]
    if doubled := sorted(key for key, count in Counter(keys).items() if count > 1):
        raise DistributionError(f"Mehrfach angegeben: {', '.join(doubled)}.")

    targets = _targets(total, spaces, model)
    bounds = [model.bounds(space.previous) for space in spaces]
    lows = [Fraction(low or 0) for low, _ in bounds]
    highs = [None if high is None else Fraction(high) for _, high in bounds]
    try:
        scale, exact, held = _scaled(total, spaces, model, targets, lows, highs)
    except Infeasible as error:
        raise _infeasible(total, error, model) from error
    rounding = round_exactly(
        dict(zip(keys, exact, strict=True)),
        unit=model.unit,
        low={key: low for key, (low, _) in zip(keys, bounds, strict=True) if low is not None},
        high={key: high for key, (_, high) in zip(keys, bounds, strict=True) if high is not None},
    )
    allocations = tuple(
        Allocation(
            space=space,
            target=target,
            exact=value,
            amount=rounding.amounts[space.key],
            low=low,
            high=high,
            held_by=held_by,
        )
        for space, target, value, held_by, (low, high) in zip(spaces, targets, exact, held, bounds, strict=True)
    )
    return Distribution(total, model, allocations, scale, rounding.rest, rounding.rest_to)


def apply_quota(
    shares: Mapping[str, Decimal | Fraction], total: Decimal, *, unit: Decimal = CENT
) -> dict[str, Decimal]:
    """An adopted quota on another year's total: same shares (relative to their sum), new cents."""
    check_amount(total, "Der zu verteilende Betrag")
    if any(share < 0 for share in shares.values()) or not any(shares.values()):
        raise DistributionError("Die Verteilungsquote enthält keine brauchbaren Anteile.")
    return split_exactly(total, shares, unit=unit)


@dataclass(frozen=True, slots=True)
class Spread:
    """Smallest and largest euros per head over the spaces that have heads; ratio None where the smallest is 0."""

    low: Decimal
    high: Decimal
    ratio: Decimal | None


@dataclass(frozen=True, slots=True)
class Loss:
    """What one space loses against last year, in euros and in per cent of last year's amount."""

    key: str
    amount: Decimal
    percent: Decimal


@dataclass(frozen=True, slots=True)
class Fairness:
    """Figures by which models are compared; four decimals, euros in cents, None where a figure has no meaning.

    `moved` is what flows from space to space: the smaller of all losses and all gains. Gini and correlation read the
    exact values, so that odd cents never look like inequality, and weigh a space by its heads, so that merging equal
    spaces changes nothing.
    """

    per_head: Spread | None
    per_burdened_head: Spread | None
    gini: Decimal | None
    correlation: Decimal | None
    moved: Decimal
    losers: int
    largest_loss: Loss | None
    largest_loss_percent: Loss | None


def fairness(distribution: Distribution) -> Fairness:
    """The fairness figures of one model."""
    heads = [Fraction(a.space.reference_population) for a in distribution.allocations]
    factors = [Fraction(a.space.factor) for a in distribution.allocations]
    burdened = [head * factor for head, factor in zip(heads, factors, strict=True)]
    amounts = [Fraction(a.amount) for a in distribution.allocations]
    exact = _whole(a.exact for a in distribution.allocations)
    gains, losses = _gains_and_losses(_previous(distribution), distribution.amounts)
    lost = [
        Loss(a.space.key, -a.change, _rounded(Fraction(-a.change) / Fraction(a.space.previous) * 100))
        for a in sorted(distribution.allocations, key=lambda a: a.space.key)
        if a.space.previous and a.change is not None and a.change < 0
    ]
    return Fairness(
        per_head=_spread(amounts, heads),
        per_burdened_head=_spread(amounts, burdened),
        gini=_gini(exact, _whole(burdened)),
        correlation=_correlation(exact, _whole(heads), _whole(factors)),
        moved=from_cents(min(sum(gains.values()), sum(losses.values()))),
        losers=len(lost),
        largest_loss=max(lost, key=lambda loss: loss.amount, default=None),
        largest_loss_percent=max(lost, key=lambda loss: (loss.percent, loss.amount), default=None),
    )


@dataclass(frozen=True, slots=True)
class Transfer:
    """Money one space gives up and another gains; payer None is the increase, receiver None the cut of the total."""

    payer: str | None
    receiver: str | None
    amount: Decimal


def who_pays_whom(previous: Mapping[str, Decimal | None], amounts: Mapping[str, Decimal]) -> list[Transfer]:
    """Match losses to gains proportionally: by payer they sum to its loss, by receiver to its gain, to the cent.

    A space without an amount in one of the two counts as 0.00 there. Rows come by size, increase and cut last.
    """
    gains, losses = _gains_and_losses(previous, amounts)
    difference = sum(gains.values()) - sum(losses.values())
    payers: list[tuple[str | None, int]] = [*_by_size(losses)]
    receivers: list[tuple[str | None, int]] = [*_by_size(gains)]
    if difference > 0:
        payers.append((None, difference))
    if difference < 0:
        receivers.append((None, -difference))

    # Each payer is split over what the receivers still lack, never more than that: so the last one fits to the cent.
    transfers = []
    lacking = {str(position): lack for position, (_, lack) in enumerate(receivers)}
    for payer, loss in payers:
        parts = split_exactly(from_cents(loss), lacking)
        for position, (receiver, _) in enumerate(receivers):
            part = parts[str(position)]
            lacking[str(position)] -= to_cents(part)
            if part:
                transfers.append(Transfer(payer, receiver, part))
    return transfers


_LABELS = {
    "base": "Der Anteil für den Sockel",
    "head": "Der Anteil nach Köpfen",
    "need": "Der Anteil nach Belastung",
    "before": "Der Anteil nach bisherigen Beträgen",
    "floor_percent": "Der größte Verlust in Prozent",
    "cap_percent": "Der größte Gewinn in Prozent",
    "floor_absolute": "Der größte Verlust in Euro",
    "cap_absolute": "Der größte Gewinn in Euro",
    "unit": "Die Rundungseinheit",
}


def _targets(total: Decimal, spaces: tuple[Space, ...], model: Model) -> list[Fraction]:
    targets = [Fraction(0)] * len(spaces)
    for share, weights, reason in (
        (model.base, [Fraction(s.offices) for s in spaces], "Kein Sozialraum hat ein Büro"),
        (model.head, [Fraction(s.reference_population) for s in spaces], "Die Bezugsgröße ist überall 0"),
        (
            model.need,
            [Fraction(s.reference_population) * Fraction(s.factor) for s in spaces],
            "Bezugsgröße mal Belastungsfaktor ist überall 0",
        ),
        (model.before, [Fraction(s.previous or 0) for s in spaces], "Kein Sozialraum hat einen Betrag des Vorjahres"),
    ):
        if not share:
            continue
        weight_sum = sum(weights, Fraction(0))
        if not weight_sum:
            raise DistributionError(f"{reason}: Danach lässt sich nichts verteilen.")
        part = Fraction(total) * Fraction(share) / weight_sum
        targets = [target + part * weight for target, weight in zip(targets, weights, strict=True)]
    return targets


def _scaled(
    total: Decimal,
    spaces: Sequence[Space],
    model: Model,
    targets: Sequence[Fraction],
    lows: Sequence[Fraction],
    highs: Sequence[Fraction | None],
) -> tuple[Fraction, list[Fraction], list[Held]]:
    """λ (or k, where only gains are scaled), the values within their bounds, and the bound that holds each."""
    held: list[Held]
    if model.gains_only:
        before = [None if space.previous is None else Fraction(space.previous) for space in spaces]
        scale, exact = scale_gains(targets, before, lows, highs)
        held = [
            "floor" if target < low else "cap" if value == high and value != target else None
            for target, value, low, high in zip(targets, exact, lows, highs, strict=True)
        ]
        return scale, exact, held
    scale = scale_factor(targets, lows, highs, Fraction(total))
    scaled = [scale * target for target in targets]
    exact = [clip(value, low, high) for value, low, high in zip(scaled, lows, highs, strict=True)]
    held = [
        "floor" if value > before_bounds else "cap" if value < before_bounds else None
        for value, before_bounds in zip(exact, scaled, strict=True)
    ]
    return scale, exact, held


def _infeasible(total: Decimal, error: Infeasible, model: Model) -> InfeasibleBounds:
    # Total and bounds are whole cents, so what is missing is too, unless it is missing in gains: then the next cent up.
    missing = from_cents(ceil(error.missing * 100))
    if model.gains_only and error.side == "floor":
        message = (
            "Die Gewinne gegenüber dem bisherigen Betrag reichen nicht, um die Untergrenzen zu halten. "
            f"Es fehlen {format_euro(missing)}."
        )
    elif model.gains_only:
        message = (
            "Die Obergrenzen schneiden mehr ab, als die Gewinne der anderen aufnehmen können. "
            f"Es bleiben {format_euro(missing)} übrig."
        )
    elif error.side == "floor":
        message = (
            f"Die Untergrenzen verlangen zusammen {format_euro(total + missing)}, "
            f"zu verteilen sind {format_euro(total)}. Es fehlen {format_euro(missing)}."
        )
    else:
        message = (
            f"Die Obergrenzen lassen zusammen höchstens {format_euro(total - missing)} zu, "
            f"zu verteilen sind {format_euro(total)}. Es bleiben {format_euro(missing)} übrig."
        )
    return InfeasibleBounds(message, missing=missing, side=error.side)


def _previous(distribution: Distribution) -> dict[str, Decimal | None]:
    return {allocation.space.key: allocation.space.previous for allocation in distribution.allocations}


def _gains_and_losses(
    previous: Mapping[str, Decimal | None], amounts: Mapping[str, Decimal]
) -> tuple[dict[str, int], dict[str, int]]:
    nothing = Decimal(0)
    changes = {
        key: to_cents(amounts.get(key, nothing)) - to_cents(previous.get(key) or nothing)
        for key in {*previous, *amounts}
    }
    return (
        {key: change for key, change in changes.items() if change > 0},
        {key: -change for key, change in changes.items() if change < 0},
    )


def _by_size(cents: Mapping[str, int]) -> list[tuple[str, int]]:
    return sorted(cents.items(), key=lambda item: (-item[1], item[0]))


def _spread(amounts: list[Fraction], heads: list[Fraction]) -> Spread | None:
    per_head = [amount / head for amount, head in zip(amounts, heads, strict=True) if head]
    if not per_head:
        return None
    low, high = min(per_head), max(per_head)
    return Spread(_rounded(low, places=2), _rounded(high, places=2), _rounded(high / low) if low else None)


def _whole(values: Iterable[Fraction]) -> list[int]:
    """The values in whole numbers, all times the same: for figures that no common factor changes."""
    return list(over_one({str(n): value for n, value in enumerate(values)})[0].values())


def _gini(amounts: list[int], heads: list[int]) -> Decimal | None:
    """Σ_ij h_i h_j |y_i − y_j| / (2 (Σh)² ȳ) by one sorted pass, y = amount per head."""
    sized = [(amount, head) for amount, head in zip(amounts, heads, strict=True) if head]
    heads_below, money_below, differences = 0, 0, 0
    for amount, head in sorted(sized, key=lambda pair: Fraction(*pair)):
        differences += amount * heads_below - head * money_below
        heads_below += head
        money_below += amount
    return _rounded(Fraction(differences, heads_below * money_below)) if money_below else None


def _correlation(amounts: list[int], heads: list[int], factors: list[int]) -> Decimal | None:
    """Pearson's r of euros per head with the factor, weighted by heads; None where one of them never varies.

    With h heads, a euros and f factors: (Σh Σaf − Σa Σhf) / √((Σh Σa²/h − (Σa)²) (Σh Σhf² − (Σhf)²)).
    """
    rows = [(amount, head, factor) for amount, head, factor in zip(amounts, heads, factors, strict=True) if head]
    all_heads, money = sum(head for _, head, _ in rows), sum(amount for amount, _, _ in rows)
    burdened = sum(head * factor for _, head, factor in rows)
    covariance = all_heads * sum(amount * factor for amount, _, factor in rows) - money * burdened
    squares = sum((Fraction(amount**2, head) for amount, head, _ in rows), Fraction(0))
    variance_y = all_heads * squares - money**2
    variance_f = all_heads * sum(head * factor**2 for _, head, factor in rows) - burdened**2
    if not variance_y or not variance_f:
        return None
    squared = covariance**2 / (variance_y * variance_f)
    r = (Decimal(squared.numerator) / Decimal(squared.denominator)).sqrt()
    return _rounded(Fraction(r if covariance > 0 else -r))


def _rounded(value: Fraction, *, places: int = 4) -> Decimal:
    return Decimal(round(value * 10**places)).scaleb(-places)


def _german(value: Fraction) -> str:
    text = f"{_rounded(value, places=8):f}"
    return text.rstrip("0").rstrip(".").replace(".", ",")


def check_number(value: Decimal | int, label: str) -> None:
    """A finite number from 0 on, with a sensible number of digits; `label` begins the sentence that refuses it."""
    number = Decimal(value)
    if not number.is_finite():
        raise DistributionError(f"{label} ist keine Zahl.")
    if number < 0:
        raise DistributionError(f"{label} darf nicht negativ sein.")
    exponent = number.as_tuple().exponent
    # A number like 1e-999999 is legal, small to write and would fill the memory as a fraction.
    if number.adjusted() > 20 or (isinstance(exponent, int) and exponent < -40):
        raise DistributionError(f"{label} hat zu viele Stellen.")


def check_amount(amount: Decimal, label: str) -> None:
    """A number in whole cents."""
    check_number(amount, label)
    if Fraction(amount) * 100 % 1:
        raise DistributionError(f"{label} hat Bruchteile von Cent.")
