"""Tables as this product draws them: one plain loop over prepared cells, German numbers, sort and page links that keep
the filter in the address.

django-tables2 decides what a table is (columns, order, `render_<name>`); its way of drawing rows asks so many questions
per cell that it takes several times as long as a loop, so the questions are asked once per column here.
"""

import datetime as dt
import inspect
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any, NamedTuple

import django_tables2
from django.core.paginator import Page, Paginator
from django.db.models.query import ModelIterable
from django.http import HttpRequest, HttpResponse
from django.utils import timezone
from django.utils.functional import Promise, cached_property
from django.utils.html import format_html
from django.utils.text import slugify
from django_tables2.data import TableQuerysetData

from jugendhilfe.lib import exports
from jugendhilfe.lib.formats import (
    format_date,
    format_euro,
    format_euro_change,
    format_factor,
    format_number,
    format_percent,
)
from jugendhilfe.lib.templatetags.components import STATUS_KINDS, badge

PAGE_SIZES = (25, 50, 100)
PAGES_ON_EACH_SIDE = 2
HOUSE_OPTIONS = {"template_name": "components/table.html", "empty_text": "Noch keine Einträge.", "default": "–"}


class Cell(NamedTuple):
    content: Any
    css_class: str
    heads_row: bool


class Row(NamedTuple):
    """One line of the table; `group` is the heading that stands above it, "" where the group goes on."""

    group: str
    css_class: str
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class Head:
    title: str
    css_class: str
    aria_sort: str
    sort_url: str


class PageLink(NamedTuple):
    number: int | None
    url: str
    current: bool


