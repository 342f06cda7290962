"""Nothing later than a quarter's end is in the data as of it: no row, and no cell that was filled in later (LEAK)."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

import duckdb
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.core.quarter import Quarter
from analysis.intake.portfolio import as_of_sql
from analysis.intake.schemas import SCHEMAS, Column, TableSchema
from analysis.intake.validate import SQL_TYPES
from tests.builders import client_rows, rows, tiny_portfolio

QUARTER = Quarter("2026Q2")
PERIODS = ("month", "quarter", "year")
KNOWN_AHEAD = {
    # contracts and plans: the day is agreed on when the row comes about
    "positions.matures",
    "loans.matures",
    "limits.expiry",
    "needs.deadline",
    "interactions.next_date",
    "consents.until",
    "actions.planned",
    "actions.due",
    "risks.due",
    # days that lie before the row
    "clients.relation_start",
    "clients.founded",
    "positions.opened",
    "incidents.found",  # before it the whole row is not used
}
WITHOUT_TIME = {"features"}
"""Ready-made columns of a research file have no date at all."""


def test_every_day_of_the_contract_is_the_row_s_own_known_ahead_or_filled_in_later():
    for schema in SCHEMAS.values():
        for column in schema.columns:
            if column.dtype != "date":
                continue
            is_own = column.name in (*PERIODS, schema.dated) or (column.name == "start" and column.required)
            is_ahead = f"{schema.name}.{column.name}" in KNOWN_AHEAD
            assert is_own + is_ahead + bool(column.known_from) == 1, f"{schema.name}.{column.name}"


def test_what_is_filled_in_later_names_a_day_of_its_own_table_that_does_so_too():
    for schema in SCHEMAS.values():
        for column in schema.columns:
            if column.known_from:
                since = schema.column(column.known_from)
                assert (since.dtype, since.known_from) == ("date", since.name)
                assert not column.required
                assert column.name not in schema.key


# --- appending changes nothing --------------------------------------------------------------------------------------


@dataclass(frozen=True)
class History:
    """Rows of one table as they were at the quarter's end, and as they are later."""

    then: list[dict[str, Any]]
    now: list[dict[str, Any]]


def words(column: Column) -> st.SearchStrategy[Any]:
    """What a cell that is filled in later may hold."""
    if column.dtype == "text":
        return st.sampled_from(column.allowed or ("a", "b"))
    return st.just(True) if column.dtype == "bool" else st.integers(1, 5)


def dated(schema: TableSchema, *, is_later: bool) -> dict[str, st.SearchStrategy[Any]]:
    """The columns that say when a row was known, up to the quarter's end or after it."""
    days = st.integers(1, 400) if is_later else st.integers(-400, 0)
    day = days.map(lambda shift: QUARTER.end + timedelta(days=shift))
    quarters = ("2026Q3", "2027Q1") if is_later else ("2025Q4", "2026Q2")
    years = (2026, 2027) if is_later else (2024, 2025)
    own = {
        "month": day,
        "quarter": st.sampled_from(quarters),
        "year": st.sampled_from(years),
        "start": day,
        schema.dated: day,
    }
    found = {name: values for name, values in own.items() if any(c.name == name for c in schema.columns)}
    if schema.noticed and is_later:  # what came about before may be noticed after
        return {schema.noticed: day}
    return found | ({schema.noticed: st.none() | day} if schema.noticed else {})


@st.composite
def histories(draw: st.DrawFn, schema: TableSchema) -> History:
    """Rows known at the quarter's end, some of whose days come later, and rows that come later."""
    late = [column for column in schema.columns if column.known_from]
    own = {name: values for name, values in dated(schema, is_later=False).items() if name}
    after = {name: values for name, values in dated(schema, is_later=True).items() if name}
    plain = {c.name: f"{n}" if c.dtype == "text" else None for n, c in enumerate(schema.columns) if c not in late}
    unfilled = {c.name: False if c.dtype == "bool" else None for c in late}
    then, now = [], []
    for _ in range(draw(st.integers(1, 3))):
        row = plain | {name: draw(values) for name, values in own.items()} | unfilled
        filled = dict(row)
        for since in dict.fromkeys(c.known_from for c in late):
            shift = draw(st.none() | st.integers(-300, 300))  # days after the quarter's end, or never
            if shift is None:
                continue
            values = {c.name: draw(words(c)) for c in late if c.known_from == since != c.name}
            values[since] = QUARTER.end + timedelta(days=shift)
            filled |= values
            row |= values if shift <= 0 else {}
        then.append(row)
        now.append(filled)
    for _ in range(draw(st.integers(0, 2))):
        now.append(plain | unfilled | {name: draw(values) for name, values in {**own, **after}.items()})
    return History(then, now)


