"""The top share over time and by size class, by hand; few clients are not shown."""

from pathlib import Path

import pytest

from analysis.core.estimate import Unavailable
from analysis.core.quarter import Quarter
from analysis.intake.portfolio import Portfolio
from analysis.portrait import pareto_cuts
from tests.builders import client_rows, rows, tiny_portfolio


def bank(tmp_path: Path, *, large: int = 30) -> Portfolio:
    """Large firms of equal deposits, and ten micro ones; a quarter ago the first six large ones held everything."""
    ids = [f"L{k:02d}" for k in range(large)] + [f"X{k:02d}" for k in range(10)]
    clients = client_rows(
        *ids,
        industry="C",
        industry_division="34",
        staff={id: 1000.0 if id[0] == "L" else 5.0 for id in ids},
        revenue={id: 5e8 if id[0] == "L" else 1e6 for id in ids},
    )
    now = [(id, "2026-09-30", "deposit_demand", 92.0, 92.0) for id in ids]
    then = [(id, "2026-06-30", "deposit_demand", 91.0, 91.0) for id in ids[:6]]
    return tiny_portfolio(
        tmp_path,
        {"clients": clients, "positions": rows("client_id month product balance_avg balance_end", *now, *then)},
    )


def test_the_share_a_quarter_ago_and_inside_each_class_by_hand(tmp_path: Path) -> None:
    # now all are equal: a fifth holds a fifth. A quarter ago six of forty held all: the top fifth (eight) has 100 %
    found = pareto_cuts(bank(tmp_path), "deposit_avg")
    assert found.history == {Quarter("2026Q2"): pytest.approx(1.0)}
    by_code = {group.code: share for group, share in found.groups}
    assert by_code["L"] == pytest.approx(0.2)
    few = by_code["X"]  # a fifth of ten is two clients
    assert isinstance(few, Unavailable)
    assert few.reason.en == "the largest clients are fewer than the disclosure limit"


def test_without_an_amount_nothing_is_cut(tmp_path: Path) -> None:
    found = pareto_cuts(tiny_portfolio(tmp_path, {"clients": client_rows(*"abcdefgh")}), "")
    assert (found.history, found.groups) == ({}, ())
