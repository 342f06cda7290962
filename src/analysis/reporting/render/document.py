"""A report in memory: header, chapters of block JSON, numbers of figures and tables. Every renderer starts from here.

A report is also one notebook document: `to_notebook` and `content_from_notebook` go both ways, so that nbconvert
exports a joined report and a single executed chapter along the same path.
"""

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from datetime import date
from typing import Any, Literal

import nbformat.v4

from analysis.core.blocks import BLOCK_MIME
from analysis.core.errors import ReportError
from analysis.core.fact import Fact
from analysis.core.quarter import Quarter
from analysis.core.text import Text
from analysis.core.units import CURRENCIES, Currency
from analysis.reporting.chapter import CHAPTER_MIME

HEADER_KEY = "analysis_report"
"""Notebook metadata that carries the header of the report."""
CHAPTER_KEY = "analysis_chapter"
"""Cell metadata that names the chapter a cell belongs to."""
ALONE = "chapter"
"""Name of the report that one chapter alone makes."""
SUMMARY_CHAPTER = "90_summarise"
"""Printed first and numbered 〇 / 0."""

Kind = Literal["synthetic", "open", "production"]
State = Literal["good", "near", "bad", "none"]
BlockJson = dict[str, Any]

_NUMBERED = {"figure": Text("图", "Figure"), "table": Text("表", "Table"), "annex": Text("附表", "Annex table")}
_ZH_DIGITS = "〇一二三四五六七八九十"
_ZH_QUARTERS = "一二三四"


@dataclass(frozen=True, slots=True)
class ControlRow:
    """One line of the control page: what was checked, what came out, and its state with a word (none: no sign).

    Parameters
    ----------
    is_light : it also stands at the head of the page on screen
    """

    label: Text
    value: Text
    state: State = "none"
    word: Text = field(default=Text("", ""))
    is_light: bool = False


@dataclass(frozen=True, slots=True)
class ChapterContent:
    """One chapter: the JSON of its blocks in order (`core.blocks`, `as_json()`) and the facts they print."""

    name: str
    blocks: tuple[BlockJson, ...]
    facts: tuple[Fact, ...] = ()

    @property
    def opening(self) -> BlockJson | None:
        """The block with name, question and headline, if the chapter has one."""
        return next((block for block in self.blocks if block["kind"] == "opening"), None)


@dataclass(frozen=True, slots=True)
class ReportContent:
    """Everything a reader sees, in both languages.

    Parameters
    ----------
    source_title : what kind of data these are, in one line
    mark : 内部资料 / Internal
    chapters : in printed order, the summary first
    control_headline : sentence JSON: may this issue be quoted
    appendix : table blocks: KPI definitions, policy rows, parameters
    own_facts : numbers of the appendix and the control page, which belong to no chapter
    """

    report: str
    title: Text
    short_title: Text
    quarter: Quarter
    as_of: date
    source: str
    source_title: Text
    kind: Kind
    bank: Text
    mark: Text
    report_id: str
    version: str
    currency: Currency
    chapters: tuple[ChapterContent, ...]
    control: tuple[ControlRow, ...] = ()
    control_headline: Mapping[str, Any] = field(default_factory=lambda: {"zh": [], "en": []})
    appendix: tuple[BlockJson, ...] = ()
    own_facts: tuple[Fact, ...] = ()

    @property
    def facts(self) -> tuple[Fact, ...]:
        return (*(fact for chapter in self.chapters for fact in chapter.facts), *self.own_facts)


def quarter_text(quarter: Quarter) -> Text:
    """A quarter in words.

    Examples
    --------
    >>> quarter_text(Quarter("2026Q3"))
    Text(zh='2026 年第三季度', en='2026 Q3')
    """
    return Text(
        f"{quarter.year} 年第{_ZH_QUARTERS[quarter.number - 1]}季度",
        f"{quarter.year} Q{quarter.number}",
    )


def chapter_number(index: int) -> Text:
    """The printed number of a chapter, 0 for the summary.

    Examples
    --------
    >>> [chapter_number(k).zh for k in (0, 1, 10, 11, 20, 21)]
    ['〇', '一', '十', '十一', '二十', '二十一']
    """
    if index <= 10:
        zh = _ZH_DIGITS[index]
    else:
        tens, ones = divmod(index, 10)
        zh = (_ZH_DIGITS[tens] if tens > 1 else "") + "十" + (_ZH_DIGITS[ones] if ones else "")
    return Text(zh, str(index))


