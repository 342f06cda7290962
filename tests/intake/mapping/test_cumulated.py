"""Amounts cumulated over the year become the month's own."""

from decimal import Decimal
from typing import Any

import duckdb

from analysis.core.text import Text
from analysis.intake.checks import Check
from analysis.intake.mapping import difference_year_to_date
from analysis.intake.schemas import SCHEMAS

POSITIONS = SCHEMAS["positions"]


def _positions(connection: duckdb.DuckDBPyConnection, *rows: tuple[str, str, str, float | None]) -> None:
    connection.execute(
        "CREATE TABLE positions (client_id VARCHAR, month DATE, product VARCHAR, fee DECIMAL(18,2), _line BIGINT)"
    )
    for line, row in enumerate(rows, start=2):
        connection.execute("INSERT INTO positions VALUES (?, ?, ?, ?, ?)", [*row, line])


def _fees(connection: duckdb.DuckDBPyConnection) -> list[Any]:
    return [fee for (fee,) in connection.execute("SELECT fee FROM positions ORDER BY _line").fetchall()]


def test_the_month_before_is_taken_off_within_a_year_and_january_stays() -> None:
    with duckdb.connect() as connection:
        _positions(
            connection,
            ("C1", "2025-12-31", "online", 100),
            ("C1", "2026-01-31", "online", 10),
            ("C1", "2026-02-28", "online", 25),
            ("C1", "2026-03-31", "online", 20),
            ("C2", "2026-01-31", "online", 7),
            ("C1", "2026-01-31", "payroll", 1),
        )
        checks = difference_year_to_date(connection, POSITIONS, "positions", {"fee": ()})
        # 25 - 10 = 15; 20 - 25 = -5, a correction; December 2025 lacks its November
        assert _fees(connection) == [None, 10, 15, -5, 7, 1]
        changed = Text("本年累计数减去上月累计数", "is cumulated over the year: the month before is taken off")
        begins = Text(
            "是交付的第一个月，没有上月累计数可减，当月数置空",
            "is cumulated, and no month before the first one was delivered: left empty",
        )
        # moved: |25 - 15| + |20 + 5| = 35
        assert checks == [
            Check("positions", "", "fee", "year_to_date", changed, "consistency", "changed", 2, Decimal(35)),
            Check("positions", "", "fee", "year_to_date_begins", begins, "completeness", "changed", 1),
        ]


def test_a_gap_within_what_was_delivered_names_file_and_line() -> None:
    with duckdb.connect() as connection:
        _positions(connection, ("C1", "2026-07-31", "online", 70), ("C1", "2026-09-30", "online", 90))
        connection.execute("ALTER TABLE positions ADD COLUMN _file VARCHAR DEFAULT '2026Q3/存款.csv'")
        checks = difference_year_to_date(connection, POSITIONS, "positions", {"fee": ()})
        assert _fees(connection) == [None, None]
        missing = Text("缺上月累计数，当月数未知，置空", "is cumulated, and the month before is missing: left empty")
        assert checks[1:] == [
            Check(
                "positions",
                "",
                "fee",
                "year_to_date_gap",
                missing,
                "completeness",
                "flag",
                1,
                examples=("2026Q3/存款.csv line 3",),
            ),
        ]


def test_a_month_left_out_leaves_the_next_one_unknown() -> None:
    with duckdb.connect() as connection:
        _positions(
            connection,
            ("C1", "2026-01-31", "online", 10),
            ("C1", "2026-03-31", "online", 30),
            ("C1", "2026-04-30", "online", 33),
            ("C1", "2026-05-31", "online", None),
            ("C1", "2026-06-30", "online", 40),
        )
        difference_year_to_date(connection, POSITIONS, "positions", {"fee": ()})
        assert _fees(connection) == [10, None, 3, None, None]


def test_amounts_that_are_only_january_raise_nothing() -> None:
    with duckdb.connect() as connection:
        _positions(connection, ("C1", "2026-01-31", "online", 10))
        assert difference_year_to_date(connection, POSITIONS, "positions", {"fee": ()}) == []
        assert _fees(connection) == [10]
