"""Potential: its parts by hand, its groups, and whether later growth bears them out."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.core.estimate import Estimate, Unavailable
from analysis.core.quarter import Quarter
from analysis.core.text import Text
from analysis.portrait import back_test, measure_potential, resampling
from analysis.portrait.growth import growth_of_two_years, symmetric_growth
from analysis.portrait.potential import OWN_INDUSTRY, BackTest, Potential, compare_growth
from tests.builders import client_rows, rows, tiny_portfolio
from tests.portrait.value_bank import value_bank

START = Quarter("2025Q3")


@pytest.fixture(autouse=True)
def few_resamples(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resampling, "N_RESAMPLES", 150)


def test_growth_of_two_years_by_hand(tmp_path: Path) -> None:
    # 100 for four quarters, then 300: (300 − 100) ÷ 200 = 1; steady: 0; gone: −2; here for five quarters only: unknown
    steady = [100.0] * 8
    late = [np.nan] * 3 + [100.0] * 5
    bank = value_bank(tmp_path, np.array([[100.0] * 4 + [300.0] * 4, steady, [100.0] * 4 + [0.0] * 4, late]))
    found = growth_of_two_years(bank)
    assert not isinstance(found, Unavailable)
    # a quarter's average weighs its months by days, so averages of equal months are those months up to rounding
    assert found.iloc[:3].tolist() == pytest.approx([1.0, 0.0, -2.0], abs=1e-6)
    assert np.isnan(found["C03"])


def test_growth_is_bounded_and_symmetric() -> None:
    before, after = pd.Series([0.0, 5.0, 1.0]), pd.Series([5.0, 0.0, 3.0])
    assert symmetric_growth(before, after).tolist() == [2.0, -2.0, 1.0]
    assert (symmetric_growth(before, after) == -symmetric_growth(after, before)).all()


def test_a_short_history_cannot_compare_two_years(tmp_path: Path) -> None:
    found = growth_of_two_years(value_bank(tmp_path, np.ones((3, 5))))
    assert isinstance(found, Unavailable)
    assert found.reason.en == "less than eight quarters of history, so two years cannot be compared"


def _potential(found: Potential | Unavailable) -> Potential:
    assert isinstance(found, Potential)
    return found


def test_room_and_synergy_count_families_by_hand(tmp_path: Path) -> None:
    # four alike clients; all hold settlement. C00 and C01 are a group: C01 also payroll, wealth. The upper quartile of
    # (1, 3, 1, 1) families is 1.5: room 0.5 for those with one, none for C01. Synergy: C00 lacks 2 of its group's
    bank = value_bank(
        tmp_path,
        np.full((4, 8), 1e5),
        columns={"group_id": ["g", "g", None, None]},
        products={1: ("payroll", "wealth")},
    )
    found = _potential(measure_potential(bank))
    assert found.scores["product_room"].to_dict() == {"C00": 0.25, "C01": 0.0, "C02": 0.25, "C03": 0.25}
    assert found.scores["synergy"].to_dict() == {"C00": 0.75, "C01": 0.0, "C02": 0.0, "C03": 0.0}


def test_industry_outlook_comes_from_the_table_else_from_our_own_book(tmp_path: Path) -> None:
    level = np.full((4, 8), 1e5)
    level[2:, -1] = 3e5  # the clients of industry F grew
    columns: dict[str, list[str | None]] = {"industry": ["C", "C", "F", "F"]}
    own = _potential(measure_potential(value_bank(tmp_path, level, columns=columns)))
    assert OWN_INDUSTRY in own.cautions
    assert own.scores["industry"].tolist() == [0.0, 0.0, 0.5, 0.5]
    outlook = rows("industry quarter outlook", ("C", "2026Q3", 80.0), ("F", "2026Q2", 90.0), ("F", "2026Q3", 20.0))
    given = _potential(measure_potential(value_bank(tmp_path, level, columns=columns, tables={"industries": outlook})))
    assert OWN_INDUSTRY not in given.cautions
    assert given.scores["industry"].tolist() == [0.5, 0.5, 0.0, 0.0]


def test_nothing_later_than_the_quarter_enters(tmp_path: Path) -> None:
    rng = np.random.default_rng(2)
    level = np.exp(rng.normal(12, 1, size=(25, 12)))
    later = level.copy()
    later[:, -4:] *= rng.uniform(0.1, 9, size=(25, 4))
    then = [_potential(measure_potential(value_bank(tmp_path, b).at("2025Q3"))) for b in (level, later)]
    assert then[0].total.tolist() == then[1].total.tolist()


def test_a_source_without_anything_has_no_potential(tmp_path: Path) -> None:
    found = measure_potential(tiny_portfolio(tmp_path, {"clients": client_rows("A")}))
    assert isinstance(found, Unavailable)
    assert found.reason.en == "the source lacks what tells potential"


# --- the test on later growth ---------------------------------------------------------------------------------------


def _compared(growth: np.ndarray, groups: list[str], baseline: list[str], seed: int = 1) -> BackTest:
    index = pd.RangeIndex(len(growth)).astype(str)
    return compare_growth(
        pd.Series(growth, index=index),
        pd.Series(groups, index=index, dtype=object),
        pd.Series(baseline, index=index, dtype=object),
        names=["high", "low"],
        start=START,
        seed=seed,
    )


def test_differences_by_hand() -> None:
    # high: 0.3, 0.5; low: 0.1, −0.1. Difference 0.4 − 0.0. By past growth: (0.3, 0.1) against (0.5, −0.1): 0.0
    found = _compared(np.array([0.3, 0.5, 0.1, -0.1] * 20), ["high", "high", "low", "low"] * 20, ["high", "low"] * 40)
    assert isinstance(found.difference, Estimate)
    assert isinstance(found.baseline, Estimate)
    assert isinstance(found.advantage, Estimate)
    assert found.difference.estimate == pytest.approx(0.4)
    assert found.baseline.estimate == pytest.approx(0.0)
    assert found.advantage.estimate == pytest.approx(0.4)
    assert found.judgement == "confirmed"
    assert found.n_clients == 80


def test_groups_made_at_random_show_a_difference_at_about_the_nominal_rate() -> None:
    rng = np.random.default_rng(9)
    alarms = 0
    for trial in range(60):
        groups = list(rng.choice(["high", "low"], size=120))
        alarms += _compared(rng.normal(0, 1, 120), groups, groups, seed=trial).judgement != "no_difference"
    assert alarms / 60 <= 0.15  # 0.05 + 2.7 standard errors of 60 trials, and the bootstrap runs a little short


def test_the_interval_of_the_difference_covers_a_planted_one() -> None:
    rng = np.random.default_rng(10)
    hits = 0
    for trial in range(60):
        high = rng.random(150) < 0.5
        growth = rng.normal(0, 0.5, 150) + 0.2 * high
        names = list(np.where(high, "high", "low"))
        found = _compared(growth, names, names, seed=trial).difference
        assert isinstance(found, Estimate)
        hits += found.ci_low <= 0.2 <= found.ci_high
    assert hits / 60 >= 0.85


def test_a_planted_group_that_falls_behind_is_said_to_be_reversed() -> None:
    found = _compared(np.r_[np.full(30, -0.5), np.full(30, 0.5)], ["high"] * 30 + ["low"] * 30, ["high"] * 60)
    assert found.judgement == "reversed"
    assert isinstance(found.baseline, Unavailable)  # everybody in one group of the baseline


def test_planted_growth_is_found_on_a_bank(tmp_path: Path) -> None:
    # clients that grew before keep growing, the others stand still: groups by potential differ
    rng = np.random.default_rng(4)
    rate = np.where(np.arange(60) < 15, 0.2, 0.0)[:, None]
    level = 1e5 * np.exp(rate * np.arange(12)) * np.exp(rng.normal(0, 0.02, size=(60, 12)))
    found = back_test(value_bank(tmp_path, level), seed=1)
    assert isinstance(found, BackTest)
    assert found.start == START
    assert found.judgement == "confirmed"
    assert found.n_clients == 60


def test_a_history_that_is_too_short_is_said(tmp_path: Path) -> None:
    found = back_test(value_bank(tmp_path, np.ones((5, 8))), seed=1)
    assert isinstance(found, Unavailable)
    assert found.reason.en == "the history is too short to test the potential groups on later growth"
    assert found.reason == Text("历史不足，不能回测潜力分组", found.reason.en)
