"""Features of clients at an as-of date, never later: declared once, built from measures, put on one scale."""

from analysis.features.as_of import corporate_clients
from analysis.features.build import build_features
from analysis.features.declarations import FEATURES
from analysis.features.matrix import Feature, FeatureMatrix, MissingFeature
from analysis.features.scaling import Scale, apply_scales, learn_scales, transform_values

__all__ = [
    "FEATURES",
    "Feature",
    "FeatureMatrix",
    "MissingFeature",
    "Scale",
    "apply_scales",
    "build_features",
    "corporate_clients",
    "learn_scales",
    "transform_values",
]
