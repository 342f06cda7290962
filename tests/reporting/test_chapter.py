"""A chapter shows blocks in order, records their facts once, and refuses what would make a report contradict itself."""

import json
import re
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from analysis.core.blocks import BLOCK_MIME, Paragraph
from analysis.core.errors import ParameterError, ReportError
from analysis.core.estimate import Unavailable
from analysis.core.fact import Fact
from analysis.core.quarter import Quarter
from analysis.core.text import Text
from analysis.core.units import CURRENCIES
from analysis.reporting.chapter import CHAPTER_MIME, Chapter, facts_json, read_texts
from analysis.reporting.check import check_notebook
from tests.reporting.sample_content import ref, say

NAME = "10_first"
FEW = Unavailable(Text("少于 30 户", "fewer than 30 clients"))
Make = Callable[..., Chapter]


def paragraph(id: str, value: int = 5, fact: str = "clients") -> Paragraph:
    return Paragraph(id, say("共 {n} 户", "{n} clients", n=ref(fact, value, "count", unit=False)))


@pytest.fixture
def shown(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """What the notebook displays."""
    bundles: list[dict[str, Any]] = []
    monkeypatch.setattr("IPython.display.display", lambda bundle, raw: bundles.append(bundle))
    return bundles


@pytest.fixture
def chapter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Make:
    """A chapter of a repository of its own, with a text file and nothing else."""
    (tmp_path / "pyproject.toml").write_text("", encoding="utf-8")
    folder = tmp_path / "notebooks"
    folder.mkdir()
    (folder / f"{NAME}.toml").write_text('[name]\nzh = "客户"\nen = "Clients"\n', encoding="utf-8")
    monkeypatch.setenv("ANALYSIS_HOME", str(tmp_path))
    monkeypatch.delenv("ANALYSIS_FACTS", raising=False)

    def make(name: str = NAME, **more: Any) -> Chapter:
        return Chapter(name, **{"source": "demo", "quarter": "latest"} | more)

    return make


def test_blocks_are_shown_in_order_as_html_and_json_for_both_languages(
    chapter: Make, shown: list[dict[str, Any]]
) -> None:
    chapter(display="en").show(paragraph("one"), paragraph("two"))
    assert [bundle["text/plain"] for bundle in shown] == ["<paragraph one>", "<paragraph two>"]
    assert shown[0][BLOCK_MIME] == paragraph("one").as_json() | {"chapter": NAME}
    assert "clients" in shown[0]["text/html"]
    assert "共" not in shown[0]["text/html"]


def test_the_screen_speaks_the_language_asked_for(chapter: Make, shown: list[dict[str, Any]]) -> None:
    chapter(display="zh").show(paragraph("one"))
    assert "共" in shown[0]["text/html"]
    assert "clients" not in re.sub("<[^>]*>", "", shown[0]["text/html"])


def test_nested_sequences_are_shown_flat_and_empty_ones_show_nothing(
    chapter: Make, shown: list[dict[str, Any]]
) -> None:
    nested: Any = [paragraph("a"), (paragraph("b"), [FEW])]
    chapter().show((), nested, paragraph("c"))
    assert [bundle[BLOCK_MIME]["id"] for bundle in shown] == ["a", "b", f"unavailable_{NAME}_1", "c"]


def test_what_is_unavailable_prints_its_reason_as_a_caution_with_its_numerals_as_facts(
    chapter: Make, shown: list[dict[str, Any]]
) -> None:
    made = chapter()
    made.show(FEW, FEW)
    made.finish()
    first, second = (bundle[BLOCK_MIME] for bundle in shown[:2])
    assert (first["id"], second["id"]) == (f"unavailable_{NAME}_1", f"unavailable_{NAME}_2")
    assert first["role"] == "caution"
    assert first["sentence"]["en"][0] == "fewer than "
    assert first["sentence"]["en"][1]["value"] == "30"
    assert [row["id"] for row in shown[2][CHAPTER_MIME]["facts"]] == [
        f"{NAME}.unavailable_{NAME}_1.n0",
        f"{NAME}.unavailable_{NAME}_2.n0",
    ]


def test_two_blocks_with_one_id_are_refused(chapter: Make, shown: list[dict[str, Any]]) -> None:
    made = chapter()
    made.show(paragraph("one"))
    with pytest.raises(ReportError, match=r"^Chapter 10_first shows two blocks with the id 'one'\. Rename one\.$"):
        made.show(paragraph("one"))
    assert len(shown) == 1


def test_finish_leaves_each_fact_once_and_the_cautions(chapter: Make, shown: list[dict[str, Any]]) -> None:
    made = chapter(display="en")
    made.show(paragraph("one"), paragraph("two"), paragraph("three", 7, "loans"))
    few = Text("客户太少", "too few clients")
    made.caution(few)
    made.caution(few)
    made.finish()
    left = shown[-1][CHAPTER_MIME]
    assert left["name"] == NAME
    assert [(row["id"], row["value"]) for row in left["facts"]] == [("sample.clients", 5), ("sample.loans", 7)]
    assert left["cautions"] == [few.as_json()]
    assert shown[-1]["text/plain"] == "2 facts recorded"


def test_a_finished_chapter_passes_the_check_of_notebooks(chapter: Make, shown: list[dict[str, Any]]) -> None:
    made = chapter()
    made.show(paragraph("one"), FEW)
    made.finish()
    outputs = [{"output_type": "display_data", "data": bundle} for bundle in shown]
    assert check_notebook({"cells": [{"outputs": outputs}]}, NAME) == []
    assert shown[-1]["text/plain"] == "本章记录 2 个数据点"


def test_the_same_fact_with_two_values_is_refused_at_the_end(chapter: Make, shown: list[dict[str, Any]]) -> None:
    made = chapter()
    made.show(paragraph("one", 5), paragraph("two", 6))
    with pytest.raises(ValueError, match=r"^two facts share the id sample\.clients: 5 \(clients\), 6 \(clients\)$"):
        made.finish()
    assert len(shown) == 2


def test_loading_records_what_the_data_are(
    chapter: Make, shown: list[dict[str, Any]], monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[tuple[Any, ...]] = []
    provenance = SimpleNamespace(source="sba", title=Text("贷款", "loans"), kind="open")
    portfolio = SimpleNamespace(
        quarter=Quarter("2014Q3"), currency=CURRENCIES["USD"], provenance=provenance, quality=None
    )

    def load(source: str, *, quarter: str, data: str | None) -> Any:
        asked.append((source, quarter, data))
        return portfolio

    monkeypatch.setattr("analysis.intake.load_portfolio", load)
    made = chapter(source="sba", quarter="2014Q3")
    loaded: Any = made.load()
    assert loaded is portfolio
    made.finish()
    assert asked == [("sba", "2014Q3", None)]
    assert {key: shown[-1][CHAPTER_MIME][key] for key in ("quarter", "source", "source_title", "kind", "currency")} == {
        "quarter": "2014Q3",
        "source": "sba",
        "source_title": {"zh": "贷款", "en": "loans"},
        "kind": "open",
        "currency": "USD",
    }


@pytest.mark.parametrize("language", ["fr", "", "ZH"])
def test_another_language_is_refused(chapter: Make, language: str) -> None:
    message = re.escape(f"{language!r} is not a language of this project. Use zh or en.")
    with pytest.raises(ParameterError, match=f"^{message}$"):
        chapter(display=language)


def test_a_chapter_without_its_texts_is_refused(chapter: Make) -> None:
    assert read_texts(NAME) == {"name": Text("客户", "Clients")}
    with pytest.raises(
        ParameterError, match=r"^Chapter '20_none' has no text file 20_none\.toml\. Write one beside its notebook\.$"
    ):
        chapter("20_none")


# --- facts of other chapters ----------------------------------------------------------------------------------------


def fact(value: int) -> Fact:
    return Fact("10_first.clients", value, "count", NAME, Text("客户", "clients"))


def write_facts(root: Path, report: str, quarter: str, value: int) -> None:
    folder = root / "reports" / "build" / report / "demo" / quarter
    folder.mkdir(parents=True)
    (folder / "facts.json").write_text(facts_json([fact(value)]), encoding="utf-8")


def test_facts_of_the_same_run_are_read_from_the_file_it_names(
    chapter: Make, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_facts(tmp_path, "quarterly", "2026Q3", 1)
    path = tmp_path / "so far.json"
    path.write_text(facts_json([fact(5)]), encoding="utf-8")
    monkeypatch.setenv("ANALYSIS_FACTS", str(path))
    assert chapter().recorded() == {"10_first.clients": fact(5)}


def test_by_hand_the_facts_are_those_of_the_last_report_or_of_the_quarter_asked_for(
    chapter: Make, tmp_path: Path
) -> None:
    write_facts(tmp_path, "quarterly", "2026Q2", 2)
    write_facts(tmp_path, "quarterly", "2026Q3", 3)
    assert chapter().recorded() == {"10_first.clients": fact(3)}
    assert chapter(quarter="2026Q2").recorded() == {"10_first.clients": fact(2)}


def test_without_a_report_the_message_says_what_to_do(chapter: Make, tmp_path: Path) -> None:
    write_facts(tmp_path, "quarterly", "2026Q3", 3)
    message = (
        "No report on sba was built yet, so there are no facts to sum up. "
        "Run make report first; this chapter reads what the others recorded."
    )
    with pytest.raises(ReportError, match=f"^{re.escape(message)}$"):
        chapter(source="sba").recorded()
    with pytest.raises(ReportError, match=r"^No report on demo was built yet"):
        chapter(quarter="2025Q1").recorded()


def test_facts_survive_the_way_through_json(tmp_path: Path) -> None:
    missing = Fact("a.b", None, "ratio", "a", Text("率", "rate"), "NPLR", "2026Q3", Text("无", "none"))
    assert [Fact.of(row) for row in json.loads(facts_json([fact(5), missing]))] == [fact(5), missing]
