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
    import pyarrow as pa

    from analysis.intake.portfolio import Portfolio


LPR = ("lpr_1y", "lpr_5y")
NEVER = date(1, 1, 31)
"""A month no table has: an empty calendar keeps its column types this way."""


@dataclass(frozen=True, slots=True)
class Slice:
    """A portfolio's tables for the clients whose id lies from `low` up to before `high`; None means no bound.

    Summing one slice after the other keeps the memory of a large bank bounded; every sum is of one client, so the
    slices together are the whole.
    """

    portfolio: "Portfolio"
    low: str | None = None
    high: str | None = None

    def table(self, name: str) -> "ir.Table":
        """A canonical table, only the rows of these clients."""
        table = self.portfolio.table(name)
        if "client_id" in table.columns and self.low is not None:
            table = table.filter(table["client_id"] >= self.low)
        if "client_id" in table.columns and self.high is not None:
            table = table.filter(table["client_id"] < self.high)
        return table


@dataclass(frozen=True, slots=True)
class Relation:
    """How to put rows into quarters.

    Parameters
    ----------
    tables : canonical tables it reads; without them its measures are absent
    rows : the rows for some quarters
    """

    tables: tuple[str, ...]
    rows: Callable[[Slice, Sequence[Quarter]], "ir.Table"]


def months_back(day: date, months: int) -> date:
    """The month-end so many months before a month-end."""
    return month_end(day.year, day.month - months)


def _small_table(part: Slice, rows: Iterable[dict[str, Any]]) -> "ir.Table":
    """A few rows made here, known to the portfolio's engine."""
    import ibis
    import pyarrow as pa

    data = pa.Table.from_pylist(list(rows))
    at = data.schema.get_field_index("days")
    data = data.set_column(at, "days", data["days"].cast(pa.int16()))  # narrow, so that products stay cheap
    if part.portfolio.connection.name != "duckdb":
        return literal_rows(data)
    table = ibis.memtable(data)
    part.portfolio.connection.con.register(table.get_name(), data)
    return table


def literal_rows(data: "pa.Table") -> "ir.Table":
    """The rows written into the query itself: a read-only session may make no table, not even a temporary one."""
    import ibis
    import ibis.expr.operations as ops

    types = ibis.Schema.from_pyarrow(data.schema)
    rows = [
        ops.DummyTable({name: ibis.literal(value, type=types[name]) for name, value in row.items()}).to_expr()
        for row in data.to_pylist()
    ]
    return ibis.union(*rows) if len(rows) > 1 else rows[0]


def _calendar(part: Slice, pairs: Iterable[tuple[date, Quarter]]) -> "ir.Table":
    return _small_table(
        part,
        (
            {"month": month, "quarter": quarter.label, "is_end": month == quarter.end, "days": month.day}
            for month, quarter in pairs
        ),
    )


def _months_of(name: str) -> Callable[[Slice, Sequence[Quarter]], "ir.Table"]:
    """The rows of a monthly table in the three months of each quarter."""

    def rows(part: Slice, quarters: Sequence[Quarter]) -> "ir.Table":
        calendar = _calendar(part, [(month, quarter) for quarter in quarters for month in quarter.months])
        return part.table(name).join(calendar, "month")

    return rows


def _opening_states(part: Slice, quarters: Sequence[Quarter]) -> "ir.Table":
    """Loan states on the last day before each quarter."""
    calendar = _calendar(part, [(quarter.previous.end, quarter) for quarter in quarters])
    return part.table("loan_states").join(calendar, "month")


def _moves_in_a_year(part: Slice, quarters: Sequence[Quarter]) -> "ir.Table":
    """Loans there a year ago and now: class then (`opening_class`), class now, the balance that was not repaid."""
    import ibis

    states = part.table("loan_states").select("loan_id", "client_id", "month", "balance", "loan_class")
    closing = states.join(_calendar(part, [(quarter.end, quarter) for quarter in quarters]), "month")
    opening = states.join(
        _calendar(part, [(quarter.same_quarter_last_year.end, quarter) for quarter in quarters]), "month"
    )
    opening = opening.select("loan_id", "quarter", opening_balance="balance", opening_class="loan_class")
    both = closing.join(opening, ["loan_id", "quarter"])
    return both.mutate(kept=ibis.least(both["balance"], both["opening_balance"]))


