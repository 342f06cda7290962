"""Demo banks that several test files share, each made once per session."""

from collections.abc import Callable
from pathlib import Path

import pytest

from analysis.intake.sources.demo import DemoParameters, generate

DemoBank = Callable[[DemoParameters], Path]


@pytest.fixture(scope="session")
def demo_bank(tmp_path_factory: pytest.TempPathFactory) -> DemoBank:
    """A function that gives the folder of a demo bank, written on first use."""
    folders: dict[DemoParameters, Path] = {}

    def folder(parameters: DemoParameters) -> Path:
        if parameters not in folders:
            folders[parameters] = tmp_path_factory.mktemp("demo")
            generate(parameters, folders[parameters])
        return folders[parameters]

    return folder
