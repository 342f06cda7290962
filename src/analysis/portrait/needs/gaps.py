"""Unmet needs: what clients need, no product they use serves and no record says was met, in clients and in money."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.core.disclosure import suppress_amount_parts, suppress_parts
from analysis.core.estimate import Unavailable
from analysis.core.text import Text
from analysis.features import corporate_clients
from analysis.intake.policy import Policy
from analysis.intake.portfolio import Portfolio
from analysis.metrics.panel import load_panel
from analysis.portrait.grouping import Grouping
from analysis.portrait.needs.evidence import NeedEvidence

NO_HOLDINGS = Unavailable(
    Text(
        "数据源没有产品持有，无法判断需求是否已由产品满足",
        "the source has no holdings, so nobody can tell which needs are served",
    )
)

NOT_CLOSED = np.iinfo(np.int64).min
"""Before every day, for a need no record of which was closed."""


@dataclass(frozen=True)
class Gaps:
    """Unmet needs.

    Parameters
    ----------
    unmet : index clients, columns needs: present, not served by a product in use, and not met by its own record
    by_need : index needs; columns group, has_product, n_present, n_unmet, rate, amount, n_amount, revenue, hidden,
        amount_hidden. `amount` is what open records say clients want, `n_amount` how many say it; `revenue` is the
        quarter's operating revenue of the clients concerned, NaN where the source has none
    window_months : how long a closed record still states a need
    by_group : the same by group of clients, a row a group; a client counts once however many needs are unmet
    """

    unmet: pd.DataFrame
    by_need: pd.DataFrame
    by_group: pd.DataFrame
    grouping: Grouping
    n_clients: int
    n_unmet_clients: int
    amount: float
    minimum: int
    window_months: int


def client_revenue(portfolio: Portfolio) -> "pd.Series[float]":
    """Operating revenue of the quarter by client, index client_id; empty where the source has none."""
    panel = load_panel(portfolio, ["operating_revenue"], 1).set_index("client_id")
    if "operating_revenue" not in panel:
        return pd.Series(dtype=float)
    return panel["operating_revenue"].reindex(corporate_clients(portfolio).index).fillna(0.0)


def unmet_needs(
    evidence: NeedEvidence, grouping: Grouping, revenue: "pd.Series[float]", *, policy: Policy
) -> Gaps | Unavailable:
    """Which needs are there and not served.

    Parameters
    ----------
    grouping : of the clients asked about their needs
    revenue : operating revenue of the quarter by client; empty where the source has none

    Notes
    -----
    Present: stated (combined words at or above the threshold), or named by an open record of any source that counts.
    Unmet: present, no product in use serves it, and its own record does not say that it was met. A need that no product
    of the catalogue serves is unmet while a record of it is open.
    """
    if "holdings" not in evidence.by_source or not evidence.by_source["holdings"].covered.any():
        return NO_HOLDINGS
    codes = list(evidence.taxonomy.codes)
    clients = grouping.codes.index
    at = evidence.clients.get_indexer(clients)
    stated = (evidence.strength("stated") >= evidence.threshold)[at]
    open_now, held = evidence.open_stated[at], evidence.held[at]
    has_product = np.array([code in evidence.taxonomy.has_product for code in codes])
    present = stated | open_now
    unmet = np.where(has_product, present & ~held & ~_is_met(evidence, clients), open_now)
    amounts = _amounts(evidence, clients) * unmet
    brought = revenue.reindex(clients).fillna(0.0) if len(revenue) else pd.Series(np.nan, index=clients)
    known = np.asarray(brought, dtype=np.float64)
    minimum = int(policy.number("disclosure_min_clients"))
    by_need = _summary(present, unmet, amounts, known, minimum, policy)
    by_need.insert(0, "has_product", has_product)
    by_need.insert(0, "group", [evidence.taxonomy.group_of(code) for code in codes])
    by_need.index = pd.Index(codes, name="need")
    return Gaps(
        pd.DataFrame(unmet, index=clients, columns=codes),
        by_need,
        _by_group(grouping, present, unmet, amounts, known, minimum, policy),
        grouping,
        len(clients),
        int(unmet.any(axis=1).sum()),
        float(amounts.sum()),
        minimum,
        int(policy.number("need_window_months")),
    )


def _is_met(evidence: NeedEvidence, clients: pd.Index) -> npt.NDArray[np.bool_]:
    """Whether no record of the need is open, and the last one closed says what served it."""
    rows = evidence.records.frame
    rows = rows[rows["source"].isin(evidence.taxonomy.counted_sources) & rows["client_id"].isin(clients)]
    is_closed, codes = rows["closed"].notna(), pd.Index(evidence.taxonomy.codes)
    days = (rows["closed"] - pd.Timestamp(0)).dt.days
    last = {}
    for said, of in {
        "met": is_closed & rows["served_by"].notna(),
        "lapsed": is_closed & rows["served_by"].isna(),
    }.items():
        day = np.full((len(clients), len(codes)), NOT_CLOSED)
        at = clients.get_indexer(pd.Index(rows["client_id"][of])), codes.get_indexer(pd.Index(rows["need"][of]))
        np.maximum.at(day, at, days[of].to_numpy(dtype=np.int64))
        last[said] = day
    is_open = evidence.open_stated[evidence.clients.get_indexer(clients)]
    return np.asarray((last["met"] > NOT_CLOSED) & (last["met"] >= last["lapsed"]) & ~is_open)


def _amounts(evidence: NeedEvidence, clients: pd.Index) -> npt.NDArray[np.float64]:
    """Largest amount an open record of each client and need names; 0 where none does."""
    rows = evidence.records.open
    rows = rows[rows["client_id"].isin(clients) & rows["amount"].notna()]
    codes = pd.Index(evidence.taxonomy.codes)
    wanted = np.zeros((len(clients), len(codes)))
    at = clients.get_indexer(pd.Index(rows["client_id"])), codes.get_indexer(pd.Index(rows["need"]))
    np.maximum.at(wanted, at, rows["amount"].to_numpy(dtype=float))
    return wanted


def _summary(
    present: npt.NDArray[np.bool_],
    unmet: npt.NDArray[np.bool_],
    amounts: npt.NDArray[np.float64],
    revenue: npt.NDArray[np.float64],
    minimum: int,
    policy: Policy,
) -> pd.DataFrame:
    """One row a column of the matrices."""
    n_present, n_unmet = present.sum(axis=0), unmet.sum(axis=0)
    n_amount = (amounts > 0).sum(axis=0)
    limit = policy.number("disclosure_dominance_share")
    largest = np.sort(amounts, axis=0)[-int(policy.number("disclosure_dominance_clients")) :].sum(axis=0)
    sums = amounts.sum(axis=0)
    hidden = suppress_parts(n_unmet, minimum)
    return pd.DataFrame(
        {
            "n_present": n_present,
            "n_unmet": n_unmet,
            "rate": np.divide(n_unmet, n_present, out=np.full(len(n_unmet), np.nan), where=n_present > 0),
            "amount": sums,
            "n_amount": n_amount,
            "revenue": revenue @ unmet,
            "hidden": hidden,
            "amount_hidden": suppress_amount_parts(
                sums, hidden | ((sums > 0) & ((n_amount < minimum) | (largest > limit * sums)))
            ),
        }
    )


def _by_group(
    grouping: Grouping,
    present: npt.NDArray[np.bool_],
    unmet: npt.NDArray[np.bool_],
    amounts: npt.NDArray[np.float64],
    revenue: npt.NDArray[np.float64],
    minimum: int,
    policy: Policy,
) -> pd.DataFrame:
    """One row a group of clients: clients with any need, with any unmet one, and the money of these."""
    codes = grouping.codes.to_numpy()
    member = np.column_stack([codes == group.code for group in grouping.groups])
    any_present, any_unmet = (np.asarray(side.any(axis=1), dtype=bool) for side in (present, unmet))
    wanted = amounts.sum(axis=1)
    table = _summary(
        member & any_present[:, None], member & any_unmet[:, None], member * wanted[:, None], revenue, minimum, policy
    )
    table.insert(0, "n_clients", member.sum(axis=0))
    table.insert(1, "needs_unmet", [float(unmet[member[:, k]].sum()) for k in range(member.shape[1])])
    table.index = pd.Index([group.code for group in grouping.groups], name=grouping.by)
    return table
