"""What one reader may see of a round of points: the door that single points pass or do not.

While the round is open everybody sees the own points alone. Once it is closed members and county see what the group
came to; single points only those of the group, and only if the group wanted it. Of few sheets nothing but the weights.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from fractions import Fraction
from functools import cached_property
from typing import NamedTuple

from django.utils import timezone

from committees.gates import membership_of
from committees.models import (
    LEADING,
    Averaging,
    Function,
    IndicatorProposal,
    Membership,
    Points,
    PointSheet,
    ProposalAnswer,
    RoundIndicator,
    SheetStatus,
    Side,
    WeightRound,
)
from committees.points import (
    FEWEST,
    OTHERS,
    Sheet,
    Spread,
    given,
    group_weights,
    mean,
    merged_sides,
    present_weights,
    spread,
)
from indicators.models import SchemeIndicator, WeightingScheme
from jugendhilfe.accounts.models import User
from regions.access import scope

OTHER_SIDES = "übrige"


class Participant(NamedTuple):
    """A member with a vote: who, for which side, how far; never what."""

    name: str
    side: str
    kind: str
    state: str


class Line(NamedTuple):
    """An indicator in the result; `weight` is None where all medians are 0, `spread` where too few took part."""

    indicator: RoundIndicator
    present: Decimal | None
    weight: Decimal | None
    other_weight: Decimal | None
    spread: Spread | None
    own: Decimal | None


class SideLine(NamedTuple):
    """Sides that are shown together, how many sheets, and the mean of their points by indicator."""

    name: str
    sheets: int
    points: dict[str, Fraction]


class Comment(NamedTuple):
    text: str
    name: str


class SinglePoints(NamedTuple):
    """The sheet of one member, for those who may see it."""

    name: str
    side: str
    points: Sheet


STATES = {
    SheetStatus.SUBMITTED: ("success", "abgegeben"),
    SheetStatus.DRAFT: ("neutral", "Entwurf"),
    None: ("warning", "noch nicht"),
}
ANSWER_KINDS = {
    ProposalAnswer.OPEN: "info",
    ProposalAnswer.TAKEN_UP: "success",
    ProposalAnswer.DECLINED: "neutral",
}


@dataclass
class RoundReading:
    """A round as `reader` may see it; everything a page or a file shows of points comes from here."""

    round: WeightRound
    reader: User
    indicators: list[RoundIndicator] = field(init=False)
    member: Membership | None = field(init=False)
    _sheets: list[PointSheet] = field(init=False)

    def __post_init__(self) -> None:
        self.indicators = list(self.round.indicators.select_related("indicator", "proposal"))
        self.member = membership_of(self.reader, self.round.committee)
        self._sheets = list(self.round.sheets.select_related("member__person"))

    @property
    def leads(self) -> bool:
        return bool(self.member and self.member.function in LEADING) or scope(self.reader, "edit_schemes").everything

    @property
    def votes(self) -> bool:
        return bool(self.member and self.member.may_vote and self.member.deputy_for_id is None)

    @property
    def own_sheet(self) -> PointSheet | None:
        return next((sheet for sheet in self._sheets if sheet.member.person_id == self.reader.pk), None)

    @property
    def has_handed_in(self) -> bool:
        return self.own_sheet is not None and self.own_sheet.status == SheetStatus.SUBMITTED

    @property
    def sees_single_points(self) -> bool:
        """The group, if it wanted so, once nothing changes any more; never the county without a seat."""
        return self.member is not None and self.round.shows_points and not self.round.is_open

    @property
    def submitted(self) -> int:
        return sum(sheet.status == SheetStatus.SUBMITTED for sheet in self._sheets)

    @property
    def drafts(self) -> int:
        return len(self._sheets) - self.submitted

    @property
    def is_overdue(self) -> bool:
        day = self.round.closes_on
        return self.round.is_open and day is not None and day < timezone.localdate()

    @cached_property
    def voters(self) -> int:
        """How many could take part, or did."""
        return len(self._voters)

    @property
    def participants(self) -> list[Participant]:
        """Who took part, for the group itself; to others it is no more than a number."""
        if self.member is None:
            return []
        states = {sheet.member.person_id: SheetStatus(sheet.status) for sheet in self._sheets}
        return [
            Participant(one.person.name, one.get_side_display(), *STATES[states.get(one.person_id)])
            for one in self._voters
        ]

    @cached_property
    def _voters(self) -> list[Membership]:
        closed = self.round.closed_at
        day = timezone.localdate(closed) if closed else timezone.localdate()
        members = Membership.objects.filter(committee=self.round.committee).voting().valid_on(day)
        known = {one.person_id: one for one in members.select_related("person")}
        # Who handed in and has left since took part as well.
        for sheet in self._sheets:
            known.setdefault(sheet.member.person_id, sheet.member)
        order = list(Side), list(Function)
        return sorted(
            known.values(),
            key=lambda one: (order[0].index(Side(one.side)), order[1].index(Function(one.function)), one.person.name),
        )

    @cached_property
    def present(self) -> dict[int, Fraction]:
        """The weights of the scheme the round started from, out of 100, by indicator."""
        return present_weights_of(self.round.scheme)

    @cached_property
    def own_points(self) -> dict[int, Decimal]:
        """What the reader gave, by key of the RoundIndicator; what has come since the last save is missing."""
        sheet = self.own_sheet
        return dict(sheet.points.values_list("indicator_id", "points")) if sheet else {}

    @property
    def new_to_reader(self) -> list[RoundIndicator]:
        """Taken up since the reader last saved."""
        return [one for one in self.indicators if one.pk not in self.own_points] if self.own_sheet else []

    @property
    def proposals(self) -> list[tuple[IndicatorProposal, str]]:
        """With the colour of the answer."""
        found = self.round.proposals.select_related("member__person", "answered_by", "indicator")
        return [(one, ANSWER_KINDS[ProposalAnswer(one.answer)]) for one in found]

    # --- the result: only of a closed round ----------------------------------------------------------------------

    @cached_property
    def _handed_in(self) -> list[tuple[PointSheet, Sheet]]:
        if self.round.is_open:
            return []
        counted = {sheet.pk: sheet for sheet in self._sheets if sheet.status == SheetStatus.SUBMITTED}
        points: dict[int, dict[str, Decimal]] = {key: {} for key in counted}
        rows = Points.objects.filter(sheet__in=counted).values_list("sheet_id", "indicator__indicator__code", "points")
        for key, code, value in rows:
            points[key][code] = value
        return [(counted[key], points[key]) for key in counted]

    @property
    def _points(self) -> list[Sheet]:
        return [points for _, points in self._handed_in]

    @property
    def too_few(self) -> bool:
        """So few sheets that a spread or a comment would give somebody away."""
        return not self.round.is_open and len(self._handed_in) < FEWEST

    @cached_property
    def weights(self) -> dict[str, Decimal] | None:
        """The weights of the group by code, four decimals, 100 together; None where all medians are 0."""
        return group_weights(self._points, self._codes, self.round.averaging) if self._handed_in else None

    @property
    def _codes(self) -> list[str]:
        return [one.indicator.code for one in self.indicators]

    @property
    def other_averaging(self) -> Averaging:
        return Averaging.MEDIAN if self.round.averaging == Averaging.MEAN else Averaging.MEAN

    @cached_property
    def lines(self) -> list[Line]:
        """The result by indicator, the heaviest first."""
        if not self._handed_in:
            return []
        shows_more = not self.too_few
        others = group_weights(self._points, self._codes, self.other_averaging) if shows_more else None
        lines = [
            Line(
                indicator=one,
                present=as_decimal(self.present[one.indicator_id]) if one.indicator_id in self.present else None,
                weight=self.weights[one.indicator.code] if self.weights else None,
                other_weight=others[one.indicator.code] if others else None,
                spread=spread(given(self._points, one.indicator.code)) if shows_more else None,
                own=self.own_points.get(one.pk, Decimal(0)) if self.has_handed_in else None,
            )
            for one in self.indicators
        ]
        return sorted(lines, key=lambda line: (-(line.weight or 0), line.indicator.pk))

    @cached_property
    def sides(self) -> list[SideLine]:
        """Means by side, no side with fewer than FEWEST sheets on its own."""
        if self.too_few or not self._handed_in:
            return []
        sheets: dict[str, list[Sheet]] = {}
        for sheet, points in self._handed_in:
            sheets.setdefault(sheet.member.side, []).append(points)
        together: dict[str, list[Sheet]] = {}
        for side, group in merged_sides({side: len(found) for side, found in sheets.items()}).items():
            together.setdefault(group, []).extend(sheets[side])
        names: dict[str, str] = {**dict(Side.choices), OTHERS: OTHER_SIDES}
        return [
            SideLine(names[group], len(found), {code: mean(given(found, code)) for code in self._codes})
            for group, found in sorted(together.items(), key=lambda item: [*Side.values, OTHERS].index(item[0]))
        ]

    @cached_property
    def comments(self) -> list[Comment]:
        """In the order of the alphabet: any other would tell whose they are."""
        if self.too_few and not self.sees_single_points:
            return []
        comments = [
            Comment(sheet.comment.strip(), sheet.member.person.name if self.sees_single_points else "")
            for sheet, _ in self._handed_in
            if sheet.comment.strip()
        ]
        return sorted(comments, key=lambda comment: (comment.name, comment.text))

    @cached_property
    def single_points(self) -> list[SinglePoints]:
        if not self.sees_single_points:
            return []
        found = [
            SinglePoints(sheet.member.person.name, sheet.member.get_side_display(), points)
            for sheet, points in self._handed_in
        ]
        return sorted(found, key=lambda one: one.name)


def present_weights_of(scheme: WeightingScheme) -> dict[int, Fraction]:
    """Out of 100 over all levels, by key of the indicator."""
    rows: Sequence[SchemeIndicator] = list(scheme.members.select_related("dimension"))
    dimensions = {one.dimension.code: one.dimension.weight for one in rows if one.dimension}
    members = {str(one.indicator_id): (one.weight, one.dimension.code if one.dimension else None) for one in rows}
    return {int(key): share for key, share in present_weights(dimensions, members).items()}


def as_decimal(value: Fraction) -> Decimal:
    return Decimal(value.numerator) / Decimal(value.denominator)
