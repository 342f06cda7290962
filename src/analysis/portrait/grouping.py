"""Groups of clients as a table may show them: small ones merged, the unclassified kept apart, nobody left out."""

from dataclasses import dataclass
from typing import Literal

import pandas as pd

from analysis.core.text import Text
from analysis.features.groups import DIMENSIONS, UNCLASSIFIED, group_codes, group_label, group_order
from analysis.intake.portfolio import Portfolio

Kind = Literal["group", "merged", "unclassified"]

MERGED = "merged"
MERGED_LABEL = Text("其他（合并小组）", "other (small groups merged)")


@dataclass(frozen=True, slots=True)
class Group:
    """One row or column of a table.

    Parameters
    ----------
    code : of the group; `merged` for the small ones together, `unclassified` for clients without a value
    members : codes that are in it
    """

    code: str
    label: Text
    kind: Kind
    n_clients: int
    members: tuple[str, ...]


@dataclass(frozen=True)
class Grouping:
    """Every client in exactly one group.

    Parameters
    ----------
    by : column of the register
    codes : group of each client, index client_id
    groups : in printing order: by natural order or size, then merged, then unclassified
    """

    by: str
    label: Text
    codes: pd.Series
    groups: tuple[Group, ...]


def group_clients(portfolio: Portfolio, clients: pd.DataFrame, by: str, *, minimum: int) -> Grouping:
    """The clients in groups of at least `minimum`.

    Parameters
    ----------
    clients : index client_id
    minimum : disclosure limit; smaller groups are merged, and if they are still too few together, the smallest shown
        group joins them

    Notes
    -----
    If the unclassified are too few to show they join the merged group too. With fewer than `minimum` clients in all
    there is one merged group below the limit, which the caller must not show.
    """
    codes = group_codes(portfolio, clients, by)
    counts = codes.value_counts()
    order = group_order(by)
    rank = {code: place for place, code in enumerate(order)}
    ordered = sorted(counts.index, key=lambda c: (rank.get(c, 0) if order else -counts[c], -counts[c], str(c)))
    small = [code for code in ordered if counts[code] < minimum]
    shown = sorted((code for code in ordered if counts[code] >= minimum), key=lambda c: (counts[c], str(c)))
    while small and sum(int(counts[code]) for code in small) < minimum and shown:
        small.append(shown.pop(0))
    kept = [code for code in ordered if code not in small]
    groups = [_group(portfolio, by, code, int(counts[code])) for code in kept if code != UNCLASSIFIED]
    if small:
        n_merged = sum(int(counts[code]) for code in small)
        groups.append(Group(MERGED, MERGED_LABEL, "merged", n_merged, tuple(sorted(small))))
    if UNCLASSIFIED in kept:
        groups.append(_group(portfolio, by, UNCLASSIFIED, int(counts[UNCLASSIFIED])))
    return Grouping(by, DIMENSIONS[by], codes.where(~codes.isin(small), MERGED), tuple(groups))


def _group(portfolio: Portfolio, by: str, code: str, n_clients: int) -> Group:
    kind: Kind = "unclassified" if code == UNCLASSIFIED else "group"
    return Group(code, group_label(portfolio, by, code), kind, n_clients, (code,))
