"""What the HTML template needs of each block: markup for sentences, classes for cells, links for references."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from itertools import groupby
from math import sqrt
from typing import Any

from markupsafe import Markup

from analysis.core.errors import ReportError
from analysis.core.fact import Fact
from analysis.core.text import Language, Text
from analysis.core.units import Currency
from analysis.present.charts import NARROW
from analysis.present.charts.sparkline import sparkline
from analysis.present.format import render, unit_word
from analysis.reporting.render.document import is_annexed
from analysis.reporting.render.html_text import anchor, inline_svg, sentence_html, with_variables
from analysis.reporting.render.table_layout import bar_shares, decimal_pads, number_of, right_aligned, texts_of
from analysis.reporting.render.words import CHIP_STATES, ORDINALS, STATE_SIGNS, WORDS

_HEAT_MOST = 45
"""Per cent of the accent in the fullest cell: text keeps 4.5 : 1 on light and dark paper (55 fails in the dark)."""
_BEHIND_MOST = 40
"""Rows of a figure's numbers shown on the page; longer ones are in the workbook only."""

_TIGHT = {True: 6, False: 12}
"""Words of a cell up to so many characters never wrap: names of departments, dates, grades."""

View = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Setting:
    """What a block is rendered in: language, currency, numbers of figures and tables, facts, source line, data date."""

    language: Language
    currency: Currency
    numbers: Mapping[str, Text] = field(default_factory=dict)
    facts: Mapping[str, Fact] = field(default_factory=dict)
    source: Markup = field(default=Markup(""))
    as_of: str = ""

    def say(self, sentence: Mapping[str, Any] | None) -> Markup:
        """A sentence as markup."""
        return sentence_html(sentence, self.language, self.currency)

    def number(self, block_id: str) -> str:
        """图 1-2 / Figure 1-2, empty where the block stands alone."""
        found = self.numbers.get(block_id)
        return found[self.language] if found else ""


def view(block: Mapping[str, Any], setting: Setting) -> View:
    """The values the template prints for a block."""
    kind = block["kind"]
    if kind not in _VIEWS:
        raise ReportError(f"there is no HTML for a block of kind {kind!r}.", hint=f"Known: {', '.join(_VIEWS)}.")
    return {"kind": kind, "id": anchor(block["id"]), **_VIEWS[kind](block, setting)}


def _opening(block: Mapping[str, Any], setting: Setting) -> View:
    return {
        "name": block["name"][setting.language],
        "question": block["question"][setting.language],
        "headline": setting.say(block["headline"]),
        "lead": setting.say(block["lead"]),
        "mark": _mark(block, setting),
        "chapter_number": "",
        "link": "",
    }


def _paragraph(block: Mapping[str, Any], setting: Setting) -> View:
    role = block["role"]
    label = WORDS[role][setting.language] if role != "text" else ""
    said = setting.say(block["sentence"])
    return {"role": role.replace("_", "-"), "label": label, "text": said, "mark": _mark(block, setting)}


def _mark(item: Mapping[str, Any], setting: Setting) -> str:
    """The data caution that a conclusion, tile, table or figure carries, if it does."""
    return item["mark"][setting.language] if "mark" in item else ""


def _findings(block: Mapping[str, Any], setting: Setting) -> View:
    items = [
        {
            "ordinal": ORDINALS[position][setting.language] if position < len(ORDINALS) else "",
            "text": setting.say(item["sentence"]),
            "href": anchor(item["refers_to"]) if setting.number(item["refers_to"]) else "",
            "ref": setting.number(item["refers_to"]),
            "mark": _mark(item, setting),
        }
        for position, item in enumerate(block["items"])
    ]
    return {"items": items}


def _tiles(block: Mapping[str, Any], setting: Setting) -> View:
    return {"tiles": [_tile(tile, setting) for tile in block["tiles"]], "note": setting.say(block["note"])}


