"""Which cells of a table may not be printed, so that no small group can be read or worked out from the totals."""

import numpy as np
import numpy.typing as npt
from scipy.optimize import linprog

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


def suppress_counts(counts: npt.ArrayLike, minimum: int) -> Mask:
    """Cells of a table of counts that must be hidden when all row and column totals are printed.

    Parameters
    ----------
    counts : ndarray of shape (n_rows, n_columns), clients; zeros are printed unless nothing else can hide a cell
    minimum : fewest clients in a printed cell

    Notes
    -----
    First every count from 1 to `minimum` − 1. Then, while any of these could be worked out from the totals and from
    knowing that a hidden count is at least 1 (two linear programmes a cell), the other three corners of the cheapest
    rectangle on it: moving a client around a rectangle leaves all totals as they are.

    References
    ----------
    Hundepool et al. (2012), Statistical Disclosure Control, chapter 4.

    Examples
    --------
    >>> suppress_counts([[2, 20], [30, 40]], 5).tolist()
    [[True, True], [True, True]]
    """
    table = np.asarray(counts, dtype=np.float64)
    hidden = (table > 0) & (table < minimum)
    exposed = [(int(r), int(c)) for r, c in np.argwhere(hidden)]
    while True:  # hiding more cells never makes one known, so what is safe stays safe
        exposed = [cell for cell in exposed if _is_known(table, hidden, *cell)]
        if not any(_hide_rectangle(table, hidden, *cell) for cell in exposed):
            return hidden


def suppress_amounts(amounts: npt.ArrayLike, counts: npt.ArrayLike, sensitive: npt.ArrayLike) -> Mask:
    """Cells of a table of amounts that must be hidden when all row and column totals are printed.

    Parameters
    ----------
    amounts : ndarray of shape (n_rows, n_columns), may be negative
    counts : clients behind each amount; an empty cell is a zero everybody knows, used only when nothing else is left
    sensitive : cells that must not be known, such as those with too few or with dominant clients
    """
    hidden = np.array(sensitive, dtype=bool)
    size = np.where(np.asarray(counts) > 0, np.maximum(np.abs(np.asarray(amounts, dtype=np.float64)), 1e-6), 0.0)
    exposed = [(int(r), int(c)) for r, c in np.argwhere(hidden)]
    while True:
        free = _free(hidden)
        exposed = [cell for cell in exposed if not free[cell]]
        if not any(_hide_rectangle(size, hidden, *cell) for cell in exposed):
            return hidden


def suppress_parts(counts: npt.ArrayLike, minimum: int) -> Mask:
    """Parts of one total that must be hidden when the total is printed: the small ones, and one more if need be.

    Examples
    --------
    >>> suppress_parts([3, 20, 40], 5).tolist()
    [True, True, False]
    """
    parts = np.asarray(counts, dtype=np.float64)
    hidden = (parts > 0) & (parts < minimum)
    while hidden.any() and (hidden.sum() < 2 or parts[hidden].sum() <= hidden.sum()):
        others = np.flatnonzero(~hidden & (parts > 0))
        if not others.size:
            break
        hidden[others[np.argmin(parts[others])]] = True
    return np.asarray(hidden)


def suppress_amount_parts(amounts: npt.ArrayLike, sensitive: npt.ArrayLike) -> Mask:
    """Amounts of the parts of one total that must be hidden when the total is printed.

    Parameters
    ----------
    amounts : ndarray of shape (n_parts,), may be negative
    sensitive : parts whose amount must not be known; if one stands alone the smallest other part is hidden with it

    Examples
    --------
    >>> suppress_amount_parts([9.0, 1.0, 5.0], [True, False, False]).tolist()
    [True, True, False]
    """
    hidden = np.array(sensitive, dtype=bool)
    size = np.abs(np.asarray(amounts, dtype=np.float64))
    if hidden.sum() == 1:
        others = np.flatnonzero(~hidden & (size > 0))
        if others.size:
            hidden[others[np.argmin(size[others])]] = True
    return hidden


def _margins(hidden: Mask) -> tuple[Floats, list[tuple[int, int]]]:
    """Equations of the hidden cells: one for each row and column that has any."""
    cells = [(int(r), int(c)) for r, c in np.argwhere(hidden)]
    n_rows, n_columns = hidden.shape
    equations = np.zeros((n_rows + n_columns, len(cells)))
    for k, (r, c) in enumerate(cells):
        equations[r, k] = equations[n_rows + c, k] = 1
    return equations, cells


def _free(hidden: Mask) -> Mask:
    """Hidden cells whose value the totals leave open: they move along the null space of the equations."""
    free = np.zeros_like(hidden)
    if not hidden.any():
        return free
    equations, cells = _margins(hidden)
    _, sizes, axes = np.linalg.svd(equations)
    rank = int((sizes > 1e-9).sum())
    moves = np.abs(axes[rank:]).max(axis=0) > 1e-9 if rank < len(cells) else np.zeros(len(cells), dtype=bool)
    for (r, c), moved in zip(cells, moves, strict=True):
        free[r, c] = moved
    return free


def _is_known(table: Floats, hidden: Mask, row: int, column: int) -> bool:
    """Whether the totals and "at least 1" leave only one whole number for this hidden cell."""
    if not _free(hidden)[row, column]:
        return True
    equations, cells = _margins(hidden)
    totals = equations @ np.array([table[cell] for cell in cells])
    goal = np.array([float(cell == (row, column)) for cell in cells])
    least = 1 if (table[hidden] > 0).all() else 0
    low, high = (
        linprog(sign * goal, A_eq=equations, b_eq=totals, bounds=(least, None), method="highs").fun for sign in (1, -1)
    )
    return bool(-high - low < 1 - 1e-6)


def _hide_rectangle(size: Floats, hidden: Mask, row: int, column: int) -> bool:
    """Hide the corners of the cheapest rectangle on a cell that is not wholly hidden yet. False if there is none.

    A corner costs its size, a hidden one nothing, and an empty one more than everything else together.
    """
    cost = np.where(hidden, 0.0, np.where(size > 0, size, size.sum() + 1))
    total = cost[row, :][None, :] + cost[:, column][:, None] + cost
    total[row, :] = total[:, column] = np.inf
    total[total == 0] = np.inf
    if not np.isfinite(total).any():
        return False
    other_row, other_column = divmod(int(np.argmin(total)), total.shape[1])
    hidden[row, other_column] = hidden[other_row, column] = hidden[other_row, other_column] = True
    return True
