"""Entries summed by month and by quarter: by hand, on PostgreSQL, in a load, and where they lie in a database."""

from collections.abc import Iterator
from dataclasses import replace
from decimal import Decimal
from pathlib import Path
from typing import Any

import duckdb
import ibis
import numpy as np
import pandas as pd
import pytest

from analysis.core.errors import DataError
from analysis.core.quarter import Quarter
from analysis.core.text import Text
from analysis.intake.events import _bits, monthly, quarterly, write_sums
from analysis.intake.mapping import ColumnMapping, FileMapping, SourceMapping
from analysis.intake.sources.database import bring_tables
from analysis.intake.validate import columns_of
from tests.builders import client_rows, rows, tiny_portfolio
from tests.postgres import PASSWORD, Server

COLUMNS = "entry_id client_id date hour direction amount channel counterparty is_cross_border"
QUARTER = Quarter("2026Q3")
# 4 July and 26 September 2026 are Saturdays; 30 September is a Wednesday
ENTRIES = rows(
    COLUMNS,
    ("1", "A", "2026-07-04", 9, "in", 100.00, "online", "P", False),
    ("2", "A", "2026-07-04", 22, "out", 40.50, "online", "Q", True),
    ("3", "A", "2026-07-31", 6, "in", 10.00, "counter", "P", False),
    ("4", "A", "2026-09-30", 7, "out", 0.01, "mobile", None, False),
    ("5", "B", "2026-09-26", None, "in", 7.00, "direct", None, None),
    ("6", "B", "2026-10-01", 12, "in", 9.00, "direct", "P", True),
)
TYPES = {
    "entry_id": "text",
    "client_id": "text",
    "date": "date",
    "hour": "integer",
    "direction": "text",
    "amount": "numeric(18,2)",
    "channel": "text",
    "counterparty": "text",
    "is_cross_border": "boolean",
}


def table_in(connection: Any, frame: pd.DataFrame, name: str = "events") -> None:
    """A table of entries in their types."""
    described = ", ".join(f"{column} {kind}" for column, kind in TYPES.items())
    connection.execute(f"CREATE TABLE {name} ({described})")
    frame = frame.assign(hour=frame["hour"].astype("Int64"))
    for row in frame.astype(object).where(frame.notna(), None).to_numpy().tolist():
        values = ["NULL" if value is None else "'" + str(value).replace("'", "''") + "'" for value in row]
        connection.execute(f"INSERT INTO {name} VALUES ({', '.join(values)})")


@pytest.fixture
def connection() -> Iterator[Any]:
    with duckdb.connect(config={"threads": 1}) as here:
        yield here


def made(connection: Any, expression: Any) -> list[tuple[Any, ...]]:
    sql = ibis.duckdb.from_connection(connection).compile(expression)
    found: list[tuple[Any, ...]] = connection.execute(f"SELECT * FROM ({sql}) ORDER BY ALL").fetchall()
    return found


def entries_of(connection: Any) -> Any:
    table_in(connection, ENTRIES)
    return ibis.duckdb.from_connection(connection).table("events")


def test_a_quarter_of_entries_by_hand(connection: Any) -> None:
    query = ibis.duckdb.from_connection(connection).compile(quarterly(entries_of(connection), QUARTER))
    frame = connection.execute(f"SELECT * FROM ({query}) ORDER BY client_id").df().set_index("client_id")
    a, b = frame.loc["A"], frame.loc["B"]
    assert (a["n_in"], a["n_out"], a["amount_in"], a["amount_out"]) == (2, 2, 110.00, 40.51)
    assert (a["amount_largest"], a["amount_largest_in"]) == (100.00, 100.00)
    # 100, 40.5, 10, 0.01: mean 37.6275
    assert a["amount_sd"] == pytest.approx(np.std([100, 40.5, 10, 0.01], ddof=1), rel=1e-12)
    assert (a["n_active_days"], a["n_channels"], a["n_counterparties"]) == (3, 3, 2)
    assert (a["n_cross_border"], a["amount_cross_border"]) == (1, 40.50)
    assert a["cross_border_share"] == pytest.approx(40.50 / 150.51, rel=1e-12)
    assert (a["n_night"], a["n_weekend"]) == (2, 2)  # 22 and 6 o'clock; two entries on a Saturday
    assert (b["n_in"], b["n_out"], b["n_active_days"], b["n_weekend"]) == (1, 0, 1, 1)
    assert b[["amount_sd", "n_cross_border", "amount_cross_border", "n_night", "n_counterparties"]].isna().all()


