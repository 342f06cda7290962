"""What is read, and what reading gives."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class FileSpec:
    """Which file to read and how; what is empty is found out.

    Parameters
    ----------
    name : what messages call it, relative to the source's folder
    sheet : of a workbook; empty takes the first that is shown and has cells
    header_row : physical row of the column names, counted from 1
    delimiter : of a text file
    encoding : `utf-8`, `gb18030` …; empty decides strictly: utf-8 or utf-16 by their mark, utf-8, then gb18030
    """

    path: Path
    name: str
    sheet: str = ""
    header_row: int = 0
    delimiter: str = ""
    encoding: str = ""


@dataclass(frozen=True, slots=True)
class RawTable:
    """The rows of one file or sheet.

    Parameters
    ----------
    relation : DuckDB table with one column a header (text; Parquet and databases keep their types) and `_line`
    rejected : DuckDB table `line BIGINT, raw VARCHAR, rule VARCHAR` of records that could not be split into cells
    file : name for messages, `name!sheet` for a workbook
    columns : headers as given, trimmed and made unique, in order, without `_line`
    n_lines : records after the header; equals rows of `relation` plus rows of `rejected`
    encoding : as decided, empty for binary files
    n_header : physical lines down to and with the header
    n_blank : lines after the header in which nothing stands
    n_physical : physical lines of the file; equals header + blank + records + the further lines of long records
    """

    relation: str
    rejected: str
    file: str
    columns: tuple[str, ...]
    n_lines: int
    n_rejected: int
    encoding: str
    sha256: str
    n_header: int = 0
    n_blank: int = 0
    n_physical: int = 0


@dataclass(frozen=True, slots=True)
class Peek:
    """The head of a file or sheet, for guessing a mapping: headers and up to 200 rows of text."""

    file: str
    sheet: str
    header_row: int
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
