"""Figures that rest on tables of units and markets: plan completion, market share, output of outlets and people."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

from analysis.core.estimate import Unavailable
from analysis.core.quarter import Quarter
from analysis.core.text import Text
from analysis.intake.schemas import SCHEMAS
from analysis.metrics.measure import attribute, measure, values_of
from analysis.metrics.metric import TOTAL, UNASSIGNED, Value, divide
from analysis.metrics.registry import METRICS

if TYPE_CHECKING:
    import pandas as pd

    from analysis.intake.portfolio import Portfolio

WHOLE_BANK = ("bank", "total", "全行")
"""How a plan names the bank as its unit."""
NEVER_PLANNED = Unavailable(
    Text("时点存款不设计划、目标与排名", "point-in-time deposits carry no plan, target or rank")
)


def _no_table(portfolio: "Portfolio", name: str) -> Unavailable | None:
    if portfolio.has(name):
        return None
    return Unavailable(Text(f"缺少数据表：{SCHEMAS[name].label.zh}（{name}）", f"needs the table {name}"))


def _rows_in_force(portfolio: "Portfolio", name: str, key: list[str], *, since: Quarter) -> "pd.DataFrame":
    """The latest row of each key at or before the portfolio's quarter, none older than `since`."""
    table = portfolio.table(name)
    frame = portfolio.to_frame(table.filter(table["quarter"] >= since.label))
    return frame.sort_values([*key, "quarter"]).drop_duplicates(key, keep="last").reset_index(drop=True)


def _number(value: object) -> float | None:
    number = float("nan") if value is None else float(str(value))
    return None if number != number else number


# --- plans ----------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class PlanLine:
    """One KPI of one unit against its plan of the year.

    Parameters
    ----------
    target : planned for the year
    actual : of the year so far for what covers a period, else of the quarter
    completion : actual ÷ target
    time_elapsed : share of the year's days that have passed, for what covers a period; None for the others
    is_met : whether completion is at least the time elapsed, or one; for ceilings at most
    """

    unit: str
    code: str
    target: float
    actual: Value
    completion: Value
    time_elapsed: float | None
    is_met: bool | Unavailable


def plan_completion(portfolio: "Portfolio") -> tuple[PlanLine, ...] | Unavailable:
    """Every line of the plans of the year, each with its actual.

    Notes
    -----
    A row of `plans` is the plan of its year as in force at its quarter; the latest of the year counts. `item` is a KPI
    code; `unit` a branch, an outlet, or the whole bank. Flows are summed over the year's quarters so far and stand
    beside the share of its days that has passed. Point-in-time deposits carry no plan.
    """
    missing = _no_table(portfolio, "plans")
    if missing:
        return missing
    year = [Quarter(f"{portfolio.quarter.year}Q{number}") for number in (1, 2, 3, 4)]
    so_far = year[: portfolio.quarter.number]
    plans = _rows_in_force(portfolio, "plans", ["unit", "item"], since=year[0])
    if plans.empty:
        return Unavailable(Text("本年没有计划", "there is no plan for this year"))
    clients = {str(unit): _clients_of(portfolio, str(unit)) for unit in plans["unit"].unique()}
    elapsed = sum(quarter.days for quarter in so_far) / sum(quarter.days for quarter in year)
    return tuple(
        _plan_line(portfolio, row["unit"], row["item"], float(row["target"]), clients[row["unit"]], so_far, elapsed)
        for row in plans.to_dict("records")
    )


def _clients_of(portfolio: "Portfolio", unit: str) -> list[str] | Unavailable | None:
    """Clients of a unit; None for all of them."""
    if unit in WHOLE_BANK:
        return None
    for column in ("branch_id", "outlet_id"):
        labels = attribute(portfolio, column)
        if (labels == unit).any():
            return [str(client) for client in labels.index[labels == unit]]
    return Unavailable(Text(f"没有客户属于 {unit}", f"no client belongs to {unit}"))


