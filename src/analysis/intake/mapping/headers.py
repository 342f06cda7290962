"""Which canonical column a header may mean, and what its unit words say."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from difflib import SequenceMatcher
from typing import Literal

from analysis.intake.mapping.numbers import UNIT_EXPONENTS
from analysis.intake.schemas import Column, TableSchema

How = Literal["exact", "alias", "near", "unit", "none"]
"""exact: name or label · alias: another known name · unit: known once a unit word is taken off · near: alike only"""

_NEAR = 0.8
"""One wrong letter in five, as for names of the contract (validate._NEAR)."""

_RANKS: dict[How, int] = {"exact": 0, "alias": 1, "unit": 2, "near": 3}
_CUMULATED = re.compile("本年累计数?|年累计数?|当年累计数?|年初至今|ytd|year to date", re.IGNORECASE)
_UNITS = "|".join(sorted((re.escape(unit) for unit in UNIT_EXPONENTS), key=len, reverse=True))
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
    multiply: Decimal = Decimal(1)
    year_to_date: bool = False


def fold(text: str) -> str:
    """A name without case, width, spaces and punctuation, to compare by."""
    return re.sub(r"[\W_]+", "", unicodedata.normalize("NFKC", text).casefold())


def matches(header: str, schema: TableSchema) -> Iterator[Match]:
    """Every column of a table that a header may mean."""
    readings = list(_readings(header))
    for column in schema.columns:
        known = {fold(name) for name in (column.name, column.label.zh, column.label.en)}
        aliases = {fold(alias) for alias in column.aliases}
        found = [match for reading in readings for match in _match(header, reading, column, known, aliases)]
        if found:
            yield min(found, key=lambda match: match.rank)


def _match(header: str, reading: _Reading, column: Column, known: set[str], aliases: set[str]) -> Iterator[Match]:
    is_number = column.dtype in ("money", "float", "int")
    is_plain = reading.multiply == 1 and not reading.year_to_date
    if not is_plain and not is_number:
        return
    stem = fold(reading.stem)
    if stem in known or stem in aliases:
        how: How = "unit" if not is_plain else "exact" if stem in known else "alias"
        yield Match(header, column, how, 1.0, reading.multiply, reading.year_to_date)
        return
    likeness = max(SequenceMatcher(None, stem, name).ratio() for name in known | aliases)
    if likeness >= _NEAR:
        yield Match(header, column, "near", likeness, reading.multiply, reading.year_to_date)


def _readings(header: str) -> Iterator[_Reading]:
    """The header as it stands, and without unit words."""
    yield _Reading(header)
    cumulated = _CUMULATED.search(header) is not None
    rest = _CUMULATED.sub("", header).replace("()", "").replace("（）", "")
    for pattern in (_IN_BRACKETS, _AT_END):
        unit = pattern.search(rest)
        if unit and rest[: unit.start()].strip():
            multiply = Decimal(f"{Decimal(1).scaleb(UNIT_EXPONENTS[unit[1]]):f}")
            yield _Reading(rest[: unit.start()], multiply, cumulated)
    if cumulated:
        yield _Reading(rest, Decimal(1), cumulated)


def likeness(header: str, column: Column) -> float:
    """How alike a header is to any name of a column, from 0 to 1."""
    names = (column.name, column.label.zh, column.label.en, *column.aliases)
    return max(SequenceMatcher(None, fold(header), fold(name)).ratio() for name in names)
