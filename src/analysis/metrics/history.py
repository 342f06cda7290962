"""Measures that look at the same client in two quarters or more: lost, kept, gained. Each adds up over clients too."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from analysis.core.text import Text
from analysis.core.units import Unit
from analysis.intake.policy import Policy

if TYPE_CHECKING:
    import pandas as pd

Frames = Mapping[int, "pd.DataFrame"]
"""Panels of one list of clients by lag in quarters, 0 the quarter itself; a client that was not there yet has zeros."""


@dataclass(frozen=True, slots=True)
class History:
    """A measure over several quarters.

    Parameters
    ----------
    needs : measures read in each of the quarters
    lags : how many quarters back it looks, the quarter itself included
    amount : from the panels by lag to a column
    reads_tier : whether the panels need `tier_rank`, the rank of each client's tier on the ladder, 0 without one
    """

    label: Text
    unit: Unit
    needs: tuple[str, ...]
    lags: Callable[[Policy], tuple[int, ...]]
    amount: Callable[[Frames], "pd.Series[float]"]
    reads_tier: bool = False


def _lags(*lags: int) -> Callable[[Policy], tuple[int, ...]]:
    return lambda _: lags


def _churn_lags(policy: Policy) -> tuple[int, ...]:
    return tuple(range(int(policy.number("churn_quarters")) + 1))


def is_opening_effective(frames: Frames) -> "pd.Series[bool]":
    """Whether the client was effective at the start of the churn window."""
    return frames[max(frames)]["n_effective"] > 0


def is_lost(frames: Frames) -> "pd.Series[bool]":
    """Whether a client effective at the start was effective at no quarter-end since (流失)."""
    lost = is_opening_effective(frames)
    for lag in range(max(frames)):
        lost = lost & (frames[lag]["n_effective"] <= 0)
    return lost


def is_kept_list(frames: Frames) -> "pd.Series[bool]":
    """Whether the client was open a year ago."""
    return frames[4]["n_clients"] > 0


def is_entered(frames: Frames) -> "pd.Series[bool]":
    """Whether the client became a value client since last quarter."""
    return (frames[0]["n_value"] > 0) & (frames[1]["n_value"] <= 0)


def is_left(frames: Frames) -> "pd.Series[bool]":
    """Whether the client ceased to be a value client since last quarter."""
    return (frames[1]["n_value"] > 0) & (frames[0]["n_value"] <= 0)


def is_first_loan(frames: Frames) -> "pd.Series[bool]":
    """Whether a client without credit last quarter owes a loan now."""
    return (frames[1]["n_without_credit"] > 0) & (frames[0]["loan_end"] > 0)


def is_ranked(frame: "pd.DataFrame") -> "pd.Series[bool]":
    """Whether the client is open and its tier stands on the ladder."""
    return (frame["n_clients"] > 0) & (frame["tier_rank"] > 0)


def is_ranked_twice(frames: Frames) -> "pd.Series[bool]":
    """Whether the client had a tier last quarter and has one now: the fixed list of the rates of moving."""
    return is_ranked(frames[1]) & is_ranked(frames[0])


def rank_moved(frames: Frames) -> "pd.Series[float]":
    """By how many rungs the client moved since last quarter: above zero up, rank 1 is the highest."""
    return (frames[1]["tier_rank"] - frames[0]["tier_rank"]).where(is_ranked_twice(frames), 0.0)


def _tier(label: Text, amount: Callable[[Frames], "pd.Series[float]"]) -> History:
    return History(label, "count", ("n_clients",), _lags(0, 1), amount, reads_tier=True)


HISTORY: dict[str, History] = {
    "n_effective_opening": History(
        Text("期初有效户数", "effective clients at the opening"),
        "count",
        ("n_effective",),
        _churn_lags,
        lambda f: is_opening_effective(f).astype(float),
    ),
    "n_lost": History(
        Text("流失户数", "clients lost"), "count", ("n_effective",), _churn_lags, lambda f: is_lost(f).astype(float)
    ),
    "deposit_avg_opening": History(
        Text("期初有效户的日均存款", "average deposits of effective clients at the opening"),
        "money",
        ("n_effective", "deposit_avg"),
        _churn_lags,
        lambda f: f[max(f)]["deposit_avg"].where(is_opening_effective(f), 0.0),
    ),
    "deposit_avg_lost": History(
        Text("流失户的期初日均存款", "opening average deposits of clients lost"),
        "money",
        ("n_effective", "deposit_avg"),
        _churn_lags,
        lambda f: f[max(f)]["deposit_avg"].where(is_lost(f), 0.0),
    ),
    "revenue_year_ago": History(
        Text("一年前客户当时的营业净收入", "operating revenue a year ago of the clients open then"),
        "money",
        ("n_clients", "operating_revenue"),
        _lags(0, 4),
        lambda f: f[4]["operating_revenue"].where(is_kept_list(f), 0.0),
    ),
    "revenue_kept": History(
        Text("一年前客户现在的营业净收入", "operating revenue now of the clients open a year ago"),
        "money",
        ("n_clients", "operating_revenue"),
        _lags(0, 4),
        lambda f: f[0]["operating_revenue"].where(is_kept_list(f), 0.0),
    ),
    "n_value_in": History(
        Text("新进价值客户", "clients that became value clients"),
        "count",
        ("n_value",),
        _lags(0, 1),
        lambda f: is_entered(f).astype(float),
    ),
    "n_value_out": History(
        Text("退出价值客户", "clients that ceased to be value clients"),
        "count",
        ("n_value",),
        _lags(0, 1),
        lambda f: is_left(f).astype(float),
    ),
    "n_first_loan": History(
        Text("无贷户转有贷户", "clients without credit that took a loan"),
        "count",
        ("n_without_credit", "loan_end"),
        _lags(0, 1),
        lambda f: is_first_loan(f).astype(float),
    ),
    "n_new_clients": History(
        Text("新增客户", "clients that came"),
        "count",
        ("n_clients",),
        _lags(0, 1),
        lambda f: ((f[0]["n_clients"] > 0) & (f[1]["n_clients"] <= 0)).astype(float),
    ),
    "n_gone_clients": History(
        Text("销户客户", "clients that left"),
        "count",
        ("n_clients",),
        _lags(0, 1),
        lambda f: ((f[0]["n_clients"] <= 0) & (f[1]["n_clients"] > 0)).astype(float),
    ),
    "n_tier_opening": _tier(
        Text("期初有层级客户", "clients with a tier at the opening"), lambda f: is_ranked(f[1]).astype(float)
    ),
    "n_tier_both": _tier(
        Text("两季均有层级客户", "clients with a tier at both ends"), lambda f: is_ranked_twice(f).astype(float)
    ),
    "n_moved_up": _tier(Text("升级客户", "clients that moved up"), lambda f: (rank_moved(f) > 0).astype(float)),
    "n_moved_down": _tier(Text("降级客户", "clients that moved down"), lambda f: (rank_moved(f) < 0).astype(float)),
    "tier_rank_opening": _tier(
        Text("期初层级序号", "rank of the tier at the opening"), lambda f: f[1]["tier_rank"].where(is_ranked(f[1]), 0.0)
    ),
    "tier_rank_now": _tier(
        Text("现层级序号", "rank of the tier now"), lambda f: f[0]["tier_rank"].where(is_ranked(f[0]), 0.0)
    ),
}
"""Measures over several quarters, by name; read through `measure`, not part of the panel."""
