"""Dots in rows: profiles of segments and rates with their intervals."""

from dataclasses import dataclass, field

from matplotlib.axes import Axes
from matplotlib.colors import to_rgb

from analysis.core.text import Language, Text
from analysis.present.charts.canvas import WIDE, Measure, axis_title, branded, put, ticks, title_height, value_axis
from analysis.present.charts.rows import Printed, Rows, key_lines, write_key
from analysis.present.theme import brand, segment_colour

_DOT_MM = 4.2
"""Room a lettered dot takes."""
_DARK = "#10151a"
"""Letter on a pale hue. Not a brand colour: it stays dark on dark screens, where the hue under it stays pale."""


@dataclass(frozen=True, slots=True)
class SegmentProfile:
    """How far each segment lies from the book on each feature.

    Parameters
    ----------
    letters, names : of segments in their stated order
    features : what the rows are
    values : one row a feature, one number a segment, in standard deviations from the mean; None where suppressed
    """

    letters: tuple[str, ...]
    names: tuple[Text, ...]
    features: tuple[Text, ...]
    values: tuple[tuple[float | None, ...], ...]
    axis: Text = field(default=Text("与全体均值之差，标准差", "Difference from the mean of all clients, SD"))


@branded
def plot_segment_profile(
    data: SegmentProfile, *, language: Language = "zh", width_mm: int = WIDE, ax: Axes | None = None
) -> Axes:
    """One row a feature with hairlines, one lettered dot a segment in its hue, the mean of all dashed at zero."""
    labels = [feature[language] for feature in data.features]
    reach = max((abs(v) for row in data.values for v in row if v is not None), default=1.0) * 1.12
    inner = width_mm - Rows.of(labels, width_mm).left - 1
    placed = [_dodged(values, _DOT_MM * 2 * reach / inner) for values in data.values]
    rows = Rows.of(labels, width_mm, at_least=[_DOT_MM * _levels(dots) + 2.6 for dots in placed])
    key = [f"{letter} {name[language]}" for letter, name in zip(data.letters, data.names, strict=True)]
    title = data.axis[language]
    top = 2 + 5 * len(key_lines(key, width_mm))
    axes = rows.axes(width_mm, right=1, top=top, bottom=title_height(title, inner), ax=ax)
    rows.hairlines(axes)
    axes.set_xlim(-reach, reach)
    value_axis(axes, ticks(-reach, reach, Measure(Text("", ""), "decimal_2"), language, about=5), axis="x", grid=False)
    axis_title(axes, title, inner)
    axes.axvline(0, color=brand().colour("ink"), linewidth=0.8, dashes=(3, 3), zorder=1)
    for centre, dots in zip(rows.centres, placed, strict=True):
        for k, x, shift in dots:
            _lettered_dot(axes, data.letters[k], k, x, centre + shift * _DOT_MM)
    rows.write(axes)
    write_key(axes, key, [segment_colour(k) for k in range(len(key))], rows.left, width_mm, sign="●")
    return axes


def _dodged(values: tuple[float | None, ...], close: float) -> list[tuple[int, float, float]]:
    """Segment, place and shift (in dot heights) of each dot of a row; dots that would touch are stacked."""
    known = sorted(((k, x) for k, x in enumerate(values) if x is not None), key=lambda pair: pair[1])
    runs: list[list[tuple[int, float]]] = []
    for k, x in known:
        if runs and x - runs[-1][-1][1] < close:
            runs[-1].append((k, x))
        else:
            runs.append([(k, x)])
    return [dot for run in runs for dot in _stacked(run, close)]


def _stacked(run: list[tuple[int, float]], close: float) -> list[tuple[int, float, float]]:
    """Dots of a run on as few levels as keep those of one level apart, centred on the row."""
    last: list[float] = []
    levels = []
    for _, x in run:
        level = next((k for k, before in enumerate(last) if x - before >= close), len(last))
        last[level : level + 1] = [x]
        levels.append(level)
    return [(k, x, level - (len(last) - 1) / 2) for (k, x), level in zip(run, levels, strict=True)]


