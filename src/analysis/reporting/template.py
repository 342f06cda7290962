"""The template of the bank's extracts: a workbook with a sheet a table, and an example of a mapping file beside it."""

from collections.abc import Iterable
from datetime import date, datetime
from pathlib import Path
from typing import Any

import xlsxwriter

from analysis.core.errors import ParameterError
from analysis.core.text import Text
from analysis.intake.dictionary import DICTIONARY_HEADER, dictionary_rows
from analysis.intake.schemas import SCHEMAS, Column, TableSchema
from analysis.intake.template import choices, example_row, mapping_example

WORKBOOK, MAPPING = "template.xlsx", "mapping-example.toml"
_CREATED = datetime(2026, 1, 1)
_ROWS = 1_048_575
"""Rows of a sheet below its header: choices are offered in all of them."""
_FORMATS = {"money": "#,##0.00", "date": "yyyy-mm-dd", "int": "0", "text": "@", "quarter": "@", "bool": "@"}
_HELP = (
    Text(
        "每张表一个工作表：第 1 行为列名（请勿改动），第 2 行为示例（请以本行数据替换）。",
        "A sheet a table: row 1 holds the names (leave them), row 2 an example (write your data over it).",
    ),
    Text(
        "只有 clients 必需；不需要的工作表可删除，非必填列可留空或删除。",
        "Only clients is needed; other sheets may be deleted, and columns that are not a must left empty or deleted.",
    ),
    Text(
        "金额单位为元（保留两位小数），利率与比例用小数（3.1% 写作 0.031），月份写月末日，季度写作 2026Q3。",
        "Money in yuan with two decimals, rates and shares as fractions (3.1% is 0.031), months by their last day,"
        " quarters as 2026Q3.",
    ),
    Text(
        "将文件放入以季度命名的文件夹（如 2026Q3），运行 analysis data check 文件夹。",
        "Put the file in a folder named by its quarter, such as 2026Q3, and run analysis data check FOLDER.",
    ),
    Text(
        "若文件列名、代码或单位不同，可不改文件而写映射文件，示例见 mapping-example.toml。",
        "Where a file has other names, codes or units, write a mapping file instead; mapping-example.toml shows how.",
    ),
)


def write_template(folder: Path) -> tuple[Path, Path]:
    """Write the workbook and the mapping example into a folder and return their paths. The bytes are always the same.

    Raises
    ------
    ParameterError : the folder is a file, or holds a template already, which may be filled in
    """
    if folder.is_file():
        raise ParameterError(f"{folder.name!r} is a file, not a folder.", hint="Name a folder; it is made if need be.")
    book_path, mapping_path = folder / WORKBOOK, folder / MAPPING
    for path in (book_path, mapping_path):
        if path.exists():
            raise ParameterError(
                f"There is a {path.name} in {folder.name!r} already, and it may be filled in.",
                hint="Name another folder, or move the file away.",
            )
    folder.mkdir(parents=True, exist_ok=True)
    with xlsxwriter.Workbook(str(book_path), {"in_memory": True, "strings_to_formulas": False}) as book:
        book.set_properties({"title": "Template of the data contract", "created": _CREATED})
        _write_help(book)
        _write_dictionary(book)
        for schema in SCHEMAS.values():
            _write_table(book, schema)
    mapping_path.write_text(mapping_example(), encoding="utf-8")
    return book_path, mapping_path


def _write_help(book: Any) -> None:
    sheet = book.add_worksheet("说明 help")
    sheet.set_column(0, 0, 120, book.add_format({"text_wrap": True}))
    for row, line in enumerate(text for help_line in _HELP for text in (help_line.zh, help_line.en)):
        sheet.write_string(row, 0, line)


def _write_dictionary(book: Any) -> None:
    """Every column of every table, with the other names it is known by."""
    sheet = book.add_worksheet("字典 dictionary")
    head = book.add_format({"bold": True, "bottom": 1, "text_wrap": True})
    _write_row(sheet, 0, DICTIONARY_HEADER, head)
    rows = list(dictionary_rows())
    for number, row in enumerate(rows, start=1):
        _write_row(sheet, number, row, None)
    sheet.freeze_panes(1, 2)
    sheet.autofilter(0, 0, len(rows), len(DICTIONARY_HEADER) - 1)
    for at, width in enumerate((14, 20, 24, 30, 9, 16, 6, 40, 12, 40, 60)):
        sheet.set_column(at, at, width)


def _write_row(sheet: Any, number: int, values: Iterable[str], style: Any) -> None:
    for at, value in enumerate(values):
        sheet.write_string(number, at, value, style)


def _write_table(book: Any, schema: TableSchema) -> None:
    """The sheet of one table: names, an example, and for every cell what may stand there."""
    sheet = book.add_worksheet(schema.name)
    must = book.add_format({"bold": True, "bottom": 1, "bg_color": "#DDE6F0"})
    may = book.add_format({"bottom": 1})
    example = example_row(schema)
    for at, column in enumerate(schema.columns):
        style = book.add_format({"num_format": _FORMATS.get(column.dtype, "General")})
        sheet.set_column(at, at, max(len(column.name) + 2, 12), style)
        sheet.write_string(0, at, column.name, must if column.required else may)
        _write_value(sheet, at, example[column.name], style)
        sheet.data_validation(1, at, _ROWS, at, _validation(column))
    sheet.freeze_panes(1, 0)


def _write_value(sheet: Any, at: int, value: object, style: Any) -> None:
    if isinstance(value, date):
        sheet.write_datetime(1, at, datetime(value.year, value.month, value.day), style)
    elif isinstance(value, str):
        sheet.write(1, at, value or None, style)
    else:
        sheet.write_number(1, at, value, style)


_TITLE, _MESSAGE = 32, 255
"""Excel's limits for the note of a cell."""


def _validation(column: Column) -> dict[str, object]:
    """What a cell of a column may hold, and the note shown beside it."""
    lines = [column.label.zh, column.label.en]
    if column.meaning:
        lines += [column.meaning.zh, column.meaning.en]
    if column.unit:
        lines.append(f"[{column.unit}]")
    note = {"input_title": column.name[:_TITLE], "input_message": "\n".join(lines)[:_MESSAGE], "ignore_blank": True}
    words = choices(column)
    if not words:
        return {"validate": "any", **note}
    return {"validate": "list", "source": list(words), "error_type": "warning", **note}