def test_months_of_entries_by_hand(connection: Any) -> None:
    found = [(*row[:2], *row[2:5], *map(str, row[5:])) for row in made(connection, monthly(entries_of(connection)))]
    day = {month: pd.Timestamp(month).date() for month in ("2026-07-31", "2026-09-30", "2026-10-31")}
    assert found == [
        ("A", day["2026-07-31"], "counter", 1, 0, "10.00", "0.00", "0.00"),
        ("A", day["2026-07-31"], "online", 1, 1, "100.00", "40.50", "40.50"),
        ("A", day["2026-09-30"], "mobile", 0, 1, "0.00", "0.01", "0.00"),
        ("B", day["2026-09-30"], "direct", 1, 0, "7.00", "0.00", "None"),
        ("B", day["2026-10-31"], "direct", 1, 0, "9.00", "0.00", "9.00"),
    ]


def test_bits_are_counted_to_the_last(connection: Any) -> None:
    masks = [0, 1, 2**30, 2**31 - 1, 0b1011, 0x55555555, 2**31 - 2]
    connection.execute("CREATE TABLE masks AS SELECT unnest(?::BIGINT[]) AS m", [masks])
    table = ibis.duckdb.from_connection(connection).table("masks")
    counted = made(connection, table.select("m", n=_bits(table["m"])))
    assert counted == sorted((mask, mask.bit_count()) for mask in masks)


def test_every_day_of_a_quarter_counts_once(connection: Any) -> None:
    days = [str(day.date()) for day in pd.date_range("2026-07-01", "2026-09-30")]
    table_in(
        connection, rows(COLUMNS, *((str(n), "A", d, 9, "in", 1.0, "online", "P", False) for n, d in enumerate(days)))
    )
    events = ibis.duckdb.from_connection(connection).table("events")
    [row] = made(connection, quarterly(events, QUARTER).select("n_active_days", "n_weekend"))
    assert row == (92, 26)  # 13 weeks from Wednesday 1 July, and 30 September


def random_entries(n_rows: int) -> pd.DataFrame:
    draw = np.random.default_rng(11)
    days = pd.date_range("2026-07-01", "2026-09-30")
    return pd.DataFrame(
        {
            "entry_id": [f"E{n:05d}" for n in range(n_rows)],
            "client_id": [f"C{n:02d}" for n in draw.integers(0, 20, n_rows)],
            "date": [str(days[n].date()) for n in draw.integers(0, len(days), n_rows)],
            "hour": draw.integers(0, 24, n_rows),
            "direction": draw.choice(["in", "out"], n_rows),
            "amount": draw.lognormal(8, 2, n_rows).round(2),
            "channel": draw.choice(["online", "counter", "direct", "mobile"], n_rows),
            "counterparty": [f"P{n:03d}" for n in draw.integers(0, 300, n_rows)],
            "is_cross_border": draw.random(n_rows) < 0.1,
        }
    )


def test_distinct_counts_are_those_of_pandas(connection: Any) -> None:
    frame = random_entries(2_000)
    table_in(connection, frame)
    events = ibis.duckdb.from_connection(connection).table("events")
    columns = ["client_id", "n_active_days", "n_channels", "n_counterparties", "n_night"]
    found = made(connection, quarterly(events, QUARTER).select(*columns))
    groups = frame.groupby("client_id")
    expected = groups[["date", "channel", "counterparty"]].nunique()
    night = ((frame["hour"] >= 22) | (frame["hour"] < 7)).groupby(frame["client_id"]).sum()
    assert found == [
        (name, *map(int, row), int(night[name])) for name, row in zip(expected.index, expected.to_numpy(), strict=True)
    ]


# --- PostgreSQL -----------------------------------------------------------------------------------------------------


@pytest.fixture
def secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANALYSIS_DATABASE_PASSWORD", PASSWORD)


