"""Open data through the folder source: a published file and a mapping in `data/mappings/` that says all there is."""

from dataclasses import replace
from pathlib import Path

from analysis.core.errors import DataError
from analysis.core.quarter import Quarter
from analysis.intake.mapping import SourceMapping, load_mapping
from analysis.intake.reading import data_files
from analysis.intake.reference import project_root
from analysis.intake.source import Options, Prepared, Source, refuse_options
from analysis.intake.sources.folder import Found, prepared_of

_BESIDE_REPOSITORY = ("shared", "data")


def prepare(source: Source, data: str | None, options: Options, quarter: Quarter | None) -> Prepared:  # noqa: ARG001
    """The published file found and hashed."""
    refuse_options(source.name, options)
    mapping = mapping_of(source.name)
    path = find(source.name, mapping, data)
    prepared = prepared_of(source, Found(path.parent, mapping, None, (("", (path,)),)))
    return replace(prepared, overlay=None)


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
    found = f"{len(fitting)} files" if fitting else "no file"
    raise DataError(f"In {place.name} there is {found} of the source {name}.", hint=where)


def _folders(place: Path) -> list[Path]:
    return sorted(path for path in place.iterdir() if path.is_dir()) if place.is_dir() else []


def _where_published(mapping: SourceMapping) -> str:
    about = mapping.about
    return f"It is {about.get('file', 'a file')}, published with {about.get('published', 'no note')}. Write DATA=path."
