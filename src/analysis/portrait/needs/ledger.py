"""The database of needs over time: opened, closed, still open, and how long it takes to meet one."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pandas as pd
from statsmodels.duration.survfunc import SurvfuncRight

from analysis.core.estimate import Estimate, Unavailable
from analysis.core.quarter import Quarter
from analysis.core.text import Text
from analysis.intake.portfolio import Portfolio
from analysis.portrait.needs.records import NeedRecords

Mask = npt.NDArray[np.bool_]

QUARTERS = 8
TREND_QUARTERS = 4
"""Needs opened in the last year are set against those of the year before."""
FEWEST = 20
"""Fewest needs for a median time: below it the interval of the Kaplan–Meier median is wider than the time itself."""

FLOWS = ("opening", "opened", "met", "lapsed", "left", "closing")

KAPLAN_MEIER = Text("Kaplan–Meier 中位数，未办结按截尾处理", "Kaplan–Meier median, open needs censored")
TOO_FEW = Unavailable(Text("需求太少，不计算满足时长", "too few needs for a time to meet"))
NOT_HALF = Unavailable(
    Text("尚有一半以上需求未满足，中位数不可得", "fewer than half have been met, so there is no median yet")
)
NO_END = Unavailable(Text("区间上限不可得，未办结需求过多", "the interval has no upper end: too many needs are open"))


@dataclass(frozen=True)
class Ledger:
    """Records of needs by quarter.

    Parameters
    ----------
    table : a row a quarter, oldest first; columns quarter, opening, opened, met, lapsed, left, closing
    by_group : the last quarter by first level of needs, index group, same columns without quarter
    tells_met : whether records say what served a need; otherwise every closed need counts as met
    time_to_meet : days from opened to met; of all records, and by first level
    recent, before : the same for needs opened in the last four quarters and in the four before them
    """

    table: pd.DataFrame
    by_group: pd.DataFrame
    tells_met: bool
    time_to_meet: Estimate | Unavailable
    times_by_group: dict[str, Estimate | Unavailable]
    recent: Estimate | Unavailable
    before: Estimate | Unavailable

    @property
    def trend(self) -> str:
        """faster, slower or alike: whether the intervals of the two years are apart; unknown without either."""
        if isinstance(self.recent, Unavailable) or isinstance(self.before, Unavailable):
            return "unknown"
        if self.recent.ci_high < self.before.ci_low:
            return "faster"
        return "slower" if self.recent.ci_low > self.before.ci_high else "alike"


def need_ledger(portfolio: Portfolio, records: NeedRecords) -> Ledger:
    """Opening + opened − met − lapsed − left = closing, quarter by quarter, and the time it takes to meet a need.

    Parameters
    ----------
    records : those of the portfolio's quarter; the ledger does not reach further back than the source

    Notes
    -----
    Each date counts the clients that were open on it, so that a quarter's opening is the closing of the one before,
    whoever left later. `left` are open records of clients that left in the quarter; the records a client brings along
    when it joins or comes back count as opened. The source's first quarter has no register before it: its opening
    counts the clients of its end.

    A need closed without a word of what served it lapsed, if records of this source ever say what served one. Times are
    those of clients still open, and cause-specific: a lapsed need is censored on the day it lapsed.
    """
    quarter, first = portfolio.quarter, portfolio.first_quarter
    counted = records.everyone["source"].isin(records.taxonomy.counted_sources)
    tells_met = bool(records.everyone.loc[counted, "served_by"].notna().any())
    rows, everyone = (_counted(one, records, tells_met) for one in (records.frame, records.everyone))
    quarters = [one for one in quarter.trailing(QUARTERS) if one >= first]
    members = _members(portfolio, everyone, [one for one in quarter.trailing(QUARTERS + 1) if one >= first])
    flows = {
        one: _flows(everyone, one, members[max(one.previous, first).label], members[one.label]) for one in quarters
    }
    table = pd.DataFrame([{"quarter": one.label} | _counts(flow) for one, flow in flows.items()])
    groups = list(records.taxonomy.groups)
    by_group = flows[quarter].groupby(everyone["group"].to_numpy()).sum().reindex(groups, fill_value=0)
    turn, start = quarter.shift(1 - TREND_QUARTERS).start, quarter.shift(1 - 2 * TREND_QUARTERS).start
    is_recent = rows["opened"] >= pd.Timestamp(turn)
    is_before = (rows["opened"] >= pd.Timestamp(start)) & ~is_recent
    return Ledger(
        table,
        by_group,
        tells_met,
        _time_to_meet(rows, records.as_of),
        {code: _time_to_meet(rows[rows["group"] == code], records.as_of) for code in groups},
        # Both years are followed for one year at most, or the earlier one would have had longer to meet its slow needs.
        _time_to_meet(rows[is_recent], records.as_of),
        _time_to_meet(rows[is_before], pd.Timestamp(turn) - pd.Timedelta(days=1)),
    )


def _counted(rows: pd.DataFrame, records: NeedRecords, tells_met: bool) -> pd.DataFrame:
    """Records of the sources that count, with their first level and whether they were met."""
    rows = rows[rows["source"].isin(records.taxonomy.counted_sources)]
    is_met = rows["closed"].notna() & (rows["served_by"].notna() if tells_met else True)
    return rows.assign(is_met=is_met, group=rows["need"].map(records.taxonomy.group_of))


def _members(portfolio: Portfolio, rows: pd.DataFrame, quarters: list[Quarter]) -> dict[str, Mask]:
    """Whether the client of each record had an open account at the end of each quarter, by the quarter's label."""
    clients = portfolio.table("clients").select("client_id", "quarter", "status", "entity_type")
    register = portfolio.to_frame(clients.filter(clients.quarter.isin([one.label for one in quarters])))
    is_out = (register["status"] == "closed") | (register["entity_type"] == "individual")
    register = register[~is_out.fillna(value=False)]
    codes, ids = pd.factorize(rows["client_id"])
    column, labels = pd.factorize(register["quarter"])
    at = pd.Index(ids).get_indexer(pd.Index(register["client_id"]))
    is_in = np.zeros((len(labels), len(ids)), dtype=bool)
    is_in[column[at >= 0], at[at >= 0]] = True
    nobody = np.zeros(len(ids), dtype=bool)
    found = dict(zip(labels, is_in, strict=True))
    return {one.label: np.asarray(found.get(one.label, nobody)[codes]) for one in quarters}