def mapping_of(**columns: str | ColumnMapping) -> SourceMapping:
    made_of = tuple(c if isinstance(c, ColumnMapping) else ColumnMapping(name, c) for name, c in columns.items())
    return SourceMapping(
        "bank", Text("银行", "bank"), "production", "CNY", "gbt4754", (FileMapping("events", ("flow",), made_of),)
    )


def test_entries_are_summed_in_postgresql_as_in_duckdb(
    postgres: Server, secret: None, connection: Any, tmp_path: Path
) -> None:
    frame = random_entries(1_000)
    with postgres.connect() as writer:
        writer.execute("CREATE SCHEMA flows; SET search_path = flows")
        table_in(writer, frame)
    brought = {file.table: raw for file, raw in bring_tables(connection, postgres.url("flows"))}
    assert list(brought) == ["transactions", "activity"]
    table_in(connection, frame)
    write_sums(connection, "events", tmp_path)
    for name in ("transactions", "activity"):
        made_here = f"'{tmp_path / name}.parquet'"
        columns = ", ".join(columns_of(connection, made_here))
        query = f"SELECT {columns} FROM {{}} ORDER BY ALL"
        here = connection.execute(query.format(made_here)).df()
        there = connection.execute(query.format(brought[name].relation)).df()
        pd.testing.assert_frame_equal(there, here, check_dtype=False, rtol=1e-9, atol=0)
        assert (brought[name].n_lines, brought[name].n_rejected) == (len(here), 0)


def test_only_what_comes_back_and_no_entry_leaves_the_database(postgres: Server, secret: None, connection: Any) -> None:
    with postgres.connect() as writer:
        writer.execute("CREATE SCHEMA apart; SET search_path = apart")
        table_in(writer, ENTRIES)
    bring_tables(connection, postgres.url("apart"))
    stored = [row[0] for row in connection.execute("SELECT table_name FROM duckdb_tables()").fetchall()]
    assert all("counterparty" not in columns_of(connection, name) for name in stored)


def test_entries_that_break_a_rule_are_left_out_once_and_told(connection: Any, tmp_path: Path) -> None:
    bad = rows(
        COLUMNS,
        ("1", "A", "2026-07-04", 9, "in", 100.00, "online", "P", False),  # the same number, in order before the other
        ("7", None, "2026-07-04", 9, "in", 1.00, "online", "P", False),
        ("8", "A", "2026-07-04", 24, "in", 1.00, "online", "P", False),
        ("9", "A", "2026-07-04", 9, "sideways", 1.00, "online", "P", False),
        ("10", "A", "2026-07-04", 9, "in", -1.00, "online", "P", False),
        ("11", "A", "2026-07-04", 9, "in", 1.00, "pigeon", "P", False),
    )
    path = tmp_path / "bank.duckdb"
    with duckdb.connect(str(path)) as made_here:
        table_in(made_here, pd.concat([ENTRIES, bad]))
    (_, months), (_, quarters) = bring_tables(connection, f"duckdb://{path}")
    rejected = connection.execute(f"SELECT raw, rule FROM {months.rejected} ORDER BY raw").fetchall()
    assert rejected == [
        ("entry_id=1", "duplicate_key"),
        ("entry_id=10", "range"),
        ("entry_id=11", "unknown_code"),
        ("entry_id=7", "required"),
        ("entry_id=8", "range"),
        ("entry_id=9", "unknown_code"),
    ]
    assert (months.n_lines, months.n_rejected) == (5 + 6, 6)
    assert (quarters.n_lines, quarters.n_rejected) == (3, 0)
    assert connection.execute(f"SELECT sum(amount_in), sum(n_in), max(_line) FROM {quarters.relation}").fetchone()[
        1:
    ] == (4, 3)


