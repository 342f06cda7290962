"""Bytes → utf-8, strictly: utf-8, else GB18030, else refused with the place of the first byte that fits neither."""

import codecs
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from analysis.core.errors import DataError
from analysis.intake.reading.guard import blocks_of

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_CHINESE = ("gbk", "gb2312", "cp936", "hz", "gb-18030")
_AROUND = 30_000
"""Bytes either side of a fault that tell whether the rest is utf-8."""
BLOCK = 1 << 23
"""Bytes handed on at once: enough for vector work, little memory."""
_LONGEST_LINE = 8 * BLOCK
"""Bytes without a line's end: ten thousand columns take 200 kB, so this is no table."""


@dataclass(frozen=True, slots=True)
class _Fault:
    """The first byte that an encoding has no place for, its place and what stands around it."""

    position: int
    line: int
    byte: int
    around: bytes


def encoding_of(path: Path, name: str, declared: str = "") -> str:
    """The encoding of a text file. Without a declared one it is utf-8 if all of it is, else GB18030.

    GBK and GB2312 are read as GB18030, which contains them and has the characters of four bytes.

    Raises
    ------
    DataError : it is empty, or nothing fits, with line and byte of the first fault
    """
    first = next(blocks_of(path, name), b"")
    if not first.strip():
        raise DataError(f"The file {name} is empty.", hint="Deliver it again, or take it out of the folder.")
    if declared:
        return _declared(path, name, declared, first)
    for mark, marked in _MARKS:
        if first.startswith(mark):
            return marked
    if wide := _without_mark(first[:4000]):
        return wide
    if not (utf8 := _fault(path, name, "utf-8")):
        return "utf-8"
    if _is_damaged_utf8(utf8.around) and not _fault(path, name, "gb18030"):
        raise _refusal(name, "utf-8 with damage in it", utf8, "is not utf-8")
    return "gb18030"  # `line_blocks` refuses what is neither


def _declared(path: Path, name: str, encoding: str, first: bytes) -> str:
    if encoding.lower() in _CHINESE:
        return "gb18030"
    try:
        "".encode(encoding)  # refuses what is no encoding of text
        known = codecs.lookup(encoding).name
    except (LookupError, UnicodeError) as error:
        raise DataError(
            f"The mapping gives {name} the unknown encoding {encoding!r}.", hint="Write utf-8 or gb18030."
        ) from error
    if known == "utf-8" and first.startswith(codecs.BOM_UTF8):
        return "utf-8-sig"
    if known == "utf-8" and (fault := _fault(path, name, known)):
        raise _refusal(name, "not utf-8", fault, "does not fit")
    return known


def _without_mark(head: bytes) -> str:
    """Utf-16 without a mark has a zero beside most signs of a table."""
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if 8 * max(even, odd) <= len(head):
        return ""
    return "utf-16-le" if odd > even else "utf-16-be"


def _fault(path: Path, name: str, encoding: str) -> _Fault | None:
    try:
        for _ in _texts(path, name, encoding):
            pass
    except _UndecodableError as error:
        return error.fault
    return None


class _UndecodableError(Exception):
    def __init__(self, fault: _Fault) -> None:
        self.fault = fault
        super().__init__()


def _texts(path: Path, name: str, encoding: str) -> Iterator[str]:
    """The text block by block."""
    decoder = codecs.getincrementaldecoder(encoding)()
    position, line = 0, 1
    for block in _then_end(blocks_of(path, name)):
        try:
            yield decoder.decode(block, not block)
        except UnicodeDecodeError as error:
            at, data = error.start, error.object
            around = data[max(0, at - _AROUND) : at + _AROUND]
            place = position + len(block) - len(data) + at  # both end with the piece that was read last
            fault = _Fault(place, line + data.count(b"\n", 0, at), data[at], around)
            raise _UndecodableError(fault) from error
        position += len(block)
        line += block.count(b"\n")


def _then_end(blocks: Iterator[bytes]) -> Iterator[bytes]:
    yield from blocks
    yield b""


def _is_damaged_utf8(around: bytes) -> bool:
    """Whether text that is not quite utf-8 is so nearly: GB18030 would turn it into other Chinese words unnoticed.

    Chinese text in GB18030 gives more faults than characters when read as utf-8; damage gives a fault here and there.
    """
    text = around.decode("utf-8", errors="replace")
    n_faults = text.count("\ufffd")
    n_wide = sum(1 for sign in text if sign > "\u07ff") - n_faults
    return n_wide > 4 * n_faults


def _refusal(name: str, what: str, fault: _Fault, why: str) -> DataError:
    return DataError(
        f"The file {name} is {what}: line {fault.line:,} holds the byte 0x{fault.byte:02x}"
        f" (byte {fault.position + 1:,}), which {why}.",
        hint="Export it again as utf-8 or GB18030, or name its encoding in the mapping.",
    )


def line_blocks(path: Path, name: str, encoding: str) -> Iterator[bytes]:
    """The file as utf-8 in blocks of whole lines, which end in a line feed; one may stand behind a carriage return.

    Raises
    ------
    DataError : a byte does not fit, or a line has no end
    """
    pieces: list[bytes] = []
    size = 0
    for piece in _even_ends(_utf8(path, name, encoding)):
        pieces.append(piece)
        size += len(piece)
        if size > BLOCK and (cut := piece.rfind(b"\n") + 1):
            pieces[-1] = piece[:cut]
            yield b"".join(pieces)
            pieces = [piece[cut:]]
            size = len(pieces[0])
        elif size > _LONGEST_LINE:
            raise DataError(
                f"The file {name} has a line of more than {(_LONGEST_LINE - BLOCK) / 1e6:,.0f} MB: it is no table.",
                hint="Deliver it again with one record a line.",
            )
    if size:
        rest = b"".join(pieces)
        yield rest if rest.endswith(b"\n") else rest + b"\n"


def _even_ends(pieces: Iterator[bytes]) -> Iterator[bytes]:
    """Text in which no carriage return stands alone, as line ends of old Macs do, all through or here and there."""
    held = b""
    for piece in _then_end(pieces):
        data = held + piece if held else piece
        held = b"\r" if piece and data.endswith(b"\r") else b""
        data = data[:-1] if held else data
        if b"\r" in data and _has_lone_return(data):
            data = data.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        yield data


def _has_lone_return(data: bytes) -> bool:
    import numpy as np

    signs = np.frombuffer(data, np.uint8)
    after = np.flatnonzero(signs == 13) + 1
    return bool(after[-1] == len(signs) or (signs[after] != 10).any())


def _utf8(path: Path, name: str, encoding: str) -> Iterator[bytes]:
    if encoding == "utf-8":
        yield from blocks_of(path, name)  # looked at already, all of it
        return
    try:
        for text in _texts(path, name, encoding):
            if text:
                yield text.encode()
    except _UndecodableError as error:
        utf8 = _fault(path, name, "utf-8") if encoding == "gb18030" else None
        if utf8:
            worst = max(utf8, error.fault, key=lambda fault: fault.position)
            raise _refusal(name, "neither utf-8 nor GB18030", worst, "fits neither") from error
        raise _refusal(name, f"not {encoding.removesuffix('-sig')}", error.fault, "does not fit") from error
