"""Tables of a closed round: the result by indicator, means by side, and single points where the group shows them."""

from collections.abc import Mapping, Sequence
from fractions import Fraction
from typing import Any

from committees.points import format_points
from committees.rounds import Line, RoundReading
from jugendhilfe.lib import tables

SPREAD = ("low", "lower", "middle", "upper", "high")


class PointsColumn(tables.NumberColumn):
    """Points with at most two decimals; files get the number."""

    def render(self, value: Any) -> str:
        return format_points(value)

    def value(self, value: Any) -> Any:
        return round(float(value), 4) if isinstance(value, Fraction) else value


class ResultTable(tables.Table):
    """The weights of the group and how far the points lie apart."""

    caption = "Gewichte der Gruppe"
    paginated = False
    name = tables.Column(verbose_name="Indikator")
    present = PointsColumn(verbose_name="bisher", places=2, default="neu")
    low = PointsColumn(verbose_name="kleinster Wert", places=2)
    lower = PointsColumn(verbose_name="unteres Viertel", places=2)
    middle = PointsColumn(verbose_name="Median der Punkte", places=2)
    upper = PointsColumn(verbose_name="oberes Viertel", places=2)
    high = PointsColumn(verbose_name="größter Wert", places=2)
    own = PointsColumn(verbose_name="Ihre Punkte", places=2)

    class Meta:
        empty_text = "Noch kein Ergebnis."

    def __init__(self, reading: RoundReading, **kwargs: Any) -> None:
        rows = [_result(line) for line in reading.lines]
        hidden = [name for name in ("other", "own", *SPREAD) if all(row[name] is None for row in rows)]
        rule, other = reading.round.get_averaging_display(), reading.other_averaging.label
        named = [
            ("weight", PointsColumn(verbose_name=f"Gewicht ({rule})", places=4)),
            ("other", PointsColumn(verbose_name=f"zum Vergleich: {other}", places=4)),
        ]
        order = ("name", "weight", "present", "other", "...")
        super().__init__(rows, extra_columns=named, exclude=hidden, sequence=order, **kwargs)


def _result(line: Line) -> dict[str, Any]:
    spread = {name: getattr(line.spread, name, None) for name in SPREAD}
    return {
        "name": line.indicator.indicator.name,
        "weight": line.weight,
        "present": line.present,
        "other": line.other_weight,
        "own": line.own,
        **spread,
    }


class _ByIndicator(tables.Table):
    """One row per somebody, one column per indicator."""

    paginated = False

    class Meta:
        orderable = False

    def __init__(self, rows: Sequence[Mapping[str, Any]], reading: RoundReading, **kwargs: Any) -> None:
        columns = [
            (one.indicator.code, PointsColumn(verbose_name=one.indicator.short_name, accessor=f"p_{n}", places=2))
            for n, one in enumerate(reading.indicators)
        ]
        places = {one.indicator.code: f"p_{n}" for n, one in enumerate(reading.indicators)}
        data = [{**row, **{place: row["points"].get(code, 0) for code, place in places.items()}} for row in rows]
        super().__init__(data, extra_columns=columns, **kwargs)


class SidesTable(_ByIndicator):
    caption = "Mittelwert der Punkte nach Seiten"
    name = tables.Column(verbose_name="Seite")
    sheets = tables.NumberColumn(verbose_name="Punktzettel")

    def __init__(self, reading: RoundReading, **kwargs: Any) -> None:
        super().__init__([line._asdict() for line in reading.sides], reading, **kwargs)


class PointsTable(_ByIndicator):
    caption = "Punkte der einzelnen Mitglieder"
    name = tables.Column(verbose_name="Mitglied")
    side = tables.Column(verbose_name="Seite")

    def __init__(self, reading: RoundReading, **kwargs: Any) -> None:
        super().__init__([line._asdict() for line in reading.single_points], reading, **kwargs)
