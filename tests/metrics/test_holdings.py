"""Products held at a quarter's end, by the rule of the product families."""

from pathlib import Path

from analysis.core.quarter import Quarter
from analysis.metrics.holdings import products_held
from tests.builders import client_rows, rows, tiny_portfolio

HEADER = "client_id month product balance_avg balance_end"


def test_a_fee_product_needs_no_balance_and_a_loan_does(tmp_path: Path) -> None:
    positions = rows(
        HEADER,
        ("A", "2026-09-30", "payroll", 0.0, 0.0),
        ("A", "2026-09-30", "loan_working", 0.0, 0.0),
        ("A", "2026-09-30", "deposit_term", 5.0, 0.0),
        ("A", "2026-08-31", "wealth", 5.0, 5.0),  # a month before the quarter's end
        ("B", "2026-09-30", "deposit_demand", 0.0, 0.0),
    )
    found = products_held(tiny_portfolio(tmp_path, {"clients": client_rows("A", "B"), "positions": positions}))
    assert found.values.tolist() == [
        ["A", "2026Q3", "deposit_term"],
        ["A", "2026Q3", "payroll"],
        ["B", "2026Q3", "deposit_demand"],
    ]


def test_several_quarters_at_once_and_none_after_the_portfolio(tmp_path: Path) -> None:
    positions = rows(
        HEADER,
        *(("A", month, "payroll", 0.0, 0.0) for month in ("2026-03-31", "2026-06-30", "2026-09-30", "2026-12-31")),
    )
    clients = client_rows("A", quarters=("2026Q1", "2026Q4"))
    portfolio = tiny_portfolio(tmp_path, {"clients": clients, "positions": positions})
    asked = [Quarter(label) for label in ("2026Q1", "2026Q3", "2026Q4")]
    assert products_held(portfolio, asked)["quarter"].tolist() == ["2026Q1", "2026Q3"]


def test_a_source_without_positions_holds_nothing(tmp_path: Path) -> None:
    assert products_held(tiny_portfolio(tmp_path, {"clients": client_rows("A")})).empty
