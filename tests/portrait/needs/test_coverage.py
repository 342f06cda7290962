"""Coverage by products: by hand, small cells hidden, the change on the year over all clients."""

from pathlib import Path

import pytest

from analysis.core.estimate import Unavailable
from analysis.intake.portfolio import Portfolio
from analysis.portrait.needs import Coverage, product_coverage
from analysis.present.needs import coverage_table
from tests.builders import client_rows, rows, tiny_portfolio
from tests.portrait.needs.builders import POSITION_HEADER, TAXONOMY

IDS = tuple(f"P{k:02d}" for k in range(10)) + tuple(f"S{k:02d}" for k in range(20))


def _bank(tmp_path: Path, quarters: tuple[str, ...] = ("2025Q3", "2026Q3")) -> Portfolio:
    """Ten private and twenty state-owned clients: payroll used by 6 and 8 of them, a year ago by 5 in all."""
    now = [*IDS[:6], *IDS[10:18]]
    lines = [(id, "2026-09-30", "payroll", 0.0, 0.0, 0.0, 0.0, 0.0, 0.0) for id in now]
    lines += [(id, "2025-09-30", "payroll", 0.0, 0.0, 0.0, 0.0, 0.0, 0.0) for id in now[:5]]
    lines += [(IDS[0], "2026-09-30", "wealth", 1.0, 1.0, 0.0, 0.0, 0.0, 0.0)]
    clients = client_rows(*IDS, quarters=quarters, ownership={i: "private" if i[0] == "P" else "state" for i in IDS})
    return tiny_portfolio(tmp_path, {"clients": clients, "positions": rows(POSITION_HEADER, *lines)}, "2026Q3")


def test_shares_and_change_by_hand(tmp_path: Path) -> None:
    found = product_coverage(_bank(tmp_path), by="ownership")
    assert isinstance(found, Coverage)
    row = found.needs.index("payroll")
    by_group = dict(zip([group.code for group in found.grouping.groups], found.share[row], strict=True))
    assert by_group == {"state": pytest.approx(0.4), "private": pytest.approx(0.6)}
    assert found.total[row] == pytest.approx(14 / 30)
    assert not isinstance(found.before, Unavailable)
    assert found.before[row] == pytest.approx(5 / 30)
    assert found.hidden[found.needs.index("wealth_management")].all()
    assert set(found.needs) == set(TAXONOMY.has_product)


def test_a_source_that_starts_later_has_no_change(tmp_path: Path) -> None:
    found = product_coverage(_bank(tmp_path, quarters=("2026Q1", "2026Q3")), by="ownership")
    assert isinstance(found, Coverage)
    assert isinstance(found.before, Unavailable)
    # one client uses wealth products: no row of them, or the total would tell of it
    table = coverage_table(found, TAXONOMY)
    assert not isinstance(table, Unavailable)
    assert [row.cells["need"].zh for row in table.rows if hasattr(row.cells["need"], "zh")] == ["代发工资"]


def test_without_positions_there_is_none(tmp_path: Path) -> None:
    found = product_coverage(tiny_portfolio(tmp_path, {"clients": client_rows("A")}))
    assert isinstance(found, Unavailable)
    assert found.reason.en == "the source has no holdings, so coverage cannot be computed"
