"""Demand of the next two quarters by group: a plain forecast, judged by how it would have done before."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
import numpy.typing as npt
import pandas as pd

from analysis.core.estimate import Estimate, Unavailable
from analysis.core.quarter import Quarter
from analysis.core.text import Text
from analysis.features import corporate_clients
from analysis.intake.portfolio import Portfolio
from analysis.portrait.grouping import Group, group_clients
from analysis.portrait.needs.records import NeedRecords

Floats = npt.NDArray[np.float64]
Method = Literal["season", "last", "level"]
METHODS: tuple[Method, ...] = ("season", "last", "level")
"""Same quarter last year · the last quarter · mean of the last four quarters. The first two are the naive ones."""

HORIZON = 2
SEASON = 4
FIRST_ORIGIN = 5
"""Quarters of history before the first test: a season, and one more."""
QUARTERS = 12
BOOTSTRAP = 400
LEVEL = 0.8
"""Level of the forecast interval. With a dozen quarters a 95 % interval would rest on a single error."""

TOO_SHORT = Unavailable(
    Text("历史不足八个季度，无法回测需求预测", "fewer than eight quarters of history, so a forecast cannot be tested")
)
NOTHING = Unavailable(Text("历史上没有新增需求", "no need was recorded in these quarters"))
ORIGINS_DRAWN = Text("对预测起点重抽样的百分位自助法", "percentile bootstrap over the quarters of origin")


@dataclass(frozen=True, slots=True)
class GroupForecast:
    """New needs expected in each of the next two quarters, with an 80 % interval."""

    group: Group
    last: float
    same_last_year: float
    expected: tuple[float, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]


@dataclass(frozen=True)
class Forecast:
    """Demand by group and how the method did in the past.

    Parameters
    ----------
    series : index groups, columns quarters: needs newly recorded
    error : mean absolute error ÷ mean of what came, by method, over all tests
    naive : the better of the two naive methods
    gain : error of the better naive − error of the four-quarter mean; above 0 the mean is better
    coverage : share of tests whose 80 % interval, made from earlier tests only, held what came
    used : the method the forecasts come from
    """

    series: pd.DataFrame
    groups: tuple[GroupForecast, ...]
    error: dict[Method, float]
    naive: Method
    gain: Estimate
    coverage: float | Unavailable
    n_covered: int
    used: Method
    n_tests: int
    quarters: tuple[Quarter, ...]

    @property
    def is_better(self) -> bool:
        """Whether the mean of four quarters beats the better naive method by more than chance."""
        return self.gain.ci_low > 0


def forecast_demand(
    portfolio: Portfolio, records: NeedRecords, *, by: str = "size_class", seed: int
) -> Forecast | Unavailable:
    """New needs of the next two quarters by group of clients.

    Parameters
    ----------
    by : a column of the register; small groups are merged
    """
    clients = corporate_clients(portfolio)
    grouping = group_clients(portfolio, clients, by, minimum=int(portfolio.policy.number("disclosure_min_clients")))
    quarters = [one for one in portfolio.quarter.trailing(QUARTERS) if one >= portfolio.first_quarter]
    rows = records.frame.assign(group=records.frame["client_id"].map(grouping.codes))
    rows = rows.assign(quarter=[Quarter.of(day).label for day in rows["opened"]])
    labels = [one.label for one in quarters]
    counted = pd.crosstab(rows["group"], rows["quarter"])
    series = counted.reindex(index=[group.code for group in grouping.groups], columns=labels, fill_value=0)
    return forecast_series(series.astype(float), grouping.groups, portfolio.quarter, seed=seed)


def forecast_series(
    series: pd.DataFrame, groups: tuple[Group, ...], quarter: Quarter, *, seed: int
) -> Forecast | Unavailable:
    """The forecast of several series by the method that did best when rolled through their past.

    Parameters
    ----------
    series : index groups, columns quarters oldest first, amounts of zero or more
    quarter : the last one of the series

    Notes
    -----
    From each quarter of origin the next two are forecast with what was known then. Errors are set in proportion to the
    square root of the forecast, as counts spread that way; the interval is the forecast ± the quantile of these errors.
    The four-quarter mean is used only if it beats the better naive method by more than chance.

    References
    ----------
    Hyndman and Athanasopoulos (2021), Forecasting: Principles and Practice, 3rd ed., sections 5.2 and 5.10.
    """
    values = series.to_numpy(dtype=float)
    n = values.shape[1]
    if n < FIRST_ORIGIN + HORIZON + 1:
        return TOO_SHORT
    if values.sum() == 0:
        return NOTHING
    tests = {method: _roll(values, method) for method in METHODS}
    actual = np.concatenate([came.ravel() for _, _, came in tests["level"]])
    scale = max(float(actual.mean()), 1e-12)
    error: dict[Method, float] = {method: _mean_error(tests[method]) / scale for method in METHODS}
    naive: Method = min(("season", "last"), key=lambda method: error[method])
    gain = _gain(tests[naive], tests["level"], scale, seed)
    used: Method = "level" if gain.ci_low > 0 else naive
    coverage, n_covered = _coverage(tests[used])
    reach = _reach(np.concatenate([_scaled(made, came).ravel() for _, made, came in tests[used]]))
    future = _forecast(values, used)
    found = []
    for k, group in enumerate(groups):
        width = reach * np.sqrt(np.maximum(future[k], 1.0))
        low, high = np.maximum(future[k] - width, 0.0), future[k] + width
        same = values[k, -SEASON] if n >= SEASON else np.nan
        found.append(GroupForecast(group, values[k, -1], same, tuple(future[k]), tuple(low), tuple(high)))
    return Forecast(
        series,
        tuple(found),
        error,
        naive,
        gain,
        coverage,
        n_covered,
        used,
        len(actual),
        tuple(quarter.shift(k + 1) for k in range(HORIZON)),
    )


def _forecast(history: Floats, method: Method) -> Floats:
    """The next two quarters of every series, ndarray (n_series, 2), from its history alone."""
    match method:
        case "season":
            return history[:, -SEASON : -SEASON + HORIZON]
        case "last":
            return np.repeat(history[:, -1:], HORIZON, axis=1)
        case "level":
            return np.repeat(history[:, -SEASON:].mean(axis=1, keepdims=True), HORIZON, axis=1)


def _roll(values: Floats, method: Method) -> list[tuple[int, Floats, Floats]]:
    """Forecast and outcome from every origin with at least one quarter to come."""
    found = []
    for origin in range(FIRST_ORIGIN, values.shape[1]):
        came = values[:, origin : origin + HORIZON]
        found.append((origin, _forecast(values[:, :origin], method)[:, : came.shape[1]], came))
    return found


def _mean_error(tests: list[tuple[int, Floats, Floats]]) -> float:
    return float(np.concatenate([np.abs(made - came).ravel() for _, made, came in tests]).mean())


def _scaled(made: Floats, came: Floats) -> Floats:
    return np.abs(came - made) / np.sqrt(np.maximum(made, 1.0))


def _reach(errors: Floats) -> float:
    """The quantile of past errors an interval is wide, with the correction for a small sample (conformal)."""
    rank = min(np.ceil((len(errors) + 1) * LEVEL) / len(errors), 1.0)
    return float(np.quantile(errors, rank, method="higher"))


def _coverage(tests: list[tuple[int, Floats, Floats]]) -> tuple[float | Unavailable, int]:
    """How often an interval from the errors seen before an origin held what came after it."""
    hits: list[bool] = []
    for origin, made, came in tests:
        past = [_scaled(m, c)[:, : max(origin - o, 0)] for o, m, c in tests if o < origin]
        earlier = np.concatenate([errors.ravel() for errors in past]) if past else np.zeros(0)
        if earlier.size >= 5:
            hits += (_scaled(made, came) <= _reach(earlier)).ravel().tolist()
    return (float(np.mean(hits)), len(hits)) if hits else (TOO_SHORT, 0)


def _gain(
    naive: list[tuple[int, Floats, Floats]], level: list[tuple[int, Floats, Floats]], scale: float, seed: int
) -> Estimate:
    """Naive error − error of the mean, over the mean of what came; origins are drawn, with all their groups."""
    sums = np.array(
        [
            (float((np.abs(n - c) - np.abs(m - c)).sum()), float(c.size))
            for (_, n, c), (_, m, _) in zip(naive, level, strict=True)
        ]
    )
    value = float(sums[:, 0].sum() / sums[:, 1].sum()) / scale
    rng = np.random.default_rng(seed)
    drawn = [sums[rng.integers(0, len(sums), len(sums))].sum(axis=0) for _ in range(BOOTSTRAP)]
    draws = np.array([total[0] / total[1] for total in drawn]) / scale
    low, high = np.quantile(draws, [0.025, 0.975])
    return Estimate(value, float(min(low, value)), float(max(high, value)), len(sums), "ratio", ORIGINS_DRAWN)
