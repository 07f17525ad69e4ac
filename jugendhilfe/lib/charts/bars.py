"""width of a bar = |value| * pixels per unit, from the zero line to the right if positive, to the left if negative."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar, Literal

from jugendhilfe.lib.charts.chart import (
    SIZE,
    SMALL,
    WIDTH,
    Anchor,
    Chart,
    Line,
    Table,
    Text,
    axis,
    decimal,
    legend,
    listing,
    name_column,
    name_texts,
    px,
    scale,
    whole_euro,
)
from jugendhilfe.lib.charts.palette import BLUE, INK, PAPER, RED, SERIES, Colour
from jugendhilfe.lib.charts.text import text_width
from jugendhilfe.lib.formats import Number, format_euro, format_euro_change, format_number

type Meaning = Literal["factor", "money"]


@dataclass(frozen=True, slots=True)
class Bar:
    x: float
    y: float
    width: float
    height: float
    colour: Colour

    @property
    def svg(self) -> str:
        place = f'x="{self.x}" y="{self.y}" width="{self.width}" height="{self.height}"'
        return f'<rect {place} fill="{self.colour.fill}" stroke="{PAPER}"/>'


@dataclass(frozen=True, kw_only=True, slots=True)
class StackedBars(Chart):
    """Amounts per row, one segment per series."""

    kind: ClassVar[str] = "stacked_bars"
    bars: tuple[Bar, ...] = ()


@dataclass(frozen=True, kw_only=True, slots=True)
class ContributionBars(Chart):
    """Signed parts of a whole, bars to both sides of zero."""

    kind: ClassVar[str] = "contribution_bars"
    bars: tuple[Bar, ...] = ()


def stacked_bars(
    *,
    id: str,
    title: str,
    series: Sequence[str],
    rows: Sequence[tuple[str, Sequence[Decimal]]],
    row_head: str = "Region",
    adds_up: bool = True,
) -> StackedBars:
    """Euro amounts per row (name, one amount per series), up to five series; printed in whole euros.

    `adds_up`: the rows are parts of one whole, so the table has their sum; two years are not.
    """
    if len(series) > len(SERIES):
        raise ValueError(f"at most {len(SERIES)} series, not {len(series)}")
    totals = [sum(amounts, Decimal(0)) for _, amounts in rows]
    stacks = [_stack(amounts) for _, amounts in rows]
    names_width, names = name_column([name for name, _ in rows])
    total_width = max((text_width(whole_euro(total), SIZE) for total in totals), default=0.0)
    marks, texts, top = legend(
        [("square", colour, name) for colour, name in zip(SERIES, series, strict=False)], left=0, top=0, right=WIDTH
    )
    top += 12
    row_height, bar_height = 44.0, 32.0
    bottom = top + row_height * len(rows)
    along = scale(
        [0, *(edge for stack in stacks for ends in stack for edge in ends)],
        names_width + 10,
        WIDTH - total_width - 8,
        whole_euro,
        least=Decimal(1),
    )
    lines, ticks = axis(along, top - 6, bottom, whole_euro)
    texts += ticks
    bars = []
    for n, (_, amounts) in enumerate(rows):
        y = px(top + n * row_height + (row_height - bar_height) / 2)
        middle = y + bar_height / 2
        texts += name_texts(names[n], names_width, middle, bold=True)
        for colour, amount, ends in zip(SERIES, amounts, stacks[n], strict=False):
            left, right = map(along, ends)
            bars.append(Bar(left, y, px(right - left), bar_height, colour))
            printed = whole_euro(amount)
            if len(series) > 1 and text_width(printed, SMALL) + 8 <= right - left:
                texts.append(Text(px((left + right) / 2), px(middle + 4.2), printed, SMALL, "middle", colour.text))
        beside = px(max(along(right) for _, right in [(0, Decimal(0)), *stacks[n]]) + 6)
        texts.append(Text(beside, px(middle + 4.5), whole_euro(totals[n]), SIZE, "start", INK, True))
    lines.append(Line(along(0), top - 6, along(0), bottom, INK))
    printed_totals = [(name, f"zusammen {whole_euro(total)}") for (name, _), total in zip(rows, totals, strict=True)]
    return StackedBars(
        id=id,
        title=title,
        description="Gestapelte Balken. " + listing(printed_totals),
        width=WIDTH,
        height=px(bottom + 26),
        table=_table(row_head, series, rows, adds_up=adds_up),
        texts=tuple(texts),
        lines=tuple(lines),
        marks=tuple(marks),
        bars=tuple(bars),
    )


def contribution_bars(
    *,
    id: str,
    title: str,
    rows: Sequence[tuple[str, Number]],
    meaning: Meaning = "factor",
    row_head: str = "Indikator",
    total: str = "",
) -> ContributionBars:
    """What each part (name, signed value) adds or takes away, in the given order; `total` names a row with the sum.

    "factor": points of the burden factor, more is red; "money": euros, more is blue.
    """
    write = _change_of_factor if meaning == "factor" else _change_in_euro
    least = Decimal("0.01") if meaning == "factor" else Decimal(1)
    more, less = (RED, BLUE) if meaning == "factor" else (BLUE, RED)
    whole = sum((decimal(value) for _, value in rows), Decimal(0))
    drawn = [*rows, (total, whole)] if total else list(rows)
    names_width, names = name_column([name for name, _ in drawn])
    value_width = max((text_width(write(value), SIZE) for _, value in drawn), default=0.0) + 8
    meanings = ("erhöht den Faktor", "senkt den Faktor") if meaning == "factor" else ("mehr Geld", "weniger Geld")
    marks, texts, top = legend([("up", more, meanings[0]), ("down", less, meanings[1])], left=0, top=0, right=WIDTH)
    top += 10
    row_height, bar_height = 36.0, 20.0
    bottom = top + row_height * len(drawn)
    along = scale(
        [0, *(value for _, value in drawn)], names_width + 10 + value_width, WIDTH - value_width, write, least=least
    )
    lines, ticks = axis(along, top - 4, bottom, write)
    texts += ticks
    bars = []
    for n, (_, value) in enumerate(drawn):
        is_total = bool(total) and n == len(rows)
        y = px(top + n * row_height + (row_height - bar_height) / 2)
        texts += name_texts(names[n], names_width, y + bar_height / 2, bold=is_total)
        begin, end = sorted((along(0), along(value)))
        bars.append(Bar(begin, y, px(end - begin), bar_height, more if value > 0 else less))
        anchor: Anchor = "start" if value >= 0 else "end"
        beside = end + 6 if value >= 0 else begin - 6
        texts.append(Text(px(beside), px(y + bar_height / 2 + 4.5), write(value), SIZE, anchor, INK, is_total))
        if is_total:
            lines.append(
                Line(0, px(y - (row_height - bar_height) / 2), WIDTH, px(y - (row_height - bar_height) / 2), INK)
            )
    lines.append(Line(along(0), top - 4, along(0), bottom, INK, 1.5))
    write_exactly = _exact_change_of_factor if meaning == "factor" else _exact_change_in_euro
    cells = tuple((name, write_exactly(value)) for name, value in rows)
    return ContributionBars(
        id=id,
        title=title,
        description="Balken nach rechts: " + meanings[0] + "; nach links: " + meanings[1] + ". " + listing(cells),
        width=WIDTH,
        height=px(bottom + 26),
        table=Table((row_head, "Beitrag"), cells, (total, write_exactly(whole)) if total else ()),
        texts=tuple(texts),
        lines=tuple(lines),
        marks=tuple(marks),
        bars=tuple(bars),
    )


def _stack(amounts: Sequence[Decimal]) -> list[tuple[Decimal, Decimal]]:
    """Left and right end of each segment: gains one after the other to the right of zero, losses to the left."""
    left = right = Decimal(0)
    ends = []
    for amount in amounts:
        if amount < 0:
            ends.append((left + amount, left))
            left += amount
        else:
            ends.append((right, right + amount))
            right += amount
    return ends


def _table(
    row_head: str, series: Sequence[str], rows: Sequence[tuple[str, Sequence[Decimal]]], *, adds_up: bool
) -> Table:
    """One series is its own sum and needs no column for it."""
    head = (row_head, *series, "Summe")[: None if len(series) > 1 else 2]
    columns = [sum(column, Decimal(0)) for column in zip(*(amounts for _, amounts in rows), strict=True)]
    lines = [*rows, ("Summe", columns)]
    cells = [
        (name, *map(format_euro, amounts), format_euro(sum(amounts, Decimal(0))))[: len(head)]
        for name, amounts in lines
    ]
    return Table(head, tuple(cells[:-1]), cells[-1] if rows and adds_up else ())


def _change_of_factor(value: Number) -> str:
    return format_number(value, 2, sign=True)


def _change_in_euro(value: Number) -> str:
    return format_euro_change(decimal(value), 0)


def _exact_change_of_factor(value: Number) -> str:
    return format_number(value, 4, sign=True)


def _exact_change_in_euro(value: Number) -> str:
    return format_euro_change(decimal(value))
