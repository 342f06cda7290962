"""Files that would fill the machine are refused by their size, before or while they are unpacked."""

import gzip
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path

from analysis.core.errors import DataError

PIECE = 1 << 20
"""Bytes read at once: they stay in the processor's memory while they are decoded."""
MAX_TEXT = 64_000_000_000
"""Bytes of one text file unpacked; a larger table comes as Parquet or from a database."""
MAX_BOOK = 2_000_000_000
"""Bytes of a workbook unpacked: a full sheet of a million rows and twenty columns has about 1 GB."""
MAX_RATIO = 150
"""How many times larger an unpacked file may be: tables give 5 to 30, repeated rows up to 100, bombs 1,000."""
_SMALL = 50_000_000
"""Unpacked bytes below which no ratio matters: an empty column compresses without end."""


DAMAGE = (OSError, EOFError, NotImplementedError, zipfile.BadZipFile, zlib.error)
"""What reading a damaged zip archive raises."""


def blocks_of(path: Path, name: str) -> Iterator[bytes]:
    """The bytes of a text file, piece by piece, gzip taken off.

    Raises
    ------
    DataError : it is not there, cut off, or grows beyond the limits
    """
    is_packed = path.name.lower().endswith(".gz")
    try:
        size = path.stat().st_size
        with gzip.open(path) if is_packed else path.open("rb") as handle:
            total = 0
            while block := handle.read(PIECE):
                total += len(block)
                if total > MAX_TEXT or (is_packed and total > _SMALL and total > MAX_RATIO * size):
                    raise _too_large(name, total)
                yield block
    except (OSError, EOFError, zlib.error) as error:
        cause = "it is cut off or no gzip file" if is_packed else "it cannot be opened"
        raise DataError(f"The file {name} cannot be read: {cause}.", hint="Deliver it again.") from error


def check_workbook(path: Path, name: str) -> None:
    """Refuse a workbook whose parts would unpack beyond the limits, whatever sizes it declares.

    Raises
    ------
    DataError : it is damaged, or too large
    """
    try:
        if not zipfile.is_zipfile(path):
            return  # the old binary form is not compressed
        with zipfile.ZipFile(path) as archive:
            entries = archive.infolist()
            total = sum(entry.file_size for entry in entries)
            if total > MAX_BOOK or (total > _SMALL and total > MAX_RATIO * path.stat().st_size):
                raise _too_large(name, total)
            if any(_is_longer(archive, entry) for entry in entries):
                raise DataError(f"The workbook {name} hides its true size.", hint="Save it again in Excel.")
    except (*DAMAGE, RuntimeError, ValueError) as error:  # claims to be encrypted, points to before its beginning
        raise DataError(f"The workbook {name} is damaged.", hint="Save it again in Excel.") from error


def _is_longer(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bool:
    """Whether a part unpacks to more than it declares."""
    if entry.compress_type != zipfile.ZIP_DEFLATED:
        return False
    unpacker = zlib.decompressobj(-zlib.MAX_WBITS)
    n_read = 0
    with archive.open(entry) as handle:
        packed = handle._fileobj  # type: ignore[attr-defined]
        left = entry.compress_size
        while left > 0 and (block := packed.read(min(PIECE, left))):
            left -= len(block)
            while block and n_read <= entry.file_size:
                n_read += len(unpacker.decompress(block, PIECE))
                block = unpacker.unconsumed_tail
    return n_read > entry.file_size


def _too_large(name: str, size: int) -> DataError:
    return DataError(
        f"The file {name} would take {size / 1e6:,.0f} MB unpacked, more than a table of its size can.",
        hint="Deliver the table as Parquet, or in several files.",
    )
