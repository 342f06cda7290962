"""A synthetic city commercial bank with planted, documented truth. Every name in it is invented, no figure is a fact."""

from analysis.intake.sources.demo.bank import generate
from analysis.intake.sources.demo.parameters import DemoParameters

__all__ = ["DemoParameters", "generate"]
