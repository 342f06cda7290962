"""Value of clients as one score with visible parts, and what changes when its weights change."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.core.disclosure import suppress_counts
from analysis.core.estimate import Unavailable
from analysis.core.handover import Values
from analysis.core.provenance import digest
from analysis.core.quarter import Quarter
from analysis.core.text import Text
from analysis.features import corporate_clients
from analysis.intake.portfolio import Portfolio
from analysis.metrics.panel import load_panel
from analysis.portrait.contribution import ValueBasis, value_amounts, value_basis
from analysis.portrait.growth import WINDOW, balances, growth_of_two_years
from analysis.portrait.lifetime import ClientLifetime
from analysis.portrait.potential import Potential, left_out
from analysis.portrait.scoring import Component, Weighted, exceeded, grouped, read_components, read_groups, weigh

IDS = ("profit", "assets", "activity", "growth", "potential", "influence")
PARTS = {
    "current": Text("当前价值", "current"),
    "potential": Text("未来价值", "potential"),
    "influence": Text("影响力", "influence"),
}
DECILES = 10


@dataclass(frozen=True)
class ValueScore:
    """Value score by client.

    Parameters
    ----------
    basis : what profit is
    profit : by client, money of the quarter, the same number as the KPI of the basis
    scores : index client_id, a column a component: share of clients exceeded; NaN where nothing is known
    points : a column a component: its points in the total
    sub_scores : a column a key of `PARTS`; they add up to the total
    total : 0 to 1
    coverage : share of the weight known of a client
    decile : 1 (highest) to 10
    group : high, middle or low
    sensitivity : a row a component and direction; columns component, shift, deciles (share of clients whose decile
        changes), groups (share whose group changes), rank_correlation
    shift : of a weight in the sensitivity
    minimum : disclosure limit
    """

    quarter: Quarter
    basis: ValueBasis
    components: tuple[Component, ...]
    profit: "pd.Series[float]"
    scores: pd.DataFrame
    points: pd.DataFrame
    sub_scores: pd.DataFrame
    total: "pd.Series[float]"
    coverage: "pd.Series[float]"
    decile: "pd.Series[int]"
    group: pd.Series
    groups: tuple[tuple[str, Text, float], ...]
    sensitivity: pd.DataFrame
    shift: float
    minimum: int
    cautions: tuple[Text, ...] = ()


def value_score(portfolio: Portfolio, potential: Potential | Unavailable) -> ValueScore | Unavailable:
    """Value score of every client analysed.

    Parameters
    ----------
    potential : of the same quarter

    Notes
    -----
    Score = Σ weight × share of clients exceeded. Ranks, not amounts, are added up: one giant moves nobody else. A
    component the source lacks is left out and said so; a gap of one client (no history yet) gives its weight to the
    client's other components and lowers its coverage.
    """
    basis = value_basis(portfolio)
    if isinstance(basis, Unavailable):
        return basis
    components = read_components(portfolio.policy, "value_score", IDS)
    clients = corporate_clients(portfolio)
    profit = value_amounts(portfolio, basis).set_index("client_id")["amount"].reindex(clients.index).fillna(0.0)
    measured = _measured(portfolio, clients, profit, potential)
    found, cautions = {}, []
    for one in components:
        value = measured[one.id]
        if isinstance(value, Unavailable) or value.isna().all():
            cautions.append(left_out(one, Text("价值评分", "the value score")))
        else:
            found[one.id] = exceeded(value.reindex(clients.index))
    scores = pd.DataFrame(found, index=clients.index)
    used = tuple(one for one in components if one.id in found)
    weighted = weigh(scores, used)
    groups = read_groups(portfolio.policy, "value_groups")
    shift = portfolio.policy.number("value_weight_shift")
    return ValueScore(
        quarter=portfolio.quarter,
        basis=basis,
        components=used,
        profit=profit,
        scores=scores,
        points=weighted.parts,
        sub_scores=_sub_scores(weighted, used),
        total=weighted.total,
        coverage=weighted.coverage,
        decile=deciles(weighted.total),
        group=grouped(weighted.total, groups),
        groups=groups,
        sensitivity=weight_sensitivity(scores, used, groups, shift),
        shift=shift,
        minimum=int(portfolio.policy.number("disclosure_min_clients")),
        cautions=tuple(cautions),
    )


def _measured(
    portfolio: Portfolio, clients: pd.DataFrame, profit: "pd.Series[float]", potential: Potential | Unavailable
) -> "dict[str, pd.Series[float] | Unavailable]":
    """The amount behind each component, or why there is none."""
    held = balances(portfolio, 1)
    own = held if isinstance(held, Unavailable) else held.iloc[:, -1].reindex(clients.index).fillna(0.0)
    return {
        "profit": profit,
        "assets": own,
        "activity": _activity(portfolio),
        "growth": growth_of_two_years(portfolio),
        "potential": potential if isinstance(potential, Unavailable) else potential.total,
        "influence": own if isinstance(own, Unavailable) else influence(portfolio, clients, own),
    }


def _activity(portfolio: Portfolio) -> "pd.Series[float] | Unavailable":
    panel = load_panel(portfolio, ["n_entries"], WINDOW)
    if "n_entries" not in panel or panel["n_entries"].isna().all():
        return Unavailable(Text("数据源没有交易", "the source has no transactions"))
    return panel.groupby("client_id")["n_entries"].sum()


def influence(portfolio: Portfolio, clients: pd.DataFrame, own: "pd.Series[float]") -> "pd.Series[float] | Unavailable":
    """Deposits and loans of clients linked to each: the others of its group, and those whose loans it guarantees."""
    linked = pd.Series(0.0, index=clients.index)
    known = False
    if "group_id" in clients and clients["group_id"].notna().any():
        known = True
        group = clients["group_id"].fillna("")
        linked += (own.groupby(group).transform("sum") - own).where(group != "", 0.0)
    if portfolio.has("loans"):
        loans = portfolio.to_frame(portfolio.table("loans").select("client_id", "guarantor_id")).dropna()
        pairs = loans[loans["client_id"] != loans["guarantor_id"]].drop_duplicates()
        known |= len(pairs) > 0
        backed = own.reindex(pairs["client_id"]).fillna(0.0).groupby(pairs["guarantor_id"].to_numpy()).sum()
        linked += backed.reindex(clients.index).fillna(0.0)
    return linked if known else Unavailable(Text("数据源没有集团与担保关系", "the source has no groups or guarantors"))


def _sub_scores(weighted: Weighted, components: tuple[Component, ...]) -> pd.DataFrame:
    """Points by sub-score."""
    return pd.DataFrame(
        {
            part: weighted.parts[[one.id for one in components if one.part == part]].sum(axis=1, skipna=False)
            for part in PARTS
            if any(one.part == part for one in components)
        }
    )


def deciles(total: "pd.Series[float]") -> "pd.Series[int]":
    """Tenth of the clients by total, 1 the highest; equals stay together, in the upper one."""
    above = exceeded(-total).fillna(0.0).to_numpy(dtype=float)
    tenth = np.minimum(np.floor(above * DECILES + 1e-9), DECILES - 1).astype(np.int64)
    return pd.Series(tenth + 1, index=total.index)


# --- what changes when the weights change ---------------------------------------------------------------------------


def weight_sensitivity(
    scores: pd.DataFrame, components: tuple[Component, ...], groups: tuple[tuple[str, Text, float], ...], shift: float
) -> pd.DataFrame:
    """For every weight up and down: who changes decile or group, and how like the ranking stays.

    Notes
    -----
    The other weights are scaled so that all add up to 1; a weight stays between 0 and 1.
    """
    total = weigh(scores, components).total
    base_decile, base_group = deciles(total), grouped(total, groups)
    rows = []
    for one in components:
        for change in (-shift, shift):
            moved = weigh(scores, shifted(components, one.id, change)).total
            rows.append(
                {
                    "component": one.id,
                    "shift": change,
                    "deciles": float((deciles(moved) != base_decile).mean()),
                    "groups": float((grouped(moved, groups) != base_group).mean()),
                    "rank_correlation": float(total.rank().corr(moved.rank())),
                }
            )
    return pd.DataFrame(rows)


def shifted(components: tuple[Component, ...], id: str, change: float) -> tuple[Component, ...]:
    """The components with one weight changed and the others scaled to make 1.

    Examples
    --------
    >>> two = (Component("a", Text("甲", "a"), 0.6), Component("b", Text("乙", "b"), 0.4))
    >>> [round(one.weight, 2) for one in shifted(two, "a", 0.1)]
    [0.7, 0.3]
    """
    whole = sum(one.weight for one in components)
    own = next(one.weight for one in components if one.id == id) / whole
    wanted = min(max(own + change, 0.0), 1.0)
    rest = 1 - own
    scale = (1 - wanted) / rest if rest > 0 else 0.0
    return tuple(
        Component(one.id, one.label, wanted if one.id == id else one.weight / whole * scale, one.part)
        for one in components
    )


# --- potential against value, and what is handed on -----------------------------------------------------------------


@dataclass(frozen=True)
class ValueMatrix:
    """Clients and profit by value group (rows) and potential group (columns).

    Parameters
    ----------
    counts, profit : NaN where suppressed; index and columns group ids
    """

    counts: pd.DataFrame
    profit: pd.DataFrame
    value_groups: tuple[tuple[str, Text, float], ...]
    potential_groups: tuple[tuple[str, Text, float], ...]


def value_matrix(score: ValueScore | Unavailable, potential: Potential | Unavailable) -> ValueMatrix | Unavailable:
    """Whom to keep, to bring on, to look after, to hold back: value now against potential."""
    if isinstance(score, Unavailable):
        return score
    if isinstance(potential, Unavailable):
        return potential
    rows, columns = [id for id, _, _ in score.groups], [id for id, _, _ in potential.groups]
    both = pd.DataFrame({"value": score.group, "potential": potential.group, "profit": score.profit}).dropna()
    both["n"] = 1.0
    counts, profit = (
        both.pivot_table(index="value", columns="potential", values=name, aggfunc="sum")
        .reindex(index=rows, columns=columns)
        .fillna(0.0)
        for name in ("n", "profit")
    )
    hidden = suppress_counts(counts.to_numpy(), score.minimum)
    return ValueMatrix(counts.mask(hidden), profit.mask(hidden), score.groups, potential.groups)


def client_values(
    score: ValueScore, potential: Potential | Unavailable, lifetime: ClientLifetime | Unavailable, tiers: pd.Series
) -> Values:
    """The table `values` that other studies take: contribution, potential and lifetime value by client.

    Parameters
    ----------
    tiers : tier of each client in the scheme of `lifetime`, index client_id
    """
    index = score.total.index.rename("client_id")
    table = pd.DataFrame({"contribution": score.profit}, index=index)
    no_number, no_word = pd.Series(np.nan, index=index), pd.Series(None, index=index, dtype=object)
    table["potential"] = no_number if isinstance(potential, Unavailable) else potential.total.reindex(index)
    table["potential_group"] = no_word if isinstance(potential, Unavailable) else potential.group.reindex(index)
    worth = {}
    if not isinstance(lifetime, Unavailable):
        worth = {tier: v.estimate for tier, v in lifetime.values.items() if not isinstance(v, Unavailable)}
    table["lifetime_value"] = tiers.reindex(index).map(worth).astype(float)
    version = digest([*(f"{one.id}={one.weight}" for one in score.components), score.basis.code, score.quarter.label])
    return Values(score.quarter, table, score.basis.label, version)
