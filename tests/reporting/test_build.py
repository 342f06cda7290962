"""A whole build: what is published, what is done again, and what is refused."""

import json
import sys
import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from analysis.core.errors import AnalysisError, DataError, ParameterError, ReportError
from analysis.reporting.build import build_report, explain
from analysis.reporting.kernel import Limits
from analysis.reporting.publish import read_manifest


def build(repository: Any, limits: Limits | None = None, **given: str) -> Any:
    progress = repository.progress
    built = build_report(given, root=repository.root, progress=progress, limits=limits)
    return built, progress.kernels_started


def hashes(folder: Path) -> dict[str, str]:
    manifest = read_manifest(folder)
    assert manifest is not None
    files: dict[str, str] = manifest["files"]
    return files


def test_a_build_publishes_every_file_and_the_facts_in_printed_order(repository: Any) -> None:
    built, kernels = build(repository)
    assert built.folder == repository.published
    assert kernels == 2
    names = sorted(path.relative_to(built.folder).as_posix() for path in built.folder.rglob("*") if path.is_file())
    assert names == [
        "definitions.json", "en/report.html", "en/report.pdf", "en/tables.xlsx", "facts.json", "manifest.json",
        "notebooks/10_first.ipynb", "notebooks/90_summarise.ipynb", "policies.json",
        "zh/report.html", "zh/report.pdf", "zh/tables.xlsx",
    ]  # fmt: skip
    facts = json.loads((built.folder / "facts.json").read_text(encoding="utf-8"))
    assert [fact["id"] for fact in facts] == ["90_summarise.opening.clients", "10_first.opening.clients"]
    index = (repository.root / "reports" / "build" / "index.html").read_text(encoding="utf-8")
    assert 'href="quarterly/demo/2026Q3/zh/report.html"' in index
    assert "<script" not in index


def test_where_nothing_changed_no_kernel_starts_and_nothing_is_rendered(repository: Any) -> None:
    repository.write_report("10_first")
    first, _ = build(repository)
    rendered, before = list(repository.rendered), hashes(first.folder)
    for given in ({}, {"QUARTER": "2026Q3"}):  # what `latest` stands for
        second, kernels = build(repository, **given)
        assert second.was_current
        assert kernels == 0
    assert repository.rendered == rendered
    assert hashes(second.folder) == before


