"""How people write numbers, what is understood, and what the refusal says."""

import contextlib
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jugendhilfe.lib.formats import format_number
from jugendhilfe.lib.numbers import NumberError, parse_decimal, parse_integer, parse_money, parse_percent


@pytest.mark.parametrize(
    ("typed", "value"),
    [
        ("1.480.000,00", "1480000"),
        ("1480000", "1480000"),
        ("12,5", "12.5"),
        ("5,00 €", "5"),
        ("5,00€", "5"),
        ("5 EUR", "5"),
        ("1 234,50", "1234.5"),
        ("1\u00a0234,50", "1234.5"),
        ("1\u202f234,50", "1234.5"),
        ("1\u2009234,50\u00a0€", "1234.5"),
        ("\u22121.234,50", "-1234.5"),
        ("\u20135", "-5"),
        ("- 5", "-5"),
        ("+5", "5"),
        ("  12,5\t", "12.5"),
        ("0,001", "0.001"),
        ("-0", "0"),
    ],
)
def test_german_spelling_is_understood(typed: str, value: str) -> None:
    parsed = parse_decimal(typed)
    assert parsed.value == Decimal(value)
    assert not (parsed.value == 0 and parsed.value.is_signed())
    assert parsed.echo is None


def test_what_could_be_read_in_two_ways_is_echoed() -> None:
    assert parse_decimal("1.234").echo == "verstanden als 1.234,00"
    assert parse_money("1.234").echo == "verstanden als 1.234,00\u00a0€"
    assert parse_money("-12.500 €").echo == "verstanden als \u221212.500,00\u00a0€"
    assert parse_percent("1.234").echo == "verstanden als 1.234,00\u00a0%"
    assert parse_decimal("1.234,00").echo is None
    assert parse_decimal("1.234.567").echo is None
    assert parse_integer("1.234").value == 1234


@pytest.mark.parametrize(
    "typed",
    [
        *"1.23.4 1,2,3 1.2345 0.123 01.234 1234.56 1,234.56 12.5 1’000.00 1.234.56 01.02.2026 ,5 5, 5,- 5-".split(),
        *"NaN nan Infinity -inf 1_000 0x10 1e5 1,5E+05 (100) --5 1+1 1;5 1/2 =1 '5 , . - + € abc zwölf".split(),
        *"０１２ ٣ ½ ² 𝟙".split(),
        "1\x005",
        "1\u200b2",
        "1.234\u00a0567",
        "12 34",
    ],
)
def test_everything_else_is_refused_with_a_sentence(typed: str) -> None:
    for parse in (parse_decimal, parse_money, parse_percent, parse_integer):
        with pytest.raises(NumberError, match=r"[.?]$"):
            parse(typed)


@pytest.mark.parametrize(
    ("typed", "hint"),
    [
        ("10.OOO,00", "Steht dort der Buchstabe O statt einer Null?"),
        ("l00", "Steht dort der Buchstabe l statt einer Eins?"),
        ("1234.56", "Das Dezimalzeichen ist das Komma. Meinten Sie 1.234,56?"),
        ("1,234.56", "Meinten Sie 1.234,56?"),
        ("1’000.50", "Meinten Sie 1.000,50?"),
        ("1_000", "Meinten Sie 1.000?"),
        ("０１２", "Meinten Sie 12?"),
        ("(100)", "Meinten Sie \u2212100?"),
        ("--5", "Ein Minuszeichen genügt. Meinten Sie \u22125?"),
        ("100-", "Das Minuszeichen gehört vor die Zahl. Meinten Sie \u2212100?"),
        ("5,-", "Meinten Sie 5?"),
        ("1.23.4", "Nach jedem Tausenderpunkt stehen drei Ziffern"),
        ("12 %", "Bitte lassen Sie die Einheit weg. Meinten Sie 12?"),
        ("€ 5,00", "hinter die Zahl. Meinten Sie 5,00?"),
        ("01.02.2026", "sieht aus wie ein Datum"),
        ("1e5", "ohne E"),
        ("", "Bitte geben Sie eine Zahl ein"),
        ("9" * 30, "zu viele Stellen"),
    ],
)
def test_the_refusal_says_what_was_probably_meant(typed: str, hint: str) -> None:
    with pytest.raises(NumberError) as refusal:
        parse_decimal(typed)
    assert hint in str(refusal.value)


def test_the_refusal_quotes_no_more_than_a_line_and_no_control_signs() -> None:
    with pytest.raises(NumberError) as refusal:
        parse_decimal("x\x1b[31m" * 1000)
    assert len(str(refusal.value)) < 150
    assert "\x1b" not in str(refusal.value)


def test_money_is_exact_to_the_cent() -> None:
    assert str(parse_money("5").value) == "5.00"
    assert str(parse_money("99.999.999,99").value) == "99999999.99"
    with pytest.raises(NumberError, match=r"mehr als zwei Nachkommastellen. Meinten Sie 1.234,00"):
        parse_money("1,234")
    with pytest.raises(NumberError, match="auf ganze Cent"):
        parse_money("0,005")


def test_percent_is_a_number_of_percent() -> None:
    assert parse_percent("12,8 %").value == parse_percent("12,8").value == Decimal("12.8")


def test_a_whole_number_has_no_decimals() -> None:
    assert parse_integer("1.234,00").value == 1234
    with pytest.raises(NumberError, match="keine ganze Zahl"):
        parse_integer("1,5")


@given(st.decimals(min_value=-(10**15), max_value=10**15, places=6))
def test_what_is_shown_reads_back_as_itself(value: Decimal) -> None:
    assert parse_decimal(format_number(value, places=6)).value == value


@given(st.text(max_size=30))
def test_any_text_is_a_finite_number_or_refused(text: str) -> None:
    with contextlib.suppress(NumberError):
        assert parse_decimal(text).value.is_finite()
