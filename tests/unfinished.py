"""What the demo lacks: a draft or a proposal of everything that has one, for tests that look at every page."""

from dataclasses import replace
from decimal import Decimal

from django.utils import timezone

from budgets.models import (
    AdoptedDistribution,
    Deduction,
    DistributionModel,
    FiscalYear,
    ReviewOutcome,
    TransitionPlan,
)
from budgets.services.reviews import hold_review, latest_day
from budgets.services.transitions import propose_transition
from budgets.transition_assumptions import source_of, to_start_with
from budgets.what_if import Reader
from committees.models import AcceptanceRound, Paper
from committees.services.acceptance import Candidate, Score, close_acceptance_round, open_acceptance_round, rate
from committees.services.scenarios import archive_scenario, save_scenario
from committees.services.statements import save_statement
from indicators.models import DataRelease, Indicator, SchemeIndicator, SchemeStatus, WeightingScheme
from indicators.services.schemes import copy_scheme, propose_scheme
from jugendhilfe.accounts.models import User
from regions.access import grant
from regions.models import Carrier
from regions.roles import Role


def unfinished_work() -> None:
    """Written on top of the loaded demo."""
    person = {name: User.objects.get(email=f"{name}@example.org") for name in ("planung", "finanzen", "system")}
    adopted = WeightingScheme.objects.get(status=SchemeStatus.ADOPTED)
    propose_scheme(scheme=copy_scheme(scheme=adopted, actor=person["planung"]), actor=person["planung"])
    draft = copy_scheme(scheme=adopted, actor=person["planung"])
    without_values = Indicator.objects.create(
        code="probe", name="Probe ohne Werte", short_name="Probe", direction="more", unit="Anzahl"
    )
    SchemeIndicator.objects.create(scheme=draft, indicator=without_values, weight=10)
    released = DataRelease.objects.taken_over()[0]
    DataRelease.objects.create(name="Probe", reference_date=released.reference_date, source="Probe", file=released.file)
    year = FiscalYear.objects.create(year=2027, total_family=1000)
    Deduction.objects.create(year=year, name="Rücklage", amount=1, reason="Probe")
    Paper.objects.create(
        date=released.reference_date,
        subject="Probe",
        proposal="Probe",
        products=["363-200"],
        year=year,
        model=DistributionModel.objects.latest("pk"),
    )
    closed_round()
    hold_review(
        distribution=AdoptedDistribution.objects.get(),
        held_on=timezone.localdate(),
        outcome=ReviewOutcome.KEEP,
        reason="Probe",
        next_review_on=latest_day(timezone.localdate()),
        actor=User.objects.get(email="leitung@example.org"),
    )
    private_scenario()
    unseen_transition()
    grant(user=person["finanzen"], role=Role.AUDIT, actor=person["system"], reason="Probe")
    User.objects.create_user("ohne-rolle@example.org", "ohne-Rolle-2026", name="Ohne Rolle")
    # Without a password, as invited people are: only they may be sent another link.
    User.objects.create_user("eingeladen@example.org", name="Eingeladen")


def closed_round() -> None:
    """The demo's round of ratings once more, closed: with a result and models to hand over."""
    chair, young = (User.objects.get(email=f"{account}@example.org") for account in ("vorsitz", "jugend"))
    open_round = AcceptanceRound.objects.get()
    candidates = [Candidate(model.scenario, model.column, model.name) for model in open_round.models.all()]
    round = open_acceptance_round(
        committee=open_round.committee, title="Probe", closes_on=None, candidates=candidates, actor=chair
    )
    for member, score in ((chair, 2), (young, 8)):
        rate(round=round, scores={model.pk: Score(score, "Probe") for model in round.models.all()}, actor=member)
    close_acceptance_round(round=round, actor=chair)


def private_scenario() -> None:
    """A scenario of the carrier that is not shared, and put aside."""
    owner = User.objects.get(email="traeger-a@example.org")
    what_if = Reader(FiscalYear.objects.all(), WeightingScheme.objects.all()).read({"jahr": "2026"})
    assert what_if is not None
    scenario = save_scenario(what_if=what_if, name="Probe", reason="Probe", actor=owner)
    archive_scenario(scenario=scenario, actor=owner)


def unseen_transition() -> None:
    """A second transition that the carriers do not see, and the draft of a statement to the one they do."""
    source = source_of(AdoptedDistribution.objects.get())
    inputs = replace(to_start_with(source), steps=2, index=(Decimal(2), Decimal(2))).inputs(source)
    propose_transition(
        source=source, inputs=inputs, name="Probe", reason="Probe", actor=User.objects.get(email="finanzen@example.org")
    )
    save_statement(
        plan=TransitionPlan.objects.exclude(shown_to_carriers_at=None).get(),
        carrier=Carrier.objects.get(name="Träger A"),
        text="Probe",
        actor=User.objects.get(email="traeger-a@example.org"),
    )
