import re
from decimal import Decimal
from itertools import combinations, pairwise
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
from django.template.loader import render_to_string
from django.utils import translation
from fontTools.ttLib import TTFont  # type: ignore[import-untyped]
from hypothesis import given
from hypothesis import strategies as st

from jugendhilfe.lib import charts
from jugendhilfe.lib.charts import Chart, FactorRow, Place, SpreadRow
from jugendhilfe.lib.charts.chart import Text
from jugendhilfe.lib.charts.palette import BLUE, GREY, HEAT, INK, MUTED, PAPER, RED, SERIES, Colour
from jugendhilfe.lib.charts.slope import spread
from jugendhilfe.lib.charts.text import text_width, wrap

ROOT = Path(__file__).resolve().parents[2]
SVG = "{http://www.w3.org/2000/svg}"

SPACES = {
    "Amt Neuhaus": ("1.35040354", "128000.00", "131723.96"),
    "Bleckede": ("1.28248163", "262000.00", "227952.18"),
    "Dahlenburg": ("1.34385619", "148000.00", "152941.07"),
    "Ostheide": ("0.91565731", "176000.00", "178701.17"),
    "Scharnebeck": ("0.98119573", "352000.00", "283909.38"),
    "Bardowick": ("0.84152501", "268000.00", "283643.60"),
    "Adendorf": ("0.98123330", "212000.00", "197112.37"),
    "Gellersen": ("0.88576680", "196000.00", "232991.35"),
    "Ilmenau": ("0.94179316", "164000.00", "188170.72"),
    "Amelinghausen": ("0.98227615", "124000.00", "152854.20"),
}
LONG_NAME = "Verbandsgemeinde Höhr-Grenzhausen/Montabaur mit Samtgemeinde Amelinghausen"
HOSTILE_NAME = 'Süd & "Groß" <script>'


def stacked(rows: list[tuple[str, list[str]]], chart_id: str = "budget") -> charts.StackedBars:
    return charts.stacked_bars(
        id=chart_id,
        title="Budget je Region",
        series=["Gebundenes Budget", "Regionales Budget 1", "Regionales Budget 2"],
        rows=[(name, [Decimal(amount) for amount in amounts]) for name, amounts in rows],
    )


def burden_lollipop() -> charts.Lollipop:
    rows = [FactorRow(name, Decimal(factor)) for name, (factor, _, _) in SPACES.items()]
    return charts.lollipop(id="burden", title="Belastungsfaktor", rows=rows)


def slopes(rows: list[tuple[str, str, str]]) -> charts.SlopeChart:
    amounts = [(name, Decimal(old), Decimal(new)) for name, old, new in rows]
    return charts.slope_chart(id="slope", title="Zuweisung", before="Bisher", after="Modell M2", rows=amounts)


def demo_slopes() -> charts.SlopeChart:
    return slopes([(name, old, new) for name, (_, old, new) in SPACES.items()])


def contributions(rows: list[tuple[str, str]]) -> charts.ContributionBars:
    values = [(name, Decimal(value)) for name, value in rows]
    return charts.contribution_bars(id="parts", title="Beiträge", rows=values, total="Summe")


def spreads(rows: list[tuple[str, list[int]]]) -> charts.SpreadChart:
    """Per row the value of the group, the lowest, the quartiles and the highest."""
    found = [SpreadRow(name, *map(Decimal, figures)) for name, figures in rows]
    return charts.spread_chart(id="spread", title="Spanne", rows=found, row_head="Indikator", value="Mittelwert")


def tiles(href: str = "") -> charts.HexMap:
    places = [
        Place("Bardowick", Decimal(1), Decimal(0), Decimal("0.84152501"), "Region 2", href),
        Place("Amt Neuhaus", Decimal(5), Decimal(0), Decimal("1.35040354"), "Region 1", href),
        Place("Hansestadt Lüneburg", Decimal("1.5"), Decimal(1)),
    ]
    return charts.hex_map(id="map", title="Kachelkarte", places=places)


def tracks(rows: list[tuple[str, str | None, list[str]]], years: int = 5) -> charts.SmallMultiples:
    return charts.small_multiples(
        id="tracks",
        title="Übergang",
        years=[str(2026 + n) for n in range(years)],
        rows=[
            (name, Decimal(old) if old else None, [Decimal(amount) for amount in amounts])
            for name, old, amounts in rows
        ],
    )


