"""Issuing a quarter: frozen whole, never overwritten, never half there; the next quarter's report reads it."""

import json
import shutil
import stat
from datetime import date
from pathlib import Path
from typing import Any

import pytest

from analysis.cli import main
from analysis.core.errors import AnalysisError, ParameterError, ReportError
from analysis.core.provenance import sha256_of
from analysis.core.quarter import Quarter
from analysis.reporting.build import build_report
from analysis.reporting.issue import Issue, all_issues, check_issue, find_issue, issue_report
from analysis.reporting.publish import read_manifest
from analysis.reporting.restatements import Restatements

DAY = date(2026, 10, 20)
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("kept") / "repository"


@pytest.fixture
def built(repository: Any, kept: Path) -> Any:
    """The repository with its report built for 2026Q2 and 2026Q3, one chapter each; built once for all tests."""
    repository.write_report("10_first")
    if not kept.exists():
        for quarter in ("2026Q2", "2026Q3"):
            build_report({"QUARTER": quarter}, root=repository.root, progress=repository.progress)
        shutil.copytree(repository.root, kept)
    shutil.copytree(kept, repository.root, dirs_exist_ok=True)
    return repository


def issue(built: Any, **given: Any) -> Issue:
    return issue_report(**({"source": "demo", "quarter": "2026Q2", "root": built.root, "day": DAY} | given))


def refused(built: Any, **given: Any) -> tuple[type[AnalysisError], str, str]:
    with pytest.raises(AnalysisError) as caught:
        issue(built, **given)
    return type(caught.value), caught.value.message, caught.value.hint


def files_below(folder: Path) -> dict[str, str]:
    return {p.relative_to(folder).as_posix(): sha256_of(p) for p in sorted(folder.rglob("*")) if p.is_file()}


def test_an_issue_holds_all_that_was_built_but_the_editions(built: Any) -> None:
    found = issue(built)
    assert found.folder == built.root / "data" / "issued" / "demo" / "2026Q2"
    frozen = files_below(found.folder)
    assert list(frozen) == [
        "definitions.json",
        "facts.json",
        "issue.json",
        "manifest.json",
        "notebooks/10_first.ipynb",
        "policies.json",
    ]
    source = files_below(built.root / "reports" / "build" / "quarterly" / "demo" / "2026Q2")
    assert {name: source[name] for name in frozen if name != "issue.json"} == {
        name: value for name, value in frozen.items() if name != "issue.json"
    }
    assert (found.number, found.reason, found.issued_on, found.quarter) == (1, "", "2026-10-20", "2026Q2")
    assert [fact.id for fact in found.facts] == ["10_first.opening.clients"]


def test_what_was_issued_may_only_be_read(built: Any) -> None:
    folder = issue(built).folder
    for path in [folder, *folder.rglob("*")]:
        assert path.stat().st_mode & (stat.S_IWUSR | stat.S_IWGRP | stat.S_IWOTH) == 0, path.name


def test_latest_is_the_newest_quarter_that_was_built(built: Any) -> None:
    assert issue(built, quarter="latest").quarter == "2026Q3"


def test_a_second_issue_is_refused_and_the_first_stays(built: Any) -> None:
    before = files_below(issue(built).folder)
    assert refused(built) == (
        ParameterError,
        "The report quarterly of demo for 2026Q2 was issued on 2026-10-20 (data/issued/demo/2026Q2) and is not"
        " overwritten.",
        "To issue a corrected one beside it, give the reason: --again REASON.",
    )
    assert files_below(built.root / "data" / "issued" / "demo" / "2026Q2") == before
    assert refused(built, again="  ")[0] is ParameterError


def test_with_a_reason_it_is_issued_beside_the_first_and_counts_from_then_on(built: Any) -> None:
    first = issue(built)
    before = files_below(first.folder)
    second = issue(built, again="late loans of one branch", day=date(2026, 11, 2))
    assert second.folder.name == "2026Q2-2"
    assert (second.number, second.reason) == (2, "late loans of one branch")
    assert files_below(first.folder) == before
    found = find_issue(built.root, "demo", Quarter("2026Q2"), "quarterly")
    assert found is not None
    assert found.number == 2


