"""Where the clients and the money are: by industry, region, size, ownership, stage, and any two of them together."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.core.disclosure import suppress_amount_parts, suppress_amounts, suppress_counts
from analysis.core.estimate import Unavailable
from analysis.core.numerics import hhi
from analysis.core.text import Text
from analysis.features import corporate_clients
from analysis.intake.policy import Policy
from analysis.intake.portfolio import Portfolio
from analysis.metrics.measure import STEPS
from analysis.metrics.panel import load_panel
from analysis.portrait.grouping import Group, Grouping, group_clients

Mask = npt.NDArray[np.bool_]

AMOUNTS = ("deposit_avg", "loan_avg", "operating_revenue", "contribution", "approved_amount")
"""Measures that can be added up over groups and tie to the totals."""

TOTAL = "total"
TOO_FEW = Unavailable(Text("客户少于披露下限，不列分布", "fewer clients than the disclosure limit, so no distribution"))


@dataclass(frozen=True)
class Distribution:
    """Clients and money by one column of the register.

    Parameters
    ----------
    table : a row a group and a last row `total`; columns code, n_clients, share, and for every amount its sum and
        `<amount>_share`; NaN where an amount may not be shown
    hidden : same rows, a column an amount: whether it is suppressed
    amounts : amounts shown, those the source has
    concentration : Herfindahl index of clients over the classified groups before merging
    """

    by: str
    label: Text
    groups: tuple[Group, ...]
    table: pd.DataFrame
    hidden: pd.DataFrame
    amounts: tuple[str, ...]
    concentration: float | Unavailable
    minimum: int

    def codes(self) -> tuple[str, ...]:
        return tuple(group.code for group in self.groups)


@dataclass(frozen=True)
class Cross:
    """Clients and one amount by two columns of the register at once.

    Parameters
    ----------
    counts, amounts : DataFrame, index row codes and `total`, columns column codes and `total`; NaN where suppressed
    hidden_counts, hidden_amounts : whether a cell is suppressed, without totals
    amount : measure, empty when only clients are counted
    """

    rows: Grouping
    columns: Grouping
    counts: pd.DataFrame
    amounts: pd.DataFrame
    hidden_counts: pd.DataFrame
    hidden_amounts: pd.DataFrame
    amount: str
    minimum: int


def distribution(
    portfolio: Portfolio, by: str, *, amounts: Sequence[str] = AMOUNTS, minimum: int | None = None
) -> Distribution | Unavailable:
    """Clients, shares and sums of every group, the unclassified and the total; nobody is left out.

    Parameters
    ----------
    by : a key of `analysis.features.groups.DIMENSIONS`
    amounts : measures to sum; those the source cannot give are left out
    minimum : fewest clients in a group, by default the policy's disclosure limit; smaller groups are merged

    Notes
    -----
    An amount is suppressed where the few largest clients hold more of it than the policy's dominance rule allows, and
    one more with it so that the total does not give it away.
    """
    clients = corporate_clients(portfolio)
    limit = minimum if minimum is not None else int(portfolio.policy.number("disclosure_min_clients"))
    if len(clients) < limit:
        return TOO_FEW
    grouping = group_clients(portfolio, clients, by, minimum=limit)
    money = _amounts(portfolio, clients, amounts)
    codes = [group.code for group in grouping.groups]
    counts = [group.n_clients for group in grouping.groups]
    table = pd.DataFrame({"code": [*codes, TOTAL], "n_clients": [*counts, len(clients)]})
    table["share"] = table["n_clients"] / len(clients)
    cells, hidden = _cells(grouping), {}
    for amount in money.columns:
        sums = exact_sums(money[amount], cells, len(codes))
        total = float(exact_sums(money[amount], np.zeros(len(money), dtype=np.int64), 1)[0])
        mask = suppress_amount_parts(sums, _dominated(money[amount], cells, len(codes), portfolio.policy))
        hidden[amount] = [*mask.tolist(), False]
        table[amount] = [*np.where(mask, np.nan, sums).tolist(), total]
        table[f"{amount}_share"] = table[amount] / total if total > 0 else np.nan
    known = clients.index[(grouping.codes != "unclassified").to_numpy()]
    return Distribution(
        by,
        grouping.label,
        grouping.groups,
        table,
        pd.DataFrame(hidden, index=table.index),
        tuple(money.columns),
        hhi(clients.loc[known, by].value_counts().to_numpy(dtype=float)) if by in clients.columns else TOO_FEW,
        limit,
    )


def type_dimension(portfolio: Portfolio) -> str:
    """The column that tells types of clients apart: ownership where it is known, else the life-cycle stage."""
    return "ownership" if corporate_clients(portfolio)["ownership"].notna().any() else "stage"


def cross(
    portfolio: Portfolio, rows: str, columns: str, *, amount: str = "", minimum: int | None = None
) -> Cross | Unavailable:
    """Clients, and one amount, by two columns of the register; small cells hidden so that totals do not give them away.

    Parameters
    ----------
    rows, columns : keys of DIMENSIONS
    amount : measure to sum; a source without it counts clients only
    """
    clients = corporate_clients(portfolio)
    limit = minimum if minimum is not None else int(portfolio.policy.number("disclosure_min_clients"))
    if len(clients) < limit:
        return TOO_FEW
    down = group_clients(portfolio, clients, rows, minimum=limit)
    over = group_clients(portfolio, clients, columns, minimum=limit)
    ones = pd.Series(1.0, index=clients.index)
    shape = len(down.groups), len(over.groups)
    cells = _cells(down) * shape[1] + _cells(over)
    counts = np.bincount(cells, minlength=shape[0] * shape[1]).reshape(shape).astype(float)
    hidden = suppress_counts(counts, limit)
    money = _amounts(portfolio, clients, (amount,)) if amount else pd.DataFrame(index=clients.index)
    sums, hidden_sums = np.full(counts.shape, np.nan), np.ones(counts.shape, dtype=bool)
    held = money[amount] if amount in money.columns else None
    if held is not None:
        sums = exact_sums(held, cells, counts.size).reshape(shape)
        dominated = _dominated(held, cells, counts.size, portfolio.policy).reshape(shape)
        hidden_sums = suppress_amounts(sums, counts, hidden | dominated)
    return Cross(
        down,
        over,
        _with_totals(counts, hidden, down, over, ones),
        _with_totals(sums, hidden_sums, down, over, held),
        _frame(hidden, down, over),
        _frame(hidden_sums, down, over),
        amount if held is not None else "",
        limit,
    )


def _amounts(portfolio: Portfolio, clients: pd.DataFrame, amounts: Sequence[str]) -> pd.DataFrame:
    """The amounts of each client in the quarter that the source has, index as `clients`."""
    panel = load_panel(portfolio, list(amounts), 1).set_index("client_id")
    present = [code for code in amounts if code in panel.columns and panel[code].notna().any()]
    return panel[present].reindex(clients.index).fillna(0.0)


def _cells(grouping: Grouping) -> npt.NDArray[np.int64]:
    """Position of each client's group."""
    place = {group.code: k for k, group in enumerate(grouping.groups)}
    return np.asarray(grouping.codes.map(place), dtype=np.int64)


