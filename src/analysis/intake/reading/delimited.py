"""Delimited text → rows with their lines. A line that is no record is kept aside with its text, never dropped."""

import csv
import io
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from analysis.core.errors import DataError
from analysis.intake.reading.header import LOOKED_AT, TOTAL, find_header, unique_names

DELIMITERS = (",", "\t", ";", "|")
_LONGEST_RECORD = 100
"""Lines one quoted cell may span; notes in a bank's extract have a few, an unclosed quote has all that follow."""
_AT_END = 30
"""Last rows in which sums and signatures are looked for in every cell position; elsewhere the first cell tells."""

Rejected = tuple[int, str, str]
"""line, text, rule"""


@dataclass(frozen=True, slots=True)
class Lines:
    """The records of a text: each its physical line (its first, when a quoted cell spans several) and its text."""

    header: tuple[str, ...]
    header_line: int
    delimiter: str
    numbers: list[int]
    texts: list[str]
    rejected: list[Rejected] = field(default_factory=list)
    has_breaks: bool = False


def split_lines(text: str, name: str, *, delimiter: str = "", header_row: int = 0) -> Lines:
    """The records below the header.

    Parameters
    ----------
    header_row : physical line of the column names; 0 finds it

    Raises
    ------
    DataError : the text is empty, or has no line `header_row`
    """
    if "\r" in text:
        text = text.replace("\r\n", "\n").replace("\r", "\n")
    lines = text.split("\n")
    if lines and not lines[-1]:
        lines.pop()
    if "\0" in text[:1000]:
        raise DataError(
            f"The file {name} holds zero bytes, as utf-16 text without a mark does.", hint="Export it as utf-8."
        )
    head = lines[:LOOKED_AT]
    chosen = delimiter or _delimiter(head)
    rows = [_cells(line, chosen) for line in head]
    if header_row > len(lines):
        raise DataError(f"The file {name} has no line {header_row}.", hint="Correct header_row in the mapping.")
    at = header_row - 1 if header_row else find_header(rows, name)
    cells = _cells(lines[at], chosen)
    while len(cells) > 1 and not cells[-1].strip() and _trails(rows[at + 1 :], len(cells)):
        cells.pop()  # a delimiter at the end of every line makes an empty last column
    return _records(lines, at, unique_names(cells), len(_cells(lines[at], chosen)), chosen)


def _trails(rows: Sequence[Sequence[str]], width: int) -> bool:
    return all(len(row) < width or not row[width - 1].strip() for row in rows)


def _delimiter(head: Sequence[str]) -> str:
    """The delimiter that most lines have the same number of, at least one."""

    def score(mark: str) -> tuple[int, int]:
        counts = Counter(len(_cells(line, mark)) - 1 for line in head if mark in line)
        return max(((n, count) for count, n in counts.items() if count), default=(0, 0))

    return max(DELIMITERS, key=score)


def _cells(line: str, delimiter: str) -> list[str]:
    if '"' not in line:
        return line.split(delimiter)
    return next(csv.reader([line], delimiter=delimiter), [])


def _records(lines: list[str], at: int, header: tuple[str, ...], width: int, delimiter: str) -> Lines:
    """The lines below the header as records; blank ones are passed over, hopeless ones rejected."""
    out = Lines(header, at + 1, delimiter, [], [])
    number = at + 1
    has_breaks = False
    while number < len(lines):
        line = lines[number]
        number += 1
        if not line.strip() or not line.strip(delimiter + " "):
            continue
        if "\0" in line:
            out.rejected.append((number, line.replace("\0", "\ufffd"), "zero_byte"))
            continue
        if line.count('"') % 2:
            closed = _closing(lines, number, line, width, delimiter)
            if not closed:
                out.rejected.append((number, line, "unclosed_quote"))
                continue
            out.numbers.append(number)
            out.texts.append("\n".join(lines[number - 1 : closed]))
            number, has_breaks = closed, True
            continue
        out.numbers.append(number)
        out.texts.append(line)
    return Lines(header, at + 1, delimiter, out.numbers, out.texts, out.rejected, has_breaks)


def _closing(lines: Sequence[str], number: int, line: str, width: int, delimiter: str) -> int:
    """Number of the line that closes a quote, if the record then has all its cells; 0 when there is none.

    A line in between that is a whole record by itself shows that the quote was never meant to span it.
    """
    text = line
    for end in range(number, min(number + _LONGEST_RECORD, len(lines))):
        following = lines[end]
        if following.count('"') % 2 == 0 and len(_cells(following, delimiter)) == width:
            return 0
        text += "\n" + following
        if following.count('"') % 2:
            rows = list(csv.reader(io.StringIO(text), delimiter=delimiter))
            return end + 1 if len(rows) == 1 and len(rows[0]) == width else 0
    return 0


def to_arrow(lines: Lines) -> tuple[Any, list[int], list[Rejected]]:
    """The records as an Arrow table of text, the line of each, and those that do not have as many cells as the header.

    A record that lacks or has more cells than the header is rejected, except that empty cells too many are passed over.
    """
    import pyarrow as pa
    import pyarrow.csv as pa_csv

    width = len(lines.header)
    names = [f"c{at}" for at in range(width)]
    ragged: dict[int, str] = {}

    def keep_aside(row: Any) -> str:
        ragged[row.number - 1] = row.text
        return "skip"

    if not lines.texts:
        return pa.table({name: pa.array([], pa.string()) for name in names}), [], []
    data = ("\n".join(lines.texts) + "\n").encode()
    table = pa_csv.read_csv(
        io.BytesIO(data),
        read_options=pa_csv.ReadOptions(
            use_threads=False, column_names=names, block_size=max(1 << 20, min(len(data) + 1, 1 << 30))
        ),
        parse_options=pa_csv.ParseOptions(
            delimiter=lines.delimiter,
            newlines_in_values=lines.has_breaks,
            invalid_row_handler=keep_aside,
            ignore_empty_lines=width > 1,
        ),
        convert_options=pa_csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False, check_utf8=False
        ),
    )
    numbers = [number for at, number in enumerate(lines.numbers) if at not in ragged]
    mended, rejected = _mended(lines, ragged, width)
    if mended:
        columns = list(zip(*(cells for _, cells in mended), strict=True))
        more = pa.table({name: pa.array(column, pa.string()) for name, column in zip(names, columns, strict=True)})
        table = pa.concat_tables([table, more])
        numbers += [number for number, _ in mended]
    return table, numbers, rejected


def _mended(lines: Lines, ragged: dict[int, str], width: int) -> tuple[list[tuple[int, list[str]]], list[Rejected]]:
    """Ragged records that only have empty cells too many, and those to be rejected."""
    mended: list[tuple[int, list[str]]] = []
    rejected: list[Rejected] = []
    for at, text in ragged.items():
        cells = _cells(text, lines.delimiter)
        if len(cells) > width and not any(cell.strip() for cell in cells[width:]):
            mended.append((lines.numbers[at], cells[:width]))
        else:
            rejected.append((lines.numbers[at], text, "ragged" if not TOTAL.match(text) else "total_row"))
    return mended, rejected


def totals(rows: Iterator[tuple[int, Sequence[str]]]) -> Iterator[int]:
    """Positions of rows that are sums or signatures under the table, not records."""
    for at, cells in rows:
        first = next((cell for cell in cells if cell and cell.strip()), "")
        if TOTAL.match(first):
            yield at
