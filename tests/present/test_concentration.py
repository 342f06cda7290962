"""On how few clients an amount hangs: the claim follows the interval; losses and empty books give reasons, not NaN."""

from typing import Any

import pandas as pd
import pytest

from analysis.core.blocks import Figure, Missing, Ref, Table
from analysis.core.estimate import Estimate, Unavailable
from analysis.core.quarter import Quarter
from analysis.core.text import Text
from analysis.portrait import Group, Pareto, ParetoCuts, TopShare, pareto
from analysis.present.concentration import pareto_blocks, pareto_figure, pareto_refs, pareto_table
from tests.present.prose import CNY, GONE, cell, en, fact_ids, keeps_the_promises, value, zh

HOW = Text("自助法", "bootstrap")
BASE = "10_describe_clients.pareto.contribution"


def concentration(**replaced: Any) -> Pareto:
    """100 clients of whom the top 20 bring 78 % (75–81 %) and 23 are enough for 80 %."""
    known: dict[str, Any] = {
        "unit": "money",
        "n_clients": 100,
        "n_missing": 0,
        "total": 1e9,
        "fraction": 0.2,
        "target": 0.8,
        "top_share": Estimate(0.78, 0.75, 0.81, 100, "ratio", HOW),
        "gini": Estimate(0.7, 0.65, 0.75, 100, "index", HOW),
        "clients_for_target": Estimate(0.23, 0.2, 0.26, 100, "ratio", HOW),
        "n_for_target": 23,
        "negative_share": 0.0,
        "negative_total": 0.0,
        "peak": Estimate(1.0, 1.0, 1.0, 100, "ratio", HOW),
        "peak_clients": 1.0,
        "top_n": (TopShare(5, 0.3),),
        "curve": pd.DataFrame({"clients_share": [0.0, 0.2, 1.0], "total_share": [0.0, 0.78, 1.0]}),
    }
    return Pareto(**known | replaced)


@pytest.mark.parametrize(
    ("low", "high", "words"),
    [
        (0.75, 0.85, Text("与“二八”之说相符", "in line with the eighty–twenty claim")),
        (0.75, 0.79, Text("没有“二八”之说那么集中", "less concentrated than the eighty–twenty claim")),
        (0.81, 0.85, Text("比“二八”之说更集中", "more concentrated than the eighty–twenty claim")),
    ],
)
def test_the_claim_follows_the_interval(low: float, high: float, words: Text) -> None:
    middle = (low + high) / 2
    figure = pareto_figure(
        concentration(top_share=Estimate(middle, low, high, 100, "ratio", HOW)), "contribution", currency=CNY
    )
    assert isinstance(figure, Figure)
    assert zh(figure.finding).endswith(words.zh)
    assert en(figure.finding).endswith(words.en)
    assert figure.id == "pareto_contribution_figure"
    assert keeps_the_promises(figure)


def test_numbers_of_five_clients_by_hand() -> None:
    # 80 + 4 × 5 = 100: the top fifth is one client with 80 %. Gini = 2(1·5 + 2·5 + 3·5 + 4·5 + 5·80) ÷ (5 · 100) − 6/5
    # = 900 ÷ 500 − 1.2 = 0.6. Nobody is below zero: no rows of losses; five clients are too few for a top list
    table = pareto_table(pareto([5, 5, 80, 5, 5], seed=1), "contribution", currency=CNY)
    assert [value(row.cells["value"]) for row in table.rows] == [100.0, 5, 0.8, 0.2, 0.6]
    assert [one for one in fact_ids(table) if not one.endswith(("_low", "_high"))] == [
        f"{BASE}.{name}" for name in ("total", "n_clients", "top_share", "clients_for_target", "gini")
    ]
    assert cell(table, 0, "low") == Missing(Text("全体数，无区间", "a count of all clients, no interval"))
    assert table.id == "pareto_contribution"


def test_clients_below_zero_add_the_peak_and_the_losses() -> None:
    # ten times 90 + 20 + 10 + 10 − 10 − 20 = 100: a third of clients lose 300 of 1,000 and the curve peaks at 130 %
    table = pareto_table(pareto([90, 20, 10, 10, -10, -20] * 10, seed=1), "contribution", currency=CNY)
    by_id = {one.fact.id: one.fact.value for row in table.rows if isinstance(one := row.cells["value"], Ref)}
    assert by_id[f"{BASE}.negative_share"] == pytest.approx(1 / 3)
    assert by_id[f"{BASE}.negative_total"] == -300.0
    assert by_id[f"{BASE}.peak"] == pytest.approx(1.3)


def test_the_largest_clients_stand_at_the_end_without_names() -> None:
    table = pareto_table(concentration(), "contribution", currency=CNY)
    assert cell(table, -1, "item") == Text("最大 5 户占比", "Largest 5: share")
    assert value(cell(table, -1, "value")) == 0.3
    assert keeps_the_promises(table)


def test_a_book_that_loses_money_has_a_reason_for_each_share_and_still_its_total() -> None:
    figure, table = pareto_blocks(pareto([-5.0] * 9 + [10.0], seed=1), "contribution", currency=CNY)
    reason = Text("合计不为正，无法计算占比", "the total is not positive, so shares have no meaning")
    assert figure == Unavailable(reason)
    assert isinstance(table, Table)
    assert [value(cell(table, row, "value")) for row in (0, 1)] == [-35.0, 10]
    assert [cell(table, row, "value") for row in (2, 3, 4)] == [Missing(reason)] * 3


def test_no_client_or_no_measure_is_said_once() -> None:
    assert pareto_blocks(pareto([], seed=1), "", currency=CNY) == (
        Unavailable(Text("没有客户", "there are no clients")),
    )


def test_one_client_has_no_concentration() -> None:
    figure, table = pareto_blocks(pareto([7.0], seed=1), "contribution", currency=CNY)
    assert figure == Unavailable(
        Text("只有一个客户，集中度没有意义", "there is only one client, so concentration has no meaning")
    )
    assert isinstance(table, Table)


def test_a_share_that_is_unavailable_draws_no_figure() -> None:
    assert pareto_figure(concentration(top_share=GONE), "contribution", currency=CNY) is GONE


def test_the_numbers_of_prose_are_the_share_its_interval_and_the_fraction() -> None:
    assert {name: one.fact.value for name, one in pareto_refs(concentration(), "contribution").items()} == {
        "fraction": 0.2,
        "share": 0.78,
        "low": 0.75,
        "high": 0.81,
    }


def test_the_share_over_time_and_by_class_stands_in_the_table_behind_the_curve() -> None:
    few = Unavailable(Text("太少", "too few"))
    large, micro = (Group(code, Text(code, code), "group", 30, (code,)) for code in "LX")
    cuts = ParetoCuts(0.2, {Quarter("2025Q3"): 0.7}, "size_class", ((large, 0.6), (micro, few)))
    found = pareto([50, 30, *[2.5] * 8], seed=1)
    (figure,) = pareto_blocks(found, "contribution", currency=CNY, cuts=cuts)
    assert isinstance(figure, Figure)
    rows = figure.behind.rows[-3:]
    assert [row.cells["item"] for row in rows] == [
        Text("前列客户占比，2025Q3", "Share of the top clients, 2025Q3"),
        Text("前列客户占比：L内部", "Share of the top clients, L alone"),
        Text("前列客户占比：X内部", "Share of the top clients, X alone"),
    ]
    assert [value(row.cells["value"]) for row in rows[:2]] == [0.7, 0.6]
    assert rows[2].cells["value"] == Missing(few.reason)
