"""Tables of papers."""

from committees.models import Paper
from jugendhilfe.lib import tables


class PaperTable(tables.Table):
    caption = "Berichte"
    subject = tables.LinkColumn(verbose_name="Beratungsgegenstand")
    number = tables.Column(verbose_name="Vorlagennummer", empty_values=())
    date = tables.DateColumn(verbose_name="Datum")
    year = tables.Column(verbose_name="Haushaltsjahr", accessor="year__year")
    publicity = tables.Column(verbose_name="Öffentlichkeitsstatus")
    status = tables.BadgeColumn(verbose_name="Stand")

    class Meta:
        order_by = "-date"

    def render_number(self, record: Paper) -> str:
        edition = f", {record.edition}. Fassung" if record.edition > 1 else ""
        return f"{record.number or 'noch ohne Nummer'}{edition}"
