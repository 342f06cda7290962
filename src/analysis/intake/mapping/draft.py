"""A guessed mapping as a file a person can read, correct and keep."""

import re
from collections.abc import Iterator
from decimal import Decimal

from analysis.intake.mapping.guess import Guess, GuessNote
from analysis.intake.mapping.nouns import ColumnMapping, FileMapping, SourceMapping
from analysis.intake.mapping.words import nearest_word
from analysis.intake.schemas import SCHEMAS

_BARE = re.compile(r"[A-Za-z0-9_-]+")
_ESCAPES = {'"': '\\"', "\\": "\\\\", "\n": "\\n", "\r": "\\r", "\t": "\\t"}


def draft_toml(guess: Guess) -> str:
    """The mapping as TOML that loads to the same mapping, with what was guessed and what is not used as comments."""
    return "\n".join(_lines(guess)) + "\n"


def _lines(guess: Guess) -> Iterator[str]:
    mapping = guess.mapping
    yield "# A guess: read it, correct it, and keep it as mapping.toml. Its language is in data/mappings/README.md."
    yield ""
    yield from _source(mapping)
    for file in mapping.files:
        yield ""
        yield "[[file]]"
        yield from _file(file, guess)
    notes = [note for note in guess.notes if note.how == "none" or not note.column]
    if notes:
        yield ""
        yield "# To be looked at:"
        yield from (f"#   {_remark(f'{note.file}: {_place(note)}{note.text}')}" for note in notes)
    if guess.unused:
        yield ""
        yield "# Not used:"
        yield from (f"#   {_remark(f'{file}: {header}')}" for file, header in guess.unused)


def _place(note: GuessNote) -> str:
    place = ".".join(part for part in (note.table, note.column) if part)
    return f"{place} " if place else ""


def _source(mapping: SourceMapping) -> Iterator[str]:
    yield "[source]"
    yield f"name = {_quoted(mapping.name)}"
    yield f"zh = {_quoted(mapping.title.zh)}"
    yield f"en = {_quoted(mapping.title.en)}"
    yield f"kind = {_quoted(mapping.kind)}"
    yield f"currency = {_quoted(mapping.currency)}"
    yield f"industry_scheme = {_quoted(mapping.industry_scheme)}"
    if mapping.client_priority:
        yield f"client_priority = {_list(mapping.client_priority)}"
    if mapping.first_quarter:
        yield f"first_quarter = {_quoted(mapping.first_quarter)}"
    if mapping.last_quarter:
        yield f"last_quarter = {_quoted(mapping.last_quarter)}"
    if mapping.about:
        yield ""
        yield "[source.about]"
        yield from (f"{_key(key)} = {_quoted(value)}" for key, value in mapping.about.items())


def _file(file: FileMapping, guess: Guess) -> Iterator[str]:
    yield f"table = {_quoted(file.table)}"
    yield f"files = {_list(file.files)}"
    for name in ("sheet", "delimiter", "encoding"):
        if getattr(file, name):
            yield f"{name} = {_quoted(getattr(file, name))}"
    for name in ("header_row", "priority"):
        if getattr(file, name):
            yield f"{name} = {getattr(file, name)}"
    if file.distinct:
        yield "distinct = true"
    yield ""
    yield "[file.columns]"
    for column in file.columns:
        yield f"{_key(column.column)} = {_column(column)}{_comment(file, column, guess)}"
    for column in file.columns:
        yield from _codes(file, column, guess)
    if file.where:
        yield ""
        yield "[file.where]"
        yield from (f"{_key(header)} = {_list(codes)}" for header, codes in file.where.items())


def _codes(file: FileMapping, column: ColumnMapping, guess: Guess) -> Iterator[str]:
    """The codes of a column, and as comments to be filled in the words that none is known for."""
    unknown = next((note.words for note in guess.notes if _is_about(note, file, column)), ())
    if not column.codes and not unknown:
        return
    yield ""
    usual = "  # words that banks usually write" if guess.notes and column.codes else ""
    yield f"[file.codes.{_key(column.column)}]{usual}"
    yield from (f"{_key(code)} = {_quoted(word)}" for code, word in column.codes.items())
    if not unknown:
        return
    known = SCHEMAS[file.table].column(column.column)
    yield "# No code is known for these, whose rows are set aside: write the word each means and take the # off."
    if known.allowed:
        yield f"# The words are {', '.join(known.allowed)}."
    for word in unknown:
        yield f"# {_key(word)} = {_quoted(nearest_word(file.table, known, word))}"


def _column(column: ColumnMapping) -> str:
    parts = [f"column = {_quoted(column.source)}"] if column.source else []
    if column.constant is not None:
        parts.append(f"constant = {_quoted(column.constant)}")
    if column.multiply != Decimal(1):
        parts.append(f"multiply = {column.multiply:f}")
    if column.dates:
        parts.append(f"dates = {_quoted(column.dates)}")
    if column.prefix:
        parts.append(f"prefix = {_quoted(column.prefix)}")
    if column.part:
        parts.append(f"part = [{column.part[0]}, {column.part[1]}]")
    if column.times:
        parts.append(f"times = {_quoted(column.times)}")
    parts += [f"{name} = true" for name in ("year_to_date", "absolute") if getattr(column, name)]
    is_short = len(parts) == 1 and column.source
    return _quoted(column.source) if is_short else f"{{{', '.join(parts)}}}"


def _comment(file: FileMapping, column: ColumnMapping, guess: Guess) -> str:
    """How a column was guessed, where it was not by its name."""
    note = next((note for note in guess.notes if _is_about(note, file, column)), None)
    if note is None or (note.how == "exact" and not note.text):
        return ""
    return f"  # {_remark(f'{note.how}: {note.text}' if note.text else note.how)}"


def _is_about(note: GuessNote, file: FileMapping, column: ColumnMapping) -> bool:
    return (note.table, note.column, note.source) == (file.table, column.column, column.source)


def _quoted(text: str) -> str:
    """A TOML string."""
    return (
        '"'
        + "".join(_ESCAPES.get(c) or (f"\\u{ord(c):04x}" if ord(c) < 32 or ord(c) == 127 else c) for c in text)
        + '"'
    )


def _list(texts: tuple[str, ...]) -> str:
    return f"[{', '.join(_quoted(text) for text in texts)}]"


def _key(text: str) -> str:
    return text if _BARE.fullmatch(text) else _quoted(text)


def _remark(text: str) -> str:
    """A text for a comment: one line, nothing a terminal or TOML reads."""
    return "".join(c if c.isprintable() else " " for c in text).strip()
