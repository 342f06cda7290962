"""How much of an amount the largest clients bring: the measured share, not the slogan of 80 and 20."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.core.errors import ParameterError
from analysis.core.estimate import Estimate, Unavailable
from analysis.core.numerics import MAX_UNDEFINED_SHARE, TOLERANCE, UNSTABLE, Curve
from analysis.core.text import Text
from analysis.core.units import Unit
from analysis.features import corporate_clients
from analysis.intake.portfolio import Portfolio
from analysis.metrics.panel import load_panel
from analysis.portrait.shares import Concentration, concentration

Floats = npt.NDArray[np.float64]
Judgement = Literal["supported", "more_concentrated", "less_concentrated", "not_testable"]

CURVE_POINTS = 200
"""A line of 166 mm drawn from more points looks the same."""
TOP_NAMES = (5, 10, 20, 50, 100)
MAX_RESAMPLES, MIN_RESAMPLES = 1000, 200
DRAWS = 5_000_000
"""Clients drawn in all: 1000 resamples up to 5,000 clients, then fewer. In a larger book the interval is narrow and its
ends need no more."""
FEW = 30
"""Below this a percentile bootstrap of so skewed an amount misses its nominal level badly."""

INTERVAL = Text(
    "百分位自助法（对客户重抽样），区间反映“换一批同类客户”时的变化",
    "percentile bootstrap over clients: how much it would move with another set of similar clients",
)


@dataclass(frozen=True, slots=True)
class TopShare:
    """What the n largest clients bring, as a fraction of the net total."""

    n_clients: int
    share: float


@dataclass(frozen=True)
class Pareto:
    """Concentration of one amount over clients.

    Parameters
    ----------
    n_missing : clients without a value, left out
    total : net total, in the unit of the amount
    fraction, target : the two numbers of the claim under test (0.2 of clients bring 0.8)
    top_share : share of the net total brought by the top `fraction` of clients; above 1 where others lose money
    gini : Gini coefficient, refused where a value is negative
    clients_for_target : share of clients that together bring `target` of the net total
    n_for_target : the same as a number of clients
    negative_share, negative_total : share of clients below zero, and their sum
    peak, peak_clients : highest cumulative share (whale curve) and the share of clients at which it is reached
    top_n : share of the 5, 10, 20 … largest clients; fewer would show single clients
    curve : at most 200 points; columns clients_share, total_share
    """

    unit: Unit
    n_clients: int
    n_missing: int
    total: float
    fraction: float
    target: float
    top_share: Estimate | Unavailable
    gini: Estimate | Unavailable
    clients_for_target: Estimate | Unavailable
    n_for_target: int | Unavailable
    negative_share: float
    negative_total: float
    peak: Estimate | Unavailable
    peak_clients: float | Unavailable
    top_n: tuple[TopShare, ...]
    curve: pd.DataFrame
    cautions: tuple[Text, ...] = ()

    @property
    def judgement(self) -> Judgement:
        """Whether `fraction` of clients bring `target` of the total: the interval holds it, lies above, or below."""
        share = self.top_share
        if isinstance(share, Unavailable):
            return "not_testable"
        if share.ci_low > self.target:
            return "more_concentrated"
        return "less_concentrated" if share.ci_high < self.target else "supported"


VALUE_MEASURES = ("contribution", "operating_revenue", "approved_amount", "deposit_avg")
"""What a client is worth, the best measure first: after cost and risk, before them, or what a lender approved."""


def value_measure(portfolio: Portfolio) -> str:
    """The measure of a client's worth that the source allows, by name; empty when it has none."""
    panel = load_panel(portfolio, VALUE_MEASURES, 1)
    return next((name for name in VALUE_MEASURES if name in panel and panel[name].notna().any()), "")


def client_amounts(portfolio: Portfolio, measure: str) -> "pd.Series[float]":
    """The amount of every client analysed in the quarter, index client_id; empty for no measure."""
    if not measure:
        return pd.Series(dtype=float)
    panel = load_panel(portfolio, [measure], 1).set_index("client_id")
    return panel[measure].reindex(corporate_clients(portfolio).index).fillna(0.0)


def pareto(
    values: npt.ArrayLike,
    *,
    seed: int,
    fraction: float = 0.2,
    target: float = 0.8,
    unit: Unit = "money",
    min_clients: int = 5,
) -> Pareto:
    """Measured concentration of an amount over clients, with intervals.

    Parameters
    ----------
    values : ndarray of shape (n_clients,), in `unit`; gaps are left out and counted
    fraction, target : the claim under test
    seed : of the resampling
    min_clients : disclosure limit of the policy; between two points of the curve lie at least so many clients

    Notes
    -----
    See docs/methods/pareto.md. A client cut by the limit counts in part, so ties are treated alike.
    """
    if not 0 < fraction < 1 or not 0 < target <= 1:
        raise ParameterError(
            f"Top {fraction} and target {target} are not shares of a whole.", hint="Give fractions between 0 and 1."
        )
    raw = np.asarray(values, dtype=np.float64).ravel()
    held = -np.sort(-raw[np.isfinite(raw)])
    whole = concentration(raw)
    curve = whole.curve
    found = _measured(held, whole, fraction, target, seed)
    return Pareto(
        unit=unit,
        n_clients=whole.n_clients,
        n_missing=whole.n_missing,
        total=whole.total,
        fraction=fraction,
        target=target,
        top_share=found.top_share,
        gini=found.gini,
        clients_for_target=found.clients_for_target,
        n_for_target=found.n_for_target,
        negative_share=float((held < 0).mean()) if held.size else 0.0,
        negative_total=float(held[held < 0].sum()),
        peak=found.peak,
        peak_clients=whole.peak_clients,
        top_n=() if isinstance(curve, Unavailable) else _top_names(curve, min_clients),
        curve=_points(curve, min_clients),
        cautions=_cautions(whole.n_missing, whole.n_clients),
    )


