"""Stages in words: the largest stage, who moved within a year, where the stage comes from."""

from pathlib import Path

import pandas as pd
import pytest

from analysis.core.blocks import Figure, Table
from analysis.core.estimate import Unavailable
from analysis.intake.portfolio import Portfolio
from analysis.portrait import Distribution, StageTransition, distribution, stage_transition
from analysis.present.stages import stage_blocks
from tests.builders import client_rows, rows, tiny_portfolio
from tests.present.prose import CNY, en, keeps_the_promises, value, zh


def bank(tmp_path: Path, n_moved: int) -> Portfolio:
    """Thirty growing and ten mature clients a year ago; some of the growing are mature now."""
    then = {f"g{k:02d}": "growth" for k in range(30)} | {f"m{k:02d}": "mature" for k in range(10)}
    now = {id: "mature" if id[0] == "g" and int(id[1:]) < n_moved else stage for id, stage in then.items()}
    clients = pd.concat(
        [client_rows(*then, quarters=("2025Q3",), stage=then), client_rows(*now, quarters=("2026Q3",), stage=now)]
    )
    positions = rows(
        "client_id month product balance_avg balance_end",
        *[(id, "2026-09-30", "deposit_demand", 92.0, 92.0) for id in now],
    )
    return tiny_portfolio(tmp_path, {"clients": clients, "positions": positions})


def figure_of(portfolio: Portfolio) -> Figure:
    (figure,) = stage_blocks(distribution(portfolio, "stage"), stage_transition(portfolio), currency=CNY)
    assert isinstance(figure, Figure)
    return figure


STAY = "一年来没有客户改变阶段", "no client changed stage within the year"
HARDLY = "一年来几乎没有客户改变阶段", "hardly a client changed stage within the year"


def share_moved(share: str) -> tuple[str, str]:
    return f"一年来 {share} 的老客户改变阶段", f"{share} of clients known for a year changed stage"


@pytest.mark.parametrize(
    ("n_moved", "largest", "moves"),
    [
        (0, ("成长客户最多，占 75.0%", "Growth clients are the most, 75.0%"), STAY),
        (3, ("成长客户最多，占 67.5%", "Growth clients are the most, 67.5%"), HARDLY),
        (10, ("成长客户最多，占 50.0%", "Growth clients are the most, 50.0%"), share_moved("25.0%")),
        (20, ("成熟客户最多，占 75.0%", "Mature clients are the most, 75.0%"), share_moved("50.0%")),
    ],
    ids=["nobody", "three", "ten", "twenty"],
)
def test_the_headline_turns_with_the_clients(
    tmp_path: Path, n_moved: int, largest: tuple[str, str], moves: tuple[str, str]
) -> None:
    figure = figure_of(bank(tmp_path, n_moved))
    assert zh(figure.finding) == f"{largest[0]}；{moves[0]}"
    assert en(figure.finding) == f"{largest[1]}; {moves[1]}"
    assert keeps_the_promises(figure)


def test_the_workbook_says_where_each_stage_came_from(tmp_path: Path) -> None:
    behind = figure_of(bank(tmp_path, 10)).behind
    assert behind.id == "by_stage"
    by_code = {row.cells["group"].en: row for row in behind.rows}  # type: ignore[union-attr]
    # mature now: 10 from growth, 10 from mature
    assert [by_code["mature"].cells[key] for key in ("from_growth", "from_mature", "from_new")] == [10, 10, 0]
    assert [by_code["growth"].cells[key] for key in ("from_growth", "from_mature", "from_new")] == [20, 0, 0]
    assert [by_code["Total"].cells[key] for key in ("from_growth", "from_mature", "from_new")] == [30, 10, 0]
    assert [by_code["left"].cells[key] for key in ("from_growth", "from_mature", "from_new")] == [0, 0, 0]
    assert value(by_code["Total"].cells["n_clients"]) == 40


def test_where_nothing_a_year_ago_is_known_the_table_stands_alone(tmp_path: Path) -> None:
    portfolio = tiny_portfolio(tmp_path, {"clients": client_rows(*"abcdefgh", stage="growth")})
    spread, moves = distribution(portfolio, "stage"), stage_transition(portfolio)
    assert isinstance(spread, Distribution)
    assert isinstance(moves, Unavailable)
    (table,) = stage_blocks(spread, moves, currency=CNY)
    assert isinstance(table, Table)
    assert not isinstance(moves, StageTransition)
