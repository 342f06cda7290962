"""What the reader of workbooks leaves out of xlsx: errors such as #REF!, formulas never worked out, cells far away."""

import posixpath
import re
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from xml.etree import ElementTree

from analysis.core.errors import DataError

Place = tuple[int, int]
"""row and column, counted from 0"""

_MOST_CELLS = 60_000_000
"""Cells of the rectangle that is held in memory: a full sheet of a million rows and 57 columns. One stray cell in the
far corner would make 17,000,000,000."""
_BLOCK = 1 << 24
_OVERLAP = 4096
"""Bytes of one cell that may lie across two blocks; errors and formulas are shorter."""
_RELATION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"

_FORMULA = rb"<(?:\w+:)?f\b[^>]*?(?:/>|>([^<]*)</(?:\w+:)?f>)"
_ERROR = re.compile(
    rb'<(?:\w+:)?c (?=[^>]*?t="e")[^>]*?r="([A-Z]+)(\d+)"[^>]*>(?:' + _FORMULA + rb")?<(?:\w+:)?v>([^<]*)<"
)
_NEVER = re.compile(
    rb'<(?:\w+:)?c (?![^>]*?t="str")[^>]*?r="([A-Z]+)(\d+)"[^>]*>'
    + _FORMULA
    + rb"(?:<(?:\w+:)?v ?/>|<(?:\w+:)?v></(?:\w+:)?v>)?</(?:\w+:)?c>"
)
_ROW = re.compile(rb' r="[A-Z]*(\d+)"')
_COLUMN = re.compile(rb' r="([A-Z]{2,3})\d')
_DOUBTFUL = (b"f></", b"f><v/", b"f><v /", b"f><v><", b"/><v><", b"/></c>", b":f>")
"""What a formula without a result looks like; blocks without it are not searched."""


@dataclass(slots=True)
class _Seen:
    last_row: int = 0
    columns: set[bytes] = field(default_factory=lambda: {b"Z"})
    cells: dict[Place, str] = field(default_factory=dict)


def left_out(path: Path, sheet: str, name: str) -> dict[Place, str]:
    """Errors and formulas without a result of a sheet, as text by place; nothing for other kinds of workbook.

    Raises
    ------
    DataError : the sheet reaches so far that its empty cells would fill the machine
    """
    if not zipfile.is_zipfile(path):
        return {}
    with zipfile.ZipFile(path) as archive:
        part = _part(archive, sheet)
        if part not in archive.namelist():
            return {}
        seen = _Seen()
        with archive.open(part) as handle:
            for block in _blocks(handle):
                _look(block, seen)
    n_columns = max(map(_column, seen.columns))
    if seen.last_row * n_columns > _MOST_CELLS:
        raise DataError(
            f"The sheet {name} reaches down to row {seen.last_row:,} and across {n_columns:,}"
            " columns, more than can be read.",
            hint="Delete stray cells far from the table, or deliver it as CSV or Parquet.",
        )
    return seen.cells


def _part(archive: zipfile.ZipFile, sheet: str) -> str:
    """The name of the part that holds a sheet; empty where the workbook is not of this kind."""
    if "xl/workbook.xml" not in archive.namelist() or "xl/_rels/workbook.xml.rels" not in archive.namelist():
        return ""
    try:
        book = ElementTree.fromstring(_harmless(archive.read("xl/workbook.xml")))
        links = ElementTree.fromstring(_harmless(archive.read("xl/_rels/workbook.xml.rels")))
    except ElementTree.ParseError:
        return ""  # the reader of workbooks says what is wrong
    wanted = next((one.get(_RELATION) for one in book.iter() if one.get("name") == sheet and one.get(_RELATION)), None)
    target = next((str(one.get("Target")) for one in links.iter() if one.get("Id") == wanted), "")
    return target.lstrip("/") if target.startswith("/") else posixpath.normpath(posixpath.join("xl", target))


def _harmless(xml: bytes) -> bytes:
    """A part without a document type, which could define words that unfold without end."""
    return b"<none/>" if b"<!DOCTYPE" in xml else xml


def _blocks(handle: object) -> Iterator[bytes]:
    rest = b""
    while block := handle.read(_BLOCK):  # type: ignore[attr-defined]
        yield rest + block
        rest = block[-_OVERLAP:]


def _look(block: bytes, seen: _Seen) -> None:
    if last := _ROW.match(block, max(block.rfind(b' r="'), 0)):
        seen.last_row = max(seen.last_row, int(last[1]))
    seen.columns.update(_COLUMN.findall(block))
    if b't="e"' in block:
        for match in _ERROR.finditer(block):
            seen.cells[_place(match)] = match[4].decode()
    if (b"<f" in block or b":f" in block) and any(sign in block for sign in _DOUBTFUL):
        for match in _NEVER.finditer(block):
            formula = (match[3] or b"").decode(errors="replace")
            if formula != '""':
                seen.cells[_place(match)] = f"={formula}"


def _place(match: re.Match[bytes]) -> Place:
    return int(match[2]) - 1, _column(match[1]) - 1


def _column(letters: bytes) -> int:
    """The number of a column from its letters: A is 1."""
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
