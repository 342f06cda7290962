"""Potential of clients, in groups, and whether clients said to have it grew more afterwards."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.core.estimate import Estimate, Unavailable
from analysis.core.quarter import Quarter
from analysis.core.text import Text
from analysis.features import corporate_clients
from analysis.features.groups import UNCLASSIFIED, group_codes
from analysis.intake.portfolio import Portfolio
from analysis.metrics.definitions import FAMILIES
from analysis.metrics.panel import load_panel
from analysis.portrait.growth import WINDOW, balances, growth_of_two_years, growth_since, symmetric_growth
from analysis.portrait.resampling import interval_of, resampled
from analysis.portrait.scoring import Component, exceeded, grouped, read_components, read_groups, weigh

Floats = npt.NDArray[np.float64]
Judgement = Literal["confirmed", "no_difference", "reversed"]

IDS = ("own_growth", "industry", "product_room", "synergy")
OWN_INDUSTRY = Text(
    "数据源没有行业资料，行业前景取本行客户分行业的存贷款同比",
    "the source has no figures of industries: outlook is the growth of our own clients by industry",
)
NOTHING = Unavailable(Text("数据源没有判断潜力所需的数据", "the source lacks what tells potential"))
TOO_EARLY = Unavailable(
    Text("历史不足，不能回测潜力分组", "the history is too short to test the potential groups on later growth")
)


@dataclass(frozen=True)
class Potential:
    """Potential by client.

    Parameters
    ----------
    scores : index client_id, a column a component: share of clients exceeded
    total : weighted, 0 to 1
    group : high, middle or low, by client
    groups : id, label, share of clients
    """

    quarter: Quarter
    components: tuple[Component, ...]
    scores: pd.DataFrame
    parts: pd.DataFrame
    total: "pd.Series[float]"
    group: pd.Series
    groups: tuple[tuple[str, Text, float], ...]
    cautions: tuple[Text, ...] = ()


def measure_potential(portfolio: Portfolio) -> Potential | Unavailable:
    """Potential of every client analysed, from what was known at the portfolio's quarter-end.

    Notes
    -----
    Own growth: balances of four quarters on the four before. Industry: outlook of the table `industries`, else growth
    of our clients' balances by industry on a year. Product room: families that the policy's quantile of similar clients
    (industry and size) holds, less own. Synergy: families that other members of the group hold and the client does not.
    A component the source cannot give is left out and said so; the other weights grow in proportion.
    """
    components = read_components(portfolio.policy, "potential", IDS)
    clients = corporate_clients(portfolio)
    found: dict[str, pd.Series[float]] = {}
    cautions: list[Text] = []
    held = _families(portfolio, clients)
    growth = growth_of_two_years(portfolio)
    industry, note = _industry(portfolio, clients)
    measured: dict[str, pd.Series[float] | Unavailable] = {
        "own_growth": growth,
        "industry": industry,
        "product_room": held if isinstance(held, Unavailable) else _product_room(portfolio, clients, held),
        "synergy": held if isinstance(held, Unavailable) else _synergy(clients, held),
    }
    for one in components:
        value = measured[one.id]
        if isinstance(value, Unavailable) or value.isna().all():
            cautions.append(left_out(one, Text("潜力评分", "the potential score")))
        else:
            found[one.id] = exceeded(value.reindex(clients.index))
    if not found:
        return NOTHING
    scores = pd.DataFrame(found, index=clients.index)
    if note is not None and "industry" in found:
        cautions.append(note)
    weighted = weigh(scores, components)
    groups = read_groups(portfolio.policy, "potential_groups")
    return Potential(
        portfolio.quarter,
        tuple(one for one in components if one.id in found),
        scores,
        weighted.parts,
        weighted.total,
        grouped(weighted.total, groups),
        groups,
        tuple(cautions),
    )


def left_out(one: Component, of: Text) -> Text:
    """The caution for a component that the source cannot give."""
    return Text(
        f"数据源缺少“{one.label.zh}”所需数据，未计入{of.zh}，其余权重按比例放大",
        f"the source lacks what “{one.label.en}” needs: it is left out of {of.en} and the other weights are scaled up",
    )


def _industry(portfolio: Portfolio, clients: pd.DataFrame) -> "tuple[pd.Series[float] | Unavailable, Text | None]":
    """Outlook of each client's industry, and the caution where our own book stands in for it."""
    codes = group_codes(portfolio, clients, "industry")
    if portfolio.has("industries"):
        table = portfolio.table("industries")
        rows = portfolio.to_frame(table.select("industry", "quarter", "outlook", "growth"))
        rows = rows.sort_values(["industry", "quarter"]).groupby("industry").last()
        for name in ("outlook", "growth"):
            if rows[name].notna().any():
                return codes.map(rows[name].to_dict()).astype(float), None
    held = balances(portfolio, WINDOW + 1)
    if isinstance(held, Unavailable) or held.shape[1] < WINDOW + 1:
        return NOTHING, None
    both = held.iloc[:, [0, -1]].reindex(clients.index).fillna(0.0)
    sums = both.groupby(codes).sum()
    growth = symmetric_growth(sums.iloc[:, 0], sums.iloc[:, 1])
    return codes.where(codes != UNCLASSIFIED).map(growth.to_dict()).astype(float), OWN_INDUSTRY


