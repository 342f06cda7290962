"""A bank of four clients whose every KPI can be worked out by hand; the arithmetic stands in the tests.

A deposits only · B borrows (l1 pass, l2 turned bad in September 2026) · C has an account and nothing else ·
D had deposits in the first quarter of 2026 and closed in the second. The third quarter of 2026 has 92 days.
"""

from pathlib import Path

import pandas as pd

from analysis.intake.portfolio import Portfolio
from tests.builders import client_rows, rows, tiny_portfolio

QUARTERS = ("2025Q3", "2025Q4", "2026Q1", "2026Q2", "2026Q3")
JUL, AUG, SEP = "2026-07-31", "2026-08-31", "2026-09-30"


def clients() -> pd.DataFrame:
    frame = client_rows(
        "A",
        "B",
        "C",
        "D",
        quarters=QUARTERS,
        industry={"A": "C", "B": "F", "C": "F", "D": "C"},
        branch_id={"A": "north", "B": "north", "C": "south", "D": "south"},
        has_basic_account={"A": True, "B": False, "C": False, "D": True},
        relation_start="2020-01-31",
    )
    frame.loc[(frame["client_id"] == "D") & (frame["quarter"] >= "2026Q2"), "status"] = "closed"
    return frame


def positions() -> pd.DataFrame:
    return rows(
        "client_id month product balance_avg balance_end interest funds_amount fee direct_cost",
        ("A", "2025-09-30", "deposit_demand", 920_000.0, 920_000.0, 4_000.0, 10_000.0, 0.0, 0.0),
        ("D", "2025-09-30", "deposit_demand", 92_000.0, 92_000.0, 1_000.0, 2_000.0, 0.0, 0.0),
        ("A", "2026-03-31", "deposit_demand", 900_000.0, 900_000.0, 1_000.0, 2_000.0, 0.0, 0.0),
        ("D", "2026-03-31", "deposit_demand", 900_000.0, 900_000.0, 1_000.0, 2_000.0, 0.0, 0.0),
        ("A", "2026-06-30", "deposit_demand", 910_000.0, 910_000.0, 1_000.0, 2_000.0, 0.0, 0.0),
        ("A", JUL, "deposit_demand", 920_000.0, 900_000.0, 1_000.0, 4_000.0, 500.0, 200.0),
        ("A", AUG, "deposit_demand", 1_840_000.0, 1_800_000.0, 1_000.0, 4_000.0, 500.0, 200.0),
        ("A", SEP, "deposit_demand", 920_000.0, 1_000_000.0, 1_000.0, 4_000.0, 500.0, 200.0),
        ("A", SEP, "deposit_term", 920_000.0, 920_000.0, 2_000.0, 3_000.0, 0.0, 0.0),
        ("A", SEP, "online", 0.0, 0.0, 0.0, 0.0, 0.0, 0.0),
        ("B", SEP, "deposit_demand", 92_000.0, 100_000.0, 0.0, 100.0, 0.0, 300.0),
        ("B", JUL, "loan_working", 9_200_000.0, 9_200_000.0, 40_000.0, 15_000.0, 1_000.0, 1_000.0),
        ("B", AUG, "loan_working", 9_200_000.0, 9_200_000.0, 40_000.0, 15_000.0, 0.0, 1_000.0),
        ("B", SEP, "loan_working", 9_200_000.0, 9_200_000.0, 40_000.0, 15_000.0, 0.0, 1_000.0),
    )