class Table(django_tables2.Table):  # type: ignore[misc]
    """A table with caption, sortable heads, totals and pages; pass `request` to sort and page by the address.

    `caption` names the table for everybody. `paginated = False` shows all rows. `group_of(record)` puts a heading
    above each new group, `row_class(record)` a class on the row, `cell_class_<column>(value, record)` on the cell.
    """

    caption = ""
    paginated = True
    sticky = True

    def __init_subclass__(cls) -> None:
        # django-tables2 reads a class's own Meta alone; what it leaves open follows the house.
        for name, value in HOUSE_OPTIONS.items():
            if not hasattr(cls.__dict__.get("Meta"), name):
                setattr(cls._meta, name, value)

    def __init__(
        self, data: Any = None, *, request: HttpRequest | None = None, caption: str = "", **kwargs: Any
    ) -> None:
        super().__init__(data, **kwargs)
        self.caption = caption or self.caption
        self.request = request
        if request is not None:
            self._order_by_address(request)
            if self.paginated:
                self._page_by_address(request)

    def group_of(self, record: Any) -> str:
        return ""

    def row_class(self, record: Any) -> str:
        return ""

    @property
    def caption_id(self) -> str:
        return f"{self.prefix}{slugify(self.caption) or 'tabelle'}"

    @cached_property
    def body(self) -> list[Row]:
        """The rows of this page, ready to draw; evaluates the data once."""
        return list(self._rows())

    @cached_property
    def heads(self) -> list[Head]:
        ordered = {alias.lstrip("-"): alias for alias in self.order_by or ()}
        heads = []
        for column in self.columns:
            alias = ordered.get(column.name)
            aria_sort = "" if alias is None else "descending" if alias.startswith("-") else "ascending"
            following = column.order_by_alias.next
            heads.append(
                Head(
                    title=column.header,
                    css_class=column_class(column),
                    aria_sort=aria_sort,
                    sort_url=self.url(**{self.prefixed_order_by_field: following, self.prefixed_page_field: None})
                    if column.orderable and self.request is not None
                    else "",
                )
            )
        return heads

    @cached_property
    def totals(self) -> list[Cell]:
        """The cells of the last line; empty where no column has a footer."""
        columns = list(self.columns)
        if not self.show_footer or not any(column.has_footer() for column in columns):
            return []
        return [Cell(column.footer, column_class(column), place == 0) for place, column in enumerate(columns)]

    @property
    def pages(self) -> list[PageLink]:
        """Links to first, last and neighbouring pages; a gap has no number."""
        page: Page[Any] = self.page
        numbers = page.paginator.get_elided_page_range(page.number, on_each_side=PAGES_ON_EACH_SIDE, on_ends=1)
        return [
            PageLink(number, self.url(**{self.prefixed_page_field: number}), number == page.number)
            if isinstance(number, int)
            else PageLink(None, "", False)
            for number in numbers
        ]

    @property
    def previous_url(self) -> str:
        return self.url(**{self.prefixed_page_field: self.page.previous_page_number()})

    @property
    def next_url(self) -> str:
        return self.url(**{self.prefixed_page_field: self.page.next_page_number()})

    @property
    def sheet(self) -> exports.Sheet:
        """What the table shows, all its pages, for Excel and CSV."""
        _, *rows = self.as_values()
        columns = [_export_column(column) for column in self.columns]
        return exports.Sheet(self.caption, columns, [[_plain(value) for value in row] for row in rows])

    def download(self, *, name: str, notes: exports.Notes) -> HttpResponse | None:
        """The file that `?format=xlsx` or `?format=csv` asks for, with this filter and order; else None."""
        match self.request.GET.get("format") if self.request is not None else None:
            case "xlsx":
                return exports.xlsx_response(self.sheet, notes, name)
            case "csv":
                return exports.csv_response(self.sheet, name)
        return None

    @property
    def downloads(self) -> list[tuple[str, str]]:
        """Names and addresses of the downloads of this page, see components/downloads.html."""
        return [(word, self.url(format=kind)) for word, kind in (("Excel", "xlsx"), ("CSV", "csv"))]

    def url(self, **changes: object) -> str:
        """This page's address with some parameters changed (None takes one away); filters stay as they are."""
        query = self.request.GET.copy() if self.request is not None else None
        if query is None:
            return ""
        for name, value in changes.items():
            query.pop(name, None)
            if value is not None:
                query[name] = str(value)
        return f"?{query.urlencode()}"

    def _rows(self) -> Iterator[Row]:
        drawers = [cell_drawer(self, column, heads_row=place == 0) for place, column in enumerate(self.columns)]
        previous = ""
        for record in self._records():
            group = self.group_of(record)
            yield Row("" if group == previous else group, self.row_class(record), [draw(record) for draw in drawers])
            previous = group

    def _records(self) -> Any:
        if hasattr(self, "page"):
            return self.page.object_list
        return self.data.data

    def _order_by_address(self, request: HttpRequest) -> None:
        order = request.GET.getlist(self.prefixed_order_by_field)
        if order:
            self.order_by = order
        if isinstance(self.data, TableQuerysetData) and issubclass(self.data.data._iterable_class, ModelIterable):
            # Rows that are equal in the sorted column would otherwise jump between the pages.
            queryset = self.data.data
            order = queryset.query.order_by or queryset.model._meta.ordering
            self.data.data = queryset.order_by(*order, "pk")

    def _page_by_address(self, request: HttpRequest) -> None:
        asked = request.GET.get(self.prefixed_per_page_field, "")
        size = next((size for size in PAGE_SIZES if str(size) == asked), self._meta.per_page)
        self.paginator = Paginator(self.data.data, size)
        self.page = self.paginator.get_page(request.GET.get(self.prefixed_page_field))


def cell_drawer(table: Table, column: Any, *, heads_row: bool) -> Callable[[Any], Cell]:
    """A function from record to cell; what is the same for all rows of the column is looked up here, once."""
    accessor, default, css_class = column.accessor, column.default, column_class(column)
    empty_values, link = column.column.empty_values, column.link
    render, wanted = column.render, arguments_of(column.render)
    extra_class = getattr(table, f"cell_class_{column.name}", None)
    simple_name = str(accessor) if "." not in accessor and "__" not in accessor else None
    display_name = f"get_{simple_name}_display"

    def value_of(record: Any) -> Any:
        if simple_name is None:
            return accessor.resolve(record, safe=True, quiet=True)
        if isinstance(record, Mapping):
            return record.get(simple_name)
        value = getattr(record, display_name, None) if column.column.displays_choice else None
        if value is None:
            value = getattr(record, simple_name, None)
        return value() if callable(value) and not isinstance(value, Promise) else value

    def draw(record: Any) -> Cell:
        value = value_of(record)
        known = {"value": value, "record": record, "column": column.column, "bound_column": column, "table": table}
        classes = css_class
        if extra_class is not None and (added := extra_class(value=value, record=record)):
            classes = f"{classes} {added}".strip()
        if value in empty_values:
            return Cell(default, classes, heads_row)
        content = render(**{name: known[name] for name in wanted})
        return Cell(link(content, **known) if link else content, classes, heads_row)

    return draw


