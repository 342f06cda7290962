"""Each row-level definition, branch by branch."""

from collections.abc import Callable
from datetime import date

import ibis
import pandas as pd
import pyarrow as pa
import pytest

from analysis.intake.policy import load_policy
from analysis.metrics import definitions as d
from analysis.metrics.history import HISTORY

POLICY = load_policy()


def judged(condition: Callable[[ibis.Table], ibis.Value], **columns: list[object]) -> list[object]:
    """What a condition says of the rows of a small table, in order."""
    data = pa.table({"row": list(range(len(next(iter(columns.values()))))), **columns})
    table = ibis.memtable(data)
    connection = ibis.duckdb.connect(threads=1)
    expression = table.select("row", said=condition(table)).order_by("row")
    return connection.to_pyarrow(expression)["said"].to_pylist()


# --- clients --------------------------------------------------------------------------------------------------------


def test_an_account_is_open_unless_it_is_closed() -> None:
    assert judged(d.is_account_open, status=["open", "dormant", "closed", None]) == [True, True, False, True]


def test_a_client_is_seasoned_when_known_before_the_window_or_since_an_unknown_day() -> None:
    start = date(2026, 3, 31)
    days = [date(2026, 3, 31), date(2026, 4, 1), None, date(2020, 1, 1)]
    said = judged(
        d.is_seasoned, status=["open", "open", "open", "closed"], relation_start=days, window_start=[start] * 4
    )
    assert said == [True, False, True, False]


# --- positions ------------------------------------------------------------------------------------------------------

PRODUCTS = ["deposit_demand", "deposit_margin", "loan_fixed", "acceptance", "payroll"]


def test_products_are_deposits_loans_or_neither() -> None:
    assert judged(d.is_deposit, product=PRODUCTS) == [True, True, False, False, False]
    assert judged(d.is_demand_deposit, product=PRODUCTS) == [True, False, False, False, False]
    assert judged(d.is_loan, product=PRODUCTS) == [False, False, True, False, False]


def test_a_family_is_held_by_an_account_or_service_and_by_other_products_while_there_is_a_balance() -> None:
    def held(family: str, product: str, end: float | None, average: float | None) -> object:
        return judged(
            lambda rows: d.is_family_held(rows, family), product=[product], balance_end=[end], balance_avg=[average]
        )[0]

    assert held("settlement", "deposit_demand", 0.0, 0.0) is True
    assert held("payroll", "payroll", None, None) is True
    assert held("term", "deposit_term", 0.0, 0.0) is False
    assert held("term", "deposit_term", 0.0, 5.0) is True
    assert held("term", "deposit_term", 5.0, None) is True
    assert held("bills", "acceptance", 5.0, 5.0) is True
    assert held("loan", "acceptance", 5.0, 5.0) is False


def test_there_are_thirteen_product_families() -> None:
    assert len(d.FAMILIES) == 13


# --- loans ----------------------------------------------------------------------------------------------------------


def test_bad_loans_are_substandard_doubtful_or_loss() -> None:
    classes = ["pass", "special_mention", "substandard", "doubtful", "loss", None]
    assert judged(d.is_npl, loan_class=classes) == [False, False, True, True, True, None]


def test_overdue_counts_days_above_the_limit_only() -> None:
    assert judged(d.is_overdue, days_overdue=[0, 1, None]) == [False, True, None]
    assert judged(lambda rows: d.is_overdue(rows, over=90), days_overdue=[90, 91]) == [False, True]


def test_only_stage_two_is_stage_two() -> None:
    assert judged(d.is_stage_2, stage=[1, 2, 3, None]) == [False, True, False, None]


def test_every_class_but_the_last_has_worse_ones() -> None:
    assert d.WORSE_CLASSES["pass"] == ("special_mention", "substandard", "doubtful", "loss")
    assert d.WORSE_CLASSES["special_mention"] == ("substandard", "doubtful", "loss")
    assert d.WORSE_CLASSES["substandard"] == ("doubtful", "loss")
    assert d.WORSE_CLASSES["doubtful"] == ("loss",)


