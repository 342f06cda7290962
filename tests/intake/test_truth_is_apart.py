"""Planted truth of the demo bank is never read by analysis code, nor written where analysis code reads."""

import ast
from pathlib import Path

SOURCE = Path(__file__).parents[2] / "src" / "analysis"
DEMO = SOURCE / "intake" / "sources" / "demo"


def imported(path: Path) -> set[str]:
    names: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names |= {node.module} | {f"{node.module}.{alias.name}" for alias in node.names}
    return names


def test_only_truth_itself_knows_the_module_truth() -> None:
    readers = [
        path.relative_to(SOURCE).as_posix()
        for path in SOURCE.rglob("*.py")
        if path != DEMO / "truth.py"
        and any(name.endswith(("demo.truth", "demo.truth_statements")) for name in imported(path))
    ]
    assert readers == []


def test_analysis_code_outside_the_generator_imports_nothing_of_it_but_its_entry() -> None:
    allowed = {"analysis.intake.sources.demo", "analysis.intake.sources.demo.generate"}
    strangers = {
        path.relative_to(SOURCE).as_posix(): found
        for path in SOURCE.rglob("*.py")
        if DEMO not in path.parents
        and (
            found := {
                name
                for name in imported(path)
                if name.startswith("analysis.intake.sources.demo.")
                and name not in allowed
                and name.rsplit(".", 1)[-1] != "DemoParameters"
            }
        )
    }
    assert strangers == {}
