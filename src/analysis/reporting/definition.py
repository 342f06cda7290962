"""Where the repository is, and what a report is: a TOML file with title, chapters in order and parameters."""

import os
import tomllib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from analysis.core.errors import ParameterError
from analysis.core.text import Text
from analysis.intake.suggest import nearest

HOME_VARIABLE = "ANALYSIS_HOME"
Literal = str | int | float | bool

_KEYS = {"title", "short_title", "audience", "order", "parameters", "chapters"}


@dataclass(frozen=True, slots=True)
class Definition:
    """One report as its TOML file states it.

    Parameters
    ----------
    name : the file's name without ending, also the folder under reports/build
    chapters : notebook names in the order of the file
    parameters : values for every chapter that declares the name
    chapter_parameters : values for one chapter, by chapter
    """

    name: str
    title: Text
    short_title: Text
    audience: Text
    chapters: tuple[str, ...]
    parameters: Mapping[str, Literal] = field(default_factory=dict)
    chapter_parameters: Mapping[str, Mapping[str, Literal]] = field(default_factory=dict)


def repository_root() -> Path:
    """The repository this package is run from: ANALYSIS_HOME if it is set, else the folder above `src`.

    Raises
    ------
    ParameterError : neither holds a pyproject.toml
    """
    given = os.environ.get(HOME_VARIABLE)
    root = Path(given).expanduser().resolve() if given else Path(__file__).resolve().parents[3]
    if not (root / "pyproject.toml").is_file():
        raise ParameterError(
            f"The folder {root.name!r} is not the repository of this project: it has no pyproject.toml.",
            hint=f"Run from an editable install, or set {HOME_VARIABLE} to the repository.",
        )
    return root


def notebook_folder(root: Path | None = None) -> Path:
    """Folder of the chapters."""
    return (root or repository_root()) / "notebooks"


def cache_folder(root: Path | None = None) -> Path:
    """Folder of intermediate results, keyed by content, safe to delete."""
    return (root or repository_root()) / "data" / "cache"


def build_root(root: Path | None = None) -> Path:
    """Folder of the finished reports."""
    return (root or repository_root()) / "reports" / "build"


def report_names(root: Path) -> tuple[str, ...]:
    """Names of the reports that can be built."""
    return tuple(sorted(path.stem for path in (root / "reports").glob("*.toml")))


def read_definition(name: str, root: Path) -> Definition:
    """The report called `name`.

    Raises
    ------
    ParameterError : no such report, or its file is not what it should be
    """
    known = report_names(root)
    if name not in known:
        raise ParameterError(f"There is no report {name!r}.", hint=nearest(name, known))
    path = root / "reports" / f"{name}.toml"
    where = f"reports/{name}.toml"
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ParameterError(f"{where} cannot be read: {error}.", hint="Correct the file.") from error
    return _definition(name, raw, where, root)


def _definition(name: str, raw: Mapping[str, Any], where: str, root: Path) -> Definition:
    unknown = sorted(set(raw) - _KEYS)
    if unknown:
        raise ParameterError(f"{where} has an unknown key {unknown[0]!r}.", hint=nearest(unknown[0], sorted(_KEYS)))
    order, own, common = raw.get("order"), raw.get("chapters", {}), raw.get("parameters", {})
    if not isinstance(order, list) or not order or not all(isinstance(item, str) for item in order):
        raise ParameterError(f"{where} lists no chapters.", hint='Write order = ["10_…", …].')
    if not isinstance(common, dict) or not isinstance(own, dict) or not all(isinstance(v, dict) for v in own.values()):
        raise ParameterError(
            f"{where} has parameters that are no table.", hint="Write [parameters] and [chapters.NAME]."
        )
    if len(set(order)) < len(order):
        raise ParameterError(f"{where} lists a chapter twice.", hint="Name each chapter once.")
    notebooks = tuple(sorted(path.stem for path in notebook_folder(root).glob("*.ipynb")))
    for chapter in order:
        if chapter not in notebooks:
            raise ParameterError(
                f"{where} names a chapter {chapter!r} without a notebook.", hint=nearest(chapter, notebooks)
            )
    for chapter in own:
        if chapter not in order:
            raise ParameterError(
                f"{where} has parameters for {chapter!r}, which it does not list.",
                hint=nearest(chapter, tuple(order)),
            )
    texts = {key: _text(raw, key, where) for key in ("title", "short_title", "audience")}
    return Definition(
        name=name,
        chapters=tuple(order),
        parameters=common,
        chapter_parameters=own,
        **texts,
    )


def _text(raw: Mapping[str, Any], key: str, where: str) -> Text:
    pair = raw.get(key)
    if not isinstance(pair, dict) or set(pair) != {"zh", "en"} or not all(isinstance(v, str) for v in pair.values()):
        raise ParameterError(f"{where} needs {key} in both languages.", hint=f'Write {key} = {{ zh = "…", en = "…" }}.')
    return Text.of(pair)
