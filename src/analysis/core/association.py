"""How much a grouping says about a number (η²) or about another grouping (Cramér's V), and what chance would give."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from analysis.core.errors import ParameterError
from analysis.core.estimate import Estimate, Unavailable
from analysis.core.numerics import EMPTY, value_order
from analysis.core.text import Text

Floats = npt.NDArray[np.float64]
Codes = npt.NDArray[np.int64]

ONE_GROUP = Unavailable(Text("只有一组，无从比较", "there is only one group, so nothing to compare"))
NO_SPREAD = Unavailable(
    Text("数值全部相同，没有差异可解释", "all values are equal, so there is no difference to explain")
)
TOO_FEW = Unavailable(Text("客户不多于组数，无从比较", "there are no more clients than groups, so nothing to compare"))
BOOTSTRAP = Text("百分位自助法（对客户重抽样）", "percentile bootstrap over clients")
NONCENTRAL = Text("非中心卡方分布反解", "inversion of the non-central chi-squared distribution")

MAX_DRAWS, MIN_DRAWS = 200, 100
"""Resamples and permutations: five draws lie beyond each end of a 95 % interval, enough for a figure's whisker."""
CLIENTS_DRAWN = 1_000_000
"""In all: 200 draws up to 5,000 clients, then fewer, because the interval of a large book is narrow anyway."""


@dataclass(frozen=True, slots=True)
class Separation:
    """What a grouping explains of a number.

    Parameters
    ----------
    explained : η², share of the variance that lies between the groups, with its interval
    by_chance : the η² that random groups of the same sizes stay under in 95 of 100 draws
    n_groups : groups with clients
    """

    explained: Estimate
    by_chance: float
    n_groups: int

    @property
    def is_beyond_chance(self) -> bool:
        """Whether the groups tell more than random groups of the same sizes do."""
        return self.explained.estimate > self.by_chance


def eta_squared(values: npt.ArrayLike, groups: npt.ArrayLike) -> float | Unavailable:
    """Share of the variance of a number that lies between groups: 0 when their means agree, 1 when all within agree.

    Parameters
    ----------
    values : ndarray of shape (n_clients,), any unit; ranks of a skewed amount
    groups : ndarray of shape (n_clients,), any labels

    Notes
    -----
    η² = Σ_g n_g (m_g − m)² ÷ Σ_i (x_i − m)². On ranks it is the Kruskal–Wallis statistic divided by n − 1.

    References
    ----------
    Fisher (1925), Statistical Methods for Research Workers, section 40; Kruskal and Wallis (1952), JASA 47.

    Examples
    --------
    >>> eta_squared([1.0, 3.0, 5.0, 7.0], ["a", "a", "b", "b"])
    0.8
    """
    vector, codes, n_groups = _prepared(values, groups)
    refused = _refusal(vector, n_groups)
    return refused if refused is not None else _eta(vector, codes, n_groups)


