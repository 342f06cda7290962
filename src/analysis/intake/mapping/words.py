"""What the first values of a column tell: the words of its codes, and percents where fractions are wanted."""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation

from analysis.intake.mapping.headers import Match
from analysis.intake.mapping.rows import EMPTY_WORDS
from analysis.intake.reading import Peek
from analysis.intake.reference import industry_names, load_reference
from analysis.intake.schemas import PRODUCTS, Column

_PERCENT = Decimal("0.01")


def values_under(peek: Peek, header: str) -> list[str]:
    """The different values under a header, in the order they come."""
    at = peek.columns.index(header)
    given = dict.fromkeys(row[at].strip() for row in peek.rows if at < len(row))
    return [value for value in given if value not in EMPTY_WORDS]


def known_words(table: str, column: Column) -> tuple[str, ...]:
    """The canonical words of a coded column, none where it is free text."""
    if table == "positions" and column.name == "product":
        return tuple(PRODUCTS)
    return column.allowed


def codes_for(table: str, column: Column, values: Sequence[str]) -> dict[str, str]:
    """Usual words for a coded column, all of them once one is seen: later rows may hold the others."""
    usual = _usual(table, column)
    return usual if any(value in usual for value in values) else {}


def _usual(table: str, column: Column) -> dict[str, str]:
    if column.name == "industry":
        return {name.zh: section for section, name in industry_names("gbt4754").items()}
    rows = load_reference("coded_words.csv")
    return {row["word"]: row["canonical"] for row in rows if (row["table"], row["column"]) == (table, column.name)}


def multiply_for(match: Match, values: Sequence[str]) -> Decimal:
    """The multiple that a header says, or that of percents where a rate is above 1."""
    column = match.column
    is_rate = column.dtype == "float" and column.high == 1
    if match.multiply == 1 and is_rate and any(number > 1 for number in _numbers(values)):
        return _PERCENT
    return match.multiply


def _numbers(values: Sequence[str]) -> list[Decimal]:
    found = []
    for value in values:
        try:
            found.append(Decimal(value))
        except InvalidOperation:  # a word, or a number with its own % sign
            continue
    return [number for number in found if number.is_finite()]


def strange_words(table: str, column: Column, codes: dict[str, str], values: Sequence[str]) -> list[str]:
    """Values of a coded column that no code is known for."""
    known = {*known_words(table, column), *codes, *codes.values()}
    return [value for value in values if value not in known] if column.dtype == "text" and known else []
