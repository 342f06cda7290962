"""The brand as data: colours, fonts and marks from `data/policy/brand.toml`, and what figures make of them.

Figures are drawn in the light colours, exactly as written in the file, so that the HTML page can put a variable in
the place of each and one drawing serves light and dark screens.
"""

import logging
import os
import tomllib
import warnings
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, cast

import matplotlib as mpl
from matplotlib.font_manager import FontEntry, FontProperties, fontManager

from analysis.core.errors import ParameterError, ReportError
from analysis.core.text import Text

LATIN, LATIN_BOLD, CHINESE = "Report Latin", "Report Latin Semibold", "Report Chinese"
"""Names under which figures know the fonts of the brand file; no font of the machine can carry them."""

_BOLD = 600
_LATIN_RANGE = (*range(0x20, 0x250), *range(0x370, 0x400), *range(0x2010, 0x2040), 0x20AC, *range(0x2190, 0x2300))


@dataclass(frozen=True, slots=True)
class Font:
    """A font file: where it is and which face of a collection."""

    family: str
    path: Path
    collection_index: int


@dataclass(frozen=True, slots=True)
class Brand:
    """A bank's look.

    Parameters
    ----------
    light, dark : colour name to hex, paper and dark screen
    text_colours : names that may colour text (contrast at least 4.5 on paper)
    segments : names of the segment hues in their order
    fonts : by role: latin, chinese, chinese-variable
    marks : what is printed on every page, by kind of data
    office_fonts : of workbooks, by language
    """

    light: Mapping[str, str]
    dark: Mapping[str, str]
    text_colours: tuple[str, ...]
    segments: tuple[str, ...]
    fonts: Mapping[str, Font]
    marks: Mapping[str, Text]
    office_fonts: Mapping[str, str]

    def colour(self, name: str) -> str:
        """Hex of a colour on paper."""
        return self.light[name]

    def variables(self) -> dict[str, str]:
        """CSS variable of each light hex; the first name that has the hex wins."""
        return {self.light[name]: f"var(--{name})" for name in reversed(list(self.light))}


def repository_root() -> Path:
    """The folder that holds `data/policy`: above this package, else `ANALYSIS_HOME`."""
    candidates = [*Path(__file__).resolve().parents, Path(os.environ.get("ANALYSIS_HOME", "."))]
    for folder in candidates:
        if (folder / "data" / "policy" / "brand.toml").is_file():
            return folder
    raise ParameterError(
        "data/policy/brand.toml was not found.", hint="Run inside the repository, or set ANALYSIS_HOME to its folder."
    )


@cache
def brand(path: Path | None = None) -> Brand:
    """The brand of the repository, or of the file given."""
    file = path or repository_root() / "data" / "policy" / "brand.toml"
    table: dict[str, list[dict[str, Any]]] = tomllib.loads(file.read_text(encoding="utf-8"))["table"]
    hues = [*table["brand_colours"], *table["brand_segments"]]
    return Brand(
        light={row["name"]: row["light"] for row in hues},
        dark={row["name"]: row["dark"] for row in hues},
        text_colours=tuple(row["name"] for row in table["brand_colours"] if row["use"] == "text"),
        segments=tuple(row["name"] for row in table["brand_segments"]),
        fonts={row["role"]: _font(row) for row in table["brand_fonts"]},
        marks={row["kind"]: Text.of(row) for row in table["brand_marks"]},
        office_fonts={row["language"]: row["font"] for row in table["brand_office"]},
    )


def _font(row: Mapping[str, Any]) -> Font:
    spec = find_spec(row["module"])
    folders = (spec.submodule_search_locations or []) if spec else []
    for folder in folders:
        path = Path(folder) / row["file"]
        if path.is_file():
            return Font(row["family"], path, row["collection_index"])
    raise ReportError(
        f"font {row['family']} is not installed (package {row['module']}).",
        hint="Remove the folder .venv and run make setup.",
    )


@cache
def register_fonts() -> None:
    """Make the brand's fonts known to matplotlib by file; the semibold Latin is pinned from the variable font once."""
    fonts = brand().fonts
    files = {LATIN: fonts["latin"].path, LATIN_BOLD: _semibold(fonts["latin"].path), CHINESE: fonts["chinese"].path}
    fontManager.ttflist += [
        FontEntry(fname=str(path), name=name, style="normal", variant="normal", weight=400, stretch="normal")
        for name, path in files.items()
    ]


