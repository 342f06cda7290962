"""Pseudonyms in place of numbers, and no names: what canonical tables may keep of who somebody is."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from analysis.core.errors import AnalysisError
from analysis.intake.identity.posts import people_in_posts, replace_people
from analysis.intake.identity.prose import cover_prose
from analysis.intake.schemas import SCHEMAS
from analysis.intake.validate import columns_of, quote

LENGTH = 16
"""Hex characters kept: 64 bits, so that among a million numbers two collide once in forty million banks."""
_BLOCK = 64
"""Bytes of a block of SHA-256."""


def pseudonymise(
    connection: Any, relations: Mapping[str, str], key: bytes, *, beside: Sequence[str] = ()
) -> dict[str, int]:
    """Replace every number of a client, loan, group or person by its pseudonym and drop names and codes, in place.

    People in free text are covered, and people who stand where a department or post is meant get their pseudonym.

    Returns how many numbers of each entity were replaced.

    Parameters
    ----------
    connection : a DuckDB connection
    relations : canonical table → DuckDB table with its rows
    key : of `pseudonym_key`
    beside : other DuckDB tables, such as restatements, whose columns are called like identifiers of the contract

    Raises
    ------
    AnalysisError : two numbers got the same pseudonym

    Notes
    -----
    A pseudonym is the first letter of the entity and the first 16 hex characters of HMAC-SHA256(key, entity:number).
    Equal numbers of one entity are equal pseudonyms in all tables. Distinct numbers are computed once and joined.

    References
    ----------
    RFC 2104 (HMAC); GB/T 37964-2019, 5.5, pseudonymisation by keyed hash.
    """
    cover_prose(connection, relations)
    _replace_people(connection, relations, key)
    columns = {name: _of_table(connection, name, relation) for name, relation in relations.items()}
    places = [(relations[name], columns[name]) for name in relations]
    places += [(relation, _of_other(connection, relation)) for relation in beside]
    counts = {}
    for entity in sorted({entity for _, found in places for entity in found.values()}):
        counts[entity] = _compute(connection, entity, list(_distinct(places, entity)), key)
    for name, relation in relations.items():
        restricted = [column.name for column in SCHEMAS[name].columns if column.sensitivity == "restricted"]
        _replace(connection, relation, columns[name], restricted)
    for relation in beside:
        _replace(connection, relation, _of_other(connection, relation), ())
    for entity in counts:
        connection.execute(f"DROP TABLE {_table_of(entity)}")
    return counts


def _replace_people(connection: Any, relations: Mapping[str, str], key: bytes) -> None:
    places = people_in_posts(connection, relations)
    numbers = sorted({number for people in places.values() for number in people.values()})
    if numbers:
        query = f"SELECT {_pseudonym('staff', '$number')}"
        made = {n: connection.execute(query, {**key_pads(key), "number": n}).fetchone()[0] for n in numbers}
        replace_people(connection, places, made)


def _pseudonym(entity: str, number: str) -> str:
    """SQL: the pseudonym of a number of an entity, with the parameters of `key_pads`."""
    hashed = pseudonym_sql(f"'{entity}:' || {number}")
    return f"'{entity[0].upper()}' || left({hashed}, {LENGTH})"


def pseudonym_sql(value: str) -> str:
    """SQL of HMAC-SHA256 over a text, with the parameters `$inner` and `$outer` of `key_pads`, as hex."""
    return f"sha256($outer || unhex(sha256($inner || encode({value}))))"


def key_pads(key: bytes) -> dict[str, bytes]:
    """The two blocks that HMAC puts before what it hashes (RFC 2104, section 2)."""
    import hashlib

    block = (hashlib.sha256(key).digest() if len(key) > _BLOCK else key).ljust(_BLOCK, b"\0")
    return {"inner": bytes(byte ^ 0x36 for byte in block), "outer": bytes(byte ^ 0x5C for byte in block)}


def _of_table(connection: Any, table: str, relation: str) -> dict[str, str]:
    """Identifier columns that are there, with their entity."""
    present = columns_of(connection, relation)
    identifiers = [column for column in SCHEMAS[table].columns if column.sensitivity == "identifier"]
    return {column.name: column.entity for column in identifiers if column.name in present}


def _of_other(connection: Any, relation: str) -> dict[str, str]:
    """Columns called like an identifier of any table."""
    entities = {
        column.name: column.entity
        for schema in SCHEMAS.values()
        for column in schema.columns
        if column.sensitivity == "identifier"
    }
    return {name: entities[name] for name in columns_of(connection, relation) if name in entities}


def _distinct(places: Sequence[tuple[str, Mapping[str, str]]], entity: str) -> Iterator[str]:
    for relation, found in places:
        for column in (quote(name) for name, owner in found.items() if owner == entity):
            yield f"SELECT DISTINCT {column}::VARCHAR AS number FROM {relation} WHERE {column} IS NOT NULL"


def _table_of(entity: str) -> str:
    return quote(f"pseudonyms_{entity}")


def _compute(connection: Any, entity: str, selects: Sequence[str], key: bytes) -> int:
    """Make a table of every number of an entity and its pseudonym; return how many."""
    connection.execute(
        f"CREATE OR REPLACE TEMP TABLE {_table_of(entity)} AS"
        f" SELECT number, {_pseudonym(entity, 'number')} AS pseudonym"
        f" FROM ({' UNION '.join(selects)})",
        key_pads(key),
    )
    query = f"SELECT count(*), count(DISTINCT pseudonym) FROM {_table_of(entity)}"
    n_numbers, n_pseudonyms = connection.execute(query).fetchone()
    if n_numbers != n_pseudonyms:
        raise AnalysisError(
            f"Of {n_numbers:,} {entity} numbers {n_numbers - n_pseudonyms:,} got a pseudonym that another one has.",
            hint="Use another key.",
        )
    return int(n_numbers)


def _replace(connection: Any, relation: str, identifiers: Mapping[str, str], dropped: Sequence[str]) -> None:
    """Write the table anew with pseudonyms and without the restricted columns, its columns in the same order."""
    present = columns_of(connection, relation)
    if not identifiers and not any(name in present for name in dropped):
        return
    values: list[str] = []
    joins: list[str] = []
    for name in present:
        if name in identifiers:
            at = f"p{len(joins)}"
            values.append(f"{at}.pseudonym AS {quote(name)}")
            joins.append(f"LEFT JOIN {_table_of(identifiers[name])} AS {at} ON t.{quote(name)}::VARCHAR = {at}.number")
        elif name not in dropped:
            values.append(f"t.{quote(name)}")
    connection.execute(
        f"CREATE OR REPLACE TABLE {relation} AS SELECT {', '.join(values)} FROM {relation} AS t {' '.join(joins)}"
    )