def _plan_line(
    portfolio: "Portfolio",
    unit: str,
    code: str,
    target: float,
    clients: list[str] | Unavailable | None,
    so_far: list[Quarter],
    elapsed: float,
) -> PlanLine:
    is_flow = code in METRICS and METRICS[code].measure_type == "flow"
    actual = _actual(portfolio, code, clients, so_far if is_flow else so_far[-1:])
    completion = actual if isinstance(actual, Unavailable) else divide(actual, target, Text("计划", "plan"))
    if isinstance(completion, Unavailable):
        return PlanLine(unit, code, target, actual, completion, elapsed if is_flow else None, completion)
    due = elapsed if is_flow else 1.0
    is_met = completion <= due if METRICS[code].direction < 0 else completion >= due
    return PlanLine(unit, code, target, actual, completion, elapsed if is_flow else None, is_met)


def _actual(
    portfolio: "Portfolio", code: str, clients: list[str] | Unavailable | None, quarters: list[Quarter]
) -> Value:
    if code not in METRICS or METRICS[code].compute is None:
        return Unavailable(Text(f"{code} 不是可计算的指标", f"{code} is no KPI with a formula"))
    if code == "DEP_EOP":
        return NEVER_PLANNED
    if isinstance(clients, Unavailable):
        return clients
    total = 0.0
    for quarter in quarters:
        value = values_of(portfolio, [code], clients=clients, quarter=quarter)[code]
        if isinstance(value, Unavailable):
            return value
        total += value
    return total


# --- markets --------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class MarketShare:
    """Our part of one market, and why it changed on a year ago.

    Parameters
    ----------
    share, share_before : own ÷ market
    from_own, from_market : parts of the change: our amount at the market of now; the market at our amount of then
    source : who published the market total
    """

    region: str
    product: str
    own: Value
    market: Value
    share: Value
    share_before: Value
    from_own: Value
    from_market: Value
    source: str


def market_share(portfolio: "Portfolio") -> tuple[MarketShare, ...] | Unavailable:
    """Our share of every market the source gives, as of the quarter and a year ago.

    Notes
    -----
    s = own ÷ market. Δs = (own₁ − own₀) ÷ market₁ + own₀ (1 ÷ market₁ − 1 ÷ market₀). A total that is absent is never
    estimated; an own amount above the market is refused, for one of the two is wrong.
    """
    missing = _no_table(portfolio, "markets")
    if missing:
        return missing
    now = _markets(portfolio, portfolio.quarter)
    then = _markets(portfolio, portfolio.quarter.same_quarter_last_year)
    if not now:
        return Unavailable(Text(f"{portfolio.quarter} 没有市场总额", f"no market total in {portfolio.quarter}"))
    return tuple(_market_line(key, row, then.get(key)) for key, row in sorted(now.items()))


def _markets(portfolio: "Portfolio", quarter: Quarter) -> dict[tuple[str, str], dict[str, object]]:
    table = portfolio.table("markets")
    rows = portfolio.to_frame(table.filter(table["quarter"] == quarter.label)).to_dict("records")
    return {(str(row["region"]), str(row["product"])): {str(k): v for k, v in row.items()} for row in rows}


def _amount(row: Mapping[str, object] | None, name: str) -> Value:
    number = _number(row[name]) if row is not None else None
    if number is not None:
        return number
    if name == "amount":
        return Unavailable(Text("没有市场总额", "the market total is not given"))
    return Unavailable(Text("没有本行总额", "our own amount is not given"))


def _share(own: Value, market: Value) -> Value:
    if isinstance(own, Unavailable) or isinstance(market, Unavailable):
        return market if isinstance(market, Unavailable) else own
    if own > market:
        return Unavailable(Text("本行总额大于市场总额，数据有误", "our amount is above the whole market: wrong data"))
    return divide(own, market, Text("市场总额", "market total"))


