"""Rows as the mapping would hand them over, written by hand."""

from collections.abc import Sequence
from typing import Any

import duckdb

from analysis.intake.mapping import ColumnMapping, FileMapping
from analysis.intake.quarantine import Part
from analysis.intake.reading import RawTable
from analysis.intake.schemas import SCHEMAS
from analysis.intake.validate import SQL_TYPES, quote

MARKS = {"_unreadable": "VARCHAR[]", "_unknown": "VARCHAR[]"}


def part(
    connection: duckdb.DuckDBPyConnection,
    table: str,
    columns: str,
    *rows: Sequence[Any],
    name: str = "a.csv",
    priority: int = 0,
    raw: dict[tuple[int, str], str] | None = None,
    headers: dict[str, str] | None = None,
    rejected: Sequence[tuple[int, str, str]] = (),
) -> Part:
    """A part whose first row stands on line 2; its raw cells are the values as text unless `raw` says otherwise.

    Parameters
    ----------
    columns : canonical names and marks, separated by spaces
    raw : (line, column) → the cell as given
    headers : canonical name → header, the same name unless said
    """
    schema = SCHEMAS[table]
    names = columns.split()
    stem = f"{table}_{len(connection.execute('SHOW TABLES').fetchall())}"
    values = [name for name in names if name not in MARKS]
    types = [MARKS.get(column) or SQL_TYPES[schema.column(column).dtype] for column in names]
    marks = [f"{mark} VARCHAR[] DEFAULT []" for mark in MARKS if mark not in names]
    spelt = ", ".join([*(f'"{column}" {kind}' for column, kind in zip(names, types, strict=True)), *marks])
    connection.execute(f"CREATE TABLE {stem} ({spelt}, _file VARCHAR, _line BIGINT, _priority INTEGER)")
    given = {column: (headers or {}).get(column, column) for column in values}
    cells = ", ".join(f"{quote(header)} VARCHAR" for header in given.values())
    connection.execute(f"CREATE TABLE {stem}_raw ({cells}, _line BIGINT)")
    connection.execute(f"CREATE TABLE {stem}_rejected (line BIGINT, raw VARCHAR, rule VARCHAR)")
    typed, texts = [], []
    for line, row in enumerate(rows, start=2):
        typed += [*row, name, line, priority]
        texts += [(raw or {}).get((line, column), _text(row[names.index(column)])) for column in values] + [line]
    places = ", ".join(f'"{column}"' for column in names)
    _insert(connection, f"{stem} ({places}, _file, _line, _priority)", len(names) + 3, typed)
    _insert(connection, f"{stem}_raw", len(values) + 1, texts)
    for line, text, rule in rejected:
        connection.execute(f"INSERT INTO {stem}_rejected VALUES (?, ?, ?)", [line, text, rule])
    read = RawTable(
        f"{stem}_raw",
        f"{stem}_rejected",
        name,
        tuple(given.values()),
        len(rows) + len(rejected),
        len(rejected),
        "utf-8",
        "",
    )
    mapping = FileMapping(table, (name,), tuple(ColumnMapping(column, header) for column, header in given.items()))
    return Part(stem, read, mapping)


def _insert(connection: duckdb.DuckDBPyConnection, target: str, width: int, cells: list[Any]) -> None:
    if cells:
        row = f"({', '.join('?' * width)})"
        connection.execute(f"INSERT INTO {target} VALUES {', '.join([row] * (len(cells) // width))}", cells)


def _text(value: Any) -> str:
    return "" if value is None else str(value)
