"""A bank's own files: a folder with one sub-folder a quarter, or with all history in one, and a mapping file."""

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatch
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.core.errors import DataError, ParameterError
from analysis.core.provenance import digest, sha256_of
from analysis.core.quarter import Quarter
from analysis.core.text import Text
from analysis.intake.identity import key_fingerprint
from analysis.intake.mapping import FileMapping, SourceMapping, guess_mapping, load_mapping
from analysis.intake.reading import FileSpec, RawTable, peek, read_file, sheets_of
from analysis.intake.reference import project_root
from analysis.intake.source import Keep, Options, Prepared, Source, refuse_options
from analysis.intake.sources.committed import is_committed, key_of
from analysis.intake.sources.layout import PassedOver, lay_out

if TYPE_CHECKING:
    from analysis.intake.entries import EntryFile
    from analysis.intake.mapping import Guess
    from analysis.intake.pipeline import Bring, Delivery

log = logging.getLogger(__name__)

MAPPING = "mapping.toml"
POLICY = "policy"
RESERVED = frozenset({"demo", "sba", "berka", "online_retail", "wholesale_customers", "mcdonalds"})
"""Names of reports' folders that a bank's own files must not take."""
TITLE = Text("银行数据文件夹", "a bank's folder of extracts")


@dataclass(frozen=True, slots=True)
class Found:
    """A folder looked at: its mapping, its quarters and their files.

    Parameters
    ----------
    guess : how the mapping was guessed, where the folder has no mapping file
    files : label of the quarter (empty for files that hold all history) and the files, oldest first
    passed : what lies there and is not read
    """

    root: Path
    mapping: SourceMapping
    guess: "Guess | None"
    files: tuple[tuple[str, tuple[Path, ...]], ...]
    passed: tuple[PassedOver, ...] = ()

    @property
    def paths(self) -> tuple[Path, ...]:
        return tuple(path for _, paths in self.files for path in paths)


def look(data: str | None, quarter: Quarter | None = None) -> Found:
    """The folder's files up to a quarter and how they are mapped.

    Raises
    ------
    ParameterError : there is no such folder
    DataError : it holds no data file, none up to the quarter, or its mapping file has faults
    """
    root = Path(data).expanduser() if data else project_root() / "data" / "raw"
    if not root.is_dir():
        raise ParameterError(
            f"There is no folder {root.name!r}.", hint="Give the folder that holds the extracts, such as data/raw."
        )
    layout = lay_out(root, quarter)
    written = root / MAPPING
    if written.is_file():
        return Found(root, load_mapping(written), None, layout.files, layout.passed)
    guess = guess_mapping(tuple(_peeks(layout.files)), name=short_name(root))
    return Found(root, guess.mapping, guess, layout.files, layout.passed)


def _peeks(files: Sequence[tuple[str, tuple[Path, ...]]]) -> Iterator[Any]:
    """The head of every file and sheet; of files with one name in several quarters, of the newest."""
    newest = {path.name: path for _, paths in files for path in paths}
    for path in newest.values():
        for sheet in sheets_of(path) or ("",):
            yield peek(FileSpec(path, path.name, sheet=sheet))


def short_name(root: Path) -> str:
    """A name for reports from a folder's name."""
    return slug(root.resolve().name, "folder")


def slug(text: str, otherwise: str) -> str:
    """Small letters, digits, _ and - of a text, or another word where nothing is left or the name is taken.

    Examples
    --------
    >>> slug("Bank 数据 2026", "folder"), slug("数据", "folder"), slug("demo", "folder")
    ('bank-2026', 'folder', 'folder')
    """
    name = re.sub(r"[^a-z0-9_-]+", "-", text.lower()).strip("-_")[:40]
    return name if name and name not in RESERVED else otherwise


def check_name(mapping: SourceMapping, source: Source) -> None:
    """Refuse a mapping that calls itself by the name of another registered source: reports lie under that name.

    The mapping of that source itself may lie in a folder beside the published file.
    """
    if mapping.name in RESERVED and mapping.name != source.name and not is_committed(mapping):
        raise ParameterError(
            f"The mapping calls its source {mapping.name!r}, which is a name of this project.",
            hint="Choose another name in [source] of the mapping file.",
        )