def demo_tracks() -> charts.SmallMultiples:
    return tracks([(name, old, [old, old, new, new, new]) for name, (_, old, new) in SPACES.items()])


def counted(name: str, counts: list[int], *, most: int = 0) -> charts.CountBars:
    return charts.count_bars(
        id="counts", title=name, counts=counts, ends=("trage mit", name), heads=("Widerstand", "Mitglieder"), most=most
    )


def every_chart(name: str = "Amt Neuhaus") -> list[Chart]:
    row = FactorRow(name, Decimal("1.35"), Decimal("1.26"), Decimal("1.44"))
    return [
        stacked(
            [(name, ["483922.86", "207395.52", "241961.43"]), ("Region 2", ["535265.74", "229399.61", "267632.87"])]
        ),
        charts.lollipop(id="burden", title=name, rows=[row, FactorRow("Ilmenau", Decimal("0.94"))]),
        slopes([(name, "128000", "131723.96"), ("Bleckede", "262000", "227952.18"), ("Ilmenau", "5", "5")]),
        charts.hex_map(
            id="map", title=name, places=[Place(name, 1, 0, Decimal("1.35"), "Region 1"), Place(name, 2, 0)]
        ),
        charts.group_map(id="groups", title=name, places=[Place(name, 1, 0, note="Region 1"), Place(name, 2, 0)]),
        spreads([(name, [44, 30, 40, 40, 50, 60]), ("GISD", [10, 0, 0, 0, 10, 40])]),
        contributions([(name, "0.254"), ("Beschäftigte", "-0.0039"), ("Rundung", "0")]),
        tracks([(name, "128000", ["128000"] * 4 + ["131723.96"]), ("Ilmenau", None, ["5", "4", "3", "2", "1"])]),
        counted(name, [3, 0, 1, 0, 0, 2, 0, 0, 0, 0, 1]),
    ]


def odd_charts() -> list[Chart]:
    """No row, one row, zero, negative, equal and fifty rows."""
    many = [(f"Sozialraum {n}", str(1000 * n), str(50000 - 300 * n)) for n in range(50)]
    return [
        stacked([]),
        stacked([("Region 1", ["0", "0", "0"])]),
        stacked([("Region 1", ["0.01", "0", "0"])]),
        stacked([(LONG_NAME, ["-5000000", "99999999.99", "-9999999"]), ("Minus", ["-1", "-2", "-3"])]),
        stacked([(name, [old, new, "10"]) for name, old, new in many]),
        charts.lollipop(id="none", title="Keine", rows=[]),
        charts.lollipop(id="one", title="Einer", rows=[FactorRow(LONG_NAME, Decimal(1))]),
        charts.lollipop(
            id="far", title="Weit", rows=[FactorRow("A", Decimal("0.03")), FactorRow("B", Decimal("3.27"))]
        ),
        charts.lollipop(id="many", title="Viele", rows=[FactorRow(f"Raum {n}", 1 + n / 100) for n in range(50)]),
        spreads([]),
        spreads([(LONG_NAME, [0, 0, 0, 0, 0, 0]), ("Alles", [100, 100, 100, 100, 100, 100])]),
        spreads([(f"Indikator {n}", [n, 0, n, n, n, 100]) for n in range(50)]),
        slopes([]),
        slopes([(LONG_NAME, "0", "0")]),
        slopes([(LONG_NAME, "99999999.99", "-5")]),
        slopes([("Gleich", "100000", "100000")] * 7),
        slopes(many),
        charts.hex_map(id="no-map", title="Leer", places=[]),
        charts.hex_map(id="long-map", title="Lang", places=[Place(LONG_NAME, -1, -2, Decimal("1.1"), "Region 1")]),
        counted("Keine", [0] * 11),
        counted("Alle", [0] * 10 + [99], most=120),
        tracks([]),
        tracks([(LONG_NAME, None, ["0"])], years=1),
        tracks([(LONG_NAME, "99999999.99", ["0.01", "99999999.99"])], years=2),
        tracks([(name, old, [new] * 11) for name, old, new in many], years=11),
        contributions([]),
        contributions([(LONG_NAME, "0"), ("Gleich", "0")]),
        contributions([(f"Indikator {n}", str(Decimal(n - 25) / 100)) for n in range(50)]),
        charts.contribution_bars(
            id="euro",
            title="Euro",
            rows=[(LONG_NAME, Decimal("-99999999.99")), ("B", Decimal("0.01"))],
            meaning="money",
        ),
    ]


