"""What "Übersicht" shows of a year: figures, regions, offices, map. Only what exists: nothing is booked yet."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from functools import cached_property

from django.conf import settings
from django.db.models import Exists, OuterRef, Q
from django.urls import reverse
from django.utils.timezone import localdate

from budgets.models import AdoptedDistribution, DistributionRow, FiscalYear
from budgets.reading import RegionTotal, region_totals
from committees.models import Paper
from jugendhilfe import __version__
from jugendhilfe.lib import charts, exports, tables
from jugendhilfe.lib.formats import format_date, format_euro, format_euro_change, format_number, format_percent
from regions.access import Visitor, scope
from regions.models import Region

MISSING = "–"
YEARS = 6


def _sum_of(name: str, written: Callable[[Decimal], str] = format_euro) -> Callable[[tables.Table], str]:
    """Writes the sum of a column into its footer; nothing where a row has no amount there."""

    def footer(table: tables.Table) -> str:
        amounts = [getattr(row, name) for row in table.data.data]
        return "" if None in amounts else written(sum(amounts, Decimal(0)))

    return footer


class OfficeTable(tables.Table):
    caption = "Budgets der Sozialraumbüros"
    paginated = False
    office_name = tables.Column(verbose_name="Sozialraumbüro", orderable=False, footer="Summe")
    space_name = tables.Column(verbose_name="Sozialraum", orderable=False)
    carrier_name = tables.Column(verbose_name="Träger", orderable=False)
    amount = tables.EuroColumn(verbose_name="Betrag", orderable=False, footer=_sum_of("amount"))


class SpaceTable(tables.Table):
    caption = "Budgets der Sozialräume"
    paginated = False
    space_name = tables.LinkColumn(
        verbose_name="Sozialraum",
        url=lambda row: reverse("regions:space_detail", args=[row.space.key]),
        orderable=False,
        footer="Summe",
    )
    factor = tables.FactorColumn(verbose_name="Belastungsfaktor", orderable=False)
    previous = tables.EuroColumn(verbose_name="bisher", orderable=False, footer=_sum_of("previous"))
    amount = tables.EuroColumn(verbose_name="Betrag", orderable=False, footer=_sum_of("amount"))
    change = tables.EuroChangeColumn(
        verbose_name="Veränderung", orderable=False, footer=_sum_of("change", format_euro_change)
    )

    def group_of(self, record: DistributionRow) -> str:
        return record.space.region.name


@dataclass(frozen=True)
class Overview:
    """A year with the distribution in force for it, or without one."""

    year: FiscalYear
    distribution: AdoptedDistribution | None
    linked_regions: frozenset[int]

    @cached_property
    def regions(self) -> list[RegionTotal]:
        return region_totals(self.distribution) if self.distribution else []

    @property
    def rows(self) -> list[DistributionRow]:
        return [row for region in self.regions for row in region.spaces]

    @property
    def title(self) -> str:
        return f"Übersicht Haushaltsjahr {self.year.year}"

    @property
    def kpis(self) -> list[tuple[str, str, str]]:
        """Name, value, note of the figures that exist."""
        total = (
            "Gesamtbudget",
            format_euro(self.year.total_family),
            f"{self.year.get_status_display()}, Produkt 363-200",
        )
        if self.distribution is None:
            return [total, ("Davon verteilt", "noch nichts", "")]
        share = ""
        if self.year.total_family:
            share = f"{format_percent(self.distribution.total / self.year.total_family * 100)} des Gesamtbudgets"
        offices = sum(len(region.offices) for region in self.regions)
        figures = [
            total,
            ("Davon verteilt", format_euro(self.distribution.total), share),
            (
                "Sozialräume und Büros",
                f"{format_number(len(self.rows))} und {format_number(offices)}",
                f"in {format_number(len(self.regions))} Regionen",
            ),
        ]
        changed = [row for row in self.rows if row.change is not None]
        if changed:
            most = max(changed, key=lambda row: (abs(row.change or 0), row.space_name))
            figures.append(
                (
                    "Größte Veränderung",
                    format_euro_change(most.change or 0),
                    f"{most.space_name}, gegenüber {self.year.year - 1}",
                )
            )
        return figures

    @property
    def bars(self) -> charts.StackedBars | None:
        if not self.regions:
            return None
        return charts.stacked_bars(
            id="regionen",
            title=f"Budget {self.year.year} je Region",
            series=[f"Budget {self.year.year}"],
            rows=[(region.name, [region.amount]) for region in self.regions],
        )

    @property
    def cards(self) -> list[dict[str, object]]:
        """One card per region, with a link for those who may open its page."""
        return [
            {
                "title": region.name,
                "preline": ", ".join(row.space_name for row in region.spaces),
                "items": [
                    ("Budget", format_euro(region.amount)),
                    (
                        f"gegenüber {self.year.year - 1}",
                        MISSING if region.change is None else format_euro_change(region.change),
                    ),
                ],
                "url": reverse("budgets:region_budget", args=[region.number, self.year.year])
                if region.number in self.linked_regions
                else "",
                "link_text": f"{region.name} öffnen",
            }
            for region in self.regions
        ]

    @property
    def map(self) -> charts.HexMap | None:
        return factor_map(self.rows)

    @property
    def spaces(self) -> SpaceTable:
        return SpaceTable(self.rows)

    @property
    def offices(self) -> OfficeTable:
        return OfficeTable([office for region in self.regions for office in region.offices])

    @property
    def source(self) -> str:
        """Under figures: what they rest on."""
        if self.distribution is None:
            return ""
        return f"{self.distribution.basis}. Festgelegt am {format_date(localdate(self.distribution.adopted_at))}."

    def workbook(self) -> bytes:
        """The page as Excel: regions, spaces, offices."""
        regions = exports.Sheet(
            "Regionen",
            [exports.Column("Region"), exports.Column("bisher", "euro"), exports.Column("Betrag", "euro")],
            [[region.name, region.previous, region.amount] for region in self.regions],
        )
        example = "enthält Beispieldaten" if self.distribution and self.distribution.is_example else "keine"
        notes = exports.Notes(
            self.source or "noch keine Verteilung festgelegt",
            localdate(self.distribution.adopted_at) if self.distribution else dt.date(self.year.year, 1, 1),
            __version__,
            [("Haushaltsjahr", str(self.year.year)), ("Beispieldaten", example)],
        )
        return exports.to_xlsx([regions, self.spaces.sheet, self.offices.sheet], notes)


def year_tabs(years: Sequence[FiscalYear], shown: FiscalYear | None) -> list[dict[str, object]]:
    """The switch between years: links of the tabs component."""
    return [
        {"title": str(year.year), "url": f"?jahr={year.year}", "current": year == shown}
        for year in reversed(years[:YEARS])
    ]


def years_to_show(user: Visitor) -> list[FiscalYear]:
    """The years a user may choose, newest first; `is_distributed` says whether a distribution is in force for them."""
    current = AdoptedDistribution.objects.current().filter(year=OuterRef("pk"))
    known = FiscalYear.objects.annotate(is_distributed=Exists(current))
    return list(known.filter(Q(pk__in=FiscalYear.objects.visible_to(user).values("pk")) | Q(is_distributed=True)))


def chosen_year(years: Sequence[FiscalYear], wanted: str | None) -> FiscalYear | None:
    """The year asked for; else the newest that is distributed, else the newest."""
    asked = next((year for year in years if str(year.year) == wanted), None)
    distributed = next((year for year in years if year.is_distributed), None)  # type: ignore[attr-defined]
    return asked or distributed or next(iter(years), None)


def distribution_of(year: FiscalYear) -> AdoptedDistribution | None:
    """The distribution in force, with everything the page shows of it."""
    papers = Paper.objects.filter(distribution=OuterRef("pk"))
    return (
        AdoptedDistribution.objects.current().filter(year=year).annotate(has_paper=Exists(papers)).with_rows().first()
    )


def linked_regions(user: Visitor, totals: Sequence[RegionTotal]) -> frozenset[int]:
    """The numbers of the regions whose budget page the user may open."""
    if scope(user, "view_region").everything:
        return frozenset(region.number for region in totals)
    return frozenset(Region.objects.visible_to(user).values_list("number", flat=True))


def factor_map(rows: Sequence[DistributionRow]) -> charts.HexMap | None:
    """The burden factors of a distribution on the tile map, with the areas that have a youth office of their own."""
    places = [
        charts.Place(
            row.space_name, row.space.hex_column, row.space.hex_row, factor=row.factor, note=row.space.region.name
        )
        for row in rows
        if row.space.hex_column is not None and row.space.hex_row is not None
    ]
    if not places:
        return None
    outside = [charts.Place(name, column, row) for name, column, row in settings.COUNTY.outside]
    return charts.hex_map(id="karte", title="Belastungsfaktor je Sozialraum", places=[*places, *outside])
