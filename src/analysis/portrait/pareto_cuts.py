"""The share of the largest clients over time and inside each size class, beside that of the whole book."""

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from analysis.core.estimate import Unavailable
from analysis.core.quarter import Quarter
from analysis.core.text import Text
from analysis.features import corporate_clients
from analysis.intake.portfolio import Portfolio
from analysis.portrait.eighty_twenty import client_amounts
from analysis.portrait.grouping import Group, group_clients
from analysis.portrait.shares import concentration

FEW = Unavailable(Text("前列客户少于披露下限", "the largest clients are fewer than the disclosure limit"))


@dataclass(frozen=True)
class ParetoCuts:
    """Share of the net total that the largest `fraction` of clients brings, cut by cut.

    Parameters
    ----------
    history : by earlier quarter, of the clients of that quarter
    groups : inside each group of one column of the register
    """

    fraction: float
    history: Mapping[Quarter, float | Unavailable]
    by: str
    groups: tuple[tuple[Group, float | Unavailable], ...]


def pareto_cuts(
    portfolio: Portfolio, measure: str, *, fraction: float = 0.2, by: str = "size_class", back: tuple[int, ...] = (1, 4)
) -> ParetoCuts:
    """The top share a quarter and a year ago, and inside every size class.

    Parameters
    ----------
    measure : of the panel; empty for a source without amounts, then nothing is cut
    back : quarters to look back; those before the data begin are left out
    """
    quarters = [portfolio.quarter.shift(-k) for k in back] if measure else []
    history = {
        quarter: concentration(client_amounts(portfolio.at(quarter), measure)).top_share(fraction)
        for quarter in quarters
        if quarter >= portfolio.first_quarter
    }
    minimum = int(portfolio.policy.number("disclosure_min_clients"))
    clients = corporate_clients(portfolio)
    if not measure or len(clients) < minimum:
        return ParetoCuts(fraction, history, by, ())
    amounts = client_amounts(portfolio, measure)
    grouping = group_clients(portfolio, clients, by, minimum=minimum)

    def share(group: Group) -> float | Unavailable:
        inside = amounts[(grouping.codes == group.code).to_numpy()].to_numpy(dtype=float)
        return concentration(inside).top_share(fraction) if np.floor(fraction * inside.size) >= minimum else FEW

    named = [group for group in grouping.groups if group.kind == "group"]
    return ParetoCuts(fraction, history, by, tuple((group, share(group)) for group in named))
