"""Bytes → text, strictly: utf-8, else GB18030, else refused with the place of the first byte that fits neither."""

import codecs

from analysis.core.errors import DataError

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)


def decoded(data: bytes, name: str, encoding: str = "") -> tuple[str, str]:
    """The text and the encoding decided on.

    GBK and GB2312 are read as GB18030, which contains them and has the characters of four bytes.

    Raises
    ------
    DataError : no encoding fits, with line and byte of the first fault
    """
    if encoding:
        return _strict(data, name, "gb18030" if encoding.lower() in ("gbk", "gb2312", "cp936") else encoding)
    for mark, marked in _MARKS:
        if data.startswith(mark):
            return _strict(data, name, marked)
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError as first:
        try:
            return data.decode("gb18030"), "gb18030"
        except UnicodeDecodeError as second:
            raise _undecodable(data, name, max(first, second, key=lambda error: error.start)) from second


def _strict(data: bytes, name: str, encoding: str) -> tuple[str, str]:
    try:
        return data.decode(encoding), encoding
    except UnicodeDecodeError as error:
        raise _undecodable(data, name, error) from error
    except LookupError as error:
        raise DataError(
            f"The mapping gives {name} the unknown encoding {encoding!r}.", hint="Write utf-8 or gb18030."
        ) from error


def _undecodable(data: bytes, name: str, error: UnicodeDecodeError) -> DataError:
    line = data.count(b"\n", 0, error.start) + 1
    return DataError(
        f"The file {name} is neither utf-8 nor GB18030: line {line:,} holds the byte 0x{data[error.start]:02x}"
        f" (byte {error.start + 1:,}), which fits neither.",
        hint="Export it again as utf-8 or GB18030, or name its encoding in the mapping.",
    )
