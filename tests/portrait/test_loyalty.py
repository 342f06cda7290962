"""The loyalty index: its parts by hand, gaps, groups."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.core.estimate import Unavailable
from analysis.intake.portfolio import Portfolio
from analysis.portrait import Loyalty, loyalty, loyalty_index
from tests.builders import client_rows, rows, tiny_portfolio

SEP = "2026-09-30"


def _bank(tmp_path: Path, **more: pd.DataFrame) -> Portfolio:
    clients = client_rows(
        "A",
        "B",
        tier="T1",
        relation_start={"A": "2021-09-30", "B": "2006-01-31"},
        has_basic_account={"A": True, "B": False},
        settlement_bank={"A": "own", "B": "another bank"},
    )
    positions = rows(
        "client_id month product balance_avg balance_end",
        ("A", SEP, "deposit_demand", 1.0, 1.0),
        ("A", SEP, "payroll", 0.0, 0.0),
        ("A", SEP, "wealth", 0.0, 0.0),
        ("B", SEP, "deposit_demand", 1.0, 1.0),
    )
    transactions = rows(
        "client_id month channel n_in n_out",
        *[("A", month, "online", 1, 0) for month in ("2025-09-30", "2025-10-31", "2026-01-31", SEP)],
        ("A", SEP, "counter", 0, 2),
        ("B", SEP, "online", 0, 0),
    )
    return tiny_portfolio(tmp_path, {"clients": clients, "positions": positions, "transactions": transactions, **more})


def _found(portfolio: Portfolio) -> Loyalty:
    found = loyalty_index(portfolio)
    assert isinstance(found, Loyalty)
    return found


def test_two_clients_by_hand(tmp_path: Path) -> None:
    # A: 3 of 6 families, 3 of the last 12 months (September 2025 is the thirteenth), 5 of 10 years, basic account, own
    surveys = rows("client_id wave date loyalty", ("A", "1", "2026-01-31", 20.0), ("A", "2", "2026-07-31", 80.0))
    found = _found(_bank(tmp_path, surveys=surveys))
    assert found.parts.loc["A"].to_dict() == pytest.approx(
        {"families": 0.5, "active_months": 0.25, "tenure": 0.5, "basic_account": 1, "main_bank": 1, "survey": 0.8},
        abs=1e-3,
    )
    expected = 0.25 * 0.5 + 0.2 * 0.25 + 0.15 * 0.5 + 0.15 + 0.1 + 0.15 * 0.8
    assert found.index["A"] == pytest.approx(expected, abs=1e-3)
    # B never answered: 0.85 of the weight is known, 1/6 family, no month, more than ten years
    assert found.coverage.tolist() == pytest.approx([1.0, 0.85])
    assert found.index["B"] == pytest.approx((0.25 / 6 + 0.15) / 0.85)
    assert found.known["survey"] == 1


def test_a_part_the_source_lacks_is_left_out_and_named(tmp_path: Path) -> None:
    found = _found(_bank(tmp_path))
    assert "survey" not in found.parts
    assert found.coverage.tolist() == pytest.approx([0.85, 0.85])
    assert found.cautions[0].en == (
        "the source lacks what “survey: wish to stay” needs: it is left out of the loyalty index and the other weights "
        "are scaled up"
    )


def test_groups_show_means_of_known_parts_and_small_ones_are_merged(tmp_path: Path) -> None:
    found = _found(_bank(tmp_path))
    assert [group.code for group in found.groups] == ["merged"]
    assert found.table.loc["total", "n_clients"] == 2
    assert found.table.loc["total", "index"] == pytest.approx(found.index.mean())


def test_no_part_is_income(tmp_path: Path) -> None:
    rich = rows("client_id month product balance_avg balance_end fee", ("A", SEP, "deposit_demand", 1.0, 1.0, 9e9))
    plain = rich.assign(fee=0.0)
    found = [_found(_bank(tmp_path, positions=table)).index.tolist() for table in (rich, plain)]
    assert found[0] == found[1]


def test_parts_are_held_between_nothing_and_full(tmp_path: Path) -> None:
    parts = _found(_bank(tmp_path)).parts.to_numpy()
    assert np.nanmin(parts) >= 0
    assert np.nanmax(parts) <= 1


def test_nothing_known_gives_the_reason(tmp_path: Path) -> None:
    # a day of start alone is 0.15 of the weight, under the half that is asked for
    for clients in (client_rows("A"), client_rows("A", relation_start="2020-01-31")):
        found = loyalty_index(tiny_portfolio(tmp_path, {"clients": clients}))
        assert isinstance(found, Unavailable)
        assert found is loyalty.NOTHING
