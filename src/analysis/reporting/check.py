"""Checks that gate publication. Each returns the problems it found, in plain words; none: the report may go out."""

import json
import re
import zipfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from analysis.core.blocks import BLOCK_MIME
from analysis.core.fact import by_id
from analysis.core.text import LANGUAGES, Language, Text
from analysis.present.format import render
from analysis.reporting.chapter import CHAPTER_MIME
from analysis.reporting.render.document import BlockJson, ReportContent, is_annexed

_DIGIT = re.compile(r"[0-9０-９]")
_EXTERNAL = re.compile(
    r"""(?:\b(?:src|href|action|poster|srcset|data)\s*=\s*["']?\s*|url\(\s*["']?|@import\s+["']?)"""
    r"""((?:https?:)?//[^"'\s)>]+)""",
    re.IGNORECASE,
)
_SCRIPT = re.compile(r"<script\b|<[a-z][^<>]*\son[a-z]+\s*=|\son[a-z]+\s*=\s*[\"']|javascript:", re.IGNORECASE)
PDF_FONTS = ("NotoSansCJK", "IBMPlexSans")
"""Families that may be embedded in a PDF; anything else means a system font slipped in."""
SYNTHETIC_MARK = Text("合成数据", "Synthetic data")


def check_notebook(notebook: Mapping[str, Any], name: str) -> list[str]:
    """Problems in an executed chapter: errors, warnings, and output that would be lost because it is no block."""
    problems: list[str] = []
    finished = False
    for number, cell in enumerate(notebook["cells"], start=1):
        for output in cell.get("outputs", ()):
            kind = output["output_type"]
            data = output.get("data", {})
            where = f"{name}, cell {number}"
            if kind == "error":
                problems.append(f"{where} ended with {output['ename']}: {output['evalue']}")
            elif kind == "stream":
                last = ["", *"".join(output["text"]).strip().splitlines()][-1]
                problems.append(f"{where} wrote to {output['name']} instead of showing a block: {last}")
            elif CHAPTER_MIME in data:
                finished = True
            elif BLOCK_MIME not in data:
                problems.append(f"{where} shows something that is no block and would be lost: {sorted(data)}")
    if not finished:
        problems.append(f"{name} does not end with chapter.finish()")
    return problems


def check_report(content: ReportContent, folder: Path) -> list[str]:
    """Problems of a rendered report in its staging folder, all of them at once.

    Parameters
    ----------
    folder : holds `facts.json` and for each language `report.html`, `report.pdf`, `tables.xlsx`, as far as built
    """
    problems = check_content(content)
    for language in LANGUAGES:
        for file, check in (("report.html", check_html), ("report.pdf", check_pdf), ("tables.xlsx", check_xlsx)):
            path = folder / language / file
            if path.is_file():
                problems += [f"{language}/{file}: {problem}" for problem in check(path, content, language)]
    facts = folder / "facts.json"
    if facts.is_file():
        listed = {row["id"]: row["value"] for row in json.loads(facts.read_text(encoding="utf-8"))}
        recorded = {fact.id: fact.value for fact in content.facts}
        differ = [
            id
            for id in sorted(listed | recorded)
            if (id in listed, listed.get(id)) != (id in recorded, recorded.get(id))
        ]
        if differ:
            problems.append(f"facts.json and the chapters differ in {differ[:5]}")
    return problems


def check_content(content: ReportContent) -> list[str]:
    """Every numeral in prose is a recorded fact, and both languages print the same ones."""
    facts = by_id(content.facts)
    problems: list[str] = []
    for chapter in content.chapters:
        if chapter.opening is None:
            problems.append(f"{chapter.name} has no opening with its headline")
        for block in chapter.blocks:
            for sentence in _sentences(block):
                problems += [f"{chapter.name}, {block['id']}: {p}" for p in _sentence_problems(sentence, facts)]
            problems += [f"{chapter.name}, {block['id']}: {p}" for p in _table_problems(block)]
    return problems


def _sentences(node: Any) -> Iterator[Mapping[str, Any]]:
    """Sentences anywhere in a block: mappings whose zh and en are lists of parts."""
    if isinstance(node, Mapping):
        if isinstance(node.get("zh"), list) and isinstance(node.get("en"), list) and "images" not in node:
            if all(isinstance(part, str) or "fact" in part for part in node["zh"]):
                yield node
            return
        for value in node.values():
            yield from _sentences(value)
    elif isinstance(node, list):
        for value in node:
            yield from _sentences(value)


def _sentence_problems(sentence: Mapping[str, Any], facts: Mapping[str, Any]) -> Iterator[str]:
    used: dict[str, set[str]] = {}
    for language in LANGUAGES:
        parts = sentence[language]
        used[language] = {part["fact"] for part in parts if not isinstance(part, str)}
        for part in parts:
            if isinstance(part, str):
                if _DIGIT.search(part):
                    yield f"a numeral that is no fact: {part!r}"
            elif part["fact"] not in facts:
                yield f"the fact {part['fact']} was never recorded"
            elif facts[part["fact"]].value != part["value"]:
                yield f"the fact {part['fact']} is {facts[part['fact']].value} but {part['value']} is printed"
    if used["zh"] != used["en"]:
        yield f"the languages print different facts: {sorted(used['zh'] ^ used['en'])}"


