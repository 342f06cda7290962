"""Which canonical column a header may mean, and what its unit words say."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from difflib import SequenceMatcher
from functools import cache
from typing import Literal

from analysis.intake.mapping.numbers import UNIT_EXPONENTS
from analysis.intake.schemas import Column, TableSchema

How = Literal["exact", "alias", "near", "unit", "none"]
"""exact: name or label · alias: another known name · unit: known once a unit word is taken off · near: alike only"""

_NEAR = 0.8
"""One wrong letter in five, as for names of the contract (validate._NEAR)."""

_SHORTEST_NEAR = 3
"""Signs from which names may be alike: at two, 担保 (a way, a sum, a person) would be taken for 担保人."""

_WITHOUT_BRACKETS = 0.9
"""A name with more in brackets, such as 余额(美元): likelier than a misspelt one, and never sure."""

_RANKS: dict[How, int] = {"exact": 0, "alias": 1, "unit": 2, "near": 3}
_CUMULATED = re.compile("本年累计数?|年累计数?|当年累计数?|年初至今|ytd|year to date", re.IGNORECASE)
_UNITS = "|".join(sorted((re.escape(unit) for unit in UNIT_EXPONENTS), key=len, reverse=True))
_BRACKETS = re.compile(r"[(\[【（][^)\]】）]*[)\]】）]")
_IN_BRACKETS = re.compile(rf"[(\[【（]\s*(?:单位[:：]?)?\s*(?:人民币|CNY|RMB)?\s*({_UNITS})\s*[)\]】）]\s*$")
_AT_END = re.compile(rf"[_\-/ ]*({_UNITS})\s*$")


@dataclass(frozen=True, slots=True)
class Match:
    """A header that may mean a column.

    Parameters
    ----------
    score : 1 for a known name, less where it is only alike
    """

    header: str
    column: Column
    how: How
    score: float
    multiply: Decimal = Decimal(1)
    year_to_date: bool = False

    @property
    def rank(self) -> tuple[int, float]:
        return _RANKS[self.how], -self.score


@dataclass(frozen=True, slots=True)
class _Reading:
    """A header without its unit words."""

    stem: str
    multiply: Decimal
    year_to_date: bool

    @property
    def is_plain(self) -> bool:
        return self.multiply == 1 and not self.year_to_date

    def fits(self, column: Column) -> bool:
        """Whether a column may have such a unit."""
        return self.is_plain or column.dtype in ("money", "float", "int")

    def match(self, header: str, column: Column, how: How, score: float) -> Match:
        return Match(header, column, how, score, self.multiply, self.year_to_date)


@cache
def fold(text: str) -> str:
    """A name without case, width, spaces and punctuation, to compare by."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text).casefold())


@cache
def _names(schema: TableSchema) -> dict[str, list[tuple[Column, How]]]:
    """Columns of a table by every known name."""
    found: dict[str, list[tuple[Column, How]]] = {}
    for column in schema.columns:
        known = {fold(name) for name in (column.name, column.label.zh, column.label.en)}
        for name in known:
            found.setdefault(name, []).append((column, "exact"))
        for name in {fold(alias) for alias in column.aliases} - known:
            found.setdefault(name, []).append((column, "alias"))
    return found


def known_matches(header: str, schema: TableSchema) -> Iterator[Match]:
    """Columns of a table of which a header is a known name, with or without unit words."""
    reading = _reading(header)
    for column, how in _names(schema).get(fold(reading.stem), []):
        if reading.fits(column):
            yield reading.match(header, column, how if reading.is_plain else "unit", 1.0)


def near_matches(header: str, schema: TableSchema) -> Iterator[Match]:
    """Columns of a table to a name of which a header is only alike."""
    reading = _reading(header)
    for column, _ in _names(schema).get(fold(_BRACKETS.sub("", reading.stem)), []):
        if reading.fits(column):
            yield reading.match(header, column, "near", _WITHOUT_BRACKETS)
    stem = fold(reading.stem)
    if len(stem) < _SHORTEST_NEAR:
        return
    matcher = SequenceMatcher(None, "", stem)
    for name, columns in _names(schema).items():
        if len(name) < _SHORTEST_NEAR:
            continue
        matcher.set_seq1(name)
        if matcher.real_quick_ratio() < _NEAR or matcher.quick_ratio() < _NEAR or matcher.ratio() < _NEAR:
            continue
        for column, _ in columns:
            if reading.fits(column):
                yield reading.match(header, column, "near", matcher.ratio())


@cache
def _reading(header: str) -> _Reading:
    """What is left of a header without its unit words."""
    cumulated = _CUMULATED.search(header) is not None
    rest = re.sub(r"\(\)|（）", "", _CUMULATED.sub("", header))
    for pattern in (_IN_BRACKETS, _AT_END):
        unit = pattern.search(rest)
        if unit and fold(rest[: unit.start()]):
            multiply = Decimal(f"{Decimal(1).scaleb(UNIT_EXPONENTS[unit[1]]):f}")
            return _Reading(rest[: unit.start()], multiply, cumulated)
    return _Reading(rest, Decimal(1), cumulated)


def likeness(header: str, column: Column) -> float:
    """How alike a header is to any name of a column, from 0 to 1."""
    names = (column.name, column.label.zh, column.label.en, *column.aliases)
    return max(SequenceMatcher(None, fold(header), fold(name)).ratio() for name in names)
