"""A heat map with the number in every cell: filled where a group differs from the others beyond chance."""

from dataclasses import dataclass

from matplotlib.axes import Axes
from matplotlib.patches import Rectangle

from analysis.core.text import Language, Text
from analysis.present.charts.canvas import WIDE, Measure, branded, put, wrap
from analysis.present.charts.rows import Rows
from analysis.present.theme import brand

_SIGN = {1: " ▲", -1: " ▼", 0: ""}
_STRONGEST = 1.0
"""Doubling (or halving) has the full fill; beyond it the fill would say no more than the number."""


@dataclass(frozen=True, slots=True)
class Heat:
    """Shares by row and column.

    Parameters
    ----------
    values : one row a row, one number a column; None where it may not be shown
    depth : log2 of the ratio to the others, for the depth of the fill
    marks : 1 above the others beyond chance, −1 below, 0 neither
    counts : clients in each column, printed under its name
    totals : value over all columns
    """

    rows: tuple[Text, ...]
    columns: tuple[Text, ...]
    values: tuple[tuple[float | None, ...], ...]
    depth: tuple[tuple[float, ...], ...]
    marks: tuple[tuple[int, ...], ...]
    counts: tuple[int, ...]
    totals: tuple[float, ...]
    measure: Measure
    count: Measure
    total_name: Text


@branded
def plot_heat(data: Heat, *, language: Language = "zh", width_mm: int = WIDE, ax: Axes | None = None) -> Axes:
    """Rows by columns with numbers; first accent above the others, second below, deeper the further away."""
    narrow = width_mm < WIDE
    size = 8.0 if narrow else 9.0
    rows = Rows.of([row[language] for row in data.rows], width_mm, at_least=5.8)
    n = len(data.columns) + 1
    cell = (width_mm - rows.left - 0.5) / n
    names = [wrap(name[language], cell - 1, 8) for name in (*data.columns, data.total_name)]
    lines = max(name.count("\n") + 1 for name in names)
    axes = rows.axes(width_mm, right=0.5, top=3.7 * lines + 7, bottom=1, ax=ax)
    axes.set_xlim(0, n)
    for k, name in enumerate(names):
        count = data.count.print(data.counts[k], language) if k < len(data.counts) else ""
        at, coords = (k + 0.5, 1.0), ("data", "axes fraction")
        put(axes, count, at, coords=coords, offset=(0, 1), size=7.5, colour="muted", ha="center", va="bottom")
        bold = k < len(data.columns)
        put(axes, name, at, coords=coords, offset=(0, 4.6), size=8, bold=bold, ha="center", va="bottom")
    for row, (centre, height) in enumerate(zip(rows.centres, rows.heights, strict=True)):
        for k in range(n - 1):
            _cell(axes, k, centre, height, data, row, language, size)
        put(
            axes,
            data.measure.print(data.totals[row], language),
            (n - 0.5, centre),
            size=size,
            colour="muted",
            ha="center",
        )
    rows.hairlines(axes)
    rows.write(axes)
    put(
        axes,
        data.measure.label(language),
        (0, 1),
        coords="axes fraction",
        offset=(-rows.left, 1),
        size=8,
        colour="muted",
        va="bottom",
    )
    return axes


def _cell(
    ax: Axes, column: int, centre: float, height: float, data: Heat, row: int, language: Language, size: float
) -> None:
    value, mark = data.values[row][column], data.marks[row][column]
    look = brand()
    if mark:
        depth = min(abs(data.depth[row][column]) / _STRONGEST, 1.0)
        hue = look.colour("a1-tint" if mark > 0 else "a2-tint")
        box = Rectangle(
            (column + 0.03, centre - height / 2 + 0.3), 0.94, height - 0.6, color=hue, alpha=0.35 + 0.65 * depth
        )
        box.set(linewidth=0, zorder=1)
        ax.add_patch(box)
    text = "*" if value is None else data.measure.print(value, language) + _SIGN[mark]
    put(ax, text, (column + 0.5, centre), size=size, bold=bool(mark), colour="ink", ha="center").set_zorder(3)