def _families(portfolio: Portfolio, clients: pd.DataFrame) -> pd.DataFrame | Unavailable:
    """Which product families each client holds, a column a family."""
    names = [f"holds_{family}" for family in FAMILIES]
    panel = load_panel(portfolio, names, 1).set_index("client_id")
    if any(name not in panel for name in names):
        return NOTHING
    return panel[names].reindex(clients.index).fillna(0.0) > 0


def _product_room(portfolio: Portfolio, clients: pd.DataFrame, held: pd.DataFrame) -> "pd.Series[float]":
    """Families that similar clients hold at the policy's quantile, less the client's own; none below zero."""
    number = held.sum(axis=1).astype(float)
    size = group_codes(portfolio, clients, "size_class")
    peers = size + "/" + group_codes(portfolio, clients, "industry")
    level = portfolio.policy.number("potential_peer_level")
    is_wide = peers.groupby(peers).transform("size") >= portfolio.policy.number("potential_peers")
    reference = number.groupby(peers).transform("quantile", level)
    by_size = number.groupby(size).transform("quantile", level)
    return (reference.where(is_wide, by_size) - number).clip(lower=0.0)


def _synergy(clients: pd.DataFrame, held: pd.DataFrame) -> "pd.Series[float]":
    """Families that some member of the client's group holds and the client does not; 0 outside groups."""
    if "group_id" not in clients or clients["group_id"].isna().all():
        return pd.Series(np.nan, index=clients.index)
    group = clients["group_id"].fillna("")
    in_group = held.groupby(group).transform("max")
    return (in_group & ~held).sum(axis=1).where(group != "", 0).astype(float)


# --- did it come true -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class BackTest:
    """Growth after the potential was measured.

    Parameters
    ----------
    start : quarter-end at which the groups were made; growth is from there to the portfolio's quarter
    growth : mean symmetric growth by group
    difference : of the highest group from the lowest
    baseline : the same difference when clients are grouped by past growth alone
    advantage : difference less baseline, from the same draws
    """

    start: Quarter
    growth: Mapping[str, Estimate | Unavailable]
    difference: Estimate | Unavailable
    baseline: Estimate | Unavailable
    advantage: Estimate | Unavailable
    n_clients: int

    @property
    def judgement(self) -> Judgement | None:
        """Whether the highest group grew more than the lowest, beyond chance; None where it cannot be told."""
        if isinstance(self.difference, Unavailable):
            return None
        if self.difference.ci_low > 0:
            return "confirmed"
        return "reversed" if self.difference.ci_high < 0 else "no_difference"


def back_test(portfolio: Portfolio, *, seed: int, quarters: int = 4) -> BackTest | Unavailable:
    """Potential measured so many quarters ago, against the growth of balances since.

    Notes
    -----
    The groups are made from the data as of that quarter-end only. Clients that left since count with −2.
    """
    start = portfolio.quarter.shift(-quarters)
    if start < portfolio.first_quarter:
        return TOO_EARLY
    then = measure_potential(portfolio.at(start))
    if isinstance(then, Unavailable) or "own_growth" not in then.scores:
        return TOO_EARLY
    since = growth_since(portfolio, start, then.total.index)
    if isinstance(since, Unavailable):
        return since
    past = grouped(then.scores["own_growth"], then.groups)
    return compare_growth(since, then.group, past, names=[id for id, _, _ in then.groups], start=start, seed=seed)


def compare_growth(
    growth: "pd.Series[float]", groups: pd.Series, baseline: pd.Series, *, names: list[str], start: Quarter, seed: int
) -> BackTest:
    """Mean growth by group and the difference of first and last, beside those of a baseline grouping.

    Parameters
    ----------
    growth : by client; gaps are left out
    groups, baseline : group of each client, index as growth
    names : of the groups, from the highest down
    """
    known = growth.notna() & groups.notna()
    value = growth[known].to_numpy(dtype=float)
    columns = [groups[known] == name for name in names] + [baseline[known] == name for name in (names[0], names[-1])]
    member = np.column_stack([column.to_numpy(dtype=float) for column in columns])
    counts = np.column_stack([member * value[:, None], member])
    n = len(names)

    def statistic(sums: Floats) -> Floats:
        half = n + 2
        means = np.divide(sums[:half], sums[half:], out=np.full(half, np.nan), where=sums[half:] > 0)
        difference, base = means[0] - means[n - 1], means[n] - means[n + 1]
        return np.concatenate([means[:n], [difference, base, difference - base]])

    values = statistic(counts.sum(axis=0))
    draws = resampled(counts, statistic, seed=seed)
    sizes = [*member[:, :n].sum(axis=0), *([len(value)] * 3)]
    found = [interval_of(float(values[k]), draws[:, k], int(sizes[k]), "ratio") for k in range(n + 3)]
    return BackTest(start, dict(zip(names, found[:n], strict=True)), found[n], found[n + 1], found[n + 2], len(value))
