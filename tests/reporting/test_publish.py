"""Publishing: whole or not at all."""

import json
from pathlib import Path
from typing import Any

import pytest

from analysis.reporting import publish


def put(folder: Path, name: str, text: str) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    (folder / name).write_text(text, encoding="utf-8")


def manifest(quarter: str = "2026Q3", title: str = "Quarterly") -> dict[str, Any]:
    return {
        "title": {"zh": "季报", "en": title},
        "data": {"zh": "合成", "en": "synthetic"},
        "quarter": quarter,
        "key": "k",
        "files": {},
    }


def test_the_new_report_takes_the_place_of_the_old_one(tmp_path: Path) -> None:
    target = tmp_path / "2026Q3"
    put(target, "old.txt", "old")
    with publish.staging(target) as staged:
        put(staged, "new.txt", "new")
        assert (target / "old.txt").exists()
        publish.swap_in(staged, target)
    assert [path.name for path in target.iterdir()] == ["new.txt"]
    assert [path.name for path in tmp_path.iterdir()] == ["2026Q3"]


def test_an_error_while_staging_leaves_the_old_report_and_nothing_else(tmp_path: Path) -> None:
    target = tmp_path / "2026Q3"
    put(target, "old.txt", "old")

    def fail() -> None:
        with publish.staging(target) as staged:
            put(staged, "new.txt", "new")
            raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        fail()
    assert [path.name for path in target.iterdir()] == ["old.txt"]
    assert [path.name for path in tmp_path.iterdir()] == ["2026Q3"]


def test_a_swap_that_fails_half_way_puts_the_old_report_back(tmp_path: Path) -> None:
    target = tmp_path / "2026Q3"
    put(target, "old.txt", "old")
    with pytest.raises(FileNotFoundError):
        publish.swap_in(tmp_path / "not there", target)
    assert [path.name for path in target.iterdir()] == ["old.txt"]


def test_what_a_killed_run_left_is_put_right_by_the_next(tmp_path: Path) -> None:
    target = tmp_path / "2026Q3"
    put(tmp_path / ".2026Q3-old", "old.txt", "old")
    put(tmp_path / ".2026Q3-staging-abc", "half.txt", "half")
    publish.recover(target)
    assert [path.name for path in tmp_path.iterdir()] == ["2026Q3"]
    assert (target / "old.txt").read_text() == "old"


def test_a_report_is_current_only_with_its_key_and_every_file_untouched(tmp_path: Path) -> None:
    put(tmp_path, "facts.json", "[]")
    files = {"facts.json": publish.sha256_of(tmp_path / "facts.json")}
    publish.write_manifest(manifest() | {"files": files}, tmp_path)
    assert publish.is_current(tmp_path, "k")
    assert not publish.is_current(tmp_path, "another")
    put(tmp_path, "facts.json", "[1]")
    assert not publish.is_current(tmp_path, "k")
    (tmp_path / "facts.json").unlink()
    assert not publish.is_current(tmp_path, "k")


@pytest.mark.parametrize("text", ["", "{", "[]", '{"files": 1}'])
def test_a_manifest_that_cannot_be_read_counts_as_none(tmp_path: Path, text: str) -> None:
    put(tmp_path, "manifest.json", text)
    assert publish.read_manifest(tmp_path) is None
    assert not publish.is_current(tmp_path, "k")


def test_the_index_lists_whole_reports_newest_first_with_relative_links(tmp_path: Path) -> None:
    for quarter in ("2026Q2", "2026Q3"):
        folder = tmp_path / "quarterly" / "demo" / quarter
        put(folder / "en", "report.pdf", "x")
        put(folder, "manifest.json", json.dumps(manifest(quarter, "A <b> & c")))
    put(tmp_path / "quarterly" / "demo" / ".2026Q1-old", "manifest.json", json.dumps(manifest("2026Q1")))
    publish.write_index(tmp_path)
    page = (tmp_path / "index.html").read_text(encoding="utf-8")
    assert page.index("quarterly/demo/2026Q3/en/report.pdf") < page.index("quarterly/demo/2026Q2/en/report.pdf")
    assert "A &lt;b&gt; &amp; c" in page
    assert "2026Q1" not in page
    assert "://" not in page
    assert "<script" not in page


def test_an_index_without_reports_says_so(tmp_path: Path) -> None:
    publish.write_index(tmp_path / "build")
    assert "尚无报告" in (tmp_path / "build" / "index.html").read_text(encoding="utf-8")