def test_a_reason_without_an_earlier_issue_is_refused(built: Any) -> None:
    assert refused(built, again="typo") == (
        ParameterError,
        "The report quarterly of demo for 2026Q2 was not issued yet, so it cannot be issued again.",
        "Leave out --again.",
    )


def test_a_report_edited_after_publication_is_not_issued(built: Any) -> None:
    (built.root / "reports/build/quarterly/demo/2026Q2/zh/report.html").write_text("edited", encoding="utf-8")
    assert refused(built) == (
        ReportError,
        "Files of the report quarterly of demo for 2026Q2 are missing or were edited after publication.",
        "Run make report again, then issue it.",
    )
    assert all_issues(built.root) == ()


@pytest.mark.parametrize(
    ("given", "message", "hint"),
    [
        ({"report": "quartely"}, "There is no report 'quartely'.", "Did you mean 'quarterly'? Known are quarterly."),
        ({"source": "demos"}, "No report quarterly of 'demos' was built.", "Did you mean 'demo'? Known are demo."),
        (
            {"source": "/srv/bank/extracts"},
            "No report quarterly of that source was built.",
            "Run make report first.",
        ),
        (
            {"source": "postgresql://me:secret@host/bank"},
            "No report quarterly of that source was built.",
            "Run make report first.",
        ),
        (
            {"quarter": "2026Q1"},
            "The report quarterly of demo was not built for 2026Q1.",
            "Built are 2026Q2, 2026Q3. Run make report QUARTER=2026Q1 first.",
        ),
        (
            {"quarter": "2026-1"},
            "'2026-1' is not a quarter.",
            "Write year, Q and a number from 1 to 4, for example 2026Q1.",
        ),
    ],
    ids=["report", "source", "path", "address", "quarter not built", "no quarter"],
)
def test_what_was_not_built_is_refused_without_telling_a_path(
    built: Any, given: dict[str, str], message: str, hint: str
) -> None:
    assert refused(built, **given) == (ParameterError, message, hint)
    assert not (built.root / "data" / "issued").exists()


def test_killed_in_the_middle_nothing_is_left(built: Any, monkeypatch: Any) -> None:
    real, copied = shutil.copyfile, []

    def copyfile(source: Path, place: Path) -> None:
        if len(copied) == 2:
            raise KeyboardInterrupt
        copied.append(source)
        real(source, place)

    monkeypatch.setattr(shutil, "copyfile", copyfile)
    with pytest.raises(KeyboardInterrupt):
        issue(built)
    assert len(copied) == 2
    assert list((built.root / "data" / "issued").rglob("*.json")) == []
    assert all_issues(built.root) == ()


def test_what_a_killed_run_left_is_no_issue_and_goes_with_the_next(built: Any) -> None:
    left = built.root / "data" / "issued" / "demo" / ".2026Q2-staging-x1"
    left.mkdir(parents=True)
    (left / "issue.json").write_text('{"report": "quar', encoding="utf-8")
    assert all_issues(built.root) == ()
    assert find_issue(built.root, "demo", Quarter("2026Q2"), "quarterly") is None
    issue(built)
    assert [path.name for path in left.parent.iterdir()] == ["2026Q2"]


def test_a_file_changed_after_the_issue_is_told_and_stops_the_next_report(built: Any) -> None:
    found = issue(built)
    (found.folder / "facts.json").chmod(0o644)
    (found.folder / "facts.json").write_text("[]", encoding="utf-8")
    message = "The issued report quarterly of demo for 2026Q2 was changed after it was issued: facts.json."
    with pytest.raises(ReportError) as caught:
        build_report({"QUARTER": "2026Q3"}, root=built.root, progress=built.progress)
    assert (caught.value.message, caught.value.hint) == (
        message,
        "Put back the files from a copy; what was issued is never edited.",
    )
    with pytest.raises(ReportError):
        check_issue(found)


