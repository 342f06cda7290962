"""What a source of data is to the loader."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path

from analysis.core.provenance import Cleaning, Input
from analysis.core.quarter import Quarter
from analysis.core.text import Text

Options = Mapping[str, object]


@dataclass(frozen=True, slots=True)
class Extract:
    """What a source wrote: which quarters it can speak about, what it read and what it did to it."""

    first_quarter: Quarter
    last_quarter: Quarter
    inputs: tuple[Input, ...] = ()
    cleaning: tuple[Cleaning, ...] = ()
    parameters: dict[str, object] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Prepared:
    """A source that has looked at what it was given, cheaply, and refused what it cannot use.

    Parameters
    ----------
    key : everything the tables depend on besides code: options, hash of the file
    write : writes one `<table>.parquet` for each canonical table into a folder
    span : first and last quarter, where they are known without reading the data
    """

    key: tuple[object, ...]
    write: Callable[[Path], Extract]
    span: tuple[Quarter, Quarter] | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """A registered source of data.

    Parameters
    ----------
    kind : synthetic, open or production; printed on every page
    prepare : from the path given as DATA (or none) and the options
    code : files and folders under `intake/` and `data/` whose change makes cached tables stale
    """

    name: str
    title: Text
    kind: str
    currency: str
    industry_scheme: str
    prepare: Callable[[str | None, Options], Prepared]
    code: tuple[str, ...]
