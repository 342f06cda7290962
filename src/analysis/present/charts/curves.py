"""Lines: concentration (Lorenz or whale curve) and the trend over quarters."""

from dataclasses import dataclass, field
from itertools import pairwise
from typing import Any

from matplotlib.axes import Axes

from analysis.core.text import Language, Text
from analysis.present.charts.canvas import (
    MM,
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
from analysis.present.theme import brand, quarter_label

_HUES, _TEXT_HUES = ("a1", "a2", "ink"), ("a1", "a2-text", "ink")


@dataclass(frozen=True, slots=True)
class Mark:
    """A point of a concentration curve with its interval: the top `clients` of clients hold `share` of the money."""

    clients: float
    share: float
    ci_low: float
    ci_high: float
    label: Text


@dataclass(frozen=True, slots=True)
class Concentration:
    """Cumulative share of money held by the largest clients.

    Parameters
    ----------
    clients, shares : fractions from 0 to 1, of clients (largest first) and of money; above 1 where others lose money
    mark : the point the finding speaks of
    other : a second curve to compare with, same axes, and its name
    """

    clients: tuple[float, ...]
    shares: tuple[float, ...]
    x: Measure
    y: Measure
    mark: Mark
    name: Text
    other: tuple[tuple[float, ...], tuple[float, ...], Text] | None = None


@branded
def plot_concentration(
    data: Concentration, *, language: Language = "zh", width_mm: int = WIDE, ax: Axes | None = None
) -> Axes:
    """Concentration curve, equal shares dashed, the marked point with its interval and guide lines to both axes."""
    top = max(1.0, *data.shares, *(data.other[1] if data.other else ()))
    marks = ticks(0, top, data.y, language, about=5)
    left = max(map(text_width, marks.values())) + 2
    axes = ax or canvas(width_mm, 78, left=left, right=4, top=8, bottom=11.5)
    look = brand()
    axes.set_xlim(0, 1)
    axes.set_ylim(0, top * 1.04)
    value_axis(axes, ticks(0, 1, data.x, language, about=5), axis="x", grid=False)
    value_axis(axes, marks, axis="y", grid=True)
    axis_title(axes, data.x.label(language), width_mm)
    put(
        axes,
        data.y.label(language),
        (0, 1),
        coords="axes fraction",
        offset=(-left, 2),
        size=9,
        colour="muted",
        va="bottom",
    )
    axes.plot([0, 1], [0, 1], color=look.colour("muted"), linewidth=0.8, dashes=(4, 3))
    even = Text("各户相等", "all clients equal")[language]
    put(axes, even, (0.62, 0.62), offset=(2, -2), size=8.5, colour="muted", va="top")
    if data.other:
        axes.plot(data.other[0], data.other[1], color=look.colour("a2"), linewidth=1.4)
    axes.plot(data.clients, data.shares, color=look.colour("a1"), linewidth=1.8, zorder=3, clip_on=False)
    _name_curves(axes, data, language)
    _draw_mark(axes, data, language)
    return axes


def _draw_mark(ax: Axes, data: Concentration, language: Language) -> None:
    look, mark = brand(), data.mark
    hair: dict[str, Any] = {"color": look.colour("ink"), "linewidth": 0.6, "dashes": (2, 2), "zorder": 2}
    ax.plot([mark.clients, mark.clients], [0, mark.share], **hair)
    ax.plot([0, mark.clients], [mark.share, mark.share], **hair)
    ax.plot([mark.clients] * 2, [mark.ci_low, mark.ci_high], color=look.colour("a1"), linewidth=3, alpha=0.45, zorder=4)
    ax.plot([mark.clients], [mark.share], "o", ms=7, mfc=look.colour("a1"), mec=look.colour("paper"), mew=1, zorder=5)
    low, high = data.y.print(mark.ci_low, language), data.y.print(mark.ci_high, language, unit=True)
    interval = f"95% 区间 {low} 至 {high}" if language == "zh" else f"95% interval {low} to {high}"
    foot = (max(mark.clients, 0.16), 0.0)  # below the line of equal shares nothing else is drawn
    put(ax, mark.label[language], foot, offset=(1.8, 8.2), bold=True)
    put(ax, interval, foot, offset=(1.8, 3.6), size=8.5, colour="muted")


def _name_curves(ax: Axes, data: Concentration, language: Language) -> None:
    """Names of two curves, where they are furthest apart; a single curve needs none."""
    if data.other is None:
        return
    places = ((data.clients, data.shares, data.name, "a1", 1), (*data.other, "a2-text", -1))
    for xs, ys, name, colour, side in places:
        place = min(range(len(xs)), key=lambda k: abs(xs[k] - 0.42))
        va = "bottom" if side > 0 else "top"
        put(ax, name[language], (xs[place], ys[place]), offset=(1.5, 1.2 * side), bold=True, colour=colour, va=va)


@dataclass(frozen=True, slots=True)
class Line:
    """One series of a trend: a value a quarter, None where there is none, and its interval if it is an estimate."""

    name: Text
    values: tuple[float | None, ...]
    ci_low: tuple[float, ...] = ()
    ci_high: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True)
