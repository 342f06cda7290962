"""KPIs of movement by hand: who came, who left, who moved up, groups of connected clients, large exposures."""

from math import log
from pathlib import Path

import pandas as pd
import pytest

from analysis.core.estimate import Unavailable
from analysis.core.text import Text
from analysis.intake.portfolio import Portfolio
from analysis.metrics import measure, values_of
from analysis.metrics.measure import attribute
from tests.builders import client_rows, rows, tiny_portfolio

BEFORE = {"A": "T1", "B": "T1", "C": "T2", "D": "T2", "E": "T2", "F": None}
NOW = {"A": "T1", "B": "T2", "C": "T1", "D": "T3", "E": "T2", "F": "T1", "G": "T3"}


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Portfolio:
    """B and D move down, C up, A and E stay, F had no tier, G is new, E closes; A, B are a group and C, D."""
    groups = {"A": "g1", "B": "g1", "C": "g2", "D": "g2", "E": None, "F": None, "G": None}
    first = client_rows(*BEFORE, quarters=("2026Q2",), tier=BEFORE, group_id={k: groups[k] for k in BEFORE})
    second = client_rows(*NOW, quarters=("2026Q3",), tier=NOW, group_id=groups)
    second.loc[second["client_id"] == "E", "status"] = "closed"
    loans = [("A", 60.0), ("B", 30.0), ("C", 5.0), ("D", 5.0), ("F", 20.0)]
    positions = rows(
        "client_id month product balance_avg balance_end interest funds_amount fee direct_cost",
        *[(client, "2026-09-30", "loan_working", amount, amount, 0.0, 0.0, 0.0, 0.0) for client, amount in loans],
        ("A", "2026-06-30", "loan_working", 1.0, 1.0, 0.0, 0.0, 0.0, 0.0),
    )
    limits = rows(
        "client_id month credit_limit used acceptances guarantees cash_margin expiry",
        ("F", "2026-09-30", 100.0, 20.0, 30.0, 10.0, 15.0, "2027-06-30"),
        ("A", "2026-06-30", 100.0, 20.0, 0.0, 0.0, 0.0, "2027-06-30"),
    )
    figures = rows("quarter item value", ("2026Q3", "tier1_capital", 1000.0))
    tables = {"clients": pd.concat([first, second]), "positions": positions, "limits": limits, "bank": figures}
    return tiny_portfolio(tmp_path_factory.mktemp("movement"), tables)


def test_clients_that_came_and_left_make_the_change_of_their_number(bank: Portfolio) -> None:
    found = values_of(bank, ["NEWCLI", "LOSTCLI", "NETNEW", "NCLI"])
    assert found == {"NEWCLI": 1.0, "LOSTCLI": 1.0, "NETNEW": 0.0, "NCLI": 6.0}


def test_moving_up_and_down_is_told_of_the_clients_with_a_tier_at_the_opening(bank: Portfolio) -> None:
    # five had a tier; C up; B and D down; of the four still open three changed
    found = values_of(bank, ["UPR", "DNR", "LCHURN"])
    assert found == {"UPR": 1 / 5, "DNR": 2 / 5, "LCHURN": 3 / 4}


def test_by_tier_the_rates_are_those_of_the_tier_of_the_opening(bank: Portfolio) -> None:
    table = measure(bank, ["UPR", "DNR"], by=attribute(bank.previous, "tier"))
    found = table.set_index(["group", "code"])["value"]
    assert (found["T1", "UPR"], found["T1", "DNR"]) == (0.0, 1 / 2)
    assert (found["T2", "UPR"], found["T2", "DNR"]) == (1 / 3, 1 / 3)


def test_the_stability_of_the_mix_needs_every_tier_at_both_ends(bank: Portfolio) -> None:
    # T3 held nobody at the opening
    assert values_of(bank, ["PSI_SEG"])["PSI_SEG"] == Unavailable(
        Text("有层级只在一端有客户", "a tier holds clients at one end only")
    )


def test_the_stability_of_the_mix_by_hand(tmp_path: Path) -> None:
    # T1 1 of 4 → 2 of 4, T2 3 of 4 → 2 of 4
    before = client_rows("A", "B", "C", "D", quarters=("2026Q2",), tier={"A": "T1", "B": "T2", "C": "T2", "D": "T2"})
    now = client_rows("A", "B", "C", "D", quarters=("2026Q3",), tier={"A": "T1", "B": "T1", "C": "T2", "D": "T2"})
    portfolio = tiny_portfolio(tmp_path, {"clients": pd.concat([before, now])})
    expected = (0.5 - 0.25) * log(0.5 / 0.25) + (0.5 - 0.75) * log(0.5 / 0.75)
    assert values_of(portfolio, ["PSI_SEG"])["PSI_SEG"] == pytest.approx(expected)


def test_tiers_that_are_not_on_the_ladder_give_no_up_or_down(tmp_path: Path) -> None:
    portfolio = tiny_portfolio(tmp_path, {"clients": client_rows("A", "B", tier="gold")})
    assert values_of(portfolio, ["UPR"])["UPR"] == Unavailable(
        Text("2026Q3 没有客户在层级阶梯上", "no client stands on the ladder of tiers in 2026Q3")
    )


def test_the_first_quarter_has_no_movement(bank: Portfolio) -> None:
    reason = Text("历史数据自 2026Q2 起，不足以计算", "the data start in 2026Q2, too late for this")
    assert values_of(bank.previous, ["UPR", "NEWCLI", "PSI_SEG"]) == dict.fromkeys(
        ["UPR", "NEWCLI", "PSI_SEG"], Unavailable(reason)
    )


def test_a_group_counts_once_and_a_client_without_one_by_itself(bank: Portfolio) -> None:
    assert values_of(bank, ["NCLI", "NCLI_G"]) == {"NCLI": 6.0, "NCLI_G": 4.0}  # g1, g2, F, G; E is closed


def test_large_exposures_over_tier_1_capital(bank: Portfolio) -> None:
    # A 60, B 30, C 5, D 5, F 20 + 30 + 10 − 15 = 45; g1 together 90; over 2.5 % of 1,000: g1 and F
    found = values_of(bank, ["LEX_S", "LEX_G", "LEX_N"])
    assert found == {"LEX_S": 0.06, "LEX_G": 0.09, "LEX_N": 2.0}
    assert values_of(bank.previous, ["LEX_G"])["LEX_G"] == Unavailable(
        Text("全行指标缺少 tier1_capital（2026Q2）", "the bank table lacks tier1_capital in 2026Q2")
    )


def test_amounts_a_client_and_of_the_client_in_the_middle(bank: Portfolio) -> None:
    # 120 of loans over six clients; they hold 60, 30, 20, 5, 5 and nothing: (20 + 5) ÷ 2
    found = values_of(bank, ["PER_LOAN_EOP", "MED_LOAN_EOP"])
    assert found == {"PER_LOAN_EOP": 20.0, "MED_LOAN_EOP": 12.5}
