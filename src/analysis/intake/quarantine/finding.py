"""Rows that look wrong together, told as one `Check`."""

from collections.abc import Iterator
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from analysis.core.text import Text
from analysis.intake.checks import Check
from analysis.intake.quarantine.show import is_private, shown
from analysis.intake.schemas import SCHEMAS, Dimension
from analysis.intake.validate import columns_of, quote

_MAX_EXAMPLES = 5


@dataclass(frozen=True, slots=True)
class Finding:
    """What a rule over several rows or tables says of a table."""

    table: str
    column: str
    rule: str
    label: Text
    dimension: Dimension = "consistency"


def tell(connection: Any, finding: Finding, rows: str) -> Iterator[Check]:
    """The check of a query that gives the rows concerned, with all their columns; nothing where it gives none."""
    column = SCHEMAS[finding.table].column(finding.column)
    given = columns_of(connection, f"({rows})")
    amount = f"sum({quote(column.name)})" if column.dtype == "money" else "0"
    n_rows, money = connection.execute(f"SELECT count(*), {amount} FROM ({rows})").fetchone()
    if not n_rows:
        return
    place = "_file || ' line ' || _line" if "_line" in given else "''"
    words = place if is_private(column) else f"concat_ws(' ', {shown(quote(column.name), column)}, nullif({place}, ''))"
    order = "_file, _line" if "_line" in given else "ALL"
    examples = connection.execute(f"SELECT {words} FROM ({rows}) ORDER BY {order} LIMIT {_MAX_EXAMPLES}").fetchall()
    yield Check(
        finding.table,
        "",
        finding.column,
        finding.rule,
        finding.label,
        finding.dimension,
        "flag",
        n_rows,
        Decimal(money or 0),
        tuple(row[0] for row in examples if row[0]),
        _quarter(connection, rows, given),
    )


def _quarter(connection: Any, rows: str, given: dict[str, str]) -> str:
    """The quarter of the rows, where all are of one."""
    if "month" in given:
        label = "year(month) || 'Q' || quarter(month)"
    elif "quarter" in given:
        label = "quarter"
    else:
        return ""
    labels = connection.execute(f"SELECT DISTINCT {label} FROM ({rows}) LIMIT 2").fetchall()
    return str(labels[0][0]) if len(labels) == 1 else ""


def has(connection: Any, relation: str, *names: str) -> bool:
    """Whether a relation has all these columns."""
    return set(names) <= set(columns_of(connection, relation))
