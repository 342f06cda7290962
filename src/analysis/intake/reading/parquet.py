"""Parquet → rows in their own types, with their numbers as lines."""

import re
from pathlib import Path
from typing import Any

from analysis.core.errors import DataError
from analysis.core.provenance import sha256_of
from analysis.intake.reading import store
from analysis.intake.reading.header import unique_names
from analysis.intake.reading.nouns import FileSpec, Peek, RawTable
from analysis.intake.validate import quote

_ZONE = "Asia/Shanghai"
"""Where the days of a Chinese bank begin: engines such as Spark write local midnight as the afternoon before in UTC."""


_PATTERN = re.compile(r"([*?\[])")
"""Signs that DuckDB takes for a pattern of several files, unless they stand in brackets."""


def read_parquet(connection: Any, spec: FileSpec, relation: str) -> RawTable:
    """The rows of a Parquet file in the DuckDB table `relation`; `_line` counts its rows from 1."""
    found = _columns(connection, spec)
    columns = unique_names([name for name, _ in found])
    rejected = store.create(connection, relation, columns)
    values = ", ".join(
        f"{_value(given, kind)} AS {quote(name)}" for (given, kind), name in zip(found, columns, strict=True)
    )
    counted = "file_row_number" not in [name for name, _ in found]
    line = "file_row_number + 1" if counted else "row_number() OVER ()"
    rows = _sql(spec.path, counted=counted)
    _run(connection, spec, f"CREATE OR REPLACE TABLE {quote(relation)} AS SELECT {values}, {line} AS _line FROM {rows}")
    n_rows = connection.execute(f"SELECT count(*) FROM {quote(relation)}").fetchone()[0]
    return RawTable(
        relation=relation,
        rejected=rejected,
        file=spec.name,
        columns=columns,
        n_lines=n_rows,
        n_rejected=0,
        encoding="",
        sha256=sha256_of(spec.path),
        n_physical=n_rows,
    )


def peek_parquet(spec: FileSpec, n: int) -> Peek:
    """Columns and first rows of a Parquet file as text."""
    import duckdb

    with duckdb.connect(config={"threads": 1}) as connection:
        found = _columns(connection, spec)
        values = ", ".join(f"coalesce(CAST({_value(name, kind)} AS VARCHAR), '')" for name, kind in found)
        query = f"SELECT {values} FROM {_sql(spec.path)} LIMIT {n}"
        rows = tuple(tuple(row) for row in _run(connection, spec, query).fetchall())
    return Peek(spec.name, "", 0, unique_names([name for name, _ in found]), rows)


def _columns(connection: Any, spec: FileSpec) -> list[tuple[str, str]]:
    """Name and type of every column."""
    found = _run(connection, spec, f"DESCRIBE SELECT * FROM {_sql(spec.path)}").fetchall()
    return [(row[0], row[1]) for row in found]


def _value(name: str, kind: str) -> str:
    """SQL: a column in a type that can be read: bytes as text, moments as the bank's clocks show them."""
    if kind == "BLOB":
        return f"TRY(decode({quote(name)}))"
    if kind == "TIMESTAMP WITH TIME ZONE":
        return f"{quote(name)} AT TIME ZONE '{_ZONE}'"
    return quote(name)


def _sql(path: Path, *, counted: bool = False) -> str:
    text = _PATTERN.sub(r"[\1]", str(path)).replace("'", "''")
    return f"read_parquet('{text}', hive_partitioning = false{', file_row_number = true' if counted else ''})"


def _run(connection: Any, spec: FileSpec, query: str) -> Any:
    import duckdb

    try:
        return connection.execute(query)
    except duckdb.Error as error:
        raise DataError(f"The file {spec.name} is no Parquet file, or is cut off.", hint="Deliver it again.") from error
