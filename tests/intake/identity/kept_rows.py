"""Rows kept of canonical tables, written by hand."""

from collections.abc import Sequence
from typing import Any

import duckdb

from analysis.intake.schemas import SCHEMAS
from analysis.intake.validate import SQL_TYPES

ICBC = "91100000100003962T"
HUAWEI = "914403001922038216"
TENCENT = "9144030071526726XG"


def table(
    connection: duckdb.DuckDBPyConnection, name: str, columns: str, *rows: Sequence[Any], file: str = "a.csv"
) -> str:
    """A relation called `kept_<name>`; the first row stands on line 2, a row may end with a file name of its own."""
    names = columns.split()
    kinds = [SQL_TYPES[SCHEMAS[name].column(column).dtype] for column in names]
    spelt = ", ".join(f'"{column}" {kind}' for column, kind in zip(names, kinds, strict=True))
    connection.execute(f"CREATE TABLE kept_{name} ({spelt}, _file VARCHAR, _line BIGINT)")
    for line, row in enumerate(rows, start=2):
        values = [*row, line] if len(row) > len(names) else [*row, file, line]
        connection.execute(f"INSERT INTO kept_{name} VALUES ({', '.join('?' * len(values))})", values)
    return f"kept_{name}"


def rows(connection: duckdb.DuckDBPyConnection, columns: str, relation: str) -> list[tuple[Any, ...]]:
    """Values of these columns, sorted."""
    found: list[tuple[Any, ...]] = connection.execute(f"SELECT {columns} FROM {relation} ORDER BY ALL").fetchall()
    return found
