"""Growth of a client's business with the bank, symmetric and bounded, so that small beginnings do not swamp it."""

import pandas as pd

from analysis.core.estimate import Unavailable
from analysis.core.quarter import Quarter
from analysis.core.text import Text
from analysis.features import corporate_clients
from analysis.intake.portfolio import Portfolio
from analysis.metrics.panel import load_panel, panel_quarters

BALANCES = ("deposit_avg", "loan_avg")
WINDOW = 4
"""Quarters on either side: a year, so that the seasons cancel."""
NO_BALANCES = Unavailable(Text("数据源没有存贷款日均", "the source has no average deposits or loans"))
SHORT = Unavailable(
    Text("历史不足八个季度，不能比较前后两年", "less than eight quarters of history, so two years cannot be compared")
)


def balances(portfolio: Portfolio, quarters: int) -> pd.DataFrame | Unavailable:
    """Average deposits and loans, index client_id, a column a quarter, oldest first; NaN where a client was not yet."""
    panel = load_panel(portfolio, BALANCES, quarters)
    present = [name for name in BALANCES if name in panel and panel[name].notna().any()]
    if not present:
        return NO_BALANCES
    amount = panel[["client_id", "quarter"]].assign(amount=panel[present].sum(axis=1))
    return amount.pivot_table(index="client_id", columns="quarter", values="amount", aggfunc="sum").sort_index(axis=1)


def symmetric_growth(before: "pd.Series[float]", after: "pd.Series[float]") -> "pd.Series[float]":
    """Change over the mean of both, from −2 (all gone) to 2 (from nothing); NaN where both are zero or one is unknown.

    References
    ----------
    Davis, Haltiwanger and Schuh (1996), Job Creation and Destruction, technical appendix.

    Examples
    --------
    >>> symmetric_growth(pd.Series([100.0, 50.0, 0.0]), pd.Series([300.0, 0.0, 0.0])).tolist()
    [1.0, -2.0, nan]
    """
    mean = (before + after) / 2
    return ((after - before) / mean.where(mean > 0)).clip(-2.0, 2.0)


def growth_of_two_years(portfolio: Portfolio) -> "pd.Series[float] | Unavailable":
    """Growth of balances from the four quarters before the last four to the last four, index the clients analysed.

    NaN for clients that were not there in the first of the eight quarters.
    """
    if len(panel_quarters(portfolio, 2 * WINDOW)) < 2 * WINDOW:
        return SHORT
    held = balances(portfolio, 2 * WINDOW)
    if isinstance(held, Unavailable):
        return held
    labels = [quarter.label for quarter in portfolio.quarter.trailing(2 * WINDOW)]
    wide = held.reindex(index=corporate_clients(portfolio).index, columns=labels)
    was_there = wide[labels[0]].notna()
    before = wide[labels[:WINDOW]].mean(axis=1).where(was_there)
    return symmetric_growth(before, wide[labels[WINDOW:]].fillna(0.0).mean(axis=1))


def growth_since(portfolio: Portfolio, start: Quarter, clients: pd.Index) -> "pd.Series[float] | Unavailable":
    """Growth of balances of one list of clients from a quarter to the portfolio's; one that left has −2."""
    panel = load_panel(portfolio, BALANCES, [start, portfolio.quarter])
    present = [name for name in BALANCES if name in panel and panel[name].notna().any()]
    if not present:
        return NO_BALANCES
    amount = panel.assign(amount=panel[present].sum(axis=1)).set_index("client_id")
    ends = [
        amount.loc[amount["quarter"] == quarter.label, "amount"].reindex(clients).fillna(0.0)
        for quarter in (start, portfolio.quarter)
    ]
    return symmetric_growth(ends[0], ends[1])
