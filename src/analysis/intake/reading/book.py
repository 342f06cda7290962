"""Sheets of a workbook → rows of text with their lines."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime, time
from decimal import Decimal
from itertools import chain, islice
from pathlib import Path
from typing import Any

from analysis.core.errors import DataError
from analysis.core.provenance import sha256_of
from analysis.intake.reading import store
from analysis.intake.reading.binary_errors import errors_in
from analysis.intake.reading.guard import DAMAGE, check_workbook
from analysis.intake.reading.header import LOOKED_AT, find_header, unique_names, width
from analysis.intake.reading.nouns import FileSpec, Peek, RawTable
from analysis.intake.reading.sheet_xml import Place, left_out
from analysis.intake.validate import quote

_EXACT = 1e15
"""Excel keeps 15 digits: larger whole numbers have lost their last ones and are shown as they are, as 6.2E+18."""
_ROWS_AT_ONCE = 50_000
_SEPARATOR = " | "
_WEB_PAGE = (b"<html", b"<!doctype", b"<table", b"<?xml", b"<meta")


@dataclass(frozen=True, slots=True)
class _Sheet:
    """A sheet as the reader of workbooks gives it, and what it leaves out."""

    name: str
    cells: Any
    left_out: dict[Place, str]

    @property
    def is_empty(self) -> bool:
        return not self.cells.end and not self.left_out


def sheets_of_book(path: Path) -> list[str]:
    """Sheets that are shown and hold anything."""
    spec = FileSpec(path, path.name)
    with _opened(path, path.name) as book:
        return [name for name in _shown(book) if not _sheet(book, spec, name).is_empty]


def read_book(connection: Any, spec: FileSpec, relation: str) -> RawTable:
    """The rows of a sheet in the DuckDB table `relation`."""
    with _opened(spec.path, spec.name) as book:
        sheet = _chosen(book, spec)
        name = f"{spec.name}!{sheet.name}"
        rows = _rows(sheet)
        top = list(islice(rows, LOOKED_AT + spec.header_row))
        at, columns, n_named = _head(top, spec, name)
        rejected = store.create(connection, relation, columns)
        stored = store.Rows(connection, relation)
        numbered = enumerate(chain(top[at + 1 :], rows), start=at + 2)
        n_rows = n_physical = at + 1
        while batch := list(islice(numbered, _ROWS_AT_ONCE)):
            body = [(number, row) for number, row in batch if any(row)]
            stored.add_cells(body)
            n_rows += len(body)
            n_physical = batch[-1][0]
        stored.finish()
    n_rows -= at + 1 + store.take_out_blank(connection, relation, columns)
    columns = store.drop_unnamed(connection, relation, columns, n_named)
    store.take_out_totals(connection, relation, rejected, columns, _SEPARATOR)
    n_rejected = connection.execute(f"SELECT count(*) FROM {quote(rejected)}").fetchone()[0]
    return RawTable(
        relation=relation,
        rejected=rejected,
        file=name,
        columns=columns,
        n_lines=n_rows,
        n_rejected=n_rejected,
        encoding="",
        sha256=sha256_of(spec.path),
        n_header=at + 1,
        n_blank=n_physical - at - 1 - n_rows,
        n_physical=n_physical,
    )


def peek_book(spec: FileSpec, n: int) -> Peek:
    """Headers and the first rows of a sheet."""
    with _opened(spec.path, spec.name) as book:
        sheet = _chosen(book, spec)
        rows = list(islice(_rows(sheet), LOOKED_AT + spec.header_row + n))
    at, columns, n_named = _head(rows, spec, f"{spec.name}!{sheet.name}")
    body = [row for row in rows[at + 1 :] if store.is_record(row)][:n]
    n_columns = max([n_named, *map(width, body)])
    return Peek(spec.name, sheet.name, at + 1, columns[:n_columns], tuple(tuple(row[:n_columns]) for row in body))


def _head(rows: Sequence[Sequence[str]], spec: FileSpec, name: str) -> tuple[int, tuple[str, ...], int]:
    """Index of the header's row, a name for every column of the sheet, and how many of them the sheet names."""
    if spec.header_row > len(rows):
        raise DataError(f"The sheet {name} has no row {spec.header_row}.", hint="Correct header_row in the mapping.")
    at = spec.header_row - 1 if spec.header_row else find_header(rows[:LOOKED_AT], name)
    return at, unique_names(rows[at]), max(width(rows[at]), 1)


