"""Defects of an export that only show over several rows, tables or deliveries, planted like those of `traps.py`."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from analysis.intake.validate import quote

ALIAS = "C8"
"""First characters of a second number of a client."""
_TENS = 10_000
"""元 written where 万元 is meant."""

_FIRST_DIVISION_2011 = {"O": "79", "P": "82", "Q": "83", "R": "85", "S": "90"}
"""Section → its first division in GB/T 4754-2011, a number that the section does not have in the edition of 2017."""


@dataclass(frozen=True, slots=True)
class Pattern:
    """A defect of several rows that was planted.

    Parameters
    ----------
    n : clients, loans, outlets or rows that have it
    n_rows : rows of the table concerned
    """

    name: str
    table: str
    n: int
    n_rows: int


def second_numbers(connection: Any, tables: Mapping[str, str], n: int) -> Pattern:
    """Give some clients another number from their second quarter on, in every table: one credit code, two numbers."""
    clients = tables["clients"]
    picked = _clients(connection, tables, n, "second_numbers", "credit_code IS NOT NULL")
    known = ", ".join(f"'{client}'" for client in picked)
    first = str(connection.execute(f"SELECT min(quarter) FROM {clients}").fetchone()[0])
    for relation in tables.values():
        names = {row[0] for row in connection.execute(f"DESCRIBE {relation}").fetchall()}
        if "client_id" in names and names & {"quarter", "month"}:
            connection.execute(
                f"UPDATE {relation} SET client_id = '{ALIAS}' || substr(client_id, 3)"
                f" WHERE client_id IN ({known}) AND _folder > '{first}'"
            )
    return Pattern("second_numbers", "clients", n, _count(connection, clients, f"client_id LIKE '{ALIAS}%'"))


def wrong_check_digits(connection: Any, tables: Mapping[str, str], n: int) -> Pattern:
    """Change the last character of some credit codes, in every row of the client."""
    clients = tables["clients"]
    known = _known(connection, tables, n, "wrong_check_digits", "credit_code IS NOT NULL")
    last = "CASE right(credit_code, 1) WHEN '1' THEN '2' ELSE '1' END"
    connection.execute(
        f"UPDATE {clients} SET credit_code = left(credit_code, 17) || {last}, _trap = 'wrong_check_digits'"
        f" WHERE {known}"
    )
    return Pattern("wrong_check_digits", "clients", n, _count(connection, clients, known))


def missing_codes(connection: Any, tables: Mapping[str, str], n: int) -> Pattern:
    """Take the credit code from the oldest records, as systems from before 2015 have none."""
    clients = tables["clients"]
    oldest = f"SELECT client_id FROM {clients} WHERE _trap IS NULL GROUP BY client_id ORDER BY min(relation_start), 1"
    known = f"client_id IN ({oldest} LIMIT {n})"
    n_rows = _count(connection, clients, known)
    connection.execute(f"UPDATE {clients} SET credit_code = NULL WHERE {known}")
    return Pattern("missing_codes", "clients", n, n_rows)


def old_industries(connection: Any, tables: Mapping[str, str], n: int) -> Pattern:
    """Number the industry of some clients as the edition of 2011 did."""
    clients = tables["clients"]
    sections = ", ".join(f"'{section}'" for section in _FIRST_DIVISION_2011)
    known = _known(connection, tables, n, "old_industries", f"industry IN ({sections})")
    division = " ".join(f"WHEN '{section}' THEN '{old}'" for section, old in _FIRST_DIVISION_2011.items())
    n_rows = _count(connection, clients, known)
    connection.execute(
        f"UPDATE {clients} SET industry_division = CASE industry {division} END, _trap = 'old_industries' WHERE {known}"
    )
    return Pattern("old_industries", "clients", n, n_rows)


def used_loan_numbers(connection: Any, tables: Mapping[str, str], n: int) -> Pattern:
    """Give the number of some loans to another client in their first month."""
    states = tables["loan_states"]
    loans = [
        loan
        for (loan,) in connection.execute(
            f"SELECT loan_id FROM {states} GROUP BY loan_id HAVING count(*) >= 6 AND count(_trap) = 0"
            f" ORDER BY md5(loan_id || 'used_loan_numbers') LIMIT {n}"
        ).fetchall()
    ]
    known = ", ".join(f"'{loan}'" for loan in loans)
    borrowers = f"SELECT client_id FROM {tables['limits']}"
    other = f"(SELECT min(client_id) FROM {tables['clients']} WHERE client_id NOT IN ({borrowers}))"
    firsts = f"SELECT min(_order) FROM {states} WHERE loan_id IN ({known}) GROUP BY loan_id"
    connection.execute(
        f"UPDATE {states} SET client_id = {other}, _trap = 'used_loan_numbers' WHERE _order IN ({firsts})"
    )
    return Pattern("used_loan_numbers", "loan_states", n, _count(connection, states, f"loan_id IN ({known})"))


def yuan_for_wan(connection: Any, tables: Mapping[str, str], n: int) -> Pattern:
    """Write the balances of the largest outlets of one month ten thousand times too large."""
    positions, clients = tables["positions"], tables["clients"]
    outlets = [
        outlet
        for (outlet,) in connection.execute(
            f"SELECT outlet_id FROM {clients} GROUP BY outlet_id ORDER BY count(DISTINCT client_id) DESC, 1 LIMIT {n}"
        ).fetchall()
    ]
    known = ", ".join(f"'{outlet}'" for outlet in outlets)
    month = f"(SELECT max(month) FROM {positions} WHERE month < (SELECT max(month) FROM {positions}))"
    where = (
        f"month = {month} AND _trap IS NULL"
        f" AND client_id IN (SELECT client_id FROM {clients} WHERE outlet_id IN ({known}))"
    )
    names = [row[0] for row in connection.execute(f"DESCRIBE {positions}").fetchall()]
    amounts = [name for name in ("balance_avg", "balance_end", "interest", "funds_amount", "fee") if name in names]
    n_rows = _count(connection, positions, where)
    cells = ", ".join(f"{quote(name)} = ({quote(name)}::DECIMAL(18,2) * {_TENS})::VARCHAR" for name in amounts)
    connection.execute(f"UPDATE {positions} SET {cells}, _trap = 'yuan_for_wan' WHERE {where}")
    return Pattern("yuan_for_wan", "positions", n, n_rows)


def came_back(connection: Any, tables: Mapping[str, str], n: int) -> Pattern:
    """Close some clients in their second quarter, leave out the third, and let them come back: no defect at all."""
    clients = tables["clients"]
    known = _known(connection, tables, n, "came_back", "status = 'open'")
    second, third = f"{known} AND {_nth(clients, 2)}", f"{known} AND {_nth(clients, 3)}"
    connection.execute(f"UPDATE {clients} SET status = 'closed', _trap = 'came_back' WHERE {second}")
    connection.execute(f"DELETE FROM {clients} WHERE {third}")
    return Pattern("came_back", "clients", n, _count(connection, clients, known))


def late_postings(connection: Any, tables: Mapping[str, str], share: float) -> Pattern:
    """Move some transactions of every quarter but the last into the folder of the next one."""
    relation = tables["transactions"]
    picked = (
        f"_trap IS NULL AND _folder < (SELECT max(_folder) FROM {relation})"
        f" AND md5(_order::VARCHAR || 'late') < lpad(to_hex({int(share * 0xFFFF)}), 4, '0')"
    )
    connection.execute(f"UPDATE {relation} SET _trap = 'late_postings' WHERE {picked}")
    where = "_trap = 'late_postings'"
    connection.execute(f"UPDATE {relation} SET _folder = {_next('_folder')} WHERE {where}")
    n_rows = _count(connection, relation, where)
    return Pattern("late_postings", "transactions", n_rows, n_rows)


def corrected_balances(connection: Any, tables: Mapping[str, str], n: int) -> Pattern:
    """Let the next quarter's folder correct some balances of the quarter before; the right value comes last."""
    relation = tables["positions"]
    query = (
        f"SELECT _order FROM {relation} WHERE _trap IS NULL AND _folder < (SELECT max(_folder) FROM {relation})"
        f" AND balance_end IS NOT NULL ORDER BY md5(_order::VARCHAR || 'corrected') LIMIT {n}"
    )
    orders = ", ".join(str(order) for (order,) in connection.execute(query).fetchall())
    marks = f"'corrected_balances' AS _trap, {_next('_folder')} AS _folder"
    connection.execute(
        f"INSERT INTO {relation} BY NAME SELECT * REPLACE ({marks}) FROM {relation} WHERE _order IN ({orders})"
    )
    connection.execute(
        f"UPDATE {relation} SET balance_end = (balance_end::DECIMAL(18,2) + 100)::VARCHAR, _trap = 'taken'"
        f" WHERE _order IN ({orders}) AND _trap IS NULL"
    )
    return Pattern("corrected_balances", "positions", n, n)


