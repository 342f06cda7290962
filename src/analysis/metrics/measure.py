"""KPIs of a portfolio: formulas on measures summed over any list of clients or any grouping."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from analysis.core.errors import ParameterError
from analysis.core.estimate import Unavailable
from analysis.core.quarter import Quarter
from analysis.core.text import Text
from analysis.intake.schemas import SCHEMAS
from analysis.metrics.derived import DERIVED, tables_of
from analysis.metrics.history import HISTORY
from analysis.metrics.ladder import tier_ranks
from analysis.metrics.measures import MEASURES
from analysis.metrics.metric import RULES, TOTAL, UNASSIGNED, Metric, Value, label_of
from analysis.metrics.panel import load_panel, write_panel
from analysis.metrics.registry import METRICS

if TYPE_CHECKING:
    import pandas as pd

    from analysis.intake.portfolio import Portfolio

# Sums are taken in whole ten-thousandths of a currency unit: exact, tied to the fen, the same in any order.
STEPS = 10_000
LOOKS_BACK = ("opening_states", "moves_in_a_year", "recent_transactions")
"""Relations whose first quarters are missing because they look further back than the data reach."""


@dataclass(frozen=True, slots=True)
class Columns:
    """Measures of one quarter, a row a client, and why the others are missing."""

    clients: "pd.DataFrame"
    missing: Mapping[str, Unavailable]


def measure(
    portfolio: "Portfolio",
    codes: Sequence[str],
    *,
    by: "str | pd.Series[Any] | None" = None,
    clients: Iterable[str] | None = None,
    quarter: Quarter | None = None,
) -> "pd.DataFrame":
    """KPIs in long form: `group`, `code`, `value` (a number or None) and `reason` (why there is none).

    Parameters
    ----------
    by : a column of the register of clients as of the quarter, or a segment by client id (an assignment); each group
        gets its rows, then `total`; clients without a group are under `unassigned`
    clients : only these client ids
    quarter : the portfolio's own, or an earlier one

    Notes
    -----
    A KPI is a formula on sums, so a rate of a group is the ratio of its sums, never a mean of rates, and the groups of
    an additive KPI add up to the total.
    """
    import pandas as pd

    metrics = [formula_metric(code) for code in codes]
    view = portfolio if quarter is None else _at(portfolio, quarter)
    columns = read_columns(view, dict.fromkeys(need for metric in metrics for need in metric.needs))
    frame = columns.clients
    if clients is not None:
        frame = frame[frame["client_id"].isin(list(clients))]
    groups = _groups(view, frame, by)
    given = given_values(view, metrics)
    rows = []
    for name, members in groups:
        part = frame[members]
        sums = _exact_sums(part)
        for metric in metrics:
            value = _evaluate(metric, part, sums, columns.missing, given, view)
            number, reason = (None, value.reason) if isinstance(value, Unavailable) else (value, None)
            rows.append({"group": name, "code": metric.code, "value": number, "reason": reason})
    return pd.DataFrame(rows, columns=["group", "code", "value", "reason"], dtype=object)


def values_of(
    portfolio: "Portfolio",
    codes: Sequence[str],
    *,
    clients: Iterable[str] | None = None,
    quarter: Quarter | None = None,
) -> dict[str, Value]:
    """Several KPIs over all clients, or over some, in one reading: the number, or why there is none, by code.

    A quarter before the source's first, or after the portfolio's own, is Unavailable for all of them.
    """
    if quarter is not None and not portfolio.first_quarter <= quarter <= portfolio.quarter:
        return {formula_metric(code).code: too_short(portfolio) for code in codes}
    rows = measure(portfolio, codes, clients=clients, quarter=quarter)
    return {
        row["code"]: Unavailable(row["reason"]) if row["value"] is None else float(row["value"])
        for row in rows.to_dict("records")
    }


def value_of(
    portfolio: "Portfolio", code: str, *, clients: Iterable[str] | None = None, quarter: Quarter | None = None
) -> Value:
    """One KPI over all clients, or over some: the number, or why there is none."""
    return values_of(portfolio, [code], clients=clients, quarter=quarter)[code]


def recent(
    portfolio: "Portfolio", codes: Sequence[str], quarters: int = 8, *, clients: Iterable[str] | None = None
) -> dict[str, dict[Quarter, Value]]:
    """Several KPIs by quarter, oldest first; quarters before the data are Unavailable with the reason."""
    listed = None if clients is None else list(clients)
    wanted = portfolio.quarter.trailing(quarters)
    prepare(portfolio, codes, wanted)
    found = {quarter: values_of(portfolio, codes, clients=listed, quarter=quarter) for quarter in wanted}
    return {code: {quarter: values[code] for quarter, values in found.items()} for code in codes}


def prepare(portfolio: "Portfolio", codes: Sequence[str], quarters: Iterable[Quarter]) -> None:
    """Compute the panel of every quarter that the KPIs will read in one go: faster than quarter by quarter."""
    needs = {need for code in codes for need in formula_metric(code).needs if need in HISTORY}
    lags = {0} | {lag for need in needs for lag in HISTORY[need].lags(portfolio.policy)}
    write_panel(portfolio, [quarter.shift(-lag) for quarter in quarters for lag in lags])


def series(
    portfolio: "Portfolio", code: str, quarters: int = 8, *, clients: Iterable[str] | None = None
) -> dict[Quarter, Value]:
    """One KPI by quarter, oldest first; quarters before the data are Unavailable with the reason."""
    return recent(portfolio, [code], quarters, clients=clients)[code]


def sparkline(portfolio: "Portfolio", code: str, quarters: int = 8) -> tuple[float | None, ...]:
    """One KPI by quarter, oldest first, None where there is none: what a tile draws."""
    values = series(portfolio, code, quarters).values()
    return tuple(None if isinstance(value, Unavailable) else value for value in values)


def value_at(portfolio: "Portfolio", code: str, quarter: Quarter, *, clients: Iterable[str] | None = None) -> Value:
    """One KPI in another quarter; before the source's first quarter it is Unavailable."""
    return values_of(portfolio, [code], clients=clients, quarter=quarter)[code]


