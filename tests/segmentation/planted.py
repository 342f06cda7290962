"""Made-up feature matrices whose segments are known."""

import numpy as np
import pandas as pd

from analysis.core.quarter import Quarter
from analysis.core.text import Text
from analysis.features import Feature, FeatureMatrix
from analysis.features.scaling import Transform


def feature(code: str, transform: Transform = "identity", *, theme: str = "") -> Feature:
    """A feature whose words are its code."""
    return Feature(
        code=code,
        label=Text(f"指标{code}", code),
        unit="money",
        window=1,
        transform=transform,
        measures=(code,),
        theme=theme or code,
        high=Text(f"高{code}", f"high {code}"),
        low=Text(f"低{code}", f"low {code}"),
        build=lambda known: known.measure(code),
    )


def matrix(columns: dict[str, object], transform: Transform = "identity", *, value: str = "") -> FeatureMatrix:
    """A feature matrix with clients C0000, C0001 … and one feature a column."""
    frame = pd.DataFrame(columns, dtype=float)
    frame.index = pd.Index([f"C{k:06d}" for k in range(len(frame))], name="client_id")
    features = tuple(feature(code, transform) for code in frame.columns)
    return FeatureMatrix(Quarter("2026Q3"), frame, features, value or frame.columns[0])


def blobs(
    n_clients: int, *, n_segments: int = 5, n_features: int = 6, distance: float = 4.0, seed: int = 1
) -> tuple[FeatureMatrix, np.ndarray]:
    """Clients around centres that lie `distance` standard deviations from the middle, and their true segments."""
    rng = np.random.default_rng(seed)
    directions = rng.normal(size=(n_segments, n_features))
    centres = distance * directions / np.linalg.norm(directions, axis=1, keepdims=True)
    truth = rng.integers(0, n_segments, n_clients)
    points = centres[truth] + rng.normal(size=(n_clients, n_features))
    return matrix({f"f{k}": points[:, k] for k in range(n_features)}), truth
