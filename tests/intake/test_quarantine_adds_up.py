"""Whatever is broken in whatever cells: every row is kept or set aside once, and money adds up to the fen."""

from dataclasses import replace
from datetime import date
from decimal import Decimal

import duckdb
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.intake.quarantine import split
from analysis.intake.schemas import SCHEMAS, Reference
from tests.intake.quarantine_builders import part

COLUMNS = "client_id month product balance_avg fee rate _unreadable _unknown"
SCHEMA = replace(SCHEMAS["positions"], references=(Reference("client_id", "clients", "client_id"),))

CLIENTS = st.sampled_from(["C1", "C2", "C3", "stranger", None])
MONTHS = st.sampled_from(["2026-07-31", "2026-08-31", "2026-12-31", None])
PRODUCTS = st.sampled_from(["p", "q", None])
MONEY = st.one_of(st.none(), st.decimals(min_value=-(10**12), max_value=10**12, places=2))
RATES = st.sampled_from([0.01, 5.0, float("inf"), float("nan"), None])
UNREADABLE = st.lists(st.sampled_from(["month", "balance_avg", "rate"]), max_size=2, unique=True)
UNKNOWN = st.lists(st.just("product"), max_size=1)
ROWS = st.lists(st.tuples(CLIENTS, MONTHS, PRODUCTS, MONEY, MONEY, RATES, UNREADABLE, UNKNOWN), max_size=8)


def emptied(row):
    """The row as the mapping would give it: what cannot be read is empty."""
    names = COLUMNS.split()
    return tuple(None if name in row[6] else value for name, value in zip(names[:6], row[:6], strict=True)) + row[6:]


@settings(max_examples=40, deadline=None)
@given(first=ROWS, second=ROWS)
def test_rows_and_money_add_up_whatever_is_broken(first, second):
    with duckdb.connect(config={"threads": 1}) as connection:
        connection.execute("CREATE TABLE known AS SELECT unnest(['C1', 'C2', 'C3']) AS client_id")
        files = [[emptied(row) for row in rows] for rows in (first, second)]
        parts = [
            part(connection, "positions", COLUMNS, *rows, name=f"{number}.csv", priority=number)
            for number, rows in enumerate(files)
        ]
        found = split(connection, SCHEMA, parts, references={"clients": "known"}, as_of=date(2026, 9, 30))
        kept = connection.execute(f"SELECT _file, _line, balance_avg, fee FROM {found.clean}").fetchall()
        aside = connection.execute(f'SELECT "file", "line" FROM {found.set_aside}').fetchall()
        keys = connection.execute(f"SELECT DISTINCT client_id, month, product FROM {found.clean}").fetchall()

    given_rows = {
        (f"{number}.csv", line): row for number, rows in enumerate(files) for line, row in enumerate(rows, start=2)
    }
    assert sorted([row[:2] for row in kept] + aside) == sorted(given_rows)
    for file, line, balance, fee in kept:
        assert (balance, fee) == given_rows[file, line][3:5]
    assert len(keys) == len(kept)

    money = {place: sum((value or Decimal(0) for value in row[3:5]), Decimal(0)) for place, row in given_rows.items()}
    assert sum(count.n_read for count in found.counts) == len(given_rows)
    assert sum(count.n_set_aside for count in found.counts) == len(aside)
    assert sum(count.money_read for count in found.counts) == sum(money.values())
    assert sum(count.money_set_aside for count in found.counts) == sum(money[place] for place in aside)
    assert sum(check.n_rows for check in found.checks if check.action == "set_aside") == len(aside)
    assert sum(check.money for check in found.checks if check.action == "set_aside") == sum(money[p] for p in aside)