def _export_column(column: Any) -> exports.Column:
    kind: exports.Kind = getattr(column.column, "export_kind", "text")
    places = getattr(column.column, "places", None)
    return exports.Column(str(column.header), "integer" if kind == "number" and not places else kind, places=places)


def _plain(value: Any) -> exports.Value:
    """Numbers and dates as they are, anything else as its text."""
    if value is None or isinstance(value, int | float | Decimal | dt.date):
        return value
    return str(value)


def arguments_of(render: Callable[..., Any]) -> tuple[str, ...]:
    """The names of what a render method asks for."""
    return tuple(inspect.signature(render).parameters)


def column_class(column: Any) -> str:
    attrs = column.column.attrs
    return str((attrs.get("cell") or attrs.get("td") or {}).get("class", ""))


class Column(django_tables2.Column):  # type: ignore[misc]
    """A column of text; a field with choices shows its German words."""

    displays_choice = True


class NumberColumn(Column):
    """Right-aligned figures; exports get the number itself."""

    displays_choice = False
    export_kind: exports.Kind = "number"

    def __init__(self, *args: Any, places: int = 0, **kwargs: Any) -> None:
        kwargs.setdefault("attrs", {"cell": {"class": "app-num"}})
        super().__init__(*args, **kwargs)
        self.places = places

    def render(self, value: Any) -> str:
        return format_number(value, self.places)

    def value(self, value: Any) -> Any:
        return value


class EuroColumn(NumberColumn):
    """1.480.000,00 €"""

    export_kind = "euro"

    def __init__(self, *args: Any, places: int = 2, **kwargs: Any) -> None:
        super().__init__(*args, places=places, **kwargs)

    def render(self, value: Any) -> str:
        return format_euro(value, self.places)


class EuroChangeColumn(EuroColumn):
    """+12.000,00 € or −12.000,00 €, in the colours of gain and loss"""

    def render(self, value: Any) -> str:
        kind = "app-minus" if value < 0 else "app-plus"
        return format_html('<span class="{}">{}</span>', kind, format_euro_change(value, self.places))


class FactorColumn(NumberColumn):
    """1,29"""

    export_kind = "factor"

    def __init__(self, *args: Any, places: int = 2, **kwargs: Any) -> None:
        super().__init__(*args, places=places, **kwargs)

    def render(self, value: Any) -> str:
        return format_factor(value)


class PercentColumn(NumberColumn):
    """12,8 %; the value is a number of percent"""

    export_kind = "percent"

    def __init__(self, *args: Any, places: int = 1, **kwargs: Any) -> None:
        super().__init__(*args, places=places, **kwargs)

    def render(self, value: Any) -> str:
        return format_percent(value, self.places)


class DateColumn(Column):
    """19.06.2024; a point in time is shown as its day in the county"""

    displays_choice = False
    export_kind: exports.Kind = "date"

    def render(self, value: dt.date) -> str:
        return format_date(self.value(value))

    def value(self, value: dt.date) -> dt.date:
        return timezone.localdate(value) if isinstance(value, dt.datetime) else value


class BadgeColumn(Column):
    """A workflow state as badge: the record's choice text in the colour of the state."""

    displays_choice = False

    def render(self, value: Any, record: Any, bound_column: Any) -> str:
        return badge(STATUS_KINDS.get(str(value), "neutral"), self._text(value, record, bound_column))

    def value(self, value: Any, record: Any, bound_column: Any) -> str:
        return self._text(value, record, bound_column)

    @staticmethod
    def _text(value: Any, record: Any, bound_column: Any) -> str:
        display = getattr(record, f"get_{bound_column.name}_display", None)
        return str(display() if display is not None else value)


class LinkColumn(Column):
    """Text that leads to the record's page: `get_absolute_url()`, or `url=lambda record: …`."""

    def __init__(self, *args: Any, url: Callable[[Any], str] | None = None, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.url_of = url or (lambda record: record.get_absolute_url())

    def render(self, value: Any, record: Any) -> str:
        return format_html(
            '<a class="kern-link kern-link--no-visited-state" href="{}">{}</a>', self.url_of(record), value
        )

    def value(self, value: Any) -> Any:
        return value
