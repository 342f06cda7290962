"""Segmentation methods, one file each."""

from collections.abc import Mapping

from analysis.core.errors import ParameterError
from analysis.intake.policy import Policy
from analysis.segmentation.methods.kmeans import KMeans
from analysis.segmentation.methods.value_tiers import ValueTiers
from analysis.segmentation.segmentation import Segmenter

METHODS: Mapping[str, type[KMeans] | type[ValueTiers]] = {
    "value_tiers": ValueTiers,
    "kmeans": KMeans,
}
"""Every registered method: its spec, by the name a parameter gives."""


def make_segmenter(method: str, *, policy: Policy, n_segments: int = 5, seed: int = 7) -> Segmenter:
    """The spec of a method from the parameters of a chapter.

    Parameters
    ----------
    method : name in METHODS
    policy : holds the tier standard
    n_segments, seed : read by methods that learn; the tier standard has its own number of tiers
    """
    if method == "value_tiers":
        return ValueTiers.of(policy.table("value_tiers"), policy.table("value_tier_cuts"))
    if method == "kmeans":
        return KMeans(n_segments, seed)
    raise ParameterError(f"There is no segmentation method {method!r}.", hint=f"Known are {', '.join(METHODS)}.")
