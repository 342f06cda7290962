"""How the tables join to the clients, as the report and the check of a folder tell it."""

from dataclasses import replace

import pytest

from analysis.core.blocks import Missing, Ref
from analysis.core.text import Text
from analysis.core.units import CURRENCIES
from analysis.intake import load_portfolio
from analysis.intake.check_folder import check_folder, result_lines
from analysis.intake.identity import ClientMatches, TableMatch
from analysis.reporting.matches import matches_row, matches_table
from tests.builders import client_rows, rows, tiny_portfolio

# Four clients in force; positions of three, transactions of two: 1 of 4 has both.
MATCHES = ClientMatches(
    "2026Q3",
    4,
    1,
    (
        TableMatch("positions", "m:1", n_rows=9, n_matched=7, n_orphans=2, n_without=0, n_clients=3),
        TableMatch("transactions", "m:1", n_rows=2, n_matched=2, n_orphans=0, n_without=0, n_clients=2),
        TableMatch("incidents", "m:1", n_rows=5, n_matched=1, n_orphans=1, n_without=3, n_clients=1),
    ),
)
YUAN = CURRENCIES["CNY"]


def test_the_control_page_says_which_share_of_the_clients_has_all_core_data():
    row = matches_row(MATCHES, YUAN)
    assert row.label == Text("核心数据齐备", "Core data of clients")
    assert row.value == Text(
        "4 户客户中 25.0% 三类核心数据齐备（基本信息、产品持有、交易）",
        "25.0% of 4 clients have all core data (register, positions, transactions)",
    )


@pytest.mark.parametrize(
    ("matches", "reason"),
    [
        (
            replace(MATCHES, n_core=None, tables=()),
            Text(
                "数据源没有“产品持有”、“交易”表，无从判断", "the source has no table of positions and of transactions"
            ),
        ),
        (
            replace(MATCHES, n_core=None, tables=MATCHES.tables[:1]),
            Text("数据源没有“交易”表，无从判断", "the source has no table of transactions"),
        ),
        (replace(MATCHES, n_clients=0, n_core=0), Text("没有在册客户", "no client is in force")),
    ],
)
def test_without_a_share_the_control_page_says_why(matches: ClientMatches, reason: Text):
    assert matches_row(matches, YUAN).value == reason
    facts = {fact.id: fact for fact in matches_table(matches).facts}
    assert (facts["appendix.matches.core_share"].value, facts["appendix.matches.core_share"].reason) == (None, reason)


def test_the_table_has_for_each_table_the_clients_it_reaches_and_the_rows_of_nobody():
    table = matches_table(MATCHES)
    found = [
        [cell.fact.value if isinstance(cell, Ref) else cell for cell in list(row.cells.values())[1:5]]
        for row in table.rows
    ]
    assert found == [[3, 0.75, 9, 2], [2, 0.5, 2, 0], [1, 0.25, 5, 4]]
    assert {row.cells["cardinality"] for row in table.rows} == {Text("多行对一户", "many rows to one client")}
    assert not any(isinstance(cell, Missing) for row in table.rows for cell in row.cells.values())


def test_every_number_of_the_table_and_the_line_is_a_fact():
    facts = {fact.id: fact.value for fact in matches_table(MATCHES).facts}
    assert facts == {
        "appendix.matches.n_clients": 4,
        "appendix.matches.n_core": 1,
        "appendix.matches.core_share": 0.25,
        "appendix.matches.positions.n_clients": 3,
        "appendix.matches.positions.n_rows": 9,
        "appendix.matches.positions.n_unmatched": 2,
        "appendix.matches.transactions.n_clients": 2,
        "appendix.matches.transactions.n_rows": 2,
        "appendix.matches.transactions.n_unmatched": 0,
        "appendix.matches.incidents.n_clients": 1,
        "appendix.matches.incidents.n_rows": 5,
        "appendix.matches.incidents.n_unmatched": 4,
    }


def test_an_earlier_quarter_counts_only_what_was_known_then(tmp_path):
    positions = rows("client_id month product", ("A", "2026-06-30", "payroll"), ("B", "2026-09-30", "payroll"))
    transactions = rows("client_id month channel", ("A", "2026-06-30", "online"), ("B", "2026-09-30", "online"))
    tables = {"clients": client_rows("A", "B"), "positions": positions, "transactions": transactions}
    portfolio = tiny_portfolio(tmp_path, tables)
    assert (portfolio.matches.quarter, portfolio.matches.n_clients, portfolio.matches.n_core) == ("2026Q3", 2, 2)
    assert (portfolio.previous.matches.quarter, portfolio.previous.matches.n_core) == ("2026Q2", 1)
    assert [table.n_rows for table in portfolio.previous.matches.tables] == [1, 1]


@pytest.fixture(scope="module")
def bank(tmp_path_factory):
    """Two clients, one with positions and transactions; a balance of somebody who is no client."""
    root = tmp_path_factory.mktemp("extracts")
    (root / "2026Q3").mkdir()
    files = {
        "clients": "client_id,status\nC1,open\nC2,open\n",
        "positions": "client_id,month,product,balance_avg\nC1,2026-09-30,payroll,5\nC9,2026-09-30,payroll,7\n",
        "transactions": "client_id,month,channel,n_in\nC1,2026-09-30,online,2\n",
    }
    for name, text in files.items():
        (root / "2026Q3" / f"{name}.csv").write_text(text, encoding="utf-8")
    return root


def test_the_check_of_a_folder_tells_clients_reached_and_rows_unmatched(bank, tmp_path):
    lines = list(result_lines(check_folder(bank, cache=tmp_path)))
    assert lines[-4:] == [
        "joined to the 2 clients in force:",
        "  positions     m:1  clients with a row 1 (50.0%), rows unmatched 1",
        "  transactions  m:1  clients with a row 1 (50.0%), rows unmatched 0",
        "  50.0% of clients have all core data (clients, positions, transactions)",
    ]


def test_a_loaded_source_keeps_how_its_tables_join(bank, tmp_path):
    load_portfolio("folder", data=str(bank), cache=tmp_path)
    portfolio = load_portfolio("folder", data=str(bank), cache=tmp_path)
    assert portfolio.matches_at_load is portfolio.matches
    assert (portfolio.matches.n_clients, portfolio.matches.n_core) == (2, 1)
    assert portfolio.matches.tables[0].n_orphans == 1
