"""What the printed page shows, as plain JSON for the Typst template: every text final, every number printed."""

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from analysis.core.blocks import Column, Row, Sentence, Table
from analysis.core.errors import ReportError
from analysis.core.text import Language, Text
from analysis.core.units import Currency
from analysis.present.format import render, sentence_runs, unit_word
from analysis.present.theme import brand
from analysis.reporting.render.document import (
    ALONE,
    BlockJson,
    ChapterContent,
    ReportContent,
    chapter_indices,
    chapter_number,
    is_annexed,
    number_blocks,
    quarter_text,
)
from analysis.reporting.render.table_layout import (
    bar_lengths,
    decimal_pads,
    heat_fills,
    is_chip,
    lay_out,
    signs_note,
    split,
    texts_of,
)
from analysis.reporting.render.words import (
    CHIP_STATES,
    ORDINALS,
    STATE_SIGNS,
    WORDS,
    cover_facts,
    footer_line,
    header_line,
)

_WHOLE_ROWS = 14
"""A table of at most so many rows stays on one page; a longer one breaks and repeats its header."""
_ROW_PADDING = 2.8
_TITLE_LINE = 12
"""Chinese characters a cover title may have on one line; 15 would fit at 30 pt but leave no air."""
_ENDINGS = {"image/svg+xml": "svg", "image/png": "png"}


