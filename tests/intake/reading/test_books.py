"""Workbooks: cells as text, exactly, from whichever sheet is meant."""

import io
import zipfile
from collections.abc import Sequence
from datetime import date, datetime, time
from pathlib import Path

import openpyxl
import pytest
import xlsxwriter

from analysis.core.errors import DataError
from analysis.intake.reading import peek, sheets_of
from tests.intake.reading.reading_builders import Shown, shown, spec

Cell = str | int | float | bool | date | datetime | time | None


def book(*rows: Sequence[Cell], **sheets: Sequence[Sequence[Cell]]) -> bytes:
    """A workbook with a first sheet `Sheet` and more by name; those whose name begins with 隐 are hidden."""
    made = openpyxl.Workbook()
    for row in rows:
        made.active.append(list(row))
    for name, cells in sheets.items():
        sheet = made.create_sheet(name)
        sheet.sheet_state = "hidden" if name.startswith("隐") else "visible"
        for row in cells:
            sheet.append(list(row))
    target = io.BytesIO()
    made.save(target)
    return target.getvalue()


def read(folder: Path, content: bytes, **how: object) -> Shown:
    return shown(folder, content, "t.xlsx", **how)


def test_cells_become_text_as_they_are_meant(tmp_path: Path) -> None:
    found = read(
        tmp_path,
        book(
            ["号", "值"],
            [1001, 12.0],
            [1234.56, 0.1 + 0.2],
            [True, False],
            [datetime(2026, 9, 30), date(2026, 1, 1)],
            [datetime(2026, 9, 30, 8, 5), time(8, 5)],
            [1e-7, -2.5e10],
            [" x ", "001"],
        ),
    )
    assert found.rows == {
        2: ("1001", "12"),
        3: ("1234.56", "0.3"),  # Excel keeps 15 digits of 0.30000000000000004
        4: ("true", "false"),
        5: ("2026-09-30", "2026-01-01"),
        6: ("2026-09-30 08:05:00", "08:05:00"),
        7: ("0.0000001", "-25000000000"),
        8: (" x ", "001"),
    }
    assert (found.raw.file, found.raw.encoding) == ("t.xlsx!Sheet", "")


@pytest.mark.parametrize(
    ("number", "text"),
    [(999_999_999_999_999, "999999999999999"), (6228480402564890018, "6.22848040256489E+18"), (-1e16, "-1E+16")],
)
def test_a_number_that_has_lost_digits_shows_it(number: float, text: str, tmp_path: Path) -> None:
    assert read(tmp_path, book(["卡号", "x"], [number, 1])).rows == {2: (text, "1")}


def test_errors_are_text_so_that_none_is_taken_for_an_empty_cell(tmp_path: Path) -> None:
    found = read(tmp_path, book(["a", "b"], ["#N/A", 1], ["#REF!", "#DIV/0!"], ["x", "#VALUE!"]))
    assert found.rows == {2: ("#N/A", "1"), 3: ("#REF!", "#DIV/0!"), 4: ("x", "#VALUE!")}


def test_a_formula_that_was_never_worked_out_is_shown(tmp_path: Path) -> None:
    assert read(tmp_path, book(["a", "b"], [1, "=A2*2"], [2, 4])).rows == {2: ("1", "=A2*2"), 3: ("2", "4")}


def test_a_formula_with_a_result_is_its_result(tmp_path: Path) -> None:
    target = io.BytesIO()
    with xlsxwriter.Workbook(target) as made:
        sheet = made.add_worksheet()
        sheet.write_row("A1", ["a", "b", "c", "d"])
        sheet.write_formula("A2", "=1+1", None, 2)
        sheet.write_formula("B2", '=""', None, "")
        sheet.write_formula("C2", "=1/0", None, "#DIV/0!")
        sheet.write_formula("D2", '="x"', None, "x")
    assert read(tmp_path, target.getvalue()).rows == {2: ("2", "", "#DIV/0!", "x")}


def test_merged_titles_and_a_table_away_from_the_corner_are_found(tmp_path: Path) -> None:
    made = openpyxl.Workbook()
    sheet = made.active
    sheet["B2"] = "存款余额表"
    sheet.merge_cells("B2:D2")
    sheet["B3"] = "单位：万元"
    for at, row in enumerate([("客户号", "名称", "余额"), ("K1", "甲", 1), (None, None, None), ("K2", "乙", 2)], 5):
        for column, cell in zip("BCD", row, strict=True):
            sheet[f"{column}{at}"] = cell
    target = io.BytesIO()
    made.save(target)
    found = read(tmp_path, target.getvalue())
    assert found.columns == ("column 1", "客户号", "名称", "余额")
    assert found.rows == {6: ("", "K1", "甲", "1"), 8: ("", "K2", "乙", "2")}
    assert found.counted == (8, 5, 1, 2)


