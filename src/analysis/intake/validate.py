"""Checks every table against the data contract in SQL, and reports all failures at once."""

import difflib
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.core.errors import DataError
from analysis.intake.schemas import SCHEMAS, Column, Dtype, TableSchema

SQL_TYPES: dict[Dtype, str] = {
    "text": "VARCHAR",
    "int": "BIGINT",
    "float": "DOUBLE",
    "money": "DECIMAL(18,2)",
    "bool": "BOOLEAN",
    "date": "DATE",
    "quarter": "VARCHAR",
}
"""How each type of the contract is stored."""

_QUARTER = "'(19|20|21)[0-9]{2}Q[1-4]'"
_MAX_EXAMPLES = 5
_NEAR = 0.8
"""A column name this alike to a missing one is a misspelling: 0.8 catches one wrong letter in five, and spares words
that only share a stem (branch, branch_id give 0.8 and are meant to be caught; rate, grade give 0.67)."""


@dataclass(frozen=True, slots=True)
class Failure:
    """One rule that a table breaks.

    Parameters
    ----------
    n_rows : rows concerned; 0 when the whole column is
    examples : up to five offending values; never of a restricted column
    """

    table: str
    column: str
    rule: str
    n_rows: int = 0
    examples: tuple[str, ...] = ()

    def __str__(self) -> str:
        rows = f" ({self.n_rows:,} row{'s' if self.n_rows > 1 else ''})" if self.n_rows else ""
        examples = f", for example {', '.join(self.examples)}" if self.examples else ""
        return f"{self.table}.{self.column} {self.rule}{rows}{examples}"


def validate(connection: Any, relations: Mapping[str, str], *, source: str) -> None:
    """Raise one `DataError` that names every table, column and rule that fails; return nothing when all hold.

    Parameters
    ----------
    connection : a DuckDB connection
    relations : table name → name of the DuckDB relation that holds its rows
    source : short name of the source, for the message
    """
    failures = list(find_failures(connection, relations))
    if failures:
        lines = "; ".join(str(failure) for failure in failures)
        many = f"{len(failures)} checks" if len(failures) > 1 else "1 check"
        raise DataError(
            f"The data of {source} fail {many} of the data contract: {lines}.",
            hint="Correct the extract or its mapping; the contract is in data/README.md.",
        )


def find_failures(connection: Any, relations: Mapping[str, str]) -> Iterator[Failure]:
    """Every rule of the contract that the relations break."""
    for name, schema in SCHEMAS.items():
        if name in relations:
            yield from _check_table(connection, schema, relations[name])
        elif schema.required:
            yield Failure(name, "*", "is missing, and nothing works without this table")


def _check_table(connection: Any, schema: TableSchema, relation: str) -> Iterator[Failure]:
    present = columns_of(connection, relation)
    yield from _check_names(schema, list(present))
    for column in schema.columns:
        if column.name in present:
            yield from _check_column(connection, schema, column, relation, present[column.name])
    if all(name in present for name in schema.key):
        yield from _check_key(connection, schema, relation)


def columns_of(connection: Any, relation: str) -> dict[str, str]:
    """Columns of a DuckDB relation and their SQL types."""
    return {row[0]: row[1] for row in connection.execute(f"DESCRIBE SELECT * FROM {relation}").fetchall()}


def _check_names(schema: TableSchema, present: list[str]) -> Iterator[Failure]:
    known = [column.name for column in schema.columns]
    unknown = [name for name in present if name not in known]
    for column in schema.columns:
        if column.name in present:
            continue
        close = difflib.get_close_matches(column.name, unknown, n=1, cutoff=_NEAR)
        if close:
            yield Failure(schema.name, column.name, f"is missing; the column {close[0]!r} may be meant")
        elif column.required:
            yield Failure(schema.name, column.name, "is missing and required")


