"""What a build has to do: one step a chapter, with a key that changes exactly when its result may change.

Planning reads files and hashes them; it starts nothing and writes nothing.
"""

import hashlib
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

from analysis.core.errors import ParameterError
from analysis.core.provenance import digest
from analysis.reporting.definition import Definition, Literal, notebook_folder
from analysis.reporting.parameters import Request

if TYPE_CHECKING:
    from analysis.reporting.issue import Issue

_CHAPTER_CODE = ("reporting/chapter.py",)
"""The files of `reporting` that run inside a chapter; the rest only renders, so a change there needs no kernel."""


@dataclass(frozen=True, slots=True)
class Demands:
    """What a notebook says about itself in its metadata key `analysis`.

    Parameters
    ----------
    needs : canonical tables without which the chapter is left out
    uses : tables it can do without
    reads_facts : it reads the facts of the chapters before it, so it runs after them
    """

    needs: tuple[str, ...] = ()
    uses: tuple[str, ...] = ()
    reads_facts: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """One chapter of a build.

    Parameters
    ----------
    parameters : what the notebook gets, quarter resolved
    absent : needed tables the data do not have; the chapter is then left out
    parts : what the key is made of, by name, each as a digest
    """

    chapter: str
    notebook: Path
    parameters: Mapping[str, Literal]
    reads_facts: bool
    absent: tuple[str, ...]
    parts: Mapping[str, str]

    @property
    def key(self) -> str:
        return digest(f"{name}={value}" for name, value in sorted(self.parts.items()))


@dataclass(frozen=True, slots=True)
class Plan:
    """All steps of a build in the order of the report file.

    Parameters
    ----------
    issued : the report as it was issued for the quarter before, or None
    """

    definition: Definition
    request: Request
    quarter: str
    steps: tuple[Step, ...]
    parts: Mapping[str, str] = field(default_factory=dict)
    issued: "Issue | None" = None

    @property
    def key(self) -> str:
        """Changes when anything a published file depends on changes."""
        steps = [f"{step.chapter}={step.key}" for step in self.steps]
        return digest([*steps, *(f"{name}={value}" for name, value in sorted(self.parts.items()))])


def demands_of(notebook: Path) -> Demands:
    """The metadata key `analysis` of a notebook.

    Raises
    ------
    ParameterError : it holds something else than needs, uses and reads
    """
    raw: Any = json.loads(notebook.read_text(encoding="utf-8")).get("metadata", {}).get("analysis", {})
    where = f"notebooks/{notebook.name}"
    hint = 'Write "analysis": {"needs": ["positions"], "uses": [], "reads": "facts"}.'
    if (
        not isinstance(raw, dict)
        or set(raw) - {"needs", "uses", "reads"}
        or raw.get("reads") not in (None, "", "facts")
    ):
        raise ParameterError(f"The metadata key 'analysis' of {where} is not understood.", hint=hint)
    lists = [raw.get(name, []) for name in ("needs", "uses")]
    if not all(isinstance(items, list) and all(isinstance(item, str) for item in items) for items in lists):
        raise ParameterError(f"The metadata key 'analysis' of {where} is not understood.", hint=hint)
    return Demands(tuple(lists[0]), tuple(lists[1]), raw.get("reads") == "facts")


def make_plan(
    definition: Definition,
    request: Request,
    *,
    root: Path,
    quarter: str,
    tables: Sequence[str],
    data_key: str,
    policy_sha256: str,
    issued: "Issue | None" = None,
) -> Plan:
    """The steps of a build.

    Parameters
    ----------
    quarter : resolved, never `latest`
    tables : canonical tables the data have
    data_key : content key of the canonical tables
    policy_sha256 : of the policies in force
    issued : the report as it was issued for the quarter before, or None
    """
    shared = {
        "code": source_hash(chapter_code(root), root),
        "lock": file_hash(root / "requirements.lock"),
        "python": f"{sys.version_info.major}.{sys.version_info.minor}",
        "policies": digest([policy_sha256, tree_hash(root / "data" / "reference")]),
        "data": data_key,
        "quarter": quarter,
    }
    steps: list[Step] = []
    for chapter in definition.chapters:
        notebook = notebook_folder(root) / f"{chapter}.ipynb"
        demands = demands_of(notebook)
        absent = tuple(name for name in demands.needs if name not in tables)
        parameters = _resolved(request.chapters[chapter], quarter)
        parts = {
            **shared,
            "notebook": cells_hash(notebook),
            "texts": file_hash(notebook.with_suffix(".toml")),
            "parameters": digest(f"{name}={value!r}" for name, value in sorted(parameters.items()) if name != "data"),
            "tables": digest([*demands.needs, *demands.uses, *absent]),
        }
        steps.append(Step(chapter, notebook, parameters, demands.reads_facts, absent, parts))
    steps = _with_facts(steps)
    parts = rendering_parts(definition, request, root) | {"issued": issued.key if issued else ""}
    return Plan(definition, request, quarter, tuple(steps), parts, issued)


