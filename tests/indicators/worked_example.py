"""The ten social spaces with public figures: inputs of the worked example, as printed by their sources."""

from dataclasses import dataclass
from decimal import Decimal

from indicators.burden import Counts, Indicator, Number, Scheme


@dataclass(frozen=True)
class SocialSpace:
    key: str
    name: str
    population_2022: int
    unemployed_2021: int
    aged_15_64_2021: int
    income_tax_2021: Decimal
    employed_2015: Decimal


def _space(key: str, name: str, population: int, unemployed: int, aged: int, tax: str, employed: str) -> SocialSpace:
    return SocialSpace(key, name, population, unemployed, aged, Decimal(tax), Decimal(employed))


SPACES = (
    _space("033550001", "Adendorf", 10956, 248, 6624, "571.87", "56.5192"),
    _space("033550009", "Bleckede", 9694, 304, 5940, "377.46", "53.8719"),
    _space("033550049", "Amt Neuhaus", 5320, 165, 3062, "295.14", "56.3692"),
    _space("033555401", "Amelinghausen", 8487, 179, 5258, "480.82", "55.8813"),
    _space("033555402", "Bardowick", 18383, 328, 11850, "566.66", "57.8496"),
    _space("033555403", "Dahlenburg", 6207, 207, 3832, "370.25", "49.8323"),
    _space("033555404", "Gellersen", 14346, 245, 8898, "508.90", "53.9800"),
    _space("033555405", "Ilmenau", 10897, 223, 6882, "525.97", "54.7501"),
    _space("033555406", "Ostheide", 10644, 212, 6878, "518.75", "56.4649"),
    _space("033555407", "Scharnebeck", 15781, 369, 10234, "522.67", "57.7197"),
)
KEYS = [space.key for space in SPACES]
NAMES = {space.key: space.name for space in SPACES}
VALUES: list[list[Number | None]] = [
    [1000 * space.unemployed_2021 / space.aged_15_64_2021, space.income_tax_2021, space.employed_2015]
    for space in SPACES
]
AGED_15_64 = [space.aged_15_64_2021 for space in SPACES]
POPULATION = [space.population_2022 for space in SPACES]
UNEMPLOYED = [space.unemployed_2021 for space in SPACES]
COUNTS = {"unemployment": Counts(UNEMPLOYED, AGED_15_64, per=1000)}

SCHEME = Scheme(
    method="ratio",
    indicators=(
        Indicator(code="unemployment", name="Arbeitslose je 1.000", weight=50, direction="more"),
        Indicator(code="income_tax", name="Einkommensteuer je Kopf", weight=25, direction="less"),
        Indicator(code="employed", name="Beschäftigte je 100", weight=25, direction="less"),
    ),
)
