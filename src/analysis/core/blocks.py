"""The pieces a chapter is made of. Each is shown once and carries both languages.

A block says *what* is shown; `reporting.render` decides how it looks in HTML, PDF and Excel. Numbers in sentences
are references to facts; numbers in tables are raw values with a style. `present.format` turns both into text.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from analysis.core.fact import Fact
from analysis.core.text import Language, Text

BLOCK_MIME = "application/vnd.analysis.block+json"

Style = Literal[
    "money_large",  # 亿元 / million, two decimals
    "money_small",  # 万元 / thousand, no decimals (two below ten)
    "money_small_2",  # 万元 / thousand, two decimals
    "money_full",  # currency units, separators, no decimals
    "percent",  # fraction as %, two decimals
    "percent_1",  # fraction as %, one decimal (growth, shares)
    "growth",  # fraction as signed %, one decimal
    "points",  # difference of fractions as signed 个百分点 / pp, two decimals
    "bp",  # difference of fractions as signed BP, integer
    "count",  # whole number with separators
    "count_change",  # signed whole number
    "money_large_change",
    "money_small_change",
    "decimal_2",
    "decimal_3",
    "days",
    "name",  # a word or label that is itself a fact, such as a quarter
]


@dataclass(frozen=True, slots=True)
class Ref:
    """A number in a sentence: which fact, and how to print it.

    Parameters
    ----------
    unit : print the unit word behind the number (亿元, %, …)
    size_only : drop the sign, for sentences whose words already give the direction
    """

    fact: Fact
    style: Style
    unit: bool = True
    size_only: bool = False


Part = str | Ref


@dataclass(frozen=True, slots=True)
class Sentence:
    """Prose with numbers, in both languages. Literal parts hold no digits (checked before publication).

    Examples
    --------
    >>> Sentence.of("合计为空。", "Empty in total.").zh
    ('合计为空。',)
    """

    zh: tuple[Part, ...]
    en: tuple[Part, ...]

    @classmethod
    def of(cls, zh: str, en: str, /, **refs: "Ref | Text | str") -> "Sentence":
        """From two templates with `{name}` slots.

        A slot is filled by a `Ref` (a number), or by a `Text` or word from a registry (a segment's or industry's name).
        `**bold**` marks emphasis. Both templates must use the same numbers.
        """
        sentence = cls(_fill(zh, refs, "zh"), _fill(en, refs, "en"))
        used = [{part.fact.id for part in side if isinstance(part, Ref)} for side in (sentence.zh, sentence.en)]
        if used[0] != used[1]:
            raise ValueError(f"the two languages use different facts: {sorted(used[0] ^ used[1])}")
        return sentence

    @property
    def facts(self) -> tuple[Fact, ...]:
        return tuple(part.fact for part in self.zh if isinstance(part, Ref))

    def __add__(self, other: "Sentence") -> "Sentence":
        return Sentence(self.zh + other.zh, (*self.en, " ", *other.en))

    def as_json(self) -> dict[str, Any]:
        return {"zh": [_part_json(part) for part in self.zh], "en": [_part_json(part) for part in self.en]}


def _fill(template: str, refs: Mapping[str, "Ref | Text | str"], language: Literal["zh", "en"]) -> tuple[Part, ...]:
    parts: list[Part] = []
    rest = template
    while rest:
        before, brace, after = rest.partition("{")
        if before:
            parts.append(before)
        if not brace:
            break
        name, _, rest = after.partition("}")
        slot = refs[name]
        parts.append(slot[language] if isinstance(slot, Text) else slot)
    return tuple(parts)


def _part_json(part: Part) -> Any:
    if isinstance(part, str):
        return part
    return {
        "fact": part.fact.id,
        "value": part.fact.value,
        "style": part.style,
        "unit": part.unit,
        "size_only": part.size_only,
    }


def _mark_json(mark: Text | None) -> dict[str, Any]:
    """A block that rests on data the quality gate warned of says so; other blocks say nothing."""
    return {"mark": mark.as_json()} if mark else {}


@dataclass(frozen=True, slots=True)
class Block:
    """What every block has. `mark`, in those that conclude something: the data caution it carries, or none."""

    id: str

    kind = "block"

    @property
    def facts(self) -> tuple[Fact, ...]:
        return ()

    def as_json(self) -> dict[str, Any]:
        raise NotImplementedError


@dataclass(frozen=True, slots=True)
class Opening(Block):
    """First block of a chapter: its headline answers the chapter's question, the lead says it in two lines."""

    name: Text
    question: Text
    headline: Sentence
    lead: Sentence | None = None
    mark: Text | None = None

    kind = "opening"

    @property
    def facts(self) -> tuple[Fact, ...]:
        return self.headline.facts + (self.lead.facts if self.lead else ())

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "id": self.id,
            "name": self.name.as_json(),
            "question": self.question.as_json(),
            "headline": self.headline.as_json(),
            "lead": self.lead.as_json() if self.lead else None,
            **_mark_json(self.mark),
        }


