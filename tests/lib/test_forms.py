"""The form renderer: what a screen reader, a keyboard and an attacker find in a drawn form."""

import re
from datetime import date
from decimal import Decimal

import pytest
from django import forms
from django.template.loader import render_to_string

from jugendhilfe.lib.fields import GermanDecimalField, MoneyField, PercentField
from jugendhilfe.lib.forms import DateField, RangeInput


class ApplicationForm(forms.Form):
    name = forms.CharField(label="Bezeichnung", help_text="Wie in der Vorlage <b>kurz</b>.")
    mail = forms.EmailField(label="E-Mail", required=False)
    amount = MoneyField(label="Betrag")
    region = forms.ChoiceField(label="Region", choices=[("", "Bitte wählen"), ("1", "Region 1")])
    kind = forms.ChoiceField(
        label="Vorlagenart", choices=[("a", "Bericht"), ("b", "Beschluss")], widget=forms.RadioSelect
    )
    checked = forms.BooleanField(label="Ich habe die Zahlen geprüft")
    weight = PercentField(label="Gewicht", widget=RangeInput(low=0, high=100, unit="%"), required=False)
    token = forms.CharField(widget=forms.HiddenInput, required=False)


def control(html: str, name: str) -> str:
    """The tag of the named control."""
    found = re.search(rf'<(?:input|select|textarea)[^>]* name="{name}"[^>]*>', html)
    assert found, f"no control named {name}"
    return found[0]


def test_every_visible_control_has_a_label() -> None:
    html = str(ApplicationForm())
    for name in ("name", "mail", "amount", "region", "checked", "weight"):
        assert f'for="id_{name}"' in html
        assert f'id="id_{name}"' in control(html, name)
    assert '<label class="kern-label" for="id_kind_0">Bericht</label>' in html
    assert re.search(r'<legend class="kern-label">Vorlagenart', html)


@pytest.mark.parametrize(
    ("name", "css_class"),
    [
        ("name", "kern-form-input__input"),
        ("region", "kern-form-input__select"),
        ("kind", "kern-form-check__radio"),
        ("checked", "kern-form-check__checkbox"),
    ],
)
def test_widgets_are_dressed_without_the_form_naming_a_class(name: str, css_class: str) -> None:
    assert f'class="{css_class}"' in control(str(ApplicationForm()), name)


def test_a_class_the_form_names_itself_stays() -> None:
    class Narrow(forms.Form):
        year = forms.CharField(widget=forms.TextInput({"class": "kern-form-input__input--width-4"}))

    assert 'class="kern-form-input__input kern-form-input__input--width-4"' in control(str(Narrow()), "year")


def test_hidden_fields_are_drawn_bare() -> None:
    assert control(str(ApplicationForm()), "token") == '<input type="hidden" name="token" id="id_token">'


def test_required_fields_say_so_in_words_and_the_others_do_not() -> None:
    form = ApplicationForm()
    assert "(Pflichtfeld)" in form["name"].as_field_group()
    assert "(Pflichtfeld)" not in form["mail"].as_field_group()


def test_hint_and_error_describe_the_control() -> None:
    html = ApplicationForm({"mail": "x"})["name"].as_field_group()
    assert 'aria-describedby="id_name_helptext id_name_error"' in control(html, "name")
    assert 'aria-invalid="true"' in control(html, "name")
    assert 'id="id_name_helptext"' in html
    assert 'id="id_name_error"' in html
    assert "kern-form-input__input--error" in control(html, "name")


def test_radio_buttons_carry_no_aria_invalid() -> None:
    html = ApplicationForm({})["kind"].as_field_group()
    assert "aria-invalid" not in html
    assert 'aria-describedby="id_kind_error"' in html


def test_hints_and_labels_and_values_are_escaped() -> None:
    form = ApplicationForm({"name": '"><script>alert(1)</script>', "amount": "<img src=x>"})
    form.fields["mail"].label = "<i>Mail</i>"
    html = str(form)
    assert "<script>" not in html
    assert "<b>kurz</b>" not in html
    assert "<i>Mail</i>" not in html
    assert "<img" not in html


def test_the_error_summary_counts_and_links_to_the_controls() -> None:
    html = render_to_string("components/error_summary.html", {"form": ApplicationForm({"amount": "1.o5"})})
    assert "Es gibt 5 Fehler" in html
    assert 'href="#id_name"' in html
    assert 'href="#id_kind_0"' in html
    assert "data-focus" in html
    assert 'tabindex="-1"' in html


