"""The checks before publication: each catches its own fault in so many words, and a good report passes them all."""

import copy
import json
import zipfile
from collections.abc import Callable
from dataclasses import replace
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import openpyxl  # type: ignore[import-untyped]
import pikepdf
import pytest

from analysis.core.blocks import BLOCK_MIME, Block, Column, Opening, Paragraph, Row, Sentence, Table, facts_of
from analysis.core.fact import Fact, by_id
from analysis.core.text import LANGUAGES, Language, Text
from analysis.reporting.chapter import CHAPTER_MIME, facts_json
from analysis.reporting.check import (
    check_content,
    check_html,
    check_notebook,
    check_pdf,
    check_report,
    check_xlsx,
)
from analysis.reporting.render.document import ChapterContent, ReportContent
from analysis.reporting.render.html import render_html
from analysis.reporting.render.pdf import render_pdf
from analysis.reporting.render.xlsx import render_xlsx
from tests.reporting.sample_content import ref, sample_content, say

CLIENTS = ref("clients", 1862, "count", unit=False)


def opening() -> Opening:
    headline = say("共 {n} 户客户", "{n} clients in all", n=CLIENTS)
    return Opening("x_opening", Text("客户", "Clients"), Text("谁？", "Who?"), headline)


def table() -> Table:
    columns = (Column("name", Text("名称", "Name"), "words"), Column("n", Text("户数", "Clients"), "count"))
    row = Row({"name": Text("合计", "Total"), "n": CLIENTS})
    return Table("x_table", Text("客户", "Clients"), Text("户", "clients"), columns, (row,), say("无", "none"))


@cache
def whole() -> ReportContent:
    return sample_content()


def report(*blocks: Block | dict[str, Any], facts: tuple[Fact, ...] | None = None) -> ReportContent:
    """A report of one chapter."""
    jsons = tuple(block.as_json() if isinstance(block, Block) else block for block in blocks)
    known = tuple(by_id(facts_of(block for block in blocks if isinstance(block, Block))).values())
    chapter = ChapterContent("10_x", jsons, known if facts is None else facts)
    return replace(whole(), chapters=(chapter,), appendix=())


def small() -> ReportContent:
    return report(opening(), table())


# --- the whole report -----------------------------------------------------------------------------------------------


def test_the_sample_report_has_no_problem_in_any_format(tmp_path: Path) -> None:
    content = whole()
    for language in LANGUAGES:
        folder = tmp_path / language
        folder.mkdir()
        (folder / "report.html").write_text(render_html(content, language), encoding="utf-8")
        (folder / "report.pdf").write_bytes(render_pdf(content, language))
        render_xlsx(content, language, folder / "tables.xlsx")
    (tmp_path / "facts.json").write_text(facts_json(by_id(content.facts).values()), encoding="utf-8")
    assert check_report(content, tmp_path) == []


def test_problems_of_all_files_are_listed_together_with_the_file_they_are_in(tmp_path: Path) -> None:
    (tmp_path / "en").mkdir()
    (tmp_path / "en" / "report.html").write_text(page("en").replace("Content-Security-Policy", "x"), encoding="utf-8")
    (tmp_path / "facts.json").write_text("[]", encoding="utf-8")
    assert check_report(small(), tmp_path) == [
        "en/report.html: has no content security policy",
        "facts.json and the chapters differ in ['sample.clients']",
    ]


@pytest.mark.parametrize("change", ["lost", "added", "value"])
def test_facts_json_that_differs_from_the_chapters_is_found(tmp_path: Path, change: str) -> None:
    rows = [CLIENTS.fact.as_json()]
    made = {
        "lost": [],
        "added": [*rows, rows[0] | {"id": "sample.extra"}],
        "value": [rows[0] | {"value": 1863}],
    }[change]
    (tmp_path / "facts.json").write_text(json.dumps(made), encoding="utf-8")
    named = "sample.extra" if change == "added" else "sample.clients"
    assert check_report(small(), tmp_path) == [f"facts.json and the chapters differ in ['{named}']"]


def test_files_that_are_not_built_are_not_asked_for(tmp_path: Path) -> None:
    assert check_report(small(), tmp_path) == []


# --- content --------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("part", ["共 3 户", "共３户"], ids=["half width", "full width"])
def test_a_digit_in_prose_is_no_fact(part: str) -> None:
    paragraph = Paragraph("x_text", Sentence((part,), ("all",)))
    assert check_content(report(opening(), paragraph)) == [f"10_x, x_text: a numeral that is no fact: {part!r}"]


