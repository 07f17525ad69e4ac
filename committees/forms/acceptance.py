"""Forms for rounds of ratings: opening one, rating its models, handing a model over."""

from collections.abc import Iterable, Sequence
from typing import Any

from django import forms

from budgets.comparison import Column
from committees.acceptance import HIGHEST
from committees.models import AcceptanceRound, RatedModel, Rating
from committees.outcomes import Outcome
from committees.services.acceptance import FEWEST, MOST, Candidate, Score
from jugendhilfe.lib.forms import DateField, SeenForm

LONGEST_NAME = 120
WORDS = {0: "ich trage es mit", HIGHEST: "ich widerspreche"}
SCORES = [(n, f"{n} – {WORDS[n]}" if n in WORDS else str(n)) for n in range(HIGHEST + 1)]


class OpenRoundForm(forms.ModelForm[AcceptanceRound]):
    """A title, a day, and a box and a name for every column of the scenarios shared with the body."""

    class Meta:
        model = AcceptanceRound
        fields = ("title", "closes_on")
        field_classes = {"closes_on": DateField}
        help_texts = {"closes_on": "Eine Bitte an die Mitglieder. Geschlossen wird die Runde vom Vorsitz."}

    def __init__(self, *args: Any, outcomes: Sequence[Outcome], chosen: Iterable[int] = (), **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.offers = [(outcome, column) for outcome in outcomes for column in _columns(outcome)]
        titles = [column.title for _, column in self.offers]
        for outcome, column in self.offers:
            # One title in two scenarios means two things: the scenario tells them apart.
            alone = titles.count(column.title) == 1
            name = column.title if alone else f"{column.title} – {outcome.scenario}"
            self.fields[_take(outcome, column)] = forms.BooleanField(
                label=column.title, required=False, initial=outcome.scenario.pk in set(chosen)
            )
            self.fields[_name(outcome, column)] = forms.CharField(
                label="Name in der Runde", max_length=LONGEST_NAME, required=False, initial=name[:LONGEST_NAME]
            )

    @property
    def fieldsets(self) -> tuple[tuple[str, tuple[str, ...]], ...]:
        scenarios = {outcome.scenario.pk: outcome for outcome, _ in self.offers}
        return (
            ("Die Runde", ("title", "closes_on")),
            *(
                (
                    f"Szenario „{outcome.scenario}“",
                    tuple(
                        name
                        for column in _columns(outcome)
                        for name in (_take(outcome, column), _name(outcome, column))
                    ),
                )
                for outcome in scenarios.values()
            ),
        )

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean() or self.cleaned_data
        taken = self._taken(cleaned)
        if not FEWEST <= len(taken) <= MOST:
            self.add_error(None, f"Bitte wählen Sie {FEWEST} bis {MOST} Modelle aus. Ausgewählt sind {len(taken)}.")
        names = [str(cleaned.get(_name(*offer), "")).casefold() for offer in taken]
        for offer, name in zip(taken, names, strict=True):
            if not name and _name(*offer) not in self.errors:
                self.add_error(_name(*offer), "Bitte geben Sie diesem Modell einen Namen.")
            elif names.count(name) > 1:
                self.add_error(_name(*offer), "Zwei Modelle heißen gleich. Bitte geben Sie jedem einen eigenen Namen.")
        return cleaned

    @property
    def candidates(self) -> list[Candidate]:
        return [
            Candidate(outcome.scenario, column.number, self.cleaned_data[_name(outcome, column)])
            for outcome, column in self._taken(self.cleaned_data)
        ]

    def _taken(self, cleaned: dict[str, Any]) -> list[tuple[Outcome, Column]]:
        return [offer for offer in self.offers if cleaned.get(_take(*offer))]


def _columns(outcome: Outcome) -> tuple[Column, ...]:
    return outcome.comparison.done if outcome.comparison else ()


def _take(outcome: Outcome, column: Column) -> str:
    return f"nehmen-{outcome.scenario.pk}-{column.number}"


def _name(outcome: Outcome, column: Column) -> str:
    return f"name-{outcome.scenario.pk}-{column.number}"


class RatingForm(SeenForm, forms.Form):
    """One model on the page of a member; left untouched it says nothing."""

    use_required_attribute = False

    score = forms.TypedChoiceField(
        choices=SCORES,
        coerce=int,
        empty_value=None,
        required=False,
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        help_text="Ab 1 nötig. Nach dem Schließen liest sie die Gruppe, ohne Ihren Namen.",
        widget=forms.Textarea({"rows": 3}),
        max_length=2000,
        required=False,
    )

    def __init__(self, data: Any, *, model: RatedModel, rating: Rating | None) -> None:
        self.model = model
        initial = {"score": str(rating.score), "reason": rating.reason} if rating else {}
        super().__init__(data, initial=initial, prefix=f"m{model.pk}")
        self.fields["score"].label = f"Wie groß ist Ihr Widerstand gegen „{model}“?"
        self.fields["reason"].label = f"Begründung zu „{model}“"

    def clean(self) -> dict[str, Any]:
        cleaned = super().clean()
        score, reason = cleaned.get("score"), cleaned.get("reason")
        if score is None and reason and "score" not in self.errors:
            self.add_error("score", f"Bitte wählen Sie eine Zahl von 0 bis {HIGHEST}.")
        if score and not reason and "reason" not in self.errors:
            self.add_error("reason", "Bitte begründen Sie Ihren Widerstand.")
        return cleaned

    @property
    def given(self) -> Score | None:
        """What there is to keep; None where the member changed nothing."""
        if self.cleaned_data.get("score") is None or not {"score", "reason"} & set(self.changed_data):
            return None
        return Score(self.cleaned_data["score"], self.cleaned_data["reason"])


class HandOverForm(forms.Form):
    reason = forms.CharField(
        label="Begründung",
        help_text="Warum legt das Gremium gerade dieses Modell vor? Sie steht beim Vorschlag und im Protokoll.",
        widget=forms.Textarea({"rows": 3}),
        max_length=2000,
    )
