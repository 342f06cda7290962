"""A file as given → rows of text in DuckDB, with the line each came from and the lines that are no records."""

from collections.abc import Sequence
from datetime import date, datetime, time
from pathlib import Path
from typing import Any

from analysis.core.errors import DataError
from analysis.core.provenance import sha256_of
from analysis.intake.reading.decode import decoded
from analysis.intake.reading.delimited import Rejected, split_lines, to_arrow
from analysis.intake.reading.files import is_book, is_parquet
from analysis.intake.reading.guard import check_workbook, unpacked
from analysis.intake.reading.header import LOOKED_AT, TOTAL, find_header, unique_names
from analysis.intake.reading.nouns import FileSpec, Peek, RawTable
from analysis.intake.validate import quote

PEEKED = 200


def sheets_of(path: Path) -> list[str]:
    """Visible sheets of a workbook that hold anything; none for other files."""
    if not is_book(path):
        return []
    book = _book(path, path.name)
    visible = [one.name for one in book.sheets_metadata if "Visible" in str(one.visible)]
    return [name for name in visible if book.get_sheet_by_name(name).to_python()]


def peek(spec: FileSpec, n: int = PEEKED) -> Peek:
    """Headers and the first rows of a file or sheet as text."""
    if is_parquet(spec.path):
        return _peek_parquet(spec, n)
    if is_book(spec.path):
        sheet, rows = _sheet(spec)
        at = spec.header_row - 1 if spec.header_row else find_header(rows[:LOOKED_AT], _named(spec, sheet))
        names = unique_names(rows[at])
        body = [tuple(row[: len(names)]) for row in rows[at + 1 : at + 1 + n] if any(row)]
        return Peek(spec.name, sheet, at + 1, names, tuple(body))
    lines = split_lines(_text(spec)[0], spec.name, delimiter=spec.delimiter, header_row=spec.header_row)
    del lines.texts[n:], lines.numbers[n:]
    table, _, _ = to_arrow(lines)
    columns = [column.to_pylist() for column in table.columns]
    return Peek(spec.name, "", lines.header_line, lines.header, tuple(zip(*columns, strict=True)))


def read_file(connection: Any, spec: FileSpec, *, relation: str) -> RawTable:
    """The rows of a file or sheet in the DuckDB table `relation`, what is no record in `<relation>_rejected`.

    Raises
    ------
    DataError : it cannot be opened, decoded or unpacked, has no header, or is too large
    """
    if is_parquet(spec.path):
        return _read_parquet(connection, spec, relation)
    encoding, name = "", spec.name
    if is_book(spec.path):
        sheet, rows = _sheet(spec)
        name = _named(spec, sheet)
        header, table, numbers, rejected = _book_rows(rows, spec, name)
    else:
        text, encoding = _text(spec)
        lines = split_lines(text, spec.name, delimiter=spec.delimiter, header_row=spec.header_row)
        header = lines.header
        table, numbers, ragged = to_arrow(lines)
        rejected = [*lines.rejected, *ragged]
    table, numbers, sums = _without_totals(table, numbers)
    return _stored(connection, relation, name, header, table, numbers, [*rejected, *sums], encoding, spec.path)


def _text(spec: FileSpec) -> tuple[str, str]:
    data = unpacked(spec.path, spec.name)
    if not data.strip():
        raise DataError(f"The file {spec.name} is empty.", hint="Deliver it again, or take it out of the folder.")
    return decoded(data, spec.name, spec.encoding)


def _named(spec: FileSpec, sheet: str) -> str:
    return f"{spec.name}!{sheet}"


def _book(path: Path, name: str) -> Any:
    from python_calamine import CalamineWorkbook

    check_workbook(path, name)
    try:
        return CalamineWorkbook.from_path(str(path))
    except Exception as error:  # calamine raises a class of its own for every format
        raise DataError(
            f"The workbook {name} cannot be opened; it is damaged, protected or no workbook.",
            hint="Save it again as xlsx without a password.",
        ) from error


def _sheet(spec: FileSpec) -> tuple[str, list[list[str]]]:
    """The name of the sheet and its cells as text, from the first row on."""
    book = _book(spec.path, spec.name)
    names = [spec.sheet] if spec.sheet else [*sheets_of(spec.path), *book.sheet_names][:1]
    if not names or names[0] not in book.sheet_names:
        listed = ", ".join(book.sheet_names[:8])
        raise DataError(f"The workbook {spec.name} has no sheet {spec.sheet!r}.", hint=f"It has {listed}.")
    rows = book.get_sheet_by_name(names[0]).to_python(skip_empty_area=False)
    return names[0], [[_cell(value) for value in row] for row in rows]


