"""Deposits at the quarter's end beside their average: how much of a point-in-time growth is the day itself."""

from collections.abc import Sequence
from dataclasses import dataclass

from analysis.core.disclosure import Mask, suppress_amount_parts
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
    is_hidden : under the disclosure limit at one of the ends, or would give such a tier away; not to be printed
    """

    tier: str
    label: Text
    end: Value
    end_growth: Value
    average: Value
    average_growth: Value
    gap: Value
    gap_before: Value
    is_hidden: bool

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
    tiers = in_ladder_order(portfolio.policy, (set(ends[0]) | set(ends[1])) - {TOTAL})
    hidden = _hidden(ends, tiers, portfolio.policy.number("disclosure_min_clients"))
    rows = [
        _row(portfolio, by, tier, [end.get(tier) for end in ends], opening, is_hidden=bool(mask))
        for tier, mask in zip(tiers, hidden, strict=True)
    ]
    return WindowDressing(
        opening,
        portfolio.quarter,
        tuple(rows),
        _row(portfolio, by, TOTAL, [end[TOTAL] for end in ends], opening, is_hidden=False),
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


def _hidden(ends: Sequence[dict[str, dict[str, Value]]], tiers: Sequence[str], minimum: float) -> Mask:
    """Tiers of too few clients at one of the ends, and one more where a tier alone would follow from the total."""

    def value(end: dict[str, dict[str, Value]], tier: str, code: str) -> float:
        found = end[tier][code] if tier in end else 0.0
        return 0.0 if isinstance(found, Unavailable) else found

    small = [any(0 < value(end, tier, "NCLI") < minimum for end in ends) for tier in tiers]
    return suppress_amount_parts([value(ends[1], tier, "DEP_EOP") for tier in tiers], small)


_ABSENT = Unavailable(Text("该层级当时没有客户", "the tier had no client at that quarter-end"))
ALL = Text("全体客户", "all clients")


def _row(
    portfolio: Portfolio,
    by: str,
    tier: str,
    ends: Sequence[dict[str, Value] | None],
    opening: Quarter,
    *,
    is_hidden: bool,
) -> DressingRow:
    then, now = (side or dict.fromkeys(CODES, _ABSENT) for side in ends)

    def growth(code: str) -> Value:
        metric = METRICS[code]
        kind = comparison_kind(metric, portfolio.quarter, opening)
        assert kind is not None  # checked by opening_quarter
        return compare(metric, now[code], then[code], kind=kind, policy=portfolio.policy).growth

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
        is_hidden,
    )
