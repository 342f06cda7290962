"""Business groups counted once: totals tie, chains lead to one head, circles are refused, nobody is lost."""

from collections.abc import Mapping
from pathlib import Path

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.core.estimate import Unavailable
from analysis.intake.portfolio import Portfolio
from analysis.portrait import GroupRollup, group_rollup
from analysis.portrait.group_rollup import group_heads, roll_up
from tests.builders import client_rows, rows, tiny_portfolio


def bank(tmp_path: Path, groups: Mapping[str, str | None], loans: Mapping[str, float]) -> Portfolio:
    positions = rows(
        "client_id month product balance_avg balance_end",
        *[(id, "2026-09-30", "loan_working", held, held) for id, held in loans.items()],
    )
    clients = client_rows(*groups, group_id=groups, quarters=("2026Q3",))
    return tiny_portfolio(tmp_path, {"clients": clients, "positions": positions})


def reason(found: object) -> str:
    assert isinstance(found, Unavailable)
    return found.reason.en


def test_a_group_is_counted_once_and_the_total_stays(tmp_path: Path) -> None:
    # A and B are one group of 50, C and D stand alone with 30 and 20. By client the largest holds 30 %, by group 50 %.
    # 30 days of 92 make the daily average of the quarter: 30·30/92, shares are not touched by that
    found = group_rollup(
        bank(tmp_path, {"A": "G", "B": "G", "C": None, "D": None}, {"A": 30.0, "B": 20.0, "C": 30.0, "D": 20.0})
    )
    assert isinstance(found, GroupRollup)
    assert found.measure == "loan_avg"
    assert (found.n_groups, found.n_in_groups, found.n_alone, found.n_units) == (1, 2, 2, 3)
    assert found.largest_members == 2
    assert found.by_client.largest(1) == pytest.approx(0.3)
    assert found.by_group.largest(1) == pytest.approx(0.5)
    assert found.by_group.total == pytest.approx(found.by_client.total)
    assert found.group_total == pytest.approx(found.by_client.total / 2)
    # HHI 0.09 + 0.04 + 0.09 + 0.04 = 0.26; with the group 0.25 + 0.09 + 0.04 = 0.38
    assert (found.by_client.hhi, found.by_group.hhi) == (pytest.approx(0.26), pytest.approx(0.38))


def test_a_group_with_one_member_is_a_client_on_its_own(tmp_path: Path) -> None:
    found = group_rollup(bank(tmp_path, {"A": "G", "B": None}, {"A": 3.0, "B": 1.0}))
    assert isinstance(found, GroupRollup)
    assert (found.n_groups, found.n_alone, found.largest_members) == (0, 2, 0)
    assert found.by_group.hhi == found.by_client.hhi


def test_a_chain_of_groups_leads_to_one_head() -> None:
    heads = group_heads(pd.Series({"A": "B", "B": "C", "C": "G", "D": "G", "E": None}))
    assert isinstance(heads, pd.Series)
    assert heads.to_dict() == {"A": "G", "B": "G", "C": "G", "D": "G", "E": "E"}
    # the head may be a client without a group of its own
    pair = group_heads(pd.Series({"A": "B", "B": None}))
    assert isinstance(pair, pd.Series)
    assert pair.tolist() == ["B", "B"]


def test_a_group_that_contains_itself_is_refused_with_the_reason(tmp_path: Path) -> None:
    found = group_rollup(bank(tmp_path, {"A": "A", "B": "A", "C": None}, {"A": 1.0, "B": 1.0, "C": 1.0}))
    assert reason(found) == "clients whose group is themselves: 1; groups are not added up"


def test_groups_that_contain_each_other_are_refused_with_the_reason() -> None:
    found = group_heads(pd.Series({"A": "B", "B": "C", "C": "A", "D": None}))
    assert reason(found) == "clients in groups that contain each other: 3; groups are not added up"


def test_a_source_without_groups_or_without_exposure_says_so(tmp_path: Path) -> None:
    alone = bank(tmp_path, {"A": None, "B": None}, {"A": 1.0, "B": 1.0})
    assert reason(group_rollup(alone)) == "the source has no group ids, so groups cannot be counted once"
    bare = tiny_portfolio(tmp_path, {"clients": client_rows("A", "B", group_id="G")})
    assert reason(group_rollup(bare)) == "the source has no amount of exposure"


def test_a_book_that_sums_to_nothing_has_counts_but_no_shares(tmp_path: Path) -> None:
    found = group_rollup(bank(tmp_path, {"A": "G", "B": "G", "C": None}, {"A": 0.0, "B": 0.0, "C": 0.0}))
    assert isinstance(found, GroupRollup)
    assert found.n_groups == 1
    assert reason(found.by_group.hhi) == "the total is not positive, so shares have no meaning"


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(st.sampled_from([None, "G1", "G2", "G3"]), st.integers(0, 1000)), min_size=2, max_size=30))
def test_every_client_is_in_one_unit_and_grouping_never_spreads_the_amount(
    clients: list[tuple[str | None, int]],
) -> None:
    groups = pd.Series({f"c{k}": group for k, (group, _) in enumerate(clients)}, dtype="str")
    amounts = pd.Series([float(held) for _, held in clients], index=groups.index)
    heads = group_heads(groups)
    assert isinstance(heads, pd.Series)
    found = roll_up(amounts, heads, "loan_avg")
    assert found.n_in_groups + found.n_alone == len(clients)
    assert found.by_group.total == found.by_client.total
    if not isinstance(found.by_group.hhi, Unavailable) and not isinstance(found.by_client.hhi, Unavailable):
        assert found.by_group.hhi >= found.by_client.hhi - 1e-12
