"""A synthetic city commercial bank with planted truth. Every name in it is invented, no figure is a fact."""

from collections.abc import Callable
from pathlib import Path

from analysis.intake.sources.demo.parameters import DemoParameters

__all__ = ["DemoParameters", "generate"]


def generate(parameters: DemoParameters, folder: Path, *, progress: Callable[[str, float], None] | None = None) -> None:
    """Write every canonical table of the demo bank to a folder; loaded on first use, so that refusing is quick."""
    from analysis.intake.sources.demo.bank import generate as write

    write(parameters, folder, progress=progress)
