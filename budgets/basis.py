"""What a distribution of a year rests on: people and factors from a calculation, offices, and the amounts so far."""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal

from django.db.models import Count, Q

from budgets.distribution import DistributionError, Space
from budgets.models import AdoptedDistribution, DistributionRow, SpaceAmount
from indicators.inputs import Inputs
from regions.models import Office, SocialSpace


@dataclass(frozen=True, slots=True)
class Place:
    """A social space under its names of the day, with what the formula reads of it."""

    name: str
    region: int
    region_name: str
    space: Space

    @property
    def key(self) -> str:
        return self.space.key


@dataclass(frozen=True, slots=True)
class Previous:
    """Last year's amounts by key; `source` says where they come from."""

    amounts: Mapping[str, Decimal]
    source: str = ""
    is_example: bool = False


def places_of(
    inputs: Inputs,
    factors: Mapping[str, Decimal],
    year: int,
    previous: Previous,
    *,
    offices: Mapping[str, tuple[str, int]] | None = None,
) -> list[Place]:
    """The spaces of a calculation by region and name; DistributionError where a space came or went since.

    `offices` as `offices_per_space` gives them, where they are known already.
    """
    offices = offices_per_space(year) if offices is None else offices
    missing = sorted(name for key, (name, _) in offices.items() if key not in factors)
    if missing or len(offices) != len(inputs.places):
        names = ", ".join(missing or sorted(place.name for place in inputs.places if place.key not in offices))
        raise DistributionError(f"Die Belastungsfaktoren und die Sozialräume passen nicht zueinander: {names}.")
    return [
        Place(
            name=place.name,
            region=place.region,
            region_name=place.region_name,
            space=Space(
                place.key, offices[place.key][1], place.people, factors[place.key], previous.amounts.get(place.key)
            ),
        )
        for place in sorted(inputs.places, key=lambda place: (place.region, place.name))
    ]


def offices_per_space(year: int) -> dict[str, tuple[str, int]]:
    """Name of every social space and how many offices it has in that year, by key."""
    in_year = Count("offices", filter=Q(offices__in=Office.objects.valid_in(year)))
    spaces = SocialSpace.objects.annotate(in_year=in_year)
    return {key: (name, count) for key, name, count in spaces.values_list("key", "name", "in_year")}


def previous_of(year: int) -> Previous:
    """What every space had the year before: by the adopted distribution, else by the amounts entered."""
    adopted = DistributionRow.objects.filter(
        distribution__in=AdoptedDistribution.objects.current().for_year(year - 1)
    ).values_list("space__key", "amount", "distribution__is_example")
    if rows := list(adopted):
        return Previous(
            {key: amount for key, amount, _ in rows}, f"festgelegte Verteilung {year - 1}", any(e for *_, e in rows)
        )
    entered = SpaceAmount.objects.filter(year__year=year - 1).values_list("space__key", "amount", "is_example")
    if rows := list(entered):
        return Previous(
            {key: amount for key, amount, _ in rows}, f"erfasste Beträge {year - 1}", any(e for *_, e in rows)
        )
    return Previous({})
