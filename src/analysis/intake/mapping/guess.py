"""Proposes a mapping from the names and first rows of files. A person confirms it wherever a name is not known."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from analysis.core.text import Text
from analysis.intake.identity.people import covered
from analysis.intake.mapping.fit import PERIODS, Fit, best_fit
from analysis.intake.mapping.headers import How, Match, likeness
from analysis.intake.mapping.nouns import ColumnMapping, FileMapping, SourceMapping
from analysis.intake.mapping.patterns import with_patterns
from analysis.intake.mapping.words import codes_for, multiply_for, strange_words, values_under
from analysis.intake.reading import Peek

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_N_SHOWN = 5


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
    words : values in the first rows that no code is known for
    """

    file: str
    table: str
    column: str
    source: str
    how: How
    text: str = ""
    words: tuple[str, ...] = ()


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


@dataclass(frozen=True, slots=True)
class _Judged:
    """A file or sheet and the table it fits, if any.

    Parameters
    ----------
    label : name of the file, with its sheet in a workbook of several
    """

    peek: Peek
    label: str
    is_sheet: bool
    fit: Fit | None


def guess_mapping(peeks: Sequence[Peek], *, name: str) -> Guess:
    """How files may be mapped, judged by their names, headers and first rows.

    Parameters
    ----------
    name : short name of the source
    """
    judged = [_judge(peek, peeks) for peek in peeks]
    files = [_file(one, one.fit) for one in judged if one.fit is not None]
    others = [one.peek.file for one in judged if one.fit is None and not one.is_sheet]
    notes = tuple(note for one in judged for note in _notes(one))
    unused = tuple((one.label, header) for one in judged for header in _free(one))
    is_certain = (
        all(_is_sure(note) for note in notes)
        and not others
        and all(one.fit.is_clear for one in judged if one.fit is not None)
        and any(file.table == "clients" for file in files)
    )
    mapped = with_patterns(files, others)
    return Guess(
        SourceMapping(name, Text(name, name), "production", "CNY", "gbt4754", mapped), notes, unused, is_certain
    )


def _judge(peek: Peek, peeks: Sequence[Peek]) -> _Judged:
    is_sheet = sum(other.file == peek.file for other in peeks) > 1
    label = f"{peek.file}!{peek.sheet}" if is_sheet else peek.file
    return _Judged(peek, label, is_sheet, best_fit(peek, [h for h in peek.columns if not _CONTROL.search(h)]))


def _file(one: _Judged, fit: Fit) -> FileMapping:
    table = fit.schema.name
    columns = tuple(_column(table, match, values_under(one.peek, match.header)) for match in fit.matches)
    return FileMapping(table, (one.peek.file,), columns, sheet=one.peek.sheet if one.is_sheet else "")


def _column(table: str, match: Match, values: Sequence[str]) -> ColumnMapping:
    return ColumnMapping(
        match.column.name,
        match.header,
        multiply=multiply_for(match, values),
        codes=codes_for(table, match.column, values),
        year_to_date=match.year_to_date,
    )


def _free(one: _Judged) -> list[str]:
    """Headers that nothing is made of."""
    used = {match.header for match in one.fit.matches} if one.fit else set()
    return [header for header in one.peek.columns if header not in used]


def _is_sure(note: GuessNote) -> bool:
    if note.how == "none":
        return note.column == "quarter" or not note.table
    return note.how in ("exact", "alias") and not note.text


def _notes(one: _Judged) -> Iterator[GuessNote]:
    if one.fit is None:
        yield GuessNote(one.label, "", "", "", "none", "no table has these columns")
        return
    fit, table = one.fit, one.fit.schema.name
    for match in fit.matches:
        values = values_under(one.peek, match.header)
        column = _column(table, match, values)
        is_percent = column.multiply != match.multiply
        text = _what_to_look_at(match, column, values)
        how: How = "unit" if is_percent else match.how
        yield GuessNote(one.label, table, column.column, match.header, how, text, _words(match, column, values))
    for needed in fit.missing:
        if needed.name in PERIODS:
            text = "no such column: the folder's quarter is taken"
        else:
            nearest = max(_free(one), key=lambda header: likeness(header, needed), default="")
            text = f"is required and was not found{f', the nearest header is {nearest!r}' if nearest else ''}"
        yield GuessNote(one.label, table, needed.name, "", "none", text)
    if not fit.is_clear:
        yield GuessNote(one.label, table, "", "", "near", f"the table {fit.other} fits nearly as well")


def _words(match: Match, mapping: ColumnMapping, values: Sequence[str]) -> tuple[str, ...]:
    """Words that no code is known for, without those that hold a person or a phone number."""
    strange = strange_words(match.column, mapping.codes, values)
    return tuple(word for word in strange if covered(word) == word)


def _what_to_look_at(match: Match, mapping: ColumnMapping, values: Sequence[str]) -> str:
    """What a person has to judge about a column, empty where nothing."""
    parts = []
    if mapping.multiply != match.multiply:
        parts.append("some are above 1: taken as percents")
    elif mapping.multiply != 1:
        parts.append(f"the unit in the header makes {mapping.multiply:f} of 1")
    if mapping.year_to_date:
        parts.append("cumulated over the year")
    strange = strange_words(match.column, mapping.codes, values)
    if strange:
        parts.append(f"no code is known for {', '.join(repr(covered(value)) for value in strange[:_N_SHOWN])}")
    return "; ".join(parts)
