"""Sensitivity = analyse(inputs, seed): bands, probabilities, groups and shifts as plain values that JSON can keep.

Factors and shares are rounded to DECIMALS places, ranks to RANK_DECIMALS; spaces stand in the order of their keys.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import ROUND_HALF_EVEN, Decimal

import numpy as np
from numpy.typing import NDArray

from indicators.inputs import Calculated, Inputs
from indicators.sensitivity.cases import Cases, draw_cases, draw_counts
from indicators.sensitivity.draws import Draws
from indicators.sensitivity.shifts import Shift, tornado
from indicators.sensitivity.summary import bands, groups, probability_above, probability_above_one, ranks
from indicators.sensitivity.weights import Way, draw_weights
from jugendhilfe.lib.canonical import from_json, to_json

DECIMALS, RANK_DECIMALS = 6, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """What a run depends on besides its inputs: `analyse(inputs, **asdict(settings))` gives it again."""

    seed: int
    draws: int = 10_000
    way: Way = "uniform"
    spread: float = 0.25
    kappa: float = 100.0
    points: int = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Space:
    """What the draws say about one space: 5, 50 and 95 % of its factor and rank, and P(F > 1)."""

    key: str
    factor_low: Decimal
    factor_median: Decimal
    factor_high: Decimal
    rank_low: Decimal
    rank_median: Decimal
    rank_high: Decimal
    above_one: Decimal


@dataclass(frozen=True, slots=True, kw_only=True)
class Uncertainty:
    """Bands from one cause. `above` is P(F_a > F_b) in row a and column b, by the order of `spaces`.

    `groups` are keys, highest factor first, of spaces that are "nicht unterscheidbar". `refused` draws had no factors;
    if that is all of them, there are no spaces. `fixed` indicators and `fixed_cells` (key, code) were not drawn.
    """

    spaces: tuple[Space, ...]
    above: tuple[tuple[Decimal, ...], ...]
    groups: tuple[tuple[str, ...], ...]
    refused: int = 0
    fixed: tuple[str, ...] = ()
    fixed_cells: tuple[tuple[str, ...], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Sensitivity:
    """How sure the factors are; `factors` and `ranks` are those agreed, in the order of the keys.

    No `counts` where no indicator has a numerator; no `tornado` where a sole indicator counts.
    """

    format: int = 1
    settings: Settings
    decimals: int = DECIMALS
    rank_decimals: int = RANK_DECIMALS
    keys: tuple[str, ...]
    codes: tuple[str, ...]
    factors: tuple[Decimal, ...]
    ranks: tuple[int, ...]
    weights: Uncertainty
    counts: Uncertainty | None
    tornado: tuple[Shift, ...]

    def to_json(self) -> str:
        """Canonical: the same run gives the same bytes."""
        return to_json(self)

    @classmethod
    def from_json(cls, text: str) -> "Sensitivity":
        """The run that `to_json` wrote."""
        return from_json(cls, text)


def analyse(
    inputs: Inputs,
    *,
    seed: int,
    draws: int = 10_000,
    way: Way = "uniform",
    spread: float = 0.25,
    kappa: float = 100,
    points: int = 5,
    weights: Mapping[str, Decimal] | None = None,
    cases: Cases | None = None,
) -> Sensitivity:
    """Uncertainty from weights and case numbers, and the tornado; raises BurdenError where there are no factors.

    `weights` as for `Inputs.calculate`; `cases` are those of `draw_cases` with the same seed, if the caller kept them.
    """
    settings = Settings(seed=seed, draws=draws, way=way, spread=float(spread), kappa=float(kappa), points=points)
    # Ties are broken in the order of the rows, which must not depend on who asks.
    inputs = replace(inputs, places=tuple(sorted(inputs.places, key=lambda place: place.key)))
    calculated = inputs.calculate(weights)
    drawn = draw_weights(calculated, draws=draws, seed=seed, way=way, spread=spread, kappa=kappa)
    cases = cases or draw_cases(calculated, draws=draws, seed=seed)
    return Sensitivity(
        settings=settings,
        keys=calculated.result.keys,
        codes=tuple(sorted(calculated.result.codes)),
        factors=calculated.result.stored,
        ranks=tuple(ranks(calculated.result.factor[:, None])[:, 0].tolist()),
        weights=uncertainty(calculated, Draws(drawn)),
        counts=uncertainty(calculated, draw_counts(calculated, cases)) if cases.drawn else None,
        tornado=tornado(calculated, points),
    )


def uncertainty(calculated: Calculated, drawn: Draws) -> Uncertainty:
    """Everything the draws say; pairs are compared one by one, so for tens or hundreds of spaces."""
    keys, factors = calculated.result.keys, drawn.factors
    if not factors.shape[1]:
        return Uncertainty(
            spaces=(), above=(), groups=(), refused=drawn.refused, fixed=drawn.fixed, fixed_cells=drawn.fixed_cells
        )
    order = np.array(sorted(range(len(keys)), key=keys.__getitem__), dtype=np.intp)
    factors, found = factors[order], bands(factors[order])
    above = probability_above(factors)
    ranking = np.argsort(-calculated.result.factor[order], kind="stable")
    sure = probability_above_one(factors)
    return Uncertainty(
        spaces=tuple(
            Space(
                key=keys[row],
                **_named("factor", found.factors[place], DECIMALS),
                **_named("rank", found.ranks[place], RANK_DECIMALS),
                above_one=_rounded(sure[place], DECIMALS),
            )
            for place, row in enumerate(order)
        ),
        above=tuple(tuple(_rounded(share, DECIMALS) for share in row) for row in above.tolist()),
        groups=tuple(tuple(keys[order[place]] for place in group) for group in groups(above, ranking.tolist())),
        refused=drawn.refused,
        fixed=drawn.fixed,
        fixed_cells=drawn.fixed_cells,
    )


def _named(what: str, band: NDArray[np.float64], decimals: int) -> dict[str, Decimal]:
    return {
        f"{what}_{name}": _rounded(value, decimals)
        for name, value in zip(("low", "median", "high"), band.tolist(), strict=True)
    }


def _rounded(number: float, decimals: int) -> Decimal:
    return Decimal(number).quantize(Decimal(1).scaleb(-decimals), ROUND_HALF_EVEN)
