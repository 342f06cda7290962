"""Web fonts of a page: only the characters it uses, as WOFF2 inside the style sheet. The same bytes every time."""

import base64
import io
import re
from functools import cache
from html import unescape

from fontTools import subset
from fontTools.ttLib import TTFont
from fontTools.varLib.instancer import instantiateVariableFont

from analysis.core.text import Language
from analysis.present.theme import Font, brand

_FIXED_TIME = 3_786_825_600
"""head.modified of every subset: 2024-01-01 in seconds since 1904."""
_CHINESE_MARKS = frozenset("‘’“”—…·")
"""Marks that both fonts have: full width from the Chinese font in Chinese text; the middle dot always Latin."""
_ALWAYS = frozenset(map(chr, range(0x20, 0x7F)))


def printed_characters(html: str) -> frozenset[str]:
    """Every character a page shows, markup, styles and drawings aside."""
    bare = re.sub(r"<(style|svg)\b.*?</\1>|<!--.*?-->", "", html, flags=re.DOTALL)
    attributes = "".join(re.findall(r'(?:aria-label|alt|title)="([^"]*)"', bare))
    return frozenset(unescape(re.sub(r"<[^>]*>", "", bare) + attributes)) - frozenset("\n\r\t")


def font_faces(characters: frozenset[str], language: Language) -> str:
    """`@font-face` rules for the characters: Latin first, limited by range, then Chinese in all weights."""
    fonts = brand().fonts
    latin_has = _covered(fonts["latin"])
    kept = _CHINESE_MARKS - {"·"} if language == "zh" else frozenset()
    latin = {c for c in characters | _ALWAYS if ord(c) in latin_has} - kept
    chinese = characters - latin
    rules = [_face("Report Latin", _woff2(fonts["latin"], "".join(sorted(latin))), latin)]
    if chinese:
        rules.append(_face("Report Chinese", _woff2(fonts["chinese-variable"], "".join(sorted(chinese))), chinese))
    return "\n".join(rules)


def _face(family: str, data: bytes, characters: set[str] | frozenset[str]) -> str:
    return (
        f'@font-face{{font-family:"{family}";font-weight:100 900;font-display:swap;'
        f"src:url(data:font/woff2;base64,{base64.b64encode(data).decode()}) format('woff2');"
        f"unicode-range:{_ranges(sorted(map(ord, characters)))}}}"
    )


def _ranges(points: list[int]) -> str:
    """Code points as a CSS range list.

    Examples
    --------
    >>> _ranges([65, 66, 67, 8722])
    'U+41-43,U+2212'
    """
    runs: list[list[int]] = []
    for point in points:
        if runs and point == runs[-1][1] + 1:
            runs[-1][1] = point
        else:
            runs.append([point, point])
    return ",".join(f"U+{a:X}" if a == b else f"U+{a:X}-{b:X}" for a, b in runs)


@cache
def _covered(font: Font) -> frozenset[int]:
    with TTFont(font.path, fontNumber=font.collection_index, lazy=True) as opened:
        return frozenset(opened.getBestCmap())


@cache
def _woff2(font: Font, text: str) -> bytes:
    """A subset of a variable font in its weights from 400 to 700, compressed."""
    options = subset.Options(
        layout_features=["kern", "mark", "tnum", "locl", "ccmp", "halt", "chws"], notdef_outline=True, hinting=False
    )
    with TTFont(
        font.path, fontNumber=font.collection_index, lazy=True, recalcTimestamp=False, recalcBBoxes=False
    ) as opened:
        subsetter = subset.Subsetter(options)
        subsetter.populate(text=text)
        subsetter.subset(opened)
        if any(axis.axisTag == "wdth" for axis in opened["fvar"].axes):
            instantiateVariableFont(opened, {"wdth": 100}, inplace=True)
        opened["head"].modified = _FIXED_TIME
        opened.flavor = "woff2"
        out = io.BytesIO()
        opened.save(out)
    return out.getvalue()
