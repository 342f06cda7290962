"""What outlets and people of each branch bring (网点与人均单产), beside the median branch."""

from collections.abc import Mapping
from dataclasses import dataclass
from statistics import median

from analysis.core.disclosure import suppress_parts
from analysis.core.estimate import Unavailable
from analysis.core.text import Text
from analysis.intake.portfolio import Portfolio
from analysis.metrics import productivity
from analysis.metrics.metric import TOTAL, UNASSIGNED, Value
from analysis.metrics.units import Productivity

CODES = ("DEP_OUT", "INC_OUT", "DEP_FTE", "INC_FTE")
TOO_FEW = Unavailable(Text("可比支行不足两家", "fewer than two branches to compare"))
FEW = Unavailable(Text("客户少于披露下限", "fewer clients than the disclosure limit"))


@dataclass(frozen=True)
class BranchOutput:
    """Deposits and revenue per outlet and per head, by branch.

    Parameters
    ----------
    branches : in the order of their codes; clients without a known outlet last, under `unassigned`
    hidden : codes of branches with too few clients, and of one more if the total would give one away
    medians : by code of the figure, over the branches shown that have it
    """

    branches: tuple[Productivity, ...]
    total: Productivity
    hidden: frozenset[str]
    medians: Mapping[str, Value]


def branch_output(portfolio: Portfolio) -> BranchOutput | Unavailable:
    """Output of every branch with outlets.

    Notes
    -----
    The median is over branches, each counted once whatever its size; peers differ in place and clients, so a branch
    under it is no proof of less effort.
    """
    found = productivity(portfolio, by="branch_id")
    if isinstance(found, Unavailable):
        return found
    minimum = int(portfolio.policy.number("disclosure_min_clients"))
    total = next(one for one in found if one.group == TOTAL)
    if total.n_clients < minimum:
        return FEW
    rank = sorted((one for one in found if one.group != TOTAL), key=lambda one: (one.group == UNASSIGNED, one.group))
    mask = suppress_parts([one.n_clients for one in rank], minimum)
    hidden = frozenset(one.group for one, is_hidden in zip(rank, mask, strict=True) if is_hidden)
    shown = [one for one in rank if one.group not in hidden and one.group != UNASSIGNED]
    return BranchOutput(tuple(rank), total, hidden, {code: _median(shown, code) for code in CODES})


def _median(branches: list[Productivity], code: str) -> Value:
    known = [value for one in branches if not isinstance(value := one.values[code], Unavailable)]
    return float(median(known)) if len(known) > 1 else TOO_FEW
