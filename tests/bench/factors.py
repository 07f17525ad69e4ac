"""Burden factors of all German municipalities against the same formulas in bare numpy."""

import csv
from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from indicators.burden import Indicator, Scheme, compute
from tests.bench.measure import NotMeasured, Row, Skipped, duration, medians

type Floats = NDArray[np.float64]

FILE = Path(__file__).resolve().parents[3] / "shared" / "data" / "de_gemeinden_indicators_2021.csv"
WHAT = "factors, {:,} municipalities × {} indicators"
EIGHT_PLACES = Decimal("0.00000001")
LIMIT = 3.0


def rows() -> Iterator[Row]:
    """The result is the same; checks, sorting by key and the exact explanation are what the product adds.

    Standardised: with the ratio to the mean a municipality's extreme value would be rated below 0, which is refused.
    """
    keys, people, values = municipalities()
    scheme = Scheme(
        indicators=tuple(Indicator(code=f"i{column}", weight=1) for column in range(values.shape[1])),
        method="standardised",
    )
    result = compute(keys, people, values, scheme)
    factors, contributions, stored = bare(people, values)
    if not np.allclose(result.factor, factors, atol=1e-9) or not np.allclose(result.contributions, contributions):
        raise NotMeasured("bare numpy comes to other factors")
    if sum(one != other for one, other in zip(result.stored, stored, strict=True)) > len(stored) // 1000:
        raise NotMeasured("bare numpy comes to other decimals")
    times = medians(
        {"product": lambda: compute(keys, people, values, scheme), "numpy": lambda: bare(people, values)}, rounds=15
    )
    yield Row(
        WHAT.format(*values.shape),
        duration(times["product"]),
        times["product"] / times["numpy"],
        LIMIT,
        "bare numpy",
    )


def bare(people: Floats, values: Floats) -> tuple[Floats, Floats, list[Decimal]]:
    """Factors, contributions to them and the decimals money is computed from; nothing is checked."""
    share = people / people.sum()
    mean = share @ values
    rating = 1 + 0.15 * (values - mean) / np.sqrt(share @ (values - mean) ** 2)
    weights = np.full(values.shape[1], 1 / values.shape[1])
    index = rating @ weights
    county = share @ index
    factors = index / county
    contributions = weights * (rating - share @ rating) / county
    return factors, contributions, [Decimal(factor).quantize(EIGHT_PLACES) for factor in factors.tolist()]


def municipalities() -> tuple[list[str], Floats, Floats]:
    """Keys, people and twenty indicators: rates, taxes, county figures, density, size; gaps get the mean."""
    if not FILE.exists():
        raise Skipped("real tables are not beside the project")
    with FILE.open(encoding="utf-8", newline="") as file:
        table = list(csv.DictReader(file))

    def column(name: str) -> Floats:
        found = np.array([float(row[name] or "nan") for row in table])
        return np.where(np.isnan(found), np.nanmean(found), found)

    people = column("population_2022")
    columns = [
        *(column(name) for name in table[0] if name.startswith(("unemployed_per_", "income_tax_"))),
        *(column(name) for name in table[0] if name.endswith("_kreis")),
        np.log1p(people / column("area_km2")),
        np.log1p(people),
        *(np.log1p(column(f"{name}_{year}")) for name in ("unemployed", "pop15_64") for year in (2019, 2020, 2021)),
    ]
    keep = people > 0
    keys = [row["ags"] for row, kept in zip(table, keep, strict=True) if kept]
    return keys, people[keep], np.array(columns).T[keep]