def _check_column(
    connection: Any, schema: TableSchema, column: Column, relation: str, sql_type: str
) -> Iterator[Failure]:
    value = quote(column.name)
    typed = f"TRY_CAST({value} AS {SQL_TYPES[column.dtype]})"
    rules = []
    if sql_type != SQL_TYPES[column.dtype]:
        rules.append((f"{value} IS NOT NULL AND {typed} IS NULL", f"is not {_TYPE_WORDS[column.dtype]}"))
    if column.required:
        rules.append((f"{value} IS NULL", "is required and empty"))
    if column.allowed:
        allowed = ", ".join(f"'{word}'" for word in column.allowed)
        rules.append((f"{typed} NOT IN ({allowed})", f"is not one of {', '.join(column.allowed)}"))
    if column.low is not None:
        rules.append((f"{typed} < {column.low}", f"is below {column.low:g}"))
    if column.high is not None:
        rules.append((f"{typed} > {column.high}", f"is above {column.high:g}"))
    if column.dtype == "float":
        rules.append((f"NOT isfinite({typed})", "is not a finite number"))
    if column.dtype == "quarter":
        rules.append((f"NOT regexp_full_match({value}::VARCHAR, {_QUARTER})", "is not a quarter such as 2026Q3"))
    if column.name == "month":
        rules.append((f"{typed} <> last_day({typed})", "is not the last day of a month"))
    if not rules:
        return
    counts = connection.execute(
        f"SELECT {', '.join(f'count(*) FILTER (WHERE {condition})' for condition, _ in rules)} FROM {relation}"
    ).fetchone()
    for (condition, rule), n_rows in zip(rules, counts, strict=True):
        if n_rows:
            examples = () if "empty" in rule else _examples(connection, column, relation, condition)
            yield Failure(schema.name, column.name, rule, n_rows, examples)


_TYPE_WORDS: dict[Dtype, str] = {
    "text": "text",
    "int": "a whole number",
    "float": "a number",
    "money": "an amount",
    "bool": "yes or no",
    "date": "a date",
    "quarter": "a quarter",
}


def _examples(connection: Any, column: Column, relation: str, condition: str) -> tuple[str, ...]:
    if column.sensitivity == "restricted":
        return ()
    value = quote(column.name)
    rows = connection.execute(
        f"SELECT DISTINCT {value}::VARCHAR v FROM {relation} WHERE {condition} ORDER BY v LIMIT {_MAX_EXAMPLES}"
    ).fetchall()
    return tuple(repr(row[0]) for row in rows)


def _check_key(connection: Any, schema: TableSchema, relation: str) -> Iterator[Failure]:
    keys = ", ".join(quote(name) for name in schema.key)
    doubled = f"SELECT {keys}, count(*) n FROM {relation} GROUP BY {keys} HAVING count(*) > 1"
    n_rows = connection.execute(f"SELECT coalesce(sum(n), 0)::BIGINT FROM ({doubled})").fetchone()[0]
    if n_rows:
        rows = connection.execute(f"{doubled} ORDER BY {keys} LIMIT {_MAX_EXAMPLES}").fetchall()
        examples = tuple(" · ".join(str(value) for value in row[:-1]) for row in rows)
        yield Failure(schema.name, " + ".join(schema.key), "names the same row more than once", n_rows, examples)


def write_table(connection: Any, name: str, relation: str, path: Path) -> int:
    """Write a relation as a canonical table and return its number of rows.

    Columns come in the order and type of the contract; those the relation lacks are written empty, others left out.
    """
    schema = SCHEMAS[name]
    present = columns_of(connection, relation)
    columns = ", ".join(_stored(column, present) for column in schema.columns)
    target = str(path).replace("'", "''")
    connection.execute(
        f"COPY (SELECT {columns} FROM {relation} ORDER BY {', '.join(schema.key)})"
        f" TO '{target}' (FORMAT parquet, COMPRESSION zstd)"
    )
    return int(connection.execute(f"SELECT count(*) FROM {relation}").fetchone()[0])


def _stored(column: Column, present: Iterable[str]) -> str:
    value = quote(column.name) if column.name in present else "NULL"
    return f"CAST({value} AS {SQL_TYPES[column.dtype]}) AS {quote(column.name)}"


def is_stored_form(connection: Any, name: str, relation: str) -> bool:
    """Whether a relation already has exactly the columns of the contract, in its order and types (any whole number)."""
    wanted = [(column.name, SQL_TYPES[column.dtype]) for column in SCHEMAS[name].columns]
    found = columns_of(connection, relation)
    return wanted == [(column, "BIGINT" if sql_type == "INTEGER" else sql_type) for column, sql_type in found.items()]


def left_out(connection: Any, name: str, relation: str) -> tuple[str, ...]:
    """Columns of a relation that the contract does not know."""
    known = {column.name for column in SCHEMAS[name].columns}
    return tuple(column for column in columns_of(connection, relation) if column not in known)


def literal(text: str) -> str:
    """A text as an SQL literal."""
    return "'" + text.replace("'", "''") + "'"


def quote(name: str) -> str:
    """A name as a quoted SQL identifier."""
    return '"' + name.replace('"', '""') + '"'
