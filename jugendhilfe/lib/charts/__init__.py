"""Charts: values in, geometry and table out; every shape writes its own SVG, templates/components/charts/ the frame."""

from jugendhilfe.lib.charts.bars import ContributionBars, StackedBars, contribution_bars, stacked_bars
from jugendhilfe.lib.charts.chart import Chart, Table
from jugendhilfe.lib.charts.classes import FACTOR_BOUNDS, FACTOR_CLASS_NAMES, factor_class, quantile_classes
from jugendhilfe.lib.charts.counts import CountBars, count_bars
from jugendhilfe.lib.charts.hex_map import HexMap, Place, group_map, hex_map
from jugendhilfe.lib.charts.lollipop import FactorRow, Lollipop, lollipop
from jugendhilfe.lib.charts.slope import SlopeChart, slope_chart
from jugendhilfe.lib.charts.small_multiples import SmallMultiples, small_multiples
from jugendhilfe.lib.charts.spread import SpreadChart, SpreadRow, spread_chart

__all__ = [
    "FACTOR_BOUNDS",
    "FACTOR_CLASS_NAMES",
    "Chart",
    "ContributionBars",
    "CountBars",
    "FactorRow",
    "HexMap",
    "Lollipop",
    "Place",
    "SlopeChart",
    "SmallMultiples",
    "SpreadChart",
    "SpreadRow",
    "StackedBars",
    "Table",
    "contribution_bars",
    "count_bars",
    "factor_class",
    "group_map",
    "hex_map",
    "lollipop",
    "quantile_classes",
    "slope_chart",
    "small_multiples",
    "spread_chart",
    "stacked_bars",
]
