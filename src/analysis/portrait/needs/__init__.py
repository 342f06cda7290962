"""What clients need: the list, the evidence, who needs what more, what is unmet, what comes first and what next."""

from analysis.portrait.needs.coverage import Coverage, product_coverage
from analysis.portrait.needs.demand import Forecast, forecast_demand
from analysis.portrait.needs.evidence import NeedEvidence, combine_needs, source_lines
from analysis.portrait.needs.gaps import Gaps, client_revenue, unmet_needs
from analysis.portrait.needs.intensity import (
    Difference,
    Intensity,
    assigned_groups,
    intensity,
    intensity_by,
    need_groups,
    need_ratio,
    needs_differ,
)
from analysis.portrait.needs.latent import Latent, latent_needs
from analysis.portrait.needs.ledger import Ledger, need_ledger
from analysis.portrait.needs.priority import Priority, rank_needs
from analysis.portrait.needs.records import NeedRecords, need_records
from analysis.portrait.needs.response import (
    Response,
    cohen_kappa,
    interview_evidence,
    need_range,
    survey_response,
)
from analysis.portrait.needs.taxonomy import Taxonomy, load_taxonomy
from analysis.portrait.needs.themes import Themes, feedback_themes

__all__ = [
    "Coverage",
    "Difference",
    "Forecast",
    "Gaps",
    "Intensity",
    "Latent",
    "Ledger",
    "NeedEvidence",
    "NeedRecords",
    "Priority",
    "Response",
    "Taxonomy",
    "Themes",
    "assigned_groups",
    "client_revenue",
    "cohen_kappa",
    "combine_needs",
    "feedback_themes",
    "forecast_demand",
    "intensity",
    "intensity_by",
    "interview_evidence",
    "latent_needs",
    "load_taxonomy",
    "need_groups",
    "need_ledger",
    "need_range",
    "need_ratio",
    "need_records",
    "needs_differ",
    "product_coverage",
    "rank_needs",
    "source_lines",
    "survey_response",
    "unmet_needs",
]
