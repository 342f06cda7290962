"""What can be counted cheaply on canonical tables: rows, filled cells and volume by period. One pass a table."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any, Literal

from analysis.core.quarter import Quarter
from analysis.intake.schemas import TableSchema
from analysis.intake.validate import columns_of, quote

Clock = Literal["month", "quarter", "year", "record", "none"]
"""By what a table is dated. month, quarter, year: a row for everything that exists, each period anew, so that a missing
period is a gap. record: each thing once (a loan, a complaint, a client written down at one date), when it happened."""

_STREAMS = {"events": "date"}
"""Tables of single records that come so many a month that half a month missing shows; and their date."""
_VOLUMES = {"transactions": ("n_in", "n_out")}
"""Columns whose sum falls when half a month is missing although a row is still there."""


@dataclass(frozen=True, slots=True)
class PeriodFacts:
    """One period of a table.

    Parameters
    ----------
    period : last day of a month such as 2026-09-30, a quarter, a year, or empty
    volume : sum of what the table counts (entries of transactions), or none
    filled : cells that are not empty, by column
    """

    period: str
    n_rows: int
    volume: float | None
    filled: Mapping[str, int]

    @property
    def quarter(self) -> str:
        """The quarter the period lies in; of a year its last one."""
        if "Q" in self.period or not self.period:
            return self.period
        return f"{self.period[:4]}Q{(int(self.period[5:7]) + 2) // 3 if '-' in self.period else 4}"


@dataclass(frozen=True, slots=True)
class TableFacts:
    """What was counted on one clean table, over all its history, oldest first."""

    table: str
    clock: Clock
    periods: tuple[PeriodFacts, ...]

    @property
    def n_rows(self) -> int:
        return sum(one.n_rows for one in self.periods)

    def until(self, quarter: Quarter) -> tuple[PeriodFacts, ...]:
        """The periods known at a quarter's end."""
        return tuple(one for one in self.periods if one.quarter <= quarter.label)

    def as_json(self) -> dict[str, Any]:
        columns = list(self.periods[0].filled) if self.periods else []
        periods = [[p.period, p.n_rows, p.volume, [p.filled[name] for name in columns]] for p in self.periods]
        return {"table": self.table, "clock": self.clock, "columns": columns, "periods": periods}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> "TableFacts":
        periods = tuple(
            PeriodFacts(period, n_rows, volume, dict(zip(content["columns"], filled, strict=True)))
            for period, n_rows, volume, filled in content["periods"]
        )
        return cls(content["table"], content["clock"], periods)


def measure_tables(
    connection: Any, relations: Mapping[str, str], schemas: Mapping[str, TableSchema]
) -> tuple[TableFacts, ...]:
    """Rows, filled cells and volume of every table by period, over its whole history.

    Parameters
    ----------
    connection : a DuckDB connection
    relations : table name → name of the relation that holds its clean rows
    """
    return tuple(_measure(connection, schema, relations[name]) for name, schema in schemas.items() if name in relations)


def _measure(connection: Any, schema: TableSchema, relation: str) -> TableFacts:
    present = columns_of(connection, relation)
    clock, period = _clock(connection, schema, relation, present)
    counted = [
        column.name for column in schema.columns if column.name in present and column.sensitivity != "restricted"
    ]
    volume = [quote(name) for name in _VOLUMES.get(schema.name, ()) if name in present]
    total = f"sum({' + '.join(f'coalesce({name}, 0)' for name in volume)})::DOUBLE" if volume else "NULL"
    fills = "".join(f", count({quote(name)})" for name in counted)
    rows = connection.execute(
        f"SELECT {period} AS period, count(*), {total}{fills} FROM {relation} GROUP BY 1 ORDER BY 1"
    ).fetchall()
    periods = tuple(
        PeriodFacts(_period(row[0]), int(row[1]), row[2], dict(zip(counted, map(int, row[3:]), strict=True)))
        for row in rows
    )
    return TableFacts(schema.name, clock, periods)


def _period(value: date | str | int | None) -> str:
    """A period as it is written: the last day of a month, a quarter, a year."""
    return value.isoformat() if isinstance(value, date) else str(value or "")


def _clock(connection: Any, schema: TableSchema, relation: str, present: Mapping[str, str]) -> tuple[Clock, str]:
    """By what the table is dated, and the SQL of its period."""
    if "month" in present:
        return "month", "month"
    if "quarter" in present:
        return "record" if _is_written_once(connection, schema, relation) else "quarter", "quarter"
    if "year" in present:
        return "year", "year"
    if schema.name in _STREAMS and _STREAMS[schema.name] in present:
        return "month", f"last_day({quote(_STREAMS[schema.name])}::DATE)"
    days = [c.name for c in schema.columns if c.dtype == "date" and c.required and c.name in present]
    if days:
        return "record", f"last_day({quote(days[0])}::DATE)"
    return "none", "''"


def _is_written_once(connection: Any, schema: TableSchema, relation: str) -> bool:
    """Whether a table of several quarters has each of its things in one quarter only, like a register."""
    others = ", ".join(quote(name) for name in schema.key if name != "quarter")
    n_rows, n_quarters, n_things = connection.execute(
        f"SELECT count(*), count(DISTINCT quarter), count(DISTINCT ({others})) FROM {relation}"
    ).fetchone()
    return bool(n_quarters > 1 and n_rows == n_things)