def test_a_digit_is_found_in_a_note_and_in_the_table_behind_a_figure() -> None:
    noted = replace(table(), note=Sentence(("见 2 节",), ("see above",)))
    assert check_content(report(opening(), noted)) == ["10_x, x_table: a numeral that is no fact: '见 2 节'"]
    figure = copy.deepcopy(next(block for block in whole().chapters[1].blocks if block["kind"] == "figure"))
    figure["behind"]["note"]["en"] = ["in 2026"]
    problems = check_content(report(opening(), figure, facts=(*whole().facts, CLIENTS.fact)))
    assert problems == [f"10_x, {figure['id']}: a numeral that is no fact: 'in 2026'"]


def test_a_fact_that_was_never_recorded_is_found_in_both_languages() -> None:
    problem = "10_x, x_opening: the fact sample.clients was never recorded"
    assert check_content(report(opening(), facts=())) == [problem, problem]


def test_a_fact_printed_with_another_value_is_found() -> None:
    recorded = replace(CLIENTS.fact, value=1863)
    problem = "10_x, x_opening: the fact sample.clients is 1863 but 1862 is printed"
    assert check_content(report(opening(), facts=(recorded,))) == [problem, problem]


def test_languages_that_print_different_facts_are_found() -> None:
    uneven = Paragraph("x_text", Sentence(("共", CLIENTS), ("all of them",)))
    assert check_content(report(opening(), uneven)) == [
        "10_x, x_text: the languages print different facts: ['sample.clients']"
    ]


def test_a_chapter_without_headline_is_found() -> None:
    assert check_content(report(table())) == ["10_x has no opening with its headline"]


def test_a_cell_without_a_column_is_found_in_a_table_and_behind_a_figure() -> None:
    lost = replace(table(), rows=(Row({"name": "a", "gone": 1}),))
    assert check_content(report(opening(), lost)) == ["10_x, x_table: cells without a column would be lost: ['gone']"]


# --- HTML -----------------------------------------------------------------------------------------------------------


def page(language: Language = "zh", extra: str = "") -> str:
    """The least a page of `small` must hold."""
    mark = {"zh": "合成数据", "en": "Synthetic data"}[language]
    return (
        '<meta http-equiv="Content-Security-Policy" content="default-src \'none\'">'
        f'<section id="x_opening"><h1><span data-fact="sample.clients">1,862</span></h1></section>'
        f'<table id="x_table"></table><footer>{mark}</footer>{extra}'
    )


def html_problems(tmp_path: Path, text: str, language: Language = "zh") -> list[str]:
    path = tmp_path / "report.html"
    path.write_text(text, encoding="utf-8")
    return check_html(path, small(), language)


def test_the_least_page_has_no_problem(tmp_path: Path) -> None:
    for language in LANGUAGES:
        assert html_problems(tmp_path, page(language), language) == []


@pytest.mark.parametrize(
    ("markup", "address"),
    [
        ('<img src="https://a.example/x.png">', "https://a.example/x.png"),
        ("<img src=//a.example/x.png>", "//a.example/x.png"),
        ("<a href='http://a.example'>a</a>", "http://a.example"),
        ("<style>p{background:url(https://a.example/x.png)}</style>", "https://a.example/x.png"),
        ("<style>p{background:url( '//a.example/y' )}</style>", "//a.example/y"),
        ('<style>@import "https://a.example/x.css";</style>', "https://a.example/x.css"),
        ('<form action="https://a.example/send"></form>', "https://a.example/send"),
        ('<object data="https://a.example/o"></object>', "https://a.example/o"),
    ],
)
def test_an_external_address_is_found_wherever_it_stands(tmp_path: Path, markup: str, address: str) -> None:
    assert html_problems(tmp_path, page(extra=markup)) == [f"asks the network for {address}"]


def test_an_address_inside_the_page_and_one_in_words_are_no_problem(tmp_path: Path) -> None:
    inside = '<a href="#x_table">a</a><img src="data:image/png;base64,AA//BB==">https://a.example is only a word'
    assert html_problems(tmp_path, page(extra=inside)) == []


@pytest.mark.parametrize(
    "markup",
    [
        "<script>alert()</script>",
        "<SCRIPT src=x.js></SCRIPT>",
        '<img onerror="alert()">',
        "<img onerror=alert()>",
        '<a href="javascript:alert()">a</a>',
    ],
)
def test_a_script_is_found_in_every_disguise(tmp_path: Path, markup: str) -> None:
    assert html_problems(tmp_path, page(extra=markup)) == ["holds a script"]


