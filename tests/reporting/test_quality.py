"""The quality of the data in a report: light, scorecard, marks in every format, cautions of a chapter."""

import json
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import openpyxl
import pytest

from analysis.core.blocks import (
    BLOCK_MIME,
    Block,
    Finding,
    Findings,
    Missing,
    Opening,
    Paragraph,
    Sentence,
    Table,
    Tiles,
)
from analysis.core.quarter import Quarter
from analysis.core.text import LANGUAGES, Language, Text
from analysis.core.units import CURRENCIES
from analysis.intake import load_policy
from analysis.intake.quality import DIMENSIONS, Flaw, Quality, Score
from analysis.reporting.chapter import CHAPTER_MIME, Chapter, tables_of_chapter
from analysis.reporting.quality import quality_light, quality_tables
from analysis.reporting.render.document import ReportContent, content_from_notebook, to_notebook
from analysis.reporting.render.html import block_html, render_html
from analysis.reporting.render.print_model import print_model
from analysis.reporting.render.xlsx import render_xlsx
from tests.reporting.sample_content import bridge, ref, sample_content, say, tiers, tiles

FLAW = Flaw("positions", "completeness", "period", "", "warn", Text("持有缺 2 行", "positions: 2 rows missing"), "")
MARK = Text("数据提示：产品持有", "data caution: positions")


def scored(*flaws: Flaw, positions: float = 1.0, loans: float | None = 1.0) -> Quality:
    """Two tables, full in every respect but the completeness of positions and the timeliness of loans."""
    scores = [
        Score(table, dimension, score, "warn" if score == 0.5 else "pass", (1.0, None, 1.0, score))
        for table in ("positions", "loans")
        for dimension in DIMENSIONS
        for score in [
            positions
            if (table, dimension) == ("positions", "completeness")
            else loans
            if (table, dimension) == ("loans", "timeliness")
            else 1.0
        ]
    ]
    return Quality("2026Q3", tuple(scores), flaws)


def tables_by_id(quality: Quality) -> dict[str, Table]:
    return {table.id: table for table in quality_tables(quality, load_policy())}


def test_the_light_says_how_many_tables_meet_the_policy():
    row = quality_light(scored())
    assert (row.value, row.state, row.word, row.is_light) == (
        Text("2 张表全部达到政策要求", "all 2 tables meet the policy"),
        "good",
        Text("通过", "passed"),
        True,
    )


def test_the_light_says_how_many_do_not():
    row = quality_light(scored(FLAW, positions=0.5))
    assert (row.value, row.state, row.word) == (
        Text(
            "2 张表中 1 张有缺陷，有关结论已标注",
            "1 of 2 tables have faults; conclusions that rest on them are marked",
        ),
        "near",
        Text("注意", "attention"),
    )


def test_data_that_nobody_judged_have_no_light_and_no_scorecard():
    row = quality_light(None)
    assert (row.value, row.state) == (Text("未评估", "not judged"), "none")
    assert tuple(quality_tables(None, load_policy())) == ()


def test_the_scorecard_is_table_by_dimension_with_the_state_of_the_table():
    card = tables_by_id(scored(FLAW, positions=0.5, loans=None))["appendix_quality"]
    assert [column.key for column in card.columns] == ["table", *DIMENSIONS, "state"]
    positions, loans = (row.cells for row in card.rows)
    assert (positions["completeness"], positions["state"]) == (0.5, Text("◆ 注意", "◆ attention"))
    assert loans["timeliness"] == Missing(Text("记录类数据，没有应有日期", "records that have no date to be there by"))
    assert loans["state"] == Text("● 通过", "● passed")


def test_the_trend_lists_what_was_not_full_and_says_where_there_were_no_data():
    trend = tables_by_id(scored(FLAW, positions=0.5))["appendix_quality_trend"]
    assert [column.key for column in trend.columns] == ["table", "dimension", "2025Q4", "2026Q1", "2026Q2", "2026Q3"]
    (row,) = trend.rows
    assert [row.cells[label] for label in ("2025Q4", "2026Q2", "2026Q3")] == [1.0, 1.0, 0.5]
    assert row.cells["2026Q1"] == Missing(Text("当季没有数据", "no data in the quarter"))


def test_the_limits_in_force_are_printed():
    limits = tables_by_id(scored())["appendix_quality_limits"]
    assert len(limits.rows) == len(load_policy().table("quality_gate"))
    validity = next(
        row.cells
        for row in limits.rows
        if row.cells["what"] == Text("取值不合规的行", "rows with a value that cannot be")
    )
    assert (validity["warn"], validity["stop"]) == (0.01, 0.1)


# --- marks in every format --------------------------------------------------------------------------------------------


def marked() -> list[Block]:
    """A block of every kind that can carry a mark, each with it."""
    number = say("数 {n}", "number {n}", n=ref("marked", 5, "count"))
    return [
        Opening("o", Text("章", "chapter"), Text("问", "question"), number, mark=MARK),
        Paragraph("p", number, mark=MARK),
        Findings("f", (Finding(number, mark=MARK),)),
        Tiles("t", (replace(tiles().tiles[0], mark=MARK),), tiles().note),
        replace(tiers(), mark=MARK),
        replace(bridge(), mark=MARK),
    ]


