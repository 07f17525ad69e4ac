"""x of a stick = from the average 1.00 to the factor; a band (low, high) lies behind it."""

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
    Shape,
    Table,
    Text,
    as_printed,
    axis,
    decimal,
    legend,
    listing,
    name_column,
    name_texts,
    px,
    scale,
)
from jugendhilfe.lib.charts.palette import BLUE, GREY, INK, RED, Colour
from jugendhilfe.lib.charts.text import text_width
from jugendhilfe.lib.formats import Number, format_factor, format_number

AVERAGE = Decimal(1)
COLOURS: dict[Shape, Colour] = {"up": RED, "level": GREY, "down": BLUE}
WITH_BAND = {"up": "Spanne liegt über 1,00", "level": "Spanne schließt 1,00 ein", "down": "Spanne liegt unter 1,00"}
WITHOUT_BAND = {"up": "über 1,00", "level": "gleich 1,00", "down": "unter 1,00"}


@dataclass(frozen=True, slots=True)
class FactorRow:
    """A burden factor and, where it was computed, its band."""

    name: str
    factor: Number
    low: Number | None = None
    high: Number | None = None

    @property
    def shape(self) -> Shape:
        """Above, below or not distinguishable from the average; without a band the printed value decides."""
        if self.low is None or self.high is None:
            low = high = as_printed(self.factor)
        else:
            low, high = decimal(self.low), decimal(self.high)
        return "up" if low > AVERAGE else "down" if high < AVERAGE else "level"

    @property
    def band(self) -> str:
        if self.low is None or self.high is None:
            return ""
        return f"{format_factor(self.low)} – {format_factor(self.high)}"


@dataclass(frozen=True, slots=True)
class Band:
    x: float
    y: float
    width: float
    fill: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Lollipop(Chart):
    """Burden factors, the highest first, each as a stick from the average."""

    kind: ClassVar[str] = "lollipop"
    bands: tuple[Band, ...] = ()
    sticks: tuple[Line, ...] = ()


def lollipop(
    *,
    id: str,
    title: str,
    rows: Sequence[FactorRow],
    average: str = "Durchschnitt 1,00",
    row_head: str = "Sozialraum",
) -> Lollipop:
    """Burden factors around the average; a marker points up, down or is a dot, so that colour is not needed."""
    rows = sorted(rows, key=lambda row: (-decimal(row.factor), row.name))
    names_width, names = name_column([row.name for row in rows])
    value_width = max((text_width(format_factor(row.factor), SIZE) for row in rows), default=0.0)
    top, row_height = 34.0, 28.0 if all(len(lines) == 1 for lines in names) else 36.0
    bottom = top + row_height * len(rows)
    reach = [value for row in rows for value in (row.factor, row.low, row.high) if value is not None]
    # A lone factor of 1.00 still needs a scale around it.
    reach += [Decimal("0.9"), Decimal("1.1")]
    along = scale(reach, names_width + 20, WIDTH - value_width - 24, _tick, least=Decimal("0.1"))
    lines, texts = axis(along, top - 4, bottom, _tick)
    lines.append(Line(along(AVERAGE), top - 10, along(AVERAGE), bottom, INK, 1.5, "5 4"))
    half = text_width(average, SIZE) / 2
    texts.append(Text(px(min(max(along(AVERAGE), half), WIDTH - half)), 16, average, SIZE, "middle", INK, True))
    bands, sticks, marks = [], [], []
    for n, row in enumerate(rows):
        y, colour = px(top + (n + 0.5) * row_height), COLOURS[row.shape]
        if row.low is not None and row.high is not None:
            bands.append(Band(along(row.low), px(y - 4), px(along(row.high) - along(row.low)), colour.pale))
        sticks.append(Line(along(AVERAGE), y, along(row.factor), y, colour.fill, 2))
        marks.append(Mark(along(row.factor), y, row.shape, colour))
        texts += name_texts(names[n], names_width, y)
        texts.append(Text(WIDTH, px(y + 4.5), format_factor(row.factor), SIZE, "end", INK, True))
    has_bands = any(row.band for row in rows)
    meaning = WITH_BAND if has_bands else WITHOUT_BAND
    signs, meanings, height = legend(
        [(shape, COLOURS[shape], meaning[shape]) for shape in ("up", "level", "down")],
        left=0,
        top=bottom + 30,
        right=WIDTH,
    )
    cells = [(row.name, format_factor(row.factor), *([row.band or "keine"] if has_bands else [])) for row in rows]
    return Lollipop(
        id=id,
        title=title,
        description="Sortiert von hoher zu niedriger Belastung. " + listing(cells),
        width=WIDTH,
        height=px(height),
        table=Table((row_head, "Belastungsfaktor", *(["Spanne"] if has_bands else [])), tuple(cells)),
        texts=(*texts, *meanings),
        lines=tuple(lines),
        marks=(*marks, *signs),
        bands=tuple(bands),
        sticks=tuple(sticks),
    )


def _tick(value: Decimal) -> str:
    return format_number(value, 1)
