"""Delimited text → rows of text with their lines. What is no record is kept aside with its text, never dropped."""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any

from analysis.core.errors import AnalysisError, DataError
from analysis.core.provenance import sha256_of
from analysis.intake.reading import store
from analysis.intake.reading.decode import encoding_of, line_blocks
from analysis.intake.reading.header import LOOKED_AT, TOTAL, find_header, unique_names
from analysis.intake.reading.nouns import FileSpec, Peek, RawTable
from analysis.intake.reading.records import LONGEST_RECORD, cells_of, is_plain_line, record_at, records_of, uneven
from analysis.intake.validate import quote

DELIMITERS = (",", "\t", ";", "|", "\x01", "^")
"""As systems write them; \\x01 is what Hive does."""
_STAND_IN = "\x1f"
"""Stands for a declared delimiter of several bytes, such as a full-width comma."""
_SAMPLE = 300
"""Lines that tell header and delimiter."""


@dataclass(frozen=True, slots=True)
class Head:
    """How a text file is laid out.

    Parameters
    ----------
    end : physical lines down to and with the header
    columns : names, with one for every cell of a record
    n_named : how many of them the file names
    declared : delimiter as it stands in the file
    """

    end: int
    columns: tuple[str, ...]
    n_named: int
    delimiter: str
    declared: str


@dataclass(slots=True)
class _Taken:
    """What was taken out of the lines so far."""

    n_rows: int = 0
    n_blank: int = 0
    n_further: int = 0
    n_lines: int = 0
    rows: list[tuple[int, list[str]]] = field(default_factory=list)
    rejected: list[store.Rejected] = field(default_factory=list)


def read_text(connection: Any, spec: FileSpec, relation: str) -> RawTable:
    """The records of a delimited file in the DuckDB table `relation`."""
    encoding = encoding_of(spec.path, spec.name, spec.encoding)
    blocks = _plain_blocks(spec, encoding)
    block = next(blocks, b"")
    head = _head(block, spec)
    rejected = store.create(connection, relation, head.columns)
    stored, total = store.Rows(connection, relation), _Taken()
    rest, start = _after(block, head.end), head.end
    for following in _then_end(blocks):
        taken, left = _take(stored, head, rest, start, is_last=not following)
        store.append_rejected(connection, rejected, taken.rejected)
        total.n_rows += taken.n_rows + len(taken.rejected)
        total.n_blank += taken.n_blank
        total.n_further += taken.n_further
        start += taken.n_lines
        rest = left + following
    stored.finish()
    n_physical = start
    n_blank = store.take_out_blank(connection, relation, head.columns)
    _tie(spec.name, head, total, n_physical)
    columns = store.drop_unnamed(connection, relation, head.columns, head.n_named)
    store.take_out_totals(connection, relation, rejected, columns, head.declared)
    n_rejected = connection.execute(f"SELECT count(*) FROM {quote(rejected)}").fetchone()[0]
    return RawTable(
        relation=relation,
        rejected=rejected,
        file=spec.name,
        columns=columns,
        n_lines=total.n_rows - n_blank,
        n_rejected=n_rejected,
        encoding=encoding,
        sha256=sha256_of(spec.path),
        n_header=head.end,
        n_blank=total.n_blank + n_blank,
        n_physical=n_physical,
    )


def _then_end(blocks: Iterator[bytes]) -> Iterator[bytes]:
    yield from blocks
    yield b""


def _tie(name: str, head: Head, total: _Taken, n_physical: int) -> None:
    """Every physical line is header, blank, a record or a further line of one."""
    n_found = head.end + total.n_blank + total.n_rows + total.n_further
    if n_found != n_physical:
        raise AnalysisError(
            f"Of the {n_physical:,} lines of {name} only {n_found:,} were accounted for.",
            hint="This is a fault of this program; please report it.",
        )


def peek_text(spec: FileSpec, n: int) -> Peek:
    """Headers and the first records of a delimited file."""
    encoding = encoding_of(spec.path, spec.name, spec.encoding)
    block = next(_plain_blocks(spec, encoding), b"")
    head = _head(block, spec)
    lines = [line for line in _lines(_after(block, head.end), 2 * n) if "\0" not in line]
    records = [record.cells or [] for record in records_of(lines, head.delimiter)]
    rows = [tuple(cells) for cells in records if len(cells) == len(head.columns) and store.is_record(cells)]
    n_columns = len(head.columns)
    while n_columns > head.n_named and not any(row[n_columns - 1].strip() for row in rows):
        n_columns -= 1
    return Peek(spec.name, "", head.end, head.columns[:n_columns], tuple(row[:n_columns] for row in rows[:n]))


