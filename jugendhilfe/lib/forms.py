"""Forms in KERN's markup, with fields for dates and sliders; those for numbers stand in `fields.py`.

A `SeenForm` tells the second of two people who change the same thing at once.
"""

import datetime as dt
import hashlib
from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from django import forms
from django.forms.boundfield import BoundField
from django.forms.renderers import TemplatesSetting
from django.forms.utils import flatatt
from django.http import HttpRequest

from jugendhilfe.lib.formats import format_date

OWN_TEMPLATES = {
    "django/forms/widgets/text.html": "components/forms/input.html",
    "django/forms/widgets/date.html": "components/forms/input.html",
    "django/forms/widgets/select.html": "components/forms/select.html",
    "django/forms/widgets/radio.html": "components/forms/options.html",
    "django/forms/widgets/checkbox_select.html": "components/forms/options.html",
    "django/forms/widgets/clearable_file_input.html": "components/forms/file.html",
    "django/forms/errors/list/default.html": "components/forms/nonfield.html",
    "django/forms/errors/list/ul.html": "components/forms/nonfield.html",
}
CHECK_TYPES = {"checkbox", "radio"}


class KernRenderer(TemplatesSetting):
    """Draws every form, field and widget in KERN's markup, so that no form has to name a class."""

    form_template_name = "components/forms/form.html"
    field_template_name = "components/forms/field.html"

    def render(self, template_name: str, context: dict[str, Any], request: HttpRequest | None = None) -> str:
        if template_name == self.form_template_name:
            context = {**context, "groups": grouped_fields(context["form"])}
        elif "widget" in context:
            context = {**context, "widget": dressed(context["widget"])}
        elif isinstance(field := context.get("field"), BoundField):
            context = {**context, "kind": field_kind(field), "mark": field_mark(field)}
        return super().render(OWN_TEMPLATES.get(template_name, template_name), context, request)


def grouped_fields(form: forms.BaseForm) -> list[tuple[str, list[BoundField]]]:
    """The visible fields by the form's `fieldsets` (pairs of legend and field names); the others stand last."""
    fieldsets: tuple[tuple[str, tuple[str, ...]], ...] = getattr(form, "fieldsets", ())
    named = {name for _, names in fieldsets for name in names}
    groups = [(legend, [form[name] for name in names if name in form.fields]) for legend, names in fieldsets]
    return [*groups, ("", [field for field in form.visible_fields() if field.name not in named])]


def field_kind(field: BoundField) -> str:
    """How a field stands with its label: "check" (box before label), "group" (fieldset) or "input"."""
    if isinstance(field.field.widget, forms.CheckboxInput):
        return "check"
    return "group" if field.use_fieldset else "input"


def field_mark(field: BoundField) -> str:
    """What stands behind the label: required fields say so in words."""
    return "(Pflichtfeld)" if field.field.required else ""


def dressed(widget: Mapping[str, Any]) -> dict[str, Any]:
    """A widget's template context with KERN's classes, for its options too, and its attributes as written in HTML."""
    groups = [
        (name, [with_class(option) for option in options], index)
        for name, options, index in widget.get("optgroups", ())
    ]
    own = with_class(widget)
    return {**own, "attributes": flatatt(own["attrs"]), "optgroups": groups}


def with_class(widget: Mapping[str, Any]) -> dict[str, Any]:
    """A widget or option with the class of its kind; ARIA 1.2 knows no aria-invalid on radio buttons."""
    kind = widget.get("type", "")
    attrs = dict(widget["attrs"])
    # Every field has a label; allauth's grey words inside the field would only repeat it.
    attrs.pop("placeholder", None)
    if kind == "hidden" or widget["template_name"].endswith("select_option.html"):
        return dict(widget)
    if kind in CHECK_TYPES:
        base = f"kern-form-check__{kind}"
    elif widget["template_name"].endswith("/select.html") and not attrs.get("multiple"):
        base = "kern-form-input__select"
    else:
        base = "kern-form-input__input"
    invalid = attrs.get("aria-invalid") == "true"
    if kind == "radio":
        attrs.pop("aria-invalid", None)
    attrs["class"] = " ".join(filter(None, (base, f"{base}--error" if invalid else "", attrs.get("class"))))
    return {**widget, "attrs": attrs}


