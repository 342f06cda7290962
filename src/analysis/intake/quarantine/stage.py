"""All rows of a table from all its files, side by side, without a copy."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from analysis.intake.quarantine.nouns import Part
from analysis.intake.schemas import TableSchema
from analysis.intake.validate import SQL_TYPES, columns_of, quote

MARKS = ("_file", "_line", "_priority", "_unreadable", "_unknown")
_ROWS = 2**40
"""More rows than one file can have: part and row make one number."""

PERIODS = ("quarter", "month", "year", "start")
"""Columns that say which quarter a row speaks about, best first."""


@dataclass(frozen=True, slots=True)
class Stage:
    """The rows of all parts under one name.

    Parameters
    ----------
    view : every column of the contract (empty where no file gives it), the marks, `_part` and `_row`, which no
        two rows share
    given : canonical columns that at least one file gives, in the order of the contract
    """

    connection: Any
    schema: TableSchema
    parts: tuple[Part, ...]
    view: str
    given: tuple[str, ...]

    @property
    def judged(self) -> tuple[str, ...]:
        """Columns that were given or must be there."""
        return tuple(c.name for c in self.schema.columns if c.required or c.name in self.given)

    @property
    def money(self) -> tuple[str, ...]:
        """Money columns that were given."""
        return tuple(name for name in self.given if self.schema.column(name).dtype == "money")

    @property
    def period(self) -> str:
        """The column that says which quarter a row speaks about; empty where there is none."""
        return next((name for name in (*PERIODS, self.schema.dated) if name in self.given), "")

    def relation(self, suffix: str) -> str:
        """The name of a relation of this split."""
        return f"{self.view}_{suffix}"

    def has(self, relation: str) -> bool:
        """Whether a relation has rows."""
        return self.connection.execute(f"SELECT 1 FROM {relation} LIMIT 1").fetchone() is not None

    def tidy(self, *, keep: Sequence[str]) -> None:
        """Drop what the split made on its way."""
        made = self.connection.execute(
            f"SELECT table_name FROM duckdb_tables() WHERE starts_with(table_name, '{self.view}_')"
        ).fetchall()
        for (name,) in made:
            if name not in keep:
                self.connection.execute(f"DROP TABLE {name}")
        self.connection.execute(f"DROP VIEW {self.view}")


def stage(connection: Any, schema: TableSchema, parts: Sequence[Part]) -> Stage:
    """The rows of the parts under one view."""
    found = [columns_of(connection, part.relation) for part in parts]
    given = tuple(column.name for column in schema.columns if any(column.name in columns for columns in found))
    view = f"split_{schema.name}_{re.sub(r'[^0-9A-Za-z]+', '_', parts[0].relation)}"
    selects = " UNION ALL ".join(
        _select(schema, number, part, columns) for number, (part, columns) in enumerate(zip(parts, found, strict=True))
    )
    connection.execute(f"CREATE OR REPLACE TEMP VIEW {view} AS {selects}")
    return Stage(connection, schema, tuple(parts), view, given)


def _select(schema: TableSchema, number: int, part: Part, columns: dict[str, str]) -> str:
    values = [
        quote(column.name) if column.name in columns else f"NULL::{SQL_TYPES[column.dtype]} AS {quote(column.name)}"
        for column in schema.columns
    ]
    row = f"{number * _ROWS}::BIGINT + rowid"
    return f"SELECT {number} AS _part, {row} AS _row, {', '.join((*values, *MARKS))} FROM {part.relation}"
