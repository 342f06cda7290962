"""Dependence by every cut: Herfindahl index and top share by hand, ties to the other tables, groups counted once."""

from pathlib import Path

import pytest

from analysis.core.estimate import Unavailable
from analysis.intake.portfolio import Portfolio
from analysis.portrait import Dependence, Distribution, GroupRollup, dependence, distribution
from tests.builders import client_rows, rows, tiny_portfolio


def bank(tmp_path: Path) -> Portfolio:
    """Twelve clients, deposits 1 to 12: industry C has 6, F 4, unknown 2; a01 and a12 are one group."""
    ids = [f"a{k:02d}" for k in range(1, 13)]
    industry = {id: "C" if k < 6 else "F" if k < 10 else None for k, id in enumerate(ids)}
    groups = {id: "G" if id in ("a01", "a12") else None for id in ids}
    clients = client_rows(*ids, quarters=("2026Q3",), industry=industry, group_id=groups)
    held = [
        (id, "2026-09-30", product, float(k), float(k))
        for k, id in enumerate(ids, 1)
        for product in ("deposit_demand", "loan_working")
    ]
    return tiny_portfolio(
        tmp_path, {"clients": clients, "positions": rows("client_id month product balance_avg balance_end", *held)}
    )


def test_each_cut_by_hand(tmp_path: Path) -> None:
    found = dependence(bank(tmp_path))
    assert isinstance(found, Dependence)
    assert found.measures == ("deposit_avg", "loan_avg")
    assert [one.code for one in found.factors] == ["client", "group", "industry"]
    client, group, industry = found.factors
    # clients: deposits 1 … 12 sum to 78, the five largest 8 + … + 12 = 50; with the group 13 + 11 + 10 + 9 + 8 = 51
    assert client.top("deposit_avg") == pytest.approx(50 / 78)
    assert group.top("deposit_avg") == pytest.approx(51 / 78)
    assert (client.n_parts, group.n_parts) == (12, 11)
    # HHI: Σk² = 650; the group adds 13² − 1 − 144 = 24
    assert client.of_amounts["deposit_avg"].hhi == pytest.approx(650 / 78**2)
    assert group.of_amounts["loan_avg"].hhi == pytest.approx(674 / 78**2)
    # industries: 6 and 4 of 10 classified clients; deposits 21 and 34 of 55
    assert industry.of_clients.hhi == pytest.approx(0.36 + 0.16)
    assert industry.of_amounts["deposit_avg"].hhi == pytest.approx((21**2 + 34**2) / 55**2)
    assert industry.unclassified == pytest.approx(2 / 12)
    top = industry.top("deposit_avg")
    assert isinstance(top, Unavailable)
    assert top.reason.en == "so few parts that the largest of them are all"
    assert isinstance(found.groups, GroupRollup)
    assert found.factor("region") is None


def test_the_index_of_clients_is_that_of_the_distribution(tmp_path: Path) -> None:
    portfolio = bank(tmp_path)
    found, spread = dependence(portfolio), distribution(portfolio, "industry")
    assert isinstance(found, Dependence)
    assert isinstance(spread, Distribution)
    industry = found.factor("industry")
    assert industry is not None
    assert industry.of_clients.hhi == pytest.approx(spread.concentration)


def test_too_few_clients_have_no_dependence(tmp_path: Path) -> None:
    found = dependence(tiny_portfolio(tmp_path, {"clients": client_rows("a", "b")}))
    assert isinstance(found, Unavailable)
    assert found.reason.en == "fewer clients than the disclosure limit"


def test_a_source_without_money_or_groups_still_counts_clients(tmp_path: Path) -> None:
    clients = client_rows(*"abcdefgh", industry={id: "C" if id < "e" else "F" for id in "abcdefgh"})
    found = dependence(tiny_portfolio(tmp_path, {"clients": clients}))
    assert isinstance(found, Dependence)
    assert found.measures == ()
    assert isinstance(found.groups, Unavailable)
    assert [one.code for one in found.factors] == ["client", "industry"]
