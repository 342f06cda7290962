"""What a KPI is: its meaning, how it is computed from summed measures, how it may be compared."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal

from analysis.core.blocks import Style
from analysis.core.estimate import Unavailable
from analysis.core.numerics import Floats
from analysis.core.text import Text
from analysis.core.units import Unit
from analysis.metrics.derived import DERIVED
from analysis.metrics.history import HISTORY
from analysis.metrics.measures import MEASURES

MeasureType = Literal["stock", "average", "flow", "ratio", "count", "model"]
TOTAL = "total"
UNASSIGNED = "unassigned"
"""Names of the group of all clients, and of those without a group."""
ADDITIVE: tuple[MeasureType, ...] = ("stock", "average", "flow", "count")
ComparisonKind = Literal["qoq", "ytd", "yoy"]
"""qoq 环比 (stocks: 较上季末) · ytd 较年初, from 31 December · yoy 同比, from the same quarter a year ago"""
ChangeStyle = Literal["growth", "points", "bp", "absolute"]

ANY_BASE: tuple[ComparisonKind, ...] = ("qoq", "ytd", "yoy")
"""For what stands at one day: stocks, counts and ratios of them."""
PERIOD_BASE: tuple[ComparisonKind, ...] = ("qoq", "yoy")
"""For what covers a quarter: flows, averages and ratios of them. 较年初 would compare a quarter with a day."""
NO_BASE: tuple[ComparisonKind, ...] = ()
"""For model numbers, and for shares of final outcomes: a loan paid in full is known later than one charged off, so an
earlier quarter always looks worse."""

Inputs = Mapping[str, Any]
"""Summed measures by name (for a metric over clients: an array a measure), and beside them the days of the quarter, the
policy rules of `RULES` and the bank figures the metric asks for."""
Value = float | Unavailable
Compute = Callable[[Inputs], Value]

RULES = ("days_in_year", "tax_rate", "cost_of_capital", "large_exposure_share")
"""Policy rules every formula may read."""

FINANCE = Text("财务部门", "finance")
TREASURY = Text("资产负债管理部门", "asset and liability management")
CORPORATE = Text("公司业务部门", "corporate banking")
RISK = Text("风险管理部门", "risk management")
INFORMATION = Text("管理信息部门", "management information")
RESEARCH = Text("研究团队", "research desk")
NOBODY = Text("", "")
"""Who in the bank owns a definition: changing it is that department's decision."""


@dataclass(frozen=True, slots=True)
class Metric:
    """One KPI.

    Parameters
    ----------
    formula : in measures and symbols; D is the quarter's days, the names are those of the definitions page
    direction : +1 when more is better, −1 when less is, 0 when neither
    comparisons : the comparisons that have a meaning
    change : by growth, in percentage points, in basis points, or as a plain difference
    needs : measures it reads
    compute : from summed measures to the number; None for model numbers, which come from their study
    style : how its value prints
    is_signed : whether it can be a loss, so that 扭亏 and 转亏 have a meaning
    over_clients : whether it reads the values of single clients (concentration) and not their sum
    by : attribute whose groups are added up first, then `over_clients` reads the groups
    bank : figures of the bank table it reads
    base : measure a ratio is taken over, where its change splits into structure and rate
    owner : department that owns the definition
    """

    code: str
    name: Text
    definition: Text
    formula: str
    unit: Unit
    measure_type: MeasureType
    direction: int
    comparisons: tuple[ComparisonKind, ...]
    change: ChangeStyle
    style: Style
    needs: tuple[str, ...] = ()
    compute: Compute | None = None
    trap: Text | None = None
    is_signed: bool = False
    over_clients: bool = False
    by: str = ""
    bank: tuple[str, ...] = ()
    base: str = ""
    owner: Text = NOBODY

    @property
    def is_additive(self) -> bool:
        """Whether the values of groups add up to the total: amounts and counts, but no ratio of them."""
        return self.measure_type in ADDITIVE and not self.over_clients and not self.base


def registry(*metrics: Metric, owner: Text) -> dict[str, Metric]:
    """The metrics by code; those that name no owner of their own get the one given."""
    owned = (replace(metric, owner=owner) if metric.owner == NOBODY else metric for metric in metrics)
    return {metric.code: metric for metric in owned}


# --- formulas -------------------------------------------------------------------------------------------------------


def label_of(measure: str) -> Text:
    """What a measure is called."""
    for known in (MEASURES, DERIVED, HISTORY):
        if measure in known:
            return known[measure].label
    return Text(measure, measure)


def divide(top: float, bottom: float, what: Text) -> Value:
    """A ratio, or why there is none: a denominator that is zero or negative has no share to speak of."""
    if bottom > 0:
        return top / bottom
    if bottom == 0:
        return Unavailable(Text(f"分母为零：{what.zh}", f"the denominator is zero: {what.en}"))
    return Unavailable(Text(f"分母为负：{what.zh}", f"the denominator is negative: {what.en}"))


def total(*measures: str) -> Compute:
    """The sum of measures."""
    return lambda v: float(sum(v[name] for name in measures))


def share(top: str, bottom: str) -> Compute:
    """One summed measure over another."""
    return lambda v: divide(v[top], v[bottom], label_of(bottom))


def yearly(top: str, bottom: str) -> Compute:
    """A flow, annualised, over an average."""
    return lambda v: divide(v[top] * annual(v), v[bottom], label_of(bottom))


def annual(v: Inputs) -> float:
    """By what a quarter's flow is multiplied to become a year's: 365 ÷ D."""
    return float(v["days_in_year"] / v["days"])


def nopat(v: Inputs, contribution: str = "contribution") -> float:
    """Contribution after tax."""
    return float(v[contribution] * (1 - v["tax_rate"]))


def on_clients(statistic: Callable[[Floats], Value], measure: str) -> Compute:
    """A statistic of single clients' values."""
    return lambda v: statistic(v[measure])
