"""The four basic features by size class: ratios, medians, mixes and cases by hand; what is missing is named."""

from math import exp, log
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.core.estimate import Estimate, Unavailable
from analysis.intake.policy import load_policy
from analysis.intake.portfolio import Portfolio
from analysis.portrait import BasicFeatures, Spread, basic_features, client_ratios
from analysis.portrait.basics import entropy
from analysis.portrait.statements import divided
from analysis.portrait.strength import strength
from tests.builders import client_rows, rows, tiny_portfolio

STATEMENT = (
    "client_id year assets liabilities equity current_assets current_liabilities revenue profit operating_cash_flow"
)


def by_class(found: object, indicator: str, group: str) -> Spread:
    assert isinstance(found, BasicFeatures)
    spread = found.spreads[indicator][group]
    assert isinstance(spread, Spread)
    return spread


def ten_factories(tmp_path: Path, **tables: pd.DataFrame) -> Portfolio:
    """Five large factories L0 … L4 and five micro ones X0 … X4 by the rule of 2017 (industry: staff and revenue)."""
    ids = [f"{size}{k}" for size in "LX" for k in range(5)]
    clients = client_rows(
        *ids,
        quarters=("2025Q3", "2026Q3"),
        industry="C",
        industry_division="34",
        staff={id: 1000.0 if id[0] == "L" else 5.0 for id in ids},
        revenue={id: 5e8 if id[0] == "L" else 1e6 for id in ids},
        assets={id: 1e9 if id[0] == "L" else 2e6 for id in ids},
    )
    return tiny_portfolio(tmp_path, {"clients": clients} | tables)


def test_the_ratios_of_a_statement_by_hand(tmp_path: Path) -> None:
    # 2025: leverage 60/100, current 30/20, cash 5/20, margin 8/80, turnover 80/100, growth (80 − 64)/64 = 0.25
    statements = rows(
        STATEMENT,
        ("L0", 2024, 90.0, 50.0, 40.0, 1.0, 1.0, 64.0, 1.0, 1.0),
        ("L0", 2025, 100.0, 60.0, 40.0, 30.0, 20.0, 80.0, 8.0, 5.0),
        ("L0", 2026, 999.0, 0.0, 999.0, 1.0, 1.0, 1.0, 1.0, 1.0),  # nobody has this one yet
        ("L1", 2022, 100.0, 60.0, 40.0, 30.0, 20.0, 80.0, 8.0, 5.0),  # too old
    )
    found = client_ratios(ten_factories(tmp_path, financials=statements))
    assert not isinstance(found, Unavailable)
    expected = {
        "leverage": 0.6,
        "current_ratio": 1.5,
        "cash_cover": 0.25,
        "margin": 0.1,
        "turnover": 0.8,
        "growth": 0.25,
    }
    assert found.loc["L0", list(expected)].to_dict() == pytest.approx(expected)
    assert found.loc["L0", ["year", "assets", "revenue", "equity"]].tolist() == [2025, 100, 80, 40]
    assert found.loc["L1"].isna().all()
    assert len(found) == 10


def test_a_denominator_that_is_zero_negative_or_missing_gives_no_ratio() -> None:
    found = divided(pd.Series([1.0, 1.0, 1.0, 1.0]), pd.Series([2.0, 0.0, -2.0, np.nan]))
    assert found.tolist()[0] == 0.5
    assert found.isna().tolist() == [False, True, True, True]


def test_liabilities_that_are_not_given_are_assets_less_equity(tmp_path: Path) -> None:
    found = client_ratios(
        ten_factories(tmp_path, financials=rows("client_id year assets equity", ("L0", 2025, 100.0, 30.0)))
    )
    assert not isinstance(found, Unavailable)
    assert found.loc["L0", "leverage"] == pytest.approx(0.7)


def test_medians_and_quartiles_by_class_with_the_clients_they_rest_on(tmp_path: Path) -> None:
    # large: assets 10, 20, 30, 40, 50: median 30, quartiles 20 and 40; only three micro firms hand in a statement
    given = [(f"L{k}", 2025, 10.0 * (k + 1), 5.0, 5.0) for k in range(5)] + [
        (f"X{k}", 2025, 1.0, 0.5, 0.5) for k in range(3)
    ]
    statements = rows("client_id year assets liabilities equity", *given)
    found = basic_features(ten_factories(tmp_path, financials=statements))
    assert by_class(found, "assets", "L") == Spread(5, 20.0, 30.0, 40.0)
    assert by_class(found, "assets", "all").n_clients == 8
    assert isinstance(found, BasicFeatures)
    few = found.spreads["assets"]["X"]
    assert isinstance(few, Unavailable)
    assert few.reason.en == "fewer clients with data than the disclosure limit"
    assert isinstance(found.median("assets", "X"), Unavailable)


def test_without_statements_size_is_read_from_the_register_and_capacity_for_risk_is_named_as_missing(
    tmp_path: Path,
) -> None:
    found = basic_features(ten_factories(tmp_path))
    assert isinstance(found, BasicFeatures)
    assert by_class(found, "assets", "L").median == 1e9
    assert [one.code for one in found.indicators] == ["assets", "revenue"]
    assert list(found.missing) == ["needs", "decision", "risk"]
    assert (
        found.missing["risk"].reason.en == "the source has no financial statements, so capacity for risk cannot be seen"
    )
    assert found.diversity == {}


