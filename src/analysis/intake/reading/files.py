"""Which files of a folder are data, and which are too large or too tightly packed to be opened."""

from collections.abc import Iterator
from pathlib import Path

from analysis.core.errors import DataError

TEXT_ENDINGS = (".csv", ".txt", ".tsv", ".csv.gz", ".txt.gz", ".tsv.gz")
BOOK_ENDINGS = (".xlsx", ".xlsm", ".xls", ".xlsb", ".ods")
PARQUET_ENDINGS = (".parquet",)
ENDINGS = (*TEXT_ENDINGS, *BOOK_ENDINGS, *PARQUET_ENDINGS)

_OURS = (".toml", ".md")
"""Mapping files and notes lie beside the data."""


def data_files(folder: Path) -> list[Path]:
    """The files of a folder that can be read, by name: CSV and other delimited text (also .gz), Excel, ODS, Parquet.

    Hidden files and the lock files of Excel are passed over; `files_not_read` names the rest.

    Raises
    ------
    DataError : a file is a link to somewhere outside the folder
    """
    return [path for path in _visible(folder) if _has_ending(path, ENDINGS)]


def files_not_read(folder: Path) -> list[str]:
    """Names of the folder's files whose ending says that they cannot be read, such as .pdf or .dat."""
    return [path.name for path in _visible(folder) if not _has_ending(path, (*ENDINGS, *_OURS))]


def is_book(path: Path) -> bool:
    """Whether the ending says a workbook."""
    return _has_ending(path, BOOK_ENDINGS)


def is_parquet(path: Path) -> bool:
    """Whether the ending says Parquet."""
    return _has_ending(path, PARQUET_ENDINGS)


def _has_ending(path: Path, endings: tuple[str, ...]) -> bool:
    return path.name.lower().endswith(endings)


def _visible(folder: Path) -> Iterator[Path]:
    home = folder.resolve()
    for path in sorted(folder.iterdir()):
        if path.name.startswith((".", "~$")) or path.is_dir():
            continue
        if path.is_symlink() and not path.resolve().is_relative_to(home):
            raise DataError(
                f"{path.name} is a link to a place outside its folder {folder.name}.",
                hint="Copy the file itself into the folder.",
            )
        yield path