def too_short(portfolio: "Portfolio") -> Unavailable:
    """The reason that stands where the history does not reach."""
    first = portfolio.first_quarter
    return Unavailable(Text(f"历史数据自 {first} 起，不足以计算", f"the data start in {first}, too late for this"))


def formula_metric(code: str) -> Metric:
    """The metric, refused when there is none or when its values come from a study."""
    if code not in METRICS:
        from analysis.intake.suggest import nearest

        raise ParameterError(f"There is no KPI {code!r}.", hint=nearest(code, METRICS))
    metric = METRICS[code]
    if metric.compute is None:
        raise ParameterError(
            f"{code} ({metric.name.en}) has no formula on measures.",
            hint="Its value comes from the study that makes it.",
        )
    return metric


# --- reading --------------------------------------------------------------------------------------------------------


def _at(portfolio: "Portfolio", quarter: Quarter) -> "Portfolio":
    return portfolio if quarter == portfolio.quarter else portfolio.at(quarter)


def read_columns(portfolio: "Portfolio", names: Iterable[str]) -> Columns:
    """Measures of the portfolio's quarter by client, those over several quarters too."""
    wanted = list(names)
    plain = [name for name in wanted if name not in HISTORY]
    frame = load_panel(portfolio, ["n_clients", *plain], 1).drop(columns="quarter")
    missing = {name: why_missing(portfolio, name) for name in plain if name not in frame}
    looking_back = [name for name in wanted if name in HISTORY]
    if looking_back:
        frame, reasons = _with_history(portfolio, frame, looking_back)
        missing |= reasons
    return Columns(frame.reset_index(drop=True), missing)


