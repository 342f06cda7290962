"""Files that would fill the machine are refused by their size before anything is unpacked."""

import gzip
import zipfile
from pathlib import Path

from analysis.core.errors import DataError

MAX_TEXT = 4_000_000_000
"""Bytes of one text file held in memory; a table this large comes as Parquet or from a database."""
MAX_SHEET = 1_000_000_000
"""Bytes of a workbook unpacked: a full sheet of a million rows and ten columns has about 300 MB."""
MAX_RATIO = 150
"""How many times larger an unpacked file may be: numbers give 5 to 30, repeated rows up to 100, bombs 1,000."""
_SMALL = 50_000_000
"""Unpacked bytes below which no ratio matters: an empty column compresses without end."""
_BLOCK = 1 << 24


def unpacked(path: Path, name: str) -> bytes:
    """The bytes of a text file, gzip taken off.

    Raises
    ------
    DataError : it is not there, cut off, or grows beyond the limits
    """
    try:
        size = path.stat().st_size
        if size > MAX_TEXT:
            raise _too_large(name, size)
        if not path.name.lower().endswith(".gz"):
            return path.read_bytes()
        with gzip.open(path) as handle:
            return _bounded(handle, name, size)
    except (OSError, EOFError) as error:
        cause = "it is cut off or no gzip file" if path.name.lower().endswith(".gz") else "it cannot be opened"
        raise DataError(f"The file {name} cannot be read: {cause}.", hint="Deliver it again.") from error


def _bounded(handle: gzip.GzipFile, name: str, size: int) -> bytes:
    parts: list[bytes] = []
    total = 0
    while block := handle.read(_BLOCK):
        parts.append(block)
        total += len(block)
        if total > MAX_TEXT or (total > _SMALL and total > MAX_RATIO * size):
            raise _too_large(name, total)
    return b"".join(parts)


def check_workbook(path: Path, name: str) -> None:
    """Refuse a workbook whose parts would unpack beyond the limits.

    Raises
    ------
    DataError : it is damaged, or too large
    """
    if not zipfile.is_zipfile(path):
        return  # the old binary form is not compressed
    try:
        with zipfile.ZipFile(path) as archive:
            total = sum(entry.file_size for entry in archive.infolist())
    except (OSError, zipfile.BadZipFile) as error:
        raise DataError(f"The workbook {name} is damaged.", hint="Save it again in Excel.") from error
    if total > MAX_SHEET or (total > _SMALL and total > MAX_RATIO * path.stat().st_size):
        raise _too_large(name, total)


def _too_large(name: str, size: int) -> DataError:
    return DataError(
        f"The file {name} would take {size / 1e6:,.0f} MB unpacked, more than a table of its size can.",
        hint="Deliver the table as Parquet, or in several files.",
    )
