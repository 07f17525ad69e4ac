"""Forms for rows that money rests on, whose changes need a reason, and for their end."""

from typing import Any, ClassVar

from django import forms
from django.db import models

from jugendhilfe.lib.forms import DateField, SeenForm
from regions.forms.people import ReasonForm


class ReasonedForm[M: models.Model](SeenForm, forms.ModelForm[M]):
    """A model form that asks for a reason once one of the fields in `with_reason` changes."""

    reason = forms.CharField(label="Begründung der Änderung", max_length=300, required=False)
    with_reason: ClassVar[tuple[str, ...]] = ()
    rests_on_it: ClassVar[str] = "Davon hängt Geld ab"

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not getattr(self.instance, "is_example", False):
            self.fields.pop("is_example", None)
        if self.instance.pk is None:
            del self.fields["reason"]
            return
        names = [f"„{self.fields[name].label}“" for name in self.with_reason if name in self.fields]
        self.fields["reason"].help_text = f"Nötig, wenn Sie etwas an {' oder '.join(names)} ändern." if names else ""

    def clean(self) -> dict[str, Any]:
        data = super().clean()
        if self.instance.pk is not None and not data.get("reason"):
            changed = [str(self.fields[name].label) for name in self.with_reason if name in self.changed_data]
            if changed and "reason" not in self.errors:
                self.add_error("reason", f"{self.rests_on_it}: Bitte begründen Sie die Änderung bei „{changed[0]}“.")
        return data

    @property
    def given_reason(self) -> str:
        """What was typed; empty for new rows."""
        return str(self.cleaned_data.get("reason", ""))


class LastDayForm(ReasonForm):
    """For what ends instead of being deleted."""

    field_order = ("last_day", "reason")
    last_day = DateField(label="letzter Tag")
