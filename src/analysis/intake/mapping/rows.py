"""Rows of text → rows of a canonical table, in one pass: read as their types, with what cannot be read named."""

from collections.abc import Iterator, Sequence
from typing import Any

from analysis.intake.mapping import dates, numbers
from analysis.intake.mapping.nouns import LINE, ColumnMapping, FileMapping
from analysis.intake.reading import RawTable
from analysis.intake.schemas import SCHEMAS, Column
from analysis.intake.validate import SQL_TYPES, columns_of, literal, quote

EMPTY_WORDS = ("", "-", "--", "—", "——", "NULL", "null", "N/A", "#N/A", "NaN", "nan", "无", "空")
"""Words that mean that a cell is empty; `NaN` is what statistical programs write there."""

TRUE_WORDS = ("true", "是", "y", "yes", "1", "t", "1.0")
FALSE_WORDS = ("false", "否", "n", "no", "0", "f", "0.0")

_SPACES = " \t\r\n\u00a0\u3000\ufeff"
_REALS = ("DOUBLE", "FLOAT")
_SCIENTIFIC = "[0-9](?:[.][0-9]+)?[Ee][+]?[0-9]+"
"""A long number that a spreadsheet has shortened: its last digits are lost, and two clients could become one."""


def map_rows(connection: Any, raw: RawTable, mapping: FileMapping, *, relation: str) -> None:
    """Make a table of the mapped canonical columns in their types, one row a row taken.

    Beside them stand `_file`, `_line` and `_priority`, `_unreadable` (names of columns whose cell is not empty and
    cannot be read; they are NULL) and `_unknown` (names of columns whose code is not known; the given word is kept).

    Parameters
    ----------
    connection : a DuckDB connection
    relation : name of the table to make
    """
    schema = SCHEMAS[mapping.table]
    types = columns_of(connection, raw.relation)
    pairs = [(schema.column(column.column), column) for column in mapping.columns]
    cells = [f"{_cell(c, m, types)} AS {_text(n)}" for n, (c, m) in enumerate(pairs)]
    cells += [f"{_tidy_cell(m.times, types)} AS {_times(n)}" for n, (_, m) in enumerate(pairs) if m.times]
    values = ", ".join(f"{_value(c, m, n, types)} AS {quote(c.name)}" for n, (c, m) in enumerate(pairs))
    unreadable = [(c.name, _is_unreadable(c, m, n, types)) for n, (c, m) in enumerate(pairs)]
    unknown = [(c.name, _is_unknown(_words(c, m), _text(n))) for n, (c, m) in enumerate(pairs) if _words(c, m)]
    names = ", ".join(quote(c.name) for c, _ in pairs)
    once = f"{names}, _unreadable, _unknown, CASE WHEN len(_unreadable) > 0 THEN _line END"
    connection.execute(
        f"CREATE OR REPLACE TABLE {relation} AS"
        f" SELECT {names}, {literal(raw.file)} AS _file, _line, {mapping.priority}::INTEGER AS _priority,"
        f" {_named(unreadable)} AS _unreadable, {_named(unknown)} AS _unknown"
        f" FROM (SELECT *, {values} FROM (SELECT CAST({LINE} AS BIGINT) AS _line, {', '.join(cells)}"
        f" FROM {raw.relation}{_taken(mapping)}))"
        + (f" QUALIFY row_number() OVER (PARTITION BY {once} ORDER BY _line) = 1" if mapping.distinct else "")
    )


def emptied_codes(connection: Any, raw: RawTable, mapping: FileMapping) -> Iterator[tuple[str, int, tuple[str, ...]]]:
    """Canonical column, number of cells and up to five codes, where the mapping says that codes mean nothing."""
    types = columns_of(connection, raw.relation)
    for column in mapping.columns:
        empty = [code for code, word in column.codes.items() if code and not word]
        if not empty or column.source not in types:
            continue
        cells = f"SELECT {_part(column, types)} AS cell FROM {raw.relation}{_taken(mapping)}"
        counted = f"SELECT cell, count(*) AS n FROM ({cells}) WHERE {_among('cell', empty)} GROUP BY cell"
        found = connection.execute(f"{counted} ORDER BY n DESC, cell").fetchall()
        if found:
            yield column.column, sum(n for _, n in found), tuple(cell for cell, _ in found[:5])


