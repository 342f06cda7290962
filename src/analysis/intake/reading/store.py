"""Rows of text as DuckDB tables, and what is no record taken out of them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any

from analysis.intake.reading.header import TOTAL, TOTAL_WORDS
from analysis.intake.validate import quote

Rejected = tuple[int, str, str]
"""line, text, rule"""

SPACES = " \t\r\n\u00a0\u3000\ufeff"
_AT_ONCE = 1 << 27
"""Bytes of rows that wait to be stored together."""
LONGEST_RAW = 2_000
"""Signs of a rejected line that are kept: enough to recognise it, not the rest of a file behind a quote."""
_AT_END = 10
"""Last rows in which sums and signatures are looked for."""
_BEGINNING = 50
"""Cells among which the first with anything in it is looked for there."""
_FIRST_CELLS = 3
"""Cells among which a sum's word stands: behind a number or an outlet, never behind the amounts."""


def create(connection: Any, relation: str, columns: Sequence[str]) -> str:
    """Make the empty tables of rows and of rejected lines; returns the name of the second."""
    cells = ", ".join(f"{quote(column)} VARCHAR" for column in columns)
    connection.execute(f"CREATE OR REPLACE TABLE {quote(relation)} ({cells}, _line BIGINT)")
    rejected = f"{relation}_rejected"
    connection.execute(f"CREATE OR REPLACE TABLE {quote(rejected)} (line BIGINT, raw VARCHAR, rule VARCHAR)")
    return rejected


@dataclass(slots=True)
class Rows:
    """Rows on their way into a table. Few large steps: every step into a table that has rows costs time by itself."""

    connection: Any
    relation: str
    waiting: list[Any] = field(default_factory=list)
    size: int = 0

    def add(self, cells: Sequence[Any], lines: Any) -> None:
        """Add rows given as an Arrow array of text a column and the line of each row."""
        import pyarrow as pa

        names = [f"c{at}" for at in range(len(cells))]
        table = pa.table([*cells, pa.array(lines, pa.int64())], names=[*names, "line"])
        self.waiting.append(table)
        self.size += table.nbytes
        if self.size > _AT_ONCE:
            self.finish()

    def add_cells(self, rows: Sequence[tuple[int, Sequence[str]]]) -> None:
        """Add rows given as line and cells."""
        import pyarrow as pa

        if rows:
            columns = zip(*(cells for _, cells in rows), strict=True)
            self.add([pa.array(column, pa.string()) for column in columns], [line for line, _ in rows])

    def finish(self) -> None:
        """Store what is waiting."""
        import pyarrow as pa

        if self.waiting:
            _insert(self.connection, self.relation, pa.concat_tables(self.waiting))
        self.waiting, self.size = [], 0


def append_rejected(connection: Any, rejected: str, found: Sequence[Rejected]) -> None:
    """Add rejected lines."""
    import pyarrow as pa

    if found:
        line, raw, rule = zip(*found, strict=True)
        cut = [text[:LONGEST_RAW] for text in raw]
        _insert(connection, rejected, pa.table({"line": pa.array(line, pa.int64()), "raw": cut, "rule": list(rule)}))


def _insert(connection: Any, relation: str, table: Any) -> None:
    connection.register("_rows_given", table)
    connection.execute(f"INSERT INTO {quote(relation)} SELECT * FROM _rows_given")
    connection.unregister("_rows_given")


def take_out_blank(connection: Any, relation: str, columns: Sequence[str]) -> int:
    """Delete rows in which nothing stands, and return how many there were."""
    begins_blank = f"FROM {quote(relation)} WHERE {_may_begin(columns[0], '')}"
    if not connection.execute(f"SELECT 1 {begins_blank} LIMIT 1").fetchall():
        return 0  # the rule, found out without a look at ten thousand columns
    blank = "".join(f" AND {_trimmed(column)} = ''" for column in columns)
    return int(connection.execute(f"DELETE {begins_blank}{blank}").fetchone()[0])


def take_out_totals(connection: Any, relation: str, rejected: str, columns: Sequence[str], delimiter: str) -> None:
    """Move sums, and signatures below the table, from the rows to the rejected lines."""
    lines = {*_sums(connection, relation, columns), *_signatures(connection, relation, columns)}
    if lines:
        found = _cells(connection, relation, columns, list(lines))
        append_rejected(connection, rejected, [(line, delimiter.join(row), "total_row") for line, *row in found])
        connection.execute(f"DELETE FROM {quote(relation)} WHERE _line IN ({', '.join(map(str, lines))})")


def is_record(cells: Sequence[str]) -> bool:
    """Whether a row holds anything, and does not start like a sum or a signature."""
    first = next((cell.strip() for cell in cells if cell.strip()), "")
    return bool(first) and not TOTAL.match(first)


def _sums(connection: Any, relation: str, columns: Sequence[str]) -> list[int]:
    """Lines whose first cell with anything in it is a word such as 合计, wherever they stand."""
    words = ", ".join(f"'{word}'" for word in TOTAL_WORDS)
    conditions = []
    for at, column in enumerate(columns[:_FIRST_CELLS]):
        before = "".join(f" AND {_trimmed(name)} = ''" for name in columns[:at])
        conditions.append(f"(rtrim({_trimmed(column)}, ':：') IN ({words}){before})")
    suspect = _may_begin(columns[0], "".join(word[0] for word in TOTAL_WORDS))
    if not connection.execute(f"SELECT 1 FROM {quote(relation)} WHERE {suspect} LIMIT 1").fetchall():
        return []
    query = f"SELECT _line FROM {quote(relation)} WHERE {suspect} AND ({' OR '.join(conditions)})"
    return [line for (line,) in connection.execute(query).fetchall()]


def _signatures(connection: Any, relation: str, columns: Sequence[str]) -> list[int]:
    """The last lines, as long as each starts like a sum or a signature."""
    last = connection.execute(f"SELECT _line FROM {quote(relation)} ORDER BY _line DESC LIMIT {_AT_END}").fetchall()
    found: list[int] = []
    for (line,) in last:
        if is_record(_cells(connection, relation, columns[:_BEGINNING], [line])[0][1:]):
            break
        found.append(line)
    return found


def _cells(connection: Any, relation: str, columns: Sequence[str], lines: Sequence[int]) -> list[tuple[Any, ...]]:
    """Line and cells of some rows, by line."""
    cells = ", ".join(quote(column) for column in columns)
    wanted = ", ".join(map(str, lines))
    query = f"SELECT _line, {cells} FROM {quote(relation)} WHERE _line IN ({wanted})"
    return sorted(connection.execute(query).fetchall())


def drop_unnamed(connection: Any, relation: str, columns: Sequence[str], n_named: int) -> tuple[str, ...]:
    """Delete the last columns that have neither name nor cells, and return those that stay."""
    kept = list(columns)
    while len(kept) > max(n_named, 1):
        query = f"SELECT 1 FROM {quote(relation)} WHERE {_trimmed(kept[-1])} <> '' LIMIT 1"
        if connection.execute(query).fetchall():
            break
        connection.execute(f"ALTER TABLE {quote(relation)} DROP COLUMN {quote(kept.pop())}")
    return tuple(kept)


def _may_begin(column: str, signs: str) -> str:
    """SQL: whether a cell is empty or begins with a space or one of the signs; trimming all is slow."""
    points = ", ".join(str(ord(sign)) for sign in sorted({*SPACES, *signs}))
    return f"({quote(column)} < '!' OR unicode({quote(column)}) IN ({points}))"


def _trimmed(column: str) -> str:
    return f"trim({quote(column)}, '{SPACES}')"