def loan_states() -> pd.DataFrame:
    header = (
        "loan_id client_id month balance loan_class days_overdue default_prob loss_given_default allowance stage "
        "risk_weight rate repaid written_off transferred"
    )
    good = ("pass", 0, 0.02, 0.5, 82_800.0, 2, 0.85, 0.04, 0.0, 0.0, 0.0)
    weak = (0.1, 0.5, 46_000.0, 3, 1.0, 0.05, 0.0, 0.0, 0.0)
    bad = (0.1, 0.5, 460_000.0, 3, 1.0, 0.05, 0.0, 0.0, 0.0)
    return rows(
        header,
        ("l1", "B", "2025-09-30", 10_000_000.0, *good),
        ("l2", "B", "2025-09-30", 1_000_000.0, "pass", 0, *weak),
        ("l3", "C", "2025-09-30", 500_000.0, *good),
        *[("l1", "B", month, 8_280_000.0, *good) for month in ("2026-06-30", JUL, AUG, SEP)],
        ("l2", "B", "2026-06-30", 920_000.0, "special_mention", 0, *weak),
        ("l2", "B", JUL, 920_000.0, "special_mention", 31, *weak),
        ("l2", "B", AUG, 920_000.0, "special_mention", 62, *weak),
        ("l2", "B", SEP, 920_000.0, "substandard", 95, *bad),
    )


def limits() -> pd.DataFrame:
    months = ("2026-03-31", "2026-06-30", JUL, AUG, SEP)
    return rows(
        "client_id month credit_limit used acceptances guarantees cash_margin expiry",
        *[("B", month, 10_000_000.0, 9_500_000.0, 500_000.0, 200_000.0, 150_000.0, "2027-06-30") for month in months],
        *[("A", month, 1_000_000.0, 0.0, 0.0, 0.0, 0.0, AUG) for month in (JUL, AUG, SEP)],
    )


def transactions() -> pd.DataFrame:
    return rows(
        "client_id month channel n_in n_out amount_in amount_out amount_cross_border",
        ("A", "2026-03-31", "online", 1, 0, 10.0, 0.0, 0.0),
        ("A", "2026-04-30", "online", 1, 1, 10.0, 10.0, 0.0),
        ("A", JUL, "online", 2, 2, 60_000.0, 40_000.0, 5_000.0),
        ("A", JUL, "counter", 0, 1, 0.0, 10_000.0, 0.0),
        ("A", SEP, "online", 1, 0, 10_000.0, 0.0, 0.0),
        ("B", SEP, "counter", 2, 0, 30_000.0, 0.0, 0.0),
    )


def activity() -> pd.DataFrame:
    return rows(
        "client_id quarter amount_largest amount_largest_in amount_sd n_active_days n_channels n_counterparties "
        "n_cross_border n_night n_weekend",
        ("A", "2026Q3", 35_000.0, 35_000.0, 12_345.678, 4, 2, 3, 1, 0, 2),
        ("B", "2026Q3", 20_000.0, 20_000.0, None, 2, 1, 1, 0, 1, 0),
    )


def loans() -> pd.DataFrame:
    return rows(
        "loan_id client_id start term_months amount rate outcome outcome_date charged_off",
        ("l1", "B", "2024-05-15", 36.0, 10_000_000.0, 0.04, None, None, None),
        ("l2", "B", "2026-08-10", 84.0, 1_000_000.0, 0.05, None, None, None),
        ("l3", "C", "2024-01-10", 12.0, 500_000.0, 0.04, "paid_in_full", "2025-12-31", None),
        ("l4", "C", "2024-01-10", 12.0, 300_000.0, 0.04, "charged_off", "2026-09-15", 120_000.0),
    )


def bank() -> pd.DataFrame:
    return rows(
        "quarter item value",
        ("2026Q3", "net_capital", 46_000_000.0),
        ("2026Q3", "lpr_1y", 0.03),
        ("2026Q3", "lpr_5y", 0.035),
    )


TABLES = {
    "clients": clients,
    "positions": positions,
    "loan_states": loan_states,
    "limits": limits,
    "transactions": transactions,
    "activity": activity,
    "loans": loans,
    "bank": bank,
}


def small_bank(folder: Path, *, without: tuple[str, ...] = (), **replaced: pd.DataFrame) -> Portfolio:
    """The bank, without some tables or with others in their place."""
    tables = {name: replaced.get(name, make()) for name, make in TABLES.items() if name not in without}
    return tiny_portfolio(folder, tables)
