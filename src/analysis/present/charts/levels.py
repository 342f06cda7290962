"""Levels with their intervals in rows, from a zero axis, against a line such as a hurdle."""

from dataclasses import dataclass, field

from matplotlib.axes import Axes

from analysis.core.text import Language, Text
from analysis.present.charts.bars import Side
from analysis.present.charts.canvas import WIDE, Measure, axis_title, branded, put, ticks, title_height, value_axis
from analysis.present.charts.rows import Printed, Rows
from analysis.present.theme import brand


@dataclass(frozen=True, slots=True)
class Levels:
    """A level by group with its interval.

    Parameters
    ----------
    labels : in the order drawn, which has a meaning
    values, ci_low, ci_high : in the unit of the measure, may be negative
    line : where a dashed line stands; none when left out
    sides : columns of numbers at the right, at most two in print
    """

    labels: tuple[Text, ...]
    values: tuple[float, ...]
    ci_low: tuple[float, ...]
    ci_high: tuple[float, ...]
    measure: Measure
    sides: tuple[Side, ...] = ()
    line: float | None = None
    line_name: Text = field(default=Text("", ""))


@branded
def plot_levels(data: Levels, *, language: Language = "zh", width_mm: int = WIDE, ax: Axes | None = None) -> Axes:
    """Dots with 95 % intervals; a dot whose interval holds the line is hollow: it cannot be told from it."""
    narrow = width_mm < WIDE
    # the axis names the quantity, so its column is headed by the unit alone and leaves room for the dots
    rows = Rows.of([label[language] for label in data.labels], width_mm, at_least=6.4)
    columns = [Printed.of(data.measure, data.values, language, short=True)]
    if not narrow:
        columns += [Printed.of(side.measure, side.values, language) for side in data.sides]
    right = sum(one.width for one in columns)
    title, inner = data.measure.label(language), width_mm - rows.left - right
    axes = rows.axes(width_mm, right=right, top=8, bottom=title_height(title, inner), ax=ax)
    rows.hairlines(axes)
    line = 0.0 if data.line is None else data.line
    low, high = min(0.0, line, *data.ci_low), max(0.0, line, *data.ci_high)
    reach = (high - low) or 1.0
    axes.set_xlim(low - (0.03 * reach if low < 0 else 0), high + 0.04 * reach)
    value_axis(axes, ticks(low, high, data.measure, language), axis="x", grid=False)
    axis_title(axes, title, inner)
    axes.axvline(0, color=brand().colour("ink"), linewidth=0.8, zorder=1)
    if data.line is not None:
        axes.axvline(data.line, color=brand().colour("ink"), linewidth=0.8, dashes=(3, 3), zorder=1)
        said = f"{data.line_name[language]} {data.measure.print(data.line, language, unit=True)}"
        side = "right" if data.line - low > 0.7 * reach else "center"  # clear of the columns' headings
        put(axes, said, (data.line, 0), offset=(0, 1.6), size=8.5, ha=side, va="bottom")
    for k, centre in enumerate(rows.centres):
        _level(axes, centre, data, k)
    rows.write(axes)
    for one, colour in zip(columns, ["ink", *["muted"] * len(data.sides)], strict=False):
        one.write(axes, rows, right, colour=colour)
        right -= one.width
    return axes


def _level(ax: Axes, row: float, data: Levels, k: int) -> None:
    look = brand()
    low, high = data.ci_low[k], data.ci_high[k]
    hollow = data.line is not None and low <= data.line <= high
    hue = look.colour("muted" if hollow else "a1")
    ax.plot([low, high], [row, row], color=hue, linewidth=1.8, solid_capstyle="butt", zorder=2, alpha=0.65)
    face = look.colour("paper") if hollow else hue
    edge = hue if hollow else look.colour("paper")
    ax.plot([data.values[k]], [row], "o", ms=6.5, mfc=face, mec=edge, mew=1.1, zorder=3, clip_on=False)
