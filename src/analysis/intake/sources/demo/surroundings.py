"""What surrounds the bank, as invented as the bank: market totals by region, the state of industries and of regions."""

import numpy as np

from analysis.intake.sources.demo.clients import SECTIONS
from analysis.intake.sources.demo.controls import ITEMS
from analysis.intake.sources.demo.draws import by_name
from analysis.intake.sources.demo.frame import REGIONS, Outlets
from analysis.intake.sources.demo.parameters import (
    REGION_TIERS,
    SECTION_CLIENTS,
    SECTION_NPL,
    DemoParameters,
    stream,
)
from analysis.intake.sources.demo.write import Coded, ColumnData

SOURCE = "合成数据，非市场事实（synthetic）"
MARKET_ITEMS = {"deposits": "deposits_avg", "fees": "fee", "loans": "loans_avg"}
"""Product of a market → the ledger item of our own amount: daily averages of the quarter, fees of the quarter."""
_SHARE = {"core": 0.062, "coastal": 0.018, "inland": 0.031, "county": 0.045}
"""Our share of the market by region tier in the last year. Markets move as the whole bank does, so our share of all of
them stays level (T19); that of a region moves with its own business."""
_REGION_GROWTH = {"core": 0.052, "coastal": 0.058, "inland": 0.044, "county": 0.040}
_REGION_OUTLOOK = {"core": 60, "coastal": 63, "inland": 50, "county": 47}
_REGION_COMPETITION = {"core": 58, "coastal": 72, "inland": 41, "county": 22}
_REGION_BAD = {"core": 0.013, "coastal": 0.015, "inland": 0.019, "county": 0.021}
_REGION_OUTPUT = {"core": 9.0e10, "coastal": 1.2e11, "inland": 4.5e10, "county": 9.0e9}
_INDUSTRY_GROWTH = {"A": 0.035, "C": 0.055, "E": 0.02, "F": 0.05, "H": 0.045, "I": 0.10, "K": -0.03, "M": 0.085}
_OUTLOOK = {"C": 58, "E": 42, "F": 52, "H": 45, "I": 70, "K": 28, "M": 66, "N": 55, "A": 50}
_SHOCKED = {"E": -8.0, "K": -12.0, "H": -6.0}
"""Points of outlook that the planted sector shock takes from the third quarter on."""
_SHOCK_QUARTER = 3


def market_columns(parameters: DemoParameters, outlets: Outlets, sums: np.ndarray) -> dict[str, ColumnData]:
    """Rows of `markets`, region × product × quarter: our amounts are those of the ledger, those of others are invented.

    Parameters
    ----------
    sums : fen by month × outlet × item, as the ledger has them
    """
    rng = stream(parameters, "markets")
    n_quarters, names = parameters.n_quarters, sorted(name for name, _ in REGIONS)
    codes = [name for name, _ in REGIONS]
    tier = [dict(REGIONS)[name] for name in names]
    shape = (len(names), len(MARKET_ITEMS), n_quarters)
    own = np.zeros(shape, dtype=np.int64)
    day_count = np.array([month.day for month in parameters.months])
    for k, (product, item) in enumerate(MARKET_ITEMS.items()):
        amounts = sums[:, :, ITEMS.index(item)]
        for row, name in enumerate(names):
            monthly = amounts[:, outlets.region == codes.index(name)].sum(axis=1)
            if product == "fees":
                own[row, k] = monthly.reshape(-1, 3).sum(axis=1)
            else:
                weighed = (monthly.astype(float) * day_count).reshape(-1, 3).sum(axis=1)
                own[row, k] = np.rint(weighed / day_count.reshape(-1, 3).sum(axis=1))
    usual = own[:, :, -4:].mean(axis=2, keepdims=True)
    pace = own.sum(axis=0) / own[:, :, -4:].mean(axis=2).sum(axis=0)[:, None]
    level = usual / by_name(_SHARE, tuple(tier))[:, None, None]
    amount = np.rint(level * pace * np.exp(rng.normal(0, 0.006, shape))).astype(np.int64)
    growth = np.full(shape, np.nan)
    growth[:, :, 4:] = np.round(amount[:, :, 4:] / np.maximum(amount[:, :, :-4], 1) - 1, 4)
    region, product_of, quarter = np.indices(shape).reshape(3, -1)
    return {
        "region": Coded(region, names),
        "product": Coded(product_of, tuple(MARKET_ITEMS)),
        "quarter": Coded(quarter, [label.label for label in parameters.quarters]),
        "amount": amount.reshape(-1),
        "own_amount": own.reshape(-1),
        "growth": growth.reshape(-1),
        "source": Coded(np.zeros(amount.size, dtype=np.int64), (SOURCE,)),
    }


