"""A file as given → rows of text in DuckDB, with the line each came from and the lines that are no records."""

from pathlib import Path
from typing import Any

from analysis.core.errors import DataError
from analysis.intake.reading.files import is_book, is_parquet
from analysis.intake.reading.nouns import FileSpec, Peek, RawTable

PEEKED = 200


def sheets_of(path: Path) -> list[str]:
    """Sheets of a workbook that are shown and hold anything; none for other files."""
    if not is_book(path):
        return []
    from analysis.intake.reading.book import sheets_of_book

    return sheets_of_book(path)


def peek(spec: FileSpec, n: int = PEEKED) -> Peek:
    """Headers and the first rows of a file or sheet as text.

    Raises
    ------
    DataError : see `read_file`
    """
    if is_parquet(spec.path):
        from analysis.intake.reading.parquet import peek_parquet

        return peek_parquet(spec, n)
    if is_book(spec.path):
        from analysis.intake.reading.book import peek_book

        return peek_book(spec, n)
    from analysis.intake.reading.delimited import peek_text

    _is_not_binary(spec)
    return peek_text(spec, n)


def read_file(connection: Any, spec: FileSpec, *, relation: str) -> RawTable:
    """The rows of a file or sheet in the DuckDB table `relation`, what is no record in `<relation>_rejected`.

    Raises
    ------
    DataError : it is empty or cannot be opened, decoded or unpacked, has no such sheet or row, or is too large
    """
    if is_parquet(spec.path):
        from analysis.intake.reading.parquet import read_parquet

        return read_parquet(connection, spec, relation)
    if is_book(spec.path):
        from analysis.intake.reading.book import read_book

        return read_book(connection, spec, relation)
    from analysis.intake.reading.delimited import read_text

    _is_not_binary(spec)
    return read_text(connection, spec, relation)


_KINDS = (
    (b"PK\x03\x04", "a workbook or zip archive", ".xlsx"),
    (b"\xd0\xcf\x11\xe0", "a workbook", ".xls"),
    (b"PAR1", "a Parquet file", ".parquet"),
)


def _is_not_binary(spec: FileSpec) -> None:
    """Refuse what is called text and is something else."""
    with spec.path.open("rb") as handle:
        start = handle.read(4)
    for mark, what, ending in _KINDS:
        if start == mark:
            raise DataError(f"The file {spec.name} is {what}, not text.", hint=f"Rename it to end in {ending}.")
