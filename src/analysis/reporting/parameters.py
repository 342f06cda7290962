"""Parameters of a run: read from the notebooks' own `parameters` cells, judged by one typed model.

Nothing here imports pandas or Papermill, so that a wrong parameter is refused at once. Values are data: they are
coerced strictly and never evaluated.
"""

import ast
import json
import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated, Any

from analysis.core.errors import ParameterError
from analysis.core.quarter import Quarter
from analysis.core.text import LANGUAGES, Language
from analysis.intake.suggest import nearest
from analysis.reporting.definition import Definition, Literal, notebook_folder

KINDS: dict[str, type[Literal]] = {"str": str, "int": int, "float": float, "bool": bool}
RUN_NAMES = ("QUARTER", "SOURCE", "DATA", "REPORT", "BRANCH", "LANGS", "FORMATS")
FORMATS = ("html", "pdf", "xlsx")
FORMATS_TO_COME = ("docx",)
GIVEN_BY_RUN = {"source": "SOURCE", "quarter": "QUARTER", "data": "DATA", "language": "LANGS"}
"""Chapter parameters that follow from the run's own names and cannot be given beside them."""

_LONGEST = 4096
_INT = re.compile(r"[+-]?[0-9]{1,18}")
_FLOAT = re.compile(r"[+-]?([0-9]+\.?[0-9]*|\.[0-9]+)([eE][+-]?[0-9]{1,3})?")
_SPAN = re.compile(r"\bfrom (-?[0-9]+(?:\.[0-9]+)?) to (-?[0-9]+(?:\.[0-9]+)?)")
_BOOL = {"true": True, "false": False}
_KIND_WORDS = {"str": "a text", "int": "a whole number", "float": "a number", "bool": "true or false"}


@dataclass(frozen=True, slots=True)
class Declaration:
    """One parameter as a notebook declares it: `name: kind = default  # help`.

    A help that says `from 2 to 12` is believed: other values are refused before a kernel starts.
    """

    name: str
    kind: str
    default: Literal
    help: str = ""

    @property
    def span(self) -> tuple[float, float] | None:
        """Lowest and highest value of a number, where the help says so.

        Examples
        --------
        >>> Declaration("n_segments", "int", 5, "how many, from 2 to 12").span
        (2.0, 12.0)
        """
        found = _SPAN.search(self.help) if self.kind in ("int", "float") else None
        return (float(found[1]), float(found[2])) if found else None


@dataclass(frozen=True, slots=True)
class Request:
    """What a run was asked for, judged.

    Parameters
    ----------
    quarter : a quarter label, or `latest`
    data : path of a published file as given, empty for none
    chapters : every parameter a chapter declares with the value it gets, by chapter (quarter still as asked)
    """

    report: str
    quarter: str = "latest"
    source: str = "demo"
    data: str = ""
    branch: str = "all"
    langs: tuple[Language, ...] = LANGUAGES
    formats: tuple[str, ...] = FORMATS
    chapters: Mapping[str, Mapping[str, Literal]] = field(default_factory=dict)


def parameter_cell(notebook: Path) -> str:
    """Source of the cell tagged `parameters`.

    Raises
    ------
    ParameterError : the notebook is not one, or has none or several such cells
    """
    where = f"notebooks/{notebook.name}"
    try:
        cells = json.loads(notebook.read_text(encoding="utf-8"))["cells"]
    except (ValueError, KeyError, TypeError) as error:
        raise ParameterError(f"{where} is not a notebook.", hint="Open it in JupyterLab and save it.") from error
    tagged = [cell for cell in cells if "parameters" in cell.get("metadata", {}).get("tags", ())]
    if len(tagged) != 1:
        raise ParameterError(
            f"{where} has {len(tagged)} cells tagged 'parameters'; it needs one.",
            hint="Tag the first code cell in JupyterLab's property inspector.",
        )
    source = tagged[0]["source"]
    return source if isinstance(source, str) else "".join(source)


def read_declarations(notebook: Path) -> tuple[Declaration, ...]:
    """Parameters a notebook declares, in order. The cell is parsed, never run.

    Raises
    ------
    ParameterError : a line is anything but `name: str|int|float|bool = literal  # what it is`
    """
    source = parameter_cell(notebook)
    where = f"notebooks/{notebook.name}"
    rule = "Write name: str|int|float|bool = literal  # what it is."
    try:
        tree = ast.parse(source)
    except SyntaxError as error:
        raise ParameterError(
            f"The parameters cell of {where} cannot be read (line {error.lineno}).", hint=rule
        ) from error
    found: dict[str, Declaration] = {}
    for node in tree.body:
        declaration = _declaration(node, source.splitlines())
        if declaration is None or declaration.name in found:
            raise ParameterError(f"Line {node.lineno} of the parameters cell of {where} is no parameter.", hint=rule)
        found[declaration.name] = declaration
    return tuple(found.values())


