"""One table from several quarters' folders: the later folder wins by key, and every value it changes is kept."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from analysis.core.quarter import Quarter
from analysis.intake.periods import is_quarter_label
from analysis.intake.schemas import Column, TableSchema
from analysis.intake.validate import SQL_TYPES, columns_of, quote

COVER = "•••"
_PERIODS = ("quarter", "month", "year")
_PLACES = ("_file", "_line")


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
    def both(self) -> list[Column]:
        """Columns beside the key that both sides give."""
        later = self.columns(self.later)
        names = [name for name in self.columns(self.known) if name in later and name not in self.schema.key]
        return [self.schema.column(name) for name in names]


def merge_folders(connection: Any, schema: TableSchema, parts_by_folder: Sequence[tuple[str, str]]) -> Merged:
    """One row a key, from the latest folder that gives it, and what that changed.

    Parameters
    ----------
    parts_by_folder : label of each folder and the relation of its rows kept, one row a key, oldest folder first

    Notes
    -----
    A column that a later folder does not give at all keeps the earlier value. Where the key has no period (a loan, an
    incident), a value that was empty before is news and not a restatement.
    """
    restatements = f"restated_{parts_by_folder[0][1]}"
    _create(connection, schema, restatements)
    known = parts_by_folder[0][1]
    for at, (folder, later) in enumerate(parts_by_folder[1:], start=1):
        step = _Step(connection, schema, known, later, folder, parts_by_folder[at - 1][0])
        _note_changed(step, restatements)
        _note_late(step, restatements)
        merged = f"merged_{at}_{parts_by_folder[0][1]}"
        _lay_over(step, merged)
        if at > 1:
            connection.execute(f"DROP TABLE {known}")
        known = merged
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
            f" SELECT ?, 'changed', {step.keys}, ?, {_text(f'_a{n}', column)}, {_text(f'_b{n}', column)}, ?"
            f" FROM {found} WHERE {_differs(f'_a{n}', f'_b{n}', has_period)} ORDER BY {step.keys}",
            [step.schema.name, column.name, step.folder],
        )


def _differs(before: str, after: str, has_period: bool) -> str:
    differs = f"{before} IS DISTINCT FROM {after}"
    return f"({differs})" if has_period else f"({differs} AND {before} IS NOT NULL)"


def _text(value: str, column: Column) -> str:
    if column.sensitivity in ("identifier", "restricted"):
        return f"CASE WHEN {value} IS NOT NULL THEN '{COVER}' END"
    return f"{value}::VARCHAR"


def _note_late(step: _Step, target: str) -> None:
    """A line a money column of every new row that speaks about a quarter the folder before had closed."""
    if not is_quarter_label(step.closed):
        return
    closed = _is_closed(step.schema, Quarter(step.closed))
    if not closed:
        return
    new = f"(SELECT * FROM {step.later} ANTI JOIN {step.known} USING ({step.keys}) WHERE {closed})"
    later = step.columns(step.later)
    money = [column for column in step.schema.columns if column.dtype == "money" and column.name in later]
    for column in money:
        value = quote(column.name)
        step.connection.execute(
            f"INSERT INTO {target} SELECT ?, 'late', {step.keys}, ?, NULL, {_text(value, column)}, ? FROM {new}"
            f" WHERE {value} IS NOT NULL ORDER BY {step.keys}",
            [step.schema.name, column.name, step.folder],
        )
    empty = " AND ".join(f"{quote(column.name)} IS NULL" for column in money) or "true"
    step.connection.execute(
        f"INSERT INTO {target} SELECT ?, 'late', {step.keys}, '', NULL, NULL, ? FROM {new} WHERE {empty}"
        f" ORDER BY {step.keys}",
        [step.schema.name, step.folder],
    )


def _is_closed(schema: TableSchema, quarter: Quarter) -> str:
    """SQL that says whether a row speaks about the quarter or one before it; empty where the key has no period."""
    limits = {
        "month": f"month <= DATE '{quarter.end.isoformat()}'",
        "quarter": f"quarter <= '{quarter.label}'",
        "year": f"year < {quarter.year}",
    }
    return next((limit for name, limit in limits.items() if name in schema.key), "")


def _lay_over(step: _Step, merged: str) -> None:
    """The later folder's rows, and those of before whose key it does not give."""
    known, later = step.columns(step.known), step.columns(step.later)
    only_known = [name for name in known if name not in later]
    places = [name for name in _PLACES if name in columns_of(step.connection, step.later)]
    fresh = ", ".join(f"b.{quote(name)}" for name in (*later, *places))
    kept = "".join(f", a.{quote(name)}" for name in only_known)
    join = f" LEFT JOIN {step.known} AS a USING ({step.keys})" if only_known else ""
    step.connection.execute(
        f"CREATE OR REPLACE TABLE {merged} AS SELECT {fresh}{kept} FROM {step.later} AS b{join}"
        f" UNION ALL BY NAME SELECT * FROM {step.known} ANTI JOIN {step.later} USING ({step.keys})"
    )
