"""The population waterfall ties at every step, in clients and in money."""

import dataclasses
from pathlib import Path

import pytest

from analysis.core.estimate import Unavailable
from analysis.intake.portfolio import Portfolio
from analysis.portrait import population_waterfall
from tests.builders import client_rows, rows, tiny_portfolio

HEADER = "client_id month product balance_avg balance_end interest funds_amount fee direct_cost"


@pytest.fixture
def bank(tmp_path: Path) -> Portfolio:
    """A with 92,000 on average, B an individual, C closed, D with nothing, E a borrower."""
    ids = ("A", "B", "C", "D", "E")
    kinds = dict.fromkeys(ids, "enterprise") | {"B": "individual", "D": None}
    clients = client_rows(*ids, entity_type=kinds, status=dict.fromkeys(ids, "open") | {"C": "closed"})
    amounts = {"A": 92_000.0, "B": 920.0, "C": 9_200.0, "D": 0.0, "E": 0.0}
    lines = [
        (id, month, "deposit_demand", amount, amount, 0.0, 0.0, 0.0, 0.0)
        for id, amount in amounts.items()
        for month in ("2026-07-31", "2026-08-31", "2026-09-30")
    ]
    lines.append(("E", "2026-09-30", "loan_working", 92_000.0, 50_000.0, 0.0, 0.0, 0.0, 0.0))
    limits = rows("client_id month credit_limit used", ("E", "2026-09-30", 60_000.0, 50_000.0))
    entries = rows(
        "client_id month channel n_in n_out amount_in amount_out amount_cross_border",
        ("A", "2026-09-30", "online", 1, 1, 1.0, 1.0, 0.0),
    )
    return tiny_portfolio(
        tmp_path, {"clients": clients, "positions": rows(HEADER, *lines), "limits": limits, "transactions": entries}
    )


def test_each_step_is_the_one_before_less_those_removed(bank: Portfolio) -> None:
    # 5 records; B is an individual; C is closed; of A, D, E the first has deposits, the last a limit: 2 active, D idle
    found = population_waterfall(bank)
    assert [(s.id, s.n_clients, s.n_removed) for s in found.steps] == [
        ("all", 5, 0),
        ("corporate", 4, 1),
        ("open", 3, 1),
        ("active", 2, 0),
        ("idle", 1, 0),
    ]
    assert found.analysed.n_clients == found.step("active").n_clients + found.step("idle").n_clients
    assert found.active == pytest.approx(2 / 3)


def test_money_goes_with_the_clients(bank: Portfolio) -> None:
    # deposits 92,000 + 920 + 9,200 = 102,120; without B 101,200; without C 92,000. Loan of E: 92,000·30 ÷ 92 = 30,000
    found = population_waterfall(bank)
    assert [round(s.money["deposit_avg"], 2) for s in found.steps] == [102_120, 101_200, 92_000, 92_000, 0]
    assert [round(s.money["loan_avg"], 2) for s in found.steps] == [30_000] * 4 + [0]
    assert [code for code, _ in found.amounts] == ["deposit_avg", "loan_avg"]


def test_a_client_without_entity_type_counts_as_corporate_and_is_mentioned(bank: Portfolio) -> None:
    assert population_waterfall(bank).cautions[0].en == ("some clients have no entity type and are taken as corporate")


def test_another_definition_of_active_moves_the_counts(bank: Portfolio) -> None:
    # with deposits of at least 100,000 asked, A is idle too (2 entries are under 3)
    rows = tuple(
        dataclasses.replace(row, value=100_000) if row.id == "effective_deposit_avg" else row
        for row in bank.policy.rows
    )
    stricter = dataclasses.replace(bank.policy, rows=rows, sha256="stricter")
    changed = dataclasses.replace(bank, policy=stricter)
    assert [s.n_clients for s in population_waterfall(changed).steps][3:] == [1, 2]


def test_a_source_that_cannot_tell_active_clients_says_so(tmp_path: Path) -> None:
    found = population_waterfall(tiny_portfolio(tmp_path, {"clients": client_rows("A", "B")}))
    assert [s.id for s in found.steps] == ["all", "corporate", "open"]
    assert isinstance(found.active, Unavailable)
    assert found.active.reason.en == "the source lacks what tells an effective client from an idle one"
