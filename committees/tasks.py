"""What bodies ask of one of their members today: points to give, models to rate, rounds to close."""

import datetime as dt
from typing import Any, NamedTuple

from django.db.models import CharField, Exists, OuterRef, QuerySet, Value
from django.urls import reverse

from committees.models import (
    LEADING,
    AcceptanceRound,
    Membership,
    PointSheet,
    RatedModel,
    Rating,
    RoundStatus,
    SheetStatus,
    WeightRound,
)
from jugendhilfe.accounts.models import User
from jugendhilfe.lib.formats import format_date

DAYS_URGENT = 7
# What is to do, and the page where it is done.
DEEDS = {
    "give points": ("Punkte vergeben", "committees:weight_round_points"),
    "rate": ("Modelle bewerten", "committees:acceptance_round_rate"),
    "close points": ("Gewichtungsrunde schließen", "committees:weight_round_detail"),
    "close ratings": ("Bewertungsrunde schließen", "committees:acceptance_round_detail"),
}


class GroupTask(NamedTuple):
    """A round that waits for a member, until which day if one is set."""

    deed: str
    round: int
    name: str
    closes_on: dt.date | None
    committee: int
    committee_name: str

    @property
    def title(self) -> str:
        return f"{DEEDS[self.deed][0]}: {self.name}"

    @property
    def url(self) -> str:
        return reverse(DEEDS[self.deed][1], args=[self.round])

    def badge(self, today: dt.date) -> tuple[str, str]:
        """Colour and words."""
        if self.closes_on is None:
            return "info", "offen"
        days = (self.closes_on - today).days
        if days < 0:
            return "warning", f"Frist war am {format_date(self.closes_on)}"
        return "warning" if days <= DAYS_URGENT else "info", f"bis {format_date(self.closes_on)}"


def tasks_of(user: User, today: dt.date) -> list[GroupTask]:
    """The tasks in all bodies of the user, what is due first in front. One query."""
    seats = Membership.objects.filter(person=user).valid_on(today)
    voting = seats.voting()
    sheets = PointSheet.objects.filter(round=OuterRef("pk"), member__person=user, status=SheetStatus.SUBMITTED)
    ratings = Rating.objects.filter(model=OuterRef("pk"), member__person=user)
    unrated = RatedModel.objects.filter(~Exists(ratings), round=OuterRef("pk"))
    weights = WeightRound.objects.filter(status=RoundStatus.OPEN)
    acceptance = AcceptanceRound.objects.filter(status=RoundStatus.OPEN)
    led = seats.filter(function__in=LEADING)
    parts = (
        _part("give points", weights.filter(~Exists(sheets), committee__in=voting.values("committee"))),
        _part("rate", acceptance.filter(Exists(unrated), committee__in=voting.values("committee"))),
        _part("close points", weights.filter(committee__in=led.values("committee"), closes_on__lt=today)),
        _part("close ratings", acceptance.filter(committee__in=led.values("committee"), closes_on__lt=today)),
    )
    found = [GroupTask(*row) for row in parts[0].union(*parts[1:], all=True).order_by()]
    return sorted(found, key=lambda task: (task.closes_on or dt.date.max, list(DEEDS).index(task.deed), task.round))


def _part(deed: str, rounds: QuerySet[Any]) -> QuerySet[Any, tuple[Any, ...]]:
    return rounds.order_by().values_list(
        Value(deed, output_field=CharField()), "pk", "title", "closes_on", "committee_id", "committee__name"
    )
