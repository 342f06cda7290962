"""The present tiering of the demo bank: a written rule, overrides, and a re-tiering in which nothing grew."""

from collections.abc import Callable
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import pytest

from analysis.intake.policy import load_policy
from analysis.intake.sources.demo import DemoParameters
from analysis.intake.sources.demo.tiering import (
    MEASURED_BEFORE,
    REVIEW_QUARTER,
    STANDARDS,
    TIERS,
    cuts_at,
    review_of,
    rungs,
)

DemoBank = Callable[[DemoParameters], Path]
DEFAULT = DemoParameters()


def test_the_written_standard_of_the_policy_is_the_one_the_tiers_were_set_by() -> None:
    policy = load_policy()
    rows = policy.table("tier_standard")
    for valid_from, cuts in STANDARDS:
        mine = [row for row in rows if row["valid_from"] == valid_from]
        assert [(row["tier"], row["from"]) for row in mine] == list(zip(TIERS, (*cuts, 0), strict=True))
        assert {row["measure"] for row in mine} == {"deposit_avg + loan_avg"}
    assert len(rows) == len(TIERS) * len(STANDARDS)
    assert policy.number("tier_measured_before") == MEASURED_BEFORE
    assert policy.number("tier_review_quarter") == REVIEW_QUARTER


def test_a_rung_starts_at_its_cut_point() -> None:
    measured = np.array([80e6, 79_999_999.99, 2e6, 99_999.99, 0.0])
    assert rungs(measured, STANDARDS[0][1]).tolist() == [0, 1, 2, 4, 4]


def test_reviews_are_held_in_first_quarters_and_the_second_standard_comes_in_the_tenth_of_twelve() -> None:
    # 2023Q4 is quarter 0, so the first quarters of 2024, 2025 and 2026 are 1, 5 and 9
    assert [review_of(DEFAULT, quarter) for quarter in range(12)] == [-3, 1, 1, 1, 1, 5, 5, 5, 5, 9, 9, 9]
    assert [cuts_at(DEFAULT, review) == STANDARDS[1][1] for review in (-3, 1, 5, 9)] == [False, False, False, True]


@pytest.fixture(scope="module")
def checked(demo_bank: DemoBank) -> pd.DataFrame:
    """Tier in force at the end, and the amount that the written rule measures, from the tables alone."""
    folder = demo_bank(DEFAULT)
    return duckdb.sql(f"""
        with measured as (
          select client_id, sum(balance_avg::double * day(month)) / 91 as amount from '{folder}/positions.parquet'
          where (product like 'deposit_%' or product like 'loan_%') and month between '2024-01-31' and '2024-03-31'
          group by 1)
        select n.client_id, n.tier, coalesce(amount, 0) as amount from '{folder}/clients.parquet' n
        left join measured using (client_id) where n.quarter = '2026Q3' and n.status <> 'closed'""").df()


def test_nine_tenths_of_the_tiers_follow_the_written_rule_from_the_tables_alone(checked: pd.DataFrame) -> None:
    # 11 % are overridden by hand; 31 + 29 + 31 = 91 days of the first quarter of 2024 are measured
    rule = np.array(TIERS)[rungs(checked["amount"].to_numpy(), STANDARDS[1][1])]
    off = (checked["tier"] != rule).mean()
    assert off == pytest.approx(0.11, abs=0.015)
    distance = checked["tier"].str[1].astype(int) - pd.Series(rule).str[1].astype(int)
    assert distance.abs().max() == 1


@pytest.mark.parametrize("seed", [DEFAULT.seed, 1, 2, 3, 4])
def test_the_re_tiering_moves_a_fifth_of_the_clients_and_nearly_all_of_them_up(demo_bank: DemoBank, seed: int) -> None:
    clients = f"from '{demo_bank(DemoParameters(seed=seed))}/clients.parquet'"
    step = duckdb.sql(f"""
        select b.tier[2]::int - a.tier[2]::int as step from ({clients} where quarter = '2025Q4') b
        join ({clients} where quarter = '2026Q1' and status <> 'closed') a using (client_id)""").df()["step"]
    assert 0.19 < (step != 0).mean() < 0.25
    assert (step > 0).sum() / (step != 0).sum() > 0.93
