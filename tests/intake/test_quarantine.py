"""Every row is kept or set aside once, by the first rule it breaks, and rows and money add up."""

from datetime import date
from decimal import Decimal

import duckdb
import pytest

from analysis.intake.quarantine import split
from analysis.intake.schemas import SCHEMAS
from tests.intake.quarantine_builders import part

POSITIONS = SCHEMAS["positions"]
AS_OF = date(2026, 9, 30)
COLUMNS = "client_id month product balance_avg"


@pytest.fixture
def connection():
    with duckdb.connect(config={"threads": 1}) as opened:
        yield opened


def outcome(connection, *parts, schema=POSITIONS, references=None, as_of=AS_OF):
    found = split(connection, schema, parts, references=references or {}, as_of=as_of)
    kept = connection.execute(f"SELECT _file, _line FROM {found.clean} ORDER BY ALL").fetchall()
    aside = connection.execute(
        f'SELECT "file", "line", "rule", "column" FROM {found.set_aside} ORDER BY ALL'
    ).fetchall()
    return found, kept, aside


def position(client="C1", month="2026-09-30", product="deposit_demand", balance="10.00", **more):
    return (client, month, product, balance, *more.values())


def test_clean_rows_are_kept_and_raise_nothing(connection):
    found, kept, aside = outcome(connection, part(connection, "positions", COLUMNS, position(), position("C2")))
    assert kept == [("a.csv", 2), ("a.csv", 3)]
    assert aside == []
    assert found.checks == ()
    (count,) = found.counts
    assert (count.table, count.quarter, count.n_read, count.n_kept, count.n_set_aside) == (
        "positions",
        "2026Q3",
        2,
        2,
        0,
    )
    assert (count.money_read, count.money_kept, count.money_set_aside) == (Decimal(20), Decimal(20), Decimal(0))


def test_each_rule_sets_its_row_aside_once(connection):
    rows = part(
        connection,
        "positions",
        f"{COLUMNS} rate _unreadable _unknown",
        (*position(), 0.01, [], []),
        (*position("C2", balance=None), 0.01, ["balance_avg"], []),
        (*position(None), 0.01, [], []),
        (*position("C4", product="gold"), 0.01, [], ["product"]),
        (*position("C5"), 2.75, [], []),
        (*position("C6", month="2026-10-31"), 0.01, [], []),
        raw={(3, "balance_avg"): "12O5"},
    )
    _, kept, aside = outcome(connection, rows)
    assert kept == [("a.csv", 2)]
    assert aside == [
        ("a.csv", 3, "type", "balance_avg"),
        ("a.csv", 4, "required", "client_id"),
        ("a.csv", 5, "unknown_code", "product"),
        ("a.csv", 6, "range", "rate"),
        ("a.csv", 7, "later_than_quarter", "month"),
    ]
