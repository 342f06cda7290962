"""Proposes a mapping from the names and first rows of files. A person confirms it wherever a name is not known."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from analysis.core.text import Text
from analysis.intake.identity.people import covered
from analysis.intake.mapping.fit import PERIODS, Fit, fits_of, nearest_fit
from analysis.intake.mapping.headers import How, Match, known_matches, likeness
from analysis.intake.mapping.industry import NAMES, industry_columns
from analysis.intake.mapping.nouns import ColumnMapping, FileMapping, SourceMapping
from analysis.intake.mapping.patterns import with_patterns
from analysis.intake.mapping.words import codes_for, multiply_for, strange_words, values_under
from analysis.intake.reading import Peek
from analysis.intake.schemas import SCHEMAS

_CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f]")
_N_SHOWN = 5
_LIKE = 0.4
"""Likeness from which a header is named as the nearest; below it two names share hardly a sign in five."""


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
    """A file or sheet and a table it fits, if any.

    Parameters
    ----------
    label : name of the file, with its sheet in a workbook of several
    free : headers that nothing is made of
    is_second : whether the file was judged before, as another table
    """

    peek: Peek
    label: str
    is_sheet: bool
    fit: Fit | None
    free: tuple[str, ...]
    is_second: bool = False


def guess_mapping(peeks: Sequence[Peek], *, name: str) -> Guess:
    """How files may be mapped, judged by their names, headers and first rows.

    Parameters
    ----------
    name : short name of the source
    """
    judged = [one for peek in peeks for one in _judge(peek, peeks)]
    files = [_file(one, one.fit) for one in judged if one.fit is not None]
    others = [one.peek.file for one in judged if one.fit is None and not one.is_sheet]
    notes = tuple(note for one in judged for note in _notes(one))
    unused = tuple((one.label, header) for one in judged if not one.is_second for header in one.free)
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


def _judge(peek: Peek, peeks: Sequence[Peek]) -> Iterator[_Judged]:
    is_sheet = sum(other.file == peek.file for other in peeks) > 1
    label = f"{peek.file}!{peek.sheet}" if is_sheet else peek.file
    fits = fits_of(peek, [h for h in peek.columns if not _CONTROL.search(h)])
    used = {match.header for fit in fits for match in fit.matches}
    free = tuple(header for header in peek.columns if header not in used)
    for at, fit in enumerate(fits or (None,)):
        yield _Judged(peek, f"{label} (also)" if at else label, is_sheet, fit, free, at > 0)


def _file(one: _Judged, fit: Fit) -> FileMapping:
    """One table of a file; a loan that a file tells again every month is taken once."""
    columns = tuple(column for match in fit.matches for column in _columns(one, fit, match))
    sheet = one.peek.sheet if one.is_sheet else ""
    is_repeated = fit.schema.name == "loans" and _has_month(one.peek)
    return FileMapping(fit.schema.name, (one.peek.file,), columns, sheet=sheet, distinct=is_repeated)


def _has_month(peek: Peek) -> bool:
    return any(match.column.name == "month" for h in peek.columns for match in known_matches(h, SCHEMAS["loan_states"]))


def _columns(one: _Judged, fit: Fit, match: Match) -> tuple[ColumnMapping, ...]:
    """The column of a header; section and division where it holds industry codes and no other header has one."""
    values = values_under(one.peek, match.header)
    own = _column(fit.schema.name, match, values)
    name = match.column.name
    known = {column.name for column in fit.schema.columns}
    taken = {other.column.name for other in fit.matches}
    parts = industry_columns(match.header, values) if name in NAMES else ()
    found = tuple(part for part in parts if part.column == name or part.column in known - taken)
    is_whole = all(part.column == "industry_division" and part.part == (1, 2) for part in found)
    return (own,) if is_whole else found  # a division in digits may stay as long as it is


def _column(table: str, match: Match, values: Sequence[str]) -> ColumnMapping:
    return ColumnMapping(
        match.column.name,
        match.header,
        multiply=multiply_for(match, values),
        codes=codes_for(table, match.column, values),
        year_to_date=match.year_to_date,
    )


def _is_sure(note: GuessNote) -> bool:
    if note.how == "none":
        return note.column == "quarter" or not note.table
    return note.how in ("exact", "alias") and not note.text


def _notes(one: _Judged) -> Iterator[GuessNote]:
    if one.fit is None:
        yield GuessNote(one.label, "", "", "", "none", _no_table(one))
        return
    fit, table = one.fit, one.fit.schema.name
    for match in fit.matches:
        values = values_under(one.peek, match.header)
        for column in _columns(one, fit, match):
            if column.part:
                text = "the section follows from the division" if column.codes else ""
                yield GuessNote(one.label, table, column.column, match.header, match.how, text)
            else:
                yield _note(one.label, table, match, column, values)
    for needed in fit.missing:
        if needed.name in PERIODS:
            text = "no such column: the folder's quarter is taken"
        else:
            nearest = max(one.free, key=lambda header: likeness(header, needed), default="")
            is_near = nearest and likeness(nearest, needed) >= _LIKE
            text = f"is required and was not found{f', the nearest header is {nearest!r}' if is_near else ''}"
        yield GuessNote(one.label, table, needed.name, "", "none", text)
    if fit.is_key_only:
        yield GuessNote(one.label, table, "", "", "near", "only key columns are known, none of the others")
    if not fit.is_clear:
        yield GuessNote(one.label, table, "", "", "near", f"the table {fit.other} fits nearly as well")


def _no_table(one: _Judged) -> str:
    """That no table fits, and which comes nearest with what it lacks."""
    nearest = nearest_fit(one.peek.columns)
    if nearest is None:
        return "no table has these columns"
    known = ", ".join(repr(match.header) for match in nearest.matches[:_N_SHOWN])
    return f"no table has these columns; the nearest is {nearest.schema.name}, of which only {known} is known"


def _note(label: str, table: str, match: Match, column: ColumnMapping, values: Sequence[str]) -> GuessNote:
    how: How = "unit" if column.multiply != match.multiply else match.how
    text = _what_to_look_at(match, column, values)
    return GuessNote(label, table, column.column, match.header, how, text, _words(match, column, values))


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
