"""The ledger of needs closes in every quarter, and the time to meet one is the Kaplan–Meier median."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.core.estimate import Estimate, Unavailable
from analysis.core.quarter import Quarter
from analysis.intake.portfolio import Portfolio
from analysis.portrait.needs import Ledger, NeedRecords, need_ledger, need_records
from analysis.portrait.needs.ledger import FLOWS, median_time
from tests.builders import client_rows, tiny_portfolio
from tests.portrait.needs.builders import need_rows, source

Q3 = Quarter("2026Q3")


def _ledger(tmp_path: Path, *lines: tuple[object, ...], clients: tuple[str, ...] = ("A",)) -> Ledger:
    return _of(source(tmp_path, *clients, needs=need_rows(*lines)))


def _of(portfolio: Portfolio) -> Ledger:
    records = need_records(portfolio)
    assert isinstance(records, NeedRecords)
    return need_ledger(portfolio, records)


def test_opening_and_flows_and_closing_by_hand(tmp_path: Path) -> None:
    ledger = _ledger(
        tmp_path,
        ("A", "payroll", "survey", "2026-01-10"),  # open all along
        ("A", "deposits", "survey", "2026-01-10", {"closed": "2026-05-01", "served_by": "deposit_demand"}),
        ("A", "investment", "survey", "2026-04-01", {"closed": "2026-07-01", "served_by": "service"}),
        ("A", "fx_risk", "survey", "2026-07-01", {"closed": "2026-09-30"}),  # no word of what served it: lapsed
        ("A", "cash_management", "survey", "2026-09-30"),
        ("A", "green_finance", "public", "2026-07-15"),  # inferred: no need of the ledger
    )
    assert ledger.table.to_dict("records") == [
        {"quarter": "2026Q2", "opening": 2, "opened": 1, "met": 1, "lapsed": 0, "left": 0, "closing": 2},
        {"quarter": "2026Q3", "opening": 2, "opened": 2, "met": 1, "lapsed": 1, "left": 0, "closing": 2},
    ]
    assert ledger.tells_met
    assert ledger.by_group["closing"].sum() == 2


def test_a_client_that_leaves_is_counted_until_it_leaves(tmp_path: Path) -> None:
    # B closes in the third quarter with one need open and one met in that quarter; C joins then, with an older record
    # and a new one; D is a person and never counts
    lines = [(id, "payroll", "survey", "2026-04-10") for id in "ABCD"]
    lines += [("B", "deposits", "survey", "2026-04-10", {"closed": "2026-07-20", "served_by": "deposit_demand"})]
    lines += [("C", "low_cost", "survey", "2026-08-10")]
    clients = client_rows("A", "B", "C", "D", entity_type={"D": "individual"} | dict.fromkeys("ABC", "enterprise"))
    clients.loc[(clients["client_id"] == "B") & (clients["quarter"] == "2026Q3"), "status"] = "closed"
    clients = clients[(clients["client_id"] != "C") | (clients["quarter"] == "2026Q3")]
    portfolio = tiny_portfolio(tmp_path, {"clients": clients, "needs": need_rows(*lines)})
    last = _of(portfolio).table.iloc[-1]
    assert last[list(FLOWS)].tolist() == [3, 2, 1, 0, 1, 3]  # A, B twice; C twice; B's; none; B's; A, C twice
    assert last["opening"] == _of(portfolio.at("2026Q2")).table.iloc[-1]["closing"]


@pytest.mark.parametrize("leavers", [0, 8])
def test_it_closes_in_every_quarter_and_joins_what_was_told_then(leavers: int, tmp_path: Path) -> None:
    rng = np.random.default_rng(1)
    codes = ("payroll", "deposits", "fx_risk", "low_cost")
    lines = []
    for k in range(200):
        opened = pd.Timestamp("2024-07-01") + pd.Timedelta(days=int(rng.integers(0, 820)))
        closed = opened + pd.Timedelta(days=int(rng.integers(0, 300)))
        more = {"closed": closed.date().isoformat()} if rng.random() < 0.7 else {}
        lines.append((f"C{k % 20}", codes[k % 4], "manager", opened.date().isoformat(), more))
    ids = tuple(f"C{k}" for k in range(20))
    quarters = tuple(one.label for one in Q3.trailing(9))
    clients = client_rows(*ids, quarters=quarters)
    for k in range(leavers):  # one each quarter, closed for good
        clients.loc[(clients["client_id"] == f"C{k}") & (clients["quarter"] >= quarters[k + 1]), "status"] = "closed"
    portfolio = tiny_portfolio(tmp_path, {"clients": clients, "needs": need_rows(*lines)})
    ledger = _of(portfolio)
    table = ledger.table
    assert len(table) == 8
    ends = table[["met", "lapsed", "left"]].sum(axis=1)
    assert (table["opening"] + table["opened"] - ends == table["closing"]).all()
    assert table["opening"].tolist()[1:] == table["closing"].tolist()[:-1]
    assert table["closing"].tolist() == [_of(portfolio.at(one)).table.iloc[-1]["closing"] for one in table["quarter"]]
    assert (table["left"].sum() > 0) == (leavers > 0)
    assert not ledger.tells_met
    assert table["lapsed"].sum() == 0  # nothing says what served a need, so every closed one counts as met
    assert ledger.by_group.sum().to_dict() == table.iloc[-1][list(FLOWS)].to_dict()


def test_a_record_that_comes_later_changes_no_earlier_quarter(tmp_path: Path) -> None:
    lines = [("A", "payroll", "survey", "2026-04-10"), ("A", "deposits", "survey", "2026-08-10")]
    later = [*lines, ("A", "fx_risk", "survey", "2026-10-10"), ("A", "low_cost", "survey", "2026-11-10")]
    assert _ledger(tmp_path, *lines).table.equals(_ledger(tmp_path, *later).table)


def test_the_median_of_a_published_sample() -> None:
    # Freireich et al. (1963), remission under 6-MP in weeks, + censored: Kaplan–Meier median 23, lower end 13
    # (Kalbfleisch and Prentice 2002, table 1.1; R survival 3.5 survfit with conf.type = "log-log": 23, 13 to NA)
    days = np.array([6, 6, 6, 7, 10, 13, 16, 22, 23, 6, 9, 10, 11, 17, 19, 20, 25, 32, 32, 34, 35], dtype=float)
    met = np.repeat([1, 0], [9, 12])
    found = median_time(days, met)
    assert isinstance(found, Unavailable)
    assert found.reason.en == "the interval has no upper end: too many needs are open"
    # the control arm, all observed: 1 1 2 2 3 4 4 5 5 8 8 8 8 11 11 12 12 15 17 22 23, median 8 weeks, 4 to 11
    control = np.array([1, 1, 2, 2, 3, 4, 4, 5, 5, 8, 8, 8, 8, 11, 11, 12, 12, 15, 17, 22, 23], dtype=float)
    plain = median_time(control, np.ones(21, dtype=int))
    assert isinstance(plain, Estimate)
    assert (plain.estimate, plain.ci_low, plain.ci_high) == (8.0, 4.0, 11.0)


def test_open_needs_make_the_median_longer_than_that_of_the_closed_ones() -> None:
    rng = np.random.default_rng(2)
    days = rng.exponential(100, 800)
    seen = rng.uniform(20, 200, 800)
    found = median_time(np.minimum(days, seen), (days <= seen).astype(int))
    assert isinstance(found, Estimate)
    naive = float(np.median(days[days <= seen]))
    assert found.ci_low <= 100 * np.log(2) <= found.ci_high
    assert naive < found.ci_low


def test_nothing_met_and_too_few_give_reasons(tmp_path: Path) -> None:
    few = _ledger(tmp_path, ("A", "payroll", "survey", "2026-01-10"))
    none = median_time(np.full(30, 50.0), np.zeros(30, dtype=int))
    assert isinstance(few.time_to_meet, Unavailable)
    assert isinstance(none, Unavailable)
    assert few.time_to_meet.reason.en == "too few needs for a time to meet"
    assert none.reason.en == "fewer than half have been met, so there is no median yet"
    assert few.trend == "unknown"


@pytest.mark.parametrize(
    ("recent", "before", "trend"), [(30.0, 90.0, "faster"), (90.0, 30.0, "slower"), (60.0, 60.0, "alike")]
)
def test_a_planted_change_of_speed_is_seen(recent: float, before: float, trend: str, tmp_path: Path) -> None:
    rng = np.random.default_rng(4)
    lines = []
    for k in range(240):
        is_recent = k % 2 == 0
        start = pd.Timestamp("2025-10-01" if is_recent else "2024-10-01")
        opened = start + pd.Timedelta(days=int(rng.integers(0, 360)))
        closed = opened + pd.Timedelta(days=int(rng.exponential(recent if is_recent else before)) + 1)
        more = {"closed": closed.date().isoformat()} if closed <= pd.Timestamp("2026-09-30") else {}
        lines.append((f"C{k}", "payroll", "manager", opened.date().isoformat(), more))
    ids = tuple(f"C{k}" for k in range(240))
    ledger = _ledger(tmp_path, *lines, clients=ids)
    assert ledger.trend == trend
