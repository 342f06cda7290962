"""One view of a client: its numbers joined, its records reconciled, every table pointing to it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from analysis.intake.checks import Check
from analysis.intake.identity.aliases import find_aliases
from analysis.intake.identity.merge import merge_rows
from analysis.intake.schemas import SCHEMAS
from analysis.intake.validate import columns_of


@dataclass(frozen=True, slots=True)
class ClientView:
    """What joining the clients came to.

    Parameters
    ----------
    aliases : DuckDB table `alias, client_id` of numbers that gave way to another; in memory only, never written
    n_aliases : numbers that gave way
    checks : aliases, conflicts and joined rows
    """

    aliases: str
    n_aliases: int
    checks: tuple[Check, ...]


def resolve_clients(connection: Any, relations: Mapping[str, str], *, priority: Sequence[str] = ()) -> ClientView:
    """Give every client one number in all tables, in place, and say what that changed.

    Numbers with the same valid unified social credit code are one client. The number that stays comes from the file
    named first in `priority`, then from the earliest start of relation, then it is the smallest. Where records of one
    client then share a key, amounts of accounts are added and everything else is taken from the best file, then from
    the latest line.

    Parameters
    ----------
    connection : a DuckDB connection
    relations : canonical table → DuckDB table of its rows kept, `clients` among them
    priority : names or patterns of files, best first
    """
    found = find_aliases(connection, relations["clients"], priority=priority)
    checks = list(found.checks)
    if found.n_aliases:
        for name, relation in relations.items():
            if _names_clients(connection, name, relation):
                checks += merge_rows(connection, name, relation, found.relation, priority=priority)
    return ClientView(found.relation, found.n_aliases, tuple(checks))


def _names_clients(connection: Any, name: str, relation: str) -> bool:
    present = columns_of(connection, relation)
    return any(column.entity == "client" and column.name in present for column in SCHEMAS[name].columns)
