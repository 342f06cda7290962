"""The bridge of a KPI by tier: it closes, moves are no growth, and the hand case stands in the comments."""

import dataclasses

import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.core.errors import ParameterError
from analysis.core.estimate import Unavailable
from analysis.core.quarter import Quarter
from analysis.core.text import Text
from analysis.intake.policy import load_policy
from analysis.intake.portfolio import Portfolio
from analysis.metrics import METRICS, UNASSIGNED, measure
from analysis.portrait.bridge import ITEMS, Bridge, bridge, bridge_of
from analysis.portrait.two_quarters import TwoQuarters
from tests.builders import client_rows, rows, tiny_portfolio

THEN, NOW = Quarter("2025Q3"), Quarter("2026Q3")
POLICY = load_policy()


def two(*lines: tuple[str, str, int, int, bool, bool]) -> TwoQuarters:
    """Clients by hand: tier then, tier now, amount then, amount now (ten-thousandths), there then, open now."""
    index = pd.Index([f"c{k}" for k in range(len(lines))])
    columns = list(zip(*lines, strict=True)) or [()] * 6
    was, now, before, after, was_there, is_open = (pd.Series(list(column), index=index) for column in columns)

    def side(amounts: "pd.Series[int]") -> pd.DataFrame:
        return pd.DataFrame({"deposit_avg": amounts.astype("int64")})

    held = was_there.astype(bool)
    return TwoQuarters(
        THEN, NOW, side(before.where(held, 0)), side(after), was.astype("str"), now.astype("str"), held,
        is_open.astype(bool), {}, {},
    )  # fmt: skip


def bridged(found: TwoQuarters) -> Bridge:
    return bridge_of(found, METRICS["DEP_ADB"], "yoy", POLICY)


YUAN = 10_000


def test_the_hand_case_of_seven_clients() -> None:
    # a stays in T1: 100 → 110 · b moves T2 → T1: 50 → 60 · c moves T1 → T2: 30 → 20 · d stays in T2: 40 → 40
    # e is new in T2: 25 · f leaves T1: 15 · g leaves T2 with 5, its last months still bring 2
    found = bridged(
        two(
            ("T1", "T1", 100 * YUAN, 110 * YUAN, True, True),
            ("T2", "T1", 50 * YUAN, 60 * YUAN, True, True),
            ("T1", "T2", 30 * YUAN, 20 * YUAN, True, True),
            ("T2", "T2", 40 * YUAN, 40 * YUAN, True, True),
            ("", "T2", 0, 25 * YUAN, False, True),
            ("T1", "T1", 15 * YUAN, 0, True, False),
            ("T2", "T2", 5 * YUAN, 2 * YUAN, True, False),
        )
    )
    first, second = found.rows
    # T1: 145 + (10 − 10) + 60 − 20 + 0 − 15 = 170;  T2: 95 + 10 + 20 − 60 + 25 − 3 = 87
    assert [first.amount(item) for item in ITEMS] == [145.0, 0.0, 60.0, 20.0, 0.0, 15.0, 170.0]
    assert [second.amount(item) for item in ITEMS] == [95.0, 10.0, 20.0, 60.0, 25.0, 3.0, 87.0]
    assert [found.total.amount(item) for item in ITEMS] == [240.0, 10.0, 80.0, 80.0, 25.0, 18.0, 257.0]
    assert first.n_clients == {
        "start": 3, "organic": 2, "moved_in": 1, "moved_out": 1, "new": 0, "lost": 1, "end": 2,
    }  # fmt: skip
    assert [row.label for row in found.rows] == [
        Text("战略客户", "strategic clients"),
        Text("总行重点客户", "head-office key clients"),
    ]
    assert found.row("total").from_moves == 0.0


def test_growth_of_the_present_list_and_of_the_fixed_list_stand_side_by_side() -> None:
    # 10 clients of T1 hold 1 million each and keep it; 10 more move up from T2 with half a million each
    lines = [("T1", "T1", 10**10, 10**10, True, True)] * 10 + [("T2", "T1", 5 * 10**9, 5 * 10**9, True, True)] * 10
    found = bridged(two(*lines))
    first, second = found.rows
    assert first.current_growth == pytest.approx(0.5)  # 15 million over 10
    assert first.fixed_growth == 0.0
    assert second.current_growth == -1.0
    assert second.fixed_growth == 0.0
    assert found.total.current_growth == 0.0


def test_a_base_too_small_for_a_rate_gives_the_reason() -> None:
    found = bridged(two(("T1", "T1", 100 * YUAN, 300 * YUAN, True, True)))
    assert found.rows[0].current_growth == Unavailable(
        Text("基数过小，不计算增长率", "the base is too small for a rate")
    )


