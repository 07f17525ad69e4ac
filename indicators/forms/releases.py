"""Forms for handing in a table, saying what its columns mean, and filtering what is there."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from django import forms
from django.db.models import QuerySet
from django.http import QueryDict

from indicators.imports import Columns, Level, Use
from indicators.models import DataRelease, Indicator, ReleaseStatus
from indicators.services.releases import Intake
from jugendhilfe.lib.forms import DateField
from jugendhilfe.lib.spreadsheets import Table, column_letter
from jugendhilfe.lib.uploads import UploadForm

LEVELS = (
    (Level.AUTO, "automatisch erkennen"),
    (Level.SPACE, "je Sozialraum"),
    (Level.MEMBER, "je Mitgliedsgemeinde, wird zusammengezählt"),
)


class AboutForm(forms.Form):
    """What has to be said about every table; its state is the address of the check page."""

    name = forms.CharField(label="Bezeichnung", max_length=120, help_text="Zum Beispiel „Indikatoren 2023“.")
    reference_date = DateField(label="Stichtag")
    source = forms.CharField(label="Quelle", max_length=300, help_text="Steht überall, wo die Werte gezeigt werden.")
    level = forms.ChoiceField(label="Zeilen der Tabelle", choices=LEVELS, initial=Level.AUTO)


class ReleaseUploadForm(UploadForm, AboutForm):
    fieldsets = (
        ("Angaben zum Datenstand", ("name", "reference_date", "source")),
        ("Tabelle", ("file", "pasted", "level")),
    )

    def address(self) -> str:
        """The answers as query of the check page."""
        query = QueryDict(mutable=True)
        query.update({name: str(self.cleaned_data[name]) for name in AboutForm.base_fields})
        return query.urlencode()


class IntakeForm(AboutForm):
    """The answers again, with the sheet and a column for each use; without a choice the heads decide."""

    def __init__(self, data: QueryDict, table: Table, uses: Sequence[Use], columns: Columns) -> None:
        chosen = data.copy()
        if data.get("columns_of") != (table.sheet or "-"):
            # Columns chosen for one sheet mean nothing on another.
            for field in [field for field in chosen if field.startswith("use-")]:
                del chosen[field]
            chosen.update({f"use-{use}": str(place) for use, place in columns.places.items()})
            chosen["columns_of"] = table.sheet or "-"
        super().__init__(chosen)
        self.fields["columns_of"] = forms.CharField(widget=forms.HiddenInput)
        if len(table.sheets) > 1:
            self.fields["sheet"] = forms.ChoiceField(
                label="Blatt", choices=[(name, name) for name in table.sheets], required=False, initial=table.sheet
            )
            chosen.setdefault("sheet", table.sheet or "")
        line = table.rows[columns.row - 1] if table.rows else ()
        heads = [
            (str(place), f"{column_letter(place)}: {cell.text[:60]}") for place, cell in enumerate(line, 1) if cell.text
        ]
        for use in uses:
            self.fields[f"use-{use.name}"] = forms.ChoiceField(
                label=use.label,
                choices=[("", "steht nicht in der Tabelle"), *heads],
                required=False,
                help_text="Ähnliche Überschrift: bitte prüfen." if use.name in columns.similar else "",
            )
        self.uses = uses
        self.similar = [
            f"Ähnliche Überschrift, bitte prüfen: „{table.cell(columns.row, columns.places[use.name]).text}“ gilt als "
            f"„{use.label}“."
            for use in uses
            if use.name in columns.similar and chosen.get(f"use-{use.name}") == str(columns.places[use.name])
        ]

    @property
    def about(self) -> list[forms.BoundField]:
        """What was said about the whole table, and its sheet."""
        return [field for field in self.visible_fields() if not field.name.startswith("use-")]

    @property
    def groups(self) -> list[tuple[str, list[forms.BoundField]]]:
        """The columns by what they belong to: those of the rows first, then indicator by indicator."""
        groups: dict[str, list[forms.BoundField]] = {}
        for use in self.uses:
            title = use.measure.name if use.measure else "Zeilen"
            groups.setdefault(title, []).append(self[f"use-{use.name}"])
        return list(groups.items())

    def intake(self) -> Intake:
        """What the person said; only once the form is valid."""
        data: Mapping[str, Any] = self.cleaned_data
        return Intake(
            name=data["name"],
            reference_date=data["reference_date"],
            source=data["source"],
            sheet=data.get("sheet") or None,
            level=Level(data["level"]),
            places={use.name: int(place) for use in self.uses if (place := data[f"use-{use.name}"])},
        )


class ConfirmForm(forms.Form):
    """The person's yes to what is unusual, only asked for where there is something."""

    confirmed = forms.BooleanField(
        label="Ich habe die Hinweise geprüft. Die Werte sind so richtig.",
        error_messages={"required": "Bitte bestätigen Sie, dass Sie die Hinweise geprüft haben."},
    )
    note = forms.CharField(
        label="Anmerkung für das Protokoll",
        max_length=300,
        required=False,
        help_text="Zum Beispiel, warum ein Wert so stark gestiegen ist. Bitte keine Namen von Personen.",
    )

    def __init__(self, *args: Any, wanted: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not wanted:
            del self.fields["confirmed"]


class ReleaseFilter(forms.Form):
    """Which Datenstände are listed."""

    indicator = forms.ModelChoiceField(
        label="Indikator", queryset=Indicator.objects.all(), required=False, empty_label="alle"
    )
    status = forms.ChoiceField(label="Stand", choices=[("", "alle"), *ReleaseStatus.choices], required=False)

    def __init__(self, data: Any, *, sees_drafts: bool) -> None:
        super().__init__(data)
        if not sees_drafts:
            del self.fields["status"]

    def apply(self, releases: QuerySet[DataRelease]) -> QuerySet[DataRelease]:
        chosen = self.cleaned_data if self.is_valid() else {}
        if indicator := chosen.get("indicator"):
            releases = releases.filter(values__indicator=indicator).distinct()
        if status := chosen.get("status"):
            releases = releases.filter(status=status)
        return releases


class TemplateForm(forms.Form):
    """Which indicators a template is for, and whether it has a row per space or per member municipality."""

    indicators = forms.ModelMultipleChoiceField(
        label="Indikatoren",
        queryset=Indicator.objects.all(),
        to_field_name="code",
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": "Bitte wählen Sie mindestens einen Indikator."},
    )
    level = forms.ChoiceField(label="Eine Zeile", choices=LEVELS[1:], initial=Level.SPACE)

    def __init__(self, data: Any = None) -> None:
        super().__init__(data)
        field = self.fields["indicators"]
        assert isinstance(field, forms.ModelMultipleChoiceField)
        field.queryset = Indicator.objects.filter(is_archived=False)


def unused_sentence(heads: Iterable[str]) -> str:
    """The columns nothing is read from, in words."""
    return ", ".join(f"„{head}“" for head in heads)
