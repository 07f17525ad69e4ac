"""What waits for a user, the most urgent first: by permission, not by role, from what is stored now."""

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, NamedTuple

from django.db.models import CharField, IntegerField, Q, QuerySet, Value
from django.db.models.functions import Cast, Concat
from django.urls import reverse

from budgets.models import (
    IN_FORCE,
    AdoptedDistribution,
    DistributionModel,
    FiscalYear,
    ProposalStatus,
    TransitionPlan,
    TransitionStatus,
    YearStatus,
)
from budgets.services.reviews import AHEAD, urgency
from committees.models import CarrierStatement, Paper, PaperStatus, StatementStatus
from committees.tasks import tasks_of
from indicators.models import DataRelease, ReleaseStatus, SchemeStatus, WeightingScheme
from jugendhilfe.accounts.models import User
from jugendhilfe.lib.formats import format_date
from regions.access import scope
from regions.models import OfficeContract, RoleAssignment

DAYS_AHEAD = 90
DAYS_URGENT = 30


@dataclass(frozen=True, slots=True)
class Step:
    """A line of "Ihre nächsten Schritte": kind and text make its badge; `order` sorts, smallest first."""

    title: str
    url: str
    kind: str
    text: str
    order: int
    is_for_member: bool = False

    @property
    def is_urgent(self) -> bool:
        return self.kind in {"danger", "warning"}


class Matter(NamedTuple):
    """Something half done: what it is, its key and name, and who did the first half."""

    kind: str
    key: int
    name: str
    by: int | None


def next_steps(
    user: User, year: FiscalYear | None, distribution: AdoptedDistribution | None, today: dt.date
) -> list[Step]:
    """The steps of this user: as a member of a body first, then the most urgent. Three queries at most."""
    steps = [*_as_member(user, today), *_deadlines(user, today), *_matters(user, today)]
    if year is not None:
        steps += _of_year(user, year, distribution)
    return sorted(steps, key=lambda step: step.order)


def _as_member(user: User, today: dt.date) -> Iterator[Step]:
    """Rounds of the bodies the user sits in: before everything else, the first due in front."""
    tasks = tasks_of(user, today)
    for place, task in enumerate(tasks):
        kind, text = task.badge(today)
        yield Step(f"{task.title} ({task.committee_name})", task.url, kind, text, place - len(tasks), True)


def _deadlines(user: User, today: dt.date) -> Iterator[Step]:
    """Contracts whose last date for notice is near."""
    if not scope(user, "view_contracts"):
        return
    contracts = OfficeContract.objects.visible_to(user).valid_on(today).select_related("office")
    for contract in contracts:
        end = contract.next_end(today)
        last = contract.last_notice_date(end)
        days = (last - today).days
        if 0 <= days <= DAYS_AHEAD:
            yield Step(
                f"Vertrag {contract.office}: Kündigung zum {format_date(end)} noch bis {format_date(last)} möglich",
                reverse("regions:contract_detail", args=[contract.pk]),
                "warning" if days <= DAYS_URGENT else "info",
                f"in {days} Tagen" if days > 1 else "morgen" if days else "heute",
                days if days <= DAYS_URGENT else 60 + days,
            )


def _matters(user: User, today: dt.date) -> Iterator[Step]:
    def may(permission: str) -> bool:
        return scope(user, permission).everything

    for matter in _open_matters(user, today):
        name, own = matter.name, matter.by == user.pk
        if matter.kind == "role" and may("confirm_roles") and not own:
            yield Step(f"Rolle von {name} bestätigen", reverse("regions:person_list"), "warning", "wartet auf Sie", 10)
        if matter.kind == "scheme" and may("adopt_schemes") and not own:
            url = reverse("indicators:scheme_detail", args=[matter.key])
            yield Step(f"Gewichtungsschema „{name}“ prüfen und festlegen", url, "warning", "wartet auf Sie", 20)
        if matter.kind == "model" and may("adopt_models") and not own:
            url = reverse("budgets:model_detail", args=[matter.key])
            yield Step(f"Vorschlag „{name}“ prüfen und festlegen", url, "warning", "wartet auf Sie", 21)
        if matter.kind == "model of a draft year" and own:
            url = reverse("budgets:model_detail", args=[matter.key])
            title = f"Ihr Vorschlag „{name}“ wartet, bis sein Haushaltsjahr wirksam ist"
            yield Step(title, url, "info", "vorgeschlagen", 71)
        if matter.kind == "model too early" and own:
            url = reverse("budgets:model_detail", args=[matter.key])
            title = f"Ihr Vorschlag „{name}“ braucht ein festgelegtes Gewichtungsschema"
            yield Step(title, url, "info", "vorgeschlagen", 71)
        if matter.kind == "model" and own:
            url = reverse("budgets:model_detail", args=[matter.key])
            yield Step(f"Ihr Vorschlag „{name}“ wartet auf die Festlegung", url, "info", "vorgeschlagen", 70)
        if matter.kind == "review" and (may("edit_schemes") or may("adopt_models")):
            yield _review(matter, today)
        if matter.kind == "release" and may("import_indicators"):
            url = reverse("indicators:release_detail", args=[matter.key])
            yield Step(f"Datenstand „{name}“ übernehmen", url, "warning", "geprüft", 30)
        if matter.kind in {"transition", "transition answered"}:
            answered = matter.kind == "transition answered"
            for carrier in sorted(scope(user, "write_statements").carriers):
                url = reverse("committees:carrier_transition", args=[carrier, matter.key])
                kind, text = ("neutral", "zur Kenntnis") if answered else ("info", "Stellungnahme möglich")
                yield Step(f"Was heißt „{name}“ für uns?", url, kind, text, 190 if answered else 15)
        if matter.kind == "paper" and may("edit_reports"):
            url = reverse("committees:paper_detail", args=[matter.key])
            yield Step(f"Bericht „{name}“ herausgeben", url, "info", "Entwurf", 40)


