"""One [[file]] of a mapping file."""

import re
from collections.abc import Mapping
from datetime import date
from decimal import Decimal
from typing import Any

from analysis.intake.mapping.faults import Faults
from analysis.intake.mapping.nouns import ColumnMapping, FileMapping
from analysis.intake.mapping.numbers import MAX_SHIFT, shift_of
from analysis.intake.schemas import SCHEMAS, Column, TableSchema
from analysis.intake.suggest import nearest

_FILE_KEYS = (
    "table",
    "files",
    "sheet",
    "header_row",
    "delimiter",
    "encoding",
    "priority",
    "columns",
    "codes",
    "where",
    "distinct",
)
_COLUMN_KEYS = ("column", "constant", "multiply", "dates", "prefix", "part", "year_to_date", "times", "absolute")
_PERIODS = ("date", "quarter")
_NUMBERS = ("money", "float", "int")
_MAX_DIGITS = 10
"""Digits of a multiple that is no power of ten: an exchange rate has at most six."""

_DIRECTIVES = "YymdbBHMSjpfz%"
"""What a date format may hold; `%q` or a locale's forms are not read."""


def read_file_table(number: int, given: Any, faults: Faults) -> FileMapping:
    """What one [[file]] says."""
    place = f"[[file]] {number}"
    table = faults.table(place, given)
    faults.keys(place, table, _FILE_KEYS)
    name = faults.text(f"{place} table", table, "table")
    if name and name not in SCHEMAS:
        faults.unknown(place, "table", name, SCHEMAS)
    place = f"{place} ({name})" if name in SCHEMAS else place
    return FileMapping(
        table=name,
        files=_patterns(place, table, faults),
        columns=_columns(place, table, SCHEMAS.get(name), faults),
        sheet=faults.text(f"{place} sheet", table, "sheet", ""),
        header_row=faults.whole(f"{place} header_row", table.get("header_row", 0), low=0),
        delimiter=faults.text(f"{place} delimiter", table, "delimiter", "", pattern=r"[^\w\s\"'.-]|\t", like="|"),
        encoding=_encoding(place, table, faults),
        priority=faults.whole(f"{place} priority", table.get("priority", 0), low=0),
        where=_where(place, table, faults),
        distinct=faults.flag(f"{place} distinct", table.get("distinct", False)),
    )


def _patterns(place: str, table: Mapping[str, Any], faults: Faults) -> tuple[str, ...]:
    """Names of files: never a path."""
    patterns = faults.texts(f"{place} files", table.get("files", []))
    if not patterns:
        faults.add(f"{place} files is missing")
    for pattern in patterns:
        if re.search(r"[/\\:]|^~|^\.", pattern) or not pattern.strip():
            faults.add(f"{place} files must be names in the source's own folder, not {pattern!r}")
    return patterns


def _encoding(place: str, table: Mapping[str, Any], faults: Faults) -> str:
    encoding = faults.text(f"{place} encoding", table, "encoding", "")
    try:
        "".encode(encoding or "utf-8")
    except (LookupError, ValueError):  # no such name, or a codec that is no encoding of text
        faults.add(f"{place} encoding must be one that Python knows, such as 'gb18030', not {encoding!r}")
    return encoding


def _where(place: str, table: Mapping[str, Any], faults: Faults) -> dict[str, tuple[str, ...]]:
    given = faults.table(f"{place} where", table.get("where", {}))
    return {header: faults.texts(f"{place} where {header}", codes) for header, codes in given.items()}


def _columns(
    place: str, table: Mapping[str, Any], schema: TableSchema | None, faults: Faults
) -> tuple[ColumnMapping, ...]:
    given = faults.table(f"{place} columns", table.get("columns"))
    codes = faults.table(f"{place} codes", table.get("codes", {}))
    if schema is None:
        return ()
    known = {column.name: column for column in schema.columns}
    found = []
    for name, value in given.items():
        if name in known:
            found.append(_column(place, schema, known[name], value, codes.get(name, {}), faults))
        else:
            faults.unknown(place, "column", name, known)
    for name in codes:
        if name not in given:
            hint = nearest(name, given).rstrip(".")
            faults.add(f"{place} codes: {name!r} is not among its columns ({hint})")
    return tuple(found)


def _column(file: str, schema: TableSchema, column: Column, given: Any, codes: Any, faults: Faults) -> ColumnMapping:
    """What is said of one column: a header, or a table of what it comes from and how it is read."""
    place = f"{file} {column.name}"
    table = {"column": given} if isinstance(given, str) else faults.table(place, given)
    faults.keys(place, table, _COLUMN_KEYS)
    if ("column" in table) == ("constant" in table):
        faults.add(f"{place} must say either column or constant")
    source = faults.text(f"{place} column", table, "column", "")
    if "column" in table and not source.strip():
        faults.add(f"{place} column must not be empty")
    return ColumnMapping(
        column=column.name,
        source=source.strip(),
        constant=_constant(place, table, faults),
        multiply=_multiply(place, column, table, faults),
        codes=_codes(place, column, codes, faults),
        dates=_dates(place, column, table, faults),
        prefix=_prefix(place, column, table, faults),
        part=_part(place, table, faults),
        year_to_date=_year_to_date(file, schema, column, table, faults),
        times=_times(place, column, table, faults),
        absolute=_absolute(place, column, table, faults),
    )


