"""Bars: sorted bars with value and share, the waterfall of a population, sizes of segments by two measures."""

from dataclasses import dataclass
from typing import Literal

from matplotlib.axes import Axes

from analysis.core.text import Language, Text
from analysis.present.charts.canvas import (
    WIDE,
    Measure,
    baseline,
    branded,
    canvas,
    put,
    text_width,
    ticks,
    value_axis,
    wrap,
)
from analysis.present.charts.rows import BAR_MM, Printed, Rows, heading, key_lines, room_for_labels, write_key
from analysis.present.theme import brand, segment_colour

_PALE = 0.4
"""Opacity of the first of two bars: pale, yet its hue can be told (0.25 to 0.6 tried)."""


@dataclass(frozen=True, slots=True)
class Side:
    """A column of printed numbers beside the bars, such as the share or the number of clients."""

    measure: Measure
    values: tuple[float | None, ...]


@dataclass(frozen=True, slots=True)
class Bars:
    """Groups and their values.

    Parameters
    ----------
    values : in the measure's unit, one a label
    sides : at most two text columns at the right; the phone drawing keeps the first
    ordered : the order has meaning (stages, size classes) and is kept; else largest first
    rest : so many last groups stay at the foot, in grey (others, not known)
    marked : positions (in the order given) of groups the finding speaks of, in the second accent
    """

    labels: tuple[Text, ...]
    values: tuple[float, ...]
    measure: Measure
    sides: tuple[Side, ...] = ()
    ordered: bool = False
    rest: int = 0
    marked: tuple[int, ...] = ()

    def order(self) -> tuple[int, ...]:
        """Positions of the groups from top to bottom."""
        head = range(len(self.labels) - self.rest)
        tail = range(len(self.labels) - self.rest, len(self.labels))
        return (*(head if self.ordered else sorted(head, key=lambda k: -self.values[k])), *tail)


@branded
def plot_bars(data: Bars, *, language: Language = "zh", width_mm: int = WIDE, ax: Axes | None = None) -> Axes:
    """Horizontal bars from zero, their values at the end, further columns at the right. Labels replace an axis."""
    order = data.order()
    values = [data.values[k] for k in order]
    printed = [data.measure.print(value, language) for value in values]
    rows = Rows.of([data.labels[k][language] for k in order], width_mm)
    columns = [
        Printed.of(side.measure, [side.values[k] for k in order], language)
        for side in data.sides[: 1 if width_mm < WIDE else 2]
    ]
    right = sum(one.width for one in columns) or 0.5
    axes = rows.axes(width_mm, right=right, top=7.5, bottom=1.5, ax=ax)
    axes.barh(rows.centres, values, height=BAR_MM, color=[_bar_hue(data, k) for k in order])
    room_for_labels(axes, values, max(map(text_width, printed)) + 2, width_mm - rows.left - right)
    for value, text, centre in zip(values, printed, rows.centres, strict=True):
        side = 1 if value >= 0 else -1
        put(axes, text, (value, centre), offset=(1.2 * side, 0), bold=True, ha="left" if side > 0 else "right")
    baseline(axes, vertical=True)
    rows.write(axes, bold=[row for row, k in enumerate(order) if k in data.marked])
    heading(axes, data.measure.label(language), 0.0 if width_mm >= WIDE else -rows.left)
    reach = right
    for one in reversed(columns):
        one.write(axes, rows, reach)
        reach -= one.width
    return axes


def _bar_hue(data: Bars, position: int) -> str:
    if position in data.marked:
        return brand().colour("a2")
    return brand().colour("a1-tint" if position >= len(data.labels) - data.rest else "a1")


@dataclass(frozen=True, slots=True)
class Step:
    """A step of a waterfall: `total` draws a level from zero, `change` moves from the level before it."""

    label: Text
    value: float
    kind: Literal["total", "change"] = "change"


@dataclass(frozen=True, slots=True)
class Waterfall:
    """A level, what takes from it or adds to it, and the level that remains."""

    steps: tuple[Step, ...]
    measure: Measure
    change: Measure

    def spans(self) -> tuple[tuple[float, float], ...]:
        """Start and end of each bar."""
        spans, level = [], 0.0
        for step in self.steps:
            start, level = (0.0, step.value) if step.kind == "total" else (level, level + step.value)
            spans.append((start, level))
        return tuple(spans)

    def prints(self, language: Language) -> list[str]:
        """The label of each bar: levels plain, changes with their sign."""
        return [
            (self.measure if step.kind == "total" else self.change).print(step.value, language) for step in self.steps
        ]


@branded
def plot_waterfall(data: Waterfall, *, language: Language = "zh", width_mm: int = WIDE, ax: Axes | None = None) -> Axes:
    """A waterfall from zero: levels in ink, rises solid, falls tinted with an edge. Turned on its side for a phone."""
    return (_waterfall_upright if width_mm >= WIDE else _waterfall_turned)(data, language, width_mm, ax)


def _step_hues(step: Step) -> tuple[str, str]:
    look = brand()
    if step.kind == "total":
        return look.colour("ink"), look.colour("ink")
    return (look.colour("a1") if step.value >= 0 else look.colour("a1-tint")), look.colour("a1")