def test_a_page_without_security_policy_is_found(tmp_path: Path) -> None:
    assert html_problems(tmp_path, page().replace("Content-Security-Policy", "")) == ["has no content security policy"]


def test_a_block_that_is_not_in_the_page_is_found(tmp_path: Path) -> None:
    assert html_problems(tmp_path, page().replace('id="x_table"', "")) == ["1 blocks are not in it: ['x_table']"]


def test_a_fact_of_the_prose_that_is_not_in_the_page_is_found(tmp_path: Path) -> None:
    assert html_problems(tmp_path, page().replace("data-fact", "data-lost")) == [
        "1 facts of the prose are not in it: ['sample.clients']"
    ]


def test_a_page_without_the_synthetic_mark_is_found_and_open_data_need_none(tmp_path: Path) -> None:
    assert html_problems(tmp_path, page("zh"), "en") == ["does not say Synthetic data"]
    assert html_problems(tmp_path, page("en"), "zh") == ["does not say 合成数据"]
    path = tmp_path / "report.html"
    assert check_html(path, replace(small(), kind="open"), "zh") == []


# --- PDF ------------------------------------------------------------------------------------------------------------


class _Node(dict[str, Any]):
    """A PDF object as pypdf gives it."""

    def get_object(self) -> "_Node":
        return self


def pdf_page(text: str, font: str = "/ABCDEF+IBMPlexSans", *, embedded: bool = True) -> Any:
    descriptor = _Node({"/FontFile2": None} if embedded else {})
    fonts = _Node({"/F1": _Node({"/BaseFont": font, "/FontDescriptor": descriptor})})
    resources = _Node({"/Resources": _Node({"/Font": fonts})})
    return SimpleNamespace(extract_text=lambda: text, get=resources.get)


def footer(language: Language) -> str:
    return f"{whole().report_id} {({'zh': '合成 数据', 'en': 'Synthetic  data'})[language]}"


@pytest.fixture
def pdf(monkeypatch: pytest.MonkeyPatch) -> Callable[..., list[str]]:
    """Problems of a PDF with the given pages."""

    def problems(*pages: Any, language: Language = "zh") -> list[str]:
        monkeypatch.setattr("pypdf.PdfReader", lambda path: SimpleNamespace(pages=list(pages)))
        return check_pdf(Path("report.pdf"), small(), language)

    return problems


def test_a_pdf_with_our_fonts_footer_and_numbers_has_no_problem(pdf: Callable[..., list[str]]) -> None:
    for language in LANGUAGES:
        lines = f"1,862 {footer(language)}", footer(language)
        assert pdf(*map(pdf_page, lines), language=language) == []
    assert pdf(pdf_page(f"1,862 {footer('zh')}", "/XYZ+NotoSansCJKsc-Regular")) == []


def test_a_strange_font_is_found_and_one_that_is_not_embedded(pdf: Callable[..., list[str]]) -> None:
    text = f"1,862 {footer('zh')}"
    assert pdf(pdf_page(text, "/DejaVuSans")) == ["uses fonts that are not ours: ['/DejaVuSans']"]
    assert pdf(pdf_page(text, "/IBMPlexSans", embedded=False)) == ["font /IBMPlexSans is not embedded"]


def test_a_page_without_footer_or_mark_is_found(pdf: Callable[..., list[str]]) -> None:
    good = pdf_page(f"1,862 {footer('zh')}")
    assert pdf(good, pdf_page("合成数据")) == ["pages [2] do not carry R-2026Q3-DEMO-04"]
    assert pdf(good, pdf_page("R-2026Q3-DEMO-04")) == ["pages [2] do not carry 合成数据"]


def test_a_missing_glyph_and_a_number_that_is_not_printed_are_found(pdf: Callable[..., list[str]]) -> None:
    assert pdf(pdf_page(f"1,862 \ufffd {footer('zh')}")) == ["page 1 has a missing glyph"]
    assert pdf(pdf_page(footer("zh"))) == ["1 numbers of the prose are not printed: ['1,862']"]