def _among(text: str, words: Sequence[str]) -> str:
    """SQL: whether a text is one of some words. A list, since DuckDB joins for IN and then evaluates every branch."""
    return f"list_contains([{', '.join(literal(word) for word in words)}], {text})"


def _text(number: int) -> str:
    return f"_text_{number}"


def _times(number: int) -> str:
    return f"_times_{number}"


def _taken(mapping: FileMapping) -> str:
    """SQL: which rows are taken."""
    conditions = [
        _among(f"coalesce(trim(CAST({quote(header)} AS VARCHAR), '{_SPACES}'), '')", codes)
        for header, codes in mapping.where.items()
    ]
    return f" WHERE {' AND '.join(conditions)}" if conditions else ""


def _is_direct(column: Column, mapping: ColumnMapping, types: dict[str, str]) -> bool:
    """Whether the column comes in its type already, as Parquet and databases give it."""
    plain = mapping == ColumnMapping(mapping.column, mapping.source, year_to_date=mapping.year_to_date)
    kind = types.get(mapping.source, "")
    if not plain:
        return False
    if column.dtype == "money":
        return kind.startswith("DECIMAL") and kind.endswith((",0)", ",1)", ",2)"))
    if column.dtype == "float":
        return kind in (*_REALS, "TINYINT", "SMALLINT", "INTEGER", "BIGINT")
    if column.dtype == "int":
        return kind in ("TINYINT", "SMALLINT", "INTEGER", "BIGINT") and column.name != "year"
    return kind == SQL_TYPES[column.dtype] and column.dtype in ("bool", "date")


def _is_raw(column: Column, mapping: ColumnMapping, types: dict[str, str]) -> bool:
    """Whether the cell is read as it stands: numbers and dates are tidied only where the quick forms do not fit."""
    plain = not mapping.codes and mapping.part is None and not mapping.dates and not mapping.times
    return plain and column.dtype not in ("text", "bool") and types.get(mapping.source) == "VARCHAR"


def _tidy(text: str) -> str:
    """SQL: a text trimmed, NULL where it means that the cell is empty. Most cells need neither and cost little."""
    trimmed = f"trim({text}, '{_SPACES}')"
    return (
        f"CASE WHEN {_among(text, EMPTY_WORDS)} THEN NULL WHEN regexp_matches({text}, '^[{_SPACES}]|[{_SPACES}]$')"
        f" THEN CASE WHEN {_among(trimmed, EMPTY_WORDS)} THEN NULL ELSE {trimmed} END ELSE {text} END"
    )


def _cell(column: Column, mapping: ColumnMapping, types: dict[str, str]) -> str:
    """SQL: the cell as given, with its part and code; tidied unless that is left for later."""
    if not mapping.source:
        return f"{literal(mapping.constant or '')}::VARCHAR"
    given = quote(mapping.source)
    if _is_direct(column, mapping, types):
        return f"CASE WHEN isnan({given}) THEN NULL ELSE {given} END" if types[mapping.source] in _REALS else given
    if _is_raw(column, mapping, types):
        return f"CASE WHEN prefix({given}, ' ') OR suffix({given}, ' ') THEN trim({given}) ELSE {given} END"
    is_day = column.dtype in ("date", "quarter") and types[mapping.source].startswith("TIMESTAMP")
    text = f"CAST(CAST({given} AS DATE) AS VARCHAR)" if is_day and not mapping.part else _part(mapping, types)
    if mapping.codes:
        branches = " ".join(
            f"WHEN {literal(code)} THEN {literal(word) if word else 'NULL'}" for code, word in mapping.codes.items()
        )
        code = f"coalesce({text}, '')" if "" in mapping.codes else text
        text = f"CASE {code} {branches} ELSE {text} END"
    return text


