"""Deposits at the quarter's end beside their average: how much of a point-in-time growth is the day itself."""

from dataclasses import dataclass

from analysis.core.estimate import Unavailable
from analysis.core.quarter import Quarter
from analysis.core.text import Text
from analysis.intake.portfolio import Portfolio
from analysis.metrics import METRICS, TOTAL, UNASSIGNED, compare, measure
from analysis.metrics.ladder import in_ladder_order, tier_name
from analysis.metrics.measure import too_short, value_of
from analysis.metrics.metric import Value
from analysis.portrait.two_quarters import comparison_kind, opening_quarter

CODES = ("DEP_EOP", "DEP_ADB", "ADBGAP", "NCLI")


@dataclass(frozen=True, slots=True)
class DressingRow:
    """One tier, on the list as it stands at each end.

    Parameters
    ----------
    end, average : deposits at the quarter's end and on the quarter's average, currency units
    end_growth, average_growth : against the opening
    gap, gap_before : by how much the end exceeds the average, now and at the opening
    is_small : under the disclosure limit at one of the ends, not to be printed
    """

    tier: str
    label: Text
    end: Value
    end_growth: Value
    average: Value
    average_growth: Value
    gap: Value
    gap_before: Value
    is_small: bool

    @property
    def gap_change(self) -> Value:
        """Change of the gap as a difference of fractions."""
        if isinstance(self.gap, Unavailable):
            return self.gap
        return self.gap_before if isinstance(self.gap_before, Unavailable) else self.gap - self.gap_before


@dataclass(frozen=True)
class WindowDressing:
    """Point-in-time growth of deposits with the gap to the average beside it.

    Parameters
    ----------
    deviation : month-end deviation of the quarter's last month, all clients
    limit : its ceiling in policy
    """

    start: Quarter
    end: Quarter
    rows: tuple[DressingRow, ...]
    total: DressingRow
    deviation: Value
    limit: float

    @property
    def is_over(self) -> bool | Unavailable:
        """Whether the deviation is above the ceiling."""
        return self.deviation if isinstance(self.deviation, Unavailable) else self.deviation > self.limit


def window_dressing(
    portfolio: Portfolio, *, by: str = "tier", start: Quarter | None = None
) -> WindowDressing | Unavailable:
    """Growth of deposits at the quarter's end and on average, with the gap between the two, by group.

    Parameters
    ----------
    by : a column of the register
    start : the opening quarter, by default a year ago

    Notes
    -----
    ADBGAP = (DEP_EOP − DEP_ADB) ÷ DEP_ADB. Where it rises, point-in-time growth runs ahead of what was really held.
    """
    opening = opening_quarter([METRICS[code] for code in CODES[:2]], portfolio.quarter, start)
    if opening < portfolio.first_quarter:
        return too_short(portfolio)
    ends = [_values(portfolio, by, quarter) for quarter in (opening, portfolio.quarter)]
    gone = ends[1][TOTAL]["DEP_EOP"]
    if isinstance(gone, Unavailable):
        return gone
    minimum = portfolio.policy.number("disclosure_min_clients")
    tiers = in_ladder_order(portfolio.policy, (set(ends[0]) | set(ends[1])) - {TOTAL})
    rows = [_row(portfolio, by, tier, ends[0].get(tier), ends[1].get(tier), opening, minimum) for tier in tiers]
    return WindowDressing(
        opening,
        portfolio.quarter,
        tuple(rows),
        _row(portfolio, by, TOTAL, ends[0][TOTAL], ends[1][TOTAL], opening, minimum),
        value_of(portfolio, "MEDEV"),
        portfolio.policy.number("month_end_deviation_limit"),
    )


def _values(portfolio: Portfolio, by: str, quarter: Quarter) -> dict[str, dict[str, Value]]:
    found: dict[str, dict[str, Value]] = {}
    view = portfolio if quarter == portfolio.quarter else portfolio.at(quarter)
    for row in measure(view, CODES, by=by).to_dict("records"):
        value = Unavailable(row["reason"]) if row["value"] is None else float(row["value"])
        found.setdefault(str(row["group"]), {})[row["code"]] = value
    return found


_ABSENT = Unavailable(Text("该层级当时没有客户", "the tier had no client at that quarter-end"))
ALL = Text("全体客户", "all clients")


def _row(
    portfolio: Portfolio,
    by: str,
    tier: str,
    before: dict[str, Value] | None,
    after: dict[str, Value] | None,
    opening: Quarter,
    minimum: float,
) -> DressingRow:
    then, now = (side or dict.fromkeys(CODES, _ABSENT) for side in (before, after))

    def growth(code: str) -> Value:
        metric = METRICS[code]
        kind = comparison_kind(metric, portfolio.quarter, opening)
        assert kind is not None  # checked by opening_quarter
        return compare(metric, now[code], then[code], kind=kind, policy=portfolio.policy).growth

    counts = [0.0 if isinstance(side["NCLI"], Unavailable) else side["NCLI"] for side in (then, now)]
    known = tier_name(portfolio.policy, tier) if by == "tier" or tier == UNASSIGNED else Text(tier, tier)
    return DressingRow(
        tier,
        ALL if tier == TOTAL else known,
        now["DEP_EOP"],
        growth("DEP_EOP"),
        now["DEP_ADB"],
        growth("DEP_ADB"),
        now["ADBGAP"],
        then["ADBGAP"],
        any(0 < count < minimum for count in counts),
    )
