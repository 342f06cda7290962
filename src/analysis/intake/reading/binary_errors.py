"""Errors such as #REF! in Excel's two binary forms, which the reader of workbooks gives as empty cells."""

import struct
import zipfile
from collections.abc import Iterator
from pathlib import Path
from xml.etree import ElementTree

Place = tuple[int, int]
"""row and column, counted from 0"""

_WORDS = {
    0: "#NULL!",
    7: "#DIV/0!",
    15: "#VALUE!",
    23: "#REF!",
    29: "#NAME?",
    36: "#NUM!",
    42: "#N/A",
    43: "#GETTING_DATA",
}
_RELATIONS = "{http://schemas.openxmlformats.org/package/2006/relationships}Relationship"

_COMPOUND = bytes.fromhex("d0cf11e0a1b11ae1")
_LAST = 0xFFFFFFFA
"""Numbers of sectors from here on mean that there is none."""
_BEGIN, _OVER, _SHEET, _BOOLEAN_OR_ERROR, _FORMULA = 0x0809, 0x000A, 0x0085, 0x0205, 0x0006
_BUNDLE, _ROW, _ERROR, _FORMULA_ERROR = 156, 0, 3, 11


def errors_in(path: Path, sheet: str) -> dict[Place, str]:
    """Errors in the cells of a sheet of an .xls or .xlsb workbook by place; nothing for other kinds.

    References
    ----------
    [MS-CFB] 2.2 to 2.6; [MS-XLS] 2.4.22, 2.4.28, 2.4.127; [MS-XLSB] 2.4.304, 2.4.671, 2.5.97.2
    """
    try:
        if zipfile.is_zipfile(path):
            return dict(_in_xlsb(path, sheet))
        content = path.read_bytes()
        return dict(_in_xls(_workbook(content), sheet)) if content.startswith(_COMPOUND) else {}
    except (struct.error, IndexError, KeyError, ValueError, zipfile.BadZipFile, ElementTree.ParseError):
        return {}  # the reader of workbooks says what is wrong


def _workbook(content: bytes) -> bytes:
    """The stream of a compound file that holds the cells."""
    size = 1 << struct.unpack_from("<H", content, 30)[0]

    def sector(number: int) -> bytes:
        return content[(number + 1) * size : (number + 2) * size]

    def numbers(blocks: list[bytes]) -> list[int]:
        return [n for block in blocks for (n,) in struct.iter_unpack("<I", block)]

    first, following = struct.unpack_from("<II", content, 48)[0], struct.unpack_from("<I", content, 68)[0]
    listed = list(struct.unpack_from("<109I", content, 76))
    for _ in range(len(content) // size):
        if following >= _LAST:
            break
        *more, following = numbers([sector(following)])
        listed += more
    table = numbers([sector(number) for number in listed if number < _LAST])

    def chain(start: int) -> Iterator[bytes]:
        for _ in range(len(table)):
            if start >= _LAST:
                return
            yield sector(start)
            start = table[start]

    directory = b"".join(chain(first))
    for at in range(0, len(directory), 128):
        name = directory[at : at + struct.unpack_from("<H", directory, at + 64)[0]].decode("utf-16-le", "replace")
        if name.rstrip("\0") in ("Workbook", "Book"):
            start, length = struct.unpack_from("<II", directory, at + 116)
            return b"".join(chain(start))[:length]
    return b""


def _in_xls(stream: bytes, sheet: str) -> Iterator[tuple[Place, str]]:
    starts = {
        _name(content): struct.unpack_from("<I", content)[0]
        for kind, content in _xls_records(stream, 0)
        if kind == _SHEET
    }
    for kind, content in _xls_records(stream, starts[sheet]) if sheet in starts else ():
        is_error = kind == _BOOLEAN_OR_ERROR and content[7] == 1
        is_failed = kind == _FORMULA and content[6] == 2 and content[12:14] == b"\xff\xff"
        if is_error or is_failed:
            row, column = struct.unpack_from("<HH", content)
            yield (row, column), _word(content[6] if is_error else content[8])


def _name(content: bytes) -> str:
    return content[8:].decode("utf-16-le" if content[7] & 1 else "latin-1")


def _xls_records(stream: bytes, at: int) -> Iterator[tuple[int, bytes]]:
    """Records from one beginning to its end, those of pictures inside left out."""
    depth = 0
    while at + 4 <= len(stream):
        kind, length = struct.unpack_from("<HH", stream, at)
        depth += (kind == _BEGIN) - (kind == _OVER)
        if depth == 1:
            yield kind, stream[at + 4 : at + 4 + length]
        if depth <= 0:
            return
        at += 4 + length


def _in_xlsb(path: Path, sheet: str) -> Iterator[tuple[Place, str]]:
    with zipfile.ZipFile(path) as archive:
        if "xl/workbook.bin" not in archive.namelist():
            return
        links = ElementTree.fromstring(archive.read("xl/_rels/workbook.bin.rels"))
        targets = {str(link.get("Id")): str(link.get("Target")) for link in links.iter(_RELATIONS)}
        named = dict(
            _bundle(content) for kind, content in _xlsb_records(archive.read("xl/workbook.bin")) if kind == _BUNDLE
        )
        target = targets[named[sheet]]
        content = archive.read(target.lstrip("/") if target.startswith("/") else f"xl/{target}")
    row = 0
    for kind, cell in _xlsb_records(content):
        if kind == _ROW:
            row = struct.unpack_from("<I", cell)[0]
        elif kind in (_ERROR, _FORMULA_ERROR):
            yield (row, struct.unpack_from("<I", cell)[0]), _word(cell[8])


def _bundle(content: bytes) -> tuple[str, str]:
    """Name of a sheet and the link to its part."""
    texts, at = [], 8
    for _ in range(2):
        length = 2 * struct.unpack_from("<I", content, at)[0]
        texts.append(content[at + 4 : at + 4 + length].decode("utf-16-le"))
        at += 4 + length
    return texts[1], texts[0]


def _xlsb_records(stream: bytes) -> Iterator[tuple[int, bytes]]:
    at, end = 0, len(stream)
    while at < end:
        kind = stream[at]
        at += 1
        if kind & 0x80:
            kind = kind & 0x7F | stream[at] << 7
            at += 1
        length = shift = 0
        while True:
            byte = stream[at]
            at += 1
            length |= (byte & 0x7F) << shift
            shift += 7
            if byte < 0x80:
                break
        yield kind, stream[at : at + length]
        at += length


def _word(code: int) -> str:
    return _WORDS.get(code, "#ERROR!")
