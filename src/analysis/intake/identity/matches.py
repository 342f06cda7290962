"""How well the tables join to the clients: stated cardinality, rows matched, orphans, clients reached."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from analysis.intake.validate import columns_of

CORE = ("positions", "transactions")
"""With `clients` itself the three kinds of data that every client must have: basic, business and transaction data."""


@dataclass(frozen=True, slots=True)
class TableMatch:
    """How the rows of one table join to clients by client_id.

    Parameters
    ----------
    cardinality : m:1, many rows a client and no more than one client a row
    n_rows : equals n_matched + n_orphans + n_without
    n_orphans : rows whose client is not in `clients`
    n_without : rows that name no client
    n_clients : clients with at least one row
    """

    table: str
    cardinality: str
    n_rows: int
    n_matched: int
    n_orphans: int
    n_without: int
    n_clients: int


def match_tables(connection: Any, relations: Mapping[str, str]) -> tuple[TableMatch, ...]:
    """One line a table that names clients."""
    known = f"(SELECT DISTINCT client_id FROM {relations['clients']})"
    found = []
    for name, relation in relations.items():
        if name == "clients" or "client_id" not in columns_of(connection, relation):
            continue
        row = connection.execute(
            "SELECT coalesce(sum(n), 0)::BIGINT, coalesce(sum(n) FILTER (c.client_id IS NOT NULL), 0)::BIGINT,"
            " coalesce(sum(n) FILTER (t.client_id IS NULL), 0)::BIGINT, count(c.client_id)"
            f" FROM (SELECT client_id, count(*) AS n FROM {relation} GROUP BY client_id) AS t"
            f" LEFT JOIN {known} AS c ON t.client_id = c.client_id"
        ).fetchone()
        n_rows, n_matched, n_without, n_clients = row
        orphans = n_rows - n_matched - n_without
        found.append(TableMatch(name, "m:1", n_rows, n_matched, orphans, n_without, n_clients))
    return tuple(found)


def count_core(connection: Any, relations: Mapping[str, str]) -> tuple[int, int]:
    """Clients of the last quarter, and how many of them occur in every core table; none when one is not given."""
    clients = relations["clients"]
    last = f"SELECT DISTINCT client_id FROM {clients} WHERE quarter = (SELECT max(quarter) FROM {clients})"
    n_clients = connection.execute(f"SELECT count(*) FROM ({last})").fetchone()[0]
    if any(name not in relations for name in CORE):
        return int(n_clients), 0
    joins = " ".join(f"SEMI JOIN {relations[name]} AS t{at} USING (client_id)" for at, name in enumerate(CORE))
    n_core = connection.execute(f"SELECT count(*) FROM ({last}) AS c {joins}").fetchone()[0]
    return int(n_clients), int(n_core)
