"""What a mapping file says: names, codes, units and dates of a bank's own files, as data."""

from dataclasses import dataclass, field
from decimal import Decimal

from analysis.core.text import Text

LINE = "_line"
"""Written as a header: the number of the line, where a file has no number of its own."""


@dataclass(frozen=True, slots=True)
class ColumnMapping:
    """Where one canonical column comes from.

    Parameters
    ----------
    column : canonical name
    source : header in the file; empty when `constant` is given
    constant : the same value for every row
    multiply : given number × this = canonical number (10000 for 万元, 0.01 for percent)
    codes : the file's code → the canonical word, or an empty text where the code means that nothing is known;
        a code not listed is unknown, unless it is already a canonical word
    dates : strptime format, or empty: every usual form is tried
    prefix : put before the text
    part : first and last character taken, counted from 1, or empty
    year_to_date : whether the amounts are cumulated from January on
    times : header of a second column that multiplies the first, such as a price
    absolute : whether the sign is left off, where another column says the direction
    """

    column: str
    source: str = ""
    constant: str | None = None
    multiply: Decimal = Decimal(1)
    codes: dict[str, str] = field(default_factory=dict)
    dates: str = ""
    prefix: str = ""
    part: tuple[int, int] | None = None
    year_to_date: bool = False
    times: str = ""
    absolute: bool = False

    @property
    def headers(self) -> tuple[str, ...]:
        """The headers it reads; the number of the line is in every file."""
        return tuple(header for header in (self.source, self.times) if header and header != LINE)


@dataclass(frozen=True, slots=True)
class FileMapping:
    """How files of one kind become rows of one canonical table.

    Parameters
    ----------
    table : canonical name
    files : glob patterns of file names, relative to a quarter's folder; for a database the table's name
    priority : of two files that give the same key, the one with the lower number wins
    where : header → codes; only rows with one of these codes are taken, such as amount type = balance
    distinct : whether rows that say the same are taken once, such as the client of every invoice
    """

    table: str
    files: tuple[str, ...]
    columns: tuple[ColumnMapping, ...]
    sheet: str = ""
    header_row: int = 0
    delimiter: str = ""
    encoding: str = ""
    priority: int = 0
    where: dict[str, tuple[str, ...]] = field(default_factory=dict)
    distinct: bool = False

    @property
    def takes_all(self) -> bool:
        """Whether every row of the file becomes a row of the table."""
        return not self.where and not self.distinct

    @property
    def headers(self) -> tuple[str, ...]:
        """Every header it reads, once."""
        return tuple(dict.fromkeys((*(h for column in self.columns for h in column.headers), *self.where)))


@dataclass(frozen=True, slots=True)
class SourceMapping:
    """A mapping file.

    Parameters
    ----------
    name : short name of the source, used in paths of reports: lower-case letters, digits, _ and -
    kind : production, open or synthetic
    client_priority : names of files, best first, when two records of one client disagree; empty: the latest line
    first_quarter, last_quarter : what the source can speak about, where its rows do not tell
    about : what else is known of the source, such as published and licence; printed in the manifest
    """

    name: str
    title: Text
    kind: str
    currency: str
    industry_scheme: str
    files: tuple[FileMapping, ...]
    client_priority: tuple[str, ...] = ()
    first_quarter: str = ""
    last_quarter: str = ""
    about: dict[str, str] = field(default_factory=dict)
