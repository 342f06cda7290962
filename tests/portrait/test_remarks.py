"""Remarks on statements: each fires under its own rule only; peers, ties, gaps, zero denominators; counts by size."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.core.blocks import Suppressed
from analysis.core.errors import DataError
from analysis.core.estimate import Unavailable
from analysis.core.text import Text
from analysis.intake.policy import load_policy
from analysis.intake.portfolio import Portfolio
from analysis.portrait import Remarks, client_remarks
from analysis.portrait.remarks import ALL, BETTER, NO_RATIO, peer_places, remarks_of
from analysis.present.remarks import remark_blocks, remark_table
from tests.builders import client_rows, rows, tiny_portfolio
from tests.portrait.test_scoring import policy_with
from tests.present.prose import cell, keeps_the_promises

POLICY = load_policy()
STATEMENT = (
    "client_id year assets liabilities equity current_assets current_liabilities revenue profit operating_cash_flow"
)
SOUND = (2025, 100.0, 40.0, 60.0, 90.0, 40.0, 100.0, 12.0, 20.0)
LOSS = (2025, 100.0, 40.0, 60.0, 90.0, 40.0, 100.0, -1.0, 20.0)
BASE = {"leverage": 0.4, "current_ratio": 2.0, "cash_cover": 0.5, "margin": 0.1, "turnover": 1.0, "growth": 0.05}


def fired(places: dict[str, float] | None = None, **ratios: float) -> set[str]:
    """Remarks on one firm that is sound in all but what is given; in the middle of its peers unless told."""
    table = pd.DataFrame([BASE | ratios])
    beside = pd.DataFrame([dict.fromkeys(BETTER, 0.5) | (places or {})])
    found = remarks_of(table, beside, POLICY).iloc[0]
    return {str(name) for name in found.index if found[name] == 1}


def test_a_sound_firm_gets_no_remark() -> None:
    assert fired() == set()


@pytest.mark.parametrize(
    ("ratio", "beyond", "at", "remark"),
    [
        ("leverage", 0.801, 0.80, "over_indebted"),
        ("current_ratio", 0.999, 1.0, "short_of_liquidity"),
        ("cash_cover", -0.001, 0.0, "cash_outflow"),
        ("margin", -0.001, 0.0, "loss"),
        ("growth", -0.101, -0.10, "shrinking"),
    ],
)
def test_a_remark_fires_strictly_beyond_its_limit_and_alone(ratio: str, beyond: float, at: float, remark: str) -> None:
    assert fired(**{ratio: beyond}) == {remark}
    assert fired(**{ratio: at}) == set()


def test_a_remark_beside_peers_needs_both_the_limit_and_the_place() -> None:
    assert fired({"leverage": 0.05}, leverage=0.7) == {"indebted_beyond_peers"}
    assert fired({"leverage": 0.5}, leverage=0.7) == set()  # as indebted as its peers
    assert fired({"leverage": 0.05}, leverage=0.5) == set()  # peers that owe next to nothing
    assert fired({"margin": 0.05}, margin=0.03) == {"thin_margin_beside_peers"}


def test_behind_peers_takes_three_ratios_of_the_worst_quarter() -> None:
    worst = {"turnover": 0.2, "growth": 0.2, "cash_cover": 0.2}
    assert fired(worst) == {"behind_peers"}
    assert fired(worst | {"growth": 0.25}) == set()


def test_what_cannot_be_judged_is_neither_yes_nor_no() -> None:
    table = pd.DataFrame([BASE | {"margin": np.nan}])
    found = remarks_of(table, pd.DataFrame([dict.fromkeys(BETTER, np.nan)]), POLICY).iloc[0]
    assert np.isnan(found["loss"])
    assert np.isnan(found["indebted_beyond_peers"])  # the ratio is known, peers are not
    assert np.isnan(found["behind_peers"])
    assert found["over_indebted"] == 0


def test_the_place_among_peers_by_hand() -> None:
    # Hazen: (rank − ½) ÷ n. Less leverage is better: 0.9 is worst of four, the two 0.5 share ranks 2 and 3
    table = pd.DataFrame({"leverage": [0.9, 0.5, 0.5, 0.1, 0.3]})
    peers = pd.Series(["C/L"] * 4 + ["F/S"])
    assert peer_places(table, peers, 4)["leverage"].tolist()[:4] == [0.125, 0.5, 0.5, 0.875]
    assert np.isnan(peer_places(table, peers, 4)["leverage"].iloc[4])  # alone among its peers
    assert peer_places(table, peers, 5)["leverage"].isna().all()


def test_equal_peers_all_stand_in_the_middle() -> None:
    places = peer_places(pd.DataFrame({"margin": [0.02] * 30}), pd.Series(["C/L"] * 30), 20)
    assert places["margin"].eq(0.5).all()


@given(st.lists(st.floats(-10, 10), min_size=1, max_size=30))
def test_places_lie_within_nought_and_one_and_average_a_half(values: list[float]) -> None:
    places = peer_places(pd.DataFrame({"margin": values}), pd.Series(["a"] * len(values)), 1)["margin"]
    assert places.between(0, 1, inclusive="neither").all()
    assert places.mean() == pytest.approx(0.5)


def test_a_rule_on_an_unknown_ratio_is_refused() -> None:
    with pytest.raises(DataError) as refused:
        remarks_of(pd.DataFrame([BASE]), pd.DataFrame([BASE]), policy_with("remarks", "loss", ratio="mood"))
    assert str(refused.value) == (
        "remarks.toml: the row 'loss' of remarks tests 'mood' 'below'. "
        "Ratios are leverage, current_ratio, cash_cover, margin, turnover, growth; tests below and above."
    )


def bank(tmp_path: Path, large: list[tuple[float, ...]], micro: list[tuple[float, ...]]) -> Portfolio:
    """Large and micro factories with the statements given."""
    books = {f"L{k:02d}": one for k, one in enumerate(large)} | {f"X{k:02d}": one for k, one in enumerate(micro)}
    clients = client_rows(
        *books,
        industry="C",
        industry_division="34",
        staff={id: 1000.0 if id[0] == "L" else 5.0 for id in books},
        revenue={id: 5e8 if id[0] == "L" else 1e6 for id in books},
        assets={id: 1e9 if id[0] == "L" else 2e6 for id in books},
    )
    statements = [(id, *one) for id, one in books.items() if one]
    return tiny_portfolio(tmp_path, {"clients": clients, "financials": rows(STATEMENT, *statements)})


def _found(portfolio: Portfolio) -> Remarks:
    found = client_remarks(portfolio)
    assert isinstance(found, Remarks)
    return found


def test_counts_by_size_by_hand(tmp_path: Path) -> None:
    found = _found(bank(tmp_path, [LOSS] * 6 + [SOUND] * 16, [LOSS] * 8 + [SOUND] * 2))
    codes = [group.code for group in found.grouping.groups]
    assert found.counts.loc["loss", codes].tolist() == [6, 8]
    assert found.counts[ALL]["loss"] == 14
    assert found.judged["loss"] == 32
    assert found.compared == pytest.approx(22 / 32)  # ten micro firms are under the twenty that peers take
    # of 22 large the six at a loss tie at the bottom: (3.5 − ½) ÷ 22 = 0.136, not in the worst tenth
    assert found.counts[ALL]["thin_margin_beside_peers"] == 0
    table = remark_table(found)
    row = next(k for k, one in enumerate(table.rows) if one.cells["remark"] == Text("亏损", "At a loss"))
    assert (cell(table, row, ALL), cell(table, row, "judged"), cell(table, row, "share")) == (14, 32, 14 / 32)
    assert table.in_annex
    assert keeps_the_promises(table)


def test_small_numbers_are_hidden_and_cannot_be_worked_out(tmp_path: Path) -> None:
    found = _found(bank(tmp_path, [LOSS] * 2 + [SOUND] * 20, [LOSS] * 8 + [SOUND] * 2))
    codes = [group.code for group in found.grouping.groups]
    assert found.counts.loc["loss", codes].isna().all()
    assert found.counts[ALL]["loss"] == 10
    few = _found(bank(tmp_path, [LOSS] * 2 + [SOUND] * 20, [SOUND] * 10))
    assert np.isnan(few.counts[ALL]["loss"])
    table = remark_table(few)
    row = next(k for k, one in enumerate(table.rows) if one.cells["remark"] == Text("亏损", "At a loss"))
    assert cell(table, row, "share") == Suppressed()


def test_a_denominator_of_zero_or_less_is_not_judged(tmp_path: Path) -> None:
    no_revenue = (2025, 100.0, 40.0, 60.0, 90.0, 0.0, 0.0, -5.0, 20.0)
    found = _found(bank(tmp_path, [no_revenue] * 6 + [SOUND] * 20, [SOUND] * 6))
    assert found.judged["loss"] == 26
    assert found.judged["short_of_liquidity"] == 26
    assert found.counts[ALL]["loss"] == 0


def test_what_is_missing_is_named(tmp_path: Path) -> None:
    none = client_remarks(tiny_portfolio(tmp_path, {"clients": client_rows(*(f"C{k}" for k in range(6)))}))
    assert none == Unavailable(Text("数据源没有客户财务报表", "the source has no financial statements of clients"))
    assert remark_blocks(none) == ()
    old = (2010, *SOUND[1:])
    assert client_remarks(bank(tmp_path, [old] * 6, [])) == NO_RATIO
    one = client_remarks(bank(tmp_path, [SOUND], []))
    assert one == Unavailable(Text("客户少于披露下限", "fewer clients than the disclosure limit"))
