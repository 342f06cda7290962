"""The bench at a small size: both sides do the same work, and a promise that is not kept is told."""

import importlib.util
import sys
from pathlib import Path

import duckdb
import pytest

from benchmarks import peers, run
from benchmarks.data import QUARTERS, write_entries, write_positions
from benchmarks.measure import run_task
from benchmarks.run import Line


@pytest.fixture(scope="module")
def entries(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder: Path = tmp_path_factory.mktemp("entries")
    write_entries(folder, 8_000)
    return folder


def test_entries_are_canonical_and_made_once(entries: Path) -> None:
    before = {path: path.stat().st_mtime_ns for path in entries.iterdir()}
    assert len(before) == len(QUARTERS)
    write_entries(entries, 8_000)
    assert {path: path.stat().st_mtime_ns for path in entries.iterdir()} == before
    rows = duckdb.sql(
        f"SELECT count(*), count(DISTINCT entry_id), min(date), max(date) FROM '{entries}/*.parquet'"
    ).fetchone()
    assert rows == (8_000, 8_000, QUARTERS[0].start, QUARTERS[-1].end)


def test_pandas_finds_the_same_features(entries: Path, tmp_path: Path) -> None:
    made = run_task(Path(sys.executable), "benchmarks.ours", "features", entries, tmp_path / "features")
    assert made.result["quarters"] == len(QUARTERS)
    path = entries / "2026Q3.parquet"
    frame = peers._read(path, peers._CODED).to_pandas()
    theirs = peers._features(frame, ["client_id"]).sort_index()
    file = tmp_path / "features" / "2026Q3.parquet"
    ours = duckdb.sql(f"FROM '{file}' ORDER BY client_id").df().set_index("client_id")
    assert list(ours.index) == list(theirs.index)
    for name in ours.columns.drop("quarter"):
        assert ours[name].astype(float).to_numpy() == pytest.approx(
            theirs[name].astype(float).to_numpy(), rel=1e-9, abs=1e-6, nan_ok=True
        ), name


def test_faults_are_planted_as_many_as_said(tmp_path: Path) -> None:
    path = write_positions(tmp_path / "positions.parquet", 10_000)
    counts = duckdb.sql(
        "SELECT count(*), count(*) FILTER (rate > 1), count(*) FILTER (client_id IS NULL),"
        f" count(*) FILTER (funds_price < -0.05) FROM '{path}'"
    ).fetchone()
    assert counts == (10_250, 250, 250, 250)
    doubled = f"SELECT 1 FROM '{path}' GROUP BY client_id, month, product HAVING count(*) > 1 AND client_id IS NOT NULL"
    assert duckdb.sql(f"SELECT count(*) FROM ({doubled})").fetchone() == (250,)


@pytest.mark.parametrize(
    ("line", "text"),
    [
        (Line("a", 3.5, 4), "kept   a: 3.50 × (at most 4 ×)"),
        (Line("b", 4.5, 4), "MISSED b: 4.50 × (at most 4 ×)"),
        (Line("c", 2.0, 3, at_least=True), "MISSED c: 2.00 × (at least 3 ×)"),
        (Line("d", 0.5, 2, "GB"), "kept   d: 0.50 GB (at most 2 GB)"),
    ],
)
def test_a_promise_says_whether_it_is_kept(line: Line, text: str) -> None:
    assert str(line) == text


@pytest.mark.skipif(importlib.util.find_spec("pandera") is not None, reason="pandera is installed here")
def test_without_the_peers_nothing_is_measured(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    assert run.main(["--peers", str(tmp_path / "python")]) == 2
    assert capsys.readouterr().out.splitlines()[-1].endswith("is not there; run make bench.")