@dataclass(slots=True)
class _Printer:
    """One report in one language on its way to the page; collects the image files as it goes."""

    content: ReportContent
    language: Language
    numbers: Mapping[str, Text]
    files: dict[str, bytes] = field(default_factory=dict)

    @property
    def annexed(self) -> set[str]:
        """Ids of the tables that are not on paper, so that nothing links to them."""
        return {block["id"] for chapter in self.content.chapters for block in chapter.blocks if is_annexed(block)}

    @property
    def currency(self) -> Currency:
        return self.content.currency

    def word(self, key: str) -> str:
        return WORDS[key][self.language]

    def runs(self, sentence: Any) -> list[list[Any]]:
        return [[run.text, run.bold] for run in sentence_runs(sentence, self.language, self.currency)]

    def mark(self, item: Mapping[str, Any]) -> str:
        """The data caution that a conclusion, tile, table or figure carries, if it does."""
        return f"◆ {item['mark'][self.language]}" if "mark" in item else ""

    def blocks(self, blocks: Sequence[BlockJson]) -> list[dict[str, Any]]:
        """The pieces a chapter prints below its opening; what stands in the annex is named at the end."""
        printed = [block for block in blocks if block["kind"] != "opening" and not is_annexed(block)]
        pieces = [piece for block in printed for piece in self.block(block)]
        return [*pieces, *self._annex([block for block in blocks if is_annexed(block)])]

    def _annex(self, tables: Sequence[BlockJson]) -> list[dict[str, Any]]:
        """One line that names the tables of the chapter that are not on paper."""
        if not tables:
            return []
        language = self.language
        names = [f"{self.numbers[table['id']][language]} {table['title'][language]}" for table in tables]
        listed = ("、" if language == "zh" else "; ").join(names)
        said = [[self.word("annex") + listed + ("。" if language == "zh" else "."), False]]
        return [{"kind": "paragraph", "role": "text", "word": "", "text": said, "mark": ""}]

    def block(self, block: BlockJson) -> list[dict[str, Any]]:
        """One block as the pieces it prints."""
        match block["kind"]:
            case "paragraph":
                role = block["role"]
                word = "" if role == "text" else self.word(role)
                said = self.runs(block["sentence"])
                return [{"kind": "paragraph", "role": role, "word": word, "text": said, "mark": self.mark(block)}]
            case "findings":
                return [{"kind": "findings", "items": [self._finding(*pair) for pair in enumerate(block["items"])]}]
            case "tiles":
                tiles = [self._tile(tile) for tile in block["tiles"]]
                return [{"kind": "tiles", "tiles": tiles, "note": self.runs(block["note"])}]
            case "table":
                return self.table(block)
            case "figure":
                return [self._figure(block)]
            case kind:
                raise ReportError(f"block {block['id']} is of kind {kind}, which the PDF does not know.")

    def _finding(self, index: int, item: Mapping[str, Any]) -> dict[str, Any]:
        target = item["refers_to"]
        if target not in self.numbers and self.content.report == ALONE:
            target = ""  # it stands in a chapter that is not here
        if target and target not in self.numbers:
            raise ReportError(
                f"a finding refers to {target}, which no chapter shows.", hint="Name a figure or table of this report."
            )
        return {
            "ordinal": ORDINALS[index][self.language] if index < len(ORDINALS) else "",
            "text": self.runs(item["sentence"]),
            "mark": self.mark(item),
            "reference": self.numbers[target][self.language] if target else None,
            "target": "" if target in self.annexed else f"b-{target}",
        }

    def _tile(self, tile: Mapping[str, Any]) -> dict[str, Any]:
        value, language = tile["value"], self.language
        is_fact = "fact" in value
        how = (value["style"], language, self.currency) if is_fact else None
        return {
            "name": tile["name"][language],
            "value": render(value["value"], *how, unit=False, size_only=value["size_only"]) if how else value[language],
            "unit": unit_word(*how, short=True) if how and value["unit"] and value["value"] is not None else "",
            "changes": [self.runs(change) for change in tile["changes"][:2]],
            "state": tile["state"],
            "sign": STATE_SIGNS[tile["state"]],
            "state_text": self.runs(tile["state_sentence"]),
            "mark": self.mark(tile),
            "spark": spark(tile["series"], tile["target"]),
        }

    def table(self, block: BlockJson) -> list[dict[str, Any]]:
        """The table, in several parts of the same number when its columns do not fit side by side."""
        language = self.language
        number = self.numbers.get(block["id"])
        title, unit = block["title"][language], block["unit"][language]
        parts = []
        for index, part in enumerate(self._parts(block)):
            more = f"（{self.word('continued')}）" if language == "zh" else f" ({self.word('continued')})"
            parts.append(
                {
                    **part,
                    "kind": "table",
                    "label": f"b-{block['id']}" if number and index == 0 else "",
                    "number": number[language] if number else "",
                    "title": title + (more if index else ""),
                    "mark": "" if index else self.mark(block),
                    "unit": f"{self.word('unit')}{unit}" if unit else "",
                    "note": [],
                }
            )
        parts[-1]["note"] = self._table_note(block)
        return parts

    def _table_note(self, block: BlockJson) -> list[list[Any]]:
        said = self.runs(block["note"])
        signs = signs_note(block, "".join(run[0] for run in said), self.language)
        gap = " " if said and signs and self.language == "en" else ""
        return [*said, [gap + signs, False]] if signs else said

    def _parts(self, block: BlockJson) -> list[dict[str, Any]]:
        texts = texts_of(block, self.language, self.currency)
        layout = lay_out(block, texts, self.language)
        if layout is None:
            return [part for half in split(block) for part in self._parts(half)]
        hues = brand().light
        heat = heat_fills(block, hues["paper"], hues["a1-tint"], hues["a2-tint"])
        bars = bar_lengths(block, texts, layout)
        pads = [
            decimal_pads([row[i] for row in texts]) if right else [""] * len(texts)
            for i, right in enumerate(layout.right)
        ]
        rows = []
        for k, row in enumerate(block["rows"]):
            cells = []
            for i, column in enumerate(block["columns"]):
                place = (k, column["key"])
                cell = {"text": texts[k][i], "pad": pads[i][k], "fill": heat.get(place), "bar": bars.get(place)}
                cell["chip"] = _chip(texts[k][i])
                cells.append({key: value for key, value in cell.items() if value is not None})
            rows.append({"role": row["role"], "cells": cells})
        return [
            {
                "size": layout.size,
                "pad": _ROW_PADDING,
                "widths": layout.widths,
                "header": layout.header,
                "aligns": ["right" if right else "left" for right in layout.right],
                "gaps": layout.gaps,
                "rows": rows,
                "breakable": len(rows) > _WHOLE_ROWS,
            }
        ]

    def _figure(self, block: BlockJson) -> dict[str, Any]:
        if not block["alt"][self.language]:
            raise ReportError(f"figure {block['id']} has no alt text in {self.language}.", hint="Say what it shows.")
        drawings = block["images"][self.language]
        image = next((one for one in drawings if one["width_mm"] == 166), drawings[0])
        file = f"{len(self.files)}.{_ENDINGS[image['media_type']]}"
        data: str = image["data"]
        self.files[file] = base64.b64decode(data) if image["media_type"] == "image/png" else data.encode()
        note = self.runs(block["note"])
        stop = ("。" if self.language == "zh" else ". ") if note else ""
        return {
            "kind": "figure",
            "label": f"b-{block['id']}",
            "number": self.numbers[block["id"]][self.language],
            "finding": self.runs(block["finding"]),
            "mark": self.mark(block),
            "shows": self.runs(block["shows"]),
            "name": block["name"][self.language] + stop,
            "note": note,
            "alt": block["alt"][self.language],
            "file": file,
            "width": image["width_mm"],
        }

    def chapter(self, chapter: ChapterContent, number: str) -> dict[str, Any]:
        opening = chapter.opening or {}
        name = opening["name"][self.language] if opening else chapter.name
        question = opening["question"][self.language] if opening else ""
        running = f"{number} {name}"
        return {
            "target": f"c-{chapter.name}",
            "number": number,
            "name": name,
            "running": running,
            "kicker": f"{running} · {question}" if question else running,
            "headline": self.runs(opening.get("headline")),
            "mark": self.mark(opening),
            "lead": self.runs(opening.get("lead")),
            "blocks": self.blocks(chapter.blocks),
        }

    def appendix(self) -> dict[str, Any]:
        name = self.word("appendix")
        return {
            "target": "c-appendix",
            "number": self.word("appendix_mark"),
            "name": name,
            "running": name,
            "kicker": name,
            "headline": [[self.word("appendix_about"), False]],
            "mark": "",
            "lead": [],
            "blocks": self.blocks(self.content.appendix),
        }

    def control(self) -> list[dict[str, Any]]:
        """The control page's table: what was checked, what came out, and its state as a chip."""
        if not self.content.control:
            return []
        signs = {state: sign for sign, state in CHIP_STATES.items()}
        signs["bad"] = "▲"
        columns = (
            Column("check", WORDS["check"], "words"),
            Column("result", WORDS["result"], "words"),
            Column("state", WORDS["state"], "words"),
        )
        rows = []
        for row in self.content.control:
            word = row.word if row.word.zh or row.state == "none" else WORDS[row.state]
            state = Text(*(f"{signs[row.state]} {word[language]}" if word.zh else "" for language in ("zh", "en")))
            rows.append(Row({"check": row.label, "result": row.value, "state": state}))
        table = Table("control", WORDS["control"], Text("", ""), columns, tuple(rows), Sentence((), ()))
        return self.table(table.as_json())


