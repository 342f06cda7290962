"""Stages by rule at their limits, the bank's own column first, and transitions that add up."""

from datetime import date
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.core.errors import DataError
from analysis.core.estimate import Unavailable
from analysis.intake.policy import load_policy
from analysis.portrait import Stages, StageTransition, client_stages, stage_transition
from analysis.portrait.stages import stage_by_rule
from tests.builders import client_rows, rows, tiny_portfolio

NAN = float("nan")


def by_rule(age: float, growth: float, margin: float = NAN) -> str:
    one = [pd.Series([value], dtype=float) for value in (age, growth, margin)]
    return str(stage_by_rule(*one, load_policy().table("stage_rule")).iloc[0])


@pytest.mark.parametrize(
    ("age", "growth", "margin", "stage"),
    [
        (2.99, -0.5, -0.2, "startup"),  # youth is asked first
        (3.0, 0.5, 0.1, "growth"),
        (3.0, 0.1, 0.1, "growth"),  # the limit belongs to growth
        (3.0, 0.0999, 0.1, "mature"),
        (3.0, -0.1, 0.1, "mature"),  # down by a tenth exactly is still steady
        (3.0, -0.1001, 0.1, "decline"),
        (3.0, -0.05, -0.01, "decline"),  # a small fall with a loss
        (3.0, 0.0, -0.01, "mature"),  # a loss without a fall
        (3.0, -0.05, NAN, "mature"),  # the row that asks for the margin is passed over
        (NAN, 0.2, NAN, "growth"),  # the row that asks for the age is passed over
        (3.0, NAN, 0.1, "unclassified"),
        (NAN, NAN, NAN, "unclassified"),
        (1.0, NAN, NAN, "startup"),
    ],
)
def test_the_first_row_that_fits_decides(age: float, growth: float, margin: float, stage: str) -> None:
    assert by_rule(age, growth, margin) == stage


def test_a_condition_nobody_knows_is_refused() -> None:
    nobody = pd.Series(dtype=float)
    with pytest.raises(DataError) as refusal:
        stage_by_rule(nobody, nobody, nobody, [{"id": "rich", "stage": "mature", "assets_from": 1e9}])
    assert str(refusal.value) == (
        "stages.toml: the row 'rich' asks for assets_from. "
        "Conditions are age_below, growth_below, growth_from, margin_below."
    )


def test_the_stage_the_bank_gives_wins_over_the_rule(tmp_path: Path) -> None:
    clients = client_rows("A", "B", stage={"A": "mature", "B": None}, founded="2026-01-01")
    found = client_stages(tiny_portfolio(tmp_path, {"clients": clients}))
    assert isinstance(found, Stages)
    assert found.origin == "given"
    assert found.codes.to_dict() == {"A": "mature", "B": "unclassified"}


def test_without_a_column_the_rule_reads_age_and_statements(tmp_path: Path) -> None:
    # A is young; B grew from 80 to 100 (25 %); C has neither age nor statements
    clients = client_rows("A", "B", "C", founded={"A": "2025-01-01", "B": "2000-01-01", "C": None})
    statements = rows("client_id year revenue profit", ("B", 2024, 80.0, 1.0), ("B", 2025, 100.0, 1.0))
    found = client_stages(tiny_portfolio(tmp_path, {"clients": clients, "financials": statements}))
    assert isinstance(found, Stages)
    assert found.origin == "rule"
    assert found.codes.to_dict() == {"A": "startup", "B": "growth", "C": "unclassified"}
    assert found.n_sure == 1


def test_nothing_to_tell_a_stage_by_says_so(tmp_path: Path) -> None:
    found = client_stages(tiny_portfolio(tmp_path, {"clients": client_rows("A", "B")}))
    assert isinstance(found, Unavailable)
    assert found.reason.en == "the source gives no stage, nor founding days and statements to tell it by"


def a_year(n_moved: int) -> pd.DataFrame:
    """Twenty growing and twenty mature clients a year ago; some growing ones are mature now, one left, six are new."""
    then = {f"g{k:02d}": "growth" for k in range(20)} | {f"m{k:02d}": "mature" for k in range(20)}
    now = {id: "mature" if id in {f"g{k:02d}" for k in range(n_moved)} else stage for id, stage in then.items()}
    new = {f"n{k}": "startup" for k in range(6)}
    first = client_rows(*then, quarters=("2025Q3",), stage=then)
    last = client_rows(
        *now,
        *new,
        quarters=("2026Q3",),
        stage=now | new,
        status={i: "closed" if i == "m19" else "open" for i in now | new},
    )
    return pd.concat([first, last])


