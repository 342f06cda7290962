"""Parameters: read from a notebook without running it, judged strictly, never evaluated."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from analysis.core.errors import ParameterError
from analysis.reporting.definition import read_definition
from analysis.reporting.parameters import Declaration, Request, check_names, coerce, judge, read_declarations

CELL = """source: str = "demo"  # which data
n_segments: int = 5  # how many segments, "#" included
share: float = 1  # a share
offset: int = -3
is_fast: bool = False  # 快
"""


def notebook(tmp_path: Path, *cells: str) -> Path:
    path = tmp_path / "10_x.ipynb"
    tagged = [{"cell_type": "code", "metadata": {"tags": ["parameters"]}, "source": cell} for cell in cells]
    path.write_text(json.dumps({"cells": tagged, "metadata": {}}), encoding="utf-8")
    return path


def judged(repository: Any, **given: str) -> Request:
    return judge(given, read_definition("quarterly", repository.root), repository.root)


def refusal(repository: Any, **given: str) -> ParameterError:
    with pytest.raises(ParameterError) as caught:
        judged(repository, **given)
    assert caught.value.exit_code == 2
    return caught.value


def test_declarations_are_read_with_their_kind_default_and_comment(tmp_path: Path) -> None:
    assert read_declarations(notebook(tmp_path, CELL)) == (
        Declaration("source", "str", "demo", "which data"),
        Declaration("n_segments", "int", 5, 'how many segments, "#" included'),
        Declaration("share", "float", 1.0, "a share"),
        Declaration("offset", "int", -3, ""),
        Declaration("is_fast", "bool", False, "快"),
    )


@pytest.mark.parametrize(
    "line",
    [
        "x = 1",
        "x: int",
        "x: int = '1'",
        "x: int = True",
        "x: float = None",
        "x: list = []",
        "x: str = open('HIT', 'w').name",
        "x: int | None = 1",
        "import os",
        "x.y: int = 1",
        "QUARTER: str = 'a'",
        "x: int = 1\nx: int = 2",
    ],
)
def test_anything_but_an_annotated_literal_is_refused_unrun(tmp_path: Path, line: str) -> None:
    with pytest.raises(ParameterError, match="is no parameter"):
        read_declarations(notebook(tmp_path, line))
    assert not Path("HIT").exists()


def test_a_notebook_needs_exactly_one_parameters_cell(tmp_path: Path) -> None:
    with pytest.raises(ParameterError, match="has 2 cells tagged 'parameters'"):
        read_declarations(notebook(tmp_path, CELL, CELL))
    with pytest.raises(ParameterError, match="has 0 cells tagged 'parameters'"):
        read_declarations(notebook(tmp_path))
    (tmp_path / "10_y.ipynb").write_text("not json")
    with pytest.raises(ParameterError, match="is not a notebook"):
        read_declarations(tmp_path / "10_y.ipynb")


@pytest.mark.parametrize(
    ("text", "kind", "value"),
    [
        ("6", "int", 6),
        ("-6", "int", -6),
        (" 6 ", "int", 6),
        ("0.05", "float", 0.05),
        ("1e-3", "float", 0.001),
        ("6", "float", 6.0),
        ("True", "bool", True),
        ("false", "bool", False),
        ("010", "int", 10),
        ("010", "str", "010"),
        ("对公", "str", "对公"),
        ("$(shell touch HIT)", "str", "$(shell touch HIT)"),
    ],
)
def test_a_text_becomes_the_value_it_stands_for(text: str, kind: str, value: object) -> None:
    found = coerce("x", text, kind)
    assert found == value
    assert type(found) is type(value)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("five", "int"),
        ("6.0", "int"),
        ("1e3", "int"),
        ("1_000", "int"),
        ("0x10", "int"),
        ("٣", "int"),
        ("", "int"),
        ("nan", "float"),
        ("inf", "float"),
        ("1e999", "float"),
        ("1,5", "float"),
        ("yes", "bool"),
        ("1", "bool"),
        ("__import__('os')", "int"),
        ("a\nb", "str"),
        ("a\0b", "str"),
        ("a\u2028b", "str"),
        ("a\x1bb", "str"),
        ("\ud800", "str"),
        ("x" * 5000, "str"),
    ],
)
def test_a_text_that_does_not_read_as_its_kind_is_refused(text: str, kind: str) -> None:
    with pytest.raises(ParameterError):
        coerce("x", text, kind)


def test_a_refusal_says_what_is_wanted_and_how_to_write_it() -> None:
    with pytest.raises(ParameterError) as caught:
        coerce("n_segments", "five", "int")
    assert caught.value.message == "n_segments must be a whole number, not 'five'."
    assert caught.value.hint == "Write for example n_segments=6."


def test_without_anything_given_the_defaults_of_the_chapters_hold(repository: Any) -> None:
    request = judged(repository)
    assert request.chapters["10_first"] == {"source": "demo", "quarter": "latest", "seed": 1}
    assert (request.langs, request.formats, request.quarter) == (("zh", "en"), ("html", "pdf", "xlsx"), "latest")


def test_a_chapter_gets_only_the_names_it_declares(repository: Any) -> None:
    repository.write_chapter("10_first", parameters="source: str = 'demo'  # data\nn_segments: int = 5  # how many\n")
    request = judged(repository, n_segments="6", SOURCE="sba", seed="9")
    assert request.chapters["10_first"] == {"source": "sba", "n_segments": 6}
    assert request.chapters["90_summarise"] == {"source": "sba", "quarter": "latest", "seed": 9}


def test_the_command_line_wins_over_the_chapter_section_which_wins_over_the_common_one(repository: Any) -> None:
    repository.write_report("10_first", "90_summarise", extra="seed = 2\n[chapters.10_first]\nseed = 3\n")
    assert [dict(c)["seed"] for c in judged(repository).chapters.values()] == [3, 2]
    assert [dict(c)["seed"] for c in judged(repository, seed="4").chapters.values()] == [4, 4]


def test_a_misspelt_name_is_refused_with_the_nearest_one(repository: Any) -> None:
    assert refusal(repository, QUATER="2026Q3").message == "There is no parameter 'QUATER'."
    assert "Did you mean 'QUARTER'?" in refusal(repository, QUATER="2026Q3").hint
    assert "Did you mean 'seed'?" in refusal(repository, SEED="3").hint


def test_names_that_follow_from_the_run_are_not_given_beside_it(repository: Any) -> None:
    assert refusal(repository, quarter="2026Q3").hint == "Write QUARTER=…."


@pytest.mark.parametrize("name", ["x=1;import os;os.system('touch HIT')", "x y", "__class__", "x\ny", ""])
def test_a_hostile_name_is_refused_as_unknown(name: str) -> None:
    with pytest.raises(ParameterError, match="There is no parameter"):
        check_names([name], ("seed",))


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("QUARTER", "2026Q5", "'2026Q5' is not a quarter."),
        ("QUARTER", "2026-3", "'2026-3' is not a quarter."),
        ("BRANCH", "B01", "Reports for one branch are not built yet."),
        ("FORMATS", "html docx", "The format docx is not built yet."),
        ("FORMATS", "htm", "FORMATS cannot be 'htm'."),
        ("LANGS", "zh fr", "LANGS cannot be 'fr'."),
        ("seed", "five", "seed must be a whole number, not 'five'."),
        ("DATA", "a\0b", "The value of DATA holds a control character."),
    ],
)
def test_a_wrong_value_is_refused_in_plain_words(repository: Any, name: str, value: str, message: str) -> None:
    assert refusal(repository, **{name: value}).message == message


def test_languages_and_formats_keep_their_own_order(repository: Any) -> None:
    request = judged(repository, LANGS="en zh", FORMATS="pdf,html")
    assert (request.langs, request.formats) == (("zh", "en"), ("html", "pdf"))


def test_a_value_outside_the_range_its_explanation_states_is_refused(repository: Any) -> None:
    cell = "n_segments: int = 5  # segments, from 2 to 12\nshare: float = 0.5  # from 0 to 0.9\n"
    repository.write_chapter("10_first", parameters=cell)
    for value in ("2", "12"):
        assert judged(repository, n_segments=value).chapters["10_first"]["n_segments"] == int(value)
    error = refusal(repository, n_segments="13")
    assert error.message == "n_segments cannot be '13'."
    assert error.hint == "In chapter 10_first it is: segments, from 2 to 12."
    assert refusal(repository, share="0.95").message == "share cannot be '0.95'."
    assert refusal(repository, n_segments="-1").message == "n_segments cannot be '-1'."


def test_a_report_file_with_an_unknown_name_or_a_wrong_type_is_refused(repository: Any) -> None:
    repository.write_report("10_first", extra="sed = 2\n")
    assert refusal(repository).message == "reports/quarterly.toml [parameters]: there is no parameter 'sed'."
    repository.write_report("10_first", extra='seed = "2"\n')
    assert refusal(repository).message == "reports/quarterly.toml [parameters]: seed must be a whole number, not '2'."
    repository.write_report("10_first", extra="seed = true\n")
    assert "must be a whole number" in refusal(repository).message


def test_one_name_with_two_types_is_refused(repository: Any) -> None:
    repository.write_chapter("10_first", parameters="seed: float = 1.0  # x\n")
    assert refusal(repository).message == "Parameter seed is float in 10_first but int in 90_summarise."


def test_judging_loads_no_heavy_library(repository: Any) -> None:
    code = (
        "import sys\n"
        "from pathlib import Path\n"
        "from analysis.core.errors import ParameterError\n"
        "from analysis.reporting.build import build_report\n"
        "try:\n    build_report({'QUATER': '2026Q3'})\n"
        "except ParameterError as error: print(error.message)\n"
        "heavy = {'pandas', 'numpy', 'ibis', 'duckdb', 'papermill', 'nbformat', 'IPython', 'matplotlib', 'typst'}\n"
        "print(sorted(heavy & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.splitlines() == ["There is no parameter 'QUATER'.", "[]"]