def _levels(dots: list[tuple[int, float, float]]) -> int:
    """How many dots stand above each other in a row."""
    return round(2 * max((abs(shift) for _, _, shift in dots), default=0.0)) + 1


def _lettered_dot(ax: Axes, letter: str, segment: int, x: float, y: float) -> None:
    hue = segment_colour(segment)
    red, green, blue = to_rgb(hue)
    pale = 0.2126 * red**2.2 + 0.7152 * green**2.2 + 0.0722 * blue**2.2 > 0.22
    ax.plot([x], [y], "o", ms=11, mfc=hue, mec=brand().colour("paper"), mew=0.8, zorder=3, clip_on=False)
    mark = put(ax, letter, (x, y), size=7.5, bold=True, ha="center", va="center_baseline")
    mark.set_color(_DARK if pale else brand().colour("paper"))
    mark.set_zorder(4)


@dataclass(frozen=True, slots=True)
class Rates:
    """A rate by group with its interval, and the rate of all.

    Parameters
    ----------
    rates, ci_low, ci_high : fractions
    n : clients or loans each rate rests on
    mean : the rate of the whole book, dashed
    ordered : the order has meaning and is kept; else largest first
    """

    labels: tuple[Text, ...]
    n: tuple[int, ...]
    rates: tuple[float, ...]
    ci_low: tuple[float, ...]
    ci_high: tuple[float, ...]
    mean: float
    measure: Measure
    count: Measure
    mean_name: Text = field(default=Text("全部", "all"))
    ordered: bool = False


@branded
def plot_rates(data: Rates, *, language: Language = "zh", width_mm: int = WIDE, ax: Axes | None = None) -> Axes:
    """Dots with 95 % intervals from a zero axis, the rate of all dashed; n and rate printed at the right.

    A group whose interval holds the rate of all is hollow: it cannot be told from it.
    """
    largest = sorted(range(len(data.rates)), key=lambda k: -data.rates[k])
    order = range(len(data.rates)) if data.ordered else largest
    narrow = width_mm < WIDE
    rows = Rows.of([data.labels[k][language] for k in order], width_mm, at_least=6.4)
    rates = Printed.of(data.measure, [data.rates[k] for k in order], language, short=narrow)
    counts = Printed.of(data.count, [data.n[k] for k in order], language)
    right = rates.width if narrow else rates.width + counts.width
    title, inner = data.measure.label(language), width_mm - rows.left - right
    axes = rows.axes(width_mm, right=right, top=8, bottom=title_height(title, inner), ax=ax)
    rows.hairlines(axes)
    high = max(*data.ci_high, data.mean) or 1.0
    axes.set_xlim(0, high * 1.04)
    value_axis(axes, ticks(0, high, data.measure, language), axis="x", grid=False)
    axis_title(axes, title, inner)
    axes.axvline(data.mean, color=brand().colour("ink"), linewidth=0.8, dashes=(3, 3), zorder=1)
    said = f"{data.mean_name[language]} {data.measure.print(data.mean, language, unit=True)}"
    put(axes, said, (data.mean, 0), offset=(0, 1.6), size=8.5, ha="center", va="bottom")
    for k, centre in zip(order, rows.centres, strict=True):
        _interval(axes, centre, data.rates[k], data.ci_low[k], data.ci_high[k], data.mean)
    rows.write(axes)
    rates.write(axes, rows, right, colour="ink")
    if not narrow:
        counts.write(axes, rows, counts.width)
    return axes


def _interval(ax: Axes, row: float, rate: float, low: float, high: float, mean: float) -> None:
    look = brand()
    hollow = low <= mean <= high
    hue = look.colour("muted" if hollow else "a1")
    ax.plot(
        [low, high], [row, row], color=hue, linewidth=1.8, solid_capstyle="butt", zorder=2, alpha=0.65, clip_on=False
    )
    face = look.colour("paper") if hollow else hue
    edge = hue if hollow else look.colour("paper")
    ax.plot([rate], [row], "o", ms=6.5, mfc=face, mec=edge, mew=1.1 if hollow else 0.8, zorder=3, clip_on=False)
