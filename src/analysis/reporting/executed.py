"""Reads an executed notebook: blocks, facts, cautions and complaints; and takes out what changes from run to run."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from analysis.core.blocks import BLOCK_MIME, Opening, Paragraph, Sentence
from analysis.core.fact import Fact, by_id
from analysis.core.text import Text
from analysis.reporting.chapter import CHAPTER_MIME, read_texts

_KEPT_METADATA = ("kernelspec", "language_info", "analysis")
_ANSI = re.compile(r"\x1b\[[0-9;]*m")
_KERNEL_FILE = re.compile(r"\S*ipykernel_[0-9]+/[0-9]+\.py")
_ADDRESS = re.compile(r"\b0x[0-9a-f]{6,16}\b")
_DATABASE = re.compile(r"\b(?!https?\b|file\b)([a-z][a-z0-9+]*)://[^\s\"'<>]+")
"""Addresses of databases: which server a bank keeps its data on is nobody else's business."""
_FAR_PATH = re.compile(r"(?<![\w.:/<])/(?:[^\s/'\"<>]+/)+([^\s/'\"<>]*)")


@dataclass(frozen=True, slots=True)
class ChapterResult:
    """What one chapter left.

    Parameters
    ----------
    blocks : as JSON, in the order shown
    facts : in the order printed
    complaints : lines its cells wrote to standard error, such as warnings
    finished : it ended with `chapter.finish()`
    notebook : executed and scrubbed, as JSON; None for a chapter that was left out
    """

    chapter: str
    blocks: tuple[dict[str, Any], ...]
    facts: tuple[Fact, ...] = ()
    cautions: tuple[Text, ...] = ()
    complaints: tuple[str, ...] = ()
    finished: bool = True
    notebook: Mapping[str, Any] | None = None


def read_result(chapter: str, notebook: Mapping[str, Any]) -> ChapterResult:
    """The result an executed notebook holds."""
    blocks: list[dict[str, Any]] = []
    complaints: list[str] = []
    closing: Mapping[str, Any] | None = None
    for output in (output for cell in notebook["cells"] for output in cell.get("outputs", ())):
        data = output.get("data", {})
        if BLOCK_MIME in data:
            blocks.append(data[BLOCK_MIME])
        if CHAPTER_MIME in data:
            closing = data[CHAPTER_MIME]
        if output["output_type"] == "stream" and output["name"] == "stderr":
            complaints += [line for line in joined(output["text"]).splitlines() if line.strip()]
    return ChapterResult(
        chapter=chapter,
        blocks=tuple(blocks),
        facts=tuple(Fact.of(row) for row in closing["facts"]) if closing else (),
        cautions=tuple(Text.of(pair) for pair in closing["cautions"]) if closing else (),
        complaints=tuple(complaints),
        finished=closing is not None,
        notebook=notebook,
    )


def absent_result(chapter: str, tables: Iterable[str], root: Path) -> ChapterResult:
    """The page that stands for a chapter whose tables the data do not have: it says what it would take."""
    from analysis.intake.schemas import SCHEMAS

    texts = read_texts(chapter, root)
    labels = [SCHEMAS[name].label if name in SCHEMAS else Text(name, name) for name in tables]
    listed = Text("、".join(label.zh for label in labels), " and ".join(label.en for label in labels))
    headline = Sentence.of("数据不足，本章未编制", "Left out: the data do not reach")
    sentence = Sentence.of(
        "本章需要而数据中没有的表：{tables}。补充后重新运行，本章自动编制。",
        "This chapter needs tables that the data do not have: {tables}. Supply them and run again; it is then written.",
        tables=listed,
    )
    name = texts.get("name", Text(chapter, chapter))
    opening = Opening(f"absent_{chapter}_opening", name, texts.get("question", name), headline)
    blocks = (opening, Paragraph(f"absent_{chapter}_tables", sentence, role="caution"))
    return ChapterResult(chapter, tuple(block.as_json() | {"chapter": chapter} for block in blocks))


def merged_facts(results: Iterable[ChapterResult]) -> tuple[Fact, ...]:
    """Facts of several chapters in order, each once.

    Raises
    ------
    ValueError : two chapters record different facts under one id
    """
    return tuple(by_id(fact for result in results for fact in result.facts).values())


def scrubbed(notebook: Mapping[str, Any], root: Path) -> dict[str, Any]:
    """A copy without times, paths, addresses and Papermill's own metadata: the same run gives the same bytes."""
    cells = []
    for number, cell in enumerate(notebook["cells"]):
        tags = [tag for tag in cell["metadata"].get("tags", ()) if not tag.startswith("papermill-error")]
        kept: dict[str, Any] = {
            "cell_type": cell["cell_type"],
            "id": f"cell-{number}",
            "metadata": {"tags": tags} if tags else {},
            "source": plain_paths(joined(cell["source"]), root),
        }
        if cell["cell_type"] == "code":
            kept["execution_count"] = cell.get("execution_count")
            kept["outputs"] = [_output(output, root) for output in cell.get("outputs", ())]
        cells.append(kept)
    metadata = {key: notebook["metadata"][key] for key in _KEPT_METADATA if key in notebook["metadata"]}
    return {"cells": cells, "metadata": _plain(metadata), "nbformat": 4, "nbformat_minor": 5}


def _output(output: Mapping[str, Any], root: Path) -> dict[str, Any]:
    kept: dict[str, Any] = _plain(output)
    kept.pop("transient", None)
    match kept["output_type"]:
        case "stream":
            kept["text"] = plain_paths(joined(kept["text"]), root)
        case "error":
            kept["traceback"] = [plain_paths(line, root) for line in kept["traceback"]]
        case _:
            texts = {name: value for name, value in kept["data"].items() if name in ("text/plain", "text/html")}
            for name, value in texts.items():
                kept["data"][name] = _ADDRESS.sub("0x…", joined(value)) if name == "text/plain" else joined(value)
    return kept


def plain_paths(text: str, root: Path) -> str:
    """The text with paths below the repository made relative, others cut to the file's name, addresses left out.

    Examples
    --------
    >>> plain_paths("no file /srv/desk/raw/loans.csv", Path("/srv/desk/repository"))
    'no file …/loans.csv'
    >>> plain_paths('data = "postgresql://reader@host:5432/bank"', Path("/srv"))
    'data = "postgresql://…"'
    """
    text = _DATABASE.sub(r"\1://…", text)
    text = _KERNEL_FILE.sub("<cell>", _ANSI.sub("", text))
    text = text.replace(f"{root}/", "").replace(str(root), ".")
    return _FAR_PATH.sub(r"…/\1", text)


def joined(text: str | list[str]) -> str:
    """A notebook's text field as one string."""
    return text if isinstance(text, str) else "".join(text)


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
