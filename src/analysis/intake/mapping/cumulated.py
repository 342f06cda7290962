"""Amounts cumulated from January on, taken apart into months."""

from collections.abc import Collection, Mapping
from typing import Any

from analysis.core.text import Text
from analysis.intake.checks import Check
from analysis.intake.schemas import TableSchema
from analysis.intake.validate import SQL_TYPES, columns_of, literal, quote

_CHANGED = Text("本年累计数减去上月累计数", "is cumulated over the year: the month before is taken off")
_MISSING = Text("缺上月累计数，当月数未知，置空", "is cumulated, and the month before is missing: left empty")
_BEGINS = Text(
    "是交付的第一个月，没有上月累计数可减，当月数置空",
    "is cumulated, and no month before the first one was delivered: left empty",
)


def difference_year_to_date(
    connection: Any, schema: TableSchema, relation: str, columns: Mapping[str, Collection[str]]
) -> list[Check]:
    """Replace cumulated values by the month's own, and tell how many were changed and how many cannot be known.

    Within the rest of the key and a calendar year a month's own value is its value less that of the month before;
    January stays as it is. Where the month before has no row, no value or not a cumulated one, the month's own is not
    known and is empty.

    Parameters
    ----------
    relation : a DuckDB table with the columns of the contract, changed in place
    columns : each cumulated column, with the files (`_file`) that give the month's own amount instead
    """
    others = [quote(name) for name in schema.key if name != "month"]
    window = f"(PARTITION BY {', '.join([*others, 'year(month)'])} ORDER BY month)"
    before = ", ".join(
        f"lag(CASE WHEN {_is_cumulated(files)} THEN {quote(name)} END) OVER w AS {quote(_before(name))}"
        for name, files in columns.items()
    )
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {relation}_before AS SELECT rowid AS _row, {before},"
        f" lag(month) OVER w = last_day(month - INTERVAL 1 MONTH) AS _follows"
        f" FROM {relation} WINDOW w AS {window}"
    )
    checks = [check for name, files in columns.items() for check in _checks(connection, schema, relation, name, files)]
    changes = ", ".join(
        f"{quote(name)} = CASE WHEN {_is_cumulated(files)} THEN {_own(schema, name, 'b')} ELSE {quote(name)} END"
        for name, files in columns.items()
    )
    connection.execute(f"UPDATE {relation} SET {changes} FROM {relation}_before b WHERE {relation}.rowid = b._row")
    connection.execute(f"DROP TABLE {relation}_before")
    return checks


def _before(name: str) -> str:
    return f"_before_{name}"


def _is_cumulated(files: Collection[str]) -> str:
    """SQL: whether a row's amount is cumulated: it does not come from one of these files."""
    return f"_file NOT IN ({', '.join(literal(file) for file in sorted(files))})" if files else "true"


def _own(schema: TableSchema, name: str, before: str) -> str:
    """SQL: the month's own value."""
    value = quote(name)
    less = f"{value} - {before}.{quote(_before(name))}"
    own = f"CASE WHEN month(month) = 1 THEN {value} WHEN {before}._follows THEN {less} END"
    return f"TRY_CAST({own} AS {SQL_TYPES[schema.column(name).dtype]})"


def _checks(connection: Any, schema: TableSchema, relation: str, name: str, files: Collection[str]) -> list[Check]:
    own = _own(schema, name, "b")
    given_columns = columns_of(connection, relation)
    has_lines = "_line" in given_columns
    is_money = schema.column(name).dtype == "money"
    moved = f"coalesce(sum(abs({quote(name)} - {own})), 0)::DECIMAL(38,2)" if is_money else "0::DECIMAL(38,2)"
    first = connection.execute(f"SELECT min(month) FROM {relation}").fetchone()[0]
    given = f"{quote(name)} IS NOT NULL AND month(month) > 1 AND {_is_cumulated(files)}"
    query = f"FROM {relation} t JOIN {relation}_before b ON t.rowid = b._row WHERE {given}"
    n_changed, money = connection.execute(f"SELECT count(*), {moved} {query} AND {own} IS NOT NULL").fetchone()
    begins = f"month = DATE '{first}'" if first else "false"
    n_begins = connection.execute(f"SELECT count(*) {query} AND {own} IS NULL AND {begins}").fetchone()[0]
    lost = f"{query} AND {own} IS NULL AND NOT ({begins})"
    n_lost = connection.execute(f"SELECT count(*) {lost}").fetchone()[0]
    has_files = "_file" in given_columns
    place = "t._file || ' line ' || t._line" if has_files else "'line ' || t._line"
    order = f"ORDER BY {'t._file, ' if has_files else ''}t._line LIMIT 5"
    lines = connection.execute(f"SELECT {place} {lost} {order}").fetchall() if n_lost and has_lines else []
    found = []
    if n_changed:
        found.append(Check(schema.name, "", name, "year_to_date", _CHANGED, "consistency", "changed", n_changed, money))
    if n_begins:  # no fault of the data: every bank's first delivery begins somewhere
        found.append(Check(schema.name, "", name, "year_to_date_begins", _BEGINS, "completeness", "changed", n_begins))
    if n_lost:
        examples = tuple(line for (line,) in lines)
        found.append(
            Check(
                schema.name, "", name, "year_to_date_gap", _MISSING, "completeness", "flag", n_lost, examples=examples
            )
        )
    return found
