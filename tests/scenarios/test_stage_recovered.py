"""The rule of life-cycle stages against the stages planted in the demo bank, where its column is taken away."""

from pathlib import Path

import pandas as pd
import pytest
from sklearn.metrics import cohen_kappa_score

from analysis.features.groups import UNCLASSIFIED
from analysis.intake.load import load_portfolio
from analysis.portrait import client_stages
from analysis.portrait.stages import Stages

N_SEEDS = 50


def agreement(seed: int, cache: Path) -> tuple[float, float, float]:
    """Share of clients the rule can place, share of these placed as planted, and Cohen's kappa."""
    portfolio = load_portfolio("demo", cache=cache, options={"seed": seed})
    register = portfolio.register
    planted = register.set_index("client_id")["stage"]
    portfolio.__dict__["register"] = register.assign(stage=pd.Series(pd.NA, index=register.index, dtype="str"))
    stages = client_stages(portfolio)
    assert isinstance(stages, Stages)
    assert stages.origin == "rule"
    true = planted.reindex(stages.codes.index)
    asked = true.isin(["startup", "growth", "mature", "decline"])
    placed = asked & (stages.codes != UNCLASSIFIED)
    same = (stages.codes == true)[placed]
    return float(placed.sum() / asked.sum()), float(same.mean()), cohen_kappa_score(true[placed], stages.codes[placed])


def test_the_rule_places_most_clients_as_planted(tmp_path: Path) -> None:
    placed, right, kappa = agreement(1, tmp_path)
    assert placed > 0.6
    assert right > 0.6
    assert kappa > 0.4


@pytest.mark.study
def test_the_rule_recovers_stages_on_many_banks(tmp_path: Path) -> None:
    found = [agreement(seed, tmp_path / str(seed)) for seed in range(1, N_SEEDS + 1)]
    assert min(right for _, right, _ in found) > 0.6
    assert min(kappa for *_, kappa in found) > 0.4
