"""A small bank with a history: clients with given balances by quarter, fees, costs, groups; enough for every score."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import pandas as pd

from analysis.core.quarter import Quarter
from analysis.intake.policy import Policy
from analysis.intake.portfolio import Portfolio
from tests.builders import tiny_portfolio

LAST = Quarter("2026Q3")


def value_bank(
    tmp_path: Path,
    balances: np.ndarray,
    *,
    columns: Mapping[str, list[str | None]] | None = None,
    fees: np.ndarray | None = None,
    products: Mapping[int, tuple[str, ...]] | None = None,
    tables: Mapping[str, pd.DataFrame] | None = None,
    policy: Policy | None = None,
) -> Portfolio:
    """A bank of clients C00, C01 … with deposits on the three month-ends of each quarter up to 2026Q3.

    Parameters
    ----------
    balances : ndarray of shape (n_clients, n_quarters), money; NaN where the client is not there yet
    columns : columns of the register, one value a client
    fees : fee of the last month of each quarter by client, default 100
    products : further products held at the last quarter's end, by client position
    tables : further tables
    """
    n, n_quarters = balances.shape
    quarters = LAST.trailing(n_quarters)
    ids = [f"C{k:02d}" for k in range(n)]
    clients = pd.DataFrame(
        [
            {"client_id": ids[k], "quarter": quarter.label, "entity_type": "enterprise", "status": "open"}
            | {name: values[k] for name, values in (columns or {}).items()}
            for q, quarter in enumerate(quarters)
            for k in range(n)
            if np.isfinite(balances[k, q])
        ]
    )
    fee = np.full(n, 100.0) if fees is None else fees
    held = [
        (ids[k], month.isoformat(), "deposit_demand", balances[k, q], 0.0, 0.0, fee[k] if place == 2 else 0.0, 10.0)
        for q, quarter in enumerate(quarters)
        for place, month in enumerate(quarter.months)
        for k in range(n)
        if np.isfinite(balances[k, q])
    ]
    held += [
        (ids[k], LAST.end.isoformat(), product, 0.0, 0.0, 0.0, 0.0, 0.0)
        for k, names in (products or {}).items()
        for product in names
    ]
    header = ["client_id", "month", "product", "balance_avg", "interest", "funds_amount", "fee", "direct_cost"]
    positions = pd.DataFrame(held, columns=header)
    positions["balance_end"] = positions["balance_avg"]
    given = {"clients": clients, "positions": positions} | dict(tables or {})
    return tiny_portfolio(tmp_path, given, policy=policy)