def _semibold(variable: Path) -> Path:
    """A static semibold of a variable font, kept in matplotlib's cache folder."""
    from fontTools import subset
    from fontTools.ttLib import TTFont
    from fontTools.varLib.instancer import instantiateVariableFont

    kept = (
        Path(mpl.get_cachedir()) / f"report-{variable.stem.split('[')[0]}-{variable.stat().st_size}-{_BOLD}-named.ttf"
    )
    if kept.is_file():
        return kept
    options = subset.Options(layout_features=["kern", "mark", "tnum"], glyph_names=False)
    with TTFont(variable, recalcTimestamp=False) as font, _quiet("fontTools"):
        subsetter = subset.Subsetter(options)
        subsetter.populate(unicodes=_LATIN_RANGE)
        subsetter.subset(font)
        instantiateVariableFont(font, {"wght": _BOLD, "wdth": 100}, inplace=True)
        name = font["name"].getDebugName(6)  # glyphs in an SVG are named by it: two weights must not share one
        font["name"].setName(f"{name.split('-')[0]}-{_BOLD}", 6, 3, 1, 0x409)
        font["name"].removeNames(nameID=6, platformID=1)
        aside = kept.with_suffix(f".{os.getpid()}")
        font.save(aside)
    aside.replace(kept)
    return kept


@contextmanager
def _quiet(logger: str) -> Iterator[None]:
    """No messages below errors from a chatty library, for a moment."""
    log = logging.getLogger(logger)
    before = log.level
    log.setLevel(logging.ERROR)
    try:
        yield
    finally:
        log.setLevel(before)


def families(*, bold: bool = False) -> list[str]:
    """Font families of a label: Latin first, then Chinese, glyph by glyph."""
    return [LATIN_BOLD if bold else LATIN, CHINESE]


def label_font(size: float = 9.0, *, bold: bool = False) -> FontProperties:
    """Font of a label at its final size in points."""
    return FontProperties(family=families(bold=bold), size=size)


def segment_colour(position: int) -> str:
    """Hue of a segment by its place in the stated order, from 0; grey from the ninth on."""
    look = brand()
    return look.colour(look.segments[position]) if position < len(look.segments) else look.colour("muted")


def style() -> dict[str, Any]:
    """The settings figures are drawn and saved with. Used inside `drawing()`, never set globally."""
    ink, muted, hair = (brand().colour(name) for name in ("ink", "muted", "hair"))
    return {
        "font.family": families(),
        "font.size": 9.0,
        "axes.unicode_minus": True,
        "text.color": ink,
        "axes.labelcolor": muted,
        "axes.labelsize": 9.0,
        "axes.edgecolor": ink,
        "axes.linewidth": 0.8,
        "axes.facecolor": "none",
        "axes.grid": False,
        "axes.axisbelow": True,
        "axes.spines.top": False,
        "axes.spines.right": False,
        "axes.spines.left": False,
        "xtick.color": hair,
        "ytick.color": hair,
        "xtick.labelcolor": muted,
        "ytick.labelcolor": muted,
        "xtick.labelsize": 8.5,
        "ytick.labelsize": 8.5,
        "xtick.major.size": 0,
        "ytick.major.size": 0,
        "figure.facecolor": "none",
        "figure.edgecolor": "none",
        "savefig.facecolor": "none",
        "savefig.edgecolor": "none",
        "svg.fonttype": "path",
        "svg.hashsalt": "analysis",
        "path.simplify": True,
    }


@contextmanager
def drawing() -> Iterator[None]:
    """Draw with the brand's fonts and colours; a missing glyph or font is an error, not an empty box."""
    register_fonts()
    with mpl.rc_context(rc=cast(Any, style())), warnings.catch_warnings():
        warnings.filterwarnings("error", message=r"Glyph .* missing")
        warnings.filterwarnings("error", message=r".*[Ff]ont family.*not found")
        yield


def quarter_label(quarter: str) -> str:
    """A quarter on an axis, the same in both languages.

    Examples
    --------
    >>> quarter_label("2026Q3")
    '26Q3'
    """
    return quarter[2:]