def _cell(value: object) -> str:
    """A cell as text: whole numbers without .0, days as 2026-09-30."""
    if isinstance(value, str):
        return value
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return str(int(value)) if value.is_integer() and abs(value) < 1e15 else repr(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ")
    return value.isoformat() if isinstance(value, date | time) else str(value)


def _book_rows(
    rows: list[list[str]], spec: FileSpec, name: str
) -> tuple[tuple[str, ...], Any, list[int], list[Rejected]]:
    import pyarrow as pa

    at = spec.header_row - 1 if spec.header_row else find_header(rows[:LOOKED_AT], name)
    cells = list(rows[at])
    while (
        len(cells) > 1 and not cells[-1] and all(len(row) < len(cells) or not row[len(cells) - 1] for row in rows[at:])
    ):
        cells.pop()
    header = unique_names(cells)
    width = len(header)
    kept, numbers, rejected = [], [], []
    for number, row in enumerate(rows[at + 1 :], start=at + 2):
        if not any(cell.strip() for cell in row):
            continue
        if any(cell.strip() for cell in row[width:]):
            rejected.append((number, " | ".join(row), "ragged"))
            continue
        kept.append(row[:width])
        numbers.append(number)
    columns = zip(*kept, strict=True) if kept else [() for _ in header]
    table = pa.table({f"c{i}": pa.array(list(column), pa.string()) for i, column in enumerate(columns)})
    return header, table, numbers, rejected


def _without_totals(table: Any, numbers: list[int]) -> tuple[Any, list[int], list[Rejected]]:
    """Rows that start with a word such as 合计 are sums or signatures, not records."""
    import pyarrow as pa
    import pyarrow.compute as pc

    if not table.num_rows:
        return table, numbers, []
    first = table.column(0)
    pattern = TOTAL.pattern
    suspect = pc.match_substring_regex(first, f"(?i)^{pattern}")
    tail = max(table.num_rows - LOOKED_AT, 0)
    found = set(pc.indices_nonzero(suspect).to_pylist())
    for at, row in enumerate(table.slice(tail).to_pylist(), start=tail):
        word = next((cell for cell in row.values() if cell and cell.strip()), "")
        if TOTAL.match(word):
            found.add(at)
    if not found:
        return table, numbers, []
    rejected = [
        (numbers[at], " | ".join(str(cell) for cell in table.slice(at, 1).to_pylist()[0].values()), "total_row")
        for at in sorted(found)
    ]
    mask = pa.array([at not in found for at in range(table.num_rows)])
    return table.filter(mask), [number for at, number in enumerate(numbers) if at not in found], rejected


def _stored(
    connection: Any,
    relation: str,
    name: str,
    header: tuple[str, ...],
    table: Any,
    numbers: Sequence[int],
    rejected: Sequence[Rejected],
    encoding: str,
    path: Path,
) -> RawTable:
    import pyarrow as pa

    given = pa.table([*table.columns, pa.array(numbers, pa.int64())], names=[*header, "_line"])
    aside = pa.table(
        {
            "line": pa.array([line for line, _, _ in rejected], pa.int64()),
            "raw": pa.array([raw for _, raw, _ in rejected], pa.string()),
            "rule": pa.array([rule for _, _, rule in rejected], pa.string()),
        }
    )
    _create(connection, relation, given)
    _create(connection, f"{relation}_rejected", aside)
    n_lines = len(numbers) + len(rejected)
    return RawTable(relation, f"{relation}_rejected", name, header, n_lines, len(rejected), encoding, sha256_of(path))


def _create(connection: Any, relation: str, table: Any) -> None:
    connection.register("given_rows", table)
    connection.execute(f"CREATE TABLE {quote(relation)} AS SELECT * FROM given_rows")
    connection.unregister("given_rows")


def _parquet_sql(path: Path) -> str:
    return "read_parquet('" + str(path).replace("'", "''") + "')"


def _read_parquet(connection: Any, spec: FileSpec, relation: str) -> RawTable:
    import duckdb

    try:
        connection.execute(
            f"CREATE TABLE {quote(relation)} AS SELECT *, row_number() OVER () AS _line FROM {_parquet_sql(spec.path)}"
        )
    except duckdb.Error as error:
        raise DataError(f"The file {spec.name} is no Parquet file, or is cut off.", hint="Deliver it again.") from error
    columns = tuple(row[0] for row in connection.execute(f"DESCRIBE {quote(relation)}").fetchall())[:-1]
    n_rows = connection.execute(f"SELECT count(*) FROM {quote(relation)}").fetchone()[0]
    rejected = f"{relation}_rejected"
    connection.execute(f"CREATE TABLE {quote(rejected)} (line BIGINT, raw VARCHAR, rule VARCHAR)")
    return RawTable(relation, rejected, spec.name, columns, n_rows, 0, "", sha256_of(spec.path))


def _peek_parquet(spec: FileSpec, n: int) -> Peek:
    import duckdb

    with duckdb.connect(config={"threads": 1}) as connection:
        try:
            found = connection.execute(f"SELECT * FROM {_parquet_sql(spec.path)} LIMIT {n}")
        except duckdb.Error as error:
            raise DataError(
                f"The file {spec.name} is no Parquet file, or is cut off.", hint="Deliver it again."
            ) from error
        names = tuple(column[0] for column in found.description)
        rows = tuple(tuple("" if cell is None else str(cell) for cell in row) for row in found.fetchall())
    return Peek(spec.name, "", 1, names, rows)
