"""Extracts in, checked tables out: a `Portfolio` at one quarter-end, and the policy in force. Importing this is cheap."""

from analysis.intake.policy import Policy, PolicyRow, load_policy
from analysis.intake.portfolio import Portfolio

__all__ = ["Policy", "PolicyRow", "Portfolio", "load_policy"]