@dataclass(frozen=True, slots=True)
class Paragraph(Block):
    """One paragraph. Roles: `text`; `so_what` (含义), `unknown` (尚不确定), `caution` (提示) are set off by a bar."""

    sentence: Sentence
    role: Literal["text", "so_what", "unknown", "caution"] = "text"
    mark: Text | None = None

    kind = "paragraph"

    @property
    def facts(self) -> tuple[Fact, ...]:
        return self.sentence.facts

    def as_json(self) -> dict[str, Any]:
        out = {"kind": self.kind, "id": self.id, "role": self.role, "sentence": self.sentence.as_json()}
        return out | _mark_json(self.mark)


@dataclass(frozen=True, slots=True)
class Finding:
    """One of 一是、二是、三是. `refers_to` is the id of the figure or table that carries it (any chapter)."""

    sentence: Sentence
    refers_to: str = ""
    mark: Text | None = None


@dataclass(frozen=True, slots=True)
class Findings(Block):
    """A numbered list of findings."""

    items: tuple[Finding, ...]

    kind = "findings"

    @property
    def facts(self) -> tuple[Fact, ...]:
        return tuple(fact for item in self.items for fact in item.sentence.facts)

    def as_json(self) -> dict[str, Any]:
        items = [
            {"sentence": item.sentence.as_json(), "refers_to": item.refers_to, **_mark_json(item.mark)}
            for item in self.items
        ]
        return {"kind": self.kind, "id": self.id, "items": items}


@dataclass(frozen=True, slots=True)
class Tile:
    """One KPI tile.

    Parameters
    ----------
    series : value by quarter, oldest first, None where there is none
    target : plan, hurdle or tolerance drawn dashed, in the unit of the value
    changes : at most two lines such as 环比 +1.5 %
    state : sign word against the target: `good`, `near`, `bad` or `none`, with its sentence
    """

    name: Text
    value: Ref | Text
    series: tuple[float | None, ...]
    changes: tuple[Sentence, ...] = ()
    target: float | None = None
    state: Literal["good", "near", "bad", "none"] = "none"
    state_sentence: Sentence | None = None
    mark: Text | None = None


@dataclass(frozen=True, slots=True)
class Tiles(Block):
    """At most eight KPI tiles, and the note that states cut-offs and dashed lines."""

    tiles: tuple[Tile, ...]
    note: Sentence

    kind = "tiles"

    @property
    def facts(self) -> tuple[Fact, ...]:
        found: list[Fact] = list(self.note.facts)
        for tile in self.tiles:
            if isinstance(tile.value, Ref):
                found.append(tile.value.fact)
            found += [fact for change in tile.changes for fact in change.facts]
            found += tile.state_sentence.facts if tile.state_sentence else ()
        return tuple(found)

    def as_json(self) -> dict[str, Any]:
        tiles = [
            {
                "name": tile.name.as_json(),
                "value": _part_json(tile.value) if isinstance(tile.value, Ref) else tile.value.as_json(),
                "series": list(tile.series),
                "target": tile.target,
                "changes": [change.as_json() for change in tile.changes],
                "state": tile.state,
                "state_sentence": tile.state_sentence.as_json() if tile.state_sentence else None,
                **_mark_json(tile.mark),
            }
            for tile in self.tiles
        ]
        return {"kind": self.kind, "id": self.id, "tiles": tiles, "note": self.note.as_json()}


@dataclass(frozen=True, slots=True)
class Missing:
    """A cell without a number: `—`, with the reason collected into the note."""

    reason: Text = field(default=Text("不适用或无数据", "not applicable or no data"))


@dataclass(frozen=True, slots=True)
class Suppressed:
    """A cell below the disclosure limit: `*`."""


Cell = float | int | str | Text | Ref | Missing | Suppressed | None
"""A raw number (printed in the column's style), a word, a fact, or a reason for having none. None prints empty."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table. `style` prints its raw numbers; `words` columns are left-aligned text.

    Parameters
    ----------
    unit : shown in the header's second line only when the table's columns differ; else in the table's unit line
    bar : draw a data bar behind the number
    heat : fill the cell by the square root of its share of the column block's maximum
    """

    key: str
    label: Text
    style: Style | Literal["words"] = "count"
    bar: bool = False
    heat: bool = False


