"""K-means on scaled features: the usual first look at natural groups."""

import warnings
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from sklearn.cluster import KMeans as LloydKMeans
from sklearn.exceptions import ConvergenceWarning
from threadpoolctl import threadpool_limits

from analysis.core.errors import MethodError, ParameterError
from analysis.core.numerics import value_order
from analysis.core.text import Text
from analysis.features import FeatureMatrix, Scale, apply_scales, learn_scales
from analysis.segmentation.naming import name_segments
from analysis.segmentation.segmentation import (
    Segment,
    Segmentation,
    assign,
    check_n_segments,
    letters,
    sizes,
)
from analysis.segmentation.structure import measure_structure, structure_cautions

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

N_STARTS = 10
"""A single start is luck; ten found the best known optimum on all published sets in the tests."""
MAX_ITERATIONS = 300
BLOCK = 100_000
"""Rows whose distances are held at a time: 10 MB for twelve segments."""


@dataclass(frozen=True)
class KMeansRecipe:
    """Learnt scales and centres; a client belongs to the nearest centre.

    Parameters
    ----------
    centres : ndarray of shape (n_segments, n_features), on the learnt scale, in the order of the segments
    """

    scales: tuple[Scale, ...]
    centres: Floats

    @property
    def needs(self) -> tuple[str, ...]:
        return tuple(scale.feature for scale in self.scales)

    def place(self, values: pd.DataFrame) -> tuple[Ints, Floats, Ints]:
        """Nearest centre, 1 − (nearest ÷ second nearest distance), and second nearest centre of each client."""
        return nearest_two(apply_scales(values, self.scales), self.centres)


