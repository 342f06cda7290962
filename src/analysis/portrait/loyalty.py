"""Loyalty of clients as one index with its parts shown: what they use, how long, and what they say."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.core.estimate import Unavailable
from analysis.core.quarter import month_end
from analysis.core.text import Text
from analysis.features import corporate_clients
from analysis.intake.portfolio import Portfolio
from analysis.metrics.panel import load_panel
from analysis.portrait.contribution import in_order
from analysis.portrait.grouping import Group, group_clients
from analysis.portrait.potential import left_out
from analysis.portrait.scoring import Component, read_components, weigh

IDS = ("families", "active_months", "tenure", "basic_account", "main_bank", "survey")
MONTHS = 12
DAYS_IN_MONTH = 365.25 / 12
OWN_BANK = "own"
"""How the register says that a client settles mainly through this bank."""
NOTHING = Unavailable(Text("数据源缺少忠诚度的多数构成", "the source lacks most parts of loyalty"))
NOT_GIVEN = Unavailable(Text("数据源没有该列", "the source lacks the column"))


@dataclass(frozen=True)
class Loyalty:
    """Loyalty index by client and by group.

    Parameters
    ----------
    parts : index client_id, a column a component, 0 to 1; NaN where unknown
    index : weighted mean of what is known, 0 to 1
    coverage : share of the weight known of a client
    known : clients with a value, by component
    table : a row a group and `total`; columns n_clients, index, coverage and a mean a component (of those known)
    """

    components: tuple[Component, ...]
    parts: pd.DataFrame
    index: "pd.Series[float]"
    coverage: "pd.Series[float]"
    known: "pd.Series[int]"
    by: str
    groups: tuple[Group, ...]
    table: pd.DataFrame
    cautions: tuple[Text, ...] = ()


def loyalty_index(portfolio: Portfolio, by: str = "tier") -> Loyalty | Unavailable:
    """Loyalty of every client analysed, and by group.

    Parameters
    ----------
    by : a key of `analysis.features.groups.DIMENSIONS`

    Notes
    -----
    Families and years score up to the policy's full mark; months with an entry out of twelve; basic account and main
    bank yes or no; the latest answer of the client on its wish to stay, out of 100. A client that did not answer is no
    disloyal one: its weight goes to its other parts and its coverage is lower. No part is income. A source that gives
    less than the policy's share of the weight has no index.
    """
    components = read_components(portfolio.policy, "loyalty", IDS)
    clients = corporate_clients(portfolio)
    measured = {id: measure(portfolio, clients) for id, measure in _MEASURES.items()}
    found: dict[str, pd.Series[float]] = {}
    cautions: list[Text] = []
    for one in components:
        value = measured[one.id]
        if isinstance(value, Unavailable) or value.isna().all():
            cautions.append(left_out(one, Text("忠诚度指数", "the loyalty index")))
        else:
            found[one.id] = value.reindex(clients.index).astype(float)
    given = sum(one.weight for one in components if one.id in found)
    if not found or given < portfolio.policy.number("loyalty_min_coverage"):
        return NOTHING
    parts = pd.DataFrame(found, index=clients.index)
    weighted = weigh(parts, components)
    coverage = weighted.coverage * given
    minimum = int(portfolio.policy.number("disclosure_min_clients"))
    grouping = group_clients(portfolio, clients, by, minimum=minimum)
    groups = in_order(grouping.groups, by, portfolio.policy)
    columns = parts.assign(index=weighted.total, coverage=coverage)
    table = columns.groupby(grouping.codes).mean().reindex([group.code for group in groups])
    table.loc["total"] = columns.mean()
    table.insert(0, "n_clients", [*(group.n_clients for group in groups), len(clients)])
    return Loyalty(
        tuple(one for one in components if one.id in found),
        parts,
        weighted.total,
        coverage,
        parts.notna().sum(),
        by,
        groups,
        table,
        tuple(cautions),
    )


def _families(portfolio: Portfolio, clients: pd.DataFrame) -> "pd.Series[float] | Unavailable":
    panel = load_panel(portfolio, ["n_families"], 1).set_index("client_id")
    if "n_families" not in panel:
        return NOT_GIVEN
    full = portfolio.policy.number("loyalty_families")
    return (panel["n_families"].reindex(clients.index).fillna(0.0) / full).clip(upper=1.0)


def _active_months(portfolio: Portfolio, clients: pd.DataFrame) -> "pd.Series[float] | Unavailable":
    """Months of the last twelve with an entry."""
    if not portfolio.has("transactions"):
        return NOT_GIVEN
    first = month_end(portfolio.quarter.year, 3 * portfolio.quarter.number - MONTHS + 1)
    table = portfolio.table("transactions")
    entries = table["n_in"].fill_null(0) + table["n_out"].fill_null(0)
    active = table.filter((table["month"] >= first) & (entries > 0)).select("client_id", "month").distinct()
    counted = portfolio.to_frame(active.group_by("client_id").aggregate(n=active["month"].count()))
    months = counted.set_index("client_id")["n"].reindex(clients.index).fillna(0.0)
    return (months / MONTHS).clip(upper=1.0)


def _tenure(portfolio: Portfolio, clients: pd.DataFrame) -> "pd.Series[float] | Unavailable":
    start = pd.to_datetime(clients["relation_start"])
    months = ((pd.Timestamp(portfolio.quarter.end) - start).dt.days / DAYS_IN_MONTH).clip(lower=0.0)
    return (months / portfolio.policy.number("loyalty_tenure_months")).clip(upper=1.0)


def _basic_account(_: Portfolio, clients: pd.DataFrame) -> "pd.Series[float] | Unavailable":
    return clients["has_basic_account"].astype("Float64").astype(float)


def _main_bank(_: Portfolio, clients: pd.DataFrame) -> "pd.Series[float] | Unavailable":
    bank = clients["settlement_bank"]
    return (bank == OWN_BANK).astype(float).where(bank.notna())


def _survey(portfolio: Portfolio, clients: pd.DataFrame) -> "pd.Series[float] | Unavailable":
    """Latest answer of each client on its wish to stay."""
    if not portfolio.has("surveys"):
        return NOT_GIVEN
    table = portfolio.table("surveys")
    rows = portfolio.to_frame(table.select("client_id", "date", "wave", "loyalty")).dropna(subset=["loyalty"])
    latest = rows.sort_values(["client_id", "date", "wave"]).groupby("client_id")["loyalty"].last()
    return (latest / 100).reindex(clients.index) if len(latest) else pd.Series(np.nan, index=clients.index)


_MEASURES: dict[str, Callable[[Portfolio, pd.DataFrame], "pd.Series[float] | Unavailable"]] = {
    "families": _families,
    "active_months": _active_months,
    "tenure": _tenure,
    "basic_account": _basic_account,
    "main_bank": _main_bank,
    "survey": _survey,
}