def _review(matter: Matter, today: dt.date) -> Step:
    """A quota that is to be reviewed; the name of the matter is the day."""
    due = dt.date.fromisoformat(matter.name)
    kind = urgency(due, today)
    title = f"Quote bis zum {format_date(due)} überprüfen"
    url = reverse("budgets:quota_review", args=[matter.key])
    text, order = {"danger": ("überfällig", 5), "warning": ("bald fällig", 22)}.get(
        kind, ("in den nächsten 12 Monaten", 60)
    )
    return Step(title, url, kind, text, order)


def _open_matters(user: User, today: dt.date) -> list[Matter]:
    """Proposals, checked data, drafts of papers and waiting roles in one query, each as far as the user sees it."""
    parts: list[QuerySet[Any, tuple[Any, ...]]] = []
    if scope(user, "view_drafts").everything:
        schemes = WeightingScheme.objects.visible_to(user).filter(status=SchemeStatus.PROPOSED)
        models = DistributionModel.objects.visible_to(user).filter(status=ProposalStatus.PROPOSED)
        ripe = models.filter(scheme__status=SchemeStatus.ADOPTED)
        releases = DataRelease.objects.visible_to(user).filter(status=ReleaseStatus.CHECKED)
        papers = Paper.objects.visible_to(user).filter(status=PaperStatus.DRAFT)
        parts += [
            _part("scheme", schemes, Concat("name", Value(", Fassung "), Cast("version", CharField())), "proposed_by"),
            _part("model", ripe.filter(year__status__in=IN_FORCE), "name", "proposed_by"),
            _part("model of a draft year", ripe.exclude(year__status__in=IN_FORCE), "name", "proposed_by"),
            _part("model too early", models.exclude(scheme__status=SchemeStatus.ADOPTED), "name", "proposed_by"),
            _part("review", AdoptedDistribution.objects.all().due_for_review(today + AHEAD), "due", "adopted_by"),
            _part("release", releases, "name", "created_by"),
            _part("paper", papers, "subject", "created_by"),
        ]
    if carriers := scope(user, "write_statements").carriers:
        shown = TransitionPlan.objects.exclude(status=TransitionStatus.WITHDRAWN).exclude(shown_to_carriers_at=None)
        submitted = CarrierStatement.objects.filter(carrier__in=carriers, status=StatementStatus.SUBMITTED)
        answered = Q(pk__in=submitted.values("plan")) | Q(status=TransitionStatus.ADOPTED)
        parts += [
            _part("transition", shown.exclude(answered), "name", "proposed_by"),
            _part("transition answered", shown.filter(answered), "name", "proposed_by"),
        ]
    if scope(user, "confirm_roles").everything:
        parts.append(_part("role", RoleAssignment.objects.waiting().exclude(user=user), "user__name", "granted_by"))
    if not parts:
        return []
    return [Matter(*row) for row in parts[0].union(*parts[1:], all=True).order_by()]


def _part(kind: str, rows: QuerySet[Any], name: str | Concat, by: str) -> QuerySet[Any, tuple[Any, ...]]:
    return rows.order_by().values_list(
        Value(kind, output_field=CharField()), "pk", Cast(name, CharField()), Cast(by, IntegerField())
    )


def _of_year(user: User, year: FiscalYear, distribution: AdoptedDistribution | None) -> Iterator[Step]:
    """What a year asks for, and for those with a region, a carrier or a space: where to look."""
    if year.status == YearStatus.DRAFT and scope(user, "edit_budgets").everything:
        url = reverse("budgets:year_detail", args=[year.year])
        yield Step(f"Haushaltsjahr {year.year} ist noch ein Entwurf", url, "info", "Entwurf", 35)
    if distribution is None:
        if scope(user, "propose_models").everything:
            url = f"{reverse('budgets:comparison')}?jahr={year.year}"
            yield Step(f"Verteilung {year.year} vergleichen und vorschlagen", url, "warning", "offen", 25)
        return
    if not distribution.has_paper and scope(user, "edit_reports").everything:  # type: ignore[attr-defined]
        url = f"{reverse('committees:paper_write')}?zu=verteilung-{distribution.pk}"
        yield Step(f"Bericht über die Verteilung {year.year} schreiben", url, "info", "offen", 45)
    reach = scope(user, "view_region")
    if reach and not reach.everything:
        url = reverse("budgets:distribution_detail", args=[distribution.pk])
        yield Step(f"Verteilung {year.year} ansehen", url, "neutral", "zur Kenntnis", 200)
    if scope(user, "view_audit").everything and not scope(user, "adopt_models").everything:
        yield Step("Protokoll prüfen", reverse("regions:audit_list"), "neutral", "laufend", 210)