def _waterfall_upright(data: Waterfall, language: Language, width_mm: int, ax: Axes | None) -> Axes:
    n, spans, printed = len(data.steps), data.spans(), data.prints(language)
    high = max(max(span) for span in spans) or 1.0
    low = min(0.0, *(min(span) for span in spans))
    marks = ticks(low, high, data.measure, language)
    left = max(map(text_width, marks.values())) + 2
    labels = [wrap(step.label[language], (width_mm - left) / n - 2) for step in data.steps]
    below = 3 + 4.2 * max(label.count("\n") + 1 for label in labels)
    axes = ax or canvas(width_mm, 50 + below, left=left, right=0.5, top=7.5, bottom=below)
    axes.set_xlim(-0.55, n - 0.45)
    axes.set_ylim(low * 1.12, high * 1.12)
    value_axis(axes, marks, axis="y", grid=True)
    axes.spines["bottom"].set_visible(False)
    for k, (step, (start, end)) in enumerate(zip(data.steps, spans, strict=True)):
        face, edge = _step_hues(step)
        axes.bar(k, end - start, bottom=start, width=0.58, color=face, edgecolor=edge, linewidth=0.8, zorder=3)
        put(axes, printed[k], (k, max(start, end)), offset=(0, 1), bold=True, ha="center", va="bottom")
        if k + 1 < n:
            axes.plot([k + 0.29, k + 0.71], [end, end], color=brand().colour("muted"), linewidth=0.6, zorder=2)
    baseline(axes, vertical=False)
    axes.set_xticks([])
    for k, label in enumerate(labels):
        put(axes, label, (k, 0), coords=("data", "axes fraction"), offset=(0, -1.8), ha="center", va="top")
    put(
        axes,
        data.measure.label(language),
        (0, 1),
        coords="axes fraction",
        offset=(-left, 2),
        size=8.5,
        colour="muted",
        va="bottom",
    )
    return axes


def _waterfall_turned(data: Waterfall, language: Language, width_mm: int, ax: Axes | None) -> Axes:
    spans, printed = data.spans(), data.prints(language)
    rows = Rows.of([step.label[language] for step in data.steps], width_mm)
    axes = rows.axes(width_mm, right=0.5, top=7.5, bottom=1.5, ax=ax)
    ends = [max(span) for span in spans]
    room = max(map(text_width, printed)) + 2
    room_for_labels(axes, [*ends, *(min(span) for span in spans)], room, width_mm - rows.left - 0.5)
    for row, (step, (start, end), centre) in enumerate(zip(data.steps, spans, rows.centres, strict=True)):
        face, edge = _step_hues(step)
        axes.barh(centre, end - start, left=start, height=BAR_MM, color=face, edgecolor=edge, linewidth=0.8, zorder=3)
        put(axes, printed[row], (ends[row], centre), offset=(1.2, 0), bold=True)
        if row + 1 < len(spans):
            link = [centre + BAR_MM / 2, rows.centres[row + 1] - BAR_MM / 2]
            axes.plot([end, end], link, color=brand().colour("muted"), linewidth=0.6, zorder=2)
    baseline(axes, vertical=True)
    rows.write(axes)
    heading(axes, data.measure.label(language), -rows.left)
    return axes


@dataclass(frozen=True, slots=True)
class SegmentSizes:
    """Share of each segment in two totals, segments in their stated order.

    Parameters
    ----------
    first, second : shares as fractions, such as of clients and of money
    first_name, second_name : what the shares are of
    """

    names: tuple[Text, ...]
    first: tuple[float, ...]
    second: tuple[float, ...]
    first_name: Text
    second_name: Text
    measure: Measure


@branded
def plot_segment_sizes(
    data: SegmentSizes, *, language: Language = "zh", width_mm: int = WIDE, ax: Axes | None = None
) -> Axes:
    """Two bars a segment in its own hue, the first one pale, the second one full."""
    rows = Rows.of([name[language] for name in data.names], width_mm, at_least=10, indent=4)
    key = [name[language] + ("，%" if language == "zh" else ", %") for name in (data.first_name, data.second_name)]
    top = 3 + 5 * len(key_lines(key, width_mm))
    axes = rows.axes(width_mm, right=0.5, top=top, bottom=0.5, ax=ax)
    printed = [[data.measure.print(v, language) for v in side] for side in (data.first, data.second)]
    room = max(text_width(text) for side in printed for text in side) + 3
    room_for_labels(axes, [*data.first, *data.second], room, width_mm - rows.left - 0.5)
    for row, centre in enumerate(rows.centres):
        hue = segment_colour(row)
        for shift, values, texts, alpha in ((-2, data.first, printed[0], _PALE), (2, data.second, printed[1], 1.0)):
            axes.barh(centre + shift, values[row], height=3.6, color=hue, alpha=alpha)
            side = 1 if values[row] >= 0 else -1
            at, ha = (values[row], centre + shift), "left" if side > 0 else "right"
            put(axes, texts[row], at, offset=(1.2 * side, 0), size=8.5, bold=alpha == 1.0, ha=ha)
        put(axes, "■", (0, centre), coords=("axes fraction", "data"), offset=(-rows.left, 0), size=8).set_color(hue)
    baseline(axes, vertical=True)
    rows.write(axes)
    write_key(axes, key, [brand().colour("muted")] * 2, rows.left, width_mm, sign="■", alphas=(_PALE, 1.0))
    return axes