def test_a_client_without_a_tier_is_unassigned_and_not_dropped() -> None:
    found = bridged(two((UNASSIGNED, UNASSIGNED, 7, 9, True, True), ("T1", UNASSIGNED, 1, 1, True, True)))
    assert [row.tier for row in found.rows] == ["T1", UNASSIGNED]
    assert found.row(UNASSIGNED).label == Text("未分层", "no tier")
    assert found.row(UNASSIGNED).end == 10 / YUAN


CLIENT = st.tuples(
    st.sampled_from(["T1", "T2", "gold", UNASSIGNED]),
    st.sampled_from(["T1", "T2", "gold", UNASSIGNED]),
    st.integers(-(10**14), 10**14),
    st.integers(-(10**14), 10**14),
    st.booleans(),
    st.booleans(),
)


@settings(max_examples=20, deadline=None)
@given(st.lists(CLIENT, min_size=1, max_size=10))
def test_it_closes_for_any_clients_and_what_moves_in_moves_out(
    lines: list[tuple[str, str, int, int, bool, bool]],
) -> None:
    found = bridged(two(*lines))
    assert [row.residual for row in (*found.rows, found.total)] == [0.0] * (len(found.rows) + 1)
    assert found.total.moved_in == found.total.moved_out
    held = two(*lines)
    assert found.total.start == held.before["deposit_avg"].sum() / YUAN
    for row in found.rows:
        assert row.end == held.after["deposit_avg"][held.group_after == row.tier].sum() / YUAN


@settings(max_examples=15, deadline=None)
@given(st.lists(st.tuples(*[st.sampled_from(["T1", "T2", "T3"])] * 2, st.integers(0, 10**14)), min_size=1, max_size=10))
def test_retiering_alone_is_no_growth_of_any_tier(lines: list[tuple[str, str, int]]) -> None:
    found = bridged(two(*((was, now, held, held, True, True) for was, now, held in lines)))
    assert [row.organic for row in (*found.rows, found.total)] == [0.0] * (len(found.rows) + 1)
    assert [row.fixed_growth for row in found.rows if not isinstance(row.fixed_growth, Unavailable)] == [
        0.0 for row in found.rows if not isinstance(row.fixed_growth, Unavailable)
    ]


def test_items_of_few_clients_are_hidden_so_that_nothing_gives_them_away() -> None:
    # three clients moved down: their amount is hidden in both tiers, and one more item of each row with it
    lines = [("T1", "T1", 10**9, 10**9, True, True)] * 20 + [("T2", "T2", 10**9, 2 * 10**9, True, True)] * 20
    lines += [("T1", "T2", 10**9, 10**9, True, True)] * 3
    found = bridged(two(*lines))
    first, second = found.rows
    assert "moved_out" in first.hidden
    assert "moved_in" in second.hidden
    assert all(len(row.hidden) >= 2 for row in found.rows)
    assert found.total.hidden == frozenset()


def test_an_item_that_two_clients_hold_is_hidden() -> None:
    lines = [("T1", "T1", 1, 1, True, True)] * 10 + [("T1", "T1", 10**9, 10**9, True, True)] * 2
    assert "start" in bridged(two(*lines, *([("T2", "T2", 10**9, 10**9, True, True)] * 20))).rows[0].hidden


# --- from tables ----------------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def bank(tmp_path_factory: pytest.TempPathFactory) -> Portfolio:
    """Four clients: A moves up, B is new, C closes in the quarter, D has no tier."""
    clients = client_rows("A", "B", "C", "D", quarters=("2025Q3", "2026Q3"), tier="T2")
    clients.loc[(clients["client_id"] == "A") & (clients["quarter"] == "2026Q3"), "tier"] = "T1"
    clients.loc[clients["client_id"] == "D", "tier"] = None
    clients = clients[~((clients["client_id"] == "B") & (clients["quarter"] == "2025Q3"))]
    clients.loc[(clients["client_id"] == "C") & (clients["quarter"] == "2026Q3"), "status"] = "closed"
    positions = rows(
        "client_id month product balance_avg balance_end interest funds_amount fee direct_cost",
        ("A", "2025-09-30", "deposit_demand", 920_000.0, 900_000.0, 1.0, 2.0, 100.0, 0.0),
        ("C", "2025-09-30", "deposit_demand", 92_000.0, 90_000.0, 1.0, 2.0, 100.0, 0.0),
        ("D", "2025-09-30", "deposit_demand", 9_200.0, 9_000.0, 1.0, 2.0, 100.0, 0.0),
        ("A", "2026-09-30", "deposit_demand", 1_840_000.0, 1_800_000.0, 1.0, 2.0, 100.0, 0.0),
        ("B", "2026-09-30", "deposit_demand", 46_000.0, 40_000.0, 1.0, 2.0, 100.0, 0.0),
        ("C", "2026-07-31", "deposit_demand", 9_200.0, 0.0, 1.0, 2.0, 100.0, 0.0),
        ("D", "2026-09-30", "deposit_demand", 9_200.0, 9_000.0, 1.0, 2.0, 100.0, 0.0),
    )
    return tiny_portfolio(tmp_path_factory.mktemp("bridge"), {"clients": clients, "positions": positions})


