"""Output by branch: medians by hand, nobody at an outlet, small branches hidden, the table as printed."""

from pathlib import Path

import pytest

from analysis.core.blocks import Missing, Suppressed
from analysis.core.estimate import Unavailable
from analysis.core.text import Text
from analysis.intake.portfolio import Portfolio
from analysis.portrait import BranchOutput, branch_output
from analysis.present.output import output_blocks, output_table
from tests.builders import client_rows, rows, tiny_portfolio
from tests.present.prose import CNY, cell, keeps_the_promises

SEP = "2026-09-30"


def bank(tmp_path: Path, outlets: list[tuple[str, str, float | None]], clients: dict[str, int]) -> Portfolio:
    """Outlets (name, branch, staff) and so many clients at each, with a fee of 10 and average deposits of 30 each."""
    at = {f"{outlet}-{k}": outlet for outlet, n in clients.items() for k in range(n)}
    positions = [(id, SEP, "deposit_demand", 92.0, 92.0, 0.0, 0.0, 10.0) for id in at]
    tables = {
        "clients": client_rows(*at, outlet_id=at),
        "positions": rows("client_id month product balance_avg balance_end interest funds_amount fee", *positions),
    }
    known = rows("outlet_id branch_id staff_full_time quarter", *[(*one, "2026Q3") for one in outlets])
    return tiny_portfolio(tmp_path, tables | ({"outlets": known} if outlets else {}))


def _found(portfolio: Portfolio) -> BranchOutput:
    found = branch_output(portfolio)
    assert isinstance(found, BranchOutput)
    return found


THREE = [("o1", "north", 5.0), ("o2", "north", 5.0), ("o3", "south", 0.0), ("o4", "west", 2.0)]


def test_output_and_medians_by_hand(tmp_path: Path) -> None:
    # 92 on average over the last of three months of 92 days: 92 × 30 ÷ 92 = 30 a client
    found = _found(bank(tmp_path, THREE, {"o1": 6, "o2": 4, "o3": 8, "o4": 12}))
    north, south, west = found.branches
    assert north.values == {"DEP_OUT": 150.0, "INC_OUT": 50.0, "DEP_FTE": 30.0, "INC_FTE": 10.0}
    assert south.values["DEP_OUT"] == 240.0
    assert south.values["DEP_FTE"] == Unavailable(
        Text("分母为零：在岗人数", "the denominator is zero: full-time staff")
    )
    assert west.values == {"DEP_OUT": 360.0, "INC_OUT": 120.0, "DEP_FTE": 180.0, "INC_FTE": 60.0}
    # middle of 150, 240, 360; of the two with staff, between 30 and 180
    assert found.medians == {"DEP_OUT": 240.0, "INC_OUT": 80.0, "DEP_FTE": 105.0, "INC_FTE": 35.0}
    assert found.hidden == frozenset()


def test_branches_add_up_to_the_bank(tmp_path: Path) -> None:
    found = _found(bank(tmp_path, THREE, {"o1": 6, "o2": 4, "o3": 8, "o4": 12, "gone": 5}))
    money = [one.values["DEP_OUT"] for one in found.branches if one.n_outlets]
    sizes = [one.n_outlets for one in found.branches if one.n_outlets]
    assert sum(value * n for value, n in zip(money, sizes, strict=True) if isinstance(value, float)) == 30 * 30
    assert found.total.values["DEP_OUT"] == pytest.approx(35 * 30 / 4)  # those of no known outlet are in the total
    last = found.branches[-1]
    assert (last.group, last.n_clients) == ("unassigned", 5)
    assert isinstance(last.values["DEP_OUT"], Unavailable)


def test_a_small_branch_is_hidden_with_another(tmp_path: Path) -> None:
    found = _found(bank(tmp_path, THREE, {"o1": 6, "o2": 4, "o3": 8, "o4": 2}))
    assert found.hidden == {"west", "south"}  # the smallest of the others goes with it
    assert found.medians["DEP_OUT"] == Unavailable(Text("可比支行不足两家", "fewer than two branches to compare"))
    table = output_table(found, currency=CNY)
    assert cell(table, 1, "DEP_OUT") == Suppressed()
    assert cell(table, 2, "staff") == Suppressed()
    assert cell(table, 0, "DEP_OUT") == 150.0


def test_few_clients_and_no_outlets_give_the_reason(tmp_path: Path) -> None:
    few = branch_output(bank(tmp_path, THREE, {"o1": 1}))
    assert few == Unavailable(Text("客户少于披露下限", "fewer clients than the disclosure limit"))
    none = branch_output(bank(tmp_path, [], {"o1": 9}))
    assert none == Unavailable(Text("缺少数据表：网点（outlets）", "needs the table outlets"))
    assert output_blocks(none, currency=CNY) == ()


def test_branches_all_alike_are_their_own_median(tmp_path: Path) -> None:
    found = _found(bank(tmp_path, [("o1", "a", 3.0), ("o2", "b", 3.0)], {"o1": 9, "o2": 9}))
    assert found.medians["INC_FTE"] == 30.0
    assert [one.values["INC_FTE"] for one in found.branches] == [30.0, 30.0]


def test_the_table_has_a_row_a_branch_the_median_and_the_bank(tmp_path: Path) -> None:
    table = output_table(_found(bank(tmp_path, THREE, {"o1": 6, "o2": 4, "o3": 8, "o4": 12})), currency=CNY)
    names = [row.cells["branch"] for row in table.rows]
    assert names[:3] == ["north", "south", "west"]
    assert [name.en for name in names[3:] if isinstance(name, Text)] == ["Median branch", "Total"]
    assert isinstance(cell(table, 1, "DEP_FTE"), Missing)
    assert table.in_annex
    assert keeps_the_promises(table)


def test_every_client_is_in_one_branch(tmp_path: Path) -> None:
    base = bank(tmp_path, THREE, {"o1": 6, "o2": 4, "o3": 8, "o4": 12})
    assert sum(one.n_clients for one in _found(base).branches) == _found(base).total.n_clients == 30
