"""Every notebook keeps the shape of a chapter: parameters, load, calls, show, finish; no logic, no outputs."""

import ast
import json
import re
import tomllib
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).parents[2] / "notebooks"
NOTEBOOKS = sorted(FOLDER.glob("*.ipynb"))
FORBIDDEN = (
    ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, ast.Lambda, ast.For, ast.While, ast.If, ast.IfExp, ast.Try,
    ast.With, ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.AugAssign, ast.Delete, ast.Global,
)  # fmt: skip
LITERALS = {"str", "int", "float", "bool"}


def code_cells(path: Path) -> list[dict[str, Any]]:
    notebook = json.loads(path.read_text(encoding="utf-8"))
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def source(cell: dict[str, Any]) -> str:
    return "".join(cell["source"])


def test_there_are_notebooks() -> None:
    assert [path.stem for path in NOTEBOOKS] == [
        "10_describe_clients",
        "20_analyse_needs",
        "30_segment_clients",
        "90_summarise",
    ]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_is_committed_without_outputs_under_a_neutral_kernel(path: Path) -> None:
    notebook = json.loads(path.read_text(encoding="utf-8"))
    assert (notebook["nbformat"], notebook["nbformat_minor"]) == (4, 5)
    assert notebook["metadata"]["kernelspec"]["name"] == "python3"
    assert "papermill" not in notebook["metadata"]
    for cell in code_cells(path):
        assert cell["outputs"] == []
        assert cell["execution_count"] is None


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_its_first_code_cell_declares_typed_literal_parameters(path: Path) -> None:
    cells = code_cells(path)
    tagged = [n for n, cell in enumerate(cells) if "parameters" in cell["metadata"].get("tags", [])]
    assert tagged == [0]
    lines = source(cells[0]).splitlines()
    tree = ast.parse(source(cells[0]))
    names = []
    for statement in tree.body:
        assert isinstance(statement, ast.AnnAssign), ast.unparse(statement)
        assert isinstance(statement.annotation, ast.Name)
        assert statement.annotation.id in LITERALS
        assert isinstance(statement.value, ast.Constant)
        assert "  # " in lines[statement.lineno - 1], "a parameter is explained by a trailing comment"
        assert isinstance(statement.target, ast.Name)
        names.append(statement.target.id)
    assert {"source", "quarter", "data", "language", "seed"} <= set(names)


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_holds_no_logic(path: Path) -> None:
    for cell in code_cells(path):
        tree = ast.parse(source(cell))
        assert len(source(cell).splitlines()) <= 12
        for node in ast.walk(tree):
            assert not isinstance(node, FORBIDDEN), ast.unparse(node)
            if isinstance(node, ast.Assign):
                assert all(isinstance(target, ast.Name | ast.Tuple) for target in node.targets), ast.unparse(node)
            if isinstance(node, ast.ImportFrom):
                assert (node.module or "").split(".")[0] == "analysis"
            assert not isinstance(node, ast.Import), "notebooks import from analysis only"


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_it_ends_with_finish_and_its_notes_hold_no_raw_html(path: Path) -> None:
    assert source(code_cells(path)[-1]).strip() == "chapter.finish()"
    notebook = json.loads(path.read_text(encoding="utf-8"))
    notes = ["".join(cell["source"]) for cell in notebook["cells"] if cell["cell_type"] == "markdown"]
    assert notes[0].startswith("# ")
    assert not [note for note in notes if re.search(r"<[a-zA-Z/!]", note)]


@pytest.mark.parametrize("path", NOTEBOOKS, ids=lambda path: path.stem)
def test_its_fixed_texts_lie_beside_it_in_both_languages_without_numerals(path: Path) -> None:
    texts = tomllib.loads(path.with_suffix(".toml").read_text(encoding="utf-8"))
    assert {"name", "question"} <= set(texts)
    for key, pair in texts.items():
        assert set(pair) == {"zh", "en"}, key
        assert not re.search(r"[0-9]", pair["zh"] + pair["en"]), f"{key} holds a numeral"
        assert not re.search(r"[\u4e00-\u9fff][,:;()?!]|[,:;()?!][\u4e00-\u9fff]", pair["zh"]), "half-width punctuation"