def test_a_limit_is_valid_until_the_day_it_expires() -> None:
    month = date(2026, 9, 30)
    expiry = [date(2026, 9, 29), date(2026, 9, 30), date(2027, 1, 1), None]
    assert judged(d.is_limit_valid, month=[month] * 4, expiry=expiry) == [False, True, True, True]


OUTCOMES = {
    "outcome": ["paid_in_full", "charged_off", "charged_off", "charged_off", "paid_in_full", None],
    "outcome_date": [date(2026, 9, 30), date(2026, 9, 1), date(2026, 10, 1), None, None, None],
    "known_by": [date(2026, 9, 30)] * 6,
    "is_last": [False, False, False, False, True, True],
}


def test_an_outcome_is_known_from_its_day_or_without_a_day_in_the_last_quarter_only() -> None:
    assert judged(d.is_outcome_known, **OUTCOMES) == [True, True, False, False, True, False]


def test_a_loan_is_charged_off_when_that_outcome_is_known() -> None:
    assert judged(d.is_charged_off, **OUTCOMES) == [False, True, False, False, False, False]


def test_a_loan_is_new_from_the_first_day_of_the_quarter() -> None:
    start = [date(2026, 6, 30), date(2026, 7, 1)]
    assert judged(d.is_granted_in_quarter, start=start, quarter_start=[date(2026, 7, 1)] * 2) == [False, True]


# --- clients and quarters -------------------------------------------------------------------------------------------


def row(**values: float) -> pd.DataFrame:
    plain = {
        "n_clients": 1.0,
        "deposit_avg": 0.0,
        "loan_end": 0.0,
        "credit_limit": 0.0,
        "n_entries": 0.0,
        "contribution": 0.0,
        "n_families": 0.0,
        "n_seasoned": 1.0,
        "n_out_recent": 0.0,
        "economic_capital": 0.0,
    }
    return pd.DataFrame([plain | values])


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({}, False),
        ({"deposit_avg": 10_000.0}, True),
        ({"deposit_avg": 9_999.99}, False),
        ({"credit_limit": 0.01}, True),
        ({"loan_end": 1.0}, True),
        ({"n_entries": 3.0}, True),
        ({"n_entries": 2.0}, False),
        ({"n_clients": 0.0, "deposit_avg": 1e6}, False),
    ],
)
def test_a_client_is_effective_through_any_of_three_doors_while_open(values: dict[str, float], expected: bool) -> None:
    assert bool(d.is_effective(row(**values), POLICY).iloc[0]) is expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [({"n_entries": 6.0}, True), ({"n_entries": 5.0}, False), ({"n_clients": 0.0, "n_entries": 9.0}, False)],
)
def test_a_client_is_settlement_active_with_enough_entries(values: dict[str, float], expected: bool) -> None:
    assert bool(d.is_settlement_active(row(**values), POLICY).iloc[0]) is expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [({}, True), ({"n_out_recent": 1.0}, False), ({"n_seasoned": 0.0}, False)],
)
def test_a_client_is_dormant_when_seasoned_and_without_a_payment_of_its_own(
    values: dict[str, float], expected: bool
) -> None:
    assert bool(d.is_dormant(row(**values)).iloc[0]) is expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [
        ({"deposit_avg": 1_000_000.0}, True),
        ({"deposit_avg": 999_999.0, "contribution": 49_999.0}, False),
        ({"contribution": 50_000.0}, True),
        ({"n_clients": 0.0, "contribution": 1e6}, False),
    ],
)
def test_a_client_is_of_value_by_deposits_or_contribution(values: dict[str, float], expected: bool) -> None:
    assert bool(d.is_value_client(row(**values), POLICY).iloc[0]) is expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [({}, True), ({"loan_end": 1.0}, False), ({"credit_limit": 1.0}, False), ({"n_clients": 0.0}, False)],
)
def test_a_client_is_without_credit_when_it_has_neither_limit_nor_loan(
    values: dict[str, float], expected: bool
) -> None:
    assert bool(d.is_without_credit(row(**values)).iloc[0]) is expected


