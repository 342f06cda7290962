"""On how few parts of each kind the book hangs: clients, business groups, industries, regions and the other cuts."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.core.estimate import Unavailable
from analysis.core.text import Text
from analysis.features import corporate_clients
from analysis.features.groups import DIMENSIONS, UNCLASSIFIED, group_codes
from analysis.intake.portfolio import Portfolio
from analysis.metrics.panel import load_panel
from analysis.portrait.group_rollup import EXPOSURES, GroupRollup, group_rollup
from analysis.portrait.shares import Concentration, concentration

FACTORS = ("industry", "region", "branch_id", "size_class", "ownership", "stage")
TOP = 5
"""Parts whose share is printed together: as many clients as the disclosure limit of the policy asks for at least."""
FEW_PARTS = Unavailable(Text("类别太少，前几大即为全部", "so few parts that the largest of them are all"))


@dataclass(frozen=True, slots=True)
class Factor:
    """One way of cutting the book into parts.

    Parameters
    ----------
    n_parts : parts with clients, the unclassified left out
    unclassified : share of clients without a value, who are in none of the parts
    of_clients : concentration of the number of clients over the parts
    of_amounts : by measure, concentration of its sum over the parts
    """

    code: str
    label: Text
    n_parts: int
    unclassified: float
    of_clients: Concentration
    of_amounts: Mapping[str, Concentration]

    def top(self, measure: str) -> float | Unavailable:
        """Share of the five largest parts; no answer where there are hardly more."""
        return self.of_amounts[measure].largest(TOP) if self.n_parts > TOP else FEW_PARTS


@dataclass(frozen=True)
class Dependence:
    """Every cut of the book, and what is added up.

    Parameters
    ----------
    measures : deposits and exposure, those the source has
    groups : business groups counted once, or why not
    """

    factors: tuple[Factor, ...]
    measures: tuple[str, ...]
    groups: GroupRollup | Unavailable

    def factor(self, code: str) -> Factor | None:
        return next((one for one in self.factors if one.code == code), None)


def dependence(portfolio: Portfolio) -> Dependence | Unavailable:
    """Herfindahl index and share of the largest, by client, business group and every column of the register.

    Notes
    -----
    Shares are of the classified clients; how many are not is told beside. A cut into one part says nothing and is left
    out.
    """
    clients = corporate_clients(portfolio)
    if len(clients) < int(portfolio.policy.number("disclosure_min_clients")):
        return Unavailable(Text("客户少于披露下限", "fewer clients than the disclosure limit"))
    panel = load_panel(portfolio, ["deposit_avg", *EXPOSURES], 1).set_index("client_id")
    present = [name for name in panel.columns if name != "quarter" and panel[name].notna().any()]
    exposure = next((name for name in EXPOSURES if name in present), "")
    measures = tuple(name for name in ("deposit_avg", exposure) if name in present)
    amounts = panel[list(measures)].reindex(clients.index).fillna(0.0)
    groups = group_rollup(portfolio, measure=exposure)
    factors = [_factor("client", CLIENT, pd.Series(clients.index, index=clients.index), amounts)]
    if isinstance(groups, GroupRollup):
        factors.append(_factor("group", GROUP, groups.heads, amounts))
    cuts = [_factor(by, DIMENSIONS[by], group_codes(portfolio, clients, by), amounts) for by in FACTORS]
    return Dependence((*factors, *(one for one in cuts if one.n_parts > 1)), measures, groups)


CLIENT = Text("客户", "client")
GROUP = Text("集团（合并计一次）", "business group, counted once")


def _factor(code: str, label: Text, parts: pd.Series, amounts: pd.DataFrame) -> Factor:
    known = (parts != UNCLASSIFIED).to_numpy()
    inside = parts[known].to_numpy()
    counts = pd.Series(inside).value_counts()
    sums = amounts[known].groupby(inside).sum()
    return Factor(
        code,
        label,
        len(counts),
        float(1 - known.mean()),
        concentration(counts.to_numpy(dtype=float)),
        {name: concentration(np.asarray(sums[name], dtype=float)) for name in amounts.columns},
    )