def _changes_by_month(part: Slice, quarters: Sequence[Quarter]) -> "ir.Table":
    """Loan states in the months of each quarter, with class, balance and allowance of the month before."""
    import ibis

    states = part.table("loan_states")
    first = min(quarters).previous.end
    by_loan = ibis.window(group_by="loan_id", order_by="month")
    recent = states.filter(states["month"] >= first)
    recent = recent.mutate(
        previous_class=recent["loan_class"].lag().over(by_loan),
        previous_balance=recent["balance"].lag().over(by_loan),
        previous_allowance=recent["allowance"].lag().over(by_loan),
    )
    return recent.join(_calendar(part, [(month, quarter) for quarter in quarters for month in quarter.months]), "month")


def _recent_transactions(part: Slice, quarters: Sequence[Quarter]) -> "ir.Table":
    """Transactions of the dormancy window up to each quarter's end; none where the window starts before the data."""
    window = int(part.portfolio.policy.number("dormant_months"))
    transactions = part.table("transactions")
    months = part.portfolio.to_frame(part.portfolio.table("transactions").select("month").distinct())["month"]
    first = months.min().date() if len(months) else date.max
    pairs = [
        (months_back(quarter.end, back), quarter)
        for quarter in quarters
        if months_back(quarter.end, window - 1) >= first
        for back in range(window)
    ]
    calendar = _calendar(part, pairs or [(NEVER, quarters[0])])
    return transactions.join(calendar, "month")


def _register(part: Slice, quarters: Sequence[Quarter]) -> "ir.Table":
    """Each client's latest row at or before each quarter's end, with the day from which it can be dormant."""
    import ibis

    clients = part.table("clients").select("client_id", "quarter", "status", "relation_start", "has_basic_account")
    following = clients["quarter"].lead().over(ibis.window(group_by="client_id", order_by="quarter"))
    spans = clients.mutate(next_quarter=following).rename(since="quarter")
    window = int(part.portfolio.policy.number("dormant_months"))
    ends = _small_table(
        part,
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


def _loan_book(part: Slice, quarters: Sequence[Quarter]) -> "ir.Table":
    """Every loan granted by each quarter's end, with the day by which its outcome must be known to count."""
    loans = part.table("loans")
    ends = _small_table(
        part,
        [
            {
                "quarter": quarter.label,
                "is_end": True,
                "days": quarter.end.day,
                "known_by": quarter.end,
                "quarter_start": quarter.start,
                "is_last": quarter == part.portfolio.last_quarter,
            }
            for quarter in quarters
        ],
    )
    return loans.join(ends, loans["start"] <= ends["known_by"])


def _priced_states(part: Slice, quarters: Sequence[Quarter]) -> "ir.Table":
    """Loan states at each quarter's end with the term of the loan and the two loan prime rates in force."""
    bank = part.table("bank").filter(lambda t: t["item"].isin(LPR))
    found = part.portfolio.to_frame(bank)
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
    states = part.table("loan_states").join(_small_table(part, ends or [nowhere]), "month")
    terms = part.table("loans").select("loan_id", "term_months")
    return states.join(terms, "loan_id")


def _activity(part: Slice, quarters: Sequence[Quarter]) -> "ir.Table":
    """What entries say about each client in each quarter."""
    ends = [{"quarter": quarter.label, "is_end": True, "days": quarter.end.day} for quarter in quarters]
    return part.table("activity").join(_small_table(part, ends), "quarter")


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
    "activity": Relation(("activity",), _activity),
    "loan_book": Relation(("loans",), _loan_book),
}
"""Rows by name: in the months of the quarter, at its opening, at its end, over a window, or all so far."""
