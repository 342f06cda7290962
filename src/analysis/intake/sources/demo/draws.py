"""Small ways to draw so that shares and distributions come out as asked, with little luck in them."""

from collections.abc import Mapping

import numpy as np
from scipy.special import ndtri


def quotas(weights: np.ndarray, total: int) -> np.ndarray:
    """Whole numbers proportional to the weights that add up to the total (largest remainder)."""
    exact = weights / weights.sum() * total
    counts: np.ndarray = np.floor(exact).astype(np.int64)
    order = np.argsort(-(exact - counts), kind="stable")
    counts[order[: total - int(counts.sum())]] += 1
    return counts


def top(score: np.ndarray, count: int) -> np.ndarray:
    """True for the `count` highest scores."""
    chosen = np.zeros(len(score), dtype=bool)
    chosen[np.argsort(-score, kind="stable")[: max(count, 0)]] = True
    return chosen & (score > -np.inf)


def pick(rng: np.random.Generator, weights: np.ndarray, count: int) -> np.ndarray:
    """True for `count` rows drawn without replacement, chances growing with the weights; 0 is never drawn."""
    with np.errstate(divide="ignore"):
        return top(np.log(weights) + rng.gumbel(size=len(weights)), min(count, int((weights > 0).sum())))


def normal_ranks(rng: np.random.Generator, score: np.ndarray) -> np.ndarray:
    """Standard normal values in the order of the scores: one from each of n equal slices, so that sums hardly vary."""
    values = np.empty(len(score))
    order = np.argsort(score, kind="stable")
    values[order] = ndtri((np.arange(len(score)) + rng.uniform(0.02, 0.98, len(score))) / max(len(score), 1))
    return values


def categories(rng: np.random.Generator, probabilities: np.ndarray, count: int) -> np.ndarray:
    """Category of each of `count` rows: as many of each as the probabilities say, in random order."""
    grid = (rng.permutation(count) + rng.random()) / max(count, 1)
    edges = np.cumsum(probabilities) / np.sum(probabilities)
    return np.minimum(np.searchsorted(edges, grid, side="right"), len(edges) - 1)


def spread_by_size(rng: np.random.Generator, values: np.ndarray) -> np.ndarray:
    """Numbers from 0 to 1, as even as can be also among the largest values alone (steps of the golden section)."""
    even = np.empty(len(values))
    even[np.argsort(-values, kind="stable")] = (rng.random() + np.arange(len(values)) * 0.6180339887) % 1
    return even


def fit_margins(table: np.ndarray, rows: np.ndarray, columns: np.ndarray, *, steps: int = 200) -> np.ndarray:
    """The table scaled by rows and columns until its margins are those given (iterative proportional fitting)."""
    fitted = table.astype(float)
    for _ in range(steps):
        fitted *= (rows / np.maximum(fitted.sum(axis=1), 1e-300))[:, None]
        fitted *= columns / np.maximum(fitted.sum(axis=0), 1e-300)
    return fitted


def by_name(values: Mapping[str, float], names: tuple[str, ...]) -> np.ndarray:
    """The values of a mapping in the order of the names; 0 where one is absent."""
    return np.array([values.get(name, 0.0) for name in names], dtype=float)


def pick_near(
    rng: np.random.Generator, weights: np.ndarray, values: np.ndarray, count: int, target: float, *, draws: int = 200
) -> np.ndarray:
    """Positions of `count` rows drawn by weight: of many draws the one whose values add up nearest to the target."""
    count = min(count, int((weights > 0).sum()))
    if count == 0:
        return np.empty(0, dtype=np.int64)
    with np.errstate(divide="ignore"):
        scores = -(np.log(weights) + rng.gumbel(size=(draws, len(weights))))
    sets = np.argpartition(scores, count - 1, axis=1)[:, :count]
    best = int(np.argmin(np.abs(values[sets].sum(axis=1) - target)))
    return np.sort(sets[best])


def prefix_near(
    rng: np.random.Generator, weights: np.ndarray, values: np.ndarray, target: float, *, draws: int = 100
) -> np.ndarray:
    """Positions of as many rows, drawn by weight, as it takes for their values to add up to nearly the target."""
    usable = int((weights > 0).sum())
    if target <= 0 or usable == 0:
        return np.empty(0, dtype=np.int64)
    with np.errstate(divide="ignore"):
        order = np.argsort(-(np.log(weights) + rng.gumbel(size=(draws, len(weights)))), axis=1, kind="stable")[
            :, :usable
        ]
    gaps = np.abs(np.cumsum(values[order], axis=1) - target)
    best, length = np.unravel_index(int(np.argmin(gaps)), gaps.shape)
    return np.sort(order[best, : length + 1])
