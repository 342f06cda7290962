"""Figures. A drawing function takes numbers and returns axes; `draw` makes the pictures a `Figure` block holds.

images = draw(plot_bars, Bars(labels, values, Measure(Text("日均存款", "average deposits"), "money_large")))
"""

from analysis.present.charts.bars import (
    Bars,
    SegmentSizes,
    Side,
    Step,
    Waterfall,
    plot_bars,
    plot_segment_sizes,
    plot_waterfall,
)
from analysis.present.charts.canvas import NARROW, WIDE, Measure, draw
from analysis.present.charts.curves import Concentration, Line, Mark, Trend, plot_concentration, plot_trend
from analysis.present.charts.dots import Rates, SegmentProfile, plot_rates, plot_segment_profile
from analysis.present.charts.heat import Heat, plot_heat
from analysis.present.charts.quadrant import Quadrant, plot_quadrant
from analysis.present.charts.sparkline import sparkline

__all__ = [
    "NARROW",
    "WIDE",
    "Bars",
    "Concentration",
    "Heat",
    "Line",
    "Mark",
    "Measure",
    "Quadrant",
    "Rates",
    "SegmentProfile",
    "SegmentSizes",
    "Side",
    "Step",
    "Trend",
    "Waterfall",
    "draw",
    "plot_bars",
    "plot_concentration",
    "plot_heat",
    "plot_quadrant",
    "plot_rates",
    "plot_segment_profile",
    "plot_segment_sizes",
    "plot_trend",
    "plot_waterfall",
    "sparkline",
]