def test_sums_and_signatures_below_are_set_aside(tmp_path: Path) -> None:
    found = read(tmp_path, book(["号", "额"], ["K1", 1], ["合计", 1], ["制表人：张三"]))
    assert found.rows == {2: ("K1", "1")}
    assert found.rejected == [(3, "合计 | 1", "total_row"), (4, "制表人：张三 | ", "total_row")]


def test_a_note_beside_the_table_is_a_column_without_name(tmp_path: Path) -> None:
    found = read(tmp_path, book(["号", "额"], ["K1", 1, "note"]))
    assert (found.columns, found.rows) == (("号", "额", "column 3"), {2: ("K1", "1", "note")})


def test_sheets_that_are_hidden_or_empty_are_not_offered_but_can_be_named(tmp_path: Path) -> None:
    content = book(九月=[["a"], ["1"]], 隐=[["b"], ["2"]], 一行=[["c"]])
    assert sheets_of(spec(tmp_path, content, "t.xlsx").path) == ["九月", "一行"]
    assert read(tmp_path, content).raw.file == "t.xlsx!九月"
    assert read(tmp_path, content, sheet="隐").rows == {2: ("2",)}


def test_a_text_file_has_no_sheets(tmp_path: Path) -> None:
    assert sheets_of(spec(tmp_path, "a\n").path) == []


@pytest.mark.parametrize(
    ("how", "message"),
    [
        ({"sheet": "没有"}, "The workbook t.xlsx has no sheet '没有'. It has Sheet, 空."),
        ({"sheet": "空"}, "The file t.xlsx!空 is empty. Deliver it again, or take it out of the folder."),
        ({"header_row": 9}, "The sheet t.xlsx!Sheet has no row 9. Correct header_row in the mapping."),
    ],
)
def test_a_sheet_or_row_that_is_not_there_is_refused(how: dict[str, object], message: str, tmp_path: Path) -> None:
    with pytest.raises(DataError) as refusal:
        read(tmp_path, book(["a", "b"], [1, 2], 空=[]), **how)
    assert str(refusal.value) == message


def test_a_workbook_without_a_cell_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError) as refusal:
        read(tmp_path, book())
    assert str(refusal.value) == "The workbook t.xlsx is empty. Deliver it again, or take it out of the folder."


def test_a_declared_row_of_the_header_is_used(tmp_path: Path) -> None:
    found = read(tmp_path, book(["x", "y"], ["a", "b"], [1, 2]), header_row=2)
    assert (found.columns, found.rows) == (("a", "b"), {3: ("1", "2")})


def test_a_peek_shows_what_reading_would(tmp_path: Path) -> None:
    head = peek(spec(tmp_path, book(["表"], ["号", "额"], ["K1", 1], [], ["K2", 2.5], ["合计", 3.5]), "t.xlsx"))
    assert (head.file, head.sheet, head.header_row, head.columns) == ("t.xlsx", "Sheet", 2, ("号", "额"))
    assert head.rows == (("K1", "1"), ("K2", "2.5"))


ODS = """<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">
<office:body><office:spreadsheet><table:table table:name="S">
<table:table-row><table:table-cell office:value-type="string"><text:p>号</text:p></table:table-cell></table:table-row>
<table:table-row table:number-rows-repeated="{rows}"><table:table-cell table:number-columns-repeated="{columns}"
 office:value-type="float" office:value="12"/></table:table-row>
</table:table></office:spreadsheet></office:body></office:document-content>"""


def ods(rows: int, columns: int) -> bytes:
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as made:
        made.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        made.writestr("META-INF/manifest.xml", "<manifest/>")
        made.writestr("content.xml", ODS.format(rows=rows, columns=columns))
    return target.getvalue()


def test_an_open_document_is_read(tmp_path: Path) -> None:
    assert shown(tmp_path, ods(2, 1), "t.ods").rows == {2: ("12",), 3: ("12",)}


def test_an_open_document_that_repeats_a_cell_without_end_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError) as refusal:
        shown(tmp_path, ods(1_048_575, 16_384), "t.ods")
    assert str(refusal.value) == (
        "The workbook t.ods has more cells than can be read."
        " Delete stray cells far from the table, or deliver it as CSV or Parquet."
    )


def test_more_rows_than_are_stored_at_once_are_all_stored(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("analysis.intake.reading.book._ROWS_AT_ONCE", 7)
    found = read(tmp_path, book(["a", "b"], *([n, n] for n in range(100))))
    assert list(found.rows) == list(range(2, 102))
    assert found.counted == (101, 1, 0, 100)
