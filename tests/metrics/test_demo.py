"""The measures on a small demo bank: they tie to the ledger, and every KPI has a value or a reason."""

from pathlib import Path

import pytest

from analysis.core.quarter import Quarter
from analysis.intake.load import load_portfolio
from analysis.intake.portfolio import Portfolio
from analysis.metrics import METRICS, build_panel, comparisons, measure


@pytest.fixture(scope="module")
def demo(tmp_path_factory: pytest.TempPathFactory) -> Portfolio:
    cache: Path = tmp_path_factory.mktemp("demo")
    return load_portfolio("demo", cache=cache, options={"n_clients": 400, "n_months": 24})


def ledger(demo: Portfolio, item: str, quarter: Quarter) -> dict[str, float]:
    """Control totals of an item by month-end over all outlets."""
    controls = demo.table("controls")
    rows = demo.to_frame(
        controls.filter(controls["item"] == item).group_by("month").aggregate(a=controls["amount"].sum())
    )
    return {str(day)[:10]: float(amount) for day, amount in zip(rows["month"], rows["a"], strict=True)}


@pytest.mark.parametrize(("measure_name", "item"), [("deposit_end", "deposits_end"), ("loan_end", "loans_end")])
def test_period_end_balances_tie_to_the_ledger_to_the_fen(demo: Portfolio, measure_name: str, item: str) -> None:
    panel = build_panel(demo, [demo.quarter])
    booked = ledger(demo, item, demo.quarter)[demo.quarter.end.isoformat()]
    assert round(panel[measure_name].sum(), 2) == pytest.approx(booked, abs=0.005)


@pytest.mark.parametrize(
    ("measure_name", "item"),
    [
        ("fee", "fee"),
        ("loan_interest", "interest_loans"),
        ("deposit_interest", "interest_deposits"),
        ("direct_cost", "direct_cost"),
    ],
)
def test_flows_tie_to_the_three_months_of_the_ledger(demo: Portfolio, measure_name: str, item: str) -> None:
    panel = build_panel(demo, [demo.quarter])
    booked = ledger(demo, item, demo.quarter)
    months = [booked[month.isoformat()] for month in demo.quarter.months]
    assert panel[measure_name].sum() == pytest.approx(sum(months), abs=0.01)


def test_averages_tie_to_the_ledger_weighted_by_days(demo: Portfolio) -> None:
    panel = build_panel(demo, [demo.quarter])
    booked = ledger(demo, "deposits_avg", demo.quarter)
    weighted = sum(booked[month.isoformat()] * month.day for month in demo.quarter.months) / demo.quarter.days
    assert panel["deposit_avg"].sum() == pytest.approx(weighted, rel=1e-12)


def test_loans_by_product_and_by_loan_record_agree(demo: Portfolio) -> None:
    panel = build_panel(demo, [demo.quarter])
    assert panel["loan_balance"].sum() == pytest.approx(panel["loan_end"].sum(), abs=0.01)


def test_every_kpi_of_the_demo_bank_has_a_value_or_a_reason(demo: Portfolio) -> None:
    codes = [code for code, metric in METRICS.items() if metric.compute is not None]
    table = measure(demo, codes, by="branch_id")
    assert ((table["value"].isna()) != (table["reason"].isna())).all()
    total = table[table["group"] == "total"].set_index("code")["value"]
    expected_gaps = {"GINI", "MIG_SUB", "MIG_D", "OVD90_NPL"}
    assert set(total.index[total.isna()]) <= expected_gaps
    assert total["EVA"] == pytest.approx(
        (total["RAROC_ALL"] - demo.policy.number("cost_of_capital")) * total["EC"] * demo.quarter.days / 365, rel=1e-9
    )


def test_every_kpi_of_the_demo_bank_has_its_comparisons(demo: Portfolio) -> None:
    codes = [code for code, metric in METRICS.items() if metric.compute is not None]
    for comparison in comparisons(demo, codes):
        assert tuple(change.kind for change in comparison.changes) == METRICS[comparison.code].comparisons
