"""Number as typed = [sign] digits in groups of three by point or space [, decimals] [unit]; everything else is refused.

Python's own `Decimal()` is too generous (NaN, 1_000, full-width digits) and Django's localized field reads 1.23.4.
"""

import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass
from decimal import Decimal

from jugendhilfe.lib.formats import format_euro, format_number, format_percent

MAX_DIGITS = 20
MAX_PLACES = 20

_SPACES = re.compile(r"[ \t\r\n\u00a0\u2007\u2008\u2009\u200a\u202f]+")
_MINUS = str.maketrans({"\u2212": "-", "\u2013": "-", "\u2012": "-"})
_EURO = re.compile(r" ?(?:€|EUR|Euro)$", re.IGNORECASE)
_PERCENT = re.compile(r" ?(?:%|Prozent)$", re.IGNORECASE)
_NUMBER = re.compile(
    r"""(?P<sign>[+-]?)[ ]?
    (?P<whole>[0-9]+ | [1-9][0-9]{0,2}(?:\.[0-9]{3})+ | [1-9][0-9]{0,2}(?:[ ][0-9]{3})+)
    (?:,(?P<places>[0-9]+))?""",
    re.VERBOSE,
)
_AMBIGUOUS = re.compile(r"[1-9][0-9]{0,2}\.[0-9]{3}")


class NumberError(ValueError):
    """The input is not a number; the message is a German sentence for the person who typed it."""


@dataclass(frozen=True, slots=True)
class Parsed[T: (Decimal, int)]:
    """A number and, where it could have been read differently, how it was understood ("verstanden als 1.234,00")."""

    value: T
    echo: str | None = None


type ParsedNumber = Parsed[Decimal]
type ParsedInteger = Parsed[int]


def parse_decimal(text: str) -> ParsedNumber:
    """A number with any decimals; a euro sign behind it is allowed."""
    return _parse(text, "eine Zahl", "1.234,56", unit=_EURO, echo=lambda value: format_number(value, places=2))


def parse_money(text: str) -> ParsedNumber:
    """An amount in euros with at most two decimals, returned with exactly two."""
    parsed = _parse(text, "einen Betrag", "1.234,56", unit=_EURO, echo=format_euro)
    if _places(parsed.value) > 2:
        sentence = f"„{_shown(text)}“ hat mehr als zwei Nachkommastellen."
        if _places(parsed.value) == 3 and abs(parsed.value) >= 1:
            sentence += f" Meinten Sie {format_euro(parsed.value * 1000)}?"
        else:
            sentence += " Bitte runden Sie auf ganze Cent."
        raise NumberError(sentence)
    return Parsed(parsed.value.quantize(Decimal("0.01")), parsed.echo)


def parse_percent(text: str) -> ParsedNumber:
    """A number of percent: "12,8 %" is Decimal("12.8")."""
    return _parse(text, "eine Prozentzahl", "12,5", unit=_PERCENT, echo=lambda value: format_percent(value, places=2))


def parse_integer(text: str) -> ParsedInteger:
    """A whole number."""
    parsed = _parse(text, "eine ganze Zahl", "1.234")
    if parsed.value != int(parsed.value):
        raise NumberError(f"„{_shown(text)}“ ist keine ganze Zahl. Bitte geben Sie eine Zahl ohne Komma ein.")
    return Parsed(int(parsed.value))


def _parse(
    text: str,
    wanted: str,
    example: str,
    *,
    unit: re.Pattern[str] | None = None,
    echo: Callable[[Decimal], str] | None = None,
) -> ParsedNumber:
    plain = _SPACES.sub(" ", text).strip(" ").translate(_MINUS)
    if not plain:
        raise NumberError(f"Bitte geben Sie {wanted} ein, zum Beispiel {example}.")
    match = _NUMBER.fullmatch(unit.sub("", plain) if unit else plain)
    if match is None:
        raise NumberError(f"„{_shown(text)}“ ist nicht als Zahl lesbar. {_diagnosis(plain, wanted, example)}")
    value = _value(match)
    if echo and match["places"] is None and _AMBIGUOUS.fullmatch(match["whole"]):
        return Parsed(value, f"verstanden als {echo(value)}")
    return Parsed(value)


