"""Deposits: level by client, movement by month, quarter-end spikes, and the mix of demand, term, notice and margin."""

from dataclasses import dataclass

import numpy as np

from analysis.intake.sources.demo.clients import Clients
from analysis.intake.sources.demo.draws import normal_ranks, pick
from analysis.intake.sources.demo.parameters import (
    BURN_QUARTERS,
    CLASSES,
    DEPOSIT,
    DEPOSIT_AR,
    DEPOSIT_CAP,
    DEPOSIT_GROWTH,
    DEPOSIT_INNOVATION,
    DEPOSITS_GROWTH,
    REGION_DEPOSIT_SHIFT,
    WAN,
    DemoParameters,
    stream,
)

_SHIFT = {"G1": 0.60, "G2": 0.0, "G3": -0.75, "G4": 0.50, "G5": 0.20, "G6": 0.40, "G7": -0.10, "G8": -1.10}
"""Shift of the deposit score by segment, in standard deviations within the size class."""
DEVIATION, DEVIATION_OVER = 0.0355, 0.0452
"""Month-end over the month's daily average at quarter-ends, and the one quarter that breaks the limit of 4 %."""
SPIKE_SHARE, SPIKE_HELD = 0.08, 0.056
"""Share of clients that spike, and of deposits they hold: with +30 to 60 % they make 70 % of the deviation."""


@dataclass(frozen=True, slots=True)
class Deposits:
    """Deposits of one chunk in yuan.

    Parameters
    ----------
    rank : standard normal rank inside the size class
    quarterly : level by quarter from two years before the history (n_clients × (8 + n_quarters))
    average, end : daily average and end balance by month
    spikes : clients that put money in at quarter-ends
    """

    rank: np.ndarray
    quarterly: np.ndarray
    average: np.ndarray
    end: np.ndarray
    spikes: np.ndarray


def real_growth(parameters: DemoParameters, chunk: int, clients: Clients) -> np.ndarray:
    """True for the half of the technology firms whose growth is real."""
    real: np.ndarray = (clients.segment == 5) & (stream(parameters, "segments.growth", chunk).random(clients.n) < 0.5)
    return real


def draw_deposits(parameters: DemoParameters, chunk: int, clients: Clients) -> Deposits:
    """Levels by rank inside the size class, an AR(1) of the ln level by quarter, seasons, spikes."""
    rng = stream(parameters, "deposits.level", chunk)
    path = _autoregression(parameters, chunk, clients.n)
    sigma = np.array([DEPOSIT[c][1] for c in CLASSES])[clients.size]
    tier = np.array(REGION_DEPOSIT_SHIFT)[clients.region_tier]
    score = clients.shift(_SHIFT) + tier + 0.75 * clients.draws[:, 0] + path[:, -1] / sigma
    rank = np.zeros(clients.n)
    usual = clients.stays & (clients.silent_from > parameters.n_months)
    for code in range(len(CLASSES)):
        for rows in (np.flatnonzero((clients.size == code) & usual), np.flatnonzero((clients.size == code) & ~usual)):
            rank[rows] = normal_ranks(rng, score[rows])
    median = np.array([DEPOSIT[c][0] for c in CLASSES])[clients.size] * WAN
    level = np.where(usual, median * np.exp(sigma * rank), median * np.exp(0.8 * sigma * rank - 0.5))
    level = np.minimum(level, DEPOSIT_CAP * WAN * (1 - 0.3 * rng.random(clients.n) * (level > DEPOSIT_CAP * WAN)))
    quarters = np.arange(path.shape[1]) - (path.shape[1] - 1)
    growth = clients.shift(DEPOSIT_GROWTH) + np.where(
        clients.segment == 5, np.where(real_growth(parameters, chunk, clients), 0.10, -0.14), 0
    )
    if parameters.variant == "retier_only":
        return _kept_level(parameters, clients, rng, rank, level)
    quarterly = level[:, None] * np.exp(path - path[:, -1:] + growth[:, None] * quarters / 4)
    average = _monthly(parameters, chunk, clients, quarterly)
    last = average[:, -3:].mean(axis=1)
    average *= np.where(usual, level / last, 1.0)[:, None]
    average = _aimed(parameters, chunk, clients, _life(parameters, chunk, clients, average))
    spikes = _spikers(parameters, chunk, clients, np.where(usual, level, 0.0))
    end = _ends(parameters, chunk, clients, average, spikes)
    return Deposits(rank, quarterly, average, end, spikes)


