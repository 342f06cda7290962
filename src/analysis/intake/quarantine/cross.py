"""What only shows over several rows or tables: flagged and counted, never set aside."""

from collections.abc import Mapping
from typing import Any

from analysis.intake.checks import Check
from analysis.intake.quarantine.cross_codes import credit_codes, industries
from analysis.intake.quarantine.cross_loans import above_limit, reused_numbers, unexplained_falls
from analysis.intake.quarantine.cross_positions import openings
from analysis.intake.quarantine.cross_units import unit_jumps

CROSS_RULES = (credit_codes, industries, reused_numbers, above_limit, unexplained_falls, openings, unit_jumps)
"""Every rule over several rows or tables."""


def cross_checks(connection: Any, tables: Mapping[str, str]) -> list[Check]:
    """Findings over the rows kept of all tables.

    Parameters
    ----------
    tables : table → its DuckDB relation, after one client view was made and before numbers become pseudonyms

    Notes
    -----
    Interest with and without VAT cannot be told apart from amounts alone, and money that rises at a quarter's end is a
    fact and no defect: neither has a rule.
    """
    return [check for rule in CROSS_RULES for check in rule(connection, tables)]
