"""Weighted scores: ranks, gaps, weights that must add up, groups by place."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.core.errors import DataError
from analysis.core.text import Text
from analysis.intake.policy import Policy, load_policy
from analysis.portrait.scoring import Component, exceeded, grouped, read_components, read_groups, weigh

HALF = (Component("a", Text("甲", "a"), 0.75), Component("b", Text("乙", "b"), 0.25))
THIRDS = (("high", Text("高", "high"), 0.2), ("middle", Text("中", "middle"), 0.3), ("low", Text("低", "low"), 0.5))


def policy_with(table: str, id: str, **changes: object) -> Policy:
    """The project's policy with one row of a table changed."""
    policy = load_policy()
    about = policy.about(table)
    rows = tuple(row | changes if row["id"] == id else row for row in about.rows)
    tables = tuple(replace(about, rows=rows) if one.name == table else one for one in policy.tables)
    return replace(policy, tables=tables)


def test_a_score_is_the_share_of_clients_exceeded_and_equals_share_it() -> None:
    # of five known values: 1 exceeds none, the two 2s exceed one, 9 exceeds three, 10 four
    found = exceeded(pd.Series([2.0, np.nan, 1.0, 2.0, 10.0, 9.0]))
    assert found.dropna().tolist() == [0.2, 0.0, 0.2, 0.8, 0.6]
    assert np.isnan(found[1])


def test_one_giant_changes_nobody_else_s_score() -> None:
    plain = exceeded(pd.Series([1.0, 2.0, 3.0, 4.0]))
    giant = exceeded(pd.Series([1.0, 2.0, 3.0, 4e12]))
    assert plain.tolist() == giant.tolist()


def test_points_add_up_and_a_gap_gives_its_weight_to_the_rest() -> None:
    # first client 0.75·0.8 + 0.25·0.4 = 0.7; second knows only b: 0.4 in full, a quarter of the weight covered
    found = weigh(pd.DataFrame({"a": [0.8, np.nan], "b": [0.4, 0.4]}), HALF)
    assert found.total.tolist() == pytest.approx([0.7, 0.4])
    assert found.coverage.tolist() == [1.0, 0.25]
    assert (found.parts.sum(axis=1) == found.total).all()


def test_a_client_of_whom_nothing_is_known_has_no_total() -> None:
    found = weigh(pd.DataFrame({"a": [np.nan], "b": [np.nan]}), HALF)
    assert found.total.isna().all()
    assert found.coverage.tolist() == [0.0]


def test_weights_of_a_component_the_source_lacks_are_spread() -> None:
    found = weigh(pd.DataFrame({"b": [0.5]}), HALF)
    assert found.total.tolist() == [0.5]


@given(st.lists(st.floats(0, 1), min_size=2, max_size=2), st.floats(0, 1))
def test_the_total_never_falls_when_a_score_rises(scores: list[float], more: float) -> None:
    raised = [scores[0], min(scores[1] + more, 1.0)]
    totals = [weigh(pd.DataFrame({"a": [a], "b": [b]}), HALF).total[0] for a, b in (scores, raised)]
    assert totals[1] >= totals[0] - 1e-12


def test_groups_follow_the_place_from_the_top() -> None:
    # ten clients: 2 high, 3 middle, 5 low
    found = grouped(pd.Series(np.arange(10.0)[::-1]), THIRDS)
    assert found.tolist() == ["high"] * 2 + ["middle"] * 3 + ["low"] * 5


def test_equal_clients_stay_in_one_group_and_those_without_a_total_have_none() -> None:
    assert grouped(pd.Series([0.5] * 4), THIRDS).tolist() == ["high"] * 4
    assert grouped(pd.Series([0.5, np.nan]), THIRDS).isna().tolist() == [False, True]


def test_weights_that_do_not_add_up_are_refused_by_file_and_row() -> None:
    wrong = policy_with("potential", "synergy", weight=0.3)
    with pytest.raises(DataError) as refused:
        read_components(wrong, "potential", ("own_growth", "industry", "product_room", "synergy"))
    assert str(refused.value) == (
        "value_score.toml: the weights of potential add up to 1.1, not to 1 "
        "(own_growth 0.35, industry 0.2, product_room 0.25, synergy 0.3). Correct one of these rows."
    )


def test_a_negative_weight_is_refused_by_file_and_row() -> None:
    wrong = policy_with("potential", "synergy", weight=-0.2)
    with pytest.raises(DataError) as refused:
        read_components(wrong, "potential", ("own_growth", "industry", "product_room", "synergy"))
    assert str(refused.value) == (
        "value_score.toml: the row 'synergy' of potential has the weight -0.2. Weights lie between 0 and 1."
    )


def test_a_row_nobody_measures_is_refused() -> None:
    with pytest.raises(DataError) as refused:
        read_components(load_policy(), "potential", ("own_growth", "industry", "product_room"))
    assert str(refused.value) == (
        "value_score.toml: the row 'synergy' of potential is nothing that is measured. "
        "Rows are own_growth, industry, product_room."
    )


def test_shares_of_groups_that_do_not_add_up_are_refused() -> None:
    with pytest.raises(DataError) as refused:
        read_groups(policy_with("value_groups", "low", share=0.6), "value_groups")
    assert str(refused.value) == (
        "value_score.toml: the shares of value_groups add up to 1.1, not to 1 (high 0.2, middle 0.3, low 0.6). "
        "Correct one of these rows."
    )
