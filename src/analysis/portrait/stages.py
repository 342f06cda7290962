"""Life-cycle stage of every client, given by the bank or by a written rule, and who moved between two quarters."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
import pandas as pd

from analysis.core.disclosure import suppress_counts
from analysis.core.errors import DataError
from analysis.core.estimate import Unavailable
from analysis.core.quarter import Quarter
from analysis.core.text import Text
from analysis.features import corporate_clients
from analysis.features.groups import UNCLASSIFIED, group_codes, group_label, group_order
from analysis.intake.portfolio import Portfolio
from analysis.portrait.grouping import MERGED, MERGED_LABEL
from analysis.portrait.statements import client_ratios

Origin = Literal["given", "rule"]
NEW, LEFT, TOTAL = "new", "left", "total"
_CONDITIONS = {"age_below", "growth_from", "growth_below", "margin_below"}
_ROW_KEYS = {"id", "stage", "zh", "en"} | _CONDITIONS

NO_STAGES = Unavailable(
    Text(
        "数据源没有发展阶段，也没有成立日与财务报表可供判定",
        "the source gives no stage, nor founding days and statements to tell it by",
    )
)


@dataclass(frozen=True)
class Stages:
    """Stage of each client at a quarter-end.

    Parameters
    ----------
    codes : index client_id; `unclassified` where it is not known
    origin : given by the bank, or by the rule of the policy where the bank gives no stage at all
    n_sure : clients whose age and growth are both known, so that every row of the rule could be tried; all of them
        where the bank gives the stage
    """

    codes: pd.Series
    origin: Origin
    n_sure: int


@dataclass(frozen=True)
class StageTransition:
    """Clients by stage at two quarter-ends; rows and columns add up.

    Parameters
    ----------
    counts : rows are stages then and `new`, columns stages now and `left`, with totals; NaN where suppressed
    n_stayed, n_moved : clients known at both ends whose stage is the same or another
    """

    start: Quarter
    end: Quarter
    origin: Origin
    counts: pd.DataFrame
    labels: Mapping[str, Text]
    n_stayed: int
    n_moved: int


def client_stages(portfolio: Portfolio) -> Stages | Unavailable:
    """The stage of each client; the bank's own column wins, the written rule stands in where it is empty altogether."""
    clients = corporate_clients(portfolio)
    given = group_codes(portfolio, clients, "stage")
    if (given != UNCLASSIFIED).any():
        return Stages(given, "given", len(given))
    ratios = client_ratios(portfolio)
    has_age = clients["founded"].notna().any()
    if isinstance(ratios, Unavailable) and not has_age:
        return NO_STAGES
    none = pd.Series(np.nan, index=clients.index)
    growth = none if isinstance(ratios, Unavailable) else ratios["growth"]
    margin = none if isinstance(ratios, Unavailable) else ratios["margin"]
    age = (pd.Timestamp(portfolio.quarter.end) - pd.to_datetime(clients["founded"])).dt.days / 365.25
    codes = stage_by_rule(age.astype(float), growth, margin, portfolio.policy.table("stage_rule"))
    return Stages(codes, "rule", int((age.notna() & growth.notna()).sum()))


def stage_by_rule(
    age_years: "pd.Series[float]",
    growth: "pd.Series[float]",
    margin: "pd.Series[float]",
    rule: Sequence[Mapping[str, Any]],
) -> pd.Series:
    """Stage of each client by the first row of the rule that fits; `unclassified` where none does.

    Parameters
    ----------
    age_years, growth, margin : index client_id; NaN where not known, then rows that ask for it do not fit
    rule : rows of the policy table `stage_rule`
    """
    codes = pd.Series(UNCLASSIFIED, index=age_years.index, dtype="str")
    open_ = pd.Series(True, index=age_years.index)
    for row in rule:
        if unknown := sorted(set(row) - _ROW_KEYS):
            raise DataError(
                f"stages.toml: the row {row['id']!r} asks for {', '.join(unknown)}.",
                hint=f"Conditions are {', '.join(sorted(_CONDITIONS))}.",
            )
        fits = open_.copy()
        if "age_below" in row:
            fits &= age_years < row["age_below"]
        if "growth_below" in row:
            fits &= growth < row["growth_below"]
        if "growth_from" in row:
            fits &= growth >= row["growth_from"]
        if "margin_below" in row:
            fits &= margin < row["margin_below"]
        codes[fits] = str(row["stage"])
        open_ &= ~fits
    return codes


def stage_transition(portfolio: Portfolio, *, back: int = 4) -> StageTransition | Unavailable:
    """Who moved between stages from `back` quarters ago to the portfolio's quarter-end.

    Parameters
    ----------
    back : quarters between the two ends; a year by default, because statements are yearly
    """
    start = portfolio.quarter.shift(-back)
    if start < portfolio.first_quarter:
        return Unavailable(
            Text(
                f"数据始于 {portfolio.first_quarter}，没有 {start} 可比",
                f"the data begin in {portfolio.first_quarter}, so {start} cannot be compared",
            )
        )
    then, now = client_stages(portfolio.at(start)), client_stages(portfolio)
    if isinstance(then, Unavailable):
        return then
    if isinstance(now, Unavailable):
        return now
    minimum = int(portfolio.policy.number("disclosure_min_clients"))
    return _transition(portfolio, then.codes, now, start, minimum)


def _transition(portfolio: Portfolio, then: pd.Series, now: Stages, start: Quarter, minimum: int) -> StageTransition:
    everyone = then.index.union(now.codes.index)
    before, after = then.reindex(everyone).fillna(NEW), now.codes.reindex(everyone).fillna(LEFT)
    both = before.ne(NEW) & after.ne(LEFT)
    n_stayed = int((before == after)[both].sum())
    small = _small(before, after, minimum)
    before, after = (codes.where(~codes.isin(small), MERGED) for codes in (before, after))
    present = set(before) | set(after)
    order = [code for code in (*group_order("stage"), MERGED, UNCLASSIFIED) if code in present]
    counts = pd.crosstab(before, after).reindex(index=[*order, NEW], columns=[*order, LEFT], fill_value=0)
    shown = counts.astype(float).mask(suppress_counts(counts.to_numpy(), minimum))
    shown[TOTAL] = counts.sum(axis=1).astype(float)
    shown.loc[TOTAL] = [*counts.sum(axis=0).astype(float), float(len(everyone))]
    labels = {code: group_label(portfolio, "stage", code) for code in order if code != MERGED}
    labels |= {MERGED: MERGED_LABEL, NEW: Text("新增客户", "new clients"), LEFT: Text("已离开", "left")}
    n_moved = int(both.sum()) - n_stayed
    return StageTransition(start, portfolio.quarter, now.origin, shown, labels, n_stayed, n_moved)


def _small(before: pd.Series, after: pd.Series, minimum: int) -> set[str]:
    """Stages with too few clients at one end; the smallest other joins them while they are too few together."""
    sizes = pd.concat([before.value_counts(), after.value_counts()], axis=1).drop([NEW, LEFT], errors="ignore")
    ends = sizes.fillna(0).to_numpy()
    least = pd.Series(np.where(ends > 0, ends, np.inf).min(axis=1), index=sizes.index).sort_values(kind="stable")
    small = [code for code in least.index if least[code] < minimum]
    others = [code for code in least.index if code not in small]
    totals = sizes.fillna(0)
    while small and others and totals.loc[small].sum().replace(0, np.inf).min() < minimum:
        small.append(others.pop(0))
    return set(small)