def test_a_banks_own_names_codes_and_units_are_mapped_where_they_lie(connection: Any, tmp_path: Path) -> None:
    path = tmp_path / "bank.duckdb"
    with duckdb.connect(str(path)) as made_here:
        made_here.execute(
            "CREATE TABLE flow AS SELECT 17 AS no, ' 8 ' AS cust, TIMESTAMP '2026-09-30 23:10:00' AS at, 'C' AS dc,"
            " 1.5 AS wan, '网银' AS ch, 'Y' AS abroad, 'x' AS kind UNION ALL"
            " SELECT 18, '8', TIMESTAMP '2026-09-30 01:00:00', 'D', 2, '网银', 'N', 'y'"
        )
    mapping = mapping_of(
        entry_id="no",
        client_id=ColumnMapping("client_id", "cust", prefix="C"),
        date="at",
        hour="at",
        direction=ColumnMapping("direction", "dc", codes={"C": "in", "D": "out"}),
        amount=ColumnMapping("amount", "wan", multiply=Decimal(10_000)),
        channel=ColumnMapping("channel", "ch", codes={"网银": "online"}),
        is_cross_border=ColumnMapping("is_cross_border", "abroad", codes={"Y": "true", "N": "false"}),
    )
    mapping = replace(mapping, files=(replace(mapping.files[0], where={"kind": ("x",)}),))
    (_, months), (_, quarters) = bring_tables(connection, f"duckdb://{path}", mapping)
    assert connection.execute(
        f"SELECT client_id, month::VARCHAR, channel, n_in::INT, amount_in::VARCHAR, amount_cross_border::VARCHAR"
        f" FROM {months.relation}"
    ).fetchall() == [("C8", "2026-09-30", "online", 1, "15000.00", "15000.00")]
    assert connection.execute(f"SELECT quarter, n_night, n_counterparties FROM {quarters.relation}").fetchall() == [
        ("2026Q3", 1, None)
    ]


MAPPED_SQL = (
    "CREATE TABLE flow AS SELECT '1' AS no, 'A' AS cust, CAST('2026-09-30' AS date) AS day, 'D' AS dc,"
    " -3 AS pieces, CAST(2.675 AS double precision) AS price, 'Y' AS abroad, '' AS ch UNION ALL"
    " SELECT '1', 'A', CAST('2026-09-30' AS date), 'D', -3, 2.675, 'Y', '' UNION ALL"
    " SELECT '2', 'A', CAST('2026-09-30' AS date), 'C', 4, 1.25, 'x', '-'"
)
MAPPED = mapping_of(
    entry_id="no",
    client_id="cust",
    date="day",
    direction=ColumnMapping("direction", "dc", codes={"C": "in", "D": "out"}),
    amount=ColumnMapping("amount", "pieces", times="price", absolute=True),
    channel=ColumnMapping("channel", "ch", codes={"": "online", "-": ""}),
    is_cross_border=ColumnMapping("is_cross_border", "abroad", codes={"Y": "true", "N": "false"}),
)
MAPPED = replace(MAPPED, files=(replace(MAPPED.files[0], distinct=True),))


def mapped_entries(connection: Any, url: str) -> tuple[list[tuple[Any, ...]], list[tuple[Any, ...]]]:
    (_, months), _ = bring_tables(connection, url, MAPPED)
    columns = "channel, n_in::INT, n_out::INT, amount_out::VARCHAR, amount_cross_border::VARCHAR"
    sums = connection.execute(f"SELECT {columns} FROM {months.relation} ORDER BY ALL").fetchall()
    return sums, connection.execute(f"SELECT raw, rule FROM {months.rejected}").fetchall()


# 3 × 2.675 = 8.025, rounded once; the same row twice is one; x is no code of cross-border
SUMMED = ([("online", 0, 1, "8.03", "8.03")], [("entry_id=2", "unknown_code")])


def test_a_product_without_its_sign_and_rows_that_say_the_same_are_mapped_in_a_duckdb_file(
    connection: Any, tmp_path: Path
) -> None:
    path = tmp_path / "bank.duckdb"
    with duckdb.connect(str(path)) as made_here:
        made_here.execute(MAPPED_SQL)
    assert mapped_entries(connection, f"duckdb://{path}") == SUMMED


def test_a_product_without_its_sign_and_rows_that_say_the_same_are_mapped_in_postgresql(
    postgres: Server, secret: None, connection: Any
) -> None:
    with postgres.connect() as writer:
        writer.execute("CREATE SCHEMA mapped; SET search_path = mapped")
        writer.execute(MAPPED_SQL)
    assert mapped_entries(connection, postgres.url("mapped")) == SUMMED


