"""Two business groups with large exposures, planted in a bank of one chunk: 17.2 % and 15.5 % of tier 1 capital."""

from dataclasses import replace

import numpy as np

from analysis.intake.sources.demo.borrowers import FOREVER, Borrowers
from analysis.intake.sources.demo.clients import Clients
from analysis.intake.sources.demo.frame import TOTALS
from analysis.intake.sources.demo.parameters import DemoParameters

_SHARES = (0.172, 0.155)
_OTHERS_BELOW = 0.12


def plant_groups(
    parameters: DemoParameters, clients: Clients, borrowers: Borrowers
) -> tuple[Clients, Borrowers, np.ndarray]:
    """Clients and borrowers with the two groups, and which clients are in them; unchanged in banks of other sizes."""
    planted = np.zeros(clients.n, dtype=bool)
    if not 0.6 <= parameters.scale <= 1.2:
        return clients, borrowers, planted
    capital = TOTALS["tier1_capital"] * parameters.scale
    group, amount = clients.group.copy(), borrowers.amount.copy()
    usable = borrowers.at_end & (borrowers.default == FOREVER) & (borrowers.since < 0)
    taken = np.zeros(borrowers.n, dtype=bool)
    next_group = int(group.max()) + 1
    for k, share in enumerate(_SHARES):
        members = _members(amount, usable & ~taken, share * capital, skip=k)
        amount[members[-1]] += share * capital - amount[members].sum()
        taken[members] = True
        group[borrowers.client[members]] = next_group + k
        planted[borrowers.client[members]] = True
    _loosen(group, borrowers, amount, capital, next_group)
    return replace(clients, group=group), replace(borrowers, amount=amount), planted


def _members(amount: np.ndarray, usable: np.ndarray, target: float, *, skip: int) -> np.ndarray:
    """Borrowers whose loans nearly add up to the target: every third of the largest that fits, then the closest."""
    order = np.flatnonzero(usable)[np.argsort(-amount[usable], kind="stable")]
    chosen: list[int] = []
    left = target
    for row in order[skip::3].tolist():
        if amount[row] < 0.9 * left and left > 0.06 * target:
            chosen.append(row)
            left -= amount[row]
    rest = [row for row in order.tolist() if row not in chosen]
    chosen.append(min(rest, key=lambda row: abs(amount[row] - left)))
    return np.array(chosen)


def _loosen(group: np.ndarray, borrowers: Borrowers, amount: np.ndarray, capital: float, planted_from: int) -> None:
    """Largest members leave the other groups while these are too large; a group left with one member is none."""
    of = group[borrowers.client]
    here = borrowers.at_end & (of >= 0) & (of < planted_from)
    for row in np.flatnonzero(here)[np.argsort(-amount[here], kind="stable")].tolist():
        code = group[borrowers.client[row]]
        members = borrowers.at_end & (group[borrowers.client] == code)
        if amount[members].sum() > _OTHERS_BELOW * capital:
            group[borrowers.client[row]] = -1
    sizes = np.bincount(group[group >= 0], minlength=int(group.max()) + 1)
    alone = (group >= 0) & (sizes[np.maximum(group, 0)] < 2)
    group[alone] = -1