def _value(match: re.Match[str]) -> Decimal:
    whole = match["whole"].replace(".", "").replace(" ", "")
    places = match["places"]
    if len(whole.lstrip("0")) > MAX_DIGITS or len(places or "") > MAX_PLACES:
        raise NumberError(f"„{_shown(match.string)}“ hat zu viele Stellen. Bitte prüfen Sie die Zahl.")
    value = Decimal(f"{match['sign']}{whole}" + (f".{places}" if places else ""))
    return value or abs(value)  # no -0


def _places(value: Decimal) -> int:
    return max(0, -int(value.as_tuple().exponent))


# What people really type, and what they most likely meant. The first repair that yields a number is offered, not taken.
_REPAIRS: tuple[tuple[str, Callable[[str], str]], ...] = (
    ("Bitte lassen Sie die Einheit weg. Meinten Sie {}?", lambda t: _PERCENT.sub("", _EURO.sub("", t))),
    ("Steht dort der Buchstabe O statt einer Null?", lambda t: re.sub("[oO]", "0", t)),
    ("Steht dort der Buchstabe l statt einer Eins?", lambda t: re.sub("[lI|]", "1", t)),
    ("Meinten Sie {}?", lambda t: unicodedata.normalize("NFKC", t)),
    ("Meinten Sie {}?", lambda t: t.replace("_", "")),
    ("Meinten Sie {}?", lambda t: re.sub("['’`´](?=[0-9]{3})", ".", t)),
    ("Das Dezimalzeichen ist das Komma. Meinten Sie {}?", lambda t: t.translate(str.maketrans(".,", ",."))),
    (
        "Das Dezimalzeichen ist das Komma. Meinten Sie {}?",
        lambda t: t.replace("'", "").replace("’", "").replace(".", ","),
    ),
    ("Das Minuszeichen gehört vor die Zahl. Meinten Sie {}?", lambda t: re.sub(r"^([^-+]*[0-9])-$", r"-\1", t)),
    ("Meinten Sie {}? Ein Abzug wird mit Minuszeichen geschrieben.", lambda t: re.sub(r"^\(([^()]+)\)$", r"-\1", t)),
    ("Ein Minuszeichen genügt. Meinten Sie {}?", lambda t: re.sub("^-[ -]*-", "-", t)),
    ("Meinten Sie {}?", lambda t: re.sub("^,", "0,", t)),
    ("Meinten Sie {}?", lambda t: re.sub(",[-–]*$", "", t)),
    ("Bitte schreiben Sie die Einheit hinter die Zahl. Meinten Sie {}?", lambda t: re.sub("^(?:€|EUR) ?", "", t)),
)


def _diagnosis(plain: str, wanted: str, example: str) -> str:
    if re.fullmatch(r"[0-9]{1,2}\.[0-9]{1,2}\.[0-9]{4}(?: .*)?", plain):
        return f"Es sieht aus wie ein Datum. Bitte geben Sie {wanted} ein, zum Beispiel {example}."
    if re.fullmatch(r"[+-]?[0-9.,]+[eE][+-]?[0-9]+", plain):
        return "Bitte schreiben Sie die Zahl aus, ohne E."
    if re.search("[0-9]", unicodedata.normalize("NFKC", plain)):
        without_unit = _PERCENT.sub("", _EURO.sub("", plain))
        for sentence, repair in _REPAIRS:
            typed = plain if "Einheit" in sentence else without_unit
            candidate = repair(typed)
            match = _NUMBER.fullmatch(candidate)
            if match and candidate != typed:
                value = _value(match)
                return sentence.format(format_number(value, places=_places(value)))
        if plain.count(".") > 1 or plain.count(" ") > 1:
            return f"Nach jedem Tausenderpunkt stehen drei Ziffern, zum Beispiel {example}."
    return f"Bitte geben Sie {wanted} ein, zum Beispiel {example}."


def _shown(text: str) -> str:
    visible = "".join(sign if sign.isprintable() else " " for sign in text.strip())
    return visible if len(visible) <= 40 else visible[:40] + "…"
