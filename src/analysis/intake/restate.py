"""One table from several quarters' folders: the later folder wins by key, and every value it changes is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from analysis.core.quarter import Quarter, is_quarter
from analysis.intake.identity.people import COVER
from analysis.intake.quarantine.show import is_private
from analysis.intake.schemas import Column, TableSchema
from analysis.intake.validate import SQL_TYPES, columns_of, quote

_PERIODS = ("quarter", "month", "year")


@dataclass(frozen=True, slots=True)
class Merged:
    """A table over all folders.

    Parameters
    ----------
    relation : DuckDB table of the canonical columns, `_file` and `_line`; one row a key
    restatements : DuckDB table `table, kind, the key's columns, column, before, after, folder`; kind is `changed` (a
        value an earlier folder gave otherwise) or `late` (a row of a quarter an earlier folder had already closed, a
        line a money column). Values of restricted columns and identifiers are covered; the key is as given
    """

    relation: str
    restatements: str


@dataclass(frozen=True, slots=True)
class _Step:
    """One folder laid over what the folders before it said."""

    connection: Any
    schema: TableSchema
    known: str
    later: str
    folder: str
    closed: str

    @property
    def keys(self) -> str:
        return ", ".join(quote(name) for name in self.schema.key)

    def columns(self, relation: str) -> list[str]:
        """Canonical columns of a relation, in the order of the contract."""
        present = columns_of(self.connection, relation)
        return [column.name for column in self.schema.columns if column.name in present]

    @property
    def overlaps(self) -> bool:
        """Whether the later folder gives a key that was known."""
        query = f"SELECT 1 FROM {self.known} SEMI JOIN {self.later} USING ({self.keys}) LIMIT 1"
        return self.connection.execute(query).fetchone() is not None

    @property
    def both(self) -> list[Column]:
        """Columns beside the key that both sides give."""
        later = self.columns(self.later)
        names = [name for name in self.columns(self.known) if name in later and name not in self.schema.key]
        return [self.schema.column(name) for name in names]


def merge_folders(connection: Any, schema: TableSchema, parts_by_folder: Sequence[tuple[str, str]]) -> Merged:
    """One row a key, from the latest folder that gives it, and what that changed. The relations given are used up.

    Parameters
    ----------
    parts_by_folder : label of each folder and the relation of its rows kept, one row a key, oldest folder first

    Notes
    -----
    A column that a later folder does not give at all keeps the earlier value. Where the key has no period (a loan, an
    incident), a value that was empty before is news and not a restatement.
    """
    first, relation = parts_by_folder[0]
    restatements, known = f"restated_{relation}", f"merged_{relation}"
    _create(connection, schema, restatements)
    connection.execute(f"ALTER TABLE {relation} RENAME TO {known}")
    closed = first
    for folder, later in parts_by_folder[1:]:
        step = _Step(connection, schema, known, later, folder, closed)
        _note_late(step, restatements)
        if step.overlaps:
            _note_changed(step, restatements)
            _take_over(step)
        _add(step)
        closed = folder
    return Merged(known, restatements)


def _create(connection: Any, schema: TableSchema, name: str) -> None:
    keys = ", ".join(f"{quote(key)} {SQL_TYPES[schema.column(key).dtype]}" for key in schema.key)
    connection.execute(
        f'CREATE OR REPLACE TABLE {name} ("table" VARCHAR, "kind" VARCHAR, {keys},'
        ' "column" VARCHAR, "before" VARCHAR, "after" VARCHAR, "folder" VARCHAR)'
    )


def _note_changed(step: _Step, target: str) -> None:
    """A line a value that was given before and is now another."""
    columns = step.both
    if not columns:
        return
    has_period = any(name in _PERIODS for name in step.schema.key)
    names = [quote(column.name) for column in columns]
    values = ", ".join(f"a.{name} AS _a{n}, b.{name} AS _b{n}" for n, name in enumerate(names))
    any_differs = " OR ".join(_differs(f"a.{name}", f"b.{name}", has_period) for name in names)
    found = f"changed_{target}"
    step.connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {found} AS SELECT {step.keys}, {values}"
        f" FROM {step.known} AS a JOIN {step.later} AS b USING ({step.keys}) WHERE {any_differs}"
    )
    for n, column in enumerate(columns):
        step.connection.execute(
            f"INSERT INTO {target}"
            f" SELECT '{step.schema.name}', 'changed', {step.keys}, '{column.name}',"
            f" {_text(f'_a{n}', column)}, {_text(f'_b{n}', column)}, '{step.folder}'"
            f" FROM {found} WHERE {_differs(f'_a{n}', f'_b{n}', has_period)} ORDER BY {step.keys}"
        )
    step.connection.execute(f"DROP TABLE {found}")


def _differs(before: str, after: str, has_period: bool) -> str:
    differs = f"{before} IS DISTINCT FROM {after}"
    return f"({differs})" if has_period else f"({differs} AND {before} IS NOT NULL)"


def _text(value: str, column: Column) -> str:
    if is_private(column):
        return f"CASE WHEN {value} IS NOT NULL THEN '{COVER}' END"
    return f"{value}::VARCHAR"


def _note_late(step: _Step, target: str) -> None:
    """A line a money column of every new row of a time that the folders before had closed and do speak about."""
    if not is_quarter(step.closed):
        return
    period = next((name for name in _PERIODS if name in step.schema.key), "")
    if not period:
        return
    earliest = "date_trunc('quarter', min(month))" if period == "month" else f"min({period})"
    closed = f"{_is_closed(period, Quarter(step.closed))} AND {period} >= (SELECT {earliest} FROM {step.known})"
    new = f"(SELECT * FROM {step.later} ANTI JOIN {step.known} USING ({step.keys}) WHERE {closed})"
    later = step.columns(step.later)
    money = [column for column in step.schema.columns if column.dtype == "money" and column.name in later]
    for column in money:
        value = quote(column.name)
        step.connection.execute(
            f"INSERT INTO {target} SELECT '{step.schema.name}', 'late', {step.keys}, '{column.name}', NULL,"
            f" {_text(value, column)}, '{step.folder}' FROM {new} WHERE {value} IS NOT NULL ORDER BY {step.keys}"
        )
    empty = " AND ".join(f"{quote(column.name)} IS NULL" for column in money) or "true"
    step.connection.execute(
        f"INSERT INTO {target} SELECT '{step.schema.name}', 'late', {step.keys}, '', NULL, NULL, '{step.folder}'"
        f" FROM {new} WHERE {empty} ORDER BY {step.keys}"
    )


def _is_closed(period: str, quarter: Quarter) -> str:
    """SQL that says whether a row speaks about the quarter or one before it."""
    if period == "month":
        return f"month <= DATE '{quarter.end.isoformat()}'"
    return f"quarter <= '{quarter.label}'" if period == "quarter" else f"year < {quarter.year}"


def _take_over(step: _Step) -> None:
    """Give the later rows the values of columns that only the earlier folders know, and drop the rows they replace."""
    later = step.columns(step.later)
    only_known = [name for name in step.columns(step.known) if name not in later]
    same = " AND ".join(f"a.{quote(name)} = b.{quote(name)}" for name in step.schema.key)
    for name in only_known:
        sql_type = SQL_TYPES[step.schema.column(name).dtype]
        step.connection.execute(f"ALTER TABLE {step.later} ADD COLUMN {quote(name)} {sql_type}")
    if only_known:
        values = ", ".join(f"{quote(name)} = a.{quote(name)}" for name in only_known)
        step.connection.execute(f"UPDATE {step.later} AS b SET {values} FROM {step.known} AS a WHERE {same}")
    step.connection.execute(f"DELETE FROM {step.known} AS a USING {step.later} AS b WHERE {same}")


def _add(step: _Step) -> None:
    """Add the later rows."""
    known = columns_of(step.connection, step.known)
    for name, sql_type in columns_of(step.connection, step.later).items():
        if name not in known:
            step.connection.execute(f"ALTER TABLE {step.known} ADD COLUMN {quote(name)} {sql_type}")
    step.connection.execute(f"INSERT INTO {step.known} BY NAME SELECT * FROM {step.later}")
    step.connection.execute(f"DROP TABLE {step.later}")
