"""Messy extracts load or are refused exactly as written in `cases.py`."""

from decimal import Decimal
from pathlib import Path

import duckdb
import pytest

from analysis.core.errors import AnalysisError, DataError
from analysis.intake.check_folder import check_folder
from tests.intake.messy.cases import CASES, REFUSED, Case


def write(case: Case, folder: Path) -> Path:
    """The case's folder, with every file."""
    root = folder / "messy"
    root.mkdir()
    for name, content in case.all_files.items():
        (root / name).write_bytes(content() if callable(content) else content)
    return root


def test_there_are_at_least_forty_messy_files() -> None:
    assert len(CASES) + len(REFUSED) >= 40
    names = [case.name for case in (*CASES, *REFUSED)]
    assert len(names) == len(set(names))


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_a_messy_extract_loads_exactly_as_written(case: Case, tmp_path: Path) -> None:
    found = check_folder(write(case, tmp_path), cache=tmp_path / "cache")
    broken = {(check.file, check.column, check.rule): check.n_rows for check in found.checks}
    balances = next(count for count in found.counts if count.table == "positions") if case.rows[0] else None
    counted = (balances.n_read, balances.n_kept, balances.n_set_aside) if balances else (0, 0, 0)
    kept = balances.money_kept if balances else Decimal(0)
    assert (counted, kept, broken) == (case.rows, Decimal(case.kept), case.rules)
    (stored,) = (tmp_path / "cache" / "tables").glob("*/positions.parquet")
    query = f"SELECT DISTINCT product FROM '{stored}' ORDER BY product"
    assert tuple(row[0] for row in duckdb.execute(query).fetchall()) == tuple(sorted(case.products))


@pytest.mark.parametrize("case", REFUSED, ids=lambda case: case.name)
def test_a_messy_extract_is_refused_exactly_as_written(case: Case, tmp_path: Path) -> None:
    with pytest.raises(DataError) as refusal:
        check_folder(write(case, tmp_path), cache=tmp_path / "cache")
    assert str(refusal.value) == case.refusal


def test_a_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    case = CASES[0]
    root = write(case, tmp_path)
    outside = tmp_path / "secret.csv"
    outside.write_bytes(b"x")
    (root / "balances.tsv").symlink_to(outside)
    with pytest.raises(AnalysisError) as refusal:
        check_folder(root, cache=tmp_path / "cache")
    assert str(refusal.value) == (
        "balances.tsv is a link to a place outside its folder messy. Copy the file itself into the folder."
    )
