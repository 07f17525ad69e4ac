"""Tables of bodies and of those who sit in them."""

from collections.abc import Iterable
from typing import Any

from django.urls import reverse

from committees.models import Function, Membership, Side
from jugendhilfe.lib import tables


class CommitteeTable(tables.Table):
    """Expects rows `with_function_of` a person."""

    caption = "Gremien"
    name = tables.LinkColumn(verbose_name="Name")
    kind = tables.Column(verbose_name="Art")
    region = tables.Column(verbose_name="Region", accessor="region__name")
    own_function = tables.Column(verbose_name="Ihre Funktion")
    valid_from = tables.DateColumn(verbose_name="geführt seit")
    valid_to = tables.DateColumn(verbose_name="geführt bis")

    class Meta:
        empty_text = "Kein Gremium passt zum Filter."

    def render_own_function(self, value: str) -> str:
        return Function(value).label

    def value_own_function(self, value: str) -> str:
        return Function(value).label


class MemberTable(tables.Table):
    """Who sits in a body, by side; expects members with their person and `ties_today`."""

    caption = "Mitglieder nach Seiten"
    paginated = False
    person = tables.LinkColumn(
        verbose_name="Mitglied",
        accessor="person__name",
        url=lambda member: reverse("committees:membership_detail", args=[member.pk]),
    )
    side = tables.Column(verbose_name="Seite")
    function = tables.Column(verbose_name="Funktion")
    may_vote = tables.Column(verbose_name="Stimmrecht")
    deputies = tables.Column(verbose_name="Vertretung", accessor="pk")
    ties = tables.Column(verbose_name="Bindungen", accessor="pk")
    valid_from = tables.DateColumn(verbose_name="seit")
    valid_to = tables.DateColumn(verbose_name="bis", default="offen")

    class Meta:
        orderable = False
        empty_text = "Noch keine Mitglieder."

    def __init__(self, members: Iterable[Membership], **kwargs: Any) -> None:
        members = sorted(members, key=by_side)
        self.deputies_of: dict[int, list[str]] = {}
        for member in members:
            if member.deputy_for_id:
                self.deputies_of.setdefault(member.deputy_for_id, []).append(member.person.name)
        super().__init__(members, **kwargs)

    def render_may_vote(self, record: Membership) -> str:
        if record.deputy_for_id and record.may_vote:
            return "in Vertretung"
        return "ja" if record.may_vote else "nein"

    def value_may_vote(self, record: Membership) -> str:
        return self.render_may_vote(record)

    def render_deputies(self, record: Membership) -> str:
        if record.deputy_for:
            return f"vertritt {record.deputy_for.person.name}"
        names = self.deputies_of.get(record.pk)
        return f"durch {' und '.join(names)}" if names else "–"

    def render_ties(self, record: Membership) -> str:
        return "; ".join(tie.in_words for tie in record.person.ties_today) or "–"  # type: ignore[attr-defined]


def by_side(member: Membership) -> tuple[int, int, str]:
    """The order of a list of members: sides as in the glossary, those who lead first."""
    return list(Side).index(Side(member.side)), list(Function).index(Function(member.function)), member.person.name