def _part(mapping: ColumnMapping, types: dict[str, str]) -> str:
    """SQL: the tidied cell, or the part of it that is taken."""
    text = _tidy_cell(mapping.source, types)
    if not mapping.part:
        return text
    first, last = mapping.part
    return f"nullif(trim(substr({text}, {first}, {last - first + 1}), '{_SPACES}'), '')"


def _tidy_cell(header: str, types: dict[str, str]) -> str:
    """SQL: a cell as tidied text, whatever its type; a whole double without its nought."""
    given = quote(header)
    if types[header] in _REALS:
        is_whole = f"{given} = trunc({given}) AND abs({given}) < 1e15"
        return _tidy(f"CASE WHEN {is_whole} THEN {given}::BIGINT::VARCHAR ELSE {given}::VARCHAR END")
    return _tidy(given if types[header] == "VARCHAR" else f"CAST({given} AS VARCHAR)")


def _value(column: Column, mapping: ColumnMapping, number: int, types: dict[str, str]) -> str:
    """SQL: the cell read as the column's type, NULL where it cannot be."""
    if mapping.times:
        value = numbers.product(_text(number), _times(number), SQL_TYPES[column.dtype])
    else:
        value = _read(column, mapping, _text(number), types)
    return f"abs({value})" if mapping.absolute else value


def _read(column: Column, mapping: ColumnMapping, text: str, types: dict[str, str]) -> str:
    """SQL: one text read as the column's type."""
    sql_type = SQL_TYPES[column.dtype]
    if mapping.source and _is_direct(column, mapping, types):
        value = f"last_day({text})" if column.name == "month" else text
        return f"TRY_CAST({value} AS {sql_type})"
    if column.dtype == "money":
        return numbers.money(text, mapping.multiply)
    if column.dtype == "float":
        return numbers.real(text, mapping.multiply)
    if column.dtype == "int":
        return dates.year(text) if column.name == "year" else numbers.whole(text, mapping.multiply)
    if column.dtype == "bool":
        is_true, is_false = (_among(f"lower({text})", words) for words in (TRUE_WORDS, FALSE_WORDS))
        return f"CASE WHEN {is_true} THEN true WHEN {is_false} THEN false END"
    if column.dtype == "date":
        return dates.month_end(text, mapping.dates) if column.name == "month" else dates.day(text, mapping.dates)
    if column.dtype == "quarter":
        return dates.quarter(text, mapping.dates)
    value = f"{literal(mapping.prefix)} || {text}" if mapping.prefix else text
    if column.sensitivity in ("identifier", "restricted"):
        return f"CASE WHEN regexp_full_match({text}, '{_SCIENTIFIC}') THEN NULL ELSE {value} END"
    return value


def _words(column: Column, mapping: ColumnMapping) -> tuple[str, ...]:
    """The words a text may be; none where any is taken."""
    if column.dtype != "text":
        return ()
    return column.allowed or tuple(word for word in dict.fromkeys(mapping.codes.values()) if word)


def _is_unreadable(column: Column, mapping: ColumnMapping, number: int, types: dict[str, str]) -> str:
    text = _text(number)
    given = f"{_tidy(text)} IS NOT NULL" if _is_raw(column, mapping, types) else f"{text} IS NOT NULL"
    if mapping.times:
        given = f"{given} AND {_times(number)} IS NOT NULL"
    return f"CASE WHEN {quote(column.name)} IS NULL THEN {given} ELSE false END"


def _is_unknown(words: Sequence[str], text: str) -> str:
    return f"(NOT {_among(text, words)})"


def _named(conditions: Sequence[tuple[str, str]]) -> str:
    """SQL: the names of the columns whose condition holds, as a list."""
    if not conditions:
        return "[]::VARCHAR[]"
    any_of = " OR ".join(condition for _, condition in conditions)
    names = ", ".join(f"CASE WHEN {condition} THEN {literal(name)} END" for name, condition in conditions)
    return f"CASE WHEN {any_of} THEN list_filter([{names}], lambda name: name IS NOT NULL) ELSE []::VARCHAR[] END"
