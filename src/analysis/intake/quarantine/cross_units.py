"""Amounts that jump a thousandfold from one month to the next for most clients of an outlet or a file: 元 for 万元."""

from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any

from analysis.core.text import Text
from analysis.intake.checks import Check
from analysis.intake.quarantine.finding import has
from analysis.intake.validate import quote

_FACTOR = 1000
"""Units differ by 1,000 (千元), 10,000 (万元) or more; the median client of an outlet does not grow a thousandfold."""
_CLIENTS = 5
"""Fewer clients may all have opened or closed a business in the same month."""
_MAX_EXAMPLES = 5
_AMOUNTS = {
    "positions": ("balance_avg", "balance_end"),
    "transactions": ("amount_in", "amount_out"),
    "loan_states": ("balance",),
    "limits": ("credit_limit",),
}
"""Table → amounts that tell its unit, best first."""
_LABEL = Text(
    "金额较上月整体放大或缩小千倍以上，单位可能混用（元与万元）",
    "is a thousand times more or less than the month before for most clients: the unit may be mixed up",
)


def unit_jumps(connection: Any, tables: Mapping[str, str]) -> Iterator[Check]:
    """A check a table and month; where the month after jumps back, that is the same fault and not told again."""
    for table, columns in _AMOUNTS.items():
        relation = tables.get(table, "")
        column = next((name for name in columns if relation and has(connection, relation, name)), "")
        if column:
            yield from _of_table(connection, tables, table, column)


def _of_table(connection: Any, tables: Mapping[str, str], table: str, column: str) -> Iterator[Check]:
    ratios = f"unit_ratios_{table}"
    connection.execute(f"CREATE OR REPLACE TEMP TABLE {ratios} AS {_ratios(connection, tables, table, column)}")
    told: set[Any] = set()
    for group, word in (("_file", "file"), ("outlet_id", "outlet")):
        for month, names, n_rows, money in _jumps(connection, ratios, group):
            if month in told:
                continue
            told.add(month)
            examples = tuple(f"{word} {name}, {month}: {_times(ratio)}" for name, ratio in names[:_MAX_EXAMPLES])
            quarter = f"{month.year}Q{(month.month + 2) // 3}"
            yield Check(
                table, "", column, "unit_jump", _LABEL, "consistency", "flag", n_rows, Decimal(money), examples, quarter
            )
    connection.execute(f"DROP TABLE {ratios}")


def _times(ratio: float) -> str:
    return f"×{ratio:,.0f}" if ratio >= 1 else f"÷{1 / ratio:,.0f}"


def _ratios(connection: Any, tables: Mapping[str, str], table: str, column: str) -> str:
    """Of every client and month: file, outlet, rows, amount, and the amount over that of the month before."""
    relation, clients = tables[table], tables.get("clients", "")
    file = "min(_file)" if has(connection, relation, "_file") else "''"
    amount, outlet, join = quote(column), "NULL::VARCHAR AS outlet_id", ""
    if clients and has(connection, clients, "outlet_id"):
        outlets = f"SELECT client_id, arg_max(outlet_id, quarter) AS outlet_id FROM {clients} GROUP BY client_id"
        outlet, join = "outlet_id", f" LEFT JOIN ({outlets}) USING (client_id)"
    order = "OVER (PARTITION BY client_id ORDER BY month)"
    return (
        f"WITH monthly AS (SELECT client_id, month, {file} AS _file, count(*) AS n, sum({amount}) AS amount,"
        f" sum(abs({amount})) AS size FROM {relation} GROUP BY client_id, month)"
        f" SELECT monthly.*, {outlet}, CASE WHEN lag(month) {order} = last_day(month - INTERVAL 1 MONTH)"
        f" THEN size / nullif(lag(size) {order}, 0) END AS ratio FROM monthly{join}"
    )


def _jumps(connection: Any, ratios: str, group: str) -> list[tuple[Any, list[tuple[str, float]], int, Any]]:
    """Month, the groups that jump with their median ratio, rows and amount; a jump back is left out."""
    found = connection.execute(
        f"""WITH medians AS (
            SELECT {group} AS name, month, median(ratio) AS ratio, sum(n) AS n, sum(amount) AS amount FROM {ratios}
            WHERE ratio > 0 AND {group} <> '' GROUP BY {group}, month HAVING count(*) >= {_CLIENTS}
        ), jumps AS (
            SELECT *, CASE WHEN ratio >= {_FACTOR} THEN 1 WHEN ratio <= 1.0 / {_FACTOR} THEN -1 ELSE 0 END AS way
            FROM medians
        ), judged AS (
            SELECT *, max(way) OVER before AS up, min(way) OVER before AS down FROM jumps
            WINDOW before AS (PARTITION BY {"name" if group == "outlet_id" else "1"} ORDER BY month
                RANGE BETWEEN INTERVAL 40 DAY PRECEDING AND INTERVAL 1 DAY PRECEDING)
        ) SELECT month, list((name, ratio) ORDER BY name), sum(n)::BIGINT, sum(amount) FROM judged
        WHERE (way = 1 AND coalesce(down, 0) >= 0) OR (way = -1 AND coalesce(up, 0) <= 0)
        GROUP BY month ORDER BY month"""
    ).fetchall()
    return list(found)