@dataclass(frozen=True, slots=True)
class Row:
    """A row of a table: `total` is bold beside a hairline, `indent` is a 其中 row."""

    cells: Mapping[str, Cell]
    role: Literal["normal", "total", "indent"] = "normal"


def _cell_json(cell: Cell) -> Any:
    match cell:
        case None:
            return None
        case Text():
            return {"text": cell.as_json()}
        case Ref():
            return _part_json(cell)
        case Missing():
            return {"missing": cell.reason.as_json()}
        case Suppressed():
            return {"suppressed": True}
        case str():
            return {"text": {"zh": cell, "en": cell}}
        case _:
            return {"value": cell}


@dataclass(frozen=True, slots=True)
class Table(Block):
    """A table (三线表) with number, name and unit above and a note below.

    Parameters
    ----------
    unit : unit line at the top right, without the words "单位:" / "Unit:" (the renderer adds them)
    note : source, definitions and what the signs mean
    metrics : codes of the KPIs whose definitions the table rests on, for its trace
    in_annex : it stands in the workbook, and folded on screen; paper only names it
    """

    title: Text
    unit: Text
    columns: tuple[Column, ...]
    rows: tuple[Row, ...]
    note: Sentence
    metrics: tuple[str, ...] = ()
    own_facts: tuple[Fact, ...] = ()
    mark: Text | None = None
    in_annex: bool = False

    kind = "table"

    @property
    def facts(self) -> tuple[Fact, ...]:
        cells = tuple(cell.fact for row in self.rows for cell in row.cells.values() if isinstance(cell, Ref))
        return cells + self.own_facts + self.note.facts

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "id": self.id,
            "title": self.title.as_json(),
            "unit": self.unit.as_json(),
            "columns": [
                {"key": c.key, "label": c.label.as_json(), "style": c.style, "bar": c.bar, "heat": c.heat}
                for c in self.columns
            ],
            "rows": [
                {"role": row.role, "cells": {key: _cell_json(cell) for key, cell in row.cells.items()}}
                for row in self.rows
            ],
            "note": self.note.as_json(),
            "metrics": list(self.metrics),
            **({"in_annex": True} if self.in_annex else {}),
            **_mark_json(self.mark),
        }


def annexed(*shown: Any) -> tuple[Any, ...]:
    """The same with every table put into the annex; figures, paragraphs and reasons for having none stay."""
    flat = [one for item in shown for one in (item if isinstance(item, tuple) else (item,))]
    return tuple(replace(one, in_annex=True) if isinstance(one, Table) else one for one in flat)


@dataclass(frozen=True, slots=True)
class Image:
    """One drawing of a figure. `width_mm` is 166 (print, screen) or 80 (phone).

    Parameters
    ----------
    data : SVG text, or base64 PNG
    """

    media_type: Literal["image/svg+xml", "image/png"]
    width_mm: int
    data: str


@dataclass(frozen=True, slots=True)
class Figure(Block):
    """A figure: the finding stands above it, what is shown and the unit on the next line, number and note below.

    Parameters
    ----------
    images : drawings by language, the 166 mm one first
    behind : the numbers behind the drawing, written to the workbook
    """

    finding: Sentence
    shows: Sentence
    name: Text
    note: Sentence
    alt: Text
    images: Mapping[Language, tuple[Image, ...]]
    behind: Table
    metrics: tuple[str, ...] = ()
    mark: Text | None = None

    kind = "figure"

    @property
    def facts(self) -> tuple[Fact, ...]:
        return self.finding.facts + self.shows.facts + self.note.facts + self.behind.facts

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "id": self.id,
            "finding": self.finding.as_json(),
            "shows": self.shows.as_json(),
            "name": self.name.as_json(),
            "note": self.note.as_json(),
            "alt": self.alt.as_json(),
            "images": {
                language: [
                    {"media_type": image.media_type, "width_mm": image.width_mm, "data": image.data}
                    for image in drawings
                ]
                for language, drawings in self.images.items()
            },
            "behind": self.behind.as_json(),
            "metrics": list(self.metrics),
            **_mark_json(self.mark),
        }


def facts_of(blocks: Iterable[Block]) -> tuple[Fact, ...]:
    """Every fact the blocks print, in order."""
    return tuple(fact for block in blocks for fact in block.facts)