def _plain_blocks(spec: FileSpec, encoding: str) -> Iterator[bytes]:
    """Whole lines with a delimiter of one byte."""
    long = spec.delimiter.encode() if len(spec.delimiter.encode()) > 1 else b""
    for block in line_blocks(spec.path, spec.name, encoding):
        yield block.replace(long, _STAND_IN.encode()) if long else block


def _lines(block: bytes, n: int) -> list[str]:
    """The first lines of a block."""
    end = 0
    for _ in range(n):
        at = block.find(b"\n", end)
        if at < 0:
            break
        end = at + 1
    return _decoded(block[:end])[:-1]


def _after(block: bytes, n: int) -> bytes:
    """The block without its first lines."""
    at = 0
    for _ in range(n):
        at = block.index(b"\n", at) + 1
    return block[at:]


def _head(block: bytes, spec: FileSpec) -> Head:
    lines = _lines(block, max(_SAMPLE, spec.header_row + LOOKED_AT))
    lines = [line.replace("\0", "").removeprefix("\ufeff") for line in lines]
    if spec.header_row > len(lines):
        raise DataError(
            f"The file {spec.name} has no line {spec.header_row}.", hint="Correct header_row in the mapping."
        )
    declared = spec.delimiter or _delimiter(lines[max(spec.header_row - 1, 0) :])
    delimiter = declared if len(declared.encode()) == 1 else _STAND_IN
    if spec.header_row:
        records = list(records_of(lines[spec.header_row - 1 :], delimiter))
        at, end = 0, spec.header_row - 1 + records[0].end
    else:
        records = list(records_of(lines, delimiter))
        at = find_header([record.cells or [] for record in records[:LOOKED_AT]], spec.name)
        end = records[at].end
    header = records[at].cells or [""]
    n_named = max((n + 1 for n, cell in enumerate(header) if cell.strip()), default=1)
    n_cells = _usual_cells([record.cells or [] for record in records[at + 1 :]], len(header), n_named)
    columns = unique_names([*header, *([""] * (n_cells - len(header)))][:n_cells])
    return Head(end, columns, n_named, delimiter, declared)


def _delimiter(lines: Sequence[str]) -> str:
    """The delimiter that most lines have the same number of, at least one."""

    def score(mark: str) -> tuple[int, int]:
        counts = Counter(len(cells_of(line, mark)) - 1 for line in lines if mark in line)
        return max(((n, count) for count, n in counts.items() if count), default=(0, 0))

    return max(DELIMITERS, key=score)


def _usual_cells(rows: Sequence[Sequence[str]], n_header: int, n_named: int) -> int:
    """Cells of a record: as many as the header has, but for a delimiter at the end of one of the two only."""
    counts = Counter(len(row) for row in rows if len(row) > 1)
    if not counts:
        return n_header
    usual = counts.most_common(1)[0][0]
    is_empty_behind = not any(cell.strip() for row in rows for cell in row[n_header:])
    return usual if n_named <= usual < n_header or (usual > n_header and is_empty_behind) else n_header


def _take(stored: store.Rows, head: Head, block: bytes, start: int, *, is_last: bool) -> tuple[_Taken, bytes]:
    """Store the records of a block whose first line follows line `start`; returns what is left for the next block."""
    import numpy as np

    taken = _Taken()
    if not block:
        return taken, b""
    data = np.frombuffer(block, np.uint8)
    ends = np.flatnonzero(data == 10)
    numbers = np.arange(start + 1, start + 1 + len(ends))
    left, n_lines = b"", len(ends)
    strange = uneven(data, ends, ord(head.delimiter))
    if len(strange):
        is_plain, left = _take_strange(block, ends, strange, head, start, taken, is_last=is_last)
        block = _joined(block, ends, is_plain)
        data = np.frombuffer(block, np.uint8)
        ends, numbers = np.flatnonzero(data == 10), numbers[is_plain]
    lengths = np.diff(ends, prepend=-1) - 1
    is_blank = lengths == 0
    if b"\r" in block:
        is_blank |= (lengths == 1) & (data[ends - 1] == 13)
    taken.n_blank += int(is_blank.sum())
    _store_plain(stored, head, block, numbers[~is_blank], taken)
    stored.add_cells(taken.rows)
    taken.n_rows += len(taken.rows)
    taken.n_lines = n_lines - left.count(b"\n")
    return taken, left


