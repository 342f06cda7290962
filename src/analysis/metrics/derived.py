"""Measures that follow from others within one client and quarter: contribution, capital, effective clients …"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.core.quarter import Quarter
from analysis.core.text import Text
from analysis.core.units import Unit
from analysis.intake.policy import Policy
from analysis.metrics import definitions as d
from analysis.metrics.measures import MEASURES
from analysis.metrics.relations import RELATIONS

if TYPE_CHECKING:
    import pandas as pd


@dataclass(frozen=True, slots=True)
class Derived:
    """A measure that follows from others of the same client and quarter; absent when one of them is.

    Parameters
    ----------
    needs : measures it is made of, declared above it
    amount : from the panel of one quarter, the policy and the quarter to a column
    """

    label: Text
    unit: Unit
    needs: tuple[str, ...]
    amount: Callable[["pd.DataFrame", Policy, Quarter], "pd.Series[float]"]


def _year_share(policy: Policy, quarter: Quarter) -> float:
    return quarter.days / policy.number("days_in_year")


DERIVED: dict[str, Derived] = {
    "ftp_income": Derived(
        Text("资金转移定价净利息收入", "net interest income at funds prices"),
        "money",
        ("loan_interest", "loan_funds", "deposit_funds", "deposit_interest"),
        lambda p, _, __: p["loan_interest"] - p["loan_funds"] + p["deposit_funds"] - p["deposit_interest"],
    ),
    "operating_revenue": Derived(
        Text("营业净收入", "operating revenue"),
        "money",
        ("ftp_income", "fee"),
        lambda p, _, __: p["ftp_income"] + p["fee"],
    ),
    "surcharges": Derived(
        Text("税金及附加", "taxes and surcharges"),
        "money",
        ("loan_interest", "fee"),
        lambda p, policy, _: (p["loan_interest"] + p["fee"]).clip(lower=0) * policy.number("surcharge_rate"),
    ),
    "expected_loss": Derived(
        Text("当季预期损失", "expected loss of the quarter"),
        "money",
        ("expected_loss_year",),
        lambda p, policy, quarter: p["expected_loss_year"] * _year_share(policy, quarter),
    ),
    "contribution": Derived(
        Text("综合贡献（税前）", "contribution before tax"),
        "money",
        ("operating_revenue", "surcharges", "direct_cost", "expected_loss"),
        lambda p, _, __: p["operating_revenue"] - p["surcharges"] - p["direct_cost"] - p["expected_loss"],
    ),
    "rwa": Derived(
        Text("风险加权资产（季均）", "risk-weighted assets, average"),
        "money",
        ("rwa_loans", "rwa_off_balance"),
        lambda p, _, __: p["rwa_loans"] + p["rwa_off_balance"],
    ),
    "exposure_at_default": Derived(
        Text("违约风险暴露（季均）", "exposure at default, average"),
        "money",
        ("loan_balance_avg", "off_balance_avg"),
        lambda p, _, __: p["loan_balance_avg"] + p["off_balance_avg"],
    ),
    "economic_capital": Derived(
        Text("经济资本（季均）", "economic capital, average"),
        "money",
        ("rwa",),
        lambda p, policy, _: p["rwa"] * policy.number("capital_ratio"),
    ),
    "n_with_capital": Derived(
        Text("占用资本客户数", "clients that use capital"),
        "count",
        ("economic_capital",),
        lambda p, policy, _: d.has_capital(p, policy).astype(float),
    ),
    "contribution_with_capital": Derived(
        Text("占用资本客户的综合贡献", "contribution of clients that use capital"),
        "money",
        ("contribution", "economic_capital"),
        lambda p, policy, _: p["contribution"].where(d.has_capital(p, policy), 0.0),
    ),
    "capital_with_capital": Derived(
        Text("占用资本客户的经济资本", "economic capital of clients that use capital"),
        "money",
        ("economic_capital",),
        lambda p, policy, _: p["economic_capital"].where(d.has_capital(p, policy), 0.0),
    ),
    "exposure": Derived(
        Text("授信敞口", "net credit exposure"),
        "money",
        ("loan_end", "acceptances", "guarantees", "cash_margin"),
        lambda p, _, __: p["loan_end"] + p["acceptances"] + p["guarantees"] - p["cash_margin"],
    ),
    "n_families": Derived(
        Text("持有产品类数", "product families held"),
        "count",
        tuple(f"holds_{family}" for family in d.FAMILIES),
        lambda p, _, __: p[[f"holds_{family}" for family in d.FAMILIES]].sum(axis="columns"),
    ),
    "n_borrowers": Derived(
        Text("贷款户数", "borrowers"), "count", ("loan_end",), lambda p, _, __: d.is_borrower(p).astype(float)
    ),
    "n_with_limit": Derived(
        Text("授信户数", "clients with a valid limit"),
        "count",
        ("credit_limit",),
        lambda p, _, __: (p["credit_limit"] > 0).astype(float),
    ),
    "n_effective": Derived(
        Text("有效户数", "effective clients"),
        "count",
        ("n_clients", "deposit_avg", "loan_end", "credit_limit", "n_entries"),
        lambda p, policy, _: d.is_effective(p, policy).astype(float),
    ),
    "n_settlement_active": Derived(
        Text("结算活跃户数", "settlement-active clients"),
        "count",
        ("n_clients", "n_entries"),
        lambda p, policy, _: d.is_settlement_active(p, policy).astype(float),
    ),
    "n_dormant": Derived(
        Text("睡眠户数", "dormant clients"),
        "count",
        ("n_seasoned", "n_out_recent"),
        lambda p, _, __: d.is_dormant(p).astype(float),
    ),
    "n_value": Derived(
        Text("价值客户数", "value clients"),
        "count",
        ("n_clients", "deposit_avg", "contribution"),
        lambda p, policy, _: d.is_value_client(p, policy).astype(float),
    ),
    "n_without_credit": Derived(
        Text("无贷户数", "clients without credit"),
        "count",
        ("n_clients", "credit_limit", "loan_end"),
        lambda p, _, __: d.is_without_credit(p).astype(float),
    ),
    "n_cross_sold": Derived(
        Text("交叉销售户数", "cross-sold clients"),
        "count",
        ("n_clients", "n_families"),
        lambda p, policy, _: d.is_cross_sold(p, policy).astype(float),
    ),
}


def tables_of(measure: str) -> tuple[str, ...]:
    """The canonical tables a measure rests on.

    Examples
    --------
    >>> tables_of("operating_revenue"), tables_of("spread_amount")
    (('positions',), ('loan_states', 'loans', 'bank'))
    """
    if measure in MEASURES:
        return RELATIONS[MEASURES[measure].relation].tables
    return tuple(dict.fromkeys(table for need in DERIVED[measure].needs for table in tables_of(need)))
