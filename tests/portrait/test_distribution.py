"""Distributions leave nobody out, merge what is small, and hide what would give a client away."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from analysis.core.errors import ParameterError
from analysis.core.estimate import Unavailable
from analysis.intake.portfolio import Portfolio
from analysis.portrait import Cross, Distribution, cross, distribution
from tests.builders import client_rows, rows, tiny_portfolio

HEADER = "client_id month product balance_avg balance_end interest funds_amount fee direct_cost"


def _bank(tmp_path: Path, industry: dict[str, str | None], deposits: dict[str, float], **columns: object) -> Portfolio:
    """Clients with an industry and deposits that are the same in the three months of the quarter."""
    lines = [
        (id, month, "deposit_demand", amount, amount, 0.0, 0.0, 0.0, 0.0)
        for id, amount in deposits.items()
        for month in ("2026-07-31", "2026-08-31", "2026-09-30")
    ]
    clients = client_rows(*industry, industry=industry, **columns)
    return tiny_portfolio(tmp_path, {"clients": clients, "positions": rows(HEADER, *lines)})


def _industries(**sizes: int) -> dict[str, str | None]:
    """Client ids such as C03 by industry; `none` is no industry."""
    return {f"{code}{k:02d}": (None if code == "none" else code) for code, n in sizes.items() for k in range(n)}


def _shown(found: Distribution | Unavailable) -> pd.DataFrame:
    assert isinstance(found, Distribution)
    return found.table.set_index("code")


def test_counts_shares_and_sums_by_hand_with_the_unclassified_and_the_total(tmp_path: Path) -> None:
    # C: 6 clients with 10 each; F: 5 with 20; none: 5 with 1. Together 16 clients and 60 + 100 + 5 = 165
    industry = _industries(C=6, F=5, none=5)
    deposits = {id: {"C": 10.0, "F": 20.0, "n": 1.0}[id[0]] for id in industry}
    table = _shown(distribution(_bank(tmp_path, industry, deposits), "industry"))
    assert table.index.tolist() == ["C", "F", "unclassified", "total"]
    assert table["n_clients"].tolist() == [6, 5, 5, 16]
    assert table["share"].tolist() == pytest.approx([6 / 16, 5 / 16, 5 / 16, 1])
    assert table["deposit_avg"].tolist() == [60, 100, 5, 165]
    assert table["deposit_avg_share"].iloc[:-1].sum() == pytest.approx(1.0)


def test_small_groups_are_merged_and_take_the_smallest_shown_one_if_they_are_still_too_few(tmp_path: Path) -> None:
    # limit 5. H has 2 and I has 1: together 3, so J with 5 joins them: 8 merged
    industry = _industries(C=9, F=7, J=5, H=2, I=1)
    found = distribution(_bank(tmp_path, industry, dict.fromkeys(industry, 1.0)), "industry")
    table = _shown(found)
    assert table["n_clients"].to_dict() == {"C": 9, "F": 7, "merged": 8, "total": 24}
    assert isinstance(found, Distribution)
    assert found.groups[-1].members == ("H", "I", "J")
    assert found.groups[-1].label.zh == "其他（合并小组）"


def test_a_code_no_reference_knows_is_unclassified(tmp_path: Path) -> None:
    industry = _industries(C=6, F=6) | {f"X{k}": "ZZ" for k in range(5)}
    table = _shown(distribution(_bank(tmp_path, industry, dict.fromkeys(industry, 1.0)), "industry"))
    assert table.loc["unclassified", "n_clients"] == 5


def test_an_amount_two_clients_dominate_is_hidden_with_one_more(tmp_path: Path) -> None:
    # C: 500 + 400 of 904 is 99 %, over 85 %. Hidden; the total of 1,029 would give it away: so is the smallest, F's 25
    industry = _industries(C=6, F=5, G=5)
    deposits = {id: {"C": 1.0, "F": 5.0, "G": 20.0}[id[0]] for id in industry} | {"C00": 500.0, "C01": 400.0}
    found = distribution(_bank(tmp_path, industry, deposits), "industry")
    assert isinstance(found, Distribution)
    assert found.hidden["deposit_avg"].tolist() == [True, True, False, False]
    table = _shown(found)
    assert table["deposit_avg"].isna().tolist() == [True, True, False, False]
    assert table.loc["total", "deposit_avg"] == 1029


def test_concentration_is_over_the_classified_groups_before_merging(tmp_path: Path) -> None:
    # shares 6/12 and 6/12: 0.25 + 0.25
    industry = _industries(C=6, F=6, none=5)
    found = distribution(_bank(tmp_path, industry, dict.fromkeys(industry, 1.0)), "industry")
    assert isinstance(found, Distribution)
    assert found.concentration == pytest.approx(0.5)


def test_sizes_keep_their_natural_order_and_every_client_has_one(tmp_path: Path) -> None:
    industry = _industries(C=12)
    staff = {id: (5_000.0 if k < 6 else 10.0) for k, id in enumerate(industry)}
    bank = _bank(tmp_path, industry, dict.fromkeys(industry, 1.0), industry_division="30", staff=staff, revenue=5e9)
    table = _shown(distribution(bank, "size_class"))
    assert table.index.tolist()[:2] == ["L", "X"]
    assert table["n_clients"].iloc[:-1].sum() == 12


def test_fewer_clients_than_the_limit_give_no_distribution(tmp_path: Path) -> None:
    industry = _industries(C=4)
    found = distribution(_bank(tmp_path, industry, dict.fromkeys(industry, 1.0)), "industry")
    assert isinstance(found, Unavailable)


def test_an_unknown_dimension_is_refused(tmp_path: Path) -> None:
    industry = _industries(C=6)
    with pytest.raises(ParameterError) as error:
        distribution(_bank(tmp_path, industry, dict.fromkeys(industry, 1.0)), "colour")
    assert str(error.value).startswith("Clients cannot be grouped by 'colour'. Choose from industry, region,")


def _crossed(tmp_path: Path) -> Cross:
    """C: 3 startups, 20 growing, 30 mature. F: 10, 12, 14. G: 8, 9, 10. Every client has 10."""
    numbers = {"C": (3, 20, 30), "F": (10, 12, 14), "G": (8, 9, 10)}
    stages = ("startup", "growth", "mature")
    industry, stage = {}, {}
    for code, counts in numbers.items():
        for name, n in zip(stages, counts, strict=True):
            for k in range(n):
                industry[f"{code}{name}{k:02d}"] = code
                stage[f"{code}{name}{k:02d}"] = name
    bank = _bank(tmp_path, industry, dict.fromkeys(industry, 10.0), stage=stage)
    found = cross(bank, "industry", "stage", amount="deposit_avg")
    assert isinstance(found, Cross)
    return found


def test_margins_of_a_cross_table_are_those_of_the_distributions(tmp_path: Path) -> None:
    found = _crossed(tmp_path)
    assert found.counts["total"].to_dict() == {"C": 53, "F": 36, "G": 27, "total": 116}
    assert found.counts.loc["total"].to_dict() == {"startup": 21, "growth": 41, "mature": 54, "total": 116}
    assert found.amounts.loc["total", "total"] == 1160


def test_a_small_cell_is_hidden_and_cannot_be_worked_out(tmp_path: Path) -> None:
    # rectangles on C × startup: 20 + 8 + 9 = 37 (with G) is the cheapest
    found = _crossed(tmp_path)
    hidden = found.hidden_counts
    assert [(r, c) for r in hidden.index for c in hidden.columns if hidden.loc[r, c]] == [
        ("C", "startup"),
        ("C", "growth"),
        ("G", "startup"),
        ("G", "growth"),
    ]
    assert found.counts.loc["C", ["startup", "growth"]].isna().all()
    assert found.hidden_amounts.to_numpy()[hidden.to_numpy()].all()
    # what can be seen and the totals agree
    assert found.counts.loc["F", ["startup", "growth", "mature"]].sum() == found.counts.loc["F", "total"]


def test_a_source_without_the_amount_still_counts(tmp_path: Path) -> None:
    industry = _industries(C=6, F=6)
    found = cross(
        _bank(tmp_path, industry, dict.fromkeys(industry, 1.0)), "industry", "entity_type", amount="approved_amount"
    )
    assert isinstance(found, Cross)
    assert found.amount == ""
    assert np.isnan(found.amounts.to_numpy(dtype=float)).all()
    assert found.counts.loc["C", "enterprise"] == 6
