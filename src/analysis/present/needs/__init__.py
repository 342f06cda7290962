"""What chapter 20 shows: the evidence, who needs what more, what is unmet, what comes first, what comes next."""

from analysis.present.needs.gaps import (
    field_table,
    priority_table,
    quadrant_figure,
    unmet_group_table,
    unmet_table,
)
from analysis.present.needs.groups import difference_table, heat_figure, strength_table
from analysis.present.needs.latent import calibration_table, latent_table, validation_table
from analysis.present.needs.outlook import demand_table, ledger_table, theme_table, time_table
from analysis.present.needs.sources import (
    coverage_table,
    grade_table,
    range_table,
    response_blocks,
    response_table,
    source_table,
)

__all__ = [
    "calibration_table",
    "coverage_table",
    "demand_table",
    "difference_table",
    "field_table",
    "grade_table",
    "heat_figure",
    "latent_table",
    "ledger_table",
    "priority_table",
    "quadrant_figure",
    "range_table",
    "response_blocks",
    "response_table",
    "source_table",
    "strength_table",
    "theme_table",
    "time_table",
    "unmet_group_table",
    "unmet_table",
    "validation_table",
]