def test_the_next_quarter_reads_it_once_and_its_manifest_says_so(built: Any, monkeypatch: Any) -> None:
    seen: list[str] = []

    def find(issue: Issue, portfolio: Any, *, code: str) -> Restatements:
        seen.append(f"{issue.quarter} for {portfolio.quarter}")
        return Restatements("2026Q2", 9, 5, 4, ())

    monkeypatch.setattr("analysis.reporting.assemble.find_restatements", find)
    folder = built.root / "reports/build/quarterly/demo/2026Q3"
    before = read_manifest(folder)
    assert before is not None
    assert before["issued"] is None
    frozen = issue(built)
    again = build_report({"QUARTER": "2026Q3"}, root=built.root, progress=built.progress)
    assert (again.was_current, again.executed) == (False, ())  # rendered anew, no chapter runs
    manifest = read_manifest(folder)
    assert manifest is not None
    assert manifest["issued"] == {"quarter": "2026Q2", "number": 1, "reason": "", "key": frozen.key}
    facts = {row["id"]: row["value"] for row in json.loads((folder / "facts.json").read_text(encoding="utf-8"))}
    assert facts["appendix.restatements.n_compared"] == 4
    assert seen == ["2026Q2 for 2026Q3"]
    assert build_report({"QUARTER": "2026Q3"}, root=built.root, progress=built.progress).was_current
    # the quarter that was issued itself does not depend on its own issue
    assert build_report({"QUARTER": "2026Q2"}, root=built.root, progress=built.progress).was_current


def test_another_source_and_another_report_have_issues_of_their_own(built: Any) -> None:
    issue(built)
    assert find_issue(built.root, "sba", Quarter("2026Q2"), "quarterly") is None
    assert find_issue(built.root, "demo", Quarter("2026Q3"), "quarterly") is None
    assert find_issue(built.root, "demo", Quarter("2026Q2"), "branch") is None
    shutil.copy(built.root / "reports/quarterly.toml", built.root / "reports/branch.toml")
    build_report({"REPORT": "branch", "QUARTER": "2026Q2"}, root=built.root, progress=built.progress)
    assert issue(built, report="branch").folder.name == "2026Q2-branch"


def test_the_command_prints_relative_paths_and_refuses_in_two_lines(
    built: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as done:
        main(["report", "issue", "--quarter", "2026Q2"])
    said = capsys.readouterr()
    assert (done.value.code, said.err) == (0, "")
    assert said.out.splitlines()[:2] == [
        "data/issued/demo/2026Q2/definitions.json",
        "data/issued/demo/2026Q2/facts.json",
    ]
    with pytest.raises(SystemExit) as again:
        main(["report", "issue", "--quarter", "2026Q2"])
    said = capsys.readouterr()
    assert (again.value.code, said.out, len(said.err.splitlines())) == (2, "", 2)
    with pytest.raises(SystemExit) as other:
        main(["report", "issue", "--source", str(built.root / "extracts")])
    assert other.value.code == 2
    assert str(built.root) not in capsys.readouterr().err


def test_lists_and_checks_know_issues(built: Any, capsys: pytest.CaptureFixture[str]) -> None:
    found = issue(built)
    with pytest.raises(SystemExit):
        main(["report", "list"])
    assert "  issued: data/issued/demo/2026Q2 (quarterly, 2026-10-20)" in capsys.readouterr().out.splitlines()
    with pytest.raises(SystemExit) as whole:
        main(["report", "check"])
    assert (whole.value.code, capsys.readouterr().out) == (0, "2 published and 1 issued reports, all whole.\n")
    (found.folder / "policies.json").chmod(0o644)
    (found.folder / "policies.json").write_text("{}", encoding="utf-8")
    with pytest.raises(SystemExit) as changed:
        main(["report", "check"])
    assert changed.value.code == 4


def test_git_ignores_what_is_issued_and_clean_leaves_it_alone() -> None:
    assert "/data/issued/" in (ROOT / ".gitignore").read_text(encoding="utf-8").splitlines()
    recipe = (ROOT / "Makefile").read_text(encoding="utf-8").partition("\nclean:")[2]
    assert "data/cache" in recipe
    assert "issued/" not in recipe
