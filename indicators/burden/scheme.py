"""v_j = w_j / Σ w_j within each level: what a scheme is, and what makes it none."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from math import isfinite
from typing import Literal

from indicators.burden.refusals import SchemeRefused, german, listed

type Number = Decimal | float
type Method = Literal["ratio", "standardised", "goalposts"]
type Aggregation = Literal["arithmetic", "geometric"]
type Direction = Literal["more", "less"]
type Transform = Literal["none", "log"]


@dataclass(frozen=True, kw_only=True, slots=True)
class Indicator:
    """One indicator of a scheme; low, high and county_value in the unit of its values.

    county_value and county_sd are frozen figures (the latter of the logs, if logged); None takes those of the year.
    """

    code: str
    weight: Number
    direction: Direction = "more"
    dimension: str | None = None
    transform: Transform = "none"
    low: Number | None = None
    high: Number | None = None
    county_value: Number | None = None
    county_sd: Number | None = None
    name: str = ""

    @property
    def label(self) -> str:
        """The word for people, the code if there is none."""
        return self.name or self.code


@dataclass(frozen=True, kw_only=True, slots=True)
class Dimension:
    """A group of indicators with a weight of its own; None: its level is arithmetic."""

    code: str
    weight: Number
    aggregation: Aggregation | None = None
    name: str = ""

    @property
    def label(self) -> str:
        """The word for people, the code if there is none."""
        return self.name or self.code


@dataclass(frozen=True, kw_only=True, slots=True)
class Scheme:
    """Method, weights and levels; an indicator without a dimension stands beside the dimensions."""

    indicators: tuple[Indicator, ...]
    dimensions: tuple[Dimension, ...] = ()
    method: Method = "ratio"
    spread: Number = Decimal("0.15")
    aggregation: Aggregation = "arithmetic"
    factor_min: Number | None = None
    factor_max: Number | None = None

    def inside(self, dimension: str | None) -> tuple[Indicator, ...]:
        """The indicators of a dimension, or those without one."""
        return tuple(indicator for indicator in self.indicators if indicator.dimension == dimension)


def shares(members: Sequence[Indicator | Dimension]) -> list[float]:
    """Weights divided by their sum; exact until the last step, so two halves weigh what one whole does."""
    total = sum((Fraction(member.weight) for member in members), Fraction(0))
    return [float(Fraction(member.weight) / total) for member in members]


def check_scheme(scheme: Scheme) -> None:
    """Refuse what no values could make right; raises SchemeRefused."""
    if not scheme.indicators:
        raise SchemeRefused("Das Gewichtungsschema hat keinen Indikator.")
    for noun, members in (("Indikator", scheme.indicators), ("Dimension", scheme.dimensions)):
        codes = [member.code for member in members]
        if len(set(codes)) < len(codes):
            raise SchemeRefused(f"{noun} mehrfach genannt: {listed(sorted({c for c in codes if codes.count(c) > 1}))}.")
        for member in members:
            if not isfinite(member.weight) or member.weight < 0:
                raise SchemeRefused(f"{member.label}: Ein Gewicht darf nicht negativ sein ({german(member.weight)}).")
    known = {dimension.code for dimension in scheme.dimensions}
    for indicator in scheme.indicators:
        if indicator.dimension is not None and indicator.dimension not in known:
            raise SchemeRefused(f"{indicator.label}: Die Dimension {indicator.dimension} gibt es im Schema nicht.")
        _check_indicator(indicator, scheme.method)
    for dimension in scheme.dimensions:
        inside = scheme.inside(dimension.code)
        if not inside:
            raise SchemeRefused(f"Die Dimension {dimension.label} hat keinen Indikator.")
        _check_weights(f"Dimension {dimension.label}", inside)
    _check_weights("Gewichtungsschema", (*scheme.dimensions, *scheme.inside(None)))
    if scheme.method == "standardised" and not (isfinite(scheme.spread) and scheme.spread > 0):
        raise SchemeRefused(f"Die Spreizung muss größer als 0 sein ({german(scheme.spread)}).")
    low, high = scheme.factor_min, scheme.factor_max
    if low is not None and not (isfinite(low) and 0 <= low <= 1):
        raise SchemeRefused(f"Der kleinste Faktor muss zwischen 0 und 1 liegen ({german(low)}).")
    if high is not None and not (isfinite(high) and high >= 1):
        raise SchemeRefused(f"Der größte Faktor darf nicht kleiner als 1 sein ({german(high)}).")


def _check_weights(label: str, members: Sequence[Indicator | Dimension]) -> None:
    if not any(member.weight > 0 for member in members):
        raise SchemeRefused(f"{label}: Die Gewichte ergeben zusammen 0.")


def _check_indicator(indicator: Indicator, method: Method) -> None:
    label, low, high = indicator.label, indicator.low, indicator.high
    figures = (low, high, indicator.county_value, indicator.county_sd)
    if not all(figure is None or isfinite(figure) for figure in figures):
        raise SchemeRefused(f"{label}: Eckwerte und Kreiswerte müssen endliche Zahlen sein.")
    if indicator.county_sd is not None and indicator.county_sd <= 0:
        raise SchemeRefused(
            f"{label}: Die festgehaltene Streuung muss größer als 0 sein ({german(indicator.county_sd)})."
        )
    if method == "goalposts":
        if low is None or high is None:
            raise SchemeRefused(f"{label}: Es fehlt ein Eckwert; nötig sind der untere und der obere.")
        if low >= high:
            raise SchemeRefused(
                f"{label}: Der untere Eckwert ({german(low)}) muss kleiner sein als der obere ({german(high)})."
            )
    if indicator.transform == "log":
        if method == "ratio":
            raise SchemeRefused(
                f"{label}: Das Verhältnis zum Kreiswert geht nicht mit Logarithmus, es hinge von der Einheit ab."
            )
        if low is not None and low <= 0:
            raise SchemeRefused(
                f"{label}: Der Logarithmus verlangt einen unteren Eckwert größer als 0 ({german(low)})."
            )
        if indicator.county_value is not None and indicator.county_value <= 0:
            raise SchemeRefused(
                f"{label}: Der Logarithmus verlangt einen Kreiswert größer als 0 ({german(indicator.county_value)})."
            )
