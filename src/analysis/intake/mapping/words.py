"""What the first values of a column tell: the words of its codes, and percents where fractions are wanted."""

from collections.abc import Sequence
from decimal import Decimal, InvalidOperation
from difflib import get_close_matches

from analysis.intake.mapping.headers import Match
from analysis.intake.mapping.rows import EMPTY_WORDS
from analysis.intake.reading import Peek
from analysis.intake.reference import industry_names, load_reference
from analysis.intake.schemas import Column

_PERCENT = Decimal("0.01")
_LEAST_ALIKE = 0.55
"""Just over half the signs in common: 协定户 is told to be like 协定存款 (0.57), 单位大额存单 not to be like
单位活期存款 (0.50). It is a hint, never taken."""


def values_under(peek: Peek, header: str) -> list[str]:
    """The different values under a header, in the order they come."""
    at = peek.columns.index(header)
    given = dict.fromkeys(row[at].strip() for row in peek.rows if at < len(row))
    return [value for value in given if value not in EMPTY_WORDS]


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


def strange_words(column: Column, codes: dict[str, str], values: Sequence[str]) -> list[str]:
    """Values of a coded column that no code is known for."""
    known = {*column.allowed, *codes, *codes.values()}
    return [value for value in values if value not in known] if column.dtype == "text" and known else []


def nearest_word(table: str, column: Column, value: str) -> str:
    """The canonical word that a value unknown to a coded column is most like, empty where none is.

    Banks write the product in Chinese and the contract names it in English, so the words that banks usually write are
    compared too.

    Examples
    --------
    >>> from analysis.intake.schemas import SCHEMAS
    >>> nearest_word("positions", SCHEMAS["positions"].column("product"), "协定户")
    'deposit_notice'
    """
    meant = {**{word: word for word in column.allowed}, **_usual(table, column)}
    wanted = value.casefold()
    close = get_close_matches(wanted, meant, n=1) or get_close_matches(wanted, meant, n=1, cutoff=_LEAST_ALIKE)
    return meant[close[0]] if close else ""
