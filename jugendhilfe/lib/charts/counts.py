"""height of a bar = how often a step was chosen * pixels per choice, one bar per step of a scale."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar

from jugendhilfe.lib.charts.bars import Bar
from jugendhilfe.lib.charts.chart import SIZE, SMALL, WIDTH, Chart, Line, Table, Text, listing, px
from jugendhilfe.lib.charts.palette import BLUE, INK, MUTED

TALLEST = 80.0


@dataclass(frozen=True, kw_only=True, slots=True)
class CountBars(Chart):
    """How often every step of a scale was chosen."""

    kind: ClassVar[str] = "count_bars"
    bars: tuple[Bar, ...] = ()


def count_bars(
    *, id: str, title: str, counts: Sequence[int], ends: tuple[str, str], heads: tuple[str, str], most: int = 0
) -> CountBars:
    """Bars for the steps 0, 1, 2 …; `ends` says what the first and last step mean, `heads` names the table's columns.

    `most` draws several pictures to one measure: the highest count in any of them.
    """
    step = WIDTH / len(counts)
    unit = TALLEST / max(most, *counts, 1)
    top = 22.0
    bottom = top + TALLEST
    bars, texts = [], []
    for place, count in enumerate(counts):
        middle = px(step * (place + 0.5))
        height = px(unit * count)
        if count:
            bars.append(Bar(px(middle - step * 0.35), px(bottom - height), px(step * 0.7), height, BLUE))
            texts.append(Text(middle, px(bottom - height - 6), str(count), SIZE, "middle", INK, True))
        texts.append(Text(middle, bottom + 17, str(place), SIZE, "middle", INK))
    texts += [
        Text(0, bottom + 38, f"0: {ends[0]}", SMALL, "start", MUTED),
        Text(WIDTH, bottom + 38, f"{len(counts) - 1}: {ends[1]}", SMALL, "end", MUTED),
    ]
    cells = tuple((str(place), str(count)) for place, count in enumerate(counts))
    return CountBars(
        id=id,
        title=title,
        description=f"Säulen von 0 ({ends[0]}) bis {len(counts) - 1} ({ends[1]}). {listing(cells)}",
        width=WIDTH,
        height=bottom + 46,
        table=Table(heads, cells, ("Summe", str(sum(counts)))),
        texts=tuple(texts),
        lines=(Line(0, bottom, WIDTH, bottom, INK),),
        bars=tuple(bars),
    )
