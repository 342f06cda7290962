"""Tables of the annex: named on paper, folded on screen, whole in the workbook."""

import io
from dataclasses import replace
from pathlib import Path

import openpyxl
import pypdf
import pytest

from analysis.core.blocks import Column, Finding, Findings, Opening, Paragraph, Row, Sentence, Table, annexed
from analysis.core.estimate import Unavailable
from analysis.core.text import Language, Text
from analysis.reporting.check import check_html, check_pdf
from analysis.reporting.render.document import ChapterContent, ReportContent, number_blocks
from analysis.reporting.render.html import render_html
from analysis.reporting.render.pdf import render_pdf
from analysis.reporting.render.xlsx import render_xlsx
from tests.reporting.sample_content import sample_content

WORD = Text("仅在附表的词", "word of the annex only")


def table(name: str) -> Table:
    columns = (Column("a", Text("项目", "Item"), "words"),)
    title = Text(f"附表名{name}", f"Title {name}")
    return Table(name, title, Text("", ""), columns, (Row({"a": WORD}),), Sentence.of("", ""))


def content() -> ReportContent:
    said = Sentence.of("标题", "Headline")
    opening = Opening("o", Text("章", "Chapter"), Text("问", "Question"), said, Sentence.of("导语", "Lead"))
    findings = Findings("f", (Finding(said, "hidden"),))
    blocks = (opening, *annexed(table("hidden"), (table("second"),)), findings)
    chapters = (ChapterContent("10_describe_clients", tuple(block.as_json() for block in blocks)),)
    return replace(sample_content(), chapters=chapters, own_facts=())


def test_tables_and_tuples_of_tables_are_put_into_the_annex_and_nothing_else() -> None:
    reason, text = Unavailable(WORD), Paragraph("p", Sentence.of("字", "word"))
    shown = annexed(table("a"), (table("b"), reason), text)
    assert [getattr(one, "in_annex", None) for one in shown] == [True, True, None, None]
    assert shown[2:] == (reason, text)


def test_the_annex_is_counted_apart() -> None:
    numbers = number_blocks(content())
    assert numbers["hidden"] == Text("附表 1-1", "Annex table 1-1")
    assert numbers["second"] == Text("附表 1-2", "Annex table 1-2")


@pytest.mark.parametrize("language", ["zh", "en"])
def test_paper_names_the_table_and_screen_and_workbook_hold_it(language: Language, tmp_path: Path) -> None:
    report = content()
    pdf, html, xlsx = (tmp_path / f"r.{ending}" for ending in ("pdf", "html", "xlsx"))
    pdf.write_bytes(render_pdf(report, language))
    html.write_text(render_html(report, language), encoding="utf-8")
    render_xlsx(report, language, xlsx)
    paper = "".join(page.extract_text() for page in pypdf.PdfReader(io.BytesIO(pdf.read_bytes())).pages)
    assert WORD[language] not in paper
    assert number_blocks(report)["hidden"][language].replace(" ", "") in paper.replace(" ", "")
    assert '<details class="annex table" id="hidden">' in html.read_text(encoding="utf-8")
    assert not check_html(html, report, language)
    assert not check_pdf(pdf, report, language)
    cells = {cell.value for sheet in openpyxl.load_workbook(xlsx) for row in sheet.iter_rows() for cell in row}
    assert WORD[language] in cells
