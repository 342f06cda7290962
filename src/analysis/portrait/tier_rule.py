"""The written tier standard applied to clients: the rung the rule gives, and whose tier in force differs from it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

import numpy as np
import pandas as pd

from analysis.core.estimate import Estimate, Unavailable
from analysis.core.quarter import Quarter
from analysis.core.text import Text
from analysis.features import corporate_clients
from analysis.intake.policy import Policy
from analysis.intake.portfolio import Portfolio
from analysis.metrics.panel import load_panel
from analysis.portrait.rates import wilson

STANDARD = "tier_standard"
NO_TIERS = Unavailable(Text("数据源没有现行层级", "the source has no tier in force"))
NO_STANDARD = Unavailable(
    Text(
        "政策中没有本行的书面分层标准，无法核对",
        "no written tier standard is in the policy, so tiers cannot be checked",
    )
)
NOT_THIS_LADDER = Unavailable(
    Text(
        "现行层级的代码不在书面标准中，无法核对",
        "the tiers in force are not those of the written standard, so they cannot be checked",
    )
)


@dataclass(frozen=True, slots=True)
class Rung:
    """One rung of the standard: a client whose measure reaches `least` stands on it, unless on a higher one.

    Parameters
    ----------
    least : lower cut point, in the measure's unit (money in currency units)
    measures : measures of the panel, added up
    """

    code: str
    label: Text
    least: float
    measures: tuple[str, ...]


@dataclass(frozen=True)
class RuleCheck:
    """How well the tiers in force follow the written standard.

    Parameters
    ----------
    review : quarter at whose end the tiers were last set
    measured : quarter whose amounts the standard looks at
    consistent : share of the clients checked whose tier is that of the rule
    n_higher, n_lower : clients on a higher or lower rung than the rule gives (overrides, or errors)
    table : clients by rung of the rule (rows) and tier in force (columns), top rung first
    """

    review: Quarter
    measured: Quarter
    consistent: Estimate
    n_checked: int
    n_higher: int
    n_lower: int
    table: pd.DataFrame

    @property
    def n_overrides(self) -> int:
        return self.n_higher + self.n_lower


def standard_in_force(policy: Policy, day: date) -> tuple[Rung, ...]:
    """The rungs of the written standard on a day, top first; empty where the policy has none yet.

    Parameters
    ----------
    day : the rows with the latest `valid_from` not after it are in force
    """
    names = {table.name for table in policy.tables}
    rows = [row for row in policy.table(STANDARD) if row["valid_from"] <= day] if STANDARD in names else []
    newest = max((row["valid_from"] for row in rows), default=None)
    rungs = [_rung(row) for row in rows if row["valid_from"] == newest]
    return tuple(sorted(rungs, key=lambda rung: -rung.least))


def _rung(row: dict[str, Any]) -> Rung:
    measures = tuple(part.strip() for part in str(row["measure"]).split("+"))
    return Rung(str(row["tier"]), Text.of(row), float(row["from"]), measures)


def last_review(policy: Policy, quarter: Quarter) -> Quarter:
    """The latest quarter not after this one in which tiers are set anew."""
    number = int(policy.number("tier_review_quarter"))
    return next(q for q in (quarter.shift(-back) for back in range(4)) if q.number == number)


def rungs_by_rule(amounts: "pd.Series[float]", rungs: Sequence[Rung]) -> pd.Series:
    """The rung of each client by its amount; below the lowest cut point the lowest rung.

    Parameters
    ----------
    amounts : index client_id, in the unit of the cut points; NaN counts as nothing

    Examples
    --------
    >>> top, low = Rung("T1", Text("一", "one"), 10.0, ("a",)), Rung("T2", Text("二", "two"), 0.0, ("a",))
    >>> rungs_by_rule(pd.Series([10.0, 9.99]), (top, low)).tolist()
    ['T1', 'T2']
    """
    cuts = np.array([rung.least for rung in rungs])  # falling
    place = (amounts.fillna(0.0).to_numpy()[:, None] < cuts[None, :]).sum(axis=1).clip(max=len(rungs) - 1)
    codes = np.array([rung.code for rung in rungs], dtype=object)
    return pd.Series(codes[place], index=amounts.index, dtype="str")


def check_rule(portfolio: Portfolio) -> RuleCheck | Unavailable:
    """The tiers in force against the written standard, client by client.

    Notes
    -----
    The standard in force on the last review day is applied to the amounts of the quarter it looks at
    (`tier_measured_before` quarters earlier); a client without amounts then is on the lowest rung. Clients without a
    tier are not checked: their number is the gap in coverage.
    """
    tiers = corporate_clients(portfolio)["tier"].dropna().astype("str")
    if tiers.empty:
        return NO_TIERS
    policy = portfolio.policy
    if STANDARD not in {table.name for table in policy.tables}:
        return NO_STANDARD
    review = last_review(policy, portfolio.quarter)
    rungs = standard_in_force(policy, review.end)
    if not rungs:
        return NO_STANDARD
    if not tiers.isin([rung.code for rung in rungs]).all():
        return NOT_THIS_LADDER
    measured = review.shift(-int(policy.number("tier_measured_before")))
    amounts = _amounts(portfolio, rungs[0].measures, measured, tiers.index)
    return amounts if isinstance(amounts, Unavailable) else compare_with_rule(tiers, amounts, rungs, review, measured)


def compare_with_rule(
    tiers: pd.Series, amounts: "pd.Series[float]", rungs: Sequence[Rung], review: Quarter, measured: Quarter
) -> RuleCheck:
    """Tiers in force against the rungs that the rule gives for some amounts.

    Parameters
    ----------
    tiers, amounts : index client_id; at least one client
    """
    rank = {rung.code: place for place, rung in enumerate(rungs)}
    by_rule = rungs_by_rule(amounts.reindex(tiers.index), rungs)
    held, given = tiers.map(rank), by_rule.map(rank)
    codes = pd.Index([rung.code for rung in rungs])
    table = pd.crosstab(by_rule, tiers).reindex(index=codes, columns=codes, fill_value=0)
    n_consistent = int((held == given).sum())
    share = wilson(n_consistent, len(tiers))
    assert isinstance(share, Estimate)  # somebody has a tier
    return RuleCheck(review, measured, share, len(tiers), int((held < given).sum()), int((held > given).sum()), table)


def _amounts(
    portfolio: Portfolio, measures: Sequence[str], measured: Quarter, ids: pd.Index
) -> "pd.Series[float] | Unavailable":
    """What the standard looks at, by client; nothing for those who were not there."""
    if measured < portfolio.first_quarter:
        return Unavailable(
            Text(
                f"标准取 {measured} 的数据认定，早于数据起点 {portfolio.first_quarter}",
                f"the standard looks at {measured}, before the data begin ({portfolio.first_quarter})",
            )
        )
    panel = load_panel(portfolio, measures, [measured]).set_index("client_id")
    if any(name not in panel or panel[name].isna().all() for name in measures):
        return Unavailable(Text("数据源没有标准所用的金额", "the source lacks the amounts that the standard looks at"))
    return panel[list(measures)].sum(axis=1).reindex(ids).fillna(0.0)
