"""centre of a tile = (column * sqrt(3) * radius, row * 1.5 * radius): hexagons that stand on a corner and touch."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, radians, sin, sqrt
from typing import ClassVar

from jugendhilfe.lib.charts.chart import Chart, Table, Text, legend, listing, px
from jugendhilfe.lib.charts.classes import FACTOR_CLASS_NAMES, factor_class
from jugendhilfe.lib.charts.palette import HEAT, INK, MUTED, PAPER, Colour
from jugendhilfe.lib.charts.text import wrap
from jugendhilfe.lib.formats import Number, format_factor

RADIUS = 58.0
NAME_SIZE = 11.5
EMPTY = Colour(PAPER, MUTED)


@dataclass(frozen=True, slots=True)
class Place:
    """A social space on the map: column and row in tiles, odd rows half a column aside; no factor: an empty tile."""

    name: str
    column: Number
    row: Number
    factor: Number | None = None
    note: str = ""
    href: str = ""


@dataclass(frozen=True, slots=True)
class Tile:
    """A hexagon with its texts, which also name its link; `points` as SVG reads them."""

    points: str
    colour: Colour
    heat_class: int | None
    href: str
    texts: tuple[Text, ...]

    @property
    def is_empty(self) -> bool:
        return self.heat_class is None


@dataclass(frozen=True, kw_only=True, slots=True)
class HexMap(Chart):
    """Tiles in rough position, coloured by burden factor."""

    kind: ClassVar[str] = "hex_map"
    tiles: tuple[Tile, ...] = ()

    @property
    def has_links(self) -> bool:
        return any(tile.href for tile in self.tiles)


def hex_map(*, id: str, title: str, places: Sequence[Place], row_head: str = "Sozialraum") -> HexMap:
    """One tile per place. Links are for the web page only: the PDF engine draws no shapes inside a link."""
    columns, rows = [float(place.column) for place in places], [float(place.row) for place in places]
    left, top = min(columns, default=0), min(rows, default=0)
    step = sqrt(3) * RADIUS
    tiles = [
        _tile(place, (column - left + 0.5) * step + 2, (row - top) * 1.5 * RADIUS + RADIUS + 2)
        for place, column, row in zip(places, columns, rows, strict=True)
    ]
    width = max((max(columns, default=0) - left + 1) * step + 4, 340)
    marks, texts, below = legend(
        [("square", colour, name) for colour, name in zip(HEAT, FACTOR_CLASS_NAMES, strict=True)],
        left=2,
        top=(max(rows, default=0) - top) * 1.5 * RADIUS + 2 * RADIUS + 18,
        right=width,
        stroke=INK,
    )
    cells = tuple(
        (f"{place.name} ({place.note})" if place.note else place.name, format_factor(place.factor))
        for place in places
        if place.factor is not None
    )
    return HexMap(
        id=id,
        title=title,
        description="Schematische Lage, keine Gebietsgrenzen. " + listing(cells),
        width=px(width),
        height=px(below),
        table=Table((row_head, "Belastungsfaktor"), cells),
        texts=tuple(texts),
        marks=tuple(marks),
        tiles=tuple(tiles),
    )


def _tile(place: Place, x: float, y: float) -> Tile:
    corners = [
        (px(x + RADIUS * 0.985 * cos(radians(angle))), px(y + RADIUS * 0.985 * sin(radians(angle))))
        for angle in range(30, 390, 60)
    ]
    points = " ".join(f"{corner_x},{corner_y}" for corner_x, corner_y in corners)
    names = wrap(place.name, NAME_SIZE, sqrt(3) * RADIUS - 10)
    step = NAME_SIZE * 1.15
    if place.factor is None:
        first = y + 4 - step * (len(names) - 1) / 2
        texts = _lines(names, x, first, step, EMPTY.text)
        return Tile(points, EMPTY, None, place.href, tuple(texts))
    number = factor_class(place.factor)
    colour, printed = HEAT[number - 1], format_factor(place.factor)
    texts = _lines(names, x, y - 11 - step * (len(names) - 1), step, colour.text)
    texts.append(Text(px(x), px(y + 9), printed, 17, "middle", colour.text, True))
    if place.note:
        texts.append(Text(px(x), px(y + 26), place.note, NAME_SIZE, "middle", colour.text))
    return Tile(points, colour, number, place.href, tuple(texts))


def _lines(names: Sequence[str], x: float, first: float, step: float, fill: str) -> list[Text]:
    return [Text(px(x), px(first + n * step), name, NAME_SIZE, "middle", fill) for n, name in enumerate(names)]
