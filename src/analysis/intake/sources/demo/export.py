"""The demo bank as a bank hands it over: plain files, Chinese GB18030 files in 万元, Parquet, with their mapping.

Every cell is first written as text, so that defects can be planted into it (`traps.py`), and then in the words of a
style. Nothing is rounded: the files say exactly what the bank's tables say.
"""

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.intake.portfolio import parquet_sql, stored_at
from analysis.intake.reference import load_reference
from analysis.intake.schemas import SCHEMAS, Column, TableSchema
from analysis.intake.validate import SQL_TYPES, columns_of, quote

MARKS = ("_order", "_trap", "_folder")
"""Columns of a text table beside its cells: place in the file, name of the defect planted, quarter's folder."""

_PERIODS = {
    "quarter": "quarter",
    "month": "substr(month, 1, 4) || 'Q' || ((substr(month, 6, 2)::INTEGER + 2) // 3)",
}
_SHORT = 12
"""A label longer than this is an explanation: the first other name of the column stands in the header instead."""


@dataclass(frozen=True, slots=True)
class Style:
    """How an extract is written.

    Parameters
    ----------
    ending : csv or parquet
    is_chinese : Chinese names of files, headers and codes, amounts in 万元 with thousands separators, rates in percent
    """

    ending: str = "csv"
    encoding: str = "utf-8"
    is_chinese: bool = False


STYLES = {
    "csv": Style(),
    "csv_gb18030": Style(encoding="gb18030", is_chinese=True),
    "parquet": Style(ending="parquet"),
}
"""Styles of an export by name. Workbooks are written from the Chinese cells by whoever may write Excel."""


def text_tables(connection: Any, bank: Path) -> dict[str, str]:
    """Every canonical table of a folder as a DuckDB table of text, without columns that are empty, sorted by key."""
    made = {}
    for name, schema in SCHEMAS.items():
        if stored_at(bank, name):
            made[name] = _text_table(connection, schema, parquet_sql(bank, name))
    return made


def _text_table(connection: Any, schema: TableSchema, given: str) -> str:
    relation = f"text_{schema.name}"
    present = columns_of(connection, f"(SELECT * FROM {given})")
    known = [column.name for column in schema.columns if column.name in present]
    counts = connection.execute(
        f"SELECT {', '.join(f'count({quote(name)})' for name in known)} FROM {given}"
    ).fetchone()
    filled = [name for name, count in zip(known, counts, strict=True) if count]
    cells = ", ".join(f"{quote(name)}::VARCHAR AS {quote(name)}" for name in filled)
    keys = ", ".join(quote(name) for name in schema.key)
    period = next((sql for column, sql in _PERIODS.items() if column in schema.key), "NULL")
    connection.execute(
        f"CREATE OR REPLACE TABLE {relation} AS SELECT *, NULL::VARCHAR AS _trap, ({period})::VARCHAR AS _folder"
        f" FROM (SELECT {cells}, row_number() OVER (ORDER BY {keys})::DOUBLE AS _order FROM {given})"
    )
    return relation


def write_export(
    connection: Any, tables: Mapping[str, str], folder: Path, style: Style, *, by_quarter: bool = False
) -> None:
    """Write a file a table, and `mapping.toml`.

    Parameters
    ----------
    tables : canonical name → table of text, as `text_tables` made it
    by_quarter : a folder a quarter; rows without a quarter lie in the last one
    """
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "mapping.toml").write_text(mapping_toml(connection, tables, style), encoding="utf-8")
    for name, relation in tables.items():
        for label in _labels(connection, tables, relation) if by_quarter else (None,):
            place = folder / label if label else folder
            place.mkdir(exist_ok=True)
            where = f" WHERE coalesce(_folder, '{last_label(connection, tables)}') = '{label}'" if label else ""
            query = f"{cells_sql(connection, SCHEMAS[name], relation, style)}{where} ORDER BY _order"
            _write_file(connection, query, place / file_name(SCHEMAS[name], style), style)


def last_label(connection: Any, tables: Mapping[str, str]) -> str:
    """The newest quarter of the clients."""
    return str(connection.execute(f"SELECT max(quarter) FROM {tables['clients']}").fetchone()[0])


def _labels(connection: Any, tables: Mapping[str, str], relation: str) -> list[str]:
    last = last_label(connection, tables)
    query = f"SELECT DISTINCT coalesce(_folder, '{last}') AS label FROM {relation} ORDER BY label"
    return [label for (label,) in connection.execute(query).fetchall()]


def file_name(schema: TableSchema, style: Style) -> str:
    """The name of a table's file."""
    return f"{schema.label.zh if style.is_chinese else schema.name}.{style.ending}"


def header(column: Column, style: Style) -> str:
    """The name of a column in the file."""
    if not style.is_chinese:
        return column.name
    name = column.label.zh if len(column.label.zh) <= _SHORT else column.aliases[0]
    return f"{name}(万元)" if column.dtype == "money" else name


