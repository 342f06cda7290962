"""Demand of the next two quarters: methods by hand, the test of the past, and no claim on a random walk."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.core.estimate import Unavailable
from analysis.core.quarter import Quarter
from analysis.core.text import Text
from analysis.portrait.grouping import Group
from analysis.portrait.needs import Forecast, NeedRecords, forecast_demand, need_records
from analysis.portrait.needs.demand import forecast_series
from tests.builders import client_rows, tiny_portfolio
from tests.portrait.needs.builders import need_rows

LAST = Quarter("2026Q3")


def _series(values: np.ndarray) -> Forecast | Unavailable:
    labels = [quarter.label for quarter in LAST.trailing(values.shape[1])]
    codes = [f"g{k}" for k in range(len(values))]
    frame = pd.DataFrame(values.astype(float), index=codes, columns=labels)
    groups = tuple(Group(code, Text(code, code), "group", 10, (code,)) for code in codes)
    return forecast_series(frame, groups, LAST, seed=1)


def _found(values: np.ndarray) -> Forecast:
    found = _series(values)
    assert isinstance(found, Forecast)
    return found


def test_a_clean_season_is_forecast_by_last_year() -> None:
    # 10, 40, 20, 30 again and again: last year is right, the mean of 25 is not
    found = _found(np.tile([10, 40, 20, 30], (2, 3)))
    assert found.error["season"] == 0
    assert found.used == "season"
    assert found.naive == "season"
    assert found.groups[0].expected == (10.0, 40.0)
    assert [str(quarter) for quarter in found.quarters] == ["2026Q4", "2027Q1"]


def test_errors_by_hand() -> None:
    # one group, eight quarters; origins after 5, 6, 7 quarters: 2 + 2 + 1 = 5 tests
    values = np.array([[10, 12, 14, 16, 18, 20, 22, 24]])
    found = _found(values)
    # last: 18 → 20, 22 (2, 4); 20 → 22, 24 (2, 4); 22 → 24 (2): mean 14/5 over the mean of what came 112/5
    assert found.error["last"] == pytest.approx(14 / 112)
    # season: 12, 14 → 20, 22 (8, 8); 14, 16 → 22, 24 (8, 8); 16 → 24 (8)
    assert found.error["season"] == pytest.approx(40 / 112)
    # mean of 12, 14, 16, 18 = 15 → 20, 22 (5, 7); 17 → 22, 24 (5, 7); 19 → 24 (5)
    assert found.error["level"] == pytest.approx(29 / 112)
    assert (found.naive, found.used, found.n_tests) == ("last", "last", 5)
    assert not found.is_better


def test_noise_around_a_level_is_best_forecast_by_its_mean() -> None:
    found = _found(np.random.default_rng(1).poisson(100, (12, 12)))
    assert found.is_better
    assert found.used == "level"


def test_on_a_random_walk_the_mean_is_no_better_than_naive() -> None:
    claims = 0
    for seed in range(30):
        steps = np.random.default_rng(seed).normal(0, 10, (6, 12))
        claims += _found(np.maximum(200 + steps.cumsum(axis=1), 0)).is_better
    assert claims <= 2


def test_intervals_cover_at_their_level() -> None:
    # level series of 8 groups: over 40 samples the 80 % interval, made from earlier errors only, should hold 80 %
    covered, n = 0.0, 0
    for seed in range(40):
        found = _found(np.random.default_rng(seed).poisson(80, (8, 12)))
        assert isinstance(found.coverage, float)
        covered += found.coverage * found.n_covered
        n += found.n_covered
    assert 0.75 < covered / n < 0.86


def test_what_comes_later_changes_no_earlier_test() -> None:
    values = np.random.default_rng(3).poisson(50, (3, 12))
    early = _found(values[:, :10])
    changed = values.copy()
    changed[:, 10:] = 999
    assert _found(changed[:, :10]).error == early.error


def test_too_short_or_empty_gives_a_reason() -> None:
    short, empty = _series(np.ones((2, 7))), _series(np.zeros((2, 9)))
    assert isinstance(short, Unavailable)
    assert isinstance(empty, Unavailable)
    assert short.reason.en == "fewer than eight quarters of history, so a forecast cannot be tested"
    assert empty.reason.en == "no need was recorded in these quarters"


def test_counts_are_those_of_the_records(tmp_path: Path) -> None:
    ids = tuple(f"C{k}" for k in range(10))
    lines = [
        (ids[k % 10], "payroll", "manager", f"{quarter.end.isoformat()}")
        for quarter in LAST.trailing(9)
        for k in range(6 + quarter.number)
    ]
    clients = client_rows(*ids, quarters=("2024Q3", "2026Q3"), ownership="private")
    portfolio = tiny_portfolio(tmp_path, {"clients": clients, "needs": need_rows(*lines)})
    records = need_records(portfolio)
    assert isinstance(records, NeedRecords)
    found = forecast_demand(portfolio, records, by="ownership", seed=1)
    assert isinstance(found, Forecast)
    # nine records in the third quarter, ten in the fourth; a client and need a day is one record
    assert found.series.loc["private", ["2025Q3", "2025Q4", "2026Q3"]].tolist() == [9, 10, 9]
    assert found.series.to_numpy().sum() == len(records.frame)
