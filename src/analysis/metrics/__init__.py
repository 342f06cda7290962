"""Measures over the canonical tables and the KPIs made of them.

`METRICS` says what each KPI means, `measure` computes it for any clients or grouping, `comparisons` adds the changes.
"""

from analysis.metrics.compare import Change, Comparison, base_quarter, compare, comparisons, kind_name
from analysis.metrics.derived import DERIVED, tables_of
from analysis.metrics.history import HISTORY
from analysis.metrics.measure import (
    measure,
    recent,
    series,
    sparkline,
    value_at,
    value_of,
    values_of,
)
from analysis.metrics.measures import MEASURES
from analysis.metrics.metric import TOTAL, UNASSIGNED, Metric
from analysis.metrics.panel import build_panel, load_panel, write_panel
from analysis.metrics.registry import METRICS
from analysis.metrics.units import market_share, plan_completion, productivity

__all__ = [
    "DERIVED",
    "HISTORY",
    "MEASURES",
    "METRICS",
    "TOTAL",
    "UNASSIGNED",
    "Change",
    "Comparison",
    "Metric",
    "base_quarter",
    "build_panel",
    "compare",
    "comparisons",
    "kind_name",
    "load_panel",
    "market_share",
    "measure",
    "plan_completion",
    "productivity",
    "recent",
    "series",
    "sparkline",
    "tables_of",
    "value_at",
    "value_of",
    "values_of",
    "write_panel",
]