def test_a_year_of_transitions_adds_up_by_row_and_by_column(tmp_path: Path) -> None:
    found = stage_transition(tiny_portfolio(tmp_path, {"clients": a_year(7)}))
    assert isinstance(found, StageTransition)
    assert (str(found.start), str(found.end), found.origin) == ("2025Q3", "2026Q3", "given")
    counts = found.counts
    # growth: 13 stayed, 7 moved; mature: 19 stayed, 1 left (hidden, with what would give it away); 6 new start-ups
    assert counts.loc["growth", "total"] == 20
    assert counts.loc["mature", "total"] == 20
    assert counts.loc["new", "startup"] == 6
    assert counts.loc["total"].tolist() == [6, 13, 26, 1, 46]
    assert (found.n_stayed, found.n_moved) == (32, 7)
    assert np.isnan(counts.loc["mature", "left"])
    assert np.isnan(counts.drop(index="total", columns="total").to_numpy()).sum() >= 4  # two in a row, two in a column


def test_rows_add_up_where_nothing_is_hidden(tmp_path: Path) -> None:
    then = {f"g{k:02d}": "growth" for k in range(20)}
    now = {id: "mature" if int(id[1:]) < 8 else "growth" for id in then}
    clients = pd.concat(
        [client_rows(*then, quarters=("2025Q3",), stage=then), client_rows(*now, quarters=("2026Q3",), stage=now)]
    )
    found = stage_transition(tiny_portfolio(tmp_path, {"clients": clients}))
    assert isinstance(found, StageTransition)
    inner = found.counts.drop(index="total", columns="total")
    assert inner.sum(axis=1).tolist() == found.counts.drop(index="total")["total"].tolist()
    assert inner.sum(axis=0).tolist() == found.counts.drop(columns="total").loc["total"].tolist()
    assert found.n_moved == 8


def test_before_the_data_begin_there_is_nothing_to_compare(tmp_path: Path) -> None:
    found = stage_transition(tiny_portfolio(tmp_path, {"clients": client_rows("A", stage="growth")}))
    assert isinstance(found, Unavailable)
    assert found.reason.en == "the data begin in 2026Q2, so 2025Q3 cannot be compared"


def test_planted_stages_are_recovered_from_age_growth_and_margin() -> None:
    # 400 firms drawn inside the box of each stage; the rule must give every one its stage back
    rng = np.random.default_rng(1)
    boxes = {
        "startup": ((0, 2.9), (-0.5, 1.0), (-0.5, 0.5)),
        "growth": ((4, 40), (0.1, 2.0), (-0.5, 0.5)),
        "mature": ((4, 40), (-0.09, 0.09), (0.0, 0.5)),
        "decline": ((4, 40), (-0.9, -0.11), (-0.5, 0.5)),
    }
    for stage, sides in boxes.items():
        drawn = [pd.Series(rng.uniform(low, high, 100)) for low, high in sides]
        assert set(stage_by_rule(*drawn, load_policy().table("stage_rule"))) == {stage}
    assert date(2026, 1, 1) == load_policy().about("stage_rule").valid_from


def test_a_stage_of_few_clients_is_merged_so_that_no_total_shows_it(tmp_path: Path) -> None:
    # three declining clients are too few; the start-ups, the next smallest, join them
    stage = (
        {f"g{k:02d}": "growth" for k in range(20)}
        | {f"s{k}": "startup" for k in range(6)}
        | {f"d{k}": "decline" for k in range(3)}
    )
    clients = client_rows(*stage, quarters=("2025Q3", "2026Q3"), stage=stage)
    found = stage_transition(tiny_portfolio(tmp_path, {"clients": clients}))
    assert isinstance(found, StageTransition)
    assert found.counts.index.tolist() == ["growth", "merged", "new", "total"]
    assert found.counts["total"].tolist() == [20, 9, 0, 29]
    assert (found.n_stayed, found.n_moved) == (29, 0)
