"""Regions by number of clients *and* by how active these are, against the bank's mean."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.core.estimate import Unavailable
from analysis.core.quarter import month_end
from analysis.core.text import Text
from analysis.features import corporate_clients
from analysis.intake.portfolio import Portfolio
from analysis.metrics.definitions import FAMILIES
from analysis.metrics.panel import load_panel
from analysis.portrait.basics import entropy
from analysis.portrait.grouping import Group, Grouping, group_clients

MONTHS = 12
NO_ENTRIES = Unavailable(Text("数据源没有交易，无法看活跃度", "the source has no entries, so activity cannot be seen"))
FEW = Unavailable(Text("客户少于披露下限", "fewer clients than the disclosure limit"))


@dataclass(frozen=True, slots=True)
class GroupActivity:
    """How active the clients of one group are.

    Parameters
    ----------
    entries : entries in and out of the quarter a client
    active_months : months with an entry among the last twelve a client, on average
    index : entries a client over those of all clients; 1 is the bank's mean
    index_within_size : the same with every size class weighted as in the whole bank, so that a region of large firms is
        not taken for an active one; unavailable where a class that matters is missing
    kinds : effective number of product families held, the diversity of what is used
    """

    group: Group
    entries: float
    active_months: float
    index: float
    index_within_size: float | Unavailable
    kinds: float | Unavailable


@dataclass(frozen=True)
class Activity:
    """Activity by one column of the register.

    Parameters
    ----------
    groups : in the order of the distribution
    entries, active_months : of all clients
    """

    by: str
    label: Text
    groups: tuple[GroupActivity, ...]
    entries: float
    active_months: float
    n_clients: int


def activity_by(portfolio: Portfolio, by: str = "region") -> Activity | Unavailable:
    """Entries a client and active months of every group, as an index on the bank's mean.

    Parameters
    ----------
    by : a key of `analysis.features.groups.DIMENSIONS`
    """
    clients = corporate_clients(portfolio)
    limit = int(portfolio.policy.number("disclosure_min_clients"))
    if not portfolio.has("transactions"):
        return NO_ENTRIES
    if len(clients) < limit:
        return FEW
    panel = load_panel(portfolio, ["n_entries", *(f"holds_{family}" for family in FAMILIES)], 1).set_index("client_id")
    if "n_entries" not in panel or panel["n_entries"].sum() <= 0:
        return NO_ENTRIES
    panel = panel.drop(columns="quarter").reindex(clients.index).fillna(0.0)
    months = _active_months(portfolio, clients)
    grouping = group_clients(portfolio, clients, by, minimum=limit)
    sizes = group_clients(portfolio, clients, "size_class", minimum=limit)
    mean = float(panel["n_entries"].mean())

    def of(group: Group) -> GroupActivity:
        inside = (grouping.codes == group.code).to_numpy()
        held = panel.loc[inside].drop(columns="n_entries").sum()
        kinds = entropy(held.to_numpy())
        entries = float(panel.loc[inside, "n_entries"].mean())
        return GroupActivity(
            group,
            entries,
            float(months[inside].mean()),
            entries / mean,
            standardised(panel["n_entries"], inside, sizes, minimum=limit),
            kinds if isinstance(kinds, Unavailable) else float(np.exp(kinds)),
        )

    return Activity(by, grouping.label, tuple(map(of, grouping.groups)), mean, float(months.mean()), len(clients))


def standardised(
    values: "pd.Series[float]", inside: np.ndarray, sizes: Grouping, *, minimum: int
) -> float | Unavailable:
    """Mean of a group over the bank's, both with the bank's mix of size classes (direct standardisation).

    Parameters
    ----------
    inside : ndarray of shape (n_clients,), whether the client belongs to the group

    Notes
    -----
    Σ_s w_s m_gs ÷ Σ_s w_s m_s over the classes s of which the group has at least `minimum` clients, w_s their share of
    all clients. Refused where these classes hold less than four fifths of the bank's clients: the rest would decide.
    """
    top = bottom = weight = 0.0
    for group in sizes.groups:
        in_class = (sizes.codes == group.code).to_numpy()
        both = in_class & inside
        if both.sum() < minimum:
            continue
        share = float(in_class.mean())
        weight += share
        top += share * float(values[both].mean())
        bottom += share * float(values[in_class].mean())
    if weight < 0.8 or bottom <= 0:
        return Unavailable(
            Text(
                "该组缺少部分规模的客户，无法按规模结构调整",
                "the group lacks some size classes, so their mix cannot be set",
            )
        )
    return top / bottom


def _active_months(portfolio: Portfolio, clients: pd.DataFrame) -> "pd.Series[float]":
    """Months with an entry among the last twelve, by client."""
    end = portfolio.quarter.end
    first = month_end(end.year, end.month - MONTHS + 1)
    table = portfolio.table("transactions")
    recent = table.filter(table["month"] >= first)
    recent = recent.filter(recent["n_in"].fill_null(0) + recent["n_out"].fill_null(0) > 0)
    counted = recent.group_by("client_id").aggregate(n=recent["month"].nunique())
    frame = portfolio.to_frame(counted).set_index("client_id")["n"]
    return frame.reindex(clients.index).fillna(0).astype(float)