def _market_line(key: tuple[str, str], row: Mapping[str, object], before: Mapping[str, object] | None) -> MarketShare:
    own, market = _amount(row, "own_amount"), _amount(row, "amount")
    own_0, market_0 = _amount(before, "own_amount"), _amount(before, "amount")
    share, share_0 = _share(own, market), _share(own_0, market_0)
    from_own = from_market = share if isinstance(share, Unavailable) else share_0
    if not any(isinstance(value, Unavailable) for value in (share, share_0)):
        amounts = [value for value in (own, market, own_0, market_0) if not isinstance(value, Unavailable)]
        from_own = (amounts[0] - amounts[2]) / amounts[1]
        from_market = amounts[2] / amounts[1] - amounts[2] / amounts[3]
    return MarketShare(*key, own, market, share, share_0, from_own, from_market, str(row["source"] or ""))


# --- outlets and people ---------------------------------------------------------------------------------------------

By = Literal["branch_id", "region", "region_tier"]
_PER = {
    "DEP_OUT": ("DEP_ADB", "outlets"),
    "INC_OUT": ("OPREV", "outlets"),
    "DEP_FTE": ("DEP_ADB", "staff"),
    "INC_FTE": ("OPREV", "staff"),
}
"""By code: which amount over which size."""
_SIZES = {"outlets": Text("网点数", "number of outlets"), "staff": Text("在岗人数", "full-time staff")}


@dataclass(frozen=True, slots=True)
class Productivity:
    """Deposits and revenue of a group of outlets, per outlet and per head.

    Parameters
    ----------
    n_clients : clients kept at these outlets, for the disclosure rules
    staff : full-time staff, or why it is not known
    values : by code: DEP_OUT, INC_OUT, DEP_FTE, INC_FTE
    """

    group: str
    n_clients: int
    n_outlets: int
    staff: Value
    values: Mapping[str, Value]


def productivity(portfolio: "Portfolio", *, by: By | None = None) -> tuple[Productivity, ...] | Unavailable:
    """Deposits and revenue per outlet and per head, by a column of the outlets and in total.

    Notes
    -----
    Amounts count at the outlet of the client. Clients without an outlet, or with one that is not in the table, are in
    the total and under `unassigned`, which has no outlets to divide by.
    """
    missing = _no_table(portfolio, "outlets")
    if missing:
        return missing
    outlets = _rows_in_force(portfolio, "outlets", ["outlet_id"], since=portfolio.quarter.same_quarter_last_year)
    if outlets.empty:
        return Unavailable(Text("没有网点", "there are no outlets"))
    groups = None if by is None else attribute(portfolio, "outlet_id").map(outlets.set_index("outlet_id")[by])
    found: dict[str, dict[str, Value]] = {}
    for row in measure(portfolio, ["NCLI", "DEP_ADB", "OPREV"], by=groups).to_dict("records"):
        value = Unavailable(row["reason"]) if row["value"] is None else float(row["value"])
        found.setdefault(str(row["group"]), {})[row["code"]] = value

    def own(group: str) -> "pd.DataFrame":
        if group == TOTAL or by is None:
            return outlets
        return outlets[outlets[by].isna() if group == UNASSIGNED else outlets[by] == group]

    return tuple(_productivity(group, amounts, own(group)) for group, amounts in found.items())


def _productivity(group: str, amounts: Mapping[str, Value], outlets: "pd.DataFrame") -> Productivity:
    staff: Value = float(outlets["staff_full_time"].sum())
    if outlets["staff_full_time"].isna().any():
        staff = Unavailable(Text("部分网点在岗人数缺失", "the staff of some outlets are not known"))
    sizes: dict[str, Value] = {"outlets": float(len(outlets)), "staff": staff}
    values: dict[str, Value] = {}
    for code, (amount, size) in _PER.items():
        top, bottom = amounts[amount], sizes[size]
        if isinstance(top, Unavailable):
            values[code] = top
        else:
            values[code] = bottom if isinstance(bottom, Unavailable) else divide(top, bottom, _SIZES[size])
    n_clients = amounts["NCLI"]
    n = 0 if isinstance(n_clients, Unavailable) else int(n_clients)
    return Productivity(group, n, len(outlets), staff, values)
