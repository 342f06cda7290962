"""Clients' latest yearly statements as ratios: size, strength, liquidity, profit, turnover, growth."""

from dataclasses import dataclass

import numpy as np
import pandas as pd

from analysis.core.estimate import Unavailable
from analysis.core.text import Text
from analysis.core.units import Unit
from analysis.features import corporate_clients
from analysis.intake.portfolio import Portfolio

MAX_AGE_YEARS = 3
"""An older statement says little about today's firm: the last accepted one is that of the third year before."""

NO_STATEMENTS = Unavailable(Text("数据源没有客户财务报表", "the source has no financial statements of clients"))


@dataclass(frozen=True, slots=True)
class Ratio:
    """A figure of a statement, in words."""

    label: Text
    unit: Unit
    formula: Text


RATIOS: dict[str, Ratio] = {
    "assets": Ratio(Text("资产总额", "total assets"), "money", Text("资产总额", "total assets")),
    "revenue": Ratio(Text("营业收入", "revenue"), "money", Text("年营业收入", "revenue of the year")),
    "equity": Ratio(Text("净资产", "equity"), "money", Text("净资产", "equity")),
    "leverage": Ratio(Text("资产负债率", "leverage"), "ratio", Text("负债 ÷ 资产", "liabilities ÷ assets")),
    "current_ratio": Ratio(
        Text("流动比率", "current ratio"),
        "index",
        Text("流动资产 ÷ 流动负债", "current assets ÷ current liabilities"),
    ),
    "cash_cover": Ratio(
        Text("经营现金流对流动负债", "cash-flow cover"),
        "ratio",
        Text("经营现金流 ÷ 流动负债", "operating cash flow ÷ current liabilities"),
    ),
    "margin": Ratio(Text("净利率", "profit margin"), "ratio", Text("净利润 ÷ 营业收入", "net profit ÷ revenue")),
    "turnover": Ratio(Text("资产周转率", "asset turnover"), "index", Text("营业收入 ÷ 资产", "revenue ÷ assets")),
    "growth": Ratio(
        Text("收入增长率", "revenue growth"),
        "ratio",
        Text("较上年报表的增长", "on the statement of the year before"),
    ),
}
"""Figures of a statement, as in the standard values of enterprise performance (企业绩效评价标准值)."""

_AMOUNTS = (
    "assets", "liabilities", "equity", "current_assets", "current_liabilities",
    "revenue", "profit", "operating_cash_flow",
)  # fmt: skip


def client_ratios(portfolio: Portfolio) -> pd.DataFrame | Unavailable:
    """The figures of each client's latest statement known at the quarter's end, one row a client analysed.

    Returns
    -------
    columns `year` and those of RATIOS, index client_id; NaN where the statement is missing or too old, where an amount
    is missing, and where a denominator is zero or negative (a ratio to less than nothing has no meaning)

    Notes
    -----
    Statements of the quarter's own year are not known yet. Liabilities are assets less equity where not given.
    """
    if not portfolio.has("financials"):
        return NO_STATEMENTS
    clients = corporate_clients(portfolio)
    table = portfolio.table("financials")
    recent = table.filter(table["year"] >= portfolio.quarter.year - MAX_AGE_YEARS - 1)
    rows = portfolio.to_frame(recent.select("client_id", "year", *_AMOUNTS)).sort_values(["client_id", "year"])
    years = portfolio.quarter.year - MAX_AGE_YEARS
    latest = rows[rows["year"] >= years].groupby("client_id").tail(1).set_index("client_id")
    before = rows.assign(year=rows["year"] + 1).set_index(["client_id", "year"])["revenue"].astype(float)
    base = pd.Series(
        before.reindex(pd.MultiIndex.from_arrays([latest.index, latest["year"]])).to_numpy(), index=latest.index
    )
    return ratios(latest, base).reindex(clients.index)


def ratios(statements: pd.DataFrame, revenue_before: "pd.Series[float]") -> pd.DataFrame:
    """The figures of some statements, index as `statements`.

    Parameters
    ----------
    statements : columns year and the amounts of a statement, currency units
    revenue_before : revenue of the year before, currency units
    """
    amounts = {name: statements[name].astype(float) for name in _AMOUNTS}
    liabilities = amounts["liabilities"].fillna(amounts["assets"] - amounts["equity"])
    return pd.DataFrame(
        {
            "year": statements["year"].astype(float),
            "assets": amounts["assets"],
            "revenue": amounts["revenue"],
            "equity": amounts["equity"],
            "leverage": divided(liabilities, amounts["assets"]),
            "current_ratio": divided(amounts["current_assets"], amounts["current_liabilities"]),
            "cash_cover": divided(amounts["operating_cash_flow"], amounts["current_liabilities"]),
            "margin": divided(amounts["profit"], amounts["revenue"]),
            "turnover": divided(amounts["revenue"], amounts["assets"]),
            "growth": divided(amounts["revenue"] - revenue_before, revenue_before),
        }
    )


def divided(amount: "pd.Series[float]", base: "pd.Series[float]") -> "pd.Series[float]":
    """Amount ÷ base, NaN where the base is zero, negative or missing."""
    return amount / base.where(base > 0, np.nan)