def _kept_level(
    parameters: DemoParameters, clients: Clients, rng: np.random.Generator, rank: np.ndarray, level: np.ndarray
) -> Deposits:
    """Deposits that stay what they are for life, day by day and to the fen: nothing grows, no season, no spikes."""
    silent = clients.silent_from <= parameters.n_months
    level = np.round(np.where(silent, rng.uniform(20, 900, clients.n), level), 2)
    average = level[:, None] * clients.exists(parameters.n_months)
    last_day = (np.arange(parameters.n_months) == clients.end[:, None]) & ~clients.stays[:, None]
    quarterly = np.tile(level[:, None], (1, BURN_QUARTERS + parameters.n_quarters))
    return Deposits(rank, quarterly, average, np.where(last_day, 0.0, average), np.zeros(clients.n, dtype=bool))


def _autoregression(parameters: DemoParameters, chunk: int, n: int) -> np.ndarray:
    """Stationary AR(1) by quarter, two years of it before the history."""
    rng = stream(parameters, "deposits.path", chunk)
    steps = BURN_QUARTERS + parameters.n_quarters
    path = np.empty((n, steps))
    path[:, 0] = rng.normal(0, DEPOSIT_INNOVATION / np.sqrt(1 - DEPOSIT_AR**2), n)
    for step in range(1, steps):
        path[:, step] = DEPOSIT_AR * path[:, step - 1] + rng.normal(0, DEPOSIT_INNOVATION, n)
    return path


def season(parameters: DemoParameters, clients: Clients) -> np.ndarray:
    """Factor by client and month: tax months, new-year wages, December receipts of firms, outflow of public bodies."""
    month = np.array([day.month for day in parameters.months])
    factor = np.ones((clients.n, len(month))) * np.where(np.isin(month, (1, 4, 7, 10)), 0.97, 1.0)
    small, public = np.isin(clients.size, (2, 3)), clients.size == 4
    factor[np.ix_(small, month == 2)] *= 0.96
    factor[np.ix_(~public, month == 12)] *= 1.075
    factor[np.ix_(public, month == 12)] *= 0.92
    factor[np.ix_(public, np.isin(month, (3, 4)))] *= 1.03
    return factor


def _monthly(parameters: DemoParameters, chunk: int, clients: Clients, quarterly: np.ndarray) -> np.ndarray:
    """Daily average by month: ln level between quarter middles, seasons, a little noise."""
    rng = stream(parameters, "deposits.month", chunk)
    month = np.arange(parameters.n_months)
    position = np.clip(BURN_QUARTERS + (month - 1) / 3, 0, quarterly.shape[1] - 1)
    low = np.floor(position).astype(np.int64)
    high = np.minimum(low + 1, quarterly.shape[1] - 1)
    weight = position - low
    logs = np.log(quarterly)
    between = logs[:, low] * (1 - weight) + logs[:, high] * weight
    average: np.ndarray = np.exp(between + rng.normal(0, 0.04, between.shape)) * season(parameters, clients)
    return average