def test_a_mapping_of_what_a_database_has_not_is_refused_by_name(connection: Any, tmp_path: Path) -> None:
    path = tmp_path / "bank.duckdb"
    with duckdb.connect(str(path)) as made_here:
        made_here.execute(MAPPED_SQL)
    other = {"client_id": "cust", "date": "day", "direction": "dc", "amount": "pieces"}
    with pytest.raises(DataError) as refusal:
        bring_tables(connection, f"duckdb://{path}", mapping_of(entry_id="_line", **other))
    assert str(refusal.value) == (
        "The database lacks columns: flow has no lines to number entry_id by. Correct the names in mapping.toml."
    )
    part = ColumnMapping("date", "day", part=(1, 8))
    with pytest.raises(DataError) as refusal:
        bring_tables(connection, f"duckdb://{path}", mapping_of(entry_id="no", **(other | {"date": part})))
    assert str(refusal.value) == (
        "The column 'day' of flow is no text, and date of entries takes a part of it. Give a view with the part as a"
        " column of its own: entries are not read as text."
    )
    times = ColumnMapping("amount", "pieces", times="prize")
    with pytest.raises(DataError) as refusal:
        bring_tables(connection, f"duckdb://{path}", mapping_of(entry_id="no", **(other | {"amount": times})))
    assert str(refusal.value) == (
        "The database lacks columns: flow has no column 'prize' (Did you mean 'price'?). "
        "Correct the names in mapping.toml."
    )


def test_an_amount_kept_as_text_is_refused(connection: Any, tmp_path: Path) -> None:
    path = tmp_path / "bank.duckdb"
    with duckdb.connect(str(path)) as made_here:
        made_here.execute(
            "CREATE TABLE flow AS SELECT '1' AS no, 'A' AS cust, DATE '2026-09-30' AS day, 'in' AS io, '1,000' AS amt"
        )
    mapping = mapping_of(entry_id="no", client_id="cust", date="day", direction="io", amount="amt")
    with pytest.raises(DataError) as refusal:
        bring_tables(connection, f"duckdb://{path}", mapping)
    assert str(refusal.value) == (
        "The column 'amt' of flow is string and cannot be amount of entries. "
        "Give a view in which it has its type: entries are summed in the database, not read as text."
    )


def test_a_table_without_entries_gives_no_activity(connection: Any, tmp_path: Path) -> None:
    path = tmp_path / "bank.duckdb"
    with duckdb.connect(str(path)) as made_here:
        table_in(made_here, ENTRIES[:0])
    [(file, raw)] = bring_tables(connection, f"duckdb://{path}")
    assert (file.table, raw.n_lines) == ("transactions", 0)


# --- in a load ------------------------------------------------------------------------------------------------------


def test_sums_are_written_in_the_form_of_the_contract_and_the_order_of_their_keys(
    connection: Any, tmp_path: Path
) -> None:
    table_in(connection, ENTRIES)
    write_sums(connection, "events", tmp_path)
    assert connection.execute(f"SELECT client_id, quarter FROM '{tmp_path}/activity.parquet'").fetchall() == [
        ("A", "2026Q3"),
        ("B", "2026Q3"),
        ("B", "2026Q4"),
    ]
    assert columns_of(connection, f"'{tmp_path}/transactions.parquet'")["amount_in"] == "DECIMAL(18,2)"


def test_activity_becomes_measures_of_the_panel(tmp_path: Path, connection: Any) -> None:
    from analysis.metrics import build_panel

    table_in(connection, ENTRIES)
    write_sums(connection, "events", tmp_path)
    activity = connection.execute(f"SELECT * FROM '{tmp_path}/activity.parquet' WHERE quarter = '2026Q3'").df()
    portfolio = tiny_portfolio(tmp_path, {"clients": client_rows("A", "B", "C"), "activity": activity})
    panel = build_panel(portfolio, 1).set_index("client_id")
    assert panel["active_days"].tolist() == [3.0, 1.0, 0.0]
    assert panel["counterparties"].tolist() == [2.0, 0.0, 0.0]
    assert panel["entry_largest"].tolist() == [100.0, 7.0, 0.0]