def _resolved(parameters: Mapping[str, Literal], quarter: str) -> dict[str, Literal]:
    return {name: quarter if name == "quarter" else value for name, value in parameters.items()}


def _with_facts(steps: list[Step]) -> list[Step]:
    """Chapters that read facts depend on all that run before them."""
    done: list[Step] = [step for step in steps if not step.reads_facts]
    out: dict[str, Step] = {step.chapter: step for step in done}
    for step in steps:
        if step.reads_facts:
            before = digest(f"{other.chapter}={other.key}" for other in done)
            new = Step(step.chapter, step.notebook, step.parameters, True, step.absent, {**step.parts, "facts": before})
            done.append(new)
            out[step.chapter] = new
    return [out[step.chapter] for step in steps]


def rendering_parts(definition: Definition, request: Request, root: Path) -> dict[str, str]:
    """What the published files depend on besides the chapters' results."""
    computing = set(chapter_code(root))
    rendering = [path for path in package_files(root) if path not in computing]
    texts = (definition.title, definition.short_title, definition.audience)
    return {
        "rendering": source_hash(rendering, root),
        "titles": digest([definition.name, *definition.chapters, *(t.zh for t in texts), *(t.en for t in texts)]),
        "editions": digest([*request.langs, *request.formats]),
    }


def package_files(root: Path) -> list[Path]:
    """Every source file and template of the package, sorted."""
    package = root / "src" / "analysis"
    return sorted(
        path
        for path in package.rglob("*")
        if path.is_file() and "__pycache__" not in path.parts and path.suffix != ".pyc"
    )


def chapter_code(root: Path) -> list[Path]:
    """Files of the package that can change what a chapter computes."""
    package = root / "src" / "analysis"

    def counts(path: Path) -> bool:
        name = path.relative_to(package).as_posix()
        return name in _CHAPTER_CODE or not name.startswith(("reporting/", "cli", "__main__"))

    return [path for path in package_files(root) if counts(path)]


def source_hash(files: Iterable[Path], root: Path) -> str:
    """A digest of names below the repository and bytes of files."""
    return digest(f"{path.relative_to(root).as_posix()}={file_hash(path)}" for path in files)


def file_hash(path: Path) -> str:
    """A digest of one file, or an empty string when it is not there."""
    return hashlib.sha256(path.read_bytes()).hexdigest()[:20] if path.is_file() else ""


def tree_hash(folder: Path) -> str:
    """A digest of all files below a folder, by relative name and bytes."""
    files = sorted(path for path in folder.rglob("*") if path.is_file()) if folder.is_dir() else []
    return digest(f"{path.relative_to(folder).as_posix()}={file_hash(path)}" for path in files)


def cells_hash(notebook: Path) -> str:
    """A digest of a notebook's code cells and their tags; opening and saving it in JupyterLab changes nothing."""
    cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    code = [cell for cell in cells if cell["cell_type"] == "code"]
    return digest(f"{sorted(cell['metadata'].get('tags', []))}{''.join(cell['source'])}" for cell in code)


def changed_parts(step: Step, before: Mapping[str, str] | None) -> tuple[str, ...]:
    """Names of the parts of a step's key that differ from the last build's; `never built` when there was none."""
    if before is None:
        return ("never built",)
    return tuple(name for name in sorted({*step.parts, *before}) if step.parts.get(name) != before.get(name))