@contextmanager
def _opened(path: Path, name: str) -> Iterator[Any]:
    """The workbook; what goes wrong while it is read is told as a fault of the file."""
    from python_calamine import CalamineError, CalamineWorkbook, PasswordError

    check_workbook(path, name)
    try:
        with CalamineWorkbook.from_path(str(path)) as book:
            yield book
    except PasswordError as error:
        raise DataError(f"The workbook {name} is protected by a password.", hint="Save it without one.") from error
    except (CalamineError, *DAMAGE) as error:
        if "limit exceeded" in str(error):
            raise DataError(
                f"The workbook {name} has more cells than can be read.",
                hint="Delete stray cells far from the table, or deliver it as CSV or Parquet.",
            ) from error
        raise _refusal(path, name) from error
    except BaseException as error:
        if type(error).__module__ != "pyo3_runtime":
            raise
        # the reader gives up on some damaged files by a panic of its own, which is no Exception
        raise _refusal(path, name) from error


def _refusal(path: Path, name: str) -> DataError:
    """Why a workbook cannot be opened: many systems write web pages or text and call them .xls."""
    with path.open("rb") as handle:
        start = handle.read(2000)
    if not start:
        return DataError(f"The file {name} is empty.", hint="Deliver it again, or take it out of the folder.")
    if start.lstrip(b"\xef\xbb\xbf \t\r\n").lower().startswith(_WEB_PAGE):
        return DataError(
            f"The file {name} is a web page that is called a workbook.", hint="Open it in Excel and save it as xlsx."
        )
    if not start.startswith((b"PK", b"\xd0\xcf")) and b"\0" not in start:
        return DataError(f"The file {name} is plain text that is called a workbook.", hint="Rename it to end in .csv.")
    return DataError(
        f"The workbook {name} cannot be opened; it is damaged, protected or no workbook.",
        hint="Save it again as xlsx without a password.",
    )


def _shown(book: Any) -> list[str]:
    from python_calamine import SheetTypeEnum, SheetVisibleEnum

    return [
        sheet.name
        for sheet in book.sheets_metadata
        if sheet.visible == SheetVisibleEnum.Visible and sheet.typ == SheetTypeEnum.WorkSheet
    ]


def _sheet(book: Any, spec: FileSpec, name: str) -> _Sheet:
    more = left_out(spec.path, name, f"{spec.name}!{name}") or errors_in(spec.path, name)
    return _Sheet(name, book.get_sheet_by_name(name), more)


def _chosen(book: Any, spec: FileSpec) -> _Sheet:
    """The sheet that is asked for, or the first that is shown and holds anything."""
    if spec.sheet and spec.sheet not in book.sheet_names:
        listed = ", ".join(book.sheet_names[:8])
        raise DataError(f"The workbook {spec.name} has no sheet {spec.sheet!r}.", hint=f"It has {listed}.")
    if spec.sheet:
        return _sheet(book, spec, spec.sheet)
    sheets = (_sheet(book, spec, name) for name in _shown(book))
    found = next((sheet for sheet in sheets if not sheet.is_empty), None)
    if found is None:
        raise DataError(f"The workbook {spec.name} is empty.", hint="Deliver it again, or take it out of the folder.")
    return found


def _rows(sheet: _Sheet) -> Iterator[list[str]]:
    """The cells of a sheet as text, row by row from its first physical row and column on."""
    by_row: dict[int, list[tuple[int, str]]] = {}
    for (row, column), text in sheet.left_out.items():
        by_row.setdefault(row, []).append((column, text))
    given = sheet.cells
    n_given = given.end[1] + 1 if given.end else 0
    n_columns = max([n_given, *(column + 1 for _, column in sheet.left_out)])
    left, right = [""] * (given.start[1] if given.start else 0), [""] * (n_columns - n_given)
    n_rows = 0
    for values in given.iter_rows():
        cells = [*left, *(value if value.__class__ is str else _text(value) for value in values), *right]
        yield _with(cells, by_row.pop(n_rows, []))
        n_rows += 1
    for row in range(n_rows, max(by_row, default=-1) + 1):
        yield _with([""] * n_columns, by_row.get(row, []))


def _with(cells: list[str], more: Sequence[tuple[int, str]]) -> list[str]:
    for column, text in more:
        cells[column] = text
    return cells


def _text(value: object) -> str:
    """A cell as text: whole numbers without .0, days as 2026-09-30."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(sep=" ")
    return value.isoformat() if isinstance(value, date | time) else str(value)


def _number(value: float) -> str:
    """A number in the fewest digits that give it back, never in powers of ten unless digits are lost."""
    if abs(value) >= _EXACT:
        return f"{value:.15G}" if abs(value) >= 10 * _EXACT else f"{value:.14E}"
    text = repr(value)
    if text.endswith(".0"):
        return text[:-2] if value else "0"
    return f"{Decimal(text):f}" if "e" in text else text