def _tile(tile: Mapping[str, Any], setting: Setting) -> View:
    value, language, currency = tile["value"], setting.language, setting.currency
    if "fact" in value:
        number = render(value["value"], value["style"], language, currency, unit=False)
        unit = unit_word(value["style"], language, currency, short=True) if value.get("unit", True) else ""
    else:
        number, unit = value[language], ""
    state = tile["state"]
    return {
        "name": tile["name"][language],
        "number": number,
        "unit": unit,
        "fact": value.get("fact", ""),
        "spark": Markup(with_variables(sparkline(tile["series"], tile["target"]))),
        "changes": [setting.say(change) for change in tile["changes"]],
        "state": state,
        "sign": STATE_SIGNS[state],
        "said": setting.say(tile["state_sentence"]),
        "mark": _mark(tile, setting),
    }


def _table(block: Mapping[str, Any], setting: Setting) -> View:
    return table_body(block, setting) | {
        "behind": None,
        "number": setting.number(block["id"]),
        "mark": _mark(block, setting),
        "is_folded": is_annexed(block),
        "source": _source(block["note"], setting),
        "trace": _trace(block, setting),
    }


def table_body(block: Mapping[str, Any], setting: Setting) -> View:
    """Title, header, rows and note of a table, without its number."""
    columns = block["columns"]
    texts = texts_of(block, setting.language, setting.currency)
    right = [i > 0 and right_aligned(column, [row[i] for row in texts]) for i, column in enumerate(columns)]
    kinds = ["num" if right[i] else "gap" if i and right[i - 1] else "word" for i in range(len(columns))]
    pads = [decimal_pads([row[i] for row in texts]) if right[i] else [""] * len(texts) for i in range(len(columns))]
    fills = _fills(block)
    rows = [
        {
            "role": row["role"],
            "cells": [
                _cell(row["cells"].get(column["key"]), texts[k][i], kinds[i])
                | {"pad": pads[i][k], **fills.get((k, column["key"]), {"fill": "", "tone": ""})}
                for i, column in enumerate(columns)
            ],
        }
        for k, row in enumerate(block["rows"])
    ]
    unit = block["unit"][setting.language]
    return {
        "title": block["title"][setting.language],
        "unit": WORDS["unit"][setting.language] + unit if unit else "",
        "heads": [
            {"label": label, "class": f"{kind} tight" if is_chinese(label) and len(label) <= 4 else kind}
            for label, kind in zip((column["label"][setting.language] for column in columns), kinds, strict=True)
        ],
        "rows": rows,
        "note": setting.say(block["note"]),
        "reasons": _reasons(block, setting),
    }


def _fills(block: Mapping[str, Any]) -> dict[tuple[int, str], View]:
    """Fill of heat and bar cells by row and column key; heat by the square root of its share, total rows have none."""
    out = {place: {"fill": f"--w:{round(100 * share)}%", "tone": "bar"} for place, share in bar_shares(block).items()}
    for heated, columns in groupby(block["columns"], key=lambda column: bool(column["heat"])):
        keys = [column["key"] for column in columns]
        numbers = {
            (k, key): number
            for k, row in enumerate(block["rows"])
            for key in keys
            if heated and row["role"] != "total" and (number := number_of(row["cells"].get(key))) is not None
        }
        most = max(map(abs, numbers.values()), default=0.0)
        for place, number in numbers.items():
            if number:
                depth = round(_HEAT_MOST * sqrt(abs(number) / most))
                out[place] = {"fill": f"--h:{depth}%", "tone": "heat" if number > 0 else "heat low"}
    return out


def _cell(raw: Any, text: str, kind: str) -> View:
    chip = CHIP_STATES.get(text[:1], "") if text[1:2] == " " else ""
    return {
        "text": text[2:] if chip else text,
        "sign": text[:1] if chip else "",
        "chip": chip,
        "class": _class(text, kind),
        "fact": raw.get("fact", "") if isinstance(raw, Mapping) else "",
    }


def _class(text: str, kind: str) -> str:
    """Class of a cell: short words are kept on one line, a little longer ones on a wide screen only."""
    if kind == "num":
        return kind
    tight = _TIGHT[is_chinese(text)]
    return f"{kind} tight" if len(text) <= tight else f"{kind} short" if len(text) <= 2 * tight else kind


