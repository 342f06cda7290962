"""Extracts in, checked tables out: a `Portfolio` at a quarter-end, and the policy in force. Importing this is cheap."""

from analysis.intake.load import load_portfolio
from analysis.intake.policy import Policy, PolicyRow, load_policy
from analysis.intake.portfolio import Portfolio
from analysis.intake.source import Source
from analysis.intake.sources import SOURCES

__all__ = ["SOURCES", "Policy", "PolicyRow", "Portfolio", "Source", "load_policy", "load_portfolio"]
