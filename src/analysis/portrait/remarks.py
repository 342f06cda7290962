"""Remarks on clients' latest statements, alone and beside peers of their industry and size; counted by size class."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.core.disclosure import suppress_parts
from analysis.core.errors import DataError
from analysis.core.estimate import Unavailable
from analysis.core.text import Text
from analysis.features import corporate_clients
from analysis.features.groups import UNCLASSIFIED, group_codes
from analysis.intake.policy import Policy
from analysis.intake.portfolio import Portfolio
from analysis.portrait.grouping import Grouping, group_clients
from analysis.portrait.statements import client_ratios

BETTER: Mapping[str, int] = {
    "leverage": -1, "current_ratio": 1, "cash_cover": 1, "margin": 1, "turnover": 1, "growth": 1,
}  # fmt: skip
"""Ratios that remarks may look at: 1 where more is better, −1 where less is."""
TESTS = ("below", "above")
ALL = "all"
FEW = Unavailable(Text("客户少于披露下限", "fewer clients than the disclosure limit"))
NO_RATIO = Unavailable(Text("没有客户有可用财务报表", "no client has a usable statement"))


@dataclass(frozen=True)
class Remarks:
    """How many clients each remark holds for.

    Parameters
    ----------
    labels : by remark, in the order of the policy
    fires : index client_id, a column a remark: 1 holds, 0 does not, NaN where it cannot be judged
    counts : a row a remark, columns of the groups and `all`; NaN where hidden
    judged : clients that each remark could be judged for; NaN where too few
    compared : share of clients with at least one ratio placed among peers
    """

    grouping: Grouping
    labels: Mapping[str, Text]
    fires: pd.DataFrame
    counts: pd.DataFrame
    judged: "pd.Series[float]"
    compared: float
    min_peers: int


def client_remarks(portfolio: Portfolio) -> Remarks | Unavailable:
    """Every remark of the policy on every client, counted by size class.

    Notes
    -----
    Strictly beyond its limit a remark holds; a client without the ratio (no statement, an amount missing, a denominator
    of zero or less) is not judged, nor is one without enough peers where the rule asks for them.
    """
    clients = corporate_clients(portfolio)
    policy = portfolio.policy
    minimum = int(policy.number("disclosure_min_clients"))
    if len(clients) < minimum:
        return FEW
    ratios = client_ratios(portfolio)
    if isinstance(ratios, Unavailable):
        return ratios
    if ratios[list(BETTER)].isna().all(axis=None):
        return NO_RATIO
    min_peers = int(policy.number("remark_min_peers"))
    industry, size = (group_codes(portfolio, clients, by) for by in ("industry", "size_class"))
    peers = (industry + "/" + size).where((industry != UNCLASSIFIED) & (size != UNCLASSIFIED))
    places = peer_places(ratios, peers, min_peers)
    fires = remarks_of(ratios, places, policy)
    grouping = group_clients(portfolio, clients, "size_class", minimum=minimum)
    judged = fires.notna().sum().astype(float)
    labels = {row["id"]: Text.of(row) for table in ("remarks", "remark_behind") for row in policy.table(table)}
    return Remarks(
        grouping,
        labels,
        fires,
        _counts(fires, grouping, minimum),
        judged.where(judged >= minimum),
        float(places.notna().any(axis=1).mean()),
        min_peers,
    )


def peer_places(ratios: pd.DataFrame, peers: pd.Series, min_peers: int) -> pd.DataFrame:
    """Place of each client among its peers by each ratio, from 0 (worst) to 1 (best); NaN with too few peers.

    Parameters
    ----------
    peers : peer group of each client, missing for none, index as `ratios`

    Notes
    -----
    Place = (mean rank − ½) ÷ n (Hazen), so that peers that are all equal stand in the middle.

    Examples
    --------
    >>> table = pd.DataFrame({"margin": [0.1, 0.2, 0.2, 0.4]})
    >>> peer_places(table, pd.Series(["a"] * 4), 2)["margin"].tolist()
    [0.125, 0.5, 0.5, 0.875]
    """
    found: dict[str, pd.Series[float]] = {}
    for name, sign in BETTER.items():
        if name in ratios:
            by = (ratios[name] * sign).groupby(peers)
            n = by.transform("count")
            found[name] = ((by.rank() - 0.5) / n).where(n >= min_peers)
    return pd.DataFrame(found, index=ratios.index)


def remarks_of(ratios: pd.DataFrame, places: pd.DataFrame, policy: Policy) -> pd.DataFrame:
    """Which remarks hold: 1 or 0, NaN where a client cannot be judged; a column a remark.

    Raises
    ------
    DataError : a row names no ratio or no test
    """
    found: dict[str, pd.Series[float]] = {}
    for row in policy.table("remarks"):
        if row["ratio"] not in BETTER or row["test"] not in TESTS:
            raise DataError(
                f"{policy.about('remarks').file}: the row {row['id']!r} of remarks tests {row['ratio']!r} "
                f"{row['test']!r}.",
                hint=f"Ratios are {', '.join(BETTER)}; tests {' and '.join(TESTS)}.",
            )
        values, limit = ratios[row["ratio"]], float(row["limit"])
        holds = values > limit if row["test"] == "above" else values < limit
        is_judged = values.notna()
        if "peers" in row:
            place = places[row["ratio"]]
            holds, is_judged = holds & (place < float(row["peers"])), is_judged & place.notna()
        found[row["id"]] = holds.astype(float).where(is_judged)
    for row in policy.table("remark_behind"):
        n_behind = (places < float(row["peers"])).sum(axis=1)
        is_judged = places.notna().sum(axis=1) >= int(row["ratios"])
        found[row["id"]] = (n_behind >= int(row["ratios"])).astype(float).where(is_judged)
    return pd.DataFrame(found, index=ratios.index)


def _counts(fires: pd.DataFrame, grouping: Grouping, minimum: int) -> pd.DataFrame:
    """Clients that each remark holds for, by group and in all; small parts are hidden, and one more if need be."""
    codes = [group.code for group in grouping.groups]
    rows: dict[str, list[float]] = {}
    for name in fires:
        parts = fires[name].groupby(grouping.codes).sum().reindex(codes, fill_value=0.0).to_numpy(dtype=float)
        whole = float(parts.sum())
        if 0 < whole < minimum:
            rows[str(name)] = [float("nan")] * (len(codes) + 1)
        else:
            rows[str(name)] = [*np.where(suppress_parts(parts, minimum), np.nan, parts), whole]
    return pd.DataFrame.from_dict(rows, orient="index", columns=[*codes, ALL])
