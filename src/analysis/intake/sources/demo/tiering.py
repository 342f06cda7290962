"""The tier in force: a written standard by deposits and loans of two years ago, reviewed each first quarter.

The standard is the one of `data/policy/tier_standard.toml`. The generator keeps its own copy, because the tiers a bank
has set are facts that its policy files of today cannot change; a test holds the two together.
"""

from datetime import date

import numpy as np

from analysis.intake.sources.demo.clients import Clients
from analysis.intake.sources.demo.parameters import BURN_QUARTERS, DemoParameters, stream

TIERS = ("T1", "T2", "T3", "T4", "T5")
STANDARDS = (
    (date(2021, 1, 1), (80e6, 15e6, 2e6, 1e5)),
    (date(2026, 1, 1), (50e6, 8e6, 1e6, 5e4)),
)
"""Valid from, and where the rungs T1 to T4 start in yuan of deposits and loans. The second is the planted re-tiering:
nothing grew, the rungs were lowered. It falls into the tenth of the twelve quarters up to 2026Q3."""
MEASURED_BEFORE = 8
REVIEW_QUARTER = 1
_OVERRIDES = 0.11
_UPWARD = 0.65
"""Of the tiers set by hand, those one rung above the rule; the others are one below."""


def tiers(
    parameters: DemoParameters,
    chunk: int,
    clients: Clients,
    deposits: np.ndarray,
    averages: np.ndarray,
    loans: np.ndarray,
) -> np.ndarray:
    """Tier by client and quarter, as position in `TIERS`: the rule at the last review, 11 % overridden by one rung.

    Parameters
    ----------
    deposits : level by quarter from two years before the history; only its movement before the history is used
    averages, loans : daily averages by quarter of the history, yuan; before it the first quarter's loans stand in
    """
    moved = overridden(parameters, chunk, clients)
    up = stream(parameters, "tiers", chunk).random(clients.n) < _UPWARD
    tier = np.empty((clients.n, parameters.n_quarters), dtype=np.int64)
    for quarter in range(parameters.n_quarters):
        review = review_of(parameters, quarter)
        rung = rungs(_measured(review, deposits, averages, loans), cuts_at(parameters, review))
        other = np.clip(rung + np.where(up, -1, 1), 0, 4)
        other = np.where(other == rung, np.where(rung == 0, 1, 3), other)
        tier[:, quarter] = np.where(moved, other, rung)
    return tier


def review_of(parameters: DemoParameters, quarter: int) -> int:
    """The review in force in a quarter of the history; below 0 when it was held before the history."""
    return quarter - (parameters.quarters[quarter].number - REVIEW_QUARTER) % 4


def cuts_at(parameters: DemoParameters, review: int) -> tuple[float, ...]:
    """Where the rungs start under the standard in force on the last day of a review's quarter."""
    day = parameters.quarters[0].shift(review).end
    return [cuts for valid_from, cuts in STANDARDS if valid_from <= day or valid_from == STANDARDS[0][0]][-1]


def rungs(measured: np.ndarray, cuts: tuple[float, ...]) -> np.ndarray:
    """Position in `TIERS` of each amount: a rung starts at its cut point."""
    rung: np.ndarray = (measured[:, None] < np.array(cuts)).sum(axis=1)
    return rung


def _measured(review: int, deposits: np.ndarray, averages: np.ndarray, loans: np.ndarray) -> np.ndarray:
    """Deposits and loans two years before a review; those before the history move as the clients' levels did."""
    at = review - MEASURED_BEFORE
    if at >= 0:
        both: np.ndarray = averages[:, at] + loans[:, at]
        return both
    level = deposits[:, max(at + BURN_QUARTERS, 0)] / deposits[:, BURN_QUARTERS]
    before: np.ndarray = averages[:, 0] * level + loans[:, 0]
    return before


def quarterly(parameters: DemoParameters, monthly: np.ndarray) -> np.ndarray:
    """Daily averages by quarter from those by month (client × month), weighted by days."""
    day_count = np.array([month.day for month in parameters.months], dtype=float)
    by_quarter = (monthly * day_count).reshape(len(monthly), -1, 3).sum(axis=2)
    average: np.ndarray = by_quarter / day_count.reshape(-1, 3).sum(axis=1)
    return average


def overridden(parameters: DemoParameters, chunk: int, clients: Clients) -> np.ndarray:
    """Clients whose tier was set by hand, one rung off the rule."""
    moved: np.ndarray = stream(parameters, "tiers.overrides", chunk).random(clients.n) < _OVERRIDES
    return moved
