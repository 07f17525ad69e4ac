"""X = Σ v x or Π x^v, level by level; each node contributes K (X − ρ), and its children share out exactly that.

The walk starts with K = 1/Ḡ and ρ = Ḡ. Below an arithmetic node K_child = K v; below a geometric one M = K v L(X, ρ)
and K_child = M / L(x, ρ_child). The logarithmic mean L turns a difference into a difference of logs, leaving nothing.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from indicators.burden.ratings import weighted_mean
from indicators.burden.refusals import Spaces, ValuesRefused
from indicators.burden.scheme import Aggregation, Indicator, Scheme, shares

type Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Leaf:
    """An indicator by its column, with its weight within the level."""

    weight: float
    column: int


@dataclass(frozen=True, slots=True)
class Branch:
    """A level: the dimension, or the top."""

    weight: float
    label: str
    aggregation: Aggregation
    children: tuple["Leaf | Branch", ...]


def tree(scheme: Scheme) -> Branch:
    """The levels of a scheme."""
    column = {indicator.code: number for number, indicator in enumerate(scheme.indicators)}

    def leaves(indicators: Sequence[Indicator], weights: Sequence[float]) -> tuple[Leaf, ...]:
        return tuple(Leaf(weight, column[one.code]) for one, weight in zip(indicators, weights, strict=True))

    alone = scheme.inside(None)
    top = shares((*scheme.dimensions, *alone))
    branches = []
    for dimension, weight in zip(scheme.dimensions, top, strict=False):
        inside = scheme.inside(dimension.code)
        children = leaves(inside, shares(inside))
        branches.append(Branch(weight, dimension.label, dimension.aggregation or "arithmetic", children))
    beside = leaves(alone, top[len(branches) :])
    return Branch(1.0, "Gewichtungsschema", scheme.aggregation, (*branches, *beside))


def leaf_weights(node: Leaf | Branch, inherited: float = 1.0) -> dict[int, float]:
    """Product of the weights on the way down, by column."""
    weight = inherited * node.weight
    if isinstance(node, Leaf):
        return {node.column: weight}
    return {column: share for child in node.children for column, share in leaf_weights(child, weight).items()}


def value(node: Leaf | Branch, ratings: Floats, spaces: Spaces) -> Floats:
    """X of a node per space; ratings hold one row per indicator."""
    if isinstance(node, Leaf):
        return np.asarray(ratings[node.column])
    parts = np.array([value(child, ratings, spaces) for child in node.children])
    weights = np.array([[child.weight] for child in node.children])
    if node.aggregation == "arithmetic":
        return np.asarray((weights * parts).sum(axis=0))
    wrong = (parts <= 0).any(axis=0)
    if wrong.any():
        raise ValuesRefused(
            f"{node.label}: Das geometrische Mittel verlangt Bewertungen größer als 0; "
            f"das ist nicht der Fall bei {spaces.listed(wrong)}."
        )
    return np.asarray(np.exp((weights * np.log(parts)).sum(axis=0)))


@dataclass(slots=True)
class Explanation:
    """Contributions c (one row per indicator) and the references R̄ they are measured against."""

    contributions: Floats
    references: Floats


def explain(
    top: Branch, index: Floats, index_mean: float, ratings: Floats, people: Floats, spaces: Spaces
) -> Explanation:
    """Σ_j c_ij = G_i / Ḡ − 1 and Σ_i P_i c_ij = 0, whatever the nesting."""
    explanation = Explanation(np.zeros_like(ratings), np.zeros(len(ratings)))

    def walk(node: Leaf | Branch, x: Floats, reference: float, multiplier: Floats) -> None:
        if isinstance(node, Leaf):
            explanation.contributions[node.column] = multiplier * (x - reference)
            explanation.references[node.column] = reference
            return
        geometric = node.aggregation == "geometric"
        shared = multiplier * _logarithmic_mean(x, reference) if geometric else multiplier
        for child in node.children:
            below = value(child, ratings, spaces)
            # The weight of the child cancels in its reference; left out, a weight of 0 does no harm.
            if geometric:
                child_reference = float(np.exp(weighted_mean(np.log(below), people * shared)))
                walk(child, below, child_reference, shared * child.weight / _logarithmic_mean(below, child_reference))
            else:
                walk(child, below, weighted_mean(below, people * shared), shared * child.weight)

    walk(top, index, index_mean, np.full_like(index, 1 / index_mean))
    return explanation


def _logarithmic_mean(values: Floats, reference: float) -> Floats:
    """L(a, b) = (a − b) / (ln a − ln b), L(a, a) = a."""
    distance = (values - reference) / reference
    near = np.abs(distance) < 0.5
    # log1p is exact where a is close to b, the difference of logs where it is far.
    logs = np.where(near, np.log1p(np.where(near, distance, 0.0)), np.log(values) - np.log(reference))
    return np.where(distance == 0, reference, reference * distance / np.where(distance == 0, 1.0, logs))
