"""v'_j = v_j u_j / Σ v_j u_j with u_j from U(1 − spread, 1 + spread), or v' from Dirichlet(κ v), level by level."""

from typing import Literal

import numpy as np

from indicators.burden.scheme import shares
from indicators.inputs import Calculated
from indicators.sensitivity.draws import Floats, chunks, factors, levels

type Way = Literal["uniform", "dirichlet"]


def draw_weights(
    calculated: Calculated,
    *,
    draws: int,
    seed: int,
    way: Way = "uniform",
    spread: float = 0.25,
    kappa: float = 100,
) -> Floats:
    """Factors n×N under drawn weights, in the order of the result's keys; a weight of 0 stays 0."""
    if draws < 1 or not 0 <= spread < 1 or not kappa > 0:
        raise ValueError("draws ≥ 1, 0 ≤ spread < 1 and kappa > 0 are required")
    scheme, result = calculated.scheme, calculated.result
    rng = np.random.Generator(np.random.PCG64(seed))
    weights = {
        level: _dirichlet(rng, np.array(shares(members)), draws, kappa)
        if way == "dirichlet"
        else _uniform(rng, np.array(shares(members)), draws, spread)
        for level, members in levels(scheme).items()
    }
    order = np.array(sorted(range(len(result.keys)), key=result.keys.__getitem__), dtype=np.intp)
    people = result.reference_population[order]
    ratings = dict(zip(result.codes, np.ascontiguousarray(result.ratings[order].T)[:, :, None], strict=True))
    drawn = np.empty((order.size, draws))
    for part in chunks(order.size, draws):
        some = {level: weight[:, part] for level, weight in weights.items()}
        drawn[order, part] = factors(scheme, people, ratings.__getitem__, some)
    return drawn


def _uniform(rng: np.random.Generator, agreed: Floats, draws: int, spread: float) -> Floats:
    weights = agreed[:, None] * rng.uniform(1 - spread, 1 + spread, (agreed.size, draws))
    return weights / weights.sum(axis=0)


def _dirichlet(rng: np.random.Generator, agreed: Floats, draws: int, kappa: float) -> Floats:
    weights = np.zeros((agreed.size, draws))
    positive = agreed > 0
    # A very small weight may come out as 0, and a space that is rated by it alone would have no index.
    drawn = rng.dirichlet(kappa * agreed[positive], draws).T
    weights[positive] = np.maximum(drawn, np.finfo(np.float64).tiny)
    return weights