def chapter_indices(content: ReportContent) -> tuple[int, ...]:
    """Number of each chapter in printed order; only the summary is 0."""
    first = 0 if content.chapters and content.chapters[0].name == SUMMARY_CHAPTER else 1
    return tuple(range(first, first + len(content.chapters)))


def number_blocks(content: ReportContent) -> dict[str, Text]:
    """The number of each figure and table by block id: 图 1-2 / Figure 1-2, 附表 1-1 / Annex table 1-1 for tables that
    are not on paper, 表 A-1 / Table A-1 in the appendix."""
    sections: list[tuple[str, Iterable[BlockJson]]] = [
        (str(index), chapter.blocks) for index, chapter in zip(chapter_indices(content), content.chapters, strict=True)
    ]
    numbers: dict[str, Text] = {}
    for prefix, blocks in [*sections, ("A", content.appendix)]:
        counts = {"figure": 0, "table": 0, "annex": 0}
        for block in blocks:
            if block["kind"] not in ("figure", "table"):
                continue
            kind = "annex" if is_annexed(block) else block["kind"]
            if block["id"] in numbers:
                raise ReportError(
                    f"two figures or tables share the id {block['id']}.", hint="Give each an id of its own."
                )
            counts[kind] += 1
            place = f"{prefix}-{counts[kind]}"
            word = _NUMBERED[kind]
            numbers[block["id"]] = Text(f"{word.zh} {place}", f"{word.en} {place}")
    return numbers


def is_annexed(block: Mapping[str, Any]) -> bool:
    """Whether a block is a table that stands in the workbook and on screen, not on paper."""
    return bool(block.get("in_annex"))


def header_json(content: ReportContent) -> dict[str, Any]:
    """Everything but the blocks, as JSON for the notebook's metadata."""
    texts = {key: getattr(content, key).as_json() for key in ("title", "short_title", "source_title", "bank", "mark")}
    plain = {key: getattr(content, key) for key in ("report", "source", "kind", "report_id", "version")}
    return {
        **plain,
        **texts,
        "quarter": str(content.quarter),
        "as_of": content.as_of.isoformat(),
        "currency": _currency_json(content.currency),
        "control": [
            {
                "label": r.label.as_json(),
                "value": r.value.as_json(),
                "state": r.state,
                "word": r.word.as_json(),
                "is_light": r.is_light,
            }
            for r in content.control
        ],
        "control_headline": dict(content.control_headline),
        "appendix": list(content.appendix),
        "facts": {chapter.name: [fact.as_json() for fact in chapter.facts] for chapter in content.chapters},
        "own_facts": [fact.as_json() for fact in content.own_facts],
    }


def _currency_json(currency: Currency) -> dict[str, Any]:
    return {**asdict(currency), "name": currency.name.as_json()}


def to_notebook(content: ReportContent) -> Any:
    """The report as one executed notebook (`NotebookNode`): a cell a block, the header in its metadata."""
    v4: Any = nbformat.v4  # its builders are untyped
    cells = []
    for chapter in content.chapters:
        for position, block in enumerate(chapter.blocks):
            output = v4.new_output("display_data", data={BLOCK_MIME: block}, metadata={})
            cell = v4.new_code_cell(
                source="", outputs=[output], execution_count=None, metadata={CHAPTER_KEY: chapter.name}
            )
            cell["id"] = re.sub(r"[^A-Za-z0-9_-]", "-", f"{chapter.name}-{position}")[-64:]
            cells.append(cell)
    return v4.new_notebook(cells=cells, metadata={HEADER_KEY: header_json(content)})


def content_from_notebook(notebook: Mapping[str, Any]) -> ReportContent:
    """The report an executed notebook holds: a joined report, or one chapter alone with defaults for the header.

    Markdown cells are notes of the researcher and are never read. An error output refuses the whole document.
    """
    blocks: dict[str, list[BlockJson]] = {}
    facts: dict[str, list[Any]] = {}
    header: dict[str, Any] = dict(notebook["metadata"].get(HEADER_KEY, {}))
    said: dict[str, Any] = {}
    for name, output in _outputs(notebook):
        if output["output_type"] == "error":
            raise ReportError(
                f"a cell of {name} ended with an error: {output['ename']}: {output['evalue']}",
                hint="Run the chapter to its end first.",
            )
        data = output.get("data", {})
        if BLOCK_MIME in data:
            block = _plain(data[BLOCK_MIME])
            blocks.setdefault(block.get("chapter", name), []).append(block)
        if CHAPTER_MIME in data:
            said = _plain(data[CHAPTER_MIME])
            facts[said["name"]] = said["facts"]
    if not blocks:
        raise ReportError("the notebook holds no blocks.", hint="Execute it first; chapter.show emits them.")
    facts |= header.get("facts", {})
    chapters = tuple(
        ChapterContent(name, tuple(items), tuple(Fact.of(row) for row in facts.get(name, ())))
        for name, items in blocks.items()
    )
    return _content(_with_defaults(header, said, notebook, chapters), chapters)