def all_texts(chart: Chart) -> list[Text]:
    inside = [text for tile in chart.tiles for text in tile.texts] if isinstance(chart, charts.HexMap) else []
    return [*chart.texts, *inside]


def overlap(one: Text, other: Text) -> bool:
    left, top, right, bottom = one.box
    other_left, other_top, other_right, other_bottom = other.box
    # A pixel of touching is rounding, not an overlap.
    across = min(right, other_right) - max(left, other_left)
    return across > 1 and min(bottom, other_bottom) - max(top, other_top) > 1


def render(chart: Chart, **context: object) -> str:
    return render_to_string("components/figure.html", {"chart": chart, "caption": "Stand 15.11.2026", **context})


def svg_of(chart: Chart) -> ET.Element:
    html = render(chart)
    return ET.fromstring(html[html.index("<svg") : html.index("</svg>") + 6])


def luminance(colour: str) -> float:
    """Relative luminance of WCAG 2.2."""
    parts = [int(colour[n : n + 2], 16) / 255 for n in (1, 3, 5)]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    dark, light = sorted((luminance(one), luminance(other)))
    return (light + 0.05) / (dark + 0.05)


# Stacked bars


def test_a_spread_names_the_value_of_the_group_before_its_quartiles() -> None:
    table = spreads([("GISD", [10, 0, 0, 0, 10, 40])]).table
    assert table.head[1:3] == ("Mittelwert", "kleinster Wert")
    assert table.rows == (("GISD", "10,00", "0,00", "0,00", "0,00", "10,00", "40,00"),)


def test_the_segments_of_a_bar_add_up_to_its_length() -> None:
    chart = stacked([("Region 1", ["483922.86", "207395.52", "241961.43"]), ("Region 2", ["535265.74", "0", "1"])])
    first, second = chart.bars[:3], chart.bars[3:]
    pixels_per_euro = sum(bar.width for bar in first) / 933279.81
    assert sum(bar.width for bar in second) == pytest.approx(535266.74 * pixels_per_euro, abs=0.05)
    for left, right in [*pairwise(first), *pairwise(second)]:
        assert left.x + left.width == pytest.approx(right.x, abs=0.011)


def test_a_negative_amount_goes_to_the_left_of_zero_and_counts_in_the_total() -> None:
    chart = stacked([("Region 1", ["300", "-100", "50"]), ("Region 2", ["-100", "-100", "300"])])
    gain, loss, second_gain, near, far, _ = chart.bars
    assert loss.x + loss.width == pytest.approx(gain.x)
    assert far.x + far.width == pytest.approx(near.x)
    assert second_gain.x == pytest.approx(gain.x + gain.width)
    assert loss.width == pytest.approx(gain.width / 3, abs=0.02)
    assert chart.table.rows[0][-1] == "250,00\u00a0€"


def test_the_table_beside_the_bars_adds_up_to_the_cent() -> None:
    table = stacked(
        [("Region 1", ["483922.86", "207395.52", "241961.43"]), ("Region 2", ["0.01", "0.02", "0.03"])]
    ).table
    assert table.rows[0][-1] == "933.279,81\u00a0€"
    assert table.foot == ("Summe", "483.922,87\u00a0€", "207.395,54\u00a0€", "241.961,46\u00a0€", "933.279,87\u00a0€")


def test_rows_that_are_no_parts_of_a_whole_have_no_sum() -> None:
    years = [("bisher", [Decimal(100), Decimal(50)]), ("2026", [Decimal(110), Decimal(45)])]
    table = charts.stacked_bars(id="years", title="Region 1", series=["A", "B"], rows=years, adds_up=False).table
    assert table.head == ("Region", "A", "B", "Summe")
    assert [row[-1] for row in table.rows] == ["150,00\u00a0€", "155,00\u00a0€"]
    assert table.foot == ()


def test_a_single_series_is_said_once() -> None:
    rows = [("Region 1", [Decimal(691318)]), ("Region 2", [Decimal(764665)])]
    chart = charts.stacked_bars(id="one", title="Budget", series=["Budget"], rows=rows)
    assert chart.table.head == ("Region", "Budget")
    assert chart.table.foot == ("Summe", "1.455.983,00\u00a0€")
    assert [text.text for text in chart.texts].count("691.318\u00a0€") == 1