class DateInput(forms.DateInput):
    """The browser's own date field; it wants and sends ISO dates."""

    input_type = "date"

    def __init__(self, attrs: dict[str, Any] | None = None) -> None:
        super().__init__(attrs, format="%Y-%m-%d")


class DateField(forms.DateField):
    """A date; German spelling is understood where the browser knows no date field."""

    widget = DateInput

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("input_formats", ["%Y-%m-%d", "%d.%m.%Y"])
        super().__init__(**kwargs)


class RangeInput(forms.TextInput):
    """A number field with a slider beside it; the number field alone is sent, so it works without JavaScript."""

    template_name = "components/forms/range.html"

    def __init__(
        self, *, low: Decimal | int, high: Decimal | int, step: Decimal | int = 1, unit: str = "", attrs: Any = None
    ) -> None:
        super().__init__({"inputmode": "decimal", "autocomplete": "off", **(attrs or {})})
        self.slider = {"min": str(low), "max": str(high), "step": str(step), "unit": unit}

    def get_context(self, name: str, value: Any, attrs: dict[str, Any] | None) -> dict[str, Any]:
        context = super().get_context(name, value, attrs)
        context["widget"]["slider"] = self.slider
        return context


class SeenField(forms.CharField):
    """Goes out with what is stored now, also after an error: so a second save is a deliberate one."""

    widget = forms.HiddenInput(attrs={"autocomplete": "off"})

    def bound_data(self, data: Any, initial: Any) -> Any:
        return initial

    def has_changed(self, initial: Any, data: Any) -> bool:
        return False


class SeenForm(forms.BaseForm):
    """Mixin for forms about stored values: what somebody else changed since the page was drawn is said before saving.

    Goes before the form class; a `clean` of the form calls `super().clean()`.
    """

    seen_name = ""
    """What the form is about, where several stand on a page."""
    seen_beside: Mapping[str, str] = {}
    """Stored values that other forms of the page change along with this one, by what people call them."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        instance = getattr(self, "instance", None)
        if instance is None or instance.pk is not None:
            self.fields["seen"] = SeenField(required=False, initial=self._fingerprint)

    def clean(self) -> dict[str, Any]:
        data = super().clean() or self.cleaned_data
        seen = dict(part.split(":", 1) for part in data.pop("seen", "").split(",") if ":" in part)
        changed = [name for name, mark in self._marks().items() if seen and seen.get(name) != mark]
        if changed:
            named = ", ".join(self._named(name) for name in changed)
            self.add_error(
                None,
                f"Inzwischen geändert: {named}. Bitte prüfen Sie Ihre Eingaben. Wenn Sie noch einmal speichern, gilt, "
                "was hier steht.",
            )
        return data

    def _fingerprint(self) -> str:
        return ",".join(f"{name}:{mark}" for name, mark in self._marks().items())

    def _marks(self) -> dict[str, str]:
        """By field, a mark that changes with its stored value."""
        own = {
            name: str(self.get_initial_for_field(field, name)) for name, field in self.fields.items() if name != "seen"
        }
        stored = {**own, **self.seen_beside}
        return {name: hashlib.sha256(value.encode()).hexdigest()[:12] for name, value in stored.items()}

    def _named(self, name: str) -> str:
        if name in self.seen_beside:
            return name
        label = ": ".join(filter(None, (self.seen_name, str(self.fields[name].label))))
        return f"{label} (jetzt: {self._stored(name)})"

    def _stored(self, name: str) -> str:
        """A stored value as people read it, long texts cut."""
        field = self.fields[name]
        value = self.get_initial_for_field(field, name)
        if value in field.empty_values:
            return "leer"
        if isinstance(value, bool):
            return "ja" if value else "nein"
        if isinstance(value, dt.date):
            return format_date(value)
        if isinstance(field.widget, forms.widgets.ChoiceWidget):
            chosen = [str(item) for item in (value if isinstance(value, list) else [value])]
            groups = field.widget.optgroups(name, chosen)
            return ", ".join(str(option["label"]) for _, group, _ in groups for option in group if option["selected"])
        text = " ".join(str(field.prepare_value(value)).split())
        return f"„{text if len(text) <= 80 else text[:79] + '…'}“"
