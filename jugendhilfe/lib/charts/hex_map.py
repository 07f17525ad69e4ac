"""centre of a tile = (column * sqrt(3) * radius, row * 1.5 * radius): hexagons that stand on a corner and touch."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from math import cos, radians, sin, sqrt
from typing import ClassVar

from jugendhilfe.lib.charts.chart import Chart, Shape, Table, Text, legend, listing, px
from jugendhilfe.lib.charts.classes import FACTOR_CLASS_NAMES, factor_class
from jugendhilfe.lib.charts.palette import HEAT, INK, MUTED, PAPER, SERIES, Colour
from jugendhilfe.lib.charts.text import wrap
from jugendhilfe.lib.formats import Number, format_factor

RADIUS = 58.0
NAME_SIZE = 11.5
EMPTY = Colour(PAPER, MUTED)


@dataclass(frozen=True, slots=True)
class Place:
    """A social space on the map: column and row in tiles, odd rows half a column aside.

    Coloured by its factor or, on a map of groups, by the group its note names; without either an empty tile.
    """

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
        return self.colour == EMPTY


@dataclass(frozen=True, kw_only=True, slots=True)
class HexMap(Chart):
    """Tiles in rough position, coloured by burden factor or by group."""

    kind: ClassVar[str] = "hex_map"
    tiles: tuple[Tile, ...] = ()

    @property
    def has_links(self) -> bool:
        return any(tile.href for tile in self.tiles)


def hex_map(*, id: str, title: str, places: Sequence[Place], row_head: str = "Sozialraum") -> HexMap:
    """One tile per place, coloured by factor. Links are for the web page: the PDF engine draws no shapes inside."""
    entries: list[tuple[Shape, Colour, str]] = [
        ("square", colour, name) for colour, name in zip(HEAT, FACTOR_CLASS_NAMES, strict=True)
    ]
    cells = tuple(
        (f"{place.name} ({place.note})" if place.note else place.name, format_factor(place.factor))
        for place in places
        if place.factor is not None
    )
    return _map(id, title, places, _factor_tile, entries, Table((row_head, "Belastungsfaktor"), cells))


def group_map(
    *, id: str, title: str, places: Sequence[Place], row_head: str = "Sozialraum", group_head: str = "Region"
) -> HexMap:
    """One tile per place, coloured by the group its note names; every tile names its group in words as well."""
    groups = dict.fromkeys(place.note for place in places if place.note)
    colours = {group: SERIES[number % len(SERIES)] for number, group in enumerate(groups)}
    entries: list[tuple[Shape, Colour, str]] = [("square", colour, group) for group, colour in colours.items()]
    cells = tuple((place.name, place.note) for place in places if place.note)

    def tile(place: Place, x: float, y: float) -> Tile:
        return _group_tile(place, x, y, colours[place.note]) if place.note else _empty_tile(place, x, y)

    return _map(id, title, places, tile, entries, Table((row_head, group_head), cells))


def _map(
    id: str,
    title: str,
    places: Sequence[Place],
    tile: Callable[[Place, float, float], Tile],
    entries: Sequence[tuple[Shape, Colour, str]],
    table: Table,
) -> HexMap:
    columns, rows = [float(place.column) for place in places], [float(place.row) for place in places]
    left, top = min(columns, default=0), min(rows, default=0)
    step = sqrt(3) * RADIUS
    width = max((max(columns, default=0) - left + 1) * step + 4, 340)
    marks, texts, below = legend(
        entries, left=2, top=(max(rows, default=0) - top) * 1.5 * RADIUS + 2 * RADIUS + 18, right=width, stroke=INK
    )
    return HexMap(
        id=id,
        title=title,
        description="Schematische Lage, keine Gebietsgrenzen. " + listing(table.rows),
        width=px(width),
        height=px(below),
        table=table,
        texts=tuple(texts),
        marks=tuple(marks),
        tiles=tuple(
            tile(place, (column - left + 0.5) * step + 2, (row - top) * 1.5 * RADIUS + RADIUS + 2)
            for place, column, row in zip(places, columns, rows, strict=True)
        ),
    )


def _factor_tile(place: Place, x: float, y: float) -> Tile:
    if place.factor is None:
        return _empty_tile(place, x, y)
    names, step = _names(place)
    number = factor_class(place.factor)
    colour, printed = HEAT[number - 1], format_factor(place.factor)
    texts = _lines(names, x, y - 11 - step * (len(names) - 1), step, colour.text)
    texts.append(Text(px(x), px(y + 9), printed, 17, "middle", colour.text, True))
    if place.note:
        texts.append(Text(px(x), px(y + 26), place.note, NAME_SIZE, "middle", colour.text))
    return Tile(_corners(x, y), colour, number, place.href, tuple(texts))


def _group_tile(place: Place, x: float, y: float, colour: Colour) -> Tile:
    names, step = _names(place)
    notes = wrap(place.note, NAME_SIZE, sqrt(3) * RADIUS - 10)
    first = y + 4 - step * (len(names) + len(notes) - 1) / 2
    texts = [replace(text, bold=True) for text in _lines(names, x, first, step, colour.text)]
    texts += _lines(notes, x, first + step * len(names) + 2, step, colour.text)
    return Tile(_corners(x, y), colour, None, place.href, tuple(texts))


def _empty_tile(place: Place, x: float, y: float) -> Tile:
    names, step = _names(place)
    first = y + 4 - step * (len(names) - 1) / 2
    return Tile(_corners(x, y), EMPTY, None, place.href, tuple(_lines(names, x, first, step, EMPTY.text)))


def _corners(x: float, y: float) -> str:
    reach = RADIUS * 0.985
    return " ".join(
        f"{px(x + reach * cos(radians(angle)))},{px(y + reach * sin(radians(angle)))}" for angle in range(30, 390, 60)
    )


def _names(place: Place) -> tuple[list[str], float]:
    return wrap(place.name, NAME_SIZE, sqrt(3) * RADIUS - 10), NAME_SIZE * 1.15


def _lines(names: Sequence[str], x: float, first: float, step: float, fill: str) -> list[Text]:
    return [Text(px(x), px(first + n * step), name, NAME_SIZE, "middle", fill) for n, name in enumerate(names)]
