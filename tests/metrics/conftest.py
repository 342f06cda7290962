from pathlib import Path

import pytest

from analysis.intake.portfolio import Portfolio
from tests.metrics.small_bank import small_bank


@pytest.fixture(scope="session")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Portfolio:
    """The hand-made bank of four clients as of 2026Q3."""
    folder: Path = tmp_path_factory.mktemp("small-bank")
    return small_bank(folder)
