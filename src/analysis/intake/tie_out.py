"""Do the client tables add up to the ledger? To the fen, by month, outlet and item."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.core.estimate import Unavailable
from analysis.core.text import Text

if TYPE_CHECKING:
    from analysis.intake.portfolio import Portfolio

_ITEMS = {
    # ledger item: amount of a positions row, as SQL over `p` with its product kind
    "deposits_avg": ("deposit", "balance_avg"),
    "deposits_end": ("deposit", "balance_end"),
    "loans_avg": ("loan", "balance_avg"),
    "loans_end": ("loan", "balance_end"),
    "interest_deposits": ("deposit", "interest"),
    "interest_loans": ("loan", "interest"),
    "fee": ("", "fee"),
    "direct_cost": ("", "direct_cost"),
}


@dataclass(frozen=True, slots=True)
class TieOut:
    """Result of comparing client tables with the ledger for the months of one quarter.

    Parameters
    ----------
    n_cells : month × outlet × item combinations compared
    n_off : of them, those that differ
    largest : largest absolute difference, in currency units
    """

    n_cells: int
    n_off: int
    largest: float

    @property
    def is_tied(self) -> bool:
        return self.n_off == 0 and self.n_cells > 0


def tie_out(portfolio: "Portfolio") -> TieOut | Unavailable:
    """Differences between ledger control totals and positions in the portfolio's quarter.

    A cell that only one side has counts as a difference of its whole amount, unless it is zero.
    """
    if not (portfolio.has("controls") and portfolio.has("positions")):
        return Unavailable(Text("数据源没有总账数据，未作勾稽", "the source has no ledger to tie to"))
    from analysis.intake.schemas import PRODUCTS

    def products(kind: str) -> str:
        return ", ".join(f"'{code}'" for code, (own, _, _) in PRODUCTS.items() if own == kind)

    sums = ", ".join(
        f"sum({column}) FILTER (WHERE product IN ({products(kind)})) AS {item}" if kind else f"sum({column}) AS {item}"
        for item, (kind, column) in _ITEMS.items()
    )
    start, end = portfolio.quarter.start.isoformat(), portfolio.quarter.end.isoformat()
    query = f"""
        WITH place AS (
            SELECT client_id, outlet_id FROM clients
            QUALIFY row_number() OVER (PARTITION BY client_id ORDER BY quarter DESC) = 1
        ), wide AS (
            SELECT month, outlet_id, {sums} FROM positions JOIN place USING (client_id)
            WHERE month BETWEEN DATE '{start}' AND DATE '{end}' GROUP BY ALL
        ), ours AS (
            UNPIVOT wide ON {", ".join(_ITEMS)} INTO NAME item VALUE amount
        ), ledger AS (
            SELECT month, outlet_id, item, amount FROM controls
            WHERE month BETWEEN DATE '{start}' AND DATE '{end}'
        )
        SELECT count(*), count(*) FILTER (WHERE off <> 0), coalesce(max(off), 0) FROM (
            SELECT abs(coalesce(ours.amount, 0) - coalesce(ledger.amount, 0)) AS off
            FROM ours FULL JOIN ledger USING (month, outlet_id, item)
        )"""
    n_cells, n_off, largest = portfolio.connection.con.execute(query).fetchone()
    return TieOut(int(n_cells), int(n_off), float(largest))
