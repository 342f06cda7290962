"""How well the tables join to the clients: stated cardinality, rows matched, orphans, clients reached."""

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, replace
from typing import Any

from analysis.intake.checks import Check
from analysis.intake.validate import columns_of

CORE = ("positions", "transactions")
"""With `clients` itself the three kinds of data that every client must have: basic, business and transaction data."""

_ORPHANS = ("orphan", "orphan_of_set_aside")
"""Rules of the rows left out because their client is not in `clients`, or its own row was left out."""


@dataclass(frozen=True, slots=True)
class TableMatch:
    """How the rows of one table join to clients by client_id.

    Parameters
    ----------
    cardinality : m:1, many rows a client and no more than one client a row
    n_rows : equals n_matched + n_orphans + n_without
    n_orphans : rows whose client is not in `clients`; loading leaves them out
    n_without : rows that name no client
    n_clients : clients in force with at least one row
    """

    table: str
    cardinality: str
    n_rows: int
    n_matched: int
    n_orphans: int
    n_without: int
    n_clients: int

    @property
    def n_unmatched(self) -> int:
        """Rows that belong to no client of the register."""
        return self.n_orphans + self.n_without


@dataclass(frozen=True, slots=True)
class ClientMatches:
    """How the tables of a source join to its clients as of a quarter.

    Parameters
    ----------
    quarter : label of the quarter
    n_clients : clients in force: those of the register whose account is not closed
    n_core : those of them that have basic, business and transaction data; None where a table of `CORE` is not given
    tables : one line a table that names clients
    """

    quarter: str
    n_clients: int
    n_core: int | None
    tables: tuple[TableMatch, ...]

    def as_json(self) -> dict[str, Any]:
        return {**asdict(self), "tables": [asdict(table) for table in self.tables]}

    @classmethod
    def from_json(cls, content: Mapping[str, Any]) -> "ClientMatches":
        tables = tuple(TableMatch(**row) for row in content["tables"])
        return cls(content["quarter"], content["n_clients"], content["n_core"], tables)

    def with_orphans(self, checks: Iterable[Check]) -> "ClientMatches":
        """The same with the rows that loading left out because their client is not in `clients`."""
        left_out = [check for check in checks if check.rule in _ORPHANS and check.column == "client_id"]
        tables = []
        for table in self.tables:
            n = sum(check.n_rows for check in left_out if check.table == table.table)
            tables.append(replace(table, n_rows=table.n_rows + n, n_orphans=table.n_orphans + n))
        return replace(self, tables=tuple(tables))


def match_tables(connection: Any, relations: Mapping[str, str], quarter: str) -> ClientMatches:
    """How each table joins to the clients, and how many clients have every kind of core data.

    Parameters
    ----------
    connection : a DuckDB connection
    relations : canonical table → relation of the rows known at the quarter's end, `clients` among them
    """
    clients = relations["clients"]
    has_status = "status" in columns_of(connection, clients)
    status = "arg_max(coalesce(status, ''), quarter)" if has_status else "''"
    connection.execute(
        "CREATE OR REPLACE TEMP TABLE known_clients AS"
        f" SELECT client_id, {status} <> 'closed' AS in_force FROM {clients} GROUP BY client_id"
    )
    tables = tuple(
        _match(connection, name, relation)
        for name, relation in relations.items()
        if name != "clients" and "client_id" in columns_of(connection, relation)
    )
    n_clients = connection.execute("SELECT count(*) FROM known_clients WHERE in_force").fetchone()[0]
    return ClientMatches(quarter, int(n_clients), _count_core(connection, relations), tables)


def _match(connection: Any, name: str, relation: str) -> TableMatch:
    n_rows, n_matched, n_without, n_clients = connection.execute(
        "SELECT coalesce(sum(n), 0)::BIGINT, coalesce(sum(n) FILTER (c.client_id IS NOT NULL), 0)::BIGINT,"
        " coalesce(sum(n) FILTER (t.client_id IS NULL), 0)::BIGINT, count(*) FILTER (c.in_force)"
        f" FROM (SELECT client_id, count(*) AS n FROM {relation} GROUP BY client_id) AS t"
        " LEFT JOIN known_clients AS c ON t.client_id = c.client_id"
    ).fetchone()
    return TableMatch(name, "m:1", n_rows, n_matched, n_rows - n_matched - n_without, n_without, n_clients)


def _count_core(connection: Any, relations: Mapping[str, str]) -> int | None:
    if any(name not in relations for name in CORE):
        return None
    joins = " ".join(f"SEMI JOIN {relations[name]} AS t{at} USING (client_id)" for at, name in enumerate(CORE))
    return int(connection.execute(f"SELECT count(*) FROM known_clients AS c {joins} WHERE in_force").fetchone()[0])