def test_more_series_than_colours_are_refused() -> None:
    with pytest.raises(ValueError, match="at most 5 series"):
        charts.stacked_bars(id="six", title="Sechs", series=list("ABCDEF"), rows=[])


# Lollipop


def test_the_lollipop_begins_with_the_highest_burden() -> None:
    chart = burden_lollipop()
    assert [row[0] for row in chart.table.rows[:3]] == ["Amt Neuhaus", "Dahlenburg", "Bleckede"]
    points = chart.marks[:10]
    assert [point.x for point in points] == sorted((point.x for point in points), reverse=True)
    assert [point.y for point in points] == sorted(point.y for point in points)


def test_the_reference_line_stands_at_one() -> None:
    chart = charts.lollipop(id="x", title="X", rows=[FactorRow("A", Decimal("1.00")), FactorRow("B", Decimal("1.35"))])
    (reference,) = [line for line in chart.lines if line.dashes]
    assert chart.marks[1].x == reference.x1
    assert "Durchschnitt 1,00" in [text.text for text in chart.texts]


@pytest.mark.parametrize(
    ("factor", "low", "high", "shape"),
    [
        ("1.35", "1.26", "1.44", "up"),
        ("0.98", "0.93", "1.03", "level"),
        ("0.94", "0.90", "0.99", "down"),
        ("1.35", None, None, "up"),
        ("1.004", None, None, "level"),
        ("1.005", None, None, "up"),
        ("0.994", None, None, "down"),
    ],
)
def test_a_marker_says_whether_the_band_leaves_the_average(
    factor: str, low: str | None, high: str | None, shape: str
) -> None:
    row = FactorRow("A", Decimal(factor), Decimal(low) if low else None, Decimal(high) if high else None)
    assert row.shape == shape


def test_the_legend_speaks_of_bands_only_where_there_are_some() -> None:
    assert "Spanne" not in " ".join(text.text for text in burden_lollipop().texts)
    with_band = charts.lollipop(id="x", title="X", rows=[FactorRow("A", 1, Decimal("0.9"), Decimal("1.1"))])
    assert "Spanne schließt 1,00 ein" in [text.text for text in with_band.texts]
    assert with_band.table.rows == (("A", "1,00", "0,90 – 1,10"),)


# Slope chart


def test_who_loses_is_dashed_and_red_who_gains_solid_and_blue() -> None:
    by_name = dict(zip(SPACES, demo_slopes().slopes, strict=True))
    losers = {name for name, slope in by_name.items() if slope.dashes}
    assert losers == {"Bleckede", "Scharnebeck", "Adendorf"}
    assert {by_name[name].colour for name in losers} == {RED}
    assert {slope.colour for name, slope in by_name.items() if name not in losers} == {BLUE}
    assert slopes([("Gleich", "7", "7")]).slopes[0].colour == GREY


def test_a_larger_amount_stands_higher() -> None:
    heights = {name: slope.y1 for name, slope in zip(SPACES, demo_slopes().slopes, strict=True)}
    assert min(heights, key=heights.__getitem__) == "Scharnebeck"
    assert max(heights, key=heights.__getitem__) == "Amelinghausen"


@given(st.lists(st.floats(0, 1000), max_size=40))
def test_spread_labels_keep_their_distance_their_order_and_their_frame(heights: list[float]) -> None:
    low, high = 0.0, max(1000.0, 18.0 * len(heights))
    moved = spread(heights, 18, low, high)
    assert all(low <= y <= high + 0.01 for y in moved)
    assert all(below - above >= 18 - 0.02 for above, below in pairwise(sorted(moved)))
    assert all(moved[i] < moved[j] for i, j in combinations(range(len(heights)), 2) if heights[i] < heights[j])


def test_labels_with_room_are_not_moved() -> None:
    assert spread([10, 50, 200], 18, 0, 300) == [10, 50, 200]
    assert spread([100, 100], 18, 0, 300) == [91, 109]


# Small multiples


