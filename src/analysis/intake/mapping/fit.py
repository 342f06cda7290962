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

_TELLING = 3
"""Columns beyond the key that make a table known whatever else a file holds, as many as its name is worth."""

PAIR = ("loans", "loan_states")
"""What one file often holds together: a 贷款台账 of every month has each loan, and how it stood at the month's end."""

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
    n_free : headers that mean no column
    is_clear : whether no other table fits nearly as well
    other : the table that fits next best
    """

    schema: TableSchema
    matches: tuple[Match, ...]
    missing: tuple[Column, ...]
    score: float
    n_free: int
    is_clear: bool = True
    other: str = ""

    @property
    def n_telling(self) -> int:
        """Columns found that tell what the file is about: not the key, which tables share."""
        return sum(match.column.name not in (*self.schema.key, *PERIODS) for match in self.matches)

    @property
    def is_key_only(self) -> bool:
        """Whether only the key was known, of a file that holds more."""
        return self.n_telling == 0 and self.n_free > 0


def best_fit(peek: Peek, headers: Sequence[str]) -> Fit | None:
    """The table a file fits best, or None where no table has its key columns.

    Headers that are only alike to a name are tried for the tables that fit best without them; not where the table
    that the file's name says knows every header and lacks none, as no other can come near it.
    """
    named = _named(peek)
    known = {schema.name: _known(headers, schema) for schema in SCHEMAS.values()}
    scored = sorted(
        (_fit(schema, known[schema.name], len(headers), schema.name in named) for schema in SCHEMAS.values()),
        key=lambda fit: -fit.score,
    )
    first, second = scored[:2]
    if named == {first.schema.name} and len(first.matches) == len(headers) and not first.missing:
        return replace(first, other=second.schema.name)
    tried = [fit for fit in scored if fit.matches or fit.schema.name in named][:_N_TRIED]
    fits = [
        _fit(fit.schema, _all(headers, known[fit.schema.name], fit.schema), len(headers), fit.schema.name in named)
        for fit in tried
    ]
    fits = sorted((fit for fit in fits if _is_possible(fit, fit.schema.name in named)), key=lambda fit: -fit.score)
    if len(fits) < 2:
        return fits[0] if fits else None
    is_clear = fits[0].score - fits[1].score >= _LEAD
    return replace(fits[0], is_clear=is_clear, other=fits[1].schema.name)


def fits_of(peek: Peek, headers: Sequence[str]) -> tuple[Fit, ...]:
    """The table a file fits best, and the other one of a pair that it holds as well; empty where none fits."""
    fit = best_fit(peek, headers)
    if fit is None or fit.schema.name not in PAIR:
        return () if fit is None else (fit,)
    fixed, states = (SCHEMAS[name] for name in PAIR)
    of_states = _fit(states, _all(headers, _known(headers, states), states), len(headers), False)
    changing = {match.header for match in of_states.matches if match.column.name not in _shared(fixed)}
    candidates = [match for match in _all(headers, _known(headers, fixed), fixed) if match.header not in changing]
    of_loans = _fit(fixed, candidates, len(headers), False)
    is_pair = (
        any(match.column.name == "balance" for match in of_states.matches)
        and of_loans.n_telling > 0
        and not any(column.name not in PERIODS for column in (*of_loans.missing, *of_states.missing))
    )
    return (of_loans, of_states) if is_pair else (fit,)


def _shared(schema: TableSchema) -> set[str]:
    """Columns that name a loan and its client: in both tables of a pair."""
    return {column.name for column in schema.columns if column.entity and column.required}


def nearest_fit(headers: Sequence[str]) -> Fit | None:
    """The table that knows most of the headers of a file that fits none, or None where no header is known."""
    fits = (_fit(schema, _known(headers, schema), len(headers), False) for schema in SCHEMAS.values())
    best = max(fits, key=lambda fit: (len(fit.matches), fit.score))
    return best if best.matches else None


def _known(headers: Sequence[str], schema: TableSchema) -> list[Match]:
    return [match for header in headers for match in known_matches(header, schema)]


def _all(headers: Sequence[str], known: Sequence[Match], schema: TableSchema) -> list[Match]:
    """Known names, and for the first headers left over names that are alike."""
    taken = {match.header for match in known}
    free = [header for header in headers if header not in taken][:_N_ALIKE]
    return [*known, *(match for header in free for match in near_matches(header, schema))]


def _fit(schema: TableSchema, candidates: Sequence[Match], n_headers: int, is_named: bool) -> Fit:
    found = _assigned(candidates, schema)
    given = {match.column.name for match in found}
    missing = tuple(column for column in schema.columns if column.required and column.name not in given)
    score = sum(match.score for match in found) + 0.5 * sum(match.column.name in schema.key for match in found)
    score -= sum(0.5 if column.name in PERIODS else 2.5 for column in missing)
    return Fit(schema, found, missing, score + (_NAMED if is_named else 0.0), n_headers - len(found))


def _is_possible(fit: Fit, is_named: bool) -> bool:
    """Whether a file may be a table: by its name and a needed column, else by its needed columns and what they tell.

    Client, month and product are in many files, so a file that is not named needs columns beyond the key: three, or as
    many as it holds of others. One needed column may be missing, the only one too, where the others tell so much.
    """
    needed = [column for column in fit.schema.columns if column.required and column.name not in PERIODS]
    n_missing = sum(column.name not in PERIODS for column in fit.missing)
    n_found = len(needed) - n_missing
    is_told = fit.n_telling >= _TELLING or (fit.n_telling > 0 and fit.n_telling >= fit.n_free) or fit.n_free == 0
    if n_found == 0:
        return n_missing == 1 and fit.n_telling >= _TELLING and fit.n_telling >= fit.n_free
    return is_named or (is_told and (n_missing == 0 or (n_missing == 1 and n_found > 1)))


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
