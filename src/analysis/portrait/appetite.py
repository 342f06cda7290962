"""Risk clients could bear (capacity) against risk they want (appetite): two measures that share no input."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.core.disclosure import suppress_counts, suppress_parts
from analysis.core.errors import DataError
from analysis.core.estimate import Unavailable
from analysis.core.text import Text
from analysis.features import corporate_clients
from analysis.intake.policy import Policy
from analysis.intake.portfolio import Portfolio
from analysis.portrait.credit_state import operation_scores
from analysis.portrait.statements import client_ratios, divided
from analysis.portrait.strength import strength

LEVELS = ("high", "middle", "low")
CLASSES = ("daring", "balanced", "cautious")
UNKNOWN = "unknown"
TOTAL = "total"
NO_SURVEY = Unavailable(
    Text("数据源没有问卷，风险偏好无从得知", "the source has no surveys, so appetite for risk is unknown")
)
NO_ANSWER = Unavailable(
    Text("期内没有客户答复风险偏好", "no client told its appetite for risk within the period"),
)
NO_STATEMENT = Unavailable(
    Text("没有客户有可用财务报表，风险承受能力无从判断", "no client has a usable statement to judge its capacity by")
)
FEW = Unavailable(Text("客户少于披露下限", "fewer clients than the disclosure limit"))
HIDDEN = Unavailable(
    Text("低于披露下限或为保护其不披露", "below the disclosure limit, or hidden to protect such a cell")
)


@dataclass(frozen=True)
class RiskAppetite:
    """Capacity and appetite of every client, and the table of both.

    Parameters
    ----------
    capacity : of LEVELS or `unknown` (no usable statement), index client_id
    appetite : of CLASSES or `unknown` (not asked, or asked and silent), index client_id
    counts : clients, rows by capacity and columns by appetite, each with `unknown` and `total`; NaN where hidden
    months : over which answers count
    labels : of levels and classes
    """

    capacity: pd.Series
    appetite: pd.Series
    counts: pd.DataFrame
    months: int
    labels: Mapping[str, Text]

    def count(self, capacity: str, appetite: str) -> int | Unavailable:
        """Clients of one cell or total, unless it is hidden."""
        found = float(self.counts[appetite][capacity])
        return HIDDEN if np.isnan(found) else int(found)

    @property
    def coverage(self) -> tuple[float, float]:
        """Share of clients whose capacity is known, and of those whose appetite is."""
        return float((self.capacity != UNKNOWN).mean()), float((self.appetite != UNKNOWN).mean())


def risk_appetite(portfolio: Portfolio) -> RiskAppetite | Unavailable:
    """Capacity by the latest statement, appetite by the latest answer, and how many clients stand in each cell.

    Notes
    -----
    Capacity is the score of operation of the credit state, cut by policy; a weak firm (equity, margin) cannot be of a
    level closed to weak firms. Appetite is the latest answer within the period of needs; silence is no caution, it has
    its own column. No table flags products as volatile or as a hedge, so behaviour plays no part in appetite.
    """
    clients = corporate_clients(portfolio)
    policy = portfolio.policy
    minimum = int(policy.number("disclosure_min_clients"))
    if len(clients) < minimum:
        return FEW
    months = int(policy.number("need_window_months"))
    answers = told_appetite(portfolio, months)
    if isinstance(answers, Unavailable):
        return answers
    ratios = client_ratios(portfolio)
    if isinstance(ratios, Unavailable):
        return ratios
    capacity = capacity_levels(ratios, policy).reindex(clients.index, fill_value=UNKNOWN)
    appetite = by_bound(answers.reindex(clients.index), policy, "appetite_classes", CLASSES)
    if (appetite == UNKNOWN).all():
        return NO_ANSWER
    if (capacity == UNKNOWN).all():
        return NO_STATEMENT
    labels = {row["id"]: Text.of(row) for name in TABLES for row in policy.table(name)}
    return RiskAppetite(capacity, appetite, _grid(capacity, appetite, minimum), months, labels)


TABLES = ("capacity_levels", "appetite_classes")


def told_appetite(portfolio: Portfolio, months: int) -> "pd.Series[float] | Unavailable":
    """Each client's latest answer (1 to 5) within so many months before the quarter's end, index client_id."""
    if not portfolio.has("surveys"):
        return NO_SURVEY
    table = portfolio.table("surveys")
    rows = portfolio.to_frame(table.select("client_id", "wave", "date", "risk_appetite")).dropna(subset="risk_appetite")
    dates, as_of = pd.to_datetime(rows["date"]), pd.Timestamp(portfolio.quarter.end)
    recent = rows[(dates > as_of - pd.DateOffset(months=months)) & (dates <= as_of)]
    recent = recent.sort_values(["client_id", "date", "wave"])
    return recent.groupby("client_id")["risk_appetite"].last().astype(float)


def capacity_levels(ratios: pd.DataFrame, policy: Policy) -> pd.Series:
    """Level of each client's capacity, `unknown` where no ratio of operation is known.

    Parameters
    ----------
    ratios : as of `client_ratios`, index client_id
    """
    scores = operation_scores(ratios, policy)
    assert not isinstance(scores, Unavailable)  # the ratios are there
    levels = by_bound(scores, policy, "capacity_levels", LEVELS)
    grades = strength(divided(ratios["equity"], ratios["assets"]), ratios["margin"], policy)
    is_open = {row["id"]: bool(row["weak_firms"]) for row in policy.table("capacity_levels")}
    best = next((level for level in LEVELS if is_open[level]), LEVELS[-1])
    is_closed = (grades == "weak") & levels.isin(LEVELS[: LEVELS.index(best)])
    return levels.mask(is_closed, best)


def by_bound(values: "pd.Series[float]", policy: Policy, table: str, ids: tuple[str, ...]) -> pd.Series:
    """Row of a policy table that each value reaches, the highest bound first; a bound belongs to its row.

    Values that are missing, or under every bound, are `unknown`.

    Raises
    ------
    DataError : the rows are not `ids`, or their bounds do not fall
    """
    rows: list[dict[str, Any]] = list(policy.table(table))
    bounds = [float(row["from"]) for row in rows]
    if tuple(row["id"] for row in rows) != ids or bounds != sorted(set(bounds), reverse=True):
        raise DataError(
            f"{policy.about(table).file}: the rows of {table} are not {', '.join(ids)} with falling bounds ({bounds}).",
            hint="Write the highest first; each bound is below the one before.",
        )
    found = pd.Series(UNKNOWN, index=values.index, dtype="str")
    for id, bound in reversed(list(zip(ids, bounds, strict=True))):
        found = found.mask(values >= bound, id)
    return found


def _grid(capacity: pd.Series, appetite: pd.Series, minimum: int) -> pd.DataFrame:
    """Counts with totals; small cells and small totals hidden, and others so that nobody works them out."""
    down, over = [*LEVELS, UNKNOWN], [*CLASSES, UNKNOWN]
    table = pd.crosstab(capacity, appetite).reindex(index=down, columns=over, fill_value=0)
    cells: npt.NDArray[np.float64] = table.to_numpy(dtype=float)
    by_row, by_column = cells.sum(axis=1), cells.sum(axis=0)
    rows, columns = suppress_parts(by_row, minimum), suppress_parts(by_column, minimum)
    hidden = suppress_counts(cells, minimum) | rows[:, None] | columns[None, :]
    shown = pd.DataFrame(np.where(hidden, np.nan, cells), index=down, columns=over)
    shown[TOTAL] = np.where(rows, np.nan, by_row)
    shown.loc[TOTAL] = [*np.where(columns, np.nan, by_column), cells.sum()]
    return shown
