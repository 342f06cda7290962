"""The small line of a KPI tile, written as SVG by hand: 30 × 9 mm, no text."""

from collections.abc import Sequence
from itertools import groupby

from analysis.present.theme import brand

_WIDTH, _HEIGHT, _PAD = 120.0, 36.0, 5.0


def sparkline(series: Sequence[float | None], target: float | None = None) -> str:
    """SVG of up to a dozen values, oldest first, with the last one dotted and the target dashed; empty without values.

    Examples
    --------
    >>> sparkline([None, None])
    ''
    """
    known = [(k, value) for k, value in enumerate(series) if value is not None]
    if not known:
        return ""
    numbers = [value for _, value in known] + ([target] if target is not None else [])
    low, high = min(numbers), max(numbers)
    look = brand()

    def x(k: int) -> str:
        return f"{_PAD + (_WIDTH - 2 * _PAD) * (k / max(len(series) - 1, 1)):.1f}"

    def y(value: float) -> str:
        share = (value - low) / (high - low) if high > low else 0.5
        return f"{_HEIGHT - _PAD - (_HEIGHT - 2 * _PAD) * share:.1f}"

    muted, line, paper = (look.colour(name) for name in ("muted", "a1", "paper"))
    parts = []
    if target is not None:
        dashes = f'style="stroke:{muted};stroke-width:1;stroke-dasharray:3 3"'
        parts.append(f'<path d="M0 {y(target)}H{_WIDTH:.0f}" {dashes}/>')
    for has_value, piece in groupby(enumerate(series), key=lambda pair: pair[1] is not None):
        points = " ".join(f"{x(k)},{y(value)}" for k, value in piece if value is not None)
        if has_value:
            parts.append(f'<polyline points="{points}" style="stroke:{line};stroke-width:1.6;stroke-linejoin:round"/>')
    place = f'cx="{x(known[-1][0])}" cy="{y(known[-1][1])}" r="3.6"'
    parts.append(f'<circle {place} style="fill:{line};stroke:{paper};stroke-width:1.2"/>')
    box = f'viewBox="0 0 {_WIDTH:.0f} {_HEIGHT:.0f}" fill="none"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {box} aria-hidden="true">{"".join(parts)}</svg>'
