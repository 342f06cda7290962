"""Which canonical table the columns of a file fit best."""

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.intake.mapping.headers import Match, fold, matches
from analysis.intake.reading import Peek
from analysis.intake.schemas import SCHEMAS, Column, TableSchema

PERIODS = ("quarter", "month", "year")
"""What a file may leave out: the quarter's folder says it."""

_NAMED = 3.0
_LEAD = 1.0
"""A file's name weighs as much as three columns, and a lead of one column is clear: files of two tables that share
client, month and product still differ in every amount."""


@dataclass(frozen=True, slots=True)
class Fit:
    """A table and what its columns may come from.

    Parameters
    ----------
    matches : one header a column, in the order of the contract
    missing : required columns that no header means
    is_clear : whether no other table fits nearly as well
    other : the table that fits next best
    """

    schema: TableSchema
    matches: tuple[Match, ...]
    missing: tuple[Column, ...]
    score: float
    is_clear: bool = True
    other: str = ""


def best_fit(peek: Peek, headers: Sequence[str]) -> Fit | None:
    """The table a file fits best, or None where no table has its key columns."""
    fits = sorted(
        (fit for schema in SCHEMAS.values() if (fit := _fit(peek, headers, schema)) is not None),
        key=lambda fit: -fit.score,
    )
    if not fits:
        return None
    best = fits[0]
    if len(fits) == 1:
        return best
    is_clear = best.score - fits[1].score >= _LEAD
    return Fit(best.schema, best.matches, best.missing, best.score, is_clear, fits[1].schema.name)


def _fit(peek: Peek, headers: Sequence[str], schema: TableSchema) -> Fit | None:
    found = _assigned(headers, schema)
    given = {match.column.name for match in found}
    missing = tuple(column for column in schema.columns if column.required and column.name not in given)
    needed = [column.name for column in schema.columns if column.required and column.name not in PERIODS]
    n_needed = sum(name in given for name in needed)
    is_named = _names(peek, schema)
    if not found or not n_needed or (n_needed < len(needed) and not is_named and n_needed < 2):
        return None
    score = sum(match.score for match in found) - 2.0 * len([c for c in missing if c.name not in PERIODS])
    score += 0.5 * sum(match.column.name in schema.key for match in found) - 0.5 * len(missing)
    return Fit(schema, found, missing, score + (_NAMED if is_named else 0.0))


def _assigned(headers: Sequence[str], schema: TableSchema) -> tuple[Match, ...]:
    """One header a column and one column a header, the surest first."""
    candidates = sorted(
        (match for header in headers for match in matches(header, schema)), key=lambda match: match.rank
    )
    columns: dict[str, Match] = {}
    taken: set[str] = set()
    for match in candidates:
        if match.header not in taken and match.column.name not in columns:
            columns[match.column.name] = match
            taken.add(match.header)
    return tuple(columns[column.name] for column in schema.columns if column.name in columns)


def _names(peek: Peek, schema: TableSchema) -> bool:
    """Whether the file's or sheet's name says the table."""
    names = {fold(name) for name in (schema.name, schema.label.zh, schema.label.en, *schema.aliases)}
    stem = fold(peek.file.partition(".")[0])
    sheet = fold(peek.sheet)
    return any(name and (name in stem or name == sheet) for name in names)
