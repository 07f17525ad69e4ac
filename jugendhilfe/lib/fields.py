"""Form fields for numbers written the German way; what could be read in two ways is echoed below the field."""

from decimal import Decimal
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import DecimalValidator, MaxValueValidator, MinValueValidator

from jugendhilfe.lib.formats import MINUS, NO_BREAK_SPACE, format_number
from jugendhilfe.lib.numbers import NumberError, ParsedNumber, parse_decimal, parse_integer, parse_money, parse_percent


class GermanDecimalField(forms.DecimalField):
    """A number: 12,5 or 1.480.000,00; `echo` says after cleaning how ambiguous input was understood."""

    widget = forms.TextInput
    unit = ""
    shown_places: int | None = None

    def __init__(
        self, *, min_value: Decimal | int | None = None, max_value: Decimal | int | None = None, **kwargs: Any
    ) -> None:
        super().__init__(**kwargs)
        # Django's own limits would be quoted with a decimal point.
        if min_value is not None:
            message = f"Bitte geben Sie mindestens {self._with_unit(min_value)} ein."
            self.validators.append(MinValueValidator(min_value, message))
        if max_value is not None:
            message = f"Bitte geben Sie höchstens {self._with_unit(max_value)} ein."
            self.validators.append(MaxValueValidator(max_value, message))
        # A form copies its fields, so this belongs to one form alone.
        self.echo: str | None = None

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {"inputmode": "decimal", "autocomplete": "off"}

    def parse(self, text: str) -> ParsedNumber:
        """The number in a text as typed."""
        return parse_decimal(text)

    def to_python(self, value: Any) -> Any:
        if value in self.empty_values:
            return None
        if isinstance(value, Decimal | int):
            return Decimal(value)
        try:
            number = self.parse(str(value))
        except NumberError as error:
            raise ValidationError(str(error), code="invalid") from error
        self.echo = number.echo
        return number.value

    def prepare_value(self, value: Any) -> Any:
        return self.shown(value) if isinstance(value, Decimal | int) else value

    def has_changed(self, initial: Any, data: Any) -> bool:
        try:
            return not self.disabled and bool(self.to_python(initial) != self.to_python(data))
        except ValidationError:
            return True

    def shown(self, value: Decimal | int) -> str:
        """The number as it stands in the field; it reads back as itself and needs no echo."""
        exact = Decimal(value).normalize()
        places = max(0, -int(exact.as_tuple().exponent), self.shown_places or 0)
        # Without decimals a grouping point could be taken for a decimal one.
        return format_number(exact, places) if places else f"{exact:f}".replace("-", MINUS)

    def _with_unit(self, value: Decimal | int) -> str:
        # Validators fill their message by the % operator.
        return f"{self.shown(value)}{NO_BREAK_SPACE}{self.unit}".strip().replace("%", "%%")


class MoneyField(GermanDecimalField):
    """An amount in euros, to the cent."""

    unit = "€"
    shown_places = 2

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**{"decimal_places": 2, "max_digits": 12, **kwargs})

    def parse(self, text: str) -> ParsedNumber:
        return parse_money(text)


class PercentField(GermanDecimalField):
    """A share in percent: 12,5 is Decimal("12.5")."""

    unit = "%"

    def parse(self, text: str) -> ParsedNumber:
        return parse_percent(text)


class GermanIntegerField(GermanDecimalField):
    """A whole number, as int."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.validators = [rule for rule in self.validators if not isinstance(rule, DecimalValidator)]

    def widget_attrs(self, widget: forms.Widget) -> dict[str, Any]:
        return {"inputmode": "numeric", "autocomplete": "off"}

    def to_python(self, value: Any) -> Any:
        if value in self.empty_values:
            return None
        try:
            return int(value) if isinstance(value, Decimal | int) else parse_integer(str(value)).value
        except NumberError as error:
            raise ValidationError(str(error), code="invalid") from error

    def validate(self, value: Any) -> None:
        forms.Field.validate(self, value)
