"""Client tables tie to the ledger to the fen, or the difference is counted."""

from pathlib import Path

import pandas as pd

from analysis.core.estimate import Unavailable
from analysis.intake.tie_out import TieOut, tie_out
from tests.builders import client_rows, rows, tiny_portfolio


def tables(deposits: float = 100.0) -> dict[str, pd.DataFrame]:
    clients = client_rows("A", "B", outlet_id={"A": "O1", "B": "O2"}, quarters=("2026Q3",))
    positions = rows(
        "client_id month product balance_avg balance_end interest fee direct_cost",
        ("A", "2026-09-30", "deposit_demand", 100.0, 90.0, 0.5, 1.0, 2.0),
        ("A", "2026-09-30", "deposit_term", 50.0, 50.0, 0.5, 0.0, 0.0),
        ("B", "2026-09-30", "loan_working", 30.0, 30.0, 0.1, 0.0, 0.3),
        ("A", "2026-06-30", "deposit_demand", 999.0, 999.0, 9.0, 9.0, 9.0),  # another quarter: not compared
    )
    # outlet O1: average 100 + 50, end 90 + 50, expense 0.5 + 0.5, fee 1, cost 2
    # outlet O2: loan 30, income 0.1, cost 0.3
    controls = rows(
        "month outlet_id item amount",
        ("2026-09-30", "O1", "deposits_avg", deposits + 50.0),
        ("2026-09-30", "O1", "deposits_end", 140.0),
        ("2026-09-30", "O1", "interest_deposits", 1.0),
        ("2026-09-30", "O1", "fee", 1.0),
        ("2026-09-30", "O1", "direct_cost", 2.0),
        ("2026-09-30", "O2", "loans_avg", 30.0),
        ("2026-09-30", "O2", "loans_end", 30.0),
        ("2026-09-30", "O2", "interest_loans", 0.1),
        ("2026-09-30", "O2", "direct_cost", 0.3),
    )
    return {"clients": clients, "positions": positions, "controls": controls}


def test_equal_totals_tie(tmp_path: Path) -> None:
    result = tie_out(tiny_portfolio(tmp_path, tables()))
    # the nine ledger cells, and the zero fee of outlet O2, which only the client tables have
    assert result == TieOut(n_cells=10, n_off=0, largest=0.0)
    assert result.is_tied


def test_a_difference_of_one_fen_is_found(tmp_path: Path) -> None:
    result = tie_out(tiny_portfolio(tmp_path, tables(100.01)))
    assert result == TieOut(n_cells=10, n_off=1, largest=0.01)
    assert not result.is_tied


def test_an_item_the_ledger_lacks_counts_whole(tmp_path: Path) -> None:
    made = tables()
    made["controls"] = made["controls"].query("item != 'loans_end'")
    assert tie_out(tiny_portfolio(tmp_path, made)) == TieOut(n_cells=10, n_off=1, largest=30.0)


def test_without_a_ledger_there_is_nothing_to_tie(tmp_path: Path) -> None:
    made = tables()
    del made["controls"]
    result = tie_out(tiny_portfolio(tmp_path, made))
    assert isinstance(result, Unavailable)
    assert result.reason.en == "the source has no ledger to tie to"
