"""Figures read in rows: labels at the left edge of the page's text, numbers in columns at the right.

The vertical axis is in millimetres from the top, so that a row with a label of three lines is taller than the others
and bars keep one thickness.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from matplotlib.axes import Axes

from analysis.core.text import Language
from analysis.present.charts.canvas import NARROW, Measure, canvas, put, text_width, wrap
from analysis.present.theme import brand

BAR_MM = 3.8
"""Thickness of a bar; thinner reads as a rule, thicker as a block (2.5 to 6 mm tried at 166 mm)."""


@dataclass(frozen=True, slots=True)
class Rows:
    """Rows of a figure: labels as they are set, their size, and where each row lies.

    Parameters
    ----------
    left : margin the labels need, mm
    heights : of the rows, mm
    """

    labels: tuple[str, ...]
    size: float
    left: float
    heights: tuple[float, ...]
    indent: float = 0.0

    @classmethod
    def of(
        cls, labels: Sequence[str], width_mm: int, *, at_least: float | Sequence[float] = 6.0, indent: float = 0.0
    ) -> "Rows":
        """Rows as tall as their labels need, labels wrapped where they would take more than a third of the width."""
        size = 9.0 if width_mm > NARROW else 8.5
        limit = width_mm * (0.32 if width_mm > NARROW else 0.4) - indent
        wrapped = tuple(wrap(label, limit, size) for label in labels)
        lines = [label.count("\n") + 1 for label in wrapped]
        least = [at_least] * len(lines) if isinstance(at_least, int | float) else at_least
        return cls(
            labels=wrapped,
            size=size,
            left=max(text_width(label, size) for label in wrapped) + 3 + indent,
            heights=tuple(max(pair) for pair in zip(least, (4.1 * count + 2.0 for count in lines), strict=True)),
            indent=indent,
        )

    @property
    def total(self) -> float:
        """Height of all rows, mm."""
        return sum(self.heights)

    @property
    def centres(self) -> tuple[float, ...]:
        """Middle of each row, mm from the top."""
        return tuple(sum(self.heights[:k]) + height / 2 for k, height in enumerate(self.heights))

    def axes(self, width_mm: int, *, right: float, top: float, bottom: float, ax: Axes | None = None) -> Axes:
        """Axes with these rows and their labels, without a value axis; a figure of their own unless `ax` is given."""
        height = self.total + top + bottom
        axes = ax or canvas(width_mm, height, left=self.left, right=right, top=top, bottom=bottom)
        axes.set_ylim(self.total, 0)
        axes.set_yticks([])
        axes.set_xticks([])
        for side in ("top", "right", "left", "bottom"):
            axes.spines[side].set_visible(False)
        return axes

    def write(self, ax: Axes, *, bold: Sequence[int] = ()) -> None:
        """The labels, left-aligned with the page's text."""
        for row, (label, centre) in enumerate(zip(self.labels, self.centres, strict=True)):
            offset = (self.indent - self.left, 0)
            at = ("axes fraction", "data")
            put(ax, label, (0, centre), coords=at, offset=offset, size=self.size, bold=row in bold)

    def hairlines(self, ax: Axes) -> None:
        """Hairlines between rows, for dots that are read across."""
        edges = [0.0, *(centre + height / 2 for centre, height in zip(self.centres, self.heights, strict=True))]
        for edge in edges:
            ax.axhline(edge, color=brand().colour("hair"), linewidth=0.5, zorder=0.5, clip_on=False)


@dataclass(frozen=True, slots=True)
class Printed:
    """A text column beside the axes: its header, cells, and the width they need in millimetres."""

    header: str
    cells: tuple[str, ...]
    width: float

    @classmethod
    def of(
        cls, measure: Measure, values: Sequence[float | None], language: Language, *, short: bool = False
    ) -> "Printed":
        """Numbers in a measure's style; `short` heads the column with the unit alone."""
        header = (measure.unit_in(language) if short else "") or measure.label(language)
        cells = tuple("—" if value is None else measure.print(value, language) for value in values)
        return cls(header, cells, max(text_width(header, 8.5), *map(text_width, cells)) + 4)

    def write(self, ax: Axes, rows: Rows, reach: float, *, colour: str = "muted") -> None:
        """The column, right-aligned `reach` millimetres from the axes' right edge."""
        heading(ax, self.header, reach, ha="right", right=True)
        for cell, centre in zip(self.cells, rows.centres, strict=True):
            put(ax, cell, (1, centre), coords=("axes fraction", "data"), offset=(reach, 0), colour=colour, ha="right")


def heading(ax: Axes, text: str, offset_mm: float = 0.0, *, ha: str = "left", right: bool = False) -> None:
    """A muted line above the axes, from their left or right edge."""
    at = (1.0 if right else 0.0, 1.0)
    put(ax, text, at, coords="axes fraction", offset=(offset_mm, 1.6), size=8.5, colour="muted", ha=ha, va="bottom")


def room_for_labels(ax: Axes, values: Sequence[float], label_mm: float, width_mm: float) -> None:
    """Limits that leave room for the labels beyond the longest bars."""
    low, high = min(0.0, *values), max(0.0, *values)
    if low == high:
        ax.set_xlim(0, 1)
        return
    sides = (high > 0) + (low < 0)
    per_mm = (high - low) / max(width_mm - sides * label_mm, 10.0)
    ax.set_xlim(low - (label_mm * per_mm if low < 0 else 0), high + (label_mm * per_mm if high > 0 else 0))


def key_lines(texts: Sequence[str], width_mm: float, size: float = 8.5) -> list[list[tuple[int, float]]]:
    """A key set in as many lines as it needs: position of each text and its offset in millimetres."""
    lines: list[list[tuple[int, float]]] = [[]]
    reach = 0.0
    for position, text in enumerate(texts):
        width = text_width(text, size) + 4
        if lines[-1] and reach + width > width_mm:
            lines.append([])
            reach = 0.0
        lines[-1].append((position, reach))
        reach += width + 4
    return lines


def write_key(
    ax: Axes,
    texts: Sequence[str],
    hues: Sequence[str],
    left: float,
    width_mm: float,
    *,
    sign: str,
    alphas: Sequence[float] = (),
) -> None:
    """A key above the axes, from the left edge of the figure: a sign in its hue, then the text."""
    lines = key_lines(texts, width_mm)
    for line, entries in enumerate(lines):
        height = 3.4 + 5 * (len(lines) - 1 - line)
        for position, reach in entries:
            mark = put(ax, sign, (0, 1), coords="axes fraction", offset=(reach - left, height), size=8.5)
            mark.set_color(hues[position])
            mark.set_alpha(alphas[position] if alphas else None)
            put(ax, texts[position], (0, 1), coords="axes fraction", offset=(reach - left + 4, height), size=8.5)