def _with_history(
    portfolio: "Portfolio", frame: "pd.DataFrame", names: Sequence[str]
) -> tuple["pd.DataFrame", dict[str, Unavailable]]:
    """The frame with measures over several quarters beside it, for every client of any of those quarters."""
    import pandas as pd

    lags_of = {name: HISTORY[name].lags(portfolio.policy) for name in names}
    panels = {
        lag: load_panel(
            portfolio,
            [need for name in names if lag in lags_of[name] for need in HISTORY[name].needs],
            [portfolio.quarter.shift(-lag)],
        )
        .drop(columns="quarter")
        .set_index("client_id")
        for lag in sorted({lag for lags in lags_of.values() for lag in lags})
    }
    if any(HISTORY[name].reads_tier for name in names):
        panels = {lag: _with_rank(portfolio, panel, lag) for lag, panel in panels.items()}
    everyone = pd.Index(frame["client_id"])
    for panel in panels.values():
        everyone = everyone.union(panel.index)
    aligned = {lag: panel.reindex(everyone, fill_value=0.0) for lag, panel in panels.items()}
    columns, missing = {}, {}
    for name, lags in lags_of.items():
        reason = _why_short(portfolio, name, panels, lags)
        if reason is None:
            columns[name] = HISTORY[name].amount({lag: aligned[lag] for lag in lags})
        else:
            missing[name] = reason
    own = frame.set_index("client_id").reindex(everyone, fill_value=0.0)
    return own.assign(**columns).rename_axis("client_id").reset_index(), missing


def _with_rank(portfolio: "Portfolio", panel: "pd.DataFrame", lag: int) -> "pd.DataFrame":
    """The panel of a quarter with each client's rank on the ladder of tiers beside it, 0 where it has none."""
    quarter = portfolio.quarter.shift(-lag)
    if quarter < portfolio.first_quarter:
        return panel
    ranks = attribute(_at(portfolio, quarter), "tier").map(tier_ranks(portfolio.policy))
    return panel.assign(tier_rank=ranks.reindex(panel.index).fillna(0.0).astype(float))


def _why_short(
    portfolio: "Portfolio", name: str, panels: "Mapping[int, pd.DataFrame]", lags: Sequence[int]
) -> Unavailable | None:
    for lag in lags:
        quarter = portfolio.quarter.shift(-lag)
        for need in HISTORY[name].needs:
            if need not in panels[lag]:
                is_before = quarter < portfolio.first_quarter
                return too_short(portfolio) if is_before else why_missing(_at(portfolio, quarter), need)
        if HISTORY[name].reads_tier and not (panels[lag]["tier_rank"] > 0).any():
            return Unavailable(
                Text(f"{quarter} 没有客户在层级阶梯上", f"no client stands on the ladder of tiers in {quarter}")
            )
    return None


def why_missing(portfolio: "Portfolio", name: str) -> Unavailable:
    """Why the panel of the portfolio's quarter lacks a measure: a table, too little history, or empty columns."""
    for table in tables_of(name):
        if not portfolio.has(table):
            label = SCHEMAS[table].label
            return Unavailable(Text(f"缺少数据表：{label.zh}（{table}）", f"needs the table {table}"))
    for base in _bases(name):
        if MEASURES[base].relation in LOOKS_BACK and portfolio.quarter.shift(-4) < portfolio.first_quarter:
            return too_short(portfolio)
    label = label_of(name)
    return Unavailable(Text(f"{portfolio.quarter} 没有数据：{label.zh}", f"no data in {portfolio.quarter}: {label.en}"))


def _bases(name: str) -> list[str]:
    if name in MEASURES:
        return [name]
    return [base for need in DERIVED[name].needs for base in _bases(need)]


# --- grouping and evaluating ----------------------------------------------------------------------------------------


