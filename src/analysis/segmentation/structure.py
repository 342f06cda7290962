"""Do the clients fall into groups, or is it one cloud that was cut? Asked before anybody believes a segment."""

import numpy as np
import numpy.typing as npt
from scipy import stats
from sklearn.cluster import KMeans as LloydKMeans
from sklearn.metrics import silhouette_score
from threadpoolctl import threadpool_limits

from analysis.core.text import Text
from analysis.segmentation.segmentation import NOTHING, Structure

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

SILHOUETTE_ROWS = 10_000
"""Silhouettes need all pairs; above this they are taken on a seeded sample (standard error about 0.002)."""
REFERENCE_ROWS = 1_000
N_REFERENCES = 19
"""Beating all of 19 references happens once in 20 when there are no groups: a test at 5 %."""
N_STARTS = 3


def measure_structure(coordinates: Floats, labels: Ints, n_segments: int, *, seed: int) -> Structure:
    """Silhouette of the segments, and how it compares with data that have no groups.

    Parameters
    ----------
    coordinates : ndarray of shape (n_clients, n_features), on one scale
    labels : segment of each client

    Notes
    -----
    A reference keeps every feature's own values and their rank correlations (a Gaussian copula) and has no other
    structure, so that skewness, spikes at zero and a common size factor are not taken for groups; a cloud of equal
    spread or a permutation of columns takes them for groups. It cannot see groups that differ in one single
    feature: those are a matter for a rule. Actual and reference data are fitted in the same way on the same number of
    rows.

    References
    ----------
    Tibshirani, Walther and Hastie (2001), JRSS B 63(2), for the idea of a reference; Hennig and Liao (2013), JRSS C
    62(3), for references that keep the margins.
    """
    rng = np.random.default_rng(seed)
    with threadpool_limits(1):
        rows = _sample(len(coordinates), SILHOUETTE_ROWS, rng)
        found = labels[rows]
        silhouette = float(silhouette_score(coordinates[rows], found)) if _has_groups(found) else 0.0
        sample = coordinates[_sample(len(coordinates), REFERENCE_ROWS, rng)]
        own = _fitted_silhouette(sample, n_segments, seed)
        others = [_fitted_silhouette(_reference(sample, rng), n_segments, seed) for _ in range(N_REFERENCES)]
    return Structure(silhouette, len(rows), own, max(others), N_REFERENCES)


def structure_cautions(structure: Structure) -> tuple[Text, ...]:
    """What the reader must be told about the separation of the segments."""
    if not structure.is_clear:
        return (
            Text(
                "未发现清晰的自然分组：分离程度不高于边际分布与相关性相同、但没有分组的参照数据。"
                "这些客群是人为划分，可用于管理，不宜当作天然类别。",
                "no clear structure: the segments are no better separated than in reference data with the same margins "
                "and correlations but no groups. They are cut, not found: use them to manage, not as natural kinds.",
            ),
        )
    if structure.silhouette < NOTHING:
        return (
            Text(
                "客群相互重叠：有分组，但轮廓系数低于通行的下限，边界上的客户较多。",
                "the segments overlap: there are groups, but the silhouette is below the usual mark and many clients "
                "lie on the borders.",
            ),
        )
    return ()


def _sample(n: int, limit: int, rng: np.random.Generator) -> Ints:
    return np.arange(n) if n <= limit else np.sort(rng.choice(n, limit, replace=False))


def _has_groups(labels: Ints) -> bool:
    return 1 < len(np.unique(labels)) < len(labels)


def _fitted_silhouette(sample: Floats, n_segments: int, seed: int) -> float:
    if len(np.unique(sample, axis=0)) <= n_segments:
        return 1.0  # as many groups as distinct clients: perfectly separated, and nothing learnt
    labels = LloydKMeans(n_segments, n_init=N_STARTS, random_state=seed).fit_predict(sample)
    return float(silhouette_score(sample, labels)) if _has_groups(labels) else 0.0


def _reference(sample: Floats, rng: np.random.Generator) -> Floats:
    """Draw with the margins and rank correlations of the sample and no other structure."""
    n, width = sample.shape
    scores = stats.norm.ppf((stats.rankdata(sample, axis=0) - 0.5) / n)
    correlation = np.atleast_2d(np.corrcoef(scores, rowvar=False))
    drawn = rng.multivariate_normal(np.zeros(width), correlation, size=n, method="eigh")
    out = np.empty_like(sample)
    for column in range(width):
        out[np.argsort(drawn[:, column]), column] = np.sort(sample[:, column])
    return out
