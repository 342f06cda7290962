"""Loans: numbers used twice, balances above the limit, balances that do not follow from the month before."""

from collections.abc import Iterator, Mapping
from typing import Any

from analysis.core.text import Text
from analysis.intake.checks import Check
from analysis.intake.quarantine.finding import Finding, has, tell

_TOLERANCE = 100
"""Currency units: figures kept in 万元 with two decimals are up to 50 off each; below that nobody looks."""

_REUSED = Finding(
    "loan_states",
    "loan_id",
    "reused_loan_id",
    Text("同一借据号用于多个客户", "is the number of loans of more than one client"),
)
_ABOVE = Finding(
    "loan_states",
    "balance",
    "balance_above_limit",
    Text("客户贷款余额合计大于授信额度", "summed over the client's loans is more than the approved limit"),
)
_ROLLS = Finding(
    "loan_states",
    "balance",
    "balance_does_not_follow",
    Text(
        "余额下降多于当月偿还、核销与转让之和",
        "falls by more than was repaid, written off and transferred in the month",
    ),
)


def reused_numbers(connection: Any, tables: Mapping[str, str]) -> Iterator[Check]:
    """Months of loans whose number belongs to more than one client, in the months or in the list of loans."""
    if "loan_states" not in tables:
        return
    relations = [tables[name] for name in ("loan_states", "loans") if name in tables]
    owners = " UNION ALL ".join(f"SELECT DISTINCT loan_id, client_id FROM {relation}" for relation in relations)
    reused = f"SELECT loan_id FROM ({owners}) GROUP BY loan_id HAVING count(DISTINCT client_id) > 1"
    yield from tell(connection, _REUSED, f"SELECT * FROM {tables['loan_states']} WHERE loan_id IN ({reused})")


def above_limit(connection: Any, tables: Mapping[str, str]) -> Iterator[Check]:
    """Months in which a client's loans together exceed its limit of that month."""
    states, limits = tables.get("loan_states", ""), tables.get("limits", "")
    if (
        not states
        or not limits
        or not has(connection, states, "balance")
        or not has(connection, limits, "credit_limit")
    ):
        return
    above = (
        f"SELECT client_id, month FROM (SELECT client_id, month, sum(balance) AS owed FROM {states}"
        f" GROUP BY client_id, month) JOIN {limits} USING (client_id, month) WHERE owed > credit_limit + {_TOLERANCE}"
    )
    rows = f"SELECT s.* FROM {states} AS s SEMI JOIN ({above}) AS a USING (client_id, month) WHERE balance > 0"
    yield from tell(connection, _ABOVE, rows)


def unexplained_falls(connection: Any, tables: Mapping[str, str]) -> Iterator[Check]:
    """Months in which a loan shrinks by more than its flows say. Growth is not judged: drawings are often not given."""
    states = tables.get("loan_states", "")
    if not states or not has(connection, states, "balance", "repaid"):
        return
    others = [name for name in ("written_off", "transferred") if has(connection, states, name)]
    flows = " + ".join(("repaid", *(f"coalesce({name}, 0)" for name in others)))
    order = "OVER (PARTITION BY loan_id ORDER BY month)"
    rows = (
        f"SELECT * EXCLUDE (_before, _month) FROM (SELECT *, lag(balance) {order} AS _before,"
        f" lag(month) {order} AS _month FROM {states}) WHERE _month = last_day(month - INTERVAL 1 MONTH)"
        f" AND balance < _before - ({flows}) - {_TOLERANCE}"
    )
    yield from tell(connection, _ROLLS, rows)