KINDS = ("opening", "paragraph", "findings", "tiles", "table", "figure")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("block", marked(), ids=KINDS)
def test_a_mark_is_printed_once_on_the_page_and_never_without_one(block: Block, language: Language) -> None:
    html = block_html(block.as_json(), language, CURRENCIES["CNY"])
    assert html.count('<span class="datamark">') == 1
    assert MARK[language] in html


@pytest.mark.parametrize("language", LANGUAGES)
def test_blocks_on_sound_data_have_no_mark(language: Language) -> None:
    assert '<span class="datamark">' not in render_html(sample_content(), language)


def report_of(*blocks: Block) -> ReportContent:
    content = sample_content()
    chapter = replace(content.chapters[0], name="10_x", blocks=tuple(block.as_json() for block in blocks))
    return replace(content, chapters=(chapter,), appendix=())


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_mark_is_printed_on_paper(language: Language) -> None:
    model, _ = print_model(report_of(*marked()), language)
    (chapter,) = model["chapters"]
    said = [chapter["mark"]]
    for piece in chapter["blocks"]:
        match piece["kind"]:
            case "findings":
                said += [item["mark"] for item in piece["items"]]
            case "tiles":
                said += [tile["mark"] for tile in piece["tiles"]]
            case _:
                said.append(piece["mark"])
    assert said == [f"◆ {MARK[language]}"] * len(KINDS)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_marked_table_says_so_in_the_workbook_and_others_do_not(language: Language, tmp_path: Path) -> None:
    path = tmp_path / "tables.xlsx"
    render_xlsx(report_of(*marked()[4:]), language, path)
    book = openpyxl.load_workbook(path)
    assert [sheet["A5"].value for sheet in book.worksheets[1:-1]] == [f"◆ {MARK[language]}"] * 2
    render_xlsx(report_of(tiers()), language, path)
    assert openpyxl.load_workbook(path).worksheets[1]["A5"].value is None


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_light_stands_at_the_head_of_the_page_and_on_the_control_page(language: Language) -> None:
    light = quality_light(scored(FLAW, positions=0.5))
    content = replace(sample_content(), control=(light,))
    html = render_html(content_from_notebook(to_notebook(content)), language)
    head, _, rest = html.partition('<section class="chapter"')
    assert f'<p class="light">{light.label[language]} <span class="chip near">' in head
    assert light.value[language] in head
    assert light.value[language] in rest


# --- a chapter --------------------------------------------------------------------------------------------------------

NAME = "10_first"


@pytest.fixture
def chapter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Chapter:
    """A chapter on positions whose data the gate warned of."""
    (tmp_path / "pyproject.toml").write_text("", encoding="utf-8")
    (tmp_path / "notebooks").mkdir()
    for name, says in ((NAME, {"needs": ["clients"], "uses": ["positions"]}), ("90_last", {"reads": "facts"})):
        notebook = {"metadata": {"analysis": says}, "cells": []}
        (tmp_path / "notebooks" / f"{name}.ipynb").write_text(json.dumps(notebook), encoding="utf-8")
        (tmp_path / "notebooks" / f"{name}.toml").write_text("", encoding="utf-8")
    monkeypatch.setenv("ANALYSIS_HOME", str(tmp_path))
    portfolio = SimpleNamespace(
        quarter=Quarter("2026Q3"),
        currency=CURRENCIES["CNY"],
        provenance=SimpleNamespace(source="monday", title=Text("本行", "ours"), kind="production"),
        policy=load_policy(Path(__file__).parents[2] / "data" / "policy"),
        tables=("clients", "positions", "loans"),
        quality=scored(FLAW, positions=0.5),
    )
    monkeypatch.setattr("analysis.intake.load_portfolio", lambda *_, **__: portfolio)
    return Chapter(NAME, source="monday", quarter="latest")


def test_a_warning_marks_the_blocks_of_a_chapter_and_is_said_once_below_its_opening(
    chapter: Chapter, monkeypatch: pytest.MonkeyPatch
) -> None:
    shown: list[dict[str, Any]] = []
    monkeypatch.setattr("IPython.display.display", lambda bundle, raw: shown.append(bundle))
    chapter.load()
    deposits = say("数 {n}", "number {n}", n=ref("deposit_avg", 5, "count"))
    chapter.show(
        Opening("o", Text("章", "c"), Text("问", "q"), deposits), Paragraph("p", Sentence(("无数",), ("none",)))
    )
    chapter.finish()
    blocks = [bundle[BLOCK_MIME] for bundle in shown if BLOCK_MIME in bundle]
    assert [block["id"] for block in blocks] == ["o", f"quality_{NAME}", "p"]
    assert blocks[0]["mark"] == MARK.as_json()
    assert "mark" not in blocks[2]
    assert blocks[1]["role"] == "caution"
    closing = shown[-1][CHAPTER_MIME]
    assert closing["cautions"] == [FLAW.text.as_json()]
    assert f"{NAME}.quality.n0" in {fact["id"] for fact in closing["facts"]}


def test_a_chapter_rests_on_what_it_needs_and_uses_and_a_summary_on_everything(chapter: Chapter) -> None:
    present = ("clients", "positions", "loans")
    assert tables_of_chapter(chapter.name, present) == ("clients", "positions")
    assert tables_of_chapter("90_last", present) == present
