"""Recorded needs that were still open at the quarter's end."""

import pandas as pd

from analysis.intake.portfolio import Portfolio


def open_needs(portfolio: Portfolio) -> pd.DataFrame | None:
    """Client and kind of each need recorded and not closed at the quarter's end; None without a table of needs.

    A need closed after that day was still open on it.
    """
    if not portfolio.has("needs"):
        return None
    rows = portfolio.to_frame(portfolio.table("needs").select("client_id", "need", "closed"))
    is_open = rows["closed"].isna() | (rows["closed"] > pd.Timestamp(portfolio.quarter.end))
    return rows.loc[is_open, ["client_id", "need"]]
