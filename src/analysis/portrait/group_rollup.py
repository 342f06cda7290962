"""Connected clients counted once: what business groups hold together, and how much hangs on few of them."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.core.estimate import Unavailable
from analysis.core.text import Text
from analysis.features import corporate_clients
from analysis.intake.portfolio import Portfolio
from analysis.metrics.panel import load_panel
from analysis.portrait.shares import Concentration, concentration

EXPOSURES = ("exposure", "loan_avg", "approved_amount")
"""What a bank stands to lose by, the best measure first."""

NO_GROUPS = Unavailable(
    Text("数据源没有集团号，无法按集团合并", "the source has no group ids, so groups cannot be counted once")
)
NO_EXPOSURE = Unavailable(Text("数据源没有敞口类金额", "the source has no amount of exposure"))


@dataclass(frozen=True)
class GroupRollup:
    """One amount by client and by business group.

    Parameters
    ----------
    measure : what is added up
    heads : unit of each client, index client_id
    n_groups : groups with at least two members among the clients analysed
    n_in_groups, n_alone : clients in such groups, and the others, each of whom counts as a group of its own
    largest_members : members of the largest group by number
    by_client, by_group : concentration over clients, and with every group counted once
    group_total : what the groups of two and more hold together
    """

    measure: str
    heads: pd.Series
    n_groups: int
    n_in_groups: int
    n_alone: int
    largest_members: int
    by_client: Concentration
    by_group: Concentration
    group_total: float

    @property
    def n_units(self) -> int:
        """Groups and clients on their own: what a limit for connected clients looks at."""
        return self.n_groups + self.n_alone


def group_rollup(portfolio: Portfolio, *, measure: str = "") -> GroupRollup | Unavailable:
    """An amount by business group, every client in exactly one unit.

    Parameters
    ----------
    measure : of the panel; by default the first of EXPOSURES that the source has

    Notes
    -----
    A group id that is the id of another client makes the two one group, through any number of steps. A client whose
    group is itself, or groups that contain each other in a circle, give no answer: which is the head is then unknown.
    """
    clients = corporate_clients(portfolio)
    if clients["group_id"].isna().all():
        return NO_GROUPS
    names = (measure,) if measure else EXPOSURES
    panel = load_panel(portfolio, names, 1).set_index("client_id")
    held = next((name for name in names if name in panel and panel[name].notna().any()), "")
    if not held:
        return NO_EXPOSURE
    amounts = panel[held].reindex(clients.index).fillna(0.0)
    heads = group_heads(clients["group_id"])
    return heads if isinstance(heads, Unavailable) else roll_up(amounts, heads, held)


def group_heads(group_ids: pd.Series) -> pd.Series | Unavailable:
    """The unit each client belongs to: its group followed to the top, or itself where it stands alone.

    Parameters
    ----------
    group_ids : group of each client, index client_id; missing where it stands alone

    Examples
    --------
    >>> group_heads(pd.Series({"A": "G", "B": "A", "C": None})).tolist()
    ['G', 'G', 'C']
    """
    above = group_ids.dropna().astype("str")
    n_selves = int((above == above.index).sum())
    if n_selves:
        return Unavailable(
            Text(
                f"集团号指向自身的客户：{n_selves} 户；集团归属不明，不作合并",
                f"clients whose group is themselves: {n_selves}; groups are not added up",
            )
        )
    names = pd.Index([*group_ids.index, *sorted(set(above) - set(group_ids.index))])
    parent = np.arange(len(names))
    parent[names.get_indexer(above.index)] = names.get_indexer(pd.Index(above))
    head = parent
    for _ in range(len(names).bit_length()):  # each step doubles how far up a client looks
        head = head[head]
    n_circle = int((parent[head] != head)[: len(group_ids)].sum())
    if n_circle == 0:
        return pd.Series(names.to_numpy()[head[: len(group_ids)]], index=group_ids.index, dtype="str")
    return Unavailable(
        Text(
            f"集团互相包含的客户：{n_circle} 户；集团归属不明，不作合并",
            f"clients in groups that contain each other: {n_circle}; groups are not added up",
        )
    )


def roll_up(amounts: "pd.Series[float]", heads: pd.Series, measure: str) -> GroupRollup:
    """The amounts by client and by unit.

    Parameters
    ----------
    amounts : index client_id, currency units
    heads : unit of each client, same index
    """
    sizes = heads.map(heads.value_counts())
    in_groups = (sizes >= 2).to_numpy()
    totals = amounts.groupby(heads.to_numpy()).sum()
    return GroupRollup(
        measure,
        heads,
        int(heads[in_groups].nunique()),
        int(in_groups.sum()),
        int((~in_groups).sum()),
        int(sizes.max()) if in_groups.any() else 0,
        concentration(amounts.to_numpy(dtype=float)),
        concentration(np.asarray(totals, dtype=float)),
        float(amounts[in_groups].sum()),
    )
