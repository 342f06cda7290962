"""A synthetic city commercial bank with planted, documented truth. Every name is invented, no figure is a fact."""

from pathlib import Path

from analysis.intake.sources.demo.parameters import DemoParameters

__all__ = ["DemoParameters", "generate"]


def generate(parameters: DemoParameters, folder: Path) -> None:
    """Write every canonical table of the demo bank to a folder; loaded on first use, so that refusing is quick."""
    from analysis.intake.sources.demo.bank import generate as write

    write(parameters, folder)
