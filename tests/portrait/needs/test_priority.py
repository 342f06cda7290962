"""Importance × urgency: drivers by hand, order kept under dominance and ties, capacity respected, weights varied."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.core.estimate import Unavailable
from analysis.intake.portfolio import Portfolio
from analysis.portrait.needs import NeedEvidence, Priority, combine_needs, rank_needs
from analysis.portrait.needs.priority import FIELDS
from tests.builders import client_rows, rows, tiny_portfolio
from tests.portrait.needs.builders import need_rows

NOBODY = pd.Series(dtype=float)


def _ranked(portfolio: Portfolio, value: "pd.Series[float]" = NOBODY, **more: "pd.Series[float]") -> Priority:
    evidence = combine_needs(portfolio)
    assert isinstance(evidence, NeedEvidence)
    found = rank_needs(portfolio, evidence, value, **more)
    assert isinstance(found, Priority)
    return found


def _bank(tmp_path: Path, needs: pd.DataFrame, *ids: str, managers: int = 1, **tables: pd.DataFrame) -> Portfolio:
    manager = {id: f"M{k % managers}" if managers else None for k, id in enumerate(ids)}
    return tiny_portfolio(tmp_path, {"clients": client_rows(*ids, manager_id=manager), "needs": needs, **tables})


def test_scores_by_hand(tmp_path: Path) -> None:
    # 30 September. A: value the higher of two, 1.0; strength 0.5; amount the higher of two, 1.0; potential unknown.
    # Importance (0.4 · 1 + 0.2 · 0.5 + 0.25 · 1) ÷ 0.85 = 0.75 ÷ 0.85.
    # Urgency: stated 0.8; wanted in 90 of 180 days 0.5; open 73 of 365 days 0.2; no feedback table.
    # (0.35 · 0.8 + 0.35 · 0.5 + 0.2 · 0.2) ÷ 0.9 = 0.495 ÷ 0.9 = 0.55
    more = {"strength": 0.5, "urgency": 0.8, "deadline": "2026-12-29", "amount": 200.0}
    needs = need_rows(
        ("A", "payroll", "survey", "2026-07-19", more), ("B", "payroll", "survey", "2026-07-19", {"amount": 100.0})
    )
    found = _ranked(_bank(tmp_path, needs, "A", "B"), pd.Series({"A": 9.0, "B": 1.0}))
    first = found.table.iloc[0]
    assert first["client_id"] == "A"
    assert first["importance"] == pytest.approx(0.75 / 0.85)
    assert first["urgency"] == pytest.approx(0.55)
    assert first["score"] == pytest.approx((0.75 / 0.85 + 0.55) / 2)
    assert first["field"] == "now"
    assert found.left_out == ("potential", "event")
    assert sum(found.importance_weights.values()) == pytest.approx(1.0)


def test_an_overdue_need_is_urgent_and_an_open_complaint_presses(tmp_path: Path) -> None:
    needs = need_rows(
        ("A", "payroll", "survey", "2026-09-29", {"deadline": "2026-09-29", "urgency": 0.0}),
        ("B", "payroll", "survey", "2026-09-29", {"urgency": 0.0}),
        ("C", "payroll", "survey", "2026-09-29", {"urgency": 0.0}),
    )
    feedback = rows(
        "case_id client_id kind opened closed",
        ("f1", "B", "complaint", "2026-09-01", None),
        ("f2", "C", "complaint", "2026-08-01", "2026-08-09"),
    )
    found = _ranked(_bank(tmp_path, needs, "A", "B", "C", feedback=feedback))
    urgency = found.table.set_index("client_id")["urgency"]
    assert found.table.set_index("client_id")["is_overdue"].to_dict() == {"A": True, "B": False, "C": False}
    assert urgency["A"] == 0.5  # its drivers give less: 0.35 for the wanted day, next to nothing else
    assert urgency["B"] == pytest.approx(urgency["C"] + 0.1)
    assert found.n_overdue == 1


def test_records_of_one_client_and_need_are_one_entry_and_what_is_closed_or_inferred_is_none(tmp_path: Path) -> None:
    needs = need_rows(
        ("A", "payroll", "survey", "2026-03-01", {"strength": 0.4}),
        ("A", "payroll", "manager", "2026-08-01", {"strength": 0.9, "deadline": "2026-12-01"}),
        ("A", "deposits", "survey", "2026-03-01", {"closed": "2026-04-01"}),
        ("A", "fx_risk", "public", "2026-03-01"),
    )
    table = _ranked(_bank(tmp_path, needs, "A")).table
    assert table[["need", "strength"]].values.tolist() == [["payroll", 0.9]]
    assert table["opened"].iloc[0] == pd.Timestamp("2026-03-01")


def _random_needs(n: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    lines = []
    for k in range(n):
        opened = pd.Timestamp("2026-09-30") - pd.Timedelta(days=int(rng.integers(0, 400)))
        more: dict[str, object] = {"strength": float(rng.integers(1, 6)) / 5, "urgency": float(rng.integers(0, 6)) / 5}
        if rng.random() < 0.6:
            wanted = pd.Timestamp("2026-09-30") + pd.Timedelta(days=int(rng.integers(-60, 250)))
            more["deadline"] = max(wanted, opened).date().isoformat()
        if rng.random() < 0.5:
            more["amount"] = float(rng.integers(1, 9)) * 100
        lines.append((f"C{k:03d}", "payroll", "survey", opened.date().isoformat(), more))
    return need_rows(*lines)


def test_a_need_that_is_nowhere_lower_never_ranks_lower(tmp_path: Path) -> None:
    ids = tuple(f"C{k:03d}" for k in range(120))
    value = pd.Series(np.random.default_rng(1).random(120), index=list(ids))
    table = _ranked(_bank(tmp_path, _random_needs(120, 2), *ids), value).table
    drivers = table[[name for name in table if name.startswith("driver_")]].to_numpy()
    overdue = table["is_overdue"].to_numpy()
    pairs = 0
    for upper in range(len(table)):
        for lower in range(len(table)):
            if (drivers[upper] >= drivers[lower]).all() and overdue[upper] >= overdue[lower]:
                pairs += upper != lower
                assert table["rank"].iloc[upper] <= table["rank"].iloc[lower]
    assert pairs > 20


@pytest.mark.parametrize("driver", ["strength", "urgency", "amount"])
def test_more_of_a_driver_never_lowers_a_need(driver: str, tmp_path: Path) -> None:
    ids = tuple(f"C{k:03d}" for k in range(40))
    needs = _random_needs(40, 3)
    needs["amount"] = needs["amount"].fillna(50.0)
    raised = needs.copy()
    raised.loc[7, driver] = 1.0 if driver != "amount" else 10_000.0
    before, after = (_ranked(_bank(tmp_path, frame, *ids)).table.set_index("client_id") for frame in (needs, raised))
    assert after.loc["C007", "score"] >= before.loc["C007", "score"]
    assert after.loc["C007", "rank"] <= before.loc["C007", "rank"]


def test_equal_needs_share_a_rank_and_stand_in_the_order_of_clients(tmp_path: Path) -> None:
    needs = need_rows(*[(id, "payroll", "survey", "2026-08-01") for id in ("B", "C", "A")])
    table = _ranked(_bank(tmp_path, needs, "A", "B", "C")).table
    assert table["client_id"].tolist() == ["A", "B", "C"]
    assert table["rank"].tolist() == [1, 1, 1]


def test_no_more_needs_stand_above_the_line_than_managers_can_serve(tmp_path: Path) -> None:
    # one manager, six needs a quarter by policy; all ten needs are equal
    ids = tuple(f"C{k}" for k in range(10))
    needs = need_rows(*[(id, "payroll", "survey", "2026-01-01", {"deadline": "2026-02-01"}) for id in ids])
    found = _ranked(_bank(tmp_path, needs, *ids))
    assert found.capacity == 6
    assert int(found.table["is_served"].sum()) == 6
    assert (found.n_overdue, found.n_overdue_below) == (10, 4)


def test_without_managers_there_is_no_line_and_every_need_is_listed(tmp_path: Path) -> None:
    needs = need_rows(("A", "payroll", "survey", "2026-01-01"))
    found = _ranked(_bank(tmp_path, needs, "A", managers=0))
    assert isinstance(found.capacity, Unavailable)
    assert found.capacity.reason.en == "the source has no client managers, so there is no capacity line"
    assert found.table["is_served"].all()


def test_fields_add_up_and_follow_the_cuts(tmp_path: Path) -> None:
    ids = tuple(f"C{k:03d}" for k in range(120))
    found = _ranked(_bank(tmp_path, _random_needs(120, 5), *ids))
    table = found.table
    assert sum(found.n_in(field) for field in FIELDS) == 120
    assert (table.loc[table["field"] == "now", ["importance", "urgency"]] >= 0.5).all().all()
    assert (table.loc[table["field"] == "watch", ["importance", "urgency"]] < 0.5).all().all()


def test_each_weight_is_halved_and_doubled(tmp_path: Path) -> None:
    ids = tuple(f"C{k:03d}" for k in range(120))
    found = _ranked(_bank(tmp_path, _random_needs(120, 6), *ids, managers=5))
    assert found.capacity == 30
    assert len(found.shifts) == 2 * (len(found.importance_weights) + len(found.urgency_weights))
    for shift in found.shifts:
        assert 0.3 < shift.correlation <= 1
        assert 0 <= shift.overlap <= 1
    assert not isinstance(found.worst, Unavailable)
    assert found.worst.overlap == min(shift.overlap for shift in found.shifts)


def test_potential_is_used_where_it_is_given(tmp_path: Path) -> None:
    needs = need_rows(*[(id, "payroll", "survey", "2026-08-01") for id in ("A", "B")])
    found = _ranked(_bank(tmp_path, needs, "A", "B"), potential=pd.Series({"A": 0.1, "B": 0.9}))
    assert found.table["client_id"].tolist() == ["B", "A"]
    assert "potential" not in found.left_out


def test_nothing_open_gives_a_reason(tmp_path: Path) -> None:
    needs = need_rows(("A", "payroll", "survey", "2026-01-01", {"closed": "2026-02-01"}))
    portfolio = _bank(tmp_path, needs, "A")
    evidence = combine_needs(portfolio)
    assert isinstance(evidence, NeedEvidence)
    found = rank_needs(portfolio, evidence, NOBODY)
    assert isinstance(found, Unavailable)
    assert found.reason.en == "no need is open"
