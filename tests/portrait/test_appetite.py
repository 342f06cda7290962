"""Capacity and appetite for risk: each by hand, independent of the other, silence apart, small cells hidden."""

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
from analysis.portrait import RiskAppetite, risk_appetite
from analysis.portrait.appetite import (
    CLASSES,
    LEVELS,
    NO_ANSWER,
    NO_STATEMENT,
    NO_SURVEY,
    TOTAL,
    UNKNOWN,
    by_bound,
    capacity_levels,
)
from analysis.present.appetite import appetite_blocks
from tests.builders import client_rows, rows, tiny_portfolio
from tests.portrait.test_scoring import policy_with
from tests.present.prose import en, keeps_the_promises, zh

POLICY = load_policy()
STATEMENT = (
    "client_id year assets liabilities equity current_assets current_liabilities revenue profit operating_cash_flow"
)
HIGH = (2025, 100.0, 40.0, 60.0, 90.0, 40.0, 100.0, 12.0, 20.0)
"""Every known ratio at its best: 100 points, a strong firm."""
LOW = (2025, 100.0, 95.0, 5.0, 20.0, 40.0, 100.0, -12.0, -10.0)
"""Every known ratio at its worst: 0 points, a weak firm."""
ASKED = "client_id wave date responded risk_appetite"


def bank(tmp_path: Path, clients: list[tuple[str, int | None, tuple[float, ...] | None]]) -> Portfolio:
    """Clients with an answer (None: not asked) and a statement (None: none)."""
    ids = [f"C{k:03d}" for k in range(len(clients))]
    answers = [(id, "w", "2026-08-31", True, answer) for id, (_, answer, _) in zip(ids, clients, strict=True) if answer]
    books = [(id, *book) for id, (_, _, book) in zip(ids, clients, strict=True) if book]
    tables = {"clients": client_rows(*ids), "surveys": rows(ASKED, *answers), "financials": rows(STATEMENT, *books)}
    return tiny_portfolio(tmp_path, {name: frame for name, frame in tables.items() if len(frame)})


def several(
    n: int, answer: int | None, book: tuple[float, ...] | None
) -> list[tuple[str, int | None, tuple[float, ...] | None]]:
    return [("", answer, book)] * n


def _found(portfolio: Portfolio) -> RiskAppetite:
    found = risk_appetite(portfolio)
    assert isinstance(found, RiskAppetite)
    return found


def words(found: RiskAppetite | Unavailable) -> str:
    blocks = appetite_blocks(found)
    return en(blocks[1].items[0].sentence) if len(blocks) > 1 else ""  # type: ignore[attr-defined]


def test_capacity_and_appetite_by_hand(tmp_path: Path) -> None:
    # 6 daring with low capacity; of high 5 cautious, 7 balanced, 8 that were not asked; 9 daring without books
    clients = several(6, 5, LOW) + several(5, 1, HIGH) + several(7, 3, HIGH) + several(8, None, HIGH)
    found = _found(bank(tmp_path, clients + several(9, 4, None)))
    shown = found.counts.astype(int)
    assert shown.loc["high"].tolist() == [0, 7, 5, 8, 20]
    assert shown.loc["low"].tolist() == [6, 0, 0, 0, 6]
    assert shown.loc[UNKNOWN].tolist() == [9, 0, 0, 0, 9]
    assert shown.loc[TOTAL].tolist() == [15, 7, 5, 8, 35]
    assert found.coverage == pytest.approx((26 / 35, 27 / 35))
    # six of the fifteen that told a daring appetite
    assert words(found) == (
        "6 clients want risk they can hardly bear: daring with low capacity, 40.0% of the daring. Check their capacity "
        "before offering risky products. 5 clients could bear more risk than they want: cautious with high capacity, "
        "100.0% of the cautious."
    )
    assert keeps_the_promises(*appetite_blocks(found))
    assert "未问或未答不视为保守" in zh(appetite_blocks(found)[0].note)  # type: ignore[attr-defined]


def test_silence_is_no_caution(tmp_path: Path) -> None:
    found = _found(bank(tmp_path, several(10, None, HIGH) + several(6, 5, HIGH)))
    assert (found.appetite == "cautious").sum() == 0
    assert found.count("high", UNKNOWN) == 10


def test_the_latest_answer_within_the_period_counts(tmp_path: Path) -> None:
    ids = [f"C{k}" for k in range(6)]
    books = [(id, *HIGH) for id in ids]
    told = [(id, "w1", "2026-02-28", True, 1) for id in ids] + [(id, "w2", "2026-08-31", True, 5) for id in ids[:3]]
    told += [("C3", "w2", "2026-08-31", True, None)]  # answered, but not this question: the earlier answer stands
    old = [("C5", "w0", "2025-09-30", True, 5)]
    tables = {"clients": client_rows(*ids), "surveys": rows(ASKED, *told, *old), "financials": rows(STATEMENT, *books)}
    found = _found(tiny_portfolio(tmp_path, tables))
    assert found.appetite.tolist() == ["daring"] * 3 + ["cautious"] * 3


