"""Plain functions that make what a test needs, from the same input files the demo uses."""

import csv
import datetime as dt
from decimal import Decimal
from pathlib import Path

from django.utils.text import slugify

from jugendhilfe.accounts.models import User
from regions.models import Office, ReferencePopulation, ReferencePopulationCount, Region, SocialSpace, SpaceKind

INPUTS = Path(__file__).resolve().parent.parent / "fixtures" / "lueneburg"


def read(name: str) -> list[dict[str, str]]:
    """The rows of an input file by its German heads."""
    with (INPUTS / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file, delimiter=";"))


def decimal(text: str) -> Decimal:
    return Decimal(text.replace(".", "").replace(",", "."))


def make_user(name: str, *, email: str = "", password: str | None = None) -> User:
    return User.objects.create_user(email or f"{slugify(name)}@example.org", password, name=name)


def make_spaces() -> dict[str, SocialSpace]:
    """The three regions and ten social spaces of the record, by name."""
    regions = {
        number: Region.objects.get_or_create(number=int(number), defaults={"name": f"Region {number}"})[0]
        for number in ("1", "2", "3")
    }
    return {
        row["Sozialraum"]: SocialSpace.objects.create(
            key=row["Schlüssel"],
            name=row["Sozialraum"],
            kind=SpaceKind(row["Art"].lower()),
            region=regions[row["Region"]],
            area_km2=decimal(row["Fläche in km²"]),
            hex_column=decimal(row["Kachel Spalte"]),
            hex_row=decimal(row["Kachel Zeile"]),
        )
        for row in read("sozialraeume.csv")
    }


def make_offices(spaces: dict[str, SocialSpace]) -> dict[str, Office]:
    """One office per space, by the space's name."""
    return {
        name: Office.objects.create(
            space=space, name=f"Sozialraumbüro {name}", valid_from=dt.date(2020, 1, 1), is_example=True
        )
        for name, space in spaces.items()
    }


def make_population(spaces: dict[str, SocialSpace]) -> ReferencePopulation:
    """The population of 2022."""
    population = ReferencePopulation.objects.create(date=dt.date(2022, 12, 31), source="BKG, VG250-EW 2022")
    for row in read("einwohner_2022.csv"):
        ReferencePopulationCount.objects.create(
            population=population, space=spaces[row["Sozialraum"]], count=int(row["Anzahl"])
        )
    return population