def test_a_real_file_in_a_font_of_the_reader_is_found(tmp_path: Path) -> None:
    path = tmp_path / "report.pdf"
    with pikepdf.new() as made:
        made.add_blank_page(page_size=(595, 842))
        helvetica = pikepdf.Dictionary(
            Type=pikepdf.Name.Font, Subtype=pikepdf.Name.Type1, BaseFont=pikepdf.Name.Helvetica
        )
        made.pages[0].Resources = pikepdf.Dictionary(Font=pikepdf.Dictionary(F1=made.make_indirect(helvetica)))
        line = "1,862 R-2026Q3-DEMO-04 Synthetic data"
        made.pages[0].Contents = made.make_stream(f"BT /F1 12 Tf 50 800 Td ({line}) Tj ET".encode())
        made.save(path)
    assert check_pdf(path, small(), "en") == [
        "font /Helvetica is not embedded",
        "uses fonts that are not ours: ['/Helvetica']",
    ]


# --- workbook -------------------------------------------------------------------------------------------------------


def workbook(path: Path, *, sheets: int = 1, content: object = "a") -> Path:
    book = openpyxl.Workbook()
    for _ in range(sheets - 1):
        book.create_sheet()
    book.worksheets[0]["A1"] = content
    book.save(path)
    return path


def test_a_workbook_of_values_with_a_sheet_a_table_has_no_problem(tmp_path: Path) -> None:
    assert check_xlsx(workbook(tmp_path / "t.xlsx", content=3), small(), "zh") == []


def test_a_formula_is_found(tmp_path: Path) -> None:
    assert check_xlsx(workbook(tmp_path / "t.xlsx", content="=1+1"), small(), "zh") == ["holds a formula"]


def test_a_table_without_its_sheet_is_found(tmp_path: Path) -> None:
    content = report(opening(), table(), replace(table(), id="x_second"))
    assert check_xlsx(workbook(tmp_path / "t.xlsx"), content, "zh") == ["has 1 sheets for 2 tables"]


def test_a_damaged_workbook_is_found(tmp_path: Path) -> None:
    path = tmp_path / "t.xlsx"
    with zipfile.ZipFile(path, "w") as made:
        made.writestr("xl/worksheets/sheet1.xml", "<v>12345</v>")
    path.write_bytes(path.read_bytes().replace(b"<v>12345</v>", b"<v>12346</v>"))
    assert check_xlsx(path, small(), "zh") == ["is damaged"]


# --- notebooks ------------------------------------------------------------------------------------------------------

BLOCK = {"output_type": "display_data", "data": {BLOCK_MIME: {}, "text/plain": "<table x>"}}
FINISH = {"output_type": "display_data", "data": {CHAPTER_MIME: {}, "text/plain": "done"}}


def notebook(*outputs: dict[str, Any]) -> dict[str, Any]:
    """A note, a cell with the outputs, a cell without."""
    cells = [{"cell_type": "markdown"}, {"cell_type": "code", "outputs": list(outputs)}]
    return {"cells": [*cells, {"cell_type": "code", "outputs": []}]}


def test_a_chapter_of_blocks_that_finishes_has_no_problem() -> None:
    assert check_notebook(notebook(BLOCK, BLOCK, FINISH), "10_x") == []


@pytest.mark.parametrize(
    ("output", "problem"),
    [
        (
            {"output_type": "error", "ename": "KeyError", "evalue": "'region'"},
            "10_x, cell 2 ended with KeyError: 'region'",
        ),
        (
            {"output_type": "stream", "name": "stderr", "text": "a\nUserWarning: few clients\n"},
            "10_x, cell 2 wrote to stderr instead of showing a block: UserWarning: few clients",
        ),
        (
            {"output_type": "stream", "name": "stdout", "text": ["one\n", "two\n"]},
            "10_x, cell 2 wrote to stdout instead of showing a block: two",
        ),
        (
            {"output_type": "stream", "name": "stdout", "text": "\n"},
            "10_x, cell 2 wrote to stdout instead of showing a block: ",
        ),
        (
            {"output_type": "execute_result", "data": {"text/plain": "df", "text/html": "<table>"}},
            "10_x, cell 2 shows something that is no block and would be lost: ['text/html', 'text/plain']",
        ),
    ],
    ids=["error", "warning", "print", "blank print", "data frame"],
)
def test_output_that_is_no_block_is_found_with_its_cell(output: dict[str, Any], problem: str) -> None:
    assert check_notebook(notebook(BLOCK, output, FINISH), "10_x") == [problem]


def test_a_chapter_that_does_not_finish_is_found() -> None:
    assert check_notebook(notebook(BLOCK), "10_x") == ["10_x does not end with chapter.finish()"]
    assert check_notebook({"cells": []}, "10_x") == ["10_x does not end with chapter.finish()"]
