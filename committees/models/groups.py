"""Bodies, who sits in them, and the ties of these people to carriers and municipalities.

What a member may do follows from the membership of that day, never from a permission.
"""

import datetime as dt
from typing import ClassVar, Self

import pghistory
from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import RangeOperators
from django.db import models
from django.db.models import Exists, F, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.urls import reverse
from django.utils import timezone

from jugendhilfe.accounts.models import User
from regions.access import Visitor, scope
from regions.models import Carrier, Region, SocialSpace
from regions.models.periods import PeriodQuerySet, must_end_after_it_began, period, same_key


class CommitteeKind(models.TextChoices):
    STATUTORY = "statutory", "gesetzliches Gremium"
    REGIONAL = "regional", "Regionalgremium"
    WORKING_GROUP = "working_group", "Arbeitsgruppe"


class Majority(models.TextChoices):
    SIMPLE = "simple", "einfache Mehrheit"
    TWO_THIRDS = "two_thirds", "zwei Drittel"


class CommitteeQuerySet(PeriodQuerySet["Committee"]):
    def visible_to(self, user: Visitor) -> Self:
        """That a body exists is public; what it works on is `worked_in_by`."""
        return self

    def worked_in_by(self, user: Visitor) -> Self:
        """Bodies whose working pages the user opens: as a member of today, or for the county."""
        if not isinstance(user, User) or not user.is_active:
            return self.none()
        if scope(user, "view_committees").everything:
            return self
        own = Membership.objects.filter(committee=OuterRef("pk"), person=user).valid_on(timezone.localdate())
        return self.filter(Exists(own))

    def with_function_of(self, user: User) -> Self:
        """`own_function`: what the user is in the body today, or None."""
        own = Membership.objects.filter(committee=OuterRef("pk"), person=user).valid_on(timezone.localdate())
        return self.annotate(own_function=Subquery(own.values("function")[:1]))


@pghistory.track()
class Committee(models.Model):
    """A Gremium. Statutory bodies are mirrored; working groups and regional committees work here."""

    name = models.CharField("Name", max_length=120, unique=True)
    kind = models.CharField("Art", max_length=14, choices=CommitteeKind)
    region = models.ForeignKey(
        Region, null=True, blank=True, on_delete=models.PROTECT, related_name="committees", verbose_name="Region"
    )
    purpose = models.TextField("Aufgabe", blank=True)
    legal_basis = models.CharField("Grundlage", max_length=300, blank=True)
    majority = models.CharField("Mehrheit", max_length=10, choices=Majority, default=Majority.SIMPLE)
    negotiates = models.BooleanField(
        "verhandelt Gewichte und Verteilung",
        default=False,
        help_text="Mitglieder rechnen Verteilungen durch und sehen dafür Haushaltsjahre und Gewichtungsschemata "
        "im Entwurf.",
    )
    valid_from = models.DateField("geführt seit")
    valid_to = models.DateField("geführt bis", null=True, blank=True)
    is_example = models.BooleanField("Beispieldaten", default=False)

    objects: ClassVar[models.Manager["Committee"]] = CommitteeQuerySet.as_manager()

    class Meta:
        verbose_name = "Gremium"
        verbose_name_plural = "Gremien"
        ordering = ("name",)
        constraints = (
            models.CheckConstraint(
                condition=Q(kind=CommitteeKind.REGIONAL, region__isnull=False)
                | (~Q(kind=CommitteeKind.REGIONAL) & Q(region=None)),
                name="committee_of_a_region_names_it",
                violation_error_message="Ein Regionalgremium, und nur ein solches, gehört zu einer Region.",
            ),
            models.CheckConstraint(
                condition=~Q(kind=CommitteeKind.STATUTORY) | Q(majority=Majority.SIMPLE, negotiates=False),
                name="committee_of_law_decides_by_law",
                violation_error_message="Ein gesetzliches Gremium beschließt mit einfacher Mehrheit (§ 66 NKomVG) "
                "und verhandelt nicht hier.",
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="committee_ends_after_it_began",
                violation_error_message="Das Ende liegt vor dem Anfang.",
            ),
        )

    def __str__(self) -> str:
        return self.name

    def get_absolute_url(self) -> str:
        return reverse("committees:committee_detail", args=[self.pk])


