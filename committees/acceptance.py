"""resistance = Σ scores / number of ratings; the lowest leads: "Widerstand im Gremium", not a measure of fairness.

A side stands by itself only where no model was rated by a single one of its members; the other sides stand together, so
that nobody's rating can be read off a mean or worked out from the others.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

HIGHEST = 10
MINORITY = 7
"""From this score on a reason is read first."""
OTHERS = "übrige"


@dataclass(frozen=True, slots=True)
class Vote:
    """What one member gave one model; `side` in German words."""

    model: int
    side: str
    score: int
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Resistance:
    """The ratings of one model: how often each score from 0 to 10 was given, and the mean of every side shown."""

    model: int
    scores: tuple[int, ...]
    sides: Mapping[str, Fraction | None]
    reasons: tuple[Vote, ...]

    @property
    def count(self) -> int:
        return sum(self.scores)

    @property
    def mean(self) -> Fraction | None:
        """None while nobody has rated."""
        return Fraction(sum(score * n for score, n in enumerate(self.scores)), self.count) if self.count else None

    @property
    def minority(self) -> tuple[Vote, ...]:
        return tuple(vote for vote in self.reasons if vote.score >= MINORITY)

    @property
    def other_reasons(self) -> tuple[Vote, ...]:
        return tuple(vote for vote in self.reasons if vote.score < MINORITY)


@dataclass(frozen=True, slots=True)
class Tally:
    """All models of a round in their order; `sides` is empty where no side may be shown by itself."""

    models: tuple[Resistance, ...]
    sides: tuple[str, ...]

    @property
    def leading(self) -> tuple[int, ...]:
        """The models with the lowest mean; more than one is a tie."""
        means = {one.model: one.mean for one in self.models if one.mean is not None}
        return tuple(model for model, mean in means.items() if mean == min(means.values()))


def tally(models: Sequence[int], votes: Iterable[Vote], *, sides: Sequence[str]) -> Tally:
    """What the votes come to for these models; `sides` gives the order of all sides there are."""
    votes = list(votes)
    shown = _shown(votes, sides)
    names = (*shown, OTHERS) if {vote.side for vote in votes} - set(shown) else shown
    if len(names) < 2:
        names = ()
    return Tally(tuple(_resistance(model, votes, names) for model in models), names)


def _shown(votes: Sequence[Vote], order: Sequence[str]) -> tuple[str, ...]:
    """The sides that may stand by themselves, in their order."""
    raters = {side: Counter(vote.model for vote in votes if vote.side == side) for side in order}
    shown = [side for side in order if raters[side] and min(raters[side].values()) > 1]
    while shown:
        others = Counter(vote.model for vote in votes if vote.side not in shown)
        if not others or min(others.values()) > 1:
            break
        # A single one of the others could be worked out from the whole: the smallest side joins them.
        shown.remove(min(shown, key=lambda side: (raters[side].total(), side)))
    return tuple(shown)


def _resistance(model: int, votes: Sequence[Vote], names: Sequence[str]) -> Resistance:
    own = [vote for vote in votes if vote.model == model]
    counted = Counter(vote.score for vote in own)
    placed = [Vote(model, vote.side if vote.side in names else OTHERS, vote.score, vote.reason) for vote in own]
    return Resistance(
        model=model,
        scores=tuple(counted[score] for score in range(HIGHEST + 1)),
        sides={name: _mean([vote.score for vote in placed if vote.side == name]) for name in names},
        # By score and text, never in the order in which they came.
        reasons=tuple(sorted((vote for vote in placed if vote.reason), key=lambda vote: (-vote.score, vote.reason))),
    )


def _mean(scores: Sequence[int]) -> Fraction | None:
    return Fraction(sum(scores), len(scores)) if scores else None


def two_places(mean: Fraction | None) -> Decimal | None:
    """As it is printed, half up."""
    return None if mean is None else Decimal(int(mean * 100 + Fraction(1, 2))).scaleb(-2)