def _groups(
    portfolio: "Portfolio", frame: "pd.DataFrame", by: "str | pd.Series[Any] | None"
) -> list[tuple[str, npt.NDArray[np.bool_]]]:
    everyone = np.ones(len(frame), dtype=bool)
    if by is None:
        return [(TOTAL, everyone)]
    labels = attribute(portfolio, by) if isinstance(by, str) else by
    if labels.index.has_duplicates:
        raise ParameterError("The grouping names some clients twice.", hint="Give one group a client.")
    own = frame["client_id"].map(labels)
    has_order = labels.dtype.name == "category"
    names = list(labels.cat.categories) if has_order else sorted(labels.dropna().unique(), key=str)
    groups = [(str(name), (own == name).fillna(False).to_numpy(dtype=bool)) for name in names]
    left = own.isna().to_numpy() & (frame.drop(columns="client_id") != 0).any(axis="columns").to_numpy()
    if left.any():
        groups.append((UNASSIGNED, left))
    return [*groups, (TOTAL, everyone)]


def attribute(portfolio: "Portfolio", column: str) -> "pd.Series[Any]":
    """A column of the register of clients, keyed by client id."""
    register = portfolio.register
    if column not in register:
        from analysis.intake.suggest import nearest

        raise ParameterError(f"Clients have no column {column!r}.", hint=nearest(column, list(register.columns)))
    labels: pd.Series[Any] = register.set_index("client_id")[column]
    return labels


def _exact_sums(frame: "pd.DataFrame") -> dict[str, float]:
    """Sum of each column, exact to a ten-thousandth and the same in any order."""
    values = frame.drop(columns="client_id")
    steps = np.rint(values.to_numpy(dtype=np.float64) * STEPS).astype(np.int64).sum(axis=0)
    return {str(name): int(step) / STEPS for name, step in zip(values.columns, steps, strict=True)}


def given_values(portfolio: "Portfolio", metrics: Sequence[Metric]) -> dict[str, float]:
    """What formulas read besides measures: days of the quarter, policy rules, figures of the bank."""
    given = {rule: portfolio.policy.number(rule) for rule in RULES} | {"days": float(portfolio.quarter.days)}
    items = {item for metric in metrics for item in metric.bank}
    if items and portfolio.has("bank"):
        bank = portfolio.table("bank")
        rows = portfolio.to_frame(bank.filter(bank["quarter"] == portfolio.quarter.label))
        given |= {item: float(value) for item, value in zip(rows["item"], rows["value"], strict=True) if item in items}
    return given


def _evaluate(
    metric: Metric,
    part: "pd.DataFrame",
    sums: Mapping[str, float],
    missing: Mapping[str, Unavailable],
    given: Mapping[str, float],
    portfolio: "Portfolio",
) -> Value:
    for need in metric.needs:
        if need in missing:
            return missing[need]
    for item in metric.bank:
        if item not in given:
            return Unavailable(
                Text(
                    f"全行指标缺少 {item}（{portfolio.quarter}）", f"the bank table lacks {item} in {portfolio.quarter}"
                )
            )
    if metric.compute is None:
        raise ParameterError(f"{metric.code} has no formula on measures.")
    if not metric.over_clients:
        return metric.compute({**given, **{need: sums[need] for need in metric.needs}})
    return metric.compute({**given, **{need: _values(metric, part, need, portfolio) for need in metric.needs}})


def _values(metric: Metric, part: "pd.DataFrame", need: str, portfolio: "Portfolio") -> npt.NDArray[np.float64]:
    """The values of open clients, and of closed ones that still have some; by attribute when the metric says so."""
    if metric.by:
        labels = part["client_id"].map(attribute(portfolio, metric.by))
        labels = labels.fillna(part["client_id"] if metric.by == "group_id" else "")  # without a group it stands alone
        return part.groupby(labels.to_numpy())[need].sum().to_numpy(dtype=np.float64)
    is_there = part[need] != 0
    if "n_clients" in part:
        is_there |= part["n_clients"] > 0
    return part.loc[is_there, need].to_numpy(dtype=np.float64)
