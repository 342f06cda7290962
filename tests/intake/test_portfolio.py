"""A portfolio holds what was known at its quarter's end, and nothing else."""

import pandas as pd
import pytest

from analysis.core.errors import DataError, ParameterError
from tests.builders import client_rows, rows, tiny_portfolio


@pytest.fixture
def portfolio(tmp_path):
    clients = client_rows("A", "B", "C", region={"A": "r1", "B": "r1", "C": "r2"})
    clients.loc[(clients.client_id == "B") & (clients.quarter == "2026Q3"), "status"] = "closed"
    clients = clients[~((clients.client_id == "C") & (clients.quarter == "2026Q3"))]
    positions = rows(
        "client_id month product balance_avg",
        ("A", "2026-06-30", "deposit_demand", 100.10),
        ("A", "2026-09-30", "deposit_demand", 300.20),
        ("A", "2026-09-30", "loan_working", 50.00),
    )
    loans = rows(
        "loan_id client_id start amount outcome outcome_date charged_off",
        ("l1", "A", "2026-05-01", 10.0, "charged_off", "2026-08-15", 4.0),
        ("l2", "A", "2026-08-01", 20.0, None, None, None),
        ("l3", "C", "2026-01-01", 30.0, "paid_in_full", None, None),
    )
    financials = rows("client_id year assets", ("A", 2025, 9.0), ("A", 2026, 11.0))
    return tiny_portfolio(
        tmp_path, {"clients": clients, "positions": positions, "loans": loans, "financials": financials}
    )


def test_clients_are_those_with_an_open_account_at_the_quarter_end(portfolio):
    # B closed in the quarter, so it leaves; C has no row of its own for 2026Q3, so its latest row stays in force.
    assert list(portfolio.clients.client_id) == ["A", "C"]
    assert list(portfolio.register.client_id) == ["A", "B", "C"]
    assert set(portfolio.register.quarter) == {"2026Q3"}
    assert list(portfolio.previous.clients.client_id) == ["A", "B", "C"]


def test_a_table_holds_no_month_after_the_quarter(portfolio):
    assert portfolio.table("positions").count().execute() == 3
    assert portfolio.previous.table("positions").count().execute() == 1


def test_money_sums_keep_the_fen(portfolio):
    table = portfolio.table("positions")
    # 100.10 + 300.20 + 50.00
    assert str(portfolio.connection.con.execute("SELECT sum(balance_avg) FROM positions").fetchone()[0]) == "450.30"
    assert portfolio.to_frame(table.aggregate(total=table.balance_avg.sum())).total[0] == pytest.approx(450.30)


def test_an_outcome_is_known_from_its_day_on(portfolio):
    now = portfolio.to_frame(portfolio.table("loans").order_by("loan_id"))
    before = portfolio.previous.to_frame(portfolio.previous.table("loans").order_by("loan_id"))
    assert list(now.loan_id) == ["l1", "l2", "l3"]
    assert list(now.outcome.fillna("")) == ["charged_off", "", "paid_in_full"]
    assert now.charged_off.tolist()[0] == 4.0
    # At 2026Q2 the loan of August does not exist, and neither outcome is known: one is dated later, one has no date.
    assert list(before.loan_id) == ["l1", "l3"]
    assert before[["outcome", "outcome_date", "charged_off"]].isna().all(axis=None)


def test_statements_of_the_running_year_are_not_known_yet(portfolio):
    assert portfolio.to_frame(portfolio.table("financials")).year.tolist() == [2025]


def test_a_quarter_without_data_is_refused_with_the_span(portfolio):
    with pytest.raises(
        DataError, match=r"^The source tiny has no data for 2027Q1. Its first quarter is 2026Q2, its last 2026Q3.$"
    ):
        portfolio.at("2027Q1")
    with pytest.raises(DataError, match=r"no data for 2026Q1"):
        _ = portfolio.previous.previous


def test_an_absent_table_and_an_unknown_name_are_told_apart(portfolio):
    assert portfolio.has("loans")
    assert not portfolio.has("limits")
    with pytest.raises(DataError, match=r"^The source tiny has no table limits \(limits\)"):
        portfolio.table("limits")
    with pytest.raises(ParameterError, match=r"^There is no canonical table 'lones'. Did you mean 'loans'\?"):
        portfolio.has("lones")


def test_the_key_names_tables_quarter_and_policy(portfolio):
    assert portfolio.key == portfolio.at("2026Q3").key
    assert portfolio.key != portfolio.previous.key


def test_us_firms_are_sized_by_staff_and_no_staff_is_unknown(tmp_path):
    staff = {"A": 9.0, "B": 10.0, "C": 50.0, "D": 250.0, "E": None, "F": 0.0}
    clients = client_rows(*staff, staff=staff, quarters=("2014Q3",))
    frame = tiny_portfolio(tmp_path, {"clients": clients}, "2014Q3", industry_scheme="naics").clients
    assert frame.size_class.fillna("").tolist() == ["X", "S", "M", "L", "", ""]
    assert frame.size_reason.tolist() == [""] * 4 + ["missing staff"] * 2
    assert isinstance(frame, pd.DataFrame)