def test_the_little_pictures_share_one_scale() -> None:
    chart = tracks([("A", "100", ["100", "300"]), ("B", "200", ["200", "300"])], years=2)
    (_, first), (_, second) = (track.points for track in chart.tracks)
    assert first[1] == second[1]
    starts = [track.points[0][1] - first[1] for track in chart.tracks]
    assert starts[0] == pytest.approx(2 * starts[1], abs=0.02)


def test_who_ends_with_less_than_before_is_dashed() -> None:
    by_name = dict(zip(SPACES, demo_tracks().tracks, strict=True))
    assert {name for name, track in by_name.items() if "dasharray" in track.svg} == {
        "Bleckede",
        "Scharnebeck",
        "Adendorf",
    }
    without_old = tracks([("A", None, ["5", "4"])], years=2).tracks[0]
    assert without_old.change == "loss"


def test_the_table_beside_the_little_pictures_has_every_year_to_the_cent() -> None:
    table = tracks([("A", "1", ["1.5", "2"]), ("B", None, ["3", "4"])], years=2).table
    assert table.head == ("Sozialraum", "Bisher", "2026", "2027")
    assert table.rows == (
        ("A", "1,00\u00a0€", "1,50\u00a0€", "2,00\u00a0€"),
        ("B", "–", "3,00\u00a0€", "4,00\u00a0€"),
    )


def test_a_row_without_an_amount_for_every_year_is_refused() -> None:
    with pytest.raises(ValueError, match="one amount per year"):
        tracks([("A", "1", ["1"])], years=2)


# Hex map and classes


@pytest.mark.parametrize(
    ("factor", "number"),
    [
        ("0.03", 1),
        ("0.8949", 1),
        ("0.895", 2),
        ("0.90", 2),
        ("0.9949", 2),
        ("0.995", 3),
        ("1.00", 3),
        ("1.0949", 3),
        ("1.10", 4),
        ("1.1949", 4),
        ("1.20", 5),
        ("3.27", 5),
    ],
)
def test_the_class_of_a_factor_follows_the_printed_value(factor: str, number: int) -> None:
    assert charts.factor_class(Decimal(factor)) == number
    assert charts.factor_class(float(factor)) == number


def test_a_tile_shows_name_factor_and_region_and_the_empty_one_only_its_name() -> None:
    bardowick, _, hansestadt = tiles().tiles
    assert [text.text for text in bardowick.texts] == ["Bardowick", "0,84", "Region 2"]
    assert bardowick.colour == HEAT[0]
    assert [text.text for text in hansestadt.texts] == ["Hansestadt", "Lüneburg"]
    assert hansestadt.is_empty
    assert [row[0] for row in tiles().table.rows] == ["Bardowick (Region 2)", "Amt Neuhaus (Region 1)"]


def test_a_map_of_groups_has_one_colour_per_group_and_names_it_on_every_tile() -> None:
    chart = charts.group_map(
        id="regions",
        title="Regionen",
        places=[
            Place("Bleckede", 4, 0, note="Region 1"),
            Place("Amt Neuhaus", 5, 0, note="Region 1"),
            Place("Bardowick", 1, 0, note="Region 2"),
            Place("Hansestadt Lüneburg", 1.5, 1),
        ],
    )
    first, second, other, outside = chart.tiles
    assert first.colour == second.colour != other.colour
    assert [text.text for text in first.texts] == ["Bleckede", "Region 1"]
    assert outside.is_empty
    assert not first.is_empty
    assert chart.table.rows[-1] == ("Bardowick", "Region 2")
    assert [text.text for text in chart.texts] == ["Region 1", "Region 2"]


def test_tiles_of_one_row_do_not_overlap() -> None:
    chart = charts.hex_map(id="map", title="Karte", places=[Place("A", 0, 0), Place("B", 1, 0)])
    left, right = ([float(point.split(",")[0]) for point in tile.points.split()] for tile in chart.tiles)
    assert max(left) < min(right)


def test_a_map_with_links_is_a_group_because_an_image_would_hide_them() -> None:
    assert svg_of(tiles()).get("role") == "img"
    linked = svg_of(tiles(href="/regionen/1/"))
    assert linked.get("role") == "group"
    links = linked.findall(f"{SVG}a")
    assert [" ".join("".join(link.itertext()).split()) for link in links] == [
        "Bardowick 0,84 Region 2",
        "Amt Neuhaus 1,35 Region 1",
    ]


