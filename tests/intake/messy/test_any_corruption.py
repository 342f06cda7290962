"""Whatever cells of a file are overwritten with: no row and no fen is lost between the file and the tables."""

import tempfile
from pathlib import Path

from hypothesis import given, settings
from hypothesis import strategies as st

from analysis.intake.check_folder import check_folder
from analysis.intake.schemas import PRODUCTS
from tests.intake.messy.builders import CLIENTS, HEADER, mapping, row, text

JUNK = st.sampled_from(
    (
        "",
        "-",
        "x",
        "合计",
        "1,2",
        '"',
        "'",
        "=1",
        "#REF!",
        "2026-02-30",
        "1e400",
        "９９",
        "(5.00)",
        "K9",
        ";",
        "\t",
        "万元",
    )
)
N_ROWS = 12


@settings(max_examples=12, deadline=None, database=None, derandomize=True)
@given(st.lists(st.tuples(st.integers(0, N_ROWS - 1), st.integers(0, len(HEADER) - 1), JUNK), max_size=6))
def test_rows_and_money_add_up_after_any_corruption(changes: list[tuple[int, int, str]]) -> None:
    rows = [list(row(f"K{n % 3 + 1}", f"{n}.25", product=tuple(PRODUCTS)[n])) for n in range(N_ROWS)]
    for at, column, junk in changes:
        rows[at][column] = junk
    with tempfile.TemporaryDirectory() as place:
        root = Path(place) / "messy"
        root.mkdir()
        (root / "clients.csv").write_bytes(CLIENTS)
        (root / "mapping.toml").write_text(mapping(), encoding="utf-8")
        (root / "balances.csv").write_bytes(text(rows))
        found = check_folder(root, cache=Path(place) / "cache")
    for count in found.counts:
        assert count.n_read == count.n_kept + count.n_set_aside
        assert count.money_read == count.money_kept + count.money_set_aside
    balances = next(count for count in found.counts if count.table == "positions")
    aside = sum(check.n_rows for check in found.checks if check.action == "set_aside")
    assert balances.n_set_aside == aside
