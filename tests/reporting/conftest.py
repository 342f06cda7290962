"""A small repository of its own for the run engine: two chapters that need no data, and stand-ins for the renderers."""

import json
import sys
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from analysis.core.blocks import BLOCK_MIME, Opening, Ref, Sentence
from analysis.core.fact import Fact
from analysis.core.provenance import Input, Provenance
from analysis.core.quarter import Quarter
from analysis.core.text import Text
from analysis.core.units import CURRENCIES
from analysis.intake.identity import ClientMatches
from analysis.reporting.chapter import CHAPTER_MIME
from analysis.reporting.progress import Progress

REPORT = """
title = { zh = "季报", en = "Quarterly" }
short_title = { zh = "季报", en = "Quarterly" }
audience = { zh = "行领导", en = "Management" }
order = [%s]
[parameters]
"""
PARAMETERS = """source: str = "demo"  # which data
quarter: str = "latest"  # as of which quarter
seed: int = 1  # of every random draw
"""


def display(chapter: str, value: int) -> str:
    """Code of a cell that shows an opening with one fact and finishes, without importing the package in the kernel."""
    fact = Fact(f"{chapter}.opening.clients", value, "count", chapter, Text("客户数", "clients"))
    sentence = Sentence.of("客户共{n}户", "{n} clients", n=Ref(fact, "count"))
    block = Opening(f"opening_{chapter}", Text("章", "chapter"), Text("问", "question"), sentence)
    closing = {"name": chapter, "facts": [fact.as_json()], "cautions": []}
    payload = block.as_json() | {"chapter": chapter}
    return (
        "from IPython.display import display\n"
        f"display({{{BLOCK_MIME!r}: {payload!r}, 'text/plain': 'opening'}}, raw=True)\n"
        f"display({{{CHAPTER_MIME!r}: {closing!r}, 'text/plain': 'done'}}, raw=True)"
    )


@dataclass
class Repository:
    """A repository in a temporary folder, with what was rendered and what was said."""

    root: Path
    rendered: list[str] = field(default_factory=list)
    lines: list[str] = field(default_factory=list)
    tables: tuple[str, ...] = ("clients",)
    problems: list[str] = field(default_factory=list)

    @property
    def progress(self) -> Progress:
        return Progress(say=self.lines.append)

    @property
    def published(self) -> Path:
        return self.root / "reports" / "build" / "quarterly" / "demo" / "2026Q3"

    def write_report(self, *chapters: str, extra: str = "") -> None:
        names = ", ".join(f'"{name}"' for name in chapters)
        (self.root / "reports" / "quarterly.toml").write_text(REPORT % names + extra, encoding="utf-8")

    def write_chapter(
        self,
        name: str,
        *cells: str,
        parameters: str = PARAMETERS,
        value: int = 5,
        needs: tuple[str, ...] = (),
        **more: Any,
    ) -> None:
        """A chapter: heading, parameters, the given cells, and a last one that shows `value` and finishes."""
        sources = [(["parameters"], parameters), *(([], cell) for cell in (*cells, display(name, value)))]
        notebook = {
            "nbformat": 4,
            "nbformat_minor": 5,
            "metadata": {
                "kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"},
                "analysis": {"needs": list(needs), "uses": [], **more},
            },
            "cells": [
                {"cell_type": "markdown", "id": "h", "metadata": {}, "source": "# Title\n\n## Who they are"},
                *(
                    {
                        "cell_type": "code",
                        "id": f"c{number}",
                        "metadata": {"tags": tags},
                        "source": source,
                        "outputs": [],
                        "execution_count": None,
                    }
                    for number, (tags, source) in enumerate(sources)
                ),
            ],
        }
        folder = self.root / "notebooks"
        (folder / f"{name}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
        texts = '[name]\nzh = "客户"\nen = "Clients"\n[question]\nzh = "谁？"\nen = "Who?"\n'
        (folder / f"{name}.toml").write_text(texts, encoding="utf-8")

    def portfolio(self, source: str, *, quarter: str = "latest", **_: Any) -> Any:
        from analysis.intake import load_policy

        chosen = Quarter("2026Q3" if quarter == "latest" else quarter)
        return SimpleNamespace(
            quarter=chosen,
            currency=CURRENCIES["CNY"],
            provenance=Provenance(source, "synthetic", Text("合成", "synthetic"), (Input("clients.csv", 3, "ab"),)),
            policy=load_policy(),
            quality=None,
            matches=ClientMatches(chosen.label, 3, 2, ()),
            tables=self.tables,
            tables_key="tables",
            table=lambda name: SimpleNamespace(count=lambda: SimpleNamespace(execute=lambda: 3)),
            has=lambda name: name in self.tables,
        )


@pytest.fixture
def repository(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Repository:
    """Two chapters, 10_first and 90_summarise (which reads the facts of the first), not yet built."""
    root = tmp_path / "a repository"
    for folder in ("reports", "notebooks", "data/reference", "src/analysis/reporting"):
        (root / folder).mkdir(parents=True)
    for file in ("pyproject.toml", "requirements.lock", "src/analysis/method.py", "src/analysis/reporting/page.py"):
        (root / file).write_text("# 1\n", encoding="utf-8")
    made = Repository(root)
    made.write_report("10_first", "90_summarise")
    made.write_chapter("10_first")
    read_facts = "import json, os, pathlib\nfacts = json.loads(pathlib.Path(os.environ['ANALYSIS_FACTS']).read_text())"
    check = "assert [fact['value'] for fact in facts] == [5], facts"
    made.write_chapter("90_summarise", read_facts, check, value=7, reads="facts")
    monkeypatch.setenv("ANALYSIS_HOME", str(root))
    monkeypatch.setattr("analysis.intake.load_portfolio", made.portfolio)
    monkeypatch.setattr("analysis.reporting.check.check_report", lambda content, folder: made.problems)
    monkeypatch.setattr("analysis.reporting.kernel.prepare_drawing", lambda root: None)  # these chapters draw nothing
    monkeypatch.setattr("analysis.reporting.check.check_notebook", lambda notebook, name: [])
    for name, function in _renderers(made).items():
        module = ModuleType(f"analysis.reporting.render.{name}")
        setattr(module, f"render_{name}", function)
        monkeypatch.setitem(sys.modules, f"analysis.reporting.render.{name}", module)
    return made


def _renderers(made: Repository) -> dict[str, Callable[..., Any]]:
    def render_html(content: Any, language: str) -> str:
        made.rendered.append(f"html {language}")
        return f"<html lang={language}>{[fact.id for fact in content.facts]}</html>"

    def render_pdf(content: Any, language: str) -> bytes:
        made.rendered.append(f"pdf {language}")
        return b"%PDF-" + language.encode()

    def render_xlsx(content: Any, language: str, path: Path) -> None:
        made.rendered.append(f"xlsx {language}")
        path.write_bytes(b"PK" + language.encode())

    return {"html": render_html, "pdf": render_pdf, "xlsx": render_xlsx}
