"""The workbook: a sheet a table, numbers as numbers, nothing a formula, the same bytes twice."""

import warnings
import zipfile
from dataclasses import replace
from pathlib import Path
from typing import Any

import openpyxl
import pytest

from analysis.core.blocks import Column, Missing, Row, Sentence, Suppressed, Table
from analysis.core.fact import Fact
from analysis.core.text import LANGUAGES, Language, Text
from analysis.core.units import CURRENCIES
from analysis.present.theme import brand
from analysis.reporting.render.document import ChapterContent, ReportContent, number_blocks
from analysis.reporting.render.xlsx import in_printed_unit, render_xlsx, safe_text
from tests.reporting.sample_content import ref, sample_content

CNY = CURRENCIES["CNY"]
HEADER_ROW = 6


@pytest.fixture(scope="module")
def content() -> ReportContent:
    return sample_content()


def opened(content: ReportContent, language: Language, folder: Path) -> Any:
    path = folder / f"{language}.xlsx"
    render_xlsx(content, language, path)
    return openpyxl.load_workbook(path)


def report_of(content: ReportContent, table: Table, facts: tuple[Fact, ...] = ()) -> ReportContent:
    return replace(content, chapters=(ChapterContent("10_x", (table.as_json(),), facts),), appendix=())


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_table_and_figure_has_a_sheet_that_the_contents_link_to(
    content: ReportContent, language: Language, tmp_path: Path
) -> None:
    book = opened(content, language, tmp_path)
    numbers = [number[language] for number in number_blocks(content).values()]
    first, last = {"zh": ("目录", "数据点"), "en": ("Contents", "Facts")}[language]
    assert book.sheetnames == [first, *numbers, last]
    links = [row[0].hyperlink.location for row in book[first].iter_rows(min_row=HEADER_ROW + 1)]
    assert links == [f"'{name}'!A1" for name in [*numbers, last]]


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sheet_of_a_table_states_source_date_and_mark(
    content: ReportContent, language: Language, tmp_path: Path
) -> None:
    book = opened(content, language, tmp_path)
    for number in number_blocks(content).values():
        head = " ".join(str(row[0]) for row in book[number[language]].iter_rows(max_row=5, values_only=True))
        for words in (content.source_title[language], "2026-09-30", brand().marks["synthetic"][language]):
            assert words in head


def test_numbers_keep_their_digits_in_the_unit_they_are_printed_in() -> None:
    # 11,864,123,456.78 yuan = 118.6412345678 亿元 = CNY 11,864.12345678 million
    assert in_printed_unit(11_864_123_456.78, "money_large", "zh", CNY) == 118.6412345678
    assert in_printed_unit(11_864_123_456.78, "money_large", "en", CNY) == 11_864.12345678
    # 0.0012 = 0.12 percentage points = 12 basis points; a percentage stays a fraction in a percent format
    assert in_printed_unit(0.0012, "points", "zh", CNY) == 0.12
    assert in_printed_unit(0.0012, "bp", "en", CNY) == 12
    assert in_printed_unit(0.0193, "percent", "en", CNY) == 0.0193


def test_a_table_keeps_header_values_formats_and_frozen_panes(content: ReportContent, tmp_path: Path) -> None:
    sheet = opened(content, "zh", tmp_path)["表 1-1"]
    rows = list(sheet.iter_rows(min_row=HEADER_ROW, values_only=True))
    assert rows[0][:4] == ("客群", "户数", "日均存款", "环比增减")
    # 34,042 million yuan = 340.42 亿元
    assert rows[1] == ("合计", 5000, 340.42, 4.92, 0.015, 0.07, 0.048, 0.987)
    assert [cell.number_format for cell in sheet[HEADER_ROW + 1]][1:3] == ["#,##0", "#,##0.00"]
    assert sheet.freeze_panes == "B7"
    english = opened(content, "en", tmp_path)["Table 1-1"]
    assert english.cell(HEADER_ROW + 1, 3).value == 34_042


