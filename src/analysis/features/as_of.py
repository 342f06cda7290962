"""What is known about the clients at an as-of date: register, panel and loan book, and nothing later."""

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from analysis.core.quarter import Quarter, month_end
from analysis.core.text import Text
from analysis.intake.portfolio import Portfolio
from analysis.intake.schemas import CLIENTS, SCHEMAS
from analysis.metrics.definitions import DEPOSITS
from analysis.metrics.derived import DERIVED
from analysis.metrics.measures import MEASURES
from analysis.metrics.panel import load_panel

HISTORY = 5
"""Quarters a feature may look back at, its own included: four for a year, five to compare with the year before."""


class NotKnown(Exception):  # noqa: N818 - an answer, not an error: it becomes MissingFeature
    """A feature cannot be built from this source at this date."""

    def __init__(self, reason: Text) -> None:
        self.reason = reason
        super().__init__(reason.en)


def corporate_clients(portfolio: Portfolio) -> pd.DataFrame:
    """The population of every study: clients with an open account that are no individuals, index client_id."""
    clients = portfolio.clients
    is_individual = (clients["entity_type"] == "individual").fillna(value=False)
    return clients[~is_individual].set_index("client_id")


@dataclass(frozen=True, eq=False)
class AsOf:
    """Reads the sources of features; each answer has the index of `clients`.

    Parameters
    ----------
    clients : the population, index client_id
    measures : measures of the panel that may be asked for
    """

    portfolio: Portfolio
    clients: pd.DataFrame
    measures: tuple[str, ...]

    @property
    def quarter(self) -> Quarter:
        return self.portfolio.quarter

    @cached_property
    def panel(self) -> dict[str, pd.DataFrame]:
        """The measures of each quarter of the history, index client_id."""
        panel = load_panel(self.portfolio, self.measures, self.quarter.trailing(HISTORY))
        return {str(label): rows.set_index("client_id") for label, rows in panel.groupby("quarter")}

    def measure(self, code: str, *, back: int = 0) -> "pd.Series[float]":
        """A measure of a quarter: 0 for a client without rows now, NaN for one that was not there yet.

        Parameters
        ----------
        back : how many quarters ago
        """
        rows = self.panel.get(self.quarter.shift(-back).label)
        if rows is None or code not in rows or rows[code].isna().all():
            raise NotKnown(_no_measure(code))
        column = rows[code].reindex(self.clients.index)
        return column.fillna(0.0) if back == 0 else column

    def total(self, code: str, quarters: int) -> "pd.Series[float]":
        """Sum of a measure over the last quarters; a client counts from its first."""
        parts = [self.measure(code, back=back).fillna(0.0) for back in range(quarters)]
        return sum(parts[1:], parts[0])

    def column(self, name: str) -> pd.Series:
        """A column of the register at the as-of date."""
        if name not in self.clients.columns or self.clients[name].isna().all():
            label = CLIENTS.column(name).label
            raise NotKnown(Text(f"数据源没有“{label.zh}”", f"the source has no {label.en}"))
        return self.clients[name]

    def loan_average(self, name: str) -> "pd.Series[float]":
        """Average of a column over each client's loans granted so far, weighted by amount; NaN without loans."""
        if not self.portfolio.has("loans"):
            raise NotKnown(Text("数据源没有贷款表", "the source has no loans"))
        loans = self.portfolio.table("loans").select("client_id", "amount", name)
        frame = self.portfolio.to_frame(loans).dropna()
        if frame.empty:
            label = SCHEMAS["loans"].column(name).label
            raise NotKnown(Text(f"数据源没有“{label.zh}”", f"the source has no {label.en}"))
        # fsum-like exactness is not needed: a client has a handful of loans, summed in the order of their values
        frame = frame.sort_values(["client_id", "amount", name])
        weighted = (frame["amount"] * frame[name]).groupby(frame["client_id"]).sum()
        weights = frame.groupby("client_id")["amount"].sum()
        return (weighted / weights.where(weights > 0)).reindex(self.clients.index).astype(float)

    def deposit_variation(self) -> "pd.Series[float]":
        """Standard deviation of the last twelve monthly average deposits over their mean; NaN without deposits.

        A month without a row counts as 0 from the client's first month on; fewer than three months give NaN.
        """
        if not self.portfolio.has("positions"):
            raise NotKnown(Text("数据源没有产品持有表", "the source has no positions"))
        months = [month_end(self.quarter.year, 3 * self.quarter.number - back) for back in range(12)]
        table = self.portfolio.table("positions")
        deposits = table.filter(table["product"].isin(DEPOSITS) & (table["month"] >= min(months)))
        summed = deposits.group_by("client_id", "month").aggregate(
            balance=deposits["balance_avg"].sum().cast("float64")
        )
        frame = self.portfolio.to_frame(summed)
        if frame.empty or frame["balance"].isna().all():
            raise NotKnown(_no_measure("deposit_avg"))
        wide = frame.pivot_table(index="client_id", columns="month", values="balance", aggfunc="sum").sort_index(axis=1)
        amounts = wide.to_numpy(dtype=float)
        started = np.logical_or.accumulate(np.isfinite(amounts), axis=1)
        amounts = np.where(started, np.nan_to_num(amounts), np.nan)
        return _variation(amounts, wide.index).reindex(self.clients.index)


def _variation(amounts: np.ndarray, index: pd.Index) -> "pd.Series[float]":
    """Standard deviation (n − 1) over mean of each row's known months; NaN under three months or without a mean."""
    n_known = np.isfinite(amounts).sum(axis=1)
    filled = np.nan_to_num(amounts)
    mean = filled.sum(axis=1) / np.maximum(n_known, 1)
    squares = np.where(np.isfinite(amounts), np.square(filled - mean[:, None]), 0.0).sum(axis=1)
    spread = np.sqrt(squares / np.maximum(n_known - 1, 1))
    is_usable = (n_known >= 3) & (mean > 0)
    return pd.Series(np.divide(spread, mean, out=np.full(len(mean), np.nan), where=is_usable), index=index)


def _no_measure(code: str) -> Text:
    measure = MEASURES[code] if code in MEASURES else DERIVED[code]
    return Text(f"数据源没有“{measure.label.zh}”所需数据", f"the source lacks what {measure.label.en} needs")
