"""Yearly statements of the clients that hand them in; weak ratios go with a high default probability."""

import numpy as np

from analysis.intake.sources.demo.borrowers import Borrowers
from analysis.intake.sources.demo.clients import Clients
from analysis.intake.sources.demo.draws import by_name, top
from analysis.intake.sources.demo.parameters import CLASSES, STATEMENTS, DemoParameters, stream
from analysis.intake.sources.demo.write import Coded, ColumnData, fen

_MARGIN = {"startup": -0.02, "growth": 0.05, "mature": 0.05, "decline": -0.02, "not_applicable": 0.01}


def statement_years(parameters: DemoParameters) -> list[int]:
    """Years whose statements are in by the end of the history: four, or fewer in a short one."""
    last = parameters.quarters[-1]
    newest = last.year if last.number == 4 else last.year - 1
    return [newest - back for back in range(min(4, parameters.n_months // 12 + 1) - 1, -1, -1)]


def financial_columns(
    parameters: DemoParameters, chunk: int, clients: Clients, borrowers: Borrowers, client_ids: list[str]
) -> dict[str, ColumnData]:
    """Rows of `financials`: client × year."""
    rng = stream(parameters, "financials", chunk)
    has = np.zeros(clients.n, dtype=bool)
    borrows = np.zeros(clients.n)
    borrows[borrowers.client] = 4.0
    for code, name in enumerate(CLASSES):
        rows = np.flatnonzero(clients.size == code)
        has[rows[top(rng.logistic(size=len(rows)) + borrows[rows], round(STATEMENTS[name] * len(rows)))]] = True
    years = np.array(statement_years(parameters))
    risk = 0.6 * rng.standard_normal(clients.n)
    risk[borrowers.client] = borrowers.risk
    founded_year = clients.founded.astype("datetime64[D]").astype("datetime64[Y]").astype(np.int64) + 1970
    grid = has[:, None] & (years >= founded_year[:, None])
    who, k = np.nonzero(grid)
    back = parameters.quarters[-1].year - years[k]
    n = len(who)
    size = (1 + clients.growth[who]) ** -back * np.exp(rng.normal(0, 0.04, n))
    revenue = np.nan_to_num(clients.revenue, nan=2e6)[who] * size
    assets = np.nan_to_num(clients.assets, nan=3e6)[who] * size
    bad = risk[who]
    debt_ratio = np.clip(0.28 + 0.10 * bad + rng.normal(0, 0.08, n), 0.0, 0.8) * np.where(
        clients.size[who] == 4, 0.2, 1.0
    )
    other = np.clip(0.22 + rng.normal(0, 0.05, n), 0.03, 0.4)
    stage = by_name(_MARGIN, ("startup", "growth", "mature", "decline", "not_applicable"))[clients.stage[who]]
    profit = revenue * (stage - 0.022 * bad + rng.normal(0, 0.03, n))
    current = assets * np.clip(0.55 + rng.normal(0, 0.12, n), 0.1, 0.95)
    debt = assets * debt_ratio
    return {
        "client_id": Coded(who, client_ids),
        "year": years[k],
        "assets": fen(assets),
        "equity": fen(assets * (1 - debt_ratio - other)),
        "debt": fen(debt),
        "current_assets": fen(current),
        "current_liabilities": fen(current * np.clip(0.62 + 0.12 * bad + rng.normal(0, 0.12, n), 0.1, 2.5)),
        "revenue": fen(revenue),
        "profit": fen(profit),
        "interest_expense": fen(debt * np.clip(0.044 + 0.002 * bad, 0.02, 0.09)),
        "operating_cash_flow": fen(profit * 1.1 + revenue * (0.015 - 0.015 * bad + rng.normal(0, 0.04, n))),
    }
