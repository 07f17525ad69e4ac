"""The check list of an empty county: people → regions → spaces → offices → reference population → indicators → year."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Exists, OuterRef, Subquery
from django.urls import reverse
from django.utils import timezone

from budgets.models import AdoptedDistribution, FiscalYear, SpaceAmount
from indicators.models import Indicator, IndicatorValue, ReleaseStatus, SchemeStatus, WeightingScheme
from jugendhilfe.accounts.models import User
from regions.access import scope
from regions.models import (
    MemberMunicipality,
    Office,
    ReferencePopulation,
    ReferencePopulationCount,
    Region,
    RoleAssignment,
    SocialSpace,
)
from regions.roles import Role

# By file name, so that nothing else of the folder is handed out.
EXAMPLES = {
    "sozialraeume.csv": "Sozialräume",
    "mitgliedsgemeinden.csv": "Mitgliedsgemeinden",
    "einwohner_2022.csv": "Einwohner",
    "indikatoren_2021.csv": "Indikatoren",
    "beispiel_betraege_2025.csv": "Beträge",
}

# Who brings a county to its first distribution; their roles must work before the step is done.
FIRST_ROLES = (Role.PLANNING, Role.FINANCE, Role.HEAD)


@dataclass(frozen=True, slots=True, kw_only=True)
class SetupStep:
    """A step: what it is for, its page (empty where it is somebody else's task), template to fill in, example."""

    title: str
    text: str
    who: str
    is_done: bool
    is_optional: bool = False
    url: str = ""
    template_url: str = ""
    example: str = ""

    @property
    def kind(self) -> str:
        return "success" if self.is_done else "neutral"

    @property
    def state(self) -> str:
        return "erledigt" if self.is_done else "freiwillig" if self.is_optional else "offen"

    @property
    def example_url(self) -> str:
        return reverse("example_file", args=[self.example]) if self.example else ""


def setup_steps(user: User) -> list[SetupStep]:
    """All steps; empty once a distribution is adopted, for then a county has started. One query."""
    there = _there(user)
    if there.has_distribution:
        return []
    return list(_steps(user, there))


def _there(user: User) -> Any:
    """What there is already, annotated to the user's own row so that one query asks it all."""
    effective = RoleAssignment.objects.effective_on(timezone.localdate())
    without_office = SocialSpace.objects.filter(~Exists(Office.objects.filter(space=OuterRef("pk"))))
    values = IndicatorValue.objects.filter(release__status=ReleaseStatus.TAKEN_OVER)
    schemes = WeightingScheme.objects.filter(status=SchemeStatus.ADOPTED)
    return User.objects.annotate(
        **{f"has_{role}": Exists(effective.filter(role=role)) for role in FIRST_ROLES},
        has_regions=Exists(Region.objects.all()),
        has_spaces=Exists(SocialSpace.objects.all()),
        lacks_office=Exists(without_office),
        has_members=Exists(MemberMunicipality.objects.all()),
        has_counts=Exists(ReferencePopulationCount.objects.all()),
        population=Subquery(ReferencePopulation.objects.values("pk")[:1]),
        has_indicators=Exists(Indicator.objects.all()),
        has_values=Exists(values),
        has_scheme=Exists(schemes),
        has_years=Exists(FiscalYear.objects.all()),
        first_year=Subquery(FiscalYear.objects.order_by("year").values("year")[:1]),
        has_amounts=Exists(SpaceAmount.objects.all()),
        has_distribution=Exists(AdoptedDistribution.objects.all()),
    ).get(pk=user.pk)


def _steps(user: User, there: Any) -> Iterator[SetupStep]:
    def url(permission: str, name: str, *args: object) -> str:
        return reverse(name, args=args) if scope(user, permission).everything else ""

    yield SetupStep(
        title="Personen einladen",
        text="Jugendhilfeplanung, Fachcontrolling und Fachdienstleitung bekommen Konten und Rollen. Rollen mit Geld "
        "bestätigt eine zweite Person: Laden Sie dafür eine zweite Systemverwaltung ein.",
        who="Systemverwaltung",
        is_done=all(getattr(there, f"has_{role}") for role in FIRST_ROLES),
        url=url("edit_users", "regions:person_list"),
    )
    yield SetupStep(
        who="Jugendhilfeplanung",
        title="Regionen",
        text="Gruppen von Sozialräumen. Sie entstehen auch von selbst, wenn Sie Sozialräume einlesen.",
        is_done=there.has_regions,
        url=url("edit_master_data", "regions:region_list"),
        template_url=url("edit_master_data", "regions:space_template"),
        example="sozialraeume.csv",
    )
    yield SetupStep(
        who="Jugendhilfeplanung",
        title="Sozialräume",
        text="Gemeinden, Städte und Samtgemeinden mit amtlichem Schlüssel, einzeln oder als Tabelle.",
        is_done=there.has_spaces,
        url=url("edit_master_data", "regions:space_upload"),
        template_url=url("edit_master_data", "regions:space_template"),
        example="sozialraeume.csv",
    )
    yield SetupStep(
        who="Jugendhilfeplanung",
        title="Mitgliedsgemeinden",
        text="Nur nötig, wenn Tabellen je Gemeinde statt je Sozialraum vorliegen.",
        is_done=there.has_members,
        is_optional=True,
        url=url("edit_master_data", "regions:member_upload"),
        template_url=url("edit_master_data", "regions:member_template"),
        example="mitgliedsgemeinden.csv",
    )
    yield SetupStep(
        who="Jugendhilfeplanung",
        title="Sozialraumbüros und Verträge",
        text="Jeder Sozialraum hat ein Büro; der Vertrag sagt, welcher Träger es führt.",
        is_done=there.has_spaces and not there.lacks_office,
        url=url("edit_master_data", "regions:office_list"),
    )
    population = there.population
    yield SetupStep(
        who="Jugendhilfeplanung",
        title="Bezugsgröße",
        text="Wie viele Menschen leben in jedem Sozialraum? Diese Zahl gilt für Faktor und Geld gleichermaßen.",
        is_done=there.has_counts,
        url=url("edit_master_data", "regions:population_list"),
        template_url=url("edit_master_data", "regions:population_template", population) if population else "",
        example="einwohner_2022.csv",
    )
    yield SetupStep(
        who="Jugendhilfeplanung",
        title="Belastungsindikatoren",
        text="Was die soziale Belastung misst: Name, Einheit, Richtung.",
        is_done=there.has_indicators,
        url=url("import_indicators", "indicators:indicator_list"),
    )
    yield SetupStep(
        who="Jugendhilfeplanung",
        title="Werte der Indikatoren",
        text="Einlesen, prüfen, übernehmen. Die Vorlage gibt es auf der Seite, passend zu Ihren Indikatoren.",
        is_done=there.has_values,
        url=url("import_indicators", "indicators:release_upload"),
        example="indikatoren_2021.csv",
    )
    yield SetupStep(
        title="Gewichtungsschema",
        text="Die Jugendhilfeplanung schlägt Gewichte vor, die Fachdienstleitung legt sie fest.",
        who="Jugendhilfeplanung, Fachdienstleitung",
        is_done=there.has_scheme,
        url=url("edit_schemes", "indicators:scheme_list") or url("adopt_schemes", "indicators:scheme_list"),
    )
    year = there.first_year
    yield SetupStep(
        title="Haushaltsjahr",
        text="Das Gesamtbudget und was davon nicht verteilt wird. Legen Sie auch das Vorjahr an.",
        who="Fachcontrolling",
        is_done=there.has_years,
        url=url("edit_budgets", "budgets:year_list"),
    )
    yield SetupStep(
        title="Bisherige Beträge",
        text="Was jeder Sozialraum im Vorjahr hatte: Nur damit lassen sich Veränderungen zeigen.",
        who="Fachcontrolling",
        is_done=there.has_amounts,
        url=url("edit_budgets", "budgets:year_detail", year) if year else "",
        template_url=url("edit_budgets", "budgets:amounts_template", year) if year else "",
        example="beispiel_betraege_2025.csv",
    )
