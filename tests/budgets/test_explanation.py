"""The steps to an amount: they lead to it, also for a space that has no bounds of its own."""

from decimal import Decimal
from typing import Any

import pytest

from budgets.explanation import explain
from budgets.quota import FrozenModel, FrozenOffice, FrozenSpace, QuotaInputs

D = Decimal


def steps(previous: dict[str, str | None], **bounds: Any) -> dict[str, dict[str, str]]:
    """300 € by burden over three equal spaces; the steps by key and head."""
    model: dict[str, Any] = {"floor_percent": None, "cap_percent": None, **bounds}
    inputs = QuotaInputs(
        year=2026,
        gross=D("300.00"),
        deductions=(),
        total=D("300.00"),
        model=FrozenModel(name="M2", code="M2", base=D(0), head=D(0), need=D(1), unit=D("0.01"), **model),
        scheme="",
        calculation="",
        previous_source="",
        spaces=tuple(
            FrozenSpace(
                key=key,
                name=key,
                region=1,
                region_name="Region 1",
                reference_population=1000,
                factor=D(1),
                previous=None if before is None else D(before),
                offices=(FrozenOffice(id=number, name=key),),
            )
            for number, (key, before) in enumerate(previous.items(), start=1)
        ),
    )
    return {key: {head: text.replace("\u00a0", " ") for head, text in lines} for key, lines in explain(inputs).items()}


def test_a_space_without_an_amount_last_year_reads_what_the_floors_of_others_cost_it() -> None:
    found = steps({"new": None, "a": "150.00", "b": "20.00"}, floor_percent=D(5))["new"]
    assert found["Nach Belastung"].endswith(": 100,0000 €")
    assert found["Ausgleich der Grenzen"] == "alle Beträge × 0,78750000"
    assert found["Genauer Wert"] == "78,7500 €"
    assert found["Gerundet, Summe genau der verteilte Betrag"] == "78,75 €"
    assert "Grenzen gegenüber bisher" not in found


def test_where_gains_alone_pay_a_space_without_an_amount_last_year_keeps_its_target() -> None:
    found = steps({"new": None, "a": "150.00", "b": "20.00"}, floor_percent=D(5), gains_only=True)
    assert [*found["new"]] == ["Nach Belastung", "Gerundet, Summe genau der verteilte Betrag"]
    assert found["new"]["Gerundet, Summe genau der verteilte Betrag"] == "100,00 €"
    assert found["b"]["Ausgleich der Grenzen"] == "alle Gewinne gegenüber bisher × 0,46875000"


@pytest.mark.parametrize("before", ["0.00", "20.00"])
def test_a_cap_is_named_also_where_it_is_zero(before: str) -> None:
    found = steps({"a": before, "b": "70.00", "c": "250.00"}, floor_percent=D(30), cap_percent=D(100), gains_only=True)
    assert found["a"]["Ausgleich der Grenzen"].startswith("Gewinne bis zur Obergrenze")


def test_without_bounds_there_is_nothing_between_the_parts_and_the_amount() -> None:
    for found in steps({"a": "150.00", "b": "20.00", "c": None}).values():
        assert [*found] == ["Nach Belastung", "Gerundet, Summe genau der verteilte Betrag"]
