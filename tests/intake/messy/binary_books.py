"""Workbooks in Excel's two binary forms, as small as they can be: .xls (BIFF8 in a compound file) and .xlsb.

Written from the public specifications [MS-XLS], [MS-CFB] and [MS-XLSB]; no library that may be used here writes them.
"""

import io
import struct
import zipfile
from collections.abc import Iterator, Sequence

Row = Sequence[str | float]
ERRORS = {"#NULL!": 0, "#DIV/0!": 7, "#VALUE!": 15, "#REF!": 23, "#NAME?": 29, "#NUM!": 36, "#N/A": 42}
"""What both forms write for an error in a cell."""

_SECTOR = 512
_SMALLEST = 4096
"""Shorter streams lie elsewhere in a compound file."""
_FREE, _END, _IS_FAT = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD


def xls(rows: Sequence[Row], *, sheet: str = "Sheet1") -> bytes:
    """A workbook of Excel 97 to 2003 with one sheet."""
    words = list(dict.fromkeys(cell for row in rows for cell in row if isinstance(cell, str)))
    table = struct.pack("<II", len(words), len(words)) + b"".join(_wide(word, "<HB") for word in words)
    body = _bof(0x0010) + b"".join(_cells(rows, words)) + _record(0x000A)
    head = _bof(0x0005) + _record(0x0042, struct.pack("<H", 1200))
    tail = _record(0x00FC, table) + _record(0x000A)
    named = struct.pack("<BB", 0, 0) + _wide(sheet, "<BB")
    start = len(head) + 4 + 4 + len(named) + len(tail)
    return _compound(head + _record(0x0085, struct.pack("<I", start) + named) + tail + body)


def _record(kind: int, content: bytes = b"") -> bytes:
    return struct.pack("<HH", kind, len(content)) + content


def _bof(kind: int) -> bytes:
    return _record(0x0809, struct.pack("<HHHHII", 0x0600, kind, 0x0DBB, 0x07CC, 0, 6))


def _wide(word: str, form: str) -> bytes:
    return struct.pack(form, len(word), 1) + word.encode("utf-16-le")


def _cells(rows: Sequence[Row], words: Sequence[str]) -> Iterator[bytes]:
    yield _record(0x0200, struct.pack("<IIHHH", 0, len(rows), 0, max(map(len, rows)), 0))
    for at, row in enumerate(rows):
        for column, cell in enumerate(row):
            place = struct.pack("<HHH", at, column, 0)
            if cell in ERRORS:
                yield _record(0x0205, place + bytes([ERRORS[str(cell)], 1]))
            elif isinstance(cell, str):
                yield _record(0x00FD, place + struct.pack("<I", words.index(cell)))
            else:
                yield _record(0x0203, place + struct.pack("<d", cell))


def _compound(stream: bytes) -> bytes:
    """A compound file with one stream called Workbook: header, allocation table, directory, stream."""
    stream = stream.ljust(_SMALLEST, b"\0")
    n_sectors = -(-len(stream) // _SECTOR)
    chain = [*range(3, 2 + n_sectors), _END]
    table = struct.pack(f"<{2 + n_sectors}I", _IS_FAT, _END, *chain).ljust(_SECTOR, b"\xff")
    entries = _entry("Root Entry", 5, child=1, start=_END, size=0) + _entry("Workbook", 2, start=2, size=len(stream))
    header = struct.pack("<8s16xHHHHH6xIIIIIIIII", bytes.fromhex("d0cf11e0a1b11ae1"), 0x3E, 3, 0xFFFE, 9, 6,
                         0, 1, 1, 0, _SMALLEST, _END, 0, _END, 0)  # fmt: skip
    header += struct.pack("<109I", 0, *[_FREE] * 108)
    return header + table + entries.ljust(_SECTOR, b"\0") + stream.ljust(n_sectors * _SECTOR, b"\0")


def _entry(name: str, kind: int, *, child: int = _FREE, start: int, size: int) -> bytes:
    wide = name.encode("utf-16-le") + b"\0\0"
    return struct.pack("<64sHBBIII16xI16xIQ", wide, len(wide), kind, 1, _FREE, _FREE, child, 0, start, size)


def xlsb(rows: Sequence[Row], *, sheet: str = "Sheet1") -> bytes:
    """A binary workbook of Excel 2007 and later with one sheet."""
    listed = struct.pack("<II", 0, 1) + _long("rId1") + _long(sheet)
    book = _part(131) + _part(143) + _part(156, listed) + _part(144) + _part(132)
    size = struct.pack("<IIII", 0, len(rows) - 1, 0, max(map(len, rows)) - 1)
    data = _part(129) + _part(148, size) + _part(145) + b"".join(_binary_cells(rows)) + _part(146) + _part(130)
    target = io.BytesIO()
    with zipfile.ZipFile(target, "w") as archive:
        archive.writestr("[Content_Types].xml", _TYPES)
        archive.writestr("_rels/.rels", _LINKS.format(kind="officeDocument", target="xl/workbook.bin"))
        archive.writestr("xl/workbook.bin", book)
        archive.writestr("xl/_rels/workbook.bin.rels", _LINKS.format(kind="worksheet", target="worksheets/sheet1.bin"))
        archive.writestr("xl/worksheets/sheet1.bin", data)
    return target.getvalue()


def _part(kind: int, content: bytes = b"") -> bytes:
    """A record: kind and length in seven bits a byte."""
    number = bytes([kind]) if kind < 128 else bytes([kind & 0x7F | 0x80, kind >> 7])
    length, size = b"", len(content)
    while size > 127:
        length, size = length + bytes([size & 0x7F | 0x80]), size >> 7
    return number + length + bytes([size]) + content


def _long(word: str) -> bytes:
    return struct.pack("<I", len(word)) + word.encode("utf-16-le")


def _binary_cells(rows: Sequence[Row]) -> Iterator[bytes]:
    for at, row in enumerate(rows):
        yield _part(0, struct.pack("<IIHHBI", at, 0, 300, 0, 0, 0))
        for column, cell in enumerate(row):
            place = struct.pack("<II", column, 0)
            if cell in ERRORS:
                yield _part(3, place + bytes([ERRORS[str(cell)]]))
            elif isinstance(cell, str):
                yield _part(6, place + _long(cell))
            else:
                yield _part(5, place + struct.pack("<d", cell))


_TYPES = (
    '<?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
    '<Default Extension="bin" ContentType="application/vnd.ms-excel.sheet.binary.macroEnabled.main"/>'
    '<Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/></Types>'
)
_LINKS = (
    '<?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">'
    '<Relationship Id="rId1" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/{kind}"'
    ' Target="{target}"/></Relationships>'
)