def _outputs(notebook: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for cell in notebook["cells"]:
        if cell["cell_type"] == "code":
            name = str(cell["metadata"].get(CHAPTER_KEY) or "chapter")
            for output in cell.get("outputs", []):
                yield name, output


def _content(header: Mapping[str, Any], chapters: tuple[ChapterContent, ...]) -> ReportContent:
    currency = dict(header["currency"])
    scales = {key: (float(currency[key][0]), str(currency[key][1])) for key in currency if "_" in key}
    return ReportContent(
        report=header["report"],
        source=header["source"],
        kind=header["kind"],
        report_id=header["report_id"],
        version=header["version"],
        title=Text.of(header["title"]),
        short_title=Text.of(header["short_title"]),
        source_title=Text.of(header["source_title"]),
        bank=Text.of(header["bank"]),
        mark=Text.of(header["mark"]),
        quarter=Quarter(header["quarter"]),
        as_of=date.fromisoformat(header["as_of"]),
        currency=Currency(code=currency["code"], name=Text.of(currency["name"]), **scales),
        chapters=chapters,
        control=tuple(
            ControlRow(Text.of(r["label"]), Text.of(r["value"]), r["state"], Text.of(r["word"]), r["is_light"])
            for r in header["control"]
        ),
        control_headline=header["control_headline"],
        appendix=tuple(_plain(block) for block in header["appendix"]),
        own_facts=tuple(Fact.of(row) for row in header["own_facts"]),
    )


def _with_defaults(
    header: Mapping[str, Any],
    said: Mapping[str, Any],
    notebook: Mapping[str, Any],
    chapters: tuple[ChapterContent, ...],
) -> dict[str, Any]:
    """The header completed from what `Chapter.finish` said (quarter, source, currency), then from fixed words."""
    quarter = header.get("quarter") or said.get("quarter") or _quarter_of(notebook)
    currency = CURRENCIES[said.get("currency", "CNY")]
    opening = chapters[0].opening
    name = opening["name"] if opening else Text("单章", "Single chapter").as_json()
    defaults: dict[str, Any] = {
        "report": ALONE,
        "title": name,
        "short_title": header.get("title", name),
        "quarter": quarter,
        "as_of": Quarter(quarter).end.isoformat(),
        "source": said.get("source", ""),
        "source_title": Text("单章预览，未经报告检查", "One chapter alone, not checked as a report").as_json(),
        "kind": said.get("kind", "synthetic"),
        "bank": Text("", "").as_json(),
        "mark": Text("内部资料", "Internal").as_json(),
        "report_id": f"C-{quarter}",
        "version": "0",
        "currency": _currency_json(currency),
        "control": [],
        "control_headline": {"zh": [], "en": []},
        "appendix": [],
        "own_facts": [],
    }
    return defaults | dict(header)


def _quarter_of(notebook: Mapping[str, Any]) -> str:
    """The quarter among the notebook's parameters: papermill's metadata first, then the parameter cells."""
    parameters = notebook["metadata"].get("papermill", {}).get("parameters", {})
    sources = [f'quarter = "{parameters.get("quarter", "")}"', *_parameter_cells(notebook)]
    for source in sources:
        match = re.search(r"^quarter\b[^=\n]*=\s*[\"']([0-9]{4}Q[1-4])[\"']", source, re.MULTILINE)
        if match:
            return match[1]
    raise ReportError(
        "the notebook does not say which quarter it speaks of.",
        hint='Run it with quarter="2026Q3" or so, or through analysis report.',
    )


def _parameter_cells(notebook: Mapping[str, Any]) -> Iterator[str]:
    for cell in reversed(notebook["cells"]):
        if {"parameters", "injected-parameters"} & set(cell["metadata"].get("tags", ())):
            yield str(cell["source"])


def _plain(value: Any) -> Any:
    """Notebook nodes as plain dicts and lists."""
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    return value
