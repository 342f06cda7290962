"""Corporate client research: from a bank's extracts to a management report, in Chinese and English.

The public vocabulary. Names load on first use, so that checking a parameter imports neither pandas nor scikit-learn.

Examples
--------
>>> import analysis
>>> str(analysis.Quarter("2026Q3").year_start)
'2025Q4'
"""

from importlib import import_module
from typing import Any

_HOME = {
    "AnalysisError": "analysis.core.errors",
    "DataError": "analysis.core.errors",
    "MethodError": "analysis.core.errors",
    "ParameterError": "analysis.core.errors",
    "ReportError": "analysis.core.errors",
    "Estimate": "analysis.core.estimate",
    "Unavailable": "analysis.core.estimate",
    "Fact": "analysis.core.fact",
    "Quarter": "analysis.core.quarter",
    "Text": "analysis.core.text",
    "Policy": "analysis.intake",
    "Portfolio": "analysis.intake",
    "SOURCES": "analysis.intake",
    "load_policy": "analysis.intake",
    "load_portfolio": "analysis.intake",
    "METRICS": "analysis.metrics",
    "Metric": "analysis.metrics",
    "compare": "analysis.metrics",
    "measure": "analysis.metrics",
    "FEATURES": "analysis.features",
    "FeatureMatrix": "analysis.features",
    "build_features": "analysis.features",
    "METHODS": "analysis.segmentation",
    "KMeans": "analysis.segmentation",
    "Segmentation": "analysis.segmentation",
    "Segmenter": "analysis.segmentation",
    "ValueTiers": "analysis.segmentation",
    "profile": "analysis.segmentation",
    "Chapter": "analysis.reporting.chapter",
    "build_report": "analysis.reporting.build",
}

__all__ = sorted(_HOME)


def __getattr__(name: str) -> Any:
    if name not in _HOME:
        raise AttributeError(f"module 'analysis' has no attribute {name!r}")
    return getattr(import_module(_HOME[name]), name)


def __dir__() -> list[str]:
    return __all__
