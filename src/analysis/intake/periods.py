"""Which quarters a delivery speaks about, and what to write where a file leaves its period to the folder's name."""

from collections.abc import Mapping, Sequence
from typing import Any

from analysis.core.errors import DataError
from analysis.core.quarter import Quarter, is_quarter
from analysis.intake.mapping import SourceMapping
from analysis.intake.schemas import SCHEMAS, TableSchema
from analysis.intake.validate import SQL_TYPES, columns_of, quote

_STRAY = 0.02
"""A quarter with under 2 % of the rows of the fullest one is a slip of the pen, such as 2062 for 2026: a bank that
grows fivefold in three years still has 20 %, one wrong year in a thousand rows 0.1 %."""

_MONTHLY = ("positions", "loan_states", "limits", "transactions", "controls")
"""Tables whose months say up to when the source can speak; others may hold events of any time."""


def quarter_sql(name: str) -> str:
    """SQL that gives the label of the quarter of a month, quarter or day column; NULL where it is empty."""
    column = quote(name)
    if name == "quarter":
        return column
    return f"year({column}) || 'Q' || quarter({column})"


def fill_period(connection: Any, schema: TableSchema, relation: str, quarter: Quarter) -> None:
    """Add the key's period where the file has no such column: the quarter, its last month or the year before."""
    given = columns_of(connection, relation)
    values = {"quarter": quarter.label, "month": quarter.end.isoformat(), "year": str(quarter.year - 1)}
    for name, value in values.items():
        if name in schema.key and name not in given:
            sql_type = SQL_TYPES[schema.column(name).dtype]
            connection.execute(f"ALTER TABLE {relation} ADD COLUMN {quote(name)} {sql_type} DEFAULT '{value}'")


def last_quarter_of(connection: Any, relations: Mapping[str, Sequence[str]]) -> Quarter:
    """The last quarter with more than stray rows in a monthly table, else in any table with quarters or starts.

    Raises
    ------
    DataError : no row of any table has a date
    """
    for names, column in ((_MONTHLY, "month"), (tuple(SCHEMAS), "quarter"), (tuple(SCHEMAS), "start")):
        counted = _rows_by_quarter(connection, relations, names, column)
        if counted:
            fullest = max(counted.values())
            return Quarter(max(label for label, n_rows in counted.items() if n_rows > _STRAY * fullest))
    raise DataError(
        "No row of any file has a date, so the quarter is not known.",
        hint="Put the files in a folder named by their quarter, such as 2026Q3.",
    )


def _rows_by_quarter(
    connection: Any, relations: Mapping[str, Sequence[str]], names: Sequence[str], column: str
) -> dict[str, int]:
    counted: dict[str, int] = {}
    for name in names:
        for relation in relations.get(name, ()):
            if column not in columns_of(connection, relation):
                continue
            query = f"SELECT {quarter_sql(column)} q, count(*) FROM {relation} WHERE q IS NOT NULL GROUP BY q"
            for label, n_rows in connection.execute(query).fetchall():
                if is_quarter(label):
                    counted[label] = counted.get(label, 0) + n_rows
    return counted


def span_of(connection: Any, tables: Mapping[str, str], mapping: SourceMapping) -> tuple[Quarter, Quarter]:
    """First and last quarter the kept rows can speak about; what the mapping declares wins."""
    relations = {name: [relation] for name, relation in tables.items()}
    last = Quarter(mapping.last_quarter) if mapping.last_quarter else last_quarter_of(connection, relations)
    if mapping.first_quarter:
        return Quarter(mapping.first_quarter), last
    monthly = _rows_by_quarter(connection, relations, _MONTHLY, "month")
    counted = monthly or _rows_by_quarter(connection, relations, tuple(SCHEMAS), "quarter")
    labels = [label for label in counted if label <= last.label]
    return Quarter(min(labels)) if labels else last, last
