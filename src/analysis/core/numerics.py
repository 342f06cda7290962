"""Small mathematics of concentration and resampling, used wherever a total is spread over clients."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.core.errors import ParameterError
from analysis.core.estimate import Unavailable
from analysis.core.text import Text

Floats = npt.NDArray[np.float64]

EMPTY = Unavailable(Text("没有客户", "there are no clients"))
NO_TOTAL = Unavailable(Text("合计不为正，无法计算占比", "the total is not positive, so shares have no meaning"))
NEGATIVE = Unavailable(
    Text("含负值，无法计算平方占比之和", "some values are negative, so squared shares have no meaning")
)
MANY_NEGATIVE = Unavailable(
    Text(
        "负值客户过多，基尼系数失真，请看累计贡献曲线",
        "too many values are negative for a Gini coefficient; read the cumulative curve",
    )
)
NOT_REACHED = Unavailable(Text("累计占比达不到该水平", "the cumulative share never reaches this level"))
UNSTABLE = Unavailable(
    Text(
        "重抽样中多次无法计算，不给出区间", "the statistic is undefined in too many resamples, so no interval is given"
    )
)

# Above this share of negative values the Lorenz curve dips far below zero and Gini may pass one; below it the
# distortion stays in the third decimal. Revisit when a bank reports a rule of its own.
MAX_NEGATIVE_SHARE = 0.05
# Dropping a few undefined resamples hardly moves a percentile interval; beyond one in twenty it would move its ends.
MAX_UNDEFINED_SHARE = 0.05
# Sums of floats that should be equal differ by rounding only.
TOLERANCE = 1e-12
# Far above any amount of money; a billion such values, their squares and their products with ranks still are numbers.
LARGEST = 1e140


def known_values(values: npt.ArrayLike) -> Floats:
    """The values without gaps, in one row; an infinite one, or one too large to be added up, is refused.

    Examples
    --------
    >>> known_values([1.0, float("nan"), 3.0]).tolist()
    [1.0, 3.0]
    """
    vector = np.asarray(values, dtype=np.float64).ravel()
    known = vector[~np.isnan(vector)]
    n_infinite = int(np.isinf(known).sum())
    if n_infinite:
        raise ParameterError(
            f"{n_infinite} of {vector.size} values are infinite.",
            hint="Write NaN for a gap.",
        )
    if (np.abs(known) > LARGEST).any():
        raise ParameterError(
            f"A value of {float(np.abs(known).max()):g} is too large to be added up.", hint="Give amounts of money."
        )
    return known


def _vector(values: npt.ArrayLike) -> Floats:
    vector = np.asarray(values, dtype=np.float64).ravel()
    known = known_values(vector)
    if known.size < vector.size:
        raise ParameterError("The values hold gaps.", hint="Leave out clients without a value first.")
    return known


def gini(values: npt.ArrayLike, *, max_negative: float = MAX_NEGATIVE_SHARE) -> float | Unavailable:
    """Gini coefficient: 0 when all clients hold the same, (n − 1) ÷ n when one holds everything.

    Parameters
    ----------
    values : ndarray of shape (n_clients,), any unit
    max_negative : share of negative values above which it is refused

    Notes
    -----
    G = Σ (2i − n − 1)·x_(i) ÷ (n·Σ x), x_(i) ascending. Scale-free; not corrected for small n.

    References
    ----------
    Dorfman (1979), A formula for the Gini coefficient, Review of Economics and Statistics 61(1).

    Examples
    --------
    >>> gini([1.0, 1.0, 1.0, 1.0])
    0.0
    """
    ordered = np.sort(_vector(values))
    n = ordered.size
    if n == 0:
        return EMPTY
    total = float(ordered.sum())
    if total <= 0:
        return NO_TOTAL
    if float((ordered < 0).mean()) > max_negative:
        return MANY_NEGATIVE
    ranks = 2.0 * np.arange(1, n + 1) - n - 1
    return float(ranks @ ordered) / (n * total)


def hhi(values: npt.ArrayLike) -> float | Unavailable:
    """Herfindahl–Hirschman index: sum of squared shares, 1 ÷ n when equal, 1 when one holds everything.

    Parameters
    ----------
    values : ndarray of shape (n_parts,), any unit, none negative

    Examples
    --------
    >>> hhi([50.0, 50.0])
    0.5
    """
    vector = _vector(values)
    if vector.size == 0:
        return EMPTY
    if (vector < 0).any():
        return NEGATIVE
    total = float(vector.sum())
    if total <= 0:
        return NO_TOTAL
    return float(np.square(vector / total).sum())


@dataclass(frozen=True, slots=True)
class Curve:
    """Cumulative share of the total over clients sorted from the largest down (whale curve).

    Parameters
    ----------
    clients : ndarray of shape (n_clients + 1,), share of clients counted so far, from 0 to 1
    total : ndarray of shape (n_clients + 1,), share of the net total they bring; passes 1 when some are negative
    """

    clients: Floats
    total: Floats

    @property
    def peak(self) -> float:
        """Highest cumulative share: how much the clients with a positive value bring."""
        return float(self.total.max())

    def at(self, fraction: float) -> float:
        """Share of the total that the top `fraction` of clients brings, a client cut by the limit counted in part."""
        return float(np.interp(fraction, self.clients, self.total))


def cumulative_curve(values: npt.ArrayLike) -> Curve | Unavailable:
    """Cumulative curve of a total over clients, largest first.

    Parameters
    ----------
    values : ndarray of shape (n_clients,), any unit; negative values bend the end of the curve down

    Examples
    --------
    >>> cumulative_curve([6.0, 6.0, -2.0]).total.tolist()
    [0.0, 0.6, 1.2, 1.0]
    """
    ordered = -np.sort(-_vector(values))
    if ordered.size == 0:
        return EMPTY
    running = np.concatenate(([0.0], np.cumsum(ordered)))
    if running[-1] <= 0:
        return NO_TOTAL
    return Curve(np.arange(ordered.size + 1) / ordered.size, running / running[-1])


def top_share(values: npt.ArrayLike, fraction: float) -> float | Unavailable:
    """Share of the total held by the largest `fraction` of clients; above 1 when the others lose money.

    Parameters
    ----------
    values : ndarray of shape (n_clients,), any unit
    fraction : of clients, from 0 to 1

    Notes
    -----
    A fifth of seven clients is 1.4 clients: the largest and 0.4 of the next. Clients with equal values are therefore
    treated alike whichever of them falls inside the limit.

    Examples
    --------
    >>> top_share([4.0, 3.0, 2.0, 1.0], 0.25)
    0.4
    """
    if not 0 <= fraction <= 1:
        raise ParameterError(f"{fraction} is not a share of clients.", hint="Give a fraction from 0 to 1.")
    curve = cumulative_curve(values)
    return curve if isinstance(curve, Unavailable) else curve.at(fraction)


def clients_needed(values: npt.ArrayLike, share: float) -> int | Unavailable:
    """How many of the largest clients together bring `share` of the total.

    Parameters
    ----------
    values : ndarray of shape (n_clients,), any unit
    share : of the net total; above 1 it can only be reached when some values are negative

    Examples
    --------
    >>> clients_needed([5.0, 3.0, 1.0, 1.0], 0.8)
    2
    """
    curve = cumulative_curve(values)
    if isinstance(curve, Unavailable):
        return curve
    reached = np.flatnonzero(curve.total >= share - TOLERANCE)
    return int(reached[0]) if reached.size else NOT_REACHED


DIGITS = 9
"""Significant digits by which rows are put in order. Engines differ in the 15th digit of a sum; two clients that agree
in nine digits of every number are the same for any statistic here."""


def value_order(values: npt.ArrayLike) -> npt.NDArray[np.intp]:
    """Positions of the rows in an order that depends on their values alone, not on how clients are numbered or stored.

    Whatever draws rows at random (starts, resamples, samples) takes them in this order, so that a bank that numbers its
    clients anew gets the same report. Rows that tie in everything are exchangeable.

    Parameters
    ----------
    values : ndarray of shape (n,) or (n, n_columns)

    Examples
    --------
    >>> value_order([[2.0, 1.0], [1.0, 5.0], [1.0, 4.0]]).tolist()
    [2, 1, 0]
    """
    rows = np.asarray(values, dtype=np.float64)
    rows = rows[:, None] if rows.ndim == 1 else rows
    if rows.size == 0:
        return np.arange(len(rows))
    first = _significant(rows[:, 0])
    order = np.argsort(first, kind="stable")
    # The other columns are looked at only where the first ties: by all, a million rows take eight times as long.
    equal = first[order][1:] == first[order][:-1]
    is_tied = np.concatenate(([False], equal)) | np.concatenate((equal, [False]))
    tied = order[is_tied]
    order[is_tied] = tied[np.lexsort(_significant(rows[tied]).T[::-1])]
    return order


def _significant(values: Floats) -> Floats:
    """The values with nine significant digits."""
    size = np.abs(values)
    power = np.floor(np.log10(size, out=np.zeros_like(size), where=size > 0))
    factor = 10.0 ** (DIGITS - 1 - power)
    return np.asarray(np.round(values * factor) / factor)


def bootstrap_interval(
    statistic: Callable[[Floats], float | Unavailable],
    values: npt.ArrayLike,
    *,
    seed: int,
    n_resamples: int = 1000,
    level: float = 0.95,
) -> tuple[float, float] | Unavailable:
    """Percentile bootstrap interval of a statistic over clients.

    Parameters
    ----------
    statistic : from the resampled values to a number
    values : ndarray of shape (n_clients,) or (n_clients, n_columns); whole rows are drawn
    level : of the interval

    References
    ----------
    Efron and Tibshirani (1993), An Introduction to the Bootstrap, section 13.3.
    """
    rows = np.asarray(values, dtype=np.float64)
    if rows.shape[0] == 0:
        return EMPTY
    rows = rows[value_order(rows)]
    rng = np.random.default_rng(seed)
    drawn = (statistic(rows[rng.integers(0, rows.shape[0], rows.shape[0])]) for _ in range(n_resamples))
    found = np.array([value for value in drawn if not isinstance(value, Unavailable)])
    if found.size < n_resamples * (1 - MAX_UNDEFINED_SHARE):
        return UNSTABLE
    low, high = np.quantile(found, [(1 - level) / 2, (1 + level) / 2])
    return float(low), float(high)


def weighted_quantile(
    values: npt.ArrayLike, quantile: float, weights: npt.ArrayLike | None = None
) -> float | Unavailable:
    """The value below which the share `quantile` of the weight lies.

    Parameters
    ----------
    values : ndarray of shape (n,), any unit
    quantile : from 0 to 1
    weights : ndarray of shape (n,), none negative; equal when left out

    Notes
    -----
    Inverse of the weighted distribution function, averaged over its flat steps, so the median of two clients of equal
    weight lies half-way between them.

    References
    ----------
    Hyndman and Fan (1996), Sample quantiles in statistical packages, definition 2, The American Statistician 50(4).

    Examples
    --------
    >>> weighted_quantile([1.0, 2.0], 0.5), weighted_quantile([1.0, 2.0], 0.5, [1.0, 3.0])
    (1.5, 2.0)
    """
    if not 0 <= quantile <= 1:
        raise ParameterError(f"{quantile} is not a quantile.", hint="Give a fraction from 0 to 1.")
    vector = _vector(values)
    mass = np.ones(vector.size) if weights is None else _vector(weights)
    if mass.size != vector.size:
        raise ParameterError(f"{vector.size} values came with {mass.size} weights.", hint="Give one weight a value.")
    if (mass < 0).any():
        raise ParameterError("Some weights are negative.", hint="Weights are counts or amounts, zero or more.")
    vector, mass = vector[mass > 0], mass[mass > 0]
    if vector.size == 0:
        return EMPTY
    order = np.argsort(vector, kind="stable")
    vector, running = vector[order], np.cumsum(mass[order]) / mass.sum()
    last = vector.size - 1
    left = min(int(np.searchsorted(running, quantile - TOLERANCE, side="left")), last)
    right = min(int(np.searchsorted(running, quantile + TOLERANCE, side="right")), last)
    return float((vector[left] + vector[right]) / 2)
