"""Rows that follow from other rows: those of clients set aside, and months of amounts cumulated over the year."""

from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest

from analysis.intake import load_portfolio
from analysis.intake.check_folder import FolderCheck, check_folder, result_lines
from analysis.intake.checks import FOLLOWS

MAPPING = """
[source]
name = "linked"
kind = "synthetic"

[[file]]
table = "clients"
files = ["clients.csv"]
[file.columns]
client_id = "no"
staff = "staff"

[[file]]
table = "positions"
files = ["balances.csv"]
[file.columns]
client_id = "no"
month = "month"
product = "product"
balance_end = "balance"
interest = "interest"
fee = {column = "fee", year_to_date = true}
"""
HEADER = "no,month,product,balance,interest,fee\n"


def deliver(root: Path, quarter: str, clients: str, balances: str) -> Path:
    place = root / quarter
    place.mkdir(parents=True)
    (place / "clients.csv").write_text(f"no,staff\n{clients}", encoding="utf-8")
    (place / "balances.csv").write_text(HEADER + balances, encoding="utf-8")
    (root / "mapping.toml").write_text(MAPPING, encoding="utf-8")
    return place


def balance(client: str, month: str, amount: int = 10) -> str:
    return f"{client},{month},deposit_demand,{amount},1,0\n"


# --- clients set aside ----------------------------------------------------------------------------------------------


@pytest.fixture
def found(tmp_path: Path) -> FolderCheck:
    """K2's only row is set aside in both quarters, so its six balances follow; K9 nobody gave."""
    root = tmp_path / "bank"
    months = {
        "2026Q2": ("2026-04-30", "2026-05-31", "2026-06-30"),
        "2026Q3": ("2026-07-31", "2026-08-31", "2026-09-30"),
    }
    for quarter, own in months.items():
        rows = "".join(balance(client, month) for client in ("K1", "K2") for month in own)
        deliver(root, quarter, "K1,5\nK2,many\n", rows + (balance("K9", own[-1]) if quarter == "2026Q3" else ""))
    return check_folder(root, cache=tmp_path / "cache")


def test_rows_of_a_client_set_aside_are_one_finding_and_not_orphans(found: FolderCheck) -> None:
    told = Counter({(check.table, check.rule): check.n_rows for check in found.checks if check.rule == "orphan"})
    assert told == {("positions", "orphan"): 1}
    follows = [(c.table, c.file, c.quarter, c.n_rows, c.money) for c in found.checks if c.rule == FOLLOWS]
    # three balances of 10 with interest of 1 in each quarter
    assert follows == [("positions", "", "2026Q2", 3, Decimal(33)), ("positions", "", "2026Q3", 3, Decimal(33))]
    (line,) = (line for line in result_lines(found) if FOLLOWS in line)
    assert line == (
        "  orphan_of_set_aside: belongs to a row of clients that was set aside: left out with it, no fault of its own: "
        "6 rows (positions 6), 66.00 in money"
    )


def test_rows_and_money_tie_when_rows_follow(found: FolderCheck) -> None:
    counts = {count.table: count for count in found.counts}
    positions = counts["positions"]
    assert (positions.n_read, positions.n_kept, positions.n_set_aside) == (13, 6, 7)
    assert (positions.money_kept, positions.money_set_aside) == (Decimal(66), Decimal(77))
    assert positions.money_read == positions.money_kept + positions.money_set_aside
    assert counts["clients"].n_set_aside == 2


def test_a_client_kept_in_another_quarter_takes_its_rows_with_it(tmp_path: Path) -> None:
    root = tmp_path / "bank"
    deliver(root, "2026Q2", "K1,5\nK2,7\n", balance("K2", "2026-06-30"))
    deliver(root, "2026Q3", "K1,5\nK2,many\n", balance("K2", "2026-09-30"))
    found = check_folder(root, cache=tmp_path / "cache")
    assert [check.rule for check in found.checks if check.action == "set_aside"] == ["type"]


# --- cumulated amounts ----------------------------------------------------------------------------------------------


def amounts(root: Path, tmp_path: Path, column: str) -> list[float | None]:
    portfolio = load_portfolio(str(root), cache=tmp_path / "cache")
    frame = portfolio.to_frame(portfolio.table("positions")).sort_values("month")
    return [None if value != value else float(value) for value in frame[column]]


def months(*rows: tuple[str, int, int]) -> str:
    return "".join(f"K1,{month},deposit_demand,10,{interest},{fee}\n" for month, interest, fee in rows)


FIRST = (("2026-01-31", 4, 5), ("2026-02-28", 4, 9), ("2026-03-31", 5, 15))
SECOND = (("2026-04-30", 6, 16), ("2026-05-31", 6, 20), ("2026-06-30", 7, 26))


def test_of_two_columns_of_one_file_only_the_cumulated_one_is_taken_apart(tmp_path: Path) -> None:
    root = tmp_path / "bank"
    deliver(root, "2026Q1", "K1,5\n", months(*FIRST))
    deliver(root, "2026Q2", "K1,5\n", months(*SECOND))
    # 5, 9 - 5, 15 - 9, 16 - 15 across two deliveries, 20 - 16, 26 - 20
    assert amounts(root, tmp_path, "fee") == [5, 4, 6, 1, 4, 6]
    assert amounts(root, tmp_path, "interest") == [4, 4, 5, 6, 6, 7]


def test_a_file_that_gives_the_month_itself_is_left_as_it_is_beside_one_that_cumulates(tmp_path: Path) -> None:
    root = tmp_path / "bank"
    deliver(root, "2026Q1", "K1,5\n", months(*FIRST))
    place = deliver(root, "2026Q2", "K1,5\n", months(*SECOND))
    (place / "balances.csv").rename(place / "monthly.csv")
    plain = MAPPING[MAPPING.index('[[file]]\ntable = "positions"') :].replace("balances.csv", "monthly.csv")
    plain = plain.replace('{column = "fee", year_to_date = true}', '"fee"')
    (root / "mapping.toml").write_text(MAPPING + plain, encoding="utf-8")
    assert amounts(root, tmp_path, "fee") == [5, 4, 6, 16, 20, 26]


def test_a_cumulated_month_after_a_plain_one_is_not_known(tmp_path: Path) -> None:
    root = tmp_path / "bank"
    place = deliver(root, "2026Q1", "K1,5\n", months(*FIRST))
    (place / "balances.csv").rename(place / "monthly.csv")
    deliver(root, "2026Q2", "K1,5\n", months(*SECOND))
    plain = MAPPING[MAPPING.index('[[file]]\ntable = "positions"') :].replace("balances.csv", "monthly.csv")
    plain = plain.replace('{column = "fee", year_to_date = true}', '"fee"')
    (root / "mapping.toml").write_text(MAPPING + plain, encoding="utf-8")
    # April lacks the cumulated amount of March: 16 less 15 would take a month's own amount for one
    assert amounts(root, tmp_path, "fee") == [5, 9, 15, None, 4, 6]
