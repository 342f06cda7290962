import json
from datetime import date
from decimal import Decimal

import duckdb
import pytest

from analysis.core.text import Text
from analysis.intake.checks import Check
from analysis.intake.identity import ClientMatches, TableMatch, match_tables, resolve_clients
from tests.intake.identity.kept_rows import HUAWEI, ICBC, rows, table

SEPTEMBER = date(2026, 9, 30)


@pytest.fixture
def connection() -> duckdb.DuckDBPyConnection:
    return duckdb.connect(config={"threads": 1})


def test_clients_with_codes_of_their_own_are_left_as_they_are(connection: duckdb.DuckDBPyConnection) -> None:
    clients = table(
        connection, "clients", "client_id quarter credit_code", ("1", "2026Q3", ICBC), ("2", "2026Q3", HUAWEI)
    )
    view = resolve_clients(connection, {"clients": clients})
    assert (view.n_aliases, view.checks) == (0, ())
    assert rows(connection, "client_id", clients) == [("1",), ("2",)]


def test_two_numbers_with_one_code_become_the_one_whose_relation_is_older(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    clients = table(
        connection,
        "clients",
        "client_id quarter credit_code relation_start region",
        ("1", "2026Q3", " 91100000 100003962t", date(2020, 1, 1), "沪"),
        ("2", "2026Q3", ICBC, date(2015, 1, 1), "沪"),
        ("3", "2026Q3", HUAWEI, date(2010, 1, 1), "深"),
    )
    view = resolve_clients(connection, {"clients": clients})
    assert view.n_aliases == 1
    assert rows(connection, "client_id, relation_start, region", clients) == [
        ("2", date(2015, 1, 1), "沪"),
        ("3", date(2010, 1, 1), "深"),
    ]
    assert [(c.file, c.column, c.rule, c.action, c.n_rows, c.examples) for c in view.checks] == [
        ("a.csv", "credit_code", "alias", "changed", 1, ("line 2",)),
        ("", "relation_start", "client_conflict", "changed", 1, ("2020-01-01 (a.csv line 2)",)),
        ("", "client_id", "alias_rows", "changed", 1, ()),
    ]


def test_the_file_named_first_decides_which_number_stays_and_which_values_hold(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    clients = table(
        connection,
        "clients",
        "client_id quarter credit_code relation_start region assets",
        ("1", "2026Q3", ICBC, date(2010, 1, 1), "沪", Decimal(700), "2026Q3/信贷.xlsx!客户"),
        ("2", "2026Q3", ICBC, date(2020, 1, 1), "京", None, "2026Q3/核心.csv"),
    )
    view = resolve_clients(connection, {"clients": clients}, priority=["核心*.csv", "信贷.xlsx"])
    # region is the core system's; assets only the credit system knows; the relation began in 2010
    assert rows(connection, "client_id, region, assets, relation_start", clients) == [
        ("2", "京", Decimal(700), date(2010, 1, 1))
    ]
    assert [(c.column, c.rule, c.examples) for c in view.checks if c.rule == "client_conflict"] == [
        ("relation_start", "client_conflict", ("2020-01-01 (2026Q3/核心.csv line 3)",)),
        ("region", "client_conflict", ("沪 (2026Q3/信贷.xlsx!客户 line 2)",)),
    ]


def test_without_a_declared_order_the_latest_line_holds(connection: duckdb.DuckDBPyConnection) -> None:
    clients = table(
        connection,
        "clients",
        "client_id quarter credit_code region revenue",
        ("1", "2026Q3", ICBC, "沪", Decimal(100)),
        ("2", "2026Q3", ICBC, "京", Decimal(130)),
    )
    view = resolve_clients(connection, {"clients": clients})
    assert rows(connection, "client_id, region, revenue", clients) == [("1", "京", Decimal(130))]
    conflict = next(check for check in view.checks if check.column == "revenue")
    assert (conflict.n_rows, conflict.money, conflict.examples) == (1, Decimal(30), ("100.00 (a.csv line 2)",))


def test_a_client_with_one_open_number_is_open(connection: duckdb.DuckDBPyConnection) -> None:
    clients = table(
        connection,
        "clients",
        "client_id quarter credit_code status has_basic_account",
        ("1", "2026Q3", ICBC, "open", True),
        ("2", "2026Q3", ICBC, "closed", False),
    )
    resolve_clients(connection, {"clients": clients})
    assert rows(connection, "client_id, status, has_basic_account", clients) == [("1", "open", True)]


def test_amounts_of_accounts_add_up_and_rates_are_weighted(connection: duckdb.DuckDBPyConnection) -> None:
    clients = table(
        connection, "clients", "client_id quarter credit_code", ("1", "2026Q3", ICBC), ("2", "2026Q3", ICBC)
    )
    positions = table(
        connection,
        "positions",
        "client_id month product balance_avg rate fee",
        ("1", SEPTEMBER, "loan_working", Decimal("100.01"), 0.03, None),
        ("2", SEPTEMBER, "loan_working", Decimal("300.03"), 0.05, None),
        ("2", SEPTEMBER, "deposit_demand", Decimal("5.00"), 0.01, Decimal("0.10")),
    )
    transactions = table(
        connection,
        "transactions",
        "client_id month channel n_in amount_in",
        ("1", SEPTEMBER, "online", 2, Decimal(10)),
        ("2", SEPTEMBER, "online", 3, Decimal(20)),
    )
    limits = table(
        connection,
        "limits",
        "client_id month credit_limit expiry",
        ("1", SEPTEMBER, Decimal(50), date(2027, 1, 1)),
        ("2", SEPTEMBER, Decimal(70), None),
    )
    tables = {"clients": clients, "positions": positions, "transactions": transactions, "limits": limits}
    view = resolve_clients(connection, tables)
    # rate = (0.03 · 100.01 + 0.05 · 300.03) / 400.04 = (0.03 + 3 · 0.05) / 4 = 0.045
    assert rows(connection, "product, balance_avg, round(rate, 12), fee", positions) == [
        ("deposit_demand", Decimal("5.00"), 0.01, Decimal("0.10")),
        ("loan_working", Decimal("400.04"), 0.045, None),
    ]
    assert rows(connection, "client_id, n_in, amount_in", transactions) == [("1", 5, Decimal(30))]
    assert rows(connection, "client_id, credit_limit, expiry", limits) == [("1", Decimal(120), date(2027, 1, 1))]
    assert [(c.table, c.n_rows) for c in view.checks if c.rule == "alias_rows"] == [
        ("clients", 1),
        ("positions", 1),
        ("transactions", 1),
        ("limits", 1),
    ]


def test_loans_move_to_the_number_that_stays_as_do_guarantors(connection: duckdb.DuckDBPyConnection) -> None:
    clients = table(
        connection, "clients", "client_id quarter credit_code", ("1", "2026Q3", ICBC), ("2", "2026Q3", ICBC)
    )
    loans = table(
        connection,
        "loans",
        "loan_id client_id start guarantor_id amount",
        ("L1", "2", date(2026, 1, 1), None, Decimal(5)),
        ("L2", "9", date(2026, 1, 1), "2", Decimal(6)),
    )
    resolve_clients(connection, {"clients": clients, "loans": loans})
    assert rows(connection, "loan_id, client_id, guarantor_id, amount", loans) == [
        ("L1", "1", None, Decimal(5)),
        ("L2", "9", "1", Decimal(6)),
    ]


def test_two_statements_of_one_year_are_not_added(connection: duckdb.DuckDBPyConnection) -> None:
    clients = table(
        connection, "clients", "client_id quarter credit_code", ("1", "2026Q3", ICBC), ("2", "2026Q3", ICBC)
    )
    financials = table(
        connection, "financials", "client_id year assets", ("1", 2025, Decimal(900)), ("2", 2025, Decimal(901))
    )
    view = resolve_clients(connection, {"clients": clients, "financials": financials})
    assert rows(connection, "client_id, year, assets", financials) == [("1", 2025, Decimal(901))]
    assert [(c.column, c.money) for c in view.checks if c.table == "financials"] == [
        ("assets", Decimal(1)),
        ("client_id", Decimal(0)),
    ]


def test_a_refusal_under_one_number_is_a_refusal_of_the_client(connection: duckdb.DuckDBPyConnection) -> None:
    clients = table(
        connection, "clients", "client_id quarter credit_code", ("1", "2026Q3", ICBC), ("2", "2026Q3", ICBC)
    )
    day = date(2026, 1, 1)
    consents = table(
        connection,
        "consents",
        "client_id purpose granted start",
        ("1", "marketing", False, day),
        ("2", "marketing", True, day),
    )
    resolve_clients(connection, {"clients": clients, "consents": consents})
    assert rows(connection, "client_id, granted", consents) == [("1", False)]


@pytest.mark.parametrize(
    "code", ["000000000000000000", "911000001000039620", "91100000100003962", "9110000010000396IT", None]
)
def test_a_code_that_is_wrong_short_or_a_stand_in_joins_nobody(
    code: str | None, connection: duckdb.DuckDBPyConnection
) -> None:
    clients = table(
        connection, "clients", "client_id quarter credit_code", ("1", "2026Q3", code), ("2", "2026Q3", code)
    )
    assert resolve_clients(connection, {"clients": clients}).n_aliases == 0


def test_a_code_under_eleven_numbers_joins_nobody_and_is_told(connection: duckdb.DuckDBPyConnection) -> None:
    clients = table(
        connection, "clients", "client_id quarter credit_code", *((str(k), "2026Q3", ICBC) for k in range(10, 21))
    )
    view = resolve_clients(connection, {"clients": clients})
    assert view.n_aliases == 0
    assert [(c.rule, c.action, c.n_rows, c.examples) for c in view.checks] == [
        ("shared_credit_code", "flag", 11, ("line 2", "line 3", "line 4", "line 5", "line 6"))
    ]


def test_only_the_latest_code_of_a_number_counts(connection: duckdb.DuckDBPyConnection) -> None:
    clients = table(
        connection,
        "clients",
        "client_id quarter credit_code",
        ("1", "2026Q2", HUAWEI),  # a slip, corrected a quarter later
        ("1", "2026Q3", ICBC),
        ("2", "2026Q3", HUAWEI),
    )
    assert resolve_clients(connection, {"clients": clients}).n_aliases == 0


def test_joined_numbers_under_two_names_are_told_without_the_names(connection: duckdb.DuckDBPyConnection) -> None:
    clients = table(
        connection,
        "clients",
        "client_id quarter credit_code name",
        ("1", "2026Q3", ICBC, "甲（上海）有限公司"),
        ("2", "2026Q3", ICBC, "甲(上海) 有限公司"),
        ("3", "2026Q3", ICBC, "乙商贸有限公司"),
    )
    view = resolve_clients(connection, {"clients": clients})
    assert [(c.rule, c.n_rows, c.examples) for c in view.checks if c.action == "flag"] == [
        ("alias_name", 1, ("line 4",))
    ]
    assert not any("甲" in text or "乙" in text or ICBC in text for c in view.checks for text in c.examples)


def test_members_of_a_group_count_once(connection: duckdb.DuckDBPyConnection) -> None:
    clients = table(
        connection,
        "clients",
        "client_id quarter credit_code group_id",
        ("1", "2026Q3", ICBC, "J1"),
        ("2", "2026Q3", ICBC, "J1"),
        ("3", "2026Q3", HUAWEI, "J1"),
    )
    resolve_clients(connection, {"clients": clients})
    assert rows(connection, "group_id, count(*), count(DISTINCT client_id)", f"{clients} GROUP BY group_id") == [
        ("J1", 2, 2)
    ]


def test_the_match_report_adds_up_and_a_client_without_transactions_stays(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    clients = table(
        connection,
        "clients",
        "client_id quarter status",
        ("1", "2026Q3", "open"),
        ("2", "2026Q2", "open"),  # delivered once: still in force
        ("3", "2026Q3", None),
        ("0", "2026Q2", "open"),
        ("0", "2026Q3", "closed"),  # has left
    )
    positions = table(
        connection,
        "positions",
        "client_id month product",
        ("1", SEPTEMBER, "online"),
        ("1", SEPTEMBER, "payroll"),
        ("2", SEPTEMBER, "online"),
        ("0", SEPTEMBER, "online"),
        ("9", SEPTEMBER, "online"),
    )
    transactions = table(connection, "transactions", "client_id month channel", ("1", SEPTEMBER, "online"))
    incidents = table(connection, "incidents", "incident_id client_id", ("I1", None), ("I2", "3"))
    tables = {"clients": clients, "positions": positions, "transactions": transactions, "incidents": incidents}
    matches = match_tables(connection, tables, "2026Q3")
    assert matches.tables == (
        TableMatch("positions", "m:1", n_rows=5, n_matched=4, n_orphans=1, n_without=0, n_clients=2),
        TableMatch("transactions", "m:1", n_rows=1, n_matched=1, n_orphans=0, n_without=0, n_clients=1),
        TableMatch("incidents", "m:1", n_rows=2, n_matched=1, n_orphans=0, n_without=1, n_clients=1),
    )
    # of the three clients in force only client 1 has positions and transactions
    assert (matches.n_clients, matches.n_core) == (3, 1)
    assert ClientMatches.from_json(json.loads(json.dumps(matches.as_json()))) == matches


def test_core_data_cannot_be_counted_without_transactions(connection: duckdb.DuckDBPyConnection) -> None:
    clients = table(connection, "clients", "client_id quarter status", ("1", "2026Q3", "open"))
    positions = table(connection, "positions", "client_id month product", ("1", SEPTEMBER, "online"))
    assert match_tables(connection, {"clients": clients, "positions": positions}, "2026Q3").n_core is None
    nobody = table(connection, "transactions", "client_id month channel")
    tables = {"clients": clients, "positions": positions, "transactions": nobody}
    assert match_tables(connection, tables, "2026Q3").n_core == 0


def test_rows_left_out_for_want_of_their_client_count_as_unmatched(connection: duckdb.DuckDBPyConnection) -> None:
    clients = table(connection, "clients", "client_id quarter status", ("1", "2026Q3", "open"))
    positions = table(connection, "positions", "client_id month product", ("1", SEPTEMBER, "online"))
    label = Text("x", "x")
    checks = [
        Check("positions", "p.csv", "client_id", "orphan", label, "consistency", "set_aside", 2),
        Check("positions", "p.csv", "product", "allowed", label, "validity", "set_aside", 4),
        Check("loans", "l.csv", "guarantor_id", "orphan", label, "consistency", "set_aside", 8),
    ]
    (found,) = (
        match_tables(connection, {"clients": clients, "positions": positions}, "2026Q3").with_orphans(checks).tables
    )
    assert (found.n_rows, found.n_matched, found.n_orphans, found.n_unmatched) == (3, 1, 2, 2)
