"""y = top + (highest - amount) * pixels per euro, the same in every little picture; x = one step per year."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from itertools import batched
from typing import ClassVar

from jugendhilfe.lib.charts.chart import (
    SIZE,
    SMALL,
    WIDTH,
    Chart,
    Line,
    Shape,
    Table,
    Text,
    legend,
    listing,
    px,
    round_ticks,
    whole_euro,
)
from jugendhilfe.lib.charts.palette import BLUE, EDGE, GREY, INK, MUTED, RED, Colour
from jugendhilfe.lib.charts.slope import Change, change_of
from jugendhilfe.lib.charts.text import shorten, text_width
from jugendhilfe.lib.formats import format_euro, format_euro_change

COLUMNS = 3
GUTTER = 26.0
NAME, PLOT, YEARS, GAP = 20.0, 84.0, 18.0, 22.0
STROKES: dict[Change, tuple[Colour, str]] = {"gain": (BLUE, ""), "loss": (RED, "7 4"), "same": (GREY, "")}


@dataclass(frozen=True, slots=True)
class Track:
    """One row's amounts as a line with a point per year; who ends below the amount before is dashed."""

    points: tuple[tuple[float, float], ...]
    change: Change

    @property
    def svg(self) -> str:
        colour, dashes = STROKES[self.change]
        path = " ".join(f"{x},{y}" for x, y in self.points)
        dashed = f' stroke-dasharray="{dashes}"' if dashes else ""
        line = f'<polyline points="{path}" fill="none" stroke="{colour.fill}" stroke-width="2.5"{dashed}/>'
        return line + "".join(f'<circle cx="{x}" cy="{y}" r="3" fill="{colour.fill}"/>' for x, y in self.points)


@dataclass(frozen=True, kw_only=True, slots=True)
class SmallMultiples(Chart):
    """Amounts over the years, a little picture per row, all on one scale."""

    kind: ClassVar[str] = "small_multiples"
    tracks: tuple[Track, ...] = ()


def small_multiples(
    *,
    id: str,
    title: str,
    years: Sequence[str],
    rows: Sequence[tuple[str, Decimal | None, Sequence[Decimal]]],
    before: str = "Bisher",
    row_head: str = "Sozialraum",
) -> SmallMultiples:
    """Amounts per row (name, amount before or None, one amount per year); a thin line keeps the amount before."""
    if any(len(amounts) != len(years) for _, _, amounts in rows):
        raise ValueError("every row needs one amount per year")
    known = [amount for _, old, amounts in rows for amount in (old, *amounts) if amount is not None] or [Decimal(0)]
    ticks = round_ticks(min(known), max(known), 4, Decimal(1))
    low, high = ticks[0], ticks[-1]
    # Pictures in a row share the labels of the scale at its left.
    labels = max(text_width(whole_euro(tick), SMALL) for tick in (low, high)) + 8
    columns = min(COLUMNS, max(1, len(rows)))
    width = (WIDTH - labels - GUTTER * (columns - 1)) / columns

    lines, texts, tracks, top = [], [], [], 0.0
    for group in batched(rows, columns):
        plot = top + NAME + 8

        def along(amount: Decimal, plot: float = plot) -> float:
            return px(plot + PLOT * float((high - amount) / (high - low)))

        texts += [
            Text(px(labels - 6), px(along(edge) + 4), whole_euro(edge), SMALL, "end", MUTED) for edge in (low, high)
        ]
        for place, (name, old, amounts) in enumerate(group):
            left = labels + place * (width + GUTTER)
            right = left + width
            lines += [Line(px(left), along(edge), px(right), along(edge)) for edge in (low, high)]
            if old is not None:
                lines.append(Line(px(left), along(old), px(right), along(old), EDGE, 1.5, "2 3"))
            xs = _steps(left + 8, right - 8, len(years))
            last = amounts[-1] if amounts else Decimal(0)
            start = old if old is not None else next(iter(amounts), last)
            change = change_of(start, last)
            moved = format_euro_change(last - start, 0) if amounts else ""
            shown = shorten(name, SIZE, width - text_width(moved, SMALL) - 6)
            texts.append(Text(px(left), px(top + 14), shown, SIZE, "start", INK, True))
            texts.append(Text(px(right), px(top + 14), moved, SMALL, "end", STROKES[change][0].fill))
            tracks.append(Track(tuple(zip(xs, map(along, amounts), strict=True)), change))
            foot = px(plot + PLOT + 16)
            if len(years) > 1:
                texts.append(Text(px(left), foot, years[0], SMALL, "start", MUTED))
            texts += [Text(px(right), foot, year, SMALL, "end", MUTED) for year in years[-1:]]
        top = plot + PLOT + YEARS + GAP
    meant: list[tuple[Shape, Colour, str]] = [
        ("line", BLUE, "am Ende mehr"),
        ("dashes", RED, "am Ende weniger"),
        ("line", GREY, "am Ende gleich viel"),
    ]
    marks, meanings, below = legend(meant, left=0, top=max(top - 6, 0), right=WIDTH)
    note = Text(
        0,
        px(below + 16),
        f"Gepunktet: {before.lower()}. Rechts oben: die Veränderung am Ende. Ein Maßstab für alle.",
        SMALL,
        "start",
        MUTED,
    )
    cells = tuple(
        (name, format_euro(old) if old is not None else "–", *(format_euro(amount) for amount in amounts))
        for name, old, amounts in rows
    )
    spoken = [(name, *(whole_euro(amount) for amount in amounts)) for name, _, amounts in rows]
    return SmallMultiples(
        id=id,
        title=title,
        description=f"Je ein kleines Linienbild mit den Jahren {', '.join(years)}. " + listing(spoken),
        width=WIDTH,
        height=px(below + 24),
        table=Table((row_head, before, *years), cells),
        texts=(*texts, *meanings, note),
        lines=tuple(lines),
        marks=tuple(marks),
        tracks=tuple(tracks),
    )


def _steps(left: float, right: float, count: int) -> list[float]:
    """So many points from left to right; one alone stands in the middle."""
    if count == 1:
        return [px((left + right) / 2)]
    return [px(left + (right - left) * n / (count - 1)) for n in range(count)]
