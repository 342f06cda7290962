"""Staff, revenue and assets from which the size rule of 2017 gives the wanted class; the class is never stored."""

import numpy as np

from analysis.intake.size_rule import CLASSES, SizeRule

_TOP_FACTOR = 1.1
"""Sigma of ln of a large firm's indicator over its limit."""
_BOTTOM = {"staff": 1.0, "revenue": 60_000.0, "assets": 50_000.0}
ON_LIMIT_SHARE, MISSING_SHARE = 0.02, 0.05
INDICATORS = ("staff", "revenue", "assets")


def draw_size_inputs(
    rng: np.random.Generator, divisions: np.ndarray, classes: np.ndarray, rule: SizeRule
) -> dict[str, np.ndarray]:
    """Staff (persons), revenue and assets (yuan) of each client in the last year, NaN where an indicator is missing.

    Parameters
    ----------
    divisions : industry division of each client, two digits
    classes : wanted class L, M, S, X or I (outside the rule: anything goes, nothing is missing)
    """
    n = len(divisions)
    values = _free_values(rng, classes)
    on_limit, missing = rng.random(n) < ON_LIMIT_SHARE / 0.52, rng.random(n) < MISSING_SHARE / 0.93
    for division in np.unique(divisions):
        group = rule.group_of(str(division))
        for level, size in enumerate(CLASSES):
            rows = np.flatnonzero((divisions == division) & (classes == size))
            if group is None or len(rows) == 0:
                continue
            binding = rng.integers(0, len(group.limits), len(rows))
            for k, (name, limits) in enumerate(group.limits.items()):
                higher = (binding != k) & (rng.random(len(rows)) < 0.25) & (level < 3)
                edges = np.array([_BOTTOM[name], *limits])
                values[name][rows] = _within(rng, edges, level + higher)
                exact = rows[on_limit[rows] & (binding == k) & (level > 0)]
                values[name][exact] = edges[level]
                values[name][rows[missing[rows] & (binding == k)]] = np.nan
    return values


def _within(rng: np.random.Generator, edges: np.ndarray, level: np.ndarray) -> np.ndarray:
    """A value inside the band of each level: log-uniform between its limits, log-normal above the highest."""
    low = edges[level]
    high = np.append(edges, np.nan)[level + 1]
    inside = low * (np.where(np.isnan(high), low, high) / low) ** rng.uniform(0.0, 0.985, len(level))
    above = low * np.exp(np.abs(rng.normal(0.0, _TOP_FACTOR, len(level))) + 0.02)
    value = np.where(np.isnan(high), above, inside)
    people = np.fmin(np.ceil(value), high - 1)
    rounded: np.ndarray = np.where(value > 5_000, np.rint(value / 100) * 100, people)
    return rounded


def _free_values(rng: np.random.Generator, classes: np.ndarray) -> dict[str, np.ndarray]:
    """Values for indicators the client's industry group does not look at."""
    medians = {"L": (900, 9e8), "M": (180, 1.2e8), "S": (35, 1.6e7), "X": (6, 1.5e6), "I": (120, 4e7)}
    staff, revenue = (np.array([medians[size][k] for size in "LMSXI"])[_index(classes)] for k in (0, 1))
    n = len(classes)
    return {
        "staff": np.ceil(staff * np.exp(rng.normal(0, 0.5, n))),
        "revenue": np.rint(revenue * np.exp(rng.normal(0, 0.6, n)) / 100) * 100,
        "assets": np.rint(revenue * np.exp(rng.normal(0.1, 0.7, n)) / 100) * 100,
    }


def _index(classes: np.ndarray) -> np.ndarray:
    return np.array(["LMSXI".index(size) for size in classes])
