"""How a table is set in print: alignment, column widths, header breaks, heat, bars and verdict chips."""

import math
import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analysis.core.text import Language, Text
from analysis.core.units import Currency
from analysis.present.format import MISSING, SUPPRESSED, cell_text
from analysis.reporting.render.words import CHIP_STATES

TEXT_WIDTH = 166 / 25.4 * 72
"""Width of the text column in points."""

_RIGHT = re.compile(r"\[.*\]|[0-9]+/[0-9]+|—|\*|")
"""Words that are set like numbers: an interval, a count out of a total, a sign."""
_PADDING = 6.0
_GAP = 8.0
"""Extra space before a left-aligned column that follows a right-aligned one, in points."""
_SHORT_LABEL = 10
"""A Latin header shorter than this stays on one line."""
_MOST_LINES = 8
_FEWEST = 3
"""A table of so few columns is not split any more."""
_RAGGED = 1.18
"""Room for ragged lines when words wrap: columns a sixth wider than text ÷ lines; less left one line more in trials."""
_BAR = 40.0
"""Least length kept for the longest data bar of a column, beside the numbers, in points."""
INDENT = 12.0
"""Of the first cell of a 其中 row, in points; the template uses the same."""
_BELOW_LIMIT = Text("低于披露下限", "below the disclosure limit")
_WIDE_TABLE = 8
"""From so many columns up a table is set at 8 pt (look.md)."""


@dataclass(frozen=True, slots=True)
class Layout:
    """Widths in points, one a column, and the header labels with their breaks."""

    size: float
    widths: tuple[float, ...]
    header: tuple[str, ...]
    right: tuple[bool, ...]
    gaps: tuple[bool, ...]


def text_width(text: str, size: float, *, bold: bool = False) -> float:
    """About how wide a text is, in points: one em a Chinese character, measured means of the Latin font else.

    Examples
    --------
    >>> text_width("户数", 10)
    20.0
    """
    em = sum(_em(character) for character in text)
    return round(em * size * (1.05 if bold and not _is_chinese(text) else 1.0), 3)


def _em(character: str) -> float:
    if unicodedata.east_asian_width(character) in "WF" or character in "●○▲◆▽▼":
        return 1.0
    if character.isdigit() or character in "+−":
        return 0.6
    if character in " .,:;·[]()ilj'|/":
        return 0.33
    return 0.67 if character.isupper() else 0.84 if character in "mwMW%" else 0.565


def _is_chinese(text: str) -> bool:
    return any(unicodedata.east_asian_width(character) in "WF" for character in text)


def texts_of(table: Mapping[str, Any], language: Language, currency: Currency) -> list[list[str]]:
    """Every cell as printed, row by row."""
    return [
        [cell_text(row["cells"].get(column["key"]), column["style"], language, currency) for column in table["columns"]]
        for row in table["rows"]
    ]


def right_aligned(column: Mapping[str, Any], texts: Sequence[str]) -> bool:
    """Whether a column is set right: numbers, and words that are intervals or counts out of a total."""
    if column["style"] not in ("words", "name"):
        return True
    return any(texts) and any(text[:1] in "[0123456789" for text in texts if text) and all(map(_RIGHT.fullmatch, texts))


_CHIP = 10.0
"""Points the edge and the padding of a verdict chip take."""


def is_chip(text: str) -> bool:
    """Whether a cell prints as a verdict chip: a sign, a space, a word. Chips never wrap."""
    return text[:1] in CHIP_STATES and text[1:2] == " "


def lay_out(table: Mapping[str, Any], texts: Sequence[Sequence[str]], language: Language) -> Layout | None:
    """Column widths that fill the text column: numbers never wrap, words share what is left.

    None when the columns do not fit side by side even at the smallest size: such a table is printed in parts.
    """
    columns = table["columns"]
    labels = [column["label"][language] for column in columns]
    by_column = [[row[i] for row in texts] for i in range(len(columns))]
    right = tuple(i > 0 and right_aligned(column, by_column[i]) for i, column in enumerate(columns))
    gaps = tuple(i > 0 and not right[i] and right[i - 1] for i in range(len(columns)))
    extra = [_PADDING + _GAP * gap + _BAR * column["bar"] for gap, column in zip(gaps, columns, strict=True)]
    extra[0] += INDENT * any(row["role"] == "indent" for row in table["rows"])
    sizes = (8.0, 7.5) if len(columns) >= _WIDE_TABLE else (8.5, 8.0, 7.5)
    for size in sizes:
        widths = _widths(labels, by_column, right, extra, size)
        if widths is not None:
            break
    if widths is None and len(columns) > _FEWEST:
        return None
    if widths is None:  # nothing left to split: shrink all alike and let texts wrap
        natural = [max(text_width(text, size) for text in (*cells, "—")) + _PADDING for cells in by_column]
        widths = [width * TEXT_WIDTH / sum(natural) for width in natural]
    header = tuple(
        _broken(label, width - _PADDING - _GAP * gap, size, language)
        for label, width, gap in zip(labels, widths, gaps, strict=True)
    )
    return Layout(size, tuple(round(width, 2) for width in widths), header, right, gaps)