def is_chinese(text: str) -> bool:
    """Whether a text holds a Chinese character."""
    return any("\u3400" <= sign <= "\u9fff" for sign in text)


def _reasons(block: Mapping[str, Any], setting: Setting) -> str:
    """Why numbers are missing, once each, unless the note says it already."""
    said = str(setting.say(block["note"]).striptags())
    found = dict.fromkeys(
        cell["missing"][setting.language]
        for row in block["rows"]
        for cell in row["cells"].values()
        if isinstance(cell, Mapping) and "missing" in cell
    )
    reasons = [reason for reason in found if reason not in said]
    if not reasons:
        return ""
    return f"—：{'；'.join(reasons)}。" if setting.language == "zh" else f"—: {'; '.join(reasons)}."


def _figure(block: Mapping[str, Any], setting: Setting) -> View:
    prefix = anchor(block["id"])
    drawings = [
        {
            "narrow": image["width_mm"] == NARROW,
            "drawing": _drawing(image, f"{prefix}-{image['width_mm']}", block["alt"][setting.language]),
        }
        for image in block["images"][setting.language]
    ]
    behind = block["behind"] if len(block["behind"]["rows"]) <= _BEHIND_MOST else None
    return {
        "number": setting.number(block["id"]),
        "finding": setting.say(block["finding"]),
        "mark": _mark(block, setting),
        "shows": setting.say(block["shows"]),
        "name": block["name"][setting.language],
        "note": setting.say(block["note"]),
        "alt": block["alt"][setting.language],
        "drawings": drawings,
        "behind": {**table_body(behind, setting), "id": f"{prefix}-behind"} if behind else None,
        "source": _source(block["note"], setting),
        "trace": _trace(block, setting),
    }


def _drawing(image: Mapping[str, Any], prefix: str, alt: str) -> Markup:
    if image["media_type"] == "image/svg+xml":
        label = Markup('<div role="img" aria-label="{}">{}</div>')
        return label.format(alt, inline_svg(image["data"], prefix))
    data = "".join(image["data"].split())
    if not re.fullmatch(r"[A-Za-z0-9+/=]*", data):
        raise ReportError(f"the picture {prefix} is not base64.", hint="Draw figures with present.charts.draw.")
    return Markup('<img alt="{}" src="data:image/png;base64,{}">').format(alt, data)


def _source(note: Mapping[str, Any], setting: Setting) -> Markup:
    """Source and data date, unless the note gives the date."""
    return Markup("") if setting.as_of and setting.as_of in setting.say(note).striptags() else setting.source


def fact_ids(value: Any) -> Iterator[str]:
    """Ids of the facts in a block's JSON, in order."""
    if isinstance(value, Mapping):
        if "fact" in value:
            yield str(value["fact"])
        for key, item in value.items():
            if key not in ("images", "en"):  # both languages use the same facts
                yield from fact_ids(item)
    elif isinstance(value, list | tuple):
        for item in value:
            yield from fact_ids(item)


def _trace(block: Mapping[str, Any], setting: Setting) -> View:
    """Metric codes and facts a figure or table rests on."""
    rows = []
    for name in dict.fromkeys(fact_ids(block)):
        fact = setting.facts.get(name)
        rows.append(
            {
                "id": name,
                "label": fact.label[setting.language] if fact else "",
                "value": _unrounded(fact),
                "metric": fact.metric if fact else "",
                "quarter": fact.quarter if fact else "",
            }
        )
    shown = [key for key in ("metric", "quarter") if any(row[key] for row in rows)]
    return {"metrics": list(block.get("metrics", ())), "facts": rows, "shown": shown}


def _unrounded(fact: Fact | None) -> str:
    """A fact's value as recorded, in currency units, fractions or whole numbers."""
    if fact is None or fact.value is None:
        return "—"
    return fact.value if isinstance(fact.value, str) else f"{fact.value:,}".removesuffix(".0").replace("-", "−")


_VIEWS = {
    "opening": _opening,
    "paragraph": _paragraph,
    "findings": _findings,
    "tiles": _tiles,
    "table": _table,
    "figure": _figure,
}
