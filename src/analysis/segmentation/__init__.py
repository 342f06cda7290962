"""Which segments the clients form: methods behind one interface, what is typical of a segment, and its name."""

from analysis.segmentation.methods import METHODS, make_segmenter
from analysis.segmentation.methods.kmeans import KMeans
from analysis.segmentation.methods.value_tiers import ValueTiers
from analysis.segmentation.profile import Profile, Trait, profile
from analysis.segmentation.segmentation import Segment, Segmentation, Segmenter, Structure

__all__ = [
    "METHODS",
    "KMeans",
    "Profile",
    "Segment",
    "Segmentation",
    "Segmenter",
    "Structure",
    "Trait",
    "ValueTiers",
    "make_segmenter",
    "profile",
]