def test_the_error_summary_speaks_of_one_error_in_the_singular() -> None:
    class One(forms.Form):
        name = forms.CharField()

    assert "Es gibt 1 Fehler" in render_to_string("components/error_summary.html", {"form": One({})})


def test_a_question_as_a_label_gets_no_colon() -> None:
    class Question(forms.Form):
        basis = forms.CharField(label="Was zeigt der Bericht?")

    html = render_to_string("components/error_summary.html", {"form": Question({})})
    assert "Was zeigt der Bericht? Bitte ausfüllen." in html


def test_an_error_of_the_whole_form_stands_first_and_links_nowhere() -> None:
    form = ApplicationForm({})
    form.add_error(None, "Boden und Deckel widersprechen sich.")
    html = render_to_string("components/error_summary.html", {"form": form})
    assert html.index("Boden und Deckel") < html.index("id_name")
    assert "<li>Boden und Deckel widersprechen sich.</li>" in html


def test_an_untouched_form_shows_no_error_summary() -> None:
    assert "Fehler" not in str(ApplicationForm())


def test_the_form_shows_its_error_summary_exactly_once() -> None:
    assert str(ApplicationForm({})).count("Es gibt") == 1


def test_fieldsets_group_fields_and_lose_none() -> None:
    class Grouped(ApplicationForm):
        fieldsets = (("Grunddaten", ("name", "mail")),)

    html = str(Grouped())
    assert '<legend class="kern-heading-small">Grunddaten</legend>' in html
    assert html.index("id_mail") < html.index("</fieldset>") < html.index("id_amount")
    for name in Grouped.base_fields:
        assert html.count(f'name="{name}"') == (2 if name == "kind" else 1)


def test_a_slider_is_hidden_until_a_script_pairs_it_and_is_never_sent() -> None:
    html = ApplicationForm(initial={"weight": Decimal("12.5")})["weight"].as_field_group()
    slider = re.search(r'<input class="app-range__slider"[^>]*>', html)
    assert slider
    assert " hidden>" in slider[0]
    assert "name=" not in slider[0]
    assert 'data-pair="id_weight"' in slider[0]
    assert 'aria-labelledby="id_weight_label"' in slider[0]
    assert 'id="id_weight_label"' in html
    assert 'value="12,5"' in control(html, "weight")


@pytest.mark.parametrize(
    ("typed", "amount"),
    [("1.480.000,00", "1480000.00"), ("1480000", "1480000"), ("12,5", "12.5"), ("5,00 €", "5"), ("\u22121,50", "-1.5")],
)
def test_amounts_are_read_as_germans_write_them(typed: str, amount: str) -> None:
    assert MoneyField().clean(typed) == Decimal(amount)


@pytest.mark.parametrize("typed", ["1.23.4", "NaN", "1_000", "zwölf", "1,234", "Infinity"])
def test_what_is_no_amount_is_refused(typed: str) -> None:
    with pytest.raises(forms.ValidationError):
        MoneyField().clean(typed)


def test_an_ambiguous_number_is_echoed_below_its_field() -> None:
    class Threshold(forms.Form):
        least = GermanDecimalField(label="Mindestens")

    form = Threshold({"least": "1.234"})
    assert form.is_valid()
    assert "verstanden als 1.234,00" in form["least"].as_field_group()
    assert "verstanden" not in Threshold({"least": "1234"})["least"].as_field_group()


@pytest.mark.parametrize("value", ["1480000.00", "1234", "12.5", "-0.5", "1234.567"])
def test_a_shown_number_reads_back_as_itself(value: str) -> None:
    field = GermanDecimalField()
    shown = field.prepare_value(Decimal(value))
    assert field.clean(shown) == Decimal(value)
    assert field.echo is None


def test_dates_are_shown_in_the_browsers_form_and_read_in_both() -> None:
    class Day(forms.Form):
        day = DateField(label="Stichtag")

    html = Day(initial={"day": date(2026, 6, 19)})["day"].as_field_group()
    assert 'type="date"' in control(html, "day")
    assert 'value="2026-06-19"' in control(html, "day")
    assert DateField().clean("19.06.2026") == DateField().clean("2026-06-19") == date(2026, 6, 19)