@pytest.fixture(scope="module")
def connection():
    with duckdb.connect(config={"threads": 1}) as opened:
        for schema in SCHEMAS.values():
            columns = ", ".join(f"{column.name} {SQL_TYPES[column.dtype]}" for column in schema.columns)
            opened.execute(f"CREATE TABLE {schema.name} ({columns})")
        yield opened


def seen(connection: Any, schema: TableSchema, table: list[dict[str, Any]], *, is_last: bool) -> list[Any]:
    """The rows of a table as of the quarter."""
    marks = f"({', '.join('?' for _ in schema.columns)})"
    cells = [row[column.name] for row in table for column in schema.columns]
    connection.execute(f"DELETE FROM {schema.name}")
    connection.execute(f"INSERT INTO {schema.name} VALUES {', '.join([marks] * len(table))}", cells)
    shown, condition = as_of_sql(schema.name, QUARTER, is_last=is_last)
    return connection.execute(f"SELECT {shown} FROM {schema.name} WHERE {condition} ORDER BY ALL").fetchall()


@pytest.mark.parametrize("name", [name for name in SCHEMAS if name not in WITHOUT_TIME])
def test_what_comes_after_the_quarter_changes_nothing_as_of_it(connection: Any, name: str):
    schema = SCHEMAS[name]

    @settings(max_examples=15, deadline=None, derandomize=True)
    @given(histories(schema))
    def check(history: History) -> None:
        as_it_was = seen(connection, schema, history.then, is_last=True)
        assert len(as_it_was) == len(history.then)
        assert seen(connection, schema, history.now, is_last=False) == as_it_was

    check()


# --- by hand --------------------------------------------------------------------------------------------------------


@pytest.fixture
def portfolio(tmp_path):
    needs = rows(
        "need_id client_id need opened closed served_by",
        ("n1", "A", "deposits", "2026-02-10", "2026-08-20", "deposit_term"),  # opened in Q1, closed in Q3
        ("n2", "A", "payroll", "2026-05-10", "2026-06-30", "payroll"),  # closed on the last day of Q2
        ("n3", "A", "fx_risk", "2026-07-01", None, None),  # not heard of before Q3
        ("n4", "A", "deposits", "2026-03-01", None, "deposit_term"),  # served, nobody wrote down when
    )
    campaigns = rows(
        "campaign client_id date responded response_date",
        ("c", "A", "2026-06-20", True, "2026-07-02"),
        ("c", "B", "2026-06-20", True, "2026-06-25"),
        ("d", "B", "2026-06-21", False, None),
    )
    incidents = rows(
        "incident_id date found closed loss recovered",
        ("i1", "2026-03-05", "2026-07-15", None, 100.0, None),  # happened in Q1, noticed in Q3
        ("i2", "2026-03-06", "2026-03-09", "2026-08-01", 50.0, 20.0),
    )
    tables = {"clients": client_rows("A", "B"), "needs": needs, "campaigns": campaigns, "incidents": incidents}
    return tiny_portfolio(tmp_path, tables, "2026Q3")


def values(portfolio: Any, quarter: str, sql: str) -> list[Any]:
    return portfolio.at(quarter).connection.con.execute(sql).fetchall()


def test_a_need_that_is_met_in_the_third_quarter_was_open_in_the_second(portfolio):
    query = "SELECT need_id, closed, served_by FROM needs ORDER BY need_id"
    assert values(portfolio, "2026Q2", query) == [
        ("n1", None, None),
        ("n2", date(2026, 6, 30), "payroll"),
        ("n4", None, None),
    ]
    assert values(portfolio, "2026Q3", query) == [
        ("n1", date(2026, 8, 20), "deposit_term"),
        ("n2", date(2026, 6, 30), "payroll"),
        ("n3", None, None),
        ("n4", None, "deposit_term"),  # in the last quarter what nobody dated counts as known
    ]


def test_an_answer_that_came_later_is_no_answer_yet(portfolio):
    query = "SELECT client_id, campaign, responded, response_date IS NULL FROM campaigns ORDER BY ALL"
    assert values(portfolio, "2026Q2", query) == [
        ("A", "c", False, True),
        ("B", "c", True, False),
        ("B", "d", False, True),
    ]
    assert values(portfolio, "2026Q3", query)[0] == ("A", "c", True, False)


def test_an_incident_is_not_used_before_it_is_found_nor_what_is_recovered_later(portfolio):
    query = "SELECT incident_id, closed, recovered::DOUBLE FROM incidents ORDER BY ALL"
    assert values(portfolio, "2026Q2", query) == [("i2", None, None)]
    assert values(portfolio, "2026Q3", query) == [("i1", None, None), ("i2", date(2026, 8, 1), 20.0)]