def _life(parameters: DemoParameters, chunk: int, clients: Clients, average: np.ndarray) -> np.ndarray:
    """First months of new clients, last months of lost ones, and almost nothing once silent."""
    rng = stream(parameters, "deposits.life", chunk)
    month = np.arange(parameters.n_months)
    age, left = month - clients.start[:, None], clients.end[:, None] - month
    fresh = (clients.start >= 0)[:, None]
    ramp = np.array([0.35, 0.7, 0.9])[np.clip(age, 0, 2)]
    average = average * np.where(fresh & (age >= 0) & (age < 3), ramp, 1.0)
    fades = (~clients.stays & (rng.random(clients.n) < 0.6))[:, None]
    fall = np.array([0.12, 0.25, 0.4, 0.55, 0.7, 0.85])[np.clip(left, 0, 5)]
    average = average * np.where(fades & (left >= 0) & (left < 6), fall, 1.0)
    nothing = rng.uniform(20, 900, clients.n)[:, None] * rng.uniform(0.9, 1.1, average.shape)
    average = np.where(month > clients.silent_from[:, None], nothing, average)
    living: np.ndarray = average * clients.exists(parameters.n_months)
    return living


def _aimed(parameters: DemoParameters, chunk: int, clients: Clients, average: np.ndarray) -> np.ndarray:
    """The same months with one factor for all clients, so that the bank's deposits grow as asked, seasons aside."""
    rng = stream(parameters, "deposits.total", chunk)
    n_months = parameters.n_months
    total = (average / season(parameters, clients)).sum(axis=0)
    years_back = (n_months - 2 - np.arange(n_months)) / 12
    wanted = total[-3:].mean() * np.exp(-np.log1p(DEPOSITS_GROWTH) * years_back + rng.normal(0, 0.004, n_months))
    factor = wanted / np.maximum(total, 1e-9)
    factor /= factor[-3:].mean()
    aimed: np.ndarray = average * factor
    return aimed


def _spikers(parameters: DemoParameters, chunk: int, clients: Clients, level: np.ndarray) -> np.ndarray:
    """8 % of clients; of many draws the one whose share of deposits is nearest to what is asked."""
    rng = stream(parameters, "spikes.clients", chunk)
    order = np.argsort(np.argsort(level))
    weight = np.array([0.4, 0.3, 0.6, 1.6, 1.1, 0.8, 1.2, 0.3])[clients.segment] * (level > 0)
    weight = weight * (order < len(level) * 0.994) * (order > len(level) * 0.3)
    count = round(SPIKE_SHARE * clients.n_end)
    draws = [
        pick(rng, weight * np.exp(tilt * (order / len(level) - 0.5)), count)
        for tilt in (-2, 0, 1, 2, 3, 4)
        for _ in range(6)
    ]
    return min(draws, key=lambda chosen: abs(level[chosen].sum() / level.sum() - SPIKE_HELD))


def _ends(
    parameters: DemoParameters, chunk: int, clients: Clients, average: np.ndarray, spikes: np.ndarray
) -> np.ndarray:
    """Balance at month-end: noise everywhere, spikes at quarter-ends, a common drift that makes up the deviation."""
    rng = stream(parameters, "deposits.end", chunk)
    n_months = parameters.n_months
    end = average * np.exp(rng.normal(0, 0.05, average.shape))
    plain = end.sum(axis=0)
    deviation = np.full(n_months, 0.004) + rng.normal(0, 0.0015, n_months)
    deviation[2::3] = DEVIATION + rng.uniform(-0.002, 0.002, n_months // 3)
    year_ends = [k for k, quarter in enumerate(parameters.quarters) if quarter.number == 4]
    deviation[3 * year_ends[-1] + 2] = DEVIATION_OVER
    drift = average.sum(axis=0) * (1 + deviation) / np.maximum(plain, 1e-9)
    extra = rng.uniform(0.30, 0.60, (int(spikes.sum()), n_months // 3))
    lift = np.zeros((clients.n, n_months))
    lift[np.ix_(spikes, np.arange(2, n_months, 3))] = extra
    put_in = (end * lift).sum(axis=0)
    drift = (average.sum(axis=0) * (1 + deviation) - put_in) / np.maximum(plain, 1e-9)
    end = end * (drift + lift)
    last_day = np.arange(n_months) == clients.end[:, None]
    return np.where(last_day & ~clients.stays[:, None], 0.0, end)