def half_a_month(connection: Any, tables: Mapping[str, str], month: str) -> Pattern:
    """Leave out every second transaction of a month."""
    relation = tables["transactions"]
    where = f"month = '{month}' AND _order::BIGINT % 2 = 0"
    n_rows = _count(connection, relation, where)
    connection.execute(f"DELETE FROM {relation} WHERE {where}")
    return Pattern("half_a_month", "transactions", 1, n_rows)


def _next(label: str) -> str:
    """SQL: the label of the quarter after one."""
    year, number = f"substr({label}, 1, 4)::INTEGER", f"substr({label}, 6, 1)::INTEGER"
    return f"CASE {number} WHEN 4 THEN ({year} + 1) || 'Q1' ELSE {year} || 'Q' || ({number} + 1) END"


def _nth(clients: str, place: int) -> str:
    """SQL: the row lies in the n-th quarter of the files."""
    return f"quarter = (SELECT DISTINCT quarter FROM {clients} ORDER BY quarter LIMIT 1 OFFSET {place - 1})"


def _clients(connection: Any, tables: Mapping[str, str], n: int, salt: str, where: str) -> list[str]:
    """Clients with a row in every quarter and nothing planted yet."""
    clients = tables["clients"]
    query = (
        f"SELECT client_id FROM {clients} GROUP BY client_id"
        f" HAVING count(*) = (SELECT count(DISTINCT quarter) FROM {clients}) AND count(_trap) = 0 AND bool_and({where})"
        f" ORDER BY md5(client_id || '{salt}') LIMIT {n}"
    )
    return [client for (client,) in connection.execute(query).fetchall()]


def _known(connection: Any, tables: Mapping[str, str], n: int, salt: str, where: str) -> str:
    picked = ", ".join(f"'{client}'" for client in _clients(connection, tables, n, salt, where))
    return f"client_id IN ({picked})"


def _count(connection: Any, relation: str, where: str) -> int:
    return int(connection.execute(f"SELECT count(*) FROM {relation} WHERE {where}").fetchone()[0])
