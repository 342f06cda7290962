"""The rows that measures are summed over: canonical tables with each row put into the quarters it counts for.

Every relation has `client_id`, `quarter` (label), `is_end` (whether the row stands at the quarter's last day) and
`days` (of its month). Which months count for which quarter is a small calendar table, joined on the month.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from typing import TYPE_CHECKING, Any

from analysis.core.quarter import Quarter, month_end

if TYPE_CHECKING:
    import ibis.expr.types as ir

    from analysis.intake.portfolio import Portfolio


LPR = ("lpr_1y", "lpr_5y")
NEVER = date(1, 1, 31)
"""A month no table has: an empty calendar keeps its column types this way."""


@dataclass(frozen=True, slots=True)
class Relation:
    """How to put rows into quarters.

    Parameters
    ----------
    tables : canonical tables it reads; without them its measures are absent
    rows : the rows for some quarters
    """

    tables: tuple[str, ...]
    rows: Callable[["Portfolio", Sequence[Quarter]], "ir.Table"]


def months_back(day: date, months: int) -> date:
    """The month-end so many months before a month-end."""
    return month_end(day.year, day.month - months)


def _small_table(portfolio: "Portfolio", rows: Iterable[dict[str, Any]]) -> "ir.Table":
    """A few rows made here, known to the portfolio's engine."""
    import ibis
    import pyarrow as pa

    data = pa.Table.from_pylist(list(rows))
    at = data.schema.get_field_index("days")
    data = data.set_column(at, "days", data["days"].cast(pa.int16()))  # narrow, so that products stay cheap
    table = ibis.memtable(data)
    portfolio.connection.con.register(table.get_name(), data)
    return table


def _calendar(portfolio: "Portfolio", pairs: Iterable[tuple[date, Quarter]]) -> "ir.Table":
    return _small_table(
        portfolio,
        (
            {"month": month, "quarter": quarter.label, "is_end": month == quarter.end, "days": month.day}
            for month, quarter in pairs
        ),
    )


def _months_of(name: str) -> Callable[["Portfolio", Sequence[Quarter]], "ir.Table"]:
    """The rows of a monthly table in the three months of each quarter."""

    def rows(portfolio: "Portfolio", quarters: Sequence[Quarter]) -> "ir.Table":
        calendar = _calendar(portfolio, [(month, quarter) for quarter in quarters for month in quarter.months])
        return portfolio.table(name).join(calendar, "month")

    return rows


def _opening_states(portfolio: "Portfolio", quarters: Sequence[Quarter]) -> "ir.Table":
    """Loan states on the last day before each quarter."""
    calendar = _calendar(portfolio, [(quarter.previous.end, quarter) for quarter in quarters])
    return portfolio.table("loan_states").join(calendar, "month")


def _moves_in_a_year(portfolio: "Portfolio", quarters: Sequence[Quarter]) -> "ir.Table":
    """Loans there a year ago and now: class then (`opening_class`), class now, the balance that was not repaid."""
    import ibis

    states = portfolio.table("loan_states").select("loan_id", "client_id", "month", "balance", "loan_class")
    closing = states.join(_calendar(portfolio, [(quarter.end, quarter) for quarter in quarters]), "month")
    opening = states.join(
        _calendar(portfolio, [(quarter.same_quarter_last_year.end, quarter) for quarter in quarters]), "month"
    )
    opening = opening.select("loan_id", "quarter", opening_balance="balance", opening_class="loan_class")
    both = closing.join(opening, ["loan_id", "quarter"])
    return both.mutate(kept=ibis.least(both["balance"], both["opening_balance"]))


def _changes_by_month(portfolio: "Portfolio", quarters: Sequence[Quarter]) -> "ir.Table":
    """Loan states in the months of each quarter, with class, balance and allowance of the month before."""
    import ibis

    states = portfolio.table("loan_states")
    first = min(quarters).previous.end
    by_loan = ibis.window(group_by="loan_id", order_by="month")
    recent = states.filter(states["month"] >= first)
    recent = recent.mutate(
        previous_class=recent["loan_class"].lag().over(by_loan),
        previous_balance=recent["balance"].lag().over(by_loan),
        previous_allowance=recent["allowance"].lag().over(by_loan),
    )
    return recent.join(
        _calendar(portfolio, [(month, quarter) for quarter in quarters for month in quarter.months]), "month"
    )


