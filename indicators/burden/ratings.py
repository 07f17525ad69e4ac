"""R = x / m, or 1 + s (x − m) / sd, or (x − low) / (high − low); mirrored where less is more burden."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from indicators.burden.refusals import Spaces, ValuesRefused, german
from indicators.burden.scheme import Indicator, Number, Scheme

type Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Counts:
    """Numerators and denominators of a rate, in the order of the keys; `per` is its unit (1000: per thousand)."""

    numerators: Sequence[Number]
    denominators: Sequence[Number]
    per: Number = 1


@dataclass(frozen=True, slots=True)
class Notice:
    """What the reader must be told although the calculation went through; no keys: all spaces."""

    kind: Literal["clipped", "zero_variance"]
    indicator: str
    keys: tuple[str, ...]
    text: str


@dataclass(frozen=True, slots=True)
class Rating:
    """R of one indicator per space, with the m (in the unit of the values) and the sd it was measured against."""

    values: Floats
    county_value: float
    sd: float | None
    notices: tuple[Notice, ...]


def county_value(indicator: Indicator, counts: Mapping[str, Counts], order: NDArray[np.intp]) -> float | None:
    """The frozen value, else Σ numerators / Σ denominators, else None: then the weighted mean serves."""
    if indicator.county_value is not None:
        return float(indicator.county_value)
    # The m of a logged indicator is the mean of its logs, which no sums of cases can give.
    if indicator.code not in counts or indicator.transform == "log":
        return None
    count = counts[indicator.code]
    above, below = (np.array(part, dtype=np.float64) for part in (count.numerators, count.denominators))
    if above.shape != order.shape or below.shape != order.shape or not np.isfinite([above, below]).all():
        raise ValuesRefused(f"{indicator.label}: Zähler und Nenner müssen für jeden Sozialraum vorliegen.")
    cases, population = float(above[order].sum()), float(below[order].sum())
    if population <= 0:
        raise ValuesRefused(f"{indicator.label}: Die Nenner ergeben zusammen {german(population)}.")
    return float(count.per) * cases / population


def rate(
    indicator: Indicator, values: Floats, people: Floats, scheme: Scheme, given: float | None, spaces: Spaces
) -> Rating:
    """Ratings of one indicator; `given` is its county value where that is not the weighted mean."""
    label, logged = indicator.label, indicator.transform == "log"
    if logged and (low := values <= 0).any():
        raise ValuesRefused(
            f"{label}: Der Logarithmus verlangt Werte größer als 0: {spaces.listed(low, values)}.",
            spaces.cells(low, indicator.code),
        )
    into = scale(indicator)
    measured = into(values)
    mean = weighted_mean(measured, people)
    anchor = mean if given is None else float(into(np.array(given)))
    sd, clipped = None, np.zeros(values.shape, dtype=np.bool_)
    match scheme.method:
        case "ratio":
            if anchor <= 0:
                raise ValuesRefused(
                    f"{label}: Der Wert aller Sozialräume zusammen ist {german(anchor)}; "
                    "ein Verhältnis dazu gibt es nur, wenn er größer als 0 ist."
                )
        case "standardised":
            yearly = float(np.sqrt(weighted_mean((measured - mean) ** 2, people)))
            sd = yearly if indicator.county_sd is None else float(indicator.county_sd)
            if sd <= 0:
                raise ValuesRefused(
                    f"{label}: Alle Sozialräume haben denselben Wert; ohne Streuung gibt es keine Standardisierung."
                )
        case "goalposts":
            low_post, high_post = _posts(indicator)
            clipped = (measured < low_post) | (measured > high_post)
    rating = scored(indicator, scheme, measured, anchor, sd)
    if not np.isfinite([anchor, sd or 0.0]).all():
        raise ValuesRefused(f"{label}: Die Werte sind zu groß, um damit zu rechnen.")
    return Rating(rating, float(np.exp(anchor)) if logged else anchor, sd, _notices(indicator, rating, clipped, spaces))


def scored(
    indicator: Indicator, scheme: Scheme, measured: Floats, anchor: Floats | float, sd: Floats | float | None
) -> Floats:
    """R of values on the scale of the indicator, nothing checked; anchor and sd broadcast against the values."""
    more = indicator.direction == "more"
    match scheme.method:
        case "ratio":
            return measured / anchor if more else 2 - measured / anchor
        case "standardised":
            step = float(scheme.spread) * (measured - anchor) / (1.0 if sd is None else sd)
            return 1 + step if more else 1 - step
        case "goalposts":
            low, high = _posts(indicator)
            return np.clip((measured - low if more else high - measured) / (high - low), 0.0, 1.0)


def scale(indicator: Indicator) -> Callable[[Floats], Floats]:
    """What turns values into those that are measured."""
    return np.log if indicator.transform == "log" else np.asarray


def _posts(indicator: Indicator) -> tuple[float, float]:
    low, high = (float(scale(indicator)(np.array(float(post or 0)))) for post in (indicator.low, indicator.high))
    return low, high


def weighted_mean(values: Floats, weights: Floats) -> float:
    """Σ w x / Σ w."""
    # Rounding would spoil the mean of equal values, and with it the 0 of their spread and of their contributions.
    return float(values[0] if np.ptp(values) == 0 else (weights * values).sum() / weights.sum())


def _notices(indicator: Indicator, rating: Floats, clipped: NDArray[np.bool_], spaces: Spaces) -> tuple[Notice, ...]:
    found = []
    if clipped.any():
        text = f"{indicator.label}: außerhalb der Eckwerte, auf den Eckwert gesetzt: {spaces.listed(clipped)}."
        keys = tuple(key for key, _ in spaces.cells(clipped, indicator.code))
        found.append(Notice("clipped", indicator.code, keys, text))
    if np.ptp(rating) == 0:
        text = f"{indicator.label}: trägt nichts bei, alle Sozialräume werden gleich bewertet."
        found.append(Notice("zero_variance", indicator.code, (), text))
    return tuple(found)
