"""Bytes of small extracts as people and systems make them: text, workbooks, archives."""

import gzip
import io
import zipfile
from collections.abc import Mapping, Sequence
from datetime import date, datetime

import openpyxl
import pyarrow as pa
import pyarrow.parquet as pq

HEADER = ("客户号", "月末", "产品", "余额")
MONTH = "2026-09-30"
DEMAND = "deposit_demand"

CLIENTS = "客户号,季度\nK1,2026Q3\nK2,2026Q3\nK3,2026Q3\n".encode()
"""A clean list of three clients, which the balances of every case refer to."""

MAPPING = """
[source]
name = "messy"
kind = "synthetic"

[[file]]
table = "clients"
files = ["clients.csv"]
[file.columns]
client_id = "客户号"
quarter = "季度"

[[file]]
table = "positions"
files = ["balances.*"]
{options}
[file.columns]
client_id = "客户号"
month = "月末"
product = "产品"
balance_end = {amount}
{more}
"""


def mapping(*, options: str = "", amount: str = '"余额"', more: str = "") -> str:
    """A mapping file for the list of clients and a file of balances."""
    return MAPPING.format(options=options, amount=amount, more=more)


def row(client: str, amount: str, *, month: str = MONTH, product: str = DEMAND) -> tuple[str, ...]:
    """One balance."""
    return (client, month, product, amount)


PLAIN = (row("K1", "100.00"), row("K2", "200.50"), row("K3", "300.25"))
"""Three balances, 600.75 together."""


def text(
    rows: Sequence[Sequence[str]] = PLAIN,
    *,
    header: Sequence[str] = HEADER,
    before: str = "",
    after: str = "",
    delimiter: str = ",",
    newline: str = "\n",
    encoding: str = "utf-8",
) -> bytes:
    """A delimited file; cells are written as they are, with no quotes added."""
    lines = [delimiter.join(cells) for cells in (header, *rows)]
    return (before + newline.join(lines) + newline + after).encode(encoding)


def lines(*given: str, header: str = ",".join(HEADER), encoding: str = "utf-8") -> bytes:
    """A delimited file line by line."""
    return ("\n".join((header, *given)) + "\n").encode(encoding)


def gzipped(content: bytes) -> bytes:
    """The content as gzip writes it."""
    return gzip.compress(content, mtime=0)


Cell = str | int | float | date | datetime | None


def workbook(sheets: Mapping[str, Sequence[Sequence[Cell]]], *, merged: str = "", hidden: str = "") -> bytes:
    """An Excel file; `merged` is a range of the first sheet, `hidden` the name of a sheet."""
    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        sheet = book.create_sheet(name)
        for cells in rows:
            sheet.append(list(cells))
    if merged:
        book.worksheets[0].merge_cells(merged)
    if hidden:
        book[hidden].sheet_state = "hidden"
    target = io.BytesIO()
    book.save(target)
    return target.getvalue()


_ODS = """<office:document-content xmlns:office="urn:oasis:names:tc:opendocument:xmlns:office:1.0"
 xmlns:table="urn:oasis:names:tc:opendocument:xmlns:table:1.0"
 xmlns:text="urn:oasis:names:tc:opendocument:xmlns:text:1.0">
<office:body><office:spreadsheet><table:table table:name="Sheet1">{rows}</table:table></office:spreadsheet>
</office:body></office:document-content>"""


def ods(rows: Sequence[Sequence[str | float]]) -> bytes:
    """An open document with one sheet."""
    cells = [[_ods_cell(cell) for cell in row] for row in rows]
    content = "".join(f"<table:table-row>{''.join(row)}</table:table-row>" for row in cells)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
        archive.writestr("META-INF/manifest.xml", "<manifest/>")
        archive.writestr("content.xml", _ODS.format(rows=content))
    return target.getvalue()


def _ods_cell(cell: str | float) -> str:
    if isinstance(cell, str):
        return f'<table:table-cell office:value-type="string"><text:p>{cell}</text:p></table:table-cell>'
    return f'<table:table-cell office:value-type="float" office:value="{cell}"/>'


def excel_rows(*rows: Sequence[Cell]) -> list[Sequence[Cell]]:
    """The usual header and rows."""
    return [HEADER, *rows]


def parquet(columns: Mapping[str, Sequence[object]]) -> bytes:
    """A Parquet file."""
    target = io.BytesIO()
    pq.write_table(pa.table(dict(columns)), target)
    return target.getvalue()


def bomb_gz(megabytes: int) -> bytes:
    """A small archive that unpacks to many megabytes of one character."""
    target = io.BytesIO()
    with gzip.GzipFile(fileobj=target, mode="wb", mtime=0) as packed:
        for _ in range(megabytes):
            packed.write(b"0" * 1_000_000)
    return target.getvalue()


def bomb_xlsx(megabytes: int) -> bytes:
    """A workbook whose sheet unpacks to many megabytes of spaces."""
    plain = io.BytesIO(workbook({"Sheet1": excel_rows(("K1", MONTH, DEMAND, 100))}))
    target = io.BytesIO()
    with zipfile.ZipFile(plain) as given, zipfile.ZipFile(target, "w", zipfile.ZIP_DEFLATED) as packed:
        for name in given.namelist():
            content = given.read(name)
            if name == "xl/worksheets/sheet1.xml":
                content = content.replace(b"<sheetData>", b" " * (megabytes * 1_000_000) + b"<sheetData>")
            packed.writestr(name, content)
    return target.getvalue()


def wide(n_columns: int) -> bytes:
    """The usual balances between thousands of columns nobody asked for."""
    extra = [f"c{number}" for number in range(n_columns - len(HEADER))]
    rows = [(*cells, *("0" for _ in extra)) for cells in PLAIN]
    return text(rows, header=(*HEADER, *extra))