def _title_lines(title: str) -> str:
    """A Chinese title too long for one line of the cover, cut before its last word (研究报告, 报告)."""
    too_long = len(title) > _TITLE_LINE and "\n" not in title
    return re.sub(r"(.)(?=(?:研究|分析)?报告$)", r"\1\n", title, count=1) if too_long else title


def _chip(text: str) -> str | None:
    return CHIP_STATES[text[0]] if is_chip(text) else None


def spark(series: Sequence[float | None], target: float | None) -> dict[str, Any]:
    """A sparkline in the unit square: unbroken pieces, the last point, the target's height.

    Examples
    --------
    >>> spark([1.0, None, 3.0, 2.0], 2.0)
    {'pieces': [[[0.0, 0.0]], [[0.6667, 1.0], [1.0, 0.5]]], 'last': [1.0, 0.5], 'target': 0.5}
    """
    values = [value for value in series if value is not None] + ([] if target is None else [target])
    low, high = min(values, default=0.0), max(values, default=0.0)

    def height(value: float) -> float:
        return round((value - low) / (high - low), 4) if high > low else 0.5

    pieces: list[list[list[float]]] = [[]]
    for index, value in enumerate(series):
        if value is None:
            pieces.append([])
        else:
            pieces[-1].append([round(index / max(len(series) - 1, 1), 4), height(value)])
    drawn = [piece for piece in pieces if piece]
    return {
        "pieces": drawn,
        "last": drawn[-1][-1] if drawn and series[-1] is not None else None,
        "target": None if target is None else height(target),
    }


def print_model(content: ReportContent, language: Language) -> tuple[dict[str, Any], dict[str, bytes]]:
    """The JSON the template reads, and the image files it names."""
    printer = _Printer(content, language, number_blocks(content))
    numbers = [chapter_number(index)[language] for index in chapter_indices(content)]
    chapters = [printer.chapter(*pair) for pair in zip(content.chapters, numbers, strict=True)]
    if content.appendix:
        chapters.append(printer.appendix())
    marks, look, fonts = brand().marks, brand().light, brand().fonts
    title = content.title[language]
    bank = content.bank[language]
    kind = content.source_title[language]
    model = {
        "language": language,
        "colours": dict(look),
        "fonts": {"latin": fonts["latin"].family, "chinese": fonts["chinese-variable"].family},
        "words": {key: text[language] for key, text in WORDS.items()},
        "title": f"{title} {quarter_text(content.quarter)[language]}",
        "author": bank or content.mark[language],
        "date": [content.as_of.year, content.as_of.month, content.as_of.day],
        "header": header_line(content)[language],
        "footer": footer_line(content)[language],
        "mark": content.mark[language],
        "report_id": content.report_id,
        "page": ["第 ", " 页 / 共 ", " 页"] if language == "zh" else ["Page ", " of ", ""],
        "sample": "" if content.kind == "production" else marks[content.kind][language],
        "kind": f"{WORDS['kind'][language]}{kind}",
        "cover": {
            "bank": bank,
            "initial": bank[:1],
            "title": _title_lines(title),
            "quarter": quarter_text(content.quarter)[language],
            "facts": [[label[language], value[language]] for label, value in cover_facts(content)],
        },
        "control": {"headline": printer.runs(content.control_headline), "rows": printer.control()},
        "contents": [
            {"number": c["number"], "name": c["name"], "finding": c["headline"], "target": c["target"]}
            for c in chapters
        ],
        "chapters": chapters,
    }
    return model, printer.files
