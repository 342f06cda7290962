"""Unmet needs: by hand, closed by a product, tied to the evidence."""

from pathlib import Path

import pandas as pd
import pytest

from analysis.core.estimate import Unavailable
from analysis.intake.portfolio import Portfolio
from analysis.portrait.needs import Gaps, NeedEvidence, combine_needs, need_groups, unmet_needs
from tests.portrait.needs.builders import POLICY, held_rows, need_rows, source

IDS = tuple(f"C{k}" for k in range(12))


def _bank(tmp_path: Path, **held: list[str]) -> Portfolio:
    """Twelve clients with a manager: all say payroll, six deposits, six advice no product serves."""
    lines = [(id, "payroll", "manager", "2026-08-01", {"amount": 100.0 * (k + 1)}) for k, id in enumerate(IDS)]
    lines += [(id, "deposits", "manager", "2026-08-01") for id in IDS[:6]]
    lines += [(id, "business_advice", "manager", "2026-08-01") for id in IDS[:6]]
    lines += [(id, "business_advice", "manager", "2026-01-01", {"closed": "2026-08-01"}) for id in IDS[6:]]
    columns = {"manager_id": "M1", "ownership": "private"}
    positions = held_rows(**({"C0": ["deposit_demand"]} | held))
    return source(tmp_path, *IDS, needs=need_rows(*lines), columns=columns, positions=positions)


def _gaps(portfolio: Portfolio) -> Gaps:
    evidence = combine_needs(portfolio)
    assert isinstance(evidence, NeedEvidence)
    revenue = pd.Series(10.0, index=list(IDS))
    found = unmet_needs(evidence, need_groups(portfolio, evidence, "ownership"), revenue, policy=POLICY)
    assert isinstance(found, Gaps)
    return found


def test_who_lacks_what_by_hand(tmp_path: Path) -> None:
    # payroll: nobody holds it, 12 of 12 unmet, 100 + … + 1,200 = 7,800 wanted. Deposits: C0 holds them: 5 of 6.
    # Advice: no product; open in six records, closed in the other six
    found = _gaps(_bank(tmp_path))
    table = found.by_need
    assert table.loc["payroll", ["n_present", "n_unmet", "rate", "amount", "n_amount", "revenue"]].tolist() == [
        12, 12, 1.0, 7800.0, 12, 120.0,
    ]  # fmt: skip
    assert table.loc["deposits", ["n_present", "n_unmet"]].tolist() == [6, 5]
    assert table.loc["business_advice", ["has_product", "n_present", "n_unmet"]].tolist() == [False, 12, 6]
    assert table.loc["payroll", "n_unmet"] == found.unmet["payroll"].sum()
    assert (found.n_clients, found.n_unmet_clients, found.amount) == (12, 12, 7800.0)
    assert found.by_group.loc["private", ["n_clients", "n_unmet", "needs_unmet"]].tolist() == [12, 12, 23.0]


def test_the_gap_closes_when_the_product_is_added(tmp_path: Path) -> None:
    before = _gaps(_bank(tmp_path))
    after = _gaps(_bank(tmp_path, C3=["payroll"], C4=["payroll"]))
    assert before.by_need.loc["payroll", "n_unmet"] == 12
    assert after.by_need.loc["payroll", "n_unmet"] == 10
    assert after.amount == before.amount - 400.0 - 500.0


def test_needs_present_tie_to_the_evidence(tmp_path: Path) -> None:
    portfolio = _bank(tmp_path)
    evidence = combine_needs(portfolio)
    assert isinstance(evidence, NeedEvidence)
    present = evidence.present("stated").sum()
    found = _gaps(portfolio)
    assert found.by_need["n_present"].to_dict() == present.to_dict()


def test_a_few_clients_are_hidden(tmp_path: Path) -> None:
    # four clients lack deposits after two more hold them: below the limit of five, and the smallest other with them
    found = _gaps(_bank(tmp_path, C1=["deposit_demand"]))
    assert found.by_need.loc["deposits", "n_unmet"] == 4
    assert found.by_need.loc[["deposits", "business_advice", "payroll"], "hidden"].tolist() == [True, True, False]


def test_without_holdings_nobody_can_tell(tmp_path: Path) -> None:
    portfolio = source(tmp_path, "A", needs=need_rows(("A", "payroll", "survey", "2026-08-01")))
    evidence = combine_needs(portfolio)
    assert isinstance(evidence, NeedEvidence)
    found = unmet_needs(evidence, need_groups(portfolio, evidence, "ownership"), pd.Series(dtype=float), policy=POLICY)
    assert isinstance(found, Unavailable)
    assert found.reason.en == "the source has no holdings, so nobody can tell which needs are served"


def test_a_closed_need_counts_as_stated_for_a_year_and_no_longer(tmp_path: Path) -> None:
    lines = [(id, "payroll", "manager", "2025-01-01", {"closed": "2025-12-31"}) for id in IDS]
    recent = source(
        tmp_path, *IDS, needs=need_rows(*lines), columns={"manager_id": "M1"}, positions=held_rows(C0=["online"])
    )
    old_lines = [(id, "payroll", "manager", "2025-01-01", {"closed": "2025-06-30"}) for id in IDS]
    old = source(
        tmp_path, *IDS, needs=need_rows(*old_lines), columns={"manager_id": "M1"}, positions=held_rows(C0=["online"])
    )
    assert [_gaps(one).by_need.loc["payroll", "n_unmet"] for one in (recent, old)] == [12, 0]


def test_a_need_whose_own_record_says_it_was_met_is_not_unmet(tmp_path: Path) -> None:
    # C0's last record says what served it; C1's later one lapsed; C2's was met first, and it is open again; C3's lapsed
    # on the day another was met
    met, lapsed = {"closed": "2026-08-20", "served_by": "service"}, {"closed": "2026-08-21"}
    lines: list[tuple[object, ...]] = [(id, "payroll", "manager", "2026-08-01", met) for id in IDS[:4]]
    lines += [("C1", "payroll", "interview", "2026-08-02", lapsed), ("C2", "payroll", "survey", "2026-09-01")]
    lines += [("C3", "payroll", "interview", "2026-08-02", {"closed": "2026-08-20"})]
    lines += [(id, "payroll", "manager", "2026-08-01") for id in IDS[4:]]
    columns = {"manager_id": "M1", "ownership": "private"}
    found = _gaps(source(tmp_path, *IDS, needs=need_rows(*lines), columns=columns, positions=held_rows(C0=["online"])))
    assert found.by_need.loc["payroll", ["n_present", "n_unmet"]].tolist() == [12, 10]
    assert found.unmet["payroll"][list(IDS[:4])].tolist() == [False, True, True, False]
    assert found.n_unmet_clients == 10


@pytest.mark.parametrize("holder", ["C2", "C7"])
def test_use_of_one_client_never_serves_another(holder: str, tmp_path: Path) -> None:
    found = _gaps(_bank(tmp_path, **{holder: ["payroll"]}))
    assert not found.unmet.loc[holder, "payroll"]
    assert found.unmet["payroll"].sum() == 11