def test_from_tables_it_ties_to_the_kpi_by_tier(bank: Portfolio) -> None:
    found = bridge(bank, "DEP_ADB")
    assert isinstance(found, Bridge)
    # 30 days of September in 92: A 920,000 × 30 ÷ 92 = 300,000 → 600,000 and up; B new with 15,000;
    # C 30,000 → closed, July still brings 9,200 × 31 ÷ 92 = 3,100; D without a tier 3,000 → 3,000
    assert [found.row("T1").amount(item) for item in ITEMS] == [0.0, 0.0, 600_000.0, 0.0, 0.0, 0.0, 600_000.0]
    assert [found.row("T2").amount(item) for item in ITEMS] == [
        330_000.0, 300_000.0, 0.0, 600_000.0, 15_000.0, 26_900.0, 18_100.0,
    ]  # fmt: skip
    assert found.row(UNASSIGNED).end == 3_000.0
    table = measure(bank, ["DEP_ADB"], by="tier").set_index("group")["value"]
    assert {row.tier: row.end for row in (*found.rows, found.total)} == table.to_dict()
    assert (found.start, found.end, found.kind) == (THEN, NOW, "yoy")


def test_a_count_and_a_profit_have_a_bridge_too(bank: Portfolio) -> None:
    clients, fees = bridge(bank, "NCLI"), bridge(bank, "NETFEE")
    assert isinstance(clients, Bridge)
    assert isinstance(fees, Bridge)
    assert [clients.total.amount(item) for item in ITEMS] == [3.0, 0.0, 1.0, 1.0, 1.0, 1.0, 3.0]
    assert (fees.total.start, fees.total.end, fees.total.residual) == (300.0, 400.0, 0.0)


def test_an_assignment_at_both_ends_takes_the_place_of_the_register(bank: Portfolio) -> None:
    then, now = pd.Series({"A": "x", "C": "x"}), pd.Series({"A": "y", "B": "y", "C": "x", "D": "y"})
    found = bridge(bank, "DEP_ADB", scheme=(then, now))
    assert isinstance(found, Bridge)
    assert [row.tier for row in found.rows] == ["x", "y", UNASSIGNED]
    assert found.row(UNASSIGNED).moved_out == 3_000.0
    with pytest.raises(ParameterError, match=r"^The grouping names some clients twice\. Give one group a client\.$"):
        bridge(bank, "DEP_ADB", scheme=(pd.Series(["x", "y"], index=["A", "A"]), now))


def test_ratios_and_openings_without_a_meaning_are_refused_by_name(bank: Portfolio) -> None:
    with pytest.raises(
        ParameterError,
        match=r"^RAROC \(Risk-adjusted return on capital\) does not add up over clients and has no bridge\. "
        r"Take an amount or a count, or mix_rate for a ratio\.$",
    ):
        bridge(bank, "RAROC")
    with pytest.raises(ParameterError, match=r"^PER_DEP \(Deposits per client\) does not add up over clients"):
        bridge(bank, "PER_DEP")
    with pytest.raises(
        ParameterError,
        match=r"^DEP_ADB \(Average daily deposits\) has no comparison of 2026Q3 with 2025Q4\. "
        r"Valid openings are: 2026Q2 \(qoq\), 2025Q3 \(yoy\)\.$",
    ):
        bridge(bank, "DEP_ADB", start=Quarter("2025Q4"))


def test_a_stock_may_start_from_the_year_end(bank: Portfolio) -> None:
    found = bridge(bank, "NCLI", start=Quarter("2025Q4"))
    assert isinstance(found, Bridge)
    assert found.kind == "ytd"
    assert [found.total.amount(item) for item in ITEMS] == [3.0, 0.0, 1.0, 1.0, 1.0, 1.0, 3.0]


def test_short_history_a_missing_table_and_a_register_without_tiers_give_the_reason(bank: Portfolio) -> None:
    late = dataclasses.replace(bank, first_quarter=Quarter("2026Q1"))
    assert bridge(late, "DEP_ADB") == Unavailable(
        Text("历史数据自 2026Q1 起，不足以计算", "the data start in 2026Q1, too late for this")
    )
    assert bridge(bank, "LIMIT") == Unavailable(Text("缺少数据表：授信额度（limits）", "needs the table limits"))
    assert bridge(bank, "DEP_ADB", scheme="region_tier") == Unavailable(
        Text("客户表没有 region_tier", "the register of clients has no region_tier")
    )
