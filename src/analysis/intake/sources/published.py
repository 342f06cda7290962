"""Open data: one published file, and a mapping in `data/mappings/` that says what there is to say about it."""

from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.core.errors import DataError
from analysis.core.provenance import Cleaning, sha256_of
from analysis.core.quarter import Quarter
from analysis.core.text import Text
from analysis.intake.identity import key_fingerprint, pseudonym_key
from analysis.intake.mapping import FileMapping, SourceMapping, emptied_codes, load_mapping
from analysis.intake.reading import FileSpec, RawTable, data_files, read_file
from analysis.intake.reference import project_root
from analysis.intake.source import Extract, Options, Prepared, Source, refuse_options
from analysis.intake.validate import quote

if TYPE_CHECKING:
    from analysis.intake.pipeline import Delivery

_BESIDE_REPOSITORY = ("shared", "data")
Derived = tuple[RawTable, tuple[Cleaning, ...]]
"""Rows with what a mapping cannot say worked out, and what was done to how many of them."""


def _as_given(connection: Any, raw: RawTable) -> Derived:  # noqa: ARG001 - most files need nothing
    return raw, ()


def prepare(
    source: Source,
    data: str | None,
    options: Options,
    quarter: Quarter | None,  # noqa: ARG001 - all history is one file
    *,
    derive: Callable[[Any, RawTable], Derived] = _as_given,
) -> Prepared:
    """The published file found and hashed.

    Parameters
    ----------
    derive : what is worked out of the rows before they are mapped
    """
    refuse_options(source.name, options)
    mapping = mapping_of(source.name)
    path = find(source.name, mapping, data)
    key, sha256 = pseudonym_key(mapping.kind), sha256_of(path)

    def write(folder: Path) -> Extract:
        from analysis.intake.pipeline import write_tables

        notes: list[Cleaning] = []

        def bring(connection: Any) -> "list[Delivery]":
            delivery, found = _read(connection, mapping, path, derive)
            notes.extend(found)
            return [delivery]

        extract = write_tables(bring, mapping, folder, key=key)
        return noted(extract, tuple(notes), is_checked=sha256 == mapping.about.get("sha256"))

    return Prepared((repr(mapping), key_fingerprint(key), path.name, sha256), write)


def mapping_of(name: str) -> SourceMapping:
    """The committed mapping of an open data set."""
    return load_mapping(project_root() / "data" / "mappings" / f"{name}.toml")


def find(name: str, mapping: SourceMapping, data: str | None) -> Path:
    """The file given as DATA, the one that fits in the folder given, or the one staged beside the repository.

    Raises
    ------
    DataError : there is none, or the folder holds none or several that fit
    """
    where = _where_published(mapping)
    place = Path(data).expanduser() if data else project_root().parent.joinpath(*_BESIDE_REPOSITORY)
    if place.is_file():
        return place
    if data and not place.exists():
        raise DataError(f"The file {place.name} given as DATA does not exist.", hint=where)
    folders = [place] if data else [folder for folder in _folders(place) if folder.name.startswith(name)]
    fitting = [
        path
        for folder in folders
        if folder.is_dir()
        for path in data_files(folder)
        if any(path.match(pattern) for file in mapping.files for pattern in file.files)
    ]
    if len(fitting) == 1:
        return fitting[0]
    if not data:
        raise DataError(f"The source {name} needs the published file, and none was given.", hint=where)
    found = f"are {len(fitting)} files" if fitting else "is no file"
    raise DataError(f"In {place.name} there {found} of the source {name}.", hint=where)


def _folders(place: Path) -> list[Path]:
    return sorted(path for path in place.iterdir() if path.is_dir()) if place.is_dir() else []


def _where_published(mapping: SourceMapping) -> str:
    about = mapping.about
    return f"It is {about.get('file', 'a file')}, published with {about.get('published', 'no note')}. Write DATA=path."


def _read(
    connection: Any, mapping: SourceMapping, path: Path, derive: Callable[[Any, RawTable], Derived]
) -> "tuple[Delivery, list[Cleaning]]":
    """The file read once, whatever it is called, for every table that the mapping makes of it.

    Raises
    ------
    DataError : a line cannot be split into cells: what was published is whole
    """
    from analysis.intake.pipeline import Delivery

    raw = read_file(connection, FileSpec(path, path.name), relation="published")
    if raw.n_rejected:
        line = connection.execute(f"SELECT min(line) FROM {quote(raw.rejected)}").fetchone()[0]
        raise DataError(
            f"The file {path.name} is damaged: {raw.n_rejected:,} of its lines, the first of them line {line:,},"
            " cannot be split into the cells of its header.",
            hint=f"Fetch it again; it may be cut off. {_where_published(mapping)}",
        )
    raw, notes = derive(connection, raw)
    emptied = [note for file in mapping.files for note in _emptied(connection, raw, file)]
    return Delivery("", tuple((file, raw) for file in mapping.files)), [*notes, *_together(emptied)]


_EMPTIED = Text("代码表示没有记录，视为未知", "the code says that nothing is recorded: unknown")


def _emptied(connection: Any, raw: RawTable, file: FileMapping) -> Iterator[Cleaning]:
    for column, n_rows, examples in emptied_codes(connection, raw, file):
        yield Cleaning(file.table, column, _EMPTIED, n_rows, examples=examples)


def _together(notes: list[Cleaning]) -> Iterator[Cleaning]:
    """One note a column, where rows of a table are mapped in parts."""
    for place in dict.fromkeys((note.table, note.column) for note in notes):
        same = [note for note in notes if (note.table, note.column) == place]
        examples = tuple(dict.fromkeys(example for note in same for example in note.examples))
        yield replace(same[0], n_rows=sum(note.n_rows for note in same), examples=examples[:5])


_OTHER = Text(
    "文件与本项目核对过的版本不同，列名一致，已接受",
    "not a file this project was checked with; accepted, as its columns are right",
)


def noted(extract: Extract, notes: tuple[Cleaning, ...], *, is_checked: bool) -> Extract:
    """The extract with what was done to the rows, and whether its files are those the project was checked with."""
    inputs = tuple(dict.fromkeys(extract.inputs))
    if not is_checked:
        notes = (Cleaning("clients", "*", _OTHER, sum(given.rows for given in inputs)), *notes)
    parameters = extract.parameters | {"checked": is_checked}
    return replace(extract, inputs=inputs, cleaning=(*notes, *extract.cleaning), parameters=parameters)
