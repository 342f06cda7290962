from pathlib import Path

import duckdb
import pytest

from analysis.intake.identity import private_spill

NAME = "种植测试有限公司"


def spilled(settings: dict[str, object], folder: Path) -> bytes:
    """What DuckDB writes beside itself when names take more memory than it may have."""
    config = {"threads": 1, "memory_limit": "64MB"} | settings | {"temp_directory": str(folder)}
    with duckdb.connect(config=config) as connection:
        connection.execute(f"CREATE TABLE names AS SELECT '{NAME}' || i AS name FROM range(2_500_000) AS t(i)")
        return b"".join(path.read_bytes() for path in folder.iterdir())


def test_what_memory_cannot_hold_is_written_encrypted(tmp_path: Path) -> None:
    private = spilled(private_spill(), tmp_path / "private")
    assert len(private) > 1_000_000
    assert NAME.encode() not in private


def test_without_the_settings_names_would_lie_open(tmp_path: Path) -> None:
    # If this fails DuckDB has learnt to do it by itself, and the settings can go.
    assert NAME.encode() in spilled({}, tmp_path / "open")


def test_spilled_rows_come_back_unchanged(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    with duckdb.connect(config={"threads": 1, "memory_limit": "64MB"} | private_spill()) as connection:
        connection.execute("CREATE TABLE names AS SELECT 'name ' || i AS name FROM range(2_500_000) AS t(i)")
        found = connection.execute("SELECT count(*), count(*) FILTER (name LIKE 'name %') FROM names").fetchone()
        assert found == (2_500_000, 2_500_000)
    assert list(tmp_path.iterdir()) == []