def described(source: Source, mapping: SourceMapping) -> Source:
    """The registered source as its mapping describes it."""
    return replace(
        source,
        name=mapping.name,
        title=mapping.title,
        kind=mapping.kind,
        currency=mapping.currency,
        industry_scheme=mapping.industry_scheme,
    )


def prepare(source: Source, data: str | None, options: Options, quarter: Quarter | None) -> Prepared:
    """The folder looked at, its files hashed; rows are read when the tables are first needed."""
    refuse_options(source.name, options)
    found = look(data, quarter)
    if found.guess is not None and not found.guess.is_certain:
        raise DataError(
            f"The folder {found.root.name} has no {MAPPING}, and what its columns mean is not certain.",
            hint=f"Run analysis data check {found.root.name}: it shows its guess and writes a draft to correct.",
        )
    return prepared_of(source, found)


def prepared_of(source: Source, found: Found) -> Prepared:
    """What the loader needs of a folder that was looked at.

    Raises
    ------
    ParameterError : the mapping calls itself by the name of another registered source
    """
    mapping = found.mapping
    check_name(mapping, source)
    key = key_of(mapping)
    hashes = {path: sha256_of(path) for path in found.paths}
    named = [f"{label}/{path.name}={hashes[path]}" for label, paths in found.files for path in paths]
    overlay = found.root / POLICY

    def write(folder: Path, keep: Keep | None = None) -> Any:
        from analysis.intake.pipeline import write_tables

        return write_tables(bring_files(found, hashes), mapping, folder, key=key, keep=keep)

    return Prepared(
        (repr(mapping), key_fingerprint(key), digest((*named, *(one.name for one in found.passed)))),
        write,
        source=described(source, mapping),
        overlay=overlay if overlay.is_dir() else None,
        write_with=write,
    )


def bring_files(found: Found, hashes: Mapping[Path, str]) -> "Bring":
    """Reads every mapped file of the folder but entries, whose turn comes later; all faults are named at once.

    Parameters
    ----------
    hashes : sha256 of each file
    """

    def bring(connection: Any) -> list["Delivery"]:
        faults: list[str] = []
        hints: list[str] = []
        deliveries = [_read(connection, found, at, hashes, faults, hints) for at in range(len(found.files))]
        if faults:
            raise DataError(" ".join(faults), hint=hints[0])
        deliveries[0] = replace(deliveries[0], passed=tuple((one.name, one.reason) for one in found.passed))
        return deliveries

    return bring


def _read(
    connection: Any, found: Found, at: int, hashes: Mapping[Path, str], faults: list[str], hints: list[str]
) -> "Delivery":
    from analysis.intake.entries import EVENTS
    from analysis.intake.pipeline import Delivery

    label, paths = found.files[at]
    parts: list[tuple[FileMapping, RawTable]] = []
    entries: list[EntryFile] = []
    unread: list[str] = []
    for path in paths:
        mappings = [mapping for mapping in found.mapping.files if _fits(mapping, path.name)]
        if not mappings:
            unread.append(path.name)
        for mapping in mappings:
            spec = _spec(mapping, path, path.name if path.parent == found.root else f"{path.parent.name}/{path.name}")
            try:
                if mapping.table == EVENTS:
                    entries.append(_entry_file(mapping, spec, hashes[path]))
                    continue
                relation = f"raw_{at}_{len(parts)}"
                log.info("reading %s", spec.name)
                parts.append((mapping, read_file(connection, spec, relation=relation)))
            except DataError as error:
                faults.append(error.message)
                hints.append(error.hint)
    return Delivery(label, tuple(parts), tuple(unread), tuple(entries))


def _entry_file(mapping: FileMapping, spec: FileSpec, sha256: str) -> "EntryFile":
    """A file of entries of which only the head is read now."""
    from analysis.intake.entries import EntryFile

    head = peek(spec, 1)
    name = f"{head.file}!{head.sheet}" if head.sheet else head.file
    return EntryFile(
        name, mapping, head.columns, sha256, lambda connection, given: read_file(connection, spec, relation=given)
    )


def _fits(mapping: FileMapping, name: str) -> bool:
    return any(fnmatch(name, pattern) for pattern in mapping.files)


def _spec(mapping: FileMapping, path: Path, name: str) -> FileSpec:
    return FileSpec(path, name, mapping.sheet, mapping.header_row, mapping.delimiter, mapping.encoding)