def _flows(rows: pd.DataFrame, quarter: Quarter, was_in: Mask, is_in: Mask) -> pd.DataFrame:
    """Which flow of a quarter each record belongs to, columns FLOWS.

    Parameters
    ----------
    was_in, is_in : whether its client was open at the end of the quarter before, and of this one
    """
    start, end = pd.Timestamp(quarter.start), pd.Timestamp(quarter.end)
    opened, closed = rows["opened"], rows["closed"]
    is_live = ((opened <= end) & ~(closed < start)).to_numpy() & (was_in | is_in)
    opening = is_live & (opened < start).to_numpy() & was_in
    ends = is_live & (closed <= end).to_numpy()
    is_met = rows["is_met"].to_numpy(dtype=bool)
    flows = (
        opening,
        is_live & ~opening,
        ends & is_met,
        ends & ~is_met,
        is_live & ~ends & ~is_in,
        is_live & ~ends & is_in,
    )
    return pd.DataFrame(dict(zip(FLOWS, flows, strict=True)))


def _counts(flows: pd.DataFrame) -> dict[str, int]:
    return {name: int(flows[name].sum()) for name in FLOWS}


def _time_to_meet(rows: pd.DataFrame, seen_until: pd.Timestamp) -> Estimate | Unavailable:
    """Median days from opened to met, as known on a day."""
    if len(rows) < FEWEST:
        return TOO_FEW
    end = rows["closed"].where(rows["closed"] <= seen_until)
    days = (end.fillna(seen_until) - rows["opened"]).dt.days.to_numpy(dtype=float)
    met = (rows["is_met"] & end.notna()).to_numpy(dtype=int)
    # The survival function takes no zero times; met on the day it was named counts as half a day.
    return median_time(np.maximum(days, 0.5), met)


def median_time(days: np.ndarray, met: np.ndarray) -> Estimate | Unavailable:
    """Kaplan–Meier median with its 95 % interval.

    Parameters
    ----------
    days : time until met or until last seen open
    met : 1 where it was met, 0 where it is censored

    References
    ----------
    Kaplan and Meier (1958), JASA 53; interval of the median: Brookmeyer and Crowley (1982), Biometrics 38, log-log.
    """
    if not met.any():
        return NOT_HALF
    curve = SurvfuncRight(days, met)
    median = float(curve.quantile(0.5))
    if not np.isfinite(median):
        return NOT_HALF
    with np.errstate(divide="ignore", invalid="ignore"):  # where everybody has been met the log-log scale has no end
        low, high = (float(value) for value in curve.quantile_ci(0.5, method="cloglog"))
    if not np.isfinite(high):
        return NO_END
    low = low if np.isfinite(low) else 0.0
    return Estimate(median, min(low, median), max(high, median), len(days), "days", KAPLAN_MEIER)
