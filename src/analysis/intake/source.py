"""What a source of data is to the loader."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from analysis.core.errors import ParameterError
from analysis.core.provenance import Cleaning, Input
from analysis.core.quarter import Quarter
from analysis.core.text import Text
from analysis.intake.checks import Check, TableCount

if TYPE_CHECKING:
    from analysis.intake.identity.matches import ClientMatches
    from analysis.intake.quality import TableFacts

Options = Mapping[str, object]


def refuse_options(name: str, options: Options) -> None:
    """Refuse options given to a source that has none."""
    if options:
        raise ParameterError(f"The source {name} takes no options, but was given {', '.join(sorted(options))}.")


@dataclass(frozen=True, slots=True)
class Extract:
    """What a source wrote: which quarters it can speak about, what it read and what it did to it.

    Parameters
    ----------
    counts, checks : rows read, kept and set aside, and the rules broken; empty for a source that sets nothing aside
    facts : what was measured on the canonical tables, for the quality gate; filled by the loader
    matches : how the canonical tables join to the clients as of the last quarter; filled by the loader
    """

    first_quarter: Quarter
    last_quarter: Quarter
    inputs: tuple[Input, ...] = ()
    cleaning: tuple[Cleaning, ...] = ()
    parameters: dict[str, object] = field(default_factory=dict)
    counts: tuple[TableCount, ...] = ()
    checks: tuple[Check, ...] = ()
    facts: "tuple[TableFacts, ...]" = ()
    matches: "ClientMatches | None" = None


@dataclass(frozen=True, slots=True)
class Keep:
    """Where what a load found out lies for the next one; safe to delete.

    Parameters
    ----------
    folder : of what is kept, made when it is first needed
    code : a key of the code that found it out
    """

    folder: Path
    code: str


@dataclass(frozen=True, slots=True)
class Prepared:
    """A source that has looked at what it was given, cheaply, and refused what it cannot use.

    Parameters
    ----------
    key : everything the tables depend on besides code: options, hash of the file
    write : writes one `<table>.parquet` for each canonical table into a folder
    span : first and last quarter, where they are known without reading the data
    source : the source as its mapping file describes it, where that says more than the registry
    overlay : folder with the bank's own policy rows, or none
    write_with : writes the same with the help of what earlier loads kept, where the source can do that
    """

    key: tuple[object, ...]
    write: Callable[[Path], Extract]
    span: tuple[Quarter, Quarter] | None = None
    source: "Source | None" = None
    overlay: Path | None = None
    write_with: Callable[[Path, Keep], Extract] | None = None


@dataclass(frozen=True, slots=True)
class Source:
    """A registered source of data.

    Parameters
    ----------
    kind : synthetic, open or production; printed on every page
    prepare : from the path given as DATA (or none), the options and the quarter asked for (or none for the latest)
    code : files and folders under `intake/` and `data/` whose change makes cached tables stale
    """

    name: str
    title: Text
    kind: str
    currency: str
    industry_scheme: str
    prepare: Callable[[str | None, Options, Quarter | None], Prepared]
    code: tuple[str, ...]