def _joined(block: bytes, ends: Any, is_plain: Any) -> bytes:
    """The plain lines of a block."""
    import numpy as np

    starts = np.concatenate([[0], ends[:-1] + 1]) if len(ends) else ends
    edges = np.flatnonzero(np.diff(np.concatenate([[False], is_plain, [False]]).astype(np.int8)))
    return b"".join(block[starts[a] : ends[b - 1] + 1] for a, b in zip(edges[::2], edges[1::2], strict=True))


def _take_strange(
    block: bytes, ends: Any, strange: Any, head: Head, start: int, taken: _Taken, *, is_last: bool
) -> tuple[Any, bytes]:
    """Take the records of lines with unusual quotes one by one.

    Returns
    -------
    which lines of the block are still to be taken, and what must wait for the next block
    """
    import numpy as np

    is_plain = np.ones(len(ends), dtype=bool)
    done = 0
    lines = _decoded(block)[:-1]
    for at in strange.tolist():
        if at < done or is_plain_line(lines[at], head.delimiter):
            continue
        record = record_at(lines, at, head.delimiter, len(head.columns))
        if record.cells is None and not is_last and at + LONGEST_RECORD > len(ends) and at:
            is_plain[at:] = False
            return is_plain, block[int(ends[at - 1]) + 1 :]
        done = record.end
        is_plain[at:done] = False
        taken.n_further += done - at - 1
        _judge(lines[at:done], record.cells, start + 1 + at, head, taken)
    return is_plain, b""


def _decoded(lines: bytes) -> list[str]:
    return lines.decode().replace("\r\n", "\n").split("\n")


def _judge(lines: Sequence[str], cells: list[str] | None, number: int, head: Head, taken: _Taken) -> None:
    """Take a record, or reject it with its text and the reason."""
    text = "\n".join(lines)
    n_columns = len(head.columns)
    if "\0" in text:
        rule = "zero_byte"
    elif cells is None:
        rule = "unclosed_quote"
    elif len(cells) >= n_columns and not any(cell.strip() for cell in cells[n_columns:]):
        taken.rows.append((number, cells[:n_columns]))
        return
    elif not text.strip().strip(f'{head.delimiter}"').strip():
        taken.n_blank += 1
        return
    else:
        is_total = TOTAL.match(text.lstrip(f'{head.delimiter}" \t\u3000'))
        rule = "total_row" if is_total else "ragged"
    if head.declared != head.delimiter:
        text = text.replace(head.delimiter, head.declared)
    taken.rejected.append((number, text.replace("\0", "\ufffd"), rule))


def _store_plain(stored: store.Rows, head: Head, block: bytes, numbers: Any, taken: _Taken) -> None:
    """Store lines that are a record each; those that have not as many cells as the header are judged one by one."""
    import numpy as np
    import pyarrow as pa
    from pyarrow import csv

    if not len(numbers):
        return
    names = [f"c{at}" for at in range(len(head.columns))]
    ragged: dict[int, str] = {}

    def keep(row: Any) -> str:
        ragged[row.number - 1] = row.text
        return "skip"

    table = csv.read_csv(
        pa.BufferReader(block),
        read_options=csv.ReadOptions(use_threads=False, column_names=names, block_size=len(block) + 1),
        parse_options=csv.ParseOptions(delimiter=head.delimiter, invalid_row_handler=keep),
        convert_options=csv.ConvertOptions(
            column_types=dict.fromkeys(names, pa.string()), strings_can_be_null=False, check_utf8=False
        ),
    )
    for at, text in ragged.items():
        line = text.removesuffix("\n").removesuffix("\r")
        _judge([line], cells_of(line, head.delimiter), int(numbers[at]), head, taken)
    lines = np.delete(numbers, list(ragged)) if ragged else numbers
    taken.n_rows += table.num_rows
    if table.num_rows:
        stored.add(table.columns, lines)
