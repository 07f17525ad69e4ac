"""Small pieces of markup that templates and tables share: badges, alerts, error lists."""

from collections.abc import Iterable
from typing import NamedTuple, Protocol

from django import template
from django.forms import BaseForm
from django.utils.html import escape, format_html
from django.utils.safestring import SafeString

register = template.Library()

ALERT_KINDS = {"debug": "info", "info": "info", "success": "success", "warning": "warning", "error": "danger"}
ALERT_WORDS = {"info": "Hinweis", "success": "Erfolg", "warning": "Warnung", "danger": "Fehler"}

# One colour per kind of state, whichever app the state belongs to; the words always come with it.
STATUS_KINDS = {
    "draft": "neutral",
    "open": "info",
    "planned": "info",
    "proposed": "info",
    "submitted": "info",
    "in_progress": "warning",
    "overdue": "danger",
    "rejected": "danger",
    "released": "success",
    "issued": "success",
    "adopted": "success",
    "checked": "warning",
    "taken_over": "success",
    "discarded": "neutral",
    "active": "success",
    "in_force": "success",
    "provisional": "warning",
    "supplementary": "info",
    "blocked": "danger",
    "done": "success",
    "superseded": "neutral",
    "closed": "neutral",
}
BADGE_ICONS = {"info": "info", "success": "success", "warning": "warning", "danger": "danger", "neutral": "draft"}


class FieldError(NamedTuple):
    target: str
    label: str
    message: str


class Drawable(Protocol):
    @property
    def svg(self) -> str: ...


@register.filter
def drawn(shapes: Iterable[Drawable]) -> SafeString:
    """Shapes of a chart as SVG, each of which escapes its own words: a page has hundreds, too many for loops here."""
    return SafeString("\n".join(shape.svg for shape in shapes))


@register.filter
def cells(texts: Iterable[object], classes: str) -> SafeString:
    """Texts or figures as the cells of a table row: `{{ row.amounts|cells:"kern-table__cell app-num" }}`."""
    return SafeString("".join(f'<td class="{escape(classes)}">{escape(text)}</td>' for text in texts))


@register.simple_tag
def badge(kind: str, text: object) -> SafeString:
    """One state in a frame: colour, icon and always the word."""
    kind = kind if kind in BADGE_ICONS else "neutral"
    return format_html(
        '<span class="kern-badge kern-badge--small kern-badge--{}">'
        '<span class="kern-icon kern-icon--{}" aria-hidden="true"></span>'
        '<span class="kern-label">{}</span></span>',
        kind,
        BADGE_ICONS[kind],
        text,
    )


@register.simple_tag
def status_badge(status: str, text: object) -> SafeString:
    """The badge of a workflow state: `{% status_badge year.status year.get_status_display %}`."""
    return badge(STATUS_KINDS.get(status, "neutral"), text)


@register.filter
def alert_kind(kind: str) -> str:
    """A message level ("error") or an alert kind ("danger") as alert kind."""
    return ALERT_KINDS.get(kind, kind if kind in ALERT_WORDS else "info")


@register.filter
def alert_word(kind: str) -> str:
    return ALERT_WORDS[kind]


@register.filter
def error_list(form: BaseForm | None) -> list[FieldError]:
    """Every error of a form in the order of its fields, each with the id of the control to jump to."""
    if not form:
        return []
    errors = [FieldError("", "", str(message)) for message in form.non_field_errors()]
    for field in form:
        # Groups of radio buttons and check boxes have no control of their own: the first option takes the focus.
        target = "" if field.is_hidden else field.id_for_label or f"{field.auto_id}_0"
        errors += [FieldError(target, str(field.label or ""), str(message)) for message in field.errors]
    return errors