def test_a_number_in_another_unit_than_its_column_shows_it(content: ReportContent, tmp_path: Path) -> None:
    rows = (Row({"a": ref("x", 4.2e8, "money_large")}), Row({"a": ref("y", 0.5, "percent")}))
    table = Table("t", Text("表", "T"), Text("", ""), (Column("a", Text("甲", "A")),), rows, Sentence((), ()))
    sheet = opened(report_of(content, table), "zh", tmp_path)["表 1-1"]
    # 420 million yuan = 4.20 亿元
    assert [(row[0].value, row[0].number_format) for row in sheet.iter_rows(min_row=HEADER_ROW + 1, max_row=8)] == [
        (4.2, '#,##0.00" 亿元"'),
        (0.5, "0.00%"),
    ]


def test_missing_suppressed_empty_and_zero_stay_different(content: ReportContent, tmp_path: Path) -> None:
    columns = tuple(Column(key, Text(key, key)) for key in "abcd")
    table = Table(
        "t", Text("表", "T"), Text("户", "clients"), columns,
        (Row({"a": Missing(), "b": Suppressed(), "c": None, "d": 0}),), Sentence((), ()),
    )  # fmt: skip
    sheet = opened(report_of(content, table), "zh", tmp_path)["表 1-1"]
    assert [cell.value for cell in sheet[HEADER_ROW + 1]] == ["—", "*", None, 0]


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1", "\r=1", '=HYPERLINK("x")'])
def test_text_that_looks_like_a_formula_stays_text(content: ReportContent, text: str, tmp_path: Path) -> None:
    said, label = Sentence((text,), (text,)), Text(text, text)
    table = Table("t", label, label, (Column("a", label, "words"),), (Row({"a": text}),), said)
    fact = Fact("x.y", text, "name", "10_x", label)
    made = report_of(content, table, (fact,))
    made = replace(made, title=label, bank=label, source_title=label)
    book = opened(made, "zh", tmp_path)
    cells = [cell for sheet in book.worksheets for row in sheet.iter_rows() for cell in row if cell.value is not None]
    assert not [cell.value for cell in cells if cell.data_type == "f"]
    assert not [cell.value for cell in cells if str(cell.value).startswith(("=", "+", "-", "@", "\t", "\r"))]
    assert safe_text(text) == f"'{text}"
    with zipfile.ZipFile(tmp_path / "zh.xlsx") as parts:
        assert not [name for name in parts.namelist() if b"<f>" in parts.read(name)]


def test_the_facts_sheet_holds_every_fact_unrounded(content: ReportContent, tmp_path: Path) -> None:
    sheet = opened(content, "en", tmp_path)["Facts"]
    rows = list(sheet.iter_rows(min_row=2, values_only=True))
    facts = {fact.id: fact for fact in content.facts}
    assert [row[0] for row in rows] == list(facts)
    assert all(row[2] == facts[row[0]].value for row in rows)
    assert {row[3] for row in rows if facts[row[0]].unit == "money"} == {"CNY"}


def test_the_same_content_gives_the_same_bytes_whatever_the_clock_says(
    content: ReportContent, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    render_xlsx(content, "zh", tmp_path / "a.xlsx")
    monkeypatch.setattr("time.time", lambda: 2_000_000_000.0)
    render_xlsx(content, "zh", tmp_path / "b.xlsx")
    assert (tmp_path / "a.xlsx").read_bytes() == (tmp_path / "b.xlsx").read_bytes()
    with zipfile.ZipFile(tmp_path / "a.xlsx") as parts:
        assert {info.date_time for info in parts.infolist()} == {(1980, 1, 1, 0, 0, 0)}
        assert parts.read("docProps/core.xml").count(b"2026-09-30T00:00:00Z") == 2


def test_sheet_names_are_cleaned_and_unique(content: ReportContent, tmp_path: Path) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        book = opened(content, "zh", tmp_path)
    assert all(len(name) <= 31 and not set(name) & set("[]:*?/\\") for name in book.sheetnames)
    assert len({name.lower() for name in book.sheetnames}) == len(book.sheetnames)
