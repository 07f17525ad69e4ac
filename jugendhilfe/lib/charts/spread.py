"""x of a line = from the lowest to the highest value; a band lies on the middle half, a point on the group's value."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

from jugendhilfe.lib.charts.chart import (
    SIZE,
    WIDTH,
    Chart,
    Line,
    Mark,
    Table,
    Text,
    axis,
    legend,
    listing,
    name_column,
    name_texts,
    px,
    scale,
)
from jugendhilfe.lib.charts.palette import BLUE, INK, MUTED, Colour
from jugendhilfe.lib.charts.text import text_width
from jugendhilfe.lib.formats import format_number

BAND = Colour(BLUE.pale, INK)
RANGE = Colour(MUTED, INK)


@dataclass(frozen=True, slots=True)
class SpreadRow:
    """The value a group comes to, and of what its members gave the lowest, the quartiles and the highest."""

    name: str
    value: Decimal
    low: Decimal
    lower: Decimal
    middle: Decimal
    upper: Decimal
    high: Decimal

    @property
    def figures(self) -> tuple[str, ...]:
        figures = (self.value, self.low, self.lower, self.middle, self.upper, self.high)
        return tuple(format_number(figure, 2) for figure in figures)


@dataclass(frozen=True, kw_only=True, slots=True)
class SpreadChart(Chart):
    """One line per row, in the order given."""

    kind: ClassVar[str] = "spread_chart"


def spread_chart(
    *, id: str, title: str, rows: Sequence[SpreadRow], row_head: str, value: str, unit: str = "Punkte"
) -> SpreadChart:
    """How far the values of many lie apart; `value` names the point."""
    names_width, names = name_column([row.name for row in rows])
    shown = [format_number(row.value, 2) for row in rows]
    value_width = max((text_width(text, SIZE) for text in shown), default=0.0)
    top, row_height = 14.0, 36.0
    bottom = top + row_height * len(rows)
    reach = [Decimal(0), Decimal(10), *(row.high for row in rows), *(row.value for row in rows)]
    along = scale(reach, names_width + 20, WIDTH - value_width - 24, _tick, least=Decimal(1))
    lines, texts = axis(along, top - 4, bottom, _tick)
    marks = []
    for n, row in enumerate(rows):
        y = px(top + (n + 0.5) * row_height)
        low, high = along(row.low), along(row.high)
        lines.append(Line(along(row.lower), y, along(row.upper), y, BAND.fill, 14))
        lines.append(Line(low, y, high, y, RANGE.fill, 2))
        lines += [Line(end, px(y - 6), end, px(y + 6), RANGE.fill, 2) for end in (low, high)]
        marks.append(Mark(along(row.value), y, "level", BLUE))
        texts += name_texts(names[n], names_width, y)
        texts.append(Text(WIDTH, px(y + 4.5), shown[n], SIZE, "end", INK, True))
    signs, meanings, height = legend(
        [
            ("level", BLUE, value),
            ("square", BAND, "mittlere Hälfte"),
            ("line", RANGE, "kleinster bis größter Wert"),
        ],
        left=0,
        top=bottom + 30,
        right=WIDTH,
    )
    cells = [(row.name, *row.figures) for row in rows]
    heads = (value, "kleinster Wert", "unteres Viertel", "Median", "oberes Viertel", "größter Wert")
    return SpreadChart(
        id=id,
        title=title,
        description=f"Je Zeile in {unit}: {', '.join(heads)}. {listing(cells)}",
        width=WIDTH,
        height=px(height),
        table=Table((row_head, *heads), tuple(cells)),
        texts=(*texts, *meanings),
        lines=tuple(lines),
        marks=(*marks, *signs),
    )


def _tick(value: Decimal) -> str:
    return format_number(value)
