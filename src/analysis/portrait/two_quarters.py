"""The same clients at two quarter-ends: what they hold then and now, and in which group they were and are."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from analysis.core.errors import ParameterError
from analysis.core.estimate import Unavailable
from analysis.core.quarter import Quarter
from analysis.core.text import Text
from analysis.intake.portfolio import Portfolio
from analysis.metrics import UNASSIGNED, Metric, base_quarter, write_panel
from analysis.metrics.measure import STEPS, attribute, given_values, read_columns, too_short
from analysis.metrics.metric import ComparisonKind

Scheme = str | tuple["pd.Series[Any]", "pd.Series[Any]"]
"""A column of the register (its value at each of the two quarter-ends), or two assignments: group by client id at the
opening and now."""


@dataclass(frozen=True, eq=False)
class TwoQuarters:
    """Every client of either quarter.

    Parameters
    ----------
    before, after : measures in whole ten-thousandths, index client_id, zero where a client has none
    group_before, group_after : its group at each end, `unassigned` where it has none
    was_there : open at the opening quarter's end, or with money in that quarter
    is_open : open at the closing quarter's end
    given_before, given_after : what formulas read besides measures, of each quarter
    """

    start: Quarter
    end: Quarter
    before: pd.DataFrame
    after: pd.DataFrame
    group_before: "pd.Series[str]"
    group_after: "pd.Series[str]"
    was_there: "pd.Series[bool]"
    is_open: "pd.Series[bool]"
    given_before: dict[str, float]
    given_after: dict[str, float]

    @property
    def opening_group(self) -> "pd.Series[str]":
        """The group of the opening for clients there at the opening, the present one for those that came since."""
        return self.group_before.where(self.was_there, self.group_after)


def opening_quarter(metrics: Sequence[Metric], quarter: Quarter, start: Quarter | None) -> Quarter:
    """The opening asked for, by default a year ago; refused where one of the KPIs has no such comparison.

    Raises
    ------
    ParameterError : the opening is not the base of a comparison that is valid for the KPI
    """
    opening = quarter.same_quarter_last_year if start is None else start
    for metric in metrics:
        if comparison_kind(metric, quarter, opening) is None:
            names = ", ".join(f"{base_quarter(quarter, kind)} ({kind})" for kind in metric.comparisons) or "none"
            raise ParameterError(
                f"{metric.code} ({metric.name.en}) has no comparison of {quarter} with {opening}.",
                hint=f"Valid openings are: {names}.",
            )
    return opening


def comparison_kind(metric: Metric, quarter: Quarter, opening: Quarter) -> ComparisonKind | None:
    """Which comparison of the KPI starts from the opening; on a year ago before others that fall on the same day."""
    fitting = [kind for kind in metric.comparisons if base_quarter(quarter, kind) == opening]
    return fitting[-1] if fitting else None


def two_quarters(
    portfolio: Portfolio, metrics: Sequence[Metric], scheme: Scheme, opening: Quarter, *, also: Sequence[str] = ()
) -> TwoQuarters | Unavailable:
    """Measures of the KPIs at two quarter-ends side by side, with each client's group then and now.

    Parameters
    ----------
    also : further measures; one the tables cannot give makes the result Unavailable, as for the KPIs' own
    """
    if not portfolio.first_quarter <= opening:
        return too_short(portfolio)
    then = portfolio.at(opening)
    write_panel(portfolio, [opening, portfolio.quarter])  # both in one reading of the tables
    needs = list(dict.fromkeys(["n_clients", *(need for metric in metrics for need in metric.needs), *also]))
    first, last = read_columns(then, needs), read_columns(portfolio, needs)
    for need in needs:
        for columns in (first, last):
            if need in columns.missing:
                return columns.missing[need]
    labels = _labels(then, portfolio, scheme)
    if isinstance(labels, Unavailable):
        return labels
    everyone = pd.Index(first.clients["client_id"]).union(pd.Index(last.clients["client_id"]))
    before, after = (_in_steps(columns.clients, needs, everyone) for columns in (first, last))
    group_before, group_after = (_aligned(side, everyone) for side in labels)
    return TwoQuarters(
        opening,
        portfolio.quarter,
        before,
        after,
        group_before,
        group_after,
        before.ne(0).any(axis="columns"),  # a client that is open counts as one
        after["n_clients"] > 0,
        given_values(then, metrics),
        given_values(portfolio, metrics),
    )


def _labels(then: Portfolio, now: Portfolio, scheme: Scheme) -> tuple[pd.Series, pd.Series] | Unavailable:
    if not isinstance(scheme, str):
        for side in scheme:
            if side.index.has_duplicates:
                raise ParameterError("The grouping names some clients twice.", hint="Give one group a client.")
        return scheme
    labels = attribute(then, scheme), attribute(now, scheme)
    if all(side.isna().all() for side in labels):
        return Unavailable(Text(f"客户表没有 {scheme}", f"the register of clients has no {scheme}"))
    return labels


def _aligned(labels: "pd.Series[Any]", everyone: pd.Index) -> "pd.Series[str]":
    own = labels.reindex(everyone)
    return own.astype("str").where(own.notna(), UNASSIGNED)


def _in_steps(frame: pd.DataFrame, needs: Sequence[str], everyone: pd.Index) -> pd.DataFrame:
    values = frame.set_index("client_id")[list(needs)].reindex(everyone, fill_value=0.0)
    return pd.DataFrame(
        np.rint(values.to_numpy(dtype=np.float64) * STEPS).astype(np.int64), index=everyone, columns=list(needs)
    )
