"""Regions in words: the most and the least active, whether sizes explain it, and the table alone without entries."""

from dataclasses import replace
from pathlib import Path

import pytest

from analysis.core.blocks import Figure, Missing, Table
from analysis.core.estimate import Unavailable
from analysis.core.text import Text
from analysis.metrics.units import MarketShare
from analysis.portrait import Activity, activity_by, distribution
from analysis.present.places import place_blocks
from tests.builders import client_rows, tiny_portfolio
from tests.portrait.test_activity import EAST, WEST, bank
from tests.present.prose import CNY, GONE, en, keeps_the_promises, value, zh


def active(tmp_path: Path, east: int, west: int) -> tuple[Activity, Figure]:
    entries = {f"e{k}": east for k in range(6)} | {f"w{k}": west for k in range(6)}
    portfolio = bank(tmp_path, entries, {id: EAST if id[0] == "e" else WEST for id in entries})
    found = activity_by(portfolio)
    assert isinstance(found, Activity)
    (figure,) = place_blocks(found, distribution(portfolio, "region"), GONE, currency=CNY)
    assert isinstance(figure, Figure)
    return found, figure


@pytest.mark.parametrize(("east", "west", "first"), [(30, 10, "Lanchuan"), (10, 30, "Lanyuan")])
def test_the_headline_names_the_most_and_the_least_active(tmp_path: Path, east: int, west: int, first: str) -> None:
    # 30 and 10 entries a month: indices 1.5 and 0.5, and all are of one size, so the gap stays
    _, figure = active(tmp_path, east, west)
    assert en(figure.finding).startswith(
        f"{first} is the most active this quarter, 1.50 times the bank's entries a client;"
    )
    assert en(figure.finding).endswith("the least, 0.50 times")
    assert "；调整规模结构后差距仍在。" in zh(figure.note)
    assert keeps_the_promises(figure)


def test_a_gap_of_sizes_is_called_one(tmp_path: Path) -> None:
    found, _ = active(tmp_path, 30, 10)
    level = replace(found, groups=tuple(replace(one, index_within_size=1.0) for one in found.groups))
    regions = {id: EAST if id < "g" else WEST for id in "abcdefghijkl"}
    portfolio = tiny_portfolio(tmp_path, {"clients": client_rows(*regions, region=regions)})
    spread = distribution(portfolio, "region")
    (figure,) = place_blocks(level, spread, GONE, currency=CNY)
    assert isinstance(figure, Figure)
    assert "The gap is mostly one of sizes." in en(figure.note)


def test_the_workbook_keeps_clients_and_money_beside_activity(tmp_path: Path) -> None:
    _, figure = active(tmp_path, 30, 10)
    assert figure.behind.id == "by_region"
    keys = [column.key for column in figure.behind.columns]
    assert keys == ["group", "n_clients", "share", "entries", "index", "adjusted", "months", "kinds"]
    total, *groups = figure.behind.rows
    assert value(total.cells["n_clients"]) == 12
    assert sorted(value(row.cells["index"]) for row in groups) == [0.5, 1.5]


def test_without_entries_clients_and_money_stand_alone(tmp_path: Path) -> None:
    portfolio = tiny_portfolio(tmp_path, {"clients": client_rows(*"abcdefgh", region=EAST)})
    found = activity_by(portfolio)
    assert isinstance(found, Unavailable)
    (table,) = place_blocks(found, distribution(portfolio, "region"), GONE, currency=CNY)
    assert isinstance(table, Table)


def test_our_share_of_a_region_s_markets_stands_in_the_workbook_with_its_source(tmp_path: Path) -> None:
    # deposits: 20 of 100 a year after 10 of 100: 20 %, up 10 points; loans above the whole market are refused
    found, figure = active(tmp_path, 30, 10)
    deposits = MarketShare(EAST, "deposits", 20.0, 100.0, 0.2, 0.1, 0.1, 0.0, "annual report")
    wrong = Unavailable(Text("数据有误", "wrong data"))
    loans = MarketShare(EAST, "loans", 200.0, 100.0, wrong, wrong, wrong, wrong, "annual report")
    regions = {id: EAST if id < "g" else WEST for id in "abcdefghijkl"}
    portfolio = tiny_portfolio(tmp_path, {"clients": client_rows(*regions, region=regions)})
    (drawn,) = place_blocks(found, distribution(portfolio, "region"), (deposits, loans), currency=CNY)
    assert isinstance(drawn, Figure)
    east = next(row for row in drawn.behind.rows if row.cells["group"] == Text(EAST, "Lanchuan"))
    assert value(east.cells["market_deposits"]) == 0.2
    assert east.cells["market_deposits_change"] == pytest.approx(0.1)
    assert east.cells["market_loans"] == Missing(wrong.reason)
    assert east.cells["market_source"] == "annual report"
    assert "market_deposits" not in [column.key for column in figure.behind.columns]
