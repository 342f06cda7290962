"""Rows that break a rule are set aside with their line and the rule; rows in = kept + set aside, to the fen."""

from analysis.intake.quarantine.cross import cross_checks
from analysis.intake.quarantine.nouns import Part, Split
from analysis.intake.quarantine.run import split

__all__ = ["Part", "Split", "cross_checks", "split"]