def industry_columns(parameters: DemoParameters) -> dict[str, ColumnData]:
    """Rows of `industries`, section × quarter."""
    rng = stream(parameters, "industries")
    growth = np.array([_INDUSTRY_GROWTH.get(name, 0.045) for name in SECTIONS])
    outlook = np.array([_OUTLOOK.get(name, 54.0) for name in SECTIONS])
    late = np.arange(parameters.n_quarters) >= _SHOCK_QUARTER - 1
    shape = (len(SECTIONS), parameters.n_quarters)
    shock = by_name(_SHOCKED, SECTIONS)[:, None] * late
    competition = rng.uniform(30, 75, len(SECTIONS))
    bad = by_name(SECTION_NPL, SECTIONS) / 100
    size = by_name(SECTION_CLIENTS, SECTIONS) * 2e9
    section, quarter = np.indices(shape).reshape(2, -1)
    return {
        "industry": Coded(section, SECTIONS),
        "quarter": Coded(quarter, [label.label for label in parameters.quarters]),
        "growth": _walk(rng, growth, shape, 0.006, 4) + np.round(shock / 400, 4).reshape(-1),
        "outlook": np.clip(_walk(rng, outlook, shape, 1.5, 1) + shock.reshape(-1), 0, 100),
        "competition": _walk(rng, competition, shape, 0.8, 1),
        "bad_rate": np.maximum(_walk(rng, bad, shape, 0.0004, 5), 0.0),
        "amount": np.rint(np.outer(size, 1.01 ** np.arange(parameters.n_quarters)).reshape(-1) / 1e4).astype(np.int64)
        * 1_000_000,
        "source": Coded(np.zeros(section.size, dtype=np.int64), (SOURCE,)),
    }


def region_columns(parameters: DemoParameters) -> dict[str, ColumnData]:
    """Rows of `regions`, region × quarter."""
    rng = stream(parameters, "regions")
    names = sorted(name for name, _ in REGIONS)
    tier = np.array([REGION_TIERS.index(dict(REGIONS)[name]) for name in names])
    shape = (len(names), parameters.n_quarters)
    level = [
        by_name(values, REGION_TIERS)[tier]
        for values in (_REGION_GROWTH, _REGION_OUTLOOK, _REGION_COMPETITION, _REGION_BAD, _REGION_OUTPUT)
    ]
    region, quarter = np.indices(shape).reshape(2, -1)
    output = np.outer(level[4] * rng.uniform(0.8, 1.2, len(names)), 1.011 ** np.arange(parameters.n_quarters))
    return {
        "region": Coded(region, names),
        "quarter": Coded(quarter, [label.label for label in parameters.quarters]),
        "growth": _walk(rng, level[0], shape, 0.003, 4),
        "outlook": np.clip(_walk(rng, level[1], shape, 1.2, 1), 0, 100),
        "competition": np.maximum(_walk(rng, level[2], shape, 0.8, 1), 0.0),
        "bad_rate": np.maximum(_walk(rng, level[3], shape, 0.0004, 5), 0.0),
        "amount": np.rint(output.reshape(-1) / 1e4).astype(np.int64) * 1_000_000,
        "source": Coded(np.zeros(region.size, dtype=np.int64), (SOURCE,)),
    }


def _walk(rng: np.random.Generator, level: np.ndarray, shape: tuple[int, int], step: float, digits: int) -> np.ndarray:
    """Levels that wander a little from quarter to quarter, flat in the order of the key."""
    path = level[:, None] + np.cumsum(rng.normal(0, step, shape), axis=1)
    flat: np.ndarray = np.round(path, digits).reshape(-1)
    return flat
