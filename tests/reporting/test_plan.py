"""Keys: they change exactly when a result may change."""

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from analysis.core.errors import ParameterError
from analysis.reporting.definition import read_definition
from analysis.reporting.parameters import judge
from analysis.reporting.plan import Plan, changed_parts, demands_of, make_plan


def planned(repository: Any, *, data_key: str = "d", policy: str = "p", quarter: str = "2026Q3", **given: str) -> Plan:
    definition = read_definition("quarterly", repository.root)
    return make_plan(
        definition,
        judge(given, definition, repository.root),
        root=repository.root,
        quarter=quarter,
        tables=repository.tables,
        data_key=data_key,
        policy_sha256=policy,
    )


def keys(plan: Plan) -> list[str]:
    return [step.key for step in plan.steps]


def test_the_same_inputs_give_the_same_keys(repository: Any) -> None:
    first, second = planned(repository), planned(repository)
    assert keys(first) == keys(second)
    assert first.key == second.key


def test_opening_and_saving_a_notebook_changes_nothing(repository: Any) -> None:
    before = planned(repository)
    path = repository.root / "notebooks" / "10_first.ipynb"
    notebook = json.loads(path.read_text())
    notebook["metadata"]["widgets"] = {}
    notebook["cells"][0]["source"] = "# Another note"
    notebook["cells"][1]["execution_count"] = 7
    notebook["cells"][1]["source"] = notebook["cells"][1]["source"].splitlines(keepends=True)
    path.write_text(json.dumps(notebook, indent=4))
    assert planned(repository).key == before.key


def touch_code(repository: Any) -> None:
    (repository.root / "src" / "analysis" / "method.py").write_text("# 2\n")


def touch_lock(repository: Any) -> None:
    (repository.root / "requirements.lock").write_text("pandas==9\n")


def touch_reference(repository: Any) -> None:
    (repository.root / "data" / "reference" / "regions.csv").write_text("a\n")


@pytest.mark.parametrize(
    ("change", "part"), [(touch_code, "code"), (touch_lock, "lock"), (touch_reference, "policies")]
)
def test_code_lock_and_reference_data_change_every_chapter(
    repository: Any, change: Callable[[Any], None], part: str
) -> None:
    before = planned(repository)
    change(repository)
    after = planned(repository)
    assert changed_parts(after.steps[0], before.steps[0].parts) == (part,)
    assert changed_parts(after.steps[1], before.steps[1].parts) == tuple(sorted((part, "facts")))


@pytest.mark.parametrize(
    ("options", "part"),
    [({"data_key": "e"}, "data"), ({"policy": "q"}, "policies"), ({"seed": "2"}, "parameters")],
)
def test_data_policies_and_parameters_change_every_chapter(repository: Any, options: dict[str, Any], part: str) -> None:
    before, after = planned(repository), planned(repository, **options)
    assert changed_parts(after.steps[0], before.steps[0].parts) == (part,)


def test_one_changed_chapter_changes_itself_and_those_that_read_its_facts(repository: Any) -> None:
    repository.write_chapter("20_second")
    repository.write_report("10_first", "20_second", "90_summarise")
    before = planned(repository)
    repository.write_chapter("20_second", value=6)
    after = planned(repository)
    changed = [changed_parts(new, old.parts) for new, old in zip(after.steps, before.steps, strict=True)]
    assert changed == [(), ("notebook",), ("facts",)]


def test_a_change_of_the_rendering_needs_no_kernel(repository: Any) -> None:
    before = planned(repository)
    (repository.root / "src" / "analysis" / "reporting" / "page.py").write_text("# 2\n")
    after = planned(repository)
    assert keys(after) == keys(before)
    assert after.key != before.key


def test_fewer_formats_need_no_kernel_but_another_publication(repository: Any) -> None:
    before, after = planned(repository), planned(repository, FORMATS="html")
    assert keys(after) == keys(before)
    assert after.key != before.key


def test_the_path_of_the_data_is_in_no_key(repository: Any) -> None:
    more = 'source: str = "demo"  # data\ndata: str = ""  # path\n'
    repository.write_chapter("10_first", parameters=more)
    assert keys(planned(repository, DATA="a.csv")) == keys(planned(repository, DATA="b.csv"))


def test_a_chapter_without_its_tables_is_marked_before_anything_starts(repository: Any) -> None:
    repository.write_chapter("10_first", needs=("clients", "positions", "loans"))
    assert planned(repository).steps[0].absent == ("positions", "loans")
    repository.tables = ("clients", "positions", "loans")
    assert planned(repository).steps[0].absent == ()


def test_the_quarter_is_resolved_before_it_reaches_a_chapter(repository: Any) -> None:
    assert planned(repository, quarter="2026Q2").steps[0].parameters["quarter"] == "2026Q2"


@pytest.mark.parametrize(
    "raw", [{"need": []}, {"needs": "clients"}, {"needs": [1]}, {"reads": "everything"}, ["needs"]]
)
def test_metadata_that_is_not_understood_is_refused(tmp_path: Path, raw: Any) -> None:
    path = tmp_path / "10_x.ipynb"
    path.write_text(json.dumps({"metadata": {"analysis": raw}, "cells": []}))
    with pytest.raises(ParameterError, match="is not understood"):
        demands_of(path)


def test_a_chapter_never_built_says_so(repository: Any) -> None:
    step = planned(repository).steps[0]
    assert changed_parts(step, None) == ("never built",)
    assert changed_parts(replace(step, parts={**step.parts, "lock": "x"}), step.parts) == ("lock",)