def _recent_transactions(portfolio: "Portfolio", quarters: Sequence[Quarter]) -> "ir.Table":
    """Transactions of the dormancy window up to each quarter's end; none where the window starts before the data."""
    window = int(portfolio.policy.number("dormant_months"))
    transactions = portfolio.table("transactions")
    months = portfolio.to_frame(transactions.select("month").distinct())["month"]
    first = months.min().date() if len(months) else date.max
    pairs = [
        (months_back(quarter.end, back), quarter)
        for quarter in quarters
        if months_back(quarter.end, window - 1) >= first
        for back in range(window)
    ]
    calendar = _calendar(portfolio, pairs or [(NEVER, quarters[0])])
    return transactions.join(calendar, "month")


def _register(portfolio: "Portfolio", quarters: Sequence[Quarter]) -> "ir.Table":
    """Each client's latest row at or before each quarter's end, with the day from which it can be dormant."""
    import ibis

    clients = portfolio.table("clients").select("client_id", "quarter", "status", "relation_start", "has_basic_account")
    following = clients["quarter"].lead().over(ibis.window(group_by="client_id", order_by="quarter"))
    spans = clients.mutate(next_quarter=following).rename(since="quarter")
    window = int(portfolio.policy.number("dormant_months"))
    ends = _small_table(
        portfolio,
        [
            {
                "quarter": quarter.label,
                "is_end": True,
                "days": quarter.end.day,
                "window_start": months_back(quarter.end, window),
            }
            for quarter in quarters
        ],
    )
    return spans.join(
        ends,
        [
            spans["since"] <= ends["quarter"],
            spans["next_quarter"].isnull() | (spans["next_quarter"] > ends["quarter"]),
        ],
    )


def _loan_book(portfolio: "Portfolio", quarters: Sequence[Quarter]) -> "ir.Table":
    """Every loan granted by each quarter's end, with the day by which its outcome must be known to count."""
    loans = portfolio.table("loans")
    ends = _small_table(
        portfolio,
        [
            {
                "quarter": quarter.label,
                "is_end": True,
                "days": quarter.end.day,
                "known_by": quarter.end,
                "quarter_start": quarter.start,
                "is_last": quarter == portfolio.last_quarter,
            }
            for quarter in quarters
        ],
    )
    return loans.join(ends, loans["start"] <= ends["known_by"])


def _priced_states(portfolio: "Portfolio", quarters: Sequence[Quarter]) -> "ir.Table":
    """Loan states at each quarter's end with the term of the loan and the two loan prime rates in force."""
    bank = portfolio.table("bank").filter(lambda t: t["item"].isin(LPR))
    found = portfolio.to_frame(bank)
    rates = {
        (quarter, item): float(value)
        for quarter, item, value in zip(found["quarter"], found["item"], found["value"], strict=True)
    }
    ends = [
        {"month": q.end, "quarter": q.label, "is_end": True, "days": q.end.day, **{i: rates[q.label, i] for i in LPR}}
        for q in quarters
        if all((q.label, item) in rates for item in LPR)
    ]
    nowhere = {"month": NEVER, "quarter": "", "is_end": True, "days": 31, "lpr_1y": 0.0, "lpr_5y": 0.0}
    states = portfolio.table("loan_states").join(_small_table(portfolio, ends or [nowhere]), "month")
    terms = portfolio.table("loans").select("loan_id", "term_months")
    return states.join(terms, "loan_id")


RELATIONS: dict[str, Relation] = {
    "clients": Relation(("clients",), _register),
    "positions": Relation(("positions",), _months_of("positions")),
    "loan_states": Relation(("loan_states",), _months_of("loan_states")),
    "opening_states": Relation(("loan_states",), _opening_states),
    "moves_in_a_year": Relation(("loan_states",), _moves_in_a_year),
    "changes_by_month": Relation(("loan_states",), _changes_by_month),
    "priced_states": Relation(("loan_states", "loans", "bank"), _priced_states),
    "limits": Relation(("limits",), _months_of("limits")),
    "transactions": Relation(("transactions",), _months_of("transactions")),
    "recent_transactions": Relation(("transactions",), _recent_transactions),
    "loan_book": Relation(("loans",), _loan_book),
}
"""Rows by name: in the months of the quarter, at its opening, at its end, over a window, or all so far."""