def _declaration(node: ast.stmt, lines: list[str]) -> Declaration | None:
    if not (isinstance(node, ast.AnnAssign) and isinstance(node.target, ast.Name) and node.value is not None):
        return None
    kind = node.annotation.id if isinstance(node.annotation, ast.Name) else ""
    try:
        value = ast.literal_eval(node.value)
    except ValueError:
        return None
    if kind == "float" and type(value) is int:
        value = float(value)
    if kind not in KINDS or type(value) is not KINDS[kind] or node.target.id in RUN_NAMES:
        return None
    end = node.end_col_offset or 0
    rest = lines[(node.end_lineno or node.lineno) - 1].encode()[end:].decode()
    return Declaration(node.target.id, kind, value, rest.partition("#")[2].strip())


def declarations_of(definition: Definition, root: Path) -> dict[str, tuple[Declaration, ...]]:
    """Declarations by chapter; a name that two chapters share must have one kind."""
    folder = notebook_folder(root)
    found = {chapter: read_declarations(folder / f"{chapter}.ipynb") for chapter in definition.chapters}
    kinds: dict[str, tuple[str, str]] = {}
    for chapter, declared in found.items():
        for item in declared:
            kind, first = kinds.setdefault(item.name, (item.kind, chapter))
            if kind != item.kind:
                raise ParameterError(
                    f"Parameter {item.name} is {kind} in {first} but {item.kind} in {chapter}.",
                    hint="Declare it with one type.",
                )
    return found


def judge(given: Mapping[str, str], definition: Definition, root: Path) -> Request:
    """The request that names and values from the command line make, all as strings.

    Raises
    ------
    ParameterError : an unknown name, a value of the wrong kind, or a value out of range, with the nearest valid one
    """
    declared = declarations_of(definition, root)
    kinds = {item.name: item.kind for items in declared.values() for item in items if item.name not in GIVEN_BY_RUN}
    check_names(given, tuple(kinds))
    values = _run_values(given)
    own = {name: coerce(name, text, kinds[name]) for name, text in given.items() if name not in RUN_NAMES}
    common = _from_file(definition.parameters, kinds, "[parameters]", definition.name)
    per_chapter = {}
    for chapter, items in declared.items():
        local_kinds = {item.name: item.kind for item in items if item.name not in GIVEN_BY_RUN}
        local = _from_file(
            definition.chapter_parameters.get(chapter, {}), local_kinds, f"[chapters.{chapter}]", definition.name
        )
        set_values = {**common, **local, **own, **{k: values[v] for k, v in GIVEN_BY_RUN.items() if k != "language"}}
        per_chapter[chapter] = _validated(
            chapter, items, {k: v for k, v in set_values.items() if k in {i.name for i in items}}
        )
    return Request(
        report=definition.name,
        quarter=values["QUARTER"],
        source=values["SOURCE"],
        data=values["DATA"],
        branch=values["BRANCH"],
        langs=tuple(language for language in LANGUAGES if language in values["LANGS"].split()),
        formats=tuple(values["FORMATS"].split()),
        chapters=per_chapter,
    )


def report_name(given: Mapping[str, str]) -> str:
    """Which report is asked for."""
    return _plain("REPORT", given.get("REPORT", "")) or "quarterly"


def check_names(given: Iterable[str], chapter_names: tuple[str, ...]) -> None:
    """Refuse a name nobody declares. Only then are values looked at."""
    known = (*RUN_NAMES, *chapter_names)
    for name in given:
        if name in GIVEN_BY_RUN:
            raise ParameterError(f"{name!r} is given as {GIVEN_BY_RUN[name]}.", hint=f"Write {GIVEN_BY_RUN[name]}=….")
        if name not in known:
            raise ParameterError(f"There is no parameter {_shown(name)}.", hint=nearest(name[:200], known))


