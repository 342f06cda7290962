"""Reading executed notebooks, and saying in plain lines why one stopped."""

import subprocess
import sys
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest

from analysis.core.text import Text
from analysis.reporting.executed import absent_result, plain_paths, read_result, scrubbed
from analysis.reporting.failure import failed_cell, place, shortened
from analysis.reporting.kernel import Execution, Limits
from analysis.reporting.run import Runner

ROOT = Path("/srv/desk/repository")


def executed(*outputs: dict[str, Any], source: str = "x") -> dict[str, Any]:
    cells = [
        {"cell_type": "markdown", "metadata": {}, "source": "# Title\n## Part one"},
        {"cell_type": "code", "metadata": {"papermill": {"start_time": "now"}, "execution": {}, "tags": ["t"]},
         "source": source, "outputs": list(outputs), "execution_count": 1},
    ]  # fmt: skip
    return {"cells": cells, "metadata": {"papermill": {"duration": 1}, "kernelspec": {"name": "python3"}}}


def test_times_and_papermills_metadata_are_taken_out() -> None:
    found = scrubbed(executed(), ROOT)
    assert found["metadata"] == {"kernelspec": {"name": "python3"}}
    assert [cell["metadata"] for cell in found["cells"]] == [{}, {"tags": ["t"]}]
    assert [cell["id"] for cell in found["cells"]] == ["cell-0", "cell-1"]


def test_paths_and_addresses_are_taken_out() -> None:
    output = {"output_type": "execute_result", "data": {"text/plain": "<A at 0x7f12ab34cd56>"}, "metadata": {}}
    stream = {"output_type": "stream", "name": "stderr", "text": ["/srv/desk/repository/src/a.py:3: W\n"]}
    found = scrubbed(executed(output, stream, source='data = "/srv/raw/loans.csv"'), ROOT)
    cell = found["cells"][1]
    assert cell["source"] == 'data = "…/loans.csv"'
    assert cell["outputs"][0]["data"]["text/plain"] == "<A at 0x…>"
    assert cell["outputs"][1]["text"] == "src/a.py:3: W\n"


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("/srv/desk/repository/notebooks/a.ipynb", "notebooks/a.ipynb"),
        ("in /srv/desk/repository: x", "in .: x"),
        ("no /srv/a/b.csv, stop", "no …/b.csv, stop"),
        ("/var/x/ipykernel_12/345.py:1: UserWarning", "<cell>:1: UserWarning"),
        ("a/b/c and 1/2 and zh/en", "a/b/c and 1/2 and zh/en"),
        ("\x1b[31mred\x1b[0m", "red"),
    ],
)
def test_a_message_names_no_place_outside_the_repository(text: str, plain: str) -> None:
    assert plain_paths(text, ROOT) == plain


def test_lines_on_standard_error_are_complaints() -> None:
    stream = {"output_type": "stream", "name": "stderr", "text": "a: UserWarning: b\n\n  code\n"}
    found = read_result("10_x", executed(stream))
    assert found.complaints == ("a: UserWarning: b", "  code")
    assert not found.finished


def test_the_page_of_a_chapter_left_out_names_the_tables_in_both_languages(repository: Any) -> None:
    found = absent_result("10_first", ["positions", "loans"], repository.root)
    opening, paragraph = found.blocks
    assert opening["name"] == Text("客户", "Clients").as_json()
    assert "产品持有、" in "".join(paragraph["sentence"]["zh"])
    assert "positions and " in "".join(paragraph["sentence"]["en"])


def test_a_failure_names_heading_cell_line_and_cause() -> None:
    own = "Cell In[3], line 2\n      1 a\n----> 2 frame['x']"
    trace = f"KeyError  Traceback\n\n{own}\n\nFile /lib/p.py:9, in f\n----> 9 raise"
    output = {"ename": "KeyError", "evalue": "'x'", "traceback": [trace]}
    failure = failed_cell("10_x", executed(), 1, output, ROOT)
    assert failure.lines("reports/build").splitlines() == [
        "Chapter 10_x stopped.",
        "  section: Part one",
        "  cell:    In [1], line 2: frame['x']",
        "  cause:   KeyError: 'x'",
        "  look at: reports/build",
    ]


def test_a_long_cause_is_cut_to_one_line() -> None:
    assert shortened("a\n b") == "a b"
    assert len(shortened("x" * 1000)) == 300


def test_before_the_first_cell_there_is_no_place() -> None:
    assert place(None, None) == ("–", "before the first cell")


def test_a_kernel_that_does_not_start_is_tried_once_more_and_only_once(
    repository: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from analysis.reporting.build import build_report

    repository.write_report("10_first")
    tries: list[int] = []

    def never(self: Execution, source: Path, parameters: Any) -> None:
        tries.append(1)
        raise RuntimeError("Kernel didn't respond in 60 seconds")

    monkeypatch.setattr(Execution, "run", never)
    with pytest.raises(Exception, match=r"no Python kernel could be started \(RuntimeError\)"):
        build_report({}, root=repository.root, progress=repository.progress)
    assert len(tries) == 2


def test_chapters_run_two_at_a_time_and_the_readers_of_facts_last(
    repository: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from analysis.reporting.build import build_report

    names = ("90_summarise", "10_first", "20_second", "30_third")
    for name in names[2:]:
        repository.write_chapter(name)
    repository.write_report(*names)
    order: list[str] = []
    monkeypatch.setattr(Runner, "_step", lambda self, step: order.append(step.chapter))
    with pytest.raises(KeyError):  # nothing was executed, so there is no result to publish
        build_report({}, root=repository.root, progress=repository.progress)
    assert sorted(order[:3]) == ["10_first", "20_second", "30_third"]
    assert order[3] == "90_summarise"


def test_a_cell_never_gets_more_time_than_the_chapter_has_left() -> None:
    limits = Limits(cell=10, notebook=5)
    execution = Execution(sockets=Path(), log=BytesIO(), home=Path(), working=Path(), limits=limits)
    assert execution.time_left(None) == 1  # it has not begun, so its deadline lies in the past


@pytest.mark.parametrize(
    ("name", "code"), [("DataError", 3), ("ParameterError", 2), ("ReportError", 4), ("MethodError", 1)]
)
def test_an_error_of_this_project_inside_a_kernel_keeps_its_exit_code(name: str, code: int) -> None:
    failure = failed_cell("10_x", executed(), 1, {"ename": name, "evalue": "Rows are missing."}, ROOT)
    assert failure.error.exit_code == code
    assert failure.cause == "Rows are missing."


def test_a_full_disk_inside_a_kernel_is_said_in_plain_words() -> None:
    output = {"ename": "OSError", "evalue": "[Errno 28] No space left on device: 'x'"}
    assert failed_cell("10_x", executed(), 1, output, ROOT).cause == "the disk is full"


def test_reading_notebooks_does_not_build_the_parser_for_web_addresses() -> None:
    code = "import sys, analysis.reporting.kernel; print('nbformat' in sys.modules, 'lark' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["True", "False"]
