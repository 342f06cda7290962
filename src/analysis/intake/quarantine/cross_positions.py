"""Balances that do not open where the month before closed."""

from collections.abc import Iterator, Mapping
from typing import Any

from analysis.core.text import Text
from analysis.intake.checks import Check
from analysis.intake.quarantine.finding import Finding, has, tell

_TOLERANCE = 100
"""Currency units: two figures kept in 万元 with two decimals differ by up to 100."""

_OPENS = Finding(
    "positions",
    "opening_balance",
    "opening_is_not_last_end",
    Text("期初余额不等于上月末余额", "is not the balance at the end of the month before"),
)


def openings(connection: Any, tables: Mapping[str, str]) -> Iterator[Check]:
    """Months whose opening balance is not the end of the month before, where both are given."""
    positions = tables.get("positions", "")
    if not positions or not has(connection, positions, "opening_balance", "balance_end"):
        return
    order = "OVER (PARTITION BY client_id, product ORDER BY month)"
    rows = (
        f"SELECT * EXCLUDE (_before, _month) FROM (SELECT *, lag(balance_end) {order} AS _before,"
        f" lag(month) {order} AS _month FROM {positions}) WHERE _month = last_day(month - INTERVAL 1 MONTH)"
        f" AND abs(opening_balance - _before) > {_TOLERANCE}"
    )
    yield from tell(connection, _OPENS, rows)
