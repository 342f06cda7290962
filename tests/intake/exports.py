"""Exports of one small demo bank, what they must load as, and workbooks of them."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import duckdb
import openpyxl

from analysis.intake.identity import pseudonymise
from analysis.intake.portfolio import Portfolio, parquet_sql
from analysis.intake.schemas import SCHEMAS
from analysis.intake.sources.demo.export import STYLES, cells_sql, file_name, mapping_toml
from analysis.intake.validate import columns_of, quote

SIZE: dict[str, object] = {"n_clients": 200, "n_months": 12}
"""The bank that is exported."""


def write_workbook(connection: Any, tables: dict[str, str], folder: Path) -> None:
    """Every table as a sheet of one Excel file: a merged title, Chinese headers, amounts in 万元."""
    style = replace(STYLES["csv_gb18030"], ending="xlsx")
    folder.mkdir()
    text = mapping_toml(connection, tables, style)
    book = openpyxl.Workbook(write_only=True)
    for name, relation in tables.items():
        schema = SCHEMAS[name]
        found = connection.execute(f"{cells_sql(connection, schema, relation, style)} ORDER BY _order")
        sheet = book.create_sheet(schema.label.zh)
        sheet.append([f"{schema.label.zh}（示例银行）"])
        sheet.append([column[0] for column in found.description])
        for row in found.fetchall():
            sheet.append(row)
        text = text.replace(
            f'files = ["{file_name(schema, style)}"]', f'files = ["导出.xlsx"]\nsheet = "{schema.label.zh}"'
        )
    book.save(folder / "导出.xlsx")
    (folder / "mapping.toml").write_text(text, encoding="utf-8")


def differences(demo: Portfolio, loaded: Portfolio, key: bytes) -> dict[str, tuple[int, int]]:
    """Rows of each table loaded that only one of the two has; the demo bank's numbers are made pseudonyms first."""
    connection = duckdb.connect(config={"threads": 1})
    for name in loaded.tables:
        connection.execute(f"CREATE TABLE {name} AS SELECT * FROM {parquet_sql(demo.folder, name)}")
    pseudonymise(connection, {name: name for name in loaded.tables}, key)
    found = {}
    for name in loaded.tables:
        cells = ", ".join(quote(column) for column in columns_of(connection, name))
        here = f"SELECT {cells} FROM {name}"
        there = f"SELECT {cells} FROM {parquet_sql(loaded.folder, name)}"
        found[name] = tuple(
            connection.execute(f"SELECT count(*) FROM ({one} EXCEPT ALL {other})").fetchone()[0]
            for one, other in ((here, there), (there, here))
        )
    return {name: both for name, both in found.items() if both != (0, 0)}