def test_products_and_open_needs_are_counted_by_client_and_their_mix_has_an_effective_number(tmp_path: Path) -> None:
    # five large firms with two families each; open needs by kind 4 : 1 : 1
    positions = rows(
        "client_id month product balance_avg balance_end",
        *[(f"L{k}", "2026-09-30", "deposit_demand", 10.0, 10.0) for k in range(5)],
        *[(f"L{k}", "2026-09-30", "deposit_term", 10.0, 10.0) for k in range(5)],
    )
    needs = rows(
        "need_id client_id need opened closed",
        *[(f"n{k}", f"L{k}", "deposits", "2026-01-10", None) for k in range(4)],
        ("n4", "L4", "bill_finance", "2026-01-10", None),
        ("n5", "L4", "fx_risk", "2026-02-10", "2026-12-01"),  # closed after the quarter: still open then
        ("n6", "L4", "wealth_management", "2026-02-10", "2026-03-10"),  # closed before
        ("n7", "L0", "deposits", "2026-03-10", None),  # the same kind twice counts once
    )
    found = basic_features(ten_factories(tmp_path, positions=positions, needs=needs))
    assert isinstance(found, BasicFeatures)
    assert by_class(found, "n_families", "L").median == 2
    assert by_class(found, "n_families", "X").median == 0
    assert by_class(found, "n_needs", "L") == Spread(5, 1.0, 1.0, 1.0)
    # two families held equally: two effective kinds; needs 4 : 1 : 1 of 6
    assert found.diversity["products"]["L"] == pytest.approx(2.0)
    assert found.diversity["needs"]["L"] == pytest.approx(exp(-(4 / 6) * log(4 / 6) - 2 * (1 / 6) * log(1 / 6)))
    assert isinstance(found.diversity["needs"]["X"], Unavailable)


def test_cases_count_from_proposal_to_end_once_they_are_finished(tmp_path: Path) -> None:
    # two steps: 3 levels, 1 to 31 March = 30 days; unfinished cases, later and older ones do not count
    cases = rows(
        "case_id step_number client_id process step approval_level start until",
        *[
            line
            for k in range(5)
            for line in (
                (f"c{k}", 1, f"L{k}", "loan", "proposal", 1, "2026-03-01", "2026-03-10"),
                (f"c{k}", 2, f"L{k}", "loan", "approval", 3, "2026-03-10", "2026-03-31"),
            )
        ],
        ("open", 1, "L0", "loan", "proposal", 9, "2026-09-01", None),
        ("late", 1, "L1", "loan", "proposal", 9, "2026-09-01", "2026-10-15"),
        ("old", 1, "L2", "loan", "proposal", 9, "2024-09-01", "2024-10-15"),
    )
    found = basic_features(ten_factories(tmp_path, processes=cases))
    assert by_class(found, "approval_levels", "L") == Spread(5, 3.0, 3.0, 3.0)
    assert by_class(found, "approval_days", "L").median == 30.0


def test_the_entropy_of_a_mix_by_hand_and_at_its_limits() -> None:
    assert entropy([2, 1, 1]) == pytest.approx(0.5 * log(2) + 2 * 0.25 * log(4))
    assert entropy([7, 0, 0]) == 0.0
    assert entropy([3, 3, 3, 3]) == pytest.approx(log(4))
    assert isinstance(entropy([0, 0]), Unavailable)
    assert isinstance(entropy([]), Unavailable)


def test_one_client_has_no_portrait(tmp_path: Path) -> None:
    found = basic_features(tiny_portfolio(tmp_path, {"clients": client_rows("A")}))
    assert isinstance(found, Unavailable)


@pytest.mark.parametrize(
    ("equity", "margin", "grade"),
    [
        (0.5, 0.05, "strong"),  # the limits belong to the better grade
        (0.4999, 0.05, "middling"),
        (0.5, 0.0499, "middling"),
        (0.3, 0.0, "middling"),
        (0.2999, 0.2, "weak"),
        (0.9, -0.0001, "weak"),
    ],
)
def test_strength_by_equity_and_margin_whatever_the_size(equity: float, margin: float, grade: str) -> None:
    assert strength(pd.Series([equity]), pd.Series([margin]), load_policy()).tolist() == [grade]


def test_strength_needs_both_ratios_and_its_shares_add_up(tmp_path: Path) -> None:
    missing = strength(pd.Series([0.9, np.nan]), pd.Series([np.nan, 0.1]), load_policy())
    assert missing.isna().all()
    # five large firms: equity 60 % and margin 10 % in four, a loss in one: 80 % strong, 20 % weak
    given = [(f"L{k}", 2025, 100.0, 40.0, 60.0, 10.0, -1.0 if k == 4 else 1.0) for k in range(5)]
    statements = rows("client_id year assets liabilities equity revenue profit", *given)
    found = basic_features(ten_factories(tmp_path, financials=statements))
    assert isinstance(found, BasicFeatures)
    shares = {grade: found.strength[grade]["L"] for grade in ("strong", "middling", "weak")}
    assert [one.estimate for one in shares.values() if isinstance(one, Estimate)] == [0.8, 0.0, 0.2]
    assert isinstance(found.strength["strong"]["X"], Unavailable)
