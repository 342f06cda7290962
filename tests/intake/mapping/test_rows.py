"""Rows of text become rows of a canonical table."""

from datetime import date
from decimal import Decimal

import duckdb

from analysis.intake.mapping import ColumnMapping, FileMapping, map_rows
from analysis.intake.reading import RawTable
from analysis.intake.validate import columns_of
from tests.intake.mapping.raw_builders import raw_table, read_cells

HEADERS = ["客户号", "月份", "产 品", "日均余额(万元)", "说明"]
COLUMNS = (
    ColumnMapping("client_id", "客户号"),
    ColumnMapping("month", "月份"),
    ColumnMapping("product", "产 品", codes={"活期": "deposit_demand"}),
    ColumnMapping("balance_avg", "日均余额(万元)", multiply=Decimal(10000)),
)


def test_a_row_keeps_its_file_its_line_and_its_types() -> None:
    with duckdb.connect() as connection:
        raw = raw_table(connection, HEADERS, ("C1", "202609", "活期", "1,000.5", "x"), name="存款.csv")
        map_rows(connection, raw, FileMapping("positions", ("*",), COLUMNS, priority=3), relation="mapped")
        assert columns_of(connection, "mapped") == {
            "client_id": "VARCHAR",
            "month": "DATE",
            "product": "VARCHAR",
            "balance_avg": "DECIMAL(18,2)",
            "_file": "VARCHAR",
            "_line": "BIGINT",
            "_priority": "INTEGER",
            "_unreadable": "VARCHAR[]",
            "_unknown": "VARCHAR[]",
        }
        assert connection.execute("SELECT * FROM mapped").fetchall() == [
            ("C1", date(2026, 9, 30), "deposit_demand", Decimal("10005000.00"), "存款.csv", 2, 3, [], [])
        ]


def test_what_cannot_be_read_and_what_is_not_known_is_named_by_column() -> None:
    with duckdb.connect() as connection:
        raw = raw_table(
            connection,
            HEADERS,
            ("C1", "2026-13", "定期", "many", ""),
            ("C2", "", "deposit_demand", "", ""),
        )
        map_rows(connection, raw, FileMapping("positions", ("*",), COLUMNS), relation="mapped")
        query = "SELECT product, month, balance_avg, _unreadable, _unknown FROM mapped ORDER BY _line"
        assert connection.execute(query).fetchall() == [
            ("定期", None, None, ["month", "balance_avg"], ["product"]),
            ("deposit_demand", None, None, [], []),
        ]


def test_only_rows_of_the_stated_kind_are_taken() -> None:
    with duckdb.connect() as connection:
        raw = raw_table(connection, ["id", "kind"], ("C1", "余额 "), ("C2", "利息"), ("C3", None), ("C4", "it's"))
        mapping = FileMapping("clients", ("*",), (ColumnMapping("client_id", "id"),), where={"kind": ("余额", "it's")})
        map_rows(connection, raw, mapping, relation="mapped")
        rows = connection.execute("SELECT client_id, _line FROM mapped ORDER BY _line").fetchall()
        assert rows == [("C1", 2), ("C4", 5)]


def test_one_value_may_stand_for_every_row() -> None:
    with duckdb.connect() as connection:
        raw = raw_table(connection, ["id"], ("C1",))
        columns = (
            ColumnMapping("client_id", "id"),
            ColumnMapping("quarter", constant="2026年三季度"),
            ColumnMapping("status", constant="open"),
            ColumnMapping("staff", constant="1,000"),
        )
        map_rows(connection, raw, FileMapping("clients", ("*",), columns), relation="mapped")
        query = "SELECT client_id, quarter, status, staff, _unreadable FROM mapped"
        assert connection.execute(query).fetchall() == [("C1", "2026Q3", "open", 1000.0, [])]


def test_yes_and_no_are_read_in_both_languages() -> None:
    cells = ["是", "否", "Y", "n", "1", "0", "TRUE", "maybe", "无"]
    expected = [True, False, True, False, True, False, True, "unreadable", None]
    assert read_cells("clients", "is_green", cells) == expected
    assert read_cells("clients", "is_green", ["绿", "非"], codes={"绿": "true", "非": "false"}) == [True, False]


def test_a_code_that_is_not_listed_is_unknown_unless_it_is_a_canonical_word() -> None:
    cells = ["正常", " open ", "Open", "x"]
    expected = ["open", "open", "unknown: Open", "unknown: x"]
    assert read_cells("clients", "status", cells, codes={"正常": "open"}) == expected


def test_a_code_may_mean_that_nothing_is_known_and_an_empty_cell_may_mean_something() -> None:
    assert read_cells("clients", "status", ["0", "1", ""], codes={"0": "", "1": "open"}) == [None, "open", None]
    assert read_cells("clients", "staff", ["0", "12"], codes={"0": ""}) == [None, 12.0]
    assert read_cells("clients", "region", ["0", "12"], codes={"0": ""}) == [None, "12"]
    assert read_cells("clients", "status", ["", "x"], codes={"": "open"}) == ["open", "unknown: x"]