def cells_sql(connection: Any, schema: TableSchema, relation: str, style: Style) -> str:
    """SQL that gives the rows of a text table in a style, with its headers."""
    cells = ", ".join(
        f"{_cell(schema, column, style)} AS {quote(header(column, style))}"
        for column in columns_in(connection, schema, relation)
    )
    return f"SELECT {cells} FROM {relation}"


def columns_in(connection: Any, schema: TableSchema, relation: str) -> list[Column]:
    """Columns of the contract that a text table has."""
    present = columns_of(connection, relation)
    return [column for column in schema.columns if column.name in present]


def _cell(schema: TableSchema, column: Column, style: Style) -> str:
    """SQL of one cell; what is no value of its type, as a trap leaves it, stays as it is."""
    text = quote(column.name)
    if style.ending == "parquet":
        return f"CAST({text} AS {SQL_TYPES[column.dtype]})"
    if not style.is_chinese:
        return text
    if column.dtype == "money":
        return f"coalesce({_in_wan(text)}, {text})"
    if column.unit.startswith("fraction"):
        percent = f"rtrim(rtrim(TRY_CAST({text} || 'e2' AS DECIMAL(38,24))::VARCHAR, '0'), '.') || '%'"
        return f"coalesce({percent}, {text})"
    if column.name == "month":
        return f"coalesce(strftime(TRY_CAST({text} AS DATE), '%Y年%-m月'), {text})"
    if column.dtype == "date":
        return f"coalesce(strftime(TRY_CAST({text} AS DATE), '%Y/%m/%d'), {text})"
    if column.dtype == "quarter":
        return f"replace({text}, 'Q', '年第') || '季度'"
    if column.dtype == "bool":
        return f"CASE {text} WHEN 'true' THEN '是' WHEN 'false' THEN '否' ELSE {text} END"
    words = chinese_words(schema, column)
    if not words:
        return text
    branches = " ".join(f"WHEN '{canonical}' THEN '{word}'" for canonical, word in words.items())
    return f"CASE {text} {branches} ELSE {text} END"


def _in_wan(text: str) -> str:
    """SQL: yuan as 万元 to the fen, with thousands separators: 12,345,678.90 is 1,234.567890."""
    fen = f"(abs(TRY_CAST({text} AS DECIMAL(18,2))) * 100)::BIGINT"
    sign = f"CASE WHEN TRY_CAST({text} AS DECIMAL(18,2)) < 0 THEN '-' ELSE '' END"
    return f"{sign} || format('{{:,}}', {fen} // 1000000) || '.' || lpad(({fen} % 1000000)::VARCHAR, 6, '0')"


def chinese_words(schema: TableSchema, column: Column) -> dict[str, str]:
    """Canonical word → the first Chinese word for it."""
    words: dict[str, str] = {}
    for word, canonical in _known_words(schema, column).items():
        words.setdefault(canonical, word)
    return words


def _known_words(schema: TableSchema, column: Column) -> dict[str, str]:
    """Chinese word → canonical word, all that are known for a column."""
    return {
        row["word"]: row["canonical"]
        for row in load_reference("coded_words.csv")
        if (row["table"], row["column"]) == (schema.name, column.name) and not row["word"].isascii()
    }


def _write_file(connection: Any, query: str, path: Path, style: Style) -> None:
    target = str(path).replace("'", "''")
    if style.ending == "parquet":
        connection.execute(f"COPY ({query}) TO '{target}' (FORMAT parquet)")
        return
    connection.execute(f"COPY ({query}) TO '{target}' (FORMAT csv, HEADER)")
    if style.encoding != "utf-8":
        path.write_bytes(path.read_bytes().decode("utf-8").encode(style.encoding))


def mapping_toml(connection: Any, tables: Mapping[str, str], style: Style) -> str:
    """The mapping file of an export."""
    return "\n".join(_mapping_lines(connection, tables, style)) + "\n"


def _mapping_lines(connection: Any, tables: Mapping[str, str], style: Style) -> Iterator[str]:
    yield "[source]"
    yield 'name = "demo_export"'
    yield 'zh = "示例银行的导出文件（合成数据）"'
    yield 'en = "files exported from the demo bank (synthetic data)"'
    yield 'kind = "synthetic"'
    yield 'currency = "CNY"'
    yield 'industry_scheme = "gbt4754"'
    for name, relation in tables.items():
        schema = SCHEMAS[name]
        columns = columns_in(connection, schema, relation)
        yield ""
        yield "[[file]]"
        yield f"table = {_toml(name)}"
        yield f"files = [{_toml(file_name(schema, style))}]"
        yield "[file.columns]"
        yield from (f"{column.name} = {_source(column, style)}" for column in columns)
        for column in columns if style.is_chinese else ():
            words = _known_words(schema, column)
            if words:
                yield f"[file.codes.{column.name}]"
                yield from (f"{_toml(word)} = {_toml(canonical)}" for word, canonical in words.items())


def _source(column: Column, style: Style) -> str:
    name = _toml(header(column, style))
    if style.is_chinese and column.dtype == "money":
        return f"{{column = {name}, multiply = 10000}}"
    return name


def _toml(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)
