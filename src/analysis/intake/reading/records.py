"""Lines → records where quotes are not plain: cells over several lines, doubled quotes, quotes that never close."""

import csv
import io
import re
import sys
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Any

LONGEST_RECORD = 100
"""Lines one quoted cell may span; notes in a bank's extract have a few, an unclosed quote has all that follow."""

csv.field_size_limit(min(sys.maxsize, 2**31 - 1))


@dataclass(frozen=True, slots=True)
class Record:
    """Cells of the lines `first` up to but without `end` (counted from 0); none where a quote never closes."""

    first: int
    end: int
    cells: list[str] | None


def uneven(block: Any, ends: Any, delimiter: int) -> Any:
    """Lines whose quotes do not simply stand around cells, or that hold a zero byte, counted from 0.

    Parameters
    ----------
    block : array of bytes, whole lines
    ends : positions of line feeds in it
    """
    import numpy as np

    zeros = np.searchsorted(ends, np.flatnonzero(block == 0)) if not block.all() else np.array([], dtype=np.int64)
    quotes = np.flatnonzero(block == 34)
    if not len(quotes):
        return np.unique(zeros)
    if _are_plain(block, quotes, ends, delimiter):
        return np.unique(zeros)
    line = np.searchsorted(ends, quotes)
    counts = np.bincount(line, minlength=len(ends))
    rank = np.arange(len(quotes)) - (np.cumsum(counts) - counts)[line]
    opens, closes = _opens(block, quotes, delimiter), _closes(block, quotes, delimiter)
    strange = line[~np.where(rank % 2 == 0, opens, closes)]
    return np.unique(np.concatenate([zeros, strange, np.flatnonzero(counts % 2)]))


def _are_plain(block: Any, quotes: Any, ends: Any, delimiter: int) -> bool:
    """Whether all quotes simply stand around cells of one line; a quick look that suffices for most files."""
    import numpy as np

    if (np.searchsorted(quotes, ends) % 2).any():
        return False
    return bool(_opens(block, quotes[::2], delimiter).all() and _closes(block, quotes[1::2], delimiter).all())


def _opens(block: Any, quotes: Any, delimiter: int) -> Any:
    """Which quotes stand at the beginning of a cell; the block ends in a line feed, which is before its first."""
    return _is_among(block[quotes - 1], delimiter, 10)


def _closes(block: Any, quotes: Any, delimiter: int) -> Any:
    """Which quotes stand at the end of a cell."""
    return _is_among(block[quotes + 1], delimiter, 10, 13)


def _is_among(signs: Any, *wanted: int) -> Any:
    """Which bytes are one of a few."""
    import numpy as np

    table = np.zeros(256, dtype=bool)
    table[list(wanted)] = True
    return table[signs]


def cells_of(line: str, delimiter: str) -> list[str]:
    """The cells of one line, taken leniently."""
    if '"' not in line:
        return line.split(delimiter)
    return next(csv.reader([line.replace("\0", "")], delimiter=delimiter), [])


def record_at(lines: Sequence[str], at: int, delimiter: str, width: int = 0) -> Record:
    """The record that starts at a line. A quote that stays open takes further lines only if that gives all cells.

    Parameters
    ----------
    width : cells of a record; 0 where it is not known
    """
    line = lines[at]
    if is_closed(line, delimiter):
        return Record(at, at + 1, cells_of(line, delimiter))
    text = line
    for end in range(at + 1, min(at + LONGEST_RECORD, len(lines))):
        following = lines[end]
        if width > 1 and len(cells_of(following, delimiter)) == width and is_closed(following, delimiter):
            break  # a whole record by itself: the quote was never meant to span it
        text += "\n" + following
        if '"' in following and _strict(delimiter).fullmatch(text):
            cells = next(csv.reader(io.StringIO(text, newline="\n"), delimiter=delimiter))
            return Record(at, end + 1, cells) if width in (0, len(cells)) else Record(at, at + 1, None)
        if '"' in following and not _open(delimiter).fullmatch(text):
            break  # a quote inside a cell: the one before was never meant to span lines
    return Record(at, at + 1, None)


def is_closed(line: str, delimiter: str) -> bool:
    """Whether every quote that opens a cell of a line is closed in it."""
    return '"' not in line or bool(_lenient(delimiter).fullmatch(line))


def is_plain_line(line: str, delimiter: str) -> bool:
    """Whether a line is a record whose quotes stand around cells or are doubled inside them."""
    return "\0" not in line and bool(_strict(delimiter).fullmatch(line))


def records_of(lines: Sequence[str], delimiter: str) -> Iterator[Record]:
    """All records of a few lines; the cells of a line with an open quote are taken leniently."""
    at = 0
    while at < len(lines):
        record = record_at(lines, at, delimiter)
        yield Record(at, record.end, record.cells or cells_of(lines[at], delimiter))
        at = record.end


@cache
def _lenient(delimiter: str) -> re.Pattern[str]:
    """One line in which every quote that opens a cell is closed, whatever stands behind."""
    mark = re.escape(delimiter)
    cell = rf'(?>"(?:[^"]|"")*+"[^{mark}]*+|[^"{mark}][^{mark}]*+|)'
    return re.compile(rf"{cell}(?:{mark}{cell})*+")


_CELL = r'(?>"(?:[^"]|"")*+"|[^"\n{mark}][^\n{mark}]*+|)'
"""A cell that is quoted from end to end or not at all."""


@cache
def _strict(delimiter: str) -> re.Pattern[str]:
    """Lines of such cells."""
    mark = re.escape(delimiter)
    cell = _CELL.replace("{mark}", mark)
    return re.compile(rf"{cell}(?:{mark}{cell})*+")


@cache
def _open(delimiter: str) -> re.Pattern[str]:
    """Lines of such cells, the last of which is still open."""
    mark = re.escape(delimiter)
    cell = _CELL.replace("{mark}", mark)
    return re.compile(rf'(?:{cell}{mark})*+"(?:[^"]|"")*+')