def test_quantile_classes_hold_a_fifth_each() -> None:
    values = [Decimal(n) for n in range(10)]
    assert charts.quantile_classes(values) == [1, 1, 2, 2, 3, 3, 4, 4, 5, 5]
    assert charts.quantile_classes(values, more_is_burden=False) == [5, 5, 4, 4, 3, 3, 2, 2, 1, 1]


def test_equal_values_share_a_class_and_missing_ones_have_none() -> None:
    assert charts.quantile_classes([Decimal(7)] * 4) == [3, 3, 3, 3]
    assert charts.quantile_classes([Decimal(1), None, Decimal(9)]) == [2, None, 4]
    assert charts.quantile_classes([]) == []


# Contributions


def test_contributions_diverge_from_zero_and_end_with_their_sum() -> None:
    chart = contributions([("Arbeitslose", "0.254"), ("Einkommen", "-0.127")])
    up, down, total = chart.bars
    assert down.x + down.width == pytest.approx(up.x)
    assert up.width == pytest.approx(2 * down.width, abs=0.05)
    assert total.width == pytest.approx(down.width, abs=0.05)
    assert (up.colour, down.colour) == (RED, BLUE)
    assert chart.table.foot == ("Summe", "+0,1270")


def test_more_money_is_blue() -> None:
    rows = [("Arbeitslose", Decimal("20254.11")), ("Einkommen", Decimal(-30000))]
    chart = charts.contribution_bars(id="euro", title="Euro", rows=rows, meaning="money")
    assert [bar.colour for bar in chart.bars] == [BLUE, RED]
    assert chart.table.rows[1] == ("Einkommen", "−30.000,00\u00a0€")


# All of them


@pytest.mark.parametrize(
    "chart", [*every_chart(), *every_chart(LONG_NAME), *odd_charts(), demo_slopes(), demo_tracks(), burden_lollipop()]
)
def test_no_text_covers_another_or_leaves_the_picture(chart: Chart) -> None:
    texts = all_texts(chart)
    assert [(one.text, other.text) for one, other in combinations(texts, 2) if overlap(one, other)] == []
    for text in texts:
        left, top, right, bottom = text.box
        assert left >= -1, text
        assert top >= -1, text
        assert right <= chart.width + 1, text
        assert bottom <= chart.height + 1, text


@pytest.mark.parametrize("chart", [*every_chart(LONG_NAME), *odd_charts()])
def test_bars_begin_right_of_the_names_in_their_row(chart: Chart) -> None:
    bars = chart.bars if isinstance(chart, charts.StackedBars | charts.ContributionBars) else ()
    for bar in bars:
        assert bar.width >= 0
        in_row = [text for text in chart.texts if bar.y - 8 <= text.y <= bar.y + bar.height + 8]
        assert all(text.x <= bar.x for text in in_row if text.anchor == "end")


@pytest.mark.parametrize("chart", [*every_chart(HOSTILE_NAME), *odd_charts()])
def test_the_picture_is_well_formed_and_says_what_it_shows(chart: Chart) -> None:
    svg = svg_of(chart)
    title, description = svg.findall(f"{SVG}title") + svg.findall(f"{SVG}desc")
    assert (title.text, description.text) == (chart.title, chart.description)
    assert (svg.get("aria-labelledby"), svg.get("aria-describedby")) == (title.get("id"), description.get("id"))


@pytest.mark.parametrize("chart", every_chart(HOSTILE_NAME))
def test_a_picture_needs_no_exception_from_the_content_security_policy(chart: Chart) -> None:
    html = render(chart)
    assert not re.search(r"\sstyle=|<style|<script|\son\w+=|javascript:", html)
    assert "Süd &amp; &quot;Groß&quot; &lt;script&gt;" in html


@pytest.mark.parametrize("chart", every_chart())
def test_coordinates_have_points_where_german_text_has_commas(chart: Chart) -> None:
    with translation.override("de"):
        svg = svg_of(chart)
    numbers = ("x", "y", "x1", "y1", "x2", "y2", "cx", "cy", "width", "height", "font-size")
    for element in svg.iter():
        for name in numbers:
            float(element.get(name, "0"))
    assert re.fullmatch(r"0 0 [\d.]+ [\d.]+", svg.get("viewBox", ""))


