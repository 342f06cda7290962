"""A whole build: what is published, what is done again, and what is refused."""

import json
import os
import signal
from pathlib import Path
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
        "en/report.html", "en/report.pdf", "en/tables.xlsx", "facts.json", "manifest.json",
        "notebooks/10_first.ipynb", "notebooks/90_summarise.ipynb",
        "zh/report.html", "zh/report.pdf", "zh/tables.xlsx",
    ]  # fmt: skip
    facts = json.loads((built.folder / "facts.json").read_text(encoding="utf-8"))
    assert [fact["id"] for fact in facts] == ["90_summarise.opening.clients", "10_first.opening.clients"]
    index = (repository.root / "reports" / "build" / "index.html").read_text(encoding="utf-8")
    assert 'href="quarterly/demo/2026Q3/zh/report.html"' in index
    assert "<script" not in index
