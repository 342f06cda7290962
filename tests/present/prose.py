"""What the tests of presentation share: printed sentences, the promises of every sentence, comparisons by hand."""

import re
from collections.abc import Iterator
from dataclasses import fields, is_dataclass
from typing import Any

from analysis.core.blocks import Cell, Ref, Sentence, Table
from analysis.core.estimate import Unavailable
from analysis.core.quarter import Quarter
from analysis.core.text import LANGUAGES, Language, Text
from analysis.core.units import CURRENCIES
from analysis.intake.policy import load_policy
from analysis.metrics import METRICS, Comparison, compare
from analysis.metrics.metric import ComparisonKind
from analysis.present.format import sentence_text

CNY = CURRENCIES["CNY"]
QUARTER = Quarter("2026Q3")
GONE = Unavailable(Text("数据源没有该表", "the source lacks the table"))


def zh(sentence: Sentence) -> str:
    """The sentence as printed in Chinese."""
    return sentence_text(sentence.as_json(), "zh", CNY)


def en(sentence: Sentence) -> str:
    """The sentence as printed in English."""
    return sentence_text(sentence.as_json(), "en", CNY)


def sentences(thing: Any) -> Iterator[Sentence]:
    """Every sentence of a block, wherever it stands."""
    if isinstance(thing, Sentence):
        yield thing
    elif isinstance(thing, tuple):
        for one in thing:
            yield from sentences(one)
    elif is_dataclass(thing) and not isinstance(thing, Text | Ref):
        for field in fields(thing):
            yield from sentences(getattr(thing, field.name))


def keeps_the_promises(*things: Any) -> bool:
    """Both languages print the same facts, words hold no digit, both are there, no slot was left open."""
    for sentence in sentences(things):
        sides: dict[Language, tuple[Any, ...]] = {"zh": sentence.zh, "en": sentence.en}
        used = [{part.fact.id for part in sides[language] if isinstance(part, Ref)} for language in LANGUAGES]
        assert used[0] == used[1], sentence
        for language in LANGUAGES:
            words = "".join(part for part in sides[language] if isinstance(part, str))
            assert words, sentence
            assert not re.search(r"\d|[{}]", words), words
        assert not re.search("[一-鿿]", "".join(part for part in sentence.en if isinstance(part, str))), sentence
    return True


def compared(code: str, current: float | Unavailable, **bases: float | Unavailable) -> Comparison:
    """A KPI with its comparisons against the bases given (qoq, ytd, yoy), by the policy of the project."""
    kinds: dict[str, ComparisonKind] = {"qoq": "qoq", "ytd": "ytd", "yoy": "yoy"}
    changes = tuple(
        compare(METRICS[code], current, base, kind=kinds[kind], policy=load_policy()) for kind, base in bases.items()
    )
    return Comparison(code, QUARTER, current, changes)


def cell(table: Table, row: int, key: str) -> Cell:
    """A cell of a table."""
    return table.rows[row].cells[key]


def value(found: Cell) -> Any:
    """The value of the fact in a cell."""
    assert isinstance(found, Ref), found
    return found.fact.value


def fact_ids(table: Table) -> list[str]:
    """Ids of the facts in the cells, row by row."""
    return [one.fact.id for row in table.rows for one in row.cells.values() if isinstance(one, Ref)]