@dataclass(frozen=True, slots=True)
class KMeans:
    """K-means segments, the same for the same data in any order, any unit and under any client numbers.

    Parameters
    ----------
    n_segments : from 2 to 12
    seed : of the starts
    """

    n_segments: int = 5
    seed: int = 7

    def __post_init__(self) -> None:
        check_n_segments(self.n_segments)
        if self.seed < 0:
            raise ParameterError(f"{self.seed} is no seed.", hint="Give a whole number from 0.")

    def fit(self, features: FeatureMatrix, outcome: pd.Series | None = None) -> Segmentation:  # noqa: ARG002
        """Segments around centres that minimise the squared distance to them. The outcome is not read.

        Notes
        -----
        See docs/methods/kmeans.md. Clients are put in the order of their values before the starts are drawn.
        """
        first = [features.value_feature]  # nearly every client has another amount there, so ties are few
        columns = [*first, *(code for code in features.values.columns if code not in first)]
        values = features.values.iloc[value_order(features.values[columns])]
        chosen = [feature for feature in features.features if feature.is_for_distance]
        learnt = learn_scales(values[[f.code for f in chosen]], [f.transform for f in chosen])
        scales = tuple(scale for scale in learnt if scale.spread > 0)
        coordinates = apply_scales(values, scales)
        self._check(coordinates)
        centres = fit_centres(coordinates, self.n_segments, seed=self.seed)
        labels, _, _ = nearest_two(coordinates, centres)
        order = _by_value(values[features.value_feature].to_numpy(dtype=float), labels, centres)
        recipe = KMeansRecipe(scales, centres[order])
        ids = letters(self.n_segments)
        assignment = assign(recipe, features.values, ids)
        structure = measure_structure(coordinates, labels, self.n_segments, seed=self.seed)
        counts = sizes(assignment, ids)
        names = name_segments(features, assignment)
        return Segmentation(
            method="kmeans",
            quarter=features.quarter,
            assignment=assignment,
            segments=tuple(Segment(id, names[id], counts[id]) for id in ids),
            order=_order_rule(features),
            spec=self,
            recipe=recipe,
            structure=structure,
            cautions=features.cautions + _constant_cautions(features, learnt) + structure_cautions(structure),
        )

    def _check(self, coordinates: Floats) -> None:
        if coordinates.shape[1] == 0:
            raise MethodError(
                "No feature differs between the clients, so there is nothing to segment by.",
                hint="Build features that vary.",
            )
        distinct = len(np.unique(coordinates[:: max(1, len(coordinates) // 1000)], axis=0))
        if distinct < self.n_segments:
            distinct = len(np.unique(coordinates, axis=0))
        if distinct < self.n_segments:
            raise MethodError(
                f"{len(coordinates)} clients with {distinct} different sets of features cannot form "
                f"{self.n_segments} segments.",
                hint="Ask for fewer segments.",
            )


def fit_centres(coordinates: Floats, n_segments: int, *, seed: int) -> Floats:
    """Centres of the best of ten starts of Lloyd's algorithm, ndarray of shape (n_segments, n_features).

    References
    ----------
    Lloyd (1982), IEEE Trans. Information Theory 28(2); Arthur and Vassilvitskii (2007), SODA, for the starts.
    """
    with threadpool_limits(1), warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # duplicates: checked before, empty centres cannot arise
        fitted = LloydKMeans(
            n_segments, n_init=N_STARTS, max_iter=MAX_ITERATIONS, random_state=seed, algorithm="lloyd"
        ).fit(coordinates)
    return np.asarray(fitted.cluster_centers_, dtype=np.float64)


def within_sum(coordinates: Floats, centres: Floats) -> float:
    """Sum of squared distances to the nearest centre, in squared units of the coordinates."""
    return float(sum(_squared(block, centres).min(axis=1).sum() for block in _blocks(coordinates)))


def nearest_two(coordinates: Floats, centres: Floats) -> tuple[Ints, Floats, Ints]:
    """Nearest centre, certainty and second nearest centre of each row.

    Certainty is 1 − d₁ ÷ d₂ (the simplified silhouette): 0 half-way between two centres, 1 on a centre.
    """
    first, certainty, second = [], [], []
    for block in _blocks(coordinates):
        distance = _squared(block, centres)
        order = np.argsort(distance, axis=1, kind="stable")[:, :2]
        two = np.sqrt(np.take_along_axis(distance, order, axis=1))
        first.append(order[:, 0])
        second.append(order[:, 1])
        certainty.append(1.0 - np.divide(two[:, 0], two[:, 1], out=np.ones(len(two)), where=two[:, 1] > 0))
    if not first:
        return np.empty(0, dtype=np.int64), np.empty(0), np.empty(0, dtype=np.int64)
    return np.concatenate(first), np.concatenate(certainty), np.concatenate(second)


def _blocks(coordinates: Floats) -> list[Floats]:
    return [coordinates[start : start + BLOCK] for start in range(0, len(coordinates), BLOCK)]


def _squared(block: Floats, centres: Floats) -> Floats:
    """Squared distances, one centre at a time: no cancellation, and a row does not depend on its neighbours."""
    return np.column_stack([np.square(block - centre).sum(axis=1) for centre in centres])


def _by_value(value: Floats, labels: Ints, centres: Floats) -> Ints:
    """Positions of the segments in descending total of the value feature; ties by size, then by centre."""
    totals = np.bincount(labels, weights=value, minlength=len(centres))
    counts = np.bincount(labels, minlength=len(centres))
    keys = [(-totals[k], -counts[k], tuple(centres[k]), k) for k in range(len(centres))]
    return np.array([key[-1] for key in sorted(keys)])


def _order_rule(features: FeatureMatrix) -> Text:
    label = features.feature(features.value_feature).label
    return Text(f"按{label.zh}合计从高到低排列", f"in descending total of {label.en}")


def _constant_cautions(features: FeatureMatrix, learnt: tuple[Scale, ...]) -> tuple[Text, ...]:
    flat = [features.feature(scale.feature).label for scale in learnt if scale.spread == 0]
    if not flat:
        return ()
    return (
        Text(
            f"以下特征在所有客户间无差异，未参与细分：{'、'.join(label.zh for label in flat)}",
            f"these features are the same for all clients and were left out: {', '.join(label.en for label in flat)}",
        ),
    )
