"""Every KPI by its code."""

from analysis.metrics.business import BUSINESS
from analysis.metrics.coverage import COVERAGE
from analysis.metrics.credit import CREDIT
from analysis.metrics.loan_book import LOAN_BOOK
from analysis.metrics.metric import Metric
from analysis.metrics.studies import STUDIES
from analysis.metrics.value import VALUE

METRICS: dict[str, Metric] = BUSINESS | VALUE | COVERAGE | CREDIT | LOAN_BOOK | STUDIES
"""Scale and income, value and capital, clients and coverage, credit, then the numbers that come from a study."""
