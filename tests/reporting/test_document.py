"""A report in memory and as one notebook document."""

import dataclasses

import nbformat
import pytest
from hypothesis import given
from hypothesis import strategies as st

from analysis.core.blocks import BLOCK_MIME, Opening, Paragraph, Sentence
from analysis.core.errors import ReportError
from analysis.core.fact import Fact
from analysis.core.quarter import Quarter
from analysis.core.text import Text
from analysis.reporting.chapter import CHAPTER_MIME
from analysis.reporting.render.document import (
    ChapterContent,
    chapter_indices,
    chapter_number,
    content_from_notebook,
    number_blocks,
    quarter_text,
    to_notebook,
)
from tests.reporting.sample_content import bridge, sample_content, tiers

FACT = Fact("c.a", 0.07, "ratio", "c", Text("增速", "growth"))


def executed(*data: dict[str, object]) -> nbformat.NotebookNode:
    """A chapter as a kernel leaves it: one output a cell, nothing in the metadata."""
    cells = [nbformat.v4.new_code_cell("", outputs=[nbformat.v4.new_output("display_data", data=one)]) for one in data]
    return nbformat.v4.new_notebook(cells=cells)


def test_only_the_summary_is_number_zero():
    content = sample_content()
    assert chapter_indices(content) == (0, 1, 2, 3)
    assert chapter_indices(dataclasses.replace(content, chapters=content.chapters[1:])) == (1, 2, 3)
    assert chapter_indices(dataclasses.replace(content, chapters=())) == ()


def test_figures_and_tables_are_counted_apart_within_a_chapter():
    blocks = [bridge(id_="f1"), tiers(), bridge(id_="f2")]
    chapter = ChapterContent("10_describe_clients", tuple(block.as_json() for block in blocks))
    content = dataclasses.replace(sample_content(), chapters=(chapter,), appendix=())
    assert {key: text.en for key, text in number_blocks(content).items()} == {
        "f1": "Figure 1-1",
        "describe_tiers": "Table 1-1",
        "f2": "Figure 1-2",
    }


@given(st.integers(min_value=0, max_value=99))
def test_chinese_numbers_read_back(number):
    digits = "〇一二三四五六七八九"
    text = chapter_number(number).zh
    tens, ten, ones = text.partition("十")
    value = (
        digits.index(text)
        if not ten
        else (digits.index(tens) if tens else 1) * 10 + (digits.index(ones) if ones else 0)
    )
    assert value == number


def test_a_quarter_reads_as_people_say_it():
    assert [quarter_text(Quarter(f"2025Q{k}")).zh for k in (1, 2, 3, 4)] == [
        "2025 年第一季度",
        "2025 年第二季度",
        "2025 年第三季度",
        "2025 年第四季度",
    ]


def test_a_chapter_alone_takes_name_facts_quarter_and_currency_from_what_it_said():
    block = Opening("o", Text("名", "Name"), Text("问", "Why"), Sentence.of("答", "So")).as_json()
    said = {
        "name": "30_segment_clients",
        "facts": [FACT.as_json()],
        "quarter": "2026Q2",
        "currency": "USD",
        "source": "sba",
    }
    content = content_from_notebook(
        executed({BLOCK_MIME: block | {"chapter": "30_segment_clients"}}, {CHAPTER_MIME: said})
    )
    assert content.chapters[0].name == "30_segment_clients"
    assert content.facts == (FACT,)
    assert (content.quarter, content.currency.code, content.source) == (Quarter("2026Q2"), "USD", "sba")
    assert content.title == Text("名", "Name")


def test_the_quarter_is_found_in_the_parameters_papermill_wrote():
    notebook = executed({BLOCK_MIME: Paragraph("p", Sentence.of("文", "text")).as_json()})
    notebook.metadata["papermill"] = {"parameters": {"quarter": "2025Q4"}}
    assert content_from_notebook(notebook).quarter == Quarter("2025Q4")


def test_a_joined_report_may_be_saved_and_read_as_any_notebook():
    notebook = to_notebook(sample_content())
    nbformat.validate(notebook)
    assert len({cell["id"] for cell in notebook.cells}) == len(notebook.cells)


def test_an_empty_notebook_is_refused():
    with pytest.raises(
        ReportError, match=r"^the notebook holds no blocks\. Execute it first; chapter\.show emits them\.$"
    ):
        content_from_notebook(executed())
