"""One canonical table from the parts of every delivery: split, merged by key, cumulated amounts taken apart."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

from analysis.core.quarter import Quarter
from analysis.core.text import Text
from analysis.intake.checks import Check, TableCount
from analysis.intake.mapping import difference_year_to_date
from analysis.intake.periods import fill_period
from analysis.intake.quarantine import Part, split
from analysis.intake.restate import merge_folders
from analysis.intake.schemas import TableSchema
from analysis.intake.validate import quote


@dataclass(slots=True)
class Made:
    """What became of the rows of one table.

    Parameters
    ----------
    relation : DuckDB table of the rows kept, one a key
    asides : DuckDB tables of the rows set aside, as text
    left : DuckDB tables of the values that other tables point to and whose rows were set aside
    restatements : DuckDB table of values that a later delivery changed; empty where there was one delivery
    """

    relation: str = ""
    asides: list[str] = field(default_factory=list)
    left: list[str] = field(default_factory=list)
    checks: list[Check] = field(default_factory=list)
    counts: list[TableCount] = field(default_factory=list)
    restatements: str = ""


def make_table(
    connection: Any,
    schema: TableSchema,
    parts: Mapping[str, Sequence[Part]],
    *,
    dates: Mapping[str, date],
    references: Mapping[str, str],
    left: Mapping[str, Sequence[str]],
) -> Made:
    """Split the table of every delivery, merge them, and take year-to-date columns apart. The parts are used up.

    Parameters
    ----------
    parts : label of the delivery → its files' rows of this table
    dates : label of the delivery → the day after which nothing may be in it
    references : table → relation of its rows kept
    left : table → relations of values that its rows set aside had
    """
    made = Made()
    kept: list[tuple[str, str]] = []
    cumulated = _cumulated(parts)
    for label in sorted(parts):
        for part in parts[label]:
            fill_period(connection, schema, part.relation, Quarter.of(dates[label]))
        found = split(connection, schema, parts[label], references=references, as_of=dates[label], left=left)
        made.checks += found.checks
        made.counts += found.counts
        made.asides.append(found.set_aside)
        made.left += [found.left] if found.left else []
        kept.append((label, found.clean))
    made.relation = kept[0][1]
    if len(kept) > 1:
        merged = merge_folders(connection, schema, kept)
        made.relation, made.restatements = merged.relation, merged.restatements
        made.checks += _restated(connection, schema, merged.restatements)
    if cumulated:
        made.checks += difference_year_to_date(connection, schema, made.relation, cumulated)
    return made


def _cumulated(parts: Mapping[str, Sequence[Part]]) -> dict[str, frozenset[str]]:
    """Each column that some file gives cumulated, with the files that give the month's own amount instead."""
    given = [
        (part.raw.file, column)
        for group in parts.values()
        for part in group
        if part.mapping is not None
        for column in part.mapping.columns
    ]
    names = sorted({column.column for _, column in given if column.year_to_date})
    return {
        name: frozenset(file for file, column in given if column.column == name and not column.year_to_date)
        for name in names
    }


_RESTATED = {
    "changed": Text("后期交付改变了以前的数值", "values of earlier quarters that a later delivery changed"),
    "late": Text("后期交付补录了以前季度的行", "rows of earlier quarters that a later delivery added"),
}


def _restated(connection: Any, schema: TableSchema, restatements: str) -> Iterator[Check]:
    """What later deliveries changed of quarters already delivered, by delivery and column, with the money moved."""
    found = connection.execute(
        f"SELECT kind, folder, {quote('column')}, count(*),"
        f" coalesce(sum(TRY_CAST(after AS DECIMAL(18,2))) - sum(TRY_CAST(coalesce(before, '0') AS DECIMAL(18,2))), 0)"
        f" FROM {restatements} GROUP BY ALL ORDER BY ALL"
    ).fetchall()
    money = {column.name for column in schema.columns if column.dtype == "money"}
    for kind, folder, column, n_rows, moved in found:
        amount = moved if column in money else Decimal(0)
        rule = "restated" if kind == "changed" else "late"
        yield Check(schema.name, folder, column or "", rule, _RESTATED[kind], "timeliness", "changed", n_rows, amount)