def exact_sums(values: "pd.Series[float]", cells: npt.NDArray[np.int64], n_cells: int) -> npt.NDArray[np.float64]:
    """Sum of each cell in whole ten-thousandths, as `metrics.measure` sums: the same in any order, tied to the fen."""
    steps = pd.Series(np.rint(values.to_numpy(dtype=float) * STEPS).astype(np.int64))
    sums = steps.groupby(cells).sum().reindex(range(n_cells), fill_value=0)
    return np.asarray(sums.to_numpy(dtype=np.int64) / STEPS, dtype=np.float64)


def _dominated(values: "pd.Series[float]", cells: npt.NDArray[np.int64], n_cells: int, policy: Policy) -> Mask:
    """For each cell whether its few largest clients hold more of the amount than the policy allows."""
    size = np.abs(values.to_numpy(dtype=float))
    largest = pd.Series(size).groupby(cells).nlargest(int(policy.number("disclosure_dominance_clients")))
    top = largest.groupby(level=0).sum().reindex(range(n_cells), fill_value=0.0).to_numpy(dtype=float)
    whole = np.bincount(cells, weights=size, minlength=n_cells)
    return np.asarray((whole > 0) & (top > policy.number("disclosure_dominance_share") * whole))


def _frame(cells: npt.NDArray[np.generic], down: Grouping, over: Grouping) -> pd.DataFrame:
    codes = [group.code for group in down.groups], [group.code for group in over.groups]
    return pd.DataFrame(cells, index=pd.Index(codes[0], name=down.by), columns=pd.Index(codes[1], name=over.by))


def _with_totals(
    cells: npt.NDArray[np.float64], hidden: Mask, down: Grouping, over: Grouping, values: "pd.Series[float] | None"
) -> pd.DataFrame:
    """The cells with the hidden ones blank, and the true totals of rows and columns."""
    frame = _frame(np.where(hidden, np.nan, cells), down, over)
    if values is None:
        return frame
    frame[TOTAL] = exact_sums(values, _cells(down), len(down.groups))
    everyone = exact_sums(values, np.zeros(len(values), dtype=np.int64), 1)
    frame.loc[TOTAL] = [*exact_sums(values, _cells(over), len(over.groups)), *everyone]
    return frame
