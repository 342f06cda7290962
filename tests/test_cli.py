"""The command line: exit codes, plain lines, nothing done on a refusal."""

import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from analysis.cli import main, pairs
from analysis.core.errors import AnalysisError, DataError, ParameterError, ReportError

ROOT = Path(__file__).parents[1]


def run(*arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "analysis", *arguments],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )


def exit_code(capsys: pytest.CaptureFixture[str], *arguments: str) -> tuple[int, str, str]:
    with pytest.raises(SystemExit) as caught:
        main(list(arguments))
    said = capsys.readouterr()
    code = caught.value.code
    assert isinstance(code, int)
    return code, said.out, said.err


def test_a_misspelt_name_is_refused_in_two_lines_with_exit_code_two() -> None:
    done = run("report", "build", "--", "QUATER=2026Q3")
    assert done.returncode == 2
    assert done.stdout == ""
    first, second = done.stderr.splitlines()
    assert first == "There is no parameter 'QUATER'."
    assert second.startswith("Did you mean 'QUARTER'?")


@pytest.mark.parametrize(
    "word",
    [
        "QUARTER=$(touch HIT)",
        "SOURCE=`touch HIT`",
        "REPORT=../../pyproject",
        "x=1;import os=1",
        "QUARTER",
        "=1",
        "BRANCH=B1",
    ],
)
def test_a_hostile_word_is_refused_and_does_nothing(word: str, tmp_path: Path) -> None:
    done = subprocess.run(
        [sys.executable, "-m", "analysis", "report", "build", "--", word],
        cwd=tmp_path,
        env=os.environ | {"ANALYSIS_HOME": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert done.returncode == 2
    assert "Traceback" not in done.stderr
    assert list(tmp_path.iterdir()) == []


def test_pairs_split_at_the_first_equals_sign() -> None:
    assert pairs(["DATA=a=b", "x="]) == {"DATA": "a=b", "x": ""}
    with pytest.raises(ParameterError, match="is given twice"):
        pairs(["a=1", "a=2"])


@pytest.mark.parametrize(
    ("error", "code"),
    [(AnalysisError, 1), (ParameterError, 2), (DataError, 3), (ReportError, 4)],
)
def test_each_kind_of_error_has_its_exit_code(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], error: type[AnalysisError], code: int
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise error("It went wrong in /srv/raw/a.csv.", hint="Do this.")

    monkeypatch.setattr("analysis.reporting.build.build_report", fail)
    assert exit_code(capsys, "report", "build") == (code, "", "It went wrong in …/a.csv.\nDo this.\n")


def test_an_unexpected_error_is_two_lines_and_a_log(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], tmp_path: Path
) -> None:
    def fail(*_: Any, **__: Any) -> None:
        raise ZeroDivisionError("division by zero")

    (tmp_path / "pyproject.toml").write_text("")
    monkeypatch.setenv("ANALYSIS_HOME", str(tmp_path))
    monkeypatch.setattr("analysis.reporting.build.build_report", fail)
    code, _, said = exit_code(capsys, "report", "build")
    assert code == 1
    assert said.splitlines() == [
        "The run stopped: ZeroDivisionError: division by zero",
        "Nothing was published. The details are in reports/build/unexpected.log; please report them.",
    ]
    assert "Traceback" in (tmp_path / "reports" / "build" / "unexpected.log").read_text()


def test_usage_errors_have_exit_code_two(capsys: pytest.CaptureFixture[str]) -> None:
    assert exit_code(capsys, "report", "bild")[0] == 2
    assert exit_code(capsys, "--nonsense")[0] == 2


@pytest.mark.parametrize("arguments", [("policy", "check"), ("data", "describe"), ("--help",)])
def test_the_small_commands_answer(capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...]) -> None:
    code, out, _ = exit_code(capsys, *arguments)
    assert code == 0
    assert out


def test_the_doctor_names_what_it_looked_at(capsys: pytest.CaptureFixture[str]) -> None:
    _, out, _ = exit_code(capsys, "doctor")
    assert [line.split(":")[0].split()[-1] for line in out.splitlines()] == [
        "python",
        "processors",
        "disk",
        "cache",
        "fonts",
        "key",
    ]
