"""y = top + (highest - amount) * pixels per euro; labels are moved apart as little as possible (least squares)."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, Literal

from jugendhilfe.lib.charts.chart import SIZE, WIDTH, Chart, Line, Table, Text, legend, listing, px, whole_euro
from jugendhilfe.lib.charts.palette import BLUE, EDGE, GREY, INK, RED, Colour
from jugendhilfe.lib.charts.text import shorten, text_width
from jugendhilfe.lib.formats import format_euro, format_euro_change

type Change = Literal["gain", "loss", "same"]

COLOURS: dict[Change, Colour] = {"gain": BLUE, "loss": RED, "same": GREY}
GAP = 18.0
WIDEST_SIDE = 235.0


@dataclass(frozen=True, slots=True)
class Slope:
    """One row's line from before to after, with the end points' height."""

    x1: float
    y1: float
    x2: float
    y2: float
    change: Change

    @property
    def colour(self) -> Colour:
        return COLOURS[self.change]

    @property
    def dashes(self) -> str:
        return "7 4" if self.change == "loss" else ""

    @property
    def svg(self) -> str:
        fill, ends = self.colour.fill, ((self.x1, self.y1), (self.x2, self.y2))
        line = Line(self.x1, self.y1, self.x2, self.y2, fill, 2.5, self.dashes)
        return line.svg + "".join(f'<circle cx="{x}" cy="{y}" r="4" fill="{fill}"/>' for x, y in ends)


@dataclass(frozen=True, kw_only=True, slots=True)
class SlopeChart(Chart):
    """Amounts before and after, one line per row; who loses is dashed."""

    kind: ClassVar[str] = "slope_chart"
    slopes: tuple[Slope, ...] = ()


def slope_chart(
    *,
    id: str,
    title: str,
    before: str,
    after: str,
    rows: Sequence[tuple[str, Decimal, Decimal]],
    row_head: str = "Sozialraum",
) -> SlopeChart:
    """Amounts per row (name, before, after) under the two headings; printed in whole euros, in the table exactly."""
    lefts = [whole_euro(old) for _, old, _ in rows]
    rights = [f"{whole_euro(new)} ({format_euro_change(new - old, 0)})" for _, old, new in rows]
    names = [
        shorten(name, SIZE, WIDEST_SIDE - text_width(" " + amount, SIZE))
        for (name, _, _), amount in zip(rows, lefts, strict=True)
    ]
    left_texts = [f"{name} {amount}" for name, amount in zip(names, lefts, strict=True)]
    offset = 22.0
    x1 = px(max((text_width(text, SIZE) for text in left_texts), default=0.0) + offset)
    x2 = px(WIDTH - max((text_width(text, SIZE) for text in rights), default=0.0) - offset)
    top, height = 54.0, max(300.0, GAP * (len(rows) - 1) + 20)
    bottom = top + height
    amounts = [amount for _, old, new in rows for amount in (old, new)] or [Decimal(0)]
    highest, lowest = max(amounts), min(amounts)

    def along(amount: Decimal) -> float:
        share = float((highest - amount) / (highest - lowest)) if highest > lowest else 0.5
        return px(top + height * share)

    slopes = [Slope(x1, along(old), x2, along(new), change_of(old, new)) for _, old, new in rows]
    left_ys = spread([slope.y1 for slope in slopes], GAP, top, bottom)
    right_ys = spread([slope.y2 for slope in slopes], GAP, top, bottom)
    lines = [Line(x, top - 12, x, bottom + 12) for x in (x1, x2)]
    texts = [
        Text(x1, top - 22, shorten(before, SIZE, x1), SIZE, "end", INK, True),
        Text(x2, top - 22, shorten(after, SIZE, WIDTH - x2), SIZE, "start", INK, True),
    ]
    for n, slope in enumerate(slopes):
        lines.append(Line(px(x1 - offset + 4), left_ys[n], x1, slope.y1, EDGE))
        lines.append(Line(x2, slope.y2, px(x2 + offset - 4), right_ys[n], EDGE))
        texts.append(Text(px(x1 - offset), px(left_ys[n] + 4.5), left_texts[n], SIZE, "end"))
        texts.append(Text(px(x2 + offset), px(right_ys[n] + 4.5), rights[n], SIZE, "start", slope.colour.fill))
    marks, meanings, below = legend(
        [("line", BLUE, "bekommt mehr"), ("dashes", RED, "bekommt weniger"), ("line", GREY, "unverändert")],
        left=0,
        top=bottom + 22,
        right=WIDTH,
    )
    cells = tuple((name, format_euro(old), format_euro(new), format_euro_change(new - old)) for name, old, new in rows)
    return SlopeChart(
        id=id,
        title=title,
        description=f"Linien von links ({before}) nach rechts ({after}). " + listing(cells),
        width=WIDTH,
        height=px(below),
        table=Table((row_head, before, after, "Veränderung"), cells),
        texts=(*texts, *meanings),
        lines=tuple(lines),
        marks=tuple(marks),
        slopes=tuple(slopes),
    )


def change_of(old: Decimal, new: Decimal) -> Change:
    return "gain" if new > old else "loss" if new < old else "same"


def spread(heights: Sequence[float], gap: float, low: float, high: float) -> list[float]:
    """Heights at least `gap` apart between low and high, in the same order, with the least sum of squared moves.

    Taking n * gap off the n-th height turns "at least a gap apart" into "never falling": neighbours that fall are
    pooled to their mean until none does.
    """
    order = sorted(range(len(heights)), key=lambda n: heights[n])
    pools: list[list[float]] = []
    for rank, n in enumerate(order):
        pools.append([heights[n] - rank * gap])
        while len(pools) > 1 and _mean(pools[-2]) > _mean(pools[-1]):
            pools[-2:] = [pools[-2] + pools[-1]]
    level = [_mean(pool) for pool in pools for _ in pool]
    ceiling = high - gap * (len(heights) - 1)
    moved = [0.0] * len(heights)
    for rank, n in enumerate(order):
        moved[n] = px(max(min(level[rank], ceiling), low) + rank * gap)
    return moved


def _mean(values: Sequence[float]) -> float:
    return sum(values) / len(values)
