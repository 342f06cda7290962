"""The quality gate: what is counted, how it is judged, and the verdict that marks conclusions or stops the report."""

from analysis.intake.quality.facts import PeriodFacts, TableFacts, measure_tables
from analysis.intake.quality.gate import judge
from analysis.intake.quality.verdict import (
    DIMENSION_LABELS,
    DIMENSIONS,
    EvidenceGrade,
    Flaw,
    Quality,
    Score,
    State,
    lower,
)

__all__ = [
    "DIMENSIONS",
    "DIMENSION_LABELS",
    "EvidenceGrade",
    "Flaw",
    "PeriodFacts",
    "Quality",
    "Score",
    "State",
    "TableFacts",
    "judge",
    "lower",
    "measure_tables",
]