def _run_values(given: Mapping[str, str]) -> dict[str, str]:
    defaults = {"QUARTER": "latest", "SOURCE": "demo", "DATA": "", "REPORT": "quarterly", "BRANCH": "all"}
    defaults |= {"LANGS": " ".join(LANGUAGES), "FORMATS": " ".join(FORMATS)}
    values = {name: _plain(name, given.get(name, default)) for name, default in defaults.items()}
    values = {name: value or defaults[name] for name, value in values.items()}
    if values["QUARTER"] != "latest":
        Quarter(values["QUARTER"])
    if values["BRANCH"] != "all":
        raise ParameterError("Reports for one branch are not built yet.", hint="Leave BRANCH out, or write BRANCH=all.")
    later = [word for word in values["FORMATS"].split() if word in FORMATS_TO_COME]
    if later:
        raise ParameterError(
            f"The format {later[0]} is not built yet.", hint=f"Use one or more of: {', '.join(FORMATS)}."
        )
    values["LANGS"] = _subset("LANGS", values["LANGS"], LANGUAGES)
    values["FORMATS"] = _subset("FORMATS", values["FORMATS"], FORMATS)
    return values


def _subset(name: str, text: str, allowed: tuple[str, ...]) -> str:
    words = text.replace(",", " ").split()
    for word in words:
        if word not in allowed:
            raise ParameterError(f"{name} cannot be {_shown(word)}.", hint=nearest(word[:200], allowed))
    return " ".join(word for word in allowed if word in words)


def coerce(name: str, text: str, kind: str) -> Literal:
    """The value a command-line text stands for.

    Raises
    ------
    ParameterError : the text does not read as that kind

    Examples
    --------
    >>> coerce("n_segments", "6", "int"), coerce("share", "1e-2", "float"), coerce("name", "six", "str")
    (6, 0.01, 'six')
    """
    text = _plain(name, text)
    match kind:
        case "str":
            return text
        case "int" if _INT.fullmatch(text):
            return int(text)
        case "float" if _FLOAT.fullmatch(text) and math.isfinite(float(text)):
            return float(text)
        case "bool" if text.lower() in _BOOL:
            return _BOOL[text.lower()]
    raise ParameterError(
        f"{name} must be {_KIND_WORDS[kind]}, not {_shown(text)}.", hint=f"Write for example {name}={_EXAMPLE[kind]}."
    )


_EXAMPLE = {"str": "text", "int": "6", "float": "0.05", "bool": "true"}


def _plain(name: str, text: str) -> str:
    """The text, refused when it holds control characters or is overlong."""
    if len(text) > _LONGEST:
        raise ParameterError(f"The value of {name} is longer than {_LONGEST} characters.", hint="Shorten it.")
    if any(
        ord(sign) < 32 or ord(sign) in (127, 0x85, 0x2028, 0x2029) or 0xD800 <= ord(sign) <= 0xDFFF for sign in text
    ):
        raise ParameterError(
            f"The value of {name} holds a control character.", hint="Write it on one line, as plain text."
        )
    return text.strip()


def _shown(text: str) -> str:
    """A value as it may stand in a message: on one line, not too long."""
    short = text if len(text) <= 60 else text[:57] + "…"
    return repr(short)


def _from_file(raw: Mapping[str, Any], kinds: Mapping[str, str], section: str, report: str) -> dict[str, Literal]:
    """Values of a TOML section, refused where nobody declares the name or the type differs."""
    where = f"reports/{report}.toml {section}"
    for name, value in raw.items():
        if name not in kinds:
            raise ParameterError(f"{where}: there is no parameter {name!r}.", hint=nearest(name, tuple(kinds)))
        wanted = KINDS[kinds[name]]
        if type(value) is not wanted and not (wanted is float and type(value) is int):
            raise ParameterError(
                f"{where}: {name} must be {_KIND_WORDS[kinds[name]]}, not {_shown(str(value))}.",
                hint="Correct the file.",
            )
    return {name: KINDS[kinds[name]](value) for name, value in raw.items()}


def _validated(chapter: str, items: tuple[Declaration, ...], values: Mapping[str, Literal]) -> dict[str, Literal]:
    """Values of one chapter through the typed model of its parameters cell."""
    from pydantic import ConfigDict, Field, Strict, ValidationError, create_model

    fields: dict[str, Any] = {}
    for item in items:
        low, high = item.span or (None, None)
        fields[item.name] = (Annotated[KINDS[item.kind], Strict(), Field(ge=low, le=high)], item.default)
    model = create_model(
        f"Parameters_{chapter}", __config__=ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False), **fields
    )
    try:
        return dict(model(**values).model_dump())
    except ValidationError as error:
        first = error.errors()[0]
        name, value = str(first["loc"][0]), first["input"]
        about = next(item for item in items if item.name == name)
        raise ParameterError(
            f"{name} cannot be {_shown(str(value))}.", hint=f"In chapter {chapter} it is: {about.help}."
        ) from error