def test_an_amount_may_be_a_quantity_times_a_price_without_its_sign() -> None:
    with duckdb.connect() as connection:
        rows = (("12", "2.95"), ("-3", "1,000.005"), ("x", "1"), ("2", ""), ("", "1"), ("1", "123456789012.1234567"))
        raw = raw_table(connection, ["Quantity", "Price"], *rows)
        columns = (
            ColumnMapping("entry_id", "_line"),
            ColumnMapping("amount", "Quantity", times="Price", absolute=True),
        )
        map_rows(connection, raw, FileMapping("events", ("*",), columns), relation="mapped")
        # 12 × 2.95 = 35.40; 3 × 1,000.005 = 3,000.015, to the fen 3,000.02
        assert connection.execute("SELECT entry_id, amount, _unreadable FROM mapped ORDER BY _line").fetchall() == [
            ("2", Decimal("35.40"), []),
            ("3", Decimal("3000.02"), []),
            ("4", None, ["amount"]),
            ("5", None, []),
            ("6", None, []),
            ("7", Decimal("123456789012.12"), []),
        ]


def test_rows_that_say_the_same_are_taken_once_when_told_and_no_unreadable_row_is_lost() -> None:
    with duckdb.connect() as connection:
        rows = (("C1", "2026-07-01"), ("C1", "2026-08-01"), ("C1", "2026-10-01"), ("C2", "?"), ("C2", "?"))
        raw = raw_table(connection, ["id", "day"], *rows)
        columns = (ColumnMapping("client_id", "id"), ColumnMapping("quarter", "day"))
        map_rows(connection, raw, FileMapping("clients", ("*",), columns, distinct=True), relation="mapped")
        query = "SELECT client_id, quarter, _line FROM mapped ORDER BY _line"
        assert connection.execute(query).fetchall() == [
            ("C1", "2026Q3", 2),
            ("C1", "2026Q4", 4),
            ("C2", None, 5),
            ("C2", None, 6),
        ]


def test_an_empty_word_in_where_takes_the_rows_whose_cell_is_empty() -> None:
    with duckdb.connect() as connection:
        raw = raw_table(connection, ["id", "kind"], ("C1", ""), ("C2", None), ("C3", "x"))
        mapping = FileMapping("clients", ("*",), (ColumnMapping("client_id", "id"),), where={"kind": ("",)})
        map_rows(connection, raw, mapping, relation="mapped")
        assert connection.execute("SELECT client_id FROM mapped ORDER BY 1").fetchall() == [("C1",), ("C2",)]
        assert not mapping.takes_all
        assert mapping.headers == ("id", "kind")


def test_a_part_of_a_code_and_what_stands_before_it() -> None:
    assert read_cells("clients", "region", ["440305", "4", ""], part=(1, 2)) == ["44", "4", None]
    assert read_cells("clients", "client_id", ["001", ""], prefix="A'-") == ["A'-001", None]
    assert read_cells("clients", "region", ["440305"], part=(1, 2), codes={"44": "GD"}, prefix="CN-") == ["CN-GD"]


def test_a_number_that_a_spreadsheet_has_shortened_is_no_client() -> None:
    # 123457xxxxxxxxxxxx: the digits are lost, and two clients would become one
    assert read_cells("clients", "client_id", ["1.23457E+17", "1E5", "123"]) == ["unreadable", "unreadable", "123"]
    assert read_cells("clients", "region", ["1E5"]) == ["1E5"]


def test_columns_of_parquet_and_databases_keep_their_values() -> None:
    with duckdb.connect() as connection:
        connection.execute(
            "CREATE TABLE raw AS SELECT 7::BIGINT id, TIMESTAMP '2026-09-30 00:00:00' m, 'd' p, 0.1::DOUBLE a,"
            " 1.005::DECIMAL(10,3) e, 'nan'::DOUBLE r, 0.02::FLOAT f, DATE '2026-09-01' s, 12.0::DOUBLE c, 2 _line"
        )
        raw = RawTable("raw", "none", "a.parquet", tuple("idmpaerfsc"), 1, 0, "", "")
        columns = (
            ColumnMapping("client_id", "id"),
            ColumnMapping("month", "s"),
            ColumnMapping("product", "c"),
            ColumnMapping("balance_avg", "a", multiply=Decimal(10000)),
            ColumnMapping("balance_end", "e"),
            ColumnMapping("rate", "r"),
            ColumnMapping("fee", "a"),
        )
        map_rows(connection, raw, FileMapping("positions", ("*",), columns), relation="mapped")
        query = "SELECT client_id, month, product, balance_avg, balance_end, rate, fee, _unreadable FROM mapped"
        # 1.005 rounds half up to 1.01; a whole double is written without its nought
        assert connection.execute(query).fetchall() == [
            ("7", date(2026, 9, 30), "12", Decimal("1000.00"), Decimal("1.01"), None, Decimal("0.10"), [])
        ]


def test_no_header_code_or_name_acts_as_sql() -> None:
    evil = "x\" FROM raw; DROP TABLE raw; --'"
    with duckdb.connect() as connection:
        raw = raw_table(connection, ["id", evil], ("C1", evil), name="a'); DROP TABLE raw; --.csv")
        columns = (
            ColumnMapping("client_id", "id", prefix="'||(SELECT 1)||'"),
            ColumnMapping("region", evil, codes={evil: "'; DROP TABLE raw; --"}),
        )
        mapping = FileMapping("clients", ("*",), columns, where={evil: (evil,)})
        map_rows(connection, raw, mapping, relation="mapped")
        rows = connection.execute("SELECT client_id, region, _file FROM mapped").fetchall()
        assert rows == [("'||(SELECT 1)||'C1", "'; DROP TABLE raw; --", "a'); DROP TABLE raw; --.csv")]
        assert connection.execute("SELECT count(*) FROM raw").fetchone() == (1,)
