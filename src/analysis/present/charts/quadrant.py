"""How many things lie where on two scores from 0 to 1, with the four fields and how many are in each."""

from dataclasses import dataclass

from matplotlib.axes import Axes

from analysis.core.text import Language, Text
from analysis.present.charts.canvas import (
    WIDE,
    Measure,
    axis_title,
    branded,
    canvas,
    put,
    text_width,
    ticks,
    value_axis,
)
from analysis.present.theme import brand


@dataclass(frozen=True, slots=True)
class Quadrant:
    """Counts on a square grid.

    Parameters
    ----------
    counts : counts[row][column], rows from low y to high y, columns from low x to high x; cells below the disclosure
        limit are left at 0
    cut_x, cut_y : where the fields meet
    fields : name of the upper right, upper left, lower right and lower left field
    totals : how many lie in each field, in that order
    """

    counts: tuple[tuple[int, ...], ...]
    cut_x: float
    cut_y: float
    x: Measure
    y: Measure
    count: Measure
    fields: tuple[Text, ...]
    totals: tuple[int, ...]


_MARGIN = 0.085
"""Share of the height that a line of text takes."""


@branded
def plot_quadrant(data: Quadrant, *, language: Language = "zh", width_mm: int = WIDE, ax: Axes | None = None) -> Axes:
    """Squares whose area grows with the count, those of the first field in the second accent, names in the corners."""
    marks = ticks(0, 1, data.y, language, about=5)
    left = max(map(text_width, marks.values())) + 2
    axes = ax or canvas(width_mm, 84, left=left, right=3, top=8, bottom=12)
    look = brand()
    axes.set_xlim(0, 1)
    axes.set_ylim(-_MARGIN, 1 + _MARGIN)  # room for the names of the fields above and below the squares
    value_axis(axes, ticks(0, 1, data.x, language, about=5), axis="x", grid=False)
    value_axis(axes, marks, axis="y", grid=False)
    axis_title(axes, data.x.label(language), width_mm)
    put(axes, data.y.label(language), (0, 1), coords="axes fraction", offset=(-left, 2), colour="muted", va="bottom")
    n = len(data.counts)
    most = max((count for row in data.counts for count in row), default=0)
    biggest = min((width_mm - left - 3) / n, 64 / n) * 0.92 / 25.4 * 72
    for row, line in enumerate(data.counts):
        for column, count in enumerate(line):
            if count:
                x, y = (column + 0.5) / n, (row + 0.5) / n
                first = x >= data.cut_x and y >= data.cut_y
                side = biggest * (count / most) ** 0.5
                axes.plot([x], [y], "s", ms=side, color=look.colour("a2" if first else "a1"), mew=0, alpha=0.8)
    for line_at in (axes.axvline, axes.axhline):
        cut = data.cut_x if line_at == axes.axvline else data.cut_y
        line_at(cut, color=look.colour("ink"), linewidth=0.8, dashes=(4, 3), zorder=4)
    edge = look.colour("hair")
    for level in (0, 1):
        axes.axhline(level, color=edge, linewidth=0.5, zorder=0.5)
    corners = ((1, 1), (0, 1), (1, 0), (0, 0))
    for (right, up), name, total in zip(corners, data.fields, data.totals, strict=True):
        text = f"{name[language]} {data.count.print(total, language)}"
        offset = (-1.5 if right else 1.5, -1.5 if up else 1.5)
        put(
            axes, text, (right, up), coords="axes fraction", offset=offset, bold=True,
            ha="right" if right else "left", va="top" if up else "bottom",
        ).set_zorder(5)  # fmt: skip
    return axes
