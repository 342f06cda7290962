"""Rows of text as the reader would hand them over, written by hand."""

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import duckdb

from analysis.intake.mapping import ColumnMapping, FileMapping, map_rows
from analysis.intake.reading import RawTable


def raw_table(
    connection: duckdb.DuckDBPyConnection, headers: Sequence[str], *rows: Sequence[Any], name: str = "a.csv"
) -> RawTable:
    """A file whose first row stands on line 2."""
    cells = ", ".join(f'"{header.replace(chr(34), chr(34) * 2)}" VARCHAR' for header in headers)
    connection.execute(f"CREATE OR REPLACE TABLE raw ({cells}, _line BIGINT)")
    connection.execute("CREATE OR REPLACE TABLE raw_rejected (line BIGINT, raw VARCHAR, rule VARCHAR)")
    for line, row in enumerate(rows, start=2):
        connection.execute(f"INSERT INTO raw VALUES ({', '.join('?' * (len(row) + 1))})", [*row, line])
    return RawTable("raw", "raw_rejected", name, tuple(headers), len(rows), 0, "utf-8", "")


def read_cells(table: str, column: str, cells: Sequence[str | None], **options: Any) -> list[Any]:
    """What the cells of one column are read as; `unreadable` or `unknown: word` where they are not."""
    multiply = Decimal(options.pop("multiply", 1))
    mapping = FileMapping(table, ("*",), (ColumnMapping(column, "given", multiply=multiply, **options),))
    with duckdb.connect(config={"threads": 1}) as connection:
        raw = raw_table(connection, ["given"], *[(cell,) for cell in cells])
        map_rows(connection, raw, mapping, relation="mapped")
        rows = connection.execute(f"SELECT {column}, _unreadable, _unknown FROM mapped ORDER BY _line").fetchall()
    return ["unreadable" if bad else f"unknown: {value}" if odd else value for value, bad, odd in rows]
