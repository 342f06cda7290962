"""Entries and amounts by month and channel, driven by the segment of the quarter and by the region tier."""

from dataclasses import dataclass

import numpy as np

from analysis.intake.sources.demo.clients import Clients
from analysis.intake.sources.demo.deposits import Deposits
from analysis.intake.sources.demo.parameters import REGION_ENTRIES, SEGMENTS, WAN, DemoParameters, stream
from analysis.intake.sources.demo.products import Holdings
from analysis.intake.sources.demo.write import Coded, ColumnData, days, fen

CHANNELS = ("counter", "direct", "mobile", "online")
_ENTRIES = np.array([95.0, 26.0, 14.0, 52.0, 40.0, 34.0, 68.0, 1.3])
"""Entries a month by segment before scaling to the region's mean."""
_TURNOVER = np.array([1.1, 0.45, 1.3, 1.0, 1.5, 0.7, 2.6, 0.25])
"""Money in a month over the deposit, by segment."""
_CROSS_BORDER = np.array([0.10, 0.0, 0.0, 0.03, 0.48, 0.02, 0.01, 0.0])
_SIZE = np.array([2.2, 1.4, 1.0, 0.7, 1.0])
_SHOCK_QUARTER, _SHOCK = 9, 0.72
"""The planted export shock: from the ninth quarter cross-border flows of the traders fall."""


@dataclass(frozen=True, slots=True)
class Flows:
    """Entries and amounts (yuan) of one chunk: client × month, and the split over channels (client × 4)."""

    rate: np.ndarray
    amount_in: np.ndarray
    amount_out: np.ndarray
    cross_border: np.ndarray
    split: np.ndarray

    @property
    def activity(self) -> np.ndarray:
        """Expected entries a month in the last year."""
        mean: np.ndarray = self.rate[:, -12:].mean(axis=1)
        return mean


def draw_flows(
    parameters: DemoParameters, chunk: int, clients: Clients, deposits: Deposits, holdings: Holdings
) -> Flows:
    """Expected entries and amounts by client and month."""
    rng = stream(parameters, "transactions.level", chunk)
    n_months = parameters.n_months
    quarter = np.arange(n_months) // 3
    path = clients.path[:, quarter]
    other = np.where(clients.second >= 0, clients.second, clients.segment)
    log_rate = np.log(_ENTRIES)
    blend = (clients.second >= 0)[:, None]
    level = np.where(blend, 0.5 * (log_rate[path] + log_rate[other][:, None]), log_rate[path])
    own = 0.55 * clients.draws[:, 2] + np.log(_SIZE[clients.size])
    rate = np.exp(level + own[:, None] + rng.normal(0, 0.12, (clients.n, n_months)))
    month = np.array([day.month for day in parameters.months])
    rate *= np.where(month == 2, 0.80, np.where(month == 12, 1.12, 1.0))
    rate *= clients.exists(n_months) & (np.arange(n_months) <= clients.silent_from[:, None])
    for tier, target in enumerate(REGION_ENTRIES):
        rows = (clients.region_tier == tier) & clients.stays
        mean = rate[rows][:, -12:].mean() if rows.any() else 1.0
        rate[clients.region_tier == tier] *= target / max(mean, 1e-9)
    turnover = np.where(blend, np.sqrt(_TURNOVER[path] * _TURNOVER[other][:, None]), _TURNOVER[path])
    turnover = turnover * np.exp(0.4 * clients.draws[:, 2] + rng.normal(0, 0.25, clients.n))[:, None]
    base = np.maximum(deposits.average, 0.02 * WAN)
    amount_in = base * turnover * np.exp(rng.normal(0, 0.25, rate.shape)) * (rate > 0)
    amount_out = amount_in * np.exp(rng.normal(-0.005, 0.10, rate.shape))
    share = np.where(blend, 0.5 * (_CROSS_BORDER[path] + _CROSS_BORDER[other][:, None]), _CROSS_BORDER[path])
    share = (
        share * rng.uniform(0.5, 1.6, clients.n)[:, None] * np.where(holdings.ever("international"), 1.0, 0.25)[:, None]
    )
    share = np.minimum(share + 0.12 * holdings.ever("international")[:, None] * (share < 0.05) * (share > 0), 0.85)
    hit = (clients.segment == SEGMENTS.index("G5"))[:, None] & (quarter >= _SHOCK_QUARTER - 1)
    noise = np.exp(rng.normal(0, 0.35, rate.shape))
    cross = amount_in * np.minimum(share * np.where(hit, _SHOCK, 1.0) * noise, 0.9)
    return Flows(rate, amount_in, amount_out, cross, _split(rng, clients, holdings))


def _split(rng: np.random.Generator, clients: Clients, holdings: Holdings) -> np.ndarray:
    """Share of entries by channel: only large firms connect directly, without online banking the counter serves."""
    online = holdings.ever("online")
    direct = holdings.ever("cash_management") & (rng.random(clients.n) < 0.6)
    mobile = online & (rng.random(clients.n) < 0.45)
    weights = np.column_stack(
        [
            np.where(online, rng.uniform(0.03, 0.20, clients.n), 1.0),
            direct * rng.uniform(0.3, 0.8, clients.n),
            mobile * rng.uniform(0.1, 0.5, clients.n),
            online * rng.uniform(0.5, 0.9, clients.n),
        ]
    )
    share: np.ndarray = weights / weights.sum(axis=1, keepdims=True)
    return share


def transaction_columns(
    parameters: DemoParameters, chunk: int, flows: Flows, client_ids: list[str]
) -> dict[str, ColumnData]:
    """Rows of `transactions`: client × month × channel with at least one entry."""
    rng = stream(parameters, "transactions.entries", chunk)
    half = (flows.rate[:, :, None] * flows.split[:, None, :] / 2).astype(np.float32)
    n_in, n_out = _counts(rng, half), _counts(rng, half)
    who, month, channel = np.nonzero((n_in > 0) | (n_out > 0))
    n_in, n_out = n_in[who, month, channel], n_out[who, month, channel]
    share = flows.split[who, channel]
    amount_in = fen(flows.amount_in[who, month] * share * (n_in > 0))
    amount_out = fen(flows.amount_out[who, month] * share * (n_out > 0))
    return {
        "client_id": Coded(who, client_ids),
        "month": days(parameters.months)[month],
        "channel": Coded(channel, CHANNELS),
        "n_in": n_in,
        "n_out": n_out,
        "amount_in": amount_in,
        "amount_out": amount_out,
        "amount_cross_border": np.minimum(fen(flows.cross_border[who, month] * share), amount_in + amount_out),
    }


def _counts(rng: np.random.Generator, mean: np.ndarray) -> np.ndarray:
    """Counts with about Poisson spread: exact below 6, a rounded normal above, which is much faster."""
    flat = mean.ravel()
    counts = np.zeros(flat.shape, dtype=np.int32)
    few, many = np.flatnonzero((flat > 0) & (flat < 6)), np.flatnonzero(flat >= 6)
    counts[few] = rng.poisson(flat[few])
    level = flat[many]
    counts[many] = np.maximum(np.rint(level + np.sqrt(level) * rng.standard_normal(len(many), dtype=np.float32)), 0)
    return counts.reshape(mean.shape)