def _table_problems(block: BlockJson) -> Iterator[str]:
    table = block.get("behind") if block["kind"] == "figure" else block if block["kind"] == "table" else None
    if not table:
        return
    keys = {column["key"] for column in table["columns"]}
    for row in table["rows"]:
        if set(row["cells"]) - keys:
            yield f"cells without a column would be lost: {sorted(set(row['cells']) - keys)}"


def check_html(path: Path, content: ReportContent, language: Language) -> list[str]:
    """No external address, no script, every fact of the prose is there, the synthetic mark is there."""
    text = path.read_text(encoding="utf-8")
    problems = [f"asks the network for {address}" for address in sorted(set(_EXTERNAL.findall(text)))]
    if _SCRIPT.search(text):
        problems.append("holds a script")
    if "Content-Security-Policy" not in text:
        problems.append("has no content security policy")
    missing = [block["id"] for block in _blocks(content) if f'id="{block["id"]}"' not in text]
    if missing:
        problems.append(f"{len(missing)} blocks are not in it: {missing[:5]}")
    lost = [fact for fact in sorted(_prose_facts(content, language)) if f'data-fact="{fact}"' not in text]
    if lost:
        problems.append(f"{len(lost)} facts of the prose are not in it: {lost[:5]}")
    if content.kind == "synthetic" and SYNTHETIC_MARK[language] not in text:
        problems.append(f"does not say {SYNTHETIC_MARK[language]}")
    return problems


def check_pdf(path: Path, content: ReportContent, language: Language) -> list[str]:
    """Fonts embedded as expected, no missing glyph, running lines on every page, every number of the prose printed."""
    from pypdf import PdfReader

    reader = PdfReader(path)
    fonts: set[tuple[str, bool]] = set()
    texts = []
    for page in reader.pages:
        texts.append(page.extract_text())
        fonts |= set(_fonts(page))
    problems = [f"font {name} is not embedded" for name, embedded in sorted(fonts) if not embedded]
    strange = sorted(name for name, _ in fonts if not any(family in name for family in PDF_FONTS))
    if strange:
        problems.append(f"uses fonts that are not ours: {strange[:5]}")
    empty = [n for n, text in enumerate(texts, 1) if "\ufffd" in text or "\x00" in text]
    problems += [f"page {n} has a missing glyph" for n in empty]
    squeezed = [re.sub(r"\s", "", text) for text in texts]
    for mark in (content.report_id, *((SYNTHETIC_MARK[language],) if content.kind == "synthetic" else ())):
        wanted = re.sub(r"\s", "", mark)
        without = [n for n, text in enumerate(squeezed, 1) if wanted not in text]
        if without:
            problems.append(f"pages {without[:5]} do not carry {mark}")
    whole = "".join(squeezed)
    lost = sorted(number for number in _prose_numbers(content, language) if number not in whole)
    if lost:
        problems.append(f"{len(lost)} numbers of the prose are not printed: {lost[:5]}")
    return problems


def _fonts(page: Any) -> Iterator[tuple[str, bool]]:
    resources = page.get("/Resources")
    fonts = resources.get_object().get("/Font") if resources is not None else None
    for font in (fonts.get_object() if fonts is not None else {}).values():
        font = font.get_object()
        for one in font.get("/DescendantFonts", [font]):
            descriptor = one.get_object().get("/FontDescriptor")
            keys = set(descriptor.get_object()) if descriptor is not None else set()
            yield str(font.get("/BaseFont", "?")), bool(keys & {"/FontFile", "/FontFile2", "/FontFile3"})


def check_xlsx(path: Path, content: ReportContent, _language: Language) -> list[str]:
    """A whole workbook without formulas, one sheet a table."""
    problems: list[str] = []
    with zipfile.ZipFile(path) as book:
        if book.testzip() is not None:
            return ["is damaged"]
        sheets = [name for name in book.namelist() if name.startswith("xl/worksheets/")]
        if any(b"<f>" in book.read(name) or b"<f " in book.read(name) for name in sheets):
            problems.append("holds a formula")
    tables = sum(block["kind"] in {"table", "figure"} for block in _blocks(content))
    if len(sheets) < tables:
        problems.append(f"has {len(sheets)} sheets for {tables} tables")
    return problems


def _blocks(content: ReportContent) -> Iterator[BlockJson]:
    for chapter in content.chapters:
        yield from chapter.blocks


def _prose_facts(content: ReportContent, language: Language) -> set[str]:
    return {
        part["fact"]
        for block in _blocks(content)
        for sentence in _sentences(block)
        for part in sentence[language]
        if not isinstance(part, str)
    }


def _prose_numbers(content: ReportContent, language: Language) -> set[str]:
    """The numbers of the prose as they must be printed, without white space."""
    numbers = {
        render(part["value"], part["style"], language, content.currency, unit=False, size_only=part["size_only"])
        for block in _blocks(content)
        if not is_annexed(block)
        for sentence in _sentences(block)
        for part in sentence[language]
        if not isinstance(part, str) and part["value"] is not None
    }
    return {re.sub(r"\s", "", number) for number in numbers}
