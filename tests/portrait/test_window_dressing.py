"""Deposits at the quarter's end beside their average, by hand."""

import dataclasses
from pathlib import Path

import pytest

from analysis.core.errors import ParameterError
from analysis.core.estimate import Unavailable
from analysis.core.quarter import Quarter
from analysis.core.text import Text
from analysis.intake.portfolio import Portfolio
from analysis.portrait.window_dressing import WindowDressing, window_dressing
from tests.builders import client_rows, rows, tiny_portfolio


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Portfolio:
    """Five clients of T1 with a quiet book, two of T2 that double it for the day."""
    ids = [f"c{k}" for k in range(7)]
    clients = client_rows(*ids, quarters=("2025Q3", "2026Q3"), tier={id: "T1" if id < "c5" else "T2" for id in ids})
    lines = []
    for id in ids:
        for year, level in (("2025", 1e6), ("2026", 1.2e6)):
            end = level if id < "c5" or year == "2025" else 2 * level
            lines += [(id, f"{year}-{month}", "deposit_demand", level, end) for month in ("07-31", "08-31", "09-30")]
    return tiny_portfolio(
        tmp_path_factory.mktemp("dressing"),
        {"clients": clients, "positions": rows("client_id month product balance_avg balance_end", *lines)},
    )


def found_of(result: WindowDressing | Unavailable) -> WindowDressing:
    assert isinstance(result, WindowDressing)
    return result


def test_point_in_time_growth_stands_beside_the_average_and_the_gap(bank: Portfolio) -> None:
    found = found_of(window_dressing(bank))
    quiet, loud = found.rows
    assert (quiet.end_growth, quiet.average_growth, quiet.gap, quiet.gap_change) == pytest.approx((0.2, 0.2, 0.0, 0.0))
    # 1 million → 2.4 at the day, 1.2 on average: the day doubles the average
    assert (loud.end_growth, loud.average_growth, loud.gap, loud.gap_change) == pytest.approx((1.4, 0.2, 1.0, 1.0))
    # two clients of T2 are too few; T1 alone would give them away
    assert [row.is_hidden for row in found.rows] == [True, True]
    assert not found.total.is_hidden
    # 5 × 1.2 + 2 × 2.4 = 10.8 over 8.4 million
    assert found.total.gap == pytest.approx(2.4 / 8.4)


def test_the_month_end_deviation_stands_beside_its_ceiling(bank: Portfolio) -> None:
    found = found_of(window_dressing(bank))
    assert found.deviation == pytest.approx(2.4 / 8.4)
    assert (found.limit, found.is_over) == (0.04, True)


def test_short_history_an_opening_without_a_meaning_and_a_missing_table_are_told(
    bank: Portfolio, tmp_path: Path
) -> None:
    late = dataclasses.replace(bank, first_quarter=Quarter("2026Q1"))
    assert window_dressing(late) == Unavailable(
        Text("历史数据自 2026Q1 起，不足以计算", "the data start in 2026Q1, too late for this")
    )
    with pytest.raises(
        ParameterError, match=r"^DEP_ADB \(Average daily deposits\) has no comparison of 2026Q3 with 2025Q4\."
    ):
        window_dressing(bank, start=Quarter("2025Q4"))
    bare = tiny_portfolio(tmp_path, {"clients": client_rows("A", quarters=("2025Q3", "2026Q3"), tier="T1")})
    assert window_dressing(bare) == Unavailable(Text("缺少数据表：产品持有（positions）", "needs the table positions"))