class Side(models.TextChoices):
    COUNTY = "county", "Landkreis"
    MUNICIPALITY = "municipality", "Gemeinden"
    FREE_CARRIER = "free_carrier", "freie Träger"
    FREELANCER = "freelancer", "Freiberufliche"
    POLITICAL = "political", "Politik"
    YOUNG_PEOPLE = "young_people", "junge Menschen (§ 4a SGB VIII)"
    OTHER = "other", "andere"


class Function(models.TextChoices):
    CHAIR = "chair", "Vorsitz"
    DEPUTY_CHAIR = "deputy_chair", "stellvertretender Vorsitz"
    MEMBER = "member", "Mitglied"
    ADVISER = "adviser", "beratendes Mitglied"


LEADING = (Function.CHAIR, Function.DEPUTY_CHAIR)


class MembershipQuerySet(PeriodQuerySet["Membership"]):
    def visible_to(self, user: Visitor) -> Self:
        """Who sits in a body is known to its members and to the county."""
        return self.filter(committee__in=Committee.objects.worked_in_by(user))

    def voting(self) -> Self:
        """Those who give points and rate: members with a vote who stand in for nobody."""
        return self.filter(may_vote=True, deputy_for=None)


@pghistory.track()
class Membership(models.Model):
    """A seat in a body: whose, for which side, in which function, with or without a vote, from when to when."""

    committee = models.ForeignKey(
        Committee, on_delete=models.PROTECT, related_name="memberships", verbose_name="Gremium"
    )
    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="memberships", verbose_name="Person")
    side = models.CharField("Seite", max_length=12, choices=Side)
    function = models.CharField("Funktion", max_length=12, choices=Function, default=Function.MEMBER)
    may_vote = models.BooleanField("stimmberechtigt", default=True)
    deputy_for = models.ForeignKey(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="deputies", verbose_name="Vertretung für"
    )
    appointment = models.CharField(
        "Berufung",
        max_length=300,
        help_text="Wodurch die Person Mitglied ist: ein Beschluss, ein Schreiben.",
    )
    valid_from = models.DateField("Mitglied seit")
    valid_to = models.DateField("Mitglied bis", null=True, blank=True)
    entered_by = models.ForeignKey(
        User, null=True, editable=False, on_delete=models.PROTECT, related_name="+", verbose_name="eingetragen von"
    )

    objects: ClassVar[models.Manager["Membership"]] = MembershipQuerySet.as_manager()

    class Meta:
        verbose_name = "Mitgliedschaft"
        verbose_name_plural = "Mitgliedschaften"
        ordering = ("committee__name", "side", "person__name")
        constraints = (
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="membership_ends_after_it_began",
                violation_error_message="Das Ende liegt vor dem Anfang.",
            ),
            models.CheckConstraint(
                condition=~Q(function=Function.ADVISER) | Q(may_vote=False),
                name="membership_advisers_do_not_vote",
                violation_error_message="Beratende Mitglieder stimmen nicht ab.",
            ),
            models.CheckConstraint(
                condition=Q(deputy_for=None) | ~Q(deputy_for=F("id")), name="membership_deputises_for_another"
            ),
            ExclusionConstraint(
                name="membership_once_at_a_time",
                expressions=[
                    (same_key("committee_id"), RangeOperators.OVERLAPS),
                    (same_key("person_id"), RangeOperators.OVERLAPS),
                    (period(), RangeOperators.OVERLAPS),
                ],
                violation_error_message="Diese Person ist in diesem Zeitraum schon Mitglied dieses Gremiums.",
            ),
            ExclusionConstraint(
                name="membership_one_chair_at_a_time",
                expressions=[
                    (same_key("committee_id"), RangeOperators.OVERLAPS),
                    (period(), RangeOperators.OVERLAPS),
                ],
                condition=Q(function=Function.CHAIR),
                violation_error_message="Das Gremium hat in diesem Zeitraum schon einen Vorsitz.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.person.name} ({self.get_side_display()})"

    @property
    def audit_label(self) -> str:
        """Without the name: the log holds none."""
        return f"{self.get_function_display()} für {self.get_side_display()} in {self.committee}"

    def clean(self) -> None:
        must_end_after_it_began(self)

    @property
    def leads(self) -> bool:
        return self.function in LEADING

    def is_valid_on(self, day: dt.date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


class TieKind(models.TextChoices):
    EMPLOYED = "employed", "angestellt bei"
    REPRESENTS = "represents", "vertritt"
    BOARD = "board", "im Vorstand oder in der Leitung von"
    ADVISORY = "advisory", "im Beirat von"


class TieQuerySet(PeriodQuerySet["Tie"]):
    def visible_to(self, user: Visitor) -> Self:
        """One's own, those of the members of one's bodies, and for the county all."""
        return self.filter(Q(person=user.pk) | Q(person__in=Membership.objects.visible_to(user).values("person")))

    def with_names(self, user: Visitor) -> Self:
        """`target_name`: the carrier or space; None for a freelancer whose name the user may not read."""
        carriers = Carrier.objects.visible_to(user).filter(pk=OuterRef("carrier"))
        return self.annotate(target_name=Coalesce(Subquery(carriers.values("name")), "space__name"))


@pghistory.track()
class Tie(models.Model):
    """What binds a member to a carrier or a municipality: a fact with a period, no judgement."""

    person = models.ForeignKey(User, on_delete=models.PROTECT, related_name="ties", verbose_name="Person")
    kind = models.CharField("Art der Bindung", max_length=10, choices=TieKind)
    carrier = models.ForeignKey(
        Carrier, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name="Träger"
    )
    space = models.ForeignKey(
        SocialSpace, null=True, blank=True, on_delete=models.PROTECT, related_name="+", verbose_name="Sozialraum"
    )
    valid_from = models.DateField("gilt ab")
    valid_to = models.DateField("gilt bis", null=True, blank=True)

    objects: ClassVar[models.Manager["Tie"]] = TieQuerySet.as_manager()

    class Meta:
        verbose_name = "Bindung"
        verbose_name_plural = "Bindungen"
        ordering = ("person__name", "kind", "valid_from")
        constraints = (
            models.CheckConstraint(
                condition=Q(carrier__isnull=True) ^ Q(space__isnull=True),
                name="tie_to_a_carrier_or_a_space",
                violation_error_message="Eine Bindung besteht zu einem Träger oder zu einem Sozialraum. "
                "Bitte genau eines angeben.",
            ),
            models.CheckConstraint(
                condition=Q(valid_to=None) | Q(valid_to__gte=F("valid_from")),
                name="tie_ends_after_it_began",
                violation_error_message="Das Ende liegt vor dem Anfang.",
            ),
            ExclusionConstraint(
                name="tie_once_at_a_time",
                expressions=[
                    (same_key("person_id"), RangeOperators.OVERLAPS),
                    (same_key("carrier_id"), RangeOperators.OVERLAPS),
                    (same_key("space_id"), RangeOperators.OVERLAPS),
                    (same_key(models.Func("kind", function="hashtext")), RangeOperators.OVERLAPS),
                    (period(), RangeOperators.OVERLAPS),
                ],
                violation_error_message="Diese Bindung ist für diesen Zeitraum schon eingetragen.",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} {self.carrier or self.space}"

    @property
    def in_words(self) -> str:
        """Like its name, but without that of a freelancer; expects `with_names`."""
        target: str | None = self.target_name  # type: ignore[attr-defined]
        return f"{self.get_kind_display()} {target or 'einer freiberuflich tätigen Person'}"

    def is_valid_on(self, day: dt.date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)

    @property
    def audit_label(self) -> str:
        """Without the name: the log holds none."""
        return f"Bindung ({self.get_kind_display()})"

    def clean(self) -> None:
        must_end_after_it_began(self)
