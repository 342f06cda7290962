"""Which canonical table the columns of a file fit best."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from analysis.intake.mapping.headers import Match, fold, known_matches, near_matches
from analysis.intake.reading import Peek
from analysis.intake.schemas import SCHEMAS, Column, TableSchema

PERIODS = ("quarter", "month", "year")
"""What a file may leave out: the quarter's folder says it."""

_NAMED = 3.0
_LEAD = 1.0
"""A file's name weighs as much as three columns, and a lead of one column is clear: files of two tables that share
client, month and product still differ in every amount."""

_N_TRIED = 4
_N_ALIKE = 200
"""A file of 10,000 columns is looked at in a second; among its first 200 unknown headers are the misspelt ones."""


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
    """The table a file fits best, or None where no table has its key columns.

    Headers that are only alike to a name are tried for the tables that fit best without them; not where the table
    that the file's name says knows every header and lacks none, as no other can come near it.
    """
    named = _named(peek)
    known = {schema.name: _known(headers, schema) for schema in SCHEMAS.values()}
    scored = sorted(
        (_fit(schema, known[schema.name], schema.name in named) for schema in SCHEMAS.values()),
        key=lambda fit: -fit.score,
    )
    first, second = scored[:2]
    if named == {first.schema.name} and len(first.matches) == len(headers) and not first.missing:
        return replace(first, other=second.schema.name)
    tried = [fit for fit in scored if fit.matches or fit.schema.name in named][:_N_TRIED]
    fits = [
        _fit(fit.schema, _all(headers, known[fit.schema.name], fit.schema), fit.schema.name in named) for fit in tried
    ]
    fits = sorted((fit for fit in fits if _is_possible(fit, fit.schema.name in named)), key=lambda fit: -fit.score)
    if len(fits) < 2:
        return fits[0] if fits else None
    is_clear = fits[0].score - fits[1].score >= _LEAD
    return replace(fits[0], is_clear=is_clear, other=fits[1].schema.name)


def _known(headers: Sequence[str], schema: TableSchema) -> list[Match]:
    return [match for header in headers for match in known_matches(header, schema)]


def _all(headers: Sequence[str], known: Sequence[Match], schema: TableSchema) -> list[Match]:
    """Known names, and for the first headers left over names that are alike."""
    taken = {match.header for match in known}
    free = [header for header in headers if header not in taken][:_N_ALIKE]
    return [*known, *(match for header in free for match in near_matches(header, schema))]


def _fit(schema: TableSchema, candidates: Sequence[Match], is_named: bool) -> Fit:
    found = _assigned(candidates, schema)
    given = {match.column.name for match in found}
    missing = tuple(column for column in schema.columns if column.required and column.name not in given)
    score = sum(match.score for match in found) + 0.5 * sum(match.column.name in schema.key for match in found)
    score -= sum(0.5 if column.name in PERIODS else 2.5 for column in missing)
    return Fit(schema, found, missing, score + (_NAMED if is_named else 0.0))


def _is_possible(fit: Fit, is_named: bool) -> bool:
    """Whether every needed column is there, or all but one, or at least one where the file's name says the table."""
    needed = [column for column in fit.schema.columns if column.required and column.name not in PERIODS]
    n_missing = sum(column.name not in PERIODS for column in fit.missing)
    n_found = len(needed) - n_missing
    return n_found > 0 and (n_missing == 0 or is_named or (n_missing == 1 and n_found > 1))


def _assigned(candidates: Sequence[Match], schema: TableSchema) -> tuple[Match, ...]:
    """One header a column and one column a header, the surest first."""
    columns: dict[str, Match] = {}
    taken: set[str] = set()
    for match in sorted(candidates, key=lambda match: match.rank):
        if match.header not in taken and match.column.name not in columns:
            columns[match.column.name] = match
            taken.add(match.header)
    return tuple(columns[column.name] for column in schema.columns if column.name in columns)


def _named(peek: Peek) -> set[str]:
    """Tables that the file's or the sheet's name says: those with the longest name in it."""
    places = (fold(peek.sheet), fold(peek.file.partition(".")[0]))
    for place in places:
        lengths = {
            schema.name: max((len(name) for name in _file_names(schema) if name in place), default=0)
            for schema in SCHEMAS.values()
        }
        longest = max(lengths.values())
        if longest:
            return {name for name, length in lengths.items() if length == longest}
    return set()


def _file_names(schema: TableSchema) -> set[str]:
    return {fold(name) for name in (schema.name, schema.label.zh, schema.label.en, *schema.aliases)} - {""}
