"""The list of saved scenarios."""

from django.utils.html import format_html
from django.utils.safestring import SafeString

from committees.models import SavedScenario
from jugendhilfe.lib import tables
from jugendhilfe.lib.templatetags.components import badge


class ScenarioTable(tables.Table):
    """Expects scenarios with owner, body, year and scheme; without `choose` for a download."""

    caption = "Gespeicherte Szenarien"
    name = tables.LinkColumn(verbose_name="Name")
    choose = tables.Column(verbose_name="Vergleichen", accessor="pk", orderable=False)
    owner = tables.Column(verbose_name="angelegt von", accessor="owner__name")
    committee = tables.Column(verbose_name="geteilt mit", accessor="committee__name", default="niemandem")
    year = tables.Column(verbose_name="Jahr", accessor="year__year")
    scheme = tables.Column(verbose_name="Gewichtungsschema", orderable=False)
    state = tables.Column(verbose_name="Stand", accessor="pk", order_by=("archived_at", "is_agreed"))
    created_at = tables.DateColumn(verbose_name="gespeichert am")

    class Meta:
        order_by = "-created_at"
        empty_text = "Kein Szenario passt zum Filter."

    def render_choose(self, record: SavedScenario) -> SafeString:
        return format_html(
            '<input class="kern-form-check__checkbox" type="checkbox" name="szenario" value="{}" form="vergleichen" '
            'aria-label="„{}“ vergleichen">',
            record.pk,
            record.name,
        )

    def render_state(self, record: SavedScenario) -> SafeString:
        kind = "success" if record.is_agreed and not record.archived_at else "neutral"
        return badge(kind, state_of(record))

    def value_state(self, record: SavedScenario) -> str:
        return state_of(record)


def state_of(scenario: SavedScenario) -> str:
    """abgelegt, vereinbart or in Verwendung"""
    if scenario.archived_at:
        return "abgelegt"
    return "vereinbart" if scenario.is_agreed else "in Verwendung"
