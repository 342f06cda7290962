"""Proposes a mapping from the names and first rows of files. A person confirms it wherever a name is not known."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from glob import escape

from analysis.core.text import Text
from analysis.intake.mapping.fit import PERIODS, Fit, best_fit
from analysis.intake.mapping.headers import How, likeness
from analysis.intake.mapping.nouns import ColumnMapping, FileMapping, SourceMapping
from analysis.intake.mapping.rows import EMPTY_WORDS
from analysis.intake.reading import Peek
from analysis.intake.reference import load_reference
from analysis.intake.schemas import Column

_DATED = re.compile(
    r"(?:19|20)\d{2}(?:[-_.年]?(?:Q[1-4]|[一二三四1-4]季度|\d{1,2}(?:[-_.月]?\d{2}日?|月)?)|年)?", re.IGNORECASE
)
_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")


@dataclass(frozen=True, slots=True)
class GuessNote:
    """How one column, or one file, was guessed.

    Parameters
    ----------
    file : name of the file, `name!sheet` in a workbook of several sheets
    table : canonical table, empty where the file is not used
    source : header in the file
    how : exact, alias, near, unit or none
    text : what to look at
    """

    file: str
    table: str
    column: str
    source: str
    how: How
    text: str = ""


@dataclass(frozen=True, slots=True)
class Guess:
    """A proposed mapping.

    Parameters
    ----------
    unused : file and header of every column that nothing is made of
    is_certain : whether every name is known, every needed column is there and no other table fits as well
    """

    mapping: SourceMapping
    notes: tuple[GuessNote, ...]
    unused: tuple[tuple[str, str], ...]
    is_certain: bool


def guess_mapping(peeks: Sequence[Peek], *, name: str) -> Guess:
    """How files may be mapped, judged by their names, headers and first rows.

    Parameters
    ----------
    name : short name of the source
    """
    files: list[FileMapping] = []
    notes: list[GuessNote] = []
    unused: list[tuple[str, str]] = []
    is_certain = True
    sheets = [peek.file for peek in peeks]
    for peek in peeks:
        is_one_of_several = sheets.count(peek.file) > 1
        label = f"{peek.file}!{peek.sheet}" if is_one_of_several else peek.file
        fit = best_fit(peek, [header for header in peek.columns if not _CONTROL.search(header)])
        if fit is None:
            notes.append(GuessNote(label, "", "", "", "none", "no table has these columns"))
            is_certain = is_certain and is_one_of_several
            unused += [(label, header) for header in peek.columns]
            continue
        columns = tuple(_column(peek, fit, at) for at in range(len(fit.matches)))
        files.append(FileMapping(fit.schema.name, (peek.file,), columns, sheet=peek.sheet if is_one_of_several else ""))
        found = list(_notes(label, peek, fit, columns))
        notes += found
        used = {match.header for match in fit.matches}
        unused += [(label, header) for header in peek.columns if header not in used]
        is_certain = is_certain and fit.is_clear and all(_is_sure(note) for note in found)
    is_certain = is_certain and any(file.table == "clients" for file in files)
    mapping = SourceMapping(name, Text(name, name), "production", "CNY", "gbt4754", _patterns(files))
    return Guess(mapping, tuple(notes), tuple(unused), is_certain)


def _is_sure(note: GuessNote) -> bool:
    if note.how == "none":
        return note.column == "quarter"
    return note.how in ("exact", "alias") and not note.text


def _column(peek: Peek, fit: Fit, at: int) -> ColumnMapping:
    match = fit.matches[at]
    return ColumnMapping(
        match.column.name,
        match.header,
        multiply=match.multiply,
        codes=_codes(fit, match.column, _values(peek, match.header)),
        year_to_date=match.year_to_date,
    )


def _values(peek: Peek, header: str) -> list[str]:
    """The different words under a header, in the order they come."""
    at = peek.columns.index(header)
    given = dict.fromkeys(row[at].strip() for row in peek.rows if at < len(row))
    return [value for value in given if value not in EMPTY_WORDS]


def _usual(table: str, column: str) -> dict[str, str]:
    """Words that banks usually write for the codes of a column."""
    rows = load_reference("coded_words.csv")
    return {row["word"]: row["canonical"] for row in rows if (row["table"], row["column"]) == (table, column)}


def _codes(fit: Fit, column: Column, values: Sequence[str]) -> dict[str, str]:
    """Usual words for a coded column, all of them once one is seen: later rows may hold the others."""
    usual = _usual(fit.schema.name, column.name)
    return usual if any(value in usual for value in values) else {}


def _notes(label: str, peek: Peek, fit: Fit, columns: Sequence[ColumnMapping]) -> Iterator[GuessNote]:
    table = fit.schema.name
    for match, column in zip(fit.matches, columns, strict=True):
        text = _what_to_look_at(match.column, column, _values(peek, match.header))
        yield GuessNote(label, table, match.column.name, match.header, match.how, text)
    used = {match.header for match in fit.matches}
    free = [header for header in peek.columns if header not in used]
    for needed in fit.missing:
        if needed.name in PERIODS:
            yield GuessNote(label, table, needed.name, "", "none", "no such column: the folder's quarter is taken")
            continue
        nearest = max(free, key=lambda header: likeness(header, needed), default="")
        hint = f", the nearest header is {nearest!r}" if nearest else ""
        yield GuessNote(label, table, needed.name, "", "none", f"is required and was not found{hint}")
    if not fit.is_clear:
        yield GuessNote(label, table, "", "", "near", f"the table {fit.other} fits nearly as well")


def _what_to_look_at(column: Column, mapping: ColumnMapping, values: Sequence[str]) -> str:
    """What a person has to judge about a column, empty where nothing."""
    parts = []
    if mapping.multiply != 1:
        parts.append(f"its unit makes {mapping.multiply:f} of 1")
    if mapping.year_to_date:
        parts.append("cumulated over the year")
    known = column.allowed or tuple(mapping.codes.values())
    strange = [value for value in values if known and value not in known and value not in mapping.codes]
    if column.dtype == "text" and strange:
        restricted = column.sensitivity != "internal"
        shown = f"{len(strange)} words" if restricted else ", ".join(repr(value) for value in strange[:5])
        parts.append(f"no code is known for {shown}")
    return "; ".join(parts)


def _patterns(files: Sequence[FileMapping]) -> tuple[FileMapping, ...]:
    """Files that differ in their date only become one, with a pattern for the date."""
    merged: list[FileMapping] = []
    for file in files:
        pattern = _pattern(file.files[0])
        alike = [other for other in files if _pattern(other.files[0]) == pattern and other.sheet == file.sheet]
        is_one_kind = all((other.table, other.columns) == (file.table, file.columns) for other in alike)
        named = replace(file, files=(pattern if is_one_kind else escape(file.files[0]),))
        if named not in merged:
            merged.append(named)
    return tuple(merged)


def _pattern(name: str) -> str:
    """A file's name with its date left open, unless little else is left."""
    stem, dot, ending = name.partition(".")
    open_stem = "*".join(escape(part) for part in _DATED.split(stem))
    return f"{open_stem}{dot}{escape(ending)}" if re.search(r"[^\W\d_]", _DATED.sub("", stem)) else escape(name)
