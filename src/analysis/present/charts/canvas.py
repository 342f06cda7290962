"""Paper for figures: axes placed in millimetres, labels, and drawings as SVG in every language and width."""

import io
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import wraps
from math import floor, log10
from typing import Any, ParamSpec, Protocol, TypeVar, cast

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.patheffects import Normal, Stroke
from matplotlib.text import Annotation

from analysis.core.blocks import Image, Style
from analysis.core.text import LANGUAGES, Language, Text
from analysis.core.units import CURRENCIES, Currency
from analysis.present.format import render, unit_word
from analysis.present.theme import brand, drawing, families, label_font

WIDE, NARROW = 166, 80
"""Millimetres: print and screen; phone (and two side by side in print)."""
MM = 72 / 25.4
"""Points in a millimetre."""
_SIGNED = {"growth", "points", "bp", "count_change", "money_large_change", "money_small_change"}

Data = TypeVar("Data", contravariant=True)
P = ParamSpec("P")


class Plot(Protocol[Data]):
    """A drawing function: data first, then language and width."""

    def __call__(self, data: Data, *, language: Language, width_mm: int, ax: Axes | None = None) -> Axes: ...


def branded(plot: Callable[P, Axes]) -> Callable[P, Axes]:
    """A drawing function that uses the brand's fonts and colours wherever it is called, without global settings."""

    @wraps(plot)
    def drawn(*args: P.args, **kwargs: P.kwargs) -> Axes:
        with drawing():
            return plot(*args, **kwargs)

    return drawn


@dataclass(frozen=True, slots=True)
class Measure:
    """What an axis or a column of labels shows.

    Parameters
    ----------
    quantity : such as 日均存款 / average deposits
    style : how its numbers print (`core.blocks.Style`)
    unit : of counts (户 / clients); money and percent know their own
    """

    quantity: Text
    style: Style
    unit: Text = field(default=Text("", ""))
    currency: Currency = field(default_factory=lambda: CURRENCIES["CNY"])

    def label(self, language: Language) -> str:
        """Quantity and unit, for an axis.

        Examples
        --------
        >>> Measure(Text("客户", "Clients"), "count", Text("户", "number")).label("zh")
        '客户，户'
        """
        unit = self.unit_in(language)
        joint = "，" if language == "zh" else ", "
        return self.quantity[language] + (joint + unit if unit else "")

    def unit_in(self, language: Language) -> str:
        """The unit its numbers print in."""
        return self.unit[language] or unit_word(self.style, language, self.currency)

    def print(self, value: float, language: Language, *, unit: bool = False) -> str:
        """A number in the measure's style; with its unit only where no axis or header says it."""
        return render(value, self.style, language, self.currency, unit=unit)


def scale(style: Style, language: Language, currency: Currency) -> float:
    """What one printed unit is worth, for round axis ticks."""
    if style.startswith("money_large"):
        return (currency.large_zh if language == "zh" else currency.large_en)[0]
    if style.startswith("money_small"):
        return (currency.small_zh if language == "zh" else currency.small_en)[0]
    return {"percent": 0.01, "percent_1": 0.01, "growth": 0.01, "points": 0.01, "bp": 0.0001}.get(style, 1.0)


def ticks(low: float, high: float, measure: Measure, language: Language, *, about: int = 4) -> dict[float, str]:
    """Round tick positions between two values, each with its label in the printed unit.

    Examples
    --------
    >>> ticks(0, 0.1, Measure(Text("率", "rate"), "percent"), "en")
    {0.0: '0', 0.02: '2', 0.04: '4', 0.06: '6', 0.08: '8', 0.1: '10'}
    """
    one = scale(measure.style, language, measure.currency)
    span = max(high - low, 1e-12) / one
    power = 10.0 ** floor(log10(span / about))
    step = min((power * factor for factor in (1, 2, 5, 10)), key=lambda size: abs(span / size - about))
    places = max(0, -floor(log10(step) + 1e-9))
    first, last = round(low / one / step + 0.4999), floor(high / one / step + 1e-9)
    plus = "+" if measure.style in _SIGNED else ""
    out = {}
    for k in range(first, last + 1):
        number = k * step
        sign = "−" if number < 0 else plus if number > 0 else ""
        out[float(f"{number * one:.12g}")] = f"{sign}{abs(number):,.{places}f}"
    return out


def text_width(text: str, size: float = 9.0) -> float:
    """Rough width of the widest line of a label, in millimetres: a Chinese sign is one em, a Latin one 0.54."""
    ems = [
        sum(1.0 if unicodedata.east_asian_width(sign) in "WF" else 0.54 for sign in line) for line in text.split("\n")
    ]
    return max(ems, default=0.0) * size / MM


