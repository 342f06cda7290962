"""Defects planted into an export of the demo bank, each with the rule that must find it. The bank itself stays clean.

A row carries at most one defect, named in its column `_trap`, so that what was planted where can be counted and every
defect must be found exactly once.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from analysis.intake.validate import columns_of, quote

FLOWS = ("opening_balance", "inflow", "outflow")
UNKNOWN_CLIENT = "C9999999"
"""Clients of the demo bank are numbered from one on, and no bank has so many."""


COPIED, TAKEN = "copied", "taken"
"""Marks of rows that are as they were, but must stay so: a copy with a defect lies before them."""


@dataclass(frozen=True, slots=True)
class Trap:
    """One kind of defect.

    Parameters
    ----------
    rule, column, action : what the check that finds it must say
    where : SQL, which rows may get it
    change : column → SQL of its new cell
    copies : put a changed copy before the row instead of changing the row: what is wrong then is a row too many
    n : rows to plant
    """

    name: str
    table: str
    column: str
    rule: str
    change: Mapping[str, str] = field(default_factory=dict)
    where: str = "true"
    action: str = "set_aside"
    copies: bool = False
    n: int = 3


@dataclass(frozen=True, slots=True)
class Planted:
    """A defect that was planted: rows, and the place in the table of each."""

    trap: Trap
    n_rows: int


_ALWAYS_CLIENT = "client_id IN (SELECT client_id FROM text_clients GROUP BY client_id HAVING count(*) >= 4)"
"""A client with other rows besides: setting one aside makes no orphans."""
_OLD = "opening_balance IS NOT NULL AND product = 'deposit_demand' AND month > (SELECT min(month) FROM text_positions)"

TRAPS = (
    Trap("impossible_date", "clients", "relation_start", "type", {"relation_start": "'2025-02-30'"}, _ALWAYS_CLIENT),
    Trap("words_for_amount", "positions", "balance_avg", "type", {"balance_avg": "'待核实'"}),
    Trap("no_client", "positions", "client_id", "required", {"client_id": "NULL"}),
    Trap("no_product", "positions", "product", "required", {"product": "NULL"}, n=2),
    Trap("unknown_channel", "transactions", "channel", "unknown_code", {"channel": "'飞鸽传书'"}),
    Trap("unknown_class", "loan_states", "loan_class", "unknown_code", {"loan_class": "'第六类'"}),
    Trap("limit_below_zero", "limits", "credit_limit", "range", {"credit_limit": "'-1000.00'"}),
    Trap("rate_as_percent", "positions", "rate", "range", {"rate": "'3.85'"}, "rate IS NOT NULL"),
    Trap(
        "from_the_future",
        "transactions",
        "month",
        "later_than_quarter",
        {"month": "'2031-12-31'"},
        copies=True,
    ),
    Trap("same_row_twice", "positions", "client_id", "duplicate_row", copies=True, n=5),
    Trap(
        "same_key_other_value",
        "limits",
        "client_id",
        "duplicate_key",
        {"used": "'0.00'"},
        "used::DECIMAL(18,2) > 0",
        copies=True,
    ),
    Trap(
        "ends_before_it_starts",
        "loans",
        "outcome_date",
        "outcome_before_start",
        {
            "loan_id": "loan_id || 'X'",
            "outcome": "'paid_in_full'",
            "outcome_date": "(start::DATE - 10)::VARCHAR",
        },
        copies=True,
    ),
    Trap(
        "end_is_not_start_and_flows",
        "positions",
        "balance_end",
        "end_is_start_and_flows",
        {"inflow": "(inflow::DECIMAL(18,2) + 5000)::VARCHAR"},
        _OLD,
        n=4,
    ),
    Trap(
        "equity_is_not_the_rest",
        "financials",
        "equity",
        "balance_sheet",
        {"equity": "(equity::DECIMAL(18,2) + 0.2 * assets::DECIMAL(18,2))::DECIMAL(18,2)::VARCHAR"},
        "equity IS NOT NULL AND assets::DECIMAL(18,2) > 0",
    ),
    Trap("founded_later", "clients", "founded", "founded_after_quarter", {"founded": "'2029-01-01'"}, _ALWAYS_CLIENT),
    Trap(
        "money_without_entries",
        "transactions",
        "amount_in",
        "amount_without_entry",
        {"n_in": "'0'"},
        "amount_in::DECIMAL(18,2) > 0",
    ),
    Trap("orphan_position", "positions", "client_id", "orphan", {"client_id": f"'{UNKNOWN_CLIENT}'"}, copies=True, n=2),
    Trap("orphan_state", "loan_states", "loan_id", "orphan", {"loan_id": "'D999999999'"}, copies=True, n=2),
    Trap(
        "used_above_limit",
        "limits",
        "used",
        "used_above_limit",
        {"used": "(credit_limit::DECIMAL(18,2) + 1000000)::VARCHAR"},
        action="flag",
    ),
)
"""Defects of single rows; those that only show over several rows are planted by `plant_patterns`."""


def plant(connection: Any, tables: Mapping[str, str]) -> tuple[Planted, ...]:
    """Plant every defect of `TRAPS` into the text tables of an export, in place."""
    _add_flows(connection, tables["positions"])
    _add_liabilities(connection, tables["financials"])
    for trap in TRAPS:
        _plant(connection, tables[trap.table], trap)
    return tuple(planted(connection, tables))


def planted(connection: Any, tables: Mapping[str, str]) -> Iterator[Planted]:
    """What is planted in the tables."""
    for trap in TRAPS:
        query = f"SELECT count(*) FROM {tables[trap.table]} WHERE _trap = ?"
        n_rows = connection.execute(query, [trap.name]).fetchone()[0]
        yield Planted(trap, int(n_rows))


def _plant(connection: Any, relation: str, trap: Trap) -> None:
    """Change the rows chosen, or put changed copies before them; never two rows of one client."""
    picked = (
        f"SELECT _order FROM {relation} WHERE _trap IS NULL AND ({trap.where})"
        f" ORDER BY md5(_order::VARCHAR || '{trap.name}') LIMIT {trap.n}"
    )
    if not trap.copies:
        cells = "".join(f"{quote(name)} = {value}, " for name, value in trap.change.items())
        connection.execute(f"UPDATE {relation} SET {cells}_trap = '{trap.name}' WHERE _order IN ({picked})")
        return
    change = {**trap.change, "_order": "_order - 0.5", "_trap": f"'{trap.name}'"}
    cells = ", ".join(f"{value} AS {quote(name)}" for name, value in change.items())
    connection.execute(f"UPDATE {relation} SET _trap = '{COPIED}' WHERE _order IN ({picked})")
    connection.execute(
        f"INSERT INTO {relation} BY NAME SELECT * REPLACE ({cells}) FROM {relation} WHERE _trap = '{COPIED}'"
    )
    connection.execute(f"UPDATE {relation} SET _trap = '{TAKEN}' WHERE _trap = '{COPIED}'")


def _add_flows(connection: Any, relation: str) -> None:
    """Give every balance its opening balance and flows, so that they can contradict each other."""
    order = "(PARTITION BY client_id, product ORDER BY month)"
    _add_columns(connection, relation, FLOWS)
    connection.execute(
        f"UPDATE {relation} SET opening_balance = before::VARCHAR, inflow = greatest(change, 0)::VARCHAR,"
        " outflow = greatest(-change, 0)::VARCHAR FROM (SELECT _order AS place, before, balance - before AS change FROM"
        f" (SELECT _order, balance_end::DECIMAL(18,2) AS balance, lag(balance) OVER {order} AS before FROM {relation}))"
        " WHERE _order = place AND before IS NOT NULL"
    )


def _add_liabilities(connection: Any, relation: str) -> None:
    """Give every statement its liabilities."""
    if "liabilities" in columns_of(connection, relation):
        return
    _add_columns(connection, relation, ("liabilities",))
    connection.execute(f"UPDATE {relation} SET liabilities = (assets::DECIMAL(18,2) - equity::DECIMAL(18,2))::VARCHAR")


def _add_columns(connection: Any, relation: str, names: tuple[str, ...]) -> None:
    for name in names:
        connection.execute(f"ALTER TABLE {relation} ADD COLUMN {quote(name)} VARCHAR")