def separation(
    values: npt.ArrayLike, groups: npt.ArrayLike, *, seed: int, n_draws: int | None = None
) -> Separation | Unavailable:
    """η² with a percentile bootstrap interval and what random groups of the same sizes would explain.

    Parameters
    ----------
    values : ndarray of shape (n_clients,), any unit; ranks of a skewed amount
    groups : ndarray of shape (n_clients,), any labels
    n_draws : resamples, and permutations; by default 200, fewer above 5,000 clients
    """
    vector, codes, n_groups = _prepared(values, groups)
    refused = _refusal(vector, n_groups)
    if refused is not None:
        return refused
    order = value_order(np.column_stack((codes, vector)))  # group by group: a sum of a group is one of a stretch
    vector, codes = vector[order] - vector.mean(), codes[order]
    starts = np.searchsorted(codes, np.arange(n_groups))
    rng = np.random.default_rng(seed)
    n = vector.size
    n_draws = n_draws or min(max(CLIENTS_DRAWN // n, MIN_DRAWS), MAX_DRAWS)
    value = _eta(vector, codes, n_groups)
    drawn = [_resampled_eta(vector, np.bincount(rng.integers(0, n, n), minlength=n), starts) for _ in range(n_draws)]
    total, sizes = float(vector @ vector), np.diff(np.append(starts, n))
    shuffled = [
        float((np.square(np.add.reduceat(rng.permutation(vector), starts)) / sizes).sum()) / total
        for _ in range(n_draws)
    ]
    low, high = np.quantile(drawn, [0.025, 0.975])
    explained = Estimate(value, float(min(low, value)), float(max(high, value)), n, "ratio", BOOTSTRAP)
    return Separation(explained, float(np.quantile(shuffled, 0.95)), n_groups)


def cramers_v(first: npt.ArrayLike, second: npt.ArrayLike) -> Estimate | Unavailable:
    """Strength of the link between two groupings, corrected for bias: 0 when independent, 1 when one gives the other.

    Parameters
    ----------
    first, second : ndarray of shape (n_clients,), any labels

    Notes
    -----
    φ² = χ² ÷ n; φ̃² = max(0, φ² − (r − 1)(c − 1) ÷ (n − 1)); r̃ = r − (r − 1)² ÷ (n − 1), c̃ likewise;
    Ṽ = √(φ̃² ÷ (min(r̃, c̃) − 1)). The interval inverts the non-central χ² distribution of the statistic: its ends are
    √(λ ÷ (n (min(r, c) − 1))) for the λ under which the statistic is the 97.5th and the 2.5th percentile.

    References
    ----------
    Bergsma (2013), A bias-correction for Cramér's V and Tschuprow's T, Journal of the Korean Statistical Society 42;
    Smithson (2003), Confidence Intervals, chapter 4.
    """
    rows, columns = (np.unique(np.asarray(side).astype(str), return_inverse=True) for side in (first, second))
    if rows[1].size != columns[1].size:
        raise ParameterError(f"{rows[1].size} labels came with {columns[1].size}.", hint="Give each client both.")
    n, n_rows, n_columns = int(rows[1].size), len(rows[0]), len(columns[0])
    if n == 0:
        return EMPTY
    if min(n_rows, n_columns) < 2:
        return ONE_GROUP
    if n <= max(n_rows, n_columns):
        return TOO_FEW
    table = np.bincount(rows[1] * n_columns + columns[1], minlength=n_rows * n_columns).reshape(n_rows, n_columns)
    chi2 = chi_squared(table)
    free = (n_rows - 1) * (n_columns - 1)
    phi2 = max(0.0, chi2 / n - free / (n - 1))
    least = min(size - (size - 1) ** 2 / (n - 1) for size in (n_rows, n_columns)) - 1
    value = min(float(np.sqrt(phi2 / least)), 1.0)
    ends = [float(np.sqrt(side / (n * (min(n_rows, n_columns) - 1)))) for side in _noncentrality(chi2, free)]
    low, high = min(ends[0], value), min(max(ends[1], value), 1.0)
    return Estimate(value, low, high, n, "index", NONCENTRAL)


def chi_squared(table: npt.ArrayLike) -> float:
    """Pearson's χ² of a table of counts; rows and columns without a count add nothing.

    Examples
    --------
    >>> round(chi_squared([[10, 20], [30, 40]]), 4)
    0.7937
    """
    counts = np.asarray(table, dtype=np.float64)
    expected = np.outer(counts.sum(axis=1), counts.sum(axis=0)) / counts.sum()
    return float((np.square(counts - expected)[expected > 0] / expected[expected > 0]).sum())


def _noncentrality(chi2: float, free: int) -> tuple[float, float]:
    """The non-centralities under which the statistic is the 97.5th and the 2.5th percentile; 0 where there is none."""
    from scipy.optimize import brentq
    from scipy.stats import chi2 as central
    from scipy.stats import ncx2

    def solve(level: float) -> float:
        if central.cdf(chi2, free) <= level:
            return 0.0

        def gap(shift: float) -> float:
            return float(ncx2.cdf(chi2, free, shift)) - level

        high = max(chi2, 1.0)
        while gap(high) > 0:
            high *= 2
        return float(brentq(gap, 1e-12, high))

    return solve(0.975), solve(0.025)


def _prepared(values: npt.ArrayLike, groups: npt.ArrayLike) -> tuple[Floats, Codes, int]:
    vector = np.asarray(values, dtype=np.float64).ravel()
    labels, codes = np.unique(np.asarray(groups).astype(str), return_inverse=True)
    if not np.isfinite(vector).all():
        raise ParameterError("The values hold gaps or infinities.", hint="Leave out clients without a value first.")
    if codes.size != vector.size:
        raise ParameterError(f"{vector.size} values came with {codes.size} labels.", hint="Give each client both.")
    return vector, codes.astype(np.int64), len(labels)


def _refusal(vector: Floats, n_groups: int) -> Unavailable | None:
    if vector.size == 0:
        return EMPTY
    if n_groups < 2:
        return ONE_GROUP
    if vector.size <= n_groups:
        return TOO_FEW
    return NO_SPREAD if np.ptp(vector) == 0 else None


def _resampled_eta(vector: Floats, times: Codes, starts: npt.NDArray[np.intp]) -> float:
    """η² of a resample in which each client is drawn so many times.

    Parameters
    ----------
    vector : ndarray of shape (n_clients,), sorted by group
    starts : where each group starts
    """
    weighted = times * vector
    n, whole = vector.size, float(weighted.sum())
    total = float(weighted @ vector) - whole**2 / n
    if total <= 0:  # a resample of equal values
        return 0.0
    sizes, sums = np.add.reduceat(times, starts), np.add.reduceat(weighted, starts)
    between = float((np.square(sums)[sizes > 0] / sizes[sizes > 0]).sum()) - whole**2 / n
    return min(max(between / total, 0.0), 1.0)


def _eta(vector: Floats, codes: Codes, n_groups: int) -> float:
    centred = vector - vector.mean()
    total = float(centred @ centred)
    if total <= 0:  # a resample of equal values
        return 0.0
    sizes = np.bincount(codes, minlength=n_groups)
    sums = np.bincount(codes, weights=centred, minlength=n_groups)
    between = float((np.square(sums)[sizes > 0] / sizes[sizes > 0]).sum())
    return min(max(between / total, 0.0), 1.0)