@dataclass(frozen=True, slots=True)
class _Measured:
    top_share: Estimate | Unavailable
    gini: Estimate | Unavailable
    clients_for_target: Estimate | Unavailable
    n_for_target: int | Unavailable
    peak: Estimate | Unavailable


def _measured(held: Floats, whole: Concentration, fraction: float, target: float, seed: int) -> _Measured:
    """The statistics with their intervals, or the reason there are none."""
    curve = whole.curve
    if isinstance(curve, Unavailable):
        return _Measured(curve, curve, curve, curve, curve)
    draws = np.array(list(_resample(held, fraction, target, seed)))
    n_for_target = int(np.flatnonzero(curve.total >= target - TOLERANCE)[0])
    coefficient = whole.gini
    return _Measured(
        top_share=_estimate(curve.at(fraction), draws[:, 0], held.size, "ratio"),
        gini=coefficient
        if isinstance(coefficient, Unavailable)
        else _estimate(coefficient, draws[:, 3], held.size, "index"),
        clients_for_target=_estimate(n_for_target / held.size, draws[:, 1], held.size, "ratio"),
        n_for_target=n_for_target,
        peak=_estimate(curve.peak, draws[:, 2], held.size, "ratio"),
    )


def _top_names(curve: Curve, min_clients: int) -> tuple[TopShare, ...]:
    """Shares of the largest, where neither they nor the others are fewer than the disclosure limit."""
    n_clients = curve.total.size - 1
    shown = [n for n in TOP_NAMES if min_clients <= n <= n_clients - min_clients]
    return tuple(TopShare(n, float(curve.total[n])) for n in shown)


def _cautions(n_missing: int, n_clients: int) -> tuple[Text, ...]:
    found = []
    if n_missing:
        found.append(
            Text("部分客户没有数值，未计入集中度", "some clients have no value and are left out of the concentration")
        )
    if 1 < n_clients < FEW:
        found.append(
            Text(
                "客户太少，集中度区间偏窄，仅供参考",
                "with so few clients the intervals of concentration are too narrow",
            )
        )
    return tuple(found)


def _resample(held: Floats, fraction: float, target: float, seed: int) -> Iterator[tuple[float, float, float, float]]:
    """Top share, share of clients for the target, peak and Gini of each resample whose total is positive.

    The values are sorted once; a resample is how often each of them is drawn, so no sort is needed inside the loop.
    """
    rng = np.random.default_rng(seed)
    n = held.size
    for _ in range(min(max(DRAWS // n, MIN_RESAMPLES), MAX_RESAMPLES)):
        drawn = np.bincount(rng.integers(0, n, n), minlength=n)
        clients = np.cumsum(drawn) / n
        running = np.cumsum(drawn * held)
        if running[-1] <= 0:
            yield (np.nan, np.nan, np.nan, np.nan)
            continue
        total = running / running[-1]
        top = float(np.interp(fraction, np.concatenate(([0.0], clients)), np.concatenate(([0.0], total))))
        first = int(np.argmax(total >= target - TOLERANCE))
        before_clients, before_total = (clients[first - 1], total[first - 1]) if first else (0.0, 0.0)
        part = (target - before_total) / (total[first] - before_total)
        needed = float(before_clients + part * (clients[first] - before_clients))
        # twice the area between the curve of the largest-first shares and the diagonal
        area = float(np.dot(drawn / n, total - drawn * held / running[-1] / 2))
        yield top, needed, float(max(total.max(), 0.0)), 2 * area - 1


def _estimate(value: float, draws: Floats, n_clients: int, unit: Unit) -> Estimate | Unavailable:
    """The measured value with the 2.5th and 97.5th percentile of the draws, widened to hold the value itself."""
    valid = draws[np.isfinite(draws)]
    if valid.size < draws.size * (1 - MAX_UNDEFINED_SHARE):
        return UNSTABLE
    low, high = np.quantile(valid, [0.025, 0.975])
    return Estimate(value, float(min(low, value)), float(max(high, value)), n_clients, unit, INTERVAL)


def _points(curve: Curve | Unavailable, min_clients: int) -> pd.DataFrame:
    """At most `CURVE_POINTS` points of the curve, its ends among them and its peak where the limit allows."""
    if isinstance(curve, Unavailable):
        return pd.DataFrame({"clients_share": [], "total_share": []}, dtype=float)
    last = curve.clients.size - 1
    n_points = max(min(CURVE_POINTS, last // min_clients + 1), 2)
    picked = np.unique((np.arange(n_points) * (last / (n_points - 1))).round().astype(int))
    peak = int(np.argmax(curve.total))
    inner = int(np.argmin(np.abs(picked - peak)))
    has_room = 0 < inner < picked.size - 1 and min(peak - picked[inner - 1], picked[inner + 1] - peak) >= min_clients
    if has_room:
        picked[inner] = peak
    return pd.DataFrame({"clients_share": curve.clients[picked], "total_share": curve.total[picked]})
