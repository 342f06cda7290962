"""Where data came from, what was read, and what was left out."""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from analysis.core.text import Text


@dataclass(frozen=True, slots=True)
class Input:
    """A file that was read: its name (never its path), size and sha256."""

    name: str
    rows: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Cleaning:
    """What loading did to some rows of a table and why; `n_rows` rows were concerned, `n_dropped` of them left out."""

    table: str
    column: str
    rule: Text
    n_rows: int
    n_dropped: int = 0
    examples: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Provenance:
    """Origin of a portfolio.

    Parameters
    ----------
    source : short name, never a path or address
    kind : synthetic, open or production
    title : what the data are, in the reader's words, printed on the cover
    """

    source: str
    kind: str
    title: Text
    inputs: tuple[Input, ...] = ()
    cleaning: tuple[Cleaning, ...] = ()
    parameters: dict[str, Any] = field(default_factory=dict)


def sha256_of(path: Path) -> str:
    """Hex digest of a file."""
    with path.open("rb") as handle:
        return hashlib.file_digest(handle, "sha256").hexdigest()


def digest(parts: Iterable[object]) -> str:
    """A short stable key of several parts: their representations joined and hashed."""
    joined = "\x1f".join(str(part) for part in parts)
    return hashlib.sha256(joined.encode()).hexdigest()[:20]