@pytest.mark.parametrize(
    ("values", "expected"),
    [({"n_families": 3.0}, True), ({"n_families": 2.0}, False), ({"n_clients": 0.0, "n_families": 5.0}, False)],
)
def test_a_client_is_cross_sold_from_so_many_families(values: dict[str, float], expected: bool) -> None:
    assert bool(d.is_cross_sold(row(**values), POLICY).iloc[0]) is expected


def test_a_client_uses_capital_from_the_minimum_on() -> None:
    assert bool(d.has_capital(row(economic_capital=10_000.0), POLICY).iloc[0])
    assert not bool(d.has_capital(row(economic_capital=9_999.0), POLICY).iloc[0])


# --- clients over several quarters ----------------------------------------------------------------------------------


def frames(**by_measure: list[float]) -> dict[int, pd.DataFrame]:
    """Panels of one client: the values from lag 0 backwards."""
    n_lags = len(next(iter(by_measure.values())))
    return {lag: pd.DataFrame({name: [values[lag]] for name, values in by_measure.items()}) for lag in range(n_lags)}


@pytest.mark.parametrize(
    ("effective", "opening", "lost"),
    [
        ([0.0, 0.0, 1.0], 1, 1),
        ([1.0, 0.0, 1.0], 1, 0),  # came back
        ([0.0, 1.0, 1.0], 1, 0),  # not long enough
        ([0.0, 0.0, 0.0], 0, 0),
        ([1.0, 1.0, 0.0], 0, 0),
    ],
)
def test_a_client_is_lost_when_effective_at_the_start_and_never_since(
    effective: list[float], opening: int, lost: int
) -> None:
    panels = frames(n_effective=effective, deposit_avg=[5.0, 6.0, 7.0])
    assert HISTORY["n_effective_opening"].amount(panels).iloc[0] == opening
    assert HISTORY["n_lost"].amount(panels).iloc[0] == lost
    assert HISTORY["deposit_avg_opening"].amount(panels).iloc[0] == 7.0 * opening
    assert HISTORY["deposit_avg_lost"].amount(panels).iloc[0] == 7.0 * lost


def test_value_clients_enter_and_leave() -> None:
    assert HISTORY["n_value_in"].amount(frames(n_value=[1.0, 0.0])).iloc[0] == 1
    assert HISTORY["n_value_in"].amount(frames(n_value=[1.0, 1.0])).iloc[0] == 0
    assert HISTORY["n_value_out"].amount(frames(n_value=[0.0, 1.0])).iloc[0] == 1
    assert HISTORY["n_value_out"].amount(frames(n_value=[0.0, 0.0])).iloc[0] == 0


def test_a_first_loan_is_one_of_a_client_without_credit_last_quarter() -> None:
    amount = HISTORY["n_first_loan"].amount
    assert amount(frames(n_without_credit=[0.0, 1.0], loan_end=[9.0, 0.0])).iloc[0] == 1
    assert amount(frames(n_without_credit=[0.0, 0.0], loan_end=[9.0, 0.0])).iloc[0] == 0  # had a limit already
    assert amount(frames(n_without_credit=[1.0, 1.0], loan_end=[0.0, 0.0])).iloc[0] == 0


def test_revenue_is_retained_on_the_list_of_a_year_ago() -> None:
    panels = frames(n_clients=[1.0] * 5, operating_revenue=[8.0, 0.0, 0.0, 0.0, 10.0])
    assert HISTORY["revenue_year_ago"].amount(panels).iloc[0] == 10.0
    assert HISTORY["revenue_kept"].amount(panels).iloc[0] == 8.0
    newcomer = frames(n_clients=[1.0, 1.0, 1.0, 1.0, 0.0], operating_revenue=[8.0, 0.0, 0.0, 0.0, 0.0])
    assert HISTORY["revenue_kept"].amount(newcomer).iloc[0] == 0.0