def test_two_charts_on_a_page_share_no_id() -> None:
    html = render(stacked([("Region 1", ["1", "2", "3"])], "first")) + render(
        stacked([("A", ["1", "2", "3"])], "second")
    )
    ids = re.findall(r'\sid="([^"]+)"', html)
    assert len(ids) == len(set(ids)) == 4


def test_the_figure_scrolls_its_picture_and_folds_its_table_but_not_in_print() -> None:
    chart = burden_lollipop()
    screen, printed = render(chart), render(chart, print=True)
    assert '<div class="app-scroll" tabindex="0" role="region" aria-label="Diagramm: Belastungsfaktor">' in screen
    assert "<details" in screen
    assert "<details" not in printed
    assert "tabindex" not in printed
    for html in (screen, printed):
        assert html.count("<tr") == 11
        assert "<figcaption>Stand 15.11.2026</figcaption>" in html


# Colours and letters


@pytest.mark.parametrize("colour", [*HEAT, *SERIES], ids=lambda colour: colour.fill)
def test_text_on_every_fill_is_readable(colour: Colour) -> None:
    assert contrast(colour.text, colour.fill) >= 4.5


@pytest.mark.parametrize("ink", [INK, MUTED, BLUE.fill, RED.fill, GREY.fill])
def test_text_beside_the_shapes_is_readable_on_paper(ink: str) -> None:
    assert contrast(ink, PAPER) >= 4.5


@pytest.mark.parametrize("chart", [*every_chart(), tiles()])
def test_every_text_uses_a_tested_pair_of_colours(chart: Chart) -> None:
    on_paper = {INK, MUTED, BLUE.fill, RED.fill, GREY.fill}
    on_fills = {colour.text for colour in (*HEAT, *SERIES)}
    assert {text.fill for text in all_texts(chart)} <= on_paper | on_fills


@pytest.mark.parametrize("number", [1, 2, 3, 4, 5])
def test_heat_cells_repeat_the_palette_in_light_and_dark_mode(number: int) -> None:
    css = (ROOT / "jugendhilfe/static/css/charts.css").read_text()
    (rule,) = re.findall(rf"\.kern-table \.heat-{number} {{\s*background-color: (#\w+);\s*color: (#\w+);", css)
    assert rule == (HEAT[number - 1].fill, HEAT[number - 1].text)
    # One pair for both modes: nothing about dark mode may change only half of it.
    assert "prefers-color-scheme" not in css


def test_a_figure_keeps_its_light_surface_in_dark_mode() -> None:
    css = (ROOT / "jugendhilfe/static/css/charts.css").read_text()
    (surface,) = re.findall(r"\.app-figure \{[^}]*background: (#\w+);\s*color: (#\w+);", css)
    (caption,) = re.findall(r"figcaption \{[^}]*color: (#\w+);", css)
    assert contrast(*surface) >= 4.5
    assert contrast(surface[0], caption) >= 4.5
    assert '<figure class="app-figure kern-light">' in render(tiles())


@pytest.mark.parametrize("weight", ["Regular", "SemiBold"])
def test_estimated_widths_cover_the_real_letters(weight: str) -> None:
    font = TTFont(ROOT / f"node_modules/@kern-ux/native/dist/fonts/fira-sans/FiraSans-{weight}.woff2")
    letters, widths, em = font.getBestCmap(), font["hmtx"], font["head"].unitsPerEm
    for text in (*SPACES, LONG_NAME, "1.032.298 €", "−68.091 €", "+0,35", "Kreis ohne Hansestadt 1,00"):
        real = 13 * sum(widths[letters[ord(letter)]][0] for letter in text) / em
        assert real <= text_width(text, 13) <= 1.2 * real


def test_long_names_break_into_two_lines_at_spaces_hyphens_and_slashes() -> None:
    assert wrap("Amt Neuhaus", 13, 190) == ["Amt Neuhaus"]
    assert wrap("Samtgemeinde Amelinghausen", 13, 160) == ["Samtgemeinde", "Amelinghausen"]
    assert wrap("Samtgemeinde Neustadt-Wunstorf", 13, 160) == ["Samtgemeinde Neustadt-", "Wunstorf"]
    first, second = wrap(LONG_NAME, 13, 190)
    assert LONG_NAME.startswith(first)
    assert second.endswith("…")
    assert max(text_width(first, 13), text_width(second, 13)) <= 190
