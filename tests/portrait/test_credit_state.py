"""The credit state: each part by hand, the grade, what holds it down, what is not known."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.core.errors import DataError
from analysis.core.estimate import Unavailable
from analysis.intake.policy import load_policy
from analysis.intake.portfolio import Portfolio
from analysis.portrait import CreditStates, credit_states
from analysis.portrait.credit_state import CAPS, NOT_GRADED, grades_of, linear, operation_scores
from tests.builders import client_rows, rows, tiny_portfolio
from tests.portrait.test_scoring import policy_with

POLICY = load_policy()
STRONG = (2025, 100.0, 40.0, 60.0, 90.0, 40.0, 100.0, 12.0, 20.0)
"""leverage 0.4, current ratio 2.25, margin 0.12, cash cover 0.5: every known ratio at its best."""
SEP = "2026-09-30"


def test_a_ratio_scores_in_a_straight_line_between_worst_and_best() -> None:
    found = linear(pd.Series([0.9, 0.65, 0.4, 0.1, np.nan]), worst=0.9, best=0.4)
    assert found.iloc[:4].tolist() == pytest.approx([0, 50, 100, 100])
    assert np.isnan(found.iloc[4])


def test_operation_weighs_the_ratios_that_are_known() -> None:
    # leverage 0.65 → 50 (weight 0.3), current ratio 1.8 → 100 (0.2), others unknown: (15 + 20) ÷ 0.5 = 70
    ratios = pd.DataFrame(
        {
            "leverage": [0.65, np.nan],
            "current_ratio": [1.8, np.nan],
            "margin": np.nan,
            "cash_cover": np.nan,
            "growth": np.nan,
        }
    )
    found = operation_scores(ratios, POLICY)
    assert not isinstance(found, Unavailable)
    assert found[0] == pytest.approx(70)
    assert np.isnan(found[1])


def _bank(
    tmp_path: Path, states: list[tuple[object, ...]], statements: tuple[str, ...] = (), **tables: pd.DataFrame
) -> Portfolio:
    clients = client_rows("A", "B", "C", industry="C")
    header = "loan_id client_id month balance loan_class days_overdue"
    financials = rows(
        "client_id year assets liabilities equity current_assets current_liabilities revenue profit "
        "operating_cash_flow",
        *[(id, *STRONG) for id in statements],
    )
    given = {"clients": clients, "loan_states": rows(header, *states), **tables}
    return tiny_portfolio(tmp_path, given | ({"financials": financials} if statements else {}))


def _states(bank: Portfolio) -> CreditStates:
    found = credit_states(bank)
    assert isinstance(found, CreditStates)
    return found


def test_three_borrowers_by_hand(tmp_path: Path) -> None:
    # A clean, B 31 days and more overdue, C bad; all strong statements. 100 of 300 owed is bad; with 3 borrowers the
    # own share 1/3 counts, far over 6 %: industry 0. A: 0.4·100 + 0.4·100 = 80. B: record 100·(1 − 31/90)
    found = _states(
        _bank(
            tmp_path,
            [
                ("l1", "A", SEP, 100.0, "pass", 0),
                ("l2", "B", SEP, 100.0, "pass", 40),
                ("l3", "C", SEP, 100.0, "doubtful", 200),
            ],
            ("A", "B", "C"),
        )
    )
    assert found.scores["operation"].tolist() == pytest.approx([100] * 3)
    assert found.scores["record"].tolist() == pytest.approx([100, 100 * (1 - 31 / 90), 0])
    assert found.scores["industry"].tolist() == [0, 0, 0]
    assert found.total.tolist() == pytest.approx([80, 40 + 40 * (1 - 31 / 90), 40])
    assert found.grade.tolist() == ["A", "C", "D"]
    assert found.cap.tolist() == ["", "special_mention", ""]
    assert found.industry_from is not None
    assert found.industry_from.en == "our own bad loans by industry"


def test_an_overdue_client_is_never_in_the_top_grade(tmp_path: Path) -> None:
    # one day late, the rest spotless, industry without bad loans: 40 + 40·(1 − 1/90) + 20 = 99.6, and still B
    found = _states(_bank(tmp_path, [("l1", "A", SEP, 100.0, "pass", 1)], ("A",)))
    assert found.total["A"] == pytest.approx(100 - 40 / 90)
    assert (found.grade["A"], found.cap["A"]) == ("B", "overdue")


def test_a_missing_statement_lowers_the_coverage_and_is_no_average(tmp_path: Path) -> None:
    found = _states(_bank(tmp_path, [("l1", "A", SEP, 100.0, "pass", 0)], ("B",)))
    # A: record and industry known, 0.6 of the weight; B: statement and industry 0.6; C: industry alone 0.2
    assert found.coverage.tolist() == pytest.approx([0.6, 0.6, 0.2])
    assert np.isnan(found.scores.loc["A", "operation"])
    assert (found.grade["A"], found.cap["A"]) == ("B", "no_statement")  # 100 points, but nobody has seen its books
    assert found.grade["B"] == "A"
    assert found.grade["C"] == NOT_GRADED
    assert found.with_statements == pytest.approx(1 / 3)


def test_an_old_arrear_still_counts_for_a_year(tmp_path: Path) -> None:
    states = [("l1", "A", "2026-06-30", 100.0, "pass", 95), ("l1", "A", SEP, 100.0, "pass", 0)]
    assert _states(_bank(tmp_path, states, ("A",))).scores.loc["A", "record"] == 0


def test_the_industry_comes_from_the_table_where_there_is_one(tmp_path: Path) -> None:
    table = rows("industry quarter bad_rate", ("C", "2026Q2", 0.06), ("C", "2026Q3", 0.03))
    found = _states(_bank(tmp_path, [("l1", "A", SEP, 100.0, "loss", 300)], industries=table))
    assert found.scores["industry"].tolist() == pytest.approx([50] * 3)  # 3 % of a limit of 6 %
    assert found.industry_from is not None
    assert found.industry_from.en == "the table of industries"


def test_small_grades_are_hidden_and_counts_add_up(tmp_path: Path) -> None:
    found = _states(_bank(tmp_path, [("l1", "A", SEP, 100.0, "pass", 0)], ("A",)))
    assert found.grades["n_clients"].sum() == 3
    assert found.grades.index.tolist() == ["A", "B", "C", "D", NOT_GRADED]
    assert found.grades.loc[found.grades["n_clients"] > 0, "hidden"].all()


def test_without_statements_and_loans_there_is_no_credit_state(tmp_path: Path) -> None:
    found = credit_states(tiny_portfolio(tmp_path, {"clients": client_rows("A")}))
    assert isinstance(found, Unavailable)
    assert found.reason.en == "without statements and loan states there is no credit state"


@given(st.floats(0, 100), st.floats(0, 100), st.sets(st.sampled_from(CAPS)))
def test_more_points_never_give_a_worse_grade_and_a_cap_never_a_better_one(
    low: float, high: float, held: set[str]
) -> None:
    low, high = sorted((low, high))
    caps = pd.DataFrame({name: [name in held] * 2 for name in CAPS})
    total, coverage = pd.Series([low, high]), pd.Series([1.0, 1.0])
    capped, _ = grades_of(total, coverage, caps, POLICY)
    free, _ = grades_of(total, coverage, caps & False, POLICY)
    assert capped[1] <= capped[0]  # A before B
    assert (capped >= free).all()


def test_bounds_that_do_not_go_down_are_refused() -> None:
    wrong = policy_with("credit_grades", "B", **{"from": 80})
    with pytest.raises(DataError) as refused:
        grades_of(pd.Series([1.0]), pd.Series([1.0]), pd.DataFrame(), wrong)
    assert str(refused.value) == (
        "credit_state.toml: the bounds [75.0, 80.0, 45.0, 0.0] of credit_grades do not go down to 0. "
        "Write the best grade first; the last starts at 0."
    )


def test_a_cap_on_an_unknown_grade_is_refused() -> None:
    wrong = policy_with("credit_caps", "overdue", best="E")
    caps = pd.DataFrame({name: [False] for name in CAPS})
    with pytest.raises(DataError) as refused:
        grades_of(pd.Series([1.0]), pd.Series([1.0]), caps, wrong)
    assert str(refused.value) == (
        "credit_state.toml: the row 'overdue' of credit_caps is no condition or grade. "
        "Conditions are no_statement, overdue, special_mention, bad; grades A, B, C, D."
    )
