"""What all charts share: texts, lines, a legend, the table beside the picture."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import ROUND_HALF_UP, Decimal
from html import escape
from typing import ClassVar, Literal

from jugendhilfe.lib.charts.palette import GRID, INK, MUTED, Colour
from jugendhilfe.lib.charts.text import LINE_HEIGHT, text_width, wrap
from jugendhilfe.lib.formats import Number, format_euro

type Anchor = Literal["start", "middle", "end"]
type Shape = Literal["square", "up", "down", "level", "line", "dashes"]

WIDTH = 640.0
"""Width of a picture in pixels: the text width of an A4 page, so that letters keep their size in the PDF."""
SIZE = 13.0
SMALL = 12.0
WIDEST_NAME = 190.0
# Triangles and lines are paths: Fira Sans has no letters for them.
PATHS: dict[Shape, str] = {
    "square": "M-8 -8h16v16h-16z",
    "up": "M0 -8l8 14h-16z",
    "down": "M0 8l8 -14h-16z",
    "line": "M-8 0h16",
    "dashes": "M-8 0h6m4 0h6",
}
OPEN = ("line", "dashes")


def decimal(value: Number) -> Decimal:
    """The value as Decimal, a float as it prints."""
    return value if isinstance(value, Decimal) else Decimal(str(value))


def as_printed(factor: Number) -> Decimal:
    """The factor with the two decimals a reader sees, rounded as in print."""
    return decimal(factor).quantize(Decimal("0.01"), ROUND_HALF_UP)


def whole_euro(value: Decimal) -> str:
    return format_euro(value, 0)


@dataclass(frozen=True, slots=True)
class Text:
    """One line of text; y is its baseline."""

    x: float
    y: float
    text: str
    size: float = SIZE
    anchor: Anchor = "start"
    fill: str = INK
    bold: bool = False

    @property
    def box(self) -> tuple[float, float, float, float]:
        """Left, top, right, bottom of the space the text takes."""
        width = text_width(self.text, self.size)
        left = self.x - {"start": 0.0, "middle": width / 2, "end": width}[self.anchor]
        return left, self.y - 0.8 * self.size, left + width, self.y + 0.2 * self.size

    @property
    def svg(self) -> str:
        bold = ' font-weight="600"' if self.bold else ""
        place = f'x="{self.x}" y="{self.y}" font-size="{self.size}" text-anchor="{self.anchor}"'
        return f'<text {place} fill="{self.fill}"{bold}>{escape(self.text)}</text>'


@dataclass(frozen=True, slots=True)
class Line:
    x1: float
    y1: float
    x2: float
    y2: float
    stroke: str = GRID
    width: float = 1
    dashes: str = ""

    @property
    def svg(self) -> str:
        dashes = f' stroke-dasharray="{self.dashes}"' if self.dashes else ""
        ends = f'x1="{self.x1}" y1="{self.y1}" x2="{self.x2}" y2="{self.y2}"'
        return f'<line {ends} stroke="{self.stroke}" stroke-width="{self.width}"{dashes}/>'


@dataclass(frozen=True, slots=True)
class Mark:
    """A legend sign or a point: centre, shape, colour."""

    x: float
    y: float
    shape: Shape
    colour: Colour
    stroke: str = ""

    @property
    def svg(self) -> str:
        fill, stroke = self.colour.fill, f' stroke="{self.stroke}"' if self.stroke else ""
        if self.shape == "level":
            return f'<circle cx="{self.x}" cy="{self.y}" r="6.5" fill="{fill}"{stroke}/>'
        painted = f'fill="none" stroke="{fill}" stroke-width="3"' if self.shape in OPEN else f'fill="{fill}"{stroke}'
        return f'<path d="{PATHS[self.shape]}" transform="translate({self.x} {self.y})" {painted}/>'


@dataclass(frozen=True, slots=True)
class Table:
    """The values of a chart in words and figures, ready to print; the first column names the row."""

    head: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    foot: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class Chart:
    """A picture with all coordinates in pixels; `kind` names its drawing in templates/components/charts/."""

    kind: ClassVar[str]

    id: str
    title: str
    description: str
    width: float
    height: float
    table: Table
    texts: tuple[Text, ...] = ()
    lines: tuple[Line, ...] = ()
    marks: tuple[Mark, ...] = ()


@dataclass(frozen=True, slots=True)
class Scale:
    """A straight map of values to pixels with ticks at round values."""

    ticks: tuple[Decimal, ...]
    start: float
    end: float

    def __call__(self, value: Number) -> float:
        low, high = self.ticks[0], self.ticks[-1]
        return px(self.start + (self.end - self.start) * float((decimal(value) - low) / (high - low)))


def px(value: float) -> float:
    """A coordinate to the hundredth of a pixel."""
    return round(value, 2)


def round_ticks(low: Decimal, high: Decimal, most: int, least: Decimal) -> tuple[Decimal, ...]:
    """At most so many (three or more) values that enclose low and high, in steps of 1, 2 or 5 times a power of ten.

    `least`, a power of ten, is the smallest step: what the tick labels can still tell apart.
    """
    if low == high:
        high = low + least
    power = max(least, Decimal(10) ** ((high - low) / most).adjusted())
    while True:
        for step in (power, 2 * power, 5 * power):
            first = (low / step).to_integral_value("ROUND_FLOOR")
            last = (high / step).to_integral_value("ROUND_CEILING")
            if last - first < most:
                return tuple(step * n for n in range(int(first), int(last) + 1))
        power *= 10


def scale(
    values: Sequence[Number], start: float, end: float, label: Callable[[Decimal], str], *, least: Decimal
) -> Scale:
    """A scale over the values with as many ticks as have room for their labels."""
    low, high = decimal(min(values)), decimal(max(values))
    for most in range(9, 3, -1):
        ticks = round_ticks(low, high, most, least)
        widest = max(text_width(label(tick), SMALL) for tick in ticks)
        if widest + 10 <= (end - start) / (len(ticks) - 1):
            break
    else:
        ticks = round_ticks(low, high, 3, least)
    return Scale(ticks, start, end)


def axis(scale: Scale, top: float, bottom: float, label: Callable[[Decimal], str]) -> tuple[list[Line], list[Text]]:
    """Vertical grid lines at the ticks and their labels below."""
    lines = [Line(scale(tick), top, scale(tick), bottom) for tick in scale.ticks]
    texts = [Text(scale(tick), bottom + 17, label(tick), SMALL, "middle", MUTED) for tick in scale.ticks]
    return lines, texts


def name_column(
    names: Sequence[str], *, widest: float = WIDEST_NAME, size: float = SIZE
) -> tuple[float, list[list[str]]]:
    """Width of a column of names and each name in one or two lines that fit into it."""
    wrapped = [wrap(name, size, widest) for name in names]
    return max((text_width(line, size) for lines in wrapped for line in lines), default=0.0), wrapped


def name_texts(lines: Sequence[str], x: float, middle: float, *, size: float = SIZE, bold: bool = False) -> list[Text]:
    """A name right-aligned at x, its lines centred on the height `middle`."""
    step = size * LINE_HEIGHT
    first = middle + 0.35 * size - step * (len(lines) - 1) / 2
    return [Text(px(x), px(first + n * step), line, size, "end", INK, bold) for n, line in enumerate(lines)]


def legend(
    entries: Sequence[tuple[Shape, Colour, str]], *, left: float, top: float, right: float, stroke: str = ""
) -> tuple[list[Mark], list[Text], float]:
    """Signs with their meaning in as many lines as they need, and the height below them."""
    marks, texts, x, y = [], [], left, top
    for shape, colour, meaning in entries:
        width = 24 + text_width(meaning, SIZE)
        if x > left and x + width > right:
            x, y = left, y + 24
        marks.append(Mark(px(x + 8), px(y + 10), shape, colour, stroke))
        texts.append(Text(px(x + 22), px(y + 14.5), meaning))
        x += width + 14
    return marks, texts, y + 24


def listing(rows: Sequence[Sequence[str]]) -> str:
    """The rows of a table in words for the description; of a long table only where to find them."""
    if len(rows) > 12:
        return f"{len(rows)} Zeilen; alle Werte stehen in der Tabelle zum Diagramm."
    return "; ".join(f"{name}: {', '.join(values)}" for name, *values in rows) + "."