def test_two_builds_from_nothing_give_the_same_bytes(repository: Any) -> None:
    repository.write_report("10_first")
    noisy = "import time\nprint(time.time() > 0, object.__name__)\nstamp = time.time()"
    repository.write_chapter("10_first", noisy)
    first = hashes(build(repository)[0].folder)
    for folder in ("data/cache", "reports/build"):
        for path in sorted((repository.root / folder).rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
    assert hashes(build(repository)[0].folder) == first


def test_an_edited_file_is_written_again_without_a_kernel(repository: Any) -> None:
    repository.write_report("10_first")
    built, _ = build(repository)
    (built.folder / "zh" / "report.html").write_text("edited")
    again, kernels = build(repository)
    assert not again.was_current
    assert kernels == 0
    assert "edited" not in (built.folder / "zh" / "report.html").read_text(encoding="utf-8")


def test_one_changed_chapter_runs_with_the_one_that_reads_facts_and_the_others_are_reused(repository: Any) -> None:
    repository.write_report("10_first", "20_second", "90_summarise")
    repository.write_chapter("20_second", value=6)
    repository.write_chapter("90_summarise", value=7, reads="facts")
    build(repository)
    repository.write_chapter("20_second", value=8)
    built, kernels = build(repository)
    assert sorted(built.executed) == ["20_second", "90_summarise"]
    assert kernels == 2
    assert "  10_first  reused" in repository.lines


def test_fewer_editions_are_rendered_without_a_kernel(repository: Any) -> None:
    repository.write_report("10_first")
    build(repository)
    built, kernels = build(repository, LANGS="en", FORMATS="html")
    assert kernels == 0
    assert not (built.folder / "zh").exists()
    assert [path.name for path in (built.folder / "en").iterdir()] == ["report.html"]


def test_a_chapter_without_its_tables_is_left_out_with_a_page_that_says_what_it_takes(repository: Any) -> None:
    repository.write_report("10_first", "20_second")
    repository.write_chapter("20_second", "raise AssertionError", needs=("positions",))
    built, kernels = build(repository)
    assert kernels == 1
    assert "  20_second  left out" in repository.lines
    manifest = read_manifest(built.folder)
    assert manifest is not None
    assert manifest["chapters"]["20_second"]["absent"] == ["positions"]


def test_a_chapter_that_fails_lets_the_others_finish_and_publishes_nothing(repository: Any) -> None:
    build(repository)
    before = hashes(repository.published)
    repository.write_report("10_first", "20_second", "90_summarise")
    repository.write_chapter("10_first", value=6)
    repository.write_chapter("20_second", "rate = 0", "share = 1 / rate")
    with pytest.raises(AnalysisError) as caught:
        build(repository)
    assert caught.value.exit_code == 1
    where = "reports/build/quarterly/demo/2026Q3.failed"
    assert caught.value.message.splitlines() == [
        "Chapter 20_second stopped.",
        "  section: Who they are",
        "  cell:    In [4], line 1: share = 1 / rate",
        "  cause:   ZeroDivisionError: division by zero",
        f"  look at: {where}/20_second.ipynb",
    ]
    assert {"  90_summarise  not run"} <= set(repository.lines)
    assert any(line.startswith("  10_first  done") for line in repository.lines)
    assert hashes(repository.published) == before
    left = repository.root / where
    assert sorted(path.name for path in left.iterdir()) == ["20_second.ipynb", "log.txt"]
    assert "ZeroDivisionError" in (left / "log.txt").read_text(encoding="utf-8")
    assert str(repository.root) not in "".join(path.read_text(encoding="utf-8") for path in left.iterdir())
    assert leftovers(repository) == []


def leftovers(repository: Any) -> list[str]:
    return [path.name for path in repository.published.parent.iterdir() if path.name.startswith(".")]


def test_the_next_build_reuses_what_did_finish(repository: Any) -> None:
    repository.write_report("10_first", "20_second")
    repository.write_chapter("20_second", "1 / 0")
    with pytest.raises(AnalysisError):
        build(repository)
    repository.write_chapter("20_second")
    built, kernels = build(repository)
    assert built.executed == ("20_second",)
    assert kernels == 1
    assert not (repository.published.parent / "2026Q3.failed").exists()


def test_data_refused_inside_a_kernel_keep_their_exit_code(repository: Any) -> None:
    repository.write_report("10_first")
    # A stand-in of the same name: the kernel of this test does not import the package.
    error = "class DataError(Exception): pass\nraise DataError('Rows are missing in /srv/a/b.csv.')"
    repository.write_chapter("10_first", error)
    with pytest.raises(DataError) as caught:
        build(repository)
    assert "  cause:   Rows are missing in …/b.csv." in caught.value.message


def test_a_killed_kernel_is_named_with_its_cell(repository: Any) -> None:
    repository.write_report("10_first")
    repository.write_chapter("10_first", "import os, signal\nos.kill(os.getpid(), signal.SIGKILL)")
    with pytest.raises(AnalysisError) as caught:
        build(repository)
    assert caught.value.exit_code == 1
    assert "Chapter 10_first stopped." in caught.value.message
    assert "  cell:    In [3]" in caught.value.message
    assert "out of memory?" in caught.value.message


def test_a_chapter_over_its_limit_is_stopped(repository: Any) -> None:
    repository.write_report("10_first")
    repository.write_chapter("10_first", "import time\ntime.sleep(60)")
    with pytest.raises(AnalysisError, match="out of time"):
        build(repository, Limits(notebook=2))


def test_a_chapter_that_does_not_finish_is_refused(repository: Any) -> None:
    repository.write_report("10_first")
    path = repository.root / "notebooks" / "10_first.ipynb"
    notebook = json.loads(path.read_text())
    notebook["cells"].pop()
    path.write_text(json.dumps(notebook))
    with pytest.raises(AnalysisError, match=r"it does not end with chapter\.finish\(\)"):
        build(repository)


def test_a_failed_check_publishes_nothing_and_exits_with_four(repository: Any) -> None:
    repository.write_report("10_first")
    repository.problems.append("a numeral that is no fact")
    with pytest.raises(ReportError) as caught:
        build(repository)
    assert caught.value.message == "The report failed 1 checks:\n  a numeral that is no fact"
    assert not repository.published.exists()
    assert leftovers(repository) == []


def test_a_missing_font_is_a_report_error_and_publishes_nothing(
    repository: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.write_report("10_first")

    def no_font(content: Any, language: str) -> bytes:
        raise ReportError("font NotoSansSC-Regular.otf of package x is missing: run make setup.")

    monkeypatch.setattr(sys.modules["analysis.reporting.render.pdf"], "render_pdf", no_font)
    with pytest.raises(ReportError, match="font NotoSansSC"):
        build(repository)
    assert not repository.published.exists()
    assert leftovers(repository) == []


def test_a_full_disk_is_said_in_plain_words_and_leaves_no_staging(
    repository: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository.write_report("10_first")
    build(repository)
    before = hashes(repository.published)
    repository.write_report("10_first", extra="seed = 5\n")

    def full(*_: Any, **__: Any) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("analysis.reporting.publish.write_manifest", full)
    monkeypatch.setattr("shutil.disk_usage", lambda _: SimpleNamespace(free=3_000_000))
    with pytest.raises(AnalysisError) as caught:
        build(repository)
    assert caught.value.exit_code == 1
    assert caught.value.message == (
        "The disk is full, so the report could not be written (room left: reports/build 3 MB, data/cache 3 MB)."
    )
    assert hashes(repository.published) == before
    assert leftovers(repository) == []


def test_the_kernel_is_this_interpreter_with_one_thread_and_warnings_shown(repository: Any, monkeypatch: Any) -> None:
    monkeypatch.setenv("PYTHONWARNINGS", "ignore")
    monkeypatch.setenv("OMP_NUM_THREADS", "8")
    monkeypatch.setenv("MPLBACKEND", "TkAgg")
    repository.write_report("10_first")
    check = (
        "import os, sys, warnings\n"
        f"assert sys.executable == {sys.executable!r}, sys.executable\n"
        "assert [os.environ[n] for n in ('OMP_NUM_THREADS', 'MPLBACKEND')] == ['1', 'Agg']\n"
        "assert os.environ['MPLCONFIGDIR'].endswith('data/cache/matplotlib')\n"
        "warnings.warn('look here')"
    )
    repository.write_chapter("10_first", check)
    built, _ = build(repository)
    executed = (built.folder / "notebooks" / "10_first.ipynb").read_text(encoding="utf-8")
    assert "UserWarning: look here" in executed
    assert "ipykernel_" not in executed


def test_data_that_are_not_there_are_refused_before_anything_starts(repository: Any) -> None:
    with pytest.raises(DataError) as caught:
        build(repository, DATA="missing/loans.csv")
    assert caught.value.message == "DATA names 'loans.csv', which is not there."
    with pytest.raises(ParameterError):
        build(repository, QUARTER="2026Q9")


def test_why_names_the_part_that_changed(repository: Any) -> None:
    assert explain({}, root=repository.root) == [
        "10_first: runs; changed: never built",
        "90_summarise: runs; changed: never built",
    ]
    build(repository)
    assert explain({}, root=repository.root, only="10_first") == ["10_first: reused; changed: nothing"]
    repository.write_chapter("10_first", value=6)
    assert explain({}, root=repository.root) == [
        "10_first: runs; changed: notebook",
        "90_summarise: runs; changed: facts",
    ]
    with pytest.raises(ParameterError, match="has no chapter '10_frist'"):
        explain({}, root=repository.root, only="10_frist")


def test_no_socket_file_is_left_behind(repository: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    repository.write_report("10_first")
    place = tmp_path / "t"
    place.mkdir()
    monkeypatch.setattr(tempfile, "tempdir", str(place))
    build(repository)
    assert list(place.iterdir()) == []