def split(table: Mapping[str, Any]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The table as two, each with its first column and half of the others."""
    first, *others = table["columns"]
    half = math.ceil(len(others) / 2)
    return (
        {**table, "columns": [first, *others[:half]]},
        {**table, "columns": [first, *others[half:]]},
    )


def _widths(
    labels: Sequence[str],
    by_column: Sequence[Sequence[str]],
    right: Sequence[bool],
    extra: Sequence[float],
    size: float,
) -> list[float] | None:
    """Widths that add up to the text column, or None when not even the least widths fit."""
    cells = [
        max((text_width(t, size, bold=True) + _CHIP * is_chip(t) for t in texts), default=0.0) for texts in by_column
    ]
    natural = [max(cell, _head(label, size)) + e for cell, label, e in zip(cells, labels, extra, strict=True)]
    spare = TEXT_WIDTH - sum(natural)
    if spare >= 0:
        return _spread(natural, spare, even=any(right))
    wraps = [
        not r and any(_can_wrap(t) for t in texts) and not any(map(is_chip, texts))
        for r, texts in zip(right, by_column, strict=True)
    ]
    tokens = [
        max(_least(label, size), max((_least(t, size) for t in texts), default=0.0) if wrap else cell)
        for label, texts, wrap, cell in zip(labels, by_column, wraps, cells, strict=True)
    ]
    for lines in range(1, _MOST_LINES + 1):  # the fewest lines a row of words needs
        slack = 1.0 if lines == 1 else _RAGGED
        widths = [
            max(token, cell / lines * slack if wrap else 0.0) + e
            for token, cell, wrap, e in zip(tokens, cells, wraps, extra, strict=True)
        ]
        if sum(widths) <= TEXT_WIDTH:
            whole = [cell + e for cell, e in zip(cells, extra, strict=True)]
            return _give(widths, whole, wraps)
    return None


def _give(widths: Sequence[float], whole: Sequence[float], wraps: Sequence[bool]) -> list[float]:
    """The spare width given to columns of words: whole lines to the shortest first, the rest by length of text."""
    out = list(widths)
    spare = TEXT_WIDTH - sum(out)
    for i in sorted((i for i, wrap in enumerate(wraps) if wrap), key=lambda i: whole[i] - out[i]):
        need = max(whole[i] - out[i], 0.0)
        if need <= spare:
            out[i], spare = out[i] + need, spare - need
    short = [max(full - width, 0.0) if wrap else 0.0 for full, width, wrap in zip(whole, out, wraps, strict=True)]
    total = sum(short)
    return [w + (spare * s / total if total else spare / len(out)) for w, s in zip(out, short, strict=True)]


def _spread(widths: Sequence[float], spare: float, *, even: bool) -> list[float]:
    """The spare width given out: the same to each column beside numbers, else in proportion."""
    total = sum(widths)
    return [width + (spare / len(widths) if even else spare * width / total) for width in widths]


def _head(label: str, size: float) -> float:
    """Width of a header: Latin labels may take two lines, cut at the space that makes them shortest."""
    whole = text_width(label, size, bold=True)
    if _is_chinese(label) or len(label) < _SHORT_LABEL:
        return whole
    words = label.split(" ")
    pairs = [(" ".join(words[:k]), " ".join(words[k:])) for k in range(1, len(words))]
    return min((max(text_width(part, size, bold=True) for part in pair) for pair in pairs), default=whole)


def _can_wrap(text: str) -> bool:
    return len(text) > 10 and (" " in text or _is_chinese(text)) and text[:1] not in "[●○▲◆"


def _least(text: str, size: float) -> float:
    """The least width a text may be given: its longest Latin word, or five Chinese characters."""
    if text[:1] in "[●○▲◆":
        return text_width(text, size)
    words = [text_width(word, size, bold=True) for word in re.findall(r"[^\s\u2e80-\uffef]+", text)]
    chinese = len(re.findall(r"[\u2e80-\uffef]", text))
    return max([*words, min(math.ceil(chinese / 2) if chinese > 4 else chinese, 6) * size, 0.0])


def _broken(label: str, width: float, size: float, language: Language) -> str:
    """A Chinese header that does not fit on one line, cut into lines of about equal length."""
    if language != "zh" or "\n" in label or not _is_chinese(label):
        return label
    lines = math.ceil(text_width(label, size, bold=True) / max(width, size))
    if lines < 2:
        return label
    step = math.ceil(len(label) / lines)
    return "\n".join(label[k : k + step] for k in range(0, len(label), step))


def heat_fills(table: Mapping[str, Any], paper: str, up: str, down: str) -> dict[tuple[int, str], str]:
    """Fill of each heat cell by row and column key: depth by the square root of its share of the block's maximum.

    A block is a run of neighbouring heat columns; total rows take no part. Negative numbers take the second accent.
    """
    fills: dict[tuple[int, str], str] = {}
    for keys in _runs([(column["key"], column["heat"]) for column in table["columns"]]):
        values = {
            (i, key): number
            for i, row in enumerate(table["rows"])
            if row["role"] != "total"
            for key in keys
            if (number := number_of(row["cells"].get(key))) is not None
        }
        top = max((abs(value) for value in values.values()), default=0.0)
        for place, value in values.items():
            if top and value:
                fills[place] = mix(paper, up if value > 0 else down, math.sqrt(abs(value) / top))
    return fills


def bar_shares(table: Mapping[str, Any]) -> dict[tuple[int, str], float]:
    """Length of each data bar by row and column key, from 0 to 1 of the column's maximum; total rows have none."""
    shares: dict[tuple[int, str], float] = {}
    for column in table["columns"]:
        if not column["bar"]:
            continue
        values = {
            (i, column["key"]): abs(number)
            for i, row in enumerate(table["rows"])
            if row["role"] != "total" and (number := number_of(row["cells"].get(column["key"]))) is not None
        }
        top = max(values.values(), default=0.0)
        shares |= {place: round(value / top, 4) for place, value in values.items() if top}
    return shares


def bar_lengths(
    table: Mapping[str, Any], texts: Sequence[Sequence[str]], layout: Layout
) -> dict[tuple[int, str], float]:
    """Length of each data bar in points: the longest of a column fills what its numbers leave free."""
    room = {
        column["key"]: layout.widths[i]
        - _PADDING
        - max((text_width(row[i], layout.size) for row in texts), default=0.0)
        for i, column in enumerate(table["columns"])
    }
    return {place: round(share * max(room[place[1]], 0.0), 2) for place, share in bar_shares(table).items()}


def number_of(cell: Any) -> float | None:
    """The raw number of a cell, of a fact too; None for words and signs."""
    value = cell.get("value") if isinstance(cell, Mapping) else None
    return None if value is None or isinstance(value, str) else float(value)


def mix(start: str, end: str, share: float) -> str:
    """The colour so far on the way from one hex to another.

    Examples
    --------
    >>> mix("#ffffff", "#000000", 0.5)
    '#808080'
    """
    ends = [(int(start[k : k + 2], 16), int(end[k : k + 2], 16)) for k in (1, 3, 5)]
    return "#" + "".join(f"{math.floor(a + (b - a) * share + 0.5):02x}" for a, b in ends)


def decimal_pads(texts: Sequence[str]) -> list[str]:
    """What to add unseen behind each number of a column, so that decimal points stand below each other.

    Examples
    --------
    >>> decimal_pads(["1,572", "9.99", "—"])
    ['.99', '', '']
    """
    tails = [match[1] if (match := re.fullmatch(r"[+−]?[0-9,]+(\.[0-9]+)?", text)) else None for text in texts]
    longest = max((tail or "" for tail in tails), key=len, default="")
    is_number = [bool(re.fullmatch(r"[+−]?[0-9,]+(\.[0-9]+)?", text)) for text in texts]
    return [longest[len(tail or "") :] if number else "" for tail, number in zip(tails, is_number, strict=True)]


def signs_note(table: Mapping[str, Any], said: str, language: Language) -> str:
    """What `—` and `*` mean in this table, unless its note (`said`) says so already."""
    cells = [cell for row in table["rows"] for cell in row["cells"].values() if isinstance(cell, Mapping)]
    reasons = dict.fromkeys(cell["missing"][language] for cell in cells if "missing" in cell)
    meanings = {MISSING: [reason for reason in reasons if reason not in said]}
    if any(cell.get("suppressed") for cell in cells) and SUPPRESSED not in said:
        meanings[SUPPRESSED] = [_BELOW_LIMIT[language]]
    colon, comma, stop = ("：", "；", "。") if language == "zh" else (": ", "; ", ". ")
    return "".join(f"{sign}{colon}{comma.join(words)}{stop}" for sign, words in meanings.items() if words).strip()


def _runs(flagged: Sequence[tuple[str, bool]]) -> list[list[str]]:
    runs: list[list[str]] = []
    before = False
    for key, flag in flagged:
        if flag and before:
            runs[-1].append(key)
        elif flag:
            runs.append([key])
        before = flag
    return runs
