"""Number fields of forms: what they show, read, compare and limit."""

from decimal import Decimal
from typing import Any

import pytest
from django import forms
from django.utils.translation import override

from jugendhilfe.lib.fields import GermanDecimalField, GermanIntegerField, MoneyField, PercentField


def first_error(field: forms.Field, typed: str) -> str:
    with pytest.raises(forms.ValidationError) as refusal:
        field.clean(typed)
    return refusal.value.messages[0]


@pytest.mark.parametrize(
    ("field", "value", "shown"),
    [
        (MoneyField(), Decimal("1480000"), "1.480.000,00"),
        (MoneyField(), Decimal("-0.5"), "\u22120,50"),
        (GermanDecimalField(), Decimal("1234"), "1234"),
        (GermanDecimalField(), Decimal("1234.50"), "1.234,5"),
        (GermanDecimalField(), Decimal("1E+3"), "1000"),
        (GermanDecimalField(decimal_places=8), Decimal("0.98441910"), "0,9844191"),
        (PercentField(), Decimal("12.50"), "12,5"),
        (GermanIntegerField(), 10956, "10956"),
        (GermanIntegerField(), -5, "\u22125"),
    ],
)
def test_a_value_is_shown_in_german_and_reads_back_without_an_echo(
    field: GermanDecimalField, value: Decimal | int, shown: str
) -> None:
    assert field.prepare_value(value) == shown
    assert field.clean(shown) == value
    assert field.echo is None


def test_what_was_typed_wrong_is_shown_again_as_typed() -> None:
    assert MoneyField().prepare_value("1.o5") == "1.o5"


@pytest.mark.parametrize(
    ("initial", "typed", "changed"),
    [
        (Decimal("1480000.00"), "1.480.000,00", False),
        (Decimal("1480000.00"), "1480000", False),
        (Decimal("5"), "5,00 €", False),
        ("5,00", "5", False),
        (None, "", False),
        (Decimal("0"), "", True),
        (None, "0", True),
        (Decimal("5"), "5,01", True),
        (Decimal("5"), "fünf", True),
    ],
)
def test_only_another_amount_is_a_change(initial: Any, typed: str, changed: bool) -> None:
    assert MoneyField().has_changed(initial, typed) is changed


def test_limits_are_told_in_german() -> None:
    field = MoneyField(min_value=Decimal("0.01"), max_value=Decimal("1480000.5"))
    assert first_error(field, "0") == "Bitte geben Sie mindestens 0,01\u00a0€ ein."
    assert first_error(field, "2.000.000,00") == "Bitte geben Sie höchstens 1.480.000,50\u00a0€ ein."
    assert first_error(PercentField(max_value=100), "101") == "Bitte geben Sie höchstens 100\u00a0% ein."
    assert first_error(GermanIntegerField(min_value=1), "0") == "Bitte geben Sie mindestens 1 ein."
    assert field.clean("1.480.000,50") == Decimal("1480000.50")


def test_a_whole_number_is_an_int() -> None:
    assert GermanIntegerField().clean("10.956") == 10956
    assert isinstance(GermanIntegerField().clean("10.956"), int)
    assert "keine ganze Zahl" in first_error(GermanIntegerField(), "1,5")


def test_an_amount_has_twelve_digits_at_most() -> None:
    assert MoneyField().clean("9.999.999.999,99") == Decimal("9999999999.99")
    first_error(MoneyField(), "99.999.999.999,99")


def test_an_empty_field_is_nothing_or_required() -> None:
    assert MoneyField(required=False).clean("") is None
    assert GermanIntegerField(required=False).clean("") is None
    first_error(MoneyField(), "")


def test_an_echo_belongs_to_one_form() -> None:
    class Budget(forms.Form):
        amount = MoneyField()

    first, second = Budget({"amount": "1.234"}), Budget({"amount": "1234"})
    assert first.is_valid()
    assert second.is_valid()
    assert [getattr(form.fields["amount"], "echo", "") for form in (first, second)] == [
        "verstanden als 1.234,00\u00a0€",
        None,
    ]


def test_too_many_digits_are_refused_in_plain_german() -> None:
    with override("de"):
        assert first_error(GermanDecimalField(decimal_places=2), "33,333") == (
            "Bitte höchstens 2 Stellen nach dem Komma eingeben."
        )
        assert "Die Zahl ist zu groß" in first_error(MoneyField(), "999.999.999.999.999,00")
