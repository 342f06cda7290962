"""Plans, markets, outlets and people by hand: completion and time elapsed, parts of a share, nobody at an outlet."""

from pathlib import Path

import pandas as pd
import pytest

from analysis.core.estimate import Unavailable
from analysis.core.text import Text
from analysis.intake.portfolio import Portfolio
from analysis.metrics import market_share, plan_completion, productivity
from analysis.metrics.units import NEVER_PLANNED, MarketShare
from tests.builders import client_rows, rows, tiny_portfolio

QUARTERS = ("2026Q1", "2026Q2", "2026Q3")


def bank(folder: Path, **tables: pd.DataFrame) -> Portfolio:
    """A at outlet o1 of branch north, B at o2 of branch south; fees of 10 and 20 a quarter, deposits in September."""
    clients = client_rows(
        "A", "B", quarters=QUARTERS, branch_id={"A": "north", "B": "south"}, outlet_id={"A": "o1", "B": "o2"}
    )
    fees = [
        (client, month, "settlement", 0.0, 0.0, 0.0, 0.0, fee)
        for client, fee in (("A", 10.0), ("B", 20.0))
        for month in ("2026-01-31", "2026-04-30", "2026-09-30")
    ]
    positions = rows(
        "client_id month product balance_avg balance_end interest funds_amount fee",
        *fees,
        ("A", "2026-09-30", "deposit_demand", 92.0, 92.0, 0.0, 0.0, 0.0),
        ("B", "2026-09-30", "deposit_demand", 184.0, 92.0, 0.0, 0.0, 0.0),
    )
    return tiny_portfolio(folder, {"clients": clients, "positions": positions} | tables)


def test_plans_stand_beside_what_was_reached_and_the_time_elapsed(tmp_path: Path) -> None:
    plans = rows(
        "unit quarter item target",
        ("bank", "2026Q1", "NETFEE", 100.0),
        ("bank", "2026Q2", "NETFEE", 120.0),  # raised in the second quarter: the one in force
        ("north", "2026Q1", "NETFEE", 30.0),
        ("o2", "2026Q1", "NCLI", 2.0),
        ("bank", "2026Q1", "DEP_EOP", 100.0),
        ("bank", "2026Q1", "FANCY", 1.0),
        ("west", "2026Q1", "NCLI", 1.0),
        ("bank", "2026Q1", "DEP_ADB", 0.0),
    )
    lines = plan_completion(bank(tmp_path, plans=plans))
    assert isinstance(lines, tuple)
    found = {(line.unit, line.code): line for line in lines}
    elapsed = (90 + 91 + 92) / 365
    whole = found["bank", "NETFEE"]
    # three quarters of 30 over 120, at 74.8 % of the year
    assert (whole.actual, whole.completion, whole.time_elapsed, whole.is_met) == (90.0, 0.75, elapsed, True)
    assert (found["north", "NETFEE"].completion, found["north", "NETFEE"].is_met) == (1.0, True)
    assert (found["o2", "NCLI"].completion, found["o2", "NCLI"].time_elapsed, found["o2", "NCLI"].is_met) == (
        0.5,
        None,
        False,
    )
    assert found["bank", "DEP_EOP"].completion == NEVER_PLANNED
    assert found["bank", "FANCY"].actual == Unavailable(
        Text("FANCY 不是可计算的指标", "FANCY is no KPI with a formula")
    )
    assert found["west", "NCLI"].actual == Unavailable(Text("没有客户属于 west", "no client belongs to west"))
    assert found["bank", "DEP_ADB"].completion == Unavailable(Text("分母为零：计划", "the denominator is zero: plan"))


def test_without_a_table_nothing_is_estimated(tmp_path: Path) -> None:
    portfolio = bank(tmp_path)
    names = {"plans": "计划", "markets": "市场总量", "outlets": "网点"}
    for name, found in (
        ("plans", plan_completion(portfolio)),
        ("markets", market_share(portfolio)),
        ("outlets", productivity(portfolio)),
    ):
        assert found == Unavailable(Text(f"缺少数据表：{names[name]}（{name}）", f"needs the table {name}"))


def test_a_market_share_and_the_parts_of_its_change(tmp_path: Path) -> None:
    markets = rows(
        "region product quarter amount own_amount source",
        ("core", "deposits", "2025Q3", 1000.0, 100.0, "bureau"),
        ("core", "deposits", "2026Q3", 1250.0, 150.0, "bureau"),
        ("core", "loans", "2026Q3", 100.0, 150.0, "bureau"),
        ("inland", "loans", "2026Q3", None, 150.0, "bureau"),
    )
    lines = market_share(bank(tmp_path, markets=markets))
    assert isinstance(lines, tuple)
    share, wrong, blank = lines
    # 10 % → 12 %: 50 more over 1,250 is +4 points, a larger market −2
    assert (share.share_before, share.share) == (0.1, 0.12)
    assert share.from_own == pytest.approx(0.04)
    assert share.from_market == pytest.approx(-0.02)
    assert share.source == "bureau"
    assert wrong.share == Unavailable(
        Text("本行总额大于市场总额，数据有误", "our amount is above the whole market: wrong data")
    )
    assert blank.share == Unavailable(Text("没有市场总额", "the market total is not given"))
    assert isinstance(blank, MarketShare)


def test_output_of_outlets_and_people(tmp_path: Path) -> None:
    outlets = rows(
        "outlet_id quarter branch_id region_tier staff_full_time",
        ("o1", "2026Q1", "north", "core", 9.0),
        ("o1", "2026Q3", "north", "core", 3.0),
        ("o2", "2026Q3", "south", "county", 0.0),
    )
    portfolio = bank(tmp_path, outlets=outlets)
    found = productivity(portfolio, by="branch_id")
    assert isinstance(found, tuple)
    north, south, total = found
    # deposits 92 × 30 ÷ 92 = 30 and 60, fees of the quarter 10 and 20
    assert north.values == {"DEP_OUT": 30.0, "INC_OUT": 10.0, "DEP_FTE": 10.0, "INC_FTE": 10 / 3}
    assert (south.n_outlets, south.values["DEP_OUT"]) == (1, 60.0)
    nobody = Unavailable(Text("分母为零：在岗人数", "the denominator is zero: full-time staff"))
    assert south.values["INC_FTE"] == nobody
    assert total.values == {"DEP_OUT": 45.0, "INC_OUT": 15.0, "DEP_FTE": 30.0, "INC_FTE": 10.0}


def test_staff_that_are_not_known_are_not_taken_for_none(tmp_path: Path) -> None:
    outlets = rows(
        "outlet_id quarter branch_id staff_full_time", ("o1", "2026Q3", "north", 3.0), ("o2", "2026Q3", "south", None)
    )
    found = productivity(bank(tmp_path, outlets=outlets))
    assert isinstance(found, tuple)
    assert found[0].values["DEP_FTE"] == Unavailable(
        Text("部分网点在岗人数缺失", "the staff of some outlets are not known")
    )
    assert found[0].values["DEP_OUT"] == 45.0