class Trend:
    """Up to three series over 8 to 12 quarters, oldest first, and a plan, hurdle or tolerance.

    Parameters
    ----------
    from_zero : the axis starts at zero (levels); rates that move little may leave it out
    """

    quarters: tuple[str, ...]
    lines: tuple[Line, ...]
    measure: Measure
    plan: float | None = None
    plan_name: Text = field(default=Text("计划", "plan"))
    from_zero: bool = False


@branded
def plot_trend(data: Trend, *, language: Language = "zh", width_mm: int = WIDE, ax: Axes | None = None) -> Axes:
    """Lines over quarters, the last point labelled with its value and name, the plan dashed."""
    numbers = [v for line in data.lines for v in (*line.values, *line.ci_low, *line.ci_high) if v is not None]
    numbers += [data.plan] if data.plan is not None else []
    low, high = (min(numbers) if not data.from_zero else min(0.0, *numbers)), max(numbers)
    pad = (high - low) * 0.12 or abs(high) * 0.1 or 1.0
    marks = ticks(low - (0 if data.from_zero else pad), high + pad, data.measure, language)
    left = max(map(text_width, marks.values())) + 2
    ends = [_last(line) for line in data.lines]
    tails = [_tail(data, line, language) for line in data.lines]
    right = max(map(text_width, [*tails, data.plan_name[language]])) + 3.5
    axes = ax or canvas(width_mm, 58 if width_mm >= WIDE else 52, left=left, right=right, top=8, bottom=7)
    axes.set_xlim(-0.3, len(data.quarters) - 1)
    axes.set_ylim(low - (0 if data.from_zero else pad), high + pad)
    value_axis(axes, marks, axis="y", grid=True)
    every = 1 if width_mm >= WIDE else max(1, -(-len(data.quarters) // 4))
    shown = range((len(data.quarters) - 1) % every, len(data.quarters), every)
    value_axis(axes, {k: quarter_label(data.quarters[k]) for k in shown}, axis="x", grid=False)
    put(
        axes,
        data.measure.label(language),
        (0, 1),
        coords="axes fraction",
        offset=(-left, 2),
        colour="muted",
        va="bottom",
    )
    for line, hue in zip(data.lines, _HUES, strict=False):
        _draw_line(axes, line, hue)
    labels = [(tail, place, value, hue) for tail, (place, value), hue in zip(tails, ends, _TEXT_HUES, strict=False)]
    if data.plan is not None:
        axes.axhline(data.plan, color=brand().colour("muted"), linewidth=0.8, dashes=(4, 3), zorder=1)
        labels.append((data.plan_name[language], len(data.quarters) - 1, data.plan, "muted"))
    heights = _apart([value for _, _, value, _ in labels], axes, 4.6)
    for (text, place, _, hue), height in zip(labels, heights, strict=True):
        put(axes, text, (place, height), offset=(2.2, 0), bold=hue != "muted", colour=hue)
    return axes


def _draw_line(ax: Axes, line: Line, hue: str) -> None:
    look = brand()
    xs = [k for k, value in enumerate(line.values) if value is not None]
    ys = [value for value in line.values if value is not None]
    if line.ci_low:
        ax.fill_between(
            range(len(line.values)), line.ci_low, line.ci_high, color=look.colour(hue), alpha=0.18, linewidth=0
        )
    ax.plot(xs, ys, color=look.colour(hue), linewidth=1.6, zorder=3)
    ax.plot(
        xs[-1:], ys[-1:], "o", ms=6, mfc=look.colour(hue), mec=look.colour("paper"), mew=0.9, zorder=4, clip_on=False
    )


def _last(line: Line) -> tuple[int, float]:
    """Place and value of the last point."""
    return next((k, v) for k, v in reversed(list(enumerate(line.values))) if v is not None)


def _tail(data: Trend, line: Line, language: Language) -> str:
    """Label of the last point: the value, and the name where there are several lines."""
    value = data.measure.print(_last(line)[1], language)
    return value if len(data.lines) == 1 else f"{line.name[language]} {value}"


def _apart(heights: list[float], ax: Axes, gap_mm: float) -> list[float]:
    """Heights of labels, pushed up from below until they are a line apart."""
    figure_mm = ax.get_window_extent().height / ax.figure.dpi * 72 / MM
    low, high = ax.get_ylim()
    gap = gap_mm * (high - low) / figure_mm
    out = list(heights)
    order = sorted(range(len(out)), key=lambda k: out[k])
    for below, above in pairwise(order):
        out[above] = max(out[above], out[below] + gap)
    return out
