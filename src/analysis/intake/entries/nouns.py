"""A file of entries before it is read, what is judged together, and what it comes to."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from analysis.core.provenance import Input
from analysis.intake.checks import Check, TableCount
from analysis.intake.mapping import FileMapping
from analysis.intake.reading import RawTable
from analysis.intake.source import Keep

EVENTS = "events"


@dataclass(frozen=True, slots=True)
class EntryFile:
    """A file of entries that is read when it is its turn, and not at all where what it came to is kept.

    Parameters
    ----------
    file : what messages call it
    mapping : how it becomes rows of `events`
    columns : its headers
    key : of its content; empty where its rows are in memory already and nothing is kept
    read : puts its rows into a DuckDB table of the name given
    """

    file: str
    mapping: FileMapping
    columns: tuple[str, ...]
    key: str
    read: Callable[[Any, str], RawTable]


@dataclass(frozen=True, slots=True)
class Unit:
    """What is judged together: the entries of a quarter's folder, or one file of a folder that holds all history.

    Parameters
    ----------
    label : quarter of the folder, or empty
    as_of : no entry may be later than this day
    """

    label: str
    as_of: date
    files: tuple[EntryFile, ...]

    @property
    def is_kept(self) -> bool:
        """Whether every file has a key of its content."""
        return all(file.key for file in self.files)

    @property
    def parts(self) -> tuple[object, ...]:
        """All that its rows depend on, besides code and clients."""
        return (self.label, *((file.file, file.key, repr(file.mapping)) for file in self.files))


@dataclass(frozen=True, slots=True)
class Facts:
    """What is known of a unit whoever the clients are.

    Parameters
    ----------
    folder : holds `numbers.parquet` (client numbers that occur, as pseudonyms) and `ids.parquet` (entry numbers,
        hashed with the key)
    latest : last day that any row names, none where no day can be read
    """

    folder: Path
    key: str
    inputs: tuple[Input, ...]
    latest: date | None


@dataclass(frozen=True, slots=True)
class Clients:
    """The clients of a load, for entries to be judged and summed by.

    Parameters
    ----------
    connection : a DuckDB connection
    table : DuckDB table `number, pseudonym, client`: every client number given, its pseudonym, and the pseudonym of the
        client it belongs to, empty where all its rows were set aside
    key : of the pseudonyms
    keep : where what entries came to is kept
    """

    connection: Any
    table: str
    key: bytes
    keep: Keep


@dataclass(frozen=True, slots=True)
class Summed:
    """What entries came to, a table in files; clients are pseudonyms.

    Parameters
    ----------
    tables : `transactions`, `activity`, `set_aside` and, where a later delivery changed entries, `restatements` → paths
    """

    tables: Mapping[str, tuple[Path, ...]]
    inputs: tuple[Input, ...]
    checks: tuple[Check, ...]
    counts: tuple[TableCount, ...]
