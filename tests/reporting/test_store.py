"""The content-keyed store."""

import json
import threading
from pathlib import Path

import pytest

from analysis.reporting.store import Store, write_whole


def test_an_entry_is_made_once_and_found_again(tmp_path: Path) -> None:
    store, calls = Store(tmp_path), []

    def write(folder: Path) -> None:
        calls.append(folder)
        (folder / "a.json").write_text("1")

    first = store.make("results", "key", write)
    assert store.make("results", "key", write) == first == tmp_path / "results" / "key"
    assert (first / "a.json").read_text() == "1"
    assert len(calls) == 1
    assert store.find("results", "other") is None


def test_a_writer_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def write(folder: Path) -> None:
        (folder / "a.json").write_text("1")
        raise OSError(28, "No space left on device")

    with pytest.raises(OSError, match="No space"):
        Store(tmp_path).make("results", "key", write)
    assert list((tmp_path / "results").iterdir()) == []


def test_what_a_killed_writer_left_is_removed(tmp_path: Path) -> None:
    (tmp_path / "results" / ".key-abc").mkdir(parents=True)
    Store(tmp_path).make("results", "key", lambda folder: None)
    assert [path.name for path in (tmp_path / "results").iterdir()] == ["key"]


def test_only_json_parquet_and_notebooks_are_kept(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"a\.pkl may not be kept in the store"):
        Store(tmp_path).make("results", "key", lambda folder: (folder / "a.pkl").write_bytes(b"x") and None)
    assert list((tmp_path / "results").iterdir()) == []


@pytest.mark.parametrize("damage", ["edit", "remove", "seal"])
def test_a_damaged_entry_is_made_anew(tmp_path: Path, damage: str) -> None:
    store = Store(tmp_path)

    def write(folder: Path) -> None:
        (folder / "a.json").write_text("1")

    entry = store.make("results", "key", write)
    file = entry / ("entry.seal" if damage == "seal" else "a.json")
    if damage == "remove":
        file.unlink()
    else:
        file.write_text("2")
    assert store.find("results", "key") is None
    assert (store.make("results", "key", write) / "a.json").read_text() == "1"


def test_two_workers_never_compute_the_same_entry(tmp_path: Path) -> None:
    store, running, most = Store(tmp_path), [], []

    def write(folder: Path) -> None:
        running.append(1)
        most.append(len(running))
        (folder / "a.json").write_text("1")
        threading.Event().wait(0.05)
        running.pop()

    workers = [threading.Thread(target=store.make, args=("results", "key", write)) for _ in range(4)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert most == [1]


def test_a_note_comes_back_and_a_broken_one_is_none(tmp_path: Path) -> None:
    store = Store(tmp_path)
    assert store.read_note("last") is None
    store.write_note("last", {"a": "对"})
    assert store.read_note("last") == {"a": "对"}
    (tmp_path / "notes" / "last.json").write_text("{")
    assert store.read_note("last") is None


def test_a_file_is_replaced_whole(tmp_path: Path) -> None:
    path = tmp_path / "index.html"
    write_whole(path, "old")
    write_whole(path, "new")
    assert path.read_text() == "new"
    assert json.dumps([item.name for item in tmp_path.iterdir()]) == '["index.html"]'