def wrap(text: str, width_mm: float, size: float = 9.0) -> str:
    """A label broken into lines no wider than so many millimetres: Latin at spaces, Chinese anywhere.

    Examples
    --------
    >>> wrap("wholesale trade", 20)
    'wholesale\\ntrade'
    """
    lines = [""]
    for piece in re.findall(r"[A-Za-z0-9.,%()/&’'+−-]+ ?|.", text):
        if lines[-1] and text_width((lines[-1] + piece).rstrip(), size) > width_mm and piece not in "，、；。）":
            lines.append("")
        lines[-1] += piece
    return "\n".join(line.strip() for line in lines)


def canvas(width_mm: float, height_mm: float, *, left: float, right: float, top: float, bottom: float) -> Axes:
    """Axes on a figure of its own, with margins in millimetres."""
    figure = Figure(figsize=(width_mm / 25.4, height_mm / 25.4))
    return figure.add_axes(
        (
            left / width_mm,
            bottom / height_mm,
            (width_mm - left - right) / width_mm,
            (height_mm - top - bottom) / height_mm,
        )
    )


def put(
    ax: Axes,
    text: str,
    at: tuple[float, float],
    *,
    coords: Any = "data",
    offset: tuple[float, float] = (0, 0),
    size: float = 9.0,
    bold: bool = False,
    colour: str = "ink",
    ha: str = "left",
    va: str = "center",
) -> Annotation:
    """A label at a place, moved by an offset in millimetres. Bold Chinese is thickened: its font has one weight."""
    chinese = any(unicodedata.east_asian_width(sign) in "WF" for sign in text)
    hue = brand().colour(colour)
    label = ax.annotate(
        text,
        xy=at,
        xycoords=coords,
        xytext=(offset[0] * MM, offset[1] * MM),
        textcoords="offset points",
        ha=ha,
        va=va,
        color=hue,
        fontproperties=label_font(size, bold=bold and not chinese),
        annotation_clip=False,
        linespacing=1.25,
    )
    if bold and chinese:
        label.set_path_effects([Stroke(linewidth=0.4, foreground=hue), Normal()])
    return label


def value_axis(ax: Axes, marks: dict[float, str], *, axis: str, grid: bool) -> None:
    """Ticks of a value axis at the given places, with light grid lines if wanted."""
    target = ax.xaxis if axis == "x" else ax.yaxis
    target.set_ticks(list(marks), list(marks.values()))
    ax.tick_params(axis=cast(Any, axis), labelfontfamily=cast(Any, families()), pad=3)
    if grid:
        ax.grid(True, axis=cast(Any, axis), color=brand().colour("grid"), linewidth=0.6)


def baseline(ax: Axes, *, vertical: bool) -> None:
    """The zero line of bars."""
    line = ax.axvline if vertical else ax.axhline
    line(0, color=brand().colour("ink"), linewidth=0.8, zorder=4, clip_on=False)


def axis_title(ax: Axes, title: str, width_mm: float) -> None:
    """Quantity and unit below a horizontal axis, at its right end, wrapped to the width given."""
    text = wrap(title, width_mm, 9)
    put(ax, text, (1, 0), coords="axes fraction", offset=(0, -6.2), colour="muted", ha="right", va="top")


def title_height(title: str, width_mm: float) -> float:
    """Millimetres that tick labels and the axis title need below the axes."""
    return 7.0 + 4.3 * (wrap(title, width_mm, 9).count("\n") + 1)


def draw(
    plot: Plot[Data], data: Data, *, widths: tuple[int, ...] = (WIDE, NARROW)
) -> dict[Language, tuple[Image, ...]]:
    """Drawings of a figure by language, the 166 mm one first: SVG with text as paths, the same bytes every time."""
    return {language: tuple(_image(plot, data, language, width) for width in widths) for language in LANGUAGES}


def _image(plot: Plot[Data], data: Data, language: Language, width: int) -> Image:
    with drawing():
        figure = plot(data, language=language, width_mm=width).get_figure()
        assert figure is not None
        raw = io.StringIO()
        cast(Figure, figure).savefig(raw, format="svg", metadata={"Date": None})
    return Image("image/svg+xml", width, compact(raw.getvalue()))


_NOISE = re.compile(r"<\?xml.*?\?>|<!DOCTYPE.*?>|<metadata>.*?</metadata>|<!--.*?-->", re.DOTALL)
_PATH = re.compile(r'(?<= d=")[^"]*')
_COMMAND = re.compile(r" ?([MLCQz]) ?")


def compact(svg: str) -> str:
    """An SVG without comments, metadata and needless spaces.

    Examples
    --------
    >>> compact('<svg><!-- note --> <path d="M 0 1 L 2 3 z"/></svg>')
    '<svg><path d="M0 1L2 3z"/></svg>'
    """
    svg = re.sub(r"\s+", " ", _NOISE.sub("", svg)).replace("> <", "><").strip()
    return _PATH.sub(lambda found: _COMMAND.sub(r"\1", found[0]).strip(), svg)