def _constant(place: str, table: Mapping[str, Any], faults: Faults) -> str | None:
    value = table.get("constant")
    if isinstance(value, bool):
        return str(value).lower()
    if value is None or isinstance(value, str):
        return value
    if isinstance(value, int | Decimal | date):
        return str(value)
    faults.add(f"{place} constant must be a text, a number or a date, not {value!r}")
    return None


def _multiply(place: str, column: Column, table: Mapping[str, Any], faults: Faults) -> Decimal:
    value = table.get("multiply", 1)
    if "multiply" in table and column.dtype not in _NUMBERS:
        faults.add(f"{place} is no number, so multiply makes no sense")
    if isinstance(value, bool) or not isinstance(value, int | Decimal) or not Decimal(value).is_finite() or not value:
        faults.add(f"{place} multiply must be a number other than 0, not {value!r}")
        return Decimal(1)
    multiply = Decimal(value).normalize()
    shift = shift_of(multiply)
    too_far = abs(shift) > MAX_SHIFT if shift is not None else len(f"{abs(multiply):f}".replace(".", "")) > _MAX_DIGITS
    if too_far:
        faults.add(
            f"{place} multiply must be a power of ten up to 10^{MAX_SHIFT}"
            f" or have at most {_MAX_DIGITS} digits, not {value}"
        )
        return Decimal(1)
    return Decimal(f"{multiply:f}")


def _codes(place: str, column: Column, given: Any, faults: Faults) -> dict[str, str]:
    table = faults.table(f"{place} codes", given)
    words = ("true", "false") if column.dtype == "bool" else column.allowed
    for code, word in table.items():
        if not isinstance(word, str):
            faults.add(f"{place} code {code!r} must stand for a text, not {word!r}")
        elif word and words and word not in words:
            faults.unknown(f"{place} code {code!r}", "word", word, words)
    return {code: str(word) for code, word in table.items()}


def _dates(place: str, column: Column, table: Mapping[str, Any], faults: Faults) -> str:
    dates = faults.text(f"{place} dates", table, "dates", "")
    if dates and column.dtype not in _PERIODS:
        faults.add(f"{place} is no date, so dates makes no sense")
    if dates and (not re.search("%[Yy]", dates) or not re.fullmatch(rf"(?:[^%'\\]|%-?[{_DIRECTIVES}])*", dates)):
        faults.add(f"{place} dates must be a format such as '%d/%m/%Y', not {dates!r}")
    return dates


def _prefix(place: str, column: Column, table: Mapping[str, Any], faults: Faults) -> str:
    if "prefix" in table and (column.dtype != "text" or column.allowed):
        faults.add(f"{place} is no free text, so prefix makes no sense")
    return faults.text(f"{place} prefix", table, "prefix", "")


def _times(place: str, column: Column, table: Mapping[str, Any], faults: Faults) -> str:
    if "times" in table and column.dtype not in ("money", "float"):
        faults.add(f"{place} is no amount, so times makes no sense")
    if "times" in table and "multiply" in table:
        faults.add(f"{place} must say either times or multiply")
    return faults.text(f"{place} times", table, "times", "").strip()


def _absolute(place: str, column: Column, table: Mapping[str, Any], faults: Faults) -> bool:
    absolute = faults.flag(f"{place} absolute", table.get("absolute", False))
    if absolute and column.dtype not in _NUMBERS:
        faults.add(f"{place} is no number, so absolute makes no sense")
    return absolute


def _part(place: str, table: Mapping[str, Any], faults: Faults) -> tuple[int, int] | None:
    part = table.get("part")
    if part is None:
        return None
    if isinstance(part, list) and len(part) == 2 and all(type(n) is int for n in part) and 1 <= part[0] <= part[1]:
        return part[0], part[1]
    faults.add(f"{place} part must be the first and the last character, such as [1, 6], not {part!r}")
    return None


def _year_to_date(place: str, schema: TableSchema, column: Column, table: Mapping[str, Any], faults: Faults) -> bool:
    cumulated = faults.flag(f"{place} {column.name} year_to_date", table.get("year_to_date", False))
    if cumulated and column.dtype not in _NUMBERS:
        faults.add(f"{place} {column.name} is no number, so year_to_date makes no sense")
    elif cumulated and "month" not in schema.key:
        faults.add(f"{place} has no month, so year_to_date makes no sense")
    return cumulated