def test_an_answer_a_year_old_counts_no_more(tmp_path: Path) -> None:
    ids = [f"C{k}" for k in range(6)]
    told = [(id, "w0", "2025-09-30", True, 5) for id in ids]
    books = [(id, *HIGH) for id in ids]
    tables = {"clients": client_rows(*ids), "surveys": rows(ASKED, *told), "financials": rows(STATEMENT, *books)}
    assert risk_appetite(tiny_portfolio(tmp_path, tables)) == NO_ANSWER


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    assert risk_appetite(bank(tmp_path, several(6, None, HIGH))) == NO_SURVEY
    without = risk_appetite(bank(tmp_path, several(6, 3, None)))
    assert isinstance(without, Unavailable)
    assert without.reason.en == "the source has no financial statements of clients"
    one_old = [("", 3, (2010, *HIGH[1:]))] * 6
    assert risk_appetite(bank(tmp_path, one_old)) == NO_STATEMENT
    assert NO_SURVEY.reason.en == "the source has no surveys, so appetite for risk is unknown"
    assert words(NO_SURVEY) == ""


def test_one_client_is_too_few(tmp_path: Path) -> None:
    found = risk_appetite(bank(tmp_path, several(1, 5, LOW)))
    assert isinstance(found, Unavailable)
    assert found.reason.en == "fewer clients than the disclosure limit"


def test_clients_all_alike_fill_one_cell_and_without_a_mismatch_there_is_no_finding(tmp_path: Path) -> None:
    found = _found(bank(tmp_path, several(12, 3, HIGH)))
    assert found.counts.fillna(-1).to_numpy().sum() == 4 * 12  # the cell, its row and column total, all
    assert words(found) == ""


def test_small_cells_and_small_totals_are_hidden(tmp_path: Path) -> None:
    # 2 daring with low capacity: the cell, and the row of low capacity (2 in all), must not be printed
    found = _found(
        bank(tmp_path, several(2, 5, LOW) + several(20, 5, HIGH) + several(20, 1, HIGH) + several(9, 1, None))
    )
    assert isinstance(found.count("low", "daring"), Unavailable)
    assert isinstance(found.count("low", TOTAL), Unavailable)
    row_totals = found.counts.loc[[*LEVELS, UNKNOWN], TOTAL]
    assert row_totals.isna().sum() >= 2  # one alone would be all less the others
    assert "not disclosed" in words(found) or words(found) == ""


def test_other_data_give_another_sentence(tmp_path: Path) -> None:
    one = _found(bank(tmp_path, several(6, 5, LOW) + several(20, 3, HIGH)))
    other = _found(bank(tmp_path, several(20, 3, LOW) + several(9, 1, HIGH)))
    assert "No client is cautious with high capacity." in words(one)
    assert "No client is daring with low capacity." in words(other)


def test_each_measure_is_blind_to_the_other(tmp_path: Path) -> None:
    base = _found(bank(tmp_path, several(6, 5, LOW) + several(6, 1, HIGH)))
    swapped = _found(bank(tmp_path, several(6, 1, LOW) + several(6, 5, HIGH)))
    poorer = _found(bank(tmp_path, several(6, 5, LOW) + several(6, 1, LOW)))
    assert base.capacity.equals(swapped.capacity)
    assert base.appetite.equals(poorer.appetite)


def test_a_weak_firm_is_never_of_high_capacity() -> None:
    # leverage 0.75 → 30 points of weight 0.3; the other three known at best: (9 + 60) ÷ 0.9 = 77 points, equity 0.25
    ratios = pd.DataFrame(
        {
            "assets": [100.0, 100.0],
            "equity": [25.0, 35.0],
            "leverage": [0.75, 0.65],
            "current_ratio": 1.8,
            "cash_cover": 0.3,
            "margin": 0.1,
            "growth": np.nan,
        }
    )
    assert capacity_levels(ratios, POLICY).tolist() == ["middle", "high"]


def test_a_bound_belongs_to_its_own_class() -> None:
    found = by_bound(pd.Series([5.0, 4.0, 3.0, 2.0, 1.0, np.nan]), POLICY, "appetite_classes", CLASSES)
    assert found.tolist() == ["daring", "daring", "balanced", "cautious", "cautious", UNKNOWN]


def test_bounds_that_do_not_fall_are_refused() -> None:
    wrong = policy_with("appetite_classes", "balanced", **{"from": 4})
    with pytest.raises(DataError) as refused:
        by_bound(pd.Series([3.0]), wrong, "appetite_classes", CLASSES)
    assert str(refused.value) == (
        "risk_appetite.toml: the rows of appetite_classes are not daring, balanced, cautious with falling bounds "
        "([4.0, 4.0, 1.0]). Write the highest first; each bound is below the one before."
    )


@given(st.lists(st.floats(0, 100), min_size=2, max_size=20))
def test_a_higher_score_is_never_of_a_lower_level(scores: list[float]) -> None:
    levels = by_bound(pd.Series(sorted(scores)), POLICY, "capacity_levels", LEVELS)
    places = levels.map({level: place for place, level in enumerate(LEVELS)})
    assert places.is_monotonic_decreasing
