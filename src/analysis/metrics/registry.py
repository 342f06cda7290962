"""Every KPI by its code."""

from analysis.metrics.business import BUSINESS
from analysis.metrics.changes import CHANGES
from analysis.metrics.coverage import COVERAGE
from analysis.metrics.credit import CREDIT
from analysis.metrics.loan_book import LOAN_BOOK
from analysis.metrics.metric import Metric
from analysis.metrics.movement import MOVEMENT
from analysis.metrics.per_client import PER_CLIENT
from analysis.metrics.studies import STUDIES
from analysis.metrics.value import VALUE

METRICS: dict[str, Metric] = (
    BUSINESS | VALUE | PER_CLIENT | COVERAGE | MOVEMENT | CREDIT | LOAN_BOOK | CHANGES | STUDIES
)
"""Scale and income, value and capital, amounts a client, coverage, movement, credit, then numbers made elsewhere."""
